"""The rooms that a unit books."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.errors import N_, Invalid, NotFound, Refused
from matchsvc.swedish import sort_key
from matchsvc.workday.meeting_models import Room
from matchsvc.workday.meeting_reads import list_rooms

KEEPERS = (Role.UNIT_MANAGER, Role.PLACEMENT_COORDINATOR)


def list_own_rooms(session: Session, actor: Actor) -> list[Room]:
    """The rooms of the actor's unit that can be booked."""
    return list_rooms(session, actor.unit_id)


def add_room(session: Session, actor: Actor, name: str) -> Room:
    """A room more; one that was closed opens again.

    Raises:
        Refused: the role does not keep rooms.
        Invalid: there is one of that name.
    """
    actor.require_role(*KEEPERS)
    if actor.unit_id is None:
        raise Refused
    room = session.scalar(
        select(Room).where(Room.unit_id == actor.unit_id, Room.name == name).with_for_update()
    )
    if room is not None and room.is_active:
        raise Invalid({"name": N_("Rummet finns redan. Skriv ett annat namn.")})
    if room is None:
        room = Room(unit_id=actor.unit_id, name=name, sort_key=sort_key(name))
        session.add(room)
    room.is_active = True
    session.flush()
    audit.record(session, actor, "create", "room", room.id)
    return room


def close_room(session: Session, actor: Actor, room_id: UUID) -> None:
    """A room is no longer booked; meetings that have it keep it.

    Raises:
        Refused: the role does not keep rooms.
        NotFound: it is not the unit's.
    """
    actor.require_role(*KEEPERS)
    room = session.scalar(select(Room).where(Room.id == room_id, Room.unit_id == actor.unit_id))
    if room is None:
        raise NotFound("room")
    room.is_active = False
    session.flush()
    audit.record(session, actor, "change", "room", room.id, fields=["is_active"])
