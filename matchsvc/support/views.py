"""Pages for staff: a placement's package with its links, questions, and the meeting before it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.diary.checks import CLASH
from matchsvc.errors import Conflict, DomainError, Invalid, RuleViolation
from matchsvc.placements.access import PREPARERS, READERS, get_placement
from matchsvc.support import links, packs, pre_meeting, requests, wording
from matchsvc.support.links import ADDRESS_LONGEST, list_links
from matchsvc.support.models import RequestKind
from matchsvc.support.overview import get_package
from matchsvc.support.packs import WRITERS
from matchsvc.support.schemas import (
    AnswerRequestSchema,
    BookPreMeetingSchema,
    SupportLinkInputSchema,
)
from matchsvc.support.views_link import link_pages
from matchsvc.support.views_writing import writing_pages
from matchsvc.swedish import local_date, working_day_on_or_after
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("support", __name__, template_folder="templates")
pages.register_blueprint(link_pages)
pages.register_blueprint(writing_pages)
FORM_ERRORS = (Invalid, RuleViolation, Conflict)


@pages.get("/placements/<placement_id>/support")
@requires(*READERS)
def show_package(placement_id: str) -> ResponseReturnValue:
    """The package as one thing: six parts, whom to call, links, questions, what happens when."""
    return _page(placement_id, {}), 200


def _page(placement_id: UUID | str, errors: dict[str, str], *, address: str | None = None) -> str:
    now = db.utcnow()
    with reading() as session:
        package = get_package(
            session, current_actor(), placement_id, today=local_date(now), now=now
        )
        return render_template(
            "support/package.html",
            package=package,
            seen=package.seen,
            placement=package.seen.placement,
            errors=errors,
            address=address,
            longest=ADDRESS_LONGEST,
            may_write=current_actor().has_role(*WRITERS),
            question=RequestKind.QUESTION,
            saved=request.args.get("saved"),
            today=local_date(now),
            now=now,
            wording=wording,
        )


def base_url() -> str:
    """What addresses of links begin with."""
    base: str = current_app.config["MATCHSVC"].base_url
    return base


@pages.post("/placements/<uuid:placement_id>/support/links")
@requires(*PREPARERS)
def submit_link(placement_id: UUID) -> ResponseReturnValue:
    """Make a contact's link; its address is shown this once, to be sent as a text message."""
    now = db.utcnow()
    try:
        data = load_form(SupportLinkInputSchema())
        with writing() as session:
            token, _row = links.make_link(
                session,
                current_actor(),
                placement_id,
                data["contact_id"],
                base_url=base_url(),
                today=local_date(now),
                now=now,
            )
    except FORM_ERRORS as error:
        return _page(placement_id, field_errors(error)), STATUS[type(error)]
    return _page(placement_id, {}, address=f"{base_url()}/l/{token}"), 200


@pages.post("/placements/<uuid:placement_id>/support/links/<uuid:link_id>/revoke")
@requires(*PREPARERS)
def submit_revoke(placement_id: UUID, link_id: UUID) -> ResponseReturnValue:
    """Stop a contact's link."""
    now = db.utcnow()
    with writing() as session:
        links.revoke(
            session, current_actor(), placement_id, link_id, today=local_date(now), now=now
        )
    return _back(placement_id, "lankar", "revoked")


@pages.post("/placements/<uuid:placement_id>/support/information")
@requires(*PREPARERS)
def submit_share(placement_id: UUID) -> ResponseReturnValue:
    """Let the employer have the latest version of the information pack."""
    try:
        with writing() as session:
            packs.share(session, current_actor(), placement_id, today=local_date(db.utcnow()))
    except FORM_ERRORS as error:
        return _page(placement_id, field_errors(error)), STATUS[type(error)]
    return _back(placement_id, "delar", "shared")


def _back(placement_id: UUID, anchor: str, saved: str) -> ResponseReturnValue:
    return redirect(
        url_for("support.show_package", placement_id=placement_id, saved=saved, _anchor=anchor), 303
    )


@pages.get("/placements/<uuid:placement_id>/support/pre-meeting")
@requires(*PREPARERS)
def show_pre_meeting(placement_id: UUID) -> ResponseReturnValue:
    """The form of the meeting before the start, with an agenda to begin from."""
    day = working_day_on_or_after(local_date(db.utcnow()))
    form = MultiDict(
        {"day": day.isoformat(), "at": "10.00", "minutes": "45", "agenda": pre_meeting.AGENDA}
    )
    return _meeting_page(placement_id, form, {}), 200


@pages.post("/placements/<uuid:placement_id>/support/pre-meeting")
@requires(*PREPARERS)
def submit_pre_meeting(placement_id: UUID) -> ResponseReturnValue:
    """Book it; the contact gets an invitation."""
    now = db.utcnow()
    try:
        data = load_form(BookPreMeetingSchema())
        with writing() as session:
            meeting = pre_meeting.book_pre_meeting(
                session, current_actor(), placement_id, **data, today=local_date(now), now=now
            )
            meeting_id = meeting.id
    except FORM_ERRORS as error:
        page = _meeting_page(placement_id, request.form, field_errors(error), error)
        return page, STATUS[type(error)]
    return redirect(url_for("diary.show_meeting", meeting_id=meeting_id, saved="booked"), 303)


def _meeting_page(
    placement_id: UUID,
    form: MultiDict[str, str],
    errors: dict[str, str],
    error: DomainError | None = None,
) -> str:
    now = db.utcnow()
    with reading() as session:
        actor = current_actor()
        seen = get_placement(session, actor, placement_id, today=local_date(now))
        listed = list_links(session, actor, seen, today=local_date(now), now=now)
        return render_template(
            "support/pre_meeting.html",
            seen=seen,
            placement=seen.placement,
            contacts=[each.contact for each in listed],
            form=form,
            errors=errors,
            is_clash=error is not None and error.code == CLASH,
        )


@pages.get("/support/requests/<uuid:request_id>")
@requires(*PREPARERS)
def show_request(request_id: UUID) -> ResponseReturnValue:
    """One question or call for help, and its answer."""
    return _request_page(request_id, None, {}), 200


@pages.post("/support/requests/<uuid:request_id>")
@requires(*PREPARERS)
def submit_answer(request_id: UUID) -> ResponseReturnValue:
    """Answer it."""
    now = db.utcnow()
    try:
        data = load_form(AnswerRequestSchema())
        with writing() as session:
            row = requests.answer(
                session, current_actor(), request_id, **data, today=local_date(now), now=now
            )
            placement_id = row.placement_id
    except FORM_ERRORS as error:
        page = _request_page(request_id, request.form, field_errors(error), error)
        return page, STATUS[type(error)]
    return _back(placement_id, "fragor", "answered")


def _request_page(
    request_id: UUID,
    form: MultiDict[str, str] | None,
    errors: dict[str, str],
    error: DomainError | None = None,
) -> str:
    now = db.utcnow()
    with reading() as session:
        actor = current_actor()
        seen, row = requests.get_request(session, actor, request_id, today=local_date(now))
        # The answer field is called text in the form and answer in the rule.
        if "answer" in errors:
            errors = errors | {"text": errors.pop("answer")}
        return render_template(
            "support/request.html",
            seen=seen,
            placement=seen.placement,
            row=row,
            form=form,
            errors=errors,
            is_conflict=isinstance(error, Conflict),
            is_question=row.kind is RequestKind.QUESTION,
            may_write=actor.has_role(*WRITERS),
            now=now,
            wording=wording,
        )
