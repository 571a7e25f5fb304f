"""Which page a link opens, by its purpose: all of them have the same short address, ``/l/TOKEN``.

The package that makes a link says here which page opens it, so that the page of the address need
not know the packages above it.
"""

from __future__ import annotations

from collections.abc import Callable

from flask.typing import ResponseReturnValue

Door = Callable[[str], ResponseReturnValue]
_doors: dict[str, Door] = {}


def open_with(purpose: str, door: Door) -> None:
    """Let a page open every link of a purpose; it is called with the token, outside a session."""
    _doors[purpose] = door


def door_of(purpose: str) -> Door | None:
    """The page that opens links of a purpose, or None where none is named."""
    return _doors.get(purpose)
