"""A unit with a case worker, her manager, a participant since August and the Newcastle ladder."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from matchsvc.accounts.models import Role
from matchsvc.participants import cases
from matchsvc.participants.models import ExitDestination, ExitReason
from matchsvc.progression import ladders
from matchsvc.progression.ladders import LadderContent
from tests.factories import TODAY

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def newcastle(**values):
    """What the example says."""
    told = ladders.examples()["newcastle"]
    said = {name: told[name] for name in ("name", "target_group", "reason")}
    return LadderContent(**{"steps": tuple(told["steps"])} | said | values)


@pytest.fixture
def town(session, make):
    """lena answers for samira; johan is her colleague and mona their manager."""
    lena, johan = make.user(name="Lena Forsberg"), make.user(name="Johan Ekdal")
    mona = make.user(Role.UNIT_MANAGER, name="Mona Berg")
    samira = make.participant(lena, given_name="Samira", family_name="Haddad")
    actors = {"lena": lena, "johan": johan, "mona": mona}
    return SimpleNamespace(
        samira=samira,
        case=cases.latest_case(session, samira),
        user=SimpleNamespace(**actors),
        **{name: make.actor(user=user) for name, user in actors.items()},
    )


@pytest.fixture
def ladder(session, town):
    return ladders.add_ladder(session, town.mona, newcastle(), today=TODAY, now=NOW)


@pytest.fixture
def end(session, town):
    """``end(day)`` ends samira's case."""

    def do(ended_on, destination=ExitDestination.AF_PLANNING, *, today=TODAY):
        return cases.end_case(
            session,
            town.lena,
            town.samira.id,
            ended_on=ended_on,
            reason=ExitReason.OTHER_MEASURE,
            destination=destination,
            today=today,
        )

    return do
