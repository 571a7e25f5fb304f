"""An employer is called on unasked at most twice a month, and after preparation (EMP-04)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from matchsvc.accounts.models import Role
from matchsvc.employers import rules
from matchsvc.employers.contact_cap import cap_on
from matchsvc.employers.models import Channel, Interaction, Purpose
from matchsvc.employers.preparation import prepare_call
from matchsvc.employers.rules import InteractionContent
from matchsvc.errors import Invalid, NotFound, Refused
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from tests.factories import TODAY

CALL = InteractionContent(
    happened_on=TODAY, channel=Channel.PHONE, purpose=Purpose.BUILD, result="De hör av sig."
)


@pytest.fixture
def liaison(make):
    return make.actor(Role.EMPLOYER_LIAISON)


@pytest.fixture
def employer(make):
    return make.employer()


@pytest.fixture
def log(session, liaison, employer):
    def call(days_ago=0, **values):
        content = replace(CALL, happened_on=TODAY - timedelta(days=days_ago), **values)
        return rules.log_interaction(session, liaison, employer.id, content, today=TODAY)

    return call


class TestTheCap:
    def test_the_third_unasked_contact_in_thirty_days_needs_a_reason(self, session, log):
        log(29)
        log(1)
        with pytest.raises(Invalid) as refusal:
            log()
        assert set(refusal.value.fields) == {"cap_reason"}
        assert log(cap_reason="De bad om ett besök på mässan").cap_reason

    def test_the_thirtieth_day_before_is_out_of_the_window(self, log):
        log(30)
        log(1)
        assert log().cap_reason is None

    @pytest.mark.parametrize(
        "values",
        [
            {"purpose": Purpose.PROBLEM},
            {"purpose": Purpose.FOLLOW_UP},
            {"purpose": Purpose.THANKS},
            {"is_theirs": True},
        ],
    )
    def test_what_was_asked_for_or_promised_is_neither_counted_nor_stopped(self, log, values):
        for days in range(4):
            log(days, **values)
        log()
        log()

    def test_a_reason_is_not_kept_when_none_was_needed(self, log):
        assert log(cap_reason="För säkerhets skull").cap_reason is None

    def test_a_contact_of_long_ago_is_judged_by_its_own_thirty_days(self, log):
        log(2)
        log(1)
        assert log(60).cap_reason is None

    def test_the_unit_sets_its_own_cap(self, session, make, employer, log):
        make.setting("employer_contact_cap", "1")
        log(3)
        with pytest.raises(Invalid):
            log()
        assert cap_on(session, employer.id, employer.unit_id, TODAY).limit == 1

    def test_an_identity_number_is_no_reason(self, log):
        log(2)
        log(1)
        with pytest.raises(Invalid):
            log(cap_reason="Gäller 19811228-9874")


class TestTheCardBeforeACall:
    def test_it_shows_the_five_latest_contacts_of_all_colleagues(
        self, session, make, liaison, employer
    ):
        for days in range(7):
            make.save(
                Interaction(
                    employer_id=employer.id,
                    by_id=make.user(Role.EMPLOYER_LIAISON).id,
                    happened_on=TODAY - timedelta(days=days),
                    channel=Channel.PHONE,
                    purpose=Purpose.THANKS,
                    result=f"Samtal {days}",
                )
            )
        found = prepare_call(session, liaison, employer.id, today=TODAY)
        assert [each.interaction.result for each in found.recent] == [
            f"Samtal {days}" for days in range(5)
        ]

    def test_numbers_of_few_are_not_told(self, session, facts, liaison, employer):
        facts(employer, OutcomeKind.PLACEMENT_STARTED, 6)
        facts(employer, OutcomeKind.EMPLOYMENT_STARTED, 4)
        found = prepare_call(session, liaison, employer.id, today=TODAY).facts
        assert (found.placed, found.hired) == (6, None)
        assert (found.all_placed, found.all_hired) == (6, None)

    def test_another_units_employer_does_not_exist(self, session, make, employer):
        other = make.actor(Role.EMPLOYER_LIAISON, unit_id=make.unit(name="Annan").id)
        with pytest.raises(NotFound):
            prepare_call(session, other, employer.id, today=TODAY)

    def test_who_logs_no_contacts_needs_no_card(self, session, make, employer):
        with pytest.raises(Refused):
            prepare_call(session, make.actor(Role.SUPERVISOR), employer.id, today=TODAY)

    @time_machine.travel("2026-11-23 09:00:00+01:00", tick=True)
    def test_the_page_warns_when_the_cap_is_reached_and_the_form_asks_why(
        self, client_as, session, make, log, employer
    ):
        log(2)
        log(1)
        session.commit()
        client = client_as(Role.EMPLOYER_LIAISON)
        make.contact(employer, name="Mona Berg", phone="+46701740605")
        session.commit()
        page = client.get(f"/employers/{employer.id}/prepare").text
        assert "Vänta om du kan" in page
        assert "070-174 06 05" in page
        assert "Det här vill arbetsgivare ha" in page
        form = {
            "happened_on": str(TODAY),
            "channel": "phone",
            "purpose": "build",
            "result": "De vill ses igen.",
        }
        refused = client.post(f"/employers/{employer.id}/log", data=form)
        assert refused.status_code == 422
        assert "Varför en gång till?" in refused.text
        assert "De vill ses igen." in refused.text
        form |= {"cap_reason": "De bad om det"}
        assert client.post(f"/employers/{employer.id}/log", data=form).status_code == 303


@pytest.fixture
def facts(make):
    """``facts(employer, kind, n)``: n people to whom it happened there yesterday."""

    def happen(employer, kind, count):
        for _ in range(count):
            make.save(
                OutcomeEvent(
                    kind=kind,
                    occurred_on=TODAY - timedelta(days=1),
                    source_id=uuid4(),
                    person_key=uuid4(),
                    case_key=uuid4(),
                    sex="woman",
                    birth_region="outside_europe",
                    age_band="25-34",
                    unit_id=employer.unit_id,
                    employer_id=employer.id,
                )
            )

    return happen
