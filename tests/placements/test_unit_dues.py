"""What waits in the unit: the manager sees how much, and where; nobody else does."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from matchsvc.accounts.models import Role
from matchsvc.placements.models import FollowUp
from matchsvc.placements.unit_dues import UnitDues, unit_dues
from matchsvc.workday.rules import add_task
from tests.factories import COMMAND, TODAY
from tests.placements.factories import started


@pytest.fixture
def there(session, make):
    return started(session, make)


def test_only_who_leads_the_unit_sees_it(session, make, there):
    assert unit_dues(session, make.actor(user=there.worker), today=TODAY) is None
    assert unit_dues(session, make.actor(Role.SUPERVISOR), today=TODAY) is None


def test_each_thing_is_counted_when_its_day_has_passed(session, make, there):
    manager = make.actor(Role.UNIT_MANAGER)
    assert unit_dues(session, manager, today=TODAY) == UnitDues(0, 0, 0, 0)
    add_task(
        session, COMMAND, owner_id=there.worker.id, unit_id=there.placement.unit_id,
        kind="own", about_type="unit", about_id=there.placement.unit_id, due_on=TODAY,
    )  # fmt: skip
    first = session.query(FollowUp).order_by(FollowUp.due_on).first()
    late = first.due_on + timedelta(days=30)
    found = unit_dues(session, manager, today=late)
    assert found.follow_ups >= 1
    assert found.tasks == 1
    after = there.placement.decision_to + timedelta(days=1)
    assert unit_dues(session, manager, today=after).beyond == 1


@time_machine.travel("2026-11-23 09:00:00+01:00", tick=True)
def test_the_card_leads_to_the_lists(session, client_as, make, there):
    manager = make.user(Role.UNIT_MANAGER)
    page = client_as(manager).get("/my-week").text
    assert "Inget i enheten är försenat." in page or 'href="/tasks?whose=unit"' in page
    assert "I enheten" not in client_as(there.worker).get("/my-week").text
