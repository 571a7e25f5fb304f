"""The line upward: what it could be, and correcting it by hand."""

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Conflict, Invalid, Refused
from matchsvc.vocabulary.lines import (
    correct_line,
    count_beneath,
    find_correction,
    forget_corrections,
    list_alternatives,
)
from matchsvc.vocabulary.lists import ConceptList, ConceptRow, Sort, nearest_parents
from matchsvc.vocabulary.loading import load_list
from matchsvc.vocabulary.models import Concept, ConceptType, RelationKind, Scheme
from tests.factories import COMMAND, TODAY
from tests.vocabulary.test_loading import NOW

SKILL = ConceptType.SKILL
#: x lies under a and b; a has two beneath it, b three.
BROADER = {"x": ["a", "b"], "y": ["a"], "z": ["b"], "w": ["b"]}


def load(session, broader=BROADER, checksum="1"):
    ids = sorted({*broader, *(one for above in broader.values() for one in above)})
    parents = nearest_parents(broader)
    rows = {
        key: ConceptRow(
            key,
            SKILL,
            f"Ord {key}",
            f"Word {key}",
            parent_id=parents.get(key),
            related=tuple((one, RelationKind.BROADER) for one in broader.get(key, ())),
        )
        for key in ids
    }
    decides = frozenset({(SKILL, RelationKind.BROADER)})
    covered = frozenset({Sort(SKILL)})
    read = ConceptList(Scheme.ESCO, checksum, checksum * 64, rows, covered, decides)
    return load_list(session, read, by="test", now=NOW)


@pytest.fixture
def lines(session):
    load(session)


def correct(session, concept_id="x", parent_id="b", *, actor=COMMAND, **details):
    details = {"reason": "Ligger närmare.", "version": 0} | details
    return correct_line(session, actor, concept_id, parent_id, **details, today=TODAY, now=NOW)


def parent(session, concept_id="x"):
    return session.scalar(select(Concept.parent_id).where(Concept.id == concept_id))


def test_every_parent_is_shown_with_how_many_lie_beneath_it(session, lines):
    shown = list_alternatives(session, session.get(Concept, "x"))
    told = [(each.concept.id, each.beneath, each.is_given, each.is_chosen) for each in shown]
    assert told == [("a", 2, True, True), ("b", 3, False, False)]
    assert count_beneath(session, "x") == 0


def test_a_manager_and_an_administrator_may_correct_a_line_and_nobody_else(session, lines, make):
    for role in set(Role) - {Role.UNIT_MANAGER, Role.ADMIN}:
        with pytest.raises(Refused):
            correct(session, actor=make.actor(role))
    correct(session, actor=make.actor(Role.UNIT_MANAGER))
    assert parent(session) == "b"
    correct(session, actor=make.actor(Role.ADMIN), parent_id="y", version=1)
    assert parent(session) == "y"


def test_a_correction_is_logged_with_its_reason(session, lines, make):
    actor = make.actor(Role.UNIT_MANAGER)
    correct(session, actor=actor)
    session.commit()
    [logged] = session.scalars(select(AuditEvent).where(AuditEvent.object_type == "concept"))
    assert (logged.actor, logged.object_id, logged.reason) == (actor.label, "x", "Ligger närmare.")


def test_what_the_list_gave_stays_known_and_choosing_it_ends_the_correction(session, lines):
    correct(session)
    shown = {
        each.concept.id: each for each in list_alternatives(session, session.get(Concept, "x"))
    }
    assert (shown["a"].is_given, shown["b"].is_chosen) == (True, True)
    ended = correct(session, parent_id="a", version=1)
    assert (ended.is_in_force, parent(session)) == (False, "a")


def test_a_concept_may_become_a_top(session, lines):
    correct(session, parent_id=None)
    assert parent(session) is None


def test_a_correction_survives_the_same_list_and_a_newer_one(session, lines):
    correct(session)
    assert not load(session).has_changed_anything
    newer = load(session, BROADER | {"v": ["a"]}, checksum="2")
    assert (newer.created, newer.updated, newer.changed_parts["lines"]) == (1, 0, 0)
    assert parent(session) == "b"


def test_a_newer_list_changes_what_can_be_gone_back_to(session, lines):
    correct(session)
    load(session, BROADER | {"x": ["w", "b"]}, checksum="2")
    held = find_correction(session, "x")
    assert (held.given_parent_id, parent(session)) == ("w", "b")
    session.refresh(held)
    correct(session, parent_id="w", version=held.version)
    assert not find_correction(session, "x").is_in_force


def test_a_correction_that_a_newer_list_would_bend_into_a_ring_is_set_aside_and_told(
    session, lines
):
    correct(session, "a", "z")
    newer = load(session, BROADER | {"z": ["b", "y"], "y": ["a"]}, checksum="2")
    assert any("ring" in warning for warning in newer.warnings)
    assert parent(session, "a") is None
    session.expire_all()
    assert not find_correction(session, "a").is_in_force


def test_a_correction_of_another_list_is_set_aside_too(session, lines):
    before = parent(session, "odla")
    correct(session, "odla", "y")
    correct(session, "z", "odla-gronsaker")
    newer = load(session, BROADER | {"y": ["z"]}, checksum="2")
    assert len([warning for warning in newer.warnings if "ring" in warning]) == 1
    assert (parent(session, "odla"), parent(session, "z")) == (before, "odla-gronsaker")


def test_a_ring_is_refused(session, lines):
    for concept_id, parent_id in (("a", "x"), ("x", "x")):
        with pytest.raises(Invalid) as refusal:
            correct(session, concept_id, parent_id)
        assert "ring" in refusal.value.fields["parent"]


def test_a_parent_must_be_there_in_use_and_of_the_same_kind(session, lines):
    session.get(Concept, "w").is_deprecated = True
    session.flush()
    for parent_id in ("finns-inte", "w", "yrke-stadare"):
        with pytest.raises(Invalid):
            correct(session, parent_id=parent_id)


def test_a_reason_is_needed_and_holds_no_identity_number(session, lines):
    for reason in ("  ", "x" * 301, "19850312-9820 sa det"):
        with pytest.raises(Invalid) as refusal:
            correct(session, reason=reason)
        assert list(refusal.value.fields) == ["reason"]


def test_the_second_of_two_who_correct_at_once_is_told(session, lines):
    correct(session)
    with pytest.raises(Conflict):
        correct(session, parent_id="y")


def test_a_town_that_is_taken_away_takes_its_corrections_along(session, lines):
    correct(session)
    forget_corrections(session)
    assert parent(session) == "a"
