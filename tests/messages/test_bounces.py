"""What comes back, what was refused for good, and how people find and mend it."""

from __future__ import annotations

import json
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from uuid import uuid4

import pytest
from click.testing import CliRunner

from matchsvc.accounts.models import Role
from matchsvc.config import Config
from matchsvc.errors import Invalid, NotFound, RuleViolation
from matchsvc.messages import rules
from matchsvc.messages.addresses import is_undeliverable, mark_undeliverable
from matchsvc.messages.bounces import bounce, read_report
from matchsvc.messages.commands import messages
from matchsvc.messages.models import MessageState, RecipientKind, Via
from matchsvc.messages.outbox import claim_next, deliver_due, queue_message
from tests.factories import COMMAND, TODAY

ADDRESS = "petra@example.org"

EMPTY_REPORT = (
    b"Content-Type: multipart/report; boundary=x\n\n--x\n"
    b"Content-Type: message/delivery-status\n\n\n--x--"
)


@pytest.fixture
def queued(session, make):
    def queue(state=MessageState.SENT, unit=None, **values):
        defaults = {
            "unit_id": (unit or make.unit()).id,
            "kind": "employer_survey",
            "recipient": ADDRESS,
            "subject": "Enkät",
            "body": "Svara här",
        }
        message = queue_message(session, **defaults | values)
        message.state = state
        session.flush()
        return message

    return queue


def report(message_id, *, action="failed", status="5.1.1", whole=True):
    """A delivery status notification as a mail server writes one (RFC 3464)."""
    letter = MIMEMultipart("report", **{"report-type": "delivery-status"})
    letter["From"] = "MAILER-DAEMON@mx.example.org"
    letter["Subject"] = "Undelivered Mail Returned to Sender"
    letter.attach(MIMEText("This is the mail system."))
    status_part = Message()
    status_part["Content-Type"] = "message/delivery-status"
    about_server, about_recipient = Message(), Message()
    about_server["Reporting-MTA"] = "dns; mx.example.org"
    about_recipient["Final-Recipient"] = f"rfc822; {ADDRESS}"
    about_recipient["Action"] = action
    about_recipient["Status"] = status
    status_part.set_payload([about_server, about_recipient])
    letter.attach(status_part)
    returned = EmailMessage()
    returned["Message-ID"] = message_id
    returned["Subject"] = "Enkät"
    returned.set_content("Svara här")
    if whole:
        part = Message()
        part["Content-Type"] = "message/rfc822"
        part.set_payload([returned])
    else:
        part = MIMEText(f"Subject: x\nMessage-ID: {message_id}\n", "rfc822-headers")
    letter.attach(part)
    return letter.as_bytes()


@pytest.mark.parametrize("whole", [True, False])
def test_a_report_is_read_whether_it_returns_the_letter_or_its_head_alone(whole):
    found = read_report(report("<abc@outbox.matchsvc>", whole=whole))
    assert (found.message_id, found.code, found.is_final) == (
        "<abc@outbox.matchsvc>", "5.1.1", True,
    )  # fmt: skip


def test_a_report_of_delay_is_not_final():
    assert not read_report(report("<abc@outbox.matchsvc>", action="delayed")).is_final


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00nothing",
        b"Subject: semester\n\nJag kommer tillbaka den 3 augusti.",
        EMPTY_REPORT,
        report("", whole=False),
    ],
)
def test_what_is_no_report_of_ours_is_refused(raw):
    with pytest.raises(Invalid):
        read_report(raw)


def test_a_mail_servers_pipe_marks_the_message_and_its_address(session, queued):
    message = queued()
    session.commit()
    piped = report(message.message_id)
    answer = CliRunner().invoke(messages, ["report"], input=piped, obj=Config())
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output)["state"] == "bounced"
    session.refresh(message)
    assert (message.state, message.last_error) == (MessageState.BOUNCED, "5.1.1")
    assert is_undeliverable(session, message.unit_id, " Petra@Example.org")
    again = CliRunner().invoke(messages, ["report"], input=piped, obj=Config())
    assert again.exit_code == 0


def test_a_delay_changes_nothing(session, queued):
    message = queued()
    session.commit()
    late = report(message.message_id, action="delayed", status="4.4.1")
    answer = CliRunner().invoke(messages, ["report"], input=late, obj=Config())
    assert json.loads(answer.output) == {"message_id": message.message_id, "code": "4.4.1"}
    session.refresh(message)
    assert message.state is MessageState.SENT


@pytest.mark.parametrize("by_row", [True, False])
def test_a_bounce_can_be_told_by_the_id_of_the_row_or_of_the_letter(session, queued, by_row):
    message = queued()
    session.commit()
    key = str(message.id) if by_row else message.message_id
    answer = CliRunner().invoke(messages, ["bounce", key, "5.2.2"], obj=Config())
    assert answer.exit_code == 0, answer.output
    session.refresh(message)
    assert message.state is MessageState.BOUNCED


def test_a_bounce_of_nothing_of_ours_or_with_no_code_is_refused(session, queued):
    message = queued()
    with pytest.raises(NotFound):
        bounce(session, COMMAND, "<other@example.org>", "5.1.1")
    with pytest.raises(NotFound):
        bounce(session, COMMAND, uuid4(), "5.1.1")
    with pytest.raises(Invalid):
        bounce(session, COMMAND, message.id, "anna@example.org okänd")


def test_what_has_not_left_cannot_come_back(session, queued):
    message = queued(MessageState.QUEUED)
    with pytest.raises(RuleViolation):
        bounce(session, COMMAND, message.id, "5.1.1")


def test_nothing_more_goes_to_an_address_that_messages_came_back_from(
    outbox, inbox, served, row, engine
):
    from matchsvc import db

    (message_id,) = outbox()
    with db.begin() as session:
        mark_undeliverable(session, row(message_id).unit_id, ADDRESS, "5.1.1")
    try:
        assert deliver_due(served, TODAY) == 0
        failed = row(message_id)
        assert (failed.state, failed.last_error) == (MessageState.FAILED, "known_undeliverable")
        with db.begin() as session:
            rules.send_again(session, COMMAND, message_id, now=db.utcnow())
        assert deliver_due(served, TODAY) == 1  # a person has said that it is right
    finally:
        from sqlalchemy import delete

        from matchsvc.accounts.models import AuditEvent
        from matchsvc.messages.models import UndeliverableAddress

        with db.begin() as session:
            session.execute(delete(UndeliverableAddress))
            session.execute(delete(AuditEvent))  # no other test may find it


def test_the_address_itself_is_not_kept(session, make, engine):
    mark_undeliverable(session, make.unit().id, ADDRESS, "5.1.1")
    stored = session.connection().exec_driver_sql("select * from undeliverable_address").all()
    assert ADDRESS not in str(stored)


def test_the_page_tells_why_in_plain_words_and_how_to_mend_it(client_as, queued, make):
    contact = make.contact(make.employer())
    message = queued(MessageState.FAILED, to=(RecipientKind.CONTACT, contact.id))
    message.last_error = "550"
    page = client_as(Role.EMPLOYER_LIAISON).get("/messages?group=not_arrived").text
    assert "Adressen finns inte" in page
    assert f"/employers/contacts/{contact.id}" in page
    assert "Skicka igen" in page
    assert "Enkät till arbetsgivare" in page
    assert ADDRESS not in page


def test_the_list_is_narrowed_by_state_kind_and_what_it_is_about(client_as, queued):
    about = uuid4()
    queued(subject="Den som gick")
    queued(MessageState.BOUNCED, subject="Den som kom tillbaka", cause_id=about)
    queued(MessageState.QUEUED, subject="Den på väg", kind="meeting_invitation")
    client = client_as(Role.CASE_WORKER)

    def shown(query):
        page = client.get(f"/messages?{query}").text
        return {word for word in ("gick", "tillbaka", "på väg") if f"Den {word}" in page
                or f"Den som {word}" in page or f"Den som kom {word}" in page}  # fmt: skip

    assert shown("group=sent") == {"gick"}
    assert shown("group=not_arrived") == {"tillbaka"}
    assert shown("group=on_the_way") == {"på väg"}
    assert shown("group=waiting") == set()
    assert shown("kind=meeting_invitation") == {"på väg"}
    assert shown(f"about={about}") == {"tillbaka"}
    assert shown("group=nonsense&about=nonsense") == {"gick", "tillbaka", "på väg"}


def test_staff_mark_a_sent_message_as_come_back_and_stay_where_they_were(
    session, client_as, queued
):
    message = queued()
    answer = client_as(Role.EMPLOYER_LIAISON).post(f"/messages/{message.id}/bounced?group=sent")
    assert (answer.status_code, answer.location) == (303, "/messages?group=sent")
    session.refresh(message)
    assert (message.state, message.last_error) == (MessageState.BOUNCED, "told")


def test_another_units_message_cannot_be_marked(session, client_as, queued, make):
    there = queued(unit=make.unit(name="Östra enheten"))
    answer = client_as(Role.EMPLOYER_LIAISON).post(f"/messages/{there.id}/bounced")
    assert answer.status_code == 404
    session.refresh(there)
    assert there.state is MessageState.SENT


def test_a_phone_number_is_masked(client_as, queued):
    queued(recipient="+46701740615", channel=Via.TEXT)
    page = client_as(Role.CASE_WORKER).get("/messages").text
    assert "+46…15" in page
    assert "701740615" not in page


def test_the_interface_says_the_same_and_never_a_text(client_as, queued, make):
    message = queued(MessageState.UNCERTAIN)
    client = client_as(Role.CASE_WORKER)
    (listed,) = client.get("/api/v1/messages?group=waiting").json
    assert listed["recipient"] == "p…@example.org"
    assert "body" not in listed
    assert client.get(f"/api/v1/messages/{message.id}").json["state"] == "uncertain"
    acted = client.post(f"/api/v1/messages/{message.id}/confirm-sent")
    assert acted.json["state"] == "sent"
    again = client.post(f"/api/v1/messages/{message.id}/confirm-sent")
    assert again.status_code == 409
    assert client.get(f"/api/v1/messages/{uuid4()}").status_code == 404


def test_a_supervisor_sees_no_messages(client_as, queued):
    client = client_as(Role.SUPERVISOR)
    assert client.get("/messages").status_code == 403
    assert client.get("/api/v1/messages").status_code == 403


def test_a_claim_passes_over_what_is_refused_and_takes_the_next(session, queued):
    from matchsvc import db

    first = queued(MessageState.QUEUED, recipient="gone@example.org")
    second = queued(MessageState.QUEUED)
    mark_undeliverable(session, first.unit_id, "gone@example.org", "5.1.1")
    claim = claim_next(session, now=db.utcnow())
    assert claim.id == second.id
    assert first.state is MessageState.FAILED
