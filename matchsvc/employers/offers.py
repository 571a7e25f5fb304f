"""Offers: what is done at a place, what it needs and why, what it gives (EMP-07, MAT-05, LAW-05).

Every free text is checked for wishes to exclude on a protected ground; such an offer can't be
saved. The refusal is reported by :func:`report_protected_ground` in a transaction of its own, for
the refused one is rolled back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.attributes import flag_modified

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.employers import checks, offer_checks
from matchsvc.employers.access import EDITORS, is_called, new_external_id, offers_of
from matchsvc.employers.grounds import Ground
from matchsvc.employers.history import note_changes
from matchsvc.employers.models import (
    Employer,
    Importance,
    Offer,
    OfferCondition,
    OfferLanguage,
    OfferLicence,
    OfferStatus,
    Requirement,
    Site,
    Stance,
)
from matchsvc.employers.offer_checks import (
    LanguageLine,
    LicenceLine,
    OfferContent,
    RequirementLine,
)
from matchsvc.employers.register import is_barred
from matchsvc.employers.sites import get_site
from matchsvc.errors import N_, Conflict, Invalid, NotFound, RuleViolation
from matchsvc.swedish import sort_key, working_day_on_or_after
from matchsvc.workday import rules as workday

S = OfferStatus
#: From each status to which; a closed one may be opened again, next season.
TRANSITIONS: Mapping[OfferStatus, frozenset[OfferStatus]] = {
    S.DRAFT: frozenset({S.OPEN, S.CLOSED}),
    S.OPEN: frozenset({S.PAUSED, S.CLOSED}),
    S.PAUSED: frozenset({S.OPEN, S.CLOSED}),
    S.CLOSED: frozenset({S.OPEN}),
}
#: The manager takes a forbidden wish up with the employer within a week.
ESCALATION = timedelta(days=7)

_LINES = frozenset({"requirements", "languages", "licences", "offers", "excludes"})


def get_offer(
    session: Session, actor: Actor, key: UUID | str, *, for_update: bool = False
) -> Offer:
    """One offer with site, employer and everything it asks for and gives. Six queries at most.

    Args:
        session: a transaction.
        actor: who asks.
        key: id or external id.
        for_update: lock the row, for a change.

    Raises:
        NotFound: unknown or another unit's.
    """
    found = (
        offers_of(actor)
        .where(is_called(Offer, key))
        .options(
            joinedload(Offer.site).options(
                joinedload(Site.employer), selectinload(Site.conditions)
            ),
            selectinload(Offer.requirements),
            selectinload(Offer.languages),
            selectinload(Offer.licences),
            selectinload(Offer.conditions),
        )
    )
    if for_update:
        found = found.with_for_update(of=Offer)
    offer = session.scalars(found).unique().first()
    if offer is None:
        raise NotFound("offer")
    return offer


def content_of_offer(offer: Offer) -> OfferContent:
    """What an offer says now; everything of it must be loaded, as by ``get_offer``."""
    plain = {
        field.name: getattr(offer, field.name)
        for field in fields(OfferContent)
        if field.name not in _LINES
    }
    plain["forms"] = tuple(offer.forms)
    return OfferContent(
        **plain,
        requirements=tuple(
            RequirementLine(each.concept_id, each.importance, each.purpose)
            for each in offer.requirements
        ),
        languages=tuple(
            LanguageLine(each.concept_id, each.part, each.level, each.purpose)
            for each in sorted(offer.languages, key=lambda row: (row.concept_id, row.part))
        ),
        licences=tuple(
            LicenceLine(each.concept_id, each.purpose)
            for each in sorted(offer.licences, key=lambda row: row.concept_id)
        ),
        offers=frozenset(c.condition_id for c in offer.conditions if c.stance is Stance.OFFERS),
        excludes=frozenset(c.condition_id for c in offer.conditions if c.stance is Stance.EXCLUDES),
    )


def create_offer(
    session: Session,
    actor: Actor,
    site_key: UUID | str,
    content: OfferContent,
    *,
    today: date,
    external_id: str | None = None,
    status: OfferStatus = OfferStatus.OPEN,
) -> Offer:
    """Register what a site offers. The user who does it owns it.

    Args:
        session: a writing transaction.
        actor: liaison, placement coordinator or a command.
        site_key: id or external id of the site.
        content: what it says.
        today: an open offer may not have ended before it.
        external_id: None makes one.
        status: draft or open.

    Raises:
        NotFound: the site is unknown or another unit's.
        Invalid: a sentence for every wrong field (``requirements/0/purpose``); its code is
            ``protected_ground`` when a text limits who may come.
        RuleViolation: ``employer_barred``.
    """
    actor.require_role(*EDITORS)
    site = get_site(session, actor, site_key)
    unit_id = site.employer.unit_id
    offer_checks.check_content(session, unit_id, content, today=today)
    if external_id and _is_taken(session, actor, unit_id, external_id):
        raise Invalid({"external_id": N_("Det finns redan ett erbjudande med det id:t.")})
    if status not in {S.DRAFT, S.OPEN}:
        raise Invalid({"status": N_("Ett nytt erbjudande är öppet eller ett utkast.")})
    offer = Offer(
        unit_id=unit_id,
        external_id=external_id or new_external_id("E"),
        site=site,
        owner_id=actor.user_id,
        status=status,
    )
    offer.requirements, offer.languages, offer.licences, offer.conditions = [], [], [], []
    if status is S.OPEN:
        _refuse_to_open(site.employer, content.valid_until, today)
    _write(offer, content)
    session.add(offer)
    session.flush()
    audit.record(session, actor, "create", "offer", offer.id)
    return offer


def _is_taken(session: Session, actor: Actor, unit_id: UUID, external_id: str) -> bool:
    found = offers_of(actor).where(Offer.unit_id == unit_id, Offer.external_id == external_id)
    return session.scalar(found.with_only_columns(Offer.id)) is not None


def edit_offer(
    session: Session,
    actor: Actor,
    key: UUID | str,
    content: OfferContent,
    *,
    today: date,
    version: int | None,
) -> Offer:
    """Change what an offer says. Proposals keep the explanation they were made with.

    Raises:
        NotFound: unknown or another unit's.
        Invalid: as :func:`create_offer`.
        Conflict: saved by somebody else since; ``theirs`` holds what is saved.
    """
    actor.require_role(*EDITORS)
    offer = get_offer(session, actor, key, for_update=True)
    before = content_of_offer(offer)
    if version is not None and offer.version != version:
        raise Conflict(_differences(before, content))
    offer_checks.check_content(session, offer.unit_id, content, today=today)
    changed = _differences(before, content)
    if changed:
        _write(offer, content)
        # A change of lines alone counts the offer's version up, as a change of the row does.
        flag_modified(offer, "title")
        session.flush()
        now = {name: getattr(content, name) for name in changed}
        note_changes(session, actor, offer.site.employer_id, "offer", offer.title, changed, now)
        audit.record(session, actor, "change", "offer", offer.id, fields=changed)
    return offer


def _differences(before: OfferContent, after: OfferContent) -> dict[str, object]:
    return {
        field.name: getattr(before, field.name)
        for field in fields(OfferContent)
        if getattr(before, field.name) != getattr(after, field.name)
    }


def change_offer_status(
    session: Session,
    actor: Actor,
    key: UUID | str,
    status: OfferStatus,
    *,
    today: date,
    version: int | None = None,
    paused_until: date | None = None,
) -> Offer:
    """Open, pause or close an offer. The same status again changes nothing.

    ``paused_until`` is the day a paused one opens by itself; None waits for somebody to do it.

    Raises:
        NotFound: unknown or another unit's.
        Invalid: the day to open again has come.
        RuleViolation: ``no_such_step``, ``employer_barred`` or ``no_longer_valid``.
        Conflict: saved by somebody else since.
    """
    actor.require_role(*EDITORS)
    offer = get_offer(session, actor, key, for_update=True)
    db.check_version(offer, version)
    until = paused_until if status is S.PAUSED else None
    if status is offer.status and until == offer.paused_until:
        return offer
    if until is not None and until <= today:
        raise Invalid({"paused_until": N_("Skriv en dag som inte har varit.")})
    if status is not offer.status and status not in TRANSITIONS[offer.status]:
        raise RuleViolation("no_such_step", N_("Det går inte att gå direkt dit. Välj ett annat."))
    if status is S.OPEN:
        _refuse_to_open(offer.site.employer, offer.valid_until, today)
    before = {"status": offer.status, "paused_until": offer.paused_until}
    offer.status, offer.paused_until = status, until
    after = {"status": status, "paused_until": until}
    note_changes(session, actor, offer.site.employer_id, "offer", offer.title, before, after)
    session.flush()
    audit.record(session, actor, "change", "offer", offer.id, fields=["status"])
    return offer


def copy_offer(session: Session, actor: Actor, key: UUID | str, *, today: date) -> Offer:
    """Make a draft that says the same at the same site; its days are left to be said anew.

    Raises:
        NotFound: unknown or another unit's.
    """
    offer = get_offer(session, actor, key)
    said = replace(content_of_offer(offer), start_from=None, start_by=None, valid_until=None)
    if offer.places_otherwise is not None:
        said = replace(said, places=offer.places_otherwise)
    return create_offer(session, actor, offer.site_id, said, today=today, status=S.DRAFT)


def _refuse_to_open(employer: Employer, valid_until: date | None, today: date) -> None:
    if is_barred(employer):
        raise RuleViolation(
            "employer_barred",
            N_(
                "Arbetsgivaren kan inte ta emot någon just nu. Ändra hindret eller läget hos "
                "arbetsgivaren först, eller spara som utkast."
            ),
        )
    if valid_until is not None and valid_until < today:
        raise RuleViolation(
            "no_longer_valid",
            N_("Erbjudandet har gått ut. Ändra dagen det gäller till och öppna det sedan."),
        )


def _write(offer: Offer, content: OfferContent) -> None:
    for field in fields(content):
        if field.name not in _LINES:
            setattr(offer, field.name, getattr(content, field.name))
    offer.forms = list(content.forms)
    offer.title = content.title.strip()
    offer.sort_key = sort_key(offer.title)
    _write_requirements(offer, content)
    _write_languages(offer, content)
    _write_licences(offer, content)
    _write_conditions(offer, content)


def _write_requirements(offer: Offer, content: OfferContent) -> None:
    kept = {row.concept_id: row for row in offer.requirements}
    wanted = []
    # Required ones first, each in the order they were written.
    ordered = sorted(content.requirements, key=lambda line: line.importance is Importance.MERIT)
    for position, line in enumerate(ordered):
        row = kept.get(line.concept_id) or Requirement(concept_id=line.concept_id)
        row.importance, row.purpose = line.importance, line.purpose.strip()
        row.position = position
        wanted.append(row)
    offer.requirements = wanted


def _write_languages(offer: Offer, content: OfferContent) -> None:
    kept = {(row.concept_id, row.part): row for row in offer.languages}
    wanted = []
    for line in content.languages:
        row = kept.get((line.concept_id, line.part))
        row = row or OfferLanguage(concept_id=line.concept_id, part=line.part)
        row.level, row.purpose = line.level, line.purpose.strip()
        wanted.append(row)
    offer.languages = wanted


def _write_licences(offer: Offer, content: OfferContent) -> None:
    kept = {row.concept_id: row for row in offer.licences}
    wanted = []
    for line in content.licences:
        row = kept.get(line.concept_id) or OfferLicence(concept_id=line.concept_id)
        row.purpose = line.purpose.strip()
        wanted.append(row)
    offer.licences = wanted


def _write_conditions(offer: Offer, content: OfferContent) -> None:
    stance = checks.stances(content.offers, content.excludes)
    kept = {row.condition_id: row for row in offer.conditions}
    wanted = []
    for condition_id in sorted(stance):
        row = kept.get(condition_id) or OfferCondition(condition_id=condition_id)
        row.stance = stance[condition_id]
        wanted.append(row)
    offer.conditions = wanted


def report_protected_ground(
    session: Session,
    actor: Actor,
    site_key: UUID | str,
    grounds: Collection[Ground],
    *,
    today: date,
) -> int:
    """Note that an offer was refused on a protected ground, and tell the unit's managers.

    The ground is logged, never the words. Again within the week gives the same task.

    Args:
        session: a writing transaction of its own.
        actor: who tried to save it.
        site_key: the site it was for.
        grounds: what ``offer_checks.grounds_in_content`` found.
        today: the task is due the working day a week later.

    Returns:
        How many managers have the task.

    Raises:
        NotFound: the site is unknown or another unit's.
    """
    site = get_site(session, actor, site_key)
    employer = site.employer
    audit.record(
        session,
        actor,
        "refused",
        "offer",
        employer.id,
        fields=[ground.value for ground in grounds],
        reason="protected_ground",
    )
    managers = workday.managers_of(session, employer.unit_id)
    for manager_id in managers:
        workday.add_task(
            session,
            actor,
            owner_id=manager_id,
            unit_id=employer.unit_id,
            kind="protected_ground",
            about_type="employer",
            about_id=employer.id,
            due_on=working_day_on_or_after(today + ESCALATION),
            words={"employer": employer.name},
            origin="employers.report_protected_ground",
        )
    return len(managers)


def write_content(offer: Offer, content: OfferContent) -> None:
    """Put a checked content onto an offer whose lines are loaded; for imports of many."""
    _write(offer, content)
