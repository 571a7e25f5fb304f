"""Who stands in for whom, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User
from matchsvc.errors import N_, Invalid, NotFound, Refused
from matchsvc.workday.substitute_models import Substitute


def stood_in_for(session: Session, user_id: UUID, *, today: date) -> Sequence[UUID]:
    """The colleagues whom a user stands in for today."""
    return session.scalars(
        select(Substitute.user_id).where(
            Substitute.substitute_id == user_id,
            Substitute.first_day <= today,
            Substitute.last_day >= today,
        )
    ).all()


def name_substitute(
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
    """Let a colleague do somebody's work for some days.

    Raises:
        Refused: neither a manager nor the one who is away.
        Invalid: days that cannot be, no reason, or somebody not of the unit.
    """
    if actor.user_id != user_id:
        actor.require_role(Role.UNIT_MANAGER)
    errors = {}
    if last_day < first_day:
        errors["last_day"] = N_("Sista dagen ligger före den första.")
    elif last_day < today:
        errors["last_day"] = N_("Den dagen har redan varit.")
    if not reason.strip():
        errors["reason"] = N_("Skriv varför. Skriv inget om sjukdom.")
    people = session.scalars(
        select(User.id).where(
            User.id.in_([user_id, substitute_id]), User.unit_id == actor.unit_id, User.is_active
        )
    ).all()
    if user_id == substitute_id or len(people) != 2:  # noqa: PLR2004 - both of them
        errors["substitute_id"] = N_("Välj en annan i enheten.")
    if errors:
        raise Invalid(errors)
    row = Substitute(
        unit_id=actor.unit_id,
        user_id=user_id,
        substitute_id=substitute_id,
        first_day=first_day,
        last_day=last_day,
        reason=reason.strip(),
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "create", "substitute", row.id, reason=row.reason)
    return row


def list_substitutes(session: Session, actor: Actor, *, today: date) -> Sequence[Substitute]:
    """Those of the unit that count today or later; to others than managers only their own."""
    found = select(Substitute).where(
        Substitute.unit_id == actor.unit_id, Substitute.last_day >= today
    )
    if not actor.has_role(Role.UNIT_MANAGER):
        found = found.where(
            (Substitute.user_id == actor.user_id) | (Substitute.substitute_id == actor.user_id)
        )
    return session.scalars(found.order_by(Substitute.first_day, Substitute.id)).all()


def get_substitute(session: Session, actor: Actor, substitute_id: UUID) -> Substitute:
    """One that the actor may end.

    Raises:
        NotFound: there is none in the unit.
        Refused: neither a manager nor the one who is away.
    """
    row = session.scalar(
        select(Substitute).where(
            Substitute.id == substitute_id, Substitute.unit_id == actor.unit_id
        )
    )
    if row is None:
        raise NotFound("substitute")
    if actor.user_id != row.user_id and not actor.has_role(Role.UNIT_MANAGER):
        raise Refused
    return row
