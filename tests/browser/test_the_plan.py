"""A plan on a phone: begun from my week, written together, signed by all, printed, renewed."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from tests.browser.test_every_page import inspect
from tests.browser.test_the_day import button, link

pytestmark = pytest.mark.browser


def link_about(phone, name, about):
    """A link whose name says what it is about after a colon, however it is spaced."""
    return phone.page.get_by_role("link", name=re.compile(rf"^\s*{name}\s*:\s*{about}"))


def add(phone, what, who, **more):
    phone.write("Vad ska göras?", what)
    phone.choose("Vem ansvarar?", who)
    for label, words in more.items():
        phone.write(label.replace("_", " "), words)


def test_a_plan_is_made_and_signed_on_a_phone(visit, lively_town):
    soon = (date.today() + timedelta(days=10)).isoformat()  # noqa: DTZ011 - the town's own day
    phone = visit("case_worker", where=lively_town, width=390)
    phone.open("/my-week")
    phone.see("Planer att se till")
    phone.shot("plan-my-week")
    late = phone.page.locator("section", has_text="Planer att se till").last
    late.locator(".item-row", has_text="skulle ha varit").first.get_by_role("link").click()
    phone.see("Vad vill personen nå?")
    at = phone.page.url
    phone.shot("plan-none")
    wrong = inspect(phone, at)

    phone.page.get_by_role("textbox", name="Mina mål").fill("شغل في مطبخ")
    button(phone, "Börja planen").click()
    phone.see("Inget är planerat än.")
    phone.shot("plan-begun")
    wrong += inspect(phone, at)

    link_about(phone, "Lägg till", "något som ska göras").click()
    add(phone, "Anmäla sig till svenska", "Personen själv", Klart_senast="i morgon")
    button(phone, "Spara").first.click()
    phone.see("Datumet finns inte.")
    assert phone.page.get_by_label("Vad ska göras?").input_value() == "Anmäla sig till svenska"
    phone.shot("plan-measure-refused")
    phone.write("Klart senast", soon)
    button(phone, "Spara och lägg till en till").click()
    phone.see("Det är sparat.")
    phone.shot("plan-measure")
    wrong += inspect(phone, phone.page.url)
    add(phone, "Boka besök", "Någon annan", **{"Vem?": "Arbetsförmedlingen, Anna"})
    phone.write("Klart senast", soon)
    button(phone, "Spara").first.click()
    phone.see("Det är sparat i planen.")

    link_about(phone, "Ändra", "mål och stöd").click()
    wrong += inspect(phone, phone.page.url)
    phone.shot("plan-goals")
    phone.choose("Barnomsorg", "Ordnad")
    button(phone, "Spara målen").click()
    button(phone, "Hämta spåret Arbete").click()
    phone.see("Delmålen är tillagda.")
    link_about(phone, "Lägg till", "ett delmål").click()
    wrong += inspect(phone, phone.page.url)
    phone.choose("Spår", "Utbildning")
    phone.page.get_by_label("Delmål", exact=True).fill("Körkort")
    button(phone, "Spara delmålet").click()
    link(phone, "Körkort").click()
    wrong += inspect(phone, phone.page.url)
    phone.shot("plan-sub-goal")
    phone.choose("Läge", "På gång")
    button(phone, "Spara läget").click()
    phone.see("Delmålet är sparat.")
    phone.shot("plan-draft")
    link_about(phone, "Ändra", "Boka besök").click()
    wrong += inspect(phone, phone.page.url)
    phone.open(at)

    button(phone, "Vi har läst igenom den").click()
    phone.see("Planen är genomläst.")
    phone.shot("plan-to-sign")
    wrong += inspect(phone, at)
    for _ in range(2):
        button(phone, "Skriver under").first.click()
        phone.see("Underskriften är antecknad.")
    button(phone, "Jag skriver under som handläggare").click()
    phone.see("Alla har skrivit under.")
    phone.shot("plan-signed")
    wrong += inspect(phone, at)
    link(phone, "Vem gör vad, på en sida").click()
    phone.see("Vi gör vårt bästa")
    phone.page.emulate_media(media="print")
    phone.shot("plan-paper-printed")
    phone.page.emulate_media(media="screen")
    phone.shot("plan-paper")
    wrong += inspect(phone, phone.page.url)

    phone.open(at)
    phone.page.get_by_role("button", name=re.compile(r"^\s*Klart\s*:")).first.click()
    phone.see("Det är antecknat.")
    button(phone, "Skriv en ny version").click()
    phone.see("Tidigare versioner")
    assert phone.page.get_by_text("Boka besök").count()
    wrong += inspect(phone, at)
    assert wrong == []
