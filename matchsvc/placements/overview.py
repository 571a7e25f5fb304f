"""Reading placements: the list by state, and everything about one."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, false, func, not_, or_, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.employers.models import Contact, Site
from matchsvc.participants.access import get_visible, shown_name, sight_of
from matchsvc.participants.models import Participant
from matchsvc.placements.access import (
    PREPARERS,
    READERS,
    Seen,
    can_decide,
    get_placement,
    logger_of,
    seen,
    visible_placements,
)
from matchsvc.placements.checklist import PREPARATION
from matchsvc.placements.disturbances import Noted, list_disturbances
from matchsvc.placements.employments import list_employments_of, list_jobs_of_person
from matchsvc.placements.end_meetings import end_meeting_of, needs_end_meeting
from matchsvc.placements.forms import list_forms
from matchsvc.placements.models import (
    Employment,
    FollowUp,
    ParticipantSurvey,
    Placement,
    PlacementForm,
)
from matchsvc.placements.package import KeyContact, key_contacts
from matchsvc.placements.participant_surveys import find_offered, is_independent
from matchsvc.placements.rules_overview import Rules, read_rules
from matchsvc.placements.stages import Stage, is_beyond, stage_of
from matchsvc.placements.survey_sending import Sent, state_of_survey
from matchsvc.workday.meeting_models import Meeting
from matchsvc.workday.meeting_plans import instant
from matchsvc.workday.meeting_reads import visits_with

PAGE_SIZE = 50
#: A placement whose planned end is this near is about to end (PLA-08: plan four weeks before).
ENDING_WITHIN = timedelta(weeks=4)
#: What is visited at the workplace beside the follow-ups.
VISITS = ("language_support_visit", "adaptation_visit")


class State(enum.StrEnum):
    """Where a placement stands, as a list groups it: those that need somebody first."""

    STOPPED = "stopped"
    BEYOND = "beyond"
    STARTING = "starting"
    ENDING = "ending"
    RUNNING = "running"
    ENDED = "ended"
    CALLED_OFF = "called_off"


def state_of(placement: Placement, form: PlacementForm, *, today: date) -> State:
    """Where a placement stands today."""
    stage = stage_of(placement, form, today=today)
    if stage is Stage.ENDED and placement.end_date == today:
        return State.ENDING  # its last day
    if stage in _STATES:
        return _STATES[stage]
    end = placement.end_date or placement.planned_end_date
    if end is not None and end <= today + ENDING_WITHIN:
        return State.ENDING
    return State.RUNNING


_STATES = {
    Stage.CALLED_OFF: State.CALLED_OFF,
    Stage.ENDED: State.ENDED,
    Stage.PLANNED: State.STARTING,
    Stage.STOPPED: State.STOPPED,
    Stage.BEYOND: State.BEYOND,
}


def _is(state: State, forms: Sequence[PlacementForm], today: date) -> ColumnElement[bool]:
    """The same as :func:`state_of`, as a condition."""
    end = func.coalesce(Placement.end_date, Placement.planned_end_date)
    soon = today + ENDING_WITHIN
    called_off = Placement.called_off_on.is_not(None)
    ended = and_(Placement.end_date.is_not(None), Placement.end_date < today)
    open_ = and_(
        Placement.called_off_on.is_(None),
        or_(Placement.end_date.is_(None), Placement.end_date >= today),
    )
    begun = Placement.begun_on.is_not(None)
    over = and_(Placement.end_date.is_(None), is_beyond(forms, today=today))
    within = or_(Placement.end_date.is_not(None), not_(func.coalesce(over, false())))
    return {
        State.CALLED_OFF: called_off,
        State.ENDED: and_(Placement.called_off_on.is_(None), ended),
        State.STARTING: and_(open_, not_(begun), Placement.start_date > today),
        State.STOPPED: and_(open_, not_(begun), Placement.start_date <= today),
        State.BEYOND: and_(open_, begun, over),
        State.ENDING: and_(open_, begun, within, end <= soon),
        State.RUNNING: and_(open_, begun, within, or_(end.is_(None), end > soon)),
    }[state]


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list.

    Attributes:
        rows: placements with their state.
        page: from 1.
        pages: how many, at least 1.
        total: rows on all pages.
    """

    rows: list[tuple[State, Seen]]
    page: int
    pages: int
    total: int


def count_placements(session: Session, actor: Actor, state: State, *, today: date) -> int:
    """How many placements in a state exist for the actor."""
    found = visible_placements(actor, today=today).where(_is(state, list_forms(session), today))
    counted = found.with_only_columns(Placement.id).order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(counted)) or 0


def list_placements(
    session: Session,
    actor: Actor,
    *,
    states: tuple[State, ...],
    today: date,
    page: int = 1,
) -> Listed:
    """The placements that exist for the actor, by state and day; a supervisor sees her own.

    Raises:
        Refused: the role does not work with placements.
    """
    actor.require_role(*READERS)
    forms = list_forms(session)
    wanted = or_(false(), *(_is(state, forms, today) for state in states))
    found = visible_placements(actor, today=today).where(wanted)
    counted = found.with_only_columns(Placement.id).order_by(None).subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    rank = case(*((_is(state, forms, today), place) for place, state in enumerate(State)), else_=9)
    end = func.coalesce(Placement.end_date, Placement.planned_end_date)
    day = case(
        (_is(State.ENDING, forms, today), end),
        (_is(State.RUNNING, forms, today), end),
        else_=Placement.start_date,
    )
    found = found.order_by(rank, day, Placement.id)
    rows = session.execute(found.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    shown = seen(session, actor, rows, today=today)
    audit.record(
        session, actor, "list", "placement", subjects={one.participant.id for one in shown}
    )
    by_code = {form.code: form for form in forms}
    listed = [
        (state_of(one.placement, by_code[one.placement.form], today=today), one) for one in shown
    ]
    return Listed(listed, page, pages, total)


@dataclass(frozen=True, slots=True)
class PersonOverview:
    """A participant's placements and jobs, the latest first.

    Attributes:
        participant: whose.
        name: as this reader may call the person.
        placements: with their state.
        employments: jobs with their workplaces, for those who decide on them.
        can_decide: the reader may register and end jobs.
    """

    participant: Participant
    name: str
    placements: list[tuple[State, Seen]]
    employments: list[tuple[Employment, Site]]
    can_decide: bool


def get_person_overview(
    session: Session, actor: Actor, key: UUID | str, *, today: date
) -> PersonOverview:
    """Where a participant has been placed and worked.

    Raises:
        NotFound: unknown, hidden or protected: the same answer.
        Refused: the role does not work with placements.
    """
    actor.require_role(*READERS)
    participant = get_visible(session, actor, key, today=today)
    sight = sight_of(session, actor, {participant.id}, today=today)[participant.id]
    found = (
        visible_placements(actor, today=today)
        .where(Placement.participant_id == participant.id)
        .order_by(Placement.start_date.desc(), Placement.id)
    )
    shown = seen(session, actor, session.execute(found).all(), today=today)
    forms = {form.code: form for form in list_forms(session)}
    may_decide = can_decide(actor, sight)
    jobs = list_jobs_of_person(session, actor, participant.id, today=today) if may_decide else []
    audit.record(session, actor, "list", "placement", subjects={participant.id})
    return PersonOverview(
        participant,
        shown_name(participant, sight),
        [(state_of(one.placement, forms[one.placement.form], today=today), one) for one in shown],
        jobs,
        may_decide,
    )


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the page of a placement shows.

    Attributes:
        seen: the placement; its checklist and package are loaded, its accommodations too.
        state: where it stands.
        form: its form with its limits.
        follow_ups: in order; what was said is only for those who work with the participant.
        contact: the workplace's contact person.
        contacts: whom the employer may call.
        people: names of the members of staff on it, by id.
        survey: how far the employer's has come; never its answers.
        own_survey: the participant's, offered or answered; never its answers.
        employments: jobs that came of it, with their workplaces.
        end_meeting: the three-party meeting about its end, for those who know the participant.
        lacks_end_meeting: the end is near and none is booked.
        can_decide: the reader may end it or register a job.
        can_prepare: the reader may tick and note.
        is_logger: the reader logs its follow-ups.
        may_take_answers: the reader never supervised her, and may take her answers.
        disturbances: what went wrong, for those who work with the participant; open ones first.
        visits: of language support and about adaptations, planned and held (PLA-15, PLA-04).
        rules: limits, decisions, what stops the start, and what may be done now.
    """

    seen: Seen
    state: State
    form: PlacementForm
    rules: Rules
    follow_ups: list[FollowUp]
    contact: Contact | None
    contacts: list[KeyContact]
    people: dict[UUID, str]
    survey: Sent | None
    own_survey: ParticipantSurvey | None
    employments: list[tuple[Employment, Site]]
    end_meeting: Meeting | None
    lacks_end_meeting: bool
    can_decide: bool
    can_prepare: bool
    is_logger: bool
    may_take_answers: bool
    disturbances: list[Noted]
    visits: list[Meeting]

    @property
    def left_before_start(self) -> int:
        """How many things of the start checklist are not done."""
        return sum(
            item.done_on is None or (item.code in PREPARATION and item.participant_done_on is None)
            for item in self.seen.placement.checklist
        )


def read_placement(session: Session, actor: Actor, key: UUID | str, *, today: date) -> Seen:
    """One placement for a program; the read is logged.

    Raises:
        NotFound: unknown or hidden.
        Refused: the role does not work with placements.
    """
    actor.require_role(*READERS)
    found = get_placement(session, actor, key, today=today)
    audit.record(
        session, actor, "read", "placement", found.placement.id, subjects=[found.participant.id]
    )
    return found


def get_overview(
    session: Session, actor: Actor, key: UUID | str, *, today: date, now: datetime
) -> Overview:
    """One placement with what its page shows; the read is logged.

    Raises:
        NotFound: unknown or hidden.
        Refused: the role does not work with placements.
    """
    actor.require_role(*READERS)
    found = get_placement(
        session,
        actor,
        key,
        today=today,
        options=(
            selectinload(Placement.checklist),
            selectinload(Placement.package),
            selectinload(Placement.accommodations),
        ),
    )
    placement = found.placement
    audit.record(session, actor, "read", "placement", placement.id, subjects=[found.participant.id])
    rules = read_rules(session, actor, found, today=today)
    staff = {placement.supervisor_id, placement.case_worker_id, placement.liaison_id}
    staff |= {row.supervisor_id for row in rules.supervisions}
    named = session.execute(select(User.id, User.name).where(User.id.in_(staff - {None})))
    end_meeting = end_meeting_of(session, placement) if found.is_own else None
    return Overview(
        seen=found,
        state=state_of(placement, rules.form, today=today),
        form=rules.form,
        rules=rules,
        follow_ups=list(
            session.scalars(
                select(FollowUp)
                .where(FollowUp.placement_id == placement.id)
                .order_by(FollowUp.number)
            )
        ),
        contact=session.get(Contact, placement.contact_id) if placement.contact_id else None,
        contacts=key_contacts(session, placement),
        people={row[0]: row[1] for row in named},
        survey=state_of_survey(session, placement.id, now=now),
        own_survey=find_offered(session, placement.id),
        employments=list_employments_of(session, actor, placement.id, today=today),
        end_meeting=end_meeting,
        lacks_end_meeting=(
            found.is_own and end_meeting is None and needs_end_meeting(placement, today=today)
        ),
        can_decide=can_decide(actor, found.sight),
        can_prepare=actor.has_role(*PREPARERS),
        is_logger=actor.user_id is not None and actor.user_id == logger_of(placement),
        may_take_answers=is_independent(session, actor, found),
        disturbances=list_disturbances(session, placement.id) if found.is_own else [],
        visits=_visits(session, found) if found.is_own else [],
    )


def _visits(session: Session, found: Seen) -> list[Meeting]:
    placement = found.placement
    end = placement.end_date or placement.planned_end_date
    return visits_with(
        session,
        found.participant.id,
        VISITS,
        start=instant(placement.start_date, time()),
        end=instant(end + timedelta(days=1), time()) if end else None,
    )
