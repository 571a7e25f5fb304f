"""The monthly follow-up: who logs it, what it keeps, what follows along to the next."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from matchsvc.accounts.models import Role
from matchsvc.errors import NotFound, Refused, RuleViolation
from matchsvc.follow_ups.answers import hours_choices
from matchsvc.follow_ups.opening import get_follow_up
from matchsvc.placements.careful import mentions_health
from matchsvc.placements.ending import end_placement
from matchsvc.placements.follow_ups import list_my_follow_ups
from matchsvc.placements.models import ActionState, Mood, Outcome
from tests.factories import TODAY, identity_number
from tests.follow_ups.factories import HELD, log
from tests.placements.factories import NOW, URL, started


def test_the_supervisor_named_on_the_placement_logs(session, make):
    there = started(session, make)

    row = log(session, make, there)
    assert (row.held_on, row.mood, row.hours_next) == (HELD, Mood.GOOD, 18)
    assert row.logged_by_id == there.supervisor.id
    assert [action.text for action in row.actions] == [
        "Vagn för lådorna",
        "Prova att ta emot kunder",
    ]


def test_nobody_else_logs_when_a_supervisor_is_named(session, make):
    there = started(session, make)
    with pytest.raises(Refused) as refusal:
        log(session, make, there, actor=there.actor)
    assert refusal.value.code == "not_the_logger"


def test_without_a_supervisor_the_case_worker_logs(session, make):
    there = started(session, make, supervisor_id=None)
    assert log(session, make, there, actor=there.actor).logged_by_id == there.worker.id


def test_who_does_not_work_with_the_participant_may_not_even_read(session, make):
    there = started(session, make)
    follow_up = there.placement.follow_ups[0]
    with pytest.raises(Refused):
        get_follow_up(session, make.actor(user=there.liaison), follow_up.id, today=TODAY)
    with pytest.raises(NotFound):
        get_follow_up(session, make.actor(Role.SUPERVISOR), follow_up.id, today=TODAY)
    with pytest.raises(NotFound):
        get_follow_up(session, there.actor, uuid4(), today=TODAY)


def test_the_same_form_sent_twice_is_saved_once(session, make):
    there = started(session, make)
    form = uuid4()
    first = log(session, make, there, submission_id=form)
    second = log(session, make, there, submission_id=form, own_words="Något annat.")

    assert second.id == first.id
    assert second.own_words == "Jag kan sköta krukorna själv nu."
    assert len(second.actions) == 2


def test_what_was_promised_and_not_done_follows_along(session, make):
    there = started(session, make)
    first = log(session, make, there)
    done, open_ = first.actions
    later = date(2027, 1, 21)
    kept = {done.id: ActionState.DONE, open_.id: ActionState.PARTLY}
    second = log(session, make, there, 1, today=later, held_on=later, kept=kept, agreed=("Kassan",))

    assert (done.state, open_.state) == (ActionState.DONE, ActionState.PARTLY)
    assert [action.text for action in second.actions] == ["Prova att ta emot kunder", "Kassan"]
    opened = get_follow_up(session, there.actor, there.placement.follow_ups[2].id, today=later)
    assert [action.text for action in opened.promises] == ["Prova att ta emot kunder", "Kassan"]
    assert opened.hours_now == 18


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"held_on": HELD + timedelta(days=1)}, "held_on"),
        ({"held_on": TODAY - timedelta(days=1)}, "held_on"),
        ({"present": ()}, "present"),
        ({"mood": None}, "mood"),
        ({"agreed": ("a", "b", "c", "d", "e", "f")}, "agreed"),
        ({"own_words": f"Jag heter {identity_number()}"}, "own_words"),
        ({"own_words": "Jag tar ny medicin."}, "own_words"),
    ],
)
def test_what_is_missing_is_said_on_its_field(session, make, values, field):
    there = started(session, make)
    with pytest.raises(RuleViolation) as refusal:
        log(session, make, there, **values)
    assert field in refusal.value.fields


def test_words_about_health_stay_when_the_writer_means_them(session, make):
    there = started(session, make)
    row = log(session, make, there, own_words="Ont i ryggen.", keeps_health_words=True)
    assert row.own_words == "Ont i ryggen."


def test_the_hint_about_health_knows_work_from_illness():
    assert mentions_health("Han har ADHD")
    assert mentions_health("hon är deprimerad, depression")
    assert not mentions_health("Jobbar i köket på sjukhuset och vill prova kassan.")
    assert not mentions_health("Kontakten fungerar bra.")


def test_an_absent_participant_has_no_mood(session, make):
    there = started(session, make)
    assert log(session, make, there, present=("logger",), mood=None).mood is None


def test_a_late_one_does_not_move_the_next(session, make):
    there = started(session, make)
    due = [one.due_on for one in there.placement.follow_ups]
    log(session, make, there, today=date(2027, 1, 15), held_on=date(2027, 1, 15))
    assert [one.due_on for one in there.placement.follow_ups] == due


def test_my_follow_ups_are_those_i_log_oldest_due_first(session, make):
    there = started(session, make)
    other = started(
        session,
        make,
        start_date=TODAY - timedelta(days=40),
        decision_from=TODAY - timedelta(days=40),
        supervisor_id=there.supervisor.id,
    )
    karin = make.actor(user=there.supervisor)
    mine = list_my_follow_ups(session, karin, until=date(2026, 12, 31), today=TODAY)

    assert [one.due_on for one, _ in mine] == sorted(one.due_on for one, _ in mine)
    assert mine[0][1].placement.id == other.placement.id
    assert list_my_follow_ups(session, there.actor, until=date(2027, 12, 31), today=TODAY) == []
    log(session, make, there)
    left = list_my_follow_ups(session, karin, until=HELD + timedelta(days=1), today=TODAY)
    assert there.placement.follow_ups[0].id not in {one.id for one, _ in left}


def test_a_cancelled_follow_up_is_not_logged(session, make):
    there = started(session, make)
    end_placement(
        session,
        there.actor,
        there.placement.id,
        end_date=TODAY + timedelta(days=10),
        outcome=Outcome.COMPLETED,
        base_url=URL,
        today=TODAY + timedelta(days=10),
        now=NOW,
    )
    with pytest.raises(RuleViolation) as refusal:
        log(session, make, there, today=TODAY + timedelta(days=12))
    assert refusal.value.code == "follow_up_cancelled"


@pytest.mark.parametrize(
    ("now", "goal", "choices"),
    [
        (15, 25, [15, 18, 20]),
        (24, 25, [24, 25]),
        (25, 25, [25]),
        (38, None, [38, 40]),
        (30, 25, [30]),
        (None, 25, []),
    ],
)
def test_hours_are_kept_or_raised_with_one_tap_up_to_the_goal(now, goal, choices):
    assert hours_choices(now, goal, full_week=40) == choices


def test_what_is_full_time_is_the_units_to_say(session, make):
    make.setting("full_week_hours", "37")
    there = started(session, make)
    supervisor = make.actor(user=there.supervisor)
    opened = get_follow_up(session, supervisor, there.placement.follow_ups[0].id, today=TODAY)
    assert opened.full_week == 37
    assert hours_choices(36, None, full_week=37) == [36, 37]
