"""What the page components need from Python. app.py calls :func:`register` once."""

from __future__ import annotations

from flask import Flask

from matchsvc.web.charts import bar_rows, nice_maximum, time_axis
from matchsvc.web.icons import icon


def register(app: Flask) -> None:
    """Give every template ``icon`` and the geometry that the figures and lanes draw with.

    ``draw_icon`` is the same function, for macros whose own parameter is called icon.
    """
    app.jinja_env.globals.update(
        icon=icon,
        draw_icon=icon,
        time_axis=time_axis,
        bar_rows=bar_rows,
        nice_maximum=nice_maximum,
    )
