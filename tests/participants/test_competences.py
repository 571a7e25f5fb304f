"""Competences: words are kept, people confirm, the ladder goes upward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from matchsvc.accounts.models import Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants import competences
from matchsvc.participants.models import Capacity, LearnedWhere, Rung
from tests.factories import TODAY, identity_number

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
COOKING = "laga-mat-storkok"


@pytest.fixture
def worker(make):
    return make.user()


@pytest.fixture
def actor(make, worker):
    return make.actor(user=worker)


@pytest.fixture
def samira(make, worker):
    return make.participant(case_worker=worker)


@pytest.fixture
def cooking(session, actor, samira):
    return add(session, actor, samira, concept_id=COOKING)


def add(session, actor, participant, **changes):
    values = {"learned_where": LearnedWhere.ASSOCIATION, "today": TODAY}
    return competences.add_competence(session, actor, participant.id, **values | changes)


def climb(session, actor, competence, rung, **changes):
    values = {"happened_on": TODAY, "today": TODAY}
    return competences.raise_rung(session, actor, competence.id, rung, **values | changes)


def test_own_words_are_kept_as_they_were_said(session, actor, samira):
    held = add(session, actor, samira, own_words="lagat mat för 40 i föreningen")

    assert held.own_words == "lagat mat för 40 i föreningen"
    assert held.concept_id is None
    assert held.rung is Rung.CLAIMED
    assert [piece.by_id for piece in held.evidence] == [actor.user_id]


def test_words_that_waited_get_a_concept_that_a_person_confirmed(session, actor, samira):
    held = add(session, actor, samira, own_words="lagat mat för 40 i föreningen")

    competences.link_competence(session, actor, held.id, COOKING, today=TODAY)

    assert held.concept_id == COOKING
    assert held.own_words == "lagat mat för 40 i föreningen"


def test_an_example_at_once_is_the_second_rung(session, actor, samira):
    held = add(session, actor, samira, concept_id=COOKING, example="Eid 2025, 40 gäster")

    assert held.rung is Rung.EXEMPLIFIED
    assert [piece.rung for piece in held.evidence] == [Rung.CLAIMED, Rung.EXEMPLIFIED]


@pytest.mark.parametrize("concept_id", ["mat", "sv", "finns-inte"])
def test_headings_languages_and_unknown_concepts_are_not_competences(
    session, actor, samira, concept_id
):
    with pytest.raises(Invalid):
        add(session, actor, samira, concept_id=concept_id)


def test_nothing_at_all_is_not_a_competence(session, actor, samira):
    with pytest.raises(Invalid):
        add(session, actor, samira, own_words="   ")


def test_the_same_concept_stands_once(session, actor, samira, cooking):
    with pytest.raises(RuleViolation) as refusal:
        add(session, actor, samira, concept_id=COOKING)
    assert refusal.value.code == "competence_known"


def test_an_identity_number_in_free_text_is_refused(session, actor, samira):
    with pytest.raises(Invalid) as refusal:
        add(session, actor, samira, own_words=f"Fråga {identity_number()}")
    assert "own_words" in refusal.value.fields


def test_learned_at_home_is_informal_and_shows_that_it_was_asked(session, actor, samira):
    held = add(session, actor, samira, concept_id=COOKING)

    assert not held.is_formal
    assert samira.informal_asked_on == TODAY


def test_learned_in_education_is_formal_and_shows_nothing_was_asked(session, actor, samira):
    held = add(session, actor, samira, concept_id=COOKING, learned_where=LearnedWhere.EDUCATION)

    assert held.is_formal
    assert samira.informal_asked_on is None


def test_each_rung_says_what_it_needs(session, actor, cooking):
    for rung, field in (
        (Rung.EXEMPLIFIED, "note"),
        (Rung.OBSERVED, "workplace"),
        (Rung.CONFIRMED, "note"),
    ):
        with pytest.raises(Invalid) as refusal:
            climb(session, actor, cooking, rung)
        assert set(refusal.value.fields) == {field}


def test_a_rung_carries_date_place_and_who(session, actor, cooking):
    climb(session, actor, cooking, Rung.OBSERVED, workplace="Södergårdens kök")

    piece = cooking.evidence[-1]
    assert cooking.rung is Rung.OBSERVED
    assert (piece.happened_on, piece.workplace, piece.by_id) == (
        TODAY,
        "Södergårdens kök",
        actor.user_id,
    )


def test_a_rung_is_never_lowered(session, actor, cooking):
    climb(session, actor, cooking, Rung.OBSERVED, workplace="Köket")
    with pytest.raises(RuleViolation) as refusal:
        climb(session, actor, cooking, Rung.EXEMPLIFIED, note="Eid 2025")
    assert refusal.value.code == "rung_lower"
    assert cooking.rung is Rung.OBSERVED


def test_what_has_not_happened_is_no_evidence(session, actor, cooking):
    with pytest.raises(Invalid) as refusal:
        climb(
            session,
            actor,
            cooking,
            Rung.OBSERVED,
            workplace="Köket",
            happened_on=TODAY + timedelta(days=1),
        )
    assert set(refusal.value.fields) == {"happened_on"}


def test_a_certificate_makes_it_formal_and_a_told_confirmation_does_not(session, actor, cooking):
    climb(session, actor, cooking, Rung.CONFIRMED, note="Validerat i köket")
    assert not cooking.is_formal

    climb(session, actor, cooking, Rung.CONFIRMED, by_certificate=True)
    assert cooking.is_formal


def test_her_supervisor_may_say_what_was_seen_but_not_what_is_shared(
    session, make, samira, cooking
):
    user = make.user(Role.SUPERVISOR)
    make.involve(samira, user, Capacity.SUPERVISOR)
    supervisor = make.actor(user=user)

    climb(session, supervisor, cooking, Rung.OBSERVED, workplace="Växthuset")

    with pytest.raises(Refused):
        competences.share_competence(session, supervisor, cooking.id, is_shared=True, today=TODAY)


def test_another_case_worker_changes_nothing(session, make, cooking):
    with pytest.raises(Refused):
        climb(session, make.actor(), cooking, Rung.OBSERVED, workplace="Köket")


def test_archiving_needs_a_reason_and_keeps_the_history(session, actor, samira, cooking):
    with pytest.raises(Invalid):
        competences.archive_competence(session, actor, cooking.id, reason=" ", today=TODAY, now=NOW)
    competences.archive_competence(
        session, actor, cooking.id, reason="Vi missförstod", today=TODAY, now=NOW
    )

    assert cooking.archived_at == NOW
    with pytest.raises(NotFound):
        competences.get_own_competence(session, actor, cooking.id, today=TODAY)
    assert add(session, actor, samira, concept_id=COOKING).id != cooking.id


def test_two_who_edit_the_same_competence_get_a_conflict(session, actor, cooking):
    version = cooking.version
    climb(session, actor, cooking, Rung.OBSERVED, workplace="Köket", version=version)
    with pytest.raises(Conflict):
        competences.share_competence(
            session, actor, cooking.id, is_shared=True, today=TODAY, version=version
        )
