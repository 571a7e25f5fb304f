"""What days, states and reasons of a schedule are called."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from matchsvc.schedules.models import BreakReason, PhaseState
from matchsvc.schedules.weeks import Times, Why, clock

WEEKDAY = {
    1: _l("Måndag"),
    2: _l("Tisdag"),
    3: _l("Onsdag"),
    4: _l("Torsdag"),
    5: _l("Fredag"),
    6: _l("Lördag"),
    7: _l("Söndag"),
}
STATE = {
    PhaseState.PROPOSED: _l("Förslag"),
    PhaseState.AGREED: _l("Ni är överens"),
}
REASON = {
    BreakReason.CLOSED: _l("Arbetsplatsen har stängt"),
    BreakReason.HOLIDAY: _l("Ledigt"),
    BreakReason.OTHER: _l("Annat som är bestämt"),
}
WHY = {
    Why.HOLIDAY: _l("helgdag"),
    Why.BREAK: _l("uppehåll"),
}


def words_of(times: Iterable[Times]) -> str:
    """``Måndag 9–12, tisdag 9–12``: a sentence of the week, in the reader's language."""
    said = [f"{WEEKDAY[each.weekday]} {clock(each)}" for each in times]
    return ", ".join(each if not place else each.lower() for place, each in enumerate(said))
