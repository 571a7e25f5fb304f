"""The board of the morning and the unit's own workplaces (PLA-12, PLA-13)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.employers.models import EmployerType
from matchsvc.errors import Conflict, Invalid, NotFound, Refused
from matchsvc.operations.access import is_season
from matchsvc.operations.board import (
    add_day_task,
    allocate,
    finish_day_task,
    morning_board,
    note_absence,
)
from matchsvc.operations.models import DayAbsence, OperationArea
from matchsvc.operations.sites import OwnSiteContent, describe_site, list_own_sites
from matchsvc.participants.models import Capacity
from matchsvc.schedules.models import BreakReason, PhaseState, ScheduleBreak, SchedulePhase
from matchsvc.schedules.weeks import Times, keep_days
from tests.factories import TODAY
from tests.placements.factories import started, world

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def town(session, make):
    """A greenhouse of the unit's own with somebody placed there on Mondays from 9 to 12."""
    there = world(make, family_name="Haddad")
    there.employer.type = EmployerType.OWN_UNIT
    there.site.name = "Växthuset"
    there.practical = make.user(Role.PRACTICAL_SUPERVISOR)
    make.involve(there.participant, there.supervisor, Capacity.SUPERVISOR)
    make.involve(there.participant, there.practical, Capacity.PRACTICAL_SUPERVISOR)
    started(session, make, there=there)
    there.lead = make.actor(user=there.practical)
    make.save(
        SchedulePhase(
            placement_id=there.placement.id,
            starts_on=TODAY,
            days=keep_days([Times(1, time(9), time(12))]),
            state=PhaseState.AGREED,
        )
    )
    return there


def names(session, actor, today=TODAY):
    return [one.name for site in morning_board(session, actor, today=today) for one in site.here]


def test_the_board_shows_today_by_given_name_and_an_initial(session, make, town):
    assert names(session, town.lead) == ["Samira H."]
    assert names(session, make.actor(user=town.supervisor)) == ["Samira H."]
    assert names(session, make.actor(Role.UNIT_MANAGER)) == [town.participant.alias]
    assert names(session, town.lead, TODAY + DAY) == []  # no times on Tuesdays
    make.save(
        ScheduleBreak(
            placement_id=town.placement.id,
            first_day=TODAY,
            last_day=TODAY,
            reason=BreakReason.CLOSED,
        )
    )
    assert names(session, town.lead) == []


def test_whom_one_does_not_work_with_is_not_there(session, make, town):
    assert names(session, make.actor(Role.PRACTICAL_SUPERVISOR)) == []
    town.participant.protected = True
    session.flush()
    assert names(session, town.lead) == []
    assert names(session, make.actor(Role.UNIT_MANAGER)) == []
    assert names(session, make.actor(user=town.worker)) == [town.participant.alias]
    with pytest.raises(NotFound):
        note_absence(session, town.lead, town.participant.id, absent=True, today=TODAY)


def test_tasks_are_given_out_and_done_by_whoever_leads_the_work(session, make, town):
    task = add_day_task(session, town.lead, site_id=town.site.id, text="Plantera om", today=TODAY)
    shown = task.version
    allocate(session, town.lead, task.id, [town.participant.id], version=shown, today=TODAY)
    with pytest.raises(Conflict):  # somebody else gave it out meanwhile
        allocate(session, town.lead, task.id, [], version=shown, today=TODAY)
    finish_day_task(session, town.lead, task.id, done=True, today=TODAY, now=NOW)
    (site,) = morning_board(session, town.lead, today=TODAY)
    (told,) = site.tasks
    assert list(told.people.values()) == ["Samira H."]
    assert told.task.done_at == NOW
    (tomorrow,) = morning_board(session, town.lead, today=TODAY + DAY)
    assert tomorrow.tasks == []
    with pytest.raises(NotFound):  # only today's
        finish_day_task(session, town.lead, task.id, done=False, today=TODAY + DAY, now=NOW)
    with pytest.raises(Refused):
        add_day_task(
            session, make.actor(Role.UNIT_MANAGER), site_id=town.site.id, text="x", today=TODAY
        )


def test_only_those_who_are_here_get_a_task_and_others_stay_unseen(session, make, town):
    task = add_day_task(session, town.lead, site_id=town.site.id, text="Vattna", today=TODAY)
    with pytest.raises(Invalid):
        allocate(session, town.lead, task.id, [make.participant().id], today=TODAY)
    allocate(session, town.lead, task.id, [town.participant.id], today=TODAY)
    colleague = make.actor(Role.SUPERVISOR)
    (site,) = morning_board(session, colleague, today=TODAY)
    assert site.tasks[0].people == {}
    allocate(session, colleague, task.id, [], today=TODAY)  # takes away nobody she cannot see
    (site,) = morning_board(session, town.lead, today=TODAY)
    assert list(site.tasks[0].people) == [town.participant.id]


def test_absence_is_noted_once_without_why_and_taken_back(session, town):
    for _twice in range(2):
        note_absence(session, town.lead, town.participant.id, absent=True, today=TODAY)
    assert len(session.scalars(select(DayAbsence)).all()) == 1
    (site,) = morning_board(session, town.lead, today=TODAY)
    assert (site.here[0].is_absent, site.came) == (True, 0)
    note_absence(session, town.lead, town.participant.id, absent=False, today=TODAY)
    assert session.scalars(select(DayAbsence)).all() == []
    assert "reason" not in DayAbsence.__table__.columns


def test_a_practical_supervisor_reaches_the_day_and_nothing_of_the_persons(
    session, make, town, client_as
):
    with time_machine.travel("2026-11-23 07:30:00+01:00", tick=False):
        client = client_as(town.practical)
        page = client.get("/morning")
        assert "Samira H." in page.text
        assert "9–12" in page.text
        for address in (
            f"/placements/{town.placement.id}",
            f"/placements/{town.placement.id}/schedule",
            f"/participants/{town.participant.alias}",
            f"/participants/{town.participant.alias}/map",
            f"/own-operations/{town.site.id}",
            *("/follow-ups", "/placements", "/participants", "/employments"),
        ):
            assert client.get(address).status_code in {403, 404}, address
        assert client.get("/my-week").location == "/morning"
        for place in ("/tasks", "/meetings", "/own-operations"):
            assert client.get(place).status_code == 200, place


def test_the_page_gives_out_work_and_refuses_what_does_not_belong(session, town, client_as):
    with time_machine.travel("2026-11-23 07:30:00+01:00", tick=False):
        client = client_as(town.practical)
        sent = {"site_id": town.site.id, "text": "Plantera om"}
        assert client.post("/morning/tasks", data=sent).status_code == 303
        (task,) = client.get("/api/v1/morning").get_json()["sites"][0]["tasks"]
        put = client.put(
            f"/api/v1/morning/tasks/{task['id']}/people",
            json={"people": [str(town.participant.id)], "version": task["version"]},
        )
        assert put.status_code == 204
        assert client.get("/morning").text.count("Samira H.") >= 2
        absent = client.post(f"/morning/absences/{town.participant.id}", data={"absent": "true"})
        assert absent.status_code == 303
        assert "Inte här i dag" in client.get("/morning").text
        assert client.post("/morning/tasks", data={"site_id": town.site.id}).status_code == 422


def content(**values):
    return OwnSiteContent(
        **{
            "area": OperationArea.GREENHOUSE,
            "places": 2,
            "tasks": "Så, vattna, skörda",
            "physical": "Stående, lätta lyft",
            "psychosocial": "Lugnt, få människor",
        }
        | values
    )


def test_room_is_counted_day_by_day_and_closed_out_of_season(session, make, town):
    writer = make.actor(user=town.supervisor)
    describe_site(session, writer, town.site.id, content(), version=None, today=TODAY)
    (told,) = list_own_sites(session, writer, today=TODAY)
    assert [each.used for each in told.days] == [1, 0, 0, 0, 0]
    describe_site(
        session, writer, town.site.id, content(season="04-01/10-15"), version=1, today=TODAY
    )
    (told,) = list_own_sites(session, writer, today=TODAY)
    assert not any(each.is_open for each in told.days)
    for season in ("13-01/10-15", "april", "02-30/04-01"):
        with pytest.raises(Invalid):
            describe_site(
                session, writer, town.site.id, content(season=season), version=2, today=TODAY
            )
    with pytest.raises(Refused):
        describe_site(session, town.lead, town.site.id, content(), version=2, today=TODAY)
    with pytest.raises(NotFound):
        describe_site(session, writer, make.site().id, content(), version=None, today=TODAY)


@pytest.mark.parametrize(
    ("season", "day", "open_"),
    [
        (None, date(2026, 1, 1), True),
        ("04-01/10-15", date(2026, 4, 1), True),
        ("04-01/10-15", date(2026, 10, 16), False),
        ("11-15/03-15", date(2026, 1, 1), True),
        ("11-15/03-15", date(2026, 6, 1), False),
    ],
)
def test_a_season_may_pass_new_year(season, day, open_):
    assert is_season(season, day) is open_
