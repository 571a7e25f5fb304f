"""What a placement ends with, in a real browser: the card on a phone, signed, given, her own."""

from __future__ import annotations

import re

import pytest

from tests.browser.test_the_agreement import button, faults

pytestmark = pytest.mark.browser


@pytest.fixture
def worker(browser, lively_town, visitor_class):
    visitor = visitor_class(browser, lively_town, width=390)
    yield visitor.log_in("case_worker")
    visitor.close()


def open_ended(worker):
    """The papers of an ended placement of her own whose card nobody has filled in."""
    worker.open("/placements?view=ended")
    places = worker.page.locator("main a[href^='/placements/']")
    for address in {each.get_attribute("href") for each in places.all()}:
        if not re.fullmatch(r"/placements/[0-9a-f-]{36}", address):
            continue
        worker.open(address)
        if worker.page.locator("#papper").count():
            worker.open(f"{address}/documents/card")
            if worker.page.get_by_role("link", name=re.compile("Fyll i kortet")).count():
                return address
    raise AssertionError("every ended placement has its papers")


def test_six_taps_make_a_card_and_a_signed_paper_is_given(worker):
    address = open_ended(worker)
    assert faults(worker) == []
    worker.follow("Fyll i kortet")
    worker.see("Vad har du sett på arbetsplatsen?")
    assert faults(worker) == []
    small = [
        each
        for each in worker.page.locator("label.option").all()
        if each.bounding_box()["height"] < 44
    ]
    assert small == []
    for name in ("tar-initiativ", "samarbetar", "kommer-i-tid", "ar-noggrann", "tar-ansvar",
                 "forstar-instruktioner"):  # fmt: skip
        worker.page.locator(f"label[for^='level-{name}']").nth(2).click()
    worker.shot("card-assess")
    button(worker, "Spara kortet").click()
    worker.see("Det är sparat.")
    assert faults(worker) == []
    worker.shot("card-draft")
    worker.follow("Skriv", "Arbetsuppgifter")
    worker.write("En mening på varje rad", "Packning\nMärkning")
    assert faults(worker) == []
    worker.shot("card-section")
    worker.press("Spara")
    worker.press("Till underskrift")
    worker.see("Texten ligger fast.")
    assert faults(worker) == []
    worker.shot("card-signing")
    button(worker, "Jag skriver under").click()
    worker.see("Alla har skrivit under.")
    worker.follow("Lämna till någon")
    worker.see("Vem får pappret?")
    assert faults(worker) == []
    worker.shot("card-give")
    worker.page.locator("label.option", has_text="Deltagaren").click()
    worker.page.locator("label.chip", has_text="Läst högt tillsammans").click()
    button(worker, "Anteckna att det är lämnat").click()
    worker.see("Det är antecknat vem som har fått pappret.")
    worker.follow("Version 1")
    worker.see("Så arbetar")
    assert faults(worker) == []
    worker.shot("card-paper")

    worker.open(f"{address}/documents/final")
    assert faults(worker) == []
    worker.shot("final")

    alias = worker.page.request.get(f"{worker.town.base}/api/v1{address}").json()["participant"]
    worker.open(f"/participants/{alias}/own-page")
    button(worker, "Visa Min sida").click()
    worker.see("Dina papper")
    worker.page.get_by_role("link", name=re.compile("Läs och skriv ut")).first.click()
    worker.see("Så arbetar")
    assert faults(worker) == []
    worker.shot("own-paper")
