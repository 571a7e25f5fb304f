"""What things about placements are called on a page."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matchsvc.diary.wording import kind_words
from matchsvc.placements.checklist import PREPARATION
from matchsvc.placements.disturbance_models import (
    AfChannel,
    DisturbanceKind,
    DisturbanceOutcome,
)
from matchsvc.placements.models import (
    AccommodationKind,
    AccommodationOwner,
    ActionState,
    DecisionAuthority,
    EmploymentKind,
    Mood,
    Outcome,
    Part,
    PartState,
    PlacementForm,
)
from matchsvc.placements.overview import State
from matchsvc.placements.survey_sending import SurveyState
from matchsvc.placements.workplace_models import AttendanceSaid, Going
from matchsvc.web.words import language_of_reader
from matchsvc.workday.meeting_models import Meeting
from matchsvc.workday.meeting_types import MEETING_TYPES

STATE = {
    State.STOPPED: _l("Får inte börja än"),
    State.BEYOND: _l("Utanför sitt beslut"),
    State.STARTING: _l("Börjar"),
    State.ENDING: _l("Slutar inom fyra veckor"),
    State.RUNNING: _l("Pågår"),
    State.ENDED: _l("Avslutade"),
    State.CALLED_OFF: _l("Inställda"),
}
ONE_STATE = {
    State.STOPPED: _l("Får inte börja än"),
    State.BEYOND: _l("Utanför sitt beslut"),
    State.STARTING: _l("Börjar snart"),
    State.ENDING: _l("Slutar snart"),
    State.RUNNING: _l("Pågår"),
    State.ENDED: _l("Avslutad"),
    State.CALLED_OFF: _l("Inställd"),
}
OUTCOME = {
    Outcome.COMPLETED: _l("Fullföljd"),
    Outcome.ENDED_BY_EMPLOYER: _l("Avbruten av arbetsgivaren"),
    Outcome.ENDED_BY_PARTICIPANT: _l("Avbruten av deltagaren"),
    Outcome.BECAME_JOB: _l("Övergick i anställning"),
    Outcome.MOVED: _l("Flyttade till en annan arbetsplats"),
    Outcome.OTHER: _l("Annat"),
}
EMPLOYMENT = {
    EmploymentKind.EMPLOYMENT: _l("Anställning"),
    EmploymentKind.SUBSIDISED: _l("Anställning med lönestöd"),
    EmploymentKind.RESOURCE: _l("Resursanställning i kommunen"),
}
AUTHORITY = {
    DecisionAuthority.AF: _l("Arbetsförmedlingen"),
    DecisionAuthority.SOCIAL_BOARD: _l("Socialnämnden"),
    DecisionAuthority.NONE: _l("Ingen"),
}
PART = {
    Part.PRE_MEETING: _l("Möte före start"),
    Part.INFORMATION: _l("Informationspaket"),
    Part.QUESTIONS: _l("Frågor och svar"),
    Part.KEY_CONTACTS: _l("Kontaktlista"),
    Part.FOLLOW_UP_SCHEDULE: _l("Stöd under perioden"),
    Part.END_SURVEY: _l("Enkät efter perioden"),
}
PART_STATE = {
    PartState.PLANNED: _l("Planerat"),
    PartState.DONE: _l("Klart"),
    PartState.DECLINED: _l("Avböjt"),
}
CHECK = {
    "expectations": _l("Arbetsgivarens förväntningar"),
    "commitments": _l("Åtaganden"),
    "working_hours": _l("Arbetstider"),
    "work_environment": _l("Arbetsmiljö och skydd"),
    "rights": _l("Rättigheter"),
    "conduct": _l("Hur man är på arbetsplatsen"),
    "agreement": _l("Överenskommelsen är undertecknad"),
    "supervisor_introduced": _l("Handledaren har träffat deltagaren"),
    "site_risks": _l("Arbetsplatsen har gått igenom risker och skydd"),
    "first_day": _l("Vem som möter första dagen, var och när"),
}
INSURANCE = {
    "kammarkollegiet": _l("Kammarkollegiet, genom Arbetsförmedlingen"),
    "municipality": _l("Kommunens försäkring"),
}
LIMIT_WARNING = {
    "limit_8_weeks": _l("Högst åtta veckor kvar till sista tillåtna dagen."),
    "limit_4_weeks": _l("Högst fyra veckor kvar till sista tillåtna dagen."),
    "limit_1_week": _l("Högst en vecka kvar till sista tillåtna dagen."),
}
#: What of the checklist the participant ticks too.
BOTH_TICK = PREPARATION
STOP = {
    "decision": _l("Beslut"),
    "period_over": _l("Perioden är slut"),
    "barred": _l("Hinder hos arbetsgivaren"),
    "bar_check": _l("Kontroll av arbetsgivaren"),
    "site_closed": _l("Arbetsplatsen är stängd"),
    "union": _l("Facket"),
    "insurance": _l("Försäkring"),
    "supervisor": _l("Handledare"),
    "purpose": _l("Syfte"),
    "extract": _l("Registerutdrag"),
    "work_environment": _l("Arbetsmiljö och skydd"),
    "site_risks": _l("Arbetsplatsens risker"),
    "agreement": _l("Överenskommelse"),
    "preparation": _l("Sex saker att gå igenom"),
    "supervisor_introduced": _l("Handledaren och deltagaren"),
    "first_day": _l("Första dagen"),
}
MOOD = {Mood.GOOD: _l("Bra"), Mood.SO_SO: _l("Sådär"), Mood.HARD: _l("Svårt")}
ATTENDANCE_SAID = {
    AttendanceSaid.AS_AGREED: _l("som vi kom överens om"),
    AttendanceSaid.LESS: _l("mindre"),
    AttendanceSaid.MORE: _l("mer"),
}
GOING = {
    Going.GOOD: _l("Det går bra"),
    Going.SO_SO: _l("Det går sådär"),
    Going.HARD: _l("Det är svårt"),
}
KEPT = {
    ActionState.DONE: _l("Klart"),
    ActionState.PARTLY: _l("Delvis"),
    ActionState.NOT_YET: _l("Inte än"),
}
WORKS = {"yes": _l("Fungerar"), "partly": _l("Delvis"), "no": _l("Fungerar inte")}
ACCOMMODATION_KIND = {
    AccommodationKind.TASK: _l("Uppgifterna"),
    AccommodationKind.TIME: _l("Tiderna"),
    AccommodationKind.EQUIPMENT: _l("Utrustningen"),
    AccommodationKind.ENVIRONMENT: _l("Miljön"),
    AccommodationKind.SUPPORT: _l("Stödet"),
}
ACCOMMODATION_OWNER = {
    AccommodationOwner.WORKPLACE: _l("Arbetsplatsen"),
    AccommodationOwner.UNIT: _l("Vi"),
    AccommodationOwner.PARTICIPANT: _l("Deltagaren"),
    AccommodationOwner.EMPLOYMENT_SERVICE: _l("Arbetsförmedlingen"),
}
DISTURBANCE = {
    DisturbanceKind.ABSENCE: _l("Närvaron blev inte som vi sa"),
    DisturbanceKind.CONFLICT: _l("Konflikt"),
    DisturbanceKind.SAFETY: _l("Säkerhet"),
    DisturbanceKind.WORKPLACE_CHANGE: _l("Något ändrades på arbetsplatsen"),
    DisturbanceKind.INTERRUPTION: _l("Avbrott"),
    DisturbanceKind.MISCONDUCT: _l("Misskötsamhet"),
    DisturbanceKind.OTHER: _l("Annat"),
}
DISTURBANCE_OUTCOME = {
    DisturbanceOutcome.RESOLVED: _l("Det löste sig"),
    DisturbanceOutcome.CHANGED: _l("Vi ändrade tider, uppgifter eller handledare"),
    DisturbanceOutcome.PLACEMENT_ENDED: _l("Placeringen slutade"),
    DisturbanceOutcome.MISTAKEN: _l("Det var ett missförstånd"),
}
AF_CHANNEL = {
    AfChannel.PHONE: _l("Telefon"),
    AfChannel.MEETING: _l("Möte"),
    AfChannel.LETTER: _l("Brev"),
    AfChannel.THEIR_SYSTEM: _l("Deras eget system"),
}
STAFF = {
    "liaison": _l("arbetsgivarkonsulent"),
    "case_worker": _l("handläggare"),
    "supervisor": _l("handledare"),
}
SURVEY_STATE = {
    SurveyState.SENT: _l("Skickad, inte öppnad än"),
    SurveyState.FIRST_REMINDER: _l("Påmind en gång"),
    SurveyState.LAST_REMINDER: _l("Påmind två gånger. Inga fler påminnelser."),
    SurveyState.STARTED: _l("Påbörjad, inte inskickad"),
    SurveyState.ANSWERED: _l("Besvarad"),
    SurveyState.UNDELIVERABLE: _l("Brevet kom inte fram. Kontrollera e-postadressen."),
    SurveyState.DECLINED: _l("Tackade nej till fler frågor"),
    SurveyState.REVOKED: _l("Länken är återkallad"),
    SurveyState.EXPIRED: _l("Tiden är ute. Ingen svarade."),
}
SURVEY_LANGUAGES = (
    ("sv", "Svenska"),
    ("sv-easy", "Lätt svenska"),
    ("en", "English"),
    ("ar", "العربية"),
)


def visit_words(visit: Meeting) -> str:
    """What a visit at the workplace is called."""
    return kind_words(MEETING_TYPES[visit.kind])


def law_of(form: PlacementForm) -> str:
    """Where the limits of a form stand; the unit's own rule in the reader's language."""
    return str(_("Egen regel")) if form.legal_source == "Egen regel" else form.legal_source


def form_name(form: PlacementForm) -> str:
    """A form's name in the reader's language."""
    return form.name_sv if language_of_reader() == "sv" else form.name_en


def late_words(due_on: date, today: date) -> str | None:
    """``4 dagar försenat``, or None when it is not."""
    days = (today - due_on).days
    if days <= 0:
        return None
    return str(_("1 dag försenat") if days == 1 else _("%(days)s dagar försenat", days=days))


def season_words(day: date) -> str:
    """``hösten 2026``: when a period ended, told no closer than that."""
    season = {
        0: _("vintern %(year)s", year=day.year),
        1: _("våren %(year)s", year=day.year),
        2: _("sommaren %(year)s", year=day.year),
        3: _("hösten %(year)s", year=day.year),
    }[day.month % 12 // 3]
    return str(season)
