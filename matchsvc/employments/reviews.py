"""The answer to "full time has worked for a month: is it time for a job?" (PLA-03).

The question is a task (``placements/full_time.py``). Each answer leads somewhere: to the form of a
job, to one on part time with work training beside it, or to the day when it is asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.employments.models import EmploymentReview, ReviewAnswer
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.placements.access import Seen, get_placement, require_decider
from matchsvc.placements.full_time import KIND
from matchsvc.placements.models import Placement
from matchsvc.swedish import contains_identity_number
from matchsvc.workday.rules import settle_tasks

#: The same question again, on the day that was chosen.
AGAIN = "review_employment_again"


@dataclass(frozen=True, slots=True)
class Review:
    """The question about one placement.

    Attributes:
        seen: the placement.
        answers: what was said, the latest first.
    """

    seen: Seen
    answers: Sequence[EmploymentReview]


def open_review(session: Session, actor: Actor, placement_id: UUID, *, today: date) -> Review:
    """The question and what was answered before; the read is logged.

    Raises:
        NotFound: unknown or hidden.
        Refused: the actor may not decide on the participant.
    """
    seen = get_placement(session, actor, placement_id, today=today)
    require_decider(actor, seen.sight)
    audit.record(session, actor, "read", "placement", placement_id, subjects=[seen.participant.id])
    return Review(seen, _answers(session, placement_id))


def _answers(session: Session, placement_id: UUID) -> Sequence[EmploymentReview]:
    return session.scalars(
        select(EmploymentReview)
        .where(EmploymentReview.placement_id == placement_id)
        .order_by(EmploymentReview.created_at.desc(), EmploymentReview.id)
    ).all()


def answer_review(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    *,
    answer: ReviewAnswer,
    why: str | None = None,
    look_again_on: date | None = None,
    today: date,
    now: datetime,
) -> EmploymentReview:
    """Say whether it is time for a job; the task is done by it.

    Raises:
        NotFound, Refused: as :func:`open_review`.
        RuleViolation: the placement has ended.
        Invalid: "not yet" without why or without a day to come; an identity number.
    """
    seen = get_placement(session, actor, placement_id, today=today, for_update=True)
    require_decider(actor, seen.sight)
    if seen.placement.end_date is not None or seen.placement.called_off_on is not None:
        raise RuleViolation("placement_ended", N_("Placeringen är slut. Då ändras inget mer."))
    wrong: dict[str, str] = {}
    if answer is ReviewAnswer.NOT_YET:
        if not (why or "").strip():
            wrong["why"] = N_("Skriv varför det är för tidigt. Skriv inget om hälsa.")
        if look_again_on is None or look_again_on <= today:
            wrong["look_again_on"] = N_("Välj en dag som kommer.")
    if contains_identity_number(why or "", today=today):
        wrong["why"] = N_("Ta bort personnumret ur texten. Det har ett eget fält.")
    if wrong:
        raise Invalid(wrong)
    row = EmploymentReview(
        placement_id=placement_id,
        answered_on=today,
        answer=answer,
        why=why,
        look_again_on=look_again_on if answer is ReviewAnswer.NOT_YET else None,
        by_id=actor.user_id,
    )
    session.add(row)
    session.flush()
    audit.record(
        session, actor, "create", "employment_review", row.id, subjects=[seen.participant.id]
    )
    settle_tasks(session, actor, (KIND, AGAIN), placement_id, now=now)
    return row


def to_ask_again(session: Session, *, today: date) -> list[tuple[Placement, date]]:
    """Placements that go on and whose latest answer was "not yet", with the day. For the job."""
    rows = session.execute(
        select(EmploymentReview, Placement)
        .join(Placement, Placement.id == EmploymentReview.placement_id)
        .where(
            Placement.end_date.is_(None),
            Placement.called_off_on.is_(None),
            Placement.case_worker_id.is_not(None),
        )
        .order_by(EmploymentReview.created_at, EmploymentReview.id)
    )
    latest = {placement.id: (placement, review.look_again_on) for review, placement in rows}
    return [(placement, day) for placement, day in latest.values() if day and day <= today]
