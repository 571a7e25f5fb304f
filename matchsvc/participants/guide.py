"""The guide to the competence talk: areas of a life, their questions, and the languages.

The texts are files that a case worker or a translator can correct, ``data/talk/*.yaml``. Swedish
decides which areas and questions there are; what another language lacks is said in Swedish.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from matchsvc.participants.models import LearnedWhere

FOLDER = Path(__file__).parent / "data" / "talk"
FIRST = "sv"
LANGUAGE_AREA = "sprak"  # what is said here may be a language, which is held by levels
REVIEWED = "granskad"
STATES = frozenset({"utkast", REVIEWED})


@dataclass(frozen=True, slots=True)
class Said:
    """A text in one language.

    Attributes:
        text: the words.
        lang, dir: of the words, for the element that holds them.
        is_draft: whether no native reader has approved it.
    """

    text: str
    lang: str
    dir: str
    is_draft: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question of an area."""

    id: str
    icon: str


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a life.

    Attributes:
        id: stable; stored with the talk.
        icon: its pictogram.
        learned_where: where a competence from here counts as learned.
        questions: in the order they are asked.
    """

    id: str
    icon: str
    learned_where: LearnedWhere
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the guide: its own name, direction, figures, and its texts by key."""

    code: str
    name: str
    dir: str
    digits: str
    also: tuple[str, ...]
    texts: Mapping[str, Said]

    def figures(self, number: int) -> str:
        """A number in the language's own figures."""
        if not self.digits:
            return str(number)
        return str(number).translate({ord(str(d)): self.digits[d] for d in range(10)})


@dataclass(frozen=True, slots=True)
class Guide:
    """All areas, and what is said about them in each language."""

    areas: Mapping[str, Area]
    languages: Mapping[str, Language]

    def language_for(self, code: str | None) -> str | None:
        """The language of the guide for a contact language; None when there is none."""
        if code in self.languages:
            return code
        return next((own.code for own in self.languages.values() if code in own.also), None)

    def say(self, key: str, code: str) -> Said:
        """A text by key in a language, in Swedish where the language lacks it.

        Args:
            key: ``words.mine``, ``hemma``, ``hemma.mat.ask`` or ``hemma.mat.examples``.
            code: of the language.
        """
        told = self.languages.get(code, self.languages[FIRST]).texts.get(key)
        return told or self.languages[FIRST].texts[key]

    def eyebrow(self, area_id: str, at: int, code: str) -> Said:
        """``I föreningen · fråga 3 av 6`` in a language, with its figures."""
        language = self.languages.get(code, self.languages[FIRST])
        place = self.say("words.question_of", code)
        number, of = language.figures(at + 1), language.figures(self.count(area_id))
        text = f"{self.say(area_id, code).text} · {place.text.format(n=number, of=of)}"
        return Said(text, place.lang, place.dir, place.is_draft)

    def count(self, area_id: str) -> int:
        """How many questions an area has."""
        return len(self.areas[area_id].questions)


@cache
def load_guide(folder: Path = FOLDER) -> Guide:
    """Read and check the files.

    Raises:
        ValueError: a file names an area, question or word that Swedish does not have, or a
            translation carries no state; the message says where.
    """
    files = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in folder.glob("*.yaml")}
    first = files.pop(FIRST)
    areas = {
        area_id: Area(
            area_id,
            area["icon"],
            LearnedWhere(area["learned_where"]),
            tuple(Question(name, told["icon"]) for name, told in area["questions"].items()),
        )
        for area_id, area in first["areas"].items()
    }
    languages = {FIRST: _language(first, known=None)}
    known = frozenset(languages[FIRST].texts)
    # The order in which they are offered: that of their own names.
    for told in sorted(files.values(), key=lambda told: str(told["name"])):
        languages[told["code"]] = _language(told, known=known)
    return Guide(areas, languages)


def _language(told: Mapping[str, Any], known: frozenset[str] | None) -> Language:
    code = told["code"]
    default = told.get("state")
    texts = {}
    for key, text, state in _texts(told):
        if (state or default) not in STATES:
            raise ValueError(f"{code}.yaml: {key} says neither utkast nor granskad")
        if known is not None and key not in known:
            raise ValueError(f"{code}.yaml: sv.yaml has no {key}")
        texts[key] = Said(text, code, told["dir"], (state or default) != REVIEWED)
    return Language(
        code=code,
        name=told["name"],
        dir=told["dir"],
        digits=told.get("digits", ""),
        also=tuple(told.get("also", ())),
        texts=texts,
    )


def _texts(told: Mapping[str, Any]) -> list[tuple[str, str, str | None]]:
    """Every text of a file as (key, words, state)."""
    found: list[tuple[str, str, str | None]] = []
    for key, word in told["words"].items():
        plain = isinstance(word, str)
        found.append(
            (f"words.{key}", word if plain else word["text"], None if plain else word.get("state"))
        )
    for area_id, area in told["areas"].items():
        found.append((area_id, area["name"], area.get("state")))
        for name, question in area["questions"].items():
            for part in ("ask", "examples"):
                key = f"{area_id}.{name}.{part}"
                found.append((key, question[part], question.get("state")))
    return found
