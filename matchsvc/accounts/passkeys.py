"""Passkeys (WebAuthn level 2): added, removed, and used to prove who sits there. No HTTP, no clock.

Only where codes from a phone are on, so that there is a way in without script or key. A key that
was used with a finger or a PIN counts as both factors; otherwise as the second one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from matchsvc import secrecy
from matchsvc.accounts import audit, second_factor
from matchsvc.accounts.models import Passkey, PasskeyChallenge, User
from matchsvc.accounts.rules import actor_of, get_user
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.jobs_runs import insert_once

MOST = 10
LONGEST = 20_000  # signs of an answer from a browser
NAME = "matchsvc"
#: How long a browser may take.
SECONDS = 5 * 60
WRONG = N_("Nyckeln gick inte att använda. Försök igen, eller logga in på ett annat sätt.")
_NOT_ADDED = N_("Nyckeln gick inte att lägga till. Försök igen.")


@dataclass(frozen=True, slots=True)
class Site:
    """Where keys are made for and used: an origin, and the host name in it."""

    origin: str

    @property
    def host(self) -> str:
        """The relying party's id."""
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a browser is asked: options as JSON for its script, and the challenge in base64url."""

    options: str
    challenge: str


def list_passkeys(session: Session, user_id: UUID) -> list[Passkey]:
    """A user's keys, the oldest first. One query."""
    found = select(Passkey).where(Passkey.user_id == user_id)
    return list(session.scalars(found.order_by(Passkey.created_at, Passkey.id)))


def ask_to_add(session: Session, user: User, site: Site) -> Question:
    """Options for a new key; those that she has are not made twice."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=NAME,
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        exclude_credentials=_described(list_passkeys(session, user.id)),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return Question(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))


def add(
    session: Session,
    user: User,
    answer: str,
    challenge: str,
    site: Site,
    *,
    name: str,
    now: datetime,
) -> Passkey:
    """Keep a new key. Logged.

    Args:
        session: a writing transaction.
        user: whose.
        answer: the browser's credential as JSON.
        challenge: of the question.
        site: ours.
        name: what she calls it.
        now: when.

    Raises:
        Invalid: no name, or an answer that is not to this question.
        RuleViolation: the second factor is off, or there are ten keys.
    """
    if not name.strip():
        raise Invalid({"name": N_("Skriv vad nyckeln heter, till exempel Min telefon.")})
    if not second_factor.state_of(session, user.id).is_on:
        raise RuleViolation(
            "second_factor_off", N_("Slå på tvåstegsinloggning med telefonen först.")
        )
    if len(list_passkeys(session, user.id)) >= MOST:
        raise RuleViolation("too_many_passkeys", N_("Du har tio nycklar. Ta bort en först."))
    if not _use_challenge(session, challenge, now=now):
        raise Invalid({"": _NOT_ADDED})
    try:
        made = webauthn.verify_registration_response(
            credential=_parsed(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise Invalid({"": _NOT_ADDED}) from error
    key = bytes_to_base64url(made.credential_id)
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == key)) is not None:
        raise Invalid({"": _NOT_ADDED})
    row = Passkey(
        user_id=user.id,
        name=name.strip(),
        credential_id=key,
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_count=made.sign_count,
        created_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor_of(session, user.id), "create", "passkey", row.id)
    return row


def remove(session: Session, user: User, passkey_id: UUID) -> None:
    """Take one of the user's own keys away. Logged.

    Raises:
        NotFound: it is not hers.
    """
    row = session.scalar(
        select(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user.id)
    )
    if row is None:
        raise NotFound("passkey")
    session.delete(row)
    session.flush()
    audit.record(session, actor_of(session, user.id), "delete", "passkey", passkey_id)


def ask_to_use(session: Session, user_id: UUID | None, site: Site) -> Question:
    """Options for using a key.

    Args:
        session: reads.
        user_id: who is known; None for a log-in by the key alone, which names nobody's keys.
        site: ours.
    """
    keys = [] if user_id is None else _described(list_passkeys(session, user_id))
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        allow_credentials=keys,
        user_verification=UserVerificationRequirement.REQUIRED
        if user_id is None
        else UserVerificationRequirement.PREFERRED,
    )
    return Question(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))


def use(
    session: Session,
    answer: str,
    challenge: str,
    site: Site,
    *,
    user_id: UUID | None,
    now: datetime,
) -> User | None:
    """Whose key it is that answered; None when it is not to be believed, whatever the reason.

    Args:
        session: a writing transaction.
        answer: the browser's credential as JSON.
        challenge: of the question; it counts once.
        site: ours.
        user_id: whose it must be; None demands a finger or a PIN instead.
        now: when.
    """
    if not _use_challenge(session, challenge, now=now):
        return None
    try:
        said = _parsed(answer)
        row = session.scalar(select(Passkey).where(Passkey.credential_id == str(said.get("id"))))
        if row is None or user_id not in {None, row.user_id}:
            return None
        proved = webauthn.verify_authentication_response(
            credential=said,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=user_id is None,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError):
        return None
    # A key that does not count says 0 each time. One that does must have counted on: of a key and
    # its copy one stands behind, and of two answers at once the database lets one through.
    count = proved.new_sign_count
    counted = session.execute(
        update(Passkey)
        .where(
            Passkey.id == row.id,
            or_(Passkey.sign_count < count, (Passkey.sign_count == 0) & (count == 0)),
        )
        .values(sign_count=count, last_used_at=now)
        .returning(Passkey.id)
        .execution_options(synchronize_session=False)
    ).first()
    user = get_user(session, row.user_id)
    return user if counted is not None and user.is_active else None


def has_any(session: Session, user_id: UUID) -> bool:
    """Whether the user has a key. One query."""
    count = select(func.count()).select_from(Passkey).where(Passkey.user_id == user_id)
    return bool(session.scalar(count))


def _described(rows: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(r.credential_id)) for r in rows]


def _parsed(answer: str) -> dict[str, object]:
    found = json.loads(answer) if len(answer) <= LONGEST else None
    if not isinstance(found, dict):
        raise ValueError  # noqa: TRY004 - what json raises too
    return found


def _use_challenge(session: Session, challenge: str, *, now: datetime) -> bool:
    values = {"challenge_hash": secrecy.hash_token(challenge), "used_at": now}
    return insert_once(session, PasskeyChallenge, values)
