"""The words of the page: every language says the same, and a language more is a file more."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from matchsvc.own_page import texts
from matchsvc.own_page.saying import Saying


def test_every_language_has_every_text_with_the_same_places_for_values():
    assert texts.faults(texts.languages()) == []


def test_the_four_languages_are_offered_swedish_first():
    assert list(texts.languages())[:4] == ["sv", "sv-easy", "en", "ar"]
    arabic = texts.languages()["ar"]
    assert (arabic.lang, arabic.dir, arabic.name) == ("ar", "rtl", "العربية")


def test_translations_are_drafts_until_somebody_has_read_them_and_swedish_is_the_source():
    for code, language in texts.languages().items():
        assert {each.is_draft for each in language.texts.values()} == {code != "sv"}


@pytest.fixture
def another(tmp_path, monkeypatch):
    """``another(texts...)``: the files as they are, and one of Finnish."""

    def write(**changes):
        for path in texts.FOLDER.glob("*.yaml"):
            (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
        said = {"name": "Suomi", "lang": "fi", "dir": "ltr", "state": "draft"}
        (tmp_path / "fi.yaml").write_text(yaml.safe_dump(said | changes), "utf-8")
        monkeypatch.setattr(texts, "FOLDER", tmp_path)
        texts.languages.cache_clear()
        return texts.languages()

    yield write
    monkeypatch.undo()
    texts.languages.cache_clear()


def test_a_file_more_is_a_language_more_and_what_it_lacks_is_said_in_swedish(another):
    found = another(texts={"title": "Oma sivu", "call_whom": "Soita {who}"})
    assert texts.say("fi", "title").text == "Oma sivu"
    missing = texts.say("fi", "plan")
    assert (missing.text, missing.lang) == ("Din plan", "sv")
    assert '<span lang="sv" dir="ltr">Din plan</span>' in Saying.in_("fi").t("plan")
    faults = texts.faults(found)
    assert "fi lacks plan" in faults
    assert "fi: call_whom has other places for values than Swedish" in faults


def test_a_reviewed_text_says_by_whom_and_when(another):
    read = {"text": "Oma sivu", "state": "reviewed", "reviewed_by": "Aino", "on": date(2026, 11, 2)}
    another(texts={"title": read})
    said = texts.say("fi", "title")
    assert (said.is_draft, said.reviewed_by, said.reviewed_on) == (False, "Aino", date(2026, 11, 2))
    with pytest.raises(ValueError, match="not by whom"):
        another(texts={"title": {"text": "Oma sivu", "state": "reviewed"}})
    with pytest.raises(ValueError, match="neither draft nor reviewed"):
        another(state="perhaps", texts={"title": "Oma sivu"})
    with pytest.raises(ValueError, match="ltr or rtl"):
        another(dir="up", texts={})


def test_days_are_written_as_the_language_writes_them_and_values_keep_their_direction():
    day = date(2026, 11, 26)
    assert texts.say("sv", "since", day=day).text == "från torsdag 26 november 2026"
    assert texts.say("en", "since", day=day).text == "from Thursday 26 November 2026"
    arabic = texts.say("ar", "since", day=day).text
    assert "نوفمبر" in arabic
    assert "26" in arabic
    assert texts.say("ar", "call_whom", name="Eva").text.endswith("\u2068Eva\u2069")


def test_a_draft_stands_beside_the_swedish_and_the_source_alone():
    beside = Saying.in_("ar").both("plan")
    assert "خطتك" in beside
    assert '<span class="beside" lang="sv" dir="ltr">Din plan</span>' in beside
    assert Saying.in_("sv").both("plan") == "<span>Din plan</span>"


def test_words_that_are_put_in_are_never_markup():
    said = Saying.in_("ar").both("place", place="<script>alert(1)</script>")
    assert "<script>" not in said
    assert "&lt;script&gt;" in said


def test_an_unknown_language_is_swedish():
    assert Saying.in_("xx").text("title") == "Min sida"
    assert texts.language_for("so") == "sv"
