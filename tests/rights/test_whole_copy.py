"""The copy holds every row about her, and nobody else's name."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise

from matchsvc import migrate
from matchsvc.db import Base
from matchsvc.participants.models import LearnedWhere
from matchsvc.rights import whole_copy
from matchsvc.workday.note_models import Note

assert migrate.TABLES


def test_every_table_is_in_the_copy_or_left_out_with_a_reason():
    known = set(Base.metadata.tables)
    reached, left = set(whole_copy.REACHED) | {"participant"}, set(whole_copy.LEFT_OUT)
    assert known - reached - left == set(), "say in rights/data/tables.yaml what it holds of her"
    assert (reached | left) - known == set(), "gone"
    assert reached & left == set()
    assert all(len(why) > 10 for why in whole_copy.LEFT_OUT.values())


def test_every_table_that_points_to_her_is_reached_by_a_key_that_is_there():
    tables = Base.metadata.tables
    order = ["participant", *whole_copy.REACHED]
    for name, (column, parent) in whole_copy.REACHED.items():
        assert column in tables[name].c, name
        if parent in tables:
            assert order.index(parent) < order.index(name)
    for name, table in tables.items():
        points = {
            key.target_fullname.partition(".")[0] for c in table.columns for key in c.foreign_keys
        }
        if "participant" in points and name != "participant":
            assert name in whole_copy.REACHED, name


def test_names_of_columns_that_are_masked_are_those_of_columns():
    for table, column in whole_copy.OTHERS:
        assert column in Base.metadata.tables[table].c, (table, column)
    used = {column.name for table in Base.metadata.tables.values() for column in table.columns}
    assert used >= whole_copy.TECHNICAL


def test_it_holds_what_was_written_and_names_no_colleague_and_no_third_person(session, desk, make):
    make.wish(desk.samira, "Jag vill laga mat åt barn.")
    competence = make.competence(
        desk.samira, None, own_words="Lagar mat", voucher="Ordföranden Rut Alm",
        learned_where=LearnedWhere.ASSOCIATION,
    )  # fmt: skip
    note = make.save(
        Note(
            unit_id=desk.samira.unit_id, about_type="participant", about_id=desk.samira.id,
            author_id=desk.johan.id, happened_on=date(2026, 11, 2), happened="Vi pratade om köket.",
            written_at=competence.created_at, category="contact", secrecy="standard",
        )
    )  # fmt: skip
    assert note.id
    kept = whole_copy.read_everything(session, desk.actor, desk.samira, form="page")
    text = json.dumps(whole_copy.as_data(kept, made_on=date(2026, 11, 3)), default=str)
    for words in ("Haddad", "laga mat", "Lagar mat", "k\\u00f6ket"):
        assert words in text
    for name in ("Ekdal", "Rut Alm"):
        assert name not in text
    assert kept.tables["note"][0]["author_id"] == f"case_worker, {make.unit().name}"
    assert kept.tables["competence"][0]["voucher"] == whole_copy.HIDDEN


def test_nobody_elses_rows_are_in_it(session, desk, make):
    other = make.participant(desk.johan, family_name="Okänd")
    make.wish(other, "Hemligt önskemål")
    kept = whole_copy.read_everything(session, desk.actor, desk.samira, form="page")
    assert "Hemligt" not in json.dumps(kept.tables, default=str)


def test_who_has_read_stands_by_role_and_unit_the_latest_first(client_as, session, desk):
    client = client_as(desk.johan)
    client.get(f"/participants/{desk.samira.alias}")
    kept = whole_copy.read_everything(session, desk.actor, desk.samira, form="page")
    assert any(each["by"].startswith("case_worker") for each in kept.readings)
    assert all(first["at"] >= second["at"] for first, second in pairwise(kept.readings))
    page = client.get(f"{desk.path}/copy")
    assert page.status_code == 200
    assert "Samira" in page.text
