"""The meeting before a placement (EMP-05): booked here, and done when it has been held."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.diary.booking import book
from matchsvc.employers.models import Contact
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.placements.access import PREPARERS, get_placement
from matchsvc.placements.models import PackagePart, Part, PartState
from matchsvc.placements.package import mark_done
from matchsvc.support.models import PreMeeting
from matchsvc.support.plain_words import refuse_protected
from matchsvc.swedish import local_date
from matchsvc.workday.meeting_models import Attendance, Meeting
from matchsvc.workday.meeting_plans import Guest, Plan
from matchsvc.workday.meeting_types import Party
from matchsvc.workday.meetings import when_closed

KIND = "pre_meeting"
#: What the agenda says until somebody changes it. At most 500 signs, names nobody.
AGENDA = """1. Vad ni förväntar er, och vad vi lovar
2. Arbetsuppgifter, tider och vem som är handledare
3. Introduktion, risker och vad som gäller vid en olycka
4. Hur vi följer upp, och vem ni ringer
5. Frågor, och vad som händer härnäst"""
HELD = "Mötet är hållet. Vad som sades står på mötet."


def book_pre_meeting(
    session: Session,
    actor: Actor,
    placement_id: UUID | str,
    *,
    contact_id: UUID,
    day: date,
    at: time,
    minutes: int | None = None,
    place: str | None = None,
    agenda: str | None = None,
    pass_clashes: bool = False,
    today: date,
    now: datetime,
) -> Meeting:
    """Book the meeting and invite the contact; neither says whom it is about.

    Raises:
        NotFound: the placement is hidden.
        Refused: the actor does not look after employers.
        Invalid: a field is wrong, or the contact is not of the employer.
        RuleViolation: protected personal data, one is booked already, or something clashes.
    """
    actor.require_role(*PREPARERS)
    seen = get_placement(session, actor, placement_id, today=today, for_update=True)
    refuse_protected(seen)
    contact = session.get(Contact, contact_id)
    if contact is None or contact.employer_id != seen.employer.id or not contact.is_active:
        raise Invalid({"contact_id": N_("Kontaktpersonen finns inte längre. Välj igen.")})
    coming = find_pre_meeting(session, seen.placement.id)
    if coming is not None and coming.closed_at is None and coming.starts_at > now:
        raise RuleViolation("booked", N_("Mötet är redan bokat. Flytta det i stället."))
    plan = Plan(
        KIND,
        day,
        at,
        minutes=minutes,
        guests=(Guest(Party.EMPLOYER, contact.id),),
        place=place or seen.site.address,
        agenda=agenda,
    )
    (meeting,) = book(session, actor, plan, pass_clashes=pass_clashes, today=today, now=now)
    session.add(PreMeeting(placement_id=seen.placement.id, meeting_id=meeting.id))
    session.flush()
    audit.record(
        session, actor, "change", "placement", seen.placement.id, fields=[Part.PRE_MEETING]
    )
    return meeting


def find_pre_meeting(session: Session, placement_id: UUID) -> Meeting | None:
    """The latest meeting before a placement that was not called off. Asks no right."""
    return session.scalar(
        select(Meeting)
        .join(PreMeeting, PreMeeting.meeting_id == Meeting.id)
        .where(PreMeeting.placement_id == placement_id, Meeting.cancelled_at.is_(None))
        .order_by(Meeting.starts_at.desc())
        .limit(1)
        .options(selectinload(Meeting.people))
    )


def note_held(session: Session, actor: Actor, meeting: Meeting) -> None:
    """Let the package follow the meeting: held makes the part done, a correction undoes it."""
    if meeting.kind != KIND:
        return
    tied = session.scalar(select(PreMeeting).where(PreMeeting.meeting_id == meeting.id))
    if tied is None:
        return
    day = local_date(meeting.starts_at)
    employers = [each for each in meeting.people if each.party is Party.EMPLOYER]
    if all(each.attendance in (None, Attendance.CAME) for each in employers):
        mark_done(
            session, actor, tied.placement_id, Part.PRE_MEETING,
            today=day, evidence=HELD, happened_on=day,
        )  # fmt: skip
        return
    part = session.scalar(
        select(PackagePart).where(
            PackagePart.placement_id == tied.placement_id, PackagePart.part == Part.PRE_MEETING
        )
    )
    if part is not None and part.state is PartState.DONE and part.evidence == HELD:
        part.state, part.happened_on, part.evidence = PartState.PLANNED, None, None
        session.flush()


when_closed(note_held)
