"""Who works in a unit and in which roles: invited, changed, ended at once, brought back.

An administrator keeps everybody of the unit; its manager keeps everybody but administrators and
auditors. Nobody changes her own roles or ends her own account, so that the last one stays.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit, second_factor
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import (
    ApiToken,
    LoginSession,
    Passkey,
    PasswordToken,
    Role,
    User,
    UserRole,
)
from matchsvc.accounts.rules import add_user, find_user_by_email, get_user, new_password_token
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, Refused, RuleViolation
from matchsvc.swedish import sort_key

KEEPERS = (Role.ADMIN, Role.UNIT_MANAGER)
#: Only an administrator gives these, takes them or touches who holds them.
GUARDED = frozenset({Role.ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff and when she was last here."""

    user: User
    last_seen: datetime | None

    @property
    def roles(self) -> frozenset[Role]:
        """Her roles."""
        return frozenset(held.role for held in self.user.roles)


def list_staff(session: Session, actor: Actor) -> list[Member]:
    """Everybody of the actor's unit, ended accounts last; logged. Three queries.

    Raises:
        Refused: the actor keeps no users.
    """
    actor.require_role(*KEEPERS)
    seen = dict(
        session.execute(
            select(LoginSession.user_id, func.max(LoginSession.last_seen_at))
            .join(User, User.id == LoginSession.user_id)
            .where(User.unit_id == actor.unit_id)
            .group_by(LoginSession.user_id)
        ).all()
    )
    users = session.scalars(
        select(User)
        .where(User.unit_id == actor.unit_id)
        .options(selectinload(User.roles))
        .order_by(User.is_active.desc(), User.sort_key, User.id)
    )
    audit.record(session, actor, "list", "user")
    return [Member(user, seen.get(user.id)) for user in users]


def get_member(
    session: Session, actor: Actor, user_id: UUID, *, for_update: bool = False
) -> Member:
    """One member of the actor's unit.

    Raises:
        Refused: the actor keeps no users.
        NotFound: nobody of the unit.
    """
    actor.require_role(*KEEPERS)
    found = select(User).where(User.id == user_id, User.unit_id == actor.unit_id)
    found = found.options(selectinload(User.roles))
    user = session.scalar(found.with_for_update(of=User) if for_update else found)
    if user is None:
        raise NotFound("user")
    seen = session.scalar(
        select(func.max(LoginSession.last_seen_at)).where(LoginSession.user_id == user.id)
    )
    return Member(user, seen)


def may_give(actor: Actor) -> list[Role]:
    """The roles that the actor may give and take."""
    return [role for role in Role if role not in GUARDED or actor.has_role(Role.ADMIN)]


def invite(
    session: Session,
    actor: Actor,
    *,
    email: str,
    name: str,
    roles: Collection[Role],
    now: datetime,
) -> tuple[User, str]:
    """Make an account and the one-time token with which its password is set.

    Raises:
        Refused: the actor keeps no users.
        Invalid: no name, no role, a role that is not the actor's to give, or a wrong address.
        RuleViolation: somebody has that address already.
    """
    actor.require_role(*KEEPERS)
    errors = _wrong_roles(actor, roles)
    if not name.strip():
        errors["name"] = N_("Skriv namnet som kollegor och arbetsgivare ser.")
    if errors:
        raise Invalid(errors)
    if find_user_by_email(session, email.strip().lower()) is not None:
        raise RuleViolation(
            "user_exists",
            N_("Det finns redan ett konto med den adressen."),
            fields={"email": N_("Det finns redan ett konto med den adressen.")},
        )
    by = session.get_one(User, actor.require_user())
    first, *others = sorted(set(roles))
    unit = get_user(session, by.id).unit
    user = add_user(session, actor, email=email, role=first, unit=unit, name=name.strip())
    user.roles += [UserRole(role=role) for role in others]
    session.flush()
    return user, new_password_token(session, user, now=now)


def _wrong_roles(actor: Actor, roles: Collection[Role]) -> dict[str, str]:
    if not roles:
        return {"roles": N_("Välj minst en roll.")}
    if not set(roles) <= set(may_give(actor)):
        return {"roles": N_("Bara en systemförvaltare kan ge den rollen.")}
    return {}


def change_member(
    session: Session,
    actor: Actor,
    user_id: UUID,
    *,
    name: str,
    roles: Collection[Role],
    version: int | None,
) -> User:
    """Change somebody's name and roles; it counts from her next request.

    Raises:
        Refused: the actor keeps no users, or the person is not the actor's to change.
        Invalid: no name, no role, or a role that is not the actor's to give.
        Conflict: she was saved since.
    """
    member = _changeable(session, actor, user_id)
    check_version(member.user, version)
    kept = member.roles - set(may_give(actor))
    errors = {} if kept and not roles else _wrong_roles(actor, roles)
    if not name.strip():
        errors["name"] = N_("Skriv namnet som kollegor och arbetsgivare ser.")
    if errors:
        raise Invalid(errors)
    wanted = kept | set(roles)
    user = member.user
    user.name, user.sort_key = name.strip(), sort_key(name.strip())
    user.roles = [held for held in user.roles if held.role in wanted]
    user.roles += [UserRole(role=role) for role in sorted(wanted - member.roles)]
    session.flush()
    audit.record(session, actor, "change", "user", user.id, fields=["name", "roles"])
    return user


def _changeable(session: Session, actor: Actor, user_id: UUID) -> Member:
    member = get_member(session, actor, user_id, for_update=True)
    if member.user.id == actor.user_id:
        raise RuleViolation(
            "own_account", N_("Du kan inte ändra ditt eget konto. Be en annan göra det.")
        )
    if member.roles & GUARDED and not actor.has_role(Role.ADMIN):
        raise Refused
    return member


def get_changeable(session: Session, actor: Actor, user_id: UUID) -> User:
    """An account of the unit, locked, that the actor may change.

    Raises:
        Refused: the actor keeps no users, or the person is not the actor's to change.
        NotFound: nobody of the unit.
        RuleViolation: it is the actor's own.
    """
    return _changeable(session, actor, user_id).user


def end_account(session: Session, actor: Actor, user_id: UUID, *, now: datetime) -> User:
    """End an account at once: every log-in, token and address stops working.

    What she answered for stays hers until it is handed over; managers see it there.

    Raises:
        Refused: the actor keeps no users, or the person is not the actor's to change.
        RuleViolation: it is the actor's own.
    """
    user = _changeable(session, actor, user_id).user
    if user.is_active:
        end_at_once(session, actor, user, now=now)
    return user


def end_at_once(session: Session, actor: Actor, user: User, *, now: datetime) -> None:
    """End an account with its log-ins, tokens and addresses; who may is the caller's to ask."""
    user.is_active = False
    session.execute(delete(Passkey).where(Passkey.user_id == user.id))
    second_factor.end_logins(session, user.id, now=now)
    session.execute(
        update(ApiToken)
        .where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    session.execute(
        update(PasswordToken)
        .where(PasswordToken.user_id == user.id, PasswordToken.used_at.is_(None))
        .values(used_at=now)
    )
    session.flush()
    audit.record(session, actor, "end", "user", user.id)


def bring_back(session: Session, actor: Actor, user_id: UUID, *, now: datetime) -> tuple[User, str]:
    """Open an ended account again, with a new password to be set.

    Raises:
        Refused: the actor keeps no users, or the person is not the actor's to change.
        RuleViolation: it is the actor's own.
    """
    user = _changeable(session, actor, user_id).user
    user.is_active, user.password_hash = True, None
    session.flush()
    audit.record(session, actor, "restore", "user", user.id)
    return user, new_password_token(session, user, now=now)


def new_password(
    session: Session, actor: Actor, user_id: UUID, *, now: datetime
) -> tuple[User, str]:
    """Give somebody a new one-time token for a password; the old one works until then.

    Raises:
        Refused: the actor keeps no users, or the person is not the actor's to change.
        RuleViolation: the account has ended.
    """
    user = _changeable(session, actor, user_id).user
    if not user.is_active:
        raise RuleViolation("account_ended", N_("Kontot är avslutat. Öppna det igen först."))
    audit.record(session, actor, "change", "user", user.id, fields=["password_token"])
    return user, new_password_token(session, user, now=now)


def reset_second_factor(session: Session, actor: Actor, user_id: UUID, *, now: datetime) -> User:
    """Take away the second factor of somebody whose phone is gone; all her log-ins end.

    Nobody sees it; she gets a new one when she next logs in. The caller tells her.

    Raises:
        Refused: the actor is no administrator.
        NotFound: nobody of the unit.
        RuleViolation: it is the actor's own, or there is none.
    """
    actor.require_role(Role.ADMIN)
    user = _changeable(session, actor, user_id).user
    second_factor.take_away(session, actor, user, now=now)
    return user
