"""Backups: whole, sealed, of one moment, and back again into either database."""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import MetaData, delete, inspect, select, text
from sqlalchemy.orm import Session

from matchsvc import db, migrate, secrecy
from matchsvc.accounts import audit, audit_months, audit_verify
from matchsvc.accounts.models import Attempt, AuditEvent, AuditSeal, LoginSession, Role
from matchsvc.accounts.rules import start_login
from matchsvc.config import DEVELOPMENT_KEYS, Config
from matchsvc.errors import RuleViolation
from matchsvc.keeping import restore as restoring
from matchsvc.keeping.backup import read_whole, write_backup
from matchsvc.keeping.restore import restore
from matchsvc.keeping.rows import Tally, form_of, line_of, read_rows
from matchsvc.keeping.sealed import sealed_tables
from matchsvc.keeping.stream import PIECE, Damaged, SealedWriter, opened
from matchsvc.matching.marking import create_triggers
from matchsvc.messages.models import MessageState, OutboxMessage
from matchsvc.participants.models import Participant
from matchsvc.secrecy import KeyRing
from tests.commands import run_command, running
from tests.factories import COMMAND, Make

RING = KeyRing.parse(DEVELOPMENT_KEYS)
OTHER = KeyRing.parse("other:" + "QUFB" * 10 + "QUE=")
PLANTED = "Xanthippa-Gömd"


@pytest.fixture
def bound(fresh_url, engine):
    """A SQLite file of the test's own, with a protected person in it."""
    own = db.connect(fresh_url)
    with db.begin() as session:
        make = Make(session)
        person = make.participant(given_name=PLANTED, family_name="Ödmark", protected=True)
        person.personal_id = "199001019802"
        start_login(session, make.user(role=Role.CASE_WORKER), now=db.utcnow())
        session.add(
            OutboxMessage(
                unit_id=person.unit_id, kind="x", recipient="a@example.org", subject="x",
                message_id="<1@x>",
            )
        )  # fmt: skip
        audit.record(session, COMMAND, "read", "participant", person.id, subjects=[person.id])
    with db.begin() as session:
        audit.seal(session, now=db.utcnow(), anchor=None)
    yield own
    own.dispose()
    db.bind(engine)


@pytest.fixture
def made(bound, tmp_path):
    """A backup of it."""
    path = tmp_path / "first.backup"
    with db.read() as session:
        write_backup(session, path, RING, now=db.utcnow())
    return path


def tallies(engine):
    with engine.connect() as connection:
        found = {}
        for table in db.Base.metadata.sorted_tables:
            tally, form = Tally(), form_of(table)
            for row in read_rows(connection, form):
                tally.add(line_of(row))
            found[form.name] = tally.told()
        return found


def put_back(engine, path, *, replace=False, ring=RING, anchor=None):
    db.bind(engine)
    return restore(engine, COMMAND, path, ring, replace=replace, anchor=anchor, now=db.utcnow())


@pytest.fixture
def elsewhere(tmp_path):
    own = db.make_engine(f"sqlite:///{tmp_path}/elsewhere.sqlite3")
    yield own
    own.dispose()


#: Restoring ends log-ins, notes itself and marks what matching must pack.
SETTLED = {"audit_event", "login_session", "matching_stale", "outbox_message"}


@pytest.fixture
def quickly(monkeypatch, bound):
    """Copy the schema instead of making it by migrations, which takes seconds."""
    with bound.connect() as connection:
        schema = connection.exec_driver_sql(
            "select sql from sqlite_master where sql is not null and name not like 'sqlite_%'"
            " order by type = 'trigger', type desc"
        ).scalars().all()  # fmt: skip

    real = migrate.build

    def build(connection, revision="head"):
        if connection.dialect.name != "sqlite":
            real(connection, revision)
        elif inspect(connection).get_table_names():
            create_triggers(connection)
        else:
            for statement in schema:
                connection.exec_driver_sql(statement)

    monkeypatch.setattr(migrate, "build", build)


@pytest.mark.sqlite_only
def test_a_log_with_replaced_months_comes_back_and_its_chain_holds(
    quickly, bound, elsewhere, tmp_path
):
    anchor, path = tmp_path / "anchor", tmp_path / "replaced.backup"
    with db.begin() as session:
        session.execute(delete(AuditEvent))
        session.execute(delete(AuditSeal))
    for month in (8, 9, 12):
        at = datetime(2024, month, 3, 12, tzinfo=UTC)
        with db.begin() as session:
            session.add(
                AuditEvent(
                    at=at,
                    actor="job:old",
                    action="read",
                    object_type="thing",
                    subjects=[],
                    fields=[],
                )
            )
        with db.begin() as session:
            audit.seal(session, now=at, anchor=anchor)
    today, now = date(2026, 11, 23), datetime(2026, 11, 23, 3, tzinfo=UTC)
    for _ in range(2):
        with db.begin() as session:
            audit_months.replace_next(session, COMMAND, today=today, now=now, anchor=anchor)
    with db.begin() as session:
        audit.seal(session, now=now, anchor=anchor)
    with db.read() as session:
        write_backup(session, path, RING, now=now)
    done = put_back(elsewhere, path, anchor=anchor)
    assert done.lost_seals == []
    with db.read() as session:
        told = audit_verify.verify(session, anchor=anchor)
        assert told.faults == []
        assert [each.month for each in told.replaced] == ["2024-08", "2024-09"]


@pytest.mark.sqlite_only
def test_everything_comes_back_but_nobody_is_logged_in_and_nothing_is_sent_twice(
    bound, made, elsewhere, tmp_path
):
    before = tallies(bound)
    anchor = tmp_path / "anchor"
    anchor.write_text('{"seal": 2, "first": 2, "last": 2, "count": 1, "hash": "x"}\n')
    done = put_back(elsewhere, made, anchor=anchor)
    assert done.lost_seals[-1] == "seal 2 is in the anchor but not in the database: cut off"
    assert (done.logged_out, done.messages_held) == (1, 1)
    after = tallies(elsewhere)
    assert {name: told for name, told in after.items() if told != before[name]}.keys() <= SETTLED
    assert migrate.differences(elsewhere) == []
    with db.read() as session:
        person = session.scalars(select(Participant)).one()
        assert (person.given_name, person.personal_id) == (PLANTED, "199001019802")
        assert audit_verify.verify(session, anchor=None).faults == []
        assert session.scalars(select(LoginSession.ended_at)).one() is not None
        assert session.scalars(select(OutboxMessage.state)).one() == MessageState.UNCERTAIN
        last = session.execute(
            text("select action, object_type from audit_event order by id desc limit 1")
        ).one()
    assert tuple(last) == ("restore", "database")
    assert done.manifest.rows == sum(rows for rows, _ in before.values())


@pytest.mark.postgres_only
def test_what_grows_moves_from_sqlite_to_postgresql_and_back(
    quickly, bound, made, elsewhere, postgres_url, tmp_path
):
    before = tallies(bound)
    name = f"{postgres_url.rpartition('/')[2].partition('?')[0]}_restored"
    admin = db.make_engine(postgres_url)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'drop database if exists "{name}" with (force)'))
        connection.execute(text(f'create database "{name}"'))
    there = db.make_engine(admin.url.set(database=name).render_as_string(hide_password=False))
    put_back(there, made)
    after = tallies(there)
    assert {key for key, told in after.items() if told != before[key]} <= SETTLED
    assert migrate.differences(there) == []
    with db.begin() as session:  # numbers go on after the highest
        audit.record(session, COMMAND, "read", "report")
    with db.read() as session:
        assert audit_verify.verify(session, anchor=None).faults == []
        write_backup(session, tmp_path / "second.backup", RING, now=db.utcnow())
    of_postgres = tallies(there)
    with pytest.raises(RuleViolation) as refused:
        put_back(there, made)
    assert refused.value.code == "database_not_empty"
    put_back(elsewhere, tmp_path / "second.backup")
    again = tallies(elsewhere)
    assert {key for key, told in again.items() if told != of_postgres[key]} <= SETTLED
    there.dispose()
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'drop database "{name}" with (force)'))
    admin.dispose()


@pytest.mark.sqlite_only
def test_nobody_can_be_read_in_the_file(bound, made, tmp_path):
    sealed = made.read_bytes()
    for word in (PLANTED, "Xanthippa", "Ödmark", "199001019802", "participant", "user_account"):
        assert word.encode() not in sealed
    assert made.stat().st_mode & 0o077 == 0
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("own.sqlite3*"))
    assert b"user_account" in stored, "the search must be able to find a word"
    assert PLANTED.encode() not in stored  # she is protected: her name is sealed there too


@pytest.mark.sqlite_only
def test_a_backup_is_of_one_moment_while_others_write(bound, tmp_path):
    stop, written = threading.Event(), []

    def write():
        while not stop.is_set():
            with db.begin() as session:
                session.add_all(_pair(session, len(written)))
            written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 3:
            time.sleep(0.01)
        with db.read() as session:
            before = len(written)
            session.execute(text("select 1 from unit")).all()  # the snapshot begins
            made = write_backup(session, tmp_path / "busy.backup", RING, now=db.utcnow())
        assert len(written) > before, "the writer must have gone on"
    finally:
        stop.set()
        writer.join()
    rows, _ = made.tables["attempt"]
    assert rows % 2 == 0
    assert 6 <= rows < 2 * len(written)
    assert read_whole(tmp_path / "busy.backup", RING) == made


def _pair(session, number):
    return [Attempt(key=f"{number}-{side}", window_started_at=db.utcnow()) for side in "ab"]


@pytest.mark.sqlite_only
def test_a_killed_backup_leaves_nothing_that_looks_whole(bound, tmp_path):
    url = bound.url.render_as_string(hide_password=False)
    with db.begin() as session:
        session.execute(
            text(
                "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)"
                " insert into attempt (key, window_started_at, count)"
                " select hex(randomblob(40)), '2026-11-23 10:00:00.000000', 1 from n"
            )
        )
    path = tmp_path / "killed.backup"
    with running({"DATABASE_URL": url}, "backup", str(path), folder=tmp_path):
        deadline = time.monotonic() + 30
        while not any(
            part.stat().st_size > PIECE for part in tmp_path.glob("killed.backup.*.part")
        ):
            assert time.monotonic() < deadline
            time.sleep(0.005)
    assert not path.exists()
    (part,) = tmp_path.glob("killed.backup.*.part")
    with pytest.raises(Damaged):
        read_whole(part, RING)


def _damages(sealed):
    second = sealed.index(b"\n", sealed.index(b"\n") + 1) + 1
    piece = 4 + PIECE + 16
    yield "empty", b""
    yield "cut in the head", sealed[: second - 5]
    yield "cut after the head", sealed[:second]
    yield "cut at a piece", sealed[: second + piece]
    yield "cut within a piece", sealed[: second + piece + 100]
    yield "cut by a byte", sealed[:-1]
    yield "something after the end", sealed + b"x"
    yield "twice", sealed + sealed
    first, other = sealed[second : second + piece], sealed[second + piece : second + 2 * piece]
    yield "pieces changed places", sealed[:second] + other + first + sealed[second + 2 * piece :]
    yield "a piece left out", sealed[:second] + sealed[second + piece :]
    yield "a piece twice", sealed[: second + piece] + first + sealed[second + piece :]
    for place in (0, 20, 40, second - 3, second + 1, second + 50, len(sealed) // 2, -1):
        changed = bytearray(sealed)
        changed[place] ^= 1
        yield f"byte {place} changed", bytes(changed)
    yield "a database", b"SQLite format 3\0" + sealed


@pytest.mark.sqlite_only
def test_every_kind_of_damage_is_refused_before_anything_is_written(
    quickly, made, elsewhere, tmp_path
):
    plain = os.urandom(3 * PIECE)
    whole = tmp_path / "sealed"
    with whole.open("wb") as file:
        writer = SealedWriter(file, RING)
        writer.write(plain)
        writer.finish()
    with whole.open("rb") as file:
        assert b"".join(opened(file, RING)) == plain
    for what, damaged in _damages(whole.read_bytes()):
        whole.write_bytes(damaged)
        with pytest.raises(Damaged), whole.open("rb") as file:
            list(opened(file, RING))
            pytest.fail(what)
    of_database = made.read_bytes()
    made.write_bytes(of_database[:-1] + bytes([of_database[-1] ^ 1]))
    with pytest.raises(Damaged):
        put_back(elsewhere, made)
    with elsewhere.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from sqlite_master").scalar() == 0
    made.write_bytes(of_database)
    with pytest.raises(Damaged) as refused:
        read_whole(made, OTHER)
    assert refused.value.code == "backup_key"


@pytest.mark.sqlite_only
def test_a_sealed_file_that_is_no_backup_of_ours_is_refused(tmp_path):
    path = tmp_path / "sealed"
    for content in (b"", b"not packed", b"x" * 100_000):
        with path.open("wb") as file:
            writer = SealedWriter(file, RING)
            writer.write(content)
            writer.finish()
        with pytest.raises(Damaged):
            read_whole(path, RING)


@pytest.mark.sqlite_only
def test_a_restore_that_breaks_changes_nothing(quickly, bound, made, monkeypatch):
    before = tallies(bound)
    monkeypatch.setattr(restoring, "mark_everything", lambda _connection: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        put_back(bound, made, replace=True)
    assert tallies(bound) == before
    assert migrate.differences(bound) == []


@pytest.mark.sqlite_only
def test_a_database_that_holds_anything_is_only_replaced_when_told(quickly, bound, made):
    before = tallies(bound)
    with pytest.raises(RuleViolation) as refused:
        put_back(bound, made)
    assert refused.value.code == "database_not_empty"
    assert tallies(bound) == before
    with db.begin() as session:
        Make(session).participant(given_name="Efteråt")
    put_back(bound, made, replace=True)
    assert tallies(bound)["participant"] == before["participant"]


@pytest.mark.sqlite_only
def test_without_the_keys_of_its_columns_a_backup_is_not_restored(quickly, made, elsewhere):
    try:
        secrecy.use(OTHER)
        with pytest.raises(RuleViolation) as refused:
            put_back(elsewhere, made)
    finally:
        secrecy.use(RING)
    assert refused.value.code == "sealed_with_other_keys"
    with elsewhere.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from sqlite_master").scalar() == 0


@pytest.mark.sqlite_only
def test_a_backup_of_a_forged_log_is_not_restored(quickly, bound, elsewhere, tmp_path):
    with db.begin() as session:
        session.execute(text("update audit_event set actor = 'forged'"))
    with db.read() as session:
        write_backup(session, tmp_path / "forged.backup", RING, now=db.utcnow())
    with pytest.raises(Damaged) as refused:
        put_back(elsewhere, tmp_path / "forged.backup")
    assert refused.value.code == "audit_broken"


@pytest.mark.sqlite_only
def test_a_backup_is_taken_read_and_put_back_from_the_command_line(quickly, bound, tmp_path):
    url = bound.url.render_as_string(hide_password=False)
    path = str(tmp_path / "typed.backup")
    keys = {"BACKUP_KEYS": "b1:" + "QUFB" * 10 + "QUE="}
    assert run_command(url, "backup", path, **keys).returncode == 0
    assert run_command(url, "backup", path, **keys).returncode == 1  # never over another
    assert run_command(url, "backup", "--verify", path, **keys).returncode == 0
    assert run_command(url, "backup", "--verify", path).returncode == 1
    assert run_command(url, "restore", path, **keys).returncode == 1
    empty = f"sqlite:///{tmp_path}/typed.sqlite3"
    restored = run_command(empty, "restore", path, **keys)
    assert restored.returncode == 0, restored.stderr
    assert run_command(empty, "audit", "verify").returncode == 0
    assert run_command(empty, "db", "check").returncode == 0


@pytest.mark.soak
@pytest.mark.sqlite_only
def test_a_backup_of_an_older_schema_is_brought_up(elsewhere, tmp_path, monkeypatch, engine):
    old = db.make_engine(f"sqlite:///{tmp_path}/old.sqlite3")
    try:
        migrate.upgrade(old, "0038")
        reflected = MetaData()
        reflected.reflect(old)
        reflected.remove(reflected.tables["alembic_version"])
        with monkeypatch.context() as patched, Session(old) as session:
            patched.setattr(migrate, "newest_revision", lambda: "0038")
            patched.setattr(db.Base, "metadata", reflected)
            made = write_backup(session, tmp_path / "old.backup", RING, now=db.utcnow())
        assert made.revision == "0038"
        put_back(elsewhere, tmp_path / "old.backup")
        assert migrate.differences(elsewhere) == []
        with db.read() as session:  # what every database has from the beginning
            assert session.scalar(text("select count(*) from concept")) > 100
    finally:
        old.dispose()
        db.bind(engine)


def test_every_column_has_a_form_in_a_backup():
    forms = [form_of(table) for table in db.Base.metadata.sorted_tables]
    assert len(forms) > 80
    assert sealed_tables()


def test_settings_never_show_their_keys():
    config = Config(backup_keys="secretly", database_url="postgresql://a:secretly@b/c")
    assert "secretly" not in repr(config)
