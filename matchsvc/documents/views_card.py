"""The form of the competence card, for a phone: one tap a competence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.documents import scale, schemas
from matchsvc.documents.card import KIND, assess
from matchsvc.documents.desk import open_desk
from matchsvc.documents.frame import FORM_ERRORS
from matchsvc.errors import Conflict, DomainError, Refused
from matchsvc.placements.access import READERS
from matchsvc.web.forms import load
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import language_of_reader

card_pages = Blueprint("card", __name__, url_prefix="/card")
NOT_SEEN = "none"


@card_pages.get("/assess")
@requires(*READERS)
def show_assess(placement_id: UUID) -> ResponseReturnValue:
    """What have you seen? One tap a competence."""
    return _page(placement_id, {}, None)


@card_pages.post("/assess")
@requires(*READERS)
def submit_assess(placement_id: UUID) -> ResponseReturnValue:
    """Keep what was seen; what was left out stays as it is."""
    try:
        data = load(schemas.AssessSchema(), _sent())
        with writing() as session:
            assess(
                session,
                current_actor(),
                placement_id,
                schemas.judged_of(data),
                version=data["version"],
                today=day_of_request(),
            )
    except FORM_ERRORS as error:
        return _page(placement_id, request.form, error), STATUS[type(error)]
    address = url_for("documents.show", placement_id=placement_id, kind=KIND.value, saved="saved")
    return redirect(address, 303)


def _sent() -> dict[str, Any]:
    judged = []
    for name, value in request.form.items():
        if not name.startswith("level-") or not value:
            continue
        concept_id = name.removeprefix("level-")
        level = None if value == NOT_SEEN else value
        note = request.form.get(f"note-{concept_id}") or None
        judged.append({"concept_id": concept_id, "level": level, "note": note})
    added = request.form.get("added")
    if added and added not in {each["concept_id"] for each in judged}:
        level = request.form.get("added_level") or None
        judged.append(
            {"concept_id": added, "level": None if level == NOT_SEEN else level, "note": None}
        )
    return {"judged": judged, "version": request.form.get("version") or None}


def _page(placement_id: UUID, form: Any, error: DomainError | None) -> str:
    language = language_of_reader()
    with reading() as session:
        desk = open_desk(session, current_actor(), placement_id, KIND, today=day_of_request())
        if not desk.can_write:
            raise Refused("not_your_case")
        row = desk.open or desk.signed
        held = {each.concept_id: each for each in row.seen} if row else {}
        concepts = scale.generic_concepts(session)
        first = scale.core()
        asked = [each for each in concepts if each.id in first or each.id in held]
        levels = {
            key: NOT_SEEN if each.level is None else str(each.level) for key, each in held.items()
        }
        conflict = None
        if isinstance(error, Conflict):
            conflict = _conflict(form, levels, {each.id: each.label_sv for each in asked})
        return render_template(
            "documents/assess.html",
            desk=desk,
            row=desk.open,
            asked=[
                {
                    "id": each.id,
                    "label": each.label_en if language == "en" else each.label_sv,
                    "options": _options(each.id, language),
                    "value": form.get(f"level-{each.id}") or levels.get(each.id),
                    "note": form.get(f"note-{each.id}")
                    or (held[each.id].note if each.id in held else None),
                }
                for each in asked
            ],
            others=[
                (each.id, each.label_en if language == "en" else each.label_sv)
                for each in concepts
                if each not in asked
            ],
            level_choices=[
                *((str(n), f"{n} {scale.level_words(n, language)}") for n in scale.LEVELS),
                (NOT_SEEN, _("Inte sett")),
            ],
            form=form,
            errors={} if conflict else (field_errors(error) if error else {}),
            conflict=conflict,
        )


def _options(concept_id: str, language: str) -> list[dict[str, Any]]:
    return [
        *(
            {
                "value": str(level),
                "label": f"{level} {scale.level_words(level, language)}",
                "hint": scale.anchor(concept_id, level, language),
            }
            for level in scale.LEVELS
        ),
        {
            "value": NOT_SEEN,
            "label": _("Inte sett"),
            "hint": _("Det har inte hänt på arbetsplatsen."),
            "apart": True,
        },
    ]


def _conflict(form: Any, levels: dict[str, str], names: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"label": names[key], "theirs": levels.get(key), "mine": form.get(f"level-{key}")}
        for key in names
        if form.get(f"level-{key}") != levels.get(key)
    ]
