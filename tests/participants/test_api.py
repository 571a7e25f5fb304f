"""The same rules for programs: shapes, versions, and what is null for whom."""

from __future__ import annotations

import json

import pytest

from matchsvc.accounts.models import Role
from matchsvc.participants import enrolment
from matchsvc.swedish import IdentityNumber
from tests.factories import identity_number

ROOT = "/api/v1/participants"


@pytest.fixture
def worker(make):
    return make.user()


@pytest.fixture
def samira(make, worker):
    return make.participant(case_worker=worker, family_name="Haddad")


@pytest.fixture
def client(client_as, worker):
    return client_as(worker)


def test_the_list_holds_own_by_name_and_others_by_alias(make, client, samira):
    other = make.participant()
    make.session.commit()

    items = client.get(ROOT).json["items"]

    assert [item["name"] for item in items] == ["Samira Haddad", other.alias]


def test_one_participant_shows_what_its_reader_may_see(make, client_as, client, samira):
    make.wish(samira, "Jag vill odla.")
    make.competence(samira, "laga-mat", own_words="som hos mormor")
    make.session.commit()

    own = client.get(f"{ROOT}/{samira.id}").json
    other = client_as(Role.EMPLOYER_LIAISON).get(f"{ROOT}/{samira.id}").json

    assert own["wish"]["own_words"] == "Jag vill odla."
    assert own["competences"][0]["own_words"] == "som hos mormor"
    assert (other["wish"], other["external_id"]) == (None, None)
    assert other["name"] == samira.alias
    assert other["competences"][0]["concept_id"] == "laga-mat"
    assert other["competences"][0]["own_words"] is None


def test_an_entry_and_a_hidden_hit_are_answered_alike(make, client):
    digits = identity_number()
    hidden = make.participant(case_worker=make.user(), protected=True)
    enrolment.set_identity(hidden, IdentityNumber(digits, is_coordination=False))
    make.session.commit()
    body = {"sex": "woman", "birth_region": "sweden", "enrolled_on": "2026-11-02"}

    entry = client.post(ROOT, json=body | {"personal_id": identity_number()})
    hit = client.post(ROOT, json=body | {"personal_id": digits})

    for answer in (entry, hit):
        assert answer.status_code == 201
        assert set(answer.json) == {"id", "external_id"}
        assert answer.json["id"] == answer.json["external_id"]


def test_wrong_values_are_named_by_field(client):
    answer = client.post(ROOT, json={"sex": "x", "enrolled_on": "2026-02-30"})
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    pointers = {error["pointer"].split("/")[-1] for error in answer.json["errors"]}
    assert pointers == {"sex", "birth_region", "enrolled_on"}


def test_competences_and_wishes_are_created(client, samira):
    competence = client.post(
        f"{ROOT}/{samira.alias}/competences",
        json={"concept_id": "laga-mat", "learned_where": "unpaid_home", "example": "Eid"},
    )
    again = client.post(
        f"{ROOT}/{samira.alias}/competences",
        json={"concept_id": "laga-mat", "learned_where": "unpaid_home"},
    )
    wish = client.post(f"{ROOT}/{samira.alias}/wishes", json={"own_words": "Jag vill odla."})

    assert (competence.status_code, competence.json["rung"]) == (201, "exemplified")
    assert (again.status_code, again.json["code"]) == (409, "competence_known")
    assert (wish.status_code, wish.json["concepts"]) == (201, [])


def test_a_profile_is_changed_only_by_who_read_the_version_that_stands(make, client, samira):
    address = f"{ROOT}/{samira.alias}/profile"
    etag = client.get(f"{ROOT}/{samira.alias}").headers["ETag"]
    body = {"hours_per_week": 20, "weekdays": [0, 1], "needs": [{"condition_id": "utan-trappor"}]}

    without = client.patch(address, json=body)
    first = client.patch(address, json=body, headers={"If-Match": etag})
    stale = client.patch(address, json={"hours_per_week": 30}, headers={"If-Match": etag})

    assert (without.status_code, stale.status_code) == (428, 412)
    assert first.status_code == 200
    assert (first.json["hours_per_week"], first.json["weekdays"]) == (20, [0, 1])
    assert first.json["needs"] == [{"condition_id": "utan-trappor", "note": None}]
    cleared = client.patch(
        address, json={"hours_per_week": None}, headers={"If-Match": first.headers["ETag"]}
    )
    assert (cleared.json["hours_per_week"], cleared.json["weekdays"]) == (None, [0, 1])


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN, Role.PRACTICAL_SUPERVISOR])
def test_roles_without_participants_are_refused(client_as, role):
    assert client_as(role).get(ROOT).status_code == 403


@pytest.mark.parametrize("words", ["a\x00b", "a\ud800b"])
def test_text_that_no_database_can_hold_is_refused(client, samira, words):
    answer = client.post(
        f"{ROOT}/{samira.alias}/wishes",
        data=json.dumps({"own_words": words}),  # escaped: half a pair is no UTF-8
        content_type="application/json",
    )
    assert answer.status_code == 422


def test_an_address_that_no_database_can_look_up_is_not_found(client, samira):
    assert client.get(f"{ROOT}/a%00b").status_code == 404
    assert client.post("/participants/search", data={"q": "a\x00b"}).status_code == 200
