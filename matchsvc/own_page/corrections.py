"""What somebody says is wrong or sees otherwise, and what was done (GDPR 16, SoL 14:6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.own_page.models import Correction, CorrectionKind, CorrectionOutcome
from matchsvc.own_page.texts import FIRST
from matchsvc.participants.access import Sight, get_visible, require_sight
from matchsvc.participants.own import get_own, plain_text
from matchsvc.participants.presentation_answers import tell_case_worker
from matchsvc.rights.models import Decision, RightKind
from matchsvc.rights.requests import (
    ANSWER_WITHIN_MONTHS,
    Asked,
    close,
    register,
    request_of_correction,
)
from matchsvc.swedish import add_months

TASK_KIND = "correction"
#: What the register says of each outcome.
DECISIONS = {
    CorrectionOutcome.CORRECTED: Decision.GRANTED,
    CorrectionOutcome.NOTED: Decision.PARTLY,
    CorrectionOutcome.KEPT: Decision.REFUSED,
}


def say_correction(
    session: Session,
    actor: Actor,
    key: UUID | str,
    kind: CorrectionKind,
    words: str,
    *,
    language: str = FIRST,
    interpreter: str | None = None,
    today: date,
    now: datetime,
) -> Correction:
    """Keep what she says word for word, and give her case worker a task.

    Raises:
        Refused: not the actor's own.
        Invalid: no words, or an identity number in them.
    """
    participant = get_own(session, actor, key, today=today)
    if plain_text("words", words, today=today) is None:
        raise Invalid({"words": N_("Skriv vad personen säger, med personens egna ord.")})
    row = Correction(
        participant_id=participant.id,
        unit_id=participant.unit_id,
        kind=kind,
        words=words.strip(),
        language=language,
        interpreter=interpreter,
        said_at=now,
        recorded_by_id=actor.require_user(),
    )
    session.add(row)
    session.flush()
    audit.record(
        session, actor, "create", "correction", row.id, subjects=[participant.id], fields=[kind]
    )
    asked = Asked(RightKind.CORRECTION, today, row.words)
    register(session, actor, participant.id, asked, correction_id=row.id, today=today)
    due_on = add_months(today, ANSWER_WITHIN_MONTHS)
    tell_case_worker(session, actor, participant, TASK_KIND, due_on=due_on)
    return row


def list_corrections(
    session: Session, actor: Actor, key: UUID | str, *, today: date
) -> Sequence[Correction]:
    """What she has said and what was answered, those that wait first; logged.

    Raises:
        Refused: the actor does not see all of her.
    """
    participant = get_visible(session, actor, key, today=today)
    require_sight(session, actor, participant, Sight.FULL, today=today)
    audit.record(session, actor, "read", "correction", subjects=[participant.id])
    return corrections_of(session, participant.id)


def corrections_of(session: Session, participant_id: UUID) -> Sequence[Correction]:
    """As :func:`list_corrections`; asks no right."""
    return session.scalars(
        select(Correction)
        .where(Correction.participant_id == participant_id)
        .order_by(Correction.answered_at.is_not(None), Correction.said_at.desc(), Correction.id)
    ).all()


def answer_correction(
    session: Session,
    actor: Actor,
    key: UUID | str,
    correction_id: UUID,
    *,
    outcome: CorrectionOutcome,
    answer: str,
    version: int | None,
    today: date,
    now: datetime,
) -> Correction:
    """Say what was done. The words themselves never change.

    Raises:
        Refused: not the actor's own.
        NotFound: she has said no such thing.
        RuleViolation: it is answered already.
        Invalid: no answer.
        Conflict: somebody else answered meanwhile.
    """
    participant = get_own(session, actor, key, today=today)
    row = session.scalar(
        select(Correction)
        .where(Correction.id == correction_id, Correction.participant_id == participant.id)
        .with_for_update()
    )
    if row is None:
        raise NotFound("correction")
    check_version(row, version)
    if row.answered_at is not None:
        raise RuleViolation("correction_answered", N_("Det är redan besvarat."))
    words = plain_text("answer", answer, today=today)
    if words is None:
        raise Invalid({"answer": N_("Skriv vad som är gjort, så att personen förstår.")})
    row.outcome, row.answer = outcome, words
    row.answered_at, row.answered_by_id = now, actor.require_user()
    entry = request_of_correction(session, row.id)
    if entry is not None:
        close(session, actor, entry, DECISIONS[outcome], None, None, today=today, now=now)
    session.flush()
    audit.record(
        session, actor, "answer", "correction", row.id,
        subjects=[participant.id], fields=[outcome],
    )  # fmt: skip
    return row
