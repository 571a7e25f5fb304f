"""The unit's table: bounds, versions, what-if, two managers at once, and what is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.matching import proposals
from matchsvc.matching.gate_words import Words
from matchsvc.matching.models import WeightsVersion
from matchsvc.matching.rules import match_offer
from matchsvc.matching.weights import Weights
from matchsvc.matching.weights_table import (
    NUMBERS,
    PUBLISHED,
    current_table,
    save_table,
    seal_of,
    table_history,
    table_version,
)
from matchsvc.matching.what_if import what_if
from matchsvc.participants.models import Rung
from tests.factories import TODAY

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OTHERS = {
    **PUBLISHED.numbers,
    "required_own": 50,
    "required_parent": 30,
    "required_grandparent": 20,
}


@pytest.fixture
def manager(make):
    return make.actor(role=Role.UNIT_MANAGER, name="Karin Nilsson")


def save(session, actor, numbers=OTHERS, *, base=1, seen=None, reason="Fler ska synas.", now=NOW):
    seal = seal_of(numbers, base) if seen is None else seen
    return save_table(
        session, actor, numbers, reason=reason, base=base, seen=seal, now=now, today=TODAY
    )


@pytest.fixture
def town(session, make):
    worker = make.user(role=Role.CASE_WORKER)
    people = [make.participant(worker, ready_on=date(2026, 10, day)) for day in (1, 5, 9)]
    exact, near, none = people
    make.competence(exact, "laga-mat-storkok", rung=Rung.CLAIMED)
    make.competence(near, "laga-varldens-mat", rung=Rung.CONFIRMED)
    offer = make.offer(required=["laga-mat-storkok"])
    make.wish(exact)
    exact.informal_asked_on = TODAY
    session.flush()
    return worker, exact, near, none, offer


def order(session, actor, offer):
    found = match_offer(session, actor, offer, today=TODAY, words=Words())
    return [result.participant for result in found.results], found.weights


def test_a_unit_begins_with_the_published_table(session, make, manager):
    assert current_table(session, manager.unit_id) == PUBLISHED
    assert PUBLISHED.weights == Weights()
    assert PUBLISHED.floor == 4_000


def test_a_saved_table_is_the_one_that_matching_uses(session, make, manager, town):
    worker, exact, near, _none, offer = town
    actor = make.actor(user=worker)
    first, version = order(session, actor, offer)
    assert (first[0], version) == (exact.id, "v1")
    flat = {**PUBLISHED.numbers, "claimed": 5, "required_own": 35, "required_parent": 35}
    flat |= {"required_grandparent": 30, "merit_own": 10, "merit_parent": 10}
    save(session, manager, flat)
    second, version = order(session, actor, offer)
    assert (second[0], version) == (near.id, "v2")


def test_a_proposal_keeps_the_version_that_it_was_made_with(session, make, manager, town):
    worker, exact, _near, _none, offer = town
    save(session, manager)
    made = proposals.propose(
        session,
        make.actor(user=worker),
        participant_key=exact.id,
        offer_key=offer.id,
        reason="Lagar gärna mat.",
        today=TODAY,
        now=NOW,
        words=Words(),
    )
    assert made.weights_version == "v2"
    save(session, manager, PUBLISHED.numbers, base=2)
    assert made.weights_version == "v2"
    assert table_version(session, manager, "v2").numbers == OTHERS


def test_old_versions_stay_readable_with_who_when_and_why(session, manager):
    save(session, manager)
    save(session, manager, PUBLISHED.numbers, base=2, reason="Tillbaka.", now=NOW.replace(hour=10))
    newest, before, published = table_history(session, manager)
    assert (newest.label, newest.numbers) == ("v3", PUBLISHED.numbers)
    assert (before.label, before.reason, before.made_by) == (
        "v2",
        "Fler ska synas.",
        "Karin Nilsson",
    )
    assert before.valid_from == NOW
    assert published == PUBLISHED
    with pytest.raises(NotFound):
        table_version(session, manager, "v9")


def test_a_change_is_logged_with_its_fields_and_reason(session, manager):
    save(session, manager)
    session.commit()
    (row,) = session.scalars(select(AuditEvent).where(AuditEvent.object_type == "weights"))
    assert row.action == "create"
    assert row.fields == ["required_grandparent", "required_own", "required_parent"]
    assert row.reason == "Fler ska synas."


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.UNIT_MANAGER])
def test_only_the_manager_saves_or_asks_what_would_change(session, make, role):
    actor = make.actor(role=role)
    with pytest.raises(Refused):
        save(session, actor)
    with pytest.raises(Refused):
        what_if(session, actor, OTHERS, today=TODAY)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.PRACTICAL_SUPERVISOR, Role.ADMIN])
def test_who_neither_matches_nor_checks_does_not_read_it(session, make, role):
    with pytest.raises(Refused):
        table_history(session, make.actor(role=role))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"claimed": 4}, "claimed"),
        ({"claimed": 9, "exemplified": 8}, "exemplified"),
        ({"confirmed": 9}, "confirmed"),
        ({"observed": 11}, "confirmed"),
        ({"required_own": 20}, "required_own"),
        ({"merit_own": 60, "merit_parent": 40, "required_own": 60}, "merit_own"),
        ({"required_own": 61}, "required_own"),
        ({"merit_own": 0, "merit_parent": 0, "merit_grandparent": 0}, "required_own"),
    ],
)
def test_no_unit_passes_the_bounds(session, manager, change, field):
    with pytest.raises(Invalid) as refused:
        save(session, manager, {**PUBLISHED.numbers, **change})
    assert field in refused.value.fields
    assert current_table(session, manager.unit_id) == PUBLISHED


def test_the_database_itself_keeps_own_words_counting(session, manager):
    row = WeightsVersion(
        unit_id=manager.unit_id,
        number=2,
        reason="x",
        made_by_id=manager.user_id,
        valid_from=NOW,
        **{**PUBLISHED.numbers, "claimed": 0},
    )
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(row)


def test_a_change_needs_a_reason_a_difference_and_a_look_at_what_it_does(session, manager):
    with pytest.raises(Invalid) as refused:
        save(session, manager, reason=" ")
    assert "reason" in refused.value.fields
    with pytest.raises(Invalid):
        save(session, manager, reason="Gäller 850312-2387.")
    with pytest.raises(RuleViolation) as refused:
        save(session, manager, PUBLISHED.numbers)
    assert refused.value.code == "nothing_changes"
    with pytest.raises(RuleViolation) as refused:
        save(session, manager, seen=seal_of({**OTHERS, "floor": 1}, 1))
    assert refused.value.code == "what_if_first"


def test_of_two_managers_the_second_is_told(session, make, manager):
    save(session, manager)
    with pytest.raises(Conflict):
        save(session, make.actor(role=Role.UNIT_MANAGER), {**OTHERS, "floor": 5_000})
    assert current_table(session, manager.unit_id).numbers == OTHERS


def test_two_saved_in_the_same_instant_do_not_both_become_the_same_version(
    session, manager, monkeypatch
):
    save(session, manager)
    # As if the first had been saved between this one's reading and writing.
    monkeypatch.setattr("matchsvc.matching.weights_table.current_table", lambda *_: PUBLISHED)
    with pytest.raises(Conflict):
        save(session, manager, {**OTHERS, "floor": 5_000})


def test_another_unit_keeps_its_own_table(session, make, manager):
    save(session, manager)
    other = make.unit(name="Grannkommunen")
    assert current_table(session, other.id) == PUBLISHED
    theirs = make.actor(user=make.user(role=Role.UNIT_MANAGER, unit=other))
    assert table_history(session, theirs) == [PUBLISHED]


def test_the_what_if_says_what_moves_and_saves_nothing(session, make, manager, town):
    _worker, exact, near, none, offer = town
    flat = {**PUBLISHED.numbers, "claimed": 5, "required_own": 35, "required_parent": 35}
    flat |= {"required_grandparent": 30, "merit_own": 10, "merit_parent": 10}
    found = what_if(session, manager, flat, today=TODAY)
    assert (found.people, found.offers) == (3, 1)
    assert (found.for_offers.changed, found.for_offers.replaced, found.for_offers.moved) == (
        1,
        0,
        2,
    )
    assert found.for_people.changed == 0
    moved = {e.participant: (e.place_before, e.place_after) for e in found.examples}
    assert moved == {exact.id: (1, 2), near.id: (2, 1)}
    covers = {e.participant: (e.cover_before, e.cover_after) for e in found.examples}
    assert covers[exact.id] == (7_000, 5_000)
    assert covers[near.id] == (4_000, 6_500)
    assert (found.usable_before, found.usable_after) == (2, 2)
    assert dict(zip(found.standing.people, found.standing.lists[1].tolist(), strict=True)) == {
        exact.id: 1,
        near.id: 1,
        none.id: 1,
    }
    assert current_table(session, manager.unit_id) == PUBLISHED
    assert found.seal == seal_of(flat, 1)
    assert offer.id == found.examples[0].offer


def test_the_floor_alone_can_be_changed_and_counts_the_pairs_that_reach_it(session, manager, town):
    found = what_if(session, manager, {**PUBLISHED.numbers, "floor": 4_001}, today=TODAY)
    assert (found.usable_before, found.usable_after) == (2, 1)
    assert (found.for_offers.changed, found.for_people.changed) == (0, 0)
    assert found.examples == ()


def test_a_what_if_of_an_empty_unit_is_an_answer_too(session, manager):
    found = what_if(session, manager, OTHERS, today=TODAY)
    assert (found.people, found.offers, found.examples) == (0, 0, ())


def test_whom_the_examples_show_is_logged(session, manager, town):
    what_if(session, manager, {**OTHERS, "claimed": 5}, today=TODAY)
    session.commit()
    (row,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "what_if"))
    assert set(row.subjects) <= {str(person.id) for person in town[1:4]}


class TestPages:
    @pytest.fixture
    def as_manager(self, make, client_as):
        return client_as(make.user(role=Role.UNIT_MANAGER, name="Karin Nilsson"))

    def test_the_page_explains_the_table_its_bounds_and_versions(self, client_as):
        page = client_as(Role.CASE_WORKER).get("/matching/weights").text
        for words in ("Exemplifierad", "Påstådd är aldrig mindre än 5", "Version v1", "Gäller nu"):
            assert words in page
        assert "Prova andra tal" not in page
        assert client_as(Role.CASE_WORKER).get("/matching/rules").text.count("<h1") == 1

    def test_the_manager_looks_gives_a_reason_and_saves(self, as_manager, session, town):
        assert "Prova andra tal" in as_manager.get("/matching/weights").text
        looked = as_manager.get("/matching/weights/what-if", query_string=OTHERS)
        assert looked.status_code == 200
        assert "Inget är sparat" in looked.text
        saved = as_manager.post(
            "/matching/weights",
            data={**OTHERS, "base": 1, "seen": seal_of(OTHERS, 1), "reason": "Fler ska synas."},
        )
        assert saved.status_code == 303
        page = as_manager.get(saved.location).text
        assert "Version v2" in page
        assert "Fler ska synas." in page
        old = as_manager.get("/matching/weights/v1").text
        assert "Den här versionen gäller inte längre" in old

    def test_examples_are_shown_by_alias(self, as_manager, town, session):
        session.commit()
        flat = {**OTHERS, "claimed": 5, "required_own": 35, "required_parent": 35}
        page = as_manager.get("/matching/weights/what-if", query_string=flat).text
        assert town[2].alias in page
        assert town[1].given_name not in page

    def test_what_is_wrong_is_said_and_what_was_typed_is_kept(self, as_manager):
        answer = as_manager.get(
            "/matching/weights/what-if", query_string={**OTHERS, "claimed": 3, "floor": 4321}
        )
        assert answer.status_code == 422
        assert "Egna ord kan inte stängas av" in answer.text
        assert 'value="4321"' in answer.text
        blank = as_manager.get("/matching/weights/what-if", query_string={"claimed": "fem"})
        assert blank.status_code == 422

    def test_without_a_reason_the_what_if_is_shown_again(self, as_manager):
        answer = as_manager.post(
            "/matching/weights", data={**OTHERS, "base": 1, "seen": seal_of(OTHERS, 1)}
        )
        assert answer.status_code == 422
        assert "Skriv varför tabellen ändras" in answer.text
        assert "Om tabellen ändras" in answer.text

    def test_the_second_of_two_managers_sees_both_tables(self, as_manager, session, make, town):
        first = make.actor(role=Role.UNIT_MANAGER, name="Anna Lind")
        save(session, first)
        session.commit()
        mine = {**PUBLISHED.numbers, "floor": 5_000}
        answer = as_manager.post(
            "/matching/weights",
            data={**mine, "base": 1, "seen": seal_of(mine, 1), "reason": "Högre golv."},
        )
        assert answer.status_code == 409
        assert "Någon annan har sparat samtidigt" in answer.text
        assert "Anna Lind" in answer.text
        assert "Högre golv." in answer.text
        assert seal_of(mine, 2) in answer.text  # it has now been looked at, and may be saved

    @pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.AUDITOR, Role.EMPLOYER_LIAISON])
    def test_others_read_but_neither_try_nor_save(self, client_as, role):
        client = client_as(role)
        assert client.get("/matching/weights").status_code == 200
        assert client.get("/matching/weights/what-if", query_string=OTHERS).status_code == 403
        assert client.post("/matching/weights", data=OTHERS).status_code == 403

    def test_a_program_does_the_same(self, as_manager, town, session):
        session.commit()
        seen = as_manager.get("/api/v1/matching/weights/what-if", query_string=OTHERS).get_json()
        body = {**OTHERS, "base": seen["base"], "seen": seen["seen"], "reason": "Fler ska synas."}
        saved = as_manager.post("/api/v1/matching/weights", json=body)
        assert saved.status_code == 201
        assert saved.get_json()["version"] == "v2"
        told = as_manager.get("/api/v1/matching/weights").get_json()
        assert [version["version"] for version in told["versions"]] == ["v2", "v1"]
        assert told["current"]["numbers"] == {name: OTHERS[name] for name in NUMBERS}
        assert as_manager.post("/api/v1/matching/weights", json=body).status_code == 409
