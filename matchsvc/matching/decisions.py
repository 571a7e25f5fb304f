"""What people decide on the board of a draft, line by line.

A draft decides nothing. A line becomes a proposal by the ordinary rule with all its checks; what is
locked or forbidden is kept, with who and why, when the draft is made again.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.employers.offers import get_offer
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.matching import proposals
from matchsvc.matching.board import SETTLED, latest_done, latest_run, visible_lines
from matchsvc.matching.gate_words import Words
from matchsvc.matching.models import (
    TAKING,
    CohortLine,
    DraftState,
    LineState,
    Proposal,
)
from matchsvc.matching.rules import MATCHERS, explain_pair
from matchsvc.swedish import contains_identity_number

L = LineState
#: (from, to): what a person may decide of a line.
TRANSITIONS = frozenset(
    (
        (L.DRAFT, L.LOCKED),
        (L.DRAFT, L.FORBIDDEN),
        (L.DRAFT, L.ACCEPTED),
        (L.LOCKED, L.DRAFT),
        (L.LOCKED, L.LOCKED),
        (L.LOCKED, L.FORBIDDEN),
        (L.LOCKED, L.ACCEPTED),
        (L.FORBIDDEN, L.DRAFT),
        (L.UNPLACED, L.LOCKED),
    )
)


def lock_line(
    session: Session, actor: Actor, line_id: UUID, *, reason: str, today: date, now: datetime,
    version: int | None = None,
) -> CohortLine:  # fmt: skip
    """Keep a line as it is when the draft is made again.

    Raises:
        Invalid: no reason.
        RuleViolation: another draft is newer, the line is decided, or its places are all settled.
        Conflict, NotFound, Refused: as everywhere.
    """
    line = _decidable(session, actor, line_id, L.LOCKED, version=version, today=today)
    _check_room(session, actor, line, _offer_of(line))
    return _decide(session, actor, line, L.LOCKED, reason=_reason(reason, today), now=now)


def unlock_line(
    session: Session, actor: Actor, line_id: UUID, *, today: date, now: datetime,
    version: int | None = None,
) -> CohortLine:  # fmt: skip
    """Let the next draft decide again; what was changed or forbidden is forgotten.

    A pair that was forbidden in an earlier draft goes from the list.
    """
    line = _decidable(session, actor, line_id, L.DRAFT, version=version, today=today)
    other = session.scalar(
        select(CohortLine.id)
        .where(
            CohortLine.run_id == line.run_id,
            CohortLine.participant_id == line.participant_id,
            CohortLine.id != line.id,
            CohortLine.state != L.FORBIDDEN,
        )
        .limit(1)
    )
    if line.state is L.FORBIDDEN and other is not None:
        session.delete(line)
        session.flush()
        audit.record(session, actor, "change", "cohort_line", line.id, fields=["state"])
        return line
    if line.obstacle is not None:
        line.offer_id, line.cover = None, None
        return _decide(session, actor, line, L.UNPLACED, reason=None, now=now)
    if line.changed_from_id is not None:
        line.offer_id, line.changed_from_id = line.changed_from_id, None
        line.cover = _cover_of(session, actor, line, today=today)
    return _decide(session, actor, line, L.DRAFT, reason=None, now=now)


def change_line(
    session: Session, actor: Actor, line_id: UUID, *, offer_key: UUID | str, reason: str,
    today: date, now: datetime, version: int | None = None,
) -> CohortLine:  # fmt: skip
    """Give somebody another place and lock it; who has it now gives way in the next draft.

    Raises:
        Invalid: no reason.
        RuleViolation: a gate is closed, or all its places are settled; as lock_line.
        Conflict, NotFound, Refused: as everywhere.
    """
    line = _decidable(session, actor, line_id, L.LOCKED, version=version, today=today)
    said = _reason(reason, today)
    offer = get_offer(session, actor, offer_key)
    result = explain_pair(session, actor, line.participant_id, offer.id, today=today, words=Words())
    if not result.open:
        raise RuleViolation(
            "gate_closed",
            N_("Något som måste stämma gör inte det: %(reason)s. Det öppnas om %(opens_by)s."),
            values={"reason": result.closed[0].reason, "opens_by": result.closed[0].opens_by},
            fields={"offer": N_("Platsen är inte öppen för personen.")},
        )
    _check_room(session, actor, line, offer.id)
    if offer.id != line.offer_id:
        line.changed_from_id = line.changed_from_id or line.offer_id
        line.offer_id, line.cover = offer.id, result.cover
        line.first_offer_id, line.first_cover, line.costs = None, None, []
    return _decide(session, actor, line, L.LOCKED, reason=said, now=now)


def forbid_line(
    session: Session, actor: Actor, line_id: UUID, *, reason: str, today: date, now: datetime,
    version: int | None = None,
) -> CohortLine:  # fmt: skip
    """Never pair these two again in a draft, for a reason.

    Raises:
        Invalid: no reason.
        RuleViolation: another draft is newer, or the line is decided.
        Conflict, NotFound, Refused: as everywhere.
    """
    line = _decidable(session, actor, line_id, L.FORBIDDEN, version=version, today=today)
    return _decide(session, actor, line, L.FORBIDDEN, reason=_reason(reason, today), now=now)


def accept_line(
    session: Session, actor: Actor, line_id: UUID, *, reason: str, today: date, now: datetime,
    words: Words, said_yes: bool = False, version: int | None = None,
) -> Proposal:  # fmt: skip
    """Make the line a proposal, by the ordinary rule with all its checks.

    Raises:
        Refused: not her own case worker.
        Invalid, RuleViolation: what proposing refuses; another draft is newer; the line is decided.
        Conflict, NotFound: as everywhere.
    """
    line = _decidable(session, actor, line_id, L.ACCEPTED, version=version, today=today)
    made = proposals.propose(
        session,
        actor,
        participant_key=line.participant_id,
        offer_key=_offer_of(line),
        reason=reason,
        said_yes=said_yes,
        today=today,
        now=now,
        words=words,
    )
    line.proposal_id = made.id
    _decide(session, actor, line, L.ACCEPTED, reason=reason.strip(), now=now)
    return made


def _decidable(
    session: Session,
    actor: Actor,
    line_id: UUID,
    to: LineState,
    *,
    version: int | None,
    today: date,
) -> CohortLine:
    """A line of the latest draft, locked, from which that may be decided."""
    actor.require_role(*MATCHERS)
    line = session.scalar(
        visible_lines(actor, today).where(CohortLine.id == line_id).with_for_update(of=CohortLine)
    )
    if line is None:
        raise NotFound("cohort_line")
    check_version(line, version)
    done, newest = latest_done(session, actor), latest_run(session, actor)
    is_newest = done is not None and done.id == line.run_id
    if not is_newest or (newest is not None and newest.state is DraftState.WORKING):
        raise RuleViolation(
            "old_draft", N_("Det finns ett nyare utkast. Öppna det och bestäm där.")
        )
    if (line.state, to) not in TRANSITIONS:
        raise RuleViolation(
            "wrong_state", N_("Raden är redan bestämd. Ladda om sidan och se hur den är nu.")
        )
    return line


def _decide(
    session: Session, actor: Actor, line: CohortLine, to: LineState, *, reason: str | None,
    now: datetime,
) -> CohortLine:  # fmt: skip
    line.state, line.reason = to, reason
    line.decided_by_id, line.decided_at = actor.require_user(), now
    session.flush()
    audit.record(
        session,
        actor,
        "change",
        "cohort_line",
        line.id,
        subjects=[line.participant_id],
        fields=["state", "offer_id"],
    )
    return line


def _reason(text: str, today: date) -> str:
    if not text.strip():
        raise Invalid({"reason": N_("Skriv varför. Det sparas med raden.")})
    if contains_identity_number(text, today=today):
        raise Invalid({"reason": N_("Skriv inga personnummer här.")})
    return text.strip()


def _check_room(session: Session, actor: Actor, line: CohortLine, offer_id: UUID) -> None:
    """Refuse to settle more people at an offer than it has places.

    Raises:
        RuleViolation: all its places are settled.
    """
    offer = get_offer(session, actor, offer_id, for_update=True)
    promised = session.scalar(
        select(func.count())
        .select_from(Proposal)
        .where(
            Proposal.offer_id == offer_id,
            Proposal.state.in_(TAKING),
        )
    )
    settled = session.scalar(
        select(func.count())
        .select_from(CohortLine)
        .where(
            CohortLine.run_id == line.run_id,
            CohortLine.offer_id == offer_id,
            CohortLine.state.in_(SETTLED),
            CohortLine.id != line.id,
        )
    )
    if (promised or 0) + (settled or 0) >= offer.places:
        message = N_("Alla platser där är redan låsta eller föreslagna. Lås upp någon först.")
        raise RuleViolation("no_places_left", message, fields={"offer": message})


def _cover_of(session: Session, actor: Actor, line: CohortLine, *, today: date) -> int:
    result = explain_pair(
        session, actor, line.participant_id, _offer_of(line), today=today, words=Words()
    )
    return result.cover


def _offer_of(line: CohortLine) -> UUID:
    if line.offer_id is None:
        raise RuleViolation("no_place", N_("Raden har ingen plats. Välj en plats först."))
    return line.offer_id
