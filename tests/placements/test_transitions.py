"""No sequence of acts leaves the table: walked at random, by one and by two in the same second."""

from __future__ import annotations

import random
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from matchsvc import db
from matchsvc.accounts.actors import job_actor
from matchsvc.errors import DomainError
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.placements.beginning import begin_placement, start_due_placements
from matchsvc.placements.decision_models import PlacementDecision
from matchsvc.placements.decisions import NewDecision, record_decision, withdraw_decision
from matchsvc.placements.ending import call_off_placement, end_placement
from matchsvc.placements.forms import get_form
from matchsvc.placements.limits_ahead import warn_of_limits
from matchsvc.placements.models import Outcome, Placement
from matchsvc.placements.preparing import save_facts, tick_checklist
from matchsvc.placements.relocating import move_placement
from matchsvc.placements.stages import Stage, find_stage, is_beyond
from matchsvc.placements.starting import start_placement
from matchsvc.placements.supervision import Replacement, replace_supervisor
from matchsvc.placements.transitions import TABLE, Act, possible_acts, require
from tests.factories import TODAY, Make
from tests.placements.factories import NOW, URL, facts, plan, world
from tests.soak import SOAK

WALKS = 2_000 if SOAK else 40
PAIRS = 300 if SOAK else 10
STEPS = (*Act, "job", "days")
STARTS = (OutcomeKind.PLACEMENT_STARTED, OutcomeKind.PLACEMENT_MOVED)


def test_every_stage_has_a_way_on_but_the_last_ones_and_every_act_a_row():
    assert set(TABLE) == set(Act)
    for stage in Stage:
        ways = {act for act, row in TABLE.items() if stage in row.at}
        assert bool(ways - {Act.FOLLOW_UP, Act.WITHDRAW}) == (
            stage not in {Stage.ENDED, Stage.CALLED_OFF}
        )
    assert possible_acts(job_actor("a"), Stage.BEYOND).isdisjoint({Act.AGREE_HOURS, Act.CALL_OFF})


def attempt(session, there, act, day, number):
    """Try one act on a day; what is refused is refused as a sentence."""
    actor, key = there.actor, there.key
    placement = session.get(Placement, key)
    until = day + timedelta(days=60)
    acts = {
        Act.PREPARE: lambda: (
            tick_checklist(session, actor, key, "site_risks", done=number % 3 > 0, today=day)
            if number % 2
            else save_facts(session, actor, key, facts(TODAY), today=day)
        ),
        Act.BEGIN: lambda: begin_placement(session, actor, key, today=day),
        Act.DECIDE: lambda: record_decision(
            session,
            actor,
            key,
            NewDecision(
                ref=f"AF {number}", valid_from=day - timedelta(days=number % 9), valid_to=until,
                planned_end_date=until,
            ),
            today=day,
        ),
        Act.WITHDRAW: lambda: withdraw_decision(
            session,
            actor,
            key,
            session.scalars(
                select(PlacementDecision.id)
                .where(PlacementDecision.placement_id == key)
                .order_by(PlacementDecision.created_at.desc())
            ).first(),
            from_day=day - timedelta(days=3),
            reason="AF har ändrat sig.",
            today=day,
        ),
        Act.SUPERVISE: lambda: replace_supervisor(
            session,
            actor,
            key,
            Replacement(
                supervisor_id=(there.supervisor, there.worker)[number % 2].id,
                contact_id=there.contact.id,
                reason="Byter uppgifter.",
            ),
            today=day,
        ),
        Act.AGREE_HOURS: lambda: require(session, actor, placement, Act.AGREE_HOURS, today=day),
        Act.FOLLOW_UP: lambda: require(session, actor, placement, Act.FOLLOW_UP, today=day),
        Act.MOVE: lambda: move_placement(
            session,
            actor,
            key,
            replace(
                there.plan,
                site_id=there.other.id,
                contact_id=None,
                start_date=day + timedelta(days=1),
                planned_end_date=day + timedelta(days=20),
                facts=None,
            ),
            last_day=day,
            base_url=URL,
            today=day,
            now=NOW,
        ),
        Act.END: lambda: end_placement(
            session, actor, key, end_date=day - timedelta(days=number % 4),
            outcome=Outcome.COMPLETED, base_url=URL, today=day, now=NOW,
        ),
        Act.CALL_OFF: lambda: call_off_placement(
            session, actor, key, reason="Köket byggs om.", today=day
        ),
        "job": lambda: [
            work(session, today=day) for work in (start_due_placements, warn_of_limits)
        ],
    }  # fmt: skip
    acts[act]()


def holds(session, there, day):
    """What is true whatever was done: events, decisions and the mark agree with the rows."""
    placement = session.get(Placement, there.key, populate_existing=True)
    events = Counter(
        session.scalars(select(OutcomeEvent.kind).where(OutcomeEvent.source_id == there.key))
    )
    assert sum(events[kind] for kind in STARTS) == (placement.begun_on is not None)
    assert events[OutcomeKind.PLACEMENT_ENDED] == (placement.end_date is not None)
    assert placement.end_date is None or placement.begun_on <= placement.end_date
    assert placement.called_off_on is None or placement.begun_on is None
    follow_on = session.scalar(select(func.count()).where(Placement.moved_from_id == there.key))
    assert follow_on == (placement.outcome is Outcome.MOVED)
    stage = find_stage(session, placement, today=day)
    marked = session.scalar(
        select(Placement.id).where(
            Placement.id == there.key,
            Placement.begun_on.is_not(None),
            Placement.end_date.is_(None),
            is_beyond([get_form(session, placement.form)], today=day),
        )
    )
    assert (marked is not None) == (stage is Stage.BEYOND)
    return stage


def placed(session, make, *, start=TODAY):
    """A placement that two weeks from now may begin once its risks are gone through."""
    there = world(make)
    there.other = make.site(there.employer, name="Andra köket")
    there.plan = plan(
        there,
        start_date=start + timedelta(days=3),
        planned_end_date=start + timedelta(days=40),
        decision_from=start,
        decision_to=start + timedelta(days=45),
        prepared=plan(there).prepared - {"site_risks"},
    )
    there.key = start_placement(session, there.actor, there.plan, today=TODAY, now=NOW).id
    return there


@pytest.fixture
def there(session, make):
    return placed(session, make)


def walk(session, there, steps, walked):
    """Try steps one after the other; what happens must stand in the table."""
    point, day = session.begin_nested(), TODAY
    try:
        stage, rows = Stage.PLANNED, 1
        for act, number in steps:
            if act == "days":
                day += timedelta(days=number)
                stage = holds(session, there, day)
                continue
            inner = session.begin_nested()
            try:
                attempt(session, there, act, day, number)
                session.flush()
                inner.commit()
            except DomainError:
                inner.rollback()
                assert holds(session, there, day) is stage
                walked["refused"] += 1
                continue
            after = holds(session, there, day)
            if act != "job":
                assert stage in TABLE[act].at
                assert after in TABLE[act].to
            else:
                assert after in {stage, Stage.RUNNING, Stage.BEYOND}
            kept = session.scalar(
                select(func.count()).where(PlacementDecision.placement_id == there.key)
            )
            assert kept >= rows
            stage, rows = after, kept
            walked["done"] += 1
        walked["sequences"] += 1
    finally:
        point.rollback()
        session.expire_all()


def test_whatever_is_tried_in_whatever_order_only_the_table_happens(
    session, there, record_property
):
    walked = Counter()

    @settings(max_examples=WALKS, deadline=None)
    @given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 30)), min_size=4, max_size=14))
    def walk_any(steps):
        walk(session, there, steps, walked)

    walk_any()
    assert walked["done"] > 0
    record_property("sequences of acts walked", dict(walked))


@contextmanager
def committed(engine):
    """What is committed inside is taken away again."""
    db.bind(engine)
    own = [table for table in db.Base.metadata.sorted_tables if list(table.primary_key)]
    with engine.connect() as connection:
        large = {"concept", "concept_term", "concept_relation", "condition"}
        before = {
            table: {tuple(row) for row in connection.execute(select(*table.primary_key))}
            for table in own
            if table.name not in large
        }
    yield
    with engine.begin() as connection:
        connection.execute(update(Placement).values(moved_from_id=None))
        for table in reversed(list(before)):
            keys = list(table.primary_key)
            now = {tuple(row) for row in connection.execute(select(*keys))}
            for row in now - before[table]:
                connection.execute(
                    delete(table).where(
                        *(key == value for key, value in zip(keys, row, strict=True))
                    )
                )


TOGETHER = (
    *((Act.BEGIN, Act.BEGIN), (Act.BEGIN, Act.CALL_OFF), (Act.END, Act.END), (Act.END, Act.MOVE)),
    *((Act.MOVE, Act.MOVE), (Act.DECIDE, Act.DECIDE), (Act.DECIDE, Act.WITHDRAW)),
    *((Act.SUPERVISE, Act.END), ("job", Act.BEGIN), ("start", "start")),
)


def test_acts_in_the_same_second_happen_as_if_one_had_come_first(engine, record_property):
    lots, tried = random.Random(8), Counter()
    with committed(engine):
        for number in range(PAIRS):
            pair = TOGETHER[number % len(TOGETHER)]
            _race(pair, lots.randrange(30), tried)
    assert tried["done"] >= PAIRS
    record_property("acts tried in the same second", dict(tried))


def _race(pair, number, tried):
    with db.begin() as session:
        there = placed(session, Make(session))
        late = pair[0] in {Act.END, Act.MOVE, Act.SUPERVISE, Act.WITHDRAW}
        day = TODAY + timedelta(days=5 if late else 3)
        if pair[0] != "start":
            tick_checklist(session, there.actor, there.key, "site_risks", done=True, today=TODAY)
        if late:
            start_due_placements(session, today=TODAY + timedelta(days=3))
        session.flush()
        there = SimpleNamespace(**vars(there))
    both, wrong = threading.Barrier(2), []

    def act(which, own):
        both.wait()
        try:
            with db.begin() as session:
                if which == "start":
                    later = replace(
                        there.plan,
                        start_date=TODAY + timedelta(days=60),
                        planned_end_date=TODAY + timedelta(days=70),
                        decision_to=TODAY + timedelta(days=70),
                    )
                    start_placement(session, there.actor, later, today=TODAY, now=NOW)
                else:
                    attempt(session, there, which, day, own)
            tried["done"] += 1
        except (DomainError, StaleDataError, IntegrityError, OperationalError) as error:
            tried["refused"] += 1
            if not isinstance(error, DomainError):
                tried[type(error).__name__] += 1
        except Exception as error:  # noqa: BLE001 - shown by the test
            wrong.append(error)

    threads = [
        threading.Thread(target=act, args=(which, number + own)) for own, which in enumerate(pair)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong
    with db.begin() as session:
        holds(session, there, day)
        if pair[0] == "start":
            count = session.scalar(
                select(func.count()).where(Placement.participant_id == there.participant.id)
            )
            assert count == 2  # the one there was, and one of the two
