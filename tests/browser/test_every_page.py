"""Every page, in a real browser: accessible, not too wide, not too heavy, quiet."""

from __future__ import annotations

import gzip
import re
from urllib.parse import urlencode

import lxml.html
import pytest
from axe_playwright_python.sync_playwright import Axe
from werkzeug.exceptions import HTTPException

from matchsvc.app import create_app
from matchsvc.config import Config
from matchsvc.matching.weights_table import PUBLISHED
from tests.soak import SOAK

pytestmark = pytest.mark.browser

#: Where each role's walk begins; it follows every link it meets to a page nobody has seen yet.
DOORS = {
    "case_worker": [
        *("/participants/D-2041/plan", "/my-week", "/participants/D-2041"),
        "/participants/D-2041/competences/new",
    ],
    "employer_liaison": ["/my-week"],
    "supervisor": ["/my-week"],
    "practical_supervisor": ["/morning"],
    "unit_manager": [
        *("/my-week", "/reports", "/participants", "/matching/weights/v1"),
        f"/matching/weights/what-if?{urlencode({**PUBLISHED.numbers, 'claimed': 5})}",
    ],
    "auditor": ["/reports", "/audit/samples"],
    "admin": ["/settings"],
}
#: What is no page of its own, or is looked at where it belongs.
NO_PAGES = {
    "retention.show_plan": "tests/browser/test_retention.py, after a list was made",
    "accounts.home": "leads on",
    "learning.years.export_audit_sheet": "a file",
    "log_checks.export_report": "a file",
    "diary.download": "a file",
    "employers.places.find_contact": "leads on",
    "follow_ups.show_versions": "tests/browser/test_the_follow_up.py, where two wrote the same one",
    "health.healthz": "for machines",
    "health.readyz": "for machines",
    "health.metrics": "for machines",
    "imports.download_errors": "a file",
    "imports.download_template": "a file",
    "reports.export_list": "a file",
    "rights.download_copy": "a file",
    "rights.download_copy_paper": "a file",
    "rights.records.download_paper": "a file",
    "retention.download_paper": "a file",
    "retention.download_proof": "a file",
    "placements.rules.show_withdraw": "below: not every placement has a decision",
    "visits.show_visit": "below: not every meeting is a visit",
    "employers.merge.show_pair": "tests/employers/test_merging.py: the town has nobody twice",
    "participants.merge.show_pair": "tests/participants/test_merging.py: the town has nobody twice",
    "accounts.confirm.show_confirm": "below: only before what asks again",
    "accounts.passkeys.show_new": "tests/accounts/test_passkeys.py, where codes are on",
    **{
        f"accounts.sso.show_{page}": "tests/accounts/test_single_sign_on.py, with a provider"
        for page in ("start", "back", "refused", "logged_out")
    },
    "well_known.robots": "for machines",
    "well_known.security": "for machines",
    "accounts.sso.show_confirm_start": "leads to the municipality's log-in",
    "accounts.my_login.show_phone": "below: in the middle of turning it on",
    **{
        f"accounts.second_step.{page}": "tests/accounts/test_second_factor.py, in the middle of it"
        for page in ("show_code", "show_new_phone")
    },
    "reports.export_outcomes": "a file",
    "reports.published.export_published": "a file",
    "reports.pictures.show_picture": "a picture",
    "reports.quarterly.export": "a file",
    "reports.quarterly.show_endings": "tests/reports/test_quarterly.py: none in most quarters",
    "reports.quarterly.show_picture": "a picture",
    "reports.surveys.export_surveys": "a file",
    "placements.own_survey_link.show_question": "tests/placements/test_browser.py, by a link",
    "placements.surveys.show_own": "tests/placements/test_browser.py, of one that has ended",
    "placements.surveys.show_survey": "tests/placements/test_browser.py, of one that has ended",
    **{
        f"{whose}.{what}": said
        for whose in (
            "employers.papers",
            "participants.consent_papers",
            "participants.papers",
            "placements.papers",
        )
        for what, said in (
            ("download_file", "a file"),
            ("show_paper", "tests/browser/test_papers.py, after one was put up"),
            ("show_picture", "a picture"),
        )
    },
    # The same page as of the three others.
    "participants.consent_papers.show_papers": (
        "tests/workday/test_paper_pages.py: nobody in the town has been asked for consent"
    ),
    **{
        f"participants.plan.{name}": "tests/browser/test_the_plan.py, in a draft"
        for name in ("show_goals", "show_measure", "show_new_measure", "show_new_sub_goal")
    },
    "documents.download": "a file",
    "documents.giving.download_copy": "a file",
    **{
        f"documents.{page}": "tests/browser/test_the_ending_papers.py, of one that is begun"
        for page in ("show_section", "show_version", "card.show_assess", "giving.show_giving")
    },
    "own_page.link.download": "a file",
    "own_page.visit.documents.download_paper": "a file",
    "own_page.visit.documents.show_paper": "tests/browser/test_the_ending_papers.py",
    "own_page.link.show": "tests/browser/test_own_page.py, by a link of its own",
    **{
        f"own_page.visit.{name}": said
        for name, said in (
            *(("download_copy", "a file"), ("download_meeting", "a file")),
            *(
                (page, "tests/browser/test_own_page.py")
                for page in ("show", "show_copy", "show_log")
            ),
        )
    },
    "schedules.download": "a file",
    "schedules.show_phase": "tests/browser/test_the_schedule.py, of one that has phases",
    "static": "a file",
    "tripartite.download": "a file",
    **{
        f"tripartite.{page}": "tests/browser/test_the_agreement.py, of one that is begun"
        for page in ("show_edit", "show_version")
    },
    **{
        f"matching.link.{page}": "tests/browser/test_the_chain.py, by a link of its own"
        for page in ("show_name", "show_proposal", "show_thanks")
    },
    "document_link.download_paper": "a file",
    "document_link.show_paper": "tests/documents/test_by_link.py, behind a code",
    "support.show_pre_meeting": "tests/browser/test_the_package.py, before it is booked",
    "support.show_request": "tests/browser/test_the_package.py, after a question was asked",
    "support.writing.download_preview": "a file",
    "support.link.download_information": "a file",
    "support.link.download_schedule": "a file",
    **{
        f"support.link.{name}": "tests/browser/test_the_package.py, by a link of its own"
        for name in (
            *("show_help", "show_information", "show_questions", "show_schedule", "show_saying"),
            *("show_code", "show_personal"),
        )
    },
    "cohort.show_line": "tests/browser/test_the_board.py, after a draft was made",
    "imports.show_page": "tests/browser/test_the_chain.py, after a file was given",
    "placements.links.show": "tests/placements/test_browser.py, by a link of its own",
    "placements.links.show_question": "tests/placements/test_browser.py",
    "placements.links.show_thanks": "tests/placements/test_browser.py",
}
OPEN = [
    "/login",
    "/login/passkey",
    "/accessibility",
    "/your-data",
    "/set-password/nothing",
    "/no-such-page",
]
OPEN += ["/l/lost", "/l/renewed", "/l/no-such-link"]
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
LIMIT = 60_000  # bytes of a page without pictures, as sent


def inspect(visitor, path, *, axe=True, opened=False):
    """What is wrong with one page; without axe, how it is laid out."""
    wrong = []
    before = len(visitor.complaints)
    if not opened:
        visitor.open(path)
    # The whole page at once: the phone's fixed tabs would cover what a person scrolls into view.
    width = visitor.page.viewport_size["width"]
    height = visitor.page.evaluate("document.documentElement.scrollHeight")
    visitor.page.set_viewport_size({"width": width, "height": min(height + 120, 8_000)})
    violations = Axe().run(visitor.page, options=AXE).response["violations"] if axe else []
    for violation in violations:
        nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:2])
        wrong.append(f"{path}: {violation['id']}: {nodes}")
    over = visitor.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if over > 0:
        wrong.append(f"{path}: {over} px too wide")
    if visitor.page.locator("h1").count() != 1:
        wrong.append(f"{path}: {visitor.page.locator('h1').count()} main headings")
    if "Project-Id-Version" in visitor.page.content():
        wrong.append(f"{path}: an empty text was translated")
    visitor.page.set_viewport_size({"width": width, "height": 900})
    wrong += [f"{path}: {said}" for said in visitor.complaints[before:]]
    return wrong


@pytest.fixture(scope="module")
def addresses():
    """Which page an address leads to: ``(endpoint, kind)``, None for none of ours."""
    rules = create_app(Config.from_environ({})).url_map
    finder = rules.bind("")

    def find(address):
        path, _, query = address.partition("?")
        try:
            endpoint, values = finder.match(path)
        except HTTPException:
            return None
        # The same page by another choice of words is another page; by another id it is not.
        chosen = (text for name, text in values.items() if name != "concept_id")
        choices = tuple(sorted(text for text in chosen if str(text).isalpha()))
        return endpoint, choices, "view=compare" in query

    find.endpoints = {
        rule.endpoint
        for rule in rules.iter_rules()
        if "GET" in rule.methods and not rule.rule.startswith("/api/")
    }
    return find


def links_of(page):
    """Addresses within the service that a page's text links to."""
    links = lxml.html.fromstring(page).xpath("//a[@href][not(@download)]/@href")
    return [link.partition("#")[0] for link in links if link.startswith("/")]


def walk(visitor, doors, addresses, seen):
    """Open every kind of page behind the doors once, and inspect those that are not in ``seen``."""
    wrong, waiting, opened = [], list(doors), set()
    while waiting:
        path = waiting.pop(0)
        kind = addresses(path)
        if kind is None or kind in opened or kind[0] in NO_PAGES:
            continue
        opened.add(kind)
        if kind in seen:
            # Looked at already: only where this role gets from here, so nothing is drawn.
            waiting += links_of(visitor.context.request.get(visitor.town.base + path).text())
            continue
        seen.add(kind)
        wrong += inspect(visitor, path)
        waiting += links_of(visitor.page.content())
        visitor.page.set_viewport_size({"width": 390, "height": 900})
        # The same elements, laid out otherwise; axe looks at them again in `make soak`.
        wrong += [f"390: {fault}" for fault in inspect(visitor, path, axe=SOAK, opened=True)]
        visitor.page.set_viewport_size({"width": 1280, "height": 900})
    return wrong


def test_every_page_is_accessible_at_the_desk_and_on_the_phone(visit, addresses):
    seen, wrong = set(), []
    for role, doors in DOORS.items():
        # What stands at a door differs by role; it is looked at for each.
        mine = seen - {addresses(door) for door in doors}
        wrong += [f"{role}: {fault}" for fault in walk(visit(role), doors, addresses, mine)]
        seen |= mine
    assert wrong == []
    looked_at = {endpoint for endpoint, *_ in seen}
    looked_at |= {addresses(path)[0] for path in OPEN if addresses(path)}
    assert sorted(addresses.endpoints - looked_at - NO_PAGES.keys()) == []


def test_pages_that_only_some_placements_and_meetings_have_are_accessible(visit):
    worker = visit("case_worker")

    def address(name):
        return worker.page.get_by_role("link", name=re.compile(name)).first.get_attribute("href")

    worker.open("/placements/of/D-2041")
    worker.open(address("Växthuset"))
    wrong = inspect(worker, address("^Upphävt"))
    worker.open("/meetings?of=unit&view=week")
    worker.open(address("^Arbetsförmedlingens besök"))
    wrong += inspect(worker, address("^Planera besökets tider"))
    assert wrong == []


def test_turning_the_second_factor_on_and_being_asked_again_are_accessible(visit):
    worker = visit("case_worker", number=1)
    wrong = inspect(worker, "/confirm?next=/my-week")
    worker.open("/my-login")
    worker.page.get_by_role("button", name="Slå på tvåstegsinloggning").or_(
        worker.page.get_by_role("link", name="Slå på tvåstegsinloggning")
    ).click()
    assert worker.page.get_by_role("img").count() == 1  # the square for the phone
    wrong += inspect(worker, worker.page.url, opened=True)
    assert wrong == []


def test_open_pages_are_accessible(visit):
    wrong = []
    for width in (390, 1280):
        stranger = visit(width=width)
        wrong += [f"{width}: {fault}" for path in OPEN for fault in inspect(stranger, path)]
    assert wrong == []


def test_dark_pages_keep_their_contrast(visit):
    dark = visit("case_worker", scheme="dark")
    paths = ["/my-week", "/participants/D-2041", "/matching/participants/D-2041", "/reports"]
    paths += ["/participants/D-2041/talk", "/participants/D-2041/portfolio"]
    assert [fault for path in paths for fault in inspect(dark, path)] == []


def test_pages_fit_the_smallest_phone(visit):
    small = visit("case_worker", width=320)
    for path in ("/my-week", "/participants/D-2041", "/matching/participants/D-2041", "/reports"):
        small.open(path)
        over = small.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, path


def test_english_pages_hold_no_swedish(visit):
    """Frame and headings; what people and the vocabulary wrote stays as it is."""
    reader = visit("unit_manager")
    for path in ("/my-week", "/reports", "/settings", "/participants"):
        reader.open(f"{path}?lang=en")
        assert reader.page.get_attribute("html", "lang") == "en"
        frame = reader.page.inner_text("header") + reader.page.inner_text("h1")
        assert not re.search(r"Deltagare|Arbetsgivare|Rapporter|Min vecka|Inställningar", frame)


def test_no_page_is_heavier_than_sixty_kilobytes(visit):
    """Style, script and fonts as they are sent; the page as any front server packs it, which packs
    the heads of answers to next to nothing, too."""
    heavy = []
    worker = visit("case_worker")
    session = worker.context.new_cdp_session(worker.page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    weights, kinds = {}, {}
    session.on(
        "Network.requestWillBeSent",
        lambda event: kinds.update({event["requestId"]: event["type"]}),
    )

    def received(event):
        key = event["requestId"]
        weights[key] = weights.get(key, 0) + event["encodedDataLength"]

    session.on("Network.dataReceived", received)
    for path in ("/my-week", "/participants", "/participants/D-2041", "/reports", "/offers"):
        # The log-in's last answer may still be arriving: only what this page asked for counts.
        weights.clear()
        kinds.clear()
        worker.open(path)
        worker.page.wait_for_load_state("networkidle")
        parts = sum(n for key, n in weights.items() if kinds.get(key, "Document") != "Document")
        assert parts > 20_000  # style and a font at least
        total = parts + len(gzip.compress(worker.page.content().encode()))
        if total > LIMIT:
            heavy.append((path, total))
    assert heavy == []


def test_the_keyboard_reaches_the_content_first(visit):
    reader = visit("case_worker")
    reader.open("/participants")
    reader.page.keyboard.press("Tab")
    assert "Hoppa till innehållet" in reader.page.evaluate("document.activeElement.textContent")
    reader.page.keyboard.press("Enter")
    reader.page.keyboard.press("Tab")
    assert reader.page.evaluate("!!document.activeElement.closest('main')")
