"""``matchsvc messages``: the outbox on the command line."""

from __future__ import annotations

import getpass
import json
import sys
from contextlib import suppress
from uuid import UUID

import click

from matchsvc.accounts.actors import command_actor
from matchsvc.accounts.guard import reading, writing
from matchsvc.config import Config
from matchsvc.messages.bounces import bounce, read_report
from matchsvc.messages.rules import list_messages, message_data
from matchsvc.web.words import json_default

REPORT_LONGEST = 1_000_000  # bytes; a report with a whole letter in it


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


@messages.command("bounce")
@click.argument("message_id")
@click.argument("code")
def messages_bounce(message_id: str, code: str) -> None:
    """Say that MESSAGE_ID (of the letter, or the row's id) came back with CODE, such as 5.1.1."""
    key: UUID | str = message_id
    with suppress(ValueError):
        key = UUID(message_id)
    with writing() as session:
        bounced = bounce(session, command_actor(getpass.getuser()), key, code)
        click.echo(json.dumps({"id": str(bounced.id), "state": bounced.state.value}))


@messages.command("report")
def messages_report() -> None:
    """Read a delivery status notification (RFC 3464) from standard input.

    For a mail server's pipe: exit 0 also when the letter is only late, 1 when it is no such report
    or tells of no message of ours.
    """
    report = read_report(sys.stdin.buffer.read(REPORT_LONGEST))
    told: dict[str, str] = {"message_id": report.message_id, "code": report.code}
    if report.is_final:
        with writing() as session:
            actor = command_actor(getpass.getuser())
            bounced = bounce(session, actor, report.message_id, report.code)
            told["state"] = bounced.state.value
    click.echo(json.dumps(told))


COMMANDS = (messages,)
