"""Pages of referrals: the list by state, a new one, and one on its way to an enrolment (PRO-04)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.models import Role, User
from matchsvc.accounts.rules import list_users
from matchsvc.participants import programme_words, programmes, referrals, wording
from matchsvc.participants import referral_schemas as schemas
from matchsvc.participants.admission import CRITERION_WORDS, Criterion
from matchsvc.participants.countries import names_by_code
from matchsvc.participants.frame import FORM_ERRORS, today, typed
from matchsvc.participants.programme_schemas import Answer
from matchsvc.participants.referral_content import (
    CHECKS,
    INTAKE,
    asked_fields,
    content_of,
    letter_of,
)
from matchsvc.participants.referral_models import CloseReason, Referral, ReferralState, Route
from matchsvc.participants.schemas import VersionSchema
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("referrals", __name__, url_prefix="/referrals")
ROUTE = {
    Route.EMPLOYMENT_SERVICE: _l("Arbetsförmedlingen"),
    Route.SOCIAL_SERVICES: _l("Socialtjänsten"),
    Route.OTHER_UNIT: _l("En annan enhet"),
    Route.SELF: _l("Personen själv"),
}
STATE = {
    ReferralState.RECEIVED: _l("Mottagen"),
    ReferralState.INCOMPLETE: _l("Behöver kompletteras"),
    ReferralState.COMPLETE: _l("Väntar på fördelning"),
    ReferralState.ALLOCATED: _l("Fördelad"),
    ReferralState.ENROLLED: _l("Inskriven"),
    ReferralState.DECLINED: _l("Inte mottagen"),
    ReferralState.WITHDRAWN: _l("Återtagen"),
}
CLOSE = {
    CloseReason.NOT_TARGET_GROUP: _l("Hör inte till målgruppen"),
    CloseReason.NO_CAPACITY: _l("Enheten har inte plats"),
    CloseReason.OTHER_SUPPORT: _l("Får annat stöd"),
    CloseReason.NEVER_COMPLETE: _l("Blev aldrig komplett"),
    CloseReason.OWN_CHOICE: _l("Personens eget val"),
}
_RULES = {
    "age": _l("Åldern är inte känd eller stämmer inte med programmets regler"),
    "sex": _l("Könet är inte känt eller stämmer inte med programmets regler"),
    "born_outside": _l("Födelselandet är inte känt eller omfattas inte"),
    "formal_level": _l("Högsta skola är inte känd eller högre än reglerna säger"),
}


@pages.get("")
@requires(*referrals.WORKERS)
def show_referrals() -> ResponseReturnValue:
    """Those that are open, by how far they have come; or those that have ended."""
    ended = request.args.get("ended") is not None
    with reading() as session:
        actor = current_actor()
        found = referrals.list_referrals(session, actor, ended=ended)
        limits = referrals.limits_of(session, actor.unit_id)
        states = [state for state in ReferralState if (state not in referrals.OPEN) == ended]
        return render_template(
            "participants/referrals.html",
            groups=[
                (STATE[state], [each for each in found if each.state is state]) for state in states
            ],
            timers={each.id: referrals.timer_of(each, limits, today=today()) for each in found},
            any=bool(found),
            ended=ended,
            saved=request.args.get("saved"),
            routes=ROUTE,
            close=CLOSE,
        ), 200


@pages.get("/new")
@requires(*referrals.WORKERS)
def show_new() -> ResponseReturnValue:
    """The form of a referral that has come."""
    form = {"received_on": today(), "contact_language": "sv"}
    return _form_page(None, form, {}), 200


@pages.post("/new")
@requires(*referrals.WORKERS)
def submit_new() -> ResponseReturnValue:
    """Note it."""
    try:
        content = schemas.referral_of(load_form(schemas.ReferralSchema()))
        with writing() as session:
            made = referrals.note_referral(session, current_actor(), content, today=today())
    except FORM_ERRORS as error:
        return _form_page(None, typed(), field_errors(error)), STATUS[type(error)]
    return redirect(url_for("referrals.show", referral_id=made.id), 303)


@pages.get("/<uuid:referral_id>")
@requires(*referrals.WORKERS)
def show(referral_id: UUID) -> ResponseReturnValue:
    """One referral: what it says, what is missing, and what to do next."""
    return _show_page(referral_id, {}), 200


@pages.get("/<uuid:referral_id>/change")
@requires(*referrals.WORKERS)
def show_change(referral_id: UUID) -> ResponseReturnValue:
    """The form, filled with what is known."""
    return _form_page(referral_id, None, {}), 200


@pages.post("/<uuid:referral_id>/change")
@requires(*referrals.WORKERS)
def submit_change(referral_id: UUID) -> ResponseReturnValue:
    """Complete or correct it."""
    try:
        data = load_form(schemas.ChangeReferralSchema())
        with writing() as session:
            referrals.change_referral(
                session,
                current_actor(),
                referral_id,
                schemas.referral_of(data),
                version=data["version"],
                today=today(),
            )
    except FORM_ERRORS as error:
        return _form_page(referral_id, typed(), field_errors(error)), STATUS[type(error)]
    return redirect(url_for("referrals.show", referral_id=referral_id), 303)


@pages.post("/<uuid:referral_id>/check")
@requires(*referrals.WORKERS)
def submit_check(referral_id: UUID) -> ResponseReturnValue:
    """Go through the checklist."""

    def rule(session: Session) -> Referral:
        version = load_form(VersionSchema())["version"]
        return referrals.check_referral(
            session, current_actor(), referral_id, version=version, today=today()
        )

    return _submit(referral_id, rule)


@pages.post("/<uuid:referral_id>/allocate")
@requires(Role.UNIT_MANAGER)
def submit_allocate(referral_id: UUID) -> ResponseReturnValue:
    """Give it to a case worker."""

    def rule(session: Session) -> Referral:
        data = load_form(schemas.AllocateReferralSchema())
        return referrals.allocate_referral(
            session,
            current_actor(),
            referral_id,
            data["worker_id"],
            version=data["version"],
            today=today(),
        )

    return _submit(referral_id, rule)


@pages.post("/<uuid:referral_id>/contact")
@requires(*referrals.WORKERS)
def submit_contact(referral_id: UUID) -> ResponseReturnValue:
    """Note the first contact."""

    def rule(session: Session) -> Referral:
        data = load_form(schemas.FirstContactSchema())
        return referrals.note_contact(
            session,
            current_actor(),
            referral_id,
            data["first_contact_on"],
            version=data["version"],
            today=today(),
        )

    return _submit(referral_id, rule)


@pages.post("/<uuid:referral_id>/enrol")
@requires(*referrals.WORKERS)
def submit_enrol(referral_id: UUID) -> ResponseReturnValue:
    """Enrol the person. The answer is the same whatever became of the entry (LAW-10)."""

    def rule(session: Session) -> Referral:
        version = load_form(VersionSchema())["version"]
        return referrals.enrol_referral(
            session, current_actor(), referral_id, version=version, today=today()
        )

    return _submit(referral_id, rule)


@pages.post("/<uuid:referral_id>/close")
@requires(*referrals.WORKERS)
def submit_close(referral_id: UUID) -> ResponseReturnValue:
    """End it without an enrolment."""

    def rule(session: Session) -> Referral:
        data = load_form(schemas.CloseReferralSchema())
        return referrals.close_referral(
            session,
            current_actor(),
            referral_id,
            withdrawn=data["withdrawn"],
            reason=data["reason"],
            version=data["version"],
            today=today(),
        )

    return _submit(referral_id, rule)


def _submit(referral_id: UUID, rule: Callable[[Session], Referral]) -> ResponseReturnValue:
    try:
        with writing() as session:
            rule(session)
    except FORM_ERRORS as error:
        # A fault of the enrolment names fields of the form, which stand on another page.
        return _show_page(referral_id, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("referrals.show", referral_id=referral_id, saved=1), 303)


def _show_page(referral_id: UUID, errors: Mapping[str, str]) -> str:
    with reading() as session:
        actor = current_actor()
        referral = referrals.get_referral(session, actor, referral_id)
        limits = referrals.limits_of(session, actor.unit_id)
        is_manager = actor.has_role(Role.UNIT_MANAGER)
        may_allocate = is_manager and referral.state in {
            ReferralState.COMPLETE,
            ReferralState.ALLOCATED,
        }
        worker = session.get(User, referral.allocated_to_id) if referral.allocated_to_id else None
        return render_template(
            "participants/referral.html",
            referral=referral,
            content=content_of(referral),
            state=STATE[referral.state],
            route=ROUTE[referral.route],
            missing=[_missing_words(code) for code in referral.missing],
            timer=referrals.timer_of(referral, limits, today=today()),
            is_open=referral.state in referrals.OPEN,
            is_manager=is_manager,
            loads=referrals.workloads(session, actor) if may_allocate else [],
            worker=worker.name if worker else None,
            close=[(each.value, words) for each, words in CLOSE.items()],
            letter=letter_of(referral),
            intake=INTAKE,
            errors=errors,
            saved=request.args.get("saved"),
            today=today(),
        )


def _missing_words(code: str) -> str:
    if code in CHECKS:
        return CHECKS[code]
    if code in _RULES:
        return str(_RULES[code])
    return CRITERION_WORDS[Criterion(code)]


def _form_page(
    referral_id: UUID | None, form: dict[str, Any] | None, errors: Mapping[str, str]
) -> str:
    with reading() as session:
        actor = current_actor()
        referral = None
        if referral_id is not None:
            referral = referrals.get_referral(session, actor, referral_id)
        if form is None:
            form = _known(referral) if referral else {}
        managers = list_users(session, actor.unit_id, Role.UNIT_MANAGER)
        return render_template(
            "participants/referral_form.html",
            referral=referral,
            form=form,
            errors=errors,
            words=wording,
            rule_words=programme_words,
            asked=programmes.what_to_ask(session, actor.unit_id, today=today()),
            intake=[(key, INTAKE[key]) for key in asked_fields(session, actor.unit_id)],
            routes=[(each.value, words) for each, words in ROUTE.items()],
            managers=[(str(user.id), user.name) for user in managers],
        )


def _known(referral: Referral) -> dict[str, Any]:
    content = content_of(referral)
    details = content.details
    answers = {
        f"answer_{code.value}": (Answer.YES if said else Answer.NO).value
        for code, said in details.answers.items()
    }
    plain = (
        *("given_name", "family_name", "personal_id", "birth_year", "phone", "email"),
        *("contact_language", "interpreter", "protected", "programme_id", "admission_reason"),
    )
    own = (
        *("received_on", "reason", "referrer_name", "referrer_org", "referrer_email"),
        *("decision_reference", "decided_on", "legal_basis", "manager_id"),
    )
    return {
        **{name: getattr(details, name) for name in plain},
        **{name: getattr(content, name) for name in own},
        **answers,
        **content.intake,
        "route": content.route.value,
        "sex": details.sex.value,
        "birth_region": details.birth_region.value,
        "birth_country": names_by_code().get(details.birth_country or ""),
        "formal_level": details.formal_level.value if details.formal_level else None,
        "version": referral.version,
    }
