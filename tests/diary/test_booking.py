"""Booking, moving, calling off, how it went, and who may do it."""

from __future__ import annotations

from datetime import date, time

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.diary import booking, changing
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants.consent_models import Category
from matchsvc.participants.models import Capacity
from matchsvc.participants.telling import may_be_told
from matchsvc.swedish import local_date
from matchsvc.workday.meeting_models import Attendance, ChangeReason, InterpreterState, Room
from matchsvc.workday.meeting_plans import Guest, Interpreting
from matchsvc.workday.meeting_reads import (
    meetings_of,
    next_with,
    ownerless,
    tell_managers_of_ownerless,
)
from matchsvc.workday.meeting_types import Party
from matchsvc.workday.meetings import Went
from matchsvc.workday.models import Task
from tests.diary.conftest import AF, NOW, plan
from tests.factories import COMMAND, TODAY


def move(session, actor, meeting, **values):
    defaults = {"day": date(2026, 11, 25), "at": time(13), "reason": ChangeReason.PARTICIPANT}
    defaults |= {"today": TODAY, "now": NOW}
    return changing.move(session, actor, meeting.id, **defaults | values)


def test_what_is_taken_is_said_before_and_may_be_passed_knowingly(session, unit, book):
    room = Room(unit_id=unit.lena.unit_id, name="Blå", sort_key="bla")
    session.add(room)
    session.flush()
    book("lena", plan("mapping_talk", unit.samira, room_id=room.id))
    again = plan(
        "individual_talk", unit.samira, room_id=room.id, guests=[Guest(Party.STAFF, unit.lena.id)]
    )

    with pytest.raises(RuleViolation) as refused:
        book("johan", again)

    said = str(refused.value)
    assert refused.value.code == "clash"
    assert "Lena Forsberg" in said
    assert "Blå" in said
    assert unit.samira.alias in said
    assert "Haddad" not in said
    assert book("johan", again, pass_clashes=True).kind == "individual_talk"


def test_a_meeting_right_after_another_is_no_clash(unit, book):
    book("lena", plan("mapping_talk", unit.samira))
    assert book("lena", plan("mapping_talk", unit.samira, at=time(11)))


def test_nobody_outside_is_invited_without_consent(session, unit, book, agree):
    wanted = plan("three_party", unit.samira, guests=[AF])
    with pytest.raises(RuleViolation) as refused:
        book("lena", wanted)
    assert refused.value.code == "consent_missing"
    assert unit.samira.alias in str(refused.value)

    agree(unit.samira, Party.AF, valid_until=date(2026, 11, 23))
    with pytest.raises(RuleViolation) as ends_before:
        book("lena", wanted)
    assert ends_before.value.values["until"] == "2026-11-23"

    agree(unit.samira, Party.AF)
    assert book("lena", wanted)


def test_a_consent_opens_one_party_and_one_kind_until_it_is_taken_back(session, unit, agree):
    consent = agree(unit.samira, Party.AF)
    told = {"today": TODAY, "on": date(2026, 12, 1)}
    assert may_be_told(session, unit.samira, Party.AF, Category.PLANNING, **told)
    assert may_be_told(session, unit.samira, Party.STAFF, Category.HEALTH, **told)
    assert not may_be_told(session, unit.samira, Party.AF, Category.WORK_ABILITY, **told)
    assert not may_be_told(session, unit.samira, Party.EMPLOYER, Category.PLANNING, **told)
    consent.scopes[0].revoked_at = NOW
    session.flush()
    assert not may_be_told(session, unit.samira, Party.AF, Category.PLANNING, **told)


def test_the_referrer_comes_to_the_enrolment_at_which_consent_is_asked_for_and_to_no_other(
    unit, book
):
    referrer = Guest(Party.REFERRER, None, "Remittenten", "r@example.org")
    assert book("lena", plan("enrolment_multi_party", unit.samira, guests=[referrer]))
    with pytest.raises(RuleViolation) as refused:
        book("lena", plan("planning_meeting", unit.samira, guests=[referrer], at=time(14)))
    assert refused.value.code == "consent_missing"


def test_about_a_protected_person_nobody_outside_and_no_other_colleague_is_asked(unit, book, agree):
    agree(unit.hidden, Party.AF)
    with pytest.raises(RuleViolation) as outside:
        book("lena", plan("three_party", unit.hidden, guests=[AF]))
    assert outside.value.code == "consent_missing"
    with pytest.raises(RuleViolation) as colleague:
        book(
            "lena", plan("individual_talk", unit.hidden, guests=[Guest(Party.STAFF, unit.johan.id)])
        )
    assert colleague.value.code == "not_handler"
    with pytest.raises(Invalid):
        book("johan", plan("individual_talk", unit.hidden))


def test_moving_one_of_a_series_or_all_that_follow(session, unit, book):
    first, second, third = book(
        "lena", plan("job_search", day=date(2026, 11, 24)), times=3, invite=False
    )
    move(session, unit.actor["lena"], second, day=date(2026, 12, 2), at=time(9))
    days = [local_date(each.starts_at) for each in (first, second, third)]
    assert days == [date(2026, 11, 24), date(2026, 12, 2), date(2026, 12, 8)]

    move(session, unit.actor["lena"], second, day=date(2026, 12, 3), all_following=True)
    assert local_date(second.starts_at) == date(2026, 12, 3)
    assert local_date(third.starts_at) == date(2026, 12, 9)
    assert local_date(first.starts_at) == date(2026, 11, 24)


def test_a_moved_talk_may_not_become_too_long_and_needs_its_interpreter_anew(session, unit, book):
    wanted = Interpreting("ar", state=InterpreterState.BOOKED)
    meeting = book("lena", plan("mapping_talk", unit.samira, interpreters=(wanted,)))
    with pytest.raises(RuleViolation):
        move(session, unit.actor["lena"], meeting, minutes=75)
    move(session, unit.actor["lena"], meeting)
    assert meeting.interpreters[0].state is InterpreterState.TO_ASK


def test_two_who_change_the_same_meeting_see_the_conflict(session, unit, book):
    meeting = book("lena", plan("mapping_talk", unit.samira))
    shown = meeting.version
    move(session, unit.actor["lena"], meeting, version=shown)
    with pytest.raises(Conflict):
        move(session, unit.actor["mona"], meeting, at=time(15), version=shown)
    with pytest.raises(Conflict):
        changing.cancel(
            session, unit.actor["mona"], meeting.id, reason=ChangeReason.MISTAKE,
            version=shown, today=TODAY, now=NOW,
        )  # fmt: skip


def test_only_its_people_her_worker_and_the_manager_change_a_meeting(session, unit, book):
    meeting = book("lena", plan("mapping_talk", unit.samira))
    for other in ("johan", "liaison"):
        with pytest.raises(Refused):
            move(session, unit.actor[other], meeting)
    with pytest.raises(NotFound):  # a supervisor without her does not even know of it
        move(session, unit.actor["karin"], meeting)
    assert move(session, unit.actor["mona"], meeting)


def test_attendance_says_whether_and_never_why(session, unit, book):
    meeting = book("lena", plan("mapping_talk", unit.samira, day=date(2026, 11, 20)), invite=False)
    person = meeting.people[0]
    went = Went({person.id: Attendance.DID_NOT_COME}, minutes_spent=10, next_on=date(2026, 12, 1))
    changing.write_how_it_went(session, unit.actor["lena"], meeting.id, went, today=TODAY, now=NOW)
    assert person.attendance is Attendance.DID_NOT_COME
    assert meeting.minutes_spent == 10
    columns = {column.key for column in type(person).__table__.columns}
    assert not columns & {"reason", "comment", "note", "why"}


def test_how_it_went_is_not_written_before_it_has_begun(session, unit, book):
    meeting = book("lena", plan("mapping_talk", unit.samira))
    with pytest.raises(RuleViolation) as refused:
        changing.write_how_it_went(
            session, unit.actor["lena"], meeting.id, Went({}), today=TODAY, now=NOW
        )
    assert refused.value.code == "not_begun"


def test_a_manager_who_may_not_read_what_was_agreed_does_not_write_over_it(session, unit, book):
    meeting = book("lena", plan("mapping_talk", unit.samira, day=date(2026, 11, 20)), invite=False)
    told = {"today": TODAY, "now": NOW}
    lena, mona = unit.actor["lena"], unit.actor["mona"]
    changing.write_how_it_went(session, lena, meeting.id, Went({}, outcome="Söka kurs"), **told)
    changing.write_how_it_went(session, mona, meeting.id, Went({}, outcome="Nej"), **told)
    assert meeting.outcome == "Söka kurs"


def test_slots_are_given_once_to_those_who_may_be_told_of(session, unit, book, agree, make):
    meeting = book("lena", plan("af_block", guests=[AF]))
    actor = unit.actor["lena"]

    def give(number, person):
        return changing.give_slot(
            session, actor, meeting.id, number=number, participant=person.alias, today=TODAY
        )

    with pytest.raises(RuleViolation) as untold:
        give(1, unit.samira)
    assert untold.value.code == "consent_missing"
    agree(unit.samira, Party.AF)
    other = make.participant(unit.johan)
    agree(other, Party.AF)
    give(1, unit.samira)
    for number, person, code in ((1, other, "slot_taken"), (2, unit.samira, "has_slot"),
                                 (10, other, "no_such_slot")):  # fmt: skip
        with pytest.raises(RuleViolation) as refused:
            give(number, person)
        assert refused.value.code == code
    changing.take_slot_back(session, actor, meeting.id, number=1, today=TODAY)
    give(1, other)


def test_meetings_of_an_ended_account_reach_the_manager_and_move_to_a_colleague(
    session, unit, book
):
    meeting = book("lena", plan("mapping_talk", unit.samira))
    secret = book("lena", plan("individual_talk", unit.hidden, at=time(14)))
    private = book("lena", plan("own_time", at=time(16)))
    unit.lena.is_active = False
    session.flush()

    assert ownerless(session, unit.lena.unit_id, now=NOW) == [meeting, secret, private]
    assert tell_managers_of_ownerless(session, COMMAND, now=NOW) == 1
    tell_managers_of_ownerless(session, COMMAND, now=NOW)
    (task,) = session.scalars(select(Task).where(Task.kind == "ownerless_meetings"))
    assert task.owner_id == unit.mona.id
    assert "Haddad" not in str(task.words)

    given = {"today": TODAY, "now": NOW}
    changing.move_meetings(session, unit.actor["mona"], [meeting.id], unit.johan.id, **given)
    assert meeting.owner_id == unit.johan.id
    assert meetings_of(session, unit.johan.id, now=NOW) == [meeting]
    for busy in (secret, private):  # to the manager both are only a busy time
        with pytest.raises(NotFound):
            changing.move_meetings(session, unit.actor["mona"], [busy.id], unit.johan.id, **given)
    with pytest.raises(Refused):
        changing.move_meetings(session, unit.actor["liaison"], [meeting.id], unit.mona.id, **given)


def test_a_handler_takes_over_a_protected_persons_meeting_that_was_left(session, unit, book, make):
    secret = book("lena", plan("individual_talk", unit.hidden))
    make.involve(unit.hidden, unit.johan, Capacity.PROTECTED_HANDLER)
    given = {"today": TODAY, "now": NOW}
    with pytest.raises(Refused):  # while somebody answers for it
        changing.move_meetings(session, unit.actor["johan"], [secret.id], unit.johan.id, **given)
    unit.lena.is_active = False
    session.flush()
    changing.move_meetings(session, unit.actor["johan"], [secret.id], unit.johan.id, **given)
    assert secret.owner_id == unit.johan.id


def test_what_is_refused_for_somebody_unseen_names_nobody(session, unit, book, agree):
    """Somebody in the group became protected after it was booked."""
    agree(unit.samira, Party.AF)
    other = book("lena", plan("workshop", unit.samira, guests=[AF]))
    unit.samira.protected = True
    session.flush()
    with pytest.raises(RuleViolation) as moving:
        move(session, unit.actor["mona"], other)
    with pytest.raises(RuleViolation) as taking:
        changing.move_meetings(
            session, unit.actor["mona"], [other.id], unit.johan.id, today=TODAY, now=NOW
        )
    for refused in (moving, taking):
        said = f"{refused.value} {refused.value.values} {refused.value.fields}"
        assert unit.samira.alias not in said
        assert "skydd" not in said.lower()


def test_the_next_meeting_is_the_next_that_stands(session, unit, book):
    first = book("lena", plan("mapping_talk", unit.samira))
    second = book("lena", plan("mapping_talk", unit.samira, day=date(2026, 12, 1)))
    assert next_with(session, unit.samira.id, now=NOW) == first
    changing.cancel(
        session, unit.actor["lena"], first.id, reason=ChangeReason.PARTICIPANT, today=TODAY, now=NOW
    )
    assert next_with(session, unit.samira.id, now=NOW) == second


def test_no_other_unit_reaches_a_meeting(session, unit, book, make):
    meeting = book("lena", plan("job_search"))
    other = make.unit(name="En annan enhet")
    stranger = make.actor(user=make.user(Role.UNIT_MANAGER, unit=other))
    with pytest.raises(NotFound):
        booking.open_meeting(session, stranger, meeting.id, today=TODAY)
    with pytest.raises(NotFound):
        changing.move_meetings(
            session, stranger, [meeting.id], stranger.user_id, today=TODAY, now=NOW
        )


def test_what_was_done_is_logged_by_ids_alone(session, unit, book):
    meeting = book("lena", plan("mapping_talk", unit.samira, agenda="Hur dagen ser ut"))
    changing.cancel(
        session, unit.actor["lena"], meeting.id, reason=ChangeReason.MISTAKE, today=TODAY, now=NOW
    )
    session.commit()
    rows = session.scalars(select(AuditEvent).where(AuditEvent.object_id == str(meeting.id)))
    told = {row.action: row for row in rows}
    assert {"create", "cancel"} <= told.keys()
    assert told["cancel"].reason == "mistake"
    assert str(unit.samira.id) in told["create"].subjects
