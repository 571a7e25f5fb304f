"""Every row that is kept about somebody, table by table (GDPR 15).

``data/tables.yaml`` says by which key each table hangs on her (``REACHED``), and which tables hold
nothing about her and why (``LEFT_OUT``); a test fails for a table in neither. What is masked
follows stated rules: colleagues stand as role and unit, other people not at all (``OTHERS``),
nor what only machines can use (``TECHNICAL``).
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy import Column, ColumnElement, String, Table, cast, or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor, ActorKind
from matchsvc.accounts.models import AuditEvent, Role, Unit, User, UserRole
from matchsvc.db import Base
from matchsvc.participants.models import Participant

#: Which version of the file's form this is; docs/copy.md describes it.
FORM = 1
_TABLES = yaml.safe_load((Path(__file__).parent / "data" / "tables.yaml").read_text("utf-8"))
#: Table to the column that names a row of which table; ``*`` is anything of hers.
REACHED: Mapping[str, tuple[str, str]] = {
    table: (group["column"], group["parent"])
    for group in _TABLES["reached"]
    for table in group["tables"]
}
#: Table to why it holds nothing that the copy lacks.
LEFT_OUT: Mapping[str, str] = {
    table: group["why"] for group in _TABLES["left_out"] for table in group["tables"]
}
#: Tables whose rows are told by what they are called.
NAMED = (
    *("concept", "condition", "area", "site", "employer", "offer", "programme", "activity_group"),
    *("activity", "unit"),
)
#: Columns that are about other people: who can vouch, interpret, sign or was written to.
OTHERS = frozenset(
    {
        *(("competence", "voucher"), ("own_page_visit", "interpreter")),
        *(("correction", "interpreter"), ("presentation_answer", "interpreter")),
        *(("plan_measure", "other_name"), ("signature", "signer_name")),
        *(("found_task", "agreed_by"), ("meeting_person", "name"), ("meeting_person", "email")),
        *(
            ("record_request", "asker"),
            ("survey_answer", "text"),
            ("record_line", "value"),
            ("record_line", "told"),
        ),
    }
)
#: Columns that only machines can use: hashes, tokens, places of things.
TECHNICAL = frozenset(
    {
        *("version", "content_hash", "token_hash", "message_id", "personal_id_index", "sort_key"),
        *("outcome_key", "person_key", "case_key", "fingerprint", "submission_id", "last_error"),
        *("thread", "calendar", "sequence", "sealed", "request_id", "link_id"),
    }
)
#: What her place at a meeting says of the meeting.
FACTS_OF_MEETING = ("kind", "starts_at", "ends_at", "place", "outcome", "cancelled_at")
HIDDEN = "***"  # somebody else is named there
_MOST = 20_000


@dataclass(slots=True)
class Kept:
    """What is kept about somebody.

    Attributes:
        tables: rows by table, each a value by column, as JSON can hold them.
        readings: who was in the record: when, what, as which role, of which unit.
    """

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    readings: list[dict[str, Any]] = field(default_factory=list)

    @property
    def number(self) -> int:
        """How many rows."""
        return sum(len(rows) for rows in self.tables.values())


def read_everything(session: Session, actor: Actor, person: Participant, *, form: str) -> Kept:
    """Every row about her; that it was read is logged.

    Args:
        session: to read with.
        actor: her own worker.
        person: from :func:`matchsvc.rights.requests.get_person`.
        form: ``page``, ``json`` or ``paper``, for the log.
    """
    audit.record(
        session, actor, "export", "own_copy", person.id, subjects=[person.id], fields=[form]
    )
    found = _collect(session, person)
    names, staff = _names(session, found), _staff(session, found)
    kept = Kept()
    for table, rows in found.items():
        shown = [_shown(Base.metadata.tables[table], row, names, staff) for row in rows]
        if shown:
            kept.tables[table] = shown
    kept.readings = _readings(session, person)
    return kept


def _collect(session: Session, person: Participant) -> dict[str, list[Mapping[str, Any]]]:
    tables = Base.metadata.tables
    ids: dict[str, set[UUID]] = {"participant": {person.id}}
    found = {"participant": _rows(session, tables["participant"], _is_she(person))}
    for name, (column, parent) in REACHED.items():
        table = tables[name]
        if parent == "*":
            values: Collection[UUID] = set().union(*ids.values())
        elif parent == "participant.outcome_key":
            values = {person.outcome_key}
        else:
            values = ids.get(parent, set())
        found[name] = _rows(session, table, table.c[column].in_(values)) if values else []
        ids[name] = {row["id"] for row in found[name] if isinstance(row.get("id"), UUID)}
    _with_meetings(session, found)
    return found


def _is_she(person: Participant) -> ColumnElement[bool]:
    table = Base.metadata.tables["participant"]
    return or_(table.c.id == person.id, table.c.merged_into_id == person.id)


def _rows(
    session: Session, table: Table, condition: ColumnElement[bool]
) -> list[Mapping[str, Any]]:
    order = [table.c.created_at] if "created_at" in table.c else list(table.primary_key)
    found = session.execute(select(table).where(condition).order_by(*order)).mappings()
    return [dict(row) for row in found]


def _with_meetings(session: Session, found: dict[str, list[Mapping[str, Any]]]) -> None:
    """Her place at a meeting says when it was and what it was about."""
    meeting = Base.metadata.tables["meeting"]
    wanted = {row["meeting_id"] for row in found["meeting_person"]}
    rows = {row["id"]: row for row in _rows(session, meeting, meeting.c.id.in_(wanted))}
    found["meeting_person"] = [
        {**row, **{name: rows[row["meeting_id"]][name] for name in FACTS_OF_MEETING}}
        for row in found["meeting_person"]
    ]


def _keys_of(table: Table) -> Iterable[tuple[Column[Any], str]]:
    for column in table.columns:
        for key in column.foreign_keys:
            yield column, key.target_fullname.partition(".")[0]


def _names(
    session: Session, found: Mapping[str, list[Mapping[str, Any]]]
) -> dict[tuple[str, Any], str]:
    """What things are called that her rows name by id: concepts, sites and the like."""
    wanted: dict[str, set[Any]] = {}
    for name, rows in found.items():
        for column, target in _keys_of(Base.metadata.tables[name]):
            if target in NAMED:
                wanted.setdefault(target, set()).update(row[column.name] for row in rows)
    called: dict[tuple[str, Any], str] = {}
    for target, ids in wanted.items():
        table = Base.metadata.tables[target]
        word = next((c for c in ("name", "title", "label_sv", "label") if c in table.c), "id")
        for row in session.execute(select(table.c.id, table.c[word]).where(table.c.id.in_(ids))):
            called[target, row[0]] = str(row[1])
    return called


def _staff(session: Session, found: Mapping[str, list[Mapping[str, Any]]]) -> dict[UUID, str]:
    """Colleagues as role and unit, never by name."""
    ids = {
        row[column.name]
        for name, rows in found.items()
        for column, target in _keys_of(Base.metadata.tables[name])
        if target == "user_account"
        for row in rows
    }
    return roles_of(session, ids - {None})


def roles_of(session: Session, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Users as role and unit. One query."""
    held: dict[UUID, tuple[str, set[Role]]] = {}
    rows = session.execute(
        select(User.id, Unit.name, UserRole.role)
        .join(Unit, Unit.id == User.unit_id)
        .outerjoin(UserRole, UserRole.user_id == User.id)
        .where(User.id.in_(user_ids))
    )
    for user_id, unit, role in rows:
        held.setdefault(user_id, (unit, set()))[1].update({role} if role else ())
    return {key: ", ".join([*sorted(roles), unit]) for key, (unit, roles) in held.items()}


def _shown(
    table: Table,
    row: Mapping[str, Any],
    names: Mapping[tuple[str, Any], str],
    staff: Mapping[UUID, str],
) -> dict[str, Any]:
    targets = {column.name: target for column, target in _keys_of(table)}
    shown: dict[str, Any] = {}
    for column, value in row.items():
        target = targets.get(column)
        if value is None or column in TECHNICAL:
            continue
        if (table.name, column) in OTHERS:
            shown[column] = HIDDEN
        elif target == "user_account":
            shown[column] = staff.get(value, HIDDEN)
        elif target in NAMED:
            shown[column] = names.get((target, value), str(value))
        elif not isinstance(value, UUID):
            shown[column] = _plain(value)
    return shown


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | bool | float | list | dict) else str(value)


def _readings(session: Session, person: Participant) -> list[dict[str, Any]]:
    """Who was in the record, latest first: by role and unit."""
    about = str(person.id)
    rows = session.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.action != "refused",
            or_(AuditEvent.object_id == about, cast(AuditEvent.subjects, String).contains(about)),
        )
        .order_by(AuditEvent.id.desc())
        .limit(_MOST)
    ).all()
    kinds = [row.actor.partition(":") for row in rows]
    users = {UUID(rest) for kind, _colon, rest in kinds if kind == ActorKind.USER}
    called = roles_of(session, users)
    return [
        {
            "at": row.at.isoformat(),
            "action": row.action,
            "what": row.object_type,
            "by": called.get(UUID(rest), HIDDEN) if kind == ActorKind.USER else kind,
        }
        for row, (kind, _colon, rest) in zip(rows, kinds, strict=True)
    ]


def as_data(kept: Kept, *, made_on: date) -> dict[str, Any]:
    """The copy as a file; ``docs/copy.md`` says what stands where."""
    return {
        "form": FORM,
        "made_on": made_on,
        "rows": kept.number,
        "tables": kept.tables,
        "readings": kept.readings,
    }
