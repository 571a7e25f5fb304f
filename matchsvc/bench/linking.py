"""``matchsvc bench linking``: how well and how fast words are linked, beside plain alternatives.

Benchmarks are CSV files with the columns query, esco_uri and identical (and grade, 1 to 3). Only
Swedish ESCO labels are looked up; a concept counts by its best label; MRR is cut at 100. "Hard"
are queries that are spelt like no label of their answers. Of graded answers, grade 2 and 3 count.

The alternatives: TF-IDF of 2 to 4 letters within words (scikit-learn), and rapidfuzz WRatio.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any, TypeVar

import click
import numpy as np
from rapidfuzz import fuzz, process
from sqlalchemy.orm import Session

from matchsvc import db, migrate
from matchsvc.vocabulary import indexes, rules
from matchsvc.vocabulary.esco import read_esco
from matchsvc.vocabulary.loading import load_list
from matchsvc.vocabulary.models import ConceptType
from matchsvc.vocabulary.rules import Source

_CUT = 100
_LEAST_GRADE = 2
_PATH = click.Path(exists=True, path_type=Path)
_SINGLE = 200  # texts that the time of one suggestion is taken over
_WARM = 20
_EVERY = 4  # of these texts WRatio gets one
_BATCH = 2_000  # texts at once, about
_TIMES = 3  # the best of these
_SLOW = 150  # queries that WRatio is measured over: it needs a second for thirty

T = TypeVar("T")
Answers = list[list[str]]  # for each query the addresses of concepts, best first


@dataclass(frozen=True, slots=True)
class Query:
    """One line of a benchmark."""

    text: str
    accepted: frozenset[str]
    is_hard: bool


@click.command("linking")
@click.option("--skills", type=_PATH, help="benchmark of skills")
@click.option("--occupations", type=_PATH, help="benchmark of occupations and their groups")
@click.option("--everyday", type=_PATH, help="everyday sentences: sentence;accepted")
@click.option("--esco", type=_PATH, help="folder with the official ESCO CSV files")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def linking(
    skills: Path | None,
    occupations: Path | None,
    everyday: Path | None,
    esco: Path | None,
    *,
    as_json: bool,
) -> None:
    """Measure the linking of words, in a database of its own that is thrown away."""
    if (skills or occupations) and not esco:
        raise click.UsageError("--skills and --occupations need --esco FOLDER")
    with tempfile.TemporaryDirectory() as folder:
        figures = _measure(Path(folder), skills, occupations, everyday, esco)
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
        return
    for name, values in figures.items():
        click.echo(name)
        for what, value in values.items():
            click.echo(f"  {what:44} {value:10.4g}" if isinstance(value, float | int) else value)


def _measure(
    folder: Path,
    skills: Path | None,
    occupations: Path | None,
    everyday: Path | None,
    esco: Path | None,
) -> dict[str, dict[str, Any]]:
    url = f"sqlite:///{folder}/bench.sqlite3"
    migrate.upgrade(db.connect(url))
    indexes.keep_in(folder / "index")
    figures: dict[str, dict[str, Any]] = {}
    sentences = read_sentences(everyday) if everyday else []
    if sentences:
        with db.read() as session:
            figures["everyday_starter"] = _everyday(session, sentences, Source.STARTER)
    if esco is None:
        return figures
    with db.begin() as session:
        load_list(session, read_esco([esco]), by="bench", now=None)
    with db.read() as session:
        begun = time.perf_counter()
        indexes.label_index(session)
        making = time.perf_counter() - begun
        if sentences:
            figures["everyday_all"] = _everyday(session, sentences, Source.ALL)
        for name, file, kind in (
            ("skills", skills, ConceptType.SKILL),
            ("occupations", occupations, ConceptType.OCCUPATION),
        ):
            if file:
                figures[name] = _official(session, read_queries(file), kind)
        texts = [text for text, _ in sentences]
        texts += [one.text for one in read_queries(skills)] if skills else []
        if texts:
            figures["speed"] = _speed(session, texts)
    figures["index"] = {"seconds_to_make": making} | _opening(url, folder / "index")
    return figures


def read_queries(path: Path) -> list[Query]:
    """The queries of a benchmark file, in their order."""
    accepted: dict[str, set[str]] = {}
    identical: set[str] = set()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            found = accepted.setdefault(row["query"], set())
            if row["identical"] == "1":
                identical.add(row["query"])
            if int(row.get("grade") or _LEAST_GRADE) >= _LEAST_GRADE:
                found.add(row["esco_uri"])
    return [
        Query(text, frozenset(found), text not in identical)
        for text, found in accepted.items()
        if found
    ]


def read_sentences(path: Path) -> list[tuple[str, re.Pattern[str]]]:
    """Sentences and what a right concept's label looks like."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            (row["sentence"], re.compile(row["accepted"], re.IGNORECASE))
            for row in csv.DictReader(file, delimiter=";")
        ]


def quality(queries: Sequence[Query], answers: Answers) -> dict[str, float]:
    """Mean reciprocal rank, cut at 100, and the share found among the first 5 and 10."""
    ranks = [
        next((rank for rank, one in enumerate(found[:_CUT], 1) if one in query.accepted), 0)
        for query, found in zip(queries, answers, strict=True)
    ]
    count = max(1, len(ranks))
    return {
        "queries": len(ranks),
        "mrr": sum(1 / rank for rank in ranks if rank) / count,
        "hit_at_5": sum(0 < rank <= 5 for rank in ranks) / count,  # noqa: PLR2004
        "hit_at_10": sum(0 < rank <= 10 for rank in ranks) / count,  # noqa: PLR2004
    }


def _everyday(
    session: Session, sentences: Sequence[tuple[str, re.Pattern[str]]], source: Source
) -> dict[str, float]:
    linked = rules.suggest_many(session, [text for text, _ in sentences], source=source)
    ranks = [
        next((n for n, one in enumerate(each.suggestions, 1) if pattern.search(one.label)), 0)
        for (_, pattern), each in zip(sentences, linked, strict=True)
    ]
    sure = [rank == 1 for rank, each in zip(ranks, linked, strict=True) if each.confident]
    return {
        "sentences": len(ranks),
        "hit_at_1": sum(rank == 1 for rank in ranks) / len(ranks),
        "hit_at_5": sum(rank > 0 for rank in ranks) / len(ranks),
        "confident": len(sure) / len(ranks),
        "confident_and_right": sum(sure) / max(1, len(sure)),
    }


def _official(session: Session, queries: Sequence[Query], kind: ConceptType) -> dict[str, float]:
    texts = [query.text for query in queries]
    ours, seconds = _timed(lambda: _ours(session, texts, kind))
    plain, plain_seconds = _timed(lambda: _by_letters(*_names(session, kind), texts))
    some = queries[:_SLOW]
    fuzzy, fuzzy_seconds = _timed(
        lambda: _by_likeness(*_names(session, kind), [query.text for query in some])
    )
    figures: dict[str, float] = {}
    hard = [place for place, query in enumerate(queries) if query.is_hard]
    for suffix, chosen in (("", range(len(queries))), ("_hard", hard)):
        asked = [queries[place] for place in chosen]
        for name, answers in (("ours", ours), ("letters", plain)):
            measured = quality(asked, [answers[place] for place in chosen])
            figures |= {f"{name}{suffix}_{key}": value for key, value in measured.items()}
    for key, value in quality(some, fuzzy).items():
        figures[f"wratio_{key}"] = value
    return figures | {
        "ours_queries_a_second": len(texts) / seconds,
        "letters_queries_a_second": len(texts) / plain_seconds,
        "wratio_queries_a_second": len(some) / fuzzy_seconds,
    }


def _ours(session: Session, texts: Sequence[str], kind: ConceptType) -> Answers:
    linked = rules.suggest_many(session, texts, top=_CUT, source=Source.ESCO, kind=kind)
    return [[one.uri or "" for one in each.suggestions] for each in linked]


def _names(session: Session, kind: ConceptType | None) -> tuple[list[str], list[str]]:
    """Swedish names and whose each is."""
    pairs = indexes.official_names(session, kind)
    return [name for name, _ in pairs], [uri for _, uri in pairs]


def _by_letters(names: list[str], uris: list[str], texts: Sequence[str]) -> Answers:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, dtype=np.float32
    )
    matrix = vectorizer.fit_transform(names).T.tocsr()
    answers = []
    for start in range(0, len(texts), _CUT):
        alike = (vectorizer.transform(texts[start : start + _CUT]) @ matrix).toarray()
        answers += [_first(uris, row.argsort(kind="stable")[::-1]) for row in alike]
    return answers


def _by_likeness(names: list[str], uris: list[str], texts: Sequence[str]) -> Answers:
    keys = [name.casefold() for name in names]
    return [
        _first(
            uris,
            (
                place
                for _, _, place in process.extract(
                    text.casefold(), keys, scorer=fuzz.WRatio, limit=2 * _CUT
                )
            ),
        )
        for text in texts
    ]


def _first(uris: Sequence[str], order: Iterable[int]) -> list[str]:
    found: dict[str, None] = {}
    for place in order:
        found.setdefault(uris[place])
        if len(found) == _CUT:
            break
    return list(found)


def _speed(session: Session, texts: Sequence[str]) -> dict[str, float]:
    """One suggestion at a time and many at once, over all of ESCO and the everyday words."""
    keys = [name.casefold() for name, _ in indexes.official_names(session, None)]
    chosen = texts[:_SINGLE]
    for text in chosen[:_WARM]:
        rules.suggest(session, text, source=Source.ALL)
    ours, fuzzy = [], []
    for number, text in enumerate(chosen):
        ours.append(_timed(partial(rules.suggest, session, text, source=Source.ALL))[1])
        if number % _EVERY == 0:  # in between, so that both meet the same load
            one = partial(process.extract, text.casefold(), keys, scorer=fuzz.WRatio)
            fuzzy.append(_timed(one)[1])
    many = [*texts] * max(1, _BATCH // len(texts))
    skills = partial(rules.suggest_many, source=Source.ESCO, kind=ConceptType.SKILL)
    batch = min(_timed(partial(skills, session, many))[1] for _ in range(_TIMES))
    return {
        "names": len(keys),
        "one_suggestion_median_ms": 1000 * median(ours),
        "one_suggestion_p95_ms": 1000 * quantiles(ours, n=20)[-1],
        "one_wratio_median_ms": 1000 * median(fuzzy),
        "times_faster_than_wratio": median(fuzzy) / median(ours),
        "batch_queries_a_second": len(many) / batch,
    }


def _opening(url: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "matchsvc.bench.opening", url, str(folder)]
    answer = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - our own
    return json.loads(answer.stdout)  # type: ignore[no-any-return]


def _timed(run: Callable[[], T]) -> tuple[T, float]:
    begun = time.perf_counter()
    result = run()
    return result, time.perf_counter() - begun
