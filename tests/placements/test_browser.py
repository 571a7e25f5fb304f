"""Placements in a real browser: the follow-up in a hand, and every page accessible."""

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import time_machine
from playwright.sync_api import expect
from sqlalchemy import select

from matchsvc.messages.models import OutboxMessage
from matchsvc.placements.ending import end_placement
from matchsvc.placements.follow_ups import log_follow_up
from matchsvc.placements.models import ActionState, AgreedAction, FollowUp, Mood, Outcome
from tests.factories import TODAY
from tests.placements.factories import NOW, URL, started
from tests.placements.test_follow_ups import answers

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
                headers={"Content-Type": request.headers.get("content-type", "")},
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
    for promise in ("Vagn för lådorna", "Samma ordning", "Ta emot kunder"):
        tap(page.get_by_role("radiogroup", name=promise).get_by_label("Klart"))
    on()
    assert page.locator("h2:visible").inner_text() == "Hur går det?"
    assert page.evaluate("document.activeElement.tagName") == "H2"
    tap(page.get_by_label("Sådär"))
    page.get_by_label("Deltagarens egna ord").fill("Jag vill prova kassan.")
    tap(page.get_by_label("öka lite"))
    on()
    tap(page.get_by_label("Fungerar", exact=True))
    on()
    tap(page.get_by_label("Ja", exact=True))
    tap(page.get_by_role("button", name="Spara uppföljningen"))
    page.wait_for_url(f"{HERE}/follow-ups/**")
    page.get_by_role("heading", name="Uppföljningar").wait_for()

    assert taps <= 12
    session.expire_all()
    row = session.get(FollowUp, due.follow_up.id)
    assert (row.mood, row.hours_next, row.own_words) == (
        Mood.SO_SO, 21, "Jag vill prova kassan.",
    )  # fmt: skip
    states = session.scalars(
        select(AgreedAction.state).where(AgreedAction.follow_up_id != due.follow_up.id)
    )
    assert set(states) == {ActionState.DONE}


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


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_is_accessible(session, make, client_as, visit, due, width):
    from axe_playwright_python.sync_playwright import Axe

    other = started(session, make)
    end_placement(
        session, other.actor, other.placement.id, end_date=TODAY, outcome=Outcome.COMPLETED,
        base_url=URL, today=TODAY, now=NOW,
    )  # fmt: skip
    link = session.scalar(select(OutboxMessage.body)).partition(URL)[2].split()[0]
    worker, supervisor = client_as(due.worker), client_as(due.supervisor)
    placement = f"/placements/{due.placement.id}"
    new = f"?participant={due.participant.id}&site={due.site.id}"
    pages = [
        (supervisor, "/my-week"),
        (supervisor, "/follow-ups"),
        (supervisor, f"/follow-ups/{due.follow_up.id}"),
        (worker, f"/follow-ups/{due.placement.follow_ups[0].id}"),
        (worker, "/tasks"),
        (worker, "/placements"),
        (worker, placement),
        (worker, f"{placement}/end"),
        (worker, f"{placement}/package/key_contacts"),
        (worker, "/placements/new"),
        (worker, f"/placements/new{new}"),
        (worker, f"/employments/new{new}"),
        (worker, link),
    ]
    if width > 390:  # the forms are one column there too
        pages = [each for each in pages if each[1] in {"/my-week", "/placements", placement}]
    # So high that nothing lies under the fixed bar of tabs, where axe takes it for covered.
    tall = 4000
    for client, path in pages:
        page = visit(client, path, width=width, height=tall)
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    if width > 390:
        return
    worker.post(f"{link}/start")
    for question in ("E1", "E4", "E11", "E12", "thanks"):
        page = visit(worker, f"/l/answers/{question}", width=width, height=tall)
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{question}\n{found.generate_report()}"
