"""Wish, needs, hours and languages; and what must be there before matching."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.participants import cases, profile
from matchsvc.participants.models import Need, Step, Wish
from matchsvc.participants.profile import Levels
from tests.factories import TODAY, identity_number


@pytest.fixture
def worker(make):
    return make.user()


@pytest.fixture
def actor(make, worker):
    return make.actor(user=worker)


@pytest.fixture
def samira(make, worker):
    return make.participant(case_worker=worker)


def wish(session, actor, participant, words="Jag vill laga mat.", **changes):
    return profile.record_wish(
        session, actor, participant.id, own_words=words, today=TODAY, **changes
    )


def change(session, actor, participant, version=None, **changes):
    return profile.change_profile(
        session, actor, participant.id, changes, today=TODAY, version=version
    )


def test_wishes_are_added_never_overwritten_and_the_latest_counts(session, actor, samira):
    wish(session, actor, samira, "Jag vill odla.")
    wish(session, actor, samira, "Jag vill laga mat.", concepts=["laga-mat", "laga-mat"])

    latest = profile.latest_wish(session, samira.id)
    assert latest.own_words == "Jag vill laga mat."
    assert [wanted.concept_id for wanted in latest.concepts] == ["laga-mat"]
    assert len(session.scalars(select(Wish)).all()) == 2


@pytest.mark.parametrize("words", ["  ", "Ring " + identity_number(number=3)])
def test_a_wish_has_words_and_no_identity_number(session, actor, samira, words):
    with pytest.raises(Invalid):
        wish(session, actor, samira, words)


def test_languages_are_held_by_skill_and_said_again_are_replaced(session, actor, samira):
    first = profile.set_language(session, actor, samira.id, "sv", Levels(speak=2), today=TODAY)
    again = profile.set_language(
        session, actor, samira.id, "sv", Levels(speak=3, read=1), today=TODAY
    )

    assert again is first
    assert (again.speak, again.understand, again.read, again.write) == (3, None, 1, None)


@pytest.mark.parametrize(
    ("concept_id", "levels"),
    [("laga-mat", Levels(speak=2)), ("sv", Levels()), ("sv", Levels(speak=7))],
)
def test_a_language_is_a_language_at_a_level(session, actor, samira, concept_id, levels):
    with pytest.raises(Invalid):
        profile.set_language(session, actor, samira.id, concept_id, levels, today=TODAY)


def test_a_language_noted_by_mistake_is_removed_once(session, actor, samira):
    profile.set_language(session, actor, samira.id, "en", Levels(speak=1), today=TODAY)
    profile.remove_language(session, actor, samira.id, "en", today=TODAY)
    with pytest.raises(NotFound):
        profile.remove_language(session, actor, samira.id, "en", today=TODAY)


def test_only_what_is_named_changes(session, make, actor, samira):
    centrum = make.area("Centrum")
    change(session, actor, samira, hours_per_week=15, weekdays=0b11111, areas=[centrum.id])
    change(session, actor, samira, needs={"lyfta-hogst-10": "vagn beställd"})

    fields = profile.profile_fields(samira)
    assert fields["hours_per_week"] == 15
    assert fields["areas"] == [centrum.id]
    assert fields["needs"] == {"lyfta-hogst-10": "vagn beställd"}


def test_needs_that_are_taken_away_are_gone_and_the_rest_keeps_its_row(session, actor, samira):
    change(session, actor, samira, needs={"lyfta-hogst-10": None, "utan-trappor": "hiss finns"})
    kept = session.scalar(select(Need.id).where(Need.condition_id == "utan-trappor"))

    change(session, actor, samira, needs={"utan-trappor": "går bra"})

    (need,) = session.scalars(select(Need))
    assert (need.id, need.note) == (kept, "går bra")


def test_everything_impossible_in_the_profile_is_said_at_once(session, make, actor, samira):
    foreign = make.area("Norr", unit=make.unit(name="Lindvalla norra"))
    with pytest.raises(Invalid) as refusal:
        change(
            session,
            actor,
            samira,
            hours_per_week=41,
            weekdays=128,
            areas=[foreign.id, uuid4()],
            needs={"finns-inte": None},
        )
    assert set(refusal.value.fields) == {"hours_per_week", "weekdays", "areas", "needs"}


def test_a_changed_profile_is_a_new_version_even_when_only_needs_changed(session, actor, samira):
    version = samira.version
    change(session, actor, samira, version=version, needs={"utan-trappor": None})

    with pytest.raises(Conflict) as refusal:
        change(session, actor, samira, version=version, needs={})
    assert refusal.value.theirs["needs"] == {"utan-trappor": None}


def test_nobody_is_ready_before_wish_informal_competence_and_a_signed_mapping(
    session, actor, make, samira
):
    first = {
        "wish_missing": lambda: wish(session, actor, samira),
        "informal_not_asked": lambda: profile.note_informal_asked(  # asked, none
            session, actor, samira.id, today=TODAY
        ),
        "mapping_not_signed": lambda: make.signed_mapping(samira),
    }
    for code, mend in first.items():
        with pytest.raises(RuleViolation) as refusal:
            profile.set_ready(session, actor, samira.id, today=TODAY)
        assert refusal.value.code == code
        mend()

    profile.set_ready(session, actor, samira.id, today=TODAY)

    assert samira.ready_on == TODAY


def test_ready_ends_mapping_begins_matching_and_is_counted_once(session, actor, make, samira):
    make.signed_mapping(samira)
    start = date(2026, 8, 12)
    cases.start_step(session, actor, samira.id, Step.MAPPING, start_date=start, today=TODAY)
    wish(session, actor, samira)
    profile.note_informal_asked(session, actor, samira.id, today=TODAY)
    for day in (TODAY, TODAY + timedelta(days=3)):
        profile.set_ready(session, actor, samira.id, today=day)

    steps = {
        step.step: (step.start_date, step.end_date)
        for step in cases.latest_case(session, samira, lock=True).steps
    }
    assert steps == {Step.MAPPING: (start, TODAY), Step.MATCHING: (TODAY, None)}
    (event,) = session.scalars(select(OutcomeEvent))
    assert (event.kind, event.occurred_on) == (OutcomeKind.READY, TODAY)
    assert samira.ready_on == TODAY


def test_others_change_nothing(session, make, samira):
    other = make.actor()
    for attempt in (
        lambda: wish(session, other, samira),
        lambda: change(session, other, samira, hours_per_week=10),
        lambda: profile.set_ready(session, other, samira.id, today=TODAY),
    ):
        with pytest.raises(Refused):
            attempt()
