"""Pages of requests to read in a file: what is asked, what is masked, the decision, the paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.guard import asks_again, current_actor, reading, requires, writing
from matchsvc.accounts.models import Unit
from matchsvc.accounts.rules import names_of
from matchsvc.errors import NotFound
from matchsvc.participants.frame import FORM_ERRORS, today, typed
from matchsvc.rights import passages, records, wording
from matchsvc.rights.masked_text import left_of
from matchsvc.rights.models import RecordLine, RecordMask
from matchsvc.rights.paper import make_paper
from matchsvc.rights.provisions import provisions
from matchsvc.rights.requests import KEEPERS, get_person
from matchsvc.rights.schemas import (
    MarkingSchema,
    RecordHandedSchema,
    RulingSchema,
    UnmarkSchema,
    WantedSchema,
)
from matchsvc.rights.whole_copy import read_everything
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

record_pages = Blueprint("records", __name__)
_LINE = "line-"
_OPEN = "open"


@record_pages.get("/people/<key>/records/new")
@requires(*KEEPERS)
def show_new(key: str) -> ResponseReturnValue:
    """Write down what somebody asks to read."""
    return _new_page(key, {}, {})


def _new_page(key: str, form: dict[str, Any], errors: dict[str, str]) -> str:
    with reading() as session:
        person = get_person(session, current_actor(), key, today=today())
        kept = read_everything(session, current_actor(), person, form="parts")
        parts = [(name, wording.part_words(name)) for name in kept.tables]
        return render_template(
            "rights/record_new.html",
            key=person.alias,
            parts=parts,
            words=wording,
            form=form,
            errors=errors,
            today=today(),
        )


@record_pages.post("/people/<key>/records/new")
@requires(*KEEPERS)
def submit_new(key: str) -> ResponseReturnValue:
    """Register it."""
    try:
        wanted = records.Wanted(**load_form(WantedSchema()))
        with writing() as session:
            row = records.register(session, current_actor(), key, wanted, today=today())
    except FORM_ERRORS as error:
        return _new_page(key, typed(), field_errors(error)), STATUS[type(error)]
    return redirect(url_for("rights.records.show", record_request_id=row.id), 303)


@record_pages.get("/records/<uuid:record_request_id>")
@requires(*KEEPERS)
def show(record_request_id: UUID) -> ResponseReturnValue:
    """The lines, what masks each, and the decision."""
    return _page(record_request_id, {}, {})


def _page(request_id: UUID, form: dict[str, Any], errors: dict[str, str]) -> str:
    with reading() as session:
        row, person, lines = records.get_record_request(
            session, current_actor(), request_id, today=today()
        )
        masks = passages.masks_of(session, [line.id for line in lines])
        return render_template(
            "rights/record.html",
            row=row,
            key=person.alias,
            lines=lines,
            previews=_previews(lines, masks),
            masks=masks,
            places={line.id: line for line in lines},
            staff=names_of(session, {each.marked_by_id for each in masks}),
            provisions=provisions(),
            options=[
                (_OPEN, wording.MAY_BE_READ),
                *_provision_choices(),
            ],
            words=wording,
            form=form,
            errors=errors,
            saved=request.args.get("saved"),
        )


def _previews(lines: Sequence[RecordLine], masks: Sequence[RecordMask]) -> dict[UUID, str | None]:
    """How each line that has marks would be read."""
    return {
        line.id: left_of(
            line.value,
            [(e.starts, e.ends, e.provision) for e in masks if standing_in(e, line)],
        )
        for line in lines
        if any(standing_in(each, line) for each in masks)
    }


def standing_in(mask: RecordMask, line: RecordLine) -> bool:
    """Whether a mark stands, in that line."""
    return mask.line_id == line.id and mask.removed_at is None


@record_pages.get("/records/<uuid:record_request_id>/lines/<int:position>")
@requires(*KEEPERS)
def show_line(record_request_id: UUID, position: int) -> ResponseReturnValue:
    """One text, sentence by sentence, to mark what is masked in it."""
    return _line_page(record_request_id, position, {}, {})


def _line_page(request_id: UUID, position: int, form: Any, errors: dict[str, str]) -> str:
    with reading() as session:
        found = passages.get_line(session, current_actor(), request_id, position, today=today())
        if found.request.decision is not None:
            raise NotFound("record_request")
        text = found.line.value
        spans = [(each.starts, each.ends, each.provision) for each in found.masks]
        return render_template(
            "rights/record_line.html",
            row=found.request,
            line=found.line,
            options_of_sentences=[
                (place, text[starts:ends])
                for place, (starts, ends) in enumerate(passages.sentences_of(text))
            ],
            chosen=form.getlist("sentences") if form else [],
            preview=left_of(text, spans) if spans else None,
            masks=found.masks,
            passage_of={each.id: text[each.starts : each.ends] for each in found.masks},
            staff=names_of(session, {each.marked_by_id for each in found.log}),
            provisions=provisions(),
            options=_provision_choices(),
            words=wording,
            form=form,
            errors=errors,
            saved=request.args.get("saved"),
        )


def _provision_choices() -> list[tuple[str, str]]:
    return [(each.code, f"{each.section}: {each.about}") for each in provisions().values()]


@record_pages.post("/records/<uuid:record_request_id>/lines/<int:position>")
@requires(*KEEPERS)
def submit_marks(record_request_id: UUID, position: int) -> ResponseReturnValue:
    """Mark sentences or words to be masked."""
    try:
        data = load_form(MarkingSchema())
        version = data.pop("version")
        marking = passages.Marking(**data | {"words": (data["words"] or "").splitlines()})
        with writing() as session:
            actor, at = current_actor(), record_request_id
            passages.mark(session, actor, at, position, marking, version=version, today=today())
    except FORM_ERRORS as error:
        page = _line_page(record_request_id, position, request.form, field_errors(error))
        return page, STATUS[type(error)]
    return _back_to_line(record_request_id, position, "marked")


def _back_to_line(request_id: UUID, position: int, saved: str) -> ResponseReturnValue:
    path = url_for(
        "rights.records.show_line", record_request_id=request_id, position=position, saved=saved
    )
    return redirect(path, 303)


@record_pages.post(
    "/records/<uuid:record_request_id>/lines/<int:position>/masks/<uuid:record_mask_id>/remove"
)
@requires(*KEEPERS)
def submit_unmark(
    record_request_id: UUID, position: int, record_mask_id: UUID
) -> ResponseReturnValue:
    """Take a mark away."""
    data = load_form(UnmarkSchema())
    with writing() as session:
        passages.unmark(
            session,
            current_actor(),
            record_request_id,
            record_mask_id,
            **data,
            today=today(),
            now=db.utcnow(),
        )
    return _back_to_line(record_request_id, position, "unmarked")


@record_pages.post("/records/<uuid:record_request_id>")
@requires(*KEEPERS)
def submit_decision(record_request_id: UUID) -> ResponseReturnValue:
    """Decide what may be read."""
    chosen = {name: value for name, value in request.form.items() if name.startswith(_LINE)}
    try:
        data = load_form(RulingSchema(exclude=("masked", "opened")), ignore=tuple(chosen))
        version = data.pop("version")
        ruling = records.Ruling(**_chosen(chosen), **data)
        with writing() as session:
            records.decide(
                session,
                current_actor(),
                record_request_id,
                ruling,
                version=version,
                today=today(),
                now=db.utcnow(),
            )
    except FORM_ERRORS as error:
        return _page(record_request_id, typed(), field_errors(error)), STATUS[type(error)]
    return redirect(
        url_for("rights.records.show", record_request_id=record_request_id, saved="decided"), 303
    )


def _chosen(typed_lines: dict[str, str]) -> dict[str, Any]:
    """Lines by position: opened where that was chosen, masked by a provision, else as before."""
    places = ((name.removeprefix(_LINE), code) for name, code in typed_lines.items())
    lines = {int(place): code for place, code in places if place.isascii() and place.isdigit()}
    return {
        "masked": {place: code for place, code in lines.items() if code not in {"", _OPEN}},
        "opened": {place for place, code in lines.items() if code == _OPEN},
    }


@record_pages.post("/records/<uuid:record_request_id>/handed")
@requires(*KEEPERS)
def submit_handed(record_request_id: UUID) -> ResponseReturnValue:
    """Note that the paper was given to whoever asked."""
    try:
        data = load_form(RecordHandedSchema())
        with writing() as session:
            records.hand_over(
                session,
                current_actor(),
                record_request_id,
                data["handed_how"],
                version=data["version"],
                today=today(),
                now=db.utcnow(),
            )
    except FORM_ERRORS as error:
        return _page(record_request_id, typed(), field_errors(error)), STATUS[type(error)]
    return redirect(
        url_for("rights.records.show", record_request_id=record_request_id, saved="handed"), 303
    )


@record_pages.get("/records/<uuid:record_request_id>/paper.pdf")
@asks_again(file=True)
@requires(*KEEPERS)
def download_paper(record_request_id: UUID) -> ResponseReturnValue:
    """What may be read, as a tagged PDF."""
    actor = current_actor()
    with reading() as session:
        row, _person, lines = records.get_record_request(
            session, actor, record_request_id, today=today()
        )
        if row.decision is None:
            raise NotFound("record_request")
        unit = session.get_one(Unit, row.unit_id)
        audit.record(
            session, actor, "export", "record_request", row.id, subjects=[row.participant_id]
        )
        opened = [line.id for line in lines if line.provision is None]
        masks = passages.standing(passages.masks_of(session, opened))
        made = make_paper(row, lines, unit, masks=masks, made_at=db.utcnow())
    headers = {"Content-Disposition": 'attachment; filename="utlamnad-handling.pdf"'}
    return Response(made, mimetype="application/pdf", headers=headers)
