"""What must not be deleted though its time has come: set by one, lifted by another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, Refused
from matchsvc.participants.access import find_to_delete, participants_to_delete
from matchsvc.participants.models import Participant
from matchsvc.participants.own import plain_text
from matchsvc.retention.models import HoldReason, LegalHold
from matchsvc.swedish import add_months

KEEPERS = (Role.UNIT_MANAGER, Role.CASE_WORKER)
#: Nothing is stopped for longer than this without somebody looking at it again.
MONTHS_AT_MOST = 24


@dataclass(frozen=True, slots=True)
class HoldView:
    """One hold as it is listed.

    Attributes:
        hold: the row.
        alias: of the person.
        set_by: the colleague's name.
        is_overdue: whether the day of looking again has passed.
        may_lift: whether the reader may: not who set it.
    """

    hold: LegalHold
    alias: str
    set_by: str
    is_overdue: bool
    may_lift: bool


def set_hold(
    session: Session,
    actor: Actor,
    key: UUID | str,
    reason: HoldReason,
    words: str,
    review_on: date,
    *,
    today: date,
) -> LegalHold:
    """Stop the deletion of one person's records.

    Raises:
        Refused: neither a manager nor a case worker.
        NotFound: she does not exist for the actor.
        Invalid: no words, an identity number in them, or a day that is past or too far away.
    """
    actor.require_role(*KEEPERS)
    person = _person(session, actor, key, today=today)
    said = plain_text("words", words, today=today)
    wrong = {} if said else {"words": N_("Skriv varför akten inte får raderas.")}
    if not today < review_on <= add_months(today, MONTHS_AT_MOST):
        wrong["review_on"] = N_("Välj en dag inom två år då någon ser över stoppet.")
    if wrong:
        raise Invalid(wrong)
    hold = LegalHold(
        participant_id=person.id, unit_id=person.unit_id, reason=reason, words=said or "",
        set_by_id=actor.require_user(), set_on=today, review_on=review_on,
    )  # fmt: skip
    session.add(hold)
    session.flush()
    audit.record(session, actor, "create", "legal_hold", hold.id, subjects=[person.id])
    return hold


def lift_hold(
    session: Session,
    actor: Actor,
    hold_id: UUID,
    words: str,
    *,
    version: int | None = None,
    today: date,
) -> LegalHold:
    """Let the records go again when their time comes; again changes nothing.

    Raises:
        NotFound: it does not exist for the actor.
        Refused: the actor set it herself.
        Invalid: no reason.
        Conflict: it was changed since it was shown.
    """
    actor.require_role(*KEEPERS)
    hold = session.scalar(select(LegalHold).where(LegalHold.id == hold_id).with_for_update())
    if hold is None:
        raise NotFound("legal_hold")
    _person(session, actor, hold.participant_id, today=today, what="legal_hold")
    if hold.lifted_on is not None:
        return hold
    check_version(hold, version)
    if hold.set_by_id == actor.user_id:
        raise Refused("own_hold", N_("Du har satt stoppet. En kollega behöver häva det."))
    said = plain_text("words", words, today=today)
    if said is None:
        raise Invalid({"words": N_("Skriv varför stoppet inte behövs längre.")})
    hold.lifted_by_id, hold.lifted_on, hold.lifted_words = actor.require_user(), today, said
    session.flush()
    audit.record(session, actor, "lift", "legal_hold", hold.id, subjects=[hold.participant_id])
    return hold


def list_holds(session: Session, actor: Actor, *, today: date) -> list[HoldView]:
    """Every hold that stands, of people who exist for the actor, those to look at first. One query.

    Raises:
        Refused: neither a manager nor a case worker.
    """
    actor.require_role(*KEEPERS)
    people = participants_to_delete(actor, today=today).subquery()
    found = session.execute(
        select(LegalHold, Participant, User.name)
        .join(Participant, Participant.id == LegalHold.participant_id)
        .join(User, User.id == LegalHold.set_by_id)
        .where(LegalHold.lifted_on.is_(None), Participant.id.in_(select(people.c.id)))
        .order_by(LegalHold.review_on, LegalHold.id)
    ).all()
    audit.record(
        session, actor, "read", "legal_hold", subjects=[person.id for _, person, _ in found]
    )
    return [
        HoldView(hold, person.alias, name, hold.review_on < today, hold.set_by_id != actor.user_id)
        for hold, person, name in found
    ]


def _person(
    session: Session, actor: Actor, key: UUID | str, *, today: date, what: str = "participant"
) -> Participant:
    person = find_to_delete(session, actor, key, today=today)
    if person is None:
        raise NotFound(what)
    return person
