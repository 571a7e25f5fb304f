"""Groups are handed over with other work, so that none is left without a leader."""

from __future__ import annotations

import pytest
import time_machine

from matchsvc.accounts.models import Role
from matchsvc.errors import Invalid
from matchsvc.placements.handover import Kind, hand_over, loads, work_of
from tests.activities.conftest import NOW
from tests.factories import TODAY

WHEN = {"today": TODAY, "now": NOW}


def give(session, unit, row, to, who="mona", of="johan"):
    return hand_over(
        session,
        unit.actor[who],
        from_id=getattr(unit, of).id,
        to_id=to.id,
        pieces={(Kind.GROUP, row.id)},
        reason="Byter tjänst",
        **WHEN,
    )


def test_groups_that_still_meet_are_work_and_get_a_new_leader(session, unit, group):
    over = group(day=TODAY.replace(month=9), times=2)
    row = group()
    held = work_of(session, unit.actor["mona"], unit.johan.id, **WHEN)
    pieces = {each.id: each.title for each in held if each.kind is Kind.GROUP}
    assert pieces == {row.id: "Språkkafé, Måndagar"}
    counted = {each.user.id: each.counts for each in loads(session, unit.actor["mona"], **WHEN)}
    assert counted[unit.johan.id][Kind.GROUP] == 1
    assert give(session, unit, row, unit.karin) == {Kind.GROUP: 1}
    assert row.leader_id == unit.karin.id
    assert over.leader_id == unit.johan.id


def test_who_may_not_lead_gets_no_group(session, unit, make, group):
    row = group()
    with pytest.raises(Invalid) as refused:
        give(session, unit, row, make.user(Role.AUDITOR))
    assert set(refused.value.fields) == {"pieces.group"}


def test_a_group_with_somebody_protected_goes_to_her_handler_alone_and_nobody_says_why(
    session, unit, group, join
):
    row = group(leader_id=unit.lena.id)
    join(row, unit.nora)
    with pytest.raises(Invalid) as refused:
        give(session, unit, row, unit.johan, of="lena")
    assert "skydd" not in str(refused.value.fields)
    assert row.leader_id == unit.lena.id


@time_machine.travel("2026-11-23 09:00:00+01:00", tick=True)
def test_the_page_shows_the_group_among_the_work(session, unit, group, client_as):
    row = group()
    page = client_as(unit.mona).get(f"/hand-over/{unit.johan.id}").text
    assert f'value="group:{row.id}"' in page
    assert "Språkkafé, Måndagar" in page
