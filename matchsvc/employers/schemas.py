"""Shapes that come in, from forms and programs, and what goes out of the API field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from marshmallow import Schema, fields, pre_load, validate

from matchsvc.employers.checks import SIZE_BANDS
from matchsvc.employers.models import (
    Bar,
    Channel,
    ContactRole,
    Contribution,
    EmployerStatus,
    EmployerType,
    Importance,
    LanguagePart,
    OfferStatus,
    Origin,
    Purpose,
    Stance,
    StatusCode,
    YesNoUnknown,
)
from matchsvc.employers.offer_checks import (
    FORMS,
    LanguageLine,
    LicenceLine,
    OfferContent,
    RequirementLine,
)
from matchsvc.messages.models import Reach
from matchsvc.web.forms import BAD_CHOICE, Choice, Day, Flag, Id, InputSchema, Many, Number, Text

_LONG = 4000
_DAYS_IN_WEEK = 7


class EmployerFieldsSchema(InputSchema):
    """What is written about an employer."""

    name = Text(required=True, longest=200)
    type = Choice(EmployerType, required=True)
    org_number = Text(longest=20, load_default=None)
    sni = Text(longest=5, load_default=None)
    size_band = fields.String(
        validate=validate.OneOf(SIZE_BANDS, error=BAD_CHOICE), load_default=None
    )
    origin = Choice(Origin, load_default=None)
    origin_event = Text(longest=200, load_default=None)
    focus = Text(longest=_LONG, load_default=None)
    governance = Text(longest=_LONG, load_default=None)
    csr_practice = Text(longest=_LONG, load_default=None)
    inclusion = Text(longest=_LONG, load_default=None)
    adaptability = Text(longest=_LONG, load_default=None)
    collective_agreement = Choice(YesNoUnknown, load_default=YesNoUnknown.UNKNOWN)
    union_name = Text(longest=200, load_default=None)
    bar = Choice(Bar, load_default=None)
    agreement_id = Id(load_default=None)
    owner_id = Id(load_default=None)


class CreateEmployerSchema(EmployerFieldsSchema):
    """A new employer."""

    external_id = Text(longest=40, load_default=None)
    status = Choice(EmployerStatus, load_default=EmployerStatus.PROSPECT)
    status_reason = Text(longest=500, load_default=None)
    is_separate = Flag()


class EditEmployerSchema(EmployerFieldsSchema):
    """A changed employer, from the form."""

    version = Number(required=True, least=1)


class StatusSchema(InputSchema):
    """Where the relation stands now."""

    status = Choice(EmployerStatus, required=True)
    status_code = Choice(StatusCode, load_default=None)
    status_reason = Text(longest=500, load_default=None)
    version = Number(required=True, least=1)


class SiteFieldsSchema(InputSchema):
    """What is written about a site."""

    name = Text(required=True, longest=200)
    address = Text(longest=200, load_default=None)
    postcode = Text(longest=10, load_default=None)
    town = Text(longest=100, load_default=None)
    area_id = Id(load_default=None)
    capacity = Number(load_default=None)
    supervisors = Number(load_default=None)
    works_with_children = Flag()
    languages = Many(Text(longest=120))
    access_note = Text(longest=300, load_default=None)
    offers = Many(Text(longest=60))
    excludes = Many(Text(longest=60))


class CreateSiteSchema(SiteFieldsSchema):
    """A new site."""

    external_id = Text(longest=40, load_default=None)


class EditSiteSchema(SiteFieldsSchema):
    """A changed site, from the form."""

    version = Number(required=True, least=1)


class ContactFieldsSchema(InputSchema):
    """What is written about a contact person."""

    name = Text(required=True, longest=200)
    role = Choice(ContactRole, load_default=None)
    site_id = Id(load_default=None)
    email = Text(longest=254, load_default=None)
    phone = Text(longest=40, load_default=None)
    channel = Choice(Channel, load_default=None)
    reach = Choice(Reach, load_default=Reach.EMAIL)


class EditContactSchema(ContactFieldsSchema):
    """A changed contact person, from the form."""

    is_active = Flag()
    version = Number(required=True, least=1)


class InteractionFieldsSchema(InputSchema):
    """A logged contact."""

    happened_on = Day(required=True)
    channel = Choice(Channel, required=True)
    purpose = Choice(Purpose, required=True)
    result = Text(required=True, longest=_LONG)
    site_id = Id(load_default=None)
    contact_id = Id(load_default=None)
    next_step = Text(longest=300, load_default=None)
    next_on = Day(load_default=None)
    finished = Many(Id())
    is_theirs = Flag()
    cap_reason = Text(longest=300, load_default=None)


class RequirementLineSchema(InputSchema):
    """A competence asked for, and why. The rule asks for a missing purpose in its own words."""

    concept_id = Text(required=True, longest=120)
    importance = Choice(Importance, load_default=Importance.REQUIRED)
    purpose = Text(longest=500, load_default="")


class LanguageLineSchema(InputSchema):
    """The least level of one skill of a language, and why."""

    concept_id = Text(required=True, longest=120)
    part = Choice(LanguagePart, load_default=LanguagePart.SPEAK)
    level = Number(required=True, least=1, most=6)
    purpose = Text(longest=500, load_default="")


class LicenceLineSchema(InputSchema):
    """A licence needed, and why."""

    concept_id = Text(required=True, longest=120)
    purpose = Text(longest=500, load_default="")


class OfferFieldsSchema(InputSchema):
    """What an offer says. Weekdays are 1 (Monday) to 7 (Sunday); a season is ``MM-DD``."""

    title = Text(required=True, longest=200)
    tasks = Text(required=True, longest=_LONG)
    contribution = Choice(Contribution, required=True)
    places = Number(required=True, least=0, most=1000)
    hours_start = Number(required=True, least=1, most=40)
    hours_max = Number(least=1, most=40, load_default=None, allow_none=True)
    occupation_id = Text(longest=120, load_default=None)
    forms = Many(fields.String(validate=validate.OneOf(FORMS, error=BAD_CHOICE)))
    weekdays = Many(Number(least=1, most=_DAYS_IN_WEEK))
    start_from = Day(load_default=None)
    start_by = Day(load_default=None)
    valid_until = Day(load_default=None)
    season_start = Text(longest=5, load_default=None)
    season_end = Text(longest=5, load_default=None)
    supervisor_named = Flag(load_default=None)
    job_prospect = Choice(YesNoUnknown, load_default=YesNoUnknown.UNKNOWN)
    for_af = Flag()
    agreement_id = Id(load_default=None)
    requirements = Many(fields.Nested(RequirementLineSchema))
    languages = Many(fields.Nested(LanguageLineSchema))
    licences = Many(fields.Nested(LicenceLineSchema))
    offers = Many(Text(longest=60))
    excludes = Many(Text(longest=60))


class OfferFormSchema(OfferFieldsSchema):
    """An offer from the form; a draft is saved as one."""

    version = Number(least=1, load_default=None)
    status = Choice(OfferStatus, load_default=OfferStatus.OPEN)


class CreateOfferSchema(OfferFieldsSchema):
    """A new offer, from a program."""

    site = Text(required=True, longest=40)
    external_id = Text(longest=40, load_default=None)
    status = Choice(OfferStatus, load_default=OfferStatus.OPEN)


class EditOfferSchema(OfferFieldsSchema):
    """What a program changes about an offer: absent stays as it is, null clears."""

    status = Choice(OfferStatus)
    paused_until = Day(metadata={"description": "with status paused: opens again that day"})

    @pre_load
    def drop_blanks(self, data: Any, **_: object) -> Any:
        """Here a null says something."""
        if not isinstance(data, Mapping):
            return data
        return {key: None if value == "" else value for key, value in data.items()}


class OfferStatusSchema(InputSchema):
    """A button of the offer's page."""

    status = Choice(OfferStatus, required=True)
    paused_until = Day(load_default=None)
    version = Number(required=True, least=1)


class EmployerQuerySchema(InputSchema):
    """Which employers of the list."""

    q = Text(longest=100, load_default="")
    status = Choice(EmployerStatus, load_default=None)
    mine = Flag()
    page = Number(least=1, most=100_000, load_default=1)


class OfferQuerySchema(InputSchema):
    """Which offers of the list; ``status`` all shows closed ones too."""

    q = Text(longest=100, load_default="")
    status = fields.String(
        validate=validate.OneOf([*(each.value for each in OfferStatus), "all"], error=BAD_CHOICE),
        load_default="open",
    )
    mine = Flag()
    page = Number(least=1, most=100_000, load_default=1)


def weekday_mask(days: Iterable[int]) -> int:
    """Bit 0 Monday ... bit 6 Sunday from 1 ... 7."""
    return sum(1 << (day - 1) for day in set(days))


def days_of_mask(mask: int) -> list[int]:
    """1 (Monday) to 7 (Sunday) from a mask."""
    return [day for day in range(1, _DAYS_IN_WEEK + 1) if mask >> (day - 1) & 1]


_CONVERT: Mapping[str, Callable[[Any], Any]] = {
    "requirements": lambda rows: tuple(RequirementLine(**row) for row in rows),
    "languages": lambda rows: tuple(LanguageLine(**row) for row in rows),
    "licences": lambda rows: tuple(LicenceLine(**row) for row in rows),
    "forms": lambda codes: tuple(code for code in FORMS if code in codes),
    "weekdays": weekday_mask,
    "offers": frozenset,
    "excludes": frozenset,
}


def offer_changes(data: Mapping[str, Any]) -> dict[str, Any]:
    """Loaded fields as the fields of an OfferContent; hours at most default to the start's."""
    known = OfferContent.__dataclass_fields__
    found = {
        name: _CONVERT[name](value or ()) if name in _CONVERT else value
        for name, value in data.items()
        if name in known
    }
    if "hours_max" in found and found["hours_max"] is None and "hours_start" in found:
        found["hours_max"] = found["hours_start"]
    return found


class PageSchema(Schema):
    """Where in a list one stands."""

    page = fields.Integer()
    pages = fields.Integer()
    total = fields.Integer()


class EmployerSummarySchema(Schema):
    """An employer in a list."""

    id = fields.UUID()
    external_id = fields.String()
    name = fields.String()
    type = fields.Enum(EmployerType, by_value=fields.String())
    status = fields.Enum(EmployerStatus, by_value=fields.String())
    owner = fields.String(allow_none=True)
    last_contact_on = fields.Date(allow_none=True)
    last_contact_by = fields.String(allow_none=True)


class EmployerListSchema(PageSchema):
    """A page of employers."""

    employers = fields.List(fields.Nested(EmployerSummarySchema))


class SiteSchema(Schema):
    """A site; ``offers`` and ``excludes`` are ids of conditions."""

    id = fields.UUID()
    external_id = fields.String()
    name = fields.String()
    address = fields.String(allow_none=True)
    postcode = fields.String(allow_none=True)
    town = fields.String(allow_none=True)
    area_id = fields.UUID(allow_none=True)
    capacity = fields.Integer(allow_none=True)
    supervisors = fields.Integer(allow_none=True)
    works_with_children = fields.Boolean()
    closed_on = fields.Date(allow_none=True)
    languages = fields.List(fields.String(), allow_none=True)
    access_note = fields.String(allow_none=True)
    offers = fields.Function(
        lambda site: _standing(site.conditions, Stance.OFFERS),
        metadata={"type": "array", "items": {"type": "string"}},
    )
    excludes = fields.Function(
        lambda site: _standing(site.conditions, Stance.EXCLUDES),
        metadata={"type": "array", "items": {"type": "string"}},
    )


def _standing(conditions: Iterable[Any], stance: Stance) -> list[str]:
    return sorted(row.condition_id for row in conditions if row.stance is stance)


class ContactSchema(Schema):
    """A contact person."""

    id = fields.UUID()
    name = fields.String()
    role = fields.Enum(ContactRole, by_value=fields.String(), allow_none=True)
    site_id = fields.UUID(allow_none=True)
    email = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    channel = fields.Enum(Channel, by_value=fields.String(), allow_none=True)
    reach = fields.Enum(Reach, by_value=fields.String())
    is_active = fields.Boolean()
    left_on = fields.Date(allow_none=True)


class EmployerSchema(Schema):
    """An employer with its sites and contacts."""

    id = fields.UUID()
    external_id = fields.String()
    version = fields.Integer()
    name = fields.String()
    type = fields.Enum(EmployerType, by_value=fields.String())
    org_number = fields.String(allow_none=True)
    sni = fields.String(allow_none=True)
    size_band = fields.String(allow_none=True)
    status = fields.Enum(EmployerStatus, by_value=fields.String())
    status_code = fields.Enum(StatusCode, by_value=fields.String(), allow_none=True)
    status_reason = fields.String(allow_none=True)
    origin = fields.Enum(Origin, by_value=fields.String(), allow_none=True)
    origin_event = fields.String(allow_none=True)
    focus = fields.String(allow_none=True)
    governance = fields.String(allow_none=True)
    csr_practice = fields.String(allow_none=True)
    inclusion = fields.String(allow_none=True)
    adaptability = fields.String(allow_none=True)
    collective_agreement = fields.Enum(YesNoUnknown, by_value=fields.String())
    union_name = fields.String(allow_none=True)
    bar = fields.Enum(Bar, by_value=fields.String(), allow_none=True)
    owner_id = fields.UUID(allow_none=True)
    agreement_id = fields.UUID(allow_none=True)
    sites = fields.List(fields.Nested(SiteSchema))
    contacts = fields.List(fields.Nested(ContactSchema))


class InteractionSchema(Schema):
    """A logged contact."""

    id = fields.UUID(attribute="interaction.id")
    happened_on = fields.Date(attribute="interaction.happened_on")
    channel = fields.Enum(Channel, by_value=fields.String(), attribute="interaction.channel")
    purpose = fields.Enum(Purpose, by_value=fields.String(), attribute="interaction.purpose")
    result = fields.String(attribute="interaction.result")
    by = fields.String()
    with_whom = fields.String(allow_none=True)
    next_step = fields.String(attribute="interaction.next_step", allow_none=True)
    next_on = fields.Date(attribute="interaction.next_on", allow_none=True)
    next_done_on = fields.Date(attribute="interaction.next_done_on", allow_none=True)
    is_theirs = fields.Boolean(attribute="interaction.is_theirs")
    cap_reason = fields.String(attribute="interaction.cap_reason", allow_none=True)


class InteractionListSchema(Schema):
    """An employer's logged contacts, newest first, at most 50."""

    interactions = fields.List(fields.Nested(InteractionSchema))


class CreatedSchema(Schema):
    """The id of what was made."""

    id = fields.UUID()


class RequirementOutSchema(Schema):
    """A competence asked for."""

    id = fields.UUID()
    concept_id = fields.String()
    importance = fields.Enum(Importance, by_value=fields.String())
    purpose = fields.String()


class LanguageOutSchema(Schema):
    """A least level of a language."""

    concept_id = fields.String()
    part = fields.Enum(LanguagePart, by_value=fields.String())
    level = fields.Integer()
    purpose = fields.String()


class LicenceOutSchema(Schema):
    """A licence needed."""

    concept_id = fields.String()
    purpose = fields.String()


class OfferSchema(Schema):
    """An offer as a program reads it; the names are those it writes."""

    id = fields.UUID()
    external_id = fields.String()
    version = fields.Integer()
    site_id = fields.UUID()
    site = fields.String()
    employer_id = fields.UUID()
    employer = fields.String()
    status = fields.Enum(OfferStatus, by_value=fields.String())
    title = fields.String()
    tasks = fields.String()
    contribution = fields.Enum(Contribution, by_value=fields.String())
    places = fields.Integer()
    hours_start = fields.Integer()
    hours_max = fields.Integer()
    occupation_id = fields.String(allow_none=True)
    forms = fields.List(fields.String())
    weekdays = fields.List(fields.Integer())
    start_from = fields.Date(allow_none=True)
    start_by = fields.Date(allow_none=True)
    valid_until = fields.Date(allow_none=True)
    season_start = fields.String(allow_none=True)
    season_end = fields.String(allow_none=True)
    supervisor_named = fields.Boolean(allow_none=True)
    job_prospect = fields.Enum(YesNoUnknown, by_value=fields.String())
    for_af = fields.Boolean()
    agreement_id = fields.UUID(allow_none=True)
    requirements = fields.List(fields.Nested(RequirementOutSchema))
    languages = fields.List(fields.Nested(LanguageOutSchema))
    licences = fields.List(fields.Nested(LicenceOutSchema))
    offers = fields.List(fields.String())
    excludes = fields.List(fields.String())


class OfferSummarySchema(Schema):
    """An offer in a list."""

    id = fields.UUID()
    external_id = fields.String()
    title = fields.String()
    employer = fields.String()
    site = fields.String()
    status = fields.Enum(OfferStatus, by_value=fields.String())
    places = fields.Integer()
    required = fields.Integer()
    merits = fields.Integer()


class OfferListSchema(PageSchema):
    """A page of offers."""

    offers = fields.List(fields.Nested(OfferSummarySchema))
