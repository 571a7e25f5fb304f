"""The town's quarterly reports: one that is frozen, and the next as its manager has begun it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.reports.quarterly import begin_report, freeze_report, save_notes
from matchsvc.reports.quarterly_subscriptions import subscribe
from matchsvc.reports.quarters import ended_quarters

_FROZEN = {
    "flow": "Fler skrevs in än vi hade räknat med. Vi har bett om en handläggare till.",
    "equity": "Vi föreslår fler platser utanför vård och städ från och med nästa kvartal.",
    "act": "Vi går igenom sena uppföljningar varje måndag.",
}
_BEGUN = {"waiting": "De flesta väntar på en plats, inte på en kartläggning."}


def build_reports(session: Session, *, today: date, now: datetime) -> None:
    """Freeze the report of the quarter before the last one, and begin the last one's."""
    manager = session.scalar(
        select(User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(UserRole.role == Role.UNIT_MANAGER, User.is_active)
        .order_by(User.email)
        .limit(1)
    )
    if manager is None:
        return
    actor = accounts.actor_of(session, manager)
    last, before = ended_quarters(today, 2)
    for quarter, notes in ((before, _FROZEN), (last, _BEGUN)):
        row = begin_report(session, actor, quarter, today=today)
        first = {note.section: note.version for note in row.notes}
        words = {section: (text, first[section]) for section, text in notes.items()}
        save_notes(session, actor, row.id, words, today=today)
        if notes is _FROZEN:
            frozen_at = now - timedelta(days=30)
            freeze_report(session, actor, row.id, today=today, now=frozen_at)
    subscribe(session, actor, wanted=True)
