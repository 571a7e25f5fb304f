"""Who came to a group, on the phone of whoever leads it: counted in taps, and with a colleague."""

from __future__ import annotations

import pytest

from tests.browser.test_every_page import inspect
from tests.browser.test_the_day import Count, button, link

pytestmark = [pytest.mark.browser, pytest.mark.soak]


def leader_of(visit, town, **screen):
    """The case worker of the town who leads a group today."""
    for number in range(4):
        visitor = visit("case_worker", where=town, number=number, **screen)
        visitor.open("/my-week")
        if "Grupper som du leder i dag" in visitor.text():
            return visitor
    raise AssertionError("nobody leads a group today")


def test_attendance_is_one_tap_for_each_who_differs_and_one_for_the_rest(visit, lively_town):
    phone = leader_of(visit, lively_town, width=390)
    phone.open("/my-week")
    count = Count(phone)
    count.tap(link(phone, "Närvaro").first)
    phone.see("Skriv aldrig varför någon inte kom.")
    wrong = inspect(phone, phone.page.url)
    people = phone.page.locator("main fieldset")
    assert people.count() == 6
    for radio in people.nth(0).locator("label").all():
        box = radio.bounding_box()
        assert min(box["width"], box["height"]) >= 44
    count.tick(people.nth(0).get_by_role("radio", name="Sen"))
    count.tick(people.nth(1).get_by_role("radio", name="Giltig"))
    count.tap(button(phone, "Spara, alla andra är här"))
    phone.see("Närvaron är sparad. Det går att rätta.")
    phone.shot("attendance")
    assert (count.taps, count.texts) == (4, 0)  # six people, two of whom were not simply there
    chosen = phone.page.locator("main input[type=radio]:checked")
    values = [each.get_attribute("value") for each in chosen.all()]
    assert values == ["late", "valid_absence", *["present"] * 4]
    assert wrong == []
    assert phone.complaints == []


def test_a_colleague_who_saves_at_once_sees_both_answers(visit, lively_town):
    phone = leader_of(visit, lively_town, width=390)
    link(phone, "Närvaro").first.click()
    address = phone.page.url
    desk = visit("unit_manager", where=lively_town)
    desk.open(address)
    first = phone.page.locator("main fieldset").nth(0)
    first.get_by_role("radio", name="Här").check()
    button(phone, "Spara närvaron").click()
    phone.see("Närvaron är sparad.")
    desk.page.locator("main fieldset").nth(0).get_by_role("radio", name="Vet ej").check()
    button(desk, "Spara närvaron").click()
    desk.see("Någon annan har sparat samtidigt")
    desk.shot("attendance-conflict")
    row = desk.page.locator("main table tbody tr").first.inner_text()
    assert "Här" in row
    assert "Vet ej" in row
    button(desk, "Spara närvaron").click()
    desk.see("Närvaron är sparad.")
    phone.page.reload()
    checked = phone.page.locator("main fieldset").nth(0).locator("input:checked")
    assert checked.get_attribute("value") == "not_known"
