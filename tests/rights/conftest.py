"""Johan and his participant Samira, a manager, and somebody else of the unit."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from matchsvc import db
from matchsvc.accounts.models import Role
from matchsvc.swedish import local_date


@pytest.fixture
def clock():
    now = db.utcnow()
    return {"now": now, "today": local_date(now)}


@pytest.fixture
def desk(make):
    johan = make.user(name="Johan Ekdal")
    boss = make.user(Role.UNIT_MANAGER, name="Karin Sund")
    other = make.user(name="Lena Forsberg")
    samira = make.participant(johan, given_name="Samira", family_name="Haddad")
    return SimpleNamespace(
        johan=johan,
        boss=boss,
        other=other,
        samira=samira,
        actor=make.actor(user=johan),
        manager=make.actor(user=boss),
        colleague=make.actor(user=other),
        path=f"/rights/people/{samira.alias}",
    )
