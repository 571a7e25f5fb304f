"""The published figures (domain.md ACC-1 to ACC-3), from import files to the report command.

Real commands on a database of their own: what a unit would type.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.sqlite_only

PARTICIPANT = ("Deltagar-id", "Kön", "Födelseregion", "Program", "Inskriven", "Avslutad")
PARTICIPANT += ("Avslutsorsak", "Destination")
WOMAN_ABROAD, WOMAN_HERE = ("kvinna", "utanför Europa"), ("kvinna", "Sverige")
MAN = ("man", "Sverige")


@pytest.fixture
def matchsvc(fresh_url):
    """Runs ``matchsvc WORDS`` on a fresh database; gives its standard output."""
    environ = {**os.environ, "DATABASE_URL": fresh_url}

    def run(*words):
        done = subprocess.run(
            [sys.executable, "-m", "matchsvc", *map(str, words)],
            env=environ,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, (done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout

    return run


def write(path, headings, rows):
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file, delimiter=";")
        lines.writerow(headings)
        lines.writerows(rows)
    return path


def report(matchsvc, start, end, *more):
    return json.loads(
        matchsvc(*("report", "outcomes", "--from", start, "--to", end, "--format", "json", *more))
    )


def enrolled(groups, *, on="2024-02-01", exited="2025-06-30"):
    """Rows of people: (sex and region, how many, how many of them to work)."""
    rows = []
    for (sex, region), count, to_work in groups:
        for number in range(count):
            leaves = number < to_work
            rows.append(
                (
                    f"P{len(rows) + 1}",
                    sex,
                    region,
                    "SMS",
                    on,
                    exited if leaves else "",
                    "mål nått" if leaves else "",
                    "arbete med stöd" if leaves else "",
                )
            )
    return rows


def rate(found, measure, population):
    return next(
        one
        for one in found["rates"]
        if one["measure"] == measure and one.get("population") == population
    )


def row(found, **group):
    return next(one for one in found["rows"] if one["group"] == group)


#: The same figures from seeded events are in test_acceptance.py, in every run.
@pytest.mark.soak
def test_acc_1_cumulative_rates_from_a_file_of_18_798_people(matchsvc, tmp_path):
    people = enrolled(
        [(WOMAN_ABROAD, 5737, 858), (WOMAN_HERE, 3416, 410), (MAN, 9645, 1531)],
    )
    told = json.loads(
        matchsvc("import", "participants", write(tmp_path / "p.csv", PARTICIPANT, people), "--json")
    )
    assert (told["created"], told["errors"]) == (18_798, [])

    found = report(matchsvc, "2024-01-01", "2025-12-31", "--by", "sex")
    women, men = row(found, sex="woman"), row(found, sex="man")
    assert women["started"] == 9153
    assert women["to_work"] == 1268
    assert men["started"] == 9645
    assert men["to_work"] == 1531
    assert found["totals"]["started"] == 18_798
    percents = {
        population: rate(found, "to_work", population)["percent"]
        for population in ("all", "women", "men", "women_outside_europe")
    }
    assert percents == {"all": 15, "women": 14, "men": 16, "women_outside_europe": 15}
    share = found["shares"]["outside_europe_among_women"]["started"]
    assert (share["n"], share["of"], share["percent"]) == (5737, 9153, 63)


@pytest.mark.soak
def test_acc_2_shares_of_placements_and_hires_from_files(matchsvc, tmp_path):
    people = enrolled([(WOMAN_ABROAD, 249, 0), (MAN, 1192, 0)], on="2024-10-01")
    matchsvc("import", "participants", write(tmp_path / "p.csv", PARTICIPANT, people))
    site = ("Arbetsgivar-id", "Namn", "Typ", "Arbetsställe-id", "Arbetsställe")
    places = write(tmp_path / "e.csv", site, [("A1", "Kvarnköket", "privat", "S1", "Kvarnköket")])
    matchsvc("import", "employers", places)
    # 832 placed, 200 of them women born abroad; 609 hired, 49 of them women born abroad.
    placed = [*range(1, 201), *range(250, 250 + 632)]
    hired = [*range(201, 250), *range(882, 882 + 560)]
    heads = ("Placerings-id", "Deltagar-id", "Arbetsställe-id", "Form", "Start", "Planerat slut")
    heads += ("Överenskommelse",)
    rows = [
        (f"L{n}", f"P{n}", "S1", "arbetspraktik", "2025-03-03", "2025-08-29", "ICA") for n in placed
    ]
    rows += [(f"J{n}", f"P{n}", "S1", "anställning", "2025-09-01", "", "ICA") for n in hired]
    told = json.loads(
        matchsvc("import", "placements", write(tmp_path / "l.csv", heads, rows), "--json")
    )
    assert (told["created"], told["errors"]) == (832 + 609, [])

    found = report(matchsvc, "2025-01-01", "2025-12-31")
    share = found["shares"]["foreign_born_women"]
    assert (share["placements"]["n"], share["placements"]["of"]) == (200, 832)
    assert share["placements"]["percent"] == 24
    assert (share["hires"]["n"], share["hires"]["of"], share["hires"]["percent"]) == (49, 609, 8)
    again = json.loads(
        matchsvc("import", "placements", tmp_path / "l.csv", "--json"),
    )
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 1441)


def test_acc_3_transitions_in_one_decimal_and_the_change_in_percentage_points(matchsvc, tmp_path):
    earlier = enrolled([(WOMAN_ABROAD, 1000, 258)], on="2024-01-15", exited="2024-06-30")
    later = [
        (f"Q{n}", *line[1:])
        for n, line in enumerate(
            enrolled([(WOMAN_ABROAD, 1000, 261)], on="2025-01-15", exited="2025-06-30"), start=1
        )
    ]
    # Those who stay on after August 2024 would be enrolled in 2025 too: they leave in autumn.
    closed = [
        line if line[5] else (*line[:5], "2024-10-31", "eget val", "annat") for line in earlier
    ]
    matchsvc("import", "participants", write(tmp_path / "p.csv", PARTICIPANT, closed + later))
    found = report(
        matchsvc,
        "2025-01-01",
        "2025-08-31",
        *("--compare-from", "2024-01-01", "--compare-to", "2024-08-31"),
    )
    told = rate(found, "to_work_or_studies", "foreign_born_women")
    assert (told["n"], told["of"]) == (261, 1000)
    assert str(told["percent_one_decimal"]) == "26.1"
    assert str(told["before"]["percent_one_decimal"]) == "25.8"
    assert str(told["change_percentage_points"]) == "0.3", told
