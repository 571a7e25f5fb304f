"""What only has technical use goes after its period, in small batches; every promise has code."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from itertools import count
from uuid import uuid4

import pytest
from sqlalchemy import JSON, Boolean, Date, Enum, Integer, Uuid, func, select

from matchsvc import db, jobs
from matchsvc.accounts.actors import job_actor
from matchsvc.accounts.models import AuditEvent, LoginSession, Role, User
from matchsvc.accounts.settings_list import REGISTRY
from matchsvc.jobs_clock import LONGEST_GAP
from matchsvc.messages.models import LinkKind, MessageState, SignedLink
from matchsvc.retention import tidying
from matchsvc.retention.classes import CLASSES
from matchsvc.retention.running import tidy_all
from matchsvc.retention.tidying import KEPT_SHORT, OF_A_USER, STEPS, WITHOUT_A_NAME, tidy_some

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
OLD, FRESH = NOW - timedelta(days=94), NOW - timedelta(days=80)
JOB = job_actor("tidy")
_number = count(1)


def put(make, name, at, **values):
    """A row of a table of which all instants are one; the rest is whatever the table takes."""
    table = db.Base.metadata.tables[name]
    for column in table.columns:
        if column.name in values:
            continue
        values[column.name] = some(make, column, at)
    make.session.execute(table.insert().values(values))
    (key,) = table.primary_key.columns
    return values[key.name]


def some(make, column, at):
    kind = column.type
    if column.foreign_keys:
        (target,) = (key.column.table.name for key in column.foreign_keys)
        if target == "unit":
            return make.unit().id
        if target == "user_account":
            return make.user().id
        return None if column.nullable else put(make, target, NOW + timedelta(days=400))
    if isinstance(kind, Uuid):
        return uuid4()
    if isinstance(kind, Date):
        return at.date()
    if isinstance(kind, db.UTCDateTime):
        return at
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer):
        return next(_number)
    if isinstance(kind, JSON):
        return []
    if isinstance(kind, Enum):
        one = next(iter(kind.enum_class))
        return MessageState.SENT if isinstance(one, MessageState) else one
    return f"x{next(_number)}"


def standing(session, name):
    table = db.Base.metadata.tables[name]
    (key,) = table.primary_key.columns
    return set(session.scalars(select(key)))


def run(session):
    for step in STEPS:
        while tidy_some(session, JOB, step, now=NOW):
            pass


@pytest.mark.parametrize("name", [step.table for step in STEPS if step.empties is None])
def test_what_is_old_goes_and_what_is_not_stays(session, make, name):
    old, fresh = put(make, name, OLD), put(make, name, FRESH)
    run(session)
    assert old not in standing(session, name)
    assert fresh in standing(session, name)


def test_of_a_letter_it_stays_that_it_was_sent_and_what_still_waits_is_whole(session, make):
    table = db.Base.metadata.tables["outbox_message"]
    old, fresh = (put(make, table.name, at, body="Hej") for at in (OLD, FRESH))
    waits = put(make, table.name, OLD, body="Hej", state=MessageState.UNCERTAIN)
    run(session)
    rows = session.execute(select(table.c.id, table.c.body, table.c.recipient, table.c.sent_at))
    told = {row.id: row for row in rows}
    assert (told[old].body, told[old].recipient) == (None, "–")
    assert told[old].sent_at is not None
    assert told[fresh].body == told[waits].body == "Hej"


def test_a_link_goes_with_its_codes_and_what_named_it_stays(session, make):
    link = put(make, "signed_link", OLD)
    code = put(make, "link_code", FRESH, link_id=link)
    letter = put(make, "outbox_message", FRESH, link_id=link)
    run(session)
    assert (link in standing(session, "signed_link"), code in standing(session, "link_code")) == (
        False,
        False,
    )
    table = db.Base.metadata.tables["outbox_message"]
    assert session.scalar(select(table.c.link_id).where(table.c.id == letter)) is None


def test_each_unit_has_its_own_period(session, make):
    slow, quick = make.unit(name="Sen"), make.unit(name="Snabb")
    make.setting("retention_technical_days", "365", slow)
    make.setting("retention_technical_days", "30", quick)
    stays = put(make, "import_run", OLD, unit_id=slow.id)
    goes = put(make, "import_run", NOW - timedelta(days=31), unit_id=quick.id)
    run(session)
    assert standing(session, "import_run") & {stays, goes} == {stays}


def test_a_day_that_a_job_may_still_ask_for_is_known_with_the_shortest_period(session, make):
    make.setting("retention_technical_days", str(REGISTRY["retention_technical_days"].least))
    asked = put(make, "job_run", NOW - timedelta(days=LONGEST_GAP))
    run(session)
    assert asked in standing(session, "job_run")


def test_it_is_done_a_few_at_a_time_and_a_run_that_breaks_off_is_gone_on_with(
    session, make, monkeypatch
):
    monkeypatch.setattr(tidying, "BATCH", 3)
    monkeypatch.setattr("matchsvc.retention.running.BATCH", 3)
    for _ in range(8):
        put(make, "attempt", OLD)
    session.commit()
    left = select(func.count()).select_from(db.Base.metadata.tables["attempt"])

    def dies(name):
        if name == "attempt":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tidy_all(JOB, lambda: NOW, dies)
    assert session.scalar(left) == 5
    session.commit()
    assert tidy_all(JOB, lambda: NOW) == 5
    assert session.scalar(left) == 0
    session.commit()
    assert tidy_all(JOB, lambda: NOW) == 0
    told = session.scalars(select(AuditEvent.reason).where(AuditEvent.object_type == "attempt"))
    assert sorted(told) == ["retention: 2", *["retention: 3"] * 2]


def test_what_breaks_inside_a_batch_leaves_the_batch_as_it_was(session, make, monkeypatch):
    link = put(make, "signed_link", OLD, kind=LinkKind.ANSWER)
    put(make, "link_code", FRESH, link_id=link)
    session.commit()

    def dies(*_args, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr("matchsvc.retention.tidying.audit.record", dies)
    with pytest.raises(KeyboardInterrupt):
        tidy_all(JOB, lambda: NOW)
    assert session.get(SignedLink, link) is not None
    assert len(standing(session, "link_code")) == 1


def test_the_name_of_a_closed_account_goes_with_all_that_opens_it(session, make):
    closed, young, open_ = (make.user(Role.CASE_WORKER, phone="0701740605") for _ in range(3))
    for user, on in ((closed, date(2024, 11, 22)), (young, date(2024, 11, 24))):
        user.is_active, user.closed_on = False, on
    for user in (closed, open_):
        for name in OF_A_USER:
            put(make, name, FRESH, user_id=user.id)
    session.commit()
    assert tidy_all(JOB, lambda: NOW) == 1
    session.expire_all()
    assert (closed.name, closed.phone) == ("Tidigare medarbetare", None)
    assert closed.email.endswith("@former.invalid")
    assert young.phone == open_.phone == "0701740605"
    for name in OF_A_USER:
        owners = set(session.scalars(select(db.Base.metadata.tables[name].c.user_id)))
        assert owners == {open_.id}, name


def test_an_account_that_is_opened_again_starts_anew(session, make):
    user = make.user()
    user.closed_on = date(2020, 1, 1)
    session.commit()
    assert tidy_all(JOB, lambda: NOW) == 0
    assert session.scalar(select(User.closed_on).where(User.id == user.id)) is None


def tables_of(name):
    return {
        table.name
        for table in db.Base.metadata.tables.values()
        if table.info.get("retention") == name
    }


def test_every_table_of_a_class_that_promises_something_has_code_that_does_it():
    technical = {step.table for step in STEPS} | KEPT_SHORT.keys()
    assert tables_of("technical") <= technical
    assert technical - tables_of("technical") <= tables_of("account")
    assert tables_of("account") <= set(OF_A_USER) | WITHOUT_A_NAME.keys()
    for where in KEPT_SHORT.values():
        if ":" in where:
            module, _, name = where.partition(":")
            assert callable(getattr(import_module(module), name))


def test_every_class_that_promises_something_names_the_job_that_does_it():
    named = {name: each.job for name, each in CLASSES.items() if each.job is not None}
    assert set(named.values()) <= jobs.all_jobs().keys()
    assert CLASSES.keys() - named.keys() == {
        "employer",  # the archive authority decides; nothing goes by itself
        "reference",  # says nothing of anybody
    }


def test_a_log_in_that_is_in_use_is_not_ended(session, make):
    user = make.user()
    put(make, "login_session", OLD, user_id=user.id, last_seen_at=NOW)
    run(session)
    assert session.scalar(select(LoginSession.user_id)) == user.id
