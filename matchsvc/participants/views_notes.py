"""Notes about a participant: read by those who see all of her, written by her own workers."""

from __future__ import annotations

from datetime import date

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.guard import current_actor, day_of_request, requires, writing
from matchsvc.participants.access import (
    Sight,
    get_visible,
    require_sight,
    shown_name,
    sight_of,
)
from matchsvc.participants.frame import CHANGERS
from matchsvc.participants.own import is_own
from matchsvc.web.forms import load_form
from matchsvc.workday.note_schemas import TimeSchema
from matchsvc.workday.notes import Desk
from matchsvc.workday.time_spent import Talk, log_time
from matchsvc.workday.views_notes import Place, note_pages


def find_case_notes(session: Session, actor: Actor, key: str, today: date) -> Place:
    """The notes of a participant.

    Raises:
        NotFound: unknown, hidden or protected.
        Refused: the actor does not see all of her.
    """
    participant = get_visible(session, actor, key, today=today)
    require_sight(session, actor, participant, Sight.FULL, today=today)
    sight = sight_of(session, actor, [participant.id], today=today)[participant.id]
    is_hers = is_own(session, actor, participant.id, today=today)
    name = shown_name(participant, sight)
    return Place(
        Desk(
            about_type="participant",
            about_id=participant.id,
            unit_id=participant.unit_id,
            may_write=is_hers,
            sees_close=is_hers,
        ),
        key=participant.alias,
        title=name,
        crumbs=[
            {"label": _("Deltagare"), "href": url_for("participants.list_")},
            {"label": name, "href": url_for("participants.show", key=participant.alias)},
        ],
    )


case_notes = note_pages(find_case_notes, CHANGERS)

#: Where each talk is held.
_TALK_PAGES = {
    Talk.COMPETENCE: "participants.talk.show_talk",
    Talk.MAPPING: "participants.map.show_map",
    Talk.SUMMARY: "participants.map.show_summary",
    Talk.PLAN: "participants.plan.show_plan",
}


@case_notes.post("/<key>/notes/time")
@requires(*CHANGERS)
def submit_time(key: str) -> ResponseReturnValue:
    """Note with one tap how long a talk took, and stay on its page."""
    data = load_form(TimeSchema())
    with writing() as session:
        desk = find_case_notes(session, current_actor(), key, day_of_request()).desk
        log_time(session, current_actor(), desk, **data, today=day_of_request(), now=db.utcnow())
    return redirect(url_for(_TALK_PAGES[data["talk"]], key=key, timed=data["minutes"]), 303)
