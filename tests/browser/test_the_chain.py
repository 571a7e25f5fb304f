"""One person's way through the whole service, as those who work with her go it, in a browser.

Everything is found by the words that people see. The way is cut into stretches: each is a fixture
that goes it once, and the tests say what must be true of it.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

pytestmark = pytest.mark.browser

TODAY = datetime.now(ZoneInfo("Europe/Stockholm")).date()
END = TODAY + timedelta(days=120)
SITE = "Lindens verkstad"
CONTACT = "Yvonne Ek"
OFFER = "Söm och kök"
WISH = "Jag vill sy åt andra och laga mat tillsammans med någon."
REASON = "Hon har sytt i många år och lagar mat åt hela föreningen."


def a_test_number(birth: date, number: int) -> str:
    """An identity number of the tax agency's test series, with its check digit."""
    digits = f"{birth:%y%m%d}{number}"
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return f"{birth:%Y%m%d}{number}{-sum(n // 10 + n % 10 for n in doubled) % 10}"


def hires(town):
    """How many persons were hired in the last year, counted by the service itself."""
    start = (TODAY - timedelta(days=365)).isoformat()
    told = town.command("report", "outcomes", "--from", start, "--to", str(TODAY), "--json")
    return json.loads(told)["totals"]["hires"]["persons"]["n"]


@pytest.fixture(scope="module")
def people(browser, lively_town, visitor_class):
    """Those who go the way, each at her own screen, logged in once."""
    screens = {
        "worker": ("case_worker", 1280),
        "liaison": ("employer_liaison", 1280),
        "liaison_out": ("employer_liaison", 390),
        "supervisor": ("supervisor", 390),
    }
    logged_in = {}

    def who(name):
        if name not in logged_in:
            role, width = screens[name]
            visitor = visitor_class(browser, lively_town, width=width)
            logged_in[name] = visitor.log_in(role)
        return logged_in[name]

    yield who
    for visitor in logged_in.values():
        visitor.close()


@pytest.fixture(scope="module")
def offer(people):
    """An employer is found, visited and asked what the workplace offers."""
    liaison = people("liaison")
    liaison.follow("Arbetsgivare", within="Huvudmeny")
    liaison.follow("Ny arbetsgivare")
    liaison.write("Namn", SITE)
    liaison.select("Typ", "Privat")
    liaison.shot("employer-new")
    liaison.press("Spara arbetsgivaren")
    employer = liaison.page.url

    liaison.follow("Lägg till arbetsställe")
    liaison.select("Område", "Centrum")
    liaison.write("Platser samtidigt", "2")
    liaison.shot("site-new")
    liaison.press("Spara arbetsstället")
    liaison.follow("Lägg till person")
    liaison.write("Namn", CONTACT)
    liaison.write("E-post", "yvonne.ek@example.org")
    liaison.shot("contact-new")
    liaison.press("Spara kontaktpersonen")

    out = people("liaison_out")
    out.follow("Logga besök")
    out.write("Namn eller organisationsnummer", "Lindens")
    out.press("Visa")
    out.follow("Logga", start=True)
    out.choose("Hur?", "Besök")
    out.choose("Varför?", "Lära känna")
    out.choose("Med vem?", CONTACT)
    out.write("Vad blev det?", "De tar gärna emot en person som kan sy.")
    out.shot("visit")
    out.press("Spara kontakten")
    visited = out.text()

    liaison.open(employer)
    liaison.follow("Nytt erbjudande", start=True)
    liaison.write("Titel", OFFER)
    liaison.write("Arbetsuppgifter", "Sy om kläder till butiken. Laga lunch två dagar i veckan.")
    liaison.choose("Vad platsen ger", "Färdigheter i ett yrke")
    liaison.write("Antal platser", "1")
    liaison.write("Timmar per vecka vid start", "10")
    liaison.write("Kan öka till", "20")
    for words, concept, importance, purpose in (
        ("sy kläder", "Sy och laga kläder", "Krav", "Kläderna sys om för butiken"),
        ("laga mat", "Laga mat", "Krav", "Lunchen lagas på plats"),
        ("baka", "Baka", "Merit", "Det bakas till kaffet"),
    ):
        liaison.press("Lägg till krav eller merit")
        liaison.write("Vad behöver man kunna?", words)
        liaison.press("Slå upp", start=True)
        liaison.choose("Menar du något av det här?", concept)
        group = liaison.group(words)
        group.get_by_role("radio", name=importance, exact=True).check()
        group.get_by_label("Varför behövs det?").fill(purpose)
    liaison.press("Lägg till språk")
    language = liaison.group("nytt språk")
    language.get_by_label("Språk").select_option(label="Svenska")
    language.get_by_role("radio", name="Förstå").check()
    language.get_by_label("Lägsta nivå").select_option(label="A1")
    language.get_by_label("Varför behövs det?").fill("Att förstå när handledaren visar")
    liaison.group("Det här går att ordna").get_by_label("Det går att arbeta i eget tempo").check()
    liaison.shot("offer-new")
    liaison.press("Spara och öppna")
    liaison.shot("offer")
    return SimpleNamespace(employer=employer, url=liaison.page.url, visited=visited)


def test_a_visit_logged_on_the_phone_stands_on_the_employer_s_page(offer, people):
    assert "De tar gärna emot en person som kan sy." in offer.visited
    assert CONTACT in offer.visited


def test_an_offer_tells_what_each_requirement_is_for(offer, people):
    liaison = people("liaison")
    liaison.open(offer.url)
    told = liaison.text()
    for purpose in ("Kläderna sys om", "Lunchen lagas", "Det bakas", "handledaren visar"):
        assert purpose in told
    assert "Öppen" in told
