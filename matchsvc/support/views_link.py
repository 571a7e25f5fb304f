"""What the employer's standing link opens. No page here names the participant without a code.

Opening a page changes nothing: only forms do. Each page asks anew whether the link still stands.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID, uuid4

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.guard import UNIT_OF_LINK, public, reading, writing
from matchsvc.accounts.settings import shown_name
from matchsvc.errors import DomainError, Invalid, NotFound, RuleViolation
from matchsvc.messages import codes
from matchsvc.messages.api_schemas import SendCodeSchema
from matchsvc.messages.codes import Way
from matchsvc.messages.doors import open_with
from matchsvc.messages.models import Reach, Via
from matchsvc.placements.models import Part
from matchsvc.support import links, qa, requests, wording
from matchsvc.support.contacts import reachable
from matchsvc.support.links import PURPOSE, Opened
from matchsvc.support.models import HELP, RequestKind
from matchsvc.support.overview import employer_page, read_personal
from matchsvc.support.packs import LANGUAGES, pieces, shared_pack
from matchsvc.support.schedule import calendar_of, schedule_of
from matchsvc.support.schemas import (
    AskSchema,
    CodeSchema,
    HelpSchema,
    LostSchema,
    SayingSchema,
    SignAgreementSchema,
)
from matchsvc.support.views_writing import published_pdf
from matchsvc.swedish import format_phone, local_date
from matchsvc.tripartite import signing
from matchsvc.tripartite.content import from_text
from matchsvc.tripartite.desk import ABOUT
from matchsvc.tripartite.wording import sections_of, terms_of
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import language_of_reader

link_pages = Blueprint("link", __name__, url_prefix="/l")
_WHY = "the link itself is the key"
#: Name in the signed cookie under which the session after a right code stands.
CODE_KEY = "support"
FORM_ERRORS = (Invalid, RuleViolation)
#: What a question's address may hold.
_SEARCH_LONGEST = 100


def _with_link(
    token: str, page: str, build: Callable[[Session, Opened], ResponseReturnValue]
) -> ResponseReturnValue:
    """A page of a link that works; the same answer for every one that does not."""
    with reading() as session:
        opened = links.open_link(session, token, now=db.utcnow())
        if opened is not None:
            setattr(g, UNIT_OF_LINK, opened.row.unit_id)
            links.note_opened(session, opened, page)
            return build(session, opened)
    return _dead_page(token)


def _dead_page(token: str) -> ResponseReturnValue:
    return render_template("support/link_dead.html", token=token), 404


def _page(
    token: str,
    opened: Opened,
    template: str,
    errors: dict[str, str] | None = None,
    **values: object,
) -> str:
    return render_template(
        template,
        token=token,
        opened=opened,
        site=opened.seen.site.name,
        errors=errors or {},
        form=request.form,
        submission_id=request.form.get("submission_id") or uuid4(),
        wording=wording,
        now=db.utcnow(),
        today=local_date(db.utcnow()),
        **values,
    )


def show(token: str) -> ResponseReturnValue:
    """The page itself: whom to call, help, what comes next, the six parts."""

    def build(session: Session, opened: Opened) -> ResponseReturnValue:
        page = employer_page(session, opened, today=local_date(db.utcnow()))
        sent = request.args.get("sent", type=UUID)
        told = next((each for each in page.asked if each.request.id == sent), None)
        return _page(
            token,
            opened,
            "support/link.html",
            page=page,
            agreement=signing.version_for_employer(session, opened.placement.id),
            told=told,
            unit_phone=format_phone(opened.unit.phone) if opened.unit.phone else "",
            has_said=request.args.get("said") is not None,
            Part=Part,
        )

    return _with_link(token, "package", build)


open_with(PURPOSE, show)


@link_pages.get("/<token>/help")
@public(_WHY)
def show_help(token: str) -> ResponseReturnValue:
    """Few kinds of help to choose from, and who answers when."""
    return _with_link(token, "help", lambda session, opened: _help_page(session, token, opened, {}))


@link_pages.post("/<token>/help")
@public(_WHY)
def submit_help(token: str) -> ResponseReturnValue:
    """Ask for help: somebody named gets a task with a deadline."""
    return _submit(
        token,
        lambda session, opened: (
            requests.send(session, opened, **load_form(HelpSchema()), now=db.utcnow()).id
        ),
        lambda session, opened, errors: _help_page(session, token, opened, errors),
        lambda key: url_for("placements.links.show", token=token, sent=key),
    )


def _help_page(session: Session, token: str, opened: Opened, errors: dict[str, str]) -> str:
    page = employer_page(session, opened, today=local_date(db.utcnow()))
    return _page(token, opened, "support/link_help.html", errors, kinds=HELP, page=page)


def _submit(
    token: str,
    rule: Callable[[Session, Opened], object],
    again: Callable[[Session, Opened, dict[str, str]], str],
    target: Callable[[object], str],
) -> ResponseReturnValue:
    """Run one rule for a link that works; show its form again when it is refused."""
    try:
        with writing() as session:
            opened = links.open_link(session, token, now=db.utcnow(), writes=True)
            if opened is None:
                return _dead_page(token)
            key = rule(session, opened)
    except FORM_ERRORS as error:
        failed: DomainError = error

        def build(session: Session, opened: Opened) -> ResponseReturnValue:
            return again(session, opened, field_errors(failed)), STATUS[type(failed)]

        return _with_link(token, "form", build)
    return redirect(target(key), 303)


@link_pages.get("/<token>/information")
@public(_WHY)
def show_information(token: str) -> ResponseReturnValue:
    """The version of the information pack that this placement's employer got."""

    def build(session: Session, opened: Opened) -> ResponseReturnValue:
        shared = shared_pack(session, opened.placement.id)
        language = language_of_reader()
        return _page(
            token,
            opened,
            "support/link_information.html",
            shared=shared,
            blocks=shared[1].content[language] if shared else [],
            pieces=pieces,
            languages=LANGUAGES,
        )

    return _with_link(token, "information", build)


@link_pages.get("/<token>/information.pdf")
@public(_WHY)
def download_information(token: str) -> ResponseReturnValue:
    """The same as a tagged PDF."""

    def build(session: Session, opened: Opened) -> ResponseReturnValue:
        shared = shared_pack(session, opened.placement.id)
        if shared is None:
            raise NotFound("info_pack")
        wish = request.args.get("in", "")
        language = wish if wish in LANGUAGES else language_of_reader()
        return published_pdf(session, opened.unit, shared[1], language)

    return _with_link(token, "information", build)


@link_pages.get("/<token>/questions")
@public(_WHY)
def show_questions(token: str) -> ResponseReturnValue:
    """Questions and answers to search in, one's own, and a form for one more."""
    return _with_link(
        token, "questions", lambda session, opened: _questions_page(session, token, opened, {})
    )


@link_pages.post("/<token>/questions")
@public(_WHY)
def submit_question(token: str) -> ResponseReturnValue:
    """Ask: somebody named gets a task with a deadline."""
    return _submit(
        token,
        lambda session, opened: (
            requests.send(
                session, opened, RequestKind.QUESTION, **load_form(AskSchema()), now=db.utcnow()
            ).id
        ),
        lambda session, opened, errors: _questions_page(session, token, opened, errors),
        lambda key: url_for("placements.links.show", token=token, sent=key),
    )


def _questions_page(session: Session, token: str, opened: Opened, errors: dict[str, str]) -> str:
    words = request.args.get("q", "")[:_SEARCH_LONGEST]
    page = employer_page(session, opened, today=local_date(db.utcnow()))
    return _page(
        token,
        opened,
        "support/link_questions.html",
        errors,
        words=words,
        entries=qa.search(session, opened.row.unit_id, words, language_of_reader()),
        asked=[each for each in page.asked if each.request.kind is RequestKind.QUESTION],
    )


@link_pages.get("/<token>/schedule")
@public(_WHY)
def show_schedule(token: str) -> ResponseReturnValue:
    """Everything that is planned, and how to have it in one's own calendar."""

    def build(session: Session, opened: Opened) -> ResponseReturnValue:
        items = schedule_of(session, opened.placement, today=local_date(db.utcnow()))
        base = current_app.config["MATCHSVC"].base_url
        return _page(
            token,
            opened,
            "support/link_schedule.html",
            items=items,
            address=base + url_for("support.link.download_schedule", token=token),
        )

    return _with_link(token, "schedule", build)


@link_pages.get("/<token>/schedule.ics")
@public(_WHY)
def download_schedule(token: str) -> ResponseReturnValue:
    """The schedule for a calendar: to download, or to subscribe to. Names nobody."""
    now = db.utcnow()
    with reading() as session:
        opened = links.open_link(session, token, now=now)
        if opened is not None:
            # A calendar asks every few hours: it is no opening of the page.
            audit.record(session, opened.actor, "export", "support_link", opened.row.id)
            items = schedule_of(session, opened.placement, today=local_date(now))
            text = calendar_of(
                items,
                title=wording.item_title,
                name=_("Stöd från %(unit)s", unit=shown_name(session, opened.unit)),
                now=now,
            )
            return Response(
                text,
                content_type="text/calendar; charset=utf-8",
                headers={"Content-Disposition": 'attachment; filename="schedule.ics"'},
            )
    return _dead_page(token)


@link_pages.get("/<token>/how")
@public(_WHY)
def show_saying(token: str) -> ResponseReturnValue:
    """How it goes, in three answers."""
    return _with_link(
        token, "saying", lambda _session, opened: _page(token, opened, "support/link_how.html")
    )


@link_pages.post("/<token>/how")
@public(_WHY)
def submit_saying(token: str) -> ResponseReturnValue:
    """Keep it for the next follow-up."""
    return _submit(
        token,
        lambda session, opened: (
            requests.say_how_it_goes(
                session, opened, **load_form(SayingSchema()), now=db.utcnow()
            ).id
        ),
        lambda _session, opened, errors: _page(token, opened, "support/link_how.html", errors),
        lambda _key: url_for("placements.links.show", token=token, said=1),
    )


@link_pages.get("/<token>/code")
@public(_WHY)
def show_code(token: str) -> ResponseReturnValue:
    """Buttons that send six digits to what is registered, and where to write them."""
    return _with_link(token, "code", lambda session, opened: _code_page(session, token, opened, {}))


@link_pages.post("/<token>/code/send")
@public(_WHY)
def submit_send_code(token: str) -> ResponseReturnValue:
    """Send the digits."""
    return _submit(
        token,
        _send_code,
        lambda session, opened, errors: _code_page(session, token, opened, errors),
        lambda via: url_for("support.link.show_code", token=token, sent=via),
    )


def _send_code(session: Session, opened: Opened) -> object:
    via: Via | None = load_form(SendCodeSchema())["via"]
    way = codes.choose_way(_ways(opened), via)
    codes.send_code(session, opened.signed, way, now=db.utcnow())
    return way.via.value if way else None


def _ways(opened: Opened) -> list[Way]:
    contact = opened.contact
    return codes.ways_to(
        contact.email,
        contact.phone,
        prefers_text=contact.reach is Reach.TEXT,
        has_texts=bool(current_app.config["MATCHSVC"].sms_url),
    )


@link_pages.post("/<token>/code")
@public(_WHY)
def submit_code(token: str) -> ResponseReturnValue:
    """Try the digits. A wrong try is kept, so this never raises inside the transaction."""
    errors: dict[str, str] = {}
    try:
        data = load_form(CodeSchema())
    except Invalid as error:
        errors = field_errors(error)
    else:
        with writing() as session:
            opened = links.open_link(session, token, now=db.utcnow(), writes=True)
            if opened is None:
                return _dead_page(token)
            started = codes.try_code(session, opened.signed, data["code"], now=db.utcnow())
        if started is not None:
            cookie[CODE_KEY] = started
            return redirect(url_for("support.link.show_personal", token=token), 303)
        errors = {"code": _("Koden stämmer inte, eller gäller inte längre. Be om en ny.")}

    def build(session: Session, opened: Opened) -> ResponseReturnValue:
        return _code_page(session, token, opened, errors), STATUS[Invalid]

    return _with_link(token, "code", build)


def _code_page(session: Session, token: str, opened: Opened, errors: dict[str, str]) -> str:
    ways, sent = _ways(opened), request.args.get("sent")
    whom = [] if ways else reachable(session, opened.placement, today=local_date(db.utcnow()))
    return _page(
        token,
        opened,
        "support/link_code.html",
        errors,
        ways=ways,
        sent_by=next((each for each in ways if each.via.value == sent), None),
        is_sent=sent is not None or "code" in errors,
        whom=whom[:1],
        unit_phone=format_phone(opened.unit.phone) if opened.unit.phone else None,
    )


@link_pages.get("/<token>/personal")
@public(_WHY)
def show_personal(token: str) -> ResponseReturnValue:
    """The agreed schedule, with the name while a consent stands. Behind a code."""

    def build(session: Session, opened: Opened) -> ResponseReturnValue:
        now = db.utcnow()
        if not codes.has_shown_code(session, opened.signed, cookie.get(CODE_KEY), now=now):
            return redirect(url_for("support.link.show_code", token=token), 303)
        return _personal_page(session, token, opened, {})

    return _with_link(token, "personal", build)


@link_pages.post("/<token>/agreement")
@public(_WHY)
def submit_agreement(token: str) -> ResponseReturnValue:
    """The employer signs the agreement that stands on the page. Behind a code."""

    def rule(session: Session, opened: Opened) -> object:
        now, data = db.utcnow(), load_form(SignAgreementSchema())
        if not codes.has_shown_code(session, opened.signed, cookie.get(CODE_KEY), now=now):
            return None
        signing.sign_by_link(
            session,
            opened.actor,
            opened.seen,
            signer_name=opened.contact.name,
            **data,
            today=local_date(now),
            now=now,
        )
        return "signed"

    return _submit(
        token,
        rule,
        lambda session, opened, errors: _personal_page(session, token, opened, errors),
        lambda done: url_for("support.link.show_personal", token=token, signed=done),
    )


def _personal_page(session: Session, token: str, opened: Opened, errors: dict[str, str]) -> str:
    personal = read_personal(session, opened, today=local_date(db.utcnow()))
    shown = signing.version_for_employer(session, opened.placement.id)
    sections = []
    if shown is not None:
        audit.record(
            session,
            opened.actor,
            "read",
            ABOUT,
            shown.row.id,
            subjects=[opened.seen.participant.id],
        )
        facts = json.loads(shown.row.facts or "{}")
        sections = sections_of(from_text(shown.row.content), facts)
    return _page(
        token,
        opened,
        "support/link_personal.html",
        errors,
        personal=personal,
        agreement=shown,
        sections=sections,
        terms=terms_of(shown.row.terms) if shown else [],
        has_signed=request.args.get("signed") is not None,
    )


@link_pages.post("/<token>/renew")
@public(_WHY)
def submit_renew(token: str) -> ResponseReturnValue:
    """Send a new link to the registered address. The answer is the same whatever happened."""
    with writing() as session:
        links.renew(session, token, base_url=_base_url(), now=db.utcnow())
    return redirect(url_for("support.link.show_renewed"), 303)


@link_pages.get("/lost")
@public("whoever has lost a link has no key")
def show_lost() -> ResponseReturnValue:
    """Where a new link is asked for with one's address."""
    return render_template("support/link_lost.html", errors={}, form={})


@link_pages.post("/lost")
@public("whoever has lost a link has no key")
def submit_lost() -> ResponseReturnValue:
    """Send new links to a registered address. The answer is the same whatever happened."""
    try:
        data = load_form(LostSchema())
    except Invalid as error:
        page = render_template(
            "support/link_lost.html", errors=field_errors(error), form=request.form
        )
        return page, STATUS[Invalid]
    with writing() as session:
        links.renew_by_address(session, data["email"], base_url=_base_url(), now=db.utcnow())
    return redirect(url_for("support.link.show_renewed"), 303)


@link_pages.get("/renewed")
@public("says the same to everybody")
def show_renewed() -> ResponseReturnValue:
    """What was done, if anything."""
    return render_template("support/link_renewed.html")


def _base_url() -> str:
    base: str = current_app.config["MATCHSVC"].base_url
    return base
