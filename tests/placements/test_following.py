"""Adaptations with their histories, and what went wrong at a placement."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.db import utcnow
from matchsvc.errors import Invalid, NotFound, Refused, RuleViolation
from matchsvc.placements.accommodations import (
    Adaptation,
    accommodations_of,
    add_accommodation,
    judge_accommodation,
    review,
    share_accommodation,
)
from matchsvc.placements.disturbance_models import (
    AfChannel,
    DisturbanceKind,
    DisturbanceOutcome,
)
from matchsvc.placements.disturbances import (
    Happened,
    Told,
    close_disturbance,
    list_disturbances,
    note_disturbance,
    note_told,
)
from matchsvc.placements.task_list import changeable_tasks, give_tasks
from matchsvc.vocabulary.models import Condition
from matchsvc.workday.models import Task
from matchsvc.workday.rules import Chosen, open_tasks
from tests.factories import TODAY
from tests.placements.factories import NOW, started, world

SOON = TODAY + timedelta(days=7)


def happened(there, **values):
    defaults = {
        "kind": DisturbanceKind.CONFLICT,
        "happened_on": TODAY,
        "owner_id": there.worker.id,
        "what_is_done": "Vi träffas alla tre och ser över uppgifterna.",
        "due_on": SOON,
    }
    return Happened(**defaults | values)


def note(session, there, **values):
    return note_disturbance(
        session, there.actor, there.placement.id, happened(there, **values), today=TODAY
    )


def tasks(session, kind):
    return session.scalars(open_tasks().where(Task.kind == kind)).all()


@pytest.fixture
def there(session, make):
    return started(session, make)


def adapt(session, there, actor=None, **values):
    wanted = Adaptation(**{"text": "Vagn i stället för lyft"} | values)
    return add_accommodation(session, actor or there.actor, there.placement.id, wanted, today=TODAY)


def test_an_adaptation_keeps_everything_that_was_said_of_it(session, make, there):
    karin = make.actor(user=there.supervisor)
    row = adapt(session, there, karin)
    for day, works in ((0, "no"), (30, "partly"), (30, "yes")):
        judge_accommodation(
            session, there.actor, there.placement.id, row.id, works=works,
            today=TODAY + timedelta(days=day),
        )  # fmt: skip
    assert [one.works for one in row.reviews] == ["no", "partly", "yes"]
    assert row.works == "yes"
    # What is written down afterwards of an earlier day is not how it goes now.
    review(row, "no", on=TODAY + timedelta(days=10), by_id=None)
    assert row.works == "yes"
    with pytest.raises(Refused):
        adapt(session, there, make.actor(user=there.liaison))


def test_a_condition_brings_its_own_functional_words(session, there):
    condition = session.scalars(select(Condition).order_by(Condition.position)).first()
    row = adapt(session, there, text="", condition_id=condition.id)
    assert row.text == condition.accommodation_sv
    for wrong in ({"text": ""}, {"text": "På grund av diagnos"}, {"condition_id": "no_such"}):
        with pytest.raises(RuleViolation):
            adapt(session, there, **wrong)


def test_the_participant_decides_what_the_employer_sees(session, there):
    row = adapt(session, there)
    assert row.is_shared is False
    share_accommodation(
        session, there.actor, there.placement.id, row.id, is_shared=True, today=TODAY
    )
    (kept,) = accommodations_of(session, there.placement.id)
    assert kept.is_shared is True


def test_what_went_wrong_has_an_owner_with_a_task_until_all_of_it_is_closed(session, there):
    first, second = note(session, there), note(session, there, due_on=TODAY)
    (task,) = tasks(session, "disturbance")
    assert (task.owner_id, task.due_on) == (there.worker.id, TODAY)
    assert task.words == {"alias": there.participant.alias, "site": there.site.name}
    for row, left in ((first, 1), (second, 0)):
        close_disturbance(
            session, there.actor, there.placement.id, row.id,
            outcome=DisturbanceOutcome.RESOLVED, today=TODAY, now=NOW,
        )  # fmt: skip
        assert len(tasks(session, "disturbance")) == left
    with pytest.raises(RuleViolation):
        close_disturbance(
            session, there.actor, there.placement.id, first.id,
            outcome=DisturbanceOutcome.CHANGED, today=TODAY, now=NOW,
        )  # fmt: skip


def test_whoever_takes_over_the_task_answers_for_what_happened(session, there):
    row = note(session, there)
    (task,) = tasks(session, "disturbance")
    chosen = Chosen({task.id: None}, changeable_tasks(session, there.actor, today=TODAY))
    give_tasks(session, there.actor, chosen, owner_id=there.supervisor.id, today=TODAY)
    session.refresh(row)
    assert row.owner_id == there.supervisor.id


def test_an_interruption_is_told_to_the_employment_service_by_a_person(session, there):
    row = note(session, there, kind=DisturbanceKind.INTERRUPTION)
    assert row.tell_af
    assert len(tasks(session, "tell_af")) == 1
    for day in (TODAY + timedelta(days=1), TODAY - timedelta(days=1)):
        with pytest.raises(Invalid):
            told = Told(day, AfChannel.PHONE)
            note_told(session, there.actor, there.placement.id, row.id, told, today=TODAY, now=NOW)
    told = Told(TODAY, AfChannel.PHONE)
    note_told(session, there.actor, there.placement.id, row.id, told, today=TODAY, now=NOW)
    assert (row.af_told_on, row.af_channel) == (TODAY, AfChannel.PHONE)
    assert tasks(session, "tell_af") == []


def test_the_employment_service_is_told_of_what_it_decided_and_of_nothing_else(session, there):
    assert not note(session, there).tell_af
    there.placement.decision_authority = "social_board"
    assert not note(session, there, kind=DisturbanceKind.MISCONDUCT).tell_af


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"happened_on": TODAY + timedelta(days=1)}, "happened_on"),
        ({"happened_on": TODAY - timedelta(days=1)}, "happened_on"),
        ({"due_on": TODAY - timedelta(days=1)}, "due_on"),
        ({"what_is_done": " "}, "what_is_done"),
        ({"what_is_done": "Hon har en diagnos."}, "what_is_done"),
    ],
)
def test_what_is_not_possible_is_said_on_its_field(session, there, values, field):
    with pytest.raises(Invalid) as refusal:
        note(session, there, **values)
    assert field in refusal.value.fields


def test_nobody_owns_what_she_may_not_see(session, make):
    samira = world(make, protected=True)
    there = started(session, make, there=samira, risk_decision="Beslut 2026/7", supervisor_id=None)
    with pytest.raises(Invalid) as refusal:
        note(session, there, owner_id=there.liaison.id)
    assert "owner_id" in refusal.value.fields
    with pytest.raises(NotFound):
        note_disturbance(
            session, make.actor(Role.UNIT_MANAGER), there.placement.id, happened(there),
            today=TODAY,
        )  # fmt: skip


def test_the_pages_of_adaptations_and_of_what_happened(session, make, client_as):
    there = started(session, make)
    client = client_as(there.worker)
    path = f"/placements/{there.placement.id}"
    condition = session.scalars(select(Condition.id)).first()
    sent = {"condition_id": condition, "kind": "equipment", "responsible": "workplace"}
    sent["text"] = "Vagn för lådorna"
    assert client.post(f"{path}/accommodations", data={}).status_code == 422
    assert client.post(f"{path}/accommodations", data=sent).status_code == 303
    listed = client.get(f"/api/v1{path}/accommodations").get_json()
    judged = f"{path}/accommodations/{listed[0]['id']}"
    assert client.post(judged, data={"works": "partly"}).status_code == 303
    assert client.post(f"{judged}/share", data={"is_shared": "1"}).status_code == 303
    page = client.get(f"{path}/accommodations").get_data(as_text=True)
    assert "Utrustningen" in page
    assert "Delvis" in page
    told = {
        "kind": "interruption",
        "happened_on": TODAY.isoformat(),
        "owner_id": str(there.worker.id),
        "what_is_done": "Ring arbetsplatsen.",
        "due_on": (utcnow() + timedelta(days=30)).date().isoformat(),
    }
    assert client.post(f"{path}/disturbances", data=told).status_code == 303
    shown = client.get(path).get_data(as_text=True)
    assert "Avbrott" in shown
    (row,) = [noted.row for noted in list_disturbances(session, there.placement.id)]
    ended = f"{path}/disturbances/{row.id}"
    refused = client.post(f"{ended}/told", data={"af_told_on": "2020-01-01", "af_channel": "phone"})
    assert refused.status_code == 422
    told_on = {"af_told_on": TODAY.isoformat(), "af_channel": "phone"}
    assert client.post(f"{ended}/told", data=told_on).status_code == 303
    assert client.post(f"{ended}/close", data={"outcome": "resolved"}).status_code == 303
    assert "Det löste sig" in client.get(f"{path}/disturbances").get_data(as_text=True)
    assert client_as(there.liaison).get(f"{path}/disturbances").status_code == 403
