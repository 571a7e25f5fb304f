"""Who guesses learns nothing: unknown, another unit's and protected are told apart by nothing.

Not by the answer, its length or its heads, not by how many questions the database is asked, not by
what a list counts, nor by what is refused when a number or an id is already somebody's.
"""

from __future__ import annotations

import re

import pytest

from matchsvc.accounts.models import Role
from matchsvc.participants import enrolment
from tests.factories import TODAY, identity_number

FAMILY = "Qvarkholmsdotter"
ASKED = (
    "/participants/{key}",
    "/participants/{key}/consents",
    "/participants/{key}/notes",
    "/participants/{key}/plan",
    "/api/v1/participants/{key}",
    "/api/v1/participants/{key}/consents",
    "/api/v1/participants/{key}/matches",
    "/placements/of/{key}",
)
HEADS = ("ETag", "Content-Type", "Cache-Control", "Location", "Retry-After", "Last-Modified")


@pytest.fixture(params=["protected", "another unit"])
def hidden(request, session, make):
    """Somebody of whom the reader may not know, with her number."""
    values = {"protected": True} if request.param == "protected" else {}
    unit = make.unit(name="Söder") if request.param == "another unit" else make.unit()
    worker = make.user(unit=unit)
    person = make.participant(worker, family_name=FAMILY, unit=unit, **values)
    person.digits = identity_number()
    number = enrolment.parse_identity_number(person.digits, today=TODAY)
    enrolment.set_identity(person, number)
    session.commit()
    return person


@pytest.fixture
def reader(client_as, make, session):
    """A case worker of the unit with a case of her own."""
    user = make.user()
    make.participant(user, family_name="Berg")
    return client_as(user)


def plain(answer, *asked):
    """What an answer says but for the words that were asked, and for what is new in each."""
    text = answer.get_data(as_text=True)
    for words in sorted(map(str, asked), key=len, reverse=True):
        text = text.replace(words, "ASKED")
    text = re.sub(
        r'csrf_token" value="[^"]*"|"(request_id|reference)": ?"[^"]*"|[0-9a-f]{16}', "", text
    )
    return answer.status_code, text, [answer.headers.get(head) for head in HEADS]


def test_each_way_to_name_a_hidden_person_is_answered_as_nobody(reader, hidden, queries):
    nobodys = {"alias": "D-9999991", "id": "3f6f2c1e-8a8d-4a8e-9b52-1f6a2a3c9d10", "key": "P99991"}
    hers = {"alias": hidden.alias, "id": str(hidden.id), "key": hidden.external_id}
    for way, key in hers.items():
        for path in ASKED:
            with queries() as hit:
                there = reader.get(path.format(key=key))
            with queries() as missed:
                nowhere = reader.get(path.format(key=nobodys[way]))
            assert there.status_code == 404
            assert plain(there, key) == plain(nowhere, nobodys[way]), (path, way)
            assert hit.total == missed.total, (path, way)


@pytest.mark.parametrize(
    "path", ["/search", "/api/v1/search", "/search/suggest", "/participants/search"]
)
def test_searching_for_somebody_hidden_is_searching_for_nobody(reader, hidden, queries, path):
    pairs = [
        (FAMILY, "Zvarkholmsdotter"),
        (hidden.alias, "D-9999991"),
        (hidden.external_id, "P99991"),
        (hidden.digits, identity_number()),
    ]
    for there, nowhere in pairs:
        answers = []
        for words in (there, nowhere):
            body = {"json": {"q": words}} if "api" in path else {"data": {"q": words}}
            with queries() as count:
                answer = reader.post(path, **body)
            assert answer.status_code in {200, 204}  # nothing is proposed for a number
            answers.append((plain(answer, words), count.total))
        assert answers[0] == answers[1], (path, there)


@pytest.mark.parametrize("role", Role)
def test_no_list_counts_or_orders_by_somebody_hidden(client_as, make, session, role):
    """Pages and programs answer to the byte as before she was there."""
    user = make.user(role)
    make.participant(user, family_name="Berg")
    client = client_as(user)
    paths = ("/participants", "/api/v1/participants", "/my-week", "/api/v1/participants?page=1")
    before = [plain(client.get(path)) for path in paths]
    worker = make.user()
    make.participant(worker, family_name="Aaa", protected=True, unit=make.unit())
    south = make.unit(name="Söder")
    make.participant(make.user(unit=south), unit=south)
    session.commit()
    assert [plain(client.get(path)) for path in paths] == before


def test_enrolling_with_a_hidden_persons_number_is_answered_as_with_a_free_one(reader, hidden):
    form = {"sex": "woman", "birth_region": "sweden", "enrolled_on": "2026-08-10"}
    answers = [
        reader.post("/api/v1/participants", json={**form, "personal_id": digits})
        for digits in (hidden.digits, identity_number())
    ]
    statuses = [answer.status_code for answer in answers]
    assert statuses == [201, 201]
    assert [sorted(answer.json) for answer in answers] == [sorted(answers[0].json)] * 2
    for answer in answers:
        assert hidden.alias not in answer.text
        assert str(hidden.id) not in answer.text
