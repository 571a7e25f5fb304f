"""Facts to report on, and a report of them as a data structure of plain values."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from matchsvc.reports.counts import Period
from matchsvc.reports.outcomes import outcome_report
from matchsvc.reports.shapes import report_data
from matchsvc.web.words import json_default
from tests.factories import COMMAND
from tests.reports.factories import YEAR, Facts


@pytest.fixture
def facts(session, make):
    return Facts(session, make.unit().id)


@pytest.fixture
def report(session):
    """``report(by=("sex",))``: the report of 2025, as JSON would carry it."""

    def compute(start=YEAR[0], end=YEAR[1], *, actor=COMMAND, by=(), compare_with=None):
        session.flush()
        if session.get_bind().dialect.name == "postgresql":
            # What this transaction alone holds has no statistics: the planner would guess a row.
            session.execute(text("analyze outcome_event"))
        made = outcome_report(session, actor, Period(start, end), by=by, compare_with=compare_with)
        return json.loads(json.dumps(report_data(made), default=json_default))

    return compute
