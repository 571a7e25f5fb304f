"""What a unit can set itself, as data. Every row is used by the module that its ``used_by`` names.

A limit that the law or the method sets (domain.md) can only be made stricter: its range says so.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from matchsvc.errors import N_


class Shape(enum.StrEnum):
    """How a value is written."""

    NUMBER = "number"
    LINE = "line"
    LINES = "lines"
    EMAIL = "email"


class Group(enum.StrEnum):
    """What is shown and changed together."""

    UNIT = "unit"
    LETTERS = "letters"
    TIMES = "times"
    DEADLINES = "deadlines"
    FIGURES = "figures"
    INTAKE = "intake"


@dataclass(frozen=True, slots=True)
class Definition:
    """One setting.

    Attributes:
        key: stands in the database and in the API.
        group: with what it is shown.
        label, help: Swedish; the help says what changes when it is changed.
        shape: how a value is written.
        default: what holds until the unit says otherwise; a number as digits, a text may be empty.
        used_by: the module that reads it; a test looks.
        least, most: range of a number, or how many signs a text may have at most.
        suffix: what a number counts, in Swedish.
        source: row of domain.md that sets the default or its limit.
    """

    key: str
    group: Group
    label: str
    help: str
    shape: Shape
    default: str
    used_by: str
    least: int = 0
    most: int = 0
    suffix: str = ""
    source: str = ""


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
        "agreement_draft_days",
        Group.DEADLINES,
        N_("En överenskommelse som ingen rör upphör efter"),
        N_("Gäller utkast och versioner som väntar på underskrift. Handläggaren får en uppgift."),
        Shape.NUMBER,
        "60",
        "matchsvc.tripartite.drafting",
        least=14,
        most=180,
        suffix=_DAYS,
    ),
    Definition(
        "agreement_second_look",
        Group.DEADLINES,
        N_("En kollega godkänner överenskommelsen"),
        N_("1 betyder att någon annan än den som har skrivit under godkänner. 0 betyder nej."),
        Shape.NUMBER,
        "0",
        "matchsvc.tripartite.signing",
        least=0,
        most=1,
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
        "matchsvc.placements.follow_ups",
        least=30,
        most=40,
        suffix=_HOURS,
        source="PLA-02",
    ),
    Definition(
        "consent_first_warning",
        Group.DEADLINES,
        N_("Första påminnelsen om samtycke"),
        N_("Handläggaren får en uppgift så många dagar innan ett samtycke slutar gälla."),
        Shape.NUMBER,
        "30",
        "matchsvc.participants.consents",
        least=8,
        most=90,
        suffix=_DAYS,
        source="CON-02",
    ),
    Definition(
        "consent_last_warning",
        Group.DEADLINES,
        N_("Sista påminnelsen om samtycke"),
        N_("Handläggaren påminns en gång till när så många dagar är kvar."),
        Shape.NUMBER,
        "7",
        "matchsvc.participants.consents",
        least=1,
        most=30,
        suffix=_DAYS,
        source="CON-02",
    ),
    Definition(
        "plan_within_days",
        Group.DEADLINES,
        N_("Planen är klar efter inskrivning"),
        N_("Så snart ska alla ha skrivit under planen. Enheten kan bara korta tiden."),
        Shape.NUMBER,
        "60",
        "matchsvc.participants.plan_flags",
        least=14,
        most=60,
        suffix=_DAYS,
        source="PRO-10",
    ),
    Definition(
        "employer_silence_days",
        Group.DEADLINES,
        N_("Arbetsgivare som ingen hört av"),
        N_("Efter så många dagar utan kontakt står arbetsgivaren i Min vecka."),
        Shape.NUMBER,
        "90",
        "matchsvc.employers.lists",
        least=30,
        most=365,
        suffix=_DAYS,
        source="EMP-04",
    ),
    Definition(
        "support_help_days",
        Group.DEADLINES,
        N_("Arbetsgivare som behöver hjälp"),
        N_("0: samma dag för den som frågar före klockan 14. 1: nästa arbetsdag."),
        Shape.NUMBER,
        "1",
        "matchsvc.support.requests",
        least=0,
        most=1,
        suffix=N_("arbetsdagar"),
        source="EMP-05",
    ),
    Definition(
        "support_question_days",
        Group.DEADLINES,
        N_("Arbetsgivarens frågor"),
        N_("Så många arbetsdagar har den som får frågan på sig att svara."),
        Shape.NUMBER,
        "2",
        "matchsvc.support.requests",
        least=1,
        most=5,
        suffix=N_("arbetsdagar"),
        source="EMP-05",
    ),
    Definition(
        "support_answer_hour",
        Group.DEADLINES,
        N_("Svaret kommer före klockan"),
        N_("Står på arbetsgivarens sida: den här tiden är det senaste."),
        Shape.NUMBER,
        "12",
        "matchsvc.support.requests",
        least=9,
        most=17,
        source="EMP-05",
    ),
    Definition(
        "bar_check_months",
        Group.DEADLINES,
        N_("Kontroll av hinder för placering"),
        N_("Efter så många månader varnar arbetsgivarens sida för att kontrollen är gammal."),
        Shape.NUMBER,
        "6",
        "matchsvc.employers.bar_checks",
        least=1,
        most=12,
        source="2000:628 9 b §",
    ),
    Definition(
        "employer_contact_cap",
        Group.DEADLINES,
        N_("Kontakter som arbetsgivaren inte bett om"),
        N_("Så många får enheten ta på 30 dagar. Fler kräver ett skäl."),
        Shape.NUMBER,
        "2",
        "matchsvc.employers.contact_cap",
        least=1,
        most=10,
        source="EMP-04",
    ),
    Definition(
        "call_within_days",
        Group.DEADLINES,
        N_("Ring efter ett avbrott"),
        N_("Så snart ska någon ringa arbetsgivaren när en placering har avbrutits."),
        Shape.NUMBER,
        "7",
        "matchsvc.placements.ending",
        least=1,
        most=14,
        suffix=_DAYS,
        source="PLA-16",
    ),
    Definition(
        "supervisor_keeps_days",
        Group.DEADLINES,
        N_("Handledaren ser personen efter slutet"),
        N_("Så många dagar efter en placering ser handledaren den. Enheten kan bara korta tiden."),
        Shape.NUMBER,
        "14",
        "matchsvc.placements.ending",
        most=14,
        suffix=_DAYS,
    ),
    Definition(
        "referral_allocate_days",
        Group.DEADLINES,
        N_("Fördela en remiss inom"),
        N_("Räknas från dagen då remissen kom. Sedan står den som sen i listan."),
        Shape.NUMBER,
        "7",
        "matchsvc.participants.referrals",
        least=1,
        most=60,
        suffix=_DAYS,
        source="PRO-04",
    ),
    Definition(
        "referral_contact_days",
        Group.DEADLINES,
        N_("Första kontakten efter fördelning inom"),
        N_("Räknas från dagen då remissen fördelades."),
        Shape.NUMBER,
        "5",
        "matchsvc.participants.referrals",
        least=1,
        most=60,
        suffix=_DAYS,
        source="PRO-04",
    ),
    *(
        Definition(
            f"exit_contact_{number}",
            Group.DEADLINES,
            label,
            N_("Räknas från ärendets sista dag. Då får handläggaren en uppgift."),
            Shape.NUMBER,
            months,
            "matchsvc.progression.contacts",
            least=1,
            most=36,
            suffix=N_("månader"),
            source="PRO-16",
        )
        for number, label, months in (
            (1, N_("Första kontakten efter avslut"), "1"),
            (2, N_("Andra kontakten efter avslut"), "3"),
            (3, N_("Tredje kontakten efter avslut"), "6"),
            (4, N_("Fjärde kontakten efter avslut"), "12"),
        )
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
