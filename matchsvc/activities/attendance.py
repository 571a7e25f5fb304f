"""Who came to a session: present, late, valid absence or not known, never why (GRP-07).

Two who write at once: the second sees the conflict with what the first has saved. What is changed
afterwards is a correction and stands in the log as one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.activities.groups import get_session, may_change
from matchsvc.activities.members import name_for, people_in
from matchsvc.activities.models import (
    ActivityGroup,
    GroupAttendance,
    GroupMember,
    GroupSession,
    Mark,
)
from matchsvc.activities.places import in_case
from matchsvc.errors import N_, Conflict, Invalid, Refused, RuleViolation
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.outcomes.rules import record_outcome, take_back_outcome
from matchsvc.participants.access import sight_of
from matchsvc.participants.cases import latest_case
from matchsvc.participants.enrolment import programme_code, subject_of
from matchsvc.participants.models import Participant
from matchsvc.swedish import local_date

#: Marks of somebody who was there.
CAME = (Mark.PRESENT, Mark.LATE)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """Somebody on the list of a session, as the reader may see her."""

    member_id: UUID
    participant_id: UUID
    name: str
    alias: str
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The list of a session.

    Attributes:
        session: with its group and activity.
        rows: everybody who has a place that day whom the reader may know of.
        may_write: whether the reader writes who came.
        is_open: whether it can be written: the day has come, and it is not called off.
    """

    session: GroupSession
    rows: tuple[SheetRow, ...]
    may_write: bool
    is_open: bool


def read_sheet(session: Session, actor: Actor, session_id: UUID, *, today: date) -> Sheet:
    """The list of a session; the reading is logged.

    Raises:
        NotFound: unknown, or another unit's.
    """
    row = get_session(session, actor, session_id)
    sheet = _sheet(session, actor, row, today=today)
    audit.record(
        session, actor, "read", "activity_session", row.id,
        subjects=[each.participant_id for each in sheet.rows],
    )  # fmt: skip
    return sheet


def _sheet(session: Session, actor: Actor, row: GroupSession, *, today: date) -> Sheet:
    day = local_date(row.starts_at)
    marks = {
        each.member_id: each.mark
        for each in session.scalars(
            select(GroupAttendance).where(GroupAttendance.session_id == row.id)
        )
    }
    members = list(
        session.scalars(
            select(GroupMember)
            .where(
                GroupMember.group_id == row.group_id,
                or_(
                    GroupMember.id.in_(list(marks)),
                    (GroupMember.joined_on <= day)
                    & or_(GroupMember.left_on.is_(None) & in_case(day), GroupMember.left_on >= day),
                ),
            )
            .order_by(GroupMember.asked_at, GroupMember.id)
        )
    )
    people = people_in(session, actor, row.group, members, today=today)
    sights = sight_of(session, actor, list(people), today=today)
    rows = [
        SheetRow(
            each.id,
            each.participant_id,
            name_for(
                actor, row.group, people[each.participant_id], sights.get(each.participant_id)
            ),
            people[each.participant_id].alias,
            marks.get(each.id),
        )
        for each in members
        if each.participant_id in people
    ]
    return Sheet(
        row,
        tuple(rows),
        may_write=may_change(actor, row.group),
        is_open=row.cancelled_at is None and day <= today,
    )


def write_attendance(
    session: Session,
    actor: Actor,
    session_id: UUID,
    marks: Mapping[UUID, Mark],
    *,
    rest: Mark | None = None,
    version: int | None,
    today: date,
    now: datetime,
) -> Sheet:
    """Write who came.

    Args:
        session: a writing transaction.
        actor: who leads the group, or plans groups.
        session_id: which.
        marks: by id of the member; whoever is not named keeps what stands.
        rest: the mark of everybody on the list who has none yet.
        version: of the session as it was shown.
        today: the day.
        now: when it was written.

    Raises:
        NotFound: unknown, or another unit's.
        Refused: neither the leader nor a planner.
        RuleViolation: it is called off, or its day has not come.
        Invalid: somebody who is not on the list.
        Conflict: somebody else wrote meanwhile; ``theirs`` holds what is saved by member id.
    """
    row = get_session(session, actor, session_id, for_update=True)
    sheet = _sheet(session, actor, row, today=today)
    if not sheet.may_write:
        raise Refused
    if not sheet.is_open:
        raise RuleViolation(
            "not_yet", N_("Tillfället har inte varit än, eller är inställt. Närvaron skrivs sedan.")
        )
    known = {each.member_id: each for each in sheet.rows}
    if version is not None and row.version != version:
        raise Conflict({str(key): each.mark for key, each in known.items() if each.mark})
    if not set(marks) <= set(known):
        raise Invalid({"": N_("Någon har lämnat gruppen. Ladda om sidan.")})
    wanted = dict(marks)
    if rest is not None:
        wanted |= {k: rest for k, each in known.items() if each.mark is None and k not in marks}
    changed, added = _save(session, row, wanted)
    row.marked_at, row.marked_by_id = now, actor.user_id
    flag_modified(row, "marked_at")  # the version counts up though the instant may be the same
    session.flush()
    if wanted:
        tell_started(session, row.group, {key: known[key].participant_id for key in wanted})
    for action, keys in (("attendance", added), ("correct_attendance", changed)):
        if keys:
            subjects = [known[key].participant_id for key in keys]
            audit.record(session, actor, action, "activity_session", row.id, subjects=subjects)
    return _sheet(session, actor, row, today=today)


def _save(
    session: Session, row: GroupSession, wanted: Mapping[UUID, Mark]
) -> tuple[list[UUID], list[UUID]]:
    held = {
        each.member_id: each
        for each in session.scalars(
            select(GroupAttendance).where(GroupAttendance.session_id == row.id)
        )
    }
    changed, added = [], []
    for key, mark in wanted.items():
        if key not in held:
            session.add(GroupAttendance(session_id=row.id, member_id=key, mark=mark))
            added.append(key)
        elif held[key].mark is not mark:
            held[key].mark = mark
            changed.append(key)
    session.flush()
    return changed, added


def tell_started(session: Session, group: ActivityGroup, people: Mapping[UUID, UUID]) -> None:
    """Say to the reports on which day members first came to a group, or that they never did.

    Args:
        session: a writing transaction.
        group: with its activity.
        people: participants' ids by their members'.
    """
    came = session.execute(
        select(GroupAttendance.member_id, func.min(GroupSession.starts_at))
        .join(GroupSession, GroupSession.id == GroupAttendance.session_id)
        .where(GroupAttendance.member_id.in_(people), GroupAttendance.mark.in_(CAME))
        .group_by(GroupAttendance.member_id)
    )
    first = {row[0]: row[1] for row in came}
    for key, participant_id in people.items():
        if key not in first:
            take_back_outcome(session, OutcomeKind.ACTIVITY_STARTED, key)
            continue
        participant = session.get_one(Participant, participant_id)
        case = latest_case(session, participant)
        record_outcome(
            session,
            OutcomeKind.ACTIVITY_STARTED,
            key,
            subject_of(participant, case, programme=programme_code(session, case)),
            occurred_on=local_date(first[key]),
            detail=group.activity.kind.value,
        )


@dataclass(frozen=True, slots=True)
class Share:
    """How often somebody came, of all the sessions where something was written of her.

    Attributes:
        came: present or late.
        late: of those, late.
        valid: valid absences.
        not_known: not there, or nobody noticed; said beside the share, never read as a reason.
    """

    came: int = 0
    late: int = 0
    valid: int = 0
    not_known: int = 0

    @property
    def of(self) -> int:
        """Sessions where something was written of her."""
        return self.came + self.valid + self.not_known

    @property
    def percent(self) -> int | None:
        """Half-up whole percent; None when nothing was written."""
        return (200 * self.came + self.of) // (2 * self.of) if self.of else None


def shares_of(session: Session, member_ids: Collection[UUID]) -> dict[UUID, Share]:
    """How often each of some members came. Asks no right. One query."""
    rows = session.execute(
        select(GroupAttendance.member_id, GroupAttendance.mark, func.count())
        .where(GroupAttendance.member_id.in_(member_ids))
        .group_by(GroupAttendance.member_id, GroupAttendance.mark)
    )
    counts: dict[UUID, dict[Mark, int]] = {}
    for key, mark, number in rows:
        counts.setdefault(key, {})[mark] = number
    return {key: _share(each) for key, each in counts.items()}


def _share(counts: Mapping[Mark, int]) -> Share:
    late = counts.get(Mark.LATE, 0)
    return Share(
        came=counts.get(Mark.PRESENT, 0) + late,
        late=late,
        valid=counts.get(Mark.VALID_ABSENCE, 0),
        not_known=counts.get(Mark.NOT_KNOWN, 0),
    )


def minutes_each(minutes: int, attended: int) -> int:
    """The leader's minutes for each who came, rounded half up; 0 when nobody did.

    Args:
        minutes: length of the session.
        attended: how many were there, also late.
    """
    return (2 * minutes + attended) // (2 * attended) if attended else 0


def group_minutes(session: Session, member_ids: Collection[UUID]) -> int:
    """Leaders' minutes for one person over all her sessions. Asks no right. Two queries."""
    rows = session.execute(
        select(GroupSession.id, GroupSession.starts_at, GroupSession.ends_at)
        .join(GroupAttendance, GroupAttendance.session_id == GroupSession.id)
        .where(GroupAttendance.member_id.in_(member_ids), GroupAttendance.mark.in_(CAME))
    ).all()
    counted = session.execute(
        select(GroupAttendance.session_id, func.count())
        .where(
            GroupAttendance.session_id.in_([each.id for each in rows]),
            GroupAttendance.mark.in_(CAME),
        )
        .group_by(GroupAttendance.session_id)
    )
    attended = {key: number for key, number in counted}  # noqa: C416 - a result is no mapping
    return sum(
        minutes_each(int((each.ends_at - each.starts_at).total_seconds()) // 60, attended[each.id])
        for each in rows
    )
