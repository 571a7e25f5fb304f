"""My week: what the actor has promised and what falls due, from facts (domain.md 4.1).

Tasks stand beside derived dues: next steps with employers, follow-ups to log, parts of support
packages, placements whose planned end has passed. It lives above all of what it gathers.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.activities.groups import sessions_led
from matchsvc.activities.models import GroupSession
from matchsvc.diary.access import Shown, show
from matchsvc.diary.booking import read_days
from matchsvc.employers import rules as employers
from matchsvc.employers.models import Employer, Site
from matchsvc.participants.access import ALIAS_ROLES
from matchsvc.participants.models import Participant
from matchsvc.participants.plan_flags import Attention, my_attention
from matchsvc.placements.access import READERS, Seen, only_visible, seen, visible_placements
from matchsvc.placements.follow_ups import list_my_follow_ups
from matchsvc.placements.models import (
    ChecklistItem,
    PackagePart,
    Part,
    PartState,
    Placement,
)
from matchsvc.placements.task_list import my_tasks
from matchsvc.swedish import local_date
from matchsvc.workday.meeting_reads import to_close
from matchsvc.workday.models import Task

#: The list looks this far ahead, starts and ends a little further.
WEEK = timedelta(days=6)
STARTS_AND_ENDS = timedelta(days=13)
#: Who looks after employers.
CALLERS = (Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR)
#: Who may be somebody's own worker, and so have plans to look after.
CHANGERS = (Role.CASE_WORKER, Role.UNIT_MANAGER)


class DueKind(enum.StrEnum):
    """What sort of thing is due; the page knows its words and its one action."""

    TASK = "task"
    NEXT_STEP = "next_step"
    FOLLOW_UP = "follow_up"
    PACKAGE_PART = "package_part"
    PLANNED_END = "planned_end"
    INTERPRETER = "interpreter"
    HOW_IT_WENT = "how_it_went"


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to do.

    Attributes:
        kind: what sort.
        due_on: by when.
        id: of the task, follow-up, placement or employer that its action leads to.
        code: kind of task or part of the package.
        words: what stands in the sentence: aliases and workplaces, never names of participants.
        about: kind and id of what a task is about.
        phone: whom to ring, E.164.
        version: of a task, so that done is done on what was shown.
    """

    kind: DueKind
    due_on: date
    id: UUID
    code: str = ""
    words: Mapping[str, Any] = field(default_factory=dict)
    about: tuple[str, UUID] | None = None
    phone: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A placement that starts or ends soon.

    Attributes:
        seen: the placement.
        day: the day it starts or ends.
        left: how many things of the start checklist are not done; None for an end.
        of: how many things there are.
    """

    seen: Seen
    day: date
    left: int | None = None
    of: int = 0


@dataclass(frozen=True, slots=True)
class Week:
    """Everything on the page, each list in order of day."""

    overdue: list[Due]
    today: list[Due]
    later: list[Due]
    until: date
    starts: list[Turn]
    ends: list[Turn]
    neglected: employers.NeglectedEmployers | None
    meetings: list[Shown] = field(default_factory=list)
    plans: list[Attention] = field(default_factory=list)
    sessions: list[GroupSession] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many things there are to do."""
        return len(self.overdue) + len(self.today) + len(self.later)


def my_week(session: Session, actor: Actor, *, today: date, now: datetime) -> Week:
    """What the actor has to do by the end of the coming seven days, and what is late.

    The number of queries does not depend on how much there is.

    Raises:
        Refused: the actor has no week: no user, or a role that works with neither employers nor
            participants.
    """
    actor.require_user()
    actor.require_role(*READERS)
    until = today + WEEK
    shown = read_days(session, actor, today, until, today=today)
    dues = sorted(
        [
            *_dues(session, actor, until=until, today=today),
            *_of_meetings(session, actor, shown, today=today, now=now),
        ],
        key=_order,
    )
    turns = _turns(session, actor, today=today)
    plans = my_attention(session, actor, today=today) if actor.has_role(*CHANGERS) else []
    audit.record(
        session,
        actor,
        "list",
        "my_week",
        subjects={
            *(turn.seen.participant.id for turn in turns),
            *(each.participant_id for each in plans),
        },
    )
    return Week(
        overdue=[due for due in dues if due.due_on < today],
        today=[due for due in dues if due.due_on == today],
        later=[due for due in dues if due.due_on > today],
        until=until,
        starts=[turn for turn in turns if turn.left is not None],
        ends=[turn for turn in turns if turn.left is None],
        neglected=_neglected(session, actor, today),
        meetings=shown,
        plans=plans,
        sessions=sessions_led(session, actor.require_user(), today, today),
    )


def _order(due: Due) -> tuple[date, str, str, str]:
    return due.due_on, due.kind, due.code, str(due.id)


def _dues(session: Session, actor: Actor, *, until: date, today: date) -> Iterator[Due]:
    mine = my_tasks(session, actor, today=today).where(Task.due_on <= until)
    for task in session.scalars(mine.order_by(Task.due_on, Task.id)):
        yield Due(
            DueKind.TASK,
            task.due_on,
            task.id,
            code=task.kind,
            words={**task.words, "own_words": task.own_words},
            about=(task.about_type, task.about_id),
            version=task.version,
        )
    if actor.has_role(*ALIAS_ROLES):
        yield from _next_steps(session, actor, until)
    for follow_up, shown in list_my_follow_ups(session, actor, until=until, today=today):
        yield Due(DueKind.FOLLOW_UP, follow_up.due_on, follow_up.id, words=_words(shown))
    yield from _parts(session, actor, until=until, today=today)
    yield from _planned_ends(session, actor, today=today)


def _of_meetings(
    session: Session, actor: Actor, coming: list[Shown], *, today: date, now: datetime
) -> Iterator[Due]:
    """Interpreters to book, and meetings of which nobody has written how they went."""
    for shown in coming:
        if shown.lacks_interpreter and shown.meeting.owner_id == actor.user_id:
            day = local_date(shown.meeting.starts_at)
            words = {"kind": shown.meeting.kind, "day": day, "with": _aliases(shown)}
            yield Due(DueKind.INTERPRETER, today, shown.meeting.id, words=words)
    held = to_close(session, actor.require_user(), now=now)
    for shown in show(session, actor, held, today=today) if held else ():
        day = local_date(shown.meeting.starts_at)
        words = {"kind": shown.meeting.kind, "with": _aliases(shown)}
        yield Due(DueKind.HOW_IT_WENT, day, shown.meeting.id, words=words)


def _aliases(shown: Shown) -> str:
    return ", ".join(person.alias for person in shown.people if person.alias)


def _words(shown: Seen) -> dict[str, str]:
    return {"alias": shown.participant.alias, "site": shown.site.name}


def _next_steps(session: Session, actor: Actor, until: date) -> Iterator[Due]:
    for step in employers.next_steps_due(session, actor, until):
        if step.next_on is None:
            continue
        contact = step.contact
        yield Due(
            DueKind.NEXT_STEP,
            step.next_on,
            step.employer_id,
            words={
                "step": step.next_step,
                "employer": step.employer.name,
                "contact": contact.name if contact else "",
            },
            phone=contact.phone if contact else None,
        )


def _looks_after(actor: Actor) -> ColumnElement[bool]:
    """The liaison looks after the employer of a placement, else its case worker."""
    return func.coalesce(Placement.liaison_id, Placement.case_worker_id) == actor.user_id


def _is_current() -> ColumnElement[bool]:
    return and_(
        Placement.end_date.is_(None),
        Placement.called_off_on.is_(None),
        Placement.is_history.is_(False),
    )


def _parts(session: Session, actor: Actor, *, until: date, today: date) -> Iterator[Due]:
    found = only_visible(
        select(PackagePart, Placement, Participant, Site, Employer).join_from(
            Placement, PackagePart, PackagePart.placement_id == Placement.id
        ),
        actor,
        today=today,
    ).where(
        _looks_after(actor),
        _is_current(),
        PackagePart.state == PartState.PLANNED,
        PackagePart.part != Part.END_SURVEY,  # sent by the end of the placement itself
        PackagePart.due_on <= until,
    )
    rows = session.execute(found.order_by(PackagePart.due_on, PackagePart.position)).all()
    shown = seen(session, actor, [tuple(row)[1:] for row in rows], today=today)
    # One row a placement, however many of its parts wait.
    waiting: dict[UUID, list[tuple[PackagePart, Seen]]] = {}
    for row, one in zip(rows, shown, strict=True):
        waiting.setdefault(one.placement.id, []).append((row[0], one))
    for placement_id, parts in waiting.items():
        first, one = parts[0]
        if first.due_on is not None:
            words: dict[str, Any] = {**_words(one), "count": len(parts)}
            yield Due(
                DueKind.PACKAGE_PART, first.due_on, placement_id, code=first.part, words=words
            )


def _planned_ends(session: Session, actor: Actor, *, today: date) -> Iterator[Due]:
    found = visible_placements(actor, today=today).where(
        Placement.case_worker_id == actor.user_id,
        _is_current(),
        Placement.planned_end_date < today,
    )
    rows = session.execute(found).all()
    for one in seen(session, actor, rows, today=today):
        end = one.placement.planned_end_date
        if end is not None:
            yield Due(DueKind.PLANNED_END, end, one.placement.id, words=_words(one))


def _turns(session: Session, actor: Actor, *, today: date) -> list[Turn]:
    soon = today + STARTS_AND_ENDS
    found = visible_placements(actor, today=today).where(
        or_(
            Placement.liaison_id == actor.user_id,
            Placement.case_worker_id == actor.user_id,
            Placement.supervisor_id == actor.user_id,
        ),
        _is_current(),
        or_(
            Placement.start_date.between(today, soon),
            Placement.planned_end_date.between(today, soon),
        ),
    )
    rows = seen(session, actor, session.execute(found).all(), today=today)
    done = _ticked(session, [one.placement.id for one in rows])
    turns = []
    for one in rows:
        start, end = one.placement.start_date, one.placement.planned_end_date
        if today <= start <= soon:
            ticked, of = done.get(one.placement.id, (0, 0))
            turns.append(Turn(one, start, left=of - ticked, of=of))
        if end is not None and today <= end <= soon:
            turns.append(Turn(one, end))
    return sorted(turns, key=lambda turn: (turn.day, turn.seen.site.name))


def _ticked(session: Session, placement_ids: list[UUID]) -> dict[UUID, tuple[int, int]]:
    if not placement_ids:
        return {}
    rows = session.execute(
        select(ChecklistItem.placement_id, func.count(ChecklistItem.done_on), func.count())
        .where(ChecklistItem.placement_id.in_(placement_ids))
        .group_by(ChecklistItem.placement_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _neglected(session: Session, actor: Actor, today: date) -> employers.NeglectedEmployers | None:
    if not actor.has_role(*CALLERS):
        return None
    return employers.neglected_employers(session, actor, today)
