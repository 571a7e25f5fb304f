"""What of a meeting a reader sees.

A meeting about somebody hidden from the reader is a busy time without words, and so is a
colleague's own busy time: the one cannot be told from the other. In a group the hidden person is
left out. What is written about a meeting is for its own people and for the participants' workers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User
from matchsvc.employers.models import Contact
from matchsvc.errors import Refused
from matchsvc.participants.access import Sight, shown_name, sight_of, visible_participants
from matchsvc.participants.models import Participant
from matchsvc.workday.meeting_models import Meeting, MeetingPerson, Room
from matchsvc.workday.meeting_plans import participants_on, staff_on
from matchsvc.workday.meeting_types import MEETING_TYPES, OWN_TIME, MeetingType, Party
from matchsvc.workday.meetings import slot_times

#: Who has a diary.
READERS = (
    Role.CASE_WORKER,
    Role.EMPLOYER_LIAISON,
    Role.PLACEMENT_COORDINATOR,
    Role.UNIT_MANAGER,
    Role.SUPERVISOR,
    Role.PRACTICAL_SUPERVISOR,
)
#: Who books.
BOOKERS = READERS[:-1]


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """Somebody on a meeting.

    Attributes:
        row: the person's row.
        name: name or alias as the reader may see it; None when the reader may not.
        alias: of a participant; leads to her page.
        email: whether there is an address to invite.
        starts_at: when the person's own slot begins, in a meeting with slots.
    """

    row: MeetingPerson
    name: str | None
    alias: str | None = None
    has_email: bool = False
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A meeting as somebody sees it.

    Attributes:
        meeting: the row; nothing but its times may be shown when ``is_busy``.
        is_busy: only that the time is taken.
        kind: its type; None when busy.
        owner: name of who answers for it.
        is_ownerless: whose account has ended.
        staff: names of all colleagues on it.
        people: participants and others, without those whom the reader may not know of.
        hidden: whether somebody is left out, told only to those who take part themselves.
        place: room and place.
        is_mine: the reader takes part.
        may_change: the reader may move it, call it off and write how it went.
        sees_texts: agenda and outcome are shown.
    """

    meeting: Meeting
    is_busy: bool
    kind: MeetingType | None
    owner: str
    is_ownerless: bool
    staff: tuple[str, ...]
    people: tuple[ShownPerson, ...]
    hidden: bool
    place: str | None
    is_mine: bool
    may_change: bool
    sees_texts: bool

    @property
    def names(self) -> list[str]:
        """Names or aliases of participants, then of others."""
        return [person.name for person in self.people if person.name]

    @property
    def lacks_interpreter(self) -> bool:
        """Whether an interpreter is wanted and not booked."""
        return not self.is_busy and any(
            booking.state != "booked" for booking in self.meeting.interpreters
        )


@dataclass(frozen=True, slots=True)
class _Known:
    participants: Mapping[UUID, Participant]
    sights: Mapping[UUID, Sight]
    users: Mapping[UUID, User]
    contacts: Mapping[UUID, Contact]
    rooms: Mapping[UUID, Room]


def show(
    session: Session, actor: Actor, meetings: Sequence[Meeting], *, today: date, log: bool = True
) -> list[Shown]:
    """Meetings of the actor's unit as the actor may see them. Five queries, however many.

    Args:
        session: to read with.
        actor: who looks.
        meetings: with people and interpreters loaded.
        today: an involvement that has ended gives no right.
        log: whether to log the participants that are shown.
    """
    known = _load(session, actor, meetings, today=today)
    shown = [_show(actor, meeting, known) for meeting in meetings]
    subjects = {
        person.row.ref_id
        for each in shown
        for person in each.people
        if person.alias and person.row.ref_id
    }
    if log:
        audit.record(session, actor, "list", "meeting", subjects=subjects)
    return shown


def _load(session: Session, actor: Actor, meetings: Sequence[Meeting], *, today: date) -> _Known:
    ids = {key for meeting in meetings for key in participants_on(meeting)}
    found = visible_participants(session, actor, today=today).where(Participant.id.in_(ids))
    participants = {each.id: each for each in session.scalars(found)}
    user_ids = {key for meeting in meetings for key in staff_on(meeting)}
    contact_ids = {
        person.ref_id
        for meeting in meetings
        for person in meeting.people
        if person.party is Party.EMPLOYER and person.ref_id
    }
    users = session.scalars(select(User).where(User.id.in_(user_ids)))
    contacts = session.scalars(select(Contact).where(Contact.id.in_(contact_ids)))
    rooms = session.scalars(
        select(Room).where(Room.id.in_({m.room_id for m in meetings if m.room_id}))
    )
    return _Known(
        participants,
        sight_of(session, actor, list(participants), today=today),
        {each.id: each for each in users},
        {each.id: each for each in contacts},
        {each.id: each for each in rooms},
    )


def _show(actor: Actor, meeting: Meeting, known: _Known) -> Shown:
    on_it = participants_on(meeting)
    seen = [key for key in on_it if key in known.participants]
    is_mine = actor.user_id in staff_on(meeting)
    is_private = meeting.kind == OWN_TIME and meeting.owner_id != actor.user_id
    kind = MEETING_TYPES.get(meeting.kind, MEETING_TYPES["other_meeting"])
    is_hidden = bool(on_it) and not seen and not kind.is_group
    is_busy = is_private or (is_hidden and not is_mine)
    owner = known.users.get(meeting.owner_id)
    is_own_case = bool(on_it) and all(
        known.sights.get(key, Sight.ALIAS) >= Sight.FULL for key in on_it
    )
    may_change = not is_busy and (
        actor.is_system
        or (is_mine and actor.has_role(*BOOKERS))
        or is_own_case
        or actor.has_role(Role.UNIT_MANAGER)
    )
    names = [known.users[key].name for key in staff_on(meeting) if key in known.users]
    room = known.rooms.get(meeting.room_id) if meeting.room_id else None
    return Shown(
        meeting=meeting,
        is_busy=is_busy,
        kind=None if is_busy else kind,
        owner=owner.name if owner else "",
        is_ownerless=owner is not None and not owner.is_active,
        staff=tuple(names),
        people=() if is_busy else tuple(_people(meeting, known)),
        hidden=is_mine and len(seen) < len(on_it),
        place=None
        if is_busy
        else ", ".join(filter(None, (room.name if room else None, meeting.place))) or None,
        is_mine=is_mine,
        may_change=may_change,
        sees_texts=not is_busy and (is_own_case or (is_mine and len(seen) == len(on_it))),
    )


def _people(meeting: Meeting, known: _Known) -> list[ShownPerson]:
    shown = []
    slots = {number: start for number, (start, _end) in enumerate(slot_times(meeting), start=1)}
    for person in meeting.people:
        if person.party is Party.STAFF:
            user = known.users.get(person.ref_id) if person.ref_id else None
            shown.append(ShownPerson(person, user.name if user else None, has_email=True))
        elif person.party is Party.PARTICIPANT:
            participant = known.participants.get(person.ref_id) if person.ref_id else None
            if participant is not None:
                sight = known.sights.get(participant.id, Sight.ALIAS)
                name = shown_name(participant, sight)
                at = slots.get(person.slot) if person.slot else None
                shown.append(ShownPerson(person, name, participant.alias, starts_at=at))
        else:
            contact = known.contacts.get(person.ref_id) if person.ref_id else None
            email = contact.email if contact else person.email
            name_of = contact.name if contact else person.name
            shown.append(ShownPerson(person, name_of, has_email=bool(email)))
    return shown


def is_more_than_busy(visible: Select[UUID]) -> ColumnElement[bool]:
    """Whether a meeting that stands is more than a busy time to whoever sees these participants.

    For counting what :func:`show` would not show as busy to somebody who takes no part.
    """
    on_it = MeetingPerson.party == Party.PARTICIPANT
    groups = [kind.code for kind in MEETING_TYPES.values() if kind.is_group]
    return and_(
        Meeting.cancelled_at.is_(None),
        Meeting.kind != OWN_TIME,
        or_(
            Meeting.kind.in_(groups),
            ~Meeting.people.any(on_it),
            Meeting.people.any(and_(on_it, MeetingPerson.ref_id.in_(visible))),
        ),
    )


def require_change(shown: Shown) -> None:
    """Refuse whoever may not change the meeting.

    Raises:
        Refused: neither theirs, nor their participant's, nor a manager.
    """
    if not shown.may_change:
        raise Refused


def visible_by(
    session: Session, actor: Actor, ids: Collection[UUID], *, today: date
) -> dict[UUID, Participant]:
    """Those of some participants that exist for an actor."""
    found = visible_participants(session, actor, today=today).where(Participant.id.in_(ids))
    return {each.id: each for each in session.scalars(found)}
