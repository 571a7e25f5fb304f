"""A signed document by a link of its own: a letter without words, a code, and then the paper."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.documents import by_link, delivering, desk
from matchsvc.documents.delivering import Giving
from matchsvc.documents.models import DocumentKind, GivenHow, GivenTo
from matchsvc.documents.writing import begin
from matchsvc.errors import Invalid, NotFound, Refused, RuleViolation
from matchsvc.messages.links import LinkState, find_link
from matchsvc.messages.models import MessageState, OutboxMessage, Reach, SignedLink, Via
from matchsvc.participants import protection
from matchsvc.participants.consent_models import (
    Category,
    Consent,
    ConsentAnswer,
    Disclosure,
    Party,
    RevokedHow,
)
from matchsvc.participants.consents import Answer, answer_consent, revoke_consent
from tests.documents.conftest import CARD, FINAL, ILL, WHEN
from tests.factories import TODAY
from tests.placements.factories import NOW, URL

PHONE = "+46701740605"
LINK, HER, EMPLOYER = GivenHow.LINK, GivenTo.PARTICIPANT, GivenTo.EMPLOYER


def consent(session, there):
    scopes = frozenset({(Party.EMPLOYER, Category.COMPETENCE)})
    said = Answer(ConsentAnswer.GIVEN, scopes, valid_until=TODAY + timedelta(days=60))
    answer_consent(session, there.actor, there.participant.id, said, **WHEN)


@pytest.fixture
def paper(session, there):
    """A final documentation that is signed, with what is hers and what is about health in it."""
    row = there.do.filled()
    there.do.write(row, "situation", "Har skulder.")
    there.do.write(row, "summary", f"Gick bra.\n{ILL}", keeps_health_words=True)
    row = there.do.offered(row)
    for capacity in ("participant", "case_worker"):
        there.do.sign(row, capacity)
    there.participant.email, there.participant.no_messages = "samira@example.org", False
    session.commit()
    return row


@pytest.fixture
def give(session, there, paper, clock):
    def give_it(to=HER, row=paper, who=None, **more):
        clock.shift(1)  # so that the latest letter is known by its time
        more.setdefault("request_id", uuid4())
        found = by_link.give(
            session, who or there.actor, there.key, row.kind, row.number,
            Giving(given_to=to, **({"how": LINK} | more)), base_url=URL, **WHEN,
        )  # fmt: skip
        session.commit()
        return found

    return give_it


def letter(session, kind="document_link"):
    found = select(OutboxMessage).where(OutboxMessage.kind == kind)
    return session.scalars(found.order_by(OutboxMessage.created_at.desc())).first()


def token_of(session):
    return re.search(r"/l/([\w-]+)", letter(session).body)[1]


def opens(session, token, now=NOW):
    session.expire_all()
    return by_link.open_link(session, find_link(session, token), now=now) is not None


def text_of(response):
    return response.get_data(as_text=True)


def test_the_letter_says_that_there_is_a_paper_and_nothing_of_whom_or_what(session, there, give):
    given = give()
    sent = letter(session)
    assert (sent.recipient, given.how) == ("samira@example.org", LINK)
    said = sent.subject + sent.body
    for word in (there.participant.given_name, there.participant.alias, there.site.name,
                 there.employer.name, "Slutdokumentation", "placering"):  # fmt: skip
        assert word not in said
    assert opens(session, token_of(session))
    noted = desk.deliveries_of(session, [given.document_id])[given.document_id]
    assert [each.id for each in noted] == [given.id]


def test_the_same_form_sent_twice_sends_one_link(session, give):
    key = uuid4()
    assert give(request_id=key).id == give(request_id=key).id
    assert len(session.scalars(select(SignedLink)).all()) == 1


def test_a_new_link_to_the_same_holder_stops_the_one_before(session, give):
    give()
    old = token_of(session)
    give()
    assert not opens(session, old)
    assert opens(session, token_of(session))


def test_it_is_useless_after_thirty_days(session, give):
    give()
    token = token_of(session)
    assert opens(session, token, NOW + timedelta(days=30, seconds=-1))
    assert not opens(session, token, NOW + timedelta(days=30))


def test_it_is_useless_when_a_later_version_holds_and_a_letter_that_waits_is_taken_back(
    session, there, give
):
    give()
    token = token_of(session)
    later = there.do.offered(begin(session, there.actor, there.key, FINAL, today=TODAY))
    assert opens(session, token)  # until everybody has signed, the one before holds
    for capacity in ("participant", "case_worker"):
        there.do.sign(later, capacity)
    session.commit()
    assert not opens(session, token)
    assert letter(session).state is MessageState.CANCELLED


def test_who_becomes_protected_has_no_link_and_lifting_brings_none_back(session, there, give):
    given = give()
    token = token_of(session)
    protection.protect(session, there.actor, there.participant.id, today=TODAY)
    session.commit()
    assert not opens(session, token)
    session.refresh(given)
    assert given.link_id is None
    assert by_link.standings(session, [given], now=NOW)[given.id].state is None
    with pytest.raises(RuleViolation) as refused:
        give()
    assert refused.value.code == "protected"
    there.participant.protected = False
    session.commit()
    assert not opens(session, token)


def test_who_is_restricted_or_archived_is_read_by_nobody(session, there, give):
    give()
    token = token_of(session)
    there.participant.restricted_since = TODAY
    session.commit()
    assert not opens(session, token)
    there.participant.restricted_since = None
    session.commit()
    assert opens(session, token)


def test_the_employer_reads_a_copy_by_consent_and_not_a_day_longer(session, there, give):
    with pytest.raises(RuleViolation) as refused:
        give(EMPLOYER)
    assert refused.value.code == "no_consent"
    consent(session, there)
    given = give(EMPLOYER)
    assert given.contact_id == there.contact.id
    assert letter(session).recipient == there.contact.email
    assert session.scalars(select(Disclosure)).one().recipient == there.employer.name
    token = token_of(session)
    assert opens(session, token)
    held = session.scalars(select(Consent)).one()
    revoke_consent(
        session, there.actor, there.participant.id, held.id, how=RevokedHow.BY_PHONE, **WHEN
    )
    session.commit()
    assert not opens(session, token)


@pytest.mark.parametrize("change", ["inactive", "other_employer"])
def test_when_the_contact_leaves_the_link_leads_nowhere(session, make, there, give, change):
    consent(session, there)
    give(EMPLOYER)
    token = token_of(session)
    if change == "inactive":
        there.contact.is_active = False
    else:
        there.contact.employer_id = make.employer().id
    session.commit()
    assert not opens(session, token)


def test_a_contact_without_email_gets_the_link_as_a_text_message(session, there, give):
    consent(session, there)
    there.contact.email, there.contact.phone = None, PHONE
    session.commit()
    give(EMPLOYER)
    sent = letter(session)
    assert (sent.channel, sent.recipient) == (Via.TEXT, PHONE)
    assert sent.body == f"Du har ett meddelande: {URL}/l/{token_of(session)}"


def test_without_an_address_nothing_is_given_or_noted(session, make, there, give):
    consent(session, there)
    there.participant.no_messages = True
    there.contact.reach = Reach.NONE
    session.commit()
    stranger = make.contact(make.employer())
    for to, more in ((HER, {}), (EMPLOYER, {}), (EMPLOYER, {"contact_id": stranger.id})):
        with pytest.raises(RuleViolation) as refused:
            give(to, **more)
        assert refused.value.code == "no_address"
        session.rollback()
    assert letter(session) is None
    assert session.scalars(select(Disclosure)).all() == []


def test_the_employment_service_and_papers_that_are_her_own_go_to_nobody_else_by_link(
    session, there, give
):
    with pytest.raises(Invalid):
        give(GivenTo.EMPLOYMENT_SERVICE)
    certificate = there.do.offered(there.do.filled(DocumentKind.CERTIFICATE))
    for capacity in ("employer", "case_worker"):
        there.do.sign(certificate, capacity)
    session.commit()
    with pytest.raises(Invalid):
        give(EMPLOYER, certificate)
    session.rollback()
    give(HER, certificate)
    assert opens(session, token_of(session))


def test_her_case_worker_stops_it_and_others_do_not(session, make, there, give):
    given = give()
    token = token_of(session)
    where = (there.key, FINAL, 1, given.id)
    other = make.actor(Role.CASE_WORKER)
    with pytest.raises((Refused, NotFound)):
        by_link.revoke(session, other, *where, **WHEN)
    with pytest.raises(NotFound):
        by_link.revoke(session, there.actor, there.key, CARD, 1, given.id, **WHEN)
    for _ in range(2):  # again is nothing
        by_link.revoke(session, there.actor, *where, **WHEN)
    session.commit()
    assert not opens(session, token)
    assert by_link.standings(session, [given], now=NOW)[given.id].state is LinkState.REVOKED
    by_paper = delivering.deliver(
        session, there.actor, there.key, FINAL, 1, Giving(HER, uuid4()), **WHEN
    )
    with pytest.raises(NotFound):
        by_link.revoke(session, there.actor, there.key, FINAL, 1, by_paper.id, **WHEN)


@pytest.fixture
def visitor(app):
    app.config["WTF_CSRF_ENABLED"] = False
    yield app.test_client()
    app.config["WTF_CSRF_ENABLED"] = True


def shown(session, visitor, token):
    """The paper's page, after the code that was sent."""
    assert visitor.post(f"/l/d/{token}/send").status_code == 303
    code = re.search(r"\d{6}", letter(session, "link_code").body)[0]
    answer = visitor.post(f"/l/d/{token}/code", data={"code": code})
    assert answer.location.endswith("/l/d/paper")
    return text_of(visitor.get(answer.location))


def test_nothing_personal_is_shown_before_the_code_and_all_of_it_after(
    session, there, give, visitor
):
    given = give()
    token = token_of(session)
    first = text_of(visitor.get(f"/l/{token}"))
    name = there.participant.family_name
    for word in (name, there.site.name, "Slutdokumentation", "Har skulder"):
        assert word not in first
    assert "s…@example.org" in first
    assert visitor.get("/l/d/paper").status_code == 403
    wrong = visitor.post(f"/l/d/{token}/code", data={"code": "12"})
    assert wrong.status_code == 422
    page = shown(session, visitor, token)
    for word in (name, "Har skulder.", "Gick bra.", ILL):
        assert word in page
    pdf = visitor.get("/l/d/paper.pdf")
    assert pdf.data.startswith(b"%PDF")
    assert name not in pdf.headers["Content-Disposition"]
    session.expire_all()
    read = session.scalars(
        select(AuditEvent).where(
            AuditEvent.object_type == "end_document",
            AuditEvent.object_id == str(given.document_id),
            AuditEvent.actor == f"link:{given.link_id}",
        )
    ).all()
    assert [each.action for each in read] == ["read", "export"]


def test_the_employers_page_holds_nothing_of_health_or_of_what_is_hers(
    session, there, give, visitor
):
    consent(session, there)
    give(EMPLOYER)
    page = shown(session, visitor, token_of(session))
    assert "Gick bra." in page
    assert "Arbetsgivarens exemplar." in page
    for word in ("Har skulder", "ångest", "medicin", "Tyst rum"):
        assert word not in page


def test_a_session_ends_with_the_link(session, there, give, visitor):
    given = give()
    token = token_of(session)
    shown(session, visitor, token)
    by_link.revoke(session, there.actor, there.key, FINAL, 1, given.id, **WHEN)
    session.commit()
    for path in ("/l/d/paper", "/l/d/paper.pdf"):
        assert visitor.get(path).status_code == 403
    assert visitor.get(f"/l/{token}").status_code == 410
    assert visitor.post(f"/l/d/{token}/send").status_code == 410


def test_a_code_of_another_link_opens_no_paper(session, there, give, visitor, clock):
    consent(session, there)
    give()
    hers = token_of(session)
    give(EMPLOYER)
    theirs = token_of(session)
    page = shown(session, visitor, theirs)
    assert "Har skulder" not in page
    clock.shift(1)
    visitor.post(f"/l/d/{hers}/send")
    stale = re.search(r"\d{6}", letter(session, "link_code").body)[0]
    assert visitor.post(f"/l/d/{theirs}/code", data={"code": stale}).status_code == 422
    assert "Har skulder" not in text_of(visitor.get("/l/d/paper"))
