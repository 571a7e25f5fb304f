"""Pages of follow-ups: mine, and the phone page in four steps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.errors import Conflict, DomainError, Invalid, RuleViolation
from matchsvc.placements import follow_ups, wording
from matchsvc.placements.access import READERS
from matchsvc.placements.follow_ups import MOST_ACTIONS, Answers, Opened
from matchsvc.placements.schemas import LogFollowUpSchema
from matchsvc.swedish import add_months, local_date
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

follow_up_pages = Blueprint("follow_ups", __name__, url_prefix="/follow-ups")
#: The list looks this far ahead.
AHEAD = timedelta(days=31)


@follow_up_pages.get("")
@requires(*READERS)
def list_() -> ResponseReturnValue:
    """The follow-ups that the reader logs, overdue first."""
    actor, today = current_actor(), local_date(db.utcnow())
    page = max(request.args.get("page", 1, type=int), 1)
    with reading() as session:
        total = follow_ups.count_my_follow_ups(session, actor, until=today + AHEAD, today=today)
        return render_template(
            "placements/follow_ups.html",
            rows=follow_ups.list_my_follow_ups(
                session, actor, until=today + AHEAD, today=today, page=page
            ),
            page=page,
            pages=-(-total // follow_ups.PAGE_SIZE),
            today=today,
            wording=wording,
        )


@follow_up_pages.get("/<uuid:follow_up_id>")
@requires(*READERS)
def show(follow_up_id: UUID) -> ResponseReturnValue:
    """The phone page, or what was said when it has been logged."""
    today = local_date(db.utcnow())
    with reading() as session:
        opened = follow_ups.get_follow_up(session, current_actor(), follow_up_id, today=today)
        if opened.follow_up.held_on is not None or not opened.is_logger:
            return render_template(
                "placements/follow_up_logged.html", opened=opened, today=today, wording=wording
            )
        form = MultiDict(
            [
                ("submission_id", str(uuid4())),
                ("held_on", today.isoformat()),
                ("present", "participant"),
                ("present", "logger"),
            ]
        )
        return _phone_page(opened, form, {})


@follow_up_pages.post("/<uuid:follow_up_id>")
@requires(*READERS)
def submit(follow_up_id: UUID) -> ResponseReturnValue:
    """Log it; sent twice, it is saved once."""
    now = db.utcnow()
    today = local_date(now)
    try:
        data = load_form(LogFollowUpSchema())
        with writing() as session:
            row = follow_ups.log_follow_up(
                session,
                current_actor(),
                follow_up_id,
                answers_from(data),
                submission_id=data["submission_id"],
                today=today,
                now=now,
            )
            placement_id = row.placement_id
    except (Invalid, RuleViolation, Conflict) as error:
        with reading() as session:
            opened = follow_ups.get_follow_up(session, current_actor(), follow_up_id, today=today)
            return _phone_page(opened, request.form, field_errors(error), error=error), STATUS[
                type(error)
            ]
    return redirect(
        url_for("placements.show", placement_id=placement_id, _anchor="uppfoljningar"), 303
    )


def answers_from(data: dict[str, Any]) -> Answers:
    """What a form or a program sent, as the rule takes it."""
    rest = {key: value for key, value in data.items() if key != "submission_id"}
    return Answers(
        **rest
        | {
            "present": tuple(rest["present"]),
            "agreed": tuple(text for text in rest["agreed"] if text),
        }
    )


def _phone_page(
    opened: Opened,
    form: MultiDict[str, str],
    errors: dict[str, str],
    *,
    error: DomainError | None = None,
) -> str:
    placement = opened.seen.placement
    return render_template(
        "placements/follow_up.html",
        opened=opened,
        follow_up=opened.follow_up,
        placement=placement,
        form=form,
        errors=errors,
        is_conflict=isinstance(error, Conflict),
        hours=follow_ups.hours_choices(
            opened.hours_now, placement.hours_goal, full_week=opened.full_week
        ),
        next_month=add_months(opened.follow_up.due_on, 1),
        most_actions=MOST_ACTIONS,
        wording=wording,
    )
