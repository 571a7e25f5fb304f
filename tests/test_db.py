"""The database layer: no update is lost, readers never write, two savers see the conflict."""

from __future__ import annotations

import multiprocessing
import sqlite3
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import OperationalError

from matchsvc import db
from matchsvc.accounts.models import Setting, Unit
from matchsvc.errors import Conflict
from matchsvc.swedish import sort_key

WORKERS, ROUNDS = 4, 40


def _count_up(url, rounds, configured):
    """Read a number, add one, write it back, many times; in a process of its own."""
    engine = db.make_engine(url) if configured else create_engine(url)
    for _ in range(rounds):
        with engine.begin() as connection:
            value = connection.execute(text("select n from counter")).scalar_one()
            connection.execute(text("update counter set n = :n"), {"n": value + 1})
    engine.dispose()


def _race(url, configured):
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_count_up, args=(url, ROUNDS, configured)) for _ in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return [worker.exitcode for worker in workers]


@pytest.mark.sqlite_only
def test_concurrent_writers_lose_nothing(tmp_path):
    path = tmp_path / "counter.sqlite3"
    url = f"sqlite:///{path}"
    with sqlite3.connect(path) as plain:
        plain.execute("create table counter (n integer)")
        plain.execute("insert into counter values (0)")

    assert _race(url, configured=True) == [0] * WORKERS

    with sqlite3.connect(path) as plain:
        assert plain.execute("select n from counter").fetchone() == (WORKERS * ROUNDS,)


@pytest.mark.sqlite_only
def test_sqlite_as_it_comes_would_lose_updates(tmp_path):
    """Why db.py configures it: the driver's own BEGIN is deferred, so a read-then-write either
    fails at once or, outside a transaction, silently overwrites."""
    path = tmp_path / "counter.sqlite3"
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 0})
    with engine.begin() as connection:
        connection.execute(text("create table counter (n integer)"))
        connection.execute(text("insert into counter values (0)"))
    with engine.connect() as first, engine.connect() as second:
        seen_by_first = first.execute(text("select n from counter")).scalar_one()
        seen_by_second = second.execute(text("select n from counter")).scalar_one()
        first.execute(text("update counter set n = :n"), {"n": seen_by_first + 1})
        first.commit()
        second.execute(text("update counter set n = :n"), {"n": seen_by_second + 1})
        second.commit()
    with engine.connect() as connection:
        assert connection.execute(text("select n from counter")).scalar_one() == 1  # one is lost


@pytest.mark.sqlite_only
def test_a_writer_that_waits_too_long_is_told_the_database_is_busy(tmp_path, monkeypatch):
    monkeypatch.setattr(db, "BUSY_SECONDS", 0)
    engine = db.make_engine(f"sqlite:///{tmp_path}/busy.sqlite3")
    with engine.begin(), pytest.raises(OperationalError) as refused:
        engine.connect().begin()
    assert db.is_busy(refused.value)


def test_a_reading_transaction_refuses_to_write(session):
    with pytest.raises(db.ReadOnlyTransactionError), db.read() as reader:
        reader.add(Setting(key="x", value={}))
        reader.flush()


def test_two_people_saving_the_same_row_see_the_conflict(session, make):
    make.unit()
    session.commit()
    with db.begin() as first:
        mine = first.scalars(select(Unit)).first()
        with db.begin() as second:
            theirs = second.scalars(select(Unit)).first()
            theirs.phone = "1"
        mine.phone = "2"
        with pytest.raises(Conflict):
            db.check_version(mine, mine.version - 1)
        first.rollback()


def test_a_stale_row_is_refused_by_the_database_itself(session, make):
    unit = make.unit()
    session.commit()
    session.execute(text("update unit set version = version + 1"))
    unit.phone = "3"
    with pytest.raises(Conflict), db.begin() as other:
        stale = other.get(Unit, unit.id)
        other.execute(text("update unit set version = version + 1"))
        stale.phone = "4"
    session.rollback()


def test_instants_come_back_in_utc_on_every_database(session, make):
    unit = make.unit()
    assert unit is not None
    user = make.user()
    session.expire(user)
    assert user.created_at.tzinfo is UTC


def test_naive_instants_are_refused():
    column = db.UTCDateTime()
    with pytest.raises(ValueError, match="naive"):
        column.process_bind_param(datetime(2026, 1, 1), None)  # noqa: DTZ001


def test_swedish_order_is_the_same_on_every_database(session, make):
    names = ["Öberg", "Ängla", "Åke", "Zorn", "Éva", "Adam", "aron"]
    for name in names:
        make.unit(name=f"Enhet {name}")
    found = session.scalars(
        select(Unit.name).where(Unit.name.like("Enhet %")).order_by(Unit.sort_key)
    )
    order = [name.removeprefix("Enhet ") for name in found]
    assert order == ["Adam", "aron", "Éva", "Zorn", "Åke", "Ängla", "Öberg"]
    assert sort_key("Åström") > sort_key("Zetterberg")
