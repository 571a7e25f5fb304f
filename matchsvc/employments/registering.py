"""Registering a job with everything that its kind asks for, and noting that it ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.employments.checklist import lay_out
from matchsvc.employments.closing import CLOSING_KINDS
from matchsvc.employments.follow_ups import TASK as FOLLOW_UP_TASK
from matchsvc.employments.lasting import keep_lasting_of
from matchsvc.employments.terms import (
    NOT_POSSIBLE,
    Terms,
    keep_terms,
    known_subsidies,
    problems_of_terms,
)
from matchsvc.employments.try_outs import shorten_try_outs
from matchsvc.errors import RuleViolation
from matchsvc.placements.employments import (
    Job,
    end_employment,
    problems_of_job,
    register_employment,
)
from matchsvc.placements.models import Employment, EmploymentKind, Outcome
from matchsvc.workday.rules import withdraw_tasks


def register(session: Session, actor: Actor, job: Job, terms: Terms, *, today: date) -> Employment:
    """Register a job with what it rests on; what is to be gone through before it is laid out.

    Raises:
        NotFound: something named is unknown or hidden from the actor.
        Refused: the actor may not decide on this participant.
        RuleViolation: the limits of the kind are not kept; with a message for every field.
    """
    names = known_subsidies(session, actor, today=today)
    job = replace(job, subsidy=names.get(terms.subsidy_code or "", job.subsidy))
    wrong = problems_of_job(job) | problems_of_terms(job, terms, known=names, today=today)
    if "subsidy_code" in wrong:  # it is chosen there, not written
        wrong.pop("subsidy", None)
    if wrong:
        raise RuleViolation("employment_not_possible", NOT_POSSIBLE, fields=wrong)
    employment = register_employment(session, actor, job, today=today)
    if job.kind is not EmploymentKind.EMPLOYMENT:
        keep_terms(session, employment.id, terms, today=today)
    lay_out(session, employment)
    return employment


def end_job(
    session: Session,
    actor: Actor,
    employment_id: UUID,
    *,
    end_date: date,
    outcome: Outcome,
    version: int | None = None,
    today: date,
) -> Employment:
    """Note that a job ended: what was still to come of it falls.

    Raises:
        NotFound, Refused, RuleViolation, Conflict: as
            :func:`matchsvc.placements.employments.end_employment`.
    """
    row = end_employment(
        session, actor, employment_id,
        end_date=end_date, outcome=outcome, version=version, today=today,
    )  # fmt: skip
    shorten_try_outs(session, row.id, end_date)
    keep_lasting_of(session, row, today=today)
    kinds = [FOLLOW_UP_TASK]
    if row.planned_end_date is not None and end_date < row.planned_end_date:
        kinds += CLOSING_KINDS[:-1]  # the documents are still to be written
    withdraw_tasks(session, actor, kinds, row.participant_id)
    return row
