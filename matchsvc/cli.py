"""The ``matchsvc`` command. JSON goes to standard output, everything else to standard error.

Exit 0: done. 1: refused by a rule or invalid data, every error listed. 2: wrong usage.
"""

from __future__ import annotations

import getpass
import json
import os
import sys
from datetime import date, datetime
from importlib import import_module
from typing import Any, NoReturn

import click

from matchsvc import db, migrate, secrecy
from matchsvc.accounts import audit_months, rules, second_factor, single_sign_on
from matchsvc.accounts.actors import Actor, command_actor
from matchsvc.accounts.audit_verify import verify
from matchsvc.accounts.models import Role
from matchsvc.config import Config, ConfigError
from matchsvc.errors import DomainError, Invalid, NotFound
from matchsvc.jobs import all_jobs, run_forever, run_job
from matchsvc.messages.account_letters import tell_of_reset
from matchsvc.swedish import local_date
from matchsvc.vocabulary import indexes
from matchsvc.web.security import configure_logging
from matchsvc.web.words import json_default

#: Modules whose ``commands`` hold click commands, in the order of ``matchsvc --help``.
COMMANDS = (
    "matchsvc.imports.commands",
    "matchsvc.retention.commands",
    "matchsvc.vocabulary.commands",
    "matchsvc.matching.commands",
    "matchsvc.matching.commands_cohort",
    "matchsvc.reports.commands",
    "matchsvc.messages.commands",
    "matchsvc.keeping.commands",
    "matchsvc.demo.commands",
    "matchsvc.bench.commands",
)


class Group(click.Group):
    """Turns what a rule refuses into exit 1, as text or, with ``--json``, as JSON."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command and answer its refusals."""
        try:
            return super().invoke(context)
        except DomainError as error:
            refuse(error)
        except ConfigError as error:
            for problem in error.problems:
                click.echo(problem, err=True)
            sys.exit(2)


def refuse(error: DomainError) -> NoReturn:
    """Print what was refused and leave with exit 1."""
    message = error.message % error.values if error.values else error.message
    if "--json" in sys.argv:
        body = {
            "error": {
                "code": error.code,
                "message": message,
                "errors": [
                    {"pointer": f"/{name}", "code": error.code, "message": text}
                    for name, text in error.fields.items()
                ],
            }
        }
        click.echo(json.dumps(body, ensure_ascii=False, default=json_default))
    else:
        click.echo(message, err=True)
        for name, text in error.fields.items():
            click.echo(f"  {name}: {text}", err=True)
    sys.exit(1)


def command_line_actor() -> Actor:
    """Who runs this command: ``cli:<operating-system user>``."""
    try:
        return command_actor(getpass.getuser())
    except (KeyError, OSError):
        return command_actor(str(os.getuid()))


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="matchsvc")
@click.pass_context
def main(context: click.Context) -> None:
    """matchsvc: från kartläggning till ett arbete som varar."""
    configure_logging()
    config = Config.from_environ(os.environ)
    secrecy.use(config.keys)
    db.connect(config.database_url)
    indexes.keep_in(config.index_place)
    context.obj = config


@main.group("db")
def database() -> None:
    """The database at DATABASE_URL."""


@database.command("upgrade")
def db_upgrade() -> None:
    """Bring the schema up and put the reference data in place."""
    migrate.upgrade(db.engine())
    click.echo(f"at {migrate.newest_revision()}", err=True)


@database.command("downgrade")
@click.argument("revision", default="-1")
@click.option("--lose-data", is_flag=True, help="go on although rows will be lost")
def db_downgrade(revision: str, *, lose_data: bool) -> None:
    """Take the schema one step down, or to REVISION (base removes everything)."""
    migrate.downgrade(db.engine(), revision, lose_data=lose_data)


@database.command("check")
def db_check() -> None:
    """Compare the database with what this program expects."""
    found = migrate.differences(db.engine())
    for difference in found:
        click.echo(str(difference), err=True)
    if found:
        sys.exit(1)
    click.echo("the database is as expected", err=True)


@main.command("serve")
@click.pass_obj
def serve_command(config: Config) -> None:
    """Serve the web application at HOST and PORT."""
    from matchsvc.serve import serve

    serve(config)


@main.command("scheduler")
@click.pass_obj
def scheduler_command(config: Config) -> None:
    """Run scheduled work: messages, seals, daily jobs."""
    run_forever(config)


@main.group("jobs")
def jobs() -> None:
    """Scheduled work, by hand."""


@jobs.command("list")
def jobs_list() -> None:
    """List the jobs."""
    for job in all_jobs().values():
        when = f"every {job.every} s" if job.every else f"daily at {job.hour:02}:00"
        click.echo(f"{job.name:24} {when:18} {job.does}")


@jobs.command("run")
@click.argument("name")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="the day to run it for")
@click.pass_obj
def jobs_run(config: Config, name: str, day: datetime | None) -> None:
    """Run the job NAME now, for today or for a day."""
    on: date = day.date() if day else local_date(db.utcnow())
    click.echo(
        json.dumps({"job": name, "day": on.isoformat(), "touched": run_job(name, config, on)})
    )


@main.group("users")
def users() -> None:
    """People who log in."""


@users.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--unit", "unit_name", help="name of the unit; default the only one")
@click.option("--name", help="name as colleagues and employers see it")
@click.pass_obj
def users_add(
    config: Config, email: str, role: str, unit_name: str | None, name: str | None
) -> None:
    """Add a user, or another role; prints a one-time address to set the password."""
    with db.begin() as session:
        unit = rules.find_unit(session, unit_name)
        if unit is None:
            raise Invalid(
                {"unit": "Det finns ingen enhet med det namnet, eller flera att välja på."}
            )
        user = rules.add_user(
            session, command_line_actor(), email=email, role=Role(role), unit=unit, name=name
        )
        token = rules.new_password_token(session, user, now=db.utcnow())
    click.echo(f"{config.base_url}/set-password/{token}")


@users.command("token")
@click.argument("email")
@click.option("--days", type=click.IntRange(1, 365), default=30, show_default=True)
def users_token(email: str, days: int) -> None:
    """Print an API token with the user's rights."""
    with db.begin() as session:
        user = rules.find_user_by_email(session, email)
        if user is None:
            raise NotFound("user")
        token = rules.new_api_token(session, command_line_actor(), user, days=days, now=db.utcnow())
    click.echo(token)


@users.command("reset-second-factor")
@click.argument("email")
def users_reset_second_factor(email: str) -> None:
    """Take away somebody's second factor, when no administrator can log in to do it."""
    with db.begin() as session:
        user = rules.find_user_by_email(session, email)
        if user is None:
            raise NotFound("user")
        second_factor.take_away(session, command_line_actor(), user, now=db.utcnow())
        tell_of_reset(session, user)


@users.command("sso")
@click.argument("email")
@click.option("--forget", is_flag=True, help="cut the account loose; its password works again")
def users_sso(email: str, *, forget: bool) -> None:
    """Let an account be bound to the municipality's log-in, when no administrator can do it."""
    with db.begin() as session:
        user = rules.find_user_by_email(session, email)
        if user is None:
            raise NotFound("user")
        change = single_sign_on.forget if forget else single_sign_on.allow
        change(session, command_line_actor(), user, now=db.utcnow())


@main.group("audit")
def audit_group() -> None:
    """The audit log."""


@audit_group.command("verify")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@click.pass_obj
def audit_verify(config: Config, *, as_json: bool) -> None:
    """Recompute the chain of seals; exit 1 when anything does not agree."""
    with db.read() as session:
        found = verify(session, anchor=config.audit_anchor)
        due = audit_months.next_due(session, today=local_date(db.utcnow()))
    replaced = [each.month for each in found.replaced]
    if as_json:
        body: dict[str, object] = {
            "seals": found.seals,
            "rows": found.rows,
            "unsealed": found.unsealed,
        }
        body |= {"replaced": replaced, "due": None if due is None else f"{due:%Y-%m}"}
        click.echo(json.dumps(body | {"faults": found.faults}))
    else:
        click.echo(f"{found.seals} seals over {found.rows} rows, {found.unsealed} rows not sealed")
        if replaced:
            click.echo(f"replaced by their seals: {', '.join(replaced)}")
        if due is not None:
            click.echo(f"over its time and still there: {due:%Y-%m}")
        for fault in found.faults:
            click.echo(fault)
    if found.faults:
        sys.exit(1)


@audit_group.command("replace-months")
@click.pass_obj
def audit_replace_months(config: Config) -> None:
    """Replace months over their time by their seals; run by the owner of the tables."""
    actor = command_actor(getpass.getuser())
    with db.read() as session:
        audit_months.require_owner(session)
    while True:
        now = db.utcnow()
        with db.begin() as session:
            made = audit_months.replace_next(
                session, actor, today=local_date(now), now=now, anchor=config.audit_anchor
            )
            told = made and f"{made.month}: rows {made.first_id}-{made.last_id} ({made.count})"
        if told is None:
            return
        click.echo(told)


@main.command("openapi")
@click.pass_obj
def openapi(config: Config) -> None:
    """Print the OpenAPI document of /api/v1."""
    from matchsvc.app import create_app
    from matchsvc.web.api import spec_of

    app = create_app(config, engine=db.engine())
    click.echo(json.dumps(spec_of(app), indent=2, ensure_ascii=False))


def _add_room_commands() -> None:
    for name in COMMANDS:
        try:
            module = import_module(name)
        except ModuleNotFoundError as missing:
            if missing.name != name:
                raise
            continue
        for command in module.COMMANDS:
            main.add_command(command)


_add_room_commands()
