"""JSON of matching and proposals: the same rules as the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.employers.offers import get_offer
from matchsvc.matching import naming, proposal_link, proposals
from matchsvc.matching.models import ProposalState
from matchsvc.matching.rules import MATCHERS, explain_pair, match_offer, match_participant
from matchsvc.matching.schemas import (
    EmployerAnswerSchema,
    MatchSchema,
    NamingSchema,
    PageSchema,
    PairQuerySchema,
    PairSchema,
    ParticipantAnswerSchema,
    PresentSchema,
    ProposalListSchema,
    ProposalSchema,
    ProposeSchema,
    SendLinkSchema,
    TopSchema,
    WithdrawSchema,
)
from matchsvc.matching.views import reader_words
from matchsvc.participants.access import get_visible
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("matching", "", "Matching and proposals")

PAGE = 50


@api.route("/matching/offers/<key>")
@api.arguments(TopSchema, location="query")
@api.response(200, MatchSchema)
@errors(api, 401, 403, 404)
@requires(*MATCHERS)
def get_offer_match(query: dict[str, Any], key: str) -> dict[str, Any]:
    """The participants who wait and fit an offer best."""
    actor, today = current_actor(), local_date(db.utcnow())
    with reading() as session:
        offer = get_offer(session, actor, key)
        found = match_offer(session, actor, offer, today=today, words=reader_words(), **query)
        return found.as_json({"offer": str(offer.id)})


@api.route("/matching/participants/<key>")
@api.arguments(TopSchema, location="query")
@api.response(200, MatchSchema)
@errors(api, 401, 403, 404)
@requires(*MATCHERS)
def get_participant_match(query: dict[str, Any], key: str) -> dict[str, Any]:
    """The open offers that fit a participant best."""
    actor, today = current_actor(), local_date(db.utcnow())
    with reading() as session:
        person = get_visible(session, actor, key, today=today)
        found = match_participant(
            session, actor, person, today=today, words=reader_words(), **query
        )
        return found.as_json({"participant": str(person.id)})


@api.route("/matching/pairs")
@api.arguments(PairQuerySchema, location="query")
@api.response(200, PairSchema)
@errors(api, 401, 403, 404)
@requires(*MATCHERS)
def get_pair(query: dict[str, Any]) -> dict[str, Any]:
    """Any one pair, explained."""
    actor, today = current_actor(), local_date(db.utcnow())
    with reading() as session:
        found = explain_pair(
            session,
            actor,
            query["participant"],
            query["offer"],
            today=today,
            words=reader_words(),
        )
        return {"weights": found.weights, **found.as_json()}


@api.route("/proposals")
@api.arguments(PageSchema, location="query")
@api.response(200, ProposalListSchema)
@errors(api, 401, 403)
@requires(*MATCHERS)
def list_proposals(query: dict[str, Any]) -> dict[str, Any]:
    """Proposals, newest first."""
    today = local_date(db.utcnow())
    with reading() as session:
        rows = proposals.list_proposals(
            session, current_actor(), today=today, limit=PAGE, offset=(query["page"] - 1) * PAGE
        )
        return {"items": [proposals.as_json(row) for row in rows]}


@api.route("/proposals", methods=["POST"])
@api.arguments(ProposeSchema)
@api.response(201, ProposalSchema)
@errors(api, 401, 403, 404, 409)
@requires(*MATCHERS)
def create_proposal(data: dict[str, Any]) -> dict[str, Any]:
    """Propose a participant for an offer."""
    keys = {"participant_key": data.pop("participant"), "offer_key": data.pop("offer")}
    with writing() as session:
        made = proposals.propose(
            session, current_actor(), **keys, **data, **_when(), words=reader_words()
        )
        return proposals.as_json(made)


@api.route("/proposals/<uuid:proposal_id>")
@api.response(200, ProposalSchema)
@errors(api, 401, 403, 404)
@requires(*MATCHERS)
def get_proposal(proposal_id: UUID) -> dict[str, Any]:
    """One proposal."""
    with reading() as session:
        return proposals.as_json(
            proposals.get_proposal(
                session, current_actor(), proposal_id, today=local_date(db.utcnow())
            )
        )


@api.route("/proposals/<uuid:proposal_id>/participant-answer", methods=["POST"])
@api.arguments(ParticipantAnswerSchema)
@api.response(200, ProposalSchema)
@errors(api, 401, 403, 404, 409)
@requires(*MATCHERS)
def answer_for_participant(data: dict[str, Any], proposal_id: UUID) -> dict[str, Any]:
    """Record what the participant answers."""
    data["answer"] = ProposalState(data["answer"].value)
    with writing() as session:
        return proposals.as_json(
            proposals.answer_for_participant(
                session, current_actor(), proposal_id, **data, **_when()
            )
        )


@api.route("/proposals/<uuid:proposal_id>/present", methods=["POST"])
@api.arguments(PresentSchema)
@api.response(200, ProposalSchema)
@errors(api, 401, 403, 404, 409)
@requires(*MATCHERS)
def present(data: dict[str, Any], proposal_id: UUID) -> dict[str, Any]:
    """Record that the employer gets the anonymous presentation, by a link or told by a person."""
    with writing() as session:
        return proposals.as_json(
            proposal_link.present(
                session, current_actor(), proposal_id, **data, base_url=_base_url(), **_when()
            )
        )


@api.route("/proposals/<uuid:proposal_id>/link", methods=["POST"])
@api.arguments(SendLinkSchema)
@api.response(200, ProposalSchema)
@errors(api, 401, 403, 404, 409)
@requires(*MATCHERS)
def send_link(data: dict[str, Any], proposal_id: UUID) -> dict[str, Any]:
    """Send the employer a new link to the proposal; the one before stops."""
    actor, when = current_actor(), _when()
    with writing() as session:
        proposal_link.send_link(session, actor, proposal_id, **data, base_url=_base_url(), **when)
        return proposals.as_json(
            proposals.get_proposal(session, actor, proposal_id, today=when["today"])
        )


@api.route("/proposals/<uuid:proposal_id>/link", methods=["DELETE"])
@api.response(204)
@errors(api, 401, 403, 404)
@requires(*MATCHERS)
def stop_link(proposal_id: UUID) -> None:
    """Take back the employer's link to the proposal."""
    with writing() as session:
        proposal_link.stop_link(session, current_actor(), proposal_id, **_when())


@api.route("/proposals/<uuid:proposal_id>/naming", methods=["POST"])
@api.arguments(NamingSchema)
@api.response(200, ProposalSchema)
@errors(api, 401, 403, 404, 409)
@requires(*MATCHERS)
def answer_naming(data: dict[str, Any], proposal_id: UUID) -> dict[str, Any]:
    """Record whether the participant wants this employer to know her name."""
    with writing() as session:
        return proposals.as_json(
            naming.answer_naming(session, current_actor(), proposal_id, **data, **_when())
        )


@api.route("/proposals/<uuid:proposal_id>/employer-answer", methods=["POST"])
@api.arguments(EmployerAnswerSchema)
@api.response(200, ProposalSchema)
@errors(api, 401, 403, 404, 409)
@requires(*MATCHERS)
def answer_for_employer(data: dict[str, Any], proposal_id: UUID) -> dict[str, Any]:
    """Record what the employer answers."""
    with writing() as session:
        return proposals.as_json(
            proposals.answer_for_employer(session, current_actor(), proposal_id, **data, **_when())
        )


@api.route("/proposals/<uuid:proposal_id>/withdraw", methods=["POST"])
@api.arguments(WithdrawSchema)
@api.response(200, ProposalSchema)
@errors(api, 401, 403, 404, 409)
@requires(*MATCHERS)
def withdraw(data: dict[str, Any], proposal_id: UUID) -> dict[str, Any]:
    """Take a proposal back."""
    with writing() as session:
        return proposals.as_json(
            proposals.withdraw(session, current_actor(), proposal_id, **data, **_when())
        )


def _base_url() -> str:
    base: str = current_app.config["MATCHSVC"].base_url
    return base


def _when() -> dict[str, Any]:
    now = db.utcnow()
    return {"today": local_date(now), "now": now}
