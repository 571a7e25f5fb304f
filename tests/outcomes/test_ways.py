"""The kept ways are what the events tell, whatever was told, corrected or taken back."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select, text

from matchsvc import db
from matchsvc.outcomes import rules, ways
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind, OutcomeWay
from matchsvc.reports.commands import report
from matchsvc.reports.counts import Period
from matchsvc.reports.cube_counts import Asked, count_cube

DAY = date(2025, 3, 1)
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
#: Few people, cases, units and sources, so that what is told often meets what was told.
PEOPLE = [UUID(int=n) for n in range(1, 4)]
SOURCES = [UUID(int=n) for n in range(100, 106)]
UNITS = [UUID(int=n) for n in (200, 201)]

told = some.tuples(
    some.sampled_from(["tell", "void", "gone", "again", "merge", "anonymise"]),
    some.sampled_from(PEOPLE),
    some.sampled_from(list(OutcomeKind)),
    some.sampled_from(SOURCES),
    some.integers(-40, 40),
    some.sampled_from([None, "completed", "broken", "studies", "unsubsidised_job"]),
    some.sampled_from(["woman", "unknown"]),
    some.sampled_from(UNITS),
)


def tell(session, act):
    what, person, kind, source, days, detail, sex, unit = act
    subject = rules.Subject(person, UUID(int=person.int + 50), sex, "europe", 1980, unit)
    on = DAY + timedelta(days)
    if what == "void":
        rules.take_back_outcome(session, kind, source)
    elif what == "gone":
        rules.take_back_person(session, person)
    elif what == "again":
        rules.say_person_again(session, person, since=db.utcnow() - timedelta(hours=1))
    elif what == "merge" and person != PEOPLE[0]:
        rules.move_person(session, person, PEOPLE[0], (sex, "europe", 1970))
    elif what == "anonymise":
        rules.anonymise_person(session, person)
    else:
        rules.record_outcome(session, kind, source, subject, occurred_on=on, detail=detail)
    session.flush()


# Each example rolls its own savepoint back.
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=some.lists(told, min_size=1, max_size=14), kept_after=some.sets(some.integers(0, 13)))
def test_the_kept_ways_are_those_of_a_full_recount(outer, acts, kept_after):
    nested = outer.begin_nested()
    try:
        with db._write() as session:
            for number, act in enumerate(acts):
                tell(session, act)
                if number in kept_after:
                    ways.keep_stale(session)
            ways.keep_stale(session)
            assert ways.differing(session) == 0
            session.rollback()
    finally:
        nested.rollback()


def test_a_transaction_keeps_the_ways_of_whom_it_tells_of(session, make):
    unit = make.unit()
    person = rules.Subject(uuid4(), uuid4(), "woman", "sweden", 1990, unit.id)
    rules.record_outcome(session, OutcomeKind.ENROLLED, uuid4(), person, occurred_on=DAY)
    session.commit()
    rules.record_outcome(
        session, OutcomeKind.MAPPED, uuid4(), person, occurred_on=DAY + timedelta(9)
    )
    session.commit()

    (way,) = session.scalars(select(OutcomeWay))
    assert (way.enrolled_on, way.mapped_on, way.sex) == (DAY, DAY + timedelta(9), "woman")
    assert not ways.is_stale(session)


def test_rows_written_past_the_rules_are_noticed_and_nothing_is_answered_from_old_ways(
    session, make
):
    unit = make.unit()
    person = rules.Subject(uuid4(), uuid4(), "woman", "sweden", 1990, unit.id)
    rules.record_outcome(session, OutcomeKind.ENROLLED, uuid4(), person, occurred_on=DAY)
    session.commit()
    session.execute(text("update outcome_event set occurred_on = '2025-05-05'"))

    way = ways.ways(session, unit_id=unit.id)
    assert session.scalars(select(way.c.enrolled_on)).all() == [date(2025, 5, 5)]
    assert ways.rebuild(session) == 1
    assert ways.differing(session) == 0


def test_what_happened_at_another_unit_is_no_part_of_a_way(session):
    key, case = uuid4(), uuid4()
    for unit in UNITS:
        person = rules.Subject(key, case, "man", "sweden", 1990, unit)
        rules.record_outcome(session, OutcomeKind.ENROLLED, uuid4(), person, occurred_on=DAY)
    rules.record_outcome(session, OutcomeKind.MAPPED, uuid4(), person, occurred_on=DAY)
    ways.keep_stale(session)

    mapped = dict(session.execute(select(OutcomeWay.unit_id, OutcomeWay.mapped_on)).all())
    assert mapped == {UNITS[0]: None, UNITS[1]: DAY}


def test_a_deleted_persons_statistics_survive_without_a_way_back(session, make):
    unit = make.unit()
    person = rules.Subject(uuid4(), uuid4(), "woman", "outside_europe", 1985, unit.id, "prog-a")
    sources = [uuid4(), uuid4()]
    rules.record_outcome(session, OutcomeKind.ENROLLED, sources[0], person, occurred_on=DAY)
    rules.record_outcome(
        session, OutcomeKind.EMPLOYMENT_STARTED, sources[1], person, site_id=uuid4(),
        occurred_on=DAY + timedelta(30), detail="employment",
    )  # fmt: skip
    session.flush()

    fresh = rules.anonymise_person(session, person.person_key)

    events = session.scalars(select(OutcomeEvent)).all()
    assert {event.person_key for event in events} == {fresh} != {person.person_key}
    assert not {event.source_id for event in events} & set(sources)
    assert person.case_key not in {event.case_key for event in events}
    assert {event.age_band for event in events} == {"-44"}
    assert {event.site_id for event in events} == {None}
    counts, spans = count_cube(session, Asked(YEAR, ("sex",)), [YEAR], unit_id=None)
    assert counts["inflow"]["woman",].persons == counts["hires"]["woman",].persons == 1
    assert spans["days_to_work"]["woman",] == {30: 1}
    # Only where there is but one unit is it still told which.
    assert {event.unit_id for event in events} == {unit.id}
    assert rules.anonymise_person(session, person.person_key) is None


def test_where_there_are_several_units_a_deleted_person_is_counted_in_all_together(session, make):
    unit, _ = make.unit(), make.unit(name="Andra enheten")
    person = rules.Subject(uuid4(), uuid4(), "woman", "sweden", 1960, unit.id)
    rules.record_outcome(session, OutcomeKind.ENROLLED, uuid4(), person, occurred_on=DAY)
    rules.anonymise_person(session, person.person_key)

    assert session.scalar(select(func.count(OutcomeEvent.unit_id))) == 0
    asked = Asked(YEAR)
    assert count_cube(session, asked, [YEAR], unit_id=unit.id)[0]["inflow"] == {}
    assert count_cube(session, asked, [YEAR], unit_id=None)[0]["inflow"][()].persons == 1


def test_the_command_says_whether_the_ways_differ_and_makes_them_anew(session, make):
    person = rules.Subject(uuid4(), uuid4(), "woman", "sweden", 1990, make.unit().id)
    rules.record_outcome(session, OutcomeKind.ENROLLED, uuid4(), person, occurred_on=DAY)
    session.commit()
    session.execute(text("delete from outcome_way"))
    session.commit()

    def run(*arguments):
        return CliRunner().invoke(report, ["rebuild", *arguments])

    assert (run("--check").output, run("--check").exit_code) == ("1 differ\n", 1)
    assert run().output == "1 ways\n"
    assert (run("--check").output, run("--check").exit_code) == ("0 differ\n", 0)
