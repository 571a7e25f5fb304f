"""``matchsvc vocabulary`` and ``matchsvc competences``: the words, on the command line."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import click
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import command_actor
from matchsvc.errors import Conflict
from matchsvc.vocabulary import indexes, rules
from matchsvc.vocabulary.esco import CREDIT, read_esco
from matchsvc.vocabulary.jobtech import read_jobtech
from matchsvc.vocabulary.lists import ConceptList, Progress
from matchsvc.vocabulary.loading import LoadResult, carry_out, plan_load
from matchsvc.vocabulary.models import Concept, ConceptType, Scheme
from matchsvc.vocabulary.schemas import linking_data
from matchsvc.vocabulary.skos_file import read_tables

_TRIES = 3  # somebody may change the vocabulary between comparing and saving
#: What may be other about a concept (LoadResult.changed_parts).
_PARTS = {
    "labels": "med annat namn",
    "lines": "med annan rad uppåt",
    "words": "med andra ord",
    "relations": "med andra relationer",
    "back": "tillbaka",
}


@click.group("vocabulary")
def vocabulary() -> None:
    """The words that competences and requirements are named by."""


@vocabulary.command("import")
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, readable=True, path_type=Path)
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["esco", "jobtech", "csv"]),
    required=True,
    help="esco: the official CSV download; jobtech: JSON dumps of JobTech Taxonomy; "
    "csv: our own table of concepts, or one with SKOS headings. Give all files of a list at once.",
)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def vocabulary_import(paths: tuple[Path, ...], file_format: str, *, as_json: bool) -> None:
    """Read concepts from PATHS (files or folders). The same again changes nothing."""
    watched = _Watched()
    read = _read(paths, file_format, watched)
    actor = command_actor(getpass.getuser())
    for tries_left in reversed(range(_TRIES)):
        # Comparing takes longer than writing: only the latter holds the database.
        watched("Jämför med det som finns", 0, 0)
        with db.read() as session:
            plan = plan_load(session, read)
        watched("Sparar", 0, 0)
        try:
            with db.begin() as session:
                result = carry_out(session, plan, by=actor.label, now=db.utcnow())
                if result.has_changed_anything:
                    audit.record(session, actor, "imported", "vocabulary", read.scheme.value)
            break
        except Conflict:
            if not tries_left:
                raise
    if file_format == "esco":
        watched("Gör i ordning sökningen", 0, 0)  # now, so that nobody waits for it later
        with db.read() as session:
            indexes.label_index(session)
    watched.end()
    if as_json:
        body = {"format": file_format, **asdict(result), "changed": result.has_changed_anything}
        body["changes"] = body.pop("changed_parts")
        click.echo(json.dumps(body, ensure_ascii=False))
    else:
        _tell(result, file_format)


class _Watched:
    """Tells on standard error what is being done: one line each, or one that changes."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._said = ""

    def __call__(self, what: str, done: int, of: int) -> None:
        """Tell what is being done now, and how much of it."""
        if self._is_terminal:
            share = f" {100 * done // of} %" if of else ""
            click.echo(f"\r\x1b[K{what}{share}", nl=False, err=True)
        elif what != self._said:
            click.echo(f"{what} …", err=True)
        self._said = what

    def end(self) -> None:
        """Let what comes next begin on a line of its own."""
        if self._is_terminal:
            click.echo("\r\x1b[K", nl=False, err=True)


def _read(paths: tuple[Path, ...], file_format: str, progress: Progress) -> ConceptList:
    if file_format == "esco":
        return read_esco(paths, progress=progress)
    is_jobtech = file_format == "jobtech"
    with db.read() as session:
        own = Concept.scheme == Scheme.JOBTECH if is_jobtech else Concept.scheme != Scheme.LOCAL
        known = frozenset(session.scalars(select(Concept.id).where(own)))
    reader = read_jobtech if is_jobtech else read_tables
    return reader(paths, known=known, progress=progress)


def _tell(result: LoadResult, file_format: str) -> None:
    for warning in result.warnings:
        click.echo(warning, err=True)
    if file_format == "esco":
        click.echo(CREDIT, err=True)
    click.echo(
        f"{result.created} nya, {result.updated} ändrade, {result.unchanged} lika, "
        f"{result.deprecated} utgångna."
    )
    parts = [f"{count} {_PARTS[part]}" for part, count in result.changed_parts.items() if count]
    if parts:
        click.echo(f"Av de ändrade: {', '.join(parts)}.")
    for change in result.label_changes:
        click.echo(f"  {change.id}: {change.before} -> {change.after}")
    _tell_rest(result.changed_parts.get("labels", 0) - len(result.label_changes))
    for change in result.deprecated_labels:
        click.echo(f"  {change.id}: {change.before} används inte längre")
    _tell_rest(result.deprecated - len(result.deprecated_labels))


def _tell_rest(count: int) -> None:
    if count > 0:
        click.echo(f"  … och {count} till.")


@click.group("competences")
def competences() -> None:
    """What people say they can do."""


@competences.command("suggest")
@click.argument("texts", metavar="[TEXT]...", nargs=-1)
@click.option("--file", "file", type=click.File(encoding="utf-8-sig"), help="one text a line")
@click.option("--top", type=click.IntRange(1, rules.MOST_SUGGESTIONS), default=5, show_default=True)
@click.option(
    "--source",
    type=click.Choice([source.value for source in rules.Source]),
    default=rules.Source.STARTER.value,
    show_default=True,
)
@click.option("--kind", type=click.Choice([kind.value for kind in ConceptType]))
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def competences_suggest(
    texts: tuple[str, ...],
    file: TextIO | None,
    *,
    top: int,
    source: str,
    kind: str | None,
    as_json: bool,
) -> None:
    """Propose concepts for each TEXT, for a person to confirm."""
    if not texts and file is None:
        raise click.UsageError("give a TEXT, or --file")
    given = [*texts, *(_lines(file) if file else ())]
    chosen = ConceptType(kind) if kind else None
    with db.read() as session:
        found = rules.suggest_many(
            session, given, top=top, source=rules.Source(source), kind=chosen
        )
    if as_json:
        click.echo(json.dumps([linking_data(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        click.echo(one.text)
        for suggestion in one.suggestions:
            click.echo(f"  {suggestion.score:3}  {suggestion.label}  ({suggestion.id})")


def _lines(file: TextIO) -> Iterable[str]:
    return (line.removesuffix("\n") for line in file)


COMMANDS = (vocabulary, competences)
