"""Decisions, starts, supervisors, moves and closing for programs: the same rules as the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.employers.access import EDITORS
from matchsvc.placements.access import DECIDERS, PREPARERS, READERS, get_placement
from matchsvc.placements.beginning import begin_placement
from matchsvc.placements.decisions import NewDecision, record_decision, withdraw_decision
from matchsvc.placements.ending import call_off_placement
from matchsvc.placements.facts import Facts
from matchsvc.placements.forms import list_forms, needs_a_look, verify_form
from matchsvc.placements.limits import plan_from
from matchsvc.placements.models import PlacementForm
from matchsvc.placements.overview import read_placement
from matchsvc.placements.preparing import save_facts, tick_checklist
from matchsvc.placements.relocating import move_placement
from matchsvc.placements.rules_overview import read_rules
from matchsvc.placements.rules_schemas import (
    CloseSiteSchema,
    MovePlacementSchema,
    NewDecisionSchema,
    PlacementFormListSchema,
    PlacementFormOutSchema,
    ReopenSiteSchema,
    ReplaceSupervisorSchema,
    RulesOutSchema,
    SiteClosingOutSchema,
    StartFactsSchema,
    WithdrawDecisionSchema,
)
from matchsvc.placements.schemas import CallOffSchema, TickSchema
from matchsvc.placements.site_closing import close_site, reopen_site
from matchsvc.placements.supervision import Replacement, replace_supervisor
from matchsvc.web.api import api_blueprint, errors

api: Blueprint = api_blueprint(
    "placement_rules", "", "What carries a placement: decisions, starts, supervisors, moves."
)


@api.route("/placement-forms")
@api.response(200, PlacementFormListSchema)
@errors(api, 401, 403)
@requires(*READERS)
def show_forms() -> dict[str, Any]:
    """All forms with their limits and their law."""
    with reading() as session:
        return {"forms": [_form(form) for form in list_forms(session)]}


@api.route("/placement-forms/<code>/verify", methods=["POST"])
@api.response(200, PlacementFormOutSchema)
@errors(api, 401, 403, 404)
@requires(Role.UNIT_MANAGER)
def verify(code: str) -> dict[str, Any]:
    """The source was read, and it still says what the form says."""
    with writing() as session:
        return _form(verify_form(session, current_actor(), code, today=day_of_request()))


@api.route("/placements/<uuid:placement_id>/rules")
@api.response(200, RulesOutSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def show_rules(placement_id: UUID) -> dict[str, Any]:
    """Where a placement stands: limits, decisions, what stops its start."""
    with reading() as session:
        read_placement(session, current_actor(), placement_id, today=day_of_request())
        return _rules(session, placement_id)


@api.route("/placements/<uuid:placement_id>/checklist/<code>", methods=["POST"])
@api.arguments(TickSchema)
@api.response(200, RulesOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*PREPARERS)
def tick(data: dict[str, Any], placement_id: UUID, code: str) -> dict[str, Any]:
    """Tick or untick one thing before the start."""
    with writing() as session:
        tick_checklist(session, current_actor(), placement_id, code, **data, today=day_of_request())
        return _rules(session, placement_id)


@api.route("/placements/<uuid:placement_id>/facts", methods=["POST"])
@api.arguments(StartFactsSchema)
@api.response(200, RulesOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*PREPARERS)
def note_facts(data: dict[str, Any], placement_id: UUID) -> dict[str, Any]:
    """Note what is known before the start; what was stopped by it begins."""
    version = data.pop("version")
    with writing() as session:
        save_facts(
            session,
            current_actor(),
            placement_id,
            Facts(**data),
            version=version,
            today=day_of_request(),
        )
        return _rules(session, placement_id)


@api.route("/placements/<uuid:placement_id>/begin", methods=["POST"])
@api.response(200, RulesOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*PREPARERS)
def begin(placement_id: UUID) -> dict[str, Any]:
    """Begin a placement whose day has come, unless something stops it."""
    with writing() as session:
        begin_placement(session, current_actor(), placement_id, today=day_of_request())
        return _rules(session, placement_id)


@api.route("/placements/<uuid:placement_id>/call-off", methods=["POST"])
@api.arguments(CallOffSchema)
@api.response(200, RulesOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def call_off(data: dict[str, Any], placement_id: UUID) -> dict[str, Any]:
    """Call off a placement that has not begun."""
    with writing() as session:
        call_off_placement(session, current_actor(), placement_id, **data, today=day_of_request())
        return _rules(session, placement_id)


@api.route("/placements/<uuid:placement_id>/decisions", methods=["POST"])
@api.arguments(NewDecisionSchema)
@api.response(201, RulesOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def add_decision(data: dict[str, Any], placement_id: UUID) -> dict[str, Any]:
    """Write down a new decision; the placement and its follow-ups follow it."""
    version = data.pop("version")
    with writing() as session:
        record_decision(
            session,
            current_actor(),
            placement_id,
            NewDecision(**data),
            version=version,
            today=day_of_request(),
        )
        return _rules(session, placement_id)


@api.route(
    "/placements/<uuid:placement_id>/decisions/<uuid:decision_id>/withdraw", methods=["POST"]
)
@api.arguments(WithdrawDecisionSchema)
@api.response(200, RulesOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def withdraw(data: dict[str, Any], placement_id: UUID, decision_id: UUID) -> dict[str, Any]:
    """Write down that a decision no longer holds from a day."""
    with writing() as session:
        withdraw_decision(
            session, current_actor(), placement_id, decision_id, **data, today=day_of_request()
        )
        return _rules(session, placement_id)


@api.route("/placements/<uuid:placement_id>/supervisor", methods=["POST"])
@api.arguments(ReplaceSupervisorSchema)
@api.response(200, RulesOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def supervise(data: dict[str, Any], placement_id: UUID) -> dict[str, Any]:
    """Let somebody else supervise from today."""
    version = data.pop("version")
    with writing() as session:
        replace_supervisor(
            session,
            current_actor(),
            placement_id,
            Replacement(**data),
            version=version,
            today=day_of_request(),
        )
        return _rules(session, placement_id)


@api.route("/placements/<uuid:placement_id>/relocate", methods=["POST"])
@api.arguments(MovePlacementSchema)
@api.response(201, RulesOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def relocate(data: dict[str, Any], placement_id: UUID) -> dict[str, Any]:
    """End a placement as moved and plan its continuation, whose rules are answered."""
    last_day, version = data.pop("last_day"), data.pop("version")
    now = db.utcnow()
    with writing() as session:
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
        return _rules(session, fresh.id)


@api.route("/sites/<uuid:site_id>/close", methods=["POST"])
@api.arguments(CloseSiteSchema)
@api.response(200, SiteClosingOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*EDITORS)
def close(data: dict[str, Any], site_id: UUID) -> Any:
    """Write down a workplace's last day; who has somebody there gets a task."""
    with writing() as session:
        return close_site(session, current_actor(), site_id, **data, today=day_of_request())


@api.route("/sites/<uuid:site_id>/reopen", methods=["POST"])
@api.arguments(ReopenSiteSchema)
@api.response(200, SiteClosingOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*EDITORS)
def reopen(data: dict[str, Any], site_id: UUID) -> Any:
    """The workplace does not close after all."""
    with writing() as session:
        return reopen_site(session, current_actor(), site_id, version=data["version"])


def _form(form: PlacementForm) -> dict[str, Any]:
    names = [column.key for column in PlacementForm.__table__.columns]
    return {name: getattr(form, name) for name in names} | {
        "needs_a_look": needs_a_look(form, today=day_of_request())
    }


def _rules(session: Session, placement_id: UUID) -> dict[str, Any]:
    actor, today = current_actor(), day_of_request()
    found = get_placement(session, actor, placement_id, today=today)
    rules = read_rules(session, actor, found, today=today)
    return {
        "stage": rules.stage,
        "last_permitted_day": rules.last_day,
        "planned_end_date": found.placement.planned_end_date,
        "stops": rules.stops,
        "decisions": rules.decisions,
        "acts": sorted(rules.acts),
        "moved_from_id": found.placement.moved_from_id,
        "moved_to_id": rules.moved_to,
        "version": found.placement.version,
    }
