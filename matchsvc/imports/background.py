"""Working on import runs beside requests: a thread of the web process, or the scheduler's job."""

from __future__ import annotations

import threading
from datetime import date
from uuid import UUID

import structlog

from matchsvc import db
from matchsvc.config import Config
from matchsvc.imports.models import RunState
from matchsvc.imports.runs import check_run, claim, forget_old_files, save_run, waiting_runs
from matchsvc.swedish import local_date

log = structlog.get_logger("matchsvc.imports")


def work_on(run_id: UUID, *, today: date) -> bool:
    """Check or save a run, if nobody else does; give back whether there was something to do."""
    with db.begin() as session:
        state = claim(session, run_id, now=db.utcnow())
    if state is RunState.CHECKING:
        check_run(run_id, today=today, clock=db.utcnow)
    elif state is RunState.SAVING:
        save_run(run_id, today=today, clock=db.utcnow)
    return state is not None


def start(run_id: UUID) -> None:
    """Work on a run in a thread of its own, so that the page answers at once."""
    threading.Thread(target=_quietly, args=(run_id,), name=f"import-{run_id}").start()


def _quietly(run_id: UUID) -> None:
    try:
        work_on(run_id, today=local_date(db.utcnow()))
    except Exception as error:  # noqa: BLE001 - the scheduler takes it up again
        # The message may hold what stood in the file, so only its kind is logged.
        log.warning("import stopped", run=str(run_id), kind=type(error).__name__)


def check_waiting_runs(_config: Config, day: date) -> int:
    """The job ``check_imports``: take up runs whose worker died, forget files nobody decided on.

    Returns:
        How many runs were worked on or forgotten.
    """
    with db.read() as session:
        waiting = waiting_runs(session, now=db.utcnow())
    done = sum(work_on(run_id, today=day) for run_id in waiting)
    with db.begin() as session:
        return done + forget_old_files(session, now=db.utcnow())
