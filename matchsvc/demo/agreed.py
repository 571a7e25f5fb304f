"""Agreements of placements in the town: one that holds, one that waits for a signature."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import rules as accounts
from matchsvc.accounts.actors import Actor
from matchsvc.employers.models import Contact
from matchsvc.placements.models import Placement
from matchsvc.tripartite.consequences import planned_content
from matchsvc.tripartite.desk import CASE_WORKER, EMPLOYER, PARTICIPANT
from matchsvc.tripartite.drafting import begin, save
from matchsvc.tripartite.models import TripartiteAgreement
from matchsvc.tripartite.signing import Signing, offer_for_signing, sign_version
from matchsvc.workday.signature_models import IdentifiedHow

_TASKS = "Förbereda råvaror\nDiska och hålla rent\nPacka upp varor"
_SUPPORT = "Samma handledare hela veckan\nKort genomgång varje morgon"


def build_agreements(session: Session, *, today: date, now: datetime) -> None:
    """Agree on the two placements that began last; the second lacks the case worker's name."""
    running = session.scalars(
        select(Placement)
        .where(
            Placement.start_date <= today,
            Placement.planned_end_date > today,
            Placement.end_date.is_(None),
            Placement.called_off_on.is_(None),
            Placement.case_worker_id.is_not(None),
            Placement.contact_id.is_not(None),
            Placement.hours_start.is_not(None),
        )
        .order_by(Placement.start_date.desc(), Placement.id)
        .limit(2)
    ).all()
    for placement, capacities in zip(
        running, ((PARTICIPANT, EMPLOYER, CASE_WORKER), (EMPLOYER,)), strict=False
    ):
        _agree(session, placement, capacities, today=today, now=now)


def _agree(
    session: Session,
    placement: Placement,
    capacities: tuple[str, ...],
    *,
    today: date,
    now: datetime,
) -> None:
    assert placement.case_worker_id is not None  # noqa: S101 - for the type checker; just selected
    actor = accounts.actor_of(session, placement.case_worker_id)
    row = begin(session, actor, placement.id, today=today)
    row = _filled(session, actor, placement, row, today=today)
    row = offer_for_signing(session, actor, placement.id, version=row.version, today=today)
    contact = session.get_one(Contact, placement.contact_id)
    for capacity in capacities:
        signing = Signing(
            capacity=capacity,
            identified_how=IdentifiedHow.KNOWN,
            shown_hash=row.content_hash or "",
            signer_name=contact.name if capacity == EMPLOYER else None,
        )
        sign_version(session, actor, placement.id, signing, today=today, now=now)


def _filled(
    session: Session,
    actor: Actor,
    placement: Placement,
    row: TripartiteAgreement,
    *,
    today: date,
) -> TripartiteAgreement:
    content = replace(
        planned_content(session, placement),
        times="Måndag till torsdag 9–12",
        tasks=_TASKS,
        support=_SUPPORT,
    )
    return save(session, actor, placement.id, content, version=row.version, today=today)
