"""Pages where the unit writes what employers read: the information pack, questions and answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.models import Unit
from matchsvc.accounts.settings import shown_name
from matchsvc.errors import Conflict, DomainError, Invalid, RuleViolation
from matchsvc.support import packs, qa, requests
from matchsvc.support.models import InfoPack
from matchsvc.support.packs import LANGUAGES, WRITERS, BlockInput, pieces
from matchsvc.support.qa import EntryInput
from matchsvc.support.schemas import (
    EditInfoBlockSchema,
    EditQaEntrySchema,
    MoveBlockSchema,
    NewQaEntrySchema,
)
from matchsvc.swedish import format_phone, local_date
from matchsvc.web.forms import load_form
from matchsvc.web.papers import printable, render_pdf
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import language_of_reader

writing_pages = Blueprint("writing", __name__, url_prefix="/settings")
FORM_ERRORS = (Invalid, RuleViolation, Conflict)
TEMPLATE = Path(__file__).parent / "papers" / "information.typ"
_PAPER_WORDS: dict[str, dict[str, str]] = {
    "sv": {
        "title": "Information till er som tar emot",
        "version": "Version",
        "page": "Sida",
        "of": "av",
    },
    "en": {
        "title": "Information to you who take on somebody",
        "version": "Version",
        "page": "Page",
        "of": "of",
    },
}


@writing_pages.get("/information")
@requires(*WRITERS)
def show_blocks() -> ResponseReturnValue:
    """The blocks of the information pack, and which version is published."""
    return _blocks_page({}), 200


def _blocks_page(errors: dict[str, str]) -> str:
    with reading() as session:
        actor = current_actor()
        blocks = packs.list_blocks(session, actor)
        latest = packs.latest_pack(session, packs.unit_of(actor))
        return render_template(
            "support/blocks.html",
            blocks=blocks,
            latest=latest,
            is_changed=latest is None or latest.content != packs.draft_content(blocks),
            saved=request.args.get("saved"),
            errors=errors,
        )


@writing_pages.post("/information/starter")
@requires(*WRITERS)
def submit_starter() -> ResponseReturnValue:
    """Begin with the blocks and questions that come with the service."""
    with writing() as session:
        packs.add_starter(session, current_actor())
        qa.add_starter(session, current_actor())
    return redirect(url_for("support.writing.show_blocks", saved="starter"), 303)


@writing_pages.post("/information/publish")
@requires(*WRITERS)
def submit_publish() -> ResponseReturnValue:
    """Make a version of what the blocks say now."""
    try:
        with writing() as session:
            packs.publish(session, current_actor(), today=local_date(db.utcnow()))
    except FORM_ERRORS as error:
        return _blocks_page(field_errors(error)), STATUS[type(error)]
    return redirect(url_for("support.writing.show_blocks", saved="published"), 303)


@writing_pages.get("/information/preview")
@requires(*WRITERS)
def show_preview() -> ResponseReturnValue:
    """The pack as employers would read it now."""
    language = _language()
    with reading() as session:
        content = packs.draft_content(packs.list_blocks(session, current_actor()))
        return render_template(
            "support/preview.html", blocks=content[language], language=language, pieces=pieces
        )


@writing_pages.get("/information/preview.pdf")
@requires(*WRITERS)
def download_preview() -> ResponseReturnValue:
    """The same as a tagged PDF."""
    language = _language()
    with reading() as session:
        actor = current_actor()
        content = packs.draft_content(packs.list_blocks(session, actor))
        unit = session.get_one(Unit, packs.unit_of(actor))
        return pack_pdf(session, unit, content[language], language, "–")


def _language() -> str:
    wish = request.args.get("in", "")
    return wish if wish in LANGUAGES else language_of_reader()


def pack_pdf(
    session: Session, unit: Unit, blocks: list[dict[str, str]], language: str, version: str
) -> Response:
    """A pack as a tagged PDF (PDF/UA-1)."""
    words = _PAPER_WORDS[language]
    phone = format_phone(unit.phone) if unit.phone else ""
    data: dict[str, Any] = {
        "title": words["title"],
        "about": words["title"],
        "lang": language,
        "unit": shown_name(session, unit),
        "municipality": unit.municipality,
        "owner": f"{words['version']} {version}",
        "contact": " ".join(filter(None, (unit.name, phone))),
        "page": words["page"],
        "of": words["of"],
        "blocks": [
            {
                "title": printable(block["title"]) or "",
                "pieces": [
                    {
                        "is_list": piece.is_list,
                        "lines": [printable(line) or "" for line in piece.lines],
                    }
                    for piece in pieces(block["body"])
                ],
            }
            for block in blocks
        ],
    }
    made = render_pdf(TEMPLATE, data, made_at=db.utcnow())
    headers = {"Content-Disposition": f'attachment; filename="information-{language}.pdf"'}
    return Response(made, mimetype="application/pdf", headers=headers)


def published_pdf(session: Session, unit: Unit, pack: InfoPack, language: str) -> Response:
    """A published version as a tagged PDF."""
    return pack_pdf(session, unit, pack.content[language], language, str(pack.number))


@writing_pages.get("/information/new")
@requires(*WRITERS)
def show_new_block() -> ResponseReturnValue:
    """The form of one block more."""
    return _block_page(None, MultiDict({"is_on": "1"}), {}), 200


@writing_pages.post("/information/new")
@requires(*WRITERS)
def submit_new_block() -> ResponseReturnValue:
    """Keep it."""
    return _save_block(None)


@writing_pages.get("/information/<uuid:block_id>")
@requires(*WRITERS)
def show_block(block_id: UUID) -> ResponseReturnValue:
    """The form of a block."""
    return _block_page(block_id, None, {}), 200


@writing_pages.post("/information/<uuid:block_id>")
@requires(*WRITERS)
def submit_block(block_id: UUID) -> ResponseReturnValue:
    """Keep what it says now."""
    return _save_block(block_id)


def _save_block(block_id: UUID | None) -> ResponseReturnValue:
    try:
        data = load_form(EditInfoBlockSchema())
        version = data.pop("version")
        with writing() as session:
            packs.save_block(
                session,
                current_actor(),
                BlockInput(**data),
                block_id=block_id,
                version=version,
                today=local_date(db.utcnow()),
            )
    except FORM_ERRORS as error:
        page = _block_page(block_id, request.form, field_errors(error), error)
        return page, STATUS[type(error)]
    return redirect(url_for("support.writing.show_blocks", saved="block"), 303)


def _block_page(
    block_id: UUID | None,
    form: MultiDict[str, str] | None,
    errors: dict[str, str],
    error: DomainError | None = None,
) -> str:
    with reading() as session:
        row = packs.get_block(session, current_actor(), block_id) if block_id else None
        return render_template(
            "support/block.html",
            row=row,
            form=form,
            errors=errors,
            is_conflict=isinstance(error, Conflict),
        )


@writing_pages.post("/information/<uuid:block_id>/move")
@requires(*WRITERS)
def submit_move(block_id: UUID) -> ResponseReturnValue:
    """Let a block change places with its neighbour."""
    data = load_form(MoveBlockSchema())
    with writing() as session:
        packs.move_block(session, current_actor(), block_id, up=data["up"])
    return redirect(url_for("support.writing.show_blocks"), 303)


@writing_pages.get("/questions")
@requires(*WRITERS)
def show_entries() -> ResponseReturnValue:
    """The questions and answers that employers read."""
    with reading() as session:
        return render_template(
            "support/entries.html",
            entries=qa.list_entries(session, current_actor()),
            saved=request.args.get("saved"),
        )


@writing_pages.get("/questions/new")
@requires(*WRITERS)
def show_new_entry() -> ResponseReturnValue:
    """The form of one more, filled with an employer's question that was answered."""
    form = MultiDict({"is_on": "1"})
    key = request.args.get("request", type=UUID)
    if key is not None:
        with reading() as session:
            _seen, row = requests.get_request(
                session, current_actor(), key, today=local_date(db.utcnow())
            )
            form |= MultiDict(
                {
                    "request_id": str(row.id),
                    "question_sv": row.text or "",
                    "answer_sv": row.answer or "",
                }
            )
    return _entry_page(None, form, {}), 200


@writing_pages.post("/questions/new")
@requires(*WRITERS)
def submit_new_entry() -> ResponseReturnValue:
    """Keep it, after it names nobody."""
    try:
        data = load_form(NewQaEntrySchema())
        source = data.pop("request_id")
        with writing() as session:
            qa.save_entry(
                session,
                current_actor(),
                EntryInput(**data),
                request_id=source,
                today=local_date(db.utcnow()),
            )
    except FORM_ERRORS as error:
        return _entry_page(None, request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("support.writing.show_entries", saved="entry"), 303)


@writing_pages.get("/questions/<uuid:entry_id>")
@requires(*WRITERS)
def show_entry(entry_id: UUID) -> ResponseReturnValue:
    """The form of one question with its answer."""
    return _entry_page(entry_id, None, {}), 200


@writing_pages.post("/questions/<uuid:entry_id>")
@requires(*WRITERS)
def submit_entry(entry_id: UUID) -> ResponseReturnValue:
    """Keep what it says now."""
    try:
        data = load_form(EditQaEntrySchema())
        version = data.pop("version")
        with writing() as session:
            qa.save_entry(
                session,
                current_actor(),
                EntryInput(**data),
                entry_id=entry_id,
                version=version,
                today=local_date(db.utcnow()),
            )
    except FORM_ERRORS as error:
        page = _entry_page(entry_id, request.form, field_errors(error), error)
        return page, STATUS[type(error)]
    return redirect(url_for("support.writing.show_entries", saved="entry"), 303)


def _entry_page(
    entry_id: UUID | None,
    form: MultiDict[str, str] | None,
    errors: dict[str, str],
    error: DomainError | None = None,
) -> str:
    with reading() as session:
        row = qa.get_entry(session, current_actor(), entry_id) if entry_id else None
        return render_template(
            "support/entry.html",
            row=row,
            form=form,
            errors=errors,
            is_conflict=isinstance(error, Conflict),
        )
