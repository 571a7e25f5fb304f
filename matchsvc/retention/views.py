"""Pages of retention: the rules, what is due, lists to approve, proofs, and what must stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import settings
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.guard import (
    asks_again,
    current_actor,
    day_of_request,
    reading,
    requires,
    writing,
)
from matchsvc.accounts.models import Unit
from matchsvc.errors import Conflict, Invalid, NotFound, RuleViolation
from matchsvc.retention import holds, plans
from matchsvc.retention.classes import CLASSES
from matchsvc.retention.due import KEPT_BECAUSE, Due
from matchsvc.retention.holds import KEEPERS
from matchsvc.retention.models import HoldReason, PlanState
from matchsvc.retention.open_things import OpenThing
from matchsvc.retention.plans import DECIDERS, READERS
from matchsvc.retention.proof import make_paper, proof_bytes
from matchsvc.retention.referrals import count_referrals
from matchsvc.retention.schemas import (
    ApproveListSchema,
    LegalHoldSchema,
    LiftHoldSchema,
    ListVersionSchema,
)
from matchsvc.retention.verifying import needs_review, verified
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("retention", __name__, template_folder="templates")

STATES = {
    PlanState.PROPOSED: _l("Väntar på en kollega"),
    PlanState.APPROVED: _l("Raderas nu"),
    PlanState.DONE: _l("Klar"),
    PlanState.WITHDRAWN: _l("Tillbakatagen"),
}
REASONS = {
    HoldReason.DISPUTE: _l("En tvist eller ett överklagande pågår"),
    HoldReason.SUPERVISION: _l("En tillsynsmyndighet har begärt akten"),
    HoldReason.DISCLOSURE_REQUEST: _l("Någon har begärt ut akten"),
    HoldReason.RESEARCH: _l("Behålls för forskningen"),
    HoldReason.OTHER: _l("Annat"),
}

#: The address where each kind of open thing is closed.
PLACES: Mapping[str, Callable[[UUID], str]] = {
    "hold": lambda _key: url_for("retention.show_holds"),
    "placement": lambda key: url_for("placements.show", placement_id=key),
    "employment": lambda key: url_for("employments.show", employment_id=key),
    "meeting": lambda key: url_for("diary.show_meeting", meeting_id=key),
    "plan": lambda key: url_for("participants.plan.show_plan", key=key),
    "agreement": lambda key: url_for("tripartite.show", placement_id=key),
    "document": lambda key: url_for("documents.show_all", placement_id=key),
    "correction": lambda key: url_for("own_page.start.show_corrections", key=key),
    "request": lambda key: url_for("rights.show_request", rights_request_id=key),
    "record": lambda key: url_for("rights.records.show", record_request_id=key),
    "task": lambda _key: url_for("placements.tasks.show_tasks", whose="unit"),
    "message": lambda key: url_for("messages.list_page", about=key),
    "restriction": lambda key: url_for("rights.show_person", key=key),
}


def kept_links(due: Due) -> list[tuple[str, str | None]]:
    """Why somebody stays, in words, each with the address where it is closed, if there is one."""
    found: dict[tuple[str, str | None], None] = {}
    for code in due.kept_because:
        things = [each for each in due.open if each.code == code]
        if code == "restricted":
            things = [OpenThing(code, "restriction", due.participant.id)]
        addresses: list[str | None] = [PLACES[each.place](each.key) for each in things]
        found |= dict.fromkeys((KEPT_BECAUSE[code], address) for address in addresses or [None])
    return [(_(words), address) for words, address in found]


@pages.get("/retention")
@requires(*READERS)
def show_retention() -> ResponseReturnValue:
    """What is due, lists and proofs."""
    return _overview({}), 200


def _overview(errors: Mapping[str, str]) -> str:
    actor = current_actor()
    with reading() as session:
        decides = actor.has_role(*DECIDERS)
        return render_template(
            "retention/overview.html",
            due=plans.dry_run(session, actor, today=day_of_request()) if decides else None,
            plans=plans.list_plans(session, actor),
            most=plans.MOST,
            referrals=count_referrals(session, actor, today=day_of_request()),
            states=STATES,
            why=KEPT_BECAUSE,
            kept_links=kept_links,
            decides=decides,
            errors=errors,
            saved=request.args.get("saved"),
            today=day_of_request(),
            **_verified(session, actor),
        )


def _verified(session: Session, actor: Actor) -> dict[str, Any]:
    found = verified(session, actor.unit_id)
    return {
        "verified": found,
        "is_old": needs_review(found.on, today=day_of_request()),
        "may_note": actor.has_role(*settings.CHANGERS),
    }


@pages.post("/retention")
@requires(*DECIDERS)
@asks_again()
def submit_proposal() -> ResponseReturnValue:
    """Put those who may go on a list."""
    try:
        with writing() as session:
            plan = plans.propose(session, current_actor(), today=day_of_request(), now=db.utcnow())
            key = plan.id
    except RuleViolation as error:
        return _overview(field_errors(error)), STATUS[type(error)]
    return redirect(url_for("retention.show_plan", plan_id=key), 303)


@pages.get("/retention/rules")
@requires(*READERS)
def show_rules() -> ResponseReturnValue:
    """What becomes of everything, and by which law."""
    actor = current_actor()
    with reading() as session:
        rows = [
            {
                "title": _(each.title),
                "basis": _(each.basis),
                "starts": _(each.starts),
                "period": _(each.period)
                % (
                    {"n": settings.setting(session, actor.unit_id, each.setting)}
                    if each.setting
                    else {}
                ),
                "action": _(each.action),
            }
            for each in CLASSES.values()
        ]
        return render_template(
            "retention/rules.html",
            rows=rows,
            backup_days=settings.number(session, actor.unit_id, "retention_backup_days"),
            **_verified(session, actor),
        ), 200


@pages.get("/retention/lists/<uuid:plan_id>")
@requires(*READERS)
def show_plan(plan_id: UUID) -> ResponseReturnValue:
    """One list: its people while it waits, how far it has come, and its proof."""
    return _plan_page(plan_id, {}), 200


def _plan_page(plan_id: UUID, errors: Mapping[str, str]) -> str:
    with reading() as session:
        found = plans.read_plan(session, current_actor(), plan_id, today=day_of_request())
        return render_template(
            "retention/plan.html",
            found=found,
            plan=found.plan,
            states=STATES,
            why=KEPT_BECAUSE,
            kept_links=kept_links,
            errors=errors,
            saved=request.args.get("saved"),
        )


@pages.post("/retention/lists/<uuid:plan_id>/approve")
@requires(*DECIDERS)
@asks_again()
def submit_approval(plan_id: UUID) -> ResponseReturnValue:
    """Let exactly these people's records go."""
    return _decide(plan_id, ApproveListSchema(), plans.approve, "approved", today=day_of_request())


@pages.post("/retention/lists/<uuid:plan_id>/withdraw")
@requires(*DECIDERS)
def submit_withdrawal(plan_id: UUID) -> ResponseReturnValue:
    """Take a list back."""
    return _decide(plan_id, ListVersionSchema(), plans.withdraw, "withdrawn")


@pages.get("/retention/lists/<uuid:plan_id>/proof.pdf")
@requires(*READERS)
def download_paper(plan_id: UUID) -> ResponseReturnValue:
    """What a finished list proves, as a tagged PDF. It names nobody."""
    with reading() as session:
        plan = plans.read_done(session, current_actor(), plan_id)
        made = make_paper(plan, session.get_one(Unit, plan.unit_id), dict(KEPT_BECAUSE))
    headers = {"Content-Disposition": 'attachment; filename="radering.pdf"'}
    return Response(made, mimetype="application/pdf", headers=headers)


@pages.get("/retention/lists/<uuid:plan_id>/proof.json")
@requires(*READERS)
def download_proof(plan_id: UUID) -> ResponseReturnValue:
    """The bytes that the checksum of the proof is of."""
    with reading() as session:
        made = proof_bytes(plans.read_done(session, current_actor(), plan_id))
    headers = {"Content-Disposition": 'attachment; filename="radering.json"'}
    return Response(made, mimetype="application/json", headers=headers)


def _decide(
    plan_id: UUID, schema: ListVersionSchema, rule: Any, saved: str, **more: Any
) -> ResponseReturnValue:
    try:
        data = load_form(schema)
        with writing() as session:
            rule(session, current_actor(), plan_id, **data, **more, now=db.utcnow())
    except (Invalid, RuleViolation, Conflict) as error:
        return _plan_page(plan_id, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("retention.show_plan", plan_id=plan_id, saved=saved), 303)


@pages.get("/retention/holds")
@requires(*KEEPERS)
def show_holds() -> ResponseReturnValue:
    """What must stay though its time has come."""
    return _holds_page({}, None), 200


def _holds_page(errors: Mapping[str, str], about: UUID | None) -> str:
    with reading() as session:
        return render_template(
            "retention/holds.html",
            rows=holds.list_holds(session, current_actor(), today=day_of_request()),
            reasons=REASONS,
            choices=[(each.value, words) for each, words in REASONS.items()],
            errors=errors,
            about=about,
            form=request.form,
            saved=request.args.get("saved"),
        )


@pages.post("/retention/holds")
@requires(*KEEPERS)
def submit_hold() -> ResponseReturnValue:
    """Stop the deletion of one person's records."""
    try:
        data = load_form(LegalHoldSchema())
        with writing() as session:
            holds.set_hold(
                session,
                current_actor(),
                data["participant"],
                data["reason"],
                data["words"],
                data["review_on"],
                today=day_of_request(),
            )
    except NotFound:
        unknown = {"participant": _("Ingen sådan deltagare. Skriv till exempel D-2041.")}
        return _holds_page(unknown, None), 422
    except (Invalid, RuleViolation) as error:
        return _holds_page(field_errors(error), None), STATUS[type(error)]
    return redirect(url_for("retention.show_holds", saved="set"), 303)


@pages.post("/retention/holds/<uuid:hold_id>/lift")
@requires(*KEEPERS)
def submit_lift(hold_id: UUID) -> ResponseReturnValue:
    """Let the records go again."""
    try:
        data = load_form(LiftHoldSchema())
        with writing() as session:
            holds.lift_hold(session, current_actor(), hold_id, **data, today=day_of_request())
    except (Invalid, RuleViolation, Conflict) as error:
        return _holds_page(field_errors(error), hold_id), STATUS[type(error)]
    return redirect(url_for("retention.show_holds", saved="lifted"), 303)
