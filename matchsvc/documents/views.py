"""Pages of the documents of a placement: write, read, sign, print."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.documents import schemas, signing, wording
from matchsvc.documents import writing as words_of
from matchsvc.documents.by_link import standings
from matchsvc.documents.content import OWN, SHOWN_AROUND, from_text, is_watched, with_sources
from matchsvc.documents.desk import Desk, get_version, open_desk, record_act, section_of
from matchsvc.documents.frame import FORM_ERRORS, kind_of, shown
from matchsvc.documents.models import EndDocument
from matchsvc.documents.overview import read_stands, stands_on_page
from matchsvc.documents.paper import TEMPLATE
from matchsvc.documents.views_card import card_pages
from matchsvc.documents.views_giving import giving_pages
from matchsvc.errors import Conflict, DomainError, NotFound, RuleViolation
from matchsvc.placements.access import READERS
from matchsvc.tripartite.schemas import SignSchema
from matchsvc.tripartite.signing import Signing
from matchsvc.tripartite.wording import IDENTIFIED
from matchsvc.web.forms import load_form
from matchsvc.web.papers import render_pdf
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint(
    "documents",
    __name__,
    url_prefix="/placements/<uuid:placement_id>/documents",
    template_folder="templates",
)
pages.register_blueprint(card_pages)
pages.register_blueprint(giving_pages)
pages.add_app_template_global(stands_on_page, "documents_of")
pages.add_app_template_global(lambda: wording, "document_words")


@pages.get("")
@requires(*READERS)
def show_all(placement_id: UUID) -> ResponseReturnValue:
    """What is written when the placement ends, and how far each has come."""
    with reading() as session:
        seen, stands = read_stands(session, current_actor(), placement_id, today=day_of_request())
        return render_template("documents/all.html", seen=seen, stands=stands, words=wording)


@pages.get("/<kind>")
@requires(*READERS)
def show(placement_id: UUID, kind: str) -> ResponseReturnValue:
    """One document: what it says, who has signed, who was given it."""
    return _page(placement_id, kind, {}, {})


@pages.post("/<kind>")
@requires(*READERS)
def submit_begin(placement_id: UUID, kind: str) -> ResponseReturnValue:
    """Begin a version."""
    which, day = kind_of(kind), day_of_request()
    return _act(
        placement_id,
        kind,
        lambda session: words_of.begin(session, current_actor(), placement_id, which, today=day),
    )


@pages.post("/<kind>/renew")
@requires(*READERS)
def submit_renewal(placement_id: UUID, kind: str) -> ResponseReturnValue:
    """Add what has been said since."""
    which, day = kind_of(kind), day_of_request()
    return _act(
        placement_id,
        kind,
        lambda session: words_of.renew(session, current_actor(), placement_id, which, today=day),
        saved="renewed",
    )


@pages.get("/<kind>/sections/<code>")
@requires(*READERS)
def show_section(placement_id: UUID, kind: str, code: str) -> ResponseReturnValue:
    """Write one part."""
    return _section_page(placement_id, kind, code, {}, None)


@pages.post("/<kind>/sections/<code>")
@requires(*READERS)
def submit_section(placement_id: UUID, kind: str, code: str) -> ResponseReturnValue:
    """Save one part; what somebody else saved meanwhile is shown beside."""
    try:
        data = load_form(schemas.DocumentSectionInSchema())
        with writing() as session:
            words_of.save_section(
                session,
                current_actor(),
                placement_id,
                kind_of(kind),
                code,
                **data,
                today=day_of_request(),
            )
    except FORM_ERRORS as error:
        page = _section_page(placement_id, kind, code, request.form, error)
        return page, STATUS[type(error)]
    return _back(placement_id, kind, "saved", anchor=code)


@pages.post("/<kind>/offer")
@requires(*READERS)
def submit_offer(placement_id: UUID, kind: str) -> ResponseReturnValue:
    """Fix the words, to be read together and signed."""
    data = load_form(schemas.DocumentOfferSchema())
    which, day = kind_of(kind), day_of_request()
    return _act(
        placement_id,
        kind,
        lambda session: signing.offer_for_signing(
            session, current_actor(), placement_id, which, **data, today=day
        ),
        saved="offered",
    )


@pages.post("/<kind>/reopen")
@requires(*READERS)
def submit_reopening(placement_id: UUID, kind: str) -> ResponseReturnValue:
    """Change it again before it is signed by all."""
    data = load_form(schemas.DocumentVersionSchema())
    which, day = kind_of(kind), day_of_request()
    return _act(
        placement_id,
        kind,
        lambda session: words_of.reopen(
            session, current_actor(), placement_id, which, **data, today=day
        ),
    )


@pages.post("/<kind>/sign")
@requires(*READERS)
def submit_signature(placement_id: UUID, kind: str) -> ResponseReturnValue:
    """Note a signature."""
    which, day = kind_of(kind), day_of_request()

    def rule(session: Session) -> None:
        said = Signing(**load_form(SignSchema()))
        signing.sign_document(
            session, current_actor(), placement_id, which, said, today=day, now=db.utcnow()
        )

    return _act(placement_id, kind, rule, saved="signed")


@pages.post("/<kind>/drop")
@requires(*READERS)
def submit_drop(placement_id: UUID, kind: str) -> ResponseReturnValue:
    """Give up the open version."""
    which, day = kind_of(kind), day_of_request()

    def rule(session: Session) -> None:
        data = load_form(schemas.DocumentDropSchema())
        words_of.drop(session, current_actor(), placement_id, which, **data, today=day)

    return _act(placement_id, kind, rule, saved="dropped")


@pages.get("/<kind>/<int:number>")
@requires(*READERS)
def show_version(placement_id: UUID, kind: str, number: int) -> ResponseReturnValue:
    """One version as a page to read and print."""
    which = kind_of(kind)
    with reading() as session:
        desk, row = get_version(
            session, current_actor(), placement_id, which, number, today=day_of_request()
        )
        return render_template(
            "documents/version.html",
            desk=desk,
            row=row,
            words=wording,
            **shown(session, desk, row),
        )


@pages.get("/<kind>/<int:number>.pdf")
@requires(*READERS)
def download(placement_id: UUID, kind: str, number: int) -> ResponseReturnValue:
    """One version as a tagged PDF; made now, not kept."""
    which = kind_of(kind)
    with reading() as session:
        desk, row = get_version(
            session, current_actor(), placement_id, which, number, today=day_of_request()
        )
        record_act(session, current_actor(), "export", row, desk.seen)
        data = shown(session, desk, row)["paper"]
        made = render_pdf(TEMPLATE[which], data, made_at=db.utcnow())
    name = f"{wording.FILE[which]}-{number}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made, mimetype="application/pdf", headers=headers)


def _back(
    placement_id: UUID, kind: str, saved: str | None = None, anchor: str | None = None
) -> ResponseReturnValue:
    address = url_for(
        "documents.show", placement_id=placement_id, kind=kind, saved=saved, _anchor=anchor
    )
    return redirect(address, 303)


def _act(
    placement_id: UUID, kind: str, rule: Callable[[Session], object], *, saved: str | None = None
) -> ResponseReturnValue:
    try:
        with writing() as session:
            rule(session)
    except FORM_ERRORS as error:
        page = _page(placement_id, kind, request.form, field_errors(error), error)
        return page, STATUS[type(error)]
    return _back(placement_id, kind, saved)


def _page(
    placement_id: UUID,
    kind: str,
    form: Any,
    errors: dict[str, str],
    error: DomainError | None = None,
) -> str:
    which = kind_of(kind)
    with reading() as session:
        desk = open_desk(session, current_actor(), placement_id, which, today=day_of_request())
        row = desk.open or desk.signed
        more = shown(session, desk, row) if row else {}
        return render_template(
            "documents/show.html",
            desk=desk,
            row=row,
            parts=_parts(desk, row, more["facts"]) if row else [],
            shown_hash=signing.hash_shown(session, desk.seen, row) if row else "",
            words=wording,
            identified=IDENTIFIED,
            form=form,
            errors=errors,
            # What is missing is marked where it is written, further up on the same page.
            incomplete=errors
            if isinstance(error, RuleViolation) and error.code == "document_incomplete"
            else {},
            saved=request.args.get("saved"),
            links=standings(session, desk.deliveries[row.id] if row else [], now=db.utcnow()),
            **more,
        )


def _parts(desk: Desk, row: EndDocument, facts: dict[str, str]) -> list[dict[str, Any]]:
    """The parts of a version with their sentences, each with where it comes from."""
    return [
        {
            "title": title,
            "is_own": codes[0] in OWN,
            "sections": [
                {
                    "code": code,
                    "title": wording.section_title(desk.kind, code),
                    "lines": [
                        (text, wording.source_words(line))
                        for text, line in with_sources(section.text, from_text(section.drafted))
                    ],
                }
                for code in codes
                for section in (section_of(row, code),)
            ],
        }
        for title, codes in wording.parts_of(desk.kind, facts["form_sv"])
    ]


def _section_page(
    placement_id: UUID, kind: str, code: str, form: Any, error: DomainError | None
) -> str:
    which = kind_of(kind)
    with reading() as session:
        desk = open_desk(session, current_actor(), placement_id, which, today=day_of_request())
        if desk.open is None or not desk.can_write:
            raise NotFound("end_document")
        section = section_of(desk.open, code)
        conflict = None
        errors = field_errors(error) if error else {}
        if isinstance(error, Conflict):
            title = wording.section_title(which, code)
            conflict = [{"label": title, "theirs": section.text, "mine": form.get("text")}]
            errors = {}
        return render_template(
            "documents/section.html",
            desk=desk,
            row=desk.open,
            section=section,
            title=wording.section_title(which, code),
            hint=wording.HINT.get(code),
            is_own=not is_watched(which, code),
            may_keep=which not in SHOWN_AROUND,
            sources=[
                (line.text, wording.source_words(line)) for line in from_text(section.drafted)
            ],
            words=wording,
            form=form,
            errors=errors,
            conflict=conflict,
        )
