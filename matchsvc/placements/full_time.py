"""A month at full time that works: time to look at employment (PLA-03). Nothing ends by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts.actors import job_actor
from matchsvc.accounts.settings import numbers_by_unit
from matchsvc.employers.models import Site
from matchsvc.placements.models import FollowUp, Placement
from matchsvc.workday.models import Task
from matchsvc.workday.rules import add_task

KIND = "review_employment"
#: "About one month": full time since 2 March is looked at on 1 April (ACC-5).
MONTH = timedelta(days=30)


def full_time_since(
    start: date, hours_start: int | None, held: Iterable[FollowUp], *, full_week: int
) -> date | None:
    """Since when somebody has worked full time without a break, when it works well.

    Args:
        start: the placement's first day.
        hours_start: hours a week from then on; None when nobody has said.
        held: the follow-ups that were held, in order.
        full_week: hours of full time in the unit.

    Returns:
        The first day; None when the latest hours are fewer, or the latest follow-up says that it
        does not work well.
    """
    since = start if hours_start is not None and hours_start >= full_week else None
    works = True
    for each in held:
        if each.hours_next is not None and each.held_on is not None:
            is_full = each.hours_next >= full_week
            since = (since or each.held_on) if is_full else None
        works = each.is_well_functioning is not False
    return since if works else None


def ask_about_employment(session: Session, *, today: date) -> int:
    """The daily job: give the case worker a task after a month at full time, once each time.

    Returns:
        How many tasks were made.
    """
    going_on = session.execute(
        select(Placement, Site.name)
        .join(Site, Site.id == Placement.site_id)
        .where(
            Placement.begun_on <= today - MONTH,
            Placement.end_date.is_(None),
            Placement.called_off_on.is_(None),
            Placement.is_history.is_(False),
            Placement.case_worker_id.is_not(None),
        )
        .options(selectinload(Placement.follow_ups))
    ).all()
    full_weeks = numbers_by_unit(session, "full_week_hours")
    due = {}
    for placement, site in going_on:
        held = [each for each in placement.follow_ups if each.held_on is not None]
        since = full_time_since(
            placement.start_date,
            placement.hours_start,
            held,
            full_week=full_weeks[placement.unit_id]["full_week_hours"],
        )
        if since is not None and since + MONTH <= today:
            due[placement.id] = (placement, site, since)
    asked = {
        (task.about_id, task.words["since"])
        for task in session.scalars(select(Task).where(Task.kind == KIND, Task.about_id.in_(due)))
    }
    made = 0
    for placement, site, since in due.values():
        if (placement.id, since.isoformat()) in asked:
            continue
        add_task(
            session,
            job_actor("start_what_is_due"),
            owner_id=placement.case_worker_id,  # type: ignore[arg-type]  # not None, by the question
            unit_id=placement.unit_id,
            kind=KIND,
            about_type="placement",
            about_id=placement.id,
            due_on=max(since + MONTH, today),
            words={"site": site, "since": since.isoformat()},
            origin="PLA-03",
        )
        made += 1
    return made
