"""What a person wants to get: one tick stops all, text messages only after a yes."""

from __future__ import annotations

import pytest

from matchsvc.accounts.models import Role
from matchsvc.errors import Conflict, Invalid, Refused, RuleViolation
from matchsvc.messages.models import MessageState, RecipientKind, Via
from matchsvc.messages.outbox import queue_message
from matchsvc.participants import messaging, protection
from tests.factories import TODAY

PHONE = "+46701740615"


@pytest.fixture
def worker(make):
    return make.user()


@pytest.fixture
def actor(make, worker):
    return make.actor(user=worker)


@pytest.fixture
def samira(make, worker):
    return make.participant(worker, phone=PHONE, email="s@example.org")


@pytest.fixture
def waiting(session, samira):
    """``waiting(Via.TEXT)``: a message to her that has not left."""

    def queue(channel, state=MessageState.QUEUED):
        message = queue_message(
            session,
            unit_id=samira.unit_id,
            kind="meeting_reminder",
            recipient=PHONE,
            subject="Påminnelse",
            body="x",
            channel=channel,
            to=(RecipientKind.PARTICIPANT, samira.id),
        )
        message.state = state
        session.flush()
        return message

    return queue


def say(session, actor, person, *, no_messages=False, texts=False, **more):
    return messaging.set_messaging(
        session, actor, person.id, no_messages=no_messages, texts=texts, today=TODAY, **more
    )


def test_a_yes_to_text_messages_is_kept_with_its_day(session, actor, samira):
    say(session, actor, samira, texts=True)
    assert samira.text_agreed_on == TODAY
    assert messaging.text_number_of(samira) == PHONE


def test_one_tick_stops_everything_that_waits(session, actor, samira, waiting):
    letter, text, gone = waiting(Via.EMAIL), waiting(Via.TEXT), waiting(
        Via.EMAIL, MessageState.SENT
    )  # fmt: skip
    say(session, actor, samira, no_messages=True)
    assert letter.state is text.state is MessageState.CANCELLED
    assert letter.last_error == "withheld:no_messages"
    assert letter.body is None
    assert gone.state is MessageState.SENT


def test_a_no_to_text_messages_leaves_letters_alone(session, actor, samira, waiting):
    say(session, actor, samira, texts=True)
    letter, text = waiting(Via.EMAIL), waiting(Via.TEXT)
    say(session, actor, samira)
    assert (letter.state, text.state) == (MessageState.QUEUED, MessageState.CANCELLED)
    assert samira.text_agreed_on is None


def test_what_cannot_be_is_refused(session, actor, samira, make):
    with pytest.raises(Invalid):
        say(session, actor, samira, texts=True, no_messages=True)
    samira.phone = None
    with pytest.raises(Invalid):
        say(session, actor, samira, texts=True)
    with pytest.raises(Conflict):
        say(session, actor, samira, version=99)
    with pytest.raises(Refused):
        say(session, make.actor(Role.CASE_WORKER), samira)


def test_a_protected_person_never_gets_any(session, actor, samira, make, waiting):
    say(session, actor, samira, texts=True)
    text, sent = waiting(Via.TEXT), waiting(Via.TEXT, MessageState.SENT)
    protection.protect(session, actor, samira.id, today=TODAY)
    session.refresh(text)
    session.refresh(sent)
    assert text.state is MessageState.CANCELLED
    assert text.recipient == sent.recipient == ""  # no address of hers is kept
    assert messaging.text_number_of(samira) is None
    with pytest.raises(RuleViolation):
        say(session, actor, samira, texts=True)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"protected": True}, "protected"),
        ({"no_messages": True}, "no_messages"),
        ({"text_agreed_on": None}, "not_agreed"),
        ({"phone": None}, "gone"),
        ({}, None),
    ],
)
def test_it_is_asked_again_when_a_text_message_leaves(session, actor, samira, waiting, change, why):
    say(session, actor, samira, texts=True)
    text = waiting(Via.TEXT)
    for name, value in change.items():
        setattr(samira, name, value)
    session.flush()
    assert messaging.may_write_to_participant(session, text) == why


def test_it_goes_to_the_number_that_holds_now(session, actor, samira, waiting):
    say(session, actor, samira, texts=True)
    text = waiting(Via.TEXT)
    samira.phone = "+46701740699"
    session.flush()
    assert messaging.may_write_to_participant(session, text) is None
    assert text.recipient == "+46701740699"


def test_the_page_keeps_what_was_ticked_and_says_what_is_wrong(session, client_as, worker, samira):
    client = client_as(worker)
    address = f"/participants/{samira.alias}/messages"
    assert "sms om sina tider" in client.get(address).text
    wrong = client.post(address, data={"no_messages": "true", "texts": "true"})
    assert wrong.status_code == 422
    assert "Välj det ena" in wrong.text
    assert wrong.text.count("checked") >= 2
    assert client.post(address, data={"texts": "true"}).status_code == 303
    session.refresh(samira)
    assert samira.text_agreed_on is not None
    assert "sa ja till sms" in client.get(address).text


def test_the_interface_does_the_same(client_as, worker, samira):
    client = client_as(worker)
    address = f"/api/v1/participants/{samira.alias}/messages"
    said = client.put(address, json={"texts": True})
    assert said.status_code == 200
    assert said.json["text_agreed_on"]
    assert client.get(address).json["no_messages"] is False
    assert client_as(Role.CASE_WORKER).put(address, json={"texts": True}).status_code in (403, 404)
