"""The three-party meeting at the end of every period of work training (PLA-08).

Four weeks before the last day the case worker is told to book it with the employment service, so
that what comes next is planned when there is no job.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import job_actor
from matchsvc.employers.models import Site
from matchsvc.placements.models import DecisionAuthority, Placement
from matchsvc.swedish import local_date
from matchsvc.workday.meeting_models import Meeting, MeetingPerson
from matchsvc.workday.meeting_plans import instant
from matchsvc.workday.meeting_types import Party
from matchsvc.workday.planned_tasks import PlannedTask, keep_planned

KIND = "end_meeting"
#: The task is made so long before the end, and is due when half of that has passed.
BEFORE_END = timedelta(weeks=4)
DUE_BEFORE_END = timedelta(weeks=2)
#: Meetings at which all three sit together.
MEETINGS = ("three_party", "multi_party", "closing_meeting")
#: A meeting so long before the end is about it, and one shortly after it still is.
EARLIEST = timedelta(weeks=6)
LATEST = timedelta(weeks=2)


def meeting_with(
    session: Session, participant_id: UUID, kinds: Collection[str], *, first: date, last: date
) -> Meeting | None:
    """The earliest meeting of some kinds with a participant between two days, both inclusive.

    Asks no right: whoever calls knows that she may be seen.
    """
    found = meetings_with(session, [participant_id], kinds, first=first, last=last)
    return next(iter(found.get(participant_id, ())), None)


def meetings_with(
    session: Session,
    participant_ids: Collection[UUID],
    kinds: Collection[str],
    *,
    first: date,
    last: date,
) -> Mapping[UUID, list[Meeting]]:
    """Meetings of some kinds by participant, in order. One query. Asks no right."""
    rows = session.execute(
        select(MeetingPerson.ref_id, Meeting)
        .join(Meeting, Meeting.id == MeetingPerson.meeting_id)
        .where(
            MeetingPerson.party == Party.PARTICIPANT,
            MeetingPerson.ref_id.in_(participant_ids),
            Meeting.kind.in_(kinds),
            Meeting.cancelled_at.is_(None),
            Meeting.starts_at >= instant(first, time()),
            Meeting.starts_at < instant(last + timedelta(days=1), time()),
        )
        .order_by(Meeting.starts_at, Meeting.id)
    )
    by_person: dict[UUID, list[Meeting]] = {}
    for participant_id, meeting in rows:
        by_person.setdefault(participant_id, []).append(meeting)  # type: ignore[arg-type]
    return by_person


def needs_end_meeting(placement: Placement, *, today: date) -> bool:
    """Whether the end is so near that the meeting should be booked. Pure."""
    end = placement.planned_end_date
    return (
        placement.decision_authority is DecisionAuthority.AF
        and end is not None
        and placement.end_date is None
        and placement.called_off_on is None
        and not placement.is_history
        and placement.start_date <= today
        and end - BEFORE_END <= today
    )


def is_about_end(placement: Placement, meeting: Meeting) -> bool:
    """Whether a meeting lies near the end of a placement. Pure."""
    end, day = placement.planned_end_date, local_date(meeting.starts_at)
    return end is not None and end - EARLIEST <= day <= end + LATEST


def end_meeting_of(session: Session, placement: Placement) -> Meeting | None:
    """The meeting about the end of a placement, when one is booked or was held."""
    end = placement.planned_end_date
    if end is None:
        return None
    return meeting_with(
        session, placement.participant_id, MEETINGS, first=end - EARLIEST, last=end + LATEST
    )


def plan_end_meetings(session: Session, *, today: date) -> int:
    """The daily job: a task for each end that draws near without a meeting; booked, it falls.

    Returns:
        How many tasks were made.
    """
    rows = session.execute(
        select(Placement, Site.name)
        .join(Site, Site.id == Placement.site_id)
        .where(
            Placement.end_date.is_(None),
            Placement.called_off_on.is_(None),
            Placement.is_history.is_(False),
            Placement.case_worker_id.is_not(None),
            Placement.start_date <= today,
            Placement.planned_end_date <= today + BEFORE_END,
        )
    ).all()
    near = [(row[0], row[1]) for row in rows if needs_end_meeting(row[0], today=today)]
    booked = meetings_with(
        session,
        {placement.participant_id for placement, _site in near},
        MEETINGS,
        first=today - 2 * EARLIEST,
        last=today + BEFORE_END + LATEST,
    )
    wanted = [
        PlannedTask(
            KIND,
            "placement",
            placement.id,
            placement.planned_end_date - DUE_BEFORE_END,  # type: ignore[operator,arg-type]
            placement.case_worker_id,  # type: ignore[arg-type]  # not None, by the question
            placement.unit_id,
            {"site": site},
            "PLA-08",
        )
        for placement, site in near
        if not any(
            is_about_end(placement, meeting) for meeting in booked.get(placement.participant_id, ())
        )
    ]
    return keep_planned(session, job_actor("plan_end_meetings"), (KIND,), wanted, today=today)
