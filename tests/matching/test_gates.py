"""One gate at a time, in the words of the rules."""

from datetime import date

from matchsvc.matching.engine import explain
from matchsvc.matching.gates import Gate, GateState
from tests.matching.cases import TODAY, World
from tests.matching.reference import Offer, Person


def findings(person, offer, today=TODAY):
    world = World([None], [Person(0, **person)], [Offer(0, **offer)], today=today)
    told = explain(world.matching(), 0, 0)
    return [f for f in told.findings if f.state is not GateState.OPEN], told


def test_a_licence_that_is_known_not_to_be_held_closes_and_is_named():
    (found,), told = findings({"licences": {0}}, {"licences": {0, 2}})
    assert (found.gate, found.state, found.what) == (Gate.LICENCE, GateState.CLOSED, 2)
    assert not told.is_open
    assert not told.can_be_overridden


def test_what_is_not_known_asks_the_person_and_leaves_the_pair_open():
    unknown = {"licences_known": False, "hours": None}
    found, told = findings(unknown, {"licences": {1}})
    assert [f.gate for f in found] == [Gate.LICENCE, Gate.HOURS]
    assert all(f.ask_person and not f.ask_offer for f in found)
    assert told.is_open
    assert told.asks == tuple(found)


def test_a_language_names_the_skill_and_both_levels():
    person = {"languages": {(1, 0): 1, (1, 2): 3}}
    (found,), _ = findings(person, {"languages": {(1, 0): 3, (1, 2): 3}})
    assert (found.what, found.skill, found.person, found.offer) == (1, 0, 1, 3)
    assert found.state is GateState.CLOSED


def test_no_knowledge_of_a_language_closes_and_unknown_knowledge_asks():
    asked = {"languages": {(0, 1): 1}}
    assert findings({"languages": {(0, 1): 0}}, asked)[0][0].state is GateState.CLOSED
    assert findings({"languages": {}}, asked)[0][0].state is GateState.ASK


def test_too_few_hours_close_and_both_sides_are_told():
    (found,), _ = findings({"hours": 8}, {"hours_start": 15})
    assert (found.gate, found.person, found.offer) == (Gate.HOURS, 8, 15)
    assert findings({"hours": 15}, {"hours_start": 15})[0] == []


def test_no_common_day_closes_and_a_missing_day_is_for_the_employer_to_answer():
    (closed,), _ = findings({"days": {5, 6}}, {"days": {0, 1}})
    assert (closed.state, closed.person, closed.offer) == (GateState.CLOSED, 96, 3)
    (asked,), _ = findings({"days": {0, 5}}, {"days": {0, 1}})
    assert (asked.state, asked.ask_offer, asked.ask_person) == (GateState.ASK, True, False)


def test_one_who_can_start_only_after_the_last_start_is_closed_out():
    offer = {"start_by": date(2027, 1, 11)}
    (found,), _ = findings({"start": date(2027, 2, 1)}, offer)
    assert (found.gate, found.person) == (Gate.START, date(2027, 2, 1).toordinal())
    assert found.offer == date(2027, 1, 11).toordinal()
    assert findings({"start": date(2027, 1, 11)}, offer)[0] == []


def test_a_season_tells_when_it_opens_and_may_run_over_new_year():
    (found,), _ = findings({}, {"season": ((4, 1), (10, 15))})
    assert (found.gate, found.state) == (Gate.SEASON, GateState.CLOSED)
    assert found.opens_on == date(2027, 4, 1).toordinal()
    assert findings({}, {"season": ((11, 1), (2, 28))})[0] == []
    in_window = {"season": ((4, 1), (10, 15)), "start_by": date(2027, 4, 1)}
    assert findings({}, in_window)[0] == []


def test_a_season_that_begins_on_29_february_begins_on_1_march_in_other_years():
    (found,), _ = findings({}, {"season": ((2, 29), (10, 15))})
    assert found.opens_on == date(2027, 3, 1).toordinal()
    (leap,), _ = findings({}, {"season": ((2, 29), (10, 15))}, today=date(2028, 1, 1))
    assert leap.opens_on == date(2028, 2, 29).toordinal()


def test_an_area_that_is_not_ticked_closes_and_everywhere_needs_no_area():
    (found,), _ = findings({"areas": {1}}, {"area": 2})
    assert (found.gate, found.state, found.what) == (Gate.REACH, GateState.CLOSED, 2)
    assert findings({"areas": "everywhere"}, {"area": None})[0] == []


def test_a_needed_condition_that_is_excluded_closes_but_can_be_overridden():
    person, offer = {"needs": {1, 2}}, {"excluded": {1}, "offered": {2}}
    (found,), told = findings(person, offer)
    assert (found.gate, found.what, found.offer) == (Gate.CONDITIONS, 1, -1)
    assert found.can_be_overridden
    assert told.can_be_overridden
    (met,) = (f for f in told.findings if f.gate is Gate.CONDITIONS and f.what == 2)
    assert (met.state, met.offer) == (GateState.OPEN, 1)


def test_a_second_closed_gate_takes_the_override_away():
    _, told = findings({"needs": {1}, "hours": 5}, {"excluded": {1}})
    assert not told.can_be_overridden


def test_a_need_that_the_site_does_not_mention_is_for_the_employer_to_answer():
    (found,), told = findings({"needs": {3}}, {})
    assert (found.state, found.ask_offer, found.offer) == (GateState.ASK, True, 0)
    assert told.is_open


def test_an_offer_tells_every_reason_why_it_takes_nobody():
    closed = {"is_open": False, "places": 0, "valid_until": date(2026, 11, 21), "barred": True}
    found, told = findings({}, closed)
    whats = [f.what for f in found if f.gate is Gate.OFFER_CLOSED]
    assert whats == [0, 1, 2]
    assert Gate.EMPLOYER_BAR in {f.gate for f in found}
    assert told.closed == tuple(found)
    assert findings({}, {"valid_until": TODAY})[0] == []


def test_what_fits_is_told_too():
    _, told = findings({"licences": {0}}, {"licences": {0}, "area": 0})
    fitting = {f.gate for f in told.findings if f.state is GateState.OPEN}
    assert fitting == {Gate.LICENCE, Gate.HOURS, Gate.WEEKDAYS, Gate.REACH}
