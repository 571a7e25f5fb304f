"""Every figure that a deletion must not change."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, date, datetime

from sqlalchemy import delete, select

from matchsvc import db
from matchsvc.accounts.actors import command_actor
from matchsvc.reports.counts import Period
from matchsvc.reports.cube import Asked, cube, cube_data
from matchsvc.reports.cube_counts import DIMENSIONS
from matchsvc.reports.outcomes import outcome_report
from matchsvc.reports.published_models import PublishedReport
from matchsvc.reports.publishing import publish_due
from matchsvc.reports.quarterly_models import QuarterlyReport
from tests.soak import SOAK

YEARS = Period(date(2015, 1, 1), date(2026, 12, 31))
#: What an event of somebody deleted does not tell any more: the site, and the age in ten years.
COARSE = ("age_band", "site")


#: Looked at in every run; the others when there is time.
_ALWAYS = ("", "sex", "birth_region", "sector", "quarter")


class TriedError(Exception):
    """Ends a transaction that was only tried."""


def figures():
    """Reports, cubes of one dimension, and what is frozen, of all units; as they are told."""
    actor = command_actor("tester")
    with db.read() as session:
        found = {"outcomes": outcome_report(session, actor, YEARS).totals}
        for name in ("", *DIMENSIONS) if SOAK else _ALWAYS:
            if name not in COARSE:
                asked = Asked(YEARS, (name,) if name else ())
                found[f"cube {name}"] = cube_data(cube(session, actor, asked))
        for model in (PublishedReport, QuarterlyReport):
            columns = [each for each in model.__table__.columns if each.name != "created_at"]
            held = session.execute(select(*columns).order_by(model.id)).all()
            found[model.__tablename__] = [tuple(row) for row in held]
    if SOAK:
        found["published anew"] = published_anew()
    return found


def published_anew():
    """What would be published if nothing ever had been; nothing is kept of it."""
    told = []
    with contextlib.suppress(TriedError), db.begin() as session:
        session.execute(delete(PublishedReport))
        today, now = date(2027, 9, 1), datetime(2027, 9, 1, 5, tzinfo=UTC)
        publish_due(session, today=today, now=now)
        for row in session.scalars(
            select(PublishedReport).order_by(
                PublishedReport.unit_id, PublishedReport.year, PublishedReport.part
            )
        ):
            content = json.loads(row.content)
            content.get("by", {}).pop("age_band", None)
            told.append((row.unit_id, row.year, row.part, content))
        raise TriedError
    return told
