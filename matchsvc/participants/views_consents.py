"""Pages of consent: what is open today, ask anew, take back, what was told and by which rule."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.rules import names_of
from matchsvc.participants import consent_words, wording
from matchsvc.participants.consent_models import (
    NEVER_TO_EMPLOYERS,
    Category,
    ConsentAnswer,
    DisclosureRule,
    Party,
)
from matchsvc.participants.consent_schemas import (
    AnswerConsentSchema,
    DiscloseSchema,
    RevokeConsentSchema,
)
from matchsvc.participants.consents import (
    Answer,
    answer_consent,
    consent_texts,
    current_text,
    list_consents,
    revoke_consent,
    usual_last_day,
)
from matchsvc.participants.disclosures import Told, disclose, list_disclosures
from matchsvc.participants.frame import CHANGERS, FORM_ERRORS, own_overview, today
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

consent_pages = Blueprint("consents", __name__)

_PICTURES = {
    Category.CONTACT: "phone",
    Category.PLANNING: "calendar-check",
    Category.COMPETENCE: "award",
    Category.WORK_ABILITY: "briefcase",
    Category.HEALTH: "hand-heart",
    Category.ECONOMY: "wallet",
    Category.SOCIAL: "house",
}


@consent_pages.get("/<key>/consents")
@requires(*CHANGERS)
def show_consents(key: str) -> ResponseReturnValue:
    """What is open today, every answer, and what was told to others."""
    with reading() as session:
        overview = own_overview(session, key)
        held = list_consents(session, current_actor(), key, today=today())
        told = list_disclosures(session, current_actor(), key, today=today())
        staff = {each.recorded_by_id for each in held.consents}
        staff |= {each.disclosed_by_id for each in told}
        return render_template(
            "participants/consents.html",
            o=overview,
            person=overview.participant,
            held=held,
            told=told,
            staff=names_of(session, staff),
            words=consent_words,
            languages=wording.CONTACT_LANGUAGES,
            saved=request.args.get("saved"),
            today=today(),
        )


@consent_pages.get("/<key>/consents/new")
@requires(*CHANGERS)
def show_ask(key: str) -> ResponseReturnValue:
    """The text to read together, in two languages, and what is chosen."""
    return _ask_page(key, {}, {})


@consent_pages.post("/<key>/consents")
@requires(*CHANGERS)
def submit_answer(key: str) -> ResponseReturnValue:
    """Record a yes to what was ticked, or a no."""
    try:
        data = load_form(AnswerConsentSchema())
        data["scopes"] = frozenset(data["scopes"])
        with writing() as session:
            answer_consent(
                session, current_actor(), key, Answer(**data), today=today(), now=db.utcnow()
            )
    except FORM_ERRORS as error:
        return _ask_page(key, request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("participants.consents.show_consents", key=key, saved="answer"), 303)


@consent_pages.post("/<key>/consents/<uuid:consent_id>/revoke")
@requires(*CHANGERS)
def submit_revoke(key: str, consent_id: UUID) -> ResponseReturnValue:
    """Take a consent back."""
    data = load_form(RevokeConsentSchema())
    with writing() as session:
        revoke_consent(
            session, current_actor(), key, consent_id, **data, today=today(), now=db.utcnow()
        )
    return redirect(url_for("participants.consents.show_consents", key=key, saved="revoked"), 303)


@consent_pages.get("/<key>/disclosures/new")
@requires(*CHANGERS)
def show_disclose(key: str) -> ResponseReturnValue:
    """The form that notes what is told to somebody outside."""
    return _disclose_page(key, {"request_id": uuid4()}, {})


@consent_pages.post("/<key>/disclosures")
@requires(*CHANGERS)
def submit_disclose(key: str) -> ResponseReturnValue:
    """Note what is told, if a rule opens it now."""
    try:
        data = load_form(DiscloseSchema())
        with writing() as session:
            disclose(session, current_actor(), key, Told(**data), today=today(), now=db.utcnow())
    except FORM_ERRORS as error:
        return _disclose_page(key, request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("participants.consents.show_consents", key=key, saved="told"), 303)


def _ask_page(key: str, form: Any, errors: dict[str, str]) -> str:
    with reading() as session:
        overview = own_overview(session, key)
        person = overview.participant
        language = request.args.get("text") or form.get("language") or person.contact_language
        text, swedish = current_text(language), current_text()
        chosen = form.getlist("scopes") if hasattr(form, "getlist") else []
        return render_template(
            "participants/consent_ask.html",
            o=overview,
            person=person,
            form=form,
            chosen=chosen,
            errors=errors,
            text=text,
            swedish=swedish,
            translations=consent_texts()[swedish.version].values(),
            groups=_groups(),
            words=consent_words,
            languages=wording.CONTACT_LANGUAGES,
            last_day=usual_last_day(today()),
            answers=ConsentAnswer,
            choices=wording.choices,
        )


def _groups() -> list[dict[str, Any]]:
    return [
        {
            "name": str(party_words),
            "choices": [
                {
                    "value": f"{party.value}.{category.value}",
                    "label": category_words,
                    "icon": _PICTURES[category],
                }
                for category, category_words in consent_words.CATEGORY.items()
                if not (party is Party.EMPLOYER and category in NEVER_TO_EMPLOYERS)
            ],
        }
        for party, party_words in consent_words.PARTY.items()
    ]


def _disclose_page(key: str, form: Any, errors: dict[str, str]) -> str:
    with reading() as session:
        overview = own_overview(session, key)
        held = list_consents(session, current_actor(), key, today=today())
        return render_template(
            "participants/disclose.html",
            o=overview,
            person=overview.participant,
            form=form,
            errors=errors,
            held=held,
            words=consent_words,
            rules=DisclosureRule,
            choices=wording.choices,
        )
