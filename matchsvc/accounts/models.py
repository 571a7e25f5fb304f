"""Tables of units, users, their sessions and tokens, and the audit log."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention


class Role(enum.StrEnum):
    """Who may do what (contract.md section 5, domain.md 1I)."""

    CASE_WORKER = "case_worker"
    EMPLOYER_LIAISON = "employer_liaison"
    PLACEMENT_COORDINATOR = "placement_coordinator"
    SUPERVISOR = "supervisor"
    PRACTICAL_SUPERVISOR = "practical_supervisor"
    UNIT_MANAGER = "unit_manager"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Unit(Identified, Versioned, Base):
    """A labour-market unit. Every user, case, employer and offer belongs to one."""

    __tablename__ = "unit"
    __table_args__ = retention("reference")

    name: Mapped[str] = mapped_column(unique=True)
    sort_key: Mapped[str]
    municipality: Mapped[str] = mapped_column(default="")
    phone: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class Area(Identified, Base):
    """A part of town that a unit works in. A site lies in one; a participant ticks her own."""

    __tablename__ = "area"
    __table_args__ = retention("reference", UniqueConstraint("unit_id", "name"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str]
    sort_key: Mapped[str]


class User(Identified, Recorded, Versioned, Base):
    """A member of staff who can log in."""

    __tablename__ = "user_account"
    __table_args__ = retention("account")

    email: Mapped[str] = mapped_column(unique=True)  # lower case
    name: Mapped[str]
    sort_key: Mapped[str]
    phone: Mapped[str | None]
    password_hash: Mapped[str | None]  # argon2id; None until the set-password address is used
    is_active: Mapped[bool] = mapped_column(default=True)
    closed_on: Mapped[date | None]  # when the account was first seen closed; retention/tidying.py
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)

    unit: Mapped[Unit] = relationship(lazy="raise_on_sql")
    roles: Mapped[list[UserRole]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="UserRole.role"
    )


class UserRole(Base):
    """One role of a user; in a small unit a person has several."""

    __tablename__ = "user_role"
    __table_args__ = retention("account")

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(primary_key=True)


class LoginSession(Identified, Recorded, Base):
    """A log-in that lives on the server, so that it can be ended at once (ASVS 7.4)."""

    __tablename__ = "login_session"
    __table_args__ = retention("technical")

    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]  # when she last proved to be herself (ASVS 7.5.3)


class LoginStep(Identified, Recorded, Base):
    """A log-in between its password and its second factor; opens nothing."""

    __tablename__ = "login_step"
    __table_args__ = retention("technical")

    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    ended_at: Mapped[datetime | None]


class SecondFactor(Recorded, Base):
    """What a user's phone makes codes from. On once a code has shown that the phone has it."""

    __tablename__ = "second_factor"
    __table_args__ = retention("account")

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    secret: Mapped[str | None] = mapped_column(EncryptedText("second_factor.secret"))
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None] = mapped_column(BigInteger)  # a code counts once (RFC 6238, 5.2)
    # Shown and not yet confirmed, with the hash of the log-in that it was shown to: what another
    # log-in has seen is never confirmed.
    new_secret: Mapped[str | None] = mapped_column(EncryptedText("second_factor.new_secret"))
    new_for: Mapped[str | None]


class RecoveryCode(Identified, Base):
    """One of ten codes for the day when the phone is gone; argon2id at rest, used once."""

    __tablename__ = "recovery_code"
    __table_args__ = retention("account")

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None]


class SsoIdentity(Recorded, Base):
    """Whom the municipality's log-in means by an account: allowed first, bound at the first log-in.

    Known by issuer and subject alone afterwards (ASVS 6.8.1): an address may come to be another's.
    """

    __tablename__ = "sso_identity"
    __table_args__ = retention("account", UniqueConstraint("issuer", "subject"))

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    allowed_at: Mapped[datetime]  # by an administrator; waits for some days
    issuer: Mapped[str | None]
    subject: Mapped[str | None]
    bound_at: Mapped[datetime | None]


class SsoGroup(Identified, Recorded, Base):
    """A group of the municipality's log-in, and a role in a unit that its members have."""

    __tablename__ = "sso_group"
    __table_args__ = retention("reference", UniqueConstraint("name", "unit_id", "role"))

    name: Mapped[str]  # as the provider sends it
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    role: Mapped[Role]


class SsoAnswer(Base):
    """An answer of the provider that was used: each opens at most one log-in."""

    __tablename__ = "sso_answer"
    __table_args__ = retention("technical")

    state_hash: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime]


class Passkey(Identified, Recorded, Base):
    """A passkey (WebAuthn) of a user: its public key, and how often it has signed."""

    __tablename__ = "passkey"
    __table_args__ = retention("account")

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[str]  # what she calls it
    credential_id: Mapped[str] = mapped_column(unique=True)  # base64url
    public_key: Mapped[str]  # COSE, base64url
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    last_used_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """A challenge that was answered: each counts once, also when the cookie is sent again."""

    __tablename__ = "passkey_challenge"
    __table_args__ = retention("technical")

    challenge_hash: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime]


class PasswordToken(Identified, Recorded, Base):
    """A one-time address at which a user sets a password."""

    __tablename__ = "password_token"
    __table_args__ = retention("technical")

    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiToken(Identified, Recorded, Base):
    """A program's way in, with its user's rights; hashed at rest, revocable."""

    __tablename__ = "api_token"
    __table_args__ = retention("account")

    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class Attempt(Base):
    """How often something was tried lately: log-ins by address or account, link openings."""

    __tablename__ = "attempt"
    __table_args__ = retention("technical")

    key: Mapped[str] = mapped_column(primary_key=True)  # a keyed hash, never the address itself
    window_started_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=0)


class Setting(Base):
    """A setting of the installation, for example that it holds demo data."""

    __tablename__ = "setting"
    __table_args__ = retention("reference")

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]


class UnitSetting(Identified, Base):
    """One change of one setting of a unit; the highest number holds. Never overwritten."""

    __tablename__ = "unit_setting"
    __table_args__ = retention("reference", UniqueConstraint("unit_id", "key", "number"))

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    key: Mapped[str]
    number: Mapped[int]  # 1, 2, 3 ... of this unit and key
    value: Mapped[str]
    reason: Mapped[str]
    made_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime]


#: SQLite counts up only an INTEGER primary key.
_SERIAL = BigInteger().with_variant(Integer, "sqlite")


class AuditEvent(Base):
    """Who did, read or was refused what. Append-only; sealed into a chain by the scheduler."""

    __tablename__ = "audit_event"
    __table_args__ = retention("log")

    id: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(index=True)  # "user:<id>", "cli:<os user>", "job:<name>"
    action: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[str | None] = mapped_column(index=True)
    subjects: Mapped[list[str]]  # ids of the people shown, for a list view
    fields: Mapped[list[str]]  # names of fields changed, never values
    reason: Mapped[str | None]
    request_id: Mapped[str | None]


class AuditSeal(Base):
    """A hash over a range of audit rows and over the seal before it."""

    __tablename__ = "audit_seal"
    __table_args__ = retention("log")

    id: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    sealed_at: Mapped[datetime]
    first_id: Mapped[int] = mapped_column(BigInteger)
    last_id: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int]
    previous_hash: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)


class AuditMonth(Base):
    """What is left of a month of the log whose time is up: its numbers, and its place in the chain.

    Written by the owner of the tables alone (deploy/postgresql-rights.sql); never changed.
    """

    __tablename__ = "audit_month"
    __table_args__ = retention("log")

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 ...
    month: Mapped[str] = mapped_column(unique=True)  # "2024-09", as the clock went in Stockholm
    first_id: Mapped[int] = mapped_column(BigInteger)  # of its rows
    last_id: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int]
    first_seal: Mapped[int] = mapped_column(BigInteger)
    last_seal: Mapped[int] = mapped_column(BigInteger)
    previous_hash: Mapped[str]  # what its first seal followed
    hash: Mapped[str]  # of its last seal: what the next one follows
    seals_hash: Mapped[str]  # over its seals as the anchor has them
    replaced_at: Mapped[datetime]
    chain: Mapped[str]  # over all of the above, and over the chain of the month before
