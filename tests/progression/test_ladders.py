"""Ladders as versioned data, and the way over their steps."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from matchsvc.accounts.models import Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.progression import climbing, ladders
from matchsvc.progression.ladders import StepDefinition
from tests.factories import TODAY
from tests.progression.conftest import NOW, newcastle

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


def move(session, actor, town, ladder, step, since=TODAY, **values):
    options = {"ladder_id": ladder.id, "step": step, "since": since, "seen": None, "today": TODAY}
    return climbing.move_to_step(session, actor, town.samira.id, **options | values)


def way(session, town, today=TODAY):
    return climbing.lines_of(session, town.case, today=today)


class TestLadders:
    def test_the_example_has_the_named_steps_and_five_to_name_locally(self):
        steps = ladders.examples()["newcastle"]["steps"]

        assert [each.number for each in steps] == list(range(1, 24))
        assert {each.name for each in steps[:5]} == {"Definieras lokalt"}
        assert steps[5].name == "Indikation"
        assert steps[22].definition == "Minst ett halvår."

    def test_what_a_form_shows_is_read_back_the_same(self):
        steps = tuple(ladders.examples()["newcastle"]["steps"])
        assert ladders.read_steps(ladders.write_steps(steps)) == steps

    @pytest.mark.parametrize("line", ["Indikation", "6", "6.", ": bara kolon", "x. Namn"])
    def test_a_line_that_is_no_step_is_refused(self, line):
        with pytest.raises(Invalid) as refusal:
            ladders.read_steps(f"1. Först\n{line}")
        assert set(refusal.value.fields) == {"steps"}

    @pytest.mark.parametrize(
        "steps",
        [
            (),
            (StepDefinition(1, "A"), StepDefinition(1, "B")),
            (StepDefinition(0, "A"),),
            (StepDefinition(100, "A"),),
            (StepDefinition(1, "A" * 121),),
            tuple(StepDefinition(n, "A") for n in range(1, 62)),
        ],
    )
    def test_steps_that_are_not_possible_are_refused(self, session, town, steps):
        with pytest.raises(Invalid) as refusal:
            ladders.add_ladder(session, town.mona, newcastle(steps=steps), today=TODAY, now=NOW)
        assert set(refusal.value.fields) == {"steps"}

    def test_every_missing_text_is_told_at_once(self, session, town):
        empty = newcastle(name=" ", target_group="", reason="")
        with pytest.raises(Invalid) as refusal:
            ladders.add_ladder(session, town.mona, empty, today=TODAY, now=NOW)
        assert set(refusal.value.fields) == {"name", "target_group", "reason"}

    def test_a_new_version_leaves_the_old_one_and_who_stands_on_it(self, session, town, ladder):
        move(session, town.lena, town, ladder, 9)
        changed = newcastle(steps=(StepDefinition(9, "Ny plan"),), reason="Färre steg")

        ladders.add_version(session, town.mona, ladder.id, changed, base=1, today=TODAY, now=NOW)

        line = ladders.get_ladder(session, town.mona, ladder.id)
        assert [each.number for each in line.versions] == [2, 1]
        assert ladders.step_name(line.latest, 9) == "Ny plan"
        assert way(session, town)[0].name == "Framstegplanering"

    def test_two_who_change_the_same_version_do_not_overwrite_each_other(
        self, session, town, ladder
    ):
        options = {"base": 1, "today": TODAY, "now": NOW}
        ladders.add_version(session, town.mona, ladder.id, newcastle(), **options)
        with pytest.raises(Conflict):
            ladders.add_version(session, town.mona, ladder.id, newcastle(), **options)

    def test_another_unit_and_a_case_worker_do_not_reach_it(self, session, make, town, ladder):
        other = make.unit(name="Norr", municipality="Norrby")
        stranger = make.actor(Role.UNIT_MANAGER, unit=other)

        assert ladders.list_ladders(session, stranger) == []
        with pytest.raises(NotFound):
            ladders.get_ladder(session, stranger, ladder.id)
        with pytest.raises(Refused):
            ladders.add_ladder(session, town.lena, newcastle(), today=TODAY, now=NOW)


class TestClimbing:
    def test_days_are_counted_on_each_step(self, session, town, ladder):
        move(session, town.lena, town, ladder, 6, SEPTEMBER)
        move(session, town.lena, town, ladder, 7, OCTOBER)

        now, before = way(session, town)

        assert (before.days, before.stay.left_on) == (30, OCTOBER)
        assert (now.days, now.stay.left_on) == ((TODAY - OCTOBER).days, None)

    def test_steps_may_be_skipped_and_it_is_told(self, session, town, ladder):
        move(session, town.lena, town, ladder, 6, SEPTEMBER)
        move(session, town.lena, town, ladder, 10, OCTOBER)

        assert way(session, town)[0].skipped == 3

    def test_going_back_is_a_move_as_any_other_and_is_kept(self, session, town, ladder):
        for step, day in ((6, SEPTEMBER), (10, OCTOBER), (7, TODAY)):
            move(session, town.lena, town, ladder, step, day)

        lines = way(session, town)

        assert [line.stay.step for line in lines] == [7, 10, 6]
        assert [line.is_back for line in lines] == [True, False, False]
        assert lines[0].skipped == 0

    def test_another_ladder_is_neither_back_nor_skipped(self, session, town, ladder):
        short = newcastle(name="Kort", steps=(StepDefinition(1, "A"), StepDefinition(3, "C")))
        other = ladders.add_ladder(session, town.mona, short, today=TODAY, now=NOW)
        move(session, town.lena, town, ladder, 9, SEPTEMBER)
        move(session, town.lena, town, other, 3, OCTOBER)

        now = way(session, town)[0]
        assert (now.ladder, now.is_back, now.skipped) == ("Kort", False, 0)

    def test_time_stops_when_the_case_ends(self, session, town, ladder, end):
        move(session, town.lena, town, ladder, 6, SEPTEMBER)
        end(OCTOBER)

        assert way(session, town)[0].days == 30

    def test_the_step_one_stands_on_is_no_move(self, session, town, ladder):
        move(session, town.lena, town, ladder, 6, SEPTEMBER)
        with pytest.raises(RuleViolation) as refusal:
            move(session, town.lena, town, ladder, 6)
        assert refusal.value.code == "same_step"

    def test_a_step_that_is_not_on_the_ladder_is_refused(self, session, town, ladder):
        with pytest.raises(Invalid):
            move(session, town.lena, town, ladder, 24)

    def test_nobody_is_put_on_a_ladder_out_of_use_or_of_another_unit(
        self, session, make, town, ladder
    ):
        other = make.unit(name="Norr", municipality="Norrby")
        stranger = make.actor(Role.UNIT_MANAGER, unit=other)
        theirs = ladders.add_ladder(session, stranger, newcastle(), today=TODAY, now=NOW)
        closed = newcastle(in_use=False)
        ladders.add_version(session, town.mona, ladder.id, closed, base=1, today=TODAY, now=NOW)

        for each in (theirs, ladder):
            with pytest.raises(Invalid):
                move(session, town.lena, town, each, 6)

    def test_days_are_in_order_and_not_ahead(self, session, town, ladder):
        move(session, town.lena, town, ladder, 6, OCTOBER)
        for day in (SEPTEMBER, TODAY + timedelta(days=1)):
            with pytest.raises(Invalid) as refusal:
                move(session, town.lena, town, ladder, 7, day)
            assert set(refusal.value.fields) == {"since"}

    def test_the_second_of_two_who_move_at_once_is_told(self, session, town, ladder):
        move(session, town.lena, town, ladder, 6, seen=0)
        with pytest.raises(Conflict):
            move(session, town.lena, town, ladder, 7, seen=0)

    def test_only_the_own_worker_moves_and_only_in_an_open_case(self, session, town, ladder, end):
        for stranger in (town.johan, town.mona):
            with pytest.raises(Refused):
                move(session, stranger, town, ladder, 6)
        end(TODAY)
        with pytest.raises(RuleViolation) as refusal:
            move(session, town.lena, town, ladder, 6)
        assert refusal.value.code == "case_ended"
