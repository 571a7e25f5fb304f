"""Pages of employers: list, one employer, new, change, and where the relation stands."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.employers import rules, schemas
from matchsvc.employers import views_labels as labels
from matchsvc.employers.access import EDITORS, READERS
from matchsvc.employers.bar_checks import standing_of_bars
from matchsvc.employers.checks import SIZE_BANDS
from matchsvc.employers.models import Employer
from matchsvc.employers.register import REASON_NEEDED, RESEARCH, TRANSITIONS
from matchsvc.employers.rules import EmployerContent
from matchsvc.employers.views_carving import carving_pages
from matchsvc.employers.views_change_words import FIELDS
from matchsvc.employers.views_merge import merge_pages
from matchsvc.employers.views_network import network_pages
from matchsvc.employers.views_notes import employer_notes
from matchsvc.employers.views_offers import offer_pages
from matchsvc.employers.views_papers import employer_papers
from matchsvc.employers.views_places import place_pages
from matchsvc.employers.yearly import list_asked
from matchsvc.errors import Conflict, DomainError
from matchsvc.swedish import format_phone, local_date
from matchsvc.vocabulary import rules as vocabulary
from matchsvc.vocabulary.models import ConceptType
from matchsvc.web.forms import form_values, load_form, load_query
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("employers", __name__, template_folder="templates")
pages.register_blueprint(place_pages)
pages.register_blueprint(offer_pages)
pages.register_blueprint(merge_pages)
pages.register_blueprint(network_pages)
pages.register_blueprint(carving_pages)
pages.register_blueprint(employer_notes, url_prefix="/employers")
pages.register_blueprint(employer_papers, url_prefix="/employers")


@pages.get("/employers")
@requires(*READERS)
def list_page() -> ResponseReturnValue:
    """The unit's employers, fifty a page."""
    actor = current_actor()
    query = load_query(schemas.EmployerQuerySchema())
    with reading() as session:
        found = rules.list_employers(
            session,
            actor,
            words=query["q"],
            status=query["status"],
            owner_id=actor.user_id if query["mine"] else None,
            page=query["page"],
        )
        kept = {name: query[name] for name in ("q", "status") if query[name]}
        kept |= {"mine": "1"} if query["mine"] else {}
        return render_template(
            "employers/list.html",
            found=found,
            query=query,
            page_url=f"/employers?{urlencode({**kept, 'page': ''})}{{page}}",
            w=labels,
            can_edit=rules.can_edit(actor),
            can_log=rules.can_log(actor),
        )


@pages.get("/employers/new")
@requires(*EDITORS)
def show_new() -> ResponseReturnValue:
    """An empty form."""
    return _form_page(current_actor(), None, {}, {}), 200


@pages.post("/employers/new")
@requires(*EDITORS)
def submit_new() -> ResponseReturnValue:
    """Register an employer and go on to its first site."""
    actor, schema = current_actor(), schemas.CreateEmployerSchema()
    try:
        data = load_form(schema)
        kept = ("external_id", "status", "status_reason", "is_separate")
        apart = {name: data.pop(name) for name in kept}
        with writing() as session:
            employer = rules.create_employer(
                session,
                actor,
                EmployerContent(**data),
                today=local_date(db.utcnow()),
                refuses_alike=True,
                **apart,
            )
    except DomainError as error:
        typed = form_values(schema, request.form)
        extra = {"ask_separate": error.code in {"same_org_number", "same_name"}}
        page = _form_page(actor, None, typed, field_errors(error), **extra)
        return page, STATUS[type(error)]
    return redirect(url_for("employers.places.show_new_site", key=employer.id), 303)


@pages.get("/employers/<key>")
@requires(*READERS)
def show_page(key: str) -> ResponseReturnValue:
    """One employer: whom to call, what was said, what is promised, what is offered."""
    return _employer_page(key, {}, {}), 200


@pages.post("/employers/<key>/status")
@requires(*EDITORS)
def submit_status(key: str) -> ResponseReturnValue:
    """Say that the relation stands elsewhere now."""
    schema = schemas.StatusSchema()
    try:
        data = load_form(schema)
        with writing() as session:
            rules.change_employer_status(
                session,
                current_actor(),
                key,
                data["status"],
                reason=data["status_reason"],
                code=data["status_code"],
                version=data["version"],
                today=local_date(db.utcnow()),
            )
    except DomainError as error:
        typed = form_values(schema, request.form)
        return _employer_page(key, typed, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("employers.show_page", key=key), 303)


def _employer_page(key: str, typed: dict[str, Any], errors: dict[str, str]) -> str:
    actor = current_actor()
    today = local_date(db.utcnow())
    with reading() as session:
        employer = rules.get_employer(session, actor, key)
        audit.record(session, actor, "read", "employer", employer.id)
        unit = employer.unit_id
        owners = {user.id: user.name for user in accounts.list_users(session, unit)}
        return render_template(
            "employers/show.html",
            employer=employer,
            owner=owners.get(employer.owner_id) if employer.owner_id else None,
            areas={area.id: area.name for area in accounts.list_areas(session, unit)},
            agreements={row.id: row.partner for row in rules.list_agreements(session, unit)},
            conditions={row.id: row for row in vocabulary.list_conditions(session)},
            sites={site.id: site.name for site in employer.sites},
            contacts=rules.list_interactions(session, actor, employer),
            steps=rules.list_open_steps(session, employer),
            offers=rules.list_offers_at(session, actor, employer),
            yearly=list_asked(session, employer, today=today),
            statuses=_next_statuses(employer),
            needs_reason=[
                str(labels.STATUSES[each]) for each in TRANSITIONS if each in REASON_NEEDED
            ],
            is_barred=rules.is_barred(employer),
            bars=standing_of_bars(session, employer, today=today),
            languages=_languages(session, employer),
            typed=typed,
            errors=errors,
            today=today,
            w=labels,
            format_phone=format_phone,
            can_edit=rules.can_edit(actor),
            can_log=rules.can_log(actor),
        )


def _languages(session: Session, employer: Employer) -> dict[str, str]:
    if not any(site.languages for site in employer.sites):
        return {}
    found = vocabulary.list_concepts(session, types=[ConceptType.LANGUAGE])
    return {each.id: labels.concept_label(each) for each in found}


def _next_statuses(employer: Employer) -> list[tuple[str, Any]]:
    reached = TRANSITIONS[employer.status] | {employer.status}
    return [(each.value, words) for each, words in labels.STATUSES.items() if each in reached]


@pages.get("/employers/<key>/edit")
@requires(*EDITORS)
def show_edit(key: str) -> ResponseReturnValue:
    """What is written about an employer, to be changed."""
    actor = current_actor()
    with reading() as session:
        employer = rules.get_employer(session, actor, key)
        content = rules.content_of(employer)
    values = {name: getattr(content, name) for name in EmployerContent.__dataclass_fields__}
    return _form_page(actor, employer, values, {}), 200


@pages.post("/employers/<key>/edit")
@requires(*EDITORS)
def submit_edit(key: str) -> ResponseReturnValue:
    """Save what was changed, unless somebody else saved first."""
    actor, schema = current_actor(), schemas.EditEmployerSchema()
    try:
        data = load_form(schema)
        version = data.pop("version")
        with writing() as session:
            rules.edit_employer(
                session,
                actor,
                key,
                EmployerContent(**data),
                today=local_date(db.utcnow()),
                version=version,
            )
    except DomainError as error:
        with reading() as session:
            employer = rules.get_employer(session, actor, key)
        typed = form_values(schema, request.form)
        theirs = error.theirs if isinstance(error, Conflict) else None
        page = _form_page(actor, employer, typed, field_errors(error), theirs=theirs)
        return page, STATUS[type(error)]
    return redirect(url_for("employers.show_page", key=key), 303)


def _form_page(
    actor: Actor,
    employer: Employer | None,
    values: dict[str, Any],
    errors: dict[str, str],
    *,
    theirs: Any = None,
    ask_separate: bool = False,
) -> str:
    with reading() as session:
        owners, agreements = _owners_and_agreements(session, actor)
        options = {
            "type": labels.choices(labels.TYPES),
            "status": labels.choices(labels.STATUSES),
            "origin": labels.choices(labels.ORIGINS),
            "collective_agreement": labels.choices(labels.YES_NO),
            "bar": labels.choices(labels.BARS),
            "size_band": [(band, band) for band in SIZE_BANDS],
            "owner_id": owners,
            "agreement_id": agreements,
        }
        names = {
            "name": _("Namn"),
            "type": _("Typ"),
            "org_number": _("Organisationsnummer"),
            "sni": _("SNI-kod"),
            "size_band": _("Antal anställda"),
            "origin": _("Så började kontakten"),
            "collective_agreement": _("Kollektivavtal"),
            "union_name": _("Fackförening"),
            "bar": _("Hinder för placering"),
            "owner_id": _("Ansvarig"),
            "agreement_id": _("Överenskommelse"),
            **{name: str(FIELDS[name]) for name in RESEARCH},
        }
        return render_template(
            "employers/form.html",
            employer=employer,
            values=values,
            errors={} if theirs is not None else errors,
            options=options,
            names=names,
            conflicts=labels.conflicts(theirs, values, names, options),
            is_conflict=theirs is not None,
            ask_separate=ask_separate,
        )


def _owners_and_agreements(session: Session, actor: Actor) -> tuple[list[Any], list[Any]]:
    if actor.unit_id is None:
        return [], []
    users = accounts.list_users(session, actor.unit_id, *READERS)
    agreements = rules.list_agreements(session, actor.unit_id)
    return (
        [(user.id, user.name) for user in users],
        [(row.id, row.partner) for row in agreements],
    )
