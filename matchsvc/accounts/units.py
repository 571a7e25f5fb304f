"""The units of an installation: opened with a first manager, renamed, closed when empty.

Only an administrator, and only how many and when: nothing of what a unit works with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import LoginSession, Role, Unit, User
from matchsvc.accounts.rules import add_user, find_user_by_email, new_password_token
from matchsvc.accounts.staff import KEEPERS, end_at_once
from matchsvc.db import check_version
from matchsvc.errors import N_, Conflict, Invalid, NotFound, RuleViolation
from matchsvc.swedish import parse_phone, sort_key

#: Log-ins are counted so far back.
COUNTED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit as the list shows it.

    Attributes:
        unit: the unit.
        users: accounts that can log in.
        log_ins: how often somebody logged in lately, see COUNTED.
        last_seen: when anybody last did something; None for never.
    """

    unit: Unit
    users: int
    log_ins: int
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class UnitContent:
    """What is written of a unit."""

    name: str
    municipality: str = ""
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class FirstManager:
    """Who shall have the first account of a unit."""

    name: str
    email: str


def list_units(session: Session, actor: Actor, *, now: datetime) -> list[UnitLine]:
    """Every unit in Swedish order, closed ones last. Four queries.

    Raises:
        Refused: the actor is no administrator.
    """
    actor.require_role(Role.ADMIN)
    units = list(session.scalars(select(Unit).order_by(Unit.is_active.desc(), Unit.sort_key)))
    active = select(User.unit_id, func.count()).where(User.is_active).group_by(User.unit_id)
    users: dict[UUID, int] = dict(session.execute(active).all())
    of_unit = select(User.unit_id).join(LoginSession, LoginSession.user_id == User.id)
    lately = of_unit.add_columns(func.count()).where(LoginSession.created_at > now - COUNTED)
    log_ins: dict[UUID, int] = dict(session.execute(lately.group_by(User.unit_id)).all())
    last = of_unit.add_columns(func.max(LoginSession.last_seen_at)).group_by(User.unit_id)
    seen: dict[UUID, datetime] = dict(session.execute(last).all())
    audit.record(session, actor, "list", "unit")
    return [
        UnitLine(unit, users.get(unit.id, 0), log_ins.get(unit.id, 0), seen.get(unit.id))
        for unit in units
    ]


def get_unit(session: Session, actor: Actor, unit_id: UUID, *, for_update: bool = False) -> Unit:
    """One unit.

    Raises:
        Refused: the actor is no administrator.
        NotFound: there is none.
    """
    actor.require_role(Role.ADMIN)
    found = select(Unit).where(Unit.id == unit_id)
    unit = session.scalar(found.with_for_update() if for_update else found)
    if unit is None:
        raise NotFound("unit")
    return unit


def open_unit(
    session: Session, actor: Actor, content: UnitContent, first: FirstManager, *, now: datetime
) -> tuple[Unit, User, str]:
    """Open a unit with its first manager; give back the token with which she sets a password.

    Raises:
        Refused: the actor is no administrator.
        Invalid: a name or the address is missing or wrong.
        RuleViolation: there is a unit of that name, or an account with that address.
    """
    actor.require_role(Role.ADMIN)
    errors = _wrong(content, first)
    if errors:
        raise Invalid(errors)
    _refuse_same_name(session, content.name, None)
    unit = Unit(
        name=content.name.strip(),
        sort_key=sort_key(content.name.strip()),
        municipality=content.municipality.strip(),
        phone=parse_phone(content.phone) if content.phone else None,
    )
    session.add(unit)
    session.flush()
    audit.record(session, actor, "create", "unit", unit.id)
    return unit, *_first_manager(session, actor, unit, first, now)


def change_unit(
    session: Session, actor: Actor, unit_id: UUID, content: UnitContent, *, version: int | None
) -> Unit:
    """Give a unit another name, municipality or phone.

    Raises:
        Refused: the actor is no administrator.
        NotFound: there is none.
        Invalid: no name.
        RuleViolation: another unit has that name.
        Conflict: it was saved since, with what stands there.
    """
    unit = get_unit(session, actor, unit_id, for_update=True)
    errors = _wrong(content, None)
    if errors:
        raise Invalid(errors)
    try:
        check_version(unit, version)
    except Conflict as stale:
        theirs = {"name": unit.name, "municipality": unit.municipality, "phone": unit.phone}
        raise Conflict(theirs) from stale
    _refuse_same_name(session, content.name, unit.id)
    unit.name, unit.sort_key = content.name.strip(), sort_key(content.name.strip())
    unit.municipality = content.municipality.strip()
    unit.phone = parse_phone(content.phone) if content.phone else None
    session.flush()
    audit.record(
        session, actor, "change", "unit", unit.id, fields=["name", "municipality", "phone"]
    )
    return unit


def close_unit(
    session: Session, actor: Actor, unit_id: UUID, *, open_cases: int, now: datetime
) -> Unit:
    """Close a unit that has nothing left to do; the accounts of who kept its users end with it.

    Args:
        session: a writing transaction.
        actor: an administrator of another unit.
        unit_id: which.
        open_cases: how many people are still enrolled; counted by who knows people.
        now: when.

    Raises:
        Refused: the actor is no administrator.
        NotFound: there is none.
        RuleViolation: it is the actor's own, or people or accounts are left; says what to do.
    """
    unit = get_unit(session, actor, unit_id, for_update=True)
    if unit.id == actor.unit_id:
        raise RuleViolation(
            "own_unit", N_("Du hör till enheten. En systemförvaltare i en annan enhet stänger den.")
        )
    users = list(
        session.scalars(
            select(User)
            .where(User.unit_id == unit.id, User.is_active)
            .options(selectinload(User.roles))
        )
    )
    working = [u for u in users if not {held.role for held in u.roles} & set(KEEPERS)]
    if open_cases or working:
        raise RuleViolation(
            "unit_in_use",
            N_(
                "Öppna ärenden: %(cases)s. Konton för dem som arbetar där: %(users)s. "
                "Enhetschefen avslutar eller lämnar över ärendena och avslutar kontona först. "
                "Chefens eget konto avslutas när enheten stängs."
            ),
            values={"cases": open_cases, "users": len(working)},
        )
    for user in users:
        end_at_once(session, actor, user, now=now)
    unit.is_active = False
    session.flush()
    audit.record(session, actor, "end", "unit", unit.id)
    return unit


def reopen_unit(
    session: Session, actor: Actor, unit_id: UUID, first: FirstManager, *, now: datetime
) -> tuple[User, str]:
    """Open a closed unit again with a manager; give back the token for her password.

    Raises:
        Refused: the actor is no administrator.
        NotFound: there is none.
        Invalid: her name or address is missing or wrong.
        RuleViolation: it is open, or the address belongs to an account in another unit.
    """
    unit = get_unit(session, actor, unit_id, for_update=True)
    errors = _wrong(None, first)
    if errors:
        raise Invalid(errors)
    if unit.is_active:
        raise RuleViolation("unit_open", N_("Enheten är redan öppen."))
    unit.is_active = True
    session.flush()
    audit.record(session, actor, "restore", "unit", unit.id)
    return _first_manager(session, actor, unit, first, now)


def _first_manager(
    session: Session, actor: Actor, unit: Unit, first: FirstManager, now: datetime
) -> tuple[User, str]:
    known = find_user_by_email(session, first.email)
    if known is not None and (known.is_active or known.unit_id != unit.id):
        message = N_("Det finns redan ett konto med den adressen.")
        raise RuleViolation("user_exists", message, fields={"email": message})
    user = add_user(
        session,
        actor,
        email=first.email,
        role=Role.UNIT_MANAGER,
        unit=unit,
        name=first.name.strip(),
    )
    if not user.is_active:  # she had an account here before the unit was closed
        user.is_active, user.password_hash = True, None
        session.flush()
        audit.record(session, actor, "restore", "user", user.id)
    return user, new_password_token(session, user, now=now)


def _wrong(content: UnitContent | None, first: FirstManager | None) -> dict[str, str]:
    errors = {}
    if content is not None and not content.name.strip():
        errors["name"] = N_("Skriv vad enheten heter.")
    if content is not None and content.phone and parse_phone(content.phone) is None:
        errors["phone"] = N_("Numret går inte att ringa. Skriv till exempel 070-174 06 15.")
    if first is not None and not first.name.strip():
        errors["manager"] = N_("Skriv namnet som kollegor och arbetsgivare ser.")
    if first is not None and not first.email.strip():
        errors["email"] = N_("Skriv en e-postadress, till exempel maja@kommunen.se.")
    return errors


def _refuse_same_name(session: Session, name: str, unit_id: UUID | None) -> None:
    same = session.scalar(select(Unit.id).where(Unit.sort_key == sort_key(name.strip())))
    if same is not None and same != unit_id:
        message = N_("Det finns redan en enhet med det namnet.")
        raise RuleViolation("unit_exists", message, fields={"name": message})
