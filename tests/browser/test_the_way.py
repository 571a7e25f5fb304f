"""From a referral to a signed plan on a phone, in the hands of a manager and a case worker.

Each errand prints what it costs: screens, taps, texts typed, and words on its screens.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from tests.browser.test_the_day import Count, button, link

pytestmark = pytest.mark.browser


class Errand(Count):
    """One errand, and what there is to read on its way."""

    def __init__(self, visitor):
        super().__init__(visitor)
        self.words = 0

    def see(self, words):
        """Wait for the next screen, and read it."""
        self.visitor.see(words)
        self.words += len(self.visitor.page.inner_text("main").split())

    def name(self, label):
        """A field by its label."""
        start = re.compile(rf"^\s*{re.escape(label)}(\W|$)")
        return self.visitor.page.get_by_role("textbox", name=start).first

    def tell(self, errand):
        print(  # noqa: T201 - the evidence: pytest -s shows it
            f"{errand}: {self.screens} screens, {self.taps} taps, {self.texts} texts typed, "
            f"{self.words} words to read"
        )
        return self.screens, self.taps, self.texts


@pytest.fixture
def chief(visit, lively_town):
    return visit("unit_manager", where=lively_town, width=390)


def test_a_referral_becomes_an_enrolment_a_map_a_signed_summary_and_a_signed_plan(
    visit, lively_town, chief
):
    page = chief.page
    chief.open("/referrals")
    errand = Errand(chief)
    errand.tap(link(chief, "Ny remiss"))
    errand.see("Remissen kommer från")
    errand.tick(page.locator("[name=route][value=other_unit]"))
    errand.type(page.locator("#referrer_name"), "Eva Lund")
    errand.type(page.locator("#referrer_org"), "Vuxenenheten")
    errand.type(page.locator("#given_name"), "Amina")
    errand.type(page.locator("#family_name"), "Dahl")
    errand.type(page.locator("#birth_year"), "1985")
    errand.tick(page.locator("[name=sex][value=woman]"))
    errand.tick(page.locator("[name=birth_region][value=outside_europe]"))
    chief.shot("way-1-referral")
    errand.tap(button(chief, "Spara remissen"))
    errand.see("Nästa steg: kontrollera")
    assert errand.tell("register a referral") == (2, 5, 5)

    button(chief, "Kontrollera remissen").click()
    chief.see("Skälet till remissen saknas")
    chief.shot("way-2-incomplete")
    link(chief, "Komplettera").click()
    assert page.input_value("#referrer_org") == "Vuxenenheten"
    page.fill("#reason", "Vill arbeta i kök")
    page.get_by_text("Mer om personen").click()
    page.get_by_label("Mål på kort och lång sikt").fill("Ett jobb i ett kök")
    button(chief, "Spara remissen").click()
    chief.see("Nästa steg: kontrollera")
    assert "Ett jobb i ett kök" in page.inner_text("main")
    button(chief, "Kontrollera remissen").click()
    chief.see(re.compile("öppna ärenden"))
    page.locator("label", has_text="Johan Ekdal").first.click()
    chief.shot("way-3-allocate")
    button(chief, "Ge remissen till handläggaren").click()
    chief.see("Första kontakten")
    at = page.url
    chief.open("/referrals")
    assert "Amina" not in page.inner_text("main")
    assert chief.complaints == []

    worker = visit("case_worker", where=lively_town, width=390)
    worker.open(at)
    button(worker, "Skriv in personen").click()
    worker.see("Inskrivningen är mottagen.")
    link(worker, "Till deltagarna").click()
    link(worker, "Amina Dahl").first.click()
    worker.see("Amina Dahl")
    person = worker.page.url.partition("?")[0]
    worker.shot("way-4-enrolled")
    worker.see("Kartläggningen är inte undertecknad")

    # A talk: the map, page by page; it saves itself.
    worker.open(f"{person}/map?page=surroundings")
    errand = Errand(worker)
    errand.see("Erfarenhet av arbete")
    first = worker.page.locator("#work-resource")
    errand.type(first, "Lagat mat till fyrtio i föreningen i tre år")
    first.blur()
    worker.see("Sparat")
    errand.type(worker.page.locator("#work-obstacle"), "Har aldrig haft en anställning")
    errand.tap(button(worker, "Spara sidan"))
    errand.see("Sparat.")
    worker.shot("way-5-map")
    errand.tap(link(worker, "Sammanfattning"))
    worker.see("Löpande text om resurser")
    assert errand.tell("write the map of a talk") == (2, 2, 2)

    errand = Errand(worker)
    body = worker.page.get_by_label("Sammanfattning")
    assert "Lagat mat till fyrtio" in body.input_value()
    errand.tap(button(worker, "Spara utkastet"))
    errand.see("Utkastet är sparat.")
    errand.type(
        worker.page.get_by_role("textbox", name=re.compile("Vad säger personen")), "Det stämmer."
    )
    errand.tap(button(worker, "Vi har gått igenom den"))
    errand.see("Genomgången är antecknad.")
    worker.shot("way-6-to-sign")
    errand.tap(button(worker, "Personen skriver under"))
    errand.see("Kartläggningen är undertecknad.")
    worker.shot("way-7-signed")
    assert errand.tell("produce and sign the summary") == (3, 3, 1)
    worker.see("Ingen bedömning är begärd.")

    worker.open(f"{person}/plan")
    errand = Errand(worker)
    errand.see("Vad vill personen nå?")
    errand.type(worker.page.get_by_role("textbox", name="Mina mål"), "Ett eget jobb i ett kök")
    errand.tap(button(worker, "Börja planen"))
    errand.see("Inget är planerat än.")
    worker.page.get_by_role("link", name=re.compile(r"^\s*Lägg till\s*:\s*något som")).click()
    errand.taps += 1
    errand.see("Vad ska göras?")
    errand.type(errand.name("Vad ska göras?"), "Besöka två kök")
    errand.tick(worker.group("Vem ansvarar?").get_by_label("Personen själv"))
    soon = (date.today() + timedelta(days=10)).isoformat()  # noqa: DTZ011 - the town's own day
    errand.type(errand.name("Klart senast"), soon)
    errand.tap(button(worker, "Spara").first)
    errand.see("Det är sparat i planen.")
    errand.tap(button(worker, "Vi har läst igenom den"))
    errand.see("Planen är genomläst.")
    errand.tap(button(worker, "Skriver under").first)
    errand.see("Underskriften är antecknad.")
    errand.tap(button(worker, "Jag skriver under som handläggare"))
    errand.see("Alla har skrivit under.")
    worker.shot("way-8-plan")
    assert errand.tell("make and sign the plan") == (6, 7, 3)

    worker.open(person)
    assert "Kartläggningen är inte undertecknad" not in worker.page.inner_text("main")
    worker.shot("way-9-person")
    assert worker.complaints == []
