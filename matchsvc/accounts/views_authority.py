"""The page of who may what: the table of authority as it holds, for one role at a time."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from matchsvc.accounts import authority, settings
from matchsvc.accounts.authority_states import PLACE_WORDS, STATES
from matchsvc.accounts.guard import reading, requires
from matchsvc.accounts.models import Role
from matchsvc.accounts.wording import ROLES

authority_pages = Blueprint("authority", __name__)


@authority_pages.get("/settings/authority")
@requires(*settings.READERS)
def show_authority() -> ResponseReturnValue:
    """What a role reads and changes, and which field groups are shown to whom."""
    wish = request.args.get("role", "")
    role = Role(wish) if wish in set(Role) else Role.CASE_WORKER
    with reading():
        return render_template(
            "accounts/authority.html",
            role=role,
            roles=ROLES,
            rows=authority.rows_for(role),
            why=authority.WHY_WORDS,
            fields=authority.FIELDS,
            scopes=authority.SCOPE_WORDS,
            states=STATES,
            places=PLACE_WORDS,
            own_scope=authority.SCOPE_OF_ROLE[role],
        ), 200
