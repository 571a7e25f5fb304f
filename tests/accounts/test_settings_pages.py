"""Pages of settings and of one's own API tokens."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts import rules, settings
from matchsvc.accounts.models import ApiToken, Role
from tests.factories import COMMAND

TIMES = "/settings/values/times"


def typed(client, page=TIMES):
    """Everything that the form would send as it stands."""
    body = client.get(page).text
    inputs = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', body)
    return {name: value for name, value in inputs if name != "csrf_token"}


class TestTheFirstPage:
    @pytest.mark.parametrize("role", Role)
    def test_the_groups_are_there_for_those_who_read_them(self, client_as, role):
        body = client_as(role).get("/settings").text
        assert (TIMES in body) == (role in settings.READERS)
        assert ('href="/users"' in body) == (role in {Role.ADMIN, Role.UNIT_MANAGER})

    def test_how_many_are_changed_is_said(self, client_as, make):
        make.setting("day_ends", "17")
        assert "1 ändrad" in client_as(Role.UNIT_MANAGER).get("/settings").text


class TestAGroup:
    def test_says_what_holds_the_default_and_who_changed_it_why(self, client_as, make):
        make.setting("day_ends", "17")
        body = client_as(Role.UNIT_MANAGER).get(TIMES).text
        assert 'value="17"' in body
        assert "Från början: 18." in body
        assert "Prövar" in body

    def test_a_change_is_saved_with_its_reason_and_seen_at_once(self, client_as):
        client = client_as(Role.UNIT_MANAGER)
        sent = typed(client) | {"full_week_hours": "38", "reason": "Nytt avtal"}
        answer = client.post(TIMES, data=sent)
        assert answer.status_code == 303
        assert 'value="38"' in client.get(answer.location).text
        changes = client.get("/settings/changes").text
        assert "Nytt avtal" in changes
        assert "Heltid i veckan" in changes

    def test_what_is_wrong_is_said_and_what_was_typed_is_kept(self, client_as):
        client = client_as(Role.ADMIN)
        answer = client.post(TIMES, data=typed(client) | {"full_week_hours": "41", "reason": "Ja"})
        assert answer.status_code == 422
        assert 'value="41"' in answer.text
        assert 'value="Ja"' in answer.text
        assert "inom gränserna" in answer.text

    def test_the_second_sees_what_the_first_saved_and_can_save_again(self, client_as):
        first, second = client_as(Role.UNIT_MANAGER), client_as(Role.ADMIN)
        stale = typed(second) | {"full_week_hours": "37", "reason": "Jag med"}
        first.post(TIMES, data=typed(first) | {"full_week_hours": "38", "reason": "Nytt avtal"})
        answer = second.post(TIMES, data=stale)
        assert answer.status_code == 409
        assert "<td>38</td><td>37</td>" in answer.text
        again = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', answer.text))
        again.pop("csrf_token", None)
        assert second.post(TIMES, data=again).status_code == 303

    def test_an_auditor_reads_and_changes_nothing(self, client_as):
        client = client_as(Role.AUDITOR)
        body = client.get(TIMES).text
        assert "Heltid i veckan" in body
        assert "Spara ändringen" not in body
        assert client.post(TIMES, data={"full_week_hours": "38"}).status_code == 403

    @pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.SUPERVISOR])
    def test_others_see_neither_values_nor_changes(self, client_as, role):
        client = client_as(role)
        assert client.get(TIMES).status_code == 403
        assert client.get("/settings/changes").status_code == 403

    def test_there_is_no_other_group(self, client_as):
        assert client_as(Role.ADMIN).get("/settings/values/secrets").status_code == 404

    def test_the_name_and_the_mark_stand_on_every_page_and_are_never_markup(self, client_as, make):
        make.setting("display_name", "Jobb & <b>Framtid</b>")
        make.setting("mark", "JF")
        body = client_as(Role.CASE_WORKER).get("/settings").text
        assert "<strong>Jobb &amp; &lt;b&gt;Framtid&lt;/b&gt;</strong>" in body
        assert ">JF</text>" in body


class TestTokens:
    def new(self, session, user):
        token = rules.new_api_token(
            session, COMMAND, rules.get_user(session, user.id), days=30, now=db.utcnow()
        )
        session.commit()
        return token, session.scalars(select(ApiToken).where(ApiToken.user_id == user.id)).one()

    def test_my_own_is_listed_with_its_last_use_and_can_be_closed(self, client_as, session, app):
        client = client_as(Role.CASE_WORKER)
        token, row = self.new(session, client.user)
        assert "aldrig använd" in client.get("/settings/tokens").text
        program = app.test_client()
        key = {"Authorization": f"Bearer {token}"}
        assert program.get("/api/v1/participants", headers=key).status_code == 200
        body = client.get("/settings/tokens").text
        assert "senast använd" in body
        assert token not in body
        assert client.post(f"/settings/tokens/{row.id}/revoke").status_code == 303
        assert program.get("/api/v1/participants", headers=key).status_code == 401
        assert "Du har ingen nyckel" in client.get("/settings/tokens").text

    def test_nobody_sees_or_closes_anothers(self, client_as, session, make):
        _token, row = self.new(session, make.user())
        client = client_as(Role.ADMIN)
        assert "Du har ingen nyckel" in client.get("/settings/tokens").text
        assert client.post(f"/settings/tokens/{row.id}/revoke").status_code == 404
        assert db_row(session, row.id).revoked_at is None

    def test_use_is_written_at_most_once_a_minute(self, session, make):
        token, row = self.new(session, make.user())
        now = db.utcnow()
        rules.mark_token_used(session, token, now=now)
        session.flush()
        assert row.last_used_at == now
        assert not rules.is_token_use_due(session, token, now=now + timedelta(seconds=59))
        assert rules.is_token_use_due(session, token, now=now + timedelta(seconds=61))


def db_row(session, token_id):
    return session.get(ApiToken, token_id, populate_existing=True)
