"""Tasks, one or many at a time, and work that is handed over so that nothing is left behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants import protection
from matchsvc.participants.access import Sight, sight_of
from matchsvc.participants.models import Case
from matchsvc.placements import handover, standing_in
from matchsvc.placements.handover import Kind
from matchsvc.placements.models import DecisionAuthority, Placement
from matchsvc.placements.task_list import (
    changeable_tasks,
    give_tasks,
    list_tasks,
    my_tasks,
    unit_tasks,
)
from matchsvc.swedish import local_date
from matchsvc.workday.meeting_models import Meeting
from matchsvc.workday.models import Task
from matchsvc.workday.rules import (
    Chosen,
    add_task,
    drop_tasks,
    finish_tasks,
    reopen_task,
    snooze_tasks,
    write_task,
)
from tests.factories import COMMAND, TODAY

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def johan(make):
    return make.user(role=Role.CASE_WORKER, name="Johan Ekdal")


@pytest.fixture
def lena(make):
    return make.user(role=Role.CASE_WORKER, name="Lena Forsberg")


@pytest.fixture
def actor(make, johan):
    return make.actor(user=johan)


@pytest.fixture
def manager(make):
    return make.actor(user=make.user(role=Role.UNIT_MANAGER))


def task_of(session, user, **more):
    values = {
        "owner_id": user.id,
        "unit_id": user.unit_id,
        "kind": "survey_contact_me",
        "about_type": "employer",
        "about_id": uuid4(),
        "due_on": TODAY,
        "words": {"site": "Kvarnköket"},
        "origin": "EMP-05",
    }
    return add_task(session, COMMAND, **values | more)


def chosen(session, actor, *tasks, version=None):
    reach = changeable_tasks(session, actor, today=TODAY)
    return Chosen({task.id: version for task in tasks}, reach)


def ids(session, actor, choose=my_tasks):
    found = list_tasks(session, actor, choose(session, actor, today=TODAY))
    return {task.id for task in found.tasks}


class TestMany:
    def test_three_are_done_with_one_button(self, session, actor, johan):
        tasks = [task_of(session, johan) for _ in range(3)]
        finish_tasks(session, actor, chosen(session, actor, *tasks), now=NOW)
        assert ids(session, actor) == set()

    def test_one_that_is_not_ones_own_stops_them_all(self, session, actor, johan, lena):
        mine, hers = task_of(session, johan), task_of(session, lena)
        with pytest.raises(NotFound):
            finish_tasks(session, actor, chosen(session, actor, mine, hers), now=NOW)
        assert mine.done_at is None

    def test_two_who_change_the_same_see_the_conflict(self, session, actor, johan, manager):
        task = task_of(session, johan)
        seen = task.version
        snooze_tasks(
            session, manager, chosen(session, manager, task), to=TODAY + timedelta(7), today=TODAY
        )
        with pytest.raises(Conflict):
            finish_tasks(session, actor, chosen(session, actor, task, version=seen), now=NOW)

    def test_done_twice_changes_nothing(self, session, actor, johan):
        task = task_of(session, johan)
        for minutes in (0, 5):
            finish_tasks(
                session, actor, chosen(session, actor, task), now=NOW + timedelta(minutes=minutes)
            )
        assert task.done_at == NOW

    def test_put_off_twice_it_still_says_when_it_was_first_due(self, session, actor, johan):
        task = task_of(session, johan)
        for days in (1, 8):
            to = TODAY + timedelta(days)
            snooze_tasks(session, actor, chosen(session, actor, task), to=to, today=TODAY)
        assert (task.due_on, task.first_due_on) == (TODAY + timedelta(8), TODAY)

    def test_it_is_not_put_off_to_today(self, session, actor, johan):
        task = task_of(session, johan)
        with pytest.raises(Invalid):
            snooze_tasks(session, actor, chosen(session, actor, task), to=TODAY, today=TODAY)

    def test_a_colleague_of_another_unit_gets_none(self, session, make, actor, johan):
        task = task_of(session, johan)
        stranger = make.user(unit_id=make.unit(name="Annan").id)
        with pytest.raises(Invalid):
            give_tasks(
                session, actor, chosen(session, actor, task), owner_id=stranger.id, today=TODAY
            )

    def test_nobody_is_given_a_task_about_somebody_she_may_not_see(
        self, session, make, actor, johan
    ):
        person = make.participant(johan)
        task = task_of(session, johan, about_type="participant", about_id=person.id)
        supervisor = make.user(role=Role.SUPERVISOR)
        with pytest.raises(Invalid, match="Rätta") as error:
            give_tasks(
                session,
                actor,
                chosen(session, actor, task),
                owner_id=supervisor.id,
                today=TODAY,
            )
        assert "får inte se" in error.value.fields["owner_id"]
        assert task.owner_id == johan.id

    def test_dropping_takes_a_reason_and_is_undone_for_ten_minutes(self, session, actor, johan):
        task = task_of(session, johan)
        with pytest.raises(Invalid):
            drop_tasks(session, actor, chosen(session, actor, task), reason=" ", now=NOW)
        drop_tasks(session, actor, chosen(session, actor, task), reason="Löst", now=NOW)
        reach = changeable_tasks(session, actor, today=TODAY)
        late = NOW + timedelta(minutes=11)
        with pytest.raises(RuleViolation):
            reopen_task(session, actor, task.id, reach=reach, now=late)
        reopen_task(session, actor, task.id, reach=reach, now=NOW)
        assert task.id in ids(session, actor)


class TestByHand:
    def write(self, session, actor, **more):
        values = {
            "unit_id": actor.unit_id,
            "owner_id": actor.user_id,
            "own_words": "Ring D-2041",
            "about_type": "unit",
            "about_id": actor.unit_id,
            "due_on": TODAY,
        }
        return write_task(session, actor, **values | more, today=TODAY)

    def test_it_stands_on_the_list(self, session, actor):
        assert self.write(session, actor).id in ids(session, actor)

    def test_everything_wrong_is_said_at_once(self, session, actor):
        yesterday = TODAY - timedelta(days=1)
        with pytest.raises(Invalid) as error:
            self.write(session, actor, own_words=" ", due_on=yesterday, owner_id=uuid4())
        assert set(error.value.fields) == {"own_words", "due_on", "owner_id"}

    def test_an_identity_number_is_kept_out(self, session, actor):
        with pytest.raises(Invalid):
            self.write(session, actor, own_words="Ring 19811228-9874")


class TestWhoSees:
    def test_a_lead_sees_the_units_and_a_case_worker_her_own(
        self, session, actor, manager, johan, lena
    ):
        mine, hers = task_of(session, johan), task_of(session, lena)
        assert ids(session, manager, unit_tasks) == {mine.id, hers.id}
        assert ids(session, actor, unit_tasks) == {mine.id}

    def test_when_its_person_becomes_protected_it_is_her_handlers_whoever_owned_it(
        self, session, make, actor, manager, johan, lena
    ):
        person = make.participant(johan)
        about = {"about_type": "participant", "about_id": person.id, "kind": "consent_ends"}
        hers = task_of(session, lena, **about, words={"alias": person.alias})
        other = make.actor(user=lena)
        assert hers.id in ids(session, other)
        protection.protect(session, actor, person.id, today=TODAY)
        assert hers.id not in ids(session, other)
        assert hers.id not in ids(session, manager, unit_tasks)
        assert hers.id in ids(session, actor)
        finish_tasks(session, actor, chosen(session, actor, hers), now=NOW)
        with pytest.raises(NotFound):
            finish_tasks(session, other, chosen(session, other, hers), now=NOW)


class TestHandingOver:
    @pytest.fixture
    def people(self, session, make, johan):
        people = [make.participant(johan) for _ in range(3)]
        session.commit()
        return people

    def move(self, session, who, johan, lena, pieces, reason="Byter tjänst"):
        return handover.hand_over(
            session, who, from_id=johan.id, to_id=lena.id, pieces=pieces, reason=reason,
            today=TODAY, now=NOW,
        )  # fmt: skip

    def everything(self, session, who, user):
        return {
            (piece.kind, piece.id)
            for piece in handover.work_of(session, who, user.id, today=TODAY, now=NOW)
        }

    def test_what_goes_with_a_case_may_be_handed_over_beside_it(
        self, session, manager, johan, lena, people
    ):
        about = {"about_type": "participant", "about_id": people[0].id}
        task = task_of(session, johan, kind="planned_return", **about)

        self.move(session, manager, johan, lena, self.everything(session, manager, johan))

        assert task.owner_id == lena.id

    def test_everything_moves_in_one_step_and_the_old_one_loses_sight(
        self, session, make, manager, johan, lena, people
    ):
        task_of(session, johan)
        pieces = self.everything(session, manager, johan)
        moved = self.move(session, manager, johan, lena, pieces)
        assert moved == {Kind.CASE: 3, Kind.TASK: 1}
        owners = session.scalars(select(Case.case_worker_id)).all()
        assert set(owners) == {lena.id}
        sights = sight_of(session, make.actor(user=johan), [p.id for p in people], today=TODAY)
        assert set(sights.values()) == {Sight.ALIAS}
        session.commit()
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "hand_over")).one()
        assert event.reason == "Byter tjänst"

    def test_some_of_it_leaves_the_rest(self, session, actor, johan, lena, people):
        self.move(session, actor, johan, lena, {(Kind.CASE, people[0].id)})
        left = {key for _kind, key in self.everything(session, actor, johan)}
        assert left == {people[1].id, people[2].id}

    def test_who_may_not_have_it_stops_everything_and_each_kind_is_named(
        self, session, make, manager, johan, people
    ):
        liaison = make.user(role=Role.EMPLOYER_LIAISON)
        employer = make.employer(owner_id=johan.id)
        session.flush()
        pieces = {(Kind.CASE, people[0].id), (Kind.EMPLOYER, employer.id)}
        with pytest.raises(Invalid) as error:
            self.move(session, manager, johan, liaison, pieces, reason=" ")
        assert set(error.value.fields) == {"pieces.case", "reason"}
        assert employer.owner_id == johan.id

    def test_meetings_of_an_account_that_ended_half_an_hour_before_move_with_it(
        self, session, manager, johan, lena, people
    ):
        meeting = Meeting(
            unit_id=johan.unit_id,
            kind="pre_meeting",
            owner_id=johan.id,
            starts_at=NOW + timedelta(minutes=30),
            ends_at=NOW + timedelta(minutes=60),
        )
        session.add(meeting)
        johan.is_active = False
        session.flush()
        pieces = self.everything(session, manager, johan)
        assert (Kind.MEETING, meeting.id) in pieces
        self.move(session, manager, johan, lena, pieces)
        assert meeting.owner_id == lena.id

    def test_what_is_not_hers_any_more_stops_everything(
        self, session, manager, johan, lena, people
    ):
        self.move(session, manager, johan, lena, {(Kind.CASE, people[0].id)})
        with pytest.raises(NotFound):
            self.move(session, manager, johan, lena, {(Kind.CASE, p.id) for p in people})

    def test_a_colleague_does_not_hand_over_anothers_work(self, session, make, lena, johan, people):
        with pytest.raises(Refused):
            self.move(session, make.actor(user=lena), johan, lena, {(Kind.CASE, people[0].id)})

    def test_a_protected_case_is_not_there_for_a_manager_and_moves_by_its_handler(
        self, session, actor, manager, johan, lena, people
    ):
        protection.protect(session, actor, people[0].id, today=TODAY)
        assert (Kind.CASE, people[0].id) not in self.everything(session, manager, johan)
        assert (Kind.CASE, people[0].id) in self.everything(session, actor, johan)

    def test_a_protected_persons_supervision_goes_to_one_of_her_handlers_alone(
        self, session, make, actor, johan, lena, people
    ):
        session.add(
            Placement(
                unit_id=johan.unit_id,
                external_id="P-1",
                participant_id=people[0].id,
                case_id=session.scalars(
                    select(Case.id).where(Case.participant_id == people[0].id)
                ).one(),
                site_id=make.site().id,
                form="work_training",
                decision_authority=DecisionAuthority.NONE,
                case_worker_id=johan.id,
                supervisor_id=johan.id,
                begun_on=TODAY,
                start_date=TODAY,
                planned_end_date=TODAY + timedelta(90),
            )
        )
        session.flush()
        protection.protect(session, actor, people[0].id, today=TODAY)
        (placement,) = session.scalars(select(Placement))
        with pytest.raises(Invalid) as error:
            self.move(session, actor, johan, lena, {(Kind.SUPERVISION, placement.id)})
        assert "handläggarna" in error.value.fields["pieces.supervision"]
        assert placement.supervisor_id == johan.id

    def test_an_ended_account_shows_what_it_left(self, session, manager, johan, people):
        johan.is_active = False
        session.flush()
        loads = handover.loads(session, manager, today=TODAY, now=NOW)
        (left,) = [load for load in loads if not load.user.is_active]
        assert (left.user.id, left.total) == (johan.id, 3)

    def test_a_case_without_a_case_worker_is_pointed_at(self, session, manager, johan, people):
        case = session.scalars(select(Case)).first()
        case.case_worker_id = None
        session.flush()
        found = handover.left_behind(session, manager, today=TODAY)
        assert [p.id for p in found] == [case.participant_id]


class TestStandingIn:
    def begin(self, session, who, johan, lena, first=TODAY, days=5):
        return standing_in.begin_standing_in(
            session, who, user_id=johan.id, substitute_id=lena.id, first_day=first,
            last_day=first + timedelta(days), reason="Semester", today=TODAY,
        )  # fmt: skip

    def sight(self, session, make, lena, person, day):
        return sight_of(session, make.actor(user=lena), [person.id], today=day)[person.id]

    def test_for_some_days_people_and_tasks_are_seen_and_then_not(
        self, session, make, actor, johan, lena
    ):
        person = make.participant(johan)
        task = task_of(session, johan)
        session.commit()
        self.begin(session, actor, johan, lena)
        other = make.actor(user=lena)
        assert self.sight(session, make, lena, person, TODAY) is Sight.FULL
        assert task.id in ids(session, other)
        after = TODAY + timedelta(6)
        assert self.sight(session, make, lena, person, after) is Sight.ALIAS
        assert list(session.scalars(my_tasks(session, other, today=after))) == []
        assert task.owner_id == johan.id

    def test_a_period_to_come_opens_on_its_day_and_once(self, session, make, actor, johan, lena):
        person = make.participant(johan)
        session.commit()
        first = TODAY + timedelta(3)
        self.begin(session, actor, johan, lena, first=first)
        assert self.sight(session, make, lena, person, TODAY) is Sight.ALIAS
        assert standing_in.open_doors(session, today=first) == 1
        assert standing_in.open_doors(session, today=first) == 0
        assert self.sight(session, make, lena, person, first) is Sight.FULL

    def test_a_protected_person_is_not_among_them(self, session, make, actor, johan, lena):
        person = make.participant(johan)
        session.commit()
        protection.protect(session, actor, person.id, today=TODAY)
        self.begin(session, actor, johan, lena)
        assert standing_in.open_doors(session, today=TODAY) == 0

    def test_ended_early_the_doors_close_at_once(self, session, make, actor, johan, lena):
        person = make.participant(johan)
        session.commit()
        row = self.begin(session, actor, johan, lena)
        standing_in.end_standing_in(session, actor, row.id, today=TODAY)
        session.expire_all()
        assert self.sight(session, make, lena, person, TODAY) is Sight.ALIAS

    def test_nobody_stands_in_for_herself_or_backwards(self, session, actor, johan, lena):
        with pytest.raises(Invalid):
            self.begin(session, actor, johan, johan)
        with pytest.raises(Invalid):
            self.begin(session, actor, johan, lena, days=-1)


class TestPages:
    def today(self):
        return local_date(db.utcnow())

    def test_thirty_cases_are_handed_over_on_one_page(self, session, make, client_as, johan, lena):
        people = [make.participant(johan) for _ in range(30)]
        manager = make.user(role=Role.UNIT_MANAGER)
        client = client_as(manager)
        page = client.get(f"/hand-over/{johan.id}").get_data(as_text=True)
        assert page.count('value="case:') == 30
        assert page.count(" checked") == 30
        data = {
            "to_id": str(lena.id),
            "reason": "Byter tjänst",
            "pieces": [f"case:{p.id}" for p in people],
        }
        answer = client.post(f"/hand-over/{johan.id}", data=data, follow_redirects=True)
        assert "30 saker är överlämnade." in answer.get_data(as_text=True)

    def test_a_wrong_hand_over_keeps_what_was_ticked(self, session, make, client_as, johan):
        person = make.participant(johan)
        liaison = make.user(role=Role.EMPLOYER_LIAISON)
        client = client_as(johan)
        data = {"to_id": str(liaison.id), "reason": "x", "pieces": [f"case:{person.id}"]}
        answer = client.post(f"/hand-over/{johan.id}", data=data)
        assert answer.status_code == 422
        assert "inte handläggare" in answer.get_data(as_text=True)
        assert f'value="case:{person.id}" checked' in answer.get_data(as_text=True)

    def test_ticked_tasks_are_put_off_and_given_away(self, session, client_as, johan, lena):
        tasks = [task_of(session, johan) for _ in range(2)]
        client = client_as(johan)
        ticked = [f"{task.id}:{task.version}" for task in tasks]
        to = (self.today() + timedelta(9)).isoformat()
        answer = client.post("/tasks/snooze", data={"chosen": ticked, "to": to, "reason": ""})
        assert answer.status_code == 303
        again = client.post("/tasks/done", data={"chosen": ticked})
        assert again.status_code == 409  # the page was out of date
        give = {"chosen": [str(task.id) for task in tasks], "owner_id": str(lena.id), "to": to}
        assert client.post("/tasks/reassign", data=give).status_code == 303
        session.expire_all()
        assert {task.owner_id for task in session.scalars(select(Task))} == {lena.id}

    def test_one_done_by_mistake_is_undone_with_a_button(self, session, client_as, johan):
        task = task_of(session, johan)
        client = client_as(johan)
        page = client.post("/tasks/done", data={"chosen": str(task.id)}, follow_redirects=True)
        assert "Ångra" in page.get_data(as_text=True)
        client.post(f"/tasks/{task.id}/undo")
        session.expire_all()
        assert session.get(Task, task.id).done_at is None

    def test_a_task_is_written_by_hand(self, client_as, johan):
        client = client_as(johan)
        data = {"own_words": "Boka rum", "due_on": self.today().isoformat()}
        page = client.post("/tasks", data=data, follow_redirects=True).get_data(as_text=True)
        assert "Boka rum" in page
        assert "Boka rum" in client.get("/my-week").get_data(as_text=True)

    def test_more_tasks_do_not_cost_more_queries(self, session, client_as, johan, queries):
        task_of(session, johan)
        client = client_as(johan)
        client.get("/tasks")
        with queries() as few:
            client.get("/tasks")
        for _ in range(5):
            task_of(session, johan)
        session.commit()
        with queries() as many:
            client.get("/tasks")
        assert many.total == few.total

    def test_a_substitute_is_named_on_the_page(self, session, client_as, johan, lena):
        client = client_as(johan)
        data = {
            "substitute_id": str(lena.id),
            "first_day": self.today().isoformat(),
            "last_day": (self.today() + timedelta(5)).isoformat(),
            "reason": "Semester",
        }
        page = client.post("/hand-over/substitutes", data=data, follow_redirects=True)
        assert "Lena Forsberg vikarierar för Johan Ekdal" in page.get_data(as_text=True)
