"""Trying a file on snapshots first, so that the transaction that writes it is short.

A trial carries out the same code as the real thing, but what it would write is kept instead of
sent, and every question it asks is kept with a fingerprint of the answer. Performing it is then
one transaction that goes through the same steps in the same order: each question is asked again,
and as long as the answers are the same, what was kept is what the code would have written now.
Planning, encryption and everything else that takes time has been done before.

Nothing needs to be known about what the code relied on: another writer's change to it, a key
that somebody took meanwhile, and a question whose answer the file itself changed (which a trial
cannot know) all show as a different answer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, ExecutionContext
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import audit

_KEY = "matchsvc_trial"  # in the information that a connection carries
#: A trial waits for nobody and makes nobody wait; performing it takes the locks.
_LOCK = re.compile(r"\s+FOR (?:NO KEY UPDATE|UPDATE|KEY SHARE|SHARE)\b[\w\s.,\"]*$")
_ASKS = ("SELECT", "WITH")
_ORDERS = ("SAVEPOINT", "RELEASE", "ROLLBACK")


class Changed(Exception):  # noqa: N818 - ends the transaction, never shown
    """Something is no longer as it was when the file was tried; what was begun is rolled back."""


class CannotTry(Exception):  # noqa: N818 - never shown
    """A statement whose effect a trial cannot know, for example a key that the database makes."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query and a fingerprint of its answer."""

    statement: str
    parameters: Any
    answer: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """Rows that one statement writes.

    Attributes:
        statement: as the driver takes it.
        columns: what the values of a row are called, where the driver takes them by place.
        rows: parameters as the driver takes them, by place or by name.
    """

    statement: str
    columns: tuple[str, ...]
    rows: list[Any]

    def map_rows(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Change:
        """The same statement with other values."""
        if not self.columns:
            return replace(self, rows=[change(row) for row in self.rows])
        named = (dict(zip(self.columns, row, strict=True)) for row in self.rows)
        rows = [tuple(change(row)[name] for name in self.columns) for row in named]
        return replace(self, rows=rows)


@dataclass(frozen=True, slots=True)
class Taken:
    """The next free number of a series that others take from, too.

    Attributes:
        value: what was free at the trial.
        take: asks again and keeps others waiting.
        move: a change as it is when everything lies so many numbers further on.
    """

    value: int
    take: Callable[[Session], int]
    move: Callable[[Change, int], Change]


@dataclass(slots=True)
class Script:
    """What a trial asked and would have written, in order.

    Attributes:
        steps: questions and changes.
        noted: rows for the audit log.
    """

    steps: list[Question | Change | Taken] = field(default_factory=list)
    noted: list[dict[str, Any]] = field(default_factory=list)
    _is_aside: bool = False

    @contextmanager
    def trial(self) -> Iterator[Session]:
        """Open a snapshot on which the next steps are tried; leaving it sends nothing.

        Raises:
            CannotTry: it has to be done for real.
        """
        with db.rehearse() as session:
            connection = session.connection()
            if not event.contains(connection.dialect, "do_execute", _one):
                event.listen(connection.dialect, "do_execute", _one)
                event.listen(connection.dialect, "do_executemany", _many)
            connection.info[_KEY] = self
            try:
                yield session
                session.flush()
                self.noted += audit.take_pending(session)
            finally:
                session.expunge_all()
                connection.info.pop(_KEY, None)

    def perform(self, session: Session) -> None:
        """Do it, if everything that was asked is still answered the same.

        Raises:
            Changed: it is not; the caller rolls back.
        """
        connection = session.connection()
        moves: list[Callable[[Change], Change]] = []
        for step in self.steps:
            if isinstance(step, Question):
                _ask_again(connection, step)
            elif isinstance(step, Taken):
                further = step.take(session) - step.value
                moves += [partial(_moved, step, further)] if further else []
            else:
                _send(connection, reduce(lambda change, move: move(change), moves, step))
        audit.note_again(session, self.noted)

    def ask(self, cursor: Any, statement: str, parameters: Any) -> None:
        """Ask a question and leave the cursor at its answer."""
        asked = _LOCK.sub("", statement)
        if not self._is_aside:
            cursor.execute(asked, parameters)
            answer = _fingerprint(statement, cursor.fetchall())
            self.steps.append(Question(statement, parameters, answer))
        cursor.execute(asked, parameters)

    def keep(self, statement: str, columns: tuple[str, ...], rows: list[Any]) -> None:
        """Keep rows that would have been written, together with those just before them."""
        last = self.steps[-1] if self.steps else None
        if isinstance(last, Change) and last.statement == statement:
            last.rows.extend(rows)
        else:
            self.steps.append(Change(statement, columns, list(rows)))

    def note_taken(
        self,
        session: Session,
        take: Callable[[Session], int],
        move: Callable[[Change, int], Change],
    ) -> int:
        """Ask for a number without keeping the question, as others may take it; note that."""
        self._is_aside = True
        try:
            value = take(session)
        finally:
            self._is_aside = False
        self.steps.append(Taken(value, take, move))
        return value


def take_number(
    session: Session, take: Callable[[Session], int], move: Callable[[Change, int], Change]
) -> int:
    """The next free number of a series; at a trial only what it is so far.

    Args:
        session: of a trial, or a writing one.
        take: tells the next free number, and keeps others waiting when it is for real.
        move: a change as it is when everything lies so many numbers further on.
    """
    script: Script | None = session.connection().info.get(_KEY)
    return take(session) if script is None else script.note_taken(session, take, move)


def _moved(taken: Taken, further: int, change: Change) -> Change:
    return taken.move(change, further)


def _ask_again(connection: Connection, question: Question) -> None:
    rows = connection.exec_driver_sql(question.statement, question.parameters)
    if _fingerprint(question.statement, map(tuple, rows)) != question.answer:
        raise Changed


def _send(connection: Connection, change: Change) -> None:
    sent = connection.exec_driver_sql(change.statement, change.rows)
    if not change.statement.startswith("INSERT") and sent.rowcount != len(change.rows):
        raise Changed  # somebody else saved or took away one of the rows


def _fingerprint(statement: str, rows: Iterable[tuple[Any, ...]]) -> bytes:
    shown = map(repr, rows)
    said = "\n".join(shown if "ORDER BY" in statement else sorted(shown))
    return hashlib.blake2b(said.encode(), digest_size=16).digest()


# What SQLAlchemy calls instead of the driver, for connections that carry a trial


def _one(cursor: Any, statement: str, parameters: Any, context: ExecutionContext) -> bool:
    script = _script_of(context)
    if script is None or statement.startswith(_ORDERS):
        return False
    if statement.startswith(_ASKS):
        script.ask(cursor, statement, parameters)
        return True
    return _kept(script, statement, [parameters], context)


def _many(_: Any, statement: str, parameters: Any, context: ExecutionContext) -> bool:
    script = _script_of(context)
    return script is not None and _kept(script, statement, list(parameters), context)


def _script_of(context: ExecutionContext) -> Script | None:
    script: Script | None = context.root_connection.info.get(_KEY)
    return script


def _kept(script: Script, statement: str, rows: list[Any], context: Any) -> bool:
    writes = context.isinsert or context.isupdate or context.isdelete
    made = context.compiled
    if not writes or made.effective_returning or made.postfetch_lastrowid:
        raise CannotTry
    script.keep(statement, tuple(made.positiontup or ()), rows)
    # As many rows as the unit of work expects; performing it finds out whether that is so.
    context._rowcount = len(rows)  # noqa: SLF001
    return True
