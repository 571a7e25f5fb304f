"""The database: one declarative base and the only two ways to open a transaction.

Every entry point (request, job, command) opens exactly one of these::

    with db.begin() as session:      # may write; leaving the block commits
        rules.start_placement(session, actor, ...)

    with db.read() as session:       # one snapshot, refuses to write
        rules.list_placements(session, actor)

Rules never commit. SQLite runs in WAL with write transactions that begin IMMEDIATE: with its
default settings two writers that both read first lose updates without an error (the test
``test_concurrent_writers_lose_nothing`` shows it).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    String,
    Text,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    SessionTransaction,
    aliased,
    declared_attr,
    mapped_column,
    sessionmaker,
)
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator

from matchsvc import secrecy
from matchsvc.errors import Conflict

READ_ONLY = "matchsvc_read_only"
_CONNECTED = "matchsvc_connected"  # in the information of a session: it has begun on a database
#: PostgreSQL's words for two transactions that cannot both be (serialisation, deadlock, lock wait),
#: and for a query that was given no more time.
_CROSSED = frozenset({"40001", "40P01", "55P03", "57014"})
BUSY_SECONDS = 15  # how long a writer waits for another before the page says "try again"
CONNECT_SECONDS = 10  # how long we wait for a server that does not even refuse


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Aware on both databases; SQLite alone would hand back naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants and store the rest in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime: instants are stored in UTC")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        """Give instants back as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EncryptedText(TypeDecorator[str]):
    """Text encrypted at rest with a key id; see :mod:`matchsvc.secrecy`.

    Args:
        purpose: bound into the ciphertext, so that a value moved to another column won't open.
    """

    impl = Text
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        """Encrypt on the way in."""
        return None if value is None else secrecy.encrypt(value, self.purpose)

    def process_result_value(self, value: str | None, _: Dialect) -> str | None:
        """Decrypt on the way out."""
        return None if value is None else secrecy.decrypt(value, self.purpose)


class ToSeal(str):
    """A text that a :class:`SealableText` column is to hold sealed."""

    __slots__ = ()


class SealableText(TypeDecorator[str]):
    """Text that stands as it is, for most, and sealed where it is written as :class:`ToSeal`.

    Reading opens what is sealed. A text that only looks sealed is sealed too, so that no word can
    be taken for one. SQL can compare it only where it stands as it is.

    Args:
        purpose: as for :class:`EncryptedText`.
    """

    impl = String
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        """Encrypt what is to be sealed."""
        if isinstance(value, ToSeal) or (value is not None and secrecy.looks_sealed(value)):
            return secrecy.encrypt(value, self.purpose)
        return value

    def process_result_value(self, value: str | None, _: Dialect) -> str | None:
        """Decrypt what is sealed."""
        if value is None or not secrecy.looks_sealed(value):
            return value
        return secrecy.decrypt(value, self.purpose)


class Base(DeclarativeBase):
    """Base of every table. Constraint names are fixed so that migrations can drop them.

    Every table names its retention class in ``__table_args__``'s ``info`` (a test fails without).
    """

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UTCDateTime(),
        dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
        list[str]: JSON().with_variant(JSONB(), "postgresql"),
        str: String(),
        # Store "accepted", not "ACCEPTED", as text: readable, and easy to extend.
        enum.Enum: Enum(
            enum.Enum,
            values_callable=lambda kind: [member.value for member in kind],
            native_enum=False,
            length=40,
            create_constraint=False,
        ),
        Decimal: String(20),
    }


class Identified:
    """A row known by a random id, which may stand in addresses and logs."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


def utcnow() -> datetime:
    """The instant now, in UTC. For entry points and column defaults; rules are told the time."""
    return datetime.now(UTC)


class Recorded:
    """When a row came to be; set by the database layer, never by a rule."""

    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Versioned:
    """A row that two people may edit: the second to save an old version gets a conflict.

    The database checks it too (``UPDATE ... WHERE version = ...``), so two requests that both
    read the same version cannot both save.
    """

    version: Mapped[int] = mapped_column()

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        """Let SQLAlchemy count the version up and refuse a stale one."""
        return {"version_id_col": cls.version}


def check_version(row: Any, expected: int | None) -> None:
    """Raise Conflict when the row was saved since its form was shown.

    Args:
        row: a Versioned row.
        expected: the version that stood in the form; None means the caller does not know one.
    """
    if expected is not None and row.version != expected:
        raise Conflict


class ReadOnlyTransactionError(RuntimeError):
    """Something tried to write inside ``db.read()``; a fault in the program, not of a user."""


_write = sessionmaker(expire_on_commit=False)
_read = sessionmaker(expire_on_commit=False, autoflush=False)
_trial = sessionmaker(expire_on_commit=False)
_state: dict[str, Engine] = {}


T = TypeVar("T")


@cache
def twin(model: type[T]) -> type[T]:
    """The same table once more, beside itself in a query that needs it once.

    Made once for each table: to make it takes longer than most queries do.
    """
    return aliased(model)


@event.listens_for(_read, "before_flush")
def _refuse_writes(session: Session, *_: object) -> None:
    if session.new or session.dirty or session.deleted:
        changed = [type(row).__name__ for row in (*session.new, *session.dirty, *session.deleted)]
        raise ReadOnlyTransactionError(f"write inside db.read(): {changed}")


def before_commit(work: Callable[[Session], None]) -> Callable[[Session], None]:
    """Do some work at the end of every writing transaction that has written, inside it.

    Args:
        work: is given the session, with everything flushed.
    """

    @event.listens_for(_write, "before_commit")
    def last(session: Session) -> None:
        session.flush()
        if session.info.get(_CONNECTED):
            work(session)

    return work


@event.listens_for(_write, "after_begin")
def _note_connected(session: Session, *_: object) -> None:
    session.info[_CONNECTED] = True


@event.listens_for(_write, "after_transaction_end")
def _forget_connected(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_CONNECTED, None)


def make_engine(url: str, *, query_seconds: int = 0, **options: Any) -> Engine:
    """Create an engine for SQLite or PostgreSQL, configured so that no update is lost.

    Args:
        url: an SQLAlchemy database address; ``postgresql://`` means psycopg 3.
        query_seconds: how long one query may run on PostgreSQL; 0 is as long as it needs.
        options: passed to create_engine.
    """
    if url.startswith("sqlite"):
        options.setdefault("connect_args", {"timeout": BUSY_SECONDS})
        if "///" in url and not url.endswith(":memory:"):
            Path(url.partition("///")[2].partition("?")[0]).parent.mkdir(
                parents=True, exist_ok=True
            )
        engine = create_engine(url, hide_parameters=True, **options)
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    # hide_parameters: an error that somebody prints must not hold what was being saved.
    if "connect_timeout" not in url:
        options.setdefault("connect_args", {"connect_timeout": CONNECT_SECONDS})
    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True, **options)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: object) -> None:
        connection.execute(f"set lock_timeout = '{BUSY_SECONDS}s'")
        if query_seconds:
            connection.execute(f"set statement_timeout = '{query_seconds}s'")
        connection.commit()

    return engine


def _configure_sqlite(connection: DBAPIConnection, _: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "cache_size=-20000",
        "secure_delete=ON",  # what is deleted is overwritten in the file
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def connect(url: str, **options: Any) -> Engine:
    """Point both session factories at a database. Called once by each process."""
    engine = make_engine(url, **options)
    bind(engine)
    return engine


def bind(engine: Engine) -> None:
    """Use this engine for every transaction from now on."""
    _state["engine"] = engine
    _write.configure(bind=engine)
    snapshot: dict[str, Any] = {READ_ONLY: True}
    if engine.dialect.name == "postgresql":
        # SQLite's readers have one snapshot anyway; here each statement would see its own.
        snapshot |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    _read.configure(bind=engine.execution_options(**snapshot))
    _trial.configure(bind=engine.execution_options(**snapshot))


def bind_to_connection(connection: Any) -> None:
    """Run every transaction as a savepoint of this connection (tests roll it all back)."""
    _write.configure(bind=connection, join_transaction_mode="create_savepoint")
    _read.configure(bind=connection, join_transaction_mode="create_savepoint")
    _trial.configure(bind=connection, join_transaction_mode="create_savepoint")


def engine() -> Engine:
    """The engine in use."""
    return _state["engine"]


@contextmanager
def begin() -> Iterator[Session]:
    """Open a transaction that may write: commit on success, roll back on any exception.

    Raises:
        Conflict: a row was changed by somebody else since it was read.
    """
    with _write() as session:
        try:
            yield session
            session.commit()
        except StaleDataError as stale:
            session.rollback()
            raise Conflict from stale
        except BaseException:
            session.rollback()
            raise


@contextmanager
def read() -> Iterator[Session]:
    """Open a snapshot for reading. It takes no write lock and refuses to flush."""
    with _read() as session:
        yield session


@contextmanager
def rehearse() -> Iterator[Session]:
    """Open a snapshot on which writing is tried; always rolled back.

    It takes no write lock: whoever opens it keeps what the session flushes from being sent
    (imports/rehearsal.py).
    """
    with _trial() as session:
        try:
            yield session
        finally:
            session.rollback()


def gather_statistics(asked: Connection | Session) -> None:
    """Let PostgreSQL look at how much there is of what, after much was written at once.

    Its own look comes up to a minute after the commit. Until then it takes every table for empty,
    and a report over some thousand events may run for hours.
    """
    bind = asked.get_bind() if isinstance(asked, Session) else asked
    if bind.dialect.name == "postgresql":
        asked.execute(text("analyze"))


def is_busy(error: DBAPIError) -> bool:
    """Whether we waited too long: for another writer, who may have crossed us, or for a query."""
    return getattr(error.orig, "sqlstate", None) in _CROSSED or any(
        word in str(error.orig) for word in ("database is locked", "lock timeout")
    )


def is_gone(error: DBAPIError) -> bool:
    """Whether the database does not answer: stopped, starting, or out of reach.

    The pool throws the connections away that died, and pings each before it is used again.
    """
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(error, OperationalError) and hasattr(error.orig, "sqlstate"):
        return (
            state is None or state == "53300" or (state[:2] in {"08", "57"} and not is_busy(error))
        )
    return "unable to open database file" in str(error.orig)


def is_full(error: DBAPIError) -> bool:
    """Whether the disk (or the database's allowed size) is full."""
    return any(
        word in str(error.orig)
        for word in ("database or disk is full", "No space left", "could not extend file")
    )


def retention(name: str, *constraints: Any) -> tuple[Any, ...]:
    """Table arguments with the table's retention class; see docs/decisions on retention.

    Args:
        name: one of RETENTION_CLASSES.
        constraints: constraints and indexes of the table.
    """
    if name not in RETENTION_CLASSES:
        raise ValueError(f"unknown retention class {name!r}")
    return (*constraints, {"info": {"retention": name}})


#: What each class means: (starts, years after, what then). domain.md LAW-11.
RETENTION_CLASSES: Mapping[str, tuple[str, str]] = {
    "case": ("last note of the person's file", "deleted 5 years after, SoL 16:1"),
    "employer": ("last contact with the employer", "per the municipality's archive schedule"),
    "reference": ("never about a person", "kept while in use"),
    "account": ("the user's last day", "deleted after 24 months"),
    "log": ("the event", "deleted after 24 months by default"),
    "statistics": ("the event", "kept pseudonymous; key replaced when the person is deleted"),
    "technical": ("the run", "deleted after 90 days"),
}
