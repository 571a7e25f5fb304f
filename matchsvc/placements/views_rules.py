"""Pages that decide about a placement: facts before the start, decisions, supervisor, a move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.errors import Conflict, DomainError, Invalid, RuleViolation
from matchsvc.placements import wording
from matchsvc.placements.access import DECIDERS, PREPARERS, get_placement
from matchsvc.placements.beginning import begin_placement
from matchsvc.placements.choices import choices_for_start, list_sites
from matchsvc.placements.decisions import NewDecision, record_decision, withdraw_decision
from matchsvc.placements.facts import Facts
from matchsvc.placements.limits import plan_from
from matchsvc.placements.preparing import save_facts
from matchsvc.placements.relocating import move_placement
from matchsvc.placements.rules_overview import (
    get_decision,
    get_for_decision,
    open_sites,
    read_rules,
)
from matchsvc.placements.rules_schemas import (
    MovePlacementSchema,
    NewDecisionSchema,
    ReplaceSupervisorSchema,
    StartFactsSchema,
    WithdrawDecisionSchema,
)
from matchsvc.placements.supervision import Replacement, replace_supervisor
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

rule_pages = Blueprint("rules", __name__, url_prefix="/placements/<uuid:placement_id>")
FORM_ERRORS = (Invalid, RuleViolation, Conflict)


@rule_pages.get("/facts")
@requires(*PREPARERS)
def show_facts(placement_id: UUID) -> ResponseReturnValue:
    """What is noted before the start: union, insurance, register extract."""
    return _facts_page(placement_id, None, {}), 200


@rule_pages.post("/facts")
@requires(*PREPARERS)
def submit_facts(placement_id: UUID) -> ResponseReturnValue:
    """Note it; what was stopped by it begins."""

    def save(session: Session) -> None:
        data = load_form(StartFactsSchema())
        version = data.pop("version")
        save_facts(
            session,
            current_actor(),
            placement_id,
            Facts(**data),
            version=version,
            today=day_of_request(),
        )

    return _submit(
        placement_id, save, lambda errors: _facts_page(placement_id, request.form, errors)
    )


def _facts_page(placement_id: UUID, form: Mapping[str, str] | None, errors: dict[str, str]) -> str:
    today = day_of_request()
    with reading() as session:
        actor = current_actor()
        found = get_placement(session, actor, placement_id, today=today)
        rules = read_rules(session, actor, found, today=today)
        return render_template(
            "placements/facts.html",
            seen=found,
            rules=rules,
            form=form if form is not None else _as_form(rules.facts),
            errors=errors,
            today=today,
            wording=wording,
        )


def _as_form(facts: object) -> dict[str, Any]:
    names = Facts.__dataclass_fields__
    return {} if facts is None else {name: getattr(facts, name) for name in names}


@rule_pages.post("/begin")
@requires(*PREPARERS)
def submit_begin(placement_id: UUID) -> ResponseReturnValue:
    """Begin, now that nothing stops it."""
    with writing() as session:
        begin_placement(session, current_actor(), placement_id, today=day_of_request())
    return _back(placement_id)


@rule_pages.get("/decision")
@requires(*DECIDERS)
def show_decision(placement_id: UUID) -> ResponseReturnValue:
    """The form of a new decision."""
    return _decision_page(placement_id, {}), 200


@rule_pages.post("/decision")
@requires(*DECIDERS)
def submit_decision(placement_id: UUID) -> ResponseReturnValue:
    """Write down a new decision."""

    def save(session: Session) -> None:
        data = load_form(NewDecisionSchema())
        version = data.pop("version")
        record_decision(
            session,
            current_actor(),
            placement_id,
            NewDecision(**data),
            version=version,
            today=day_of_request(),
        )

    return _submit(placement_id, save, lambda errors: _decision_page(placement_id, errors))


@rule_pages.get("/decisions/<uuid:decision_id>/withdraw")
@requires(*DECIDERS)
def show_withdraw(placement_id: UUID, decision_id: UUID) -> ResponseReturnValue:
    """The form that says from when a decision no longer holds."""
    return _decision_page(placement_id, {}, withdrawing=decision_id), 200


@rule_pages.post("/decisions/<uuid:decision_id>/withdraw")
@requires(*DECIDERS)
def submit_withdraw(placement_id: UUID, decision_id: UUID) -> ResponseReturnValue:
    """Write down that a decision no longer holds."""

    def save(session: Session) -> None:
        data = load_form(WithdrawDecisionSchema())
        withdraw_decision(
            session, current_actor(), placement_id, decision_id, **data, today=day_of_request()
        )

    return _submit(
        placement_id,
        save,
        lambda errors: _decision_page(placement_id, errors, withdrawing=decision_id),
    )


def _decision_page(
    placement_id: UUID, errors: dict[str, str], *, withdrawing: UUID | None = None
) -> str:
    today = day_of_request()
    with reading() as session:
        found, rules = get_for_decision(session, current_actor(), placement_id, today=today)
        return render_template(
            "placements/decision.html",
            seen=found,
            rules=rules,
            row=get_decision(rules, withdrawing) if withdrawing else None,
            form=request.form,
            errors=errors,
            today=today,
            wording=wording,
        )


@rule_pages.get("/supervisor")
@requires(*DECIDERS)
def show_supervisor(placement_id: UUID) -> ResponseReturnValue:
    """The form that lets somebody else supervise."""
    return _supervisor_page(placement_id, None, {}), 200


@rule_pages.post("/supervisor")
@requires(*DECIDERS)
def submit_supervisor(placement_id: UUID) -> ResponseReturnValue:
    """Let somebody else supervise from today."""

    def save(session: Session) -> None:
        data = load_form(ReplaceSupervisorSchema())
        version = data.pop("version")
        replace_supervisor(
            session,
            current_actor(),
            placement_id,
            Replacement(**data),
            version=version,
            today=day_of_request(),
        )

    return _submit(
        placement_id, save, lambda errors: _supervisor_page(placement_id, request.form, errors)
    )


def _supervisor_page(
    placement_id: UUID, form: Mapping[str, str] | None, errors: dict[str, str]
) -> str:
    today = day_of_request()
    with reading() as session:
        found, _rules = get_for_decision(session, current_actor(), placement_id, today=today)
        placement = found.placement
        named = {
            "participant_id": str(placement.participant_id),
            "site_id": str(placement.site_id),
        }
        return render_template(
            "placements/supervisor.html",
            seen=found,
            choices=choices_for_start(session, current_actor(), named, today=today),
            form=form
            if form is not None
            else {"supervisor_id": placement.supervisor_id, "contact_id": placement.contact_id},
            errors=errors,
        )


@rule_pages.get("/relocate")
@requires(*DECIDERS)
def show_relocate(placement_id: UUID) -> ResponseReturnValue:
    """Where to, and then the continuation filled from what there is."""
    today = day_of_request()
    site_id = request.args.get("site", type=UUID)
    with reading() as session:
        actor = current_actor()
        found, rules = get_for_decision(session, actor, placement_id, today=today)
        if site_id is None:
            return render_template(
                "placements/relocate.html",
                seen=found,
                rules=rules,
                sites=open_sites(list_sites(session, actor), found.placement),
            )
        old = found.placement
        form = MultiDict(
            {
                name: str(getattr(old, name))
                for name in (
                    *("participant_id", "form", "planned_end_date", "decision_ref"),
                    *("decision_from", "decision_to", "purpose", "hours_start", "hours_goal"),
                    "supervisor_id",
                )
                if getattr(old, name) is not None
            }
        )
        form["decision_authority"] = old.decision_authority.value
        form["site_id"], form["last_day"] = str(site_id), today.isoformat()
        if old.extended:
            form["extended"] = "1"
        return _relocate_page(session, placement_id, form, {})


@rule_pages.post("/relocate")
@requires(*DECIDERS)
def submit_relocate(placement_id: UUID) -> ResponseReturnValue:
    """End it as moved, and plan the continuation."""
    try:
        data = load_form(MovePlacementSchema())
        last_day, version = data.pop("last_day"), data.pop("version")
        with writing() as session:
            now = db.utcnow()
            fresh = move_placement(
                session,
                current_actor(),
                placement_id,
                plan_from(data),
                last_day=last_day,
                version=version,
                base_url=current_app.config["MATCHSVC"].base_url,
                today=day_of_request(),
                now=now,
            )
            fresh_id = fresh.id
    except FORM_ERRORS as error:
        with reading() as session:
            page = _relocate_page(session, placement_id, request.form, field_errors(error))
            return page, STATUS[type(error)]
    return redirect(url_for("placements.show", placement_id=fresh_id), 303)


def _relocate_page(
    session: Session, placement_id: UUID, form: MultiDict[str, str], errors: dict[str, str]
) -> str:
    today = day_of_request()
    found = get_placement(session, current_actor(), placement_id, today=today)
    return render_template(
        "placements/new.html",
        form=form,
        errors=errors,
        choices=choices_for_start(session, current_actor(), form, today=today),
        moving=found,
        wording=wording,
    )


def _submit(
    placement_id: UUID,
    save: Callable[[Session], None],
    again: Callable[[dict[str, str]], str],
) -> ResponseReturnValue:
    try:
        with writing() as session:
            save(session)
    except FORM_ERRORS as error:
        return again(_errors(error)), STATUS[type(error)]
    return _back(placement_id)


def _errors(error: DomainError) -> dict[str, str]:
    return field_errors(error)


def _back(placement_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("placements.show", placement_id=placement_id, _anchor="regler"), 303)
