"""Limits, decisions, what stops a start and what may run together: sentences of the service."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from matchsvc.accounts.models import Role
from matchsvc.employers.models import Bar
from matchsvc.employers.network_models import BarCheck
from matchsvc.errors import NotFound, Refused, RuleViolation
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.placements.beginning import begin_placement, start_due_placements
from matchsvc.placements.decision_models import StartFacts
from matchsvc.placements.decisions import (
    NewDecision,
    decisions_of,
    gaps_in,
    record_decision,
    withdraw_decision,
)
from matchsvc.placements.facts import Facts
from matchsvc.placements.forms import list_forms, needs_a_look, verify_form
from matchsvc.placements.limits_ahead import ask_to_verify, warn_of_limits, warning_due
from matchsvc.placements.models import FollowUp
from matchsvc.placements.preparing import save_facts, tick_checklist
from matchsvc.placements.stages import Stage, find_stage
from matchsvc.placements.start_stops import hard_stops
from matchsvc.placements.starting import start_placement
from matchsvc.workday.models import Task
from tests.factories import TODAY, identity_number
from tests.placements.factories import NOW, facts, plan, started, world

LATER = TODAY + timedelta(days=10)
DAY = timedelta(days=1)


def tasks(session, *kinds):
    found = session.scalars(select(Task).where(Task.kind.in_(kinds)).order_by(Task.kind))
    return [(task.kind, task.owner_id) for task in found]


def stage(session, there, day=TODAY):
    return find_stage(session, there.placement, today=day)


class TestStarts:
    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"facts": None}, "union"),
            ({"facts": facts(union_answered_on=None, union_answer_by=TODAY)}, "union"),
            ({"facts": facts(insurance_noted_on=None)}, "insurance"),
            ({"prepared": frozenset()}, "work_environment"),
            ({"prepared": frozenset()}, "site_risks"),
            ({"prepared": frozenset()}, "preparation"),
        ],
    )
    def test_what_the_law_or_the_danger_demands_stops_the_start(self, session, make, values, code):
        there = started(session, make, **values)

        stops = {stop.code for stop in hard_stops(session, there.placement, day=TODAY)}
        assert code in stops
        assert (stage(session, there), there.placement.begun_on) == (Stage.STOPPED, None)
        assert not session.scalars(select(OutcomeEvent)).all()

    def test_an_old_check_of_the_organiser_and_a_bar_stop_the_start(self, session, make):
        there = world(make)
        session.execute(delete(BarCheck))
        started(session, make, there=there)
        assert [s.code for s in hard_stops(session, there.placement, day=TODAY)] == ["bar_check"]
        there.employer.bar = Bar.INSOLVENT
        session.flush()
        assert "barred" in {s.code for s in hard_stops(session, there.placement, day=TODAY)}

    def test_where_there_are_children_the_extract_is_shown_and_only_the_day_kept(
        self, session, make
    ):
        there = world(make)
        there.site.works_with_children = True
        session.flush()
        started(session, make, there=there)
        assert stage(session, there) is Stage.STOPPED

        known = facts(extract_shown_on=TODAY)
        save_facts(session, there.actor, there.placement.id, known, today=TODAY)
        assert stage(session, there) is Stage.RUNNING
        kept = {column.key for column in StartFacts.__table__.columns if "extract" in column.key}
        assert kept == {"extract_shown_on"}

    def test_the_union_that_lets_its_day_pass_has_been_asked(self, session, make):
        asked = facts(union_answered_on=None, union_answer_by=TODAY - DAY)
        there = started(session, make, facts=asked)
        assert stage(session, there) is Stage.RUNNING

    def test_a_stopped_start_is_not_written_gives_one_task_and_begins_when_it_is_mended(
        self, session, make
    ):
        there = started(session, make, start_date=LATER, facts=None)
        for _ in range(2):
            assert start_due_placements(session, today=LATER) == 0
        assert tasks(session, "start_stopped") == [("start_stopped", there.worker.id)]
        with pytest.raises(RuleViolation, match="får inte börja"):
            begin_placement(session, there.actor, there.placement.id, today=LATER)

        day = LATER + 4 * DAY
        save_facts(session, there.actor, there.placement.id, facts(TODAY), today=day)
        placement = there.placement
        # What was known on the first day would have let her begin then; it was written later.
        assert placement.begun_on in {LATER, day}
        (event,) = session.scalars(select(OutcomeEvent)).all()
        assert event.occurred_on == placement.begun_on
        assert session.scalars(select(Task.dropped_reason)).all() != [None]

    def test_who_begins_later_than_planned_has_her_follow_ups_from_that_day(self, session, make):
        there = started(session, make, prepared=frozenset())
        day = TODAY + 8 * DAY
        for item in there.placement.checklist:
            for hers in (False, True):
                try:
                    tick_checklist(
                        session, there.actor, there.placement.id, item.code,
                        done=True, today=day, by_participant=hers,
                    )  # fmt: skip
                except NotFound:
                    assert hers  # she ticks the six things and no other
        placement = there.placement
        assert (placement.begun_on, placement.start_date) == (day, day)
        assert placement.planned_start_date == TODAY
        first = session.scalar(select(FollowUp).where(FollowUp.number == 1))
        assert first.due_on == date(2026, 12, 30)

    def test_an_agreement_stops_only_where_the_unit_says_so(self, session, make):
        without = plan(world(make)).prepared - {"agreement"}
        there = started(session, make, prepared=without)
        assert stage(session, there) is Stage.RUNNING
        make.setting("agreement_before_start", "1")
        there = started(session, make, prepared=without)
        assert [s.code for s in hard_stops(session, there.placement, day=TODAY)] == ["agreement"]

    def test_facts_are_in_order_and_name_nobody(self, session, make):
        there = started(session, make, start_date=LATER)
        wrong = Facts(
            union_asked_on=TODAY,
            union_answered_on=TODAY - DAY,
            insurance_noted_on=TODAY + DAY,
            union_opinion=identity_number(),
        )
        with pytest.raises(RuleViolation) as refusal:
            save_facts(session, there.actor, there.placement.id, wrong, today=TODAY)
        assert set(refusal.value.fields) == {
            *("union_answered_on", "insurance_noted_on", "union_opinion")
        }


class TestLimits:
    @pytest.mark.parametrize(
        ("left", "kind"),
        [
            (57, None),
            (56, "limit_8_weeks"),
            (29, "limit_8_weeks"),
            (28, "limit_4_weeks"),
            (8, "limit_4_weeks"),
            (7, "limit_1_week"),
            (0, "limit_1_week"),
            (-1, None),
        ],
    )
    def test_eight_four_and_one_weeks_ahead(self, left, kind):
        today = TODAY
        assert warning_due(date(2026, 1, 1), today + left * DAY, today=today) == kind

    def test_who_begins_a_month_is_not_warned_that_it_is_a_month(self):
        assert warning_due(TODAY, TODAY + 27 * DAY, today=TODAY) is None

    def test_each_warning_is_given_once_and_then_managers_hear_of_it(self, session, make):
        boss = make.user(Role.UNIT_MANAGER)
        there = started(session, make)
        last = there.placement.decision_to
        made = []
        for day in range(60, -6, -1):
            made += [warn_of_limits(session, today=last - day * DAY)]
            made += [warn_of_limits(session, today=last - day * DAY)]
        assert sum(made) == 5
        assert {owner for _kind, owner in tasks(session, "beyond_decision")} == {
            *(there.worker.id, boss.id)
        }
        open_kinds = session.scalars(
            select(Task.kind).where(Task.dropped_reason.is_(None), Task.kind.like("limit%"))
        ).all()
        assert open_kinds == []  # a nearer one takes the place of the one before
        assert there.placement.end_date is None

    def test_beyond_its_decision_nothing_is_prolonged_or_agreed_without_a_new_one(
        self, session, make
    ):
        there = started(session, make)
        day = there.placement.decision_to + DAY
        assert stage(session, there, day) is Stage.BEYOND
        long = NewDecision(
            ref=there.placement.decision_ref, valid_from=day, valid_to=day + 30 * DAY,
            planned_end_date=day + 30 * DAY,
        )  # fmt: skip
        with pytest.raises(RuleViolation) as refusal:
            record_decision(session, there.actor, there.placement.id, long, today=day)
        assert set(refusal.value.fields) == {"ref", "planned_end_date"}  # form: six months

    def test_a_new_decision_prolongs_with_follow_ups_and_keeps_the_old_one(self, session, make):
        there = started(session, make, decision_to=date(2027, 2, 26))
        until = date(2027, 5, 22)
        new = NewDecision(
            ref="AF 2027/9", valid_from=date(2027, 2, 27), valid_to=until, planned_end_date=until
        )
        record_decision(session, there.actor, there.placement.id, new, today=date(2027, 2, 20))

        placement = there.placement
        assert (placement.planned_end_date, placement.decision_to) == (until, until)
        assert [row.ref for row in decisions_of(session, placement.id)] == [
            *("AF 2026/118", "AF 2027/9")
        ]
        due = session.scalars(
            select(FollowUp.due_on).where(FollowUp.cancelled_on.is_(None)).order_by(FollowUp.due_on)
        ).all()
        assert due[-1] == date(2027, 5, 21)
        assert tasks(session, "renew_agreement") == [("renew_agreement", there.worker.id)]

    def test_a_decision_that_comes_late_leaves_a_gap_that_is_shown(self, session, make):
        there = started(session, make, decision_to=date(2027, 2, 26))
        until = date(2027, 5, 1)
        new = NewDecision(
            ref="AF 2027/9", valid_from=date(2027, 3, 8), valid_to=until, planned_end_date=until
        )
        ahead = replace(new, valid_from=date(2027, 3, 20))
        with pytest.raises(RuleViolation) as refusal:
            record_decision(
                session, there.actor, there.placement.id, ahead, today=date(2027, 3, 10)
            )
        assert set(refusal.value.fields) == {"valid_from"}
        record_decision(session, there.actor, there.placement.id, new, today=date(2027, 3, 10))
        rows = decisions_of(session, there.placement.id)
        assert gaps_in(rows) == [(date(2027, 2, 27), date(2027, 3, 7))]

    def test_a_decision_withdrawn_for_days_that_have_been_marks_and_loses_nothing(
        self, session, make
    ):
        there = started(session, make)
        boss = make.user(Role.UNIT_MANAGER)
        day = TODAY + 20 * DAY
        (row,) = decisions_of(session, there.placement.id)
        withdraw_decision(
            session, there.actor, there.placement.id, row.id,
            from_day=TODAY + 5 * DAY, reason="AF hävde beslutet.", today=day,
        )  # fmt: skip
        assert stage(session, there, TODAY + 4 * DAY) is Stage.RUNNING
        assert stage(session, there, day) is Stage.BEYOND
        assert {owner for _kind, owner in tasks(session, "decision_withdrawn")} == {
            *(there.worker.id, boss.id)
        }
        assert decisions_of(session, there.placement.id) == [row]
        assert row.valid_to == date(2027, 5, 22)
        assert len(there.placement.follow_ups) == 4
        with pytest.raises(RuleViolation):
            withdraw_decision(
                session, there.actor, there.placement.id, row.id,
                from_day=TODAY + 5 * DAY, reason="Igen.", today=day,
            )  # fmt: skip

    def test_before_its_start_a_withdrawn_decision_stops_it(self, session, make):
        there = started(session, make, start_date=LATER)
        (row,) = decisions_of(session, there.placement.id)
        withdraw_decision(
            session, there.actor, there.placement.id, row.id,
            from_day=TODAY, reason="AF hävde beslutet.", today=TODAY,
        )  # fmt: skip
        assert start_due_placements(session, today=LATER) == 0
        assert [s.code for s in hard_stops(session, there.placement, day=LATER)] == ["decision"]

    @pytest.mark.parametrize(
        ("start", "last"),
        [
            (date(2026, 8, 29), date(2027, 2, 27)),
            (date(2026, 8, 30), date(2027, 2, 27)),
            (date(2026, 8, 31), date(2027, 2, 27)),
            (date(2026, 9, 1), date(2027, 2, 28)),
        ],
    )
    def test_six_months_from_the_end_of_a_month(self, session, make, start, last):
        there = started(
            session, make, start_date=start, decision_from=start, decision_to=date(2027, 12, 1),
            planned_end_date=last,
        )  # fmt: skip
        assert stage(session, there, last) is Stage.RUNNING
        assert stage(session, there, last + DAY) is Stage.BEYOND

    def test_only_the_participants_own_case_worker_decides(self, session, make):
        there = started(session, make)
        new = NewDecision(ref="AF 9", valid_from=TODAY, valid_to=LATER, planned_end_date=LATER)
        for role in (Role.EMPLOYER_LIAISON, Role.UNIT_MANAGER, Role.CASE_WORKER):
            with pytest.raises(Refused):
                record_decision(session, make.actor(role), there.placement.id, new, today=TODAY)

    def test_the_law_of_each_form_is_read_again_after_a_year(self, session, make):
        manager = make.actor(Role.UNIT_MANAGER)
        form = list_forms(session)[0]
        assert not needs_a_look(form, today=date(2027, 4, 24))
        assert needs_a_look(form, today=date(2027, 4, 25))
        assert ask_to_verify(session, today=date(2027, 4, 25)) == 1
        assert ask_to_verify(session, today=date(2027, 4, 26)) == 0
        with pytest.raises(Refused):
            verify_form(session, make.actor(Role.CASE_WORKER), form.code, today=TODAY)
        verify_form(session, manager, form.code, today=date(2027, 4, 26))
        assert form.verified_on == date(2027, 4, 26)


class TestTogether:
    def beside(self, session, make, there, **values):
        other = make.site(there.employer, name="Andra köket")
        wanted = {"site_id": other.id, "hours_start": 10, "hours_goal": 15} | values
        return start_placement(session, there.actor, plan(there, **wanted), today=TODAY, now=NOW)

    def test_two_part_times_within_full_time_are_warned_of_and_then_allowed(self, session, make):
        there = started(session, make)  # at most 25 hours
        with pytest.raises(RuleViolation) as refusal:
            self.beside(session, make, there)
        assert "högst heltid" in refusal.value.fields["start_date"]
        assert self.beside(session, make, there, combine=True).begun_on == TODAY

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"hours_goal": 16}, "mer än heltid"),
            ({"hours_start": None, "hours_goal": None}, "timmarna"),
            ({"form": "sol_practice", "decision_authority": "social_board"}, "SoL-praktik"),
        ],
    )
    def test_what_may_not_be_combined_is_refused_with_the_reason(self, session, make, values, said):
        there = started(session, make)
        with pytest.raises(RuleViolation) as refusal:
            self.beside(session, make, there, combine=True, **values)
        assert said in refusal.value.fields["start_date"]

    def test_never_twice_at_the_same_workplace(self, session, make):
        there = started(session, make)
        with pytest.raises(RuleViolation) as refusal:
            self.beside(session, make, there, combine=True, site_id=there.site.id)
        assert "arbetsplatsen" in refusal.value.fields["start_date"]


def test_imported_history_is_stopped_by_nothing_and_tells_nobody(session, make):
    there = started(session, make, facts=None, start_date=LATER)
    there.placement.is_history = True
    there.placement.begun_on = TODAY
    session.flush()
    assert hard_stops(session, there.placement, day=TODAY) == []
    assert warn_of_limits(session, today=date(2028, 1, 1)) == 0
    assert OutcomeKind.PLACEMENT_STARTED not in session.scalars(select(OutcomeEvent.kind)).all()
