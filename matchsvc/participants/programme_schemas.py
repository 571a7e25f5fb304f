"""Shapes of programmes and their versions, in and out; what an enrolment says for the rules."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from matchsvc.errors import N_, Invalid
from matchsvc.participants.admission import AdmissionRules, Criterion, FormalLevel, Verdict
from matchsvc.participants.countries import find_country
from matchsvc.participants.models import Sex
from matchsvc.participants.programmes import VersionContent
from matchsvc.web.forms import Choice, Day, InputSchema, Many, Number, Text

_LINE = 200
_COUNTRIES = 6_000
_NO_COUNTRY = N_("Vi känner inte till: %(unknown)s. Skriv landets svenska namn, ett per rad.")
_AGE = N_("Skriv en ålder i hela år, till exempel 25.")


class Country(Text):
    """A country by Swedish name or ISO code; gives its code."""

    default_error_messages: dict[str, Any] = {
        "unknown": N_("Vi känner inte till landet. Skriv dess svenska namn, till exempel Syrien.")
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(longest=80, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        country = find_country(super()._deserialize(value, attr, data, **kwargs))
        if country is None:
            raise self.make_error("unknown")
        return country.code


class Answer(enum.StrEnum):
    """To a question of yes or no."""

    YES = "yes"
    NO = "no"


class VersionSchema(InputSchema):
    """What a version says; ``countries`` one a line, by Swedish name or ISO code."""

    valid_from = Day(required=True)
    valid_until = Day(load_default=None)
    owner = Text(longest=_LINE, load_default="")
    legal_basis = Text(longest=500, load_default="")
    reason = Text(longest=500, load_default="")
    least_age = Number(most=120, message=_AGE, load_default=None)
    most_age = Number(most=120, message=_AGE, load_default=None)
    sex = Choice(Sex, load_default=None)
    countries = Text(longest=_COUNTRIES, load_default="")
    most_formal = Choice(FormalLevel, load_default=None)
    criteria = Many(Choice(Criterion))


class NewVersionSchema(VersionSchema):
    """A version that replaces the one of number ``base``."""

    base = Number(load_default=None)


class NewProgrammeSchema(VersionSchema):
    """A programme with its first version."""

    code = Text(longest=40, load_default="")
    name = Text(longest=120, load_default="")


def content_of(data: Mapping[str, Any]) -> VersionContent:
    """What a form or a program wrote of a version.

    Raises:
        Invalid: a line names no country; the message says which.
    """
    codes, unknown = [], []
    for line in filter(str.strip, data["countries"].replace(",", "\n").splitlines()):
        country = find_country(line.strip())
        if country is None:
            unknown.append(line.strip()[:40])
        else:
            codes.append(country.code)
    if unknown:
        refusal = Invalid({"countries": _NO_COUNTRY})
        refusal.values = {"unknown": ", ".join(unknown)}
        raise refusal
    return VersionContent(
        valid_from=data["valid_from"],
        valid_until=data["valid_until"],
        owner=data["owner"],
        legal_basis=data["legal_basis"],
        reason=data["reason"],
        rules=AdmissionRules(
            least_age=data["least_age"],
            most_age=data["most_age"],
            sex=data["sex"],
            not_born_in=tuple(sorted(set(codes))),
            most_formal=data["most_formal"],
            criteria=tuple(data["criteria"]),
        ),
    )


#: Names of the fields by which an enrolment answers a programme's criteria.
ANSWERS: Mapping[str, Criterion] = {f"answer_{each.value}": each for each in Criterion}


def answers_of(data: dict[str, Any]) -> dict[str, Any]:
    """The data with the answers' fields gathered into one."""
    given = {ANSWERS[name]: data[name] is Answer.YES for name in ANSWERS if data.get(name)}
    return {name: value for name, value in data.items() if name not in ANSWERS} | {"answers": given}


class FindingSchema(Schema):
    """What one rule says."""

    rule = fields.String(required=True)
    verdict = fields.Enum(Verdict, by_value=True, required=True)


class ProgrammeVersionSchema(Schema):
    """One version; ``rules`` say only what is asked for."""

    id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(allow_none=True)
    owner = fields.String(required=True)
    legal_basis = fields.String(required=True)
    reason = fields.String(required=True)
    rules = fields.Dict(required=True)


class ProgrammeSchema(Schema):
    """A programme with every version, latest first; ``in_force`` is a version's number."""

    id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    in_force = fields.Integer(allow_none=True)
    versions = fields.List(fields.Nested(ProgrammeVersionSchema), required=True)
