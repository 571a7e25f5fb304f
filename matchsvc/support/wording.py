"""What things about the support package are called on a page."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matchsvc.placements.wording import ATTENDANCE_SAID, GOING, PART, PART_STATE, STAFF
from matchsvc.support.links import Standing
from matchsvc.support.models import RequestKind
from matchsvc.support.schedule import Item, ItemKind
from matchsvc.swedish import STOCKHOLM, local_date
from matchsvc.web.words import clock_words, day_words

__all__ = ["ATTENDANCE_SAID", "GOING", "PART", "PART_STATE", "STAFF"]

ITEM = {
    ItemKind.PRE_MEETING: _l("Möte före start"),
    ItemKind.START: _l("Perioden börjar"),
    ItemKind.FOLLOW_UP: _l("Uppföljning med er"),
    ItemKind.THREE_PARTY: _l("Samtal tillsammans"),
    ItemKind.VISIT: _l("Vi kommer till er"),
    ItemKind.END_SURVEY: _l("Ni får en kort enkät"),
    ItemKind.END: _l("Perioden slutar"),
}
REQUEST = {
    RequestKind.QUESTION: _l("Fråga"),
    RequestKind.CALL_ME: _l("Ring mig"),
    RequestKind.WORK_DOES_NOT_GO: _l("Arbetet fungerar inte"),
    RequestKind.TIMES: _l("Tider eller schema"),
    RequestKind.INCIDENT: _l("En olycka eller nära en olycka"),
}
STANDING = {
    Standing.NONE: _l("Ingen länk"),
    Standing.LIVE: _l("Fungerar"),
    Standing.REVOKED: _l("Återkallad"),
    Standing.ENDED: _l("Har slutat gälla"),
}
SENT = {
    "support_link": _l("Länken till den här sidan"),
    "support_answer": _l("Svar på er fråga"),
    "employer_survey": _l("Enkäten"),
}


def item_title(item: Item) -> str:
    """What an entry of the calendar is called."""
    return str(ITEM[item.kind])


def deadline_words(due: datetime, now: datetime) -> str:
    """``i morgon 12.00``: when somebody has answered at the latest."""
    days = (local_date(due) - local_date(now)).days
    clock = clock_words(due.astimezone(STOCKHOLM))
    if days == 0:
        return str(_("i dag %(clock)s", clock=clock))
    if days == 1:
        return str(_("i morgon %(clock)s", clock=clock))
    return str(_("%(day)s %(clock)s", day=day_words(local_date(due)), clock=clock))
