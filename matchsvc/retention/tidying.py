"""What goes by itself each night: nothing about a participant, and nothing that anybody reads.

A step is one table. Each call does a small batch of it, asked for anew, so that a run that is
killed has done some batches whole and the next one goes on with what is still old.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, delete, false, func, or_, select, update
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.accounts.settings import numbers_by_unit
from matchsvc.db import Base
from matchsvc.messages.models import MessageState
from matchsvc.swedish import add_months, local_date, sort_key
from matchsvc.workday.merging import keys_to

#: States in which nothing happens to a message any more.
_SETTLED = (
    MessageState.SENT,
    MessageState.FAILED,
    MessageState.CANCELLED,
    MessageState.BOUNCED,
)
#: What a colleague is called whose name is gone.
FORMER = "Tidigare medarbetare"
#: No mail can reach it (RFC 2606).
_AT = "@former.invalid"
_NOBODY = "–"
_DAYS = 90
#: Rows of a table in one transaction: others wait for one batch at the most.
BATCH = 200
#: Tables that only open an account or serve whoever has it: their rows go with its name.
OF_A_USER: Final = (
    *("second_factor", "recovery_code", "passkey", "sso_identity", "api_token"),
    *("login_session", "login_step", "password_token", "message_preference"),
    "report_subscription",
)
#: Tables of accounts whose rows stay, by an id that no name belongs to any more.
WITHOUT_A_NAME: Final[Mapping[str, str]] = MappingProxyType(
    {
        "user_account": "the row itself: emptied",
        "user_role": "as what somebody acted",
        "training_done": "that the unit's staff were trained is counted",
        "self_assessment_done": "who has answered, never what",
        "start_mark": "who marked a step of the start as done",
        "substitute": "who stood in for whom when something was decided",
    }
)
#: Tables of technical use that never grow old: something else keeps them short, or their rows are
#: as many as the names in the program.
KEPT_SHORT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "job_lease": "one row",
        "job_state": "one row of each job",
        "matching_stale": "matchsvc.matching.packing:pack_stale",
        "outcome_stale": "matchsvc.outcomes.ways:keep_touched",
    }
)

Old = Callable[[Table, datetime], ColumnElement[bool]]


def _before(*columns: str) -> Old:
    """Rows whose first known instant of some columns lies before the limit."""
    first, *others = columns
    if not others:
        return lambda table, limit: table.c[first] < limit
    return lambda table, limit: func.coalesce(*(table.c[each] for each in columns)) < limit


@dataclass(frozen=True, slots=True)
class Step:
    """One table of technical use.

    Attributes:
        table: its name. Where its rows belong to a unit, that unit's period holds; otherwise the
            longest of all units.
        is_old: which rows the limit has passed.
        empties: what is written over instead of deleting the row.
    """

    table: str
    is_old: Old
    empties: Mapping[str, Any] | None = None


def _settled(table: Table, limit: datetime) -> ColumnElement[bool]:
    return and_(
        table.c.state.in_(_SETTLED),
        table.c.created_at < limit,
        table.c.recipient_forgotten.is_(False),
    )


def _long_run(table: Table, limit: datetime) -> ColumnElement[bool]:
    """Days that no job asks for any more: it looks back 31 days, a period is 30 at the least."""
    return table.c.day < local_date(limit) - timedelta(days=3)


STEPS: Final[tuple[Step, ...]] = (
    Step("login_step", _before("created_at")),
    Step("login_session", _before("last_seen_at")),
    Step("password_token", _before("expires_at")),
    Step("attempt", _before("window_started_at")),
    Step("sso_answer", _before("used_at")),
    Step("passkey_challenge", _before("used_at")),
    Step("api_token", _before("expires_at")),
    Step("link_code", _before("expires_at")),
    Step("link_session", _before("expires_at")),
    Step("signed_link", _before("expires_at")),
    Step("undeliverable_address", _before("created_at")),
    # Also what was put up and never said yes to: it holds a whole file.
    Step("import_run", _before("finished_at", "heartbeat_at", "created_at")),
    Step("job_run", _long_run),
    Step(
        "outbox_message",
        _settled,
        {"body": None, "calendar": None, "recipient": _NOBODY, "recipient_forgotten": True},
    ),
)


def tidy_some(session: Session, actor: Actor, step: Step, *, now: datetime) -> int:
    """Delete or empty a batch of what is old in one table; how many rows, BATCH when there is more.

    What points at a row that goes points at nothing afterwards, or goes too where it must point.
    """
    table = Base.metadata.tables[step.table]
    (key,) = table.primary_key.columns
    rows = session.scalars(
        select(key).where(_old(session, step, table, now)).order_by(key).limit(BATCH)
    ).all()
    if not rows:
        return 0
    if step.empties is not None:
        session.execute(update(table).where(key.in_(rows)).values(**step.empties))
    else:
        for column in keys_to(step.table):
            points = column.in_(rows)
            if column.nullable:
                session.execute(update(column.table).where(points).values({column: None}))
            else:
                session.execute(delete(column.table).where(points))
        session.execute(delete(table).where(key.in_(rows)))
    session.expire_all()
    audit.record(session, actor, "delete", step.table, reason=f"retention: {len(rows)}")
    return len(rows)


def _old(session: Session, step: Step, table: Table, now: datetime) -> ColumnElement[bool]:
    days = {
        unit_id: each["retention_technical_days"]
        for unit_id, each in numbers_by_unit(session, "retention_technical_days").items()
    }
    if "unit_id" not in table.c:
        return step.is_old(table, now - timedelta(days=max(days.values(), default=_DAYS)))
    return or_(
        false(),
        *(
            and_(table.c.unit_id == unit_id, step.is_old(table, now - timedelta(days=each)))
            for unit_id, each in days.items()
        ),
    )


def forget_users(session: Session, actor: Actor, *, now: datetime) -> int:
    """Take the names off a batch of accounts that were closed long ago; how many, BATCH when more.

    That somebody wrote a note or signed stays, by an id that no name belongs to any more.
    """
    today = local_date(now)
    _note_closed(session, today)
    limits = numbers_by_unit(session, "retention_account_months")
    old = [
        and_(
            User.unit_id == unit_id,
            User.closed_on < add_months(today, -each["retention_account_months"]),
        )
        for unit_id, each in limits.items()
    ]
    people = session.scalars(
        select(User)
        .where(or_(false(), *old), User.email.not_like(f"%{_AT}"))
        .order_by(User.id)
        .limit(BATCH)
    ).all()
    for user in people:
        _forget(session, user)
    session.flush()
    if people:
        audit.record(session, actor, "delete", "user_account", reason=f"retention: {len(people)}")
    return len(people)


def _note_closed(session: Session, today: date) -> None:
    """When an account was first seen closed: what its clock starts from."""
    closed = User.is_active.is_(False)
    session.execute(update(User).where(closed, User.closed_on.is_(None)).values(closed_on=today))
    session.execute(update(User).where(~closed, User.closed_on.is_not(None)).values(closed_on=None))


def _forget(session: Session, user: User) -> None:
    key: UUID = user.id
    user.name, user.sort_key = FORMER, sort_key(FORMER)
    user.email, user.phone, user.password_hash = f"{key.hex}{_AT}", None, None
    for name in OF_A_USER:
        table = Base.metadata.tables[name]
        session.execute(delete(table).where(table.c.user_id == key))
