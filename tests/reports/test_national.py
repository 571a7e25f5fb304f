"""The national measure counts work that has lasted a month, and persons once (REP-07)."""

from __future__ import annotations

from datetime import date

import pytest

from matchsvc.accounts.models import Role
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.reports.counts import Period
from matchsvc.reports.national import national_data, national_of, national_share
from matchsvc.reports.suppression import Limits
from tests.reports.factories import DAY, YEAR, Facts


@pytest.fixture
def measure(session, make):
    facts = Facts(session, make.unit().id)

    def lasted(people):
        facts.add(people, OutcomeKind.EMPLOYMENT_LASTED, DAY, detail="employment")

    def told():
        return national_data(national_share(session, make.actor(Role.UNIT_MANAGER), Period(*YEAR)))

    facts.lasted, facts.told = lasted, told
    return facts


def test_work_counts_when_it_has_lasted_and_municipal_employment_never(measure):
    people = measure.people(40)
    measure.lasted(people[:16])
    measure.exited(people[:10], "unsubsidised_job")
    measure.exited(people[10:16], "subsidised_job")
    measure.exited(people[16:22], "studies")
    measure.exited(people[22:28], "unsubsidised_job")  # nothing shows that it lasted
    measure.exited(people[28:40], "municipal_lm_employment")
    assert measure.told() == {
        "ended": 40,
        "to_work_or_studies": 22,
        "percent": 55,
        "work": 16,
        "studies": 6,
        "work_not_known_to_have_lasted": 6,
    }


def test_hired_twice_and_ended_twice_is_one_person(measure):
    people = measure.people(20)
    for _twice in range(2):
        measure.lasted(people[:10])
        measure.exited(people[:10], "unsubsidised_job")
    measure.exited(people[10:], "other")
    assert (measure.told()["ended"], measure.told()["work"]) == (20, 10)


def test_a_job_without_an_end_of_the_case_counts_nowhere(measure):
    people = measure.people(20)
    measure.lasted(people)
    measure.hired(people)
    measure.placed(people)  # at the same time
    assert measure.told()["ended"] == 0
    measure.exited(people, "unsubsidised_job", on=date(2026, 1, 1))  # after the period
    assert measure.told()["ended"] == 0


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ((4, 4, 0, 0), (None, None)),
        ((40, 2, 1, 0), (40, None)),
        ((40, 20, 2, 0), (40, 22)),
    ],
)
def test_what_is_too_few_is_hidden_and_so_is_what_would_tell_it(numbers, shown):
    told = national_of(*numbers, Limits())
    assert (told.share.of, told.share.n) == shown
    assert told.work is None
