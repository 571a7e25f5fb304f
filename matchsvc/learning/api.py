"""JSON of what a unit learns: the rules of the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.learning import assessment, costs, reviews, risks, trainings
from matchsvc.learning import schemas as shapes
from matchsvc.learning.models import Risk, RiskOutcome, Training
from matchsvc.learning.reviews import Section
from matchsvc.learning.staff import COUNTERS, KEEPERS, READERS, WORKERS
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("learning", "/learning", "What a unit learns of its own work; no participant.")


@api.get("/trainings")
@api.response(200, shapes.TrainingRegisterSchema)
@errors(api, 401, 403)
@requires(*READERS)
def list_trainings() -> dict[str, Any]:
    """The unit's trainings: who has completed them as shares, and the caller's own days."""
    with reading() as session:
        return trainings.register_data(trainings.read_register(session, current_actor()))


@api.post("/trainings")
@api.arguments(shapes.TrainingSchema)
@api.response(201, shapes.TrainingOutSchema)
@errors(api, 401, 403)
@requires(*KEEPERS)
def add_training(data: dict[str, Any]) -> Training:
    """Put a training on the list."""
    with writing() as session:
        return trainings.add_training(session, current_actor(), **data, today=_today())


@api.post("/trainings/starting-list")
@api.response(200, shapes.AddedTrainingsSchema)
@errors(api, 401, 403)
@requires(*KEEPERS)
def switch_on_trainings() -> dict[str, int]:
    """Add what the unit lacks of the starting list."""
    with writing() as session:
        return {"added": trainings.switch_on_starter(session, current_actor())}


@api.put("/trainings/<uuid:training_id>")
@api.arguments(shapes.ChangeTrainingSchema)
@api.response(200, shapes.TrainingOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def change_training(data: dict[str, Any], training_id: UUID) -> Training:
    """Say whether a training is expected of everybody, and whether it has left the list."""
    with writing() as session:
        return trainings.change_training(
            session, current_actor(), training_id, **data, today=_today()
        )


@api.post("/trainings/<uuid:training_id>/completed")
@api.arguments(shapes.TrainingDoneSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*WORKERS)
def note_training(data: dict[str, Any], training_id: UUID) -> None:
    """Note that the caller, or a colleague of the manager's, completed a training."""
    with writing() as session:
        trainings.note_done(session, current_actor(), training_id, **data, today=_today())


@api.delete("/trainings/<uuid:training_id>/completed")
@api.arguments(shapes.TakeBackTrainingSchema, location="query")
@api.response(204)
@errors(api, 401, 403, 404)
@requires(*WORKERS)
def take_back_training(query: dict[str, Any], training_id: UUID) -> None:
    """Take away what was noted by mistake."""
    with writing() as session:
        trainings.take_back(session, current_actor(), training_id, **query)


@api.get("/self-assessment/<int:year>")
@api.response(200, shapes.AssessmentYearSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def show_assessment(year: int) -> dict[str, Any]:
    """The self-assessment of a year: nothing before it is closed, nothing of too few answers."""
    with reading() as session:
        return assessment.year_data(assessment.read_year(session, current_actor(), year))


@api.post("/self-assessment/<int:year>/answers")
@api.arguments(shapes.SelfAssessmentSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*WORKERS)
def answer_assessment(data: dict[str, Any], year: int) -> None:
    """Hand in one's own answers, once."""
    with writing() as session:
        assessment.answer(session, current_actor(), year, data, today=_today())


@api.post("/self-assessment/<int:year>/closed")
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def close_assessment(year: int) -> None:
    """Take no more answers for a year, and show what was answered."""
    with writing() as session:
        assessment.close_year(session, current_actor(), year, today=_today())


@api.get("/risks")
@api.response(200, shapes.RiskLineSchema(many=True))
@errors(api, 401, 403)
@requires(*COUNTERS)
def list_risks() -> list[risks.RiskLine]:
    """The unit's risks, those to look at again first."""
    with reading() as session:
        return risks.list_risks(session, current_actor(), today=_today())


@api.post("/risks")
@api.arguments(shapes.RiskSchema)
@api.response(201, shapes.RiskOutSchema)
@errors(api, 401, 403)
@requires(*KEEPERS)
def add_risk(data: dict[str, Any]) -> Risk:
    """Write down a risk."""
    with writing() as session:
        return risks.save_risk(session, current_actor(), shapes.risk_of(data), today=_today())


@api.put("/risks/<uuid:risk_id>")
@api.arguments(shapes.ChangeRiskSchema)
@api.response(200, shapes.RiskOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def change_risk(data: dict[str, Any], risk_id: UUID) -> Risk:
    """Judge a risk anew; what it was before stays."""
    with writing() as session:
        return risks.save_risk(
            session,
            current_actor(),
            shapes.risk_of(data),
            risk_id=risk_id,
            version=data["version"],
            today=_today(),
        )


@api.post("/risks/<uuid:risk_id>/closed")
@api.arguments(shapes.BegunFromSchema)
@api.response(200, shapes.RiskOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def close_risk(data: dict[str, Any], risk_id: UUID) -> Risk:
    """Say that a risk is no longer one."""
    with writing() as session:
        return risks.close_risk(session, current_actor(), risk_id, **data, today=_today())


@api.post("/risks/<uuid:risk_id>/outcomes")
@api.arguments(shapes.RiskOutcomeSchema)
@api.response(200, shapes.RiskOutcomeOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def note_outcome(data: dict[str, Any], risk_id: UUID) -> RiskOutcome:
    """Note whether a risk came true in a year, beside the grade that it had."""
    with writing() as session:
        return risks.note_outcome(session, current_actor(), risk_id, **data, today=_today())


@api.get("/risks/outcomes/<int:year>")
@api.response(200, shapes.GradeRowSchema(many=True))
@errors(api, 401, 403, 404)
@requires(*COUNTERS)
def show_grades(year: int) -> list[risks.GradeRow]:
    """Grade against outcome: how the risks of each grade went in a year."""
    with reading() as session:
        return risks.grades_against_outcomes(session, current_actor(), year)


@api.get("/reviews/<int:year>")
@api.response(200, shapes.JointReviewOutSchema)
@errors(api, 401, 403, 404)
@requires(*COUNTERS)
def show_review(year: int) -> dict[str, Any]:
    """A year's joint review: today's figures, or those of its closing."""
    with reading() as session:
        found = reviews.read_review(session, current_actor(), year, today=_today())
    return reviews.review_data(found)


@api.put("/reviews/<int:year>")
@api.arguments(shapes.JointReviewSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def save_review(data: dict[str, Any], year: int) -> None:
    """Write down what was said, and who took part by organisation and role."""
    notes = {Section(name): words for name, words in data.pop("notes").items()}
    with writing() as session:
        reviews.save_review(session, current_actor(), year, notes=notes, **data, today=_today())


@api.post("/reviews/<int:year>/closed")
@api.arguments(shapes.BegunFromSchema)
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def close_review(data: dict[str, Any], year: int) -> None:
    """Close a review: its figures and words never change after."""
    with writing() as session:
        reviews.close_review(session, current_actor(), year, **data, today=_today())


@api.get("/costs/<int:year>")
@api.response(200, shapes.CostYearSchema)
@errors(api, 401, 403, 404)
@requires(*COUNTERS)
def show_costs(year: int) -> dict[str, Any]:
    """A year's costs, and what a job cost."""
    with reading() as session:
        return costs.costs_data(costs.read_costs(session, current_actor(), year))


@api.put("/costs/<int:year>")
@api.arguments(shapes.UnitCostSchema)
@api.response(200, shapes.CostYearSchema)
@errors(api, 401, 403, 404, 409)
@requires(*KEEPERS)
def save_cost(data: dict[str, Any], year: int) -> dict[str, Any]:
    """Enter what was spent in a year on one kind of thing."""
    with writing() as session:
        costs.save_cost(session, current_actor(), year, **data, today=_today())
        return costs.costs_data(costs.read_costs(session, current_actor(), year))


def _today() -> Any:
    return local_date(db.utcnow())
