"""Requests about what is kept about somebody, from the day they came to the answer (GDPR 12).

What the law gives her differs by kind; ``wording.py`` has the words. Only her own workers read what
was said; managers see that something is late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.participants.access import (
    get_restricted,
    restricted_participants,
    visible_participants,
)
from matchsvc.participants.consent_models import Party
from matchsvc.participants.disclosures import give_by_right
from matchsvc.participants.models import Involvement, Participant
from matchsvc.participants.own import CHANGING, get_own, plain_text
from matchsvc.rights.models import AskedBy, Decision, How, RightKind, RightsRequest
from matchsvc.swedish import add_months
from matchsvc.workday.rules import add_task, settle_tasks

TASK_KIND = "rights_request"
#: Who keeps the register; of whom each reads what is decided by whom she works with.
KEEPERS = (Role.CASE_WORKER, Role.UNIT_MANAGER)
#: An answer within a month, two more where it is needed (GDPR 12.3).
ANSWER_WITHIN_MONTHS, PROLONGED_BY_MONTHS = 1, 2

#: The answer to whoever asked for a copy, as it stands in the register.
GIVEN = "Kopian är lämnad."
_WHAT = "Kopia av allt som finns sparat"
_IN_HAND = {How.IN_PERSON: "Vid ett möte", How.LETTER: "Med brev"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, when, by whom and how."""

    kind: RightKind
    received_on: date
    words: str
    asked_by: AskedBy = AskedBy.HERSELF
    asked_how: How = How.IN_PERSON


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided and how she was told."""

    decision: Decision
    answer: str
    answered_how: How
    balance: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A request in the register.

    Attributes:
        request: the row; its words are shown only where ``is_own``.
        alias: whom it is about.
        is_own: the reader works with her.
    """

    request: RightsRequest
    alias: str
    is_own: bool


def get_person(session: Session, actor: Actor, key: UUID | str, *, today: date) -> Participant:
    """Her whom the actor works with, also when what is kept about her is restricted.

    Raises:
        NotFound: unknown, hidden or protected.
        Refused: known by alias, but not the actor's own.
    """
    try:
        return get_restricted(session, actor, key, today=today, for_update=True)
    except NotFound:
        return get_own(session, actor, key, today=today)


def register(
    session: Session,
    actor: Actor,
    key: UUID | str,
    asked: Asked,
    *,
    correction_id: UUID | None = None,
    today: date,
) -> RightsRequest:
    """Put a request into the register, with a task for who handles it.

    Args:
        session: a writing transaction.
        actor: her own worker, who handles it.
        key: the participant.
        asked: what was asked for.
        correction_id: of a correction, which has a task of its own.
        today: the day of it.

    Raises:
        NotFound, Refused: as :func:`get_person`.
        Invalid: no words, an identity number in them, or a day to come.
    """
    person = get_person(session, actor, key, today=today)
    words = plain_text("words", asked.words, today=today)
    if words is None:
        raise Invalid({"words": N_("Skriv vad personen ber om, med personens egna ord.")})
    if asked.received_on > today:
        raise Invalid({"received_on": N_("Dagen har inte varit än. Skriv när begäran kom.")})
    row = RightsRequest(
        participant_id=person.id,
        unit_id=person.unit_id,
        kind=asked.kind,
        received_on=asked.received_on,
        asked_by=asked.asked_by,
        asked_how=asked.asked_how,
        words=words,
        due_on=add_months(asked.received_on, ANSWER_WITHIN_MONTHS),
        handled_by_id=actor.require_user(),
        correction_id=correction_id,
    )
    session.add(row)
    if asked.kind is RightKind.OBJECTION:
        person.objected_on = asked.received_on
    session.flush()
    _log(session, actor, "create", row, [asked.kind])
    if correction_id is None:
        add_task(
            session,
            actor,
            owner_id=row.handled_by_id,
            unit_id=row.unit_id,
            kind=TASK_KIND,
            about_type=TASK_KIND,
            about_id=row.id,
            due_on=row.due_on,
            origin=TASK_KIND,
        )
    return row


def get_request(
    session: Session, actor: Actor, request_id: UUID, *, today: date, log: bool = True
) -> tuple[RightsRequest, Participant]:
    """A request and whom it is about, locked; logged unless something is done with it.

    Raises:
        NotFound: unknown, or about somebody hidden or protected.
        Refused: about somebody whom the actor does not work with.
    """
    row = session.scalar(
        select(RightsRequest).where(RightsRequest.id == request_id).with_for_update()
    )
    if row is None:
        raise NotFound("rights_request")
    person = get_person(session, actor, row.participant_id, today=today)
    if log:
        _log(session, actor, "read", row, [])
    return row, person


def prolong(
    session: Session,
    actor: Actor,
    request_id: UUID,
    reason: str,
    *,
    version: int | None,
    today: date,
    now: datetime,
) -> RightsRequest:
    """Take two months more, with the reason that she has been told (GDPR 12.3).

    Raises:
        NotFound, Refused: as :func:`get_request`.
        RuleViolation: answered or prolonged already, or the first month has gone.
        Invalid: no reason.
        Conflict: somebody else changed it meanwhile.
    """
    row, _person = _open(session, actor, request_id, version, today)
    if row.prolonged_on is not None:
        raise RuleViolation("prolonged", N_("Tiden är redan förlängd. Det går bara en gång."))
    if today > row.due_on:
        raise RuleViolation(
            "too_late", N_("Månaden har gått. Förlängningen skulle ha meddelats dessförinnan.")
        )
    words = plain_text("reason", reason, today=today)
    if words is None:
        raise Invalid({"reason": N_("Skriv varför det behövs mer tid, som du har sagt det.")})
    row.prolonged_on, row.prolonged_reason = today, words
    row.due_on = add_months(row.received_on, ANSWER_WITHIN_MONTHS + PROLONGED_BY_MONTHS)
    settle_tasks(session, actor, (TASK_KIND,), row.id, now=now)
    add_task(
        session,
        actor,
        owner_id=row.handled_by_id,
        unit_id=row.unit_id,
        kind=TASK_KIND,
        about_type=TASK_KIND,
        about_id=row.id,
        due_on=row.due_on,
        origin=TASK_KIND,
    )
    _log(session, actor, "prolong", row, [])
    return row


def answer(
    session: Session,
    actor: Actor,
    request_id: UUID,
    given: Answer,
    *,
    version: int | None,
    today: date,
    now: datetime,
) -> RightsRequest:
    """Write down what was decided, why, and how she was told. It is said once.

    Raises:
        NotFound, Refused: as :func:`get_request`.
        RuleViolation: answered already, or answered where the correction is.
        Invalid: no answer; or an objection is not granted and nothing was weighed.
        Conflict: somebody else changed it meanwhile.
    """
    row, person = _open(session, actor, request_id, version, today)
    if row.correction_id is not None:
        raise RuleViolation("answer_correction", N_("Svara på rättelsen under Min sida."))
    words = plain_text("answer", given.answer, today=today)
    balance = plain_text("balance", given.balance, today=today)
    errors = {}
    if words is None:
        errors["answer"] = N_("Skriv svaret, med skälen, så att personen förstår.")
    kept = given.decision in {Decision.REFUSED, Decision.PARTLY}
    if row.kind is RightKind.OBJECTION and kept and balance is None:
        errors["balance"] = N_("Skriv vad som vägde för och emot.")
    if errors:
        raise Invalid(errors)
    if row.kind is RightKind.OBJECTION:
        row.balance = balance
        if given.decision in {Decision.REFUSED, Decision.WITHDRAWN}:
            person.objected_on = None  # what was granted, also in part, is seen for good
    close(session, actor, row, given.decision, words, given.answered_how, today=today, now=now)
    return row


def hand_over(
    session: Session,
    actor: Actor,
    key: UUID | str,
    how: How,
    *,
    read_through: bool,
    form_id: UUID,
    today: date,
    now: datetime,
) -> list[RightsRequest]:
    """Note that the whole copy was given to her; it answers her requests for it.

    It stands among what was told of her, as anything else that leaves. It never goes by mail: an
    address may be read by others, and a file lies where it fell. The same form sent twice
    (``form_id``) is one copy.

    Raises:
        NotFound, Refused: as :func:`get_person`.
        Conflict: the form was sent for somebody else before.
        Invalid: nobody has read it through, or it would go by mail or telephone; somebody
            protected is given it in person.
    """
    person = get_person(session, actor, key, today=today)
    errors = {}
    if not read_through:
        errors["read_through"] = N_("Läs igenom kopian först, så att inget om andra följer med.")
    if how in {How.EMAIL, How.PHONE} or (person.protected and how is not How.IN_PERSON):
        errors["handed_how"] = N_(
            "Lämna kopian vid ett möte. Med brev går det bara till den som inte har skydd."
        )
    if errors:
        raise Invalid(errors)
    give_by_right(
        session,
        actor,
        person,
        Party.HERSELF,
        recipient=_IN_HAND[how],
        purpose=_WHAT,
        request_id=form_id,
        now=now,
    )
    audit.record(
        session, actor, "disclose", "own_copy", person.id, subjects=[person.id], fields=[how]
    )
    answered = [
        row
        for row in requests_of(session, person.id)
        if row.answered_on is None and row.kind in {RightKind.COPY, RightKind.EXPORT}
    ]
    for row in answered:
        close(session, actor, row, Decision.GRANTED, GIVEN, how, today=today, now=now)
    return answered


def close(
    session: Session,
    actor: Actor,
    row: RightsRequest,
    decision: Decision,
    words: str | None,
    how: How | None,
    *,
    today: date,
    now: datetime,
) -> None:
    """Close a request whose answer was checked; also of a correction, which keeps its own words."""
    row.decision, row.answer, row.answered_how = decision, words, how
    row.answered_on, row.answered_by_id = today, actor.require_user()
    settle_tasks(session, actor, (TASK_KIND,), row.id, now=now)
    session.flush()
    _log(session, actor, "answer", row, [decision])


def request_of_correction(session: Session, correction_id: UUID) -> RightsRequest | None:
    """The entry of a correction, locked; None for one that was said before there was a register."""
    return session.scalar(
        select(RightsRequest).where(RightsRequest.correction_id == correction_id).with_for_update()
    )


def requests_of(session: Session, participant_id: UUID) -> Sequence[RightsRequest]:
    """Somebody's requests, those that wait first. Asks no right."""
    return session.scalars(
        select(RightsRequest)
        .where(RightsRequest.participant_id == participant_id)
        .order_by(
            RightsRequest.answered_on.is_not(None),
            RightsRequest.due_on.desc(),
            RightsRequest.id,
        )
    ).all()


def list_register(
    session: Session, actor: Actor, *, only_open: bool = True, today: date, limit: int = 200
) -> list[Line]:
    """The register as far as the actor may know of it, the earliest due first; logged. One query.

    A manager reads all of the unit's by alias, others those of whom they work with. Requests of
    protected and restricted people are there for their handlers alone.
    """
    own = _is_own(session, actor, RightsRequest.participant_id, today)
    reach = own
    if actor.has_role(Role.UNIT_MANAGER):
        seen = visible_participants(session, actor, today=today).with_only_columns(Participant.id)
        reach = or_(own, RightsRequest.participant_id.in_(seen))
    found = (
        select(RightsRequest, Participant.number, own.label("is_own"))
        .join(Participant, Participant.id == RightsRequest.participant_id)
        .where(reach, RightsRequest.unit_id == actor.unit_id)
    )
    if only_open:
        found = found.where(RightsRequest.answered_on.is_(None))
    ordered = found.order_by(RightsRequest.due_on, RightsRequest.id).limit(limit)
    rows = session.execute(ordered).all()
    audit.record(
        session, actor, "list", "rights_request", subjects=[row.participant_id for row, *_ in rows]
    )
    return [Line(row, f"D-{number}", bool(is_own)) for row, number, is_own in rows]


def _is_own(
    session: Session, actor: Actor, column: InstrumentedAttribute[UUID], today: date
) -> ColumnElement[bool]:
    """Whether a column names somebody whom the actor works with, restricted or not."""
    handled = select(Involvement.participant_id).where(
        Involvement.user_id == actor.user_id,
        Involvement.capacity.in_(CHANGING),
        or_(Involvement.until.is_(None), Involvement.until >= today),
    )
    seen = visible_participants(session, actor, today=today).where(Participant.id.in_(handled))
    restricted = restricted_participants(actor, today=today)
    return or_(
        column.in_(seen.with_only_columns(Participant.id)),
        column.in_(restricted.with_only_columns(Participant.id)),
    )


def _open(
    session: Session, actor: Actor, request_id: UUID, version: int | None, today: date
) -> tuple[RightsRequest, Participant]:
    row, person = get_request(session, actor, request_id, today=today, log=False)
    check_version(row, version)
    if row.answered_on is not None:
        raise RuleViolation("answered", N_("Det är redan besvarat."))
    return row, person


def _log(
    session: Session, actor: Actor, action: str, row: RightsRequest, fields: Sequence[str]
) -> None:
    audit.record(
        session, actor, action, "rights_request", row.id,
        subjects=[row.participant_id], fields=list(fields),
    )  # fmt: skip
