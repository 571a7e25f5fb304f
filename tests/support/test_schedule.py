"""The schedule: made from the placement, stable in calendars, naming nobody."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest
from icalendar import Calendar
from sqlalchemy import select

from matchsvc.diary import changing
from matchsvc.errors import Invalid, NotFound, RuleViolation
from matchsvc.messages.models import OutboxMessage
from matchsvc.placements.models import PackagePart, Part, PartState
from matchsvc.placements.package import record_part
from matchsvc.support import pre_meeting
from matchsvc.support.schedule import ItemKind, calendar_of, next_of, schedule_of
from matchsvc.swedish import STOCKHOLM
from matchsvc.workday.meeting_models import Attendance, ChangeReason, Meeting, MeetingPerson
from matchsvc.workday.meeting_types import Party
from matchsvc.workday.meetings import Went
from tests.factories import TODAY
from tests.placements.factories import NOW


def kinds(items):
    return [item.kind for item in items]


def book(session, there, **values):
    plan = {"contact_id": there.contact.id, "day": TODAY, "at": time(13), "today": TODAY}
    return pre_meeting.book_pre_meeting(
        session, there.maja, there.placement.id, now=NOW, **plan | values
    )


def part(session, there):
    session.expire_all()
    found = select(PackagePart).where(
        PackagePart.placement_id == there.placement.id, PackagePart.part == Part.PRE_MEETING
    )
    return session.scalars(found).one()


def hold(session, there, meeting, attendance=Attendance.CAME):
    found = select(MeetingPerson).where(MeetingPerson.meeting_id == meeting.id)
    person = session.scalars(found).one()
    changing.write_how_it_went(
        session, there.maja, meeting.id, Went({person.id: attendance}, outcome="Vi enades."),
        today=TODAY, now=NOW + timedelta(hours=8),
    )  # fmt: skip


def test_it_holds_the_start_the_follow_ups_the_end_and_the_survey(session, there):
    items = schedule_of(session, there.placement, today=TODAY)
    assert kinds(items) == [
        ItemKind.START,
        *[ItemKind.FOLLOW_UP] * 4,
        ItemKind.END,
        ItemKind.END_SURVEY,
    ]
    assert items[-1].day == date(2027, 3, 1)
    assert next_of(items, today=TODAY).kind is ItemKind.FOLLOW_UP


def meet(make, there, kind, *, day, with_employer=False):
    starts = datetime.combine(day, time(10), tzinfo=STOCKHOLM)
    meeting = make.save(
        Meeting(
            unit_id=there.placement.unit_id, owner_id=there.worker.id, kind=kind,
            starts_at=starts, ends_at=starts + timedelta(minutes=30),
        )
    )  # fmt: skip
    people = [(Party.PARTICIPANT, there.participant.id)]
    if with_employer:
        people.append((Party.EMPLOYER, there.contact.id))
    for position, (party, key) in enumerate(people):
        make.save(
            MeetingPerson(
                id=uuid4(), meeting_id=meeting.id, position=position, party=party, ref_id=key
            )
        )
    return meeting


def test_talks_are_there_when_the_employer_is_invited_and_others_are_nobodys_business(
    session, make, there
):
    meet(make, there, "three_party", day=date(2026, 12, 7), with_employer=True)
    meet(make, there, "three_party", day=date(2026, 12, 8))
    meet(make, there, "mapping_talk", day=date(2026, 12, 9))
    meet(make, there, "adaptation_visit", day=date(2026, 12, 10))
    meet(make, there, "adaptation_visit", day=date(2027, 6, 1))  # after the period
    found = schedule_of(session, there.placement, today=TODAY)
    extra = [(item.kind, item.day.day) for item in found if item.starts_at]
    assert extra == [(ItemKind.THREE_PARTY, 7), (ItemKind.VISIT, 10)]


def test_a_booked_follow_up_stands_for_the_one_that_is_due(session, make, there):
    meet(make, there, "follow_up", day=date(2026, 12, 21))
    found = schedule_of(session, there.placement, today=TODAY)
    assert kinds(found).count(ItemKind.FOLLOW_UP) == 4
    assert [item.day for item in found if item.starts_at] == [date(2026, 12, 21)]


def test_the_calendar_is_valid_stable_and_names_nobody(session, make, there):
    meeting = meet(make, there, "follow_up", day=date(2026, 12, 21))
    first, second = (
        calendar_of(
            schedule_of(session, there.placement, today=day), title=lambda item: item.kind.value,
            name="Stöd", now=NOW,
        )
        for day in (TODAY, TODAY + timedelta(days=40))
    )  # fmt: skip
    read = [Calendar.from_ical(text) for text in (first, second)]
    uids = [sorted(str(e["uid"]) for e in each.walk("vevent")) for each in read]
    assert uids[0] == uids[1]
    assert len(set(uids[0])) == len(uids[0]) == 7
    assert f"{meeting.id}@matchsvc" in uids[0]
    for word in ("Samira", "Haddad", there.participant.alias, "ATTENDEE", "ORGANIZER"):
        assert word not in first


def test_the_meeting_is_booked_with_an_agenda_and_an_invitation_that_names_nobody(session, there):
    meeting = book(session, there, agenda=pre_meeting.AGENDA)
    assert (meeting.kind, meeting.agenda) == ("pre_meeting", pre_meeting.AGENDA)
    assert len(pre_meeting.AGENDA) <= 500
    letter = session.scalar(select(OutboxMessage).where(OutboxMessage.kind == "meeting_invitation"))
    assert letter.recipient == "petra@example.org"
    assert "METHOD:REQUEST" in letter.calendar
    assert "Samira" not in letter.body + letter.calendar
    found = schedule_of(session, there.placement, today=TODAY)
    assert found[0].kind is ItemKind.PRE_MEETING or found[1].kind is ItemKind.PRE_MEETING


def test_when_it_has_been_held_the_part_is_done_that_day(session, there):
    meeting = book(session, there)
    assert part(session, there).state is PartState.PLANNED
    hold(session, there, meeting)
    row = part(session, there)
    assert (row.state, row.happened_on) == (PartState.DONE, TODAY)
    assert "Vi enades" not in row.evidence  # the minutes stay on the meeting


def test_when_nobody_came_the_part_is_not_done_and_a_correction_undoes_it(session, there):
    meeting = book(session, there)
    hold(session, there, meeting, Attendance.DID_NOT_COME)
    assert part(session, there).state is PartState.PLANNED
    hold(session, there, meeting)
    assert part(session, there).state is PartState.DONE
    hold(session, there, meeting, Attendance.DID_NOT_COME)
    assert part(session, there).state is PartState.PLANNED


def test_what_somebody_wrote_by_hand_stays(session, there):
    meeting = book(session, there)
    record_part(
        session, there.maja, there.placement.id, Part.PRE_MEETING, state=PartState.DECLINED,
        happened_on=None, evidence="Vill inte.", today=TODAY,
    )  # fmt: skip
    hold(session, there, meeting)
    assert part(session, there).evidence == "Vill inte."


def test_one_is_booked_at_a_time_and_a_cancelled_one_leaves_room(session, there):
    meeting = book(session, there)
    with pytest.raises(RuleViolation) as refused:
        book(session, there, at=time(15))
    assert refused.value.code == "booked"
    changing.cancel(
        session, there.maja, meeting.id, reason=ChangeReason.OTHER_PARTY, today=TODAY, now=NOW
    )
    assert book(session, there, at=time(15)).id != meeting.id


def test_only_a_contact_of_the_employer_and_nobody_protected(session, make, there):
    stranger = make.contact(make.employer())
    with pytest.raises(Invalid):
        book(session, there, contact_id=stranger.id)
    there.participant.protected = True
    session.flush()
    with pytest.raises(NotFound):
        book(session, there)
