"""A unit with two case workers, a manager and the starting list of activities."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.activities import catalogue, groups, members
from matchsvc.activities.models import Activity
from matchsvc.participants.models import Capacity
from tests.factories import TODAY

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


@pytest.fixture
def unit(session, make):
    """lena and johan are case workers, mona is the manager, karin a supervisor."""
    lena = make.user(name="Lena Forsberg", email="lena@example.org")
    johan = make.user(name="Johan Ekdal", email="johan@example.org")
    mona = make.user(Role.UNIT_MANAGER, name="Mona Berg", email="mona@example.org")
    karin = make.user(Role.SUPERVISOR, name="Karin Sjö", email="karin@example.org")
    people = SimpleNamespace(lena=lena, johan=johan, mona=mona, karin=karin)
    people.actor = {
        name: make.actor(user=getattr(people, name)) for name in ("lena", "johan", "mona", "karin")
    }
    people.samira = make.participant(lena, given_name="Samira", family_name="Haddad")
    people.nora = make.participant(lena, given_name="Nora", family_name="Lind", protected=True)
    make.involve(people.nora, lena, Capacity.PROTECTED_HANDLER)
    catalogue.switch_on_starter(session, people.actor["mona"])
    return people


@pytest.fixture
def activity(session, unit):
    """``activity("language_cafe")``: one of the starting list."""

    def find(code):
        return session.scalars(select(Activity).where(Activity.code == code)).one()

    return find


@pytest.fixture
def group(session, unit, activity):
    """``group(...)`` begins a group of the language café, led by johan, today at one."""

    def begin(who="lena", code="language_cafe", **values):
        said = {"name": "Måndagar", "leader_id": unit.johan.id} | {
            key: values.pop(key) for key in list(values) if key in GROUP
        }
        series = {"day": TODAY, "at": time(13), "times": 3} | values
        return groups.start_group(
            session,
            unit.actor[who],
            activity(code).id,
            groups.GroupInput(**said),
            groups.SeriesInput(**series),
            today=TODAY,
        )

    return begin


GROUP = {"name", "leader_id", "capacity", "languages", "interpreter", "limit_reason"}


@pytest.fixture
def join(session, unit):
    """``join(group, person, minutes=1)``: she asks so many minutes after NOW."""

    def do(where, person, who="lena", minutes=0):
        return members.join(
            session,
            unit.actor[who],
            where.id,
            person.id,
            today=TODAY,
            now=NOW + timedelta(minutes=minutes),
        )

    return do
