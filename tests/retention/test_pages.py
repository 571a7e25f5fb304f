"""Pages and JSON of retention, as a manager and her colleague use them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.retention.models import LegalHold, PlanState, RetentionPlan


@pytest.fixture
def clients(client_as, make, unit):
    def opened():
        return client_as(make.user(Role.UNIT_MANAGER, unit=unit))

    return opened(), opened()


def test_a_list_is_made_by_one_and_approved_by_another(session, clients, ended):
    person = ended()
    one, other = clients
    assert person.alias in one.get("/retention").text
    made = one.post("/retention", follow_redirects=True)
    assert person.alias in made.text
    assert "En kollega godkänner listan" in made.text
    plan = session.scalars(select(RetentionPlan)).one()
    form = {"version": plan.version, "list_hash": plan.list_hash}
    own = one.post(f"/retention/lists/{plan.id}/approve", data=form)
    assert own.status_code == 403
    stale = other.post(f"/retention/lists/{plan.id}/approve", data=form | {"list_hash": "0" * 64})
    assert stale.status_code == 409
    assert "Ta tillbaka den och gör en ny" in stale.text
    done = other.post(f"/retention/lists/{plan.id}/approve", data=form, follow_redirects=True)
    assert "Godkänd" in done.text
    session.refresh(plan)
    assert plan.state is PlanState.APPROVED


def test_what_was_typed_for_a_hold_is_kept_and_the_fault_said(session, clients, ended):
    client, _ = clients
    typed = {
        "participant": "D-0", "reason": "dispute", "words": "Mål 12-26", "review_on": "2027-06-01",
    }  # fmt: skip
    wrong = client.post("/retention/holds", data=typed)
    assert wrong.status_code == 422
    assert "Ingen sådan deltagare" in wrong.text
    assert "Mål 12-26" in wrong.text
    right = typed | {"participant": ended().alias}
    assert client.post("/retention/holds", data=right).status_code == 303
    assert "Mål 12-26" in client.get("/retention/holds").text
    (hold,) = session.scalars(select(LegalHold)).all()
    own = client.post(f"/retention/holds/{hold.id}/lift", data={"words": "Klart"})
    assert own.status_code == 403


def test_the_rules_say_the_units_own_years_and_every_class(clients, make, unit):
    make.setting("retention_case_years", "10", unit)
    page = clients[0].get("/retention/rules").text
    assert "10 år, och klart senast kalenderåret efter" in page
    assert "SoL 16:1" in page


def test_an_auditor_sees_numbers_and_nobody(session, client_as, make, unit, clients, ended):
    person = ended()
    clients[0].post("/retention")
    auditor = client_as(make.user(Role.AUDITOR, unit=unit))
    page = auditor.get("/retention")
    assert page.status_code == 200
    assert person.alias not in page.text
    plan = session.scalars(select(RetentionPlan)).one()
    assert auditor.get(f"/retention/lists/{plan.id}").status_code == 404
    assert auditor.get("/retention/holds").status_code == 403


def test_the_api_tells_the_same(clients, ended):
    person = ended()
    client, _ = clients
    (due,) = client.get("/api/v1/retention/due").json["due"]
    assert (due["participant"], due["kept_because"]) == (person.alias, [])
