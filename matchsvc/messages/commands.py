"""``matchsvc messages``: the outbox on the command line."""

from __future__ import annotations

import getpass
import json

import click

from matchsvc.accounts.actors import command_actor
from matchsvc.accounts.guard import reading
from matchsvc.config import Config
from matchsvc.messages.rules import list_messages, message_data
from matchsvc.web.words import json_default


@click.group("messages")
def messages() -> None:
    """The outbox."""


@messages.command("list")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@click.pass_obj
def messages_list(config: Config, *, as_json: bool) -> None:
    """List the messages, those that wait for a person first."""
    with reading() as session:
        listed = list_messages(
            session,
            command_actor(getpass.getuser()),
            has_server=config.smtp_url is not None,
            size=None,
        )
        if as_json:
            rows = [message_data(one) for one in listed]
            click.echo(json.dumps(rows, ensure_ascii=False, default=json_default))
            return
        for one in listed:
            made = one.message.created_at.strftime("%Y-%m-%d %H:%M")
            click.echo(f"{made}  {one.message.state:10} {one.recipient:30} {one.message.subject}")


COMMANDS = (messages,)
