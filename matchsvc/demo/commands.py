"""``matchsvc demo``: an invented town to try the service in."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

import click

from matchsvc import db, migrate
from matchsvc.accounts.actors import Actor, command_actor
from matchsvc.config import Config
from matchsvc.demo import town
from matchsvc.demo.running import refuse_taken_port, run_parts
from matchsvc.demo.staff import Login, read_logins, set_passwords, write_logins
from matchsvc.swedish import local_date

LOGINS = Path("var/demo-logins.json")
_ROLES = {
    "case_worker": "handläggare",
    "employer_liaison": "arbetsgivarkonsulent",
    "placement_coordinator": "praktiksamordnare",
    "supervisor": "handledare",
    "practical_supervisor": "praktisk handledare",
    "unit_manager": "enhetschef",
    "auditor": "granskare",
    "admin": "administratör",
}


@click.command("demo")
@click.option(
    "--participants",
    type=click.IntRange(1, 100_000),
    default=town.PARTICIPANTS,
    show_default=True,
    help="how many participants the town has",
)
@click.option("--seed", type=int, default=1, show_default=True, help="decides who they are")
@click.option("--reset", is_flag=True, help="make the town anew")
@click.option("--no-serve", is_flag=True, help="make the town and stop")
@click.pass_obj
def demo(config: Config, participants: int, seed: int, *, reset: bool, no_serve: bool) -> None:
    """Make an invented town, serve it and print the log-ins.

    A town that is there already is kept. Refuses a database that holds anything else.
    """
    town.refuse_production(config)
    if not no_serve:
        refuse_taken_port(config)
    migrate.upgrade(db.engine())
    logins = prepare(config, participants=participants, seed=seed, reset=reset, path=LOGINS)
    show_logins(logins)
    if no_serve:
        return
    sys.stderr.flush()
    sys.exit(run_parts(config, when_ready=lambda: _say_where(config)))


def prepare(
    config: Config, *, participants: int, seed: int, reset: bool, path: Path
) -> list[Login]:
    """Make the town, or keep the one there is; give back log-ins that work.

    Args:
        config: the service's settings.
        participants: how many people, for a new town.
        seed: of a new town.
        reset: take away the one there is first.
        path: where the log-ins are written.

    Raises:
        RuleViolation: the database holds anything but a town made here.
    """
    with db.begin() as session:
        town.refuse_other_data(session)
        if reset:
            town.empty_town(session)
        details = town.find_details(session)
        logins = None
        if details is None:
            click.echo("Bygger en påhittad kommun …", err=True)
            now = db.utcnow()
            details = town.make_town(
                session,
                _actor(),
                participants=participants,
                seed=seed,
                base_url=config.base_url,
                today=local_date(now),
                now=now,
            )
        else:
            town.move_links(session, details, config.base_url)
            _say_kept(details, participants, seed)
            logins = read_logins(session, path)
        if logins is None:
            logins = set_passwords(session)
            write_logins(path, logins)
    return logins


def _actor() -> Actor:
    try:
        return command_actor(getpass.getuser())
    except (KeyError, OSError):
        return command_actor(str(os.getuid()))


def _say_kept(details: town.Details, participants: int, seed: int) -> None:
    click.echo(
        f"Kommunen finns redan: {details.participants} deltagare, frö {details.seed}, "
        f"byggd {details.made_on}.",
        err=True,
    )
    if (details.participants, details.seed) != (participants, seed):
        click.echo("Lägg till --reset för att bygga en ny.", err=True)


def show_logins(logins: list[Login]) -> None:
    """Print who can log in, and where it is written."""
    click.echo("", err=True)
    for login in logins:
        role = _ROLES.get(login.role, login.role)
        click.echo(f"  {role:22} {login.email:36} {login.password}   {login.name}", err=True)
    click.echo(f"\nInloggningarna står också i {LOGINS}.", err=True)


def _say_where(config: Config) -> None:
    click.echo(f"\nÖppna {config.base_url} och logga in. Avsluta med Ctrl-C.\n", err=True)


COMMANDS = (demo,)
