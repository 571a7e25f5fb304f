"""What is noted before a start beside the checklist, and what cannot be right about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from matchsvc.errors import N_
from matchsvc.swedish import contains_identity_number


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is noted before a start, beside the checklist.

    Attributes:
        union_asked_on: when the local union was asked.
        union_answer_by: the last day it had to answer.
        union_answered_on: when it did; None is not (yet).
        union_opinion: what it said; functional words.
        insurance_noted_on: when person and workplace were told which insurance holds.
        extract_shown_on: when the register extract was shown. Only the day is ever kept.
    """

    union_asked_on: date | None = None
    union_answer_by: date | None = None
    union_answered_on: date | None = None
    union_opinion: str | None = None
    insurance_noted_on: date | None = None
    extract_shown_on: date | None = None


def problems_with_facts(facts: Facts, *, today: date) -> dict[str, str]:
    """What is wrong with facts, by field."""
    found: dict[str, str] = {}
    for name in ("union_asked_on", "union_answered_on", "insurance_noted_on", "extract_shown_on"):
        day = getattr(facts, name)
        if day is not None and day > today:
            found[name] = N_("Dagen har inte kommit än.")
    asked = facts.union_asked_on
    for name in ("union_answer_by", "union_answered_on"):
        day = getattr(facts, name)
        if day is not None and asked is None:
            found["union_asked_on"] = N_("Skriv också vilken dag facket fick frågan.")
        elif day is not None and asked is not None and day < asked:
            found[name] = N_("Dagen ligger före den då facket fick frågan.")
    if contains_identity_number(facts.union_opinion or "", today=today):
        found["union_opinion"] = N_("Skriv inga personnummer här.")
    return found
