"""Every text has its English, and its placeholders survive the translation."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path

from matchsvc.web.words import load_catalogs, load_translations

ROOT = Path(__file__).parent.parent


@cache
def _script():
    spec = importlib.util.spec_from_file_location(
        "missing_translations", ROOT / "scripts" / "missing_translations.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _texts():
    return _script().texts(ROOT / "matchsvc")


def test_no_text_lacks_its_english():
    assert _script().missing([ROOT / "matchsvc"]) == {}


def test_there_are_texts_to_translate():
    assert len(_texts()) > 300


def test_placeholders_are_the_same_in_both_languages():
    place = re.compile(r"%\(\w+\)s")
    wrong = []
    for name, catalog in load_catalogs("en").items():
        for message in catalog:
            if isinstance(message.id, str) and message.id:
                theirs = sorted(set(place.findall(message.string)))
                if sorted(set(place.findall(message.id))) != theirs:
                    wrong.append((name, message.id))
    assert wrong == []


def test_the_catalogues_are_merged_into_one():
    english = load_translations("en")
    assert english.gettext("Min vecka") == "My week"
    assert english.gettext("Deltagare") == "Participants"


def test_no_text_presumes_that_a_participant_is_a_woman():
    """The mission is about women; the texts are for everybody."""
    presuming = re.compile(r"\b(hon|henne|hennes|han|honom|hans)\b", re.IGNORECASE)
    found = [t for t in _texts() if isinstance(t, str) and presuming.search(t)]
    assert found == []


def test_the_same_swedish_has_the_same_english_in_every_file():
    """The files are merged, so two translations of one text would make one of them vanish."""
    said = {}
    for name, catalog in load_catalogs("en").items():
        for message in catalog:
            if message.id:
                said.setdefault(str(message.id), {})[name] = message.string
    assert {k: v for k, v in said.items() if len(set(map(str, v.values()))) > 1} == {}
