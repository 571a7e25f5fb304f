"""Offers over time: paused until a day, expiring, in season, and other numbers of places at times.

Matching reads ``offer.places`` and ``offer.status``. What holds on a day is therefore written
there by the day's job, and at once when somebody changes what holds today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.orm import Session, joinedload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor, job_actor
from matchsvc.employers.access import EDITORS, READERS
from matchsvc.employers.history import note_changes
from matchsvc.employers.models import Employer, Offer, OfferStatus, Site
from matchsvc.employers.network_models import CapacityPeriod
from matchsvc.employers.offers import get_offer
from matchsvc.employers.register import is_barred
from matchsvc.employers.sites import get_site
from matchsvc.errors import N_, Invalid
from matchsvc.workday import rules as workday
from matchsvc.workday.archivable import stands
from matchsvc.workday.models import Task

#: How long before the last day the owner is asked.
WARN_AHEAD = timedelta(days=7)
MOST_PERIODS = 24
REVERSED = N_("Sista dagen ligger före den första. Byt plats på dagarna.")
OVERLAP = N_("Perioden går in i en annan. Ändra dagarna så att de inte möts.")
TOO_MANY = N_("Högst 24 perioder. Ta bort dem som har varit.")

NOT_OPEN = N_("Erbjudandet är inte öppet.")
EXPIRED = N_("Erbjudandet har gått ut.")
NO_PLACES = N_("Det finns ingen plats just nu.")
OUT_OF_SEASON = N_("Det är inte säsong.")
BARRED = N_("Ingen kan placeras hos arbetsgivaren just nu.")


@dataclass(frozen=True, slots=True)
class Period:
    """A number of places between two days, both inclusive.

    Attributes:
        first_day, last_day: when.
        places: how many at the same time; 0 closes the time.
        supervisors: how many can guide; None is not said.
    """

    first_day: date
    last_day: date
    places: int
    supervisors: int | None = None


def why_closed(offer: Offer, employer: Employer, day: date) -> str | None:
    """Why an offer takes nobody new on a day, in a sentence; None when it does.

    ``places`` and ``status`` are those of today, as the day's job wrote them.
    """
    if is_barred(employer):
        return BARRED
    if offer.status is not OfferStatus.OPEN:
        return NOT_OPEN
    if offer.valid_until is not None and offer.valid_until < day:
        return EXPIRED
    if not _is_in_season(offer, day):
        return OUT_OF_SEASON
    return None if offer.places > 0 else NO_PLACES


def _is_in_season(offer: Offer, day: date) -> bool:
    first, last = offer.season_start, offer.season_end
    if not first or not last:
        return True
    now = f"{day:%m-%d}"
    return first <= now <= last if first <= last else now >= first or now <= last


def list_periods(
    session: Session, actor: Actor, *, site_id: UUID, offer_id: UUID | None
) -> list[CapacityPeriod]:
    """The periods of a site (``offer_id`` None) or of one of its offers, earliest first."""
    actor.require_role(*READERS)
    return list(
        session.scalars(
            select(CapacityPeriod)
            .where(CapacityPeriod.site_id == site_id, CapacityPeriod.offer_id == offer_id)
            .order_by(CapacityPeriod.first_day)
        )
    )


def set_site_periods(
    session: Session, actor: Actor, key: UUID | str, periods: Sequence[Period]
) -> Site:
    """Say how many a site can take at what times; replaces what was said.

    Raises:
        NotFound: unknown or another unit's.
        Invalid: a sentence for every wrong row (``periods/0/last_day``).
    """
    actor.require_role(*EDITORS)
    site = get_site(session, actor, key, for_update=True)
    _replace(session, actor, site, None, site.name, periods)
    return site


def set_offer_periods(
    session: Session, actor: Actor, key: UUID | str, periods: Sequence[Period], *, today: date
) -> Offer:
    """Say how many places an offer has at what times; what holds today is written at once.

    Raises:
        NotFound: unknown or another unit's.
        Invalid: a sentence for every wrong row (``periods/0/last_day``).
    """
    actor.require_role(*EDITORS)
    offer = get_offer(session, actor, key, for_update=True)
    _replace(session, actor, offer.site, offer, offer.title, periods)
    _apply(offer, [each for each in periods if each.first_day <= today <= each.last_day])
    session.flush()
    return offer


def _replace(
    session: Session,
    actor: Actor,
    site: Site,
    offer: Offer | None,
    name: str,
    periods: Sequence[Period],
) -> None:
    _check(periods)
    offer_id = offer.id if offer else None
    before = list_periods(session, actor, site_id=site.id, offer_id=offer_id)
    session.execute(
        delete(CapacityPeriod).where(
            CapacityPeriod.site_id == site.id, CapacityPeriod.offer_id == offer_id
        )
    )
    ordered = sorted(periods, key=lambda each: each.first_day)
    session.add_all(
        CapacityPeriod(
            site_id=site.id,
            offer_id=offer_id,
            first_day=each.first_day,
            last_day=each.last_day,
            places=each.places,
            supervisors=each.supervisors,
        )
        for each in ordered
    )
    subject = "offer" if offer else "site"
    said = {"periods": _in_words(before)}, {"periods": _in_words(ordered)}
    note_changes(session, actor, site.employer_id, subject, name, *said)
    session.flush()
    audit.record(session, actor, "change", subject, offer_id or site.id, fields=["periods"])


def _in_words(periods: Sequence[Period | CapacityPeriod]) -> tuple[str, ...]:
    return tuple(f"{each.first_day}/{each.last_day}: {each.places}" for each in periods)


def _check(periods: Sequence[Period]) -> None:
    wrong: dict[str, str] = {}
    if len(periods) > MOST_PERIODS:
        wrong["periods"] = TOO_MANY
    for index, each in enumerate(periods):
        if each.last_day < each.first_day:
            wrong[f"periods/{index}/last_day"] = REVERSED
    numbered = sorted(enumerate(periods), key=lambda pair: pair[1].first_day)
    for (_, one), (index, two) in pairwise(numbered):
        if two.first_day <= one.last_day:
            wrong.setdefault(f"periods/{index}/first_day", OVERLAP)
    if wrong:
        raise Invalid(wrong)


def _apply(offer: Offer, holding: Sequence[Period | CapacityPeriod]) -> bool:
    """Write the places of the period that holds; give back whether anything changed."""
    usual = offer.places if offer.places_otherwise is None else offer.places_otherwise
    places, otherwise = (holding[0].places, usual) if holding else (usual, None)
    if (offer.places, offer.places_otherwise) == (places, otherwise):
        return False
    offer.places, offer.places_otherwise = places, otherwise
    return True


def keep_offers(session: Session, *, today: date) -> int:
    """The day's job: expire, ask a week before, open again, and the places of the day.

    Again on the same day changes nothing; days that were missed are caught up.
    """
    actor = job_actor("keep_offers")
    return (
        _expire(session, actor, today)
        + _open_again(session, actor, today)
        + _put_places(session, today)
        + _ask_before_end(session, actor, today)
    )


def _standing() -> Select[Offer]:
    return (
        select(Offer)
        .join(Offer.site)
        .join(Site.employer)
        .where(stands(Offer), stands(Employer))
        .options(joinedload(Offer.site).joinedload(Site.employer))
    )


def _change(session: Session, actor: Actor, offer: Offer, status: OfferStatus) -> None:
    before = {"status": offer.status, "paused_until": offer.paused_until}
    offer.status, offer.paused_until = status, None
    after = {"status": status, "paused_until": None}
    note_changes(session, actor, offer.site.employer_id, "offer", offer.title, before, after)
    audit.record(session, actor, "change", "offer", offer.id, fields=["status"])


def _expire(session: Session, actor: Actor, today: date) -> int:
    ended = session.scalars(
        _standing().where(
            Offer.valid_until < today, Offer.status.in_((OfferStatus.OPEN, OfferStatus.PAUSED))
        )
    ).all()
    for offer in ended:
        _change(session, actor, offer, OfferStatus.CLOSED)
    session.flush()
    return len(ended)


def _open_again(session: Session, actor: Actor, today: date) -> int:
    waiting = session.scalars(
        _standing().where(Offer.status == OfferStatus.PAUSED, Offer.paused_until <= today)
    ).all()
    opened = [offer for offer in waiting if not is_barred(offer.site.employer)]
    for offer in opened:
        _change(session, actor, offer, OfferStatus.OPEN)
    session.flush()
    return len(opened)


def _put_places(session: Session, today: date) -> int:
    holding: dict[UUID, list[CapacityPeriod]] = {}
    for period in session.scalars(
        select(CapacityPeriod).where(
            CapacityPeriod.offer_id.is_not(None),
            CapacityPeriod.first_day <= today,
            CapacityPeriod.last_day >= today,
        )
    ):
        holding.setdefault(period.offer_id, []).append(period)  # type: ignore[arg-type]
    offers = session.scalars(
        select(Offer).where(
            or_(Offer.id.in_(list(holding)), Offer.places_otherwise.is_not(None)), stands(Offer)
        )
    ).all()
    changed = sum(_apply(offer, holding.get(offer.id, [])) for offer in offers)
    session.flush()
    return changed


def _ask_before_end(session: Session, actor: Actor, today: date) -> int:
    ending = session.scalars(
        _standing().where(
            Offer.status.in_((OfferStatus.OPEN, OfferStatus.PAUSED)),
            Offer.valid_until.between(today, today + WARN_AHEAD),
        )
    ).all()
    tasks = session.execute(
        select(Task.about_id, Task.due_on).where(
            Task.kind == "offer_expires", Task.about_id.in_([offer.id for offer in ending])
        )
    )
    asked = {(row[0], row[1]) for row in tasks}
    made = 0
    for offer in ending:
        last = offer.valid_until
        if last is None or (offer.id, last) in asked:
            continue
        employer = offer.site.employer
        owners = [offer.owner_id or employer.owner_id]
        for owner_id in owners if owners[0] else workday.managers_of(session, offer.unit_id):
            workday.add_task(
                session,
                actor,
                owner_id=owner_id,  # type: ignore[arg-type]
                unit_id=offer.unit_id,
                kind="offer_expires",
                about_type="offer",
                about_id=offer.id,
                due_on=last,
                words={"offer": offer.title, "employer": employer.name},
                origin="employers.keep_offers",
            )
            made += 1
    return made
