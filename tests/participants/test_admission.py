"""Whom a programme is for: exact birthdays, what is not known, and every version kept (PRO-06)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants import programmes
from matchsvc.participants.admission import (
    AdmissionRules,
    Criterion,
    Facts,
    FormalLevel,
    Verdict,
    born_on,
    evaluate,
)
from matchsvc.participants.countries import find_country
from matchsvc.participants.enrolment import Details, enrol
from matchsvc.participants.models import BirthRegion, Case, Participant, Programme, Sex
from matchsvc.participants.programme_models import AdmissionCheck, ProgrammeVersion
from matchsvc.participants.programmes import VersionContent
from matchsvc.swedish import IdentityNumber
from tests.factories import TODAY, identity_number

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MALMO = AdmissionRules.from_data(programmes.examples()["malmo"]["rules"])
AGE = AdmissionRules(least_age=25, most_age=64)
#: As the source's footnote spells them out (docs: PRO-06), 41 with Sweden.
LISTED = """
Australien, Belgien, Bulgarien, Canada, Chile, Cypern, Danmark, Estland, Finland, Frankrike,
Grekland, Island, Irland, Israel, Italien, Japan, Korea, Kroatien, Lettland, Litauen, Luxemburg,
Malta, Mexico, Nederländerna, Nya Zeeland, Norge, Polen, Portugal, Rumänien, Slovakien, Slovenien,
Spanien, Storbritannien, Sverige, Schweiz, Tjeckien, Turkiet, Tyskland, Ungern, USA, Österrike
"""


def verdict(rules, day=TODAY, **facts):
    (finding,) = evaluate(rules, Facts(**facts), day=day)
    return finding.verdict


class TestAge:
    @pytest.mark.parametrize(
        ("born", "said"),
        [
            (date(2001, 11, 23), Verdict.MET),  # turns 25 that day
            (date(2001, 11, 24), Verdict.NOT_MET),  # 24 for one day more
            (date(1961, 11, 24), Verdict.MET),  # 64 for one day more
            (date(1961, 11, 23), Verdict.NOT_MET),  # turns 65 that day
        ],
    )
    def test_twentyfive_and_sixtyfour_are_in_and_the_days_outside_are_not(self, born, said):
        assert verdict(AGE, born_on=born) is said

    def test_who_is_born_on_the_leap_day_turns_a_year_on_the_twentyeighth(self):
        born = date(2000, 2, 29)
        assert verdict(AGE, date(2025, 2, 27), born_on=born) is Verdict.NOT_MET
        assert verdict(AGE, date(2025, 2, 28), born_on=born) is Verdict.MET

    def test_a_year_of_birth_alone_decides_only_when_every_birthday_agrees(self):
        assert verdict(AGE, birth_year=2000) is Verdict.MET
        assert verdict(AGE, birth_year=2001) is Verdict.UNKNOWN  # 24 or 25
        assert verdict(AGE, birth_year=2002) is Verdict.NOT_MET
        assert verdict(AGE, birth_year=1961) is Verdict.UNKNOWN  # 64 or 65
        assert verdict(AGE) is Verdict.UNKNOWN

    @given(
        born=st.dates(date(1930, 1, 1), date(2010, 12, 31)),
        day=st.dates(date(2012, 1, 1), date(2030, 12, 31)),
    )
    def test_the_day_is_never_at_odds_with_the_year(self, born, day):
        by_year = verdict(AGE, day, birth_year=born.year)
        assert by_year in {Verdict.UNKNOWN, verdict(AGE, day, born_on=born)}

    def test_a_coordination_number_says_the_day_too(self):
        assert born_on(IdentityNumber("198503729805", is_coordination=True)) == date(1985, 3, 12)
        assert born_on(IdentityNumber("198503609805", is_coordination=True)) is None


class TestTheMalmoRule:
    def test_the_fortyone_countries_are_those_of_the_source(self):
        named = {find_country(name.strip()).code for name in LISTED.split(",")}
        assert len(named) == 41
        assert set(MALMO.not_born_in) == named

    def test_a_woman_of_the_target_group_meets_every_rule(self):
        facts = Facts(
            born_on=date(1985, 3, 12),
            sex=Sex.WOMAN,
            birth_country="SY",
            answers=dict.fromkeys(MALMO.criteria, True),
        )
        assert {each.verdict for each in evaluate(MALMO, facts, day=TODAY)} == {Verdict.MET}

    def test_of_nothing_known_nothing_is_guessed(self):
        found = evaluate(MALMO, Facts(), day=TODAY)
        assert {each.verdict for each in found} == {Verdict.UNKNOWN}
        assert [each.rule for each in found] == [
            *("age", "sex", "born_outside", "outside_af_guarantees"),
            *("needs_coordination", "childcare_met"),
        ]

    def test_born_in_sweden_needs_no_country_to_be_outside(self):
        rules = AdmissionRules(not_born_in=MALMO.not_born_in)
        assert verdict(rules, birth_region=BirthRegion.SWEDEN) is Verdict.NOT_MET
        assert verdict(rules, birth_region=BirthRegion.OUTSIDE_EUROPE) is Verdict.UNKNOWN
        assert verdict(rules, birth_country="TR") is Verdict.NOT_MET


def test_the_highest_school_is_a_ceiling():
    rules = AdmissionRules(most_formal=FormalLevel.PRIMARY)
    assert verdict(rules, formal_level=FormalLevel.PRIMARY) is Verdict.MET
    assert verdict(rules, formal_level=FormalLevel.SECONDARY) is Verdict.NOT_MET


def test_a_no_is_not_the_same_as_not_asked():
    rules = AdmissionRules(criteria=(Criterion.LIVES_HERE,))
    assert verdict(rules) is Verdict.UNKNOWN
    assert verdict(rules, answers={Criterion.LIVES_HERE: False}) is Verdict.NOT_MET


@given(
    st.builds(
        AdmissionRules,
        least_age=st.none() | st.integers(0, 120),
        most_age=st.none() | st.integers(0, 120),
        sex=st.sampled_from([None, Sex.WOMAN, Sex.MAN]),
        not_born_in=st.lists(st.sampled_from(["SE", "TR"]), unique=True).map(sorted).map(tuple),
        most_formal=st.none() | st.sampled_from(FormalLevel),
        criteria=st.sets(st.sampled_from(Criterion)).map(
            lambda chosen: tuple(each for each in Criterion if each in chosen)
        ),
    )
)
def test_what_is_stored_reads_back_the_same(rules):
    assert AdmissionRules.from_data(rules.as_data()) == rules


@pytest.fixture
def manager(make):
    return make.actor(Role.UNIT_MANAGER)


def content(rules=MALMO, **changes):
    plain = VersionContent(date(2026, 1, 1), None, "Chefen", "Beslut 7", "Nytt", rules)
    return replace(plain, **changes)


def added(session, actor, rules=MALMO, code="IK", **changes):
    return programmes.add_programme(
        session,
        actor,
        code=code,
        name="Internationella kvinnor",
        content=content(rules, **changes),
        today=TODAY,
        now=NOW,
    )


def again(session, actor, programme, base=1, **changes):
    return programmes.add_version(
        session, actor, programme.id, content(**changes), base=base, today=TODAY, now=NOW
    )


class TestVersions:
    def test_a_new_version_replaces_from_its_day_and_the_old_one_stays(self, session, manager):
        programme = added(session, manager)
        second = again(session, manager, programme, rules=AGE, valid_from=date(2026, 12, 1))
        before = programmes.version_on(session, programme.id, date(2026, 11, 30))
        assert (before.number, AdmissionRules.from_data(before.rules)) == (1, MALMO)
        assert programmes.version_on(session, programme.id, date(2026, 12, 1)) is second
        assert programmes.version_on(session, programme.id, date(2025, 12, 31)) is None

    def test_a_version_whose_time_is_out_does_not_bring_back_the_one_before(self, session, manager):
        programme = added(session, manager)
        last = {"valid_from": date(2026, 2, 1), "valid_until": date(2026, 2, 28)}
        again(session, manager, programme, **last)
        assert programmes.version_on(session, programme.id, date(2026, 2, 28)).number == 2
        assert programmes.version_on(session, programme.id, date(2026, 3, 1)) is None

    def test_two_who_replace_the_same_version_do_not_both(self, session, manager):
        programme = added(session, manager)
        again(session, manager, programme, valid_from=date(2026, 12, 1))
        with pytest.raises(Conflict):
            again(session, manager, programme, base=1, valid_from=date(2027, 1, 1))

    def test_a_version_cannot_begin_before_the_one_it_replaces(self, session, manager):
        programme = added(session, manager)
        with pytest.raises(Invalid) as refusal:
            again(session, manager, programme, valid_from=date(2026, 1, 1))
        assert set(refusal.value.fields) == {"valid_from"}

    def test_owner_basis_and_reason_have_to_be_there_and_every_fault_is_named(
        self, session, manager
    ):
        wrong = {"owner": " ", "legal_basis": "", "reason": "", "valid_until": date(2025, 1, 1)}
        with pytest.raises(Invalid) as refusal:
            added(session, manager, AdmissionRules(least_age=64, most_age=25), **wrong)
        assert set(refusal.value.fields) == {*wrong, "most_age"}

    def test_no_identity_number_stands_in_a_reason(self, session, manager):
        with pytest.raises(Invalid):
            added(session, manager, reason=f"För {identity_number()}")

    def test_only_those_who_change_settings_add_and_only_readers_read(self, session, make):
        for role in set(Role) - set(programmes.CHANGERS):
            with pytest.raises(Refused):
                added(session, make.actor(role))
        with pytest.raises(Refused):
            programmes.list_programmes(session, make.actor(Role.CASE_WORKER), today=TODAY)

    def test_another_units_programme_does_not_exist(self, session, make, manager):
        programme = added(session, manager)
        elsewhere = make.actor(Role.UNIT_MANAGER, unit=make.unit(name="Lindvalla norra"))
        assert programmes.list_programmes(session, elsewhere, today=TODAY) == []
        with pytest.raises(NotFound):
            again(session, elsewhere, programme, valid_from=date(2027, 1, 1))

    def test_a_code_is_taken_once(self, session, manager):
        added(session, manager)
        with pytest.raises(RuleViolation) as refusal:
            added(session, manager)
        assert set(refusal.value.fields) == {"code"}

    def test_the_mark_for_files_follows_the_versions_that_count(self, session, manager):
        programme = added(session, manager)
        assert programme.needs_birth_country
        again(session, manager, programme, rules=AGE, valid_from=date(2026, 6, 1))
        assert not programme.needs_birth_country


DETAILS = Details(
    sex=Sex.WOMAN,
    birth_region=BirthRegion.OUTSIDE_EUROPE,
    enrolled_on=TODAY,
    birth_country="SY",
    answers=dict.fromkeys(MALMO.criteria, True),
)


class TestEnrolment:
    def enrolled(self, session, actor, programme, born=date(2001, 11, 23), **changes):
        details = replace(
            DETAILS, programme_id=programme.id, personal_id=identity_number(born), **changes
        )
        return session.get(Participant, enrol(session, actor, details, today=TODAY).id)

    def check_of(self, session, person):
        case = session.scalar(select(Case).where(Case.participant_id == person.id))
        return session.scalar(select(AdmissionCheck).where(AdmissionCheck.case_id == case.id))

    def test_who_meets_the_rules_on_her_birthday_comes_in(self, session, make, manager):
        person = self.enrolled(session, make.actor(), added(session, manager))
        kept = self.check_of(session, person)
        assert (kept.not_met, kept.not_known, kept.reason, kept.day) == ([], [], None, TODAY)
        assert person.birth_country == "SY"

    def test_the_day_before_it_says_which_rule_and_on_what_it_rests(self, session, make, manager):
        programme = added(session, manager)
        with pytest.raises(RuleViolation) as refusal:
            self.enrolled(session, make.actor(), programme, born=date(2001, 11, 24))
        assert refusal.value.code == "not_admitted"
        assert set(refusal.value.fields) == {"personal_id", "admission_reason"}
        assert refusal.value.values["basis"] == "Beslut 7"

    def test_a_reason_lets_her_in_and_is_kept_encrypted_and_logged(self, session, make, manager):
        worker, programme = make.actor(), added(session, manager)
        person = self.enrolled(
            session,
            worker,
            programme,
            born=date(2001, 11, 24),
            answers={Criterion.CHILDCARE_MET: True},
            admission_reason="Fyller år i morgon.",
        )
        kept = self.check_of(session, person)
        assert kept.not_met == ["age"]
        assert kept.not_known == ["outside_af_guarantees", "needs_coordination"]
        assert (kept.reason, kept.decided_by_id) == ("Fyller år i morgon.", worker.user_id)
        stored = session.scalar(text("select reason from admission_check"))
        assert "morgon" not in stored
        session.commit()
        (told,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "admit_past_rules"))
        assert told.fields == ["age", "needs_coordination", "outside_af_guarantees"]
        assert told.reason is None

    def test_a_hidden_hit_is_answered_the_same_and_keeps_nothing(self, session, make, manager):
        programme, owner = added(session, manager), make.actor()
        hidden = self.enrolled(session, owner, programme, protected=True)
        number = session.get(Participant, hidden.id).personal_id
        before = session.query(AdmissionCheck).count()
        details = replace(DETAILS, programme_id=programme.id, personal_id=number)
        receipt = enrol(session, make.actor(), details, today=TODAY)
        assert receipt.id != hidden.id
        assert session.query(AdmissionCheck).count() == before

    def test_before_its_first_version_a_programme_takes_everybody(self, session, make, manager):
        programme = added(session, manager, valid_from=TODAY + timedelta(1))
        person = self.enrolled(session, make.actor(), programme, born=date(2010, 1, 1))
        assert self.check_of(session, person) is None
        assert person.birth_country is None

    def test_after_its_last_day_it_says_so(self, session, make, manager):
        programme = added(session, manager, valid_until=TODAY - timedelta(1))
        with pytest.raises(Invalid) as refusal:
            self.enrolled(session, make.actor(), programme)
        assert set(refusal.value.fields) == {"programme_id"}
        assert programmes.what_to_ask(session, manager.unit_id, today=TODAY).choices == []

    def test_another_units_programme_is_not_chosen(self, session, make):
        unit = make.unit(name="Lindvalla norra")
        theirs = make.save(Programme(unit_id=unit.id, code="X", name="X"))
        with pytest.raises(Invalid) as refusal:
            self.enrolled(session, make.actor(), theirs)
        assert set(refusal.value.fields) == {"programme_id"}

    def test_no_identity_number_stands_in_the_reason(self, session, make, manager):
        programme = added(session, manager)
        with pytest.raises(Invalid):
            self.enrolled(session, make.actor(), programme, admission_reason=identity_number())


FORM = {
    "code": "IK",
    "name": "Internationella kvinnor",
    "valid_from": "2026-01-01",
    "owner": "Chefen",
    "legal_basis": "Beslut 7",
    "reason": "Nytt",
    "least_age": "25",
    "most_age": "64",
    "countries": "Sverige\nturkiet",
    "criteria": ["childcare_met"],
}


class TestPages:
    def test_a_manager_adds_a_programme_and_replaces_its_rules(self, client_as, session):
        manager = client_as(Role.UNIT_MANAGER)
        assert "Inga program än" in manager.get("/settings/programmes").text
        here = manager.post("/settings/programmes/new", data=FORM).location
        page = manager.get(here).text
        assert "Mellan 25 och 64 år" in page
        assert "Sverige, Turkiet" in page
        address = here.partition("?")[0] + "/new"
        form = {**FORM, "base": "1", "valid_from": "2027-01-01", "most_age": "66"}
        form = {name: form[name] for name in form if name not in {"code", "name"}}
        assert 'value="64"' in manager.get(address).text
        assert manager.post(address, data=form).status_code == 303
        assert manager.post(address, data=form).status_code == 409
        page = manager.get(here).text
        assert "Mellan 25 och 66 år" in page
        assert "Mellan 25 och 64 år" in page
        stored = session.scalars(select(ProgrammeVersion).order_by(ProgrammeVersion.number))
        assert [each.rules["most_age"] for each in stored] == [64, 66]

    def test_a_country_that_nobody_knows_is_named_and_nothing_typed_is_lost(self, client_as):
        manager = client_as(Role.UNIT_MANAGER)
        form = {**FORM, "countries": "Sverige\nAtlantis"}
        answer = manager.post("/settings/programmes/new", data=form)
        assert answer.status_code == 422
        assert "Vi känner inte till: Atlantis" in answer.text
        assert "Sverige\nAtlantis" in answer.text
        assert "Beslut 7" in answer.text

    def test_the_example_fills_the_form(self, client_as):
        page = client_as(Role.ADMIN).get("/settings/programmes/new?example=malmo").text
        assert "Internationella kvinnor" in page
        assert "Nya Zeeland" in page

    def test_the_enrolment_form_tries_the_rules_without_saving(self, client_as, session):
        client_as(Role.UNIT_MANAGER).post("/settings/programmes/new", data=FORM)
        programme = session.scalar(select(Programme))
        worker = client_as(Role.CASE_WORKER)
        form = {"sex": "woman", "birth_region": "outside_europe", "enrolled_on": "2026-11-23"}
        form |= {"programme_id": str(programme.id), "birth_country": "Turkiet", "try": "1"}
        form |= {"birth_year": "1985", "answer_childcare_met": "yes"}
        answer = worker.post("/participants/new", data=form)
        assert answer.status_code == 200
        assert "Inte uppfylld" in answer.text
        assert "Beslut 7" in answer.text
        assert session.query(Participant).count() == 0
        del form["try"]
        answer = worker.post("/participants/new", data=form)
        assert answer.status_code == 409
        assert "Född utanför de 2 länder" in answer.text
        form["admission_reason"] = "Beslut av styrgruppen"
        assert worker.post("/participants/new", data=form).status_code == 303
        assert session.query(AdmissionCheck).one().not_met == ["born_outside"]

    def test_programs_do_the_same(self, client_as):
        manager = client_as(Role.UNIT_MANAGER)
        made = manager.post("/api/v1/programmes", json=FORM)
        assert made.status_code == 201
        assert made.json["in_force"] == 1
        assert made.json["versions"][0]["rules"]["not_born_in"] == ["SE", "TR"]
        form = {**FORM, "base": 0, "valid_from": "2027-01-01"}
        form = {name: form[name] for name in form if name not in {"code", "name"}}
        address = f"/api/v1/programmes/{made.json['id']}"
        assert manager.post(f"{address}/versions", json=form).status_code == 409
        assert manager.post(f"{address}/versions", json=form | {"base": 1}).status_code == 201
        assert len(manager.get(address).json["versions"]) == 2
        assert len(manager.get("/api/v1/programmes").json) == 1
        asked = {"sex": "woman", "birth_region": "sweden", "enrolled_on": "2026-11-23"}
        worker = client_as(Role.CASE_WORKER)
        said = worker.post("/api/v1/participants", json=asked | {"programme_id": made.json["id"]})
        assert (said.status_code, said.json["code"]) == (409, "not_admitted")
