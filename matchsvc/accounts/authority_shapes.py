"""What a row of the table of authority is made of."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from matchsvc.accounts.models import Role

READ, WRITE = "read", "write"


class Why(enum.StrEnum):
    """What a row rests on. Its words stand in :mod:`matchsvc.accounts.authority`."""

    EVERYBODY = "everybody"
    UNIT_RULES = "unit_rules"
    NO_CONTENT = "no_content"
    EMPLOYER_WORK = "employer_work"
    ALIAS = "alias"
    CASE = "case"
    MAPPING = "mapping"
    OPEN_RULES = "open_rules"
    PLACEMENT = "placement"
    ALLOCATION = "allocation"
    JOBS = "jobs"
    MORNING = "morning"
    FIGURES = "figures"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Apart:
    """Doors of a row for other roles than its rest: ``READ`` or ``WRITE``, who, which."""

    act: str
    roles: frozenset[Role]
    doors: str


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of thing, and which roles may read and write it at all.

    Attributes:
        key: its name in code and in the document.
        thing: its name in Swedish.
        why: what the row rests on.
        groups: the groups of routes that it covers, each with all its doors, with spaces between.
        read: roles whose questions reach the rule; the rule then asks whose case it is.
        write: likewise, for what changes something.
        apart: doors with roles of their own.
    """

    key: str
    thing: str
    why: Why
    groups: str
    read: frozenset[Role]
    write: frozenset[Role]
    apart: tuple[Apart, ...] = ()


class Scope(enum.StrEnum):
    """Whose a row about somebody is, to whoever asks."""

    OWN_CASE = "own_case"
    WITH_REASON = "with_reason"
    OWN_WORKPLACE = "own_workplace"
    UNIT = "unit"
    NO_TIE = "no_tie"
    OTHER_UNIT = "other_unit"


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """What belongs together of a person, and in which scopes it is shown.

    Attributes:
        key: its name in code and in the document.
        words: its name in Swedish.
        seen: the scopes that may see it; whoever stands in no other is shown nothing.
        seen_if_protected: likewise once the person is protected.
        law: the rule that it rests on.
    """

    key: str
    words: str
    seen: frozenset[Scope]
    seen_if_protected: frozenset[Scope]
    law: str
