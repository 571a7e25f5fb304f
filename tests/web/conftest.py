"""A bare application around the templates: no database, no accounts, only the drawing."""

import threading
from datetime import date
from types import SimpleNamespace

import pytest
from flask import Flask, render_template, request
from flask_babel import Babel
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.serving import make_server

from matchsvc.web import components

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
NAV = [
    ("Min vecka", "/my-week", "calendar-check"),
    ("Deltagare", "/participants", "users-round"),
    ("Arbetsgivare", "/employers", "building-2"),
    ("Erbjudanden", "/offers", "briefcase"),
    ("Placeringar", "/placements", "handshake"),
    ("Rapporter", "/reports", "chart-bar-decreasing"),
]


def build_app():
    app = Flask("matchsvc.web", root_path=str(components.__file__).rsplit("/", 1)[0])
    here = FileSystemLoader(str(__file__).rsplit("/", 1)[0])
    app.jinja_loader = ChoiceLoader([app.jinja_loader, here])
    Babel(app, default_locale="sv")
    components.register(app)
    app.jinja_env.globals.update(csrf_token=lambda: "token", day=date)

    @app.context_processor
    def shell():
        actor = SimpleNamespace(name="Maja Lindqvist", role_label="arbetsgivarkonsulent")
        nav = [
            {"label": label, "href": href, "icon": icon, "current": index == 0}
            for index, (label, href, icon) in enumerate(NAV)
        ]
        return {
            "nav_items": nav,
            "current_actor": actor if "anonymous" not in request.args else None,
            "unit_name": "Arbetsmarknadsenheten",
            "municipality_name": "Lindvalla kommun",
            "lang": "sv",
            "other_lang_url": "?lang=en",
            "demo": "demo" in request.args,
            "color_scheme": request.args.get("scheme"),
        }

    @app.after_request
    def guard(response):
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @app.get("/page/<name>")
    def page(name):
        return render_template(f"{name}.html" if name == "gallery" else f"pages/{name}.html")

    @app.get("/healthz")
    def healthz():
        return "ok"

    return app


@pytest.fixture(scope="session")
def gallery_app():
    return build_app()


@pytest.fixture(scope="session")
def address(gallery_app):
    server = make_server("127.0.0.1", 0, gallery_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()
    thread.join()
