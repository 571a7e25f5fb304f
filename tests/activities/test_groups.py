"""Groups: their series, who has a place, who waits, and who is not there for whom."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.activities import catalogue, groups, members
from matchsvc.activities.models import GroupMember
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants.access import get_visible, involve
from matchsvc.participants.merging import merge_people
from matchsvc.participants.models import Capacity
from matchsvc.swedish import local_date
from matchsvc.workday.meeting_models import ChangeReason
from tests.activities.conftest import NOW
from tests.factories import TODAY


def change(session, unit, row, who="lena", version=None, **values):
    said = {"name": row.name, "leader_id": row.leader_id, "capacity": row.capacity} | values
    return groups.change_group(
        session, unit.actor[who], row.id, groups.GroupInput(**said), version=version, today=TODAY
    )


def shown(session, unit, row, who):
    return members.list_members(session, unit.actor[who], row, today=TODAY)


def placed(session, row):
    found = select(GroupMember).where(
        GroupMember.group_id == row.id,
        GroupMember.joined_on.is_not(None),
        GroupMember.left_on.is_(None),
    )
    return {each.participant_id for each in session.scalars(found)}


def test_a_package_meets_ten_times_weekly_and_a_day_off_gives_the_next_working_day(session, group):
    row = group(code="education_package", day=date(2026, 11, 27), at=time(9), times=None)
    days = [local_date(each.starts_at) for each in row.sessions]
    assert len(days) == 10
    assert date(2026, 12, 25) not in days
    assert date(2026, 12, 28) in days
    minutes = sum((each.ends_at - each.starts_at).seconds // 60 for each in row.sessions)
    assert minutes == 30 * 60


def test_an_unusual_group_asks_why(group):
    with pytest.raises(RuleViolation, match="omkring 10 personer"):
        group(code="workshop_dreams", capacity=25, times=1)
    row = group(code="workshop_dreams", capacity=25, times=1, limit_reason="Två ledare")
    assert (row.capacity, row.limit_reason) == (25, "Två ledare")
    with pytest.raises(RuleViolation, match="omkring 10 tillfällen"):
        group(code="education_package", times=3)


def test_only_planners_begin_groups_and_the_leader_is_a_colleague(session, unit, make, group):
    with pytest.raises(Refused):
        group(who="karin")
    stranger = make.user(unit=make.unit(name="Norra"))
    with pytest.raises(Invalid):
        group(leader_id=stranger.id)


def test_no_group_is_made_of_what_is_archived(session, unit, activity, group):
    row = activity("language_cafe")
    catalogue.set_ended(session, unit.actor["mona"], row.id, ended=True, version=None, today=TODAY)
    with pytest.raises(RuleViolation, match="arkiverad"):
        group()


def test_a_session_is_moved_and_called_off_by_planner_or_leader_alone(session, unit, group):
    row = group(leader_id=unit.karin.id)
    first, second, _ = row.sessions
    new = groups.SeriesInput(TODAY + timedelta(days=1), time(15), room="Blå rummet")
    moved = groups.move_session(
        session, unit.actor["karin"], first.id, new,
        reason=ChangeReason.ROOM, version=first.version, today=TODAY,
    )  # fmt: skip
    assert (moved.ends_at - moved.starts_at) == timedelta(minutes=90)
    assert (local_date(moved.starts_at), moved.room) == (TODAY + timedelta(days=1), "Blå rummet")
    groups.cancel_session(
        session, unit.actor["lena"], second.id, reason=ChangeReason.STAFF, version=None, now=NOW
    )
    with pytest.raises(RuleViolation, match="inställt"):
        groups.move_session(
            session, unit.actor["lena"], second.id, new,
            reason=ChangeReason.ROOM, version=None, today=TODAY,
        )  # fmt: skip
    other = group(name="Tisdagar")
    with pytest.raises(Refused):
        groups.cancel_session(
            session, unit.actor["karin"], other.sessions[0].id,
            reason=ChangeReason.STAFF, version=None, now=NOW,
        )  # fmt: skip


def test_a_stale_version_of_a_session_or_group_is_a_conflict(session, unit, group):
    row = group()
    first = row.sessions[0]
    shown_version, group_version = first.version, row.version
    new = groups.SeriesInput(TODAY, time(15))
    move = {"reason": ChangeReason.ROOM, "version": shown_version, "today": TODAY}
    groups.move_session(session, unit.actor["lena"], first.id, new, **move)
    with pytest.raises(Conflict):
        groups.move_session(session, unit.actor["lena"], first.id, new, **move)
    change(session, unit, row, version=group_version, capacity=5)
    with pytest.raises(Conflict):
        change(session, unit, row, version=group_version, capacity=6)


def test_a_full_group_has_a_waiting_list_and_the_longest_wait_gets_the_place(
    session, unit, make, group, join
):
    row = group(capacity=1)
    first, second, third = (make.participant(unit.lena) for _ in range(3))
    has_place = join(row, first)
    join(row, third, minutes=2)
    waited = join(row, second, minutes=1)
    assert waited.joined_on is None
    order = [each.member.participant_id for each in shown(session, unit, row, "lena")]
    assert order == [first.id, second.id, third.id]

    moved_up = members.leave(session, unit.actor["lena"], row.id, has_place.id, today=TODAY)

    assert moved_up == 1
    assert placed(session, row) == {second.id}
    change(session, unit, row, capacity=3)
    assert placed(session, row) == {second.id, third.id}
    with pytest.raises(RuleViolation, match="Fler än så"):
        change(session, unit, row, capacity=1)


def test_who_comes_back_waits_anew(session, unit, make, group, join):
    row = group(capacity=1)
    member = join(row, unit.samira)
    other = make.participant(unit.lena)
    join(row, other, minutes=1)
    members.leave(session, unit.actor["lena"], row.id, member.id, today=TODAY)
    again = join(row, unit.samira, minutes=2)
    assert again.id == member.id
    assert again.joined_on is None
    assert placed(session, row) == {other.id}


def test_nobody_is_in_a_group_twice(unit, group, join):
    row = group()
    join(row, unit.samira)
    with pytest.raises(RuleViolation, match="redan plats"):
        join(row, unit.samira)


def test_only_her_own_worker_lets_somebody_join(session, unit, group, join):
    row = group()
    with pytest.raises(Refused):
        join(row, unit.samira, who="johan")
    with pytest.raises(NotFound):
        join(row, unit.samira, who="karin")
    with pytest.raises(Refused):
        join(row, unit.samira, who="mona")


def test_her_own_worker_and_the_leader_let_somebody_leave(session, unit, group, join):
    row = group()
    member = join(row, unit.samira)
    with pytest.raises(Refused):
        members.leave(session, unit.actor["mona"], row.id, member.id, today=TODAY)
    members.leave(session, unit.actor["johan"], row.id, member.id, today=TODAY)
    assert member.left_on == TODAY


def test_a_case_or_a_group_that_has_ended_takes_nobody(session, unit, make, group, join):
    over = group(day=TODAY - timedelta(days=30), times=2)
    with pytest.raises(RuleViolation, match="träffas inte mer"):
        join(over, unit.samira)
    ended = make.participant(unit.lena, with_case=False)
    make.case(ended, unit.lena, ended_on=TODAY - timedelta(days=1))
    with pytest.raises(RuleViolation, match="avslutat"):
        join(group(), ended)


def test_a_protected_person_joins_only_where_her_handler_leads_and_is_not_there_for_others(
    session, unit, group, join
):
    with pytest.raises(RuleViolation, match="utsedd handläggare"):
        join(group(), unit.nora)
    row = group(leader_id=unit.lena.id)
    join(row, unit.nora)
    join(row, unit.samira, minutes=1)
    assert len(shown(session, unit, row, "lena")) == 2
    for other in ("johan", "mona"):
        assert [each.alias for each in shown(session, unit, row, other)] == [unit.samira.alias]
    assert shown(session, unit, row, "karin") == []


def test_a_new_leader_who_is_not_her_handler_is_refused_without_a_word_about_her(
    session, unit, group, join
):
    row = group(leader_id=unit.lena.id)
    join(row, unit.nora)
    with pytest.raises(RuleViolation, match="kan inte leda den här gruppen") as refused:
        change(session, unit, row, who="mona", leader_id=unit.johan.id)
    assert "skydd" not in refused.value.message
    with pytest.raises(NotFound):
        member = session.scalars(select(GroupMember)).one()
        members.leave(session, unit.actor["johan"], row.id, member.id, today=TODAY)


def test_others_see_the_alias_and_her_own_worker_and_the_leader_the_name(
    session, unit, make, group, join
):
    row = group()
    join(row, unit.samira)
    colleague = make.actor(name="Eva Holm")
    names = {who: shown(session, unit, row, who)[0].name for who in ("lena", "johan", "mona")}
    assert names["lena"] == names["johan"] == "Samira Haddad"
    assert names["mona"] == unit.samira.alias
    [seen] = members.list_members(session, colleague, row, today=TODAY)
    assert (seen.name, seen.is_own) == (unit.samira.alias, False)
    involve(session, unit.actor["lena"], unit.samira.id, unit.karin.id, Capacity.SUPERVISOR)
    assert shown(session, unit, row, "karin")[0].name == "Samira Haddad"


def test_a_supervisor_who_leads_knows_who_is_in_her_group_and_nobody_else(
    session, unit, make, group, join
):
    row, other = group(leader_id=unit.karin.id), group(name="Tisdagar")
    member = join(row, unit.samira)
    join(other, make.participant(unit.lena))
    [seen] = shown(session, unit, row, "karin")
    assert (seen.name, seen.may_open) == ("Samira Haddad", False)
    assert shown(session, unit, other, "karin") == []
    with pytest.raises(NotFound):
        get_visible(session, unit.actor["karin"], unit.samira.id, today=TODAY)
    protect_later(session, unit)
    assert shown(session, unit, row, "karin") == []
    assert member.left_on is None


def protect_later(session, unit):
    unit.samira.protected = True
    session.flush()


def test_who_leads_a_group_with_somebody_protected_sees_her_alias(session, unit, group, join):
    row = group(leader_id=unit.lena.id)
    join(row, unit.nora)
    assert [each.name for each in shown(session, unit, row, "lena")] == [unit.nora.alias]


def test_the_reading_of_a_group_is_logged_with_whom_it_showed(session, unit, group, join):
    row = group(leader_id=unit.lena.id)
    join(row, unit.samira)
    join(row, unit.nora)
    session.commit()
    shown(session, unit, row, "johan")
    session.commit()
    seen = session.scalars(
        select(AuditEvent).where(AuditEvent.object_type == "activity_member")
    ).all()
    assert [each.subjects for each in seen] == [[str(unit.samira.id)]]


def test_the_number_of_queries_does_not_depend_on_how_many_there_are(
    session, unit, make, group, join, queries
):
    def count():
        session.expire_all()
        with queries() as found:
            lines = groups.list_groups(session, unit.actor["lena"], now=NOW)
            shown(session, unit, lines[0].group, "lena")
        return found.total

    row = group(capacity=20)
    join(row, unit.samira)
    before = count()
    for _ in range(5):
        join(row, make.participant(unit.lena))
        group(name="En till")
    assert count() == before


def test_todays_sessions_of_the_leader_stand_in_order(session, unit, group):
    group(at=time(15))
    group(at=time(9), code="job_search")
    group(leader_id=unit.lena.id)
    led = groups.sessions_led(session, unit.johan.id, TODAY, TODAY)
    assert [each.group.activity.code for each in led] == ["job_search", "language_cafe"]
    assert len(groups.sessions_on(session, unit.actor["karin"], TODAY)) == 3


def test_two_rows_of_one_person_keep_one_place_and_what_is_written(
    session, unit, make, group, join
):
    from matchsvc.activities import attendance
    from matchsvc.activities.models import GroupAttendance, Mark

    kept = make.participant(unit.lena, with_case=False)
    make.case(kept, unit.lena)
    gone = make.participant(unit.lena)
    row, other = group(), group(name="Tisdagar")
    stays = join(row, kept)
    goes = join(row, gone, minutes=1)
    alone = join(other, gone)
    first = row.sessions[0]
    attendance.write_attendance(
        session, unit.actor["johan"], first.id, {goes.id: Mark.LATE},
        version=None, today=TODAY, now=NOW,
    )  # fmt: skip
    from matchsvc.participants.cases import latest_case

    latest_case(session, gone).ended_on = TODAY
    session.flush()
    stays_id, goes_id, alone_id = stays.id, goes.id, alone.id
    merge_people(
        session, unit.actor["lena"], kept.id, gone.id, reason="Samma kort", today=TODAY, now=NOW
    )
    places = {each.id: each.participant_id for each in session.scalars(select(GroupMember))}
    assert places == {stays_id: kept.id, alone_id: kept.id}
    assert goes_id not in places
    came = session.scalars(select(GroupAttendance)).one()
    assert (came.member_id, came.mark) == (stays_id, Mark.LATE)


def test_another_units_group_is_not_there(session, unit, make, group):
    row = group()
    other = make.actor(Role.CASE_WORKER, unit=make.unit(name="Norra"))
    with pytest.raises(NotFound):
        groups.get_group(session, other, row.id)
    with pytest.raises(NotFound):
        groups.get_session(session, other, row.sessions[0].id)
    assert groups.list_groups(session, other, now=NOW) == []
