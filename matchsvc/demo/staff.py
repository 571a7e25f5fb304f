"""The unit's people and their log-ins."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.demo.lots import Lots, words
from matchsvc.demo.numbers import address_part
from matchsvc.demo.rows import Rows
from matchsvc.swedish import parse_phone, sort_key

DOMAIN = "lindvalla.example"
#: How many participants one of each role has to do with; more of them work in a larger unit.
_PER = {Role.EMPLOYER_LIAISON: 400, Role.SUPERVISOR: 120}


@dataclass(slots=True)
class Staff:
    """Ids of the staff by what they do; the first of each stands in the pictures."""

    ids: dict[Role, list[UUID]] = field(default_factory=dict)

    @property
    def case_workers(self) -> list[UUID]:
        """Those who have participants."""
        return self.ids[Role.CASE_WORKER]

    @property
    def liaisons(self) -> list[UUID]:
        """Those who look after employers."""
        return self.ids[Role.EMPLOYER_LIAISON] + self.ids[Role.PLACEMENT_COORDINATOR]

    @property
    def supervisors(self) -> list[UUID]:
        """Those who supervise at our own workplaces."""
        return self.ids[Role.SUPERVISOR]

    @property
    def practical(self) -> UUID:
        """Who structures the practical work of the day."""
        return self.ids[Role.PRACTICAL_SUPERVISOR][0]


def build_staff(rows: Rows, seed: int, unit_id: UUID, *, participants: int, workers: int) -> Staff:
    """Make the unit's users: ten with log-ins, and as many more as a larger unit needs."""
    staff = Staff({role: [] for role in Role})
    lots = Lots(seed, "staff")
    told = words("names")
    for person in told["staff"]:
        _user(rows, lots, staff, unit_id, Role(person["role"]), person["name"], person["phone"])
    swedish = told["origins"][0]
    wanted = {Role.CASE_WORKER: workers}
    wanted |= {role: participants // per for role, per in _PER.items()}
    number = 0
    for role, count in wanted.items():
        while len(staff.ids[role]) < count:
            number += 1
            given = lots.choice(swedish["women"] + swedish["men"])
            name = f"{given} {lots.choice(swedish['families'])}"
            _user(rows, lots, staff, unit_id, role, name, None, suffix=str(number))
    return staff


def _user(
    rows: Rows,
    lots: Lots,
    staff: Staff,
    unit_id: UUID,
    role: Role,
    name: str,
    phone: str | None,
    *,
    suffix: str = "",
) -> None:
    key = lots.id()
    given, _, family = name.partition(" ")
    rows.add(
        User,
        id=key,
        email=f"{address_part(name)}{suffix}@{DOMAIN}",
        name=name,
        sort_key=sort_key(f"{family} {given}"),
        phone=parse_phone(phone) if phone else None,
        unit_id=unit_id,
    )
    rows.add(UserRole, user_id=key, role=role)
    staff.ids[role].append(key)


@dataclass(frozen=True, slots=True)
class Login:
    """One way into the demo."""

    role: str
    email: str
    password: str = field(repr=False)
    name: str = ""


def set_passwords(session: Session) -> list[Login]:
    """New random passwords for the people with log-ins, one of each role at least."""
    logins = []
    for person in words("names")["staff"]:
        user = accounts.find_user_by_email(session, f"{address_part(person['name'])}@{DOMAIN}")
        if user is None:
            continue
        password = secrets.token_urlsafe(12)
        accounts.set_password(user, password)
        logins.append(Login(person["role"], user.email, password, user.name))
    session.flush()
    return logins


def write_logins(path: Path, logins: list[Login]) -> None:
    """Write the log-ins for scripts, readable by the owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    listed = [{"role": one.role, "email": one.email, "password": one.password} for one in logins]
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        json.dump(listed, file, ensure_ascii=False, indent=2)
        file.write("\n")


def read_logins(session: Session, path: Path) -> list[Login] | None:
    """The log-ins as written, or None when the file is gone or belongs to another database."""
    try:
        listed: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        logins = [Login(one["role"], one["email"], one["password"]) for one in listed]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    emails = [login.email for login in logins]
    users = {
        user.email: user for user in session.scalars(select(User).where(User.email.in_(emails)))
    }
    # One is enough to tell: they were all set at the same time.
    if not logins or any(login.email not in users for login in logins):
        return None
    first = logins[0]
    if not accounts.check_password(users[first.email], first.password):
        return None
    return [Login(one.role, one.email, one.password, users[one.email].name) for one in logins]
