"""Moving a placement to another workplace: the old one ends as moved, a new one carries it on.

The history stays with the old one. The new one has a checklist, a support package, follow-ups and
an agreement of its own, and answers to every stop; the form's maximum counts on (decision 12).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, RuleViolation
from matchsvc.placements.access import get_placement, require_decider
from matchsvc.placements.ending import finish_placement
from matchsvc.placements.limits import Plan
from matchsvc.placements.models import Outcome, Placement
from matchsvc.placements.starting import start_placement
from matchsvc.placements.transitions import Act, require

#: After so long it is a new placement and not the same one moved.
MOST_BETWEEN = timedelta(days=31)


def move_placement(
    session: Session,
    actor: Actor,
    key: UUID | str,
    plan: Plan,
    *,
    last_day: date,
    base_url: str,
    version: int | None = None,
    today: date,
    now: datetime,
) -> Placement:
    """End a placement as moved, and plan its continuation at another workplace.

    Args:
        session: a writing transaction; both happen or neither.
        actor: who decides.
        key: the placement that moves.
        plan: the continuation; its participant is always that of the old one.
        last_day: the last day at the old workplace, at most today.
        base_url: the service's address, for the old employer's survey.
        version: of the old placement, as it was shown.
        today: the day.
        now: the moment.

    Raises:
        NotFound: something named is unknown or hidden.
        Refused: the actor may not decide on this participant.
        RuleViolation: it does not run, the workplace is the same, the new one begins before the
            old one is over, or the plan is not possible: with a message for every field.
        Conflict: somebody else saved it since.
    """
    found = get_placement(session, actor, key, today=today, for_update=True)
    require_decider(actor, found.sight)
    old = found.placement
    require(session, actor, old, Act.MOVE, today=today)
    check_version(old, version)
    if plan.site_id == old.site_id:
        message = N_("Det är samma arbetsplats. Välj den som personen flyttar till.")
        raise RuleViolation("same_site", message, fields={"site_id": message})
    if plan.start_date <= last_day:
        message = N_("Den nya arbetsplatsen börjar efter sista dagen på den gamla.")
        raise RuleViolation("starts_too_early", message, fields={"start_date": message})
    finish_placement(
        session,
        actor,
        found,
        end_date=last_day,
        outcome=Outcome.MOVED,
        base_url=base_url,
        today=today,
        now=now,
    )
    wanted = replace(
        plan,
        participant_id=old.participant_id,
        moved_from_id=old.id,
        counts_from=_counts_from(old, plan, last_day),
        extended=old.extended or plan.extended,
        risk_decision=plan.risk_decision or old.risk_decision,
    )
    return start_placement(session, actor, wanted, today=today, now=now)


def _counts_from(old: Placement, plan: Plan, last_day: date) -> date | None:
    """From when the form's maximum counts: a move gives no new months of the same form."""
    if plan.form != old.form or plan.start_date > last_day + MOST_BETWEEN:
        return None
    return old.counts_from or old.start_date


def continuation_of(session: Session, placement_id: UUID) -> UUID | None:
    """The placement that a moved one went on as, if it is known. Asks no right."""
    return session.scalar(select(Placement.id).where(Placement.moved_from_id == placement_id))
