"""The migrations build exactly the tables that the models describe, and can be undone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from matchsvc import db, migrate
from matchsvc.accounts.models import Role, Unit
from matchsvc.demo import town
from matchsvc.vocabulary.models import Concept, Condition
from tests.factories import COMMAND, TODAY

VERSIONS = Path(__file__).parent.parent / "migrations" / "versions"


@pytest.fixture
def empty(request, tmp_path, engine):
    """An empty database of the kind under test."""
    if engine.dialect.name == "sqlite":
        fresh = db.make_engine(f"sqlite:///{tmp_path}/empty.sqlite3")
        yield fresh
        fresh.dispose()
        return
    name = f"{engine.url.database}_migrations"  # each process that tests has its own
    admin = db.make_engine(engine.url.render_as_string(hide_password=False))
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'drop database if exists "{name}" with (force)'))
        connection.execute(text(f'create database "{name}"'))
    fresh = db.make_engine(engine.url.set(database=name).render_as_string(hide_password=False))
    yield fresh
    fresh.dispose()
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'drop database "{name}" with (force)'))
    admin.dispose()


@pytest.fixture
def bound(empty, engine):
    db.bind(empty)
    yield empty
    db.bind(engine)


def test_migrations_are_one_numbered_chain():
    names = sorted(path.name for path in VERSIONS.glob("*.py"))
    assert names, "no migrations found"
    assert [name[:4] for name in names] == [f"{n:04}" for n in range(1, len(names) + 1)]


def test_the_migrations_build_what_the_models_describe(bound):
    migrate.upgrade(bound)
    assert migrate.differences(bound) == []


def test_a_new_database_can_be_used_at_once(bound):
    migrate.upgrade(bound)
    with db.read() as session:
        assert session.query(Unit).count() == 1
        assert session.query(Concept).count() > 100
        assert 40 <= session.query(Condition).count() <= 80


def test_upgrading_again_changes_nothing(bound):
    migrate.upgrade(bound)
    with bound.connect() as connection:
        before = connection.execute(text("select count(*) from concept_term")).scalar()
    migrate.upgrade(bound)
    with bound.connect() as connection:
        assert connection.execute(text("select count(*) from concept_term")).scalar() == before


def test_the_migrations_can_be_undone(bound):
    migrate.upgrade(bound)
    migrate.downgrade(bound, "base", lose_data=False)
    assert inspect(bound).get_table_names() == ["alembic_version"]


def test_a_database_full_of_people_goes_down_and_up_again(bound):
    """SQLite changes a table by making it anew: what points to its rows may not be in the way."""
    migrate.upgrade(bound)
    with db.begin() as session:
        town.make_town(
            session, COMMAND, base_url="http://localhost", today=TODAY,
            now=datetime(2026, 11, 23, 16, 0, tzinfo=UTC),
        )  # fmt: skip

    def counted():
        tables = ("participant", "employer", "offer", "placement", "case_file", "note", "task")
        with bound.connect() as connection:
            return [
                connection.execute(text(f"select count(*) from {table}")).scalar()
                for table in tables
            ]

    before = counted()
    assert min(before) > 0
    migrate.downgrade(bound, "0012", lose_data=True)
    assert counted() == before
    migrate.upgrade(bound)
    assert counted() == before
    assert migrate.differences(bound) == []
    with bound.connect() as connection:
        if bound.dialect.name == "sqlite":
            assert connection.execute(text("pragma foreign_keys")).scalar() == 1
            assert connection.execute(text("pragma foreign_key_check")).all() == []


@pytest.mark.sqlite_only
def test_a_step_that_would_leave_rows_pointing_to_nothing_is_not_taken(bound):
    migrate.upgrade(bound, "0012")
    with bound.connect() as connection:
        raw = connection.connection.driver_connection
        raw.execute("pragma foreign_keys=off")
        raw.execute("insert into area (id, unit_id, name, sort_key) values ('1', '2', 'N', 'n')")
        raw.execute("pragma foreign_keys=on")
    with pytest.raises(RuntimeError, match="rows of area"):
        migrate.upgrade(bound)
    with bound.connect() as connection:
        stands = connection.execute(text("select version_num from alembic_version")).scalar()
    assert stands == "0012"


def test_undoing_refuses_to_lose_people_unless_told(bound):
    migrate.upgrade(bound)
    with db.begin() as session:
        unit = session.query(Unit).one()
        session.execute(
            text(
                "insert into user_account (id, email, name, sort_key, is_active, unit_id,"
                " created_at, version) values (:id, 'a@example.org', 'A', 'a', :yes, :unit,"
                " :at, 1)"
            ),
            {
                "id": "0" * 32,
                "yes": True,
                "unit": unit.id.hex if bound.dialect.name == "sqlite" else unit.id,
                "at": db.utcnow().replace(tzinfo=None)
                if bound.dialect.name == "sqlite"
                else db.utcnow(),
            },
        )
    with pytest.raises(RuntimeError, match="user_account"):
        migrate.downgrade(bound, "base", lose_data=False)
    assert "user_account" in inspect(bound).get_table_names()
    migrate.downgrade(bound, "base", lose_data=True)
    assert inspect(bound).get_table_names() == ["alembic_version"]
    assert Role.ADMIN
