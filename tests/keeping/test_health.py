"""Whether it can serve, and how it goes: told to machines, about nobody."""

from __future__ import annotations

import dataclasses
import re
import shutil
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import text

from matchsvc import db, secrecy
from matchsvc.config import DEVELOPMENT_KEYS
from matchsvc.keeping.gauges import gauges
from matchsvc.messages.models import MessageState, OutboxMessage
from matchsvc.secrecy import KeyRing
from matchsvc.web.health import LEAST_FREE
from matchsvc.web.metrics import Figure, as_lines

LINE = re.compile(
    r'(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[^"{}]*"(,[a-z_]+="[^"{}]*")*\})? [-0-9.e+]+)'
)


@pytest.fixture
def with_token(app):
    kept = app.config["MATCHSVC"]
    app.config["MATCHSVC"] = dataclasses.replace(kept, metrics_token="of-the-watcher")
    yield app.test_client()
    app.config["MATCHSVC"] = kept


def queue(session, make, state):
    session.add(
        OutboxMessage(
            unit_id=make.unit().id, kind="x", recipient="hemlig@example.org", subject="Hemligt",
            message_id=f"<{uuid4()}>", state=state,
        )
    )  # fmt: skip
    session.flush()


def test_ready_means_the_schema_fits(app, session):
    client = app.test_client()
    assert client.get("/readyz").status_code == 200
    session.execute(text("update alembic_version set version_num = '0001'"))
    session.flush()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (
        503,
        "database and program do not fit",
    )


def test_ready_means_the_keys_open_what_is_sealed(app, session, make):
    client = app.test_client()
    queue(session, make, MessageState.QUEUED)
    assert client.get("/readyz").status_code == 200
    try:
        secrecy.use(KeyRing.parse("other:" + "QUFB" * 10 + "QUE="))
        assert client.get("/readyz").get_json() == {"status": "keys do not open"}
    finally:
        secrecy.use(KeyRing.parse(DEVELOPMENT_KEYS))


def test_ready_means_room_on_the_disk_of_a_file(app, session, monkeypatch, tmp_path):
    kept = app.config["MATCHSVC"]
    app.config["MATCHSVC"] = dataclasses.replace(kept, database_url=f"sqlite:///{tmp_path}/x.db")
    try:
        for free, status in ((LEAST_FREE, 200), (LEAST_FREE - 1, 503)):
            monkeypatch.setattr(shutil, "disk_usage", lambda _, f=free: SimpleNamespace(free=f))
            assert app.test_client().get("/readyz").status_code == status
    finally:
        app.config["MATCHSVC"] = kept


def test_the_probe_is_one_statement(app, session, queries):
    with queries() as count:
        app.test_client().get("/readyz")
    assert count.total <= 3


def test_figures_are_for_who_holds_the_token(app, with_token):
    assert with_token.get("/metrics").status_code == 401
    wrong = {"Authorization": "Bearer of-the-watcheR"}
    assert with_token.get("/metrics", headers=wrong).status_code == 401
    unusual = {"Authorization": "Bearer å"}
    assert with_token.get("/metrics", headers=unusual).status_code == 401


def test_without_a_token_there_are_no_figures(app):
    for given in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}):
        assert app.test_client().get("/metrics", headers=given).status_code == 404


def test_figures_count_requests_and_what_waits_and_name_nobody(
    app, with_token, client_as, session, make
):
    queue(session, make, MessageState.QUEUED)
    queue(session, make, MessageState.UNCERTAIN)
    person = make.participant(given_name="Samira")
    client = client_as()
    client.get(f"/participants/{person.id}")
    client.get("/set-password/a-secret-token")
    answer = with_token.get("/metrics", headers={"Authorization": "Bearer of-the-watcher"})
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4"
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.get_data(as_text=True)
    for line in told.splitlines():
        assert LINE.fullmatch(line), line
    assert 'matchsvc_messages{state="queued"} 1' in told
    assert 'matchsvc_messages{state="uncertain"} 1' in told
    assert "matchsvc_database_up 1" in told
    assert 'endpoint="accounts.show_set_password"' in told
    for secret in (
        "Samira",
        "hemlig",
        "Hemligt",
        "a-secret-token",
        str(person.id),
        client.user.name,
    ):
        assert secret not in told
    names = [line.split()[2] for line in told.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names)), "a name is introduced once"


def test_how_long_a_message_has_waited_is_counted_from_when_it_was_due(session, make):
    queue(session, make, MessageState.QUEUED)
    figures = {figure.name: figure.value for figure in gauges(session, db.utcnow())}
    assert 0 <= figures["matchsvc_oldest_queued_message_seconds"] < 60


def test_labels_cannot_break_out_of_their_line():
    (_, _, line) = as_lines([Figure("x", "X", 1, {"job": 'a"} 2\nb\\'})])
    assert line == r'x{job="a\"} 2\nb\\"} 1'
