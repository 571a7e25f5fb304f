"""Pages of the vocabulary: looking around, one concept, its line upward, the unit's own words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import STAFF, current_actor, reading, requires, writing
from matchsvc.errors import Conflict, Invalid, NotFound, RuleViolation
from matchsvc.swedish import local_date
from matchsvc.vocabulary import wording
from matchsvc.vocabulary.browsing import (
    ConceptDetail,
    browse,
    get_detail,
    list_possible_parents,
)
from matchsvc.vocabulary.desk import TOP, names_among, parent_of
from matchsvc.vocabulary.lines import KEEPERS, correct_line
from matchsvc.vocabulary.models import SynonymState
from matchsvc.vocabulary.schemas import (
    AddWordsSchema,
    BrowseSchema,
    CorrectLineSchema,
    DecisionSchema,
    WordsQuerySchema,
)
from matchsvc.vocabulary.synonyms import (
    PAGE_SIZE,
    REVIEWERS,
    Decision,
    Line,
    add_words,
    count_proposed,
    decide_on_words,
    get_words,
    list_words,
)
from matchsvc.vocabulary.versions import latest_versions
from matchsvc.web.forms import form_values, load_form, load_query
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint(
    "vocabulary", __name__, url_prefix="/settings/vocabulary", template_folder="templates"
)
_FORM_ERRORS = (Invalid, RuleViolation, Conflict)


@pages.get("")
@requires(*STAFF)
def list_page() -> ResponseReturnValue:
    """Search the vocabulary, or leaf through it."""
    query = load_query(BrowseSchema())
    actor = current_actor()
    with reading() as session:
        found = browse(
            session,
            text=query["q"],
            kind=query["kind"],
            scheme=query["scheme"],
            page=query["page"],
        )
        return render_template(
            "vocabulary/list.html",
            found=found,
            query=request.args,
            page_url=_page_url,
            lists=latest_versions(session),
            waiting=count_proposed(session, actor) if actor.has_role(*REVIEWERS) else 0,
            **_frame(),
        ), 200


@pages.get("/concepts/<string:concept_id>")
@requires(*STAFF)
def show_concept(concept_id: str) -> ResponseReturnValue:
    """One concept: its names, its line upward, what it hangs together with, where it is from."""
    return _concept_page(concept_id, {}, {}, 200)


@pages.post("/concepts/<string:concept_id>/line")
@requires(*KEEPERS)
def submit_line(concept_id: str) -> ResponseReturnValue:
    """Let the line upward lead elsewhere."""
    return _change(
        concept_id,
        lambda session: _correct(session, concept_id),
        saved="line",
    )


def _correct(session: Session, concept_id: str) -> None:
    data = load_form(CorrectLineSchema())
    parent_id = parent_of(data.pop("parent"))
    correct_line(session, current_actor(), concept_id, parent_id, **data, **_when())


@pages.post("/concepts/<string:concept_id>/synonyms")
@requires(*KEEPERS)
def submit_words(concept_id: str) -> ResponseReturnValue:
    """Add a synonym of the unit."""
    return _change(concept_id, lambda session: _add(session, concept_id), saved="word")


def _add(session: Session, concept_id: str) -> None:
    text = load_form(AddWordsSchema())["text"]
    names = names_among(session, text)
    add_words(session, current_actor(), concept_id, text, names=names, **_when())


def _change(concept_id: str, rule: Callable[[Session], None], *, saved: str) -> ResponseReturnValue:
    try:
        with writing() as session:
            rule(session)
    except _FORM_ERRORS as error:
        form = form_values(CorrectLineSchema(), request.form, ignore=("csrf_token",))
        return _concept_page(concept_id, form, field_errors(error), STATUS[type(error)])
    return redirect(url_for("vocabulary.show_concept", concept_id=concept_id, saved=saved), 303)


def _concept_page(
    concept_id: str, form: dict[str, Any], errors: dict[str, str], status: int
) -> ResponseReturnValue:
    actor = current_actor()
    with reading() as session:
        detail = get_detail(session, concept_id)
        own: list[Line] = []
        wish = (request.values.get("parent_q") or "").strip()[:100]
        if actor.has_role(*KEEPERS):
            own, _total = list_words(session, actor, SynonymState.APPROVED, concept_id=concept_id)
        others = list_possible_parents(session, detail.concept, wish) if wish else []
        page = render_template(
            "vocabulary/concept.html",
            detail=detail,
            concept=detail.concept,
            own=own,
            parents=_parent_choices(detail, others),
            parent_q=wish,
            form=form,
            errors=errors,
            saved=request.args.get("saved"),
            **_frame(),
        )
    return page, status


def _parent_choices(detail: ConceptDetail, others: list[Any]) -> list[dict[str, str]]:
    listed = [each.concept for each in detail.alternatives]
    known = {each.id for each in listed}
    choices = [
        {
            "value": each.concept.id,
            "label": wording.label(each.concept),
            "hint": wording.beneath(each),
        }
        for each in detail.alternatives
    ]
    choices += [
        {
            "value": one.id,
            "label": wording.label(one),
            "hint": str(wording.scheme_words()[one.scheme]),
        }
        for one in others
        if one.id not in known
    ]
    return [*choices, {"value": TOP, "label": _("Inget: det ligger överst"), "hint": ""}]


@pages.get("/words")
@requires(*KEEPERS)
def list_words_page() -> ResponseReturnValue:
    """The unit's words: proposed, approved, revoked."""
    return _words_page({}), 200


@pages.post("/words/<uuid:synonym_id>/decision")
@requires(*KEEPERS)
def submit_decision(synonym_id: UUID) -> ResponseReturnValue:
    """Approve, refuse or revoke."""
    actor = current_actor()
    try:
        data = load_form(DecisionSchema())
        with writing() as session:
            held = get_words(session, actor, synonym_id)
            names = names_among(session, held.text or "")
            decide_on_words(session, actor, synonym_id, **data, names=names, **_when())
    except _FORM_ERRORS as error:
        return _words_page(field_errors(error)), STATUS[type(error)]
    state = request.args.get("state")
    saved = data["decision"].value
    return redirect(url_for("vocabulary.list_words_page", state=state, saved=saved), 303)


def _words_page(errors: dict[str, str]) -> str:
    actor = current_actor()
    may_review = actor.has_role(*REVIEWERS)
    query = load_query(WordsQuerySchema())
    state = query["state"] or (SynonymState.PROPOSED if may_review else SynonymState.APPROVED)
    if state is SynonymState.REFUSED:  # nothing is left to show
        raise NotFound("unit_synonym")
    with reading() as session:
        listed, total = list_words(session, actor, state, page=query["page"])
        return render_template(
            "vocabulary/words.html",
            listed=listed,
            total=total,
            state=state,
            page=query["page"],
            page_count=-(-total // PAGE_SIZE),
            waiting=count_proposed(session, actor) if may_review else None,
            decisions=Decision,
            errors=errors,
            saved=request.args.get("saved"),
            **_frame(),
        )


def _page_url(number: int) -> str:
    kept = {name: value for name, value in request.args.items() if name != "page"}
    return f"{request.path}?{urlencode({**kept, 'page': number})}"


def _frame() -> dict[str, Any]:
    return {
        "words": wording,
        "may_keep": current_actor().has_role(*KEEPERS),
        "may_review": current_actor().has_role(*REVIEWERS),
    }


def _when() -> dict[str, Any]:
    now = db.utcnow()
    return {"today": local_date(now), "now": now}
