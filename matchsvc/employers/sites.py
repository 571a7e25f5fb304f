"""Sites, what they offer and exclude, and the people to talk to there (EMP-01, EMP-12)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.employers import checks
from matchsvc.employers.access import (
    EDITORS,
    READERS,
    in_own_unit,
    is_called,
    new_external_id,
)
from matchsvc.employers.history import note_changes
from matchsvc.employers.models import (
    Channel,
    Contact,
    ContactRole,
    Employer,
    Site,
    SiteCondition,
    Stance,
)
from matchsvc.employers.register_reads import get_employer
from matchsvc.errors import N_, Conflict, Invalid, NotFound
from matchsvc.messages.models import Reach
from matchsvc.swedish import sort_key, working_day_on_or_after
from matchsvc.vocabulary.models import Concept, ConceptType
from matchsvc.workday import rules as workday
from matchsvc.workday.archivable import stands

#: How soon somebody new to talk to should be known.
NEW_CONTACT_WITHIN = timedelta(days=14)
BAD_CAPACITY = N_("Skriv ett tal från 0 och uppåt.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteContent:
    """What is written about a site.

    Attributes:
        name: of the place.
        address: street and number.
        postcode: as typed; ``123 45`` is stored.
        town: postal town.
        area_id: one of the unit's areas; None is not known.
        capacity: how many can be there at the same time; None is not said.
        supervisors: how many can guide somebody; None is not said.
        works_with_children: direct and regular contact with children (2013:852).
        languages: ids of languages that are spoken there.
        access_note: how one gets there and in: steps, lift, bus stop.
        offers: ids of the conditions it offers.
        excludes: ids of the conditions it excludes.
    """

    name: str
    address: str | None = None
    postcode: str | None = None
    town: str | None = None
    area_id: UUID | None = None
    capacity: int | None = None
    supervisors: int | None = None
    works_with_children: bool = False
    languages: frozenset[str] = frozenset()
    access_note: str | None = None
    offers: frozenset[str] = frozenset()
    excludes: frozenset[str] = frozenset()


_NO_NUMBER = N_("Sms kräver ett telefonnummer.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactContent:
    """What is written about a person at an employer.

    Attributes:
        name: of the person.
        role: what the person does there.
        site_id: where; None is everywhere.
        email: address.
        phone: as typed; E.164 is stored.
        channel: how the person wants to be reached.
        is_active: still works there.
        reach: how letters that the system sends come, or that none do.
    """

    name: str
    role: ContactRole | None = None
    site_id: UUID | None = None
    email: str | None = None
    phone: str | None = None
    channel: Channel | None = None
    is_active: bool = True
    reach: Reach = Reach.EMAIL


def site_content_of(site: Site) -> SiteContent:
    """What is written about a site now; its conditions must be loaded."""
    return SiteContent(
        name=site.name,
        address=site.address,
        postcode=site.postcode,
        town=site.town,
        area_id=site.area_id,
        capacity=site.capacity,
        supervisors=site.supervisors,
        works_with_children=site.works_with_children,
        languages=frozenset(site.languages or ()),
        access_note=site.access_note,
        offers=frozenset(c.condition_id for c in site.conditions if c.stance is Stance.OFFERS),
        excludes=frozenset(c.condition_id for c in site.conditions if c.stance is Stance.EXCLUDES),
    )


def contact_content_of(contact: Contact) -> ContactContent:
    """What is written about a contact now."""
    names = [field.name for field in fields(ContactContent)]
    return ContactContent(**{name: getattr(contact, name) for name in names})


def get_site(session: Session, actor: Actor, key: UUID | str, *, for_update: bool = False) -> Site:
    """One site with its employer and conditions.

    Raises:
        NotFound: unknown or another unit's.
    """
    actor.require_role(*READERS)
    found = (
        select(Site)
        .join(Employer, Employer.id == Site.employer_id)
        .where(
            in_own_unit(actor, Employer.unit_id.expression), stands(Employer), is_called(Site, key)
        )
        .options(joinedload(Site.employer), selectinload(Site.conditions))
    )
    if for_update:
        found = found.with_for_update(of=Site)
    site = session.scalars(found).first()
    if site is None:
        raise NotFound("site")
    return site


def create_site(
    session: Session,
    actor: Actor,
    employer_key: UUID | str,
    content: SiteContent,
    *,
    today: date,
    external_id: str | None = None,
) -> Site:
    """Add a place of work to an employer.

    Raises:
        NotFound: the employer is unknown or another unit's.
        Invalid: with a sentence for every wrong field.
    """
    actor.require_role(*EDITORS)
    employer = get_employer(session, actor, employer_key)
    if external_id and any(site.external_id == external_id for site in employer.sites):
        raise Invalid({"external_id": N_("Det finns redan ett arbetsställe med det id:t.")})
    site = Site(employer_id=employer.id, external_id=external_id or new_external_id("S"))
    site.conditions = []
    _write_site(session, site, employer, content, today=today)
    employer.sites.append(site)
    session.flush()
    audit.record(session, actor, "create", "site", site.id)
    return site


def edit_site(
    session: Session,
    actor: Actor,
    key: UUID | str,
    content: SiteContent,
    *,
    today: date,
    version: int | None,
) -> Site:
    """Change what is written about a site.

    Raises:
        NotFound: unknown or another unit's.
        Invalid: with a sentence for every wrong field.
        Conflict: saved by somebody else since; ``theirs`` holds what is saved.
    """
    actor.require_role(*EDITORS)
    site = get_site(session, actor, key, for_update=True)
    before = site_content_of(site)
    if version is not None and site.version != version:
        raise Conflict(_differences(before, content))
    _write_site(session, site, site.employer, content, today=today)
    session.flush()
    after = site_content_of(site)
    changed = _differences(before, after)
    _note(session, actor, site.employer_id, "site", site.name, changed, after)
    audit.record(session, actor, "change", "site", site.id, fields=changed)
    return site


def _write_site(
    session: Session, site: Site, employer: Employer, content: SiteContent, *, today: date
) -> None:
    postcode, postcode_fault = checks.read_postcode(content.postcode)
    has_room = content.capacity is None or content.capacity >= 0
    has_guides = content.supervisors is None or content.supervisors >= 0
    checks.refuse(
        {
            "name": checks.text_fault(content.name, today=today)
            if content.name.strip()
            else checks.REQUIRED,
            "address": checks.text_fault(content.address, today=today),
            "access_note": checks.text_fault(content.access_note, today=today),
            "postcode": postcode_fault,
            "area_id": checks.area_fault(session, employer.unit_id, content.area_id),
            "capacity": None if has_room else BAD_CAPACITY,
            "supervisors": None if has_guides else BAD_CAPACITY,
            "languages": _languages_fault(session, content.languages),
            **checks.stance_faults(session, content.offers, content.excludes),
        }
    )
    site.name = content.name.strip()
    site.sort_key = sort_key(site.name)
    site.address, site.postcode, site.town = content.address, postcode, content.town
    site.area_id, site.capacity = content.area_id, content.capacity
    site.supervisors, site.languages = content.supervisors, sorted(content.languages)
    site.access_note = content.access_note
    site.works_with_children = content.works_with_children
    wanted = checks.stances(content.offers, content.excludes)
    for row in list(site.conditions):
        if row.condition_id in wanted:
            row.stance = wanted.pop(row.condition_id)
        else:
            site.conditions.remove(row)
    site.conditions.extend(
        SiteCondition(condition_id=condition, stance=stance)
        for condition, stance in sorted(wanted.items())
    )


def _languages_fault(session: Session, languages: frozenset[str]) -> str | None:
    if not languages:
        return None
    found = session.scalars(
        select(Concept.id).where(Concept.id.in_(languages), Concept.type == ConceptType.LANGUAGE)
    )
    return None if set(found) == languages else checks.GONE


def get_contact(
    session: Session, actor: Actor, key: UUID | str, *, for_update: bool = False
) -> Contact:
    """One contact person with employer.

    Raises:
        NotFound: unknown or another unit's.
    """
    actor.require_role(*READERS)
    found = (
        select(Contact)
        .join(Employer, Employer.id == Contact.employer_id)
        .where(
            in_own_unit(actor, Employer.unit_id.expression),
            stands(Employer),
            is_called(Contact, key),
        )
        .options(joinedload(Contact.employer).selectinload(Employer.sites))
    )
    if for_update:
        found = found.with_for_update(of=Contact)
    contact = session.scalars(found).first()
    if contact is None:
        raise NotFound("contact")
    return contact


def add_contact(
    session: Session,
    actor: Actor,
    employer_key: UUID | str,
    content: ContactContent,
    *,
    today: date,
) -> Contact:
    """Add a person to talk to at an employer.

    Raises:
        NotFound: the employer is unknown or another unit's.
        Invalid: with a sentence for every wrong field.
    """
    actor.require_role(*EDITORS)
    employer = get_employer(session, actor, employer_key)
    contact = Contact(employer_id=employer.id)
    _write_contact(contact, employer, content, today=today)
    employer.contacts.append(contact)
    session.flush()
    audit.record(session, actor, "create", "contact", contact.id)
    return contact


def edit_contact(
    session: Session,
    actor: Actor,
    key: UUID | str,
    content: ContactContent,
    *,
    today: date,
    version: int | None,
) -> Contact:
    """Change what is written about a contact person.

    Raises:
        NotFound: unknown or another unit's.
        Invalid: with a sentence for every wrong field.
        Conflict: saved by somebody else since; ``theirs`` holds what is saved.
    """
    actor.require_role(*EDITORS)
    contact = get_contact(session, actor, key, for_update=True)
    before = contact_content_of(contact)
    if version is not None and contact.version != version:
        raise Conflict(_differences(before, content))
    _write_contact(contact, contact.employer, content, today=today)
    session.flush()
    after = contact_content_of(contact)
    changed = _differences(before, after)
    _note(session, actor, contact.employer_id, "contact", contact.name, changed, after)
    if before.is_active and not contact.is_active:
        contact.left_on = today
        _ask_for_somebody_new(session, actor, contact, today)
    elif contact.is_active:
        contact.left_on = None
    audit.record(session, actor, "change", "contact", contact.id, fields=changed)
    return contact


def _ask_for_somebody_new(session: Session, actor: Actor, contact: Contact, today: date) -> None:
    """Whoever owns the relation asks whom to talk to now (EMP-04)."""
    employer = contact.employer
    owner_id = employer.owner_id or actor.user_id
    if owner_id is None:
        return
    workday.add_task(
        session,
        actor,
        owner_id=owner_id,
        unit_id=employer.unit_id,
        kind="contact_left",
        about_type="employer",
        about_id=employer.id,
        due_on=working_day_on_or_after(today + NEW_CONTACT_WITHIN),
        words={"employer": employer.name},
        origin="employers.edit_contact",
    )


def _note(
    session: Session,
    actor: Actor,
    employer_id: UUID,
    subject: str,
    name: str,
    changed: dict[str, object],
    after: SiteContent | ContactContent,
) -> None:
    now = {field: getattr(after, field) for field in changed}
    note_changes(session, actor, employer_id, subject, name, changed, now)


def _write_contact(
    contact: Contact, employer: Employer, content: ContactContent, *, today: date
) -> None:
    phone, phone_fault = checks.read_phone(content.phone)
    sites = {site.id for site in employer.sites}
    is_here = content.site_id is None or content.site_id in sites
    checks.refuse(
        {
            "name": checks.text_fault(content.name, today=today)
            if content.name.strip()
            else checks.REQUIRED,
            "phone": phone_fault,
            "email": checks.email_fault(content.email),
            "site_id": None if is_here else checks.GONE,
            "reach": _NO_NUMBER if content.reach is Reach.TEXT and phone is None else None,
        }
    )
    for field in fields(content):
        setattr(contact, field.name, getattr(content, field.name))
    contact.name = content.name.strip()
    contact.sort_key = sort_key(contact.name)
    contact.phone = phone


def _differences(before: object, after: object) -> dict[str, object]:
    return {
        field.name: getattr(before, field.name)
        for field in fields(before)  # type: ignore[arg-type]
        if getattr(before, field.name) != getattr(after, field.name)
    }
