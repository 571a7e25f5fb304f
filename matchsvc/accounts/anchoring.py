"""The anchor: a file outside the database that each seal of the log is copied to, once it stands.

A seal is appended after its transaction has committed. Written before, a process that dies in
between would leave a seal in the file that the database never had, which looks just like a log
that was cut off. A seal that died before it was appended is appended by the next sealing, and a
line that a full disk tore is written again after it. A month that was replaced by its seal has a
line too; those of its seals stay, because nothing is ever taken out of the file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

Line = Mapping[str, object]


def last_anchored(anchor: Path) -> int:
    """Number of the newest seal in the file; 0 when there is none that can be read."""
    return _highest(anchor, "seal")


def last_month(anchor: Path) -> int:
    """Number of the newest replaced month in the file; 0 when there is none that can be read."""
    return _highest(anchor, "number")


def _highest(anchor: Path, key: str) -> int:
    numbers = [number for line in _lines(anchor) if (number := _number(line, key)) is not None]
    return max(numbers, default=0)


def append(anchor: Path, seals: Iterable[Line]) -> None:
    """Append seals, one line each, and have the disk say that it holds them.

    Raises:
        OSError: the disk is full or not there; the next sealing appends what is missing.
    """
    lines = "".join(json.dumps(each) + "\n" for each in seals)
    if not lines:
        return
    anchor.parent.mkdir(parents=True, exist_ok=True)
    with anchor.open("ab+") as file:
        if file.tell() and not _ends_whole(anchor):
            file.write(b"\n")
        file.write(lines.encode())
        file.flush()
        os.fsync(file.fileno())


def whole_lines(anchor: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines of the file, without those torn ones that the next line says in full."""
    lines = _lines(anchor)
    for number, line in enumerate(lines, start=1):
        following = lines[number] if number < len(lines) else None
        torn = following is not None and line != following and following.startswith(line)
        if not torn:
            yield number, line


def _ends_whole(anchor: Path) -> bool:
    with anchor.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def _lines(anchor: Path) -> list[str]:
    if not anchor.exists():
        return []
    return anchor.read_text(encoding="utf-8", errors="replace").splitlines()


def _number(line: str, key: str) -> int | None:
    try:
        number = json.loads(line)[key]
    except (ValueError, TypeError, KeyError):
        return None
    return number if isinstance(number, int) else None
