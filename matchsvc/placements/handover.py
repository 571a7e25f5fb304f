"""Handing work over: all or some of what a colleague is responsible for, in one step.

Cases with their placements, supervision, employers, offers and tasks. Nothing may be left without
somebody who answers for it: :func:`left_behind` lists what is. Protected people are moved by their
handlers alone; for everybody else they are not there.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User
from matchsvc.activities.catalogue import READERS as LEADERS
from matchsvc.activities.leading import give_groups, led_by, still_meets
from matchsvc.activities.models import ActivityGroup
from matchsvc.diary.access import Shown, is_more_than_busy, show
from matchsvc.diary.changing import move_meetings
from matchsvc.employers.access import EDITORS
from matchsvc.employers.models import Employer, Offer, OfferStatus, Site
from matchsvc.errors import N_, Invalid, NotFound
from matchsvc.participants.access import guarded_from, involve, visible_participants
from matchsvc.participants.case_models import WorkerReason
from matchsvc.participants.cases import allocate_case_worker
from matchsvc.participants.models import Capacity, Case, Involvement, Participant
from matchsvc.placements.access import visible_placements
from matchsvc.placements.models import Placement
from matchsvc.placements.supervision import (
    SUPERVISING,
    close_supervision,
    open_supervision,
)
from matchsvc.placements.task_list import give_tasks, unit_tasks
from matchsvc.workday.archivable import stands
from matchsvc.workday.meeting_models import Meeting
from matchsvc.workday.meeting_reads import meetings_of
from matchsvc.workday.meeting_types import OWN_TIME
from matchsvc.workday.models import Task
from matchsvc.workday.rules import Chosen


class Kind(enum.StrEnum):
    """What can be handed over; the order is that of the page."""

    CASE = "case"
    SUPERVISION = "supervision"
    LIAISON = "liaison"
    EMPLOYER = "employer"
    OFFER = "offer"
    TASK = "task"
    MEETING = "meeting"
    GROUP = "group"


#: Which roles may take what over; tasks may go to anybody of the unit.
TAKERS: dict[Kind, Collection[Role]] = {
    Kind.CASE: (Role.CASE_WORKER,),
    Kind.SUPERVISION: SUPERVISING,
    Kind.LIAISON: (*EDITORS, Role.CASE_WORKER),
    Kind.EMPLOYER: EDITORS,
    Kind.OFFER: EDITORS,
    Kind.TASK: tuple(Role),
    Kind.MEETING: tuple(Role),
    Kind.GROUP: LEADERS,
}
CANNOT_TAKE = {
    Kind.CASE: N_("Den du valde är inte handläggare och kan inte ta ärenden."),
    Kind.SUPERVISION: N_("Den du valde kan inte vara handledare."),
    Kind.LIAISON: N_("Den du valde kan inte ha kontakten om placeringar."),
    Kind.EMPLOYER: N_("Den du valde kan inte ansvara för arbetsgivare."),
    Kind.OFFER: N_("Den du valde kan inte ansvara för erbjudanden."),
    Kind.TASK: N_("Den du valde kan inte ta uppgifter."),
    Kind.MEETING: N_("Den du valde kan inte ta möten."),
    Kind.GROUP: N_("Den du valde kan inte leda grupper."),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing somebody answers for.

    Attributes:
        kind, id: which.
        title: alias, employer, title or sentence; never a participant's name.
        task, meeting: what the page puts the sentence together from.
    """

    kind: Kind
    id: UUID
    title: str = ""
    task: Task | None = None
    meeting: Shown | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """How much a colleague answers for, by kind."""

    user: User
    counts: dict[Kind, int]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.counts.values())


def require_may_hand_over(actor: Actor, user_id: UUID) -> None:
    """Raise Refused unless it is the actor's own work, or the actor leads the unit."""
    if actor.user_id != user_id:
        actor.require_role(Role.UNIT_MANAGER)


def work_of(
    session: Session, actor: Actor, user_id: UUID, *, today: date, now: datetime
) -> list[Piece]:
    """Everything a colleague answers for that exists for the actor; logged. Six queries.

    Raises:
        NotFound: nobody of the actor's unit.
        Refused: somebody else's, and the actor does not lead the unit.
    """
    user = session.get(User, user_id)
    if user is None or user.unit_id != actor.unit_id:
        raise NotFound("user")
    require_may_hand_over(actor, user_id)
    people = session.execute(
        visible_participants(session, actor, today=today)
        .join(Case, Case.participant_id == Participant.id)
        .where(Case.case_worker_id == user_id, Case.ended_on.is_(None))
        .with_only_columns(Participant.id, Participant.number)
        .order_by(Participant.number)
    ).all()
    pieces = [Piece(Kind.CASE, row.id, f"D-{row.number}") for row in people]
    pieces += _placements(session, actor, Kind.SUPERVISION, user_id, today)
    pieces += _placements(session, actor, Kind.LIAISON, user_id, today)
    employers = session.execute(
        select(Employer.id, Employer.name)
        .where(
            Employer.owner_id == user_id,
            Employer.unit_id == actor.unit_id,
            stands(Employer),
        )
        .order_by(Employer.sort_key)
    )
    pieces += [Piece(Kind.EMPLOYER, row.id, row.name) for row in employers]
    offers = session.execute(
        select(Offer.id, Offer.title, Site.name)
        .join(Site, Site.id == Offer.site_id)
        .where(
            Offer.owner_id == user_id,
            Offer.unit_id == actor.unit_id,
            stands(Offer),
            Offer.status.in_((OfferStatus.DRAFT, OfferStatus.OPEN, OfferStatus.PAUSED)),
        )
        .order_by(Offer.sort_key)
    )
    pieces += [Piece(Kind.OFFER, row.id, f"{row.title} · {row.name}") for row in offers]
    tasks = session.scalars(
        _tasks_of(session, actor, user_id, today).order_by(Task.due_on, Task.id)
    )
    pieces += [Piece(Kind.TASK, task.id, task=task) for task in tasks]
    meetings = show(session, actor, meetings_of(session, user_id, now=now), today=today, log=False)
    # What is only a busy time to the actor is moved by those who may read it, if by anybody.
    pieces += [
        Piece(Kind.MEETING, each.meeting.id, meeting=each)
        for each in meetings
        if not each.is_busy and each.meeting.kind != OWN_TIME
    ]
    pieces += [
        Piece(Kind.GROUP, group.id, f"{group.activity.name}, {group.name}")
        for group in led_by(session, actor, user_id, now=now)
    ]
    audit.record(session, actor, "list", "work", user_id, subjects=[row.id for row in people])
    return pieces


def _placements(
    session: Session, actor: Actor, kind: Kind, user_id: UUID, today: date
) -> list[Piece]:
    column = Placement.supervisor_id if kind is Kind.SUPERVISION else Placement.liaison_id
    rows = session.execute(
        visible_placements(actor, today=today)
        .where(column == user_id, Placement.end_date.is_(None), Placement.called_off_on.is_(None))
        .with_only_columns(Placement.id, Participant.number, Site.name)
        .order_by(Participant.number)
    ).all()
    return [Piece(kind, row.id, f"D-{row.number} · {row.name}") for row in rows]


def _tasks_of(session: Session, actor: Actor, user_id: UUID, today: date) -> Select[Task]:
    return unit_tasks(session, actor, today=today).where(Task.owner_id == user_id)


def hand_over(
    session: Session,
    actor: Actor,
    *,
    from_id: UUID,
    to_id: UUID,
    pieces: Collection[tuple[Kind, UUID]],
    reason: str,
    today: date,
    now: datetime,
) -> dict[Kind, int]:
    """Move work to a colleague, all or nothing.

    Args:
        session: a writing transaction.
        actor: whose work it is, or a manager of the unit.
        from_id: who answers for it now.
        to_id: who takes over.
        pieces: which of it.
        reason: kept with every change.
        today: the day.
        now: meetings from here on can be moved.

    Returns:
        How many of each kind were moved.

    Raises:
        NotFound: nobody of the unit, or a piece that is not that colleague's any longer.
        Refused: somebody else's work, and the actor does not lead the unit.
        Invalid: nothing chosen, no reason, or things the receiver may not have, each named.
    """
    held = {
        (piece.kind, piece.id) for piece in work_of(session, actor, from_id, today=today, now=now)
    }
    receiver = session.scalar(
        select(User)
        .where(User.id == to_id, User.unit_id == actor.unit_id, User.is_active)
        .options(selectinload(User.roles))
    )
    _check(receiver, from_id, pieces, reason)
    if not set(pieces) <= held:
        raise NotFound("work")
    of = {kind: [key for each, key in pieces if each is kind] for kind in Kind}
    for key in of[Kind.CASE]:
        allocate_case_worker(session, actor, key, to_id, reason=WorkerReason.HAND_OVER, today=today)
        session.execute(
            update(Placement)
            .where(Placement.participant_id == key, Placement.case_worker_id == from_id)
            .values(case_worker_id=to_id)
        )
    _supervise(session, actor, of[Kind.SUPERVISION], (from_id, to_id), reason=reason, today=today)
    owned: tuple[tuple[Kind, Any, str], ...] = (
        (Kind.LIAISON, Placement, "liaison_id"),
        (Kind.EMPLOYER, Employer, "owner_id"),
        (Kind.OFFER, Offer, "owner_id"),
    )
    for kind, model, column in owned:
        for row in session.scalars(select(model).where(model.id.in_(of[kind])).with_for_update()):
            setattr(row, column, to_id)
            audit.record(
                session, actor, "change", kind.value, row.id, fields=[column], reason=reason
            )
    # What goes with a case went with it above.
    still = select(Task.id).where(Task.id.in_(of[Kind.TASK]), Task.owner_id == from_id)
    if left := session.scalars(still).all():
        chosen = Chosen(dict.fromkeys(left), _tasks_of(session, actor, from_id, today))
        give_tasks(session, actor, chosen, owner_id=to_id, reason=reason, today=today)
    if of[Kind.GROUP]:
        give_groups(session, actor, of[Kind.GROUP], to_id, reason=reason)
    # Last: who takes over a protected person's meeting must be her handler, which the rule checks.
    move_meetings(session, actor, of[Kind.MEETING], to_id, today=today, now=now)
    audit.record(
        session,
        actor,
        "hand_over",
        "user",
        from_id,
        subjects=of[Kind.CASE],
        fields=[f"{kind}:{len(keys)}" for kind, keys in of.items() if keys],
        reason=reason.strip(),
    )
    session.flush()
    return {kind: len(keys) for kind, keys in of.items() if keys}


def _check(
    receiver: User | None, from_id: UUID, pieces: Collection[tuple[Kind, UUID]], reason: str
) -> None:
    errors = {}
    if not pieces:
        errors["pieces"] = N_("Välj vad som ska lämnas över.")
    if not reason.strip():
        errors["reason"] = N_("Skriv varför. Skriv inget om sjukdom.")
    if receiver is None or receiver.id == from_id:
        errors["to_id"] = N_("Välj en annan i enheten.")
    else:
        roles = {held.role for held in receiver.roles}
        for kind in {kind for kind, _ in pieces}:
            if roles.isdisjoint(TAKERS[kind]):
                errors[f"pieces.{kind}"] = CANNOT_TAKE[kind]
    if errors:
        raise Invalid(errors)


def _supervise(
    session: Session,
    actor: Actor,
    ids: Sequence[UUID],
    between: tuple[UUID, UUID],
    *,
    reason: str,
    today: date,
) -> None:
    from_id, to_id = between
    rows = session.scalars(select(Placement).where(Placement.id.in_(ids)).with_for_update()).all()
    people = [placement.participant_id for placement in rows]
    if guarded_from(session, to_id, people):
        raise Invalid(
            {
                "pieces.supervision": N_(
                    "Skyddade personuppgifter: bara en av de namngivna handläggarna kan handleda."
                )
            }
        )
    for placement in rows:
        close_supervision(session, placement, day=today, reason=reason.strip())
        placement.supervisor_id = to_id
        open_supervision(session, placement, day=today)
        involve(session, actor, placement.participant_id, to_id, Capacity.SUPERVISOR)
        audit.record(session, actor, "change", "placement", placement.id, fields=["supervisor_id"])
    session.flush()
    still = select(Placement.participant_id).where(
        Placement.supervisor_id == from_id,
        Placement.end_date.is_(None),
        Placement.called_off_on.is_(None),
    )
    for known in session.scalars(
        select(Involvement).where(
            Involvement.user_id == from_id,
            Involvement.capacity == Capacity.SUPERVISOR,
            Involvement.participant_id.in_(people),
            Involvement.participant_id.not_in(still),
        )
    ):
        session.delete(known)  # loses sight of her at once, as a case worker does


def loads(session: Session, actor: Actor, *, today: date, now: datetime) -> list[Load]:
    """How much everybody of the unit answers for, by name; those who ended come with what is left.

    Raises:
        Refused: the actor does not lead the unit.
    """
    actor.require_role(Role.UNIT_MANAGER)
    people = visible_participants(session, actor, today=today).with_only_columns(Participant.id)
    unit = actor.unit_id
    current = (Placement.end_date.is_(None), Placement.called_off_on.is_(None))
    hers = Placement.participant_id.in_(people)
    questions = {
        Kind.CASE: (
            Case.case_worker_id,
            (Case.ended_on.is_(None), Case.participant_id.in_(people)),
        ),
        Kind.SUPERVISION: (Placement.supervisor_id, (*current, hers)),
        Kind.LIAISON: (Placement.liaison_id, (*current, hers)),
        Kind.EMPLOYER: (Employer.owner_id, (Employer.unit_id == unit, stands(Employer))),
        Kind.OFFER: (
            Offer.owner_id,
            (
                Offer.unit_id == unit,
                stands(Offer),
                Offer.status.in_((OfferStatus.DRAFT, OfferStatus.OPEN, OfferStatus.PAUSED)),
            ),
        ),
        Kind.TASK: (Task.owner_id, (Task.id.in_(_ids(session, actor, today)),)),
        Kind.MEETING: (
            Meeting.owner_id,
            (Meeting.unit_id == unit, Meeting.ends_at > now, is_more_than_busy(people)),
        ),
        Kind.GROUP: (
            ActivityGroup.leader_id,
            (ActivityGroup.unit_id == unit, still_meets(now)),
        ),
    }
    counts: dict[UUID, dict[Kind, int]] = {}
    for kind, (owner, where) in questions.items():
        rows = session.execute(select(owner, func.count()).where(*where).group_by(owner))
        for user_id, number in rows:
            if user_id is not None:
                counts.setdefault(user_id, {})[kind] = number
    users = session.scalars(select(User).where(User.unit_id == unit).order_by(User.sort_key))
    return [
        Load(user, counts.get(user.id, {}))
        for user in users
        if user.is_active or counts.get(user.id)
    ]


def _ids(session: Session, actor: Actor, today: date) -> Select[UUID]:
    return unit_tasks(session, actor, today=today).with_only_columns(Task.id)


def left_behind(session: Session, actor: Actor, *, today: date) -> list[Participant]:
    """People with an open case and nobody who answers for it; logged.

    Raises:
        Refused: the actor does not lead the unit.
    """
    actor.require_role(Role.UNIT_MANAGER)
    found = session.scalars(
        visible_participants(session, actor, today=today)
        .join(Case, Case.participant_id == Participant.id)
        .where(Case.ended_on.is_(None), Case.case_worker_id.is_(None))
        .order_by(Participant.number)
    ).all()
    audit.record(session, actor, "list", "participant", subjects=[row.id for row in found])
    return list(found)
