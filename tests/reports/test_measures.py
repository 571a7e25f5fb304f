"""Every figure that a report shows has its definition, and every definition can be reached."""

from __future__ import annotations

import importlib.util
import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.demo.town import make_town
from matchsvc.reports.measures import REGISTRY, SECTIONS, TERMS, title_of
from matchsvc.swedish import local_date
from tests.factories import COMMAND

ROOT = Path(__file__).parents[2]
YEAR = "from=2026-01-01&to=2026-12-31"
#: Operation -> what is asked, so that it has something to tell.
ASKED = {
    "outcomes": f"{YEAR}&by=sex&compare_from=2025-01-01&compare_to=2025-12-31",
    "funnel": "from=2025-01-01&to=2026-12-31",
    "plan-times": YEAR,
    "packages": YEAR,
    "national": YEAR,
    "published": "period=cumulative",
    "gaps": YEAR,
    "surveys": "year=2026",
    "exposure": "",
    "employers": "year=2026",
    "indicators": "year=2026",
    "cube": f"{YEAR}&by=sex",
}
#: Put together from other reports: each row says itself which measure it is.
NAME_THEIR_MEASURES = {
    *("quarterly", "quarterly/<uuid:report_id>", "quarterly/subscription"),
}
#: Numbers that are no figures: what was asked, and limits.
NOT_FIGURES = {
    "year",
    "smallest_count",
    "limit_days",
    "offers",
    "offers_open",
    "weights_before",
    "orientation",
}
NOT_FIGURES |= {"months", "as_of"}
#: Whole parts of an answer that may be missing.
PARTS = {"yearly_question", "by_group"}
#: What tells the rows of a list apart.
KEYS = ("step", "measure", "orientation")
#: One table only, and nobody lost: the town has none of these.
SELDOM = {"exposure_seen_before", "employers_lost"}
PAGES = (
    "/reports?from=2026-01&to=2026-12",
    "/reports/funnel?from=2025-01&to=2026-12",
    "/reports/published",
    "/reports/cube?from=2026-01&to=2026-12&one=sex",
    "/reports/surveys?year=2026",
    "/reports/exposure",
    "/reports/employers?year=2026",
    "/reports/employers?year=2026&quarter=2",
    "/reports/indicators?year=2026",
    "/reports/indicators?year=2026&quarter=2",
)


@pytest.fixture
def manager(session, client_as):
    """A manager of the invented town, where every report has something to tell."""
    now = db.utcnow()
    make_town(
        session, COMMAND, participants=60, base_url="http://localhost", today=local_date(now),
        now=now,
    )  # fmt: skip
    manager = session.scalars(
        select(User).join(UserRole).where(UserRole.role == Role.UNIT_MANAGER)
    ).first()
    return client_as(manager)


def figures(data, path=""):
    """The paths of every number, hidden number and missing number of an answer."""
    if isinstance(data, list):
        for each in data:
            key = next((str(each[k]) for k in KEYS if isinstance(each, dict) and k in each), "")
            yield from figures(each, f"{path}.{key}" if key else path)
    elif isinstance(data, dict) and data != {"suppressed": True}:
        for name, value in data.items():
            if name not in NOT_FIGURES and (value is not None or name not in PARTS):
                yield from figures(value, f"{path}.{name}" if path else name)
    elif not isinstance(data, str | bool):
        yield path


def measures_of(operation, path):
    return [
        name
        for name, measure in REGISTRY.items()
        if any(fnmatchcase(f"{operation}:{path}", pattern) for pattern in measure.given_as)
    ]


@pytest.mark.sqlite_only
def test_every_figure_of_every_report_has_one_definition_and_pages_open_it(manager):
    used = set()
    for operation, asked in ASKED.items():
        answer = manager.get(f"/api/v1/reports/{operation}?{asked}")
        assert answer.status_code == 200, operation
        data = answer.get_json()
        assert data["definitions"] == "v1", operation
        for path in set(figures(data)):
            found = measures_of(operation, path)
            assert len(found) == 1, (operation, path, found)
            used |= set(found)
    told = {
        name
        for name, measure in REGISTRY.items()
        # What a unit learns is told by operations of its own, tried in tests/learning.
        if {pattern.partition(":")[0] for pattern in measure.given_as} & ASKED.keys()
    }
    assert told - used - SELDOM == set()

    anchors = set(re.findall(r' id="([\w-]+)"', manager.get("/reports/definitions").text))
    assert set(REGISTRY) <= anchors
    for address in PAGES:
        page = manager.get(address).text
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(ids) == len(set(ids)), (address, [i for i in ids if ids.count(i) > 1])
        opened = set(re.findall(r"/reports/definitions#([\w-]+)", page))
        assert opened, address
        assert opened <= anchors, address
        figures_named = re.findall(r"<dt>(.*?)</dt>", page, re.DOTALL)
        unexplained = [
            words for words in figures_named if not re.search(r'class="term"|<kbd>', words)
        ]
        assert set(unexplained) <= {"Med länk", "Med hjälp av någon"}, address


def test_no_operation_of_the_reports_is_left_out(app):
    operations = {
        rule.rule.removeprefix("/api/v1/reports/")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/reports/") and "GET" in rule.methods
    }

    assert operations - {"definitions"} - NAME_THEIR_MEASURES == set(ASKED)


def test_the_list_of_definitions_is_given_to_programs(client_as):
    data = client_as(Role.AUDITOR).get("/api/v1/reports/definitions").get_json()

    assert [each["name"] for each in data["measures"]] == list(REGISTRY)
    (placed,) = [each for each in data["measures"] if each["name"] == "placements"]
    assert placed["title"] == "Placeringar"
    assert placed["denominator"] is None
    assert data["version"] == "v1"


def test_definitions_are_read_by_those_who_read_reports(client_as):
    assert client_as(Role.CASE_WORKER).get("/reports/definitions").status_code == 200
    assert client_as(Role.SUPERVISOR).get("/reports/definitions").status_code == 403


def test_the_page_of_definitions_reads_in_english(client_as):
    page = client_as(Role.AUDITOR).get("/reports/definitions?lang=en").text

    assert "How the reports are counted" in page
    assert "People who were enrolled." in page
    for words in ("Personer som", "Inskriven i perioden", "Dagen då"):
        assert words not in page


def test_files_carry_the_definitions_of_their_measures(client_as, session):
    text = client_as(Role.AUDITOR).get("/reports/outcomes.csv?from=2025-01&to=2025-12").text

    for name in ("placements", "hires_events", "share_foreign_born_women", "rate_to_work"):
        assert f"\n{title_of(name)};{REGISTRY[name].definition};" in text.replace("\r", ""), name


def test_entries_are_whole():
    named = [*REGISTRY, *(term.name for term in TERMS)]
    assert len(named) == len(set(named))
    for measure in REGISTRY.values():
        assert re.fullmatch(r"[a-z][a-z0-9_]+", measure.name)
        texts = [measure.title, measure.definition, measure.numerator, measure.population,
                 measure.time_rule, measure.source]  # fmt: skip
        assert all(texts), measure.name
        # Texts are shown by templates that would read a percent sign as a place for a value.
        assert "%" not in "".join([*texts, measure.denominator or ""]), measure.name
    assert sum(len(section.measures) for section in SECTIONS) == len(REGISTRY)


def test_the_document_of_measures_is_up_to_date():
    """If not: scripts/write_measures.py."""
    spec = importlib.util.spec_from_file_location(
        "write_measures", ROOT / "scripts" / "write_measures.py"
    )
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)

    assert (ROOT / "docs" / "measures.md").read_text(encoding="utf-8") == script.page()
