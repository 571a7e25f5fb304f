"""The page of what a person wants to get."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.errors import Conflict, DomainError
from matchsvc.participants import messaging
from matchsvc.participants.frame import CHANGERS, FORM_ERRORS, own_overview, today, typed
from matchsvc.participants.schemas import MessagingSchema
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

messaging_pages = Blueprint("messaging", __name__)


@messaging_pages.get("/<key>/messages")
@requires(*CHANGERS)
def show_messaging(key: str) -> ResponseReturnValue:
    """What the person gets, and what was sent."""
    return _page(key, None, {})


@messaging_pages.post("/<key>/messages")
@requires(*CHANGERS)
def submit_messaging(key: str) -> ResponseReturnValue:
    """Change what the person gets."""
    try:
        data = load_form(MessagingSchema())
        with writing() as session:
            messaging.set_messaging(session, current_actor(), key, **data, today=today())
    except FORM_ERRORS as error:
        return _page(key, typed(), field_errors(error), error), STATUS[type(error)]
    return redirect(url_for("participants.show", key=key, saved="messaging"), 303)


def _page(
    key: str,
    form: dict[str, Any] | None,
    errors: dict[str, str],
    error: DomainError | None = None,
) -> str:
    with reading() as session:
        overview = own_overview(session, key)
        person = overview.participant
        saved = {"no_messages": person.no_messages, "texts": person.text_agreed_on is not None}
        conflict = None
        if isinstance(error, Conflict):
            conflict = [
                {"label": _("Inga meddelanden alls"), "theirs": _yes_no(saved["no_messages"])},
                {"label": _("Sms om tider"), "theirs": _yes_no(saved["texts"])},
            ]
        return render_template(
            "participants/messaging.html",
            o=overview,
            person=person,
            form=saved if form is None else form,
            errors={} if conflict else errors,
            conflict=conflict,
        )


def _yes_no(value: bool) -> str:  # noqa: FBT001
    return str(_("Ja") if value else _("Nej"))
