"""What a unit calls the steps: two configurations of the same steps."""

from __future__ import annotations

import pytest

from matchsvc.participants import cases
from matchsvc.participants.listing import Status
from matchsvc.participants.models import Step
from matchsvc.participants.process import PROCESSES, process_of
from tests.factories import TODAY


@pytest.mark.parametrize("process", PROCESSES.values())
def test_every_process_names_every_step_and_state(process):
    assert set(process.names) == set(Step)
    assert set(process.statuses) == set(Status)


def test_a_unit_keeps_the_four_steps_until_it_says_otherwise(session, make):
    assert process_of(session, make.unit().id) is PROCESSES[1]
    make.setting("process", "2")
    assert process_of(session, make.unit().id) is PROCESSES[2]


def test_the_other_names_stand_on_the_pages_and_steps_still_overlap(session, make, client_as):
    worker = make.user()
    person = make.participant(worker)
    make.setting("process", "2")
    actor = make.actor(user=worker)
    for step in (Step.MAPPING, Step.WORK_TRAINING):
        cases.start_step(session, actor, person.id, step, start_date=TODAY, today=TODAY)
    client = client_as(worker)

    shown = client.get(f"/participants/{person.alias}").text
    lanes = shown.split('class="lanes"')[1].split("</ol>")[0]
    places = [lanes.index(f">{word}<") for word in ("Visionsbygge", "Aktivitet", "Utmatchning")]
    assert places == sorted(places)
    assert ">Kartläggning<" not in lanes
    assert "Aktivitet" in client.get("/participants").text
    steps = client.get(f"/participants/{person.alias}/steps").text
    assert "Visionsbygge" in steps
    assert "Utmatchning, i arbete" in steps
