"""The box in the head of every page, and the page of what it finds.

Always a POST: what is looked for is somebody's name, and stands in no address and no log.
"""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.rules import count_attempt
from matchsvc.employers.access import READERS as EMPLOYER_READERS
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.participants.frame import READERS as PEOPLE_READERS
from matchsvc.search.finding import By, Hit, Kind, find, is_identity_number
from matchsvc.search.schemas import SearchSchema
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("search", __name__, template_folder="templates")

SEARCHERS = tuple(dict.fromkeys((*PEOPLE_READERS, *EMPLOYER_READERS)))
SUGGESTED = 6
KINDS = {
    Kind.PERSON: _l("Personer"),
    Kind.EMPLOYER: _l("Arbetsgivare"),
    Kind.OFFER: _l("Erbjudanden"),
}
BY = {
    By.NAME: "",
    By.ALIAS: _l("beteckning"),
    By.PHONE: _l("telefon"),
    By.IDENTITY: _l("personnummer"),
    By.ORG_NUMBER: _l("nummer"),
    By.CONTACT: _l("kontaktperson"),
    By.SITE: _l("arbetsställe"),
    By.WORDS: _l("arbetsuppgifter"),
}
ADDRESS = {Kind.PERSON: "/participants/", Kind.EMPLOYER: "/employers/", Kind.OFFER: "/offers/"}
TOO_OFTEN = N_("Du har sökt på många personnummer. Vänta en kvart, eller sök på beteckningen.")


@pages.get("/search")
@requires(*SEARCHERS)
def show_search() -> ResponseReturnValue:
    """An empty box, and what can be looked for."""
    return render_template("search/search.html", q="", hits=None, errors={})


@pages.post("/search")
@requires(*SEARCHERS)
def submit_search() -> ResponseReturnValue:
    """What was found, by kind."""
    words = request.form.get("q", "")
    try:
        hits = look(load_form(SearchSchema())["q"] or "", today=day_of_request())
    except (Invalid, RuleViolation) as error:
        page = render_template(
            "search/search.html", q=words[:200], hits=None, errors=field_errors(error)
        )
        return page, STATUS[type(error)]
    return render_template("search/search.html", q=words, errors={}, **_shown(hits))


@pages.post("/search/suggest")
@requires(*SEARCHERS)
def submit_suggest() -> ResponseReturnValue:
    """The first hits while somebody writes; nothing when there is nothing to look for yet."""
    words = request.form.get("q", "")
    if is_identity_number(
        words, today=day_of_request()
    ):  # looked for when it is asked, not as it is typed
        return "", 204
    try:
        hits = look(words, today=day_of_request())
    except Invalid:
        return "", 204
    return render_template("search/_suggestions.html", **_shown(hits[:SUGGESTED]))


def look(words: str, *, today: date) -> list[Hit]:
    """Find, and count whole identity numbers: nobody may try out who exists.

    Raises:
        Invalid: nothing to look for, or too much.
        RuleViolation: too many identity numbers in a quarter of an hour.
    """
    actor = current_actor()
    if is_identity_number(words, today=today):
        with writing() as session:
            may = count_attempt(session, f"identity:{actor.user_id}", now=db.utcnow())
            if not may:
                audit.record(session, actor, "refused", "search", fields=["identity"])
        if not may:
            raise RuleViolation("too_many_numbers", TOO_OFTEN)
    with reading() as session:
        return find(session, actor, words, today=today)


def _shown(hits: list[Hit]) -> dict[str, object]:
    groups = [(kind, [hit for hit in hits if hit.kind is kind]) for kind in Kind]
    return {
        "hits": hits,
        "groups": [(KINDS[kind], some) for kind, some in groups if some],
        "by": BY,
        "address": ADDRESS,
    }
