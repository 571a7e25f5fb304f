"""What must hold when a compressed day is over: nothing lost, nothing doubled, nobody betrayed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import command_actor
from matchsvc.accounts.rules import actor_of
from matchsvc.outcomes.ways import differing
from matchsvc.participants.access import visible_participants
from matchsvc.participants.models import Capacity, Case, Involvement, Participant
from matchsvc.participants.protection import protect
from matchsvc.placements.models import FollowUp
from matchsvc.workday.meeting_models import Meeting
from matchsvc.workday.note_models import Note

WORD = "qzxvwk"  # in nobody's name


@dataclass
class Ledger:
    """What people wrote, each text of its own, and what the service said that it had saved."""

    tried: set[str] = field(default_factory=set)
    saved: set[str] = field(default_factory=set)
    logged: set[UUID] = field(default_factory=set)  # follow-ups
    _numbers: Iterable[int] = field(default_factory=lambda: count(1))

    def write(self, words: str) -> str:
        """The words, so that they can be known again; from now on they were tried."""
        words = f"{words} ({next(iter(self._numbers))})"
        self.tried.add(words)
        return words


def settled(session: Session, ledger: Ledger) -> dict[str, int]:
    """Count what is not as it should be: every figure should be 0 but ``acknowledged``."""
    kept = Counter(session.scalars(select(Note.happened)))
    kept.update(words for words in session.scalars(select(Meeting.agenda)) if words)
    done = set(session.scalars(select(FollowUp.id).where(FollowUp.held_on.is_not(None))))
    found = {
        "acknowledged": len(ledger.saved) + len(ledger.logged),
        "lost": len(ledger.saved - kept.keys()) + len(ledger.logged - done),
        "doubled": sum(kept[words] > 1 for words in ledger.tried),
        "ways_differing": differing(session),
    }
    if session.get_bind().dialect.name == "sqlite":
        found["foreign_keys"] = len(session.execute(text("pragma foreign_key_check")).all())
        found["damaged"] = session.scalar(text("pragma integrity_check")) != "ok"
    return found


@dataclass(frozen=True, slots=True)
class Planted:
    """A protected person, and the marks by which she would be known.

    Attributes:
        handlers: who may know of her.
    """

    marks: re.Pattern[str]
    handlers: frozenset[UUID]

    def is_in(self, said: str) -> bool:
        """Whether a text tells of her."""
        return bool(self.marks.search(said))

    def files_with_her(self, folder: Path) -> list[str]:
        """Which files of a folder tell of her in plain bytes, by name."""
        files = (each for each in sorted(folder.rglob("*")) if each.is_file())
        return [each.name for each in files if self.is_in(each.read_bytes().decode("latin-1"))]


def plant(session: Session, today: date) -> Planted:
    """Give somebody with a case worker a name and numbers that are found again, and protect her."""
    person = session.scalars(
        visible_participants(session, command_actor("bench"))
        .join(Case, Case.participant_id == Participant.id)
        .join(Involvement, Involvement.participant_id == Participant.id)
        .where(
            Involvement.capacity == Capacity.CASE_WORKER,
            Involvement.until.is_(None),
            Case.ended_on.is_(None),
            Participant.protected.is_(False),
        )
        .order_by(Participant.number)
        .limit(1)
    ).one()
    worker_id = session.scalars(
        select(Involvement.user_id).where(
            Involvement.participant_id == person.id,
            Involvement.capacity == Capacity.CASE_WORKER,
            Involvement.until.is_(None),
        )
    ).one()
    person.given_name, person.family_name = WORD.capitalize(), f"{WORD}å"
    # No telephone: there are too few invented numbers for one that is nobody else's.
    person.sort_key, person.phone, person.email = WORD, None, f"{WORD}@example.org"
    session.flush()
    protect(session, actor_of(session, worker_id), person.id, today=today)
    session.flush()
    handlers = select(Involvement.user_id).where(Involvement.participant_id == person.id)
    said = (WORD, str(person.id), person.id.hex)
    marks = "|".join(re.escape(each) for each in said) + rf"|\bD-{person.number}\b"
    return Planted(re.compile(marks, re.IGNORECASE), frozenset(session.scalars(handlers)))
