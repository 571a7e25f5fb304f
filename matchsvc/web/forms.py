"""What pages and API share about input: fields with Swedish messages, and reading a form.

A page that refuses shows the form again with what was typed; it never throws anything away.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from flask import request
from marshmallow import RAISE, Schema, ValidationError, fields, pre_load, validate
from werkzeug.datastructures import MultiDict

from matchsvc.errors import N_, Invalid
from matchsvc.web.problems import flatten

REQUIRED = N_("Fyll i det här.")
BAD_DATE = N_("Datumet finns inte. Skriv till exempel 2027-02-26.")
BAD_TIME = N_("Skriv klockslaget som 10.00.")
BAD_NUMBER = N_("Skriv ett tal med siffror.")
BAD_CHOICE = N_("Välj ett av alternativen.")
BAD_ID = N_("Det valda finns inte längre. Ladda om sidan och välj igen.")
TOO_LONG = N_("Texten är för lång. Korta den.")
UNKNOWN = N_("Det här fältet känner vi inte till.")
_MAX_INT = 2**31 - 1
MOST_PAGES = 100_000
#: What a form carries beside its data: its token, and the proof that the user is herself.
NOT_DATA = ("csrf_token", "again_password", "again_code", "again_sso", "again_passkey")

#: Field options that every field here takes from marshmallow.
_COMMON = {"required": REQUIRED, "null": REQUIRED}


class Text(fields.String):
    """One line or more of text, stripped; at most ``longest`` characters."""

    default_error_messages: dict[str, Any] = {**_COMMON, "invalid": REQUIRED}

    def __init__(self, *, longest: int = 500, **options: Any) -> None:
        checks = [validate.Length(max=longest, error=TOO_LONG)]
        if options.get("required"):
            checks.append(validate.Length(min=1, error=REQUIRED))
        super().__init__(validate=checks, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if "\x00" in text or not _is_encodable(text):
            raise self.make_error("invalid")
        return text.strip()


class Password(Text):
    """A password: as it was typed, also with spaces around it."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        super()._deserialize(value, attr, data, **kwargs)
        return value


def _is_encodable(text: str) -> bool:
    """Whether a database can hold it: half a surrogate pair, as JSON may bring, is no text."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


class Day(fields.Date):
    """A day as ``2026-03-02``."""

    default_error_messages: dict[str, Any] = {
        **_COMMON,
        "invalid": BAD_DATE,
        "format": BAD_DATE,
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> date:
        day = super()._deserialize(value, attr, data, **kwargs)
        if not isinstance(day, date) or not 1900 <= day.year <= 2200:  # noqa: PLR2004
            raise self.make_error("invalid")
        return day


class Clock(fields.String):
    """A time on the wall: ``10.00``, ``10:00`` or ``9``."""

    default_error_messages: dict[str, Any] = {**_COMMON, "invalid": BAD_TIME}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        found = re.fullmatch(r"\s*([01]?[0-9]|2[0-3])(?:[.:]([0-5][0-9]))?\s*", text, re.ASCII)
        if found is None:
            raise self.make_error("invalid")
        return time(int(found[1]), int(found[2] or 0))


class Number(fields.Integer):
    """A whole number in a range."""

    default_error_messages: dict[str, Any] = {
        **_COMMON,
        "invalid": BAD_NUMBER,
        "too_large": BAD_NUMBER,
    }

    def __init__(
        self, *, least: int = 0, most: int = _MAX_INT, message: str = BAD_NUMBER, **options: Any
    ) -> None:
        super().__init__(
            strict=False, validate=validate.Range(min=least, max=most, error=message), **options
        )


class Flag(fields.Boolean):
    """A tick. A browser sends nothing for an empty one: absent means no."""

    default_error_messages: dict[str, Any] = {**_COMMON, "invalid": BAD_CHOICE}

    def __init__(self, **options: Any) -> None:
        if not options.get("required"):
            options.setdefault("load_default", False)
        super().__init__(**options)


class Choice(fields.Enum[Any]):
    """One of an enumeration, by value."""

    default_error_messages: dict[str, Any] = {**_COMMON, "unknown": BAD_CHOICE}

    def __init__(self, kind: type[enum.Enum], **options: Any) -> None:
        super().__init__(kind, by_value=fields.String(), **options)


class Id(fields.UUID):
    """The id of something chosen from a list."""

    default_error_messages: dict[str, Any] = {**_COMMON, "invalid_uuid": BAD_ID}


class Many(fields.List[Any]):
    """Several values of one kind."""

    default_error_messages: dict[str, Any] = {**_COMMON, "invalid": BAD_CHOICE}

    def __init__(self, inner: fields.Field[Any], **options: Any) -> None:
        options.setdefault("load_default", list)
        super().__init__(inner, **options)


class InputSchema(Schema):
    """Base of every shape that comes in. Unknown keys are an error, blanks count as absent."""

    class Meta:
        """marshmallow's options."""

        unknown = RAISE

    error_messages: dict[str, Any] = {"unknown": UNKNOWN, "type": REQUIRED}

    @pre_load
    def drop_blanks(self, data: Any, **_: object) -> Any:
        """A browser sends an empty string for a field left blank."""
        if not isinstance(data, Mapping):
            return data
        return {key: value for key, value in data.items() if value not in ("", None)}


def load_form(schema: Schema, *, ignore: tuple[str, ...] = ()) -> dict[str, Any]:
    """Read the posted form through a schema.

    Args:
        schema: what is expected.
        ignore: names of buttons and the like that are not data.

    Raises:
        Invalid: with a message for every wrong field.
    """
    return load(schema, form_values(schema, request.form, ignore=(*NOT_DATA, *ignore)))


def form_values(
    schema: Schema, form: MultiDict[str, str], *, ignore: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A posted form as a dict: lists where the schema has them."""
    values: dict[str, Any] = {}
    for name in form:
        if name in ignore:
            continue
        field = schema.fields.get(name)
        many = isinstance(field, fields.List)
        values[name] = [v for v in form.getlist(name) if v] if many else form[name]
    return values


def load(schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """Check values against a schema.

    Raises:
        Invalid: with a message for every wrong field.
    """
    try:
        return dict(schema.load(values))
    except ValidationError as error:
        raise Invalid(flatten(error.messages_dict)) from error


def page_number() -> int:
    """Which page of a list the address asks for; what is no number, or far too large, is a page."""
    return min(max(request.args.get("page", 1, type=int) or 1, 1), MOST_PAGES)


def load_query(schema: Schema) -> dict[str, Any]:
    """Read a page's address through a schema; what it doesn't know (``lang``) is left alone.

    Raises:
        Invalid: with a message for every wrong value.
    """
    known = {name: value for name, value in request.args.items() if name in schema.fields}
    return load(schema, known)
