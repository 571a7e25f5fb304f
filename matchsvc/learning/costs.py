"""What a job cost, in aggregate (EMPL-06): a year's money divided by a year's jobs.

Never per person and never with anything of a household: the manager enters what the unit spent, and
the division is shown only when at least as many jobs stand behind it as a count may show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid
from matchsvc.learning.models import CostKind, UnitCost
from matchsvc.learning.staff import COUNTERS, KEEPERS, require_year, unit_of
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import standing_events
from matchsvc.reports.limits import limits_of
from matchsvc.reports.quarterly_sources import Value, Values, tells_of_a_year
from matchsvc.reports.suppression import Limits

#: Nobody's year costs more; a typing error does. Fits a column of 32 bits.
MOST_KRONOR = 2_000_000_000


@dataclass(frozen=True, slots=True)
class PerJob:
    """Jobs of a year and what each cost; both None where the jobs are too few to be told."""

    jobs: int | None
    kronor: int | None


@dataclass(frozen=True, slots=True)
class CostYear:
    """A year's costs.

    Attributes:
        year: which.
        rows: what was entered, by kind.
        total: kronor in all.
        lasted: jobs that reached a month in the year (REP-07).
        hired: jobs that began in the year; no municipal labour-market employment.
    """

    year: int
    rows: Mapping[CostKind, UnitCost]
    total: int
    lasted: PerJob
    hired: PerJob


def read_costs(session: Session, actor: Actor, year: int) -> CostYear:
    """A year's costs and what a job cost. A fixed number of queries.

    Raises:
        Refused: neither a manager nor an auditor.
        NotFound: the year is before 2000 or after 2199.
    """
    actor.require_role(*COUNTERS)
    require_year(year)
    found = _counted(session, unit_of(actor), year)
    audit.record(session, actor, "read", "unit_cost")
    return found


def costs_of_a_year(session: Session, actor: Actor, year: int) -> Values:
    """What a job cost, for the quarterly report; nothing where no costs are entered."""
    if actor.unit_id is None:
        return {}
    found = _counted(session, actor.unit_id, year)
    if not found.total:
        return {}
    both = {"cost_per_job_lasted": found.lasted, "cost_per_job_started": found.hired}
    # No jobs at all is no cost of a job; too few are hidden.
    return {name: Value(each.kronor) for name, each in both.items() if each.jobs != 0}


tells_of_a_year(costs_of_a_year)


def _counted(session: Session, unit_id: UUID, year: int) -> CostYear:
    rows = {
        row.kind: row
        for row in session.scalars(
            select(UnitCost).where(UnitCost.unit_id == unit_id, UnitCost.year == year)
        )
    }
    total = sum(row.kronor for row in rows.values())
    limits = limits_of(session, unit_id)
    lasted, hired = (
        _jobs(session, unit_id, kind, year)
        for kind in (OutcomeKind.EMPLOYMENT_LASTED, OutcomeKind.EMPLOYMENT_STARTED)
    )
    # Two counts side by side show the few by which they differ.
    differ = limits.is_small(abs(hired - lasted))
    return CostYear(
        year,
        rows,
        total,
        per_job(total, lasted, limits) if not differ else PerJob(None, None),
        per_job(total, hired, limits),
    )


def _jobs(session: Session, unit_id: UUID, kind: OutcomeKind, year: int) -> int:
    found = standing_events().where(
        OutcomeEvent.kind == kind,
        OutcomeEvent.unit_id == unit_id,
        OutcomeEvent.occurred_on.between(date(year, 1, 1), date(year, 12, 31)),
    )
    return session.scalar(found.with_only_columns(func.count())) or 0


def per_job(total: int, jobs: int, limits: Limits) -> PerJob:
    """Kronor for each job, half up to whole kronor; nothing of too few jobs. Pure."""
    if limits.is_small(jobs):
        return PerJob(None, None)
    if jobs == 0 or total == 0:
        return PerJob(jobs, None)
    return PerJob(jobs, (2 * total + jobs) // (2 * jobs))


def save_cost(
    session: Session,
    actor: Actor,
    year: int,
    kind: CostKind,
    kronor: int,
    *,
    today: date,
    version: int | None = None,
) -> UnitCost:
    """Enter what the unit spent in a year on one kind of thing.

    Raises:
        Refused: not a manager.
        NotFound: the year is before 2000 or after 2199.
        Invalid: a year to come, or more kronor than a unit can have spent.
        Conflict: it was saved since.
    """
    actor.require_role(*KEEPERS)
    require_year(year)
    if not 2000 <= year <= today.year:  # noqa: PLR2004
        raise Invalid({"year": N_("Välj i år eller ett år som har varit.")})
    if not 0 <= kronor <= MOST_KRONOR:
        raise Invalid({"kronor": N_("Skriv hela kronor, utan ören.")})
    unit_id = unit_of(actor)
    row = session.scalar(
        select(UnitCost)
        .where(UnitCost.unit_id == unit_id, UnitCost.year == year, UnitCost.kind == kind)
        .with_for_update()
    )
    if row is None:
        row = UnitCost(unit_id=unit_id, year=year, kind=kind)
        session.add(row)
    else:
        check_version(row, version)
    row.kronor = kronor
    session.flush()
    audit.record(session, actor, "change", "unit_cost", row.id, fields=["kronor"])
    return row


def costs_data(found: CostYear) -> dict[str, object]:
    """A year for a program; null where the jobs are too few."""
    return {
        "year": found.year,
        "costs": [
            {"kind": kind, "kronor": row.kronor, "version": row.version}
            for kind, row in sorted(found.rows.items())
        ],
        "total_kronor": found.total,
        "jobs_lasted": found.lasted.jobs,
        "kronor_per_job_lasted": found.lasted.kronor,
        "jobs_started": found.hired.jobs,
        "kronor_per_job_started": found.hired.kronor,
    }
