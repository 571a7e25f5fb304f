"""Fields that nobody asked for, fields sent twice, and what scripts in the browser may keep."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import walk_packages

import pytest
from marshmallow import RAISE, Schema, fields

import matchsvc
from matchsvc.accounts.models import Role
from matchsvc.employers.models import Employer
from matchsvc.web.forms import InputSchema
from tests.test_house_rules import MODULES, ROOT, named

SCRIPTS = sorted((ROOT / "matchsvc/web/static").glob("*.js"))


@pytest.fixture(scope="module")
def shapes():
    """Every schema of the product, by its name."""
    for module in walk_packages(matchsvc.__path__, "matchsvc."):
        if re.search(r"schemas|views|api|^matchsvc\.messages", module.name):
            import_module(module.name)
    found, waiting = {}, [Schema]
    while waiting:
        for each in waiting.pop().__subclasses__():
            if each.__module__.startswith("matchsvc."):
                found[f"{each.__module__}.{each.__name__}"] = each
            waiting.append(each)
    return found


def test_every_shape_that_comes_in_refuses_fields_that_it_does_not_know(shapes):
    """Whoever adds ``role=admin`` or ``unit_id=…`` to a form is told so (ASVS 15.3.3)."""
    coming = {name: each for name, each in shapes.items() if issubclass(each, InputSchema)}
    assert len(coming) > 150
    for name, each in coming.items():
        assert each.Meta.unknown == RAISE, name
    loaded = re.compile(
        r"(?:load_form|load_query|\bload)\(\s*(\w+Schema)\(|arguments\(\s*(\w+Schema)"
    )
    by_name = {each.__name__: each for each in shapes.values()}
    read = {a or b for m in MODULES for a, b in loaded.findall(m.read_text("utf-8"))}
    assert len(read) > 100
    strangers = {
        each for each in read & by_name.keys() if not issubclass(by_name[each], InputSchema)
    }
    # One file and one address of a list: neither becomes a row.
    assert strangers == {"FileSchema", "PlacementQuerySchema"}


def test_no_shape_that_comes_in_lets_somebody_say_who_she_is(shapes):
    """Unit, actor and time are the session's and the server's, never a field's."""
    never = {"actor", "actor_id", "created_by_id", "created_at", "password_hash"}
    for name, each in shapes.items():
        if issubclass(each, InputSchema):
            assert not never & each._declared_fields.keys(), name


def test_every_text_that_comes_in_has_a_longest_length(shapes):
    endless = [
        f"{name}.{field}"
        for name, each in shapes.items()
        if issubclass(each, InputSchema)
        for field, kind in each._declared_fields.items()
        if type(kind) is fields.String and not kind.validators
    ]
    assert endless == []


def test_of_a_field_sent_twice_one_is_read_everywhere(client_as, session, make):
    """And what stands in the address never counts as said in the form (ASVS 15.3.7)."""
    client = client_as(Role.UNIT_MANAGER)
    answer = client.post(
        "/settings/areas?name=Address",
        data="name=First&name=Second",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 303
    page = client.get("/settings").get_data(as_text=True)
    assert "First" in page
    assert "Second" not in page
    assert "Address" not in page
    answer = client.post("/settings/areas?name=Address", data={})
    assert answer.status_code == 422


def test_a_field_of_the_database_that_is_no_field_of_the_form_is_refused(client_as, session, make):
    client = client_as(Role.EMPLOYER_LIAISON)
    employer = make.employer(name="Bageriet Solen")
    session.commit()
    for extra in ("unit_id", "id", "merged_into_id", "version_id", "role", "sort_key"):
        answer = client.post("/employers/new", data={"name": "Nytt AB", extra: "x"})
        assert answer.status_code in {422, 404, 405}, extra
        answer = client.post("/api/v1/employers", json={"name": "Nytt AB", extra: "x"})
        assert answer.status_code == 422, extra
        assert any(each["pointer"].endswith(extra) for each in answer.get_json()["errors"])
    session.expire_all()
    assert session.query(Employer).count() == 1
    assert employer.name == "Bageriet Solen"


def test_no_script_keeps_anything_in_the_browser():
    """Whoever sits down after her finds nothing: no storage, no worker, no messages."""
    assert SCRIPTS
    for script in SCRIPTS:
        text = script.read_text("utf-8")
        for word in (
            *("localStorage", "sessionStorage", "indexedDB", "serviceWorker", "document.cookie"),
            *("caches.", "postMessage", "document.write", "eval(", "new Function", "__proto__"),
            *("outerHTML", "insertAdjacentHTML", "Object.assign", "window.open", "WebSocket"),
        ):
            assert word not in text, (script.name, word)


def test_scripts_speak_to_ourselves_alone():
    for script in SCRIPTS:
        assert not re.search(r"[\"'`](https?:)?//\w", script.read_text("utf-8")), script.name


def test_what_is_put_into_a_page_comes_from_a_template():
    """One script sets markup: the answer to a search, written by a template that escapes."""
    setting = {s.name: s.read_text("utf-8").count("innerHTML") for s in SCRIPTS}
    assert {name: n for name, n in setting.items() if n} == {"search.js": 1}


def test_markup_is_only_made_where_everything_is_escaped():
    """``Markup(...)`` of anything but a constant or our own drawing would open the page."""
    made = {
        named(module)
        for module in MODULES
        if re.search(r"\bMarkup\((?![\"'] ?)", module.read_text("utf-8"))
    }
    assert made <= {"matchsvc/web/icons.py", "matchsvc/reports/views_pictures.py"}
