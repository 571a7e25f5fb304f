"""The figures that are printed are the ones that the benchmark's definition asks for."""

import csv
import json

import pytest
from click.testing import CliRunner

from matchsvc.bench.linking import Query, quality, read_queries, read_sentences
from matchsvc.cli import main
from matchsvc.vocabulary import indexes

ADDRESS = "http://data.europa.eu/esco/skill/"


def asked(text, *accepted):
    return Query(text, frozenset(accepted), is_hard=True)


def test_rank_counts_from_the_first_accepted_answer_and_not_beyond_the_hundredth():
    queries = [asked("a", "x"), asked("b", "y", "z"), asked("c", "x"), asked("d", "x")]
    answers = [["x"], ["q", "z", "y"], [*"abcdef", "x"], [*map(str, range(100)), "x"]]
    found = quality(queries, answers)
    assert found["mrr"] == pytest.approx((1 + 1 / 2 + 1 / 7 + 0) / 4)
    assert (found["hit_at_5"], found["hit_at_10"]) == (0.5, 0.75)


def test_a_query_is_hard_if_none_of_its_answers_is_spelt_like_it(tmp_path):
    file = tmp_path / "queries.csv"
    file.write_text(
        "query,esco_uri,grade,identical\na,1,3,1\na,2,2,0\nb,1,2,0\nb,2,1,0\nc,3,1,0\n",
        encoding="utf-8",
    )
    assert read_queries(file) == [
        Query("a", frozenset("12"), is_hard=False),
        Query("b", frozenset("1"), is_hard=True),
    ]


def test_an_accepted_label_is_a_pattern_in_any_case(tmp_path):
    file = tmp_path / "sentences.csv"
    file.write_text("sentence;accepted\nlagat mat;laga|kock\n", encoding="utf-8")
    [(sentence, pattern)] = read_sentences(file)
    assert sentence == "lagat mat"
    assert pattern.search("Laga mat i större mängd")
    assert not pattern.search("Städa")


@pytest.fixture
def _put_back(config, outer):
    yield
    indexes.keep_in(config.index_folder)


@pytest.mark.usefixtures("_put_back")
@pytest.mark.soak
@pytest.mark.sqlite_only
def test_the_command_measures_in_a_database_of_its_own(tmp_path):
    folder = tmp_path / "esco"
    folder.mkdir()
    with (folder / "skills_sv.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [
                ["conceptUri", "preferredLabel", "altLabels"],
                [f"{ADDRESS}1", "putsa skedar", ""],
                [f"{ADDRESS}2", "montera hyllor", ""],
            ]
        )
    queries = tmp_path / "queries.csv"
    queries.write_text(f"query,esco_uri,identical\nskedputsning,{ADDRESS}1,0\n", encoding="utf-8")
    sentences = tmp_path / "sentences.csv"
    sentences.write_text("sentence;accepted\nsydde kläder hemma;sy\n", encoding="utf-8")
    url = f"sqlite:///{tmp_path}/untouched.sqlite3"
    result = CliRunner().invoke(
        main,
        ["bench", "linking", "--skills", str(queries), "--everyday", str(sentences),
         "--esco", str(folder), "--json"],
        env={"DATABASE_URL": url},
        catch_exceptions=False,
    )  # fmt: skip
    figures = json.loads(result.stdout)
    assert figures["skills"]["ours_hard_mrr"] == 1
    assert figures["everyday_starter"]["hit_at_1"] == figures["everyday_all"]["hit_at_1"] == 1
    assert figures["speed"]["times_faster_than_wratio"] > 0
    assert figures["index"]["megabytes"] > 0
    assert not (tmp_path / "untouched.sqlite3").exists()
