"""GET /api/v1/reports/outcomes and /exposure: the reports for programs."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires
from matchsvc.errors import N_, Invalid
from matchsvc.reports.counts import Period
from matchsvc.reports.engagement import engagement
from matchsvc.reports.exposure import READERS as EXPOSURE_READERS
from matchsvc.reports.exposure import exposure_data, exposure_report
from matchsvc.reports.funnel import equity_funnel, funnel_data
from matchsvc.reports.gaps import gap_report, gaps_data
from matchsvc.reports.indicators import indicators
from matchsvc.reports.measures import DEFINITIONS_VERSION
from matchsvc.reports.national import national_data, national_share
from matchsvc.reports.outcomes import INTERNAL_READERS, READERS, check_span, outcome_report
from matchsvc.reports.packages import package_data, package_shares
from matchsvc.reports.period_reads import year_or_quarter
from matchsvc.reports.plan_times import plan_times, plan_times_data
from matchsvc.reports.published import read_published
from matchsvc.reports.published_page import published_data
from matchsvc.reports.schemas import (
    DefinitionsSchema,
    EngagementSchema,
    ExposureSchema,
    FunnelQuerySchema,
    FunnelSchema,
    GapsSchema,
    IndicatorsSchema,
    NationalShareSchema,
    OutcomeReportSchema,
    OutcomesQuerySchema,
    PackageSharesSchema,
    PackagesQuerySchema,
    PlanTimesQuerySchema,
    PlanTimesSchema,
    PublishedQuerySchema,
    PublishedSchema,
    SurveyReportSchema,
    SurveysQuerySchema,
    YearQuarterSchema,
)
from matchsvc.reports.shapes import definitions_data, report_data
from matchsvc.reports.shapes_indicators import engagement_data, indicators_data
from matchsvc.reports.surveys import survey_report
from matchsvc.reports.surveys_page import report_data as survey_data
from matchsvc.swedish import end_of_day, local_date
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("reports", "/reports", "Outcomes and equity, with small figures hidden.")


@api.route("/outcomes")
@api.arguments(OutcomesQuerySchema, location="query")
@api.response(200, OutcomeReportSchema)
@api.alt_response(401, description="not logged in")
@api.alt_response(403, description="the role reads no reports")
@api.alt_response(409, description="a period too short for region of birth")
@api.alt_response(422, description="a period or group that does not exist")
@requires(*INTERNAL_READERS)
def show_outcomes(query: dict[str, Any]) -> dict[str, Any]:
    """Persons placed, hired and in work, by group: internal, not for publication."""
    compare_from, compare_to = query.get("compare_from"), query.get("compare_to")
    if (compare_from is None) != (compare_to is None):
        missing = "compare_from" if compare_from is None else "compare_to"
        raise Invalid({missing: N_("Ange både första och sista dagen.")})
    compared = Period(compare_from, compare_to) if compare_from and compare_to else None
    with reading() as session:
        report = outcome_report(
            session,
            current_actor(),
            Period(query["start"], query["end"]),
            by=query["by"],
            compare_with=compared,
        )
    return report_data(report)


@api.route("/published")
@api.arguments(PublishedQuerySchema, location="query")
@api.response(200, PublishedSchema)
@errors(api, 401, 403, 404, 422)
@requires(*READERS)
def show_published(query: dict[str, Any]) -> dict[str, Any]:
    """The tables that may be published, as they were frozen."""
    with reading() as session:
        return published_data(read_published(session, current_actor(), query["period"]))


@api.route("/funnel")
@api.arguments(FunnelQuerySchema, location="query")
@api.response(200, FunnelSchema)
@errors(api, 401, 403, 409, 422)
@requires(*INTERNAL_READERS)
def show_funnel(query: dict[str, Any]) -> dict[str, Any]:
    """How far those enrolled in a period have come, by group: internal, not for publication."""
    period = Period(query["start"], query["end"])
    until = query["until"] or max(local_date(db.utcnow()), period.end_date)
    with reading() as session:
        return _defined(funnel_data(equity_funnel(session, current_actor(), period, until=until)))


@api.route("/gaps")
@api.arguments(PlanTimesQuerySchema, location="query")
@api.response(200, GapsSchema)
@errors(api, 401, 403, 409, 422)
@requires(*INTERNAL_READERS)
def show_gaps(query: dict[str, Any]) -> dict[str, Any]:
    """What was asked, noted, given and judged of those enrolled in a period, by group."""
    with reading() as session:
        return gaps_data(gap_report(session, current_actor(), Period(query["start"], query["end"])))


@api.route("/plan-times")
@api.arguments(PlanTimesQuerySchema, location="query")
@api.response(200, PlanTimesSchema)
@errors(api, 401, 403, 422)
@requires(*READERS)
def show_plan_times(query: dict[str, Any]) -> dict[str, Any]:
    """Days from enrolment until everybody had signed the plan, of plans agreed in a period."""
    with reading() as session:
        period = Period(query["start"], query["end"])
        check_span(current_actor(), period)
        return _defined(plan_times_data(plan_times(session, current_actor(), period)))


@api.route("/packages")
@api.arguments(PackagesQuerySchema, location="query")
@api.response(200, PackageSharesSchema)
@errors(api, 401, 403, 422)
@requires(*READERS)
def show_packages(query: dict[str, Any]) -> dict[str, Any]:
    """How many of the placements that ended in a period had the whole support package."""
    with reading() as session:
        period = Period(query["start"], query["end"])
        check_span(current_actor(), period)
        as_of = end_of_day(query["as_of"]) if query["as_of"] else None
        shares = package_shares(session, current_actor(), period, as_of=as_of)
        return _defined(package_data(shares))


@api.route("/national")
@api.arguments(PlanTimesQuerySchema, location="query")
@api.response(200, NationalShareSchema)
@errors(api, 401, 403, 422)
@requires(*READERS)
def show_national(query: dict[str, Any]) -> dict[str, Any]:
    """How many of those whose case ended in a period went to lasting work or studies."""
    with reading() as session:
        period = Period(query["start"], query["end"])
        check_span(current_actor(), period)
        return _defined(national_data(national_share(session, current_actor(), period)))


@api.route("/surveys")
@api.arguments(SurveysQuerySchema, location="query")
@api.response(200, SurveyReportSchema)
@errors(api, 401, 403, 422)
@requires(*READERS)
def show_surveys(query: dict[str, Any]) -> dict[str, Any]:
    """What employers and participants answered to the surveys sent in a year, counted."""
    today = local_date(db.utcnow())
    with reading() as session:
        year = query["year"] or today.year
        return survey_data(survey_report(session, current_actor(), year, today=today))


@api.route("/exposure")
@api.response(200, ExposureSchema)
@errors(api, 401, 403)
@requires(*EXPOSURE_READERS)
def show_exposure() -> dict[str, Any]:
    """Who stands among the first ten and is proposed, by sex and region of birth."""
    with reading() as session:
        report = exposure_report(session, current_actor(), today=local_date(db.utcnow()))
    return _defined(exposure_data(report))


@api.route("/employers")
@api.arguments(YearQuarterSchema, location="query")
@api.response(200, EngagementSchema)
@errors(api, 401, 403, 422)
@requires(*READERS)
def show_engagement(query: dict[str, Any]) -> dict[str, Any]:
    """How the unit works with employers in a quarter or a year; this year without one."""
    today = local_date(db.utcnow())
    with reading() as session:
        period = year_or_quarter(query, today)
        return _defined(engagement_data(engagement(session, current_actor(), period, today=today)))


@api.route("/indicators")
@api.arguments(YearQuarterSchema, location="query")
@api.response(200, IndicatorsSchema)
@errors(api, 401, 403, 422)
@requires(*READERS)
def show_indicators(query: dict[str, Any]) -> dict[str, Any]:
    """What agencies and municipalities have asked to see of a quarter or a year."""
    today = local_date(db.utcnow())
    with reading() as session:
        period = year_or_quarter(query, today)
        return _defined(indicators_data(indicators(session, current_actor(), period, today=today)))


@api.route("/definitions")
@api.response(200, DefinitionsSchema)
@errors(api, 401, 403)
@requires(*READERS)
def show_definitions() -> dict[str, Any]:
    """What every figure of the reports means, in the reader's language."""
    return definitions_data(_)


def _defined(data: dict[str, Any]) -> dict[str, Any]:
    """An answer that says by which definitions it is counted."""
    return {"definitions": DEFINITIONS_VERSION, **data}
