"""Anybody may say that a page cannot be used: no account, and no flood."""

from __future__ import annotations

from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.messages.models import OutboxMessage


def stranger(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


def test_it_reaches_those_who_can_mend_it(app, session, make):
    make.user(role=Role.UNIT_MANAGER, email="chef@example.se")
    make.user(role=Role.CASE_WORKER, email="handlaggare@example.se")
    session.commit()
    answer = stranger(app).post(
        "/accessibility", data={"what": "Knappen syns inte.", "where": "Enkäten"}
    )
    assert answer.status_code == 303
    messages = session.scalars(select(OutboxMessage)).all()
    assert [message.recipient for message in messages] == ["chef@example.se"]
    assert "Knappen syns inte." in messages[0].body


def test_an_empty_message_says_what_to_write_and_keeps_the_rest(app):
    page = stranger(app).post("/accessibility", data={"where": "Enkäten"})
    assert page.status_code == 422
    assert "Skriv vad som inte fungerar." in page.get_data(as_text=True)
    assert 'value="Enkäten"' in page.get_data(as_text=True)


def test_a_program_that_fills_in_everything_is_thanked_and_not_heard(app, session, make):
    make.user(role=Role.UNIT_MANAGER)
    session.commit()
    data = {"what": "Köp nu", "website": "x"}
    assert stranger(app).post("/accessibility", data=data).status_code == 303
    assert session.scalars(select(OutboxMessage)).all() == []


def test_a_flood_is_stopped(app, make, session):
    make.user(role=Role.UNIT_MANAGER)
    session.commit()
    client = stranger(app)
    answers = [
        client.post("/accessibility", data={"what": f"Fel {n}"}).status_code for n in range(15)
    ]
    assert answers[0] == 303
    assert answers[-1] == 409
