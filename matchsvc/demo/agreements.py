"""The town's individual plans: most have one that all have signed, within sixty days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from matchsvc.demo.lots import Lots, at_work, days, words
from matchsvc.demo.rows import Rows
from matchsvc.demo.workplaces import Town
from matchsvc.participants.plan_models import (
    Childcare,
    MeasureState,
    Plan,
    PlanMeasure,
    PlanState,
    PlanSubGoal,
    Responsible,
    SubGoalState,
    Supporter,
    Track,
)
from matchsvc.participants.plan_signing import content_hash_of, parties_of
from matchsvc.workday.signature_models import IdentifiedHow, Signature

if TYPE_CHECKING:
    from matchsvc.demo.people import Person

_SIGNED_PERCENT = 90


def add_plan(rows: Rows, town: Town, person: Person) -> None:
    """Give somebody a signed plan, unless she is one of the few whose plan is late."""
    lots, said = Lots(town.seed, "plan", person.life.place), words("plans")
    signed_on = person.story.enrolled + days(lots.randint(25, 58))
    late = not lots.chance(_SIGNED_PERCENT) and not person.life.story
    if late or signed_on >= (person.story.ended or town.today):
        return
    plan = Plan(
        id=lots.id(),
        participant_id=person.id,
        case_id=person.case_id,
        unit_id=town.unit_id,
        number=1,
        state=PlanState.SIGNED,
        goals=lots.choice(said["goals"]),
        childcare=lots.choice([Childcare.NOT_NEEDED, Childcare.ARRANGED]),
        supporter=lots.choice([Supporter.NONE_YET, Supporter.ROLE_MODEL]),
        supporter_words=None,
        written_by_id=person.worker_id,
        reviewed_on=signed_on,
        signed_on=signed_on,
        created_at=at_work(signed_on, 9),
    )
    if plan.supporter is Supporter.ROLE_MODEL:
        plan.supporter_words = "En tidigare deltagare som arbetar nu"
    plan.sub_goals = [
        PlanSubGoal(
            id=lots.id(),
            thread_id=lots.id(),
            plan_id=plan.id,
            position=position,
            track=Track(told["track"]),
            code=told.get("code"),
            words=told.get("words"),
            state=SubGoalState(told["state"]),
            state_on=None if told["state"] == "not_started" else signed_on,
        )
        for position, told in enumerate(said["sub_goals"])
    ]
    plan.measures = [
        _measure(lots, town, person, plan.id, position, told)
        for position, told in enumerate(said["measures"])
    ]
    plan.content_hash = content_hash_of(plan)
    for row in (plan, *plan.sub_goals, *plan.measures):
        rows.add_object(row)
    signers = {"participant": person.id, "case_worker": person.worker_id}
    for party in parties_of(plan, []):
        rows.add(
            Signature,
            id=lots.id(),
            unit_id=town.unit_id,
            about_type="plan",
            about_id=plan.id,
            content_hash=plan.content_hash,
            capacity=party.capacity,
            signer_id=signers.get(party.capacity, party.user_id),
            signer_name=party.name,
            identified_how=IdentifiedHow.KNOWN,
            signed_at=at_work(signed_on, 10),
            attested_by_id=person.worker_id,
        )


def _measure(
    lots: Lots, town: Town, person: Person, plan_id: UUID, position: int, told: dict[str, Any]
) -> PlanMeasure:
    due_on, ended = town.today + days(told["due"]), person.story.ended
    is_over = due_on < town.today or ended is not None
    responsible = Responsible(told["responsible"])
    return PlanMeasure(
        id=lots.id(),
        thread_id=lots.id(),
        plan_id=plan_id,
        position=position,
        activity=told["activity"],
        what=told["what"],
        responsible=responsible,
        colleague_id=person.worker_id if responsible is Responsible.COLLEAGUE else None,
        other_name=told.get("other_name"),
        starts_on=None if told["starts"] is None else town.today + days(told["starts"]),
        due_on=due_on,
        state=MeasureState.DONE if is_over else MeasureState.PLANNED,
        state_on=min(due_on, ended or due_on) if is_over else None,
    )
