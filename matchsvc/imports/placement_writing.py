"""Carrying out an import of placements: history in bulk, the rest by the rules of placements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.db import Base
from matchsvc.errors import DomainError
from matchsvc.imports.bulk import insert_rows
from matchsvc.imports.columns import Problem
from matchsvc.imports.lookups import Book
from matchsvc.imports.planning import chunks
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import new_outcome, record_many
from matchsvc.participants.enrolment import subject_of
from matchsvc.participants.models import Capacity, CaseStep, Involvement, Step
from matchsvc.placements.employments import Job, event_kind, register_employment
from matchsvc.placements.limits import Plan
from matchsvc.placements.models import Employment, EmploymentKind, Placement
from matchsvc.placements.starting import start_placement

if TYPE_CHECKING:
    from matchsvc.imports.placements import PeriodPlan

#: Names of a plan's fields to the column they come from, where they differ.
COLUMN_OF = {
    "participant_id": "participant", "risk_decision": "participant", "site_id": "site",
    "offer_id": "offer", "supervisor_id": "supervisor", "contact_id": "supervisor",
    "case_worker_id": "case_worker", "agreement_id": "agreement", "programme_id": "programme",
    "hours": "hours_start",
}  # fmt: skip
_OF_PLAN = (
    "start_date", "planned_end_date", "decision_authority", "decision_ref", "decision_from",
    "decision_to", "purpose", "hours_start", "hours_goal", "supervisor_id", "case_worker_id",
    "agreement_id", "programme_id", "comment",
)  # fmt: skip
_OF_JOB = (
    "start_date", "planned_end_date", "hours", "subsidy", "subsidy_ref", "agreement_id",
    "programme_id", "comment",
)  # fmt: skip


def plan_of(plan: PeriodPlan) -> Plan:
    """The row as the rules of placements take it."""
    return Plan(
        participant_id=plan.participant.id,
        site_id=plan.site.id,
        form=plan.form.value,
        offer_id=plan.offer.id if plan.offer else None,
        external_id=plan.external_id,
        **{name: plan.values[name] for name in _OF_PLAN},
    )


def job_of(plan: PeriodPlan) -> Job:
    """The row as the rules of employments take it."""
    return Job(
        participant_id=plan.participant.id,
        site_id=plan.site.id,
        kind=EmploymentKind(plan.form.value),
        offer_id=plan.offer.id if plan.offer else None,
        external_id=plan.external_id,
        **{name: plan.values[name] for name in _OF_JOB},
    )


def write_rows(session: Session, book: Book, plans: Sequence[PeriodPlan]) -> list[Problem]:
    """Write what rows make of placements and employments, planned in this same transaction.

    Returns:
        What a rule refused after all, for example two rows that overlap.
    """
    new = [plan for plan in plans if plan.known is None]
    history = [plan for plan in new if plan.is_history]
    _write_history(session, book, history)
    _write_known(session, [plan for plan in plans if plan.known is not None])
    for action, kept in (("create", history), ("change", [p for p in plans if p.known])):
        for some in chunks(kept):
            subjects = {plan.participant.id for plan in some}
            audit.record(
                session, book.actor, action, "placement", reason="import", subjects=subjects
            )
    problems: list[Problem] = []
    for plan in new:
        if not plan.is_history:
            problems += _start(session, book, plan)
    return problems


def _start(session: Session, book: Book, plan: PeriodPlan) -> Iterable[Problem]:
    now = datetime.combine(book.today, time(12), UTC)
    try:
        if plan.form.is_employment:
            register_employment(session, book.actor, job_of(plan), today=book.today)
        else:
            start_placement(session, book.actor, plan_of(plan), today=book.today, now=now)
    except DomainError as error:
        fields = error.fields or {"external_id": error.message}
        return [
            Problem(plan.number, COLUMN_OF.get(name, name), error.code, sentence)
            for name, sentence in fields.items()
        ]
    return []


# History


def _write_history(session: Session, book: Book, plans: Sequence[PeriodPlan]) -> None:
    rows = [row for plan in plans for row in _history_rows(plan)]
    insert_rows(session, rows)
    _involve_supervisors(session, book, plans)


def _history_rows(plan: PeriodPlan) -> Iterator[Base]:
    values = plan.values
    row = _history_row(plan)
    yield row
    yield from _events_of(plan, row)
    yield CaseStep(
        id=uuid4(),
        case_id=plan.case.id,
        step=Step.WORK if plan.form.is_employment else Step.WORK_TRAINING,
        start_date=values["start_date"],
        end_date=values["end_date"],
        planned_end_date=values["planned_end_date"],
        responsible_id=values["case_worker_id"],
        source_id=row.id,
        label=None if plan.participant.protected else plan.site.name,
    )


def _events_of(plan: PeriodPlan, row: Placement | Employment) -> Iterator[OutcomeEvent]:
    """What reports count of it, as it shall be."""
    say: Any = partial(
        new_outcome,
        source_id=row.id,
        subject=subject_of(plan.participant, plan.case, programme=plan.programme),
        agreement=plan.agreement,
        employer_id=plan.site.employer_id,
        site_id=plan.site.id,
        sector=plan.site.employer.type.value,
    )
    if isinstance(row, Employment):
        yield say(event_kind(row.kind), occurred_on=row.start_date, detail=row.kind.value)
        return
    yield say(OutcomeKind.PLACEMENT_STARTED, occurred_on=row.start_date, detail=row.form)
    if row.end_date is not None:
        how = row.outcome.value if row.outcome is not None else row.form
        yield say(OutcomeKind.PLACEMENT_ENDED, occurred_on=row.end_date, detail=how)


def _history_row(plan: PeriodPlan) -> Placement | Employment:
    common: dict[str, Any] = {
        "id": uuid4(),
        "unit_id": plan.participant.unit_id,
        "external_id": plan.external_id,
        "participant_id": plan.participant.id,
        "case_id": plan.case.id,
        "site_id": plan.site.id,
        "is_history": True,
    }
    if plan.form.is_employment:
        return Employment(**common, kind=EmploymentKind(plan.form.value), **plan.values)
    liaison = (plan.offer.owner_id if plan.offer else None) or plan.site.employer.owner_id
    return Placement(
        **common,
        form=plan.form.value,
        liaison_id=liaison,
        begun_on=plan.values["start_date"],
        **plan.values,
    )


def _involve_supervisors(session: Session, book: Book, plans: Sequence[PeriodPlan]) -> None:
    """Whoever supervises a placement that still runs sees its participant."""
    wanted = {
        (plan.participant.id, plan.values["supervisor_id"])
        for plan in plans
        if plan.values.get("supervisor_id") is not None
        and plan.values["end_date"] is None
        and not plan.participant.protected
        and (plan.values["planned_end_date"] or book.today) >= book.today
    }
    if not wanted:
        return
    known = session.execute(
        select(Involvement.participant_id, Involvement.user_id).where(
            Involvement.capacity == Capacity.SUPERVISOR,
            Involvement.participant_id.in_({participant_id for participant_id, _ in wanted}),
        )
    )
    missing = wanted - {(row[0], row[1]) for row in known}
    session.add_all(
        Involvement(participant_id=participant_id, user_id=user_id, capacity=Capacity.SUPERVISOR)
        for participant_id, user_id in sorted(missing)
    )


# Known rows


def _write_known(session: Session, plans: Sequence[PeriodPlan]) -> None:
    ids = {plan.known.id for plan in plans if plan.known is not None}
    found = session.scalars(select(CaseStep).where(CaseStep.source_id.in_(ids)))
    steps = {step.source_id: step for step in found}
    events = [event for plan in plans for event in _change(plan, steps)]
    session.flush()
    record_many(session, events)


def _change(plan: PeriodPlan, steps: Mapping[UUID | None, CaseStep]) -> Iterator[OutcomeEvent]:
    """Change a row and its period; give back what is to be said of it now."""
    row = plan.known
    if row is None:
        return
    for name, value in plan.values.items():
        setattr(row, name, value)
    row.site_id = plan.site.id
    counted = None
    if isinstance(row, Placement):
        row.form, row.begun_on = plan.form.value, row.start_date
        counted = OutcomeKind.PLACEMENT_ENDED if row.end_date is None else None
    else:
        before, row.kind = row.kind, EmploymentKind(plan.form.value)
        if event_kind(before) is not event_kind(row.kind):
            counted = event_kind(before)
    step = steps.get(row.id)
    if step is not None:
        step.start_date, step.end_date = row.start_date, row.end_date
        step.planned_end_date = row.planned_end_date
    yield from _events_of(plan, row)
    if counted is not None:
        yield _taken_back(plan, row, counted)


def _taken_back(plan: PeriodPlan, row: Placement | Employment, kind: OutcomeKind) -> OutcomeEvent:
    """That something did not happen after all, if it has been said."""
    subject = subject_of(plan.participant, plan.case)
    event = new_outcome(kind, row.id, subject, occurred_on=row.start_date)
    event.is_void = True
    return event
