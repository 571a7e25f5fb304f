"""Whether a case stands still, for whoever shows a case or ends it; ``progression`` pauses it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.participants.case_models import CasePause
from matchsvc.participants.models import Case


def pauses_of(session: Session, case_ids: Collection[object]) -> list[CasePause]:
    """Pauses of some cases, the latest first; not those entered by mistake. Asks no right."""
    found = select(CasePause).where(
        CasePause.case_id.in_(case_ids), CasePause.is_withdrawn.is_(False)
    )
    return list(session.scalars(found.order_by(CasePause.paused_on.desc(), CasePause.id)))


def running_pause(session: Session, case: Case | None) -> CasePause | None:
    """The pause that a case is in; None when it goes on or has ended. Asks no right."""
    if case is None or case.ended_on is not None:
        return None
    return session.scalar(
        select(CasePause)
        .where(
            CasePause.case_id == case.id,
            CasePause.resumed_on.is_(None),
            CasePause.is_withdrawn.is_(False),
        )
        .limit(1)
    )


def close_pause(session: Session, actor: Actor, case: Case, *, day: date) -> None:
    """End a running pause with its case; for the rule that ends the case, before it has ended."""
    pause = running_pause(session, case)
    if pause is not None:
        pause.resumed_on = max(pause.paused_on, day)
        case.is_paused = False
        session.flush()
        audit.record(session, actor, "change", "case_pause", pause.id, fields=["resumed_on"])
