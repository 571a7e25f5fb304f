"""What the pages and the API of the vocabulary share."""

from __future__ import annotations

from flask import current_app
from sqlalchemy.orm import Session

#: app.extensions[NAMES_AMONG](session, text): the names in a text. Without it nothing is saved.
NAMES_AMONG = "names_among"
TOP = "-"  # in place of a parent: the concept lies under nothing


def names_among(session: Session, text: str) -> frozenset[str]:
    """The words of a text that are names of people or employers; the application knows them."""
    found: frozenset[str] = current_app.extensions[NAMES_AMONG](session, text)
    return found


def parent_of(told: str) -> str | None:
    """The parent that a form or a program names; None for the top."""
    return None if told == TOP else told
