"""What a unit can set itself, as data. Every row is used by the module that its ``used_by`` names.

A limit that the law or the method sets (domain.md) can only be made stricter: its range says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from matchsvc.accounts.settings_deadlines import DEADLINES
from matchsvc.accounts.settings_retention import RETENTION
from matchsvc.accounts.settings_shapes import Definition, Group, Shape
from matchsvc.errors import N_

_DAYS, _HOURS, _PERSONS = N_("dagar"), N_("timmar"), N_("personer")

DEFINITIONS: Final[tuple[Definition, ...]] = (
    Definition(
        "display_name",
        Group.UNIT,
        N_("Namn som visas"),
        N_("Står överst på varje sida och i brev. Tomt betyder enhetens eget namn."),
        Shape.LINE,
        "",
        "matchsvc.app",
        most=60,
    ),
    Definition(
        "mark",
        Group.UNIT,
        N_("Märke"),
        N_("En eller två bokstäver som står i stället för trappan uppe till vänster."),
        Shape.LINE,
        "",
        "matchsvc.app",
        most=2,
    ),
    Definition(
        "process",
        Group.UNIT,
        N_("Vad stegen heter"),
        N_(
            "1: kartläggning, matchning, arbetsträning, arbete. "
            "2: visionsbygge, aktivitet, utmatchning, i arbete. Det som räknas är detsamma."
        ),
        Shape.NUMBER,
        "1",
        "matchsvc.participants.process",
        least=1,
        most=2,
        source="PRO-02",
    ),
    Definition(
        "sender_name",
        Group.LETTERS,
        N_("Avsändarens namn"),
        N_("Det som mottagaren ser som avsändare i sin e-post. Tomt visar bara adressen."),
        Shape.LINE,
        "",
        "matchsvc.messages.outbox",
        most=60,
    ),
    Definition(
        "reply_to",
        Group.LETTERS,
        N_("Svar går till"),
        N_("En brevlåda som någon läser. Tomt betyder att svar går till avsändarens adress."),
        Shape.EMAIL,
        "",
        "matchsvc.messages.outbox",
        most=254,
    ),
    Definition(
        "letter_greeting",
        Group.LETTERS,
        N_("Hälsning i brev till arbetsgivare"),
        N_("Första raden i brevet med enkäten."),
        Shape.LINE,
        "Hej!",
        "matchsvc.placements.survey_sending",
        least=1,
        most=80,
    ),
    Definition(
        "letter_signature",
        Group.LETTERS,
        N_("Underskrift i brev till arbetsgivare"),
        N_("Sista raderna i brevet med enkäten. Tomt betyder enhetens namn och kommun."),
        Shape.LINES,
        "",
        "matchsvc.placements.survey_sending",
        most=300,
    ),
    Definition(
        "survey_answer_days",
        Group.LETTERS,
        N_("Arbetsgivaren har på sig att svara"),
        N_("Så länge fungerar länken i ett nytt brev. Länkar som redan är skickade ändras inte."),
        Shape.NUMBER,
        "21",
        "matchsvc.placements.survey_sending",
        least=7,
        most=42,
        suffix=_DAYS,
    ),
    Definition(
        "yearly_question_month",
        Group.LETTERS,
        N_("Årets fråga skickas i månad"),
        N_("En fråga om året till arbetsgivare. 1 är januari. 0 betyder att inget skickas av sig."),
        Shape.NUMBER,
        "0",
        "matchsvc.employers.yearly",
        least=0,
        most=12,
    ),
    Definition(
        "day_starts",
        Group.TIMES,
        N_("Arbetsdagen börjar klockan"),
        N_("Ett möte som börjar tidigare frågar varför."),
        Shape.NUMBER,
        "7",
        "matchsvc.diary.checks",
        least=5,
        most=12,
    ),
    Definition(
        "day_ends",
        Group.TIMES,
        N_("Arbetsdagen slutar klockan"),
        N_("Ett möte som slutar senare frågar varför."),
        Shape.NUMBER,
        "18",
        "matchsvc.diary.checks",
        least=12,
        most=22,
    ),
    Definition(
        "quiet_from",
        Group.TIMES,
        N_("Inga påminnelser efter klockan"),
        N_("Påminnelser till andra än kollegor väntar till morgonen. Svar väntar aldrig."),
        Shape.NUMBER,
        "19",
        "matchsvc.messages.quiet",
        least=16,
        most=22,
    ),
    Definition(
        "quiet_until",
        Group.TIMES,
        N_("Inga påminnelser före klockan"),
        N_("Då skickas påminnelser som har väntat."),
        Shape.NUMBER,
        "7",
        "matchsvc.messages.quiet",
        least=6,
        most=10,
    ),
    Definition(
        "quiet_days_off",
        Group.TIMES,
        N_("Inga påminnelser på helger"),
        N_("1 betyder att påminnelser väntar till nästa arbetsdag, 0 att de skickas alla dagar."),
        Shape.NUMBER,
        "1",
        "matchsvc.messages.quiet",
        most=1,
    ),
    Definition(
        "mapping_talk_minutes",
        Group.TIMES,
        N_("Ett kartläggningssamtal tar högst"),
        N_("Ett längre möte går inte att boka. Metoden säger 60; enheten kan bara sänka."),
        Shape.NUMBER,
        "60",
        "matchsvc.diary.checks",
        least=15,
        most=60,
        suffix=N_("minuter"),
        source="MAP-01",
    ),
    Definition(
        "full_week_hours",
        Group.TIMES,
        N_("Heltid i veckan"),
        N_("När timmarna ökar vid en uppföljning föreslås aldrig fler än så."),
        Shape.NUMBER,
        "40",
        "matchsvc.follow_ups.opening",
        least=30,
        most=40,
        suffix=_HOURS,
        source="PLA-02",
    ),
    *(
        Definition(
            key,
            Group.INTAKE,
            label,
            N_("1 betyder att remissen frågar, 0 att den inte gör det."),
            Shape.NUMBER,
            default,
            "matchsvc.participants.referral_content",
            most=1,
            source="MAP-05",
        )
        for key, label, default in (
            ("intake_address", N_("Fråga om adress"), "1"),
            ("intake_permit", N_("Fråga om uppehållstillstånd"), "0"),
            ("intake_family", N_("Fråga om boende och familj"), "1"),
            ("intake_education", N_("Fråga om utbildning"), "1"),
            ("intake_work", N_("Fråga om arbetslivserfarenhet"), "1"),
            ("intake_support", N_("Fråga om försörjningsstöd"), "1"),
            ("intake_af", N_("Fråga om inskrivning hos Arbetsförmedlingen"), "1"),
            ("intake_swedish", N_("Fråga om studier i svenska"), "1"),
            ("intake_merits", N_("Fråga om körkort och andra meriter"), "1"),
            ("intake_strengths", N_("Fråga om resurser och styrkor"), "1"),
            ("intake_contacts", N_("Fråga om andra myndigheter"), "1"),
            ("intake_goals", N_("Fråga om mål"), "1"),
            ("intake_coordination", N_("Fråga om vad som behöver samordnas"), "1"),
            ("intake_planning", N_("Fråga om aktuell planering"), "1"),
            ("intake_debts", N_("Fråga om skulder"), "0"),
            # Each needs a decision that it is necessary: GDPR art. 10, L 2018:218 3:8.
            ("intake_criminal_record", N_("Fråga om domar och brott"), "0"),
            ("intake_misuse", N_("Fråga om missbruk"), "0"),
        )
    ),
    Definition(
        "smallest_count",
        Group.FIGURES,
        N_("Minsta antal som visas"),
        N_("Färre personer än så döljs i rapporter. Enheten kan bara höja talet."),
        Shape.NUMBER,
        "5",
        "matchsvc.reports.limits",
        least=5,
        most=20,
        suffix=_PERSONS,
        source="LAW-12",
    ),
    Definition(
        "smallest_denominator",
        Group.FIGURES,
        N_("Minsta grupp som en andel räknas på"),
        N_("Andelar av färre personer visas inte. Enheten kan bara höja talet."),
        Shape.NUMBER,
        "10",
        "matchsvc.reports.limits",
        least=10,
        most=50,
        suffix=_PERSONS,
        source="LAW-12",
    ),
    Definition(
        "second_factor",
        Group.LOGIN,
        N_("Tvåstegsinloggning"),
        N_(
            "1: alla i enheten loggar in med lösenord och en kod från telefonen. "
            "0: var och en väljer själv. Där riktiga uppgifter finns krävs det alltid."
        ),
        Shape.NUMBER,
        "0",
        "matchsvc.accounts.second_factor",
        least=0,
        most=1,
        source="LAW-08",
    ),
    Definition(
        "bulk_reading",
        Group.LOGIN,
        N_("Så många personers uppgifter får öppnas på tio minuter"),
        N_(
            "Den som öppnar fler får bevisa vem det är innan nästa, och enhetens chefer får en "
            "uppgift. Ett program får vänta."
        ),
        Shape.NUMBER,
        "60",
        "matchsvc.accounts.bulk_reading",
        least=10,
        most=1000,
        suffix=_PERSONS,
        source="LAW-08",
    ),
    Definition(
        "sso_second_factor",
        Group.LOGIN,
        N_("Kommunens inloggning räcker som två steg"),
        N_(
            "1: när kommunens inloggning har bett om mer än ett lösenord räcker det. "
            "0: den som har eller måste ha tvåstegsinloggning visar sin kod även här."
        ),
        Shape.NUMBER,
        "0",
        "matchsvc.accounts.single_sign_on",
        least=0,
        most=1,
        source="LAW-08",
    ),
    Definition(
        "sso_password",
        Group.LOGIN,
        N_("Lösenord fungerar också efter kommunens inloggning"),
        N_(
            "1: den som loggar in genom kommunen kan också använda lösenord, till exempel när "
            "kommunens inloggning ligger nere. Då gäller rollerna från senaste gången. 0: bara "
            "kommunens inloggning."
        ),
        Shape.NUMBER,
        "0",
        "matchsvc.accounts.single_sign_on",
        least=0,
        most=1,
        source="LAW-08",
    ),
    *DEADLINES,
    *RETENTION,
)

REGISTRY: Final[Mapping[str, Definition]] = {each.key: each for each in DEFINITIONS}
#: The first of two is always the smaller; what is said when it is not.
IN_ORDER: Final = (
    ("day_starts", "day_ends", N_("Arbetsdagen ska börja innan den slutar.")),
    (
        "consent_last_warning",
        "consent_first_warning",
        N_("Den sista påminnelsen ska komma efter den första."),
    ),
    *(
        (
            f"exit_contact_{number}",
            f"exit_contact_{number + 1}",
            N_("Kontakterna efter ett avslut ska komma efter varandra."),
        )
        for number in (1, 2, 3)
    ),
)
