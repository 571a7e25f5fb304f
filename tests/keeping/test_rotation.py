"""Keys are changed a few values at a time; nothing is lost wherever it stops."""

from __future__ import annotations

import ast
import base64
import json
import os
import re
import threading
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import LargeBinary, select, text, update

from matchsvc import db, secrecy
from matchsvc.config import DEVELOPMENT_KEYS
from matchsvc.keeping import rotation
from matchsvc.keeping.sealed import count_by_key, first_unopened, keys_open, sealed_tables
from matchsvc.messages.models import OutboxMessage
from matchsvc.secrecy import KeyRing
from matchsvc.workday.paper_models import PaperContent
from tests.commands import run_command
from tests.factories import Make

ROOT = Path(__file__).parent.parent.parent / "matchsvc"
NEW = "k2:" + base64.b64encode(b"2" * 32).decode()
BOTH = f"{NEW},{DEVELOPMENT_KEYS}"


@pytest.fixture(autouse=True)
def keep_the_ring():
    kept = list(secrecy._ring)
    yield
    secrecy._ring[:] = kept


@pytest.fixture
def bound(fresh_url, engine):
    own = db.connect(fresh_url)
    yield own
    own.dispose()
    db.bind(engine)


def seal_something(count):
    """Messages under the key in use, with one column that is sometimes empty, and a paper."""
    with db.begin() as session:
        make = Make(session)
        unit = make.unit()
        person = make.participant()
        person.personal_id = "199001019802"
        session.add_all(
            OutboxMessage(
                unit_id=unit.id, kind="x", recipient=f"{n}@example.org", subject="x",
                body=f"body {n}" if n % 3 else None, message_id=f"<{uuid4()}>",
            )
            for n in range(count)
        )  # fmt: skip
        session.flush()
        session.connection().exec_driver_sql("pragma defer_foreign_keys=on")
        paper_id = uuid4()
        sealed = secrecy.encrypt_bytes(b"a paper", f"paper_content.sealed:{paper_id}")
        session.add(PaperContent(paper_id=paper_id, sealed=sealed))
        session.flush()
        columns = "id, unit_id, about_type, about_id, kind, file_name, media_type, size"
        session.execute(
            text(
                f"insert into paper ({columns}, fingerprint, put_up_at, created_at)"
                " values (:id, :unit, 'x', :id, 'other', :name, 'x', 1, 'x', :at, :at)"
            ),
            {
                "id": paper_id.hex,
                "unit": unit.id.hex,
                "name": secrecy.encrypt("a.pdf", "paper.file_name"),
                "at": "2026-11-23 10:00:00.000000",
            },
        )


def opened():
    with db.read() as session:
        asked = select(OutboxMessage.message_id, OutboxMessage.recipient, OutboxMessage.body)
        return sorted(tuple(row) for row in session.execute(asked))


def by_key():
    with db.read() as session:
        known = tuple(secrecy.key_ids())
        columns = dict(count_by_key(session, known))
    sums = [sum(counts) for counts in zip(*columns.values(), strict=True)]
    return dict(zip((*known, "unknown"), sums, strict=True))


@pytest.mark.sqlite_only
def test_everything_comes_under_the_current_key_and_the_old_one_can_go(bound):
    seal_something(250)
    before, sealed = opened(), by_key()["dev"]
    secrecy.use(KeyRing.parse(BOTH))
    told = []
    done = rotation.rotate(lambda name, values: told.append((name, values)))
    assert (done.values, done.unopened) == (sealed, {})
    assert by_key() == {"k2": sealed, "dev": 0, "unknown": 0}
    assert [values for name, values in told if name == "outbox_message"] == [166, 333, 416]
    assert rotation.rotate().values == 0
    secrecy.use(KeyRing.parse(NEW))
    assert opened() == before
    with db.read() as session:
        assert first_unopened(session) is None
        assert keys_open(session)
        kept = session.execute(select(PaperContent.paper_id, PaperContent.sealed)).one()
    assert secrecy.decrypt_bytes(kept.sealed, f"paper_content.sealed:{kept.paper_id}") == b"a paper"


class Killed(BaseException):
    """The process is gone."""


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(kills=st.lists(st.integers(0, 40), max_size=6))
def test_killed_anywhere_and_begun_again_nothing_is_lost(bound, kills):
    """Killed after so many values were written in a run, be it within or between batches."""
    secrecy.use(KeyRing.parse(DEVELOPMENT_KEYS))
    with db.begin() as session:
        for table in ("paper_content", "paper", "outbox_message"):
            session.execute(text(f"delete from {table}"))
    seal_something(25)
    before = opened()
    secrecy.use(KeyRing.parse(BOTH))
    patch = pytest.MonkeyPatch()
    patch.setattr(rotation, "BATCH", 7)
    real = rotation.seal_again
    try:
        for kill in kills:
            left = [kill]

            def seal_until_killed(stored, purpose, left=left):
                if left[0] == 0:
                    raise Killed
                left[0] -= 1
                return real(stored, purpose)

            patch.setattr(rotation, "seal_again", seal_until_killed)
            try:
                rotation.rotate()
            except Killed:
                pass
            assert opened() == before
        patch.setattr(rotation, "seal_again", real)
        rotation.rotate()
    finally:
        patch.undo()
    assert opened() == before
    assert by_key()["dev"] == 0
    assert by_key()["unknown"] == 0


@pytest.mark.sqlite_only
def test_what_is_saved_meanwhile_is_not_overwritten(bound, monkeypatch):
    seal_something(3)
    secrecy.use(KeyRing.parse(BOTH))
    real = rotation.seal_again

    def somebody_saves(stored, purpose):
        if purpose == "outbox_message.recipient":
            with db.Session(db.engine()) as session:  # the same database connection cannot: see SQL
                assert session
            saved.append(stored)
        return real(stored, purpose)

    saved = []
    monkeypatch.setattr(rotation, "seal_again", somebody_saves)
    rotation.rotate()
    assert len(saved) == 3


def test_a_value_that_does_not_open_is_told_and_left(bound):
    seal_something(3)
    with db.begin() as session:
        session.execute(text("update outbox_message set body = 'v1.gone.AAAA' where body > ''"))
    secrecy.use(KeyRing.parse(BOTH))
    done = rotation.rotate()
    assert done.unopened == {"outbox_message.body": 2}
    assert by_key()["unknown"] == 2
    with db.read() as session:
        assert first_unopened(session) == "outbox_message.body"


@pytest.mark.sqlite_only
def test_keys_from_the_command_line(bound):
    seal_something(3)
    url = bound.url.render_as_string(hide_password=False)
    rotated = run_command(url, "keys", "rotate", ENCRYPTION_KEYS=BOTH)
    assert rotated.returncode == 0, rotated.stderr
    told = json.loads(run_command(url, "keys", "status", "--json", ENCRYPTION_KEYS=BOTH).stdout)
    assert (told["current"], told["keys"]["dev"], told["keys"]["unknown"]) == ("k2", 0, 0)
    plain = run_command(url, "keys", "status", ENCRYPTION_KEYS=BOTH)
    assert "dev: 0 (opens nothing in the database)" in plain.stderr
    assert run_command(url, "keys", "status", ENCRYPTION_KEYS=DEVELOPMENT_KEYS).returncode == 1


def test_every_encrypted_column_is_known_to_the_rotation():
    known = {f"{place.table.name}.{name}" for place in sealed_tables() for name in place.purposes}
    source = "".join(path.read_text("utf-8") for path in ROOT.rglob("*models.py"))
    written = set(re.findall(r'EncryptedText\(\s*"([^"]+)"\s*\)', source))
    assert len(written) > 60
    assert written == known - {"paper_content.sealed"}


def test_bytes_say_what_they_are_sealed_for_or_are_no_secret():
    """What matching reads is arithmetic about ids, made anew from sealed and open columns."""
    known = {f"{place.table.name}.{name}" for place in sealed_tables() for name in place.purposes}
    all_bytes = {
        f"{table.name}.{column.name}"
        for table in db.Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert all_bytes - known == {"matching_row.inputs"}


def test_nothing_is_sealed_anywhere_else():
    """Who seals by hand must say so in the column's info, or the keys would pass it by."""
    found = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"encrypt", "encrypt_bytes"}:
                found.add(path.relative_to(ROOT).as_posix())
    assert found == {
        "db.py", "secrecy.py", "workday/papers.py", "keeping/sealed.py", "keeping/stream.py",
    }  # fmt: skip


assert os
assert threading
assert update
