"""A mapping talk with an interpreter is booked on a phone, counting taps and screens."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from matchsvc.swedish import working_day_on_or_after

pytestmark = pytest.mark.browser


class Hand:
    """Counts what a thumb does: a list takes two taps, a field one before it is written in."""

    def __init__(self, page):
        self.page, self.taps, self.screens = page, 0, 1
        page.on("framenavigated", self._turned)

    def _turned(self, _frame):
        self.screens += 1

    def tap(self, role, name):
        self.taps += 1
        self.page.get_by_role(role, name=name, exact=True).first.tap()

    def pick(self, label, choice):
        self.taps += 2
        self.page.get_by_label(label).first.select_option(label=choice)

    def write(self, label, words):
        self.taps += 1
        self.page.get_by_label(label).first.fill(words)


def test_a_mapping_talk_with_interpreter_is_booked_on_a_phone_in_few_taps(
    browser, lively_town, visitor_class
):
    visitor = visitor_class(browser, lively_town, width=390)
    visitor.context.close()
    visitor.context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="sv-SE", has_touch=True
    )
    visitor.page = visitor.context.new_page()
    visitor.log_in("case_worker")
    visitor.open("/participants/D-2041")
    day = working_day_on_or_after(date.today() + timedelta(days=16))  # noqa: DTZ011

    hand = Hand(visitor.page)
    hand.tap("link", "Boka möte")
    visitor.see("Vad är det för möte?")
    assert visitor.page.get_by_label("Deltagare").input_value() == "D-2041"
    assert visitor.page.get_by_label("Tolk", exact=False).first.input_value() == "ar"
    hand.pick("Vad är det för möte?", "Kartläggningssamtal (60 min)")
    hand.write("Dag", day.isoformat())
    hand.write("Klockan", "10.00")
    hand.tap("button", "Boka mötet")
    visitor.see("Mötet är bokat.")

    visitor.see("Kom ihåg att boka tolken.")
    visitor.see(re.compile("Tolk på arabiska"))
    assert (hand.taps, hand.screens) == (6, 3)
    visitor.shot("booked")
    visitor.open(f"/meetings?view=day&day={day}")
    visitor.see("Tolk inte bokad")
    visitor.close()
