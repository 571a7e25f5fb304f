"""A text message the working day before a meeting, to participants who have said yes to it.

It holds the time and the unit's phone number. When the time changes, one that has not left is
taken back; whoever may have got it hears what holds instead. A meeting with somebody protected
on it sends nothing to anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.models import Unit
from matchsvc.messages.models import MessageState, OutboxMessage, RecipientKind
from matchsvc.messages.outbox import supersede
from matchsvc.messages.short import Receiver, queue_time
from matchsvc.participants.access import everybody_among
from matchsvc.participants.messaging import text_number_of
from matchsvc.participants.models import Participant
from matchsvc.swedish import is_working_day
from matchsvc.workday.meeting_models import Meeting
from matchsvc.workday.meeting_plans import instant, participants_on
from matchsvc.workday.meeting_reads import get_meeting, meetings_between
from matchsvc.workday.meeting_types import OWN_TIME
from matchsvc.workday.meetings import times_of

KIND = "meeting_reminder"


def remind(session: Session, *, today: date) -> int:
    """Remind of the meetings up to and with the next working day; the day's job.

    Before a weekend that is Monday's and those of the weekend. A day off reminds of nothing. The
    same day again, or a day that was missed, writes nothing twice.

    Returns:
        How many reminders were written.
    """
    if not is_working_day(today):
        return 0
    last = today + timedelta(days=1)
    while not is_working_day(last):
        last += timedelta(days=1)
    start = instant(today + timedelta(days=1), time())
    end = instant(last + timedelta(days=1), time())
    units = session.scalars(select(Unit).where(Unit.phone.is_not(None)).order_by(Unit.id)).all()
    written = 0
    for unit in units:
        for meeting in meetings_between(session, unit.id, start, end):
            written += sum(
                _write(session, meeting, participant, unit.phone or "", KIND)
                for participant in _willing(session, meeting)
                if not _is_written(session, meeting, participant)
            )
    return written


def correct(session: Session, meeting: Meeting) -> None:
    """Take back the reminders of a time that changed; who may have got one hears what holds."""
    people = {each.id: each for each in _willing(session, meeting)}
    off = meeting.cancelled_at is not None
    unit = session.get_one(Unit, meeting.unit_id)
    for key in sorted(participants_on(meeting), key=str):
        has_heard = supersede(session, thread_of(meeting.id, key))
        if has_heard and key in people and unit.phone:
            kind = f"{KIND}_off" if off else f"{KIND}_moved"
            _write(session, meeting, people[key], unit.phone, kind)


def leave(session: Session, meeting: Meeting, participant_id: UUID) -> None:
    """Somebody takes part no longer: what has not left is taken back, what has is called off."""
    if supersede(session, thread_of(meeting.id, participant_id)):
        unit = session.get_one(Unit, meeting.unit_id)
        for each in everybody_among(session, [participant_id]):
            if unit.phone and text_number_of(each):
                _write(session, meeting, each, unit.phone, f"{KIND}_off")


def thread_of(meeting_id: UUID, participant_id: UUID) -> str:
    """The thread of reminders about one meeting to one person."""
    return f"reminder:{meeting_id}:{participant_id}"


def still_holds(session: Session, message: OutboxMessage) -> bool:
    """Whether what a reminder says is still so, asked as it leaves. Fails closed."""
    found = session.get(Meeting, message.cause_id) if message.cause_id else None
    if found is None or message.recipient_id is None:
        return False
    meeting = get_meeting(session, found.unit_id, found.id)
    if any(each.stays_inside for each in everybody_among(session, participants_on(meeting))):
        return False
    if message.kind != KIND:
        return True
    is_on_it = message.recipient_id in participants_on(meeting) and meeting.cancelled_at is None
    return is_on_it and _starts(meeting, message.recipient_id) == message.not_after


def _willing(session: Session, meeting: Meeting) -> Iterator[Participant]:
    """Those on a meeting who get text messages; nobody where somebody is protected."""
    people = everybody_among(session, participants_on(meeting))
    if meeting.kind != OWN_TIME and not any(each.stays_inside for each in people):
        yield from (each for each in people if text_number_of(each))


def _starts(meeting: Meeting, participant_id: UUID) -> datetime:
    return times_of(meeting, participant_id)[0]


def _is_written(session: Session, meeting: Meeting, participant: Participant) -> bool:
    known = select(OutboxMessage.id).where(
        OutboxMessage.thread == thread_of(meeting.id, participant.id),
        OutboxMessage.not_after == _starts(meeting, participant.id),
        OutboxMessage.state != MessageState.CANCELLED,
    )
    return session.scalar(known.limit(1)) is not None


def _write(
    session: Session, meeting: Meeting, participant: Participant, unit_phone: str, kind: str
) -> bool:
    queue_time(
        session,
        Receiver(RecipientKind.PARTICIPANT, participant.id, text_number_of(participant) or ""),
        unit_id=meeting.unit_id,
        kind=kind,
        starts_at=_starts(meeting, participant.id),
        unit_phone=unit_phone,
        cause_id=meeting.id,
        thread=thread_of(meeting.id, participant.id),
    )
    return True
