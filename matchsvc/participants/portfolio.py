"""What somebody can, as a paper of their own: a CV in plain words and a merit portfolio (MAP-06).

Competences from life come first. What stands on it is chosen thing by thing; what may be shared is
chosen already, the rest is not. It is made when it is asked for and not kept; the log says that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Unit
from matchsvc.accounts.settings import shown_name
from matchsvc.errors import N_, Invalid
from matchsvc.participants import wording
from matchsvc.participants.competences import height
from matchsvc.participants.models import Competence, LanguageSkill, LearnedWhere, Rung
from matchsvc.participants.overview import Overview
from matchsvc.participants.profile import CEFR
from matchsvc.vocabulary.models import ConceptType
from matchsvc.web.papers import direction_of, printable
from matchsvc.web.words import day_words, long_day_words

TEMPLATE = Path(__file__).parent / "papers" / "portfolio.typ"
FILE_NAME = "det-har-kan-jag.pdf"  # no name in it: files are left lying about

#: Where things are learned, in the order they are told.
_LIFE = (
    LearnedWhere.UNPAID_HOME,
    LearnedWhere.CARE,
    LearnedWhere.ASSOCIATION,
    LearnedWhere.OWN_BUSINESS,
    LearnedWhere.HOBBY,
    LearnedWhere.OTHER,
)
#: A certificate makes formal what was learned anywhere.
_PAPERS = (LearnedWhere.JOB, LearnedWhere.EDUCATION, *_LIFE)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to stand on the paper.

    Attributes:
        competences: ids.
        languages: concept ids.
        own_words, examples, vouchers: whether these stand with each competence.
    """

    competences: frozenset[UUID] = frozenset()
    languages: frozenset[str] = frozenset()
    own_words: bool = False
    examples: bool = False
    vouchers: bool = False


def preselected(overview: Overview) -> Chosen:
    """What she lets others see; the rest is hers to add."""
    held = (*overview.from_life, *overview.on_paper)
    return Chosen(competences=frozenset(each.id for each in held if each.is_shared))


def make_portfolio(
    session: Session,
    actor: Actor,
    overview: Overview,
    chosen: Chosen,
    *,
    today: date,
    form: str,
    as_text: Callable[[str], str | None] = printable,
) -> dict[str, Any]:
    """The paper's contents in Swedish, ready for a template; that it was made is logged.

    Args:
        session: a transaction; the log row goes with it.
        actor: one of her own workers.
        overview: her page, as the actor may see it.
        chosen: what is to stand on it.
        today: the day on the paper.
        form: ``pdf`` or ``print``, for the log.
        as_text: what a text becomes, None when it cannot be printed.

    Raises:
        Invalid: nothing was chosen.
    """
    held = [*overview.from_life, *overview.on_paper]
    picked = [each for each in held if each.id in chosen.competences]
    spoken = [s for s in overview.participant.languages if s.concept_id in chosen.languages]
    if not picked and not spoken:
        raise Invalid({"competences": N_("Välj minst en sak som ska stå med.")})
    unit = session.get(Unit, overview.participant.unit_id)
    name = shown_name(session, unit) if unit else ""
    audit.record(
        session,
        actor,
        "export",
        "portfolio",
        overview.participant.id,
        subjects=[overview.participant.id],
        fields=[
            form,
            *(name for name in ("own_words", "examples", "vouchers") if getattr(chosen, name)),
        ],
    )

    def items(some: Iterable[Competence]) -> list[dict[str, Any]]:
        return [_item(each, overview, chosen, as_text) for each in some]

    return {
        "title": _("Det här kan jag"),
        "about": _("Kompetenser, var de är lärda och hur vi vet"),
        "name": as_text(overview.name) or overview.participant.alias,
        "owner": _("Pappret tillhör den som står på det."),
        "lead": _("%(day)s. Jag väljer själv vem som får se det här.", day=long_day_words(today)),
        "unit": name,
        "municipality": unit.municipality if unit else "",
        "contact": name,
        "sections": [
            section for section in _sections(picked, overview, items) if section["groups"]
        ],
        "languages": [_language(skill, overview) for skill in spoken],
        "levels": _("A1 är enstaka ord, B1 klarar vardagen, C2 är som modersmål."),
        "key": [
            {
                "rung": height(rung),
                "word": str(wording.RUNG[rung]),
                "means": str(wording.RUNG_OWN[rung]),
            }
            for rung in Rung
        ],
    }


def _sections(
    picked: list[Competence],
    overview: Overview,
    items: Callable[[Iterable[Competence]], list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    def is_licence(each: Competence) -> bool:
        concept = overview.concepts.get(each.concept_id or "")
        return concept is not None and concept.type is ConceptType.LICENCE

    licences = [each for each in picked if is_licence(each)]
    life = [each for each in picked if each in overview.from_life and each not in licences]
    papers = [each for each in picked if each not in life and each not in licences]

    def groups(some: list[Competence], places: Iterable[LearnedWhere]) -> list[dict[str, Any]]:
        found = [
            (place, [each for each in some if each.learned_where is place]) for place in places
        ]
        return [
            {"title": str(wording.LEARNED_WHERE[place]), "items": items(held)}
            for place, held in found
            if held
        ]

    return [
        {"title": _("Det har jag lärt mig i livet"), "groups": groups(life, _LIFE)},
        {
            "title": _("Det har jag lärt mig i arbete och utbildning"),
            "groups": groups(papers, _PAPERS),
        },
        {
            "title": _("Körkort och intyg"),
            "groups": [{"title": None, "items": items(licences)}] if licences else [],
        },
    ]


def _item(
    each: Competence,
    overview: Overview,
    chosen: Chosen,
    as_text: Callable[[str], str | None],
) -> dict[str, Any]:
    concept = overview.concepts.get(each.concept_id or "")
    name = concept.label_sv if concept is not None else each.own_words or ""
    spoken = each.own_words if chosen.own_words and concept is not None else None
    told = (piece.note for piece in each.evidence if piece.rung is Rung.EXEMPLIFIED)
    is_said_by_heading = each.learned_detail == str(wording.LEARNED_WHERE[each.learned_where])
    return {
        "name": _said(name, as_text) or {"text": _("Egna ord på ett annat språk"), "dir": "ltr"},
        "rung": height(each.rung),
        "rung_word": str(wording.RUNG[each.rung]),
        "known": known_by(each),
        "where": None if is_said_by_heading else _said(each.learned_detail, as_text),
        "voucher": _said(each.voucher, as_text) if chosen.vouchers else None,
        "words": _said(spoken, as_text),
        "examples": [
            example for note in told if chosen.examples and (example := _said(note, as_text))
        ],
    }


def known_by(each: Competence) -> str:
    """How it is known, in her own voice, with where and when but without names."""
    said = str(wording.RUNG_OWN[each.rung])
    reached = [piece for piece in each.evidence if piece.rung is each.rung]
    if not reached or each.rung is Rung.CLAIMED:
        return said
    piece = reached[-1]
    where = printable(piece.workplace) if piece.workplace else None
    day = day_words(piece.happened_on, weekday=False, year=True)
    return ", ".join(filter(None, (said, where, day)))


def _said(text: str | None, as_text: Callable[[str], str | None]) -> dict[str, str] | None:
    shown = as_text(text) if text else None
    return {"text": shown, "dir": direction_of(shown)} if shown else None


def _language(skill: LanguageSkill, overview: Overview) -> dict[str, Any]:
    levels = [getattr(skill, name) for name, _label in wording.LANGUAGE_SKILLS]
    concept = overview.concepts.get(skill.concept_id)
    return {
        "name": concept.label_sv if concept is not None else skill.concept_id,
        "levels": [
            "–" if level is None else CEFR[level] if level else _("inget") for level in levels
        ],
    }
