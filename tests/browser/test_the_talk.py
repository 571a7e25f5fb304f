"""The competence talk in a real browser: at the desk, on the phone, by keyboard, without script."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

WORDS = "lagat mat för 40 personer i föreningen"
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def faults(visitor):
    """What is wrong with the page as it stands."""
    page = visitor.page
    width = page.viewport_size["width"]
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(height + 120, 8_000)})
    found = Axe().run(page, options=AXE).response["violations"]
    wrong = [f"{v['id']}: {v['nodes'][0]['html'][:140]}" for v in found]
    over = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    page.set_viewport_size({"width": width, "height": 900})
    return [*wrong, *([f"{over} px too wide"] if over > 0 else []), *visitor.complaints]


def small_targets(visitor):
    """Buttons of the page that are lower than a finger needs."""
    return visitor.page.eval_on_selector_all(
        "main button, main summary, main a.ds-button",
        """all => all
          .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 44)
          .map(one => one.textContent.trim())""",
    )


def enrolled(worker, name, language):
    """Somebody new, met in a language; at the first question of the talk."""
    worker.open("/participants/new")
    worker.write("Förnamn", name)
    worker.write("Efternamn", "Testsson")
    worker.choose("Kön", "Okänt")
    worker.choose("Födelseregion", "Okänt")
    worker.select("Språk vid kontakt", language)
    worker.press("Skriv in personen")
    worker.see("Inskrivningen är mottagen.")
    worker.page.get_by_role("link", name=f"{name} Testsson").click()
    worker.follow("Börja samtalet")
    worker.see("fråga 1 av 6")


@pytest.fixture
def worker(request, browser, lively_town, visitor_class):
    width, scheme = getattr(request, "param", (1280, "light"))
    visitor = visitor_class(browser, lively_town, width=width, scheme=scheme)
    yield visitor.log_in("case_worker")
    visitor.close()


def to_area(worker, area):
    """Choose an area; on a phone the tiles lie behind a line that opens."""
    if worker.page.viewport_size["width"] < 1024:
        worker.page.locator(".talk-areas > summary").click()
    worker.page.get_by_role("navigation", name="Områden").get_by_role(
        "button", name=re.compile(f"^{area}")
    ).click()
    worker.see(f"{area} · fråga")


@pytest.mark.parametrize(
    "worker", [pytest.param((1280, "light"), marks=pytest.mark.soak), (390, "dark")], indirect=True
)
def test_the_talk_from_the_first_question_to_the_paper(worker, request):
    name = f"Amal{request.node.callspec.id.replace('worker', '')}"
    enrolled(worker, name, "arabiska")
    assert faults(worker) == []
    worker.shot(f"talk-{name}-start")

    to_area(worker, "I föreningen")
    for place in ("2", "3"):
        worker.page.get_by_role("button", name="Nästa fråga").click()
        worker.see(f"fråga {place} av 6")
    other = worker.page.locator(".talk-other")
    assert (other.get_attribute("lang"), other.get_attribute("dir")) == ("ar", "rtl")

    field = worker.page.get_by_role("textbox", name=re.compile("egna ord"))
    field.press_sequentially(WORDS, delay=10)
    worker.see("Är det här samma sak?")
    worker.page.locator(".like").first.wait_for()
    assert worker.page.evaluate("document.activeElement.id") == "own_words"
    assert "ord liknar: " in worker.page.locator("#talk-status").text_content()
    assert faults(worker) == []
    worker.shot(f"talk-{name}-typing")

    worker.press("Stämmer", "Laga mat i större mängd")
    worker.see("Sparat: Laga mat i större mängd.")
    assert field.input_value() == WORDS
    assert "Sparat:" in worker.page.evaluate("document.activeElement.textContent")
    worker.press("Andra gjorde det", "Laga mat")
    worker.see("Inget om andra sparas.")
    assert faults(worker) == []
    worker.press("Lägg till exempel", "Laga mat i större mängd")
    worker.write("Ett exempel", "Varje fredag. Jag planerade, handlade och lagade.")
    worker.write("Vem kan intyga det", "ordföranden i föreningen")
    assert faults(worker) == []
    assert small_targets(worker) == []
    worker.shot(f"talk-{name}-example")
    worker.press("Spara exemplet", "Laga mat i större mängd")
    worker.see("Ett steg till: någon ser")

    worker.page.get_by_role("button", name="Nästa fråga").click()
    worker.see("fråga 4 av 6")
    worker.page.get_by_role("button", name="Pausa och spara").click()
    worker.see("Samtalet är pausat.")
    worker.follow("Samtal")
    worker.see("I föreningen · fråga 4 av 6")

    worker.follow("Se det ni har fått fram")
    worker.page.get_by_label(re.compile("Laga mat i större mängd")).check()
    assert faults(worker) == []
    with worker.page.expect_download() as download:
        worker.press("Hämta som pdf", no_wait_after=True)
    assert download.value.suggested_filename == "det-har-kan-jag.pdf"
    worker.press("Visa pappret")
    worker.see("Det har jag lärt mig i livet")
    assert faults(worker) == []
    worker.shot(f"talk-{name}-paper")


def test_the_keyboard_alone_goes_through_a_question(worker):
    enrolled(worker, "Tangent", "svenska")
    page, keys = worker.page, worker.page.keyboard
    page.get_by_role("textbox", name=re.compile("egna ord")).focus()
    keys.type("sydde kläder")
    page.locator(".suggestion").first.wait_for()

    def go_to(name):
        for _ in range(30):
            keys.press("Tab")
            if name in page.evaluate("document.activeElement.textContent"):
                return
        raise AssertionError(f"the keyboard does not reach {name}")

    go_to("Stämmer")
    keys.press("Enter")
    worker.see("Sparat: ")
    go_to("Nästa fråga")
    keys.press("Enter")
    worker.see("fråga 2 av 6")


def test_an_answer_that_comes_late_never_replaces_a_newer_one(worker):
    enrolled(worker, "Sen", "svenska")
    page = worker.page
    held = []

    def slow(route):
        if "sydde" in (route.request.post_data or "") and "truck" not in route.request.post_data:
            held.append(route)  # the first question's answer is on its way for ever
        else:
            route.continue_()

    page.route("**/competences/suggest", slow)
    field = page.get_by_role("textbox", name=re.compile("egna ord"))
    field.fill("sydde kläder")
    page.wait_for_timeout(600)
    assert held
    field.fill("kört truck, sydde inte")
    page.locator(".suggestion").first.wait_for()
    assert "truck" in page.locator("#suggestions").inner_text().lower()


def test_words_typed_before_the_script_has_come_are_answered_too(worker):
    enrolled(worker, "Snabb", "svenska")
    page = worker.page
    address = page.url
    late = []

    def hold(route):
        late.append(route)

    page.route("**/htmx.min.js", hold)
    page.goto(address, wait_until="commit")
    page.locator("#own_words").fill("kört truck")
    assert late
    late[0].continue_()
    page.locator(".suggestion").first.wait_for()


def test_words_stay_while_the_net_is_gone_and_are_saved_when_it_is_back(worker):
    enrolled(worker, "Nät", "svenska")
    worker.write("Nät, egna ord", "sköter mina krukor")
    worker.page.locator("#suggestions .card").wait_for()
    worker.context.set_offline(True)
    worker.press("Spara orden som de är")
    worker.see("Ingen täckning.")
    worker.context.set_offline(False)
    worker.see("Sparat: sköter mina krukor.")


def test_everything_works_without_a_script(browser, lively_town, visitor_class):
    reader = visitor_class(browser, lively_town)
    reader.context.close()
    reader.context = browser.new_context(locale="sv-SE", java_script_enabled=False)
    reader.page = reader.context.new_page()
    reader.log_in("case_worker")
    reader.open("/participants/D-2058/talk")
    reader.page.locator("#own_words").fill("kört truck på lager")
    reader.press("Visa ord som liknar")
    reader.page.locator(".suggestion").first.wait_for()
    reader.page.get_by_role("button", name=re.compile("^Stämmer")).first.click()
    reader.see("Sparat: ")
    reader.page.get_by_role("button", name="Nästa fråga").click()
    reader.see("fråga 2 av 6")
    reader.close()


def test_the_talk_fits_the_smallest_phone(browser, lively_town, visitor_class):
    small = visitor_class(browser, lively_town, width=320).log_in("case_worker")
    small.open("/participants/D-2041/talk")
    small.page.locator("#own_words").fill("sydde kläder hemma åt grannar")
    small.page.locator(".suggestion").first.wait_for()
    assert small.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    small.close()
