"""``matchsvc import``: files on the command line. Exit 0 done, 1 any error (nothing written)."""

from __future__ import annotations

import getpass
import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from matchsvc import db
from matchsvc.accounts.actors import Actor, command_actor
from matchsvc.imports.planning import Action
from matchsvc.imports.reader import MAX_BYTES
from matchsvc.imports.runner import KINDS, Result
from matchsvc.imports.template import csv_template, xlsx_template
from matchsvc.imports.whole import Upload, import_whole
from matchsvc.swedish import local_date


@click.group("import")
def import_files() -> None:
    """Import participants, employers, offers or placements from a file."""


def _command(kind: str) -> click.Command:
    @click.command(name=kind, help=f"Import {kind} from FILE, CSV or XLSX: everything or nothing.")
    @click.argument(
        "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
    )
    @click.option("--dry-run", is_flag=True, help="check the file, write nothing")
    @click.option("--json", "as_json", is_flag=True, help="print JSON")
    @click.option("--unit", "unit_name", help="name of the unit, when there are several")
    @click.option("--template", is_flag=True, help="print a template to fill in")
    @click.option(
        "--format", "file_format", type=click.Choice(["csv", "xlsx"]), default="csv",
        show_default=True, help="of the template",
    )  # fmt: skip
    def run(
        file: Path | None,
        unit_name: str | None,
        file_format: str,
        *,
        template: bool,
        dry_run: bool,
        as_json: bool,
    ) -> None:
        if template:
            content = csv_template(kind) if file_format == "csv" else xlsx_template(kind)
            click.echo(content, nl=False)
            return
        if file is None:
            raise click.UsageError("Missing argument 'FILE'.")
        result = import_file(kind, file, unit_name=unit_name, dry_run=dry_run)
        if as_json:
            body = result.as_json(kind=kind, file=file.name, dry_run=dry_run)
            click.echo(json.dumps(body, ensure_ascii=False, indent=2))
        else:
            _print(kind, file, result, dry_run=dry_run)
        if result.problems:
            sys.exit(1)

    return run


def import_file(
    kind: str, file: Path, *, unit_name: str | None = None, dry_run: bool = False
) -> Result:
    """Check a file and, without errors, write it.

    Args:
        kind: participants, employers, offers or placements.
        file: CSV or XLSX.
        unit_name: the unit, when there are several.
        dry_run: only check.
    """
    with file.open("rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    today = local_date(db.utcnow())
    upload = Upload(kind, content, _actor(), today, unit_name)
    return import_whole(upload, dry_run=dry_run, progress=_progress(kind))


def _actor() -> Actor:
    try:
        return command_actor(getpass.getuser())
    except (KeyError, OSError):
        return command_actor(str(os.getuid()))


def _progress(kind: str) -> Any:
    def tell(rows: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{kind}: {rows} rader kontrollerade", nl=False, err=True)

    return tell


def _print(kind: str, file: Path, result: Result, *, dry_run: bool) -> None:
    counts = (
        f"{result.count(Action.CREATE)} nya, {result.count(Action.UPDATE)} ändras, "
        f"{result.count(Action.UNCHANGED)} lika"
    )
    click.echo(f"{file.name}: {result.rows} rader, {counts}.")
    for warning in result.warnings:
        click.echo(f"Obs: {warning.said()}")
    headings = {column.key: column.heading for column in KINDS[kind].columns}
    for problem in result.problems:
        place = [] if problem.row is None else [f"rad {problem.row}"]
        place += [headings.get(problem.column, problem.column)] if problem.column else []
        shown = f" (”{problem.value}”)" if problem.value else ""
        where = ", ".join(place)
        click.echo(f"{where}: {problem.said()}{shown}" if where else problem.said())
    if result.problems:
        rows = {problem.row for problem in result.problems}
        click.echo(f"{len(result.problems)} fel i {len(rows)} rader. Inget har sparats.")
    elif dry_run:
        click.echo("Filen har inga fel. Inget har sparats, eftersom du bad om en kontroll.")
    elif result.written:
        click.echo("Sparat.")
    else:
        click.echo("Allt i filen fanns redan. Inget behövde sparas.")


for _kind in KINDS:
    import_files.add_command(_command(_kind))

COMMANDS = (import_files,)
