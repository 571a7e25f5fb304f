"""Who takes part in a meeting that is booked already: one more, one fewer, and who hears of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from matchsvc.diary import people
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.messages.models import OutboxMessage
from matchsvc.workday.meeting_models import MeetingPerson
from matchsvc.workday.meeting_plans import Guest, participants_on, staff_on
from matchsvc.workday.meeting_types import Party
from tests.diary.conftest import AF, NOW, plan
from tests.factories import TODAY


@pytest.fixture
def add(session, unit):
    def do(who, meeting, **values):
        defaults = {"today": TODAY, "now": NOW}
        return people.add_person(session, unit.actor[who], meeting.id, **defaults | values)

    return do


@pytest.fixture
def remove(session, unit):
    def do(who, meeting, person, **values):
        defaults = {"today": TODAY, "now": NOW}
        return people.remove_person(
            session, unit.actor[who], meeting.id, person.id, **defaults | values
        )

    return do


def heard(session):
    rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at))
    return [(row.recipient, row.kind) for row in rows]


def person_of(meeting, ref_id):
    return next(person for person in meeting.people if person.ref_id == ref_id)


def test_a_colleague_comes_along_and_she_alone_is_told(session, unit, book, agree, add):
    agree(unit.samira, Party.AF)
    meeting = book("lena", plan("three_party", unit.samira, guests=[AF]))
    before, version = heard(session), meeting.version
    add("lena", meeting, staff_id=unit.johan.id, version=version)
    assert staff_on(meeting) == [unit.lena.id, unit.johan.id]
    assert heard(session)[len(before) :] == [("johan@example.org", "meeting_invitation")]
    with pytest.raises(Conflict):
        add("lena", meeting, staff_id=unit.karin.id, version=version)
    with pytest.raises(RuleViolation, match="redan med"):
        add("lena", meeting, staff_id=unit.johan.id)


def test_whoever_is_taken_off_is_told_once_and_comes_no_more(session, unit, book, agree, remove):
    agree(unit.samira, Party.AF)
    johan = Guest(Party.STAFF, unit.johan.id)
    meeting = book("lena", plan("three_party", unit.samira, guests=[AF, johan]))
    person = person_of(meeting, unit.johan.id)
    for row in session.scalars(select(OutboxMessage)):
        row.state = type(row.state)("sent")
    session.flush()
    remove("lena", meeting, person)
    assert staff_on(meeting) == [unit.lena.id]
    assert heard(session)[-1] == ("johan@example.org", "meeting_cancelled")
    with pytest.raises(NotFound):
        remove("lena", meeting, person)


def test_one_whom_the_type_needs_is_not_taken_off(unit, book, agree, remove):
    agree(unit.samira, Party.AF)
    meeting = book("lena", plan("three_party", unit.samira, guests=[AF]))
    with pytest.raises((Invalid, RuleViolation)):
        remove("lena", meeting, person_of(meeting, unit.samira.id))


def test_a_participant_more_is_asked_all_that_booking_asks(session, unit, book, agree, add, make):
    agree(unit.samira, Party.AF)
    agree(unit.samira, Party.SCHOOL)
    meeting = book("lena", plan("multi_party", unit.samira, guests=[AF, Guest(Party.SCHOOL)]))
    other = make.participant(unit.lena)
    with pytest.raises(RuleViolation) as refused:
        add("lena", meeting, participant_id=other.id)
    assert refused.value.code == "consent_missing"
    unseen = make.participant(make.user(), unit=make.unit(name="Annan enhet"))
    with pytest.raises(Invalid):
        add("lena", meeting, participant_id=unseen.id)
    assert participants_on(meeting) == [unit.samira.id]


def test_nobody_is_put_beside_a_protected_person_but_her_handlers(unit, book, add):
    meeting = book("lena", plan("mapping_talk", unit.hidden))
    with pytest.raises(RuleViolation) as refused:
        add("lena", meeting, staff_id=unit.johan.id)
    assert refused.value.code == "not_handler"


def test_who_is_busy_is_named_and_added_knowingly(unit, book, add, make):
    amina = make.participant(unit.johan)
    book("johan", plan("mapping_talk", amina))
    meeting = book("lena", plan("mapping_talk", unit.samira))
    with pytest.raises(RuleViolation) as refused:
        add("lena", meeting, staff_id=unit.johan.id)
    assert refused.value.code == "clash"
    add("lena", meeting, staff_id=unit.johan.id, pass_clashes=True)
    assert unit.johan.id in staff_on(meeting)


def test_a_colleague_who_does_not_answer_for_it_changes_nobody(unit, book, add, remove):
    meeting = book("lena", plan("mapping_talk", unit.samira))
    with pytest.raises((Refused, NotFound)):
        add("karin", meeting, staff_id=unit.johan.id)
    with pytest.raises((Refused, NotFound)):
        remove("karin", meeting, person_of(meeting, unit.samira.id))


def test_the_page_adds_takes_off_and_keeps_what_was_chosen(session, unit, book, client_as, make):
    other = make.participant(unit.lena)
    meeting = book("lena", plan("workshop", unit.samira, minutes=120))
    session.commit()
    client, path = client_as(unit.lena), f"/meetings/{meeting.id}"
    wrong = client.post(f"{path}/people", data={"participant": "D-1", "version": meeting.version})
    assert wrong.status_code == 422
    assert 'value="D-1"' in wrong.get_data(as_text=True)
    form = {"participant": other.alias, "version": meeting.version}
    assert client.post(f"{path}/people", data=form).status_code == 303
    page = client.get(path).get_data(as_text=True)
    assert other.alias in page
    on_it = select(MeetingPerson).where(MeetingPerson.meeting_id == meeting.id)
    gone = session.scalars(on_it.where(MeetingPerson.ref_id == other.id)).one()
    session.refresh(meeting, ["version"])
    answer = client.post(f"{path}/people/{gone.id}/remove", data={"version": meeting.version})
    assert answer.status_code == 303
    assert [each.ref_id for each in session.scalars(on_it)] == [unit.samira.id]
