"""The second factor: codes from a phone (TOTP, RFC 6238) and ten recovery codes. No HTTP, no clock.

A code counts once, one step of 30 seconds before and after the clock's own is taken as well, and
the comparison takes as long for a wrong code as for a right one. Whoever calls counts the tries
first (:func:`matchsvc.accounts.rules.count_attempt`), in a transaction of its own.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from matchsvc import secrecy
from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import (
    LoginSession,
    LoginStep,
    Passkey,
    RecoveryCode,
    SecondFactor,
    User,
)
from matchsvc.accounts.rules import actor_of, get_user, hash_slowly, is_hash_of
from matchsvc.accounts.settings import setting
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.jobs_runs import insert_once

ISSUER = "matchsvc"
STEP_SECONDS = 30
SKEW = 1  # steps before and after the clock's own
DIGITS = 6
CODES = 10
#: How long a log-in waits for its code; a new phone takes a while to be set up.
WAITS = timedelta(minutes=15)
_SECRET_BYTES = 20  # RFC 4226: as long as the hash
_TOKEN_BYTES = 32
_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that look alike
_HALF = 5
WRONG = N_("Koden stämmer inte. Vänta tills appen visar nästa kod och skriv den.")


@dataclass(frozen=True, slots=True)
class State:
    """What a user's second factor is like; never the secret.

    Attributes:
        since: when it was turned on; None while it is off.
        codes_left: recovery codes not used yet.
    """

    since: datetime | None
    codes_left: int

    @property
    def is_on(self) -> bool:
        """Whether a password alone is too little."""
        return self.since is not None


@dataclass(frozen=True, slots=True)
class NewCode:
    """A recovery code as it is shown once, and what is kept of it."""

    shown: str
    kept: str


def state_of(session: Session, user_id: UUID) -> State:
    """The user's second factor. Two queries."""
    since = session.scalar(select(SecondFactor.confirmed_at).where(SecondFactor.user_id == user_id))
    left = session.scalar(
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    )
    return State(since, left or 0)


def is_demanded(session: Session, user: User, *, everywhere: bool) -> bool:
    """Whether the user may not be without one.

    Args:
        session: reads the setting of her unit.
        user: who logs in.
        everywhere: whether this installation demands it of everybody, as production does.
    """
    return everywhere or setting(session, user.unit_id, "second_factor") == "1"


def begin_step(session: Session, user: User) -> str:
    """Begin to wait for the second factor after a right password; gives back the token."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(LoginStep(token_hash=secrecy.hash_token(token), user_id=user.id))
    return token


def find_step(session: Session, token: str, *, now: datetime) -> User | None:
    """Who gave a right password lately and has no session yet; None for anybody else."""
    step = session.scalar(
        select(LoginStep).where(LoginStep.token_hash == secrecy.hash_token(token))
    )
    if step is None or step.ended_at is not None or now - step.created_at > WAITS:
        return None
    user = get_user(session, step.user_id)
    return user if user.is_active else None


def end_step(session: Session, token: str, *, now: datetime) -> bool:
    """End the waiting; whether it was this call that did."""
    ended = session.execute(
        update(LoginStep)
        .where(
            LoginStep.token_hash == secrecy.hash_token(token),
            LoginStep.ended_at.is_(None),
        )
        .values(ended_at=now)
        .returning(LoginStep.id)
    )
    return ended.first() is not None


def prepare(session: Session, user: User, token: str) -> None:
    """Make a new secret for one log-in to show; what is on stays on until it is confirmed.

    Args:
        session: a writing transaction.
        user: whose.
        token: of the log-in or of its step; only there is the secret shown and confirmed.
    """
    insert_once(session, SecondFactor, {"user_id": user.id})
    row = session.get_one(SecondFactor, user.id, with_for_update=True)
    row.new_secret = base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    row.new_for = secrecy.hash_token(token)
    session.flush()


def prepared(session: Session, user_id: UUID, token: str) -> str | None:
    """The secret that waits to be confirmed by this log-in, in base32; None when there is none."""
    row = session.get(SecondFactor, user_id)
    return row.new_secret if row and row.new_for == secrecy.hash_token(token) else None


def address(user: User, secret: str) -> str:
    """What the phone reads: ``otpauth://totp/…`` with the secret in it."""
    return _codes_of(secret).get_provisioning_uri(user.email, ISSUER)


def new_recovery_codes() -> list[NewCode]:
    """Ten codes of 49 random bits and their hashes. Takes a while: made before the transaction."""
    found = []
    for _number in range(CODES):
        signs = "".join(secrets.choice(_SIGNS) for _sign in range(2 * _HALF))
        found.append(NewCode(f"{signs[:_HALF]}-{signs[_HALF:]}", hash_slowly(signs)))
    return found


def enrol(
    session: Session,
    user: User,
    token: str,
    code: str,
    codes: Collection[NewCode],
    *,
    now: datetime,
) -> None:
    """Turn the prepared secret on, with new recovery codes; an older one stops working.

    Raises:
        Invalid: the code is not one of the prepared secret, or this log-in has prepared none.
    """
    row = session.get(SecondFactor, user.id, with_for_update=True)
    waiting = row.new_secret if row and row.new_for == secrecy.hash_token(token) else None
    step = _step_of(waiting, code, now=now) if waiting else None
    if row is None or step is None:
        raise Invalid({"code": WRONG})
    row.secret, row.new_secret, row.new_for = row.new_secret, None, None
    row.confirmed_at, row.last_step = now, step
    _keep_codes(session, user.id, codes)
    _log(session, user, "second_factor")


def use_code(session: Session, user_id: UUID, code: str, *, now: datetime) -> bool:
    """Whether it is a code of the user's phone that was not used before; it is used then.

    The database decides who was first: of two that bring the same code one gets True.
    """
    row = session.get(SecondFactor, user_id)
    if row is None or row.secret is None or row.confirmed_at is None:
        return False
    step = _step_of(row.secret, code, now=now)
    if step is None:
        return False
    used = session.execute(
        update(SecondFactor)
        .where(
            SecondFactor.user_id == user_id,
            SecondFactor.confirmed_at == row.confirmed_at,
            or_(SecondFactor.last_step.is_(None), SecondFactor.last_step < step),
        )
        .values(last_step=step)
        .returning(SecondFactor.user_id)
        .execution_options(synchronize_session=False)
    )
    return used.first() is not None


def find_recovery_code(session: Session, user_id: UUID, code: str) -> UUID | None:
    """Which unused recovery code it is; None when it is none. Takes up to ten slow hashes."""
    signs = re.sub(r"[\s-]", "", code.lower())
    rows = session.scalars(
        select(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
        .order_by(RecoveryCode.id)
    )
    return next((row.id for row in rows if is_hash_of(row.code_hash, signs)), None)


def use_recovery_code(session: Session, user: User, code_id: UUID, *, now: datetime) -> bool:
    """Use up a recovery code; whether this call was first. Logged."""
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.id == code_id,
            RecoveryCode.user_id == user.id,
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    if used.first() is None:
        return False
    _log(session, user, "recovery_code")
    return True


def renew_recovery_codes(session: Session, user: User, codes: Collection[NewCode]) -> None:
    """Put ten new recovery codes in the place of what is left of the old.

    Raises:
        RuleViolation: the second factor is off.
    """
    if not state_of(session, user.id).is_on:
        raise _off()
    _keep_codes(session, user.id, codes)
    _log(session, user, "recovery_codes")


def turn_off(session: Session, user: User, *, everywhere: bool) -> None:
    """Turn one's own second factor off, where that is allowed.

    Raises:
        RuleViolation: it is demanded here, or is off already.
    """
    if is_demanded(session, user, everywhere=everywhere):
        raise RuleViolation(
            "second_factor_demanded",
            N_("Här måste alla ha tvåstegsinloggning. Du kan byta telefon i stället."),
        )
    if not state_of(session, user.id).is_on:
        raise _off()
    _forget(session, user.id)
    _log(session, user, "second_factor")


def take_away(session: Session, actor: Actor, user: User, *, now: datetime) -> None:
    """Take somebody's second factor away and end her log-ins; who may is the caller's to ask.

    Raises:
        RuleViolation: she has none.
    """
    if not state_of(session, user.id).is_on:
        raise _off()
    _forget(session, user.id)
    end_logins(session, user.id, now=now)
    session.flush()
    audit.record(session, actor, "change", "user", user.id, fields=["second_factor"])


def end_logins(session: Session, user_id: UUID, *, now: datetime) -> None:
    """End all of a user's log-ins, and those that wait for a code."""
    for model in (LoginSession, LoginStep):
        session.execute(
            update(model)
            .where(model.user_id == user_id, model.ended_at.is_(None))
            .values(ended_at=now)
        )


def _off() -> RuleViolation:
    return RuleViolation("second_factor_off", N_("Tvåstegsinloggningen är inte på."))


def _forget(session: Session, user_id: UUID) -> None:
    # Keys too: without codes there would be no way in when a key is gone.
    session.execute(delete(Passkey).where(Passkey.user_id == user_id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))


def _keep_codes(session: Session, user_id: UUID, codes: Collection[NewCode]) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.add_all(RecoveryCode(user_id=user_id, code_hash=code.kept) for code in codes)
    session.flush()


def _log(session: Session, user: User, field: str) -> None:
    audit.record(session, actor_of(session, user.id), "change", "user", user.id, fields=[field])


def _codes_of(secret: str) -> TOTP:
    # SHA-1 because that is what every phone's app reads; as a keyed hash it is sound (RFC 6238).
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303


def _step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """The step of time that the code belongs to, the clock's own or a neighbour; or None.

    Every step is compared to its end, so that time tells nothing of the code.
    """
    typed = re.sub(r"[\s-]", "", code).encode()
    codes, current = _codes_of(secret), int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(current - SKEW, current + SKEW + 1):
        if hmac.compare_digest(codes.generate(step * STEP_SECONDS), typed):
            found = step
    return found
