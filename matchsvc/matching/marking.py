"""Which packed rows a write makes stale: triggers, so that no way of writing is forgotten.

Objects, bulk inserts, statements of an import that was tried first, and somebody at the database's
own prompt: all of them mark what they touch in MatchingStale, in the same transaction. Before it
commits, `packing.pack_touched` packs what is marked; what is too much for that stays marked and is
packed by the scheduler. Nothing answers from packed rows while anything is marked.

Migrations run without the triggers (SQLite cannot rename a table that a trigger reads); afterwards
everything is marked, because a migration may change anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

from matchsvc.matching.models import MatchingStale, RowKind

STALE = MatchingStale.__tablename__
ANY_ID = "0" * 32  # of the one row about lists
_PREFIX = "matching_marks_"


@dataclass(frozen=True, slots=True)
class Watch:
    """How a changed row (r) of a table leads to the participants or offers it is an input of.

    Attributes:
        kind: what becomes stale.
        id: its id, as SQL.
        reads: the columns of r that `id` and `join` use.
        join: tables between.
        inputs: the columns whose change matters; none for every column.
    """

    kind: RowKind
    id: str
    reads: tuple[str, ...]
    join: str = ""
    inputs: tuple[str, ...] = ()


def _person(*inputs: str, column: str = "participant_id") -> Watch:
    return Watch(RowKind.PARTICIPANT, f"r.{column}", (column,), inputs=inputs)


def _offer(*inputs: str, column: str = "offer_id") -> Watch:
    return Watch(RowKind.OFFER, f"r.{column}", (column,), inputs=inputs)


def _lists(*inputs: str) -> Watch:
    return Watch(RowKind.LISTS, "", (), inputs=inputs)


#: Every table that holds an input of matching.
WATCHED: dict[str, tuple[Watch, ...]] = {
    "participant": (
        _person(
            "id", "unit_id", "protected", "hours_per_week", "weekdays", "available_from",
            "reaches_all_areas", "informal_asked_on", "ready_on", "merged_into_id",
            "archived_at", "restricted_since",
            column="id",
        ),
    ),
    "case_file": (_person("participant_id", "ended_on", "is_paused"),),
    "competence": (_person("participant_id", "concept_id", "rung", "archived_at"),),
    "language_skill": (_person(),),
    "participant_area": (_person(),),
    "need": (_person("participant_id", "condition_id"),),
    "wish": (_person("participant_id", "created_at"),),
    "wished_concept": (
        Watch(
            RowKind.PARTICIPANT, "w.participant_id", ("wish_id",), "join wish w on w.id = r.wish_id"
        ),
    ),
    "proposal": (
        _person("participant_id", "state", "proposed_on"),
        _offer("offer_id", "state"),
    ),
    "offer": (
        _offer(
            "id", "unit_id", "site_id", "occupation_id", "hours_start", "weekdays", "start_from",
            "start_by", "season_start", "season_end", "valid_until", "places", "status",
            "archived_at",
            column="id",
        ),
    ),
    "requirement": (_offer("offer_id", "concept_id", "importance", "position"),),
    "offer_language": (_offer("offer_id", "concept_id", "part", "level"),),
    "offer_licence": (_offer("offer_id", "concept_id"),),
    "offer_condition": (_offer(),),
    "site": (
        Watch(
            RowKind.OFFER, "o.id", ("id",), "join offer o on o.site_id = r.id",
            ("area_id", "employer_id"),
        ),
    ),
    "site_condition": (
        Watch(RowKind.OFFER, "o.id", ("site_id",), "join offer o on o.site_id = r.site_id"),
    ),
    "employer": (
        Watch(
            RowKind.OFFER, "o.id", ("id",),
            "join site s on s.employer_id = r.id join offer o on o.site_id = s.id",
            ("bar", "status"),
        ),
    ),
    "concept": (_lists("id", "parent_id", "type"),),
    "area": (_lists("id"),),
    "condition": (_lists("id", "position"),),
}  # fmt: skip
#: Whose own deletion empties the packed row at once.
_OWN = {"participant": RowKind.PARTICIPANT, "offer": RowKind.OFFER}
_OPERATIONS = ("insert", "update", "delete")


@contextmanager
def triggers_lifted(connection: Connection) -> Iterator[None]:
    """Take the triggers away while migrations run; mark everything when they changed anything."""
    before = _revision(connection)
    drop_triggers(connection)
    yield
    if inspect(connection).has_table(STALE):
        create_triggers(connection)
        if _revision(connection) != before:
            mark_everything(connection)


def create_triggers(connection: Connection) -> None:
    """Put the triggers in place."""
    statements = _postgresql if connection.dialect.name == "postgresql" else _sqlite
    for table, watches in WATCHED.items():
        for statement in statements(table, watches):
            connection.exec_driver_sql(statement)


def drop_triggers(connection: Connection) -> None:
    """Take every trigger of ours away."""
    if connection.dialect.name == "postgresql":
        found = "select proname from pg_proc where proname like :ours"
        drop = 'drop function "{}" cascade'
    else:
        found = "select name from sqlite_master where type = 'trigger' and name like :ours"
        drop = 'drop trigger "{}"'
    for name in connection.scalars(text(found), {"ours": f"{_PREFIX}%"}).all():
        connection.exec_driver_sql(drop.format(name))


def missing_triggers(connection: Connection) -> set[str]:
    """Which watched tables do not mark what is touched."""
    found = "select distinct tbl_name from sqlite_master where type = 'trigger' and name like :ours"
    if connection.dialect.name == "postgresql":
        found = (
            "select distinct c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid"
            " where t.tgname like :ours"
        )
    return set(WATCHED) - set(connection.scalars(text(found), {"ours": f"{_PREFIX}%"}))


def mark_everything(connection: Connection) -> None:
    """Mark every participant, every offer and the lists."""
    for table, kind in _OWN.items():
        connection.exec_driver_sql(
            f"insert into {STALE} (kind, id) select '{kind.value}', id from {table}"
        )
    connection.exec_driver_sql(
        f"insert into {STALE} (kind, id) values ('{RowKind.LISTS.value}', '{ANY_ID}')"
    )


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("select version_num from alembic_version"))
    return found


def _marked(watch: Watch, changed: str, identifier: str) -> str:
    """Insert a mark for everything that the changed rows lead to."""
    if watch.kind is RowKind.LISTS:
        what = f"select '{watch.kind.value}', {identifier.format(ANY_ID)}"
        return (
            f"insert into {STALE} (kind, id) {what}"
            f" where not exists (select 1 from {STALE} where kind = '{watch.kind.value}')"
        )
    return (
        f"insert into {STALE} (kind, id) select distinct '{watch.kind.value}', {watch.id}"
        f" from ({changed}) r {watch.join}"
    )


def _sqlite(table: str, watches: tuple[Watch, ...]) -> Iterator[str]:
    for operation in _OPERATIONS:
        for number, watch in enumerate(watches):
            sides = {"insert": ("new",), "update": ("old", "new"), "delete": ("old",)}[operation]
            changed = " union ".join(
                "select " + ", ".join(f"{side}.{column} as {column}" for column in watch.reads)
                for side in sides
            )
            mark = _marked(watch, changed, "'{}'")
            if watch.kind is not RowKind.LISTS:  # a thousand competences of hers are one mark
                mark += (
                    f" where not exists (select 1 from {STALE} m"
                    f" where m.kind = '{watch.kind.value}' and m.id = {watch.id})"
                )
            of = f" of {', '.join(watch.inputs)}" if operation == "update" and watch.inputs else ""
            body = f"{mark};"
            if operation == "delete" and table in _OWN:
                body += f" {_emptied(_OWN[table], '= old.id')};"
            name = f"{_PREFIX}{table}_{operation}_{number}"
            yield f'create trigger {name} after {operation}{of} on "{table}" begin {body} end'


def _postgresql(table: str, watches: tuple[Watch, ...]) -> Iterator[str]:
    """Once a statement, however many rows it changes."""
    name = f"{_PREFIX}{table}"
    bodies = []
    for operation, tables in (
        ("insert", ("new_rows",)),
        ("update", ("old_rows", "new_rows")),
        ("delete", ("old_rows",)),
    ):
        body = ""
        for watch in watches:
            changed = " union ".join(
                f"select {', '.join(watch.reads) or '1'} from {rows}" for rows in tables
            )
            body += f"{_marked(watch, changed, chr(39) + '{}' + chr(39) + '::uuid')}; "
        if operation == "delete" and table in _OWN:
            body += f"{_emptied(_OWN[table], 'in (select id from old_rows)')}; "
        bodies.append(f"if tg_op = '{operation.upper()}' then {body} end if;")
    yield (
        f"create function {name}() returns trigger language plpgsql as $$"
        f" begin {' '.join(bodies)} return null; end $$"
    )
    for operation, named in (
        ("insert", "new table as new_rows"),
        ("update", "old table as old_rows new table as new_rows"),
        ("delete", "old table as old_rows"),
    ):
        yield (
            f'create trigger {name}_{operation} after {operation} on "{table}"'
            f" referencing {named} for each statement execute function {name}()"
        )


def _emptied(kind: RowKind, which: str) -> str:
    nothing = "substr(inputs, 1, 0)"  # an empty value, whatever the database calls it
    return (
        f"update matching_row set inputs = {nothing}, is_listed = false"
        f" where kind = '{kind.value}' and id {which}"
    )
