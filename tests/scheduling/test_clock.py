"""Which days a daily job is due for: missed days, both clock changes, jobs that break."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from matchsvc import db, jobs
from matchsvc.accounts.models import Role
from matchsvc.errors import RuleViolation
from matchsvc.jobs_clock import LONGEST_GAP, due_days, next_run
from matchsvc.jobs_models import JobRun, JobState
from matchsvc.jobs_runs import MOST_ATTEMPTS, RETRY_AFTER, Outcome, note_run
from matchsvc.scheduling import rules
from matchsvc.scheduling.wording import NAMES
from matchsvc.swedish import STOCKHOLM

MONDAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=STOCKHOLM)


def days(*numbers):
    return [MONDAY + timedelta(days=n) for n in numbers]


def due(now, done=(), known=None, each_day=True, hour=5):
    return due_days(
        now, hour=hour, known=done if known is None else known, done=done, each_day=each_day
    )


def test_a_day_is_due_from_its_hour_on_and_once():
    assert due(NOON.replace(hour=4, minute=59)) == []
    assert due(NOON.replace(hour=5)) == [MONDAY]
    assert due(NOON, done=[MONDAY]) == []


def test_missed_days_are_run_in_order_where_the_work_depends_on_the_day():
    assert due(NOON, done=days(-4)) == days(-3, -2, -1, 0)
    assert due(NOON.replace(hour=3), done=days(-3)) == days(-2, -1)


def test_other_jobs_make_up_for_missed_days_with_one_run():
    assert due(NOON, done=days(-4), each_day=False) == days(0)
    assert due(NOON.replace(hour=3), done=days(-4), each_day=False) == []


def test_a_long_absence_is_made_up_for_a_month_back_and_no_further():
    missed = due(NOON, done=days(-400))
    assert (len(missed), missed[0], missed[-1]) == (
        LONGEST_GAP,
        MONDAY - timedelta(days=30),
        MONDAY,
    )


def test_a_job_that_never_ran_begins_today():
    assert due(NOON) == [MONDAY]


def test_a_day_in_between_that_broke_is_due_again_and_those_after_it_are_not():
    assert due(NOON, done=days(-3, -1, 0), known=days(-3, -2, -1, 0)) == days(-2)


@pytest.mark.parametrize("change", [date(2027, 3, 28), date(2026, 10, 25)])
@pytest.mark.parametrize("hour", [4, 5, 9])
def test_every_minute_over_a_clock_change_gives_each_day_exactly_one_run(change, hour):
    done = [change - timedelta(days=2)]
    at = datetime.combine(change - timedelta(days=1), datetime.min.time(), STOCKHOLM).astimezone(
        UTC
    )
    ran = []
    for minutes in range(0, 72 * 60, 5):
        now = at + timedelta(minutes=minutes)
        for day in due(now, done=done, hour=hour):
            ran.append((day, now.astimezone(STOCKHOLM)))
            done.append(day)
    expected = [change + timedelta(days=n) for n in (-1, 0, 1)]
    assert [day for day, _ in ran] == expected
    assert {(when.hour, when.minute) for _, when in ran} == {(hour, 0)}


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2027-03-27T12:00+01:00", "2027-03-28T05:00+02:00"),
        ("2026-10-24T12:00+02:00", "2026-10-25T05:00+01:00"),
        ("2026-11-23T03:00+01:00", "2026-11-23T05:00+01:00"),
    ],
)
def test_the_next_run_is_told_right_over_a_clock_change(now, opens):
    instant = datetime.fromisoformat(now)
    done = [instant.date()] if instant.hour >= 5 else []
    assert next_run(instant, hour=5, done=done) == datetime.fromisoformat(opens)


# Against the database.


@pytest.fixture
def ran():
    return []


@pytest.fixture
def job(ran):
    return jobs.Job("start_what_is_due", "x", lambda _c, day: ran.append(day) or 1, each_day=True)


def test_three_missed_days_are_run_once_each(session, config, job, ran):
    jobs.catch_up(job, config, now=NOON - timedelta(days=4))
    assert jobs.catch_up(job, config, now=NOON) == days(-3, -2, -1, 0)
    assert jobs.catch_up(job, config, now=NOON) == []
    assert ran == days(-4, -3, -2, -1, 0)


def test_a_job_that_breaks_is_written_down_without_its_words_and_stops_no_other(
    session, config, job, ran
):
    def breaks(_config, _day):
        raise ValueError("anna@example.org, 850312")

    broken = jobs.Job("free_places", "x", breaks, each_day=True)
    assert jobs.catch_up(broken, config, now=NOON) == []
    assert jobs.catch_up(job, config, now=NOON) == [MONDAY]
    state = session.get(JobState, "free_places")
    assert (state.error, state.failures) == ("ValueError", 1)
    assert session.scalar(select(JobRun.error).where(JobRun.job == "free_places")) == "ValueError"


def test_what_a_rule_refused_is_known_by_its_code(session, config):
    def refuses(_config, _day):
        raise RuleViolation("case_ended", "Samira Haddad har slutat.")

    jobs.catch_up(jobs.Job("free_places", "x", refuses), config, now=NOON)
    assert session.get(JobState, "free_places").error == "case_ended"


def test_a_broken_day_is_tried_again_later_holds_back_the_next_and_is_given_up_in_the_end(
    session, config, monkeypatch
):
    clock = [NOON]
    monkeypatch.setattr(db, "utcnow", lambda: clock[0].astimezone(UTC))
    ran, breaks = [], [True]

    def work(_config, day):
        if breaks[0] and day == MONDAY:
            raise OSError
        ran.append(day)
        return 1

    job = jobs.Job("plan_contacts", "x", work, each_day=True)

    def look(after):
        clock[0] += after
        jobs.catch_up(job, config, now=clock[0])

    look(timedelta(0))
    look(timedelta(minutes=1))  # too soon
    row = session.scalar(select(JobRun).where(JobRun.job == "plan_contacts"))
    assert (row.attempts, row.finished_at) == (1, None)
    look(timedelta(days=1))
    assert ran == []  # Tuesday waits for Monday
    for _ in range(MOST_ATTEMPTS):
        look(RETRY_AFTER * 2)
    assert ran == [MONDAY + timedelta(days=1)]
    session.refresh(row)
    assert row.finished_at is not None
    assert row.error == "OSError"


def test_a_job_that_works_again_is_no_longer_failing_but_it_is_known_that_it_did(session):
    at = NOON.astimezone(UTC)
    later = at + timedelta(minutes=1)
    note_run(session, "seal_audit", Outcome(MONDAY, at, at, error="OSError"))
    note_run(session, "seal_audit", Outcome(MONDAY, later, later))
    state = session.get(JobState, "seal_audit")
    assert (state.error, state.failures, state.failed_at) == (None, 0, at)


def test_a_job_that_finds_nothing_every_twenty_seconds_is_written_down_seldom(session, queries):
    at = NOON.astimezone(UTC)
    written = set()
    for turn in range(90):  # half an hour
        now = at + timedelta(seconds=20 * turn)
        note_run(session, "pack_matching", Outcome(MONDAY, now, now))
        written.add(session.get(JobState, "pack_matching").finished_at)
    assert len(written) == 3
    now += timedelta(seconds=20)
    note_run(session, "pack_matching", Outcome(MONDAY, now, now, touched=4))
    assert session.get(JobState, "pack_matching").touched == 4  # what did something is written


def test_running_by_hand_is_written_down_too_and_says_what_broke(session, config, monkeypatch):
    def breaks(_config, _day):
        raise OSError("disk")

    monkeypatch.setattr(jobs, "all_jobs", lambda: {"x": jobs.Job("x", "x", breaks)})
    with pytest.raises(OSError, match="disk"):
        jobs.run_job("x", config, MONDAY)
    assert session.get(JobState, "x").error == "OSError"


# The page.


def test_every_job_has_a_name_in_plain_words():
    assert set(jobs.all_jobs()) - set(NAMES) == set()


def test_the_page_says_how_each_job_went_and_whether_anything_runs(session, client_as):
    at = db.utcnow()
    note_run(session, "seal_audit", Outcome(at.date(), at, at + timedelta(seconds=1.5), 3))
    note_run(session, "free_places", Outcome(at.date(), at, at, error="OperationalError"))
    client = client_as(Role.UNIT_MANAGER)
    page = client.get("/settings/jobs").text
    assert "Ingenting går just nu" in page
    assert "Förseglar loggen" in page
    assert "på 1,5 s och ändrade 3" in page
    assert "OperationalError" in page
    assert "1 jobb gick fel" in page
    jobs.take_lease(session, "somebody", now=db.utcnow())
    session.commit()
    assert "Ingenting går just nu" not in client.get("/settings/jobs").text
    found = client.get("/api/v1/jobs").json
    assert found["is_running"] is True
    assert found["jobs"][0]["name"] == "free_places"  # what failed stands first
    assert found["jobs"][0]["error"] == "OperationalError"


def test_a_missed_day_is_late_and_a_job_of_all_the_time_that_fell_silent_too(session, make):
    actor, now = make.actor(Role.ADMIN), NOON.astimezone(UTC)
    before = now - timedelta(days=3)
    for name in ("start_what_is_due", "seal_audit"):
        note_run(session, name, Outcome(before.date(), before, before))
    made = {"job": "start_what_is_due", "day": before.date(), "started_at": before}
    session.add(JobRun(**made, finished_at=before, touched=0, attempts=1))
    session.flush()
    lines = {line.job.name: line for line in rules.overview(session, actor, now=now).lines}
    assert (lines["start_what_is_due"].is_late, lines["start_what_is_due"].missed) == (True, 3)
    assert lines["seal_audit"].is_late
    assert not lines["free_places"].is_late  # it has not run yet


@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.EMPLOYER_LIAISON, Role.SUPERVISOR])
def test_others_see_no_jobs(client_as, role):
    client = client_as(role)
    assert client.get("/settings/jobs").status_code == 403
    assert client.get("/api/v1/jobs").status_code == 403
