"""Pages of what a unit sets itself: the groups, their forms, every change; one's own API tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from matchsvc import db
from matchsvc.accounts import rules, settings
from matchsvc.accounts.guard import (
    STAFF,
    asks_again,
    current_actor,
    reading,
    requires,
    writing,
)
from matchsvc.accounts.schemas import group_schema
from matchsvc.accounts.settings_shapes import Group
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.swedish import local_date
from matchsvc.web.forms import load_form, page_number
from matchsvc.web.problems import STATUS, field_errors

setting_pages = Blueprint("settings", __name__)
#: What a group is called, and what it is about.
GROUP_WORDS: Mapping[Group, tuple[Any, Any]] = {
    Group.UNIT: (_l("Namn och märke"), _l("Vad enheten heter på sidor och i brev.")),
    Group.LETTERS: (
        _l("Brev och enkäter"),
        _l("Vem brev kommer från, vad de säger, och hur länge en länk fungerar."),
    ),
    Group.TIMES: (_l("Tider och timmar"), _l("Arbetsdagen, samtalens längd och heltid.")),
    Group.DEADLINES: (
        _l("Påminnelser och frister"),
        _l("När någon påminns, och hur snart något ska göras."),
    ),
    Group.FIGURES: (_l("Rapporter"), _l("Hur små tal som visas.")),
    Group.INTAKE: (
        _l("Frågor i en remiss"),
        _l("Vad en remiss frågar om. Slå bara på det som är beslutat att det behövs."),
    ),
    Group.LOGIN: (_l("Inloggning"), _l("Om det räcker med lösenord för att logga in.")),
    Group.RETENTION: (_l("Hur länge saker sparas"), _l("När akter, konton och brev tas bort.")),
}
_ADDRESS = f"/settings/values/<any({', '.join(Group)}):group>"


@setting_pages.get(_ADDRESS)
@requires(*settings.READERS)
def show_group(group: str) -> ResponseReturnValue:
    """Settings that belong together: what holds, the default, who changed it last and why."""
    return _group_page(Group(group), None, {}), 200


@setting_pages.post(_ADDRESS)
@requires(*settings.CHANGERS)
@asks_again()
def submit_group(group: str) -> ResponseReturnValue:
    """Change some of them, with a reason."""
    now = db.utcnow()
    try:
        data = load_form(group_schema(Group(group)))
        keys = [each.key for each in settings.settings_in(Group(group))]
        with writing() as session:
            settings.change(
                session,
                current_actor(),
                {key: data[key] for key in keys},
                reason=data["reason"],
                bases={key: data[f"{key}_base"] for key in keys},
                now=now,
                today=local_date(now),
            )
    except (Invalid, RuleViolation, Conflict) as error:
        page = _group_page(Group(group), request.form, field_errors(error), error)
        return page, STATUS[type(error)]
    return redirect(url_for("accounts.settings.show_group", group=group, saved=1), 303)


def _group_page(
    group: Group, form: Any, errors: Mapping[str, Any], error: Exception | None = None
) -> str:
    with reading() as session:
        actor = current_actor()
        current = settings.current_settings(session, actor)
        shown = [current[each.key] for each in settings.settings_in(group)]
        is_conflict = isinstance(error, Conflict)
        return render_template(
            "accounts/setting_group.html",
            group=group,
            words=GROUP_WORDS[group],
            shown=shown,
            values={each.definition.key: each.value for each in shown} if form is None else form,
            reason="" if form is None else form.get("reason", ""),
            errors={} if is_conflict else errors,
            theirs=error.theirs if isinstance(error, Conflict) else None,
            may_change=actor.has_role(*settings.CHANGERS),
            saved=request.args.get("saved") is not None,
        )


@setting_pages.get("/settings/changes")
@requires(*settings.READERS)
def show_changes() -> ResponseReturnValue:
    """Every change, latest first."""
    with reading() as session:
        found = settings.history(session, current_actor(), page=page_number())
        return render_template("accounts/setting_changes.html", found=found), 200


@setting_pages.get("/settings/tokens")
@requires(*STAFF)
def show_tokens() -> ResponseReturnValue:
    """One's own API tokens: since when, until when, last used."""
    with reading() as session:
        tokens = rules.list_api_tokens(session, current_actor())
        return render_template(
            "accounts/tokens.html",
            tokens=tokens,
            now=db.utcnow(),
            saved=request.args.get("saved") is not None,
        ), 200


@setting_pages.post("/settings/tokens/<uuid:token_id>/revoke")
@requires(*STAFF)
def submit_revoke(token_id: UUID) -> ResponseReturnValue:
    """Make one's own token stop working at once."""
    with writing() as session:
        rules.revoke_api_token(session, current_actor(), token_id, now=db.utcnow())
    return redirect(url_for("accounts.settings.show_tokens", saved=1), 303)


def group_rows(current: Mapping[str, settings.Current]) -> list[dict[str, Any]]:
    """The groups as the settings' first page lists them, with how many differ from the default."""
    return [
        {
            "group": group,
            "title": title,
            "about": about,
            "own": sum(not current[each.key].is_default for each in settings.settings_in(group)),
        }
        for group, (title, about) in GROUP_WORDS.items()
    ]
