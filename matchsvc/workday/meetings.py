"""Rules of meetings: book, move, call off, write how it went. They know nobody's name.

Who may do it and who is seen on it is decided by ``diary``, which calls these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.swedish import contains_identity_number, local_date
from matchsvc.workday.meeting_models import (
    Attendance,
    ChangeReason,
    InterpreterBooking,
    InterpreterState,
    Meeting,
    MeetingPerson,
)
from matchsvc.workday.meeting_plans import LONGEST, Guest, Interpreting, Plan, participants_on
from matchsvc.workday.meeting_types import MEETING_TYPES, Party


def book_meeting(
    session: Session,
    actor: Actor,
    plan: Plan,
    *,
    unit_id: UUID,
    owner_id: UUID,
    series_id: UUID | None = None,
) -> Meeting:
    """Write a meeting that has been checked (:func:`check_plan`).

    Args:
        session: the transaction.
        actor: who books.
        plan: what is wanted.
        unit_id: whose it is.
        owner_id: who answers for it.
        series_id: the same for all of a series.
    """
    kind = plan.type
    meeting = Meeting(
        id=uuid4(),
        unit_id=unit_id,
        owner_id=owner_id,
        kind=plan.kind,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        room_id=plan.room_id,
        place=plan.place or None,
        agenda=plan.agenda or None,
        general_minutes=kind.general if plan.general_minutes is None else plan.general_minutes,
        limit_reason=plan.limit_reason or None,
        series_id=series_id,
        people=[_person(guest, number) for number, guest in enumerate(plan.guests)],
        interpreters=[_booking(each) for each in plan.interpreters],
    )
    session.add(meeting)
    session.flush()
    audit.record(session, actor, "create", "meeting", meeting.id, subjects=participants_on(meeting))
    return meeting


def _person(guest: Guest, position: int) -> MeetingPerson:
    return MeetingPerson(
        id=uuid4(),
        position=position,
        party=guest.party,
        ref_id=guest.ref_id,
        name=guest.name or None,
        email=(guest.email or "").strip().lower() or None,
    )


def _booking(wanted: Interpreting) -> InterpreterBooking:
    return InterpreterBooking(
        language=wanted.language,
        authorised=wanted.authorised,
        wishes=list(wanted.wishes),
        state=wanted.state,
    )


def move_meeting(
    session: Session,
    actor: Actor,
    meeting: Meeting,
    plan: Plan,
    *,
    reason: ChangeReason,
    version: int | None = None,
) -> None:
    """Give a meeting the plan's time, room and place.

    Raises:
        Conflict: somebody else changed it meanwhile.
        RuleViolation: it has been called off or closed.
    """
    refuse_settled(meeting)
    check_version(meeting, version)
    was = (meeting.starts_at, meeting.ends_at, meeting.room_id, meeting.place)
    now = (plan.starts_at, plan.ends_at, plan.room_id, plan.place or None)
    if was == now:
        return
    meeting.starts_at, meeting.ends_at, meeting.room_id, meeting.place = now
    meeting.limit_reason = plan.limit_reason
    meeting.moved_reason = reason
    meeting.sequence += 1
    if was[:2] != now[:2]:
        for booking in meeting.interpreters:  # booked for another time is not booked
            booking.state = InterpreterState.TO_ASK
    session.flush()
    audit.record(
        session,
        actor,
        "change",
        "meeting",
        meeting.id,
        fields=["starts_at", "place"],
        reason=reason,
        subjects=participants_on(meeting),
    )


def cancel_meeting(
    session: Session,
    actor: Actor,
    meeting: Meeting,
    *,
    reason: ChangeReason,
    now: datetime,
    version: int | None = None,
) -> None:
    """Call a meeting off; a second time changes nothing.

    Raises:
        Conflict: somebody else changed it meanwhile.
        RuleViolation: somebody has written how it went.
    """
    if meeting.cancelled_at is not None:
        return
    refuse_settled(meeting)
    check_version(meeting, version)
    meeting.cancelled_at, meeting.cancel_reason = now, reason
    meeting.sequence += 1
    session.flush()
    audit.record(
        session,
        actor,
        "cancel",
        "meeting",
        meeting.id,
        reason=reason,
        subjects=participants_on(meeting),
    )


def refuse_settled(meeting: Meeting) -> None:
    """Refuse to change what is over.

    Raises:
        RuleViolation: it was called off, or somebody has written how it went.
    """
    if meeting.cancelled_at is not None:
        raise RuleViolation("cancelled", N_("Mötet är inställt. Boka ett nytt."))
    if meeting.closed_at is not None:
        raise RuleViolation("closed", N_("Någon har redan skrivit hur mötet gick. Boka ett nytt."))


@dataclass(frozen=True, slots=True)
class Went:
    """How a meeting went.

    Attributes:
        attendance: by id of the person in the meeting. Never why somebody did not come.
        minutes_spent: how long it took; None takes the time that was planned.
        outcome: what was agreed.
        next_on: when to meet next.
    """

    attendance: dict[UUID, Attendance]
    minutes_spent: int | None = None
    outcome: str | None = None
    next_on: date | None = None


def close_meeting(
    session: Session,
    actor: Actor,
    meeting: Meeting,
    went: Went,
    *,
    now: datetime,
    version: int | None = None,
) -> None:
    """Write who came and what was agreed; may be corrected by writing it again.

    Raises:
        Invalid: a field is wrong.
        RuleViolation: it has not begun, or was called off.
        Conflict: somebody else wrote meanwhile.
    """
    check_version(meeting, version)
    if meeting.cancelled_at is not None:
        raise RuleViolation("cancelled", N_("Mötet är inställt. Boka ett nytt."))
    if meeting.starts_at > now:
        raise RuleViolation("not_begun", N_("Mötet har inte börjat. Skriv efteråt hur det gick."))
    if contains_identity_number(went.outcome or "", today=local_date(now)):
        raise Invalid({"outcome": N_("Ta bort personnumret ur texten. Det har ett eget fält.")})
    if went.next_on is not None and went.next_on < local_date(meeting.starts_at):
        raise Invalid({"next_on": N_("Nästa möte kan inte vara före det här.")})
    planned = round((meeting.ends_at - meeting.starts_at).total_seconds() / 60)
    if not 0 <= (went.minutes_spent or 0) <= LONGEST:
        raise Invalid({"minutes_spent": N_("Skriv hur många minuter mötet tog.")})
    for person in meeting.people:
        if person.id in went.attendance:
            person.attendance = went.attendance[person.id]
    meeting.minutes_spent = planned if went.minutes_spent is None else went.minutes_spent
    meeting.outcome, meeting.next_on = went.outcome or None, went.next_on
    meeting.closed_at = now
    session.flush()
    audit.record(
        session,
        actor,
        "change",
        "meeting",
        meeting.id,
        fields=["attendance", "minutes_spent", "outcome", "next_on"],
        subjects=participants_on(meeting),
    )
    for follow in _when_closed:
        follow(session, actor, meeting)


#: What follows when somebody has written how a meeting went, in packages above this one.
_when_closed: list[Callable[[Session, Actor, Meeting], None]] = []


def when_closed(follow: Callable[[Session, Actor, Meeting], None]) -> None:
    """Let a rule of a package above follow each closing, in the same transaction."""
    _when_closed.append(follow)


def slot_times(meeting: Meeting) -> list[tuple[datetime, datetime]]:
    """The slots of a meeting that has them: 210 minutes, 30 of them general, give nine (PLA-07)."""
    length = MEETING_TYPES[meeting.kind].slot
    if length is None:
        return []
    step, slots = timedelta(minutes=length), []
    start = meeting.starts_at + timedelta(minutes=meeting.general_minutes)
    while start + step <= meeting.ends_at:
        slots.append((start, start + step))
        start += step
    return slots


def times_of(meeting: Meeting, participant_id: UUID) -> tuple[datetime, datetime]:
    """When a participant is met: in a slot, or the whole time."""
    slots = slot_times(meeting)
    for person in meeting.people:
        is_hers = person.party is Party.PARTICIPANT and person.ref_id == participant_id
        if is_hers and person.slot is not None and person.slot <= len(slots):
            return slots[person.slot - 1]
    return meeting.starts_at, meeting.ends_at


def book_slot(
    session: Session, actor: Actor, meeting: Meeting, *, number: int, participant_id: UUID
) -> MeetingPerson:
    """Give a participant a slot of the meeting.

    Args:
        session: the transaction.
        actor: who books.
        meeting: one with slots.
        number: from 1.
        participant_id: who; whether she may take part is the caller's to know.

    Raises:
        RuleViolation: there is no such slot, it is taken, or she has one.
    """
    refuse_settled(meeting)
    if not 1 <= number <= len(slot_times(meeting)):
        raise RuleViolation("no_such_slot", N_("Det finns ingen sådan tid. Välj en av de lediga."))
    for person in meeting.people:
        if person.slot == number:
            raise RuleViolation("slot_taken", N_("Tiden är redan tagen. Välj en av de lediga."))
        if person.ref_id == participant_id and person.party is Party.PARTICIPANT:
            raise RuleViolation("has_slot", N_("Personen har redan en tid under besöket."))
    person = MeetingPerson(
        id=uuid4(),
        position=len(meeting.people),
        party=Party.PARTICIPANT,
        ref_id=participant_id,
        slot=number,
    )
    meeting.people.append(person)
    session.flush()
    audit.record(
        session,
        actor,
        "change",
        "meeting",
        meeting.id,
        fields=["slot"],
        subjects=[participant_id],
    )
    return person


def free_slot(session: Session, actor: Actor, meeting: Meeting, *, number: int) -> None:
    """Take a booked slot back."""
    refuse_settled(meeting)
    gone = [person for person in meeting.people if person.slot == number]
    for person in gone:
        meeting.people.remove(person)
    session.flush()
    audit.record(
        session,
        actor,
        "change",
        "meeting",
        meeting.id,
        fields=["slot"],
        subjects=[p.ref_id for p in gone if p.ref_id],
    )


def set_interpreter(
    session: Session,
    actor: Actor,
    meeting: Meeting,
    wanted: Interpreting,
    *,
    version: int | None = None,
) -> InterpreterBooking:
    """Ask for an interpreter of a language, or say how far the booking has come.

    Raises:
        Conflict: somebody else changed the booking meanwhile.
    """
    refuse_settled(meeting)
    found = next((b for b in meeting.interpreters if b.language == wanted.language), None)
    if found is None:
        found = _booking(wanted)
        meeting.interpreters.append(found)
    else:
        check_version(found, version)
        found.authorised, found.wishes = wanted.authorised, list(wanted.wishes)
        found.state = wanted.state
    session.flush()
    audit.record(session, actor, "change", "meeting", meeting.id, fields=["interpreter"])
    return found
