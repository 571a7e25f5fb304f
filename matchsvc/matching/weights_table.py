"""The table of points that a unit uses, its versions, and who may change it (DESIGN 4.4).

The bounds are those of :mod:`matchsvc.matching.weights`; a change needs the unit manager, a look at
what it would change, and a reason. Old versions stay readable: proposals name theirs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, Unit, User
from matchsvc.errors import N_, Conflict, Invalid, NotFound, RuleViolation
from matchsvc.matching.models import WeightsVersion
from matchsvc.matching.weights import FLOOR, Bound, Weights, broken_bounds
from matchsvc.swedish import contains_identity_number

#: Who may read the table and its history: everybody who works with what it orders, and who checks.
TABLE_READERS = (
    Role.CASE_WORKER,
    Role.EMPLOYER_LIAISON,
    Role.PLACEMENT_COORDINATOR,
    Role.UNIT_MANAGER,
    Role.AUDITOR,
)
REQUIRED = ("required_own", "required_parent", "required_grandparent")
MERIT = ("merit_own", "merit_parent", "merit_grandparent")
EVIDENCE = ("claimed", "exemplified", "observed", "confirmed")
#: The numbers of a table, in the order in which pages show them.
NUMBERS = (*REQUIRED, *MERIT, *EVIDENCE, "floor")

#: What each bound says, and at which field a page shows it.
BOUND_WORDS: Mapping[Bound, tuple[str, str]] = {
    Bound.NEARER_FIRST: (
        "required_own",
        N_(
            "Det närmare räknas minst lika mycket som det längre bort, och det första talet är "
            "större än 0. Det gäller både krav och meriter."
        ),
    ),
    Bound.MERIT_BELOW: (
        "merit_own",
        N_("En merit ger aldrig mer än ett krav."),
    ),
    Bound.CLAIMED_COUNTS: (
        "claimed",
        N_("Påstådd är aldrig mindre än 5. Egna ord kan inte stängas av."),
    ),
    Bound.RISING: (
        "exemplified",
        N_("Ett högre steg räknas minst lika mycket som ett lägre."),
    ),
    Bound.CONFIRMED_IS_ALL: (
        "confirmed",
        N_("Bekräftad är alltid 10, och inget annat steg är mer än 10."),
    ),
    Bound.FITS: (
        "required_own",
        N_("40 krav och 80 meriter ger tillsammans högst 64 000 poäng."),
    ),
}


@dataclass(frozen=True, slots=True)
class UnitTable:
    """A unit's table, as matching and pages use it.

    Attributes:
        weights: what the engine scores with; its version is the label.
        floor: the least cover of what is required for a draft of the cohort, of 10,000.
        number: 1 for the published table, then 2, 3 ...
        reason: why it was changed; empty for the published table.
        made_by: who changed it.
        valid_from: since when; None for the published table.
    """

    weights: Weights
    floor: int = FLOOR
    number: int = 1
    reason: str = ""
    made_by: str = ""
    valid_from: datetime | None = None

    @property
    def label(self) -> str:
        """What proposals and answers call it."""
        return self.weights.version

    @property
    def numbers(self) -> dict[str, int]:
        """Every number by name."""
        weights = self.weights
        values = (*weights.required, *weights.merit, *weights.evidence, self.floor)
        return dict(zip(NUMBERS, values, strict=True))


PUBLISHED = UnitTable(Weights())


def current_table(session: Session, unit_id: UUID) -> UnitTable:
    """The table that a unit uses now. One query."""
    return next(iter(_versions(session, unit_id, limit=1)), PUBLISHED)


def table_history(session: Session, actor: Actor) -> list[UnitTable]:
    """Every version of the actor's unit, the newest first, down to the published table.

    Raises:
        Refused: the role does not read it.
    """
    actor.require_role(*TABLE_READERS)
    return [*_versions(session, unit_of(session, actor)), PUBLISHED]


def table_version(session: Session, actor: Actor, label: str) -> UnitTable:
    """One version of the actor's unit.

    Raises:
        NotFound: the unit never had it.
        Refused: the role does not read it.
    """
    for table in table_history(session, actor):
        if table.label == label:
            return table
    raise NotFound("weights")


def table_of(numbers: Mapping[str, int], *, version: str) -> UnitTable:
    """A table of these numbers, not saved.

    Raises:
        Invalid: it breaks a bound; every broken one is named.
    """
    required, merit, evidence = (
        tuple(numbers[name] for name in names) for names in (REQUIRED, MERIT, EVIDENCE)
    )
    wrong: dict[str, str] = {}
    for bound in broken_bounds(required, merit, evidence):  # type: ignore[arg-type]
        field, words = BOUND_WORDS[bound]
        wrong.setdefault(field, words)
    if wrong:
        raise Invalid(wrong)
    weights = Weights(version, required, merit, evidence)  # type: ignore[arg-type]
    return UnitTable(weights, numbers["floor"])


def proposed_table(session: Session, actor: Actor, numbers: Mapping[str, int]) -> UnitTable:
    """What the unit's next version would be with these numbers.

    Raises:
        Refused: not the unit's manager.
        Invalid: it breaks a bound.
        RuleViolation: nothing would change.
    """
    actor.require_role(Role.UNIT_MANAGER)
    current = current_table(session, unit_of(session, actor))
    proposed = table_of(numbers, version=f"v{current.number + 1}")
    if proposed.numbers == current.numbers:
        raise RuleViolation(
            "nothing_changes", N_("Talen är de som redan gäller. Ändra något av dem först.")
        )
    return proposed


def seal_of(numbers: Mapping[str, int], number: int) -> str:
    """What says that somebody has seen what these numbers would change from a version."""
    said = ",".join(f"{name}={numbers[name]}" for name in NUMBERS)
    return hashlib.sha256(f"{number}:{said}".encode()).hexdigest()[:16]


def save_table(
    session: Session,
    actor: Actor,
    numbers: Mapping[str, int],
    *,
    reason: str,
    base: int,
    seen: str,
    now: datetime,
    today: date,
) -> UnitTable:
    """Give the actor's unit a new version of the table.

    Args:
        session: a writing transaction.
        actor: the unit's manager.
        numbers: every number by name.
        reason: why; kept with the version.
        base: the number of the version that was current when the change was looked at.
        seen: :func:`seal_of` the same numbers, which the what-if gives.
        now: from when it counts.
        today: for finding identity numbers in the reason.

    Raises:
        Refused: not the unit's manager.
        Invalid: no reason, an identity number in it, or a number outside the bounds.
        RuleViolation: nothing changes, or what it would change has not been looked at.
        Conflict: somebody else has saved a version since.
    """
    actor.require_role(Role.UNIT_MANAGER)
    unit_id = unit_of(session, actor)
    if not reason.strip():
        raise Invalid({"reason": N_("Skriv varför tabellen ändras. Det sparas med versionen.")})
    if contains_identity_number(reason, today=today):
        raise Invalid({"reason": N_("Skriv inga personnummer här.")})
    current = current_table(session, unit_id)
    if current.number != base:
        raise Conflict
    proposed = proposed_table(session, actor, numbers)
    if seen != seal_of(numbers, base):
        raise RuleViolation(
            "what_if_first", N_("Titta först på vad som skulle bli annorlunda med de här talen.")
        )
    row = WeightsVersion(
        unit_id=unit_id,
        number=current.number + 1,
        reason=reason.strip(),
        made_by_id=actor.require_user(),
        valid_from=now,
        **proposed.numbers,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as taken:  # the other's version came between our reading and writing
        raise Conflict from taken
    changed = [n for n in NUMBERS if proposed.numbers[n] != current.numbers[n]]
    audit.record(session, actor, "create", "weights", row.id, fields=changed, reason=reason.strip())
    return _table(row, actor.name)


def unit_of(session: Session, actor: Actor) -> UUID:
    """The actor's unit; for a command, which reaches all of them, the only one.

    Raises:
        NotFound: a command, and there are several.
    """
    if actor.unit_id is not None:
        return actor.unit_id
    units = list(session.scalars(select(Unit.id).limit(2)))
    if len(units) != 1:
        raise NotFound("unit")
    return units[0]


def _versions(session: Session, unit_id: UUID, limit: int | None = None) -> list[UnitTable]:
    rows = session.execute(
        select(WeightsVersion, User.name)
        .join(User, User.id == WeightsVersion.made_by_id)
        .where(WeightsVersion.unit_id == unit_id)
        .order_by(WeightsVersion.number.desc())
        .limit(limit)
    )
    return [_table(row, name) for row, name in rows]


def _table(row: WeightsVersion, made_by: str) -> UnitTable:
    def numbers(names: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(getattr(row, name) for name in names)

    weights = Weights(
        f"v{row.number}",
        numbers(REQUIRED),  # type: ignore[arg-type]
        numbers(MERIT),  # type: ignore[arg-type]
        numbers(EVIDENCE),  # type: ignore[arg-type]
    )
    return UnitTable(weights, row.floor, row.number, row.reason, made_by, row.valid_from)
