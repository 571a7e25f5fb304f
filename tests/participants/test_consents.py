"""Consent lifts secrecy: a party and a kind of thing at a time, to a day, and back at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from matchsvc import db
from matchsvc.accounts.models import AuditEvent, Role, User
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants.consent_models import (
    Category,
    Consent,
    ConsentAnswer,
    Disclosure,
    DisclosureRule,
    Party,
    RevokedHow,
)
from matchsvc.participants.consents import (
    Answer,
    answer_consent,
    consent_texts,
    list_consents,
    revoke_consent,
    standing_consent,
    warn_of_last_days,
)
from matchsvc.participants.disclosures import Told, disclose, list_disclosures
from matchsvc.swedish import local_date
from matchsvc.workday.models import Task
from matchsvc.workday.signature_models import IdentifiedHow, Signature
from matchsvc.workday.signing import hash_of, sign
from tests.factories import TODAY

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WHEN = {"today": TODAY, "now": NOW}
LAST = TODAY + timedelta(days=100)
HEALTH = (Party.HEALTH_CARE, Category.WORK_ABILITY)
AF = (Party.EMPLOYMENT_SERVICE, Category.PLANNING)


@pytest.fixture
def scene(session, make):
    worker = make.user(role=Role.CASE_WORKER)
    person = make.participant(worker)
    session.commit()
    return make.actor(user=worker), person


def yes(*scopes, **more):
    values = {"answer": ConsentAnswer.GIVEN, "scopes": frozenset(scopes), "valid_until": LAST}
    return Answer(**values | more)


def given(session, scene, *scopes, **more):
    actor, person = scene
    return answer_consent(session, actor, person.id, yes(*(scopes or (HEALTH, AF)), **more), **WHEN)


def told(scope=HEALTH, **more):
    values = {
        "party": scope[0],
        "category": scope[1],
        "recipient": "Vårdcentralen Ekan",
        "purpose": "Planera arbetsprövning",
        "rule": DisclosureRule.CONSENT,
        "request_id": uuid4(),
    }
    return Told(**values | more)


class TestGiving:
    def test_it_is_signed_by_her_and_attested_by_who_read_it_with_her(self, session, scene):
        consent = given(session, scene, identified_how=IdentifiedHow.DOCUMENT_SHOWN)
        signature = session.scalars(select(Signature)).one()
        assert signature.about_id == consent.id
        assert signature.content_hash == consent.content_hash
        assert signature.signer_id == scene[1].id
        assert signature.attested_by_id == scene[0].user_id
        assert signature.identified_how is IdentifiedHow.DOCUMENT_SHOWN

    def test_without_a_last_day_it_cannot_be_saved(self, session, scene):
        with pytest.raises(Invalid) as error:
            given(session, scene, valid_until=None)
        assert "valid_until" in error.value.fields

    @pytest.mark.parametrize("day", [TODAY - timedelta(days=1), date(2031, 1, 1)])
    def test_the_last_day_is_neither_past_nor_years_away(self, session, scene, day):
        with pytest.raises(Invalid):
            given(session, scene, valid_until=day)

    def test_a_yes_to_nothing_is_no_consent(self, session, scene):
        with pytest.raises(Invalid) as error:
            answer_consent(session, scene[0], scene[1].id, yes(), **WHEN)
        assert "scopes" in error.value.fields

    def test_nobody_can_consent_to_tell_an_employer_of_health(self, session, scene):
        with pytest.raises(Invalid):
            given(session, scene, (Party.EMPLOYER, Category.HEALTH))

    def test_a_no_is_kept_opens_nothing_and_blocks_nothing(self, session, scene):
        actor, person = scene
        answer = Answer(ConsentAnswer.REFUSED, frozenset({HEALTH}))
        consent = answer_consent(session, actor, person.id, answer, **WHEN)
        assert consent.scopes == []
        assert standing_consent(session, person.id, *HEALTH, today=TODAY) is None
        assert session.scalar(select(func.count(Signature.id))) == 0

    def test_a_text_that_was_changed_meanwhile_is_read_again(self, session, scene):
        with pytest.raises(RuleViolation, match="ny version"):
            given(session, scene, text_version="0")

    def test_an_identity_number_is_kept_out_of_the_reservation(self, session, scene):
        with pytest.raises(Invalid):
            given(session, scene, reservation="Inte om 19811228-9874")

    def test_only_her_own_worker_records_it(self, session, scene, make):
        stranger = make.actor(Role.CASE_WORKER)
        with pytest.raises(Refused):
            answer_consent(session, stranger, scene[1].id, yes(HEALTH), **WHEN)

    def test_every_translation_says_whether_anybody_has_read_it(self):
        for languages in consent_texts().values():
            assert not languages["sv"].is_draft
            assert all(
                len(each.paragraphs) == len(languages["sv"].paragraphs)
                for each in languages.values()
            )


class TestWhatStands:
    def test_it_opens_that_party_and_that_kind_and_nothing_else(self, session, scene):
        given(session, scene)
        person = scene[1]
        assert standing_consent(session, person.id, *HEALTH, today=TODAY)
        assert not standing_consent(
            session, person.id, Party.HEALTH_CARE, Category.ECONOMY, today=TODAY
        )

    def test_the_last_day_counts_and_the_day_after_does_not(self, session, scene):
        given(session, scene)
        assert standing_consent(session, scene[1].id, *HEALTH, today=LAST)
        after = LAST + timedelta(days=1)
        assert not standing_consent(session, scene[1].id, *HEALTH, today=after)

    def test_of_two_the_one_that_lasts_longest_is_shown(self, session, scene):
        given(session, scene, HEALTH, valid_until=TODAY)
        longer = given(session, scene, HEALTH)
        held = list_consents(session, scene[0], scene[1].id, today=TODAY)
        assert held.open[Party.HEALTH_CARE][Category.WORK_ABILITY] is longer


class TestTakingBack:
    def test_it_closes_at_once_for_the_party_and_leaves_the_rest(self, session, scene):
        actor, person = scene
        consent = given(session, scene)
        revoke_consent(
            session,
            actor,
            person.id,
            consent.id,
            how=RevokedHow.BY_PHONE,
            parties=[Party.HEALTH_CARE],
            **WHEN,
        )
        with pytest.raises(RuleViolation, match="inget samtycke"):
            disclose(session, actor, person.id, told(), **WHEN)
        assert standing_consent(session, person.id, *AF, today=TODAY)
        assert consent.revoked_at is None

    def test_all_of_it_is_one_act_and_again_changes_nothing(self, session, scene):
        actor, person = scene
        consent = given(session, scene)
        for minutes in (0, 5):
            revoke_consent(
                session,
                actor,
                person.id,
                consent.id,
                how=RevokedHow.IN_PERSON,
                today=TODAY,
                now=NOW + timedelta(minutes=minutes),
            )
        assert consent.revoked_at == NOW

    def test_what_was_told_before_stays_in_the_log(self, session, scene):
        actor, person = scene
        consent = given(session, scene)
        disclose(session, actor, person.id, told(), **WHEN)
        revoke_consent(session, actor, person.id, consent.id, how=RevokedHow.IN_PERSON, **WHEN)
        (row,) = list_disclosures(session, actor, person.id, today=TODAY)
        assert row.consent_id == consent.id

    def test_somebody_elses_consent_is_not_found(self, session, scene, make):
        consent = given(session, scene)
        other = make.participant(make.user())
        worker = make.actor(user=make.user())
        make.involve(other, session.get(User, worker.user_id))
        with pytest.raises(NotFound):
            revoke_consent(session, worker, other.id, consent.id, how=RevokedHow.IN_PERSON, **WHEN)


class TestTelling:
    def test_it_names_the_consent_it_stood_on(self, session, scene):
        consent = given(session, scene)
        row = disclose(session, scene[0], scene[1].id, told(), **WHEN)
        assert row.consent_id == consent.id
        session.commit()
        assert session.scalar(select(AuditEvent).where(AuditEvent.action == "disclose"))

    def test_a_consent_that_ended_between_page_and_click_opens_nothing(self, session, scene):
        given(session, scene)
        with pytest.raises(RuleViolation):
            disclose(
                session, scene[0], scene[1].id, told(), today=LAST + timedelta(days=1), now=NOW
            )

    def test_the_same_form_twice_is_one(self, session, scene):
        given(session, scene)
        what = told()
        first = disclose(session, scene[0], scene[1].id, what, **WHEN)
        assert disclose(session, scene[0], scene[1].id, what, **WHEN) is first
        assert session.scalar(select(func.count(Disclosure.id))) == 1

    def test_the_form_of_another_persons_page_is_refused_and_not_a_fault(
        self, session, scene, make
    ):
        actor, person = scene
        other = make.participant()
        make.involve(other, session.get(User, actor.user_id))
        what = told(rule=DisclosureRule.DUTY)
        disclose(session, actor, person.id, what, **WHEN)
        with pytest.raises(Conflict):
            disclose(session, actor, other.id, what, **WHEN)

    def test_a_duty_needs_no_consent_and_says_so(self, session, scene):
        row = disclose(session, scene[0], scene[1].id, told(rule=DisclosureRule.DUTY), **WHEN)
        assert row.consent_id is None

    def test_an_employer_is_told_by_consent_only(self, session, scene):
        what = told((Party.EMPLOYER, Category.CONTACT), rule=DisclosureRule.OWN_TASK)
        with pytest.raises(Invalid):
            disclose(session, scene[0], scene[1].id, what, **WHEN)

    def test_the_limited_group_is_health_care_and_social_services(self, session, scene):
        with pytest.raises(Invalid):
            disclose(
                session, scene[0], scene[1].id, told(AF, rule=DisclosureRule.LIMITED_GROUP), **WHEN
            )


class TestWarnings:
    @pytest.mark.parametrize(("days", "told_on"), [(30, True), (7, True), (29, False), (0, False)])
    def test_her_worker_is_told_30_and_7_days_ahead(self, session, scene, days, told_on):
        given(session, scene)
        day = LAST - timedelta(days=days)
        warn_of_last_days(session, today=day)
        warn_of_last_days(session, today=day)
        tasks = session.scalars(select(Task).where(Task.kind == "consent_ends")).all()
        assert [task.due_on for task in tasks] == ([LAST] if told_on else [])
        assert all("Samira" not in str(task.words) for task in tasks)

    @pytest.mark.parametrize(("days", "told_on"), [(60, True), (3, True), (30, False), (7, False)])
    def test_the_unit_says_how_long_ahead(self, session, make, scene, days, told_on):
        given(session, scene)
        make.setting("consent_first_warning", "60")
        make.setting("consent_last_warning", "3")
        warn_of_last_days(session, today=LAST - timedelta(days=days))
        told = session.scalars(select(Task).where(Task.kind == "consent_ends")).all()
        assert bool(told) == told_on

    def test_another_units_choice_changes_nothing_here(self, session, make, scene):
        given(session, scene)
        make.setting("consent_first_warning", "60", make.unit(name="Vuxenutbildningen"))
        warn_of_last_days(session, today=LAST - timedelta(days=30))
        assert session.scalar(select(func.count(Task.id)).where(Task.kind == "consent_ends")) == 1


class TestSignatures:
    def test_words_that_were_changed_cannot_be_signed(self, session, scene):
        actor, person = scene
        with pytest.raises(RuleViolation, match="ändrats"):
            sign(
                session,
                actor,
                unit_id=person.unit_id,
                about_type="plan",
                about_id=person.id,
                content_hash=hash_of(["nytt"]),
                shown_hash=hash_of(["gammalt"]),
                capacity="participant",
                identified_how=IdentifiedHow.KNOWN,
                signer_id=person.id,
                now=NOW,
            )

    def test_a_signature_without_a_signer_is_refused(self, session, scene):
        actor, person = scene
        with pytest.raises(Invalid):
            sign(
                session,
                actor,
                unit_id=person.unit_id,
                about_type="plan",
                about_id=person.id,
                content_hash="a",
                shown_hash="a",
                capacity="af_officer",
                identified_how=IdentifiedHow.KNOWN,
                signer_name="  ",
                now=NOW,
            )

    def test_where_parts_end_makes_a_difference(self):
        assert hash_of(["ab", "c"]) != hash_of(["a", "bc"])


class TestPages:
    SOON = local_date(db.utcnow()) + timedelta(days=100)

    def test_asking_answering_telling_and_taking_back(self, scene, client_as, session):
        client = client_as(_user(session, scene))
        path = f"/participants/{scene[1].alias}"
        page = client.get(f"{path}/consents/new").get_data(as_text=True)
        assert "Uppgifter om dig är hemliga" in page
        answer = client.post(
            f"{path}/consents",
            data={
                "answer": "given",
                "scopes": ["health_care.work_ability"],
                "valid_until": self.SOON.isoformat(),
                "language": "ar",
                "interpreter_language": "ar",
            },
            follow_redirects=True,
        )
        assert "Hälso- och sjukvården" in answer.get_data(as_text=True)
        consent = session.scalars(select(Consent)).one()
        assert consent.text_language == "ar"
        form = {
            "party": "health_care",
            "category": "work_ability",
            "recipient": "Ekan",
            "purpose": "Planering",
            "rule": "consent",
            "request_id": str(uuid4()),
        }
        told_page = client.post(f"{path}/disclosures", data=form, follow_redirects=True)
        assert "Ekan" in told_page.get_data(as_text=True)
        client.post(f"{path}/consents/{consent.id}/revoke", data={"parties": "health_care"})
        refused = client.post(f"{path}/disclosures", data=form | {"request_id": str(uuid4())})
        assert refused.status_code == 409
        assert "Planering" in refused.get_data(as_text=True)  # what was typed is kept

    def test_a_wrong_form_keeps_what_was_ticked(self, scene, client_as, session):
        client = client_as(_user(session, scene))
        page = client.post(
            f"/participants/{scene[1].alias}/consents",
            data={"answer": "given", "scopes": ["education.planning"], "valid_until": ""},
        )
        assert page.status_code == 422
        assert "Skriv den sista dagen" in page.get_data(as_text=True)
        assert 'value="education.planning" checked' in page.get_data(as_text=True)

    @pytest.mark.parametrize("role", [Role.EMPLOYER_LIAISON, Role.SUPERVISOR])
    def test_nobody_else_opens_them(self, scene, client_as, role):
        page = client_as(role).get(f"/participants/{scene[1].alias}/consents")
        assert page.status_code == 403

    def test_a_colleague_is_refused(self, scene, client_as):
        page = client_as(Role.CASE_WORKER).get(f"/participants/{scene[1].alias}/consents")
        assert page.status_code == 403


def _user(session, scene):
    return session.get(User, scene[0].user_id)
