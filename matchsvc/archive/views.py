"""Pages that archive what was entered by mistake, list it and bring it back."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.archive import rules
from matchsvc.archive.rules import LISTERS, Kind
from matchsvc.archive.schemas import ArchiveSchema, BringBackSchema
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors, translated

pages = Blueprint("archive", __name__, template_folder="templates")

KINDS = {
    Kind.PARTICIPANT: _l("Deltagare"),
    Kind.EMPLOYER: _l("Arbetsgivare"),
    Kind.OFFER: _l("Erbjudande"),
}
BACK = {
    Kind.PARTICIPANT: "/participants/",
    Kind.EMPLOYER: "/employers/",
    Kind.OFFER: "/offers/",
}
PATH = "/archived/<any(participant, employer, offer):kind>/<uuid:key>"


@pages.get("/archived")
@requires(*LISTERS)
def show_list() -> ResponseReturnValue:
    """What is archived, and how it comes back."""
    return _list_page(None, {})


@pages.get(PATH)
@requires(*LISTERS)
def show_archive(kind: str, key: UUID) -> ResponseReturnValue:
    """Ask why, and say what will happen."""
    return _ask_page(Kind(kind), key, {})


@pages.post(PATH)
@requires(*LISTERS)
def submit_archive(kind: str, key: UUID) -> ResponseReturnValue:
    """Archive it."""
    try:
        data = load_form(ArchiveSchema())
        with writing() as session:
            rules.archive_row(
                session,
                current_actor(),
                Kind(kind),
                key,
                **data,
                today=day_of_request(),
                now=db.utcnow(),
            )
    except (Invalid, RuleViolation, Conflict) as error:
        return _ask_page(Kind(kind), key, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("archive.show_list", saved="archived"), 303)


@pages.post(f"{PATH}/undo")
@requires(*LISTERS)
def submit_undo(kind: str, key: UUID) -> ResponseReturnValue:
    """Take one's own archiving back."""
    try:
        with writing() as session:
            rules.undo_archiving(
                session,
                current_actor(),
                Kind(kind),
                key,
                today=day_of_request(),
                now=db.utcnow(),
            )
    except RuleViolation as error:
        return _list_page(key, field_errors(error)), STATUS[type(error)]
    return redirect(f"{BACK[Kind(kind)]}{key}", 303)


@pages.post(f"{PATH}/bring-back")
@requires(Role.UNIT_MANAGER)
def submit_bring_back(kind: str, key: UUID) -> ResponseReturnValue:
    """Put it back, with a reason."""
    try:
        data = load_form(BringBackSchema())
        with writing() as session:
            rules.bring_back(
                session, current_actor(), Kind(kind), key, **data, today=day_of_request()
            )
    except (Invalid, RuleViolation) as error:
        return _list_page(key, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("archive.show_list", saved="back"), 303)


def _list_page(about: UUID | None, errors: dict[str, str]) -> str:
    with reading() as session:
        return render_template(
            "archive/list.html",
            rows=rules.list_archived(
                session, current_actor(), today=day_of_request(), now=db.utcnow()
            ),
            kinds=KINDS,
            about=about,
            form=request.form,
            errors=errors,
            saved=request.args.get("saved"),
            leads=current_actor().has_role(Role.UNIT_MANAGER),
        )


def _ask_page(kind: Kind, key: UUID, errors: dict[str, str]) -> str:
    with reading() as session:
        found = rules.find_to_archive(session, current_actor(), kind, key, today=day_of_request())
        return render_template(
            "archive/ask.html",
            kind=kind,
            kinds=KINDS,
            key=key,
            name=found.name,
            version=found.row.version,
            obstacles=[translated(each) for each in found.obstacles],
            back=f"{BACK[kind]}{key}",
            form=request.form,
            errors=errors,
        )
