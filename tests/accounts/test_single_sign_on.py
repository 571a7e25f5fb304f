"""Log-in by the municipality's: a provider over HTTP, honest and not; bound once; roles."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
import warnings
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import select, update

from matchsvc import db
from matchsvc.accounts import oidc, rules, single_sign_on, staff, views_sso
from matchsvc.accounts.models import (
    AuditEvent,
    LoginSession,
    Role,
    SsoGroup,
    SsoIdentity,
    Unit,
    UnitSetting,
    User,
    UserRole,
)
from matchsvc.errors import Invalid, NotFound, Refused, RuleViolation
from matchsvc.workday.models import Task
from tests.accounts.provider import CLIENT, SECRET, OwnProvider
from tests.accounts.test_second_factor import PASSWORD

EMAIL = "maja@example.org"


@pytest.fixture(scope="module")
def server():
    server = OwnProvider()
    yield server
    server.stop()


@pytest.fixture
def provider(server):
    """Honest again for each test."""
    server.claims = {
        "sub": "s-1",
        "email": EMAIL,
        "email_verified": True,
        "groups": ["konsulenter"],
    }
    server.lie, server.sign, server.extra = dict, server.honestly, {}
    server.redeemed, server.sent, server.endless = 0, 0, None
    return server


@pytest.fixture
def site(app, provider, monkeypatch):
    """The application with the provider set up."""
    config = replace(
        app.config["MATCHSVC"],
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        base_url="http://localhost",
        oidc_mfa_acr=("strong",),
    )
    monkeypatch.setitem(app.config, "MATCHSVC", config)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    app.extensions.pop("matchsvc-sso-provider", None)
    yield app
    app.extensions.pop("matchsvc-sso-provider", None)


@pytest.fixture
def maja(session, make):
    user = make.user(role=Role.CASE_WORKER, email=EMAIL, name="Maja Lindqvist")
    rules.set_password(user, PASSWORD)
    session.commit()
    return user


@pytest.fixture
def admin(session, make):
    user = make.user(role=Role.ADMIN, email="system@example.org", name="Sven System")
    session.commit()
    return rules.actor_of(session, user.id)


@pytest.fixture
def allowed(session, maja, admin):
    """Maja's account may be bound, and a group gives a role."""
    now = db.utcnow()
    single_sign_on.allow(session, admin, maja, now=now)
    single_sign_on.add_group(
        session,
        admin,
        name="konsulenter",
        role=Role.EMPLOYER_LIAISON,
        now=now,
    )
    session.commit()
    return maja


def to_provider(client, address="/login/sso?next=/settings"):
    answer = client.get(address)
    assert answer.status_code == 303
    there = requests.get(answer.location, allow_redirects=False, timeout=5)
    back = urlsplit(there.headers["Location"])
    return f"{back.path}?{back.query}"


def through(client, address="/login/sso?next=/settings"):
    return told(client, client.get(to_provider(client, address)))


def told(client, answer):
    """The page that says that it did not go well, where the answer leads to it."""
    is_refused = "/login/sso/refused" in (answer.location or "")
    return client.get(answer.location) if is_refused else answer


def roles_of(session, user):
    session.expire_all()
    held = session.scalars(select(UserRole.role).where(UserRole.user_id == user.id))
    return set(held)


def reasons(session):
    session.expire_all()
    return [r for r in session.scalars(select(AuditEvent.reason)) if r and r.startswith("sso:")]


def unit_says(session, user, key, value):
    session.add(
        UnitSetting(
            unit_id=user.unit_id,
            key=key,
            number=1,
            value=value,
            reason="prov",
            made_by_id=user.id,
            made_at=db.utcnow(),
        )
    )
    session.commit()


class TestComingIn:
    def test_an_allowed_account_is_bound_and_has_its_groups_role(self, site, session, allowed):
        client = site.test_client()
        answer = through(client)
        assert (answer.status_code, answer.location) == (303, "/settings")
        assert client.get("/settings").status_code == 200
        assert roles_of(session, allowed) == {Role.EMPLOYER_LIAISON}
        row = session.get(SsoIdentity, allowed.id)
        assert (row.subject, row.bound_at is not None) == ("s-1", True)

    def test_afterwards_only_the_subject_counts(self, site, session, allowed, provider, make):
        through(site.test_client())
        make.user(role=Role.ADMIN, email="other@example.org")
        session.commit()
        provider.claims = {"sub": "s-1", "groups": ["konsulenter"], "email": "other@example.org"}
        client = site.test_client()
        through(client)
        assert "Maja" in client.get("/settings").get_data(as_text=True)
        provider.claims |= {"sub": "s-2", "email": EMAIL, "email_verified": True}
        assert through(site.test_client()).status_code == 403

    @pytest.mark.parametrize("wish", ["//evil.example", "https://evil.example", "/\\evil.example"])
    def test_it_goes_on_to_our_own_pages_alone(self, site, allowed, wish):
        client = site.test_client()
        client.get("/login/sso", query_string={"next": wish})
        answer = client.get("/login/sso", query_string={"next": wish})
        there = requests.get(answer.location, allow_redirects=False, timeout=5)
        back = urlsplit(there.headers["Location"])
        assert client.get(f"{back.path}?{back.query}").location == "/my-week"

    def test_nothing_personal_is_in_the_addresses(self, site, allowed):
        client = site.test_client()
        answer = client.get("/login/sso")
        asked = parse_qs(urlsplit(answer.location).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert set(asked) == {
            *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce"),
            *("code_challenge", "code_challenge_method"),
        }


def other_key_token(claims):
    key = RSAKey.generate_key(2048, {"kid": "one"})
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)


def unsigned(claims):
    def part(what):
        return base64.urlsafe_b64encode(json.dumps(what).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part(claims)}."


def public_key_as_secret(server):
    def sign(claims):
        def part(raw):
            return base64.urlsafe_b64encode(raw).decode().rstrip("=")

        head = json.dumps({"alg": "HS256", "kid": "one"}).encode()
        words = f"{part(head)}.{part(json.dumps(claims).encode())}"
        key = server.key.as_pem(private=False)
        return f"{words}.{part(hmac.new(key, words.encode(), hashlib.sha256).digest())}"

    return sign


LIES = {
    "wrong nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "wrong issuer": {"iss": "https://evil.example"},
    "wrong audience": {"aud": "another"},
    "audience of several without party": {"aud": [CLIENT, "another"]},
    "another party": {"azp": "another"},
    "expired": {"exp": 1},
    "never expires": {"exp": None},
    "issued in the future": {"iat": 2**33},
    "no subject": {"sub": ""},
    "subject is a list": {"sub": ["s-1"]},
    "unverified address": {"email_verified": False},
    "address verified in words": {"email_verified": "true"},
}


class TestAHostileProvider:
    @pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
    def test_a_token_that_is_not_right_opens_nothing(self, site, session, allowed, provider, lie):
        provider.lie = lambda claims: {k: v for k, v in (claims | lie).items() if v is not None}
        client = site.test_client()
        assert through(client).status_code == 403
        assert client.get("/settings").status_code == 303
        assert session.get(SsoIdentity, allowed.id).bound_at is None
        assert len(reasons(session)) == 1

    @pytest.mark.parametrize("how", ["unsigned", "public key as secret", "another key"])
    def test_a_token_signed_otherwise_opens_nothing(self, site, session, allowed, provider, how):
        provider.sign = {
            "unsigned": unsigned,
            "public key as secret": public_key_as_secret(provider),
            "another key": other_key_token,
        }[how]
        assert through(site.test_client()).status_code == 403
        assert session.get(SsoIdentity, allowed.id).bound_at is None

    def test_an_answer_opens_one_log_in(self, site, session, allowed, provider):
        client = site.test_client()
        client.get("/login/sso")
        with client.session_transaction() as cookie:
            kept = dict(cookie["sso"])
        answer = to_provider(client)
        with client.session_transaction() as cookie:
            kept = dict(cookie["sso"])
        assert client.get(answer).status_code == 303
        again = site.test_client()
        with again.session_transaction() as cookie:
            cookie["sso"] = kept
        assert told(again, again.get(answer)).status_code == 403
        assert provider.redeemed == 1
        assert "sso:answer_used" in reasons(session)

    def test_an_answer_to_another_browser_opens_nothing(self, site, session, allowed, provider):
        theirs = to_provider(site.test_client())
        victim = site.test_client()
        assert told(victim, victim.get(theirs)).status_code == 403
        victim.get("/login/sso")
        assert told(victim, victim.get(theirs)).status_code == 403
        assert provider.redeemed == 0
        assert set(reasons(session)) == {"sso:state"}

    def test_an_answer_of_another_issuer_is_not_redeemed(self, site, session, allowed, provider):
        provider.extra = {"iss": "https://evil.example"}
        assert through(site.test_client()).status_code == 403
        assert provider.redeemed == 0
        assert reasons(session) == ["sso:iss_of_answer"]

    def test_a_code_of_another_verifier_is_refused(self, site, session, allowed):
        client = site.test_client()
        answer = to_provider(client)
        with client.session_transaction() as cookie:
            cookie["sso"] = cookie["sso"] | {"verifier": "x" * 64}
        assert told(client, client.get(answer)).status_code == 403
        assert reasons(session) == ["sso:code_refused"]

    def test_an_answer_that_is_old_opens_nothing(self, site, allowed):
        client = site.test_client()
        answer = to_provider(client)
        with client.session_transaction() as cookie:
            cookie["sso"] = cookie["sso"] | {"at": int(time.time()) - 3600}
        assert told(client, client.get(answer)).status_code == 403

    @pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
    def test_an_answer_without_end_is_given_up(self, site, session, allowed, provider, path):
        client = site.test_client()
        if path == "/.well-known/openid-configuration":
            provider.endless = path
            answer = told(client, client.get("/login/sso"))
        else:
            address = to_provider(client)
            provider.endless = path
            answer = told(client, client.get(address))
        assert answer.status_code == 503
        # What is under way in the sockets' buffers may be more than what was read.
        assert 0 < provider.sent < 16 * 1024 * 1024
        assert session.get(SsoIdentity, allowed.id).bound_at is None

    def test_an_answer_that_trickles_is_given_up(self, site, provider, monkeypatch):
        monkeypatch.setattr(oidc, "LONGEST", 0)
        client = site.test_client()
        assert told(client, client.get("/login/sso")).status_code == 503

    def test_log_ins_are_begun_so_often_and_no_more(self, site, provider, monkeypatch):
        monkeypatch.setattr(views_sso, "STARTS", 2)
        client = site.test_client()
        answers = [client.get("/login/sso") for _ in range(3)]
        assert [each.status_code for each in answers] == [303, 303, 429]
        assert "Vänta en kvart" in answers[-1].get_data(as_text=True)
        elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
        assert client.get("/login/sso", environ_base=elsewhere).status_code == 303


class TestWhoComesIn:
    def test_everybody_who_does_not_gets_the_same_page(
        self, site, session, allowed, provider, make
    ):
        make.user(role=Role.CASE_WORKER, email="not.allowed@example.org")
        ended = make.user(role=Role.CASE_WORKER, email="ended@example.org")
        ended.is_active = False
        session.commit()
        pages = set()
        for number, email in enumerate(("nobody", "not.allowed", "ended")):
            provider.claims |= {"sub": f"x-{number}", "email": f"{email}@example.org"}
            answer = through(site.test_client())
            assert answer.status_code == 403
            pages.add(answer.get_data(as_text=True))
        assert len(pages) == 1

    def test_an_account_that_was_allowed_waits_fourteen_days(self, site, session, allowed):
        long_ago = db.utcnow() - timedelta(days=15)
        session.execute(update(SsoIdentity).values(allowed_at=long_ago))
        session.commit()
        assert through(site.test_client()).status_code == 403

    def test_a_first_try_without_a_group_takes_nothing(self, site, session, allowed, provider):
        provider.claims["groups"] = ["andra"]
        assert through(site.test_client()).status_code == 403
        assert roles_of(session, allowed) == {Role.CASE_WORKER}
        assert session.get(SsoIdentity, allowed.id).bound_at is None

    def test_who_leaves_every_group_loses_roles_and_open_log_ins(
        self, site, session, allowed, provider
    ):
        before = site.test_client()
        through(before)
        provider.claims["groups"] = []
        assert through(site.test_client()).status_code == 403
        assert roles_of(session, allowed) == set()
        assert before.get("/settings").status_code == 303

    def test_who_moves_to_a_group_of_another_unit_moves(
        self, site, session, allowed, provider, admin
    ):
        through(site.test_client())
        other = Unit(name="Norr", sort_key="norr")
        session.add(other)
        session.flush()
        session.add(SsoGroup(name="norr", unit_id=other.id, role=Role.SUPERVISOR))
        session.commit()
        provider.claims["groups"] = ["norr"]
        assert through(site.test_client()).status_code == 303
        assert roles_of(session, allowed) == {Role.SUPERVISOR}
        assert session.get(User, allowed.id).unit_id == other.id

    def test_groups_of_several_other_units_say_nothing(
        self, site, session, allowed, provider, admin
    ):
        through(site.test_client())
        for name in ("Norr", "Söder"):
            unit = Unit(name=name, sort_key=name.lower())
            session.add(unit)
            session.flush()
            session.add(SsoGroup(name=name, unit_id=unit.id, role=Role.ADMIN))
        session.commit()
        provider.claims["groups"] = ["Norr", "Söder"]
        assert through(site.test_client()).status_code == 403
        assert roles_of(session, allowed) == set()

    @pytest.mark.parametrize("groups", [[], ["andra"], ["konsulenter"], ["norr"]])
    def test_a_units_only_administrator_stays_one_and_it_is_told(
        self, site, session, allowed, provider, admin, make, groups
    ):
        chief = make.user(role=Role.UNIT_MANAGER)
        norr = make.unit(name="Norr")
        session.add(SsoGroup(name="norr", unit_id=norr.id, role=Role.SUPERVISOR))
        session.add(SsoGroup(name="adm", unit_id=allowed.unit_id, role=Role.ADMIN))
        session.commit()
        provider.claims["groups"] = ["adm"]
        through(site.test_client())
        session.get(User, admin.user_id).is_active = False
        session.commit()
        provider.claims["groups"] = groups
        for _ in range(2):
            client = site.test_client()
            assert through(client).status_code == 303
        more = {Role.EMPLOYER_LIAISON} if groups == ["konsulenter"] else set()
        assert roles_of(session, allowed) == {Role.ADMIN} | more
        assert session.get(User, allowed.id).unit_id == allowed.unit_id != norr.id
        found = session.scalars(select(Task).where(Task.kind == "only_admin")).all()
        assert {each.owner_id for each in found} == {chief.id, allowed.id}
        assert len(found) == 2
        assert "sso_only_admin" in set(session.scalars(select(AuditEvent.reason)))
        page = client.get("/tasks").get_data(as_text=True)
        assert "enhetens enda systemförvaltare" in page
        assert f"/users/{allowed.id}" in page

    def test_one_of_two_administrators_loses_the_role(
        self, site, session, allowed, provider, admin
    ):
        session.add(SsoGroup(name="adm", unit_id=allowed.unit_id, role=Role.ADMIN))
        session.commit()
        provider.claims["groups"] = ["adm"]
        through(site.test_client())
        provider.claims["groups"] = []
        assert through(site.test_client()).status_code == 403
        assert roles_of(session, allowed) == set()

    def test_an_ended_account_is_closed_at_once_everywhere(
        self, site, session, allowed, admin, provider
    ):
        client = site.test_client()
        through(client)
        token = rules.new_api_token(session, admin, allowed, days=1, now=db.utcnow())
        staff.end_account(session, admin, allowed.id, now=db.utcnow())
        session.commit()
        assert client.get("/settings").status_code == 303
        assert through(site.test_client()).status_code == 403
        answer = client.get("/api/v1/employers", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401

    def test_a_password_opens_a_bound_account_only_where_the_unit_says_so(
        self, site, session, allowed
    ):
        through(site.test_client())
        form = {"email": EMAIL, "password": PASSWORD}
        refused = site.test_client().post("/login", data=form)
        assert refused.status_code == 401
        wrong = site.test_client().post("/login", data=form | {"password": "fel"})
        assert words_of(refused) == words_of(wrong)
        unit_says(session, allowed, "sso_password", "1")
        assert site.test_client().post("/login", data=form).status_code == 303

    def test_a_provider_that_is_down_is_told_and_passwords_go_on(
        self, site, maja, app, monkeypatch
    ):
        down = replace(app.config["MATCHSVC"], oidc_issuer="http://127.0.0.1:9")
        monkeypatch.setitem(app.config, "MATCHSVC", down)
        client = site.test_client()
        answer = told(client, client.get("/login/sso"))
        assert answer.status_code == 503
        assert "svarar inte just nu" in answer.get_data(as_text=True)
        answer = client.post("/login", data={"email": EMAIL, "password": PASSWORD})
        assert answer.status_code == 303

    def test_where_no_provider_is_set_up_there_is_nothing(self, app):
        client = app.test_client()
        assert client.get("/login/sso").status_code == 404
        assert "genom kommunen" not in client.get("/login").get_data(as_text=True)


def words_of(answer):
    """The page without the value that is another each time, the form's own token."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", answer.get_data(as_text=True))


class TestTheSecondFactor:
    @pytest.mark.parametrize("says", [{"amr": ["pwd", "mfa"]}, {"acr": "strong"}])
    @pytest.mark.parametrize("setting", ["0", "1"])
    def test_the_providers_counts_only_where_the_unit_says_so(
        self, site, session, allowed, provider, says, setting
    ):
        unit_says(session, allowed, "second_factor", "1")
        unit_says(session, allowed, "sso_second_factor", setting)
        provider.claims |= says
        answer = through(site.test_client())
        assert answer.location == ("/settings" if setting == "1" else "/login/new-phone")

    def test_a_password_at_the_provider_is_one_factor(self, site, session, allowed, provider):
        unit_says(session, allowed, "second_factor", "1")
        unit_says(session, allowed, "sso_second_factor", "1")
        provider.claims |= {"amr": ["pwd"], "acr": "weak"}
        assert through(site.test_client()).location == "/login/new-phone"


class TestProofAgain:
    LIST = "/exports/employers.xlsx"

    @pytest.fixture
    def client(self, site, session, allowed):
        client = site.test_client()
        through(client)
        session.execute(update(LoginSession).values(confirmed_at=db.utcnow() - timedelta(hours=1)))
        session.commit()
        return client

    def test_the_provider_is_asked_for_a_new_proof(self, client, provider):
        page = client.get(client.get(self.LIST).location).get_data(as_text=True)
        assert "/confirm/sso?" in page
        assert 'name="again_password"' not in page
        assert through(client, f"/confirm/sso?next={self.LIST}").location == self.LIST
        assert (provider.asked["prompt"], provider.asked["max_age"]) == ("login", "0")
        assert client.get(self.LIST).status_code == 200

    @pytest.mark.parametrize(
        "says", [{"auth_time": 1}, {"auth_time": None}, {"sub": "s-2"}, {"auth_time": "now"}]
    )
    def test_an_old_proof_or_anothers_does_not_count(self, client, provider, says):
        provider.lie = lambda claims: {k: v for k, v in (claims | says).items() if v is not None}
        assert through(client, "/confirm/sso").status_code == 403
        assert client.get(self.LIST).status_code == 303

    def test_a_password_is_no_proof_of_a_bound_account(self, client):
        answer = client.post("/confirm", data={"next": self.LIST, "again_password": PASSWORD})
        assert answer.status_code == 401


class TestLoggingOut:
    def test_it_leads_on_to_the_providers_without_naming_anybody(self, site, allowed, provider):
        client = site.test_client()
        through(client)
        answer = client.post("/logout")
        assert answer.location == "/logged-out"
        page = client.get(answer.location).get_data(as_text=True)
        assert f"{provider.issuer}/out?client_id={CLIENT}&amp;post_logout_redirect_uri=" in page
        assert "id_token_hint" not in page

    @pytest.mark.parametrize(
        ("issuer", "out", "is_given"),
        [
            ("https://inloggning.example", "https://inloggning.example/out", True),
            ("https://inloggning.example", "http://inloggning.example/out", False),
            ("https://inloggning.example", "javascript:alert(1)", False),
            ("http://127.0.0.1:9", "http://127.0.0.1:9/out", True),
        ],
    )
    def test_its_address_is_as_safe_as_the_issuers(self, site, issuer, out, is_given):
        there = oidc.Provider(replace(site.config["MATCHSVC"], oidc_issuer=issuer))
        now = db.utcnow()
        there._described = now, {"issuer": issuer, "end_session_endpoint": out}
        assert (there.log_out_address("http://localhost/login", now=now) is not None) is is_given

    EVENT = "http://schemas.openid.net/event/backchannel-logout"

    def told(self, provider, **other):
        now = int(time.time())
        said = {"iss": provider.issuer, "aud": CLIENT, "sub": "s-1", "iat": now, "exp": now + 60}
        said |= {"jti": secrets.token_hex(), "events": {self.EVENT: {}}} | other
        return provider.honestly({k: v for k, v in said.items() if v is not None})

    def test_who_logs_out_there_is_logged_out_here_once_a_message(self, site, allowed, provider):
        site.config["WTF_CSRF_ENABLED"] = True
        client, other = site.test_client(), site.test_client()
        through(client)
        token = self.told(provider)
        assert other.post("/login/sso/ended", data={"logout_token": token}).status_code == 200
        assert client.get("/settings").status_code == 303
        through(client)
        assert other.post("/login/sso/ended", data={"logout_token": token}).status_code == 400
        assert client.get("/settings").status_code == 200

    @pytest.mark.parametrize(
        "lie",
        [
            *({"aud": "another"}, {"iss": "https://evil.example"}, {"events": None}),
            *({"nonce": "n"}, {"sub": None}, {"jti": None}, {"exp": 1}, {"events": {"other": {}}}),
        ],
    )
    def test_a_message_that_is_not_right_ends_nothing(self, site, allowed, provider, lie):
        client = site.test_client()
        through(client)
        sent = {"logout_token": self.told(provider, **lie)}
        assert site.test_client().post("/login/sso/ended", data=sent).status_code == 400
        for junk in ("", "a.b.c", other_key_token({"sub": "s-1"})):
            sent = {"logout_token": junk}
            assert site.test_client().post("/login/sso/ended", data=sent).status_code == 400
        assert client.get("/settings").status_code == 200


class TestTheGroups:
    def test_an_administrator_adds_and_removes_and_it_is_logged(self, client_as, session, admin):
        client = client_as(session.get(User, admin.user_id))
        form = {"name": "grupp-a", "role": "supervisor"}
        assert client.post("/settings/sso", data=form).status_code == 303
        assert client.post("/settings/sso", data=form).status_code == 409
        [line] = single_sign_on.list_groups(session, admin)
        assert client.post(f"/settings/sso/{line.id}/remove").status_code == 303
        assert client.post(f"/settings/sso/{line.id}/remove").status_code == 404
        rows = select(AuditEvent.action).where(AuditEvent.object_type == "sso_group")
        assert list(session.scalars(rows)) == ["create", "delete"]

    def test_nobody_else_may(self, session, maja):
        actor = rules.actor_of(session, maja.id)
        with pytest.raises(Refused):
            single_sign_on.list_groups(session, actor)
        with pytest.raises(Refused):
            single_sign_on.allow(session, actor, maja, now=db.utcnow())

    def test_what_is_missing_is_said(self, session, admin):
        with pytest.raises(Invalid) as wrong:
            single_sign_on.add_group(session, admin, name=" ", role=Role.ADMIN, now=db.utcnow())
        assert set(wrong.value.fields) == {"name"}

    def test_another_units_lines_are_neither_seen_nor_removed(self, session, admin):
        other = Unit(name="Norr", sort_key="norr")
        session.add(other)
        session.flush()
        line = SsoGroup(name="norr", unit_id=other.id, role=Role.ADMIN)
        session.add(line)
        session.flush()
        assert single_sign_on.list_groups(session, admin) == []
        with pytest.raises(NotFound):
            single_sign_on.remove_group(session, admin, line.id)

    def test_a_bound_account_is_cut_loose_on_its_page(
        self, site, client_as, session, allowed, admin
    ):
        through(site.test_client())
        with pytest.raises(RuleViolation):
            single_sign_on.allow(session, admin, allowed, now=db.utcnow())
        session.rollback()
        client = client_as(session.get(User, admin.user_id))
        page = client.get(f"/users/{allowed.id}").get_data(as_text=True)
        assert "Ta bort kopplingen" in page
        assert client.post(f"/users/{allowed.id}/sso_off").status_code == 303
        session.expire_all()
        assert session.get(SsoIdentity, allowed.id) is None


def test_the_keys_are_asked_for_anew_when_one_is_not_known(provider, site):
    client = oidc.Provider(site.config["MATCHSVC"])
    now = db.utcnow()
    claims = {"iss": provider.issuer, "aud": CLIENT, "sub": "a", "nonce": "n"}
    claims |= {"iat": int(now.timestamp()), "exp": int(now.timestamp()) + 60}
    client.check(provider.honestly(claims), nonce="n", now=now)
    old = provider.key
    try:
        provider.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig", "alg": "RS256"})
        token = jwt.encode({"alg": "RS256", "kid": "two"}, claims, provider.key)
        later = now + timedelta(seconds=20)
        assert client.check(token, nonce="n", now=later).subject == "a"
    finally:
        provider.key = old


def test_a_provider_that_others_have_written(app, session, allowed, monkeypatch):
    """The one of oidc-provider-mock, on a port of its own: nothing of it is ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses what its own library calls old
        import oidc_provider_mock as others

        claims = {"email": EMAIL, "email_verified": True, "groups": ["konsulenter"]}
        person = others.User(sub="theirs-1", claims=claims)
        with others.run_server_in_thread(user_claims=[person]) as running:
            issuer = f"http://localhost:{running.server_port}"
            config = replace(
                app.config["MATCHSVC"],
                oidc_issuer=issuer,
                oidc_client_id="their-client",
                oidc_client_secret="anything",
                base_url="http://localhost",
            )
            monkeypatch.setitem(app.config, "MATCHSVC", config)
            app.extensions.pop("matchsvc-sso-provider", None)
            client = app.test_client()
            to = client.get("/login/sso?next=/settings").location
            there = requests.post(to, data={"sub": "theirs-1"}, allow_redirects=False, timeout=5)
            back = urlsplit(there.headers["Location"])
            answer = client.get(f"{back.path}?{back.query}")
            app.extensions.pop("matchsvc-sso-provider", None)
    assert answer.location == "/settings"
    row = session.get(SsoIdentity, allowed.id)
    assert (row.issuer, row.subject) == (issuer, "theirs-1")
