"""Telling us that a page cannot be used: open to everybody, without an account (LAW-07)."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import public, writing
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.accounts.rules import count_attempt
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.messages.outbox import queue_message
from matchsvc.web.forms import InputSchema, Text, load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("feedback", __name__)

TOO_MANY = N_("Du har skickat flera meddelanden nyss. Vänta en kvart och försök igen.")


class FeedbackSchema(InputSchema):
    """What does not work, where, and an address for the answer if one is wanted."""

    what = Text(
        required=True,
        longest=2_000,
        error_messages={"required": N_("Skriv vad som inte fungerar.")},
    )
    where = Text(longest=200, load_default=None)
    reply_to = Text(longest=254, load_default=None)
    website = Text(longest=200, load_default=None)  # nobody sees this field; programs fill it in


@pages.get("/accessibility")
@public("the accessibility statement must be open to all (LAW-07)")
def show_accessibility() -> ResponseReturnValue:
    """Show the accessibility statement, and the form that says what does not work."""
    return _page({}, {}), 200


@pages.post("/accessibility")
@public("the law lets anybody say what cannot be used (LAW-07)")
def submit_feedback() -> ResponseReturnValue:
    """Send what does not work to those who can mend it."""
    try:
        data = load_form(FeedbackSchema())
        _refuse_floods()
        if data["website"] is None:
            with writing() as session:
                send_feedback(
                    session, what=data["what"], where=data["where"], reply_to=data["reply_to"]
                )
    except (Invalid, RuleViolation) as error:
        return _page(request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("feedback.show_accessibility", sent=1), 303)


def _refuse_floods() -> None:
    with writing() as session:
        may = count_attempt(session, f"feedback:{request.remote_addr}", now=db.utcnow())
    if not may:
        raise RuleViolation("too_many", TOO_MANY)


def send_feedback(session: Session, *, what: str, where: str | None, reply_to: str | None) -> int:
    """Queue a message to every active manager and administrator; give how many.

    Args:
        session: a writing transaction.
        what: what does not work.
        where: which page, as the person calls it.
        reply_to: an address for the answer, if the person wants one.
    """
    people = session.scalars(
        select(User)
        .join(UserRole, UserRole.user_id == User.id)
        .where(User.is_active, UserRole.role.in_((Role.UNIT_MANAGER, Role.ADMIN)))
        .distinct()
        .order_by(User.email)
    ).all()
    body = "\n\n".join(
        [
            "Någon har skrivit att något inte går att använda. Svara inom två veckor.",
            what,
            f"Var: {where or 'inte angivet'}",
            f"Svar önskas till: {reply_to or 'inget svar önskas'}",
        ]
    )
    for user in people:
        queue_message(
            session,
            unit_id=user.unit_id,
            kind="accessibility_feedback",
            recipient=user.email,
            subject="Tillgänglighet: någon kan inte använda en sida",
            body=body,
        )
    return len(people)


def _page(form: object, errors: dict[str, str]) -> str:
    return render_template(
        "messages/accessibility.html",
        form=form,
        errors=errors,
        sent=request.args.get("sent") is not None,
    )
