"""Numbers and addresses that belong to nobody.

Sources: Skatteverket's test numbers (birth numbers 238, 239 and 980-999), PTS's telephone numbers
for books and films, RFC 2606 for ``.example``. No organisation number in Sweden begins with 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import cycle

from matchsvc.demo.lots import Lots, days
from matchsvc.swedish import check_digit, parse_phone, sort_key

#: By sex: the birth number's last digit is even for women.
_BIRTH_NUMBERS = {
    "woman": (238, *range(980, 1000, 2)),
    "man": (239, *range(981, 1000, 2)),
    "unknown": (238, 239, *range(980, 1000)),
}
_COORDINATION = 60


class IdentityNumbers:
    """Hands out identity numbers of the test series, each once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def new(self, lots: Lots, sex: str, born: date, *, coordination: bool = False) -> str:
        """Twelve digits with the right check digit, born on that day or soon after."""
        while True:
            day = born.day + (_COORDINATION if coordination else 0)
            for number in lots.sample(_BIRTH_NUMBERS[sex], len(_BIRTH_NUMBERS[sex])):
                nine = f"{born:%y%m}{day:02}{number}"
                digits = f"{born:%Y%m}{day:02}{number}{check_digit(nine)}"
                if digits not in self._given:
                    self._given.add(digits)
                    return digits
            born += days(1)


def mobile_numbers() -> Iterator[str]:
    """Mobile numbers kept free for fiction, again from the start when they are used up."""
    return cycle([_e164(f"070-174 06 {number:02}") for number in range(21, 100)])


def office_numbers() -> Iterator[str]:
    """Telephone numbers in the fixed net kept free for fiction."""
    listed = [f"08-465 004 {number:02}" for number in range(1, 100)]
    listed += [f"031-390 06 {number:02}" for number in range(100)]
    return cycle([_e164(number) for number in listed])


def _e164(number: str) -> str:
    parsed = parse_phone(number)
    if parsed is None:
        raise ValueError(f"no telephone number: {number}")
    return parsed


def org_number(place: int) -> str:
    """An organisation number that is rightly formed and cannot exist."""
    nine = f"4099{place:05}"
    return nine + check_digit(nine)


def address_part(text: str) -> str:
    """A name as it stands in an e-mail address: ``Björkhagens äldreboende`` as ``bjorkhagens``."""
    swedish = text.casefold().translate(str.maketrans("åäöæøéü", "aaoaoeu"))
    plain = "".join(sign if sign.isalnum() else " " for sign in sort_key(swedish))
    return "".join(sign for sign in plain if sign.isascii()).strip().replace(" ", ".") or "namn"


def person_address(name: str, place: str) -> str:
    """``petra.holm@nordanvinds.bageri.example``: an address that cannot receive anything."""
    local = ".".join(filter(None, address_part(name).split(".")))
    host = "-".join(filter(None, address_part(place).split(".")))
    return f"{local}@{host}.example"
