"""The employment service's monthly visit: who is met when, and who has waited longest (PLA-07).

A block of three and a half hours opens with what concerns everybody, and is then cut into short
follow-ups. A slot of somebody whom the actor may not know of is a busy time that others pass by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.db import check_version
from matchsvc.diary.access import BOOKERS, Shown, ShownPerson, require_change
from matchsvc.diary.booking import open_meeting, own_cases
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.participants.access import shown_name, sight_of, visible_participants
from matchsvc.participants.models import Case, Participant
from matchsvc.swedish import local_date
from matchsvc.workday import meetings
from matchsvc.workday.meeting_models import Meeting, MeetingPerson
from matchsvc.workday.meeting_plans import participants_on
from matchsvc.workday.meeting_types import MEETING_TYPES, Party
from matchsvc.workday.meetings import slot_times

VISIT = "af_block"
#: Meetings at which somebody has met the employment service.
_MET = (VISIT, "three_party", "plan_to_work", "closing_meeting")
#: So many are suggested: as many as a visit can have slots.
MOST = 10


@dataclass(frozen=True, slots=True)
class Slot:
    """One short follow-up of a visit.

    Attributes:
        number: from 1.
        starts_at, ends_at: when.
        person: who is met, when the reader may know.
        worker: the person's case worker.
        is_taken: somebody has it.
    """

    number: int
    starts_at: datetime
    ends_at: datetime
    person: ShownPerson | None
    worker: str | None
    is_taken: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who has not met the employment service for a while.

    Attributes:
        alias, name: what the reader calls the person.
        met_on: when they last met; None when they never have.
        days: how long ago, or since the enrolment.
    """

    alias: str
    name: str
    met_on: date | None
    days: int


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as its page shows it."""

    shown: Shown
    slots: Sequence[Slot]
    waiting: Sequence[Waiting]

    @property
    def first_free(self) -> int | None:
        """The number of the earliest free slot."""
        return next((slot.number for slot in self.slots if not slot.is_taken), None)


def read_visit(session: Session, actor: Actor, meeting_id: UUID, *, today: date) -> Visit:
    """A visit with its slots, and of one's own those who have waited longest; logged.

    Raises:
        NotFound: there is none, or it is another kind of meeting.
    """
    shown = _open(session, actor, meeting_id, today=today)
    meeting = shown.meeting
    by_slot = {each.row.slot: each for each in shown.people if each.row.slot}
    taken = {each.slot for each in meeting.people if each.slot}
    keys = [each.row.ref_id for each in by_slot.values() if each.row.ref_id]
    workers = _workers(session, keys)
    return Visit(
        shown,
        [
            Slot(
                number,
                start,
                end,
                by_slot.get(number),
                workers.get(by_slot[number].row.ref_id) if number in by_slot else None,
                number in taken,
            )
            for number, (start, end) in enumerate(slot_times(meeting), start=1)
        ],
        waiting_for_visit(session, actor, meeting, today=today),
    )


def _open(
    session: Session, actor: Actor, meeting_id: UUID, *, today: date, for_update: bool = False
) -> Shown:
    shown = open_meeting(session, actor, meeting_id, today=today, for_update=for_update)
    if shown.meeting.kind != VISIT:
        raise NotFound("meeting")
    return shown


def _workers(session: Session, participant_ids: Sequence[UUID]) -> Mapping[UUID | None, str]:
    rows = session.execute(
        select(Case.participant_id, User.name)
        .join(User, User.id == Case.case_worker_id)
        .where(Case.participant_id.in_(participant_ids), Case.ended_on.is_(None))
    )
    return {row[0]: row[1] for row in rows}


def waiting_for_visit(
    session: Session, actor: Actor, meeting: Meeting, *, today: date
) -> list[Waiting]:
    """The actor's own who have no slot of this visit, the longest wait first.

    The wait alone orders them (DESIGN section 4.7). Somebody else's are suggested to nobody.
    """
    met = (
        select(MeetingPerson.ref_id, func.max(Meeting.starts_at).label("met_at"))
        .join(Meeting, Meeting.id == MeetingPerson.meeting_id)
        .where(
            MeetingPerson.party == Party.PARTICIPANT,
            Meeting.kind.in_(_MET),
            Meeting.cancelled_at.is_(None),
            Meeting.starts_at < meeting.starts_at,
        )
        .group_by(MeetingPerson.ref_id)
        .subquery()
    )
    found = (
        visible_participants(session, actor, today=today)
        .join(Case, (Case.participant_id == Participant.id) & Case.ended_on.is_(None))
        .outerjoin(met, met.c.ref_id == Participant.id)
        .where(
            Participant.id.in_(own_cases(actor.require_user())),
            Participant.id.not_in(participants_on(meeting)),
        )
        .add_columns(Case.enrolled_on, met.c.met_at)
    )
    rows = session.execute(found).all()
    waits = []
    sights = sight_of(session, actor, [row[0].id for row in rows], today=today)
    for person, enrolled_on, met_at in rows:
        met_on = local_date(met_at) if met_at is not None else None
        days = (today - (met_on or enrolled_on)).days
        name = shown_name(person, sights[person.id])
        waits.append((-days, person.number, person.id, Waiting(person.alias, name, met_on, days)))
    ordered = sorted(waits, key=lambda each: each[:2])[:MOST]
    audit.record(session, actor, "list", "participant", subjects=[each[2] for each in ordered])
    return [each[3] for each in ordered]


def move_slot(
    session: Session,
    actor: Actor,
    meeting_id: UUID,
    *,
    number: int,
    later: bool,
    version: int | None = None,
    today: date,
) -> Meeting:
    """Let somebody change places with the slot before or after; hidden ones are passed by.

    Raises:
        NotFound: no such visit or nobody the actor knows has the slot.
        Refused: the role does not book.
        RuleViolation: it is over, or there is no slot that way.
        Conflict: somebody else changed it meanwhile.
    """
    actor.require_role(*BOOKERS)
    shown = _open(session, actor, meeting_id, today=today, for_update=True)
    meeting = shown.meeting
    meetings.refuse_settled(meeting)
    check_version(meeting, version)
    known = {each.row.slot: each.row for each in shown.people if each.row.slot}
    if number not in known:
        raise NotFound("slot")
    taken = {each.slot for each in meeting.people if each.slot}
    hidden = taken - set(known)
    last = len(slot_times(meeting))
    way = range(number + 1, last + 1) if later else range(number - 1, 0, -1)
    target = next((each for each in way if each not in hidden), None)
    if target is None:
        raise RuleViolation("no_such_slot", N_("Det finns ingen tid åt det hållet."))
    mine, other = known[number], known.get(target)
    # The database allows nobody twice in a slot, not even between two statements.
    mine.slot = None
    session.flush()
    if other is not None:
        other.slot = number
        session.flush()
    mine.slot = target
    _note(session, actor, meeting, [each for each in (mine, other) if each is not None])
    return meeting


def set_general_part(
    session: Session,
    actor: Actor,
    meeting_id: UUID,
    *,
    minutes: int,
    version: int | None = None,
    today: date,
) -> Meeting:
    """Make what concerns everybody longer or shorter: 10 minutes leave ten slots, 60 leave seven.

    Raises:
        NotFound: there is no such visit.
        Refused: the actor may not change it.
        Invalid: it does not fit.
        RuleViolation: it is over, or a slot that would fall away is taken.
        Conflict: somebody else changed it meanwhile.
    """
    actor.require_role(*BOOKERS)
    shown = _open(session, actor, meeting_id, today=today, for_update=True)
    require_change(shown)
    meeting = shown.meeting
    meetings.refuse_settled(meeting)
    check_version(meeting, version)
    length = round((meeting.ends_at - meeting.starts_at).total_seconds() / 60)
    each = MEETING_TYPES[VISIT].slot or length
    if not 0 <= minutes <= length:
        raise Invalid({"minutes": N_("Den gemensamma delen ryms inte i mötet.")})
    left = (length - minutes) // each
    if any((person.slot or 0) > left for person in meeting.people):
        message = N_("Då faller en bokad tid bort. Flytta eller ta bort den först.")
        raise RuleViolation("slot_taken", message, fields={"minutes": message})
    meeting.general_minutes = minutes
    _note(session, actor, meeting, [])
    return meeting


def _note(
    session: Session, actor: Actor, meeting: Meeting, people: Sequence[MeetingPerson]
) -> None:
    meeting.sequence += 1
    session.flush()
    audit.record(
        session, actor, "change", "meeting", meeting.id, fields=["slot"],
        subjects=[each.ref_id for each in people if each.ref_id],
    )  # fmt: skip
