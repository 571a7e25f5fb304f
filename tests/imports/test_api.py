"""Import through the API: the same rules as the page and the command."""

from __future__ import annotations

from io import BytesIO

from sqlalchemy import func, select

from matchsvc.accounts.models import Role
from matchsvc.employers.models import Employer

GOOD = "Arbetsgivar-id;Namn;Typ;Arbetsställe-id;Arbetsställe\nA1;Kvarnköket;privat;S1;Köket\n"
BAD = GOOD + "A2;;privat;S2;Butiken\nA3;Spolen;bolag;S3;Verkstan\n"


def send(client, kind, text, query=""):
    file = (BytesIO(text.encode()), "fil.csv")
    return client.post(f"/api/v1/imports/{kind}{query}", data={"file": file})


def employers(session):
    return session.scalar(select(func.count()).select_from(Employer))


def test_a_program_imports_a_file_and_again_changes_nothing(client_as, session):
    client = client_as(Role.EMPLOYER_LIAISON)
    told = send(client, "employers", GOOD).get_json()
    assert (told["created"], told["errors"]) == (1, [])
    assert employers(session) == 1
    again = send(client, "employers", GOOD).get_json()
    assert (again["created"], again["unchanged"]) == (0, 1)


def test_a_dry_run_writes_nothing(client_as, session):
    told = send(client_as(Role.EMPLOYER_LIAISON), "employers", GOOD, "?dry_run=true").get_json()
    assert (told["created"], told["dry_run"]) == (1, True)
    assert employers(session) == 0


def test_every_error_of_every_row_is_told_and_nothing_is_written(client_as, session):
    told = send(client_as(Role.EMPLOYER_LIAISON), "employers", BAD).get_json()
    assert {(error["row"], error["column"]) for error in told["errors"]} == {
        (3, "name"),
        (4, "type"),
    }
    assert employers(session) == 0


def test_a_role_imports_only_what_it_works_with(client_as):
    client = client_as(Role.EMPLOYER_LIAISON)
    assert send(client, "participants", GOOD).status_code == 403
    assert send(client, "secrets", GOOD).status_code == 404
    assert send(client_as(Role.AUDITOR), "employers", GOOD).status_code == 403


def test_a_missing_file_is_said_to_be_missing(client_as):
    answer = client_as(Role.EMPLOYER_LIAISON).post("/api/v1/imports/employers")
    assert answer.status_code == 422
    assert "Välj en fil" in answer.get_data(as_text=True)
