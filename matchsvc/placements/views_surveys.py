"""Pages of staff: how far the employer's survey has come, and taking a participant's answers.

What was answered is on neither: answers are counted, in the report on surveys. The only words that
somebody reads are those that the rules let through.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.placements import participant_surveys, survey_sending, wording
from matchsvc.placements.access import PREPARERS, READERS
from matchsvc.placements.participant_questions import AROUND, FACES, LANGUAGES
from matchsvc.placements.questionnaire import TEXT_LONGEST
from matchsvc.placements.schemas import OwnSurveySchema, SendSurveySchema
from matchsvc.placements.surveys import read_free_text
from matchsvc.placements.views_links import warning_words, words_of
from matchsvc.swedish import local_date
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

survey_pages = Blueprint("surveys", __name__, url_prefix="/placements")
_FORM_ERRORS = (Invalid, RuleViolation, Conflict)


@survey_pages.get("/<uuid:placement_id>/survey")
@requires(*READERS)
def show_survey(placement_id: UUID) -> ResponseReturnValue:
    """How far the employer's survey has come, and what they wrote, for who may read it."""
    return _survey_page(placement_id, {}), 200


@survey_pages.post("/<uuid:placement_id>/survey")
@requires(*PREPARERS)
def submit_again(placement_id: UUID) -> ResponseReturnValue:
    """Send the survey, or send it again with a new link."""
    now = db.utcnow()
    try:
        data = load_form(SendSurveySchema())
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
    except _FORM_ERRORS as error:
        return _survey_page(placement_id, field_errors(error)), STATUS[type(error)]
    return redirect(
        url_for("placements.surveys.show_survey", placement_id=placement_id, sent=1), 303
    )


def _survey_page(placement_id: UUID, errors: dict[str, str]) -> str:
    now = db.utcnow()
    actor = current_actor()
    with reading() as session:
        seen, words = read_free_text(session, actor, placement_id, today=local_date(now))
        return render_template(
            "placements/survey.html",
            seen=seen,
            words=words,
            sent=survey_sending.state_of_survey(session, placement_id, now=now),
            may_send=actor.has_role(*PREPARERS) and not seen.participant.protected,
            was_sent=request.args.get("sent"),
            errors=errors,
            wording=wording,
            warnings=words_of(words.warnings) if words else [],
        )


@survey_pages.get("/<uuid:placement_id>/own-survey")
@requires(*READERS)
def show_own(placement_id: UUID) -> ResponseReturnValue:
    """The participant's questions, for an independent person who takes the answers."""
    return _own_page(placement_id, {}, None), 200


@survey_pages.post("/<uuid:placement_id>/own-survey")
@requires(*READERS)
def submit_own(placement_id: UUID) -> ResponseReturnValue:
    """Write down what was answered aloud."""
    now = db.utcnow()
    try:
        data = load_form(OwnSurveySchema())
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
    except _FORM_ERRORS as error:
        page = _own_page(placement_id, field_errors(error), error)
        return page, STATUS[type(error)]
    return redirect(url_for("placements.surveys.show_own", placement_id=placement_id), 303)


def given_from(data: dict[str, Any]) -> participant_surveys.Given:
    """The answers of a form or of a program as the rule takes them."""
    given: dict[str, tuple[tuple[str, ...], str | None]] = {
        f"P{number}": ((data[f"P{number}"],) if data[f"P{number}"] else (), None)
        for number in range(1, 10)
    }
    given["P10"] = (("contact_me",) if data["contact_me"] else (), data["P10"])
    return given


@survey_pages.post("/<uuid:placement_id>/own-survey/decline")
@requires(*READERS)
def submit_declined(placement_id: UUID) -> ResponseReturnValue:
    """Write down that the participant does not want to answer."""
    try:
        with writing() as session:
            participant_surveys.decline_assisted(
                session, current_actor(), placement_id, today=local_date(db.utcnow())
            )
    except _FORM_ERRORS as error:
        return _own_page(placement_id, field_errors(error), error), STATUS[type(error)]
    return redirect(url_for("placements.surveys.show_own", placement_id=placement_id), 303)


def _own_page(
    placement_id: UUID,
    errors: dict[str, str],
    refused: Invalid | RuleViolation | Conflict | None,
) -> str:
    language = (request.form if refused else request.args).get("language", LANGUAGES[0])
    with reading() as session:
        opened = participant_surveys.open_assisted(
            session, current_actor(), placement_id, today=local_date(db.utcnow())
        )
        return render_template(
            "placements/own_survey.html",
            opened=opened,
            language=language if language in LANGUAGES else LANGUAGES[0],
            languages=wording.SURVEY_LANGUAGES,
            around=AROUND,
            faces=FACES,
            form=request.form,
            errors=errors,
            careful=warning_words(refused if isinstance(refused, RuleViolation) else None),
            longest=TEXT_LONGEST,
            careful_words=words_of(opened.own_words.warnings) if opened.own_words else [],
        )
