"""``matchsvc report outcomes``: the outcome report on the command line."""

from __future__ import annotations

import getpass
import json
from datetime import date, datetime
from pathlib import Path

import click

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import command_actor
from matchsvc.accounts.guard import reading
from matchsvc.outcomes import ways
from matchsvc.reports.counts import Period
from matchsvc.reports.exports import to_csv, to_xlsx
from matchsvc.reports.outcomes import OutcomeReport, check_export, outcome_report
from matchsvc.reports.publishing import publish_due
from matchsvc.reports.shapes import Sheet, report_data, report_sheets
from matchsvc.swedish import local_date
from matchsvc.web.words import json_default

DAY = click.DateTime(["%Y-%m-%d"])
FORMATS = ("table", "json", "csv", "xlsx")


@click.group("report")
def report() -> None:
    """Reports."""


@report.command("outcomes")
@click.option("--from", "start", type=DAY, required=True, help="first day, such as 2025-01-01")
@click.option("--to", "end", type=DAY, required=True, help="last day, inclusive")
@click.option("--by", default="", help="groups: sex,birth_region,employer,agreement,unit")
@click.option("--compare-from", type=DAY, help="first day of an earlier period")
@click.option("--compare-to", type=DAY, help="its last day")
@click.option("--format", "kind", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="the same as --format json")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="write a file")
def outcomes(
    start: datetime,
    end: datetime,
    by: str,
    compare_from: datetime | None,
    compare_to: datetime | None,
    kind: str,
    *,
    as_json: bool,
    output: Path | None,
) -> None:
    """Persons placed, hired and in work, by group; small figures stay hidden."""
    kind = "json" if as_json else kind
    if (compare_from is None) != (compare_to is None):
        raise click.UsageError("--compare-from and --compare-to belong together.")
    if kind == "xlsx" and output is None:
        raise click.UsageError("--format xlsx needs --output FILE.")
    groups = tuple(part.strip() for part in by.split(",") if part.strip())
    actor = command_actor(getpass.getuser())
    if output is not None or kind == "csv":
        check_export(Period(start.date(), end.date()), groups)
    with reading() as session:
        made = outcome_report(
            session,
            actor,
            Period(start.date(), end.date()),
            by=groups,
            compare_with=_period(compare_from, compare_to),
        )
        if output is not None or kind == "csv":
            audit.record(session, actor, "export", "report_outcomes", fields=groups)
    _write(made, kind, output)


@report.command("publish")
def publish() -> None:
    """Publish every quarter, year and cohort whose cut-off day has passed; nothing twice."""
    now = db.utcnow()
    with db.begin() as session:
        made = publish_due(session, today=local_date(now), now=now)
        audit.record(session, command_actor(getpass.getuser()), "create", "published_report")
    click.echo(f"{made} published")


@report.command("rebuild")
@click.option("--check", is_flag=True, help="only say how many ways differ; exit 1 when any does")
def rebuild(*, check: bool) -> None:
    """Work out anew, from the events, how far every enrolment has led."""
    if not check:
        with db.begin() as session:
            click.echo(f"{ways.rebuild(session)} ways")
        return
    with reading() as session:
        differing = ways.differing(session)
    click.echo(f"{differing} differ")
    if differing:
        raise SystemExit(1)


def _period(start: datetime | None, end: datetime | None) -> Period | None:
    return None if start is None or end is None else Period(start.date(), end.date())


def _write(made: OutcomeReport, kind: str, output: Path | None) -> None:
    content = _content(made, kind)
    if output is not None:
        output.write_bytes(content)
        click.echo(f"{output}: {len(content)} bytes", err=True)
    elif kind == "csv":
        click.echo(content, nl=False)
    else:
        click.echo(content.decode())


def _content(made: OutcomeReport, kind: str) -> bytes:
    if kind == "json":
        data = report_data(made)
        return json.dumps(data, ensure_ascii=False, indent=2, default=json_default).encode()
    sheets = report_sheets(made, str)
    if kind == "csv":
        return to_csv(sheets)
    return to_xlsx(sheets) if kind == "xlsx" else _as_text(made.period, sheets).encode()


def _as_text(period: Period, sheets: list[Sheet]) -> str:
    parts = [f"Resultat {_day(period.start_date)} till {_day(period.end_date)}"]
    for sheet in sheets[:-1]:
        lines = [sheet.headings, *([_text(cell) for cell in row] for row in sheet.rows)]
        widths = [max(len(line[k]) for line in lines) for k in range(len(sheet.headings))]
        parts.append(
            "\n".join(
                "  ".join(
                    cell.ljust(width) for cell, width in zip(line, widths, strict=True)
                ).rstrip()
                for line in lines
            )
        )
    parts.append("\n".join(f"{row[0]}: {row[1]}" for row in sheets[-1].rows))
    return "\n\n".join(parts)


def _text(value: str | float | None) -> str:
    if value is None:
        return "–"
    return str(value).replace(".", ",") if isinstance(value, float) else str(value)


def _day(day: date) -> str:
    return day.isoformat()


COMMANDS = (report,)
