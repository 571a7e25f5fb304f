"""What the form of a new meeting offers to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.accounts.rules import list_users
from matchsvc.diary.access import READERS
from matchsvc.employers.access import READERS as EMPLOYER_READERS
from matchsvc.employers.access import employers_of
from matchsvc.employers.models import Contact, Employer
from matchsvc.errors import N_, Invalid, NotFound
from matchsvc.participants.access import get_visible, shown_name, sight_of, visible_participants
from matchsvc.participants.models import Capacity, Involvement, Participant
from matchsvc.workday.meeting_models import Room
from matchsvc.workday.meeting_reads import list_rooms

_MOST_OWN = 200


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen.

    Attributes:
        staff: colleagues of the unit.
        rooms: the unit's rooms.
        own: name and alias of the actor's own participants, for the list that helps writing.
        employer, contacts: when the meeting is with an employer.
    """

    staff: list[User]
    rooms: list[Room]
    own: list[tuple[str, str]]
    employer: Employer | None
    contacts: list[Contact]


def choices_for(
    session: Session, actor: Actor, *, employer_id: UUID | None, today: date
) -> Choices:
    """Everything that the form offers; logged. The number of queries does not depend on how much.

    Raises:
        NotFound: there is no such employer for the actor.
    """
    mine = select(Involvement.participant_id).where(
        Involvement.user_id == actor.user_id,
        Involvement.capacity.in_((Capacity.CASE_WORKER, Capacity.PROTECTED_HANDLER)),
    )
    found = visible_participants(session, actor, today=today).where(Participant.id.in_(mine))
    own = list(session.scalars(found.order_by(Participant.sort_key).limit(_MOST_OWN)))
    sights = sight_of(session, actor, [each.id for each in own], today=today)
    audit.record(session, actor, "list", "participant", subjects=[each.id for each in own])
    employer, contacts = None, []
    if employer_id is not None and actor.has_role(*EMPLOYER_READERS):
        employer = session.scalar(employers_of(actor).where(Employer.id == employer_id))
        if employer is None:
            raise NotFound("employer")
        of_employer = select(Contact).where(Contact.employer_id == employer.id, Contact.is_active)
        contacts = list(session.scalars(of_employer.order_by(Contact.sort_key)))
    return Choices(
        staff=list_users(session, actor.unit_id, *READERS),
        rooms=list_rooms(session, actor.unit_id),
        own=[(each.alias, shown_name(each, sights[each.id])) for each in own],
        employer=employer,
        contacts=contacts,
    )


def ids_of_aliases(session: Session, actor: Actor, text: str, *, today: date) -> list[UUID]:
    """Who is meant by ``D-2041, D-2050``.

    Raises:
        Invalid: one of them does not exist for the actor.
    """
    keys = [word for word in text.replace(",", " ").replace(";", " ").split() if word]
    found = []
    for key in keys:
        alias = key.upper() if key.upper().startswith("D-") else f"D-{key}"
        try:
            found.append(get_visible(session, actor, alias, today=today).id)
        except NotFound:
            raise Invalid(
                {"participants": N_("Någon av dem finns inte. Skriv till exempel D-2041.")}
            ) from None
    return list(dict.fromkeys(found))
