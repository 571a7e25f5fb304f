"""The case worker completes what was logged; which follow-ups are late, and which wait (PLA-05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User
from matchsvc.accounts.settings import number
from matchsvc.db import check_version
from matchsvc.employers.models import Employer, Site
from matchsvc.errors import N_, Invalid, Refused, RuleViolation
from matchsvc.follow_ups.keeping import TASK_COMPLETE
from matchsvc.follow_ups.opening import get_follow_up
from matchsvc.follow_ups.states import FollowUpState, may_become
from matchsvc.participants.models import Participant
from matchsvc.placements.access import Seen, only_visible, seen
from matchsvc.placements.careful import mentions_health
from matchsvc.placements.models import FollowUp, Placement
from matchsvc.swedish import contains_identity_number
from matchsvc.workday.rules import settle_tasks

#: Who sees what is late: a case worker her own, a manager or coordinator all of the unit's.
LEADS = (Role.UNIT_MANAGER, Role.PLACEMENT_COORDINATOR)
LATE_READERS = (Role.CASE_WORKER, *LEADS)
PAGE_SIZE = 50
_Rows = Select[FollowUp, Placement, Participant, Site, Employer]


def complete_follow_up(
    session: Session,
    actor: Actor,
    follow_up_id: UUID,
    *,
    words: str | None = None,
    keeps_health_words: bool = False,
    version: int | None = None,
    today: date,
    now: datetime,
) -> FollowUp:
    """The participant's own case worker has gone through it; what she adds stands beside it.

    Raises:
        NotFound: hidden or unknown.
        Refused: not her own case worker.
        RuleViolation: it is not logged.
        Invalid: words about health, or an identity number.
        Conflict: it was saved since.
    """
    opened = get_follow_up(session, actor, follow_up_id, today=today, for_update=True)
    row = opened.follow_up
    if not opened.may_complete:
        raise Refused("not_your_case")
    check_version(row, version)
    if not may_become(row, FollowUpState.COMPLETED):
        raise RuleViolation("not_logged", N_("Uppföljningen är inte loggad än."))
    text = (words or "").strip()
    if contains_identity_number(text, today=today):
        raise Invalid({"words": N_("Texten innehåller ett personnummer. Ta bort det.")})
    if mentions_health(text) and not keeps_health_words:
        raise Invalid(
            {
                "words": N_(
                    "Det ser ut att handla om hälsa. Skriv om vad som behövs på arbetsplatsen "
                    "i stället, eller kryssa i att texten ska stå kvar."
                )
            }
        )
    row.completed_at, row.completed_by_id = now, actor.require_user()
    row.completion_words = text or row.completion_words
    session.flush()
    placement_id = opened.seen.placement.id
    if session.scalar(_waiting_at(placement_id).limit(1)) is None:
        settle_tasks(session, actor, [TASK_COMPLETE], placement_id, now=now)
    audit.record(
        session,
        actor,
        "change",
        "follow_up",
        row.id,
        subjects=[opened.seen.participant.id],
        fields=["completed_at"],
    )
    return row


@dataclass(frozen=True, slots=True)
class Late:
    """A follow-up that is late, and who logs it."""

    follow_up: FollowUp
    seen: Seen
    logger: str | None
    days: int


@dataclass(frozen=True, slots=True)
class LatePage:
    """A page of what is late, the longest wait first, and of what waits to be completed.

    Attributes:
        rows: late ones; whoever they are about, only the wait orders them.
        total: on all pages.
        page: from 1.
        pages: at least 1.
        to_complete: logged by somebody else and not gone through, for the reader.
        grace: days after the last day before one counts as late.
    """

    rows: Sequence[Late]
    total: int
    page: int
    pages: int
    to_complete: Sequence[tuple[FollowUp, Seen]]
    grace: int


def list_late(session: Session, actor: Actor, *, today: date, page: int = 1) -> LatePage:
    """What is late: one's own as case worker, the unit's as its manager or coordinator. Logged.

    The number of queries does not depend on how much there is.

    Raises:
        Refused: another role.
    """
    actor.require_role(*LATE_READERS)
    grace = number(session, actor.unit_id, "follow_up_grace_days")
    found = _visible(actor, today).where(
        FollowUp.held_on.is_(None),
        FollowUp.cancelled_on.is_(None),
        FollowUp.due_on < today - timedelta(days=grace),
        Placement.is_history.is_(False),
        Placement.called_off_on.is_(None),
        *_whose(actor),
    )
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    found = found.order_by(FollowUp.due_on, FollowUp.id)
    late = session.execute(found.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    waiting = session.execute(
        _visible(actor, today)
        .where(
            Placement.case_worker_id == actor.user_id,
            FollowUp.held_on.is_not(None),
            FollowUp.completed_at.is_(None),
            FollowUp.logged_at.is_not(None),
            Placement.end_date.is_(None),
        )
        .order_by(FollowUp.held_on, FollowUp.id)
        .limit(PAGE_SIZE)
    ).all()
    rows = seen(session, actor, [tuple(row)[1:] for row in (*late, *waiting)], today=today)
    audit.record(session, actor, "list", "follow_up", subjects={row.participant.id for row in rows})
    names = _names(session, rows)
    return LatePage(
        rows=[
            Late(
                row[0],
                one,
                names.get(one.placement.supervisor_id or one.placement.case_worker_id),
                (today - row[0].due_on).days,
            )
            for row, one in zip(late, rows, strict=False)
        ],
        total=total,
        page=page,
        pages=pages,
        to_complete=[(row[0], one) for row, one in zip(waiting, rows[len(late) :], strict=True)],
        grace=grace,
    )


def _visible(actor: Actor, today: date) -> _Rows:
    found = select(FollowUp, Placement, Participant, Site, Employer)
    return only_visible(
        found.join_from(Placement, FollowUp, FollowUp.placement_id == Placement.id),
        actor,
        today=today,
    )


def _whose(actor: Actor) -> list[ColumnElement[bool]]:
    if actor.has_role(*LEADS):
        return []
    return [Placement.case_worker_id == actor.user_id]


def _names(session: Session, rows: Sequence[Seen]) -> dict[UUID | None, str]:
    ids = {one.placement.supervisor_id or one.placement.case_worker_id for one in rows}
    found = session.execute(select(User.id, User.name).where(User.id.in_(ids - {None})))
    return {row[0]: row[1] for row in found}


def _waiting_at(placement_id: UUID) -> Select[UUID]:
    return select(FollowUp.id).where(
        FollowUp.placement_id == placement_id,
        FollowUp.held_on.is_not(None),
        FollowUp.completed_at.is_(None),
    )
