"""Import runs: a file on its way in through the web, checked and saved in the background.

Each step is claimed in a short transaction of its own and keeps a heartbeat, so a step whose
worker died is taken up again. The file is kept encrypted until it is saved or cancelled, and only
the user who uploaded it sees the run.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, defer

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.accounts.rules import actor_of
from matchsvc.errors import N_, DomainError, Invalid, NotFound, RuleViolation
from matchsvc.imports.columns import Problem
from matchsvc.imports.models import ImportRun, RunState
from matchsvc.imports.planning import Action
from matchsvc.imports.reader import MAX_BYTES, Sheet, read_sheet
from matchsvc.imports.runner import Job, Result, check, report_grounds, write

#: Who may import what (contract.md section 5: each only what the role works with).
IMPORTERS: dict[str, tuple[Role, ...]] = {
    "participants": (Role.CASE_WORKER, Role.UNIT_MANAGER),
    "employers": (Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR),
    "offers": (Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR),
    "placements": (Role.CASE_WORKER, Role.PLACEMENT_COORDINATOR, Role.UNIT_MANAGER),
}
ANY_IMPORTER = tuple(sorted({role for roles in IMPORTERS.values() for role in roles}))
DEAD_AFTER = timedelta(minutes=2)  # without a heartbeat
KEPT = timedelta(days=7)  # a file that nobody decided on
Clock = Callable[[], datetime]  # tells the instant; the entry point gives it
_MOST_KEPT = 2_000  # problems kept; the count stands beside
DISK_FULL = N_("Disken är full. Inget har sparats. Säg till den som sköter servern.")


class Cancelled(Exception):  # noqa: N818 - ends the work, never shown
    """Somebody cancelled the run, or took it over."""


def start_run(
    session: Session, actor: Actor, *, kind: str, file_name: str, content: bytes
) -> ImportRun:
    """Keep an uploaded file until it has been checked and decided on.

    Raises:
        Refused: the role does not import this.
        Invalid: no kind or no file, or a file that is too large.
    """
    if kind not in IMPORTERS:
        raise Invalid({"kind": N_("Välj vad filen innehåller.")})
    actor.require_role(*IMPORTERS[kind])
    if not content:
        raise Invalid({"file": N_("Välj en fil, CSV eller XLSX.")})
    if len(content) > MAX_BYTES:
        raise Invalid({"file": N_("Filen är större än 20 MB. Dela upp den i mindre delar.")})
    run = ImportRun(
        unit_id=actor.unit_id,
        user_id=actor.require_user(),
        kind=kind,
        file_name=file_name[-120:] or "fil",
        content=base64.b64encode(content).decode(),
        state=RunState.WAITING,
        errors=[],
        warnings=[],
        details={},
    )
    session.add(run)
    session.flush()
    audit.record(session, actor, "upload", "import_run", run.id, fields=[kind])
    return run


def list_runs(session: Session, actor: Actor) -> list[ImportRun]:
    """The user's own latest runs."""
    return list(
        session.scalars(
            select(ImportRun)
            .where(ImportRun.user_id == actor.require_user())
            .order_by(ImportRun.created_at.desc())
            .options(defer(ImportRun.content))
            .limit(20)
        )
    )


def get_run(session: Session, actor: Actor, run_id: UUID) -> ImportRun:
    """One of the user's own runs.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    run = session.scalar(
        select(ImportRun).where(ImportRun.id == run_id, ImportRun.user_id == actor.require_user())
    )
    if run is None:
        raise NotFound("import_run")
    return run


def cancel_run(session: Session, actor: Actor, run_id: UUID, *, now: datetime) -> None:
    """Throw the file away; nothing of it has been saved.

    Raises:
        NotFound: not the user's own.
        RuleViolation: it has already been saved, or is being saved.
    """
    run = get_run(session, actor, run_id)
    if run.state in {RunState.DONE, RunState.SAVING}:
        raise RuleViolation("already_saved", N_("Filen är redan sparad, eller sparas just nu."))
    run.state, run.content, run.finished_at = RunState.CANCELLED, None, now
    audit.record(session, actor, "cancel", "import_run", run.id)


def ask_to_save(session: Session, actor: Actor, run_id: UUID, *, now: datetime) -> None:
    """A person has seen the preview and says yes.

    Raises:
        NotFound: not the user's own.
        RuleViolation: it is not checked, or has errors.
    """
    run = get_run(session, actor, run_id)
    if run.state in {RunState.SAVING, RunState.DONE}:
        return  # a second press
    if run.state is not RunState.CHECKED:
        raise RuleViolation("not_checked", N_("Filen är inte kontrollerad än. Vänta en stund."))
    if run.errors:
        raise RuleViolation("has_errors", N_("Importen kan starta när alla fel är rättade."))
    run.state, run.heartbeat_at = RunState.SAVING, now - 2 * DEAD_AFTER
    audit.record(session, actor, "confirm", "import_run", run.id)


def claim(session: Session, run_id: UUID, *, now: datetime) -> RunState | None:
    """Take up a run that waits, or whose worker died; None when there is nothing to do."""
    is_dead = or_(ImportRun.heartbeat_at.is_(None), ImportRun.heartbeat_at < now - DEAD_AFTER)
    for state, is_free in ((RunState.WAITING, None), (RunState.CHECKING, is_dead),
                           (RunState.SAVING, is_dead)):  # fmt: skip
        found = update(ImportRun).where(ImportRun.id == run_id, ImportRun.state == state)
        if is_free is not None:
            found = found.where(is_free)
        becomes = RunState.SAVING if state is RunState.SAVING else RunState.CHECKING
        taken = session.execute(found.values(state=becomes, heartbeat_at=now))
        if taken.rowcount:  # type: ignore[attr-defined]
            return becomes
    return None


def beat(session: Session, run_id: UUID, *, rows_checked: int, now: datetime) -> None:
    """Note how far the check has come.

    Raises:
        Cancelled: the run is no longer being checked.
    """
    kept = session.execute(
        update(ImportRun)
        .where(ImportRun.id == run_id, ImportRun.state == RunState.CHECKING)
        .values(rows_checked=rows_checked, heartbeat_at=now)
    )
    if not kept.rowcount:  # type: ignore[attr-defined]
        raise Cancelled


def sheet_of(run: ImportRun) -> Sheet:
    """The file's rows.

    Raises:
        UnreadableFile: it can't be read.
        RuleViolation: the file is no longer kept.
    """
    if run.content is None:
        raise RuleViolation("file_gone", N_("Filen finns inte kvar. Ladda upp den på nytt."))
    return read_sheet(base64.b64decode(run.content))


def job_of(session: Session, run: ImportRun, *, today: date) -> Job:
    """The run as the checker takes it, in the name of the user who uploaded it."""
    if run.user_id is None:
        raise NotFound("user")
    return Job(run.kind, sheet_of(run), actor_of(session, run.user_id), today)


def check_run(run_id: UUID, *, today: date, clock: Clock) -> None:
    """Check a claimed run outside any write transaction, noting how far it has come."""
    try:
        with db.read() as session:
            run = session.get_one(ImportRun, run_id)
            job = job_of(session, run, today=today)
        with db.begin() as session:
            session.execute(
                update(ImportRun).where(ImportRun.id == run_id).values(rows=len(job.sheet.rows))
            )
        result = check(job, progress=lambda rows: _note(run_id, rows, clock()))
        report_grounds(job, result)
    except Cancelled:
        return
    except DomainError as error:
        _fail(run_id, error, now=clock())
        return
    with db.begin() as session:
        _keep(session, run_id, result, job.sheet.name, now=clock())


def _note(run_id: UUID, rows: int, now: datetime) -> None:
    try:
        with db.begin() as session:
            beat(session, run_id, rows_checked=rows, now=now)
    except OperationalError as error:
        if not db.is_busy(error):
            raise  # a busy database only means that the number on the page stands still


def _keep(
    session: Session, run_id: UUID, result: Result, sheet_name: str | None, *, now: datetime
) -> None:
    run = session.get_one(ImportRun, run_id)
    if run.state is not RunState.CHECKING:
        return  # cancelled meanwhile
    run.state, run.heartbeat_at = RunState.CHECKED, now
    run.rows = run.rows_checked = result.rows
    _count(run, result)
    numbers = {
        action.value: [row for row, found in result.actions.items() if found is action]
        for action in (Action.CREATE, Action.UPDATE)
    }
    run.details = {
        "sheet": sheet_name,
        "rows": numbers,
        "errors": len(result.problems),
        "error_rows": sorted({p.row for p in result.problems if p.row is not None}),
    }


def _count(run: ImportRun, result: Result) -> None:
    run.created = result.count(Action.CREATE)
    run.updated = result.count(Action.UPDATE)
    run.unchanged = result.count(Action.UNCHANGED)
    run.errors = [problem.stored() for problem in result.problems[:_MOST_KEPT]]
    run.warnings = [warning.stored() for warning in result.warnings[:_MOST_KEPT]]


def save_run(run_id: UUID, *, today: date, clock: Clock) -> None:
    """Write a claimed run: everything, or nothing with the reason on the run."""
    try:
        with db.read() as session:
            run = session.get_one(ImportRun, run_id)
            job = job_of(session, run, today=today)
            rows = run.details.get("rows", {})
        only = [number for numbers in rows.values() for number in numbers]
        result = write(
            job,
            only=only,
            also=lambda session: _finish(session, run_id, clock()),
            progress=lambda _: _is_saving(run_id, clock()),
        )
    except Cancelled:
        return
    except DomainError as error:
        _fail(run_id, error, now=clock())
        return
    except OperationalError as error:
        if not db.is_full(error):
            raise
        _fail(run_id, RuleViolation("disk_full", DISK_FULL), now=clock())
        return
    if not result.written:
        with db.begin() as session:
            run = session.get_one(ImportRun, run_id)
            run.state = RunState.CHECKED  # something changed since the check: show what
            run.errors = [problem.stored() for problem in result.problems[:_MOST_KEPT]]


def _is_saving(run_id: UUID, now: datetime) -> None:
    """Keep the heartbeat while rows are prepared, so that nobody else takes the run up."""
    try:
        with db.begin() as session:
            _set(session, run_id, heartbeat_at=now)
    except OperationalError as error:
        if not db.is_busy(error):
            raise


def _finish(session: Session, run_id: UUID, now: datetime) -> None:
    _set(session, run_id, state=RunState.DONE, content=None, finished_at=now)


def _set(session: Session, run_id: UUID, **values: object) -> None:
    """Change a run that is being saved.

    Raises:
        Cancelled: somebody else has saved it; everything is rolled back.
    """
    kept = session.execute(
        update(ImportRun)
        .where(ImportRun.id == run_id, ImportRun.state == RunState.SAVING)
        .values(**values)
    )
    if not kept.rowcount:  # type: ignore[attr-defined]
        raise Cancelled


def _fail(run_id: UUID, error: DomainError, *, now: datetime) -> None:
    with db.begin() as session:
        run = session.get_one(ImportRun, run_id)
        run.state, run.content, run.finished_at = RunState.FAILED, None, now
        problem = Problem(None, None, error.code, error.message, error.values)
        run.errors = [problem.stored()]


def waiting_runs(session: Session, *, now: datetime) -> list[UUID]:
    """Runs that nobody works on: uploaded a while ago, or whose worker died."""
    dead = now - DEAD_AFTER
    is_dead = or_(ImportRun.heartbeat_at.is_(None), ImportRun.heartbeat_at < dead)
    return list(
        session.scalars(
            select(ImportRun.id).where(
                or_(
                    (ImportRun.state == RunState.WAITING) & (ImportRun.created_at < dead),
                    ImportRun.state.in_((RunState.CHECKING, RunState.SAVING)) & is_dead,
                )
            )
        )
    )


def forget_old_files(session: Session, *, now: datetime) -> int:
    """Throw away files that nobody has decided on for a week; give back how many."""
    gone = session.execute(
        update(ImportRun)
        .where(
            ImportRun.content.is_not(None),
            ImportRun.state.in_((RunState.CHECKED, RunState.WAITING)),
            ImportRun.created_at < now - KEPT,
        )
        .values(content=None, state=RunState.CANCELLED, finished_at=now)
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]
