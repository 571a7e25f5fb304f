"""The page of what a colleague wants to get."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc.accounts.guard import STAFF, current_actor, reading, requires, writing
from matchsvc.errors import Conflict, DomainError, Invalid
from matchsvc.messages import preferences
from matchsvc.messages.api_schemas import ChoosePreferenceSchema
from matchsvc.messages.wording import DIGESTS, REACHES
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint("my_messages", __name__, template_folder="templates")


@pages.get("/settings/messages")
@requires(*STAFF)
def show_mine() -> ResponseReturnValue:
    """What I get."""
    return _page(None, {}), 200


@pages.post("/settings/messages")
@requires(*STAFF)
def submit_mine() -> ResponseReturnValue:
    """Choose what I get."""
    try:
        data = load_form(ChoosePreferenceSchema())
        with writing() as session:
            preferences.choose(session, current_actor(), **data)
    except (Invalid, Conflict) as error:
        return _page(request.form, field_errors(error), error), STATUS[type(error)]
    return redirect(url_for("my_messages.show_mine", saved=1), 303)


def _page(form: Any, errors: dict[str, str], error: DomainError | None = None) -> str:
    with reading() as session:
        chosen = preferences.preference_of(session, current_actor().require_user())
        is_conflict = isinstance(error, Conflict)
        saved = {"reach": chosen.reach.value, "digest": chosen.digest.value}
        return render_template(
            "messages/mine.html",
            chosen=chosen,
            form=saved if form is None else form,
            errors={} if is_conflict else errors,
            theirs=(REACHES[chosen.reach], DIGESTS[chosen.digest]) if is_conflict else None,
            reaches=[(each.value, words) for each, words in REACHES.items()],
            digests=[(each.value, words) for each, words in DIGESTS.items()],
            saved=request.args.get("saved"),
        )
