"""docs/published-figures.md says what the reports say, and both say what was published."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from matchsvc.accounts.models import Role
from matchsvc.reports.counts import Period
from matchsvc.web.words import decimal_words, number_words

DOCUMENT = Path(__file__).parents[2] / "docs" / "published-figures.md"


def table_of(heading):
    """The rows below a heading: what it is about, as published, and ours."""
    text = DOCUMENT.read_text(encoding="utf-8")
    (section,) = [part for part in text.split("\n## ") if part.startswith(heading)]
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in section.splitlines()
        if line.startswith("|")
    ]
    return rows[2:]


def as_printed(told):
    return re.sub(r"\s", " ", told)


def count(n):
    return as_printed(number_words(n))


def whole(share):
    return f"{share['percent']} %"


def rate(made, measure, population):
    (found,) = [
        each
        for each in made["rates"]
        if each["measure"] == measure and each.get("population") == population
    ]
    return found


def test_acc_1_as_printed(facts, report):
    facts.started_and_to_work(5737, 858, "woman", "outside_europe")
    facts.started_and_to_work(3416, 410, "woman", "sweden")
    facts.started_and_to_work(9645, 1531, "man", "unknown")
    made = report(date(2024, 1, 1), date(2025, 12, 31), by=("sex",))
    women, men = made["rows"]
    outside = rate(made, "to_work", "women_outside_europe")
    ours = [
        count(women["started"]),
        count(men["started"]),
        count(made["totals"]["started"]),
        count(women["to_work"]),
        count(made["totals"]["to_work"]),
        count(outside["of"]),
        count(outside["n"]),
        whole(rate(made, "to_work", "women")),
        whole(rate(made, "to_work", "men")),
        whole(rate(made, "to_work", "all")),
        whole(outside),
        whole(made["shares"]["outside_europe_among_women"]["started"]),
    ]

    rows = table_of("ACC-1")

    assert [row[2] for row in rows] == ours
    assert [row[1] for row in rows] == ours


@pytest.fixture
def acc_2(facts, session):
    women = facts.people(200, "woman", "europe")
    others = [*facts.people(392, "woman", "sweden"), *facts.people(240, "man", "outside_europe")]
    facts.placed(women + others)
    facts.hired(women[:49] + others[:560])
    session.flush()


def test_acc_2_as_printed(acc_2, report):
    made = report()
    shares = made["shares"]["foreign_born_women"]
    ours = [
        count(made["totals"]["placements"]["persons"]),
        count(made["totals"]["hires"]["persons"]),
        whole(shares["placements"]),
        whole(shares["hires"]),
    ]

    rows = table_of("ACC-2")

    assert [row[2] for row in rows] == ours
    assert [row[1] for row in rows] == ours


def test_acc_2_placements_and_hires_are_added_on_no_page_in_no_file_and_in_no_answer(
    acc_2, client_as
):
    client = client_as(Role.UNIT_MANAGER)
    period, days = "from=2025-01&to=2025-12", "from=2025-01-01&to=2025-12-31"
    for address in (
        f"/reports?{period}",
        f"/reports/outcomes.csv?{period}",
        f"/api/v1/reports/outcomes?{days}",
        "/reports/indicators?year=2025",
        "/reports/employers?year=2025",
        "/api/v1/reports/indicators?year=2025",
    ):
        told = as_printed(client.get(address).text)
        assert not re.search(r"(?<![\w.-])1 ?441(?![\w.-])", told), address
    assert "832" in as_printed(client.get(f"/reports?{period}").text)


def test_acc_3_as_printed(facts, report):
    for year, to_work in ((2024, 258), (2025, 261)):
        people = facts.enrolled(facts.people(1000, "woman", "europe"), date(year, 1, 10))
        facts.hired(people[:to_work], date(year, 4, 1))
        facts.exited(people, "other", date(year, 12, 1))
    made = report(
        date(2025, 1, 1),
        date(2025, 8, 31),
        compare_with=Period(date(2024, 1, 1), date(2024, 8, 31)),
    )
    found = rate(made, "to_work_or_studies", "foreign_born_women")
    ours = [
        f"{decimal_words(found['before']['percent_one_decimal'], 1)} %",
        f"{decimal_words(found['percent_one_decimal'], 1)} %",
        f"+{decimal_words(found['change_percentage_points'], 1)} procentenheter",
    ]

    rows = table_of("ACC-3")

    assert [row[2] for row in rows] == ours
    assert [row[1] for row in rows] == ours


def test_a_share_of_nobody_is_a_dash_on_the_page_and_empty_in_files(client_as):
    client = client_as(Role.UNIT_MANAGER)
    page = client.get("/reports?from=2025-01&to=2025-12").text
    table = page.split('id="shares-all-table"', 1)[1].split("</table>", 1)[0]
    assert re.findall(r'<td class="numeric">(.*?)</td>', table) == ["–"] * 9
    file = client.get("/reports/outcomes.csv?from=2025-01&to=2025-12").text
    (line,) = [
        each for each in file.splitlines()
        if each.startswith("Placeringar;Utrikes födda kvinnors andel av alla;")
    ]  # fmt: skip
    assert line == "Placeringar;Utrikes födda kvinnors andel av alla;0;0;;;;;"
