"""The database server is stopped, crashed and started while people write."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from matchsvc import db, jobs, migrate
from matchsvc.accounts import audit, audit_verify
from matchsvc.app import create_app
from matchsvc.config import Config
from matchsvc.jobs_models import JobRun
from matchsvc.jobs_runs import RETRY_AFTER
from matchsvc.workday.models import Task
from tests.chaos.conftest import in_a_month
from tests.conftest import INDEX_FOLDER, SECRET
from tests.soak import SOAK

pytestmark = pytest.mark.postgres_only

RESTARTS = ("fast", "immediate") * (15 if SOAK else 1)


@pytest.fixture
def service(restartable_url, token_in):
    """The application on that database, as programs and people meet it."""
    config = Config(database_url=restartable_url, secret_key=SECRET, index_folder=INDEX_FOLDER)
    app = create_app(config)
    app.config["PROPAGATE_UNEXPECTED"] = False
    app.config["SERVED"] = config
    return app, {"Authorization": f"Bearer {token_in()}"}


def test_a_server_that_is_stopped_gives_a_plain_page_and_heals_by_itself(service, own_server):
    app, token = service
    client = app.test_client()
    for mode in ("fast", "immediate"):
        assert client.get("/api/v1/tasks", headers=token).status_code == 200
        own_server.stop(mode)
        try:
            for _ in range(3):
                page = client.get("/login", headers={"Accept-Language": "sv"})
                assert page.status_code == 503
                assert page.headers["Retry-After"] == "5"
                assert "Systemet är upptaget just nu" in page.get_data(as_text=True)
                told = client.get("/api/v1/tasks", headers=token)
                assert (told.status_code, told.get_json()["code"]) == (503, "no_database")
                assert client.get("/readyz").get_json() == {"status": "no database"}
                assert client.get("/healthz").status_code == 200
        finally:
            own_server.start()
        for _ in range(12):  # as many as the pool may hold, and more
            assert client.get("/api/v1/tasks", headers=token).status_code == 200
        assert client.get("/login").status_code == 200
        assert client.get("/readyz").status_code == 200


def test_writes_that_were_acknowledged_outlive_restarts_and_none_is_doubled(
    service, own_server, tmp_path, record_property
):
    app, token = service
    anchor = tmp_path / "anchor.jsonl"
    acknowledged, tried, answers = set(), set(), []
    over = threading.Event()

    def write(who):
        client, number = app.test_client(), 0
        while not over.is_set():
            number += 1
            words = f"Ring {who}-{number}"
            tried.add(words)
            body = {"own_words": words, "due_on": in_a_month()}
            answer = client.post("/api/v1/tasks", json=body, headers=token)
            answers.append(answer.status_code)
            if answer.status_code == 201:
                acknowledged.add(words)
            else:
                time.sleep(0.05)

    def seal():
        while not over.is_set():
            try:
                with db.begin() as session:
                    audit.seal(session, now=db.utcnow(), anchor=anchor)
            except DBAPIError as refused:
                assert db.is_gone(refused), repr(refused)  # noqa: PT017
            time.sleep(0.02)

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    threads.append(threading.Thread(target=seal))
    for thread in threads:
        thread.start()
    for mode in RESTARTS:
        time.sleep(0.7)
        own_server.stop(mode)
        time.sleep(0.2)
        own_server.start()
    time.sleep(0.7)
    over.set()
    for thread in threads:
        thread.join()
    record_property(
        "restarts",
        f"{len(RESTARTS)} restarts, {len(acknowledged)} writes acknowledged,"
        f" {answers.count(503)} answered 503",
    )

    assert set(answers) == {201, 503}
    with db.read() as session:
        counted = select(Task.own_words, func.count()).group_by(Task.own_words)
        kept = dict(session.execute(counted).all())
    assert acknowledged <= kept.keys() <= tried
    assert set(kept.values()) == {1}
    with db.begin() as session:
        audit.seal(session, now=db.utcnow(), anchor=anchor)
    with db.read() as session:
        verified = audit_verify.verify(session, anchor=anchor)
    assert verified.faults == []
    assert verified.seals > len(RESTARTS)
    assert migrate.differences(db.engine()) == []


def test_a_job_that_loses_its_database_is_run_again_and_done_once(service, own_server):
    config = service[0].config["SERVED"]
    ran = []

    def work(_config, day):
        ran.append(day)
        with db.begin() as session:
            if len(ran) == 1:
                own_server.stop("immediate")
                own_server.start()
            session.scalar(select(func.count()).select_from(Task))
        return 1

    job = jobs.Job("keep_offers", "", work)
    noon = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
    assert jobs.catch_up(job, config, now=noon) == [noon.date()]
    assert jobs.catch_up(job, config, now=noon) == []
    assert len(ran) == 1  # its pool had no connection open yet: it began on the new server

    def broken(_config, day):
        ran.append(day)
        with db.begin() as session:
            session.scalar(select(func.count()).select_from(Task))
            if len(ran) == 2:
                own_server.stop("immediate")
                own_server.start()
            return session.scalar(select(func.count()).select_from(Task))

    job = jobs.Job("stand_in", "", broken)
    assert jobs.catch_up(job, config, now=noon) == []
    assert jobs.catch_up(job, config, now=noon) == []  # not at once: it may still be working
    with db.begin() as session:
        row = session.scalars(select(JobRun).where(JobRun.job == "stand_in")).one()
        assert (row.finished_at, row.error) == (None, "OperationalError")
        row.started_at -= RETRY_AFTER * 2
    assert jobs.catch_up(job, config, now=noon) == [noon.date()]
    assert len(ran) == 3
