"""Files are prepared outside the transaction that writes them, and others can write meanwhile."""

import sqlite3
import threading
import time
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql

from matchsvc import db
from matchsvc.accounts.models import AuditEvent, Role, Setting, Unit
from matchsvc.errors import Conflict
from matchsvc.imports import rehearsal, runs
from matchsvc.imports.models import RunState
from matchsvc.imports.planning import Action
from matchsvc.imports.rehearsal import CannotTry, Changed, Script
from matchsvc.imports.runner import check, write
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import standing_events
from matchsvc.participants.models import Involvement, Participant
from matchsvc.placements.models import Placement
from matchsvc.swedish import sort_key
from tests.factories import identity_number
from tests.imports.files import as_csv, job, load, row


@pytest.fixture
def fresh(session, make):
    make.unit()
    session.commit()
    return session


def person(session, key="D1"):
    session.expire_all()
    return session.scalars(select(Participant).where(Participant.external_id == key)).one()


def people(count, **values):
    return as_csv([row("participants", **{"Deltagar-id": f"D{n}"} | values) for n in range(count)])


def write_while(rows, meanwhile, *, kind="participants"):
    """Write, and let another writer in when the rows are ready to be written."""
    tries = []

    def other(_):
        tries.append(1)
        meanwhile(len(tries))

    result = write(job(kind, rows), progress=other)
    assert [problem.as_json() for problem in result.problems] == []
    return result, len(tries)


def test_what_another_writer_saves_between_planning_and_writing_is_not_lost(fresh):
    load("participants", {"Timmar per vecka": "20"})

    def other(attempt):
        if attempt == 1:
            with db.begin() as session:
                found = session.scalars(select(Participant)).one()
                found.hours_per_week = 32

    result, tries = write_while([row("participants", Tolk="ja")], other)
    assert (result.written, tries) == (True, 2)
    found = person(fresh)
    assert (found.hours_per_week, found.interpreter, found.version) == (32, True, 3)


def test_a_key_that_somebody_takes_meanwhile_makes_the_row_a_change(fresh, make):
    def other(attempt):
        if attempt == 1:
            load("participants", {"Förnamn": "Samira"})

    result, _ = write_while([row("participants", Tolk="ja")], other)
    assert result.actions == {2: Action.UPDATE}
    found = person(fresh)
    assert (found.given_name, found.interpreter) == ("Samira", True)


def test_an_identity_number_that_somebody_takes_meanwhile_stops_the_file(fresh):
    number = identity_number(date(1985, 3, 12), 4)

    def other(_):
        if not enrolled(fresh):
            load("participants", {"Deltagar-id": "D9", "Personnummer": number})

    result = write(job("participants", [row("participants", Personnummer=number)]), progress=other)
    assert [problem.code for problem in result.problems] == ["personal_id_taken"]
    assert enrolled(fresh) == ["D9"]


def enrolled(session):
    return list(session.scalars(select(Participant.external_id)))


def test_when_others_never_stop_the_file_is_planned_inside_the_transaction(fresh):
    load("participants")

    def other(attempt):
        with db.begin() as session:
            session.scalars(select(Participant)).one().hours_per_week = 20 + attempt

    result, tries = write_while([row("participants", Tolk="ja")], other)
    assert (result.written, tries) == (True, 2)
    found = person(fresh)
    assert (found.hours_per_week, found.interpreter) == (22, True)


def test_somebody_enrolled_meanwhile_only_moves_the_aliases(fresh):
    def other(_):
        load("participants", {"Deltagar-id": "D9"})

    rows = [row("participants"), row("participants", **{"Deltagar-id": "D2", "Förnamn": "Ali"})]
    _, tries = write_while(rows, other)
    assert tries == 1
    between, first, second = person(fresh, "D9"), person(fresh), person(fresh, "D2")
    assert [first.number, second.number] == [between.number + 1, between.number + 2]
    assert first.sort_key == sort_key(first.alias)
    assert second.sort_key == sort_key("Ali")


def test_more_rows_than_are_planned_at_once_get_one_series_of_aliases(fresh):
    write(job("participants", people(1100)))
    numbers = list(fresh.scalars(select(Participant.number).order_by(Participant.number)))
    assert numbers == list(range(numbers[0], numbers[0] + 1100))


def test_a_change_counts_the_version_up_so_that_an_old_form_is_refused(fresh):
    load("participants")
    shown = person(fresh).version
    load("participants", {"Timmar per vecka": "20"})
    with pytest.raises(Conflict):
        db.check_version(person(fresh), shown)


def test_what_is_written_is_logged_when_it_is_done(fresh):
    load("participants")
    found = fresh.scalars(select(AuditEvent).where(AuditEvent.reason == "import")).one()
    assert (found.action, found.subjects) == ("create", [str(person(fresh).id)])
    assert fresh.scalars(select(AuditEvent).where(AuditEvent.action == "import")).one()


def test_a_file_that_is_wrong_after_all_logs_and_writes_nothing(fresh, make):
    unknown = job("placements", [row("placements")])
    result = write(unknown)
    assert not result.written
    assert {problem.code for problem in result.problems} == {"not_found", "unknown_site"}
    assert fresh.scalar(select(func.count()).select_from(AuditEvent)) == 0


def test_a_new_sex_and_a_reopened_case_in_one_row_are_counted_once(fresh):
    ended = {"Avslutad": "2026-10-01", "Avslutsorsak": "mål nått", "Destination": "studier"}
    load("participants", ended)
    tries = []
    again = row("participants", Kön="man", Avslutad="-", Inskriven="2026-08-10")
    write(job("participants", [again]), progress=tries.append)
    assert tries == [1]
    standing = fresh.scalars(standing_events()).all()
    assert [(event.kind, event.sex) for event in standing] == [(OutcomeKind.ENROLLED, "man")]


def test_a_new_case_worker_takes_the_place_of_the_one_before(fresh, make):
    one, two = (make.user(role=Role.CASE_WORKER) for _ in "ab")
    fresh.commit()
    load("participants", {"Handläggare": one.email})
    tries = []
    write(job("participants", [row("participants", Handläggare=two.email)]), progress=tries.append)
    assert tries == [1]
    assert list(fresh.scalars(select(Involvement.user_id))) == [two.id]


def test_a_placement_whose_end_is_taken_away_no_longer_counts_as_ended(fresh):
    load("participants")
    load("employers")
    load("placements", {"Slut": "2026-10-13", "Avslut": "fullföljd"})
    tries = []
    again = row("placements", Slut="-", Avslut="-")
    write(job("placements", [again]), progress=tries.append)
    assert tries == [1]
    kinds = [event.kind for event in fresh.scalars(standing_events())]
    assert sorted(kinds) == [OutcomeKind.ENROLLED, OutcomeKind.PLACEMENT_STARTED]


def test_rows_that_the_rules_weigh_against_each_other_are_both_looked_at(fresh, make):
    supervisor = make.user(role=Role.SUPERVISOR)
    fresh.commit()
    load("participants")
    load("employers")

    def starting(number, first, last):
        return row("placements", **{
            "Placerings-id": f"P{number}", "Start": first, "Planerat slut": last, "Syfte": "Pröva",
            "Beslutsnummer": "AF-1", "Beslut från": first, "Beslut till": last,
            "Handledare": supervisor.email,
        })  # fmt: skip

    apart = [starting(1, "2026-12-01", "2026-12-31"), starting(2, "2027-01-04", "2027-01-29")]
    over = [starting(3, "2027-02-01", "2027-02-26"), starting(4, "2027-02-15", "2027-03-12")]
    result = write(job("placements", over))
    assert (result.written, {problem.row for problem in result.problems}) == (False, {3})
    assert write(job("placements", apart)).problems == []
    starts = select(Placement.start_date).order_by(Placement.start_date)
    assert list(fresh.scalars(starts)) == [date(2026, 12, 1), date(2027, 1, 4)]


# The mechanism


def test_a_trial_sends_nothing_and_performing_it_does(fresh):
    script = Script()
    with script.trial() as session:
        session.add(Setting(key="tried", value={"n": 1}))
    assert fresh.scalar(select(Setting.key).where(Setting.key == "tried")) is None
    with db.begin() as session:
        script.perform(session)
    assert fresh.scalar(select(Setting.key).where(Setting.key == "tried")) == "tried"


def test_a_question_whose_answer_the_trial_itself_would_change_is_noticed(fresh):
    script = Script()
    how_many = select(func.count()).select_from(Setting)
    with script.trial() as session:
        session.add(Setting(key="tried", value={"n": 1}))
        session.flush()
        session.scalar(how_many)
    with pytest.raises(Changed), db.begin() as session:
        script.perform(session)
    assert fresh.scalar(select(Setting.key).where(Setting.key == "tried")) is None


def test_a_row_that_is_gone_when_it_is_to_be_changed_is_noticed(fresh):
    with db.begin() as session:
        session.add(Setting(key="mine", value={"n": 1}))
    with db.begin() as session:
        held = session.get_one(Setting, "mine")
    script = Script()
    with script.trial() as session:
        session.add(held)
        held.value = {"n": 2}
        session.flush()
    with db.begin() as session:
        session.delete(session.get_one(Setting, "mine"))
    with pytest.raises(Changed), db.begin() as session:
        script.perform(session)


def test_what_a_trial_cannot_know_is_refused(fresh):
    with pytest.raises(CannotTry), Script().trial() as session:
        session.add(AuditEvent(at=db.utcnow(), actor="a", action="b", object_type="c",
                               subjects=[], fields=[]))  # fmt: skip
        session.flush()


@pytest.mark.parametrize("lock", [{}, {"key_share": True}, {"read": True}, {"of": Unit}])
def test_a_trial_takes_no_locks(lock):
    asked = select(Unit.id).order_by(Unit.id).limit(1).with_for_update(**lock)
    statement = str(asked.compile(dialect=postgresql.dialect()))
    assert " FOR " in statement
    assert " FOR " not in rehearsal._LOCK.sub("", statement)


@pytest.mark.sqlite_only
def test_a_fault_while_writing_leaves_nothing(own_database, monkeypatch):
    sent, real = [], rehearsal._send

    def stop(connection, change):
        sent.append(change.statement)
        if len(sent) == 8:
            raise RuntimeError("the machine stopped")
        real(connection, change)

    monkeypatch.setattr(rehearsal, "_send", stop)
    with pytest.raises(RuntimeError):
        write(job("participants", people(1200)))
    assert len(sent) == 8
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(Participant)) == 0
        assert session.scalar(select(func.count()).select_from(OutcomeEvent)) == 0


@pytest.mark.sqlite_only
@pytest.mark.parametrize("what", ["new", pytest.param("changed", marks=pytest.mark.soak)])
def test_others_write_while_ten_thousand_rows_are_written(own_database, what):
    if what == "changed":
        write(job("participants", people(10_000)))
    todo = job("participants", people(10_000, **{"Timmar per vecka": "20"}))
    assert check(todo).count(Action.CREATE if what == "new" else Action.UPDATE) == 10_000
    refused, done, stop = [], [], threading.Event()

    def somebody_else():
        other = sqlite3.connect(own_database.url.database, timeout=5, isolation_level=None)
        while not stop.is_set():
            try:
                other.execute("insert or replace into setting (key, value) values ('busy', '{}')")
                done.append(time.monotonic())
            except sqlite3.OperationalError as error:
                refused.append(error)
            stop.wait(0.02)
        other.close()

    thread = threading.Thread(target=somebody_else)
    thread.start()
    try:
        assert write(todo).written
    finally:
        stop.set()
        thread.join()
    assert refused == []
    assert len(done) > 10
    with db.read() as session:
        hours = select(func.count()).where(Participant.hours_per_week == 20)
        assert session.scalar(hours) == 10_000


def test_a_run_that_somebody_else_has_saved_is_not_saved_again(fresh, make):
    actor = make.actor(role=Role.UNIT_MANAGER)
    run = runs.start_run(fresh, actor, kind="participants", file_name="a.csv", content=people(3))
    run.state = RunState.DONE
    fresh.commit()
    runs.save_run(run.id, today=date(2026, 11, 23), clock=db.utcnow)
    fresh.expire_all()
    assert enrolled(fresh) == []
    assert run.state is RunState.DONE
