"""The three agree in a real browser: fill in, read, sign on a phone, change what was signed."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.test_every_page import AXE

pytestmark = pytest.mark.browser


@pytest.fixture
def worker(browser, lively_town, visitor_class):
    visitor = visitor_class(browser, lively_town, width=390)
    yield visitor.log_in("case_worker")
    visitor.close()


def faults(visitor):
    """What is wrong with the page as it stands."""
    page = visitor.page
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": 390, "height": min(height + 120, 12_000)})
    found = Axe().run(page, options=AXE).response["violations"]
    wrong = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]
    over = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    page.set_viewport_size({"width": 390, "height": 900})
    return [*wrong, *([f"{over} px too wide"] if over > 0 else []), *visitor.complaints]


def button(visitor, name):
    return visitor.page.get_by_role("button", name=re.compile(rf"^\s*{name}"))


def open_unagreed(worker):
    """The agreement page of a running placement that has none."""
    worker.open("/placements")
    places = worker.page.locator("main a[href^='/placements/']")
    for address in {each.get_attribute("href") for each in places.all()}:
        if not re.fullmatch(r"/placements/[0-9a-f-]{36}", address):
            continue
        worker.open(f"{address}/agreement")
        if button(worker, "Börja").count():
            return
    raise AssertionError("every placement has an agreement")


def test_from_nothing_to_three_names_and_a_change_that_lifts_them(worker):
    open_unagreed(worker)
    assert faults(worker) == []
    worker.shot("agreement-none")
    button(worker, "Börja").click()
    worker.see("Vad är ni överens om?")
    assert faults(worker) == []
    worker.write("Arbetsuppgifter, en på varje rad", "Skala grönsaker\nDiska")
    worker.write("Dagar och klockslag", "Måndag till torsdag 9–12")
    worker.press("Spara")
    worker.see("Skala grönsaker")
    assert faults(worker) == []
    worker.press("Till underskrift")
    worker.see("Texten ligger fast.")
    assert faults(worker) == []
    worker.shot("agreement-signing")
    button(worker, "Skriver under").first.click()
    worker.see("Underskriften är antecknad.")

    worker.follow("Ändra", "överenskommelsen")
    worker.write("Målet i timmar", "35")
    worker.press("Se vad som ändras")
    worker.see("Deltagaren måste skriva under igen.")
    assert faults(worker) == []
    worker.shot("agreement-look")
    button(worker, "Spara").first.click()
    worker.see("Det är sparat.")
    worker.press("Till underskrift")
    worker.see("Texten ligger fast.")
    for _ in range(2):
        button(worker, "Skriver under").first.click()
        worker.see("Underskriften är antecknad.")
    button(worker, "Jag skriver under").click()
    worker.see("Alla har skrivit under. Överenskommelsen gäller.")
    worker.shot("agreement-agreed")
    worker.follow("Version 1")
    worker.see("Textens märke")
    assert faults(worker) == []
    worker.shot("agreement-paper")
