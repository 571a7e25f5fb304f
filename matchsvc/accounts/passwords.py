"""Whether a password is among the first that somebody would try."""

from __future__ import annotations

import re
from collections.abc import Iterable

from matchsvc.errors import N_

EASY = N_(
    "Lösenordet är lätt att gissa. Välj några ord som inte hör ihop, utan ditt namn och utan "
    "vanliga lösenord."
)
#: Guesses that a password must outlast; an online guesser has forty an hour for each account.
GUESSES = 10**8
#: What it says of nobody: this service, whose it is, what the work is called, the seasons.
CONTEXT = (
    *("matchsvc", "matchning", "kommun", "kommunen", "arbetsmarknad", "arbetsmarknadsenheten"),
    *("enheten", "jobb", "praktik", "deltagare", "handläggare", "arbetsgivare", "supported"),
    *(
        "employment",
        "sommaren",
        "hösten",
        "vintern",
        "våren",
        "sommar",
        "höst",
        "vinter",
        "vår",
        "lösenord",
        "hemligt",
        "välkommen",
    ),
    *("sverige", "stockholm", "göteborg", "malmö"),
)
_LONGEST = 72  # what is judged: the rest only makes it better


def is_easily_guessed(password: str, *, about: Iterable[str] = ()) -> bool:
    """Whether lists of common passwords, patterns or what is known of her give it away.

    Args:
        password: as it was typed.
        about: words that are hers: name and address.
    """
    from zxcvbn import zxcvbn

    parts = [re.split(r"[\W\d_]+", each.lower()) for each in about]
    words = [word for each in parts for word in (*each, "".join(each[:2])) if word]
    judged = zxcvbn(password[:_LONGEST], user_inputs=[*CONTEXT, *words], max_length=_LONGEST)
    return int(judged["guesses"]) < GUESSES
