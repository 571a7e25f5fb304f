"""The page of notes, the same for a case and an employer: write on top, the timeline below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.accounts.rules import names_of
from matchsvc.errors import Conflict, DomainError, Invalid, RuleViolation
from matchsvc.web.forms import load_form, load_query
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.workday import note_words, notes
from matchsvc.workday.note_models import AdditionKind, Note
from matchsvc.workday.note_schemas import (
    ArchiveNoteSchema,
    CorrectNoteSchema,
    EditNoteSchema,
    NoteQuerySchema,
    WriteNoteSchema,
)
from matchsvc.workday.notes import Desk, NoteContent
from matchsvc.workday.undo import can_undo

FORM_ERRORS = (Invalid, RuleViolation, Conflict)


@dataclass(frozen=True, slots=True)
class Place:
    """What a page of notes is about.

    Attributes:
        desk: what the actor may do.
        key: as it stands in the address.
        title: what it is called for this actor.
        crumbs: the way back.
    """

    desk: Desk
    key: str
    title: str
    crumbs: list[dict[str, str]]


Find = Callable[[Session, Actor, str, date], Place]


def note_pages(find: Find, roles: tuple[Role, ...]) -> Blueprint:
    """The pages of notes below ``/<key>/notes`` of whatever ``find`` finds.

    Args:
        find: gives the place of a key, or raises NotFound or Refused.
        roles: who may come in at all.
    """
    pages = Blueprint("notes", __name__, template_folder="templates")

    @pages.get("/<key>/notes")
    @requires(*roles)
    def show_notes(key: str) -> ResponseReturnValue:
        """Write a note, and read what was written."""
        return _page(find, key, {}, {})

    @pages.post("/<key>/notes")
    @requires(*roles)
    def submit_note(key: str) -> ResponseReturnValue:
        """Write a note."""
        try:
            content = _content(load_form(WriteNoteSchema()))
            with writing() as session:
                desk = find(session, current_actor(), key, day_of_request()).desk
                notes.write_note(
                    session, current_actor(), desk, content, today=day_of_request(), now=db.utcnow()
                )
        except FORM_ERRORS as error:
            return _page(find, key, request.form, field_errors(error)), STATUS[type(error)]
        return redirect(url_for(".show_notes", key=key, saved="written"), 303)

    _add_changes(pages, find, roles)
    return pages


def _add_changes(pages: Blueprint, find: Find, roles: tuple[Role, ...]) -> None:
    """What can be done with one note."""

    @pages.get("/<key>/notes/<uuid:note_id>")
    @requires(*roles)
    def show_note(key: str, note_id: UUID) -> ResponseReturnValue:
        """One note: change it within the day, correct it after, put it away."""
        return _note_page(find, key, note_id, {}, {})

    @pages.post("/<key>/notes/<uuid:note_id>")
    @requires(*roles)
    def submit_change(key: str, note_id: UUID) -> ResponseReturnValue:
        """Change a note within the day."""

        def rule(session: Session, desk: Desk) -> object:
            data = load_form(EditNoteSchema())
            version = data.pop("version")
            when: dict[str, Any] = {"today": day_of_request(), "now": db.utcnow()}
            return notes.edit_note(
                session, current_actor(), desk, note_id, _content(data), version=version, **when
            )

        return _submit(find, key, note_id, rule, "changed")

    @pages.post("/<key>/notes/<uuid:note_id>/correct")
    @requires(*roles)
    def submit_correction(key: str, note_id: UUID) -> ResponseReturnValue:
        """Add a correction."""

        def rule(session: Session, desk: Desk) -> object:
            words = load_form(CorrectNoteSchema())["words"]
            return notes.correct_note(
                session, current_actor(), desk, note_id, words, now=db.utcnow()
            )

        return _submit(find, key, note_id, rule, "corrected")

    @pages.post("/<key>/notes/<uuid:note_id>/archive")
    @requires(*roles)
    def submit_archive(key: str, note_id: UUID) -> ResponseReturnValue:
        """Put a note away."""

        def rule(session: Session, desk: Desk) -> object:
            reason = load_form(ArchiveNoteSchema())["reason"]
            return notes.archive_note(
                session, current_actor(), desk, note_id, reason=reason, now=db.utcnow()
            )

        return _submit(find, key, note_id, rule, "archived", undo=note_id)

    @pages.post("/<key>/notes/<uuid:note_id>/undo")
    @requires(*roles)
    def submit_undo(key: str, note_id: UUID) -> ResponseReturnValue:
        """Take back what was put away just now."""
        return _submit(
            find,
            key,
            note_id,
            lambda session, desk: notes.undo_archiving(
                session, current_actor(), desk, note_id, now=db.utcnow()
            ),
            "restored",
        )

    @pages.post("/<key>/notes/<uuid:note_id>/restore")
    @requires(*roles)
    def submit_restore(key: str, note_id: UUID) -> ResponseReturnValue:
        """Bring back a note that was put away."""
        return _submit(
            find,
            key,
            note_id,
            lambda session, desk: notes.restore_note(session, current_actor(), desk, note_id),
            "restored",
        )


def _submit(
    find: Find,
    key: str,
    note_id: UUID,
    rule: Callable[[Session, Desk], object],
    saved: str,
    *,
    undo: UUID | None = None,
) -> ResponseReturnValue:
    try:
        with writing() as session:
            rule(session, find(session, current_actor(), key, day_of_request()).desk)
    except FORM_ERRORS as error:
        page = _note_page(find, key, note_id, request.form, field_errors(error), error)
        return page, STATUS[type(error)]
    return redirect(url_for(".show_notes", key=key, saved=saved, undo=undo), 303)


def _content(data: dict[str, Any]) -> NoteContent:
    return NoteContent(**{**data, "happened_on": data["happened_on"] or day_of_request()})


def _page(find: Find, key: str, form: Any, errors: dict[str, str]) -> str:
    actor, now = current_actor(), db.utcnow()
    query = load_query(NoteQuerySchema())
    with reading() as session:
        place = find(session, actor, key, day_of_request())
        found = notes.list_notes(
            session, actor, place.desk, page=query["page"], archived=query["archived"]
        )
        undo = request.args.get("undo")
        return render_template(
            "workday/notes.html",
            place=place,
            found=found,
            archived=query["archived"],
            form=form,
            errors=errors,
            today=day_of_request(),
            staff=_names(session, found.notes),
            is_open={note.id: notes.is_open(note, actor, now=now) for note in found.notes},
            saved=request.args.get("saved"),
            undo=_undoable(session, actor, place, undo),
            **_words(),
        )


def _undoable(session: Session, actor: Actor, place: Place, wanted: str | None) -> Note | None:
    """The note that the page's button would take back, while it can."""
    try:
        note = notes.get_note(session, actor, place.desk, UUID(wanted or ""))
    except (ValueError, DomainError):
        return None
    is_mine = note.archived_by_id == actor.user_id
    return note if is_mine and can_undo(note.archived_at, now=db.utcnow()) else None


def _note_page(
    find: Find,
    key: str,
    note_id: UUID,
    form: Any,
    errors: dict[str, str],
    error: DomainError | None = None,
) -> str:
    actor = current_actor()
    with reading() as session:
        place = find(session, actor, key, day_of_request())
        note = notes.read_note(session, actor, place.desk, note_id)
        is_conflict = isinstance(error, Conflict)
        return render_template(
            "workday/note.html",
            place=place,
            note=note,
            form=form or _form_of(note),
            errors={} if is_conflict else errors,
            is_conflict=is_conflict,
            typed=form,
            is_open=notes.is_open(note, actor, now=db.utcnow()) and note.archived_at is None,
            staff=_names(session, [note]),
            **_words(),
        )


def _form_of(note: Note) -> dict[str, Any]:
    return {
        "happened": note.happened,
        "agreed": note.agreed,
        "category": note.category.value,
        "secrecy": note.secrecy.value,
        "minutes": note.minutes,
        "happened_on": note.happened_on,
    }


def _names(session: Session, found: Any) -> dict[UUID | None, str]:
    """Names of authors and of those who added something. One query."""
    ids = {note.author_id for note in found}
    ids |= {added.added_by_id for note in found for added in note.additions}
    return names_of(session, ids)


def _words() -> dict[str, Any]:
    return {
        "categories": note_words.CATEGORY,
        "secrecies": note_words.SECRECY,
        "minutes": notes.MINUTES,
        "kinds": AdditionKind,
    }
