"""The table of authority is what holds: every route is in it, and each row is met by a route."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from matchsvc.accounts import authority
from matchsvc.accounts.authority_shapes import Scope
from matchsvc.accounts.models import Role

ROOT = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def app_of(_app):
    return _app


def guarded(app):
    for rule in app.url_map.iter_rules():
        roles = getattr(app.view_functions[rule.endpoint], "required_roles", None)
        if roles:
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method, frozenset(roles)


def test_every_route_asks_for_just_the_roles_that_the_table_names(app_of, record_property):
    tried = [(door, method, roles) for door, method, roles in guarded(app_of)]
    wrong = [
        f"{method} {door}: the route {sorted(roles)}, the table "
        f"{sorted(authority.roles_at(door, method))}"
        for door, method, roles in tried
        if authority.roles_at(door, method) != roles
    ]
    record_property("role x door of the table of authority", len(tried) * len(Role))
    assert not wrong, "\n".join(wrong)


def test_every_row_of_the_table_stands_for_routes_that_exist(app_of):
    doors = {door for door, _method, _roles in guarded(app_of)}
    groups = {door.rpartition(".")[0] for door in doors}
    named = [group for line in authority.LINES for group in line.groups.split()]
    apart = [door for line in authority.LINES for each in line.apart for door in each.doors.split()]
    assert sorted(named) == sorted(groups), "each group of routes in one row, and only those"
    assert set(apart) <= doors
    assert len(apart) == len(set(apart))


@pytest.mark.parametrize("door", ["nowhere.show", "participants_of_nobody.show", "", "show"])
def test_what_no_row_names_is_nobodys(door):
    assert authority.roles_at(door, "GET") == frozenset()
    assert authority.roles_at(door, "POST") == frozenset()


def test_no_field_is_seen_from_another_unit_or_without_a_tie():
    for field in authority.FIELDS:
        for scope in (Scope.OTHER_UNIT, Scope.NO_TIE):
            assert not authority.may_see(field.key, scope, protected=False)
        for scope in set(Scope) - {Scope.OWN_CASE}:
            assert not authority.may_see(field.key, scope, protected=True)


def test_the_document_is_written_from_the_table():
    spec = importlib.util.spec_from_file_location("write_authority", ROOT / "write_authority.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.FILE.read_text(encoding="utf-8") == module.page(), "run write_authority.py"


def test_the_page_says_of_each_role_what_the_table_says(client_as):
    manager = client_as(Role.UNIT_MANAGER)
    for role in Role:
        page = manager.get(f"/settings/authority?role={role}").get_data(as_text=True)
        rows = re.findall(
            r'<tr role="row"><th scope="row" role="rowheader">(.*?)</tr>', page, re.DOTALL
        )
        told = [re.sub(r"<[^>]+>", "|", row).split("|") for row in rows[: len(authority.LINES)]]
        words = {"Ja": "all", "En del": "part", "Nej": "none"}
        shown = [[words[part] for part in row if part in words] for row in told]
        assert shown == [[read, write] for _line, read, write in authority.rows_for(role)]
    assert manager.get("/settings/authority?role=nobody").status_code == 200


def test_the_page_is_for_those_who_answer_for_the_rules(client_as):
    for role in Role:
        answer = client_as(role).get("/settings/authority")
        allowed = {Role.UNIT_MANAGER, Role.AUDITOR, Role.ADMIN}
        assert answer.status_code == (200 if role in allowed else 403)
