"""Employers, sites, contacts, logged contacts and offers for programs; the rules of the pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_smorest import Blueprint

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.employers import merging, rules, schemas
from matchsvc.employers.access import EDITORS, LOGGERS, READERS
from matchsvc.employers.models import Employer, EmployerStatus, Offer, OfferStatus
from matchsvc.employers.rules import (
    ContactContent,
    EmployerContent,
    InteractionContent,
    OfferContent,
    SiteContent,
)
from matchsvc.errors import Invalid
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint
from matchsvc.web.merging import merge_schema

api: Blueprint = api_blueprint("employers", "", "Employers, contacts with them, and their offers.")

_NEW_EMPLOYER = ("external_id", "status", "status_reason", "is_separate")


@api.get("/employers")
@api.arguments(schemas.EmployerQuerySchema, location="query")
@api.response(200, schemas.EmployerListSchema)
@requires(*READERS)
def list_employers(query: dict[str, Any]) -> dict[str, Any]:
    """The unit's employers in Swedish order, fifty a page."""
    actor = current_actor()
    with reading() as session:
        page = rules.list_employers(
            session,
            actor,
            words=query["q"],
            status=query["status"],
            owner_id=actor.user_id if query["mine"] else None,
            page=query["page"],
        )
        rows = [_employer_summary(row) for row in page.rows]
    return {"page": page.page, "pages": page.pages, "total": page.total, "employers": rows}


def _employer_summary(row: rules.EmployerRow) -> dict[str, Any]:
    employer = row.employer
    return {
        "id": employer.id,
        "external_id": employer.external_id,
        "name": employer.name,
        "type": employer.type,
        "status": employer.status,
        "owner": row.owner,
        "last_contact_on": row.last.on if row.last else None,
        "last_contact_by": row.last.by if row.last else None,
    }


@api.post("/employers")
@api.etag
@api.arguments(schemas.CreateEmployerSchema)
@api.response(201, schemas.EmployerSchema)
@api.alt_response(409, description="An employer with that organisation number exists.")
@requires(*EDITORS)
def create_employer(data: dict[str, Any]) -> Employer:
    """Register an employer."""
    today = local_date(db.utcnow())
    apart = {name: data.pop(name) for name in _NEW_EMPLOYER}
    status: EmployerStatus = apart.pop("status")
    with writing() as session:
        employer = rules.create_employer(
            session,
            current_actor(),
            EmployerContent(**data),
            today=today,
            status=status,
            **apart,
        )
    api.set_etag({"version": employer.version})
    return employer


@api.get("/employers/<key>")
@api.etag
@api.response(200, schemas.EmployerSchema)
@api.alt_response(404, description="Unknown, or another unit's.")
@requires(*READERS)
def show_employer(key: str) -> Employer:
    """One employer with sites and contacts, by id or external id."""
    actor = current_actor()
    with reading() as session:
        employer = rules.get_employer(session, actor, key)
        audit.record(session, actor, "read", "employer", employer.id)
    api.set_etag({"version": employer.version})
    return employer


@api.post("/employers/<key>/merge")
@api.etag
@api.arguments(merge_schema(merging.FIELDS, "Employers"))
@api.response(200, schemas.EmployerSchema)
@api.alt_response(404, description="Either is unknown, or another unit's.")
@api.alt_response(409, description="They are one already.")
@requires(*EDITORS)
def merge_employers(data: dict[str, Any], key: str) -> Employer:
    """Merge another row of the same employer into this one. There is no way back."""
    with writing() as session:
        employer = merging.merge_employers(
            session,
            current_actor(),
            key,
            data["other"],
            reason=data["reason"],
            today=local_date(db.utcnow()),
            from_other=data["from_other"],
        )
    api.set_etag({"version": employer.version})
    return employer


@api.post("/employers/<key>/sites")
@api.arguments(schemas.CreateSiteSchema)
@api.response(201, schemas.SiteSchema)
@api.alt_response(404, description="Unknown, or another unit's.")
@requires(*EDITORS)
def create_site(data: dict[str, Any], key: str) -> Any:
    """Add a site to an employer."""
    external_id = data.pop("external_id")
    content = site_content(data)
    with writing() as session:
        return rules.create_site(
            session,
            current_actor(),
            key,
            content,
            today=local_date(db.utcnow()),
            external_id=external_id,
        )


def site_content(data: dict[str, Any]) -> SiteContent:
    """A loaded shape as the rules want it."""
    stances = {name: frozenset(data[name]) for name in ("languages", "offers", "excludes")}
    return SiteContent(**data | stances)


@api.post("/employers/<key>/contacts")
@api.arguments(schemas.ContactFieldsSchema)
@api.response(201, schemas.ContactSchema)
@api.alt_response(404, description="Unknown, or another unit's.")
@requires(*EDITORS)
def create_contact(data: dict[str, Any], key: str) -> Any:
    """Add a contact person to an employer."""
    with writing() as session:
        return rules.add_contact(
            session,
            current_actor(),
            key,
            ContactContent(**data),
            today=local_date(db.utcnow()),
        )


@api.get("/employers/<key>/interactions")
@api.response(200, schemas.InteractionListSchema)
@api.alt_response(404, description="Unknown, or another unit's.")
@requires(*READERS)
def list_interactions(key: str) -> dict[str, Any]:
    """An employer's logged contacts by any colleague, newest first."""
    actor = current_actor()
    with reading() as session:
        employer = rules.get_employer(session, actor, key)
        found = rules.list_interactions(session, actor, employer)
        audit.record(session, actor, "read", "employer", employer.id)
    return {"interactions": found}


@api.post("/employers/<key>/interactions")
@api.arguments(schemas.InteractionFieldsSchema)
@api.response(201, schemas.CreatedSchema)
@api.alt_response(404, description="Unknown, or another unit's.")
@api.alt_response(409, description="The employer does not want to be contacted.")
@requires(*LOGGERS)
def create_interaction(data: dict[str, Any], key: str) -> Any:
    """Log a contact with an employer."""
    with writing() as session:
        return rules.log_interaction(
            session,
            current_actor(),
            key,
            InteractionContent(**data),
            today=local_date(db.utcnow()),
        )


@api.get("/offers")
@api.arguments(schemas.OfferQuerySchema, location="query")
@api.response(200, schemas.OfferListSchema)
@requires(*READERS)
def list_offers(query: dict[str, Any]) -> dict[str, Any]:
    """The unit's offers in Swedish order, fifty a page; open ones unless told otherwise."""
    actor = current_actor()
    wanted = query["status"]
    with reading() as session:
        page = rules.list_offers(
            session,
            actor,
            words=query["q"],
            status=None if wanted == "all" else OfferStatus(wanted),
            owner_id=actor.user_id if query["mine"] else None,
            page=query["page"],
        )
        rows = [_offer_summary(row) for row in page.rows]
    return {"page": page.page, "pages": page.pages, "total": page.total, "offers": rows}


def _offer_summary(row: rules.OfferRow) -> dict[str, Any]:
    offer = row.offer
    return {
        "id": offer.id,
        "external_id": offer.external_id,
        "title": offer.title,
        "employer": offer.site.employer.name,
        "site": offer.site.name,
        "status": offer.status,
        "places": offer.places,
        "required": row.required,
        "merits": row.merits,
    }


@api.post("/offers")
@api.etag
@api.arguments(schemas.CreateOfferSchema)
@api.response(201, schemas.OfferSchema)
@api.alt_response(404, description="The site is unknown, or another unit's.")
@api.alt_response(409, description="The employer can't receive anybody now.")
@requires(*EDITORS)
def create_offer(data: dict[str, Any]) -> dict[str, Any]:
    """Register an offer at a site. Wishes to exclude on a protected ground are refused."""
    actor, today = current_actor(), local_date(db.utcnow())
    content = OfferContent(**schemas.offer_changes(data))
    try:
        with writing() as session:
            offer = rules.create_offer(
                session,
                actor,
                data["site"],
                content,
                today=today,
                external_id=data["external_id"],
                status=data["status"],
            )
            body = offer_body(offer)
    except Invalid as error:
        report_if_forbidden(error, actor, data["site"], content)
        raise
    api.set_etag({"version": offer.version})
    return body


def report_if_forbidden(error: Invalid, actor: Actor, site_key: Any, content: OfferContent) -> None:
    """Tell the managers of a wish to exclude; in its own transaction, the other is undone."""
    if error.code != "protected_ground":
        return
    grounds = rules.grounds_in_content(content)
    with writing() as session:
        rules.report_protected_ground(
            session, actor, site_key, grounds, today=local_date(db.utcnow())
        )


@api.get("/offers/<key>")
@api.etag
@api.response(200, schemas.OfferSchema)
@api.alt_response(404, description="Unknown, or another unit's.")
@requires(*READERS)
def show_offer(key: str) -> dict[str, Any]:
    """One offer, by id or external id."""
    with reading() as session:
        offer = rules.get_offer(session, current_actor(), key)
        body = offer_body(offer)
    api.set_etag({"version": offer.version})
    return body


@api.patch("/offers/<key>")
@api.etag
@api.arguments(schemas.EditOfferSchema(partial=True))
@api.response(200, schemas.OfferSchema)
@api.alt_response(404, description="Unknown, or another unit's.")
@api.alt_response(409, description="A rule does not allow it now.")
@api.alt_response(412, description="Somebody else saved since the version in If-Match.")
@api.alt_response(428, description="If-Match is missing.")
@requires(*EDITORS)
def edit_offer(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Change some of an offer: absent stays as it is, null clears, lists are replaced whole."""
    actor, today = current_actor(), local_date(db.utcnow())
    status, until = data.pop("status", None), data.pop("paused_until", None)
    with reading() as session:
        offer = rules.get_offer(session, actor, key)
        content = replace(rules.content_of_offer(offer), **schemas.offer_changes(data))
    api.check_etag({"version": offer.version})
    try:
        with writing() as session:
            changed = rules.edit_offer(
                session, actor, offer.id, content, today=today, version=offer.version
            )
            if status is not None:
                changed = rules.change_offer_status(
                    session, actor, offer.id, status, today=today, paused_until=until
                )
            body = offer_body(changed)
    except Invalid as error:
        report_if_forbidden(error, actor, offer.site_id, content)
        raise
    api.set_etag({"version": changed.version})
    return body


def offer_body(offer: Offer) -> dict[str, Any]:
    """What OfferSchema shows of an offer, as ``get_offer`` loads it."""
    content = rules.content_of_offer(offer)
    return {
        **{name: getattr(content, name) for name in OfferContent.__dataclass_fields__},
        "id": offer.id,
        "external_id": offer.external_id,
        "version": offer.version,
        "site_id": offer.site_id,
        "site": offer.site.name,
        "employer_id": offer.site.employer_id,
        "employer": offer.site.employer.name,
        "status": offer.status,
        "requirements": offer.requirements,
        "weekdays": schemas.days_of_mask(content.weekdays),
        "offers": sorted(content.offers),
        "excludes": sorted(content.excludes),
    }
