"""A file from beginning to end in one call, for commands and programs: check, then write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import OperationalError

from matchsvc import db
from matchsvc.accounts.actors import Actor
from matchsvc.errors import DomainError, RuleViolation
from matchsvc.imports.columns import Problem
from matchsvc.imports.planning import Action
from matchsvc.imports.reader import read_sheet
from matchsvc.imports.runner import Job, Result, check, report_grounds, write
from matchsvc.imports.runs import DISK_FULL


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came.

    Attributes:
        kind: participants, employers, offers or placements.
        content: CSV or XLSX.
        actor: who imports.
        today: the day of import.
        unit_name: for a command, when there are several units.
    """

    kind: str
    content: bytes
    actor: Actor
    today: date
    unit_name: str | None = None


def _nothing(_rows: int) -> None:
    """Nobody follows the progress."""


def import_whole(
    upload: Upload, *, dry_run: bool = False, progress: Callable[[int], None] = _nothing
) -> Result:
    """Check a file and, without errors, write it: everything or nothing.

    Args:
        upload: the file.
        dry_run: only check.
        progress: told how many rows have been checked.
    """
    result = Result()
    try:
        sheet = read_sheet(upload.content)
        job = Job(upload.kind, sheet, upload.actor, upload.today, upload.unit_name)
        result = check(job, progress=progress)
        if not dry_run:
            report_grounds(job, result)
        if result.problems or dry_run:
            return result
        only = [row for row, action in result.actions.items() if action is not Action.UNCHANGED]
        if not only:
            return result
        written = write(job, only=only)
    except DomainError as error:
        return _refused(result, error)
    except OperationalError as error:
        if not db.is_full(error):
            raise
        return _refused(result, RuleViolation("disk_full", DISK_FULL))
    unchanged = dict.fromkeys(result.actions, Action.UNCHANGED)
    written.actions = (unchanged | written.actions) if written.written else {}
    return written


def _refused(result: Result, error: DomainError) -> Result:
    problem = Problem(None, None, error.code, error.message, error.values)
    return Result(rows=result.rows, problems=[problem])
