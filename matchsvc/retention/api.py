"""JSON of retention: the same rules as the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import (
    asks_again,
    current_actor,
    day_of_request,
    reading,
    requires,
    writing,
)
from matchsvc.retention import holds, plans
from matchsvc.retention.holds import KEEPERS
from matchsvc.retention.models import RetentionPlan
from matchsvc.retention.plans import DECIDERS, READERS, PlanView
from matchsvc.retention.schemas import (
    ApproveListSchema,
    LegalHoldListSchema,
    LegalHoldSchema,
    LiftHoldSchema,
    ListVersionSchema,
    RecordsDueListSchema,
    RetentionListSchema,
    RetentionListsSchema,
    RetentionListViewSchema,
)
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("retention", "/retention", "What is kept how long, and what proves it is gone.")


@api.get("/due")
@api.response(200, RecordsDueListSchema)
@errors(api, 401, 403)
@requires(*DECIDERS)
def list_due() -> dict[str, Any]:
    """Whose records are due, and why some stay. Changes nothing."""
    with reading() as session:
        return {"due": plans.dry_run(session, current_actor(), today=day_of_request())}


@api.get("/lists")
@api.response(200, RetentionListsSchema)
@errors(api, 401, 403)
@requires(*READERS)
def list_all() -> dict[str, Any]:
    """The unit's lists, the latest first."""
    with reading() as session:
        return {"plans": plans.list_plans(session, current_actor())}


@api.post("/lists")
@api.response(201, RetentionListSchema)
@errors(api, 401, 403, 409)
@requires(*DECIDERS)
@asks_again()
def propose() -> RetentionPlan:
    """Put those who may go on a list, for a colleague to approve."""
    with writing() as session:
        return plans.propose(session, current_actor(), today=day_of_request(), now=db.utcnow())


@api.get("/lists/<uuid:plan_id>")
@api.response(200, RetentionListViewSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def read(plan_id: UUID) -> PlanView:
    """One list."""
    with reading() as session:
        return plans.read_plan(session, current_actor(), plan_id, today=day_of_request())


@api.post("/lists/<uuid:plan_id>/approve")
@api.arguments(ApproveListSchema)
@api.response(200, RetentionListSchema)
@errors(api, 401, 403, 404, 409, 422)
@requires(*DECIDERS)
@asks_again()
def approve(data: dict[str, Any], plan_id: UUID) -> RetentionPlan:
    """Let exactly these people's records go."""
    with writing() as session:
        return plans.approve(
            session, current_actor(), plan_id, **data, today=day_of_request(), now=db.utcnow()
        )


@api.post("/lists/<uuid:plan_id>/withdraw")
@api.arguments(ListVersionSchema)
@api.response(200, RetentionListSchema)
@errors(api, 401, 403, 404, 409, 422)
@requires(*DECIDERS)
def withdraw(data: dict[str, Any], plan_id: UUID) -> RetentionPlan:
    """Take a list back before it is approved."""
    with writing() as session:
        return plans.withdraw(session, current_actor(), plan_id, **data, now=db.utcnow())


@api.get("/holds")
@api.response(200, LegalHoldListSchema)
@errors(api, 401, 403)
@requires(*KEEPERS)
def list_holds() -> dict[str, Any]:
    """Every hold that stands."""
    with reading() as session:
        return {"holds": holds.list_holds(session, current_actor(), today=day_of_request())}


@api.post("/holds")
@api.arguments(LegalHoldSchema)
@api.response(204)
@errors(api, 401, 403, 404, 422)
@requires(*KEEPERS)
def set_hold(data: dict[str, Any]) -> None:
    """Stop the deletion of one person's records."""
    with writing() as session:
        key = data.pop("participant")
        holds.set_hold(session, current_actor(), key, **data, today=day_of_request())


@api.post("/holds/<uuid:hold_id>/lift")
@api.arguments(LiftHoldSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409, 422)
@requires(*KEEPERS)
def lift_hold(data: dict[str, Any], hold_id: UUID) -> None:
    """Let the records go again; not by whoever set the hold."""
    with writing() as session:
        holds.lift_hold(session, current_actor(), hold_id, **data, today=day_of_request())
