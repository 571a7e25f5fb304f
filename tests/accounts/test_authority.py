"""The table of authority is what holds: every route is in it, and each row is met by a route."""

from __future__ import annotations

import pytest

from matchsvc.accounts import authority
from matchsvc.accounts.authority_shapes import Scope
from matchsvc.accounts.models import Role


def guarded(app):
    for rule in app.url_map.iter_rules():
        roles = getattr(app.view_functions[rule.endpoint], "required_roles", None)
        if roles:
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method, frozenset(roles)


def test_every_route_asks_for_just_the_roles_that_the_table_names(_app, record_property):
    tried = [(door, method, roles) for door, method, roles in guarded(_app)]
    wrong = [
        f"{method} {door}: the route {sorted(roles)}, the table "
        f"{sorted(authority.roles_at(door, method))}"
        for door, method, roles in tried
        if authority.roles_at(door, method) != roles
    ]
    record_property("role x door of the table of authority", len(tried) * len(Role))
    assert not wrong, "\n".join(wrong)


def test_every_row_of_the_table_stands_for_routes_that_exist(_app):
    doors = {door for door, _method, _roles in guarded(_app)}
    groups = {door.rpartition(".")[0] for door in doors}
    named = [group for line in authority.LINES for group in line.groups.split()]
    apart = [
        door for line in authority.LINES for each in line.apart for door in each.doors.split()
    ]
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
