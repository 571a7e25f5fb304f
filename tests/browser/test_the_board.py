"""The board of the whole cohort, in a real browser, at the desk and on the phone."""

from __future__ import annotations

import re

import pytest

from tests.browser.test_every_page import inspect

pytestmark = [pytest.mark.browser, pytest.mark.soak]


def test_a_draft_is_made_read_locked_and_made_again(visit, lively_town):
    worker = visit("case_worker", where=lively_town)
    worker.open("/my-week")
    worker.follow_in_menu("Fördelning")
    worker.see("Inget utkast än")
    wrong = inspect(worker, "/cohort")
    worker.press("Gör ett utkast")
    worker.see("får en plats")
    worker.see(re.compile("från bästa möjliga|Bästa möjliga"))
    line = worker.page.eval_on_selector_all(
        "main a[href^='/cohort/lines/']", "links => links[0].getAttribute('href')"
    )
    phone = visit("case_worker", where=lively_town, width=390)
    for visitor in (worker, phone):
        for path in ("/cohort", "/cohort?view=proposed", "/cohort?view=unplaced", line):
            wrong += inspect(visitor, path)
    assert wrong == []
    worker.open(line)
    worker.shot("board-line")
    worker.page.get_by_text("Lås raden").click()
    worker.page.fill("#lock-reason", "Det är bestämt på teamet.")
    worker.press("Lås")
    worker.see("Det är bestämt på teamet.")
    worker.open("/cohort")
    worker.press("Räkna om")
    worker.see("Det är bestämt på teamet.")
    worker.shot("board")
    worker.open(worker.page.get_by_role("link", name=re.compile("→")).first.get_attribute("href"))
    assert inspect(worker, worker.page.url) == []
