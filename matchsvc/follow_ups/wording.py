"""What things about follow-ups are called on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matchsvc.follow_ups.models import DevelopmentState
from matchsvc.follow_ups.opening import Opened
from matchsvc.follow_ups.states import FollowUpState
from matchsvc.participants.models import Rung
from matchsvc.placements import wording as placements
from matchsvc.placements.models import AccommodationKind, ActionState, Mood
from matchsvc.placements.workplace_models import AttendanceSaid
from matchsvc.vocabulary.wording import label

ADAPTATIONS = {
    "yes": _l("Fungerar"),
    "partly": _l("Delvis"),
    "no": _l("Fungerar inte"),
    "none_needed": _l("Behövs inga"),
}
STATE = {
    FollowUpState.PLANNED: _l("Planerad"),
    FollowUpState.LOGGED: _l("Loggad, handläggaren har inte gått igenom den"),
    FollowUpState.COMPLETED: _l("Klar"),
    FollowUpState.CANCELLED: _l("Behövs inte"),
}
DEVELOPMENT = {
    DevelopmentState.ONGOING: _l("Pågår"),
    DevelopmentState.REACHED: _l("Nått dit"),
    DevelopmentState.DROPPED: _l("Lämnar det"),
}
DEVELOPMENT_PARTS = {
    "area": _l("Vad vill du utveckla?"),
    "goal": _l("Vart vill du nå?"),
    "own_part": _l("Vad gör du själv?"),
    "unit_part": _l("Vilket stöd vill du ha av oss?"),
    "workplace_part": _l("Vilket stöd vill du ha av arbetsplatsen?"),
}
PRESENT = {
    "participant": _l("Deltagaren"),
    "logger": _l("Den som loggar"),
    "workplace": _l("Arbetsplatsens handledare"),
    "interpreter": _l("Tolk"),
    "other": _l("Någon mer"),
}
OBSERVED = {
    Rung.OBSERVED: _l("Vi har sett det"),
    Rung.CONFIRMED: _l("Arbetsplatsen bekräftar"),
}
FIELDS = {
    "held_on": _l("Vilken dag hölls den?"),
    "present": _l("Vem är med?"),
    "mood": _l("Hur går det?"),
    "own_words": _l("Deltagarens egna ord"),
    "attendance": _l("Närvaron den här månaden"),
    "hours_next": _l("Timmar i veckan"),
    "adaptations_work": _l("Hur fungerar anpassningarna?"),
    "support_wanted": _l("Önskat stöd"),
    "is_well_functioning": _l("Fungerar perioden väl?"),
    "next_goal": _l("Nästa steg mot ett arbete"),
    "agreed": _l("Det här kom ni överens om"),
    "next_on": _l("Nästa gång"),
    "participant_agrees": _l("Stämmer det för deltagaren?"),
    "needs": _l("Ny anpassning"),
    "development": _l("Utvecklingsplanen"),
}


def field_words(name: str, opened: Opened) -> str:
    """What one part of a version is called; what is about a thing with an id names the thing."""
    part, has_id, of = name.partition(".")
    if not has_id:
        return str(FIELDS.get(part, part))
    things: Mapping[str, Any] = {
        "kept": {str(each.id): each.text for each in opened.promises},
        "works": {str(each.id): each.text for each in opened.adaptations},
        "developed": {str(each.id): each.area for each in opened.development},
        "observed": {str(each.id): label(each.concept) for each in opened.at_work},
    }[part]
    return str(things.get(of, FIELDS.get(part, "")))


def value_words(name: str, value: Any) -> str:
    """One answer of a version, as people say it."""
    part = name.partition(".")[0]
    if value in (None, "", []):
        return "–"
    if isinstance(value, bool):
        return str(_("Ja") if value else _("Inte än"))
    if isinstance(value, list):
        return ", ".join(_item_words(each) for each in value)
    if part == "mood":
        return str(placements.MOOD[Mood(value)])
    if part == "attendance":
        return str(placements.ATTENDANCE_SAID[AttendanceSaid(value)])
    if part == "kept":
        return str(placements.KEPT.get(ActionState(value), "–"))
    if part in {"works", "adaptations_work"}:
        return str(ADAPTATIONS[value])
    if part == "developed":
        return str(DEVELOPMENT[DevelopmentState(value)])
    if part == "observed":
        return str(OBSERVED[Rung(value)])
    return str(value)


def _item_words(item: Any) -> str:
    if isinstance(item, Mapping):  # a new adaptation, or a row of the development plan
        return str(item.get("area") or item.get("text") or FIELDS["needs"])
    return str(PRESENT.get(item, item))


def need_kinds() -> list[tuple[str, Any]]:
    """The kinds of adaptation to choose from."""
    return [(kind.value, placements.ACCOMMODATION_KIND[kind]) for kind in AccommodationKind]
