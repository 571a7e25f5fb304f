"""What the vocabulary's own things are called on its pages."""

from __future__ import annotations

from datetime import date

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from matchsvc.vocabulary.lines import Alternative
from matchsvc.vocabulary.models import (
    Concept,
    ConceptTerm,
    ConceptType,
    Scheme,
    SynonymState,
    VocabularyVersion,
)
from matchsvc.web.words import language_of_reader


def label(concept: Concept) -> str:
    """The concept's name in the reader's language."""
    return concept.label_en if language_of_reader() == "en" else concept.label_sv


def kind_words() -> dict[ConceptType, str]:
    """What the kinds of concept are called."""
    return {
        ConceptType.SKILL: _("Färdighet"),
        ConceptType.OCCUPATION: _("Yrke"),
        ConceptType.LANGUAGE: _("Språk"),
        ConceptType.LICENCE: _("Licens eller intyg"),
        ConceptType.GENERIC: _("Generell kompetens"),
    }


def scheme_words() -> dict[Scheme, str]:
    """What the lists are called."""
    return {
        Scheme.STARTER: _("Startlistan"),
        Scheme.LOCAL: _("Enhetens egen lista"),
        Scheme.ESCO: "ESCO",
        Scheme.JOBTECH: "JobTech Taxonomy",
    }


def state_words() -> dict[SynonymState, str]:
    """What the states of the unit's words are called."""
    return {
        SynonymState.PROPOSED: _("Föreslagna"),
        SynonymState.APPROVED: _("Godkända"),
        SynonymState.REVOKED: _("Återkallade"),
    }


def list_name(scheme: Scheme, version: VocabularyVersion | None) -> str:
    """A list and its version: ``ESCO 1.1.1``."""
    name = scheme_words()[scheme]
    if version is None or version.name == version.checksum[: len(version.name)]:
        return name
    return f"{name} {version.name}"


def beneath(alternative: Alternative) -> str:
    """How many lie under it, and whether the list chose it."""
    count = ngettext("%(num)s ord under det", "%(num)s ord under det", alternative.beneath)
    return str(_("%(count)s · listans val", count=count) if alternative.is_given else count)


def languages(terms: list[ConceptTerm]) -> list[tuple[str, list[ConceptTerm]]]:
    """Terms by language, Swedish first."""
    found: dict[str, list[ConceptTerm]] = {}
    for term in terms:
        found.setdefault(term.language, []).append(term)
    return sorted(found.items(), key=lambda pair: (pair[0] != "sv", pair[0] != "en", pair[0]))


def language_name(code: str) -> str:
    """What a language is called where names are shown in several."""
    names = {"sv": _("På svenska"), "en": _("På engelska")}
    return str(names.get(code) or _("På språket med koden %(code)s", code=code))


def month(day: date) -> str:
    """A month and its year: ``november 2026``."""
    return str(format_date(day, "MMMM yyyy"))
