"""JSON of the individual plan: her own worker's only, as the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.participants import plan_schemas as schemas
from matchsvc.participants import plan_signing, plans
from matchsvc.participants.frame import CHANGERS, today
from matchsvc.participants.plan_models import Plan, PlanMeasure, PlanSubGoal
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("plan", "/participants", "The individual plan of a person: who does what.")


@api.get("/<key>/plans")
@api.response(200, schemas.PlanSchema(many=True))
@errors(api, 401, 403, 404)
@requires(*CHANGERS)
def list_plans(key: str) -> Sequence[Plan]:
    """Every version with its rows, latest first."""
    with reading() as session:
        return plans.read_plans(session, current_actor(), key, today=today()).versions


@api.post("/<key>/plans")
@api.arguments(schemas.BeginPlanSchema)
@api.response(200, schemas.PlanSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def begin_plan(data: dict[str, Any], key: str) -> Plan:
    """Begin the plan, or the next version of a signed one; the draft there is, if there is one."""
    with writing() as session:
        return plans.begin_plan(session, current_actor(), key, **data, today=today())


@api.put("/<key>/plans/goals")
@api.arguments(schemas.FrameSchema)
@api.response(200, schemas.PlanSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def write_goals(data: dict[str, Any], key: str) -> Plan:
    """Save the goals of the draft, and what stands around them."""
    version = data.pop("version")
    with writing() as session:
        return plans.write_frame(
            session, current_actor(), key, plans.Frame(**data), version=version, today=today()
        )


@api.post("/<key>/plans/tracks")
@api.arguments(schemas.TrackSchema)
@api.response(200, schemas.PlanSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def add_track(data: dict[str, Any], key: str) -> Plan:
    """Add the fixed sub-goals of a track to the draft."""
    with writing() as session:
        return plans.add_track(session, current_actor(), key, **data, today=today())


@api.post("/<key>/plans/sub-goals")
@api.arguments(schemas.WriteSubGoalSchema)
@api.response(200, schemas.SubGoalSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def add_sub_goal(data: dict[str, Any], key: str) -> PlanSubGoal:
    """Add a sub-goal in own words to the draft."""
    with writing() as session:
        return plans.save_sub_goal(session, current_actor(), key, **data, today=today())


@api.put("/<key>/plans/sub-goals/<uuid:goal_id>")
@api.arguments(schemas.WriteSubGoalSchema)
@api.response(200, schemas.SubGoalSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def write_sub_goal(data: dict[str, Any], key: str, goal_id: UUID) -> PlanSubGoal:
    """Save another wording of a sub-goal of the draft."""
    with writing() as session:
        return plans.save_sub_goal(
            session, current_actor(), key, **data, goal_id=goal_id, today=today()
        )


@api.post("/<key>/plans/sub-goals/<uuid:goal_id>/state")
@api.arguments(schemas.NoteSubGoalSchema)
@api.response(200, schemas.SubGoalSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def note_sub_goal(data: dict[str, Any], key: str, goal_id: UUID) -> PlanSubGoal:
    """Note how far a sub-goal has come, in the plan that counts too."""
    with writing() as session:
        return plans.note_sub_goal(session, current_actor(), key, goal_id, **data, today=today())


@api.post("/<key>/plans/measures")
@api.arguments(schemas.WriteMeasureSchema)
@api.response(200, schemas.MeasureSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def add_measure(data: dict[str, Any], key: str) -> PlanMeasure:
    """Add a row to the draft's table of who does what."""
    return _save_measure(data, key, None)


@api.put("/<key>/plans/measures/<uuid:measure_id>")
@api.arguments(schemas.WriteMeasureSchema)
@api.response(200, schemas.MeasureSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def write_measure(data: dict[str, Any], key: str, measure_id: UUID) -> PlanMeasure:
    """Save other words in a row of the draft."""
    return _save_measure(data, key, measure_id)


def _save_measure(data: dict[str, Any], key: str, measure_id: UUID | None) -> PlanMeasure:
    version = data.pop("version")
    with writing() as session:
        return plans.save_measure(
            session,
            current_actor(),
            key,
            plans.MeasureInput(**data),
            measure_id=measure_id,
            version=version,
            today=today(),
        )


@api.post("/<key>/plans/measures/<uuid:measure_id>/state")
@api.arguments(schemas.NoteMeasureSchema)
@api.response(200, schemas.MeasureSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def note_measure(data: dict[str, Any], key: str, measure_id: UUID) -> PlanMeasure:
    """Note on the signed plan whether a measure was done."""
    with writing() as session:
        return plan_signing.note_measure(
            session, current_actor(), key, measure_id, **data, today=today(), now=db.utcnow()
        )


@api.post("/<key>/plans/remove")
@api.arguments(schemas.RemoveRowSchema)
@api.response(200, schemas.PlanSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def remove_row(data: dict[str, Any], key: str) -> Plan:
    """Take a sub-goal or a measure out of the draft."""
    with writing() as session:
        return plans.remove_row(session, current_actor(), key, **data, today=today())


@api.post("/<key>/plans/review")
@api.arguments(schemas.ReviewPlanSchema)
@api.response(200, schemas.PlanSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def review_plan(data: dict[str, Any], key: str) -> Plan:
    """Note that everybody who is named in the draft has read it through."""
    with writing() as session:
        return plan_signing.review_plan(session, current_actor(), key, **data, today=today())


@api.post("/<key>/plans/drop")
@api.arguments(schemas.DropPlanSchema)
@api.response(200, schemas.PlanSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def drop_plan(data: dict[str, Any], key: str) -> Plan:
    """Say that the plan of a case that has ended is never signed."""
    with writing() as session:
        return plan_signing.drop_plan(session, current_actor(), key, **data, today=today())


@api.post("/<key>/plans/sign")
@api.arguments(schemas.SignPlanSchema)
@api.response(200, schemas.PlanSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def sign_plan(data: dict[str, Any], key: str) -> Plan:
    """Note one party's signature on the words of ``content_hash``; the case worker's comes last.

    Capacities: ``participant``, ``party:<id>`` (the colleague's id, or that of the first measure
    of a party without an account), ``case_worker``.
    """
    with writing() as session:
        return plan_signing.sign_plan(
            session, current_actor(), key, **data, today=today(), now=db.utcnow()
        )
