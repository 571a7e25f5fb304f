"""Placements in a real browser: the follow-up in a hand, and every page accessible."""

import sys
from contextlib import nullcontext
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import time_machine
from playwright.sync_api import expect
from sqlalchemy import select

from matchsvc.follow_ups.keeping import log_follow_up
from matchsvc.messages.models import OutboxMessage
from matchsvc.own_page.standing_link import make_link
from matchsvc.placements.ending import end_placement
from matchsvc.placements.models import (
    ActionState,
    AgreedAction,
    FollowUp,
    Mood,
    Outcome,
    Survey,
)
from tests.factories import TODAY
from tests.follow_ups.factories import answers
from tests.placements.factories import NOW, URL, started

pytestmark = pytest.mark.browser
HERE = "http://localhost"
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}
BEFORE = TODAY - timedelta(days=70)


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def visit(browser):
    """Open a path as a client does: the browser's requests go straight into the application."""
    opened, said = [], []

    def open_page(client, path, *, width=390, height=844, script=True):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="sv-SE",
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)

        def answer(route):
            request = route.request
            address = urlsplit(request.url)
            response = client.open(
                f"{address.path}?{address.query}",
                method=request.method,
                data=request.post_data_buffer,
                headers={
                    "Content-Type": request.headers.get("content-type", ""),
                    "Accept": request.headers.get("accept", "*/*"),
                },
                follow_redirects=True,
            )
            kept = {k: v for k, v in response.headers.items() if k.lower() != "set-cookie"}
            route.fulfill(status=response.status_code, headers=kept, body=response.data)

        page = context.new_page()
        page.route("**/*", answer)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{HERE}{path}")
        opened.append(context)
        return page

    yield open_page
    for context in opened:
        context.close()
    # A refused form answers 409, which the browser mentions.
    assert [words for words in said if "409 (Conflict)" not in words] == []


@pytest.fixture
def due(session, make):
    """A second follow-up to log, with three promises from the first."""
    there = started(session, make, start_date=BEFORE, decision_from=BEFORE)
    first, there.follow_up = there.placement.follow_ups[:2]
    log_follow_up(
        session,
        make.actor(user=there.supervisor),
        first.id,
        answers(
            held_on=TODAY - timedelta(days=40),
            agreed=("Vagn för lådorna", "Samma ordning", "Ta emot kunder"),
        ),
        submission_id=uuid4(),
        today=TODAY,
        now=NOW,
    )
    return there


def test_a_follow_up_is_logged_in_twelve_taps_and_a_sentence(session, client_as, visit, due):
    page = visit(client_as(due.supervisor), f"/follow-ups/{due.follow_up.id}")
    taps = 0

    def tap(locator):
        nonlocal taps
        locator.click()
        taps += 1

    def on():
        tap(page.locator("[data-next]:visible"))

    expect(page.locator("section[data-step]:visible")).to_have_count(1)
    tap(page.get_by_role("button", name="Allt är klart"))
    tap(page.get_by_role("radiogroup", name="Ta emot kunder").get_by_label("Delvis"))
    on()
    assert page.locator("h2:visible").inner_text() == "Hur går det?"
    assert page.evaluate("document.activeElement.tagName") == "H2"
    tap(page.get_by_label("Sådär"))
    page.get_by_label("Deltagarens egna ord").fill("Jag vill prova kassan.")
    tap(page.get_by_label("Som vi sa"))
    tap(page.get_by_label("öka lite"))
    on()
    tap(page.get_by_label("Fungerar", exact=True))
    on()
    tap(page.get_by_label("Ja", exact=True))
    tap(page.get_by_label("Ja, så är det"))
    tap(page.get_by_role("button", name="Spara uppföljningen"))
    page.get_by_text("Uppföljningen är sparad.").wait_for()

    assert taps == 12
    session.expire_all()
    row = session.get(FollowUp, due.follow_up.id)
    assert (row.mood, row.hours_next, row.own_words) == (
        Mood.SO_SO, 21, "Jag vill prova kassan.",
    )  # fmt: skip
    states = session.scalars(
        select(AgreedAction.state).where(AgreedAction.follow_up_id != due.follow_up.id)
    )
    assert sorted(states) == [ActionState.DONE, ActionState.DONE, ActionState.PARTLY]


def test_an_error_in_a_later_step_is_the_step_that_is_shown(client_as, visit, due):
    page = visit(client_as(due.supervisor), f"/follow-ups/{due.follow_up.id}")
    for _ in range(3):
        page.locator("[data-next]:visible").click()
    page.get_by_role("button", name="Spara uppföljningen").click()
    page.locator("#error-summary").wait_for()
    # The page comes with all four steps; the script then leaves the one with the error.
    expect(page.locator("section[data-step]:visible")).to_have_count(1)
    assert page.locator("section[data-step]:visible h2").inner_text() == "Hur går det?"


def test_without_a_script_all_four_steps_stand_below_each_other(client_as, visit, due):
    page = visit(client_as(due.supervisor), f"/follow-ups/{due.follow_up.id}", script=False)
    assert page.locator("section[data-step]:visible").count() == 4
    assert page.locator("[data-next]:visible").count() == 0


#: What somebody reads and does: words a second, seconds a tap, seconds a short text (an estimate).
WORDS_A_SECOND, A_TAP, A_TEXT = 3, 2, 8


@pytest.mark.parametrize("script", [True, False])
def test_the_survey_is_at_most_400_words_and_16_taps_on_a_phone(
    session, make, client_as, visit, script, capsys
):
    there = started(session, make)
    end_placement(
        session, there.actor, there.placement.id, end_date=TODAY, outcome=Outcome.COMPLETED,
        base_url=URL, today=TODAY, now=NOW,
    )  # fmt: skip
    link = session.scalar(select(OutboxMessage.body)).partition(URL)[2].split()[0]
    page = visit(client_as(there.worker), link, script=script)
    words, taps, small = 0, 0, []

    def read():
        nonlocal words
        page.wait_for_load_state()  # words may stand before their style has come
        said = page.locator("main").inner_text()
        words += len([word for word in said.split() if any(sign.isalpha() for sign in word)])
        small.extend(
            box
            for box in page.locator("main button:visible").evaluate_all(
                "all => all.map(one => one.getBoundingClientRect().height)"
            )
            if box < 44
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 390

    def tap(locator):
        nonlocal taps
        locator.click()
        taps += 1

    page.get_by_role("button", name="Börja svara").wait_for()
    read()
    tap(page.get_by_role("button", name="Börja svara"))
    for number in range(1, 13):
        page.get_by_text(f"Fråga {number} av 12").first.wait_for()
        read()
        if number == 11:
            for choice in ("Mer information", "Anpassningar", "Annat"):
                tap(page.get_by_label(choice))
            tap(page.get_by_role("button", name="Nästa"))
        elif number == 12:
            with page.expect_response("**/E12/draft") if script else nullcontext():
                page.get_by_label("Era ord").fill("Det fungerade bra.")  # kept without a tap
            tap(page.get_by_role("button", name="Skicka in svaren"))
        else:
            tap(page.locator(".option--button").first)
    page.get_by_role("heading", name="Tack för svaren").wait_for()
    read()
    seconds = words / WORDS_A_SECOND + taps * A_TAP + A_TEXT
    with capsys.disabled():
        told = f"{words} words, {taps} taps, about {seconds:.0f} s (estimated)"
        sys.stdout.write(f"\nsurvey at 390 px: {told}\n")
    assert words <= 400
    assert taps <= 16
    assert small == []
    session.expire_all()
    assert session.scalar(select(Survey.completed_at)) == NOW


def test_pages_of_an_ended_placement_and_of_its_links_are_accessible(
    session, make, client_as, visit, due
):
    """The others are looked at in tests/browser/test_every_page.py."""
    from axe_playwright_python.sync_playwright import Axe

    width = 390
    other = started(session, make)
    end_placement(
        session, other.actor, other.placement.id, end_date=TODAY, outcome=Outcome.COMPLETED,
        base_url=URL, today=TODAY, now=NOW,
    )  # fmt: skip
    link = session.scalar(select(OutboxMessage.body)).partition(URL)[2].split()[0]
    worker = client_as(due.worker)
    pages = [
        (worker, link),
        (worker, f"/placements/{other.placement.id}/survey"),
        (worker, f"/placements/{other.placement.id}/own-survey"),
        (worker, f"/placements/{other.placement.id}/own-survey?language=ar"),
    ]
    # So high that nothing lies under the fixed bar of tabs, where axe takes it for covered.
    tall = 8000
    for client, path in pages:
        page = visit(client, path, width=width, height=tall)
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    worker.post(f"{link}/start")
    for question in ("E1", "E4", "E11", "E12", "thanks"):
        page = visit(worker, f"/l/answers/{question}", width=width, height=tall)
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{question}\n{found.generate_report()}"
    token, _link = make_link(session, other.actor, other.participant.id, today=TODAY, now=NOW)
    session.commit()
    for language in ("sv", "ar"):
        worker.post(f"/l/m/{token}/survey", data={"language": language})
        for path in (f"/l/m/{token}?language={language}", "/l/survey/P1", "/l/survey/P10"):
            page = visit(worker, path, width=width, height=tall)
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
