"""Pages of an employer's sites and contact persons, and logging a contact (phone first)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.settings import number
from matchsvc.employers import letters, rules, schemas, yearly
from matchsvc.employers import views_labels as labels
from matchsvc.employers.access import EDITORS, LOGGERS
from matchsvc.employers.contact_cap import cap_on
from matchsvc.employers.models import Contact, EmployerStatus
from matchsvc.employers.preparation import prepare_call
from matchsvc.employers.rules import ContactContent, InteractionContent, SiteContent
from matchsvc.errors import Conflict, DomainError
from matchsvc.messages.addresses import undeliverable_among
from matchsvc.messages.wording import REACHES
from matchsvc.swedish import format_phone, local_date, working_day_on_or_after
from matchsvc.vocabulary import rules as vocabulary
from matchsvc.vocabulary.models import ConceptType
from matchsvc.web.forms import form_values, load_form
from matchsvc.web.merging import MOVING
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.workday.merging import count_hanging

place_pages = Blueprint("places", __name__)

#: One tap instead of a date: words and how many days ahead.
_SOON = (7, 14, 30)


@place_pages.get("/employers/<key>/sites/new")
@requires(*EDITORS)
def show_new_site(key: str) -> ResponseReturnValue:
    """An empty site."""
    return _site_page(key, None, {}, {}), 200


@place_pages.post("/employers/<key>/sites/new")
@requires(*EDITORS)
def submit_new_site(key: str) -> ResponseReturnValue:
    """Add a site."""
    schema = schemas.CreateSiteSchema()
    try:
        data = load_form(schema)
        external_id = data.pop("external_id")
        with writing() as session:
            rules.create_site(
                session,
                current_actor(),
                key,
                _site_content(data),
                today=local_date(db.utcnow()),
                external_id=external_id,
            )
    except DomainError as error:
        typed = form_values(schema, request.form)
        return _site_page(key, None, typed, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("employers.show_page", key=key), 303)


@place_pages.get("/employers/<key>/sites/<uuid:site_id>/edit")
@requires(*EDITORS)
def show_edit_site(key: str, site_id: UUID) -> ResponseReturnValue:
    """A site, to be changed."""
    with reading() as session:
        content = rules.site_content_of(rules.get_site(session, current_actor(), site_id))
    values = {name: getattr(content, name) for name in SiteContent.__dataclass_fields__}
    return _site_page(key, site_id, values, {}), 200


@place_pages.post("/employers/<key>/sites/<uuid:site_id>/edit")
@requires(*EDITORS)
def submit_edit_site(key: str, site_id: UUID) -> ResponseReturnValue:
    """Save a changed site, unless somebody else saved first."""
    schema = schemas.EditSiteSchema()
    try:
        data = load_form(schema)
        version = data.pop("version")
        with writing() as session:
            rules.edit_site(
                session,
                current_actor(),
                site_id,
                _site_content(data),
                today=local_date(db.utcnow()),
                version=version,
            )
    except DomainError as error:
        typed = form_values(schema, request.form)
        theirs = error.theirs if isinstance(error, Conflict) else None
        page = _site_page(key, site_id, typed, field_errors(error), theirs=theirs)
        return page, STATUS[type(error)]
    return redirect(url_for("employers.show_page", key=key), 303)


def _site_content(data: Mapping[str, Any]) -> SiteContent:
    stances = {name: frozenset(data[name]) for name in ("languages", "offers", "excludes")}
    return SiteContent(**{**data, **stances})


def _site_page(
    key: str,
    site_id: UUID | None,
    values: dict[str, Any],
    errors: dict[str, str],
    *,
    theirs: Mapping[str, object] | None = None,
) -> str:
    with reading() as session:
        actor = current_actor()
        employer = rules.get_employer(session, actor, key)
        site = rules.get_site(session, actor, site_id) if site_id else None
        conditions = vocabulary.list_conditions(session)
        options: dict[str, list[tuple[Any, Any]]] = {
            "area_id": [(a.id, a.name) for a in accounts.list_areas(session, employer.unit_id)],
            "languages": [
                (each.id, labels.concept_label(each))
                for each in vocabulary.list_concepts(session, types=[ConceptType.LANGUAGE])
            ],
            "offers": [(row.id, labels.offered_label(row)) for row in conditions],
            "excludes": [(row.id, labels.excluded_label(row)) for row in conditions],
        }
        names = {
            "name": _("Namn"),
            "address": _("Adress"),
            "postcode": _("Postnummer"),
            "town": _("Ort"),
            "area_id": _("Område"),
            "capacity": _("Platser samtidigt"),
            "supervisors": _("Hur många kan handleda?"),
            "works_with_children": _("Arbetet innebär direkt och regelbunden kontakt med barn"),
            "languages": _("Språk som talas där"),
            "access_note": _("Vägen dit och in"),
            "offers": _("Erbjuder"),
            "excludes": _("Utesluter"),
        }
        return render_template(
            "employers/site_form.html",
            employer=employer,
            site=site,
            values=values,
            errors={} if theirs is not None else errors,
            options=options,
            condition_groups=labels.condition_groups(conditions),
            names=names,
            conflicts=labels.conflicts(theirs, values, names, options),
            is_conflict=theirs is not None,
        )


@place_pages.get("/employers/<key>/contacts/new")
@requires(*EDITORS)
def show_new_contact(key: str) -> ResponseReturnValue:
    """An empty contact person."""
    return _contact_page(key, None, {}, {}), 200


@place_pages.post("/employers/<key>/contacts/new")
@requires(*EDITORS)
def submit_new_contact(key: str) -> ResponseReturnValue:
    """Add a contact person."""
    schema = schemas.ContactFieldsSchema()
    try:
        content = ContactContent(**load_form(schema))
        with writing() as session:
            rules.add_contact(session, current_actor(), key, content, today=local_date(db.utcnow()))
    except DomainError as error:
        typed = form_values(schema, request.form)
        return _contact_page(key, None, typed, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("employers.show_page", key=key), 303)


@place_pages.get("/employers/<key>/contacts/<uuid:contact_id>/edit")
@requires(*EDITORS)
def show_edit_contact(key: str, contact_id: UUID) -> ResponseReturnValue:
    """A contact person, to be changed."""
    with reading() as session:
        contact = rules.get_contact(session, current_actor(), contact_id)
        content = rules.contact_content_of(contact)
    values = {name: getattr(content, name) for name in ContactContent.__dataclass_fields__}
    values["phone"] = format_phone(content.phone) if content.phone else None
    return _contact_page(key, contact_id, values, {}), 200


@place_pages.get("/employers/contacts/<uuid:contact_id>")
@requires(*EDITORS)
def find_contact(contact_id: UUID) -> ResponseReturnValue:
    """Where a contact person is changed, from her id alone: a message knows no more."""
    with reading() as session:
        employer_id = rules.get_contact(session, current_actor(), contact_id).employer_id
    return redirect(
        url_for("employers.places.show_edit_contact", key=employer_id, contact_id=contact_id), 303
    )


@place_pages.post("/employers/contacts/<uuid:contact_id>/address-works")
@requires(*EDITORS)
def submit_address_works(contact_id: UUID) -> ResponseReturnValue:
    """Somebody has found out that letters do arrive there."""
    with writing() as session:
        contact = letters.say_address_works(session, current_actor(), contact_id)
        employer_id = contact.employer_id
    return redirect(
        url_for("employers.places.show_edit_contact", key=employer_id, contact_id=contact_id), 303
    )


@place_pages.post("/employers/<key>/contacts/<uuid:contact_id>/edit")
@requires(*EDITORS)
def submit_edit_contact(key: str, contact_id: UUID) -> ResponseReturnValue:
    """Save a changed contact person, unless somebody else saved first."""
    schema = schemas.EditContactSchema()
    try:
        data = load_form(schema)
        version = data.pop("version")
        with writing() as session:
            rules.edit_contact(
                session,
                current_actor(),
                contact_id,
                ContactContent(**data),
                today=local_date(db.utcnow()),
                version=version,
            )
    except DomainError as error:
        typed = form_values(schema, request.form)
        theirs = error.theirs if isinstance(error, Conflict) else None
        page = _contact_page(key, contact_id, typed, field_errors(error), theirs=theirs)
        return page, STATUS[type(error)]
    return redirect(url_for("employers.show_page", key=key), 303)


def _contact_page(
    key: str,
    contact_id: UUID | None,
    values: dict[str, Any],
    errors: dict[str, str],
    *,
    theirs: Mapping[str, object] | None = None,
) -> str:
    with reading() as session:
        actor = current_actor()
        employer = rules.get_employer(session, actor, key)
        contact = rules.get_contact(session, actor, contact_id) if contact_id else None
        audit.record(session, actor, "read", "employer", employer.id)
        options = {
            "role": labels.choices(labels.ROLES),
            "site_id": [(site.id, site.name) for site in employer.sites],
            "channel": labels.choices(labels.CHANNELS),
            "reach": labels.choices(REACHES),
        }
        names = {
            "name": _("Namn"),
            "role": _("Roll"),
            "site_id": _("Arbetsställe"),
            "email": _("E-post"),
            "phone": _("Telefon"),
            "channel": _("Vill helst bli nådd genom"),
            "reach": _("Brev som systemet skickar"),
            "is_active": _("Arbetar kvar där"),
        }
        return render_template(
            "employers/contact_form.html",
            employer=employer,
            contact=contact,
            hanging=_hanging(session, contact) if contact else [],
            values=values,
            errors={} if theirs is not None else errors,
            options=options,
            names=names,
            conflicts=labels.conflicts(theirs, values, names, options),
            is_conflict=theirs is not None,
            came_back=undeliverable_among(
                session, employer.unit_id, [contact.email, contact.phone] if contact else []
            ),
        )


def _hanging(session: Session, contact: Contact) -> list[str]:
    """What names this person, counted by kind: what somebody new has to take over."""
    counted = count_hanging(session, "contact", contact.id, of_hidden=False)
    return [f"{MOVING.get(table, _('Annat'))}: {count}" for table, count in counted.items()]


@place_pages.get("/employers/<key>/prepare")
@requires(*LOGGERS)
def show_prepare(key: str) -> ResponseReturnValue:
    """The card before a call."""
    with reading() as session:
        found = prepare_call(session, current_actor(), key, today=local_date(db.utcnow()))
        employer = found.employer
        owner = accounts.names_of(session, {employer.owner_id}).get(employer.owner_id)
        return render_template(
            "employers/prepare.html",
            employer=employer,
            people=found.people,
            recent=found.recent,
            steps=found.steps,
            offers=found.offers,
            cap=found.cap,
            facts=found.facts,
            owner=owner,
            do_not_contact=employer.status is EmployerStatus.DO_NOT_CONTACT,
            wants=labels.WANTS,
            bars=found.bars,
            format_phone=format_phone,
            w=labels,
        )


@place_pages.get("/employers/<key>/log")
@requires(*LOGGERS)
def show_log(key: str) -> ResponseReturnValue:
    """Log a contact: what colleagues did lately, then a few taps and a sentence."""
    today = local_date(db.utcnow())
    values = {"happened_on": today.isoformat(), "channel": request.args.get("channel")}
    return _log_page(key, values, {}, today), 200


@place_pages.post("/employers/<key>/log")
@requires(*LOGGERS)
def submit_log(key: str) -> ResponseReturnValue:
    """Save a logged contact."""
    schema = schemas.InteractionFieldsSchema()
    today = local_date(db.utcnow())
    try:
        data = load_form(schema)
        with writing() as session:
            rules.log_interaction(
                session, current_actor(), key, InteractionContent(**data), today=today
            )
    except DomainError as error:
        typed = form_values(schema, request.form)
        return _log_page(key, typed, field_errors(error), today), STATUS[type(error)]
    return redirect(f"{url_for('employers.show_page', key=key)}#kontakter", 303)


def _log_page(key: str, values: dict[str, Any], errors: dict[str, str], today: date) -> str:
    with reading() as session:
        actor = current_actor()
        employer = rules.get_employer(session, actor, key)
        audit.record(session, actor, "read", "employer", employer.id)
        soon = [working_day_on_or_after(today + timedelta(days=days)) for days in _SOON]
        days = number(session, actor.unit_id, "employer_silence_days")
        since = today - timedelta(days=days)
        return render_template(
            "employers/log.html",
            employer=employer,
            people=[contact for contact in employer.contacts if contact.is_active],
            recent=rules.list_interactions(session, actor, employer, since=since),
            recent_days=days,
            steps=rules.list_open_steps(session, employer),
            cap=cap_on(session, employer.id, employer.unit_id, today),
            values=values,
            errors=errors,
            soon=soon,
            w=labels,
        )


@place_pages.post("/employers/<key>/steps/<uuid:interaction_id>/done")
@requires(*LOGGERS)
def submit_step_done(key: str, interaction_id: UUID) -> ResponseReturnValue:
    """Tick off what was promised."""
    with writing() as session:
        rules.finish_next_step(
            session, current_actor(), interaction_id, today=local_date(db.utcnow())
        )
    return redirect(url_for("employers.show_page", key=key), 303)


@place_pages.post("/employers/<key>/contacts/<uuid:contact_id>/questions")
@requires(*EDITORS)
def submit_questions_again(key: str, contact_id: UUID) -> ResponseReturnValue:
    """A contact who had said no to questions welcomes them again."""
    with writing() as session:
        yearly.allow_questions(session, current_actor(), key, contact_id)
    return redirect(url_for("employers.show_page", key=key), 303)


@place_pages.post("/employers/<key>/contacts/<uuid:contact_id>/yearly")
@requires(*EDITORS)
def submit_yearly(key: str, contact_id: UUID) -> ResponseReturnValue:
    """Ask a contact the question of the year."""
    now = db.utcnow()
    with writing() as session:
        yearly.ask_contact(
            session,
            current_actor(),
            key,
            contact_id,
            base_url=current_app.config["MATCHSVC"].base_url,
            today=local_date(now),
            now=now,
        )
    return redirect(url_for("employers.show_page", key=key), 303)
