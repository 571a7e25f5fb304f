"""Whose records are due: five years after the last note, and what keeps them."""

from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from matchsvc import db
from matchsvc.accounts.models import Role
from matchsvc.own_page.models import Correction, CorrectionKind
from matchsvc.participants.models import Capacity
from matchsvc.placements.models import DecisionAuthority, Placement
from matchsvc.retention import holds, rows
from matchsvc.retention.classes import CLASSES
from matchsvc.retention.due import _NOTED, due_dates, find_due, is_research_case, research_days
from matchsvc.retention.models import HoldReason
from matchsvc.workday.note_models import Note, NoteCategory
from matchsvc.workday.paper_models import Paper, PaperKind
from tests.factories import TODAY
from tests.retention.conftest import LONG_AGO


def noted(make, unit, person, on):
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    return make.save(
        Note(
            unit_id=unit.id, about_type="participant", about_id=person.id,
            author_id=make.user(unit=unit).id, written_at=at, happened_on=on,
            category=NoteCategory.OTHER, happened="Ringde", created_at=at,
        )
    )  # fmt: skip


def who(found):
    return [due.participant.id for due in found]


@given(some.dates(date(1990, 1, 1), date(2100, 1, 1)), some.integers(5, 70))
def test_records_are_due_years_after_the_last_note_and_gone_within_the_calendar_year_after(
    day, years
):
    due_on, finish_by = due_dates(day, years)
    assert due_on.year == day.year + years
    assert finish_by == date(due_on.year + 1, 12, 31)


def test_a_case_that_ended_five_years_ago_is_due_and_a_later_or_open_one_is_not(
    session, make, unit, manager, ended
):
    old = ended(TODAY.replace(year=TODAY.year - 5))
    ended(TODAY.replace(year=TODAY.year - 5) + timedelta(days=1))
    back = ended()
    make.case(back)
    assert who(find_due(session, manager, today=TODAY)) == [old.id]


def test_a_note_after_the_end_moves_the_day(session, make, unit, manager, ended):
    person = ended()
    noted(make, unit, person, date(2022, 5, 5))
    assert find_due(session, manager, today=TODAY) == []
    (due,) = find_due(session, manager, today=TODAY, by=date(2027, 5, 5))
    assert (due.last_note_on, due.due_on) == (date(2022, 5, 5), date(2027, 5, 5))


def test_a_unit_may_keep_for_longer_and_never_for_less(session, make, unit, manager, ended):
    ended()
    make.setting("retention_case_years", "10", unit)
    assert find_due(session, manager, today=TODAY) == []


def test_those_of_another_unit_are_not_there(session, make, ended):
    ended()
    stranger = make.actor(Role.UNIT_MANAGER, unit=make.unit(name="Grannen"))
    assert find_due(session, stranger, today=TODAY) == []


def test_a_protected_person_is_due_for_her_handlers_alone(session, make, unit, manager, ended):
    person = ended(protected=True)
    handler = make.user(unit=unit)
    make.involve(person, handler, Capacity.PROTECTED_HANDLER)
    assert find_due(session, manager, today=TODAY) == []
    assert who(find_due(session, make.actor(user=handler), today=TODAY)) == [person.id]


def test_an_unanswered_correction_and_a_hold_keep_her(session, make, unit, manager, ended):
    person = ended()
    make.save(
        Correction(
            participant_id=person.id, unit_id=unit.id, kind=next(iter(CorrectionKind)),
            words="Det stämmer inte.", language="sv", said_at=db.utcnow(),
            created_at=datetime(2020, 1, 1, tzinfo=UTC),
            recorded_by_id=make.user(unit=unit).id,
        )
    )  # fmt: skip
    holds.set_hold(
        session, manager, person.alias, HoldReason.DISPUTE, "Mål 1-26", date(2027, 1, 1),
        today=TODAY,
    )  # fmt: skip
    (due,) = find_due(session, manager, today=TODAY)
    assert due.kept_because == ("hold", "correction")


@pytest.mark.parametrize(
    ("number", "is_kept"),
    [
        ("198503052383", True),
        ("198503652384", True),  # a coordination number: 60 more
        ("198503062382", False),
        (None, False),
    ],
)
def test_who_was_born_on_a_day_of_the_selection_is_kept_for_research(number, is_kept):
    assert is_research_case(number, research_days("5, 15, 25")) is is_kept


def test_no_days_keep_nobody():
    assert not is_research_case("198503052383", research_days(""))


def test_due_takes_the_same_queries_for_many(session, manager, ended, queries):
    ended()
    with queries() as one:
        find_due(session, manager, today=TODAY)
    for _ in range(5):
        ended()
    with queries() as many:
        assert len(find_due(session, manager, today=TODAY)) == 6
    assert many.total == one.total


def test_every_class_of_a_table_says_what_becomes_of_it_and_the_document_is_fresh():
    assert set(CLASSES) == set(db.RETENTION_CLASSES)
    spec = importlib.util.spec_from_file_location("write_retention", "scripts/write_retention.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.TARGET.read_text(encoding="utf-8") == script.written()


def placed(make, person):
    return make.save(
        Placement(
            unit_id=person.unit_id, external_id="L1", participant_id=person.id,
            case_id=person.cases[0].id, site_id=make.site().id, form="sol_practice",
            begun_on=date(2019, 2, 4), start_date=date(2019, 2, 4), end_date=LONG_AGO,
            decision_authority=DecisionAuthority.NONE, outcome="completed",
        )
    )  # fmt: skip


@pytest.mark.parametrize("about", ["participant", "placement"])
def test_whatever_was_written_in_the_file_later_moves_the_day(
    session, make, unit, manager, ended, about
):
    person = ended()
    session.refresh(person, ["cases"])
    placement = placed(make, person)
    key = person.id if about == "participant" else placement.id
    kept = {"unit_id": unit.id, "about_type": about, "about_id": key}
    by = make.user(unit=unit).id
    at = datetime(2025, 6, 1, 12, tzinfo=UTC)
    paper = Paper(
        **kept, kind=PaperKind.OTHER, title="Intyg", file_name="a.pdf",
        media_type="application/pdf", size=1, pages=1, fingerprint="x",
        put_up_by_id=by, put_up_at=at, created_at=at,
    )  # fmt: skip
    make.save(paper)
    assert find_due(session, manager, today=TODAY) == []
    (due,) = find_due(session, manager, today=TODAY, by=date(2030, 6, 1))
    assert due.last_note_on == date(2025, 6, 1)


def test_every_table_of_a_file_counts_as_a_note_or_says_why_not():
    dated = {owner.class_.__tablename__ for owner, _, _ in _NOTED}
    dated |= {day.class_.__tablename__ for _, day, _ in _NOTED}
    tables = [
        table
        for table in db.Base.metadata.tables.values()
        if table.info.get("retention") == "case" and table.name not in rows.unreached()
    ]
    silent = {
        table.name
        for table in tables
        if "created_at" not in table.c and table.name not in dated | rows.UNWRITTEN.keys()
    }
    assert silent == {  # part of a row that counts, written with it or saying its own day
        *("agreed_action", "checklist_item", "consent_scope", "day_allocation", "document_section"),
        *("employment_check", "follow_up_version", "interpreter_booking", "meeting_person"),
        *("package_part", "paper_content", "participant_survey_answer", "proposal_event"),
        *("record_line", "seen_competence", "start_facts", "wished_concept"),
    }
