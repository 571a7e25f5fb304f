"""What the employer's link to a proposal opens: somebody without a name, and a yes or a no.

Opening the link shows a button and changes nothing; the button starts thirty minutes in which the
proposal is read and answered, and takes the token out of the address (DESIGN section 6).
"""

from __future__ import annotations

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import UNIT_OF_LINK, day_of_request, public, reading, writing
from matchsvc.accounts.models import Unit
from matchsvc.errors import Invalid, NotFound, RuleViolation
from matchsvc.matching import naming, proposal_link
from matchsvc.matching.gate_words import Words
from matchsvc.matching.schemas import LinkAnswerSchema, LinkCodeSchema
from matchsvc.messages import codes, links
from matchsvc.messages.api_schemas import SendCodeSchema
from matchsvc.messages.doors import open_with
from matchsvc.messages.links import LinkState
from matchsvc.messages.models import SignedLink, Via
from matchsvc.swedish import format_phone, local_date
from matchsvc.vocabulary.models import Concept
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import language_of_reader

link_pages = Blueprint("link", __name__, url_prefix="/l/f")
#: Name in the signed cookie under which the session's own token stands.
LINK_KEY = "proposal_link"
_WHY = "the link itself is the key"


def show(token: str) -> ResponseReturnValue:
    """What it is about, and a button. Changes nothing."""
    with reading() as session:
        link = _live(session, token)
        if link is None:
            return _dead_page()
        try:
            shown = proposal_link.read_by_link(session, link, today=day_of_request())
        except NotFound:
            return _dead_page()
        return render_template(
            "matching/link_start.html",
            token=token,
            shown=shown,
            last_day=local_date(link.expires_at),
        )


open_with(proposal_link.PURPOSE, show)


@link_pages.post("/<token>/start")
@public(_WHY)
def submit_start(token: str) -> ResponseReturnValue:
    """Start thirty minutes of reading and answering."""
    with writing() as session:
        link = _live(session, token)
        if link is None:
            return _dead_page()
        cookie[LINK_KEY] = links.start_link_session(session, link, db.utcnow())
    return redirect(url_for("matching.link.show_proposal"), 303)


@link_pages.get("/proposal")
@public(_WHY)
def show_proposal() -> ResponseReturnValue:
    """The proposal, and where to answer it."""
    return _proposal_page({})


@link_pages.post("/proposal")
@public(_WHY)
def submit_answer() -> ResponseReturnValue:
    """Yes or no."""
    try:
        data = load_form(LinkAnswerSchema())
        with writing() as session:
            link = _of_session(session)
            if link is None:
                return _timed_out_page()
            proposal_link.answer_by_link(
                session, link, **data, today=day_of_request(), now=db.utcnow()
            )
    except NotFound:
        return _dead_page()
    except RuleViolation as error:
        if error.code == "link_dead":
            return redirect(url_for("matching.link.show_thanks"), 303)
        return _proposal_page(field_errors(error), STATUS[type(error)])
    except Invalid as error:
        return _proposal_page(field_errors(error), STATUS[type(error)])
    cookie.pop(LINK_KEY, None)
    answer = "yes" if data["accepted"] else "no"
    return redirect(url_for("matching.link.show_thanks", answer=answer), 303)


@link_pages.get("/name")
@public(_WHY)
def show_name() -> ResponseReturnValue:
    """Who it is, while she wants this employer to know; behind six digits."""
    return _name_page({})


@link_pages.post("/name/send")
@public(_WHY)
def submit_send_code() -> ResponseReturnValue:
    """Send the digits to what is registered: an e-mail address or a mobile telephone."""
    try:
        via: Via | None = load_form(SendCodeSchema())["via"]
        with writing() as session:
            link = _of_session(session)
            if link is None:
                return _timed_out_page()
            ways = naming.ways_to_holder(
                session, link, has_texts=_has_texts(), today=day_of_request()
            )
            way = codes.choose_way(ways, via)
            codes.send_code(session, link, way, now=db.utcnow())
    except NotFound:
        return _dead_page()
    except (Invalid, RuleViolation) as error:
        return _name_page(field_errors(error), STATUS[type(error)])
    sent = way.via.value if way else None
    return redirect(url_for("matching.link.show_name", sent=sent), 303)


def _has_texts() -> bool:
    return bool(current_app.config["MATCHSVC"].sms_url)


@link_pages.post("/name")
@public(_WHY)
def submit_code() -> ResponseReturnValue:
    """Try the digits. A wrong try is kept, so this never raises inside the transaction."""
    try:
        data = load_form(LinkCodeSchema())
    except Invalid as error:
        return _name_page(field_errors(error), STATUS[Invalid])
    with writing() as session:
        link = _of_session(session)
        if link is None:
            return _timed_out_page()
        started = codes.try_code(session, link, data["code"], now=db.utcnow())
    if started is None:
        wrong = {"code": _("Koden stämmer inte, eller gäller inte längre. Be om en ny.")}
        return _name_page(wrong, STATUS[Invalid])
    cookie[LINK_KEY] = started
    return redirect(url_for("matching.link.show_name"), 303)


def _name_page(errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    now, today = db.utcnow(), day_of_request()
    with reading() as session:
        link = _of_session(session)
        if link is None:
            return _timed_out_page()
        name, sent = None, request.args.get("sent")
        ways: list[codes.Way] = []
        try:
            if codes.has_shown_code(session, link, cookie.get(LINK_KEY), now=now):
                name = naming.name_by_link(session, link, today=today)
            else:
                ways = naming.ways_to_holder(session, link, has_texts=_has_texts(), today=today)
        except NotFound:
            return _dead_page()
        unit = session.get_one(Unit, link.unit_id)
        page = render_template(
            "matching/link_name.html",
            name=name,
            ways=ways,
            sent_by=next((each for each in ways if each.via.value == sent), None),
            is_sent=sent is not None or "code" in errors,
            unit_phone=format_phone(unit.phone) if unit.phone else None,
            errors=errors,
        )
        return page, status


@link_pages.get("/thanks")
@public(_WHY)
def show_thanks() -> ResponseReturnValue:
    """Thank you, and what happens next."""
    is_yes = request.args.get("answer") == "yes"
    return render_template("matching/link_thanks.html", is_yes=is_yes)


def _proposal_page(errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    with reading() as session:
        link = _of_session(session)
        if link is None:
            return _timed_out_page()
        try:
            shown = proposal_link.read_by_link(session, link, today=day_of_request())
        except NotFound:
            return _dead_page()
        words = Words(language=language_of_reader())
        concepts = select(Concept).where(Concept.id.in_(shown.competences))
        page = render_template(
            "matching/link_proposal.html",
            shown=shown,
            may_be_named=naming.may_be_named(session, shown.proposal, today=day_of_request()),
            competences=sorted(words.label(concept) for concept in session.scalars(concepts)),
            form=request.form,
            errors=errors,
        )
        return page, status


def _live(session: Session, token: str) -> SignedLink | None:
    link = links.find_link(session, token)
    if link is None or link.purpose != proposal_link.PURPOSE:
        return None
    setattr(g, UNIT_OF_LINK, link.unit_id)
    return link if links.link_state(link, db.utcnow()) is LinkState.LIVE else None


def _of_session(session: Session) -> SignedLink | None:
    token = cookie.get(LINK_KEY)
    found = links.find_link_session(session, token, db.utcnow()) if token else None
    if found is None or found.link.purpose != proposal_link.PURPOSE:
        return None
    setattr(g, UNIT_OF_LINK, found.link.unit_id)
    return found.link


def _dead_page() -> ResponseReturnValue:
    """The same for every link that leads nowhere: why, nobody is told."""
    return render_template("matching/link_closed.html", title=_("Länken gäller inte längre")), 410


def _timed_out_page() -> ResponseReturnValue:
    page = render_template(
        "matching/link_closed.html",
        title=_("Det har gått mer än 30 minuter"),
        text=_("Öppna länken i brevet igen."),
    )
    return page, 403
