"""Facts to report on, and a report of them as a data structure of plain values."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import text

from matchsvc.participants.cases import latest_case
from matchsvc.placements.models import DecisionAuthority, Placement
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


@pytest.fixture
def place(session, make):
    """``place(site_id, begun)``: somebody's placement there, as a row."""

    def begin(site_id, begun=date(2026, 2, 2), **values):
        person = make.participant()
        defaults = {
            "unit_id": person.unit_id,
            "external_id": f"L{person.number}",
            "participant_id": person.id,
            "case_id": latest_case(session, person).id,
            "site_id": site_id,
            "form": "work_practice",
            "start_date": begun,
            "begun_on": begun,
            "planned_end_date": date(2027, 12, 31),
            "decision_authority": DecisionAuthority.NONE,
        }
        return make.save(Placement(**defaults | values))

    return begin
