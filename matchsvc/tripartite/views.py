"""Pages of the agreement between participant, employer and unit: change, read, sign, print."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import User
from matchsvc.employers.models import Contact
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.placements.access import READERS
from matchsvc.tripartite import consequences, drafting, paper, schemas, signing, wording
from matchsvc.tripartite import desk as desks
from matchsvc.tripartite.content import Content, from_text
from matchsvc.tripartite.desk import Desk
from matchsvc.tripartite.models import TripartiteAgreement
from matchsvc.tripartite.signing import Signing
from matchsvc.web.forms import load_form
from matchsvc.web.papers import render_pdf
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.workday.signature_models import Signature

pages = Blueprint(
    "tripartite",
    __name__,
    url_prefix="/placements/<uuid:placement_id>/agreement",
    template_folder="templates",
)
FORM_ERRORS = (Invalid, RuleViolation, Conflict)


@pages.get("")
@requires(*READERS)
def show(placement_id: UUID) -> ResponseReturnValue:
    """What is agreed, what is worked on, and who has signed."""
    return _desk_page(placement_id, {}, {})


@pages.post("")
@requires(*READERS)
def submit_begin(placement_id: UUID) -> ResponseReturnValue:
    """Begin a version."""
    return _act(
        placement_id,
        lambda session: drafting.begin(
            session, current_actor(), placement_id, today=day_of_request()
        ),
        to="tripartite.show_edit",
    )


@pages.get("/edit")
@requires(*READERS)
def show_edit(placement_id: UUID) -> ResponseReturnValue:
    """Change what the open version says."""
    return _edit_page(placement_id, None, {}, 200)


@pages.post("/edit")
@requires(*READERS)
def submit_edit(placement_id: UUID) -> ResponseReturnValue:
    """Save it; ``go=look`` only shows what would change, and so does lifting signatures unseen."""
    content = Content()
    try:
        data = load_form(schemas.ContentSchema(), ignore=("go", "seen"))
        content = schemas.content_of(data)
        if request.form.get("go") == "look" or not _may_save(placement_id, content):
            return _edit_page(placement_id, content, {}, 200, look=True)
        with writing() as session:
            drafting.save(
                session,
                current_actor(),
                placement_id,
                content,
                version=data["version"],
                today=day_of_request(),
            )
    except FORM_ERRORS as error:
        return _edit_page(placement_id, content, field_errors(error), STATUS[type(error)])
    return redirect(url_for("tripartite.show", placement_id=placement_id, saved="saved"), 303)


def _may_save(placement_id: UUID, content: Content) -> bool:
    """Whether nobody's signature falls, or the reader has seen whose does."""
    if request.form.get("seen"):
        return True
    with reading() as session:
        desk = desks.open_desk(session, current_actor(), placement_id, today=day_of_request())
        return not consequences.effects_of(session, desk, content, today=day_of_request()).lifted


@pages.post("/offer")
@requires(*READERS)
def submit_offer(placement_id: UUID) -> ResponseReturnValue:
    """Fix the words, to be read together and signed."""
    data = load_form(schemas.OpenVersionSchema())
    return _act(
        placement_id,
        lambda session: signing.offer_for_signing(
            session, current_actor(), placement_id, **data, today=day_of_request()
        ),
        saved="offered",
    )


@pages.post("/sign")
@requires(*READERS)
def submit_signature(placement_id: UUID) -> ResponseReturnValue:
    """Note a signature."""
    try:
        said = Signing(**load_form(schemas.SignSchema()))
    except Invalid as error:
        return _desk_page(placement_id, request.form, field_errors(error)), 422
    return _act(
        placement_id,
        lambda session: signing.sign_version(
            session,
            current_actor(),
            placement_id,
            said,
            today=day_of_request(),
            now=db.utcnow(),
        ),
        saved="signed",
    )


@pages.post("/approve")
@requires(*READERS)
def submit_approval(placement_id: UUID) -> ResponseReturnValue:
    """The second pair of eyes says yes."""
    data = load_form(schemas.OpenVersionSchema())
    return _act(
        placement_id,
        lambda session: signing.approve(
            session,
            current_actor(),
            placement_id,
            **data,
            today=day_of_request(),
            now=db.utcnow(),
        ),
        saved="signed",
    )


@pages.post("/drop")
@requires(*READERS)
def submit_drop(placement_id: UUID) -> ResponseReturnValue:
    """Give up the open version."""
    try:
        data = load_form(schemas.DropSchema())
    except Invalid as error:
        return _desk_page(placement_id, request.form, field_errors(error)), 422
    return _act(
        placement_id,
        lambda session: drafting.drop(
            session, current_actor(), placement_id, **data, today=day_of_request()
        ),
        saved="dropped",
    )


@pages.get("/<int:number>")
@requires(*READERS)
def show_version(placement_id: UUID, number: int) -> ResponseReturnValue:
    """One version as a page to read and print."""
    with reading() as session:
        desk, row = desks.get_version(
            session, current_actor(), placement_id, number, today=day_of_request()
        )
        facts = _facts(session, desk, row)
        return render_template(
            "tripartite/version.html",
            desk=desk,
            row=row,
            facts=facts,
            sections=wording.sections_of(from_text(row.content), facts),
            terms=wording.terms_of(row.terms),
            signed=_signed(session, desk, row, facts),
            words=wording,
        )


@pages.get("/<int:number>.pdf")
@requires(*READERS)
def download(placement_id: UUID, number: int) -> ResponseReturnValue:
    """One version as a tagged PDF; made now, not kept."""
    with reading() as session:
        desk, row = desks.get_version(
            session, current_actor(), placement_id, number, today=day_of_request()
        )
        facts = _facts(session, desk, row)
        data = paper.paper_data(row, facts, _signed(session, desk, row, facts))
        made = render_pdf(paper.TEMPLATE, data, made_at=db.utcnow())
    headers = {"Content-Disposition": f'attachment; filename="overenskommelse-{number}.pdf"'}
    return Response(made, mimetype="application/pdf", headers=headers)


def _act(
    placement_id: UUID,
    rule: Callable[[Session], object],
    *,
    saved: str | None = None,
    to: str = "tripartite.show",
) -> ResponseReturnValue:
    try:
        with writing() as session:
            rule(session)
    except RuleViolation as error:
        if error.code == "agreement_incomplete":
            return _edit_page(placement_id, None, field_errors(error), STATUS[type(error)])
        return _desk_page(placement_id, request.form, field_errors(error)), STATUS[type(error)]
    except FORM_ERRORS as error:
        return _desk_page(placement_id, request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for(to, placement_id=placement_id, saved=saved), 303)


def _desk_page(placement_id: UUID, form: Any, errors: dict[str, str]) -> str:
    actor, today = current_actor(), day_of_request()
    with reading() as session:
        desk = desks.open_desk(session, actor, placement_id, today=today)
        row = desk.open or desk.agreed
        facts = _facts(session, desk, row) if row else {}
        effects = None
        if desk.open:
            effects = consequences.effects_of(
                session, desk, from_text(desk.open.content), today=today
            )
        return render_template(
            "tripartite/show.html",
            desk=desk,
            row=row,
            facts=facts,
            effects=effects,
            sections=wording.sections_of(from_text(row.content), facts) if row else [],
            signed={one["capacity"]: one for one in _signed(session, desk, row, facts)}
            if row
            else {},
            parties=desks.PARTIES,
            words=wording,
            form=form,
            errors=errors,
            saved=request.args.get("saved"),
        )


def _edit_page(
    placement_id: UUID,
    content: Content | None,
    errors: dict[str, str],
    status: int,
    *,
    look: bool = False,
) -> ResponseReturnValue:
    actor, today = current_actor(), day_of_request()
    with reading() as session:
        desk = desks.open_desk(session, actor, placement_id, today=today)
        if desk.open is None or not desk.can_write:
            return redirect(url_for("tripartite.show", placement_id=placement_id), 303)
        if request.method == "POST" and "version" in request.form and content is not None:
            form: Any = request.form
        else:
            form = vars_of(from_text(desk.open.content)) | {"version": desk.open.version}
        contacts = session.scalars(
            select(Contact)
            .where(Contact.employer_id == desk.seen.employer.id, Contact.is_active)
            .order_by(Contact.sort_key)
        )
        page = render_template(
            "tripartite/edit.html",
            desk=desk,
            form=form,
            contacts=[(str(each.id), each.name) for each in contacts],
            effects=consequences.effects_of(session, desk, content, today=today)
            if look and content
            else None,
            words=wording,
            errors=errors,
        )
        return page, status


def vars_of(content: Content) -> dict[str, Any]:
    """The content as a form's first values."""
    values = {name: getattr(content, name) for name in content.__dataclass_fields__}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _facts(session: Session, desk: Desk, row: TripartiteAgreement) -> dict[str, str]:
    kept: dict[str, str] | None = json.loads(row.facts) if row.facts else None
    facts = kept or signing.facts_of(session, desk.seen, from_text(row.content))
    # Whoever sees only the alias reads it here too; the paper keeps the name.
    return facts if desk.seen.is_own else {**facts, "participant": desk.seen.name}


def _signed(
    session: Session, desk: Desk, row: TripartiteAgreement, facts: dict[str, str]
) -> list[dict[str, Any]]:
    """Who has signed a version's words, with names, in order of the parties."""
    found: dict[str, Signature] = desk.signed(row)
    users = {
        user.id: user.name
        for user in session.scalars(
            select(User).where(User.id.in_([each.signer_id for each in found.values()]))
        )
    }
    names = {
        "participant": facts["participant"],
        "case_worker": facts["case_worker"],
    }
    return [
        {
            "capacity": capacity,
            "party": wording.PARTY[capacity],
            "name": found[capacity].signer_name
            or users.get(found[capacity].signer_id or UUID(int=0))
            or names.get(capacity, ""),
            "at": found[capacity].signed_at,
            "how": wording.IDENTIFIED.get(found[capacity].identified_how.value)
            or _("Svarade genom en länk med kod"),
            "on_behalf": found[capacity].on_behalf_reason,
        }
        for capacity in desks.PARTIES
        if capacity in found
    ]


@pages.app_template_filter("agreement_section")
def section_word(section: str) -> str:
    """A section as it is called on the page."""
    return str(wording.SECTION[section])
