"""The published table of points and the bounds within which a unit may change it.

The table with its reasons is docs/how-matching-works.md; a test keeps the two alike.
"""

from dataclasses import dataclass
from enum import IntEnum

MOST_REQUIRED = 40
MOST_MERITS = 80
MOST_POINTS = 64_000  # so that a sum fits 16 bits
LOWEST_CLAIMED = 5
ALL_TENTHS = 10


class Rung(IntEnum):
    """How we know of a competence: the evidence ladder."""

    CLAIMED = 1
    EXEMPLIFIED = 2
    OBSERVED = 3
    CONFIRMED = 4


@dataclass(frozen=True, slots=True)
class Weights:
    """What a requirement and a merit are worth; raises ValueError outside the bounds.

    `required` and `merit` are the numbers for the concept itself, for what lies under its parent
    and for what lies under its grandparent; `evidence` the tenths of the four rungs.
    """

    version: str = "v1"
    required: tuple[int, int, int] = (60, 25, 15)
    merit: tuple[int, int, int] = (18, 8, 4)
    evidence: tuple[int, int, int, int] = (7, 8, 9, 10)

    def __post_init__(self) -> None:
        claimed, exemplified, observed, confirmed = self.evidence
        largest = MOST_REQUIRED * sum(self.required) + MOST_MERITS * sum(self.merit)
        bounds = {
            "the nearer must count at least as much": all(
                own >= parent >= grandparent >= 0 < own
                for own, parent, grandparent in (self.required, self.merit)
            ),
            "a merit never outweighs a requirement": sum(self.required) >= sum(self.merit),
            "what is claimed counts at least 5 tenths": claimed >= LOWEST_CLAIMED,
            "a higher rung must count at least as much": claimed <= exemplified <= observed,
            "what is confirmed counts 10 tenths": observed <= confirmed == ALL_TENTHS,
            "the largest sum must not pass 64,000": ALL_TENTHS * largest <= MOST_POINTS,
        }
        for bound, kept in bounds.items():
            if not kept:
                raise ValueError(bound)
