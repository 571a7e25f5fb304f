"""Ladders of a unit as versioned data: name, target group, steps (PRO-14).

A version is never changed. Whoever stands on a step stands on that of the version it was taken by.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User
from matchsvc.errors import N_, Conflict, Invalid, NotFound, Refused
from matchsvc.progression.models import Ladder, LadderVersion
from matchsvc.swedish import contains_identity_number, sort_key

READERS = (Role.UNIT_MANAGER, Role.ADMIN, Role.AUDITOR)
CHANGERS = (Role.UNIT_MANAGER, Role.ADMIN)
MOST_STEPS = 60
HIGHEST = 99
LONGEST_NAME = 120
LONGEST_DEFINITION = 500
_EXAMPLES = Path(__file__).parent / "data" / "ladders.yaml"
_LINE = re.compile(r"(\d{1,3})(?:\s*[.)]\s*|\s+)([^:]+?)\s*(?::\s*(.*))?")


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """One step: its number, what it is called and, in words, what it takes to stand on it."""

    number: int
    name: str
    definition: str = ""


@dataclass(frozen=True, slots=True)
class LadderContent:
    """What a version says.

    Attributes:
        name: what the ladder is called.
        target_group: whom it is for, in words.
        steps: in any order; kept from the lowest up.
        reason: why this version.
        in_use: whether people can be put on it.
    """

    name: str
    target_group: str
    steps: tuple[StepDefinition, ...]
    reason: str
    in_use: bool = True


@dataclass(frozen=True, slots=True)
class LadderLine:
    """A ladder with its versions, the latest first, and who made each."""

    ladder: Ladder
    versions: Sequence[LadderVersion]
    makers: Mapping[UUID, str]

    @property
    def latest(self) -> LadderVersion:
        """The version that holds."""
        return self.versions[0]


def steps_of(version: LadderVersion) -> list[StepDefinition]:
    """The steps of a version from the lowest up."""
    return [StepDefinition(**each) for each in version.steps]


def step_name(version: LadderVersion, number: int) -> str:
    """What a step of a version is called; empty when it has none of that number."""
    return next((each.name for each in steps_of(version) if each.number == number), "")


def list_ladders(session: Session, actor: Actor) -> list[LadderLine]:
    """The ladders of the actor's unit by name. Two queries.

    Raises:
        Refused: the actor does not read settings, or belongs to no unit.
    """
    return _lines(session, _unit_of(actor, *READERS))


def get_ladder(session: Session, actor: Actor, ladder_id: UUID) -> LadderLine:
    """One ladder with every version.

    Raises:
        Refused: the actor does not read settings.
        NotFound: no such ladder in the unit.
    """
    lines = _lines(session, _unit_of(actor, *READERS), ladder_id)
    if not lines:
        raise NotFound("ladder")
    return lines[0]


def ladders_in_use(session: Session, unit_id: UUID) -> list[LadderVersion]:
    """The latest version of each ladder of a unit that people can be put on, by name."""
    return [line.latest for line in _lines(session, unit_id) if line.latest.in_use]


def _lines(session: Session, unit_id: UUID, ladder_id: UUID | None = None) -> list[LadderLine]:
    wanted = select(Ladder).where(Ladder.unit_id == unit_id)
    if ladder_id is not None:
        wanted = wanted.where(Ladder.id == ladder_id)
    ladders = session.scalars(wanted).all()
    versions: dict[UUID, list[LadderVersion]] = defaultdict(list)
    makers: dict[UUID, str] = {}
    rows = session.execute(
        select(LadderVersion, User.name)
        .outerjoin(User, User.id == LadderVersion.made_by_id)
        .where(LadderVersion.ladder_id.in_([each.id for each in ladders]))
        .order_by(LadderVersion.number.desc())
    )
    for version, maker in rows:
        versions[version.ladder_id].append(version)
        makers[version.id] = maker or ""
    lines = [LadderLine(each, versions[each.id], makers) for each in ladders]
    return sorted(lines, key=lambda line: (sort_key(line.latest.name), line.ladder.id))


def add_ladder(
    session: Session, actor: Actor, content: LadderContent, *, today: date, now: datetime
) -> Ladder:
    """A new ladder with its first version.

    Raises:
        Refused: the actor does not change settings.
        Invalid: a value is missing or not possible; every field's message at once.
    """
    unit_id = _unit_of(actor, *CHANGERS)
    _check(content, today=today)
    ladder = Ladder(unit_id=unit_id)
    session.add(ladder)
    session.flush()
    _write(session, actor, ladder, content, number=1, now=now)
    return ladder


def add_version(
    session: Session,
    actor: Actor,
    ladder_id: UUID,
    content: LadderContent,
    *,
    base: int | None,
    today: date,
    now: datetime,
) -> LadderVersion:
    """A version that replaces the latest. ``base`` is its number when the form was shown.

    Raises:
        Refused: the actor does not change settings.
        NotFound: no such ladder in the unit.
        Invalid: a value is missing or not possible.
        Conflict: somebody else made a version since.
    """
    _unit_of(actor, *CHANGERS)
    line = get_ladder(session, actor, ladder_id)
    if base is not None and base != line.latest.number:
        raise Conflict({"number": line.latest.number})
    _check(content, today=today)
    return _write(session, actor, line.ladder, content, number=line.latest.number + 1, now=now)


def _write(
    session: Session,
    actor: Actor,
    ladder: Ladder,
    content: LadderContent,
    *,
    number: int,
    now: datetime,
) -> LadderVersion:
    steps = sorted(content.steps, key=lambda step: step.number)
    version = LadderVersion(
        ladder_id=ladder.id,
        number=number,
        name=content.name.strip(),
        target_group=content.target_group.strip(),
        steps=[
            {"number": each.number, "name": each.name, "definition": each.definition}
            for each in steps
        ],
        in_use=content.in_use,
        reason=content.reason.strip(),
        made_by_id=actor.user_id,
        made_at=now,
    )
    try:
        with session.begin_nested():
            session.add(version)
    except IntegrityError as taken:  # the other's came between our reading and writing
        raise Conflict from taken
    audit.record(session, actor, "create", "ladder_version", version.id, reason=version.reason)
    return version


def _check(content: LadderContent, *, today: date) -> None:
    needed = {
        "name": (content.name, N_("Skriv vad trappan heter.")),
        "target_group": (content.target_group, N_("Skriv vilka trappan är till för.")),
        "reason": (
            content.reason,
            N_("Skriv varför. Det sparas med ändringen, och andra ser det."),
        ),
    }
    wrong = {name: message for name, (text, message) in needed.items() if not text.strip()}
    numbers = [each.number for each in content.steps]
    if not numbers:
        wrong["steps"] = N_("Skriv minst ett steg.")
    elif len(numbers) > MOST_STEPS:
        wrong["steps"] = N_("Det är för många steg. Högst 60 går att visa.")
    elif len(set(numbers)) != len(numbers):
        wrong["steps"] = N_("Två steg har samma nummer. Ändra ett av dem.")
    elif not all(1 <= number <= HIGHEST for number in numbers):
        wrong["steps"] = N_("Stegens nummer ska vara mellan 1 och 99.")
    elif any(
        len(each.name) > LONGEST_NAME or len(each.definition) > LONGEST_DEFINITION
        for each in content.steps
    ):
        wrong["steps"] = N_("Ett namn eller en beskrivning är för lång. Korta den.")
    texts = {name: text for name, (text, _message) in needed.items()}
    texts["steps"] = "\n".join(f"{each.name}\n{each.definition}" for each in content.steps)
    for name, text in texts.items():
        if contains_identity_number(text, today=today):
            wrong[name] = N_("Skriv inga personnummer här.")
    if wrong:
        raise Invalid(wrong)


def read_steps(text: str) -> tuple[StepDefinition, ...]:
    """Steps as they are written in a form: ``6. Indikation: vad som menas``, one on each line.

    Raises:
        Invalid: a line is not a number and a name.
    """
    steps = []
    for line in filter(None, map(str.strip, text.splitlines())):
        found = _LINE.fullmatch(line)
        if found is None:
            raise Invalid({"steps": N_("Skriv ett steg på varje rad: först numret, sedan namnet.")})
        number, name, definition = found.groups()
        steps.append(StepDefinition(int(number), name.strip(), (definition or "").strip()))
    return tuple(steps)


def write_steps(steps: Sequence[StepDefinition]) -> str:
    """Steps as a form shows them; :func:`read_steps` reads them back."""
    return "\n".join(
        f"{each.number}. {each.name}" + (f": {each.definition}" if each.definition else "")
        for each in steps
    )


@lru_cache(maxsize=1)
def examples() -> dict[str, dict[str, Any]]:
    """Examples to begin a ladder from, by key: name, target group, reason and steps."""
    told = yaml.safe_load(_EXAMPLES.read_text(encoding="utf-8"))
    return {
        each["key"]: each | {"steps": [StepDefinition(**step) for step in each["steps"]]}
        for each in told
    }


def _unit_of(actor: Actor, *roles: Role) -> UUID:
    actor.require_role(*roles)
    if actor.unit_id is None:
        raise Refused
    return actor.unit_id
