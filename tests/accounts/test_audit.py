"""The audit log: sealed into a chain in which every kind of tampering is found."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import delete, select, text, update

from matchsvc import db
from matchsvc.accounts import audit, audit_verify
from matchsvc.accounts.models import AuditEvent, AuditSeal
from tests.factories import COMMAND


@pytest.fixture
def log(session, tmp_path):
    """Three seals over nine rows, and their anchor."""
    anchor = tmp_path / "anchor.jsonl"
    for batch in range(3):
        with db.begin() as writer:
            for number in range(3):
                audit.record(writer, COMMAND, "read", "participant", f"{batch}-{number}")
        with db.begin() as writer:
            assert audit.seal(writer, now=db.utcnow(), anchor=anchor) >= 3
    return anchor


def faults(anchor):
    with db.begin() as reader:
        return audit_verify.verify(reader, anchor=anchor).faults


def test_an_untouched_log_is_whole(log):
    assert faults(log) == []


def test_sealing_again_seals_nothing(session, log):
    with db.begin() as writer:
        assert audit.seal(writer, now=db.utcnow(), anchor=log) == 0


def test_a_changed_row_is_found(session, log):
    session.execute(update(AuditEvent).where(AuditEvent.object_id == "1-1").values(object_id="9-9"))
    session.commit()
    assert any("changed" in fault for fault in faults(log))


def test_a_deleted_row_is_found(session, log):
    session.execute(delete(AuditEvent).where(AuditEvent.object_id == "1-1"))
    session.commit()
    assert any("rows were sealed" in fault for fault in faults(log))


def test_two_exchanged_rows_are_found(session, log):
    first, second = session.scalars(
        select(AuditEvent).where(AuditEvent.object_id.in_(["1-0", "1-1"]))
    )
    session.execute(
        update(AuditEvent).where(AuditEvent.id == first.id).values(object_id=second.object_id)
    )
    session.execute(update(AuditEvent).where(AuditEvent.id == second.id).values(object_id="1-0"))
    session.commit()
    assert faults(log)


def test_rows_and_seals_cut_off_at_the_end_are_found_by_the_anchor(session, log):
    last = session.scalar(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))
    session.execute(delete(AuditEvent).where(AuditEvent.id >= last.first_id))
    session.execute(delete(AuditSeal).where(AuditSeal.id == last.id))
    session.commit()
    assert any("cut off" in fault for fault in faults(log))


def test_a_removed_seal_in_the_middle_is_found(session, log):
    middle = session.scalars(select(AuditSeal).order_by(AuditSeal.id.desc())).all()[1]
    session.execute(delete(AuditSeal).where(AuditSeal.id == middle.id))
    session.commit()
    assert faults(log)


def test_a_forged_anchor_line_is_found(log):
    lines = log.read_text().splitlines()
    forged = json.loads(lines[0]) | {"hash": "0" * 64}
    log.write_text("\n".join([json.dumps(forged), *lines[1:], "nonsense"]) + "\n")
    told = faults(log)
    assert any("differs" in fault for fault in told)
    assert any("cannot be read" in fault for fault in told)


def test_what_is_rolled_back_is_not_logged(session):
    before = session.scalar(text("select count(*) from audit_event"))
    with pytest.raises(RuntimeError), db.begin() as writer:
        audit.record(writer, COMMAND, "create", "unit")
        raise RuntimeError
    assert session.scalar(text("select count(*) from audit_event")) == before
