"""The page itself, shown to somebody with a member of staff's help (domain 4.5).

Everything that the participant does here is done in the language of the visit; what is kept of it
says which, and who interpreted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.settings import shown_name
from matchsvc.errors import Invalid, NotFound
from matchsvc.own_page import corrections, own_copy, page, record_log, schemas, visits
from matchsvc.own_page.models import OwnPageVisit
from matchsvc.own_page.page import OwnPage
from matchsvc.own_page.saying import Saying
from matchsvc.own_page.standing_link import Shown
from matchsvc.own_page.texts import languages
from matchsvc.own_page.views_documents import document_pages
from matchsvc.own_page.views_link import calendar_file
from matchsvc.participants.consent_models import RevokedHow
from matchsvc.participants.consents import revoke_consent
from matchsvc.participants.frame import CHANGERS, FORM_ERRORS, today, typed
from matchsvc.participants.models import Participant
from matchsvc.placements.participant_questions import AROUND
from matchsvc.placements.participant_surveys import find_open_of, start_by_link
from matchsvc.placements.views_own_survey_link import KEY
from matchsvc.rights.models import RightKind
from matchsvc.rights.requests import Asked, register, requests_of
from matchsvc.rights.schemas import StartRightSchema
from matchsvc.swedish import format_phone, local_date
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import long_day_words

visit_pages = Blueprint("visit", __name__, url_prefix="/participants")
visit_pages.register_blueprint(document_pages)
_PATH = "/<key>/own-page/<uuid:visit_id>"


def _visit(session: Session, key: str, visit_id: UUID) -> tuple[Participant, OwnPageVisit]:
    return visits.get_visit(session, current_actor(), key, visit_id, today=today(), now=db.utcnow())


@visit_pages.get(_PATH)
@requires(*CHANGERS)
def show(key: str, visit_id: UUID) -> ResponseReturnValue:
    """Her page; when the visit is over, where a new one begins."""
    try:
        return _page(key, visit_id, {}, {})
    except NotFound as error:
        if error.what != "own_page_visit":
            raise
        return redirect(url_for("own_page.start.show_start", key=key), 303)


def _page(key: str, visit_id: UUID, form: dict[str, Any], errors: dict[str, str]) -> str:
    with reading() as session:
        participant, visit = _visit(session, key, visit_id)
        actor = current_actor()
        found = page.read_page(session, actor, participant, today=today(), now=db.utcnow())
        phone = (found.worker.phone if found.worker else None) or found.unit.phone
        return render_template(
            "own_page/show.html",
            visit=visit,
            key=participant.alias,
            person=participant,
            page=found,
            say=Saying.in_(visit.language),
            languages=list(languages().values()),
            has_survey=find_open_of(session, participant.id, today=today()) is not None,
            around=AROUND,
            assistant=actor.name,
            phone=format_phone(phone) if phone else None,
            goal_words=own_copy.goal_words,
            who_words=own_copy.who_words,
            date_of=local_date,
            asked=[each for each in requests_of(session, participant.id) if not each.correction_id],
            rights=[
                (kind.value, Saying.in_(visit.language).both(f"right_{kind.value}"))
                for kind in RightKind
                if kind is not RightKind.CORRECTION  # it has a place of its own on the page
            ],
            form=form,
            errors=errors,
            saved=request.args.get("saved"),
        )


@visit_pages.post(f"{_PATH}/language")
@requires(*CHANGERS)
def submit_language(key: str, visit_id: UUID) -> ResponseReturnValue:
    """Show it in another language."""
    language = load_form(schemas.LanguageSchema())["language"]
    with writing() as session:
        visits.choose_language(
            session, current_actor(), key, visit_id, language, today=today(), now=db.utcnow()
        )
    return _back(key, visit_id)


def _back(key: str, visit_id: UUID, saved: str | None = None) -> ResponseReturnValue:
    return redirect(
        url_for("own_page.visit.show", key=key, visit_id=visit_id, saved=saved, _anchor=saved), 303
    )


@visit_pages.post(f"{_PATH}/end")
@requires(*CHANGERS)
def submit_end(key: str, visit_id: UUID) -> ResponseReturnValue:
    """Show it no longer."""
    with writing() as session:
        visits.end_visit(session, current_actor(), key, visit_id, today=today(), now=db.utcnow())
    return redirect(url_for("participants.show", key=key), 303)


def _submit(
    key: str, visit_id: UUID, saved: str, rule: Callable[[Session, Participant, OwnPageVisit], Any]
) -> ResponseReturnValue:
    try:
        with writing() as session:
            participant, visit = _visit(session, key, visit_id)
            rule(session, participant, visit)
    except FORM_ERRORS as error:
        return _page(key, visit_id, typed(), field_errors(error)), STATUS[type(error)]
    return _back(key, visit_id, saved)


@visit_pages.post(f"{_PATH}/presentation")
@requires(*CHANGERS)
def submit_presentation(key: str, visit_id: UUID) -> ResponseReturnValue:
    """Her answer to what an employer would see."""

    def rule(session: Session, participant: Participant, visit: OwnPageVisit) -> None:
        data = load_form(schemas.PresentationAnswerSchema())
        page.answer_what_is_shown(
            session,
            current_actor(),
            participant,
            visit,
            answer=data["answer"],
            words=data["words"],
            shown_hash=data["shown"],
            today=today(),
            now=db.utcnow(),
        )

    return _submit(key, visit_id, "shown", rule)


@visit_pages.post(f"{_PATH}/consents/<uuid:consent_id>/revoke")
@requires(*CHANGERS)
def submit_revoke(key: str, visit_id: UUID, consent_id: UUID) -> ResponseReturnValue:
    """Take a consent back; counts at once."""

    def rule(session: Session, participant: Participant, _visit: OwnPageVisit) -> None:
        revoke_consent(
            session,
            current_actor(),
            participant.id,
            consent_id,
            **load_form(schemas.TakeBackSchema()),
            how=RevokedHow.BY_HERSELF,
            today=today(),
            now=db.utcnow(),
        )

    return _submit(key, visit_id, "consents", rule)


@visit_pages.post(f"{_PATH}/corrections")
@requires(*CHANGERS)
def submit_correction(key: str, visit_id: UUID) -> ResponseReturnValue:
    """What she says is wrong, word for word."""

    def rule(session: Session, participant: Participant, visit: OwnPageVisit) -> None:
        corrections.say_correction(
            session,
            current_actor(),
            participant.id,
            **load_form(schemas.SayCorrectionSchema()),
            language=visit.language,
            interpreter=visit.interpreter,
            today=today(),
            now=db.utcnow(),
        )

    return _submit(key, visit_id, "correct", rule)


@visit_pages.post(f"{_PATH}/rights")
@requires(*CHANGERS)
def submit_right(key: str, visit_id: UUID) -> ResponseReturnValue:
    """Ask for what the law gives, word for word."""

    def rule(session: Session, participant: Participant, _visit: OwnPageVisit) -> None:
        data = load_form(StartRightSchema())
        asked = Asked(data["right"], today(), data["right_words"])
        try:
            register(session, current_actor(), participant.id, asked, today=today())
        except Invalid as error:
            words = error.fields.get("words")
            raise Invalid({"right_words": words} if words else error.fields) from error

    return _submit(key, visit_id, "rights", rule)


@visit_pages.post(f"{_PATH}/survey")
@requires(*CHANGERS)
def submit_survey(key: str, visit_id: UUID) -> ResponseReturnValue:
    """Let her answer the survey about a placement, on the shared screen."""
    with writing() as session:
        participant, visit = _visit(session, key, visit_id)
        begun = start_by_link(session, participant.id, language=visit.language, now=db.utcnow())
    if begun is None:
        return _back(key, visit_id)
    cookie[KEY] = begun[0]
    return redirect(url_for("placements.own_survey_link.show_question", question_id="P1"), 303)


@visit_pages.get(f"{_PATH}/meetings/<uuid:meeting_id>.ics")
@requires(*CHANGERS)
def download_meeting(key: str, visit_id: UUID, meeting_id: UUID) -> ResponseReturnValue:
    """One of her meetings for a calendar, as the link gives it."""
    with reading() as session:
        participant, visit = _visit(session, key, visit_id)
        coming = page.read_meetings(session, participant, now=db.utcnow())
        found = next((each for each in coming if each.meeting.id == meeting_id), None)
        if found is None:
            raise NotFound("meeting")
        unit = page.unit_of(session, participant)
        return calendar_file(
            Shown(
                meeting=found.meeting,
                times=found.times,
                # A file leaves the house: of whoever is protected it says only when.
                place=None if participant.protected else found.place,
                unit_name=shown_name(session, unit),
                worker=None,
                phone=None,
                language=visit.language,
                unit_id=unit.id,
            )
        )


@visit_pages.get(f"{_PATH}/log")
@requires(*CHANGERS)
def show_log(key: str, visit_id: UUID) -> ResponseReturnValue:
    """Ask first whether anybody reads along."""
    return _log_page(key, visit_id, {}, None)


@visit_pages.post(f"{_PATH}/log")
@requires(*CHANGERS)
def submit_log(key: str, visit_id: UUID) -> ResponseReturnValue:
    """Who has opened the record, once it was said that she alone looks. Kept at no address."""
    try:
        alone = load_form(schemas.AloneSchema())["alone"]
        return _log_page(key, visit_id, {}, alone)
    except FORM_ERRORS as error:
        return _log_page(key, visit_id, field_errors(error), None), STATUS[type(error)]


def _log_page(key: str, visit_id: UUID, errors: dict[str, str], alone: bool | None) -> str:  # noqa: FBT001
    with reading() as session:
        participant, visit = _visit(session, key, visit_id)
        openings = left = None
        if alone is not None:
            openings = record_log.read_log(
                session, current_actor(), participant, alone=alone, now=db.utcnow()
            )
            left = record_log.count_left(session, participant)
        return render_template(
            "own_page/log.html",
            visit=visit,
            key=participant.alias,
            say=Saying.in_(visit.language),
            openings=openings,
            left=left,
            date_of=local_date,
            errors=errors,
        )


@visit_pages.get(f"{_PATH}/copy")
@requires(*CHANGERS)
def show_copy(key: str, visit_id: UUID) -> ResponseReturnValue:
    """What is kept about her, to read and print."""
    with reading() as session:
        participant, visit = _visit(session, key, visit_id)
        with force_locale("sv"):
            sections = _copy(session, participant, "print", db.utcnow())
            day = long_day_words(today())
        return render_template(
            "own_page/copy.html", sections=sections, person=participant, visit=visit, day=day
        )


@visit_pages.get(f"{_PATH}/copy.json")
@requires(*CHANGERS)
def download_copy(key: str, visit_id: UUID) -> ResponseReturnValue:
    """The same as a file."""
    with reading() as session:
        participant, _unused = _visit(session, key, visit_id)
        with force_locale("sv"):
            sections = _copy(session, participant, "json", db.utcnow())
    response: Response = jsonify(own_copy.as_json(sections, made_on=today()))
    response.headers["Content-Disposition"] = 'attachment; filename="kopia.json"'
    return response


def _copy(
    session: Session, participant: Participant, form: str, now: datetime
) -> list[own_copy.Section]:
    found: OwnPage = page.read_page(session, current_actor(), participant, today=today(), now=now)
    return own_copy.make_copy(session, current_actor(), found, form=form, today=today())
