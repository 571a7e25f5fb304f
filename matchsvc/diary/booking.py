"""Booking, moving and calling off, with everything that has to be asked first.

Whom the booker may see, whether those outside may be told (PRO-13), what is taken already, and
then who is to be invited. One rule for page and program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.diary.access import BOOKERS, Shown, show
from matchsvc.diary.checks import (
    check_limits,
    check_plan,
    refuse_clashes,
    tell,
    unit_of,
)
from matchsvc.errors import NotFound
from matchsvc.messages.models import MessageState, OutboxMessage
from matchsvc.participants.access import everybody_among
from matchsvc.participants.models import Capacity, Involvement
from matchsvc.workday import meeting_plans as plans_of
from matchsvc.workday import meetings
from matchsvc.workday.meeting_models import Meeting
from matchsvc.workday.meeting_plans import Plan, participants_on
from matchsvc.workday.meeting_reads import (
    get_meeting,
    meetings_between,
)


def book(
    session: Session,
    actor: Actor,
    plan: Plan,
    *,
    owner_id: UUID | None = None,
    every_weeks: int = 1,
    times: int = 1,
    pass_clashes: bool = False,
    invite: bool = True,
    today: date,
    now: datetime,
) -> list[Meeting]:
    """Book a meeting, or a series of them, and invite those who may be told.

    Args:
        session: the transaction.
        actor: who books.
        plan: what is wanted.
        owner_id: the colleague who answers for it; None means the booker.
        every_weeks: 1 or 2.
        times: how many times.
        pass_clashes: the booker has seen what is taken and books all the same.
        invite: send invitations to those who have an address and may have them.
        today: the day in Stockholm.
        now: the instant.

    Raises:
        Refused: the role does not book.
        Invalid: a field is wrong, or somebody chosen does not exist for the booker.
        RuleViolation: a limit, a consent that is missing; with the code CLASH, something is taken.
    """
    actor.require_role(*BOOKERS)
    owner = owner_id or actor.require_user()
    unit_id = unit_of(actor)
    checked = check_plan(session, actor, plan, owner, today=today)
    days = plans_of.days_of_series(plan.day, every_weeks=every_weeks, times=times)
    plans = [replace(plan, day=day) for day in days]
    for each in plans:
        check_limits(session, each, checked, unit_id=unit_id, today=today)
    if not pass_clashes:
        refuse_clashes(session, actor, plans, unit_id=unit_id, owner_id=owner, today=today)
    series_id = uuid4() if len(plans) > 1 else None
    booked = [
        meetings.book_meeting(
            session, actor, each, unit_id=unit_id, owner_id=owner, series_id=series_id
        )
        for each in plans
    ]
    if invite:
        for meeting in booked:
            tell(session, actor, meeting, checked, now=now)
    return booked


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as its reader will see it."""

    recipient: str
    subject: str
    body: str


def letters_about(session: Session, meeting_id: UUID) -> list[Letter]:
    """The letters about a meeting that have not left."""
    found = select(OutboxMessage).where(
        OutboxMessage.cause_id == meeting_id, OutboxMessage.state == MessageState.QUEUED
    )
    rows = session.scalars(found.order_by(OutboxMessage.created_at, OutboxMessage.id))
    return [Letter(row.recipient, row.subject, row.body or "") for row in rows]


def open_meeting(
    session: Session, actor: Actor, meeting_id: UUID, *, today: date, for_update: bool = False
) -> Shown:
    """One meeting as the actor may see it, logged.

    Raises:
        NotFound: there is none, or the actor only knows that a time is busy.
    """
    meeting = get_meeting(session, actor.unit_id, meeting_id, for_update=for_update)
    (shown,) = show(session, actor, [meeting], today=today, log=not for_update)
    if shown.is_busy:
        raise NotFound("meeting")
    return shown


def quiet_among(session: Session, rows: Sequence[Meeting]) -> set[UUID]:
    """Ids of those meetings of which nothing may leave the house: somebody protected is on it."""
    ids = {key for meeting in rows for key in participants_on(meeting)}
    protected = {each.id for each in everybody_among(session, ids) if each.stays_inside}
    return {m.id for m in rows if protected & set(participants_on(m))}


def own_cases(user_id: UUID) -> Select[UUID]:
    """Ids of those whose case worker somebody is; to be narrowed by what the reader sees."""
    return select(Involvement.participant_id).where(
        Involvement.user_id == user_id,
        Involvement.capacity.in_((Capacity.CASE_WORKER, Capacity.PROTECTED_HANDLER)),
    )


def day_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """The instants at which the first day begins and the last ends, in Stockholm."""
    return plans_of.instant(first, time()), plans_of.instant(last + timedelta(days=1), time())


def read_days(
    session: Session,
    actor: Actor,
    first: date,
    last: date,
    *,
    whole_unit: bool = False,
    today: date,
    cancelled: bool = False,
) -> list[Shown]:
    """The meetings of some days, the actor's own or the unit's, as the actor may see them.

    Raises:
        Refused: the actor has no diary.
    """
    user_id = actor.require_user()
    start, end = day_bounds(first, last)
    found = meetings_between(
        session,
        unit_of(actor),
        start,
        end,
        user_id=None if whole_unit else user_id,
        # A slot of the employment service's visit is also in the diary of her case worker.
        also_with=own_cases(user_id),
        cancelled=cancelled,
    )
    shown = show(session, actor, found, today=today)
    # That somebody's busy time was called off tells that it was more than a busy time.
    return [each for each in shown if not (each.is_busy and each.meeting.cancelled_at)]
