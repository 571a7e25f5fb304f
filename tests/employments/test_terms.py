"""What a job with wage support must fulfil, and no change loosens it (EMPL-01, 02, 07)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from matchsvc.employments.checklist import CHECKS, checks_of, tick
from matchsvc.employments.models import UnionOpinion, UnionStep
from matchsvc.employments.overview import demands_of
from matchsvc.employments.registering import register
from matchsvc.employments.terms import (
    Terms,
    change_terms,
    problems_of_terms,
    said_terms,
    terms_of,
)
from matchsvc.errors import Conflict, NotFound, RuleViolation
from matchsvc.placements.employments import Job
from matchsvc.placements.models import EmploymentKind
from tests.employments.factories import END, employed, hired, job, resource_job, terms
from tests.factories import TODAY, identity_number
from tests.placements.factories import world

DAY = timedelta(days=1)
KNOWN = ("wage_subsidy_development",)


def wanted(**values):
    """A job as the arithmetic sees it: nobody's."""
    there = {"participant_id": uuid4(), "site_id": uuid4(), "kind": EmploymentKind.RESOURCE}
    there |= {"start_date": TODAY, "planned_end_date": END, "hours": 30, "subsidy_ref": "AF 77"}
    return Job(**there | values)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"subsidy_code": None}, "subsidy_code"),
        ({"subsidy_code": "gone"}, "subsidy_code"),
        ({"subsidy_from": None}, "subsidy_from"),
        ({"subsidy_from": TODAY + DAY}, "subsidy_from"),
        ({"subsidy_to": None}, "subsidy_to"),
        ({"subsidy_to": END - DAY}, "subsidy_to"),
        ({"host": " "}, "host"),
        ({"motivation": None}, "motivation"),
        ({"displaces_nobody": False}, "displaces_nobody"),
        ({"displaces_nobody_by": None}, "displaces_nobody_by"),
        ({"union_step": None}, "union_step"),
        ({"union_asked_on": None}, "union_asked_on"),
        ({"union_asked_on": TODAY + DAY}, "union_asked_on"),
        (
            {"union_answered_on": TODAY - DAY, "union_opinion": UnionOpinion.FOR},
            "union_answered_on",
        ),
        ({"union_answered_on": TODAY}, "union_opinion"),
        ({"union_opinion": UnionOpinion.AGAINST}, "union_answered_on"),
        ({"host": f"Köket åt {identity_number()}"}, "host"),
    ],
)
def test_each_thing_that_a_resource_employment_lacks_is_said_at_its_field(values, field):
    assert problems_of_terms(wanted(), terms(), known=KNOWN, today=TODAY) == {}
    found = problems_of_terms(wanted(), terms(**values), known=KNOWN, today=TODAY)
    assert list(found) == [field]


def test_a_union_need_not_be_asked_when_the_decision_says_so():
    said = terms(union_step=UnionStep.NOT_NEEDED, union_asked_on=None)
    assert problems_of_terms(wanted(), said, known=KNOWN, today=TODAY) == {}


def test_a_subsidised_job_may_outlive_its_decision_and_asks_nothing_of_the_union():
    said = Terms(subsidy_code=KNOWN[0], subsidy_from=TODAY, subsidy_to=TODAY + 90 * DAY)
    there = wanted(kind=EmploymentKind.SUBSIDISED, planned_end_date=None, hours=None)
    assert problems_of_terms(there, said, known=KNOWN, today=TODAY) == {}
    ended = replace(said, subsidy_from=TODAY - 9 * DAY, subsidy_to=TODAY - DAY)
    assert list(problems_of_terms(there, ended, known=KNOWN, today=TODAY)) == ["subsidy_to"]


def test_an_ordinary_job_asks_for_nothing():
    assert (
        problems_of_terms(
            wanted(kind=EmploymentKind.EMPLOYMENT, subsidy_ref=None), Terms(), known=(), today=TODAY
        )
        == {}
    )


def test_it_is_refused_as_a_whole_and_nothing_is_written(session, make):
    there = world(make)
    with pytest.raises(RuleViolation) as refusal:
        register(session, there.actor, resource_job(there, subsidy_ref=None), Terms(), today=TODAY)
    expected = {"subsidy_code", "subsidy_ref", "subsidy_from", "host", "motivation"}
    expected |= {"displaces_nobody", "displaces_nobody_by", "union_step"}
    assert set(refusal.value.fields) == expected


def test_a_year_to_the_day_is_kept_with_its_terms_and_things_to_go_through(session, make):
    there = employed(session, make)
    assert there.job.subsidy == "Lönebidrag för utveckling i anställning"
    kept = terms_of(session, there.job.id)
    assert said_terms(kept) == terms()
    assert all(each.is_met for each in demands_of(there.job, kept))
    assert [each.code for each in checks_of(session, there.job.id)] == list(CHECKS)
    first = checks_of(session, there.job.id)[0]
    tick(session, there.actor, there.job.id, first.code, done=True, version=1, today=TODAY)
    assert first.done_on == TODAY
    with pytest.raises(Conflict):
        tick(session, there.actor, there.job.id, first.code, done=False, version=1, today=TODAY)
    assert checks_of(session, hired(session, make).job.id) == []


def test_what_came_by_a_file_without_terms_shows_what_is_lacking(session, make):
    there = employed(session, make)
    lacking = {each.code for each in demands_of(there.job, None) if not each.is_met}
    assert lacking == {"covered", "extra", "displaces_nobody", "union"}


def change(session, there, *, said=None, end=END, hours=30, version=None):
    return change_terms(
        session, there.actor, there.job.id, said or terms(),
        planned_end_date=end, hours=hours, subsidy_ref="AF 2026/77", version=version, today=TODAY,
    )  # fmt: skip


def test_a_change_is_asked_everything_again(session, make):
    there = employed(session, make)
    with pytest.raises(RuleViolation) as refusal:
        change(session, there, end=END + DAY, said=terms(subsidy_to=END + DAY))
    assert set(refusal.value.fields) == {"planned_end_date"}  # never more than a year
    with pytest.raises(RuleViolation) as refusal:
        change(session, there, said=terms(displaces_nobody=False))
    assert set(refusal.value.fields) == {"displaces_nobody"}

    shorter = date(2027, 5, 31)
    answered = terms(union_answered_on=TODAY, union_opinion=UnionOpinion.FOR)
    change(session, there, end=shorter, hours=20, said=answered)
    assert (there.job.planned_end_date, there.job.hours) == (shorter, 20)
    assert terms_of(session, there.job.id).union_opinion is UnionOpinion.FOR
    with pytest.raises(Conflict):
        change(session, there, version=1)


def test_a_protected_persons_job_exists_for_her_handlers_alone(session, make):
    there = employed(session, make)
    there.participant.protected = True
    session.flush()
    other = make.actor()
    with pytest.raises(NotFound):
        change_terms(
            session, other, there.job.id, terms(),
            planned_end_date=END, hours=30, subsidy_ref="AF", version=None, today=TODAY,
        )  # fmt: skip
    change(session, there)  # her own case worker keeps it


def test_a_job_starts_only_while_she_is_enrolled(session, make):
    there = world(make)
    with pytest.raises(RuleViolation) as refusal:
        register(
            session, there.actor, job(there, start_date=date(2026, 8, 9)), Terms(), today=TODAY
        )
    assert refusal.value.code == "no_open_case"
