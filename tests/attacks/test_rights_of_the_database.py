"""What deploy/postgresql-rights.sql gives: enough to serve, too little to change the log."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from matchsvc.accounts import audit, audit_months
from matchsvc.accounts.models import AuditEvent, AuditSeal
from matchsvc.errors import RuleViolation
from tests.factories import Make
from tests.test_house_rules import ROOT

pytestmark = pytest.mark.postgres_only
ROLE = "matchsvc_who_serves"


@pytest.fixture
def serving(outer, session):
    """The session of the test, with the rights of the role that serves; all of it rolled back."""
    script = (ROOT / "deploy/postgresql-rights.sql").read_text("utf-8")
    session.execute(text(f"create role {ROLE}"))
    script = script.replace("to matchsvc;", f"to {ROLE};").replace(
        "from matchsvc;", f"from {ROLE};"
    )
    session.connection().exec_driver_sql(script)
    session.execute(text(f"set local role {ROLE}"))
    yield session
    session.rollback()


def test_who_serves_writes_rows_and_seals_the_log(serving, now_of_test):
    make = Make(serving)
    worker = make.user()
    audit.record(serving, make.actor(user=worker), "change", "participant", None)
    audit.write(serving, audit.take_pending(serving))
    serving.flush()
    assert audit.seal(serving, now=now_of_test, anchor=None) >= 1
    assert serving.scalars(select(AuditSeal)).all()


@pytest.fixture
def now_of_test():
    from matchsvc import db

    return db.utcnow()


WAYS = (
    *("update audit_event set action = 'x'", "delete from audit_event"),
    *("update audit_seal set count = 0", "delete from audit_seal", "truncate audit_event"),
    "insert into audit_month select 1, '2024-01', 1, 1, 1, 1, 1, '', '', '', now(), ''",
    *("delete from audit_month", "update audit_month set count = 1", "truncate audit_month"),
    *("drop table audit_event", "alter table audit_event disable trigger all"),
    *("drop trigger only_added_to on audit_event", "create table public.mine (id int)"),
    *("update alembic_version set version_num = 'x'", "set session_replication_role = replica"),
)


def test_who_serves_cannot_change_the_log(serving):
    make = Make(serving)
    audit.record(serving, make.actor(user=make.user()), "change", "participant", None)
    audit.write(serving, audit.take_pending(serving))
    serving.flush()
    before = serving.execute(select(AuditEvent.id, AuditEvent.action)).all()
    assert before
    for statement in WAYS:
        with pytest.raises(ProgrammingError), serving.begin_nested():
            serving.execute(text(statement))
        assert serving.execute(select(AuditEvent.id, AuditEvent.action)).all() == before, statement


def test_who_serves_may_not_replace_months_and_the_owner_may(serving):
    assert not audit_months.may_replace(serving)
    with pytest.raises(RuleViolation) as refused:
        audit_months.require_owner(serving)
    assert refused.value.code == "not_the_owner"
    serving.execute(text("reset role"))
    assert audit_months.may_replace(serving)
