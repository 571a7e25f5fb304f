"""What a participant says of what an employer would see, and how it is kept to (domain 4.5).

A no, or a wish to change something, stands until there is a new answer: nothing is presented to an
employer meanwhile. Nobody need have been asked here: a proposal asks for itself too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.participants.cases import latest_case
from matchsvc.participants.models import Participant
from matchsvc.participants.own import get_own, plain_text
from matchsvc.participants.presentation_models import PresentationAnswer, PresentationSaid
from matchsvc.workday.rules import add_task

TASK_KIND = "presentation_wish"
_HOLDS = {
    PresentationSaid.REFUSED: (
        "presentation_refused",
        N_("Personen har sagt nej till att visas för arbetsgivare. Fråga igen på Min sida."),
    ),
    PresentationSaid.CHANGE: (
        "presentation_to_change",
        N_(
            "Personen vill ändra något i det som arbetsgivare får se. Ändra det, och fråga igen "
            "på Min sida."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What was answered.

    Attributes:
        answer: approved, to be changed, or refused.
        content_hash: of what was shown, see :func:`matchsvc.workday.signing.hash_of`.
        language: code of the language it was read in.
        words: what should be said otherwise; demanded of a wish to change.
        interpreter: who interpreted, if anybody did.
    """

    answer: PresentationSaid
    content_hash: str
    language: str = "sv"
    words: str | None = None
    interpreter: str | None = None


def answer_presentation(
    session: Session, actor: Actor, key: UUID | str, said: Said, *, today: date, now: datetime
) -> PresentationAnswer:
    """Record what she says; a no or a wish gives her case worker a task.

    Raises:
        Refused: not the actor's own.
        Invalid: a wish without words, or an identity number in them.
    """
    participant = get_own(session, actor, key, today=today)
    words = plain_text("words", said.words, today=today)
    if said.answer is PresentationSaid.CHANGE and words is None:
        raise Invalid({"words": N_("Skriv vad som ska stå på ett annat sätt.")})
    row = PresentationAnswer(
        participant_id=participant.id,
        unit_id=participant.unit_id,
        answer=said.answer,
        words=words,
        content_hash=said.content_hash,
        language=said.language,
        interpreter=said.interpreter,
        answered_at=now,
        recorded_by_id=actor.require_user(),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor,
        "create",
        "presentation_answer",
        row.id,
        subjects=[participant.id],
        fields=[said.answer],
    )
    if said.answer is not PresentationSaid.APPROVED:
        tell_case_worker(session, actor, participant, TASK_KIND, due_on=today)
    return row


def tell_case_worker(
    session: Session, actor: Actor, participant: Participant, kind: str, *, due_on: date
) -> None:
    """Give her case worker, or whoever writes it down, a task about her."""
    case = latest_case(session, participant)
    add_task(
        session,
        actor,
        owner_id=case.case_worker_id or actor.require_user(),
        unit_id=participant.unit_id,
        kind=kind,
        about_type="participant",
        about_id=participant.id,
        due_on=due_on,
        words={"alias": participant.alias},
        origin=kind,
    )


def latest_answer(session: Session, participant_id: UUID) -> PresentationAnswer | None:
    """The answer that counts. Asks no right."""
    return session.scalar(
        select(PresentationAnswer)
        .where(PresentationAnswer.participant_id == participant_id)
        .order_by(PresentationAnswer.answered_at.desc(), PresentationAnswer.id)
        .limit(1)
    )


def require_presentable(session: Session, participant_id: UUID) -> None:
    """For every rule that shows her to an employer.

    Raises:
        RuleViolation: she said no, or wants something changed first.
    """
    said = latest_answer(session, participant_id)
    if said is not None and said.answer in _HOLDS:
        code, message = _HOLDS[said.answer]
        raise RuleViolation(code, message)
