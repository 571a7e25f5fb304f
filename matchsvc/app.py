"""The application factory: the one module that knows every package."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pkgutil import iter_modules
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, g, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from whitenoise import WhiteNoise

from matchsvc import db, migrate, secrecy
from matchsvc.accounts import guard, rules, views_confirm
from matchsvc.accounts.api import api as accounts_api
from matchsvc.accounts.models import Role, Unit
from matchsvc.accounts.settings import several
from matchsvc.accounts.staff import KEEPERS
from matchsvc.accounts.views import pages as accounts_pages
from matchsvc.activities.catalogue import READERS as ACTIVITY_READERS
from matchsvc.config import Config
from matchsvc.diary.access import READERS as MEETING_READERS
from matchsvc.employers.subsidies import SEERS as SUBSIDY_READERS
from matchsvc.help.frame import page_help
from matchsvc.imports.runs import ANY_IMPORTER
from matchsvc.keeping.gauges import gauges
from matchsvc.keeping.sealed import keys_open
from matchsvc.learning.staff import READERS as LEARNING_READERS
from matchsvc.log_checks.rules import REVIEWERS as LOG_REVIEWERS
from matchsvc.matching.rules import MATCHERS
from matchsvc.messages.rules import READERS as MESSAGE_READERS
from matchsvc.operations.access import LEADERS, SITE_READERS
from matchsvc.participants.referrals import WORKERS as REFERRAL_WORKERS
from matchsvc.participants.shared_words import names_among
from matchsvc.reports.lists import KINDS as LISTS
from matchsvc.rights.requests import KEEPERS as RIGHTS_KEEPERS
from matchsvc.search.views import SEARCHERS
from matchsvc.vocabulary import indexes
from matchsvc.vocabulary.desk import NAMES_AMONG
from matchsvc.vocabulary.esco import CREDIT
from matchsvc.vocabulary.models import Scheme
from matchsvc.vocabulary.versions import latest_version
from matchsvc.web import api, compiled, components, problems, security, words
from matchsvc.web.health import health_pages
from matchsvc.web.views_well_known import well_known_pages

#: A place in a menu: address, label, icon, who sees it.
Place = tuple[str, str, str, tuple[Role, ...]]
#: Routes of libraries, open to all: style and pictures, and the interface's description.
PAGE_SECONDS = 60  # a query that a page waits longer for is given up
OPEN_ENDPOINTS = frozenset({"static", "api-docs.openapi_json"})

#: Packages whose ``views`` module holds ``pages`` and whose ``api`` module holds ``api``.
ROOMS = (
    "vocabulary",
    "workday",
    "employers",
    "participants",
    "matching",
    "diary",
    "start",
    "progression",
    "activities",
    "placements",
    "schedules",
    "follow_ups",
    "employments",
    "operations",
    "tripartite",
    "documents",
    "imports",
)
ROOMS_ON_TOP = (
    *("messages", "help", "search", "archive", "rights", "own_page", "support"),
    *("retention", "reports"),
    *("learning", "log_checks", "scheduling"),
)
ROOM_MODULES = (
    ("views", "pages"),
    ("views_agreements", "pages"),
    ("views_by_link", "pages"),
    ("views_cohort", "pages"),
    ("views_feedback", "pages"),
    ("views_ladders", "pages"),
    ("views_mine", "pages"),
    ("views_programmes", "pages"),
    ("views_referrals", "pages"),
    ("views_subsidies", "pages"),
    ("views_units", "pages"),
    ("views_users", "pages"),
    ("views_visits", "pages"),
    ("api", "api"),
    ("api_agreements", "api"),
    ("api_cohort", "api"),
    ("api_cube", "api"),
    ("api_following", "api"),
    ("api_groups", "api"),
    ("api_consents", "api"),
    ("api_consent_papers", "api"),
    ("api_ladders", "api"),
    ("api_map", "api"),
    ("api_messaging", "api"),
    ("api_network", "api"),
    ("api_notes", "api"),
    ("api_papers", "api"),
    ("api_plan", "api"),
    ("api_programmes", "api"),
    ("api_quarterly", "api"),
    ("api_referrals", "api"),
    ("api_rules", "api"),
    ("api_surveys", "api"),
    ("api_subsidies", "api"),
    ("api_tasks", "api"),
    ("api_units", "api"),
    ("api_users", "api"),
    ("api_visits", "api"),
    ("api_weights", "api"),
    ("api_yearly", "api"),
)

#: Modules that nothing calls: they follow what packages below tell, once they are loaded.
FOLLOWERS = ("workday.account_watch", "placements.consent_watch")


def create_app(config: Config, *, engine: Engine | None = None) -> Flask:
    """Make the WSGI application.

    Args:
        config: checked settings.
        engine: the database to use; None connects to the configured one.
    """
    app = Flask(
        "matchsvc",
        static_url_path="/static",
        static_folder="web/static",
        template_folder="web/templates",
    )
    app.secret_key = config.secret_key
    compiled.init_app(app, config.index_place / "templates")
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.config["MATCHSVC"] = config
    # The vocabulary knows no people, but must keep their names out of its words.
    app.extensions[NAMES_AMONG] = names_among
    security.configure_logging()
    secrecy.use(config.keys)
    indexes.keep_in(config.index_place)
    if engine is not None:
        db.bind(engine)
    else:
        db.connect(config.database_url, query_seconds=PAGE_SECONDS)
    security.init_app(app, config)
    words.init_app(app)
    components.register(app)
    problems.init_app(app, guard.log_refusal)
    guard.init_app(app)
    views_confirm.init_app(app)
    _serve_static(app, security.file_headers(config))
    _register(app)
    app.context_processor(_page_frame)
    app.jinja_env.globals["printed_on"] = guard.day_of_request
    return app


def _serve_static(app: Flask, headers: dict[str, str]) -> None:
    """WhiteNoise answers for files before Flask is asked; Flask knows their addresses."""

    def add_headers(answered: Any, _path: str, _url: str) -> None:
        for name, value in headers.items():
            answered[name] = value

    static = WhiteNoise(
        app.wsgi_app, max_age=3600, allow_all_origins=False, add_headers_function=add_headers
    )
    static.add_files(str(app.static_folder), prefix="static/")
    app.wsgi_app = static  # type: ignore[method-assign]


def _register(app: Flask) -> None:
    for module in FOLLOWERS:
        import_module(f"matchsvc.{module}")
    json_api = api.init_app(app, version("matchsvc"))
    app.register_blueprint(health_pages(migrate.fits, guard.public, keys_open, gauges))
    app.register_blueprint(well_known_pages(guard.public))
    app.register_blueprint(accounts_pages)
    json_api.register_blueprint(accounts_api)
    for module, blueprint in load_rooms():
        if module.startswith("views"):
            app.register_blueprint(blueprint)
        else:
            json_api.register_blueprint(blueprint)


def load_rooms() -> Iterator[tuple[str, Any]]:
    """Import every room's pages and API: the module's name and its blueprint, in order."""
    for room in (*ROOMS, *ROOMS_ON_TOP):
        path = import_module(f"matchsvc.{room}").__path__
        there = {found.name for found in iter_modules(path)}
        for module, attribute in ROOM_MODULES:
            if module in there:
                yield module, getattr(import_module(f"matchsvc.{room}.{module}"), attribute)


def _page_frame() -> dict[str, Any]:
    """What the page frame needs: who is logged in, the menu, the language."""
    actor = g.get("actor")
    language = words.language_of_reader()
    other = "en" if language == "sv" else "sv"
    frame: dict[str, Any] = {
        "current_actor": None,
        "nav_items": [],
        "more_items": [],
        "lang": language,
        # The rest of the address stays: a page may need it to know what it is about.
        "other_lang_url": f"{_here()}?{urlencode({**request.args, 'lang': other})}",
        "unit_name": _("Arbetsmarknadsenheten"),
        "unit_mark": "",
        "municipality_name": "",
        "demo": False,
        "credits": [],
        "url_for": url_for,
    }
    if g.get("frame") is None:
        try:
            with db.read() as session:
                g.frame = _stored_frame(session, actor)
        except DBAPIError as error:
            if not db.is_gone(error):
                raise
            g.frame, actor = {}, None  # the page that says so needs none of it
    frame |= g.frame
    if actor is not None:
        frame["current_actor"] = {
            "user_id": actor.user_id,
            "name": actor.name,
            "role_label": role_label(actor.roles),
        }
        frame["may_take"] = {kind for kind, told in LISTS.items() if actor.has_role(*told[1])}
        frame["may_search"] = actor.has_role(*SEARCHERS)
        frame["nav_items"] = _menu(navigation(), actor.roles)
        frame["more_items"] = _menu(more_navigation(), actor.roles)
        frame |= page_help(frame["nav_items"] + frame["more_items"], may_search=frame["may_search"])
    return frame


def _here() -> str:
    """This page's path, as a link: never one that a browser reads as another site's."""
    return "/" + quote(request.path.lstrip("/\\"))


def _stored_frame(session: Session, actor: Any) -> dict[str, Any]:
    unit_id = actor.unit_id if actor else g.get(guard.UNIT_OF_LINK)
    unit = session.get(Unit, unit_id) if unit_id else None
    found: dict[str, Any] = {"demo": rules.is_demo(session)}
    if latest_version(session, Scheme.ESCO) is not None:
        found["credits"] = [_(CREDIT)]
    if unit is not None:
        own = several(session, unit.id, "display_name", "mark")
        found |= {"unit_name": own["display_name"] or unit.name, "unit_mark": own["mark"]}
        found["municipality_name"] = unit.municipality
    return found


def _menu(places: list[Place], roles: frozenset[Role]) -> list[dict[str, Any]]:
    prefix = "/" + request.path.split("/")[1]
    items = []
    for path, label, icon, who in places:
        if roles.isdisjoint(who):
            continue
        items.append({"label": label, "href": path, "icon": icon, "current": prefix == path})
    return items


def navigation() -> list[Place]:
    """The main menu."""
    people = (Role.CASE_WORKER, Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR)
    leads = (*people, Role.UNIT_MANAGER)
    return [
        ("/my-week", _("Min vecka"), "calendar-check", (*leads, Role.SUPERVISOR)),
        ("/participants", _("Deltagare"), "users-round", (*leads, Role.SUPERVISOR)),
        ("/morning", _("I dag"), "sun-dim", LEADERS),
        ("/employers", _("Arbetsgivare"), "building-2", leads),
        ("/offers", _("Erbjudanden"), "store", leads),
        ("/placements", _("Placeringar"), "briefcase", (*leads, Role.SUPERVISOR)),
        ("/reports", _("Rapporter"), "chart-bar-decreasing", (*leads, Role.AUDITOR)),
    ]


def more_navigation() -> list[Place]:
    """What stands in the user's own menu, and on a phone under More: seldom used, never hidden."""
    return [
        ("/referrals", _("Remisser"), "inbox", REFERRAL_WORKERS),
        ("/matching", _("Matchning"), "puzzle", MATCHERS),
        ("/proposals", _("Förslag"), "handshake", MATCHERS),
        ("/tasks", _("Uppgifter"), "list-checks", guard.STAFF),
        ("/hand-over", _("Lämna över arbete"), "arrow-right", guard.STAFF),
        ("/cohort", _("Fördelning"), "shuffle", MATCHERS),
        ("/meetings", _("Möten"), "calendar-days", MEETING_READERS),
        ("/activities", _("Aktiviteter"), "users", ACTIVITY_READERS),
        ("/own-operations", _("Egen verksamhet"), "sprout", SITE_READERS),
        ("/learning", _("Lärande"), "graduation-cap", LEARNING_READERS),
        ("/subsidies", _("Stöd till arbetsgivare"), "handshake", SUBSIDY_READERS),
        ("/messages", _("Meddelanden"), "mail", MESSAGE_READERS),
        ("/audit/samples", _("Granskning"), "shield-check", LOG_REVIEWERS),
        ("/rights", _("Rättigheter"), "scale", RIGHTS_KEEPERS),
        ("/imports", _("Importera"), "upload", ANY_IMPORTER),
        ("/users", _("Användare"), "users-round", KEEPERS),
        ("/settings", _("Inställningar"), "settings", guard.STAFF),
    ]


def role_label(roles: frozenset[Role]) -> str:
    """What a user's roles are called, for the page's head."""
    labels = {
        Role.CASE_WORKER: _("handläggare"),
        Role.EMPLOYER_LIAISON: _("arbetsgivarkonsulent"),
        Role.PLACEMENT_COORDINATOR: _("praktiksamordnare"),
        Role.SUPERVISOR: _("handledare"),
        Role.PRACTICAL_SUPERVISOR: _("praktisk handledare"),
        Role.UNIT_MANAGER: _("enhetschef"),
        Role.AUDITOR: _("granskare"),
        Role.ADMIN: _("systemförvaltare"),
    }
    return ", ".join(labels[role] for role in Role if role in roles)
