"""Protected personal data: one person sets the mark at once, two lift it (LAW-10).

Why she is protected is never stored. Who may still see her: her case worker and her named
handlers; for everybody else she does not exist.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.participants.access import get_visible, involve, names_left_open
from matchsvc.participants.cases import latest_case
from matchsvc.participants.enrolment import erase_contact
from matchsvc.participants.models import Capacity, Case, CaseStep, Involvement, Participant
from matchsvc.participants.own import CHANGING, get_own
from matchsvc.workday.rules import add_task

#: Whoever works with her in any of these may set the mark.
WITH_THE_CASE = (*CHANGING, Capacity.SUPERVISOR, Capacity.PRACTICAL_SUPERVISOR)
HANDLING_ROLES = (Role.CASE_WORKER, Role.UNIT_MANAGER)


def protect(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    today: date,
    version: int | None = None,
) -> Participant:
    """Set the mark, alone and at once: ways to reach her are erased, handlers are named.

    Her name is sealed in the database with it (see ``_keep_the_name`` beside the table).

    Raises:
        Refused: the actor does not have the case.
        Conflict: she was saved since the page was shown.
    """
    participant = get_own(session, actor, key, today=today, capacities=WITH_THE_CASE)
    check_version(participant, version)
    erase_contact(session, participant)
    case = latest_case(session, participant, lock=True)
    all_steps = select(CaseStep).join(Case).where(Case.participant_id == participant.id)
    for step in session.scalars(all_steps):
        step.label = None  # a bar names a workplace
    for user_id in {actor.user_id, case.case_worker_id} - {None}:
        involve(session, actor, participant.id, user_id, Capacity.PROTECTED_HANDLER)  # type: ignore[arg-type]
    session.flush()
    audit.record(session, actor, "protect", "participant", participant.id)
    return participant


def add_handler(
    session: Session, actor: Actor, key: UUID | str, user_id: UUID, *, today: date
) -> Involvement:
    """Let one more person of the unit know of a protected participant.

    Raises:
        NotFound: for everybody but her handlers.
        RuleViolation: she is not protected.
        Invalid: not an active case worker or manager of the unit.
    """
    participant = _get_protected(session, actor, key, today=today)
    found = session.scalar(
        select(User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(
            User.id == user_id,
            User.unit_id == participant.unit_id,
            User.is_active,
            UserRole.role.in_(HANDLING_ROLES),
        )
    )
    if found is None:
        raise Invalid({"user_id": N_("Välj en handläggare eller chef i enheten.")})
    return involve(session, actor, participant.id, user_id, Capacity.PROTECTED_HANDLER)


def ask_to_lift(
    session: Session, actor: Actor, key: UUID | str, *, today: date, version: int | None = None
) -> Participant:
    """Ask for the mark to be lifted; another handler must confirm, and gets a task.

    Raises:
        NotFound: for everybody but her handlers.
        RuleViolation: she is not protected, or there is nobody else to confirm.
        Conflict: she was saved since the page was shown.
    """
    participant = _get_protected(session, actor, key, today=today)
    check_version(participant, version)
    others = [
        user_id
        for user_id in _handlers(session, participant.id, today=today)
        if user_id != actor.user_id
    ]
    if not others:
        raise RuleViolation(
            "second_person_missing",
            N_("Det krävs två för att häva skyddet. Utse först en person till."),
        )
    participant.lift_asked_by_id, participant.lift_asked_on = actor.require_user(), today
    for owner_id in others:
        add_task(
            session,
            actor,
            unit_id=participant.unit_id,
            owner_id=owner_id,
            kind="protection_lift",
            about_type="participant",
            about_id=participant.id,
            due_on=today,
            words={"alias": participant.alias},
            origin="ask_to_lift",
        )
    session.flush()
    audit.record(session, actor, "ask_to_lift", "participant", participant.id)
    return participant


def confirm_lift(
    session: Session, actor: Actor, key: UUID | str, *, today: date, version: int | None = None
) -> Participant:
    """Lift the mark that somebody else asked to have lifted. She gets her name back.

    Raises:
        NotFound: for everybody but her handlers.
        RuleViolation: nobody has asked, or the actor asked herself.
        Conflict: she was saved since the page was shown.
    """
    participant = _get_protected(session, actor, key, today=today)
    check_version(participant, version)
    if participant.lift_asked_by_id is None:
        raise RuleViolation("lift_not_asked", N_("Ingen har begärt att skyddet ska hävas."))
    if participant.lift_asked_by_id == actor.require_user():
        raise RuleViolation(
            "same_person", N_("En annan person än den som begärde det måste bekräfta.")
        )
    participant.protected = False
    participant.lift_asked_by_id = participant.lift_asked_on = None
    session.execute(
        delete(Involvement).where(
            Involvement.participant_id == participant.id,
            Involvement.capacity == Capacity.PROTECTED_HANDLER,
        )
    )
    session.flush()
    audit.record(session, actor, "lift_protection", "participant", participant.id)
    return participant


def refuse_lift(session: Session, actor: Actor, key: UUID | str, *, today: date) -> Participant:
    """Take back or turn down a wish to lift the mark; any handler may.

    Raises:
        NotFound: for everybody but her handlers.
        RuleViolation: she is not protected.
    """
    participant = _get_protected(session, actor, key, today=today)
    participant.lift_asked_by_id = participant.lift_asked_on = None
    session.flush()
    audit.record(session, actor, "refuse_lift", "participant", participant.id)
    return participant


def seal_names(session: Session) -> int:
    """Seal the names of protected people that were written before names were sealed.

    Returns: how many people's.
    """
    people = names_left_open(session)
    for participant in people:
        flag_modified(participant, "given_name")  # whoever is written is sealed: models.py
    session.flush()
    return len(people)


def list_handlers(session: Session, actor: Actor, key: UUID | str, *, today: date) -> list[User]:
    """Who may know of her, in Swedish order.

    Raises:
        NotFound: for everybody but them.
    """
    participant = get_visible(session, actor, key, today=today)
    found = select(User).where(User.id.in_(_handlers(session, participant.id, today=today)))
    return list(session.scalars(found.order_by(User.sort_key, User.id)))


def _get_protected(session: Session, actor: Actor, key: UUID | str, *, today: date) -> Participant:
    participant = get_own(session, actor, key, today=today)
    if not participant.protected:
        raise RuleViolation("not_protected", N_("Personuppgifterna är inte skyddade."))
    return participant


def _handlers(session: Session, participant_id: UUID, *, today: date) -> list[UUID]:
    return list(
        session.scalars(
            select(Involvement.user_id)
            .where(
                Involvement.participant_id == participant_id,
                Involvement.capacity.in_(CHANGING),
                or_(Involvement.until.is_(None), Involvement.until >= today),
            )
            .distinct()
        )
    )
