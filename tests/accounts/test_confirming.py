"""Proving to be oneself again; and that log-in tells nobody who has an account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from matchsvc import db
from matchsvc.accounts import rules, second_factor, staff
from matchsvc.accounts.guard import own_path
from matchsvc.accounts.models import AuditEvent, LoginSession, Role, User
from tests.accounts.test_second_factor import PASSWORD, code_at

LIST = "/exports/employers.xlsx"


@pytest.fixture
def manager(session, make):
    user = make.user(role=Role.UNIT_MANAGER, email="chef@example.org", name="Karin Chef")
    rules.set_password(user, PASSWORD)
    return user


@pytest.fixture
def client(session, client_as, manager):
    """The manager, who logged in eleven minutes ago."""
    client = client_as(manager)
    eleven = db.utcnow() - timedelta(minutes=11)
    session.execute(
        update(LoginSession).where(LoginSession.user_id == manager.id).values(confirmed_at=eleven)
    )
    session.commit()
    return client


def hidden_of(page):
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))


class TestBeforeAList:
    def test_right_after_log_in_nothing_is_asked(self, client_as, manager):
        assert client_as(manager).get(LIST).status_code == 200

    def test_later_the_password_is_asked_for_and_the_file_follows(self, client):
        answer = client.get(LIST)
        assert answer.status_code == 303
        page = client.get(answer.location).get_data(as_text=True)
        assert 'autocomplete="current-password"' in page
        sent = hidden_of(page) | {"again_password": PASSWORD}
        page = client.post("/confirm", data=sent).get_data(as_text=True)
        assert f'href="{LIST}"' in page
        assert client.get(LIST).status_code == 200

    def test_a_wrong_password_opens_nothing(self, client):
        answer = client.post("/confirm", data={"next": LIST, "again_password": "fel"})
        assert answer.status_code == 401
        assert client.get(LIST).status_code == 303

    def test_tries_are_limited_together_with_those_of_log_in(self, client, session):
        for _ in range(rules.MAX_ATTEMPTS):
            rules.count_attempt(session, "login:chef@example.org", now=db.utcnow())
        session.commit()
        answer = client.post("/confirm", data={"next": LIST, "again_password": PASSWORD})
        assert answer.status_code == 429
        assert client.get(LIST).status_code == 303

    def test_a_program_with_a_token_is_not_asked(self, app, session, manager):
        token = rules.new_api_token(
            session, rules.actor_of(session, manager.id), manager, days=1, now=db.utcnow()
        )
        session.commit()
        body = {"name": "Ny", "email": "ny@example.org", "roles": ["case_worker"]}
        answer = app.test_client().post(
            "/api/v1/users", json=body, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 201

    def test_a_browser_does_not_get_around_it_through_the_interface(self, client):
        body = {"name": "Ny", "email": "ny@example.org", "roles": ["case_worker"]}
        answer = client.post("/api/v1/users", json=body)
        assert answer.status_code == 403
        assert answer.json["type"].endswith("confirm_again")


class TestBeforeRolesAreChanged:
    def invite(self, client, **more):
        form = {
            "name": 'Ny "& Co',
            "email": "ny@example.org",
            "roles": ["case_worker", "supervisor"],
        }
        return client.post("/users?lang=sv", data=form | more)

    def test_what_was_typed_goes_on_with_the_password(self, client, session):
        answer = self.invite(client)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 403
        assert "Bekräfta att det är du" in page
        assert page.count('name="roles"') == 2
        assert 'value="Ny &#34;&amp; Co"' in page
        assert 'action="/users?lang=sv"' in page
        answer = self.invite(client, again_password=PASSWORD)
        assert answer.status_code == 303
        made = session.scalars(select(User).where(User.email == "ny@example.org")).one()
        assert made.name == 'Ny "& Co'

    def test_a_wrong_password_changes_nothing_and_loses_nothing(self, client, session):
        answer = self.invite(client, again_password="fel")
        page = answer.get_data(as_text=True)
        assert answer.status_code == 401
        assert 'value="ny@example.org"' in page
        assert "fel" not in re.findall(r'value="([^"]*)"', page)
        assert session.scalar(select(User).where(User.email == "ny@example.org")) is None

    def test_a_code_is_as_good_and_used_up(self, client, session, manager):
        second_factor.prepare(session, manager, "t")
        secret = second_factor.prepared(session, manager.id, "t")
        before = db.utcnow() - timedelta(hours=1)
        second_factor.enrol(session, manager, "t", code_at(secret, before), [], now=before)
        session.commit()
        assert 'name="again_code"' in self.invite(client).get_data(as_text=True)
        code = code_at(secret, db.utcnow())
        assert self.invite(client, again_code=code).status_code == 303
        session.expire_all()
        assert not second_factor.use_code(session, manager.id, code, now=db.utcnow())

    def test_it_is_logged(self, client, session):
        self.invite(client, again_password="fel")
        self.invite(client, again_password=PASSWORD)
        rows = session.scalars(
            select(AuditEvent).where(AuditEvent.action.in_(["confirm", "refused"]))
        )
        assert {(row.action, row.reason) for row in rows} == {
            ("refused", "password"),
            ("confirm", None),
        }


def test_what_is_asked_again_for(app):
    """Lists that are taken away, and who may do what: each page and each operation."""
    asked = {name for name, view in app.view_functions.items() if hasattr(view, "asks_again")}
    assert {"reports.export_list", "accounts.settings.submit_group"} <= asked
    for name in ("users", "units"):
        changing = {
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if rule.rule.startswith((f"/{name}", f"/api/v1/{name}", f"/settings/{name}"))
            and rule.methods & {"POST", "PATCH", "PUT", "DELETE"}
        }
        others = {"units.submit_change", "units_api.change_unit", "tasks_api.hand_over"}
        assert changing - asked <= others  # what a unit is called, and work that is handed over


@pytest.mark.parametrize(
    "wish",
    ["//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example", "", "x"],
)
def test_going_on_never_leads_to_another_site(wish):
    assert own_path(wish) == "/my-week"


class TestNobodyLearnsWhoHasAnAccount:
    def answers(self, app, email, password="fel"):
        page = app.test_client()
        app.config["WTF_CSRF_ENABLED"] = False
        try:
            return page.post("/login", data={"email": email, "password": password})
        finally:
            app.config["WTF_CSRF_ENABLED"] = True

    @pytest.fixture
    def addresses(self, session, make, manager):
        ended = make.user(role=Role.CASE_WORKER, email="slut@example.org")
        rules.set_password(ended, PASSWORD)
        ended.is_active = False
        make.user(role=Role.CASE_WORKER, email="inbjuden@example.org")  # no password yet
        session.commit()
        return ["chef@example.org", "slut@example.org", "inbjuden@example.org", "x@example.org"]

    def test_the_answers_are_the_same(self, app, addresses):
        cut = re.compile(r'value="[^"]*"')
        pages = {
            (answer.status_code, cut.sub("", answer.get_data(as_text=True)))
            for answer in (self.answers(app, address) for address in addresses)
        }
        assert len(pages) == 1

    def test_an_ended_account_answers_so_to_the_right_password_too(self, app, addresses):
        assert self.answers(app, "slut@example.org", PASSWORD).status_code == 401

    def test_each_costs_one_slow_hash_and_as_many_writes(
        self, app, addresses, queries, monkeypatch
    ):
        hashed, real = [], rules.is_hash_of
        monkeypatch.setattr(rules, "is_hash_of", lambda *words: hashed.append(1) or real(*words))
        costs = set()
        for address in addresses:
            hashed.clear()
            with queries() as count:
                self.answers(app, address)
            writes = [s.split()[0] for s in count.statements if s.startswith(("INSERT", "UPDATE"))]
            costs.add((len(hashed), tuple(writes)))
        assert len(costs) == 1
        assert costs.pop()[0] == 1

    def test_a_password_address_that_never_was_answers_as_one_that_was_used(
        self, app, session, manager
    ):
        token = rules.new_password_token(session, manager, now=db.utcnow())
        rules.use_password_token(session, token, "fyra blåa hästar", now=db.utcnow())
        session.commit()
        client = app.test_client()
        used, never = client.get(f"/set-password/{token}"), client.get("/set-password/aldrig")
        assert used.status_code == never.status_code == 404
        strip = re.compile(r"/set-password/[\w-]+|value=\"[^\"]*\"")
        assert strip.sub("", used.get_data(as_text=True)) == strip.sub(
            "", never.get_data(as_text=True)
        )


def test_ending_an_account_ends_every_way_in_at_once(app, session, make, client_as, manager):
    user = make.user(role=Role.CASE_WORKER)
    clients = [client_as(user), client_as(user)]
    now = db.utcnow()
    token = rules.new_api_token(session, make.actor(user=user), user, days=9, now=now)
    step = second_factor.begin_step(session, user)
    session.commit()
    headers = {"Authorization": f"Bearer {token}"}
    program = app.test_client()
    assert program.get("/api/v1/tokens", headers=headers).status_code == 200
    staff.end_account(session, rules.actor_of(session, manager.id), user.id, now=now)
    session.commit()
    assert [client.get("/settings").status_code for client in clients] == [303, 303]
    assert program.get("/api/v1/tokens", headers=headers).status_code == 401
    assert second_factor.find_step(session, step, now=now) is None
