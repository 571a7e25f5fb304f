"""What nobody should have asked for gets a defined answer, wherever it comes in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from sqlalchemy import func, select

from matchsvc.accounts.models import Role
from matchsvc.employers.models import Offer as OfferRow
from matchsvc.employers.models import SiteCondition, Stance
from matchsvc.matching.engine import rank_offers_for_person, rank_people_for_offer
from matchsvc.matching.gate_words import Words
from matchsvc.matching.inputs import People
from matchsvc.matching.rules import match_offer, match_participant
from matchsvc.matching.unlocks import unlocks_for_offer
from matchsvc.participants.models import Need
from matchsvc.vocabulary.models import Concept, ConceptType
from tests.factories import TODAY
from tests.imports.files import look, sentences
from tests.matching.cases import World, people_arrays
from tests.matching.reference import Asked, Held, Offer, Person

FORM = {
    "title": "Köksbiträde",
    "tasks": "Laga lunch.",
    "contribution": "experience",
    "places": "2",
    "hours_start": "15",
    "hours_max": "15",
}


@pytest.fixture
def many(session):
    """One skill more than an offer may require."""
    skills = (
        select(Concept)
        .where(Concept.type == ConceptType.SKILL, Concept.parent_id.is_not(None))
        .order_by(Concept.id)
    )
    return list(session.scalars(skills.limit(41)))


class TestFortyOneRequirements:
    """Refused by the form, the API and the import alike; forty are taken."""

    def form_of(self, skills):
        rows = {}
        for place, skill in enumerate(skills):
            rows[f"requirements/{place}/concept_id"] = skill.id
            rows[f"requirements/{place}/importance"] = "required"
            rows[f"requirements/{place}/purpose"] = "Behövs."
        return FORM | rows

    def test_by_the_form(self, session, make, client_as, many):
        site = make.site()
        client = client_as(Role.EMPLOYER_LIAISON)
        address = f"/offers/new?site={site.id}"
        refused = client.post(address, data=self.form_of(many) | {"site": str(site.id)})
        assert refused.status_code == 422
        assert "Högst 40 krav" in refused.text
        assert session.scalar(select(func.count()).select_from(OfferRow)) == 0
        taken = client.post(address, data=self.form_of(many[:40]) | {"site": str(site.id)})
        assert taken.status_code == 303

    def test_by_the_api(self, session, make, client_as, many):
        site = make.site()
        client = client_as(Role.EMPLOYER_LIAISON)
        asked = [{"concept_id": skill.id, "purpose": "Behövs."} for skill in many]
        body = {**FORM, "places": 2, "hours_start": 15, "hours_max": 15, "site": str(site.id)}
        refused = client.post("/api/v1/offers", json={**body, "requirements": asked})
        assert refused.status_code == 422
        assert refused.get_json()["errors"][0]["pointer"] == "/requirements"
        taken = client.post("/api/v1/offers", json={**body, "requirements": asked[:40]})
        assert taken.status_code == 201

    def test_by_an_import(self, session, make, many):
        employer = make.employer(external_id="A1", name="Kvarnen")
        make.site(employer, external_id="S1")
        session.commit()
        cells = "|".join(f"{skill.id} = Behövs" for skill in many)
        found = look("offers", {"Krav": cells})
        assert "Högst 40 krav" in " ".join(sentences(found))
        fewer = look("offers", {"Krav": "|".join(cells.split("|")[:40])})
        assert "Högst 40 krav" not in " ".join(sentences(fewer))


class TestNumbersThatAreNone:
    """No NaN, no level and no rung outside the scale reaches a score."""

    @pytest.mark.parametrize(
        "change",
        [
            {"held_level": np.array([np.nan])},
            {"held_level": np.array([-1])},
            {"held_level": np.array([7])},
            {"held_rung": np.array([np.nan])},
            {"held_rung": np.array([0])},
            {"languages": np.full((1, 2, 4), np.nan)},
            {"languages": np.full((1, 2, 4), -2)},
        ],
    )
    def test_of_people(self, change):
        people = people_arrays([Person(0, held=[Held(0, 1)])])
        assert isinstance(people, People)
        with pytest.raises(ValueError, match="no such"):
            replace(people, **change)

    @pytest.mark.parametrize("level", [-1, 7])
    def test_of_offers(self, level):
        with pytest.raises(ValueError, match="no such"):
            World([None], [], [Offer(0, [Asked(0, level=level)])]).matching()


def test_rows_with_the_same_id_keep_one_order(session):
    people = [Person(7, held=[Held(0, 2)]) for _ in range(5)]
    offers = [Offer(3, [Asked(0)]) for _ in range(4)]
    matching = World([None], people, offers).matching()
    assert rank_people_for_offer(matching, 0).rows.tolist() == [0, 1, 2, 3, 4]
    assert rank_offers_for_person(matching, 0).rows.tolist() == [0, 1, 2, 3]


@pytest.fixture
def gated_out(session, make):
    """Three people who all need what the only place excludes, and can work too few hours."""
    worker = make.user(role=Role.CASE_WORKER)
    offer = make.offer(required=["baka"], hours_start=20, hours_max=20)
    session.add(
        SiteCondition(site_id=offer.site_id, condition_id="lyfta-hogst-10", stance=Stance.EXCLUDES)
    )
    for _ in range(3):
        person = make.participant(worker, ready_on=date(2026, 10, 1), hours_per_week=10)
        session.add(Need(participant_id=person.id, condition_id="lyfta-hogst-10"))
    session.flush()
    return worker, offer, person


def test_everybody_gated_out_is_a_list_that_says_what_opens(session, make, gated_out, client_as):
    worker, offer, person = gated_out
    actor = make.actor(user=worker)
    found = match_offer(session, actor, offer, today=TODAY, words=Words())
    assert (found.open_total, found.closed_total, found.open) == (0, 3, ())
    assert all(result.closed[0].opens_by for result in found.closed)
    assert found.unlocks == ()  # two things are in the way: none alone opens anything
    assert match_participant(session, actor, person, today=TODAY, words=Words()).open == ()
    session.commit()
    page = client_as(worker).get(f"/matching/offers/{offer.id}").text
    assert "Ingen deltagare är öppen för platsen än" in page
    assert "Inget enskilt krav stänger ute någon" in page


def test_more_places_than_people_and_the_reverse_give_whole_lists():
    matching = World([None], [Person(0)], [Offer(n) for n in range(30)]).matching()
    assert len(rank_offers_for_person(matching, 0, 10).rows) == 10
    assert len(rank_people_for_offer(matching, 0, 10).rows) == 1
    matching = World([None], [Person(n) for n in range(30)], [Offer(0)]).matching()
    assert len(rank_people_for_offer(matching, 0, 10).rows) == 10
    assert unlocks_for_offer(matching, 0, floor=4_000) == ()
