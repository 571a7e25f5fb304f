"""What the outcome report counts, and what it leaves out."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from matchsvc.accounts.models import Role
from matchsvc.errors import Invalid, Refused, RuleViolation
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.outcomes.rules import Subject, record_outcome, take_back_outcome
from matchsvc.reports.counts import Period
from matchsvc.reports.outcomes import is_a_quarter_at_least
from matchsvc.reports.trend import quarterly_shares, quarters_until
from tests.factories import COMMAND
from tests.reports.factories import DAY, YEAR

HIDDEN = {"suppressed": True}


def rate(report, measure, population="all"):
    return next(
        one
        for one in report["rates"]
        if one["measure"] == measure and one.get("population") == population
    )


def test_a_person_with_two_placements_is_one_person_and_two_events(facts, report):
    people = facts.placed(facts.people(20))
    facts.placed(people[:7], date(2025, 9, 1))

    assert report()["totals"]["placements"] == {"persons": 20, "events": 27}


def test_a_person_with_a_placement_and_a_hire_is_in_both(facts, report):
    people = facts.placed(facts.people(20))
    facts.hired(people)

    totals = report()["totals"]
    assert totals["placements"]["persons"] == totals["hires"]["persons"] == 20


def test_municipal_employment_stands_beside_hires_and_is_no_way_to_work(facts, report):
    people = facts.enrolled(facts.people(40), date(2025, 1, 7))
    facts.hired(people[:10])
    facts.add(people[10:25], OutcomeKind.MUNICIPAL_EMPLOYMENT_STARTED)
    facts.exited(people[10:25], "municipal_lm_employment")

    totals = report()["totals"]
    assert totals["hires"]["persons"] == 10
    assert totals["municipal_employment"]["persons"] == 15
    assert totals["to_work"] == 10


def test_an_exit_to_work_counts_as_work_and_an_exit_to_studies_as_studies(facts, report):
    people = facts.enrolled(facts.people(60), date(2025, 1, 7))
    facts.exited(people[:10], "unsubsidised_job")
    facts.exited(people[10:20], "subsidised_job")
    facts.exited(people[20:30], "studies")
    facts.exited(people[30:40], "care")

    made = report()
    assert (made["totals"]["to_work"], made["totals"]["studies"]) == (20, 10)
    assert made["totals"]["hires"]["persons"] == 0
    assert rate(made, "to_work_or_studies")["n"] == 30


def test_work_before_enrolment_and_after_the_period_does_not_count(facts, report):
    people = facts.enrolled(facts.people(60), date(2025, 3, 1))
    facts.hired(people[:10], date(2025, 2, 1))
    facts.hired(people[10:20], date(2026, 1, 1))
    facts.hired(people[20:30], date(2025, 12, 31))
    facts.hired(people[30:40], date(2025, 3, 1))

    assert report()["totals"]["to_work"] == 20


def test_both_ends_of_the_period_are_inside(facts, report):
    for on, count in ((YEAR[0], 10), (YEAR[1], 20)):
        facts.placed(facts.people(count), on)
    for on in (YEAR[0] - timedelta(1), YEAR[1] + timedelta(1)):
        facts.placed(facts.people(40), on)

    assert report()["totals"]["placements"]["persons"] == 30


def test_enrolled_at_any_time_leaves_out_those_who_left_before_and_came_after(facts, report):
    facts.enrolled(facts.people(20), date(2024, 5, 1))
    left = facts.enrolled(facts.people(30), date(2024, 5, 1))
    facts.exited(left, "other", date(2024, 12, 31))
    last_day = facts.enrolled(facts.people(40), date(2024, 5, 1))
    facts.exited(last_day, "other", date(2025, 1, 1))
    facts.enrolled(facts.people(50), date(2026, 1, 1))

    assert rate(report(), "to_work_or_studies")["of"] == 60


def subject(unit_id, **values):
    defaults = {
        "person_key": uuid4(),
        "case_key": uuid4(),
        "sex": "woman",
        "birth_region": "europe",
        "birth_year": 1985,
        "unit_id": unit_id,
    }
    return Subject(**defaults | values)


def test_a_correction_replaces_and_a_void_takes_away(session, facts, make, report):
    facts.placed(facts.people(20))
    moved, gone = uuid4(), uuid4()
    who = subject(make.unit().id)
    started = OutcomeKind.PLACEMENT_STARTED
    record_outcome(session, started, moved, who, occurred_on=DAY)
    record_outcome(session, started, gone, subject(make.unit().id), occurred_on=DAY)
    assert report()["totals"]["placements"]["persons"] == 22

    record_outcome(session, started, moved, who, occurred_on=date(2026, 2, 1))
    assert report()["totals"]["placements"]["persons"] == 21

    take_back_outcome(session, started, gone)
    assert report()["totals"]["placements"] == {"persons": 20, "events": 20}


def test_unknown_is_a_group_of_its_own_in_totals_and_in_no_numerator(facts, report):
    facts.placed(facts.people(20, "woman", "outside_europe"))
    facts.placed(facts.people(20, "woman", "unknown"))
    facts.placed(facts.people(20, "unknown", "outside_europe"))
    facts.placed(facts.people(20, "man", "sweden"))

    made = report(by=("sex", "birth_region"))
    share = made["shares"]["foreign_born_women"]["placements"]
    among = made["shares"]["outside_europe_among_women"]["placements"]

    assert len(made["rows"]) == 4
    assert (share["n"], share["of"]) == (20, 80)
    assert (among["n"], among["of"]) == (20, 40)


def test_what_is_known_of_a_person_goes_before_unknown(facts, report):
    people = facts.placed(facts.people(20, "unknown", "unknown"))
    facts.placed([(person, case, "woman", "europe") for person, case, *_ in people])

    made = report(by=("sex",))
    assert [row["group"] for row in made["rows"]] == [{"sex": "woman"}]
    assert made["totals"]["placements"] == {"persons": 20, "events": 40}


def test_foreign_born_and_born_outside_europe_are_two_measures(facts, report):
    facts.placed(facts.people(20, "woman", "europe"))
    facts.placed(facts.people(30, "woman", "outside_europe"))
    facts.placed(facts.people(50, "man", "outside_europe"))

    shares = report()["shares"]
    assert shares["foreign_born_women"]["placements"]["percent"] == 50
    assert shares["women_outside_europe"]["placements"]["percent"] == 30


def test_groups_by_employer_carry_its_id_and_by_unit_its_name(facts, make, report):
    ours, theirs = make.employer(name="Öman bygg"), make.employer(name="Alma vård")
    facts.placed(facts.people(10), employer_id=ours.id)
    facts.placed(facts.people(20), employer_id=theirs.id)
    facts.hired(facts.people(30))

    by_employer = report(by=("employer",))["rows"]
    assert [row["group"]["employer"] for row in by_employer] == [
        theirs.external_id,
        ours.external_id,
        None,
    ]
    assert [row["placements"]["persons"] for row in by_employer] == [20, 10, 0]
    assert report(by=("unit",))["rows"][0]["group"] == {"unit": make.unit().name}


def test_groups_combine_in_any_order(facts, report):
    facts.placed(facts.people(20, "woman", "europe"), agreement="skog")
    facts.placed(facts.people(30, "man", "sweden"), agreement="skog")

    rows = report(by=("agreement", "birth_region", "sex"))["rows"]
    assert [list(row["group"]) for row in rows] == [["agreement", "birth_region", "sex"]] * 2


def test_without_groups_the_one_row_is_everybody(facts, report):
    facts.placed(facts.people(20))

    made = report()
    assert [row["group"] for row in made["rows"]] == [{}]
    assert made["rows"][0] == made["totals"]


def test_a_small_count_and_what_would_reveal_it_are_hidden(facts, report):
    facts.placed(facts.people(3, "woman", "europe"))
    facts.placed(facts.people(20, "woman", "sweden"))
    facts.placed(facts.people(40, "man", "sweden"))

    made = report(by=("sex", "birth_region"))
    shown = [(row["group"]["birth_region"], row["placements"]["persons"]) for row in made["rows"]]

    assert ("europe", HIDDEN) in shown
    assert ("sweden", HIDDEN) in shown  # women total minus this would tell
    assert made["totals"]["placements"]["persons"] == 63
    share = made["shares"]["foreign_born_women"]["placements"]
    assert (share["n"], share["of"], share["percent"]) == (HIDDEN, 63, HIDDEN)


def test_a_rate_of_fewer_than_ten_is_hidden(facts, report):
    people = facts.enrolled(facts.people(9), date(2025, 1, 7))
    facts.hired(people)

    found = rate(report(), "to_work")
    assert (found["percent"], found["interval"]) == (HIDDEN, HIDDEN)


def test_a_unit_may_hide_more_than_the_law_asks(facts, make, report):
    facts.placed(facts.people(6, "woman", "europe"))
    assert report()["totals"]["placements"]["persons"] == 6
    make.setting("smallest_count", "7")
    assert report()["totals"]["placements"]["persons"] == HIDDEN


def test_a_unit_may_ask_for_larger_groups_under_a_rate(facts, make, report):
    people = facts.enrolled(facts.people(20), date(2025, 1, 7))
    facts.hired(people)
    assert rate(report(), "to_work")["percent"] == 100
    make.setting("smallest_denominator", "21")
    assert rate(report(), "to_work")["percent"] == HIDDEN


def test_a_rate_whose_rest_is_few_is_hidden(facts, report):
    people = facts.enrolled(facts.people(20), date(2025, 1, 7))
    facts.hired(people[:17])

    made = report()
    assert made["totals"]["to_work"] == HIDDEN
    assert rate(made, "to_work")["n"] == HIDDEN


def test_a_users_report_covers_her_unit_and_a_commands_all(facts, make, report):
    facts.placed(facts.people(20))
    facts.unit_id = make.unit(name="Östra enheten").id
    facts.placed(facts.people(30))

    mine = report(actor=make.actor(Role.UNIT_MANAGER))
    assert mine["totals"]["placements"]["persons"] == 20
    assert report()["totals"]["placements"]["persons"] == 50


def test_a_role_that_reads_no_reports_is_refused(make, report):
    with pytest.raises(Refused):
        report(actor=make.actor(Role.SUPERVISOR))


def test_unknown_or_doubled_groups_are_refused(report):
    for by in (("age",), ("sex", "sex")):
        with pytest.raises(Invalid):
            report(by=by)


def test_region_of_birth_is_never_shown_for_less_than_a_quarter(facts, report):
    facts.placed(facts.people(20, "woman", "europe") + facts.people(30, "man", "sweden"))
    start, end = date(2025, 3, 1), date(2025, 5, 30)

    with pytest.raises(RuleViolation):
        report(start, end, by=("birth_region",))
    made = report(start, end)
    assert made["shares"]["foreign_born_women"]["placements"]["n"] == HIDDEN
    assert rate(made, "to_work", "women_outside_europe")["n"] == HIDDEN
    assert made["totals"]["placements"]["persons"] == 50
    assert report(start, date(2025, 5, 31), by=("birth_region",))["rows"]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ((2025, 1, 1), (2025, 3, 31), True),
        ((2025, 1, 1), (2025, 3, 30), False),
        ((2025, 11, 30), (2026, 2, 27), True),
        ((2025, 11, 30), (2026, 2, 26), False),
    ],
)
def test_a_quarter_is_three_months_whatever_their_length(start, end, expected):
    assert is_a_quarter_at_least(Period(date(*start), date(*end))) is expected


def test_a_compared_period_stands_beside_each_share(facts, report):
    facts.placed(facts.people(20, "woman", "europe") + facts.people(80, "man", "sweden"))
    earlier = date(2024, 3, 1)
    facts.placed(facts.people(10, "woman", "europe") + facts.people(90, "man", "sweden"), earlier)

    made = report(compare_with=Period(date(2024, 1, 1), date(2024, 12, 31)))
    share = made["shares"]["foreign_born_women"]["placements"]

    assert share["before"]["percent"] == 10
    assert share["change_percentage_points"] == 10.0


def test_the_number_of_queries_does_not_depend_on_the_data(facts, report, queries):
    facts.placed(facts.people(5))
    with queries() as few:
        report(by=("sex", "birth_region", "employer"))
    for region in ("sweden", "europe", "unknown"):
        facts.hired(facts.enrolled(facts.people(50, "man", region)), employer_id=uuid4())
    with queries() as many:
        report(by=("sex", "birth_region", "employer"))

    assert many.total == few.total <= 12


def quarters(session, facts, *counts):
    """Place women of the given numbers among 40 in each quarter of 2025; give what is shown."""
    for month, count in zip((2, 5, 8, 11), counts, strict=True):
        facts.placed(
            facts.people(count, "woman", "europe") + facts.people(40 - count, "man", "sweden"),
            date(2025, month, 3),
        )
    points = quarterly_shares(session, COMMAND, Period(*YEAR))
    return [point.shares["placements"].n for point in points[-4:]]


def test_quarters_show_what_is_large_enough(session, facts):
    assert quarters(session, facts, 10, 11, 12, 13) == [10, 11, 12, 13]


def test_a_small_quarter_takes_another_with_it_so_that_the_year_does_not_tell(session, facts):
    assert quarters(session, facts, 3, 11, 12, 13) == [None, None, 12, 13]


def test_a_year_too_small_to_show_hides_all_its_quarters(session, facts):
    assert quarters(session, facts, 1, 1, 1, 0) == [None] * 4


@given(some.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_quarters_follow_each_other_and_the_last_holds_the_day(day):
    made = quarters_until(day)

    assert made[-1].start_date <= day <= made[-1].end_date
    for one, following in pairwise(made):
        assert one.end_date + timedelta(1) == following.start_date
        assert one.start_date.day == 1
