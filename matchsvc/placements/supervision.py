"""Somebody else supervises: access and the follow-up in progress go over, the history stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.accounts.settings import number
from matchsvc.db import check_version
from matchsvc.employers.models import Contact
from matchsvc.errors import N_, RuleViolation
from matchsvc.participants import access as people
from matchsvc.participants.models import Capacity
from matchsvc.placements.access import Seen, get_placement, require_decider
from matchsvc.placements.decision_models import Supervision
from matchsvc.placements.decisions import RENEW_AGREEMENT_TASK, RENEW_WITHIN, task_words
from matchsvc.placements.models import Placement
from matchsvc.placements.transitions import Act, require
from matchsvc.swedish import contains_identity_number
from matchsvc.workday.rules import add_task

#: Who may be named as the unit's supervisor.
SUPERVISING = (Role.SUPERVISOR, Role.CASE_WORKER, Role.PLACEMENT_COORDINATOR)


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """Who supervises from now on.

    Attributes:
        supervisor_id: ours; None leaves the follow-ups with the case worker.
        contact_id: the workplace's own.
        reason: why, in words that say nothing about health.
    """

    supervisor_id: UUID | None
    contact_id: UUID | None
    reason: str


def replace_supervisor(
    session: Session,
    actor: Actor,
    key: UUID | str,
    wanted: Replacement,
    *,
    version: int | None = None,
    today: date,
) -> Placement:
    """Let somebody else supervise from today; in the middle of a month too.

    A follow-up that is not logged is the new one's at once. Who leaves keeps sight of the person
    for the unit's days, to hand over, and has none after that; what was logged stays as it was.

    Raises:
        NotFound: unknown or hidden.
        Refused: the actor may not decide on this participant.
        RuleViolation: it has ended, nobody would supervise, or somebody who may not.
        Conflict: somebody else saved the placement since.
    """
    found = get_placement(session, actor, key, today=today, for_update=True)
    require_decider(actor, found.sight)
    placement = found.placement
    require(session, actor, placement, Act.SUPERVISE, today=today)
    check_version(placement, version)
    problems = _problems(session, found, wanted, today=today)
    if problems:
        raise RuleViolation(
            "supervisor_not_possible",
            N_("Rätta det som är markerat och spara igen."),
            fields=problems,
        )
    before = placement.supervisor_id
    is_other_contact = placement.contact_id != wanted.contact_id
    if before == wanted.supervisor_id and not is_other_contact:
        return placement
    close_supervision(session, placement, day=today, reason=wanted.reason.strip())
    placement.supervisor_id, placement.contact_id = wanted.supervisor_id, wanted.contact_id
    open_supervision(session, placement, day=today)
    if before != wanted.supervisor_id:
        _pass_access_on(session, actor, found, before, today=today)
    if is_other_contact and placement.case_worker_id is not None:
        _ask_for_agreement(session, actor, found, placement.case_worker_id, today=today)
    audit.record(
        session,
        actor,
        "change",
        "placement",
        placement.id,
        subjects=[found.participant.id],
        fields=["supervisor_id", "contact_id"],
    )
    session.flush()
    return placement


def open_supervision(session: Session, placement: Placement, *, day: date) -> None:
    """Note who supervises from a day on."""
    session.add(
        Supervision(
            placement_id=placement.id,
            supervisor_id=placement.supervisor_id,
            contact_id=placement.contact_id,
            from_day=day,
        )
    )
    session.flush()


def close_supervision(session: Session, placement: Placement, *, day: date, reason: str) -> None:
    """Note that those who supervised until now do so no longer than a day."""
    row = session.scalar(
        select(Supervision)
        .where(Supervision.placement_id == placement.id, Supervision.to_day.is_(None))
        .order_by(Supervision.from_day.desc())
        .limit(1)
    )
    if row is None:  # older than the history, or imported
        row = Supervision(
            placement_id=placement.id,
            supervisor_id=placement.supervisor_id,
            contact_id=placement.contact_id,
            from_day=min(placement.start_date, day),
        )
        session.add(row)
    row.to_day, row.reason = max(day, row.from_day), reason
    session.flush()


def supervisions_of(session: Session, placement_id: UUID) -> list[Supervision]:
    """Who supervised, in order. Asks no right."""
    return list(
        session.scalars(
            select(Supervision)
            .where(Supervision.placement_id == placement_id)
            .order_by(Supervision.from_day, Supervision.created_at)
        )
    )


def problem_with_supervisor(
    session: Session, supervisor_id: UUID, unit_id: UUID, participant_id: UUID, *, protected: bool
) -> str | None:
    """Why somebody cannot be the unit's supervisor, in a sentence; None when she can."""
    if not is_staff(session, supervisor_id, unit_id, SUPERVISING):
        return N_("Den personen kan inte vara handledare. Välj någon annan.")
    if protected and people.guarded_from(session, supervisor_id, [participant_id]):
        return N_("Skyddade personuppgifter: bara en av de namngivna handläggarna kan handleda.")
    return None


def is_staff(session: Session, user_id: UUID, unit_id: UUID, roles: tuple[Role, ...]) -> bool:
    """Whether somebody is an active user of the unit in one of the roles."""
    found = select(User.id).where(
        User.id == user_id,
        User.unit_id == unit_id,
        User.is_active,
        User.id.in_(select(UserRole.user_id).where(UserRole.role.in_(roles))),
    )
    return session.scalar(found) is not None


def let_go(session: Session, actor: Actor, found: Seen, supervisor_id: UUID, *, day: date) -> None:
    """Let a supervisor's sight of a person end some days after a day, unless she has another."""
    others = session.scalar(
        select(Placement.id)
        .where(
            Placement.participant_id == found.participant.id,
            Placement.supervisor_id == supervisor_id,
            Placement.id != found.placement.id,
            Placement.end_date.is_(None),
            Placement.called_off_on.is_(None),
        )
        .limit(1)
    )
    if others is None:
        # Long enough to log the last follow-up, or to hand over.
        days = number(session, found.placement.unit_id, "supervisor_keeps_days")
        people.involve(
            session,
            actor,
            found.participant.id,
            supervisor_id,
            Capacity.SUPERVISOR,
            until=day + timedelta(days=days),
        )


def _problems(session: Session, found: Seen, wanted: Replacement, *, today: date) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if wanted.supervisor_id is None and wanted.contact_id is None:
        wrong["supervisor_id"] = N_(
            "Välj vem som är handledare: någon hos oss eller en person på arbetsplatsen."
        )
    elif wanted.supervisor_id is not None:
        problem = problem_with_supervisor(
            session,
            wanted.supervisor_id,
            found.placement.unit_id,
            found.participant.id,
            protected=found.participant.protected,
        )
        if problem is not None:
            wrong["supervisor_id"] = problem
    if wanted.contact_id is not None:
        contact = session.get(Contact, wanted.contact_id)
        if contact is None or contact.employer_id != found.employer.id:
            wrong["contact_id"] = N_("Kontaktpersonen hör inte till arbetsgivaren. Välj igen.")
    if not wanted.reason.strip():
        wrong["reason"] = N_("Skriv varför. Skriv inget om sjukdom.")
    elif contains_identity_number(wanted.reason, today=today):
        wrong["reason"] = N_("Skriv inga personnummer här.")
    return wrong


def _pass_access_on(
    session: Session, actor: Actor, found: Seen, before: UUID | None, *, today: date
) -> None:
    if found.participant.protected:
        return  # her named handlers see her whoever supervises
    if before is not None:
        let_go(session, actor, found, before, day=today)
    after = found.placement.supervisor_id
    if after is not None:
        people.involve(session, actor, found.participant.id, after, Capacity.SUPERVISOR)


def _ask_for_agreement(
    session: Session, actor: Actor, found: Seen, owner_id: UUID, *, today: date
) -> None:
    """The workplace's supervisor stands in the agreement by name."""
    add_task(
        session,
        actor,
        owner_id=owner_id,
        unit_id=found.placement.unit_id,
        kind=RENEW_AGREEMENT_TASK,
        about_type="placement",
        about_id=found.placement.id,
        due_on=today + RENEW_WITHIN,
        words=task_words(found),
        origin="DESIGN 3",
    )
