"""Who may be the same person twice: alike names and the same birth year, or the same phone."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any
from uuid import UUID

import numpy as np
from rapidfuzz import fuzz, process
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.participants.access import FULL_CAPACITIES, visible_participants
from matchsvc.participants.models import Involvement, Participant

#: Names at least so alike (0-100) may be one name written twice.
ALIKE = 85
MOST = 100


class Ground(enum.StrEnum):
    """Why two may be the same."""

    NAME = "name"  # and birth year
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class SamePeople:
    """Two who may be the same person.

    Attributes:
        numbers: of their aliases, the lower first.
        names: as this actor may call them.
        ground: why.
        is_open: whether this actor reads all of both and so may compare them.
    """

    numbers: tuple[int, int]
    names: tuple[str, str]
    ground: Ground
    is_open: bool


def same_people(
    session: Session, actor: Actor, *, today: date, about: UUID | None = None
) -> list[SamePeople]:
    """Pairs that may be one person, at most MOST, in one query; logged as a list.

    A manager finds all of the unit, by alias. Everybody else finds those whose names may be read
    anyway: that two names are alike tells a name. Two different identity numbers are two people.

    Args:
        session: a reading transaction.
        actor: who asks.
        today: an involvement that has ended opens nothing.
        about: only pairs with this participant.
    """
    mine = (
        select(Involvement.participant_id)
        .where(
            Involvement.user_id == actor.user_id,
            Involvement.capacity.in_(FULL_CAPACITIES),
            or_(Involvement.until.is_(None), Involvement.until >= today),
        )
        .scalar_subquery()
    )
    is_mine = Participant.id.in_(mine)
    found = visible_participants(session, actor, today=today)
    if not (actor.is_system or actor.has_role(Role.UNIT_MANAGER)):
        found = found.where(is_mine)
    rows = session.execute(
        found.order_by(Participant.number).with_only_columns(
            Participant.id,
            Participant.number,
            Participant.given_name,
            Participant.family_name,
            Participant.birth_year,
            Participant.phone,
            Participant.personal_id_index,
            Participant.protected,
            is_mine.label("mine"),
        )
    ).all()
    pairs: dict[tuple[int, int], tuple[Any, Any, Ground]] = {}
    for one, two, ground in (*_by_phone(rows), *_by_name(rows)):
        has_two_numbers = one.personal_id_index is not None and two.personal_id_index is not None
        if not has_two_numbers and about in (None, one.id, two.id):
            pairs.setdefault((one.number, two.number), (one, two, ground))
    first = sorted(pairs.items())[:MOST]
    audit.record(
        session,
        actor,
        "list",
        "same_people",
        subjects=sorted({row.id for _, (one, two, _) in first for row in (one, two)}),
    )
    return [
        SamePeople(numbers, (_shown(one), _shown(two)), ground, one.mine and two.mine)
        for numbers, (one, two, ground) in first
    ]


def _shown(row: Any) -> str:
    name = _name(row) if row.mine and not row.protected else ""
    return name or f"D-{row.number}"


def _name(row: Any) -> str:
    return " ".join(filter(None, (row.given_name, row.family_name)))


def _by_phone(rows: Any) -> Iterator[tuple[Any, Any, Ground]]:
    held = defaultdict(list)
    for row in rows:
        if row.phone:
            held[row.phone].append(row)
    for some in held.values():
        for one, two in combinations(some, 2):
            yield one, two, Ground.PHONE


def _by_name(rows: Any) -> Iterator[tuple[Any, Any, Ground]]:
    held = defaultdict(list)
    for row in rows:
        if row.birth_year is not None and _name(row):
            held[row.birth_year].append(row)
    for some in held.values():
        # Words in one order: given and family name are often exchanged.
        names = [" ".join(sorted(_name(row).casefold().split())) for row in some]
        alike = process.cdist(names, names, scorer=fuzz.ratio, score_cutoff=ALIKE, dtype=np.uint8)
        for first, second in np.argwhere(np.triu(alike, 1)):
            yield some[first], some[second], Ground.NAME
