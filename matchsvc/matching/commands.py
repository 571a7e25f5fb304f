"""``matchsvc match offer ID``, ``matchsvc match participant ID`` and ``matchsvc match-all``."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import click
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import command_actor
from matchsvc.employers.offers import get_offer
from matchsvc.matching.everything import Ranker, match_all
from matchsvc.matching.everything import as_json as _as_json
from matchsvc.matching.fast.ranking import top_people
from matchsvc.matching.gate_words import Words
from matchsvc.matching.packing import pack_stale
from matchsvc.matching.rules import (
    Shortlist,
    match_offer,
    match_participant,
    offer_titles,
)
from matchsvc.participants.access import get_visible
from matchsvc.swedish import local_date


@click.group("match")
def match() -> None:
    """Best participants for an offer, best offers for a participant."""


@match.command("offer")
@click.argument("key", metavar="ID")
@click.option("--top", type=click.IntRange(1, 10_000), default=10, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def match_offer_command(key: str, top: int, *, as_json: bool) -> None:
    """The participants who wait and fit the offer ID best."""
    actor, today = command_actor(getpass.getuser()), local_date(db.utcnow())
    with db.read() as session:
        offer = get_offer(session, actor, key)
        found = match_offer(session, actor, offer, today=today, words=Words(), top=top)
        names = {result.participant: str(result.participant) for result in found.results}
        _keep_log(session)
    _print(found, {"offer": str(offer.id)}, names, "participant", as_json=as_json)


@match.command("participant")
@click.argument("key", metavar="ID")
@click.option("--top", type=click.IntRange(1, 10_000), default=10, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def match_participant_command(key: str, top: int, *, as_json: bool) -> None:
    """The open offers that fit the participant ID best."""
    actor, today = command_actor(getpass.getuser()), local_date(db.utcnow())
    with db.read() as session:
        person = get_visible(session, actor, key, today=today)
        found = match_participant(session, actor, person, today=today, words=Words(), top=top)
        titles = offer_titles(session, [result.offer for result in found.results])
        names = {offer: " · ".join(title) for offer, title in titles.items()}
        _keep_log(session)
    _print(found, {"participant": str(person.id)}, names, "offer", as_json=as_json)


@click.command("match-all")
@click.option("--engine", type=click.Choice(["threads", "dask"]), default="threads")
@click.option("--scheduler", metavar="ADDRESS", help="of a Dask cluster; else one is started here")
@click.option("--top", type=click.IntRange(1, 1_000), default=10, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def match_all_command(engine: str, scheduler: str | None, top: int, *, as_json: bool) -> None:
    """The participants who wait and fit best, for every open offer.

    Prints only pairs whose gates are open, by cover, longest wait and id. As JSON:
    {"day", "offers": [{"offer", "weights", "max", "participants": [{"participant", "points",
    "cover"}]}]}, the offers unit by unit and by id; weights is the unit's table.

    Both engines give the same; dask needs the extra of that name.
    """
    actor, today = command_actor(getpass.getuser()), local_date(db.utcnow())
    pack_stale()
    with _ranker(engine, scheduler) as rank, db.read() as session:
        found = list(match_all(session, today=today, top=top, rank=rank))
        for best in found:
            shown = [fit.participant for fit in best.people]
            audit.record(session, actor, "match", "offer", best.offer, subjects=shown)
        rows = audit.take_pending(session)
    with db.begin() as log:
        audit.write(log, rows)
    if as_json:
        offers = [_as_json(best) for best in found]
        click.echo(json.dumps({"day": today.isoformat(), "offers": offers}))
        return
    for best in found:
        covers = ", ".join(f"{fit.participant} ({fit.cover / 100:.0f} %)" for fit in best.people)
        click.echo(f"{best.offer}: {covers or 'ingen'}")


@contextmanager
def _ranker(engine: str, scheduler: str | None) -> Iterator[Ranker]:
    """Who does the work of match-all."""
    if engine == "threads":
        if scheduler is not None:
            raise click.UsageError("--scheduler goes with --engine dask.")
        yield top_people
        return
    try:
        from matchsvc.matching.cluster import connected, rank_on
    except ModuleNotFoundError as missing:
        raise click.UsageError("Dask is not installed: pip install 'matchsvc[dask]'.") from missing
    with connected(scheduler) as client:
        yield partial(rank_on, client)


def _keep_log(session: Session) -> None:
    rows = audit.take_pending(session)
    with db.begin() as log:
        audit.write(log, rows)


def _print(
    found: Shortlist, about: dict[str, str], names: dict[Any, str], side: str, *, as_json: bool
) -> None:
    if as_json:
        click.echo(json.dumps(found.as_json(about), ensure_ascii=False))
        return
    click.echo(f"{found.open_total} öppna, {found.closed_total} stängda")
    for result in found.results:
        click.echo(
            f"{result.met} av {result.required} krav, {result.partly} delvis; "
            f"{result.points} av {result.most} poäng; {names[getattr(result, side)]}"
        )
        for gate in result.closed:
            click.echo(f"    stängd: {gate.name}: {gate.reason}. Öppnas om {gate.opens_by}")
    for line in found.unlocks:
        click.echo(line.sentence)


COMMANDS = (match, match_all_command)
