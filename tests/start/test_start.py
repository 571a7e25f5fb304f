"""The first start: what is missing is read from the database, and a letter is really sent."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Invalid, Refused
from matchsvc.messages.mail import Verdict
from matchsvc.start import steps
from matchsvc.start.mail_test import what_to_mend
from matchsvc.start.models import StartMark
from matchsvc.start.steps import StepKind

NOW = db.utcnow()
READY = {"password_hash": "x"}


@pytest.fixture
def unit(make):
    """A unit of its own: others' rows count for nothing here."""
    return make.unit(name="Enheten i norr")


@pytest.fixture
def keeper(make, unit):
    return make.user(Role.ADMIN, unit=unit, name="Ada Ek", email="ada@example.org")


@pytest.fixture
def actor(make, keeper):
    return make.actor(user=keeper)


@pytest.fixture
def served(app, inbox, monkeypatch):
    config = dataclasses.replace(
        app.config["MATCHSVC"], smtp_url=inbox.url, mail_from="enheten@example.org"
    )
    monkeypatch.setitem(app.config, "MATCHSVC", config)
    return inbox


def done(session, actor):
    return {step.kind for step in steps.read_start(session, actor).steps if step.is_done}


def finish(session, make, unit, actor):
    unit.municipality = "Lindvalla kommun"
    for role in (Role.UNIT_MANAGER, Role.CASE_WORKER, Role.PLACEMENT_COORDINATOR):
        make.user(role, unit=unit, **READY)
    steps.set_mark(session, actor, steps.MarkKind.MAIL_SENT, now=NOW)
    make.participant(unit=unit)
    make.offer(make.site(make.employer(unit=unit)))


def test_in_a_new_unit_nothing_is_done_and_the_name_is_next(session, make, unit, actor):
    make.participant()  # another unit's
    start = steps.read_start(session, actor)

    assert [step.kind for step in start.steps] == list(StepKind)
    assert done(session, actor) == set()
    assert start.next.kind is StepKind.UNIT


def test_each_step_is_done_by_what_is_there(session, make, unit, actor):
    finish(session, make, unit, actor)

    assert steps.read_start(session, actor).is_done
    assert steps.shown_start(session, actor) is None


def test_who_has_not_chosen_a_password_or_has_ended_does_not_count(session, make, unit, actor):
    make.user(Role.CASE_WORKER, unit=unit)
    make.user(Role.UNIT_MANAGER, unit=unit, is_active=False, **READY)
    make.user(Role.EMPLOYER_LIAISON, unit=unit, **READY)

    users = steps.read_start(session, actor).steps[1]

    assert users.missing == (Role.UNIT_MANAGER, Role.CASE_WORKER)
    assert not users.is_done


def test_an_administrator_is_told_whom_to_ask_for_the_first_rows(session, actor, make, unit):
    may = {step.kind: step.may_do for step in steps.read_start(session, actor).steps}
    manager = make.actor(Role.UNIT_MANAGER, unit=unit)
    managers = {step.kind: step.may_do for step in steps.read_start(session, manager).steps}

    assert not may[StepKind.PARTICIPANTS]
    assert managers[StepKind.PARTICIPANTS]
    assert not managers[StepKind.OFFERS]


@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.EMPLOYER_LIAISON, Role.AUDITOR])
def test_nobody_else_sees_the_start(session, make, role, client_as):
    with pytest.raises(Refused):
        steps.read_start(session, make.actor(role))
    assert steps.shown_start(session, make.actor(role)) is None
    assert client_as(role).get("/start").status_code == 403


def test_putting_aside_is_logged_and_can_be_taken_back(session, actor):
    steps.put_aside(session, actor, now=NOW)
    assert steps.shown_start(session, actor) is None
    assert steps.read_start(session, actor).put_aside == ("Ada Ek", NOW)

    steps.take_up(session, actor)
    assert steps.shown_start(session, actor) is not None
    logged = select(AuditEvent.action).where(
        AuditEvent.object_type == "start", AuditEvent.actor == actor.label
    )
    session.commit()
    assert list(session.scalars(logged.order_by(AuditEvent.id))) == ["put_aside", "take_up"]


def test_a_demo_asks_nobody_to_start(session, actor):
    accounts.mark_as_demo(session, {})
    session.flush()
    assert steps.shown_start(session, actor) is None


def test_the_managers_week_leads_to_the_next_step_until_all_is_done(
    session, client_as, make, unit, actor
):
    client = client_as(make.user(Role.UNIT_MANAGER, unit=unit))
    assert "/start#unit" in client.get("/my-week").text

    finish(session, make, unit, actor)
    session.commit()

    assert "/start#" not in client.get("/my-week").text
    assert "Allt är på plats" in client.get("/start").text


def test_an_administrator_comes_to_the_start_first(client_as, keeper):
    assert client_as(keeper).get("/my-week").location == "/start"


def test_the_page_names_the_unit_and_keeps_what_was_wrong(client_as, keeper, unit):
    client = client_as(keeper)
    wrong = client.post("/start/unit", data={"name": "Nya namnet", "version": unit.version})
    assert wrong.status_code == 422
    assert "Nya namnet" in wrong.text
    assert "Skriv vilken kommun" in wrong.text

    data = {"name": "Nya namnet", "municipality": "Lindvalla kommun", "version": unit.version}
    assert client.post("/start/unit", data=data).status_code == 303
    assert "Lindvalla kommun" in client.get("/start").text
    late = client.post("/start/unit", data=data | {"name": "Ett annat"})
    assert late.status_code == 409
    assert "Ett annat" in late.text


def test_two_units_are_not_called_the_same(session, make, actor, unit):
    from matchsvc.accounts.own_unit import name_unit

    taken = make.unit().name
    with pytest.raises(Invalid) as refused:
        name_unit(session, actor, name=taken, municipality="K", phone=None, version=unit.version)
    assert set(refused.value.fields) == {"name"}


def test_a_letter_that_is_taken_is_remembered_with_who_and_when(served, client_as, keeper, session):
    client = client_as(keeper)

    assert client.post("/start/mail-test").status_code == 303

    assert [mail["To"] for mail in served.received] == ["ada@example.org"]
    assert served.received[0]["From"] == "enheten@example.org"
    page = client.get("/start?saved=mail").text
    assert "Titta i din inkorg" in page
    assert "Ada Ek skickade ett prov" in page


def test_a_refused_letter_says_why_and_is_not_remembered(served, client_as, keeper, session):
    served.answer["rcpt"] = "550 No"
    page = client_as(keeper).post("/start/mail-test")

    assert "svar 550" in page.text
    assert "MAIL_FROM" in page.text
    assert session.scalar(select(StartMark.id)) is None


def test_a_server_that_is_not_there_says_what_to_check(app, client_as, keeper, monkeypatch):
    config = dataclasses.replace(app.config["MATCHSVC"], smtp_url="smtp://127.0.0.1:1")
    monkeypatch.setitem(app.config, "MATCHSVC", config)

    assert "SMTP_URL" in client_as(keeper).post("/start/mail-test").text


def test_without_a_mail_server_the_page_says_what_to_set(client_as, keeper):
    answer = client_as(keeper).post("/start/mail-test")

    assert answer.status_code == 409
    assert "Ingen mejlserver är inställd" in answer.text


def test_the_test_is_not_a_way_to_send_many(served, client_as, keeper):
    client = client_as(keeper)
    answers = [
        client.post("/start/mail-test").status_code for _ in range(accounts.MAX_ATTEMPTS + 1)
    ]

    assert answers[-1] == 409
    assert len(served.received) == accounts.MAX_ATTEMPTS


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict("later", "SMTPAuthenticationError"), "lösenord"),
        (Verdict("later", "451"), "vänta"),
        (Verdict("failed", "553"), "MAIL_FROM"),
        (Verdict("failed", "address_not_readable"), "adress"),
        (Verdict("uncertain", "ConnectionResetError"), "inkorg"),
        (Verdict("later", "gaierror"), "SMTP_URL"),
    ],
)
def test_every_refusal_says_what_to_mend(verdict, words):
    sentence, values = what_to_mend(verdict)
    assert words in sentence % values


def test_a_program_sees_the_same_steps(client_as, keeper):
    client = client_as(keeper)
    body = client.get("/api/v1/start").json
    assert [step["kind"] for step in body["steps"]] == list(StepKind)
    assert body["is_put_aside"] is False

    assert client.put("/api/v1/start/aside").status_code == 204
    assert client.get("/api/v1/start").json["is_put_aside"] is True
    assert client.delete("/api/v1/start/aside").status_code == 204
    unit = client.get("/api/v1/start/unit").json
    saved = client.put("/api/v1/start/unit", json=unit | {"municipality": "Lindvalla kommun"})
    assert saved.json["municipality"] == "Lindvalla kommun"


def test_the_log_in_page_of_an_empty_database_says_what_to_run(app, session, make):
    assert "matchsvc users add" in app.test_client().get("/login").text
    make.user()
    session.commit()
    assert "matchsvc users add" not in app.test_client().get("/login").text
