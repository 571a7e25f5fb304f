"""Keys are changed a few values at a time; nothing is lost wherever it stops."""

from __future__ import annotations

import base64
import contextlib
import json
import re
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
from matchsvc.workday.paper_models import MediaType, Paper, PaperContent, PaperKind
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
        paper = Paper(
            unit_id=unit.id, about_type="participant", about_id=person.id,
            kind=PaperKind.OTHER, file_name="a.pdf", media_type=MediaType.PDF, size=1, pages=1,
            fingerprint="x", put_up_by_id=make.user().id, put_up_at=db.utcnow(),
        )  # fmt: skip
        session.add(paper)
        session.flush()
        sealed = secrecy.encrypt_bytes(b"a paper", f"paper_content.sealed:{paper.id}")
        session.add(PaperContent(paper_id=paper.id, sealed=sealed))


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


def test_everything_comes_under_the_current_key_and_the_old_one_can_go(session):
    seal_something(250)
    before, sealed = opened(), by_key()["dev"]
    secrecy.use(KeyRing.parse(BOTH))
    told = []
    done = rotation.rotate(lambda name, values: told.append((name, values)))
    assert (done.values, done.unopened) == (sealed, {})
    assert by_key() == {"k2": sealed, "dev": 0, "unknown": 0}
    steps = [values for name, values in told if name == "outbox_message"]
    assert (len(steps), steps[-1], steps) == (3, 250 + 166, sorted(steps))
    assert rotation.rotate().values == 0
    secrecy.use(KeyRing.parse(NEW))
    assert opened() == before
    with db.read() as own:
        assert first_unopened(own) is None
        assert keys_open(own)
        kept = own.execute(select(PaperContent.paper_id, PaperContent.sealed)).one()
    assert secrecy.decrypt_bytes(kept.sealed, f"paper_content.sealed:{kept.paper_id}") == b"a paper"


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.sqlite_only
@settings(
    max_examples=6,
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
            with contextlib.suppress(Killed):
                rotation.rotate()
            assert opened() == before
        patch.setattr(rotation, "seal_again", real)
        rotation.rotate()
    finally:
        patch.undo()
    assert opened() == before
    assert by_key()["dev"] == 0
    assert by_key()["unknown"] == 0


def test_what_is_saved_meanwhile_is_not_overwritten(session, monkeypatch):
    seal_something(1)
    secrecy.use(KeyRing.parse(BOTH))
    (place,) = [place for place in sealed_tables() if place.table.name == "outbox_message"]
    real = rotation.seal_again

    def somebody_saves(stored, purpose):
        if purpose == "outbox_message.recipient":
            session.execute(update(OutboxMessage).values(recipient="newer@example.org"))
        return real(stored, purpose)

    monkeypatch.setattr(rotation, "seal_again", somebody_saves)
    rotation._batch(session, place, None, rotation.Rotated())
    session.expire_all()
    assert session.scalars(select(OutboxMessage.recipient)).one() == "newer@example.org"


def test_a_value_that_does_not_open_is_told_and_left(session):
    seal_something(3)
    with db.begin() as own:
        own.execute(text("update outbox_message set body = 'v1.gone.AAAA' where body > ''"))
    secrecy.use(KeyRing.parse(BOTH))
    done = rotation.rotate()
    assert done.unopened == {"outbox_message.body": 2}
    assert by_key()["unknown"] == 2
    with db.read() as own:
        assert first_unopened(own) == "outbox_message.body"


@pytest.mark.sqlite_only
def test_keys_from_the_command_line(bound):
    seal_something(3)
    url = bound.url.render_as_string(hide_password=False)
    rotated = run_command(url, "keys", "rotate", ENCRYPTION_KEYS=BOTH)
    assert rotated.returncode == 0, rotated.stderr
    told = json.loads(run_command(url, "keys", "status", "--json", ENCRYPTION_KEYS=BOTH).stdout)
    assert (told["current"], told["keys"]["dev"], told["keys"]["unknown"]) == ("k2", 0, 0)
    plain = run_command(url, "keys", "status", ENCRYPTION_KEYS=BOTH)
    assert "dev: 0 (opens nothing; the blind index needs it" in plain.stderr
    assert run_command(url, "keys", "status", ENCRYPTION_KEYS=DEVELOPMENT_KEYS).returncode == 1


def test_every_encrypted_column_is_known_to_the_rotation():
    known = {f"{place.table.name}.{name}" for place in sealed_tables() for name in place.purposes}
    source = "".join(path.read_text("utf-8") for path in ROOT.rglob("*models.py"))
    written = set(re.findall(r'(?:Encrypted|Sealable)Text\(\s*"([^"]+)"\s*\)', source))
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
    seals = re.compile(r"\.encrypt(_bytes)?\(")
    found = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if seals.search(path.read_text("utf-8"))
    }
    assert found == {
        "db.py", "secrecy.py", "workday/papers.py", "keeping/sealed.py", "keeping/stream.py",
    }  # fmt: skip
