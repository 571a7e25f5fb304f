"""The pages of papers, the same whatever they are about: put up on top, the list below, one paper.

A browser is given pictures and nothing else: a PDF is drawn here, page by page. Whoever needs the
file itself has it as an attachment, which no browser opens within the service.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from matchsvc import db
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.accounts.rules import names_of
from matchsvc.errors import Conflict, DomainError, Invalid, NotFound, RuleViolation
from matchsvc.web.forms import load_form, load_query
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.workday import paper_words, papers
from matchsvc.workday.notes import Desk
from matchsvc.workday.paper_checks import MAX_BYTES, CheckedFile, MediaType, check_file, draw_page
from matchsvc.workday.paper_models import Paper, PaperKind
from matchsvc.workday.paper_schemas import (
    CHOOSE,
    AboutPaperSchema,
    PaperQuerySchema,
    TakeAwaySchema,
)
from matchsvc.workday.papers import About
from matchsvc.workday.undo import can_undo
from matchsvc.workday.views_notes import Find, Place

FORM_ERRORS = (Invalid, RuleViolation, Conflict)
#: What may arrive here: more than is kept, so that a form with too large a file is shown again with
#: what was typed. Beyond it the browser gets the plain page "Filen är för stor".
MAX_SENT = 64 * 1024 * 1024
#: A file that is looked at in a tab of its own runs nothing and loads nothing.
FILE_CSP = "default-src 'none'; sandbox; frame-ancestors 'none'"


def paper_pages(
    find: Find, roles: tuple[Role, ...], *, usual: PaperKind | None = None, name: str = "papers"
) -> Blueprint:
    """The pages of papers below ``/<key>/papers`` of whatever ``find`` finds.

    Args:
        find: gives the place of a key, or raises NotFound or Refused.
        roles: who may come in at all.
        usual: the kind that is chosen beforehand.
        name: of the blueprint.
    """
    pages = Blueprint(name, __name__, template_folder="templates")

    @pages.url_value_preprocessor
    def take_large_forms(*_: object) -> None:
        """Before anything reads the form, the guard's token too."""
        request.max_content_length = MAX_SENT

    @pages.get("/<key>/papers")
    @requires(*roles)
    def show_papers(key: str) -> ResponseReturnValue:
        """Put up a paper, and find those that are there."""
        return _list_page(find, key, {"kind": usual}, {})

    @pages.post("/<key>/papers")
    @requires(*roles)
    def submit_paper(key: str) -> ResponseReturnValue:
        """Put up a paper."""
        try:
            data = load_form(AboutPaperSchema())
            paper, is_new = keep(find, key, request.files.get("file"), data)
        except FORM_ERRORS as error:
            return _list_page(find, key, request.form, field_errors(error)), STATUS[type(error)]
        saved = "put_up" if is_new else "there"
        return redirect(url_for(".show_papers", key=key, saved=saved, paper=paper.id), 303)

    _add_one(pages, find, roles)
    return pages


def keep(
    find: Find, key: str, file: FileStorage | None, data: dict[str, Any]
) -> tuple[Paper, bool]:
    """Put up what was sent; whether it is new. The file is looked into outside the transaction.

    Raises:
        NotFound: as ``find``.
        Refused: the actor does not write about it; no file is looked into.
        Invalid: no file, one that may not be kept, or what is said about it.
    """
    actor, now = current_actor(), db.utcnow()
    with reading() as session:
        papers.require_writer(find(session, actor, key, day_of_request()).desk)
    checked = _checked(file)
    about = About(**data, file_name=(file.filename or "") if file else "")
    with writing() as session:
        desk = find(session, actor, key, day_of_request()).desk
        when: dict[str, Any] = {"today": day_of_request(), "now": now}
        paper = papers.put_up(session, actor, desk, about, checked, **when)
        return paper, paper.put_up_at == now


def _checked(file: FileStorage | None) -> CheckedFile:
    if file is None or not file.filename:
        raise Invalid({"file": CHOOSE}, code="file_missing")
    return check_file(file.stream.read(MAX_BYTES + 1))


def _add_one(pages: Blueprint, find: Find, roles: tuple[Role, ...]) -> None:
    """What can be done with one paper."""

    @pages.get("/<key>/papers/<uuid:paper_id>")
    @requires(*roles)
    def show_paper(key: str, paper_id: UUID) -> ResponseReturnValue:
        """One paper, to be read on the page."""
        return _paper_page(find, key, paper_id, {}, {})

    @pages.get("/<key>/papers/<uuid:paper_id>/pages/<int:number>")
    @requires(*roles)
    def show_picture(key: str, paper_id: UUID, number: int) -> ResponseReturnValue:
        """One page of it as a picture."""
        paper, content = open_it(find, key, paper_id, how="open")
        try:
            return _send_picture(paper, content, number)
        except IndexError:
            raise NotFound("page of a paper") from None

    @pages.get("/<key>/papers/<uuid:paper_id>/file")
    @requires(*roles)
    def download_file(key: str, paper_id: UUID) -> ResponseReturnValue:
        """The file itself, as an attachment."""
        return hand_out(*open_it(find, key, paper_id, how="export"))

    @pages.post("/<key>/papers/<uuid:paper_id>/take-away")
    @requires(*roles)
    def submit_take_away(key: str, paper_id: UUID) -> ResponseReturnValue:
        """Take a paper away."""

        def rule(session: Session, desk: Desk) -> object:
            reason = load_form(TakeAwaySchema())["reason"]
            return papers.take_away(
                session, current_actor(), desk, paper_id, reason=reason, now=db.utcnow()
            )

        return _submit(find, key, paper_id, rule, "taken_away", undo=paper_id)

    @pages.post("/<key>/papers/<uuid:paper_id>/undo")
    @requires(*roles)
    def submit_undo(key: str, paper_id: UUID) -> ResponseReturnValue:
        """Bring back what was taken away just now."""
        return _submit(
            find,
            key,
            paper_id,
            lambda session, desk: papers.undo_taking_away(
                session, current_actor(), desk, paper_id, now=db.utcnow()
            ),
            "restored",
        )


def open_it(find: Find, key: str, paper_id: UUID, *, how: str) -> tuple[Paper, bytes]:
    """A paper with its bytes for whoever may see what it is about; each look is logged.

    Raises:
        NotFound: as ``find``, or no such paper about it.
        RuleViolation: it was taken away.
    """
    with reading() as session:
        desk = find(session, current_actor(), key, day_of_request()).desk
        return papers.open_paper(session, current_actor(), desk, paper_id, how=how)


def hand_out(paper: Paper, content: bytes, *, media_type: str | None = None) -> Response:
    """The bytes as an attachment: kept by no cache, opened within the service by no browser."""
    return _closed(
        send_file(
            BytesIO(content),
            media_type or paper.media_type.value,
            as_attachment=True,
            download_name=paper.file_name,
            conditional=False,
            etag=False,
        )
    )


def _send_picture(paper: Paper, content: bytes, number: int) -> Response:
    if paper.media_type is MediaType.PDF:
        return _closed(Response(draw_page(content, number), mimetype=MediaType.PNG.value))
    if number != 1:
        raise IndexError(number)
    return _closed(Response(content, mimetype=paper.media_type.value))


def _closed(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = FILE_CSP
    response.headers["Cache-Control"] = "no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _submit(
    find: Find,
    key: str,
    paper_id: UUID,
    rule: Callable[[Session, Desk], object],
    saved: str,
    *,
    undo: UUID | None = None,
) -> ResponseReturnValue:
    try:
        with writing() as session:
            rule(session, find(session, current_actor(), key, day_of_request()).desk)
    except FORM_ERRORS as error:
        page = _paper_page(find, key, paper_id, request.form, field_errors(error))
        return page, STATUS[type(error)]
    return redirect(url_for(".show_papers", key=key, saved=saved, undo=undo), 303)


def _list_page(find: Find, key: str, form: Any, errors: dict[str, str]) -> str:
    actor = current_actor()
    query = load_query(PaperQuerySchema())
    with reading() as session:
        place = find(session, actor, key, day_of_request())
        found = papers.list_papers(session, actor, place.desk, **query)
        return render_template(
            "workday/papers.html",
            place=place,
            found=found,
            taken_away=query["taken_away"],
            form=form,
            errors=errors,
            staff=_names(session, found.papers),
            saved=request.args.get("saved"),
            undo=_undoable(session, actor, place, request.args.get("undo")),
            **_words(),
        )


def _undoable(session: Session, actor: Actor, place: Place, wanted: str | None) -> Paper | None:
    """The paper that the page's button would bring back, while it can."""
    try:
        paper = papers.get_paper(session, place.desk, UUID(wanted or ""))
    except (ValueError, DomainError):
        return None
    is_mine = paper.taken_away_by_id == actor.user_id and paper.erased_at is None
    return paper if is_mine and can_undo(paper.taken_away_at, now=db.utcnow()) else None


def _paper_page(find: Find, key: str, paper_id: UUID, form: Any, errors: dict[str, str]) -> str:
    actor = current_actor()
    with reading() as session:
        place = find(session, actor, key, day_of_request())
        paper = papers.read_paper(session, actor, place.desk, paper_id)
        return render_template(
            "workday/paper.html",
            place=place,
            paper=paper,
            undo=_undoable(session, actor, place, str(paper_id)),
            form=form,
            errors=errors,
            staff=_names(session, [paper]),
            **_words(),
        )


def _names(session: Session, found: Any) -> dict[UUID | None, str]:
    """Names of who put papers up and who took them away. One query."""
    ids = {paper.put_up_by_id for paper in found}
    ids |= {paper.taken_away_by_id for paper in found if paper.taken_away_by_id}
    return names_of(session, ids)


def _words() -> dict[str, Any]:
    return {"kinds": paper_words.KIND, "media": paper_words.MEDIA}
