"""The outbox as a page: what was sent, what waits, and what a person must decide."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.errors import DomainError
from matchsvc.messages import rules
from matchsvc.messages.models import MessageState
from matchsvc.messages.rules import READERS
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("messages", __name__, template_folder="templates")


@pages.get("/messages")
@requires(*READERS)
def list_page() -> ResponseReturnValue:
    """The unit's messages, fifty a page."""
    return _page({}), 200


@pages.post("/messages/<uuid:message_id>/confirm-sent")
@requires(*READERS)
def submit_confirm_sent(message_id: UUID) -> ResponseReturnValue:
    """A person says that an uncertain message arrived."""
    try:
        with writing() as session:
            rules.confirm_sent(session, current_actor(), message_id, now=db.utcnow())
    except DomainError as error:
        return _page(field_errors(error)), STATUS[type(error)]
    return redirect(url_for("messages.list_page"), 303)


@pages.post("/messages/<uuid:message_id>/send-again")
@requires(*READERS)
def submit_send_again(message_id: UUID) -> ResponseReturnValue:
    """A person wants a message sent once more."""
    try:
        with writing() as session:
            rules.send_again(session, current_actor(), message_id, now=db.utcnow())
    except DomainError as error:
        return _page(field_errors(error)), STATUS[type(error)]
    return redirect(url_for("messages.list_page"), 303)


def _page(errors: dict[str, str]) -> str:
    actor = current_actor()
    number = max(request.args.get("page", 1, type=int), 1)
    has_server = current_app.config["MATCHSVC"].smtp_url is not None
    with reading() as session:
        total = rules.count_messages(session, actor)
        return render_template(
            "messages/list.html",
            listed=rules.list_messages(session, actor, has_server=has_server, page=number),
            has_server=has_server,
            waiting=rules.count_waiting_messages(session, actor),
            page=number,
            pages=-(-total // rules.PAGE_SIZE),
            state_words=state_words(),
            errors=errors,
        )


def state_words() -> dict[MessageState, tuple[str, str, str]]:
    """What each state is called, its colour and its icon."""
    return {
        MessageState.QUEUED: (_("Väntar"), "plain", "clock"),
        MessageState.SENDING: (_("Skickas nu"), "plain", "send"),
        MessageState.SENT: (_("Skickat"), "gran", "check"),
        MessageState.UNCERTAIN: (_("Osäkert om det kom fram"), "havtorn", "circle-question-mark"),
        MessageState.FAILED: (_("Kom inte fram"), "lingon", "circle-x"),
        MessageState.CANCELLED: (_("Återtaget"), "outline", "undo-2"),
    }
