"""What is to be mended before a quarter's report is frozen: counts, and lists the reader may open.

No list here can be opened by sex or region of birth, and none shows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.accounts.settings import number
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import standing_events
from matchsvc.outcomes.ways import UNKNOWN
from matchsvc.participants import access as people
from matchsvc.participants.models import Case, ExitDestination, Participant
from matchsvc.placements.forms import list_forms
from matchsvc.placements.models import Employment, FollowUp, Placement
from matchsvc.placements.stages import is_beyond
from matchsvc.reports.counts import Period
from matchsvc.reports.limits import limits_of

#: Who mends the figures, and writes and freezes the report.
WRITERS = (Role.UNIT_MANAGER,)
MOST = 200


def quality_of(
    session: Session, actor: Actor, quarter: Period, *, today: date
) -> dict[str, int | None]:
    """How many of each kind there are to mend; five queries and the forms.

    What tells groups apart (unknown sex or region of birth) is None when it is of one to four.

    Raises:
        Refused: another than the unit's manager.
    """
    actor.require_role(*WRITERS)
    unknown = _unknown(session, actor, quarter)
    return {
        "no_destination": _count(session, _no_destination(actor, quarter, today), Case),
        "unknown_group": None if limits_of(session, actor.unit_id).is_small(unknown) else unknown,
        "late_follow_ups": _late(session, actor, today),
        "beyond_decision": _beyond(session, actor, today),
        "past_end": _past_end(session, actor, today),
    }


def _visible(actor: Actor, today: date, unit: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    seen = people.is_visible_to(actor, today=today)
    return seen if actor.unit_id is None else and_(seen, unit == actor.unit_id)


def _no_destination(actor: Actor, quarter: Period, today: date) -> ColumnElement[bool]:
    return and_(
        _visible(actor, today, Case.unit_id),
        Case.ended_on.between(quarter.start_date, quarter.end_date),
        or_(Case.exit_destination.is_(None), Case.exit_destination == ExitDestination.UNKNOWN),
    )


def _count(session: Session, which: ColumnElement[bool], table: type[Case | Employment]) -> int:
    asked = (
        select(func.count(table.id.distinct()))
        .join_from(table, Participant, Participant.id == table.participant_id)
        .where(which)
    )
    return session.scalar(asked) or 0


def _unknown(session: Session, actor: Actor, quarter: Period) -> int:
    enrolled = standing_events().where(
        OutcomeEvent.kind == OutcomeKind.ENROLLED,
        OutcomeEvent.occurred_on.between(quarter.start_date, quarter.end_date),
        or_(OutcomeEvent.sex == UNKNOWN, OutcomeEvent.birth_region == UNKNOWN),
    )
    if actor.unit_id is not None:
        enrolled = enrolled.where(OutcomeEvent.unit_id == actor.unit_id)
    return (
        session.scalar(enrolled.with_only_columns(func.count(OutcomeEvent.person_key.distinct())))
        or 0
    )


def _late(session: Session, actor: Actor, today: date) -> int:
    """As the list of late follow-ups has them (PLA-05)."""
    grace = timedelta(days=number(session, actor.unit_id, "follow_up_grace_days"))
    asked = (
        select(func.count(FollowUp.id))
        .join_from(FollowUp, Placement, Placement.id == FollowUp.placement_id)
        .join(Participant, Participant.id == Placement.participant_id)
        .where(
            _visible(actor, today, Placement.unit_id),
            FollowUp.held_on.is_(None),
            FollowUp.cancelled_on.is_(None),
            FollowUp.due_on < today - grace,
            Placement.is_history.is_(False),
            Placement.called_off_on.is_(None),
        )
    )
    return session.scalar(asked) or 0


def _beyond(session: Session, actor: Actor, today: date) -> int:
    asked = (
        select(func.count(Placement.id))
        .join_from(Placement, Participant, Participant.id == Placement.participant_id)
        .where(
            _visible(actor, today, Placement.unit_id),
            Placement.begun_on.is_not(None),
            Placement.end_date.is_(None),
            Placement.called_off_on.is_(None),
            is_beyond(list_forms(session), today=today),
        )
    )
    return session.scalar(asked) or 0


def _past_end(session: Session, actor: Actor, today: date) -> int:
    return _count(
        session,
        and_(
            _visible(actor, today, Employment.unit_id),
            Employment.end_date.is_(None),
            Employment.planned_end_date < today,
        ),
        Employment,
    )


@dataclass(frozen=True, slots=True)
class Ending:
    """A case that ended without saying where the person went.

    Attributes:
        participant_id: whose it is.
        alias: what a list calls her.
        ended_on: the last day.
    """

    participant_id: UUID
    alias: str
    ended_on: date | None


def endings_to_mend(
    session: Session, actor: Actor, quarter: Period, *, today: date
) -> Sequence[Ending]:
    """The cases that ended in a quarter without a destination, by their last day; at most MOST.

    By alias, and nothing that tells groups apart. The log gets the ids shown.

    Raises:
        Refused: another than the unit's manager.
    """
    actor.require_role(*WRITERS)
    rows = session.execute(
        select(Case, Participant)
        .join_from(Case, Participant, Participant.id == Case.participant_id)
        .where(_no_destination(actor, quarter, today))
        .order_by(Case.ended_on, Case.id)
        .limit(MOST)
    ).all()
    audit.record(session, actor, "list", "case_file", subjects=[row[1].id for row in rows])
    return [Ending(person.id, person.alias, ended.ended_on) for ended, person in rows]
