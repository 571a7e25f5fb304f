"""Shapes of referrals, in and out."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from matchsvc.errors import N_
from matchsvc.participants.enrolment import Details
from matchsvc.participants.programme_schemas import answers_of
from matchsvc.participants.referral_content import INTAKE, Content
from matchsvc.participants.referral_models import CloseReason, ReferralState, Route
from matchsvc.participants.schemas import EnrolSchema
from matchsvc.web.forms import Choice, Day, Flag, Id, InputSchema, Number, Text

_WORDS = 4_000
_LINE = 200
#: What a referral says of itself; the rest is about the person, as at an enrolment.
_OWN = (
    *("route", "received_on", "reason", "referrer_name", "referrer_org", "referrer_email"),
    *("decision_reference", "decided_on", "legal_basis", "manager_id"),
)


class ReferralSchema(EnrolSchema):
    """A referral that has come; nobody is enrolled by it."""

    class Meta(InputSchema.Meta):
        """marshmallow's options."""

        exclude = ("enrolled_on", "case_worker_id", "external_id")

    route = Choice(Route, required=True)
    received_on = Day(required=True)
    reason = Text(longest=_WORDS, load_default="")
    referrer_name = Text(longest=_LINE, load_default=None)
    referrer_org = Text(longest=_LINE, load_default=None)
    referrer_email = Text(longest=254, load_default=None)
    decision_reference = Text(longest=_LINE, load_default=None)
    decided_on = Day(load_default=None)
    legal_basis = Text(longest=_LINE, load_default=None)
    manager_id = Id(load_default=None)
    intake_address = Text(longest=_WORDS, load_default=None)
    intake_permit = Text(longest=_WORDS, load_default=None)
    intake_family = Text(longest=_WORDS, load_default=None)
    intake_education = Text(longest=_WORDS, load_default=None)
    intake_work = Text(longest=_WORDS, load_default=None)
    intake_support = Text(longest=_WORDS, load_default=None)
    intake_af = Text(longest=_WORDS, load_default=None)
    intake_swedish = Text(longest=_WORDS, load_default=None)
    intake_merits = Text(longest=_WORDS, load_default=None)
    intake_strengths = Text(longest=_WORDS, load_default=None)
    intake_contacts = Text(longest=_WORDS, load_default=None)
    intake_goals = Text(longest=_WORDS, load_default=None)
    intake_coordination = Text(longest=_WORDS, load_default=None)
    intake_planning = Text(longest=_WORDS, load_default=None)
    intake_debts = Text(longest=_WORDS, load_default=None)
    intake_criminal_record = Text(longest=_WORDS, load_default=None)
    intake_misuse = Text(longest=_WORDS, load_default=None)


class ChangeReferralSchema(ReferralSchema):
    """All of a referral anew, and the version it began from."""

    version = Number(load_default=None)


def referral_of(data: dict[str, Any]) -> Content:
    """What a form or a program wrote of a referral."""
    own = {name: data[name] for name in _OWN}
    intake = {name: data[name] for name in INTAKE if data[name]}
    left = {*_OWN, *INTAKE, "version"}
    person = answers_of({name: value for name, value in data.items() if name not in left})
    details = Details(enrolled_on=data["received_on"], **person)
    return Content(details=details, intake=intake, **own)


class AllocateReferralSchema(InputSchema):
    """Whom it is given to."""

    worker_id = Id(
        required=True, error_messages={"required": N_("Välj en av enhetens handläggare.")}
    )
    version = Number(load_default=None)


class FirstContactSchema(InputSchema):
    """When the person was reached for the first time."""

    first_contact_on = Day(required=True)
    version = Number(load_default=None)


class CloseReferralSchema(InputSchema):
    """Why it ends without an enrolment; ``withdrawn`` when it was taken back."""

    reason = Choice(CloseReason, required=True)
    withdrawn = Flag()
    version = Number(load_default=None)


class EndedSchema(InputSchema):
    """Whether to list the ended ones."""

    ended = Flag()


class ReferralLineSchema(Schema):
    """A referral in a list: nothing about the person."""

    id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    route = fields.Enum(Route, by_value=True, required=True)
    state = fields.Enum(ReferralState, by_value=True, required=True)
    received_on = fields.Date(required=True)
    completed_on = fields.Date(allow_none=True)
    allocated_on = fields.Date(allow_none=True)
    allocated_to_id = fields.UUID(allow_none=True)
    first_contact_on = fields.Date(allow_none=True)
    ended_on = fields.Date(allow_none=True)
    close_reason = fields.Enum(CloseReason, by_value=True, allow_none=True)
    missing = fields.List(fields.String(), required=True)
    version = fields.Integer(required=True)


class ReferralReadSchema(ReferralLineSchema):
    """One referral with what it says."""

    given_name = fields.String(allow_none=True)
    family_name = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    reason = fields.String(required=True)
    intake = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class WorkloadSchema(Schema):
    """A case worker and how much she has."""

    user_id = fields.UUID(required=True)
    name = fields.String(required=True)
    cases = fields.Integer(required=True)
    referrals = fields.Integer(required=True)
