"""PostgreSQL lets nobody wait for ever: for a lock, in a circle, or for a query that runs on."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from matchsvc import db
from matchsvc.accounts.models import Unit

pytestmark = pytest.mark.postgres_only


@pytest.fixture
def impatient(engine, database_url, monkeypatch):
    """Like the engine of a page, but with a third of a second for a lock and for a query."""
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.3)
    own = db.make_engine(database_url, query_seconds=1)
    yield own
    own.dispose()


@pytest.fixture
def two_units(engine):
    """Two committed rows, taken away afterwards; gives their ids."""
    made = [Unit(name=f"Väntar {number}", sort_key=f"v{number}") for number in range(2)]
    db.bind(engine)
    with db.begin() as session:
        session.add_all(made)
    yield [unit.id for unit in made]
    with db.begin() as session:
        for unit in made:
            session.delete(session.get(Unit, unit.id))


def lock(connection, unit_id):
    connection.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update())


def test_who_waits_too_long_for_a_row_is_told_that_the_system_is_busy(engine, impatient, two_units):
    with engine.connect() as first, impatient.connect() as second:
        lock(first, two_units[0])
        with pytest.raises(OperationalError) as told:
            lock(second, two_units[0])
    assert db.is_busy(told.value)
    assert not db.is_gone(told.value)


def test_of_two_who_wait_for_each_other_one_goes_on(engine, two_units):
    both, told = threading.Barrier(2, timeout=20), []

    def cross(mine, other):
        try:
            with engine.connect() as connection:
                lock(connection, mine)
                both.wait()
                lock(connection, other)
            told.append("done")
        except OperationalError as error:
            told.append("busy" if db.is_busy(error) and not db.is_gone(error) else repr(error))

    threads = [threading.Thread(target=cross, args=pair) for pair in (two_units, two_units[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(told) == ["busy", "done"]


def test_a_query_that_runs_on_is_given_up_and_the_connection_serves_on(impatient):
    with impatient.connect() as connection:
        with pytest.raises(OperationalError) as told:
            connection.execute(text("select pg_sleep(10)"))
        assert db.is_busy(told.value)
        assert not db.is_gone(told.value)
        connection.rollback()
        assert connection.scalar(text("select 1")) == 1


def test_statistics_are_there_before_the_commit(session, make):
    for _ in range(50):
        make.user()
    session.flush()
    db.gather_statistics(session)
    seen = text("select reltuples from pg_class where oid = 'user_account'::regclass")
    assert session.scalar(seen) >= 50
