"""Sessions that somebody else prepared, kept or made up."""

from __future__ import annotations

import pytest
from itsdangerous import URLSafeTimedSerializer

from matchsvc import db
from matchsvc.accounts import rules
from matchsvc.accounts.models import Role
from tests.accounts.test_login import PASSWORD


@pytest.fixture
def anna(make):
    user = make.user(email="anna.ek@example.org", role=Role.CASE_WORKER)
    rules.set_password(user, PASSWORD)
    make.session.commit()
    return user


@pytest.fixture
def without_tokens(app):
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    app.config["WTF_CSRF_ENABLED"] = True


def log_in(client, user):
    sent = {"email": user.email, "password": PASSWORD, "next": "/my-week"}
    return client.post("/login", data=sent)


def test_a_session_from_before_log_in_is_worth_nothing_after_it(without_tokens, anna):
    """Somebody prepared her browser with a session of his own (fixation)."""
    client = without_tokens.test_client()
    with client.session_transaction() as cookie:
        cookie["login"], cookie["planted"] = "made up by somebody", "x"
    before = client.get_cookie("matchsvc").value
    assert log_in(client, anna).status_code == 303
    assert client.get_cookie("matchsvc").value != before
    with client.session_transaction() as cookie:
        assert cookie["login"] != "made up by somebody"
        assert "planted" not in cookie
    thief = without_tokens.test_client()
    thief.set_cookie("matchsvc", before)
    assert thief.get("/my-week").status_code == 303


def test_each_log_in_has_a_token_of_its_own(without_tokens, anna):
    tokens = set()
    for _ in range(3):
        client = without_tokens.test_client()
        log_in(client, anna)
        with client.session_transaction() as cookie:
            tokens.add(cookie["login"])
            assert len(cookie["login"]) >= 43  # 256 bits
    assert len(tokens) == 3


def test_a_cookie_that_was_kept_opens_nothing_after_log_out(without_tokens, anna):
    client = without_tokens.test_client()
    log_in(client, anna)
    kept = client.get_cookie("matchsvc").value
    client.post("/logout")
    client.set_cookie("matchsvc", kept)
    assert client.get("/my-week").status_code == 303
    assert client.get("/api/v1/participants").status_code == 401


def test_a_cookie_signed_with_another_key_is_no_cookie(without_tokens, anna):
    with db.begin() as session:
        token = rules.start_login(session, rules.get_user(session, anna.id), now=db.utcnow())
    forged = URLSafeTimedSerializer("another key", salt="cookie-session").dumps({"login": token})
    client = without_tokens.test_client()
    client.set_cookie("matchsvc", forged)
    assert client.get("/my-week").status_code == 303


def test_a_token_of_a_session_is_no_key_of_the_interface(without_tokens, anna):
    with db.begin() as session:
        token = rules.start_login(session, rules.get_user(session, anna.id), now=db.utcnow())
    client = without_tokens.test_client()
    for sent in (f"Bearer {token}", f"Basic {token}", token, "Bearer ", "Bearer null"):
        answer = client.get("/api/v1/participants", headers={"Authorization": sent})
        assert answer.status_code == 401, sent[:8]


@pytest.mark.parametrize(
    "address",
    [
        "anna.ek@example.org\u200b",
        "\uff41nna.ek@example.org",
        "anna.ek@\u0435xample.org",
        "anna.ek@example.org\u0000",
        "anna.e\u0137@example.org",
    ],
)
def test_an_address_that_only_looks_like_hers_opens_nothing(without_tokens, anna, address):
    client = without_tokens.test_client()
    answer = client.post("/login", data={"email": address, "password": PASSWORD, "next": "/"})
    assert answer.status_code in {401, 422}


def test_ways_of_writing_one_address_share_its_tries(without_tokens, anna):
    """The sign for kelvin becomes a k, and a space falls away: still the same account."""
    client, answers = without_tokens.test_client(), []
    ways = ("anna.ek@example.org", "anna.e\u212a@example.org", " ANNA.EK@EXAMPLE.ORG ")
    for number in range(12):
        sent = {"email": ways[number % 3], "password": "wrong one", "next": "/"}
        answers.append(client.post("/login", data=sent).status_code)
    assert answers == [401] * 10 + [429] * 2
    assert log_in(client, anna).status_code == 429


def test_every_page_has_a_way_to_log_out(client_as):
    client = client_as(Role.CASE_WORKER)
    for path in ("/my-week", "/participants", "/settings", "/not-there"):
        assert 'action="/logout"' in client.get(path).get_data(as_text=True), path
