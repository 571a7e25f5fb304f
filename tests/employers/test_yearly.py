"""The question of the year: once a year and contact, one tap, only counted."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from matchsvc import jobs
from matchsvc.accounts.models import Role
from matchsvc.employers.models import (
    Channel,
    EmployerStatus,
    Interaction,
    Purpose,
    YearlyQuestion,
)
from matchsvc.employers.yearly import ask_contact, ask_everybody, list_asked
from matchsvc.errors import NotFound, Refused, RuleViolation
from matchsvc.messages.models import OutboxMessage
from tests.factories import TODAY

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
URL = "https://stod.example.org"


@pytest.fixture
def employer(make):
    return make.employer()


@pytest.fixture
def contact(make, employer):
    return make.contact(employer)


@pytest.fixture
def liaison(make):
    return make.actor(Role.EMPLOYER_LIAISON)


def ask(session, actor, employer, contact, today=TODAY):
    return ask_contact(session, actor, employer.id, contact.id, base_url=URL, today=today, now=NOW)


def path(session):
    body = session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at)).all()[-1].body
    return body.partition(URL)[2].split()[0]


def test_it_is_asked_once_a_year(session, employer, contact, liaison):
    ask(session, liaison, employer, contact)
    with pytest.raises(RuleViolation) as refusal:
        ask(session, liaison, employer, contact)
    assert refusal.value.code == "asked_this_year"
    assert ask(session, liaison, employer, contact, date(2027, 1, 4)).year == 2027


def test_who_said_no_has_left_or_is_not_to_be_contacted_is_not_asked(
    session, make, employer, contact, liaison
):
    contact.no_questions_since = TODAY
    with pytest.raises(RuleViolation):
        ask(session, liaison, employer, contact)
    contact.no_questions_since, contact.is_active = None, False
    session.flush()
    with pytest.raises(NotFound):
        ask(session, liaison, employer, contact)
    contact.is_active = True
    employer.status, employer.status_reason = EmployerStatus.DO_NOT_CONTACT, "Vill inte."
    session.flush()
    with pytest.raises(RuleViolation):
        ask(session, liaison, employer, contact)
    with pytest.raises(Refused):
        ask(session, make.actor(Role.CASE_WORKER), employer, contact)


def test_the_job_asks_nobody_until_the_unit_chooses_a_month(session, make, employer, contact):
    spoken(session, make, employer, contact)
    assert ask_everybody(session, base_url=URL, today=TODAY, now=NOW) == 0
    make.setting("yearly_question_month", "11")
    assert ask_everybody(session, base_url=URL, today=TODAY, now=NOW) == 1
    later = TODAY + timedelta(days=1)
    assert ask_everybody(session, base_url=URL, today=later, now=NOW) == 0
    assert ask_everybody(session, base_url=URL, today=date(2026, 12, 1), now=NOW) == 0


def spoken(session, make, employer, contact, day=TODAY - timedelta(days=30)):
    session.add(
        Interaction(
            employer_id=employer.id, contact_id=contact.id,
            by_id=make.user(Role.EMPLOYER_LIAISON).id, happened_on=day,
            channel=Channel.PHONE, purpose=Purpose.BUILD, result="Pratade.",
        )
    )  # fmt: skip
    session.flush()


def test_the_job_asks_one_of_each_employer_whom_we_spoke_with_last(
    session, make, employer, contact
):
    other = make.contact(employer, name="Anna Berg", sort_key="anna", email="anna@example.org")
    spoken(session, make, employer, contact)
    spoken(session, make, employer, other, TODAY - timedelta(days=3))
    silent = make.employer(name="Tyst AB")
    spoken(session, make, silent, make.contact(silent), TODAY - timedelta(days=400))
    make.setting("yearly_question_month", "11")
    assert ask_everybody(session, base_url=URL, today=TODAY, now=NOW) == 1
    assert session.scalar(select(YearlyQuestion.contact_id)) == other.id


def test_the_job_is_among_the_daily_ones(session, config):
    assert jobs.run_job("yearly_question", config, TODAY) == 0


@pytest.fixture
def visitor(app):
    app.config["WTF_CSRF_ENABLED"] = False
    with time_machine.travel(NOW, tick=False):
        yield app.test_client()
    app.config["WTF_CSRF_ENABLED"] = True


def test_one_tap_answers_and_opening_changes_nothing(session, employer, contact, liaison, visitor):
    row = ask(session, liaison, employer, contact)
    session.commit()
    link = path(session)
    for _ in range(2):
        page = visitor.get(link).get_data(as_text=True)
        assert "långt från arbetsmarknaden" in page
        assert "Mycket mer positiv" in page
    session.refresh(row)
    assert row.answer is None
    assert visitor.post(f"{link}/year", data={"answer": "banana"}).status_code == 409
    done = visitor.post(f"{link}/year", data={"answer": "more_positive"})
    assert done.location == "/l/answers/thanks"
    session.refresh(row)
    assert (row.answer, row.answered_at) == ("more_positive", NOW)
    assert visitor.post(f"{link}/year", data={"answer": "same"}).status_code == 410
    assert "redan svarat" in visitor.get(link).get_data(as_text=True)


def test_its_link_opens_no_survey_and_a_no_is_kept(session, employer, contact, liaison, visitor):
    ask(session, liaison, employer, contact)
    session.commit()
    link = path(session)
    assert visitor.post(f"{link}/start").status_code == 404
    assert "inga fler frågor" in visitor.post(f"{link}/no-more").get_data(as_text=True)
    session.refresh(contact)
    assert contact.no_questions_since == TODAY
    assert visitor.get(link).status_code == 410


def test_staff_see_that_it_was_answered_and_never_what(
    session, employer, contact, liaison, client_as
):
    with time_machine.travel(NOW, tick=False):
        client = client_as(Role.EMPLOYER_LIAISON)
        address = f"/employers/{employer.id}"
        assert "Inte ställd i år" in client.get(address).get_data(as_text=True)
        asked = client.post(f"{address}/contacts/{contact.id}/yearly")
        assert asked.status_code == 303
        row = session.scalar(select(YearlyQuestion))
        row.answer, row.answered_at = "much_more_negative", NOW
        session.commit()
        page = client.get(address).get_data(as_text=True)
        assert "Besvarad" in page
        assert "egativ" not in page
        told = client.get(f"/api/v1/employers/{employer.id}/yearly-question").get_json()
        (one,) = told["contacts"]
        assert (one["is_answered"], one["may_be_asked"]) == (True, False)
        again = client.post(
            f"/api/v1/employers/{employer.id}/contacts/{contact.id}/yearly-question"
        )
        assert again.status_code == 409
    (listed,) = list_asked(session, employer, today=TODAY)
    assert listed.is_answered


def test_who_said_no_is_asked_again_only_when_somebody_has_heard_a_yes(
    session, employer, contact, liaison, client_as
):
    contact.no_questions_since = TODAY
    session.commit()
    page = client_as(Role.EMPLOYER_LIAISON)
    asked = f"/employers/{employer.id}/contacts/{contact.id}/questions"
    assert "Får frågas igen" in page.get(f"/employers/{employer.id}").get_data(as_text=True)
    assert page.post(asked).status_code == 303
    session.refresh(contact)
    assert contact.no_questions_since is None
