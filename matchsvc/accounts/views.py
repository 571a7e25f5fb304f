"""Log-in's first step, log-out, the one-time password page, and the unit's settings."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts import audit, rules, settings, single_sign_on, staff, views_login, views_sso
from matchsvc.accounts.guard import (
    LOGIN_KEY,
    STAFF,
    current_actor,
    public,
    reading,
    requires,
    writing,
)
from matchsvc.accounts.models import Role
from matchsvc.accounts.schemas import AreaSchema, LoginSchema, SetPasswordSchema
from matchsvc.accounts.views_authority import authority_pages
from matchsvc.accounts.views_confirm import confirm_pages
from matchsvc.accounts.views_mine import my_login_pages
from matchsvc.accounts.views_passkeys import passkey_pages
from matchsvc.accounts.views_settings import group_rows, setting_pages
from matchsvc.errors import DomainError
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

#: Who writes what employers read.
#: As matchsvc.retention.plans.READERS, which stands above.
_KEEP_READERS = (Role.UNIT_MANAGER, Role.CASE_WORKER, Role.AUDITOR)
_INFORMERS = (Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR, Role.UNIT_MANAGER)
#: Who may open the unit's table of points; matching's own rule decides.
RULE_READERS = (
    Role.CASE_WORKER,
    Role.EMPLOYER_LIAISON,
    Role.PLACEMENT_COORDINATOR,
    Role.UNIT_MANAGER,
    Role.AUDITOR,
)

pages = Blueprint("accounts", __name__, template_folder="templates")
for part in (
    setting_pages,
    authority_pages,
    views_login.login_pages,
    confirm_pages,
    my_login_pages,
    views_sso.sso_pages,
    passkey_pages,
):
    pages.register_blueprint(part)


@pages.get("/")
@public("sends everybody on to log-in or to their week")
def home() -> ResponseReturnValue:
    """Send everybody on to their week."""
    return redirect("/my-week")


@pages.get("/login")
@public("log-in itself")
def show_login() -> ResponseReturnValue:
    """Show the log-in form."""
    with reading() as session:
        is_empty = not rules.has_users(session)
    return render_template(
        "accounts/login.html",
        form=request.args,
        errors={},
        is_empty=is_empty,
        has_sso=views_sso.is_there(),
    )


@pages.post("/login")
@public("log-in itself")
def submit_login() -> ResponseReturnValue:
    """Check address and password; go on to the second factor or to the page."""
    try:
        data = load_form(LoginSchema())
    except DomainError as error:
        return _login_again(field_errors(error), 422)
    now = db.utcnow()
    with writing() as session:
        may_try = rules.count_attempt(session, f"login:{data['email'].lower()}", now=now)
    if not may_try:
        return _login_again({"": _("För många försök. Vänta en kvart och försök igen.")}, 429)
    with reading() as session:
        user = rules.find_user_by_email(session, data["email"])
        is_right = rules.check_password(user, data["password"])
        if user is not None and not single_sign_on.may_use_password(session, user):
            is_right = False  # said in the same words: who comes in how is nobody else's to learn
    if user is None or not is_right:
        with writing() as session:
            rules.note_failed_login(session, user, "password")
        message = _(
            "E-postadressen och lösenordet hör inte ihop. Kontrollera båda, "
            "eller be systemförvaltaren om en ny adress för att välja lösenord."
        )
        return _login_again({"": message}, 401)
    return views_login.begin(user, data["next"])


@pages.post("/logout")
@requires(*STAFF)
def submit_logout() -> ResponseReturnValue:
    """End the session, on the server too; and tell how to end the municipality's."""
    with writing() as session:
        state = single_sign_on.state_of(session, current_actor().require_user())
        rules.end_login(session, cookie.get(LOGIN_KEY, ""), now=db.utcnow())
    cookie.clear()
    if views_sso.is_there() and state.bound_at is not None:
        return redirect(url_for("accounts.sso.show_logged_out"), 303)
    return redirect(url_for("accounts.show_login"), 303)


@pages.get("/set-password/<token>")
@public("a one-time address")
def show_set_password(token: str) -> ResponseReturnValue:
    """Show the one-time password form."""
    with reading() as session:
        found = rules.find_password_token(session, token, now=db.utcnow())
    status = 200 if found else 404
    page = render_template("accounts/set_password.html", is_valid=bool(found), errors={})
    return page, status


@pages.post("/set-password/<token>")
@public("a one-time address")
def submit_set_password(token: str) -> ResponseReturnValue:
    """Set the password that the one-time address allows."""
    try:
        data = load_form(SetPasswordSchema())
        with writing() as session:
            rules.use_password_token(session, token, data["password"], now=db.utcnow())
    except DomainError as error:
        is_valid = STATUS[type(error)] != 404  # noqa: PLR2004
        page = render_template(
            "accounts/set_password.html", is_valid=is_valid, errors=field_errors(error)
        )
        return page, STATUS[type(error)]
    return redirect(url_for("accounts.show_login"), 303)


@pages.get("/settings")
@requires(*STAFF)
def show_settings() -> ResponseReturnValue:
    """Show the unit's settings."""
    return _settings_page({}), 200


@pages.post("/settings/areas")
@requires(Role.UNIT_MANAGER, Role.ADMIN, Role.EMPLOYER_LIAISON)
def submit_area() -> ResponseReturnValue:
    """Put an area on the unit's list."""
    actor = current_actor()
    try:
        data = load_form(AreaSchema())
        with writing() as session:
            if actor.unit_id is not None:
                area = rules.add_area(session, actor.unit_id, data["name"])
                audit.record(session, actor, "create", "area", area.id)
    except DomainError as error:
        return _settings_page(field_errors(error)), STATUS[type(error)]
    return redirect(url_for("accounts.show_settings"), 303)


@pages.get("/your-data")
@public("how personal data is handled is open to all")
def show_your_data() -> ResponseReturnValue:
    """Show how personal data is handled."""
    return render_template("accounts/your_data.html")


def _login_again(errors: dict[str, str], status: int) -> ResponseReturnValue:
    page = render_template(
        "accounts/login.html", form=request.form, errors=errors, has_sso=views_sso.is_there()
    )
    return page, status


def _settings_page(errors: dict[str, str]) -> str:
    actor = current_actor()
    with reading() as session:
        areas = rules.list_areas(session, actor.unit_id) if actor.unit_id else []
        may_read = actor.has_role(*settings.READERS) and actor.unit_id is not None
        groups = group_rows(settings.current_settings(session, actor)) if may_read else []
        may_change = actor.has_role(Role.UNIT_MANAGER, Role.ADMIN, Role.EMPLOYER_LIAISON)
        return render_template(
            "accounts/settings.html",
            areas=areas,
            may_change=may_change,
            groups=groups,
            may_keep_users=actor.has_role(*staff.KEEPERS),
            may_keep_units=actor.has_role(Role.ADMIN),
            may_see_archived=actor.has_role(*RULE_READERS[:-1]),
            may_see_retention=actor.has_role(*_KEEP_READERS),
            may_read_rules=actor.has_role(*RULE_READERS),
            may_inform=actor.has_role(*_INFORMERS),
            form=request.form,
            errors=errors,
        )
