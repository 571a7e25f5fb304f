"""A unit's settings: what holds now, what held before, and who changed it, when and why.

A change is a new row; nothing is overwritten. What a unit has not said has the default of
:mod:`matchsvc.accounts.settings_list`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, Unit, UnitSetting, User
from matchsvc.accounts.settings_list import DEFINITIONS, IN_ORDER, REGISTRY
from matchsvc.accounts.settings_shapes import Definition, Group, Shape
from matchsvc.errors import N_, Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.swedish import contains_identity_number

#: Who reads the settings with their history, and who changes them (contract.md section 5).
READERS = (Role.UNIT_MANAGER, Role.ADMIN, Role.AUDITOR)
CHANGERS = (Role.UNIT_MANAGER, Role.ADMIN)
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Current:
    """A setting as it is now.

    Attributes:
        definition: what it is.
        value: what holds, as text; numbers as digits.
        number: how often it has been changed; 0 for a default that nobody touched.
        made_by, made_at, reason: of the last change; None and empty when there was none.
    """

    definition: Definition
    value: str
    number: int = 0
    made_by: str = ""
    made_at: datetime | None = None
    reason: str = ""

    @property
    def is_default(self) -> bool:
        """Whether what holds is the default."""
        return self.value == self.definition.default


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what held before, what held after it, and who, when and why."""

    definition: Definition
    before: str
    after: str
    made_by: str
    made_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class History:
    """A page of changes, latest first; pages count from 1."""

    changes: list[Change]
    page: int
    pages: int


def setting(session: Session, unit_id: UUID | None, key: str) -> str:
    """What holds for a unit, as text; the default for none. One query.

    Raises:
        KeyError: there is no setting of that name; a fault in the program.
    """
    definition = REGISTRY[key]
    found = session.scalar(
        select(UnitSetting.value)
        .where(UnitSetting.unit_id == unit_id, UnitSetting.key == key)
        .order_by(UnitSetting.number.desc())
        .limit(1)
    )
    return definition.default if found is None else found


def number(session: Session, unit_id: UUID | None, key: str) -> int:
    """A setting that is a number. One query."""
    return int(setting(session, unit_id, key))


def several(session: Session, unit_id: UUID | None, *keys: str) -> dict[str, str]:
    """Several settings by key. One query."""
    found = {
        row.key: row.value
        for row in session.scalars(_latest(unit_id).where(UnitSetting.key.in_(keys)))
    }
    return {key: found.get(key, REGISTRY[key].default) for key in keys}


def numbers_by_unit(session: Session, *keys: str) -> dict[UUID, dict[str, int]]:
    """Number settings of every unit, for jobs. Two queries."""
    found: dict[UUID, dict[str, int]] = {
        unit_id: {key: int(REGISTRY[key].default) for key in keys}
        for unit_id in session.scalars(select(Unit.id))
    }
    rows = session.scalars(
        select(UnitSetting).where(UnitSetting.key.in_(keys)).order_by(UnitSetting.number)
    )
    for row in rows:  # later rows say what holds
        found[row.unit_id][row.key] = int(row.value)
    return found


def shown_name(session: Session, unit: Unit) -> str:
    """What pages and letters call a unit. One query."""
    return setting(session, unit.id, "display_name") or unit.name


def current_settings(session: Session, actor: Actor) -> dict[str, Current]:
    """Every setting of the actor's unit by key. One query.

    Raises:
        Refused: the actor does not read settings, or belongs to no unit.
    """
    return _current(session, _unit_of(actor, *READERS))


def _current(session: Session, unit_id: UUID) -> dict[str, Current]:
    rows = session.execute(
        _latest(unit_id)
        .join(User, User.id == UnitSetting.made_by_id)
        .with_only_columns(UnitSetting, User.name)
    )
    found = {
        row.key: Current(REGISTRY[row.key], row.value, row.number, name, row.made_at, row.reason)
        for row, name in rows
        if row.key in REGISTRY
    }
    return {each.key: found.get(each.key, Current(each, each.default)) for each in DEFINITIONS}


def _latest(unit_id: UUID | None) -> Select[UnitSetting]:
    newer = db.twin(UnitSetting)
    return select(UnitSetting).where(
        UnitSetting.unit_id == unit_id,
        ~select(newer.id)
        .where(
            newer.unit_id == UnitSetting.unit_id,
            newer.key == UnitSetting.key,
            newer.number > UnitSetting.number,
        )
        .exists(),
    )


def history(session: Session, actor: Actor, *, page: int = 1) -> History:
    """A page of the changes of the actor's unit, latest first. Two queries.

    Raises:
        Refused: the actor does not read settings, or belongs to no unit.
    """
    unit_id = _unit_of(actor, *READERS)
    before = aliased(UnitSetting)
    mine = (UnitSetting.unit_id == unit_id, UnitSetting.key.in_(REGISTRY))
    total = session.scalar(select(func.count(UnitSetting.id)).where(*mine)) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, page), pages)
    rows = session.execute(
        select(UnitSetting, before.value, User.name)
        .join(User, User.id == UnitSetting.made_by_id)
        .outerjoin(
            before,
            (before.unit_id == UnitSetting.unit_id)
            & (before.key == UnitSetting.key)
            & (before.number == UnitSetting.number - 1),
        )
        .where(*mine)
        .order_by(UnitSetting.made_at.desc(), UnitSetting.key, UnitSetting.number.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    changes = [
        Change(
            REGISTRY[row.key],
            REGISTRY[row.key].default if earlier is None else earlier,
            row.value,
            name,
            row.made_at,
            row.reason,
        )
        for row, earlier, name in rows
    ]
    return History(changes, page, pages)


def settings_in(group: Group) -> list[Definition]:
    """The settings that are shown and changed together."""
    return [each for each in DEFINITIONS if each.group is group]


def find_definition(key: str) -> Definition:
    """The setting of that name.

    Raises:
        NotFound: there is none.
    """
    found = REGISTRY.get(key)
    if found is None:
        raise NotFound("setting")
    return found


def change(
    session: Session,
    actor: Actor,
    values: Mapping[str, str],
    *,
    reason: str,
    bases: Mapping[str, int],
    now: datetime,
    today: date,
) -> list[str]:
    """Give the actor's unit new values; give back the keys of those that really changed.

    Args:
        session: a writing transaction.
        actor: the unit's manager or an administrator.
        values: new values as text, by key.
        reason: why; kept with each change.
        bases: the :attr:`Current.number` that each change began from; all of ``values`` have one.
        now: when.
        today: for finding identity numbers in what was written.

    Raises:
        Refused: the actor does not change settings.
        NotFound: there is no such setting.
        Invalid: a value outside its range, or no reason; every field that is wrong is named.
        Conflict: one of them was changed since, with what holds now.
        RuleViolation: nothing would change.
    """
    unit_id = _unit_of(actor, *CHANGERS)
    wanted = {key: _normal(find_definition(key), raw) for key, raw in values.items()}
    current = _current(session, unit_id)
    together = {key: wanted.get(key, each.value) for key, each in current.items()}
    faults = {key: _fault(REGISTRY[key], value, today=today) for key, value in wanted.items()}
    faults["reason"] = _fault_of_reason(reason, today)
    errors = {name: fault for name, fault in faults.items() if fault} or _out_of_order(together)
    if errors:
        raise Invalid(errors)
    changed = {key: value for key, value in wanted.items() if value != current[key].value}
    # A value that is the same as theirs is no conflict, whoever came first.
    if any(current[key].number != bases.get(key, 0) for key in changed):
        raise Conflict({key: current[key].value for key in changed})
    if not changed:
        raise RuleViolation(
            "nothing_changes", N_("Det här gäller redan. Ändra något av det först.")
        )
    rows = [
        UnitSetting(
            unit_id=unit_id,
            key=key,
            number=current[key].number + 1,
            value=value,
            reason=reason.strip(),
            made_by_id=actor.require_user(),
            made_at=now,
        )
        for key, value in changed.items()
    ]
    try:
        with session.begin_nested():
            session.add_all(rows)
    except IntegrityError as taken:  # the other's came between our reading and writing
        raise Conflict from taken
    audit.record(
        session, actor, "change", "unit_setting", unit_id, fields=changed, reason=reason.strip()
    )
    return sorted(changed)


def _fault_of_reason(reason: str, today: date) -> str | None:
    if not reason.strip():
        return N_("Skriv varför. Det sparas med ändringen, och andra ser det.")
    if contains_identity_number(reason, today=today):
        return N_("Skriv inga personnummer här.")
    return None


def _unit_of(actor: Actor, *roles: Role) -> UUID:
    actor.require_role(*roles)
    if actor.unit_id is None:
        raise Refused
    return actor.unit_id


def _normal(definition: Definition, raw: str) -> str:
    """The one way of writing a value, so that the same is never a change."""
    if definition.shape is Shape.LINES:
        return "\n".join(line.strip() for line in raw.strip().splitlines())
    text = " ".join(raw.split())
    if definition.shape is Shape.NUMBER and text.isascii() and text.isdigit():
        return str(int(text[:9]))
    return text


def _fault(definition: Definition, value: str, *, today: date) -> str | None:
    if definition.shape is Shape.NUMBER:
        is_number = value.isascii() and value.isdigit()
        if not is_number or not definition.least <= int(value) <= definition.most:
            return N_("Skriv ett helt tal inom gränserna som står vid fältet.")
        return None
    if definition.shape is Shape.PAST_DAY:
        return None if _is_past_day(value, today) else N_("Skriv en dag som har varit.")
    if len(value) > definition.most:
        return N_("Texten är för lång. Korta den.")
    if len(value) < definition.least:
        return N_("Fyll i det här.")
    if any(ord(sign) < ord(" ") and sign != "\n" for sign in value):
        return N_("Skriv bara vanliga tecken.")
    if contains_identity_number(value, today=today):
        return N_("Skriv inga personnummer här.")
    if definition.shape is Shape.EMAIL and value and not _is_address(value):
        return N_("Skriv en e-postadress, till exempel maja@kommunen.se.")
    return None


def _is_past_day(value: str, today: date) -> bool:
    try:
        return date.fromisoformat(value) <= today and len(value) == len("2026-04-25")
    except ValueError:
        return False


def _is_address(value: str) -> bool:
    local, _, host = value.partition("@")
    return bool(local and "." in host and value.isascii()) and not set(' ,;<>"@') & {*local, *host}


def _out_of_order(values: Mapping[str, str]) -> dict[str, str]:
    return {
        smaller: message
        for smaller, larger, message in IN_ORDER
        if int(values[smaller]) >= int(values[larger])
    }
