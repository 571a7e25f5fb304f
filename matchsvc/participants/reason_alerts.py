"""Whoever reads a case with a reason is told on at once: to her workers, managers and auditors."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User
from matchsvc.messages.outbox import queue_message
from matchsvc.participants.models import Capacity, Involvement, Participant
from matchsvc.workday.rules import add_task, holders_of

TASK = "read_with_reason"
LETTER = "read_with_reason"
_HERS = (Capacity.CASE_WORKER, Capacity.PROTECTED_HANDLER)


def tell_of_reading(
    session: Session, actor: Actor, participant: Participant, *, today: date
) -> None:
    """Give her workers and the other managers a task, and write to the auditors.

    The letter says neither who reads nor whom: that stands in the log. Where there is neither
    another manager nor an auditor, the administrators are written to, so that somebody else always
    knows. Of a protected person only her handlers have a task.

    Args:
        session: the transaction that opens the case.
        actor: who reads.
        participant: whose case.
        today: the day.
    """
    unit_id, reader = participant.unit_id, actor.require_user()
    hers = session.scalars(
        select(Involvement.user_id)
        .join(User, User.id == Involvement.user_id)
        .where(
            Involvement.participant_id == participant.id,
            Involvement.capacity.in_(_HERS),
            or_(Involvement.until.is_(None), Involvement.until >= today),
            User.is_active,
        )
    ).all()
    managers = [each for each in holders_of(session, unit_id, Role.UNIT_MANAGER) if each != reader]
    told = {*hers, *([] if participant.protected else managers)} - {reader}
    colleague = session.get_one(User, reader).name
    for owner_id in sorted(told, key=str):
        add_task(
            session,
            actor,
            owner_id=owner_id,
            unit_id=unit_id,
            kind=TASK,
            about_type="participant",
            about_id=participant.id,
            due_on=today,
            words={"alias": participant.alias, "colleague": colleague},
            origin="rule:read_with_reason",
        )
    auditors = holders_of(session, unit_id, Role.AUDITOR)
    if not auditors and not managers:
        auditors = holders_of(session, unit_id, Role.ADMIN)
    for user_id in auditors:
        if user_id != reader:
            _write(session, session.get_one(User, user_id))


def _write(session: Session, user: User) -> None:
    # No recipient that preferences are asked of: nobody can say no to being told of this.
    queue_message(
        session,
        unit_id=user.unit_id,
        kind=LETTER,
        recipient=user.email,
        subject="Ett ärende läses med ett angivet skäl",
        body=(
            "Hej!\n\nEn chef har just öppnat ett ärende som inte är chefens eget, med ett "
            "angivet skäl. Vem, vilket och varför står i loggen.\n\n"
            "Granskaren hittar det under Granskning av loggen i matchsvc.\n"
        ),
        cause_id=user.id,
    )
