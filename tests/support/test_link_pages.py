"""The employer's pages without an account: nothing changes by opening, nobody is named."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from icalendar import Calendar
from sqlalchemy import func, select

from matchsvc import db
from matchsvc.accounts.models import AuditEvent
from matchsvc.messages.models import LinkCode, MessageState, OutboxMessage, Via
from matchsvc.participants import protection
from matchsvc.placements.models import FollowUp
from matchsvc.placements.workplace_models import WorkplaceWord
from matchsvc.support import links, packs, qa
from matchsvc.support.models import SupportLink, SupportRequest
from matchsvc.workday.models import Task
from tests.factories import TODAY, identity_number
from tests.placements.factories import NOW, URL
from tests.support.conftest import CLOCK

PAGES = ("", "/help", "/information", "/questions", "/schedule", "/how", "/code")


@pytest.fixture
def ready(session, there, link):
    """Blocks and questions published, and Petra's link; gives back the path of her page."""
    packs.add_starter(session, there.maja)
    qa.add_starter(session, there.maja)
    packs.publish(session, there.maja, today=TODAY)
    token = link()
    session.commit()
    return f"/l/{token}"


def text_of(response):
    return response.get_data(as_text=True)


def everything(session):
    """How many rows every table holds, but for the log."""
    tables = [t for t in db.Base.metadata.sorted_tables if not t.name.startswith("audit")]
    return {t.name: session.scalar(select(func.count()).select_from(t)) for t in tables}


def form(**values):
    return {"submission_id": str(uuid4())} | values


def letter(session, kind):
    session.expire_all()
    found = select(OutboxMessage).where(
        OutboxMessage.kind == kind, OutboxMessage.state == MessageState.QUEUED
    )
    return session.scalars(found.order_by(OutboxMessage.created_at.desc())).first()


def test_the_page_shows_whom_to_call_what_comes_next_and_the_six_parts(ready, visitor, there):
    page = visitor.get(ready)
    assert page.status_code == 200
    words = text_of(page)
    for shown in (
        *("Maja Lindqvist", "Ring 070-174 06 15", 'href="tel:+46701740615"'),
        *("Jag behöver hjälp", "Nästa datum", "Möte före start", "4 av 6 delar är klara"),
        *("28 mars", "Länken till den här sidan"),
    ):
        assert shown in words, shown
    assert page.headers["Cache-Control"].startswith("no-store")


@pytest.mark.parametrize("page", PAGES)
def test_no_page_of_a_forwarded_link_names_the_participant(ready, visitor, there, page):
    answer = visitor.get(ready + page)
    assert answer.status_code == 200
    for word in ("Samira", "Haddad", there.participant.alias, str(there.participant.id)):
        assert word not in text_of(answer)
    assert len(answer.data) < 60_000


def test_a_scanner_that_opens_everything_changes_nothing(session, ready, visitor):
    before = everything(session)
    for page in (*PAGES, "/schedule.ics", "/information.pdf", "/personal"):
        visitor.get(ready + page)
        visitor.head(ready + page)
    session.expire_all()
    assert everything(session) == before


def test_opening_is_logged_as_the_links(session, ready, visitor):
    visitor.get(ready)
    row = session.scalars(
        select(AuditEvent).where(
            AuditEvent.object_type == "support_link", AuditEvent.action == "read"
        )
    ).one()
    assert row.actor.startswith("link:")


def test_english_by_the_browser_and_by_the_switch(ready, visitor):
    for answer in (
        visitor.get(ready, headers={"Accept-Language": "en-GB"}),
        visitor.get(ready, query_string={"lang": "en"}),
    ):
        assert "I need help" in text_of(answer)
        assert "Jag behöver hjälp" not in text_of(answer)
    visitor.delete_cookie("lang")
    assert "Jag behöver hjälp" in text_of(visitor.get(ready, headers={"Accept-Language": "de"}))


def test_help_reaches_a_named_person_and_says_when(session, ready, visitor, there):
    answer = visitor.post(f"{ready}/help", data=form(kind="call_me"))
    assert answer.status_code == 303
    page = text_of(visitor.get(answer.location))
    assert "Maja Lindqvist svarar senast i morgon 12.00" in page
    task = session.scalars(select(Task).where(Task.kind == "support_help")).one()
    assert task.owner_id == there.liaison.id
    notice = letter(session, "support_notice")
    assert notice.recipient == there.liaison.email


def test_help_without_a_kind_shows_the_form_again(session, ready, visitor):
    answer = visitor.post(f"{ready}/help", data=form())
    assert answer.status_code == 422
    assert "Vad gäller det?" in text_of(answer)
    question = visitor.post(f"{ready}/help", data=form(kind="question"))
    assert question.status_code == 422
    assert session.scalar(select(func.count()).select_from(SupportRequest)) == 0


def test_a_form_sent_twice_from_two_tabs_is_kept_once(session, ready, visitor):
    sent = form(kind="call_me")
    for _tab in range(2):
        assert visitor.post(f"{ready}/help", data=sent).status_code == 303
    assert session.scalar(select(func.count()).select_from(SupportRequest)) == 1


def test_a_question_is_asked_and_its_answer_read(session, ready, visitor, client_as, there):
    sent = visitor.post(f"{ready}/questions", data=form(text="Får vi byta dagar?"))
    assert "Maja Lindqvist svarar senast" in text_of(visitor.get(sent.location))
    row = session.scalars(select(SupportRequest)).one()
    maja = client_as(there.liaison)
    for list_ in ("/my-week", "/tasks"):
        assert f"/placements/{there.placement.id}/support#fragor" in text_of(maja.get(list_))
    page = text_of(maja.get(f"/support/requests/{row.id}"))
    assert "Får vi byta dagar?" in page
    maja.post(f"/support/requests/{row.id}", data={"text": "Ja, säg bara till."})
    assert "Ja, säg bara till." in text_of(visitor.get(f"{ready}/questions"))


def test_what_was_typed_stays_when_a_question_is_refused(ready, visitor):
    number = identity_number()
    answer = visitor.post(f"{ready}/questions", data=form(text=f"Vem är {number}?"))
    assert answer.status_code == 422
    assert f"Vem är {number}?" in text_of(answer)
    assert "Texten innehåller ett personnummer" in text_of(answer)


def test_questions_are_searched(ready, visitor):
    found = text_of(visitor.get(f"{ready}/questions", query_string={"q": "försäkrad"}))
    assert "Är personen försäkrad?" in found
    assert "Vad kostar det oss?" not in found
    none = text_of(visitor.get(f"{ready}/questions", query_string={"q": "helikopter" * 50}))
    assert "Ingen fråga har de orden" in none


def test_how_it_goes_is_kept_and_shown_to_who_logs(session, ready, visitor, client_as, there):
    answer = visitor.post(
        f"{ready}/how", data=form(attendance="less", going="good", text="Snabb och noggrann.")
    )
    assert "Tack! Vi läser det före nästa uppföljning" in text_of(visitor.get(answer.location))
    follow_up = session.scalars(select(FollowUp).order_by(FollowUp.number)).first()
    page = text_of(client_as(there.supervisor).get(f"/follow-ups/{follow_up.id}"))
    assert "Snabb och noggrann." in page
    assert "Det går bra, närvaro mindre" in page
    assert visitor.post(f"{ready}/how", data=form(going="good")).status_code == 422
    assert session.scalar(select(func.count()).select_from(WorkplaceWord)) == 1


def test_the_pack_is_read_in_both_languages_and_as_a_tagged_pdf(ready, visitor):
    assert "Det här ansvarar ni för" in text_of(visitor.get(f"{ready}/information"))
    english = visitor.get(f"{ready}/information", headers={"Accept-Language": "en"})
    assert "Your responsibilities" in text_of(english)
    for language in ("sv", "en"):
        made = visitor.get(f"{ready}/information.pdf", query_string={"in": language})
        assert made.mimetype == "application/pdf"
        assert made.data.startswith(b"%PDF")
        assert b"pdfuaid" in made.data
        assert b"/Lang" in made.data


def test_the_calendar_is_fetched_without_counting_as_opened(session, ready, visitor):
    answer = visitor.get(f"{ready}/schedule.ics")
    assert answer.mimetype == "text/calendar"
    assert len(Calendar.from_ical(answer.data).walk("vevent")) == 7
    actions = session.scalars(
        select(AuditEvent.action).where(AuditEvent.object_type == "support_link")
    ).all()
    assert "read" not in actions


def test_what_is_personal_asks_for_a_code_every_time(session, ready, visitor, there):
    asked = visitor.get(f"{ready}/personal")
    assert asked.status_code == 303
    assert asked.location.endswith("/code")
    visitor.post(f"{ready}/code/send")
    code = re.search(r"\d{6}", letter(session, "link_code").body)[0]
    wrong = visitor.post(f"{ready}/code", data={"code": "12"})
    assert wrong.status_code == 422
    assert "Koden stämmer inte" in text_of(wrong)
    right = visitor.post(f"{ready}/code", data={"code": code})
    assert right.status_code == 303
    page = text_of(visitor.get(right.location))
    assert "15 vid start, målet är 25" in page
    assert "Samira" not in page  # no consent stands


def test_wrong_codes_are_counted_also_over_the_pages(session, ready, visitor):
    visitor.post(f"{ready}/code/send")
    code = re.search(r"\d{6}", letter(session, "link_code").body)[0]
    other = "000000" if code != "000000" else "111111"
    for _ in range(5):
        visitor.post(f"{ready}/code", data={"code": other})
    assert visitor.post(f"{ready}/code", data={"code": code}).status_code == 422
    session.expire_all()
    assert session.scalars(select(LinkCode)).one().tries == 5
    for _ in range(2):
        visitor.post(f"{ready}/code/send")
    assert visitor.post(f"{ready}/code/send").status_code == 409


@pytest.fixture
def texts(app):
    """An installation that can send text messages."""
    before = app.config["MATCHSVC"]
    url = "http://u:p@127.0.0.1:9/send"
    app.config["MATCHSVC"] = dataclasses.replace(before, sms_url=url)
    yield
    app.config["MATCHSVC"] = before


def test_who_has_a_mobile_telephone_alone_gets_the_code_as_a_text_message(
    session, ready, visitor, there, texts
):
    there.contact.email, there.contact.phone = None, "+46701740605"
    session.commit()
    page = text_of(visitor.get(f"{ready}/code"))
    assert "Skicka koden som sms till 070-… 05" in page
    assert "e-post till" not in page
    sent = visitor.post(f"{ready}/code/send", follow_redirects=True)
    assert "Vi skickar den som sms till 070-… 05." in text_of(sent)
    assert "174" not in sent.request.full_path
    text = letter(session, "link_code")
    assert (text.channel, text.recipient) == (Via.TEXT, "+46701740605")
    code = re.search(r"\d{6}", text.body)[0]
    right = visitor.post(f"{ready}/code", data={"code": code})
    assert "15 vid start, målet är 25" in text_of(visitor.get(right.location))


def test_who_has_both_chooses_and_an_address_of_ones_own_cannot_be_given(
    session, ready, visitor, there, texts
):
    there.contact.phone = "+46701740605"
    session.commit()
    page = text_of(visitor.get(f"{ready}/code"))
    assert page.index("e-post till p…@example.org") < page.index("sms till 070-… 05")
    elsewhere = {"via": "text", "phone": "+46701740699"}
    assert visitor.post(f"{ready}/code/send", data=elsewhere).status_code == 422
    visitor.post(f"{ready}/code/send", data={"via": "text"})
    assert letter(session, "link_code").recipient == "+46701740605"
    visitor.post(f"{ready}/code/send", data={"via": "email"})
    assert letter(session, "link_code").recipient == "petra@example.org"
    assert visitor.post(f"{ready}/code/send", data={"via": "pigeon"}).status_code == 422


def test_without_a_gateway_no_text_message_is_offered_or_sent(session, ready, visitor, there):
    there.contact.phone = "+46701740605"
    session.commit()
    assert "sms" not in text_of(visitor.get(f"{ready}/code"))
    assert visitor.post(f"{ready}/code/send", data={"via": "text"}).status_code == 409
    assert letter(session, "link_code") is None


def test_when_nothing_is_registered_the_page_says_whom_to_call(
    session, ready, visitor, there, texts
):
    there.contact.email, there.contact.phone = None, "+46841500101"  # not a mobile telephone
    session.commit()
    page = text_of(visitor.get(f"{ready}/code"))
    assert "Ring Maja Lindqvist" in page
    assert 'href="tel:+46701740615"' in page
    assert "code/send" not in page
    assert visitor.post(f"{ready}/code/send").status_code == 409


def kill(how, session, there, token, clock):
    if how == "revoked":
        row = links.open_link(session, token, now=NOW).row
        links.revoke(session, there.maja, there.placement.id, row.id, **CLOCK)
    elif how == "contact left":
        there.contact.is_active = False
    elif how == "protected":
        protection.protect(session, there.actor, there.participant.id, today=TODAY)
    elif how == "thirty days after":
        there.placement.end_date = TODAY
        clock.shift(timedelta(days=32))
    session.commit()


DEAD = ("revoked", "contact left", "protected", "thirty days after", "never was")


@pytest.mark.parametrize("how", DEAD)
def test_a_dead_link_is_one_page_whatever_killed_it_and_takes_nothing(
    session, ready, visitor, there, clock, how
):
    token = ready.removeprefix("/l/")
    if how == "never was":
        ready = "/l/" + "x" * 22
    else:
        kill(how, session, there, token, clock)
    before = everything(session)
    for page in (*PAGES[1:], "/schedule.ics", "/information.pdf", "/personal"):
        answer = visitor.get(ready + page)
        assert answer.status_code == 404
        assert "Länken fungerar inte längre" in text_of(answer)
        assert "Kvarnköket" not in text_of(answer)
    assert visitor.get(ready).status_code == 404
    for page, values in (
        ("/help", {"kind": "call_me"}),
        ("/questions", {"text": "Hej?"}),
        ("/how", {"going": "good", "attendance": "less"}),
        ("/code/send", {}),
        ("/code", {"code": "123456"}),
    ):
        assert visitor.post(ready + page, data=form(**values)).status_code == 404
    renewed = visitor.post(f"{ready}/renew")
    assert renewed.status_code == 303
    assert "Titta i din e-post" in text_of(visitor.get(renewed.location))
    session.expire_all()
    assert everything(session) == before  # no new link: the reason still holds


def test_a_replaced_link_is_renewed_to_the_registered_address_alone(
    session, ready, visitor, there, link
):
    link()  # a newer one; the address in the mail no longer works
    session.commit()
    dead = visitor.get(ready)
    assert dead.status_code == 404
    assert "Skicka en ny länk till mig" in text_of(dead)
    answer = visitor.post(f"{ready}/renew")
    assert answer.location.endswith("/l/renewed")
    sent = letter(session, "support_link")
    assert sent.recipient == "petra@example.org"
    new = re.search(r"(/l/\S+)", sent.body)[1]
    assert visitor.get(new).status_code == 200


def test_who_has_lost_the_address_asks_with_her_own_and_hears_the_same(session, ready, visitor):
    answers = [
        visitor.post("/l/lost", data={"email": address})
        for address in ("petra@example.org", "nobody@example.org")
    ]
    assert answers[0].location == answers[1].location
    assert session.scalar(select(func.count()).select_from(SupportLink)) == 2
    assert visitor.post("/l/lost", data={"email": "nej"}).status_code == 422
    assert visitor.get("/l/lost").status_code == 200
    assert "/l/lost" in text_of(visitor.get("/l/" + "y" * 32))


def test_the_referrer_never_carries_the_link_and_no_robot_keeps_it(ready, visitor):
    page = visitor.get(ready)
    assert page.headers["Referrer-Policy"] in {"no-referrer", "same-origin"}
    assert 'content="noindex"' in text_of(page)


def test_the_stand_in_is_shown_with_her_number(session, make, ready, visitor, there):
    from tests.support.test_requests import away

    away(make, there, make.user(name="Karin Ek", phone="+46701740699"))
    session.commit()
    words = text_of(visitor.get(ready))
    assert "Maja Lindqvist är borta till och med" in words
    assert "Ring 070-174 06 99" in words


def test_the_base_address_of_the_links_is_what_the_service_says(session, ready):
    assert URL not in ready
    sent = letter(session, "support_link")
    assert f"{URL}{ready}" in sent.body
