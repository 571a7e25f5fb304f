"""Units, users, passwords, log-in sessions and tokens. No HTTP, no commit, no clock."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from matchsvc import secrecy
from matchsvc.accounts import audit, passwords
from matchsvc.accounts.actors import Actor, ActorKind
from matchsvc.accounts.models import (
    ApiToken,
    Area,
    Attempt,
    LoginSession,
    PasswordToken,
    Role,
    Setting,
    Unit,
    User,
    UserRole,
)
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.jobs_runs import insert_once
from matchsvc.swedish import sort_key

INACTIVITY = timedelta(hours=1)  # ASVS 7.3.1
ABSOLUTE = timedelta(hours=12)  # ASVS 7.3.2
CONFIRMED_FOR = timedelta(minutes=10)  # ASVS 7.5.3
SET_PASSWORD_DAYS = 7
PASSWORD_MIN = 12
MAX_ATTEMPTS = 10
ATTEMPT_WINDOW = timedelta(minutes=15)
DEFAULT_UNIT = "Arbetsmarknadsenheten"
_TOKEN_BYTES = 32
_SEEN_EVERY = timedelta(minutes=1)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's argon2id


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return hash_slowly(secrets.token_hex())


def hash_slowly(secret: str) -> str:
    """The argon2id hash of a password or code, with a salt of its own. Takes some 20 ms."""
    return _hasher().hash(secret)


def is_hash_of(stored: str, secret: str) -> bool:
    """Whether an argon2id hash was made from the secret."""
    try:
        return _hasher().verify(stored, secret)
    except (Argon2Error, InvalidHashError):
        return False


def ensure_default_unit(session: Session) -> Unit:
    """The unit of an installation that has not made its own; created when there is none."""
    unit = session.scalar(select(Unit).order_by(Unit.sort_key).limit(1))
    if unit is None:
        unit = Unit(name=DEFAULT_UNIT, sort_key=sort_key(DEFAULT_UNIT))
        session.add(unit)
        session.flush()
    return unit


def find_unit(session: Session, name: str | None) -> Unit | None:
    """The unit of that name, or the only one when no name is given."""
    if name:
        return session.scalar(select(Unit).where(Unit.sort_key == sort_key(name.strip())))
    units = list(session.scalars(select(Unit).limit(2)))
    return units[0] if len(units) == 1 else None


def has_users(session: Session) -> bool:
    """Whether anybody has an account yet."""
    return session.scalar(select(User.id).limit(1)) is not None


def list_areas(session: Session, unit_id: UUID) -> list[Area]:
    """The unit's areas in Swedish order."""
    return list(
        session.scalars(select(Area).where(Area.unit_id == unit_id).order_by(Area.sort_key))
    )


def add_area(session: Session, unit_id: UUID, name: str) -> Area:
    """Put an area on the unit's list; the same name again gives the one there is."""
    key = sort_key(name.strip())
    known = session.scalar(select(Area).where(Area.unit_id == unit_id, Area.sort_key == key))
    if known is not None:
        return known
    area = Area(unit_id=unit_id, name=name.strip(), sort_key=key)
    session.add(area)
    session.flush()
    return area


def find_user_by_email(session: Session, email: str) -> User | None:
    """The user with that address, in any case."""
    return session.scalar(
        select(User)
        .where(User.email == email.strip().lower())
        .options(selectinload(User.roles), joinedload(User.unit))
    )


def get_user(session: Session, user_id: UUID) -> User:
    """One user with roles and unit.

    Raises:
        NotFound: there is none.
    """
    user = session.scalar(
        select(User)
        .where(User.id == user_id)
        .options(selectinload(User.roles), joinedload(User.unit))
    )
    if user is None:
        raise NotFound("user")
    return user


def names_of(session: Session, user_ids: Collection[UUID | None]) -> dict[UUID | None, str]:
    """Names of members of staff by id. One query."""
    wanted = {user_id for user_id in user_ids if user_id is not None}
    found = session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    return {user_id: name for user_id, name in found}  # noqa: C416 - rows are not tuples to mypy


def list_users(session: Session, unit_id: UUID | None, *roles: Role) -> list[User]:
    """Active users of a unit, optionally only those with one of the roles, in Swedish order."""
    found = select(User).where(User.is_active).order_by(User.sort_key)
    if unit_id is not None:
        found = found.where(User.unit_id == unit_id)
    if roles:
        found = found.where(User.id.in_(select(UserRole.user_id).where(UserRole.role.in_(roles))))
    return list(session.scalars(found.options(selectinload(User.roles))))


def add_user(
    session: Session,
    actor: Actor,
    *,
    email: str,
    role: Role,
    unit: Unit,
    name: str | None = None,
    phone: str | None = None,
) -> User:
    """Create a user, or give one that exists another role.

    Raises:
        Invalid: the address is not one.
        RuleViolation: the user belongs to another unit.
    """
    address = email.strip().lower()
    local, at, host = address.partition("@")
    if not (local and at and host) or " " in address:
        raise Invalid({"email": N_("Skriv en e-postadress, till exempel maja@kommunen.se.")})
    user = find_user_by_email(session, address)
    if user is None:
        shown = name or local.replace(".", " ").title()
        user = User(
            email=address, name=shown, sort_key=sort_key(shown), unit_id=unit.id, phone=phone
        )
        user.roles = [UserRole(role=role)]
        session.add(user)
    elif user.unit_id != unit.id:
        raise RuleViolation("other_unit", N_("Användaren finns redan i en annan enhet."))
    elif role not in {held.role for held in user.roles}:
        user.roles.append(UserRole(role=role))
    session.flush()
    audit.record(session, actor, "change", "user", user.id, fields=["role"])
    return user


def new_password_token(session: Session, user: User, *, now: datetime) -> str:
    """Make the one-time token with which the user sets a password."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        PasswordToken(
            token_hash=secrecy.hash_token(token),
            user_id=user.id,
            expires_at=now + timedelta(days=SET_PASSWORD_DAYS),
        )
    )
    return token


def find_password_token(session: Session, token: str, *, now: datetime) -> PasswordToken | None:
    """The unused, unexpired token, or None."""
    found = session.scalar(
        select(PasswordToken).where(PasswordToken.token_hash == secrecy.hash_token(token))
    )
    if found is None or found.used_at or found.expires_at <= now:
        return None
    return found


def use_password_token(session: Session, token: str, password: str, *, now: datetime) -> User:
    """Set the password that the token allows; the token and all log-ins end.

    Raises:
        NotFound: the token is unknown, used or too old.
        Invalid: the password is too short.
    """
    found = find_password_token(session, token, now=now)
    if found is None:
        raise NotFound("password_token")
    user = get_user(session, found.user_id)
    set_password(user, password)
    found.used_at = now
    for login in session.scalars(
        select(LoginSession).where(LoginSession.user_id == user.id, LoginSession.ended_at.is_(None))
    ):
        login.ended_at = now
    audit.record(session, _as_actor(user, None), "change", "user", user.id, fields=["password"])
    return user


def set_password(user: User, password: str) -> None:
    """Hash and keep a password.

    Raises:
        Invalid: it is too short, or among the first that anybody would guess.
    """
    if len(password) < PASSWORD_MIN:
        raise Invalid({"password": N_("Välj ett lösenord med minst 12 tecken.")})
    if passwords.is_easily_guessed(password, about=(user.name, user.email)):
        raise Invalid({"password": passwords.EASY})
    user.password_hash = hash_slowly(password)


def count_attempt(session: Session, what: str, *, now: datetime, most: int = MAX_ATTEMPTS) -> bool:
    """Count a try and tell whether there may be one more.

    Args:
        session: a writing transaction.
        what: for example ``login:<address>``; only a keyed hash of it is stored.
        now: the instant of the try.
        most: how many there may be in a quarter of an hour.
    """
    key = secrecy.blind_index(what, "attempt")
    insert_once(session, Attempt, {"key": key, "window_started_at": now, "count": 0})
    attempt = session.get_one(Attempt, key, with_for_update=True)
    if now - attempt.window_started_at > ATTEMPT_WINDOW:
        attempt.window_started_at, attempt.count = now, 0
    attempt.count += 1
    return attempt.count <= most


def check_password(user: User | None, password: str) -> bool:
    """Whether the password is the user's; takes as long when there is no such user."""
    nobodys = _nobodys_hash()  # asked for in any case: the first time it takes as long as a check
    stored = user.password_hash if user and user.password_hash else None
    is_right = is_hash_of(stored or nobodys, password)
    return is_right and user is not None and stored is not None and user.is_active


def note_failed_login(session: Session, user: User | None, what: str) -> None:
    """Log that a password or a code was wrong: one row, whether the address is known or not.

    Args:
        session: a writing transaction.
        user: whose it was; None for an address that nobody has.
        what: ``password``, ``code`` or ``recovery_code``.
    """
    actor = _as_actor(user, None) if user else Actor(ActorKind.USER, "user:unknown")
    audit.record(session, actor, "refused", "login", user.id if user else None, reason=what)


def start_login(session: Session, user: User, *, now: datetime) -> str:
    """Begin a log-in session; give back its token, which is stored only as a hash."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        LoginSession(
            token_hash=secrecy.hash_token(token),
            user_id=user.id,
            last_seen_at=now,
            confirmed_at=now,
        )
    )
    audit.record(session, _as_actor(user, None), "login", "user", user.id)
    return token


def end_login(session: Session, token: str, *, now: datetime) -> None:
    """End a log-in session, if it is one."""
    login = _find_login(session, token)
    if login is not None and login.ended_at is None:
        login.ended_at = now
        user = get_user(session, login.user_id)
        audit.record(session, _as_actor(user, None), "logout", "user", user.id)


def is_confirmed(session: Session, token: str, *, now: datetime) -> bool:
    """Whether who sits there has proved to be herself in the last ten minutes (ASVS 7.5.3)."""
    login = _find_login(session, token)
    return (
        login is not None
        and login.confirmed_at is not None
        and now - login.confirmed_at <= CONFIRMED_FOR
    )


def mark_confirmed(session: Session, token: str, *, now: datetime) -> None:
    """Note that she has proved to be herself; logged."""
    login = _find_login(session, token)
    if login is not None and login.ended_at is None:
        login.confirmed_at = now
        user = get_user(session, login.user_id)
        audit.record(session, _as_actor(user, None), "confirm", "user", user.id)


def _find_login(session: Session, token: str) -> LoginSession | None:
    return session.scalar(
        select(LoginSession).where(LoginSession.token_hash == secrecy.hash_token(token))
    )


def find_actor_by_login(
    session: Session, token: str, *, now: datetime, request_id: str | None
) -> Actor | None:
    """The user behind a log-in session that is still alive, or None. Two queries."""
    login = _find_login(session, token)
    if (
        login is None
        or login.ended_at is not None
        or now - login.last_seen_at > INACTIVITY
        or now - login.created_at > ABSOLUTE
    ):
        return None
    return _find_actor(session, login.user_id, request_id)


def is_due_to_be_seen(session: Session, token: str, *, now: datetime) -> bool:
    """Whether the session's last-seen instant is old enough to be worth a write."""
    login = _find_login(session, token)
    return login is not None and now - login.last_seen_at > _SEEN_EVERY


def mark_seen(session: Session, token: str, *, now: datetime) -> None:
    """Note that the session is in use."""
    login = _find_login(session, token)
    if login is not None:
        login.last_seen_at = now


def find_actor_by_token(
    session: Session, token: str, *, now: datetime, request_id: str | None
) -> Actor | None:
    """The user behind an API token that is still valid, or None."""
    found = session.scalar(select(ApiToken).where(ApiToken.token_hash == secrecy.hash_token(token)))
    if found is None or found.revoked_at is not None or found.expires_at <= now:
        return None
    return _find_actor(session, found.user_id, request_id)


def new_api_token(session: Session, actor: Actor, user: User, *, days: int, now: datetime) -> str:
    """Make an API token with the user's rights."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        ApiToken(
            token_hash=secrecy.hash_token(token),
            user_id=user.id,
            expires_at=now + timedelta(days=days),
        )
    )
    audit.record(session, actor, "create", "api_token", user.id)
    return token


def list_api_tokens(session: Session, actor: Actor) -> list[ApiToken]:
    """The actor's own tokens that were not revoked, the newest first. One query.

    Raises:
        Refused: the actor is no user.
    """
    mine = (ApiToken.user_id == actor.require_user(), ApiToken.revoked_at.is_(None))
    return list(session.scalars(select(ApiToken).where(*mine).order_by(ApiToken.created_at.desc())))


def revoke_api_token(session: Session, actor: Actor, token_id: UUID, *, now: datetime) -> None:
    """Make one of the actor's own tokens stop working at once; again changes nothing.

    Raises:
        NotFound: it is not hers.
        Refused: the actor is no user.
    """
    token = session.scalar(
        select(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == actor.require_user())
    )
    if token is None:
        raise NotFound("api_token")
    if token.revoked_at is None:
        token.revoked_at = now
        audit.record(session, actor, "end", "api_token", token.id)


def mark_token_used(session: Session, token: str, *, now: datetime) -> None:
    """Note that a program used its token."""
    found = session.scalar(select(ApiToken).where(ApiToken.token_hash == secrecy.hash_token(token)))
    if found is not None:
        found.last_used_at = now


def is_token_use_due(session: Session, token: str, *, now: datetime) -> bool:
    """Whether a token's last use is so long ago that it is worth a write."""
    last = session.scalar(
        select(ApiToken.last_used_at).where(ApiToken.token_hash == secrecy.hash_token(token))
    )
    return last is None or now - last > _SEEN_EVERY


def _find_actor(session: Session, user_id: UUID, request_id: str | None) -> Actor | None:
    user = session.scalar(select(User).where(User.id == user_id).options(selectinload(User.roles)))
    return _as_actor(user, request_id) if user and user.is_active else None


def _as_actor(user: User, request_id: str | None) -> Actor:
    return Actor(
        ActorKind.USER,
        f"user:{user.id}",
        name=user.name,
        user_id=user.id,
        unit_id=user.unit_id,
        roles=frozenset(held.role for held in user.roles),
        request_id=request_id,
    )


def actor_of(session: Session, user_id: UUID) -> Actor:
    """The user as an actor: what would she see? Also for tests and demo data.

    Raises:
        NotFound: there is no active user with that id.
    """
    actor = _find_actor(session, user_id, None)
    if actor is None:
        raise NotFound("user")
    return actor


def is_demo(session: Session) -> bool:
    """Whether the database holds an invented town and nothing else."""
    return session.get(Setting, "demo") is not None


def mark_as_demo(session: Session, details: dict[str, object]) -> None:
    """Remember that the database holds demo data only."""
    session.merge(Setting(key="demo", value=details))
