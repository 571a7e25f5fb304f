"""What is published: once, in whole blocks, from a fixed list, and the same everywhere."""

from __future__ import annotations

import hashlib
import io
import json
import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from matchsvc.accounts import audit
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Refused
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.reports.commands import report as report_command
from matchsvc.reports.measures import REGISTRY
from matchsvc.reports.published import publications_of, published_of
from matchsvc.reports.published_blocks import in_order, is_safe, partition, year_blocks
from matchsvc.reports.published_figures import read_figures
from matchsvc.reports.published_models import Part, PublishedReport
from matchsvc.reports.published_tables import KINDS, POPULATIONS, TABLES, worth
from matchsvc.reports.publishing import cut_off, publish_due
from matchsvc.reports.suppression import LEAST
from matchsvc.reports.trend import quarters_until
from tests.reports.factories import Facts
from tests.reports.towns import Town, at

DOCUMENT = Path(__file__).parents[2] / "docs" / "published-tables.md"
OUTSIDE, EUROPE, SWEDISH = ("woman", "outside_europe"), ("woman", "europe"), ("man", "sweden")


@pytest.fixture
def unit(make):
    return make.unit()


def place(facts, count, kind, on, *, recorded=None, people=None):
    people = people or facts.people(count, *kind)
    facts.placed(people, on, created_at=at(recorded or on))
    return people


def publish(session, day):
    made = publish_due(session, today=day, now=at(day))
    session.flush()
    return made


def shown(session, unit, period, table="groups"):
    """``{row: {column: figure}}`` of a published table."""
    found = published_of(publications_of(session, unit.id), period)
    (table,) = [each for each in found.tables if each.listed.name == table]
    return {
        ", ".join(line.about.values()): dict(zip(table.columns, line.cells, strict=True))
        for line in table.lines
    }


# Blocks


def test_a_block_is_large_enough_and_no_kind_in_it_is_nearly_known():
    assert is_safe(0, 0, LEAST)
    assert is_safe(5, 1, LEAST)
    assert is_safe(5, 2, LEAST)
    assert not is_safe(4, 1, LEAST)
    assert not is_safe(7, 5, LEAST)  # each is one to three


def test_the_partition_keeps_foreign_born_women_apart_before_others():
    counts = {OUTSIDE: 9, ("woman", "sweden"): 2, SWEDISH: 30}
    blocks = {block.items: block.persons for block in partition(counts, LEAST, worth)}

    assert blocks == {frozenset({OUTSIDE}): 9, frozenset({("woman", "sweden"), SWEDISH}): 32}


def test_too_few_in_all_have_no_partition():
    assert partition({OUTSIDE: 2, SWEDISH: 2}, LEAST, worth) is None


def test_values_in_order_are_put_together_with_their_neighbours():
    counts = {"a": 6, "b": 2, "c": 9, "d": 5}
    blocks = [(sorted(block.items), block.persons) for block in in_order(counts, "abcd", LEAST)]

    assert blocks == [(["a", "b"], 8), (["c"], 9), (["d"], 5)]


def test_a_year_does_not_show_a_quarter_that_was_hidden():
    """Three quarters show six women from Europe; the fourth hides two. The year hides them too."""
    quarters = [{EUROPE: 6, OUTSIDE: 9, SWEDISH: 20}] * 3 + [{EUROPE: 2, OUTSIDE: 9, SWEDISH: 20}]
    apart = [frozenset({EUROPE}), frozenset({OUTSIDE}), frozenset({SWEDISH})]
    last = [frozenset({EUROPE, OUTSIDE}), frozenset({SWEDISH})]
    blocks = year_blocks(quarters, [apart] * 3 + [last], POPULATIONS.values(), LEAST, worth)

    assert frozenset({EUROPE}) not in {block.items for block in blocks}
    assert frozenset({EUROPE, OUTSIDE}) in {block.items for block in blocks}


# Whom a quarter counts


def test_somebody_who_comes_back_is_counted_once_a_year(session, unit):
    facts = Facts(session, unit.id)
    people = place(facts, 20, OUTSIDE, date(2024, 2, 1))
    place(facts, 0, None, date(2024, 5, 1), people=people)
    place(facts, 8, OUTSIDE, date(2024, 5, 2))
    place(facts, 0, None, date(2025, 2, 1), people=people)
    publish(session, date(2025, 8, 15))

    told = {p: shown(session, unit, p)["all"]["placements"]
            for p in ("2024-q1", "2024-q2", "2024", "2025-q1", "cumulative")}  # fmt: skip
    assert told == {"2024-q1": 20, "2024-q2": 8, "2024": 28, "2025-q1": 20, "cumulative": 48}


def test_what_is_registered_late_is_counted_with_the_next_quarter(session, unit):
    facts = Facts(session, unit.id)
    place(facts, 20, OUTSIDE, date(2024, 2, 1))
    publish(session, date(2024, 5, 1))
    place(facts, 2, OUTSIDE, date(2024, 3, 1), recorded=date(2024, 5, 20))
    place(facts, 10, OUTSIDE, date(2024, 5, 2))
    publish(session, date(2024, 8, 1))

    assert shown(session, unit, "2024-q1")["all"]["placements"] == 20
    assert shown(session, unit, "2024-q2")["all"]["placements"] == 12


def test_a_quarter_of_too_few_is_counted_with_the_next(session, unit):
    facts = Facts(session, unit.id)
    place(facts, 3, OUTSIDE, date(2024, 2, 1))
    publish(session, date(2024, 5, 1))
    place(facts, 10, OUTSIDE, date(2024, 5, 2))
    publish(session, date(2024, 8, 1))

    assert shown(session, unit, "2024-q1")["all"]["placements"] is None
    assert shown(session, unit, "2024-q2")["all"]["placements"] == 13


def test_what_is_taken_back_later_changes_nothing_that_was_published(session, unit):
    facts = Facts(session, unit.id)
    place(facts, 20, OUTSIDE, date(2024, 2, 1))
    place(facts, 20, SWEDISH, date(2024, 11, 1))
    for day in (date(2024, 5, 1), date(2024, 8, 1), date(2024, 11, 1)):
        publish(session, day)
    before = shown(session, unit, "2024-q1")
    for event in session.scalars(select(OutcomeEvent).limit(3)):
        facts.add([(event.person_key, event.case_key, event.sex, event.birth_region)],
                  OutcomeKind.PLACEMENT_STARTED, event.occurred_on, corrects_id=event.id,
                  is_void=True, created_at=at(date(2024, 12, 1)))  # fmt: skip
    publish(session, date(2025, 2, 1))

    assert shown(session, unit, "2024-q1") == before
    assert shown(session, unit, "2024")["all"]["placements"] == 40


def test_a_quarter_waits_for_its_cut_off_day_and_is_published_once(session, unit):
    place(Facts(session, unit.id), 20, OUTSIDE, date(2024, 2, 1))

    assert cut_off(2024, Part.FIRST) == date(2024, 4, 30)
    assert cut_off(2024, Part.COHORT) == date(2026, 1, 30)
    assert publish(session, date(2024, 4, 30)) == 0
    assert publish(session, date(2024, 5, 1)) == 1
    assert publish(session, date(2024, 5, 2)) == 0


def test_where_the_years_enrolled_came_is_told_a_year_after(session, unit):
    facts = Facts(session, unit.id)
    people = facts.people(30)
    facts.enrolled(people, date(2024, 2, 1), created_at=at(date(2024, 2, 1)))
    for kind, count, on in (
        (OutcomeKind.MAPPED, 24, date(2024, 4, 1)),
        (OutcomeKind.EMPLOYMENT_STARTED, 12, date(2025, 11, 1)),
        (OutcomeKind.EMPLOYMENT_STARTED, 18, date(2026, 3, 1)),
    ):
        facts.add(people[:count], kind, on, created_at=at(on))
    publish(session, date(2026, 1, 31))

    steps = shown(session, unit, "2024", "funnel")
    assert [steps[step]["all"] for step in ("enrolled", "mapped", "hired")] == [30, 24, 12]
    everybody = shown(session, unit, "2024", "results")["all"]
    assert (everybody["started"], everybody["to_work"], everybody["to_work_percent"]) == (
        30,
        12,
        40,
    )


# What pictures and the quarterly report take from it


def test_a_share_of_fewer_than_ten_is_told_nowhere(session, unit, make):
    facts = Facts(session, unit.id)
    place(facts, 7, OUTSIDE, date(2024, 2, 1))
    place(facts, 6, OUTSIDE, date(2024, 5, 1))
    place(facts, 9, SWEDISH, date(2024, 5, 1))
    publish(session, date(2024, 9, 1))
    figures = read_figures(session, make.actor(Role.UNIT_MANAGER, unit=unit))

    told = [
        figures.share(each, "placements", "foreign_born_women")
        for each in quarters_until(date(2024, 9, 1), 3)
    ]
    assert [(share.n, share.of) for share in told] == [(None, 7), (6, 15), (None, None)]


def test_figures_are_those_of_the_published_tables(session, unit, town, make):
    figures = read_figures(session, make.actor(Role.UNIT_MANAGER, unit=unit))
    year, groups = figures.groups(date(2030, 1, 1))
    table = shown(session, unit, str(year.start_date.year), "results")
    assert groups
    for sex, region, share in groups:
        row = table[f"{sex}, {region}"]
        assert share.of == row["started"]
        assert share.n == (None if row["to_work_percent"] is None else row["to_work"])
    steps = shown(session, unit, str(year.start_date.year), "funnel")
    for name, ours, _others in figures.funnel(date(2030, 1, 1)).steps:
        assert ours.n in {None, steps[name]["foreign_born_women"]}


def test_reading_the_figures_is_for_readers_and_is_logged(session, unit, make):
    reader = make.actor(Role.UNIT_MANAGER, unit=unit)
    read_figures(session, reader)
    assert [row["fields"] for row in audit.take_pending(session)] == [["figures"]]
    with pytest.raises(Refused):
        read_figures(session, make.actor(Role.SUPERVISOR, unit=unit))


def persons_in(content):
    """Every number of persons: what each block ends with."""
    if isinstance(content, dict):
        for name, value in content.items():
            if name not in {"fewest", "denominator"}:
                yield from persons_in(value)
    elif isinstance(content, list):
        for block in content:
            assert isinstance(block[-1], int)
            yield block[-1]


def test_what_is_kept_holds_no_group_of_one_to_four(session, unit):
    Town(session, unit.id, 3, quarters=6, most=25).publish()
    for row in session.scalars(select(PublishedReport)):
        numbers = list(persons_in(json.loads(row.content)))
        assert [n for n in numbers if 0 < n < 5] == []
        assert row.checksum == hashlib.sha256(row.content.encode()).hexdigest()


# The same on every surface


@pytest.fixture
def town(session, unit):
    town = Town(session, unit.id, 5, quarters=5, most=30)
    town.publish()
    return town


@pytest.fixture
def plain(session, unit):
    """Two large groups in two quarters of 2022, with where those who were enrolled came."""
    facts = Facts(session, unit.id)
    for on in (date(2022, 2, 1), date(2022, 5, 1)):
        for kind in (OUTSIDE, SWEDISH):
            facts.hired(facts.enrolled(place(facts, 20, kind, on), on)[:12], on)
    publish(session, date(2024, 2, 1))


def numbers_of(table):
    return sorted(
        str(cell) for line in table.lines for cell in line.cells if cell not in (None, "")
    )


def test_page_files_and_api_show_the_same_figures(client_as, town):
    client = client_as(Role.CASE_WORKER)
    for period in ("2022", "2023-q2", "cumulative"):
        found = published_of(publications_of(town.session, town.unit_id), period)
        data = client.get(f"/api/v1/reports/published?period={period}").get_json()
        book = CalamineWorkbook.from_filelike(
            io.BytesIO(client.get(f"/reports/published.xlsx?period={period}").data)
        )
        csv = client.get(f"/reports/published.csv?period={period}").text
        for number, table in enumerate(found.tables):
            name, wanted = table.listed.name, numbers_of(table)
            told = [
                cell
                for row in data["tables"][name]
                for key, cell in row.items()
                if key in table.columns and cell is not None and cell != {"suppressed": True}
            ]
            if name == "shares":  # its rows have a column of the same name as what they are about
                told = [row[key] for row in data["tables"][name] for key in table.columns
                        if row[key] not in (None, {"suppressed": True})]  # fmt: skip
            assert sorted(map(str, told)) == wanted, (period, name)
            rows = book.get_sheet_by_index(number).to_python()[1:]
            cells = [cell for row in rows for cell in row[1:] if cell not in ("Dolt", "")]
            assert sorted(map(float, cells)) == sorted(map(float, wanted)), (period, name)
            page = client.get(f"/reports/published?period={period}&table={name}").text
            body = re.search(rf'id="table-{name}".*?</table>', page, re.DOTALL).group()
            drawn = re.findall(r'<td class="numeric">([^<]*)</td>', body)
            assert len(drawn) == len(wanted), (period, name)
            assert csv.count(";Dolt") >= sum(
                cell is None for line in table.lines for cell in line.cells
            )


def test_later_publications_leave_earlier_pages_as_they_were(session, unit, client_as):
    town = Town(session, unit.id, 7, quarters=6, most=25)
    client, kept = client_as(Role.AUDITOR), {}
    for pages in town.pass_time():
        session.flush()
        for page in pages:
            if page.period.kind != "cumulative" and page.publications[-1].part is not Part.COHORT:
                tables = [t for t in page.tables if t.listed.name in {"shares", "groups"}]
                assert kept.setdefault(page.period.name, tables) == tables
    assert client.get("/reports/published").status_code == 200


def test_an_empty_unit_says_so_and_an_unknown_period_is_not_found(client_as):
    client = client_as(Role.UNIT_MANAGER)

    assert "Inget är publicerat än" in client.get("/reports/published").text
    assert client.get("/reports/published?period=1999").status_code == 404
    assert client.get("/api/v1/reports/published").get_json()["period"] is None


def test_reading_and_taking_away_is_logged(client_as, plain, session):
    client = client_as(Role.UNIT_MANAGER)
    client.get("/reports/published?period=2022")
    client.get("/reports/published.csv?period=2022")
    logged = [
        (event.action, event.fields)
        for event in session.scalars(select(AuditEvent))
        if event.object_type == "report_published"
    ]
    assert ("read", ["2022"]) in logged
    assert ("export", ["2022"]) in logged


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.PRACTICAL_SUPERVISOR, Role.ADMIN])
def test_others_do_not_read_it(client_as, role):
    client = client_as(role)
    for address in ("/reports/published", "/reports/published.csv", "/api/v1/reports/published"):
        assert client.get(address).status_code == 403


def test_the_page_reads_in_english(client_as, plain):
    page = client_as(Role.AUDITOR).get("/reports/published?period=2022&lang=en").text
    for swedish in ("Utrikes", "Inskrivna", "Dolt", "Kvartal", "Vägen"):
        assert swedish not in page


def test_the_page_makes_the_same_number_of_queries_for_many_periods(client_as, plain, queries):
    client = client_as(Role.UNIT_MANAGER)
    client.get("/reports/published?period=2022-q1")
    with queries() as one:
        client.get("/reports/published?period=2022-q1")
    with queries() as all_of_them:
        client.get("/reports/published?period=cumulative")
    assert all_of_them.total == one.total


def test_the_command_publishes_what_is_due(session, unit):
    place(Facts(session, unit.id), 20, OUTSIDE, date(2024, 2, 1))
    session.flush()
    answer = CliRunner().invoke(report_command, ["publish"])

    assert answer.exit_code == 0, answer.output
    assert re.fullmatch(r"\d+ published\n", answer.output)
    assert shown(session, unit, "2024")["all"]["placements"] == 20


# The list


def test_the_list_is_made_of_measures_of_the_registry_and_stands_in_the_document():
    text = DOCUMENT.read_text(encoding="utf-8")
    rows = [
        re.split(r"\s*\|\s*", line)[1:-1] for line in text.splitlines() if line.startswith("| `")
    ]
    listed = [
        (row[0].strip("`"), row[1], tuple(re.findall(r"`(\w+)`", row[2])),
         tuple(row[3].split(" x ")), tuple(row[4].split(", ")))
        for row in rows
    ]  # fmt: skip
    assert listed == [(t.name, t.title, t.measures, t.by, t.periods) for t in TABLES.values()]
    for table in TABLES.values():
        assert set(table.measures) <= set(REGISTRY)
        assert len(set(table.by) - {"sex", "birth_region"}) <= 1


def test_every_kind_is_in_everybody():
    assert POPULATIONS["all"] == frozenset(KINDS)
