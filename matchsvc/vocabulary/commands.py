"""``matchsvc vocabulary`` and ``matchsvc competences``: the words, on the command line."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import click
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import command_actor
from matchsvc.errors import N_, RuleViolation
from matchsvc.vocabulary import rules
from matchsvc.vocabulary.concept_file import read_concept_files
from matchsvc.vocabulary.esco import CREDIT, read_esco
from matchsvc.vocabulary.lists import ConceptList
from matchsvc.vocabulary.loading import LoadResult, load_list
from matchsvc.vocabulary.models import Concept, ConceptType, Scheme
from matchsvc.vocabulary.schemas import linking_data


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
    help="esco: the official CSV download; csv: our own table of concepts",
)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def vocabulary_import(paths: tuple[Path, ...], file_format: str, *, as_json: bool) -> None:
    """Read concepts from PATHS (files or folders). The same again changes nothing."""
    # Read and check first; the transaction that writes is short.
    read = _read(paths, file_format)
    actor = command_actor(getpass.getuser())
    with db.begin() as session:
        result = load_list(session, read, by=actor.label, now=db.utcnow())
        if result.has_changed_anything:
            audit.record(session, actor, "imported", "vocabulary", read.scheme.value)
    if as_json:
        body = {"format": file_format, **asdict(result), "changed": result.has_changed_anything}
        click.echo(json.dumps(body, ensure_ascii=False))
    else:
        _tell(result, file_format)


def _read(paths: tuple[Path, ...], file_format: str) -> ConceptList:
    if file_format == "esco":
        return read_esco(paths)
    if file_format == "csv":
        with db.read() as session:
            known = session.scalars(select(Concept.id).where(Concept.scheme != Scheme.LOCAL))
            return read_concept_files(paths, Scheme.LOCAL, known=frozenset(known))
    raise RuleViolation(
        "format_not_supported",
        N_("JobTech Taxonomy går inte att läsa in än. Använd --format esco eller --format csv."),
    )


def _tell(result: LoadResult, file_format: str) -> None:
    for warning in result.warnings:
        click.echo(warning, err=True)
    if file_format == "esco":
        click.echo(CREDIT, err=True)
    click.echo(
        f"{result.created} nya, {result.updated} ändrade, {result.unchanged} lika, "
        f"{result.deprecated} utgångna."
    )


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
        found = [
            rules.suggest(session, text, top=top, source=rules.Source(source), kind=chosen)
            for text in given
        ]
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
