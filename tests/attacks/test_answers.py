"""What every answer carries, and what no request gets past: walked over all routes."""

from __future__ import annotations

import re
from urllib.parse import unquote
from uuid import uuid4

import pytest
from flask import request
from werkzeug.routing import AnyConverter, IntegerConverter, UUIDConverter
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from matchsvc import secrecy
from matchsvc.accounts.models import Role
from matchsvc.app import create_app
from matchsvc.config import Config
from matchsvc.vocabulary import indexes
from matchsvc.web import security
from tests.conftest import INDEX_FOLDER
from tests.soak import SOAK

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
REAL = {
    "env": "production",
    "secret_key": "s" * 40,
    "encryption_keys": "k1:" + "A" * 43 + "=",
    "base_url": "https://matchning.kommun.example",
}


@pytest.fixture
def guarded(app, client_as):
    """Somebody logged in with every role, and every check of forms in force."""
    client = client_as(Role.CASE_WORKER)
    app.config["WTF_CSRF_ENABLED"] = True
    return client


@pytest.fixture
def with_all_roles(client_as, make):
    return client_as(make.user(role=list(Role)))


def addresses(app, methods, *, every=1):
    """Each route with these methods; of those about a row, one of ``every``, with made-up ids."""
    for number, rule in enumerate(sorted(app.url_map.iter_rules(), key=lambda each: each.endpoint)):
        if not SOAK and number % (every if rule.arguments else max(every // 5, 1)):
            continue
        values = {}
        for name in rule.arguments:
            converter = rule._converters[name]
            values[name] = (
                uuid4()
                if isinstance(converter, UUIDConverter)
                else min(converter.items)
                if isinstance(converter, AnyConverter)
                else 1
                if isinstance(converter, IntegerConverter)
                else "x"
            )
        for method in sorted(rule.methods & methods):
            yield rule.endpoint, method, rule.build(values)[1]


#: Sent by another server, without a browser: what it sends is signed (test_single_sign_on.py).
SIGNED = {"accounts.sso.submit_ended"}


def test_only_one_route_has_its_senders_signature_instead_of_a_token(app):
    signed = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if getattr(view, "is_signed_by_sender", False)
    }
    assert signed == SIGNED


def test_nothing_is_changed_without_the_forms_own_token(app, guarded, record_property):
    """Every unsafe route: refused before it is asked who may, whatever is sent (ASVS 3.5.1)."""
    tried = list(addresses(app, UNSAFE, every=3))
    got_in = [
        (endpoint, method)
        for endpoint, method, address in tried
        if endpoint not in SIGNED
        and guarded.open(address, method=method, data={"a": "b"}).status_code != 400
    ]
    record_property("unsafe routes refused without a token", len(tried))
    assert len(tried) > (500 if SOAK else 150)
    assert got_in == []


def test_no_page_for_strangers_takes_a_form_without_its_token(app):
    """Also log-in itself and what links open: a stranger's browser can be made to send them."""
    tried = [
        (endpoint, method, address)
        for endpoint, method, address in addresses(app, UNSAFE)
        if hasattr(app.view_functions[endpoint], "is_public") and endpoint not in SIGNED
    ]
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = True
    assert len(tried) > 15
    for endpoint, method, address in tried:
        assert client.open(address, method=method, data={}).status_code == 400, endpoint


def test_a_token_of_another_session_is_worth_nothing(app, guarded):
    stranger = app.test_client()
    page = stranger.get("/login").get_data(as_text=True)
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert len(token) > 20
    answer = guarded.post("/settings/areas", data={"name": "Norr", "csrf_token": token})
    assert answer.status_code == 400


def test_no_method_is_anothers_disguise(app, with_all_roles):
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        answer = with_all_roles.post("/healthz", headers={header: "GET"})
        assert answer.status_code == 405
    assert with_all_roles.open("/login", method="TRACE").status_code == 405


def test_every_answer_is_kept_by_nobody_and_carries_every_header(app, with_all_roles):
    """Pages, JSON, files, refusals and what is not there (ASVS 3.4, 14.3.2)."""
    asked = 0
    for endpoint, _method, address in addresses(app, {"GET"}, every=15):
        if endpoint == "static" or "bench" in endpoint:
            continue
        answer = with_all_roles.get(address)
        asked += 1
        told = answer.headers
        assert answer.status_code < 500, address
        assert told["Cache-Control"] == "no-store", address
        for name, value in security.HEADERS.items():
            assert told[name] == value, (address, name)
        assert "Access-Control-Allow-Origin" not in told
        if answer.get_data() and answer.content_type.startswith("text/"):
            assert "charset=utf-8" in told["Content-Type"].lower(), address
    assert asked > (250 if SOAK else 25)


def test_the_policy_names_what_may_run_and_nothing_else():
    policy = dict(part.strip().partition(" ")[::2] for part in security.CSP.split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert not any(word in security.CSP for word in ("unsafe", "*", "http:", "https:", "blob:"))


@pytest.fixture(scope="module")
def public_apps(engine):
    """The service as in production: alone, and behind one proxy with an address for finders."""
    behind = {"trusted_proxies": 1, "security_contact": "mailto:s@kommun.example"}
    made = [create_app(Config(**REAL, **more), engine=engine) for more in ({}, behind)]
    secrecy.use(Config().keys)
    indexes.keep_in(INDEX_FOLDER)
    for app in made:
        app.add_url_rule("/caller", "caller", lambda: f"{request.remote_addr} {request.scheme}")
    return made


@pytest.fixture
def public_app(public_apps, outer):
    return public_apps[0]


@pytest.fixture
def app_behind_a_proxy(public_apps, outer):
    return public_apps[1]


def test_static_files_carry_what_files_need_and_are_open_to_no_other_site(public_app):
    client = public_app.test_client()
    for path in ("/static/app.css", "/static/app.js", "/static/mark.svg"):
        told = client.get(path).headers
        for name, value in security.FILE_HEADERS.items():
            assert told[name] == value, (path, name)
        assert told["Strict-Transport-Security"] == security.HSTS
        assert "Access-Control-Allow-Origin" not in told


def test_in_production_browsers_are_told_to_keep_to_https(public_app):
    answer = public_app.test_client().get("/healthz")
    told = answer.headers["Strict-Transport-Security"]
    assert int(told.partition("max-age=")[2].partition(";")[0]) >= 365 * 24 * 3600
    assert "includeSubDomains" in told
    cookie = public_app.test_client().get("/login", headers={"Host": "127.0.0.1"}).headers
    told = cookie["Set-Cookie"]
    assert told.startswith("__Host-matchsvc=")
    assert all(word in told for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"))
    assert "Domain" not in told


@pytest.mark.parametrize(
    "host",
    ["evil.example", "matchning.kommun.example.evil.example", "x@y", "a b", "", "[", "a:b:c"],
)
def test_who_asks_by_another_name_is_refused(public_app, host):
    """So that no link is ever made of a name that somebody made up (poisoned letters, caches)."""
    answer = public_app.test_client().get("/login", headers={"Host": host})
    assert answer.status_code == 400 or host == ""
    if host:
        assert host not in answer.get_data(as_text=True)


def test_our_own_name_and_the_machine_itself_may_ask(public_app):
    for host in ("matchning.kommun.example", "matchning.kommun.example:443", "127.0.0.1:8000"):
        assert public_app.test_client().get("/healthz", headers={"Host": host}).status_code == 200


def test_no_address_is_made_of_what_the_browser_calls_us():
    """Links in letters come from BASE_URL; in pages all are relative."""
    from tests.test_house_rules import MODULES, TEMPLATES

    for file in (*MODULES, *TEMPLATES):
        text = file.read_text("utf-8")
        for word in ("_external=True", "request.host_url", "request.url_root", "request.base_url"):
            assert word not in text, (file, word)


def test_headers_of_proxies_count_only_as_set(public_app, app_behind_a_proxy):
    sent = {
        "X-Forwarded-For": "192.0.2.1, 198.51.100.7",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "Host": "127.0.0.1",
    }

    def caller(app):
        return app.test_client().get("/caller", headers=sent).get_data(as_text=True)

    assert caller(public_app) == "127.0.0.1 https"
    assert caller(app_behind_a_proxy) == "198.51.100.7 https"


def test_whoever_finds_a_weakness_is_told_where_to_write(public_app, app_behind_a_proxy):
    assert public_app.test_client().get("/.well-known/security.txt").status_code == 404
    answer = app_behind_a_proxy.test_client().get("/.well-known/security.txt")
    lines = answer.get_data(as_text=True).splitlines()
    assert answer.content_type == "text/plain; charset=utf-8"
    assert lines[0] == "Contact: mailto:s@kommun.example"
    assert lines[1].startswith("Expires: 2")
    assert "Canonical: https://matchning.kommun.example/.well-known/security.txt" in lines


@pytest.mark.parametrize("contact", ["s@kommun.example", "mailto:a@b\nContact: x", "http://a.b"])
def test_a_contact_that_is_no_address_is_refused_at_start(contact):
    told = Config(security_contact=contact).problems()
    assert any("SECURITY_CONTACT" in problem for problem in told)


def test_robots_are_told_to_keep_out(app):
    assert "Disallow: /" in app.test_client().get("/robots.txt").get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    [
        *("/.git/config", "/.env", "/static/.git/config", "/static/../config.py"),
        *("/static/..%2f..%2fapp.py", "/static/%2e%2e/config.py", "/static/", "/static/css/"),
        *("/static/etc/passwd", "/%2e%2e/app.py", "/static/%00", "/wsgi.py", "/var/"),
    ],
)
def test_no_path_leads_out_of_the_static_files(app, path):
    assert app.test_client().get(path).status_code == 404


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a":' * 50_000, b'{"x":' + b"9" * 5_000 + b"}", b"\xff\xfe{", b"{"]
)
def test_json_that_nobody_can_read_is_its_senders_fault(with_all_roles, body):
    answer = with_all_roles.post("/api/v1/participants", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("page", ["99999999999999999999", "-1", "0", "1e9", "x", "\u0661", "%00"])
@pytest.mark.parametrize(
    "path",
    ["/messages", "/participants", "/placements", "/proposals", "/matching", "/settings/history"],
)
def test_no_number_of_a_page_is_too_large_to_answer(with_all_roles, path, page):
    assert with_all_roles.get(f"{path}?page={page}").status_code in {200, 404}


@pytest.mark.parametrize("path", ["/participants", "/employers", "/search", "/offers"])
def test_what_is_searched_for_is_text_and_no_pattern(with_all_roles, make, path):
    make.employer(name="Bageriet Solen")
    make.session.commit()
    marked = "\"'><svg/onload=alert(1)>{{7*7}}${7*7}"
    answer = with_all_roles.get(path, query_string={"q": marked, "search": marked})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "<svg/onload" not in page
    assert ">49<" not in page
    for wildcard in ("%", "_", "\\", "%%%", "*", "[a-z]"):
        answer = with_all_roles.get(path, query_string={"q": wildcard})
        assert answer.status_code == 200
        if path == "/employers":
            assert "Bageriet Solen" not in answer.get_data(as_text=True), wildcard


@pytest.mark.parametrize(
    "wish",
    [
        *("//evil.example", "/\\evil.example", "https://evil.example", "///evil.example"),
        *(
            "javascript:alert(1)",
            "/\tevil.example",
            "/\n/evil.example",
            "\\\\evil.example",
            "",
            "x",
        ),
        *("/\u2028/evil", " //evil.example", "http:evil.example"),
    ],
)
def test_nothing_that_is_asked_for_leads_to_another_site(wish):
    from matchsvc.accounts.guard import own_path

    assert own_path(wish) == "/my-week"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/x",
        "/\\evil.example/x",
        "//\\evil.example",
        "/%5cevil.example",
        "/%2f%2fevil",
    ],
)
def test_no_link_of_a_page_leads_to_a_site_that_its_address_names(app, path):
    """The link to the other language repeats the address: ``//evil`` would be another site."""
    answer = app.test_client().get("/", base_url="http://localhost")
    assert answer.status_code in {302, 303}
    builder = EnvironBuilder(path="/", base_url="http://localhost")
    environ = builder.get_environ() | {"PATH_INFO": unquote(path)}
    page = Response.from_app(app.wsgi_app, environ).get_data(as_text=True)
    links = re.findall(r'href="([^"]*)"', page)
    assert links
    for link in links:
        assert not re.match(r"[/\\]{2}|[a-z]+:", link) or link.startswith(("mailto:", "tel:")), link
