"""What the pages that merge two rows have in common: the form, and the names of what moves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from marshmallow import fields, validate

from matchsvc.web.forms import BAD_CHOICE, InputSchema, Many, Number, Text, load_form

LONGEST = 500
TAKE = "take."

#: What rows of each table are called when they move, whichever they hang on.
MOVING = {
    "activity_member": _l("Platser i grupper"),
    "bar_check": _l("Kontroller av hinder"),
    "yearly_question": _l("Årets fråga"),
    "case_file": _l("Ärenden"),
    "record_request": _l("Begäranden om att få läsa"),
    "restriction": _l("Begränsningar"),
    "rights_request": _l("Begäranden om rättigheter"),
    "correction": _l("Rättelser och egna meningar"),
    "cohort_line": _l("Rader i förslag för alla"),
    "competence": _l("Kompetenser"),
    "competence_talk": _l("Samtal om kompetens"),
    "consent": _l("Samtycken"),
    "contact": _l("Kontaktpersoner"),
    "day_absence": _l("Dagar då någon inte kom"),
    "day_allocation": _l("Uppgifter för en dag"),
    "day_task": _l("Dagens uppgifter på egna arbetsplatser"),
    "disclosure": _l("Utlämnade uppgifter"),
    "employer": _l("Tidigare sammanslagna"),
    "employment": _l("Anställningar"),
    "interaction": _l("Kontakter"),
    "involvement": _l("Medarbetare i ärendet"),
    "legal_hold": _l("Stopp mot radering"),
    "retention_item": _l("Rader på listor att radera"),
    "language_skill": _l("Språk"),
    "map_cell": _l("Rutor i kartläggningen"),
    "mapping_summary": _l("Sammanfattningar"),
    "need": _l("Behov"),
    "note": _l("Anteckningar"),
    "own_site": _l("Beskrivningar av egna arbetsplatser"),
    "paper": _l("Papper och filer"),
    "own_page_visit": _l("Besök på Min sida"),
    "participant": _l("Tidigare sammanslagna"),
    "participant_area": _l("Områden"),
    "placement": _l("Placeringar"),
    "plan": _l("Planer"),
    "presentation_answer": _l("Svar om vad arbetsgivare får se"),
    "proposal": _l("Förslag"),
    "register_change": _l("Ändringar"),
    "results_letter": _l("Brev med årets resultat"),
    "signature": _l("Underskrifter"),
    "site": _l("Arbetsställen"),
    "support_orientation": _l("Bedömningar av stöd"),
    "try_out": _l("Prövningar hos företag"),
    "task": _l("Uppgifter att göra"),
    "wish": _l("Önskemål"),
}


class MergeFormSchema(InputSchema):
    """The page's form; what to take from the other comes beside it, see :func:`read_form`."""

    step = fields.String(
        load_default="look", validate=validate.OneOf(("look", "merge"), error=BAD_CHOICE)
    )
    reason = Text(longest=LONGEST, required=True)
    kept_version = Number(required=True)
    gone_version = Number(required=True)


def merge_schema(names: Collection[str], of: str) -> type[InputSchema]:
    """The shape that a program sends.

    Args:
        names: of the fields in which the other's value can be taken.
        of: what is merged, for the shape's name in OpenAPI.
    """
    members: dict[str, Any] = {
        "other": Text(longest=64, required=True),
        "from_other": Many(
            fields.String(validate=validate.OneOf(names, error=BAD_CHOICE)),
            load_default=None,
            metadata={
                "description": "Fields in which the other's value is right. Absent: those that "
                "only the other says something in."
            },
        ),
        "reason": Text(longest=LONGEST, required=True),
    }
    return type(f"Merge{of}Schema", (InputSchema,), members)


def read_form() -> tuple[dict[str, Any], frozenset[str]]:
    """The form, and the names of the fields to take from the other.

    Raises:
        Invalid: with a message for every wrong field.
    """
    taken = tuple(name for name in request.form if name.startswith(TAKE))
    return load_form(MergeFormSchema(), ignore=taken), typed_choices()


def typed_choices() -> frozenset[str]:
    """The names of the fields in which the other's value was chosen."""
    return frozenset(
        name.removeprefix(TAKE)
        for name, value in request.form.items()
        if name.startswith(TAKE) and value == "other"
    )


def moving_rows(moving: Mapping[str, int]) -> list[dict[str, Any]]:
    """What moves as facts of a page, the most first."""
    ordered = sorted(moving.items(), key=lambda each: (-each[1], each[0]))
    return [{"label": MOVING.get(name, name), "value": number} for name, number in ordered]


def compared(
    columns: Mapping[str, tuple[str, ...]],
    labels: Mapping[str, Any],
    in_words: Any,
    kept: Any,
    gone: Any,
    *,
    differing: Collection[str],
    chosen: Collection[str],
) -> dict[str, list[dict[str, Any]]]:
    """The two field by field: what to choose in, and what is alike and says something.

    Args:
        columns: names of fields and the columns that go together.
        labels: what each field is called.
        in_words: what a row says in a field, from (row, field); "" for nothing.
        kept: the row that stays.
        gone: the other.
        differing: the fields that differ.
        chosen: those of them in which the other's value is taken.
    """
    choices, alike = [], []
    for name in columns:
        mine, other = in_words(kept, name), in_words(gone, name)
        if name in differing:
            choices.append(
                {
                    "name": name,
                    "label": labels[name],
                    "kept": mine or "–",
                    "other": other or "–",
                    "value": (other if name in chosen else mine) or "–",
                }
            )
        elif mine:
            alike.append({"label": labels[name], "value": mine})
    return {"choices": choices, "alike": alike}
