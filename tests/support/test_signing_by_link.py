"""The employer signs the agreement on the page of the link: behind a code, those words only."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent
from matchsvc.messages.models import OutboxMessage
from matchsvc.tripartite.content import from_text
from matchsvc.tripartite.desk import EMPLOYER
from matchsvc.tripartite.drafting import begin, save
from matchsvc.tripartite.models import AgreementState
from matchsvc.tripartite.signing import SIGNED_TASK, offer_for_signing
from matchsvc.workday.models import Task
from matchsvc.workday.signature_models import IdentifiedHow, Signature
from tests.factories import TODAY


@pytest.fixture
def offered(session, there):
    """A version that waits for three signatures."""
    key, actor = there.placement.id, there.actor
    row = begin(session, actor, key, today=TODAY)
    content = replace(from_text(row.content), tasks="Skala och diska", times="Mån 9–12")
    row = save(session, actor, key, content, version=row.version, today=TODAY)
    row = offer_for_signing(session, actor, key, version=row.version, today=TODAY)
    session.commit()
    return row


@pytest.fixture
def inside(session, token, visitor):
    """Petra's page after the code; gives back its address."""
    session.commit()
    page = f"/l/{token}"
    visitor.post(f"{page}/code/send")
    letter = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "link_code")).one()
    code = re.search(r"\d{6}", letter.body)[0]
    assert visitor.post(f"{page}/code", data={"code": code}).status_code == 303
    return page


def text_of(response):
    return response.get_data(as_text=True)


def signatures(session):
    session.expire_all()
    return session.scalars(select(Signature)).all()


def test_the_page_says_that_it_waits_and_shows_it_only_behind_the_code(
    session, offered, token, visitor
):
    session.commit()
    page = text_of(visitor.get(f"/l/{token}"))
    assert "Överenskommelsen väntar på er" in page
    assert "Skala och diska" not in page
    signed = visitor.post(f"/l/{token}/agreement", data={"shown_hash": offered.content_hash})
    assert "/personal" in signed.location
    assert visitor.get(signed.location).status_code == 303  # to the code
    assert signatures(session) == []


def test_the_employer_signs_what_stands_on_the_page_and_we_are_told(
    session, offered, inside, visitor, there
):
    page = text_of(visitor.get(f"{inside}/personal"))
    assert "Skala och diska" in page
    assert "Samira" not in page  # no consent stands
    session.expire_all()
    read = select(AuditEvent).where(
        AuditEvent.action == "read", AuditEvent.object_type == "tripartite_agreement"
    )
    assert session.scalars(read).one().object_id == str(offered.id)
    mark = re.search(r'name="shown_hash" value="(\w+)"', page)[1]
    signed = visitor.post(f"{inside}/agreement", data={"shown_hash": mark})
    after = text_of(visitor.get(signed.location))
    assert "underskriften är antecknad" in after
    assert 'name="shown_hash"' not in after
    kept = signatures(session)[0]
    assert (kept.capacity, kept.identified_how) == (EMPLOYER, IdentifiedHow.ANSWER_LINK)
    assert (kept.signer_name, kept.attested_by_id) == (there.contact.name, there.worker.id)
    task = session.scalars(select(Task).where(Task.kind == SIGNED_TASK)).one()
    assert task.owner_id == there.worker.id
    visitor.post(f"{inside}/agreement", data={"shown_hash": mark})
    assert len(signatures(session)) == 1


def test_words_that_were_changed_meanwhile_are_not_signed(session, offered, inside, visitor, there):
    mark = offered.content_hash
    key, actor = there.placement.id, there.actor
    content = replace(from_text(offered.content), tasks="Något annat")
    row = save(session, actor, key, content, version=offered.version, today=TODAY)
    session.commit()
    refused = visitor.post(f"{inside}/agreement", data={"shown_hash": mark})
    assert refused.status_code == 409
    offer_for_signing(session, actor, key, version=row.version, today=TODAY)
    session.commit()
    refused = visitor.post(f"{inside}/agreement", data={"shown_hash": mark})
    assert refused.status_code == 409
    assert "Texten har ändrats" in text_of(refused)
    assert signatures(session) == []
    session.refresh(row)
    assert row.state is AgreementState.SIGNING


def test_a_draft_is_not_the_employers_to_read(session, inside, visitor, there):
    row = begin(session, there.actor, there.placement.id, today=TODAY)
    session.commit()
    assert row.state is AgreementState.DRAFT
    assert "Överenskommelsen" not in text_of(visitor.get(f"{inside}/personal"))
