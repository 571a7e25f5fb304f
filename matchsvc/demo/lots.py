"""Drawing lots that fall the same way every time: the seed decides the whole town.

Every person, employer and offer has lots of its own, so that a change to one moves no other.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import yaml

T = TypeVar("T")
FOLDER = Path(__file__).parent / "data"


class Lots(random.Random):
    """Random numbers of one thing in the town.

    Args:
        seed: of the town.
        of: what is drawn for, for example ``"person", 17``.
    """

    def __init__(self, seed: int, *of: object) -> None:
        super().__init__(":".join(map(str, (seed, *of))))

    def id(self) -> UUID:
        """An id that is the same in every town with this seed."""
        return UUID(int=self.getrandbits(128), version=4)

    def chance(self, percent: float) -> bool:
        """Yes, in so many cases of a hundred."""
        return self.random() * 100 < percent

    def some(self, items: Sequence[T], least: int, most: int) -> list[T]:
        """Some of the items, each at most once."""
        return self.sample(items, min(len(items), self.randint(least, most)))

    def weighted(self, items: Sequence[Any]) -> Any:
        """One of some mappings by their ``weight``."""
        return self.choices(items, weights=[item["weight"] for item in items])[0]


def at_work(day: date, hour: int = 14) -> datetime:
    """An instant in the working hours of a day."""
    return datetime.combine(day, time(hour), tzinfo=UTC)


def days(number: int) -> timedelta:
    """So many days."""
    return timedelta(days=number)


@lru_cache(maxsize=8)
def words(name: str) -> Any:
    """One of the town's word lists: names, sectors, employers, people, sentences."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
