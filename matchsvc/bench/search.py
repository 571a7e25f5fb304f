"""How long the search box takes in a town of a size, beside comparing every name there is.

The alternative is rapidfuzz's WRatio over every name and title that the same reader may see: the
usual way to forgive a misspelling. It knows no numbers, no roles and no log.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import click
from rapidfuzz import fuzz, process
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc import db, migrate
from matchsvc.accounts.actors import Actor, command_actor
from matchsvc.accounts.models import Role, UserRole
from matchsvc.accounts.rules import actor_of
from matchsvc.bench.scratch import TODAY
from matchsvc.demo.town import make_town
from matchsvc.employers.models import Contact, Employer, Offer
from matchsvc.participants.access import visible_participants
from matchsvc.participants.models import Capacity, Involvement, Participant
from matchsvc.search.finding import find

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
REPEATS = 5


@click.command("search")
@click.option("--participants", type=click.IntRange(60), default=60, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def search(participants: int, *, as_json: bool) -> None:
    """Measure searching, by the case worker with most cases, in a town that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="matchsvc-bench-") as folder:
        engine = db.connect(f"sqlite:///{folder}/bench.sqlite3")
        migrate.upgrade(engine)
        figures = _measure(participants)
        engine.dispose()
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        click.echo(f"{name:32} {value:10.4g}" if isinstance(value, float) else f"{name:32} {value}")


def _measure(participants: int) -> dict[str, Any]:
    with db.begin() as session:
        make_town(
            session, command_actor("bench"), participants=participants,
            base_url="http://localhost", today=TODAY, now=NOW,
        )  # fmt: skip
    with db.read() as session:
        actor = _busiest(session)
        asked = _asked(session, actor)
        times = [_seconds(partial(find, session, actor, words, today=TODAY)) for words in asked]
        others = [_seconds(partial(_compare, session, actor, words)) for words in asked]
    mine, theirs = statistics.median(times), statistics.median(others)
    return {
        "participants": participants,
        "searches": len(asked),
        "seconds": mine,
        "most_seconds": max(times),
        "baseline": "rapidfuzz WRatio over every name and title",
        "baseline_seconds": theirs,
        "ratio": theirs / mine,
    }


def _busiest(session: Session) -> Actor:
    """The case worker with most cases: she sees most names."""
    workers = session.scalars(select(UserRole.user_id).where(UserRole.role == Role.CASE_WORKER))
    held = list(
        session.scalars(
            select(Involvement.user_id).where(
                Involvement.capacity == Capacity.CASE_WORKER, Involvement.until.is_(None)
            )
        )
    )
    return actor_of(session, max(workers, key=lambda user: (held.count(user), str(user))))


def _asked(session: Session, actor: Actor) -> list[str]:
    """Names whole, begun and misspelt, numbers, and words of offers, of what there is."""
    asked: list[str] = []
    mine = visible_participants(session, actor).join(
        Involvement, Involvement.participant_id == Participant.id
    )
    mine = mine.where(Involvement.user_id == actor.user_id, Participant.protected.is_(False))
    for person in session.scalars(mine.order_by(Participant.number).limit(5)).unique():
        family = person.family_name or ""
        asked += [family, family[:3], f"{family[:2]}{family[3:]}", person.alias]
        asked += [person.phone] if person.phone else []
    for name in session.scalars(select(Employer.name).order_by(Employer.name).limit(5)):
        asked += [name, name[:4], name[1:] + name[0]]
    asked += session.scalars(select(Offer.title).order_by(Offer.title).distinct().limit(5))
    return [words for words in asked if len(words) > 1]


def _compare(session: Session, actor: Actor, words: str) -> object:
    """What a page would do without us: read every name, compare each with the words."""
    people = visible_participants(session, actor).with_only_columns(
        Participant.given_name, Participant.family_name
    )
    names = [" ".join(filter(None, row)) for row in session.execute(people)]
    for column in (Employer.name, Contact.name, Offer.title):
        names += session.scalars(select(column))
    return process.extract(words, names, scorer=fuzz.WRatio, limit=10)


def _seconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)
