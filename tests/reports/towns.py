"""Invented towns with many small groups, whose facts are recorded and corrected as time goes."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, time, timedelta
from datetime import date as day_of
from uuid import uuid4

from sqlalchemy import insert, select

from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.reports import publishing
from matchsvc.reports.published import publications_of, published_of
from matchsvc.reports.published_counts import count_people, facts_of_year, where_they_came
from matchsvc.reports.published_models import QUARTERS, Part, PublishedReport
from matchsvc.reports.published_tables import KINDS
from tests.reports.adversary import MEASURES, Truth

STARTS = {
    "started": OutcomeKind.ENROLLED,
    "placements": OutcomeKind.PLACEMENT_STARTED,
    "hires": OutcomeKind.EMPLOYMENT_STARTED,
    "municipal_employment": OutcomeKind.MUNICIPAL_EMPLOYMENT_STARTED,
}
BANDS = ("-24", "25-34", "35-44", "45-54", "55-64", "65-", "unknown")
STEPS = (
    (OutcomeKind.MAPPED, None),
    (OutcomeKind.READY, None),
    (OutcomeKind.PROPOSED, None),
    (OutcomeKind.ACCEPTED, None),
    (OutcomeKind.PLACEMENT_STARTED, "work_practice"),
    (OutcomeKind.PLACEMENT_ENDED, "completed"),
    (OutcomeKind.EXITED, "studies"),
    (OutcomeKind.EMPLOYMENT_STARTED, "employment"),
    (OutcomeKind.EMPLOYMENT_STAYED, None),
)


def at(day):
    return datetime.combine(day, time(12), tzinfo=UTC)


class Town:
    """Writes the events of a town from a seed; then lets time pass and publishes."""

    def __init__(self, session, unit_id, seed, *, quarters=8, most=40, first=2022):
        self.session, self.unit_id, self.random = session, unit_id, random.Random(seed)
        self.first, self.quarters, self.most = first, quarters, most
        self.rows, self.people = [], []
        weights = [self.random.random() ** 3 + 0.01 for _ in KINDS]
        for number in range(quarters):
            begins = day_of(first + number // 4, 3 * (number % 4) + 1, 1)
            for measure in MEASURES:
                size = self.random.randint(3, most) // (
                    3 if measure == "municipal_employment" else 1
                )
                for _ in range(size):
                    self._happens(measure, begins + timedelta(self.random.randrange(88)), weights)
        self._correct()
        session.execute(insert(OutcomeEvent), self.rows)

    def _happens(self, measure, day, weights):
        if self.people and self.random.random() < 0.25:  # somebody comes back
            person = self.random.choice(self.people)
        else:
            sex, region = self.random.choices(KINDS, weights)[0]
            person = {
                "person_key": uuid4(), "case_key": uuid4(), "sex": sex, "birth_region": region,
                "age_band": self.random.choice(BANDS),
                "programme": self.random.choice([None, "jobs", "start"]),
            }  # fmt: skip
            self.people.append(person)
        detail = self.random.choice(["work_practice", "work_training", "try_out"])
        self._event(person, STARTS[measure], day, detail if measure == "placements" else None)
        if measure == "started":
            for kind, how in STEPS[: self.random.randrange(len(STEPS) + 1)]:
                day += timedelta(self.random.randrange(1, 60))
                self._event(person, kind, day, how)

    def _event(self, person, kind, day, detail, **more):
        late = self.random.random() < 0.12
        recorded = day + timedelta(
            self.random.randrange(40, 300) if late else self.random.randrange(20)
        )
        row = {
            "id": uuid4(), "created_at": at(recorded), "kind": kind, "occurred_on": day,
            "source_id": uuid4(), "corrects_id": None, "is_void": False, "unit_id": self.unit_id,
            "agreement": None, "employer_id": None, "detail": detail, **person,
        } | more  # fmt: skip
        self.rows.append(row)
        return row

    def _correct(self):
        """Some facts are moved to another day, some taken back, some people's groups changed."""
        for row in self.random.sample(self.rows, len(self.rows) // 12):
            later = row["created_at"] + timedelta(self.random.randrange(1, 200))
            changed = dict(row, id=uuid4(), corrects_id=row["id"], created_at=later)
            match self.random.randrange(3):
                case 0:
                    changed["is_void"] = True
                case 1:
                    changed["occurred_on"] -= timedelta(self.random.randrange(1, 80))
                case 2:
                    changed["birth_region"] = self.random.choice(["sweden", "europe", "unknown"])
            self.rows.append(changed)

    def days(self):
        """The days on which something is published."""
        ends = {
            publishing.cut_off(self.first + k // 4, part) + timedelta(1)
            for k in range(self.quarters)
            for part in Part
            if part not in QUARTERS or QUARTERS.index(part) == k % 4
        }
        return sorted(ends)

    def pass_time(self):
        """Publish as the days come; yields each time all that can be read then."""
        for day in self.days():
            publishing.publish_due(self.session, today=day, now=at(day))
            yield list(self.everything())

    def publish(self):
        """Publish as the days come."""
        for day in self.days():
            publishing.publish_due(self.session, today=day, now=at(day))
        self.session.flush()

    def everything(self):
        made = publications_of(self.session, self.unit_id)
        for period in published_of(made).periods:
            yield published_of(made, period.name)

    def truth(self):
        """What the publications counted, person by person."""
        found = Truth()
        rows = list(
            self.session.scalars(
                select(PublishedReport).where(PublishedReport.unit_id == self.unit_id)
            )
        )
        for year in {row.year for row in rows}:
            parts = {row.part: row for row in rows if row.year == year}
            made = [parts[part] for part in QUARTERS if part in parts]
            facts = facts_of_year(self.session, self.unit_id, year)
            for measure in MEASURES:
                skipped = {
                    k for k, row in enumerate(made)
                    if json.loads(row.content)["measures"][measure] is None
                }  # fmt: skip
                people = count_people(
                    facts, measure, year, [row.recorded_until for row in made], skipped
                )
                came = {}
                if measure == "started" and Part.COHORT in parts:
                    came = where_they_came(
                        self.session, self.unit_id, year, people, parts[Part.COHORT].recorded_until
                    )
                for person in people:
                    found.quarters[measure, person.kind, year, person.quarter] += 1
                    if Part.YEAR in parts:
                        dims = dict(person.values) if measure == "placements" else {
                            name: person.values[name] for name in ("age_band", "programme")
                        }  # fmt: skip
                        for name, value in (dims | dict(came.get(person.key, {}))).items():
                            found.values[measure, name, person.kind, year, value] += 1
        return found
