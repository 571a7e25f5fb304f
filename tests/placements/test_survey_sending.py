"""Reminders, new links, "no more questions", and where a survey stands."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from matchsvc import jobs
from matchsvc.accounts.actors import link_actor
from matchsvc.accounts.models import Role
from matchsvc.errors import Conflict, Refused, RuleViolation
from matchsvc.messages.links import LinkState, find_link, link_state
from matchsvc.messages.models import MessageState, OutboxMessage, SignedLink
from matchsvc.placements.ending import end_placement
from matchsvc.placements.models import Outcome, Survey
from matchsvc.placements.survey_sending import (
    SurveyState,
    find_survey_contact,
    remind,
    send_again,
    state_of_survey,
)
from matchsvc.placements.surveys import complete_survey, get_open_survey, save_answer
from matchsvc.workday.models import Task
from tests.factories import TODAY
from tests.placements.factories import NOW, URL, started, world
from tests.placements.survey_factories import ended, letters, newest_letter, token_of


def arrive(session):
    """Let every letter that waits arrive."""
    for letter in letters(session):
        if letter.state is MessageState.QUEUED:
            letter.state = MessageState.SENT
    session.flush()


def run(session, day):
    """The daily job, so many days after the letter."""
    sent = remind(
        session, base_url=URL, today=TODAY + timedelta(days=day), now=NOW + timedelta(days=day)
    )
    bodies = [each.body for each in letters(session) if each.state is MessageState.QUEUED]
    arrive(session)
    return sent, bodies


def state(session, there, day=0):
    return state_of_survey(session, there.placement.id, now=NOW + timedelta(days=day)).state


def test_reminders_come_on_day_five_and_twelve_and_then_stop(session, make):
    there = ended(session, make)
    arrive(session)
    sent = {day: run(session, day)[0] for day in range(22)}
    assert [day for day, number in sent.items() if number] == [5, 12]
    subjects = [each.subject for each in letters(session)]
    assert len(subjects) == 3
    assert subjects[2] == "Sista påminnelsen: hur fungerade samarbetet?"
    assert (there.survey.first_reminder_on, there.survey.last_reminder_on) == (
        TODAY + timedelta(days=5), TODAY + timedelta(days=12),
    )  # fmt: skip


@pytest.mark.parametrize("outcome", [Outcome.ENDED_BY_EMPLOYER, Outcome.ENDED_BY_PARTICIPANT])
def test_a_placement_that_broke_off_is_asked_and_reminded_too(session, make, outcome):
    ended(session, make, outcome=outcome)
    arrive(session)
    assert run(session, 5)[0] == 1


def test_the_job_run_again_the_same_day_reminds_nobody_twice(session, make, config):
    ended(session, make)
    arrive(session)
    session.commit()
    with time_machine.travel(NOW + timedelta(days=5), tick=False):
        day = TODAY + timedelta(days=5)
        assert jobs.run_job("remind_surveys", config, day) == 1
        arrive(session)
        assert jobs.run_job("remind_surveys", config, day) == 0


def test_days_that_were_missed_are_caught_up_with_one_letter(session, make):
    ended(session, make)
    arrive(session)
    sent, bodies = run(session, 14)  # the scheduler was down from the fifth day
    assert sent == 1
    assert "sista gången vi påminner" in bodies[0]
    assert [run(session, day)[0] for day in range(15, 21)] == [0] * 6


def test_a_late_first_reminder_is_not_followed_at_once_by_the_last(session, make):
    ended(session, make)
    arrive(session)
    assert run(session, 10)[0] == 1
    assert [day for day in range(11, 21) if run(session, day)[0]] == [14]


def test_a_reminder_names_nobody_and_says_until_when_the_link_works(session, make):
    there = ended(session, make)
    arrive(session)
    _sent, (body,) = run(session, 5)
    for secret in (there.participant.given_name, there.participant.alias, there.site.name):
        assert secret not in body
    assert "2026-12-14" in body  # the day of the first letter and 21 days


def answer(session, there, letter, day):
    link = find_link(session, token_of(letter))
    survey = get_open_survey(session, link).survey
    save_answer(session, survey, "E1", values=("as_planned",), today=TODAY)
    complete_survey(
        session, link_actor(link.id, link.unit_id), link, survey, now=NOW + timedelta(days=day)
    )


def test_every_link_leads_to_the_same_answers_and_the_answer_uses_all_up(session, make):
    there = ended(session, make)
    first = token_of(newest_letter(session))
    arrive(session)
    run_now = NOW + timedelta(days=5)
    remind(session, base_url=URL, today=TODAY + timedelta(days=5), now=run_now)
    second = newest_letter(session)
    assert link_state(find_link(session, first), run_now) is LinkState.LIVE
    save_answer(
        session, get_open_survey(session, find_link(session, first)).survey, "E4",
        values=("4",), today=TODAY,
    )  # fmt: skip
    again = get_open_survey(session, find_link(session, token_of(second)))
    assert again.answers["E4"].values == ["4"]
    answer(session, there, letters(session)[0], 5)
    states = {
        link_state(each, run_now)
        for each in session.scalars(
            select(SignedLink).where(SignedLink.subject_id == there.survey.id)
        )
    }
    assert states == {LinkState.ANSWERED}
    assert second.state is MessageState.CANCELLED  # nobody is sent a link that is used up
    assert state(session, there, 5) is SurveyState.ANSWERED
    assert run(session, 12)[0] == 0


@pytest.mark.parametrize(
    "why", ["protected", "left", "no_address", "said_no", "revoked", "expired"]
)
def test_nobody_is_reminded_who_should_not_be(session, make, why):
    there = ended(session, make)
    arrive(session)
    link = session.get(SignedLink, there.survey.link_id)
    if why == "protected":
        there.participant.protected = True
    elif why == "left":
        there.contact.is_active = False
    elif why == "no_address":
        there.contact.email = None
    elif why == "said_no":
        there.contact.no_questions_since = TODAY
    elif why == "revoked":
        link.revoked_at = NOW
    else:
        link.expires_at = NOW + timedelta(days=5)
    session.flush()
    assert run(session, 5)[0] == 0
    assert run(session, 12)[0] == 0


def test_no_reminder_leaves_while_the_letter_still_waits(session, make):
    ended(session, make)
    later = TODAY + timedelta(days=6), NOW + timedelta(days=6)
    assert remind(session, base_url=URL, today=later[0], now=later[1]) == 0  # no mail server
    arrive(session)
    assert remind(session, base_url=URL, today=later[0], now=later[1]) == 1


def test_a_letter_that_nobody_got_is_undeliverable_and_not_reminded_of(session, make):
    there = ended(session, make)
    newest_letter(session).state = MessageState.FAILED
    session.flush()
    assert state(session, there) is SurveyState.UNDELIVERABLE
    assert run(session, 5)[0] == 0
    assert there.survey.undeliverable_on == TODAY + timedelta(days=5)


def test_a_new_link_from_staff_replaces_the_old_and_keeps_the_answers(session, make):
    there = ended(session, make)
    old = token_of(newest_letter(session))
    save_answer(
        session, get_open_survey(session, find_link(session, old)).survey, "E4",
        values=("4",), today=TODAY,
    )  # fmt: skip
    liaison = make.actor(user=there.liaison)
    day = NOW + timedelta(days=3)
    send_again(
        session, liaison, there.placement.id,
        base_url=URL, today=TODAY + timedelta(days=3), now=day,
    )  # fmt: skip
    assert link_state(find_link(session, old), day) is LinkState.REVOKED
    new = find_link(session, token_of(newest_letter(session)))
    assert get_open_survey(session, new).answers["E4"].values == ["4"]
    assert letters(session)[0].state is MessageState.CANCELLED
    assert (new.expires_at - day).days == 21


def test_somebody_else_gets_the_new_link_when_the_contact_has_left(session, make):
    there = ended(session, make)
    arrive(session)
    run(session, 5)
    there.contact.is_active = False
    other = make.contact(
        there.employer, email="anna@example.org", name="Anna Berg", sort_key="anna"
    )
    day = TODAY + timedelta(days=8)
    survey = send_again(
        session, there.actor, there.placement.id,
        base_url=URL, today=day, now=NOW + timedelta(days=8),
    )  # fmt: skip
    assert (survey.contact_id, survey.first_reminder_on) == (other.id, None)
    arrive(session)
    assert [each for each in range(9, 30) if run(session, each)[0]] == [13, 20]


def test_only_who_looks_after_employers_sends_a_new_link_and_not_after_the_answer(session, make):
    there = ended(session, make)
    again = {"base_url": URL, "today": TODAY, "now": NOW}
    with pytest.raises(Refused):
        send_again(session, make.actor(Role.UNIT_MANAGER), there.placement.id, **again)
    with pytest.raises(Conflict):
        send_again(session, there.actor, there.placement.id, **again, version=99)
    answer(session, there, newest_letter(session), 1)
    with pytest.raises(RuleViolation) as refusal:
        send_again(session, there.actor, there.placement.id, **again)
    assert refusal.value.code == "survey_done"


def test_a_survey_that_could_not_be_sent_is_sent_when_there_is_an_address(session, make):
    there = world(make)
    there.contact.email = None
    ended(session, make, there=there)
    again = {"base_url": URL, "today": TODAY, "now": NOW}
    with pytest.raises(RuleViolation) as refusal:
        send_again(session, there.actor, there.placement.id, **again)
    assert refusal.value.code == "nobody_to_ask"
    there.contact.email = "petra@example.org"
    session.flush()
    assert send_again(session, there.actor, there.placement.id, **again).sent_on == TODAY


def test_a_running_placement_has_no_survey_to_send(session, make):
    there = started(session, make)
    with pytest.raises(RuleViolation) as refusal:
        send_again(session, there.actor, there.placement.id, base_url=URL, today=TODAY, now=NOW)
    assert refusal.value.code == "not_ended"


@pytest.fixture
def visitor(app):
    app.config["WTF_CSRF_ENABLED"] = False
    with time_machine.travel(NOW, tick=False):
        yield app.test_client()
    app.config["WTF_CSRF_ENABLED"] = True


def test_one_tap_stops_all_questions_to_a_contact(session, make, visitor):
    there = ended(session, make)
    session.commit()
    page = visitor.post(f"{there.path}/no-more").get_data(as_text=True)
    assert "inga fler frågor" in page
    session.expire_all()
    assert there.contact.no_questions_since == TODAY
    assert state(session, there) is SurveyState.DECLINED
    assert visitor.post(f"{there.path}/start").status_code == 410
    assert visitor.post(f"{there.path}/no-more").status_code == 410  # pressed twice
    assert newest_letter(session).state is MessageState.CANCELLED
    assert run(session, 5)[0] == 0
    with pytest.raises(RuleViolation) as refusal:
        send_again(session, there.actor, there.placement.id, base_url=URL, today=TODAY, now=NOW)
    assert refusal.value.code == "wants_no_questions"


def test_who_said_no_is_not_asked_after_the_next_placement_nor_by_hand(session, make):
    there = world(make)
    there.contact.no_questions_since = TODAY
    ended(session, make, there=there)
    assert there.survey is None
    assert session.scalars(select(OutboxMessage)).all() == []
    kinds = set(session.scalars(select(Task.kind)))
    assert "ask_employer_by_hand" not in kinds


def test_a_scanner_that_opens_the_link_starts_nothing(session, make, visitor):
    there = ended(session, make)
    session.commit()
    for _ in range(3):
        visitor.get(there.path)
        visitor.get(f"{there.path}/no-more")
        visitor.get(f"{there.path}/start")
    session.expire_all()
    assert (there.survey.started_at, there.survey.declined_on) == (None, None)
    assert there.contact.no_questions_since is None
    visitor.post(f"{there.path}/start")
    session.expire_all()
    assert there.survey.started_at == NOW
    assert state(session, there) is SurveyState.STARTED


def test_two_tabs_answer_the_same_survey_and_one_hands_it_in(session, make, app, visitor):
    there = ended(session, make)
    session.commit()
    other = app.test_client()
    for tab in (visitor, other):
        tab.post(f"{there.path}/start")
    visitor.post("/l/answers/E1", data={"answer": "as_planned"})
    other.post("/l/answers/E2", data={"answer": "4"})
    assert visitor.post("/l/answers/E12", data={"go": "next"}).status_code == 303
    late = other.post("/l/answers/E3", data={"answer": "2"})
    assert late.status_code == 403
    session.expire_all()
    survey = session.scalar(select(Survey))
    assert survey.completed_at == NOW


def test_the_page_of_a_placement_shows_where_the_survey_stands(session, make, client_as):
    there = ended(session, make)
    arrive(session)
    with time_machine.travel(NOW, tick=False):
        client = client_as(there.liaison)
        page = client.get(f"/placements/{there.placement.id}").get_data(as_text=True)
        assert "Skickad, inte öppnad än" in page
        own = client.get(f"/placements/{there.placement.id}/survey").get_data(as_text=True)
        assert "Skicka en ny länk" in own
        version = there.survey.version
        sent = client.post(f"/placements/{there.placement.id}/survey", data={"version": version})
        assert sent.status_code == 303
        assert "Brevet är på väg" in client.get(sent.location).get_data(as_text=True)
        stale = client.post(f"/placements/{there.placement.id}/survey", data={"version": version})
        assert stale.status_code == 409
    session.expire_all()
    states = sorted(each.state for each in letters(session))
    assert states == [MessageState.QUEUED, MessageState.SENT]


def test_the_placements_own_contact_is_asked_also_when_others_have_an_address(session, make):
    there = started(session, make)
    from_rule = find_survey_contact(
        session, type("Seen", (), {"placement": there.placement, "site": there.site,
                                   "employer": there.employer})
    )  # fmt: skip
    assert from_rule.id == there.contact.id
    end_placement(
        session, there.actor, there.placement.id, end_date=TODAY, outcome=Outcome.COMPLETED,
        base_url=URL, today=TODAY, now=NOW,
    )  # fmt: skip
    assert session.scalar(select(Survey.contact_id)) == there.contact.id
