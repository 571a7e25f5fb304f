"""Publishing a unit's figures: once for each quarter, year and cohort, and never again.

A quarter is published when its cut-off day has passed, with what was recorded by then. What has
been published before stays as it is; only what comes later gives way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts.models import Unit
from matchsvc.outcomes.models import OutcomeEvent
from matchsvc.reports.funnel import STEPS
from matchsvc.reports.limits import limits_of
from matchsvc.reports.published_blocks import (
    Block,
    Kind,
    common,
    in_order,
    partition,
    year_blocks,
)
from matchsvc.reports.published_counts import (
    COUNTED,
    RESULTS,
    Fact,
    Person,
    cohort_end,
    count_people,
    facts_of_year,
    quarter_end,
    where_they_came,
)
from matchsvc.reports.published_models import QUARTERS, Part, PublishedReport
from matchsvc.reports.published_tables import (
    AGE_BANDS,
    BY,
    KINDS,
    POPULATIONS,
    kinds_of,
    plain_groupings,
    plain_partitions,
    worth,
)
from matchsvc.reports.suppression import Limits

CUT_OFF_DAYS = 30
YEARS_BACK = 10
#: Values that have an order: only neighbours are put together.
_ORDERED: Mapping[str, Sequence[str]] = {
    "age_band": AGE_BANDS,
    "furthest": tuple(STEPS),
    "result": RESULTS,
}


def cut_off(year: int, part: Part) -> date:
    """The last day on which what is recorded still comes along."""
    if part is Part.COHORT:
        end = cohort_end(year)
    else:
        end = quarter_end(year, QUARTERS.index(part) if part in QUARTERS else 3)
    return end + timedelta(days=CUT_OFF_DAYS)


def publish_due(session: Session, *, today: date, now: datetime) -> int:
    """Publish what every unit has left to publish; gives back how many publications that were.

    Args:
        session: a writing transaction.
        today: what has its cut-off day before it is due.
        now: until when facts are taken to be recorded.
    """
    units = list(session.scalars(select(Unit.id).order_by(Unit.id)))
    begun = session.execute(
        select(OutcomeEvent.unit_id, func.min(OutcomeEvent.occurred_on))
        .where(OutcomeEvent.kind.in_(list(COUNTED.values())))
        .group_by(OutcomeEvent.unit_id)
    )
    first = {row[0]: row[1] for row in begun}
    made = 0
    for unit_id in units:
        if unit_id in first:
            year = max(first[unit_id].year, today.year - YEARS_BACK)
            made += _publish_unit(session, unit_id, year, today, now)
    return made


def _publish_unit(session: Session, unit_id: UUID, begun: int, today: date, now: datetime) -> int:
    done = {
        (row.year, row.part): row
        for row in session.scalars(
            select(PublishedReport).where(PublishedReport.unit_id == unit_id)
        )
    }
    # Years before the first published one came with an import later: they are not added.
    begun = min((year for year, _ in done), default=begun)
    limits, made = limits_of(session, unit_id), 0
    for year in range(begun, today.year + 1):
        missing = [
            part for part in Part if (year, part) not in done and cut_off(year, part) < today
        ]
        facts = facts_of_year(session, unit_id, year) if missing else []
        for part in missing:
            of_year = {each: row for (of, each), row in done.items() if of == year}
            content = _content(session, unit_id, year, part, of_year, facts, limits, now)
            done[year, part] = _keep(session, unit_id, year, part, content, now)
            made += 1
    return made


def _keep(
    session: Session, unit_id: UUID, year: int, part: Part, content: Any, now: datetime
) -> PublishedReport:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    row = PublishedReport(
        unit_id=unit_id,
        year=year,
        part=part,
        recorded_until=now,
        content=text,
        checksum=hashlib.sha256(text.encode()).hexdigest(),
    )
    session.add(row)
    session.flush()
    return row


def _content(
    session: Session,
    unit_id: UUID,
    year: int,
    part: Part,
    done: Mapping[Part, PublishedReport],
    facts: Sequence[Fact],
    limits: Limits,
    now: datetime,
) -> dict[str, Any]:
    about = {"fewest": limits.count, "denominator": limits.denominator}
    quarters = [json.loads(done[each].content) for each in QUARTERS if each in done]
    recorded = [done[each].recorded_until for each in QUARTERS if each in done]
    if part in QUARTERS:
        recorded = [*recorded, now]
    people = {
        measure: count_people(facts, measure, year, recorded, _skipped(quarters, measure))
        for measure in COUNTED
    }
    if part in QUARTERS:
        number = QUARTERS.index(part)
        return about | {
            "measures": {
                measure: _quarter(_counts(p.kind for p in found if p.quarter == number), limits)
                for measure, found in people.items()
            }
        }
    if part is Part.YEAR:
        return about | {
            "measures": {
                measure: _year(
                    found, [each["measures"][measure] for each in quarters], measure, limits
                )
                for measure, found in people.items()
            }
        }
    told = json.loads(done[Part.YEAR].content)["measures"]["started"]["blocks"]
    came = where_they_came(session, unit_id, year, people["started"], now)
    return about | {
        "by": {
            name: _inside(told, people["started"], _came_to(came, name), name, limits)
            for name in ("furthest", "result")
        }
    }


def _value_of(name: str) -> Callable[[Person], str]:
    return lambda person: person.values[name]


def _came_to(came: Mapping[UUID, Mapping[str, str]], name: str) -> Callable[[Person], str]:
    return lambda person: came[person.key][name]


def _skipped(quarters: Sequence[Any], measure: str) -> set[int]:
    return {k for k, content in enumerate(quarters) if content["measures"][measure] is None}


def _counts(items: Iterable[Any]) -> dict[Any, int]:
    counts: dict[Any, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    return counts


def _quarter(counts: Mapping[Kind, int], limits: Limits) -> list[Any] | None:
    present = [kind for kind, persons in counts.items() if persons]
    blocks = partition(counts, limits, worth, simple=plain_partitions(present))
    return None if blocks is None else [_kinds_data(block) for block in blocks]


def _kinds_data(block: Block[Kind]) -> list[Any]:
    return [sorted(map(list, block.items)), block.persons]


def _year(
    people: Sequence[Person], quarters: Sequence[Any], measure: str, limits: Limits
) -> dict[str, Any]:
    counts = [_counts(p.kind for p in people if p.quarter == k) for k in range(len(quarters))]
    shown = [[kinds_of(block) for block in blocks or ()] for blocks in quarters]
    if _agrees(counts, quarters):
        present = {kind for count in counts for kind in count}
        blocks = year_blocks(
            counts, shown, POPULATIONS.values(), limits, worth, plain_partitions(present)
        )
        told = [_kinds_data(block) for block in blocks]
        by = {name: _inside(told, people, _value_of(name), name, limits) for name in BY[measure]}
    else:  # what was recorded then can no longer be told: nothing but sums of what was shown
        told = [[sorted(map(list, block)), _sum_inside(quarters, block)] for block in common(shown)]
        by = dict.fromkeys(BY[measure])
    return {"blocks": told, "by": by}


def _sum_inside(quarters: Sequence[Any], kinds: Collection[Kind]) -> int:
    return sum(
        block[1] for blocks in quarters for block in blocks or () if kinds_of(block) <= set(kinds)
    )


def _agrees(counts: Sequence[Mapping[Kind, int]], quarters: Sequence[Any]) -> bool:
    """Whether people counted again are as many as were published."""
    return all(
        sum(count.values()) == sum(block[1] for block in blocks or ())
        and all(
            sum(count.get(kind, 0) for kind in kinds_of(block)) == block[1]
            for block in blocks or ()
        )
        for count, blocks in zip(counts, quarters, strict=True)
    )


def _inside(
    told: Sequence[Any],
    people: Sequence[Person],
    value_of: Callable[[Person], str],
    name: str,
    limits: Limits,
) -> list[Any] | None:
    """A further dimension inside groups of a year's blocks: ``[blocks, values, persons]``.

    Blocks are put together until there is most to see. Inside such a group every block has five
    people or more, and so has every part by value: then what is in both can always be any of six
    numbers at least, whatever else is known (decision 13).

    None when the people are no longer those of the published blocks.
    """
    kinds = [kinds_of(block) for block in told]
    inside = [[person for person in people if person.kind in block] for block in kinds]
    if [len(each) for each in inside] != [block[1] for block in told]:
        return None
    every = sorted(set(_ORDERED.get(name, ())) | {value_of(person) for person in people})
    ways = []
    finest = [[block] for block in kinds]
    for groups in [*plain_groupings(kinds), finest]:
        rows = []
        for group in groups:
            numbers = [kinds.index(block) for block in group]
            counts = _counts(value_of(person) for k in numbers for person in inside[k])
            rows += [[numbers, *part] for part in _parts(counts, name, every, limits)]
        ways.append(rows)
    return max(ways, key=lambda rows: _told_of(kinds, rows))


def _parts(
    counts: Mapping[str, int], name: str, every: list[str], limits: Limits
) -> list[tuple[list[str], int]]:
    if name in _ORDERED:
        blocks = in_order(counts, _ORDERED[name], limits)
    else:
        blocks = partition(counts, limits, len)
    if blocks is None:  # so few that not even which values there are may be told
        return [(every, sum(counts.values()))]
    return [(sorted(block.items), block.persons) for block in blocks]


def _told_of(kinds: Sequence[frozenset[Kind]], rows: Sequence[Any]) -> int:
    """How much a reader gets to see: values told apart, of everybody counted most."""
    every = frozenset().union(*kinds)
    by_group: dict[frozenset[Kind], list[frozenset[str]]] = {}
    for numbers, values, _ in rows:
        group = frozenset().union(*(kinds[k] for k in numbers))
        by_group.setdefault(group, []).append(frozenset(values))
    whom = [({"all": 4, "foreign_born_women": 3}.get(n, 1), p) for n, p in POPULATIONS.items()]
    whom += [(1, frozenset({kind})) for kind in KINDS]
    return sum(
        weight * (len(common(by_group[group] for group in touched)) - 1)
        for weight, population in whom
        if (touched := [group for group in by_group if group & population])
        and all(group <= population & every for group in touched)
    )
