"""Placements, follow-ups and jobs for programs: the same rules behind."""

from datetime import date
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.config import Config
from matchsvc.outcomes.models import OutcomeEvent
from matchsvc.placements.daily import start_what_is_due
from matchsvc.placements.models import DecisionAuthority, FollowUp
from tests.factories import TODAY
from tests.placements.factories import NOW, started, world
from tests.placements.test_pages import READY, form_of


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(NOW, tick=False):
        yield


def as_json(values):
    return {
        key: value if isinstance(value, str | int | bool) else str(value)
        for key, value in values.items()
    }


def test_a_program_starts_lists_and_ends_a_placement(make, client_as):
    there = world(make)
    client = client_as(there.worker)
    made = client.post(
        "/api/v1/placements",
        json=as_json(form_of(there, start_date="2026-11-23", decision_from="2026-11-23")) | READY,
    )
    assert made.status_code == 201
    placement = made.get_json()
    assert placement["participant"] == there.participant.alias
    assert "given_name" not in placement
    listed = client.get("/api/v1/placements?state=running").get_json()
    assert [row["id"] for row in listed["placements"]] == [placement["id"]]
    for key in (placement["id"], placement["external_id"]):
        assert client.get(f"/api/v1/placements/{key}").get_json()["id"] == placement["id"]
    ended = client.post(
        f"/api/v1/placements/{placement['id']}/end",
        json={"end_date": "2026-11-23", "outcome": "completed"},
    )
    assert ended.get_json()["outcome"] == "completed"


def test_a_refused_start_is_a_problem_with_a_pointer_for_every_field(make, client_as):
    there = world(make)
    answer = client_as(there.worker).post(
        "/api/v1/placements", json=as_json(form_of(there, purpose="", decision_ref=""))
    )
    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert {"/purpose", "/decision_ref"} <= {e["pointer"] for e in answer.get_json()["errors"]}


def test_hidden_and_unknown_placements_are_the_same_to_a_program(session, make, client_as):
    there = world(make, protected=True)
    started(session, make, there=there, supervisor_id=None, risk_decision="Prövat.")
    client = client_as(Role.CASE_WORKER)
    hidden = client.get(f"/api/v1/placements/{there.placement.id}")
    unknown = client.get(f"/api/v1/placements/{uuid4()}")
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.get_json() == unknown.get_json()


def test_a_program_registers_a_job(make, client_as):
    there = world(make)
    sent = {
        "participant_id": str(there.participant.id),
        "site_id": str(there.site.id),
        "kind": "employment",
        "start_date": "2026-11-23",
    }
    made = client_as(there.worker).post("/api/v1/employments", json=sent)
    assert made.status_code == 201
    assert made.get_json()["kind"] == "employment"
    assert client_as(there.liaison).post("/api/v1/employments", json=sent).status_code == 403


def test_the_daily_job_may_run_any_number_of_times(session, make, app):
    there = world(make)
    started(
        session, make, there=there, form="sol_practice",
        decision_authority=DecisionAuthority.SOCIAL_BOARD,
        planned_end_date=None, decision_to=None, start_date=date(2026, 12, 1),
    )  # fmt: skip
    session.commit()
    day = date(2027, 6, 2)
    assert start_what_is_due(Config(), TODAY) == 0
    assert start_what_is_due(Config(), day) == 2
    assert start_what_is_due(Config(), day) == 0
    last = session.scalar(select(FollowUp).order_by(FollowUp.number.desc()))
    assert (last.number, last.due_on) == (7, date(2027, 7, 1))
    assert len(session.scalars(select(OutcomeEvent)).all()) == 1
