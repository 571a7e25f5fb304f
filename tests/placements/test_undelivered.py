"""Who is asked before a letter leaves, who mends an address, and how much waits for a colleague."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from matchsvc.accounts.actors import job_actor
from matchsvc.accounts.models import Role
from matchsvc.employers.models import EmployerStatus
from matchsvc.errors import Invalid
from matchsvc.messages import preferences
from matchsvc.messages.addresses import is_undeliverable, mark_undeliverable
from matchsvc.messages.models import (
    Digest,
    MessageState,
    OutboxMessage,
    Reach,
    RecipientKind,
    Via,
)
from matchsvc.messages.outbox import queue_message
from matchsvc.placements.access import get_placement
from matchsvc.placements.digests import words_of, write_digests
from matchsvc.placements.ending import end_placement
from matchsvc.placements.models import Outcome
from matchsvc.placements.survey_sending import find_survey_contact, preview_survey
from matchsvc.placements.undelivered import GATES, TASK, follow_up
from matchsvc.workday.models import Task
from matchsvc.workday.rules import add_task
from tests.factories import TODAY
from tests.placements.factories import NOW, URL, started, world

JOB = job_actor("follow_up_messages")
END = TODAY + timedelta(days=40)


def letter(session, unit, state=MessageState.FAILED, **values):
    defaults = {"unit_id": unit.id, "kind": "employer_survey", "recipient": "x@example.org"}
    message = queue_message(session, **defaults | {"subject": "Enkät", "body": "x"} | values)
    message.state = state
    session.flush()
    return message


def tasks(session):
    return list(session.scalars(select(Task).where(Task.kind == TASK)))


def ended(session, there):
    end_placement(
        session, there.actor, there.placement.id, end_date=END, outcome=Outcome.COMPLETED,
        base_url=URL, today=END, now=NOW + timedelta(days=40),
    )  # fmt: skip
    return session.scalar(select(OutboxMessage).where(OutboxMessage.kind == "employer_survey"))


# Who mends an address.


@pytest.mark.parametrize("state", [MessageState.FAILED, MessageState.BOUNCED])
def test_the_employers_owner_gets_one_task_however_many_letters_came_back(session, make, state):
    there = world(make)
    for _ in range(3):
        letter(session, make.unit(), state, to=(RecipientKind.CONTACT, there.contact.id))
    assert follow_up(session, JOB, now=NOW) == 3
    (task,) = tasks(session)
    assert (task.owner_id, task.about_id) == (there.liaison.id, there.employer.id)
    assert task.words == {"name": there.employer.name}
    task.done_at = NOW
    session.flush()
    assert follow_up(session, JOB, now=NOW) == 0
    assert len(tasks(session)) == 1


def test_without_an_owner_at_work_the_managers_get_it(session, make):
    there = world(make)
    there.liaison.is_active = False
    mona = make.user(Role.UNIT_MANAGER)
    letter(session, make.unit(), to=(RecipientKind.CONTACT, there.contact.id))
    letter(session, make.unit())  # to somebody outside whom we do not know
    follow_up(session, JOB, now=NOW)
    assert {task.owner_id for task in tasks(session)} == {mona.id}
    assert len(tasks(session)) == 2


def test_a_participants_address_is_her_case_workers_to_mend_and_named_by_alias(session, make):
    there = world(make)
    to = (RecipientKind.PARTICIPANT, there.participant.id)
    letter(session, make.unit(), channel=Via.TEXT, to=to)
    follow_up(session, JOB, now=NOW)
    (task,) = tasks(session)
    assert task.owner_id == there.worker.id
    assert task.words == {"name": there.participant.alias}


def test_somebody_without_a_case_stops_no_other(session, make):
    mona = make.user(Role.UNIT_MANAGER)
    nobody = make.participant(with_case=False)
    letter(session, make.unit(), to=(RecipientKind.PARTICIPANT, nobody.id))
    assert follow_up(session, JOB, now=NOW) == 1
    assert [task.owner_id for task in tasks(session)] == [mona.id]


# Who is asked before a letter leaves.


def gate(session, message):
    return GATES[message.recipient_kind](session, message)


def test_a_survey_goes_to_the_address_that_stands_there_when_it_leaves(session, make):
    there = started(session, make)
    survey = ended(session, there)
    assert survey.recipient_id == there.contact.id
    there.contact.email = "ny@example.org"
    session.flush()
    assert gate(session, survey) is None
    assert survey.recipient == "ny@example.org"


@pytest.mark.parametrize("what", ["left", "no_letters", "do_not_contact", "no_address"])
def test_a_contact_who_may_not_be_written_to_any_more_gets_nothing(session, make, what):
    there = started(session, make)
    survey = ended(session, there)
    if what == "left":
        there.contact.is_active = False
    elif what == "no_letters":
        there.contact.reach = Reach.NONE
    elif what == "do_not_contact":
        there.employer.status = EmployerStatus.DO_NOT_CONTACT
    else:
        there.contact.email = None
    session.flush()
    assert gate(session, survey) in {"gone", "no_messages"}


def test_when_the_person_becomes_protected_her_survey_does_not_leave(session, make):
    there = started(session, make)
    survey = ended(session, there)
    there.participant.protected = True
    session.flush()
    assert gate(session, survey) == "protected"


def test_a_contact_who_wants_text_messages_gets_a_link_and_no_more(session, make):
    there = started(session, make)
    there.contact.reach, there.contact.phone = Reach.TEXT, "+46701740615"
    session.flush()
    survey = ended(session, there)
    assert (survey.channel, survey.recipient) == (Via.TEXT, "+46701740615")
    assert survey.body.startswith(f"Du har ett meddelande: {URL}/l/")


def test_who_wants_no_letters_is_not_chosen_for_the_survey(session, make):
    there = started(session, make)
    seen = get_placement(session, there.actor, there.placement.id, today=TODAY)
    assert find_survey_contact(session, seen).id == there.contact.id
    there.contact.reach = Reach.NONE
    session.flush()
    assert find_survey_contact(session, seen) is None
    assert preview_survey(session, seen, base_url=URL, today=TODAY) is None


def test_the_letter_shown_before_is_the_letter_that_is_sent(session, make):
    there = started(session, make)
    seen = get_placement(session, there.actor, there.placement.id, today=END)
    before = preview_survey(session, seen, base_url=URL, today=END)
    sent = ended(session, there)
    link = sent.body.partition("/l/")[2].split()[0]
    assert before.body == sent.body.replace(link, "…")
    assert before.subject == sent.subject
    assert before.contact.id == there.contact.id


def test_the_page_that_ends_a_placement_shows_the_letter(session, make, client_as):
    there = started(session, make)
    page = client_as(there.worker).get(f"/placements/{there.placement.id}/end").text
    assert "Hur fungerade samarbetet? 3 minuter" in page
    assert "Det här skickas till Petra Holm" in page


def test_a_contacts_page_says_that_letters_came_back_until_somebody_says_it_works(
    session, make, client_as
):
    there = world(make)
    unit_id = make.unit().id
    mark_undeliverable(session, unit_id, there.contact.email, "5.1.1")
    client = client_as(there.liaison)
    found = client.get(f"/employers/contacts/{there.contact.id}", follow_redirects=True)
    assert "kom tillbaka härifrån" in found.text
    works = client.post(f"/employers/contacts/{there.contact.id}/address-works")
    assert works.status_code == 303
    assert not is_undeliverable(session, unit_id, there.contact.email)
    assert "kom tillbaka härifrån" not in client.get(works.location).text


def test_a_contact_cannot_want_text_messages_without_a_number(session, make, client_as):
    there = world(make)
    said = {"name": "Petra Holm", "reach": "text", "version": "1", "is_active": "true"}
    address = f"/employers/{there.employer.id}/contacts/{there.contact.id}/edit"
    client = client_as(there.liaison)
    refused = client.post(address, data=said)
    assert refused.status_code == 422
    assert "kräver ett telefonnummer" in refused.text
    assert client.post(address, data=said | {"phone": "070-174 06 15"}).status_code == 303
    session.refresh(there.contact)
    assert there.contact.reach is Reach.TEXT


# What a colleague wants to get, and how much waits.


def give(session, user, due_on, number=1):
    for _ in range(number):
        add_task(
            session, JOB, owner_id=user.id, unit_id=user.unit_id, kind="own", about_type="unit",
            about_id=make_id(), due_on=due_on,
        )  # fmt: skip


def make_id():
    from uuid import uuid4

    return uuid4()


def digests(session, user):
    found = select(OutboxMessage).where(
        OutboxMessage.kind == "digest", OutboxMessage.cause_id == user.id
    )
    return list(session.scalars(found.order_by(OutboxMessage.created_at)))


def test_once_a_week_a_colleague_hears_how_much_waits_and_nobodys_name(session, make):
    lena = make.user()
    give(session, lena, TODAY - timedelta(days=1))
    give(session, lena, TODAY + timedelta(days=3), 2)
    write_digests(session, today=TODAY, base_url=URL)
    (message,) = digests(session, lena)
    assert "3 uppgifter väntar på dig, 1 är försenad." in message.body
    assert f"{URL}/tasks" in message.body
    for days in range(5):
        write_digests(session, today=TODAY + timedelta(days=days), base_url=URL)
    assert len(digests(session, lena)) == 1
    write_digests(session, today=TODAY + timedelta(days=7), base_url=URL)
    assert len(digests(session, lena)) == 2


@pytest.mark.parametrize(
    ("waiting", "late", "said"),
    [
        (1, 0, "1 uppgift väntar på dig."),
        (1, 1, "1 uppgift väntar på dig, 1 är försenad."),
        (5, 2, "5 uppgifter väntar på dig, 2 är försenade."),
    ],
)
def test_the_words_are_counted_right(waiting, late, said):
    assert said in words_of(waiting, late, "https://x.example")


def test_daily_means_working_days_and_never_means_never(session, make):
    lena, johan, kim = make.user(), make.user(), make.user()
    for user, digest in ((lena, Digest.DAILY), (johan, Digest.NONE)):
        preferences.choose(session, make.actor(user=user), reach=Reach.EMAIL, digest=digest)
        give(session, user, TODAY)
    for days in range(7):  # a whole week, each day twice
        for _ in range(2):
            write_digests(session, today=TODAY + timedelta(days=days), base_url=URL)
    assert len(digests(session, lena)) == 5
    assert digests(session, johan) == []
    assert digests(session, kim) == []  # nothing waits


def test_who_chose_text_messages_gets_a_link_and_who_chose_none_nothing(session, make):
    lena, johan = make.user(phone="+46701740615"), make.user()
    choose = preferences.choose
    choose(session, make.actor(user=lena), reach=Reach.TEXT, digest=Digest.WEEKLY)
    choose(session, make.actor(user=johan), reach=Reach.NONE, digest=Digest.WEEKLY)
    for user in (lena, johan):
        give(session, user, TODAY)
    write_digests(session, today=TODAY, base_url=URL)
    (message,) = digests(session, lena)
    assert (message.channel, message.body) == (Via.TEXT, f"Du har ett meddelande: {URL}/tasks")
    assert digests(session, johan) == []
    with pytest.raises(Invalid):
        choose(session, make.actor(user=johan), reach=Reach.TEXT, digest=Digest.WEEKLY)


def test_what_was_chosen_since_holds_when_a_letter_leaves(session, make):
    lena = make.user()
    to = (RecipientKind.USER, lena.id)
    message = letter(session, make.unit(), MessageState.QUEUED, kind="digest", to=to)
    assert gate(session, message) is None
    assert message.recipient == lena.email
    actor = make.actor(user=lena)
    preferences.choose(session, actor, reach=Reach.NONE, digest=Digest.NONE)
    assert gate(session, message) == "no_messages"
    lena.is_active = False
    session.flush()
    assert gate(session, message) == "gone"


def test_a_colleague_chooses_on_a_page_and_a_second_tab_is_told(session, make, client_as):
    lena = make.user(Role.SUPERVISOR)
    client = client_as(lena)
    assert "En gång i veckan" in client.get("/settings/messages").text
    said = {"reach": "none", "digest": "daily", "version": "0"}
    assert client.post("/settings/messages", data=said).status_code == 303
    assert client.get("/api/v1/messages/mine").json == {
        "reach": "none", "digest": "daily", "version": 1,
    }  # fmt: skip
    client.put("/api/v1/messages/mine", json={"reach": "email", "digest": "none"})
    late = client.post("/settings/messages", data=said | {"version": "1"})
    assert late.status_code == 409
    text = client.post("/settings/messages", data={"reach": "text", "digest": "daily"})
    assert text.status_code == 422
    assert "inget telefonnummer" in text.text


def test_days_off_write_no_digest(session, make):
    lena = make.user()
    give(session, lena, TODAY)
    assert write_digests(session, today=date(2026, 11, 28), base_url=URL) == 0
    assert digests(session, lena) == []
