"""Where a proposal can go, who may send it there, and what happens on the way.

Every change is one row of :data:`TRANSITIONS` and one row of append-only history.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.errors import N_, RuleViolation
from matchsvc.matching.models import Proposal, ProposalEvent, ProposalState
from matchsvc.messages.links import LinkState, link_state, links_about, revoke_link

S = ProposalState

#: (from, to) -> who may. The participant's answers are recorded by her own worker.
OWN_WORKER = (Role.CASE_WORKER,)
EMPLOYER_SIDE = (Role.CASE_WORKER, Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR)
TRANSITIONS: Mapping[tuple[ProposalState, ProposalState], tuple[Role, ...]] = {
    (S.DRAFTED, S.WANTED): OWN_WORKER,
    (S.DRAFTED, S.UNWANTED): OWN_WORKER,
    (S.DRAFTED, S.CHANGE): OWN_WORKER,
    (S.CHANGE, S.WANTED): OWN_WORKER,
    (S.CHANGE, S.UNWANTED): OWN_WORKER,
    (S.WANTED, S.UNWANTED): OWN_WORKER,
    (S.WANTED, S.PRESENTED): EMPLOYER_SIDE,
    (S.WANTED, S.ACCEPTED): EMPLOYER_SIDE,  # only where the employer has no choice (2007:414 10 §)
    (S.PRESENTED, S.ACCEPTED): EMPLOYER_SIDE,
    (S.PRESENTED, S.DECLINED): EMPLOYER_SIDE,
    (S.ACCEPTED, S.PLACED): EMPLOYER_SIDE,
    (S.DRAFTED, S.WITHDRAWN): EMPLOYER_SIDE,
    (S.CHANGE, S.WITHDRAWN): EMPLOYER_SIDE,
    (S.WANTED, S.WITHDRAWN): EMPLOYER_SIDE,
    (S.PRESENTED, S.WITHDRAWN): EMPLOYER_SIDE,
    (S.ACCEPTED, S.WITHDRAWN): EMPLOYER_SIDE,
}
ENDED = frozenset((S.UNWANTED, S.DECLINED, S.PLACED, S.WITHDRAWN))
#: Of the link by which an employer reads and answers a proposal; see proposal_link.py.
LINK_PURPOSE = "proposal_answer"


def move(
    session: Session,
    actor: Actor,
    proposal: Proposal,
    to: ProposalState,
    *,
    now: datetime,
    note: str | None,
    is_by_link: bool = False,
) -> Proposal:
    """Take a locked proposal to another state, with its history; its links die with the old one.

    Args:
        session: a writing transaction.
        actor: who does it.
        proposal: locked.
        to: where.
        now: the instant.
        note: in whose words, if any.
        is_by_link: the holder of a link that was checked may do what the employer's side may.

    Raises:
        RuleViolation: it cannot go there from where it is.
        Refused: the role may not.
    """
    who = TRANSITIONS.get((proposal.state, to))
    if who is None:
        raise RuleViolation(
            "wrong_state", N_("Förslaget har redan gått vidare. Ladda om sidan och se var det är.")
        )
    if not is_by_link:
        actor.require_role(*who)
    before, proposal.state = proposal.state, to
    if before is S.PRESENTED:
        revoke_links(session, proposal, now=now)
    note_step(session, actor, proposal, before, to, now, (note or "").strip() or None)
    session.flush()
    audit.record(session, actor, "change", "proposal", proposal.id, fields=["state"])
    return proposal


def note_step(
    session: Session,
    actor: Actor,
    proposal: Proposal,
    before: ProposalState | None,
    after: ProposalState,
    now: datetime,
    note: str | None,
) -> None:
    """Write one row of history."""
    session.add(
        ProposalEvent(
            proposal_id=proposal.id,
            at=now,
            actor=actor.label,
            from_state=before,
            to_state=after,
            note=note,
        )
    )


def revoke_links(session: Session, proposal: Proposal, *, now: datetime) -> int:
    """Kill every link to a proposal that still works; give back how many."""
    live = [
        link
        for link in links_about(session, purpose=LINK_PURPOSE, subject_id=proposal.id)
        if link_state(link, now) is LinkState.LIVE
    ]
    for link in live:
        revoke_link(session, link, now)
    return len(live)


def latest_event(
    session: Session, proposal: Proposal, to_state: ProposalState
) -> ProposalEvent | None:
    """The last time that a proposal came to a state."""
    return session.scalar(
        select(ProposalEvent)
        .where(ProposalEvent.proposal_id == proposal.id, ProposalEvent.to_state == to_state)
        .order_by(ProposalEvent.at.desc())
        .limit(1)
    )
