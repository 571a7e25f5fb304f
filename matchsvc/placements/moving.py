"""Moving a case to another unit of the municipality: what follows along, and what stops it first.

What was done stays where it was done: placements, proposals and figures are the old unit's. What is
known about the person follows. The old unit loses sight at once; the managers of the new one are
told to give the case to somebody, so that it is never without an owner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, Unit
from matchsvc.activities.models import GroupMember
from matchsvc.db import Base, check_version
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.messages.links import forget_links
from matchsvc.participants.access import get_visible
from matchsvc.participants.cases import open_case
from matchsvc.participants.enrolment import is_taken
from matchsvc.participants.models import (
    Case,
    CaseStep,
    Involvement,
    Participant,
    ParticipantArea,
)
from matchsvc.participants.own import plain_text
from matchsvc.workday.meeting_reads import coming_with
from matchsvc.workday.models import Task
from matchsvc.workday.rules import add_task, managers_of, open_tasks

#: Tables whose rows tell what a unit did; they stay with it.
STAYS = frozenset({"placement", "employment", "proposal", "signature", "task"})
MOVED = "Ärendet flyttades till en annan enhet."
ALLOCATE_WITHIN = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Stop:
    """Something that must be ended before a case can move."""

    code: str
    words: str


_PROTECTED = N_(
    "Skyddade personuppgifter flyttas inte mellan enheter här. Ring chefen för den andra enheten."
)
_STOPS = {
    "placement": N_("Avsluta placeringen eller anställningen först."),
    "proposal": N_("Ta tillbaka förslag som väntar på svar först."),
    "meeting": N_("Håll eller avboka kommande möten först."),
    "group": N_("Lämna grupperna först."),
}
_RUNNING_PROPOSALS = (
    *(ProposalState.DRAFTED, ProposalState.WANTED, ProposalState.CHANGE),
    *(ProposalState.PRESENTED, ProposalState.ACCEPTED),
)


def units_to_move_to(session: Session, actor: Actor) -> Sequence[Unit]:
    """Other units that have a manager to receive somebody. One query for each unit."""
    found = session.scalars(
        select(Unit).where(Unit.id != actor.unit_id, Unit.is_active).order_by(Unit.name)
    )
    return [unit for unit in found if managers_of(session, unit.id)]


def stops_of(session: Session, participant: Participant, *, now: datetime) -> list[Stop]:
    """What must be ended first. Asks no right. The number of queries does not grow."""
    running = (
        select(CaseStep.id)
        .join(Case, Case.id == CaseStep.case_id)
        .where(
            Case.participant_id == participant.id,
            CaseStep.source_id.is_not(None),
            CaseStep.end_date.is_(None),
        )
    )
    proposed = select(Proposal.id).where(
        Proposal.participant_id == participant.id, Proposal.state.in_(_RUNNING_PROPOSALS)
    )
    in_groups = select(GroupMember.id).where(
        GroupMember.participant_id == participant.id, GroupMember.left_on.is_(None)
    )
    checks = (("placement", running), ("proposal", proposed), ("group", in_groups))
    found = [code for code, asked in checks if session.scalar(asked.limit(1)) is not None]
    if coming_with(session, participant.id, now=now, limit=1):
        found.append("meeting")
    return [Stop(code, _STOPS[code]) for code in sorted(found, key=list(_STOPS).index)]


def move_case(
    session: Session,
    actor: Actor,
    key: UUID | str,
    unit_id: UUID | None,
    *,
    reason: str | None,
    version: int | None,
    today: date,
    now: datetime,
) -> Case:
    """Give a case with what is known about the person to another unit.

    Args:
        session: a writing transaction.
        actor: a manager of the unit that gives it.
        key: the participant.
        unit_id: which unit receives it.
        reason: why; kept in the log.
        version: of the case as shown.
        today: the day.
        now: meetings from now on stop it.

    Raises:
        Refused: no manager.
        NotFound: unknown, another unit's, or protected and not the actor's to handle.
        RuleViolation: protected, ended, or something must be ended first.
        Invalid: no such unit, one that nobody leads, or no reason.
        Conflict: the case was saved since.
    """
    actor.require_role(Role.UNIT_MANAGER)
    participant = get_visible(session, actor, key, today=today, for_update=True)
    if participant.protected:
        raise RuleViolation("protected", _PROTECTED)
    case = open_case(session, participant)
    check_version(case, version)
    words = plain_text("reason", reason, today=today)
    wrong = {}
    receivers = {unit.id for unit in units_to_move_to(session, actor)}
    if unit_id not in receivers:
        wrong["unit_id"] = N_("Välj en enhet som har en chef.")
    if words is None:
        wrong["reason"] = N_("Skriv varför ärendet flyttas.")
    if wrong:
        raise Invalid(wrong)
    assert unit_id is not None  # noqa: S101 - for the type checker: it is one of the receivers
    for stop in stops_of(session, participant, now=now):
        raise RuleViolation(stop.code, stop.words)
    old = session.get_one(Unit, participant.unit_id)
    _let_go(session, actor, participant, case)
    _carry(session, participant, unit_id)
    session.refresh(participant)
    session.refresh(case)
    audit.record(session, actor, "move", "case", case.id, subjects=[participant.id], reason=words)
    for manager in managers_of(session, unit_id):
        add_task(
            session,
            actor,
            owner_id=manager,
            unit_id=unit_id,
            kind="moved_here",
            about_type="participant",
            about_id=participant.id,
            due_on=today + ALLOCATE_WITHIN,
            words={"alias": participant.alias, "unit": old.name},
            origin="move_case",
        )
    return case


def _let_go(session: Session, actor: Actor, participant: Participant, case: Case) -> None:
    """Nobody of the old unit sees the person, has a task about her or holds a link to her."""
    session.execute(delete(Involvement).where(Involvement.participant_id == participant.id))
    for task in session.scalars(
        open_tasks().where(Task.about_type == "participant", Task.about_id == participant.id)
    ):
        task.dropped_reason, task.closed_by_id = MOVED, actor.user_id
    forget_links(session, participant.id)
    # Areas and programmes are lists of the old unit.
    session.execute(delete(ParticipantArea).where(ParticipantArea.participant_id == participant.id))
    case.case_worker_id = case.programme_id = None
    session.flush()


def _carry(session: Session, participant: Participant, unit_id: UUID) -> None:
    """Every row about her that says which unit it is of says the new one."""
    if is_taken(session, unit_id, participant.external_id):
        participant.external_id = str(uuid4())
    participant.unit_id = unit_id
    session.flush()
    for table in carried_tables():
        where = (
            table.c.participant_id == participant.id
            if "participant_id" in table.c
            else (table.c.about_type == "participant") & (table.c.about_id == participant.id)
        )
        session.execute(update(table).where(where).values(unit_id=unit_id))
    session.flush()


def carried_tables() -> list[Table]:
    """Tables of what is known about a person and says which unit it is of."""
    return [
        table
        for table in Base.metadata.sorted_tables
        if "unit_id" in table.c
        and table.name not in STAYS
        and ("participant_id" in table.c or {"about_type", "about_id"} <= set(table.c.keys()))
    ]
