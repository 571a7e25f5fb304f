"""Who comes in by the municipality's log-in, and with which roles. No HTTP, no clock.

An administrator allows an account first; the first log-in with the account's verified address binds
it to issuer and subject, and from then on nothing else is asked (ASVS 6.8.1). Roles and unit follow
the provider's groups at every log-in; but a unit is never left without anybody who can mend its
groups. See docs/decisions/0017.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc import secrecy
from matchsvc.accounts import audit, second_factor
from matchsvc.accounts.actors import Actor, ActorKind
from matchsvc.accounts.models import (
    Role,
    SsoAnswer,
    SsoGroup,
    SsoIdentity,
    Unit,
    User,
    UserRole,
)
from matchsvc.accounts.oidc import Claims, Distrusted
from matchsvc.accounts.rules import actor_of, get_user
from matchsvc.accounts.settings import setting
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.jobs_runs import insert_once

#: How long an account that was allowed waits for its first log-in.
WAITS = timedelta(days=14)
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class State:
    """Whether an account may use the municipality's log-in, and whether it has."""

    allowed_at: datetime | None
    bound_at: datetime | None


def state_of(session: Session, user_id: UUID) -> State:
    """An account's state. One query."""
    row = session.get(SsoIdentity, user_id)
    return State(row.allowed_at, row.bound_at) if row else State(None, None)


def allow(session: Session, actor: Actor, user: User, *, now: datetime) -> None:
    """Let an account be bound at its next log-in; again begins its days anew.

    Args:
        session: a writing transaction.
        actor: an administrator, or a command.
        user: an account that the actor may change; that is the caller's to ask.
        now: when the days begin.

    Raises:
        Refused: the actor is no administrator.
        RuleViolation: the account has ended, or is bound already.
    """
    actor.require_role(Role.ADMIN)
    if not user.is_active:
        raise RuleViolation("account_ended", N_("Kontot är avslutat. Öppna det igen först."))
    insert_once(session, SsoIdentity, {"user_id": user.id, "allowed_at": now, "created_at": now})
    row = session.get_one(SsoIdentity, user.id, with_for_update=True)
    if row.bound_at is not None:
        raise RuleViolation("sso_bound", N_("Kontot är redan kopplat till kommunens inloggning."))
    row.allowed_at = now
    session.flush()
    audit.record(session, actor, "change", "user", user.id, fields=["sso"])


def forget(session: Session, actor: Actor, user: User, *, now: datetime) -> None:
    """Cut an account loose from the municipality's log-in, and end its log-ins.

    Raises:
        Refused: the actor is no administrator.
        RuleViolation: it was never allowed.
    """
    actor.require_role(Role.ADMIN)
    row = session.get(SsoIdentity, user.id)
    if row is None:
        raise RuleViolation("sso_off", N_("Kontot använder inte kommunens inloggning."))
    session.delete(row)
    second_factor.end_logins(session, user.id, now=now)
    session.flush()
    audit.record(session, actor, "change", "user", user.id, fields=["sso"])


def may_use_password(session: Session, user: User) -> bool:
    """Whether a password opens the account: not when it is bound, unless its unit says so.

    Who was taken out of a group must not come in another way with the roles that went.
    """
    is_bound = state_of(session, user.id).bound_at is not None
    return not is_bound or setting(session, user.unit_id, "sso_password") == "1"


def use_answer(session: Session, state: str, *, now: datetime) -> None:
    """Use up an answer of the provider.

    Raises:
        Distrusted: it was used before.
    """
    if not insert_once(
        session, SsoAnswer, {"state_hash": secrecy.hash_token(state), "used_at": now}
    ):
        raise Distrusted("answer_used")


def end_by_provider(
    session: Session, issuer: str, subject: str, number: str, *, now: datetime
) -> None:
    """End every log-in of somebody who logged out of the municipality's; unknown: nothing.

    Raises:
        Distrusted: the message came before.
    """
    use_answer(session, f"out:{number}", now=now)
    user_id = session.scalar(
        select(SsoIdentity.user_id).where(
            SsoIdentity.issuer == issuer, SsoIdentity.subject == subject
        )
    )
    if user_id is not None:
        second_factor.end_logins(session, user_id, now=now)
        actor = Actor(ActorKind.USER, f"user:{user_id}", user_id=user_id)
        audit.record(session, actor, "end", "login", user_id, reason="sso_logged_out")


def log_in(session: Session, said: Claims, *, now: datetime) -> User:
    """The account that the provider means, bound if it is the first time, with roles of its groups.

    Who is in no group that counts loses her roles and every log-in at once, and stays out; that is
    written, so the caller commits and then refuses. The only administrator of a unit stays one, in
    that unit: a group that was renamed would otherwise shut everybody out for good.

    Raises:
        Distrusted: no account is meant, or it has ended; nothing is written.
    """
    known = session.scalar(
        select(SsoIdentity.user_id).where(
            SsoIdentity.issuer == said.issuer, SsoIdentity.subject == said.subject
        )
    )
    user = get_user(session, known) if known else _bind(session, said, now=now)
    if not user.is_active:
        raise Distrusted("ended")
    wanted = _wanted(session, said.groups, user.unit_id)
    if wanted is None and known is None:  # a first try must take nothing from anybody
        raise Distrusted("no_group")
    _give(session, user, wanted, now=now)
    return user


def is_accepted_twice(session: Session, user: User, said: Claims) -> bool:
    """Whether what the provider asked for counts as the second factor too."""
    return said.second_factor and setting(session, user.unit_id, "sso_second_factor") == "1"


def is_hers(session: Session, user_id: UUID, said: Claims) -> bool:
    """Whether the provider means this account."""
    row = session.get(SsoIdentity, user_id)
    return row is not None and (row.issuer, row.subject) == (said.issuer, said.subject)


def _bind(session: Session, said: Claims, *, now: datetime) -> User:
    if said.email is None:
        raise Distrusted("address_not_verified")
    row = session.scalar(
        select(SsoIdentity)
        .join(User, User.id == SsoIdentity.user_id)
        .where(User.email == said.email, User.is_active, SsoIdentity.bound_at.is_(None))
        .with_for_update(of=SsoIdentity)
    )
    if row is None or now - row.allowed_at > WAITS:
        raise Distrusted("not_allowed")
    row.issuer, row.subject, row.bound_at = said.issuer, said.subject, now
    session.flush()
    audit.record(
        session, actor_of(session, row.user_id), "change", "user", row.user_id, fields=["sso"]
    )
    return get_user(session, row.user_id)


def _wanted(
    session: Session, groups: frozenset[str], present: UUID
) -> tuple[UUID, frozenset[Role]] | None:
    """Unit and roles of the groups; None when none counts, or they name several other units."""
    rows = session.execute(
        select(SsoGroup.unit_id, SsoGroup.role)
        .join(Unit, Unit.id == SsoGroup.unit_id)
        .where(SsoGroup.name.in_(sorted(groups)), Unit.is_active)
    ).all()
    units = {unit_id for unit_id, _role in rows}
    if present in units:
        chosen = present
    elif len(units) == 1:
        chosen = units.pop()
    else:
        return None
    return chosen, frozenset(role for unit_id, role in rows if unit_id == chosen)


def _give(
    session: Session, user: User, wanted: tuple[UUID, frozenset[Role]] | None, *, now: datetime
) -> None:
    unit_id, roles = wanted or (user.unit_id, frozenset())
    held = frozenset(each.role for each in user.roles)
    would_lose = Role.ADMIN in held and (unit_id != user.unit_id or Role.ADMIN not in roles)
    if would_lose and _is_only_administrator(session, user):
        roles = frozenset({Role.ADMIN}) | (roles if unit_id == user.unit_id else frozenset())
        unit_id = user.unit_id
        _tell_of_kept(session, user, now=now)
    if user.unit_id != unit_id or held != roles:
        user.unit_id = unit_id
        user.roles = [each for each in user.roles if each.role in roles]
        user.roles += [UserRole(role=role) for role in sorted(roles - held)]
        session.flush()
        audit.record(
            session,
            actor_of(session, user.id),
            "change",
            "user",
            user.id,
            fields=["roles", "unit_id"],
            reason="sso_groups",
        )
    if not roles:
        second_factor.end_logins(session, user.id, now=now)


def _is_only_administrator(session: Session, user: User) -> bool:
    """Whether no other open account of the unit has the role; locked: two cannot both lose it."""
    others = session.scalars(
        select(User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(User.unit_id == user.unit_id, User.is_active, UserRole.role == Role.ADMIN)
        .order_by(User.id)
        .with_for_update(of=User)
    ).all()
    return set(others) <= {user.id}


def _tell_of_kept(session: Session, user: User, *, now: datetime) -> None:
    actor = actor_of(session, user.id)
    audit.record(session, actor, "change", "user", user.id, reason="sso_only_admin")
    for follow in _when_kept:
        follow(session, actor, user, now)


#: What follows when a unit's only administrator stays one although no group says so.
_when_kept: list[Callable[[Session, Actor, User, datetime], None]] = []


def when_kept(follow: Callable[[Session, Actor, User, datetime], None]) -> None:
    """Let a package above follow in the same transaction."""
    _when_kept.append(follow)


def list_groups(session: Session, actor: Actor) -> list[SsoGroup]:
    """The groups that give a role in the actor's unit, in order. One query.

    Raises:
        Refused: the actor is no administrator.
    """
    actor.require_role(Role.ADMIN)
    rows = select(SsoGroup).where(SsoGroup.unit_id == actor.unit_id)
    return list(session.scalars(rows.order_by(SsoGroup.name, SsoGroup.role)))


def add_group(session: Session, actor: Actor, *, name: str, role: Role, now: datetime) -> SsoGroup:
    """Let members of a group have a role in the actor's own unit, from their next log-in.

    In no other: with a group of her own she would let herself into what is another unit's.

    Raises:
        Refused: the actor is no administrator of a unit.
        Invalid: no name.
        RuleViolation: the line is there.
    """
    actor.require_role(Role.ADMIN)
    by = session.get_one(User, actor.require_user())
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise Invalid(
            {"name": N_("Skriv gruppens namn eller id som kommunens inloggning skickar det.")}
        )
    same = select(SsoGroup.id).where(
        SsoGroup.name == name.strip(), SsoGroup.unit_id == by.unit_id, SsoGroup.role == role
    )
    if session.scalar(same) is not None:
        raise RuleViolation("sso_group_exists", N_("Den raden finns redan."))
    made = SsoGroup(name=name.strip(), unit_id=by.unit_id, role=role, created_at=now)
    session.add(made)
    session.flush()
    audit.record(session, actor, "create", "sso_group", made.id)
    return made


def remove_group(session: Session, actor: Actor, group_id: UUID) -> None:
    """Take a line of the actor's unit away; the role goes at the next log-in.

    Raises:
        Refused: the actor is no administrator.
        NotFound: there is no such line.
    """
    actor.require_role(Role.ADMIN)
    row = session.scalar(
        select(SsoGroup).where(SsoGroup.id == group_id, SsoGroup.unit_id == actor.unit_id)
    )
    if row is None:
        raise NotFound("sso_group")
    session.delete(row)
    session.flush()
    audit.record(session, actor, "delete", "sso_group", group_id)
