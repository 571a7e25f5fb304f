"""What belongs to a year: self-assessment without names, joint review, cost per job."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.errors import Conflict, Invalid, Refused, RuleViolation
from matchsvc.learning import assessment, costs, reviews
from matchsvc.learning.assessment import QUESTIONS, SCALE
from matchsvc.learning.models import CostKind, SelfAssessmentAnswer
from matchsvc.learning.reviews import Section, part_of
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.participants.models import Need, ParticipantArea
from matchsvc.reports.counts import Period
from matchsvc.reports.quarterly_content import count_report
from matchsvc.reports.quarterly_page import sections_of
from matchsvc.reports.suppression import LEAST
from matchsvc.workday.models import Task
from tests.factories import TODAY
from tests.reports.factories import Facts

YEAR = TODAY.year


@pytest.fixture
def unit(make):
    return make.unit()


@pytest.fixture
def manager(make, unit):
    return make.actor(Role.UNIT_MANAGER, unit=unit)


def answers(value="often", **others):
    return dict.fromkeys(QUESTIONS, value) | others


def answer(session, make, unit, given, year=YEAR):
    actor = make.actor(unit=unit)
    assessment.answer(session, actor, year, given, today=TODAY)
    return actor


def result(session, actor, question="family", year=YEAR):
    found = assessment.read_year(session, actor, year)
    return next(each for each in found.results if each.question == question)


def test_nothing_is_shown_before_the_year_is_closed_and_nothing_taken_after(
    session, make, unit, manager
):
    for _ in range(5):
        lena = answer(session, make, unit, answers())
    assert result(session, manager).mean is None
    assert assessment.read_year(session, lena, YEAR).has_answered
    assessment.close_year(session, manager, YEAR, today=TODAY)
    assert (result(session, lena).answers, result(session, lena).mean) == (5, 3)
    with pytest.raises(RuleViolation):
        answer(session, make, unit, answers())
    with pytest.raises(RuleViolation):
        assessment.close_year(session, manager, YEAR, today=TODAY)


def test_a_year_that_four_have_answered_is_not_closed(session, make, unit, manager):
    for _ in range(4):
        answer(session, make, unit, answers())
    assert assessment.read_year(session, manager, YEAR).answered is None
    with pytest.raises(RuleViolation):
        assessment.close_year(session, manager, YEAR, today=TODAY)


def test_a_question_that_only_four_knew_an_answer_to_is_hidden(session, make, unit, manager):
    for number in range(6):
        other = {"family": "unknown"} if number > 3 else {}
        answer(session, make, unit, answers("always", **other))
    assessment.close_year(session, manager, YEAR, today=TODAY)
    assert (result(session, manager).answers, result(session, manager).mean) == (None, None)
    assert result(session, manager, "reasons").mean == 4


def test_what_is_kept_of_an_answer_says_neither_who_nor_when(session, make, unit):
    lena = answer(session, make, unit, answers("seldom", family="unknown"))
    row = session.scalar(select(SelfAssessmentAnswer))
    assert "family" not in row.answers
    kept = {column.name for column in SelfAssessmentAnswer.__table__.columns}
    assert kept == {"id", "unit_id", "year", "answers"}
    with pytest.raises(RuleViolation):
        assessment.answer(session, lena, YEAR, answers(), today=TODAY)


def test_the_year_before_stands_beside(session, make, unit, manager):
    for year, value in ((YEAR - 1, "never"), (YEAR, "always")):
        for _ in range(5):
            answer(session, make, unit, answers(value), year)
        assessment.close_year(session, manager, year, today=TODAY)
    assert (result(session, manager).mean, result(session, manager).before) == (4, 1)


def test_every_question_must_be_answered_and_only_by_who_works_there(session, make, unit):
    with pytest.raises(Invalid) as error:
        answer(session, make, unit, answers(family="sometimes"))
    assert list(error.value.fields) == ["family"]
    with pytest.raises(RuleViolation):
        answer(session, make, unit, answers(), YEAR - 2)
    with pytest.raises(Refused):
        auditor = make.actor(Role.AUDITOR, unit=unit)
        assessment.answer(session, auditor, YEAR, answers(), today=TODAY)


@given(some.lists(some.sampled_from([*SCALE, "unknown"]), max_size=12))
def test_a_mean_is_of_five_known_answers_or_none(given_answers):
    kept = [{"family": each} for each in given_answers if each != "unknown"]
    found = {each.question: each for each in assessment.results_of(kept, [], LEAST.count)}
    family = found["family"]
    assert (family.mean is None) == (len(kept) < LEAST.count)
    if family.mean is not None:
        assert 1 <= family.mean <= 4


def enter(session, manager, kronor, kind=CostKind.STAFF, **values):
    year = values.pop("year", 2025)
    return costs.save_cost(session, manager, year, kind, kronor, today=TODAY, **values)


def test_a_years_costs_are_divided_by_jobs_that_lasted_and_by_all(session, unit, manager):
    facts = Facts(session, unit.id)
    people = facts.hired(facts.people(20))
    facts.add(people[:12], OutcomeKind.EMPLOYMENT_LASTED, date(2025, 5, 1))
    facts.add(people[:3], OutcomeKind.MUNICIPAL_EMPLOYMENT_STARTED, date(2025, 5, 1))
    facts.hired(facts.people(6), date(2024, 12, 31))
    enter(session, manager, 1_000_000)
    enter(session, manager, 200_001, CostKind.PREMISES)
    found = costs.read_costs(session, manager, 2025)
    assert found.total == 1_200_001
    assert (found.lasted.jobs, found.lasted.kronor) == (12, 100_000)
    assert (found.hired.jobs, found.hired.kronor) == (20, 60_000)


def test_nothing_is_told_of_four_jobs_nor_of_two_counts_that_differ_by_a_few(
    session, unit, manager
):
    facts = Facts(session, unit.id)
    people = facts.hired(facts.people(4))
    enter(session, manager, 1_000_000)
    assert costs.read_costs(session, manager, 2025).hired == costs.PerJob(None, None)
    people += facts.hired(facts.people(6))
    facts.add(people[:8], OutcomeKind.EMPLOYMENT_LASTED, date(2025, 5, 1))
    found = costs.read_costs(session, manager, 2025)
    assert (found.hired.kronor, found.lasted.kronor) == (100_000, None)


def test_the_quarterly_report_tells_what_a_job_of_the_year_cost(session, unit, manager):
    facts = Facts(session, unit.id)
    facts.hired(facts.people(10), date(2025, 3, 3))
    enter(session, manager, 1_500_000)
    quarter = Period(date(2026, 7, 1), date(2026, 9, 30))
    content = count_report(session, manager, quarter, {}, today=TODAY)
    section = next(each for each in sections_of(content, str) if each.name == "cost")
    told = {line.key: line.cells for line in section.lines}
    # The year before has no costs entered; no job of 2025 is known to have lasted.
    assert told["cost_per_job_started"] == ("150\u00a0000\u00a0kr", "–")
    assert told["cost_per_job_lasted"] == ("–", "–")
    assert section.text.startswith("Kostnader som är inskrivna för 2025")


def test_costs_are_the_managers_to_enter_and_two_never_overwrite_each_other(
    session, make, unit, manager
):
    first = enter(session, manager, 10).version
    enter(session, manager, 20, version=first)
    with pytest.raises(Conflict):
        enter(session, manager, 30, version=first)
    with pytest.raises(Invalid):
        enter(session, manager, 30, year=YEAR + 1)
    with pytest.raises(Invalid):
        enter(session, manager, 3_000_000_000)
    auditor = make.actor(Role.AUDITOR, unit=unit)
    assert costs.read_costs(session, auditor, 2025).total == 20
    with pytest.raises(Refused):
        enter(session, auditor, 30)
    with pytest.raises(Refused):
        costs.read_costs(session, make.actor(unit=unit), 2025)


def figures(found, section):
    return {reviews.WHAT[each.what] % {"name": each.name}: each.value for each in found[section]}


def test_a_review_is_filled_in_with_groups_of_five_or_more(session, make, unit, manager):
    area = make.area("Norr", unit)
    people = [make.participant(unit=unit) for _ in range(12)]
    for person in people[:6]:
        make.save(ParticipantArea(participant_id=person.id, area_id=area.id))
        make.save(Need(participant_id=person.id, condition_id="lyfta-hogst-5"))
    make.save(Need(participant_id=people[0].id, condition_id="lyfta-hogst-20"))
    make.participant(unit=unit, archived_at=None, with_case=False)
    found = reviews.read_review(session, manager, YEAR, today=TODAY).figures
    assert figures(found, Section.TARGET_GROUP) == {"Inskrivna": 12, "Når området Norr": 6}
    assert sorted(each.value or 0 for each in found[Section.NEEDS]) == [0, 6]


def test_a_closed_review_keeps_its_figures_and_words(session, make, unit, manager):
    notes = {Section.CONCLUSIONS: "Vi frågar fler arbetsgivare om deltid."}
    wish = {"notes": notes, "parties": ["Arbetsförmedlingen, sektionschef", " "], "today": TODAY}
    row = reviews.save_review(session, manager, YEAR, version=None, **wish)
    assert row.parties == ["Arbetsförmedlingen, sektionschef"]
    reviews.close_review(session, manager, YEAR, version=row.version, today=TODAY)
    for _ in range(7):
        make.participant(unit=unit)
    found = reviews.read_review(session, manager, YEAR, today=TODAY)
    assert figures(found.figures, Section.TARGET_GROUP) == {"Inskrivna": 0}
    with pytest.raises(RuleViolation):
        reviews.save_review(session, manager, YEAR, version=found.row.version, **wish)


def test_a_review_names_no_participant_and_is_not_closed_without_parties(
    session, make, unit, manager
):
    make.participant(unit=unit, given_name="Amal", family_name="Warsameson")
    with pytest.raises(Invalid):
        reviews.save_review(
            session, manager, YEAR, notes={Section.NEEDS: "Som för Amal Warsameson"},
            parties=[], version=None, today=TODAY,
        )  # fmt: skip
    row = reviews.save_review(
        session, manager, YEAR, notes={}, parties=[], version=None, today=TODAY
    )
    with pytest.raises(RuleViolation):
        reviews.close_review(session, manager, YEAR, version=row.version, today=TODAY)
    with pytest.raises(Conflict):
        reviews.save_review(
            session, manager, YEAR, notes={}, parties=["A"], version=row.version + 1, today=TODAY
        )


@given(some.integers(0, 60), some.integers(0, 60))
def test_neither_a_line_nor_its_rest_is_of_a_few(count, rest):
    shown = part_of(count, count + rest, LEAST)
    assert shown is None or not (0 < shown < LEAST.count or 0 < rest < LEAST.count)


def test_the_pages_of_a_year_keep_what_was_typed_and_make_a_task(session, client_as, make, unit):
    manager = make.user(Role.UNIT_MANAGER, unit=unit)
    client = client_as(manager)
    this = client.get("/learning/self-assessment")
    year = int(this.text.split("<h1>Självskattning ")[1][:4])
    half = answers() | {"family": ""}
    wrong = client.post(f"/learning/self-assessment/{year}", data=half)
    assert wrong.status_code == 422
    assert wrong.text.count("checked") == len(QUESTIONS) - 1
    for number in range(5):
        user = manager if number == 0 else make.user(unit=unit)
        given_by = client_as(user)
        assert given_by.post(f"/learning/self-assessment/{year}", data=answers()).status_code == 303
    client.post(f"/learning/self-assessment/{year}/closed")
    assert "Vad vi svarade" in client.get("/learning/self-assessment").text
    task = {"own_words": "Öva på frågan om skäl", "owner_id": str(manager.id)}
    kept = client.post(f"/learning/self-assessment/{year}/improvements", data=task)
    assert "Öva på frågan om skäl" in kept.text
    client.post(
        f"/learning/self-assessment/{year}/improvements", data=task | {"due_on": "2099-01-01"}
    )
    assert session.scalar(select(Task).where(Task.owner_id == manager.id)).about_type == "unit"


def test_costs_and_reviews_are_written_on_their_pages(session, client_as, make, unit):
    client = client_as(Role.UNIT_MANAGER)
    wrong = client.post("/learning/costs/2025", data={"kind": "staff", "kronor": "många"})
    assert wrong.status_code == 422
    assert "många" in wrong.text
    client.post("/learning/costs/2025", data={"kind": "staff", "kronor": "4200000"})
    assert "4\u00a0200\u00a0000" in client.get("/learning/costs?year=2025").text
    client.post(
        "/learning/review/2025", data={"supply": "Fler kvällskurser", "parties": "AF, chef"}
    )
    page = client.get("/learning/review?year=2025").text
    assert "Fler kvällskurser" in page
    closed = client.post("/learning/review/2025/closed", data={"version": "1"})
    assert closed.status_code == 303
    assert "<textarea" not in client.get("/learning/review?year=2025").text


def test_a_case_worker_sees_neither_costs_nor_risks(client_as):
    client = client_as(Role.CASE_WORKER)
    page = client.get("/learning").text
    assert "Utbildningar" in page
    assert "Kostnad per jobb" not in page
    for path in ("costs", "risks", "review", "audit-sheet", "audit-sheet.xlsx"):
        assert client.get(f"/learning/{path}").status_code == 403


@pytest.mark.parametrize("year", [0, 1999, 2200, 10**9])
def test_a_year_that_is_none_is_not_found(client_as, year):
    client = client_as(Role.UNIT_MANAGER)
    for path in ("self-assessment", "risks/outcomes", "reviews", "costs"):
        assert client.get(f"/api/v1/learning/{path}/{year}").status_code == 404
