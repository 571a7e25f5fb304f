"""What things about meetings are called on a page."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matchsvc.diary.access import Shown
from matchsvc.participants.wording import CONTACT_LANGUAGES
from matchsvc.web.words import clock_words
from matchsvc.workday.meeting_models import (
    Attendance,
    Authorised,
    ChangeReason,
    InterpreterState,
    InterpreterWish,
)
from matchsvc.workday.meeting_types import MEETING_TYPES, OUTSIDE, PARTY_WORDS, MeetingType, Party

REASON = {
    ChangeReason.PARTICIPANT: _l("Deltagaren kan inte"),
    ChangeReason.STAFF: _l("Personalen kan inte"),
    ChangeReason.OTHER_PARTY: _l("En annan part kan inte"),
    ChangeReason.INTERPRETER: _l("Det finns ingen tolk"),
    ChangeReason.ROOM: _l("Det finns inget rum"),
    ChangeReason.NOT_NEEDED: _l("Mötet behövs inte"),
    ChangeReason.MISTAKE: _l("Det var fel bokat"),
    ChangeReason.HAND_OVER: _l("Någon annan tar över"),
}
ATTENDANCE = {
    Attendance.CAME: _l("Kom"),
    Attendance.DID_NOT_COME: _l("Kom inte"),
    Attendance.CANCELLED: _l("Avbokade"),
}
INTERPRETER_STATE = {
    InterpreterState.TO_ASK: _l("Ska bokas"),
    InterpreterState.ASKED: _l("Förfrågan skickad"),
    InterpreterState.BOOKED: _l("Bokad"),
    InterpreterState.REFUSED: _l("Fick nej"),
}
AUTHORISED = {
    Authorised.ASKED: _l("Frågat efter"),
    Authorised.YES: _l("Ja"),
    Authorised.NO: _l("Nej"),
}
WISH = {
    InterpreterWish.WOMAN: _l("Kvinna"),
    InterpreterWish.MAN: _l("Man"),
    InterpreterWish.SAME_PERSON: _l("Samma person som förut"),
    InterpreterWish.PHONE: _l("På telefon"),
    InterpreterWish.ON_SITE: _l("På plats"),
}
LANGUAGES = {code: words for code, words in CONTACT_LANGUAGES.items() if code != "sv"}


def kind_words(kind: MeetingType | None) -> str:
    """What a meeting is called; a busy one says so and no more."""
    return str(_(kind.words)) if kind is not None else str(_("Upptagen"))


def span(shown: Shown) -> str:
    """``10.00-11.00``."""
    return f"{clock_words(shown.meeting.starts_at)}–{clock_words(shown.meeting.ends_at)}"


def with_words(shown: Shown) -> str:
    """Who takes part, participants by alias, then where."""
    parts = [person.alias or person.name or "" for person in shown.people if person.name]
    if shown.hidden:
        parts.append(str(_("någon som du inte får se")))
    return " · ".join(filter(None, (", ".join(parts), shown.place)))


def kind_choices() -> list[dict[str, Any]]:
    """The types for a list to choose from: those with a participant, with others, for groups."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for kind in MEETING_TYPES.values():
        name = _("Med andra")
        if kind.is_group:
            name = _("Grupp och enheten")
        elif Party.PARTICIPANT in kind.needs:
            name = _("Om en deltagare")
        length = _("%(minutes)s min", minutes=kind.minutes)
        groups.setdefault(str(name), []).append((kind.code, f"{_(kind.words)} ({length})"))
    return [{"group": name, "options": options} for name, options in groups.items()]


def party_choices() -> list[tuple[str, str]]:
    """Those from outside the unit."""
    return [(party.value, str(_(PARTY_WORDS[party]))) for party in OUTSIDE]


def party_words(party: Party) -> str:
    """What a party is called."""
    return str(_(PARTY_WORDS[party]))


def language_words(code: str) -> str:
    """What an interpreter's language is called."""
    return str(LANGUAGES.get(code, code))
