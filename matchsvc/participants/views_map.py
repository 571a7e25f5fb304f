"""Pages of the map: three pages that save as they are filled in, and the summary that is signed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.rules import names_of
from matchsvc.errors import Conflict, DomainError, NotFound, RuleViolation
from matchsvc.participants import consent_words, map_words, summaries, wording
from matchsvc.participants.assessments import (
    ask_for_assessment,
    latest_assessment,
    note_assessment,
)
from matchsvc.participants.frame import CHANGERS, FORM_ERRORS, own_overview, today
from matchsvc.participants.map_schemas import (
    OrientationSchema,
    ReviewSummarySchema,
    SaveCellSchema,
    SignSummarySchema,
    WriteSummarySchema,
)
from matchsvc.participants.mapping import (
    AREAS,
    STAGES,
    Place,
    latest_orientation,
    read_map,
    save_cells,
    set_orientation,
)
from matchsvc.participants.mapping_models import SummaryState
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

map_pages = Blueprint("map", __name__)

FIRST = "person"


@map_pages.get("/<key>/map")
@requires(*CHANGERS)
def show_map(key: str) -> ResponseReturnValue:
    """One page of the map; the first unless another is asked for."""
    page = request.args.get("page", FIRST)
    if page not in AREAS:
        raise NotFound("map_page")
    return _map_page(key, page, {}, {})


@map_pages.post("/<key>/map")
@requires(*CHANGERS)
def submit_map(key: str) -> ResponseReturnValue:
    """Save a page of the map; what somebody else saved meanwhile is shown beside."""
    page = request.args.get("page", FIRST)
    if page not in AREAS:
        raise NotFound("map_page")
    said = _said(page)
    try:
        with writing() as session:
            save_cells(session, current_actor(), key, said, today=today(), now=db.utcnow())
    except FORM_ERRORS as error:
        return _map_page(key, page, said, field_errors(error), error), STATUS[type(error)]
    return redirect(url_for("participants.map.show_map", key=key, page=page, saved=1), 303)


def _said(page: str) -> dict[Place, tuple[str, int]]:
    found = {}
    for area, sides in AREAS[page].items():
        for side in sides:
            name = f"{area}.{side}"
            version = request.form.get(f"version.{name}", "0")
            words = request.form.get(name, "")[: 4 * 4_000].replace("\r\n", "\n")
            found[area, side] = (words, int(version) if version.isdecimal() else 0)
    return found


@map_pages.post("/<key>/map/cell")
@requires(*CHANGERS)
def submit_cell(key: str) -> ResponseReturnValue:
    """Save one place while it is written; answers with its version, or with what stands there."""
    data = load_form(SaveCellSchema())
    place = (data["area"], data["side"])
    said = {place: (data["words"], data["version"])}
    try:
        with writing() as session:
            versions = save_cells(
                session, current_actor(), key, said, today=today(), now=db.utcnow()
            )
    except Conflict as error:
        return {"theirs": error.theirs[".".join(place)], "says": _(error.message)}, 409
    except FORM_ERRORS as error:
        says = next(iter(field_errors(error).values()), None) or _(error.message)
        return {"says": says}, STATUS[type(error)]
    return {"version": versions[place]}, 200


def _map_page(
    key: str,
    page: str,
    said: dict[Place, tuple[str, int]],
    errors: dict[str, str],
    error: DomainError | None = None,
) -> str:
    with reading() as session:
        overview = own_overview(session, key)
        held = read_map(session, current_actor(), key, today=today())
        conflict = None
        if isinstance(error, Conflict):
            errors = {}
            conflict = [
                {
                    "label": " · ".join(_words_of(*name.split("."))),
                    "theirs": theirs,
                    "mine": said[_place(name)][0],
                }
                for name, theirs in error.theirs.items()
            ]
        return render_template(
            "participants/map.html",
            o=overview,
            person=overview.participant,
            held=held,
            page=page,
            areas=AREAS,
            said=said,
            errors=errors,
            fields={name.replace(".", "-"): text for name, text in errors.items()},
            conflict=conflict,
            words=map_words,
            stage_choices=[(code, map_words.STAGE[code]) for code in STAGES],
            orientation_choices=wording.choices(map_words.ORIENTATION),
            orientation=latest_orientation(session, overview.participant.id),
            staff=names_of(session, {cell.changed_by for cell in held.cells.values()}),
            saved=request.args.get("saved"),
        )


def _place(name: str) -> Place:
    area, side = name.split(".")
    return area, side


def _words_of(area: str, side: str) -> tuple[str, str]:
    return str(map_words.AREA[area]), str(map_words.SIDE[side])


@map_pages.post("/<key>/map/orientation")
@requires(*CHANGERS)
def submit_orientation(key: str) -> ResponseReturnValue:
    """Say what kind of support comes first."""
    data = load_form(OrientationSchema())
    with writing() as session:
        set_orientation(session, current_actor(), key, **data, today=today())
    return redirect(url_for("participants.map.show_map", key=key, page="motivation", saved=1), 303)


@map_pages.get("/<key>/map/summary")
@requires(*CHANGERS)
def show_summary(key: str) -> ResponseReturnValue:
    """The summary: written, gone through, signed; older versions below."""
    return _summary_page(key, {}, {})


@map_pages.post("/<key>/map/summary")
@requires(*CHANGERS)
def submit_summary(key: str) -> ResponseReturnValue:
    """Save the draft."""
    return _step(key, WriteSummarySchema(), summaries.write_summary, "written")


@map_pages.post("/<key>/map/summary/review")
@requires(*CHANGERS)
def submit_review(key: str) -> ResponseReturnValue:
    """Note that it was gone through, and what was said about it."""
    return _step(key, ReviewSummarySchema(), summaries.review_summary, "reviewed")


@map_pages.post("/<key>/map/summary/sign")
@requires(*CHANGERS)
def submit_signature(key: str) -> ResponseReturnValue:
    """Sign what was gone through."""
    return _step(key, SignSummarySchema(), summaries.sign_summary, "signed", now=db.utcnow())


@map_pages.post("/<key>/map/assessment")
@requires(*CHANGERS)
def submit_assessment(key: str) -> ResponseReturnValue:
    """Note that Arbetsförmedlingen was asked for an assessment, or has answered."""
    answered = "answered" in request.form
    try:
        with writing() as session:
            if answered:
                note_assessment(session, current_actor(), key, today=today(), now=db.utcnow())
            else:
                ask_for_assessment(session, current_actor(), key, today=today())
    except RuleViolation as error:
        return _summary_page(key, {}, field_errors(error)), STATUS[type(error)]
    saved = "answered" if answered else "asked"
    return redirect(url_for("participants.map.show_summary", key=key, saved=saved), 303)


def _step(key: str, schema: Any, rule: Any, saved: str, **when: Any) -> ResponseReturnValue:
    try:
        data = load_form(schema)
        with writing() as session:
            rule(session, current_actor(), key, **data, **when, today=today())
    except FORM_ERRORS as error:
        return _summary_page(key, request.form, field_errors(error), error), STATUS[type(error)]
    return redirect(url_for("participants.map.show_summary", key=key, saved=saved), 303)


def _summary_page(
    key: str, form: Any, errors: dict[str, str], error: DomainError | None = None
) -> str:
    with reading() as session:
        actor = current_actor()
        overview = own_overview(session, key)
        found = summaries.read_summaries(session, actor, key, today=today())
        latest = found.latest
        is_open = latest is not None and latest.state in summaries.OPEN
        draft = {}
        if latest is None or request.args.get("from") == "map":
            held = read_map(session, actor, key, today=today())
            draft = {"body": summaries.draft_text(held, lambda code: str(map_words.EVERY[code]))}
        standing = {} if latest is None else {"body": latest.body, "proposals": latest.proposals}
        conflict = None
        if isinstance(error, Conflict) and latest is not None:
            errors = {}
            conflict = [
                {"label": _("Sammanfattning"), "theirs": latest.body, "mine": form.get("body")},
                {"label": _("Förslag"), "theirs": latest.proposals, "mine": form.get("proposals")},
            ]
        return render_template(
            "participants/map_summary.html",
            o=overview,
            person=overview.participant,
            found=found,
            latest=latest,
            is_open=is_open,
            is_writing=not is_open or latest.state is SummaryState.DRAFT,  # type: ignore[union-attr]
            form={**standing, **draft, **dict(form.items())},
            errors=errors,
            conflict=conflict,
            shown_hash=summaries.content_hash_of(latest) if latest else None,
            words=map_words,
            identified=wording.choices(consent_words.IDENTIFIED_HOW),
            identified_words=consent_words.IDENTIFIED_HOW,
            languages=wording.CONTACT_LANGUAGES,
            choices=wording.choices,
            staff=names_of(session, {each.written_by_id for each in found.versions}),
            assessment=latest_assessment(session, found.participant.id),
            saved=request.args.get("saved"),
        )
