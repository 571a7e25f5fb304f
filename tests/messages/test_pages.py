"""The outbox as people see it, and what only they may decide."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.config import Config
from matchsvc.errors import NotFound, Refused, RuleViolation
from matchsvc.messages import rules
from matchsvc.messages.commands import messages
from matchsvc.messages.models import MessageState
from matchsvc.messages.outbox import queue_message
from tests.factories import COMMAND


@pytest.fixture
def queued(session, make):
    def queue(state=MessageState.QUEUED, unit=None, **values):
        defaults = {
            "unit_id": (unit or make.unit()).id,
            "kind": "employer_survey",
            "recipient": "petra@example.org",
            "subject": "Enkät",
            "body": "Svara: https://example.org/l/hemligt",
        }
        message = queue_message(session, **defaults | values)
        message.state = state
        session.flush()
        return message

    return queue


@pytest.fixture
def demo(session, monkeypatch):
    monkeypatch.setattr(accounts, "is_demo", lambda session: True)


def test_the_list_shows_state_and_subject_but_neither_text_nor_whole_address(client_as, queued):
    queued()

    page = client_as(Role.EMPLOYER_LIAISON).get("/messages").text

    assert "Enkät" in page
    assert "p…@example.org" in page
    assert "petra@" not in page
    assert "hemligt" not in page


def test_in_a_demo_without_a_mail_server_the_link_can_be_read(client_as, queued, demo):
    queued()

    page = client_as(Role.EMPLOYER_LIAISON).get("/messages").text

    assert 'href="https://example.org/l/hemligt"' in page


def test_with_a_mail_server_not_even_a_demo_shows_texts(session, make, queued, demo):
    queued()

    (listed,) = rules.list_messages(session, make.actor(Role.UNIT_MANAGER), has_server=True)

    assert listed.body is None
    assert listed.recipient == "p…@example.org"


def test_another_units_messages_do_not_exist(session, make, queued):
    there = queued(MessageState.UNCERTAIN, unit=make.unit(name="Östra enheten"))
    actor = make.actor(Role.UNIT_MANAGER)

    assert rules.list_messages(session, actor, has_server=False) == []
    assert rules.count_waiting_messages(session, actor) == 0
    with pytest.raises(NotFound):
        rules.send_again(session, actor, there.id, now=db.utcnow())


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.PRACTICAL_SUPERVISOR, Role.AUDITOR])
def test_only_those_who_look_after_messages_may_see_them(session, make, role):
    with pytest.raises(Refused):
        rules.list_messages(session, make.actor(role), has_server=False)


def test_a_person_settles_an_uncertain_message_as_sent(client_as, session, queued):
    message = queued(MessageState.UNCERTAIN)
    client = client_as(Role.CASE_WORKER)
    assert "Skicka igen" in client.get("/messages").text

    answer = client.post(f"/messages/{message.id}/confirm-sent")

    session.refresh(message)
    assert answer.status_code == 303
    assert (message.state, message.body) == (MessageState.SENT, None)
    assert "confirm_sent" in set(session.scalars(select(AuditEvent.action)))


def test_a_person_may_send_again_what_is_uncertain_or_failed(session, make, queued):
    actor = make.actor(Role.CASE_WORKER)
    for state in (MessageState.UNCERTAIN, MessageState.FAILED):
        message = queued(state)
        rules.send_again(session, actor, message.id, now=db.utcnow())
        assert (message.state, message.sending_at, message.attempts) == (
            MessageState.QUEUED,
            None,
            0,
        )


@pytest.mark.parametrize(
    "state", [MessageState.QUEUED, MessageState.SENDING, MessageState.SENT, MessageState.CANCELLED]
)
def test_nothing_else_can_be_sent_again(client_as, session, queued, state):
    message = queued(state)

    answer = client_as(Role.CASE_WORKER).post(f"/messages/{message.id}/send-again")

    session.refresh(message)
    assert answer.status_code == 409
    assert "Det är redan avgjort" in answer.text
    assert message.state is state


def test_a_failed_message_is_not_called_sent(session, make, queued):
    message = queued(MessageState.FAILED)

    with pytest.raises(RuleViolation):
        rules.confirm_sent(session, make.actor(), message.id, now=db.utcnow())


def test_messages_that_wait_for_a_person_come_first(session, make, queued):
    queued(MessageState.UNCERTAIN, subject="Osäkert")
    queued(subject="Nyare")

    listed = rules.list_messages(session, make.actor(), has_server=True)

    assert [one.message.subject for one in listed] == ["Osäkert", "Nyare"]
    assert rules.count_waiting_messages(session, make.actor()) == 1


def test_the_page_makes_the_same_number_of_queries_for_many(client_as, queued, queries):
    client = client_as(Role.CASE_WORKER)
    queued()
    client.get("/messages")
    with queries() as few:
        client.get("/messages")
    for _ in range(60):
        queued()
    with queries() as many:
        page = client.get("/messages").text

    assert many.total == few.total
    assert "Sida 1 av 2" in page


def test_the_page_reads_in_english(client_as, queued):
    queued(MessageState.UNCERTAIN)

    page = client_as(Role.CASE_WORKER).get("/messages?lang=en").text

    assert "Send again" in page
    assert "Skicka igen" not in page


def test_the_command_prints_json(session, queued):
    message = queued()
    session.commit()

    result = CliRunner().invoke(messages, ["list", "--json"], obj=Config())

    (row,) = json.loads(result.stdout)
    assert row["id"] == str(message.id)
    assert (row["state"], row["recipient"], row["body"]) == ("queued", "p…@example.org", None)


def test_the_command_prints_lines(session, queued):
    queued()
    session.commit()

    result = CliRunner().invoke(messages, ["list"], obj=Config())

    assert result.exit_code == 0
    assert "Enkät" in result.stdout


def test_a_command_sees_every_units_messages(session, make, queued):
    queued(unit=make.unit(name="Östra enheten"))
    queued()

    assert len(rules.list_messages(session, COMMAND, has_server=False, size=None)) == 2
