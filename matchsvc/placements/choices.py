"""What the forms offer to choose from: people, workplaces, staff, forms of placement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.accounts.rules import list_users
from matchsvc.employers.models import Contact, Employer, EmployerStatus, Site
from matchsvc.errors import NotFound
from matchsvc.participants.access import (
    Sight,
    get_visible,
    shown_name,
    sight_of,
    visible_participants,
)
from matchsvc.participants.models import Participant
from matchsvc.placements.access import can_decide, require_decider
from matchsvc.placements.forms import list_forms
from matchsvc.placements.models import PlacementForm
from matchsvc.placements.supervision import SUPERVISING
from matchsvc.workday.archivable import stands

#: More than a list can show well; whoever has more goes by the person's or the workplace's page.
MOST = 500


@dataclass(frozen=True, slots=True)
class Person:
    """A participant as a form names her.

    Attributes:
        id: hers.
        name: her name to her own workers, else the alias.
        protected: she needs a written decision on the risk.
    """

    id: UUID
    name: str
    protected: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form of a new placement offers."""

    person: Person
    site: Site
    employer: Employer
    forms: list[PlacementForm]
    supervisors: list[User]
    contacts: list[Contact]


def choices_for_start(
    session: Session, actor: Actor, form: Mapping[str, str], *, today: date
) -> Choices:
    """What a new placement of this person at this workplace may be made of.

    Raises:
        NotFound: the person or the workplace is hidden or unknown.
        Refused: the actor may not decide on her.
    """
    person = get_person(session, actor, form.get("participant_id", ""), today=today)
    site, employer = get_site(session, actor, form.get("site_id", ""))
    return Choices(
        person=person,
        site=site,
        employer=employer,
        forms=list_forms(session),
        supervisors=list_users(session, actor.unit_id, *SUPERVISING),
        contacts=list(
            session.scalars(
                select(Contact)
                .where(Contact.employer_id == employer.id, Contact.is_active)
                .order_by(Contact.sort_key)
                .limit(MOST)
            )
        ),
    )


def get_person(session: Session, actor: Actor, key: str, *, today: date) -> Person:
    """A participant about whom the actor decides, named as the reader may; the read is logged.

    Raises:
        NotFound: unknown or hidden.
        Refused: the actor may not decide on her.
    """
    participant = get_visible(session, actor, key, today=today)
    sights = sight_of(session, actor, [participant.id], today=today)
    require_decider(actor, sights[participant.id])
    audit.record(session, actor, "read", "participant", participant.id, fields=["name"])
    return _person(participant, sights[participant.id])


def get_site(session: Session, actor: Actor, key: str) -> tuple[Site, Employer]:
    """A workplace of the actor's unit with its employer.

    Raises:
        NotFound: unknown, or another unit's.
    """
    row = session.execute(
        select(Site, Employer)
        .join(Employer, Employer.id == Site.employer_id)
        .where(Site.id == _uuid(key), Employer.unit_id == actor.unit_id, stands(Employer))
    ).one_or_none()
    if row is None:
        raise NotFound("site")
    return row[0], row[1]


def sites_and_people(
    session: Session, actor: Actor, *, today: date
) -> tuple[list[Person], list[tuple[Site, Employer]]]:
    """The participants that the actor decides on, and the workplaces that may be used."""
    people = list(
        session.scalars(
            visible_participants(session, actor, today=today)
            .order_by(Participant.number)
            .limit(MOST)
        )
    )
    sights = sight_of(session, actor, [one.id for one in people], today=today)
    persons = [_person(one, sights[one.id]) for one in people if can_decide(actor, sights[one.id])]
    audit.record(session, actor, "list", "participant", subjects=[one.id for one in persons])
    return persons, list_sites(session, actor)


def list_sites(session: Session, actor: Actor) -> list[tuple[Site, Employer]]:
    """The unit's workplaces in Swedish order, without those that may not be used."""
    rows = session.execute(
        select(Site, Employer)
        .join(Employer, Employer.id == Site.employer_id)
        .where(
            Employer.unit_id == actor.unit_id,
            stands(Employer),
            Employer.bar.is_(None),
            Employer.status != EmployerStatus.DO_NOT_CONTACT,
        )
        .order_by(Site.sort_key, Site.id)
        .limit(MOST)
    )
    return [(row[0], row[1]) for row in rows]


def _person(participant: Participant, sight: Sight) -> Person:
    return Person(participant.id, shown_name(participant, sight), participant.protected)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
