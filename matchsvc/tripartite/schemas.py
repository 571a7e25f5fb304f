"""Shapes of the agreement of a placement."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from matchsvc.tripartite.content import Content
from matchsvc.web.forms import Choice, Day, Id, InputSchema, Number, Text
from matchsvc.workday.signature_models import IdentifiedHow

LONGEST = 2000


class ContentSchema(InputSchema):
    """What an agreement says."""

    ends_on = Day(load_default=None, allow_none=True)
    decision_ref = Text(longest=60, load_default=None, allow_none=True)
    decision_to = Day(load_default=None, allow_none=True)
    hours_start = Number(load_default=None, allow_none=True, least=1, most=60)
    hours_goal = Number(load_default=None, allow_none=True, least=1, most=60)
    times = Text(longest=300, load_default="")
    purpose = Text(longest=LONGEST, load_default="")
    tasks = Text(longest=LONGEST, load_default="")
    support = Text(longest=LONGEST, load_default="")
    contact_id = Id(load_default=None, allow_none=True)
    version = Number(required=True)


def content_of(data: dict[str, Any]) -> Content:
    """The content from what was loaded, without the version."""
    return Content(**{name: value for name, value in data.items() if name != "version"})


class OpenVersionSchema(InputSchema):
    """An act on the open version as it was shown."""

    version = Number(required=True)


class DropSchema(OpenVersionSchema):
    """Give up the open version."""

    reason = Text(longest=500, load_default="")


class SignSchema(InputSchema):
    """One signature, attested by a member of staff."""

    capacity = Text(required=True, longest=20)
    identified_how = Choice(IdentifiedHow, load_default=IdentifiedHow.KNOWN)
    shown_hash = Text(required=True, longest=64)
    signer_name = Text(longest=120, load_default=None, allow_none=True)
    on_behalf_reason = Text(longest=300, load_default=None, allow_none=True)
    interpreter_language = Text(longest=40, load_default=None, allow_none=True)


class TripartiteAgreementSchema(Schema):
    """One version as the API shows it."""

    number = fields.Integer()
    state = fields.String()
    version = fields.Integer()
    content = fields.Dict()
    content_hash = fields.String(allow_none=True)
    signed = fields.List(fields.String())
    agreed_at = fields.AwareDateTime(allow_none=True)
