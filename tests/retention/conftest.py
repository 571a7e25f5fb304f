"""A unit with its manager, and people whose cases ended long ago."""

from __future__ import annotations

from datetime import date

import pytest

from matchsvc.accounts.models import Role

LONG_AGO = date(2020, 3, 1)


@pytest.fixture
def unit(make):
    return make.unit()


@pytest.fixture
def manager(make, unit):
    return make.actor(Role.UNIT_MANAGER, unit=unit)


@pytest.fixture
def ended(make, unit):
    """Somebody whose case ended; nothing was noted after."""

    def made(on=LONG_AGO, **values):
        person = make.participant(unit=unit, with_case=False, **values)
        make.case(person, enrolled_on=date(2019, 1, 7), ended_on=on)
        return person

    return made
