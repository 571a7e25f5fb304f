"""Every component in a real browser: accessible, inside the policy, and usable without a script."""

from pathlib import Path

import pytest

PAGES = sorted(path.stem for path in (Path(__file__).parent / "pages").glob("*.html"))
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}
LOOKS = [(width, scheme) for width in (390, 1280) for scheme in ("light", "dark")]
pytestmark = pytest.mark.browser


@pytest.fixture
def visit(browser, address):
    """Open a page at a width and scheme; ends by looking at what the console said."""
    opened = []

    def open_page(name, *, width=1280, scheme="light", script=True, query="", media=None):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        context.set_default_timeout(60_000)  # a busy machine is slow, not wrong
        page = context.new_page()
        said = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{address}/page/{name}?{query}")
        page.wait_for_load_state("load")
        opened.append((context, said))
        page.said = said
        return page

    yield open_page
    for context, _ in opened:
        context.close()


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_component_is_accessible_and_keeps_the_policy(visit, width, scheme):
    page = visit("gallery", width=width, scheme=scheme, query="demo=1")
    assert page.said == []
    assert violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_whole_pages_made_of_them_are_accessible_too(visit, name):
    for width, scheme in ((390, "light"), (1280, "dark")):
        page = visit(name, width=width, scheme=scheme)
        assert page.said == []
        assert violations(page) == []


@pytest.mark.parametrize("name", ["gallery", *PAGES])
def test_nothing_scrolls_sideways_on_the_narrowest_phone(visit, name):
    page = visit(name, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("name", ["gallery", *PAGES])
def test_what_is_tapped_on_a_phone_is_44_pixels_high(visit, name):
    page = visit(name, width=390)
    small = page.evaluate(
        """() => [...document.querySelectorAll(
            '.ds-button, summary, select, textarea, .option, .chip, .tabs a, .segmented a,' +
            '.segmented label, .nav-row a, .choice-row a, .top a,' +
            'input.ds-input:not([type=checkbox]):not([type=radio])')]
          .filter((e) => e.checkVisibility())
          .map((e) => [e.className || e.tagName, Math.round(e.getBoundingClientRect().height)])
          .filter(([, height]) => height < 44)"""
    )
    assert small == []


def test_dark_can_be_chosen_against_the_system_and_light_too(visit):
    background = "getComputedStyle(document.body).backgroundColor"
    assert visit("week", scheme="light", query="scheme=dark").evaluate(background) == (
        "rgb(22, 24, 21)"
    )
    assert visit("week", scheme="dark", query="scheme=light").evaluate(background) == (
        "rgb(246, 244, 239)"
    )


def test_paper_is_white_and_without_menus_whatever_the_screen_was(visit):
    page = visit("week", scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator(".top").is_visible()
    assert page.locator(".print-head").is_visible()


def test_the_error_summary_takes_focus_leads_to_the_field_and_changes_the_title(visit):
    page = visit("gallery")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert page.title().startswith("Fel: ")
    page.get_by_role("link", name="Datumet finns inte").click()
    assert page.evaluate("document.activeElement.id") == "start_date"


def test_figures_change_to_a_table_without_any_script(visit):
    page = visit("results", script=False)
    figure = page.locator(".figure").first
    assert figure.locator(".bars").is_visible()
    assert not figure.get_by_role("table").is_visible()
    figure.get_by_text("Tabell").click()
    assert figure.get_by_role("table").is_visible()
    assert not figure.locator(".bars").is_visible()
    assert figure.get_by_role("row", name="Placeringar").inner_text().split("\t") == (
        ["Placeringar", "24 %", "21–27 %", "200 av 832"]
    )


@pytest.mark.parametrize("script", [True, False])
def test_a_definition_opens_by_keyboard_stands_below_its_term_and_closes_with_escape(visit, script):
    page = visit("results", script=script)
    term = page.get_by_role("button", name="Anställningar")
    term.focus()
    page.keyboard.press("Enter")
    meaning = page.get_by_role("dialog", name="Anställning")
    assert meaning.is_visible()
    term_box, meaning_box = term.bounding_box(), meaning.bounding_box()
    assert meaning_box["y"] >= term_box["y"] + term_box["height"]
    page.keyboard.press("Escape")
    assert not meaning.is_visible()


def test_menus_close_with_escape_and_give_focus_back(visit):
    page = visit("week")
    menu = page.locator(".top__user summary")
    menu.click()
    assert page.get_by_role("button", name="Logga ut").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("button", name="Logga ut").is_visible()
    assert menu.evaluate("e => e === document.activeElement")


def test_the_phone_has_four_tabs_and_the_rest_under_more(visit):
    page = visit("week", width=390)
    tabs = page.get_by_role("navigation", name="Genvägar")
    assert tabs.locator("ul > li").count() == 4
    tabs.get_by_text("Mer").click()
    assert tabs.get_by_role("link", name="Rapporter").is_visible()
    assert tabs.get_by_role("button", name="Logga ut").is_visible()


def test_two_quick_presses_send_a_form_once(visit):
    page = visit("week")
    sent = []
    page.route(
        "**/tasks/**", lambda route: (sent.append(route.request.url), route.fulfill(status=204))
    )
    button = page.get_by_role("button", name="Klart")
    button.dblclick()
    page.wait_for_timeout(300)
    assert len(sent) == 1
    assert button.get_attribute("aria-disabled") == "true"


def test_without_net_answers_stay_on_the_page_are_counted_and_sent_when_it_is_back(visit):
    page = visit("follow_up", width=390)
    posted = []
    page.route(
        "**/follow-ups/**", lambda route: (posted.append(route.request.post_data), route.abort())
    )
    page.route("**/healthz", lambda route: route.abort())
    banner = page.get_by_role("status")
    page.get_by_label("Svårt").check()
    page.get_by_role("button", name="Nästa: anpassningar").click()
    banner.filter(has_text="1 svar är inte skickat än. Lämna inte sidan.").wait_for()
    page.get_by_label("Tolk").check()
    page.get_by_label("Deltagarens egna ord").fill("Det är långt att gå.")
    assert banner.inner_text() == ("Ingen täckning. 3 svar är inte skickade än. Lämna inte sidan.")
    assert posted == []
    stored = "localStorage.length + sessionStorage.length"
    assert page.evaluate(stored) == 0

    page.unroute("**/healthz")
    with page.expect_request("**/follow-ups/**"):
        page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(100)
    assert len(posted) == 1
    assert "mood=hard" in posted[0]


def test_eight_digits_become_a_date(visit):
    page = visit("gallery")
    field = page.locator("#from")
    field.fill("20260302")
    field.blur()
    assert field.input_value() == "2026-03-02"


def test_a_page_weighs_less_than_sixty_kilobytes_compressed(visit, address):
    import gzip
    import urllib.request

    page = visit("week", width=390)
    files = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    weight = 0
    for url in [f"{address}/page/week", *files]:
        with urllib.request.urlopen(url) as answer:
            body = answer.read()
            weight += len(body) if url.endswith(".woff2") else len(gzip.compress(body))
    assert weight < 60_000, files
