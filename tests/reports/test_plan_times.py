"""How long it took until the plan was agreed (PRO-10)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchsvc.accounts.models import Role
from matchsvc.errors import Refused
from matchsvc.participants.cases import latest_case
from matchsvc.participants.plan_models import Plan, PlanState
from matchsvc.reports.counts import Period
from matchsvc.reports.plan_times import plan_times, summary_of
from matchsvc.reports.suppression import Limits

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
ENROLLED = date(2026, 1, 1)


@pytest.fixture
def agreed(session, make):
    """``agreed(days, number=1)``: somebody new whose plan was agreed so long after enrolment."""
    worker = make.user(role=Role.CASE_WORKER)

    def start(*days):
        person = make.participant(worker)
        case = latest_case(session, person)
        case.enrolled_on = ENROLLED
        for number, each in enumerate(days, 1):
            session.add(
                Plan(
                    participant_id=person.id,
                    case_id=case.id,
                    unit_id=person.unit_id,
                    number=number,
                    state=PlanState.SIGNED if number == len(days) else PlanState.SUPERSEDED,
                    goals="Ett jobb",
                    written_by_id=worker.id,
                    signed_on=ENROLLED + timedelta(days=each),
                )
            )
        session.flush()

    return start


def test_the_middle_time_and_the_share_within_the_limit_are_of_first_plans(session, make, agreed):
    for days in (10, 20, 30, 40, 50, 61, 70, 80, 90, 100):
        agreed(days, days + 100)  # the second version moves nothing
    found = plan_times(session, make.actor(Role.UNIT_MANAGER), YEAR)
    assert (found.plans, found.quartiles) == (10, (30, 50, 80))
    assert (found.within.n, found.within.of, found.limit) == (5, 10, 60)


def test_only_plans_agreed_in_the_period_count(session, make, agreed):
    for days in (1, 2, 3, 4, 5, 364, 365):
        agreed(days)
    assert plan_times(session, make.actor(Role.UNIT_MANAGER), YEAR).plans == 6


def test_another_unit_has_its_own(session, make, agreed):
    for days in range(6):
        agreed(days)
    manager = make.user(role=Role.UNIT_MANAGER, unit_id=make.unit(name="Annan").id)
    assert plan_times(session, make.actor(user=manager), YEAR).plans == 0


def test_only_those_who_read_reports_see_them(session, make):
    with pytest.raises(Refused):
        plan_times(session, make.actor(Role.SUPERVISOR), YEAR)


def test_of_four_plans_nothing_is_shown():
    found = summary_of([1, 2, 3, 4], 60, Limits())
    assert (found.plans, found.quartiles, found.within.n) == (None, None, None)


@given(st.lists(st.integers(0, 400)).map(sorted))
def test_no_part_of_fewer_than_five_is_ever_shown(days):
    found = summary_of(days, 60, Limits())
    assert found.plans is None or found.plans == 0 or found.plans >= 5
    if found.within.n is not None:
        late = len(days) - found.within.n
        assert found.within.n not in range(1, 5)
        assert late not in range(1, 5)
    if found.quartiles:
        lower, median, upper = found.quartiles
        assert days[0] <= lower <= median <= upper <= days[-1]
        assert sum(each <= median for each in days) * 2 >= len(days)


def test_the_page_and_the_api_tell_the_same(client_as, session, agreed):
    for days in (10, 20, 30, 40, 50, 61, 70, 80, 90, 100):
        agreed(days)
    session.commit()
    manager = client_as(Role.UNIT_MANAGER)
    page = manager.get("/reports?from=2026-01&to=2026-12").text
    assert "50 dagar" in page
    assert "30 till 80 dagar" in page
    told = manager.get("/api/v1/reports/plan-times?from=2026-01-01&to=2026-12-31").get_json()
    assert told == {
        "definitions": "v1",
        "plans": 10,
        "days_lower_quartile": 30,
        "days_median": 50,
        "days_upper_quartile": 80,
        "limit_days": 60,
        "within_limit": 5,
    }


@pytest.mark.parametrize("name", ["plan-times", "packages", "national"])
def test_who_sees_no_internal_views_asks_for_whole_quarters(client_as, name):
    """Two periods that differ by a day would tell what happened on it."""
    address = f"/api/v1/reports/{name}"
    quarter = {"from": "2026-01-01", "to": "2026-03-31"}
    worker = client_as(Role.CASE_WORKER)
    assert worker.get(address, query_string=quarter).status_code == 200
    shorter = worker.get(address, query_string=quarter | {"to": "2026-03-30"})
    assert shorter.status_code == 422
    assert "helt kvartal" in shorter.text
    manager = client_as(Role.UNIT_MANAGER)
    assert manager.get(address, query_string=quarter | {"to": "2026-03-30"}).status_code == 200
