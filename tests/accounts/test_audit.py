"""The audit log: sealed into a chain in which every kind of tampering is found."""

from __future__ import annotations

import json
from threading import Thread

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import sessionmaker

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


def test_a_row_put_between_others_is_found(session, log):
    """Numbers are moved up to make room, as somebody would who adds what never happened."""
    last = session.scalar(select(func.max(AuditEvent.id)))
    session.execute(text("update audit_event set id = id + 1000 where object_id = '2-2'"))
    session.add(
        AuditEvent(
            id=last, at=db.utcnow(), actor="user:x", action="read", object_type="participant",
            subjects=[], fields=[],
        )
    )  # fmt: skip
    session.commit()
    assert any("changed, exchanged or reordered" in fault for fault in faults(log))


def test_rows_in_another_order_are_found(session, log):
    """Two rows change numbers: each is as it was written, but not where."""
    first, second = session.scalars(
        select(AuditEvent.id)
        .where(AuditEvent.object_id.in_(["1-0", "1-2"]))
        .order_by(AuditEvent.id)
    )
    for number, other in ((first, -1), (second, first), (-1, second)):
        session.execute(update(AuditEvent).where(AuditEvent.id == number).values(id=other))
    session.commit()
    assert any("reordered" in fault for fault in faults(log))


def test_rows_cut_off_at_the_end_without_their_seal_are_found_without_the_anchor(session, log):
    session.execute(delete(AuditEvent).where(AuditEvent.object_id == "2-2"))
    session.commit()
    assert any("3 rows were sealed, 2 are there" in fault for fault in faults(None))


def test_rows_cut_off_at_the_beginning_are_found_without_the_anchor(session, log):
    first = session.scalar(select(AuditSeal).order_by(AuditSeal.id).limit(1))
    session.execute(delete(AuditEvent).where(AuditEvent.id <= first.last_id))
    session.execute(delete(AuditSeal).where(AuditSeal.id == first.id))
    session.commit()
    assert any("first seal is missing" in fault for fault in faults(None))


@pytest.mark.postgres_only
def test_a_lower_number_that_commits_later_is_sealed_in_its_order_and_tampering_found(engine):
    """The sealer waits for whoever has taken a number, so that no row comes in behind a seal."""
    sessions = sessionmaker(engine)
    with sessions() as cleaner:
        before = cleaner.scalar(select(func.max(AuditEvent.id))) or 0
    early, late, sealer = sessions(), sessions(), sessions()
    row = {"at": db.utcnow(), "actor": "user:x", "action": "read", "object_type": "thing"}
    row |= {"subjects": [], "fields": []}
    try:
        early.add(AuditEvent(**row, object_id="early"))
        early.flush()  # has its number, and is not committed
        late.add(AuditEvent(**row, object_id="late"))
        late.commit()
        sealing = Thread(target=_seal, args=(sealer,))
        sealing.start()
        sealing.join(0.5)
        assert sealing.is_alive()
        early.commit()
        sealing.join(20)
        assert not sealing.is_alive()
        found = select(AuditEvent.object_id).where(AuditEvent.id > before).order_by(AuditEvent.id)
        assert list(late.scalars(found)) == ["early", "late"]
        assert audit_verify.verify(late, anchor=None).faults == []
        assert late.scalar(select(AuditSeal.count).order_by(AuditSeal.id.desc()).limit(1)) == 2
        for change in (
            "update audit_event set object_id = 'x' where object_id = 'early'",
            "delete from audit_event where object_id = 'early'",
            "delete from audit_event where object_id = 'late'",
            "update audit_event set id = id + 100 where object_id = 'early'",
        ):
            late.execute(text(change))
            assert audit_verify.verify(late, anchor=None).faults, change
            late.rollback()
    finally:
        for session in (early, late, sealer):
            session.close()
        with sessions.begin() as cleaner:
            cleaner.execute(delete(AuditSeal))
            cleaner.execute(delete(AuditEvent).where(AuditEvent.id > before))


def _seal(session):
    audit.seal(session, now=db.utcnow(), anchor=None)
    session.commit()


def test_what_is_rolled_back_is_not_logged(session):
    before = session.scalar(text("select count(*) from audit_event"))
    with pytest.raises(RuntimeError), db.begin() as writer:
        audit.record(writer, COMMAND, "create", "unit")
        raise RuntimeError
    assert session.scalar(text("select count(*) from audit_event")) == before
