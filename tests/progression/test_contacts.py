"""What is heard after an end and after a leave: planned, due, late, and six months that hold."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from matchsvc.errors import Conflict, Invalid, NotFound, Refused
from matchsvc.participants import cases
from matchsvc.participants.case_models import PauseReason, WorkerReason
from matchsvc.participants.models import ExitDestination
from matchsvc.progression import contacts, pausing
from matchsvc.progression.contacts import plan_for, succeeded_on
from matchsvc.progression.daily import plan_contacts
from matchsvc.progression.models import ContactOutcome, Series
from matchsvc.swedish import add_months
from matchsvc.workday.models import Task
from matchsvc.workday.rules import Chosen, finish_tasks, open_tasks
from tests.factories import TODAY
from tests.progression.conftest import NOW

ENDED = date(2026, 8, 31)


def log(session, town, months=1, *, source=None, series=Series.EXIT, today=TODAY, **values):
    options = {
        "held_on": today, "outcome": ContactOutcome.IN_WORK, "version": None, "today": today,
        "now": NOW,
    }  # fmt: skip
    return contacts.log_contact(
        session, town.lena, town.samira.id, series=series,
        source_id=source or town.case.id, months=months, **options | values,
    )  # fmt: skip


def due(session, town):
    return [(each.months, each.due_on) for each in plan_for(session, town.case)]


def tasks(session):
    return [(each.kind, each.due_on) for each in session.scalars(open_tasks())]


class TestPlan:
    def test_nothing_is_planned_while_the_case_goes_on(self, session, town):
        assert due(session, town) == []

    def test_four_contacts_come_after_the_last_day(self, session, town, end):
        end(ENDED)
        assert due(session, town) == [
            (1, date(2026, 9, 30)),
            (3, date(2026, 11, 30)),
            (6, date(2027, 2, 28)),
            (12, date(2027, 8, 31)),
        ]

    def test_the_unit_decides_after_how_many_months(self, session, make, town, end):
        make.setting("exit_contact_1", "2")
        make.setting("exit_contact_4", "24")
        end(ENDED)
        assert [months for months, _day in due(session, town)] == [2, 3, 6, 24]

    def test_what_was_heard_stays_when_the_unit_asks_no_more(self, session, make, town, end):
        end(ENDED)
        log(session, town, 1)
        make.setting("exit_contact_1", "2")
        assert [months for months, _day in due(session, town)] == [1, 2, 3, 6, 12]

    def test_an_end_that_is_corrected_moves_them(self, session, town, end):
        end(ENDED)
        end(date(2026, 9, 15))
        assert due(session, town)[0] == (1, date(2026, 10, 15))

    def test_a_leave_is_followed_after_12_and_36_months(self, session, town):
        pausing.pause_case(
            session, town.lena, town.samira.id, reason=PauseReason.PARENTAL_LEAVE,
            paused_on=ENDED, returns_on=TODAY, today=TODAY,
        )  # fmt: skip
        assert due(session, town) == [(12, date(2027, 8, 31)), (36, date(2029, 8, 31))]

    def test_other_pauses_are_not(self, session, town):
        pausing.pause_case(
            session, town.lena, town.samira.id, reason=PauseReason.STUDIES,
            paused_on=ENDED, returns_on=TODAY, today=TODAY,
        )  # fmt: skip
        assert due(session, town) == []


class TestReopening:
    def test_what_was_not_done_is_withdrawn_at_once(self, session, town, end):
        end(ENDED)
        plan_contacts(session, today=date(2026, 9, 30))
        assert tasks(session) == [("exit_contact", date(2026, 9, 30))]

        cases.reopen_case(session, town.lena, town.samira.id, today=TODAY)

        assert tasks(session) == []
        assert due(session, town) == []

    def test_what_was_heard_after_the_first_end_is_not_of_the_second(self, session, town, end):
        end(ENDED)
        log(session, town, 1, held_on=date(2026, 10, 1))
        cases.reopen_case(session, town.lena, town.samira.id, today=TODAY)
        end(TODAY)

        assert [each.contact for each in plan_for(session, town.case)] == [None] * 4

    def test_a_task_falls_when_the_end_is_corrected(self, session, town, end):
        end(ENDED)
        plan_contacts(session, today=date(2026, 9, 30))
        end(date(2026, 9, 15))
        assert tasks(session) == []

    def test_somebody_enrolled_again_is_no_longer_asked(self, session, town, end):
        end(ENDED)
        plan_contacts(session, today=date(2026, 9, 30))
        session.add(
            cases.Case(
                participant_id=town.samira.id, unit_id=town.samira.unit_id, enrolled_on=TODAY,
            )
        )  # fmt: skip
        session.flush()

        plan_contacts(session, today=TODAY)

        assert tasks(session) == []


class TestDay:
    def test_a_contact_is_a_task_on_its_day_and_not_before(self, session, town, end):
        end(ENDED)
        assert plan_contacts(session, today=date(2026, 9, 29)) == 0
        assert plan_contacts(session, today=date(2026, 9, 30)) == 1
        assert tasks(session) == [("exit_contact", date(2026, 9, 30))]

    def test_the_same_day_again_makes_no_more(self, session, town, end):
        end(ENDED)
        day = date(2026, 9, 30)
        plan_contacts(session, today=day)
        assert plan_contacts(session, today=day) == 0

    def test_a_task_that_somebody_closed_is_not_made_anew(self, session, town, end):
        end(ENDED)
        day = date(2026, 9, 30)
        plan_contacts(session, today=day)
        (task,) = session.scalars(open_tasks()).all()
        finish_tasks(session, town.lena, Chosen({task.id: None}, select(Task)), now=NOW)

        assert plan_contacts(session, today=day + timedelta(days=1)) == 0

    def test_an_end_long_ago_makes_no_heap_of_tasks(self, session, town, end):
        end(ENDED)
        assert plan_contacts(session, today=date(2027, 12, 1)) == 0

    def test_a_manager_gets_it_when_the_worker_has_left(self, session, town, end):
        end(ENDED)
        town.user.lena.is_active = False
        session.flush()

        plan_contacts(session, today=date(2026, 9, 30))

        assert [t.owner_id for t in session.scalars(open_tasks())] == [town.user.mona.id]

    def test_a_manager_can_let_somebody_else_make_the_contacts_of_an_ended_case(
        self, session, town, end
    ):
        end(ENDED)
        plan_contacts(session, today=date(2026, 9, 30))

        cases.allocate_case_worker(
            session, town.mona, town.samira.id, town.user.johan.id,
            reason=WorkerReason.COLLEAGUE_LEAVES, today=TODAY,
        )  # fmt: skip

        assert [t.owner_id for t in session.scalars(open_tasks())] == [town.user.johan.id]
        contacts.log_contact(
            session, town.johan, town.samira.id, series=Series.EXIT, source_id=town.case.id,
            months=1, held_on=TODAY, outcome=ContactOutcome.OTHER, version=None, today=TODAY,
            now=NOW,
        )  # fmt: skip

    def test_a_leave_is_asked_about_after_a_year(self, session, town):
        pausing.pause_case(
            session, town.lena, town.samira.id, reason=PauseReason.PARENTAL_LEAVE,
            paused_on=ENDED, returns_on=TODAY, today=TODAY,
        )  # fmt: skip
        plan_contacts(session, today=date(2027, 8, 31))
        assert ("parental_contact", date(2027, 8, 31)) in tasks(session)

    def test_somebody_archived_is_not_asked(self, session, town, end):
        end(ENDED)
        town.samira.archived_at = NOW
        session.flush()
        assert plan_contacts(session, today=date(2026, 9, 30)) == 0


class TestLogging:
    def test_it_is_late_after_its_day_until_something_is_written(self, session, town, end):
        end(ENDED)
        first = plan_for(session, town.case)[0]
        assert not first.is_late(first.due_on)
        assert first.is_late(first.due_on + timedelta(days=1))

        log(session, town, 1)

        assert not plan_for(session, town.case)[0].is_late(TODAY)

    def test_writing_does_the_task_when_nothing_else_is_due(self, session, town, end):
        end(ENDED)
        plan_contacts(session, today=date(2026, 9, 30))
        later = date(2026, 11, 30)

        log(session, town, 1, today=later)
        assert tasks(session)  # three months have come too

        log(session, town, 3, today=later)
        assert tasks(session) == []

    def test_said_again_it_corrects_and_an_old_page_does_not(self, session, town, end):
        end(ENDED)
        held = log(session, town, 1)
        with pytest.raises(Conflict):
            log(session, town, 1)
        changed = log(session, town, 1, outcome=ContactOutcome.OTHER, version=held.version)
        assert (changed.id, changed.outcome) == (held.id, ContactOutcome.OTHER)

    def test_days_and_answers_must_be_possible(self, session, town, end):
        end(ENDED)
        for wrong in (
            {"held_on": ENDED - timedelta(days=1)},
            {"held_on": TODAY + timedelta(days=1)},
            {"outcome": ContactOutcome.BACK_RIGHT},
        ):
            with pytest.raises(Invalid):
                log(session, town, 1, **wrong)

    def test_the_day_of_the_end_itself_is_possible_also_at_the_end_of_a_month(
        self, session, town, end
    ):
        end(ENDED)
        assert log(session, town, 1, held_on=ENDED).held_on == ENDED

    def test_what_is_not_planned_is_not_found(self, session, make, town, end):
        with pytest.raises(NotFound):
            log(session, town, 1)
        end(ENDED)
        with pytest.raises(NotFound):
            log(session, town, 2)
        other = cases.latest_case(session, make.participant(town.user.lena))
        with pytest.raises(NotFound):
            log(session, town, 1, source=other.id)

    def test_only_the_own_worker_writes(self, session, town, end):
        end(ENDED)
        with pytest.raises(Refused):
            contacts.log_contact(
                session, town.johan, town.samira.id, series=Series.EXIT, source_id=town.case.id,
                months=1, held_on=TODAY, outcome=ContactOutcome.OTHER, version=None, today=TODAY,
                now=NOW,
            )  # fmt: skip


class TestSixMonths:
    @pytest.mark.parametrize(
        ("destination", "heard", "expected"),
        [
            (ExitDestination.UNSUBSIDISED_JOB, {6: "in_work"}, 6),
            (ExitDestination.STUDIES, {1: "in_education", 3: "in_work", 6: "in_work"}, 6),
            (ExitDestination.AF_PLANNING, {6: "in_work"}, None),
            (ExitDestination.AF_PLANNING, {6: "in_work", 12: "in_work"}, 12),
            (ExitDestination.UNSUBSIDISED_JOB, {3: "seeks_work", 6: "in_work"}, None),
            (ExitDestination.UNSUBSIDISED_JOB, {3: "not_reached", 6: "in_work"}, 6),
            (ExitDestination.UNSUBSIDISED_JOB, {6: "not_reached"}, None),
            (ExitDestination.UNSUBSIDISED_JOB, {3: "in_work"}, None),
            (ExitDestination.UNSUBSIDISED_JOB, {}, None),
        ],
    )
    def test_time_at_work_or_in_education_is_counted(
        self, session, town, end, destination, heard, expected
    ):
        end(ENDED, destination)
        for months, outcome in heard.items():
            day = add_months(ENDED, months)
            log(session, town, months, today=day, outcome=ContactOutcome(outcome))

        reached = succeeded_on(town.case, plan_for(session, town.case))

        assert reached == (add_months(ENDED, expected) if expected else None)

    def test_an_open_case_has_not_got_there(self, session, town):
        assert succeeded_on(town.case, []) is None
