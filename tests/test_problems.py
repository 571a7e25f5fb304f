"""When things are wrong: a page for people, a problem for programs, in the reader's language."""

from __future__ import annotations

import sqlite3
from io import BytesIO

import lxml.html
import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from matchsvc.accounts.models import Area, Role
from matchsvc.web import problems


def broken(words):
    return OperationalError("select 1", {}, sqlite3.OperationalError(words))


@pytest.fixture
def full_at(outer):
    """From now on, statements with these words fail as on a full disk."""

    def start(words):
        def fail(_connection, _cursor, statement, *_):
            if words in statement:
                raise broken("database or disk is full")

        event.listen(outer, "before_cursor_execute", fail)

    return start


@pytest.mark.parametrize(
    ("words", "status", "code", "swedish", "english"),
    [
        ("database is locked", 503, "database_busy", "upptaget just nu", "busy right now"),
        ("database or disk is full", 507, "disk_full", "Disken är full", "The disk is full"),
    ],
)
def test_a_busy_or_full_database_says_so_and_what_to_do(
    app, client_as, monkeypatch, words, status, code, swedish, english
):
    client = client_as(Role.UNIT_MANAGER)

    def refuse(*_args, **_values):
        raise broken(words)

    monkeypatch.setattr("matchsvc.accounts.rules.list_areas", refuse)
    monkeypatch.setattr("matchsvc.matching.proposals.list_proposals", refuse)
    page = client.get("/settings?lang=sv")
    assert page.status_code == status
    assert swedish in page.get_data(as_text=True)
    assert "Inget har sparats" in page.get_data(as_text=True)
    assert english in client.get("/settings?lang=en").get_data(as_text=True)
    body = client.get("/api/v1/proposals")
    assert body.status_code == status
    assert body.content_type == "application/problem+json"
    assert body.get_json()["code"] == code
    assert "select 1" not in body.get_data(as_text=True)


def test_nothing_is_half_written_when_the_log_cannot_be(client_as, session, full_at):
    """The area and its log row go in together, or not at all."""
    client = client_as(Role.UNIT_MANAGER)
    full_at("INSERT INTO audit_event")
    answer = client.post("/settings/areas", data={"name": "Norr"})
    assert answer.status_code == 507
    assert "Inget har sparats" in answer.get_data(as_text=True)
    session.expire_all()
    assert session.scalars(select(Area.name)).all() == []


def hidden_fields(answer):
    (form,) = lxml.html.fromstring(answer.get_data(as_text=True)).xpath("//main//form")
    assert (form.method, form.action) == ("POST", None)  # to where it was sent
    return dict(form.form_values())


def test_what_was_typed_stands_ready_to_be_sent_again(client_as, session, full_at):
    client = client_as(Role.UNIT_MANAGER)
    full_at("INSERT INTO audit_event")
    typed = {"name": 'Norr & "söder"\nöst', "csrf_token": "x"}
    kept = hidden_fields(client.post("/settings/areas", data=typed))
    assert kept == typed


@pytest.mark.parametrize(
    "typed",
    [
        {"email": "maja@example.org", "new_password": "hemligt"},
        {"recovery_code": "1234"},
        {"note": "x" * 200_001},
        {"note": "Hej", "file": (BytesIO(b"%PDF"), "beslut.pdf")},
    ],
)
def test_no_password_no_file_and_nothing_very_long_is_repeated(app, typed):
    with app.test_request_context("/papers", method="POST", data=typed):
        assert problems.what_was_typed() == []


def test_nothing_is_shown_that_could_not_be_logged(client_as, session, make, full_at):
    worker = make.user(role=Role.CASE_WORKER)
    person = make.participant(worker, given_name="Samira")
    session.commit()
    client = client_as(worker)
    full_at("INSERT INTO audit_event")
    answer = client.get(f"/participants/{person.id}")
    assert answer.status_code == 507
    assert "Samira" not in answer.get_data(as_text=True)


def test_an_unexpected_fault_tells_nothing_of_what_was_typed(app, client_as, monkeypatch, capfd):
    def fail(*_args, **_values):
        raise ValueError("Samira Haddad 850312-2387")

    monkeypatch.setattr("matchsvc.accounts.rules.list_areas", fail)
    app.config["PROPAGATE_UNEXPECTED"] = False
    app.testing = False
    try:
        answer = client_as(Role.UNIT_MANAGER).get("/settings")
    finally:
        app.config["PROPAGATE_UNEXPECTED"] = True
        app.testing = True
    assert answer.status_code == 500
    told = answer.get_data(as_text=True) + "".join(capfd.readouterr())
    assert "Något gick fel hos oss" in told
    assert "Samira" not in told
    assert "850312" not in told


def test_every_status_we_answer_has_its_words(app):
    for status in (400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 429, 500, 503, 507):
        if status == 409:
            continue  # a rule's own sentence
        title, detail = problems.HTTP_WORDS[status]
        assert title
        assert detail.endswith(".")


def test_an_unknown_page_is_a_page_for_people_and_a_problem_for_programs(app, client_as):
    client = client_as(Role.CASE_WORKER)
    assert "Sidan finns inte" in client.get("/no-such-page").get_data(as_text=True)
    body = client.get("/api/v1/nothing").get_json()
    assert body["status"] == 404
    assert body["code"] == "http_404"


def test_a_program_without_a_token_is_told_401(app):
    answer = app.test_client().get("/api/v1/proposals")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.get_json()["title"] == "Du är inte inloggad"


def test_logs_name_the_endpoint_and_never_the_address_or_a_name(app, client_as, capfd, make):
    worker = make.user(role=Role.CASE_WORKER, name="Johan Ekdal")
    person = make.participant(worker, given_name="Samira", family_name="Haddad")
    make.session.commit()
    client_as(worker).get(f"/participants/{person.id}")
    app.test_client().get("/set-password/a-secret-token")
    told = "".join(capfd.readouterr())
    assert "accounts.show_set_password" in told
    for secret in ("Samira", "Haddad", "Johan", "a-secret-token", str(person.id)):
        assert secret not in told


def test_the_process_says_whether_it_lives_and_whether_it_can_serve(app):
    client = app.test_client()
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {"status": "ready"}
