"""The surveys as data (domain.md 6.2, EMP-11). Ids are stable; new wording is a new version.

The wording is part of a versioned questionnaire and stands here in both languages: an answer must
stay readable with the very words that were asked.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

UNKNOWN = "unknown"
TEXT_LONGEST = 500
CONTACT_ME = "contact_me"


class QuestionKind(enum.StrEnum):
    """How a question is answered."""

    SINGLE = "single"
    SCALE = "scale"
    MULTI = "multi"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose.

    Attributes:
        value: what is kept; for scales ``"1"`` to ``"5"``, for "don't know" ``"unknown"``.
        words: Swedish and English.
    """

    value: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """One question on a screen of its own.

    Attributes:
        id: ``E1`` to ``E12``, ``P1`` to ``P10``, ``Y1``; stable.
        kind: how it is answered.
        words: Swedish and English; a participant's in more languages.
        options: answers to choose, "don't know" last where there is one.
        most: how many may be chosen.
    """

    id: str
    kind: QuestionKind
    words: Mapping[str, str]
    options: tuple[Option, ...] = ()
    most: int = 1

    def allows(self, values: tuple[str, ...]) -> bool:
        """Whether these values may be its answer."""
        known = {option.value for option in self.options}
        return len(set(values)) == len(values) <= self.most and known.issuperset(values)


def _words(swedish: str, english: str) -> dict[str, str]:
    return {"sv": swedish, "en": english}


def _options(*listed: tuple[str, str, str]) -> tuple[Option, ...]:
    return tuple(Option(value, _words(swedish, english)) for value, swedish, english in listed)


_DONT_KNOW = (UNKNOWN, "Vet ej", "Don't know")
_AGREE = _options(
    ("1", "Inte alls", "Not at all"),
    ("2", "I liten grad", "To a small extent"),
    ("3", "Delvis", "Partly"),
    ("4", "I hög grad", "To a large extent"),
    ("5", "Helt och hållet", "Completely"),
    _DONT_KNOW,
)
_ENDED = _options(
    ("as_planned", "Som planerat", "As planned"),
    ("early_by_us", "I förtid på vårt initiativ", "Early, on our initiative"),
    (
        "early_by_participant",
        "I förtid på deltagarens initiativ",
        "Early, on the participant's initiative",
    ),
    ("became_job", "Övergick i anställning", "It became a job"),
    ("other", "Annat", "Something else"),
    _DONT_KNOW,
)
_SATISFIED = _options(
    ("1", "Mycket missnöjda", "Very dissatisfied"),
    ("2", "Missnöjda", "Dissatisfied"),
    ("3", "Varken nöjda eller missnöjda", "Neither satisfied nor dissatisfied"),
    ("4", "Nöjda", "Satisfied"),
    ("5", "Mycket nöjda", "Very satisfied"),
    _DONT_KNOW,
)
_AGAIN = _options(
    ("yes", "Ja, absolut", "Yes, absolutely"),
    ("probably", "Troligen", "Probably"),
    ("unsure", "Osäkert", "Not sure"),
    ("probably_not", "Troligen inte", "Probably not"),
    ("no", "Nej", "No"),
    _DONT_KNOW,
)
_EASIER = _options(
    ("information", "Mer information", "More information"),
    ("supervisor_support", "Mer stöd till handledaren", "More support for the supervisor"),
    ("other_season", "Annan tid på året", "Another time of the year"),
    ("language_support", "Språkstöd", "Language support"),
    ("adaptations", "Anpassningar", "Adjustments"),
    ("clearer_goals", "Tydligare mål", "Clearer goals"),
    ("other", "Annat", "Something else"),
)
_CONTACT = _options((CONTACT_ME, "Kontakta mig", "Contact me"))


def _scale(number: int, swedish: str, english: str) -> Question:
    return Question(f"E{number}", QuestionKind.SCALE, _words(swedish, english), _AGREE)


QUESTIONS: tuple[Question, ...] = (
    Question(
        "E1",
        QuestionKind.SINGLE,
        _words("Hur slutade perioden?", "How did the period end?"),
        _ENDED,
    ),
    _scale(
        2,
        "I vilken grad nåddes syftet med perioden?",
        "To what extent was the purpose of the period achieved?",
    ),
    _scale(
        3,
        "Arbetsuppgifterna passade det som var överenskommet.",
        "The tasks matched what was agreed.",
    ),
    _scale(
        4,
        "Före start fick vi den information vi behövde.",
        "Before the start we got the information we needed.",
    ),
    _scale(
        5,
        "Vi visste vem vi skulle kontakta när vi behövde stöd.",
        "We knew whom to contact when we needed support.",
    ),
    _scale(
        6,
        "Stödet under perioden motsvarade vårt behov.",
        "The support during the period met our needs.",
    ),
    _scale(
        7,
        "Kontakterna med oss tog lagom mycket tid.",
        "Contacts took a reasonable amount of our time.",
    ),
    _scale(8, "Handledningen fungerade för oss.", "Supervision worked for us."),
    Question(
        "E9",
        QuestionKind.SCALE,
        _words(
            "Hur nöjda är ni på det hela taget med samarbetet?",
            "Overall, how satisfied are you with the cooperation?",
        ),
        _SATISFIED,
    ),
    Question(
        "E10",
        QuestionKind.SINGLE,
        _words(
            "Skulle ni ta emot någon igen genom oss?",
            "Would you host someone again through us?",
        ),
        _AGAIN,
    ),
    Question(
        "E11",
        QuestionKind.MULTI,
        _words(
            "Vad skulle göra det lättare att ta emot någon igen?",
            "What would make it easier to host again?",
        ),
        _EASIER,
        most=3,
    ),
    Question(
        "E12",
        QuestionKind.TEXT,
        _words("Något mer ni vill säga?", "Anything else?"),
        _CONTACT,
    ),
)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A version of a questionnaire: what is asked, in which order.

    Attributes:
        code: of the version; new wording is a new code.
        questions: in their order.
    """

    code: str
    questions: tuple[Question, ...]

    def find(self, question_id: str) -> Question | None:
        """The question with this id."""
        return next((each for each in self.questions if each.id == question_id), None)

    def position_of(self, question: Question) -> int:
        """Its place, from 1."""
        return self.questions.index(question) + 1

    def neighbour_of(self, question: Question, step: int) -> Question | None:
        """The question ``step`` places away, or None past either end."""
        index = self.questions.index(question) + step
        return self.questions[index] if 0 <= index < len(self.questions) else None

    def as_shown(self) -> dict[str, Any]:
        """Every word of it, to be kept: an answer is read with the words that were asked."""
        return {
            "questions": [
                {
                    "id": each.id,
                    "kind": each.kind.value,
                    "most": each.most,
                    "words": dict(each.words),
                    "options": [
                        {"value": option.value, "words": dict(option.words)}
                        for option in each.options
                    ],
                }
                for each in self.questions
            ]
        }

    @classmethod
    def from_shown(cls, code: str, content: Mapping[str, Any]) -> Questionnaire:
        """The questionnaire that :meth:`as_shown` wrote down."""
        return cls(
            code,
            tuple(
                Question(
                    each["id"],
                    QuestionKind(each["kind"]),
                    each["words"],
                    tuple(Option(one["value"], one["words"]) for one in each["options"]),
                    each["most"],
                )
                for each in content["questions"]
            ),
        )


#: Version of the questionnaire that new surveys use.
EMPLOYER_SURVEY = "employer-1"
EMPLOYER = Questionnaire(EMPLOYER_SURVEY, QUESTIONS)
