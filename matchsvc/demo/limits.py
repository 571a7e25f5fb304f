"""What the town shows of limits: a start that is stopped, a decision that fell, warnings ahead."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from matchsvc.accounts import rules as accounts
from matchsvc.demo.lots import days
from matchsvc.participants.models import Participant
from matchsvc.placements.beginning import start_due_placements
from matchsvc.placements.decisions import first_decision, withdraw_decision
from matchsvc.placements.limits_ahead import warn_of_limits
from matchsvc.placements.models import DecisionAuthority, Placement
from matchsvc.placements.replanning import carry_start


def build_limits(session: Session, *, today: date) -> None:
    """Stop one start, let one decision fall, and run the day's job, as it would have gone."""
    _stop_one_start(session, today)
    _let_one_decision_fall(session, today)
    start_due_placements(session, today=today)
    warn_of_limits(session, today=today)


def _open() -> Select[Placement]:
    return (
        select(Placement)
        .join(Participant, Participant.id == Placement.participant_id)
        .where(
            Placement.end_date.is_(None),
            Placement.called_off_on.is_(None),
            Placement.is_history.is_(False),
            Placement.offer_id.is_not(None),  # people with a story of their own have none
            Participant.protected.is_(False),
        )
    )


def _stop_one_start(session: Session, today: date) -> None:
    """The one that starts last should have started today, and is not prepared."""
    placement = session.scalar(
        _open()
        .where(Placement.begun_on.is_(None))
        .order_by(Placement.start_date.desc(), Placement.external_id)
        .limit(1)
    )
    if placement is None:
        return
    if placement.decision_from is not None:
        placement.decision_from = min(placement.decision_from, today)
    carry_start(session, placement, today)


def _let_one_decision_fall(session: Session, today: date) -> None:
    placement = session.scalar(
        _open()
        .where(
            Placement.begun_on < today - days(30),
            Placement.planned_end_date > today + days(30),
            Placement.decision_authority == DecisionAuthority.AF,
        )
        .order_by(Placement.start_date, Placement.external_id)
        .limit(1)
    )
    row = first_decision(placement) if placement is not None else None
    if placement is None or row is None or placement.case_worker_id is None:
        return
    withdraw_decision(
        session,
        accounts.actor_of(session, placement.case_worker_id),
        placement.id,
        row.id,
        from_day=today - days(6),
        reason="Arbetsförmedlingen har upphävt beslutet.",
        today=today,
    )
