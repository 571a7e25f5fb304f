"""The individual plan: hers and her worker's, signed by all who take something on, then fixed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Conflict, DomainError, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants import plan_signing as signing
from matchsvc.participants import plans
from matchsvc.participants.access import read_with_reason
from matchsvc.participants.plan_models import (
    Childcare,
    MeasureState,
    Plan,
    PlanState,
    Responsible,
    SubGoalState,
    Supporter,
    Track,
)
from matchsvc.participants.plan_tracks import CHECKLISTS
from matchsvc.participants.protection import protect
from matchsvc.placements.task_list import my_tasks, unit_tasks
from matchsvc.workday.models import Task
from matchsvc.workday.signature_models import IdentifiedHow
from tests.factories import TODAY

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DUE = TODAY + timedelta(days=30)


@pytest.fixture
def worker(make):
    return make.user(role=Role.CASE_WORKER, name="Karin Ek")


@pytest.fixture
def actor(make, worker):
    return make.actor(user=worker)


@pytest.fixture
def samira(session, make, worker):
    person = make.participant(worker)
    session.commit()
    return person


class Desk:
    """One worker and one participant: the rules with the day filled in."""

    def __init__(self, session, actor, person):
        self.session, self.actor, self.person = session, actor, person

    def _at(self):
        return self.session, self.actor, self.person.id

    def begin(self, goals="Ett jobb i ett kök"):
        return plans.begin_plan(*self._at(), goals=goals, today=TODAY)

    def read(self):
        return plans.read_plans(*self._at(), today=TODAY)

    def frame(self, version, **said):
        frame = plans.Frame(**{"goals": "Ett jobb"} | said)
        return plans.write_frame(*self._at(), frame, version=version, today=TODAY)

    def measure(self, what="Anmäla sig till svenska", who=Responsible.PERSON, **said):
        ids = {name: said.pop(name) for name in ("measure_id", "version") if name in said}
        row = plans.MeasureInput(**{"what": what, "due_on": DUE, "responsible": who} | said)
        return plans.save_measure(*self._at(), row, **ids, today=TODAY)

    def goal(self, words="Körkort", track=Track.WORK, **said):
        return plans.save_sub_goal(*self._at(), words=words, track=track, **said, today=TODAY)

    def review(self, version=None, **said):
        latest = self.read().latest
        version = latest.version if latest and version is None else version or 1
        return signing.review_plan(*self._at(), version=version, **said, today=TODAY)

    def sign(self, capacity, **said):
        plan = self.read().latest
        values = {"version": plan.version, "shown_hash": signing.content_hash_of(plan)}
        values |= {"identified_how": IdentifiedHow.KNOWN, "today": TODAY, "now": NOW}
        return signing.sign_plan(*self._at(), capacity=capacity, **values | said)

    def parties(self):
        found = self.read()
        return signing.parties_of(found.latest, found.signatures[found.latest.id])

    def sign_all(self):
        for party in self.parties():
            self.sign(party.capacity)
        return self.read().latest

    def tasks(self):
        found = select(Task).where(Task.kind == signing.TASK_KIND).order_by(Task.due_on)
        return self.session.scalars(found).all()


@pytest.fixture
def desk(session, actor, samira):
    return Desk(session, actor, samira)


@pytest.fixture
def signed(desk):
    desk.begin()
    desk.measure()
    desk.review()
    return desk.sign_all()


class TestWriting:
    def test_it_begins_with_her_own_words_and_is_begun_once(self, desk):
        plan = desk.begin("شغل")
        assert (plan.goals, plan.number, plan.state) == ("شغل", 1, PlanState.DRAFT)
        assert desk.begin("Något annat").id == plan.id
        assert desk.read().latest.goals == "شغل"

    @pytest.mark.parametrize("goals", ["", "  ", "Numret är 19811228-9874"])
    def test_without_goals_or_with_an_identity_number_it_does_not_begin(self, desk, goals):
        with pytest.raises(Invalid):
            desk.begin(goals)

    def test_everything_that_was_said_is_encrypted_where_it_lies(self, session, desk):
        plan = desk.begin("Hemligheten")
        desk.frame(
            plan.version,
            goals="Hemligheten",
            childcare=Childcare.MISSING,
            childcare_words="Hemligheten",
            supporter=Supporter.MENTOR,
            supporter_words="Hemligheten",
        )
        goal = desk.goal("Hemligheten")
        desk.measure("Hemligheten", Responsible.OTHER, other_name="Hemligheten")
        plans.note_sub_goal(
            *desk._at(), goal.id, state=SubGoalState.IN_PROGRESS, note="Hemligheten",
            version=goal.version, today=TODAY,
        )  # fmt: skip
        for table in ("plan", "plan_sub_goal", "plan_measure"):
            for row in session.execute(text(f"select * from {table}")):
                assert "Hemligheten" not in str(row)

    def test_a_track_brings_its_fixed_sub_goals_once(self, desk):
        desk.begin()
        for _ in range(2):
            plans.add_track(*desk._at(), Track.EDUCATION, today=TODAY)
        codes = tuple(goal.code for goal in desk.read().latest.sub_goals)
        assert codes == CHECKLISTS[Track.EDUCATION]

    def test_a_row_is_taken_out_of_the_draft(self, desk):
        desk.begin()
        measure, goal = desk.measure(), desk.goal()
        for row in (measure, goal):
            plans.remove_row(*desk._at(), row.id, version=row.version, today=TODAY)
        latest = desk.read().latest
        assert (latest.measures, latest.sub_goals) == ([], [])

    @pytest.mark.parametrize(
        ("field", "said"),
        [
            ("what", {"what": " "}),
            ("due_on", {"due_on": TODAY - timedelta(days=1)}),
            ("starts_on", {"starts_on": DUE + timedelta(days=1)}),
            ("other_name", {"who": Responsible.OTHER}),
            ("colleague_id", {"who": Responsible.COLLEAGUE}),
            ("activity", {"activity": "dance"}),
            ("what", {"what": "Ring 19811228-9874"}),
        ],
    )
    def test_a_measure_says_what_who_and_when(self, desk, field, said):
        desk.begin()
        with pytest.raises(Invalid) as error:
            desk.measure(**said)
        assert field in error.value.fields

    def test_a_colleague_of_another_unit_cannot_be_responsible(self, desk, make):
        other = make.user(unit=make.unit(name="Annan"))
        desk.begin()
        with pytest.raises(Invalid):
            desk.measure(who=Responsible.COLLEAGUE, colleague_id=other.id)

    def test_what_is_needed_around_it_has_to_be_said(self, desk):
        plan = desk.begin()
        with pytest.raises(Invalid) as error:
            desk.frame(plan.version, childcare=Childcare.MISSING, supporter=Supporter.MENTOR)
        assert error.value.fields.keys() == {"childcare_words", "supporter_words"}

    def test_a_plan_has_room_for_forty_measures(self, desk):
        desk.begin()
        for _ in range(plans.MOST_ROWS):
            desk.measure()
        with pytest.raises(RuleViolation, match="40"):
            desk.measure()


class TestTwoWhoWrite:
    def test_the_second_to_save_the_goals_sees_the_conflict(self, desk):
        seen = desk.begin().version
        desk.frame(seen, goals="Den ena")
        with pytest.raises(Conflict):
            desk.frame(seen, goals="Den andra")
        assert desk.read().latest.goals == "Den ena"

    def test_the_second_to_save_a_measure_sees_the_conflict(self, desk):
        desk.begin()
        row = desk.measure()
        seen = row.version
        desk.measure("Den ena", measure_id=row.id, version=seen)
        with pytest.raises(Conflict):
            desk.measure("Den andra", measure_id=row.id, version=seen)

    def test_two_who_add_rows_do_not_meet(self, desk):
        desk.begin()
        desk.measure("Den ena")
        desk.measure("Den andra")
        assert [row.what for row in desk.read().latest.measures] == ["Den ena", "Den andra"]

    def test_nobody_goes_through_a_plan_that_a_colleague_has_added_to_since(self, desk):
        desk.begin()
        desk.measure()
        seen = desk.read().latest.version
        desk.measure("Något nytt")
        with pytest.raises(Conflict):
            desk.review(version=seen)


class TestSigning:
    def test_a_plan_without_anything_to_do_is_not_gone_through(self, desk):
        desk.begin()
        with pytest.raises(RuleViolation, match="vad som ska göras"):
            desk.review()

    def test_the_health_track_is_followed_by_education_or_work(self, desk):
        desk.begin()
        desk.measure()
        plans.add_track(*desk._at(), Track.HEALTH, today=TODAY)
        with pytest.raises(RuleViolation, match="Hälsa"):
            desk.review()
        desk.goal(track=Track.WORK)
        assert desk.review().state is PlanState.REVIEWED

    def test_it_is_not_signed_before_it_was_gone_through(self, desk):
        desk.begin()
        desk.measure()
        with pytest.raises(RuleViolation, match="Läs igenom"):
            desk.sign("participant")

    def test_everybody_who_takes_something_on_signs_the_case_worker_last(self, desk, make):
        colleague = make.user(name="Jonas Li")
        desk.begin()
        desk.measure()
        desk.measure(who=Responsible.COLLEAGUE, colleague_id=colleague.id)
        desk.measure(who=Responsible.OTHER, other_name="Arbetsförmedlingen, Anna")
        desk.measure(who=Responsible.OTHER, other_name="arbetsförmedlingen, anna")
        desk.review()
        capacities = [party.capacity for party in desk.parties()]
        assert len(capacities) == 4
        assert (capacities[0], capacities[1]) == ("participant", f"party:{colleague.id}")
        assert capacities[-1] == "case_worker"
        for capacity in capacities[:-1]:
            with pytest.raises(RuleViolation, match="sist"):
                desk.sign("case_worker")
            assert desk.sign(capacity).state is PlanState.REVIEWED
        assert desk.sign("case_worker").state is PlanState.SIGNED
        found = desk.read()
        on_it = found.signatures[found.latest.id]
        assert {each.capacity for each in on_it} == set(capacities)
        assert found.latest.signed_on == TODAY

    def test_a_worker_who_is_named_in_it_signs_once_for_both(self, desk, worker):
        desk.begin()
        desk.measure(who=Responsible.COLLEAGUE, colleague_id=worker.id)
        desk.review()
        desk.sign("participant")
        assert desk.sign("case_worker").state is PlanState.SIGNED
        assert all(party.signature for party in desk.parties())

    def test_nobody_signs_who_is_not_named_in_it(self, desk):
        desk.begin()
        desk.measure()
        desk.review()
        with pytest.raises(NotFound):
            desk.sign("party:somebody")

    def test_words_that_are_changed_lift_the_signatures(self, desk):
        desk.begin()
        desk.measure()
        desk.review()
        desk.sign("participant")
        desk.measure("En sak till")
        assert desk.read().latest.state is PlanState.DRAFT
        assert not any(party.signature for party in desk.parties())
        desk.review()
        with pytest.raises(RuleViolation, match="sist"):
            desk.sign("case_worker")

    def test_a_page_that_is_out_of_date_signs_nothing(self, desk):
        desk.begin()
        desk.measure()
        desk.review()
        with pytest.raises(RuleViolation, match="ändrats"):
            desk.sign("participant", shown_hash="0" * 64)

    def test_signed_it_is_fixed(self, desk, signed):
        goal = {"words": "x", "track": Track.WORK}
        attempts = [
            desk.measure,
            lambda: desk.measure(measure_id=signed.measures[0].id),
            lambda: desk.frame(signed.version),
            lambda: desk.goal(**goal),
            desk.review,
            lambda: desk.sign("participant"),
            lambda: plans.add_track(*desk._at(), Track.WORK, today=TODAY),
            lambda: plans.remove_row(*desk._at(), signed.measures[0].id, version=1, today=TODAY),
        ]
        for attempt in attempts:
            with pytest.raises(RuleViolation, match="ändras inte"):
                attempt()
        assert signing.content_hash_of(desk.read().latest) == signed.content_hash


class TestNewVersions:
    def test_a_new_version_carries_what_is_left_and_counts_when_it_is_signed(self, desk):
        desk.begin()
        done, left = desk.measure("Klart"), desk.measure("Kvar")
        desk.goal()
        desk.review()
        first = desk.sign_all()
        note(desk, done, MeasureState.DONE)
        new = desk.begin("")
        assert (new.number, new.goals) == (2, "Ett jobb i ett kök")
        assert [row.what for row in new.measures] == [left.what]
        assert [goal.words for goal in new.sub_goals] == ["Körkort"]
        assert not any(party.signature for party in desk.parties())
        assert desk.read().standing.id == first.id
        desk.review()
        desk.sign_all()
        found = desk.read()
        assert [plan.state for plan in found.versions] == [PlanState.SIGNED, PlanState.SUPERSEDED]
        assert [row.what for row in found.versions[1].measures] == ["Klart", "Kvar"]

    def test_what_is_done_on_the_plan_that_counts_is_done_in_the_draft_too(self, desk, signed):
        new = desk.begin("")
        note(desk, signed.measures[0], MeasureState.DONE)
        assert new.measures[0].state is MeasureState.DONE

    def test_how_far_a_sub_goal_has_come_changes_no_signed_word(self, desk):
        desk.begin()
        desk.measure()
        goal = desk.goal()
        desk.review()
        plan = desk.sign_all()
        plans.note_sub_goal(
            *desk._at(), goal.id, state=SubGoalState.CLARIFIED, note="Provat", version=goal.version,
            today=TODAY,
        )  # fmt: skip
        assert (goal.state, goal.state_on, goal.note) == (SubGoalState.CLARIFIED, TODAY, "Provat")
        assert all(party.signature for party in desk.parties())
        assert signing.content_hash_of(desk.read().latest) == plan.content_hash

    def test_a_measure_of_a_draft_is_not_done_yet(self, desk):
        desk.begin()
        with pytest.raises(NotFound):
            note(desk, desk.measure(), MeasureState.DONE)


def note(desk, measure, state):
    return signing.note_measure(
        *desk._at(), measure.id, state=state, version=measure.version, today=TODAY, now=NOW
    )


class TestTasks:
    def test_each_who_answers_gets_one_for_each_day_and_none_says_what_it_is(self, desk, make):
        colleague = make.user(name="Jonas Li")
        later = DUE + timedelta(days=5)
        desk.begin()
        desk.measure("Hemligheten")
        desk.measure("Hemligheten", due_on=later)
        desk.measure("Hemligheten", Responsible.COLLEAGUE, colleague_id=colleague.id)
        desk.measure("Hemligheten", Responsible.OTHER, other_name="Hemligheten", due_on=later)
        desk.review()
        desk.sign_all()
        found = {(task.owner_id, task.due_on) for task in desk.tasks()}
        own = desk.actor.user_id
        assert found == {(own, DUE), (own, later), (colleague.id, DUE)}
        assert len(desk.tasks()) == 3
        for task in desk.tasks():
            assert "Hemligheten" not in f"{task.words}{task.own_words}"

    def test_done_together_with_the_measure(self, desk, signed):
        (task,) = desk.tasks()
        note(desk, signed.measures[0], MeasureState.DONE)
        assert task.done_at == NOW

    def test_come_back_when_it_was_not_done_after_all(self, desk, signed):
        measure = signed.measures[0]
        note(desk, measure, MeasureState.DONE)
        note(desk, measure, MeasureState.PLANNED)
        assert [task.done_at for task in desk.tasks()].count(None) == 1

    def test_one_that_somebody_has_done_by_hand_stays_done(self, desk):
        desk.begin()
        first = desk.measure()
        desk.measure("Senare", due_on=DUE + timedelta(days=5))
        desk.review()
        desk.sign_all()
        by_hand = desk.tasks()[1]
        by_hand.done_at = NOW - timedelta(days=1)
        note(desk, first, MeasureState.DONE)
        assert len(desk.tasks()) == 2

    def test_stays_while_something_else_of_the_same_day_is_left(self, desk):
        desk.begin()
        first = desk.measure()
        desk.measure("Samma dag")
        desk.review()
        desk.sign_all()
        note(desk, first, MeasureState.DONE)
        assert [task.done_at for task in desk.tasks()] == [None]

    def test_follow_the_new_version(self, desk, signed):
        new = desk.begin("")
        row, later = new.measures[0], DUE + timedelta(days=9)
        desk.measure(measure_id=row.id, version=row.version, due_on=later)
        desk.review()
        desk.sign_all()
        assert [task.due_on for task in desk.tasks() if task.done_at is None] == [later]

    def test_put_off_by_hand_stays_one(self, desk, signed):
        (task,) = desk.tasks()
        task.first_due_on, task.due_on = task.due_on, DUE + timedelta(days=3)
        new = desk.begin("")
        assert new.measures
        desk.review()
        desk.sign_all()
        assert len(desk.tasks()) == 1


class TestWhoSeesIt:
    def test_a_colleague_does_not(self, session, make, desk, samira):
        desk.begin()
        with pytest.raises(Refused):
            Desk(session, make.actor(), samira).read()

    def test_nor_one_who_answers_for_a_measure(self, session, make, desk, samira):
        colleague = make.user()
        desk.begin()
        desk.measure(who=Responsible.COLLEAGUE, colleague_id=colleague.id)
        with pytest.raises(Refused):
            Desk(session, make.actor(user=colleague), samira).read()

    def test_a_managers_reason_opens_the_case_and_not_the_plan(self, session, make, samira):
        manager = make.actor(Role.UNIT_MANAGER)
        read_with_reason(session, manager, samira, reason="Klagomål", today=TODAY)
        with pytest.raises(Refused):
            Desk(session, manager, samira).read()

    def test_nor_her_supervisor(self, session, make, samira):
        supervisor = make.user(role=Role.SUPERVISOR)
        make.involve(samira, supervisor, capacity="supervisor")
        with pytest.raises(Refused):
            Desk(session, make.actor(user=supervisor), samira).read()

    def test_no_rule_writes_for_somebody_elses_worker(self, session, make, samira, desk):
        row = desk.begin() and desk.measure()
        other = Desk(session, make.actor(), samira)
        attempts = [
            other.begin,
            other.measure,
            other.goal,
            lambda: other.frame(1),
            lambda: signing.review_plan(*other._at(), version=1, today=TODAY),
            lambda: note(other, row, MeasureState.DONE),
            lambda: plans.add_track(*other._at(), Track.WORK, today=TODAY),
            lambda: plans.remove_row(*other._at(), row.id, version=1, today=TODAY),
            lambda: signing.sign_plan(
                *other._at(), capacity="participant", version=1, shown_hash="", now=NOW,
                identified_how=IdentifiedHow.KNOWN, today=TODAY,
            ),
        ]  # fmt: skip
        for attempt in attempts:
            with pytest.raises(Refused):
                attempt()

    def test_once_she_is_protected_nobody_else_finds_it(self, session, make, desk, samira):
        desk.begin()
        protect(session, desk.actor, samira.id, today=TODAY)
        with pytest.raises(NotFound):
            Desk(session, make.actor(), samira).read()
        assert desk.read().latest.goals == "Ett jobb i ett kök"

    def test_a_protected_persons_measures_are_for_her_handlers(self, session, make, desk, samira):
        desk.begin()
        protect(session, desk.actor, samira.id, today=TODAY)
        with pytest.raises(Invalid):
            desk.measure(who=Responsible.COLLEAGUE, colleague_id=make.user().id)
        desk.measure(who=Responsible.COLLEAGUE, colleague_id=desk.actor.user_id)

    def test_tasks_of_somebody_protected_since_are_gone_for_the_colleague(
        self, session, make, desk, samira
    ):
        colleague = make.user()
        desk.begin()
        desk.measure(who=Responsible.COLLEAGUE, colleague_id=colleague.id)
        desk.review()
        desk.sign_all()
        theirs = make.actor(user=colleague)
        assert len(session.scalars(my_tasks(session, theirs, today=TODAY)).all()) == 1
        protect(session, desk.actor, samira.id, today=TODAY)
        for found in (my_tasks, unit_tasks):
            assert session.scalars(found(session, theirs, today=TODAY)).all() == []

    def test_every_reading_is_logged(self, session, desk, samira):
        desk.begin()
        session.commit()
        desk.read()
        session.commit()
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.object_type == "plan", AuditEvent.action == "read")
        ).all()
        assert len(events) == 1

    def test_an_ended_case_keeps_its_plan_and_gets_no_new_one(self, session, desk, signed):
        desk.read().case.ended_on = TODAY
        session.flush()
        with pytest.raises(RuleViolation, match="avslutat"):
            desk.begin("")
        assert desk.read().standing.id == signed.id


STEPS = ("begin", "measure", "goal", "review", "participant", "case_worker", "done")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=14))
def test_whatever_is_tried_one_plan_counts_and_no_signed_word_changes(session, desk, steps):
    with session.begin_nested() as nested:
        kept = {}
        for step in steps:
            try:
                _take(desk, step)
            except DomainError:
                session.expire_all()
            found = desk.read()
            states = [plan.state for plan in found.versions]
            assert states.count(PlanState.SIGNED) <= 1
            assert sum(state in plans.OPEN for state in states) <= 1
            for plan in found.versions:
                if plan.state not in plans.OPEN:
                    now = signing.content_hash_of(plan)
                    assert kept.setdefault(plan.id, now) == now == plan.content_hash
                    parties = signing.parties_of(plan, found.signatures[plan.id])
                    assert all(party.signature for party in parties)
        nested.rollback()
    session.expire_all()
    assert session.scalars(select(Plan)).all() == []


def _take(desk, step):
    if step in ("begin", "measure", "goal", "review"):
        getattr(desk, step)()
    elif step == "done":
        standing = desk.read().standing
        if standing and standing.measures:
            note(desk, standing.measures[0], MeasureState.DONE)
    elif desk.read().latest:
        desk.sign(step)
