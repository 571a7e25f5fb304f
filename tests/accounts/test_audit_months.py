"""Months of the log whose time is up are replaced by their seal, and the chain still holds."""

from __future__ import annotations

import json
import os
import signal
import time
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import sessionmaker

from matchsvc import db
from matchsvc.accounts import audit, audit_months, audit_verify
from matchsvc.accounts.models import AuditEvent, AuditMonth, AuditSeal
from matchsvc.errors import RuleViolation
from tests.commands import start_command
from tests.factories import COMMAND, Make

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def write_and_seal(anchor, at, rows=3):
    with db.begin() as writer:
        writer.add_all(
            AuditEvent(
                at=at, actor="job:old", action="read", object_type="thing", subjects=[], fields=[]
            )
            for _ in range(rows)
        )
    with db.begin() as writer:
        audit.seal(writer, now=at, anchor=anchor)


@pytest.fixture
def log(session, tmp_path):
    """Two seals a month from August to December 2024, and their anchor."""
    session.execute(delete(AuditEvent))
    session.execute(delete(AuditSeal))
    session.commit()
    anchor = tmp_path / "anchor.jsonl"
    for month in (8, 9, 10, 11, 12):
        for day in (3, 20):
            write_and_seal(anchor, datetime(2024, month, day, 12, tzinfo=UTC))
    return anchor


def replace_all(anchor, today=TODAY):
    months = []
    while True:
        with db.begin() as writer:
            made = audit_months.replace_next(writer, COMMAND, today=today, now=NOW, anchor=anchor)
            if made is None:
                return months
            months.append((made.month, made.count))


def seal_now(anchor):
    with db.begin() as writer:
        audit.seal(writer, now=NOW, anchor=anchor)


def found(anchor):
    with db.begin() as reader:
        return audit_verify.verify(reader, anchor=anchor)


def numbers(session, *tables):
    return [session.scalar(select(func.count()).select_from(table)) for table in tables]


def test_months_over_their_time_go_one_by_one_and_the_chain_still_holds(session, log):
    assert replace_all(log) == [("2024-08", 6), ("2024-09", 6), ("2024-10", 6)]
    told = found(log)
    assert told.faults == []
    assert [each.month for each in told.replaced] == ["2024-08", "2024-09", "2024-10"]
    assert (told.seals, told.rows) == (4, 12)
    first = session.scalar(select(func.min(AuditEvent.at)).where(AuditEvent.actor == "job:old"))
    assert first.month == 11  # kept in its 24th month
    assert replace_all(log) == []


def test_the_anchor_says_which_months_were_replaced_and_keeps_their_seals(log):
    replace_all(log)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["month"] for line in lines if "month" in line] == ["2024-08", "2024-09", "2024-10"]
    assert sum("seal" in line for line in lines) == 10


def test_the_chain_goes_on_after_months_were_replaced(log):
    replace_all(log)
    seal_now(log)
    assert found(log).faults == []


def test_the_unit_that_keeps_longest_decides(session, log):
    Make(session).setting("retention_log_months", "26")
    session.commit()
    assert [month for month, _ in replace_all(log)] == ["2024-08"]


def test_the_newest_seal_stays_however_old(session, log):
    replace_all(log, today=date(2031, 1, 1))
    assert numbers(session, AuditSeal) == [1]
    seal_now(log)
    assert found(log).faults == []


def test_a_seal_over_midnight_belongs_to_the_later_month(session, log):
    with db.begin() as writer:
        for at in (
            datetime(2024, 12, 31, 22, 59, tzinfo=UTC),
            datetime(2024, 12, 31, 23, 1, tzinfo=UTC),
        ):
            writer.add(
                AuditEvent(
                    at=at,
                    actor="job:old",
                    action="read",
                    object_type="thing",
                    subjects=[],
                    fields=[],
                )
            )
    seal_now(log)
    write_and_seal(log, datetime(2025, 1, 3, tzinfo=UTC))
    write_and_seal(log, datetime(2025, 3, 3, tzinfo=UTC))
    months = replace_all(log, today=date(2027, 2, 1))
    assert months[-2:] == [("2024-12", 6), ("2025-01", 5)]


def test_a_month_that_is_not_what_was_sealed_is_not_replaced(session, log):
    session.execute(
        update(AuditEvent)
        .where(AuditEvent.at < datetime(2024, 8, 15, tzinfo=UTC))
        .values(actor="job:forged")
    )
    session.commit()
    with pytest.raises(RuleViolation) as refused:
        replace_all(log)
    assert refused.value.code == "log_not_whole"
    assert numbers(session, AuditMonth, AuditSeal) == [0, 10]


@pytest.mark.parametrize("dies_in", ["delete from audit_seal", "insert into audit_month"])
def test_a_process_that_dies_midway_leaves_the_month_whole(session, log, monkeypatch, dies_in):
    from sqlalchemy import event

    before = numbers(session, AuditEvent, AuditSeal, AuditMonth)
    session.commit()

    def die(_connection, _cursor, statement, *_):
        if statement.lower().startswith(dies_in):
            raise RuntimeError

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", die)
    try:
        with pytest.raises(RuntimeError):
            replace_all(log)
    finally:
        event.remove(engine, "before_cursor_execute", die)
    assert numbers(session, AuditEvent, AuditSeal, AuditMonth) == before
    assert "month" not in log.read_text()
    assert found(log).faults == []


@pytest.mark.sqlite_only
def test_a_command_killed_at_any_moment_leaves_each_month_whole_or_replaced(fresh_url):
    """Real processes, each killed as soon as it has come a month further."""
    engine = db.make_engine(fresh_url)
    with sessionmaker(engine)() as session:
        for month in range(1, 6):
            row = {"actor": "job:old", "action": "read", "object_type": "thing"}
            row |= {"at": datetime(2023, month, 5, 12, tzinfo=UTC), "subjects": [], "fields": []}
            session.execute(insert(AuditEvent), [row] * 2_000)
            session.commit()
            audit.seal(session, now=row["at"], anchor=None)
            session.commit()
    stood, kills = 0, 0
    while stood < 4:
        process = start_command(fresh_url, "audit", "replace-months")
        kills += not wait_for_progress(process, engine, stood)
        with sessionmaker(engine)() as session:
            told = audit_verify.verify(session, anchor=None)
        assert told.faults == []
        assert told.rows + sum(each.count for each in told.replaced) >= 10_000
        assert len(told.replaced) > stood
        stood = len(told.replaced)
    engine.dispose()
    assert kills >= 1


def wait_for_progress(process, engine, stood):
    """Kill it when it has replaced a month more and is at the next; whether it ended before."""
    while not os.waitpid(process, os.WNOHANG)[0]:
        with engine.connect() as connection:
            if connection.scalar(select(func.count()).select_from(AuditMonth)) > stood:
                os.killpg(process, signal.SIGKILL)
                os.waitpid(process, 0)
                return False
        time.sleep(0.002)
    return True


def test_a_process_that_dies_after_the_commit_has_the_anchor_told_by_the_next_sealing(log):
    replace_all(None)
    assert "month" not in log.read_text()
    seal_now(log)
    assert log.read_text().count("month") >= 3
    assert found(log).faults == []


CHANGES = {
    "deleted": "delete from audit_month where month = '2024-10'",
    "the middle one deleted": "delete from audit_month where month = '2024-09'",
    "all deleted": "delete from audit_month",
    "count": "update audit_month set count = 5 where month = '2024-10'",
    "an older count": "update audit_month set count = 5 where month = '2024-08'",
    "first": "update audit_month set first_id = first_id + 1 where month = '2024-09'",
    "last": "update audit_month set last_id = last_id - 1 where month = '2024-10'",
    "month": "update audit_month set month = '2024-07' where month = '2024-08'",
    "hash": "update audit_month set hash = previous_hash where month = '2024-10'",
    "time": "update audit_month set replaced_at = sealed_at from (select max(sealed_at) as"
    " sealed_at from audit_seal) as s where month = '2024-10'",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("with_anchor", [True, False])
def test_a_replaced_month_that_is_missing_or_altered_is_found(session, log, change, with_anchor):
    replace_all(log)
    session.execute(text(CHANGES[change]))
    session.commit()
    session.expire_all()
    assert found(log if with_anchor else None).faults


def test_months_that_were_altered_and_chained_anew_are_found_by_the_log(session, log):
    replace_all(log)
    before = audit.GENESIS
    for month in session.scalars(select(AuditMonth).order_by(AuditMonth.number)):
        month.count += 1
        month.chain = before = audit_months._chain(before, month)
    session.commit()
    assert any("log does not say" in fault for fault in found(None).faults)
    assert any("its seals in the anchor" in fault for fault in found(log).faults)


def test_rows_that_come_back_into_a_replaced_month_are_found(session, log):
    replace_all(log)
    session.execute(
        text("update audit_event set id = 1 where id = (select max(id) from audit_event)")
    )
    session.commit()
    assert any("months that were replaced" in fault for fault in found(log).faults)


def test_an_anchor_that_was_begun_later_agrees_too(log):
    replace_all(log)
    log.unlink()
    seal_now(log)
    assert found(log).faults == []


def test_a_forged_line_of_a_seal_that_is_gone_is_found(log):
    replace_all(log)
    lines = log.read_text().splitlines()
    lines[0] = json.dumps(json.loads(lines[0]) | {"count": 2})
    log.write_text("\n".join(lines) + "\n")
    assert any("2024-08" in fault for fault in found(log).faults)
