"""What a unit calls the steps of a case, and in which order they are shown (PRO-01, PRO-02).

The steps are the same for every unit, they overlap, and what is counted does not change with them.
Another method only names them: in Malmö's, the time before enrolment is the register of referrals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from matchsvc.accounts.settings import number
from matchsvc.errors import N_
from matchsvc.participants.listing import Status
from matchsvc.participants.models import Step


@dataclass(frozen=True, slots=True)
class Process:
    """The steps' names in Swedish, in the order in which they are shown."""

    names: Mapping[Step, str]

    @property
    def statuses(self) -> Mapping[Status, str]:
        """What the state of a case is called."""
        words = {Status(step.value): name for step, name in self.names.items()}
        return words | {Status.ENDED: N_("Avslutad")}


#: By the number that stands in the unit's setting.
PROCESSES: Final[Mapping[int, Process]] = {
    1: Process(
        {
            Step.MAPPING: N_("Kartläggning"),
            Step.MATCHING: N_("Matchning"),
            Step.WORK_TRAINING: N_("Arbetsträning"),
            Step.WORK: N_("Arbete"),
        }
    ),
    2: Process(
        {
            Step.MAPPING: N_("Visionsbygge"),
            Step.WORK_TRAINING: N_("Aktivitet"),
            Step.MATCHING: N_("Utmatchning"),
            Step.WORK: N_("Utmatchning, i arbete"),
        }
    ),
}


def process_of(session: Session, unit_id: UUID | None) -> Process:
    """The names that a unit has chosen. One query."""
    return PROCESSES[number(session, unit_id, "process")]
