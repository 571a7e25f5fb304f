"""The schedule on a phone: from no times to a picture of the weeks."""

from __future__ import annotations

import re

import pytest

from tests.browser.test_the_agreement import faults

pytestmark = [pytest.mark.browser, pytest.mark.soak]


@pytest.fixture
def worker(browser, lively_town, visitor_class):
    visitor = visitor_class(browser, lively_town, width=390)
    yield visitor.log_in("case_worker")
    visitor.close()


def test_times_are_written_agreed_on_and_shown_week_by_week(worker):
    worker.open("/placements")
    links = worker.page.locator("main a[href^='/placements/']").all()
    for address in {link.get_attribute("href") for link in links}:
        worker.open(address)
        if worker.page.get_by_role("link", name="Schema", exact=True).count():
            break
    worker.follow("Schema")
    worker.see("Inget schema än.")
    assert faults(worker) == []
    worker.follow("Lägg till tider")
    worker.see("Vilka tider?")
    for day in ("Måndag", "Onsdag"):
        group = worker.group(day)
        group.get_by_label("Från").fill("9")
        group.get_by_label("Till").fill("12.30")
    worker.write("Vi ökar när", "Tre veckor i rad som det var tänkt.")
    assert faults(worker) == []
    worker.shot("schedule-phase")
    worker.press("Spara tiderna")
    worker.see("Tiderna är sparade.")
    worker.page.get_by_label("Personen har sagt ja till tiderna").check()
    worker.page.get_by_role("button", name=re.compile("^Vi är överens")).click()
    worker.see("Ni är överens om tiderna.")
    worker.see("Vecka för vecka")
    assert faults(worker) == []
    worker.shot("schedule")
    worker.page.get_by_role("link", name=re.compile("^Ändra")).first.click()
    worker.see("Vilka tider?")
    assert faults(worker) == []
