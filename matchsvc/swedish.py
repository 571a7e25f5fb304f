"""What is particular to Sweden: sorting, dates in words, working days, identity numbers.

Plain functions without clock or database, used by every package.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import phonenumbers
from personnummer import personnummer
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.se import orgnr

STOCKHOLM = ZoneInfo("Europe/Stockholm")
_SATURDAY = 5
#: Å, Ä and Ö come after Z, in that order; every other accent sorts as its base letter.
_AFTER_Z = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}"})


def sort_key(text: str) -> str:
    """Key that sorts Swedish text alike on every database: å, ä, ö after z; accents ignored.

    Stored in a column of its own, so that SQLite and PostgreSQL agree without ICU.
    """
    lowered = text.casefold().translate(_AFTER_Z)
    plain = unicodedata.normalize("NFKD", lowered)
    return "".join(sign for sign in plain if not unicodedata.combining(sign))[:200]


def fold(written: str) -> str:
    """What two ways to write a word have in common: case, spaces, dashes and underscores."""
    plain = unicodedata.normalize("NFKC", written).casefold()
    return re.sub(r"[\s_\-\u2010-\u2015]+", "", plain)


def local_date(instant: datetime) -> date:
    """The day in Stockholm on which an instant falls."""
    return instant.astimezone(STOCKHOLM).date()


def end_of_day(day: date) -> datetime:
    """The last instant of a day in Stockholm."""
    begins = datetime.combine(day + timedelta(days=1), time(), STOCKHOLM)
    return begins.astimezone(UTC) - timedelta(microseconds=1)


def add_months(day: date, months: int) -> date:
    """The same day of the month ``months`` later, or the month's last day if there is none."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day_of_period(start: date, months: int) -> date:
    """Last day, inclusive, of a period of whole months (domain.md ACC-5).

    2026-02-01 and 12 months give 2027-01-31.
    """
    return add_months(start, months) - timedelta(days=1)


@lru_cache(maxsize=64)
def _days_off(year: int) -> frozenset[date]:
    # "de_facto" adds Christmas Eve, Midsummer Eve and New Year's Eve: nobody meets then.
    return frozenset(holidays.country_holidays("SE", years=year, categories=("public", "de_facto")))


def is_working_day(day: date) -> bool:
    """Whether people are at work: no weekend, public holiday or de facto holiday."""
    return day.weekday() < _SATURDAY and day not in _days_off(day.year)


def is_holiday(day: date) -> bool:
    """Whether it is a public or de facto holiday, on whatever day of the week."""
    return day in _days_off(day.year)


def working_day_on_or_before(day: date) -> date:
    """The nearest working day that is not later."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def working_day_on_or_after(day: date) -> date:
    """The nearest working day that is not earlier."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """A Swedish personal identity number or coordination number, checked.

    Attributes:
        digits: twelve digits, ``YYYYMMDDNNNC`` (the day + 60 in a coordination number).
        is_coordination: whether it is a coordination number.
    """

    digits: str
    is_coordination: bool

    @property
    def birth_year(self) -> int:
        """Year of birth."""
        return int(self.digits[:4])

    @property
    def is_test_number(self) -> bool:
        """Whether it is in the tax agency's test series (birth number 238, 239 or 980-999)."""
        return self.digits[8:11] in _TEST_BIRTH_NUMBERS

    def masked(self) -> str:
        """The birth date only, as shown by default: ``19850312-****``."""
        return f"{self.digits[:8]}-****"


_TEST_BIRTH_NUMBERS = {"238", "239", *(str(number) for number in range(980, 1000))}


def parse_identity_number(text: str, *, today: date) -> IdentityNumber | None:
    """Read a personal identity or coordination number in any usual notation.

    Args:
        text: 10 or 12 digits, with or without ``-`` or ``+``.
        today: decides the century of a ten-digit number.

    Returns:
        None when it is not one: wrong length, impossible date, wrong check digit, in the future.
    """
    cleaned = text.strip().replace(" ", "")
    signs = [sign for sign in cleaned if not sign.isdigit()]
    if any(not sign.isascii() for sign in cleaned) or len(signs) > 1:
        return None
    if signs and (signs[0] not in "-+" or cleaned[-5:-4] != signs[0]):
        return None
    digits = "".join(sign for sign in cleaned if sign.isdigit())
    if len(digits) == 10:  # noqa: PLR2004
        digits = _with_century(digits, today, hundred="+" in signs)
    if len(digits) != 12 or not personnummer.valid(digits):  # noqa: PLR2004
        return None
    day = int(digits[6:8])
    is_coordination = day > 60  # noqa: PLR2004
    try:
        born = date(int(digits[:4]), int(digits[4:6]), day - 60 if is_coordination else day)
    except ValueError:
        return None
    return IdentityNumber(digits, is_coordination) if born <= today else None


def _with_century(digits: str, today: date, *, hundred: bool) -> str:
    century = today.year // 100
    # A day of birth this year but later than today still reads as this century's: refused above.
    if int(digits[:2]) > today.year % 100:
        century -= 1
    if hundred:
        century -= 1
    return f"{century}{digits}"


def check_digit(nine_digits: str) -> str:
    """The tenth digit (Luhn) of a Swedish number."""
    total = 0
    for position, sign in enumerate(nine_digits):
        value = int(sign) * (2 if position % 2 == 0 else 1)
        total += value // 10 + value % 10
    return str((10 - total % 10) % 10)


def parse_org_number(text: str) -> str | None:
    """Read an organisation number: ten digits, or None. Twelve digits beginning with 16 too."""
    digits = text.strip().replace("-", "").replace(" ", "")
    if len(digits) == 12 and digits.startswith("16"):  # noqa: PLR2004
        digits = digits[2:]
    try:
        return str(orgnr.validate(digits))
    except StdnumError:
        return None


def parse_phone(text: str) -> str | None:
    """Read a telephone number as Swedes write them; give E.164 (``+46701740615``), or None."""
    try:
        number = phonenumbers.parse(text, "SE")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def format_phone(e164: str) -> str:
    """A telephone number as people read it: ``070-174 06 15``; other countries' with prefix."""
    try:
        number = phonenumbers.parse(e164, "SE")
    except phonenumbers.NumberParseException:
        return e164
    national = number.country_code == 46  # noqa: PLR2004
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if national
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return str(phonenumbers.format_number(number, style))


def is_mobile(e164: str) -> bool:
    """Whether a telephone number can be sent a text message."""
    try:
        number = phonenumbers.parse(e164, "SE")
    except phonenumbers.NumberParseException:
        return False
    kinds = phonenumbers.PhoneNumberType
    return phonenumbers.number_type(number) in (kinds.MOBILE, kinds.FIXED_LINE_OR_MOBILE)


def contains_identity_number(text: str, *, today: date) -> bool:
    """Whether free text holds something that is a valid identity number."""
    compact: list[str] = []
    for sign in text + " ":
        if sign.isdigit() or (sign in "-+" and compact):
            compact.append(sign)
            continue
        if compact and parse_identity_number("".join(compact), today=today):
            return True
        if not (sign == " " and len(compact) in {6, 8}):
            compact = []
    return False


def join_words(words: Iterable[str], conjunction: str) -> str:
    """``a, b och c``."""
    listed = list(words)
    if len(listed) < 2:  # noqa: PLR2004
        return "".join(listed)
    return f"{', '.join(listed[:-1])} {conjunction} {listed[-1]}"
