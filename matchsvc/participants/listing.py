"""The list of participants: the actor's own first, then the unit's by alias."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, selectinload
from sqlalchemy.sql.elements import ColumnElement

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.rules import names_of
from matchsvc.participants.access import (
    FULL_CAPACITIES,
    Sight,
    shown_name,
    sight_of,
    visible_participants,
)
from matchsvc.participants.mapping_models import MappingSummary, SummaryState
from matchsvc.participants.models import (
    Capacity,
    Case,
    ExitDestination,
    Involvement,
    Participant,
    Step,
    Wish,
)
from matchsvc.participants.profile import missing_before_ready
from matchsvc.swedish import sort_key

PAGE_SIZE = 50
_NAMED = (*FULL_CAPACITIES, Capacity.SUPERVISOR)


class Scope(enum.StrEnum):
    """Which participants a list shows."""

    OPEN = "open"
    MINE = "mine"
    ENDED = "ended"
    NO_DESTINATION = "no_destination"  # ended, and nobody knows to what: the statistics lack it


class Status(enum.StrEnum):
    """Where somebody is, derived from her steps; the furthest of those that run."""

    MAPPING = "mapping"
    MATCHING = "matching"
    WORK_TRAINING = "work_training"
    WORK = "work"
    ENDED = "ended"


class NextStep(enum.StrEnum):
    """What is to be done next, derived from what is there."""

    ALLOCATE = "allocate"
    ASK_INFORMAL = "ask_informal"
    RECORD_WISH = "record_wish"
    SIGN_MAPPING = "sign_mapping"
    SET_READY = "set_ready"
    PROPOSE = "propose"
    FOLLOW_UP = "follow_up"
    SUPPORT = "support"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Line:
    """One participant in a list.

    Attributes:
        participant: the row, with cases and steps loaded.
        case: the latest case, if any.
        sight: how much the actor sees.
        name: the name or the alias, by sight.
        status: where she is.
        next_step: what is next.
        wait_days: days since she became ready, while nothing has begun; else None.
        case_worker: the responsible user's name, if any.
    """

    participant: Participant
    case: Case | None
    sight: Sight
    name: str
    status: Status
    next_step: NextStep
    wait_days: int | None
    case_worker: str | None


@dataclass(frozen=True, slots=True)
class Lines:
    """One page of a list; pages count from 1."""

    lines: Sequence[Line]
    page: int
    pages: int
    total: int


def list_participants(
    session: Session,
    actor: Actor,
    *,
    today: date,
    scope: Scope = Scope.OPEN,
    search: str = "",
    page: int = 1,
) -> Lines:
    """A page of participants. The log gets one row with the ids shown.

    Args:
        session: a transaction.
        actor: who asks.
        today: decides what is open and whose involvement counts.
        scope: open cases, the actor's own, ended ones, or ended ones without a destination.
        search: an alias, or words of the name of the actor's own. Names of others, and of
            protected people, are never searched.
        page: from 1; beyond the last gives the last.
    """
    mine = _mine(actor, today)
    found = visible_participants(session, actor, today=today).where(_in_scope(scope, mine, today))
    if search.strip():
        found = found.where(_is_like(search, mine))
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, page), pages)
    # Others in order of number: their names' order would tell something about them.
    rows = session.scalars(
        found.options(selectinload(Participant.cases).selectinload(Case.steps))
        .order_by(case((mine, 0), else_=1), case((mine, Participant.sort_key), else_=""))
        .order_by(Participant.number)
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    ).all()
    lines = _lines(session, actor, rows, today=today)
    audit.record(
        session,
        actor,
        "search" if search.strip() else "list",
        "participant",
        subjects=[row.id for row in rows],
    )
    return Lines(lines, page, pages, total)


def _mine(actor: Actor, today: date) -> ColumnElement[bool]:
    return exists().where(
        Involvement.participant_id == Participant.id,
        Involvement.user_id == actor.user_id,
        Involvement.capacity.in_(_NAMED),
        or_(Involvement.until.is_(None), Involvement.until >= today),
    )


def _in_scope(scope: Scope, mine: ColumnElement[bool], today: date) -> ColumnElement[bool]:
    is_open = exists().where(
        Case.participant_id == Participant.id,
        or_(Case.ended_on.is_(None), Case.ended_on > today),
    )
    if scope is Scope.ENDED:
        return ~is_open
    if scope is Scope.NO_DESTINATION:
        later = aliased(Case)
        is_latest = ~exists().where(
            later.participant_id == Case.participant_id, later.enrolled_on > Case.enrolled_on
        )
        unknown = or_(
            Case.exit_destination.is_(None), Case.exit_destination == ExitDestination.UNKNOWN
        )
        return and_(
            ~is_open, exists().where(Case.participant_id == Participant.id, is_latest, unknown)
        )
    return and_(mine, is_open) if scope is Scope.MINE else is_open


def _is_like(search: str, mine: ColumnElement[bool]) -> ColumnElement[bool]:
    words = search.strip()[:100]
    number = words.upper().removeprefix("D-")
    is_called: ColumnElement[bool] = Participant.external_id == words
    if number.isascii() and number.isdigit() and len(number) < 10:  # noqa: PLR2004
        is_called = or_(is_called, Participant.number == int(number))
    by_name = [
        Participant.sort_key.contains(sort_key(word), autoescape=True) for word in words.split()
    ]
    return or_(is_called, and_(mine, Participant.protected.is_(False), *by_name))


def _lines(
    session: Session, actor: Actor, rows: Sequence[Participant], *, today: date
) -> list[Line]:
    ids = [row.id for row in rows]
    sights = sight_of(session, actor, ids, today=today)
    with_wish = set(
        session.scalars(select(Wish.participant_id).where(Wish.participant_id.in_(ids)).distinct())
    )
    latest = {row.id: row.cases[0] if row.cases else None for row in rows}
    mapped = set(
        session.scalars(
            select(MappingSummary.case_id).where(
                MappingSummary.case_id.in_([held.id for held in latest.values() if held]),
                MappingSummary.state == SummaryState.SIGNED,
            )
        )
    )
    workers = names_of(session, [held.case_worker_id for held in latest.values() if held])
    lines = []
    for row in rows:
        held, sight = latest[row.id], sights.get(row.id, Sight.ALIAS)
        status = status_of(row, held, today=today)
        lines.append(
            Line(
                participant=row,
                case=held,
                sight=sight,
                name=shown_name(row, sight),
                status=status,
                next_step=next_step_of(
                    row,
                    held,
                    status,
                    has_wish=row.id in with_wish,
                    has_mapping=held is not None and held.id in mapped,
                ),
                wait_days=wait_days(row, status, today=today),
                case_worker=workers.get(held.case_worker_id) if held else None,
            )
        )
    return lines


def status_of(participant: Participant, held: Case | None, *, today: date) -> Status:
    """Where she is: the furthest step that runs today; without one, by whether she is ready."""
    if held is None or (held.ended_on is not None and held.ended_on <= today):
        return Status.ENDED
    running = {
        step.step
        for step in held.steps
        if step.start_date <= today and (step.end_date is None or step.end_date >= today)
    }
    for step in (Step.WORK, Step.WORK_TRAINING):
        if step in running:
            return Status(step.value)
    if Step.MATCHING in running or participant.ready_on is not None:
        return Status.MATCHING
    return Status.MAPPING


def next_step_of(
    participant: Participant,
    held: Case | None,
    status: Status,
    *,
    has_wish: bool,
    has_mapping: bool,
) -> NextStep:
    """What is to be done next."""
    if held is None or status is Status.ENDED:
        return NextStep.NONE
    if held.case_worker_id is None:
        return NextStep.ALLOCATE
    if status is Status.WORK:
        return NextStep.SUPPORT
    if status is Status.WORK_TRAINING:
        return NextStep.FOLLOW_UP
    if participant.ready_on is not None:
        return NextStep.PROPOSE
    missing = missing_before_ready(participant, has_wish=has_wish, has_mapping=has_mapping)
    steps = {
        "informal": NextStep.ASK_INFORMAL,
        "wish": NextStep.RECORD_WISH,
        "mapping": NextStep.SIGN_MAPPING,
    }
    return next((step for code, step in steps.items() if code in missing), NextStep.SET_READY)


def wait_days(participant: Participant, status: Status, *, today: date) -> int | None:
    """Days since she became ready, while she waits for a place; else None."""
    if status is not Status.MATCHING or participant.ready_on is None:
        return None
    return max(0, (today - participant.ready_on).days)
