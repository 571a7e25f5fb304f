"""Whether a message may leave now, asked of whoever knows; and who mends what did not arrive."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.diary import reminders
from matchsvc.employers.letters import may_write_to_contact
from matchsvc.employers.models import Contact, Employer
from matchsvc.errors import NotFound
from matchsvc.messages.models import MessageState, OutboxMessage, RecipientKind
from matchsvc.messages.outbox import Gates
from matchsvc.messages.preferences import may_write_to_user
from matchsvc.participants.access import everybody_among
from matchsvc.participants.cases import latest_case
from matchsvc.participants.messaging import may_write_to_participant
from matchsvc.participants.models import Participant
from matchsvc.placements.survey_sending import PURPOSE, may_send_survey
from matchsvc.swedish import local_date, working_day_on_or_after
from matchsvc.workday.rules import add_task, managers_of

TASK = "message_not_arrived"
#: Mending an address is a call; nobody waits long for it.
_WITHIN = timedelta(days=3)
_AT_ONCE = 200


def _to_contact(session: Session, message: OutboxMessage) -> str | None:
    why = may_write_to_contact(session, message)
    return may_send_survey(session, message) if why is None and message.kind == PURPOSE else why


def _to_participant(session: Session, message: OutboxMessage) -> str | None:
    why = may_write_to_participant(session, message)
    if why is None and message.kind.startswith(reminders.KIND):
        return None if reminders.still_holds(session, message) else "changed"
    return why


#: Everybody who is asked before a message leaves.
GATES: Gates = {
    RecipientKind.CONTACT: _to_contact,
    RecipientKind.PARTICIPANT: _to_participant,
    RecipientKind.USER: may_write_to_user,
}


def follow_up(session: Session, actor: Actor, *, now: datetime) -> int:
    """Ask somebody to mend the addresses of what was refused for good or came back; once each.

    A contact's address is the employer's owner's to mend, else the managers'; a participant's the
    case worker's; a colleague's, and that of somebody outside, the managers'. Again it asks nobody.

    Returns:
        How many messages were followed up.
    """
    found = session.scalars(
        select(OutboxMessage)
        .where(
            OutboxMessage.state.in_((MessageState.FAILED, MessageState.BOUNCED)),
            OutboxMessage.followed_up_at.is_(None),
        )
        .order_by(OutboxMessage.created_at, OutboxMessage.id)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    due_on = working_day_on_or_after(local_date(now) + _WITHIN)
    for message in found:
        about, about_id, name, owners = _who_mends(session, message)
        for owner in owners or managers_of(session, message.unit_id):
            add_task(
                session,
                actor,
                owner_id=owner,
                unit_id=message.unit_id,
                kind=TASK,
                about_type=about,
                about_id=about_id,
                due_on=due_on,
                words={"name": name},
                origin="follow_up_messages",
            )
        message.followed_up_at = now
    session.flush()
    return len(found)


def _who_mends(session: Session, message: OutboxMessage) -> tuple[str, UUID, str, list[UUID]]:
    """What the task is about, what it calls it, and who owns it; nobody known means managers."""
    who = message.recipient_id
    match message.recipient_kind:
        case RecipientKind.CONTACT if (contact := session.get(Contact, who)) is not None:
            employer = session.get_one(Employer, contact.employer_id)
            owners = _active(session, employer.owner_id)
            return "employer", employer.id, employer.name, owners
        case RecipientKind.PARTICIPANT if people := everybody_among(session, [who] if who else []):
            person = people[0]
            return "participant", person.id, person.alias, _workers(session, person)
        case RecipientKind.USER if (user := session.get(User, who)) is not None:
            return "user", user.id, user.name, []
    return "message", message.id, "en mottagare", []


def _workers(session: Session, participant: Participant) -> list[UUID]:
    """Who is responsible for the case; nobody where there is none."""
    try:
        return _active(session, latest_case(session, participant).case_worker_id)
    except NotFound:
        return []


def _active(session: Session, user_id: UUID | None) -> list[UUID]:
    user = session.get(User, user_id) if user_id else None
    return [user.id] if user is not None and user.is_active else []
