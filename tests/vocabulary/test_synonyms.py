"""Synonyms of the unit: proposed without whose they were, reviewed, used, revoked."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.vocabulary import synonyms
from matchsvc.vocabulary.loading import load_list
from matchsvc.vocabulary.models import ConceptTerm, Scheme, SynonymState, UnitSynonym
from matchsvc.vocabulary.rules import suggest
from matchsvc.vocabulary.starter import load_starter, read_starter
from matchsvc.vocabulary.synonyms import Decision, decide_on_words
from matchsvc.vocabulary.versions import latest_version
from tests.factories import TODAY
from tests.vocabulary.test_lines import correct
from tests.vocabulary.test_loading import NOW

WORDS = "steker plättar i klubbstugan"


@pytest.fixture
def manager(make):
    return make.actor(Role.UNIT_MANAGER)


def propose(session, make, text=WORDS, concept_id="laga-mat", today=TODAY, names=()):
    synonyms.propose_words(
        session,
        unit_id=make.unit().id,
        concept_id=concept_id,
        text=text,
        names=names,
        today=today,
    )


def proposed(session):
    return list(session.scalars(select(UnitSynonym)))


def decide(session, actor, held, decision, **details):
    return decide_on_words(session, actor, held.id, decision, **details, today=TODAY, now=NOW)


def ids(session, text="stekte plättar i klubbstugan"):
    return [one.id for one in suggest(session, text).suggestions[:1]]


def test_words_are_kept_without_anything_that_leads_to_a_person(session, make):
    propose(session, make, f"  {WORDS.capitalize()}. ")
    session.commit()
    [held] = proposed(session)
    assert held.text == WORDS
    assert (held.state, held.count) == (SynonymState.PROPOSED, 1)
    assert (held.first_seen_in, held.last_seen_in) == (date(2026, 11, 1), date(2026, 11, 1))
    columns = set(UnitSynonym.__table__.columns.keys())
    assert columns == {
        "id", "unit_id", "concept_id", "text", "key", "key_index", "state", "count",
        "first_seen_in", "last_seen_in", "version",
    }  # fmt: skip
    assert session.scalars(select(AuditEvent)).all() == []


def test_the_same_words_again_only_count(session, make):
    propose(session, make)
    propose(session, make, "Steker  PLÄTTAR i klubbstugan".lower(), today=date(2026, 12, 3))
    [held] = proposed(session)
    session.refresh(held)
    assert (held.count, held.last_seen_in) == (2, date(2026, 12, 1))


@pytest.mark.parametrize("text", ["Laga mat", "cook food", "matlagning", "ring 070-174 06 15"])
def test_what_is_known_already_or_may_be_personal_is_passed_over(session, make, text):
    propose(session, make, text)
    propose(session, make, "syr hos fatima", names={"fatima"})
    assert proposed(session) == []


def test_only_what_a_manager_approved_is_linked_by(session, make, manager):
    propose(session, make)
    [held] = proposed(session)
    before = ids(session)
    decide(session, manager, held, Decision.APPROVE)
    assert ids(session) == ["laga-mat"]
    assert suggest(session, WORDS).suggestions[0].matched_label == WORDS
    decide(session, manager, held, Decision.REVOKE)
    assert ids(session) == before
    decide(session, manager, held, Decision.APPROVE)
    assert ids(session) == ["laga-mat"]


def test_what_is_refused_is_forgotten_and_does_not_come_back(session, make, manager):
    propose(session, make)
    [held] = proposed(session)
    decide(session, manager, held, Decision.REFUSE)
    session.commit()
    propose(session, make)
    [held] = proposed(session)
    session.refresh(held)
    assert (held.state, held.text, held.key) == (SynonymState.REFUSED, None, None)
    assert WORDS not in held.key_index


def test_decisions_are_logged_but_not_the_words(session, make, manager):
    propose(session, make)
    [held] = proposed(session)
    decide(session, manager, held, Decision.APPROVE)
    session.commit()
    [logged] = session.scalars(select(AuditEvent))
    assert (logged.action, logged.object_id) == ("approve", str(held.id))


def test_the_manager_reviews_and_an_administrator_may_only_add_and_revoke(session, make, manager):
    propose(session, make)
    [held] = proposed(session)
    admin = make.actor(Role.ADMIN)
    with pytest.raises(Refused):
        synonyms.list_words(session, admin, SynonymState.PROPOSED)
    with pytest.raises(Refused):
        decide(session, admin, held, Decision.APPROVE)
    decide(session, manager, held, Decision.APPROVE)
    decide(session, admin, held, Decision.REVOKE)
    with pytest.raises(Refused):
        add(session, make.actor(Role.CASE_WORKER))


def test_words_of_another_unit_do_not_exist(session, make):
    propose(session, make)
    [held] = proposed(session)
    other = make.actor(Role.UNIT_MANAGER, unit=make.unit(name="Norra enheten"))
    assert synonyms.list_words(session, other, SynonymState.PROPOSED) == ([], 0)
    with pytest.raises(NotFound):
        decide(session, other, held, Decision.APPROVE)


def test_the_second_of_two_who_decide_is_told(session, make, manager):
    propose(session, make)
    [held] = proposed(session)
    decide(session, manager, held, Decision.APPROVE, version=1)
    with pytest.raises(Conflict):
        decide(session, manager, held, Decision.REVOKE, version=1)
    with pytest.raises(RuleViolation):
        decide(session, manager, held, Decision.REFUSE)


def test_words_with_a_name_that_came_since_are_not_approved(session, make, manager):
    propose(session, make, "syr hos fatima")
    [held] = proposed(session)
    with pytest.raises(RuleViolation, match="peka ut"):
        decide(session, manager, held, Decision.APPROVE, names={"fatima"})
    decide(session, manager, held, Decision.REFUSE)


def add(session, actor, text=WORDS, concept_id="laga-mat", names=()):
    return synonyms.add_words(session, actor, concept_id, text, names=names, today=TODAY, now=NOW)


def test_a_manager_may_add_words_at_once(session, manager):
    assert add(session, manager).state is SynonymState.APPROVED
    assert ids(session) == ["laga-mat"]
    with pytest.raises(RuleViolation, match="finns redan"):
        add(session, manager)


def test_words_that_were_refused_may_be_added_by_hand(session, make, manager):
    propose(session, make)
    [held] = proposed(session)
    decide(session, manager, held, Decision.REFUSE)
    assert add(session, manager).id == held.id
    assert held.text == WORDS


@pytest.mark.parametrize("text", ["850312-9820", "maja@example.org", "hos Ali", "-"])
def test_personal_words_are_not_added_by_hand_either(session, manager, text):
    with pytest.raises(Invalid) as refusal:
        add(session, manager, text)
    assert list(refusal.value.fields) == ["text"]


def test_headings_have_no_synonyms(session, manager):
    with pytest.raises(RuleViolation):
        add(session, manager, concept_id="mat")


def test_approved_words_survive_a_new_version_of_the_list(session, manager):
    add(session, manager)
    changed = read_starter()
    first = next(iter(changed.concepts))
    renamed = replace(changed.concepts[first], label_sv="Något annat")
    newer = replace(changed, concepts={**changed.concepts, first: renamed}, checksum="9" * 64)
    load_list(session, newer, by="matchsvc", now=None)
    assert ids(session) == ["laga-mat"]
    load_starter(session)
    assert ids(session) == ["laga-mat"]


def test_the_lists_own_word_takes_the_place_of_the_units_and_gives_it_back(session, manager):
    add(session, manager)
    shipped = read_starter()
    row = shipped.concepts["laga-mat"]
    with_it = replace(row, phrases=(*row.phrases, WORDS))
    newer = replace(shipped, concepts={**shipped.concepts, row.id: with_it}, checksum="8" * 64)
    load_list(session, newer, by="matchsvc", now=None)
    [term] = session.scalars(select(ConceptTerm).where(ConceptTerm.text == WORDS))
    assert not term.is_from_unit
    load_starter(session)
    session.expire_all()
    [term] = session.scalars(select(ConceptTerm).where(ConceptTerm.text == WORDS))
    assert term.is_from_unit


def test_words_approved_in_two_units_are_one_term_until_both_revoke_it(session, make, manager):
    mine = add(session, manager)
    other = make.actor(Role.UNIT_MANAGER, unit=make.unit(name="Norra enheten"))
    theirs = add_again(session, other)
    decide(session, manager, mine, Decision.REVOKE)
    assert ids(session) == ["laga-mat"]
    decide(session, other, theirs, Decision.REVOKE)
    assert ids(session) != ["laga-mat"]


def add_again(session, actor):
    """A second unit whose people say the same, proposed before the first unit approved it."""
    held = UnitSynonym(
        **synonyms._new_row(
            actor.unit_id, "laga-mat", WORDS, SynonymState.PROPOSED, TODAY.replace(day=1)
        )
        | {"count": 1}
    )
    session.add(held)
    session.flush()
    return decide(session, actor, held, Decision.APPROVE)


def test_what_nobody_reviews_for_three_months_is_forgotten(session, make, manager):
    propose(session, make, "fixar mackor åt laget", today=date(2026, 8, 30))
    propose(session, make, "bakar tunnbröd", today=date(2026, 7, 31))
    add(session, manager)
    assert synonyms.forget_unreviewed(session, today=TODAY) == 1
    assert {held.text for held in proposed(session)} == {"fixar mackor åt laget", WORDS}
    assert synonyms.forget_unreviewed(session, today=TODAY) == 0


def test_a_change_by_hand_is_no_version_of_the_list(session, make, manager):
    before = latest_version(session, Scheme.STARTER).id
    add(session, manager)
    correct(session, "laga-mat-storkok", "mat")
    assert latest_version(session, Scheme.STARTER).id == before
    assert not load_starter(session).has_changed_anything
