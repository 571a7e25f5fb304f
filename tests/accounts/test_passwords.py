"""Passwords that lists and acquaintances would guess, and those that nobody would."""

from __future__ import annotations

import pytest

from matchsvc.accounts import rules
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
