"""The second factor: a code works once, only after a right password, and tries are limited."""

from __future__ import annotations

import base64
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from matchsvc import db, secrecy
from matchsvc.accounts import rules, second_factor, staff
from matchsvc.accounts.models import (
    AuditEvent,
    LoginSession,
    RecoveryCode,
    Role,
    SecondFactor,
    Unit,
    UnitSetting,
    User,
    UserRole,
)
from matchsvc.errors import Invalid, Refused, RuleViolation
from matchsvc.messages.models import OutboxMessage

NOW = datetime(2026, 11, 23, 9, 0, 10, tzinfo=UTC)
PASSWORD = "tre gröna granar"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # of RFC 6238, appendix B


def code_at(secret, when, steps=0):
    at = int(when.timestamp()) + steps * 30
    return TOTP(base64.b32decode(secret), 6, SHA1(), 30).generate(at).decode()


@pytest.fixture(scope="module")
def codes():
    return second_factor.new_recovery_codes()


@pytest.fixture
def maja(session, make):
    user = make.user(role=Role.EMPLOYER_LIAISON, email="maja@example.org", name="Maja Lindqvist")
    rules.set_password(user, PASSWORD)
    session.commit()
    return user


@pytest.fixture
def paired(session, maja, codes):
    """Maja's second factor is on; gives the secret that her phone has."""
    second_factor.prepare(session, maja, "token")
    secret = second_factor.prepared(session, maja.id, "token")
    long_ago = min(NOW, db.utcnow()) - timedelta(days=30)
    second_factor.enrol(session, maja, "token", code_at(secret, long_ago), codes, now=long_ago)
    session.commit()
    return secret


class TestCodes:
    @pytest.mark.parametrize(
        ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
    )
    def test_they_are_those_of_the_standard(self, seconds, code):
        when = datetime.fromtimestamp(seconds, tz=UTC)
        assert second_factor._step_of(SECRET, code, now=when) == seconds // 30

    @pytest.mark.parametrize("steps", [-1, 0, 1])
    def test_a_phone_may_be_a_step_early_or_late(self, session, maja, paired, steps):
        assert second_factor.use_code(session, maja.id, code_at(paired, NOW, steps), now=NOW)

    @pytest.mark.parametrize("steps", [-2, 2])
    def test_but_not_two(self, session, maja, paired, steps):
        assert not second_factor.use_code(session, maja.id, code_at(paired, NOW, steps), now=NOW)

    @pytest.mark.parametrize("typed", ["", "12345", "abcdef", "١٢٣٤٥٦", "1234567", "\x00"])
    def test_what_is_no_code_is_wrong(self, session, maja, paired, typed):
        assert not second_factor.use_code(session, maja.id, typed, now=NOW)

    def test_a_code_may_be_pasted_with_a_gap(self, session, maja, paired):
        code = code_at(paired, NOW)
        assert second_factor.use_code(session, maja.id, f" {code[:3]} {code[3:]} ", now=NOW)

    def test_a_code_works_once_and_none_from_before_it_afterwards(self, session, maja, paired):
        late, early = code_at(paired, NOW, 1), code_at(paired, NOW)
        assert second_factor.use_code(session, maja.id, late, now=NOW)
        assert not second_factor.use_code(session, maja.id, late, now=NOW)
        assert not second_factor.use_code(session, maja.id, early, now=NOW)

    def test_the_code_that_paired_the_phone_does_not_log_in(self, session, maja, codes):
        second_factor.prepare(session, maja, "token")
        secret = second_factor.prepared(session, maja.id, "token")
        second_factor.enrol(session, maja, "token", code_at(secret, NOW), codes, now=NOW)
        assert not second_factor.use_code(session, maja.id, code_at(secret, NOW), now=NOW)

    def test_the_secret_is_sealed_and_opens_in_no_other_column(self, session, paired):
        stored = session.scalar(text("select secret from second_factor"))
        assert paired not in stored
        with pytest.raises(secrecy.SecrecyError):
            secrecy.decrypt(stored, "second_factor.new_secret")

    def test_what_one_log_in_was_shown_another_does_not_confirm(self, session, maja, codes):
        second_factor.prepare(session, maja, "first")
        seen = second_factor.prepared(session, maja.id, "first")
        assert second_factor.prepared(session, maja.id, "second") is None
        with pytest.raises(Invalid):
            second_factor.enrol(session, maja, "second", code_at(seen, NOW), codes, now=NOW)
        second_factor.prepare(session, maja, "second")
        assert second_factor.prepared(session, maja.id, "first") is None
        assert second_factor.prepared(session, maja.id, "second") != seen

    def test_the_old_phone_works_until_the_new_one_has_shown_a_code(
        self, session, maja, paired, codes
    ):
        second_factor.prepare(session, maja, "other")
        new = second_factor.prepared(session, maja.id, "other")
        assert second_factor.use_code(session, maja.id, code_at(paired, NOW), now=NOW)
        later = NOW + timedelta(minutes=5)
        second_factor.enrol(session, maja, "other", code_at(new, later), codes, now=later)
        assert not second_factor.use_code(
            session, maja.id, code_at(paired, later, 1), now=later + timedelta(seconds=30)
        )


@pytest.fixture(scope="module")
def world_of_one():
    """A database with one user whose phone is paired: each example begins with it anew."""
    own = create_engine("sqlite://")
    tables = [SecondFactor.__table__, User.__table__, Unit.__table__, UserRole.__table__]
    db.Base.metadata.create_all(own, tables=tables)
    with Session(own) as session:
        unit = Unit(name="E", sort_key="e")
        session.add(unit)
        session.flush()
        user = User(email="a@example.org", name="A", sort_key="a", unit_id=unit.id)
        session.add(user)
        session.flush()
        session.add(SecondFactor(user_id=user.id, secret=SECRET, confirmed_at=NOW))
        session.commit()
        yield session, user.id
    own.dispose()


@given(tries=st.lists(st.tuples(st.integers(0, 12), st.integers(-2, 2)), min_size=1, max_size=25))
def test_no_code_works_twice_whatever_the_order_of_the_tries(world_of_one, tries):
    session, user_id = world_of_one
    worked, clock = [], NOW
    for forward, steps in tries:
        clock += timedelta(seconds=10 * forward)
        code = code_at(SECRET, clock, steps)
        is_right = second_factor.use_code(session, user_id, code, now=clock)
        step = int(clock.timestamp()) // 30 + steps
        assert is_right == (abs(steps) <= 1 and step > max(worked, default=-1))
        if is_right:
            worked.append(step)
    session.rollback()
    assert len(set(worked)) == len(worked)


@pytest.mark.sqlite_only
def test_of_two_log_ins_at_the_same_moment_with_one_code_one_wins(fresh_url, engine):
    own = db.connect(fresh_url)
    try:
        with db.begin() as session:
            unit = session.scalar(select(Unit))
            user = User(email="a@example.org", name="A", sort_key="a", unit_id=unit.id)
            session.add(user)
            session.flush()
            session.add(SecondFactor(user_id=user.id, secret=SECRET, confirmed_at=NOW))
            user_id = user.id
        start, won = threading.Barrier(4), []

        def log_in():
            start.wait()
            with db.begin() as session:
                won.append(second_factor.use_code(session, user_id, code_at(SECRET, NOW), now=NOW))

        threads = [threading.Thread(target=log_in) for _number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(won) == [False, False, False, True]
    finally:
        own.dispose()
        db.bind(engine)


class TestRecoveryCodes:
    def test_ten_that_differ_and_are_stored_as_slow_hashes(self, session, maja, paired, codes):
        assert len({code.shown for code in codes}) == 10
        stored = session.scalars(select(RecoveryCode.code_hash)).all()
        assert len(stored) == 10
        assert all(kept.startswith("$argon2id$") for kept in stored)

    def test_each_works_once_however_it_is_typed(self, session, maja, paired, codes):
        typed = codes[3].shown.upper().replace("-", " ")
        found = second_factor.find_recovery_code(session, maja.id, typed)
        assert second_factor.use_recovery_code(session, maja, found, now=NOW)
        assert second_factor.state_of(session, maja.id).codes_left == 9
        assert second_factor.find_recovery_code(session, maja.id, typed) is None
        assert not second_factor.use_recovery_code(session, maja, found, now=NOW)

    def test_nobody_uses_another_persons(self, session, make, maja, paired, codes):
        other = make.user(role=Role.CASE_WORKER)
        found = second_factor.find_recovery_code(session, maja.id, codes[0].shown)
        assert second_factor.find_recovery_code(session, other.id, codes[0].shown) is None
        assert not second_factor.use_recovery_code(session, other, found, now=NOW)

    def test_new_ones_end_the_old(self, session, maja, paired, codes):
        second_factor.renew_recovery_codes(session, maja, second_factor.new_recovery_codes())
        assert second_factor.find_recovery_code(session, maja.id, codes[0].shown) is None
        assert second_factor.state_of(session, maja.id).codes_left == 10

    def test_there_are_none_without_a_phone(self, session, maja, codes):
        with pytest.raises(RuleViolation):
            second_factor.renew_recovery_codes(session, maja, codes)


class TestReset:
    def test_an_administrator_takes_it_away_and_every_log_in_ends(
        self, session, make, maja, paired
    ):
        admin = make.actor(user=make.user(role=Role.ADMIN))
        token = rules.start_login(session, maja, now=NOW)
        step = second_factor.begin_step(session, maja)
        session.flush()
        staff.reset_second_factor(session, admin, maja.id, now=NOW)
        assert not second_factor.state_of(session, maja.id).is_on
        assert rules.find_actor_by_login(session, token, now=NOW, request_id=None) is None
        assert second_factor.find_step(session, step, now=db.utcnow()) is None
        session.commit()
        row = session.scalars(
            select(AuditEvent).where(AuditEvent.actor == admin.label, AuditEvent.action == "change")
        ).one()
        assert (row.object_id, row.fields) == (str(maja.id), ["second_factor"])

    def test_nobody_else_does_and_nobody_her_own(self, session, make, maja, paired):
        manager = make.actor(user=make.user(role=Role.UNIT_MANAGER))
        with pytest.raises(Refused):
            staff.reset_second_factor(session, manager, maja.id, now=NOW)
        maja.roles.append(UserRole(role=Role.ADMIN))
        session.flush()
        with pytest.raises(RuleViolation, match="eget konto"):
            staff.reset_second_factor(session, make.actor(user=maja), maja.id, now=NOW)

    def test_on_the_page_she_is_told_and_the_administrator_never_sees_it(
        self, session, client_as, maja, paired
    ):
        client = client_as(Role.ADMIN)
        page = client.get(f"/users/{maja.id}").get_data(as_text=True)
        assert "Ta bort tvåstegsinloggningen" in page
        assert paired not in page.replace(" ", "")
        answer = client.post(f"/users/{maja.id}/second_factor")
        assert answer.status_code == 303
        told = session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == "second_factor_reset")
        ).one()
        assert told.recipient == maja.email
        assert paired not in told.body
        again = client.post(f"/users/{maja.id}/second_factor")
        assert again.status_code == 409

    def test_a_manager_does_not_see_the_button(self, client_as, maja, paired):
        page = client_as(Role.UNIT_MANAGER).get(f"/users/{maja.id}").get_data(as_text=True)
        assert "Ta bort tvåstegsinloggningen" not in page


def csrf_of(client, path):
    page = client.get(path).get_data(as_text=True)
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def give_password(client, after="/settings", password=PASSWORD):
    form = {"email": "maja@example.org", "password": password, "next": after}
    return client.post("/login", data=form | {"csrf_token": csrf_of(client, "/login")})


def give_code(client, code, path="/login/code", **more):
    form = {"code": code, "csrf_token": csrf_of(client, path)} | more
    return client.post(path, data=form)


@pytest.fixture
def strict(app, config):
    """The installation demands a second factor of everybody, as production does."""
    app.config["MATCHSVC"] = replace(config, env="production")
    yield app
    app.config["MATCHSVC"] = config


class TestLoggingIn:
    def test_the_password_leads_to_the_code_and_the_code_to_the_page(self, app, maja, paired):
        client = app.test_client()
        answer = give_password(client)
        assert answer.location == "/login/code"
        assert client.get("/settings").status_code == 303  # not in yet
        page = client.get("/login/code").get_data(as_text=True)
        assert 'autocomplete="one-time-code"' in page
        assert 'inputmode="numeric"' in page
        answer = give_code(client, code_at(paired, db.utcnow()))
        assert (answer.status_code, answer.location) == (303, "/settings")
        assert client.get("/settings").status_code == 200

    def test_a_wrong_password_never_gets_to_the_code(self, app, maja, paired):
        client = app.test_client()
        assert give_password(client, password="fel").status_code == 401
        assert client.get("/login/code").location == "/login"
        assert client.post("/login/code", data={"code": "1"}).status_code == 400  # no token

    def test_the_same_code_does_not_log_in_twice(self, app, maja, paired):
        code = code_at(paired, db.utcnow())
        first, second = app.test_client(), app.test_client()
        give_password(first)
        give_password(second)
        assert give_code(first, code).status_code == 303
        answer = give_code(second, code)
        assert answer.status_code == 401
        assert "stämmer inte" in answer.get_data(as_text=True)

    def test_ten_tries_and_then_a_pause_also_for_another_browser(self, app, maja, paired):
        client = app.test_client()
        give_password(client)
        answers = [give_code(client, "000000").status_code for _ in range(11)]
        assert answers == [401] * 10 + [429]
        other = app.test_client()
        give_password(other)
        assert give_code(other, code_at(paired, db.utcnow())).status_code == 429

    def test_the_password_is_asked_for_again_after_a_quarter_of_an_hour(
        self, session, maja, paired
    ):
        step = second_factor.begin_step(session, maja)
        session.flush()
        soon, late = db.utcnow() + timedelta(minutes=14), db.utcnow() + timedelta(minutes=16)
        assert second_factor.find_step(session, step, now=soon) is maja
        assert second_factor.find_step(session, step, now=late) is None
        maja.is_active = False
        assert second_factor.find_step(session, step, now=soon) is None

    def test_a_recovery_code_opens_and_tells_how_many_are_left(self, app, maja, paired, codes):
        client = app.test_client()
        give_password(client)
        page = client.get("/login/code?way=recovery").get_data(as_text=True)
        assert "Reservkod" in page
        answer = give_code(client, codes[0].shown, way="recovery")
        assert answer.status_code == 303
        assert "9 är kvar" in client.get(answer.location).get_data(as_text=True)
        again = app.test_client()
        give_password(again)
        assert give_code(again, codes[0].shown, way="recovery").status_code == 401

    def test_wrong_codes_are_logged_without_what_was_typed(self, app, session, maja, paired):
        client = app.test_client()
        give_password(client)
        give_code(client, "123456")
        row = session.scalars(select(AuditEvent).where(AuditEvent.object_type == "login")).one()
        assert (row.action, row.reason, row.object_id) == ("refused", "code", str(maja.id))


class TestWhereItIsDemanded:
    def test_production_pairs_a_phone_before_anybody_comes_in(self, strict, session, maja):
        client = strict.test_client()
        answer = give_password(client)
        assert answer.location == "/login/new-phone"
        page = client.get("/login/new-phone").get_data(as_text=True)
        assert "data:image/svg+xml" in page
        secret = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
        assert client.get("/settings").status_code == 303
        assert give_code(client, "000000", "/login/new-phone").status_code == 422
        again = client.get("/login/new-phone").get_data(as_text=True)
        assert secret in again.replace(" ", "")  # the phone has read it: it stays
        answer = give_code(client, code_at(secret, db.utcnow()), "/login/new-phone")
        page = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert len(re.findall(r"<code>[2-9a-z]{5}-[2-9a-z]{5}</code>", page)) == 10
        assert 'href="/settings"' in page
        assert client.get("/settings").status_code == 200
        assert client.get("/login/new-phone").status_code == 303  # shown once

    def test_a_unit_can_demand_it(self, app, session, maja):
        made = {"made_by_id": maja.id, "made_at": NOW, "reason": "beslut"}
        row = UnitSetting(unit_id=maja.unit_id, key="second_factor", number=1, value="1", **made)
        session.add(row)
        session.commit()
        assert give_password(app.test_client()).location == "/login/new-phone"

    def test_where_it_is_demanded_nobody_turns_it_off(self, strict, client_as, maja, paired):
        client = client_as(maja)
        assert client.post("/my-login/off").status_code == 409
        assert "Stäng av tvåsteg" not in client.get("/my-login").get_data(as_text=True)

    def test_elsewhere_a_password_is_enough_until_she_turns_it_on(self, app, maja):
        assert give_password(app.test_client()).location == "/settings"


class TestMyLogin:
    def test_she_turns_it_on_and_off_herself(self, app, session, client_as, maja):
        client = client_as(maja)
        client.post("/my-login/phone")
        page = client.get("/my-login/phone").get_data(as_text=True)
        secret = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
        answer = client.post("/my-login/phone/code", data={"code": code_at(secret, db.utcnow())})
        assert "Dina reservkoder" in answer.get_data(as_text=True)
        assert "10 reservkoder är kvar" in client.get("/my-login").get_data(as_text=True)
        answer = client.post("/my-login/recovery-codes")
        assert "Dina reservkoder" in answer.get_data(as_text=True)
        assert client.post("/my-login/off").status_code == 303
        session.expire_all()
        assert not second_factor.state_of(session, maja.id).is_on
        assert client.post("/my-login/off").status_code == 409

    def test_she_ends_her_other_log_ins_and_nobody_elses(self, session, make, client_as, maja):
        here, there, third = client_as(maja), client_as(maja), client_as(maja)
        somebody = client_as(Role.CASE_WORKER)
        page = here.get("/my-login").get_data(as_text=True)
        assert page.count("Stäng inloggningen") == 2
        hers = session.scalars(
            select(LoginSession.id).where(LoginSession.user_id == somebody.user.id)
        ).one()
        assert here.post(f"/my-login/{hers}/end").status_code == 404
        one = re.search(r"/my-login/([0-9a-f-]{36})/end", page)[1]
        assert here.post(f"/my-login/{one}/end").status_code == 303
        assert sorted([there.get("/settings").status_code, third.get("/settings").status_code]) == [
            200,
            303,
        ]
        here.post("/my-login/end-others")
        assert there.get("/settings").status_code == third.get("/settings").status_code == 303
        assert here.get("/settings").status_code == 200
        assert somebody.get("/settings").status_code == 200
