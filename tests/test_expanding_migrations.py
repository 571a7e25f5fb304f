"""An upgrade without a stop: programs of the step before go on while the new ones come."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy import text

from matchsvc import db, migrate
from matchsvc.schema_steps import CONTRACT, EXPAND, SchemaStep, fits
from tests.expanding import STEPS, Known, let_go_of_foreign_keys, what_breaks
from tests.test_migrations import VERSIONS, bound, empty

__all__ = ["bound", "empty"]

#: From here on a step that is not called contracting must only add.
PROMISED_AFTER = "0044"


def steps():
    """Every migration in order, the oldest first."""
    script = ScriptDirectory.from_config(migrate.alembic_config())
    return list(reversed(list(script.walk_revisions())))


def kind_of(step):
    return getattr(step.module, "kind", EXPAND)


def later_steps():
    names = [step.revision for step in steps()]
    return steps()[names.index(PROMISED_AFTER) + 1 :]


def built(engine, revision="head"):
    """The schema alone: rows of the program's lists would be in the way of those tried."""
    with migrate.changing(engine) as connection:
        migrate.build(connection, revision)


def test_every_step_says_one_of_the_two_kinds():
    assert {kind_of(step) for step in later_steps()} <= {EXPAND, CONTRACT}
    assert VERSIONS.is_dir()


def test_what_a_program_can_write_before_an_expanding_step_it_can_write_after_it(bound):
    built(bound, PROMISED_AFTER)
    told, written = [], 0
    for step in later_steps():
        with bound.connect() as connection:
            let_go_of_foreign_keys(connection)
            with connection.begin() as undone:
                known = Known(connection)
                undone.rollback()
        bound.dispose()
        built(bound, step.revision)
        with bound.connect() as connection:
            let_go_of_foreign_keys(connection)
            with connection.begin() as undone:
                broken = what_breaks(connection, known)
                undone.rollback()
        bound.dispose()
        written += sum("insert" in worked for worked in known.works.values())
        if kind_of(step) == EXPAND:
            told += [f"{step.revision} {what}" for what in broken]
    assert told == [], "make the step add only, or say kind = 'contract' (decisions/0021)"
    assert written > 0.9 * len(known.works), "hardly any row could be written before either"


REFUSED = {
    "a column that must be filled in": ["alter table note add column seen integer not null"],
    "a column taken away": ["alter table task drop column own_words"],
    "a table taken away": ["drop table recovery_code"],
    "a column with another name": ["alter table task rename column own_words to said"],
    "a table with another name": ["alter table job_lease rename to lease"],
    "something that must now be unique": ["create unique index uq_x on area (sort_key)"],
}
LET_THROUGH = {
    "a column that may be empty": ["alter table note add column seen integer"],
    "a column with a default": ["alter table note add column seen integer not null default 1"],
    "a new table": ["create table x (id integer not null primary key)"],
    "an index": ["create index ix_x on area (sort_key)"],
}


@pytest.fixture
def newest(bound):
    """The newest schema without reference data, and what can be written there."""
    built(bound)
    with bound.connect() as connection:
        let_go_of_foreign_keys(connection)
        with connection.begin() as undone:
            yield connection, Known(connection)
            undone.rollback()
    bound.dispose()


def test_what_takes_away_or_demands_is_found_and_what_adds_is_let_through(newest):
    connection, known = newest
    empty_notes(connection)
    for name, statements in (REFUSED | LET_THROUGH).items():
        with connection.begin_nested() as undone:
            try:
                for statement in statements:
                    connection.execute(text(statement))
            except sa.exc.OperationalError as refused:
                # SQLite itself adds no column that must be filled in; a batch would.
                assert "NOT NULL" in str(refused)  # noqa: PT017
                undone.rollback()
                continue
            tables = {word for word in statements[0].split() if word in known.columns}
            broken = what_breaks(connection, known, changed=tables)
            assert bool(broken) == (name in REFUSED), f"{name}: {broken}"
            undone.rollback()


def empty_notes(connection):
    assert connection.scalar(text("select count(*) from note")) == 0


def columns_without_default(connection, known):
    """``{table: columns}`` that a program must fill in."""
    inspector = sa.inspect(connection)
    return {
        table: {
            column["name"]
            for column in inspector.get_columns(table)
            if not column["nullable"] and column["default"] is None
        }
        for table in known
    }


@pytest.mark.sqlite_only
def test_no_step_has_added_a_column_that_an_old_program_leaves_out(bound):
    """Over all steps, also those before the promise: what is demanded now, was from the start."""
    demanded = {}
    with migrate.changing(bound) as connection:
        for step in steps():
            migrate.build(connection, step.revision)
            new = set(sa.inspect(connection).get_table_names()) - demanded.keys()
            demanded |= columns_without_default(connection, new)
        now = columns_without_default(connection, demanded.keys() - gone(connection, demanded))
    added = {table: columns - demanded[table] for table, columns in now.items()}
    assert {table: columns for table, columns in added.items() if columns} == {}


def gone(connection, tables):
    return set(tables) - set(sa.inspect(connection).get_table_names())


def test_a_database_keeps_which_steps_it_took(session):
    kept = session.execute(
        sa.select(SchemaStep.revision, SchemaStep.kind).order_by(SchemaStep.number)
    ).all()
    taken = [(step.revision, kind_of(step)) for step in steps()]
    assert kept
    assert kept == taken[-len(kept) :]
    assert SchemaStep.__tablename__ == STEPS


def later(session, *kinds):
    last = session.scalar(sa.select(sa.func.max(SchemaStep.number)))
    for place, kind in enumerate(kinds, 1):
        session.add(SchemaStep(number=last + place, revision=f"later-{place}", kind=kind))
    session.execute(text(f"update alembic_version set version_num = 'later-{len(kinds)}'"))
    session.flush()


@pytest.mark.parametrize(
    ("kinds", "status"),
    [((EXPAND,), 200), ((EXPAND, EXPAND), 200), ((CONTRACT,), 503), ((EXPAND, CONTRACT), 503)],
)
def test_an_old_program_is_ready_on_a_schema_that_has_only_grown(app, session, kinds, status):
    later(session, *kinds)
    assert app.test_client().get("/readyz").status_code == status


def test_a_new_program_is_not_ready_before_the_schema_has_its_steps(session):
    assert fits(session, migrate.newest_revision())
    assert not fits(session, "9999")


def test_a_step_that_is_undone_is_forgotten(bound):
    migrate.upgrade(bound)
    newest_step = steps()[-1]
    with db.read() as session:
        count = session.scalar(sa.select(sa.func.count()).select_from(SchemaStep))
    migrate.downgrade(bound, PROMISED_AFTER, lose_data=True)
    migrate.upgrade(bound)
    with db.read() as session:
        assert fits(session, newest_step.revision)
        assert session.scalar(sa.select(sa.func.count()).select_from(SchemaStep)) == count
