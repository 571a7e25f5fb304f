"""Notes: written at once, open to their author for a day, then only added to, never overwritten.

A note is about something by reference. Who may read and write about it is decided above, by
whoever knows what it is about, and handed in as a :class:`Desk`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.swedish import contains_identity_number
from matchsvc.workday.note_models import (
    AdditionKind,
    Note,
    NoteAddition,
    NoteCategory,
    Secrecy,
)
from matchsvc.workday.undo import require_undoable

OPEN_FOR = timedelta(hours=24)
PAGE_SIZE = 20
#: Working time that one tap logs (REP-05), in minutes.
MINUTES = (5, 15, 30, 60, 90)


@dataclass(frozen=True, slots=True)
class Desk:
    """What notes are about, and what the actor may do with them.

    Attributes:
        about_type: ``participant`` or ``employer``.
        about_id: which.
        unit_id: the unit it belongs to.
        may_write: whether the actor writes notes about it.
        sees_close: whether the actor reads those of the close class, too.
        may_become_public: whether what is written can be asked for by anybody (employers).
    """

    about_type: str
    about_id: UUID
    unit_id: UUID
    may_write: bool
    sees_close: bool
    may_become_public: bool = False


@dataclass(frozen=True, slots=True)
class NoteContent:
    """What is written. ``minutes`` is working time; None when nobody tapped it."""

    happened: str
    category: NoteCategory
    happened_on: date
    agreed: str | None = None
    minutes: int | None = None
    secrecy: Secrecy = Secrecy.STANDARD


@dataclass(frozen=True, slots=True)
class NotePage:
    """Some notes, latest first; pages count from 1."""

    notes: Sequence[Note]
    page: int
    pages: int
    total: int
    archived: int


def is_open(note: Note, actor: Actor, *, now: datetime) -> bool:
    """Whether the actor may still change the words: the author, within a day."""
    return note.author_id == actor.user_id and now - note.written_at < OPEN_FOR


def list_notes(
    session: Session, actor: Actor, desk: Desk, *, page: int = 1, archived: bool = False
) -> NotePage:
    """A page of notes with what was added to them; logged. Four queries, however many there are."""
    mine = _readable(actor, desk)
    is_archived = Note.archived_at.is_not(None)
    counts = session.execute(
        mine.with_only_columns(is_archived, func.count()).group_by(is_archived).order_by(None)
    ).all()
    by_kind = {bool(kind): number for kind, number in counts}
    total = by_kind.get(archived, 0)
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, page), pages)
    notes = session.scalars(
        mine.where(is_archived if archived else Note.archived_at.is_(None))
        .options(selectinload(Note.additions))
        .order_by(Note.happened_on.desc(), Note.written_at.desc(), Note.id)
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    ).all()
    audit.record(session, actor, "list", "note", desk.about_id, subjects=[n.id for n in notes])
    return NotePage(notes, page, pages, total, by_kind.get(True, 0))


def _readable(actor: Actor, desk: Desk) -> Select[Note]:
    found = select(Note).where(Note.about_type == desk.about_type, Note.about_id == desk.about_id)
    if desk.sees_close:
        return found
    return found.where(or_(Note.secrecy == Secrecy.STANDARD, Note.author_id == actor.user_id))


def get_note(
    session: Session, actor: Actor, desk: Desk, note_id: UUID, *, for_update: bool = False
) -> Note:
    """One note about it that the actor may read.

    Raises:
        NotFound: there is none, or it is of a class that the actor does not read.
    """
    found = _readable(actor, desk).where(Note.id == note_id).options(selectinload(Note.additions))
    note = session.scalar(found.with_for_update(of=Note) if for_update else found)
    if note is None:
        raise NotFound("note")
    return note


def read_note(session: Session, actor: Actor, desk: Desk, note_id: UUID) -> Note:
    """One note to be shown; logged.

    Raises:
        NotFound: there is none, or it is of a class that the actor does not read.
    """
    note = get_note(session, actor, desk, note_id)
    audit.record(session, actor, "read", "note", note.id, subjects=[desk.about_id])
    return note


def write_note(
    session: Session, actor: Actor, desk: Desk, content: NoteContent, *, today: date, now: datetime
) -> Note:
    """Write a note.

    Raises:
        Refused: the actor does not write about it.
        Invalid: nothing is said, a day to come, or an identity number in the words.
    """
    require_writer(desk)
    content = _checked(content, today)
    note = Note(
        unit_id=desk.unit_id,
        about_type=desk.about_type,
        about_id=desk.about_id,
        author_id=actor.require_user(),
        written_at=now,
        happened_on=content.happened_on,
        category=content.category,
        secrecy=content.secrecy,
        minutes=content.minutes,
        happened=content.happened,
        agreed=content.agreed,
        additions=[],
    )
    session.add(note)
    session.flush()
    audit.record(session, actor, "create", "note", note.id, subjects=[desk.about_id])
    return note


def edit_note(
    session: Session,
    actor: Actor,
    desk: Desk,
    note_id: UUID,
    content: NoteContent,
    *,
    version: int | None,
    today: date,
    now: datetime,
) -> Note:
    """Change a note within a day of writing it; the earlier text is kept.

    Raises:
        Refused: somebody else's.
        RuleViolation: the day has passed: add a correction; or it is archived.
        Invalid: as for a new one.
        Conflict: it was saved since, with what stands there.
    """
    require_writer(desk)
    note = get_note(session, actor, desk, note_id, for_update=True)
    if note.author_id != actor.user_id:
        raise Refused("not_your_note", N_("Bara den som skrev kan ändra. Skriv en rättelse."))
    if not is_open(note, actor, now=now):
        raise RuleViolation(
            "note_locked",
            N_("Anteckningen är låst efter ett dygn. Skriv en rättelse under den."),
        )
    _require_standing(note)
    content = _checked(content, today)
    try:
        check_version(note, version)
    except Conflict:
        raise Conflict({"happened": note.happened, "agreed": note.agreed or ""}) from None
    before = (note.happened, note.agreed)
    if before != (content.happened, content.agreed):
        note.additions.append(
            _addition(AdditionKind.EARLIER, "\n".join(filter(None, before)), actor, now)
        )
    note.happened, note.agreed = content.happened, content.agreed
    note.category, note.secrecy = content.category, content.secrecy
    note.minutes, note.happened_on = content.minutes, content.happened_on
    session.flush()
    audit.record(session, actor, "change", "note", note.id, subjects=[desk.about_id])
    return note


def correct_note(
    session: Session, actor: Actor, desk: Desk, note_id: UUID, words: str, *, now: datetime
) -> NoteAddition:
    """Add a correction below a note; the note itself stays as it is.

    Raises:
        Refused: the actor does not write about it.
        RuleViolation: it is archived.
        Invalid: nothing is said, or an identity number in the words.
    """
    require_writer(desk)
    note = get_note(session, actor, desk, note_id, for_update=True)
    _require_standing(note)
    text = words.strip()
    if not text:
        raise Invalid({"words": N_("Skriv vad som ska rättas.")})
    _refuse_numbers({"words": text}, now.date())
    added = _addition(AdditionKind.CORRECTION, text, actor, now)
    note.additions.append(added)
    session.flush()
    audit.record(session, actor, "correct", "note", note.id, subjects=[desk.about_id])
    return added


def archive_note(
    session: Session, actor: Actor, desk: Desk, note_id: UUID, *, reason: str, now: datetime
) -> Note:
    """Put away a note that should not have been written, saying why; nothing is deleted.

    Raises:
        Refused: the actor does not write about it.
        Invalid: there is no reason.
    """
    require_writer(desk)
    note = get_note(session, actor, desk, note_id, for_update=True)
    if not reason.strip():
        raise Invalid({"reason": N_("Skriv varför anteckningen läggs undan.")})
    if note.archived_at is None:
        note.archived_at, note.archived_by_id = now, actor.require_user()
        note.archived_reason = reason.strip()
        session.flush()
        audit.record(session, actor, "archive", "note", note.id, subjects=[desk.about_id])
    return note


def restore_note(session: Session, actor: Actor, desk: Desk, note_id: UUID) -> Note:
    """Bring an archived note back; a second time changes nothing.

    Raises:
        Refused: the actor does not write about it.
    """
    require_writer(desk)
    note = get_note(session, actor, desk, note_id, for_update=True)
    if note.archived_at is not None:
        note.archived_at = note.archived_by_id = note.archived_reason = None
        session.flush()
        audit.record(session, actor, "restore", "note", note.id, subjects=[desk.about_id])
    return note


def undo_archiving(
    session: Session, actor: Actor, desk: Desk, note_id: UUID, *, now: datetime
) -> Note:
    """Take back one's own archiving of the last ten minutes.

    Raises:
        RuleViolation: it is too long ago, or somebody else did it.
    """
    note = get_note(session, actor, desk, note_id)
    require_undoable(note.archived_at if note.archived_by_id == actor.user_id else None, now=now)
    return restore_note(session, actor, desk, note_id)


def _addition(kind: AdditionKind, words: str, actor: Actor, now: datetime) -> NoteAddition:
    return NoteAddition(kind=kind, words=words, added_by_id=actor.require_user(), added_at=now)


def require_writer(desk: Desk) -> None:
    """Raise Refused when the actor of the desk does not write about it."""
    if not desk.may_write:
        raise Refused


def _require_standing(note: Note) -> None:
    if note.archived_at is not None:
        raise RuleViolation(
            "note_archived", N_("Anteckningen är undanlagd. Ta tillbaka den först.")
        )


def _checked(content: NoteContent, today: date) -> NoteContent:
    happened, agreed = content.happened.strip(), (content.agreed or "").strip() or None
    if not happened:
        raise Invalid({"happened": N_("Skriv vad som hände.")})
    if content.happened_on > today:
        raise Invalid({"happened_on": N_("Dagen har inte varit än. Boka ett möte i stället.")})
    _refuse_numbers({"happened": happened, "agreed": agreed or ""}, today)
    return NoteContent(
        happened, content.category, content.happened_on, agreed, content.minutes, content.secrecy
    )


def _refuse_numbers(said: dict[str, str], today: date) -> None:
    found = {
        name: N_("Ta bort personnumret ur texten. Det har ett eget fält.")
        for name, words in said.items()
        if contains_identity_number(words, today=today)
    }
    if found:
        raise Invalid(found)
