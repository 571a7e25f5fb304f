"""What happens to accounts and somebody has to look at: a task for those who lead the unit.

Accounts stand below and know no tasks; the rules here follow what they tell.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.bulk_reading import when_stopped
from matchsvc.accounts.models import Role, User
from matchsvc.accounts.rules import list_users
from matchsvc.accounts.single_sign_on import when_kept
from matchsvc.swedish import local_date
from matchsvc.workday.models import Task
from matchsvc.workday.rules import add_task, managers_of

ONLY_ADMIN_TASK = "only_admin"
BULK_TASK = "bulk_reading"


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


def tell_of_bulk_reading(session: Session, actor: Actor, now: datetime) -> None:
    """Give the unit's other managers a task; where there is none, its administrators. Once a day.

    A done task of the same day counts as told: who has asked why is not told again at once.
    """
    reader = session.get_one(User, actor.require_user())
    others = [each for each in managers_of(session, reader.unit_id) if each != reader.id]
    if not others:
        keepers = list_users(session, reader.unit_id, Role.ADMIN)
        others = [each.id for each in keepers if each.id != reader.id]
    today = local_date(now)
    told = session.scalars(
        select(Task.owner_id).where(
            Task.kind == BULK_TASK, Task.about_id == reader.id, Task.due_on == today
        )
    ).all()
    for owner_id in others:
        if owner_id in told:
            continue
        add_task(
            session,
            actor,
            owner_id=owner_id,
            unit_id=reader.unit_id,
            kind=BULK_TASK,
            about_type="user",
            about_id=reader.id,
            due_on=today,
            words={"colleague": reader.name},
            origin="rule:bulk_reading",
        )


when_stopped(tell_of_bulk_reading)
when_kept(tell_of_only_administrator)
