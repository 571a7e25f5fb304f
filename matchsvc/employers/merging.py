"""Two rows that turn out to be the same employer become one, and nothing of either is lost."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any
from uuid import UUID

import numpy as np
from rapidfuzz import fuzz, process
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.employers import checks
from matchsvc.employers.access import EDITORS, employers_of, new_external_id
from matchsvc.employers.alike import ALIKE, plain_name
from matchsvc.employers.models import Employer, EmployerStatus, Site
from matchsvc.employers.network_models import ResultsLetter
from matchsvc.employers.register_reads import get_employer
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.outcomes import rules as outcomes
from matchsvc.swedish import sort_key
from matchsvc.workday.merging import count_hanging, move_hanging

#: What can be chosen, and the columns that go together.
FIELDS: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "type": ("type",),
    "org_number": ("org_number",),
    "status": ("status", "status_code", "status_reason"),
    "sni": ("sni",),
    "size_band": ("size_band",),
    "origin": ("origin", "origin_event"),
    "focus": ("focus",),
    "governance": ("governance",),
    "csr_practice": ("csr_practice",),
    "inclusion": ("inclusion",),
    "adaptability": ("adaptability",),
    "collective_agreement": ("collective_agreement",),
    "union_name": ("union_name",),
    "bar": ("bar",),
    "agreement_id": ("agreement_id",),
    "owner_id": ("owner_id",),
}
_EMPTY = (None, "", "unknown")
MOST = 100


class Ground(enum.StrEnum):
    """Why two may be the same."""

    ORG_NUMBER = "org_number"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class SameEmployers:
    """Two that may be the same employer, by id and name, and why."""

    ids: tuple[UUID, UUID]
    names: tuple[str, str]
    ground: Ground


@dataclass(frozen=True, slots=True)
class Pair:
    """Two that may be the same employer, side by side.

    Attributes:
        kept: whose address stays.
        gone: the one that will only lead there.
        differing: the fields that differ, to choose in.
        suggested: those of them where the other's value is the safer or the only one.
        moving: how many rows move, by table.
    """

    kept: Employer
    gone: Employer
    differing: tuple[str, ...]
    suggested: frozenset[str]
    moving: dict[str, int]


def same_employers(
    session: Session, actor: Actor, *, about: UUID | None = None
) -> list[SameEmployers]:
    """Pairs of the unit that may be one employer, at most MOST, in one query.

    Args:
        session: a reading transaction.
        actor: who asks.
        about: only pairs with this employer.
    """
    rows = session.execute(
        employers_of(actor)
        .order_by(Employer.sort_key, Employer.id)
        .with_only_columns(Employer.id, Employer.name, Employer.org_number)
    ).all()
    pairs: dict[tuple[UUID, UUID], SameEmployers] = {}
    for one, two, ground in (*_by_number(rows), *_by_name(rows)):
        if about in (None, one.id, two.id):
            same = SameEmployers((one.id, two.id), (one.name, two.name), ground)
            pairs.setdefault(same.ids, same)
    return list(pairs.values())[:MOST]


def _by_number(rows: Any) -> Iterator[tuple[Any, Any, Ground]]:
    held = defaultdict(list)
    for row in rows:
        if row.org_number:
            held[row.org_number].append(row)
    for some in held.values():
        for one, two in combinations(some, 2):
            yield one, two, Ground.ORG_NUMBER


def _by_name(rows: Any) -> Iterator[tuple[Any, Any, Ground]]:
    names = [plain_name(row.name) for row in rows]
    if not names:
        return
    alike = process.cdist(names, names, scorer=fuzz.ratio, score_cutoff=ALIKE, dtype=np.uint8)
    for first, second in np.argwhere(np.triu(alike, 1)):
        one, two = rows[first], rows[second]
        if one.org_number is None or two.org_number is None or one.org_number == two.org_number:
            yield one, two, Ground.NAME


def read_pair(session: Session, actor: Actor, key: UUID | str, other: UUID | str) -> Pair:
    """Two employers beside each other.

    Raises:
        NotFound: either is unknown or another unit's.
        Refused: the actor may not change employers.
        RuleViolation: they are one and the same row.
    """
    kept, gone = _both(session, actor, key, other)
    for each in (kept, gone):
        audit.record(session, actor, "read", "employer", each.id)
    moving = count_hanging(session, "employer", gone.id, of_hidden=False)
    return Pair(kept, gone, _differing(kept, gone), suggest(kept, gone), moving)


def suggest(kept: Employer, gone: Employer) -> frozenset[str]:
    """The fields that only the one that goes says something in, and its no to being contacted."""
    found = {
        name
        for name in _differing(kept, gone)
        if all(getattr(kept, column) in _EMPTY for column in FIELDS[name])
    }
    if gone.status is EmployerStatus.DO_NOT_CONTACT is not kept.status:
        found.add("status")
    return frozenset(found)


def merge_employers(
    session: Session,
    actor: Actor,
    key: UUID | str,
    other: UUID | str,
    *,
    reason: str,
    today: date,
    from_other: Collection[str] | None = None,
    versions: tuple[int, int] | None = None,
) -> Employer:
    """Make two rows of one employer one. There is no way back.

    Args:
        session: a writing transaction.
        actor: liaison or placement coordinator.
        key: which stays.
        other: whose row will only lead there.
        reason: why they are the same; for the log.
        today: decides the century of identity numbers in free text.
        from_other: names of FIELDS in which the other's value is the right one; None takes what
            :func:`suggest` says.
        versions: of both, as they were shown.

    Raises:
        NotFound: either is unknown or another unit's.
        Refused: the actor may not change employers.
        Invalid: no reason, or an identity number in it.
        RuleViolation: they are one and the same row.
        Conflict: either was saved since it was shown.
    """
    kept, gone = _both(session, actor, key, other, lock=True)
    for employer, version in zip((kept, gone), versions or (None, None), strict=True):
        check_version(employer, version)
    said = reason.strip()
    if not said:
        raise Invalid({"reason": N_("Skriv hur ni vet att det är samma arbetsgivare.")})
    checks.refuse({"reason": checks.text_fault(said, today=today)})
    differing = _differing(kept, gone)
    taken = suggest(kept, gone) if from_other is None else set(from_other) & set(differing)
    for column in (column for name in taken for column in FIELDS[name]):
        setattr(kept, column, getattr(gone, column))
    kept.sort_key = sort_key(kept.name)
    kept_id, gone_id = kept.id, gone.id
    for fold in FOLDED.values():
        fold(session, kept_id, gone_id)
    move_hanging(session, "employer", gone_id, kept_id)
    gone.merged_into_id = kept_id
    session.flush()
    outcomes.move_employer(session, gone_id, kept_id)
    for one in (kept_id, gone_id):
        audit.record(session, actor, "merge", "employer", one, fields=taken, reason=said)
    return get_employer(session, actor, kept_id)


def _both(
    session: Session, actor: Actor, key: UUID | str, other: UUID | str, *, lock: bool = False
) -> tuple[Employer, Employer]:
    actor.require_role(*EDITORS)
    kept, gone = get_employer(session, actor, key), get_employer(session, actor, other)
    if lock:  # both in one order: two who merge at once wait for each other
        session.scalars(
            select(Employer)
            .where(Employer.id.in_((kept.id, gone.id)))
            .order_by(Employer.id)
            .with_for_update(of=Employer)
            .execution_options(populate_existing=True)
        ).all()
    if kept.id == gone.id or kept.merged_into_id or gone.merged_into_id:
        raise RuleViolation("same_row", N_("Det är redan samma arbetsgivare."))
    return kept, gone


def _differing(kept: Employer, gone: Employer) -> tuple[str, ...]:
    return tuple(
        name
        for name, columns in FIELDS.items()
        if any(getattr(kept, column) != getattr(gone, column) for column in columns)
    )


def _fold_sites(session: Session, kept: UUID, gone: UUID) -> None:
    """Both keep their sites; of two with one id, the one that moves gets a new."""
    held = set(session.scalars(select(Site.external_id).where(Site.employer_id == kept)))
    for site in session.scalars(select(Site).where(Site.employer_id == gone)):
        if site.external_id in held:
            site.external_id = new_external_id("S")
    session.flush()


def _fold_letters(session: Session, kept: UUID, gone: UUID) -> None:
    """Of two letters about one year the later one stands."""
    letters = session.scalars(
        select(ResultsLetter)
        .where(ResultsLetter.employer_id.in_((kept, gone)))
        .order_by(ResultsLetter.sent_on.desc())
    )
    seen: set[int] = set()
    for letter in letters:
        if letter.year in seen:
            session.delete(letter)
        seen.add(letter.year)
    session.flush()


#: By table: what has to be done before its rows can move. A test finds what is missing here.
FOLDED: dict[str, Callable[[Session, UUID, UUID], None]] = {
    "site": _fold_sites,
    "results_letter": _fold_letters,
}
