"""Who came: four answers and no reason, conflicts, corrections, shares and staff time."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent
from matchsvc.activities import attendance, groups, members, of_person
from matchsvc.activities.attendance import Share, minutes_each
from matchsvc.activities.models import GroupAttendance, Mark
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants.mapping import set_orientation
from matchsvc.participants.mapping_models import Orientation
from matchsvc.participants.protection import protect
from matchsvc.workday.meeting_models import ChangeReason
from matchsvc.workday.note_models import Note
from tests.activities.conftest import NOW
from tests.factories import TODAY


@pytest.fixture
def write(session, unit):
    def do(row, marks, who="johan", version=None, **values):
        day = {"today": TODAY, "now": NOW} | values
        return attendance.write_attendance(
            session, unit.actor[who], row.id, marks, version=version, **day
        )

    return do


def rows(sheet):
    return {each.member_id: each.mark for each in sheet.rows}


def actions(session):
    session.commit()
    found = select(AuditEvent.action).where(AuditEvent.object_type == "activity_session")
    return [each for each in session.scalars(found.order_by(AuditEvent.id)) if each != "read"]


def test_there_are_four_answers_and_no_place_for_a_reason():
    assert {each.value for each in Mark} == {"present", "late", "valid_absence", "not_known"}
    assert set(GroupAttendance.__table__.columns.keys()) == {
        *("id", "created_at", "session_id", "member_id", "mark")
    }


def test_the_leader_writes_who_came_and_corrections_are_logged_as_such(
    session, unit, make, group, join, write
):
    row = group()
    one, two = join(row, unit.samira), join(row, make.participant(unit.lena), minutes=1)
    first = row.sessions[0]
    write(first, {one.id: Mark.PRESENT, two.id: Mark.NOT_KNOWN})
    assert first.marked_by_id == unit.johan.id
    sheet = write(first, {one.id: Mark.PRESENT, two.id: Mark.VALID_ABSENCE})
    assert rows(sheet) == {one.id: Mark.PRESENT, two.id: Mark.VALID_ABSENCE}
    assert actions(session) == ["attendance", "correct_attendance"]


def test_the_rest_are_marked_together_but_never_over_an_answer(
    session, unit, make, group, join, write
):
    row = group()
    one, two = join(row, unit.samira), join(row, make.participant(unit.lena), minutes=1)
    third = join(row, make.participant(unit.lena), minutes=2)
    write(row.sessions[0], {one.id: Mark.LATE})
    sheet = write(row.sessions[0], {two.id: Mark.VALID_ABSENCE}, rest=Mark.PRESENT)
    assert rows(sheet) == {one.id: Mark.LATE, two.id: Mark.VALID_ABSENCE, third.id: Mark.PRESENT}


def test_two_who_save_at_once_see_the_conflict_even_when_they_agree(unit, group, join, write):
    row = group()
    member = join(row, unit.samira)
    first = row.sessions[0]
    shown = first.version
    write(first, {member.id: Mark.PRESENT}, version=shown)
    with pytest.raises(Conflict) as refused:
        write(first, {member.id: Mark.LATE}, who="lena", version=shown)
    assert refused.value.theirs == {str(member.id): Mark.PRESENT}
    again = first.version
    write(first, {member.id: Mark.PRESENT}, version=again)
    with pytest.raises(Conflict):
        write(first, {member.id: Mark.PRESENT}, version=again)


def test_nothing_is_written_before_the_day_or_of_what_is_called_off(
    session, unit, group, join, write
):
    row = group()
    member = join(row, unit.samira)
    with pytest.raises(RuleViolation, match="inte varit än"):
        write(row.sessions[1], {member.id: Mark.PRESENT})
    groups.cancel_session(
        session, unit.actor["lena"], row.sessions[0].id,
        reason=ChangeReason.STAFF, version=None, now=NOW,
    )  # fmt: skip
    with pytest.raises(RuleViolation):
        write(row.sessions[0], {member.id: Mark.PRESENT})


def test_a_session_that_was_held_is_neither_moved_nor_called_off(session, unit, group, join, write):
    row = group()
    write(row.sessions[0], {join(row, unit.samira).id: Mark.PRESENT})
    with pytest.raises(RuleViolation, match="redan skriven"):
        groups.cancel_session(
            session, unit.actor["lena"], row.sessions[0].id,
            reason=ChangeReason.STAFF, version=None, now=NOW,
        )  # fmt: skip


def test_a_supervisor_writes_only_of_groups_that_are_led_by_the_supervisor(
    session, unit, group, join, write
):
    row = group()
    member = join(row, unit.samira)
    with pytest.raises(Refused):
        write(row.sessions[0], {member.id: Mark.PRESENT}, who="karin")
    own = group(leader_id=unit.karin.id)
    assert write(own.sessions[0], {}, who="karin").rows == ()


def test_nobody_is_marked_who_is_not_on_the_list(session, unit, make, group, join, write):
    row = group(capacity=1)
    join(row, unit.samira)
    waits = join(row, make.participant(unit.lena), minutes=1)
    for key in (waits.id, uuid4()):
        with pytest.raises(Invalid):
            write(row.sessions[0], {key: Mark.PRESENT})


def test_whoever_has_left_stays_on_the_lists_of_before(session, unit, group, join, write):
    row = group(times=3)
    member = join(row, unit.samira)
    write(row.sessions[0], {member.id: Mark.PRESENT})
    members.leave(session, unit.actor["lena"], row.id, member.id, today=TODAY)
    week = TODAY + timedelta(days=7)
    sheets = [
        attendance.read_sheet(session, unit.actor["johan"], each.id, today=week)
        for each in row.sessions[:2]
    ]
    assert [len(each.rows) for each in sheets] == [1, 0]


def test_who_becomes_protected_is_gone_for_all_but_her_handler(session, unit, group, join, write):
    row = group()
    member = join(row, unit.samira)
    protect(session, unit.actor["lena"], unit.samira.id, today=TODAY)
    assert write(row.sessions[0], {}).rows == ()
    with pytest.raises(Invalid):
        write(row.sessions[0], {member.id: Mark.PRESENT})
    sheet = write(row.sessions[0], {member.id: Mark.PRESENT}, who="lena")
    assert [each.name for each in sheet.rows] == [unit.samira.alias]


def test_who_calls_the_roll_reads_names_and_other_planners_aliases(session, unit, group, join):
    row = group()
    join(row, unit.samira)
    names = {
        who: attendance.read_sheet(session, unit.actor[who], row.sessions[0].id, today=TODAY)
        for who in ("johan", "lena", "mona")
    }
    assert {who: sheet.rows[0].name for who, sheet in names.items()} == {
        "johan": "Samira Haddad",
        "lena": "Samira Haddad",
        "mona": unit.samira.alias,
    }
    session.commit()
    logged = session.scalars(
        select(AuditEvent.actor).where(
            AuditEvent.object_type == "activity_session", AuditEvent.action == "read"
        )
    )
    assert unit.actor["johan"].label in list(logged)


@pytest.mark.parametrize(
    ("minutes", "attended", "each"), [(90, 6, 15), (90, 4, 23), (150, 0, 0), (180, 7, 26)]
)
def test_a_leaders_minutes_are_shared_by_those_who_came_half_up(minutes, attended, each):
    assert minutes_each(minutes, attended) == each


def test_a_share_counts_what_was_written_and_is_none_when_nothing_was():
    assert Share().percent is None
    share = Share(came=5, late=1, valid=2, not_known=1)
    assert (share.of, share.percent) == (8, 63)


def test_her_own_worker_sees_groups_share_and_staff_time(session, unit, make, group, join, write):
    row = group()
    member = join(row, unit.samira)
    other = join(row, make.participant(unit.lena), minutes=1)
    write(row.sessions[0], {member.id: Mark.LATE, other.id: Mark.PRESENT})
    write(
        row.sessions[1],
        {member.id: Mark.NOT_KNOWN, other.id: Mark.PRESENT},
        today=TODAY + timedelta(days=7),
    )
    for archived_at in (None, NOW):
        make.save(
            Note(
                unit_id=unit.samira.unit_id, about_type="participant", about_id=unit.samira.id,
                author_id=unit.lena.id, happened="Talade om jobb", happened_on=TODAY, minutes=30,
                category="other", written_at=NOW, archived_at=archived_at,
            )
        )  # fmt: skip
    found = of_person.read_person(
        session, unit.actor["lena"], unit.samira.alias, today=TODAY, now=NOW
    )
    assert found.share == Share(came=1, late=1, not_known=1)
    assert (found.group_minutes, found.note_minutes) == (45, 30)
    assert found.orientation is None
    assert found.choosable[0].activity.code == "language_cafe"


def test_what_she_can_choose_follows_her_orientation(session, unit, group):
    lena = unit.actor["lena"]
    set_orientation(session, lena, unit.samira.id, Orientation.REHABILITATION, today=TODAY)

    def codes(**values):
        found = of_person.read_person(session, lena, unit.samira.id, today=TODAY, now=NOW, **values)
        return {each.activity.code for each in found.choosable}

    assert "rehabilitation" in codes()
    assert "training" not in codes()
    assert "training" in codes(everything=True)


def test_nobody_else_sees_a_persons_activities(session, unit):
    for who in ("johan", "mona"):
        with pytest.raises(Refused):
            of_person.read_person(session, unit.actor[who], unit.samira.id, today=TODAY, now=NOW)
    for who in ("johan", "karin"):
        with pytest.raises(NotFound):
            of_person.read_person(session, unit.actor[who], unit.nora.id, today=TODAY, now=NOW)
