"""What an agreement says: typed fields, the standing terms, and what is signed of it.

Plain data and arithmetic; nothing here reads a database.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from matchsvc.errors import N_
from matchsvc.workday.signing import hash_of


@dataclass(frozen=True, kw_only=True)
class Content:
    """What the three agree on.

    Attributes:
        ends_on: the last day; None is a valid state, support without an end date.
        decision_ref: the decision that carries the period, where the form needs one.
        decision_to: the last day of that decision.
        hours_start: hours a week from the start.
        hours_goal: hours a week to grow towards.
        times: when the participant is there, in words.
        purpose: what the period shall lead to.
        tasks: what is done, a line each.
        support: what workplace and unit do so that it works; functional words, never a diagnosis.
        contact_id: who supervises at the workplace.
    """

    ends_on: date | None = None
    decision_ref: str | None = None
    decision_to: date | None = None
    hours_start: int | None = None
    hours_goal: int | None = None
    times: str = ""
    purpose: str = ""
    tasks: str = ""
    support: str = ""
    contact_id: UUID | None = None


#: What changes together and has one name. The kind of a version is which of these it changes.
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "period": ("ends_on", "decision_ref", "decision_to"),
    "hours": ("hours_start", "hours_goal", "times"),
    "purpose": ("purpose",),
    "tasks": ("tasks",),
    "support": ("support",),
    "people": ("contact_id",),
}

TERMS_VERSION = "1"
#: Standing terms by version and party. A version is never changed; new words are a new version.
TERMS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "1": {
        "employer": (
            N_("ansvarar för arbetsmiljön, och går igenom risker och skydd den första dagen"),
            N_("utser en handledare som finns på plats"),
            N_("anmäler tillbud och olyckor, och hör av sig till enheten samma dag"),
            N_("ser till att ingen trakasseras eller missgynnas"),
            N_("berättar inte för andra vad som sagts om personen"),
        ),
        "participant": (
            N_("kommer på de tider som är överenskomna, och säger till vid frånvaro"),
            N_("följer arbetsplatsens regler om skydd och bemötande"),
            N_("berättar inte för andra vad kunder och kollegor anförtror"),
            N_("kan när som helst säga till enheten att något inte fungerar"),
        ),
        "unit": (
            N_("följer upp varje månad tillsammans med personen och arbetsplatsen"),
            N_("har en kontaktperson som svarar när något går fel"),
            N_("ordnar intyg när perioden är slut"),
        ),
    }
}


def as_text(content: Content) -> str:
    """The content as it is kept."""
    return json.dumps(asdict(content), default=str, sort_keys=True)


def from_text(kept: str) -> Content:
    """The content from :func:`as_text`."""
    data: dict[str, Any] = json.loads(kept)
    for name in ("ends_on", "decision_to"):
        data[name] = date.fromisoformat(data[name]) if data[name] else None
    data["contact_id"] = UUID(data["contact_id"]) if data["contact_id"] else None
    return Content(**data)


def changed_sections(before: Content, after: Content) -> list[str]:
    """Which sections differ, in the order of the paper."""
    return [
        section
        for section, names in SECTIONS.items()
        if any(getattr(before, name) != getattr(after, name) for name in names)
    ]


def hash_of_all(content: Content, facts: Mapping[str, str], terms: str) -> str:
    """The hash of everything that is signed: content, names and facts, standing terms."""
    return hash_of(_parts(content, facts, terms))


def _parts(content: Content, facts: Mapping[str, str], terms: str) -> Iterator[str]:
    for field in fields(content):
        yield from (field.name, str(getattr(content, field.name) or ""))
    for name in sorted(facts):
        yield from (name, facts[name])
    for party, sentences in TERMS[terms].items():
        yield from (party, *sentences)
