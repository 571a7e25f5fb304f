"""Referrals: noted, checked, allocated and enrolled; who sees which (PRO-04, PRO-05, MAP-05).

A manager sees the unit's, a case worker what she noted or was given. One about a person whose
data are protected exists only for whoever noted it, the manager named in it and the case worker
it is given to. The referrer is told in words without personal data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, Unit, User, UserRole
from matchsvc.accounts.settings import several
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, Refused, RuleViolation
from matchsvc.messages.outbox import queue_message
from matchsvc.participants.access import visible_participants
from matchsvc.participants.admission import Verdict
from matchsvc.participants.enrolment import (
    check_details,
    enrol,
    judge_details,
    require_case_worker,
)
from matchsvc.participants.models import Case, Participant
from matchsvc.participants.referral_content import (
    Content,
    check_content,
    content_of,
    letter_of,
    write_content,
)
from matchsvc.participants.referral_models import CloseReason, Referral, ReferralState, Route

WORKERS = (Role.CASE_WORKER, Role.UNIT_MANAGER)
OPEN = (
    ReferralState.RECEIVED,
    ReferralState.INCOMPLETE,
    ReferralState.COMPLETE,
    ReferralState.ALLOCATED,
)
_UNALLOCATED = OPEN[:3]


@dataclass(frozen=True, slots=True)
class Timer:
    """Days that have passed since it came, or since it was given to somebody, and the limit."""

    days: int
    limit: int

    @property
    def is_late(self) -> bool:
        """Whether more days have passed than the unit has set."""
        return self.days > self.limit


@dataclass(frozen=True, slots=True)
class Load:
    """A case worker and how much she has: open cases, and referrals not yet enrolled."""

    user: User
    cases: int
    referrals: int


def _is_visible(actor: Actor) -> ColumnElement[bool]:
    mine = or_(Referral.noted_by_id == actor.user_id, Referral.allocated_to_id == actor.user_id)
    named = or_(mine, Referral.manager_id == actor.user_id)
    reach = true() if actor.has_role(Role.UNIT_MANAGER) else mine
    return and_(
        Referral.unit_id == actor.unit_id,
        or_(and_(Referral.protected.is_(False), reach), and_(Referral.protected.is_(True), named)),
    )


def list_referrals(session: Session, actor: Actor, *, ended: bool = False) -> list[Referral]:
    """Those that the actor may see, open ones oldest first, or the ended ones latest first."""
    actor.require_role(*WORKERS)
    order = Referral.ended_on.desc() if ended else Referral.received_on
    states = Referral.state.in_(OPEN)
    found = select(Referral).where(_is_visible(actor), ~states if ended else states)
    rows = list(session.scalars(found.order_by(order, Referral.number).limit(200)))
    audit.record(session, actor, "list", "referral", subjects=[each.id for each in rows])
    return rows


def get_referral(session: Session, actor: Actor, referral_id: UUID) -> Referral:
    """One referral; the reading is logged.

    Raises:
        NotFound: unknown, not the actor's to see, or protected: the same answer.
    """
    actor.require_role(*WORKERS)
    found = session.scalar(select(Referral).where(Referral.id == referral_id, _is_visible(actor)))
    if found is None:
        raise NotFound("referral")
    audit.record(session, actor, "read", "referral", found.id)
    return found


def note_referral(session: Session, actor: Actor, content: Content, *, today: date) -> Referral:
    """Note a referral that has come.

    Raises:
        Refused: the actor is neither case worker nor manager.
        Invalid: a value is not possible; every field's message at once.
    """
    unit_id = _unit_of(actor)
    check_content(session, actor, unit_id, content, today=today)
    # One after the other: two that come at once do not get the same number.
    session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update(key_share=True)).all()
    highest = session.scalar(select(func.max(Referral.number)).where(Referral.unit_id == unit_id))
    referral = Referral(
        unit_id=unit_id, number=(highest or 0) + 1, noted_by_id=actor.require_user()
    )
    write_content(session, referral, content)
    session.add(referral)
    session.flush()
    audit.record(session, actor, "create", "referral", referral.id)
    return referral


def change_referral(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    content: Content,
    *,
    version: int | None,
    today: date,
) -> Referral:
    """Complete or correct it; it is to be checked again.

    Raises:
        NotFound: not the actor's to see.
        RuleViolation: it has been allocated or has ended.
        Invalid: a value is not possible.
        Conflict: it was saved since.
    """
    referral = _open_one(session, actor, referral_id, version, _UNALLOCATED)
    # A mark once set is not taken away by a form.
    details = replace(content.details, protected=content.details.protected or referral.protected)
    content = replace(content, details=details)
    check_content(session, actor, referral.unit_id, content, today=today)
    write_content(session, referral, content)
    referral.state, referral.completed_on, referral.missing = ReferralState.RECEIVED, None, []
    session.flush()
    audit.record(session, actor, "change", "referral", referral.id)
    return referral


def check_referral(
    session: Session, actor: Actor, referral_id: UUID, *, version: int | None, today: date
) -> Referral:
    """Go through the checklist: complete, or incomplete with a code for each thing missing.

    Raises:
        NotFound: not the actor's to see.
        RuleViolation: it has been allocated or has ended.
        Conflict: it was saved since.
    """
    referral = _open_one(session, actor, referral_id, version, _UNALLOCATED)
    missing = _missing(session, referral, today=today)
    referral.missing = missing
    referral.completed_on = None if missing else today
    referral.state = ReferralState.INCOMPLETE if missing else ReferralState.COMPLETE
    session.flush()
    audit.record(session, actor, "check", "referral", referral.id, fields=missing)
    _tell_referrer(session, referral)
    return referral


def _missing(session: Session, referral: Referral, *, today: date) -> list[str]:
    content = content_of(referral)
    details = content.details
    is_self = content.route is Route.SELF
    decided = content.decision_reference and content.decided_on and content.legal_basis
    there = {
        "name": referral.protected or bool(details.given_name and details.family_name),
        "identity": bool(details.personal_id or details.birth_year),
        "reason": bool(content.reason),
        "referrer": is_self or bool(content.referrer_name and content.referrer_org),
        "decision": content.route is not Route.SOCIAL_SERVICES or bool(decided),
    }
    missing = [code for code, is_there in there.items() if not is_there]
    judged = replace(details, enrolled_on=today)
    number = check_details(judged, today=today)
    judgement = judge_details(session, referral.unit_id, judged, number)
    if judgement is not None:
        missing += judgement.codes(Verdict.UNKNOWN)
        if not details.admission_reason:
            missing += judgement.codes(Verdict.NOT_MET)
    return missing


def allocate_referral(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    worker_id: UUID,
    *,
    version: int | None,
    today: date,
) -> Referral:
    """Give a complete referral to a case worker, or give it to another one.

    Raises:
        Refused: the actor is no manager.
        NotFound: not the actor's to see.
        Invalid: no case worker of the unit.
        RuleViolation: it is not complete, or has ended.
        Conflict: it was saved since.
    """
    actor.require_role(Role.UNIT_MANAGER)
    states = (ReferralState.COMPLETE, ReferralState.ALLOCATED)
    referral = _open_one(session, actor, referral_id, version, states)
    referral.allocated_to_id = require_case_worker(session, worker_id, referral.unit_id)
    referral.allocated_on, referral.state = today, ReferralState.ALLOCATED
    referral.first_contact_on = None
    session.flush()
    audit.record(session, actor, "allocate", "referral", referral.id)
    _tell_referrer(session, referral)
    return referral


def note_contact(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    day: date,
    *,
    version: int | None,
    today: date,
) -> Referral:
    """Note the day on which the person was reached for the first time.

    Raises:
        Invalid: the day is before the allocation or has not been.
    """
    referral = _open_one(session, actor, referral_id, version, (ReferralState.ALLOCATED,))
    if day > today or (referral.allocated_on and day < referral.allocated_on):
        raise Invalid({"first_contact_on": N_("Skriv en dag mellan fördelningen och i dag.")})
    referral.first_contact_on = day
    session.flush()
    audit.record(session, actor, "change", "referral", referral.id, fields=["first_contact_on"])
    return referral


def enrol_referral(
    session: Session, actor: Actor, referral_id: UUID, *, version: int | None, today: date
) -> Referral:
    """Enrol the person with the case worker who was given it. No key of her is kept here.

    Raises:
        NotFound: not the actor's to see.
        RuleViolation: it is not allocated, or she has an open case.
        Conflict: it was saved since.
    """
    referral = _open_one(session, actor, referral_id, version, (ReferralState.ALLOCATED,))
    details = replace(
        content_of(referral).details,
        enrolled_on=today,
        judged_on=referral.completed_on,
        case_worker_id=referral.allocated_to_id,
    )
    enrol(session, actor, details, today=today)
    return _end(session, actor, referral, ReferralState.ENROLLED, None, today=today)


def close_referral(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    *,
    withdrawn: bool,
    reason: CloseReason,
    version: int | None,
    today: date,
) -> Referral:
    """End it without an enrolment: the unit declines, or it was taken back.

    Raises:
        Refused: only a manager declines.
        NotFound: not the actor's to see.
        RuleViolation: it has ended.
        Conflict: it was saved since.
    """
    if not withdrawn:
        actor.require_role(Role.UNIT_MANAGER)
    referral = _open_one(session, actor, referral_id, version, OPEN)
    state = ReferralState.WITHDRAWN if withdrawn else ReferralState.DECLINED
    return _end(session, actor, referral, state, reason, today=today)


def _end(
    session: Session,
    actor: Actor,
    referral: Referral,
    state: ReferralState,
    reason: CloseReason | None,
    *,
    today: date,
) -> Referral:
    referral.state, referral.close_reason, referral.ended_on = state, reason, today
    session.flush()
    audit.record(session, actor, state.value, "referral", referral.id)
    _tell_referrer(session, referral)
    return referral


def workloads(session: Session, actor: Actor) -> list[Load]:
    """Every active case worker of the unit with what she has, the least first. Three queries.

    Of cases those that the manager may know of: one more than she can list would tell of somebody.

    Raises:
        Refused: the actor is no manager.
    """
    actor.require_role(Role.UNIT_MANAGER)
    known = visible_participants(session, actor).with_only_columns(Participant.id)
    cases = _count_by(
        session,
        Case.case_worker_id,
        and_(Case.ended_on.is_(None), Case.participant_id.in_(known)),
    )
    waiting = _count_by(
        session, Referral.allocated_to_id, Referral.state == ReferralState.ALLOCATED
    )
    users = session.scalars(
        select(User)
        .join(UserRole, UserRole.user_id == User.id)
        .where(User.unit_id == actor.unit_id, User.is_active, UserRole.role == Role.CASE_WORKER)
    )
    loads = [Load(each, cases.get(each.id, 0), waiting.get(each.id, 0)) for each in users]
    return sorted(loads, key=lambda load: (load.cases + load.referrals, load.user.sort_key))


def _count_by(session: Session, column: Any, where: ColumnElement[bool]) -> dict[UUID, int]:
    rows = session.execute(select(column, func.count()).where(where).group_by(column))
    return {key: number for key, number in rows if key is not None}


def timer_of(referral: Referral, limits: Mapping[str, int], *, today: date) -> Timer | None:
    """What it waits for: to be allocated, or the first contact; None when nothing."""
    if referral.state in _UNALLOCATED:
        days = (today - referral.received_on).days
        return Timer(days, limits["referral_allocate_days"])
    if referral.state is ReferralState.ALLOCATED and referral.first_contact_on is None:
        days = (today - (referral.allocated_on or today)).days
        return Timer(days, limits["referral_contact_days"])
    return None


def limits_of(session: Session, unit_id: UUID | None) -> dict[str, int]:
    """The unit's limits of the timers, in days. One query."""
    found = several(session, unit_id, "referral_allocate_days", "referral_contact_days")
    return {key: int(value) for key, value in found.items()}


def _tell_referrer(session: Session, referral: Referral) -> None:
    body = letter_of(referral)
    if body is None or not referral.referrer_email:
        return
    queue_message(
        session,
        unit_id=referral.unit_id,
        kind="referral",
        recipient=referral.referrer_email,
        subject=f"Remiss {referral.number}",
        body=body,
        cause_id=referral.id,
    )


def _open_one(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    version: int | None,
    states: tuple[ReferralState, ...],
) -> Referral:
    referral = get_referral(session, actor, referral_id)
    check_version(referral, version)
    if referral.state not in states:
        raise RuleViolation(
            "wrong_state", N_("Remissen har kommit längre, eller är inte färdig för det. Läs om.")
        )
    return referral


def _unit_of(actor: Actor) -> UUID:
    actor.require_role(*WORKERS)
    if actor.unit_id is None:
        raise Refused
    return actor.unit_id
