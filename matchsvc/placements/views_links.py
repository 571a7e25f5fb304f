"""What a signed link opens: the employer's survey, one question on a screen.

Opening the link shows a start button and changes nothing (mail scanners open links too). The button
starts a session of thirty minutes, and from then on the token is no longer in the address.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.actors import link_actor
from matchsvc.accounts.guard import UNIT_OF_LINK, public, reading, writing
from matchsvc.errors import NotFound, RuleViolation
from matchsvc.messages import links
from matchsvc.messages.doors import door_of
from matchsvc.messages.links import LinkState
from matchsvc.messages.models import SignedLink
from matchsvc.placements import surveys, wording
from matchsvc.placements.questionnaire import (
    QUESTIONS,
    TEXT_LONGEST,
    Question,
    QuestionKind,
    find_question,
    neighbour_of,
    position_of,
)
from matchsvc.placements.schemas import SurveyAnswerSchema
from matchsvc.swedish import local_date
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import language_of_reader

link_pages = Blueprint("links", __name__, url_prefix="/l")
#: Name in the signed cookie under which the session's own token stands.
LINK_KEY = "link"
_WHY = "the link itself is the key"


@dataclass(frozen=True, slots=True)
class _Live:
    """The link of the holder's session, and its survey."""

    link: SignedLink
    opened: surveys.OpenSurvey


@link_pages.get("/<token>")
@public(_WHY)
def show(token: str) -> ResponseReturnValue:
    """The first page: what it is about, who reads the answers, and a button. Changes nothing."""
    with reading() as session:
        link = links.find_link(session, token)
        purpose = link.purpose if link else ""
    door = door_of(purpose)
    return _start_page(token) if door is None else door(token)


def _start_page(token: str) -> ResponseReturnValue:
    with reading() as session:
        link = links.find_link(session, token)
        state = links.link_state(link, db.utcnow()) if link else None
        if link is None or state is not LinkState.LIVE:
            return _dead_page(state)
        try:
            opened = surveys.get_open_survey(session, link)
        except NotFound:
            return _dead_page(None)
        setattr(g, UNIT_OF_LINK, link.unit_id)
        return render_template(
            "placements/survey_start.html",
            token=token,
            opened=opened,
            subtitle=_subtitle(opened),
            expires_on=local_date(link.expires_at),
            number=len(QUESTIONS),
            has_begun=bool(opened.survey.answers),
        )


@link_pages.post("/<token>/start")
@public(_WHY)
def submit_start(token: str) -> ResponseReturnValue:
    """Start thirty minutes of answering, where the last ones ended."""
    now = db.utcnow()
    with writing() as session:
        link = links.find_link(session, token)
        state = links.link_state(link, now) if link else None
        if link is None or state is not LinkState.LIVE:
            return _dead_page(state)
        try:
            opened = surveys.get_open_survey(session, link)
        except NotFound:
            return _dead_page(None)
        cookie[LINK_KEY] = links.start_link_session(session, link, now)
        first = surveys.next_unanswered(opened.survey)
    return redirect(url_for("placements.links.show_question", question_id=first), 303)


@link_pages.get("/answers/<question_id>")
@public(_WHY)
def show_question(question_id: str) -> ResponseReturnValue:
    """One question."""
    with reading() as session:
        live = _find_live(session)
        if live is None:
            return _timed_out_page()
        return _question_page(live, _question(question_id), {})


@link_pages.post("/answers/<question_id>")
@public(_WHY)
def submit_answer(question_id: str) -> ResponseReturnValue:
    """Save one answer and go where the button says: ``next``, ``back``, ``skip``."""
    question, now = _question(question_id), db.utcnow()
    go = request.form.get("go", "next")
    try:
        data = load_form(SurveyAnswerSchema(), ignore=("go",))
        with writing() as session:
            live = _find_live(session)
            if live is None:
                return _timed_out_page()
            if go != "skip":
                _save(session, live, question, data["answer"], data["text"], is_next=go == "next")
            goal = neighbour_of(question, -1 if go == "back" else 1)
            if goal is None and go != "back":
                actor = link_actor(live.link.id, live.link.unit_id)
                surveys.complete_survey(session, actor, live.link, live.opened.survey, now=now)
    except RuleViolation as error:
        if error.code in {"survey_done", "link_dead"}:
            return redirect(url_for("placements.links.show_thanks"), 303)
        with reading() as session:
            live = _find_live(session)
            if live is None:
                return _timed_out_page()
            page = _question_page(live, question, field_errors(error), is_typed=True)
            return page, STATUS[type(error)]
    if goal is None and go != "back":
        cookie.pop(LINK_KEY, None)
        return redirect(url_for("placements.links.show_thanks"), 303)
    target = (goal or question).id
    return redirect(url_for("placements.links.show_question", question_id=target), 303)


@link_pages.get("/answers/thanks")
@public(_WHY)
def show_thanks() -> ResponseReturnValue:
    """Thank you."""
    return render_template("placements/survey_thanks.html")


def _save(
    session: Session,
    live: _Live,
    question: Question,
    values: list[str],
    text: str | None,
    *,
    is_next: bool,
) -> None:
    # The last question is the only one that may be handed in empty without "skip".
    if is_next and not values and not text and question.kind is not QuestionKind.TEXT:
        message = _("Välj ett svar, eller hoppa över frågan.")
        raise RuleViolation("answer_missing", message, fields={"answer": message})
    surveys.save_answer(
        session,
        live.opened.survey,
        question.id,
        values=tuple(values),
        text=text,
        today=local_date(db.utcnow()),
    )


def _question(question_id: str) -> Question:
    question = find_question(question_id)
    if question is None:
        raise NotFound("question")
    return question


def _find_live(session: Session) -> _Live | None:
    token = cookie.get(LINK_KEY)
    found = links.find_link_session(session, token, db.utcnow()) if token else None
    if found is None:
        return None
    setattr(g, UNIT_OF_LINK, found.link.unit_id)
    try:
        return _Live(found.link, surveys.get_open_survey(session, found.link))
    except NotFound:
        return None


def _subtitle(opened: surveys.OpenSurvey) -> str:
    when = wording.season_words(opened.end_date) if opened.end_date else ""
    return " · ".join(filter(None, (opened.site_name, when)))


def _question_page(
    live: _Live, question: Question, errors: dict[str, str], *, is_typed: bool = False
) -> str:
    kept = live.opened.answers.get(question.id)
    values = list(kept.values) if kept else []
    text = kept.text if kept else None
    if is_typed:
        values, text = request.form.getlist("answer"), request.form.get("text")
    return render_template(
        "placements/survey_question.html",
        question=question,
        words=language_of_reader(),
        number=position_of(question),
        of=len(QUESTIONS),
        is_last=question is QUESTIONS[-1],
        values=values,
        text=text,
        longest=TEXT_LONGEST,
        subtitle=_subtitle(live.opened),
        errors=errors,
    )


def _timed_out_page() -> ResponseReturnValue:
    page = render_template(
        "placements/survey_closed.html",
        title=_("Det har gått mer än 30 minuter"),
        text=_("Svaren är sparade. Öppna länken i brevet igen, så fortsätter ni där ni var."),
    )
    return page, 403


def _dead_page(state: LinkState | None) -> ResponseReturnValue:
    words = {
        LinkState.ANSWERED: (
            _("Ni har redan svarat"),
            _("Tack! Vill ni ändra eller lägga till något, ring er kontakt hos oss."),
        ),
        LinkState.REVOKED: (
            _("Länken är återkallad"),
            _("Ni behöver inte göra något. Undrar ni varför, ring er kontakt hos oss."),
        ),
        LinkState.EXPIRED: (
            _("Länken gäller inte längre"),
            _("Vill ni svara ändå, ring er kontakt hos oss så får ni en ny."),
        ),
    }
    title, text = words.get(
        state or LinkState.LIVE,
        (
            _("Länken finns inte"),
            _("Kontrollera att hela länken kom med. Ring annars er kontakt hos oss."),
        ),
    )
    page = render_template(
        "placements/survey_closed.html", title=title, text=text, may_be_lost=state is None
    )
    return page, 404 if state is None else 410
