"""Who takes part in a meeting that is booked already: one more, or one fewer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.db import check_version
from matchsvc.diary import reminders
from matchsvc.diary.access import require_change, visible_by
from matchsvc.diary.booking import open_meeting
from matchsvc.diary.checks import (
    Checked,
    check_limits,
    guests_of,
    known_on,
    refuse_clashes,
    refuse_strangers,
    refuse_untold,
)
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.workday import invitations, meetings
from matchsvc.workday.meeting_models import Meeting, MeetingPerson
from matchsvc.workday.meeting_plans import Guest, participants_on, plan_of, staff_on
from matchsvc.workday.meeting_types import MEETING_TYPES, OWN_TIME, Party


def add_person(
    session: Session,
    actor: Actor,
    meeting_id: UUID,
    *,
    participant_id: UUID | None = None,
    staff_id: UUID | None = None,
    pass_clashes: bool = False,
    version: int | None = None,
    today: date,
    now: datetime,
) -> Meeting:
    """Let one more participant or colleague take part, and invite her alone.

    Everything that is asked when a meeting is booked is asked again, of everybody on it.

    Args:
        session: a writing transaction.
        actor: who may change the meeting.
        meeting_id: which.
        participant_id: somebody the actor may see; or
        staff_id: a colleague.
        pass_clashes: the actor has seen what is taken.
        version: of the meeting as it was shown.
        today: the day.
        now: the instant; nothing is sent about what is over.

    Raises:
        NotFound: there is no such meeting for the actor.
        Refused: the actor may not change it.
        Invalid: nobody chosen, or nobody the actor may choose.
        RuleViolation: she takes part already, a limit, a consent that is missing, a protected
            person whose handler the colleague is not; with the code CLASH, she is busy.
        Conflict: somebody else changed it meanwhile.
    """
    meeting = _changeable(session, actor, meeting_id, version=version, today=today)
    kind = MEETING_TYPES[meeting.kind]
    if meeting.kind == OWN_TIME or (kind.slot is not None and participant_id is not None):
        raise RuleViolation("by_slot", N_("Boka en av tiderna i stället."))
    known = dict(known_on(session, meeting).participants)
    if participant_id is not None:
        seen = visible_by(session, actor, [participant_id], today=today)
        if participant_id not in seen:
            raise Invalid({"participant": N_("Personen finns inte, eller så får du inte se den.")})
        guest = Guest(Party.PARTICIPANT, participant_id)
        is_there = participant_id in participants_on(meeting)
        known |= seen
    else:
        guest = Guest(Party.STAFF, _colleague(session, meeting, staff_id))
        is_there = guest.ref_id in staff_on(meeting)
    if is_there:
        raise RuleViolation("there_already", N_("Den du valde är redan med på mötet."))
    checked = Checked(known)
    before = plan_of(meeting)
    plan = replace(before, guests=(*before.guests, guest))
    staff = [*staff_on(meeting), *([guest.ref_id] if guest.party is Party.STAFF else [])]
    refuse_strangers(session, known, [key for key in staff if key], today=today)
    refuse_untold(session, actor, plan, checked, today=today)
    check_limits(session, plan, checked, unit_id=meeting.unit_id, today=today)
    if not pass_clashes:
        refuse_clashes(
            session, actor, [replace(plan, guests=(guest,))], unit_id=meeting.unit_id,
            owner_id=meeting.owner_id, today=today, apart_from=[meeting.id],
        )  # fmt: skip
    person = MeetingPerson(
        id=uuid4(),
        position=1 + max((each.position for each in meeting.people), default=-1),
        party=guest.party,
        ref_id=guest.ref_id,
    )
    meeting.people.append(person)
    _note(session, actor, meeting, "people", guest)
    if meeting.ends_at > now:
        keys = {person.id, guest.ref_id}
        told = [each for each in guests_of(session, actor, meeting, checked) if each.key in keys]
        invitations.send_invitations(session, meeting, told, quiet=checked.is_quiet, now=now)
    return meeting


def remove_person(
    session: Session,
    actor: Actor,
    meeting_id: UUID,
    person_id: UUID,
    *,
    version: int | None = None,
    today: date,
    now: datetime,
) -> Meeting:
    """Let somebody no longer take part, and tell her if she has heard of it.

    Raises:
        NotFound: no such meeting for the actor, or nobody on it whom the actor may see.
        Refused: the actor may not change it.
        RuleViolation: it is over, or would have nobody whom its type needs.
        Conflict: somebody else changed it meanwhile.
    """
    meeting = _changeable(session, actor, meeting_id, version=version, today=today)
    shown = open_meeting(session, actor, meeting_id, today=today, for_update=True)
    mine = {each.row.id for each in shown.people}
    person = next((each for each in meeting.people if each.id == person_id), None)
    if person is None or person.id not in mine or person.slot is not None:
        raise NotFound("meeting_person")
    guest = Guest(person.party, person.ref_id)
    checked = known_on(session, meeting)
    keys = {person.id, person.ref_id}
    told = [each for each in guests_of(session, actor, meeting, checked) if each.key in keys]
    meeting.people.remove(person)
    check_limits(
        session, plan_of(meeting), known_on(session, meeting), unit_id=meeting.unit_id, today=today
    )
    _note(session, actor, meeting, "people", guest)
    if meeting.ends_at > now:
        invitations.uninvite(session, meeting, told, quiet=checked.is_quiet, now=now)
        if guest.party is Party.PARTICIPANT and guest.ref_id:
            reminders.leave(session, meeting, guest.ref_id)
    return meeting


def _changeable(
    session: Session, actor: Actor, meeting_id: UUID, *, version: int | None, today: date
) -> Meeting:
    shown = open_meeting(session, actor, meeting_id, today=today, for_update=True)
    require_change(shown)
    meetings.refuse_settled(shown.meeting)
    check_version(shown.meeting, version)
    return shown.meeting


def _colleague(session: Session, meeting: Meeting, staff_id: UUID | None) -> UUID:
    found = select(User.id).where(
        User.id == staff_id, User.unit_id == meeting.unit_id, User.is_active
    )
    key = session.scalar(found) if staff_id else None
    if key is None:
        raise Invalid({"staff": N_("Välj en deltagare eller en kollega.")})
    return key


def _note(session: Session, actor: Actor, meeting: Meeting, field: str, guest: Guest) -> None:
    meeting.sequence += 1
    session.flush()
    subjects = [guest.ref_id] if guest.party is Party.PARTICIPANT and guest.ref_id else []
    audit.record(session, actor, "change", "meeting", meeting.id, fields=[field], subjects=subjects)
