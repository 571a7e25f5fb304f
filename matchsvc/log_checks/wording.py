"""What kinds, outcomes and things of the log are called on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matchsvc.log_checks.models import Outcome, SampleKind
from matchsvc.log_checks.rules import Line

KINDS: Mapping[SampleKind, Any] = {
    SampleKind.RANDOM: _l("Slumpvis bland alla läsningar"),
    SampleKind.OUTSIDE: _l("Utanför egna ärenden"),
    SampleKind.PROTECTED: _l("Personer med skyddad identitet"),
    SampleKind.VOLUME: _l("Ovanligt många läsningar"),
    SampleKind.REFUSED: _l("Nekade försök"),
    SampleKind.BREAK_GLASS: _l("Läst med angivet skäl"),
}
HINTS: Mapping[SampleKind, Any] = {
    SampleKind.RANDOM: _l("Allt som visade någon deltagare."),
    SampleKind.OUTSIDE: _l("En enda akt, öppnad av någon som inte arbetar med personen."),
    SampleKind.PROTECTED: _l("Vem som läste och när. Vem det gällde visas inte."),
    SampleKind.VOLUME: _l("Dagar med minst 15 läsningar och tre gånger så många som vanligt."),
    SampleKind.REFUSED: _l("Det som någon försökte öppna men inte fick."),
    SampleKind.BREAK_GLASS: _l("När en chef öppnade ett ärende och skrev varför."),
}
OUTCOMES: Mapping[Outcome, Any] = {
    Outcome.IN_ORDER: _l("I sin ordning"),
    Outcome.ASKED: _l("Frågat den som läste"),
    Outcome.INVESTIGATE: _l("Ska utredas"),
}
OUTCOME_TAGS: Mapping[Outcome, str] = {
    Outcome.IN_ORDER: "gran",
    Outcome.ASKED: "havtorn",
    Outcome.INVESTIGATE: "lingon",
}
_THINGS: Mapping[str, Any] = {
    "participant": _l("Deltagare"),
    "case_file": _l("Ärende"),
    "placement": _l("Placering"),
    "mapping": _l("Kartläggning"),
    "mapping_summary": _l("Kartläggningens sammanfattning"),
    "plan": _l("Plan"),
    "note": _l("Anteckning"),
    "paper": _l("Papper"),
    "meeting": _l("Möte"),
    "follow_up": _l("Uppföljning"),
    "employment": _l("Arbete"),
    "consent": _l("Samtycke"),
    "disclosure": _l("Uppgift som lämnats ut"),
    "record_log": _l("Vem som öppnat akten"),
    "own_copy": _l("Kopia av egna uppgifter"),
    "record_request": _l("Begäran om utlämnande"),
    "rights_request": _l("Begäran om rättigheter"),
    "morning_board": _l("Dagens tavla"),
    "task": _l("Uppgift"),
}
_ACTIONS: Mapping[str, Any] = {
    "read": _l("läste"),
    "list": _l("såg i en lista"),
    "search": _l("sökte"),
    "export": _l("tog ut"),
    "assist": _l("visade på personens egen sida"),
    "disclose": _l("lämnade ut"),
    "refused": _l("nekades"),
    "involve": _l("öppnade med skäl"),
}


def what_words(line: Line) -> str:
    """What was done with what, for example ``läste: Plan``."""
    if line.event is None:
        return str(_("Månaden är ersatt av sitt sigill. Raden finns inte kvar."))
    done = str(_ACTIONS.get(line.event.action, line.event.action))
    thing = str(_THINGS.get(line.event.object_type, line.event.object_type))
    return f"{done}: {thing}"


def who_words(line: Line) -> str:
    """Whom it showed, as far as whoever checks may know."""
    if line.alias is not None:
        return line.alias
    return "–" if line.people < 2 else str(_("%(n)s personer", n=line.people))  # noqa: PLR2004
