"""What the frame of every page says about the page itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from matchsvc.help.purposes import PURPOSES
from matchsvc.help.shortcuts import is_on, shortcuts_for


def page_help(places: Iterable[dict[str, Any]], *, may_search: bool) -> dict[str, Any]:
    """The page's sentence and the reader's shortcuts, for the layout.

    Args:
        places: ``{label, href}`` of both menus.
        may_search: whether the reader has the search box.
    """
    on = is_on()
    return {
        "page_purpose": PURPOSES.get(_page_endpoint()),
        "shortcuts": shortcuts_for(places, may_search=may_search) if on else [],
    }


def _page_endpoint() -> str:
    """The page that is looked at; a form shown again is the page it was sent from."""
    asked = request.endpoint or ""
    if asked in PURPOSES:
        return asked
    try:
        endpoint, _values = current_app.url_map.bind("").match(request.path, method="GET")
    except HTTPException:
        return ""
    return str(endpoint)
