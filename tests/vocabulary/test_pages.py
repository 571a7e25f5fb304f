"""The vocabulary's pages and what programs can do with it."""

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.vocabulary.models import Concept, SynonymState, UnitSynonym
from matchsvc.vocabulary.synonyms import propose_words
from tests.factories import TODAY
from tests.vocabulary.test_lines import load

ROOT = "/settings/vocabulary"
API = "/api/v1"
WORDS = "steker plättar i klubbstugan"
CREDIT = "Tjänsten använder Europeiska kommissionens klassifikation ESCO."
KEEPERS = (Role.UNIT_MANAGER, Role.ADMIN)


@pytest.fixture
def proposed(session, make):
    propose_words(
        session,
        unit_id=make.unit().id,
        concept_id="laga-mat",
        text=WORDS,
        names=(),
        today=TODAY,
    )
    return session.scalars(select(UnitSynonym)).one()


def state(session, held):
    session.expire_all()
    return session.get(UnitSynonym, held.id).state


@pytest.mark.parametrize("role", list(Role))
def test_everybody_may_look_around_and_only_some_may_change(client_as, role):
    client = client_as(role)
    assert "Laga mat" in client.get(f"{ROOT}?q=laga+mat").text
    shown = client.get(f"{ROOT}/concepts/laga-mat").text
    assert ("Rätta raden uppåt" in shown) is (role in KEEPERS)
    allowed = 303 if role in KEEPERS else 403
    form = {"parent": "-", "reason": "Prov.", "version": "0"}
    assert client.post(f"{ROOT}/concepts/laga-mat/line", data=form).status_code == allowed
    words = client.post(f"{ROOT}/concepts/laga-mat/synonyms", data={"text": WORDS})
    assert words.status_code == allowed
    assert client.get(f"{ROOT}/words").status_code == (200 if role in KEEPERS else 403)


def test_strangers_are_asked_to_log_in(app):
    assert "/login" in app.test_client().get(ROOT).headers["Location"]


def test_the_list_is_searched_filtered_and_leafed_through(client_as, session):
    load(session)
    client = client_as()
    assert "Ord x" in client.get(f"{ROOT}?q=ord+x").text
    assert "Ord x" not in client.get(f"{ROOT}?q=ord+x&scheme=starter").text
    assert "Inget ord stämmer" in client.get(f"{ROOT}?q=qqqzzz").text
    assert 'rel="next"' in client.get(ROOT).text
    assert client.get(f"{ROOT}?page=2&kind=skill").status_code == 200
    assert client.get(f"{ROOT}?kind=saga").status_code == 422
    assert client.get(f"{ROOT}?q=%25_%5C").status_code == 200


def test_a_concepts_page_shows_its_line_what_else_it_could_be_and_its_source(client_as, session):
    load(session)
    session.get(Concept, "x").is_deprecated = True
    session.get(Concept, "x").has_swedish_label = False
    shown = client_as().get(f"{ROOT}/concepts/x").text
    for words in (
        "Ord a", "Ord b", "1 ord under det · listans val", "Valt", "Används inte längre",
        "Bara på engelska", "Word x", "ESCO", CREDIT,
    ):  # fmt: skip
        assert words in shown, words


def test_escos_credit_line_stands_only_where_esco_is(client_as, session):
    client = client_as()
    assert CREDIT not in client.get(ROOT).text
    load(session)
    session.commit()
    assert CREDIT in client.get(ROOT).text
    assert "This service uses the ESCO classification" in client.get(f"{ROOT}?lang=en").text


def test_an_unknown_concept_is_not_found(client_as):
    client = client_as(Role.ADMIN)
    form = {"parent": "-", "reason": "Prov.", "version": "0"}
    assert client.get(f"{ROOT}/concepts/finns-inte").status_code == 404
    assert client.post(f"{ROOT}/concepts/finns-inte/line", data=form).status_code == 404


def test_a_line_is_corrected_on_the_page(client_as, session):
    load(session)
    client = client_as(Role.UNIT_MANAGER)
    form = {"parent": "b", "reason": "Ligger <närmare>.", "version": "0"}
    answer = client.post(f"{ROOT}/concepts/x/line", data=form, follow_redirects=True)
    assert "Raden uppåt är ändrad." in answer.text
    assert "Ligger &lt;närmare&gt;." in answer.text
    again = client.post(f"{ROOT}/concepts/x/line", data=form)
    assert again.status_code == 409
    assert "Någon annan har sparat samtidigt" in again.text


def test_what_was_typed_stays_when_a_line_is_refused(client_as, session):
    load(session)
    client = client_as(Role.UNIT_MANAGER)
    ring = {"parent": "x", "reason": "Min tanke.", "version": "0"}
    answer = client.post(f"{ROOT}/concepts/a/line", data=ring)
    assert answer.status_code == 422
    assert "ring" in answer.text
    assert "Min tanke." in answer.text
    missing = client.post(f"{ROOT}/concepts/a/line", data={"parent": "x"})
    assert missing.status_code == 422


def test_another_parent_can_be_searched_for(client_as):
    client = client_as(Role.UNIT_MANAGER)
    shown = client.get(f"{ROOT}/concepts/laga-mat?parent_q=odla").text
    assert 'value="odla"' in shown
    assert 'value="laga-mat"' not in shown


def test_words_are_reviewed_on_their_page(client_as, session, proposed):
    client = client_as(Role.UNIT_MANAGER)
    shown = client.get(f"{ROOT}/words").text
    assert WORDS in shown
    assert "valt 1 gång" in shown
    assert "november 2026" in shown
    assert "Ord som föreslagits (1)" in client.get(ROOT).text
    path = f"{ROOT}/words/{proposed.id}/decision"
    answer = client.post(path, data={"decision": "approve", "version": "1"}, follow_redirects=True)
    assert "Ordet är godkänt." in answer.text
    assert state(session, proposed) is SynonymState.APPROVED
    assert client.post(path, data={"decision": "revoke", "version": "1"}).status_code == 409
    client.post(path, data={"decision": "revoke", "version": "2"})
    assert WORDS in client.get(f"{ROOT}/words?state=revoked").text
    client.post(path, data={"decision": "refuse", "version": "3"})
    assert state(session, proposed) is SynonymState.REFUSED
    assert client.get(f"{ROOT}/words?state=refused").status_code == 404


def test_an_administrator_sees_only_what_is_approved(client_as, session, proposed):
    client = client_as(Role.ADMIN)
    assert WORDS not in client.get(f"{ROOT}/words").text
    assert client.get(f"{ROOT}/words?state=proposed").status_code == 403
    path = f"{ROOT}/words/{proposed.id}/decision"
    assert client.post(path, data={"decision": "approve"}).status_code == 403


def test_personal_words_are_refused_beside_the_field(client_as, make, session):
    make.participant(given_name="Fatima", family_name="Öström")
    client = client_as(Role.UNIT_MANAGER)
    for text in ("850312-9820", "syr med fatima", "maja@example.org"):
        answer = client.post(f"{ROOT}/concepts/sy/synonyms", data={"text": text})
        assert answer.status_code == 422
        assert 'id="text-error"' in answer.text
    assert session.scalars(select(UnitSynonym)).all() == []


def test_the_pages_are_in_english_too(client_as, proposed):
    client = client_as(Role.UNIT_MANAGER)
    assert "Proposed words" in client.get(f"{ROOT}/words?lang=en").text
    assert "The line upward" in client.get(f"{ROOT}/concepts/laga-mat?lang=en").text
    assert "Cook food" in client.get(f"{ROOT}/concepts/laga-mat?lang=en").text


def test_the_settings_lead_to_the_words(client_as):
    assert 'href="/settings/vocabulary"' in client_as().get("/settings").text


def test_programs_see_the_line_and_correct_it_with_the_version_they_read(client_as, session):
    load(session)
    client = client_as(Role.UNIT_MANAGER)
    read = client.get(f"{API}/concepts/x")
    assert read.json["line"] == ["a"]
    assert [each["id"] for each in read.json["alternatives"]] == ["a", "b"]
    assert read.json["credit"] == CREDIT
    body = {"parent": "b", "reason": "Närmare."}
    path = f"{API}/concepts/x/parent"
    assert client.put(path, json=body).status_code == 428
    fresh = {"If-Match": read.headers["ETag"]}
    changed = client.put(path, json=body, headers=fresh)
    assert (changed.status_code, changed.json["parent"]) == (200, "b")
    assert (changed.json["line_corrected"], changed.json["line_reason"]) == (True, "Närmare.")
    assert client.put(path, json=body, headers=fresh).status_code == 412
    assert client_as().put(path, json=body, headers=fresh).status_code == 403


def test_programs_add_list_and_decide_on_words(client_as, session, proposed):
    client = client_as(Role.UNIT_MANAGER)
    listed = client.get(f"{API}/synonyms?state=proposed").json
    assert [(one["text"], one["count"]) for one in listed["items"]] == [(WORDS, 1)]
    path = f"{API}/synonyms/{proposed.id}/decision"
    done = client.post(path, json={"decision": "approve", "version": 1})
    assert (done.status_code, done.json["state"]) == (200, "approved")
    added = client.post(f"{API}/synonyms", json={"concept": "sy", "text": "lagar dragkedjor"})
    assert (added.status_code, added.json["state"]) == (201, "approved")
    refused = client.post(f"{API}/synonyms", json={"concept": "sy", "text": "hos Ali"})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/text")
    assert client.get(f"{API}/synonyms").json["total"] == 2
    assert client_as().get(f"{API}/synonyms").status_code == 403
    terms = client.get(f"{API}/concepts/sy").json["terms"]
    assert {"text": "lagar dragkedjor", "language": "sv", "from_unit": True} in terms


def test_without_knowing_the_names_nothing_is_saved(client_as, app, session, monkeypatch):
    client = client_as(Role.UNIT_MANAGER)
    monkeypatch.delitem(app.extensions, "names_among")
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr(app, "testing", False)
    client.post(f"{ROOT}/concepts/sy/synonyms", data={"text": WORDS})
    assert session.scalars(select(UnitSynonym)).all() == []


@pytest.mark.parametrize("path", [ROOT, f"{ROOT}/concepts/laga-mat", f"{ROOT}/words"])
def test_pages_make_few_queries(client_as, queries, path):
    client = client_as(Role.UNIT_MANAGER)
    client.get(path)
    with queries() as count:
        client.get(path)
    assert count.total < 40
