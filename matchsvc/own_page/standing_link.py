"""A link that shows somebody her next meeting and whom to call, nothing else (DESIGN section 6).

The link is the only key, so what it opens is what may lie on a kitchen table. Whoever is protected
has none, and one that was made before she became so is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor, job_actor, link_actor
from matchsvc.accounts.models import Unit, User
from matchsvc.accounts.settings import shown_name
from matchsvc.diary.booking import quiet_among
from matchsvc.errors import N_, NotFound, RuleViolation
from matchsvc.messages.links import (
    LinkState,
    create_link,
    find_link,
    link_state,
    links_about,
    revoke_link,
)
from matchsvc.messages.models import LinkKind, SignedLink
from matchsvc.own_page.texts import language_for
from matchsvc.participants.access import get_visible
from matchsvc.participants.cases import latest_case, open_case
from matchsvc.participants.models import Participant
from matchsvc.participants.own import get_own
from matchsvc.placements.participant_surveys import find_open_of, start_by_link
from matchsvc.swedish import format_phone, local_date
from matchsvc.workday.invitations import place_of
from matchsvc.workday.meeting_models import Meeting
from matchsvc.workday.meeting_reads import next_with
from matchsvc.workday.meetings import times_of

PURPOSE = "own_page"
LASTS = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Shown:
    """All that the link shows.

    Attributes:
        meeting: the next one; only its id and sequence may be used.
        times: of it, from when to when she is met.
        place: where, or None.
        unit_name: whom the meeting is with.
        worker: the case worker's name, or None.
        phone: where to call, in words and as a telephone dials it.
        language: of the page, to begin with.
        unit_id: whose page it is.
        has_survey: a survey about a placement waits for an answer.
    """

    meeting: Meeting | None
    times: tuple[datetime, datetime] | None
    place: str | None
    unit_name: str
    worker: str | None
    phone: tuple[str, str] | None
    language: str
    unit_id: UUID
    has_survey: bool = False


def make_link(
    session: Session, actor: Actor, key: UUID | str, *, today: date, now: datetime
) -> tuple[str, SignedLink]:
    """Make a link, or a new one: the one before stops at once. Its token is given back only here.

    Raises:
        Refused: not the actor's own.
        RuleViolation: her personal data are protected, or her case has ended.
    """
    participant = get_own(session, actor, key, today=today)
    if participant.protected:
        raise RuleViolation(
            "protected",
            N_("Personen har skyddade personuppgifter. Då kan ingen länk göras."),
        )
    open_case(session, participant)
    _revoke_all(session, participant, now)
    token, link = create_link(
        session,
        kind=LinkKind.STANDING,
        purpose=PURPOSE,
        subject_id=participant.id,
        unit_id=participant.unit_id,
        expires_at=now + LASTS,
    )
    audit.record(session, actor, "create", "own_page_link", link.id, subjects=[participant.id])
    return token, link


def revoke(session: Session, actor: Actor, key: UUID | str, *, today: date, now: datetime) -> None:
    """Stop her link. Without one nothing happens.

    Raises:
        Refused: not the actor's own.
    """
    participant = get_own(session, actor, key, today=today)
    if _revoke_all(session, participant, now):
        audit.record(
            session, actor, "revoke", "own_page_link", participant.id, subjects=[participant.id]
        )


def _revoke_all(session: Session, participant: Participant, now: datetime) -> int:
    live = [
        link
        for link in links_about(session, purpose=PURPOSE, subject_id=participant.id)
        if link_state(link, now) is LinkState.LIVE
    ]
    for link in live:
        revoke_link(session, link, now)
    return len(live)


def live_link(session: Session, participant_id: UUID, *, now: datetime) -> SignedLink | None:
    """Her link that works now. Asks no right."""
    found = links_about(session, purpose=PURPOSE, subject_id=participant_id)
    return next((link for link in found if link_state(link, now) is LinkState.LIVE), None)


def read_by_link(session: Session, token: str, *, now: datetime) -> Shown | None:
    """What the link shows; None when it leads nowhere, whatever the reason. Logged.

    Args:
        session: to read with.
        token: of the address.
        now: the instant.
    """
    link = find_link(session, token)
    if link is None or link.purpose != PURPOSE or link_state(link, now) is not LinkState.LIVE:
        return None
    today = local_date(now)
    try:
        # A job's eyes see nobody who is protected, archived or merged away.
        reader = job_actor(PURPOSE)
        participant = get_visible(session, reader, link.subject_id, today=today)
        case = latest_case(session, participant)
    except NotFound:
        return None
    if participant.protected or case.ended_on is not None:
        return None
    meeting = next_with(session, participant.id, now=now)
    unit = session.get_one(Unit, participant.unit_id)
    worker = session.get(User, case.case_worker_id) if case.case_worker_id else None
    if worker is not None and not worker.is_active:
        worker = None  # who has left answers no more; the unit does
    phone = (worker.phone if worker else None) or unit.phone
    audit.record(
        session,
        link_actor(link.id, link.unit_id),
        "read",
        "own_page_link",
        link.id,
        subjects=[participant.id],
    )
    quiet = meeting is not None and bool(quiet_among(session, [meeting]))
    return Shown(
        meeting=meeting,
        times=times_of(meeting, participant.id) if meeting is not None else None,
        place=place_of(session, meeting) if meeting is not None and not quiet else None,
        unit_name=shown_name(session, unit),
        worker=worker.name if worker else None,
        phone=(format_phone(phone), phone) if phone else None,
        language=language_for(participant.contact_language),
        unit_id=participant.unit_id,
        has_survey=find_open_of(session, participant.id, today=today) is not None,
    )


def start_survey(session: Session, token: str, language: str, *, now: datetime) -> str | None:
    """Begin to answer the survey that waits; the token of a session, None when there is none.

    Args:
        session: a writing transaction.
        token: of the address.
        language: that the page stood in.
        now: the instant.
    """
    shown = read_by_link(session, token, now=now)
    link = find_link(session, token)
    if shown is None or link is None:
        return None
    begun = start_by_link(session, link.subject_id, language=language, now=now)
    return begun[0] if begun else None
