"""Pages of follow-ups: mine, late ones, the phone page in four steps, and two versions as one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import User
from matchsvc.errors import Conflict, DomainError, Invalid, RuleViolation
from matchsvc.follow_ups import completing, keeping, wording
from matchsvc.follow_ups.answers import MOST_ACTIONS, hours_choices
from matchsvc.follow_ups.completing import LATE_READERS
from matchsvc.follow_ups.keeping import Compared
from matchsvc.follow_ups.opening import Opened, get_follow_up
from matchsvc.follow_ups.schemas import CompleteSchema, LogFollowUpSchema
from matchsvc.follow_ups.states import state_of
from matchsvc.follow_ups.views_development import development_pages
from matchsvc.participants.overview import list_conditions
from matchsvc.participants.wording import need_label
from matchsvc.placements import follow_ups
from matchsvc.placements import wording as placement_words
from matchsvc.placements.access import READERS
from matchsvc.swedish import add_months, local_date
from matchsvc.vocabulary.conditions import in_groups
from matchsvc.vocabulary.wording import label
from matchsvc.web.forms import load_form, page_number
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("follow_ups", __name__, template_folder="templates")
pages.register_blueprint(development_pages)
#: The list looks this far ahead.
AHEAD = timedelta(days=31)
FORM_ERRORS = (Invalid, RuleViolation, Conflict)
#: Names of the choices between two versions: ``take.<field>``.
TAKE = "take."


@pages.get("/follow-ups")
@requires(*READERS)
def list_() -> ResponseReturnValue:
    """The follow-ups that the reader logs, overdue first."""
    actor, today = current_actor(), day_of_request()
    page = page_number()
    with reading() as session:
        total = follow_ups.count_my_follow_ups(session, actor, until=today + AHEAD, today=today)
        return render_template(
            "follow_ups/mine.html",
            rows=follow_ups.list_my_follow_ups(
                session, actor, until=today + AHEAD, today=today, page=page
            ),
            page=page,
            pages=-(-total // follow_ups.PAGE_SIZE),
            may_see_late=actor.has_role(*LATE_READERS),
            today=today,
            wording=placement_words,
        )


@pages.get("/follow-ups/late")
@requires(*LATE_READERS)
def show_late() -> ResponseReturnValue:
    """What is late, by the wait alone, and what a case worker has to go through."""
    page = page_number()
    with reading() as session:
        return render_template(
            "follow_ups/late.html",
            late=completing.list_late(session, current_actor(), today=day_of_request(), page=page),
            is_lead=current_actor().has_role(*completing.LEADS),
        )


@pages.get("/follow-ups/<uuid:follow_up_id>")
@requires(*READERS)
def show(follow_up_id: UUID) -> ResponseReturnValue:
    """The phone page, or what was said when it has been logged."""
    today = day_of_request()
    with reading() as session:
        opened = get_follow_up(session, current_actor(), follow_up_id, today=today)
        if opened.follow_up.held_on is not None or not opened.is_logger:
            return _logged_page(session, opened, {}, today=today)
        form = MultiDict(
            [
                ("submission_id", str(uuid4())),
                ("held_on", today.isoformat()),
                ("present", "participant"),
                ("present", "logger"),
            ]
        )
        if opened.following is not None and opened.following.due_on > today:
            form["next_on"] = opened.following.due_on.isoformat()
        return _phone_page(session, opened, form, {})


@pages.post("/follow-ups/<uuid:follow_up_id>")
@requires(*READERS)
def submit(follow_up_id: UUID) -> ResponseReturnValue:
    """Log it; sent twice, it is saved once. What came second is shown beside what stands."""
    now = db.utcnow()
    today = local_date(now)
    try:
        data = load_form(LogFollowUpSchema())
        with writing() as session:
            kept = keeping.log_follow_up(
                session, current_actor(), follow_up_id, **data, today=today, now=now
            )
            beside = kept.beside.id if kept.beside else None
    except FORM_ERRORS as error:
        with reading() as session:
            opened = get_follow_up(session, current_actor(), follow_up_id, today=today)
            page = _phone_page(session, opened, request.form, _errors(error))
        return page, STATUS[type(error)]
    to = url_for("follow_ups.show", follow_up_id=follow_up_id, saved=1)
    if beside is not None:
        to = url_for("follow_ups.show_versions", follow_up_id=follow_up_id, version_id=beside)
    if request.accept_mimetypes.best == "application/json":  # the page's own script asks so
        return jsonify(saved=to)
    return redirect(to, 303)


@pages.post("/follow-ups/<uuid:follow_up_id>/complete")
@requires(*READERS)
def submit_completion(follow_up_id: UUID) -> ResponseReturnValue:
    """The case worker has gone through it."""
    now = db.utcnow()
    try:
        data = load_form(CompleteSchema())
        with writing() as session:
            completing.complete_follow_up(
                session, current_actor(), follow_up_id, **data, today=local_date(now), now=now
            )
    except FORM_ERRORS as error:
        today = local_date(now)
        with reading() as session:
            opened = get_follow_up(session, current_actor(), follow_up_id, today=today)
            page = _logged_page(session, opened, field_errors(error), today=today)
        return page, STATUS[type(error)]
    return redirect(url_for("follow_ups.show", follow_up_id=follow_up_id, completed=1), 303)


@pages.get("/follow-ups/<uuid:follow_up_id>/versions/<uuid:version_id>")
@requires(*READERS)
def show_versions(follow_up_id: UUID, version_id: UUID) -> ResponseReturnValue:
    """Two versions side by side, and a choice for every difference."""
    return _versions_page(follow_up_id, version_id, {}), 200


@pages.post("/follow-ups/<uuid:follow_up_id>/versions/<uuid:version_id>")
@requires(*READERS)
def submit_versions(follow_up_id: UUID, version_id: UUID) -> ResponseReturnValue:
    """Make one of the two."""
    now = db.utcnow()
    choices = {
        name.removeprefix(TAKE): value
        for name, value in request.form.items()
        if name.startswith(TAKE)
    }
    try:
        with writing() as session:
            keeping.merge_versions(
                session,
                current_actor(),
                follow_up_id,
                version_id,
                choices,
                stood=request.form.get("stood", type=int),
                today=local_date(now),
                now=now,
            )
    except FORM_ERRORS as error:
        page = _versions_page(follow_up_id, version_id, field_errors(error))
        return page, STATUS[type(error)]
    return redirect(url_for("follow_ups.show", follow_up_id=follow_up_id, saved=1), 303)


def _versions_page(follow_up_id: UUID, version_id: UUID, errors: dict[str, str]) -> str:
    with reading() as session:
        found: Compared = keeping.compare_versions(
            session, current_actor(), follow_up_id, version_id, today=day_of_request()
        )
        logged_by = found.opened.follow_up.logged_by_id
        return render_template(
            "follow_ups/versions.html",
            found=found,
            opened=found.opened,
            first=session.get(User, logged_by) if logged_by else None,
            second=session.get(User, found.version.saved_by_id),
            may_choose=found.opened.is_logger or found.opened.may_complete,
            form=request.form,
            errors=errors,
            wording=wording,
        )


def _errors(error: DomainError) -> dict[str, str]:
    """Messages by the names of the form: what is nested in JSON is flat there."""
    found = {}
    for name, message in field_errors(error).items():
        part, _, rest = name.partition("/0/")
        found[f"need_{rest}" if part == "needs" else rest or name] = message
    return found


def _phone_page(
    session: Session, opened: Opened, form: MultiDict[str, Any], errors: dict[str, str]
) -> str:
    placement = opened.seen.placement
    return render_template(
        "follow_ups/log.html",
        opened=opened,
        follow_up=opened.follow_up,
        placement=placement,
        form=form,
        errors=errors,
        hours=hours_choices(opened.hours_now, placement.hours_goal, full_week=opened.full_week),
        conditions=in_groups(list_conditions(session), need_label),
        next_month=add_months(opened.follow_up.due_on, 1),
        most_actions=MOST_ACTIONS,
        label=label,
        words=wording,
        wording=placement_words,
    )


def _logged_page(session: Session, opened: Opened, errors: dict[str, str], *, today: date) -> str:
    row = opened.follow_up
    by = {row.logged_by_id, row.completed_by_id} - {None}
    return render_template(
        "follow_ups/logged.html",
        opened=opened,
        state=state_of(row),
        people={key: user.name for key in by if (user := session.get(User, key))},
        errors=errors,
        form=request.form,
        today=today,
        words=wording,
        wording=placement_words,
    )
