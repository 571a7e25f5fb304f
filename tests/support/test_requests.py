"""Questions and help by the link: a named person, a deadline, nobody named, an answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.follow_ups.opening import get_follow_up
from matchsvc.messages.models import OutboxMessage
from matchsvc.participants import protection
from matchsvc.placements.models import FollowUp
from matchsvc.placements.workplace_models import AttendanceSaid, Going
from matchsvc.support import links, qa, requests
from matchsvc.support.contacts import reachable
from matchsvc.support.models import QaEntry, RequestKind, SupportRequest
from matchsvc.support.qa import EntryInput
from matchsvc.support.wording import deadline_words
from matchsvc.swedish import STOCKHOLM
from matchsvc.workday.models import Task
from matchsvc.workday.substitute_models import Substitute
from tests.factories import TODAY, identity_number
from tests.placements.factories import NOW


def ask(session, opened, text="Får vi byta dagar?", **values):
    return requests.send(
        session,
        opened,
        values.pop("kind", RequestKind.QUESTION),
        text=text,
        submission_id=values.pop("submission_id", uuid4()),
        now=values.pop("now", NOW),
    )


def answer(session, actor, row, text="Ja, säg bara till.", **values):
    return requests.answer(session, actor, row.id, text=text, today=TODAY, now=NOW, **values)


def open_tasks(session):
    found = select(Task).where(Task.done_at.is_(None), Task.origin == "support_request")
    return session.scalars(found).all()


def away(make, there, stand_in, days=3):
    return make.save(
        Substitute(
            unit_id=there.liaison.unit_id,
            user_id=there.liaison.id,
            substitute_id=stand_in.id,
            first_day=TODAY,
            last_day=TODAY + timedelta(days=days),
            reason="Ledig",
        )
    )


def test_a_question_becomes_a_task_with_a_deadline_for_the_liaison(session, there, opened):
    row = ask(session, opened)
    (task,) = open_tasks(session)
    assert (task.owner_id, task.kind) == (there.liaison.id, "support_question")
    assert task.words == {"site": there.site.name}
    assert row.due_at.astimezone(STOCKHOLM).date() == date(2026, 11, 25)
    assert task.due_on == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("asked", "days", "expected"),
    [
        ("2026-11-23 09:00", 1, "2026-11-24 12:00"),
        ("2026-11-27 09:00", 1, "2026-11-30 12:00"),  # a Friday
        ("2026-11-23 09:00", 0, "2026-11-23 16:00"),
        ("2026-11-23 14:00", 0, "2026-11-24 12:00"),
        ("2026-11-28 09:00", 0, "2026-11-30 12:00"),  # a Saturday
        ("2026-12-23 15:00", 1, "2026-12-28 12:00"),  # Christmas
    ],
)
def test_help_comes_the_same_day_or_the_next_working_day(asked, days, expected):
    now = datetime.fromisoformat(asked).replace(tzinfo=STOCKHOLM)
    due = requests.due_at(RequestKind.CALL_ME, now.astimezone(UTC), days=days, hour=12)
    assert due.strftime("%Y-%m-%d %H:%M") == expected


def test_the_deadline_is_told_in_words(app):
    with app.test_request_context():
        due = requests.due_at(RequestKind.CALL_ME, NOW, days=1, hour=12)
        assert deadline_words(due, NOW) == "i morgon 12.00"


def test_the_unit_sets_the_deadline(session, make, opened):
    make.setting("support_help_days", "0")
    make.setting("support_question_days", "5")
    helped = ask(session, opened, None, kind=RequestKind.CALL_ME)
    asked = ask(session, opened)
    assert helped.due_at.astimezone(STOCKHOLM).date() == TODAY
    assert asked.due_at.astimezone(STOCKHOLM).date() == date(2026, 11, 30)


def test_when_the_liaison_is_away_the_stand_in_answers_and_is_shown(session, make, there, opened):
    stand_in = make.user(name="Karin Ek", phone="+46701740699")
    away(make, there, stand_in)
    row = ask(session, opened, None, kind=RequestKind.CALL_ME)
    assert row.owner_id == stand_in.id
    first = reachable(session, there.placement, today=TODAY)[0]
    assert (first.user.name, first.answers.name) == ("Maja Lindqvist", "Karin Ek")
    assert first.shown_phone == "070-174 06 99"
    later = reachable(session, there.placement, today=TODAY + timedelta(days=4))[0]
    assert later.answers.name == "Maja Lindqvist"


def test_when_the_liaison_has_left_the_case_worker_answers(session, there, opened):
    there.liaison.is_active = False
    session.flush()
    assert ask(session, opened).owner_id == there.worker.id


def test_identity_numbers_are_refused_and_names_are_taken_out_in_silence(session, opened):
    with pytest.raises(Invalid):
        ask(session, opened, f"Är {identity_number()} försäkrad?")
    row = ask(session, opened, "Kan samira och Samiras vän Haddad komma sent?")
    assert row.text == "Kan [namn] och [namn] vän [namn] komma sent?"


def test_a_question_is_kept_encrypted(session, opened, outer):
    row = ask(session, opened, "Ett ovanligt ord: kantarell")
    held = outer.exec_driver_sql("select text from support_request").scalar()
    assert row.text
    assert "kantarell" not in held


def test_an_empty_question_is_refused(session, opened):
    with pytest.raises(Invalid):
        ask(session, opened, "  ")


def test_one_form_sent_twice_is_kept_once(session, opened):
    key = uuid4()
    assert ask(session, opened, submission_id=key).id == ask(session, opened, submission_id=key).id
    assert len(session.scalars(select(SupportRequest)).all()) == 1


def test_nobody_sends_without_end(session, opened):
    for _ in range(requests.MOST_A_DAY):
        ask(session, opened)
    with pytest.raises(RuleViolation):
        ask(session, opened)


def test_the_answer_is_on_the_page_and_the_letter_says_nothing_of_it(session, there, opened):
    row = ask(session, opened)
    answer(session, there.maja, row)
    assert row.answered_by_id == there.liaison.id
    assert open_tasks(session) == []
    letter = session.scalar(select(OutboxMessage).where(OutboxMessage.kind == "support_answer"))
    assert letter.recipient == "petra@example.org"
    assert "säg bara till" not in letter.body


def test_a_task_stands_until_every_question_is_answered(session, there, opened):
    first, second = ask(session, opened), ask(session, opened, "Och en till?")
    answer(session, there.maja, first)
    assert len(open_tasks(session)) == 1
    answer(session, there.maja, second)
    assert open_tasks(session) == []


def test_two_who_answer_at_once_see_it(session, there, opened):
    row = ask(session, opened)
    version = row.version
    answer(session, there.maja, row, version=version)
    with pytest.raises(Conflict):
        answer(session, there.actor, row, "Nej.", version=version)


def test_an_answer_names_nobody(session, there, opened):
    row = ask(session, opened)
    with pytest.raises(Invalid):
        answer(session, there.maja, row, "Samira kan det.")
    with pytest.raises(Invalid):
        answer(session, there.maja, row, identity_number())
    with pytest.raises(Invalid):
        answer(session, there.maja, row, " ")


def test_only_who_sees_the_placement_answers(session, make, there, opened):
    row = ask(session, opened)
    with pytest.raises(Refused):
        answer(session, make.actor(Role.AUDITOR), row)
    with pytest.raises(NotFound):
        answer(session, make.actor(unit=make.unit(name="Grannkommunen")), row)
    protection.protect(session, there.actor, there.participant.id, today=TODAY)
    with pytest.raises(NotFound):
        answer(session, there.maja, row)
    with pytest.raises(RuleViolation):
        answer(session, there.actor, row)


def test_a_good_question_becomes_part_when_it_names_nobody(session, there, opened):
    row = ask(session, opened)
    answer(session, there.maja, row)
    entry = EntryInput("Får Samira byta dagar?", "Ja.")
    with pytest.raises(Invalid) as refused:
        qa.save_entry(session, there.maja, entry, request_id=row.id, today=TODAY)
    assert set(refused.value.fields) == {"question_sv"}
    made = qa.save_entry(
        session, there.maja, EntryInput("Får vi byta dagar?", "Ja."), request_id=row.id, today=TODAY
    )
    assert session.get(QaEntry, made.id).request_id == row.id


def test_the_starter_is_searched_in_both_languages(session, there):
    assert qa.add_starter(session, there.maja) >= 12
    assert qa.add_starter(session, there.maja) == 0
    unit = there.placement.unit_id
    assert len(qa.search(session, unit, "", "sv")) >= 12
    (insured,) = qa.search(session, unit, "försäkrad", "sv")
    assert insured.language == "sv"
    found = qa.search(session, unit, "INSURED", "en")
    assert found[0].language == "en"
    assert qa.search(session, unit, "helikopter", "sv") == []


def test_what_is_not_translated_is_shown_in_swedish_and_off_not_at_all(session, there):
    qa.save_entry(session, there.maja, EntryInput("Går det?", "Ja."), today=TODAY)
    qa.save_entry(session, there.maja, EntryInput("Dold?", "Ja.", is_on=False), today=TODAY)
    (shown,) = qa.search(session, there.placement.unit_id, "", "en")
    assert (shown.question, shown.language) == ("Går det?", "sv")


def say(session, opened, text="Arbetar snabbt.", **values):
    return requests.say_how_it_goes(
        session,
        opened,
        attendance=AttendanceSaid.LESS,
        going=Going.GOOD,
        text=text,
        submission_id=values.pop("submission_id", uuid4()),
        now=values.pop("now", NOW),
    )


def test_what_the_workplace_says_lands_beside_the_next_follow_up(session, make, there, opened):
    word = say(session, opened, "Samira arbetar snabbt.")
    assert word.text == "[namn] arbetar snabbt."
    follow_up = session.scalar(
        select(FollowUp).where(FollowUp.placement_id == there.placement.id, FollowUp.number == 1)
    )
    karin = make.actor(user=there.supervisor)
    (said,) = get_follow_up(session, karin, follow_up.id, today=TODAY).said
    assert (said.word.id, said.contact) == (word.id, "Petra Holm")


def test_a_word_belongs_to_one_follow_up_alone(session, there, opened):
    say(session, opened)
    first, second = session.scalars(
        select(FollowUp)
        .where(FollowUp.placement_id == there.placement.id)
        .order_by(FollowUp.number)
        .limit(2)
    )
    first.held_on = TODAY
    session.flush()
    said = [
        get_follow_up(session, there.actor, each.id, today=TODAY).said for each in (first, second)
    ]
    assert [len(each) for each in said] == [1, 0]


def test_a_word_sent_twice_is_kept_once_and_no_number_is(session, opened):
    key = uuid4()
    assert say(session, opened, submission_id=key).id == say(session, opened, submission_id=key).id
    with pytest.raises(Invalid):
        say(session, opened, identity_number())


def test_when_a_link_is_stopped_no_letter_about_an_answer_goes(session, there, opened):
    row = ask(session, opened)
    links.revoke(session, there.maja, there.placement.id, opened.row.id, today=TODAY, now=NOW)
    answer(session, there.maja, row)
    letter = session.scalar(select(OutboxMessage).where(OutboxMessage.kind == "support_answer"))
    assert letter is None
