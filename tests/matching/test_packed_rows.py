"""Packed rows hold what matching reads, in the transaction that changes it."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import delete, select, update

from matchsvc import db, migrate
from matchsvc.employers.models import Offer
from matchsvc.imports.bulk import insert_rows
from matchsvc.matching import packing
from matchsvc.matching.marking import (
    WATCHED,
    create_triggers,
    drop_triggers,
    mark_everything,
    missing_triggers,
)
from matchsvc.matching.models import MatchingRow, MatchingStale, RowKind
from matchsvc.matching.packing import is_stale, pack_stale
from matchsvc.participants.models import (
    BirthRegion,
    Competence,
    LearnedWhere,
    Participant,
    Sex,
)
from tests.factories import TODAY, identity_number
from tests.matching.packed_world import Town, by_both_ways


def row_of(session, kind, identity):
    """The packed row as it stands."""
    found = select(MatchingRow.sequence, MatchingRow.is_listed, MatchingRow.inputs)
    return session.execute(
        found.where(MatchingRow.kind == kind, MatchingRow.id == identity)
    ).one_or_none()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_rules_do_the_packed_rows_are_what_the_arrays_are_loaded_as(session, make, seed):
    town = Town(session, make, Random(seed))
    done = []
    for _ in range(10):
        done += [town.step() for _ in range(5)]
        normalised, packed = by_both_ways(session)
        assert packed == normalised, done
    assert not is_stale(session)
    assert len(town.changed) > 10, "most rules should have found something to change"


def test_changing_who_somebody_is_moves_no_byte_of_her_row(session, make):
    person = make.participant(make.user(), ready_on=TODAY)
    make.competence(person, "sy")
    session.commit()
    before = row_of(session, RowKind.PARTICIPANT, person.id)
    person.sex, person.birth_region, person.birth_year = Sex.MAN, BirthRegion.SWEDEN, 1960
    person.given_name, person.family_name, person.sort_key = "Sven", "Ek", "ek sven"
    person.personal_id, person.personal_id_index = identity_number(), "1"
    person.phone, person.email, person.contact_language = "+46701740615", "s@example.org", "ar"
    person.birth_country, person.interpreter, person.no_messages = "SE", True, True
    session.commit()
    assert row_of(session, RowKind.PARTICIPANT, person.id) == before


def test_every_way_of_writing_is_noticed(session, make):
    """By objects, in bulk, by a statement, and by the database's own words."""
    person = make.participant(make.user(), ready_on=TODAY)
    session.commit()
    rows = [row_of(session, RowKind.PARTICIPANT, person.id)]

    def changed():
        session.commit()
        rows.append(row_of(session, RowKind.PARTICIPANT, person.id))
        return rows[-1].sequence > rows[-2].sequence and rows[-1].inputs != rows[-2].inputs

    held = Competence(participant_id=person.id, concept_id="sy", learned_where=LearnedWhere.HOBBY)
    insert_rows(session, [held])
    assert changed()
    session.execute(update(Competence).values(concept_id="baka"))
    assert changed()
    session.connection().exec_driver_sql("update competence set rung = 'confirmed'")
    assert changed()
    session.execute(delete(Competence))
    assert changed()
    assert rows[-1].inputs == rows[0].inputs


def test_a_protected_person_is_packed_and_in_no_list(session, make):
    person = make.participant(make.user(), ready_on=TODAY)
    session.commit()
    assert row_of(session, RowKind.PARTICIPANT, person.id).is_listed
    person.protected = True
    session.commit()
    row = row_of(session, RowKind.PARTICIPANT, person.id)
    assert not row.is_listed
    assert row.inputs


def test_only_who_waits_is_listed(session, make):
    worker = make.user()
    ready = make.participant(worker, ready_on=TODAY)
    make.participant(worker)
    gone = make.participant(worker, ready_on=TODAY, with_case=False)
    make.case(gone, ended_on=TODAY)
    session.commit()
    listed = select(MatchingRow.id).where(
        MatchingRow.kind == RowKind.PARTICIPANT, MatchingRow.is_listed.is_(True)
    )
    assert session.scalars(listed).all() == [ready.id]


def test_nothing_is_left_of_who_is_deleted_but_that_somebody_was(session, make):
    person = make.participant(ready_on=TODAY, with_case=False)
    session.commit()
    person_id = person.id
    before = row_of(session, RowKind.PARTICIPANT, person_id)
    session.expunge_all()
    session.execute(delete(Participant).where(Participant.id == person_id))
    assert row_of(session, RowKind.PARTICIPANT, person_id).inputs == b""  # at once
    session.commit()
    row = row_of(session, RowKind.PARTICIPANT, person_id)
    assert (row.inputs, row.is_listed) == (b"", False)
    assert row.sequence > before.sequence  # so that open indexes notice


def test_an_empty_row_is_taken_away_after_some_days(session, make):
    offer = make.offer()
    session.commit()
    session.execute(delete(Offer).where(Offer.id == offer.id))
    session.commit()
    assert packing.forget_gone(session, today=db.utcnow().date()) == 0
    aged = db.utcnow().replace(year=2020)
    session.execute(update(MatchingRow).where(MatchingRow.id == offer.id).values(changed_at=aged))
    assert packing.forget_gone(session, today=db.utcnow().date()) == 1
    assert row_of(session, RowKind.OFFER, offer.id) is None


def test_what_is_too_much_for_one_save_stays_marked_and_is_packed_later(session, make, monkeypatch):
    monkeypatch.setattr(packing, "MOST_AT_ONCE", 3)
    worker = make.user()
    people = [make.participant(worker, ready_on=TODAY) for _ in range(5)]
    session.commit()
    assert is_stale(session)
    assert row_of(session, RowKind.PARTICIPANT, people[0].id) is None
    assert pack_stale(at_once=2) == 5
    assert not is_stale(session)
    normalised, packed = by_both_ways(session)
    assert packed == normalised


def test_a_refused_change_leaves_the_row_alone(session, make):
    person = make.participant(make.user(), ready_on=TODAY)
    session.commit()
    before = row_of(session, RowKind.PARTICIPANT, person.id)
    with pytest.raises(RuntimeError, match="refused"), db.begin() as own:
        own.execute(update(Participant).values(hours_per_week=7))
        raise RuntimeError("refused")
    assert row_of(session, RowKind.PARTICIPANT, person.id) == before
    assert not is_stale(session)


def test_what_has_nothing_to_do_with_matching_costs_no_query(session, make, queries):
    person = make.participant(make.user(), ready_on=TODAY)
    session.commit()
    with queries() as count:
        make.involve(person, make.user())
        session.commit()
    assert not [s for s in count.statements if "matching_" in s]


def test_every_watched_table_has_its_triggers_and_a_lost_one_is_reported(session):
    connection = session.connection()
    assert missing_triggers(connection) == set()
    drop_triggers(connection)
    assert missing_triggers(connection) == set(WATCHED)
    create_triggers(connection)
    assert missing_triggers(connection) == set()
    assert migrate.PACKS


def test_after_a_migration_everybody_is_packed_again(session, make):
    person = make.participant(make.user(), ready_on=TODAY)
    offer = make.offer()
    session.commit()
    mark_everything(session.connection())
    marked = set(session.execute(select(MatchingStale.kind, MatchingStale.id)).all())
    assert {("participant", person.id), ("offer", offer.id)} <= marked
