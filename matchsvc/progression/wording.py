"""What things about the way are called on a page."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from matchsvc.participants.wording import PAUSE_REASON, WORKER_REASON, choices, worker_reasons
from matchsvc.progression.climbing import StayLine
from matchsvc.progression.contacts import OUTCOMES, Planned
from matchsvc.progression.ladders import steps_of
from matchsvc.progression.models import ContactOutcome, LadderVersion, Series, VisitOutcome

__all__ = ["PAUSE_REASON", "WORKER_REASON", "choices", "worker_reasons"]

VISIT_OUTCOME = {
    VisitOutcome.REGISTERED: _l("Skriver in sig som arbetssökande"),
    VisitOutcome.ENDED: _l("Avslutar"),
}
CONTACT_OUTCOME = {
    ContactOutcome.IN_WORK: _l("I arbete"),
    ContactOutcome.IN_EDUCATION: _l("I utbildning"),
    ContactOutcome.SEEKS_WORK: _l("Söker arbete"),
    ContactOutcome.BACK_RIGHT: _l("Tillbaka, i den insats som var tänkt"),
    ContactOutcome.BACK_OTHER: _l("Tillbaka, i en annan insats"),
    ContactOutcome.NOT_BACK: _l("Inte tillbaka"),
    ContactOutcome.OTHER: _l("Annat"),
    ContactOutcome.NOT_REACHED: _l("Gick inte att nå"),
}


def outcome_choices(series: Series) -> list[tuple[str, Any]]:
    """The answers of a series, for a form."""
    return [(each.value, CONTACT_OUTCOME[each]) for each in OUTCOMES[series]]


def step_choices(ladders: list[LadderVersion]) -> list[dict[str, Any]]:
    """Every step of every ladder, by ladder, from the lowest up; a value is ``ladder:number``."""
    return [
        {
            "group": f"{each.name} ({each.target_group})",
            "options": [
                (f"{each.ladder_id}:{step.number}", f"{step.number}. {step.name}")
                for step in steps_of(each)
            ],
        }
        for each in ladders
    ]


def contact_title(planned: Planned) -> str:
    """``6 månader efter avslutet``."""
    if planned.series is Series.EXIT:
        return str(
            ngettext(
                "%(num)s månad efter avslutet", "%(num)s månader efter avslutet", planned.months
            )
        )
    return str(
        ngettext(
            "%(num)s månad efter ledighetens början",
            "%(num)s månader efter ledighetens början",
            planned.months,
        )
    )


def day_count(days: int) -> str:
    """``12 dagar``."""
    return str(ngettext("%(num)s dag", "%(num)s dagar", days))


def move_words(line: StayLine) -> str:
    """How somebody came to a step: passed some over, or went back; empty for the next one."""
    if line.is_back:
        return str(_("Gick tillbaka"))
    if line.skipped:
        return str(ngettext("Hoppade över %(num)s steg", "Hoppade över %(num)s steg", line.skipped))
    return ""


def contact_state(planned: Planned, today: date) -> str:
    """A code for how a contact stands: ``done``, ``late``, ``due`` or ``coming``."""
    if planned.contact is not None:
        return "done"
    if planned.is_late(today):
        return "late"
    return "due" if planned.is_due(today) else "coming"
