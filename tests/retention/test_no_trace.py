"""On PostgreSQL: a run that is killed, then a dump in which nothing of the deleted is left."""

from __future__ import annotations

import os
import random
import signal
import time
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text, update

from matchsvc import db, secrecy
from matchsvc.accounts.actors import job_actor
from matchsvc.accounts.models import Role
from matchsvc.accounts.rules import actor_of
from matchsvc.messages.addresses import is_undeliverable, mark_undeliverable
from matchsvc.messages.models import MessageState, OutboxMessage
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.participants.enrolment import IDENTITY_PURPOSE
from matchsvc.participants.mapping_models import MappingSummary
from matchsvc.participants.models import Participant
from matchsvc.participants.plan_models import Plan, PlanState
from matchsvc.retention import plans
from matchsvc.retention.models import PlanState as ListState
from matchsvc.retention.models import RetentionItem, RetentionPlan
from matchsvc.workday.models import Task
from tests.commands import run_command, start_command
from tests.factories import TODAY, Make, identity_number
from tests.reports.factories import Facts
from tests.retention.conftest import LONG_AGO
from tests.retention.figures import figures
from tests.retention.test_due import noted
from tests.retention.traces import copied, dump, search, search_opened, traces_of
from tests.soak import SOAK

PEOPLE, KILLS = (60, 12) if SOAK else (8, 1)
THEN = datetime(2020, 2, 3, 12, tzinfo=UTC)


def _administer(url, words):
    admin = db.make_engine(url.set(database="postgres").render_as_string(hide_password=False))
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(words))
    admin.dispose()


@pytest.fixture
def own_url(engine):
    """A migrated PostgreSQL database of the test's own, for more than one process."""
    url, name = engine.url, f"{engine.url.database}_trace"
    engine.dispose()  # a database that is copied must not be in use
    _administer(url, f'create database "{name}" template "{url.database}"')
    own = db.connect(url.set(database=name).render_as_string(hide_password=False))
    yield own.url.render_as_string(hide_password=False)
    own.dispose()
    db.bind(engine)
    _administer(url, f'drop database "{name}" with (force)')


def a_file(make, unit, number, on):
    """Somebody with words of her own in many places, whose case ended on a day."""
    said = f"Orden om person {number} är hennes alldeles egna"
    digits = identity_number(date(1985, 3, 6), number) if number < 20 else None
    person = make.participant(
        unit=unit, with_case=False, given_name=f"Vivianna{number}", family_name="Qvarnbäcklund",
        email=f"vivianna{number}@example.org", phone=f"07017406{number % 100:02}",
        personal_id=digits,
        personal_id_index=digits and secrecy.blind_index(digits, IDENTITY_PURPOSE),
    )  # fmt: skip
    case = make.case(person, enrolled_on=date(2019, 1, 7), ended_on=on)
    noted(make, unit, person, date(2019, 12, 1)).happened = f"{said}, i en anteckning"
    user = make.user(unit=unit)
    common = {"unit_id": unit.id, "participant_id": person.id, "created_at": THEN}
    make.save(
        Plan(
            **common, case_id=case.id, number=1, goals=f"{said}, i planen", sub_goals=[],
            measures=[], written_by_id=user.id, state=PlanState.SIGNED, signed_on=THEN.date(),
        )
    )  # fmt: skip
    make.save(
        Task(
            unit_id=unit.id, owner_id=user.id, kind="own", words={}, about_type="participant",
            about_id=person.id, due_on=LONG_AGO, origin="rule:x", done_at=THEN,
            own_words=f"{said}, i en uppgift", created_at=THEN,
        )
    )  # fmt: skip
    make.save(
        OutboxMessage(
            unit_id=unit.id, kind="meeting_reminder", recipient=person.email, subject="Möte",
            body=f"{said}, i ett brev", message_id=f"<{number}@x>", cause_id=person.id,
            state=MessageState.SENT, created_at=THEN,
        )
    )  # fmt: skip
    mark_undeliverable(make.session, unit.id, person.email, "550")
    facts = Facts(make.session, unit.id)
    key = [(person.outcome_key, case.outcome_key, "woman", "outside_europe")]
    facts.enrolled(key, date(2019, 1, 7))
    facts.placed(key, date(2019, 2, 4))
    facts.add(key, OutcomeKind.EMPLOYMENT_STARTED, date(2019, 8, 1))
    return person


@pytest.fixture
def approved(own_url):
    """An approved list, those on it, and somebody who stays."""
    with db.begin() as session:
        make = Make(session)
        unit = make.unit()
        bosses = [make.user(Role.UNIT_MANAGER, unit=unit).id for _ in range(2)]
        going = {a_file(make, unit, number, LONG_AGO).id for number in range(PEOPLE)}
        stays = a_file(make, unit, PEOPLE, date(2026, 1, 5)).id
        session.execute(update(MappingSummary).values(created_at=THEN))
    with db.begin() as session:
        plan = plans.propose(session, actor_of(session, bosses[0]), today=TODAY, now=db.utcnow())
        assert set(session.scalars(select(RetentionItem.participant_id))) == going
        key = plan.id
    with db.begin() as session:
        plan = session.get_one(RetentionPlan, key)
        plans.approve(
            session, actor_of(session, bosses[1]), key, list_hash=plan.list_hash,
            version=plan.version, today=TODAY, now=db.utcnow(),
        )  # fmt: skip
    return key, going, stays


def whole():
    """How many have gone; nobody is half gone, and every foreign key leads somewhere."""
    with db.read() as session:
        left = set(session.scalars(select(Participant.id)))
        plan = session.scalars(select(RetentionPlan)).one()
        assert len(left) == PEOPLE + 1 - plan.deleted
        notes = session.scalars(text("select about_id from note where about_type = 'participant'"))
        assert set(notes) == left
        for table in db.Base.metadata.sorted_tables:
            for column in table.columns:
                for key in column.foreign_keys:
                    there = key.column.table.alias().c[key.column.name]
                    lost = select(column).where(
                        column.is_not(None), ~select(there).where(there == column).exists()
                    )
                    assert session.execute(lost.limit(1)).first() is None, str(column)
        return plan.deleted


@pytest.mark.postgres_only
def test_a_run_killed_on_postgresql_goes_on_and_leaves_no_trace(own_url, approved, tmp_path):
    key, going, stays = approved
    with db.read() as session:
        traces = traces_of(session, going)
        hers = traces_of(session, {stays})
    assert len(traces.identity) > 3 * PEOPLE
    assert len(traces.words) > 4 * PEOPLE
    for held in (dump(own_url), copied(own_url.replace("+psycopg", ""))):
        known, sealed = search(traces, held)
        assert len(known) > PEOPLE  # the search finds what is there, names and addresses in plain
        assert sealed == traces.sealed
    counted = figures()
    chance, killed = random.Random(7), 0
    while killed < KILLS:
        process = start_command(own_url, "retention", "run", folder=str(tmp_path))
        wait_for_one_more(chance)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        killed += 1
        whole()
    done = run_command(own_url, "retention", "run", folder=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert whole() == PEOPLE
    assert figures() == counted
    with db.read() as session:
        plan = session.get_one(RetentionPlan, key)
        assert (plan.state, plan.deleted, plan.kept) == (ListState.DONE, PEOPLE, {})
        assert search_opened(session, traces) == set()
        assert search_opened(session, hers) >= hers.words & {
            each for each in hers.words if "egna" in each
        }
    for held in (dump(own_url), copied(own_url.replace("+psycopg", ""))):
        assert search(traces, held) == ([], set())
        assert search(hers, held)[1] == hers.sealed


def wait_for_one_more(chance):
    """Let the run delete somebody, and be in the midst of the next."""
    with db.read() as session:
        before = session.scalar(select(RetentionPlan.deleted))
    over = time.monotonic() + 20
    while time.monotonic() < over:
        with db.read() as session:
            if session.scalar(select(RetentionPlan.deleted)) > before:
                break
        time.sleep(0.005)
    time.sleep(chance.uniform(0, 0.05))


def test_a_bounced_address_is_forgotten_with_whoever_had_it(session, make, unit, manager):
    person = a_file(make, unit, 3, LONG_AGO)
    address = person.email
    plan = plans.propose(session, manager, today=TODAY, now=db.utcnow())
    plans.approve(
        session, make.actor(Role.UNIT_MANAGER, unit=unit), plan.id, list_hash=plan.list_hash,
        version=plan.version, today=TODAY, now=db.utcnow(),
    )  # fmt: skip
    assert is_undeliverable(session, unit.id, address)
    assert plans.delete_next(
        session, job_actor("delete_approved"), plans.next_item(session), today=TODAY
    )
    assert not is_undeliverable(session, unit.id, address)
