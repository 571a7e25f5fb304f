"""Showing somebody her own page with a member of staff's help: each time is noted (domain 4.5)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.errors import N_, Invalid, NotFound
from matchsvc.own_page.models import OwnPageVisit
from matchsvc.own_page.texts import languages
from matchsvc.participants.models import Participant
from matchsvc.participants.own import get_own, plain_text

#: A screen that was left on shows nothing the next morning.
LONGEST = timedelta(hours=3)


def start_visit(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    language: str,
    interpreter: str | None,
    today: date,
    now: datetime,
) -> OwnPageVisit:
    """Begin to show the page; what was open before is ended.

    Args:
        session: a writing transaction.
        actor: her own worker, who helps.
        key: the participant.
        language: code of a language of the page.
        interpreter: who interprets, as the participant may read it.
        today: the day of it.
        now: the instant.

    Raises:
        Refused: not the actor's own.
        Invalid: there is no such language, or an identity number stands with the interpreter.
    """
    participant = get_own(session, actor, key, today=today)
    _check_language(language)
    words = plain_text("interpreter", interpreter, today=today)
    for earlier in session.scalars(_open(participant.id, actor, now)):
        earlier.ended_at = now
    visit = OwnPageVisit(
        participant_id=participant.id,
        unit_id=participant.unit_id,
        assisted_by_id=actor.require_user(),
        language=language,
        interpreter=words,
        started_at=now,
    )
    session.add(visit)
    session.flush()
    audit.record(
        session,
        actor,
        "assist",
        "own_page",
        visit.id,
        subjects=[participant.id],
        fields=[language, *(["interpreter"] if words else [])],
    )
    return visit


def _check_language(language: str) -> None:
    if language not in languages():
        raise Invalid({"language": N_("Välj ett språk i listan.")})


def _open(participant_id: UUID, actor: Actor, now: datetime) -> Select[OwnPageVisit]:
    return select(OwnPageVisit).where(
        OwnPageVisit.participant_id == participant_id,
        OwnPageVisit.assisted_by_id == actor.user_id,
        OwnPageVisit.ended_at.is_(None),
        OwnPageVisit.started_at > now - LONGEST,
    )


def get_visit(
    session: Session,
    actor: Actor,
    key: UUID | str,
    visit_id: UUID,
    *,
    today: date,
    now: datetime,
) -> tuple[Participant, OwnPageVisit]:
    """The participant and the visit, while it lasts and for who helps.

    Raises:
        NotFound: unknown, hidden, protected; ended, too old, or somebody else helps.
        Refused: not the actor's own any longer.
    """
    participant = get_own(session, actor, key, today=today)
    visit = session.scalar(_open(participant.id, actor, now).where(OwnPageVisit.id == visit_id))
    if visit is None:
        raise NotFound("own_page_visit")
    return participant, visit


def choose_language(
    session: Session,
    actor: Actor,
    key: UUID | str,
    visit_id: UUID,
    language: str,
    *,
    today: date,
    now: datetime,
) -> OwnPageVisit:
    """Show the page in another language.

    Raises:
        NotFound, Refused: as :func:`get_visit`.
        Invalid: there is no such language.
    """
    participant, visit = get_visit(session, actor, key, visit_id, today=today, now=now)
    _check_language(language)
    visit.language = language
    session.flush()
    audit.record(
        session, actor, "change", "own_page", visit.id,
        subjects=[participant.id], fields=[language],
    )  # fmt: skip
    return visit


def end_visit(
    session: Session,
    actor: Actor,
    key: UUID | str,
    visit_id: UUID,
    *,
    today: date,
    now: datetime,
) -> None:
    """Show it no longer.

    Raises:
        NotFound, Refused: as :func:`get_visit`.
    """
    participant, visit = get_visit(session, actor, key, visit_id, today=today, now=now)
    visit.ended_at = now
    session.flush()
    audit.record(session, actor, "end", "own_page", visit.id, subjects=[participant.id])
