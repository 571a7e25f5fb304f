"""What things of activities, services and obstacles are called on a page."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.activities.attendance import Share
from matchsvc.activities.models import (
    ActivityKind,
    GroupSession,
    Mark,
    ObstacleLevel,
    ObstacleState,
    ProviderType,
)
from matchsvc.participants.map_words import ORIENTATION
from matchsvc.participants.models import Step
from matchsvc.participants.plan_words import TRACK
from matchsvc.participants.process import process_of
from matchsvc.participants.wording import CONTACT_LANGUAGES, choices, step_words
from matchsvc.web.words import clock_words, decimal_words
from matchsvc.workday.meeting_models import ChangeReason

__all__ = ["ORIENTATION", "TRACK", "choices"]

KIND = {
    ActivityKind.LANGUAGE_CAFE: _l("Språkkafé"),
    ActivityKind.EDUCATION_PACKAGE: _l("Utbildningspaket"),
    ActivityKind.JOB_SEARCH: _l("Jobbsök"),
    ActivityKind.WORKSHOP: _l("Workshop"),
    ActivityKind.STUDY_VISIT: _l("Studiebesök eller föreläsning"),
    ActivityKind.OTHER: _l("Annat"),
}
MARK = {
    Mark.PRESENT: _l("Här"),
    Mark.LATE: _l("Sen"),
    Mark.VALID_ABSENCE: _l("Giltig"),
    Mark.NOT_KNOWN: _l("Vet ej"),
}
REASON = {
    ChangeReason.PARTICIPANT: _l("Deltagaren kan inte"),
    ChangeReason.STAFF: _l("Personalen kan inte"),
    ChangeReason.OTHER_PARTY: _l("En annan part kan inte"),
    ChangeReason.INTERPRETER: _l("Det finns ingen tolk"),
    ChangeReason.ROOM: _l("Det finns inget rum"),
    ChangeReason.NOT_NEEDED: _l("Tillfället behövs inte"),
    ChangeReason.MISTAKE: _l("Det var fel bokat"),
}
PROVIDER = {
    ProviderType.MUNICIPALITY: _l("Kommunen"),
    ProviderType.AUTHORITY: _l("Myndighet eller region"),
    ProviderType.CIVIL_SOCIETY: _l("Idéburen organisation"),
    ProviderType.PARTNERSHIP: _l("Idéburet offentligt partnerskap"),
    ProviderType.PROCURED: _l("Upphandlad"),
    ProviderType.OTHER: _l("Annan"),
}
LEVEL = {
    ObstacleLevel.UNIT: _l("Enheten"),
    ObstacleLevel.MUNICIPALITY: _l("Kommunen"),
    ObstacleLevel.REGION: _l("Regionen"),
    ObstacleLevel.STATE: _l("Staten"),
}
STATE = {
    ObstacleState.IDENTIFIED: _l("Upptäckt"),
    ObstacleState.IN_PROGRESS: _l("Någon arbetar med det"),
    ObstacleState.REMOVED: _l("Undanröjt"),
}
STATE_TAG = {
    ObstacleState.IDENTIFIED: "havtorn",
    ObstacleState.IN_PROGRESS: "fjard",
    ObstacleState.REMOVED: "gran",
}
LANGUAGES = {code: words for code, words in CONTACT_LANGUAGES.items() if code != "sv"}


def unit_steps(session: Session, actor: Actor) -> dict[Step, str]:
    """What the actor's unit calls the steps, in its order. One query."""
    return step_words(process_of(session, actor.unit_id))


def span(row: GroupSession) -> str:
    """``10.00–11.00``."""
    return f"{clock_words(row.starts_at)}–{clock_words(row.ends_at)}"


def length(minutes: int) -> str:
    """``3 timmar``, ``2,5 timmar``, ``1 timme`` or ``45 minuter``."""
    if minutes % 30 or minutes < 60:  # noqa: PLR2004
        return str(_("%(minutes)s minuter", minutes=minutes))
    if minutes == 60:  # noqa: PLR2004
        return str(_("1 timme"))
    return str(_("%(hours)s timmar", hours=decimal_words(minutes / 60, 1 if minutes % 60 else 0)))


def worked(minutes: int) -> str:
    """Working time: ``1 tim 20 min``."""
    hours, rest = divmod(minutes, 60)
    return str(_("%(hours)s tim %(minutes)s min", hours=hours, minutes=rest))


def share_words(share: Share) -> str:
    """``Kom 6 av 8 gånger, 1 sen · giltig frånvaro 1 · vet ej 1``."""
    if not share.of:
        return str(_("Ingen närvaro är skriven än."))
    words = str(_("Kom %(came)s av %(of)s gånger", came=share.came, of=share.of))
    more = [
        (share.late, _l("sen")),
        (share.valid, _l("giltig frånvaro")),
        (share.not_known, _l("vet ej")),
    ]
    return " · ".join([words, *(f"{label} {number}" for number, label in more if number)])


def choices_of_languages() -> list[tuple[str, Any]]:
    """Languages beside Swedish, to choose from."""
    return list(LANGUAGES.items())
