"""What each kind of task is called on a page. The Swedish sentence is the key of its translation.

A kind is a code in the database, so a sentence may be improved without touching a row. What stands
in ``%(name)s`` comes from ``task.words``: aliases and employers' names, never a participant's.
"""

from __future__ import annotations

from collections.abc import Mapping

from matchsvc.errors import N_

#: Tasks that go with the responsibility for a case: they follow it to the next case worker, and
#: fall when the case ends or is opened again.
OF_AN_OPEN_CASE = (
    *("planned_return", "study_visit", "af_assessment", "presentation_wish"),
    *("got_place", "job_follow_up", "closing_plan", "closing_meeting", "closing_documents"),
)
OF_AN_ENDED_CASE = ("exit_contact",)
OF_ANY_CASE = ("parental_contact", "correction")
OF_THE_CASE = (*OF_AN_OPEN_CASE, *OF_AN_ENDED_CASE, *OF_ANY_CASE)

TASK_WORDS: Mapping[str, str] = {
    "protected_ground": N_("Ta upp ett otillåtet krav med %(employer)s"),
    "protected_hit": N_("Någon har anmält %(alias)s på nytt. Hör efter vad som gäller."),
    "read_with_reason": N_(
        "%(colleague)s läser ärendet %(alias)s med ett angivet skäl. Hör efter om du undrar varför."
    ),
    "consent_ends": N_("Samtycket för %(alias)s går ut. Fråga om det ska förnyas."),
    "af_assessment": N_("Har Arbetsförmedlingen svarat om bedömningen för %(alias)s?"),
    "protection_lift": N_("Pröva om skyddet för %(alias)s ska hävas"),
    "call_after_failure": N_("Ring %(site)s efter den avbrutna perioden"),
    "review_employment": N_("Heltid i en månad på %(site)s. Är det dags för en anställning?"),
    "review_employment_again": N_("Se igen om det är dags för en anställning"),
    "job_follow_up": N_("Hör hur arbetet på %(site)s går för %(alias)s"),
    "closing_plan": N_("Boka avslutsmötet hos Arbetsförmedlingen för %(alias)s"),
    "closing_meeting": N_("Gå med %(alias)s till avslutsmötet hos Arbetsförmedlingen"),
    "closing_documents": N_("Skriv slutdokumentation och kompetenskort för %(alias)s"),
    "end_meeting": N_("Boka trepartssamtal med Arbetsförmedlingen innan %(site)s slutar"),
    "plan_measure": N_("Planen för %(alias)s: något du har tagit på dig ska vara klart"),
    "presentation_wish": N_(
        "%(alias)s har svarat om vad arbetsgivare får se. Läs svaret under Min sida."
    ),
    "rights_request": N_("Svara på en begäran om rättigheter enligt dataskyddsförordningen"),
    "record_request": N_("Pröva en begäran om att få läsa i en akt. Det ska göras skyndsamt."),
    "correction": N_("%(alias)s säger att något är fel. Läs och svara under Min sida."),
    "planned_return": N_("%(alias)s är planerad att komma tillbaka efter pausen. Hör av dig."),
    "parental_contact": N_("Hör hur det går för %(alias)s efter pausen"),
    "study_visit": N_(
        "Fördjupat studiebesök för %(alias)s: håll samtalet och skriv vad personen väljer"
    ),
    "exit_contact": N_("Hör hur det går för %(alias)s efter avslutet"),
    "moved_here": N_("%(alias)s har flyttats hit från %(unit)s. Fördela ärendet."),
    "complete_follow_up": N_("Gå igenom uppföljningen för %(alias)s på %(site)s"),
    "compare_follow_ups": N_("Två har skrivit uppföljningen på %(site)s. Jämför dem."),
    "disturbance": N_("Något har hänt på %(site)s: det du tog på dig ska vara klart"),
    "tell_af": N_(
        "Arbetsförmedlingen ska få veta vad som hänt på %(site)s. Säg till, och skriv när."
    ),
    "agreement_signed": N_("%(site)s har skrivit under överenskommelsen. Se vad som återstår."),
    "agreement_expired": N_(
        "Överenskommelsen upphörde innan alla hade skrivit under. Börja en ny, eller låt den vara."
    ),
    "final_documentation": N_(
        "Skriv slutdokumentationen för %(alias)s, och lämna den till personen"
    ),
    "competence_card": N_("Fyll i kompetenskortet för %(alias)s"),
    "certificate": N_("Skriv intyget för %(alias)s"),
    "proposal_answered": N_("%(site)s har svarat på förslaget. Läs svaret och ta nästa steg."),
    "got_place": N_("%(alias)s har fått plats i %(group)s. Säg det till personen."),
    "contact_left": N_("En kontaktperson hos %(employer)s har slutat. Fråga vem ni ska ringa nu."),
    "offer_expires": N_("%(offer)s hos %(employer)s går ut. Fråga om platsen finns kvar."),
    "start_stopped": N_(
        "%(alias)s får inte börja på %(site)s än. Se vad som saknas på placeringens sida."
    ),
    "limit_8_weeks": N_(
        "%(alias)s på %(site)s: %(day)s är sista tillåtna dagen, inom åtta veckor. Planera vad som "
        "kommer sedan."
    ),
    "limit_4_weeks": N_(
        "%(alias)s på %(site)s: %(day)s är sista tillåtna dagen, inom fyra veckor. Behövs ett nytt "
        "beslut?"
    ),
    "limit_1_week": N_(
        "%(alias)s på %(site)s: %(day)s är sista tillåtna dagen. Avsluta, eller skriv in det nya "
        "beslutet."
    ),
    "beyond_decision": N_(
        "%(alias)s på %(site)s är utanför sitt beslut sedan %(day)s. Avsluta, eller skriv in det "
        "nya beslutet."
    ),
    "decision_withdrawn": N_(
        "Beslutet för %(alias)s på %(site)s gäller inte från %(day)s. Bestäm vad som ska hända nu."
    ),
    "renew_agreement": N_(
        "%(alias)s på %(site)s: det som gäller har ändrats. Gör en ny version av överenskommelsen."
    ),
    "site_closes": N_(
        "%(site)s stänger, sista dagen är %(day)s. Hitta en annan plats åt %(alias)s, eller "
        "avsluta."
    ),
    "consent_revoked": N_(
        "%(alias)s har tagit tillbaka ett samtycke. Se vad %(site)s får veta nu."
    ),
    "verify_forms": N_(
        "Lagen bakom en placeringsform lästes senast %(day)s. Läs den igen, och kryssa i att den "
        "stämmer."
    ),
    "own": N_("Egen uppgift"),
    "ask_employer_by_hand": N_("Fråga %(site)s hur samarbetet fungerade"),
    "offer_participant_survey": N_(
        "Fråga %(alias)s om personen vill svara på enkäten om placeringen"
    ),
    "participant_contact": N_("%(alias)s vill bli kontaktad efter placeringen"),
    "participant_unsafe": N_("Ring %(alias)s: personen vill prata om tryggheten på arbetsplatsen"),
    "survey_contact_me": N_("%(site)s vill bli kontaktade"),
    "support_question": N_("%(site)s har ställt en fråga. Svara på stödpaketets sida."),
    "support_help": N_(
        "%(site)s behöver hjälp. Läs vad det gäller på stödpaketets sida, och ring."
    ),
    "message_not_arrived": N_("Ett meddelande till %(name)s kom inte fram. Rätta adressen."),
    "log_check_due": N_("Granska loggen: dra ett urval och bedöm det"),
    "records_due": N_("Akter ska raderas. Gör en lista som en kollega godkänner"),
    "only_admin": N_(
        "%(colleague)s är enhetens enda systemförvaltare, men är inte med i någon grupp som ger "
        "rollen. Rätta gruppen, eller utse en till."
    ),
    "bulk_reading": N_(
        "%(colleague)s har öppnat många personers uppgifter på kort tid. Hör efter varför."
    ),
    "ownerless_meetings": N_("%(colleague)s har slutat. Flytta mötena till någon annan"),
}


def task_sentence(kind: str) -> str:
    """The sentence of a kind, to be translated and filled; an unknown kind reads as a task."""
    return TASK_WORDS.get(kind, N_("Att göra"))
