"""What is kept about somebody is stored and nothing more, until it is lifted (GDPR 18).

One column of the participant decides (``restricted_since``), and one condition that everything
that lists, counts, matches, proposes, presents, exports or writes to participants already asks:
``workday.archivable.stands``. So nothing tells a restricted person from one who is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.messages.models import RecipientKind
from matchsvc.messages.outbox import withdraw
from matchsvc.participants.access import get_restricted
from matchsvc.participants.models import Participant
from matchsvc.participants.own import get_own, plain_text
from matchsvc.rights.models import How, Restriction, RestrictionGround, RightKind, RightsRequest


@dataclass(frozen=True, slots=True)
class Restricted:
    """Why it is restricted, and by which request."""

    ground: RestrictionGround
    reason: str
    request_id: UUID | None = None


def restrict(
    session: Session,
    actor: Actor,
    key: UUID | str,
    why: Restricted,
    *,
    version: int | None = None,
    today: date,
) -> Restriction:
    """Restrict at once; messages that wait to go are taken back.

    Raises:
        NotFound: unknown, hidden, protected, or restricted already.
        Refused: not the actor's own.
        Invalid: no reason, or the request is not hers.
        Conflict: she was saved since the page was shown.
    """
    person = get_own(session, actor, key, today=today)
    check_version(person, version)
    reason = plain_text("reason", why.reason, today=today)
    if reason is None:
        raise Invalid({"reason": N_("Skriv varför uppgifterna ska begränsas.")})
    if why.request_id is not None:
        asked = session.get(RightsRequest, why.request_id)
        kinds = {RightKind.RESTRICTION, RightKind.OBJECTION, RightKind.CORRECTION}
        if asked is None or asked.participant_id != person.id or asked.kind not in kinds:
            raise Invalid({"request_id": N_("Välj en av personens egna begäranden.")})
    row = Restriction(
        participant_id=person.id,
        unit_id=person.unit_id,
        request_id=why.request_id,
        ground=why.ground,
        reason=reason,
        since=today,
        set_by_id=actor.require_user(),
    )
    session.add(row)
    person.restricted_since = today
    withdraw(session, RecipientKind.PARTICIPANT, person.id, why="gone")
    session.flush()
    _log(session, actor, "restrict", row, [why.ground])
    return row


def tell_before_lifting(
    session: Session, actor: Actor, key: UUID | str, how: How, *, told_on: date, today: date
) -> Restriction:
    """Note that she has been told that it will be lifted (art. 18.3).

    Raises:
        NotFound: for everybody but her handlers, or not restricted.
        Invalid: a day before the restriction, or to come.
    """
    _person, row = get_current(session, actor, key, today=today)
    if not row.since <= told_on <= today:
        raise Invalid({"told_on": N_("Skriv dagen då personen fick veta det, senast i dag.")})
    row.told_on, row.told_how = told_on, how
    session.flush()
    _log(session, actor, "tell", row, [how])
    return row


def lift(
    session: Session, actor: Actor, key: UUID | str, *, version: int | None = None, today: date
) -> Participant:
    """Lift it, once she has been told.

    Raises:
        NotFound: for everybody but her handlers, or not restricted.
        RuleViolation: she has not been told.
        Conflict: somebody else changed it meanwhile.
    """
    person, row = get_current(session, actor, key, today=today)
    check_version(row, version)
    if row.told_on is None:
        raise RuleViolation(
            "not_told",
            N_("Berätta först för personen att begränsningen ska hävas, och skriv när."),
        )
    row.lifted_on, row.lifted_by_id = today, actor.require_user()
    person.restricted_since = None
    session.flush()
    _log(session, actor, "lift_restriction", row, [])
    return person


def get_current(
    session: Session, actor: Actor, key: UUID | str, *, today: date
) -> tuple[Participant, Restriction]:
    """A restricted participant and the restriction that runs.

    Raises:
        NotFound: for everybody but her handlers, or not restricted.
    """
    person = get_restricted(session, actor, key, today=today, for_update=True)
    row = session.scalar(
        select(Restriction)
        .where(Restriction.participant_id == person.id, Restriction.lifted_on.is_(None))
        .order_by(Restriction.since.desc())
        .limit(1)
    )
    if row is None:
        raise NotFound("restriction")
    return person, row


def restrictions_of(session: Session, participant_id: UUID) -> Sequence[Restriction]:
    """Somebody's restrictions, the latest first. Asks no right."""
    return session.scalars(
        select(Restriction)
        .where(Restriction.participant_id == participant_id)
        .order_by(Restriction.created_at.desc(), Restriction.id)
    ).all()


def _log(
    session: Session, actor: Actor, action: str, row: Restriction, fields: Sequence[str]
) -> None:
    audit.record(
        session, actor, action, "restriction", row.id,
        subjects=[row.participant_id], fields=list(fields),
    )  # fmt: skip
