"""Making a draft outside any write transaction: at once when it is small, else in a thread."""

from __future__ import annotations

import threading
from datetime import date
from uuid import UUID

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.rules import actor_of
from matchsvc.employers.models import Offer
from matchsvc.matching.arrays import open_offers, ready_people
from matchsvc.matching.arriving import count_arriving, live_last_year
from matchsvc.matching.board import fail_run, save_draft, settled_pairs
from matchsvc.matching.cohort import Progress, draft
from matchsvc.matching.models import CohortRun, DraftState
from matchsvc.matching.weights_table import current_table

log = structlog.get_logger("matchsvc.cohort")

#: People x offers up to which the page waits for the draft (below a second or two).
AT_ONCE = 300_000


def is_small(session: Session, actor: Actor, *, today: date) -> bool:
    """Whether the draft of the actor's unit is made while the page waits."""
    if actor.unit_id is None:
        return True
    waiting = ready_people(session, actor, today=today).with_only_columns(func.count())
    people = session.scalar(waiting.order_by(None)) or 0
    offers = session.scalar(select(func.count(Offer.id)).where(open_offers(actor.unit_id))) or 0
    arriving = count_arriving(session, actor, unit_id=actor.unit_id, today=today)
    return max(people * offers, arriving) <= AT_ONCE


def make(run_id: UUID, *, today: date, progress: Progress = lambda _: None) -> None:
    """Make and save a run's draft; a run that is no longer being made is left alone.

    What goes wrong is raised, and the run says that it failed.
    """
    try:
        _make(run_id, today, progress)
    except Exception:
        with db.begin() as session:
            fail_run(session, run_id)
        raise


def start(run_id: UUID, *, today: date) -> None:
    """Make a run's draft in a thread of its own, so that the page answers at once."""
    threading.Thread(target=_quietly, args=(run_id, today), name=f"cohort-{run_id}").start()


def _make(run_id: UUID, today: date, progress: Progress) -> None:
    with db.read() as session:
        run = session.get_one(CohortRun, run_id)
        actor = actor_of(session, run.made_by_id)
        locked, forbidden = settled_pairs(session, run)
        made = draft(
            session,
            actor,
            unit_id=run.unit_id,
            today=today,
            floor=run.floor,
            locked=locked,
            forbidden=forbidden,
            progress=progress,
        )
        arrivals = live_last_year(
            session,
            actor,
            unit_id=run.unit_id,
            weights=current_table(session, run.unit_id).weights,
            floor=run.floor,
            today=today,
        )
        read = audit.take_pending(session)
    progress(3)
    with db.begin() as session:
        audit.write(session, read)
        save_draft(session, actor, run_id, made, arrivals)


def _quietly(run_id: UUID, today: date) -> None:
    try:
        make(run_id, today=today, progress=lambda stage: _note(run_id, stage))
    except Exception as error:  # noqa: BLE001 - the page says that it failed
        log.warning("cohort draft stopped", run=str(run_id), kind=type(error).__name__)


def _note(run_id: UUID, stage: int) -> None:
    """Say how far it is; no row is read, so that nobody's edit is in the way."""
    with db.begin() as session:
        session.execute(
            update(CohortRun)
            .where(CohortRun.id == run_id, CohortRun.state == DraftState.WORKING)
            .values(stage=stage)
        )
