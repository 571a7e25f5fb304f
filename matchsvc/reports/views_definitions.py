"""The page of definitions: every measure, with an anchor that its figures lead to."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from matchsvc.accounts.guard import requires
from matchsvc.reports.measures import (
    COUNTED_WORDS,
    DEFINITIONS_VERSION,
    SECTIONS,
    SMALL_CELL_WORDS,
    TERMS,
)
from matchsvc.reports.outcomes import READERS

definition_pages = Blueprint("definitions", __name__)


@definition_pages.get("/reports/definitions")
@requires(*READERS)
def show_definitions() -> ResponseReturnValue:
    """What every figure of the reports means."""
    return render_template(
        "reports/definitions.html",
        sections=SECTIONS,
        terms=TERMS,
        version=DEFINITIONS_VERSION,
        counted_words=COUNTED_WORDS,
        small_cell_words=SMALL_CELL_WORDS,
    ), 200
