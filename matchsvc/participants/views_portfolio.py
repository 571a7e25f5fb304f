"""The paper of what somebody can: chosen together, shown on the screen, printed or taken as PDF."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires
from matchsvc.participants import wording
from matchsvc.participants.frame import CHANGERS, FORM_ERRORS, own_overview, today
from matchsvc.participants.models import Competence
from matchsvc.participants.portfolio import (
    FILE_NAME,
    TEMPLATE,
    Chosen,
    make_portfolio,
    preselected,
)
from matchsvc.participants.schemas import PortfolioSchema
from matchsvc.web.forms import load_form
from matchsvc.web.papers import printable, render_pdf
from matchsvc.web.problems import STATUS, field_errors

portfolio_pages = Blueprint("portfolio", __name__)


@portfolio_pages.get("/<key>/portfolio")
@requires(*CHANGERS)
def show_portfolio(key: str) -> ResponseReturnValue:
    """Choose what is to stand on it."""
    return _choose_page(key, None, {}, 200)


@portfolio_pages.post("/<key>/portfolio/paper")
@requires(*CHANGERS)
def submit_paper(key: str) -> ResponseReturnValue:
    """The paper on the screen, to read together and print."""
    chosen = Chosen()
    try:
        chosen = _chosen()
        with reading() as session:
            overview = own_overview(session, key)
            with force_locale("sv"):
                data = make_portfolio(
                    session,
                    current_actor(),
                    overview,
                    chosen,
                    today=today(),
                    form="print",
                    as_text=str,
                )
            return render_template("participants/portfolio_paper.html", data=data, key=key)
    except FORM_ERRORS as error:
        return _choose_page(key, chosen, field_errors(error), STATUS[type(error)])


@portfolio_pages.post("/<key>/portfolio/pdf")
@requires(*CHANGERS)
def submit_pdf(key: str) -> ResponseReturnValue:
    """The paper as a tagged PDF; made now, not kept."""
    chosen = Chosen()
    try:
        chosen = _chosen()
        with reading() as session:
            overview = own_overview(session, key)
            with force_locale("sv"):
                data = make_portfolio(
                    session, current_actor(), overview, chosen, today=today(), form="pdf"
                )
            made = render_pdf(TEMPLATE, data, made_at=db.utcnow())
    except FORM_ERRORS as error:
        return _choose_page(key, chosen, field_errors(error), STATUS[type(error)])
    headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
    return Response(made, mimetype="application/pdf", headers=headers)


def _chosen() -> Chosen:
    data: dict[str, Any] = load_form(PortfolioSchema())
    competences: list[UUID] = data.pop("competences")
    languages: list[str] = data.pop("languages")
    return Chosen(frozenset(competences), frozenset(languages), **data)


def _choose_page(
    key: str, chosen: Chosen | None, errors: dict[str, str], status: int
) -> ResponseReturnValue:
    with reading() as session:
        overview = own_overview(session, key)
        held = [*overview.from_life, *overview.on_paper]
        page = render_template(
            "participants/portfolio.html",
            o=overview,
            person=overview.participant,
            key=overview.participant.alias,
            words=wording,
            chosen=chosen if chosen is not None else preselected(overview),
            errors=errors,
            unprintable={each.id for each in held if _is_unprintable(each)},
        )
    return page, status


def _is_unprintable(each: Competence) -> bool:
    """Whether something of it can stand on the screen but not in the PDF."""
    texts = (each.own_words, each.learned_detail, each.voucher, *(e.note for e in each.evidence))
    return any(text and printable(text) is None for text in texts)
