"""Settings, units, users and tokens as programs see them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts import rules
from matchsvc.accounts.models import Role
from matchsvc.messages.models import OutboxMessage
from tests.factories import COMMAND

ROOT = "/api/v1"


@pytest.fixture
def manager(client_as):
    return client_as(Role.UNIT_MANAGER)


@pytest.fixture
def admin(client_as):
    return client_as(Role.ADMIN)


def of_key(answer, key):
    return next(each for each in answer.json["settings"] if each["key"] == key)


class TestSettings:
    def test_a_change_is_what_the_next_reader_gets(self, manager, admin):
        before = of_key(manager.get(f"{ROOT}/settings"), "full_week_hours")
        assert (before["value"], before["number"], before["most"]) == ("40", 0, 40)
        sent = {"value": "38", "reason": "Nytt avtal", "base": 0}
        answer = manager.put(f"{ROOT}/settings/full_week_hours", json=sent)
        assert answer.status_code == 200
        after = of_key(admin.get(f"{ROOT}/settings"), "full_week_hours")
        assert after == answer.json
        assert (after["value"], after["number"], after["reason"]) == ("38", 1, "Nytt avtal")
        (told,) = admin.get(f"{ROOT}/settings/changes").json["changes"]
        assert (told["before"], told["after"]) == ("40", "38")

    def test_what_is_refused_says_where(self, manager):
        path = f"{ROOT}/settings/full_week_hours"
        wrong = manager.put(path, json={"value": "41", "reason": "Mer"})
        assert wrong.status_code == 422
        assert manager.put(path, json={"value": "38"}).status_code == 422
        assert manager.put(path, json={"value": "38", "reason": "Ja"}).status_code == 200
        late = manager.put(path, json={"value": "37", "reason": "Ja", "base": 0})
        assert late.status_code == 409
        missing = manager.put(f"{ROOT}/settings/moon", json={"value": "1", "reason": "Ja"})
        assert missing.status_code == 404

    def test_those_who_may_not(self, client_as):
        worker = client_as(Role.CASE_WORKER)
        assert worker.get(f"{ROOT}/settings").status_code == 403
        auditor = client_as(Role.AUDITOR)
        assert auditor.get(f"{ROOT}/settings/changes").status_code == 200
        sent = {"value": "38", "reason": "Ja"}
        assert auditor.put(f"{ROOT}/settings/full_week_hours", json=sent).status_code == 403


class TestUsers:
    def test_inviting_changing_ending_and_bringing_back(self, manager, session):
        sent = {"email": "ny@example.org", "name": "Ny Kollega", "roles": ["case_worker"]}
        made = manager.post(f"{ROOT}/users", json=sent)
        assert made.status_code == 201
        assert session.scalars(select(OutboxMessage.recipient)).one() == "ny@example.org"
        path = f"{ROOT}/users/{made.json['id']}"
        changed = manager.patch(
            path, json={"name": "Ny K", "roles": ["supervisor"], "version": made.json["version"]}
        )
        assert (changed.json["name"], changed.json["roles"]) == ("Ny K", ["supervisor"])
        stale = {"name": "N", "roles": ["supervisor"], "version": made.json["version"]}
        assert manager.patch(path, json=stale).status_code == 409
        assert manager.post(f"{path}/end").json["is_active"] is False
        assert manager.post(f"{path}/password").status_code == 409
        assert manager.post(f"{path}/restore").json["is_active"] is True
        assert len(session.scalars(select(OutboxMessage)).all()) == 2
        assert made.json["id"] in {each["id"] for each in manager.get(f"{ROOT}/users").json}

    def test_a_manager_gives_no_administrators(self, manager):
        sent = {"email": "ny@example.org", "name": "Ny", "roles": ["admin"]}
        assert manager.post(f"{ROOT}/users", json=sent).status_code == 422

    def test_others_keep_no_users(self, client_as):
        assert client_as(Role.CASE_WORKER).get(f"{ROOT}/users").status_code == 403


class TestUnits:
    SENT = {"name": "Jobbcentrum", "manager": "Mona Berg", "email": "mona@example.org"}  # noqa: RUF012

    def test_opening_renaming_closing_and_opening_again(self, admin):
        made = admin.post(f"{ROOT}/units", json=self.SENT)
        assert made.status_code == 201
        path = f"{ROOT}/units/{made.json['id']}"
        renamed = admin.patch(path, json={"name": "Jobb Norr", "version": 1})
        assert renamed.json["name"] == "Jobb Norr"
        lines = {each["unit"]["name"]: each for each in admin.get(f"{ROOT}/units").json}
        assert lines["Jobb Norr"]["users"] == 1
        assert admin.post(f"{path}/close").json["is_active"] is False
        first = {"manager": "Mona Berg", "email": "mona@example.org"}
        assert admin.post(f"{path}/open", json=first).json["is_active"] is True

    def test_a_manager_opens_none(self, manager):
        assert manager.post(f"{ROOT}/units", json=self.SENT).status_code == 403


def test_a_program_closes_its_own_key(client_as, session, app):
    user = client_as(Role.CASE_WORKER).user
    token = rules.new_api_token(
        session, COMMAND, rules.get_user(session, user.id), days=3, now=db.utcnow()
    )
    session.commit()
    key, program = {"Authorization": f"Bearer {token}"}, app.test_client()
    (mine,) = program.get(f"{ROOT}/tokens", headers=key).json
    assert mine["last_used_at"] is not None
    assert token not in str(mine)
    assert program.delete(f"{ROOT}/tokens/{mine['id']}", headers=key).status_code == 204
    assert program.get(f"{ROOT}/tokens", headers=key).status_code == 401
