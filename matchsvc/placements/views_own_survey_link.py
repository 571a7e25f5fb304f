"""The participant's survey by the link of her own page: one question on a screen, in her language.

``own_page`` starts the session; here the token is nowhere. What was answered in an earlier session
is not shown again: the link may lie on a kitchen table.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.actors import link_actor
from matchsvc.accounts.guard import UNIT_OF_LINK, public, reading, writing
from matchsvc.errors import NotFound, RuleViolation
from matchsvc.messages import links
from matchsvc.messages.models import LinkSession, SignedLink
from matchsvc.placements import participant_surveys
from matchsvc.placements.models import ParticipantSurvey
from matchsvc.placements.participant_questions import AROUND, DRAFTS, FACES, LANGUAGES
from matchsvc.placements.questionnaire import TEXT_LONGEST, Question, Questionnaire
from matchsvc.placements.schemas import SurveyAnswerSchema
from matchsvc.swedish import local_date
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS

own_survey_link_pages = Blueprint("own_survey_link", __name__, url_prefix="/l/survey")
#: Name in the signed cookie under which the session's own token stands.
KEY = "own_survey"
_WHY = "the session was started from the participant's own link"


@dataclass(frozen=True, slots=True)
class _Live:
    """The session of the holder, and her survey."""

    held: LinkSession
    survey: ParticipantSurvey
    asked: Questionnaire

    @property
    def link(self) -> SignedLink:
        """The link behind the session."""
        return self.held.link


def _find_live(session: Session) -> _Live | None:
    token, now = cookie.get(KEY), db.utcnow()
    held = links.find_link_session(session, token, now) if token else None
    if held is None:
        return None
    try:
        survey, asked = participant_surveys.get_by_link(session, held.link, today=local_date(now))
    except NotFound:
        return None
    setattr(g, UNIT_OF_LINK, held.link.unit_id)
    return _Live(held, survey, asked)


def first_question(survey: ParticipantSurvey) -> str:
    """Where to begin, or to go on."""
    answered = {each.question for each in survey.answers}
    return next((f"P{n}" for n in range(1, 11) if f"P{n}" not in answered), "P10")


@own_survey_link_pages.get("/<question_id>")
@public(_WHY)
def show_question(question_id: str) -> ResponseReturnValue:
    """One question."""
    with reading() as session:
        live = _find_live(session)
        if live is None:
            return _over_page()
        return _page(live, _question(live, question_id), None)


@own_survey_link_pages.post("/<question_id>")
@public(_WHY)
def submit_answer(question_id: str) -> ResponseReturnValue:
    """Save one answer; ``go`` says what then: next, back, skip, keep or decline."""
    now = db.utcnow()
    go = request.form.get("go", "next")
    try:
        data = load_form(SurveyAnswerSchema(), ignore=("go",))
        with writing() as session:
            live = _find_live(session)
            if live is None:
                return _over_page()
            question = _question(live, question_id)
            language = live.survey.language
            actor = link_actor(live.link.id, live.link.unit_id)
            if go == "decline":
                participant_surveys.decline_by_link(
                    session, actor, live.survey, today=local_date(now)
                )
                return _thanks(language)
            if go == "keep" or (go != "skip" and (data["answer"] or data["text"])):
                participant_surveys.save_own_answer(
                    session,
                    live.survey,
                    question.id,
                    values=tuple(data["answer"]),
                    text=data["text"],
                    keeps_warned=go == "keep",
                    today=local_date(now),
                    now=now,
                )
            goal = live.asked.neighbour_of(question, -1 if go == "back" else 1)
            if goal is None and go != "back":
                participant_surveys.complete_by_link(
                    session, actor, live.link, live.survey, now=now
                )
                return _thanks(language)
    except RuleViolation as error:
        with reading() as session:
            live = _find_live(session)
            if live is None:
                return _over_page()
            return _page(live, _question(live, question_id), error), STATUS[type(error)]
    target = (goal or question).id
    return redirect(url_for("placements.own_survey_link.show_question", question_id=target), 303)


@own_survey_link_pages.post("/<question_id>/draft")
@public(_WHY)
def submit_draft(question_id: str) -> ResponseReturnValue:
    """Keep what is written while it is written. What needs a second look waits for the button."""
    now, data = db.utcnow(), load_form(SurveyAnswerSchema())
    try:
        with writing() as session:
            live = _find_live(session)
            if live is not None and (data["answer"] or data["text"]):
                participant_surveys.save_own_answer(
                    session,
                    live.survey,
                    _question(live, question_id).id,
                    values=tuple(data["answer"]),
                    text=data["text"],
                    keeps_warned=False,
                    today=local_date(now),
                    now=now,
                )
    except RuleViolation:
        pass  # the button says what is wrong
    return "", 204


def _question(live: _Live, question_id: str) -> Question:
    question = live.asked.find(question_id)
    if question is None:
        raise NotFound("question")
    return question


def _page(live: _Live, question: Question, refused: RuleViolation | None) -> str:
    kept = next(
        (
            each
            for each in live.survey.answers
            if each.question == question.id and each.saved_at >= live.held.created_at
        ),
        None,
    )
    values = list(kept.values) if kept else []
    text = kept.text if kept else None
    if refused is not None:
        values, text = request.form.getlist("answer"), request.form.get("text")
    language = live.survey.language or LANGUAGES[0]
    return render_template(
        "placements/own_survey_question.html",
        question=question,
        language=language,
        is_draft=language in DRAFTS,
        number=live.asked.position_of(question),
        of=len(live.asked.questions),
        values=values,
        text=text,
        longest=TEXT_LONGEST,
        is_careful=refused is not None and refused.code == "text_careful",
        is_refused=refused is not None,
        around=AROUND,
        faces=FACES,
    )


def _thanks(language: str | None) -> str:
    cookie.pop(KEY, None)
    return _closed("thanks", language)


def _over_page() -> ResponseReturnValue:
    return _closed("over", None), 403


def _closed(key: str, language: str | None) -> str:
    """One sentence; in every language when nobody knows which."""
    shown = [language] if language in LANGUAGES else list(LANGUAGES)
    return render_template("placements/own_survey_closed.html", languages=shown, words=AROUND[key])
