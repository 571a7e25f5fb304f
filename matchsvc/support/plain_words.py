"""Words that come from outside: no identity number is kept, and nobody is named."""

from __future__ import annotations

import re
from datetime import date

from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.participants.models import Participant
from matchsvc.placements.access import Seen
from matchsvc.swedish import contains_identity_number

_MARK = "[namn]"
_SHORTEST = 3  # "Bo" and "Li" are words too


def clean(text: str | None, participant: Participant, *, today: date, field: str) -> str | None:
    """A text as it may be kept: the participant's names are taken out without a word.

    Saying that a name was found would tell whoever has a forwarded link who is placed there.

    Raises:
        Invalid: it holds an identity number.
    """
    words = (text or "").strip()
    if contains_identity_number(words, today=today):
        raise Invalid({field: N_("Texten innehåller ett personnummer. Ta bort det.")})
    names = re.split(r"[\s-]+", f"{participant.given_name} {participant.family_name}")
    for name in sorted({each for each in names if len(each) >= _SHORTEST}, key=len, reverse=True):
        words = re.sub(rf"\b{re.escape(name)}(s\b|\b)", _MARK, words, flags=re.IGNORECASE)
    return words or None


def refuse_protected(seen: Seen) -> None:
    """Nothing about somebody protected leaves the unit.

    Raises:
        RuleViolation: the participant's personal data are protected.
    """
    if seen.participant.protected:
        raise RuleViolation(
            "protected",
            N_("Personen har skyddade personuppgifter. Inget skickas till arbetsgivaren härifrån."),
        )


def refuse_identity_numbers(texts: dict[str, str | None], *, today: date) -> None:
    """Refuse identity numbers in what staff write.

    Raises:
        Invalid: beside the fields that hold one.
    """
    wrong = {
        name: N_("Texten innehåller ett personnummer. Ta bort det.")
        for name, text in texts.items()
        if text and contains_identity_number(text, today=today)
    }
    if wrong:
        raise Invalid(wrong)
