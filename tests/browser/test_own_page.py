"""My page in a real browser: on a shared screen in Arabic, and the link on a telephone."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
PERSON = "/participants/D-2041/own-page"


def faults(visitor):
    """What is wrong with the page as it stands."""
    page = visitor.page
    width = page.viewport_size["width"]
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(height + 120, 12_000)})
    found = Axe().run(page, options=AXE).response["violations"]
    wrong = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]
    over = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    low = page.eval_on_selector_all(
        "main button, main a.ds-button",
        """all => all
          .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 44)
          .map(one => one.textContent.trim())""",
    )
    page.set_viewport_size({"width": width, "height": 900})
    wrong += [f"{over} px too wide"] if over > 0 else []
    return [*wrong, *(f"low: {one}" for one in low), *visitor.complaints]


@pytest.fixture
def worker(request, browser, lively_town, visitor_class):
    width, scheme = getattr(request, "param", (390, "light"))
    visitor = visitor_class(browser, lively_town, width=width, scheme=scheme)
    yield visitor.log_in("case_worker")
    visitor.close()


def show(worker, language, interpreter="Amir från Tolkcentralen"):
    worker.open(PERSON)
    worker.choose("Språk", language)
    worker.write("Vem tolkar?", interpreter)
    worker.press("Visa Min sida")
    worker.page.wait_for_url(re.compile(r"/own-page/[0-9a-f-]{36}"))


@pytest.mark.parametrize("worker", [(390, "light"), (1280, "dark")], indirect=True)
def test_the_page_in_arabic_from_the_talk_to_the_log(worker, request):
    name = request.node.callspec.id.replace("worker", "own")
    show(worker, "العربية")
    page = worker.page
    content = page.locator(".own")
    assert (content.get_attribute("lang"), content.get_attribute("dir")) == ("ar", "rtl")
    assert faults(worker) == []
    worker.shot(f"{name}-ar")
    heading = page.locator("#plan > span").first.bounding_box()
    card = page.locator("section:has(> #plan)").bounding_box()
    # Mirrored: a heading begins at the right edge of its card.
    assert card["x"] + card["width"] - heading["x"] - heading["width"] < 40
    assert page.locator("#plan .beside").inner_text() == "Din plan"

    # No employer is shown anything, in the participant's own language.
    with page.expect_navigation():  # the same answer may stand there from before
        page.get_by_role("button", name="لا، لا تعرضوا شيئاً").click()
    worker.see("كانت إجابتك لا")
    page.locator("#own-words").fill("هذا غير صحيح")
    page.get_by_role("radio", name="لي رأي آخر").check()
    with page.expect_navigation():
        page.get_by_role("button", name="حفظ كلماتي").click()
    worker.see("تم حفظ كلماتك")
    assert faults(worker) == []

    page.get_by_role("link", name="عرض من فتح معلوماتك").click()
    worker.see("هل ترى الشاشة وحدك؟")
    assert faults(worker) == []
    page.get_by_role("button", name="عرض من فتح معلوماتك").click()
    worker.page.locator("#error-summary").wait_for()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="عرض من فتح معلوماتك").click()
    worker.see("مسؤول الملف")
    assert faults(worker) == []
    worker.shot(f"{name}-log")
    page.get_by_role("link", name="الإخفاء والعودة").click()

    page.get_by_role("link", name="القراءة والطباعة").click()
    worker.see("Kopia av dina uppgifter")
    assert faults(worker) == []
    worker.shot(f"{name}-copy")
    worker.follow("Tillbaka till Min sida")
    worker.press("Svenska")
    worker.see("Så långt har du kommit")
    assert faults(worker) == []
    worker.shot(f"{name}-sv")
    worker.press("Sluta visa")
    worker.see("Handläggare")


def test_the_link_on_a_telephone_and_what_is_left_of_it(
    worker, browser, lively_town, visitor_class
):
    worker.open(PERSON)
    page = worker.page
    page.get_by_role("button", name=re.compile("Gör en (ny )?länk")).click()
    worker.see("Länken är klar.")
    address = page.locator(".own__address").inner_text()
    assert faults(worker) == []
    worker.shot("own-start")
    phone = visitor_class(browser, lively_town, width=320)
    phone.open(address)
    assert phone.page.locator(".own").get_attribute("dir") == "rtl"  # met in Arabic
    assert "D-2041" not in phone.page.content()
    assert faults(phone) == []
    phone.shot("own-link-ar")
    phone.follow("Svenska")
    phone.see("Ditt nästa möte")
    assert phone.page.get_by_role("link", name=re.compile("^Ring ")).is_visible()
    assert faults(phone) == []
    phone.shot("own-link-sv")
    worker.press("Stoppa länken")
    worker.see("Länken är stoppad.")
    phone.open(address)
    phone.see("Länken fungerar inte längre")
    assert faults(phone) == []
    phone.close()


def test_a_page_to_print_has_no_buttons_and_no_forms(worker):
    show(worker, "English", "")
    worker.page.emulate_media(media="print")
    shown = worker.page.locator("main :is(button, form, textarea):visible")
    assert shown.count() == 0
    assert worker.page.locator("#steps").is_visible()
