"""What each page is for, in one plain sentence. A test finds the page that has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from matchsvc.help.purposes_law import OF_LAW
from matchsvc.help.purposes_reports import OF_REPORTS

#: By endpoint.
PURPOSES: Mapping[str, Any] = {
    "accounts.show_settings": _l(
        "Här står det som gäller hela enheten: områden, ord och hur matchningen räknar."
    ),
    "activities.groups.show_group": _l(
        "Här ser du en grupp: när den träffas, vem som har plats och vem som väntar på en."
    ),
    "activities.groups.show_new": _l(
        "Här börjar du en grupp: när den träffas, vem som leder den och hur många som får plats."
    ),
    "activities.groups.show_person": _l(
        "Här ser du personens grupper och närvaro, och vad ni kan välja tillsammans."
    ),
    "activities.groups.show_session": _l(
        "Här skriver du vilka som kom, med ett tryck för varje person."
    ),
    "activities.list_": _l(
        "Här ser du vad deltagarna kan välja bland, och vilka grupper som träffas."
    ),
    "activities.local.show_new_service": _l(
        "Här skriver du in vad en organisation erbjuder för ett steg."
    ),
    "activities.local.show_obstacles": _l(
        "Här samlar ni det som hindrar många, så att någon kan undanröja det."
    ),
    "activities.local.show_service": _l("Här ändrar du vad en organisation erbjuder."),
    "activities.local.show_services": _l(
        "Här ser du vem som erbjuder vad för varje steg, vad som saknas och vad som görs dubbelt."
    ),
    "activities.show_activity": _l("Här ser du en aktivitet, vem den passar och dess grupper."),
    "activities.show_edit": _l("Här ändrar du hur en aktivitet brukar vara och vem den passar."),
    "activities.show_new": _l("Här lägger du till en aktivitet som deltagarna kan välja."),
    "archive.show_archive": _l("Här arkiverar du något som lades in av misstag."),
    "archive.show_list": _l("Här ser du vad som har arkiverats, och tar tillbaka det."),
    "cohort.show_board": _l(
        "Här gör du ett utkast till fördelning av alla som väntar på alla lediga platser, "
        "och bestämmer rad för rad."
    ),
    "cohort.show_line": _l(
        "Här ser du varför någon föreslås just den platsen, och bestämmer om raden."
    ),
    "diary.list_": _l(
        "Här ser du möten dag för dag eller vecka för vecka, dina egna eller enhetens."
    ),
    "diary.show_meeting": _l(
        "Här ser du ett möte: vem som kommer, tolk och rum, och hur det gick."
    ),
    "diary.show_new": _l("Här bokar du ett möte och bjuder in dem som ska vara med."),
    "diary.show_rooms": _l("Här står rummen som enheten kan boka till möten."),
    "employers.list_page": _l("Här hittar du arbetsgivarna och ser vem som hade kontakt senast."),
    "employers.merge.show_list": _l(
        "Här ser du arbetsgivare som kan stå på två ställen, så att de kan bli en."
    ),
    "employers.merge.show_pair": _l(
        "Här jämför du två arbetsgivare sida vid sida och slår ihop dem om de är samma."
    ),
    "employers.merge.show_same": _l("Här ser du om arbetsgivaren finns på fler ställen i listan."),
    "employers.notes.show_note": _l(
        "Här läser du en anteckning om arbetsgivaren, och rättar den om något blev fel."
    ),
    "employers.notes.show_notes": _l(
        "Här skriver du anteckningar om arbetsgivaren och läser vad andra har skrivit."
    ),
    "employers.offers.list_page": _l("Här ser du vilka platser arbetsgivarna erbjuder just nu."),
    "employers.offers.show_edit": _l(
        "Här ändrar du vad erbjudandet kräver, ger och när det gäller."
    ),
    "employers.offers.show_new": _l(
        "Här skriver du in ett nytt erbjudande: vad man gör där och varför varje krav behövs."
    ),
    "employers.offers.show_page": _l(
        "Här ser du ett erbjudande: uppgifterna, kraven med skäl och vem som kan passa."
    ),
    "employers.places.show_edit_contact": _l("Här ändrar du hur en kontaktperson nås."),
    "employers.places.show_edit_site": _l(
        "Här ändrar du ett arbetsställe: var det ligger och hur det är där."
    ),
    "placements.moving.show_move": _l(
        "Här flyttar du ett ärende till en annan enhet, med det som är känt om personen."
    ),
    "agreements.show_agreements": _l(
        "Här står vilka överenskommelser enheten har med arbetsgivare, och vad som har blivit av."
    ),
    "agreements.show_new": _l("Här skriver du in en överenskommelse som placeringar räknas under."),
    "agreements.show_edit": _l("Här ändrar du vad en överenskommelse säger och när den gäller."),
    "employers.network.show_history": _l(
        "Här står vad som har ändrats om arbetsgivaren, när, av vem och från vad."
    ),
    "employers.network.show_bars": _l(
        "Här skriver du upp att du har kontrollerat om något hindrar en placering där."
    ),
    "employers.network.show_site_periods": _l(
        "Här skriver du hur många arbetsstället kan ta emot under olika tider."
    ),
    "employers.network.show_offer_periods": _l(
        "Här skriver du hur många platser erbjudandet har under olika tider."
    ),
    "employers.network.show_results_list": _l(
        "Här ser du vad som blev av hos varje arbetsgivare under ett år, och vem som fått veta."
    ),
    "employers.network.show_results": _l(
        "Här läser du brevet om årets resultat och skickar det till arbetsgivaren."
    ),
    "employers.carving.show_carve": _l(
        "Här bygger du en plats av uppgifter som blir liggande hos en arbetsgivare."
    ),
    "subsidies.show_subsidies": _l(
        "Här står vilka stöd en arbetsgivare kan få, och när någon senast kontrollerade reglerna."
    ),
    "subsidies.show_new": _l("Här skriver du in att reglerna för ett stöd har ändrats."),
    "employers.places.show_prepare": _l(
        "Här står vad du behöver veta innan du ringer: vem, vad som är lovat och siffror "
        "att berätta."
    ),
    "employers.places.show_log": _l(
        "Här skriver du upp en kontakt med arbetsgivaren och vad ni lovade."
    ),
    "employers.places.show_new_contact": _l(
        "Här lägger du till någon att ringa eller skriva till hos arbetsgivaren."
    ),
    "employers.places.show_new_site": _l(
        "Här lägger du till en plats där arbetsgivaren har arbete."
    ),
    "employers.show_edit": _l("Här ändrar du det som står om arbetsgivaren."),
    "employers.show_new": _l("Här lägger du till en arbetsgivare som inte finns i listan."),
    "employers.show_page": _l(
        "Här ser du allt om en arbetsgivare: vem du ringer, vad som är sagt och vad som erbjuds."
    ),
    "follow_ups.development.show": _l(
        "Här ser du vad deltagaren vill utveckla på arbetsplatsen, och hur långt det har kommit."
    ),
    "follow_ups.list_": _l("Här ser du vilka uppföljningar som väntar, de försenade först."),
    "follow_ups.show": _l("Här skriver du hur det går på platsen, med några tryck."),
    "follow_ups.show_late": _l(
        "Här ser du uppföljningar som är sena, och dem som är loggade men inte genomgångna."
    ),
    "follow_ups.show_versions": _l(
        "Här jämför du två versioner av samma uppföljning och väljer vad som ska stå."
    ),
    "help.show_glossary": _l("Här slår du upp orden som tjänsten använder."),
    "help.show_help": _l(
        "Här står vad rollerna gör, vilka kortkommandon som finns och var orden förklaras."
    ),
    "imports.list_page": _l(
        "Här läser du in deltagare, arbetsgivare, erbjudanden och placeringar från en fil."
    ),
    "imports.show_page": _l(
        "Här ser du vad filen ändrar innan något sparas, och varje fel i sin ruta."
    ),
    "matching.list_proposals": _l(
        "Här ser du förslagen om vem som kan passa var, och vem som ska svara."
    ),
    "matching.show_offer_match": _l(
        "Här ser du vilka deltagare som kan passa erbjudandet, och varför."
    ),
    "matching.show_pair": _l(
        "Här ser du uträkningen för en deltagare och ett erbjudande, steg för steg."
    ),
    "matching.show_participant_match": _l(
        "Här ser du vilka erbjudanden som kan passa deltagaren, och varför."
    ),
    "matching.show_proposal": _l(
        "Här ser du ett förslag: vad båda har svarat och vad som är nästa steg."
    ),
    "matching.show_propose": _l(
        "Här föreslår du en deltagare till ett erbjudande. Båda får sedan svara."
    ),
    "matching.show_start": _l(
        "Här ser du vem som har väntat längst och var det finns lediga platser."
    ),
    "matching.weights.show_version": _l(
        "Här läser du en äldre tabell av poäng, så som den gällde när den användes."
    ),
    "matching.weights.show_weights": _l(
        "Här ser du hur matchningen räknar, varför, och vem som har ändrat poängen."
    ),
    "employers.places.find_contact": _l(
        "Här kommer du till kontaktpersonen som ett meddelande gällde."
    ),
    "messages.list_page": _l(
        "Här ser du mejl och sms som tjänsten har skickat, och bestämmer om dem som har fastnat."
    ),
    "my_messages.show_mine": _l(
        "Här väljer du hur du får meddelanden, och hur ofta du får veta vad som väntar."
    ),
    "participants.messaging.show_messaging": _l(
        "Här säger du om personen får meddelanden, och om tider får komma som sms."
    ),
    "scheduling.show_jobs": _l(
        "Här ser du om påminnelser och brev går som de ska, och vad som gick fel."
    ),
    "participants.case.show_case_worker": _l("Här väljer du vem som ansvarar för ärendet."),
    "participants.case.show_end": _l(
        "Här avslutar du ärendet och skriver varför och vart deltagaren går."
    ),
    "participants.case.show_person": _l("Här ändrar du namn och hur deltagaren nås."),
    "participants.case.show_protect": _l(
        "Här sätter du skydd så att bara namngivna handläggare vet att personen finns."
    ),
    "participants.case.show_steps": _l(
        "Här ser du vilket steg deltagaren är på, och börjar eller avslutar ett steg."
    ),
    "own_page.start.show_corrections": _l(
        "Här läser du vad personen säger är fel, och svarar på det."
    ),
    "own_page.start.show_start": _l(
        "Här visar du personen Min sida på en gemensam skärm, eller gör en länk till telefonen."
    ),
    "own_page.visit.show": _l(
        "Här ser personen sin väg, sina möten och vad som får visas, och svarar själv."
    ),
    "own_page.visit.show_copy": _l("Här står en kopia av det som finns om personen."),
    "own_page.visit.show_log": _l("Här läser personen, för sig själv, vem som har öppnat."),
    "participants.consents.show_ask": _l(
        "Här läser ni samtycket tillsammans, och du skriver vad deltagaren svarar."
    ),
    "participants.consents.show_consents": _l(
        "Här ser du vad deltagaren har samtyckt till, hur länge, och vad som har lämnats ut."
    ),
    "participants.consents.show_disclose": _l(
        "Här skriver du upp vad som har lämnats ut, till vem och med vilket stöd."
    ),
    "participants.list_": _l("Här hittar du dina deltagare. Andras syns bara med beteckning."),
    "participants.map.show_map": _l(
        "Här går ni igenom kartan tillsammans. Bara deltagarens egen handläggare ser svaren."
    ),
    "participants.map.show_summary": _l(
        "Här sammanfattar du kartläggningen, och ni skriver under det ni är överens om."
    ),
    "participants.mapping.show_competence": _l(
        "Här ser du hur vi vet att deltagaren kan något, och lägger till ett nytt belägg."
    ),
    "participants.mapping.show_languages": _l(
        "Här skriver du vilka språk deltagaren talar, förstår, läser och skriver."
    ),
    "participants.mapping.show_profile": _l(
        "Här skriver du hur mycket och när deltagaren kan arbeta, och vad som behöver fungera."
    ),
    "participants.mapping.show_wish": _l("Här skriver du vad deltagaren själv vill, med egna ord."),
    "participants.merge.show_list": _l(
        "Här ser du deltagare som kan stå på två ställen, så att de kan bli en."
    ),
    "participants.merge.show_pair": _l(
        "Här jämför du två rader sida vid sida och slår ihop dem om det är samma person."
    ),
    "participants.merge.show_same": _l("Här ser du om personen finns på fler ställen i listan."),
    "participants.notes.show_note": _l(
        "Här läser du en anteckning i ärendet, och rättar den om något blev fel."
    ),
    "participants.notes.show_notes": _l(
        "Här skriver du anteckningar i ärendet och läser dem som finns."
    ),
    "participants.portfolio.show_portfolio": _l(
        "Här väljer ni vad som ska stå på deltagarens eget papper, Det här kan jag."
    ),
    "participants.show": _l(
        "Här ser du ärendet i stort: vad deltagaren kan, vill, behöver och vad som är nästa steg."
    ),
    "participants.show_enrol": _l("Här skriver du in en ny deltagare."),
    "participants.talk.show_talk": _l(
        "Här samtalar ni om vad deltagaren kan från hela livet, inte bara från jobb."
    ),
    "participants.talk.show_words": _l(
        "Här lägger du till något som deltagaren kan, med egna ord."
    ),
    "placements.accommodations.show": _l(
        "Här ser du vad som anpassas på arbetsplatsen, hur det har gått, och vad arbetsgivaren ser."
    ),
    "placements.disturbances.show": _l(
        "Här skriver du ned när något har hänt, och vem som tar hand om det till när."
    ),
    "employments.list_": _l("Här ser du arbeten som pågår, som kommer och som är slut."),
    "employments.show": _l(
        "Här ser du ett arbete som blev av: vad det vilar på, hur det går och när det slutar."
    ),
    "employments.show_new": _l("Här skriver du upp ett arbete som deltagaren har fått."),
    "employments.show_review": _l(
        "Här svarar du på om det är dags för en anställning, och går vidare därifrån."
    ),
    "operations.show_morning": _l(
        "Här ser du vem som är var i dag, och fördelar dagens uppgifter tillsammans med de andra."
    ),
    "operations.show_site": _l("Här beskriver du en av enhetens egna arbetsplatser."),
    "operations.show_sites": _l(
        "Här ser du enhetens egna arbetsplatser och hur mycket plats det finns."
    ),
    "visits.show_visit": _l(
        "Här planerar du Arbetsförmedlingens besök: vem som träffas när, och vem som väntat längst."
    ),
    "placements.forms.show_close": _l(
        "Här skriver du när en arbetsplats stänger. De som har någon där får en uppgift."
    ),
    "placements.forms.show_forms": _l(
        "Här står vad varje form av placering kräver, hur länge den får pågå och enligt vilken lag."
    ),
    "placements.rules.show_decision": _l(
        "Här skriver du in ett nytt beslut, så att placeringen får fortsätta."
    ),
    "placements.rules.show_facts": _l(
        "Här noterar du vad facket sa, att försäkringen är genomgången och att utdraget visades."
    ),
    "placements.rules.show_relocate": _l(
        "Här flyttar du placeringen till en annan arbetsplats, med det som har hänt kvar."
    ),
    "placements.rules.show_supervisor": _l("Här låter du någon annan handleda från i dag."),
    "placements.rules.show_withdraw": _l(
        "Här skriver du att ett beslut inte gäller längre, även för dagar som har varit."
    ),
    "placements.hand_over.show_start": _l(
        "Här ser du vem som svarar för vad, och ordnar vikarie eller lämnar över arbete."
    ),
    "placements.hand_over.show_work": _l("Här väljer du vad som ska lämnas över och till vem."),
    "placements.list_": _l(
        "Här ser du placeringarna: de som kommer, de som pågår och de som är slut."
    ),
    "placements.show": _l(
        "Här ser du en placering från start till slut: startlista, stödpaket, "
        "uppföljningar och avslut."
    ),
    "placements.show_end": _l(
        "Här avslutar du placeringen, eller ställer in den innan den har börjat."
    ),
    "placements.show_new": _l("Här börjar du en placering: var, när och vem som handleder."),
    "placements.show_of_person": _l("Här ser du var deltagaren har varit placerad och arbetat."),
    "placements.show_part": _l("Här fyller du i en del av stödpaketet runt placeringen."),
    "placements.surveys.show_own": _l(
        "Här tar du emot deltagarens svar, om personen vill svara. Arbetsgivaren ser dem aldrig."
    ),
    "placements.surveys.show_survey": _l(
        "Här ser du om arbetsgivaren har svarat, och skickar en ny länk."
    ),
    "placements.tasks.show_tasks": _l(
        "Här ser du allt som någon har lovat att göra, det närmaste först."
    ),
    "placements.week.show": _l(
        "Här ser du vad du behöver göra den här veckan, det försenade först."
    ),
    **OF_REPORTS,
    **OF_LAW,
    "search.show_search": _l("Här söker du efter en person, en arbetsgivare eller ett erbjudande."),
    "start.show": _l(
        "Här ser du vad som behöver vara på plats innan enheten kan arbeta, "
        "och vad som är nästa steg."
    ),
    "start.show_unit": _l("Här skriver du vad enheten heter. Det står på varje sida och papper."),
    "users.show_user": _l(
        "Här ändrar du en kollegas roller, skickar en ny adress för lösenord eller avslutar kontot."
    ),
    "users.show_users": _l("Här ser du vilka som kan logga in, och bjuder in fler."),
    "schedules.show": _l("Här ser ni vilka tider som gäller, vecka för vecka, och hur de växer."),
    "schedules.show_new": _l(
        "Här skriver du tider från en viss dag, som ni sedan blir överens om."
    ),
    "schedules.show_phase": _l("Här ändrar du tiderna i ett steg av schemat."),
    "documents.show_all": _l(
        "Här ser ni vilka papper som skrivs när perioden slutar, och hur långt de har kommit."
    ),
    "documents.show": _l(
        "Här läser ni ett papper, skriver under det och ser vem som har fått det."
    ),
    "documents.show_section": _l("Här skriver du en del av pappret, en mening på varje rad."),
    "documents.show_version": _l("Här läser och skriver ni ut pappret som det ser ut."),
    "own_page.visit.documents.show_paper": _l(
        "Här läser personen ett av sina egna papper, och kan skriva ut det."
    ),
    "documents.card.show_assess": _l(
        "Här säger du vad du har sett på arbetsplatsen, ett tryck för varje sak."
    ),
    "documents.giving.show_giving": _l(
        "Här antecknar du vem som får pappret, och ser vad var och en får."
    ),
    "tripartite.show": _l(
        "Här ser ni vad ni tre är överens om, vem som har skrivit under och vad som återstår."
    ),
    "tripartite.show_edit": _l(
        "Här ändrar du vad ni är överens om, och ser vad ändringen för med sig innan den sparas."
    ),
    "tripartite.show_version": _l("Här läser och skriver ni ut en version av överenskommelsen."),
    "vocabulary.list_page": _l("Här söker du bland orden för kompetenser, yrken och språk."),
    "vocabulary.list_words_page": _l(
        "Här bestämmer ni vilka av era egna ord som ska gälla i listan."
    ),
    "vocabulary.show_concept": _l(
        "Här ser du vad ett ord i listan betyder och hur det hänger ihop med andra."
    ),
    "accounts.authority.show_authority": _l(
        "Här ser du vad varje roll får se och ändra, vems ärenden det gäller, och varför."
    ),
    "accounts.settings.show_changes": _l(
        "Här ser du vad som har ändrats i enhetens inställningar, av vem och varför."
    ),
    "accounts.settings.show_group": _l(
        "Här ändrar du hur enheten arbetar. Varje ändring får en anledning och kan läsas efteråt."
    ),
    "accounts.confirm.show_confirm": _l(
        "Här visar du att det är du, innan du tar ut en lista eller ändrar vem som får vad."
    ),
    "accounts.passkeys.show_new": _l(
        "Här lägger du till en nyckel, så att du kan logga in utan lösenord och kod."
    ),
    "accounts.sso.show_groups": _l(
        "Här bestämmer du vilken grupp i kommunens inloggning som ger vilken roll."
    ),
    "accounts.my_login.show_mine": _l(
        "Här skyddar du din inloggning med telefonen och stänger inloggningar på andra ställen."
    ),
    "accounts.my_login.show_phone": _l(
        "Här kopplar du telefonen, så att den visar koder när du loggar in."
    ),
    "accounts.settings.show_tokens": _l(
        "Här ser du dina nycklar för andra program och drar in dem som inte behövs."
    ),
    "employers.papers.show_paper": _l("Här läser du ett papper som hör till arbetsgivaren."),
    "employers.papers.show_papers": _l(
        "Här lägger du upp och hittar papper som hör till arbetsgivaren."
    ),
    "participants.consent_papers.show_paper": _l("Här läser du ett papper som hör till samtycket."),
    "participants.consent_papers.show_papers": _l(
        "Här lägger du upp och hittar papper som hör till samtycket."
    ),
    "participants.papers.show_paper": _l("Här läser du ett papper som hör till ärendet."),
    "participants.papers.show_papers": _l(
        "Här lägger du upp och hittar papper som hör till ärendet."
    ),
    "placements.papers.show_paper": _l("Här läser du ett papper som hör till placeringen."),
    "placements.papers.show_papers": _l(
        "Här lägger du upp och hittar papper som hör till placeringen."
    ),
    "units.show_unit": _l("Här byter du namn på en enhet, stänger den eller öppnar den igen."),
    "units.show_units": _l("Här ser du alla enheter och öppnar en ny."),
    "participants.plan.show_goals": _l("Här skriver ni målen med personens egna ord."),
    "participants.plan.show_measure": _l("Här ändrar du vem som gör vad i planen, och till när."),
    "participants.plan.show_new_measure": _l("Här skriver du vem som gör vad, och till när."),
    "participants.plan.show_new_sub_goal": _l("Här skriver ni ett delmål på vägen."),
    "participants.plan.show_paper": _l("Här skriver du ut planen: vem som gör vad, på en sida."),
    "participants.plan.show_plan": _l(
        "Här gör ni planen tillsammans, går igenom den och skriver under."
    ),
    "participants.plan.show_sub_goal": _l(
        "Här ändrar ni ett delmål, eller skriver att det är nått."
    ),
    "progression.show": _l(
        "Här ser du hur långt någon har kommit, pausar ärendet och skriver hur det går efteråt."
    ),
    "ladders.show_ladder": _l("Här läser du en trappas steg, och hur de såg ut förut."),
    "ladders.show_ladders": _l("Här ser du enhetens trappor och lägger upp en ny."),
    "ladders.show_new": _l("Här lägger du upp en trappa, steg för steg."),
    "ladders.show_new_version": _l("Här ändrar du en trappas steg. De gamla finns kvar att läsa."),
    "programmes.show_new": _l("Här lägger du upp ett program och vem det är till för."),
    "programmes.show_new_version": _l(
        "Här skriver du nya regler för ett program från en viss dag. De gamla finns kvar."
    ),
    "programmes.show_programme": _l(
        "Här ser du vem ett program är till för, och vilka regler som gällde förut."
    ),
    "programmes.show_programmes": _l("Här ser du enhetens program och när deras regler gäller."),
    "referrals.show": _l(
        "Här ser du vad som saknas i en remiss, fördelar den och skriver in personen."
    ),
    "referrals.show_change": _l("Här fyller du i det som saknas i en remiss."),
    "referrals.show_new": _l("Här antecknar du en ny remiss, eller någon som söker sig hit själv."),
    "referrals.show_referrals": _l(
        "Här ser du remisserna, hur länge de har väntat och vad som är nästa steg."
    ),
    "support.show_package": _l(
        "Här ser du hela stödpaketet: delarna, länkarna, frågorna och vad som händer när."
    ),
    "support.show_pre_meeting": _l("Här bokar du mötet med arbetsgivaren innan perioden börjar."),
    "support.show_request": _l("Här svarar du på en fråga eller skriver att du har hjälpt till."),
    "support.writing.show_block": _l("Här skriver du en del av informationspaketet."),
    "support.writing.show_blocks": _l(
        "Här skriver ni det som arbetsgivare läser, och publicerar det."
    ),
    "support.writing.show_entries": _l(
        "Här skriver ni frågor och svar som alla arbetsgivare kan läsa."
    ),
    "support.writing.show_entry": _l("Här skriver du en fråga och dess svar."),
    "support.writing.show_new_block": _l("Här skriver du en del av informationspaketet."),
    "support.writing.show_new_entry": _l("Här skriver du en fråga och dess svar."),
    "support.writing.show_preview": _l(
        "Här läser du informationspaketet som arbetsgivare kommer att se det."
    ),
}
