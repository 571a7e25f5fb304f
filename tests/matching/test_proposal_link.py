"""The employer's link to a proposal: nobody's name, one answer, dead as soon as it should be."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import func, select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.employers.models import Contact, Site
from matchsvc.errors import Invalid, NotFound, Refused, RuleViolation
from matchsvc.matching import naming, proposal_link, proposals
from matchsvc.matching.gate_words import Words
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.messages.models import LinkCode, LinkSession, MessageState, OutboxMessage, SignedLink
from matchsvc.participants.consent_models import (
    Category,
    Consent,
    ConsentAnswer,
    ConsentScope,
    Disclosure,
    Party,
)
from matchsvc.participants.presentation_models import PresentationAnswer, PresentationSaid
from matchsvc.workday.models import Task
from tests.factories import TODAY

NOW = datetime.combine(TODAY, datetime.min.time(), UTC).replace(hour=9)
WHEN = {"today": TODAY, "now": NOW}
URL = "https://matchsvc.example.org"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def there(session, make):
    """A proposal that the participant wants, and a contact with an address."""
    user = make.user(role=Role.CASE_WORKER)
    samira = make.participant(user, ready_on=TODAY, informal_asked_on=TODAY)
    make.wish(samira)
    make.competence(samira, "laga-mat-storkok", is_shared=True)
    offer = make.offer(required=["laga-mat-storkok"], places=1)
    contact = Contact(
        employer_id=session.get(Site, offer.site_id).employer_id,
        name="Eva Prov", sort_key="eva prov", role=None, email="eva@example.org",
        phone=None, channel=None,
    )  # fmt: skip
    session.add(contact)
    session.flush()
    actor = make.actor(user=user)
    proposal = proposals.propose(
        session, actor, participant_key=samira.id, offer_key=offer.id,
        reason="Passar.", words=Words(), said_yes=True, **WHEN,
    )  # fmt: skip
    session.commit()
    return SimpleNamespace(
        user=user, actor=actor, samira=samira, offer=offer, contact=contact, proposal=proposal
    )


def send(session, there, **more):
    said = {"approved": True, "asked_again": True, "contact_id": there.contact.id, "by_link": True}
    proposal_link.present(
        session, there.actor, there.proposal.id, **said | more, base_url=URL, **WHEN
    )
    session.commit()
    message = session.scalars(
        select(OutboxMessage).order_by(OutboxMessage.created_at.desc()).limit(1)
    ).one()
    there.path = re.search(rf"{URL}(/l/\S+)", message.body)[1]
    there.start = there.path.replace("/l/", "/l/f/") + "/start"
    there.link = session.get_one(SignedLink, message.link_id)
    return message


@pytest.fixture
def visitor(app):
    app.config["WTF_CSRF_ENABLED"] = False
    yield app.test_client()
    app.config["WTF_CSRF_ENABLED"] = True


def text_of(response):
    return response.get_data(as_text=True)


def answer(session, there, **said):
    return proposal_link.answer_by_link(
        session, there.link, **{"accepted": True, "note": None} | said, **WHEN
    )


def test_the_letter_names_our_unit_and_the_employers_own_offer_alone(session, there):
    message = send(session, there)
    assert message.recipient == "eva@example.org"
    for secret in (there.samira.given_name, there.samira.alias, "kök"):
        assert secret not in message.subject + message.body.replace(there.offer.title, "")
    assert there.offer.title in message.body


def test_where_few_fit_the_description_the_person_is_asked_again(session, there):
    with pytest.raises(RuleViolation) as refused:
        send(session, there, asked_again=False)
    assert refused.value.code == "not_asked_again"
    assert "asked_again" in refused.value.fields


def test_a_link_needs_a_contact_with_an_address(session, there):
    there.contact.email = None
    session.flush()
    with pytest.raises(RuleViolation) as refused:
        send(session, there)
    assert refused.value.code == "no_address"
    assert session.scalar(select(func.count()).select_from(SignedLink)) == 0


def test_nobody_elses_contact_gets_the_proposal(session, there, make):
    other = make.offer(required=["laga-mat-storkok"])
    stranger = Contact(
        employer_id=session.get(Site, other.site_id).employer_id, name="X", sort_key="x", role=None,
        email="x@example.org", phone=None, channel=None,
    )  # fmt: skip
    session.add(stranger)
    session.flush()
    with pytest.raises(Invalid):
        send(session, there, contact_id=stranger.id)


def test_opening_changes_nothing_and_the_proposal_names_nobody(session, there, visitor):
    send(session, there)
    for _ in range(3):
        assert "Läs förslaget" in text_of(visitor.get(there.path))
    assert session.scalar(select(func.count()).select_from(LinkSession)) == 0
    started = visitor.post(there.start)
    assert (started.status_code, started.location) == (303, "/l/f/proposal")
    page = text_of(visitor.get("/l/f/proposal"))
    assert "Person A" in page
    for secret in (there.samira.given_name, there.samira.alias, str(there.samira.id)):
        assert secret not in page
    assert there.path.rpartition("/")[2] not in page


def test_a_yes_by_link_moves_the_proposal_and_tells_who_sent_it(session, there, visitor):
    send(session, there)
    visitor.post(there.start)
    said = visitor.post("/l/f/proposal", data={"accepted": "true", "note": "Välkommen"})
    assert "Vi hör av oss" in text_of(visitor.get(said.location))
    session.expire_all()
    assert there.proposal.state is ProposalState.ACCEPTED
    task = session.scalars(select(Task).where(Task.kind == proposal_link.TASK_KIND)).one()
    assert (task.owner_id, task.about_id) == (there.user.id, there.proposal.id)
    assert visitor.get(there.path).status_code == 410
    # In another tab the form still stands: sent again, it says thank you and changes nothing.
    again = visitor.post("/l/f/proposal", data={"accepted": "false", "note": "Nej"})
    assert again.status_code == 403
    session.expire_all()
    assert there.proposal.state is ProposalState.ACCEPTED


def test_a_no_needs_a_reason_and_keeps_what_was_typed(session, there, visitor):
    send(session, there)
    visitor.post(there.start)
    for note in ("", "Hon heter 850312-2387"):
        refused = visitor.post("/l/f/proposal", data={"accepted": "false", "note": note})
        assert refused.status_code == 422
        assert note in text_of(refused)
    session.expire_all()
    assert there.proposal.state is ProposalState.PRESENTED
    assert visitor.post(
        "/l/f/proposal", data={"accepted": "false", "note": "Vi har ingen handledare i höst."}
    ).status_code == 303  # fmt: skip
    session.expire_all()
    assert there.proposal.state is ProposalState.DECLINED


def test_of_two_answers_at_once_one_counts(session, there):
    send(session, there)
    answer(session, there)
    with pytest.raises((RuleViolation, NotFound)):
        answer(session, there, accepted=False, note="Nej")


def _protected(session, there):
    there.samira.protected = True


def _refused(session, there):
    session.add(
        PresentationAnswer(
            participant_id=there.samira.id, unit_id=there.samira.unit_id,
            answer=PresentationSaid.REFUSED, words=None, content_hash="0" * 64, language="sv",
            interpreter=None, answered_at=NOW, recorded_by_id=there.user.id,
        )
    )  # fmt: skip


def _withdrawn(session, there):
    proposals.withdraw(session, there.actor, there.proposal.id, note="Ändrat.", **WHEN)


def _answered_by_phone(session, there):
    proposals.answer_for_employer(
        session, there.actor, there.proposal.id, accepted=True, note=None, **WHEN
    )


def _stopped(session, there):
    proposal_link.stop_link(session, there.actor, there.proposal.id, **WHEN)


@pytest.mark.parametrize(
    "happens", [_protected, _refused, _withdrawn, _answered_by_phone, _stopped]
)
def test_the_link_shows_nothing_any_more_when_it_should_not(session, there, visitor, happens):
    send(session, there)
    visitor.post(there.start)
    happens(session, there)
    session.commit()
    before = there.proposal.state
    assert visitor.get(there.path).status_code == 410
    assert visitor.get("/l/f/proposal").status_code in {403, 410}
    assert visitor.post("/l/f/proposal", data={"accepted": "true"}).status_code in {403, 410}
    session.expire_all()
    assert there.proposal.state is before


def test_a_letter_that_has_not_left_is_taken_back_with_its_link(session, there):
    message = send(session, there)
    _stopped(session, there)
    session.refresh(message)
    assert (message.state, message.body) == (MessageState.CANCELLED, None)


def test_after_three_weeks_the_link_is_dead(session, there, visitor, clock):
    send(session, there)
    clock.move_to(NOW + timedelta(days=21))
    assert visitor.get(there.path).status_code == 410
    assert visitor.post(there.start).status_code == 410


def test_a_new_link_stops_the_one_before(session, there, visitor):
    send(session, there)
    first = there.path
    proposal_link.send_link(session, there.actor, there.proposal.id, base_url=URL, **WHEN)
    session.commit()
    assert visitor.get(first).status_code == 410


def test_a_place_that_was_filled_meanwhile_says_so(session, there, make):
    send(session, there)
    other = make.participant(there.user, ready_on=TODAY, informal_asked_on=TODAY)
    session.add(
        Proposal(
            unit_id=there.offer.unit_id, participant_id=other.id, offer_id=there.offer.id,
            state=ProposalState.ACCEPTED, explanation={}, weights_version="v1",
            proposed_by_id=there.user.id, proposed_on=TODAY, reason="Passar.",
            override_reason=None, presentation=None, contact_id=None,
        )
    )  # fmt: skip
    session.flush()
    with pytest.raises(RuleViolation) as refused:
        answer(session, there)
    assert refused.value.code == "no_places_left"


def test_reading_by_the_link_is_logged_without_a_name(session, there, visitor):
    send(session, there)
    visitor.post(there.start)
    visitor.get("/l/f/proposal")
    read = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "read", AuditEvent.actor.like("link:%"))
    ).all()
    assert read
    assert all(event.object_id == str(there.proposal.id) for event in read)


def test_another_units_staff_cannot_send_or_stop_it(session, there, make):
    send(session, there)
    stranger = make.actor(role=Role.EMPLOYER_LIAISON, unit=make.unit(name="Norra"))
    with pytest.raises(NotFound):
        proposal_link.stop_link(session, stranger, there.proposal.id, **WHEN)
    with pytest.raises(NotFound):
        proposal_link.send_link(session, stranger, there.proposal.id, base_url=URL, **WHEN)


def test_pages_and_programs_send_and_stop_the_link(session, there, client_as):
    client = client_as(there.user)
    base = f"/proposals/{there.proposal.id}"
    form = {
        "approved": "1", "asked_again": "1", "by_link": "1", "contact_id": there.contact.id,
        "version": there.proposal.version,
    }  # fmt: skip
    assert client.post(f"{base}/present", data=form).status_code == 303
    page = text_of(client.get(base))
    assert "Skickad till Eva Prov" in page
    assert client.post(f"{base}/stop-link").status_code == 303
    assert "gäller inte längre" in text_of(client.get(base))
    assert client.post(f"{base}/link", data={}).status_code == 303
    assert client.post(f"{base}/no-such-step", data={}).status_code == 404
    api = f"/api/v1/proposals/{there.proposal.id}/link"
    assert client.post(api, json={}).status_code == 200
    assert client.delete(api).status_code == 204
    assert client.delete(f"/api/v1/proposals/{uuid4()}/link").status_code == 404


def consent(make, there, *, until=timedelta(days=60)):
    row = make.save(
        Consent(
            participant_id=there.samira.id, unit_id=there.samira.unit_id, text_version="1",
            answer=ConsentAnswer.GIVEN, text_language="sv", content_hash="x",
            valid_from=TODAY, valid_until=TODAY + until, recorded_by_id=there.user.id,
        )
    )  # fmt: skip
    make.save(ConsentScope(consent_id=row.id, party=Party.EMPLOYER, category=Category.CONTACT))
    return row


def wants_name(session, there, *, agreed=True):
    naming.answer_naming(session, there.actor, there.proposal.id, agreed=agreed, **WHEN)
    session.commit()


def code_of(session):
    letter = session.scalar(
        select(OutboxMessage)
        .where(OutboxMessage.kind == "link_code")
        .order_by(OutboxMessage.created_at.desc())
        .limit(1)
    )
    assert letter.recipient == "eva@example.org"
    return re.search(r"Koden är (\d{6})", letter.body)[1]


def test_the_name_needs_a_consent_and_a_yes_to_just_this_employer(session, make, there):
    send(session, there)
    with pytest.raises(RuleViolation) as refused:
        naming.answer_naming(session, there.actor, there.proposal.id, agreed=True, **WHEN)
    assert refused.value.code == "no_consent"
    consent(make, there)
    assert not naming.may_be_named(session, there.proposal, today=TODAY)
    wants_name(session, there)
    assert naming.may_be_named(session, there.proposal, today=TODAY)
    assert not naming.may_be_named(session, there.proposal, today=TODAY + timedelta(days=61))
    told = session.scalars(select(Disclosure)).one()
    assert (told.party, told.category) == (Party.EMPLOYER, Category.CONTACT)


def test_a_proposal_that_no_employer_has_names_nobody(session, make, there):
    consent(make, there)
    with pytest.raises(RuleViolation) as refused:
        naming.answer_naming(session, there.actor, there.proposal.id, agreed=True, **WHEN)
    assert refused.value.code == "not_presented"


def test_only_her_own_worker_records_her_yes(session, make, there):
    send(session, there)
    consent(make, there)
    with pytest.raises((Refused, NotFound)):
        naming.answer_naming(
            session, make.actor(Role.EMPLOYER_LIAISON), there.proposal.id, agreed=True, **WHEN
        )


def test_the_employer_sees_the_name_after_a_code_and_never_before(session, make, there, visitor):
    send(session, there)
    consent(make, there)
    wants_name(session, there)
    visitor.post(there.start)
    page = text_of(visitor.get("/l/f/proposal"))
    assert "Se vem det är" in page
    assert there.samira.given_name not in page + text_of(visitor.get("/l/f/name"))
    assert visitor.post("/l/f/name/send").status_code == 303
    code = code_of(session)
    wrong = "000000" if code != "000000" else "111111"
    refused = visitor.post("/l/f/name", data={"code": wrong})
    assert refused.status_code == 422
    assert there.samira.given_name not in text_of(refused)
    assert visitor.post("/l/f/name", data={"code": code}).status_code == 303
    assert f"{there.samira.given_name} {there.samira.family_name}" in text_of(
        visitor.get("/l/f/name")
    )
    assert "Person A" in text_of(visitor.get("/l/f/proposal"))
    read = session.scalars(select(AuditEvent).where(AuditEvent.action == "read")).all()
    assert any(event.fields == ["name"] for event in read)


def test_a_yes_taken_back_shuts_the_name_at_once(session, make, there, visitor):
    send(session, there)
    consent(make, there)
    wants_name(session, there)
    visitor.post(there.start)
    visitor.post("/l/f/name/send")
    visitor.post("/l/f/name", data={"code": code_of(session)})
    wants_name(session, there, agreed=False)
    assert visitor.get("/l/f/name").status_code == 410
    assert "Se vem det är" not in text_of(visitor.get("/l/f/proposal"))


def test_a_link_without_a_yes_to_the_name_sends_no_code(session, there, visitor):
    send(session, there)
    visitor.post(there.start)
    assert visitor.post("/l/f/name/send").status_code == 410
    assert session.scalar(select(func.count()).select_from(LinkCode)) == 0
