"""Everybody in a whole town goes, by a command that is killed again and again: what is left?"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import time
from datetime import date

import pytest
from sqlalchemy import Date, Uuid, select, update

from matchsvc import db
from matchsvc.accounts.models import Role, Unit, User, UserRole
from matchsvc.accounts.rules import actor_of
from matchsvc.documents.models import DocumentState, EndDocument
from matchsvc.messages.models import MessageState, OutboxMessage
from matchsvc.own_page.models import Correction
from matchsvc.participants import plan_models
from matchsvc.participants.models import Case, Participant
from matchsvc.participants.plans import OPEN
from matchsvc.placements.models import Employment, Placement
from matchsvc.reports.counts import Period
from matchsvc.reports.publishing import publish_due
from matchsvc.reports.quarterly import begin_report, freeze_report
from matchsvc.retention import plans, rows
from matchsvc.retention.due import _NOTED
from matchsvc.retention.models import PlanState, RetentionItem, RetentionPlan
from matchsvc.tripartite.models import AgreementState, TripartiteAgreement
from matchsvc.workday.meeting_models import Meeting
from matchsvc.workday.models import Task
from tests.commands import run_command, start_command
from tests.retention.figures import figures
from tests.retention.traces import search, search_opened, traces_of

pytestmark = pytest.mark.sqlite_only
QUARTER = Period(date(2026, 4, 1), date(2026, 6, 30))


def test_every_table_of_a_persons_file_is_reached_from_her():
    assert rows.unreached() == [
        "cohort_run",  # names nobody; its lines do
        "day_task",  # names nobody; who does it does
        "matching_row",  # goes by itself when the participant has gone
        "referral",  # no key leads to her; retention/referrals.py
    ]


@pytest.fixture
def old_town(tmp_path):
    """A town in a file, in which everybody's last note is old, and nobody is left alone at work."""
    url = f"sqlite:///{tmp_path}/town.sqlite3"
    made = run_command(url, "demo", "--no-serve", folder=str(tmp_path))
    assert made.returncode == 0, made.stderr
    before = db.engine() if _is_connected() else None
    db.connect(url)
    yield url
    db.engine().dispose()
    if before is not None:
        db.bind(before)


def _is_connected():
    try:
        db.engine()
    except KeyError:
        return False
    return True


def let_years_pass():
    """Of every fifth person all days as if everything had ended in 2019."""
    long_ago = date(2019, 5, 6)
    at = db.utcnow().replace(year=2019)
    with db.begin() as session:
        ids = session.scalars(select(Participant.id).where(Participant.number % 5 == 0)).all()
        hers = Case.participant_id.in_(ids)
        session.execute(
            update(Case).where(hers).values(enrolled_on=date(2019, 1, 7), ended_on=long_ago)
        )
        for model in (Placement, Employment):
            days = {"start_date": date(2019, 2, 4), "planned_end_date": long_ago}
            if model is Placement:
                days["begun_on"] = date(2019, 2, 4)
            going = update(model).where(model.participant_id.in_(ids))
            session.execute(going.values(**days, end_date=long_ago))
        for table in db.Base.metadata.sorted_tables:
            if table.info.get("retention") == "case" and "created_at" in table.c:
                session.execute(update(table).values(created_at=at))
        session.execute(update(Participant).where(Participant.id.in_(ids)).values(protected=False))
        for _, day, _ in _NOTED:
            if day.class_ not in {Case, Placement, Employment}:
                past = at if not isinstance(day.type, Date) else long_ago
                there = update(day.class_).where(day.is_not(None))
                session.execute(there.values({day.key: past}))
        session.execute(update(EndDocument).values(state=DocumentState.DROPPED))
        session.execute(update(Correction).values(answered_at=at))
        session.execute(update(Task).where(Task.done_at.is_(None)).values(dropped_at=at))
        session.execute(
            update(plan_models.Plan)
            .where(plan_models.Plan.state.in_(OPEN))
            .values(state=plan_models.PlanState.DROPPED)
        )
        session.execute(
            update(TripartiteAgreement).values(state=AgreementState.AGREED, agreed_at=at)
        )
        session.execute(
            update(Meeting).where(Meeting.ends_at > db.utcnow()).values(cancelled_at=at)
        )
        session.execute(update(OutboxMessage).values(state=MessageState.SENT))


def managers():
    with db.begin() as session:
        unit = session.scalar(
            select(Unit)
            .join(User)
            .join(UserRole, UserRole.user_id == User.id)
            .where(UserRole.role == Role.CASE_WORKER)
        )
        first = session.scalar(
            select(User.id)
            .join(UserRole, UserRole.user_id == User.id)
            .where(UserRole.role == Role.UNIT_MANAGER, User.unit_id == unit.id)
        )
        second = User(
            email="andra@kommun.invalid", name="Andra Chefen", sort_key="a", unit_id=unit.id
        )
        second.roles = [UserRole(role=Role.UNIT_MANAGER)]
        session.add(second)
        session.flush()
        return actor_of(session, first), actor_of(session, second.id)


def frozen_quarter(manager):
    """A frozen report of a quarter, and everything published that is due."""
    with db.begin() as session:
        publish_due(session, today=date(2026, 11, 20), now=db.utcnow())
        report = begin_report(session, manager, QUARTER, today=date(2026, 11, 20))
        freeze_report(
            session, manager, report.id, version=report.version, today=date(2026, 11, 20),
            now=db.utcnow(),
        )  # fmt: skip


def test_a_run_that_is_killed_leaves_nobody_half_deleted(old_town, tmp_path, record_property):
    let_years_pass()
    first, second = managers()
    frozen_quarter(first)
    counted = figures()
    today = date(2026, 11, 23)
    with db.begin() as session:
        plan = plans.propose(session, first, today=today, now=db.utcnow())
        key, people = plan.id, plan.people
        listed = select(RetentionItem.participant_id).where(RetentionItem.plan_id == key)
        going = set(session.scalars(listed))
    with db.begin() as session:
        plan = session.get_one(RetentionPlan, key)
        plans.approve(
            session, second, key, list_hash=plan.list_hash, version=plan.version, today=today,
            now=db.utcnow(),
        )  # fmt: skip
    with db.read() as session:
        traces = traces_of(session, going)
        staying = set(session.scalars(select(Participant.id))) - going
    assert len(traces.identity) > people
    assert len(traces.sealed) > people
    assert search(traces, written(tmp_path)) != ([], set())  # it finds what is there
    db.engine().dispose()
    chance, killed = random.Random(5), 0
    while True:
        process = start_command(old_town, "retention", "run", folder=str(tmp_path))
        time.sleep(chance.uniform(0.1, 0.6) * (1 + killed))  # however slow the machine is
        gone, status = os.waitpid(process, os.WNOHANG)
        if gone:
            assert os.waitstatus_to_exitcode(status) == 0
            break
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        killed += 1
        check_whole(old_town)
    assert run_command(old_town, "jobs", "run", "pack_matching").returncode == 0
    with db.read() as session:
        plan = session.get_one(RetentionPlan, key)
        assert (plan.state, plan.deleted, plan.kept) == (PlanState.DONE, people, {})
        assert set(session.scalars(select(Participant.id))) == staying
        for table in db.Base.metadata.sorted_tables:
            for column in table.columns:
                # A day longer, and empty, so that open indexes notice.
                if isinstance(column.type, Uuid) and table.name != "matching_row":
                    held = session.scalars(select(column).where(column.in_(going)).limit(1)).all()
                    assert held == [], f"{table.name}.{column.name}"
        assert search_opened(session, traces) == set()
    assert figures() == counted
    assert search(traces, written(tmp_path)) == ([], set())  # with the journal as it stands
    db.engine().dispose()
    assert search(traces, written(tmp_path)) == ([], set())
    check_whole(old_town)
    record_property("retention", json.dumps({"people": people, "killed": killed}))


def written(folder):
    """The bytes of the database's file and its journal."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("town.sqlite3*")))


def check_whole(url):
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        assert connection.execute("pragma foreign_key_check").fetchall() == []
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
