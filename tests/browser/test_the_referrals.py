"""A referral from the day it comes to an enrolment, in a real browser, on a phone."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_a_referral_comes_lacks_something_is_completed_and_given_to_a_case_worker(visit):
    chief = visit("unit_manager", width=390)
    page = chief.page
    chief.open("/referrals/new")
    page.check("[name=route][value=other_unit]")
    page.fill("#referrer_name", "Eva Lund")
    page.fill("#referrer_org", "Vuxenenheten")
    page.fill("#given_name", "Amina")
    page.fill("#family_name", "Dahl")
    page.fill("#birth_year", "1985")
    page.check("[name=sex][value=woman]")
    page.check("[name=birth_region][value=outside_europe]")
    page.get_by_role("button", name="Spara remissen").click()
    page.get_by_role("button", name="Kontrollera remissen").click()
    assert "Skälet till remissen saknas" in page.inner_text("main")

    page.get_by_role("link", name="Komplettera").click()
    assert page.input_value("#referrer_org") == "Vuxenenheten"
    page.fill("#reason", "Vill arbeta i kök")
    page.get_by_role("button", name="Spara remissen").click()
    page.get_by_role("button", name="Kontrollera remissen").click()
    assert "öppna ärenden" in page.inner_text("main")
    page.check("[name=worker_id] >> nth=0")
    page.get_by_role("button", name="Ge remissen till handläggaren").click()
    assert "Första kontakten" in page.inner_text("main")
    chief.open("/referrals")
    assert "Amina" not in page.inner_text("main")
    assert chief.complaints == []
