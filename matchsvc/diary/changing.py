"""Moving, calling off and writing how it went, and handing meetings over to a colleague."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User
from matchsvc.db import check_version
from matchsvc.diary.access import BOOKERS, Shown, require_change, show, visible_by
from matchsvc.diary.booking import open_meeting
from matchsvc.diary.checks import (
    Checked,
    check_limits,
    known_on,
    refuse_clashes,
    refuse_strangers,
    refuse_untold,
    tell,
    unit_of,
)
from matchsvc.errors import N_, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants.access import visible_participants
from matchsvc.participants.consent_models import Category
from matchsvc.participants.models import Participant
from matchsvc.participants.telling import may_all_be_told
from matchsvc.swedish import local_date
from matchsvc.workday import invitations, meetings
from matchsvc.workday import meeting_plans as plans_of
from matchsvc.workday.meeting_models import ChangeReason, Meeting
from matchsvc.workday.meeting_plans import Interpreting, participants_on
from matchsvc.workday.meeting_reads import (
    following,
    get_meeting,
)
from matchsvc.workday.meeting_types import OUTSIDE, OWN_TIME, Party
from matchsvc.workday.meetings import Went


def _changeable(session: Session, actor: Actor, meeting_id: UUID, *, today: date) -> Meeting:
    shown = open_meeting(session, actor, meeting_id, today=today, for_update=True)
    require_change(shown)
    return shown.meeting


def move(
    session: Session,
    actor: Actor,
    meeting_id: UUID,
    *,
    day: date,
    at: time,
    reason: ChangeReason,
    minutes: int | None = None,
    room_id: UUID | None = None,
    place: str | None = None,
    limit_reason: str | None = None,
    all_following: bool = False,
    pass_clashes: bool = False,
    version: int | None = None,
    today: date,
    now: datetime,
) -> list[Meeting]:
    """Move a meeting, or it and all that follow in its series, and tell those invited.

    Raises:
        NotFound: there is none for the actor.
        Refused: the actor may not change it.
        Invalid, RuleViolation: as for :func:`book`.
        Conflict: somebody else changed it meanwhile.
    """
    first = _changeable(session, actor, meeting_id, today=today)
    meetings.refuse_settled(first)
    check_version(first, version)
    moved = following(session, first) if all_following else [first]
    moves = []
    for meeting, plan in plans_of.moved_plans(moved, day=day, at=at, minutes=minutes):
        wanted = replace(plan, room_id=room_id, place=place)
        if limit_reason:
            wanted = replace(wanted, limit_reason=limit_reason)
        checked = known_on(session, meeting)
        refuse_untold(session, actor, wanted, checked, today=today)
        check_limits(session, wanted, checked, unit_id=first.unit_id, today=today)
        moves.append((meeting, wanted, checked))
    if not pass_clashes:
        refuse_clashes(
            session,
            actor,
            [plan for _meeting, plan, _checked in moves],
            unit_id=first.unit_id,
            owner_id=first.owner_id,
            today=today,
            apart_from=[meeting.id for meeting in moved],
        )
    for meeting, plan, checked in moves:
        before = meeting.sequence
        meetings.move_meeting(session, actor, meeting, plan, reason=reason)
        if meeting.sequence != before:
            tell(session, actor, meeting, checked, now=now)
    return moved


def cancel(
    session: Session,
    actor: Actor,
    meeting_id: UUID,
    *,
    reason: ChangeReason,
    all_following: bool = False,
    version: int | None = None,
    today: date,
    now: datetime,
) -> list[Meeting]:
    """Call a meeting off, or it and all that follow, and tell those who have heard of it.

    Raises:
        NotFound, Refused, Conflict: as for :func:`move`.
        RuleViolation: somebody has written how it went.
    """
    first = _changeable(session, actor, meeting_id, today=today)
    check_version(first, version)
    gone = following(session, first) if all_following else [first]
    for meeting in gone:
        checked = known_on(session, meeting)
        if meeting.cancelled_at is None:
            meetings.cancel_meeting(session, actor, meeting, reason=reason, now=now)
            tell(session, actor, meeting, checked, now=now)
    return gone


def write_how_it_went(
    session: Session,
    actor: Actor,
    meeting_id: UUID,
    went: Went,
    *,
    version: int | None = None,
    today: date,
    now: datetime,
) -> Meeting:
    """Write who came, how long it took and what was agreed.

    Raises:
        NotFound, Refused, Conflict, Invalid, RuleViolation: as the parts say.
    """
    shown = open_meeting(session, actor, meeting_id, today=today, for_update=True)
    require_change(shown)
    known = {person.row.id for person in shown.people}
    came = {key: word for key, word in went.attendance.items() if key in known}
    # Who may not read what was agreed does not write over it either.
    outcome = went.outcome if shown.sees_texts else shown.meeting.outcome
    went = replace(went, attendance=came, outcome=outcome)
    meetings.close_meeting(session, actor, shown.meeting, went, now=now, version=version)
    return shown.meeting


def set_interpreter(
    session: Session,
    actor: Actor,
    meeting_id: UUID,
    wanted: Interpreting,
    *,
    version: int | None = None,
    today: date,
) -> Meeting:
    """Ask for an interpreter, or say how far the booking has come."""
    meeting = _changeable(session, actor, meeting_id, today=today)
    meetings.set_interpreter(session, actor, meeting, wanted, version=version)
    return meeting


def give_slot(
    session: Session,
    actor: Actor,
    meeting_id: UUID,
    *,
    number: int,
    participant: UUID | str,
    today: date,
) -> Meeting:
    """Give a participant a slot of the authority's visit, if its people may be told of her.

    Any booker of the unit may fill a slot with whom they may see.

    Raises:
        NotFound: no such meeting or participant for the actor.
        RuleViolation: the slot is taken, or nobody outside may be told.
    """
    actor.require_role(*BOOKERS)
    meeting = open_meeting(session, actor, meeting_id, today=today, for_update=True).meeting
    key = participant if isinstance(participant, UUID) else _id_of(session, actor, participant)
    seen = visible_by(session, actor, [key], today=today)
    if key not in seen:
        raise Invalid({"participant": N_("Personen finns inte, eller så får du inte se den.")})
    telling = may_all_be_told(
        session,
        list(seen.values()),
        {person.party for person in meeting.people} & set(OUTSIDE),
        Category.PLANNING,
        today=today,
        on=local_date(meeting.starts_at),
    )
    if not telling:
        raise RuleViolation("consent_missing", telling.why, values=telling.values)
    meetings.book_slot(session, actor, meeting, number=number, participant_id=key)
    return meeting


def _id_of(session: Session, actor: Actor, alias: str) -> UUID:
    number = alias.strip().upper().removeprefix("D-")
    if number.isascii() and number.isdigit() and len(number) < 10:  # noqa: PLR2004
        found = visible_participants(session, actor).where(Participant.number == int(number))
        participant = session.scalar(found)
        if participant is not None:
            return participant.id
    raise Invalid({"participant": N_("Personen finns inte, eller så får du inte se den.")})


def take_slot_back(
    session: Session, actor: Actor, meeting_id: UUID, *, number: int, today: date
) -> Meeting:
    """Empty a slot again.

    Raises:
        NotFound: no such meeting, or the slot holds somebody the actor may not know of.
    """
    actor.require_role(*BOOKERS)
    shown = open_meeting(session, actor, meeting_id, today=today, for_update=True)
    if all(person.row.slot != number for person in shown.people):
        raise NotFound("slot")
    meetings.free_slot(session, actor, shown.meeting, number=number)
    return shown.meeting


def _refuse_taker(
    session: Session, shown: Shown, checked: Checked, to_user: UUID, *, today: date
) -> None:
    """Refuse who may not take a meeting over; of people the actor does not see it tells nothing."""
    if shown.meeting.kind == OWN_TIME:
        raise RuleViolation("own_time", N_("Egen upptagen tid lämnas inte över. Ställ in den."))
    try:
        refuse_strangers(session, checked.participants, [to_user], today=today)
    except RuleViolation:
        if _sees_all(shown):
            raise
        raise RuleViolation(
            "cannot_take",
            N_("Den du valde kan inte ta över mötet. Välj någon annan, eller lämna det kvar."),
        ) from None


def _sees_all(shown: Shown) -> bool:
    seen = {person.row.ref_id for person in shown.people if person.alias}
    return seen >= set(participants_on(shown.meeting))


def move_meetings(
    session: Session,
    actor: Actor,
    ids: Collection[UUID],
    to_user: UUID,
    *,
    reason: ChangeReason = ChangeReason.HAND_OVER,
    today: date,
    now: datetime,
) -> list[Meeting]:
    """Let a colleague answer for some meetings: a hand-over, or after an account has ended.

    Raises:
        NotFound: one of them does not exist for the actor.
        Refused: neither the actor's own, nor a manager's to move, nor left by an ended account.
        Invalid: the colleague is not of the unit or has ended.
        RuleViolation: a protected participant's meeting goes to her handlers only, and nobody
            takes over anybody's own busy time.
    """
    unit_id = unit_of(actor)
    user = session.scalar(
        select(User).where(User.id == to_user, User.unit_id == unit_id, User.is_active)
    )
    if user is None:
        raise Invalid({"to_user": N_("Kollegan finns inte längre. Välj igen.")})
    moved = []
    for key in sorted(ids):
        meeting = get_meeting(session, unit_id, key, for_update=True)
        (shown,) = show(session, actor, [meeting], today=today, log=False)
        if shown.is_busy:  # her handlers move it; for everybody else it is not there
            raise NotFound("meeting")
        is_lost = shown.is_ownerless and shown.may_change
        is_own = meeting.owner_id == actor.user_id
        if not (actor.has_role(Role.UNIT_MANAGER) or is_own or is_lost):
            raise Refused
        meetings.refuse_settled(meeting)
        checked = known_on(session, meeting)
        _refuse_taker(session, shown, checked, to_user, today=today)
        meeting.people = [
            p for p in meeting.people if not (p.party is Party.STAFF and p.ref_id == to_user)
        ]
        was_owner, meeting.owner_id = meeting.owner_id, to_user
        meeting.sequence += 1
        session.flush()
        audit.record(
            session,
            actor,
            "change",
            "meeting",
            meeting.id,
            fields=["owner_id"],
            reason=reason,
            subjects=participants_on(meeting),
        )
        tell(session, actor, meeting, checked, now=now)
        before = session.get_one(User, was_owner)
        if before.is_active and before.id != to_user:
            gone = [invitations.Guest(before.id, before.email, is_staff=True)]
            invitations.uninvite(session, meeting, gone, quiet=checked.is_quiet, now=now)
        moved.append(meeting)
    return moved
