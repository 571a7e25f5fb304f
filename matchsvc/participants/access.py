"""Who may see which participant, and how much: the one query everything goes through.

Every list, search, count, export, report and job of participants starts from
:func:`visible_participants` (a house-rule test forbids any other way to select them). A protected
person exists only for her named handlers; unknown, hidden and protected give the same answer.

How much (contract.md section 5): her own workers see all of her (``FULL``); the rest of the unit
sees her alias and what matching needs (``ALIAS``); nobody else sees that she exists.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import (
    Select,
    String,
    and_,
    false,
    func,
    not_,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import ColumnElement

from matchsvc import db, secrecy
from matchsvc.accounts import audit, authority
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.authority_shapes import Scope
from matchsvc.accounts.models import Role
from matchsvc.errors import NotFound, Refused, RuleViolation
from matchsvc.participants.models import Capacity, Involvement, Participant
from matchsvc.participants.reason_alerts import tell_of_reading
from matchsvc.workday.archivable import stands

#: Roles that know the unit's participants by alias.
ALIAS_ROLES = authority.roles_in(Scope.UNIT)
#: Capacities that see all of a participant.
FULL_CAPACITIES = (
    Capacity.CASE_WORKER,
    Capacity.PROTECTED_HANDLER,
    Capacity.READING_WITH_REASON,
)


class Sight(enum.IntEnum):
    """How much of a participant somebody sees."""

    ALIAS = 1  # alias, competences, needs, wishes by concept: what matching needs
    WORKPLACE = 2  # a supervisor's own participants: name, schedule, tasks, accommodations
    FULL = 3  # her own case worker


#: Whose the participant is, in the table of authority, to whoever has this sight.
SCOPES = {
    Sight.ALIAS: Scope.UNIT,
    Sight.WORKPLACE: Scope.OWN_WORKPLACE,
    Sight.FULL: Scope.OWN_CASE,
}


def visible_participants(
    session: Session, actor: Actor, *, today: date | None = None
) -> Select[Participant]:
    """The participants that exist for this actor, to be narrowed and ordered by the caller.

    Args:
        session: only to keep the signature of everything that reads.
        actor: who asks.
        today: an involvement that ended before this day no longer counts; None looks at no day.
    """
    del session
    return select(Participant).where(is_visible_to(actor, today=today))


def is_visible_to(actor: Actor, *, today: date | None = None) -> ColumnElement[bool]:
    """The condition of :func:`visible_participants`, for joins and counts."""
    return and_(stands(Participant), is_within_reach(actor, today=today))


def led_participants(actor: Actor, *, today: date | None = None) -> Select[Participant]:
    """Whom the leader of a group may know of in it: also those she does not work with otherwise.

    For the members of a group that the actor leads, and for nothing else. Protected people are
    there for their handlers alone, as everywhere.
    """
    in_unit = and_(
        stands(Participant),
        Participant.unit_id == actor.unit_id,
        Participant.protected.is_(False),
    )
    return select(Participant).where(or_(is_visible_to(actor, today=today), in_unit))


def is_within_reach(actor: Actor, *, today: date | None = None) -> ColumnElement[bool]:
    """Whom the actor may know of, archived or not. Only for the list of what is archived."""
    if actor.is_system:
        return Participant.protected.is_(False)
    if actor.user_id is None or actor.unit_id is None:
        return false()
    mine = _involved(actor.user_id, today)
    handled = _involved(actor.user_id, today, Capacity.CASE_WORKER, Capacity.PROTECTED_HANDLER)
    in_unit = Participant.unit_id == actor.unit_id
    reach: ColumnElement[bool] = (
        true() if actor.has_role(*ALIAS_ROLES) else Participant.id.in_(mine)
    )
    return and_(
        in_unit,
        or_(
            and_(Participant.protected.is_(False), reach),
            and_(Participant.protected.is_(True), Participant.id.in_(handled)),
        ),
    )


def archived_participants(actor: Actor, *, today: date | None = None) -> Select[Participant]:
    """Those archived as entered by mistake whom the actor may know of."""
    return select(Participant).where(
        Participant.archived_at.is_not(None),
        Participant.restricted_since.is_(None),
        Participant.merged_into_id.is_(None),
        is_within_reach(actor, today=today),
    )


def participants_to_delete(actor: Actor, *, today: date | None = None) -> Select[Participant]:
    """Those of whom the actor may know that their records are due, also archived ones.

    For retention alone. A protected person is there for her handlers, as everywhere.
    """
    return select(Participant).where(
        Participant.merged_into_id.is_(None), is_within_reach(actor, today=today)
    )


def find_to_delete(
    session: Session, actor: Actor, key: UUID | str, *, today: date | None = None
) -> Participant | None:
    """One of :func:`participants_to_delete` by id, external id or alias, or None."""
    found = participants_to_delete(actor, today=today).where(_is_called(key, Participant))
    return session.scalars(found).unique().first()


def _involved(user_id: UUID, today: date | None, *capacities: Capacity) -> Select[UUID]:
    found = select(Involvement.participant_id).where(Involvement.user_id == user_id)
    if capacities:
        found = found.where(Involvement.capacity.in_(capacities))
    if today is not None:
        found = found.where(or_(Involvement.until.is_(None), Involvement.until >= today))
    return found


def get_visible(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    today: date | None = None,
    for_update: bool = False,
    options: Collection[object] = (),
) -> Participant:
    """One participant by id, external id or alias; what named a merged row leads to who stands.

    Raises:
        NotFound: unknown, hidden or protected: the same answer.
    """
    found = visible_participants(session, actor, today=today).options(*options)  # type: ignore[arg-type]
    if for_update:
        found = found.with_for_update(of=Participant)
    participant = session.scalars(found.where(_is_called(key, Participant))).unique().first()
    if participant is None:
        merged = found.where(Participant.id.in_(_merged_called(key)))
        participant = session.scalars(merged).unique().first()
    if participant is None:
        raise NotFound("participant")
    return participant


def restricted_participants(actor: Actor, *, today: date) -> Select[Participant]:
    """Those of whom what is kept is stored and nothing more, for their own handlers alone.

    Only for the law's own questions: what is kept, what she asked for, and lifting it.
    """
    if actor.user_id is None or actor.unit_id is None:
        return select(Participant).where(false())
    handled = _involved(actor.user_id, today, Capacity.CASE_WORKER, Capacity.PROTECTED_HANDLER)
    return select(Participant).where(
        Participant.restricted_since.is_not(None),
        Participant.archived_at.is_(None),
        Participant.merged_into_id.is_(None),
        Participant.unit_id == actor.unit_id,
        Participant.id.in_(handled),
    )


def get_restricted(
    session: Session, actor: Actor, key: UUID | str, *, today: date, for_update: bool = False
) -> Participant:
    """One of :func:`restricted_participants` by id, external id or alias.

    Raises:
        NotFound: unknown, hidden, or not restricted: the same answer.
    """
    found = restricted_participants(actor, today=today).where(_is_called(key, Participant))
    if for_update:
        found = found.with_for_update(of=Participant)
    participant = session.scalars(found).first()
    if participant is None:
        raise NotFound("participant")
    return participant


def _merged_called(key: UUID | str) -> Select[UUID | None]:
    gone = db.twin(Participant)
    return select(gone.merged_into_id).where(
        gone.merged_into_id.is_not(None), _is_called(key, gone)
    )


def survivors_called(external_id: str, number: int | None) -> Select[UUID | None]:
    """Ids of those into whom somebody of that external id or alias number was merged."""
    gone = db.twin(Participant)
    called = func.lower(gone.external_id) == external_id.lower()
    if number is not None:
        called = or_(called, gone.number == number)
    return select(gone.merged_into_id).where(gone.merged_into_id.is_not(None), called)


def keys_that_moved(
    session: Session, unit_id: UUID, external_ids: Collection[str]
) -> dict[str, str]:
    """Of these external ids those of rows merged away, with the id of the row that stands now.

    It says nothing of whether the actor may know either: whoever asks goes on as if the second had
    been written.
    """
    gone, stands = db.twin(Participant), aliased(Participant)
    rows = session.execute(
        select(gone.external_id, stands.external_id)
        .join(stands, stands.id == gone.merged_into_id)
        .where(gone.unit_id == unit_id, gone.external_id.in_(external_ids))
    )
    return {old: new for old, new in rows}  # noqa: C416 - a result is no mapping


def _is_called(key: UUID | str, who: type[Participant]) -> ColumnElement[bool]:
    if isinstance(key, UUID):
        return who.id == key
    try:
        return who.id == UUID(key)
    except ValueError:
        pass
    if "\x00" in key:
        return false()  # PostgreSQL refuses to look it up
    by_id: ColumnElement[bool] = who.external_id == key
    number = key.removeprefix("D-")
    if key.startswith("D-") and number.isascii() and number.isdigit() and len(number) < 10:  # noqa: PLR2004
        return or_(by_id, who.number == int(number))
    return by_id


def sight_of(
    session: Session, actor: Actor, participant_ids: Collection[UUID], *, today: date
) -> dict[UUID, Sight]:
    """How much of each of these (already visible) participants the actor sees. One query."""
    if actor.is_system:
        return dict.fromkeys(participant_ids, Sight.FULL)
    if actor.user_id is None:
        return {}
    sights = dict.fromkeys(participant_ids, Sight.ALIAS)
    rows = session.execute(
        select(Involvement.participant_id, Involvement.capacity).where(
            Involvement.user_id == actor.user_id,
            Involvement.participant_id.in_(participant_ids),
            or_(Involvement.until.is_(None), Involvement.until >= today),
        )
    )
    for participant_id, capacity in rows:
        sight = Sight.ALIAS
        if capacity in FULL_CAPACITIES:
            sight = Sight.FULL
        elif capacity is Capacity.SUPERVISOR:
            sight = Sight.WORKPLACE
        sights[participant_id] = max(sights[participant_id], sight)
    return sights


def require_sight(
    session: Session, actor: Actor, participant: Participant, least: Sight, *, today: date
) -> None:
    """Refuse an actor who sees less of the participant than this.

    Raises:
        Refused: known by alias, but not the actor's own.
    """
    held = sight_of(session, actor, [participant.id], today=today).get(participant.id)
    if held is None or held < least:
        raise Refused


def shown_name(participant: Participant, sight: Sight) -> str:
    """Her name to her own workers; her alias to everybody else. Protected: always the alias."""
    is_named = authority.may_see("name", SCOPES[sight], protected=participant.protected)
    return participant.full_name if is_named else participant.alias


def name_to_leader(participant: Participant) -> str:
    """Her name to who leads a group that she is in and calls the roll. Protected: the alias."""
    return shown_name(participant, Sight.WORKPLACE)


def guarded_from(session: Session, user_id: UUID, participant_ids: Collection[UUID]) -> set[UUID]:
    """Those of some people who are protected and whom a user does not handle. Asks no right."""
    handled = select(Involvement.participant_id).where(
        Involvement.user_id == user_id,
        Involvement.capacity.in_((Capacity.CASE_WORKER, Capacity.PROTECTED_HANDLER)),
    )
    found = select(Participant.id).where(
        Participant.id.in_(participant_ids),
        Participant.protected.is_(True),
        Participant.id.not_in(handled),
    )
    return set(session.scalars(found))


def involve(
    session: Session,
    actor: Actor,
    participant_id: UUID,
    user_id: UUID,
    capacity: Capacity,
    *,
    until: date | None = None,
    reason: str | None = None,
) -> Involvement:
    """Let a member of staff work with a participant; again only changes the last day."""
    known = session.scalar(
        select(Involvement).where(
            Involvement.participant_id == participant_id,
            Involvement.user_id == user_id,
            Involvement.capacity == capacity,
        )
    )
    if known is None:
        known = Involvement(participant_id=participant_id, user_id=user_id, capacity=capacity)
        session.add(known)
    known.until, known.reason = until, reason
    session.flush()
    audit.record(
        session, actor, "involve", "participant", participant_id, fields=[capacity], reason=reason
    )
    return known


def read_with_reason(
    session: Session, actor: Actor, participant: Participant, *, reason: str, today: date
) -> None:
    """Let a unit manager read a case until the end of the day, with a logged reason.

    Her workers, the other managers and the auditors are told at once, once a day.

    Raises:
        Refused: the actor is not a manager.
        RuleViolation: no reason was given.
    """
    actor.require_role(Role.UNIT_MANAGER)
    if not reason.strip():
        raise RuleViolation("reason_missing", "Skriv varför du behöver läsa ärendet.")
    mine = Involvement.user_id == actor.require_user()
    is_told = session.scalar(
        select(Involvement.id).where(
            mine,
            Involvement.participant_id == participant.id,
            Involvement.capacity == Capacity.READING_WITH_REASON,
            Involvement.until == today,
        )
    )
    if is_told is None:
        tell_of_reading(session, actor, participant, today=today)
    involve(
        session,
        actor,
        participant.id,
        actor.require_user(),
        Capacity.READING_WITH_REASON,
        until=today,
        reason=reason.strip(),
    )


def hidden_identity_hit(
    session: Session, actor: Actor, personal_id_index: str
) -> Participant | None:
    """The protected participant with this identity number whom the actor may not know of.

    For registrations and imports only: the caller answers as to any accepted entry, changes
    nothing and tells her handlers.
    """
    found = session.scalar(
        select(Participant).where(
            Participant.personal_id_index == personal_id_index,
            or_(Participant.protected.is_(True), Participant.restricted_since.is_not(None)),
        )
    )
    if found is None:
        return None
    is_known = session.scalar(
        visible_participants(session, actor).where(Participant.id == found.id).limit(1)
    )
    return None if is_known is not None else found


def hidden_among(
    session: Session,
    actor: Actor,
    *,
    unit_id: UUID,
    external_ids: Collection[str],
    personal_id_indexes: Collection[str],
    today: date | None = None,
) -> list[Participant]:
    """Those whom rows of a file hit although the actor may not know of them.

    For imports only, as :func:`hidden_identity_hit` is for one: the caller answers as to any
    accepted entry, changes nothing and tells her handlers.
    """
    hidden = select(Participant).where(not_(is_visible_to(actor, today=today)))
    # Two questions, each answered by an index; one with "or" would read the whole table.
    found = [
        *session.scalars(
            hidden.where(Participant.unit_id == unit_id, Participant.external_id.in_(external_ids))
        ),
        *session.scalars(hidden.where(Participant.personal_id_index.in_(personal_id_indexes))),
    ]
    return list(dict.fromkeys(found))


def everybody_among(session: Session, ids: Collection[UUID]) -> list[Participant]:
    """Participants by id, protected ones too.

    Only for deciding what may travel to whom when something about them changes: never shown.
    """
    return list(session.scalars(select(Participant).where(Participant.id.in_(ids))))


def protected_of(session: Session, unit_id: UUID) -> set[UUID]:
    """Ids of a unit's protected people. Only for drawing samples of the log: never shown."""
    found = select(Participant.id).where(
        Participant.protected.is_(True), Participant.unit_id == unit_id
    )
    return set(session.scalars(found))


def aliases_to_check(session: Session, actor: Actor, ids: Collection[UUID]) -> dict[UUID, str]:
    """Aliases of those of the actor's unit whose openings are checked. Only for checks of the log.

    An auditor knows nobody, and has to say which record a colleague is asked about. Of protected
    people nothing is told.
    """
    found = select(Participant).where(
        stands(Participant),
        Participant.unit_id == actor.unit_id,
        Participant.protected.is_(False),
        Participant.id.in_(ids),
    )
    return {person.id: person.alias for person in session.scalars(found)}


def names_left_open(session: Session) -> Sequence[Participant]:
    """Protected people whose names stand as they are in the database. Only to seal them."""
    names = (Participant.given_name, Participant.family_name)
    is_open = (
        func.substr(type_coerce(name, String), 1, len(secrecy.SEALED)) != secrecy.SEALED
        for name in names
    )
    found = select(Participant).where(Participant.protected.is_(True), or_(*is_open))
    return session.scalars(found.with_for_update()).unique().all()


def names_like(session: Session, patterns: Collection[str]) -> set[str]:
    """Names of participants, all units' and protected ones too, that may hold some words.

    Only for keeping names out of what is shared (shared_words.py): never shown, never told on.

    Args:
        session: any transaction.
        patterns: LIKE patterns for sort keys.
    """
    like = or_(*(Participant.sort_key.like(pattern) for pattern in patterns))
    found = session.execute(
        select(Participant.given_name, Participant.family_name).where(
            or_(like, Participant.protected.is_(True))
        )
    )
    return {" ".join(filter(None, names)) for names in found}
