"""The equity funnel: who has come how far, where the ways part, and that nobody is pointed out."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from matchsvc import db
from matchsvc.accounts.models import Role
from matchsvc.errors import Invalid, Refused, RuleViolation
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.outcomes.rules import Subject, record_outcome, take_back_outcome
from matchsvc.reports.counts import Period
from matchsvc.reports.funnel import (
    GROUPS,
    STEPS,
    Compared,
    _steps,
    count_steps,
    equity_funnel,
    hide_steps,
)
from matchsvc.reports.suppression import LEAST

YEAR = Period(date(2026, 1, 1), date(2026, 6, 30))
UNTIL = date(2026, 11, 30)
OURS, THEIRS = ("woman", "outside_europe"), ("man", "sweden")


def walk(session, unit, steps, *, kind=OURS, enrolled=date(2026, 2, 2), person=None):
    """Somebody enrolled, who then reaches steps ten days apart."""
    subject = Subject(person or uuid4(), uuid4(), *kind, birth_year=1985, unit_id=unit.id)
    record_outcome(session, OutcomeKind.ENROLLED, uuid4(), subject, occurred_on=enrolled)
    for number, (step, detail) in enumerate(steps, start=1):
        day = enrolled + timedelta(days=10 * number)
        record_outcome(session, STEPS[step], uuid4(), subject, occurred_on=day, detail=detail)
    session.flush()
    return subject.person_key


def plain(*names):
    return [(name, "completed" if name == "completed" else None) for name in names]


def persons(session, step, kind=OURS):
    return count_steps(session, YEAR, UNTIL, unit_id=None)[step].get(kind, 0)


@pytest.fixture
def unit(make):
    return make.unit()


@pytest.fixture
def manager(make, unit):
    return make.actor(Role.UNIT_MANAGER, unit=unit)


def test_who_reached_a_later_step_counts_in_those_before(session, unit):
    walk(session, unit, plain("hired"))
    assert [persons(session, step) for step in STEPS] == [1, 1, 1, 1, 1, 1, 1, 1, 0]


def test_a_placement_that_was_broken_off_is_started_and_not_completed(session, unit):
    walk(session, unit, [("started", None), ("completed", "ended_by_participant")])
    assert (persons(session, "started"), persons(session, "completed")) == (1, 0)
    walk(session, unit, [("started", None), ("completed", "became_job")])
    assert (persons(session, "started"), persons(session, "completed")) == (2, 1)


def test_a_person_counts_once_and_by_what_is_known_of_her(session, unit):
    key = walk(session, unit, plain("mapped"), kind=("unknown", "outside_europe"))
    walk(session, unit, plain("ready"), kind=("woman", "unknown"), person=key)
    assert persons(session, "enrolled") == persons(session, "ready") == 1


def test_what_came_before_the_enrolment_or_after_the_last_day_does_not_count(session, unit):
    key = walk(session, unit, plain("hired"), enrolled=date(2024, 3, 1))
    walk(session, unit, [], person=key)
    assert (persons(session, "enrolled"), persons(session, "mapped")) == (1, 0)
    reached = count_steps(session, YEAR, date(2026, 2, 5), unit_id=None)
    assert reached["enrolled"] == {OURS: 1}


def test_what_was_taken_back_has_not_been_reached(session, unit):
    subject = Subject(uuid4(), uuid4(), *OURS, birth_year=None, unit_id=unit.id)
    job = uuid4()
    record_outcome(session, OutcomeKind.ENROLLED, uuid4(), subject, occurred_on=YEAR.start_date)
    record_outcome(session, STEPS["hired"], job, subject, occurred_on=date(2026, 3, 1))
    assert persons(session, "hired") == 1
    take_back_outcome(session, STEPS["hired"], job)
    session.flush()
    assert persons(session, "mapped") == 0


def test_the_widest_gap_is_where_the_interval_lies_wholly_below_one(session, unit, manager):
    for number in range(60):
        walk(session, unit, plain("ready", *(["proposed"] if number < 15 else [])))
        walk(session, unit, plain("proposed"), kind=THEIRS)
    found = equity_funnel(session, manager, YEAR, until=UNTIL)
    assert found.widest_gap("foreign_born_women").name == "proposed"
    proposed = {step.name: step for step in found.steps}["proposed"]
    assert proposed.ratios["foreign_born_women"].value == pytest.approx(0.25)
    assert proposed.of_before["foreign_born_women"].n == 15


def test_a_difference_that_may_be_chance_is_no_gap(session, unit, manager):
    for number in range(40):
        walk(session, unit, plain(*(["mapped"] if number < 30 else [])))
        walk(session, unit, plain(*(["mapped"] if number < 32 else [])), kind=THEIRS)
    found = equity_funnel(session, manager, YEAR, until=UNTIL)
    assert found.can_compare("foreign_born_women")
    assert found.widest_gap("foreign_born_women") is None


def test_unknown_people_stand_on_neither_side(session, unit, manager):
    for _ in range(20):
        walk(session, unit, plain("mapped"))
        walk(session, unit, plain("mapped"), kind=THEIRS)
        walk(session, unit, [], kind=("unknown", "unknown"))
    mapped = equity_funnel(session, manager, YEAR, until=UNTIL).steps[1]
    assert (mapped.counts["all"], mapped.counts["others_than_foreign_born_women"]) == (40, 20)
    assert mapped.ratios["foreign_born_women"].value == 1


def test_a_few_unknown_hide_the_sum_of_all_and_not_the_comparison():
    reached = {
        name: {OURS: 80 - 8 * place, THEIRS: 90 - 6 * place, ("unknown", "unknown"): 3}
        for place, name in enumerate(STEPS)
    }
    for name, counts in hide_steps(reached, LEAST):
        assert counts["foreign_born_women"] is not None, name
        assert counts["others_than_foreign_born_women"] is not None, name
        assert counts["all"] is None, name


def test_groups_that_were_last_shown_at_different_steps_are_not_compared():
    shown = [
        ("enrolled", dict.fromkeys(GROUPS, 100)),
        ("mapped", {group: None if "others" in group else 90 for group in GROUPS}),
        ("ready", dict.fromkeys(GROUPS, 80)),
        ("proposed", dict.fromkeys(GROUPS, 60)),
    ]
    ratios = [step.ratios.get("foreign_born_women") for step in _steps(shown, LEAST)]
    assert [ratio is not None for ratio in ratios] == [False, False, False, True]


def test_what_cannot_be_asked_for_is_refused(session, make, unit, manager):
    with pytest.raises(RuleViolation):
        equity_funnel(session, manager, Period(YEAR.start_date, date(2026, 1, 31)), until=UNTIL)
    with pytest.raises(Invalid):
        equity_funnel(session, manager, YEAR, until=YEAR.start_date)
    with pytest.raises(Refused):
        equity_funnel(session, make.actor(Role.SUPERVISOR), YEAR, until=UNTIL)


KINDS = [
    (sex, region)
    for sex in ("woman", "man", "unknown")
    for region in ("sweden", "europe", "outside_europe", "unknown")
]
towns = some.dictionaries(
    some.sampled_from(KINDS),
    some.lists(some.integers(0, 40), min_size=len(STEPS), max_size=len(STEPS)),
)


def reached_of(town):
    """Counts that only fall, as a funnel's do."""
    fallen = {kind: sorted(counts, reverse=True) for kind, counts in town.items()}
    return {
        name: {kind: counts[place] for kind, counts in fallen.items() if counts[place]}
        for place, name in enumerate(STEPS)
    }


@given(towns)
def test_no_shown_figure_and_no_difference_between_shown_steps_is_of_one_to_four(town):
    shown = hide_steps(reached_of(town), LEAST)
    for group in GROUPS:
        counts = [row[group] for _name, row in shown if row[group] is not None]
        assert not any(0 < count < 5 for count in counts)
        assert not any(0 < one - two < 5 for one, two in combinations(counts, 2))
    for _name, row in shown:
        for each in Compared:
            three = (row["all"], row[each], row[f"others_than_{each}"])
            if None not in three:
                assert not 0 < three[0] - three[1] - three[2] < 5


def test_the_page_names_the_gap_and_hides_small_groups(session, unit, make, client_as):
    for number in range(40):
        walk(session, unit, plain("ready", *(["proposed"] if number < 12 else [])))
        walk(session, unit, plain("proposed"), kind=THEIRS)
    for _ in range(3):
        walk(session, unit, plain("hired"))
    session.commit()
    client = client_as(make.user(role=Role.UNIT_MANAGER, unit=unit))
    page = client.get("/reports/funnel?from=2026-01&to=2026-06").get_data(as_text=True)
    assert "vägarna skiljs mest mellan ”Klar för matchning” och ”Föreslagen”" in page
    assert "Dolt" in page
    refused = client.get("/reports/funnel?from=2026-03&to=2026-03")
    assert refused.status_code == 409
    assert "minst tre månader" in refused.get_data(as_text=True)


def test_the_api_says_the_same(session, unit, make, client_as):
    for _ in range(12):
        walk(session, unit, plain("mapped"))
    session.commit()
    client = client_as(make.user(role=Role.UNIT_MANAGER, unit=unit))
    told = client.get("/api/v1/reports/funnel?from=2026-01-01&to=2026-06-30").json
    assert [step["step"] for step in told["steps"]] == list(STEPS)
    assert told["steps"][1]["persons"]["foreign_born_women"] == 12
    assert told["steps"][1]["ratios"]["foreign_born_women"] is None


def test_a_cohort_is_followed_for_exactly_as_long(session, unit):
    walk(session, unit, plain("mapped", "ready", "proposed", "accepted"))  # ready on 22 February
    walk(session, unit, plain("mapped"), enrolled=date(2026, 6, 20))
    reached = count_steps(session, YEAR, date(2026, 7, 10), unit_id=None, months=1)
    assert [reached[step].get(OURS, 0) for step in ("enrolled", "mapped", "ready", "accepted")] == [
        1, 1, 1, 0,
    ]  # fmt: skip


def test_the_funnel_of_a_past_day_knows_nothing_that_was_told_later(session, unit):
    walk(session, unit, plain("mapped"))
    before = db.utcnow()
    walk(session, unit, plain("mapped"))
    told = count_steps(session, YEAR, UNTIL, unit_id=None, as_of=before)
    assert told["mapped"] == {OURS: 1}


def test_the_page_takes_a_cohort_and_a_past_day(client_as, unit):
    page = client_as(Role.UNIT_MANAGER).get("/reports/funnel?months=12&as_of=2026-01-01")
    assert page.status_code == 200
    assert "var och en följd lika länge" in page.text
    assert "Rättelser som kom senare räknas inte" in page.text
