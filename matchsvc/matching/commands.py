"""``matchsvc match offer ID`` and ``matchsvc match participant ID``."""

from __future__ import annotations

import getpass
import json
from typing import Any

import click
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import command_actor
from matchsvc.employers.offers import get_offer
from matchsvc.matching.gate_words import Words
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


COMMANDS = (match,)
