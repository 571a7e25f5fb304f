"""Referrals: noted, checked, allocated, enrolled; who sees which, and what the referrer is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect, select, text

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.messages.models import OutboxMessage
from matchsvc.participants import programmes, referrals
from matchsvc.participants.admission import AdmissionRules, Criterion
from matchsvc.participants.enrolment import Details
from matchsvc.participants.models import BirthRegion, Case, Participant, Sex
from matchsvc.participants.programme_models import AdmissionCheck
from matchsvc.participants.programmes import VersionContent
from matchsvc.participants.referral_content import Content, asked_fields, content_of
from matchsvc.participants.referral_models import CloseReason, Referral, ReferralState, Route
from tests.factories import TODAY, identity_number

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LIMITS = {"referral_allocate_days": 7, "referral_contact_days": 5}


def said(**changes):
    person = {name: changes.pop(name) for name in list(changes) if hasattr(Details, name)}
    details = Details(
        sex=Sex.WOMAN,
        birth_region=BirthRegion.OUTSIDE_EUROPE,
        enrolled_on=TODAY,
        **{"given_name": "Amina", "family_name": "Dahl", "birth_year": 1985} | person,
    )
    content = Content(
        route=Route.EMPLOYMENT_SERVICE,
        received_on=TODAY - timedelta(3),
        details=details,
        reason="Vill arbeta i kök.",
        referrer_name="Eva Lund",
        referrer_org="Arbetsförmedlingen",
        referrer_email="eva.lund@example.org",
    )
    return replace(content, **changes)


@pytest.fixture
def manager(make):
    return make.actor(Role.UNIT_MANAGER)


@pytest.fixture
def worker(make):
    return make.actor(Role.CASE_WORKER)


def noted(session, actor, **changes):
    return referrals.note_referral(session, actor, said(**changes), today=TODAY)


def checked(session, actor, referral, today=TODAY):
    return referrals.check_referral(session, actor, referral.id, version=None, today=today)


def allocated(session, manager, worker, referral):
    return referrals.allocate_referral(
        session, manager, referral.id, worker.user_id, version=None, today=TODAY
    )


def enrolled(session, actor, referral, today=TODAY):
    return referrals.enrol_referral(session, actor, referral.id, version=None, today=today)


class TestTheWay:
    def test_a_referral_goes_from_noted_to_enrolled(self, session, manager, worker):
        referral = noted(session, manager)
        assert (referral.state, referral.number) == (ReferralState.RECEIVED, 1)
        checked(session, manager, referral)
        assert (referral.state, referral.completed_on) == (ReferralState.COMPLETE, TODAY)
        allocated(session, manager, worker, referral)
        referrals.note_contact(session, worker, referral.id, TODAY, version=None, today=TODAY)
        enrolled(session, worker, referral)
        assert (referral.state, referral.ended_on) == (ReferralState.ENROLLED, TODAY)
        case = session.scalar(select(Case))
        assert case.case_worker_id == worker.user_id

    def test_what_is_missing_is_a_code_each_and_completing_it_makes_it_whole(self, session, worker):
        bare = {"route": Route.SOCIAL_SERVICES, "reason": "", "referrer_org": None}
        bare |= {"family_name": None, "birth_year": None}
        referral = checked(session, worker, noted(session, worker, **bare))
        assert referral.state is ReferralState.INCOMPLETE
        assert referral.missing == ["name", "identity", "reason", "referrer", "decision"]
        decided = {"decision_reference": "B 7", "decided_on": TODAY, "legal_basis": "12 kap 4 §"}
        referrals.change_referral(
            session,
            worker,
            referral.id,
            said(route=Route.SOCIAL_SERVICES, **decided),
            version=None,
            today=TODAY,
        )
        assert checked(session, worker, referral).state is ReferralState.COMPLETE

    def test_who_comes_herself_needs_no_referrer_and_nobody_is_told(self, session, worker):
        referral = noted(session, worker, route=Route.SELF)
        assert referral.referrer_email is None
        assert checked(session, worker, referral).state is ReferralState.COMPLETE
        assert session.scalars(select(OutboxMessage)).all() == []

    def test_nothing_is_skipped(self, session, manager, worker):
        referral = noted(session, manager)
        with pytest.raises(RuleViolation):
            allocated(session, manager, worker, referral)
        with pytest.raises(RuleViolation):
            enrolled(session, manager, referral)
        checked(session, manager, referral)
        with pytest.raises(RuleViolation):
            enrolled(session, manager, referral)

    def test_an_end_is_an_end(self, session, manager):
        referral = noted(session, manager)
        close = {"reason": CloseReason.OWN_CHOICE, "version": None, "today": TODAY}
        referrals.close_referral(session, manager, referral.id, withdrawn=True, **close)
        assert referral.state is ReferralState.WITHDRAWN
        with pytest.raises(RuleViolation):
            referrals.close_referral(session, manager, referral.id, withdrawn=False, **close)
        with pytest.raises(RuleViolation):
            checked(session, manager, referral)

    def test_only_a_manager_allocates_and_declines(self, session, worker):
        referral = checked(session, worker, noted(session, worker))
        with pytest.raises(Refused):
            allocated(session, worker, worker, referral)
        close = {"reason": CloseReason.NO_CAPACITY, "version": None, "today": TODAY}
        with pytest.raises(Refused):
            referrals.close_referral(session, worker, referral.id, withdrawn=False, **close)

    def test_a_case_worker_of_another_unit_is_not_given_it(self, session, make, manager):
        referral = checked(session, manager, noted(session, manager))
        elsewhere = make.actor(Role.CASE_WORKER, unit=make.unit(name="Lindvalla norra"))
        with pytest.raises(Invalid):
            allocated(session, manager, elsewhere, referral)

    def test_the_second_to_save_an_old_page_gets_a_conflict(self, session, manager):
        referral = noted(session, manager)
        old = referral.version
        checked(session, manager, referral)
        with pytest.raises(Conflict):
            referrals.check_referral(session, manager, referral.id, version=old, today=TODAY)


class TestTheProgramme:
    def programme(self, session, manager):
        rules = AdmissionRules(least_age=25, most_age=64, criteria=(Criterion.CHILDCARE_MET,))
        content = VersionContent(date(2026, 1, 1), None, "Chefen", "Beslut 7", "Nytt", rules)
        words = {"code": "IK", "name": "IK", "content": content}
        return programmes.add_programme(session, manager, **words, today=TODAY, now=NOW)

    def test_the_age_is_that_of_the_day_on_which_it_is_complete(self, session, manager, worker):
        """64 that day and 65 when she is enrolled: she is in (ACC-5)."""
        person = {
            "programme_id": self.programme(session, manager).id,
            "personal_id": identity_number(date(1961, 11, 24)),
            "birth_year": None,
            "answers": {Criterion.CHILDCARE_MET: True},
        }
        referral = noted(session, manager, **person)
        late = noted(session, manager, **person)
        checked(session, manager, referral, today=TODAY)
        allocated(session, manager, worker, referral)
        enrolled(session, manager, referral, today=TODAY + timedelta(8))
        kept = session.scalar(select(AdmissionCheck))
        assert (kept.day, kept.not_met) == (TODAY, [])
        assert checked(session, manager, late, today=TODAY + timedelta(1)).missing == ["age"]

    def test_a_criterion_that_fails_is_a_code_until_a_reason_is_given(self, session, manager):
        person = {"programme_id": self.programme(session, manager).id}
        unknown = noted(session, manager, **person)
        assert checked(session, manager, unknown).missing == ["childcare_met"]
        person["answers"] = {Criterion.CHILDCARE_MET: False}
        failed = noted(session, manager, **person)
        assert checked(session, manager, failed).missing == ["childcare_met"]
        let_in = noted(session, manager, **person, admission_reason="Ordnas i januari.")
        assert checked(session, manager, let_in).missing == []


class TestSecrets:
    def test_nothing_about_the_person_stands_in_plain_text(self, session, manager):
        number = identity_number()
        noted(
            session,
            manager,
            personal_id=number,
            birth_year=None,
            phone="070-174 06 15",
            intake={"intake_family": "Två barn"},
        )
        row = " ".join(str(each) for each in session.execute(text("select * from referral")).one())
        for secret in ("Amina", "Dahl", number, "070-174", "barn", "kök"):
            assert secret not in row

    def test_every_reading_is_logged(self, session, manager):
        referral = noted(session, manager)
        referrals.get_referral(session, manager, referral.id)
        session.commit()
        told = session.scalars(
            select(AuditEvent).where(
                AuditEvent.object_type == "referral", AuditEvent.action == "read"
            )
        )
        assert str(referral.id) in {each.object_id for each in told}

    def test_a_case_worker_sees_what_she_noted_or_was_given_and_no_other(
        self, session, make, manager, worker
    ):
        mine, theirs = noted(session, worker), noted(session, make.actor(Role.CASE_WORKER))
        assert referrals.list_referrals(session, worker) == [mine]
        with pytest.raises(NotFound):
            referrals.get_referral(session, worker, theirs.id)
        allocated(session, manager, worker, checked(session, manager, theirs))
        assert len(referrals.list_referrals(session, worker)) == 2

    def test_nobody_else_and_no_other_unit_sees_one(self, session, make, manager):
        referral = noted(session, manager)
        for role in set(Role) - set(referrals.WORKERS):
            with pytest.raises(Refused):
                referrals.list_referrals(session, make.actor(role))
        elsewhere = make.actor(Role.UNIT_MANAGER, unit=make.unit(name="Lindvalla norra"))
        with pytest.raises(NotFound):
            referrals.get_referral(session, elsewhere, referral.id)

    def test_a_protected_one_exists_only_for_those_who_are_named(
        self, session, make, manager, worker
    ):
        with pytest.raises(Invalid) as refusal:
            noted(session, worker, protected=True)
        assert set(refusal.value.fields) == {"manager_id"}
        hidden = noted(session, worker, protected=True, manager_id=manager.user_id)
        other = make.actor(Role.UNIT_MANAGER)
        assert referrals.list_referrals(session, other) == []
        with pytest.raises(NotFound):
            referrals.get_referral(session, other, hidden.id)
        given_to = make.actor(Role.CASE_WORKER)
        allocated(session, manager, given_to, checked(session, manager, hidden))
        assert referrals.list_referrals(session, given_to) == [hidden]

    def test_no_contact_data_of_a_protected_person_are_taken(self, session, manager):
        with pytest.raises(Invalid) as refusal:
            noted(session, manager, protected=True, phone="070-174 06 15", email="a@b.se")
        assert set(refusal.value.fields) == {"phone", "email"}

    def test_a_form_does_not_take_the_mark_away(self, session, manager):
        referral = noted(session, manager, protected=True)
        changed = referrals.change_referral(
            session, manager, referral.id, said(), version=None, today=TODAY
        )
        assert changed.protected

    def test_a_hidden_hit_ends_the_same_and_no_key_of_anybody_is_kept(
        self, session, make, manager, worker
    ):
        number = identity_number()
        owner = make.actor(Role.CASE_WORKER)
        first = noted(
            session, owner, protected=True, manager_id=manager.user_id, personal_id=number
        )
        allocated(session, manager, owner, checked(session, manager, first))
        enrolled(session, owner, first)
        people = session.query(Participant).count()
        again = noted(session, worker, personal_id=number)
        allocated(session, make.actor(Role.UNIT_MANAGER), worker, checked(session, worker, again))
        enrolled(session, worker, again)
        assert again.state is first.state is ReferralState.ENROLLED
        assert session.query(Participant).count() == people
        keys = {fk.column.table.name for fk in inspect(Referral).local_table.foreign_keys}
        assert keys == {"unit", "user_account", "programme"}

    def test_the_referrer_is_told_without_a_word_about_the_person(self, session, manager, worker):
        referral = noted(session, manager, phone="070-174 06 15")
        allocated(session, manager, worker, checked(session, manager, referral))
        enrolled(session, worker, referral)
        told = session.scalars(select(OutboxMessage)).all()
        assert len(told) == 3
        for message in told:
            assert message.recipient == "eva.lund@example.org"
            written = message.subject + message.body
            assert "1" in written
            assert not {"Amina", "Dahl", "kök", "070"} & set(written.split())
            assert "Amina" not in written

    def test_sensitive_questions_are_off_until_the_unit_switches_them_on(
        self, session, make, manager
    ):
        off = {"intake_debts", "intake_criminal_record", "intake_misuse"}
        assert off & set(asked_fields(session, manager.unit_id)) == set()
        with pytest.raises(Invalid) as refusal:
            noted(session, manager, intake={"intake_misuse": "Ja"})
        assert set(refusal.value.fields) == {"intake_misuse"}
        make.setting("intake_misuse", "1")
        held = noted(session, manager, intake={"intake_misuse": "Nej"})
        assert content_of(held).intake == {"intake_misuse": "Nej"}


class TestTimersAndLoads:
    @given(st.integers(0, 60))
    def test_it_is_late_after_the_last_day_and_not_on_it(self, days):
        referral = Referral(state=ReferralState.RECEIVED, received_on=TODAY - timedelta(days))
        timer = referrals.timer_of(referral, LIMITS, today=TODAY)
        assert (timer.days, timer.is_late) == (days, days > 7)

    def test_after_the_allocation_it_waits_for_the_first_contact(self):
        referral = Referral(state=ReferralState.ALLOCATED, allocated_on=TODAY - timedelta(6))
        assert referrals.timer_of(referral, LIMITS, today=TODAY).is_late
        referral.first_contact_on = TODAY
        assert referrals.timer_of(referral, LIMITS, today=TODAY) is None

    def test_the_least_loaded_stands_first(self, session, make, manager, worker):
        busy = make.user()
        make.participant(busy)
        make.case(make.participant(busy, with_case=False), busy, ended_on=TODAY)
        loads = referrals.workloads(session, manager)
        assert [(load.user.id, load.cases) for load in loads] == [(worker.user_id, 0), (busy.id, 1)]
        with pytest.raises(Refused):
            referrals.workloads(session, worker)


FORM = {
    "route": "other_unit",
    "received_on": "2026-11-20",
    "referrer_name": "Eva Lund",
    "referrer_org": "Vuxenenheten",
    "given_name": "Amina",
    "family_name": "Dahl",
    "birth_year": "1985",
    "sex": "woman",
    "birth_region": "outside_europe",
    "reason": "Vill arbeta i kök",
    "intake_family": "Två barn",
}


class TestPages:
    def test_the_whole_way_on_the_pages(self, client_as, session, make):
        worker = make.user(name="Johan Ekdal")
        chief = client_as(Role.UNIT_MANAGER)
        assert "Inga remisser väntar" in chief.get("/referrals").text
        here = chief.post("/referrals/new", data=FORM).location
        assert "Amina" not in chief.get("/referrals").text
        assert "Två barn" in chief.get(here).text
        assert chief.post(f"{here}/check", data={"version": "1"}).status_code == 303
        assert "0 öppna ärenden" in chief.get(here).text
        given = {"worker_id": str(worker.id), "version": "2"}
        assert chief.post(f"{here}/allocate", data=given).status_code == 303
        johan = client_as(worker)
        assert "Remiss 1" in johan.get("/referrals").text
        assert johan.post(f"{here}/enrol", data={"version": "3"}).status_code == 303
        assert session.query(Participant).one().family_name == "Dahl"
        assert "Remiss 1" in johan.get("/referrals?ended=1").text

    def test_a_wrong_form_keeps_what_was_typed(self, client_as):
        worker = client_as(Role.CASE_WORKER)
        answer = worker.post("/referrals/new", data=FORM | {"received_on": "2199-01-01"})
        assert answer.status_code == 422
        assert "Dagen har inte varit än" in answer.text
        assert "Vuxenenheten" in answer.text

    def test_what_is_known_stands_in_the_form_to_complete(self, client_as):
        worker = client_as(Role.CASE_WORKER)
        here = worker.post("/referrals/new", data=FORM | {"reason": ""}).location
        worker.post(f"{here}/check", data={})
        assert "Skälet till remissen saknas" in worker.get(here).text
        page = worker.get(f"{here}/change").text
        assert "Två barn" in page
        assert 'value="1985"' in page
        assert worker.post(f"{here}/change", data=FORM | {"version": "2"}).status_code == 303
        assert worker.post(f"{here}/change", data=FORM | {"version": "2"}).status_code == 409

    def test_programs_do_the_same(self, client_as, make):
        chief, worker = client_as(Role.UNIT_MANAGER), make.user()
        root = "/api/v1/referrals"
        made = chief.post(root, json=FORM)
        assert (made.status_code, made.json["state"]) == (201, "received")
        assert "given_name" not in made.json
        here = f"{root}/{made.json['id']}"
        assert chief.get(here).json["given_name"] == "Amina"
        assert chief.post(f"{here}/check", json={}).json["state"] == "complete"
        (load,) = chief.get(f"{root}/workloads").json
        assert (load["user_id"], load["cases"]) == (str(worker.id), 0)
        given = {"worker_id": str(worker.id)}
        assert chief.post(f"{here}/allocate", json=given).json["state"] == "allocated"
        assert chief.post(f"{here}/enrol", json={}).json["state"] == "enrolled"
        assert chief.get(root).json == []
        assert len(chief.get(f"{root}?ended=true").json) == 1
