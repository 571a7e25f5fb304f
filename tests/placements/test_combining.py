"""A placement beside a job or groups: counted by their hours, as another workplace is."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from matchsvc.activities.models import (
    Activity,
    ActivityGroup,
    ActivityKind,
    GroupMember,
    GroupSession,
)
from matchsvc.participants.cases import latest_case
from matchsvc.placements import combining
from matchsvc.placements.combining import Wish, find_overlap
from matchsvc.placements.models import Employment, EmploymentKind
from tests.factories import TODAY
from tests.placements.factories import started, world

WEEK = timedelta(weeks=1)
MONDAY = TODAY - timedelta(days=TODAY.weekday()) + WEEK


@pytest.fixture
def there(make):
    return world(make)


@pytest.fixture
def said(session, make, there):
    """What is said of so many hours at another workplace for eight weeks."""
    site = make.site(there.employer, name="Andra köket")

    def ask(hours, start=MONDAY, **more):
        wish = Wish(
            participant_id=there.participant.id, site_id=site.id, form="work_training",
            start=start, end=start + 8 * WEEK, hours=hours, **more,
        )  # fmt: skip
        found = find_overlap(session, there.participant.unit_id, wish)
        return None if found is None else (found.sentence, found.may_be_combined)

    return ask


@pytest.fixture
def job(session, make, there):
    def work(hours, **more):
        dates = {"start_date": MONDAY - 20 * WEEK, "end_date": None} | more
        return make.save(
            Employment(
                unit_id=there.participant.unit_id,
                external_id=f"J-{hours}",
                participant_id=there.participant.id,
                case_id=latest_case(session, there.participant).id,
                site_id=there.site.id,
                kind=EmploymentKind.EMPLOYMENT,
                hours=hours,
                **dates,
            )
        )

    return work


@pytest.fixture
def group(make, there):
    """``group(hours, weeks)``: a group that meets so many hours on the Wednesdays of some weeks."""

    def meet(hours, weeks=(0, 1), **member):
        unit_id = there.participant.unit_id
        activity = make.save(
            Activity(
                unit_id=unit_id,
                name="Svenska",
                sort_key="svenska",
                minutes=60,
                kind=ActivityKind.LANGUAGE_CAFE,
            )
        )
        row = make.save(
            ActivityGroup(
                unit_id=unit_id,
                activity_id=activity.id,
                name="Onsdag",
                capacity=8,
                leader_id=there.worker.id,
            )
        )
        sessions = []
        for week in weeks:
            starts = datetime.combine(MONDAY + week * WEEK + timedelta(2), time(7), UTC)
            sessions.append(
                make.save(
                    GroupSession(
                        group_id=row.id, starts_at=starts, ends_at=starts + timedelta(hours=hours)
                    )
                )
            )
        held = {"joined_on": TODAY} | member
        make.save(
            GroupMember(
                group_id=row.id,
                participant_id=there.participant.id,
                asked_at=datetime.combine(TODAY, time(8), UTC),
                **held,
            )
        )
        return sessions

    return meet


def test_beside_nothing_nothing_is_said(said):
    assert said(40) is None


def test_a_job_within_full_time_is_warned_of_and_may_be_combined(said, job):
    job(20)
    assert said(20) == (combining.WORK_MAY_BE_COMBINED, True)
    assert said(21) == (combining.TOO_MANY_WITH_WORK, False)
    assert said(None) == (combining.NO_HOURS_BESIDE_WORK, False)


def test_jobs_that_are_over_or_begin_later_or_have_no_hours_say_nothing(said, job):
    job(40, end_date=MONDAY - timedelta(1))
    job(39, start_date=MONDAY + 8 * WEEK + timedelta(1))
    job(None)
    assert said(40) is None


def test_a_planned_end_counts_until_the_real_one_is_known(said, job):
    held = job(30, planned_end_date=MONDAY - timedelta(1))
    assert said(40) is None
    held.planned_end_date = MONDAY
    assert said(40) == (combining.TOO_MANY_WITH_WORK, False)


def test_a_job_beside_another_placement_counts_with_it(session, make, said, job, there):
    started(session, make, there=there)  # at most 25 hours
    assert said(10) == (combining.MAY_BE_COMBINED, True)
    job(6)
    assert said(10) == (combining.TOO_MANY_WITH_WORK, False)
    assert said(9) == (combining.MAY_BE_COMBINED, True)


def test_groups_are_counted_week_by_week_and_only_warned_of(said, group):
    group(3)
    assert said(37) is None
    assert said(38) == (combining.TOO_MANY_WITH_GROUPS, True)
    assert said(None) is None
    group(2, weeks=(5,))  # another week: no more hours in any one
    assert said(37) is None
    group(2, weeks=(1,))
    assert said(37) == (combining.TOO_MANY_WITH_GROUPS, True)


def test_a_group_that_is_left_or_waited_for_or_called_off_does_not_count(said, group):
    group(8, left_on=TODAY)
    group(8, joined_on=None)
    for each in group(8):
        each.cancelled_at = datetime.combine(TODAY, time(8), UTC)
    assert said(40) is None


def test_the_job_and_the_group_together(said, job, group):
    job(20)
    group(3)
    assert said(17) == (combining.WORK_MAY_BE_COMBINED, True)
    assert said(18) == (combining.TOO_MANY_WITH_GROUPS, True)
    assert said(21) == (combining.TOO_MANY_WITH_WORK, False)
