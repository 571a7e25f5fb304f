"""The report on surveys: intervals, few answers hidden, response beside every figure, exports."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.employers.models import EmployerType, YearlyQuestion
from matchsvc.errors import Refused
from matchsvc.placements.models import (
    Outcome,
    PackagePart,
    ParticipantSurvey,
    ParticipantSurveyAnswer,
    PartState,
    Placement,
    QuestionnaireVersion,
    Survey,
)
from matchsvc.placements.questionnaire import EMPLOYER
from matchsvc.reports.surveys import Part, Response, free_texts, hide_small, survey_report
from matchsvc.reports.surveys_page import row_of
from tests.factories import TODAY
from tests.placements.factories import NOW, started, world
from tests.placements.survey_factories import answered

YEAR = TODAY.year
ALL_FOUR = {f"E{n}": "4" for n in range(2, 10)} | {"E1": "as_planned", "E10": "yes"}


@pytest.fixture
def there(session, make):
    return started(session, make)


@pytest.fixture
def manager(make, there):
    return make.actor(Role.UNIT_MANAGER)


def report(session, actor, year=YEAR, today=TODAY):
    session.flush()
    return survey_report(session, actor, year, today=today)


@pytest.mark.parametrize(
    ("n", "of", "percent", "low", "high"),
    [(8, 10, 80, 49, 94), (14, 20, 70, 48, 86), (24, 30, 80, 63, 91)],
)
def test_the_intervals_are_wilsons(n, of, percent, low, high):
    row = row_of(Part(n, of), "")
    assert (row["percent"], row["low"], row["high"]) == (percent, low, high)


def test_nothing_is_shown_of_fewer_than_five_answers(session, there, manager):
    for number in range(4):
        answered(session, there, ALL_FOUR, days_ago=number + 1)
    (block,) = report(session, manager).employers
    assert block.response.completed == 4
    assert all(each.positive.is_hidden and each.mean is None for each in block.results)
    assert all(each.options == () for each in block.results)
    answered(session, there, ALL_FOUR, days_ago=9)
    (block,) = report(session, manager).employers
    assert block.result("E2").positive == Part(5, 5)
    assert block.result("E11").positive.is_hidden  # nobody answered that one


def test_dont_know_and_skipped_count_nowhere_but_in_the_response(session, there, manager):
    for number in range(5):
        answered(session, there, {"E2": "4", "E3": "unknown"}, days_ago=number + 1)
    answered(session, there, {"E2": "1"}, days_ago=8)
    (block,) = report(session, manager).employers
    assert block.result("E2").positive == Part(5, 6)
    assert block.result("E3").positive.is_hidden
    assert block.response.completed == 6


def test_a_unit_may_ask_for_more_answers_never_for_fewer(session, make, there, manager):
    for number in range(6):
        answered(session, there, ALL_FOUR, days_ago=number + 1)
    make.setting("smallest_count", "8")
    found = report(session, manager)
    assert found.fewest == 8
    assert found.employers[0].result("E2").positive.is_hidden


def test_the_response_counts_who_could_answer_and_says_when_it_is_weak(session, there, manager):
    for number in range(4):
        answered(session, there, ALL_FOUR, days_ago=number + 1)
    for number in range(4):
        survey = answered(session, there, {}, days_ago=10 + number, answers=False)
    survey.undeliverable_on = TODAY
    begun = answered(session, there, {}, days_ago=20, answers=False)
    begun.started_at = NOW
    response = report(session, manager).employers[0].response
    assert (response.sent, response.undeliverable, response.asked) == (9, 1, 8)
    assert (response.completed, response.partial, response.rate) == (4, 1, 50)
    assert response.is_weak  # fewer than thirty
    assert not Response(60, 0, 40, 40).is_weak
    assert Response(200, 0, 40, 40).is_weak  # fewer than forty percent


def test_half_answers_are_not_counted(session, there, manager):
    for number in range(6):
        survey = answered(session, there, ALL_FOUR, days_ago=number + 1)
    survey.completed_at = None
    assert report(session, manager).employers[0].result("E2").positive == Part(5, 5)


def test_the_indexes_are_means_of_means_and_their_parts_stand_beside(session, there, manager):
    for number in range(5):
        answered(session, there, ALL_FOUR | {"E3": "2"}, days_ago=number + 1)
    found = report(session, manager)
    assert found.success["employer-1"].mean == 3
    assert found.success["employer-1"].parts == ("E2", "E3")
    assert found.experience["employer-1"].mean == 4
    assert found.employers[0].result("E3").mean == 2


def test_an_index_is_hidden_when_one_of_its_parts_is(session, there, manager):
    for number in range(5):
        answered(session, there, {"E2": "4"}, days_ago=number + 1)
    assert report(session, manager).success["employer-1"].mean is None


def test_willing_to_host_again_stands_beside_who_did(session, make, there, manager):
    for number in range(5):
        again = "no" if number == 0 else "probably"
        answered(session, there, ALL_FOUR | {"E10": again}, days_ago=400 + number)
    year = (TODAY - timedelta(days=402)).year
    found = report(session, manager, year)
    assert found.employers[0].result("E10").positive == Part(4, 5)
    assert found.rehosted == Part(0, 5)
    other = world(make)
    other.employer, other.site = there.employer, there.site
    there.placement.start_date = TODAY - timedelta(days=200)
    assert report(session, manager, year).rehosted == Part(5, 5)
    assert report(session, manager).rehosted.is_hidden  # this year's have not had their time


def test_results_by_how_much_of_the_package_was_done(session, there, manager):
    for number in range(10):
        survey = answered(
            session, there, ALL_FOUR | {"E9": "5" if number < 5 else "2"}, days_ago=number + 1
        )
        for position in range(6 if number < 5 else 2):
            part = there.placement.package[position].part
            session.add(
                PackagePart(
                    placement_id=survey.placement_id,
                    part=part,
                    position=position,
                    state=PartState.DONE,
                )
            )
    groups = {each.key: each for each in report(session, manager).packages}
    assert groups["6"].satisfied == Part(5, 5)
    assert groups["2"].satisfied == Part(0, 5)
    assert groups["3"].response == Part(0, 0)


def test_a_small_group_takes_another_with_it_so_that_neither_can_be_worked_out():
    assert hide_small({"a": 9, "b": 6, "c": 3}, 5) == {"c", "b"}
    assert hide_small({"a": 9, "b": 2, "c": 3}, 5) == {"b", "c"}
    assert hide_small({"a": 9, "b": 2, "c": 1}, 5) == {"a", "b", "c"}  # three are too few
    assert hide_small({"a": 9, "b": 0}, 5) == set()
    assert hide_small({"a": 9, "b": 5}, 5) == set()
    assert hide_small({"a": 3}, 5) == {"a"}


def test_who_does_not_answer_is_seen_by_sector_size_and_ending(session, make, there, manager):
    there.employer.type = EmployerType.PRIVATE
    there.employer.size_band = "10-49"
    for number in range(6):
        answered(session, there, ALL_FOUR, days_ago=number + 1)
    for number in range(6):
        answered(
            session, there, {}, days_ago=10 + number,
            outcome=Outcome.ENDED_BY_EMPLOYER, answers=False,
        )  # fmt: skip
    found = report(session, manager)
    endings = {each.key: each.response for each in found.endings}
    assert endings == {"early": Part(0, 6), "as_planned": Part(6, 6)}
    assert [each.key for each in found.sectors] == ["private"]
    sizes = {each.key: each.response for each in found.sizes if each.response.of}
    assert sizes == {"10-49": Part(6, 12)}


def test_the_median_time_is_that_of_those_who_handed_in(session, there, manager):
    for number in range(5):
        answered(session, there, ALL_FOUR, days_ago=number + 1)
    assert report(session, manager).minutes == 3


def test_an_old_version_is_read_with_the_words_that_were_asked(session, there, manager):
    old = EMPLOYER.as_shown()
    old["questions"][1]["words"]["sv"] = "Blev det som det var tänkt?"
    session.add(QuestionnaireVersion(code="employer-0", content=old, content_hash="x"))
    for number in range(10):
        survey = answered(session, there, ALL_FOUR, days_ago=number + 1)
        survey.questionnaire = "employer-0" if number < 5 else "employer-1"
    blocks = {each.code: each for each in report(session, manager).employers}
    assert blocks["employer-0"].result("E2").question.words["sv"] == "Blev det som det var tänkt?"
    assert blocks["employer-1"].result("E2").positive == Part(5, 5)


def test_the_protected_and_other_units_count_nowhere(session, make, there, manager):
    for number in range(5):
        answered(session, there, ALL_FOUR, days_ago=number + 1)
    elsewhere = make.actor(user=make.user(Role.UNIT_MANAGER, unit=make.unit(name="Söder")))
    assert report(session, elsewhere).employers == ()
    there.participant.protected = True
    assert report(session, manager).employers == ()


def test_whoever_reads_no_reports_is_refused(session, make, there):
    with pytest.raises(Refused):
        report(session, make.actor(Role.SUPERVISOR))


def own(session, there, values, *, number, text=None):
    employers = answered(session, there, {}, days_ago=number + 1, answers=False)
    survey = ParticipantSurvey(
        placement_id=employers.placement_id,
        unit_id=employers.unit_id,
        questionnaire="participant-1",
        offered_on=TODAY,
        completed_at=NOW,
        started_at=NOW,
        channel="assisted",
    )
    session.add(survey)
    session.flush()
    for question, value in values.items():
        session.add(
            ParticipantSurveyAnswer(
                survey_id=survey.id, question=question, values=[value], saved_at=NOW
            )
        )
    if text:
        session.add(
            ParticipantSurveyAnswer(
                survey_id=survey.id, question="P10", values=[], text=text, saved_at=NOW
            )
        )
    session.flush()


def test_participants_are_counted_apart_from_five_answers(session, there, manager):
    for number in range(4):
        own(session, there, {"P7": "1", "P9": "much"}, number=number)
    assert report(session, manager).participants[0].result("P7").positive.is_hidden
    own(session, there, {"P7": "5", "P9": "same"}, number=5)
    (block,) = report(session, manager).participants
    assert block.result("P7").positive == Part(1, 5)
    assert block.result("P9").positive == Part(4, 5)
    assert dict(block.result("P9").options)["same"] is None  # one person's answer


def test_free_texts_are_for_the_manager_from_five_and_without_order(session, make, there, manager):
    for number in range(4):
        own(session, there, {}, number=number, text=f"Text {9 - number}")
    assert free_texts(session, manager, YEAR) == {}
    own(session, there, {}, number=5, text="Text 1")
    said = free_texts(session, manager, YEAR)["participants"]
    assert [each.text for each in said] == ["Text 1", "Text 6", "Text 7", "Text 8", "Text 9"]
    assert free_texts(session, make.actor(Role.CASE_WORKER), YEAR) is None


def test_the_question_of_the_year_is_counted_from_five(session, make, there, manager):
    for number in range(5):
        contact = make.contact(there.employer, name=f"K {number}", sort_key=f"k{number}")
        session.add(
            YearlyQuestion(
                unit_id=there.employer.unit_id, employer_id=there.employer.id,
                contact_id=contact.id, year=YEAR, questionnaire="yearly-1", sent_on=TODAY,
                answer="more_positive", answered_at=NOW,
            )
        )  # fmt: skip
    session.flush()
    block = report(session, manager).yearly
    assert block.results[0].positive == Part(5, 5)
    session.scalars(select(YearlyQuestion)).first().answer = None
    assert report(session, manager).yearly.results[0].positive.is_hidden


@pytest.fixture
def client(client_as):
    with time_machine.travel(NOW, tick=False):
        yield client_as(Role.UNIT_MANAGER)


def test_the_page_shows_the_response_beside_the_figures_and_warns(session, there, client):
    for number in range(8):
        answered(session, there, ALL_FOUR | {"E12": f"Fritext {number}"}, days_ago=number + 1)
    answered(session, there, {}, days_ago=20, answers=False)
    session.commit()
    page = client.get("/reports/surveys").get_data(as_text=True)
    for words in (
        "8 av 9 svarade", "(89 %)", "Tolka försiktigt", "8 av 8", "Vilka svarar inte?", "Dolt",
        "Fritext 7", "Så räknas det",
    ):  # fmt: skip
        assert words in page, words
    assert there.participant.alias not in page
    assert there.site.name not in page
    assert "/reports/surveys" in client.get("/reports").get_data(as_text=True)


def test_an_empty_year_says_what_to_do(client):
    page = client.get("/reports/surveys").get_data(as_text=True)
    assert "Den skickas när en placering avslutas." in page
    assert client.get("/reports/surveys?year=banana").status_code == 200


def test_the_files_and_the_program_say_the_same(session, there, client):
    for number in range(5):
        answered(session, there, ALL_FOUR | {"E12": "Hemligt"}, days_ago=number + 1)
    session.commit()
    file = client.get("/reports/surveys.csv").get_data(as_text=True)
    assert "employer-1;E2;" in file
    assert ";5;5;100;" in file
    assert "Hemligt" not in file
    assert client.get("/reports/surveys.xlsx").status_code == 200
    told = client.get("/api/v1/reports/surveys").get_json()
    assert told["definitions"] == "v1"
    (block,) = told["employers"]
    assert block["response"]["percent"] == 100
    by_id = {each["id"]: each for each in block["questions"]}
    assert by_id["E2"]["positive"]["percent"] == 100
    assert by_id["E11"]["positive"] == {"suppressed": True}
    assert "E12" not in by_id
    assert client.get("/api/v1/reports/surveys?year=1850").status_code == 422


def test_the_page_asks_the_database_no_more_as_answers_grow(session, there, client, queries):
    for number in range(5):
        answered(session, there, ALL_FOUR, days_ago=number + 1)
    session.commit()
    client.get("/reports/surveys")
    with queries() as few:
        client.get("/reports/surveys")
    for number in range(20):
        answered(session, there, ALL_FOUR, days_ago=number + 10)
    session.commit()
    with queries() as many:
        client.get("/reports/surveys")
    assert many.total == few.total


def test_a_year_stands_for_itself(session, there, manager):
    for number in range(5):
        answered(session, there, ALL_FOUR, days_ago=number + 1)
    assert report(session, manager, YEAR - 1).employers == ()
    surveys = session.scalars(select(Survey)).all()
    assert len(surveys) == 5
    assert session.scalar(select(Placement.id).limit(1))
    assert replace(report(session, manager), year=1).year == 1
