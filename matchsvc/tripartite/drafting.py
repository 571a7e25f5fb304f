"""Beginning, changing and giving up a version (DESIGN section 3).

One version at a time is worked on. A change of what it says lifts the signatures.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor, job_actor
from matchsvc.accounts.settings import numbers_by_unit
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.placements.models import (
    Placement,
)
from matchsvc.placements.transitions import Act, require
from matchsvc.swedish import contains_identity_number
from matchsvc.tripartite.consequences import check_content, planned_content
from matchsvc.tripartite.content import (
    TERMS_VERSION,
    Content,
    as_text,
    from_text,
)
from matchsvc.tripartite.desk import (
    ABOUT,
    OPEN,
    S,
    move,
    open_version,
    record_act,
    versions_of,
    writable,
)
from matchsvc.tripartite.models import TripartiteAgreement
from matchsvc.workday.rules import add_task

EXPIRED_TASK = "agreement_expired"


def begin(
    session: Session, actor: Actor, placement_id: UUID, *, today: date
) -> TripartiteAgreement:
    """Begin a version, filled with what is agreed or planned already.

    Raises:
        NotFound, Refused: as everywhere.
        RuleViolation: one is worked on already, or the placement has ended.
    """
    seen = writable(session, actor, placement_id, today=today)
    placement = seen.placement
    versions = versions_of(session, placement.id)
    if any(each.state in OPEN for each in versions):
        raise RuleViolation(
            "agreement_open",
            N_("Ni arbetar redan med en version. Gör klart den, eller ta bort den."),
        )
    if placement.end_date is not None or placement.called_off_on is not None:
        raise RuleViolation("placement_ended", N_("Placeringen är slut. Då ändras inget mer."))
    require(session, actor, placement, Act.AGREE_HOURS, today=today)
    agreed = next((each for each in versions if each.state is S.AGREED), None)
    content = planned_content(session, placement)
    if agreed is not None:
        content = replace(
            from_text(agreed.content),
            # The decision may be a new one since it was agreed, and the last day with it.
            ends_on=content.ends_on,
            decision_ref=content.decision_ref,
            decision_to=content.decision_to,
        )
    version = TripartiteAgreement(
        unit_id=placement.unit_id,
        placement_id=placement.id,
        number=1 + max((each.number for each in versions), default=0),
        content=as_text(content),
        terms=TERMS_VERSION,
        touched_on=today,
    )
    session.add(version)
    session.flush()
    record_act(session, actor, "create", version, seen)
    return version


def save(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    content: Content,
    *,
    version: int,
    today: date,
) -> TripartiteAgreement:
    """Save what the open version says. Signatures on other words fall.

    Raises:
        NotFound, Refused: as everywhere; NotFound too when nothing is worked on.
        RuleViolation: the period is not possible, with a message for every field.
        Invalid: an identity number in a text, or a contact of another employer.
        Conflict: somebody else saved it since.
    """
    seen, row = open_version(session, actor, placement_id, version=version, today=today)
    check_content(session, actor, seen, content, today=today)
    if content == from_text(row.content):
        return row
    row.content, row.touched_on = as_text(content), today
    if row.state is not S.DRAFT:
        move(row, S.DRAFT)
        row.facts = row.content_hash = None
    session.flush()
    record_act(session, actor, "change", row, seen)
    return row


def drop(
    session: Session, actor: Actor, placement_id: UUID, *, reason: str, version: int, today: date
) -> TripartiteAgreement:
    """Give up the open version, with a reason; what was agreed before still holds.

    Raises:
        NotFound, Refused, Conflict: as everywhere.
        Invalid: no reason, or an identity number in it.
    """
    seen, row = open_version(session, actor, placement_id, version=version, today=today)
    if not reason.strip():
        raise Invalid({"reason": N_("Skriv varför.")})
    if contains_identity_number(reason, today=today):
        raise Invalid({"reason": N_("Skriv inga personnummer här.")})
    move(row, S.DROPPED)
    row.ended_reason = reason.strip()
    session.flush()
    record_act(session, actor, "change", row, seen)
    return row


def expire_untouched(session: Session, *, today: date) -> int:
    """The daily job: versions that nobody has touched for long expire; the case worker is told.

    Returns:
        How many expired.
    """
    actor = job_actor("expire_agreements")
    limits = numbers_by_unit(session, "agreement_draft_days")
    rows = session.scalars(
        select(TripartiteAgreement)
        .where(TripartiteAgreement.state.in_(OPEN))
        .order_by(TripartiteAgreement.id)
        .with_for_update(skip_locked=True)
    )
    expired = 0
    for row in rows:
        days = limits[row.unit_id]["agreement_draft_days"]
        if row.touched_on + timedelta(days=days) > today:
            continue
        move(row, S.EXPIRED)
        expired += 1
        placement = session.get_one(Placement, row.placement_id)
        if placement.case_worker_id is not None and placement.end_date is None:
            add_task(
                session,
                actor,
                owner_id=placement.case_worker_id,
                unit_id=row.unit_id,
                kind=EXPIRED_TASK,
                about_type="placement",
                about_id=placement.id,
                due_on=today,
                origin=EXPIRED_TASK,
            )
        audit.record(session, actor, "change", ABOUT, row.id, fields=["state"])
    session.flush()
    return expired
