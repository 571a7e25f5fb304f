"""What matching reads: exactly the published columns, and nothing that says who somebody is."""

from __future__ import annotations

import pickle
from dataclasses import fields
from datetime import date

import numpy as np
import pytest
from sqlalchemy import inspect

from matchsvc.accounts.models import Role
from matchsvc.employers.models import Offer, OfferLicence, SiteCondition, Stance
from matchsvc.matching import arrays
from matchsvc.matching.gate_words import Words
from matchsvc.matching.inputs import Offers, People
from matchsvc.matching.rules import match_offer, match_participant
from matchsvc.matching.weights import Weights
from matchsvc.participants.access import visible_participants
from matchsvc.participants.models import (
    BirthRegion,
    LanguageSkill,
    Need,
    Participant,
    ParticipantArea,
    Rung,
    Sex,
)
from tests.factories import TODAY, identity_number


@pytest.fixture
def town(session, make):
    """Three people and one place; Samira cooks for many."""
    worker = make.user(role=Role.CASE_WORKER)
    area = make.area("Centrum")
    people = [
        make.participant(worker, given_name=name, ready_on=date(2026, 10, day))
        for name, day in (("Samira", 1), ("Nadia", 5), ("Leyla", 9))
    ]
    samira, nadia, leyla = people
    make.competence(samira, "laga-mat-storkok", rung=Rung.OBSERVED)
    make.competence(nadia, "laga-mat", rung=Rung.CONFIRMED)
    make.competence(leyla, "sy")
    session.add(ParticipantArea(participant_id=samira.id, area_id=area.id))
    session.add(Need(participant_id=nadia.id, condition_id="lyfta-hogst-10"))
    session.add(LanguageSkill(participant_id=samira.id, concept_id="sv", speak=2))
    site = make.site(area_id=area.id)
    session.add(
        SiteCondition(site_id=site.id, condition_id="lyfta-hogst-10", stance=Stance.EXCLUDES)
    )
    offer = make.offer(site, required=["laga-mat-storkok", "diska-storkok"], merits=["baka"])
    session.flush()
    return worker, people, offer


def loaded(session, make, offer, actor):
    return arrays.load(
        session,
        people=arrays.ready_people(session, actor, today=TODAY),
        offers=Offer.id == offer.id,
        weights=Weights(),
        today=TODAY,
    )


def as_bytes(run):
    """Every array of a run, byte for byte."""
    return pickle.dumps(
        [
            {f.name: np.asarray(getattr(side, f.name)).tobytes() for f in fields(side)}
            for side in (run.matching.people, run.matching.offers)
        ]
    )


def test_changing_who_people_are_moves_no_byte(session, make, town):
    worker, people, offer = town
    actor = make.actor(user=worker)
    before = as_bytes(loaded(session, make, offer, actor))
    result_before = [
        r.as_json() for r in match_offer(session, actor, offer, today=TODAY, words=Words()).results
    ]
    for number, person in enumerate(people):
        person.sex = Sex.MAN if number % 2 else Sex.UNKNOWN
        person.birth_region = BirthRegion.SWEDEN
        person.birth_year = 1960 + number
        person.birth_country = "SE"
        person.given_name, person.family_name, person.sort_key = "Sven", "Ek", f"ek {number}"
        person.personal_id = identity_number()
        person.personal_id_index = str(number)
        person.phone, person.email = "+46701740615", "sven@example.org"
        person.contact_language, person.interpreter = "ar", True
        person.no_messages = True
        person.external_id = f"X{number}"
    session.flush()

    assert as_bytes(loaded(session, make, offer, actor)) == before
    after = match_offer(session, actor, offer, today=TODAY, words=Words()).results
    assert [r.as_json() for r in after] == result_before


def test_only_the_published_columns_of_a_person_are_read():
    read = {column.key for column in arrays.READ_OF_PEOPLE}
    never = {column.key for column in inspect(Participant).columns} - read
    assert read == {
        "id",
        "hours_per_week",
        "weekdays",
        "available_from",
        "reaches_all_areas",
        "informal_asked_on",
        "ready_on",
    }
    assert {"sex", "birth_year", "birth_region", "given_name", "personal_id"} <= never


def test_a_field_of_the_arrays_never_names_a_protected_trait():
    words = ("sex", "age", "birth", "name", "country", "health", "family", "benefit", "religion")
    names = [field.name for side in (People, Offers) for field in fields(side)]
    assert not [n for n in names if any(word in n.split("_") for word in words)]


def test_the_same_pair_has_the_same_numbers_in_both_directions(session, make, town):
    worker, people, offer = town
    actor = make.actor(user=worker)
    for_offer = {
        r.participant: r.as_json()
        for r in match_offer(session, actor, offer, today=TODAY, words=Words()).results
    }
    for person in people:
        found = match_participant(session, actor, person, today=TODAY, words=Words())
        assert [r.as_json() for r in found.results if r.offer == offer.id] == [for_offer[person.id]]


def test_points_can_be_added_again_and_the_words_say_where_it_was_learned(session, make, town):
    worker, (samira, *_), offer = town
    found = match_offer(session, make.actor(user=worker), offer, today=TODAY, words=Words())
    mine = next(r for r in found.results if r.participant == samira.id)
    assert sum(sum(part.points) for part in mine.parts) == mine.points
    assert mine.cover == 10_000 * mine.points // mine.most
    assert mine.parts[0].state == "met"
    assert mine.parts[0].points == (60 * 9, 25 * 9, 15 * 9)
    assert "Lärt hemma" in mine.parts[0].how_we_know


def test_a_closed_condition_names_the_accommodation_that_opens_it(session, make, town):
    worker, (_, nadia, _), offer = town
    found = match_offer(session, make.actor(user=worker), offer, today=TODAY, words=Words())
    closed = next(r for r in found.results if r.participant == nadia.id)
    assert not closed.open
    assert closed.can_be_overridden
    assert "Lyfta högst 10 kg" in closed.closed[0].reason
    assert "Vagn" in closed.closed[0].opens_by


def test_what_is_not_known_is_asked_and_closes_nothing(session, make, town):
    worker, (*_, leyla), offer = town
    session.add(OfferLicence(offer_id=offer.id, concept_id="korkort-b", purpose="Hämta varor."))
    session.flush()
    found = match_offer(session, make.actor(user=worker), offer, today=TODAY, words=Words())
    result = next(r for r in found.results if r.participant == leyla.id)
    assert result.open
    asked = [gate.code for gate in result.gates if gate.state == "ask"]
    assert {"licence", "hours", "reach"} <= set(asked)
    leyla.informal_asked_on = TODAY
    session.flush()
    found = match_offer(session, make.actor(user=worker), offer, today=TODAY, words=Words())
    result = next(r for r in found.results if r.participant == leyla.id)
    assert [gate.code for gate in result.closed] == ["licence"]


def test_english_readers_get_english_labels(session, make, town):
    worker, (samira, *_), offer = town
    words = Words(language="en")
    found = match_offer(session, make.actor(user=worker), offer, today=TODAY, words=words)
    mine = next(r for r in found.results if r.participant == samira.id)
    assert mine.parts[0].label == "Cook for many people"


def test_a_protected_person_is_never_among_the_candidates(session, make, town):
    worker, (samira, *_), offer = town
    samira.protected = True
    session.flush()
    for actor in (make.actor(user=worker), make.actor(role=Role.CASE_WORKER)):
        found = match_offer(session, actor, offer, today=TODAY, words=Words())
        assert samira.id not in [r.participant for r in found.results]
        assert found.open_total + found.closed_total == 2


def test_the_wait_runs_from_ready_or_the_last_proposal(session, make, town):
    worker, (samira, *_), offer = town
    found = match_offer(session, make.actor(user=worker), offer, today=TODAY, words=Words())
    waits = {r.participant: r.wait_days for r in found.results}
    assert waits[samira.id] == (TODAY - date(2026, 10, 1)).days


def test_another_unit_sees_nobody(session, make, town):
    _, _, offer = town
    other = make.unit(name="Grannkommunen")
    actor = make.actor(user=make.user(role=Role.CASE_WORKER, unit=other))
    run = arrays.load(
        session,
        people=visible_participants(session, actor),
        offers=Offer.id == offer.id,
        weights=Weights(),
        today=TODAY,
    )
    assert run.people == ()


def test_queries_do_not_grow_with_the_people(session, make, town, queries):
    worker, _, offer = town
    actor = make.actor(user=worker)
    session.commit()
    with queries() as few:
        match_offer(session, actor, offer, today=TODAY, words=Words())
    for number in range(30):
        person = make.participant(worker, ready_on=date(2026, 10, 1 + number % 28))
        make.competence(person, "laga-mat")
    session.commit()
    with queries() as many:
        match_offer(session, actor, offer, today=TODAY, words=Words())
    assert many.total == few.total
