"""From an empty database to a unit that can work, led by the page."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Town, _free_port, serving
from tests.browser.test_every_page import AXE
from tests.messages.conftest import inbox  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser
PASSWORD = "en lång mening som prov"


@pytest.fixture
def empty_town(tmp_path, inbox):  # noqa: F811
    town = Town(tmp_path, _free_port())
    town.environ |= {"SMTP_URL": inbox.url, "MAIL_FROM": "enheten@example.org"}
    town.command("db", "upgrade")
    with serving(town):
        yield town


def accessible(visitor):
    found = Axe().run(visitor.page, options=AXE)
    assert [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found.response["violations"]] == []


@pytest.mark.parametrize("width", [390, 1280])
def test_a_new_installation_leads_its_first_person_from_step_to_step(
    browser, visitor_class, empty_town, inbox, width  # noqa: F811
):  # fmt: skip
    ada = visitor_class(browser, empty_town, width=width)
    ada.open("/login")
    ada.see("matchsvc users add")
    accessible(ada)
    ada.shot("start-login")
    address = empty_town.command(
        "users", "add", "ada@example.org", "--role", "admin", "--name", "Ada"
    )

    ada.open(address.strip())
    ada.page.fill("[name=password]", PASSWORD)
    ada.page.locator("main button[type=submit]").click()
    ada.page.fill("[name=email]", "ada@example.org")
    ada.page.fill("[name=password]", PASSWORD)
    ada.page.locator("main button[type=submit]").click()
    ada.page.wait_for_url("**/start")
    ada.see("0 av 5 klara")
    accessible(ada)
    ada.shot("start-first")

    ada.follow("Skriv vad enheten heter")
    accessible(ada)
    ada.write("Kommun", "Lindvalla kommun")
    ada.press("Spara")
    ada.see("1 av 5 klara")

    inbox.answer["rcpt"] = "550 No"
    ada.press("Skicka ett mejl till mig")
    ada.see("Mejlet skickades inte")
    accessible(ada)
    ada.shot("start-refused")
    inbox.answer["rcpt"] = "250 OK"
    ada.press("Skicka ett mejl till mig")
    ada.see("Mejlet är skickat")
    ada.see("2 av 5 klara")
    assert [mail["To"] for mail in inbox.received] == ["ada@example.org"]

    ada.follow("Bjud in kollegor")
    ada.page.wait_for_url("**/users")
    ada.open("/start")
    ada.press("Visa inte guiden på Min vecka")
    ada.see("Ada tog bort guiden")
    ada.open("/my-week")
    ada.page.wait_for_url("**/settings")
    ada.follow("Öppna Kom igång")
    ada.press("Visa guiden på Min vecka igen")
    ada.see("Nästa")
    ada.shot("start-later")
    assert ada.complaints == []
    ada.close()
