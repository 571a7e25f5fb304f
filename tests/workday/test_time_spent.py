"""One tap where a talk is held says how long it took (PRO-15, REP-05)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.errors import Refused
from matchsvc.workday.note_models import Note
from matchsvc.workday.notes import Desk
from matchsvc.workday.time_spent import Talk, log_time
from tests.factories import TODAY

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def worker(make):
    return make.user(role=Role.CASE_WORKER)


@pytest.fixture
def samira(session, make, worker):
    person = make.participant(worker)
    session.commit()
    return person


@pytest.fixture
def tap(session, make, worker, samira):
    desk = Desk("participant", samira.id, samira.unit_id, may_write=True, sees_close=True)

    def log(minutes, talk=Talk.MAPPING, *, day=TODAY, user=worker, desk=desk):
        when = NOW + (day - TODAY)
        return log_time(session, make.actor(user=user), desk, talk, minutes, today=day, now=when)

    log.desk = desk
    return log


def minutes(session):
    return sorted(session.scalars(select(Note.minutes)))


def test_a_second_tap_corrects_the_first(session, tap):
    tap(30)
    tap(45)
    assert minutes(session) == [45]


def test_another_talk_day_or_colleague_has_a_time_of_its_own(session, make, tap):
    tap(30)
    tap(15, Talk.PLAN)
    tap(60, day=TODAY + timedelta(days=1))
    tap(45, user=make.user(role=Role.CASE_WORKER))
    assert minutes(session) == [15, 30, 45, 60]


def test_a_note_that_somebody_wrote_more_in_is_left_alone(session, tap):
    note = tap(30)
    note.agreed = "Ny tid på tisdag"
    session.flush()
    tap(45)
    assert minutes(session) == [30, 45]


def test_who_does_not_write_about_the_person_logs_no_time(session, samira, tap):
    reader = Desk("participant", samira.id, samira.unit_id, may_write=False, sees_close=False)
    with pytest.raises(Refused):
        tap(30, desk=reader)


@pytest.mark.parametrize(
    ("page", "talk"),
    [
        ("talk", "competence"),
        ("map", "mapping"),
        ("map/summary", "summary"),
        ("plan", "plan"),
    ],
)
def test_every_talk_has_its_taps_and_stays_where_it_is(
    client_as, session, worker, samira, page, talk
):
    client, path = client_as(worker), f"/participants/{samira.alias}"
    assert f'name="talk" value="{talk}"' in client.get(f"{path}/{page}").text
    answer = client.post(f"{path}/notes/time", data={"talk": talk, "minutes": "30"})
    assert answer.status_code == 303
    assert answer.location == f"{path}/{page}?timed=30"
    assert "30 minuter är antecknade" in client.get(answer.location).text
    assert minutes(session) == [30]
