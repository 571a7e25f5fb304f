"""What follows when a placement's last day moves: follow-ups, the final survey, the case's bar."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.participants.cases import find_step_of
from matchsvc.placements.calendar import follow_up_due_dates, package_due_dates
from matchsvc.placements.models import FollowUp, PackagePart, Part, PartState, Placement


def carry_planned_end(
    session: Session, placement: Placement, ends_on: date | None, *, today: date
) -> None:
    """Let a placement end on another day, with everything that is planned by that day."""
    replan_follow_ups(session, placement, ends_on, today=today)
    placement.planned_end_date = ends_on
    step = find_step_of(session, placement.id)
    if step is not None:
        step.planned_end_date = ends_on
    session.flush()


def carry_start(session: Session, placement: Placement, starts_on: date) -> None:
    """Let a placement that has not begun start on another day; nothing was held yet."""
    placement.start_date = starts_on
    rows = session.scalars(
        select(FollowUp).where(FollowUp.placement_id == placement.id).order_by(FollowUp.number)
    ).all()
    due = follow_up_due_dates(starts_on, placement.planned_end_date)
    for row, day in zip(rows, due, strict=False):
        row.due_on = day
    for row in rows[len(due) :]:
        session.delete(row)  # a later start leaves fewer months; it was never to be held
    for number, day in enumerate(due[len(rows) :], start=len(rows) + 1):
        session.add(FollowUp(placement_id=placement.id, number=number, due_on=day))
    step = find_step_of(session, placement.id)
    if step is not None:
        step.start_date = starts_on
    session.flush()


def replan_follow_ups(
    session: Session, placement: Placement, ends_on: date | None, *, today: date
) -> None:
    """Plan and cancel follow-ups for another last day, and move the final survey with it."""
    added, cancelled = moved_follow_ups(session, placement, ends_on, today=today)
    for each in cancelled:
        each.cancelled_on = today
    last = session.scalar(
        select(func.max(FollowUp.number)).where(FollowUp.placement_id == placement.id)
    )
    for place, due_on in enumerate(added, start=1 + (last or 0)):
        session.add(FollowUp(placement_id=placement.id, number=place, due_on=due_on))
    due = package_due_dates(placement.start_date, ends_on, today=today)[Part.END_SURVEY]
    survey = session.scalar(
        select(PackagePart).where(
            PackagePart.placement_id == placement.id,
            PackagePart.part == Part.END_SURVEY,
            PackagePart.state == PartState.PLANNED,
        )
    )
    if survey is not None:
        survey.due_on = due


def moved_follow_ups(
    session: Session, placement: Placement, ends_on: date | None, *, today: date
) -> tuple[list[date], list[FollowUp]]:
    """Days to plan and follow-ups not needed when the placement ends on another day.

    What is due already stays, held or not: it was promised.
    """
    if ends_on is None or ends_on == placement.planned_end_date:
        return [], []  # without an end the daily job keeps one planned ahead
    planned = session.scalars(
        select(FollowUp)
        .where(FollowUp.placement_id == placement.id, FollowUp.cancelled_on.is_(None))
        .order_by(FollowUp.due_on)
    ).all()
    due = follow_up_due_dates(placement.start_date, ends_on)
    known = {each.due_on for each in planned}
    added = [day for day in due if day > today and day not in known]
    cancelled = [
        each
        for each in planned
        if each.held_on is None and each.due_on > today and each.due_on not in due
    ]
    return added, cancelled
