"""Handing work over, and who stands in for whom."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import STAFF, current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import Role, User
from matchsvc.accounts.rules import list_users, names_of
from matchsvc.diary import wording as diary
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.placements import handover, standing_in
from matchsvc.placements.handover import Kind, Piece
from matchsvc.placements.task_schemas import HandOverSchema, SubstituteSchema
from matchsvc.placements.views_tasks import sentence_of
from matchsvc.swedish import local_date
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import day_words
from matchsvc.workday.substitutes import list_substitutes

hand_over_pages = Blueprint("hand_over", __name__)
FORM_ERRORS = (Invalid, RuleViolation, Conflict)
KINDS = {
    Kind.CASE: _l("Ärenden"),
    Kind.SUPERVISION: _l("Handledning"),
    Kind.LIAISON: _l("Kontakt om placeringar"),
    Kind.EMPLOYER: _l("Arbetsgivare"),
    Kind.OFFER: _l("Erbjudanden"),
    Kind.TASK: _l("Uppgifter"),
    Kind.MEETING: _l("Möten"),
    Kind.GROUP: _l("Grupper"),
}


@hand_over_pages.get("/hand-over")
@requires(*STAFF)
def show_start() -> ResponseReturnValue:
    """Who answers for how much, who stands in for whom, and what nobody answers for."""
    return _start_page({}, {})


@hand_over_pages.get("/hand-over/<uuid:user_id>")
@requires(*STAFF)
def show_work(user_id: UUID) -> ResponseReturnValue:
    """What somebody answers for, to choose from."""
    return _work_page(user_id, None, {})


@hand_over_pages.post("/hand-over/<uuid:user_id>")
@requires(*STAFF)
def submit_hand_over(user_id: UUID) -> ResponseReturnValue:
    """Move what was ticked, all or nothing."""
    try:
        data = load_form(HandOverSchema())
        with writing() as session:
            moved = handover.hand_over(
                session,
                current_actor(),
                from_id=user_id,
                to_id=data["to_id"] or user_id,
                pieces=set(data["pieces"]),
                reason=data["reason"],
                today=day_of_request(),
                now=db.utcnow(),
            )
    except FORM_ERRORS as error:
        return _work_page(user_id, request.form, field_errors(error)), STATUS[type(error)]
    total = sum(moved.values())
    return redirect(url_for("placements.hand_over.show_start", moved=total), 303)


@hand_over_pages.post("/hand-over/substitutes")
@requires(*STAFF)
def submit_substitute() -> ResponseReturnValue:
    """Name a substitute."""
    actor = current_actor()
    try:
        data = load_form(SubstituteSchema())
        user_id = data.pop("user_id") or actor.require_user()
        data["substitute_id"] = data["substitute_id"] or user_id
        with writing() as session:
            standing_in.begin_standing_in(
                session, actor, user_id=user_id, **data, today=day_of_request()
            )
    except FORM_ERRORS as error:
        return _start_page(request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("placements.hand_over.show_start", saved="substitute"), 303)


@hand_over_pages.post("/hand-over/substitutes/<uuid:substitute_id>/end")
@requires(*STAFF)
def submit_end(substitute_id: UUID) -> ResponseReturnValue:
    """End a substitution now."""
    with writing() as session:
        standing_in.end_standing_in(session, current_actor(), substitute_id, today=day_of_request())
    return redirect(url_for("placements.hand_over.show_start", saved="ended"), 303)


def _start_page(form: Any, errors: dict[str, str]) -> str:
    actor, today = current_actor(), day_of_request()
    leads = actor.has_role(Role.UNIT_MANAGER)
    with reading() as session:
        rows = list_substitutes(session, actor, today=today)
        return render_template(
            "placements/hand_over.html",
            me=actor.user_id,
            leads=leads,
            loads=handover.loads(session, actor, today=today, now=db.utcnow()) if leads else [],
            left_behind=handover.left_behind(session, actor, today=today) if leads else [],
            kinds=KINDS,
            substitutes=rows,
            names=names_of(session, {each.user_id for each in rows} | _others(rows)),
            colleagues=_colleagues(session),
            form=form,
            errors=errors,
            today=today,
            moved=request.args.get("moved", type=int),
            saved=request.args.get("saved"),
        )


def _others(rows: Any) -> set[UUID]:
    return {each.substitute_id for each in rows}


def _colleagues(session: Session) -> list[tuple[str, str]]:
    return [(str(each.id), each.name) for each in list_users(session, current_actor().unit_id)]


def _title(piece: Piece) -> str:
    if piece.task is not None:
        return sentence_of(piece.task)
    if piece.meeting is not None:
        when = (
            f"{day_words(local_date(piece.meeting.meeting.starts_at))} {diary.span(piece.meeting)}"
        )
        return f"{diary.kind_words(piece.meeting.kind)} · {when}"
    return piece.title


def _work_page(user_id: UUID, form: Any, errors: dict[str, str]) -> str:
    actor = current_actor()
    with reading() as session:
        pieces = handover.work_of(session, actor, user_id, today=day_of_request(), now=db.utcnow())
        groups = []
        for kind, words in KINDS.items():
            choices = [
                (f"{kind}:{piece.id}", _title(piece)) for piece in pieces if piece.kind is kind
            ]
            if choices:
                groups.append((kind, words, choices))
        every = [value for _kind, _words, choices in groups for value, _label in choices]
        user = session.get(User, user_id)
        return render_template(
            "placements/hand_over_work.html",
            who=user,
            is_me=user_id == actor.user_id,
            groups=groups,
            chosen=every if form is None else form.getlist("pieces"),
            form=form or {},
            errors={name.split(".")[0]: text for name, text in errors.items()},
            wrong={name: text for name, text in errors.items() if "." in name},
            colleagues=[pair for pair in _colleagues(session) if pair[0] != str(user_id)],
            title=_("Lämna över arbete"),
        )
