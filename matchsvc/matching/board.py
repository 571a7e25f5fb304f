"""Drafts that are kept: made, saved with what was decided before, and read.

What people decide line by line is in decisions.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, and_, func, insert, select, true
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.matching.arriving import Arrivals
from matchsvc.matching.cohort import Draft, Line, Pair
from matchsvc.matching.engine import FULL_COVER
from matchsvc.matching.models import (
    CohortLine,
    CohortRun,
    DraftState,
    LineState,
    Proposal,
    ProposalState,
)
from matchsvc.matching.rules import MATCHERS
from matchsvc.matching.weights_table import current_table, unit_of
from matchsvc.participants.access import is_visible_to
from matchsvc.participants.models import Participant

L = LineState
DEAD_AFTER = timedelta(minutes=10)  # a run that was being made for longer has been given up
#: Lines that hold a place whatever the next draft says.
SETTLED = (L.LOCKED, L.HELD, L.ACCEPTED)
PLACED = (L.DRAFT, *SETTLED)
#: Somebody has said no to these two for each other.
SAID_NO = (ProposalState.UNWANTED, ProposalState.DECLINED)


def start_run(
    session: Session, actor: Actor, *, today: date, now: datetime, floor: int | None = None
) -> CohortRun:
    """Begin a new draft for the actor's unit; it is made outside this transaction.

    Args:
        session: a writing transaction.
        actor: a member of staff who matches people.
        today: the day of the draft.
        now: the instant.
        floor: the least cover of what is required, of 10,000; None is the unit's own. Only
            a unit manager may change it.

    Raises:
        Refused: the role does not match people, or may not change the floor.
        Invalid: a floor outside 0 to 10,000.
        RuleViolation: a draft is being made.
    """
    actor.require_role(*MATCHERS)
    before = latest_run(session, actor)
    if before is not None and is_working(before, now=now):
        raise RuleViolation(
            "already_working", N_("Ett utkast görs just nu. Vänta tills det är klart.")
        )
    table = current_table(session, unit_of(session, actor))
    wanted = table.floor if floor is None else floor
    if not 0 <= wanted <= FULL_COVER:
        raise Invalid({"floor": N_("Skriv ett tal från 0 till 100.")})
    if wanted != table.floor:
        actor.require_role(Role.UNIT_MANAGER)
    run = CohortRun(
        unit_id=actor.unit_id,
        made_by_id=actor.require_user(),
        made_on=today,
        state=DraftState.WORKING,
        weights_version=table.label,
        floor=wanted,
    )
    session.add(run)
    session.flush()
    audit.record(session, actor, "create", "cohort", run.id)
    return run


def is_working(run: CohortRun, *, now: datetime) -> bool:
    """Whether the run is being made, by somebody who has not died."""
    return run.state is DraftState.WORKING and now - run.created_at < DEAD_AFTER


def settled_pairs(session: Session, run: CohortRun) -> tuple[list[Pair], list[Pair]]:
    """What the run is made with: :func:`decided_pairs` of the drafts before it."""
    return decided_pairs(session, run.unit_id, but=run.id)


def decided_pairs(
    session: Session, unit_id: UUID, *, but: UUID | None = None
) -> tuple[list[Pair], list[Pair]]:
    """Pairs that are locked, and pairs that may not be used, by the unit's latest draft.

    A pair of whom either has said no is not tried again.
    """
    decided: dict[LineState, list[Pair]] = {L.LOCKED: [], L.FORBIDDEN: []}
    for line in _decisions(session, unit_id, but):
        if line.offer_id is not None:
            decided[line.state].append((line.participant_id, line.offer_id))
    refused = session.execute(
        select(Proposal.participant_id, Proposal.offer_id).where(
            Proposal.unit_id == unit_id, Proposal.state.in_(SAID_NO)
        )
    )
    return decided[L.LOCKED], [*decided[L.FORBIDDEN], *((one, other) for one, other in refused)]


def save_draft(
    session: Session, actor: Actor, run_id: UUID, draft: Draft, arrivals: Arrivals | None = None
) -> None:
    """Keep what was computed; what was decided before goes with it. Again changes nothing."""
    run = session.get_one(CohortRun, run_id, with_for_update=True)
    if run.state is not DraftState.WORKING:
        return
    decisions = _decisions(session, run.unit_id, run.id)
    locks = {
        (line.participant_id, line.offer_id): line for line in decisions if line.state is L.LOCKED
    }
    rows = [_row(run.id, place, line, locks) for place, line in enumerate(draft.lines)]
    there = {line.participant for line in draft.lines}
    rows += [
        _kept(run.id, len(rows) + place, line)
        for place, line in enumerate(decisions)
        if line.state is L.FORBIDDEN and line.participant_id in there
    ]
    if rows:
        session.execute(insert(CohortLine), rows)
    for name in (
        *("people", "places", "placed", "upper_bound_people"),
        *("value", "bound", "first_placed", "first_value"),
    ):
        setattr(run, name, getattr(draft, name))
    run.arrivals = arrivals.as_json() if arrivals else None
    run.state = DraftState.DONE
    session.flush()
    audit.record(session, actor, "change", "cohort", run.id, fields=["state"])


def fail_run(session: Session, run_id: UUID) -> None:
    """Note that the draft could not be made."""
    run = session.get_one(CohortRun, run_id)
    if run.state is DraftState.WORKING:
        run.state = DraftState.FAILED


def latest_run(session: Session, actor: Actor) -> CohortRun | None:
    """The unit's newest run, whatever came of it."""
    return session.scalar(_runs(actor).limit(1))


def latest_done(session: Session, actor: Actor) -> CohortRun | None:
    """The unit's newest draft that can be read."""
    return session.scalar(_runs(actor).where(CohortRun.state == DraftState.DONE).limit(1))


def get_run(session: Session, actor: Actor, run_id: UUID) -> CohortRun:
    """One run of the unit.

    Raises:
        NotFound: unknown, or another unit's.
        Refused: the role does not match people.
    """
    actor.require_role(*MATCHERS)
    run = session.scalar(_runs(actor).where(CohortRun.id == run_id))
    if run is None:
        raise NotFound("cohort_run")
    return run


def list_lines(
    session: Session,
    actor: Actor,
    run: CohortRun,
    *,
    states: Collection[LineState],
    today: date,
    limit: int,
    offset: int,
) -> list[CohortLine]:
    """Lines of a draft by longest wait, of people who exist for the actor; logged with ids."""
    actor.require_role(*MATCHERS)
    found = (
        visible_lines(actor, today)
        .where(CohortLine.run_id == run.id, CohortLine.state.in_(states))
        .order_by(CohortLine.position)
    )
    lines = list(session.scalars(found.limit(limit).offset(offset)))
    shown = {line.participant_id for line in lines}
    audit.record(session, actor, "list", "cohort", run.id, subjects=shown)
    return lines


def count_lines(
    session: Session, actor: Actor, run: CohortRun, *, today: date
) -> Counter[LineState]:
    """How many lines of each state the actor may know of."""
    rows = session.execute(
        visible_lines(actor, today)
        .where(CohortLine.run_id == run.id)
        .with_only_columns(CohortLine.state, func.count())
        .group_by(CohortLine.state)
    )
    return Counter({state: number for state, number in rows})  # noqa: C416 - rows are no tuples


def undecided(session: Session, run: CohortRun) -> int:
    """How many decisions were made after the draft that it does not yet reckon with."""
    return (
        session.scalar(
            select(func.count())
            .select_from(CohortLine)
            .where(
                CohortLine.run_id == run.id,
                CohortLine.decided_at > run.created_at,
                (CohortLine.state == L.FORBIDDEN)
                | and_(CohortLine.state == L.LOCKED, CohortLine.changed_from_id.is_not(None))
                | and_(CohortLine.state == L.LOCKED, CohortLine.obstacle.is_not(None)),
            )
        )
        or 0
    )


def get_line(session: Session, actor: Actor, line_id: UUID, *, today: date) -> CohortLine:
    """One line of the unit's drafts.

    Raises:
        NotFound: unknown, another unit's, or of somebody who does not exist for the actor.
        Refused: the role does not match people.
    """
    actor.require_role(*MATCHERS)
    line = session.scalar(visible_lines(actor, today).where(CohortLine.id == line_id))
    if line is None:
        raise NotFound("cohort_line")
    return line


def _runs(actor: Actor) -> Select[CohortRun]:
    found = select(CohortRun).order_by(CohortRun.created_at.desc(), CohortRun.id)
    return found if actor.unit_id is None else found.where(CohortRun.unit_id == actor.unit_id)


def visible_lines(actor: Actor, today: date) -> Select[CohortLine]:
    """Lines of people who exist for the actor; whoever became protected is in no draft."""
    found = (
        select(CohortLine)
        .join(CohortRun, CohortRun.id == CohortLine.run_id)
        .join(Participant, Participant.id == CohortLine.participant_id)
        .where(is_visible_to(actor, today=today), Participant.protected.is_(False))
    )
    return found if actor.unit_id is None else found.where(CohortRun.unit_id == actor.unit_id)


def _decisions(session: Session, unit_id: UUID, but: UUID | None) -> list[CohortLine]:
    """Locked and forbidden lines of the unit's latest draft, `but` for one that is being made."""
    before = (
        select(CohortRun.id)
        .where(
            CohortRun.unit_id == unit_id,
            CohortRun.state == DraftState.DONE,
            true() if but is None else CohortRun.id != but,
        )
        .order_by(CohortRun.created_at.desc(), CohortRun.id)
        .limit(1)
        .scalar_subquery()
    )
    return list(
        session.scalars(
            select(CohortLine)
            .where(
                CohortLine.run_id == before,
                CohortLine.state.in_((L.LOCKED, L.FORBIDDEN)),
                CohortLine.offer_id.is_not(None),
            )
            .order_by(CohortLine.position)
        )
    )


def _row(
    run_id: UUID, place: int, line: Line, locks: dict[tuple[UUID, UUID | None], CohortLine]
) -> dict[str, Any]:
    lock = locks.get((line.participant, line.offer)) if line.locked and not line.held else None
    state = L.DRAFT
    if line.held:
        state = L.HELD
    elif line.offer is None:
        state = L.UNPLACED
    elif line.locked:
        state = L.LOCKED
    first = line.not_first
    return {
        "id": uuid4(),
        "version": 1,
        "run_id": run_id,
        "participant_id": line.participant,
        "offer_id": line.offer,
        "position": place,
        "state": state,
        "cover": line.cover,
        "wait_days": line.wait_days,
        "first_offer_id": first.offer if first else None,
        "first_cover": first.cover if first else None,
        "costs": [giving.as_json() for giving in first.costs] if first else [],
        "obstacle": line.obstacle,
        "reason": lock.reason if lock else None,
        "decided_by_id": lock.decided_by_id if lock else None,
        "decided_at": lock.decided_at if lock else None,
        "changed_from_id": None,
        "proposal_id": None,
    }


def _kept(run_id: UUID, place: int, line: CohortLine) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "version": 1,
        "run_id": run_id,
        "participant_id": line.participant_id,
        "offer_id": line.offer_id,
        "position": place,
        "state": line.state,
        "cover": line.cover,
        "wait_days": line.wait_days,
        "first_offer_id": None,
        "first_cover": None,
        "costs": [],
        "obstacle": None,
        "reason": line.reason,
        "decided_by_id": line.decided_by_id,
        "decided_at": line.decided_at,
        "changed_from_id": None,
        "proposal_id": None,
    }
