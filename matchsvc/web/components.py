"""What the page components need from Python. app.py calls :func:`register` once."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask

from matchsvc.web.charts import bar_rows, nice_maximum, time_axis
from matchsvc.web.icons import icon

STATIC = Path(__file__).parent / "static"


def register(app: Flask) -> None:
    """Give every template ``icon`` and the geometry that the figures and lanes draw with.

    ``draw_icon`` is the same function, for macros whose own parameter is called icon.
    ``look_version`` stands in the addresses of style and script, so that a browser which kept
    yesterday's asks again.
    """
    app.jinja_env.globals.update(
        icon=icon,
        draw_icon=icon,
        time_axis=time_axis,
        bar_rows=bar_rows,
        nice_maximum=nice_maximum,
        look_version=_fingerprint(
            *("app.css", "diary.css", "figures.css", "follow-up.css"),
            *("map.css", "own.css", "seldom.css", "talk.css"),
            *("app.js", "autosave.js", "search.js", "shortcuts.js", "follow-up.js"),
        ),
    )


def _fingerprint(*names: str) -> str:
    digest = hashlib.sha256(b"".join((STATIC / name).read_bytes() for name in names))
    return digest.hexdigest()[:10]
