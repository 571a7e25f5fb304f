"""What things about participants are called on a page, and the lanes of the way to work."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matchsvc.participants.case_models import PauseReason, WorkerReason
from matchsvc.participants.listing import NextStep, Status
from matchsvc.participants.models import (
    BirthRegion,
    CaseStep,
    Competence,
    ExitDestination,
    ExitReason,
    LanguageSkill,
    LearnedWhere,
    Rung,
    Sex,
    Step,
)
from matchsvc.participants.overview import Overview
from matchsvc.participants.process import Process
from matchsvc.participants.profile import CEFR
from matchsvc.swedish import add_months, format_phone
from matchsvc.vocabulary.models import Concept, Condition
from matchsvc.web.icons import ICON_FOLDER
from matchsvc.web.words import day_words, language_of_reader

SEX = {Sex.WOMAN: _l("Kvinna"), Sex.MAN: _l("Man"), Sex.UNKNOWN: _l("Okänt")}
BIRTH_REGION = {
    BirthRegion.SWEDEN: _l("Sverige"),
    BirthRegion.EUROPE: _l("Europa utom Sverige"),
    BirthRegion.OUTSIDE_EUROPE: _l("Utanför Europa"),
    BirthRegion.UNKNOWN: _l("Okänt"),
}
EXIT_REASON = {
    ExitReason.GOAL_REACHED: _l("Målet är nått"),
    ExitReason.OTHER_MEASURE: _l("En annan insats"),
    ExitReason.MOVED: _l("Flyttat"),
    ExitReason.OWN_CHOICE: _l("Eget val"),
    ExitReason.NO_CONTACT: _l("Ingen kontakt längre"),
    ExitReason.OTHER: _l("Annat"),
}
EXIT_DESTINATION = {
    ExitDestination.UNSUBSIDISED_JOB: _l("Arbete utan stöd"),
    ExitDestination.SUBSIDISED_JOB: _l("Arbete med stöd"),
    ExitDestination.MUNICIPAL_LM_EMPLOYMENT: _l("Kommunal arbetsmarknadsanställning"),
    ExitDestination.STUDIES: _l("Studier"),
    ExitDestination.AF_PLANNING: _l("Arbetsförmedlingen"),
    ExitDestination.CARE: _l("Vård"),
    ExitDestination.DAILY_ACTIVITY: _l("Daglig verksamhet"),
    ExitDestination.OTHER: _l("Annat"),
    ExitDestination.UNKNOWN: _l("Okänt"),
}
PAUSE_REASON = {
    PauseReason.PARENTAL_LEAVE: _l("Föräldraledighet"),
    PauseReason.STUDIES: _l("Studier"),
    PauseReason.OTHER_MEASURE: _l("En annan insats"),
    PauseReason.TEMPORARY_JOB: _l("Tillfälligt arbete"),
    PauseReason.AWAITING_DECISION: _l("Väntar på ett beslut"),
    PauseReason.OWN_WISH: _l("Eget önskemål"),
    PauseReason.OTHER: _l("Annat"),
}
WORKER_REASON = {
    WorkerReason.FIRST: _l("Den första handläggaren"),
    WorkerReason.WORKLOAD: _l("Ärendena fördelas jämnare"),
    WorkerReason.SKILL: _l("Ett annat språk eller kunnande behövs"),
    WorkerReason.PARTICIPANT_WISH: _l("Personen önskar det"),
    WorkerReason.COLLEAGUE_LEAVES: _l("Handläggaren slutar"),
    WorkerReason.COLLEAGUE_AWAY: _l("Handläggaren är borta en tid"),
    WorkerReason.HAND_OVER: _l("Lämnades över med annat arbete"),
    WorkerReason.OTHER: _l("Annat"),
}
STATUS = {
    Status.MAPPING: _l("Kartläggning"),
    Status.MATCHING: _l("Matchning"),
    Status.WORK_TRAINING: _l("Arbetsträning"),
    Status.WORK: _l("Arbete"),
    Status.ENDED: _l("Avslutad"),
}
NEXT_STEP = {
    NextStep.ALLOCATE: _l("Utse handläggare"),
    NextStep.ASK_INFORMAL: _l("Fråga om kompetens från livet"),
    NextStep.RECORD_WISH: _l("Skriv ner det egna önskemålet"),
    NextStep.SIGN_MAPPING: _l("Gå igenom och skriv under kartläggningen"),
    NextStep.SET_READY: _l("Gör klar för matchning"),
    NextStep.PROPOSE: _l("Föreslå en plats"),
    NextStep.FOLLOW_UP: _l("Följ upp arbetsträningen"),
    NextStep.SUPPORT: _l("Fortsätt stödet i arbetet"),
    NextStep.NONE: _l("Inget, ärendet är avslutat"),
}
LEARNED_WHERE = {
    LearnedWhere.UNPAID_HOME: _l("Hemma"),
    LearnedWhere.CARE: _l("Ta hand om andra"),
    LearnedWhere.ASSOCIATION: _l("I föreningen"),
    LearnedWhere.OWN_BUSINESS: _l("Eget företag"),
    LearnedWhere.HOBBY: _l("Fritid, odling, djur"),
    LearnedWhere.JOB: _l("Tidigare jobb"),
    LearnedWhere.EDUCATION: _l("Skola och kurser"),
    LearnedWhere.OTHER: _l("Annat"),
}
LEARNED_ICON = {
    LearnedWhere.UNPAID_HOME: "house",
    LearnedWhere.CARE: "hand-heart",
    LearnedWhere.ASSOCIATION: "users-round",
    LearnedWhere.OWN_BUSINESS: "store",
    LearnedWhere.HOBBY: "sprout",
    LearnedWhere.JOB: "briefcase",
    LearnedWhere.EDUCATION: "graduation-cap",
    LearnedWhere.OTHER: "circle",
}
RUNG = {
    Rung.CLAIMED: _l("Påstådd"),
    Rung.EXEMPLIFIED: _l("Exemplifierad"),
    Rung.OBSERVED: _l("Observerad"),
    Rung.CONFIRMED: _l("Bekräftad"),
}
RUNG_HINT = {
    Rung.CLAIMED: _l("Personen säger det."),
    Rung.EXEMPLIFIED: _l("Personen har berättat om en gång: när, hur många, vad som gjordes."),
    Rung.OBSERVED: _l("Någon har sett det på en arbetsplats."),
    Rung.CONFIRMED: _l("Intyg, legitimation eller validering."),
}
#: The same in her own voice, for a paper that is hers.
RUNG_OWN = {
    Rung.CLAIMED: _l("Jag säger det själv"),
    Rung.EXEMPLIFIED: _l("Jag har berättat om ett exempel"),
    Rung.OBSERVED: _l("Någon har sett det på en arbetsplats"),
    Rung.CONFIRMED: _l("Det finns intyg eller validering"),
}
#: What would raise a rung: a key of the guide's words, said to the person in both languages.
STEP_UP = {
    Rung.CLAIMED: "words.to_exemplified",
    Rung.EXEMPLIFIED: "words.to_observed",
    Rung.OBSERVED: "words.to_confirmed",
}
WEEKDAYS = (
    _l("Måndag"),
    _l("Tisdag"),
    _l("Onsdag"),
    _l("Torsdag"),
    _l("Fredag"),
    _l("Lördag"),
    _l("Söndag"),
)
LANGUAGE_SKILLS = (
    ("understand", _l("Förstå")),
    ("speak", _l("Tala")),
    ("read", _l("Läsa")),
    ("write", _l("Skriva")),
)
#: Languages that people are met in; a code that is not listed shows as it is.
CONTACT_LANGUAGES = {
    "sv": _l("svenska"),
    "en": _l("engelska"),
    "ar": _l("arabiska"),
    "so": _l("somaliska"),
    "ti": _l("tigrinska"),
    "fa": _l("persiska"),
    "prs": _l("dari"),
    "ku": _l("kurdiska"),
    "uk": _l("ukrainska"),
    "ru": _l("ryska"),
    "tr": _l("turkiska"),
    "es": _l("spanska"),
    "fr": _l("franska"),
    "pl": _l("polska"),
}


def choices(words: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """Value and label of each, for a form's control."""
    return [
        (each.value if isinstance(each, enum.Enum) else str(each), label)
        for each, label in words.items()
    ]


def worker_reasons() -> list[tuple[str, Any]]:
    """Why somebody takes over, for a form: what the program says itself is not chosen."""
    own = (WorkerReason.FIRST, WorkerReason.HAND_OVER)
    return [(reason.value, label) for reason, label in WORKER_REASON.items() if reason not in own]


def level_choices() -> list[tuple[str, str]]:
    """The CEFR levels as a control shows them."""
    return [("0", _("Inget"))] + [(str(n), CEFR[n]) for n in range(1, len(CEFR))]


def weekday_choices() -> list[tuple[str, Any]]:
    """The days of the week as a control shows them; 0 is Monday."""
    return [(str(bit), label) for bit, label in enumerate(WEEKDAYS)]


def rung_choices(reached: Rung) -> list[dict[str, Any]]:
    """The rungs that may be chosen: the one reached and those above it."""
    ladder = list(Rung)
    return [
        {"value": rung.value, "label": RUNG[rung], "hint": RUNG_HINT[rung]}
        for rung in ladder[max(1, ladder.index(reached)) :]
    ]


def phone(number: str | None) -> str:
    """A telephone number as people read it; empty when there is none."""
    return format_phone(number) if number else ""


def need_icon(condition: Condition) -> str:
    """The condition's icon, or a ring when we do not carry it."""
    return condition.icon if (ICON_FOLDER / f"{condition.icon}.svg").is_file() else "circle"


def concept_label(concept: Concept | None) -> str:
    """A concept in the reader's language."""
    if concept is None:
        return ""
    return concept.label_en if language_of_reader() == "en" else concept.label_sv


def need_label(condition: Condition) -> str:
    """A need in the reader's language."""
    return condition.need_en if language_of_reader() == "en" else condition.need_sv


def competence_name(
    competence: Competence, concepts: Mapping[str, Concept], *, in_detail: bool = True
) -> str:
    """The concept's label, or the words that wait for one; those only to her own workers."""
    label = concept_label(concepts.get(competence.concept_id or ""))
    if label:
        return label
    return (competence.own_words or "") if in_detail else _("Egna ord")


def learned_words(competence: Competence, *, in_detail: bool) -> str:
    """Where it was learned: to her own workers the detail if there is one."""
    said = competence.learned_detail if in_detail else None
    return said or str(LEARNED_WHERE[competence.learned_where])


def evidence_words(competence: Competence, staff: Mapping[Any, str]) -> str:
    """``14 okt · Södergårdens kök · Karin S.`` of the highest rung's latest evidence."""
    reached = [piece for piece in competence.evidence if piece.rung is competence.rung]
    if not reached:
        return ""
    piece = reached[-1]
    parts = [day_words(piece.happened_on, weekday=False)]
    if piece.workplace:
        parts.append(piece.workplace)
    if piece.rung is Rung.CONFIRMED and competence.by_certificate:
        parts.append(_("intyg"))
    if piece.rung is Rung.CLAIMED:
        parts.append(_("egna ord"))
    elif piece.by_id in staff:
        parts.append(short_name(staff[piece.by_id]))
    return " · ".join(parts)


def short_name(name: str) -> str:
    """``Karin S.`` for Karin Sjöholm."""
    first, _space, rest = name.partition(" ")
    return f"{first} {rest[0]}." if rest else first


def language_words(skill: LanguageSkill) -> str:
    """``Förstå A2 · tala A2 · läsa A1 · skriva A1``."""
    said = []
    for name, label in LANGUAGE_SKILLS:
        level = getattr(skill, name)
        if level is not None:
            said.append(f"{label} {CEFR[level] if level else _('inget')}")
    return " · ".join([said[0], *(each[0].lower() + each[1:] for each in said[1:])] if said else [])


def weekday_words(mask: int) -> str:
    """``Måndag, tisdag``; empty when not asked."""
    names = [str(name) for bit, name in enumerate(WEEKDAYS) if mask & (1 << bit)]
    return ", ".join([*names[:1], *(name.lower() for name in names[1:])])


def step_words(process: Process) -> dict[Step, str]:
    """What a unit calls the steps, in its order, in the reader's language."""
    return {step: str(_(name)) for step, name in process.names.items()}


def lanes_of(overview: Overview, process: Process, *, today: date) -> dict[str, Any]:
    """What the lanes' picture needs: rows, first and last day (picture 03)."""
    names = step_words(process)
    steps = list(overview.case.steps) if overview.case else []
    first = overview.case.enrolled_on if overview.case else today
    ends = [day for step in steps for day in (step.end_date, step.planned_end_date) if day]
    rows = []
    for number, step in enumerate(names, start=1):
        periods = [each for each in steps if each.step is step]
        is_open = any(each.end_date is None or each.end_date >= today for each in periods)
        rows.append(
            {
                "label": names[step],
                "number": number,
                "done": bool(periods) and not is_open,
                "state": _("pågår") if is_open else None,
                "bars": [_bar(each, overview, today) for each in periods],
            }
        )
    start = min([first, *(step.start_date for step in steps)])
    return {"rows": rows, "start": start, "end": max([add_months(today, 4), *ends])}


def _bar(period: CaseStep, overview: Overview, today: date) -> dict[str, Any]:
    end = period.end_date or period.planned_end_date
    about = period.label if overview.sees_all else None
    if about is None and period.responsible_id in overview.staff:
        about = overview.staff[period.responsible_id].split(" ")[0]
    start_words = day_words(period.start_date, weekday=False)
    if period.end_date is not None and period.end_date < today:
        said = f"{start_words}–{day_words(period.end_date, weekday=False)}"
    else:
        said = _("från %(day)s", day=start_words)
    planned = _("till %(day)s", day=day_words(end, weekday=False)) if end else _("tills vidare")
    return {
        "start": period.start_date,
        "end": end,
        "text": " · ".join(filter(None, (said, about))),
        "planned": planned if end is None or end > today else None,
        "quiet": period.end_date is not None and period.end_date < today,
    }
