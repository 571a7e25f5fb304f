"""The pages that explain: what roles do, which keys there are, what words mean."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from matchsvc.accounts.guard import STAFF, current_actor, requires
from matchsvc.accounts.models import Role
from matchsvc.help import shortcuts
from matchsvc.help.glossary import all_terms, find_terms
from matchsvc.web.words import language_of_reader

pages = Blueprint("help", __name__, template_folder="templates")

#: What each role does, and the word of the glossary that says who that is.
ROLES = {
    Role.CASE_WORKER: (
        _l("Handläggare"),
        _l(
            "Skriver in deltagare, kartlägger, bokar möten, föreslår platser och följer upp. "
            "Läser bara sina egna ärenden i sin helhet."
        ),
    ),
    Role.EMPLOYER_LIAISON: (
        _l("Arbetsgivarkonsulent"),
        _l(
            "Håller kontakt med arbetsgivare och skriver in erbjudanden. "
            "Ser deltagare med beteckning."
        ),
    ),
    Role.PLACEMENT_COORDINATOR: (
        _l("Praktiksamordnare"),
        _l("Skaffar platser och ordnar att placeringar kan börja. Ser deltagare med beteckning."),
    ),
    Role.SUPERVISOR: (
        _l("Handledare"),
        _l("Ser sina egna deltagare på platsen och skriver hur det går."),
    ),
    Role.PRACTICAL_SUPERVISOR: (
        _l("Praktisk handledare"),
        _l("Visar arbetet på platsen. Ser nästan inga uppgifter."),
    ),
    Role.UNIT_MANAGER: (
        _l("Enhetschef"),
        _l(
            "Fördelar ärenden, ser resultat och sköter användare. Läser ett ärende bara med ett "
            "skäl, som sparas."
        ),
    ),
    Role.AUDITOR: (_l("Granskare"), _l("Ser rapporter i grupp, aldrig en enskild person.")),
    Role.ADMIN: (
        _l("Systemförvaltare"),
        _l("Sköter användare, enhetens namn och mejl. Läser inga ärenden."),
    ),
}


@pages.get("/help")
@requires(*STAFF)
def show_help() -> ResponseReturnValue:
    """Roles, shortcuts, and the way to the glossary."""
    return render_template(
        "help/help.html",
        roles=ROLES,
        mine=current_actor().roles,
        is_on=shortcuts.is_on(),
        saved=request.args.get("saved"),
    )


@pages.post("/help/shortcuts/<any(on, off):choice>")
@requires(*STAFF)
def submit_shortcuts(choice: str) -> ResponseReturnValue:
    """Turn the shortcuts on or off in this browser."""
    answer = redirect(url_for("help.show_help", saved="shortcuts", _anchor="kortkommandon"), 303)
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    shortcuts.remember(answer, on=choice == "on", secure=secure)  # type: ignore[arg-type]
    return answer


@pages.get("/help/glossary")
@requires(*STAFF)
def show_glossary() -> ResponseReturnValue:
    """The words, or those that hold what is looked for."""
    words = request.args.get("q", "")[:100]
    language = language_of_reader()
    return render_template(
        "help/glossary.html",
        q=words,
        terms=find_terms(words, language),
        total=len(all_terms()),
        first=language,
        second="en" if language == "sv" else "sv",
    )
