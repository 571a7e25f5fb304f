"""A case moves to another unit with what is known; nobody of the old unit sees it, somebody of the
new one has to give it to a case worker, and what still runs stops it."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.db import Base
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.participants.access import get_visible
from matchsvc.participants.case_models import WorkerReason
from matchsvc.participants.cases import allocate_case_worker, latest_case
from matchsvc.participants.mapping import read_map, save_cells
from matchsvc.participants.models import Involvement
from matchsvc.placements import moving
from matchsvc.workday.note_models import NoteCategory
from matchsvc.workday.notes import Desk, NoteContent, list_notes, write_note
from matchsvc.workday.rules import open_tasks
from tests.factories import TODAY
from tests.placements.factories import started

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def town(session, make):
    """Samira is lena's in the north; mona leads the north and siv the south, where omar works."""
    north, south = make.unit(), make.unit(name="Söder")
    lena = make.user(Role.CASE_WORKER)
    mona = make.user(Role.UNIT_MANAGER)
    siv = make.user(Role.UNIT_MANAGER, unit_id=south.id)
    omar = make.user(Role.CASE_WORKER, unit_id=south.id)
    samira = make.participant(lena, given_name="Samira", family_name="Haddad")
    actors = {
        name: make.actor(user=user)
        for name, user in {"lena": lena, "mona": mona, "siv": siv, "omar": omar}.items()
    }
    return SimpleNamespace(
        north=north, south=south, samira=samira, user=SimpleNamespace(siv=siv, omar=omar), **actors
    )


def move(session, town, **values):
    options = {
        "reason": "Flyttat till Söder", "version": None, "today": TODAY, "now": NOW,
    }  # fmt: skip
    unit_id = values.pop("unit_id", town.south.id)
    actor = values.pop("actor", town.mona)
    return moving.move_case(session, actor, town.samira.id, unit_id, **options | values)


def test_the_old_unit_loses_sight_at_once_and_the_new_ones_managers_have_to_allocate(session, town):
    case = move(session, town)
    assert (case.unit_id, case.case_worker_id) == (town.south.id, None)
    for gone in (town.lena, town.mona):
        with pytest.raises(NotFound):
            get_visible(session, gone, town.samira.id, today=TODAY)
    assert session.scalars(select(Involvement)).all() == []
    (task,) = session.scalars(open_tasks())
    assert (task.kind, task.owner_id) == ("moved_here", town.user.siv.id)
    assert task.words == {"alias": town.samira.alias, "unit": town.north.name}


def test_the_new_case_worker_reads_what_was_mapped_and_noted(session, town):
    when = {"today": TODAY, "now": NOW}
    said = {("work", "resource"): ("Lagar mat till fyrtio", 0)}
    save_cells(session, town.lena, town.samira.id, said, **when)
    desk = Desk("participant", town.samira.id, town.north.id, may_write=True, sees_close=True)
    write_note(
        session, town.lena, desk, NoteContent("Vi sågs.", NoteCategory.CONTACT, TODAY), **when
    )
    move(session, town)
    allocate_case_worker(
        session, town.siv, town.samira.id, town.user.omar.id, reason=WorkerReason.FIRST, today=TODAY
    )
    held = read_map(session, town.omar, town.samira.id, today=TODAY)
    assert held.cell("work", "resource").words == "Lagar mat till fyrtio"
    there = Desk("participant", town.samira.id, town.south.id, may_write=True, sees_close=True)
    assert [note.happened for note in list_notes(session, town.omar, there).notes] == ["Vi sågs."]


def test_every_table_about_a_person_is_known_to_follow_or_to_stay(session, town):
    """A new table that says unit and participant is carried unless somebody says otherwise."""
    carried = {table.name for table in moving.carried_tables()}
    assert carried >= {"case_file", "plan", "consent", "mapping_summary", "note", "paper"}
    assert carried.isdisjoint(moving.STAYS)
    assert {"placement", "proposal"} <= moving.STAYS
    assert Base.metadata.tables.keys() >= moving.STAYS


def test_a_key_that_the_new_unit_has_for_somebody_else_is_made_anew(session, make, town):
    make.participant(unit=town.south, external_id=town.samira.external_id)
    before = town.samira.external_id
    move(session, town)
    assert town.samira.external_id != before


def test_what_still_runs_stops_it_and_says_what_to_do(session, make, town):
    proposal = make.save(
        Proposal(
            unit_id=town.north.id,
            participant_id=town.samira.id,
            offer_id=make.offer().id,
            state=ProposalState.WANTED,
            explanation={},
            weights_version="v1",
            proposed_by_id=town.lena.user_id,
            proposed_on=TODAY,
            reason="Passar",
        )
    )
    with pytest.raises(RuleViolation, match="Ta tillbaka förslag"):
        move(session, town)
    proposal.state = ProposalState.WITHDRAWN
    session.flush()
    assert move(session, town)


def test_a_running_placement_stops_it(session, make):
    there = started(session, make)
    stops = moving.stops_of(session, there.participant, now=NOW)
    assert [stop.code for stop in stops] == ["placement"]


def test_a_protected_person_is_not_moved(session, make, town):
    make.involve(town.samira, session.get_one(type(town.user.siv), town.mona.user_id))
    town.samira.protected = True
    session.flush()
    with pytest.raises((RuleViolation, NotFound)):
        move(session, town)
    assert town.samira.unit_id == town.north.id


@pytest.mark.parametrize("reason", [None, " ", "Gäller 19811228-9874"])
def test_it_is_moved_with_a_reason(session, town, reason):
    with pytest.raises(Invalid):
        move(session, town, reason=reason)


def test_only_to_a_unit_that_somebody_leads(session, make, town):
    empty = make.unit(name="Tom")
    for unit_id in (empty.id, town.north.id, None):
        with pytest.raises(Invalid) as refusal:
            move(session, town, unit_id=unit_id)
        assert set(refusal.value.fields) == {"unit_id"}


def test_only_a_manager_moves_and_only_what_is_the_units(session, town):
    with pytest.raises(Refused):
        move(session, town, actor=town.lena)
    with pytest.raises(NotFound):
        move(session, town, actor=town.siv, unit_id=town.north.id)


def test_two_who_act_at_once_see_the_conflict(session, make, town):
    shown = latest_case(session, town.samira).version
    other = make.user(Role.CASE_WORKER)
    allocate_case_worker(
        session, town.mona, town.samira.id, other.id, reason=WorkerReason.WORKLOAD, today=TODAY
    )
    with pytest.raises(Conflict):
        move(session, town, version=shown)


def test_the_page_moves_and_tells_what_happened(client_as, session, town):
    session.commit()
    client = client_as(session.get_one(type(town.user.siv), town.mona.user_id))
    path = f"/participants/{town.samira.alias}"
    assert "Flytta till en annan enhet" in client.get(path).text
    assert "Söder" in client.get(f"{path}/move").text
    wrong = client.post(f"{path}/move", data={"unit_id": str(town.south.id)})
    assert wrong.status_code == 422
    assert "Skriv varför" in wrong.text
    data = {"unit_id": str(town.south.id), "reason": "Flyttat"}
    moved = client.post(f"{path}/move", data=data, follow_redirects=True)
    assert "Ärendet är flyttat." in moved.text
    assert client.get(path).status_code == 404
    (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "move"))
    assert event.object_type == "case"
