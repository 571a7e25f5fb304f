"""What people read of a pair: the text to be read aloud, what would open more, any pair."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import update

from matchsvc.accounts.models import Role
from matchsvc.employers.models import (
    LanguagePart,
    OfferCondition,
    OfferLanguage,
    OfferLicence,
    SiteCondition,
    Stance,
)
from matchsvc.matching.gate_words import Words
from matchsvc.matching.models import WeightsVersion
from matchsvc.matching.rules import explain_pair, match_offer, match_participant
from matchsvc.matching.weights_table import PUBLISHED
from matchsvc.participants.models import (
    Competence,
    LanguageSkill,
    LearnedWhere,
    Need,
    ParticipantArea,
    Rung,
    WishedConcept,
)
from tests.factories import TODAY


@pytest.fixture
def scene(session, make):
    """Samira cooks for many, and three offers of which none can be proposed yet."""
    worker = make.user(role=Role.CASE_WORKER)
    samira = make.participant(
        worker,
        given_name="Samira",
        family_name="Haddad",
        ready_on=date(2026, 10, 1),
        informal_asked_on=date(2026, 9, 1),
        hours_per_week=15,
        weekdays=0b11111,
        available_from=date(2026, 10, 1),
        reaches_all_areas=True,
    )
    make.competence(samira, "laga-mat-storkok", rung=Rung.OBSERVED)
    session.add(LanguageSkill(participant_id=samira.id, concept_id="sv", speak=2, understand=3))
    session.add(Need(participant_id=samira.id, condition_id="lyfta-hogst-10"))
    session.flush()
    return worker, samira


def explained(session, make, scene, offer, words=None):
    worker, samira = scene
    return explain_pair(
        session,
        make.actor(user=worker),
        samira.id,
        offer.id,
        today=TODAY,
        words=words or Words(),
    )


def test_the_text_says_everything_that_the_page_says(session, make, scene):
    offer = make.offer(required=["laga-mat-storkok", "diska-storkok"], merits=["laga-varldens-mat"])
    session.add(
        SiteCondition(site_id=offer.site_id, condition_id="lyfta-hogst-10", stance=Stance.OFFERS)
    )
    wish = make.wish(scene[1])
    session.add(WishedConcept(wish_id=wish.id, concept_id="baka"))
    make.competence(scene[1], None, own_words="Broderar dukar")
    session.flush()
    found = explained(session, make, scene, offer)
    summary, parts, fits, _asks, last = found.text
    assert summary == "Krav på kompetens: 2. Uppfyllda: 1, delvis: 1, saknas: 0."
    assert "Laga mat i större mängd är uppfyllt. Någon har sett det. Lärt hemma." in parts
    assert "Meriten Laga mat från olika länder är delvis uppfyllt" in parts
    assert "Ordnat: Arbetet går att göra utan lyft över 10 kg" in fits
    assert "Inget av det som måste stämma stänger." in fits
    assert "personens önskemål: Baka" in last
    assert "en sak i egna ord som ingen har kopplat till ordlistan" in last
    assert "Broderar" not in " ".join(found.text)
    assert f"{found.points} av {found.most} poäng" in last
    assert found.as_json()["text"] == "\n".join(found.text)


def test_a_closed_condition_says_which_accommodation_opens_it_and_who_may_go_on(
    session, make, scene
):
    offer = make.offer(required=["laga-mat-storkok"])
    session.add(
        OfferCondition(offer_id=offer.id, condition_id="lyfta-hogst-10", stance=Stance.EXCLUDES)
    )
    session.flush()
    fits = explained(session, make, scene, offer).text[2]
    assert "Öppnas av anpassning: Vagn eller lyfthjälp" in fits
    assert "En handläggare får föreslå ändå, med ett skäl" in fits


def test_a_closed_language_is_told_in_levels_and_everyday_words(session, make, scene):
    offer = make.offer(required=["laga-mat-storkok"])
    for part, level in ((LanguagePart.SPEAK, 3), (LanguagePart.READ, 2)):
        session.add(
            OfferLanguage(
                offer_id=offer.id,
                concept_id="sv",
                part=part,
                level=level,
                purpose="Prata med gäster.",
            )
        )
    session.flush()
    text = " ".join(explained(session, make, scene, offer).text)
    assert (
        "Svenska, tala: lägst B1 (det mesta i vardagen och på jobbet), "
        "nu A2 (enkla samtal om vardagen). Prata med gäster." in text
    )
    assert "Fråga personen: Vilken nivå har du i Svenska, läsa?" in text
    assert "får föreslå ändå" not in text


def test_the_text_presumes_nothing_of_who_the_person_is(session, make, scene):
    found = explained(session, make, scene, make.offer(required=["baka"]))
    words = " ".join(found.text).lower().replace(".", " ").replace(",", " ").split()
    assert not {"hon", "han", "hennes", "hans", "samira", "haddad"} & set(words)


def test_an_offer_without_requirements_and_a_person_without_competences_are_told(session, make):
    worker = make.user(role=Role.CASE_WORKER)
    nobody = make.participant(worker, ready_on=TODAY, informal_asked_on=TODAY)
    actor = make.actor(user=worker)
    free, asks = make.offer(), make.offer(required=["baka"])
    result = explain_pair(session, actor, nobody.id, free.id, today=TODAY, words=Words())
    assert (result.cover, result.points, result.most) == (10_000, 0, 0)
    assert result.text[0] == "Platsen kräver ingen särskild kompetens."
    result = explain_pair(session, actor, nobody.id, asks.id, today=TODAY, words=Words())
    assert (result.cover, result.open) == (0, True)
    assert (
        "Baka saknas i kartläggningen. Varför det efterfrågas: Behövs varje dag." in result.text[1]
    )


class TestUnlocks:
    """The two sentences: what would open more, and what shuts people out."""

    @pytest.fixture
    def offers(self, session, make, scene):
        licence = make.offer(required=["laga-mat-storkok"], title="Chaufför")
        session.add(
            OfferLicence(offer_id=licence.id, concept_id="korkort-b", purpose="Hämta varor.")
        )
        for _ in range(2):
            make.offer(required=["sy"], title="Sömmerska")
        adapted = make.offer(required=["laga-mat-storkok"], title="Lager")
        session.add(
            OfferCondition(
                offer_id=adapted.id, condition_id="lyfta-hogst-10", stance=Stance.EXCLUDES
            )
        )
        session.flush()
        return licence, adapted

    def test_a_participant_is_told_what_would_open_more_offers(self, session, make, scene, offers):
        worker, samira = scene
        found = match_participant(
            session, make.actor(user=worker), samira, today=TODAY, words=Words()
        )
        told = [line.sentence for line in found.unlocks]
        need = "det som behövs (Lyfta högst 10 kg)"
        assert told == [
            "Med ”Sy och laga kläder” bekräftad skulle 2 erbjudanden till gå att föreslå.",
            "Med B-körkort skulle 1 erbjudande till gå att föreslå.",
            f"Om platsen ordnar {need} skulle 1 erbjudande till gå att föreslå.",
        ]
        assert found.unlocks[2].closes.startswith("Öppnas av anpassning: Vagn")

    def test_what_to_do_follows_the_rung_that_is_reached(self, session, make, scene):
        worker, samira = scene
        make.competence(samira, "sy", rung=Rung.CLAIMED)
        make.offer(required=["sy"])
        manager = make.user(role=Role.UNIT_MANAGER)
        session.add(
            WeightsVersion(
                unit_id=manager.unit_id,
                number=2,
                reason="Högre golv.",
                made_by_id=manager.id,
                valid_from=samira.created_at,
                **{**PUBLISHED.numbers, "floor": 8_000},
            )
        )
        session.flush()
        found = match_participant(
            session, make.actor(user=worker), samira, today=TODAY, words=Words()
        )
        (line,) = found.unlocks
        assert line.label == "Sy och laga kläder"
        assert line.closes.startswith("Personen säger sig kunna det.")

    def test_an_offer_is_told_whom_it_shuts_out_and_why_it_asks(self, session, make, scene, offers):
        worker, _ = scene
        for _ in range(2):
            person = make.participant(worker, ready_on=TODAY, informal_asked_on=TODAY)
            make.competence(person, "laga-mat-storkok")
        found = match_offer(session, make.actor(user=worker), offers[0], today=TODAY, words=Words())
        (line,) = found.unlocks
        assert line.sentence == (
            "Utan kravet B-körkort (syfte: Hämta varor) skulle 3 personer till vara möjliga."
        )
        assert line.as_json()["count"] == 3
        assert line.purpose == "Hämta varor."
        assert "någon annan i laget" in line.closes

    def test_a_hindrance_is_told_with_its_accommodation(self, session, make, scene, offers):
        found = match_offer(
            session, make.actor(user=scene[0]), offers[1], today=TODAY, words=Words()
        )
        (line,) = found.unlocks
        assert line.sentence == (
            "Utan hindret ”Kräver lyft över 10 kg” skulle 1 person till vara möjlig."
        )
        assert "Vagn" in line.closes

    def test_every_other_thing_has_its_sentence(self, session, make, scene):
        worker, samira = scene
        samira.reaches_all_areas = False
        samira.weekdays = 0b0000011
        samira.available_from = date(2027, 3, 1)
        near, far = make.area("Centrum"), make.area("Norr")
        session.add(ParticipantArea(participant_id=samira.id, area_id=near.id))
        ask = {"required": ["laga-mat-storkok"]}
        here = make.site(area_id=near.id)
        offers = [
            make.offer(make.site(area_id=far.id), **ask),
            make.offer(here, weekdays=0b1000000, **ask),
            make.offer(here, hours_start=20, hours_max=25, **ask),
            make.offer(here, start_by=date(2027, 1, 10), **ask),
            make.offer(here, season_start="05-01", season_end="09-30", **ask),
            make.offer(here, **ask),
        ]
        session.add(
            OfferLanguage(
                offer_id=offers[5].id,
                concept_id="sv",
                part=LanguagePart.SPEAK,
                level=3,
                purpose="Prata med gäster.",
            )
        )
        session.flush()
        actor = make.actor(user=worker)
        mine = match_participant(session, actor, samira, today=TODAY, words=Words()).unlocks
        begun = {line.kind: line.sentence.split(" skulle ")[0] for line in mine}
        assert begun == {
            "reach": "Med resväg till Norr",
            "weekdays": "Om söndag också går",
            "hours": "Med 20 timmar i veckan",
            "start": "Om starten kan vara i dag",
            "language": "Med svenska på nivå B1 (det mesta i vardagen och på jobbet)",
        }
        level = "B1 (det mesta i vardagen och på jobbet)"
        theirs = [
            match_offer(session, actor, offer, today=TODAY, words=Words()).unlocks[0].sentence
            for offer in offers
        ]
        assert [sentence.split(" skulle ")[0] for sentence in theirs] == [
            "Om fler kunde ta sig till Norr",
            "Om dagarna kunde vara andra",
            "Om platsen kunde börja med färre timmar än 20 i veckan",
            "Om starten kunde vara senare",
            "Om arbetet fanns hela året",
            f"Utan kravet på svenska, lägst {level} (syfte: Prata med gäster)",
        ]

    def test_they_stand_on_both_pages_and_in_the_answers_to_programs(
        self, session, scene, offers, client_as
    ):
        worker, samira = scene
        session.commit()
        client = client_as(worker)
        page = client.get(f"/matching/participants/{samira.id}").text
        assert (
            "Med ”Sy och laga kläder” bekräftad skulle 2 erbjudanden till gå att föreslå." in page
        )
        page = client.get(f"/matching/offers/{offers[0].id}").text
        assert "Utan kravet B-körkort (syfte: Hämta varor)" in page
        body = client.get(f"/api/v1/matching/participants/{samira.id}").get_json()
        assert [line["count"] for line in body["unlocks"]] == [2, 1, 1]
        body = client.get(f"/api/v1/matching/offers/{offers[0].id}").get_json()
        assert body["unlocks"][0]["kind"] == "licence"
        english = client.get(f"/matching/participants/{samira.id}?lang=en").text
        assert "With “Sew and mend clothes” confirmed, 2 more offers could be proposed." in english


class TestAnyPair:
    """A page and an answer for any pair, shown in a list or not."""

    def test_the_page_has_the_text_and_the_lines(self, session, make, scene, client_as):
        worker, samira = scene
        offer = make.offer(required=["laga-mat-storkok"])
        session.commit()
        client = client_as(worker)
        address = f"/matching/pairs?participant={samira.id}&offer={offer.id}"
        page = client.get(address).text
        assert "Laga mat i större mängd är uppfyllt." in page
        assert "Används aldrig: kön" in page
        english = client.get(address + "&lang=en").text
        assert "Cook for many people is met. Somebody has seen it. Learned at home." in english
        body = client.get("/api/v1" + address + "&lang=sv").get_json()
        assert body["weights"] == "v1"
        assert body["text"].startswith("Krav på kompetens: 1.")
        assert body["not_counted"] == ["var något är lärt"]

    def test_unknown_hidden_and_protected_give_the_same_answer(
        self, session, make, scene, client_as
    ):
        _, samira = scene
        offer = make.offer(required=["baka"])
        samira.protected = True
        session.commit()
        client = client_as(Role.CASE_WORKER)
        for query in (f"participant={samira.id}&offer={offer.id}", "participant=D-1&offer=x", ""):
            assert client.get(f"/matching/pairs?{query}").status_code == 404

    @pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN])
    def test_who_does_not_match_reads_no_pair(self, client_as, role):
        assert client_as(role).get("/matching/pairs").status_code == 403


def test_where_something_was_learned_changes_a_word_and_no_number(session, make, scene):
    offer = make.offer(required=["laga-mat-storkok", "diska-storkok"])
    before = explained(session, make, scene, offer)
    session.execute(update(Competence).values(learned_where=LearnedWhere.JOB))
    session.expire_all()
    after = explained(session, make, scene, offer)
    assert after.as_json() | {"text": ""} == before.as_json() | {"text": ""}
    assert [line.replace("i jobb", "hemma") for line in after.text] == list(before.text)
