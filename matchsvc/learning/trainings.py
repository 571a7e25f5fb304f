"""The register of trainings: who has completed what, and what lacks (REP-09; REP-05 item 7).

A colleague sees her own; the unit's manager sees everybody's. To all others there is only the
share, and no share of fewer colleagues than a figure may be of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.learning.models import Level, Training, TrainingDone
from matchsvc.learning.staff import KEEPERS, READERS, WORKERS, colleagues, unit_of
from matchsvc.participants.own import plain_text
from matchsvc.reports.limits import limits_of
from matchsvc.reports.outcomes import Share
from matchsvc.swedish import sort_key
from matchsvc.workday.models import Task
from matchsvc.workday.rules import is_colleague, open_tasks, write_task

#: The list that a unit can begin with: code, name, whether it has two levels.
STARTER: Final[tuple[tuple[str, str, bool], ...]] = (
    ("sassam", "SASSAM, grund", False),
    ("gender_awareness", "Genusmedvetenhet", False),
    ("interpreter", "Att arbeta med tolk", False),
    ("discrimination", "Diskriminering och likabehandling", False),
    ("protected_identity", "Skyddade personuppgifter", False),
    ("igma_method", "igma 1: Metoden", True),
    ("igma_coaching", "igma 2: Vägledning och coachning", True),
    ("igma_profiling", "igma 3: Profilering och bedömning", True),
    ("igma_employers", "igma 4: Kontakt med arbetsgivare", True),
)
#: The levels of a training that has them, in order; anything else is completed whole.
LEVELS = (Level.KNOWLEDGE, Level.APPLICATION)
WHOLE = (Level.COMPLETED,)


@dataclass(frozen=True, slots=True)
class Line:
    """One training and level.

    Attributes:
        training, level: which.
        mine: the day on which the reader completed it.
        is_lacking: whether it is expected of the reader and not done.
        share: colleagues who have completed it, of all; hidden for so few colleagues.
        done, lacking: names and days, and names, for the manager alone.
    """

    training: Training
    level: Level
    mine: date | None
    is_lacking: bool
    share: Share
    done: Sequence[tuple[UUID, str, date]]
    lacking: Sequence[tuple[UUID, str]]


@dataclass(frozen=True, slots=True)
class Register:
    """The unit's trainings; who has all that are expected, of all; and what was ended."""

    lines: Sequence[Line]
    whole: Share
    ended: Sequence[Training]

    @property
    def lacking(self) -> Sequence[Line]:
        """What the reader lacks."""
        return [line for line in self.lines if line.is_lacking]


def levels_of(training: Training) -> tuple[Level, ...]:
    """What can be completed of a training, in order."""
    return LEVELS if training.has_levels else WHOLE


def read_register(session: Session, actor: Actor) -> Register:
    """The register as the actor may see it. A fixed number of queries.

    Raises:
        Refused: the actor neither works in a unit nor counts.
    """
    actor.require_role(*READERS)
    unit_id = unit_of(actor)
    staff = colleagues(session, unit_id)
    every = session.scalars(
        select(Training).where(Training.unit_id == unit_id).order_by(Training.sort_key)
    ).all()
    rows = session.scalars(
        select(TrainingDone)
        .join(Training, Training.id == TrainingDone.training_id)
        .where(Training.unit_id == unit_id)
    )
    days: Mapping[tuple[UUID, Level], dict[UUID, date]] = defaultdict(dict)
    for row in rows:
        days[row.training_id, row.level][row.user_id] = row.completed_on
    least = limits_of(session, unit_id).count
    sees_names = actor.has_role(*KEEPERS)
    works = any(each.id == actor.user_id for each in staff)

    def share(persons: int) -> Share:
        is_hidden = len(staff) < least and not sees_names
        return Share(None, None) if is_hidden else Share(persons, len(staff))

    lines = []
    for training in every:
        if training.ended_on is not None:
            continue
        for level in levels_of(training):
            known = days.get((training.id, level), {})
            mine = known.get(actor.user_id) if actor.user_id else None
            there = [each for each in staff if each.id in known]
            lines.append(
                Line(
                    training,
                    level,
                    mine,
                    works and training.is_expected and mine is None,
                    share(len(there)),
                    [(each.id, each.name, known[each.id]) for each in there] if sees_names else (),
                    [(each.id, each.name) for each in staff if each.id not in known]
                    if sees_names
                    else (),
                )
            )
    expected = [
        days.get((line.training.id, line.level), {}) for line in lines if line.training.is_expected
    ]
    whole = sum(all(each.id in known for known in expected) for each in staff) if expected else 0
    audit.record(session, actor, "read", "training")
    return Register(lines, share(whole), [each for each in every if each.ended_on is not None])


def register_data(register: Register) -> dict[str, object]:
    """The register for a program: shares and the reader's own days, never a name."""
    return {
        "all_expected": {"n": register.whole.n, "of": register.whole.of},
        "trainings": [
            {
                "id": line.training.id,
                "name": line.training.name,
                "level": line.level,
                "is_expected": line.training.is_expected,
                "completed": line.share.n,
                "of": line.share.of,
                "mine": line.mine,
            }
            for line in register.lines
        ],
    }


def switch_on_starter(session: Session, actor: Actor) -> int:
    """Add what the unit lacks of the starting list; says how many were added.

    Raises:
        Refused: not a manager.
    """
    actor.require_role(*KEEPERS)
    unit_id = unit_of(actor)
    known = set(session.scalars(select(Training.code).where(Training.unit_id == unit_id)))
    made = [
        Training(
            unit_id=unit_id,
            code=code,
            name=name,
            sort_key=sort_key(name),
            has_levels=has_levels,
            # Its modules are a method of its own, which not every unit works by.
            is_expected=not has_levels,
        )
        for code, name, has_levels in STARTER
        if code not in known
    ]
    session.add_all(made)
    session.flush()
    for row in made:
        audit.record(session, actor, "create", "training", row.id)
    return len(made)


def add_training(
    session: Session,
    actor: Actor,
    *,
    name: str,
    has_levels: bool,
    is_expected: bool,
    today: date,
) -> Training:
    """Put a training of the unit's own on the list.

    Raises:
        Refused: not a manager.
        Invalid: the name is there already, or holds an identity number.
    """
    actor.require_role(*KEEPERS)
    unit_id = unit_of(actor)
    words = plain_text("name", name, today=today)
    if words is None:
        raise Invalid({"name": N_("Fyll i det här.")})
    same = select(Training.id).where(
        Training.unit_id == unit_id, Training.sort_key == sort_key(words)
    )
    if session.scalar(same) is not None:
        raise Invalid({"name": N_("Utbildningen finns redan i listan.")})
    row = Training(
        unit_id=unit_id,
        code=None,
        name=words,
        sort_key=sort_key(words),
        has_levels=has_levels,
        is_expected=is_expected,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "create", "training", row.id)
    return row


def change_training(
    session: Session,
    actor: Actor,
    training_id: UUID,
    *,
    is_expected: bool,
    ended: bool,
    version: int | None,
    today: date,
) -> Training:
    """Say whether a training is expected of everybody, and whether it is still on the list.

    Raises:
        Refused: not a manager.
        NotFound: unknown, or another unit's.
        Conflict: it was saved since.
    """
    actor.require_role(*KEEPERS)
    row = get_training(session, actor, training_id)
    check_version(row, version)
    row.is_expected = is_expected
    row.ended_on = (row.ended_on or today) if ended else None
    session.flush()
    audit.record(session, actor, "change", "training", row.id, fields=["is_expected", "ended_on"])
    return row


def get_training(session: Session, actor: Actor, training_id: UUID) -> Training:
    """One training of the actor's unit.

    Raises:
        NotFound: unknown, or another unit's.
    """
    row = session.scalar(
        select(Training)
        .where(Training.id == training_id, Training.unit_id == unit_of(actor))
        .with_for_update()
    )
    if row is None:
        raise NotFound("training")
    return row


def note_done(
    session: Session,
    actor: Actor,
    training_id: UUID,
    *,
    level: Level,
    completed_on: date,
    today: date,
    user_id: UUID | None = None,
) -> TrainingDone:
    """Note that the actor, or a colleague of the manager's, completed a training.

    Args:
        session: a writing transaction.
        actor: who notes it.
        training_id: which training.
        level: of :func:`levels_of`.
        completed_on: the day, not later than today.
        today: the day.
        user_id: a colleague; None is the actor.

    Raises:
        Refused: it is somebody else's, and the actor is no manager.
        NotFound: the training is unknown, or another unit's.
        Invalid: a day to come, a level that it has not, nobody of the unit.
        RuleViolation: the training has ended, or it is noted already.
    """
    actor.require_role(*WORKERS)
    owner = user_id or actor.user_id
    if owner != actor.user_id:
        actor.require_role(*KEEPERS)
    training = get_training(session, actor, training_id)
    if training.ended_on is not None:
        raise RuleViolation("ended", N_("Utbildningen är borttagen ur listan."))
    if level not in levels_of(training):
        raise Invalid({"level": N_("Utbildningen har inte den nivån. Välj en av dem som visas.")})
    if completed_on > today:
        raise Invalid({"completed_on": N_("Dagen har inte varit än. Skriv när den var klar.")})
    if owner is None or not is_colleague(session, owner, unit_of(actor)):
        raise Invalid({"user_id": N_("Välj någon i enheten.")})
    known = select(TrainingDone.id).where(
        TrainingDone.training_id == training.id,
        TrainingDone.user_id == owner,
        TrainingDone.level == level,
    )
    if session.scalar(known) is not None:
        raise RuleViolation("noted", N_("Det är redan noterat. Ta bort det först för att ändra."))
    row = TrainingDone(
        training_id=training.id,
        user_id=owner,
        level=level,
        completed_on=completed_on,
        noted_by_id=actor.user_id,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "create", "training_done", row.id)
    return row


def take_back(
    session: Session,
    actor: Actor,
    training_id: UUID,
    *,
    level: Level,
    user_id: UUID | None = None,
) -> None:
    """Take away what was noted by mistake: one's own, or a colleague's by the manager.

    Raises:
        Refused: it is somebody else's, and the actor is no manager.
        NotFound: nothing is noted.
    """
    actor.require_role(*WORKERS)
    owner = user_id or actor.user_id
    if owner != actor.user_id:
        actor.require_role(*KEEPERS)
    training = get_training(session, actor, training_id)
    row = session.scalar(
        select(TrainingDone).where(
            TrainingDone.training_id == training.id,
            TrainingDone.user_id == owner,
            TrainingDone.level == level,
        )
    )
    if row is None:
        raise NotFound("training_done")
    audit.record(session, actor, "delete", "training_done", row.id)
    session.delete(row)
    session.flush()


def remind(
    session: Session, actor: Actor, training_id: UUID, *, words: str, due_on: date, today: date
) -> int:
    """Give everybody who lacks a training a task to take it; says how many got one.

    Who has the same open task already gets no second one.

    Args:
        session: a writing transaction.
        actor: the manager.
        training_id: which.
        words: the sentence of the task, in the unit's language.
        due_on: the last day.
        today: the day.

    Raises:
        Refused: not a manager.
        NotFound: unknown, or another unit's.
        Invalid: a day that has been.
    """
    actor.require_role(*KEEPERS)
    training = get_training(session, actor, training_id)
    done: dict[UUID, set[Level]] = defaultdict(set)
    for row in session.scalars(select(TrainingDone).where(TrainingDone.training_id == training.id)):
        done[row.user_id].add(row.level)
    wanted = set(levels_of(training))
    asked = {
        task.owner_id
        for task in session.scalars(
            open_tasks().where(Task.about_type == "unit", Task.about_id == unit_of(actor))
        )
        if task.own_words == words
    }
    lacking = [
        each.id
        for each in colleagues(session, unit_of(actor))
        if not wanted <= done[each.id] and each.id not in asked
    ]
    for owner_id in lacking:
        write_task(
            session,
            actor,
            unit_id=unit_of(actor),
            owner_id=owner_id,
            own_words=words,
            about_type="unit",
            about_id=unit_of(actor),
            due_on=due_on,
            today=today,
        )
    return len(lacking)
