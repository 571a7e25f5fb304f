"""What the codes of this package are called on its pages."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from matchsvc.employers.models import (
    Bar,
    Channel,
    ContactRole,
    Contribution,
    EmployerStatus,
    EmployerType,
    Importance,
    LanguagePart,
    OfferStatus,
    Origin,
    Purpose,
    StatusCode,
    YesNoUnknown,
)
from matchsvc.vocabulary.conditions import ConditionGroup, in_groups
from matchsvc.vocabulary.models import Concept, Condition
from matchsvc.web.words import day_words, language_of_reader, yes_no_words

TYPES = {
    EmployerType.PRIVATE: _l("Privat"),
    EmployerType.MUNICIPAL: _l("Kommunal"),
    EmployerType.REGION: _l("Region"),
    EmployerType.STATE: _l("Statlig"),
    EmployerType.CIVIL_SOCIETY: _l("Idéburen"),
    EmployerType.OWN_UNIT: _l("Egen verksamhet"),
}
STATUSES = {
    EmployerStatus.PROSPECT: _l("Prospekt"),
    EmployerStatus.CONTACTED: _l("Kontaktad"),
    EmployerStatus.INTERESTED: _l("Intresserad"),
    EmployerStatus.AGREED: _l("Överens"),
    EmployerStatus.ACTIVE: _l("Aktiv"),
    EmployerStatus.PAUSED: _l("Vilande"),
    EmployerStatus.LOST: _l("Förlorad"),
    EmployerStatus.DO_NOT_CONTACT: _l("Kontakta ej"),
}
STATUS_CODES = {
    StatusCode.NO_NEED: _l("Behöver ingen just nu"),
    StatusCode.NO_CAPACITY: _l("Har ingen plats"),
    StatusCode.NO_SUPERVISOR: _l("Har ingen som kan handleda"),
    StatusCode.OFF_SEASON: _l("Fel tid på året"),
    StatusCode.BAD_EXPERIENCE: _l("Har dåliga erfarenheter"),
    StatusCode.TOO_MANY_ASK: _l("För många hör av sig"),
    StatusCode.CLOSED_DOWN: _l("Har lagt ner eller flyttat"),
    StatusCode.OTHER: _l("Annat"),
}
ORIGINS = {
    Origin.RESEARCHED: _l("Undersökt"),
    Origin.EXISTING_CONTACT: _l("Befintlig kontakt"),
    Origin.DIRECT_ENGAGEMENT: _l("Direkt närvaro, till exempel en mässa"),
}
YES_NO = {
    YesNoUnknown.YES: _l("Ja"),
    YesNoUnknown.NO: _l("Nej"),
    YesNoUnknown.UNKNOWN: _l("Vet ej"),
}
BARS = {
    Bar.TRADING_BAN: _l("Näringsförbud"),
    Bar.INSOLVENT: _l("Konkurs eller likvidation"),
    Bar.UNPAID_TAXES: _l("Skulder för skatter eller avgifter"),
    Bar.OTHER: _l("Annat hinder"),
}
ROLES = {
    ContactRole.DECISION_MAKER: _l("Beslutsfattare"),
    ContactRole.HR: _l("HR"),
    ContactRole.SUPERVISOR: _l("Handledare på arbetsplatsen"),
    ContactRole.UNION: _l("Facklig företrädare"),
    ContactRole.FINANCE: _l("Ekonomi"),
}
CHANNELS = {
    Channel.VISIT: _l("Besök"),
    Channel.PHONE: _l("Telefon"),
    Channel.EMAIL: _l("E-post"),
    Channel.TEXT: _l("Sms"),
}
PURPOSES = {
    Purpose.BUILD: _l("Lära känna"),
    Purpose.FOR_A_PERSON: _l("Plats åt en deltagare"),
    Purpose.FOLLOW_UP: _l("Följa upp"),
    Purpose.SUBSIDIES: _l("Berätta om stöd"),
    Purpose.PROBLEM: _l("Lösa ett problem"),
    Purpose.THANKS: _l("Tacka"),
}
#: What employers want, as something to look at before a call (EMP-03).
WANTS = (
    _l("Se nyttan med samarbetet, för just dem"),
    _l("Se vad personerna vi arbetar med kan ge"),
    _l("Ett förslag som passar det de håller på med"),
    _l("Veta i förväg vad det kräver av dem"),
    _l("Korta, tydliga och trevliga kontakter med en och samma person"),
    _l("Kunna visa att de står för mångfald"),
    _l("Möta andra arbetsgivare som gör samma sak"),
    _l("Stå bredvid någon som gör nytta på riktigt"),
)
CONTRIBUTIONS = {
    Contribution.EXPERIENCE: _l("Erfarenhet av arbetsliv"),
    Contribution.SKILLS: _l("Färdigheter i ett yrke"),
    Contribution.TASTER: _l("Prova på, för lust och riktning"),
    Contribution.CONTRIBUTION: _l("En meningsfull uppgift"),
    Contribution.JOB: _l("Ett jobb"),
}
OFFER_STATUSES = {
    OfferStatus.DRAFT: _l("Utkast"),
    OfferStatus.OPEN: _l("Öppen"),
    OfferStatus.PAUSED: _l("Pausad"),
    OfferStatus.CLOSED: _l("Stängd"),
}
IMPORTANCES = {Importance.REQUIRED: _l("Krav"), Importance.MERIT: _l("Merit")}
PARTS = {
    LanguagePart.SPEAK: _l("Tala"),
    LanguagePart.UNDERSTAND: _l("Förstå"),
    LanguagePart.READ: _l("Läsa"),
    LanguagePart.WRITE: _l("Skriva"),
}
FORM_NAMES = {
    "work_practice": _l("Arbetspraktik"),
    "work_training": _l("Arbetsträning"),
    "enhanced_work_training": _l("Förstärkt arbetsträning"),
    "sol_practice": _l("SoL-praktik"),
    "taster": _l("Prova på-plats"),
}
WEEKDAYS = {
    1: _l("måndag"),
    2: _l("tisdag"),
    3: _l("onsdag"),
    4: _l("torsdag"),
    5: _l("fredag"),
    6: _l("lördag"),
    7: _l("söndag"),
}
LEVELS = {1: "A1", 2: "A2", 3: "B1", 4: "B2", 5: "C1", 6: "C2"}
#: Colour is the third signal: the word stands beside it.
STATUS_TAGS = {
    EmployerStatus.AGREED: "gran",
    EmployerStatus.ACTIVE: "gran",
    EmployerStatus.PAUSED: "havtorn",
    EmployerStatus.DO_NOT_CONTACT: "lingon",
}
OFFER_TAGS = {OfferStatus.OPEN: "gran", OfferStatus.PAUSED: "havtorn"}

_ALL: tuple[Mapping[Any, Any], ...] = (
    *(TYPES, STATUSES, ORIGINS, YES_NO, BARS, ROLES, CHANNELS, PURPOSES),
    *(CONTRIBUTIONS, OFFER_STATUSES, IMPORTANCES, PARTS),
)


def choices(words: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    """Options of a field: ``(value, label)``."""
    return [(getattr(key, "value", key), label) for key, label in words.items()]


def in_words(value: Any) -> str:
    """A saved value as a person reads it, for the block that shows a conflict."""
    if value is None or (isinstance(value, tuple | frozenset) and not value):
        return ""
    if isinstance(value, enum.Enum):
        return str(next(words[value] for words in _ALL if value in words))
    if isinstance(value, bool):
        return yes_no_words(value)
    if isinstance(value, date):
        return day_words(value, year=True)
    if isinstance(value, tuple | frozenset):
        return ", ".join(sorted(_line_in_words(each) for each in value))
    return str(value)


def _line_in_words(line: Any) -> str:
    return str(getattr(line, "concept_id", line))


def org_number_words(number: str | None) -> str:
    """``556703-7485``."""
    return f"{number[:6]}-{number[6:]}" if number else ""


def concept_label(concept: Concept | None) -> str:
    """A concept's name in the reader's language."""
    if concept is None:
        return ""
    return concept.label_en if language_of_reader() == "en" else concept.label_sv


def offered_label(condition: Condition) -> str:
    """What a site that offers the condition says."""
    return condition.offer_en if language_of_reader() == "en" else condition.offer_sv


def excluded_label(condition: Condition) -> str:
    """What a site that excludes the condition says."""
    return condition.exclude_en if language_of_reader() == "en" else condition.exclude_sv


def condition_groups(conditions: Sequence[Condition]) -> dict[str, list[ConditionGroup]]:
    """What a place may offer and exclude, under headings, as the two lists of a form."""
    return {
        "offers": in_groups(conditions, offered_label),
        "excludes": in_groups(conditions, excluded_label),
    }


def conflicts(
    theirs: Mapping[str, Any] | None,
    typed: Mapping[str, Any],
    names: Mapping[str, Any],
    options: Mapping[str, list[tuple[Any, Any]]],
) -> list[dict[str, str]]:
    """Rows of the conflict block: what is saved now beside what was typed, in words.

    Args:
        theirs: saved values by field; None when there is no conflict.
        typed: what the form sent, by field.
        names: label by field.
        options: ``(value, label)`` by field that is chosen from a list.
    """
    rows = []
    for field, saved in (theirs or {}).items():
        words = {str(value): str(label) for value, label in options.get(field, [])}
        mine = typed.get(field)
        listed = mine if isinstance(mine, list) else [mine or ""]
        kept = [saved] if not isinstance(saved, tuple | frozenset) else sorted(saved, key=str)
        rows.append(
            {
                "label": str(names.get(field, field)),
                "theirs": ", ".join(words.get(str(each), in_words(each)) for each in kept),
                "mine": ", ".join(words.get(str(each), _typed_words(each)) for each in listed),
            }
        )
    return rows


def _typed_words(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("concept_id", ""))
    return str(value)
