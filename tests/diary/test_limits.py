"""Limits of meetings (domain.md ACC-5, MAP-01, GRP-04, PLA-07, PRO-09, PRO-13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from matchsvc.errors import Invalid, RuleViolation
from matchsvc.swedish import is_working_day, local_date
from matchsvc.workday.meeting_plans import Guest, check_plan, days_of_series
from matchsvc.workday.meeting_types import MEETING_TYPES, OWN_TIME, Party
from matchsvc.workday.meetings import slot_times
from tests.diary.conftest import AF, plan
from tests.factories import TODAY, identity_number


class Somebody:
    def __init__(self, number):
        self.id = number


SHE = Somebody(1)


def test_a_mapping_talk_is_never_longer_than_an_hour():
    check_plan(plan("mapping_talk", SHE, minutes=60), today=TODAY)
    with pytest.raises(RuleViolation) as refused:
        check_plan(plan("mapping_talk", SHE, minutes=61, limit_reason="Hinner inte"), today=TODAY)
    assert refused.value.code == "too_long"


@pytest.mark.parametrize("talks", [2, 6])
def test_three_to_five_mapping_talks_are_usual_and_fewer_or_more_ask_nothing(book, unit, talks):
    for week in range(talks):
        day = date(2026, 12, 1) + timedelta(weeks=week)
        held = book("lena", plan("mapping_talk", unit.samira, day=day), invite=False)
        assert held.limit_reason is None


def test_a_workshop_of_eleven_or_of_four_hours_asks_why_and_then_may_be():
    eleven = [Somebody(n) for n in range(11)]
    for wanted in (plan("workshop", *eleven), plan("workshop", SHE, minutes=240)):
        with pytest.raises(RuleViolation) as refused:
            check_plan(wanted, today=TODAY)
        assert refused.value.code == "over_soft_limit"
        assert "limit_reason" in refused.value.fields
    check_plan(plan("workshop", *eleven, limit_reason="Alla vill komma"), today=TODAY)


def test_a_multi_party_talk_needs_two_parties_beside_the_unit():
    with pytest.raises(RuleViolation) as refused:
        check_plan(plan("multi_party", SHE, guests=[AF]), today=TODAY)
    assert refused.value.code == "needs_more_parties"
    check_plan(plan("multi_party", SHE, guests=[AF, Guest(Party.SOCIAL_SERVICES)]), today=TODAY)


@pytest.mark.parametrize(
    ("kind", "code"),
    [("mapping_talk", "needs_participant"), ("three_party", "needs_participant"),
     ("af_block", "needs_af"), ("pre_meeting", "needs_employer")],
)  # fmt: skip
def test_a_meeting_without_those_it_is_for_is_refused(kind, code):
    with pytest.raises(RuleViolation) as refused:
        check_plan(plan(kind), today=TODAY)
    assert refused.value.code == code


@pytest.mark.parametrize(("general", "slots"), [(10, 10), (30, 9), (60, 7)])
def test_the_authoritys_visit_has_as_many_slots_as_the_general_part_leaves(book, general, slots):
    meeting = book("lena", plan("af_block", guests=[AF], general_minutes=general))
    times = slot_times(meeting)
    assert len(times) == slots
    assert times[-1][1] <= meeting.ends_at


def test_an_identity_number_in_a_text_is_refused():
    with pytest.raises(Invalid):
        check_plan(plan("mapping_talk", SHE, agenda=f"Om {identity_number()}"), today=TODAY)


def test_a_series_over_christmas_falls_on_working_days():
    days = days_of_series(date(2026, 12, 11), every_weeks=1, times=4)
    assert days[:2] == [date(2026, 12, 11), date(2026, 12, 18)]
    assert days[2:] == [date(2026, 12, 28), date(2027, 1, 4)]  # Christmas and New Year's Day
    assert all(is_working_day(day) for day in days)


def test_a_weekly_series_keeps_its_hour_when_the_clocks_change(book):
    wanted = plan("job_search", day=date(2026, 10, 19), at=time(9))
    first, second = book("lena", wanted, times=2, invite=False)
    assert first.starts_at.astimezone(UTC) == datetime(2026, 10, 19, 7, tzinfo=UTC)
    assert second.starts_at.astimezone(UTC) == datetime(2026, 10, 26, 8, tzinfo=UTC)


def test_the_talk_after_a_study_visit_asks_why_when_it_is_later_than_ninety_days(book, unit, agree):
    agree(unit.samira, Party.AF)
    agree(unit.samira, Party.SOCIAL_SERVICES)
    late = plan(
        "study_visit_follow_up", unit.samira, guests=[AF, Guest(Party.SOCIAL_SERVICES, None, "R")]
    )  # enrolled 2026-08-10
    in_time = plan("study_visit_follow_up", unit.samira, guests=late.guests[1:])
    with pytest.raises(RuleViolation) as refused:
        book("lena", late)
    assert refused.value.code == "over_soft_limit"
    assert local_date(late.starts_at) > date(2026, 11, 8)
    meeting = book(
        "lena",
        plan(
            "study_visit_follow_up", unit.samira, guests=in_time.guests[1:], day=date(2026, 11, 6)
        ),
        invite=False,
    )
    assert meeting.limit_reason is None


def test_every_type_has_words_a_length_within_its_limits_and_a_source():
    for kind in MEETING_TYPES.values():
        assert kind.words
        assert kind.source
        assert (kind.least or 0) <= kind.minutes <= (kind.most or 1_000)


def test_a_unit_may_say_that_a_mapping_talk_is_shorter_than_the_hour(unit, make, book):
    make.setting("mapping_talk_minutes", "45")
    book("lena", replace(mapping_of(unit), minutes=45))
    with pytest.raises(RuleViolation) as refusal:
        book("johan", replace(mapping_of(unit), minutes=46, limit_reason="Hinner inte"))
    assert refusal.value.code == "too_long"


@pytest.mark.parametrize(("at", "asks"), [(time(8), True), (time(9), False), (time(15, 1), True)])
def test_a_meeting_outside_the_units_working_day_asks_why(unit, make, book, at, asks):
    make.setting("day_starts", "9")
    make.setting("day_ends", "16")
    wanted = replace(mapping_of(unit), at=at)
    if not asks:
        assert book("lena", wanted)
        return
    with pytest.raises(RuleViolation) as refusal:
        book("lena", wanted)
    assert refusal.value.values == {"first": "9.00", "last": "16.00"}
    assert book("lena", replace(wanted, limit_reason="Hon slutar skolan sent"))


def test_an_own_busy_time_may_lie_at_any_hour(unit, make, book):
    assert book("lena", plan(OWN_TIME, at=time(20)))


def mapping_of(unit):
    return plan("mapping_talk", unit.samira)
