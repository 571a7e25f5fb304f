"""A backup: every row of one moment, sealed, with a manifest at its end.

What it holds, and why rows rather than a copy of the file: docs/decisions/0016.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from matchsvc import db, migrate
from matchsvc.accounts.models import AuditSeal
from matchsvc.errors import N_, RuleViolation
from matchsvc.keeping.rows import Form, Tally, form_of, line_of, read_rows
from matchsvc.keeping.stream import Damaged, SealedWriter, opened
from matchsvc.secrecy import KeyRing


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself.

    Attributes:
        revision: the schema's.
        made_at: the moment, in UTC.
        tables: rows and checksum of each table.
        seal: number and hash of the newest seal of the audit log; None before the first.
    """

    revision: str
    made_at: str
    tables: dict[str, list[Any]]
    seal: list[Any] | None

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(rows for rows, _ in self.tables.values())


def write_backup(session: Session, path: Path, ring: KeyRing, *, now: datetime) -> Manifest:
    """Write every row that the session's snapshot sees into a new file, whole or not at all.

    Args:
        session: ``db.read()``: one snapshot on both databases, others go on writing.
        path: must not be there yet.
        ring: the current key seals.
        now: stands in the manifest.

    Raises:
        RuleViolation: the file is there, or the schema is not the one that this program knows.
    """
    revision = session.scalar(text("select version_num from alembic_version"))
    if revision != migrate.newest_revision():
        raise RuleViolation(
            "backup_other_schema",
            N_(
                "Databasen har en annan version än programmet. Ta kopian med det program som "
                "senast uppgraderade databasen."
            ),
        )
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            made = _write(session, file, ring, now)
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, path)  # refuses to write over another
    except FileExistsError as there:
        raise RuleViolation(
            "backup_exists", N_("Det finns redan en fil med det namnet. Välj ett annat.")
        ) from there
    finally:
        unfinished.unlink(missing_ok=True)
    return made


def _write(session: Session, file: BinaryIO, ring: KeyRing, now: datetime) -> Manifest:
    connection = session.connection()
    sealed, packed = SealedWriter(file, ring), zlib.compressobj(6)
    tables: dict[str, list[Any]] = {}

    def put(line: bytes) -> None:
        sealed.write(packed.compress(line + b"\n"))

    revision = migrate.newest_revision()
    put(json.dumps({"revision": revision, "made_at": now.isoformat()}).encode())
    for table in db.Base.metadata.sorted_tables:
        form, tally = form_of(table), Tally()
        put(json.dumps({"table": form.name, "columns": form.columns}).encode())
        for row in read_rows(connection, form):
            line = line_of(row)
            tally.add(line)
            put(line)
        tables[form.name] = tally.told()
    made = Manifest(revision, now.isoformat(), tables, newest_seal(session))
    put(json.dumps({"tables": made.tables, "seal": made.seal}).encode())
    sealed.write(packed.flush())
    sealed.finish()
    return made


def newest_seal(session: Session) -> list[Any] | None:
    """Number and hash of the newest seal of the audit log."""
    seal = session.scalar(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))
    return None if seal is None else [seal.id, seal.hash]


class Reader:
    """Reads a backup in one go, checking all that it says about itself.

    Args:
        file: open for reading, at its beginning.
        ring: the keys.
    """

    def __init__(self, file: BinaryIO, ring: KeyRing) -> None:
        self._lines = _lines(opened(file, ring))
        self._next: Any = self._told()
        self._tallies: dict[str, list[Any]] = {}
        try:
            self.revision, self.made_at = str(self._next["revision"]), str(self._next["made_at"])
        except (KeyError, TypeError) as missing:
            raise _disagrees() from missing
        self._next = self._told()

    def tables(self) -> Iterator[tuple[Form, Iterator[list[Any]]]]:
        """Each table with its rows, which must be read before the next table is asked for."""
        while isinstance(self._next, dict) and "table" in self._next:
            columns = tuple((str(name), str(kind)) for name, kind in self._next["columns"])
            form = Form(str(self._next["table"]), columns)
            yield form, self._rows(form)

    def manifest(self) -> Manifest:
        """What the backup says of itself, when all is read and agrees.

        Raises:
            Damaged: a table has other rows than the manifest says.
        """
        told = self._next
        if not isinstance(told, dict) or told.get("tables") != self._tallies:
            raise _disagrees()
        if next(self._lines, None) is not None:
            raise _disagrees()
        return Manifest(self.revision, self.made_at, self._tallies, told["seal"])

    def _rows(self, form: Form) -> Iterator[list[Any]]:
        tally = Tally()
        for line in self._lines:
            told = json.loads(line)
            if isinstance(told, dict):
                self._next = told
                break
            tally.add(line)
            yield told
        self._tallies[form.name] = tally.told()

    def _told(self) -> Any:
        line = next(self._lines, None)
        if line is None:
            raise _disagrees()
        try:
            return json.loads(line)
        except ValueError as unreadable:
            raise _disagrees() from unreadable


def read_whole(path: Path, ring: KeyRing) -> Manifest:
    """Read a backup to its end, writing nothing: it opens, is whole and agrees with itself.

    Raises:
        Damaged: it does not.
    """
    with path.open("rb") as file:
        reader = Reader(file, ring)
        for _form, rows in reader.tables():
            for _row in rows:
                pass
        return reader.manifest()


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    unpack, begun = zlib.decompressobj(), [b""]
    for piece in pieces:
        try:
            first, *rest = unpack.decompress(piece).split(b"\n")
        except zlib.error as unreadable:
            raise _disagrees() from unreadable
        begun.append(first)
        if rest:
            *whole, last = rest
            yield b"".join(begun)
            yield from whole
            begun = [last]
    if any(begun) or not unpack.eof:
        raise _disagrees()


def _disagrees() -> Damaged:
    return Damaged(
        "backup_disagrees",
        N_("Filen stämmer inte med sin egen förteckning. Ta en annan kopia."),
    )
