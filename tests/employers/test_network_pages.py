"""Pages and interface of what stands beside the register."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts.models import Role
from matchsvc.employers.models import Offer, OfferStatus
from matchsvc.employers.network_models import CapacityPeriod, SubsidyVersion
from matchsvc.employers.subsidies import load_subsidies
from matchsvc.swedish import local_date
from matchsvc.workday.models import Task
from tests.factories import TODAY


@pytest.fixture
def liaison(client_as):
    return client_as(Role.EMPLOYER_LIAISON)


def text(response):
    return unescape(response.get_data(as_text=True))


def test_the_common_offer_has_at_most_twelve_fields_with_one_requirement(liaison, make, session):
    site = make.site()
    session.commit()
    page = text(liaison.post("/offers/new", data={"site": str(site.id), "add": "requirements"}))
    form = page[page.index("<main") : page.index("</main")]
    unfolded = re.sub(r"<details.*</details>", "", form, flags=re.DOTALL)
    names = set(re.findall(r'<(?:input|select|textarea)[^>]*? name="([^"]+)"', unfolded))
    asked = names - {"csrf_token", "site", "version"}
    assert {"title", "tasks", "places", "requirements/0/purpose"} <= asked
    assert len(asked) <= 12, sorted(asked)
    assert 'name="season_start"' in form, "the rest is folded, not gone"


def test_the_history_says_what_a_form_changed(liaison, make, session):
    employer = make.employer(name="Kvarnköket")
    session.commit()
    liaison.post(
        f"/employers/{employer.id}/status",
        data={"status": "lost", "status_code": "closed_down", "version": "1"},
    )
    page = text(liaison.get(f"/employers/{employer.id}/history"))
    assert "Prospekt → Förlorad" in page
    assert "tomt → Har lagt ner eller flyttat" in page
    told = liaison.get(f"/api/v1/employers/{employer.id}/history").json
    assert {"status", "status_code"} <= {row["field"] for row in told["changes"]}


def test_a_check_of_bars_is_kept_and_stops_placements(liaison, make, session):
    employer = make.employer()
    session.commit()
    here = f"/employers/{employer.id}/bars"
    assert "Ingen har kontrollerat arbetsgivaren än" in text(liaison.get(here))
    said = {"checked_on": local_date(db.utcnow()).isoformat(), "source": "Bolagsverket"}
    refused = liaison.post(here, data={**said, "version": "1"})
    assert refused.status_code == 422
    assert 'value="Bolagsverket"' in text(refused)
    data = {**said, "looked_for": ["insolvent"], "found": "insolvent", "version": "1"}
    assert liaison.post(here, data=data).status_code == 303
    assert "Ingen kan placeras här just nu" in text(liaison.get(here))
    stale = liaison.post(here, data=data)
    assert stale.status_code == 409
    told = liaison.get(f"/api/v1/employers/{employer.id}/bar-checks").json
    assert [row["found"] for row in told["checks"]] == ["insolvent"]


def test_periods_are_written_in_rows_and_an_emptied_row_is_gone(liaison, make, session):
    offer = make.offer(places=3)
    session.commit()
    here = f"/offers/{offer.id}/periods"
    today = local_date(db.utcnow())
    row = {
        "periods/0/first_day": today.isoformat(),
        "periods/0/last_day": (today + timedelta(days=5)).isoformat(),
        "periods/0/places": "0",
    }
    wrong = liaison.post(here, data=row | {"periods/0/last_day": "2020-01-01"})
    assert wrong.status_code == 422
    assert "Sista dagen ligger före den första" in text(wrong)
    assert liaison.post(here, data=row).status_code == 303
    page = text(liaison.get(f"/offers/{offer.id}"))
    assert "Tar inte emot någon ny i dag" in page
    assert "(annars 3)" in page
    told = liaison.get(f"/api/v1/offers/{offer.id}/calendar").json
    assert (told["places_today"], len(told["periods"])) == (0, 1)
    liaison.post(here, data={})
    assert session.scalars(select(CapacityPeriod)).all() == []


def test_carving_goes_on_to_an_offer_with_hours_and_purposes(liaison, make, session):
    site = make.site()
    session.commit()
    rows = {
        "site": str(site.id),
        "task/0/words": "Packa upp varor",
        "task/0/hours": "6",
        "task/0/needs": "laga mat",
        "task/1/words": "Diska",
        "task/1/hours": "4",
    }
    summed = text(liaison.post("/offers/carve", data=rows | {"go": "sum"}))
    assert "Det blir 10 timmar i veckan" in summed
    offer = text(liaison.post("/offers/carve", data=rows | {"go": "offer"}))
    assert 'action="/offers/new"' in offer
    assert re.search(r'name="hours_start"[^>]*value="10"|value="10"[^>]*name="hours_start"', offer)
    assert 'value="Packa upp varor"' in offer
    assert session.scalars(select(Offer)).all() == []


def test_a_wish_to_exclude_in_a_task_is_refused_and_the_manager_told_without_the_words(
    liaison, make, session
):
    site, manager = make.site(), make.user(Role.UNIT_MANAGER)
    session.commit()
    rows = {"site": str(site.id), "task/0/words": "Diska, bara kvinnor", "task/0/hours": "6"}
    refused = liaison.post("/offers/carve", data=rows | {"go": "offer"})
    assert refused.status_code == 422
    assert "Ingen får väljas bort så" in text(refused)
    task = session.scalars(select(Task)).one()
    assert (task.owner_id, task.kind) == (manager.id, "protected_ground")
    assert "kvinnor" not in str(task.words)


@pytest.mark.parametrize("kind", ["languages", "licences"])
def test_fluent_swedish_and_a_car_of_ones_own_need_a_purpose(liaison, make, session, kind):
    site = make.site()
    session.commit()
    row = {
        "languages": {"languages/0/concept_id": "sv", "languages/0/level": "6"},
        "licences": {"licences/0/concept_id": "korkort-b"},
    }[kind]
    data = {
        "site": str(site.id), "title": "Köksbiträde", "tasks": "Diska.", "places": "1",
        "contribution": "experience", "hours_start": "10",
    }  # fmt: skip
    refused = liaison.post("/offers/new", data=data | row)
    assert refused.status_code == 422
    assert "Varför behövs kravet?" in text(refused)
    assert session.scalars(select(Offer)).all() == []


def test_an_offer_is_paused_until_a_day_and_copied(liaison, make, session):
    offer = make.offer()
    session.commit()
    day = local_date(db.utcnow()) + timedelta(days=30)
    liaison.post(
        f"/offers/{offer.id}/status",
        data={"status": "paused", "paused_until": day.isoformat(), "version": "1"},
    )
    assert "Öppnar igen" in text(liaison.get(f"/offers/{offer.id}"))
    copied = liaison.post(f"/offers/{offer.id}/copy")
    assert copied.status_code == 303
    statuses = set(session.scalars(select(Offer.status)))
    assert statuses == {OfferStatus.PAUSED, OfferStatus.DRAFT}


def test_subsidies_are_shown_with_source_and_changed_by_the_manager(client_as, session):
    load_subsidies(session)
    session.commit()
    manager = client_as(Role.UNIT_MANAGER)
    page = text(manager.get("/subsidies"))
    assert "Nystartsjobb" in page
    assert "2018:43 3–17 och 21 §§" in page
    assert "Arbetsförmedlingen beslutar" in page
    form = text(manager.get("/subsidies/sius/new"))
    assert 'name="verified_on"' in form
    data = {
        "name": "SIUS", "what": "En. Två.", "limits": "Sex månader", "law": "2017:462",
        "source": "Förordningen", "valid_from": TODAY.isoformat(),
        "verified_on": local_date(db.utcnow()).isoformat(),
    }  # fmt: skip
    assert manager.post("/subsidies/sius/new", data=data | {"law": ""}).status_code == 422
    assert manager.post("/subsidies/sius/new", data=data).status_code == 303
    assert len(session.scalars(select(SubsidyVersion)).all()) == 7
    worker = client_as(Role.CASE_WORKER)
    assert worker.get("/subsidies").status_code == 200
    assert worker.get("/subsidies/sius/new").status_code == 403
    told = worker.get("/api/v1/subsidies").json
    assert (told["decided_by"], len(told["subsidies"])) == ("Arbetsförmedlingen", 6)


def test_the_results_of_a_year_are_shown_without_anything_to_send(liaison, make, session):
    employer = make.employer()
    session.commit()
    assert "Inget att berätta" in text(liaison.get(f"/employers/{employer.id}/results?year=2025"))
    assert "Inget att berätta" in text(liaison.get("/employers/results?year=2025"))
    refused = liaison.post(f"/employers/{employer.id}/results", data={"year": "2025"})
    assert refused.status_code == 422
