"""Who is told that a quarter has ended: a link and no figures, once a quarter."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.accounts.rules import actor_of
from matchsvc.messages.models import OutboxMessage, RecipientKind
from matchsvc.messages.outbox import queue_message
from matchsvc.messages.preferences import unwilling_among
from matchsvc.reports.outcomes import READERS
from matchsvc.reports.quarterly_models import ReportSubscription
from matchsvc.reports.quarters import code_of, ended_quarters

KIND = "quarter_ended"
#: How long after a quarter's end somebody is still told of it: later it is no news.
_DAYS = 31


def subscribes(session: Session, actor: Actor) -> bool:
    """Whether the reader is told when a quarter has ended."""
    return actor.user_id is not None and session.get(ReportSubscription, actor.user_id) is not None


def subscribe(session: Session, actor: Actor, *, wanted: bool) -> None:
    """Choose to be told or not; again changes nothing.

    Raises:
        Refused: no member of staff, or one whose role reads no reports.
    """
    actor.require_role(*READERS)
    user_id = actor.require_user()
    session.execute(select(User.id).where(User.id == user_id).with_for_update())  # one at a time
    row = session.get(ReportSubscription, user_id)
    if wanted and row is None:
        session.add(ReportSubscription(user_id=user_id))
    elif not wanted and row is not None:
        session.delete(row)
    else:
        return
    session.flush()
    audit.record(session, actor, "change", "report_subscription", user_id)


def tell_subscribers(session: Session, *, today: date, base_url: str) -> int:
    """Tell everybody who wants it that a quarter has ended; the day's job.

    Each is told once a quarter, whatever has become of the message, and not of quarters that
    ended long ago. The same day again tells nobody.

    Returns:
        How many messages were written.
    """
    quarter = ended_quarters(today, 1)[0]
    if (today - quarter.end_date).days > _DAYS:
        return 0
    code = code_of(quarter.start_date)
    users = session.scalars(
        select(User)
        .join(ReportSubscription, ReportSubscription.user_id == User.id)
        .where(User.is_active)
        .order_by(User.id)
    ).all()
    ids = {user.id for user in users}
    told = set(
        session.scalars(
            select(OutboxMessage.recipient_id).where(
                OutboxMessage.thread.in_([_thread(user_id, code) for user_id in ids])
            )
        )
    )
    left_out = told | unwilling_among(session, ids)
    chosen = [
        user
        for user in users
        if user.id not in left_out and actor_of(session, user.id).has_role(*READERS)
    ]
    for user in chosen:
        queue_message(
            session,
            unit_id=user.unit_id,
            kind=KIND,
            recipient=user.email,
            subject="Ett kvartal har slutat",
            body=words_of(f"{base_url}/reports/quarterly"),
            cause_id=user.id,
            thread=_thread(user.id, code),
            to=(RecipientKind.USER, user.id),
        )
    return len(chosen)


def words_of(address: str) -> str:
    """What such a message says: where to read, and how to be told no more."""
    return (
        f"Hej!\n\nEtt kvartal har slutat. Kvartalsrapporten finns här:\n{address}\n\n"
        "Vill du inte ha det här, säg ifrån på samma sida.\n"
    )


def _thread(user_id: UUID, code: str) -> str:
    return f"{KIND}:{user_id}:{code}"
