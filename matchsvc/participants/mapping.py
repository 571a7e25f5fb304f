"""The map: what stands in the way of work and what helps, place by place (MAP-01, MAP-02).

Only her own worker reads or writes it; every reading is logged. Each place is saved by itself, so
that two who write at once lose nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.errors import N_, Conflict, Invalid, NotFound
from matchsvc.participants.cases import latest_case, open_case
from matchsvc.participants.mapping_models import MapCell, Orientation, SupportOrientation
from matchsvc.participants.models import Case, Participant
from matchsvc.participants.own import get_own, plain_text

FACT, OBSTACLE, RESOURCE = "fact", "obstacle", "resource"
SIDES = (RESOURCE, FACT, OBSTACLE)  # resources before obstacles
CROSS = ("good_for_me", "good_for_others", "bad_for_me", "bad_for_others")
#: Where in the process of change she is, as she and the worker see it.
STAGES = ("not_thought_of", "thinking", "preparing", "doing", "keeping")
#: Pages, their areas, and the sides of each.
AREAS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "person": {
        "body": SIDES,
        "psyche": SIDES,
        "stress": SIDES,
        "substances": SIDES,
        "history": SIDES,
        "person_other": SIDES,
    },
    "surroundings": {
        "social": SIDES,
        "work": SIDES,
        "education": SIDES,
        "leisure": SIDES,
        "network": SIDES,
        "surroundings_other": SIDES,
    },
    "motivation": {"change": CROSS, "stage": ("stage",)},
}
LONGEST = 4_000
PLACES = frozenset(
    (area, side) for areas in AREAS.values() for area, sides in areas.items() for side in sides
)

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place, and the version a form sends back; 0 = nothing yet."""

    words: str = ""
    version: int = 0
    changed_at: datetime | None = None
    changed_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Map:
    """All places of a case's map that hold something.

    Attributes:
        participant, case: whose.
        cells: by (area, side).
    """

    participant: Participant
    case: Case
    cells: Mapping[Place, Cell] = field(default_factory=dict)

    def cell(self, area: str, side: str) -> Cell:
        """What stands in a place."""
        return self.cells.get((area, side), Cell())

    def filled(self, page: str) -> int:
        """How many areas of a page say something."""
        return sum(any(self.cell(a, s).words for s in sides) for a, sides in AREAS[page].items())


def read_map(session: Session, actor: Actor, key: UUID | str, *, today: date) -> Map:
    """Her map; logged.

    Raises:
        NotFound: unknown, hidden or protected.
        Refused: not the actor's own; a manager's logged reason does not open it.
    """
    participant = get_own(session, actor, key, today=today)
    case = latest_case(session, participant)
    found = session.scalars(select(MapCell).where(MapCell.case_id == case.id)).all()
    audit.record(session, actor, "read", "mapping", case.id, subjects=[participant.id])
    return Map(
        participant,
        case,
        {
            (row.area, row.side): Cell(row.words, row.version, row.changed_at, row.changed_by_id)
            for row in found
        },
    )


def save_cells(
    session: Session,
    actor: Actor,
    key: UUID | str,
    said: Mapping[Place, tuple[str, int]],
    *,
    today: date,
    now: datetime,
) -> dict[Place, int]:
    """Save some places, all or none.

    Args:
        session: a writing transaction.
        actor: her own worker.
        key: the participant.
        said: by place the words and the version that the form began from.
        today: the day of the involvement.
        now: when it was written.

    Returns:
        The version of each place now.

    Raises:
        Refused: not the actor's own.
        RuleViolation: the case has ended.
        NotFound: there is no such place.
        Invalid: too long, or an identity number in the words.
        Conflict: a place was saved since; ``theirs`` has what stands there, by ``area.side``.
    """
    participant = get_own(session, actor, key, today=today)
    case = open_case(session, participant)
    if not said.keys() <= PLACES:
        raise NotFound("map_cell")
    words = {place: _checked(place, text, today) for place, (text, _version) in said.items()}
    areas = {area for area, _side in said}
    rows = {
        (row.area, row.side): row
        for row in session.scalars(
            select(MapCell)
            .where(MapCell.case_id == case.id, MapCell.area.in_(areas))
            .with_for_update()
        )
    }
    theirs = {}
    changed = []
    for place, text in words.items():
        row = rows.get(place)
        if text == (row.words if row else ""):
            continue
        if said[place][1] != (row.version if row else 0):
            theirs[".".join(place)] = row.words if row else ""
            continue
        if row is None:
            row = MapCell(
                participant_id=participant.id, case_id=case.id, area=place[0], side=place[1]
            )
            session.add(row)
            rows[place] = row
        row.words, row.changed_by_id, row.changed_at = text, actor.require_user(), now
        changed.append(".".join(place))
    if theirs:
        raise Conflict(theirs)
    session.flush()
    if changed:
        audit.record(
            session,
            actor,
            "change",
            "mapping",
            case.id,
            subjects=[participant.id],
            fields=sorted(changed),
        )
    return {place: rows[place].version if place in rows else 0 for place in said}


def _checked(place: Place, text: str, today: date) -> str:
    name = ".".join(place)
    words = plain_text(name, text, today=today) or ""
    if len(words) > LONGEST:
        raise Invalid(
            {name: N_("Skriv kortare, högst 4 000 tecken. Resten kan stå i en anteckning.")}
        )
    if place == ("stage", "stage") and words and words not in STAGES:
        raise Invalid({name: N_("Välj ett av stegen i listan.")})
    return words


def set_orientation(
    session: Session,
    actor: Actor,
    key: UUID | str,
    orientation: Orientation,
    *,
    today: date,
) -> SupportOrientation:
    """Say what kind of support comes first; a person's judgement, kept with its day (MAP-10).

    Raises:
        Refused: not the actor's own.
    """
    participant = get_own(session, actor, key, today=today)
    latest = latest_orientation(session, participant.id)
    if latest is not None and latest.orientation is orientation:
        return latest
    row = SupportOrientation(
        participant_id=participant.id,
        orientation=orientation,
        set_on=today,
        set_by_id=actor.require_user(),
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "change", "participant", participant.id, fields=["orientation"])
    return row


def latest_orientation(session: Session, participant_id: UUID) -> SupportOrientation | None:
    """The judgement that counts, if any; asks no right."""
    return session.scalar(
        select(SupportOrientation)
        .where(SupportOrientation.participant_id == participant_id)
        .order_by(SupportOrientation.created_at.desc(), SupportOrientation.id)
        .limit(1)
    )
