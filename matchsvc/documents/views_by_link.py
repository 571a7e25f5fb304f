"""What the link to a signed document opens: a code first, then the paper.

Opening the link changes nothing. The right digits start thirty minutes of reading, and from then on
the token is no longer in the address.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import UNIT_OF_LINK, public, reading, writing
from matchsvc.documents import by_link, wording
from matchsvc.documents.by_link import PURPOSE, Opened
from matchsvc.documents.overview import signature_rows
from matchsvc.documents.paper import TEMPLATE, paper_data
from matchsvc.documents.schemas import DocumentCodeSchema
from matchsvc.documents.signing import shown_facts
from matchsvc.errors import Invalid, RuleViolation
from matchsvc.messages import codes, links
from matchsvc.messages.api_schemas import SendCodeSchema
from matchsvc.messages.codes import Way
from matchsvc.messages.doors import open_with
from matchsvc.swedish import format_phone
from matchsvc.web.forms import load_form
from matchsvc.web.papers import render_pdf
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("document_link", __name__, url_prefix="/l/d", template_folder="templates")
#: Name in the signed cookie under which the session after a right code stands.
CODE_KEY = "document_link"
_WHY = "the link itself is the key"


def show(token: str) -> ResponseReturnValue:
    """That there is a paper, and where a code is asked for. Names nobody."""
    return _code_page(token, {})


open_with(PURPOSE, show)


@pages.post("/<token>/send")
@public(_WHY)
def submit_send_code(token: str) -> ResponseReturnValue:
    """Send the digits to what is registered."""
    try:
        data = load_form(SendCodeSchema())
        with writing() as session:
            opened = _open(session, token)
            if opened is None:
                return _dead_page()
            way = codes.choose_way(_ways(opened), data["via"])
            codes.send_code(session, opened.signed, way, now=db.utcnow())
    except (Invalid, RuleViolation) as error:
        return _code_page(token, field_errors(error), STATUS[type(error)])
    sent = way.via.value if way else None
    return redirect(url_for("placements.links.show", token=token, sent=sent), 303)


@pages.post("/<token>/code")
@public(_WHY)
def submit_code(token: str) -> ResponseReturnValue:
    """Try the digits. A wrong try is kept, so this never raises inside the transaction."""
    try:
        data = load_form(DocumentCodeSchema())
    except Invalid as error:
        return _code_page(token, field_errors(error), STATUS[Invalid])
    with writing() as session:
        opened = _open(session, token)
        if opened is None:
            return _dead_page()
        started = codes.try_code(session, opened.signed, data["code"], now=db.utcnow())
    if started is None:
        wrong = {"code": _("Koden stämmer inte, eller gäller inte längre. Be om en ny.")}
        return _code_page(token, wrong, STATUS[Invalid])
    cookie[CODE_KEY] = started
    return redirect(url_for("document_link.show_paper"), 303)


@pages.get("/paper")
@public(_WHY)
def show_paper() -> ResponseReturnValue:
    """The paper, or the employer's copy of it."""
    with reading() as session:
        opened = _of_session(session)
        if opened is None:
            return _timed_out_page()
        desk, copy = by_link.read_paper(session, opened)
        facts = shown_facts(session, opened.seen, opened.row)
        signed = signature_rows(session, desk, opened.row, facts)
        to = opened.delivery.given_to
        return render_template(
            "documents/link_paper.html",
            paper=paper_data(opened.row, facts, signed, copy=copy, to=to),
        )


@pages.get("/paper.pdf")
@public(_WHY)
def download_paper() -> ResponseReturnValue:
    """The same as a tagged PDF; its name says nothing of whom it is about."""
    with reading() as session:
        opened = _of_session(session)
        if opened is None:
            return _timed_out_page()
        desk, copy = by_link.read_paper(session, opened, "export")
        row, to = opened.row, opened.delivery.given_to
        facts = shown_facts(session, opened.seen, row)
        signed = signature_rows(session, desk, row, facts)
        data = paper_data(row, facts, signed, copy=copy, to=to)
        made = render_pdf(TEMPLATE[row.kind], data, made_at=db.utcnow())
        name = f"{wording.FILE[row.kind]}-{row.number}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made, mimetype="application/pdf", headers=headers)


def _open(session: Session, token: str) -> Opened | None:
    opened = by_link.open_link(session, links.find_link(session, token), now=db.utcnow())
    if opened is not None:
        setattr(g, UNIT_OF_LINK, opened.signed.unit_id)
    return opened


def _of_session(session: Session) -> Opened | None:
    """What the holder of a session with a right code reads; asked anew for every page."""
    token, now = cookie.get(CODE_KEY), db.utcnow()
    found = links.find_link_session(session, token, now) if token else None
    if found is None or not found.has_code:
        return None
    opened = by_link.open_link(session, found.link, now=now)
    if opened is not None:
        setattr(g, UNIT_OF_LINK, opened.signed.unit_id)
    return opened


def _ways(opened: Opened) -> list[Way]:
    has_texts = bool(current_app.config["MATCHSVC"].sms_url)
    return by_link.ways_to_holder(opened, has_texts=has_texts)


def _code_page(token: str, errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    with reading() as session:
        opened = _open(session, token)
        if opened is None:
            return _dead_page()
        ways, sent = _ways(opened), request.args.get("sent")
        page = render_template(
            "documents/link_code.html",
            token=token,
            ways=ways,
            sent_by=next((each for each in ways if each.via.value == sent), None),
            is_sent=sent is not None or "code" in errors,
            unit_phone=format_phone(opened.unit.phone) if opened.unit.phone else None,
            errors=errors,
        )
        return page, status


def _dead_page() -> ResponseReturnValue:
    """The same for every link that leads nowhere: why, nobody is told."""
    page = render_template(
        "documents/link_closed.html",
        title=_("Länken gäller inte längre"),
        text=_("Pappret kan vara utbytt mot ett nyare. Be den som skickade länken om en ny."),
    )
    return page, 410


def _timed_out_page() -> ResponseReturnValue:
    page = render_template(
        "documents/link_closed.html",
        title=_("Sidan är stängd"),
        text=_("Pappret visas i 30 minuter åt gången. Öppna länken i brevet igen."),
    )
    return page, 403
