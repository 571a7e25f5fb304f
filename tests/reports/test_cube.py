"""The cube: flows, lead times and results by any groups, of any moment, with nobody pointed out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Date, literal, select, update

from matchsvc import db
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Invalid, Refused, RuleViolation
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import Subject, move_person, record_outcome, take_back_outcome
from matchsvc.reports.counts import Period, Tally
from matchsvc.reports.cube import Quartiles, cube, cube_data, parts_of, quartiles
from matchsvc.reports.cube_counts import Asked, count_cube
from matchsvc.reports.day_sums import days_between, months_after
from matchsvc.swedish import add_months
from tests.factories import COMMAND

YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
LATER = date(2026, 6, 30)


def counted(session, by=(), measure="inflow", **asked):
    told = Asked(YEAR, tuple(by), **{"until": LATER} | asked)
    counts, _ = count_cube(session, told, parts_of(told), unit_id=None)
    return {group: tally.persons for group, tally in counts[measure].items()}


def spans(session, lead, **asked):
    told = Asked(YEAR, (), **{"until": LATER} | asked)
    return count_cube(session, told, [YEAR], unit_id=None)[1][lead].get((), {})


@pytest.fixture
def manager(make, facts):
    return make.actor(Role.UNIT_MANAGER)


# What is counted


def test_unknown_sex_and_region_are_groups_of_their_own_and_part_of_the_total(session, facts):
    facts.enrolled(facts.people(3, "woman", "europe"))
    facts.enrolled(facts.people(2, "unknown", "unknown"))

    assert counted(session) == {(): 5}
    assert counted(session, ["sex"]) == {("woman",): 3, ("unknown",): 2}
    assert counted(session, ["foreign_born"]) == {("yes",): 3, ("unknown",): 2}
    assert counted(session, ["outside_europe"]) == {("no",): 3, ("unknown",): 2}


def test_whose_country_was_changed_counts_in_the_region_that_holds_now(session, make):
    """As when a country was dissolved and its people are placed in another region."""
    unit, case = make.unit(), uuid4()
    for region in ("unknown", "europe"):
        person = Subject(case, case, "woman", region, 1980, unit.id)
        record_outcome(session, OutcomeKind.ENROLLED, case, person, occurred_on=date(2025, 2, 1))
        session.flush()

    assert counted(session, ["birth_region"]) == {("europe",): 1}


def test_who_is_in_two_programmes_counts_once_in_each_and_once_in_all(session, facts):
    people = facts.people(6)
    facts.enrolled(people, programme="prog-a")
    facts.enrolled(people[:4], programme="prog-b")

    assert counted(session, ["programme"]) == {("prog-a",): 6, ("prog-b",): 4}
    assert counted(session) == {(): 6}
    counts, _ = count_cube(session, Asked(YEAR), [YEAR], unit_id=None)
    assert counts["inflow"] == {(): Tally(6, 10)}


def test_hired_twice_is_one_person_and_two_events(session, facts):
    people = facts.hired(facts.enrolled(facts.people(5)), date(2025, 5, 1))
    facts.hired(people[:2], date(2025, 8, 1))

    counts, lasted = count_cube(session, Asked(YEAR), [YEAR], unit_id=None)
    assert counts["hires"] == {(): Tally(5, 7)}
    assert counts["to_work"] == {(): Tally(5, 5)}
    assert lasted["days_to_work"] == {(): {48: 5}}


def test_a_job_that_begins_during_a_placement_counts_in_both(session, facts):
    people = facts.placed(facts.enrolled(facts.people(5)), date(2025, 4, 1), sector="private")
    facts.hired(people, date(2025, 4, 15), sector="private")

    assert counted(session, ["sector"], "placements") == {("private",): 5}
    assert counted(session, ["sector"], "hires") == {("private",): 5}


def test_what_happens_at_a_workplace_is_told_apart_by_employer_form_and_sector(session, facts):
    employer, site = uuid4(), uuid4()
    facts.placed(facts.people(5), employer_id=employer, site_id=site, sector="region")
    facts.add(facts.people(7), OutcomeKind.ACTIVITY_STARTED, detail="language_cafe")

    assert counted(session, ["employer", "site", "sector", "form"], "placements") == {
        (employer, site, "region", "work_practice"): 5
    }
    assert counted(session, ["form"], "activities") == {("language_cafe",): 7}
    told = Asked(YEAR, ("sector",))
    assert "inflow" not in count_cube(session, told, [YEAR], unit_id=None)[0]


def test_active_are_those_who_were_there_at_least_a_day_of_each_part(session, facts):
    people = facts.enrolled(facts.people(5), date(2025, 2, 10))
    facts.exited(people, "studies", date(2025, 7, 1))

    assert counted(session, ["quarter"], "active") == {(0,): 5, (1,): 5, (2,): 5}
    assert counted(session, ["quarter"]) == {(0,): 5}
    assert counted(session, ["form"], "exits") == {("studies",): 5}


def test_a_period_with_nobody_is_empty_and_not_an_error(session, facts, manager):
    made = cube(session, manager, Asked(YEAR, ("sex", "birth_region"), until=LATER))
    assert made.rows == []
    assert {count.persons for count in made.total.counts.values()} == {0}
    assert made.total.leads["days_to_work"] == Quartiles(0, None)


# Lead times and cohorts


def test_lead_times_run_from_the_first_enrolment_to_the_first_of_each(session, facts):
    people = facts.enrolled(facts.people(1), date(2025, 1, 10))
    for kind, days in (
        (OutcomeKind.PROPOSED, 20),
        (OutcomeKind.EMPLOYER_CONTACTED, 25),
        (OutcomeKind.PROPOSED, 30),
        (OutcomeKind.PLACEMENT_STARTED, 50),
        (OutcomeKind.EMPLOYMENT_STARTED, 90),
    ):
        facts.add(people, kind, date(2025, 1, 10) + timedelta(days))

    assert spans(session, "days_to_contact") == {25: 1}
    assert spans(session, "days_to_proposal") == {20: 1}
    assert spans(session, "days_to_placement") == {50: 1}
    assert spans(session, "days_to_work") == {90: 1}


def test_who_began_somewhere_was_spoken_of_there_at_the_latest_then(session, facts):
    facts.placed(facts.enrolled(facts.people(1), date(2025, 1, 10)), date(2025, 1, 30))
    assert spans(session, "days_to_contact") == {20: 1}


def test_a_cohort_is_followed_for_exactly_as_long_and_leaves_out_who_came_too_late(session, facts):
    early = facts.enrolled(facts.people(3), date(2025, 1, 31))
    facts.hired(early[:1], date(2025, 2, 28))  # a month later, to the day
    facts.hired(early[1:2], date(2025, 3, 1))
    late = facts.enrolled(facts.people(4), date(2025, 12, 20))
    facts.hired(late, date(2025, 12, 22))

    until = date(2026, 1, 19)
    assert counted(session, measure="to_work", until=until) == {(): 6}
    assert counted(session, months=1, until=until) == {(): 3}
    assert counted(session, measure="to_work", months=1, until=until) == {(): 1}
    assert spans(session, "days_to_work", months=1, until=until) == {28: 1}


@given(days=some.dictionaries(some.integers(0, 900), some.integers(1, 5), min_size=1))
def test_quartiles_are_those_of_the_days_written_out(days):
    every = sorted(day for day, n in days.items() for _ in range(n))
    n = len(every)
    assert quartiles(days) == tuple(every[-(-n * part // 4) - 1] for part in (1, 2, 3))


def test_the_database_counts_months_and_days_as_we_do(session):
    days = [date(2024, 1, 1) + timedelta(n) for n in (0, 30, 59, 60, 120, 365, 424)]
    for day in days:
        for months in (1, 12, 13):
            later = session.scalar(select(months_after(literal(day, Date()), months)))
            assert str(later) == str(add_months(day, months))
        between = days_between(literal(days[0], Date()), literal(day, Date()))
        assert session.scalar(select(between)) == (day - days[0]).days


# As it stood


def test_a_past_state_is_what_had_been_recorded_by_then(session, make):
    """Backdated corrections and what was taken back later do not count before they were made."""
    unit, case, job = make.unit(), uuid4(), uuid4()
    person = Subject(uuid4(), case, "woman", "europe", 1980, unit.id)
    at = [datetime(2025, month, 1, tzinfo=UTC) for month in (3, 5, 7, 9)]

    def recorded(when):
        session.flush()
        session.execute(
            update(OutcomeEvent)
            .where(OutcomeEvent.created_at > datetime(2026, 1, 1, tzinfo=UTC))
            .values(created_at=when)
        )
        session.expire_all()

    record_outcome(session, OutcomeKind.ENROLLED, case, person, occurred_on=date(2025, 3, 1))
    record_outcome(session, OutcomeKind.EMPLOYMENT_STARTED, job, person,
                   occurred_on=date(2025, 4, 1))  # fmt: skip
    recorded(at[0])
    record_outcome(session, OutcomeKind.EMPLOYMENT_STARTED, job, person,
                   occurred_on=date(2025, 3, 11))  # fmt: skip
    recorded(at[1])
    take_back_outcome(session, OutcomeKind.EMPLOYMENT_STARTED, job)
    recorded(at[2])

    told = [spans(session, "days_to_work", as_of=when + timedelta(days=1)) for when in at]
    assert told == [{31: 1}, {10: 1}, {}, {}]
    assert counted(session, as_of=at[0] - timedelta(days=1)) == {}


def test_people_who_turned_out_to_be_one_are_counted_once_since_then(session, facts):
    (one, other) = facts.enrolled(facts.people(2))
    session.flush()
    before = db.utcnow()
    move_person(session, other[0], one[0], ("woman", "outside_europe", 1980))

    assert counted(session) == {(): 1}
    assert counted(session, as_of=before) == {(): 2}


# Nobody is pointed out


def test_few_are_hidden_and_so_is_what_would_give_them_away(session, facts, manager):
    facts.enrolled(facts.people(40, "woman"))
    facts.enrolled(facts.people(30, "man"))
    facts.enrolled(facts.people(3, "unknown"))

    made = cube(session, manager, Asked(YEAR, ("sex",), until=LATER))
    shown = {row.group["sex"]: row.counts["inflow"].persons for row in made.rows}
    assert made.total.counts["inflow"].persons == 73
    assert shown["unknown"] is None
    assert list(shown.values()).count(None) == 2  # 73 less the other two would be three


def test_lead_times_of_few_and_of_all_but_few_are_hidden(session, facts, manager):
    facts.hired(facts.enrolled(facts.people(40, "woman"))[:3], date(2025, 6, 1))
    facts.hired(facts.enrolled(facts.people(40, "man"))[:38], date(2025, 6, 1))

    made = cube(session, manager, Asked(YEAR, ("sex",), until=LATER))
    assert [row.leads["days_to_work"] for row in made.rows] == [Quartiles(None)] * 2
    assert made.total.leads["days_to_work"] == Quartiles(41, (79, 79, 79))


def test_region_of_birth_needs_three_months_also_of_each_part(session, manager):
    for by in (["birth_region"], ["foreign_born", "sex"], ["outside_europe"]):
        with pytest.raises(RuleViolation):
            cube(session, manager, Asked(Period(date(2025, 1, 1), date(2025, 2, 28)), tuple(by)))
        with pytest.raises(RuleViolation):
            cube(session, manager, Asked(YEAR, ("month", *by)))
        assert cube(session, manager, Asked(YEAR, ("quarter", *by))).rows == []
    with pytest.raises(RuleViolation):  # the first quarter is cut to a month
        cube(session, manager, Asked(Period(date(2025, 3, 1), date(2025, 12, 31)),
                                     ("quarter", "birth_region")))  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        Asked(YEAR, ("shoe_size",)),
        Asked(YEAR, ("sex", "sex")),
        Asked(YEAR, ("month", "quarter")),
        Asked(YEAR, ("sex", "unit", "programme", "agreement", "sector")),
        Asked(Period(date(2025, 6, 1), date(2025, 1, 31))),
        Asked(Period(date(2025, 1, 2), date(2025, 6, 30))),
        Asked(Period(date(2025, 1, 1), date(2025, 6, 29))),
        Asked(YEAR, months=0),
        Asked(YEAR, months=61),
    ],
)
def test_what_no_table_can_be_made_of_is_refused(session, manager, wrong):
    with pytest.raises(Invalid):
        cube(session, manager, wrong)


def test_a_table_of_too_many_groups_is_refused(session, facts, manager):
    for _ in range(201):
        facts.placed(facts.people(1), employer_id=uuid4())
    with pytest.raises(RuleViolation, match="för många grupper"):
        cube(session, manager, Asked(YEAR, ("employer",)))


def test_only_managers_and_auditors_ask(session, make):
    for role in set(Role) - {Role.UNIT_MANAGER, Role.AUDITOR}:
        with pytest.raises(Refused):
            cube(session, make.actor(role), Asked(YEAR))


def test_a_managers_table_covers_her_unit_and_a_commands_all(session, facts, make, manager):
    facts.enrolled(facts.people(6))
    other = make.unit(name="Andra enheten")
    facts.enrolled(facts.people(7), unit_id=other.id)

    asked = Asked(YEAR, ("unit",), until=LATER)
    assert cube(session, manager, asked).total.counts["inflow"].persons == 6
    made = cube_data(cube(session, COMMAND, asked))
    assert made["rows"][0]["group"]["unit"] == "Andra enheten"
    assert made["total"]["counts"]["inflow"] == {"persons": 13, "events": 13}


# The page and the API


def test_the_page_says_that_it_is_internal_and_what_was_asked_is_logged(client_as, facts, session):
    facts.hired(facts.enrolled(facts.people(40, "woman")), date(2025, 6, 1))
    session.flush()
    client = client_as(Role.UNIT_MANAGER)

    page = client.get(
        "/reports/cube?from=2025-01&to=2025-12&one=sex&months=6&as_of=2030-01-01"
    ).text
    assert "Internt underlag, inte för publicering" in page
    assert "79 dagar" in page
    assert "/reports/definitions#cube_days_to_work" in page
    assert "csv" not in page.lower()
    assert "xlsx" not in page.lower()
    fields = session.scalars(
        select(AuditEvent.fields).where(AuditEvent.object_type == "report_cube")
    ).all()
    assert fields[-1] == [
        "as_of:2030-01-01", "by:sex", "from:2025-01", "months:6", "to:2025-12"
    ]  # fmt: skip


def test_what_cannot_be_shown_is_said_and_what_was_typed_stays(client_as):
    client = client_as(Role.AUDITOR)
    short = client.get("/reports/cube?from=2025-01&to=2025-01&one=birth_region")
    assert short.status_code == 409
    assert "minst tre månader" in short.text
    wrong = client.get("/reports/cube?from=2025-01&to=2025-12&as_of=1999-13-01")
    assert wrong.status_code == 422
    assert 'value="1999-13-01"' in wrong.text
    assert client_as(Role.CASE_WORKER).get("/reports/cube").status_code == 403


def test_programs_get_the_same_table(client_as, facts, session):
    facts.enrolled(facts.people(40, "woman"))
    session.flush()
    data = (
        client_as(Role.UNIT_MANAGER)
        .get("/api/v1/reports/cube?from=2025-01-01&to=2025-12-31&by=sex,quarter")
        .get_json()
    )
    assert data["is_internal"] is True
    assert data["rows"][0]["group"] == {"sex": "woman", "quarter": "2025-01-01"}
    assert data["rows"][0]["counts"]["inflow"] == {"persons": 40, "events": 40}


@pytest.mark.parametrize("by", ["form", "employer", "site", "sector", "month", "year", "age_band"])
def test_every_grouping_has_words(client_as, facts, session, by):
    facts.placed(facts.enrolled(facts.people(9)), sector="private", employer_id=uuid4())
    session.flush()
    page = client_as(Role.UNIT_MANAGER).get(f"/reports/cube?from=2025-01&to=2025-12&one={by}")
    assert page.status_code == 200
