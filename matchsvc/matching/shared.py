"""One copy of an index on disk that every process of a machine maps into its memory.

    FOLDER/UNIT/CURRENT        the name of the version in use, replaced in one step
    FOLDER/UNIT/VERSION/*.npy  one array each, never changed once they are named in CURRENT
    FOLDER/UNIT/lock           whoever makes a new version holds it

The folder is the owner's alone: what people can do stands in it, under their ids. It can be deleted
at any time and is made again. A process goes on with the version it has opened after that is gone.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy import Engine

from matchsvc.matching.everybody import Everybody
from matchsvc.matching.fast.gate_bits import GateCode
from matchsvc.matching.fast.index import Index
from matchsvc.matching.gates import Gate
from matchsvc.matching.inputs import Offers
from matchsvc.matching.weights import Weights

FORMAT = 2
_CURRENT = "CURRENT"
_COLUMNS = ("ids", "hours", "weekdays", "start_from")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an index was made of; it serves nothing else.

    Attributes:
        day: ordinal; waits and windows are counted from it.
        sequence: of the last change that is in it.
        fingerprint: of the lists, in hexadecimal.
        weights: the table.
    """

    day: int
    sequence: int
    fingerprint: str
    weights: str

    @classmethod
    def of(cls, day: int, sequence: int, fingerprint: bytes, weights: Weights) -> Stamp:
        """Stamp an index."""
        return cls(day, sequence, fingerprint.hex(), json.dumps(asdict(weights), sort_keys=True))

    def table(self) -> Weights:
        """Give the table back."""
        said: dict[str, Any] = json.loads(self.weights)
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in said.items()
        }
        return Weights(**values)

    def is_like(self, other: Stamp) -> bool:
        """Tell whether only later changes lie between the two."""
        mine, theirs = asdict(self), asdict(other)
        return {**mine, "sequence": 0} == {**theirs, "sequence": 0}


def folder_of(engine: Engine) -> Path | None:
    """Where the indexes of a database are kept; None for one that lives in memory.

    Beside the file of SQLite; under var/ by a name of its own for PostgreSQL, on each machine that
    serves it.
    """
    url = engine.url
    if url.get_backend_name() == "sqlite":
        is_file = url.database and url.database != ":memory:"
        return Path(f"{url.database}-matching") if is_file else None
    where = f"{url.host}:{url.port}/{url.database}"
    return Path("var") / f"matching-{hashlib.sha256(where.encode()).hexdigest()[:16]}"


def current_version(folder: Path) -> str | None:
    """Give the name of the version in use."""
    with suppress(FileNotFoundError):
        return (folder / _CURRENT).read_text("ascii")
    return None


def save(folder: Path, everybody: Everybody, stamp: Stamp) -> str:
    """Write a version and put it in use; give its name. For who holds the lock."""
    version = uuid4().hex
    draft = folder / f".{version}"
    draft.mkdir(mode=0o700)
    for name in _COLUMNS:
        np.save(draft / f"{name}.npy", getattr(everybody, name))
    for field in fields(Index):
        np.save(draft / f"index.{field.name}.npy", getattr(everybody.index, field.name))
    for field in fields(Offers):
        np.save(draft / f"asked.{field.name}.npy", getattr(everybody.code.examples, field.name))
    bits = [[gate, things, *place] for (gate, things), place in everybody.code.bits.items()]
    about = {"format": FORMAT, "stamp": asdict(stamp), "bits": bits}
    (draft / "about.json").write_text(json.dumps(about), "ascii")
    draft.rename(folder / version)
    new = folder / f".{_CURRENT}"
    new.write_text(version, "ascii")
    before = current_version(folder)
    new.replace(folder / _CURRENT)
    _sweep(folder, keep={version, before})
    return version


def open_version(folder: Path, version: str) -> tuple[Everybody, Stamp] | None:
    """Map a version into memory; None when it is gone or of another format."""
    path = folder / version
    try:
        about = json.loads((path / "about.json").read_text("ascii"))
        if about["format"] != FORMAT:
            return None
        stamp = Stamp(**about["stamp"])
        examples = Offers(**{f.name: np.load(path / f"asked.{f.name}.npy") for f in fields(Offers)})
        bits = {(Gate(gate), tuple(things)): (bit, row) for gate, things, bit, row in about["bits"]}
        everybody = Everybody(
            index=Index(**{f.name: _mapped(path / f"index.{f.name}.npy") for f in fields(Index)}),
            code=GateCode(stamp.day, examples, bits),
            **{name: _mapped(path / f"{name}.npy") for name in _COLUMNS},
        )
    except (FileNotFoundError, KeyError, TypeError, ValueError):
        return None
    return everybody, stamp


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Be the only one on this machine who makes a version."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def forget(folder: Path) -> None:
    """Delete every index of a database: for who has put another content into it."""
    shutil.rmtree(folder, ignore_errors=True)


def unit_folder(folder: Path, unit_id: UUID) -> Path:
    """Where a unit's versions are."""
    return folder / unit_id.hex


def _mapped(path: Path) -> Any:
    """Map an array; an empty one cannot be mapped and is read."""
    try:
        return np.asarray(np.load(path, mmap_mode="r"))
    except ValueError:
        return np.load(path)


def _sweep(folder: Path, *, keep: set[str | None]) -> None:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in keep:
            shutil.rmtree(path, ignore_errors=True)
