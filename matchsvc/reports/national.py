"""The national measure: who ended and went on to work or studies (REP-07).

Of those whose case ended in a period: work is a job on the regular labour market, with or without
support, that has lasted a month without a break; studies are what the end of the case says. A
municipal labour-market employment is neither. Somebody said to have got work, without a job that is
known to have lasted, is told apart and counts nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, literal, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import standing_events
from matchsvc.outcomes.ways import STUDIES, WORK_DESTINATIONS
from matchsvc.reports.counts import Period
from matchsvc.reports.limits import limits_of
from matchsvc.reports.outcomes import READERS, Share
from matchsvc.reports.suppression import Limits


@dataclass(frozen=True, slots=True)
class NationalShare:
    """How those who ended in a period went on; every part is hidden when one of them is small.

    Attributes:
        share: to work or studies, among all who ended.
        work, studies: the two apart.
        unproven: to work according to the end of the case, without a job known to have lasted.
    """

    share: Share
    work: int | None
    studies: int | None
    unproven: int | None


def national_share(session: Session, actor: Actor, period: Period) -> NationalShare:
    """The measure of a period, as it is known now. Persons, each once. Two queries.

    Raises:
        Refused: the actor's role reads no reports.
    """
    actor.require_role(*READERS)
    ended = standing_events().where(
        OutcomeEvent.kind == OutcomeKind.EXITED,
        OutcomeEvent.occurred_on.between(period.start_date, period.end_date),
    )
    lasted = standing_events().where(OutcomeEvent.kind == OutcomeKind.EMPLOYMENT_LASTED)
    if actor.unit_id is not None:
        ended = ended.where(OutcomeEvent.unit_id == actor.unit_id)
        lasted = lasted.where(OutcomeEvent.unit_id == actor.unit_id)
    kept = lasted.with_only_columns(OutcomeEvent.case_key).distinct().subquery()
    to_work = OutcomeEvent.detail.in_(WORK_DESTINATIONS)
    told = (
        ended.outerjoin(kept, kept.c.case_key == OutcomeEvent.case_key)
        .with_only_columns(
            OutcomeEvent.person_key,
            func.max(case((to_work & kept.c.case_key.is_not(None), 1), else_=0)).label("work"),
            func.max(case((OutcomeEvent.detail == STUDIES, 1), else_=0)).label("studies"),
            func.max(case((to_work, 1), else_=0)).label("said"),
        )
        .group_by(OutcomeEvent.person_key)
        .subquery()
    )
    one, none = literal(1), literal(0)
    row = session.execute(
        select(
            func.count(),
            func.sum(told.c.work),
            func.sum(case(((told.c.work == none) & (told.c.studies == one), 1), else_=0)),
            func.sum(
                case(
                    (
                        (told.c.work == none) & (told.c.studies == none) & (told.c.said == one),
                        1,
                    ),
                    else_=0,
                )
            ),
        ).select_from(told)
    ).one()
    audit.record(session, actor, "read", "report_national")
    people, work, studies, unproven = (int(each or 0) for each in row)
    return national_of(people, work, studies, unproven, limits_of(session, actor.unit_id))


def national_of(
    people: int, work: int, studies: int, unproven: int, limits: Limits
) -> NationalShare:
    """The measure of so many, with what is too few hidden. Pure."""
    if limits.is_small(people):
        return NationalShare(Share(None, None), None, None, None)
    went_on = work + studies
    if not people:
        return NationalShare(Share(0, 0), 0, 0, 0)
    rest = (went_on, people - went_on)
    if not limits.may_show_rate(people) or any(map(limits.is_small, rest)):
        return NationalShare(Share(None, people), None, None, None)
    parts = (work, studies, unproven, people - went_on - unproven)
    if any(map(limits.is_small, parts)):
        return NationalShare(Share(went_on, people), None, None, None)
    return NationalShare(Share(went_on, people), work, studies, unproven)


def national_data(told: NationalShare) -> dict[str, Any]:
    """As the API gives it; null where so few are hidden."""
    return {
        "ended": told.share.of,
        "to_work_or_studies": told.share.n,
        "percent": told.share.percent,
        "work": told.work,
        "studies": told.studies,
        "work_not_known_to_have_lasted": told.unproven,
    }
