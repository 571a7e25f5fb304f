"""Keys lead somewhere, keep quiet while somebody writes, and can be turned off."""

from __future__ import annotations

import pytest

from tests.browser.test_every_page import inspect

pytestmark = pytest.mark.browser


def press(visitor, *keys):
    for key in keys:
        visitor.page.keyboard.press(key)


def test_keys_lead_to_the_main_places_search_and_a_new_note(visit):
    worker = visit("case_worker")
    press(worker, "g", "d")
    worker.page.wait_for_url("**/participants")
    press(worker, "g", "v")
    worker.page.wait_for_url("**/my-week")

    press(worker, "/")
    assert worker.page.evaluate("document.activeElement.id") == "top-search"
    press(worker, "g", "d", "?", "n")
    assert worker.page.input_value("#top-search") == "gd?n"
    assert worker.page.url.endswith("/my-week")

    worker.open("/participants/D-2041")
    press(worker, "n")
    worker.page.wait_for_url("**/participants/*/notes")
    worker.open("/my-week")
    press(worker, "n")
    press(worker, "Control+g", "d")
    press(worker, "x", "d")
    worker.page.wait_for_timeout(300)
    assert worker.page.url.endswith("/my-week")
    assert worker.complaints == []


def test_a_question_mark_shows_the_list_and_escape_closes_it(visit):
    worker = visit("case_worker")
    press(worker, "?")
    dialog = worker.page.get_by_role("dialog", name="Kortkommandon")
    dialog.wait_for()
    assert "Ny anteckning" in dialog.inner_text()
    worker.shot("shortcuts-dialog")
    press(worker, "Escape")
    dialog.wait_for(state="hidden")


def test_who_turns_them_off_is_left_in_peace(visit):
    worker = visit("case_worker")
    worker.open("/help")
    worker.press("Stäng av kortkommandona")
    worker.see("Kortkommandona är av.")
    worker.open("/my-week")
    press(worker, "?", "/")
    press(worker, "g", "d")
    worker.page.wait_for_timeout(300)
    assert worker.page.url.endswith("/my-week")
    assert worker.page.locator("dialog").count() == 0
    assert worker.page.evaluate("document.activeElement.tagName") == "BODY"

    worker.open("/help")
    worker.press("Slå på kortkommandona")
    worker.see("Stäng av kortkommandona")
    worker.page.wait_for_load_state("load")
    press(worker, "g", "d")
    worker.page.wait_for_url("**/participants")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_sentence_opens_beside_the_menu(visit, width):
    worker = visit("case_worker", width=width)
    worker.page.get_by_role("banner").locator(".top__help summary").click()
    worker.see("vad du behöver göra den här veckan")
    worker.shot("help-open")
    wide = worker.page.evaluate(
        "document.querySelector('.top__help .menu__panel').getBoundingClientRect().left"
    )
    assert wide >= 0
    worker.page.get_by_role("link", name="Ordlista").first.click()
    worker.page.get_by_label("Ord på svenska eller engelska").fill("möte")
    worker.press("Slå upp")
    worker.see("trepartsmöte")
    worker.shot("glossary")
    faults = inspect(worker, "/help") + inspect(worker, "/help/glossary")
    worker.shot("glossary-all")
    assert faults == []
    worker.open("/help")
    worker.shot("help")
