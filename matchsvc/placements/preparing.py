"""Writing down what is done before a start: the checklist and the facts beside it (PLA-14, 2.3)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, NotFound, RuleViolation
from matchsvc.placements.access import get_placement
from matchsvc.placements.beginning import begin_if_ready
from matchsvc.placements.checklist import PREPARATION
from matchsvc.placements.decision_models import StartFacts
from matchsvc.placements.facts import Facts, problems_with_facts
from matchsvc.placements.models import ChecklistItem, Placement
from matchsvc.placements.transitions import Act, require


def save_facts(
    session: Session,
    actor: Actor,
    key: UUID | str,
    facts: Facts,
    *,
    version: int | None = None,
    today: date,
) -> StartFacts:
    """Note what is known before the start. What was stopped by it begins at once.

    Raises:
        NotFound: unknown or hidden.
        Refused: the actor does not prepare starts.
        RuleViolation: it has ended, or a day is not possible: with a message for every field.
        Conflict: somebody else saved them since.
    """
    placement = get_placement(session, actor, key, today=today, for_update=True).placement
    require(session, actor, placement, Act.PREPARE, today=today)
    row = session.get(StartFacts, placement.id)
    if row is not None:
        check_version(row, version)
    problems = problems_with_facts(facts, today=today)
    if problems:
        raise RuleViolation(
            "facts_not_possible", N_("Rätta det som är markerat och spara igen."), fields=problems
        )
    row = write_facts(session, placement.id, facts)
    audit.record(
        session,
        actor,
        "change",
        "placement",
        placement.id,
        subjects=[placement.participant_id],
        fields=sorted(name for name, value in asdict(facts).items() if value is not None),
    )
    begin_if_ready(session, actor, placement, today=today)
    return row


def write_facts(session: Session, placement_id: UUID, facts: Facts) -> StartFacts:
    """Put facts on a placement, whoever is asked."""
    row = session.get(StartFacts, placement_id)
    if row is None:
        row = StartFacts(placement_id=placement_id)
        session.add(row)
    for name, value in asdict(facts).items():
        setattr(row, name, (value or "").strip() or None if name == "union_opinion" else value)
    session.flush()
    return row


def tick_checklist(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    code: str,
    *,
    done: bool,
    today: date,
    version: int | None = None,
    by_participant: bool = False,
) -> ChecklistItem:
    """Tick or untick one thing of the start checklist. What was stopped by it begins at once.

    Args:
        session: a writing transaction.
        actor: who saw it done.
        placement_id: whose list.
        code: which thing.
        done: or not after all.
        today: the day.
        version: of the item, as it was shown.
        by_participant: the participant's own tick of one of the six things, in the actor's company.

    Raises:
        NotFound: the placement is hidden, or has no such item for that party.
        Refused: the actor does not prepare starts.
        RuleViolation: the placement has ended or is called off.
        Conflict: somebody else ticked it since the page was shown.
    """
    placement = get_placement(session, actor, placement_id, today=today, for_update=True).placement
    require(session, actor, placement, Act.PREPARE, today=today)
    item = session.scalar(
        select(ChecklistItem).where(
            ChecklistItem.placement_id == placement.id, ChecklistItem.code == code
        )
    )
    if item is None or (by_participant and code not in PREPARATION):
        raise NotFound("checklist_item")
    check_version(item, version)
    day = today if done else None
    if by_participant:
        item.participant_done_on = day
    else:
        item.done_on, item.done_by_id = day, actor.user_id if done else None
    session.flush()
    audit.record(session, actor, "change", "placement", placement.id, fields=[code])
    begin_if_ready(session, actor, placement, today=today)
    return item


def tick_prepared(placement: Placement, codes: frozenset[str], *, day: date, actor: Actor) -> None:
    """Tick what was gone through before the placement was registered, for both parties."""
    for item in placement.checklist:
        if item.code in codes:
            item.done_on, item.done_by_id = day, actor.user_id
            item.participant_done_on = day if item.code in PREPARATION else None
