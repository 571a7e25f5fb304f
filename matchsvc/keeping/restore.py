"""Putting a backup into a database: in one transaction, checked before it is committed.

What has happened since the backup is not known to the database any more, so whoever was logged in
must log in again, and messages that may have left since wait for a person's word instead of being
sent a second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, or_, update
from sqlalchemy.orm import Session

from matchsvc import db, migrate
from matchsvc.accounts import audit, audit_verify
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import LoginSession
from matchsvc.errors import N_, RuleViolation
from matchsvc.keeping.backup import Manifest, Reader, newest_seal, read_whole
from matchsvc.keeping.rows import Form, Tally, line_of, read_rows, write_rows
from matchsvc.keeping.sealed import first_unopened
from matchsvc.keeping.stream import Damaged
from matchsvc.matching.marking import drop_triggers, mark_everything
from matchsvc.messages.models import MessageState, OutboxMessage
from matchsvc.secrecy import KeyRing

_REVISIONS = "alembic_version"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back.

    Attributes:
        manifest: the backup's.
        logged_out: log-ins that were ended.
        messages_held: messages that wait for a person's word.
        lost_seals: seals that the anchor outside the database knows and the backup does not: what
            was logged after it is gone.
    """

    manifest: Manifest
    logged_out: int
    messages_held: int
    lost_seals: list[str]


def restore(
    engine: Engine,
    actor: Actor,
    path: Path,
    ring: KeyRing,
    *,
    replace: bool,
    anchor: Path | None,
    now: datetime,
) -> Restored:
    """Put a backup into a database, all or nothing.

    Args:
        engine: of either kind; the backup may come from the other.
        actor: stands in the log.
        path: the backup. Read to its end before anything is written.
        ring: keys of backups; the columns are opened with the keys in use.
        replace: whether what is in the database may be lost.
        anchor: the audit log's, outside the database.
        now: stands on what is ended and held.

    Raises:
        Damaged: the backup is not whole, or the database holds something else after writing.
        RuleViolation: the database holds something, the backup is newer than the program, or its
            sealed columns do not open with the keys in use.
    """
    manifest = read_whole(path, ring)
    if manifest.revision not in migrate.known_revisions():
        raise RuleViolation(
            "backup_newer",
            N_("Kopian är gjord av ett nyare program. Installera det och återställ sedan."),
        )
    with migrate.changing(engine) as connection:
        _empty(connection, replace=replace)
        migrate.build(connection, manifest.revision)
        drop_triggers(connection)
        _load(connection, path, ring)
        migrate.build(connection)  # what an older backup lacks, and the triggers
        db.gather_statistics(connection)  # the checks ask about all of it before it is committed
        mark_everything(connection)
        with Session(connection) as session:
            done = _check_and_settle(session, manifest, anchor=anchor, now=now)
            audit.record(session, actor, "restore", "database", manifest.made_at)
            audit.write(session, audit.take_pending(session))
            session.flush()
    if manifest.revision != migrate.newest_revision():
        migrate.load_reference_data()
    return done


def _empty(connection: Connection, *, replace: bool) -> None:
    """Take every table away; refuse while one holds rows, unless that is meant."""
    there = inspect(connection).get_table_names()
    for table in there:
        held = connection.exec_driver_sql(f'select 1 from "{table}" limit 1').first()
        if held is not None and not replace:
            raise RuleViolation(
                "database_not_empty",
                N_(
                    "Databasen är inte tom. Återställ i en tom databas, eller ange --replace om "
                    "allt som finns i den får försvinna."
                ),
            )
    drop_triggers(connection)
    cascade = " cascade" if connection.dialect.name == "postgresql" else ""
    for table in there:
        connection.exec_driver_sql(f'drop table "{table}"{cascade}')


def _load(connection: Connection, path: Path, ring: KeyRing) -> None:
    """Write every table, then read it again and compare with the backup."""
    _forget_what_migrations_wrote(connection)
    forms: list[Form] = []
    with path.open("rb") as file:
        reader = Reader(file, ring)
        for form, rows in reader.tables():
            write_rows(connection, form, rows)
            forms.append(form)
        tables = reader.manifest().tables
    for form in forms:
        tally = Tally()
        for row in read_rows(connection, form):
            tally.add(line_of(row))
        if tally.told() != tables[form.name]:
            raise Damaged(
                "restored_otherwise",
                N_("Tabellen %(table)s blev inte som i kopian. Inget är ändrat i databasen."),
                values={"table": form.name},
            )


def _forget_what_migrations_wrote(connection: Connection) -> None:
    tables = [name for name in inspect(connection).get_table_names() if name != _REVISIONS]
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("truncate " + ", ".join(f'"{table}"' for table in tables))
        return
    for table in tables:
        connection.exec_driver_sql(f'delete from "{table}"')


def _check_and_settle(
    session: Session, manifest: Manifest, *, anchor: Path | None, now: datetime
) -> Restored:
    unopened = first_unopened(session)
    if unopened is not None:
        raise RuleViolation(
            "sealed_with_other_keys",
            N_(
                "Innehållet i %(column)s går inte att öppna. Lägg till nyckeln som gällde när "
                "kopian togs i ENCRYPTION_KEYS."
            ),
            values={"column": unopened},
        )
    if audit_verify.verify(session, anchor=None).faults or newest_seal(session) != manifest.seal:
        raise Damaged(
            "audit_broken", N_("Loggen i kopian är inte hel. Inget är ändrat i databasen.")
        )
    lost = audit_verify.verify(session, anchor=anchor).faults if anchor is not None else []
    return Restored(manifest, _log_out(session, now), _hold_messages(session, now), lost)


def _log_out(session: Session, now: datetime) -> int:
    ended = session.execute(
        update(LoginSession).where(LoginSession.ended_at.is_(None)).values(ended_at=now)
        .returning(LoginSession.id)
    )  # fmt: skip
    return len(ended.all())


def _hold_messages(session: Session, now: datetime) -> int:
    held = session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.state.in_((MessageState.QUEUED, MessageState.SENDING)),
            or_(OutboxMessage.not_before.is_(None), OutboxMessage.not_before <= now),
        )
        .values(state=MessageState.UNCERTAIN, last_error="restored_from_backup")
        .returning(OutboxMessage.id)
    )
    return len(held.all())
