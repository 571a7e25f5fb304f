"""What the indicators read of the unit's work in a period (REP-02, REP-06): counted, never listed.

Everybody counts whose record is there; somebody who was entered by mistake does not.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, distinct, exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts.settings import number, numbers_by_unit
from matchsvc.employers.models import Employer, EmployerType
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import standing_events
from matchsvc.participants.case_models import CasePause, PauseReason
from matchsvc.participants.models import Case, Participant
from matchsvc.participants.plan_models import Plan
from matchsvc.placements.full_time import full_time_since
from matchsvc.placements.models import Accommodation, FollowUp, Outcome, Placement
from matchsvc.progression.models import ContactOutcome, LaterContact, Series
from matchsvc.reports.counts import Period
from matchsvc.reports.hiding import shown_steps
from matchsvc.reports.outcomes import Share
from matchsvc.reports.period_reads import entered, number_of, of_unit, within
from matchsvc.reports.suppression import Limits
from matchsvc.workday.meeting_models import Meeting, MeetingPerson
from matchsvc.workday.meeting_types import Party

TRAINING = ("work_training", "enhanced_work_training")
_HERE = Participant.archived_at.is_(None)


def mapping_talks(session: Session, unit_id: UUID | None, period: Period) -> tuple[int, int]:
    """Mapping talks that were held, and with how many people. One query."""
    asked = (
        select(func.count(distinct(Meeting.id)), func.count(distinct(MeetingPerson.ref_id)))
        .select_from(Meeting)
        .join(MeetingPerson, MeetingPerson.meeting_id == Meeting.id)
        .join(Participant, Participant.id == MeetingPerson.ref_id)
        .where(
            Meeting.kind == "mapping_talk",
            entered(Meeting.starts_at, period),
            Meeting.closed_at.is_not(None),
            Meeting.cancelled_at.is_(None),
            MeetingPerson.party == Party.PARTICIPANT,
            _HERE,
        )
    )
    row = session.execute(of_unit(asked, Meeting.unit_id, unit_id)).one()
    return row[0], row[1]


def training_days(session: Session, unit_id: UUID | None, period: Period) -> list[int]:
    """Days of each work training that ended in the period, also those before a move. One query."""
    asked = (
        select(func.coalesce(Placement.counts_from, Placement.begun_on), Placement.end_date)
        .join(Participant, Participant.id == Placement.participant_id)
        .where(
            Placement.form.in_(TRAINING),
            Placement.begun_on.is_not(None),
            within(Placement.end_date, period),
            Placement.outcome != Outcome.MOVED,
            _HERE,
        )
    )
    rows = session.execute(of_unit(asked, Placement.unit_id, unit_id))
    return [(end - start).days + 1 for start, end in rows]


def full_time_days(session: Session, unit_id: UUID | None, period: Period) -> list[int]:
    """Days from the start of each placement to full time that works, reached in the period.

    Of placements that ran in the period and have ever been full time. Three queries.
    """
    full_weeks = {
        unit: int(numbers["full_week_hours"])
        for unit, numbers in numbers_by_unit(session, "full_week_hours").items()
    }
    least = min(full_weeks.values(), default=0)
    was_full = exists().where(FollowUp.placement_id == Placement.id, FollowUp.hours_next >= least)
    asked = (
        select(Placement)
        .join(Participant, Participant.id == Placement.participant_id)
        .where(
            Placement.begun_on <= period.end_date,
            or_(Placement.end_date.is_(None), Placement.end_date >= period.start_date),
            Placement.is_history.is_(False),
            or_(Placement.hours_start >= least, was_full),
            _HERE,
        )
        .options(selectinload(Placement.follow_ups))
    )
    days = []
    for placement in session.scalars(of_unit(asked, Placement.unit_id, unit_id)):
        since = full_time_since(
            placement.start_date,
            placement.hours_start,
            [each for each in placement.follow_ups if each.held_on is not None],
            full_week=full_weeks[placement.unit_id],
        )
        if since is not None and period.start_date <= since <= period.end_date:
            days.append((since - placement.start_date).days)
    return days


def adaptations(
    session: Session, unit_id: UUID | None, period: Period
) -> dict[str | None, tuple[int, int]]:
    """Adaptations made in the period by how they work, and for how many people. One query."""
    asked = (
        select(
            Accommodation.works,
            func.count(),
            func.count(distinct(Placement.participant_id)),
        )
        .select_from(Accommodation)
        .join(Placement, Placement.id == Accommodation.placement_id)
        .join(Participant, Participant.id == Placement.participant_id)
        .where(entered(Accommodation.created_at, period), _HERE)
        .group_by(Accommodation.works)
    )
    rows = session.execute(of_unit(asked, Placement.unit_id, unit_id))
    return {works: (events, people) for works, events, people in rows}


def follow_ups(
    session: Session, unit_id: UUID | None, period: Period, until: date
) -> tuple[int, int, int]:
    """The month's follow-ups that are held or late, those held, those held on time. Two queries."""
    grace = timedelta(days=number(session, unit_id, "follow_up_grace_days"))
    asked = (
        select(FollowUp.due_on, FollowUp.held_on, func.count())
        .join(Placement, Placement.id == FollowUp.placement_id)
        .join(Participant, Participant.id == Placement.participant_id)
        .where(
            FollowUp.due_on.between(period.start_date, until),
            FollowUp.cancelled_on.is_(None),
            Placement.is_history.is_(False),
            Placement.called_off_on.is_(None),
            _HERE,
        )
        .group_by(FollowUp.due_on, FollowUp.held_on)
    )
    judged = held_at_all = on_time = 0
    for due, held, n in session.execute(of_unit(asked, Placement.unit_id, unit_id)):
        if held is not None or due + grace < until:
            judged += n
            held_at_all += n if held is not None else 0
            on_time += n if held is not None and held <= due + grace else 0
    return judged, held_at_all, on_time


def follow_up_shares(due: int, held: int, on_time: int, limits: Limits) -> tuple[Share, Share]:
    """Follow-ups held, and held on time, of all due. What differs by a few shows one of them."""
    steps = shown_steps(
        {name: (n, n) for name, n in (("due", due), ("held", held), ("on_time", on_time))}, limits
    )
    of = steps["due"]
    if of is None or (of and not limits.may_show_rate(of)):
        return Share(None, of), Share(None, of)
    return Share(steps["held"], of), Share(steps["on_time"], of)


def signed_plans(session: Session, unit_id: UUID | None, until: date) -> tuple[int, int]:
    """People enrolled on a day who had a plan that everybody had signed, and all of them."""
    signed = exists().where(Plan.case_id == Case.id, Plan.signed_on <= until)
    asked = (
        select(number_of(signed, Case.participant_id), func.count(distinct(Case.participant_id)))
        .select_from(Case)
        .join(Participant, Participant.id == Case.participant_id)
        .where(
            Case.enrolled_on <= until,
            or_(Case.ended_on.is_(None), Case.ended_on > until),
            _HERE,
        )
    )
    row = session.execute(of_unit(asked, Case.unit_id, unit_id)).one()
    return row[0], row[1]


def to_other_workplaces(session: Session, unit_id: UUID | None, period: Period) -> int:
    """People whose first workplace outside the unit's own came in the period, after one of its own.

    A municipal labour-market employment is no such workplace. One query.
    """
    own = Employer.type == EmployerType.OWN_UNIT
    kinds = (
        OutcomeKind.PLACEMENT_STARTED,
        OutcomeKind.PLACEMENT_MOVED,
        OutcomeKind.EMPLOYMENT_STARTED,
    )
    events = standing_events().join(Employer, Employer.id == OutcomeEvent.employer_id)
    events = of_unit(events, OutcomeEvent.unit_id, unit_id).where(OutcomeEvent.kind.in_(kinds))
    own_first = func.min(case((own, OutcomeEvent.occurred_on)))
    other_first = func.min(case((~own, OutcomeEvent.occurred_on)))
    moved = (
        events.with_only_columns(OutcomeEvent.person_key)
        .group_by(OutcomeEvent.person_key)
        .having(and_(own_first < other_first, within(other_first, period)))
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(moved)) or 0


def employments(session: Session, unit_id: UUID | None, period: Period) -> dict[str, int]:
    """People by the kind of employment that began. One query."""
    kinds = (OutcomeKind.EMPLOYMENT_STARTED, OutcomeKind.MUNICIPAL_EMPLOYMENT_STARTED)
    events = standing_events().where(
        OutcomeEvent.kind.in_(kinds), within(OutcomeEvent.occurred_on, period)
    )
    events = of_unit(events, OutcomeEvent.unit_id, unit_id)
    kind = case(
        (OutcomeEvent.kind == OutcomeKind.MUNICIPAL_EMPLOYMENT_STARTED, "resource_employment"),
        else_=func.coalesce(OutcomeEvent.detail, "employment"),
    ).label("employment_kind")
    told = events.with_only_columns(kind, OutcomeEvent.person_key).distinct().subquery()
    rows: Any = session.execute(
        select(told.c.employment_kind, func.count()).group_by(told.c.employment_kind)
    )
    return {row[0]: row[1] for row in rows}


def parental_leaves(
    session: Session, unit_id: UUID | None, period: Period, until: date
) -> tuple[int, int, int]:
    """People whose leave began; who were to be back; who of them came back. One query.

    Back is who resumed on another day than the one on which the case ended.
    """
    due = and_(within(CasePause.returns_on, period), CasePause.returns_on <= until)
    back = and_(
        due,
        CasePause.resumed_on <= until,
        or_(Case.ended_on.is_(None), Case.ended_on != CasePause.resumed_on),
    )
    person = Case.participant_id
    asked = (
        select(
            number_of(within(CasePause.paused_on, period), person),
            number_of(due, person),
            number_of(back, person),
        )
        .select_from(CasePause)
        .join(Case, Case.id == CasePause.case_id)
        .join(Participant, Participant.id == Case.participant_id)
        .where(
            CasePause.reason == PauseReason.PARENTAL_LEAVE, CasePause.is_withdrawn.is_(False), _HERE
        )
    )
    row = session.execute(of_unit(asked, Case.unit_id, unit_id)).one()
    return row[0], row[1], row[2]


def after_leaves(
    session: Session, unit_id: UUID | None, period: Period
) -> dict[int, tuple[int, int]]:
    """By months after a leave began: who was in the measure that was meant, of those reached."""
    reached = LaterContact.outcome != ContactOutcome.NOT_REACHED
    right = LaterContact.outcome == ContactOutcome.BACK_RIGHT
    asked = (
        select(
            LaterContact.months,
            number_of(right, Case.participant_id),
            number_of(reached, Case.participant_id),
        )
        .select_from(LaterContact)
        .join(Case, Case.id == LaterContact.case_id)
        .join(Participant, Participant.id == Case.participant_id)
        .where(LaterContact.series == Series.PARENTAL, within(LaterContact.held_on, period), _HERE)
        .group_by(LaterContact.months)
    )
    rows = session.execute(of_unit(asked, Case.unit_id, unit_id))
    return {months: (right, reached) for months, right, reached in rows}
