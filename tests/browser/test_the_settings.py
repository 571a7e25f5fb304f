"""A manager changes what full time is and what the unit is called; others meet it at once."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.soak]


@pytest.fixture
def people(visit, lively_town):
    return lambda role, **screen: visit(role, where=lively_town, **screen)


def test_a_manager_renames_the_unit_and_a_colleague_sees_it_with_who_and_why(people):
    manager = people("unit_manager", width=390)
    manager.follow_in_menu("Inställningar")
    manager.follow("Namn och märke")
    manager.write("Namn som visas", "Jobbcentrum Norr")
    manager.write("Märke", "JN")
    manager.press("Spara ändringen")
    manager.see("Rätta det här och spara igen")  # nobody said why
    manager.write("Varför ändras det?", "Nytt namn från hösten")
    manager.press("Spara ändringen")
    manager.see("Det gäller från och med nu.")
    manager.shot("settings-saved")

    worker = people("case_worker")
    assert worker.page.get_by_role("banner").get_by_text("Jobbcentrum Norr").is_visible()
    assert worker.page.get_by_role("banner").get_by_text("JN").first.is_visible()

    auditor = people("auditor")
    auditor.open("/settings")
    auditor.follow("Alla ändringar")
    auditor.see("Nytt namn från hösten")
    assert manager.complaints == worker.complaints == auditor.complaints == []


def test_a_shorter_working_day_makes_a_late_meeting_ask_why(people):
    manager = people("unit_manager")
    manager.open("/settings")
    manager.follow("Tider och timmar")
    manager.write("Arbetsdagen slutar klockan", "15")
    manager.write("Varför ändras det?", "Vi stänger tidigare")
    manager.press("Spara ändringen")
    manager.see("Det gäller från och med nu.")

    worker = people("case_worker")
    worker.open("/meetings/new?kind=other_meeting")
    worker.page.fill("[name=day]", "2027-03-03")
    worker.page.fill("[name=at]", "16:00")
    worker.press("Boka mötet")
    worker.see("Mötet ligger utanför arbetsdagen, 7.00-15.00.")


def test_an_administrator_opens_a_unit_and_is_told_what_is_in_the_way_of_closing_one(people):
    admin = people("admin", width=390)
    admin.open("/settings")
    admin.follow("Enheter")
    admin.write("Enhetens namn", "Vuxenutbildningen")
    admin.write("Enhetschefens namn", "Mona Berg")
    admin.write("Enhetschefens e-post", "mona.berg@example.org")
    admin.press("Öppna enheten")
    admin.see("Enheten är öppen.")
    admin.shot("unit-opened")
    admin.press("Stäng enheten nu")
    admin.see("Enheten är stängd.")
    admin.follow("Enheter")
    admin.follow("Arbetsmarknadsenheten")
    admin.see("En systemförvaltare i en annan enhet stänger den.")
    assert admin.complaints == []
