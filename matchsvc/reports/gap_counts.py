"""What the page of gaps counts, by sex and region of birth, before anything is hidden.

Everybody is told apart by the outcome event of her enrolment, so that people with protected
personal data are counted as in every report; nothing here selects a person, and no row that leaves
this module is about one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Subquery, and_, case, func, or_, select, union_all
from sqlalchemy.orm import Session

from matchsvc.activities.models import Activity, ActivityGroup, GroupMember
from matchsvc.activities.starter import STARTER
from matchsvc.employers.models import Offer
from matchsvc.matching.models import Proposal
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import standing_events
from matchsvc.outcomes.ways import known_group
from matchsvc.participants.mapping_models import Orientation, SupportOrientation
from matchsvc.participants.models import (
    Case,
    Competence,
    CompetenceTalk,
    LearnedWhere,
    Participant,
    Rung,
)
from matchsvc.participants.plan_models import MeasureState, Plan, PlanMeasure, Responsible
from matchsvc.reports.counts import Period
from matchsvc.swedish import STOCKHOLM
from matchsvc.vocabulary.models import Concept
from matchsvc.workday.archivable import stands
from matchsvc.workday.meeting_models import Attendance, Meeting, MeetingPerson
from matchsvc.workday.meeting_types import MEETING_TYPES, Party
from matchsvc.workday.note_models import Note

Kind = tuple[str, str]
#: Rows of a participant and how much.
Values = Select[*tuple[Any, ...]]
#: The area of the talk that asks about schools and courses (participants/data/talk).
SCHOOL_AREA = "skola"
#: States of an area of the talk in which its questions were put; a skipped area was not.
ASKED = ("begun", "done")


@dataclass(frozen=True, slots=True)
class Amount:
    """Of one kind of people: how many have anything of it, how much in all, and its squares."""

    persons: int
    total: int
    squares: int


Amounts = Mapping[Kind, Amount]


def people_of(period: Period, unit_id: UUID | None) -> Subquery:
    """One row for each who was enrolled on at least one day of a period, with sex and region."""
    found = (
        standing_events()
        .join(Case, Case.outcome_key == OutcomeEvent.case_key)
        .where(
            OutcomeEvent.kind == OutcomeKind.ENROLLED,
            Case.enrolled_on <= period.end_date,
            or_(Case.ended_on.is_(None), Case.ended_on >= period.start_date),
        )
    )
    if unit_id is not None:
        found = found.where(OutcomeEvent.unit_id == unit_id)
    columns = (Case.participant_id, known_group(OutcomeEvent.sex))
    return (
        found.with_only_columns(*columns, known_group(OutcomeEvent.birth_region))
        .group_by(Case.participant_id)
        .subquery()
    )


def count_people(session: Session, people: Subquery) -> dict[Kind, int]:
    """How many of each kind there are. One query."""
    groups = (people.c.sex, people.c.birth_region)
    counted = session.execute(select(*groups, func.count()).group_by(*groups))
    return {(row[0], row[1]): row[2] for row in counted}


def amounts(session: Session, people: Subquery, values: Values) -> Amounts:
    """Sum what each has, by kind. One query.

    Args:
        session: to read with.
        people: whose, by :func:`people_of`.
        values: rows of a participant's id and how much; a person without a row has nothing.
    """
    found = values.subquery()
    owner, value = found.c[0], found.c[1]
    groups = (people.c.sex, people.c.birth_region)
    counted = session.execute(
        select(*groups, func.count(), func.sum(value), func.sum(value * value))
        .join(found, owner == people.c.participant_id)
        .where(value > 0)
        .group_by(*groups)
    )
    # PostgreSQL sums to decimals: hence int().
    return {(row[0], row[1]): Amount(row[2], int(row[3]), int(row[4])) for row in counted}


def after(day: date) -> datetime:
    """The instant at which a day is over in Sweden."""
    return datetime.combine(day + timedelta(days=1), time.min, STOCKHOLM)


def mapped(period: Period) -> Values:
    """Whose mapping had been signed by the period's end (MAP-03)."""
    return (
        standing_events()
        .join(Case, Case.outcome_key == OutcomeEvent.case_key)
        .where(OutcomeEvent.kind == OutcomeKind.MAPPED, OutcomeEvent.occurred_on <= period.end_date)
        .with_only_columns(Case.participant_id, func.max(1))
        .group_by(Case.participant_id)
    )


def _is_formal() -> Any:
    """As ``Competence.is_formal``."""
    return or_(
        Competence.learned_where == LearnedWhere.EDUCATION,
        and_(Competence.rung == Rung.CONFIRMED, Competence.by_certificate.is_(True)),
    )


def competences(period: Period, *, informal: bool = False) -> Values:
    """How many competences had been noted by the period's end; or only the informal ones."""
    found = select(Competence.participant_id, func.count()).where(
        Competence.archived_at.is_(None), Competence.created_at < after(period.end_date)
    )
    if informal:
        found = found.where(~_is_formal())
    return found.group_by(Competence.participant_id)


def asked_about_life(period: Period) -> Values:
    """Who had been asked by the period's end what she can from a life (MAP-07)."""
    return (
        select(Case.participant_id, func.max(1))
        .join(Participant, Participant.id == Case.participant_id)
        .where(Participant.informal_asked_on <= period.end_date)
        .group_by(Case.participant_id)
    )


def asked_about_school(period: Period) -> Values:
    """Who had been asked about schools and courses: in the talk, or something was noted of them."""
    status = CompetenceTalk.areas[SCHOOL_AREA]["status"].as_string()
    talked = select(CompetenceTalk.participant_id.label("who")).where(
        status.in_(ASKED), CompetenceTalk.created_at < after(period.end_date)
    )
    noted = select(Competence.participant_id.label("who")).where(
        Competence.learned_where == LearnedWhere.EDUCATION,
        Competence.archived_at.is_(None),
        Competence.created_at < after(period.end_date),
    )
    either = union_all(talked, noted).subquery()
    return select(either.c.who, func.max(1)).group_by(either.c.who)


def talk_minutes(period: Period) -> Values:
    """Minutes of talks with one person at a time, from meetings and from notes.

    The same talk may stand both as a closed meeting and as a note of how long it took: of a day
    with both, the longer counts. Meetings with a group are nobody's own time.
    """
    alone = [each.code for each in MEETING_TYPES.values() if not each.is_group]
    met = (
        select(
            MeetingPerson.ref_id.label("who"),
            func.date(Meeting.starts_at).label("day"),
            Meeting.minutes_spent.label("met"),
            (Meeting.minutes_spent * 0).label("noted"),
        )
        .join(Meeting, Meeting.id == MeetingPerson.meeting_id)
        .where(
            MeetingPerson.party == Party.PARTICIPANT,
            or_(MeetingPerson.attendance.is_(None), MeetingPerson.attendance == Attendance.CAME),
            Meeting.kind.in_(alone),
            Meeting.closed_at.is_not(None),
            Meeting.cancelled_at.is_(None),
            Meeting.starts_at >= after(period.start_date - timedelta(days=1)),
            Meeting.starts_at < after(period.end_date),
        )
    )
    noted = select(
        Note.about_id.label("who"),
        func.date(Note.happened_on).label("day"),
        (Note.minutes * 0).label("met"),
        Note.minutes.label("noted"),
    ).where(
        Note.about_type == "participant",
        Note.minutes.is_not(None),
        stands(Note),
        Note.happened_on.between(period.start_date, period.end_date),
    )
    both = union_all(met, noted).subquery()
    sums = (
        select(both.c.who, func.sum(both.c.met).label("met"), func.sum(both.c.noted).label("noted"))
        .group_by(both.c.who, both.c.day)
        .subquery()
    )
    longer = case((sums.c.met > sums.c.noted, sums.c.met), else_=sums.c.noted)
    return select(sums.c.who, func.sum(longer)).group_by(sums.c.who)


def talkers(session: Session, period: Period, unit_id: UUID | None) -> int:
    """How many colleagues have logged time in the period. One query."""
    notes = select(Note.author_id.label("who")).where(
        Note.minutes.is_not(None),
        stands(Note),
        Note.happened_on.between(period.start_date, period.end_date),
    )
    meetings = select(Meeting.owner_id.label("who")).where(
        Meeting.closed_at.is_not(None),
        Meeting.starts_at >= after(period.start_date - timedelta(days=1)),
        Meeting.starts_at < after(period.end_date),
    )
    if unit_id is not None:
        notes = notes.where(Note.unit_id == unit_id)
        meetings = meetings.where(Meeting.unit_id == unit_id)
    both = union_all(notes, meetings).subquery()
    return session.scalar(select(func.count(both.c.who.distinct()))) or 0


def referrals(period: Period) -> Values:
    """Referrals onwards: what somebody outside answers for in a signed plan, and places outside.

    A measure keeps its thread through the versions of a plan, and counts when it was first signed.
    """
    first = (
        select(Plan.participant_id.label("who"), func.min(Plan.signed_on).label("signed_on"))
        .join(PlanMeasure, PlanMeasure.plan_id == Plan.id)
        .where(
            Plan.signed_on.is_not(None),
            PlanMeasure.responsible == Responsible.OTHER,
            PlanMeasure.state != MeasureState.DROPPED,
        )
        .group_by(Plan.participant_id, PlanMeasure.thread_id)
        .subquery()
    )
    agreed = select(first.c.who).where(
        first.c.signed_on.between(period.start_date, period.end_date)
    )
    places = (
        select(GroupMember.participant_id.label("who"))
        .join(ActivityGroup, ActivityGroup.id == GroupMember.group_id)
        .join(Activity, Activity.id == ActivityGroup.activity_id)
        .where(
            Activity.provider.is_not(None),
            GroupMember.joined_on.between(period.start_date, period.end_date),
        )
    )
    both = union_all(agreed, places).subquery()
    return select(both.c.who, func.count()).group_by(both.c.who)


def proposed_for(period: Period, codes: Sequence[str]) -> Values:
    """Who has been proposed in the period for a place in one of some occupations (SSYK codes)."""
    return (
        standing_events()
        .join(Case, Case.outcome_key == OutcomeEvent.case_key)
        .join(Proposal, Proposal.id == OutcomeEvent.source_id)
        .join(Offer, Offer.id == Proposal.offer_id)
        .join(Concept, Concept.id == Offer.occupation_id)
        .where(
            OutcomeEvent.kind == OutcomeKind.PROPOSED,
            OutcomeEvent.occurred_on.between(period.start_date, period.end_date),
            Concept.ssyk_code.in_(codes),
        )
        .with_only_columns(Case.participant_id, func.max(1))
        .group_by(Case.participant_id)
    )


def latest_orientations(period: Period) -> Subquery:
    """The support orientation that held at the period's end, one row a person (MAP-10)."""
    place = func.row_number().over(
        partition_by=SupportOrientation.participant_id,
        order_by=(SupportOrientation.set_on.desc(), SupportOrientation.created_at.desc()),
    )
    every = (
        select(
            SupportOrientation.participant_id,
            SupportOrientation.orientation,
            SupportOrientation.set_on,
            place.label("place"),
        )
        .where(SupportOrientation.set_on <= period.end_date)
        .subquery()
    )
    return select(every).where(every.c.place == 1).subquery()


def assessed(judged: Subquery, orientation: Orientation) -> Values:
    """Who was judged to need this first."""
    return select(judged.c.participant_id, judged.c.place).where(
        judged.c.orientation == orientation
    )


def given(
    judged: Subquery, orientation: Orientation, fitting: list[UUID], period: Period
) -> Values:
    """Of those judged so, who has since had something that is meant for that need.

    A place in a group of the catalogue's fitting activities, or a measure of a signed plan that was
    done. What is for everybody says nothing of a need and does not count.

    Args:
        judged: by :func:`latest_orientations`.
        orientation: which.
        fitting: the activities that name this orientation.
        period: until whose end.
    """
    codes = [each.code for each in STARTER if orientation in each.orientations]
    joined = (
        select(judged.c.participant_id.label("who"))
        .join(GroupMember, GroupMember.participant_id == judged.c.participant_id)
        .join(ActivityGroup, ActivityGroup.id == GroupMember.group_id)
        .where(
            judged.c.orientation == orientation,
            ActivityGroup.activity_id.in_(fitting),
            GroupMember.joined_on <= period.end_date,
            or_(GroupMember.left_on.is_(None), GroupMember.left_on >= judged.c.set_on),
        )
    )
    done = (
        select(judged.c.participant_id.label("who"))
        .join(Plan, Plan.participant_id == judged.c.participant_id)
        .join(PlanMeasure, PlanMeasure.plan_id == Plan.id)
        .where(
            judged.c.orientation == orientation,
            Plan.signed_on.is_not(None),
            PlanMeasure.activity.in_(codes),
            PlanMeasure.state == MeasureState.DONE,
            PlanMeasure.state_on.between(judged.c.set_on, period.end_date),
        )
    )
    both = union_all(joined, done).subquery()
    return select(both.c.who, func.max(1)).group_by(both.c.who)


def fitting_activities(session: Session, unit_id: UUID | None) -> dict[Orientation, list[UUID]]:
    """The activities that are meant for each orientation. One query."""
    found = select(Activity.id, Activity.orientations)
    if unit_id is not None:
        found = found.where(Activity.unit_id == unit_id)
    rows = session.execute(found).all()
    return {each: [key for key, names in rows if each.value in names] for each in Orientation}
