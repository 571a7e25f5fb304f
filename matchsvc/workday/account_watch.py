"""What happens to accounts and somebody has to look at: a task for those who lead the unit.

Accounts stand below and know no tasks; the rules here follow what they tell.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.accounts.single_sign_on import when_kept
from matchsvc.swedish import local_date
from matchsvc.workday.rules import add_task, managers_of

ONLY_ADMIN_TASK = "only_admin"


def tell_of_only_administrator(session: Session, actor: Actor, user: User, now: datetime) -> None:
    """Give the unit's managers, and herself, a task: once, while it is open."""
    for owner_id in dict.fromkeys((*managers_of(session, user.unit_id), user.id)):
        add_task(
            session,
            actor,
            owner_id=owner_id,
            unit_id=user.unit_id,
            kind=ONLY_ADMIN_TASK,
            about_type="user",
            about_id=user.id,
            due_on=local_date(now),
            words={"colleague": user.name},
            origin="rule:only_admin",
        )


when_kept(tell_of_only_administrator)
