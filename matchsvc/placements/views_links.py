"""What a signed link opens: the employer's survey one question on a screen, or the year's question.

Opening the link shows a start button and changes nothing (mail scanners open links too). The button
starts a session of thirty minutes, and from then on the token is no longer in the address. The
year's question is one only, so its answers are the buttons.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.actors import link_actor
from matchsvc.accounts.guard import UNIT_OF_LINK, public, reading, writing
from matchsvc.employers import yearly
from matchsvc.errors import NotFound, RuleViolation
from matchsvc.messages import links
from matchsvc.messages.doors import door_of
from matchsvc.messages.links import LinkState
from matchsvc.messages.models import SignedLink
from matchsvc.placements import survey_sending, surveys, wording
from matchsvc.placements.careful import WARNINGS, Careful
from matchsvc.placements.questionnaire import TEXT_LONGEST, Question, QuestionKind
from matchsvc.placements.questionnaire_versions import version_of
from matchsvc.placements.schemas import SurveyAnswerSchema
from matchsvc.swedish import local_date
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import language_of_reader

link_pages = Blueprint("links", __name__, url_prefix="/l")
#: Name in the signed cookie under which the session's own token stands.
LINK_KEY = "link"
_WHY = "the link itself is the key"
#: Questions whose answers are the buttons: one tap answers and goes on.
_BY_BUTTON = (QuestionKind.SINGLE, QuestionKind.SCALE)


@dataclass(frozen=True, slots=True)
class _Live:
    """The link of the holder's session, and its survey."""

    link: SignedLink
    opened: surveys.OpenSurvey


def _find_alive(session: Session, token: str) -> tuple[SignedLink | None, LinkState | None]:
    """The link when it works, and how it stands otherwise."""
    link = links.find_link(session, token)
    state = links.link_state(link, db.utcnow()) if link else None
    if link is None or state is not LinkState.LIVE:
        return None, state
    return link, state


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
        link, state = _find_alive(session, token)
        if link is None:
            return _dead_page(state)
        try:
            if link.purpose == yearly.PURPOSE:
                return _yearly_page(session, link, token)
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
            number=len(opened.questionnaire.questions),
            has_begun=bool(opened.survey.answers),
        )


def _yearly_page(session: Session, link: SignedLink, token: str) -> str:
    row = yearly.get_by_link(session, link)
    setattr(g, UNIT_OF_LINK, link.unit_id)
    return render_template(
        "placements/yearly_question.html",
        token=token,
        question=version_of(session, row.questionnaire).questions[0],
        words=language_of_reader(),
        expires_on=local_date(link.expires_at),
    )


@link_pages.post("/<token>/start")
@public(_WHY)
def submit_start(token: str) -> ResponseReturnValue:
    """Start thirty minutes of answering, where the last ones ended."""
    now = db.utcnow()
    with writing() as session:
        link, state = _find_alive(session, token)
        if link is None:
            return _dead_page(state)
        try:
            opened = surveys.get_open_survey(session, link)
        except NotFound:
            return _dead_page(None)
        cookie[LINK_KEY] = links.start_link_session(session, link, now)
        surveys.start_survey(opened.survey, now=now)
        first = surveys.next_unanswered(opened)
    return redirect(url_for("placements.links.show_question", question_id=first), 303)


@link_pages.post("/<token>/year")
@public(_WHY)
def submit_yearly(token: str) -> ResponseReturnValue:
    """Answer the question of the year."""
    data = load_form(SurveyAnswerSchema())
    with writing() as session:
        link, state = _find_alive(session, token)
        if link is None:
            return _dead_page(state)
        try:
            row = yearly.get_by_link(session, link)
        except NotFound:
            return _dead_page(None)
        value = next(iter(data["answer"]), "")
        yearly.answer_question(session, link, row, value, now=db.utcnow())
    return redirect(url_for("placements.links.show_thanks"), 303)


@link_pages.post("/<token>/no-more")
@public(_WHY)
def submit_no_more(token: str) -> ResponseReturnValue:
    """Take a no to all further questions; the answers given so far are not handed in."""
    now = db.utcnow()
    with writing() as session:
        link, state = _find_alive(session, token)
        if link is None:
            return _dead_page(state)
        try:
            if link.purpose == yearly.PURPOSE:
                row = yearly.get_by_link(session, link)
                yearly.decline_questions(session, link, row, today=local_date(now), now=now)
            else:
                survey = surveys.get_open_survey(session, link).survey
                survey_sending.decline_questions(
                    session, link, survey, today=local_date(now), now=now
                )
        except NotFound:
            return _dead_page(None)
    cookie.pop(LINK_KEY, None)
    return render_template(
        "placements/survey_closed.html",
        title=_("Ni får inga fler frågor från oss"),
        text=_("Det gäller er som fick brevet. Ångrar ni er, ring er kontakt hos oss."),
    )


@link_pages.get("/answers/<question_id>")
@public(_WHY)
def show_question(question_id: str) -> ResponseReturnValue:
    """One question."""
    with reading() as session:
        live = _find_live(session)
        if live is None:
            return _timed_out_page()
        return _question_page(live, _question(live, question_id), {})


@link_pages.post("/answers/<question_id>")
@public(_WHY)
def submit_answer(question_id: str) -> ResponseReturnValue:
    """Save one answer and go where the button says: ``next``, ``back``, ``skip``, ``keep``."""
    now = db.utcnow()
    go = request.form.get("go", "next")
    try:
        data = load_form(SurveyAnswerSchema(), ignore=("go",))
        with writing() as session:
            live = _find_live(session)
            if live is None:
                return _timed_out_page()
            question = _question(live, question_id)
            if go != "skip":
                _save(session, live, question, data["answer"], data["text"], go=go)
            goal = live.opened.questionnaire.neighbour_of(question, -1 if go == "back" else 1)
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
            page = _question_page(
                live, _question(live, question_id), field_errors(error), refused=error
            )
            return page, STATUS[type(error)]
    if goal is None and go != "back":
        cookie.pop(LINK_KEY, None)
        return redirect(url_for("placements.links.show_thanks"), 303)
    target = (goal or question).id
    return redirect(url_for("placements.links.show_question", question_id=target), 303)


@link_pages.post("/answers/<question_id>/draft")
@public(_WHY)
def submit_draft(question_id: str) -> ResponseReturnValue:
    """Keep what is written while it is written. What needs a second look waits for the button."""
    data = load_form(SurveyAnswerSchema())
    try:
        with writing() as session:
            live = _find_live(session)
            if live is not None:
                question = _question(live, question_id)
                _save(session, live, question, data["answer"], data["text"], go="draft")
    except RuleViolation:
        pass  # the button says what is wrong; nobody is interrupted in the middle of a word
    return "", 204


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
    go: str,
) -> None:
    # The last question is the only one that may be handed in empty without "skip".
    if go == "next" and not values and not text and question.kind is not QuestionKind.TEXT:
        message = _("Välj ett svar, eller hoppa över frågan.")
        raise RuleViolation("answer_missing", message, fields={"answer": message})
    if go == "back" and not values and not text and question.kind in _BY_BUTTON:
        return  # going back from rows of buttons says nothing about the question
    surveys.save_answer(
        session,
        live.opened.survey,
        question.id,
        values=tuple(values),
        text=text,
        today=local_date(db.utcnow()),
        keeps_warned=go == "keep",
    )


def _question(live: _Live, question_id: str) -> Question:
    question = live.opened.questionnaire.find(question_id)
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
    live: _Live, question: Question, errors: dict[str, str], *, refused: RuleViolation | None = None
) -> str:
    kept = live.opened.answers.get(question.id)
    values = list(kept.values) if kept else []
    text = kept.text if kept else None
    if refused is not None:
        values, text = request.form.getlist("answer"), request.form.get("text")
    asked = live.opened.questionnaire
    return render_template(
        "placements/survey_question.html",
        question=question,
        words=language_of_reader(),
        number=asked.position_of(question),
        of=len(asked.questions),
        is_last=question is asked.questions[-1],
        is_single=question.kind in _BY_BUTTON,
        values=values,
        text=text,
        longest=TEXT_LONGEST,
        subtitle=_subtitle(live.opened),
        errors=errors,
        warnings=warning_words(refused),
    )


def warning_words(refused: RuleViolation | None) -> list[str]:
    """What a text seems to hold, as sentences for whoever wrote it."""
    if refused is None or refused.code != "text_careful":
        return []
    return words_of(str(refused.values["warnings"]).split(","))


def words_of(warnings: Iterable[str]) -> list[str]:
    """Warnings as sentences."""
    return [_(WARNINGS[Careful(each)]) for each in warnings]


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
