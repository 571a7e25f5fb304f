"""``matchsvc retention``: what is due, and deleting what two people have decided."""

from __future__ import annotations

import getpass
import json

import click

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import command_actor
from matchsvc.retention.due import count_due
from matchsvc.retention.running import delete_approved
from matchsvc.swedish import local_date


@click.group("retention")
def retention() -> None:
    """What is kept how long."""


@retention.command("plan")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def plan(*, as_json: bool) -> None:
    """Count whose records are due, by unit; who they are stands on the page. Changes nothing."""
    actor = command_actor(getpass.getuser())
    today = local_date(db.utcnow())
    with db.begin() as session:
        audit.record(session, actor, "read", "retention_due")
        rows = count_due(session, actor, today=today)
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        click.echo(f"{row['unit']}: {row['due']} due, {row['kept']} of them kept")


@retention.command("run")
def run() -> None:
    """Delete the people of approved lists. It may be stopped and run again at any time."""
    gone = delete_approved(command_actor(getpass.getuser()), local_date(db.utcnow()), db.utcnow)
    click.echo(json.dumps({"deleted": gone}))


COMMANDS = (retention,)
