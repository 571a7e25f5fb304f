"""The pages of matching: from the list to both saying yes."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.employers.models import OfferCondition, OfferStatus, Stance
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.participants.models import Need, WishedConcept
from tests.factories import TODAY


@pytest.fixture
def scene(session, make):
    worker = make.user(role=Role.CASE_WORKER, name="Johan Ekdal")
    samira = make.participant(
        worker,
        given_name="Samira",
        family_name="Haddad",
        ready_on=date(2026, 10, 1),
        informal_asked_on=date(2026, 9, 1),
    )
    make.wish(samira)
    make.competence(samira, "laga-mat-storkok")
    other = make.participant(
        make.user(role=Role.CASE_WORKER, name="Lena Björk"),
        given_name="Nadia",
        family_name="Karimi",
        ready_on=TODAY,
        informal_asked_on=TODAY,
    )
    offer = make.offer(required=["laga-mat-storkok", "baka"])
    session.commit()
    return worker, samira, other, offer


def test_the_list_explains_in_words_before_numbers(scene, client_as):
    worker, _samira, other, offer = scene
    page = client_as(worker).get(f"/matching/offers/{offer.id}").get_data(as_text=True)
    assert "Samira Haddad" in page
    assert "1 av 2 krav" in page
    assert page.index("1 av 2 krav uppfyllda") < page.index("Räkna efter själv")
    assert "Används aldrig: kön" in page
    assert other.alias in page
    assert "Nadia" not in page  # a colleague's participant stands by alias


def test_a_liaison_sees_aliases_only(scene, client_as):
    *_, offer = scene
    page = (
        client_as(Role.EMPLOYER_LIAISON).get(f"/matching/offers/{offer.id}").get_data(as_text=True)
    )
    assert "Samira" not in page
    assert scene[1].alias in page


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN])
def test_others_do_not_match_people(scene, client_as, role):
    assert client_as(role).get(f"/matching/offers/{scene[3].id}").status_code == 403


def test_possible_places_of_a_participant(scene, client_as):
    worker, samira, _, offer = scene
    page = client_as(worker).get(f"/matching/participants/{samira.id}").get_data(as_text=True)
    assert offer.title in page
    assert "Möjliga platser för Samira Haddad" in page


def test_the_same_answer_for_unknown_and_hidden_people(scene, client_as, session):
    worker, _samira, other, _ = scene
    other.protected = True
    session.commit()
    client = client_as(worker)
    hidden = client.get(f"/matching/participants/{other.id}")
    unknown = client.get("/matching/participants/D-1")
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    token = re.compile(r'name="csrf_token" value="[^"]+"')  # another one each second
    hidden, unknown = (token.sub("", each.get_data(as_text=True)) for each in (hidden, unknown))
    assert hidden == unknown.replace("/D-1?", f"/{other.id}?")


def test_comparing_shows_the_same_facts_in_the_same_order(scene, client_as):
    worker, samira, other, offer = scene
    page = (
        client_as(worker)
        .get(f"/matching/offers/{offer.id}?view=compare&compare={samira.id}&compare={other.id}")
        .get_data(as_text=True)
    )
    assert "Samma fakta" in page
    assert "Samira Haddad" in page
    assert other.alias in page


def test_a_proposal_without_a_reason_keeps_what_was_chosen(scene, client_as):
    worker, samira, _, offer = scene
    client = client_as(worker)
    answer = client.post(
        "/proposals", data={"participant": samira.id, "offer": offer.id, "said_yes": "1"}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Skriv varför du föreslår" in page
    assert "checked" in page


def test_from_the_proposal_to_both_saying_yes(scene, client_as, session):
    worker, samira, _, offer = scene
    client = client_as(worker)
    made = client.post(
        "/proposals",
        data={"participant": samira.id, "offer": offer.id, "reason": "Hon lagar mat till många."},
    )
    assert made.status_code == 303
    page = made.location
    for step, data in (
        ("participant-answer", {"answer": "wanted", "version": 1}),
        ("present", {"approved": "1", "asked_again": "1", "version": 2}),
        ("employer-answer", {"accepted": "true", "version": 3}),
    ):
        answer = client.post(f"{page}/{step}", data=data)
        assert answer.status_code == 303, answer.get_data(as_text=True)
    shown = client.get(page).get_data(as_text=True)
    assert "Båda har sagt ja" in shown
    assert "/placements/new?proposal=" in shown


def test_two_answers_at_once_show_the_conflict(scene, client_as, session):
    worker, samira, _, offer = scene
    client = client_as(worker)
    page = client.post(
        "/proposals", data={"participant": samira.id, "offer": offer.id, "reason": "Passar."}
    ).location
    client.post(f"{page}/participant-answer", data={"answer": "change", "version": 1})
    late = client.post(
        f"{page}/participant-answer", data={"answer": "wanted", "note": "Hon vill", "version": 1}
    )
    shown = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "Någon annan har sparat samtidigt" in shown
    assert "Hon vill" in shown  # what was typed is kept


def test_the_api_gives_the_same_numbers_as_the_page(scene, client_as):
    worker, samira, _, offer = scene
    client = client_as(worker)
    body = client.get(f"/api/v1/matching/offers/{offer.id}?top=1").get_json()
    result = body["results"][0]
    assert body["for"] == {"offer": str(offer.id)}
    assert result["participant"] == str(samira.id)
    assert sum(sum(part["points"]) for part in result["parts"]) == result["points"]
    assert result["parts"][0]["class"] == "required"


def test_a_refused_proposal_is_a_problem_for_a_program(scene, client_as):
    worker, _samira, other, offer = scene
    answer = client_as(worker).post(
        "/api/v1/proposals",
        json={"participant": str(other.id), "offer": str(offer.id), "reason": "x"},
    )
    assert answer.status_code == 403
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["code"] == "not_your_case"


def test_reading_a_list_of_people_is_one_logged_row_with_their_ids(scene, client_as, session):
    worker, samira, other, offer = scene
    client_as(worker).get(f"/matching/offers/{offer.id}")
    rows = session.scalars(select(AuditEvent).where(AuditEvent.action == "match")).all()
    assert len(rows) == 1
    assert set(rows[0].subjects) == {str(samira.id), str(other.id)}


def test_the_list_of_proposals_is_short_and_names_the_state(scene, client_as, session):
    worker, samira, _, offer = scene
    client = client_as(worker)
    client.post(
        "/proposals", data={"participant": samira.id, "offer": offer.id, "reason": "Passar."}
    )
    page = client.get("/proposals").get_data(as_text=True)
    assert "Väntar på personens svar" in page
    assert session.scalar(select(Proposal.reason)) == "Passar."


def test_the_published_table_stands_on_a_page_of_its_own(client_as):
    page = client_as(Role.CASE_WORKER).get("/matching/rules").get_data(as_text=True)
    assert "Exemplifierad" in page
    assert "60" in page


def test_a_colleague_sees_what_a_wish_is_about_but_not_the_words(scene, client_as, session, make):
    worker, samira, _, offer = scene
    wish = make.wish(samira, "Jag vill laga mat som min mamma Fatima.")
    session.add(WishedConcept(wish_id=wish.id, concept_id="laga-mat"))
    session.commit()
    own = client_as(worker).get(f"/matching/offers/{offer.id}").get_data(as_text=True)
    assert "Fatima" in own
    other = client_as(Role.CASE_WORKER).get(f"/matching/offers/{offer.id}").get_data(as_text=True)
    assert "Fatima" not in other
    assert "Vill: Laga mat." in other


def test_a_closed_condition_is_proposed_with_a_reason_and_the_page_says_why_one_may(
    scene, client_as, session
):
    worker, samira, _, offer = scene
    session.add(Need(participant_id=samira.id, condition_id="lyfta-hogst-10"))
    session.add(
        OfferCondition(offer_id=offer.id, condition_id="lyfta-hogst-10", stance=Stance.EXCLUDES)
    )
    session.commit()
    client = client_as(worker)
    listed = client.get(f"/matching/offers/{offer.id}").text
    assert "Öppnas av anpassning:" in listed
    page = client.get(f"/proposals/new?participant={samira.id}&offer={offer.id}").text
    assert "diskrimineringslagen 1 kap. 4 § 3" in page
    assert "Vagn eller lyfthjälp" in page
    form = {"participant": samira.id, "offer": offer.id, "reason": "Van vid storkök."}
    refused = client.post("/proposals", data=form)
    assert refused.status_code == 409
    assert "Skriv hur det ska lösas." in refused.text
    assert "Van vid storkök." in refused.text  # what was typed is kept
    made = client.post("/proposals", data={**form, "override_reason": "Vagn är beställd."})
    assert made.status_code == 303
    shown = client.get(made.location).text
    assert "Föreslagen trots ett villkor" in shown
    assert "Vagn är beställd." in shown


def test_the_page_of_a_pair_that_no_reason_opens_has_no_place_for_one(scene, client_as, session):
    worker, samira, _, offer = scene
    offer.status = OfferStatus.PAUSED
    session.commit()
    page = client_as(worker).get(f"/proposals/new?participant={samira.id}&offer={offer.id}").text
    assert "Något måste ändras först" in page
    assert "override_reason" not in page


def propose(session, worker, participant, offer, state=ProposalState.DRAFTED):
    session.add(
        Proposal(
            participant_id=participant.id,
            offer_id=offer.id,
            state=state,
            reason="Passar.",
            explanation={},
            weights_version="v1",
            proposed_on=TODAY,
            proposed_by_id=worker.id,
            unit_id=offer.unit_id,
        )
    )
    session.commit()


class TestTheStartPage:
    def test_who_waits_stands_by_wait_alone_and_places_beside(self, scene, client_as):
        worker, _samira, other, offer = scene
        page = client_as(worker).get("/matching").get_data(as_text=True)
        assert page.index("Samira Haddad") < page.index(other.alias)
        assert "Nadia" not in page
        assert offer.title in page
        assert f"{offer.places} platser lediga" in page

    def test_a_proposal_starts_the_wait_anew_and_is_counted(self, scene, client_as, session):
        worker, samira, _other, offer = scene
        propose(session, worker, samira, offer)
        page = client_as(worker).get("/matching").get_data(as_text=True)
        assert "1 förslag pågår" in page
        assert "Inget förslag än" in page

    def test_a_promised_place_is_not_free_and_its_person_does_not_wait(
        self, scene, client_as, session
    ):
        worker, samira, _other, offer = scene
        offer.places = 1
        propose(session, worker, samira, offer, ProposalState.ACCEPTED)
        page = client_as(worker).get("/matching").get_data(as_text=True)
        assert "Samira Haddad" not in page
        assert "Ingen plats är ledig" in page

    def test_a_protected_person_waits_on_no_list(self, scene, client_as, session):
        worker, samira, *_ = scene
        samira.protected = True
        session.commit()
        assert "Samira" not in client_as(worker).get("/matching").get_data(as_text=True)

    def test_more_people_do_not_cost_more_queries(self, scene, client_as, session, make, queries):
        client = client_as(scene[0])
        client.get("/matching")
        with queries() as few:
            client.get("/matching")
        for _ in range(5):
            make.participant(scene[0], ready_on=TODAY, informal_asked_on=TODAY)
        session.commit()
        with queries() as many:
            client.get("/matching")
        assert many.total == few.total

    def test_a_supervisor_does_not_match(self, client_as):
        assert client_as(Role.SUPERVISOR).get("/matching").status_code == 403
