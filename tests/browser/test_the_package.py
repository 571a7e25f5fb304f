"""A placement's support package from start to end: a liaison at a desk, an employer's phone."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from matchsvc.swedish import working_day_on_or_after
from tests.browser.test_every_page import inspect

pytestmark = pytest.mark.browser

ADDRESS = re.compile(r"(https?://\S+/l/[\w-]{22})(?![\w-])")


def pdf_of(phone, address):
    answer = phone.context.request.get(address)
    assert answer.headers["content-type"] == "application/pdf"
    return answer.body()


def look(visitor, name, wrong):
    """A picture, and what is wrong with the page as it stands."""
    visitor.shot(name)
    wrong += [f"{name}: {each}" for each in inspect(visitor, visitor.page.url, opened=True)]


def latest_code(worker):
    """The town has no mail server, so what would be sent stands in the list."""
    worker.open("/messages")
    return re.search(r"Koden är (\d{6})", worker.text())[1]


def test_a_package_from_start_to_end(visit, lively_town):
    wrong = []
    desk = visit("employer_liaison", where=lively_town)
    desk.open("/placements")
    starting = desk.page.locator("section.group", has_text="Börjar")
    starting.locator(".item-row a").last.click()
    desk.see("Arbetsgivarens stödpaket")
    placement = desk.page.url
    desk.follow("Öppna stödpaketet")
    desk.see("De sex delarna")
    package = desk.page.url
    alias = re.search(r"D-\d{4}", desk.text())[0]
    look(desk, "package-begun", wrong)

    # The meeting before the start, with an agenda that is there already.
    done = desk.page.get_by_role("link", name=re.compile(r"^Ändra\s*:\s*Möte före start"))
    if done.count():  # the town has dice: as if nobody had met yet
        done.click()
        desk.choose("Hur gick det?", "Planerat")
        desk.press("Spara delen")
        desk.see("Arbetsgivarens stödpaket")  # only the placement itself has it
        desk.open(package)
    desk.follow("Boka mötet", "Möte före start")
    desk.see("Dagordning")
    day = working_day_on_or_after(date.today())  # noqa: DTZ011 - the town's own day
    later = working_day_on_or_after(day + timedelta(days=1))
    desk.write("Dag", later.isoformat())
    desk.write("Klockan", "07.15")
    look(desk, "package-meeting", wrong)
    desk.press("Boka mötet")
    if "krockar" in desk.page.content():
        desk.page.get_by_label(re.compile("Boka ändå")).check()
        desk.press("Boka mötet")
    desk.see("Möte före placering")
    look(desk, "package-meeting-booked", wrong)

    # A link of her own for the contact; its address is shown once.
    desk.open(package)
    desk.page.get_by_role("button", name=re.compile("^Ge en länk")).first.click()
    desk.see("Länken är gjord")
    look(desk, "package-link-made", wrong)
    address = ADDRESS.search(desk.text())[1]
    desk.see("Arbetsgivaren läser version 1 av informationspaketet.")

    phone = visit(where=lively_town, width=390)
    phone.open(address)
    phone.see("Jag behöver hjälp")
    look(phone, "employer-page", wrong)
    assert alias not in phone.page.content()
    phone.page.set_viewport_size({"width": 320, "height": 700})
    wrong += inspect(phone, address)
    phone.page.set_viewport_size({"width": 390, "height": 900})

    phone.open(address)
    phone.follow("Informationspaket")
    phone.see("Det här ansvarar ni för")
    look(phone, "employer-information", wrong)
    assert pdf_of(phone, address + "/information.pdf?in=en").startswith(b"%PDF")

    phone.open(address)
    phone.follow("Stöd under perioden")
    phone.see("I er kalender")
    look(phone, "employer-schedule", wrong)
    calendar = phone.context.request.get(address + "/schedule.ics").text()
    assert "BEGIN:VEVENT" in calendar
    assert alias not in calendar

    phone.open(address)
    phone.follow("Jag behöver hjälp")
    phone.see("Vad gäller det?")
    look(phone, "employer-help", wrong)
    phone.page.get_by_label("Ring mig").check()
    phone.press("Be om hjälp")
    phone.see(re.compile("svarar senast"))
    look(phone, "employer-help-sent", wrong)

    phone.follow("Frågor och svar")
    phone.see("Måste vi anställa efteråt?")
    look(phone, "employer-questions", wrong)
    phone.page.get_by_role("searchbox", name="Sök").fill("försäkrad")
    phone.press("Sök bland frågorna")
    phone.see("Är personen försäkrad?")
    phone.write("Er fråga", "Får vi byta dagar när det är inventering?")
    phone.press("Skicka frågan")
    phone.see("Det ni har skickat")

    phone.follow("Säg hur det går")
    phone.see("Är närvaron som vi kom överens om?")
    phone.press("Skicka svaret")
    phone.see("Rätta det här")
    phone.page.get_by_label("Det går bra").check()
    phone.page.get_by_label("Ja, som vi kom överens om").check()
    phone.write("Något mer?", "Håller ordning vid disken.")
    look(phone, "employer-how", wrong)
    phone.press("Skicka svaret")
    phone.see("Tack! Vi läser det före nästa uppföljning")

    # What is personal asks for a code.
    phone.follow("Visa med kod")
    phone.see("Skicka koden med e-post till")
    look(phone, "employer-code", wrong)
    phone.page.get_by_role("button", name="Skicka koden med e-post till").click()
    phone.see("Koden är på väg")
    phone.write("Koden", latest_code(desk))
    look(phone, "employer-code-sent", wrong)
    phone.press("Visa")
    phone.see("Sidan stängs efter en halvtimme.")
    look(phone, "employer-personal", wrong)

    # The liaison answers, and makes the question part of what everybody reads.
    desk.open(package)
    desk.see("Får vi byta dagar när det är inventering?")
    look(desk, "package-asked", wrong)
    desk.page.get_by_role("link", name=re.compile(r"^Svara\s*:\s*Fråga")).click()
    desk.see("Arbetsgivarens fråga")
    desk.write("Ert svar", "Ja, säg bara till en vecka före.")
    look(desk, "package-answer", wrong)
    desk.press("Svara")
    desk.see("Svaret är sparat")
    desk.page.get_by_role("link", name=re.compile(r"^Läs\s*:\s*Fråga")).click()
    desk.follow("Gör den till en del av Frågor och svar")
    desk.see("Skriv om så att texten gäller vem som helst.")
    look(desk, "package-entry", wrong)
    desk.press("Spara frågan")
    desk.see("Arbetsgivare ser det nu.")
    phone.open(address + "/questions")
    phone.see("Ja, säg bara till en vecka före.")

    # The unit writes a part anew, reads it and publishes.
    desk.open("/settings/information")
    desk.follow("Det här lovar vi er")
    desk.page.get_by_label("Rubrik på svenska").fill("Vårt löfte till er")
    desk.press("Spara delen")
    desk.see("Arbetsgivare läser det när du har publicerat.")
    look(desk, "information-blocks", wrong)
    desk.follow("Förhandsgranska")
    desk.see("Vårt löfte till er")
    look(desk, "information-preview", wrong)
    desk.page.go_back()
    desk.press("Publicera version 2")
    desk.see("Publicerat")
    phone.open(address + "/information")
    phone.see("Det här lovar vi er")  # the version that was shared stays

    # In English, with the switch; and after it was stopped, nothing.
    phone.open(address)
    phone.page.get_by_role("banner").get_by_role("link", name="English").click()
    phone.see("I need help")
    look(phone, "employer-page-english", wrong)
    desk.open(package)
    desk.page.get_by_role("button", name=re.compile("^Återkalla")).first.click()
    desk.see("Länken är återkallad")
    look(desk, "package-revoked", wrong)
    phone.open(address)
    phone.see("The link no longer works")
    look(phone, "employer-dead", wrong)
    phone.press("Send me a new link")
    phone.see("Look in your e-mail")
    look(phone, "employer-renewed", wrong)

    desk.open(placement)
    desk.see(re.compile(r"\d av 6 delar är klara"))
    look(desk, "placement-with-package", wrong)
    manager = visit("unit_manager", where=lively_town)
    manager.open("/reports")
    manager.see("Arbetsgivarens stödpaket")
    assert wrong == []
