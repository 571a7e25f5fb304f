"""Every page, in a real browser: accessible, not too wide, not too heavy, quiet."""

from __future__ import annotations

import gzip
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

#: First link on a list that leads to one of its things.
INSIDE = {
    "/participants": r"^/participants/[0-9a-f-]{36}$",
    "/employers": r"^/employers/[0-9a-f-]{36}$",
    "/offers": r"^/offers/[0-9a-f-]{36}$",
    "/placements": r"^/placements/[0-9a-f-]{36}$",
    "/proposals": r"^/proposals/[0-9a-f-]{36}$",
    "/follow-ups": r"^/follow-ups/[0-9a-f-]{36}$",
}
PAGES = {
    "case_worker": [
        "/my-week",
        "/participants",
        "/participants/new",
        "/participants/D-2041",
        "/matching/participants/D-2041",
        "/matching/rules",
        "/proposals",
        "/cohort",
        "/offers",
        "/placements",
        "/follow-ups",
        "/reports",
        "/settings",
    ],
    "employer_liaison": [
        "/my-week",
        "/employers",
        "/employers/new",
        "/offers",
        "/messages",
        "/imports",
        "/placements",
    ],
    "supervisor": ["/my-week", "/placements", "/follow-ups", "/participants"],
    "unit_manager": ["/my-week", "/cohort", "/reports", "/participants", "/settings"],
    "auditor": ["/reports", "/settings"],
    "admin": ["/settings"],
}
OPEN = ["/login", "/accessibility", "/your-data", "/set-password/nothing", "/no-such-page"]
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
LIMIT = 60_000  # bytes of a page without pictures, as sent


def inspect(visitor, path, sizes=None):
    """What is wrong with one page."""
    wrong = []
    before = len(visitor.complaints)
    visitor.open(path)
    # The whole page at once: the phone's fixed tabs would cover what a person scrolls into view.
    width = visitor.page.viewport_size["width"]
    height = visitor.page.evaluate("document.documentElement.scrollHeight")
    visitor.page.set_viewport_size({"width": width, "height": min(height + 120, 8_000)})
    found = Axe().run(visitor.page, options=AXE)
    for violation in found.response["violations"]:
        nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:2])
        wrong.append(f"{path}: {violation['id']}: {nodes}")
    over = visitor.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if over > 0:
        wrong.append(f"{path}: {over} px too wide")
    if visitor.page.locator("h1").count() != 1:
        wrong.append(f"{path}: {visitor.page.locator('h1').count()} main headings")
    visitor.page.set_viewport_size({"width": width, "height": 900})
    wrong += [f"{path}: {said}" for said in visitor.complaints[before:]]
    return wrong


def with_insides(visitor, paths):
    """The pages, and of each list the first thing on it."""
    found = []
    for path in paths:
        found.append(path)
        if path not in INSIDE:
            continue
        visitor.open(path)
        links = visitor.page.eval_on_selector_all(
            "main a[href]", "links => links.map(link => link.getAttribute('href'))"
        )
        found += [link for link in links if re.match(INSIDE[path], link)][:1]
    return found


@pytest.mark.parametrize("role", sorted(PAGES))
def test_a_role_s_pages_are_accessible_at_the_desk_and_on_the_phone(visit, role):
    desk = visit(role)
    paths = with_insides(desk, PAGES[role])
    wrong = [fault for path in paths for fault in inspect(desk, path)]
    phone = visit(role, width=390)
    wrong += [f"390: {fault}" for path in paths for fault in inspect(phone, path)]
    assert wrong == []
    assert len(paths) >= len(PAGES[role])


def test_open_pages_are_accessible(visit):
    wrong = []
    for width in (390, 1280):
        stranger = visit(width=width)
        wrong += [f"{width}: {fault}" for path in OPEN for fault in inspect(stranger, path)]
    assert wrong == []


def test_dark_pages_keep_their_contrast(visit):
    dark = visit("case_worker", scheme="dark")
    paths = ["/my-week", "/participants/D-2041", "/matching/participants/D-2041", "/reports"]
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
    """Style, script and fonts as they are sent; the page itself as any front server packs it."""
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
    session.on(
        "Network.loadingFinished",
        lambda event: weights.update({event["requestId"]: event["encodedDataLength"]}),
    )
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
