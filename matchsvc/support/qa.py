"""Questions and answers that every employer may read and search (EMP-05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.participants.access import get_visible
from matchsvc.placements.models import Placement
from matchsvc.support.models import QaEntry, SupportRequest
from matchsvc.support.packs import WRITERS, unit_of
from matchsvc.support.plain_words import clean, refuse_identity_numbers
from matchsvc.support.starter import QUESTIONS

MOST = 80


@dataclass(frozen=True, slots=True)
class EntryInput:
    """A question and its answer as a form sends them."""

    question_sv: str
    answer_sv: str
    question_en: str | None = None
    answer_en: str | None = None
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry in one language; what is not translated is shown in Swedish and says so."""

    id: UUID
    question: str
    answer: str
    language: str


def list_entries(session: Session, actor: Actor) -> Sequence[QaEntry]:
    """The unit's entries in order.

    Raises:
        Refused: the role does not write them.
    """
    actor.require_role(*WRITERS)
    return _entries(session, unit_of(actor))


def _entries(session: Session, unit_id: UUID) -> Sequence[QaEntry]:
    found = select(QaEntry).where(QaEntry.unit_id == unit_id)
    return session.scalars(found.order_by(QaEntry.position, QaEntry.id)).all()


def add_starter(session: Session, actor: Actor) -> int:
    """Begin with the questions that come with the service; how many. Once there are any: none.

    Raises:
        Refused: the role does not write them.
    """
    if list_entries(session, actor):
        return 0
    for position, entry in enumerate(QUESTIONS):
        session.add(QaEntry(unit_id=unit_of(actor), position=position, **entry))
    session.flush()
    audit.record(session, actor, "create", "qa_entry")
    return len(QUESTIONS)


def get_entry(
    session: Session, actor: Actor, entry_id: UUID, *, for_update: bool = False
) -> QaEntry:
    """One entry of the unit.

    Raises:
        NotFound: unknown, or another unit's.
        Refused: the role does not write them.
    """
    actor.require_role(*WRITERS)
    found = select(QaEntry).where(QaEntry.id == entry_id, QaEntry.unit_id == unit_of(actor))
    row = session.scalar(found.with_for_update() if for_update else found)
    if row is None:
        raise NotFound("qa_entry")
    return row


def save_entry(
    session: Session,
    actor: Actor,
    said: EntryInput,
    *,
    entry_id: UUID | None = None,
    version: int | None = None,
    request_id: UUID | None = None,
    today: date,
) -> QaEntry:
    """Write an entry anew, or one more; ``request_id`` is the question that it came from.

    Raises:
        Refused: the role does not write them.
        NotFound: unknown, another unit's, or a question that is hidden.
        Invalid: an identity number, or the name of whom the question was about.
        RuleViolation: there are as many as somebody would read.
        Conflict: it was saved since.
    """
    texts = {
        "question_sv": said.question_sv,
        "answer_sv": said.answer_sv,
        "question_en": said.question_en,
        "answer_en": said.answer_en,
    }
    refuse_identity_numbers(texts, today=today)
    if entry_id is None:
        known = list_entries(session, actor)
        if len(known) >= MOST:
            raise RuleViolation("too_many", N_("Det är många frågor nog. Skriv om en som är av."))
        if request_id is not None:
            _refuse_names(session, actor, request_id, texts, today=today)
        last = known[-1].position if known else -1
        row = QaEntry(unit_id=unit_of(actor), position=last + 1, request_id=request_id)
        session.add(row)
    else:
        row = get_entry(session, actor, entry_id, for_update=True)
        check_version(row, version)
        if row.request_id is not None:
            _refuse_names(session, actor, row.request_id, texts, today=today)
    row.question_sv, row.answer_sv, row.is_on = said.question_sv, said.answer_sv, said.is_on
    row.question_en, row.answer_en = said.question_en or None, said.answer_en or None
    session.flush()
    audit.record(session, actor, "change" if entry_id else "create", "qa_entry", row.id)
    return row


def _refuse_names(
    session: Session, actor: Actor, request_id: UUID, texts: dict[str, str | None], *, today: date
) -> None:
    request = session.get(SupportRequest, request_id)
    if request is None or request.unit_id != actor.unit_id:
        raise NotFound("support_request")
    placement = session.get_one(Placement, request.placement_id)
    try:
        participant = get_visible(session, actor, placement.participant_id, today=today)
    except NotFound:
        raise NotFound("support_request") from None
    wrong = {
        name: N_("Texten nämner en person. Skriv så att den gäller vem som helst.")
        for name, text in texts.items()
        if text and clean(text, participant, today=today, field=name) != text.strip()
    }
    if wrong:
        raise Invalid(wrong)


def search(session: Session, unit_id: UUID, words: str, language: str) -> list[Shown]:
    """The entries that are on and hold every word, in a language. Asks no right. One query."""
    wanted = words.casefold().split()
    found = []
    for row in _entries(session, unit_id):
        if not row.is_on:
            continue
        is_translated = language == "en" and row.question_en and row.answer_en
        shown = Shown(
            row.id,
            (row.question_en if is_translated else row.question_sv) or "",
            (row.answer_en if is_translated else row.answer_sv) or "",
            "en" if is_translated else "sv",
        )
        text = f"{shown.question} {shown.answer}".casefold()
        if all(word in text for word in wanted):
            found.append(shown)
    return found
