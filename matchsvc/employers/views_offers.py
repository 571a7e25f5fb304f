"""Pages of offers: list, one offer, and the form whose rows work without a script."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.employers import offer_calendar, rules, schemas
from matchsvc.employers import views_labels as labels
from matchsvc.employers.access import EDITORS, READERS
from matchsvc.employers.models import Importance, Offer, OfferStatus, Site
from matchsvc.employers.offers import TRANSITIONS
from matchsvc.employers.rules import OfferContent
from matchsvc.employers.views_offer_form import OfferForm, form_of_offer, read_offer_form
from matchsvc.errors import Conflict, DomainError, Invalid
from matchsvc.swedish import local_date
from matchsvc.vocabulary import rules as vocabulary
from matchsvc.vocabulary.models import Concept, ConceptType
from matchsvc.web.forms import load, load_form, load_query
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import language_of_reader

offer_pages = Blueprint("offers", __name__)

_SUGGESTIONS = 5
_SKILLS = (ConceptType.SKILL, ConceptType.OCCUPATION, ConceptType.GENERIC)


@offer_pages.get("/offers")
@requires(*READERS)
def list_page() -> ResponseReturnValue:
    """The unit's offers; open ones unless told otherwise."""
    actor = current_actor()
    query = load_query(schemas.OfferQuerySchema())
    status = query["status"]
    with reading() as session:
        found = rules.list_offers(
            session,
            actor,
            words=query["q"],
            status=None if status == "all" else OfferStatus(status),
            owner_id=actor.user_id if query["mine"] else None,
            page=query["page"],
        )
        kept = {"status": status} | ({"q": query["q"]} if query["q"] else {})
        kept |= {"mine": "1"} if query["mine"] else {}
        return render_template(
            "employers/offers.html",
            found=found,
            query=query,
            page_url=f"/offers?{urlencode({**kept, 'page': ''})}{{page}}",
            w=labels,
            can_edit=rules.can_edit(actor),
        )


@offer_pages.get("/offers/<key>")
@requires(*READERS)
def show_page(key: str) -> ResponseReturnValue:
    """One offer: what is done there, what it needs and why, what it gives."""
    return _offer_page(key, {}), 200


@offer_pages.post("/offers/<key>/status")
@requires(*EDITORS)
def submit_status(key: str) -> ResponseReturnValue:
    """Open, pause or close an offer."""
    try:
        data = load_form(schemas.OfferStatusSchema())
        with writing() as session:
            rules.change_offer_status(
                session,
                current_actor(),
                key,
                data["status"],
                version=data["version"],
                paused_until=data["paused_until"],
                today=local_date(db.utcnow()),
            )
    except DomainError as error:
        return _offer_page(key, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("employers.offers.show_page", key=key), 303)


def _offer_page(key: str, errors: dict[str, str]) -> str:
    actor, today = current_actor(), local_date(db.utcnow())
    with reading() as session:
        offer = rules.get_offer(session, actor, key)
        areas = {area.id: area.name for area in accounts.list_areas(session, offer.unit_id)}
        agreements = rules.list_agreements(session, offer.unit_id)
        return render_template(
            "employers/offer.html",
            offer=offer,
            employer=offer.site.employer,
            concepts=_concepts(session, _concept_ids(offer)),
            stances=_stances(session, offer),
            required=[r for r in offer.requirements if r.importance is Importance.REQUIRED],
            merits=[r for r in offer.requirements if r.importance is Importance.MERIT],
            area=areas.get(offer.site.area_id) if offer.site.area_id else None,
            agreements={row.id: row.partner for row in agreements},
            weekdays=[labels.WEEKDAYS[day] for day in schemas.days_of_mask(offer.weekdays)],
            next_statuses=TRANSITIONS[offer.status],
            why_closed=offer_calendar.why_closed(offer, offer.site.employer, today),
            periods=offer_calendar.list_periods(
                session, actor, site_id=offer.site_id, offer_id=offer.id
            ),
            today=today,
            errors=errors,
            w=labels,
            can_edit=rules.can_edit(actor),
        )


def _concept_ids(offer: Offer) -> set[str]:
    asked = {row.concept_id for row in offer.requirements}
    asked |= {row.concept_id for row in offer.languages}
    asked |= {row.concept_id for row in offer.licences}
    return asked | {offer.occupation_id or ""}


def _concepts(session: Session, ids: set[str]) -> dict[str, str]:
    found = session.scalars(select(Concept).where(Concept.id.in_(ids - {""})))
    return {concept.id: labels.concept_label(concept) for concept in found}


def _stances(session: Session, offer: Offer) -> list[dict[str, Any]]:
    """What the offer or its site offers and excludes, in the vocabulary's order."""
    said = {row.condition_id: (row.stance, True) for row in offer.site.conditions}
    said |= {row.condition_id: (row.stance, False) for row in offer.conditions}
    rows = []
    for condition in vocabulary.list_conditions(session):
        if condition.id in said:
            stance, is_sites = said[condition.id]
            offered = stance == "offers"
            words = labels.offered_label if offered else labels.excluded_label
            rows.append({"offered": offered, "words": words(condition), "is_sites": is_sites})
    return rows


@offer_pages.get("/offers/new")
@requires(*EDITORS)
def show_new() -> ResponseReturnValue:
    """An empty offer at a site; without one, the choice of employer comes first."""
    site_key = request.args.get("site", "")
    if not site_key:
        return redirect(url_for("employers.list_page"), 303)
    return form_page(site_key, None, OfferForm(), {}), 200


@offer_pages.post("/offers/new")
@requires(*EDITORS)
def submit_new() -> ResponseReturnValue:
    """Register an offer, or show the form again with a row more or less."""
    site_key = request.form.get("site", "")
    typed = read_offer_form(request.form)
    if typed.is_only_about_rows:
        return form_page(site_key, None, typed, {}), 200
    content: OfferContent | None = None
    try:
        data = load(schemas.OfferFormSchema(), typed.data())
        content = OfferContent(**schemas.offer_changes(data))
        with writing() as session:
            offer = rules.create_offer(
                session,
                current_actor(),
                site_key,
                content,
                today=local_date(db.utcnow()),
                status=data["status"],
            )
    except DomainError as error:
        is_forbidden = _report_if_forbidden(site_key, content, typed)
        page = form_page(site_key, None, typed, _sentences(error, typed), is_forbidden=is_forbidden)
        return page, STATUS[type(error)]
    return redirect(url_for("employers.offers.show_page", key=offer.id), 303)


@offer_pages.get("/offers/<key>/edit")
@requires(*EDITORS)
def show_edit(key: str) -> ResponseReturnValue:
    """An offer, to be changed."""
    with reading() as session:
        offer = rules.get_offer(session, current_actor(), key)
    return form_page(offer.site_id, offer, form_of_offer(offer), {}), 200


@offer_pages.post("/offers/<key>/edit")
@requires(*EDITORS)
def submit_edit(key: str) -> ResponseReturnValue:
    """Save a changed offer, or show the form again with a row more or less."""
    actor = current_actor()
    with reading() as session:
        offer = rules.get_offer(session, actor, key)
    typed = read_offer_form(request.form)
    if typed.is_only_about_rows:
        return form_page(offer.site_id, offer, typed, {}, keep_version=True), 200
    content: OfferContent | None = None
    try:
        data = load(schemas.OfferFormSchema(), typed.data())
        content = OfferContent(**schemas.offer_changes(data))
        with writing() as session:
            rules.edit_offer(
                session,
                actor,
                offer.id,
                content,
                today=local_date(db.utcnow()),
                version=data["version"],
            )
    except DomainError as error:
        is_forbidden = _report_if_forbidden(offer.site_id, content, typed)
        theirs = error.theirs if isinstance(error, Conflict) else None
        page = form_page(
            offer.site_id,
            offer,
            typed,
            _sentences(error, typed),
            theirs=theirs,
            keep_version=theirs is None,
            is_forbidden=is_forbidden,
        )
        return page, STATUS[type(error)]
    return redirect(url_for("employers.offers.show_page", key=offer.id), 303)


def _sentences(error: DomainError, typed: OfferForm) -> dict[str, str]:
    """Every sentence at once: the rules' and those of rows whose meaning nobody has confirmed."""
    unconfirmed = {name: str(_(said)) for name, said in typed.unconfirmed().items()}
    if not unconfirmed:
        return field_errors(error)
    asked = {name.replace("/text", "/concept_id") for name in unconfirmed}
    if isinstance(error, Invalid):
        others = field_errors(error)
        return {name: said for name, said in others.items() if name not in asked} | unconfirmed
    return field_errors(error) | unconfirmed


def _report_if_forbidden(
    site_key: UUID | str, content: OfferContent | None, typed: OfferForm
) -> bool:
    """Tell the managers of a wish to exclude; in its own transaction, the other is undone."""
    grounds = rules.grounds_in([*typed.typed_words()])
    if content is not None:
        grounds = sorted({*grounds, *rules.grounds_in_content(content)})
    if not grounds:
        return False
    with writing() as session:
        rules.report_protected_ground(
            session, current_actor(), site_key, grounds, today=local_date(db.utcnow())
        )
    return True


def form_page(
    site_key: UUID | str,
    offer: Offer | None,
    typed: OfferForm,
    errors: dict[str, str],
    *,
    theirs: Any = None,
    keep_version: bool = False,
    is_forbidden: bool = False,
) -> str:
    """The form of a new or changed offer, with what was typed."""
    with reading() as session:
        site = rules.get_site(session, current_actor(), site_key)
        options = _options(session, site)
        names = _names()
        version = typed.values.get("version") if keep_version else None
        return render_template(
            "employers/offer_form.html",
            site=site,
            offer=offer,
            version=version or (offer.version if offer else None),
            values=typed.values,
            rows=typed.rows,
            focus=typed.focus,
            concepts=_concepts(session, typed.concept_ids()),
            suggestions=_suggestions(session, typed),
            errors={} if theirs is not None else errors,
            options=options,
            condition_groups=labels.condition_groups(vocabulary.list_conditions(session)),
            names=names,
            conflicts=labels.conflicts(theirs, typed.data(), names, options),
            is_conflict=theirs is not None,
            is_forbidden=is_forbidden,
            w=labels,
        )


def _suggestions(session: Session, typed: OfferForm) -> dict[int, list[tuple[str, str]]]:
    """What the words of each row without a concept may mean; never chosen beforehand."""
    found = {}
    for index, words in typed.words_to_link():
        linked = vocabulary.suggest(session, words, top=_SUGGESTIONS * 2).suggestions
        kept = [each for each in linked if each.kind in _SKILLS][:_SUGGESTIONS]
        is_english = language_of_reader() == "en"
        found[index] = [(each.id, each.label_en if is_english else each.label) for each in kept]
    return found


def _options(session: Session, site: Site) -> dict[str, list[tuple[Any, Any]]]:
    def of(kind: ConceptType) -> list[tuple[Any, Any]]:
        concepts = vocabulary.list_concepts(session, types=[kind])
        return [(concept.id, labels.concept_label(concept)) for concept in concepts]

    conditions = vocabulary.list_conditions(session)
    agreements = rules.list_agreements(session, site.employer.unit_id)
    return {
        "contribution": labels.choices(labels.CONTRIBUTIONS),
        "forms": labels.choices(labels.FORM_NAMES),
        "weekdays": labels.choices(labels.WEEKDAYS),
        "job_prospect": labels.choices(labels.YES_NO),
        "supervisor_named": [("true", _("Ja")), ("false", _("Nej"))],
        "importance": labels.choices(labels.IMPORTANCES),
        "part": labels.choices(labels.PARTS),
        "level": labels.choices(labels.LEVELS),
        "occupation_id": of(ConceptType.OCCUPATION),
        "languages": of(ConceptType.LANGUAGE),
        "licences": of(ConceptType.LICENCE),
        "agreement_id": [(row.id, row.partner) for row in agreements],
        "offers": [(row.id, labels.offered_label(row)) for row in conditions],
        "excludes": [(row.id, labels.excluded_label(row)) for row in conditions],
    }


def _names() -> dict[str, str]:
    return {
        "title": _("Titel"),
        "tasks": _("Arbetsuppgifter"),
        "contribution": _("Vad platsen ger"),
        "places": _("Platser"),
        "hours_start": _("Timmar per vecka vid start"),
        "hours_max": _("Timmar per vecka, högst"),
        "occupation_id": _("Yrke"),
        "forms": _("Former som går bra"),
        "weekdays": _("Dagar"),
        "start_from": _("Tidigast start"),
        "start_by": _("Senast start"),
        "valid_until": _("Erbjudandet gäller till"),
        "season_start": _("Säsongen börjar"),
        "season_end": _("Säsongen slutar"),
        "supervisor_named": _("Handledare är utsedd"),
        "job_prospect": _("Chans till jobb efteråt"),
        "for_af": _("Ordnas åt Arbetsförmedlingen"),
        "agreement_id": _("Överenskommelse"),
        "requirements": _("Krav och meriter"),
        "languages": _("Språk"),
        "licences": _("Körkort och intyg"),
        "offers": _("Erbjuder"),
        "excludes": _("Utesluter"),
    }
