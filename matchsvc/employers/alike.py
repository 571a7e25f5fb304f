"""When two names are likely to be one employer's."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process

#: Names at least so alike (0-100) may be one name written twice.
ALIKE = 88
#: Says what kind of company, not which.
_FORMS = frozenset({"ab", "hb", "kb", "aktiebolag", "ek", "för", "i", "och", "the"})


def plain_name(name: str) -> str:
    """A name without case, full stops, the form of company and the order of its words."""
    words = name.casefold().replace(".", " ").replace(",", " ").split()
    return " ".join(sorted(set(words) - _FORMS))


def find_alike(name: str, others: Iterable[str]) -> str | None:
    """The one of some names that is most likely the same employer's; None when none is."""
    named = {other: plain_name(other) for other in others}
    found = process.extractOne(
        plain_name(name), named, scorer=fuzz.ratio, processor=None, score_cutoff=ALIKE
    )
    return found[2] if found else None
