"""Tasks to write the documents when a placement ends (PLA-09, EMPL-04, domain.md 2.3)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import job_actor
from matchsvc.accounts.settings import numbers_by_unit
from matchsvc.documents.models import DocumentKind, DocumentState, EndDocument
from matchsvc.participants.models import Participant
from matchsvc.placements.access import logger_of
from matchsvc.placements.models import (
    Employment,
    EmploymentKind,
    Outcome,
    Placement,
    PlacementForm,
)
from matchsvc.workday.models import Task
from matchsvc.workday.rules import add_task

#: The kind of task of each document that is due at the end; an account is written when AF asks.
TASKS: Mapping[DocumentKind, str] = {
    DocumentKind.FINAL: "final_documentation",
    DocumentKind.CARD: "competence_card",
    DocumentKind.CERTIFICATE: "certificate",
}
SETTING = "final_documentation_days"
#: What ended longer ago is not asked about: the service was not there to be asked.
LOOK_BACK = timedelta(days=60)
#: A certificate is asked for so long before the last day, so that it is there on it.
BEFORE_THE_END = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Due:
    """Something to write: which document, by whom, by when."""

    placement: Placement
    alias: str
    kind: DocumentKind
    owner_id: UUID
    on: date


def ask_for_documents(session: Session, *, today: date) -> int:
    """The daily job: a task for each document of a period that has ended, once each.

    After work training that led to a resource employment the documents are written when that
    employment has ended. Again the same day, or any later, makes none twice.

    Returns:
        How many tasks were made.
    """
    due = _due(session, today=today)
    ids = {each.placement.id for each in due}
    asked = {
        (task.about_id, task.kind)
        for task in session.scalars(
            select(Task).where(Task.about_id.in_(ids), Task.kind.in_(TASKS.values()))
        )
    }
    signed = session.scalars(
        select(EndDocument).where(
            EndDocument.placement_id.in_(ids),
            EndDocument.state.in_((DocumentState.SIGNED, DocumentState.REPLACED)),
        )
    )
    written = {(row.placement_id, row.kind) for row in signed}
    made = 0
    for each in due:
        key = each.placement.id
        if (key, TASKS[each.kind]) in asked or (key, each.kind) in written:
            continue
        add_task(
            session,
            job_actor("ask_for_documents"),
            owner_id=each.owner_id,
            unit_id=each.placement.unit_id,
            kind=TASKS[each.kind],
            about_type="placement",
            about_id=key,
            due_on=max(each.on, today),
            words={"alias": each.alias},
            origin="PLA-09",
        )
        made += 1
    return made


def _due(session: Session, *, today: date) -> list[Due]:
    rows = session.execute(
        select(Placement, Participant.number, PlacementForm.certificate_required)
        .join(Participant, Participant.id == Placement.participant_id)
        .join(PlacementForm, PlacementForm.code == Placement.form)
        .where(
            Placement.called_off_on.is_(None),
            Placement.is_history.is_(False),
            Placement.case_worker_id.is_not(None),
            Placement.start_date <= today,
            or_(
                Placement.end_date >= today - LOOK_BACK,
                and_(
                    Placement.end_date.is_(None),
                    PlacementForm.certificate_required,
                    Placement.planned_end_date <= today + BEFORE_THE_END,
                ),
                Placement.id.in_(_employments_ended(today)),
            ),
        )
        .order_by(Placement.id)
    ).all()
    ends = _written_after(session, {placement.id for placement, *_rest in rows})
    waits = numbers_by_unit(session, SETTING)
    found: list[Due] = []
    for placement, number, needs_certificate in rows:
        worker, days = placement.case_worker_id, waits[placement.unit_id][SETTING]
        if worker is None:
            continue
        alias, last = f"D-{number}", placement.end_date or placement.planned_end_date
        end = ends.get(placement.id, placement.end_date)
        if end is not None and today - LOOK_BACK <= end <= today:
            by = end + timedelta(days=days)
            found.append(Due(placement, alias, DocumentKind.FINAL, worker, by))
            observer = logger_of(placement) or worker
            found.append(Due(placement, alias, DocumentKind.CARD, observer, by))
        if last and needs_certificate and placement.outcome is not Outcome.BECAME_JOB:
            found.append(Due(placement, alias, DocumentKind.CERTIFICATE, worker, last))
    return found


def _employments_ended(today: date) -> Select[UUID | None]:
    return select(Employment.placement_id).where(
        Employment.kind == EmploymentKind.RESOURCE,
        Employment.placement_id.is_not(None),
        Employment.end_date >= today - LOOK_BACK,
        Employment.end_date <= today,
    )


def _written_after(session: Session, placement_ids: Collection[UUID]) -> dict[UUID, date | None]:
    """The end to wait for, of placements that led to a resource employment; None while it runs."""
    rows = session.execute(
        select(Employment.placement_id, Employment.end_date).where(
            Employment.placement_id.in_(placement_ids),
            Employment.kind == EmploymentKind.RESOURCE,
        )
    )
    return {key: end for key, end in rows if key is not None}
