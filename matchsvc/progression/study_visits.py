"""The in-depth study visit: three months at most, a talk within 90 days, no extension (PRO-09)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.participants.cases import latest_case, open_case
from matchsvc.participants.models import Participant
from matchsvc.participants.own import get_own
from matchsvc.progression.models import StudyVisit, VisitOutcome
from matchsvc.swedish import add_months
from matchsvc.workday.rules import add_task, settle_tasks, withdraw_tasks

TASK = "study_visit"
_TALK_WITHIN = timedelta(days=90)
_MONTHS = 3
#: The page warns from this long before the earlier of the two days.
NEAR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Limits:
    """The two last days, which differ by up to two days: 90 days, and three calendar months."""

    follow_up_due: date
    hard_end: date

    @property
    def warn_by(self) -> date:
        """The earlier of them."""
        return min(self.follow_up_due, self.hard_end)


def limits_of(started_on: date) -> Limits:
    """The last day of the talk and of the visit, by its first day."""
    return Limits(started_on + _TALK_WITHIN, add_months(started_on, _MONTHS))


def visit_of(session: Session, case_id: UUID) -> StudyVisit | None:
    """The visit of a case. Asks no right."""
    return session.scalar(
        select(StudyVisit).where(StudyVisit.case_id == case_id, StudyVisit.is_withdrawn.is_(False))
    )


def begin_visit(
    session: Session, actor: Actor, key: UUID | str, *, started_on: date, today: date
) -> StudyVisit:
    """Begin a visit; the talk becomes a task by the earlier of the two days.

    Raises:
        Refused: not the participant's own worker.
        Invalid: the day is not possible.
        RuleViolation: the case has ended, or has had its visit: a second would prolong the first.
    """
    participant = get_own(session, actor, key, today=today)
    case = open_case(session, participant)
    if visit_of(session, case.id) is not None:
        raise RuleViolation(
            "one_visit", N_("Ett fördjupat studiebesök görs en gång och kan inte förlängas.")
        )
    if not case.enrolled_on <= started_on <= today:
        raise Invalid({"started_on": N_("Skriv en dag mellan inskrivningen och i dag.")})
    visit = StudyVisit(case_id=case.id, started_on=started_on, noted_by_id=actor.user_id)
    session.add(visit)
    session.flush()
    audit.record(session, actor, "create", "study_visit", visit.id, subjects=[participant.id])
    owner_id = case.case_worker_id or actor.user_id
    if owner_id is not None:
        add_task(
            session,
            actor,
            owner_id=owner_id,
            unit_id=case.unit_id,
            kind=TASK,
            about_type="participant",
            about_id=participant.id,
            due_on=limits_of(started_on).warn_by,
            words={"alias": participant.alias},
            origin="PRO-09",
        )
    return visit


def end_visit(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    outcome: VisitOutcome,
    ended_on: date,
    version: int | None,
    today: date,
    now: datetime,
) -> StudyVisit:
    """Write what the person chose; said again, it corrects. A late answer is taken as it is.

    Raises:
        Refused: not the participant's own worker.
        NotFound: the case has no visit.
        Invalid: the day is not between the first and today.
        Conflict: it was saved since the page was shown.
    """
    participant, visit = _own_visit(session, actor, key, version, today)
    if not visit.started_on <= ended_on <= today:
        raise Invalid({"ended_on": N_("Skriv en dag mellan besökets första dag och i dag.")})
    visit.outcome, visit.ended_on = outcome, ended_on
    _save(session, actor, visit, participant, "outcome", "ended_on")
    settle_tasks(session, actor, (TASK,), participant.id, now=now)
    return visit


def withdraw_visit(
    session: Session, actor: Actor, key: UUID | str, *, version: int | None, today: date
) -> StudyVisit:
    """Take back a visit that was entered by mistake; the row stays, and counts for nothing.

    Raises:
        Refused: not the participant's own worker.
        NotFound: the case has no visit.
        Conflict: it was saved since the page was shown.
    """
    participant, visit = _own_visit(session, actor, key, version, today)
    visit.is_withdrawn = True
    _save(session, actor, visit, participant, "is_withdrawn")
    withdraw_tasks(session, actor, (TASK,), participant.id)
    return visit


def _own_visit(
    session: Session, actor: Actor, key: UUID | str, version: int | None, today: date
) -> tuple[Participant, StudyVisit]:
    participant = get_own(session, actor, key, today=today)
    case = latest_case(session, participant, lock=True)
    visit = visit_of(session, case.id)
    if visit is None:
        raise NotFound("study_visit")
    check_version(visit, version)
    return participant, visit


def _save(
    session: Session, actor: Actor, visit: StudyVisit, participant: Participant, *fields: str
) -> None:
    session.flush()
    audit.record(
        session, actor, "change", "study_visit", visit.id, fields=fields,
        subjects=[participant.id],
    )  # fmt: skip
