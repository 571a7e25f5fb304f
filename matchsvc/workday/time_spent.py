"""Working time of a talk, logged with one tap where the talk is held (PRO-15, REP-05)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.errors import N_
from matchsvc.workday.note_models import Note, NoteCategory
from matchsvc.workday.notes import Desk, NoteContent, is_open, require_writer, write_note


class Talk(enum.StrEnum):
    """A talk that has a page of its own."""

    COMPETENCE = "competence"
    MAPPING = "mapping"
    SUMMARY = "summary"
    PLAN = "plan"


#: What the note says; kept in Swedish as every note is.
TALK_WORDS: Mapping[Talk, str] = {
    Talk.COMPETENCE: N_("Samtal om kompetens"),
    Talk.MAPPING: N_("Kartläggningssamtal"),
    Talk.SUMMARY: N_("Genomgång av kartläggningen"),
    Talk.PLAN: N_("Samtal om planen"),
}
#: What one tap logs, in minutes.
CHOICES = (15, 30, 45, 60)


def log_time(
    session: Session,
    actor: Actor,
    desk: Desk,
    talk: Talk,
    minutes: int,
    *,
    today: date,
    now: datetime,
) -> Note:
    """Note how long a talk of today took. A second tap corrects the first.

    Args:
        session: a writing transaction.
        actor: who held the talk.
        desk: whom it was with.
        talk: which.
        minutes: 1 to 600.
        today: the day of the talk.
        now: when it is logged.

    Raises:
        Refused: the actor does not write about it.
    """
    require_writer(desk)
    words = TALK_WORDS[talk]
    for note in session.scalars(
        select(Note)
        .where(
            Note.about_type == desk.about_type,
            Note.about_id == desk.about_id,
            Note.author_id == actor.user_id,
            Note.happened_on == today,
            Note.archived_at.is_(None),
        )
        .with_for_update()
    ):
        if note.happened == words and note.agreed is None and is_open(note, actor, now=now):
            note.minutes = minutes
            session.flush()
            audit.record(
                session,
                actor,
                "change",
                "note",
                note.id,
                fields=["minutes"],
                subjects=[desk.about_id],
            )
            return note
    content = NoteContent(words, NoteCategory.PLANNING, today, minutes=minutes)
    return write_note(session, actor, desk, content, today=today, now=now)
