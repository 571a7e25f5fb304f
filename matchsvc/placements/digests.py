"""A letter to colleagues that says how much waits: numbers and a link, nobody's name."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.models import User
from matchsvc.accounts.rules import actor_of
from matchsvc.messages.models import (
    Digest,
    MessagePreference,
    MessageState,
    OutboxMessage,
    Reach,
    RecipientKind,
)
from matchsvc.messages.outbox import queue_message
from matchsvc.messages.short import Receiver, queue_notice
from matchsvc.placements.task_list import my_tasks
from matchsvc.swedish import is_working_day
from matchsvc.workday.models import Task

KIND = "digest"


def write_digests(session: Session, *, today: date, base_url: str) -> int:
    """Tell every colleague who wants it how many tasks wait; the day's job.

    At most one a working day or one a week, early in the week; none to who has nothing to do. The
    same day again writes none.

    Returns:
        How many were written.
    """
    if not is_working_day(today):
        return 0
    found = session.execute(
        select(User, MessagePreference)
        .outerjoin(MessagePreference, MessagePreference.user_id == User.id)
        .where(User.is_active)
        .order_by(User.id)
    ).all()
    return sum(
        _write(session, user, chosen.reach if chosen else Reach.EMAIL, today, base_url)
        for user, chosen in found
        if not _has_got(session, user.id, chosen.digest if chosen else Digest.WEEKLY, today)
    )


def words_of(waiting: int, late: int, address: str) -> str:
    """What such a letter says."""
    tasks = "1 uppgift" if waiting == 1 else f"{waiting} uppgifter"
    are = "är försenad" if late == 1 else "är försenade"
    said = f"{tasks} väntar på dig" + (f", {late} {are}." if late else ".")
    return (
        f"Hej!\n\n{said}\n{address}\n\n"
        "Hur ofta du får det här väljer du under Inställningar, Meddelanden till mig.\n"
    )


def _write(session: Session, user: User, reach: Reach, today: date, base_url: str) -> bool:
    if reach is Reach.NONE:
        return False
    days = session.scalars(
        my_tasks(session, actor_of(session, user.id), today=today).with_only_columns(Task.due_on)
    ).all()
    waiting, late = len(days), sum(day < today for day in days)
    if not waiting:
        return False
    thread, address = _thread(user.id, today), f"{base_url}/tasks"
    if reach is Reach.TEXT and user.phone:
        receiver = Receiver(RecipientKind.USER, user.id, user.phone)
        queue_notice(
            session,
            receiver,
            unit_id=user.unit_id,
            kind=KIND,
            address=address,
            cause_id=user.id,
            thread=thread,
        )
        return True
    queue_message(
        session,
        unit_id=user.unit_id,
        kind=KIND,
        recipient=user.email,
        subject="Så mycket väntar på dig",
        body=words_of(waiting, late, address),
        cause_id=user.id,
        thread=thread,
        to=(RecipientKind.USER, user.id),
    )
    return True


def _has_got(session: Session, user_id: UUID, wanted: Digest, today: date) -> bool:
    """Whether there is nothing to send: not wanted, or this day or week has had its own."""
    if wanted is Digest.NONE:
        return True
    first = today if wanted is Digest.DAILY else today - timedelta(days=today.weekday())
    days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    known = select(OutboxMessage.id).where(
        OutboxMessage.thread.in_([_thread(user_id, day) for day in days]),
        OutboxMessage.state != MessageState.CANCELLED,
    )
    return session.scalar(known.limit(1)) is not None


def _thread(user_id: UUID, day: date) -> str:
    return f"digest:{user_id}:{day}"
