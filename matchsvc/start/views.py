"""The page that leads through the first start, and the unit's own name."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.own_unit import name_unit, own_unit
from matchsvc.accounts.staff import KEEPERS
from matchsvc.config import Config
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.messages.mail import Verdict
from matchsvc.start import mail_test, steps, words
from matchsvc.start.schemas import OwnUnitSchema
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("start", __name__, template_folder="templates")


@pages.get("/start")
@requires(*KEEPERS)
def show() -> ResponseReturnValue:
    """What is done, what is next."""
    return _page(None)


@pages.post("/start/mail-test")
@requires(*KEEPERS)
def submit_mail_test() -> ResponseReturnValue:
    """Send one letter to the actor's own address and say how it went."""
    try:
        verdict = try_mail()
    except RuleViolation as error:
        return _page({"sentence": _(error.message)}), STATUS[type(error)]
    if verdict.state == "sent":
        return redirect(url_for("start.show", saved="mail", _anchor="mail"), 303)
    return _page({"sentence": told(verdict)}), 409


@pages.post("/start/<any(aside, again):act>")
@requires(*KEEPERS)
def submit_act(act: str) -> ResponseReturnValue:
    """Take the guide off My week, or put it back."""
    with writing() as session:
        if act == "aside":
            steps.put_aside(session, current_actor(), now=db.utcnow())
        else:
            steps.take_up(session, current_actor())
    return redirect(url_for("start.show", saved=act), 303)


@pages.get("/start/unit")
@requires(*KEEPERS)
def show_unit() -> ResponseReturnValue:
    """The unit's name, municipality and telephone."""
    return _unit_page(None, {})


@pages.post("/start/unit")
@requires(*KEEPERS)
def submit_unit() -> ResponseReturnValue:
    """Save them."""
    try:
        data = load_form(OwnUnitSchema())
        with writing() as session:
            name_unit(session, current_actor(), **data)
    except (Invalid, Conflict) as error:
        return _unit_page(request.form, field_errors(error), error), STATUS[type(error)]
    return redirect(url_for("start.show", saved="unit"), 303)


def try_mail() -> Verdict:
    """Three steps, so that no transaction waits for a mail server.

    Raises:
        RuleViolation: no mail server is configured, or it was tried too often.
    """
    actor, now = current_actor(), db.utcnow()
    config: Config = current_app.config["MATCHSVC"]
    with writing() as session:
        letter = mail_test.ask_for_test(session, actor, smtp_url=config.smtp_url, now=now)
    verdict = mail_test.send_test(config.smtp_url or "", config.mail_from, letter)
    with writing() as session:
        mail_test.note_test(session, actor, verdict, now=db.utcnow())
    return verdict


def told(verdict: Verdict) -> str:
    """How it went, in the reader's language."""
    if verdict.state == "sent":
        return str(_("Mejlservern tog emot brevet. Titta i din inkorg."))
    sentence, values = mail_test.what_to_mend(verdict)
    return str(_(sentence, **values))


def _page(failed: dict[str, str] | None) -> str:
    with reading() as session:
        start = steps.read_start(session, current_actor())
        return render_template(
            "start/start.html",
            start=start,
            roles=words.ROLES,
            titles=words.TITLES,
            why=words.WHY,
            ask=words.ASK,
            failed=failed,
            saved=request.args.get("saved"),
        )


def _unit_page(form: Any, errors: dict[str, str], error: Exception | None = None) -> str:
    with reading() as session:
        unit = own_unit(session, current_actor())
        stored = {"name": unit.name, "municipality": unit.municipality, "phone": unit.phone}
        is_conflict = isinstance(error, Conflict)
        return render_template(
            "start/unit.html",
            unit=unit,
            form=stored if form is None else form,
            errors={} if is_conflict else errors,
            is_conflict=is_conflict,
        )
