"""Every page says what it is for, every word is explained, and keys can be turned off."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest

from matchsvc.accounts.guard import STAFF
from matchsvc.accounts.models import Role
from matchsvc.help.glossary import all_terms, find_terms
from matchsvc.help.purposes import PURPOSES
from matchsvc.help.shortcuts import LETTERS
from matchsvc.swedish import sort_key
from matchsvc.web.words import load_catalogs
from scripts.missing_translations import ROOT, texts
from tests.browser.test_every_page import NO_PAGES

#: Files and machines' addresses, which no person reads as a page.
NO_PURPOSE = {
    name
    for name, why in NO_PAGES.items()
    if why in {"a file", "a picture", "for machines", "leads to the municipality's log-in"}
}


def pages(app):
    """Endpoints of pages for who has logged in."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods
        and not rule.rule.startswith("/api/")
        and hasattr(app.view_functions[rule.endpoint], "required_roles")
    } - NO_PURPOSE


def test_every_page_says_what_it_is_for_in_one_sentence_or_two(app):
    assert pages(app) - PURPOSES.keys() == set()


def test_no_sentence_is_about_a_page_that_is_gone(app):
    assert PURPOSES.keys() - pages(app) == set()


def test_each_sentence_is_short_and_begins_where_the_reader_is():
    english = {str(m.id): m.string for c in load_catalogs("en").values() for m in c if m.id}
    for endpoint, said in PURPOSES.items():
        sentence = str(said)
        assert sentence.startswith("Här "), endpoint
        assert sentence.endswith("."), endpoint
        assert len(sentence.split()) <= 26, endpoint
        assert len(english[sentence].split()) <= 30, endpoint


def test_the_sentence_stands_on_the_page_and_on_the_form_shown_again(client_as):
    client = client_as(Role.ADMIN)
    assert "vad enheten heter. Det står på varje" in client.get("/start/unit").text
    again = client.post("/start/unit", data={})
    assert again.status_code == 422
    assert "vad enheten heter. Det står på varje" in again.text
    assert "What the unit is called" not in client.get("/start/unit").text
    assert "Here you write what the unit is called" in client.get("/start/unit?lang=en").text


@pytest.mark.parametrize("role", STAFF)
def test_everybody_who_logs_in_can_read_the_help(client_as, role):
    page = client_as(role).get("/help")
    assert page.status_code == 200
    assert page.text.count("Din roll") == 1
    assert "/help/glossary" in page.text


def test_the_help_lists_only_places_that_the_reader_has(client_as):
    page = client_as(Role.SUPERVISOR).get("/help").text
    assert 'data-key="d"' in page
    assert 'data-key="r"' not in page


def test_letters_are_different():
    assert len(set(LETTERS.values())) == len(LETTERS)


def test_the_reader_turns_shortcuts_off_and_on_again(client_as):
    client = client_as(Role.CASE_WORKER)
    assert "shortcuts.js" in client.get("/help").text

    off = client.post("/help/shortcuts/off")
    assert "HttpOnly" in off.headers["Set-Cookie"]
    page = client.get("/my-week").text
    assert "shortcuts.js" not in page
    assert "data-shortcut" not in page
    assert "Du har stängt av dem" in client.get("/help").text

    client.post("/help/shortcuts/on")
    assert "shortcuts.js" in client.get("/my-week").text


def test_each_word_has_its_own_anchor_and_both_languages():
    terms = all_terms()
    assert len({term.id for term in terms}) == len(terms) > 40
    for term in terms:
        assert re.fullmatch(r"[a-z-]+", term.id)
        assert all(term.word[lang] and term.text[lang].endswith(".") for lang in ("sv", "en"))
        assert all(len(term.text[lang]) < 200 for lang in ("sv", "en")), term.id


def test_the_glossary_holds_words_that_the_product_uses():
    """In what it says itself or in its own lists, in the Swedish that a reader meets."""
    said = " ".join(text if isinstance(text, str) else text[0] for text in texts(ROOT))
    files = [p for p in ROOT.rglob("data/*.yaml") if p.name != "glossary.yaml"]
    said = f"{said} {' '.join(path.read_text('utf-8') for path in files)}".casefold()
    unused = [
        term.id
        for term in all_terms()
        if not any(word.casefold() in said for word in (term.word["sv"], *term.also))
    ]
    assert unused == []


def test_words_stand_in_the_readers_alphabet():
    swedish = [sort_key(term.word["sv"]) for term in find_terms("", "sv")]
    assert swedish == sorted(swedish)
    assert find_terms("", "sv")[-1].id == "overenskommelse"
    english = [sort_key(term.word["en"]) for term in find_terms("", "en")]
    assert english == sorted(english)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("Samtycke", "samtycke"),
        ("medgivande", "samtycke"),
        ("interpreter", "tolk"),
        ("HANDLEDARE", "handledare"),
        ("  möte ", "trepartsmote"),
        ("D-nummer", "beteckning"),
    ],
)
def test_a_word_is_found_in_either_language_by_any_of_its_names(words, first):
    assert find_terms(words, "sv")[0].id == first


def test_looking_up_works_without_a_script_and_says_when_there_is_nothing(client_as):
    client = client_as(Role.SUPERVISOR)
    found = client.get(f"/help/glossary?{urlencode({'q': 'tolk'})}").text
    assert 'id="tolk"' in found
    assert 'id="samtycke"' not in found
    nothing = client.get("/help/glossary?q=xyzzy").text
    assert "Visa hela listan" in nothing
    assert 'value="xyzzy"' in nothing


def test_a_program_reads_the_same_words(client_as):
    body = client_as(Role.AUDITOR).get("/api/v1/help/glossary?q=tolk").json
    assert body["terms"][0]["word"] == {"sv": "tolk", "en": "interpreter"}
    assert len(client_as(Role.AUDITOR).get("/api/v1/help/glossary").json["terms"]) > 40
