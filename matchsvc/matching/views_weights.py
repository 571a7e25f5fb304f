"""The page of the unit's table of points: what it says, why, who changed it and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.guard import current_actor, reading, requires
from matchsvc.accounts.models import Role
from matchsvc.matching.explain import NEVER_USED
from matchsvc.matching.weights_table import (
    BOUND_WORDS,
    EVIDENCE,
    MERIT,
    REQUIRED,
    TABLE_READERS,
    table_history,
    table_version,
)

weight_pages = Blueprint("weights", __name__)


@weight_pages.get("/matching/rules")
@weight_pages.get("/matching/weights")
@requires(*TABLE_READERS)
def show_weights() -> ResponseReturnValue:
    """Show the table in force, its reasons and bounds, and every version."""
    with reading() as session:
        return weights_page(session, current_actor(), form={}, errors={}), 200


@weight_pages.get("/matching/weights/<label>")
@requires(*TABLE_READERS)
def show_version(label: str) -> ResponseReturnValue:
    """Show one version, as proposals name it."""
    with reading() as session:
        return weights_page(session, current_actor(), form={}, errors={}, label=label), 200


def weights_page(
    session: Session,
    actor: Actor,
    *,
    form: Mapping[str, Any],
    errors: Mapping[str, Any],
    label: str | None = None,
) -> str:
    """The page; ``form`` is what was typed of other numbers, ``label`` an older version."""
    versions = table_history(session, actor)
    current = versions[0]
    shown = current if label is None else table_version(session, actor, label)
    return render_template(
        "matching/weights.html",
        table=shown,
        numbers=shown.numbers,
        current=current,
        versions=versions,
        form=form or current.numbers,
        errors=errors,
        may_change=actor.has_role(Role.UNIT_MANAGER) and shown is current,
        is_open=bool(errors) or "prova" in request.args,
        bounds=[_(words) for _field, words in BOUND_WORDS.values()],
        labels=number_labels(),
        short_labels=_short_labels(),
        groups=[
            (_("Krav"), None, REQUIRED),
            (_("Merit"), None, MERIT),
            (
                _("Gånger hur vi vet"),
                _("Påstådd är 5 till 10. Bekräftad är alltid 10."),
                EVIDENCE,
            ),
        ],
        never_used=_(NEVER_USED),
    )


def number_labels() -> dict[str, str]:
    """What each number of a table is called."""
    return {
        "required_own": _("Krav: det som efterfrågas, eller något smalare"),
        "required_parent": _("Krav: det bästa under närmaste rubrik"),
        "required_grandparent": _("Krav: det bästa under rubriken ovanför"),
        "merit_own": _("Merit: det som efterfrågas, eller något smalare"),
        "merit_parent": _("Merit: det bästa under närmaste rubrik"),
        "merit_grandparent": _("Merit: det bästa under rubriken ovanför"),
        "claimed": _("Påstådd"),
        "exemplified": _("Exemplifierad"),
        "observed": _("Observerad"),
        "confirmed": _("Bekräftad"),
        "floor": _("Golv för utkastet"),
    }


def _short_labels() -> dict[str, str]:
    """The same under a heading that says whether it is a requirement or a merit."""
    nearness = (_("Just det"), _("Närmaste rubrik"), _("Rubriken ovanför"))
    rungs = {name: number_labels()[name] for name in EVIDENCE}
    return {
        **dict(zip(REQUIRED, nearness, strict=True)),
        **dict(zip(MERIT, nearness, strict=True)),
    } | rungs
