"""Arrays made once and kept in a folder, opened by every process without copying.

A folder of arrays is written under another name and then renamed, so that nobody sees half of
one; two processes that make the same at the same time end with one of them. The arrays are
memory-mapped: the operating system keeps one copy for all processes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

Arrays = Mapping[str, "np.ndarray"]
_KEPT = 2  # folders of one kind: processes may still open the one before the newest


def kept_or_made(
    folder: Path | None, kind: str, version: str, make: Callable[[], Arrays]
) -> Arrays:
    """Arrays of one kind and version, from the folder or made now.

    Args:
        folder: where they are kept; None or one that can't be written keeps nothing.
        kind: what they are, such as ``labels``.
        version: what they were made from; another version is made anew.
        make: makes them, seconds at most.
    """
    if folder is None:
        return make()
    place = folder / f"{kind}-{version}"
    found: Arrays | None = _open(place)
    if found is None:
        found = make()
        if _write(place, found):
            found = _open(place) or found
        _forget_older(folder, kind, place)
    return found


def packed(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Texts as bytes one after another, and where each begins (one more than texts)."""
    import numpy as np

    encoded = [text.encode() for text in texts]
    starts = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(one) for one in encoded], out=starts[1:])
    return np.frombuffer(b"".join(encoded), np.uint8), starts


class Texts:
    """The texts that :func:`packed` took, by their number.

    Args:
        content: their bytes.
        starts: where each begins.
    """

    def __init__(self, content: np.ndarray, starts: np.ndarray) -> None:
        self._content = content.data
        self._starts = starts

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, number: int) -> str:
        start, end = self._starts[number : number + 2].tolist()
        return str(self._content[start:end], "utf-8")


def _open(place: Path) -> dict[str, np.ndarray] | None:
    import numpy as np

    try:
        files = sorted(place.glob("*.npy"))
        # An empty array can't be mapped. As plain arrays: memmap's own class is slow to slice.
        return {
            file.stem: np.asarray(
                np.load(file, mmap_mode="r" if file.stat().st_size > _HEADER else None)
            )
            for file in files
        } or None
    except (OSError, ValueError):
        return None


_HEADER = 128  # bytes of an .npy file without content


def _write(place: Path, arrays: Arrays) -> bool:
    import numpy as np

    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".being-made-", dir=place.parent))
    except OSError:
        return False
    try:
        for name, array in arrays.items():
            np.save(draft / f"{name}.npy", array)
        draft.rename(place)
    except OSError:
        # Somebody else was faster, or the disk is full.
        shutil.rmtree(draft, ignore_errors=True)
        return place.exists()
    return True


def _forget_older(folder: Path, kind: str, newest: Path) -> None:
    with suppress(OSError):
        others = [one for one in folder.glob(f"{kind}-*") if one != newest]
        others.sort(key=os.path.getmtime, reverse=True)
        for old in others[_KEPT - 1 :]:
            shutil.rmtree(old, ignore_errors=True)
