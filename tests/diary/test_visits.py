"""The employment service's visit: slots are moved past hidden ones, and waits order (PLA-07)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from matchsvc.diary import af_visits, booking, changing
from matchsvc.errors import Conflict, Invalid, NotFound, RuleViolation
from matchsvc.workday.meeting_types import Party
from matchsvc.workday.meetings import book_slot
from tests.diary.conftest import AF, plan
from tests.factories import TODAY


@pytest.fixture
def visit(session, unit, book, agree, make):
    """A visit with Samira first, a hidden person second and nobody after them."""
    meeting = book("lena", plan("af_block", guests=[AF]))
    agree(unit.samira, Party.AF)
    lena = unit.actor["lena"]
    book_slot(session, lena, meeting, number=1, participant_id=unit.samira.id)
    book_slot(session, lena, meeting, number=2, participant_id=unit.hidden.id)
    return meeting


def slots(session, actor, meeting):
    found = af_visits.read_visit(session, actor, meeting.id, today=TODAY)
    return {s.number: s.person.alias if s.person else "?" for s in found.slots if s.is_taken}


def move(session, actor, meeting, number, *, later, **values):
    af_visits.move_slot(
        session, actor, meeting.id, number=number, later=later, today=TODAY, **values
    )


def test_a_slot_changes_places_with_the_next_and_passes_a_hidden_one(session, unit, visit):
    johan, lena = unit.actor["johan"], unit.actor["lena"]
    assert slots(session, johan, visit) == {1: unit.samira.alias, 2: "?"}
    move(session, johan, visit, 1, later=True)
    assert slots(session, johan, visit) == {2: "?", 3: unit.samira.alias}
    with pytest.raises(NotFound):
        move(session, johan, visit, 2, later=True)
    move(session, lena, visit, 3, later=False)  # her handler changes places with her
    assert slots(session, lena, visit) == {2: unit.samira.alias, 3: unit.hidden.alias}
    with pytest.raises(Conflict):
        move(session, lena, visit, 2, later=True, version=1)


def test_nobody_moves_out_of_the_visit(session, unit, visit):
    with pytest.raises(RuleViolation, match="hållet"):
        move(session, unit.actor["lena"], visit, 1, later=False)


def set_part(session, actor, meeting, minutes):
    return af_visits.set_general_part(
        session, actor, meeting.id, minutes=minutes, version=None, today=TODAY
    )


def test_the_general_part_changes_how_many_slots_there_are_but_drops_nobody(session, unit, visit):
    lena = unit.actor["lena"]
    for minutes, number in ((10, 10), (60, 7), (30, 9)):
        set_part(session, lena, visit, minutes)
        found = af_visits.read_visit(session, lena, visit.id, today=TODAY)
        assert len(found.slots) == number
    move(session, lena, visit, 2, later=True)
    set_part(session, lena, visit, 150)  # three left
    with pytest.raises(RuleViolation, match="bokad tid"):
        set_part(session, lena, visit, 190)
    with pytest.raises(Invalid):
        set_part(session, lena, visit, 211)


def test_who_is_suggested_has_waited_longest_and_is_ones_own(
    session, make, unit, visit, book, agree
):
    early, met = make.participant(unit.lena), make.participant(unit.lena)
    make.participant(unit.johan)
    ended = make.participant(unit.lena, with_case=False)
    make.case(ended, unit.lena, ended_on=TODAY)
    agree(met, Party.AF)
    book("lena", plan("three_party", met, guests=[AF], day=TODAY - timedelta(days=20)))
    found = af_visits.read_visit(session, unit.actor["lena"], visit.id, today=TODAY)
    days = (TODAY - date(2026, 8, 10)).days
    assert [(each.alias, each.days) for each in found.waiting] == [
        (early.alias, days), (met.alias, 20),
    ]  # fmt: skip
    assert found.first_free == 3


def test_a_slot_stands_in_the_diary_of_the_persons_case_worker(session, unit, book, agree):
    meeting = book("johan", plan("af_block", guests=[AF]))
    day = date(2026, 11, 24)

    def mine(name):
        shown = booking.read_days(session, unit.actor[name], day, day, today=TODAY)
        return [each.meeting.id for each in shown]

    assert mine("lena") == []
    agree(unit.samira, Party.AF)
    changing.give_slot(
        session, unit.actor["johan"], meeting.id,
        number=4, participant=unit.samira.alias, today=TODAY,
    )  # fmt: skip
    (shown,) = booking.read_days(session, unit.actor["lena"], day, day, today=TODAY)
    (person,) = [each for each in shown.people if each.alias]
    assert person.starts_at - meeting.starts_at == timedelta(minutes=30 + 3 * 20)
    assert not shown.is_mine


def test_the_page_prints_aliases_and_names_nobody_hidden(session, unit, visit, client_as):
    mine = client_as(unit.lena).get(f"/meetings/{visit.id}/visit")
    assert "Samira Haddad" in mine.text
    others = client_as(unit.johan).get(f"/meetings/{visit.id}/visit").text
    assert unit.samira.alias in others
    assert "Haddad" not in others
    assert unit.hidden.alias not in others
    told = client_as(unit.johan).get(f"/api/v1/meetings/{visit.id}/visit").get_json()
    assert [each.get("participant") for each in told["slots"][:2]] == [unit.samira.alias, None]
    moved = client_as(unit.johan).post(
        f"/meetings/{visit.id}/visit/slots/move", data={"number": "1", "later": "true"}
    )
    assert moved.status_code == 303
