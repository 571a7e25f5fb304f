"""What the pages of learning call things, in Swedish; translated where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from matchsvc.learning.assessment import ANSWERS, QUESTIONS
from matchsvc.learning.models import Came, CostKind, Grade, Level
from matchsvc.learning.reviews import WHAT, Figure, Section

LEVEL = {
    Level.COMPLETED: _l("hela"),
    Level.KNOWLEDGE: _l("kunskap"),
    Level.APPLICATION: _l("tillämpning"),
}
GRADE = {Grade.LARGE: _l("Stor"), Grade.MEDIUM: _l("Medel"), Grade.SMALL: _l("Liten")}
GRADE_TAG = {Grade.LARGE: "lingon", Grade.MEDIUM: "havtorn", Grade.SMALL: "plain"}
CAME = {Came.YES: _l("Det hände"), Came.PARTLY: _l("Delvis"), Came.NO: _l("Det hände inte")}
COST = {
    CostKind.STAFF: _l("Personal"),
    CostKind.PREMISES: _l("Lokaler och utrustning"),
    CostKind.PROCURED: _l("Köpta insatser"),
    CostKind.INTERPRETING: _l("Tolk och översättning"),
    CostKind.OTHER: _l("Övrigt"),
}
SECTION = {
    Section.TARGET_GROUP: _l("Målgruppen i dag"),
    Section.DEMAND: _l("Vad arbetsgivarna söker"),
    Section.NEEDS: _l("Vad deltagarna behöver på arbetsplatsen"),
    Section.SUPPLY: _l("Vad som finns att erbjuda"),
    Section.ROUTINES: _l("Rutiner för hälsosamtal och bedömning av arbetsförmåga"),
    Section.CONCLUSIONS: _l("Det vi gör annorlunda"),
}
QUESTION = {name: _l(words) for name, words in QUESTIONS.items()}
ANSWER = {name: _l(words) for name, words in ANSWERS.items()}
_WHAT = {name: _l(words) for name, words in WHAT.items()}
STEP = {
    "mapped": _l("Kartlagd"),
    "proposed": _l("Föreslagen"),
    "placement": _l("Började en placering"),
    "work": _l("Fick arbete"),
}


def figure(line: Figure) -> str:
    """What a line of a review counts."""
    return str(_WHAT[line.what]) % {"name": line.name}


def choices(words: Mapping[StrEnum, object]) -> list[tuple[str, object]]:
    """As the fields of a form take them."""
    return [(value.value, label) for value, label in words.items()]
