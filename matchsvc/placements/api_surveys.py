"""Surveys of a placement for programs: how far they have come, a new link, taking answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.placements import participant_surveys, survey_sending
from matchsvc.placements.access import PREPARERS, READERS
from matchsvc.placements.overview import read_placement
from matchsvc.placements.schemas import OwnSurveySchema, SendSurveySchema, SurveyStateSchema
from matchsvc.placements.views_surveys import given_from
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api: Blueprint = api_blueprint("surveys", "", "The surveys of a placement; never the answers.")


@api.route("/placements/<uuid:placement_id>/surveys")
@api.response(200, SurveyStateSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def show(placement_id: UUID) -> dict[str, Any]:
    """How far the surveys of a placement have come."""
    with reading() as session:
        return _state(session, placement_id)


@api.route("/placements/<uuid:placement_id>/surveys/send", methods=["POST"])
@api.arguments(SendSurveySchema)
@api.response(200, SurveyStateSchema)
@errors(api, 401, 403, 404, 409)
@requires(*PREPARERS)
def send(data: dict[str, Any], placement_id: UUID) -> dict[str, Any]:
    """Send the employer's survey with a new link; the ones before stop working."""
    now = db.utcnow()
    with writing() as session:
        survey_sending.send_again(
            session,
            current_actor(),
            placement_id,
            base_url=current_app.config["MATCHSVC"].base_url,
            today=local_date(now),
            now=now,
            version=data["version"],
        )
        return _state(session, placement_id)


@api.route("/placements/<uuid:placement_id>/surveys/participant", methods=["POST"])
@api.arguments(OwnSurveySchema)
@api.response(200, SurveyStateSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def answer(data: dict[str, Any], placement_id: UUID) -> dict[str, Any]:
    """Hand in what a participant answered aloud to somebody independent."""
    now = db.utcnow()
    with writing() as session:
        participant_surveys.answer_assisted(
            session,
            current_actor(),
            placement_id,
            given_from(data),
            language=data["language"],
            keeps_warned=data["keep"],
            today=local_date(now),
            now=now,
        )
        return _state(session, placement_id)


@api.route("/placements/<uuid:placement_id>/surveys/participant/decline", methods=["POST"])
@api.response(200, SurveyStateSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def decline(placement_id: UUID) -> dict[str, Any]:
    """Note that a participant does not want to answer."""
    with writing() as session:
        participant_surveys.decline_assisted(
            session, current_actor(), placement_id, today=local_date(db.utcnow())
        )
        return _state(session, placement_id)


def _state(session: Session, placement_id: UUID) -> dict[str, Any]:
    now = db.utcnow()
    today = local_date(now)
    read_placement(session, current_actor(), placement_id, today=today)
    sent = survey_sending.state_of_survey(session, placement_id, now=now)
    own = participant_surveys.find_offered(session, placement_id)
    return {
        "state": sent.state.value if sent else None,
        "sent_on": sent.survey.sent_on if sent else None,
        "first_reminder_on": sent.survey.first_reminder_on if sent else None,
        "last_reminder_on": sent.survey.last_reminder_on if sent else None,
        "participant": participant_surveys.state_words(own, today=today) if own else None,
        "version": sent.survey.version if sent else None,
    }
