"""What the link shows: the next meeting and whom to call. Nothing says what it is about."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts.guard import UNIT_OF_LINK, public, reading, writing
from matchsvc.own_page import standing_link
from matchsvc.own_page.saying import Saying
from matchsvc.own_page.standing_link import Shown
from matchsvc.own_page.texts import languages
from matchsvc.placements.participant_questions import AROUND
from matchsvc.placements.views_own_survey_link import KEY
from matchsvc.swedish import local_date
from matchsvc.workday.invitations import Entry, calendar_text

link_pages = Blueprint("link", __name__, url_prefix="/l/m")
_WHY = "the link itself is the key"
FILE = "meeting.ics"


@link_pages.get("/<token>")
@public(_WHY)
def show(token: str) -> ResponseReturnValue:
    """The next meeting, and whom to call."""
    with reading() as session:
        shown = standing_link.read_by_link(session, token, now=db.utcnow())
        if shown is None:
            return _dead_page()
        setattr(g, UNIT_OF_LINK, shown.unit_id)
        say = Saying.in_(request.args.get("language", shown.language))
        return render_template(
            "own_page/link.html",
            token=token,
            shown=shown,
            say=say,
            languages=list(languages().values()),
            around=AROUND,
            day=local_date(shown.times[0]) if shown.times else None,
        )


@link_pages.post("/<token>/survey")
@public(_WHY)
def submit_survey(token: str) -> ResponseReturnValue:
    """Begin to answer the survey about a placement; the token leaves the address."""
    with writing() as session:
        held = standing_link.start_survey(
            session, token, request.form.get("language", ""), now=db.utcnow()
        )
    if held is None:
        return _dead_page()
    cookie[KEY] = held
    return redirect(url_for("placements.own_survey_link.show_question", question_id="P1"), 303)


@link_pages.get("/<token>/meeting.ics")
@public(_WHY)
def download(token: str) -> ResponseReturnValue:
    """The next meeting for a calendar: that there is one, when and where."""
    with reading() as session:
        shown = standing_link.read_by_link(session, token, now=db.utcnow())
        if shown is None or shown.meeting is None:
            return _dead_page()
        return calendar_file(shown)


def calendar_file(shown: Shown) -> Response:
    """A file with one meeting that says nothing of what it is about."""
    assert shown.meeting is not None  # noqa: S101 - for the type checker; callers have looked
    title = _("Möte med %(unit)s", unit=shown.unit_name)
    entry = Entry(shown.meeting, title, shown.place, shown.times)
    return Response(
        calendar_text([entry], now=db.utcnow()),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{FILE}"'},
    )


def _dead_page() -> ResponseReturnValue:
    """The same for every link that leads nowhere, in every language: whose it was nobody knows."""
    sayings = [Saying(language) for language in languages().values()]
    return render_template("own_page/link_dead.html", sayings=sayings), 404
