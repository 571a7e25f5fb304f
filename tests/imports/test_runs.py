"""Runs: in the background, all or nothing, on the page and on the command line."""

import io
import json
import threading
import time
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import Role, Setting
from matchsvc.imports import background, runs, template
from matchsvc.imports import participant_writing as writing
from matchsvc.imports.commands import import_files
from matchsvc.imports.models import ImportRun, RunState
from matchsvc.imports.planning import Action
from matchsvc.imports.reader import read_sheet
from matchsvc.imports.runner import KINDS, Job, check, write
from matchsvc.outcomes.models import OutcomeEvent
from matchsvc.participants.models import Participant
from tests.factories import COMMAND
from tests.imports.files import TODAY, as_csv, job, row


def people(count):
    return as_csv([row("participants", **{"Deltagar-id": f"D{n}"}) for n in range(count)])


def count_of(table):
    with db.read() as session:
        return session.scalar(select(func.count()).select_from(table))


@pytest.mark.sqlite_only
def test_a_fault_half_way_leaves_nothing(own_database, monkeypatch):
    calls = []

    def fail_the_second_time(*args):
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError("the machine stopped")
        return real(*args)

    real = writing.write_people
    monkeypatch.setattr("matchsvc.imports.participants.write_people", fail_the_second_time)
    todo = job("participants", people(1200))
    with pytest.raises(RuntimeError):
        write(todo)
    assert (count_of(Participant), count_of(OutcomeEvent)) == (0, 0)


@pytest.mark.sqlite_only
def test_a_full_disk_leaves_nothing_and_says_so(own_database, tmp_path):
    file = tmp_path / "people.csv"
    file.write_bytes(people(3000))
    with own_database.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()

    from sqlalchemy import event

    @event.listens_for(own_database, "connect")
    def limit(connection, _):
        connection.execute(f"PRAGMA max_page_count={pages + 40}")

    own_database.dispose()
    result = CliRunner().invoke(import_files, ["participants", str(file), "--json"])
    body = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [error["code"] for error in body["errors"]] == ["disk_full"]
    assert count_of(Participant) == 0


@pytest.mark.sqlite_only
def test_checking_ten_thousand_rows_never_keeps_others_from_writing(own_database):
    todo = Job("participants", read_sheet(people(10_000)), COMMAND, TODAY)
    progress, waits, stop = [], [], threading.Event()

    def somebody_else():
        number = 0
        while not stop.is_set():
            started = time.monotonic()
            with db.begin() as session:
                session.merge(Setting(key="busy", value={"n": number}))
            waits.append(time.monotonic() - started)
            number += 1
            stop.wait(0.005)

    other = threading.Thread(target=somebody_else)
    other.start()
    try:
        found = check(todo, progress=progress.append)
    finally:
        stop.set()
        other.join()
    assert progress == list(range(500, 10_001, 500))
    assert found.count(Action.CREATE) == 10_000
    assert len(waits) > 3
    assert max(waits) < 5  # the database itself waits up to 15


@pytest.mark.sqlite_only
def test_a_check_writes_nothing(own_database):
    check(Job("participants", read_sheet(people(600)), COMMAND, TODAY))
    assert (count_of(Participant), count_of(OutcomeEvent)) == (0, 0)


@pytest.mark.sqlite_only
def test_the_command_prints_the_shape_that_scripts_rely_on(own_database, tmp_path):
    file = tmp_path / "people.csv"
    file.write_bytes(people(2))
    run = CliRunner().invoke
    dry = json.loads(run(import_files, ["participants", str(file), "--dry-run", "--json"]).stdout)
    assert dry == {
        "kind": "participants", "file": "people.csv", "dry_run": True, "rows": 2, "created": 2,
        "updated": 0, "unchanged": 0, "errors": [], "warnings": [],
    }  # fmt: skip
    assert count_of(Participant) == 0
    assert "Sparat." in run(import_files, ["participants", str(file)]).stdout
    again = run(import_files, ["participants", str(file), "--json"])
    assert (again.exit_code, json.loads(again.stdout)["unchanged"]) == (0, 2)
    file.write_bytes(as_csv([row("participants", Kön="x")]))
    wrong = run(import_files, ["participants", str(file), "--json"])
    assert (wrong.exit_code, json.loads(wrong.stdout)["errors"]) == (1, [
        {"row": 2, "column": "sex", "code": "unknown_choice",
         "message": "Skriv ett av: kvinna, man, okänt.", "value": "x"},
    ])  # fmt: skip
    assert run(import_files, ["participants"]).exit_code == 2


@pytest.mark.sqlite_only
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_template_can_be_read_again(own_database, kind, file_format):
    made = CliRunner().invoke(import_files, [kind, "--template", "--format", file_format])
    sheet = read_sheet(made.stdout_bytes)
    assert len(sheet.headings) == len(KINDS[kind].columns)
    found = check(Job(kind, sheet, COMMAND, TODAY))
    assert {p.code for p in found.problems} <= {"not_found", "unknown_site", "unknown_offer"}


def test_rows_to_mend_are_never_run_as_formulas():
    assert [template.safe_cell(cell) for cell in ("=1+1", "+46", "@x", "-5", "-", "a")] == [
        "'=1+1", "'+46", "'@x", "'-5", "-", "a",
    ]  # fmt: skip


@pytest.mark.sqlite_only
def test_a_run_whose_worker_died_is_taken_up_again(own_database, config):
    with db.begin() as session:
        unit = accounts.ensure_default_unit(session)
        user = accounts.add_user(
            session, COMMAND, email="m@example.org", role=Role.UNIT_MANAGER, unit=unit
        )
        actor = accounts.actor_of(session, user.id)
        run = runs.start_run(
            session, actor, kind="participants", file_name="a.csv", content=people(3)
        )
    with db.begin() as session:
        assert runs.claim(session, run.id, now=db.utcnow()) is RunState.CHECKING
    with db.begin() as session:
        assert runs.claim(session, run.id, now=db.utcnow()) is None  # somebody works on it
    assert background.check_waiting_runs(config, TODAY) == 0
    with db.begin() as session:
        session.execute(update(ImportRun).values(heartbeat_at=db.utcnow() - timedelta(hours=1)))
    assert background.check_waiting_runs(config, TODAY) == 1
    with db.read() as session:
        assert session.get_one(ImportRun, run.id).state is RunState.CHECKED


def upload(client, content, kind="participants", name="filen.csv"):
    data = {"kind": kind, "file": (io.BytesIO(content), name)}
    answer = client.post("/imports", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_a_file_is_previewed_and_then_saved(client_as, session):
    client = client_as(Role.UNIT_MANAGER)
    page = upload(client, people(3))
    shown = client.get(page)
    assert shown.status_code == 200
    assert "Importera 3 rader" in shown.text
    assert session.scalars(select(Participant)).all() == []
    assert client.post(f"{page}/save").status_code == 303
    assert "Filen är sparad." in client.get(page).text
    assert len(session.scalars(select(Participant)).all()) == 3
    session.expire_all()
    assert session.scalars(select(ImportRun)).one().content is None


def test_errors_stand_in_their_cells_and_the_import_stays_closed(client_as, session):
    client = client_as(Role.UNIT_MANAGER)
    rows = [row("participants", Inskriven="2027-02-31", Förnamn="=Hemlig")]
    page = upload(client, as_csv(rows))
    shown = client.get(page).text
    assert "1 fel i 1 rader. Inget har sparats." in shown
    assert "<strong>Datumet finns inte</strong>" in shown
    assert "Skriv till exempel 2027-02-26." in shown
    assert "Hemlig" not in shown
    assert "Importen kan starta när alla fel är rättade." in shown
    assert client.post(f"{page}/save").status_code == 409
    mend = client.get(f"{page}/errors.csv")
    assert "'=Hemlig" in mend.text
    assert read_sheet(mend.data).rows[0].cells[0] == "2"
    assert client.get("/imports?lang=en").status_code == 200


def test_a_file_that_cannot_be_read_is_refused_on_its_page(client_as):
    client = client_as(Role.UNIT_MANAGER)
    shown = client.get(upload(client, b"%PDF-1.7", name="bild.csv")).text
    assert "Filen är varken CSV eller XLSX." in shown


def test_a_run_can_be_cancelled_and_its_file_is_gone(client_as, session):
    client = client_as(Role.UNIT_MANAGER)
    page = upload(client, people(2))
    assert client.post(f"{page}/cancel").status_code == 303
    assert "Importen är avbruten." in client.get(page).text


def test_changes_are_shown_before_they_are_made(client_as):
    client = client_as(Role.UNIT_MANAGER)
    client.post(f"{upload(client, people(1))}/save")
    changed = as_csv([row("participants", **{"Deltagar-id": "D0", "Timmar per vecka": "20"})])
    shown = client.get(upload(client, changed) + "?view=changes").text
    assert "Ändras (1)" in shown
    assert "Timmar per vecka: – → 20" in shown


def test_nobody_sees_another_ones_file_and_each_role_imports_its_own(client_as):
    page = upload(client_as(Role.UNIT_MANAGER), people(1))
    assert client_as(Role.CASE_WORKER).get(page).status_code == 404
    liaison = client_as(Role.EMPLOYER_LIAISON)
    data = {"kind": "participants", "file": (io.BytesIO(people(1)), "a.csv")}
    assert liaison.post("/imports", data=data).status_code == 403
    assert client_as(Role.AUDITOR).get("/imports").status_code == 403


def test_a_page_of_a_large_file_asks_the_database_no_more(client_as, queries):
    client = client_as(Role.UNIT_MANAGER)
    small, large = upload(client, people(5)), upload(client, people(60))
    client.get(small)
    with queries() as few:
        client.get(small)
    with queries() as many:
        client.get(large)
    assert few.total == many.total
