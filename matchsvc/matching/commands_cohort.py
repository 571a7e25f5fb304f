"""``matchsvc cohort``: the draft for everybody waiting, computed anew and not kept."""

from __future__ import annotations

import getpass
import json
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import command_actor
from matchsvc.accounts.models import Unit
from matchsvc.accounts.rules import find_unit
from matchsvc.errors import NotFound
from matchsvc.matching.board import decided_pairs
from matchsvc.matching.cohort import Draft, draft, gap_of, merge, offers_of
from matchsvc.matching.cohort_words import gap_words, obstacle_words, percent_of
from matchsvc.matching.gate_words import Words
from matchsvc.matching.rules import offer_titles
from matchsvc.swedish import local_date


@click.command("cohort")
@click.option("--unit", "unit_name", help="name of the unit; default all, each by itself")
@click.option(
    "--floor",
    type=click.IntRange(0, 10_000),
    help="least cover of what is required, of 10,000; default the unit's own",
)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def cohort_command(unit_name: str | None, floor: int | None, *, as_json: bool) -> None:
    """Draft everybody who waits onto all open places, with what the board has locked.

    Nothing is saved. People with protected identity are never in it.
    """
    actor, today = command_actor(getpass.getuser()), local_date(db.utcnow())
    with db.read() as session:
        if unit_name is not None:
            unit = find_unit(session, unit_name)
            if unit is None:
                raise NotFound("unit")
            units = [unit.id]
        else:
            units = list(session.scalars(select(Unit.id).order_by(Unit.sort_key)))
        drafts = []
        for unit_id in units:
            locked, forbidden = decided_pairs(session, unit_id)
            drafts.append(
                draft(
                    session,
                    actor,
                    unit_id=unit_id,
                    today=today,
                    floor=floor,
                    locked=locked,
                    forbidden=forbidden,
                )
            )
        found = merge(drafts)
        titles = offer_titles(session, sorted(offers_of(found)))
        rows = audit.take_pending(session)
    with db.begin() as log:
        audit.write(log, rows)
    _print(found, titles, as_json=as_json)


def cohort_json(found: Draft, titles: dict[UUID, tuple[str, str]]) -> dict[str, Any]:
    """A draft as contract.md section 3 has it."""
    return {
        "people": found.people,
        "places": found.places,
        "placed": found.placed,
        "upper_bound_people": found.upper_bound_people,
        "value": found.value,
        "bound": found.bound,
        "gap": gap_of(found.value, found.bound),
        "floor": found.floor,
        "weights": found.weights,
        "assignments": [
            {
                "participant": str(line.participant),
                "offer": str(line.offer),
                "cover": line.cover,
                "locked": line.locked,
                "why_not_first": line.not_first.as_json() if line.not_first else None,
            }
            for line in found.lines
            if line.offer is not None
        ],
        "unplaced": [
            {
                "participant": str(line.participant),
                "code": line.obstacle["code"],
                "reason": _reason(line.obstacle, found.floor, titles),
            }
            for line in found.lines
            if line.obstacle is not None
        ],
        "first_come": {"placed": found.first_placed, "value": found.first_value},
    }


def _reason(told: dict[str, Any], floor: int, titles: dict[UUID, tuple[str, str]]) -> str:
    return obstacle_words(
        told, Words(), floor=floor, title=lambda offer: " · ".join(titles[UUID(offer)])
    )


def _print(found: Draft, titles: dict[UUID, tuple[str, str]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(cohort_json(found, titles), ensure_ascii=False))
        return
    click.echo(
        f"{found.placed} av {found.people} får en plats, flest möjliga "
        f"{found.upper_bound_people}; {found.places} platser; om längst väntan valde först "
        f"{found.first_placed}"
    )
    click.echo(gap_words(found.value, found.bound, Words(), _decimal))
    for line in found.lines:
        if line.offer is not None:
            place = " · ".join(titles[line.offer])
            click.echo(f"{line.participant}  {percent_of(line.cover or 0)}  {place}")
        elif line.obstacle is not None:
            click.echo(f"{line.participant}  -  {_reason(line.obstacle, found.floor, titles)}")


def _decimal(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace(".", ",")


COMMANDS = (cohort_command,)
