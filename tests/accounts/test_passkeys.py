"""Passkeys with Chromium's own virtual authenticator: added, used alone and as a second step."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from matchsvc import db
from matchsvc.accounts import passkeys, rules, second_factor, staff
from matchsvc.accounts.models import AuditEvent, LoginSession, Passkey, Role, SsoIdentity
from matchsvc.errors import Invalid, NotFound, RuleViolation
from tests.accounts.test_second_factor import PASSWORD, code_at

HERE = "http://localhost"
SITE = passkeys.Site(HERE)


@pytest.fixture(scope="module")
def codes():
    return [second_factor.NewCode("aaaaa-bbbbb", "x")]


@pytest.fixture
def maja(session, make, codes):
    """Somebody whose phone shows codes."""
    user = make.user(role=Role.CASE_WORKER, email="maja@example.org", name="Maja Lindqvist")
    rules.set_password(user, PASSWORD)
    now = db.utcnow() - timedelta(days=1)
    second_factor.prepare(session, user, "token")
    secret = second_factor.prepared(session, user.id, "token")
    second_factor.enrol(session, user, "token", code_at(secret, now), codes, now=now)
    session.commit()
    return user


class Screen:
    """A page whose requests go straight into the application, with a key in the machine."""

    def __init__(self, browser, app, *, verified=True, script=True):
        self.context = browser.new_context(
            viewport={"width": 390, "height": 844},
            locale="sv-SE",
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(10_000)
        self.client, self.posted = app.test_client(), []
        self.page = self.context.new_page()
        self.page.route("**/*", self._answer)
        self.cdp = self.context.new_cdp_session(self.page)
        self.cdp.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
        options |= {"hasUserVerification": True, "isUserVerified": verified}
        options |= {"automaticPresenceSimulation": True}
        made = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.key = made["authenticatorId"]

    def _answer(self, route):
        request, address = route.request, urlsplit(route.request.url)
        if request.method == "POST":
            self.posted.append((address.path, request.post_data))
        response = self.client.open(
            f"{address.path}?{address.query}",
            method=request.method,
            data=request.post_data_buffer,
            headers={"Content-Type": request.headers.get("content-type", "")},
            follow_redirects=True,
        )
        kept = {k: v for k, v in response.headers.items() if k.lower() != "set-cookie"}
        route.fulfill(status=response.status_code, headers=kept, body=response.data)

    def open(self, path):
        self.page.goto(f"{HERE}{path}")
        return self

    def press(self, name):
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).click()
        return self.page.get_by_role("main").inner_text()

    def log_in(self, session, user):
        with db.begin() as own:
            token = rules.start_login(own, rules.get_user(own, user.id), now=db.utcnow())
        with self.client.session_transaction() as cookie:
            cookie.clear()
            cookie["login"] = token

    def log_out(self):
        with self.client.session_transaction() as cookie:
            cookie.clear()


@pytest.fixture
def screen(browser, app, monkeypatch):
    config = replace(app.config["MATCHSVC"], base_url=HERE)
    monkeypatch.setitem(app.config, "MATCHSVC", config)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    opened = []

    def start(**how):
        opened.append(Screen(browser, app, **how))
        return opened[-1]

    yield start
    for each in opened:
        each.context.close()


@pytest.fixture
def owner(screen, session, maja):
    """Maja's screen, with a key that she has added; nobody is logged in."""
    shown = screen()
    shown.log_in(session, maja)
    shown.open("/my-login/passkeys").page.get_by_label("Vad nyckeln heter").fill("Min telefon")
    assert "Nyckeln är tillagd" in shown.press("Lägg till nyckeln")
    shown.log_out()
    return shown


def is_in(screen):
    return screen.client.get("/settings").status_code == 200


@pytest.mark.browser
class TestInABrowser:
    def test_a_key_is_named_used_alone_and_removed(self, owner, session, maja):
        owner.open("/login/passkey?next=/settings")
        owner.press("Använd nyckeln")
        assert is_in(owner)
        row = session.scalar(select(Passkey))
        assert (row.name, row.sign_count > 0, row.last_used_at is not None) == (
            "Min telefon",
            True,
            True,
        )
        assert "Min telefon" in owner.open("/my-login").page.get_by_role("main").inner_text()
        owner.page.get_by_role("button", name="Ta bort Min telefon").or_(
            owner.page.get_by_role("button", name="Ta bort")
        ).first.click()
        owner.page.get_by_text("Nyckeln är borttagen").wait_for()
        session.expire_all()
        assert session.scalar(select(Passkey)) is None
        seen = select(AuditEvent.action).where(AuditEvent.object_type == "passkey")
        assert list(session.scalars(seen)) == ["create", "delete"]
        owner.log_out()
        owner.open("/login/passkey")
        assert "gick inte att använda" in owner.press("Använd nyckeln")

    def test_after_the_password_it_is_the_second_step(self, owner, maja):
        form = {"email": maja.email, "password": PASSWORD, "next": "/settings"}
        assert owner.client.post("/login", data=form).location == "/login/code"
        owner.open("/login/code").page.get_by_role("link", name="Använd en nyckel").click()
        assert not is_in(owner)
        owner.press("Använd nyckeln")
        assert is_in(owner)

    def test_a_key_without_finger_or_pin_is_no_log_in_of_its_own(self, owner, maja):
        owner.cdp.send(
            "WebAuthn.setUserVerified", {"authenticatorId": owner.key, "isUserVerified": False}
        )
        owner.open("/login/passkey").page.get_by_role("button", name="Använd nyckeln").click()
        owner.page.get_by_text("Nyckeln svarade inte").wait_for()
        assert not is_in(owner)

    def test_proof_again_by_a_key(self, owner, session, maja):
        owner.log_in(session, maja)
        session.execute(update(LoginSession).values(confirmed_at=db.utcnow() - timedelta(hours=1)))
        session.commit()
        assert owner.client.get("/my-login/passkeys").status_code == 303
        owner.open("/my-login/passkeys")
        owner.press("Använd nyckeln")
        assert owner.client.get("/my-login/passkeys").status_code == 200

    def test_an_answer_counts_once_and_a_copied_key_is_found(self, owner, session, maja):
        owner.open("/login/passkey")
        with owner.client.session_transaction() as cookie:
            kept = cookie["passkey"]
        owner.press("Använd nyckeln")
        path, sent = owner.posted[-1]
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        owner.log_out()
        with owner.client.session_transaction() as cookie:
            cookie["passkey"] = kept
        assert owner.client.post(path, data=sent, headers=headers).status_code == 401
        session.execute(update(Passkey).values(sign_count=1_000))
        session.commit()
        owner.open("/login/passkey")
        assert "gick inte att använda" in owner.press("Använd nyckeln")

    def test_an_answer_made_for_another_site_is_refused(self, owner, session, maja, app):
        with owner.client.session_transaction() as cookie:
            cookie.clear()
        owner.open("/login/passkey")
        owner.page.evaluate("document.querySelector('form').submit = () => {}")
        owner.page.get_by_role("button", name="Använd nyckeln").click()
        field = owner.page.locator("input[data-passkey-answer]")
        owner.page.wait_for_function("document.querySelector('[data-passkey-answer]').value")
        answer = field.input_value()
        with owner.client.session_transaction() as cookie:
            challenge = cookie["passkey"][0]
        elsewhere = passkeys.Site("https://evil.example")
        now = db.utcnow()
        with db.begin() as own:
            assert passkeys.use(own, answer, challenge, elsewhere, user_id=None, now=now) is None

    def test_a_key_of_an_ended_account_is_gone_and_a_bound_account_goes_by_the_municipality(
        self, owner, session, maja, make
    ):
        now = db.utcnow()
        bound = SsoIdentity(
            user_id=maja.id, allowed_at=now, issuer="i", subject="s", bound_at=now, created_at=now
        )
        session.add(bound)
        session.commit()
        owner.open("/login/passkey")
        assert "gick inte att använda" in owner.press("Använd nyckeln")
        session.delete(bound)
        staff.end_account(session, make.actor(role=Role.ADMIN), maja.id, now=now)
        session.commit()
        assert session.scalar(select(Passkey)) is None

    def test_without_script_the_page_says_what_to_do(self, screen):
        shown = screen(script=False).open("/login/passkey")
        said = shown.page.get_by_role("main").inner_text()
        assert "kör inga skript" in said
        assert "Logga in med lösenord" in said
        assert not shown.page.get_by_role("button", name="Använd nyckeln").is_visible()


class TestRules:
    def test_a_key_needs_codes_to_fall_back_on(self, session, make):
        user = make.user(role=Role.CASE_WORKER)
        with pytest.raises(RuleViolation) as refused:
            passkeys.add(session, user, "{}", "abc", SITE, name="Nyckel", now=db.utcnow())
        assert refused.value.code == "second_factor_off"

    @pytest.mark.parametrize("answer", ["", "[]", "{}", '{"id": 1}', "x" * 30_000, '{"id": "a"}'])
    def test_what_no_browser_sends_is_refused(self, session, maja, answer):
        now = db.utcnow()
        with pytest.raises(Invalid):
            passkeys.add(session, maja, answer, "YWJj", SITE, name="Nyckel", now=now)
        assert passkeys.use(session, answer, "ZGVm", SITE, user_id=None, now=now) is None

    def test_a_log_in_by_key_alone_names_nobodys_keys_and_demands_a_finger(self, session, maja):
        session.add(
            Passkey(user_id=maja.id, name="a", credential_id="YQ", public_key="YQ", sign_count=0)
        )
        session.flush()
        open_to_all = json.loads(passkeys.ask_to_use(session, None, SITE).options)
        assert open_to_all["allowCredentials"] == []
        assert open_to_all["userVerification"] == "required"
        hers = json.loads(passkeys.ask_to_use(session, maja.id, SITE).options)
        assert [key["id"] for key in hers["allowCredentials"]] == ["YQ"]

    def test_anothers_key_is_not_removed(self, session, maja, make):
        row = Passkey(user_id=maja.id, name="a", credential_id="YQ", public_key="YQ", sign_count=0)
        session.add(row)
        session.flush()
        with pytest.raises(NotFound):
            passkeys.remove(session, make.user(role=Role.ADMIN), row.id)

    def test_a_reset_takes_keys_too(self, session, maja, make):
        session.add(
            Passkey(user_id=maja.id, name="a", credential_id="YQ", public_key="YQ", sign_count=0)
        )
        session.flush()
        actor = make.actor(role=Role.ADMIN)
        second_factor.take_away(session, actor, maja, now=db.utcnow())
        assert not passkeys.has_any(session, maja.id)
