"""What calls for attention about plans, on the exact days (PRO-10, PRO-18, PRO-19)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchsvc.accounts.models import Role
from matchsvc.participants.models import CaseStep, Step
from matchsvc.participants.overview import get_overview
from matchsvc.participants.plan_flags import AHEAD, PlanFlag, attention_of, is_soon, my_attention
from matchsvc.participants.plan_models import (
    MeasureState,
    Plan,
    PlanMeasure,
    PlanState,
    Responsible,
)
from matchsvc.participants.protection import protect
from matchsvc.swedish import STOCKHOLM
from matchsvc.workday.meeting_models import Meeting, MeetingPerson
from matchsvc.workday.meeting_types import Party
from tests.factories import TODAY


@pytest.fixture
def worker(make):
    return make.user(role=Role.CASE_WORKER)


@pytest.fixture
def actor(make, worker):
    return make.actor(user=worker)


@pytest.fixture
def enrolled(session, make, worker):
    """``enrolled(days)``: somebody enrolled so many days ago, and her case."""

    def start(days_ago):
        person = make.participant(worker, with_case=False)
        case = make.case(person, worker, enrolled_on=TODAY - timedelta(days=days_ago))
        return person, case

    return start


def flags(session, person, case, today=TODAY):
    return attention_of(session, person, case, today=today).flags


@pytest.fixture
def plan(session, make, worker):
    """``plan(person, case, (activity, starts, due), ...)``: a signed plan, days from today."""

    def sign(person, case, *rows, state=PlanState.SIGNED, number=1):
        found = make.save(
            Plan(
                participant_id=person.id,
                case_id=case.id,
                unit_id=person.unit_id,
                number=number,
                state=state,
                goals="Ett jobb",
                written_by_id=worker.id,
                signed_on=None if state is PlanState.DRAFT else TODAY,
            )
        )
        for position, (activity, starts, due) in enumerate(rows):
            make.save(
                PlanMeasure(
                    plan_id=found.id,
                    position=position,
                    activity=activity,
                    what="Något",
                    responsible=Responsible.PERSON,
                    starts_on=None if starts is None else TODAY + timedelta(days=starts),
                    due_on=TODAY + timedelta(days=due),
                )
            )
        session.expire_all()
        return found

    return sign


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, ()),
        (45, ()),
        (46, (PlanFlag.NEAR,)),
        (60, (PlanFlag.NEAR,)),
        (61, (PlanFlag.LATE,)),
        (400, (PlanFlag.LATE,)),
    ],
)
def test_the_plan_is_near_for_two_weeks_and_late_after_sixty_days(
    session, enrolled, days, expected
):
    assert flags(session, *enrolled(days)) == expected


@pytest.mark.parametrize(("days", "expected"), [(30, PlanFlag.NEAR), (31, PlanFlag.LATE)])
def test_the_unit_may_shorten_the_time(session, make, enrolled, days, expected):
    make.setting("plan_within_days", "30")
    assert flags(session, *enrolled(days)) == (expected,)


def test_a_signed_plan_ends_the_wait_and_a_draft_does_not(session, enrolled, plan):
    person, case = enrolled(61)
    draft = plan(person, case, ("work_experience", 0, 30), state=PlanState.DRAFT)
    assert flags(session, person, case) == (PlanFlag.LATE,)
    draft.state, draft.signed_on = PlanState.SIGNED, TODAY
    session.flush()
    assert flags(session, person, case) == ()


def test_a_new_draft_beside_the_signed_plan_is_not_late(session, enrolled, plan):
    person, case = enrolled(200)
    plan(person, case, ("work_experience", 0, 30))
    plan(person, case, state=PlanState.DRAFT, number=2)
    assert flags(session, person, case) == ()


def test_an_ended_case_calls_for_nothing(session, enrolled):
    person, case = enrolled(100)
    case.ended_on = TODAY
    assert attention_of(session, person, case, today=TODAY) is None
    assert attention_of(session, person, None, today=TODAY) is None


class TestOnlySwedish:
    @pytest.mark.parametrize(
        ("activities", "expected"),
        [
            (["swedish"], (PlanFlag.ONLY_SWEDISH,)),
            (["swedish", "language_cafe"], (PlanFlag.ONLY_SWEDISH,)),
            (["swedish", "workplace_visit"], ()),
            (["guidance"], ()),
        ],
    )
    def test_swedish_alone_is_said_and_beside_something_else_it_is_not(
        self, session, enrolled, plan, activities, expected
    ):
        person, case = enrolled(10)
        plan(person, case, *[(each, 0, 30) for each in activities])
        assert flags(session, person, case) == expected

    def test_what_is_done_or_dropped_no_longer_stands_beside_it(self, session, enrolled, plan):
        person, case = enrolled(10)
        signed = plan(person, case, ("swedish", 0, 30), ("work_experience", 0, 30))
        session.refresh(signed, ["measures"])
        signed.measures[1].state = MeasureState.DONE
        session.flush()
        assert flags(session, person, case) == (PlanFlag.ONLY_SWEDISH,)

    def test_a_place_at_work_stands_beside_it(self, session, make, enrolled, plan):
        person, case = enrolled(10)
        plan(person, case, ("swedish", 0, 30))
        make.save(CaseStep(case_id=case.id, step=Step.WORK_TRAINING, start_date=TODAY))
        assert flags(session, person, case) == ()


class TestNothingPlanned:
    @pytest.mark.parametrize(
        ("starts", "due", "is_planned"),
        [
            (None, 0, True),
            (None, 14, True),
            (None, 15, False),
            (None, -1, False),
            (14, 40, True),
            (15, 40, False),
            (-30, 0, True),
            (-30, -1, False),
            (-30, 300, True),
        ],
    )
    def test_a_measure_counts_from_today_to_fourteen_days_ahead(
        self, session, enrolled, plan, starts, due, is_planned
    ):
        person, case = enrolled(10)
        plan(person, case, ("work_experience", starts, due))
        assert (flags(session, person, case) == ()) == is_planned

    @pytest.mark.parametrize(
        ("days", "hour", "is_planned"),
        [(0, 9, True), (14, 23, True), (15, 0, False), (-1, 9, False)],
    )
    def test_so_does_a_meeting(self, session, make, worker, enrolled, plan, days, hour, is_planned):
        person, case = enrolled(10)
        plan(person, case)
        starts = datetime.combine(TODAY + timedelta(days=days), time(hour), STOCKHOLM)
        meeting = Meeting(
            unit_id=person.unit_id,
            owner_id=worker.id,
            kind="mapping_talk",
            starts_at=starts.astimezone(UTC),
            ends_at=(starts + timedelta(minutes=30)).astimezone(UTC),
        )
        meeting.people = [MeetingPerson(position=0, party=Party.PARTICIPANT, ref_id=person.id)]
        make.save(meeting)
        assert (flags(session, person, case) == ()) == is_planned
        meeting.cancelled_at = starts.astimezone(UTC)
        session.flush()
        assert flags(session, person, case) == (PlanFlag.NOTHING_PLANNED,)

    @pytest.mark.parametrize(
        ("starts", "ends", "is_planned"),
        [(0, None, True), (14, None, True), (15, None, False), (-9, 0, True), (-9, -1, False)],
    )
    def test_so_does_a_place_at_work(self, session, make, enrolled, plan, starts, ends, is_planned):
        person, case = enrolled(10)
        plan(person, case)
        make.save(
            CaseStep(
                case_id=case.id,
                step=Step.WORK,
                start_date=TODAY + timedelta(days=starts),
                end_date=None if ends is None else TODAY + timedelta(days=ends),
            )
        )
        assert (flags(session, person, case) == ()) == is_planned

    @given(st.integers(-40, 40), st.integers(0, 60), st.booleans())
    def test_soon_means_that_one_of_the_days_is_in_the_plan(self, starts, length, has_start):
        first = TODAY + timedelta(days=starts)
        row = PlanMeasure(
            starts_on=first if has_start else None, due_on=first + timedelta(days=length)
        )
        on = [row.due_on]
        if has_start:
            on = [first + timedelta(days=ahead) for ahead in range(length + 1)]
        window = {TODAY + timedelta(days=ahead) for ahead in range(AHEAD.days + 1)}
        assert is_soon(row, today=TODAY) == any(day in window for day in on)


class TestWhoIsTold:
    def test_her_own_worker_in_her_week_heaviest_first(self, session, actor, enrolled, plan):
        near, late, calm = enrolled(50), enrolled(90), enrolled(1)
        found = my_attention(session, actor, today=TODAY)
        assert [each.alias for each in found] == [late[0].alias, near[0].alias]
        assert calm[0].alias not in {each.alias for each in found}

    def test_nobody_else_not_even_the_manager(self, session, make, enrolled):
        enrolled(90)
        for role in (Role.CASE_WORKER, Role.UNIT_MANAGER):
            assert my_attention(session, make.actor(role), today=TODAY) == []

    def test_nor_on_the_case_page(self, session, make, actor, enrolled):
        person, _case = enrolled(90)
        assert get_overview(session, actor, person.id, today=TODAY).plan.flags
        other = make.actor(Role.UNIT_MANAGER)
        assert get_overview(session, other, person.id, today=TODAY).plan is None

    def test_a_handler_of_somebody_protected_still_is(self, session, actor, enrolled):
        person, _case = enrolled(90)
        protect(session, actor, person.id, today=TODAY)
        assert [each.alias for each in my_attention(session, actor, today=TODAY)] == [person.alias]

    def test_however_many_there_are_the_questions_are_as_many(
        self, session, actor, enrolled, plan, queries
    ):
        counted = []
        for _ in range(2):
            for _ in range(3):
                person, case = enrolled(90)
                plan(person, case, ("swedish", 0, 30))
            session.commit()
            with queries() as count:
                my_attention(session, actor, today=TODAY)
            counted.append(count.total)
        assert counted[0] == counted[1]
