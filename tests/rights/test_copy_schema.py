"""The published form of the copy's file, and what is told from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from matchsvc.db import Base
from matchsvc.rights import whole_copy
from matchsvc.rights.copy_schema import copy_schema

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def validator():
    schema = json.loads((DOCS / "copy.schema.json").read_text("utf-8"))
    assert schema == json.loads(json.dumps(copy_schema()))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


@pytest.fixture
def copy(client_as, desk, make):
    make.wish(desk.samira, "Jag vill laga mat åt barn.")
    make.competence(desk.samira, None, own_words="Lagar mat", voucher="Rut Alm")
    client = client_as(desk.johan)
    client.get(f"/participants/{desk.samira.alias}")
    return client.get(f"{desk.path}/copy.json").json


def test_the_file_and_the_programs_answer_have_it(client_as, desk, copy, validator):
    validator.validate(copy)
    assert copy["readings"]
    client = client_as(desk.johan)
    validator.validate(client.get(f"/api/v1{desk.path}/copy").json)
    published = client.get("/api/v1/rights/copy-schema").json
    assert published == validator.schema


@pytest.mark.parametrize(
    "spoil",
    [
        lambda copy: copy["tables"]["participant"][0].update(secret="x"),
        lambda copy: copy["tables"]["participant"][0].pop("created_at"),
        lambda copy: copy["tables"]["participant"][0].update(created_at="yesterday"),
        lambda copy: copy["tables"].update(unknown=[{}]),
        lambda copy: copy["tables"].pop("participant"),
        lambda copy: copy.update(form=2),
        lambda copy: copy.pop("readings"),
    ],
)
def test_what_has_another_form_is_told_from_it(copy, validator, spoil):
    spoil(copy)
    with pytest.raises(ValidationError):
        validator.validate(copy)


def test_it_describes_what_is_reached_and_nothing_that_only_machines_use():
    tables = copy_schema()["properties"]["tables"]["properties"]
    assert set(tables) == {"participant", *whole_copy.REACHED}
    for name, each in tables.items():
        columns = set(each["items"]["properties"])
        assert not columns & whole_copy.TECHNICAL, name
        known = set(Base.metadata.tables[name].c.keys())
        extra = columns - known
        assert extra <= set(whole_copy.FACTS_OF_MEETING), (name, extra)
