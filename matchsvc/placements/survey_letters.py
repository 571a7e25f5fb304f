"""The words of the letters about surveys: to an employer's contact, naming no participant."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from matchsvc.accounts.models import Unit
from matchsvc.swedish import format_phone


class Letter(enum.StrEnum):
    """Which letter of a survey."""

    FIRST = "first"
    REMINDER = "reminder"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Words:
    """A letter: its subject and its text."""

    subject: str
    body: str


_SUBJECTS = {
    Letter.FIRST: "Hur fungerade samarbetet? 3 minuter",
    Letter.REMINDER: "Påminnelse: hur fungerade samarbetet? 3 minuter",
    Letter.LAST: "Sista påminnelsen: hur fungerade samarbetet?",
}
_OPENINGS = {
    Letter.FIRST: (
        "Ni har tagit emot någon genom oss, och perioden är slut. Hur fungerade samarbetet?"
    ),
    Letter.REMINDER: (
        "För några dagar sedan frågade vi hur samarbetet fungerade. Vi vill gärna höra det av er."
    ),
    Letter.LAST: (
        "Det här är sista gången vi påminner. Efter det hör vi inte av oss om enkäten igen."
    ),
}
_IN_ENGLISH = {
    Letter.FIRST: "you have hosted someone through us.",
    Letter.REMINDER: "some days ago we asked how the cooperation worked.",
    Letter.LAST: "this is the last time that we remind you.",
}


def survey_letter(
    letter: Letter, unit: Unit, said: Mapping[str, str], address: str, *, last_day: date
) -> Words:
    """One letter.

    Args:
        letter: which.
        unit: whose.
        said: the unit's settings ``display_name``, ``letter_greeting``, ``letter_signature`` and
            ``smallest_count``.
        address: the link.
        last_day: on which it works.
    """
    name = said["display_name"] or unit.name
    who = said["letter_signature"] or ", ".join(filter(None, (name, unit.municipality)))
    fewest = said["smallest_count"]
    phone = f" på {format_phone(unit.phone)}" if unit.phone else ""
    call = f" on {format_phone(unit.phone)}" if unit.phone else ""
    body = f"""{said["letter_greeting"]}

{_OPENINGS[letter]}
Det är tolv frågor och tar ungefär tre minuter. Ni kan hoppa över frågor och fortsätta senare.

{address}

Länken gäller till och med {last_day.isoformat()}. Den är bara till er.
Enheten läser svaren. De visas bara i grupper om minst {fewest},
och de delas inte med deltagaren.
Att svara är frivilligt. Vill ni inte ha fler frågor från oss, öppna länken och välj det,
eller säg till{phone}.

{who}

--
In English: {_IN_ENGLISH[letter]} Twelve questions, about three minutes. Open the
link above and choose English. It works until {last_day.isoformat()}. Answering is voluntary; if
you do not want more questions from us, open the link and choose so, or call us{call}.
"""
    return Words(_SUBJECTS[letter], body)
