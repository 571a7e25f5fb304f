"""Ending a placement, the survey it sends, and jobs that come of it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from matchsvc.accounts.actors import link_actor
from matchsvc.accounts.models import Role
from matchsvc.errors import Refused, RuleViolation
from matchsvc.messages.links import LinkState, find_link, link_state
from matchsvc.messages.models import OutboxMessage, SignedLink
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.participants.models import CaseStep, Involvement
from matchsvc.placements.employments import (
    Job,
    end_employment,
    register_employment,
    start_due_employments,
)
from matchsvc.placements.ending import call_off_placement, end_placement
from matchsvc.placements.models import EmploymentKind, Outcome, Part, PartState, Survey
from matchsvc.placements.package import key_contacts, record_part
from matchsvc.placements.questionnaire import QUESTIONS
from matchsvc.placements.surveys import (
    complete_survey,
    get_open_survey,
    next_unanswered,
    save_answer,
)
from matchsvc.workday.models import Task
from tests.factories import TODAY, identity_number
from tests.placements.factories import NOW, URL, started, world

END = TODAY + timedelta(days=40)


def end(session, there, *, actor=None, **values):
    defaults = {
        "end_date": END,
        "outcome": Outcome.COMPLETED,
        "base_url": URL,
        "today": END,
        "now": NOW + timedelta(days=40),
    }
    return end_placement(session, actor or there.actor, there.placement.id, **defaults | values)


def tasks(session, kind):
    return list(session.scalars(select(Task).where(Task.kind == kind)))


def token_in(body):
    return body.partition(f"{URL}/l/")[2].split()[0]


def opened(session):
    (message,) = session.scalars(select(OutboxMessage))
    link = find_link(session, token_in(message.body))
    return link, get_open_survey(session, link).survey


def test_an_end_cancels_what_was_due_later_and_closes_the_lane(session, make):
    there = started(session, make)
    end(session, there)

    cancelled = [one.due_on for one in there.placement.follow_ups if one.cancelled_on]
    assert cancelled == [date(2027, 1, 22), date(2027, 2, 23), date(2027, 2, 26)]
    assert session.scalar(select(CaseStep.end_date)) == END
    until = session.scalar(
        select(Involvement.until).where(Involvement.user_id == there.supervisor.id)
    )
    assert until == END + timedelta(days=14)


def test_an_end_is_written_as_an_outcome(session, make):
    there = started(session, make)
    end(session, there)
    event = session.scalar(
        select(OutcomeEvent).where(OutcomeEvent.kind == OutcomeKind.PLACEMENT_ENDED)
    )
    assert (event.occurred_on, event.source_id) == (END, there.placement.id)
    assert event.detail == "completed"


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), END + timedelta(days=1)])
def test_an_end_lies_between_the_start_and_today(session, make, day):
    there = started(session, make)
    with pytest.raises(RuleViolation) as refusal:
        end(session, there, end_date=day)
    assert "end_date" in refusal.value.fields


def test_a_placement_ends_once(session, make):
    there = started(session, make)
    end(session, there)
    with pytest.raises(RuleViolation) as refusal:
        end(session, there)
    assert refusal.value.code == "already_ended"
    assert len(session.scalars(select(Survey)).all()) == 1


def test_a_placement_that_has_not_begun_is_called_off_with_a_reason(session, make):
    there = started(session, make, start_date=TODAY + timedelta(days=7))
    with pytest.raises(RuleViolation) as refusal:
        end(session, there, today=TODAY, end_date=TODAY)
    assert refusal.value.code == "not_begun"
    with pytest.raises(RuleViolation):
        call_off_placement(session, there.actor, there.placement.id, reason=" ", today=TODAY)

    call_off_placement(session, there.actor, there.placement.id, reason="Flyttat.", today=TODAY)
    assert all(one.cancelled_on == TODAY for one in there.placement.follow_ups)


def test_only_who_decides_may_end(session, make):
    there = started(session, make)
    for user in (there.liaison, there.supervisor):
        with pytest.raises(Refused):
            end(session, there, actor=make.actor(user=user))


@pytest.mark.parametrize(
    ("outcome", "called"),
    [
        (Outcome.ENDED_BY_EMPLOYER, 1),
        (Outcome.ENDED_BY_PARTICIPANT, 1),
        (Outcome.COMPLETED, 0),
        (Outcome.BECAME_JOB, 0),
    ],
)
def test_a_failed_placement_gives_the_employer_a_call_within_seven_days(
    session, make, outcome, called
):
    there = started(session, make)
    end(session, there, outcome=outcome)

    made = tasks(session, "call_after_failure")
    assert len(made) == called
    for task in made:
        assert END < task.due_on <= END + timedelta(days=7)
        assert task.owner_id == there.liaison.id
        assert task.words["alias"] == there.participant.alias
        assert there.participant.family_name not in str(task.words)


def test_the_employer_gets_the_survey_by_mail_naming_nobody(session, make):
    there = started(session, make)
    ended = end(session, there)

    (message,) = session.scalars(select(OutboxMessage))
    assert ended.survey.sent_on == END
    assert message.recipient == "petra@example.org"
    assert message.cause_id == ended.survey.id
    for secret in (
        there.participant.given_name,
        there.participant.family_name,
        there.participant.alias,
    ):
        assert secret not in message.body + message.subject
    link = find_link(session, token_in(message.body))
    assert link.subject_id == ended.survey.id
    assert (link.expires_at - (NOW + timedelta(days=40))).days == 21


def test_the_placements_own_contact_comes_first(session, make):
    there = world(make)
    other = make.contact(there.employer, email="anna@example.org", sort_key="aaa")
    started(session, make, there=there, contact_id=there.contact.id)
    end(session, there)
    assert session.scalar(select(Survey.contact_id)) == there.contact.id != other.id


def test_without_an_address_somebody_asks_by_hand(session, make):
    there = world(make)
    there.contact.email = None
    started(session, make, there=there)
    ended = end(session, there)

    assert (ended.survey, ended.asks_by_hand) == (None, True)
    assert session.scalars(select(OutboxMessage)).all() == []
    (task,) = tasks(session, "ask_employer_by_hand")
    assert task.owner_id == there.liaison.id


def test_about_a_protected_participant_no_mail_is_sent_and_only_her_handler_gets_tasks(
    session, make
):
    there = world(make, protected=True)
    started(session, make, there=there, supervisor_id=None, risk_decision="Prövat.")
    end(session, there, outcome=Outcome.ENDED_BY_EMPLOYER)

    for table in (OutboxMessage, SignedLink, Survey):
        assert session.scalars(select(table)).all() == []
    owners = {task.owner_id for task in session.scalars(select(Task))}
    assert owners == {there.worker.id}


def test_imported_history_asks_nobody(session, make):
    there = started(session, make)
    there.placement.is_history = True
    assert end(session, there).survey is None
    assert session.scalars(select(OutboxMessage)).all() == []
    assert tasks(session, "ask_employer_by_hand") == []


def test_answers_are_kept_one_at_a_time_and_can_be_changed_or_taken_back(session, make):
    end(session, started(session, make))
    link, survey = opened(session)

    save_answer(session, survey, "E4", values=("4",), today=END)
    save_answer(session, survey, "E4", values=("5",), today=END)
    save_answer(session, survey, "E11", values=("adaptations", "other"), today=END)
    assert get_open_survey(session, link).answers["E4"].values == ["5"]
    assert next_unanswered(get_open_survey(session, link)) == "E1"
    save_answer(session, survey, "E11", today=END)
    assert get_open_survey(session, link).answers.keys() == {"E4"}


@pytest.mark.parametrize(
    ("question", "values", "text"),
    [
        ("E4", ("6",), None),
        ("E4", ("4", "5"), None),
        ("E4", ("4",), "fritext"),
        ("E11", ("adaptations", "other", "information", "clearer_goals"), None),
        ("E12", (), "x" * 501),
        ("E12", (), f"Ring om {identity_number()}"),
    ],
)
def test_an_answer_that_was_not_offered_is_refused(session, make, question, values, text):
    end(session, started(session, make))
    _, survey = opened(session)
    with pytest.raises(RuleViolation):
        save_answer(session, survey, question, values=values, text=text, today=END)


def test_a_survey_is_handed_in_once_and_completes_the_package(session, make):
    there = started(session, make)
    end(session, there)
    link, survey = opened(session)
    save_answer(session, survey, "E12", values=("contact_me",), text="Tack!", today=END)
    later = NOW + timedelta(days=42)
    complete_survey(session, link_actor(link.id, link.unit_id), link, survey, now=later)

    assert link_state(link, later) is LinkState.ANSWERED
    part = next(p for p in there.placement.package if p.part is Part.END_SURVEY)
    assert part.state is PartState.DONE
    (task,) = tasks(session, "survey_contact_me")
    assert task.owner_id == there.liaison.id
    with pytest.raises(RuleViolation):
        complete_survey(session, link_actor(link.id, link.unit_id), link, survey, now=later)
    with pytest.raises(RuleViolation):
        save_answer(session, survey, "E1", values=("other",), today=END)


def test_the_questionnaire_has_twelve_stable_questions_in_two_languages():
    assert [question.id for question in QUESTIONS] == [f"E{n}" for n in range(1, 13)]
    for question in QUESTIONS:
        assert question.words["sv"]
        assert question.words["en"]
        assert all(option.words["en"] for option in question.options)
    assert QUESTIONS[3].words["sv"] == "Före start fick vi den information vi behövde."


def test_a_part_of_the_package_is_done_with_a_day_and_evidence(session, make):
    there = started(session, make)
    liaison = make.actor(user=there.liaison)

    def say(**values):
        defaults = {
            "state": PartState.DONE,
            "happened_on": TODAY,
            "evidence": "Gick igenom arbetsuppgifter och handledning.",
            "today": TODAY,
        }
        return record_part(
            session, liaison, there.placement.id, Part.PRE_MEETING, **defaults | values
        )

    assert say().by_id == there.liaison.id
    for values, field in (
        ({"happened_on": None}, "happened_on"),
        ({"happened_on": TODAY + timedelta(days=1)}, "happened_on"),
        ({"evidence": " "}, "evidence"),
        ({"state": PartState.DECLINED, "evidence": ""}, "evidence"),
    ):
        with pytest.raises(RuleViolation) as refusal:
            say(**values)
        assert field in refusal.value.fields
    assert say(state=PartState.DECLINED, evidence="De känner oss.").state is PartState.DECLINED
    with pytest.raises(Refused):
        record_part(
            session,
            make.actor(Role.UNIT_MANAGER),
            there.placement.id,
            Part.PRE_MEETING,
            state=PartState.PLANNED,
            happened_on=None,
            evidence=None,
            today=TODAY,
        )


def test_the_employer_may_call_the_liaison_first(session, make):
    there = started(session, make)
    contacts = key_contacts(session, there.placement)
    assert [one.role for one in contacts] == ["liaison", "case_worker", "supervisor"]
    assert contacts[0].phone == "+46701740615"


def job(there, **values):
    defaults = {
        "participant_id": there.participant.id,
        "site_id": there.site.id,
        "kind": EmploymentKind.EMPLOYMENT,
        "start_date": TODAY,
    }
    return Job(**defaults | values)


def resource(there, **values):
    defaults = {
        "kind": EmploymentKind.RESOURCE,
        "start_date": date(2026, 9, 1),
        "planned_end_date": date(2027, 8, 31),
        "subsidy": "Lönebidrag",
        "subsidy_ref": "AF 77",
    }
    return job(there, **defaults | values)


def kinds(session):
    return [event.kind for event in session.scalars(select(OutcomeEvent))]


def test_a_job_counts_as_a_hire(session, make):
    there = started(session, make)
    register_employment(
        session, there.actor, job(there, placement_id=there.placement.id), today=TODAY
    )
    assert OutcomeKind.EMPLOYMENT_STARTED in kinds(session)


def test_a_resource_employment_is_never_a_hire(session, make):
    there = world(make)
    register_employment(session, there.actor, resource(there), today=TODAY)
    assert kinds(session) == [OutcomeKind.MUNICIPAL_EMPLOYMENT_STARTED]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"planned_end_date": date(2027, 9, 1)}, "planned_end_date"),
        ({"planned_end_date": None}, "planned_end_date"),
        ({"subsidy": None}, "subsidy"),
        ({"subsidy_ref": " "}, "subsidy_ref"),
    ],
)
def test_a_resource_employment_keeps_its_limits(session, make, values, field):
    there = world(make)
    with pytest.raises(RuleViolation) as refusal:
        register_employment(session, there.actor, resource(there, **values), today=TODAY)
    assert field in refusal.value.fields


def test_a_later_job_is_written_by_the_daily_job_once(session, make):
    there = world(make)
    later = TODAY + timedelta(days=5)
    register_employment(session, there.actor, job(there, start_date=later), today=TODAY)
    assert kinds(session) == []

    assert start_due_employments(session, today=later) == 1
    assert start_due_employments(session, today=later) == 0
    assert kinds(session) == [OutcomeKind.EMPLOYMENT_STARTED]


def test_a_job_ends_and_its_lane_with_it(session, make):
    there = world(make)
    row = register_employment(session, there.actor, job(there), today=TODAY)
    end_employment(session, there.actor, row.id, end_date=END, outcome=Outcome.COMPLETED, today=END)
    assert session.scalar(select(CaseStep.end_date)) == END
    with pytest.raises(RuleViolation):
        end_employment(
            session, there.actor, row.id, end_date=END, outcome=Outcome.COMPLETED, today=END
        )


def test_the_unit_says_what_its_letter_says_and_how_long_the_link_works(session, make):
    make.setting("letter_greeting", "Bästa kollega!")
    make.setting("letter_signature", "Jobbteamet\nStorgatan 1")
    make.setting("survey_answer_days", "14")
    make.setting("smallest_count", "8")
    there = started(session, make)
    end(session, there)
    (message,) = session.scalars(select(OutboxMessage))
    assert message.body.startswith("Bästa kollega!\n")
    assert "Jobbteamet\nStorgatan 1\n\n--" in message.body
    assert "grupper om minst 8" in message.body
    link, _survey = opened(session)
    assert link.expires_at == NOW + timedelta(days=40 + 14)


def test_a_letter_is_signed_with_the_name_that_the_unit_shows(session, make):
    make.setting("display_name", "Jobbcentrum")
    there = started(session, make)
    end(session, there)
    (message,) = session.scalars(select(OutboxMessage))
    assert "Jobbcentrum" in message.body
    assert "Arbetsmarknadsenheten" not in message.body


def test_a_unit_may_let_supervisors_go_sooner_and_call_sooner(session, make):
    make.setting("supervisor_keeps_days", "3")
    make.setting("call_within_days", "1")
    there = started(session, make)
    end(session, there, outcome=Outcome.ENDED_BY_EMPLOYER)
    until = session.scalar(
        select(Involvement.until).where(Involvement.user_id == there.supervisor.id)
    )
    assert until == END + timedelta(days=3)
    assert END <= tasks(session, "call_after_failure")[0].due_on <= END + timedelta(days=1)
