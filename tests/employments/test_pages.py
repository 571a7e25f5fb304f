"""Pages and interface of jobs: what is refused stands there again, and others see nothing."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
import time_machine
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.employments.models import EmploymentReview, JobFollowUp, ReviewAnswer
from matchsvc.placements.models import Employment
from tests.employments.factories import END, employed, hired
from tests.factories import TODAY
from tests.placements.factories import started, world


@pytest.fixture(autouse=True)
def _at_that_day():
    with time_machine.travel("2026-11-23 09:00:00+01:00", tick=False):
        yield


def text_of(answer):
    return html.unescape(answer.text)


RESOURCE = {
    "kind": "resource_employment",
    "start_date": str(TODAY),
    "planned_end_date": str(END),
    "hours": "30",
    "subsidy_code": "wage_subsidy_development",
    "subsidy_ref": "AF 2026/77",
    "subsidy_from": str(TODAY),
    "subsidy_to": str(END),
    "host": "Köket på Ängsgården",
    "motivation": "Bakar bröd",
    "displaces_nobody": "1",
    "displaces_nobody_by": "Kökschefen",
    "union_step": "af_asks",
    "union_asked_on": "2026-11-20",
}


def test_a_resource_employment_from_form_to_page(session, make, client_as):
    there = world(make)
    client = client_as(there.worker)
    sent = RESOURCE | {"participant_id": there.participant.id, "site_id": there.site.id}
    refused = client.post("/employments/new", data=sent | {"displaces_nobody": ""})
    assert refused.status_code == 409
    assert "tränga undan" in text_of(refused)
    assert 'value="Köket på Ängsgården"' in text_of(refused)  # what was typed stands there

    saved = client.post("/employments/new", data=sent)
    assert saved.status_code == 303
    page = text_of(client.get(saved.location))
    for words in ("Allt finns", "5 av 5 kvar", "Köket på Ängsgården", "Boka avslutsmötet"):
        assert words in page
    job = session.scalar(select(Employment))
    ticked = client.post(f"/employments/{job.id}/checks/illness", data={"done": "true"})
    assert ticked.status_code == 303
    assert "4 av 5 kvar" in text_of(client.get(f"/employments/{job.id}"))
    listed = text_of(client.get("/employments"))
    assert f"/employments/{job.id}" in listed


def test_what_was_heard_is_written_and_shown_to_her_own_worker_only(session, make, client_as):
    there = hired(session, make, start_date=date(2026, 10, 20))
    client = client_as(there.worker)
    path = f"/employments/{there.job.id}"
    sent = {"months": "1", "held_on": str(TODAY), "lasts": "yes", "hours": "25"}
    refused = client.post(f"{path}/follow-ups", data=sent)
    assert refused.status_code == 422
    assert "Välj vilket stöd" in text_of(refused)
    said = sent | {"support": "more", "said": "Trivs med kollegorna"}
    assert client.post(f"{path}/follow-ups", data=said).status_code == 303
    assert session.scalar(select(JobFollowUp.months)) == 1
    assert "Trivs med kollegorna" in text_of(client.get(path))
    coordinator = client_as(Role.PLACEMENT_COORDINATOR)
    page = text_of(coordinator.get(path))
    assert "Mer stöd" in page
    assert "Trivs med kollegorna" not in page
    assert there.participant.full_name not in page


@pytest.mark.parametrize("role", [Role.EMPLOYER_LIAISON, Role.SUPERVISOR, Role.UNIT_MANAGER])
def test_who_does_not_decide_never_opens_a_job(session, make, client_as, role):
    there = hired(session, make)
    assert client_as(role).get(f"/employments/{there.job.id}").status_code == 403


def test_another_case_worker_and_a_protected_person(session, make, client_as):
    there = hired(session, make)
    other = client_as(Role.CASE_WORKER)
    path = f"/employments/{there.job.id}"
    assert other.get(path).status_code == 403  # hers by alias, not her case
    there.participant.protected = True
    session.commit()
    assert other.get(path).status_code == 404
    assert other.get("/employments").text.count(path) == 0
    assert other.get(f"/api/v1{path}").status_code == 404
    assert client_as(there.worker).get(path).status_code == 200


def test_the_question_of_full_time_leads_to_a_part_time_job(session, make, client_as):
    there = started(session, make)
    client = client_as(there.worker)
    path = f"/placements/{there.placement.id}/employment"
    assert path in client.get(f"/placements/{there.placement.id}").text
    answered = client.post(path, data={"answer": "part_time"})
    assert answered.location.startswith("/employments/new?placement=")
    refused = client.post(path, data={"answer": "not_yet"})
    assert refused.status_code == 422
    assert "för tidigt" in text_of(refused)
    assert session.scalars(select(EmploymentReview.answer)).all() == [ReviewAnswer.PART_TIME]
    job = {"participant_id": there.participant.id, "site_id": there.site.id, "hours": "30"}
    job |= {"kind": "employment", "start_date": str(TODAY), "placement_id": there.placement.id}
    saved = client.post("/employments/new", data=job)
    page = text_of(client.get(saved.location))
    assert "Mer än heltid tillsammans" in page  # 15 hours of training beside it
    assert "45 timmar i veckan" in page


def test_the_interface_keeps_the_same_rules(session, make, client_as):
    there = employed(session, make)
    client = client_as(there.worker)
    path = f"/api/v1/employments/{there.job.id}"
    told = client.get(path).get_json()
    assert told["state"] == "running"
    assert all(each["is_met"] for each in told["demands"])
    assert "displaces" not in str(told["follow_ups"])
    late = client.post(f"{path}/end", json={"end_date": "2026-11-24", "outcome": "completed"})
    assert late.status_code == 409
    found = {"text": "Bakar", "agreed_by": "Kocken", "agreed_on": str(TODAY)}
    assert client.post(f"{path}/tasks", json=found).status_code == 201
    assert client.get(path).get_json()["found_tasks"][0]["text"] == "Bakar"
    changed = client.put(f"{path}/terms", json={"version": there.job.version})
    assert changed.status_code == 409
    pointers = {each["pointer"] for each in changed.get_json()["errors"]}
    assert {"/host", "/subsidy_code", "/planned_end_date"} <= pointers
    assert [each["id"] for each in client.get("/api/v1/employments").get_json()["employments"]] == [
        str(there.job.id)
    ]


def test_a_shown_page_names_nobody_in_its_address(session, make, client_as):
    there = employed(session, make)
    page = client_as(there.worker).get(f"/employments/{there.job.id}").text
    addresses = re.findall(r'(?:href|action)="([^"]*)"', page)
    assert not [each for each in addresses if there.participant.family_name in each]
