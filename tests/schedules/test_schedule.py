"""The schedule of a placement: proposed, agreed, changed; pages, JSON and the calendar file."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
import time_machine
from icalendar import Calendar

from matchsvc.accounts.models import Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.schedules import rules
from matchsvc.schedules.models import BreakReason, PhaseState
from matchsvc.schedules.rules import PhaseContent
from matchsvc.schedules.weeks import Times
from matchsvc.tripartite.consequences import planned_content
from tests.factories import TODAY
from tests.placements.factories import NOW, started

MORNINGS = tuple(Times(day, time(9), time(12)) for day in (1, 2, 3, 4))
LATER = TODAY + timedelta(days=28)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def there(session, make):
    found = started(session, make)
    found.key = found.placement.id
    session.commit()
    return found


def add(session, there, starts_on=TODAY, times=MORNINGS, **more):
    content = PhaseContent(starts_on=starts_on, times=times, **more)
    return rules.add_phase(session, there.actor, there.key, content, today=TODAY)


def agree(session, there, phase, **more):
    said = {"said_yes": True, "version": phase.version} | more
    return rules.agree_phase(session, there.actor, there.key, phase.id, **said, today=TODAY)


def read(session, there):
    return rules.read_schedule(session, there.actor, there.key, today=TODAY)


def test_times_are_a_proposal_until_the_person_has_said_yes(session, there):
    phase = add(session, there)
    assert phase.state is PhaseState.PROPOSED
    assert read(session, there).weeks == ()
    with pytest.raises(Invalid):
        agree(session, there, phase, said_yes=False)
    agree(session, there, phase)
    shown = read(session, there)
    assert shown.percent(phase) == 30
    assert shown.weeks[0].hours == 12


def test_other_times_are_a_proposal_again_and_other_words_are_not(session, there):
    phase = agree(session, there, add(session, there))

    def change(**content):
        wanted = PhaseContent(**{"starts_on": TODAY, "times": MORNINGS} | content)
        return rules.change_phase(
            session, there.actor, there.key, phase.id, wanted, version=phase.version, today=TODAY
        )

    assert change(step_up="Tre veckor som det var tänkt").state is PhaseState.AGREED
    assert change(times=MORNINGS[:2]).state is PhaseState.PROPOSED
    assert phase.agreed_on is None


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"starts_on": TODAY - timedelta(days=1)}, "starts_on"),
        ({"starts_on": date(2028, 1, 1)}, "starts_on"),
        ({"times": ()}, "start_1"),
        ({"times": (Times(1, time(6), time(17)),)}, "end_1"),
        ({"times": tuple(Times(day, time(7), time(16)) for day in range(1, 6))}, "start_1"),
        ({"step_up": "Se 850312-2387"}, "step_up"),
    ],
)
def test_what_is_not_possible_is_told_where_it_stands(session, there, content, field):
    with pytest.raises(Invalid) as refused:
        add(session, there, **content)
    assert list(refused.value.fields) == [field]


def test_one_phase_begins_on_a_day(session, there):
    add(session, there)
    with pytest.raises(Invalid):
        add(session, there)
    assert add(session, there, LATER).starts_on == LATER


def test_what_has_begun_is_not_taken_away(session, there):
    begun = agree(session, there, add(session, there))
    coming = agree(session, there, add(session, there, LATER))
    with pytest.raises(RuleViolation) as refused:
        rules.remove_phase(session, there.actor, there.key, begun.id, today=TODAY)
    assert refused.value.code == "phase_begun"
    rules.remove_phase(session, there.actor, there.key, coming.id, today=TODAY)
    assert [each.id for each in read(session, there).phases] == [begun.id]


def test_two_people_changing_a_phase_see_the_conflict(session, there):
    phase = add(session, there)
    stale = phase.version
    agree(session, there, phase)
    with pytest.raises(Conflict):
        agree(session, there, phase, version=stale)


def test_days_without_leave_the_weeks_empty(session, there):
    agree(session, there, add(session, there))
    row = rules.add_break(
        session, there.actor, there.key, first_day=TODAY, last_day=TODAY + timedelta(days=6),
        reason=BreakReason.CLOSED, today=TODAY,
    )  # fmt: skip
    assert read(session, there).weeks[0].hours == 0
    rules.remove_break(session, there.actor, there.key, row.id, today=TODAY)
    assert read(session, there).weeks[0].hours == 12
    with pytest.raises(Invalid):
        rules.add_break(
            session, there.actor, there.key, first_day=LATER, last_day=TODAY,
            reason=BreakReason.OTHER, today=TODAY,
        )  # fmt: skip


def test_the_agreement_begins_with_the_times_that_are_agreed(session, there):
    agree(session, there, add(session, there))
    agree(session, there, add(session, there, LATER, MORNINGS[:1]))
    add(session, there, LATER + timedelta(days=7))
    assert planned_content(session, there.placement).times.splitlines() == [
        "måndag 9–12, tisdag 9–12, onsdag 9–12, torsdag 9–12",
        f"Från {LATER.isoformat()}: måndag 9–12",
    ]


def test_who_reads_and_who_writes(session, there, make):
    add(session, there)
    supervisor = make.actor(user=there.supervisor)
    assert not rules.read_schedule(session, supervisor, there.key, today=TODAY).can_write
    with pytest.raises(Refused):
        rules.read_schedule(session, make.actor(role=Role.EMPLOYER_LIAISON), there.key, today=TODAY)
    with pytest.raises(Refused):
        rules.add_phase(
            session, supervisor, there.key, PhaseContent(starts_on=LATER, times=MORNINGS),
            today=TODAY,
        )  # fmt: skip
    there.participant.protected = True
    session.flush()
    with pytest.raises(NotFound):
        rules.read_schedule(
            session, make.actor(role=Role.PLACEMENT_COORDINATOR), there.key, today=TODAY
        )


def text_of(response):
    return response.get_data(as_text=True)


def test_pages_from_no_schedule_to_a_calendar(session, there, client_as):
    client, base = client_as(there.worker), f"/placements/{there.key}/schedule"
    assert "Inget schema än" in text_of(client.get(base))
    assert f'value="{TODAY.isoformat()}"' in text_of(client.get(f"{base}/phases/new"))
    form = {"starts_on": TODAY.isoformat(), "start_1": "9", "end_1": "12.30"}
    half = client.post(f"{base}/phases/new", data={**form, "end_1": ""})
    assert half.status_code == 422
    assert "både när det börjar" in text_of(half)
    assert client.post(f"{base}/phases/new", data=form).status_code == 303
    page = text_of(client.get(base))
    assert "Måndag 9–12.30" in page
    phase = read(session, there).phases[0]
    agreed = client.post(
        f"{base}/phases/{phase.id}/agree", data={"said_yes": "1", "version": phase.version}
    )
    assert agreed.status_code == 303
    assert "Vecka för vecka" in text_of(client.get(base))
    changed = text_of(client.get(f"{base}/phases/{phase.id}"))
    assert "12.30" in changed
    days = {"first_day": "2026-12-21", "last_day": "2027-01-08", "reason": "closed"}
    assert client.post(f"{base}/breaks", data=days).status_code == 303

    file = client.get(f"{base}/schedule.ics").get_data()
    events = Calendar.from_ical(file).walk("VEVENT")
    assert events
    assert {event.decoded("dtstart").weekday() for event in events} == {0}
    assert not any(
        date(2026, 12, 21) <= event.decoded("dtstart").date() <= date(2027, 1, 8)
        for event in events
    )
    for secret in (there.participant.given_name, there.participant.alias):
        assert secret.encode() not in file


def test_programs_do_the_same(there, client_as):
    client, base = client_as(there.worker), f"/api/v1/placements/{there.key}/schedule"
    phase = {"starts_on": TODAY.isoformat(), "start_2": "09:00", "end_2": "11:00"}
    made = client.post(f"{base}/phases", json=phase)
    assert (made.status_code, made.json["state"]) == (201, "proposed"), made.json
    one = f"{base}/phases/{made.json['id']}"
    changed = client.put(one, json={**phase, "end_2": "12:00", "version": made.json["version"]})
    assert changed.json["days"] == [{"weekday": 2, "start": "09:00", "end": "12:00"}]
    agreed = client.post(
        f"{one}/agree", json={"said_yes": True, "version": changed.json["version"]}
    )
    assert agreed.json["state"] == "agreed"
    free = client.post(
        f"{base}/breaks",
        json={"first_day": "2026-12-21", "last_day": "2026-12-27", "reason": "holiday"},
    )
    assert client.delete(f"{base}/breaks/{free.json['id']}").status_code == 204
    shown = client.get(base).json
    assert (len(shown["phases"]), shown["breaks"]) == (1, [])
    assert client.delete(one).status_code == 409
