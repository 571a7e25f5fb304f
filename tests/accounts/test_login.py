"""Logging in: right, wrong, too often, ended; and what a role may reach."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts import rules
from matchsvc.accounts.models import AuditEvent, LoginSession, Role
from matchsvc.errors import Invalid, NotFound
from tests.factories import COMMAND

PASSWORD = "tre gröna granar"


@pytest.fixture
def maja(session, make):
    user = make.user(role=Role.EMPLOYER_LIAISON, email="maja@example.org", name="Maja Lindqvist")
    rules.set_password(user, PASSWORD)
    session.commit()
    return user


def csrf_of(client, path="/login"):
    page = client.get(path).get_data(as_text=True)
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def log_in(client, password=PASSWORD, email="maja@example.org", **more):
    form = {"email": email, "password": password, "csrf_token": csrf_of(client)} | more
    return client.post("/login", data=form)


def test_the_right_password_opens_the_week(app, maja):
    answer = log_in(app.test_client())
    assert answer.status_code == 303
    assert answer.location == "/my-week"


def test_a_wrong_password_keeps_the_address_and_says_what_to_do(app, maja):
    answer = log_in(app.test_client(), password="fel")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert "maja@example.org" in page
    assert "hör inte ihop" in page
    assert "fel" not in re.findall(r'value="([^"]*)"', page)


def test_an_unknown_address_gets_the_same_answer(app, maja):
    known = log_in(app.test_client(), password="fel").get_data(as_text=True)
    unknown = log_in(app.test_client(), email="ingen@example.org").get_data(as_text=True)
    cut = re.compile(r'value="[^"]*"')
    assert cut.sub("", known) == cut.sub("", unknown)


def test_english_readers_get_english(app, maja):
    page = app.test_client().get("/login?lang=en").get_data(as_text=True)
    assert "Log in" in page
    assert '<html lang="en"' in page


def test_after_ten_tries_there_is_a_pause(app, maja):
    client = app.test_client()
    answers = [log_in(client, password="fel").status_code for _ in range(rules.MAX_ATTEMPTS + 1)]
    assert answers[-2:] == [401, 429]
    assert log_in(client).status_code == 429  # even with the right password


def test_a_form_without_its_token_is_refused(app, maja):
    answer = app.test_client().post("/login", data={"email": "a@b.se", "password": "x"})
    assert answer.status_code == 400


def test_log_in_never_sends_anybody_to_another_site(app, maja):
    answer = log_in(app.test_client(), next="//evil.example/")
    assert answer.location == "/my-week"


def test_logging_out_ends_the_session_on_the_server(app, session, maja):
    client = app.test_client()
    log_in(client)
    with client.session_transaction() as cookie:
        token = cookie["login"]
    app.config["WTF_CSRF_ENABLED"] = False
    client.post("/logout")
    app.config["WTF_CSRF_ENABLED"] = True
    with db.read() as reader:
        assert rules.find_actor_by_login(reader, token, now=db.utcnow(), request_id=None) is None


def test_a_session_ends_after_an_hour_of_rest_and_after_twelve_hours_anyway(session, maja):
    now = db.utcnow()
    token = rules.start_login(session, rules.get_user(session, maja.id), now=now)
    session.flush()

    def alive(after):
        return rules.find_actor_by_login(session, token, now=now + after, request_id=None)

    assert alive(timedelta(minutes=59)) is not None
    assert alive(timedelta(minutes=61)) is None
    login = session.scalars(select(LoginSession).where(LoginSession.user_id == maja.id)).one()
    login.last_seen_at = now + timedelta(hours=12)
    assert alive(timedelta(hours=12, minutes=1)) is None


def test_a_user_who_is_shut_out_is_out_at_once(session, maja):
    token = rules.start_login(session, rules.get_user(session, maja.id), now=db.utcnow())
    maja.is_active = False
    session.flush()
    assert rules.find_actor_by_login(session, token, now=db.utcnow(), request_id=None) is None


def test_a_password_address_works_once(session, maja):
    token = rules.new_password_token(session, maja, now=db.utcnow())
    session.flush()
    with pytest.raises(Invalid):
        rules.use_password_token(session, token, "kort", now=db.utcnow())
    rules.use_password_token(session, token, "fyra blåa hästar", now=db.utcnow())
    assert rules.check_password(maja, "fyra blåa hästar")
    with pytest.raises(NotFound):
        rules.use_password_token(session, token, "fem blåa hästar", now=db.utcnow())


def test_tokens_and_passwords_are_stored_only_as_hashes(session, maja):
    token = rules.start_login(session, rules.get_user(session, maja.id), now=db.utcnow())
    api_token = rules.new_api_token(session, COMMAND, maja, days=1, now=db.utcnow())
    session.flush()
    stored = [login.token_hash for login in session.scalars(select(LoginSession))]
    assert token not in stored
    assert maja.password_hash.startswith("$argon2id$")
    found = rules.find_actor_by_token(session, api_token, now=db.utcnow(), request_id=None)
    assert found is not None
    assert found.roles == {Role.EMPLOYER_LIAISON}


def test_a_missing_right_is_refused_and_logged(app, session, client_as):
    client = client_as(Role.AUDITOR)
    answer = client.post("/settings/areas", data={"name": "Norr"})
    assert answer.status_code == 403
    assert "Din roll får inte" in answer.get_data(as_text=True)
    refusals = session.scalars(select(AuditEvent).where(AuditEvent.action == "refused")).all()
    assert [row.object_type for row in refusals] == ["accounts.submit_area"]


def test_a_page_asks_who_is_not_logged_in_to_log_in(app):
    answer = app.test_client().get("/settings")
    assert answer.status_code == 303
    assert answer.location == "/login?next=%2Fsettings"


def test_answers_carry_a_strict_policy_and_are_not_kept(app):
    answer = app.test_client().get("/login")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


COUNT = """
import sys
from matchsvc import db, secrecy
from matchsvc.accounts import rules
from matchsvc.config import Config
secrecy.use(Config().keys)
db.connect(sys.argv[1])
sys.stdin.readline()  # all begin together
allowed = 0
for _number in range(10):
    with db.begin() as session:
        allowed += rules.count_attempt(session, "login:maja@example.org", now=db.utcnow())
print(allowed)
"""


def test_tries_are_counted_over_all_processes_together(fresh_url):
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", COUNT, fresh_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _number in range(2)
    ]
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()
    said = [int(worker.communicate(timeout=60)[0]) for worker in workers]
    assert sum(said) == rules.MAX_ATTEMPTS
