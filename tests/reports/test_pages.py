"""The report as a page, as files and as an API: one rule behind all of them."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import date

import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.config import Config
from matchsvc.reports.commands import report as report_command
from matchsvc.reports.counts import Period
from matchsvc.reports.exports import safe_cell, to_csv, to_xlsx
from matchsvc.reports.outcomes import outcome_report
from matchsvc.reports.shapes import Sheet, report_sheets
from tests.factories import COMMAND
from tests.reports.factories import YEAR

ADDRESS = "/reports?from=2025-01&to=2025-12"


@pytest.fixture
def acc_2(facts, session):
    """832 placed and 609 hired persons: 200 and 49 are foreign-born women."""
    foreign = facts.people(200, "woman", "outside_europe")
    others = [*facts.people(392, "woman", "sweden"), *facts.people(240, "man", "outside_europe")]
    facts.placed(foreign + others)
    facts.hired(foreign[:49] + others[:560])
    session.flush()


def test_the_finding_is_the_title_when_something_stands_out(client_as, acc_2):
    page = client_as(Role.UNIT_MANAGER).get(ADDRESS).text

    assert "Utrikes födda kvinnor får 24 % av placeringarna men 8 % av anställningarna" in page
    assert "200 av 832" in page
    assert "49 av 609" in page
    assert "49 av 609 = 8,05 → 8 %" in page
    assert "Lägg inte ihop talen" in page


def test_the_title_is_neutral_when_nothing_stands_out(client_as, facts):
    people = facts.people(20, "woman", "europe") + facts.people(60, "man", "sweden")
    facts.placed(people)
    facts.hired(people)

    page = client_as(Role.UNIT_MANAGER).get(ADDRESS).text

    assert "Utrikes födda kvinnor: 25 % av placeringarna och 25 % av anställningarna" in page


def test_an_empty_period_says_so(client_as):
    page = client_as(Role.UNIT_MANAGER).get(ADDRESS).text

    assert "Inga placeringar eller anställningar under perioden" in page
    assert "Välj en annan period." in page


def test_a_share_of_few_is_not_given_away(client_as, facts):
    facts.placed(facts.people(3, "woman", "europe") + facts.people(60, "man", "sweden"))

    page = client_as(Role.UNIT_MANAGER).get(ADDRESS).text

    assert "3 av 63" not in page
    assert "Dolt" in page
    assert "kan inte jämföras: för få personer" in page


def test_foreign_born_and_born_outside_europe_never_share_a_title(client_as, acc_2):
    page = client_as(Role.UNIT_MANAGER).get(ADDRESS).text

    titles = re.findall(r"<h[1-6][^>]*>(.*?)</h", page)
    assert len(titles) > 3
    assert not [title for title in titles if "trikes" in title and "utanför Europa" in title]


@pytest.mark.parametrize("role", [Role.UNIT_MANAGER, Role.AUDITOR])
def test_those_who_lead_and_check_read_internal_reports(client_as, role):
    page = client_as(role).get(ADDRESS)

    assert page.status_code == 200
    assert "Internt underlag, inte för publicering" in page.text


@pytest.mark.parametrize("address", [ADDRESS, "/reports/funnel"])
@pytest.mark.parametrize(
    "role", [Role.CASE_WORKER, Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR]
)
def test_those_who_plan_read_what_is_published(client_as, role, address):
    client = client_as(role)
    answer = client.get(address)

    assert (answer.status_code, answer.location) == (303, "/reports/published")
    assert client.get(answer.location).status_code == 200
    assert client.get("/api/v1/reports/outcomes?from=2025-01-01&to=2025-12-31").status_code == 403
    assert client.get("/reports/outcomes.csv").status_code == 403


@pytest.mark.parametrize(
    "asked",
    [
        "from=2025-01&to=2025-12&by=employer",
        "from=2025-02&to=2025-04",
        "from=2025-01&to=2025-02&by=sex",
    ],
)
def test_internal_figures_leave_in_no_file(client_as, asked):
    answer = client_as(Role.UNIT_MANAGER).get(f"/reports/outcomes.csv?{asked}")

    assert answer.status_code == 409
    assert "internt underlag" in answer.text


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.PRACTICAL_SUPERVISOR, Role.ADMIN])
def test_others_do_not(client_as, role):
    client = client_as(role)

    assert client.get(ADDRESS).status_code == 403
    assert client.get("/reports/outcomes.csv").status_code == 403
    assert client.get("/api/v1/reports/outcomes?from=2025-01-01&to=2025-12-31").status_code == 403


def test_a_period_that_cannot_be_shown_says_why_and_shows_the_usual_one(client_as):
    client = client_as(Role.UNIT_MANAGER)

    backwards = client.get("/reports?from=2025-06&to=2025-01")
    short = client.get("/reports?from=2025-06&to=2025-07&by=sex,birth_region")
    nonsense = client.get("/reports?from=2025-13")

    assert (backwards.status_code, short.status_code, nonsense.status_code) == (422, 409, 422)
    assert "Perioden slutar innan den börjar" in backwards.text
    assert "minst tre månader" in short.text
    assert "Månaden finns inte" in nonsense.text


@pytest.mark.parametrize("by", ["sex", "employer", "agreement", "unit", "agreement,sex"])
def test_every_grouping_of_the_page_works(client_as, acc_2, by):
    answer = client_as(Role.UNIT_MANAGER).get(f"{ADDRESS}&by={by}")

    assert answer.status_code == 200


def test_the_page_reads_in_english(client_as, acc_2):
    page = client_as(Role.UNIT_MANAGER).get(f"{ADDRESS}&lang=en").text

    assert "24 % of placements but 8 % of hires" in page
    assert "Do not add the figures" in page
    for swedish in ("Inskrivna", "Anställningar", "Födda", "Kvartal"):
        assert swedish not in page


def test_the_page_makes_the_same_number_of_queries_for_many(client_as, facts, session, queries):
    client = client_as(Role.UNIT_MANAGER)
    facts.placed(facts.people(5))
    client.get(ADDRESS)
    with queries() as few:
        client.get(ADDRESS)
    for region in ("sweden", "europe", "unknown"):
        for sex in ("woman", "man", "unknown"):
            facts.hired(facts.enrolled(facts.people(30, sex, region)))
    client.get(ADDRESS)  # whoever writes events keeps the ways; here the first reader's log does
    with queries() as many:
        client.get(ADDRESS)

    assert many.total == few.total


def test_an_export_is_a_file_and_is_logged(client_as, acc_2, session):
    client = client_as(Role.UNIT_MANAGER)

    answer = client.get("/reports/outcomes.csv?from=2025-01&to=2025-12")

    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="resultat-2025-01-2025-12.csv"'
    )
    text = answer.data.decode("utf-8-sig")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "Utrikes födda kvinnors andel av alla;200;832;24;24,0" in text
    assert "export" in set(session.scalars(select(AuditEvent.action)))


def test_the_workbook_has_counts_shares_and_definitions_and_no_formula(client_as, acc_2):
    answer = client_as(Role.UNIT_MANAGER).get("/reports/outcomes.xlsx?from=2025-01&to=2025-12")

    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    assert book.sheet_names == ["Antal", "Andelar", "Definitioner"]
    shares = book.get_sheet_by_name("Andelar").to_python()
    assert shares[1][:5] == [
        "Placeringar",
        "Utrikes födda kvinnors andel av alla",
        200.0,
        832.0,
        24.0,
    ]
    assert no_formulas(answer.data)


EVIL = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1"]


def no_formulas(workbook):
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        return not any(
            b"<f>" in parts.read(name) or b"<f " in parts.read(name)
            for name in parts.namelist()
            if name.startswith("xl/worksheets/")
        )


@pytest.mark.parametrize("text", EVIL)
def test_no_cell_of_csv_begins_like_a_formula(text):
    (line,) = to_csv([Sheet("x", [text], [])]).decode("utf-8-sig").splitlines()[:1] or [""]

    assert line.lstrip('"').startswith("'")
    assert safe_cell("Kvarnköket") == "Kvarnköket"
    assert safe_cell(-2.5) == "-2,5"


def test_no_cell_of_a_workbook_is_a_formula():
    assert no_formulas(to_xlsx([Sheet("x", ["a"], [[text] for text in EVIL])]))


def test_an_employer_called_like_a_formula_stays_text(session, facts, make):
    evil = make.employer(name="=1+1")
    facts.placed(facts.people(20), employer_id=evil.id)
    report = outcome_report(session, COMMAND, Period(*YEAR), by=("employer",))
    sheets = report_sheets(report, str)

    assert "'=1+1;20" in to_csv(sheets).decode()
    assert (
        CalamineWorkbook.from_filelike(io.BytesIO(to_xlsx(sheets)))
        .get_sheet_by_index(0)
        .to_python()[1][0]
        == "=1+1"
    )


def test_the_api_gives_the_contracts_shape(client_as, acc_2):
    answer = client_as(Role.AUDITOR).get(
        "/api/v1/reports/outcomes?from=2025-01-01&to=2025-12-31&by=sex,birth_region"
    )

    data = answer.get_json()
    assert answer.status_code == 200
    assert (data["from"], data["to"], data["definitions"]) == ("2025-01-01", "2025-12-31", "v1")
    assert data["rows"][0]["group"] == {"sex": "woman", "birth_region": "outside_europe"}
    assert data["rows"][0]["placements"] == {"persons": 200, "events": 200}
    share = data["shares"]["foreign_born_women"]["hires"]
    assert (share["n"], share["of"], share["percent"]) == (49, 609, 8)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2025-01-01", 422),
        ("from=2025-01-01&to=x", 422),
        ("from=2025-12-31&to=2025-01-01", 422),
        ("from=2025-01-01&to=2025-12-31&by=age", 422),
        ("from=2025-01-01&to=2025-12-31&compare_from=2024-01-01", 422),
        ("from=2025-01-01&to=2025-01-31&by=birth_region", 409),
    ],
)
def test_the_api_says_what_is_wrong(client_as, query, status):
    answer = client_as(Role.AUDITOR).get(f"/api/v1/reports/outcomes?{query}")

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


def invoke(*arguments):
    fixed = ["outcomes", "--from", "2025-01-01", "--to", "2025-12-31"]
    return CliRunner().invoke(report_command, [*fixed, *arguments], obj=Config())


def test_the_command_prints_the_same_figures_as_json(acc_2, report):
    result = invoke("--by", "sex,birth_region", "--format", "json")

    assert json.loads(result.stdout) == report(by=("sex", "birth_region"))


def test_the_command_prints_a_table_in_swedish_words(acc_2):
    result = invoke("--by", "sex")

    assert result.exit_code == 0
    assert "Kvinnor" in result.stdout
    assert "Utrikes födda kvinnors andel av alla" in result.stdout
    assert "Kommunala arbetsmarknadsanställningar räknas inte." in result.stdout


def test_the_command_compares_with_an_earlier_period(acc_2):
    result = invoke("--compare-from", "2024-01-01", "--compare-to", "2024-12-31", "--json")

    share = json.loads(result.stdout)["shares"]["foreign_born_women"]["hires"]
    assert share["before"]["of"] == 0
    assert share["change_percentage_points"] is None


def test_the_command_writes_files(acc_2, tmp_path, session):
    assert invoke("--format", "xlsx", "--output", str(tmp_path / "a.xlsx")).exit_code == 0
    assert invoke("--format", "csv", "--output", str(tmp_path / "a.csv")).exit_code == 0

    assert no_formulas((tmp_path / "a.xlsx").read_bytes())
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "export" in set(session.scalars(select(AuditEvent.action)))


@pytest.mark.parametrize(
    "arguments", [["--format", "xlsx"], ["--compare-from", "2024-01-01"], ["--format", "pdf"]]
)
def test_wrong_usage_is_exit_2(session, arguments):
    assert invoke(*arguments).exit_code == 2


def test_the_quarters_are_lines_and_a_table(client_as, facts):
    for month in (2, 5, 8, 11):
        facts.placed(
            facts.people(10, "woman", "europe") + facts.people(30, "man", "sweden"),
            date(2025, month, 3),
        )

    page = client_as(Role.UNIT_MANAGER).get(ADDRESS).text

    assert page.count("25 % (10 av 40)") == 4
    assert "K1 2025" in page
    assert 'class="lines__placements"' in page
