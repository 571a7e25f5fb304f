"""A paper on a telephone: put up, read, taken away and brought back."""

from __future__ import annotations

import pytest

from tests.browser.test_every_page import inspect
from tests.browser.test_the_day import button, link
from tests.workday import paper_files as files

pytestmark = pytest.mark.browser


def give(phone, content, name, kind, mime="application/pdf"):
    phone.page.get_by_label("Fil eller foto").set_input_files(
        {"name": name, "mimeType": mime, "buffer": content}
    )
    phone.page.get_by_role("radio", name=kind).check()
    button(phone, "Spara papperet").click()


def shown(phone):
    """Whether every picture of the paper was drawn, and how wide the first is."""
    pictures = phone.page.locator(".scan img")
    for number in range(pictures.count()):
        pictures.nth(number).scroll_into_view_if_needed()
        phone.page.wait_for_function(
            "at => document.querySelectorAll('.scan img')[at].naturalWidth > 0", arg=number
        )
    return pictures.count()


def test_a_paper_is_put_up_read_and_taken_back_on_a_phone(visit, lively_town):
    phone = visit("case_worker", where=lively_town, width=390)
    phone.open("/participants/D-2041")
    link(phone, "Papper och filer").first.click()
    phone.see("Inga papper än.")
    phone.shot("papers-none")
    wrong = inspect(phone, phone.page.url)

    give(phone, files.pdf(files.ACTIVE["launches when opened"]), "beslut.pdf", "Beslut")
    phone.see("Skriv ut till PDF och försök igen")
    assert phone.page.get_by_role("radio", name="Beslut").is_checked()
    phone.shot("papers-refused")

    give(phone, files.pdf(pages=2), "beslut.pdf", "Beslut")
    phone.see("Papperet är sparat.")
    phone.shot("papers-put-up")
    wrong += inspect(phone, phone.page.url)
    phone.page.locator("main .rows").get_by_role("link", name="Beslut").click()
    phone.see("Om papperet")
    assert shown(phone) == 2
    phone.page.evaluate("scrollTo(0, 0)")
    phone.shot("paper")
    wrong += inspect(phone, phone.page.url)

    phone.page.get_by_text("Ligger det fel?").click()
    phone.page.get_by_label("Varför ska det tas bort?").fill("Fel person")
    button(phone, "Ta bort papperet").click()
    phone.see("Det går att ångra i tio minuter.")
    phone.shot("papers-taken-away")
    wrong += inspect(phone, phone.page.url)
    button(phone, "Ångra").click()
    phone.see("Papperet är tillbaka.")

    photo = files.picture(size=(1200, 1600))
    give(phone, photo, "IMG_0001.JPG", "Intyg eller betyg", "image/jpeg")
    phone.see("Papperet är sparat.")
    phone.page.locator("main .rows").get_by_role("link", name="Intyg eller betyg").click()
    assert shown(phone) == 1
    phone.shot("paper-photo")
    wrong += inspect(phone, phone.page.url)
    assert wrong == []
