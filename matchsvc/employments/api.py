"""JSON of jobs: the rules of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.employments import (
    checklist,
    follow_ups,
    found_tasks,
    registering,
    reviews,
    schemas,
    terms,
    try_outs,
)
from matchsvc.employments.models import EmploymentReview, FoundTask, TryOut
from matchsvc.employments.overview import JobOverview, list_jobs, read_job
from matchsvc.placements.access import DECIDERS
from matchsvc.placements.models import Employment
from matchsvc.placements.schemas import EndPlacementSchema
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("employments", "", "Jobs: what they rest on, what is heard of them, their end.")


@api.get("/employments")
@api.arguments(schemas.JobListQuerySchema, location="query")
@api.response(200, schemas.EmploymentListSchema)
@errors(api, 401, 403)
@requires(*DECIDERS)
def list_employments(query: dict[str, Any]) -> dict[str, Any]:
    """The jobs of those on whom the caller decides: at most 200, the latest start first."""
    with reading() as session:
        listed = list_jobs(session, current_actor(), ended=query["ended"], today=day_of_request())
        return {"employments": [each.employment for each in listed if each.may_open]}


@api.post("/employments")
@api.arguments(schemas.EmploymentSchema)
@api.response(201, schemas.EmploymentOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def create_employment(data: dict[str, Any]) -> Employment:
    """Register a job. A resource employment needs all that EMPL-01 asks for."""
    job, said = schemas.job_from(data)
    with writing() as session:
        return registering.register(session, current_actor(), job, said, today=day_of_request())


@api.get("/employments/<uuid:employment_id>")
@api.response(200, schemas.EmploymentDetailSchema)
@errors(api, 401, 403, 404)
@requires(*DECIDERS)
def show_employment(employment_id: UUID) -> JobOverview:
    """One job with everything that belongs to it."""
    return _detail(employment_id)


def _detail(employment_id: UUID) -> JobOverview:
    with reading() as session:
        return read_job(
            session, current_actor(), employment_id, today=day_of_request(), now=db.utcnow()
        )


@api.put("/employments/<uuid:employment_id>/terms")
@api.arguments(schemas.ChangeTermsSchema)
@api.response(200, schemas.EmploymentOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def change_employment(data: dict[str, Any], employment_id: UUID) -> Employment:
    """Another last day, other hours, a new decision, what the union said."""
    own, said = schemas.split_terms(data)
    with writing() as session:
        return terms.change_terms(
            session, current_actor(), employment_id, said, **own, today=day_of_request()
        ).employment


@api.post("/employments/<uuid:employment_id>/end")
@api.arguments(EndPlacementSchema)
@api.response(200, schemas.EmploymentOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def end_employment(data: dict[str, Any], employment_id: UUID) -> Employment:
    """Note that the job ended."""
    with writing() as session:
        return registering.end_job(
            session, current_actor(), employment_id, **data, today=day_of_request()
        )


@api.post("/employments/<uuid:employment_id>/checks/<code>")
@api.arguments(schemas.CheckTickSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def tick_check(data: dict[str, Any], employment_id: UUID, code: str) -> None:
    """Note that something was gone through before the job begins."""
    with writing() as session:
        checklist.tick(
            session, current_actor(), employment_id, code, **data, today=day_of_request()
        )


@api.post("/employments/<uuid:employment_id>/follow-ups")
@api.arguments(schemas.JobFollowUpSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def log_follow_up(data: dict[str, Any], employment_id: UUID) -> None:
    """Write what was heard of a job."""
    now = db.utcnow()
    months, version = data.pop("months"), data.pop("version")
    with writing() as session:
        follow_ups.log_job_follow_up(
            session,
            current_actor(),
            employment_id,
            follow_ups.Heard(**data),
            months=months,
            version=version,
            today=local_date(now),
            now=now,
        )


@api.post("/employments/<uuid:employment_id>/tasks")
@api.arguments(schemas.FoundTaskSchema)
@api.response(201, schemas.FoundTaskOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def add_task(data: dict[str, Any], employment_id: UUID) -> FoundTask:
    """Write a task that was found together with the workplace."""
    with writing() as session:
        return found_tasks.add_found_task(
            session, current_actor(), employment_id, **data, today=day_of_request()
        )


@api.delete("/employments/<uuid:employment_id>/tasks/<uuid:task_id>")
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def remove_task(employment_id: UUID, task_id: UUID) -> None:
    """Take a task away."""
    with writing() as session:
        found_tasks.remove_found_task(
            session, current_actor(), employment_id, task_id, today=day_of_request()
        )


@api.post("/employments/<uuid:employment_id>/try-outs")
@api.arguments(schemas.TryOutSchema)
@api.response(201, schemas.JobTryOutOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def plan_try_out(data: dict[str, Any], employment_id: UUID) -> TryOut:
    """Plan a time at a company during a resource employment."""
    with writing() as session:
        return try_outs.plan_try_out(
            session,
            current_actor(),
            employment_id,
            try_outs.TryOutContent(**data),
            today=day_of_request(),
        )


@api.post("/employments/<uuid:employment_id>/try-outs/<uuid:try_out_id>/withdraw")
@api.arguments(schemas.JobVersionSchema)
@api.response(200, schemas.JobTryOutOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def withdraw_try_out(data: dict[str, Any], employment_id: UUID, try_out_id: UUID) -> TryOut:
    """Take a time at a company back that never came to be."""
    with writing() as session:
        return try_outs.withdraw_try_out(
            session, current_actor(), employment_id, try_out_id, **data, today=day_of_request()
        )


@api.post("/placements/<uuid:placement_id>/employment-review")
@api.arguments(schemas.ReviewSchema)
@api.response(201, schemas.ReviewOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*DECIDERS)
def answer_review(data: dict[str, Any], placement_id: UUID) -> EmploymentReview:
    """Say whether it is time for a job, a month after full time began to work."""
    now = db.utcnow()
    with writing() as session:
        return reviews.answer_review(
            session, current_actor(), placement_id, **data, today=local_date(now), now=now
        )
