"""The form of the copy's file as a JSON Schema, from the models and ``data/tables.yaml``.

What a column of each kind becomes in the file is decided in ``whole_copy._shown``; a test holds the
two together with a whole town's copies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Enum, Integer, Table, Uuid

from matchsvc.db import Base, UTCDateTime
from matchsvc.rights.whole_copy import (
    FACTS_OF_MEETING,
    FORM,
    HIDDEN,
    NAMED,
    OTHERS,
    REACHED,
    TECHNICAL,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DAY: Mapping[str, Any] = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d\d-\d\d$"}
_INSTANT: Mapping[str, Any] = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$",
}
_COLLEAGUE: Mapping[str, Any] = {
    "type": "string",
    "description": "A colleague by role and unit.",
}


def copy_schema() -> dict[str, Any]:
    """The schema, as JSON can hold it; every table that is reached has its rows described."""
    tables = {name: _rows(Base.metadata.tables[name]) for name in ("participant", *REACHED)}
    return {
        "$schema": DIALECT,
        "title": "Everything that is kept about somebody",
        "description": "The answer of /api/v1/rights/people/KEY/copy; docs/copy.md says the rest.",
        **_object(
            {
                "form": {"const": FORM},
                "made_on": _DAY,
                "rows": {"type": "integer", "minimum": 0},
                "tables": _object(tables, required=["participant"]),
                "readings": {"type": "array", "items": _READING},
            }
        ),
    }


def _object(properties: Mapping[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": sorted(properties) if required is None else required,
        "additionalProperties": False,
    }


_READING = _object(
    {
        "at": _INSTANT,
        "action": {"type": "string"},
        "what": {"type": "string"},
        "by": {"type": "string", "description": "A colleague by role and unit, or what did it."},
    }
)


def _rows(table: Table) -> dict[str, Any]:
    columns = list(table.columns)
    if table.name == "meeting_person":
        meeting = Base.metadata.tables["meeting"]
        columns += [meeting.c[name] for name in FACTS_OF_MEETING]
    properties = {column.name: _value(table.name, column) for column in columns}
    shown = {name: value for name, value in properties.items() if value is not None}
    always = {column.name for column in columns if not column.nullable}
    items = _object(shown, required=sorted(always & set(shown)))
    return {"type": "array", "minItems": 1, "items": items}


def _value(table: str, column: Column[Any]) -> dict[str, Any] | None:
    """What a column holds in the file; None for one that is not in it."""
    if column.name in TECHNICAL:
        return None
    if (table, column.name) in OTHERS:
        return {"const": HIDDEN, "description": "About another person."}
    targets = {key.target_fullname.partition(".")[0] for key in column.foreign_keys}
    if "user_account" in targets:
        return dict(_COLLEAGUE)
    if targets & set(NAMED):
        return {"type": "string", "description": "What it is called."}
    return _plain(column)


def _plain(column: Column[Any]) -> dict[str, Any] | None:
    kind = column.type
    if isinstance(kind, Uuid):
        return None
    if isinstance(kind, Enum):
        return {"enum": list(kind.enums)}
    if isinstance(kind, UTCDateTime):
        return dict(_INSTANT)
    if isinstance(kind, Date):
        return dict(_DAY)
    if isinstance(kind, Boolean):
        return {"type": "boolean"}
    if isinstance(kind, Integer):
        return {"type": "integer"}
    if isinstance(kind, JSON):
        return {"type": ["object", "array"]}
    return {"type": "string"}
