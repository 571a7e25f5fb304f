"""The questions of the talk as files: complete, correct, and honest about what nobody has read."""

from __future__ import annotations

import re
import shutil

import pytest
import yaml

from matchsvc.participants.guide import FOLDER, STATES, load_guide
from matchsvc.participants.models import LearnedWhere
from matchsvc.web.icons import ICON_FOLDER

GUIDE = load_guide()
SWEDISH = GUIDE.languages["sv"].texts
LETTERS = {"ar": r"[\u0600-\u06ff]", "fa": r"[\u0600-\u06ff]", "uk": r"[\u0400-\u04ff]"}


def test_ten_areas_of_a_life_are_asked_about_with_four_to_eight_questions_each():
    assert list(GUIDE.areas) == [
        *("hemma", "forening", "jobb", "foretag", "skola"),
        *("gard", "vard", "fritid", "sprak", "korkort"),
    ]
    assert all(4 <= len(area.questions) <= 8 for area in GUIDE.areas.values())


def test_every_place_where_things_are_learned_has_an_area():
    assert {area.learned_where for area in GUIDE.areas.values()} == set(LearnedWhere)


def test_every_area_and_question_has_a_pictogram():
    there = {path.stem for path in ICON_FOLDER.glob("*.svg")}
    asked = {area.icon for area in GUIDE.areas.values()}
    asked |= {question.icon for area in GUIDE.areas.values() for question in area.questions}
    assert asked - there == set()


@pytest.mark.parametrize("code", sorted(set(GUIDE.languages) - {"sv"}))
def test_a_language_says_everything_and_each_text_carries_its_state(code):
    told = GUIDE.languages[code]
    assert set(told.texts) == set(SWEDISH)
    assert all(text.text.strip() for text in told.texts.values())
    assert all(text.is_draft for text in told.texts.values())  # until a native reader says so


def test_the_states_stand_in_the_files_themselves():
    for path in FOLDER.glob("*.yaml"):
        file = yaml.safe_load(path.read_text("utf-8"))
        if file["code"] == "sv":
            continue
        states = [word["state"] for word in file["words"].values()]
        for area in file["areas"].values():
            states += [area["state"], *(q["state"] for q in area["questions"].values())]
        assert set(states) <= STATES, path.name


@pytest.mark.parametrize(("code", "letters"), sorted(LETTERS.items()))
def test_a_language_is_written_in_its_own_letters(code, letters):
    wrong = [
        k for k, said in GUIDE.languages[code].texts.items() if not re.search(letters, said.text)
    ]
    assert wrong == []
    latin = [
        k
        for k, said in GUIDE.languages[code].texts.items()
        if re.search(r"[a-zåäö]{3}", said.text.replace("{of}", "").replace("{n}", ""))
    ]
    assert latin == []


def test_the_place_is_said_in_the_figures_of_the_language():
    assert GUIDE.eyebrow("forening", 2, "sv").text == "I föreningen · fråga 3 av 6"
    arabic = GUIDE.eyebrow("forening", 2, "ar")
    assert (arabic.text, arabic.dir) == ("في الجمعية · السؤال ٣ من ٦", "rtl")


def test_dari_is_met_in_persian_and_what_we_cannot_speak_in_swedish():
    assert GUIDE.language_for("prs") == "fa"
    assert GUIDE.language_for("so") is None
    assert GUIDE.say("hemma", "so").lang == "sv"


def test_no_question_asks_about_health_faith_or_a_sex():
    forbidden = r"\b(sjuk|sjukdom\w*|diagnos\w*|tro|religion\w*|fack\w*|hon|han|henne|honom)\b"
    texts = [said.text for said in SWEDISH.values()]
    found = [text for text in texts if re.search(forbidden, text, re.IGNORECASE)]
    assert found == []


@pytest.fixture
def folder(tmp_path):
    copied = tmp_path / "talk"
    shutil.copytree(FOLDER, copied)
    return copied


def change(folder, name, what):
    path = folder / name
    file = yaml.safe_load(path.read_text("utf-8"))
    what(file)
    path.write_text(yaml.safe_dump(file, allow_unicode=True), "utf-8")


def test_what_a_language_lacks_is_said_in_swedish(folder):
    change(folder, "uk.yaml", lambda file: file["areas"].pop("gard"))
    told = load_guide(folder)
    assert told.say("gard.odla.ask", "uk") == told.say("gard.odla.ask", "sv")
    assert told.say("hemma", "uk").lang == "uk"


def test_a_reviewed_text_is_no_draft(folder):
    def review(file):
        file["areas"]["hemma"]["questions"]["mat"]["state"] = "granskad"

    change(folder, "ar.yaml", review)
    told = load_guide(folder)
    assert not told.say("hemma.mat.ask", "ar").is_draft
    assert told.say("hemma.stada.ask", "ar").is_draft


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (
            lambda f: f["areas"]["hemma"]["questions"]["mat"].pop("state"),
            "hemma.mat.ask says neither",
        ),
        (
            lambda f: f["areas"].update(rymden={"state": "utkast", "name": "x", "questions": {}}),
            "sv.yaml has no rymden",
        ),
        (
            lambda f: f["words"].update(hej={"state": "utkast", "text": "x"}),
            "sv.yaml has no words.hej",
        ),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_place(folder, mistake, said):
    change(folder, "ar.yaml", mistake)
    with pytest.raises(ValueError, match=said):
        load_guide(folder)
