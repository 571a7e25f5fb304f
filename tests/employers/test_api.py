"""What a program can do with employers and offers, and what it is told when it can't."""

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.employers.models import Employer, Offer
from matchsvc.workday.models import Task

KITCHEN = {"name": "Kvarnköket", "type": "private", "org_number": "556703-7485"}
OFFER = {
    "title": "Köksbiträde",
    "tasks": "Laga lunch och diska.",
    "contribution": "experience",
    "places": 2,
    "hours_start": 15,
    "weekdays": [1, 2, 5],
    "requirements": [{"concept_id": "laga-mat", "purpose": "Lunch till 80 personer."}],
    "languages": [{"concept_id": "sv", "level": 2, "purpose": "Säkerhetsinstruktioner."}],
}


@pytest.fixture
def liaison(client_as):
    return client_as(Role.EMPLOYER_LIAISON)


def test_an_employer_is_created_and_read_back_by_either_id(liaison):
    made = liaison.post("/api/v1/employers", json=KITCHEN | {"external_id": "A-17"})
    read = liaison.get("/api/v1/employers/A-17")

    assert made.status_code == 201
    assert read.json == made.json
    assert read.json["org_number"] == "5567037485"
    assert liaison.get(f"/api/v1/employers/{made.json['id']}").json == read.json
    assert read.headers["ETag"] == made.headers["ETag"]


def test_the_wrong_fields_are_pointed_at(liaison):
    answer = liaison.post("/api/v1/employers", json={"name": "K", "type": "private", "sni": "x"})

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert [error["pointer"] for error in answer.json["errors"]] == ["/sni"]


def test_an_unknown_key_is_an_error(liaison):
    answer = liaison.post("/api/v1/employers", json=KITCHEN | {"colour": "red"})

    assert answer.status_code == 422


def test_the_same_organisation_again_is_refused_by_a_rule(liaison):
    liaison.post("/api/v1/employers", json=KITCHEN)
    answer = liaison.post("/api/v1/employers", json=KITCHEN)

    assert (answer.status_code, answer.json["code"]) == (409, "same_org_number")


def test_a_site_a_contact_and_a_logged_contact_hang_on_the_employer(liaison):
    key = liaison.post("/api/v1/employers", json=KITCHEN).json["id"]
    site = liaison.post(
        f"/api/v1/employers/{key}/sites", json={"name": "Köket", "offers": ["lugn-plats"]}
    )
    contact = liaison.post(
        f"/api/v1/employers/{key}/contacts", json={"name": "Petra Holm", "phone": "0701740615"}
    )
    logged = liaison.post(
        f"/api/v1/employers/{key}/interactions",
        json={
            "happened_on": "2026-01-12",
            "channel": "visit",
            "purpose": "build",
            "result": "De vill ta emot två.",
            "contact_id": contact.json["id"],
        },
    )
    read = liaison.get(f"/api/v1/employers/{key}").json
    log = liaison.get(f"/api/v1/employers/{key}/interactions").json["interactions"]

    assert (site.status_code, contact.status_code, logged.status_code) == (201, 201, 201)
    assert read["sites"][0]["offers"] == ["lugn-plats"]
    assert read["contacts"][0]["phone"] == "+46701740615"
    assert read["status"] == "contacted"
    assert [(each["with_whom"], each["happened_on"]) for each in log] == [
        ("Petra Holm", "2026-01-12")
    ]


def test_an_offer_is_created_changed_and_read(liaison, make):
    site = make.site()
    make.session.commit()
    made = liaison.post("/api/v1/offers", json=OFFER | {"site": str(site.id)})
    url = f"/api/v1/offers/{made.json['external_id']}"
    patched = liaison.patch(
        url,
        json={"places": 3, "languages": [], "status": "paused"},
        headers={"If-Match": made.headers["ETag"]},
    )

    assert made.status_code == 201
    assert made.json["hours_max"] == 15
    assert patched.status_code == 200
    assert (patched.json["places"], patched.json["languages"]) == (3, [])
    assert patched.json["status"] == "paused"
    assert patched.json["requirements"] == made.json["requirements"]
    assert liaison.get(url).json == patched.json
    assert liaison.get(url).headers["ETag"] == patched.headers["ETag"]


def test_a_null_clears_and_an_absent_field_stays(liaison, make):
    offer = make.offer(season_start="04-01", season_end="10-15")
    make.session.commit()
    url = f"/api/v1/offers/{offer.id}"
    tag = liaison.get(url).headers["ETag"]

    patched = liaison.patch(
        url, json={"season_start": None, "season_end": None}, headers={"If-Match": tag}
    )

    assert patched.json["season_start"] is None
    assert patched.json["title"] == offer.title


def test_a_change_needs_the_version_it_was_made_from(liaison, make):
    offer = make.offer()
    make.session.commit()
    url = f"/api/v1/offers/{offer.id}"
    tag = liaison.get(url).headers["ETag"]
    liaison.patch(url, json={"places": 5}, headers={"If-Match": tag})

    assert liaison.patch(url, json={"places": 6}).status_code == 428
    late = liaison.patch(url, json={"places": 6}, headers={"If-Match": tag})
    assert late.status_code == 412
    assert late.content_type == "application/problem+json"
    assert liaison.get(url).json["places"] == 5


def test_a_missing_purpose_is_asked_for_where_it_is_missing(liaison, make):
    site = make.site()
    make.session.commit()
    answer = liaison.post(
        "/api/v1/offers",
        json=OFFER | {"site": site.external_id, "requirements": [{"concept_id": "laga-mat"}]},
    )

    assert answer.status_code == 422
    assert answer.json["errors"] == [
        {
            "pointer": "/requirements/0/purpose",
            "code": "invalid",
            "message": "Varför behövs kravet? Skriv syftet, eller ta bort kravet.",
        }
    ]


def test_a_forbidden_wish_is_not_saved_but_logged_and_told_to_the_manager(liaison, make, session):
    manager = make.user(Role.UNIT_MANAGER)
    site = make.site()
    session.commit()
    answer = liaison.post(
        "/api/v1/offers", json=OFFER | {"site": str(site.id), "tasks": "Diska. Under 30 år."}
    )

    assert (answer.status_code, answer.json["code"]) == (422, "protected_ground")
    assert session.scalar(select(Offer)) is None
    assert session.scalars(select(Task)).one().owner_id == manager.id
    refused = session.scalars(select(AuditEvent).where(AuditEvent.action == "refused")).one()
    assert (refused.reason, refused.fields) == ("protected_ground", ["age"])


def test_unknown_and_another_units_get_the_same_answer(liaison, make):
    unit = make.unit(name="Grannkommunen")
    hidden = make.offer(make.site(make.employer(unit=unit)))
    employer = make.session.scalars(select(Employer).where(Employer.unit_id == unit.id)).one()
    make.session.commit()
    for there, nowhere in [
        (f"/api/v1/offers/{hidden.id}", "/api/v1/offers/finns-inte"),
        (f"/api/v1/employers/{employer.id}", "/api/v1/employers/finns-inte"),
        (f"/api/v1/employers/{employer.id}", "/api/v1/employers/%00"),
    ]:
        first, second = liaison.get(there), liaison.get(nowhere)
        assert first.status_code == second.status_code == 404
        assert first.json == second.json


@pytest.mark.parametrize(
    ("role", "read", "write", "log"),
    [
        (Role.EMPLOYER_LIAISON, 200, 201, 201),
        (Role.PLACEMENT_COORDINATOR, 200, 201, 201),
        (Role.CASE_WORKER, 200, 403, 201),
        (Role.UNIT_MANAGER, 200, 403, 403),
        (Role.SUPERVISOR, 403, 403, 403),
        (Role.PRACTICAL_SUPERVISOR, 403, 403, 403),
        (Role.AUDITOR, 403, 403, 403),
        (Role.ADMIN, 403, 403, 403),
    ],
)
def test_who_may_read_write_and_log(client_as, make, role, read, write, log):
    employer = make.employer()
    client = client_as(role)
    contact = {
        "happened_on": "2026-01-12",
        "channel": "phone",
        "purpose": "thanks",
        "result": "Tackade.",
    }

    assert client.get("/api/v1/employers").status_code == read
    assert client.get("/api/v1/offers").status_code == read
    assert client.post("/api/v1/employers", json=KITCHEN).status_code == write
    logged = client.post(f"/api/v1/employers/{employer.id}/interactions", json=contact)
    assert logged.status_code == log


def test_a_list_is_searched_filtered_and_paged(liaison, make):
    make.offer(title="Köksbiträde")
    make.offer(title="Vaktmästare", status="closed")
    make.session.commit()

    assert liaison.get("/api/v1/offers").json["total"] == 1
    assert liaison.get("/api/v1/offers?status=all").json["total"] == 2
    assert liaison.get("/api/v1/offers?status=all&q=vakt").json["offers"][0]["title"] == (
        "Vaktmästare"
    )
    assert liaison.get("/api/v1/employers?page=0").status_code == 422
