"""What is left of those whose files are gone: rows of the statistics, with no way back to anybody.

A municipality does not begin with sixty people. The reports of the town therefore rest on two
years and a half of anonymised events, such as remain when people's files have been deleted. The
shares that the steps are drawn with are invented; they part where the national figures do, at the
hire.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.demo.lots import Lots, at_work, days
from matchsvc.demo.rows import Rows
from matchsvc.employers.models import Employer
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.swedish import add_months

QUARTERS = 10
PEOPLE_A_QUARTER = 260


@dataclass(frozen=True, slots=True)
class Steps:
    """How many of a hundred go on from each step, for one group.

    Attributes:
        weight: how many of the people belong to it.
        proposed, accepted, started, completed, hired, stayed: of those at the step before.
    """

    weight: int
    proposed: int
    accepted: int
    started: int
    completed: int
    hired: int
    stayed: int


GROUPS = {
    ("woman", "outside_europe"): Steps(28, 58, 80, 90, 83, 13, 70),
    ("woman", "europe"): Steps(9, 72, 79, 87, 79, 30, 72),
    ("woman", "sweden"): Steps(19, 82, 82, 91, 81, 43, 74),
    ("man", "outside_europe"): Steps(22, 76, 83, 91, 80, 35, 72),
    ("man", "europe"): Steps(6, 77, 78, 83, 75, 38, 73),
    ("man", "sweden"): Steps(14, 83, 84, 91, 77, 44, 75),
}
AGES = {"-24": 12, "25-34": 28, "35-44": 27, "45-54": 20, "55-64": 13}
FORMS = {"work_training": 60, "sol_practice": 25, "enhanced_work_training": 15}
JOBS = {"employment": 60, "subsidised_employment": 40}
LEAVING = {"af_planning": 35, "other": 30, "studies": 20, "moved": 15}


def build_earlier_years(
    session: Session, rows: Rows, seed: int, unit_id: UUID, today: date
) -> None:
    """Write the events of the ten quarters before this one."""
    employers = session.scalars(
        select(Employer.id).where(Employer.unit_id == unit_id).order_by(Employer.external_id)
    ).all()
    newest = today.replace(month=today.month - (today.month - 1) % 3, day=1)
    for quarter in range(QUARTERS):
        begins = add_months(newest, -3 * (QUARTERS - quarter))
        for number in range(PEOPLE_A_QUARTER):
            lots = Lots(seed, "earlier", quarter, number)
            sex, region = lots.choices(
                list(GROUPS), weights=[steps.weight for steps in GROUPS.values()]
            )[0]
            whose = {
                "person_key": lots.id(),
                "case_key": lots.id(),
                "sex": sex,
                "birth_region": region,
                "age_band": _drawn(lots, AGES),
                "unit_id": unit_id,
            }
            for event in _way(lots, GROUPS[sex, region], begins, employers):
                if event["occurred_on"] < newest:
                    recorded = at_work(event["occurred_on"] + days(lots.randint(0, 5)))
                    rows.add(OutcomeEvent, **whose | event, id=lots.id(), created_at=recorded)
    rows.flush()


def _drawn(lots: Lots, weights: dict[str, int]) -> str:
    return lots.choices(list(weights), weights=list(weights.values()))[0]


def _way(
    lots: Lots, steps: Steps, begins: date, employers: Sequence[UUID]
) -> Iterator[dict[str, Any]]:
    """One person's events, from her enrolment on as far as she comes."""
    case, day = lots.id(), begins + days(lots.randrange(90))
    yield _event(OutcomeKind.ENROLLED, day, case)
    day += days(lots.randint(14, 60))
    if not lots.chance(91):
        yield _event(OutcomeKind.EXITED, day + days(60), case, detail=_drawn(lots, LEAVING))
        return
    yield _event(OutcomeKind.MAPPED, day, case)
    if not lots.chance(94):
        return  # not ready for matching yet
    day += days(lots.randint(0, 14))
    yield _event(OutcomeKind.READY, day, case)
    day += days(lots.randint(7, 75))
    if not lots.chance(steps.proposed):
        yield _event(OutcomeKind.EXITED, day + days(150), case, detail=_drawn(lots, LEAVING))
        return
    proposal, employer = lots.id(), lots.choice(employers)
    yield _event(OutcomeKind.PROPOSED, day, proposal, employer_id=employer)
    if not lots.chance(steps.accepted):
        return
    day += days(lots.randint(3, 20))
    yield _event(OutcomeKind.ACCEPTED, day, proposal, employer_id=employer)
    if not lots.chance(steps.started):
        return
    placement, form = lots.id(), _drawn(lots, FORMS)
    day += days(lots.randint(5, 25))
    yield _event(OutcomeKind.PLACEMENT_STARTED, day, placement, employer_id=employer, detail=form)
    day += days(lots.randint(60, 175))
    is_completed, is_hired = lots.chance(steps.completed), lots.chance(steps.hired)
    ending = ("became_job" if is_hired else "completed") if is_completed else "ended_by_participant"
    yield _event(OutcomeKind.PLACEMENT_ENDED, day, placement, employer_id=employer, detail=ending)
    if not (is_completed and is_hired):
        yield _event(OutcomeKind.EXITED, day + days(20), case, detail=_drawn(lots, LEAVING))
        return
    job, kind = lots.id(), _drawn(lots, JOBS)
    day += days(1)
    yield _event(OutcomeKind.EMPLOYMENT_STARTED, day, job, employer_id=employer, detail=kind)
    yield _event(
        OutcomeKind.EMPLOYMENT_LASTED, day + days(31), job, employer_id=employer, detail=kind
    )
    yield _event(OutcomeKind.EXITED, day + days(35), case, detail="unsubsidised_job")
    if lots.chance(steps.stayed):
        yield _event(
            OutcomeKind.EMPLOYMENT_STAYED, day + days(183), job, employer_id=employer, detail=kind
        )


def _event(kind: OutcomeKind, day: date, source_id: UUID, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "occurred_on": day, "source_id": source_id, **more}
