"""Reading the year's surveys for the report: rows to be counted, never to be shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.employers.models import Employer, Site
from matchsvc.participants.models import Participant
from matchsvc.placements.ending import FAILED
from matchsvc.placements.models import ParticipantSurvey, Placement, Survey
from matchsvc.placements.survey_sending import undelivered
from matchsvc.workday.archivable import stands

#: Of an employer whose number of employees nobody has noted.
NO_SIZE = "unknown_size"


@dataclass(frozen=True, slots=True)
class Sent:
    """One survey, with what it is counted by."""

    id: UUID
    code: str
    started_at: datetime | None
    completed_at: datetime | None
    undeliverable: bool
    placement_id: UUID
    end_date: date | None
    failed: bool
    employer_id: UUID | None
    sector: str
    size: str = NO_SIZE
    channel: str | None = None


#: survey id -> question id -> values
Answers = Mapping[UUID, Mapping[str, Sequence[str]]]


def of_year(found: Any, day: Any, owner: Any, unit_id: UUID | None, year: int) -> Any:
    """Narrow a query that has Placement to a year and a unit, without whom nobody may count."""
    found = found.join(Participant, Participant.id == Placement.participant_id).where(
        day.between(date(year, 1, 1), date(year, 12, 31)),
        Participant.protected.is_(False),
        stands(Participant),
        Participant.archived_at.is_(None),
    )
    return found if unit_id is None else found.where(owner == unit_id)


def employer_surveys(session: Session, unit_id: UUID | None, year: int) -> list[Sent]:
    """The employers' surveys sent in a year. One query."""
    found = (
        select(
            Survey.id, Survey.questionnaire, Survey.started_at, Survey.completed_at,
            undelivered(), Placement.id, Placement.end_date, Placement.outcome,
            Employer.id, Employer.type, Employer.size_band,
        )
        .join(Placement, Placement.id == Survey.placement_id)
        .join(Site, Site.id == Placement.site_id)
        .join(Employer, Employer.id == Site.employer_id)
    )  # fmt: skip
    rows = session.execute(of_year(found, Survey.sent_on, Survey.unit_id, unit_id, year)).all()
    return [
        Sent(
            row[0], row[1], row[2], row[3], bool(row[4]) and row[3] is None,
            row[5], row[6], row[7] in FAILED, row[8], row[9].value, row[10] or NO_SIZE,
        )
        for row in rows
    ]  # fmt: skip


def own_surveys(session: Session, unit_id: UUID | None, year: int) -> list[Sent]:
    """The surveys offered to participants in a year. One query."""
    own = ParticipantSurvey
    found = select(
        own.id, own.questionnaire, own.started_at, own.completed_at, Placement.id,
        Placement.end_date, Placement.outcome, own.channel,
    ).join(Placement, Placement.id == own.placement_id)  # fmt: skip
    rows = session.execute(of_year(found, own.offered_on, own.unit_id, unit_id, year)).all()
    return [
        Sent(
            row[0], row[1], row[2], row[3], False, row[4], row[5],  # noqa: FBT003
            row[6] in FAILED, None, "", channel=row[7],
        )
        for row in rows
    ]  # fmt: skip


def answers_to(
    session: Session, answer: Any, survey: Any, unit_id: UUID | None, year: int, day: Any
) -> Answers:
    """What was chosen in the surveys that were handed in. One query."""
    found = (
        select(answer.survey_id, answer.question, answer.values)
        .join(survey, survey.id == answer.survey_id)
        .where(
            survey.completed_at.is_not(None),
            day.between(date(year, 1, 1), date(year, 12, 31)),
        )
    )
    if unit_id is not None:
        found = found.where(survey.unit_id == unit_id)
    given: dict[UUID, dict[str, Sequence[str]]] = defaultdict(dict)
    for survey_id, question, values in session.execute(found):
        given[survey_id][question] = values
    return given
