"""What a follow-up leads to: adaptations, rows of development, rungs of evidence, a completion."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from matchsvc.errors import Refused, RuleViolation
from matchsvc.follow_ups.answers import Development, Need, answers_of, content_of
from matchsvc.follow_ups.completing import complete_follow_up, list_late
from matchsvc.follow_ups.keeping import compare_versions, merge_versions
from matchsvc.follow_ups.models import DevelopmentState
from matchsvc.follow_ups.observed import competences_at
from matchsvc.follow_ups.opening import get_follow_up
from matchsvc.follow_ups.states import TRANSITIONS, FollowUpState, state_of
from matchsvc.participants.models import Competence, Rung
from matchsvc.placements.access import get_placement
from matchsvc.placements.accommodations import Adaptation, accommodations_of, add_accommodation
from matchsvc.placements.models import Accommodation, ActionState
from matchsvc.placements.workplace_models import AttendanceSaid
from matchsvc.vocabulary.models import Concept, ConceptType
from matchsvc.workday.models import Task
from matchsvc.workday.rules import open_tasks
from tests.factories import TODAY
from tests.follow_ups.factories import HELD, answers, hand_in, log
from tests.placements.factories import NOW, started

ROW = Development(area="Prata med kunder", goal="Ta emot beställningar", own_part="Öva")


@pytest.fixture
def there(session, make):
    return started(session, make)


def open_kinds(session):
    return sorted(session.scalars(open_tasks().with_only_columns(Task.kind)))


def test_what_is_kept_word_for_word_can_be_read_again():
    key = uuid4()
    told = answers(
        attendance=AttendanceSaid.LESS,
        works={key: "partly"},
        kept={key: ActionState.DONE},
        developed={key: DevelopmentState.REACHED},
        observed={key: Rung.OBSERVED},
        needs=(Need(text="Vagn"),),
        development=(ROW,),
        next_on=HELD + timedelta(days=30),
        participant_agrees=False,
        keeps_health_words=True,
    )
    assert answers_of(content_of(told)) == told


def test_each_adaptation_is_reviewed_and_a_new_one_is_noted(session, make, there):
    karin = make.actor(user=there.supervisor)
    rows = [
        add_accommodation(session, karin, there.placement.id, Adaptation(text=text), today=TODAY)
        for text in ("Vagn för lådorna", "Fast ordning")
    ]
    works = {rows[0].id: "yes", rows[1].id: "partly"}
    row = log(session, make, there, works=works, needs=(Need(text="Skylt vid kassan"),))
    assert row.adaptations_work == "partly"
    found = accommodations_of(session, there.placement.id)
    assert [(one.text, one.works) for one in found] == [
        ("Vagn för lådorna", "yes"),
        ("Fast ordning", "partly"),
        ("Skylt vid kassan", None),
    ]
    assert {one.follow_up_id for each in found for one in each.reviews} == {row.id}


def test_the_development_plan_begins_with_her(session, make, there):
    log(session, make, there, development=(ROW,))
    later = HELD + timedelta(days=31)
    second = there.placement.follow_ups[1]
    opened = get_follow_up(session, there.actor, second.id, today=later)
    (row,) = opened.ongoing
    assert (row.area, row.own_part, row.proposed_on) == (ROW.area, "Öva", HELD)
    log(
        session, make, there, 1, today=later, held_on=later,
        developed={row.id: DevelopmentState.REACHED},
    )  # fmt: skip
    assert (row.state, row.state_on) == (DevelopmentState.REACHED, later)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"development": (ROW,)}, "area"),
        ({"participant_agrees": True}, "participant_agrees"),
    ],
)
def test_nothing_is_said_for_her_when_she_is_not_there(session, make, there, said, field):
    with pytest.raises(RuleViolation) as refusal:
        log(session, make, there, present=("logger",), mood=None, **said)
    assert field in refusal.value.fields


def _skills(session, make, there, *shared):
    """One competence for each: whether an employer may see it."""
    held = Concept.type == ConceptType.SKILL, Concept.is_group.is_(False)
    found = select(Concept.id).where(*held).order_by(Concept.id).limit(len(shared))
    pairs = zip(session.scalars(found), shared, strict=True)
    return [make.competence(there.participant, key, is_shared=may) for key, may in pairs]


def test_a_competence_that_was_seen_is_observed_there_that_day(session, make, there):
    (row,) = _skills(session, make, there, True)
    log(session, make, there, observed={row.id: Rung.OBSERVED})
    seen = session.scalar(
        select(Competence).where(Competence.id == row.id).options(selectinload(Competence.evidence))
    )
    assert seen.rung is Rung.OBSERVED
    (told,) = [one for one in seen.evidence if one.rung is Rung.OBSERVED]
    assert (told.happened_on, told.workplace, told.by_id) == (
        HELD, there.site.name, there.supervisor.id,
    )  # fmt: skip


def test_only_the_workplace_confirms_and_only_what_the_placement_concerns(session, make, there):
    shared, hidden = _skills(session, make, there, True, False)
    karin = make.actor(user=there.supervisor)
    shown = get_placement(session, karin, there.placement.id, today=TODAY)
    assert [each.id for each in competences_at(session, shown)] == [shared.id]
    with pytest.raises(RuleViolation) as refusal:
        log(session, make, there, observed={shared.id: Rung.CONFIRMED})
    assert "observed" in refusal.value.fields
    log(
        session, make, there, present=("participant", "logger", "workplace"),
        observed={shared.id: Rung.CONFIRMED, hidden.id: Rung.OBSERVED},
    )  # fmt: skip
    assert (shared.rung, hidden.rung) == (Rung.CONFIRMED, Rung.CLAIMED)
    # Known better already: seen once more is left out, never lower.
    later = HELD + timedelta(days=31)
    log(session, make, there, 1, today=later, held_on=later, observed={shared.id: Rung.OBSERVED})
    assert shared.rung is Rung.CONFIRMED


def test_the_case_worker_completes_what_the_supervisor_logged(session, make, there):
    row = log(session, make, there)
    assert state_of(row) is FollowUpState.LOGGED
    assert open_kinds(session) == ["complete_follow_up"]
    with pytest.raises(Refused):
        complete_follow_up(session, make.actor(user=there.supervisor), row.id, today=HELD, now=NOW)
    complete_follow_up(session, there.actor, row.id, words="Bra.", today=HELD, now=NOW)
    assert (state_of(row), row.completion_words) == (FollowUpState.COMPLETED, "Bra.")
    assert open_kinds(session) == []


def test_what_her_own_case_worker_logs_is_complete(session, make):
    there = started(session, make, supervisor_id=None)
    row = log(session, make, there, actor=there.actor)
    assert state_of(row) is FollowUpState.COMPLETED
    assert open_kinds(session) == []


def test_a_cancelled_or_planned_one_is_never_completed(session, there):
    with pytest.raises(RuleViolation):
        complete_follow_up(
            session, there.actor, there.placement.follow_ups[0].id, today=HELD, now=NOW
        )
    assert (FollowUpState.CANCELLED, FollowUpState.LOGGED) not in TRANSITIONS


def test_two_who_wrote_without_a_network_lose_nothing(session, make, there):
    """One by one: what both add is there once, what differs is chosen, both stay as they were."""
    need = Need(text="Skylt vid kassan")
    first = log(session, make, there, needs=(need,), agreed=("Vagn",))
    kept = hand_in(
        session, make, there, actor=there.actor, agreed=("Kassan",), hours_next=20,
        needs=(need,), development=(ROW,),
    )  # fmt: skip
    assert (kept.follow_up.hours_next, kept.beside is not None) == (18, True)
    assert "compare_follow_ups" in open_kinds(session)
    shown = compare_versions(session, there.actor, first.id, kept.beside.id, today=HELD)
    assert {each.name for each in shown.differences} == {"agreed", "hours_next"}
    assert shown.added == ["needs", "development"]
    merge_versions(
        session, there.actor, first.id, kept.beside.id,
        {"agreed": "both", "hours_next": "beside"}, today=HELD, now=NOW,
    )  # fmt: skip
    assert first.hours_next == 20
    assert [action.text for action in first.actions] == ["Vagn", "Kassan"]
    assert session.scalar(select(func.count()).select_from(Accommodation)) == 1
    opened = get_follow_up(session, there.actor, first.id, today=HELD)
    assert [row.area for row in opened.development] == [ROW.area]
    assert opened.beside == []
    assert "compare_follow_ups" not in open_kinds(session)


def test_late_is_what_is_past_the_units_grace(session, make, there):
    due = there.placement.follow_ups[0].due_on
    for grace, days, late in ((7, 7, 0), (7, 8, 1), (0, 1, 1)):
        make.setting("follow_up_grace_days", str(grace))
        found = list_late(session, there.actor, today=due + timedelta(days=days))
        assert found.total == late
    other = started(session, make)
    assert list_late(session, other.actor, today=due + timedelta(days=9)).total == 1
