"""Letters about somebody's own account. They hold nothing but what has happened."""

from __future__ import annotations

from sqlalchemy.orm import Session

from matchsvc.accounts.models import User
from matchsvc.messages.outbox import queue_message


def tell_of_reset(session: Session, user: User) -> None:
    """Queue the message that somebody's second factor is gone, in the transaction that did it."""
    queue_message(
        session,
        unit_id=user.unit_id,
        kind="second_factor_reset",
        recipient=user.email,
        subject="Din tvåstegsinloggning i matchsvc är borttagen",
        body=(
            "Hej!\n\nSystemförvaltaren har tagit bort din tvåstegsinloggning, och du är utloggad "
            "överallt. Ställ in telefonen på nytt när du loggar in nästa gång.\n\n"
            "Har du inte bett om det? Ring systemförvaltaren eller din chef nu.\n"
        ),
        cause_id=user.id,
    )
