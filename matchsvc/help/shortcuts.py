"""Keyboard shortcuts: which there are, and whether the reader wants them (WCAG 2.1.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from flask_babel import gettext as _

COOKIE = "shortcuts"
#: By address: the letter after ``g``. The same in every language, so that hands need not relearn.
LETTERS = {
    "/my-week": "v",
    "/participants": "d",
    "/employers": "a",
    "/offers": "e",
    "/placements": "p",
    "/reports": "r",
    "/matching": "m",
    "/tasks": "u",
    "/meetings": "k",
    "/settings": "i",
}


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One key, or one after the other.

    Attributes:
        keys: as they are pressed.
        does: in the reader's language.
        href: where it leads, for those that lead somewhere.
    """

    keys: Sequence[str]
    does: str
    href: str | None = None


def is_on() -> bool:
    """Whether the reader has left them on."""
    return request.cookies.get(COOKIE) != "off"


def remember(answer: Response, *, on: bool, secure: bool) -> None:
    """Keep the reader's choice for a year, in this browser."""
    answer.set_cookie(
        COOKIE,
        "on" if on else "off",
        max_age=365 * 24 * 3600,
        httponly=True,
        samesite="Lax",
        secure=secure,
    )


def shortcuts_for(places: Iterable[dict[str, Any]], *, may_search: bool) -> list[Shortcut]:
    """The shortcuts of a reader whose menus lead to these places.

    Args:
        places: ``{label, href}`` of both menus.
        may_search: whether the reader has the search box.
    """
    own = [Shortcut(["?"], _("Visa kortkommandona"))]
    if may_search:
        own.append(Shortcut(["/"], _("Sök")))
        own.append(
            Shortcut(["n"], _("Ny anteckning, när ett ärende eller en arbetsgivare är öppen"))
        )
    return own + [
        Shortcut(["g", LETTERS[place["href"]]], place["label"], place["href"])
        for place in places
        if place["href"] in LETTERS
    ]
