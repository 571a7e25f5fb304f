"""Referrals closed long ago: no key leads from them to anybody, so they go by their day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.accounts.settings import number
from matchsvc.participants.referral_models import Referral, ReferralState
from matchsvc.retention.due import MONTHS_A_YEAR
from matchsvc.swedish import add_months

_CLOSED = (ReferralState.ENROLLED, ReferralState.DECLINED, ReferralState.WITHDRAWN)


def _old(session: Session, unit_id: UUID | None, day: date) -> ColumnElement[bool]:
    years = number(session, unit_id, "retention_case_years")
    return and_(
        Referral.unit_id == unit_id,
        Referral.state.in_(_CLOSED),
        Referral.ended_on <= add_months(day, -MONTHS_A_YEAR * years),
    )


def count_referrals(session: Session, actor: Actor, *, today: date) -> int:
    """How many of the unit's referrals are due; none for a case worker, who does not decide it."""
    if not actor.has_role(Role.UNIT_MANAGER):
        return 0
    old = select(func.count()).where(_old(session, actor.unit_id, today))
    return session.scalar(old.select_from(Referral)) or 0


def delete_referrals(session: Session, unit_id: UUID, day: date) -> int:
    """Delete a unit's referrals that were due on a day; how many."""
    gone = session.execute(delete(Referral).where(_old(session, unit_id, day)))
    return gone.rowcount  # type: ignore[attr-defined, no-any-return]
