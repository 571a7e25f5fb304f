"""The audit sheet: figures without names, and a sample that nobody can lead back."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Refused
from matchsvc.learning.audit_pages import sheets_of
from matchsvc.learning.audit_sheet import (
    CLASSES,
    LEAST_CASES,
    SAMPLE,
    classes_of,
    draw_sheet,
    share_of,
    spread_of,
)
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.participants.case_models import WorkerChange, WorkerReason
from matchsvc.reports.suppression import LEAST
from tests.factories import TODAY
from tests.reports.factories import Facts

START = date(2026, 8, 10)


@pytest.fixture
def unit(make):
    return make.unit()


@pytest.fixture
def auditor(make, unit):
    return make.actor(Role.AUDITOR, unit=unit)


@pytest.fixture
def people(session, make, unit):
    """Forty with open cases, of two workers, proposed on the fifteenth day."""
    workers = [make.user(unit=unit) for _ in range(2)]
    facts = Facts(session, unit.id)
    found = []
    for number in range(40):
        person = make.participant(unit=unit, with_case=False)
        case = make.case(person, case_worker=workers[number % 4 == 0], enrolled_on=START)
        key = [(person.outcome_key, case.outcome_key, "woman", "sweden")]
        facts.add(key, OutcomeKind.PROPOSED, START + timedelta(days=14))
        found.append((person, case, workers))
    return found


def draw(session, actor, seed=1, year=2026, **values):
    return draw_sheet(session, actor, year, today=TODAY, random=Random(seed), **values)


def test_the_sheet_counts_workers_by_class_and_names_nobody(session, auditor, people):
    sheet = draw(session, auditor)
    assert [workers for _bound, workers in sheet.caseload] == [1, 0, 1, 0, 0]
    assert sheet.days_to_proposal.quartiles == (14, 14, 14)
    text = str(sheets_of(sheet, str))
    for person, case, workers in people:
        for secret in (person.alias, str(person.id), str(case.id), person.family_name):
            assert secret not in text
        assert all(each.name not in text for each in workers)


def test_cases_with_another_worker_are_told_from_those_with_one(session, make, auditor, people):
    for _person, case, workers in people[:10]:
        make.save(
            WorkerChange(
                case_id=case.id, from_id=workers[0].id, to_id=workers[1].id,
                reason=WorkerReason.WORKLOAD, changed_on=TODAY,
            )
        )  # fmt: skip
    share = draw(session, auditor).one_worker
    assert (share.n, share.of) == (30, 40)


def test_the_same_case_has_another_name_on_each_sheet(session, auditor, people):
    first, second = draw(session, auditor, 1), draw(session, auditor, 2)
    assert len(first.sample) == len(second.sample) == SAMPLE
    names = {each.name for each in first.sample}
    assert len(names) == SAMPLE
    assert not names & {each.name for each in second.sample}
    assert {each.weeks["proposed"] for each in first.sample} == {2}


def test_protected_people_are_not_drawn_and_too_few_give_no_sample(session, auditor, people):
    for person, _case, _workers in people[: 40 - LEAST_CASES + 1]:
        person.protected = True
    session.flush()
    assert draw(session, auditor).sample == []


def test_taking_the_sheet_away_is_logged_as_an_export(session, client_as, people):
    client = client_as(Role.AUDITOR)
    answer = client.get("/learning/audit-sheet.xlsx?year=2026")
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
    assert len(book.sheet_names) == 3
    logged = select(AuditEvent.action).where(AuditEvent.object_type == "audit_sheet")
    assert "export" in set(session.scalars(logged))
    page = client.get("/learning/audit-sheet?year=2026").text
    assert "Granskningsblad 2026" in page
    assert "IPS" not in page


def test_only_managers_and_auditors_draw_it(session, make, unit):
    with pytest.raises(Refused):
        draw(session, make.actor(unit=unit))


@given(some.lists(some.integers(1, 90)))
def test_every_worker_is_in_one_class(loads):
    classes = classes_of(loads)
    assert sum(workers for _bound, workers in classes) == len(loads)
    assert classes[0][1] == sum(load <= CLASSES[0] for load in loads)
    assert classes[-1][1] == sum(load > CLASSES[-1] for load in loads)


@given(some.lists(some.integers(0, 400), max_size=30))
def test_quartiles_are_of_five_values_at_least_and_in_order(values):
    found = spread_of(values, LEAST)
    assert (found.quartiles is None) == (len(values) < LEAST.count)
    if found.quartiles:
        assert list(found.quartiles) == sorted(found.quartiles)
        assert set(found.quartiles) <= set(values)


@given(some.integers(0, 40), some.integers(0, 40))
def test_a_share_shows_neither_a_few_nor_all_but_a_few(n, rest):
    share = share_of(n, n + rest, LEAST)
    if share.n is not None:
        assert not any(0 < part < LEAST.count for part in (share.n, share.of - share.n))
