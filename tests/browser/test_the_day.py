"""What is done forty times a day, on a phone and at the desk, counted in taps and screens."""

from __future__ import annotations

import re

import pytest

from tests.browser.test_every_page import inspect

pytestmark = pytest.mark.browser


class Count:
    """Taps and screens of one errand; texts that were typed stand beside."""

    def __init__(self, visitor):
        self.visitor, self.taps, self.texts, self.screens = visitor, 0, 0, 0
        visitor.page.on("framenavigated", self._screen)

    def _screen(self, frame):
        self.screens += frame == self.visitor.page.main_frame

    def tap(self, place):
        place.click()
        self.taps += 1

    def tick(self, place):
        place.check()
        self.taps += 1

    def type(self, place, words):
        place.fill(words)
        self.texts += 1


def button(visitor, name):
    return visitor.page.get_by_role("button", name=re.compile(rf"^\s*{re.escape(name)}"))


def link(visitor, name):
    return visitor.page.get_by_role("link", name=re.compile(rf"^\s*{re.escape(name)}"))


def test_a_person_is_found_on_a_phone_by_a_misspelt_name_and_a_note_is_written(visit, lively_town):
    phone = visit("case_worker", where=lively_town, width=390)
    count = Count(phone)
    count.tap(phone.page.get_by_role("link", name="Sök", exact=True))
    wrong = inspect(phone, "/search")
    phone.open("/search")
    count.type(phone.page.locator("main [name=q]"), "Samria Hadad")
    count.tap(phone.page.locator("main").get_by_role("button", name="Sök"))
    phone.shot("found")
    count.tap(phone.page.locator("main").get_by_role("link", name="Samira Haddad").first)
    phone.see("Vägen till arbete")
    assert (count.taps, count.texts) == (3, 1)

    count = Count(phone)
    count.tap(link(phone, "Anteckna").first)
    count.type(phone.page.get_by_role("textbox", name="Vad hände?"), "Provade köket i dag.")
    count.tick(phone.page.get_by_role("radio", name="30 min"))
    count.tap(button(phone, "Spara anteckningen"))
    phone.see("Anteckningen är sparad.")
    phone.see("Provade köket i dag.")
    phone.shot("noted")
    wrong += inspect(phone, phone.page.url)
    assert (count.taps, count.texts) == (3, 1)
    assert count.screens <= 3  # the one it begins from may still be arriving
    assert wrong == []


def test_a_person_is_found_with_the_keyboard_alone(visit, lively_town):
    worker = visit("case_worker", where=lively_town)
    worker.page.keyboard.press("/")
    worker.page.keyboard.type("samria")
    option = worker.page.get_by_role("option", name=re.compile("Samira Haddad"))
    option.wait_for()
    worker.page.keyboard.press("ArrowDown")
    assert option.get_attribute("aria-selected") == "true"
    worker.page.keyboard.press("Enter")
    worker.page.wait_for_url("**/participants/**")
    assert worker.complaints == []


def test_a_manager_hands_over_everything_of_a_colleague(visit, lively_town):
    manager = visit("unit_manager", where=lively_town)
    count = Count(manager)
    manager.open_menu()
    count.taps += 1
    count.tap(link(manager, "Lämna över arbete").first)
    wrong = inspect(manager, manager.page.url)
    row = manager.page.get_by_role("listitem").filter(has_text="Lena Forsberg")
    cases = int(re.search(r"Ärenden (\d+)", row.inner_text())[1])
    assert cases > 10
    count.tap(row.get_by_role("link"))
    wrong += inspect(manager, manager.page.url)
    manager.page.get_by_role("combobox", name="Vem tar över?").select_option(label="Johan Ekdal")
    count.taps += 2
    count.type(manager.page.get_by_role("textbox", name="Varför?"), "Byter tjänst")
    count.tap(button(manager, "Lämna över det ikryssade"))
    manager.see("är överlämnade")
    manager.shot("handed-over")
    assert not re.search("Lena Forsberg\n.*Ärenden", manager.text())
    assert (count.taps, count.texts) == (6, 1)
    assert wrong == []


def test_tasks_are_put_off_on_a_phone_and_undone(visit, lively_town):
    phone = visit("case_worker", where=lively_town, width=390)
    phone.open("/tasks")
    first = phone.page.get_by_role("checkbox").first
    what = first.evaluate("box => box.labels[0].innerText")
    count = Count(phone)
    count.tick(first)
    count.tap(button(phone, "Klart").first)
    phone.see("Uppgiften är klar.")
    count.tap(button(phone, "Ångra"))
    phone.see("Sparat.")
    assert what.splitlines()[-1] in phone.text()
    assert count.taps == 3
    assert phone.complaints == []
