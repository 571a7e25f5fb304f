"""The published table of points and the bounds within which a unit may change it.

The table with its reasons is docs/how-matching-works.md; a test keeps the two alike.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

MOST_REQUIRED = 40
MOST_MERITS = 80
MOST_POINTS = 64_000  # so that a sum fits 16 bits
LOWEST_CLAIMED = 5
ALL_TENTHS = 10
#: The least cover of what is required, of 10,000, for a pair to be put together by a draft of the
#: whole cohort, unless the unit says otherwise.
FLOOR = 4_000

Triple = tuple[int, int, int]
Tenths = tuple[int, int, int, int]


class Rung(IntEnum):
    """How we know of a competence: the evidence ladder."""

    CLAIMED = 1
    EXEMPLIFIED = 2
    OBSERVED = 3
    CONFIRMED = 4


class Bound(StrEnum):
    """A bound that every unit's table keeps, said in English for whoever breaks it in code."""

    NEARER_FIRST = "the nearer must count at least as much"
    MERIT_BELOW = "a merit never outweighs a requirement"
    CLAIMED_COUNTS = "what is claimed counts at least 5 tenths"
    RISING = "a higher rung must count at least as much"
    CONFIRMED_IS_ALL = "what is confirmed counts 10 tenths"
    FITS = "the largest sum must not pass 64,000"


def broken_bounds(required: Triple, merit: Triple, evidence: Tenths) -> tuple[Bound, ...]:
    """Name the bounds that a table does not keep; none for a table that may be used."""
    claimed, exemplified, observed, confirmed = evidence
    largest = MOST_REQUIRED * sum(required) + MOST_MERITS * sum(merit)
    kept = {
        Bound.NEARER_FIRST: all(
            own >= parent >= grandparent >= 0 < own
            for own, parent, grandparent in (required, merit)
        ),
        Bound.MERIT_BELOW: sum(required) >= sum(merit),
        Bound.CLAIMED_COUNTS: claimed >= LOWEST_CLAIMED,
        Bound.RISING: claimed <= exemplified <= observed,
        Bound.CONFIRMED_IS_ALL: observed <= confirmed == ALL_TENTHS,
        Bound.FITS: ALL_TENTHS * largest <= MOST_POINTS,
    }
    return tuple(bound for bound, is_kept in kept.items() if not is_kept)


@dataclass(frozen=True, slots=True)
class Weights:
    """What a requirement and a merit are worth; raises ValueError outside the bounds.

    `required` and `merit` are the numbers for the concept itself, for what lies under its parent
    and for what lies under its grandparent; `evidence` the tenths of the four rungs.
    """

    version: str = "v1"
    required: Triple = (60, 25, 15)
    merit: Triple = (18, 8, 4)
    evidence: Tenths = (7, 8, 9, 10)

    def __post_init__(self) -> None:
        for bound in broken_bounds(self.required, self.merit, self.evidence):
            raise ValueError(bound)
