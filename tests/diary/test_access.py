"""Who sees what of a meeting."""

from __future__ import annotations

from datetime import date, time

import pytest

from matchsvc.diary import booking, changing
from matchsvc.errors import NotFound
from matchsvc.workday.meeting_models import ChangeReason
from matchsvc.workday.meeting_types import Party
from matchsvc.workday.meetings import book_slot
from tests.diary.conftest import AF, NOW, plan
from tests.factories import TODAY


@pytest.fixture
def seen(session, unit):
    def look(who, *, whole_unit=True):
        day = date(2026, 11, 24)
        return booking.read_days(
            session, unit.actor[who], day, day, whole_unit=whole_unit, today=TODAY
        )

    return look


def test_her_worker_reads_the_name_a_colleague_the_alias(unit, book, seen):
    book("lena", plan("mapping_talk", unit.samira, agenda="Hur dagen ser ut"))
    (hers,), (colleagues,) = seen("lena"), seen("johan")
    assert hers.names == ["Samira Haddad"]
    assert hers.sees_texts
    assert colleagues.names == [unit.samira.alias]
    assert not colleagues.sees_texts


def test_about_a_protected_person_others_see_a_busy_time_without_words(session, unit, book, seen):
    meeting = book("lena", plan("individual_talk", unit.hidden, place="Biblioteket"))
    (hers,) = seen("lena")
    assert hers.names == [unit.hidden.alias]
    for other in ("johan", "mona", "liaison", "karin"):
        (busy,) = seen(other)
        assert busy.is_busy
        assert (busy.kind, busy.place, busy.names, busy.may_change) == (None, None, [], False)
        with pytest.raises(NotFound):
            booking.open_meeting(session, unit.actor[other], meeting.id, today=TODAY)


def test_a_busy_time_of_ones_own_cannot_be_told_from_a_protected_meeting(unit, book, seen):
    book("lena", plan("individual_talk", unit.hidden))
    book("lena", plan("own_time", at=time(14), place="Hemma"))
    secret, private = seen("johan")

    def shape(shown):
        return (shown.is_busy, shown.kind, shown.place, shown.people, shown.hidden, shown.staff)

    assert shape(secret) == shape(private)


def test_in_a_group_the_protected_person_is_left_out_for_others(unit, book, seen):
    book("lena", plan("workshop", unit.samira, unit.hidden))
    (hers,), (colleagues,) = seen("lena"), seen("johan")
    assert len(hers.people) == 2
    assert colleagues.names == [unit.samira.alias]
    assert not colleagues.hidden


def test_a_taken_slot_of_somebody_protected_is_not_named(session, unit, book, seen):
    meeting = book("lena", plan("af_block", guests=[AF]))
    book_slot(session, unit.actor["lena"], meeting, number=1, participant_id=unit.hidden.id)
    (shown,) = seen("johan")
    assert not shown.is_busy
    assert [person.row.party for person in shown.people] == [Party.AF]


def test_a_week_of_many_meetings_takes_no_more_queries_than_one(
    session, unit, book, seen, queries, make
):
    book("lena", plan("mapping_talk", unit.samira))
    with queries() as one:
        seen("johan")
    for hour in (11, 12, 13, 14, 15):
        person = make.participant(unit.lena)
        book("lena", plan("mapping_talk", person, at=time(hour)))
    session.expunge_all()
    with queries() as many:
        assert len(seen("johan")) == 6
    assert many.total <= one.total + 1


def test_that_a_busy_time_was_called_off_is_not_shown(session, unit, book):
    meeting = book("lena", plan("individual_talk", unit.hidden))
    changing.cancel(
        session,
        unit.actor["lena"],
        meeting.id,
        reason=ChangeReason.PARTICIPANT,
        today=TODAY,
        now=NOW,
    )
    day = date(2026, 11, 24)
    told = {"whole_unit": True, "today": TODAY, "cancelled": True}
    assert len(booking.read_days(session, unit.actor["lena"], day, day, **told)) == 1
    assert booking.read_days(session, unit.actor["johan"], day, day, **told) == []
