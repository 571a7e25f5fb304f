"""Outcome events in bulk, of invented people."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

from sqlalchemy import insert

from matchsvc import db
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind

DAY = date(2025, 3, 14)
YEAR = (date(2025, 1, 1), date(2025, 12, 31))


class Facts:
    """Writes outcome events; ``people`` gives keys, ``add`` says what happened to them."""

    def __init__(self, session, unit_id):
        self.session, self.unit_id = session, unit_id

    def people(self, count, sex="woman", birth_region="outside_europe"):
        return [(uuid4(), uuid4(), sex, birth_region) for _ in range(count)]

    def add(self, people, kind, on=DAY, **values):
        # Recorded the day after, so that it counts where it was published in time.
        now = min(db.utcnow(), datetime.combine(on + timedelta(1), time(12), tzinfo=UTC))
        rows = [
            {
                "id": uuid4(),
                "created_at": now,
                "kind": kind,
                "occurred_on": on,
                "source_id": uuid4(),
                "corrects_id": None,
                "is_void": False,
                "person_key": person,
                "case_key": case,
                "sex": sex,
                "birth_region": region,
                "age_band": "35-44",
                "unit_id": self.unit_id,
                "programme": None,
                "agreement": None,
                "employer_id": None,
                "detail": None,
            }
            | values
            for person, case, sex, region in people
        ]
        if rows:
            self.session.execute(insert(OutcomeEvent), rows)
        return people

    def placed(self, people, on=DAY, **values):
        return self.add(people, OutcomeKind.PLACEMENT_STARTED, on, detail="work_practice", **values)

    def hired(self, people, on=DAY, **values):
        return self.add(people, OutcomeKind.EMPLOYMENT_STARTED, on, detail="employment", **values)

    def enrolled(self, people, on=DAY, **values):
        return self.add(people, OutcomeKind.ENROLLED, on, **values)

    def exited(self, people, destination, on=DAY, **values):
        return self.add(people, OutcomeKind.EXITED, on, detail=destination, **values)

    def started_and_to_work(self, started, to_work, sex, region):
        """People of one group who were enrolled, some of whom got work."""
        people = self.enrolled(self.people(started, sex, region), date(2025, 1, 15))
        self.hired(people[:to_work], date(2025, 9, 1))
        return people
