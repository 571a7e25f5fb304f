"""My week."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.guard import STAFF, current_actor, reading, requires
from matchsvc.accounts.models import Role
from matchsvc.activities import wording as activity_words
from matchsvc.diary import wording as diary
from matchsvc.participants.plan_flags import Attention
from matchsvc.participants.plan_words import flag_words
from matchsvc.placements import my_week as weeks
from matchsvc.placements import wording
from matchsvc.placements.access import READERS
from matchsvc.placements.models import Part
from matchsvc.placements.my_week import Due, DueKind, Turn
from matchsvc.placements.unit_dues import unit_dues
from matchsvc.placements.views_tasks import address_of
from matchsvc.start.steps import shown_start
from matchsvc.start.words import TITLES as START_TITLES
from matchsvc.swedish import local_date
from matchsvc.web.words import day_words
from matchsvc.workday.meeting_types import MEETING_TYPES
from matchsvc.workday.words import task_sentence

week_pages = Blueprint("week", __name__)


@week_pages.get("/my-week")
@requires(*STAFF)
def show() -> ResponseReturnValue:
    """What falls due, overdue first; whoever has no week goes to what they do have."""
    actor, today = current_actor(), local_date(db.utcnow())
    if not actor.has_role(*READERS):
        return redirect(_own_page(actor), 303)
    with reading() as session:
        start = shown_start(session, actor)
        week = weeks.my_week(session, actor, today=today, now=db.utcnow())
        return render_template(
            "placements/my_week.html",
            week=week,
            unit=unit_dues(session, actor, today=today),
            start=start,
            start_titles=START_TITLES,
            groups=[
                ("overdue", [_row(due, today, is_late=True) for due in week.overdue]),
                ("today", [_row(due, today) for due in week.today]),
                ("later", [_row(due, today) for due in week.later]),
            ],
            turns=[_turn(turn, is_start=True) for turn in week.starts]
            + [_turn(turn, is_start=False) for turn in week.ends],
            today=today,
            number=today.isocalendar().week,
            logs_visits=actor.has_role(*weeks.CALLERS, Role.CASE_WORKER),
            wording=wording,
            activity_words=activity_words,
            diary=diary,
            plan_words=_plan_words,
        )


def _plan_words(each: Attention) -> str:
    return " ".join(flag_words(flag, each.last_day) for flag in each.flags)


def _own_page(actor: Actor) -> str:
    if actor.has_role(Role.AUDITOR):
        return "/reports"
    if actor.has_role(Role.PRACTICAL_SUPERVISOR):
        return "/morning"
    with reading() as session:
        return "/settings" if shown_start(session, actor) is None else "/start"


def _row(due: Due, today: date, *, is_late: bool = False) -> dict[str, Any]:
    """A due as the page's row: words, and one action."""
    row = _WORDS[due.kind](due)
    row["date"] = _("I dag") if due.due_on == today else day_words(due.due_on).capitalize()
    row["late"] = wording.late_words(due.due_on, today)
    row["action"]["kind"] = "filled" if is_late else "quiet"
    return row


def _where(due: Due) -> str:
    return " · ".join(filter(None, (due.words.get("site"), due.words.get("alias"))))


def _task(due: Due) -> dict[str, Any]:
    return {
        "what": due.words.get("own_words") or _(task_sentence(due.code), **due.words),
        "where": None,
        "href": address_of(*due.about, due.code) if due.about else None,
        "action": {
            "label": _("Klart"),
            "post": url_for(
                "placements.tasks.submit_done",
                chosen=f"{due.id}:{due.version}",
                back="week",
            ),
            "icon": "check",
        },
    }


def _next_step(due: Due) -> dict[str, Any]:
    contact = str(due.words["contact"])
    action = {"label": _("Logga"), "href": f"/employers/{due.id}/log", "icon": "notebook-pen"}
    if due.phone:
        first_name = contact.split(" ", maxsplit=1)[0]
        action = {
            "label": _("Ring %(name)s", name=first_name),
            "short": _("Ring"),
            "href": f"tel:{due.phone}",
            "icon": "phone",
        }
    return {
        "what": due.words["step"],
        "where": " · ".join(
            filter(None, (due.words["employer"], contact and _("lovat %(name)s", name=contact)))
        ),
        "href": f"/employers/{due.id}/log",
        "action": action,
    }


def _follow_up(due: Due) -> dict[str, Any]:
    return {
        "what": _("Uppföljning"),
        "where": _where(due),
        "href": None,
        "action": {
            "label": _("Logga"),
            "href": url_for("follow_ups.show", follow_up_id=due.id),
            "icon": "clipboard-list",
        },
    }


def _package_part(due: Due) -> dict[str, Any]:
    part = Part(due.code)
    count = due.words["count"]
    if count > 1:
        return {
            "what": _("Stödpaketet: %(count)s delar väntar", count=count),
            "where": _where(due),
            "href": None,
            "action": {
                "label": _("Öppna"),
                "href": url_for("placements.show", placement_id=due.id, _anchor="stodpaket"),
                "icon": "package",
            },
        }
    return {
        "what": wording.PART[part],
        "where": _where(due),
        "href": None,
        "action": {
            "label": _("Öppna"),
            "href": url_for("placements.show_part", placement_id=due.id, part=part.value),
            "icon": "package",
        },
    }


def _planned_end(due: Due) -> dict[str, Any]:
    return {
        "what": _("Avsluta placeringen"),
        "where": _where(due),
        "href": None,
        "action": {
            "label": _("Avsluta"),
            "href": url_for("placements.show_end", placement_id=due.id),
            "icon": "flag",
        },
    }


def _interpreter(due: Due) -> dict[str, Any]:
    kind = diary.kind_words(MEETING_TYPES.get(due.words["kind"]))
    return {
        "what": _("Tolken är inte bokad"),
        "where": " · ".join(filter(None, (kind, day_words(due.words["day"]), due.words["with"]))),
        "href": None,
        "action": {
            "label": _("Boka tolk"),
            "href": url_for("diary.show_meeting", meeting_id=due.id, _anchor="tolk"),
            "icon": "languages",
        },
    }


def _how_it_went(due: Due) -> dict[str, Any]:
    kind = diary.kind_words(MEETING_TYPES.get(due.words["kind"]))
    return {
        "what": _("Skriv hur mötet gick"),
        "where": " · ".join(filter(None, (kind, due.words["with"]))),
        "href": None,
        "action": {
            "label": _("Skriv"),
            "href": url_for("diary.show_meeting", meeting_id=due.id, _anchor="efterat"),
            "icon": "notebook-pen",
        },
    }


_WORDS = {
    DueKind.TASK: _task,
    DueKind.NEXT_STEP: _next_step,
    DueKind.FOLLOW_UP: _follow_up,
    DueKind.PACKAGE_PART: _package_part,
    DueKind.PLANNED_END: _planned_end,
    DueKind.INTERPRETER: _interpreter,
    DueKind.HOW_IT_WENT: _how_it_went,
}


def _turn(turn: Turn, *, is_start: bool) -> dict[str, Any]:
    placement = turn.seen.placement
    anchor = "startlista" if is_start else "slut"
    when = day_words(turn.day)
    return {
        "what": _("Börjar %(day)s", day=when) if is_start else _("Slutar %(day)s", day=when),
        "where": f"{turn.seen.site.name} · {turn.seen.participant.alias}",
        "icon": "log-in" if is_start else "log-out",
        "left": turn.left,
        "of": turn.of,
        "label": _("Startlista") if is_start else _("Öppna"),
        "href": url_for("placements.show", placement_id=placement.id, _anchor=anchor),
    }
