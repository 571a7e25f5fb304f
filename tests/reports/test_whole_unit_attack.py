"""Figures of a whole unit, of all quarters and periods together, give no hidden one away.

Somebody keeps the quarterly reports, the pictures of every span of quarters and the published
tables, and knows what each figure counts: a set of cases. She asks whether any hidden one is a
linear combination of those that are shown. Beside the cases that there are stand many that there
could have been, so that nothing follows from nobody having had such a way.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from datetime import date as day_of
from itertools import combinations_with_replacement
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import insert

from matchsvc.accounts.models import Role
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.reports import publishing, quarterly_sources
from matchsvc.reports.counts import Period
from matchsvc.reports.funnel import STEPS
from matchsvc.reports.published import publications_of, published_of
from matchsvc.reports.published_figures import Figures, read_figures
from matchsvc.reports.published_models import QUARTERS, Part
from matchsvc.reports.quarterly_sources import STRETCHES, Value, stands_of, times_of, values_of
from matchsvc.reports.quarters import quarter_of
from tests.reports.adversary import follows, reduced
from tests.soak import SOAK

FIRST = 2023
SPAN = [quarter_of(FIRST + k // 4, k % 4 + 1) for k in range(6)]
PLACES = list(STEPS)
GONE_TO = ("studies", "care", "other", "unsubsidised_job")


def instant(day):
    return datetime.combine(day, time(12), tzinfo=UTC)


@dataclass
class Way:
    """A case that there is, or that there could have been."""

    days: dict[str, day_of]  # first day of each step
    ended: day_of | None = None
    to: str = "studies"
    recorded_after: int = 1
    is_real: bool = True
    key: UUID = field(default_factory=uuid4)

    def place(self, day):
        """The furthest step reached by a day; -1 is not yet there."""
        return max((PLACES.index(n) for n, on in self.days.items() if on <= day), default=-1)

    def came_in(self, period):
        return within(self.days["enrolled"], period)


def within(day, period):
    return day is not None and period.start_date <= day <= period.end_date


def some_way(rng, begins, *, is_real=True):
    day = begins + timedelta(rng.randrange(85))
    days = {"enrolled": day}
    for name in PLACES[1:]:
        if rng.random() < 0.35:
            break
        if rng.random() < 0.8:
            day += timedelta(rng.randrange(1, 70))
            days[name] = day
    ended = day + timedelta(rng.randrange(1, 90)) if rng.random() < 0.5 else None
    late = rng.randrange(40, 160) if rng.random() < 0.1 else rng.randrange(1, 15)
    return Way(days, ended, rng.choice(GONE_TO), late, is_real)


def some_ways(seed, most):
    rng = random.Random(seed)
    return [some_way(rng, q.start_date) for q in SPAN for _ in range(rng.randint(1, most))]


class Reader:
    """Reads every surface as it shows a unit, and works out what she can."""

    def __init__(
        self,
        session,
        unit_id,
        actor,
        ways,
        *,
        knows_exactly=False,
        counts_anew=False,
        is_prompt=False,
    ):
        self.session, self.unit_id, self.actor = session, unit_id, actor
        self.real = ways
        rng = random.Random(1)
        self.ways = ways + [
            some_way(rng, q.start_date, is_real=False) for q in SPAN for _ in range(30)
        ]
        if is_prompt:
            self.ways = [replace(way, recorded_after=1) for way in self.ways]
        #: Whether she is told how many stand at a step, and not about how many.
        self.knows_exactly = knows_exactly
        #: Whether a report counts who began when it is asked for, beside what is published.
        self.counts_anew = counts_anew
        self.forms = {}
        self._write()
        self._read()

    def _write(self):
        rows = []
        for way in self.real:
            happened = [(STEPS[name], day, None) for name, day in way.days.items()]
            happened += [(OutcomeKind.EXITED, way.ended, way.to)] if way.ended else []
            for kind, day, detail in happened:
                told = detail or {
                    OutcomeKind.PLACEMENT_STARTED: "work_practice",
                    OutcomeKind.PLACEMENT_ENDED: "completed",
                    OutcomeKind.EMPLOYMENT_STARTED: "employment",
                }.get(kind)
                rows.append({
                    "id": uuid4(), "created_at": instant(day + timedelta(way.recorded_after)),
                    "kind": kind, "occurred_on": day, "source_id": uuid4(), "corrects_id": None,
                    "is_void": False, "person_key": way.key, "case_key": way.key, "sex": "woman",
                    "birth_region": "sweden", "age_band": "35-44", "unit_id": self.unit_id,
                    "programme": None, "agreement": None, "employer_id": None, "detail": told,
                })  # fmt: skip
        self.session.execute(insert(OutcomeEvent), rows)
        for k in range(len(SPAN)):
            for part in (QUARTERS[k % 4], *((Part.YEAR,) if k % 4 == 3 else ())):
                day = publishing.cut_off(FIRST + k // 4, part) + timedelta(1)
                publishing.publish_due(self.session, today=day, now=instant(day))
        self.session.flush()

    def _read(self):
        made = publications_of(self.session, self.unit_id)
        self.skipped = [
            each.content["measures"]["started"] is None for each in made if each.part in QUARTERS
        ]
        for period in published_of(made).periods:
            tables = {t.listed.name: t for t in published_of(made, period.name).tables}
            (line,) = [x for x in tables["groups"].lines if x.about == {"population": "all"}]
            shown = line.cells[tables["groups"].columns.index("started")]
            span = Period(period.first_on, period.last_on)
            self._note(shown, lambda way, span=span: within(self.counted_on(way), span))
        figures = read_figures(self.session, self.actor)
        for quarter in SPAN:
            found = values_of(self.session, self.actor, quarter, figures)
            if self.counts_anew:
                self._note(found["started"].n, lambda way, q=quarter: way.came_in(q))
            else:
                told = found["started"].n
                self._note(told, lambda way, q=quarter: within(self.counted_on(way), q))
            self._note(found["ended"].n, lambda way, q=quarter: within(way.ended, q))
            for to in GONE_TO:
                self._note(
                    found[f"ended_to:{to}"].n,
                    lambda way, q=quarter, to=to: within(way.ended, q) and way.to == to,
                )
            self._note(found["to_work_or_studies:all"].of, lambda way, q=quarter: was_in(way, q))
        for first, last in combinations_with_replacement(SPAN, 2):
            self._read_pictures(Period(first.start_date, last.end_date))

    def _read_pictures(self, span):
        times = times_of(self.session, self.actor, span)
        for name in STRETCHES:
            self._note(
                times[f"days_to:{name}"].n, lambda way, name=name: within(way.days.get(name), span)
            )
        for number, stand in enumerate(stands_of(self.session, self.actor, span)):
            self._note(stand.went_on, lambda way, k=number: went_on(way, span, k))
            if self.knows_exactly:
                self._note(stand.here, lambda way, k=number: stands_at(way, span.end_date, k))

    def counted_on(self, way):
        """A day of the quarter whose publication counts her; None when none does."""
        day = way.days["enrolled"]
        known = day + timedelta(way.recorded_after)
        for k, quarter in enumerate(SPAN):
            if quarter.start_date.year == day.year and quarter.end_date >= day:
                until = publishing.cut_off(day.year, QUARTERS[k % 4]) + timedelta(1)
                if known <= until and not self.skipped[k]:
                    return quarter.end_date
        return None

    def _set(self, test):
        return frozenset(k for k, way in enumerate(self.ways) if test(way))

    def _number(self, chosen):
        return sum(self.ways[k].is_real for k in chosen)

    def _note(self, shown, test):
        if shown is not None:
            chosen = self._set(test)
            assert shown == self._number(chosen)
            self.forms[chosen] = shown

    def targets(self):
        """Every group of one to four that a figure could be of."""
        tests = {}
        for k, q in enumerate(SPAN):
            tests["began", k] = lambda way, q=q: way.came_in(q)
            tests["counted", k] = lambda way, q=q: within(self.counted_on(way), q)
            tests["late", k] = lambda way, q=q: (
                within(self.counted_on(way), q) and not way.came_in(q)
            )
            tests["ended", k] = lambda way, q=q: within(way.ended, q)
            for to in GONE_TO:
                tests["ended", k, to] = lambda way, q=q, to=to: (
                    within(way.ended, q) and way.to == to
                )
            for name in STRETCHES:
                tests["reached", k, name] = lambda way, q=q, n=name: within(way.days.get(n), q)
            for place in range(len(PLACES)):
                tests["went_on", k, place] = lambda way, q=q, p=place: went_on(way, q, p)
                tests["stands", k, place] = lambda way, q=q, p=place: stands_at(way, q.end_date, p)
                tests["ended_at", k, place] = lambda way, q=q, p=place: (
                    within(way.ended, q) and way.place(q.end_date) == p
                )
        found = {name: self._set(test) for name, test in tests.items()}
        return {name: chosen for name, chosen in found.items() if 0 < self._number(chosen) < 5}

    def worked_out(self):
        """The names of hidden groups that follow from what is shown."""
        lines = np.zeros((len(self.forms), len(self.ways)), dtype=np.int64)
        for row, chosen in enumerate(self.forms):
            lines[row, list(chosen)] = 1
        columns, lot = np.unique(lines, axis=1, return_inverse=True)
        lot = lot.ravel()
        size, basis = np.bincount(lot), reduced(columns)
        found = []
        for name, chosen in self.targets().items():
            inside = np.bincount(lot[list(chosen)], minlength=len(size))
            if ((inside == 0) | (inside == size)).all() and follows(
                basis, (inside > 0).astype(np.int64)
            ):
                found.append(name)
        return found


def was_in(way, period):
    return way.days["enrolled"] <= period.end_date and (
        way.ended is None or way.ended >= period.start_date
    )


def went_on(way, period, place):
    before = way.place(period.start_date - timedelta(1))
    return max(before, 0) <= place < way.place(period.end_date)


def stands_at(way, day, place):
    return way.place(day) == place and (way.ended is None or way.ended > day)


@pytest.fixture
def reads(session, make):
    def read(ways, **knowing):
        unit = make.unit(name=f"Ort {uuid4().hex[:6]}")
        actor = make.actor(Role.UNIT_MANAGER, unit=unit)
        return Reader(session, unit.id, actor, ways, **knowing)

    return read


@pytest.mark.parametrize("seed", range(12 if SOAK else 1))
@pytest.mark.parametrize("most", [9, 25])
def test_no_hidden_figure_of_the_whole_unit_is_worked_out(reads, seed, most):
    reader = reads(some_ways(seed, most))

    assert len(reader.forms) > 30
    assert len(reader.targets()) > 10
    assert reader.worked_out() == []


def many(count, begins, *, ended=None, **reached):
    """Cases that began on a day, and when they came further."""
    return [Way({"enrolled": begins, **reached}, ended) for _ in range(count)]


def day(quarter, number=1):
    """A day in one of the quarters."""
    return SPAN[quarter].start_date + timedelta(number)


def test_counting_anew_beside_what_is_published_would_tell_a_quarter_of_few(reads, monkeypatch):
    """Three began in the first quarter: too few, so they are published with the second."""
    ways = many(3, day(0)) + many(20, day(1))
    assert reads(ways, is_prompt=True).worked_out() == []

    def counted_now(_figures, quarter, measure):
        found = sum(way.came_in(quarter) for way in ways) if measure == "started" else 0
        return None if 0 < found < 5 else found

    monkeypatch.setattr(Figures, "everybody", counted_now)
    assert ("late", 1) in reads(ways, counts_anew=True, is_prompt=True).worked_out()


def test_a_half_year_less_its_last_quarter_would_tell_the_first(reads, monkeypatch):
    """Three were mapped in the first quarter, and twelve in the second."""
    ways = many(3, day(0), mapped=day(0, 20)) + many(12, day(0), mapped=day(1))
    assert reads(ways, is_prompt=True).worked_out() == []

    monkeypatch.setattr(
        quarterly_sources, "tells_few", lambda each, limits: limits.is_small(sum(each))
    )
    found = reads(ways).worked_out()
    assert ("reached", 0, "mapped") in found
    assert ("went_on", 0, PLACES.index("enrolled")) in found


def test_who_stands_there_in_two_quarters_would_tell_how_many_ended_between(reads, monkeypatch):
    ways = many(30, day(0)) + many(2, day(0), ended=day(1)) + many(8, day(0), ended=day(2))
    assert reads(ways, is_prompt=True).worked_out() == []

    monkeypatch.setattr(quarterly_sources, "in_fives", lambda count, _limits: count)
    assert ("ended", 1) in reads(ways, knows_exactly=True, is_prompt=True).worked_out()


def test_who_was_enrolled_in_two_quarters_would_tell_how_many_ended_between(reads, monkeypatch):
    """Where the share who went to work or studies said of how many it is a share."""
    ways = many(40, day(0)) + many(2, day(0), ended=day(1)) + many(20, day(2))
    ways += many(9, day(0), ended=day(2))
    assert reads(ways, is_prompt=True).worked_out() == []

    monkeypatch.setattr(quarterly_sources, "percent_alone", lambda share: Value(share.n, share.of))
    assert ("ended", 1) in reads(ways, is_prompt=True).worked_out()
