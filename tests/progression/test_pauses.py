"""A case that stands still, and its return."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.matching.arrays import ready_people
from matchsvc.matching.packing_reads import read_people
from matchsvc.matching.proposals import propose
from matchsvc.participants import cases
from matchsvc.participants.case_models import PauseReason, WorkerReason
from matchsvc.participants.models import Capacity, Participant
from matchsvc.participants.overview import get_overview
from matchsvc.participants.pauses import pauses_of, running_pause
from matchsvc.progression import pausing
from matchsvc.workday.rules import open_tasks
from tests.factories import TODAY
from tests.progression.conftest import NOW

BACK = date(2027, 2, 1)


def pause(session, actor, town, **values):
    options = {
        "reason": PauseReason.STUDIES, "paused_on": TODAY, "returns_on": BACK, "today": TODAY,
    }  # fmt: skip
    return pausing.pause_case(session, actor, town.samira.id, **options | values)


def resume(session, town, **values):
    options = {"resumed_on": TODAY, "version": None, "today": TODAY, "now": NOW}
    return pausing.resume_case(session, town.lena, town.samira.id, **options | values)


def tasks(session, kind="planned_return"):
    return [each for each in session.scalars(open_tasks()) if each.kind == kind]


def test_a_paused_case_says_so_and_the_return_is_a_task(session, town):
    pause(session, town.lena, town)

    shown = get_overview(session, town.lena, town.samira.id, today=TODAY)
    (task,) = tasks(session)
    assert shown.pause is not None
    assert (task.owner_id, task.due_on) == (town.user.lena.id, BACK)
    assert task.words == {"alias": town.samira.alias}


def waiting(session, town):
    found = ready_people(session, town.lena, today=TODAY)
    _unit, waits, _facts = read_people(session, [town.samira.id])[town.samira.id]
    listed = town.samira.id in session.scalars(found.with_only_columns(Participant.id)).all()
    assert listed is waits  # both ways of reading say the same
    return listed


def test_who_is_paused_waits_for_no_place_until_the_case_goes_on(session, town):
    town.samira.ready_on = TODAY
    session.flush()
    assert waiting(session, town)
    pause(session, town.lena, town)
    assert not waiting(session, town)
    resume(session, town)
    assert waiting(session, town)
    held = pause(session, town.lena, town)
    pausing.withdraw_pause(
        session, town.lena, town.samira.id, held.id, version=held.version, today=TODAY
    )
    assert waiting(session, town)


def test_a_case_that_ends_while_paused_is_not_paused_when_it_is_opened_again(session, town, end):
    pause(session, town.lena, town)
    end(TODAY)
    assert not town.case.is_paused


def test_nobody_is_proposed_while_the_case_is_paused(session, make, town):
    pause(session, town.lena, town)
    with pytest.raises(RuleViolation) as refusal:
        propose(
            session,
            town.lena,
            participant_key=town.samira.id,
            offer_key=make.offer().id,
            reason="Passar bra",
            today=TODAY,
            now=NOW,
            words=None,
        )
    assert refusal.value.code == "case_paused"


def test_another_planned_day_moves_the_task(session, town):
    held = pause(session, town.lena, town)
    later = BACK + timedelta(days=30)

    pausing.move_return(
        session, town.lena, town.samira.id, returns_on=later, version=held.version, today=TODAY
    )

    assert [task.due_on for task in tasks(session)] == [later]


def test_coming_back_does_the_task_and_the_pause_is_kept(session, town):
    pause(session, town.lena, town)

    resume(session, town)

    assert running_pause(session, town.case) is None
    assert tasks(session) == []
    assert [each.resumed_on for each in pauses_of(session, [town.case.id])] == [TODAY]


def test_there_is_one_pause_at_a_time(session, town):
    pause(session, town.lena, town)
    with pytest.raises(RuleViolation) as refusal:
        pause(session, town.lena, town)
    assert refusal.value.code == "already_paused"


def test_a_pause_begins_after_the_last_one(session, town):
    pause(session, town.lena, town, paused_on=date(2026, 9, 1))
    resume(session, town, resumed_on=date(2026, 10, 1))

    with pytest.raises(Invalid) as refusal:
        pause(session, town.lena, town, paused_on=date(2026, 9, 30))
    assert set(refusal.value.fields) == {"paused_on"}
    assert pause(session, town.lena, town, paused_on=date(2026, 10, 1)).resumed_on is None


def test_every_day_that_is_not_possible_is_told(session, town):
    with pytest.raises(Invalid) as refusal:
        pause(session, town.lena, town, paused_on=TODAY + timedelta(days=1), returns_on=TODAY)
    assert set(refusal.value.fields) == {"paused_on", "returns_on"}
    pause(session, town.lena, town)
    with pytest.raises(Invalid):
        resume(session, town, resumed_on=TODAY - timedelta(days=1))
    with pytest.raises(Invalid):
        pausing.move_return(
            session, town.lena, town.samira.id, returns_on=TODAY, version=None, today=TODAY
        )


def test_only_the_own_worker_pauses(session, town):
    for stranger in (town.johan, town.mona):
        with pytest.raises(Refused):
            pause(session, stranger, town)


def test_a_protected_person_is_not_there_for_others(session, make, town):
    hidden = make.participant(town.user.lena, protected=True)
    make.involve(hidden, town.user.lena, Capacity.PROTECTED_HANDLER)
    options = {"reason": PauseReason.OTHER, "paused_on": TODAY, "returns_on": BACK, "today": TODAY}

    with pytest.raises(NotFound):
        pausing.pause_case(session, town.johan, hidden.id, **options)
    assert pausing.pause_case(session, town.lena, hidden.id, **options).case_id


def test_an_old_page_does_not_end_a_pause_that_was_changed(session, town):
    held = pause(session, town.lena, town)
    old = held.version
    pausing.move_return(
        session, town.lena, town.samira.id, returns_on=TODAY + timedelta(3), version=old,
        today=TODAY,
    )  # fmt: skip
    with pytest.raises(Conflict):
        resume(session, town, version=old)


def test_a_pause_by_mistake_counts_for_nothing(session, town):
    held = pause(session, town.lena, town)
    options = {"version": held.version, "today": TODAY}

    pausing.withdraw_pause(session, town.lena, town.samira.id, held.id, **options)

    assert running_pause(session, town.case) is None
    assert pauses_of(session, [town.case.id]) == []
    assert tasks(session) == []
    with pytest.raises(NotFound):
        pausing.withdraw_pause(session, town.lena, town.samira.id, held.id, **options)


def test_a_pause_of_another_person_is_not_found(session, make, town):
    held = pause(session, town.lena, town)
    other = make.participant(town.user.lena)
    with pytest.raises(NotFound):
        pausing.withdraw_pause(session, town.lena, other.id, held.id, version=None, today=TODAY)


def test_the_end_of_the_case_ends_the_pause_and_drops_the_return(session, town, end):
    pause(session, town.lena, town)

    end(TODAY)

    assert [each.resumed_on for each in pauses_of(session, [town.case.id])] == [TODAY]
    assert tasks(session) == []
    cases.reopen_case(session, town.lena, town.samira.id, today=TODAY)
    assert running_pause(session, town.case) is None


def test_the_return_follows_the_case_to_the_next_worker(session, town):
    pause(session, town.lena, town)

    cases.allocate_case_worker(
        session, town.mona, town.samira.id, town.user.johan.id,
        reason=WorkerReason.COLLEAGUE_LEAVES, today=TODAY,
    )  # fmt: skip

    assert [task.owner_id for task in tasks(session)] == [town.user.johan.id]


def test_an_ended_case_is_not_paused(session, town, end):
    end(TODAY)
    with pytest.raises(RuleViolation) as refusal:
        pause(session, town.lena, town)
    assert refusal.value.code == "case_ended"
    assert running_pause(session, None) is None
