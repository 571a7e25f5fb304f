"""Among which rows of the log a sample is drawn: one function for each kind."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import String, and_, cast, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from matchsvc.accounts.actors import ActorKind
from matchsvc.accounts.models import AuditEvent, User
from matchsvc.log_checks.models import SampleKind
from matchsvc.participants.access import protected_of
from matchsvc.participants.models import Capacity, Involvement
from matchsvc.swedish import STOCKHOLM, end_of_day, local_date

#: A day is unusual when somebody's openings are this many times her median, and at least so many.
TIMES_THE_MEDIAN = 3
LEAST_UNUSUAL = 15
#: How far back before the period a median looks.
MEDIAN_DAYS = 90
_READ = ("read", "list", "search", "export", "assist", "disclose")
#: Checks themselves, which would otherwise fill every sample.
_NOT_LOOKED_AT = ("audit_sample",)


@dataclass(frozen=True, slots=True)
class Opening:
    """One time that somebody was shown people, by the first of its rows that is looked at.

    Attributes:
        id: number of the row.
        reader: the user.
        day: in Stockholm.
        people: ids of everybody whom the row shows.
        request: what tells it from other openings of the reader's.
    """

    id: int
    reader: UUID
    day: date
    people: frozenset[UUID]
    request: str


def population(
    session: Session, unit_id: UUID, kind: SampleKind, from_on: date, until_on: date
) -> list[int]:
    """Numbers of the rows among which a sample is drawn, one for each opening, in order.

    Args:
        session: to read with.
        unit_id: whose members of staff are looked at. Jobs and commands are nobody's.
        kind: which rows.
        from_on: the first day, in Stockholm.
        until_on: the last.

    """
    found = _KINDS[kind](session, unit_id, from_on, until_on)
    first: dict[tuple[UUID, str], int] = {}
    for each in found:
        first.setdefault((each.reader, each.request), each.id)
    return sorted(first.values())


def people_of(row: Any) -> frozenset[UUID]:
    """Ids of the people whom a row of the log shows."""
    found = set(map(UUID, row.subjects))
    if row.object_type == "participant" and row.object_id is not None:
        found |= _as_ids([row.object_id])
    return frozenset(found)


def _as_ids(texts: Iterable[str]) -> set[UUID]:
    found = set()
    for text in texts:
        try:
            found.add(UUID(text))
        except ValueError:  # an alias that was guessed
            continue
    return found


def _rows(
    session: Session, unit_id: UUID, from_on: date, until_on: date, *which: ColumnElement[bool]
) -> Iterator[Opening]:
    begins = datetime.combine(from_on, time(), STOCKHOLM).astimezone(UTC)
    staff = session.scalars(select(User.id).where(User.unit_id == unit_id)).all()
    asked = select(
        AuditEvent.id, AuditEvent.at, AuditEvent.actor, AuditEvent.object_type,
        AuditEvent.object_id, AuditEvent.subjects, AuditEvent.request_id,
    ).where(
        AuditEvent.at >= begins,
        AuditEvent.at <= end_of_day(until_on),
        AuditEvent.actor.in_([f"{ActorKind.USER}:{user_id}" for user_id in staff]),
        AuditEvent.object_type.not_in(_NOT_LOOKED_AT),
        *which,
    )  # fmt: skip
    for row in session.execute(asked.order_by(AuditEvent.id)):
        reader = UUID(row.actor.partition(":")[2])
        request = row.request_id or f"row {row.id}"
        yield Opening(row.id, reader, local_date(row.at), people_of(row), request)


def _shows_people() -> ColumnElement[bool]:
    return and_(
        AuditEvent.action.in_(_READ),
        or_(
            cast(AuditEvent.subjects, String) != "[]",
            and_(AuditEvent.object_type == "participant", AuditEvent.object_id.is_not(None)),
        ),
    )


def _random(session: Session, unit_id: UUID, from_on: date, until_on: date) -> Iterable[Opening]:
    return _rows(session, unit_id, from_on, until_on, _shows_people())


def _outside(session: Session, unit_id: UUID, from_on: date, until_on: date) -> Iterable[Opening]:
    """One person's record, by somebody who did not work with her, whether or not with a reason.

    Lists are left out: the unit knows its participants by alias, and a list shows many.
    """
    works_with: Mapping[tuple[UUID, UUID], date | None] = {
        (user_id, participant_id): until
        for user_id, participant_id, until in session.execute(
            select(Involvement.user_id, Involvement.participant_id, Involvement.until)
            .join(User, User.id == Involvement.user_id)
            .where(User.unit_id == unit_id, Involvement.capacity != Capacity.READING_WITH_REASON)
            # Last of several capacities: the one that lasts longest.
            .order_by(Involvement.until.is_(None), Involvement.until)
        )
    }
    for each in _random(session, unit_id, from_on, until_on):
        if len(each.people) != 1:
            continue
        (person,) = each.people
        until = works_with.get((each.reader, person), date.min)
        if until is not None and until < each.day:
            yield each


def _protected(session: Session, unit_id: UUID, from_on: date, until_on: date) -> Iterable[Opening]:
    protected = protected_of(session, unit_id)
    found = _random(session, unit_id, from_on, until_on)
    return (each for each in found if not protected.isdisjoint(each.people))


def _volume(session: Session, unit_id: UUID, from_on: date, until_on: date) -> Iterable[Opening]:
    """Everything of the days on which somebody opened far more than on her days otherwise."""
    rows = list(_random(session, unit_id, from_on - timedelta(days=MEDIAN_DAYS), until_on))
    openings = {(each.reader, each.day, each.request) for each in rows}
    counted = Counter((reader, day) for reader, day, _request in openings)
    usual: dict[UUID, list[int]] = defaultdict(list)
    for (reader, _day), number in counted.items():
        usual[reader].append(number)
    unusual = {
        (reader, day)
        for (reader, day), number in counted.items()
        if number >= max(LEAST_UNUSUAL, TIMES_THE_MEDIAN * median(usual[reader]))
    }
    return (each for each in rows if each.day >= from_on and (each.reader, each.day) in unusual)


def _refused(session: Session, unit_id: UUID, from_on: date, until_on: date) -> Iterable[Opening]:
    return _rows(session, unit_id, from_on, until_on, AuditEvent.action == "refused")


def _break_glass(
    session: Session, unit_id: UUID, from_on: date, until_on: date
) -> Iterable[Opening]:
    with_reason = json.dumps([Capacity.READING_WITH_REASON.value])
    opened = (AuditEvent.action == "involve", cast(AuditEvent.fields, String) == with_reason)
    return _rows(session, unit_id, from_on, until_on, *opened)


_KINDS: Mapping[SampleKind, Callable[[Session, UUID, date, date], Iterable[Opening]]] = (
    MappingProxyType(
        {
            SampleKind.RANDOM: _random,
            SampleKind.OUTSIDE: _outside,
            SampleKind.PROTECTED: _protected,
            SampleKind.VOLUME: _volume,
            SampleKind.REFUSED: _refused,
            SampleKind.BREAK_GLASS: _break_glass,
        }
    )
)


def chosen(numbers: Sequence[int], seed: str, size: int) -> list[int]:
    """The rows that a seed draws, by time: whoever has the seed can draw them again by hand."""
    return sorted(sorted(numbers, key=lambda number: _lot(seed, number))[:size])


def _lot(seed: str, number: int) -> str:
    return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()


def hash_of(numbers: Sequence[int]) -> str:
    """What tells a population from another."""
    return hashlib.sha256(",".join(map(str, numbers)).encode()).hexdigest()
