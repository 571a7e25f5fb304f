"""The disk is full; the clock is moved: what is there stays, and nothing is doubled."""

from __future__ import annotations

import errno
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from matchsvc import db, jobs
from matchsvc.accounts import anchoring, audit, audit_verify
from matchsvc.app import create_app
from matchsvc.config import Config
from matchsvc.jobs_runs import RETRY_AFTER, claim_day
from matchsvc.keeping import backup
from matchsvc.workday.models import Task
from tests.chaos.conftest import in_a_month
from tests.conftest import INDEX_FOLDER, SECRET
from tests.factories import COMMAND, TODAY

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def small(fresh_url, engine, token_in):
    """The application on a SQLite database that may not grow."""
    app = create_app(Config(database_url=fresh_url, secret_key=SECRET, index_folder=INDEX_FOLDER))
    app.config["PROPAGATE_UNEXPECTED"] = False
    token = {"Authorization": f"Bearer {token_in()}"}
    yield app.test_client(), token
    db.engine().dispose()
    db.bind(engine)


def limit(pages):
    """From now on the file may have so many pages; None takes the limit away."""
    db.engine().dispose()  # the limit belongs to a connection

    def say(connection, _):
        connection.execute(f"pragma max_page_count={pages or 2**30}")

    return say


@pytest.mark.sqlite_only
def test_a_full_disk_refuses_in_words_keeps_what_was_there_and_lets_read(small):
    from sqlalchemy import event

    client, token = small
    body = {"own_words": "x" * 100, "due_on": in_a_month()}
    assert client.post("/api/v1/tasks", json=body, headers=token).status_code == 201
    with db.read() as session:
        pages = session.scalar(text("pragma page_count"))
    say = limit(pages)
    event.listen(db.engine(), "connect", say)
    answers = [client.post("/api/v1/tasks", json=body, headers=token) for _ in range(200)]
    saved = [answer for answer in answers if answer.status_code == 201]
    refused = [answer for answer in answers if answer.status_code != 201]
    assert {answer.status_code for answer in refused} == {507}
    assert {answer.get_json()["code"] for answer in refused} == {"disk_full"}
    assert client.get("/readyz").status_code == 200  # others read on
    assert client.get("/healthz").status_code == 200
    event.remove(db.engine(), "connect", say)
    db.engine().dispose()
    assert client.post("/api/v1/tasks", json=body, headers=token).status_code == 201
    with db.begin() as session:
        assert session.scalar(select(func.count()).select_from(Task)) == len(saved) + 2
        assert session.execute(text("pragma integrity_check")).scalar() == "ok"
        assert session.execute(text("pragma foreign_key_check")).all() == []
        audit.seal(session, now=db.utcnow(), anchor=None)
    with db.read() as session:
        assert audit_verify.verify(session, anchor=None).faults == []


def no_room(*_args, **_options):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_beside_the_database_is_told_too(app, client_as, monkeypatch):
    client = client_as()
    monkeypatch.setattr("matchsvc.placements.api_tasks.my_tasks", no_room)
    monkeypatch.setitem(app.config, "PROPAGATE_UNEXPECTED", False)
    answer = client.get("/api/v1/tasks")
    assert (answer.status_code, answer.get_json()["code"]) == (507, "disk_full")


def test_a_backup_on_a_full_disk_leaves_nothing(session, tmp_path, monkeypatch):
    from matchsvc.config import DEVELOPMENT_KEYS
    from matchsvc.secrecy import KeyRing

    monkeypatch.setattr(backup.os, "fsync", no_room)
    with pytest.raises(OSError, match="No space"):
        backup.write_backup(
            session, tmp_path / "b", KeyRing.parse(DEVELOPMENT_KEYS), now=db.utcnow()
        )
    assert list(tmp_path.iterdir()) == []


# --- the anchor


def logged(anchor):
    with db.begin() as writer:
        audit.record(writer, COMMAND, "read", "participant", "1")
    with db.begin() as writer:
        return audit.seal(writer, now=NOW, anchor=anchor)


def faults(anchor):
    with db.read() as reader:
        return audit_verify.verify(reader, anchor=anchor).faults


def test_a_seal_whose_transaction_died_is_not_in_the_anchor(session, tmp_path):
    anchor = tmp_path / "anchor"
    logged(anchor)

    class Killed(BaseException):
        pass

    with pytest.raises(Killed), db.begin() as writer:
        audit.record(writer, COMMAND, "read", "participant", "2")
        audit.write(writer, audit.take_pending(writer))
        audit.seal(writer, now=NOW, anchor=anchor)
        raise Killed
    logged(anchor)
    assert faults(anchor) == []
    assert len(anchor.read_text().splitlines()) == 2


def test_a_seal_that_was_not_copied_is_copied_by_the_next_sealing(session, tmp_path, monkeypatch):
    anchor = tmp_path / "anchor"
    logged(anchor)
    with monkeypatch.context() as full:
        full.setattr(anchoring.os, "fsync", no_room)
        logged(anchor)
        with pytest.raises(OSError, match="No space"):  # the job breaks, and is seen to
            anchoring.append(tmp_path / "other", [{"seal": 9}])
    whole = anchor.read_text()
    anchor.write_text(whole[:-50])  # what the disk had room for
    logged(anchor)
    assert faults(anchor) == []
    assert anchoring.last_anchored(anchor) == 3


def test_a_line_of_the_anchor_that_was_changed_is_still_found(session, tmp_path):
    anchor = tmp_path / "anchor"
    for _ in range(3):
        logged(anchor)
    lines = anchor.read_text().splitlines()
    anchor.write_text("\n".join([lines[0][:-10], *lines[1:]]) + "\n")
    assert faults(anchor) == ["anchor line 1 cannot be read"]


@pytest.mark.postgres_only
def test_a_sealing_that_is_rolled_back_leaves_no_number_out(session, tmp_path):
    anchor = tmp_path / "anchor"
    logged(anchor)
    for _ in range(3):
        with db.begin() as writer:
            audit.record(writer, COMMAND, "read", "participant", "2")
            audit.write(writer, audit.take_pending(writer))
            audit.seal(writer, now=NOW, anchor=anchor)
            writer.rollback()
    logged(anchor)
    assert faults(anchor) == []


# --- the clock


def test_a_lease_of_a_clock_that_was_put_back_holds_nobody_up(session):
    assert jobs.take_lease(session, "dead", now=NOW + HOUR)
    assert jobs.take_lease(session, "new", now=NOW)
    assert not jobs.take_lease(session, "third", now=NOW)
    assert jobs.take_lease(session, "new", now=NOW + DAY)  # and ahead
    assert not jobs.take_lease(session, "third", now=NOW + DAY)


def test_two_machines_whose_clocks_differ_a_little_share_one_lease(session):
    assert jobs.take_lease(session, "one", now=NOW + timedelta(minutes=4))
    assert not jobs.take_lease(session, "two", now=NOW)


def test_a_day_that_died_on_a_clock_ahead_is_taken_up_when_the_clock_is_right(session):
    assert claim_day(session, "keep_offers", TODAY, now=NOW + DAY)
    assert claim_day(session, "keep_offers", TODAY, now=NOW)
    assert not claim_day(session, "keep_offers", TODAY, now=NOW)
    assert claim_day(session, "keep_offers", TODAY, now=NOW + RETRY_AFTER * 2)


def test_the_log_keeps_its_order_when_the_clock_does_not(session, monkeypatch, tmp_path):
    anchor = tmp_path / "anchor"
    for at in (NOW, NOW - HOUR, NOW + DAY, NOW):
        monkeypatch.setattr(db, "utcnow", lambda at=at: at)
        logged(anchor)
    assert faults(anchor) == []
    assert isinstance(anchor, Path)
