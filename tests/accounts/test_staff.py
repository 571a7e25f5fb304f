"""Who works here: invited, changed, ended at once, and never the last one by herself."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from matchsvc.accounts import rules, staff
from matchsvc.accounts.models import Role, User
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.messages.models import OutboxMessage

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def admin(make):
    return make.actor(user=make.user(role=Role.ADMIN))


@pytest.fixture
def manager(make):
    return make.actor(user=make.user(role=Role.UNIT_MANAGER))


@pytest.fixture
def johan(make):
    return make.user(role=Role.CASE_WORKER, name="Johan Ekdal")


def invite(session, actor, **more):
    values = {"email": "Ny.Kollega@example.se", "name": "Ny Kollega"}
    values |= {"roles": [Role.CASE_WORKER, Role.SUPERVISOR], "now": NOW}
    return staff.invite(session, actor, **values | more)


class TestInviting:
    def test_an_account_with_its_roles_and_one_address_that_works_once(self, session, manager):
        user, token = invite(session, manager)
        assert user.email == "ny.kollega@example.se"
        assert {held.role for held in user.roles} == {Role.CASE_WORKER, Role.SUPERVISOR}
        rules.use_password_token(session, token, "ett långt lösenord", now=NOW)
        with pytest.raises(NotFound):
            rules.use_password_token(session, token, "ett annat lösenord", now=NOW)

    def test_an_old_address_does_not_open_anything(self, session, manager):
        _user, token = invite(session, manager)
        with pytest.raises(NotFound):
            rules.use_password_token(
                session, token, "ett långt lösenord", now=NOW + timedelta(days=60)
            )

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [({"name": " "}, "name"), ({"roles": []}, "roles"), ({"email": "nej"}, "email")],
    )
    def test_what_is_wrong_is_said(self, session, manager, wrong, field):
        with pytest.raises(Invalid) as error:
            invite(session, manager, **wrong)
        assert field in error.value.fields

    def test_a_role_said_twice_is_one_role(self, session, manager):
        twice = [Role.CASE_WORKER, Role.SUPERVISOR, Role.CASE_WORKER]
        user, _token = invite(session, manager, roles=twice)
        assert sorted(held.role for held in user.roles) == [Role.CASE_WORKER, Role.SUPERVISOR]

    def test_nobody_is_invited_twice(self, session, manager):
        invite(session, manager)
        with pytest.raises(RuleViolation, match="redan ett konto"):
            invite(session, manager)

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
    def test_a_manager_gives_no_role_that_guards_her(self, session, manager, admin, role):
        with pytest.raises(Invalid):
            invite(session, manager, roles=[role])
        invite(session, admin, roles=[role])

    def test_others_keep_no_users(self, session, make):
        with pytest.raises(Refused):
            invite(session, make.actor(Role.CASE_WORKER))


class TestChanging:
    def change(self, session, actor, user, **more):
        values = {"name": user.name, "roles": [Role.CASE_WORKER], "version": None}
        return staff.change_member(session, actor, user.id, **values | more)

    def test_roles_count_from_the_next_request(self, session, manager, johan, client_as):
        client = client_as(johan)
        assert client.get("/matching").status_code == 200
        self.change(session, manager, johan, roles=[Role.SUPERVISOR])
        session.commit()
        assert client.get("/matching").status_code == 403

    def test_two_who_change_the_same_see_the_conflict(self, session, manager, johan):
        seen = johan.version
        self.change(session, manager, johan, name="Johan E", version=seen)
        with pytest.raises(Conflict):
            self.change(session, manager, johan, name="J Ekdal", version=seen)

    def test_nobody_changes_her_own_account_so_the_last_one_stays(self, session, admin):
        own = session.get(User, admin.user_id)
        for act in (
            lambda: self.change(session, admin, own),
            lambda: staff.end_account(session, admin, own.id, now=NOW),
        ):
            with pytest.raises(RuleViolation, match="eget konto"):
                act()

    def test_a_manager_does_not_touch_an_administrator(self, session, manager, admin):
        with pytest.raises(Refused):
            staff.end_account(session, manager, admin.user_id, now=NOW)

    def test_nobody_of_another_unit_is_found(self, session, make, manager):
        other = make.user(unit_id=make.unit(name="Annan").id)
        with pytest.raises(NotFound):
            staff.get_member(session, manager, other.id)


class TestEnding:
    def test_every_log_in_token_and_address_stops_at_once(
        self, session, make, manager, johan, client_as
    ):
        client = client_as(johan)
        token = rules.new_api_token(session, make.actor(user=johan), johan, days=30, now=NOW)
        address = rules.new_password_token(session, johan, now=NOW)
        assert client.get("/my-week").status_code == 200
        staff.end_account(session, manager, johan.id, now=NOW)
        session.commit()
        assert client.get("/my-week").status_code in {302, 303, 401}
        assert rules.find_actor_by_token(session, token, now=NOW, request_id=None) is None
        assert rules.find_password_token(session, address, now=NOW) is None

    def test_brought_back_she_chooses_a_new_password(self, session, manager, johan):
        rules.set_password(johan, "det gamla lösenordet")
        staff.end_account(session, manager, johan.id, now=NOW)
        user, token = staff.bring_back(session, manager, johan.id, now=NOW)
        assert user.is_active
        assert user.password_hash is None
        assert rules.find_password_token(session, token, now=NOW)

    def test_an_ended_account_gets_no_new_password(self, session, manager, johan):
        staff.end_account(session, manager, johan.id, now=NOW)
        with pytest.raises(RuleViolation):
            staff.new_password(session, manager, johan.id, now=NOW)


class TestPages:
    def test_an_invitation_is_a_message_and_its_address_opens(self, session, client_as):
        client = client_as(Role.UNIT_MANAGER)
        data = {"name": "Ny Kollega", "email": "ny@example.se", "roles": ["case_worker"]}
        page = client.post("/users", data=data, follow_redirects=True).get_data(as_text=True)
        assert "Inbjudan är på väg." in page
        assert "Har inte valt lösenord" in page
        (message,) = session.scalars(select(OutboxMessage))
        path = re.search(r"/set-password/\S+", message.body)[0]
        assert client.get(path).status_code == 200

    def test_a_wrong_form_keeps_what_was_typed(self, client_as):
        client = client_as(Role.UNIT_MANAGER)
        page = client.post("/users", data={"name": "Ny Kollega", "email": "nej"})
        assert page.status_code == 422
        assert 'value="Ny Kollega"' in page.get_data(as_text=True)

    def test_an_account_is_ended_and_opened_again(self, session, client_as, johan):
        client, path = client_as(Role.ADMIN), f"/users/{johan.id}"
        page = client.post(f"{path}/end", follow_redirects=True).get_data(as_text=True)
        assert "Kontot är avslutat." in page
        client.post(f"{path}/restore")
        session.expire_all()
        assert session.get(User, johan.id).is_active

    def test_others_do_not_come_in(self, client_as, johan):
        for role in (Role.CASE_WORKER, Role.AUDITOR):
            assert client_as(role).get("/users").status_code == 403

    def test_more_users_do_not_cost_more_queries(self, session, make, client_as, queries):
        client = client_as(Role.ADMIN)
        client.get("/users")
        with queries() as few:
            client.get("/users")
        for _ in range(5):
            make.user()
        session.commit()
        with queries() as many:
            client.get("/users")
        assert many.total == few.total
