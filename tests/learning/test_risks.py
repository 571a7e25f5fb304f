"""The risk register: judged, judged anew, and set beside what happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from matchsvc.accounts.models import Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.learning import risks
from matchsvc.learning.models import Came, Grade
from matchsvc.learning.risks import RiskInput
from tests.factories import TODAY

NEXT_YEAR = TODAY + timedelta(days=365)


@pytest.fixture
def unit(make):
    return make.unit()


@pytest.fixture
def manager(make, unit):
    return make.actor(Role.UNIT_MANAGER, unit=unit)


def said(manager, **values):
    facts = {
        "description": "En part har inte folk att göra sin del.",
        "grade": Grade.MEDIUM,
        "measure": "Vi möts varje kvartal.",
        "owner_id": manager.user_id,
        "review_on": NEXT_YEAR,
    }
    return RiskInput(**facts | values)


def save(session, manager, *, today=TODAY, risk=None, **values):
    return risks.save_risk(
        session, manager, said(manager, **values), today=today,
        risk_id=risk.id if risk else None, version=risk.version if risk else None,
    )  # fmt: skip


def note(session, manager, risk, came=Came.YES, year=TODAY.year, **values):
    return risks.note_outcome(
        session, manager, risk.id, year=year, came=came, note=None, today=TODAY, **values
    )


def row(session, manager, grade, year=TODAY.year):
    rows = risks.grades_against_outcomes(session, manager, year)
    found = next(each for each in rows if each.grade is grade)
    return (found.came, found.partly, found.not_at_all, found.unnoted)


def test_a_risk_judged_anew_keeps_how_it_was_judged(session, manager):
    risk = save(session, manager)
    save(session, manager, risk=risk, grade=Grade.LARGE)
    past = risks.history_of(session, manager, risk.id)
    assert [(each.version.number, each.version.grade) for each in past] == [
        (2, Grade.LARGE),
        (1, Grade.MEDIUM),
    ]


def test_the_outcome_stands_beside_the_grade_of_its_year_also_when_noted_again(session, manager):
    risk = save(session, manager, today=date(2025, 5, 1))
    save(session, manager, risk=risk, grade=Grade.SMALL)
    outcome = note(session, manager, risk, Came.NO, 2025)
    assert outcome.grade is Grade.MEDIUM
    again = note(session, manager, risk, Came.PARTLY, 2025, version=outcome.version)
    assert (again.id, again.grade, again.came) == (outcome.id, Grade.MEDIUM, Came.PARTLY)
    with pytest.raises(Conflict):
        note(session, manager, risk, Came.YES, 2025, version=1)
    assert row(session, manager, Grade.MEDIUM, 2025) == (0, 1, 0, 0)


def test_a_year_shows_each_grade_against_what_happened(session, manager):
    for grade, came in (
        (Grade.LARGE, Came.NO),
        (Grade.LARGE, Came.NO),
        (Grade.LARGE, Came.NO),
        (Grade.MEDIUM, Came.YES),
        (Grade.SMALL, None),
    ):
        risk = save(session, manager, grade=grade)
        if came:
            note(session, manager, risk, came)
    assert row(session, manager, Grade.LARGE) == (0, 0, 3, 0)
    assert row(session, manager, Grade.MEDIUM) == (1, 0, 0, 0)
    assert row(session, manager, Grade.SMALL) == (0, 0, 0, 1)
    assert row(session, manager, Grade.SMALL, TODAY.year - 1) == (0, 0, 0, 0)


def test_a_risk_has_no_outcome_before_it_was_in_the_register_or_to_come(session, manager):
    risk = save(session, manager)
    for year in (TODAY.year - 1, TODAY.year + 1):
        with pytest.raises(Invalid):
            note(session, manager, risk, year=year)


def test_those_to_look_at_again_come_first_and_closed_ones_last(session, manager):
    closed = save(session, manager, grade=Grade.LARGE)
    later = save(session, manager, grade=Grade.LARGE)
    due = save(session, manager, grade=Grade.SMALL, review_on=TODAY)
    risks.close_risk(session, manager, closed.id, version=closed.version, today=TODAY)
    lines = risks.list_risks(session, manager, today=TODAY)
    assert [(each.risk.id, each.is_due) for each in lines] == [
        (due.id, True),
        (later.id, False),
        (closed.id, False),
    ]
    with pytest.raises(RuleViolation):
        save(session, manager, risk=closed)


def test_nobody_is_named_and_nobody_outside_the_unit_owns_a_risk(session, make, unit, manager):
    make.participant(unit=unit, given_name="Amal", family_name="Warsameson")
    stranger = make.user(unit=make.unit(name="Grannkommunen"))
    for wrong in (
        {"description": "Amal Warsameson slutar komma"},
        {"owner_id": stranger.id},
        {"review_on": TODAY - timedelta(days=1)},
    ):
        with pytest.raises(Invalid) as error:
            save(session, manager, **wrong)
        assert list(error.value.fields) == list(wrong)


def test_the_register_is_the_managers_to_keep_the_auditors_to_read(session, make, unit, manager):
    risk = save(session, manager)
    auditor = make.actor(Role.AUDITOR, unit=unit)
    assert len(risks.list_risks(session, auditor, today=TODAY)) == 1
    with pytest.raises(Refused):
        risks.save_risk(session, auditor, said(manager), today=TODAY)
    with pytest.raises(Refused):
        risks.list_risks(session, make.actor(unit=unit), today=TODAY)
    neighbour = make.actor(Role.UNIT_MANAGER, unit=make.unit(name="Grannkommunen"))
    with pytest.raises(NotFound):
        risks.get_risk(session, neighbour, risk.id)


def test_who_saves_an_old_version_is_told(session, manager):
    risk = save(session, manager)
    old = replace(said(manager), grade=Grade.LARGE)
    save(session, manager, risk=risk, grade=Grade.SMALL)
    with pytest.raises(Conflict):
        risks.save_risk(session, manager, old, today=TODAY, risk_id=risk.id, version=1)


def test_a_risk_is_written_judged_and_noted_on_its_page(session, client_as, make, unit):
    manager = make.user(Role.UNIT_MANAGER, unit=unit)
    client = client_as(manager)
    form = {
        "description": "Lokalen sägs upp", "grade": "large", "measure": "Leta ny",
        "owner_id": str(manager.id), "review_on": "2099-01-01",
    }  # fmt: skip
    wrong = client.post("/learning/risks/new", data=form | {"review_on": "nästa år"})
    assert wrong.status_code == 422
    assert "nästa år" in wrong.text
    assert client.post("/learning/risks/new", data=form).status_code == 303
    listed = client.get("/learning/risks").text
    address = listed.split('href="/learning/risks/')[2].split('"')[0]
    path = f"/learning/risks/{address}"
    assert client.post(path, data=form | {"grade": "small", "version": "1"}).status_code == 303
    conflict = client.post(path, data=form | {"version": "1"})
    assert conflict.status_code == 409
    year = listed.split("Bedömning och utfall ")[1][:4]
    assert client.post(f"{path}/outcomes", data={"year": year, "came": "no"}).status_code == 303
    page = client.get(path).text
    assert page.count("Leta ny") == 3  # the form, and two judgements
    assert "Det hände inte" in page
    assert client.post(f"{path}/closed", data={"version": "2"}).status_code == 303
