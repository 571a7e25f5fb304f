"""JSON of the board: the same rules as its pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.errors import NotFound
from matchsvc.matching import board, decisions, drafting, proposals
from matchsvc.matching.cohort import gap_of
from matchsvc.matching.cohort_words import obstacle_words
from matchsvc.matching.models import CohortLine, CohortRun, LineState
from matchsvc.matching.rules import MATCHERS, offer_titles
from matchsvc.matching.schemas import (
    AcceptLineSchema,
    ChangeLineSchema,
    CohortLineSchema,
    CohortSchema,
    DecideLineSchema,
    NewDraftSchema,
    PageSchema,
    ProposalSchema,
    UndecideLineSchema,
)
from matchsvc.matching.views import reader_words
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("cohort", "/cohort", "The draft for everybody waiting")

PAGE = 500


@api.route("")
@api.arguments(PageSchema, location="query")
@api.response(200, CohortSchema)
@errors(api, 401, 403, 404)
@requires(*MATCHERS)
def get_cohort(query: dict[str, Any]) -> dict[str, Any]:
    """The latest draft with 500 of its lines, longest wait first."""
    with reading() as session:
        actor = current_actor()
        run = board.latest_run(session, actor)
        shown = run if run and run.people else board.latest_done(session, actor) or run
        if shown is None:
            raise NotFound("cohort_run")
        return _drawn(session, actor, shown, query["page"])


@api.route("", methods=["POST"])
@api.arguments(NewDraftSchema)
@api.response(201, CohortSchema)
@errors(api, 401, 403, 409)
@requires(*MATCHERS)
def create_cohort(data: dict[str, Any]) -> dict[str, Any]:
    """Make a new draft with everything that is locked and forbidden; a large one goes on after."""
    actor, now = current_actor(), db.utcnow()
    today, floor = local_date(now), data["floor"]
    with writing() as session:
        run = board.start_run(
            session, actor, today=today, now=now, floor=None if floor is None else floor * 100
        )
        run_id, is_small = run.id, drafting.is_small(session, actor, today=today)
    if is_small:
        drafting.make(run_id, today=today)
    else:
        drafting.start(run_id, today=today)
    with reading() as session:
        return _drawn(session, actor, board.get_run(session, actor, run_id), 1)


@api.route("/lines/<uuid:line_id>")
@api.response(200, CohortLineSchema)
@errors(api, 401, 403, 404)
@requires(*MATCHERS)
def get_line(line_id: UUID) -> dict[str, Any]:
    """One line."""
    with reading() as session:
        return line_json(
            board.get_line(session, current_actor(), line_id, today=local_date(db.utcnow()))
        )


@api.route("/lines/<uuid:line_id>/lock", methods=["POST"])
@api.arguments(DecideLineSchema)
@api.response(200, CohortLineSchema)
@errors(api, 401, 403, 404, 409)
@requires(*MATCHERS)
def lock_line(data: dict[str, Any], line_id: UUID) -> dict[str, Any]:
    """Keep a line when the draft is made again."""
    with writing() as session:
        return line_json(decisions.lock_line(session, current_actor(), line_id, **data, **_when()))


@api.route("/lines/<uuid:line_id>/unlock", methods=["POST"])
@api.arguments(UndecideLineSchema)
@api.response(200, CohortLineSchema)
@errors(api, 401, 403, 404, 409)
@requires(*MATCHERS)
def unlock_line(data: dict[str, Any], line_id: UUID) -> dict[str, Any]:
    """Let a line go that was locked, changed or forbidden."""
    with writing() as session:
        return line_json(
            decisions.unlock_line(session, current_actor(), line_id, **data, **_when())
        )


@api.route("/lines/<uuid:line_id>/forbid", methods=["POST"])
@api.arguments(DecideLineSchema)
@api.response(200, CohortLineSchema)
@errors(api, 401, 403, 404, 409)
@requires(*MATCHERS)
def forbid_line(data: dict[str, Any], line_id: UUID) -> dict[str, Any]:
    """Never pair these two in a draft."""
    with writing() as session:
        return line_json(
            decisions.forbid_line(session, current_actor(), line_id, **data, **_when())
        )


@api.route("/lines/<uuid:line_id>/change", methods=["POST"])
@api.arguments(ChangeLineSchema)
@api.response(200, CohortLineSchema)
@errors(api, 401, 403, 404, 409)
@requires(*MATCHERS)
def change_line(data: dict[str, Any], line_id: UUID) -> dict[str, Any]:
    """Give somebody another place, and lock it."""
    data["offer_key"] = data.pop("offer")
    with writing() as session:
        return line_json(
            decisions.change_line(session, current_actor(), line_id, **data, **_when())
        )


@api.route("/lines/<uuid:line_id>/accept", methods=["POST"])
@api.arguments(AcceptLineSchema)
@api.response(201, ProposalSchema)
@errors(api, 401, 403, 404, 409)
@requires(*MATCHERS)
def accept_line(data: dict[str, Any], line_id: UUID) -> dict[str, Any]:
    """Make a line a proposal, by the rule of all proposals."""
    with writing() as session:
        return proposals.as_json(
            decisions.accept_line(
                session, current_actor(), line_id, **data, **_when(), words=reader_words()
            )
        )


def _when() -> dict[str, Any]:
    now = db.utcnow()
    return {"today": local_date(now), "now": now}


def _drawn(session: Session, actor: Actor, run: CohortRun, page: int) -> dict[str, Any]:
    today = local_date(db.utcnow())
    lines = board.list_lines(
        session,
        actor,
        run,
        states=tuple(LineState),
        today=today,
        limit=PAGE,
        offset=(page - 1) * PAGE,
    )
    total = board.count_lines(session, actor, run, today=today).total()
    best = {UUID(o) for line in lines if (o := (line.obstacle or {}).get("best_offer"))}
    titles = offer_titles(session, sorted(best))
    return {
        "id": str(run.id),
        "state": run.state.value,
        "made_on": run.made_on.isoformat(),
        "weights": run.weights_version,
        "floor": run.floor,
        "people": run.people,
        "places": run.places,
        "placed": run.placed,
        "upper_bound_people": run.upper_bound_people,
        "value": run.value,
        "bound": run.bound,
        "gap": gap_of(run.value, run.bound),
        "arrivals": run.arrivals,
        "assignments": [line_json(line) for line in lines if line.state in board.PLACED],
        "unplaced": [_unplaced(line, run, titles) for line in lines if line.obstacle],
        "forbidden": [line_json(line) for line in lines if line.state is LineState.FORBIDDEN],
        "first_come": {"placed": run.first_placed, "value": run.first_value},
        "page": page,
        "pages": max(1, -(-total // PAGE)),
    }


def _unplaced(
    line: CohortLine, run: CohortRun, titles: dict[UUID, tuple[str, str]]
) -> dict[str, Any]:
    told = line.obstacle or {}
    reason = obstacle_words(
        told,
        reader_words(),
        floor=run.floor,
        title=lambda offer: " · ".join(titles.get(UUID(offer), ("",))),
    )
    return {"participant": str(line.participant_id), "code": told["code"], "reason": reason}


def line_json(line: CohortLine) -> dict[str, Any]:
    """One line as contract.md section 3 has it, with what was decided."""
    not_first = None
    if line.first_offer_id is not None:
        not_first = {
            "offer": str(line.first_offer_id),
            "cover": line.first_cover,
            "costs": line.costs,
        }
    return {
        "id": str(line.id),
        "version": line.version,
        "state": line.state.value,
        "participant": str(line.participant_id),
        "offer": str(line.offer_id) if line.offer_id else None,
        "cover": line.cover,
        "locked": line.state in board.SETTLED,
        "reason": line.reason,
        "proposal": str(line.proposal_id) if line.proposal_id else None,
        "why_not_first": not_first,
    }
