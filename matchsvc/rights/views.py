"""Pages of the register, of one person's rights, and of requests to read in a file."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.guard import asks_again, current_actor, reading, requires, writing
from matchsvc.accounts.models import Unit
from matchsvc.accounts.rules import names_of
from matchsvc.errors import NotFound
from matchsvc.participants.frame import FORM_ERRORS, today, typed
from matchsvc.rights import requests, restriction, whole_copy, wording
from matchsvc.rights.copy_paper import make_copy_paper, volumes_of
from matchsvc.rights.models import RightKind
from matchsvc.rights.records import record_requests_of
from matchsvc.rights.requests import KEEPERS
from matchsvc.rights.schemas import (
    HandedOverSchema,
    LiftSchema,
    RestrictSchema,
    RightsAnswerSchema,
    RightsAskSchema,
    RightsProlongSchema,
    ToldOfLiftingSchema,
)
from matchsvc.rights.views_records import record_pages
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("rights", __name__, url_prefix="/rights", template_folder="templates")
pages.register_blueprint(record_pages)


@pages.get("")
@requires(*KEEPERS)
def show_register() -> ResponseReturnValue:
    """Requests that wait, the latest first, or all."""
    every = request.args.get("all") == "1"
    with reading() as session:
        lines = requests.list_register(session, current_actor(), only_open=not every, today=today())
        return render_template(
            "rights/register.html",
            lines=lines,
            every=every,
            late=sum(
                line.request.answered_on is None and line.request.due_on < today() for line in lines
            ),
            staff=names_of(session, {line.request.handled_by_id for line in lines}),
            words=wording,
            today=today(),
        )


@pages.get("/people/<key>")
@requires(*KEEPERS)
def show_person(key: str) -> ResponseReturnValue:
    """What somebody has a right to, what was asked, and whether what is kept is restricted."""
    return _person_page(key, {}, {}, None)


def _person_page(key: str, form: dict[str, Any], errors: dict[str, str], about: str | None) -> str:
    with reading() as session:
        person = requests.get_person(session, current_actor(), key, today=today())
        audit.record(session, current_actor(), "read", "rights_request", subjects=[person.id])
        asked = requests.requests_of(session, person.id)
        limits = restriction.restrictions_of(session, person.id)
        return render_template(
            "rights/person.html",
            person=person,
            key=person.alias,
            asked=asked,
            restriction=next((each for each in limits if each.lifted_on is None), None),
            past=[each for each in limits if each.lifted_on is not None],
            records=record_requests_of(session, person.id),
            words=wording,
            form=form,
            errors=errors,
            about=about,
            saved=request.args.get("saved"),
            today=today(),
        )


@pages.post("/people/<key>")
@requires(*KEEPERS)
def submit_request(key: str) -> ResponseReturnValue:
    """Put a request into the register."""
    try:
        asked = requests.Asked(**load_form(RightsAskSchema()))
        with writing() as session:
            row = requests.register(session, current_actor(), key, asked, today=today())
    except FORM_ERRORS as error:
        return _person_page(key, typed(), field_errors(error), "ask"), STATUS[type(error)]
    return redirect(url_for("rights.show_request", rights_request_id=row.id, saved="asked"), 303)


@pages.get("/requests/<uuid:rights_request_id>")
@requires(*KEEPERS)
def show_request(rights_request_id: UUID) -> ResponseReturnValue:
    """One request: what was said, how long there is, the answer."""
    return _request_page(rights_request_id, {}, {}, None)


def _request_page(
    request_id: UUID, form: dict[str, Any], errors: dict[str, str], about: str | None
) -> str:
    with reading() as session:
        row, person = requests.get_request(session, current_actor(), request_id, today=today())
        return render_template(
            "rights/request.html",
            row=row,
            person=person,
            key=person.alias,
            staff=names_of(session, {row.handled_by_id, row.answered_by_id} - {None}),
            words=wording,
            kinds=RightKind,
            form=form,
            errors=errors,
            about=about,
            saved=request.args.get("saved"),
            today=today(),
        )


@pages.post("/requests/<uuid:rights_request_id>/prolong")
@requires(*KEEPERS)
def submit_prolong(rights_request_id: UUID) -> ResponseReturnValue:
    """Take two months more."""
    try:
        data = load_form(RightsProlongSchema())
        with writing() as session:
            requests.prolong(
                session, current_actor(), rights_request_id, **data, today=today(), now=db.utcnow()
            )
    except FORM_ERRORS as error:
        page = _request_page(rights_request_id, typed(), field_errors(error), "prolong")
        return page, STATUS[type(error)]
    return redirect(
        url_for("rights.show_request", rights_request_id=rights_request_id, saved="prolonged"), 303
    )


@pages.post("/requests/<uuid:rights_request_id>/answer")
@requires(*KEEPERS)
def submit_answer(rights_request_id: UUID) -> ResponseReturnValue:
    """Write down the answer."""
    try:
        data = load_form(RightsAnswerSchema())
        version = data.pop("version")
        with writing() as session:
            requests.answer(
                session,
                current_actor(),
                rights_request_id,
                requests.Answer(**data),
                version=version,
                today=today(),
                now=db.utcnow(),
            )
    except FORM_ERRORS as error:
        page = _request_page(rights_request_id, typed(), field_errors(error), "answer")
        return page, STATUS[type(error)]
    return redirect(
        url_for("rights.show_request", rights_request_id=rights_request_id, saved="answered"), 303
    )


@pages.post("/people/<key>/restriction")
@requires(*KEEPERS)
def submit_restriction(key: str) -> ResponseReturnValue:
    """Restrict, at once."""
    try:
        data = load_form(RestrictSchema())
        version = data.pop("version")
        with writing() as session:
            why = restriction.Restricted(**data)
            restriction.restrict(session, current_actor(), key, why, version=version, today=today())
    except FORM_ERRORS as error:
        return _person_page(key, typed(), field_errors(error), "restrict"), STATUS[type(error)]
    return redirect(url_for("rights.show_person", key=key, saved="restricted"), 303)


@pages.post("/people/<key>/restriction/told")
@requires(*KEEPERS)
def submit_told(key: str) -> ResponseReturnValue:
    """Note that she was told that it will be lifted."""
    try:
        data = load_form(ToldOfLiftingSchema())
        with writing() as session:
            restriction.tell_before_lifting(
                session,
                current_actor(),
                key,
                data["told_how"],
                told_on=data["told_on"],
                today=today(),
            )
    except FORM_ERRORS as error:
        return _person_page(key, typed(), field_errors(error), "told"), STATUS[type(error)]
    return redirect(url_for("rights.show_person", key=key, saved="told"), 303)


@pages.post("/people/<key>/restriction/lift")
@requires(*KEEPERS)
def submit_lift(key: str) -> ResponseReturnValue:
    """Lift it."""
    try:
        data = load_form(LiftSchema())
        with writing() as session:
            restriction.lift(session, current_actor(), key, **data, today=today())
    except FORM_ERRORS as error:
        return _person_page(key, typed(), field_errors(error), "lift"), STATUS[type(error)]
    return redirect(url_for("rights.show_person", key=key, saved="lifted"), 303)


@pages.get("/people/<key>/copy")
@requires(*KEEPERS)
def show_copy(key: str) -> ResponseReturnValue:
    """Everything that is kept, to read through together before it is handed over."""
    return _copy_page(key, {}, {})


def _copy_page(key: str, form: dict[str, Any], errors: dict[str, str]) -> str:
    with reading() as session:
        person = requests.get_person(session, current_actor(), key, today=today())
        kept = whole_copy.read_everything(session, current_actor(), person, form="page")
        return render_template(
            "rights/copy.html",
            person=person,
            key=person.alias,
            kept=kept,
            volumes=volumes_of(kept),
            words=wording,
            form_id=form.get("form_id") or uuid4(),
            form=form,
            errors=errors,
            saved=request.args.get("saved"),
            today=today(),
        )


@pages.get("/people/<key>/copy.json")
@asks_again(file=True)
@requires(*KEEPERS)
def download_copy(key: str) -> ResponseReturnValue:
    """The same as a file."""
    with reading() as session, force_locale("sv"):
        person = requests.get_person(session, current_actor(), key, today=today())
        kept = whole_copy.read_everything(session, current_actor(), person, form="json")
    made = whole_copy.as_data(kept, made_on=today())
    response: Response = jsonify({**made, "made_on": made["made_on"].isoformat()})
    response.headers["Content-Disposition"] = 'attachment; filename="kopia.json"'
    return response


@pages.get("/people/<key>/copy.pdf")
@asks_again(file=True)
@requires(*KEEPERS)
def download_copy_paper(key: str) -> ResponseReturnValue:
    """The same as a tagged PDF, one volume of it."""
    volume = request.args.get("volume", "1")
    if not (volume.isascii() and volume.isdigit() and len(volume) <= 4):  # noqa: PLR2004
        raise NotFound("own_copy")
    with reading() as session:
        person = requests.get_person(session, current_actor(), key, today=today())
        with force_locale("sv"):
            kept = whole_copy.read_everything(session, current_actor(), person, form="paper")
        unit = session.get_one(Unit, person.unit_id)
        made = make_copy_paper(kept, unit, volume=int(volume), made_at=db.utcnow())
    headers = {"Content-Disposition": 'attachment; filename="kopia.pdf"'}
    return Response(made, mimetype="application/pdf", headers=headers)


@pages.post("/people/<key>/copy")
@requires(*KEEPERS)
def submit_handed_over(key: str) -> ResponseReturnValue:
    """Note that the copy was read through and handed over; answers her requests for one."""
    try:
        data = load_form(HandedOverSchema())
        with writing() as session:
            requests.hand_over(
                session,
                current_actor(),
                key,
                data["handed_how"],
                read_through=data["read_through"],
                form_id=data["form_id"],
                today=today(),
                now=db.utcnow(),
            )
    except FORM_ERRORS as error:
        return _copy_page(key, typed(), field_errors(error)), STATUS[type(error)]
    return redirect(url_for("rights.show_copy", key=key, saved="handed"), 303)
