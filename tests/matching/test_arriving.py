"""The year of arrivals beside a draft: whether waiting for a better pair would have paid."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.matching import arriving, drafting
from matchsvc.matching.assignment.arrivals import WEEKS, Year, live_through
from matchsvc.matching.assignment.pairs import make_pairs
from matchsvc.matching.models import CohortRun
from matchsvc.matching.weights_table import PUBLISHED
from matchsvc.participants.models import CaseStep, Rung, Step
from tests.factories import TODAY

SINCE = TODAY - arriving.YEAR
WEEK = timedelta(days=7)


def at(day):
    return datetime.combine(day, time(10), UTC)


@pytest.fixture
def clock():
    with time_machine.travel(at(TODAY), tick=False):
        yield


def come(session, make, worker, begin, concept, **values):
    """Somebody whose matching began on a day and has not ended."""
    person = make.participant(worker, with_case=False, **values)
    case = make.case(person, worker, enrolled_on=begin - WEEK)
    session.add(CaseStep(case_id=case.id, step=Step.MATCHING, start_date=begin))
    make.competence(person, concept, rung=Rung.CONFIRMED)
    return person, case


def live(session, actor, make):
    return arriving.live_last_year(
        session,
        actor,
        unit_id=make.unit().id,
        weights=PUBLISHED.weights,
        floor=4_000,
        today=TODAY,
    )


@pytest.fixture
def worker(make):
    return make.user(role=Role.CASE_WORKER, name="Johan Ekdal")


@pytest.fixture
def two_years(session, make, worker):
    """In both years the same: who cleans comes after who cooks, and so does the kitchen.

    Who cooks can take the cleaning of the first week, half of which is cooking; then who cleans
    has nothing, and the kitchen nobody.
    """
    for begin in (SINCE - arriving.YEAR, SINCE):
        for _ in range(5):
            come(session, make, worker, begin, "laga-mat-storkok")
            come(session, make, worker, begin + WEEK, "stada")
            make.offer(
                required=["stada", "laga-mat-storkok"],
                places=1,
                created_at=at(begin),
                valid_until=begin + 5 * WEEK,
            )
            make.offer(required=["laga-mat-storkok"], places=1, created_at=at(begin + 2 * WEEK))
    session.commit()


def test_waiting_for_what_usually_comes_places_those_whom_the_longest_wait_leaves_without(
    session, make, worker, two_years
):
    found = live(session, make.actor(user=worker), make)
    ways = found.ways
    assert (found.since, found.until, ways.people, ways.places) == (SINCE, TODAY, 10, 10)
    assert (ways.first_come.placed, ways.at_once.placed) == (5, 5)
    assert (ways.by_prices.placed, ways.hindsight.placed) == (10, 10)
    assert ways.by_prices.value == ways.hindsight.value
    assert ways.gap_closed == 1.0


def test_a_year_with_too_few_people_or_offers_says_nothing(session, make, worker):
    for begin in (SINCE - arriving.YEAR, SINCE):
        for _ in range(5):
            come(session, make, worker, begin, "stada")
            make.offer(required=["stada"], created_at=at(begin))
    session.commit()
    actor = make.actor(user=worker)
    assert live(session, actor, make) is not None
    offer = make.offer(required=["stada"], created_at=at(SINCE))
    for one in session.scalars(select(type(offer))):
        one.created_at = at(SINCE)
    session.commit()
    assert live(session, actor, make) is None


def test_a_protected_person_is_not_in_it_and_every_other_is_logged(
    session, make, worker, two_years
):
    come(session, make, worker, SINCE, "stada", protected=True)
    session.commit()
    actor = make.actor(user=worker)
    assert live(session, actor, make).ways.people == 10
    assert arriving.count_arriving(session, actor, unit_id=make.unit().id, today=TODAY) == 20 * 20


def test_whoever_left_does_not_wait_for_what_came_later(session, make, worker):
    for begin in (SINCE - arriving.YEAR, SINCE):
        for _ in range(5):
            _, case = come(session, make, worker, begin, "stada")
            case.ended_on = begin + WEEK
            make.offer(required=["stada"], created_at=at(begin + 3 * WEEK))
    session.commit()
    assert live(session, make.actor(user=worker), make).ways.hindsight.placed == 0


def test_a_draft_keeps_the_year_and_the_page_and_the_api_tell_it(
    clock, session, make, worker, two_years, client_as
):
    come(session, make, worker, TODAY - WEEK, "stada", ready_on=TODAY - WEEK)
    session.commit()
    client = client_as(worker)
    assert client.post("/cohort").status_code == 303
    run = session.scalar(select(CohortRun))
    kept = arriving.Arrivals.from_json(run.arrivals)
    assert kept.as_json() == run.arrivals
    page = client.get("/cohort").get_data(as_text=True)
    assert "tagit igen 100 % av det som" in page.replace("\xa0", " ")
    told = client.get("/api/v1/cohort").get_json()["arrivals"]
    assert told["by_prices"]["placed"] == kept.ways.by_prices.placed


def test_without_two_years_the_page_says_when_there_will_be_something(
    clock, session, make, worker, client_as
):
    make.participant(worker, ready_on=TODAY - WEEK)
    make.offer(required=["stada"])
    session.commit()
    client = client_as(worker)
    client.post("/cohort")
    assert "minst 5 personer" in client.get("/cohort").get_data(as_text=True)


def test_a_draft_that_goes_wrong_says_so_at_once(
    clock, session, make, worker, client_as, monkeypatch
):
    make.participant(worker, ready_on=TODAY - WEEK)
    session.commit()
    client = client_as(worker)

    def stop(*_, **__):
        raise MemoryError

    monkeypatch.setattr(drafting, "live_last_year", stop)
    with pytest.raises(MemoryError):
        client.post("/cohort")
    assert "blev inte klart" in client.get("/cohort").get_data(as_text=True)


@st.composite
def years(draw):
    people, offers = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    cells = draw(
        st.lists(
            st.tuples(
                st.integers(0, people - 1), st.integers(0, offers - 1), st.integers(0, 10_000)
            ),
            max_size=12,
        )
    )
    week = st.integers(0, WEEKS - 1)

    def weeks(count):
        first = np.array(draw(st.lists(week, min_size=count, max_size=count)))
        last = np.array(draw(st.lists(week, min_size=count, max_size=count)))
        return first, np.maximum(first, last) + 1

    def flags(count):
        return np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)), bool)

    places = draw(st.lists(st.integers(0, 2), min_size=offers, max_size=offers))
    columns = zip(*cells, strict=True) if cells else ([], [], [])
    return Year(
        make_pairs(people, offers, *columns),
        np.array(places, np.int64),
        *weeks(people),
        *weeks(offers),
        flags(people),
        flags(offers),
    )


@given(years())
def test_nobody_does_better_than_hindsight_nor_places_more_than_came(year):
    ways = live_through(year)
    slack = 2 * ways.hindsight.placed + 2  # hindsight is an auction by steps of 2
    for lived in (ways.first_come, ways.at_once, ways.by_prices):
        assert lived.value <= ways.hindsight.value + slack
        assert lived.placed <= min(ways.people, ways.places)
