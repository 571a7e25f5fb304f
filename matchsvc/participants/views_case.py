"""Pages of the case: who she is, who is responsible, steps, the end, and protection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc.accounts.guard import STAFF, current_actor, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.accounts.rules import list_users
from matchsvc.errors import Conflict, DomainError, NotFound, Refused
from matchsvc.participants import cases, protection, wording
from matchsvc.participants.frame import CHANGERS, FORM_ERRORS, own_overview, today, typed
from matchsvc.participants.models import Participant
from matchsvc.participants.overview import Overview, get_overview
from matchsvc.participants.own import NOT_YOURS, is_own
from matchsvc.participants.process import process_of
from matchsvc.participants.schemas import (
    AllocateSchema,
    ChangePersonSchema,
    EndCaseSchema,
    EndStepSchema,
    HandlerSchema,
    StartStepSchema,
    VersionSchema,
)
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

case_pages = Blueprint("case", __name__)

Rule = Callable[[Session], object]


def _submit(key: str, rule: Rule, again: Callable[..., str], *, saved: str) -> ResponseReturnValue:
    """Run one rule; show the form again when it is refused, with what was typed."""
    try:
        with writing() as session:
            rule(session)
    except FORM_ERRORS as error:
        return again(key, typed(), field_errors(error), error), STATUS[type(error)]
    return redirect(url_for("participants.show", key=key, saved=saved), 303)


@case_pages.get("/<key>/person")
@requires(*CHANGERS)
def show_person(key: str) -> ResponseReturnValue:
    """Who she is and how she is reached."""
    return _person_page(key, None, {})


@case_pages.post("/<key>/person")
@requires(*CHANGERS)
def submit_person(key: str) -> ResponseReturnValue:
    """Change who she is; sex, region and birth year correct what is counted."""

    def rule(session: Session) -> object:
        data = load_form(ChangePersonSchema())
        version = data.pop("version")
        return cases.change_person(
            session, current_actor(), key, cases.Person(**data), today=today(), version=version
        )

    return _submit(key, rule, _person_page, saved="person")


def _person_page(
    key: str,
    form: dict[str, Any] | None,
    errors: dict[str, str],
    error: DomainError | None = None,
) -> str:
    with reading() as session:
        overview = own_overview(session, key)
        saved = dict(cases.person_fields(overview.participant))
        is_conflict = isinstance(error, Conflict)
        return render_template(
            "participants/person.html",
            o=overview,
            person=overview.participant,
            form=saved if form is None else form,
            errors={} if is_conflict else errors,
            words=wording,
            conflict=_person_conflict(saved, form or {}) if is_conflict else None,
        )


def _person_conflict(saved: dict[str, Any], form: dict[str, Any]) -> list[dict[str, object]]:
    labels = {
        "given_name": _("Förnamn"),
        "family_name": _("Efternamn"),
        "sex": _("Kön"),
        "birth_region": _("Födelseregion"),
        "birth_year": _("Födelseår"),
        "phone": _("Telefon"),
        "email": _("E-post"),
    }
    said = {each.value: label for each, label in wording.SEX.items()}
    said |= {each.value: label for each, label in wording.BIRTH_REGION.items()}
    return [
        {
            "label": label,
            "theirs": said.get(str(saved[name]), saved[name]),
            "mine": said.get(form.get(name, ""), form.get(name)),
        }
        for name, label in labels.items()
    ]


@case_pages.get("/<key>/case-worker")
@requires(*CHANGERS)
def show_case_worker(key: str) -> ResponseReturnValue:
    """Choose who is responsible."""
    return _worker_page(key, {}, {})


@case_pages.post("/<key>/case-worker")
@requires(*CHANGERS)
def submit_case_worker(key: str) -> ResponseReturnValue:
    """Make a case worker responsible."""

    def rule(session: Session) -> object:
        data = load_form(AllocateSchema())
        return cases.allocate_case_worker(
            session,
            current_actor(),
            key,
            data["case_worker_id"],
            reason=data["reason"],
            today=today(),
            version=data["version"],
        )

    return _submit(key, rule, _worker_page, saved="worker")


def _worker_page(
    key: str, form: dict[str, Any], errors: dict[str, str], error: DomainError | None = None
) -> str:
    actor = current_actor()
    with reading() as session:
        overview = get_overview(session, actor, key, today=today())
        if not overview.is_own and not actor.has_role(Role.UNIT_MANAGER):
            raise Refused("not_your_case", NOT_YOURS)
        workers = list_users(session, overview.participant.unit_id, Role.CASE_WORKER)
        return render_template(
            "participants/case_worker.html",
            o=overview,
            person=overview.participant,
            form=form,
            errors={} if isinstance(error, Conflict) else errors,
            workers=[(str(user.id), user.name) for user in workers],
            words=wording,
            conflict=_worker_conflict(overview, form, {str(u.id): u.name for u in workers})
            if isinstance(error, Conflict)
            else None,
        )


def _worker_conflict(
    overview: Overview, form: dict[str, Any], names: dict[str, str]
) -> list[dict[str, object]]:
    saved = overview.case.case_worker_id if overview.case else None
    return [
        {
            "label": _("Handläggare"),
            "theirs": names.get(str(saved)),
            "mine": names.get(form.get("case_worker_id", "")),
        }
    ]


@case_pages.get("/<key>/steps")
@requires(*CHANGERS)
def show_steps(key: str) -> ResponseReturnValue:
    """Begin and end steps."""
    return _steps_page(key, {"start_date": today().isoformat()}, {})


@case_pages.post("/<key>/steps")
@requires(*CHANGERS)
def submit_step(key: str) -> ResponseReturnValue:
    """Begin a step."""

    def rule(session: Session) -> object:
        data = load_form(StartStepSchema())
        return cases.start_step(
            session, current_actor(), key, data.pop("step"), **data, today=today()
        )

    return _submit(key, rule, _steps_page, saved="step")


@case_pages.post("/<key>/steps/end")
@requires(*CHANGERS)
def submit_end_step(key: str) -> ResponseReturnValue:
    """End a step."""

    def rule(session: Session) -> object:
        data = load_form(EndStepSchema())
        return cases.end_step(
            session, current_actor(), key, data.pop("step_id"), **data, today=today()
        )

    return _submit(key, rule, _steps_page, saved="step")


def _steps_page(
    key: str, form: dict[str, Any], errors: dict[str, str], error: DomainError | None = None
) -> str:
    del error
    with reading() as session:
        overview = own_overview(session, key)
        running = [
            step
            for step in (overview.case.steps if overview.case else ())
            if step.end_date is None and step.source_id is None
        ]
        return render_template(
            "participants/steps.html",
            o=overview,
            person=overview.participant,
            form=form,
            errors=errors,
            words=wording,
            steps=wording.step_words(process_of(session, overview.participant.unit_id)),
            running=running,
            today=today(),
        )


@case_pages.get("/<key>/end")
@requires(*CHANGERS)
def show_end(key: str) -> ResponseReturnValue:
    """Why and where to."""
    return _end_page(key, None, {})


@case_pages.post("/<key>/end")
@requires(*CHANGERS)
def submit_end(key: str) -> ResponseReturnValue:
    """End the case, or correct how it ended."""

    def rule(session: Session) -> object:
        data = load_form(EndCaseSchema())
        return cases.end_case(session, current_actor(), key, **data, today=today())

    return _submit(key, rule, _end_page, saved="ended")


@case_pages.post("/<key>/reopen")
@requires(*CHANGERS)
def submit_reopen(key: str) -> ResponseReturnValue:
    """Take back an end that was a mistake."""

    def rule(session: Session) -> object:
        data = load_form(VersionSchema())
        return cases.reopen_case(session, current_actor(), key, **data, today=today())

    return _submit(key, rule, _end_page, saved="reopened")


def _end_page(
    key: str,
    form: dict[str, Any] | None,
    errors: dict[str, str],
    error: DomainError | None = None,
) -> str:
    with reading() as session:
        overview = own_overview(session, key)
        if overview.case is None:
            raise NotFound("case")
        saved = {
            "ended_on": overview.case.ended_on or today(),
            "reason": overview.case.exit_reason,
            "destination": overview.case.exit_destination,
        }
        is_conflict = isinstance(error, Conflict)
        return render_template(
            "participants/end.html",
            o=overview,
            person=overview.participant,
            form=saved if form is None else form,
            errors={} if is_conflict else errors,
            words=wording,
            conflict=_end_conflict(saved, form or {}) if is_conflict else None,
        )


def _end_conflict(saved: dict[str, Any], form: dict[str, Any]) -> list[dict[str, object]]:
    reasons = {each.value: label for each, label in wording.EXIT_REASON.items()}
    goals = {each.value: label for each, label in wording.EXIT_DESTINATION.items()}
    return [
        {"label": _("Slutdag"), "theirs": saved["ended_on"], "mine": form.get("ended_on")},
        {
            "label": _("Orsak"),
            "theirs": reasons.get(saved["reason"]),
            "mine": reasons.get(form.get("reason", "")),
        },
        {
            "label": _("Vart"),
            "theirs": goals.get(saved["destination"]),
            "mine": goals.get(form.get("destination", "")),
        },
    ]


@case_pages.get("/<key>/protect")
@requires(*STAFF)
def show_protect(key: str) -> ResponseReturnValue:
    """Set the mark, or who knows of her and whether it is to be lifted."""
    return _protect_page(key, {}, {})


@case_pages.post("/<key>/protect")
@requires(*STAFF)
def submit_protect(key: str) -> ResponseReturnValue:
    """Set the mark, at once."""

    def rule(session: Session) -> object:
        data = load_form(VersionSchema())
        return protection.protect(session, current_actor(), key, **data, today=today())

    answer = _submit(key, rule, _protect_page, saved="protected")
    if current_actor().roles == {Role.PRACTICAL_SUPERVISOR} and not isinstance(answer, tuple):
        return redirect("/", 303)  # who has no page of participants to come back to
    return answer


@case_pages.post("/<key>/protect/handlers")
@requires(*CHANGERS)
def submit_handler(key: str) -> ResponseReturnValue:
    """Let one more person know of her."""
    try:
        data = load_form(HandlerSchema())
        with writing() as session:
            protection.add_handler(session, current_actor(), key, data["user_id"], today=today())
    except FORM_ERRORS as error:
        return _protect_page(key, typed(), field_errors(error)), STATUS[type(error)]
    return redirect(url_for("participants.case.show_protect", key=key), 303)


@case_pages.post("/<key>/protect/lift")
@requires(*CHANGERS)
def submit_lift(key: str) -> ResponseReturnValue:
    """Ask for the mark to be lifted, confirm it, or refuse it, by the button pressed."""
    steps: dict[str, Callable[..., Participant]] = {
        "ask": protection.ask_to_lift,
        "confirm": protection.confirm_lift,
        "refuse": _refuse_lift,
    }
    chosen = steps.get(request.form.get("step", ""))
    if chosen is None:
        raise NotFound("step")
    try:
        data = load_form(VersionSchema(), ignore=("step",))
        with writing() as session:
            person = chosen(session, current_actor(), key, today=today(), version=data["version"])
    except FORM_ERRORS as error:
        return _protect_page(key, typed(), field_errors(error)), STATUS[type(error)]
    if not person.protected:
        return redirect(url_for("participants.show", key=key, saved="lifted"), 303)
    return redirect(url_for("participants.case.show_protect", key=key), 303)


def _refuse_lift(session: Session, actor: Any, key: str, **options: Any) -> Any:
    return protection.refuse_lift(session, actor, key, today=options["today"])


def _protect_page(
    key: str, form: dict[str, Any], errors: dict[str, str], error: DomainError | None = None
) -> str:
    del error
    actor = current_actor()
    with reading() as session:
        overview = get_overview(session, actor, key, today=today())
        person = overview.participant
        if not is_own(
            session, actor, person.id, today=today(), capacities=protection.WITH_THE_CASE
        ):
            raise Refused("not_your_case", NOT_YOURS)
        handlers = (
            protection.list_handlers(session, actor, key, today=today()) if person.protected else []
        )
        known = {user.id for user in handlers}
        others = [
            (str(user.id), user.name)
            for user in list_users(session, person.unit_id, *protection.HANDLING_ROLES)
            if user.id not in known
        ]
        return render_template(
            "participants/protect.html",
            o=overview,
            person=person,
            form=form,
            errors=errors,
            handlers=handlers,
            others=others,
            asked_by_me=person.lift_asked_by_id == actor.user_id,
        )
