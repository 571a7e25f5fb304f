"""How far somebody has come, on one page: ladder, pauses, visit, contacts, who has answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.rules import names_of
from matchsvc.errors import Refused
from matchsvc.participants.access import Sight, get_visible, require_sight
from matchsvc.participants.case_models import CasePause, WorkerChange
from matchsvc.participants.cases import latest_case
from matchsvc.participants.models import Case, Participant
from matchsvc.participants.own import NOT_YOURS, is_own
from matchsvc.participants.pauses import pauses_of, running_pause
from matchsvc.progression.climbing import StayLine, lines_of
from matchsvc.progression.contacts import Planned, plan_for, succeeded_on
from matchsvc.progression.ladders import ladders_in_use
from matchsvc.progression.models import LadderVersion, StudyVisit
from matchsvc.progression.study_visits import NEAR, Limits, limits_of, visit_of


@dataclass(frozen=True, slots=True)
class Progress:
    """One participant's way.

    Attributes:
        participant, case: whose; the present case.
        is_own: whether the reader may change things.
        stays: times on steps, the latest first.
        ladders: those that people can be put on.
        pause: the one that runs.
        pauses: all of the case, the latest first.
        visit, limits: the in-depth study visit and its two last days.
        planned: contacts afterwards, the earliest day first.
        success: when six months at work or in education were reached.
        changes: who answered for the case, the latest change first.
        staff: names.
    """

    participant: Participant
    case: Case
    is_own: bool
    stays: Sequence[StayLine]
    ladders: Sequence[LadderVersion]
    pause: CasePause | None
    pauses: Sequence[CasePause]
    visit: StudyVisit | None
    limits: Limits | None
    planned: Sequence[Planned]
    success: date | None
    changes: Sequence[WorkerChange]
    staff: Mapping[UUID | None, str]

    @property
    def is_open(self) -> bool:
        """Whether the case goes on."""
        return self.case.ended_on is None

    @property
    def current(self) -> StayLine | None:
        """Where on a ladder the person stands, or stood last."""
        return self.stays[0] if self.stays else None

    def visit_warns(self, today: date) -> bool:
        """Whether the visit's earlier last day is near or has passed, with no answer written."""
        if self.visit is None or self.limits is None or self.visit.outcome is not None:
            return False
        return today >= self.limits.warn_by - NEAR


def get_progress(session: Session, actor: Actor, key: UUID | str, *, today: date) -> Progress:
    """How far somebody has come; logged.

    Raises:
        NotFound: unknown, hidden or protected: the same answer; or no case.
        Refused: known by alias only.
    """
    participant = get_visible(session, actor, key, today=today)
    try:
        require_sight(session, actor, participant, Sight.FULL, today=today)
    except Refused:
        raise Refused("not_your_case", NOT_YOURS) from None
    case = latest_case(session, participant)
    visit = visit_of(session, case.id)
    planned = plan_for(session, case)
    changes = session.scalars(
        select(WorkerChange)
        .where(WorkerChange.case_id == case.id)
        .order_by(WorkerChange.changed_on.desc(), WorkerChange.created_at.desc())
    ).all()
    stays = lines_of(session, case, today=today)
    staff = {case.case_worker_id, *(each.to_id for each in changes)}
    staff |= {each.from_id for each in changes} | {line.stay.moved_by_id for line in stays}
    audit.record(session, actor, "read", "progress", case.id, subjects=[participant.id])
    return Progress(
        participant=participant,
        case=case,
        is_own=is_own(session, actor, participant.id, today=today),
        stays=stays,
        ladders=ladders_in_use(session, case.unit_id),
        pause=running_pause(session, case),
        pauses=pauses_of(session, [case.id]),
        visit=visit,
        limits=limits_of(visit.started_on) if visit else None,
        planned=planned,
        success=succeeded_on(case, planned),
        changes=changes,
        staff=names_of(session, staff),
    )
