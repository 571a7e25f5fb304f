"""Requests of anybody: addresses, bodies, languages and searches that nobody would write."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matchsvc.accounts.models import Role
from tests.fuzz.bounds import soon, tried
from tests.fuzz.test_readers import DEEP, SIGNS


def encodable(text):
    return text.encode("utf-8", "surrogatepass")


@pytest.mark.sqlite_only
def test_any_link_opens_nothing_and_breaks_nothing(app):
    client = app.test_client()

    @tried
    @given(st.one_of(SIGNS.map(encodable), st.binary(max_size=60)))
    @example(b"../../etc/passwd")
    @example(b"%2e%2e/")
    def ask(token):
        for start in ("/l/", "/set-password/"):
            with soon():
                answer = client.get(start + quote(token))
            assert answer.status_code < 500
            assert answer.status_code != 200 or not token.strip(b"/"), token

    ask()


@pytest.mark.sqlite_only
def test_any_language_and_wish_to_go_on_gets_a_page_of_ours(app):
    client = app.test_client()

    @tried
    @given(SIGNS.map(encodable), SIGNS.map(encodable))
    @example(b"sv\0", b"//evil.example")
    def ask(language, wish):
        with soon():
            answer = client.get(f"/login?lang={quote(language)}&next={quote(wish)}")
        assert answer.status_code in {200, 302, 400}
        assert "evil.example" not in answer.headers.get("Location", "")

    ask()


@pytest.mark.sqlite_only
def test_any_words_can_be_searched_for(client_as):
    client = client_as(Role.CASE_WORKER)

    @tried
    @given(SIGNS.map(encodable))
    @example(b"%_\\*\"' OR 1=1 --")
    def ask(words):
        for address in ("/search?q=", "/api/v1/concepts?q="):
            with soon():
                assert client.get(address + quote(words)).status_code < 500

    ask()


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "body",
    [DEEP, b'{"a":' * 50_000, b"9" * 6000, b'"\\ud800"', b"\xff\xfe", b"nul", b"[]", b'""', b"NaN",
     b'{"own_words": "\\ud83d", "due_on": "2027-01-04"}', b'{"due_on": 1e999}'],
)  # fmt: skip
def test_any_body_is_read_or_refused(client_as, body):
    client = client_as(Role.CASE_WORKER)
    with soon():
        answer = client.post("/api/v1/tasks", data=body, content_type="application/json")
    assert answer.status_code in {400, 422}
    assert json.loads(answer.data)["status"] == answer.status_code


@pytest.mark.sqlite_only
def test_any_value_of_a_setting_is_kept_or_refused(client_as):
    client = client_as(Role.UNIT_MANAGER)
    told = client.get("/api/v1/settings").get_json()["settings"]
    keys = [each["key"] for each in told]
    values = st.one_of(SIGNS, st.integers(), st.booleans(), st.none(), st.lists(SIGNS, max_size=3),
                       st.integers(10**18, 10**40))  # fmt: skip

    @tried
    @given(st.sampled_from(keys), values)
    def put(key, value):
        body = {"value": value, "base": 0, "reason": "Prov"}
        with soon():
            answer = client.put(
                f"/api/v1/settings/{key}",
                data=json.dumps(body),
                content_type="application/json",
            )
        assert answer.status_code < 500

    put()
