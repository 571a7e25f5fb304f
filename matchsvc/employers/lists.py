"""Lists of employers and offers: searched, filtered, paged; and the employers nobody has called."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.accounts.settings import number
from matchsvc.employers.access import READERS, employers_of, offers_of
from matchsvc.employers.contact_log import LastContact, last_contacts
from matchsvc.employers.models import (
    Contact,
    Employer,
    EmployerStatus,
    Interaction,
    Offer,
    OfferStatus,
    Requirement,
    Site,
)
from matchsvc.swedish import local_date, sort_key
from matchsvc.workday.archivable import stands

PER_PAGE = 50
#: With these nobody shall keep up the contact.
_LET_GO = (EmployerStatus.LOST, EmployerStatus.DO_NOT_CONTACT)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a list.

    Attributes:
        rows: what stands on it.
        page: its number from 1.
        pages: how many there are, at least 1.
        total: how many rows there are on all of them.
    """

    rows: list[T]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class EmployerRow:
    """An employer in a list.

    Attributes:
        employer: the row.
        owner: name of the one who owns the relation.
        last: the latest contact.
    """

    employer: Employer
    owner: str | None
    last: LastContact | None


def _paged(
    session: Session, found: Select[Any], page: int, *, options: Collection[Any] = ()
) -> tuple[list[Any], int, int, int]:
    counted = select(func.count()).select_from(found.order_by(None).subquery())
    total = session.scalar(counted) or 0
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(page, 1), pages)
    rows = session.execute(
        found.options(*options).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    ).unique()
    return list(rows), page, pages, total


def list_employers(
    session: Session,
    actor: Actor,
    *,
    words: str = "",
    status: EmployerStatus | None = None,
    owner_id: UUID | None = None,
    page: int = 1,
) -> Page[EmployerRow]:
    """The unit's employers in Swedish order. Three queries whatever the number of rows.

    Args:
        session: a transaction.
        actor: who reads.
        words: part of the name, or an organisation number.
        status: only these.
        owner_id: only this user's.
        page: number from 1; one past the end gives the last.
    """
    found = (
        employers_of(actor)
        .add_columns(User.name)
        .outerjoin(User, User.id == Employer.owner_id)
        .order_by(Employer.sort_key, Employer.id)
    )
    if words.strip():
        found = found.where(_mentions(words.strip()))
    if status is not None:
        found = found.where(Employer.status == status)
    if owner_id is not None:
        found = found.where(Employer.owner_id == owner_id)
    rows, page, pages, total = _paged(session, found, page)
    last = last_contacts(session, [employer.id for employer, _ in rows])
    shown = [EmployerRow(employer, owner, last.get(employer.id)) for employer, owner in rows]
    return Page(shown, page, pages, total)


def _mentions(words: str) -> Any:
    digits = words.replace("-", "").replace(" ", "")
    if digits.isdigit():
        return Employer.org_number.startswith(digits, autoescape=True)
    key = sort_key(words)
    at_site = exists().where(
        Site.employer_id == Employer.id, Site.sort_key.contains(key, autoescape=True)
    )
    return or_(Employer.sort_key.contains(key, autoescape=True), at_site)


@dataclass(frozen=True, slots=True)
class Neglected:
    """An employer that nobody in the unit has been in touch with for 90 days.

    Attributes:
        employer: the row.
        days: since the last contact, or since it was registered.
        last: the latest contact; None when there was none.
        waits_until: a day later than today that was promised, so waiting is meant.
        phone: a contact person's telephone (E.164) to call now.
        contact: that person's name.
    """

    employer: Employer
    days: int
    last: LastContact | None
    waits_until: date | None
    phone: str | None
    contact: str | None


@dataclass(frozen=True, slots=True)
class NeglectedEmployers:
    """The neglected ones of a user's employers.

    Attributes:
        rows: longest first.
        owned: how many employers the user owns in all, those let go not counted.
        after: days without a contact that the unit calls too long.
    """

    rows: list[Neglected]
    owned: int
    after: int


def neglected_employers(session: Session, actor: Actor, today: date) -> NeglectedEmployers:
    """The user's employers without any colleague's contact for too long (picture 02).

    How long that is the unit says.

    Lost ones and those who do not want to be called are left out. Five queries at most.

    Raises:
        Refused: the actor is no user, or has no right to employers.
    """
    mine = employers_of(actor).where(
        Employer.owner_id == actor.require_user(), Employer.status.not_in(_LET_GO)
    )
    owned = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    after = number(session, actor.unit_id, "employer_silence_days")
    heard = exists().where(
        Interaction.employer_id == Employer.id,
        Interaction.happened_on > today - timedelta(days=after),
    )
    silent = list(session.scalars(mine.where(~heard)))
    ids = [employer.id for employer in silent]
    last = last_contacts(session, ids)
    waits, people = _waiting(session, ids, today), _whom_to_call(session, ids)
    rows = []
    for employer in silent:
        since = last[employer.id].on if employer.id in last else local_date(employer.created_at)
        name, phone = people.get(employer.id, ("", ""))
        if (today - since).days >= after:
            rows.append(
                Neglected(
                    employer,
                    (today - since).days,
                    last.get(employer.id),
                    waits.get(employer.id),
                    phone or None,
                    name or None,
                )
            )
    rows.sort(key=lambda row: (-row.days, row.employer.sort_key))
    return NeglectedEmployers(rows, owned, after)


def _waiting(session: Session, ids: list[UUID], today: date) -> dict[UUID, date]:
    if not ids:
        return {}
    rows = session.execute(
        select(Interaction.employer_id, func.min(Interaction.next_on))
        .where(
            Interaction.employer_id.in_(ids),
            Interaction.next_on > today,
            Interaction.next_done_on.is_(None),
        )
        .group_by(Interaction.employer_id)
    )
    return {employer_id: day for employer_id, day in rows if day}


def _whom_to_call(session: Session, ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    if not ids:
        return {}
    rows = session.execute(
        select(Contact.employer_id, Contact.name, Contact.phone)
        .where(Contact.employer_id.in_(ids), Contact.is_active, Contact.phone.is_not(None))
        .order_by(Contact.sort_key.desc())
    )
    return {employer_id: (name, phone) for employer_id, name, phone in rows if phone}


@dataclass(frozen=True, slots=True)
class OfferRow:
    """An offer in a list.

    Attributes:
        offer: the row, with site and employer.
        owner: name of the one who owns it.
        required: how many requirements are needed.
        merits: how many are merits.
    """

    offer: Offer
    owner: str | None
    required: int
    merits: int


def list_offers(
    session: Session,
    actor: Actor,
    *,
    words: str = "",
    status: OfferStatus | None = None,
    owner_id: UUID | None = None,
    page: int = 1,
) -> Page[OfferRow]:
    """The unit's offers in Swedish order of title. Four queries whatever the number of rows.

    Args:
        session: a transaction.
        actor: who reads.
        words: part of the title, or of the site's or employer's name.
        status: only these.
        owner_id: only offers this user owns, or at employers the user owns.
        page: number from 1; one past the end gives the last.
    """
    found = (
        offers_of(actor)
        .add_columns(User.name)
        .join(Site, Site.id == Offer.site_id)
        .join(Employer, Employer.id == Site.employer_id)
        .outerjoin(User, User.id == func.coalesce(Offer.owner_id, Employer.owner_id))
        .order_by(Offer.sort_key, Employer.sort_key, Offer.id)
    )
    if words.strip():
        key = sort_key(words.strip())
        places = (Offer.sort_key, Site.sort_key, Employer.sort_key)
        found = found.where(or_(*(place.contains(key, autoescape=True) for place in places)))
    if status is not None:
        found = found.where(Offer.status == status)
    if owner_id is not None:
        found = found.where(func.coalesce(Offer.owner_id, Employer.owner_id) == owner_id)
    rows, page, pages, total = _paged(
        session,
        found,
        page,
        options=(
            joinedload(Offer.site).joinedload(Site.employer),
            selectinload(Offer.requirements).load_only(Requirement.importance),
        ),
    )
    return Page([_offer_row(*row) for row in rows], page, pages, total)


def _offer_row(offer: Offer, owner: str | None) -> OfferRow:
    required = sum(1 for each in offer.requirements if each.importance == "required")
    return OfferRow(offer, owner, required, len(offer.requirements) - required)


def list_open_offers(session: Session, unit_id: UUID) -> list[Offer]:
    """A unit's open offers with everything that matching reads. Six queries; asks no right.

    Loaded: requirements, languages, licences, conditions, site with conditions, employer.

    Args:
        session: a transaction.
        unit_id: whose offers.
    """
    return list(
        session.scalars(
            select(Offer)
            .where(and_(Offer.unit_id == unit_id, Offer.status == OfferStatus.OPEN, stands(Offer)))
            .options(
                joinedload(Offer.site).options(
                    joinedload(Site.employer), selectinload(Site.conditions)
                ),
                selectinload(Offer.requirements),
                selectinload(Offer.languages),
                selectinload(Offer.licences),
                selectinload(Offer.conditions),
            )
            .order_by(Offer.id)
        )
    )


def list_offers_at(session: Session, actor: Actor, employer: Employer) -> list[Offer]:
    """An employer's offers with their sites, open ones first."""
    actor.require_role(*READERS)
    order = {OfferStatus.OPEN: 0, OfferStatus.DRAFT: 1, OfferStatus.PAUSED: 2}
    found = (
        offers_of(actor)
        .join(Site, Site.id == Offer.site_id)
        .where(Site.employer_id == employer.id)
        .options(joinedload(Offer.site))
    )
    offers = list(session.scalars(found))
    return sorted(offers, key=lambda offer: (order.get(offer.status, 3), offer.sort_key))
