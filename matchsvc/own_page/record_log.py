"""Who has opened somebody's record: role, unit and time, never names (domain 4.5, LAW-04).

For her alone: the page asks first whether anybody reads along.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, or_, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit, audit_months
from matchsvc.accounts.actors import Actor, ActorKind
from matchsvc.accounts.models import AuditEvent, Role, Unit, User
from matchsvc.errors import N_, Invalid
from matchsvc.participants.models import Participant
from matchsvc.swedish import local_date

#: How far back, and how many openings at most.
REACH = timedelta(days=365)
MOST = 100
_ROWS = 2_000
_READ = frozenset({"read", "list", "search", "assist"})


class Did(enum.StrEnum):
    """What was done, in the words that matter to her."""

    READ = "read"
    CHANGED = "changed"
    TOOK_OUT = "took_out"
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class Opening:
    """One time somebody was in her record.

    Attributes:
        at: when.
        kind: user, command, job or link.
        roles: of a user, as they are now.
        unit: the user's, by name.
        did: what, the gravest if several.
    """

    at: datetime
    kind: ActorKind
    roles: tuple[Role, ...]
    unit: str | None
    did: Did


def require_alone(*, alone: bool) -> None:
    """Refuse to show the log unless she alone looks.

    Raises:
        Invalid: nobody has said so.
    """
    if not alone:
        raise Invalid({"alone": N_("Kryssa i att bara deltagaren ser skärmen.")})


def read_log(
    session: Session, actor: Actor, participant: Participant, *, alone: bool, now: datetime
) -> list[Opening]:
    """Who was in the record in the last year, latest first; reading it is logged too.

    Args:
        session: to read with.
        actor: her own worker, who shows it.
        participant: whose, from :func:`matchsvc.own_page.visits.get_visit`.
        alone: it was said that nobody reads along.
        now: the instant.

    Raises:
        Invalid: nobody has said that she alone looks.
    """
    require_alone(alone=alone)
    rows = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.at > now - REACH, *_about(participant))
        .order_by(AuditEvent.id.desc())
        .limit(_ROWS)
    ).all()
    audit.record(session, actor, "read", "record_log", participant.id, subjects=[participant.id])
    users = _users(session, rows)
    units = {unit.id: unit.name for unit in session.scalars(select(Unit))}
    return [_opening(each, users, units) for each in _by_request(rows)[:MOST]]


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of the log about somebody.

    Attributes:
        since: the day of the oldest row that is left of anybody's; None when nothing is left.
        openings: how many times somebody was in the record in what is left.
    """

    since: date | None
    openings: int


def count_left(session: Session, participant: Participant) -> Left:
    """How often her record was opened, as far back as the log goes.

    Older months are replaced by their seals (:mod:`matchsvc.accounts.audit_months`), which say
    nothing of anybody.
    """
    since = audit_months.kept_since(session)
    rows = session.execute(
        select(AuditEvent.actor, AuditEvent.request_id, AuditEvent.id).where(*_about(participant))
    )
    openings = {(actor, request_id or number) for actor, request_id, number in rows}
    return Left(None if since is None else local_date(since), len(openings))


def _about(participant: Participant) -> tuple[ColumnElement[bool], ...]:
    about = str(participant.id)
    return (
        AuditEvent.action != "refused",  # nothing was opened
        or_(AuditEvent.object_id == about, cast(AuditEvent.subjects, String).contains(about)),
    )


def _by_request(rows: Sequence[AuditEvent]) -> list[list[AuditEvent]]:
    """Rows of one request are one opening; a row without one stands alone."""
    found: dict[str, list[AuditEvent]] = {}
    for row in rows:
        found.setdefault(f"{row.actor} {row.request_id or row.id}", []).append(row)
    return list(found.values())


def _users(session: Session, rows: Sequence[AuditEvent]) -> dict[str, User]:
    ids = set()
    for row in rows:
        kind, _, rest = row.actor.partition(":")
        if kind == ActorKind.USER:
            ids.add(UUID(rest))
    found = select(User).where(User.id.in_(ids)).options(selectinload(User.roles))
    return {f"{ActorKind.USER}:{user.id}": user for user in session.scalars(found)}


def _opening(rows: list[AuditEvent], users: dict[str, User], units: dict[UUID, str]) -> Opening:
    first = rows[0]
    user = users.get(first.actor)
    return Opening(
        at=first.at,
        kind=ActorKind(first.actor.partition(":")[0]),
        roles=tuple(sorted(held.role for held in user.roles)) if user else (),
        unit=units.get(user.unit_id) if user else None,
        did=_did({row.action for row in rows}),
    )


def _did(actions: set[str]) -> Did:
    if "disclose" in actions:
        return Did.TOLD
    if "export" in actions:
        return Did.TOOK_OUT
    return Did.READ if actions <= _READ else Did.CHANGED
