"""The register of structural obstacles: what stands in many people's way (CON-03).

Never about a person: names and identity numbers are refused, and a sighting is a day, no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.activities.catalogue import KEEPERS, READERS, unit_of
from matchsvc.activities.models import (
    ObstacleLevel,
    ObstacleSighting,
    ObstacleState,
    StructuralObstacle,
)
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.participants.access import names_like
from matchsvc.participants.own import plain_text
from matchsvc.vocabulary.personal import names_in, search_patterns


@dataclass(frozen=True, slots=True)
class ObstacleLine:
    """An obstacle with how often it was seen, and when last."""

    obstacle: StructuralObstacle
    count: int
    last_seen: date


def list_obstacles(
    session: Session, actor: Actor, *, state: ObstacleState | None = None
) -> list[ObstacleLine]:
    """The unit's obstacles, the most seen first, removed ones last. One query.

    Raises:
        Refused: the role does not read them.
    """
    actor.require_role(*READERS)
    found = (
        select(
            StructuralObstacle,
            func.count(ObstacleSighting.id),
            func.max(ObstacleSighting.seen_on),
        )
        .outerjoin(ObstacleSighting, ObstacleSighting.obstacle_id == StructuralObstacle.id)
        .where(StructuralObstacle.unit_id == unit_of(actor))
        .group_by(StructuralObstacle.id)
    )
    if state is not None:
        found = found.where(StructuralObstacle.state == state)
    lines = [
        ObstacleLine(row, count, last or row.state_on)
        for row, count, last in session.execute(found)
    ]
    return sorted(
        lines,
        key=lambda line: (
            line.obstacle.state is ObstacleState.REMOVED,
            -line.count,
            line.obstacle.description,
        ),
    )


def get_obstacle(
    session: Session, actor: Actor, obstacle_id: UUID, *, for_update: bool = False
) -> StructuralObstacle:
    """One obstacle of the unit.

    Raises:
        NotFound: unknown, or another unit's.
    """
    actor.require_role(*READERS)
    found = select(StructuralObstacle).where(
        StructuralObstacle.id == obstacle_id, StructuralObstacle.unit_id == unit_of(actor)
    )
    row = session.scalar(found.with_for_update() if for_update else found)
    if row is None:
        raise NotFound("structural_obstacle")
    return row


def add_obstacle(
    session: Session,
    actor: Actor,
    *,
    description: str,
    level: ObstacleLevel,
    owner: str,
    today: date,
) -> StructuralObstacle:
    """Note an obstacle; noting it is the first time it was seen.

    Raises:
        Refused: the role does not read the register.
        Invalid: a name of a participant or an identity number in a text.
    """
    actor.require_role(*READERS)
    row = StructuralObstacle(
        unit_id=unit_of(actor),
        description=impersonal(session, "description", description, today=today),
        level=level,
        owner=impersonal(session, "owner", owner, today=today),
        state=ObstacleState.IDENTIFIED,
        state_on=today,
    )
    session.add(row)
    session.flush()
    session.add(ObstacleSighting(obstacle_id=row.id, seen_on=today))
    session.flush()
    audit.record(session, actor, "create", "structural_obstacle", row.id)
    return row


def see_again(session: Session, actor: Actor, obstacle_id: UUID, *, today: date) -> None:
    """Count that it was seen again today; whom it met is not said.

    Raises:
        NotFound: unknown, or another unit's.
        RuleViolation: it has been removed.
    """
    row = get_obstacle(session, actor, obstacle_id)
    if row.state is ObstacleState.REMOVED:
        raise RuleViolation(
            "removed", N_("Hindret är undanröjt. Finns det igen, ändra läget först.")
        )
    session.add(ObstacleSighting(obstacle_id=row.id, seen_on=today))
    session.flush()
    audit.record(session, actor, "see_again", "structural_obstacle", row.id)


def set_state(
    session: Session,
    actor: Actor,
    obstacle_id: UUID,
    state: ObstacleState,
    *,
    version: int | None,
    today: date,
) -> StructuralObstacle:
    """Say how far its removal has come; any state may follow any other.

    Raises:
        Refused: the role does not keep the register.
        NotFound: unknown, or another unit's.
        Conflict: it was saved since.
    """
    actor.require_role(*KEEPERS)
    row = get_obstacle(session, actor, obstacle_id, for_update=True)
    check_version(row, version)
    if row.state is not state:
        row.state, row.state_on = state, today
        session.flush()
        audit.record(session, actor, "change", "structural_obstacle", row.id, fields=["state"])
    return row


def impersonal(session: Session, field: str, text: str, *, today: date) -> str:
    """A text that points at nobody.

    Raises:
        Invalid: it is empty, or holds an identity number or a participant's name. Names of all
            units' people are refused, protected ones too: only the text's own words come back.
    """
    words = plain_text(field, text, today=today)
    if words is None:
        raise Invalid({field: N_("Fyll i det här.")})
    patterns = search_patterns(words)
    if patterns and names_in(words, names_like(session, patterns)):
        raise Invalid(
            {
                field: N_(
                    "Det kan vara ett namn på en deltagare. Skriv vad som hindrar många, "
                    "inte vem det gällde."
                )
            }
        )
    return words
