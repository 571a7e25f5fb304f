"""A unit's last year, week by week: what waiting for a better pair would have given.

Drawn on the board beside the draft (DESIGN 4.6). It names nobody: numbers of people and places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.employers.models import Offer
from matchsvc.matching.arrays import Loaded, load
from matchsvc.matching.assignment.arrivals import WEEKS, Lived, Ways, Year, live_through
from matchsvc.matching.assignment.pairs import Ints, Pairs
from matchsvc.matching.engine import Matching
from matchsvc.matching.indexed_pairs import pairs_of
from matchsvc.matching.weights import Weights
from matchsvc.participants.access import visible_participants
from matchsvc.participants.models import Case, CaseStep, Participant, Step
from matchsvc.swedish import STOCKHOLM, local_date
from matchsvc.workday.archivable import stands

YEAR = timedelta(days=7 * WEEKS)
#: So many of each in either year, or the numbers say nothing.
FEWEST = 5
#: Of each person and each offer, where not every pair can be listed.
CANDIDATES = 50

#: The first day of each, and the last where there is one.
Days = dict[UUID, tuple[date, date | None]]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A year that was lived in every way; numbers alone.

    Attributes:
        since: its first day.
        until: the day after its last.
        ways: what each way gave.
    """

    since: date
    until: date
    ways: Ways

    def as_json(self) -> dict[str, Any]:
        """As it is stored and as contract.md section 3 would have it."""
        lived = ("first_come", "at_once", "by_prices", "hindsight")
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "people": self.ways.people,
            "places": self.ways.places,
            "gap_closed": self.ways.gap_closed,
            **{name: getattr(self.ways, name)._asdict() for name in lived},
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Arrivals:
        """Read what :meth:`as_json` gave."""
        lived = ("first_come", "at_once", "by_prices", "hindsight")
        ways = Ways(told["people"], told["places"], *(Lived(**told[name]) for name in lived))
        return cls(date.fromisoformat(told["since"]), date.fromisoformat(told["until"]), ways)


def count_arriving(session: Session, actor: Actor, *, unit_id: UUID, today: date) -> int:
    """People x offers of the two years: how much work :func:`live_last_year` is."""
    people = came(session, actor, unit_id=unit_id, today=today).with_only_columns(func.count())
    offers = select(func.count(Offer.id)).where(_opened(unit_id, today))
    return (session.scalar(people.order_by(None)) or 0) * (session.scalar(offers) or 0)


def live_last_year(
    session: Session,
    actor: Actor,
    *,
    unit_id: UUID,
    weights: Weights,
    floor: int,
    today: date,
) -> Arrivals | None:
    """Live through the unit's last 52 weeks with the prices of the 52 before.

    Somebody comes when her matching begins and stays until her case ends; an offer comes when
    it is entered, or on its first day where that is earlier, and stays until its last. What a gate
    says of days is left out: those days are over.

    Args:
        session: a reading transaction.
        actor: who asks.
        unit_id: whose people and offers.
        weights: the table to score with.
        floor: the least cover of what is required, of 10,000.
        today: the day after the year's last.

    Returns:
        None while one of the years has fewer than FEWEST people or offers.
    """
    since = today - YEAR
    offers = _offer_days(session, unit_id, today)
    people = _people_days(session, actor, unit_id, today)
    for days in (offers, people):
        now = sum(first >= since for first, _ in days.values())
        if min(now, len(days) - now) < FEWEST:
            return None
    loaded = load(
        session,
        people=came(session, actor, unit_id=unit_id, today=today),
        offers=_opened(unit_id, today),
        weights=weights,
        today=today,
    )
    audit.record(session, actor, "match", "arrivals", unit_id, subjects=loaded.people)
    rows = session.execute(select(Offer.id, Offer.places).where(_opened(unit_id, today)))
    places = {key: count for key, count in rows}  # noqa: C416 - a result is no mapping
    comes, goes, is_now_person = _weeks([people[key] for key in loaded.people], since)
    opens, closes, is_now_offer = _weeks([offers[key] for key in loaded.offers], since)
    year = Year(
        pairs=_listed(_timeless(loaded), floor),
        places=np.array([places[key] for key in loaded.offers], np.int64),
        comes=comes,
        goes=goes,
        opens=opens,
        closes=closes,
        is_now_person=is_now_person,
        is_now_offer=is_now_offer,
    )
    return Arrivals(since, today, live_through(year))


def came(session: Session, actor: Actor, *, unit_id: UUID, today: date) -> Select[Participant]:
    """Everybody of a unit whose matching began within two years; never a protected person."""
    return visible_participants(session, actor, today=today).where(
        Participant.unit_id == unit_id,
        Participant.protected.is_(False),
        Participant.id.in_(select(Case.participant_id).join(Case.steps).where(*_matched(today))),
    )


def _matched(today: date) -> tuple[ColumnElement[bool], ...]:
    """Steps of matching that began within the two years."""
    return (
        CaseStep.step == Step.MATCHING,
        CaseStep.start_date >= today - 2 * YEAR,
        CaseStep.start_date < today,
    )


def _opened(unit_id: UUID, today: date) -> ColumnElement[bool]:
    """The unit's offers whose first day lies within the two years."""
    begin, midnight = today - 2 * YEAR, datetime.combine(today, time.min, STOCKHOLM)
    return and_(
        Offer.unit_id == unit_id,
        stands(Offer),
        Offer.created_at >= datetime.combine(begin, time.min, STOCKHOLM),
        or_(Offer.start_from.is_(None), Offer.start_from >= begin),
        or_(Offer.created_at < midnight, Offer.start_from < today),
    )


def _offer_days(session: Session, unit_id: UUID, today: date) -> Days:
    """From when each is there and until when, None without a last day."""
    rows = session.execute(
        select(
            Offer.id, Offer.created_at, Offer.start_from, Offer.start_by, Offer.valid_until
        ).where(_opened(unit_id, today))
    )
    return {
        key: (
            min(filter(None, (local_date(entered), start_from))),
            min(filter(None, (start_by, valid_until)), default=None),
        )
        for key, entered, start_from, start_by, valid_until in rows
    }


def _people_days(session: Session, actor: Actor, unit_id: UUID, today: date) -> Days:
    """When matching began for each, the first time, and when that case ended."""
    rows = session.execute(
        came(session, actor, unit_id=unit_id, today=today)
        .join(Case, Case.participant_id == Participant.id)
        .join(CaseStep, and_(CaseStep.case_id == Case.id, *_matched(today)))
        .with_only_columns(Participant.id, CaseStep.start_date, Case.ended_on)
        .order_by(CaseStep.start_date.desc())
    )
    return {key: (began_on, ended_on) for key, began_on, ended_on in rows}


def _weeks(
    days: Sequence[tuple[date, date | None]], since: date
) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """First week and the week after the last, within the own year; and whose year it is."""
    is_now = np.array([first >= since for first, _ in days], bool)
    begins = [since if now else since - YEAR for now in is_now]
    first = [(day - begin).days // 7 for (day, _), begin in zip(days, begins, strict=True)]
    after = [
        WEEKS if last is None else min((last - begin).days // 7 + 1, WEEKS)
        for (_, last), begin in zip(days, begins, strict=True)
    ]
    return np.array(first, np.int64), np.maximum(after, np.add(first, 1)), is_now


def _timeless(loaded: Loaded) -> Matching:
    """Leave out what a gate says of days: those days are over."""
    matching = loaded.matching
    nobody, none = np.zeros(len(loaded.people), np.int64), np.zeros(len(loaded.offers), np.int64)
    offers = replace(
        matching.offers,
        start_from=none,
        start_by=none,
        season_from=none,
        season_to=none,
        valid_until=none,
        is_open=np.ones(len(loaded.offers), bool),
        places=np.ones(len(loaded.offers), np.int64),
    )
    return replace(matching, people=replace(matching.people, start_from=nobody), offers=offers)


def _listed(matching: Matching, floor: int) -> Pairs:
    source = pairs_of(matching, floor=floor)
    return source if isinstance(source, Pairs) else source.candidates(CANDIDATES)
