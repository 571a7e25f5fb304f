"""The outbox as a page: what was sent, what waits, and what a person must decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.staff import KEEPERS
from matchsvc.errors import DomainError
from matchsvc.messages import rules
from matchsvc.messages.bounces import BY_HAND, bounce
from matchsvc.messages.models import OutboxMessage, RecipientKind
from matchsvc.messages.rules import READERS
from matchsvc.messages.wording import GROUP_WORDS, kind_words, state_words, why_words
from matchsvc.web.forms import page_number
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("messages", __name__, template_folder="templates")


@pages.get("/messages")
@requires(*READERS)
def list_page() -> ResponseReturnValue:
    """The unit's messages, fifty a page."""
    return _page({}), 200


@pages.post("/messages/<uuid:message_id>/<any('confirm-sent', 'send-again', bounced):act>")
@requires(*READERS)
def submit_act(message_id: UUID, act: str) -> ResponseReturnValue:
    """A person says that a message arrived, wants it sent once more, or saw it come back."""
    actor = current_actor()
    try:
        with writing() as session:
            if act == "confirm-sent":
                rules.confirm_sent(session, actor, message_id, now=db.utcnow())
            elif act == "send-again":
                rules.send_again(session, actor, message_id, now=db.utcnow())
            else:
                bounce(session, actor, message_id, BY_HAND)
    except DomainError as error:
        return _page(field_errors(error)), STATUS[type(error)]
    return redirect(url_for("messages.list_page", **_kept()), 303)


def _wanted() -> rules.Wanted:
    try:
        about = UUID(request.args.get("about", ""))
    except ValueError:
        about = None
    return rules.Wanted(request.args.get("group"), request.args.get("kind"), about)


def _kept() -> dict[str, Any]:
    """The part of the address that says which messages are shown."""
    names = ("group", "kind", "about")
    return {name: request.args[name] for name in names if request.args.get(name)}


def _page(errors: dict[str, str]) -> str:
    actor, wanted = current_actor(), _wanted()
    number = page_number()
    config = current_app.config["MATCHSVC"]
    has_server = config.smtp_url is not None
    with reading() as session:
        total = rules.count_messages(session, actor, wanted)
        return render_template(
            "messages/list.html",
            listed=rules.list_messages(
                session, actor, has_server=has_server, wanted=wanted, page=number
            ),
            has_server=has_server,
            waiting=rules.count_waiting_messages(session, actor),
            page=number,
            pages=-(-total // rules.PAGE_SIZE),
            kinds=[(kind, kind_words(kind)) for kind in rules.kinds_of_messages(session, actor)],
            kept=_kept(),
            address=url_for("messages.list_page", **_kept(), page=0).removesuffix("0") + "{page}",
            groups=list(GROUP_WORDS.items()),
            state_words=state_words(),
            kind_words=kind_words,
            why_words=why_words,
            mend_address=mend_address,
            errors=errors,
        )


def mend_address(message: OutboxMessage) -> str | None:
    """Where the recipient's address is changed; None when we do not know who it is."""
    actor, who = current_actor(), message.recipient_id
    match message.recipient_kind:
        case RecipientKind.CONTACT:
            return f"/employers/contacts/{who}"
        case RecipientKind.USER if actor.has_role(*KEEPERS):
            return f"/users/{who}"
        case RecipientKind.PARTICIPANT:
            return f"/participants/{who}/messages"
    return None
