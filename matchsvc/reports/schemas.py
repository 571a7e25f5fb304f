"""What report pages and the API take and give."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from marshmallow import Schema, fields, pre_load

from matchsvc.errors import N_
from matchsvc.reports.counts import DIMENSIONS
from matchsvc.reports.funnel import MOST_MONTHS, Compared
from matchsvc.web.forms import Choice, Day, InputSchema, Number, Text

_MONTH = re.compile(r"(19|20|21)\d\d-(0[1-9]|1[0-2])")
BAD_MONTH = N_("Månaden finns inte. Skriv till exempel 2027-02.")
BAD_GROUP = N_("Välj bland kön, födelseregion, arbetsgivare, överenskommelse och enhet.")


class Month(fields.String):
    """A month as ``2026-03``; gives its first day."""

    default_error_messages: dict[str, Any] = {"invalid": BAD_MONTH}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not _MONTH.fullmatch(text):
            raise self.make_error("invalid")
        return date(int(text[:4]), int(text[5:]), 1)


class Groups(fields.String):
    """Names of dimensions with commas between; gives a tuple."""

    default_error_messages: dict[str, Any] = {"invalid": BAD_GROUP}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        names = tuple(part.strip() for part in text.split(",") if part.strip())
        if len(set(names)) != len(names) or not set(names) <= set(DIMENSIONS):
            raise self.make_error("invalid")
        return names


class PeriodSchema(InputSchema):
    """The choices on the report's page: whole months."""

    start = Month(data_key="from")
    end = Month(data_key="to")
    by = Groups()
    lang = Text(longest=10)

    @pre_load
    def keep_what_was_chosen(self, data: Any, **_: object) -> Any:
        """The page's own choices, whatever else stands in the address."""
        return {key: data[key] for key in ("from", "to", "by", "lang") if data.get(key)}


class FunnelPageSchema(InputSchema):
    """The choices on the funnel's page: months of enrolment, and who is compared."""

    start = Month(data_key="from")
    end = Month(data_key="to")
    group = Choice(Compared, load_default=Compared.FOREIGN_BORN_WOMEN)
    months = Number(least=1, most=MOST_MONTHS, load_default=None)
    as_of = Day(load_default=None)

    @pre_load
    def keep_what_was_chosen(self, data: Any, **_: object) -> Any:
        """The page's own choices, whatever else stands in the address."""
        known = ("from", "to", "group", "months", "as_of")
        return {key: data[key] for key in known if data.get(key)}


class FunnelQuerySchema(InputSchema):
    """A period of enrolment, and the last day that counts."""

    start = Day(required=True, data_key="from")
    end = Day(required=True, data_key="to")
    until = Day(load_default=None)
    months = Number(
        least=1,
        most=MOST_MONTHS,
        load_default=None,
        metadata={"description": "follow everybody for exactly so many months"},
    )
    as_of = Day(load_default=None, metadata={"description": "what was recorded by that day"})


class FunnelStepSchema(Schema):
    """One step: persons by group, None where hidden; the ratio of each compared group."""

    step = fields.String(required=True)
    persons = fields.Dict(
        keys=fields.String(), values=fields.Integer(allow_none=True), required=True
    )
    ratios = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.Float(), allow_none=True),
        required=True,
    )


class FunnelSchema(Schema):
    """How far those enrolled in a period have come, by group."""

    definitions = fields.String(required=True)
    start = fields.String(required=True, data_key="from")
    end = fields.String(required=True, data_key="to")
    until = fields.String(required=True)
    months = fields.Integer(allow_none=True, required=True)
    as_of = fields.String(allow_none=True, required=True)
    steps = fields.List(fields.Nested(FunnelStepSchema), required=True)


def _by_group(**more: Any) -> Any:
    return fields.Dict(keys=fields.String(), required=True, **more)


class GapSchema(Schema):
    """One measure by group: shares or means, and each compared group's ratio to the others."""

    measure = fields.String(required=True)
    shares = _by_group()
    means = _by_group()
    ratios = _by_group()


class NeedSchema(Schema):
    """A support orientation (null: not judged): who was judged so, and who had something for it."""

    orientation = fields.String(required=True, allow_none=True)
    assessed = _by_group()
    given = _by_group()
    ratios = _by_group()


class GapsSchema(Schema):
    """Gaps between groups of those enrolled in a period."""

    definitions = fields.String(required=True)
    start = fields.String(required=True, data_key="from")
    end = fields.String(required=True, data_key="to")
    people = _by_group()
    gaps = fields.List(fields.Nested(GapSchema), required=True)
    needs = fields.List(fields.Nested(NeedSchema), required=True)


class OutcomesQuerySchema(InputSchema):
    """What a program asks a report of."""

    start = Day(required=True, data_key="from", metadata={"description": "first day"})
    end = Day(required=True, data_key="to", metadata={"description": "last day, inclusive"})
    by = Groups(
        load_default=(),
        metadata={"description": "sex,birth_region,employer,agreement,unit, any of them"},
    )
    compare_from = Day(metadata={"description": "first day of an earlier period"})
    compare_to = Day(metadata={"description": "its last day"})


class PlanTimesQuerySchema(InputSchema):
    """The days in which the plans were agreed."""

    start = Day(required=True, data_key="from", metadata={"description": "first day"})
    end = Day(required=True, data_key="to", metadata={"description": "last day, inclusive"})


class PackagesQuerySchema(PlanTimesQuerySchema):
    """The days in which the placements ended, and by when that had been recorded."""

    as_of = Day(load_default=None, metadata={"description": "what was recorded by that day"})


class PlanTimesSchema(Schema):
    """Days from enrolment to an agreed plan; null is hidden, or nobody's."""

    definitions = fields.String(required=True)
    plans = fields.Integer(required=True, allow_none=True)
    days_lower_quartile = fields.Integer(required=True, allow_none=True)
    days_median = fields.Integer(required=True, allow_none=True)
    days_upper_quartile = fields.Integer(required=True, allow_none=True)
    limit_days = fields.Integer(required=True)
    within_limit = fields.Integer(required=True, allow_none=True)


class PackageSharesSchema(Schema):
    """Placements that ended, and how many had the whole support package; null is hidden."""

    definitions = fields.String(required=True)
    ended = fields.Integer(required=True, allow_none=True)
    full_package = fields.Integer(required=True, allow_none=True)
    done_or_declined = fields.Integer(required=True, allow_none=True)


class NationalShareSchema(Schema):
    """Those whose case ended, and how many went to work or studies (REP-07); null is hidden."""

    definitions = fields.String(required=True)
    ended = fields.Integer(required=True, allow_none=True)
    to_work_or_studies = fields.Integer(required=True, allow_none=True)
    percent = fields.Integer(required=True, allow_none=True)
    work = fields.Integer(required=True, allow_none=True)
    studies = fields.Integer(required=True, allow_none=True)
    work_not_known_to_have_lasted = fields.Integer(required=True, allow_none=True)


_VALUE = {"description": 'a number, null when there is none, or {"suppressed": true}'}


class CountSchema(Schema):
    """Persons, and the events beside them."""

    persons = fields.Raw(metadata=_VALUE)
    events = fields.Raw(metadata=_VALUE)


class OutcomeRowSchema(Schema):
    """One group and its counts."""

    group = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True))
    placements = fields.Nested(CountSchema)
    hires = fields.Nested(CountSchema)
    municipal_employment = fields.Nested(CountSchema)
    started = fields.Raw(metadata=_VALUE)
    to_work = fields.Raw(metadata=_VALUE)
    studies = fields.Raw(metadata=_VALUE)


class ComparedPeriodSchema(Schema):
    """A period; both days are inclusive."""

    start = fields.Date(attribute="from", data_key="from")
    end = fields.Date(attribute="to", data_key="to")


class OutcomeReportSchema(Schema):
    """The outcome report (contract.md section 4)."""

    start = fields.Date(attribute="from", data_key="from")
    end = fields.Date(attribute="to", data_key="to")
    definitions = fields.String()
    by = fields.List(fields.String())
    rows = fields.List(fields.Nested(OutcomeRowSchema))
    totals = fields.Nested(OutcomeRowSchema)
    shares = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(),
        metadata={"description": "by share and measure: n, of, percent, interval"},
    )
    rates = fields.List(
        fields.Dict(), metadata={"description": "measure, among, n, of, percent, interval"}
    )
    compared_with = fields.Nested(ComparedPeriodSchema)


class ExposureLineSchema(Schema):
    """One group, or everybody of several."""

    group = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    waiting = fields.Raw(required=True, metadata=_VALUE)
    shares = fields.Dict(keys=fields.String(), values=fields.Dict(), required=True)
    ratios = fields.Dict(keys=fields.String(), values=fields.Dict(allow_none=True), required=True)


class ExposureSchema(Schema):
    """Exposure among the first ten, by group."""

    definitions = fields.String(required=True)
    weights = fields.String(required=True)
    weights_before = fields.String(required=True, allow_none=True)
    offers = fields.Integer(required=True)
    offers_open = fields.Integer(required=True)
    groups = fields.List(fields.Nested(ExposureLineSchema), required=True)
    totals = fields.List(fields.Nested(ExposureLineSchema), required=True)


class SurveysQuerySchema(InputSchema):
    """Which year's surveys."""

    year = Number(
        least=2000,
        most=2199,
        load_default=None,
        metadata={"description": "the year in which they were sent; this year without it"},
    )


class SurveyResponseSchema(Schema):
    """How many were asked and answered."""

    sent = fields.Integer(required=True)
    undeliverable = fields.Integer(required=True)
    started = fields.Integer(required=True)
    completed = fields.Integer(required=True)
    percent = fields.Integer(required=True, allow_none=True)
    is_weak = fields.Boolean(required=True)


class SurveyQuestionSchema(Schema):
    """One question, with the words that were asked."""

    id = fields.String(required=True)
    words = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    positive = fields.Raw(required=True, metadata=_VALUE)
    mean = fields.Float(required=True, allow_none=True)
    options = fields.Dict(keys=fields.String(), required=True)


class SurveyBlockSchema(Schema):
    """One version of a questionnaire."""

    questionnaire = fields.String(required=True)
    response = fields.Nested(SurveyResponseSchema, required=True)
    questions = fields.List(fields.Nested(SurveyQuestionSchema), required=True)
    success_index = fields.Float(allow_none=True)
    experience_index = fields.Float(allow_none=True)


class SurveyGroupSchema(Schema):
    """One group of the surveys."""

    group = fields.String(required=True)
    response = fields.Raw(required=True, metadata=_VALUE)
    satisfied = fields.Raw(required=True, metadata=_VALUE)
    host_again = fields.Raw(required=True, metadata=_VALUE)


class SurveyReportSchema(Schema):
    """The year's surveys, counted; nothing of fewer answers than ``smallest_count``."""

    year = fields.Integer(required=True)
    definitions = fields.String(required=True)
    smallest_count = fields.Integer(required=True)
    employers = fields.List(fields.Nested(SurveyBlockSchema), required=True)
    rehosted = fields.Raw(required=True, metadata=_VALUE)
    median_minutes = fields.Integer(required=True, allow_none=True)
    by_package_parts = fields.List(fields.Nested(SurveyGroupSchema), required=True)
    by_sector = fields.List(fields.Nested(SurveyGroupSchema), required=True)
    by_size = fields.List(fields.Nested(SurveyGroupSchema), required=True)
    by_ending = fields.List(fields.Nested(SurveyGroupSchema), required=True)
    participants = fields.List(fields.Nested(SurveyBlockSchema), required=True)
    participant_channels = fields.Dict(keys=fields.String(), required=True)
    yearly_question = fields.Nested(SurveyBlockSchema, required=True, allow_none=True)


class ReportMeasureSchema(Schema):
    """What one figure means."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    definition = fields.String(required=True)
    counted_in = fields.String(required=True)
    numerator = fields.String(required=True)
    denominator = fields.String(required=True, allow_none=True)
    population = fields.String(required=True)
    time_rule = fields.String(required=True)
    small_cells = fields.String(required=True)
    source = fields.String(required=True)
    given_as = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "operation:path, ``*`` for what may be anything"},
    )


class ReportTermSchema(Schema):
    """A word that several measures need."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    definition = fields.String(required=True)


class DefinitionsSchema(Schema):
    """Every definition, and the version that the reports' answers name."""

    version = fields.String(required=True)
    measures = fields.List(fields.Nested(ReportMeasureSchema), required=True)
    terms = fields.List(fields.Nested(ReportTermSchema), required=True)


class YearQuarterSchema(InputSchema):
    """A calendar year, or one of its quarters."""

    year = Number(least=2000, most=2199, load_default=None)
    quarter = Number(least=1, most=4, load_default=None)

    @pre_load
    def keep_what_was_chosen(self, data: Any, **_: object) -> Any:
        """The page's own choices, whatever else stands in the address."""
        return {key: data[key] for key in ("year", "quarter") if data.get(key)}


class EngagementSchema(Schema):
    """The unit's work with employers in a period (REP-08)."""

    definitions = fields.String(required=True)
    start = fields.String(required=True, attribute="from", data_key="from")
    end = fields.String(required=True, attribute="to", data_key="to")
    contacts = fields.Dict(keys=fields.String(), required=True)
    active = fields.Integer(required=True)
    new = fields.Integer(required=True)
    offers_created = fields.Integer(required=True)
    offers_filled = fields.Integer(required=True)
    offers_expired = fields.Integer(required=True)
    proposals = fields.Dict(keys=fields.String(), required=True)
    start_days = fields.Dict(keys=fields.String(), required=True)
    packages = fields.Dict(keys=fields.String(), required=True)
    follow_ups = fields.Dict(keys=fields.String(), required=True)
    became_job = fields.Dict(keys=fields.String(), required=True)
    hosted_again = fields.Dict(keys=fields.String(), required=True)
    surveys = fields.Dict(keys=fields.String(), required=True)
    lost = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class IndicatorsSchema(Schema):
    """What agencies and municipalities have asked to see; ``by_group`` of whole years only."""

    definitions = fields.String(required=True)
    start = fields.String(required=True, attribute="from", data_key="from")
    end = fields.String(required=True, attribute="to", data_key="to")
    work = fields.Dict(keys=fields.String(), required=True)
    leaves = fields.Dict(keys=fields.String(), required=True)
    questions = fields.Dict(keys=fields.String(), required=True)
    by_group = fields.Dict(keys=fields.String(), required=True, allow_none=True)


class PublishedQuerySchema(InputSchema):
    """Which published period."""

    period = Text(
        longest=20,
        load_default=None,
        metadata={"description": "``2026-q1``, ``2026`` or ``cumulative``; the newest year else"},
    )


class PublicationSchema(Schema):
    """One publication: frozen, with the checksum of what was kept."""

    part = fields.String(required=True)
    recorded_until = fields.DateTime(required=True)
    checksum = fields.String(required=True)


class PublishedSchema(Schema):
    """The published tables of a period; a hidden figure is ``{"suppressed": true}``."""

    definitions = fields.String(required=True)
    period = fields.String(required=True, allow_none=True)
    start = fields.Date(attribute="from", data_key="from", required=True, allow_none=True)
    end = fields.Date(attribute="to", data_key="to", required=True, allow_none=True)
    periods = fields.List(fields.String(), required=True)
    smallest_count = fields.Integer(required=True)
    tables = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Dict()),
        required=True,
        metadata={"description": "by table: rows of what they are about, and their figures"},
    )
    publications = fields.List(fields.Nested(PublicationSchema), required=True)
