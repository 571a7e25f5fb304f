"""Passwords that lists and acquaintances would guess, and those that nobody would."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from matchsvc.accounts import rules
from matchsvc.accounts.models import AuditEvent
from matchsvc.accounts.passwords import is_easily_guessed
from matchsvc.errors import Invalid

ABOUT = ("Anna Ekdal", "anna.ekdal@lindvalla.example")


@pytest.mark.parametrize(
    "password",
    [
        *("password1234", "qwerty123456", "123456789012", "aaaaaaaaaaaa", "abcdefghijkl"),
        *("iloveyou1234", "1q2w3e4r5t6y", "P@ssw0rd1234", "administrator"),
        *("sommar202612", "Sommaren2026!", "lösenord1234", "matchning2026!", "Arbetsmarknad2026"),
        *("annaekdal123", "Ekdal20261124"),
    ],
)
def test_what_is_guessed_first_is_refused(make, password):
    """Common ones, patterns, what the service is called, and her own name (ASVS 6.2.4, 6.2.11)."""
    user = make.user(name=ABOUT[0], email=ABOUT[1])
    with pytest.raises(Invalid) as refused:
        rules.set_password(user, password)
    assert "lätt att gissa" in refused.value.fields["password"]
    assert user.password_hash is None


@pytest.mark.parametrize(
    "password",
    [
        *("tre gröna granar", "korrekt häst batteri klammer", "W1EBBIZ7rzcANM8F"),
        *(
            "семь ворон на крыше",
            "  två mellanslag före  ",
            "ÅÄÖåäö!?%&//((",
        ),
        "blommor och bin " * 12,
    ],
)
def test_any_other_of_twelve_signs_is_taken_whatever_its_signs(password):
    """No rule asks for digits or capitals; two hundred signs are taken (ASVS 6.2.5, 6.2.9)."""
    assert not is_easily_guessed(password, about=ABOUT)


def test_a_password_counts_sign_for_sign(app, session, make):
    """Spaces around it and capitals are part of it (ASVS 6.2.8)."""
    user = make.user(email=ABOUT[1], name=ABOUT[0])
    token = rules.new_password_token(session, user, now=rules_now())
    session.commit()
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        chosen = "  Tre gröna granar "
        assert client.post(f"/set-password/{token}", data={"password": chosen}).status_code == 303
        for typed, status in ((chosen.strip(), 401), (chosen.lower(), 401), (chosen, 303)):
            sent = {"email": ABOUT[1], "password": typed, "next": "/my-week"}
            assert client.post("/login", data=sent).status_code == status, typed
    finally:
        app.config["WTF_CSRF_ENABLED"] = True


def test_the_page_says_what_to_choose_instead(app, session, make):
    user = make.user(email=ABOUT[1], name=ABOUT[0])
    token = rules.new_password_token(session, user, now=rules_now())
    session.commit()
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        answer = app.test_client().post(f"/set-password/{token}", data={"password": "password1234"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    assert answer.status_code == 422
    assert "Välj några ord som inte hör ihop" in answer.get_data(as_text=True)
    assert "password1234" not in answer.get_data(as_text=True)


def rules_now():
    from matchsvc import db

    return db.utcnow()


def test_she_changes_it_herself_with_the_one_she_has(app, session, make, client_as):
    """Her other log-ins end, this one goes on, and it is logged without a word of it."""
    user = make.user(email=ABOUT[1], name=ABOUT[0])
    rules.set_password(user, "tre gröna granar")
    session.commit()
    here, there = client_as(user), client_as(user)
    sent = {"old_password": "tre gröna granar", "new_password": "fyra blå björkar"}
    assert 'name="old_password"' in here.get("/my-login").get_data(as_text=True)
    assert here.post("/my-login/password", data=sent).status_code == 303
    assert "Lösenordet är bytt" in here.get("/my-login?saved=password").get_data(as_text=True)
    assert there.get("/my-login").status_code == 303
    session.expire_all()
    assert rules.check_password(user, "fyra blå björkar")
    changed = session.scalars(select(AuditEvent).where(AuditEvent.action == "change")).all()
    assert [each.fields for each in changed] == [["password"]]


@pytest.mark.parametrize(
    ("old", "new", "status", "told"),
    [
        ("fel lösenord här", "fyra blå björkar", 401, "Lösenordet stämmer inte"),
        ("tre gröna granar", "k0rt9", 422, "minst 12 tecken"),
        ("tre gröna granar", "password1234", 422, "lätt att gissa"),
        ("", "fyra blå björkar", 422, "Skriv lösenordet som du har nu"),
    ],
)
def test_a_change_that_is_not_hers_or_not_safe_changes_nothing(
    session, make, client_as, old, new, status, told
):
    user = make.user(email=ABOUT[1], name=ABOUT[0])
    rules.set_password(user, "tre gröna granar")
    session.commit()
    client = client_as(user)
    answer = client.post("/my-login/password", data={"old_password": old, "new_password": new})
    assert answer.status_code == status
    page = answer.get_data(as_text=True)
    assert told in page
    assert new not in page
    session.expire_all()
    assert rules.check_password(user, "tre gröna granar")


def test_guesses_at_the_password_that_holds_are_counted_with_those_of_log_in(make, client_as):
    user = make.user(email=ABOUT[1], name=ABOUT[0])
    rules.set_password(user, "tre gröna granar")
    make.session.commit()
    client = client_as(user)
    sent = {"old_password": "fel lösenord här", "new_password": "fyra blå björkar"}
    answers = [client.post("/my-login/password", data=sent).status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]
    sent["old_password"] = "tre gröna granar"
    assert client.post("/my-login/password", data=sent).status_code == 429
