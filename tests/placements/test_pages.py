"""Pages of placements: who reaches them, what they say, what they do."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.placements.checklist import CHECKLIST
from matchsvc.placements.models import (
    Employment,
    Outcome,
    PartState,
    Placement,
    Survey,
)
from matchsvc.workday.models import Task
from matchsvc.workday.rules import add_task
from tests.factories import TODAY
from tests.placements.factories import NOW, started, world


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(NOW, tick=False):
        yield


def text_of(response):
    return response.get_data(as_text=True)


def form_of(there, **values):
    defaults = {
        "participant_id": there.participant.id,
        "site_id": there.site.id,
        "form": "work_training",
        "start_date": "2026-11-30",
        "planned_end_date": "2027-02-26",
        "decision_authority": "af",
        "decision_ref": "AF 2026/118",
        "decision_from": "2026-11-30",
        "decision_to": "2027-05-22",
        "purpose": "Pröva köksarbete.",
        "supervisor_id": there.supervisor.id,
    }
    return defaults | values


#: What lets a placement begin on the day it is registered.
READY = {
    "union_asked_on": "2026-11-10",
    "union_answered_on": "2026-11-16",
    "insurance_noted_on": "2026-11-16",
    "prepared": list(CHECKLIST),
}


def test_a_case_worker_starts_a_placement_and_comes_to_its_page(session, make, client_as):
    there = world(make)
    client = client_as(there.worker)
    page = client.get(f"/placements/new?participant={there.participant.id}&site={there.site.id}")
    assert "Ny placering" in text_of(page)

    answer = client.post("/placements/new", data=form_of(there))
    assert answer.status_code == 303
    shown = text_of(client.get(answer.location))
    assert "10 av 10 kvar" in shown
    assert "0 av 6 delar är klara" in shown
    assert "Karin Sjöholm" in shown


def test_a_refused_start_keeps_what_was_typed_and_says_what_is_wrong(make, client_as):
    there = world(make)
    answer = client_as(there.worker).post(
        "/placements/new", data=form_of(there, decision_ref="", purpose="Pröva kassan.")
    )
    assert answer.status_code == 409
    assert "Skriv beslutets nummer" in text_of(answer)
    assert "Pröva kassan." in text_of(answer)


def test_a_shape_that_is_wrong_is_shown_on_the_form_too(make, client_as):
    there = world(make)
    answer = client_as(there.worker).post(
        "/placements/new", data=form_of(there, start_date="2026-02-30")
    )
    assert answer.status_code == 422
    assert "Datumet finns inte" in text_of(answer)


def test_a_colleague_does_not_get_the_form(make, client_as):
    there = world(make)
    page = client_as(Role.CASE_WORKER).get(
        f"/placements/new?participant={there.participant.id}&site={there.site.id}"
    )
    assert page.status_code == 403


def test_a_proposal_fills_the_form(session, make, client_as):
    there = world(make)
    offer = make.offer(there.site)
    asked = make.save(
        Proposal(
            unit_id=there.participant.unit_id,
            participant_id=there.participant.id,
            offer_id=offer.id,
            state=ProposalState.ACCEPTED,
            explanation={},
            weights_version="v1",
            proposed_by_id=there.worker.id,
            proposed_on=TODAY,
            reason="Hon vill.",
        )
    )
    client = client_as(there.worker)
    page = text_of(client.get(f"/placements/new?proposal={asked.id}"))
    assert str(asked.id) in page
    assert 'value="15"' in page
    answer = client.post(
        "/placements/new", data=form_of(there, offer_id=offer.id, proposal_id=asked.id)
    )
    assert answer.status_code == 303
    session.refresh(asked)
    assert asked.state is ProposalState.PLACED


def test_without_a_choice_the_new_page_asks_who_and_where(make, client_as):
    there = world(make)
    page = text_of(client_as(there.worker).get("/placements/new"))
    assert "Vem, och på vilken arbetsplats?" in page
    assert there.site.name in page


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.CASE_WORKER, 200),
        (Role.EMPLOYER_LIAISON, 200),
        (Role.PLACEMENT_COORDINATOR, 200),
        (Role.UNIT_MANAGER, 200),
        (Role.SUPERVISOR, 404),
        (Role.PRACTICAL_SUPERVISOR, 403),
        (Role.AUDITOR, 403),
        (Role.ADMIN, 403),
    ],
)
def test_who_sees_a_placement_of_the_unit(session, make, client_as, role, status):
    there = started(session, make)
    client = client_as(role)
    assert client.get(f"/placements/{there.placement.id}").status_code == status


def test_others_see_the_alias_and_nothing_that_was_said(session, make, client_as):
    there = started(session, make)
    own = text_of(client_as(there.worker).get(f"/placements/{there.placement.id}"))
    other = text_of(client_as(Role.CASE_WORKER).get(f"/placements/{there.placement.id}"))

    assert there.participant.family_name in own
    assert "Anpassningar" in own
    assert there.participant.family_name not in other
    assert there.participant.alias in other
    assert "Anpassningar" not in other


def test_unknown_hidden_and_protected_give_the_same_answer(session, make, client_as):
    there = world(make, protected=True)
    started(session, make, there=there, supervisor_id=None, risk_decision="Prövat.")
    client = client_as(Role.CASE_WORKER)
    hidden = client.get(f"/placements/{there.placement.id}")
    other = uuid4()
    unknown = client.get(f"/placements/{other}")

    assert hidden.status_code == unknown.status_code == 404
    assert text_of(hidden).replace(str(there.placement.id), str(other)) == text_of(unknown)
    assert there.participant.alias not in text_of(client.get("/placements"))


def test_reading_a_placement_is_logged(session, make, client_as):
    there = started(session, make)
    client_as(there.worker).get(f"/placements/{there.placement.id}")
    row = session.scalar(
        select(AuditEvent).where(AuditEvent.action == "read", AuditEvent.object_type == "placement")
    )
    assert row.subjects == [str(there.participant.id)]


def test_the_list_groups_by_state_and_a_supervisor_sees_her_own(session, make, client_as):
    mine = started(session, make)
    started(session, make, start_date=TODAY + timedelta(days=5))
    page = text_of(client_as(Role.CASE_WORKER).get("/placements"))
    assert "Börjar" in page
    assert "Pågår" in page
    own = text_of(client_as(mine.supervisor).get("/placements"))
    assert "1 i listan" in own
    assert mine.participant.family_name in own


def test_the_list_asks_as_many_questions_for_one_as_for_ten(session, make, client_as, queries):
    started(session, make)
    client = client_as(Role.CASE_WORKER)
    client.get("/placements")
    with queries() as few:
        client.get("/placements")
    for _ in range(9):
        started(session, make)
    session.commit()
    with queries() as many:
        client.get("/placements")
    assert many.total == few.total


def test_a_thing_before_the_start_is_ticked_with_one_press(session, make, client_as):
    there = started(session, make, prepared=frozenset())
    client = client_as(there.liaison)
    path = f"/placements/{there.placement.id}"
    assert client.post(f"{path}/checklist/agreement", data={"done": "true"}).status_code == 303
    assert "9 av 10 kvar" in text_of(client.get(path))
    assert client.post(f"{path}/checklist/nothing", data={"done": "true"}).status_code == 404


def test_a_part_is_filled_in_and_two_writers_meet_in_a_conflict(session, make, client_as):
    there = started(session, make)
    client = client_as(there.liaison)
    path = f"/placements/{there.placement.id}/package/pre_meeting"
    version = re.search(r'name="version" value="(\d+)"', text_of(client.get(path)))[1]
    sent = {
        "state": "done",
        "happened_on": "2026-11-20",
        "evidence": "Vi gick igenom köket.",
        "version": version,
    }
    assert client.post(path, data=sent).status_code == 303
    again = client.post(path, data=sent | {"evidence": "Något annat."})
    assert again.status_code == 409
    assert "Vi gick igenom köket." in text_of(again)
    assert "Något annat." in text_of(again)
    part = there.placement.package[0]
    session.refresh(part)
    assert part.state is PartState.DONE
    assert client.get(f"/placements/{there.placement.id}/package/cake").status_code == 404


def test_a_placement_is_ended_and_the_survey_waits_in_the_outbox(session, make, client_as):
    there = started(session, make)
    client = client_as(there.worker)
    path = f"/placements/{there.placement.id}/end"
    assert "Sista dagen" in text_of(client.get(path))
    bad = client.post(path, data={"end_date": "2026-11-24", "outcome": "completed"})
    assert bad.status_code == 409
    assert (
        client.post(path, data={"end_date": "2026-11-23", "outcome": "completed"}).status_code
        == 303
    )
    session.refresh(there.placement)
    assert there.placement.outcome is Outcome.COMPLETED
    assert session.scalar(select(Survey.sent_on)) == TODAY


def test_a_liaison_may_not_end_a_placement(session, make, client_as):
    there = started(session, make)
    client = client_as(there.liaison)
    assert client.get(f"/placements/{there.placement.id}/end").status_code == 403


def test_a_placement_that_has_not_begun_is_called_off(session, make, client_as):
    there = started(session, make, start_date=TODAY + timedelta(days=3))
    client = client_as(there.worker)
    path = f"/placements/{there.placement.id}"
    assert "Ställ in placeringen" in text_of(client.get(f"{path}/end"))
    assert client.post(f"{path}/call-off", data={}).status_code == 409
    assert client.post(f"{path}/call-off", data={"reason": "Flyttat."}).status_code == 303
    assert "Inställd" in text_of(client.get(path))


def test_a_job_is_registered_from_a_placement(session, make, client_as):
    there = started(session, make)
    client = client_as(there.worker)
    page = client.get(f"/employments/new?placement={there.placement.id}")
    assert "Ny anställning" in text_of(page)
    sent = {
        "participant_id": there.participant.id,
        "placement_id": there.placement.id,
        "site_id": there.site.id,
        "kind": "resource_employment",
        "start_date": "2026-11-23",
    }
    refused = client.post("/employments/new", data=sent)
    assert refused.status_code == 409
    assert "Välj vilket stöd det är" in text_of(refused)
    answer = client.post("/employments/new", data=sent | {"kind": "employment"})
    assert answer.status_code == 303
    assert "Anställning" in text_of(client.get(answer.location))
    job = session.scalar(select(Employment))
    listed = text_of(client.get(f"/placements/of/{there.participant.id}"))
    assert f"/employments/{job.id}" in listed
    assert f"/placements/{there.placement.id}" in listed
    path = f"/employments/{job.id}"
    assert client.get(path).status_code == 200
    ended = client.post(f"{path}/end", data={"end_date": "2026-11-23", "outcome": "completed"})
    assert ended.status_code == 303


def test_my_week_gathers_what_is_promised_and_due(session, make, client_as):
    there = started(session, make, prepared=frozenset(), start_date=TODAY + timedelta(days=3))
    liaison = make.actor(user=there.liaison)
    add_task(
        session,
        liaison,
        owner_id=there.liaison.id,
        unit_id=there.liaison.unit_id,
        kind="call_after_failure",
        about_type="placement",
        about_id=there.placement.id,
        due_on=TODAY - timedelta(days=4),
        words={"site": "Nordanvinds bageri"},
    )
    client = client_as(there.liaison)
    page = text_of(client.get("/my-week"))
    assert "Ring Nordanvinds bageri efter den avbrutna perioden" in page
    assert "4 dagar försenat" in page
    assert "Stödpaketet: 5 delar väntar" in page
    assert "Börjar tor 26 nov" in page
    assert "10 av 10 kvar innan start" in page
    assert there.participant.family_name not in page

    task = session.scalar(select(Task))
    assert client.post(f"/tasks/done?chosen={task.id}").status_code == 303
    assert "Nordanvinds" not in text_of(client.get("/my-week"))


def test_a_supervisors_week_has_her_follow_ups(session, make, client_as):
    there = started(
        session,
        make,
        start_date=TODAY - timedelta(days=30),
        decision_from=TODAY - timedelta(days=30),
    )
    page = text_of(client_as(there.supervisor).get("/my-week"))
    assert "Uppföljning" in page
    assert there.participant.alias in page
    assert "Inte kontaktade" not in page


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (role, 200)
        for role in (
            Role.CASE_WORKER,
            Role.EMPLOYER_LIAISON,
            Role.UNIT_MANAGER,
            Role.SUPERVISOR,
            Role.PLACEMENT_COORDINATOR,
        )
    ]
    + [(Role.AUDITOR, 303), (Role.ADMIN, 303), (Role.PRACTICAL_SUPERVISOR, 303)],
)
def test_everybody_has_a_first_page(client_as, role, status):
    assert client_as(role).get("/my-week").status_code == status


def test_my_week_asks_as_many_questions_for_one_as_for_ten(session, make, client_as, queries):
    there = started(session, make)

    def more():
        started(session, make, supervisor_id=there.supervisor.id, liaison_id=there.liaison.id)

    more()
    client = client_as(there.liaison)
    client.get("/my-week")
    with queries() as few:
        client.get("/my-week")
    for _ in range(8):
        more()
    session.commit()
    with queries() as many:
        client.get("/my-week")
    assert many.total == few.total


def test_a_task_is_dropped_with_a_reason(session, make, client_as):
    user = make.user()
    actor = make.actor(user=user)
    task = add_task(
        session,
        actor,
        owner_id=user.id,
        unit_id=user.unit_id,
        kind="survey_contact_me",
        about_type="employer",
        about_id=uuid4(),
        due_on=TODAY,
        words={"site": "Kvarnköket"},
    )
    client = client_as(user)
    assert "Kvarnköket vill bli kontaktade" in text_of(client.get("/tasks"))
    chosen = {"chosen": str(task.id)}
    assert client.post("/tasks/drop", data=chosen | {"reason": ""}).status_code == 422
    assert client_as(Role.CASE_WORKER).post("/tasks/done", data=chosen).status_code == 404
    dropped = client.post("/tasks/drop", data=chosen | {"reason": "Redan ringt."})
    assert dropped.status_code == 303
    assert "Du har inga uppgifter" in text_of(client.get("/tasks"))


def test_a_protected_participant_is_nowhere_in_a_colleagues_week(session, make, client_as):
    there = world(make, protected=True)
    started(session, make, there=there, supervisor_id=None, risk_decision="Prövat.")
    assert there.participant.alias not in text_of(client_as(there.liaison).get("/my-week"))
    placement = session.scalar(select(Placement))
    assert str(placement.id) not in text_of(client_as(Role.UNIT_MANAGER).get("/my-week"))


def test_a_person_s_placements_are_shown_to_those_who_may_know_of_them(session, make, client_as):
    there = started(session, make)
    page = f"/placements/of/{there.participant.id}"
    assert "Placeringar och anställningar" in text_of(client_as(there.worker).get(page))
    stranger = client_as(make.user(role=Role.SUPERVISOR))
    assert f"/placements/{there.placement.id}" not in text_of(stranger.get(page))
    there.participant.protected = True
    make.session.commit()
    assert client_as(make.user(role=Role.CASE_WORKER)).get(page).status_code == 404
    assert client_as(there.worker).get("/placements/of/D-0000").status_code == 404
