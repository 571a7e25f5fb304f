"""An employer entered by mistake is archived, gone from the list, and back again."""

from __future__ import annotations

import pytest

from tests.browser.test_every_page import inspect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [390, 1280])
def test_a_mistake_is_archived_and_undone(lively_town, visitor_class, browser, width):
    liaison = visitor_class(browser, lively_town, width=width).log_in("employer_liaison")
    name = {390: "Felskrivna bageriet", 1280: "Påhittade mejeriet"}[width]
    liaison.open("/employers/new")
    liaison.write("Namn", name)
    liaison.page.locator("[name=type]").select_option("private")
    liaison.page.locator("main form.form button[type=submit]").last.click()
    liaison.page.wait_for_url("**/sites/new")
    liaison.open(liaison.page.url.removesuffix("/sites/new"))
    liaison.follow("Inlagd av misstag?")
    address = liaison.page.url.removeprefix(lively_town.base)
    assert inspect(liaison, address) == []
    liaison.shot("archive-ask")
    liaison.press(f"Arkivera {name}")
    liaison.see("Skriv varför.")
    liaison.write("Varför är det fel?", "Står redan i listan med rätt namn.")
    liaison.press(f"Arkivera {name}")
    liaison.see("Du kan ångra i tio minuter.")
    liaison.shot("archive-list")
    assert inspect(liaison, "/archived") == []
    liaison.open("/employers")
    assert name not in liaison.text()

    liaison.open("/settings")
    liaison.follow("Öppna arkiverat")
    liaison.press("Ångra", name)
    liaison.page.wait_for_url("**/employers/*")
    liaison.see(name)
    assert liaison.complaints == []
    liaison.close()
