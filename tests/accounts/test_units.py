"""Units: opened with a first manager, renamed, closed only when nothing is left to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from matchsvc.accounts import rules, units
from matchsvc.accounts.models import LoginSession, Role, Unit, User
from matchsvc.accounts.units import FirstManager, UnitContent
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.messages.models import OutboxMessage

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FIRST = FirstManager("Mona Berg", "mona.berg@example.org")
CONTENT = UnitContent("Vuxenutbildningen", "Åby", "070-174 06 15")


@pytest.fixture
def admin(make):
    return make.actor(Role.ADMIN)


def opened(session, admin, **more):
    values = {"content": CONTENT, "first": FIRST, "now": NOW} | more
    return units.open_unit(session, admin, **values)


def close(session, admin, unit, *, open_cases=0):
    return units.close_unit(session, admin, unit.id, open_cases=open_cases, now=NOW)


class TestOpening:
    def test_a_unit_is_opened_with_somebody_who_can_log_in(self, session, admin):
        unit, user, token = opened(session, admin)
        assert (unit.name, unit.municipality, unit.phone) == (
            "Vuxenutbildningen",
            "Åby",
            "+46701740615",
        )
        assert user.unit_id == unit.id
        assert {held.role for held in user.roles} == {Role.UNIT_MANAGER}
        assert rules.use_password_token(session, token, "ett långt lösenord", now=NOW) is user

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"content": UnitContent(" ")}, "name"),
            ({"content": UnitContent("Enhet", phone="ring mig")}, "phone"),
            ({"first": FirstManager("", "mona@example.org")}, "manager"),
            ({"first": FirstManager("Mona", "")}, "email"),
            ({"first": FirstManager("Mona", "nej")}, "email"),
        ],
    )
    def test_what_is_missing_is_said(self, session, admin, wrong, field):
        with pytest.raises(Invalid) as refusal:
            opened(session, admin, **wrong)
        assert set(refusal.value.fields) == {field}

    def test_two_units_never_have_the_same_name(self, session, admin):
        opened(session, admin)
        with pytest.raises(RuleViolation) as refusal:
            opened(session, admin, content=UnitContent("vuxenutbildningen"))
        assert "name" in refusal.value.fields

    def test_somebody_with_an_account_elsewhere_is_not_taken_from_there(self, session, make, admin):
        user = make.user()
        with pytest.raises(RuleViolation) as refusal:
            opened(session, admin, first=FirstManager("Mona", user.email))
        assert "email" in refusal.value.fields

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
    def test_nobody_but_an_administrator(self, session, make, role):
        actor = make.actor(role)
        with pytest.raises(Refused):
            opened(session, actor)
        with pytest.raises(Refused):
            units.list_units(session, actor, now=NOW)
        with pytest.raises(Refused):
            close(session, actor, make.unit())


class TestChanging:
    def test_a_name_is_changed_once(self, session, admin):
        unit, *_ = opened(session, admin)
        units.change_unit(session, admin, unit.id, UnitContent("Jobbcentrum"), version=1)
        assert unit.name == "Jobbcentrum"
        with pytest.raises(Conflict) as refusal:
            units.change_unit(session, admin, unit.id, UnitContent("Annat"), version=1)
        assert refusal.value.theirs["name"] == "Jobbcentrum"

    def test_keeping_the_name_is_no_clash_but_taking_anothers_is(self, session, make, admin):
        unit, *_ = opened(session, admin)
        units.change_unit(session, admin, unit.id, CONTENT, version=None)
        with pytest.raises(RuleViolation):
            units.change_unit(session, admin, unit.id, UnitContent(make.unit().name), version=None)

    def test_a_unit_that_is_not_there(self, session, admin):
        with pytest.raises(NotFound):
            units.get_unit(session, admin, admin.user_id)


class TestClosing:
    def test_an_empty_unit_closes_and_its_managers_account_with_it(self, session, admin):
        unit, user, _token = opened(session, admin)
        session.add(LoginSession(token_hash="x", user_id=user.id, last_seen_at=NOW))
        session.flush()
        close(session, admin, unit)
        assert not unit.is_active
        session.refresh(user)
        assert not user.is_active
        assert session.scalars(select(LoginSession.ended_at)).one() == NOW

    def test_people_and_accounts_that_are_left_are_counted_and_it_stays_open(
        self, session, make, admin
    ):
        unit, user, _token = opened(session, admin)
        make.user(Role.CASE_WORKER, unit=unit)
        with pytest.raises(RuleViolation) as refusal:
            close(session, admin, unit, open_cases=3)
        assert refusal.value.values == {"cases": 3, "users": 1}
        assert unit.is_active
        assert user.is_active

    def test_nobody_closes_her_own_unit(self, session, make, admin):
        with pytest.raises(RuleViolation) as refusal:
            close(session, admin, make.unit())
        assert refusal.value.code == "own_unit"

    def test_a_closed_unit_opens_again_for_the_same_manager(self, session, admin):
        unit, user, _token = opened(session, admin)
        with pytest.raises(RuleViolation):
            units.reopen_unit(session, admin, unit.id, FIRST, now=NOW)
        close(session, admin, unit)
        again, token = units.reopen_unit(session, admin, unit.id, FIRST, now=NOW)
        assert again is user
        assert unit.is_active
        assert user.is_active
        assert rules.find_password_token(session, token, now=NOW)


class TestTheList:
    def test_accounts_log_ins_and_last_activity_by_unit(self, session, make, admin):
        unit, user, _token = opened(session, admin)
        make.user(unit=unit, is_active=False)
        for number, days in enumerate((1, 29, 31)):
            at = NOW - timedelta(days=days)
            session.add(
                LoginSession(
                    token_hash=str(number), user_id=user.id, last_seen_at=at, created_at=at
                )
            )
        session.flush()
        line = {each.unit.id: each for each in units.list_units(session, admin, now=NOW)}[unit.id]
        assert (line.users, line.log_ins) == (1, 2)
        assert line.last_seen == NOW - timedelta(days=1)

    def test_the_number_of_queries_does_not_depend_on_the_units(
        self, session, make, admin, queries
    ):
        with queries() as few:
            units.list_units(session, admin, now=NOW)
        for number in range(5):
            make.unit(name=f"Enhet {number}")
        with queries() as many:
            units.list_units(session, admin, now=NOW)
        assert many.total == few.total


FORM = {
    "name": "Vuxenutbildningen",
    "municipality": "Åby",
    "manager": "Mona Berg",
    "email": "mona.berg@example.org",
}


class TestPages:
    def test_opening_invites_and_closing_says_what_is_in_the_way(self, client_as, session, make):
        client = client_as(Role.ADMIN)
        answer = client.post("/settings/units", data=FORM)
        assert answer.status_code == 303
        assert "Enheten är öppen" in client.get(answer.location).text
        letter = session.scalars(select(OutboxMessage)).one()
        assert (letter.recipient, letter.kind) == ("mona.berg@example.org", "set_password")
        unit = session.scalars(select(Unit).where(Unit.name == "Vuxenutbildningen")).one()
        make.participant(unit=unit)
        session.commit()
        refused = client.post(f"/settings/units/{unit.id}/close")
        assert refused.status_code == 409
        assert "Öppna ärenden: 1." in refused.text

    def test_what_was_typed_stays_when_it_is_refused(self, client_as):
        answer = client_as(Role.ADMIN).post("/settings/units", data=FORM | {"email": "nej"})
        assert answer.status_code == 422
        assert 'value="Vuxenutbildningen"' in answer.text
        assert 'value="nej"' in answer.text

    def test_renaming_closing_and_opening_again(self, client_as, session):
        client = client_as(Role.ADMIN)
        there = client.post("/settings/units", data=FORM).location.partition("?")[0]
        renamed = {"name": "Jobbcentrum", "version": "1"}
        assert client.post(there, data=renamed).status_code == 303
        assert client.post(there, data=renamed).status_code == 409
        assert client.post(f"{there}/close").status_code == 303
        assert "Stängd" in client.get("/settings/units").text
        assert client.post(f"{there}/open", data={"manager": "Mona"}).status_code == 422
        again = {"manager": "Mona Berg", "email": "mona.berg@example.org"}
        assert client.post(f"{there}/open", data=again).status_code == 303
        assert session.scalars(
            select(User.is_active).where(User.email == "mona.berg@example.org")
        ).one()

    @pytest.mark.parametrize("role", [Role.UNIT_MANAGER, Role.AUDITOR, Role.CASE_WORKER])
    def test_others_do_not_even_see_the_list(self, client_as, role):
        assert client_as(role).get("/settings/units").status_code == 403
