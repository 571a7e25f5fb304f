"""Checking a file and writing it: outside any write transaction first, then all or nothing in one.

A check reads in snapshots and keeps nothing locked. Writing plans every row again, also on
snapshots (rehearsal.py), so that what changed since the check is seen; its one transaction only
makes sure that nothing has changed since then, and sends what has been prepared. When others keep
changing what the file relies on, it is planned inside the transaction. With any error nothing is
written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.employers.grounds import Ground
from matchsvc.employers.offers import report_protected_ground
from matchsvc.errors import N_, RuleViolation
from matchsvc.imports.columns import (
    Headings,
    Parsed,
    Problem,
    match_headings,
    parse_row,
    repeatable,
)
from matchsvc.imports.employers import Employers
from matchsvc.imports.lookups import Book, open_book
from matchsvc.imports.offers import Offers
from matchsvc.imports.participants import Participants
from matchsvc.imports.placements import Placements
from matchsvc.imports.planning import Action, Kind, Planned, RowPlan, chunks
from matchsvc.imports.reader import Row, Sheet
from matchsvc.imports.rehearsal import CannotTry, Changed, Script

KINDS: dict[str, type[Participants | Employers | Offers | Placements]] = {
    kind.name: kind for kind in (Participants, Employers, Offers, Placements)
}
_ATTEMPTS = 3
_TRIALS = 2  # of these, how many prepare outside the transaction

Progress = Callable[[int], None]
Also = Callable[[Session], None]


@dataclass(slots=True)
class Result:
    """What a file would do, or has done.

    Attributes:
        rows: how many rows that are not blank.
        actions: what becomes of each row without errors, by row number.
        problems: every error.
        warnings: what is worth knowing although nothing is wrong.
        written: whether it has been written.
        grounds: sites whose offers limit who may come on a protected ground.
    """

    rows: int = 0
    actions: dict[int, Action] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    written: bool = False
    grounds: dict[UUID, set[Ground]] = field(default_factory=dict)

    def count(self, action: Action) -> int:
        """How many rows become that."""
        return sum(found is action for found in self.actions.values())

    def as_json(self, *, kind: str, file: str, dry_run: bool) -> dict[str, Any]:
        """As ``import --json`` prints it (contract.md section 6)."""
        return {
            "kind": kind,
            "file": file,
            "dry_run": dry_run,
            "rows": self.rows,
            "created": self.count(Action.CREATE),
            "updated": self.count(Action.UPDATE),
            "unchanged": self.count(Action.UNCHANGED),
            "errors": [problem.as_json() for problem in self.problems],
            "warnings": [warning.as_json() for warning in self.warnings],
        }


@dataclass(frozen=True, slots=True)
class Job:
    """A file to import.

    Attributes:
        kind: participants, employers, offers or placements.
        sheet: what was read.
        actor: who imports.
        today: the day of import.
        unit_name: for a command, when there are several units.
    """

    kind: str
    sheet: Sheet
    actor: Actor
    today: date
    unit_name: str | None = None

    def open(self, session: Session) -> tuple[Kind, Book]:
        """A kind that has seen no rows yet."""
        book = open_book(session, self.actor, today=self.today, unit_name=self.unit_name)
        return KINDS[self.kind](book), book


_CarriesOut = Callable[[Job, Sequence[Parsed], Result, Also, Progress], None]


class WontWrite(Exception):  # noqa: N818 - ends the transaction, never shown
    """The rows have errors; what was begun is rolled back."""


def _nothing(_rows: int) -> None:
    """Nobody follows the progress."""


def _also_nothing(_session: Session) -> None:
    """Nothing else belongs to the transaction."""


def check(job: Job, *, progress: Progress = _nothing) -> Result:
    """Say what a file would do. Every error of every row at once; writes nothing.

    Args:
        job: the file.
        progress: told how many rows have been checked, between snapshots.
    """
    result = Result(rows=len(job.sheet.rows))
    headings = match_headings(job.sheet.headings, KINDS[job.kind].columns)
    if headings.problems:
        result.problems = headings.problems
        return result
    with db.read() as session:
        kind, book = job.open(session)
        session.expunge_all()
    done = 0
    for rows in chunks(job.sheet.rows):
        parsed = [parse_row(row, headings) for row in rows]
        with db.read() as session:
            planned = kind.plan(session, parsed)
        planned.problems = _with_values(planned.problems, rows, headings, job.today)
        _take(result, planned)
        done += len(rows)
        progress(done)
    result.warnings = _once(book.warnings)
    result.problems.sort(key=_by_row)
    if isinstance(kind, Offers):
        result.grounds = kind.grounds
    return result


def report_grounds(job: Job, result: Result) -> None:
    """Tell managers of wishes to exclude that stood in a file (EMP-09), apart from the import."""
    for site_id, grounds in result.grounds.items():
        with db.begin() as session:
            report_protected_ground(session, job.actor, site_id, grounds, today=job.today)


def _take(result: Result, planned: Planned) -> None:
    result.problems += planned.problems
    for row in planned.rows:
        result.actions[row.number] = row.action


def _with_values(
    problems: Sequence[Problem], rows: Sequence[Row], headings: Headings, today: date
) -> list[Problem]:
    """Each error with the cell that it is about, unless that could say who somebody is."""
    cells = {row.number: row.cells for row in rows}
    places = {column.key: (place, column) for place, column in headings.places.items()}
    found = []
    for problem in problems:
        place, column = places.get(problem.column or "", (0, None))
        value = None
        if column is not None and not column.personal and problem.row in cells:
            value = repeatable(cells[problem.row][place], today=today)
        found.append(replace(problem, value=value))
    return found


def _by_row(problem: Problem) -> int:
    return problem.row or 0


def _once(warnings: Sequence[Problem]) -> list[Problem]:
    return list({(w.code, str(w.words)): w for w in warnings}.values())


def write(
    job: Job,
    *,
    only: Sequence[int] | None = None,
    also: Also = _also_nothing,
    progress: Progress = _nothing,
) -> Result:
    """Write a file that has been checked: everything, or nothing with every error.

    Args:
        job: the file.
        only: numbers of the rows that the check found to change something; None is all.
        also: done in the same transaction, for example to note that it is done.
        progress: told how many rows are ready to be written, outside any transaction.

    Raises:
        RuleViolation: the database refused three times, because others were writing the same.
    """
    headings = match_headings(job.sheet.headings, KINDS[job.kind].columns)
    parsed = _parse(job, headings, only)
    carry_out: _CarriesOut = _try_and_perform
    for attempt in range(1, _ATTEMPTS + 1):
        result = Result(rows=len(job.sheet.rows))
        try:
            carry_out(job, parsed, result, also, progress)
        except WontWrite:
            result.problems.sort(key=_by_row)
            return result
        except (Changed, CannotTry, IntegrityError) as reason:
            # Somebody else saved something that the file relies on: plan again.
            if attempt == _TRIALS or isinstance(reason, CannotTry):
                carry_out = _perform
            continue
        result.written = True
        return result
    raise RuleViolation(
        "import_conflict",
        N_("Någon annan ändrar samma uppgifter just nu. Inget har sparats. Försök igen."),
    )


def _parse(job: Job, headings: Headings, only: Sequence[int] | None) -> list[Parsed]:
    wanted = None if only is None else set(only)
    return [
        parse_row(row, headings) for row in job.sheet.rows if wanted is None or row.number in wanted
    ]


def _try_and_perform(
    job: Job,
    parsed: Sequence[Parsed],
    result: Result,
    also: Also,
    progress: Progress,
) -> None:
    """Plan and prepare every row on snapshots, then write it all in one short transaction."""
    script = Script()
    _go_through(job, parsed, result, script.trial, progress)
    with db.begin() as session:
        script.perform(session)
        also(session)
        audit.record(session, job.actor, "import", job.kind)


def _perform(
    job: Job,
    parsed: Sequence[Parsed],
    result: Result,
    also: Also,
    _progress: Progress,
) -> None:
    """Plan and write in the same transaction: slow, but nobody can come between."""
    with db.begin() as session:
        _go_through(job, parsed, result, lambda: nullcontext(session), _nothing)
        also(session)
        audit.record(session, job.actor, "import", job.kind)


def _go_through(
    job: Job,
    parsed: Sequence[Parsed],
    result: Result,
    opens: Callable[[], AbstractContextManager[Session]],
    progress: Progress,
) -> None:
    with opens() as session:
        kind, book = job.open(session)
    done = 0
    for rows in chunks(parsed):
        with opens() as session:
            _write_some(session, kind, book, rows, result)
        done += len(rows)
        progress(done)
    result.warnings = _once(book.warnings)
    if result.problems:
        raise WontWrite


def _write_some(
    session: Session, kind: Kind, book: Book, rows: Sequence[Parsed], result: Result
) -> None:
    planned = kind.plan(session, rows)
    _take(result, planned)
    if planned.problems or result.problems:
        return  # gather every error, write nothing more
    session.add_all(book.new_rows)
    session.flush()
    book.new_rows.clear()
    result.problems += kind.write(session, _changing(planned.rows))
    session.flush()
    session.expunge_all()  # what is written need not stay in memory


def _changing(rows: Sequence[RowPlan]) -> list[RowPlan]:
    return [row for row in rows if row.action is not Action.UNCHANGED]
