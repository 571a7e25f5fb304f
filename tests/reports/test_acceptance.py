"""The published figures of domain.md 1K, reproduced exactly; and the mistakes that must show."""

from __future__ import annotations

from datetime import date

import pytest

from matchsvc.reports.counts import Period
from matchsvc.reports.figures import percent


def rate(report, measure, population):
    (found,) = [
        one
        for one in report["rates"]
        if one["measure"] == measure and one.get("population") == population
    ]
    return found


@pytest.fixture
def acc_1(facts):
    """Sammanhållet matchningsstöd, cumulative to and including December 2025: 18 798 persons."""
    facts.started_and_to_work(5737, 858, "woman", "outside_europe")
    facts.started_and_to_work(1416, 170, "woman", "europe")
    facts.started_and_to_work(2000, 240, "woman", "sweden")
    facts.started_and_to_work(6000, 900, "man", "outside_europe")
    facts.started_and_to_work(3645, 631, "man", "sweden")


def test_acc_1_the_published_rates_and_counts_come_out(acc_1, report):
    made = report(by=("sex",))

    women, men = made["rows"]
    assert (women["group"], women["started"], women["to_work"]) == ({"sex": "woman"}, 9153, 1268)
    assert (men["group"], men["started"], men["to_work"]) == ({"sex": "man"}, 9645, 1531)
    assert (made["totals"]["started"], made["totals"]["to_work"]) == (18798, 2799)
    found = {
        who: (rate(made, "to_work", who)["n"], rate(made, "to_work", who)["of"],
              rate(made, "to_work", who)["percent"])
        for who in ("women", "men", "all", "women_outside_europe")
    }  # fmt: skip
    assert found == {
        "women": (1268, 9153, 14),
        "men": (1531, 9645, 16),
        "all": (2799, 18798, 15),
        "women_outside_europe": (858, 5737, 15),
    }


def test_acc_1_the_share_of_starting_women_born_outside_europe_is_of_women(acc_1, report):
    share = report()["shares"]["outside_europe_among_women"]["started"]

    assert (share["n"], share["of"], share["percent"]) == (5737, 9153, 63)


def test_acc_1_the_denominator_traps_are_not_what_we_say(acc_1, report):
    made = report()
    said = made["shares"]["outside_europe_among_women"]["started"]["percent"]
    work = rate(made, "to_work", "women_outside_europe")["percent"]

    assert percent(858, 1268) == 68 != work  # the share of those who got work is no rate
    assert percent(5737, 18798) == 31 != said  # of all, not of women
    assert percent(9153, 18798) == 49 != said
    # As a share of all it is its own measure, under its own name.
    assert made["shares"]["women_outside_europe"]["started"]["percent"] == 31


@pytest.mark.parametrize(
    ("placed", "hired", "placed_percent", "hired_percent"),
    [(200, 49, 24, 8), (196, 46, 24, 8), (203, 51, 24, 8), (195, 45, 23, 7), (204, 52, 25, 9)],
)
def test_acc_2_national_agreements_and_the_edges_just_outside(
    facts, report, placed, hired, placed_percent, hired_percent
):
    """832 placed and 609 hired persons, of whom foreign-born women; some of them are both."""
    foreign = [
        *facts.people(60, "woman", "outside_europe"),
        *facts.people(placed - 60, "woman", "europe"),
    ]
    others = [
        *facts.people(300, "woman", "sweden"),
        *facts.people(200, "man", "outside_europe"),
        *facts.people(832 - 500 - placed, "man", "unknown"),
    ]
    facts.placed(foreign + others)
    facts.hired(foreign[:hired] + others[: 609 - hired])

    made = report()
    shares = made["shares"]["foreign_born_women"]

    assert (shares["placements"]["n"], shares["placements"]["of"]) == (placed, 832)
    assert (shares["hires"]["n"], shares["hires"]["of"]) == (hired, 609)
    assert shares["placements"]["percent"] == placed_percent
    assert shares["hires"]["percent"] == hired_percent
    assert made["totals"]["placements"] == {"persons": 832, "events": 832}
    assert made["totals"]["hires"] == {"persons": 609, "events": 609}


def test_acc_2_placements_and_hires_are_nowhere_added(facts, report):
    people = facts.people(832, "woman", "europe")
    facts.placed(people)
    facts.hired(people[:609])

    made = str(report(by=("sex", "birth_region")))

    assert "832" in made
    assert "609" in made
    assert "1441" not in made


def test_acc_3_the_change_is_in_percentage_points(facts, report):
    """Counts are unpublished; these give 25,8 % and 26,1 %."""
    early = facts.enrolled(facts.people(1000, "woman", "outside_europe"), date(2024, 1, 10))
    facts.hired(early[:200], date(2024, 4, 1))
    facts.exited(early[200:258], "studies", date(2024, 6, 1))
    facts.exited(early[258:], "af_planning", date(2024, 12, 1))
    facts.exited(early[:200], "unsubsidised_job", date(2024, 12, 1))
    later = facts.enrolled(facts.people(1000, "woman", "europe"), date(2025, 1, 10))
    facts.hired(later[:261], date(2025, 4, 1))

    made = report(
        date(2025, 1, 1),
        date(2025, 8, 31),
        compare_with=Period(date(2024, 1, 1), date(2024, 8, 31)),
    )
    found = rate(made, "to_work_or_studies", "foreign_born_women")

    assert (found["n"], found["of"]) == (261, 1000)
    assert found["percent_one_decimal"] == 26.1
    assert found["before"]["percent_one_decimal"] == 25.8
    assert found["change_percentage_points"] == 0.3
    assert made["compared_with"] == {"from": "2024-01-01", "to": "2024-08-31"}


def test_acc_4_a_share_of_counts_given_elsewhere_rounds_the_same_way():
    assert percent(110, 150) == 73
