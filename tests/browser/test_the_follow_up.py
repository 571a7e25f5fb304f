"""The monthly follow-up in one hand: taps, targets, a network that goes, and two who wrote."""

from __future__ import annotations

import re
import sqlite3
import sys

import pytest

from tests.browser.test_the_agreement import faults

pytestmark = pytest.mark.browser

SMALL = """() => [...document.querySelectorAll(
    "main form :is(button, summary, select, textarea, label.chip, input.ds-input)")]
  .filter(one => one.offsetParent && one.type !== "checkbox")
  .map(one => [one.getBoundingClientRect(), one.textContent.trim() || one.name])
  .filter(([box]) => box.height < 56 || box.width < 56)
  .map(([box, name]) => `${name}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""
STORED = """async () => localStorage.length + sessionStorage.length
  + ((await indexedDB.databases()).length)"""
WARNS = """() => {
  const leaving = new Event("beforeunload", {cancelable: true});
  dispatchEvent(leaving);
  return leaving.defaultPrevented;
}"""


@pytest.fixture
def supervisor(browser, lively_town, visitor_class):
    visitor = visitor_class(browser, lively_town, width=390)
    yield visitor.log_in("supervisor")
    visitor.close()


def on_next(page):
    page.locator("[data-next]:visible").click()


def saved_versions(town, follow_up):
    with sqlite3.connect(f"{town.folder}/town.sqlite3") as database:
        found = database.execute(
            "select submission_id from follow_up_version where follow_up_id = ?", [follow_up]
        )
        return len(found.fetchall())


def open_due(visitor):
    """The form of a follow-up with promises from last time."""
    visitor.open("/follow-ups")
    links = visitor.page.get_by_role("link", name=re.compile("^Logga"))
    for address in [link.get_attribute("href") for link in links.all()]:
        visitor.open(address)
        if visitor.page.get_by_text("Det här bestämde ni").count():
            return address
    raise AssertionError("no follow-up with promises is due")


def test_twelve_taps_and_a_sentence_with_the_network_cut_in_the_middle(supervisor, capsys):
    page, context = supervisor.page, supervisor.context
    address = open_due(supervisor)
    follow_up = address.rpartition("/")[2].replace("-", "")
    other = context.new_page()  # the same form, on somebody's other screen
    other.goto(supervisor.town.base + address)
    taps, small = 0, []

    def tap(place):
        nonlocal taps
        place.click()
        taps += 1

    def step():
        assert faults(supervisor) == []
        small.extend(page.evaluate(SMALL))

    step()
    together = page.get_by_role("button", name="Allt är klart")
    if together.count():
        tap(together)
        some = page.locator("[name^='kept-'][value='partly']")
    else:
        some = page.locator("[name^='kept-'][value='done']")
    tap(some.first)  # not everything went as they said
    supervisor.shot("follow-up-1")
    tap(page.locator("[data-next]:visible"))
    step()
    tap(page.get_by_label("Sådär"))
    page.get_by_label("Deltagarens egna ord").fill("Jag vill prova kassan.")
    tap(page.get_by_label("Som vi sa"))
    hours = page.locator("[name=hours_next]")
    if hours.count():
        tap(hours.last)
    supervisor.shot("follow-up-2")
    context.set_offline(True)
    page.get_by_text("Ingen täckning.").wait_for()
    tap(page.locator("[data-next]:visible"))
    step()
    assert page.locator("[data-unsent]:visible").inner_text() == "Inte skickat än"
    together = page.get_by_role("button", name="Allt fungerar")
    tap(together if together.count() else page.get_by_label("Fungerar", exact=True).first)
    supervisor.shot("follow-up-3")
    tap(page.locator("[data-next]:visible"))
    step()
    tap(page.get_by_label("Ja", exact=True))
    tap(page.get_by_label("Ja, så är det"))
    summary = page.locator("[data-summary]").inner_text()
    assert "Jag vill prova kassan." in summary
    assert "Som vi sa" in summary
    supervisor.shot("follow-up-4")
    tap(page.get_by_role("button", name="Spara uppföljningen"))
    page.get_by_text("Vi försöker igen av oss själva").wait_for()
    assert page.locator("[data-unsent]:visible").inner_text() == "Inte skickat än"
    assert page.evaluate(WARNS)
    assert page.evaluate(STORED) == 0
    supervisor.shot("follow-up-unsent")

    # The first time the net is back, the server saves, but its answer is lost on the way.
    lost = []

    def lose_the_answer(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            return route.abort()
        return route.continue_()

    page.route(f"**{address}", lose_the_answer)
    context.set_offline(False)
    page.wait_for_url("**?saved=1")
    supervisor.see("Uppföljningen är sparad.")
    assert lost == [200]
    assert saved_versions(supervisor.town, follow_up) == 1
    assert small == []
    assert taps <= 12
    with capsys.disabled():
        sys.stdout.write(f"\nfollow-up at 390 px: {taps} taps and a sentence\n")
    supervisor.complaints = [each for each in supervisor.complaints if "ERR_" not in each]
    assert faults(supervisor) == []
    page.unroute(f"**{address}")

    # The other screen saves too: nothing is overwritten, and each difference is chosen.
    supervisor.page = other
    for _step in range(3):
        if other.get_by_label("Svårt").is_visible():
            other.get_by_label("Svårt").click()
            other.get_by_label("Deltagarens egna ord").fill("Det var tungt i veckan.")
        on_next(other)
    other.get_by_role("button", name="Spara uppföljningen").click()
    supervisor.see("Båda är sparade.")
    assert faults(supervisor) == []
    supervisor.shot("follow-up-versions")
    for group in other.get_by_role("radiogroup").all():
        both = group.get_by_role("radio", name="Båda")
        (both if both.count() else group.get_by_role("radio").first).check()
    other.get_by_role("button", name="Spara som en uppföljning").click()
    supervisor.see("Uppföljningen är sparad.")
    shown = other.locator("main").inner_text()
    assert re.search(r"Jag vill prova kassan\.\s+Det var tungt i veckan\.", shown)
    assert saved_versions(supervisor.town, follow_up) == 3
    supervisor.shot("follow-up-logged")
