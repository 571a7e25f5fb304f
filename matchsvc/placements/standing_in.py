"""A substitute comes to a colleague's people for some days, and loses sight of them after.

Doors are opened as involvements with a last day, so that every rule of access holds as it is. The
job of the day opens those of periods that begin, and of people who came meanwhile. A protected
person is not among them: who stands in for her handler is named by her handlers.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor, job_actor
from matchsvc.participants.access import involve
from matchsvc.participants.models import Capacity, Involvement, Participant
from matchsvc.workday.archivable import stands
from matchsvc.workday.substitute_models import Substitute
from matchsvc.workday.substitutes import get_substitute, name_substitute

#: In which capacities somebody can be stood in for.
CAPACITIES = (Capacity.CASE_WORKER, Capacity.SUPERVISOR, Capacity.PRACTICAL_SUPERVISOR)
REASON = "substitute"


def begin_standing_in(
    session: Session,
    actor: Actor,
    *,
    user_id: UUID,
    substitute_id: UUID,
    first_day: date,
    last_day: date,
    reason: str,
    today: date,
) -> Substitute:
    """Name a substitute; when the period has begun the doors open at once.

    Raises:
        Refused: neither a manager nor the one who is away.
        Invalid: days that cannot be, no reason, or somebody not of the unit.
    """
    row = name_substitute(
        session,
        actor,
        user_id=user_id,
        substitute_id=substitute_id,
        first_day=first_day,
        last_day=last_day,
        reason=reason,
        today=today,
    )
    if first_day <= today:
        _open(session, actor, row)
    return row


def end_standing_in(session: Session, actor: Actor, substitute_id: UUID, *, today: date) -> None:
    """End a substitution now; its doors close at once.

    Raises:
        NotFound: there is none in the unit.
        Refused: neither a manager nor the one who is away.
    """
    row = get_substitute(session, actor, substitute_id)
    session.execute(
        update(Involvement)
        .where(
            Involvement.user_id == row.substitute_id,
            Involvement.reason == REASON,
            Involvement.until >= today,
            Involvement.participant_id.in_(
                select(Involvement.participant_id).where(Involvement.user_id == row.user_id)
            ),
        )
        .values(until=date.fromordinal(today.toordinal() - 1))
    )
    session.delete(row)
    session.flush()


def open_doors(session: Session, *, today: date) -> int:
    """Open the doors of every substitution of the day; a job, again it opens none.

    Returns:
        How many were opened.
    """
    rows = session.scalars(
        select(Substitute).where(Substitute.first_day <= today, Substitute.last_day >= today)
    ).all()
    return sum(_open(session, job_actor("stand_in"), row) for row in rows)


def _open(session: Session, actor: Actor, row: Substitute) -> int:
    theirs = session.execute(
        select(Involvement.participant_id, Involvement.capacity)
        .join(Participant, Participant.id == Involvement.participant_id)
        .where(
            Involvement.user_id == row.user_id,
            Involvement.capacity.in_(CAPACITIES),
            Involvement.until.is_(None),
            Participant.protected.is_(False),
            stands(Participant),
        )
    ).all()
    mine = {
        (participant, capacity)
        for participant, capacity in session.execute(
            select(Involvement.participant_id, Involvement.capacity).where(
                Involvement.user_id == row.substitute_id,
                or_(Involvement.until.is_(None), Involvement.until >= row.last_day),
            )
        )
    }
    new = [(row_.participant_id, row_.capacity) for row_ in theirs if tuple(row_) not in mine]
    for participant_id, capacity in new:
        involve(
            session,
            actor,
            participant_id,
            row.substitute_id,
            capacity,
            until=row.last_day,
            reason=REASON,
        )
    return len(new)
