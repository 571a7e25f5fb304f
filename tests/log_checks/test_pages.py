"""Pages and JSON of checks of the log, as an auditor and a manager use them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from matchsvc import db
from matchsvc.accounts.models import AuditEvent, LoginSession, Role
from matchsvc.log_checks.models import AuditSample
from matchsvc.swedish import local_date


@pytest.fixture
def days():
    day = local_date(db.utcnow()) - timedelta(days=2)
    return {"from_on": day.isoformat(), "until_on": day.isoformat()}


@pytest.fixture
def curious(make, days):
    """A worker who opened a colleague's participant two days ago; the manager did too."""
    per, boss = make.user(name="Per Ask"), make.user(Role.UNIT_MANAGER, name="Karin Sund")
    samira = make.participant(make.user(), given_name="Samira", family_name="Haddad")
    for number, user in enumerate((per, boss)):
        make.save(
            AuditEvent(
                at=db.utcnow() - timedelta(days=2), actor=f"user:{user.id}", action="read",
                object_type="participant", object_id=str(samira.id), subjects=[str(samira.id)],
                fields=[], reason=None, request_id=f"r{number}",
            )
        )  # fmt: skip
    return {"samira": samira, "boss": boss}


def test_a_check_from_the_empty_page_to_the_report(session, client_as, curious, days):
    client = client_as(Role.AUDITOR)
    empty = client.get("/audit/samples")
    assert "Inget urval är draget än" in empty.text
    drawn = client.post(
        "/audit/samples", data={"kind": "outside", "size": "5", **days}, follow_redirects=True
    )
    assert "Urvalet är draget" in drawn.text
    assert curious["samira"].alias in drawn.text
    assert "Haddad" not in drawn.text
    assert "Per Ask" in drawn.text
    (sample,) = session.scalars(select(AuditSample)).all()
    path = f"/audit/samples/{sample.id}/lines/1"
    wrong = client.post(path, data={"outcome": "investigate", "comment": " "})
    assert wrong.status_code == 422
    assert "Skriv vad du frågade om" in wrong.text
    judged = client.post(
        path, data={"outcome": "investigate", "comment": "Per ska svara."}, follow_redirects=True
    )
    assert "Per ska svara." in judged.text
    assert "1 ska utredas" in client.get("/audit/samples").text
    again = client.get(f"/audit/samples/{sample.id}?check=1").text
    assert "Dragningen ger samma rader igen" in again
    report = client.get("/audit/samples/report")
    assert "Utanför egna ärenden" in report.text
    assert "Per ska svara" not in report.text


def test_what_was_typed_is_kept_and_the_fault_said(client_as, days):
    client = client_as(Role.UNIT_MANAGER)
    today = local_date(db.utcnow()).isoformat()
    page = client.post(
        "/audit/samples", data={**days, "kind": "refused", "size": "7", "until_on": today}
    )
    assert page.status_code == 422
    assert "Perioden ska vara slut" in page.text
    assert 'value="7"' in page.text


def test_a_manager_sees_that_her_own_reading_is_for_somebody_else(client_as, curious, days):
    client = client_as(curious["boss"])
    page = client.post(
        "/audit/samples", data={"kind": "random", "size": "5", **days}, follow_redirects=True
    )
    assert page.text.count("Det här är din egen läsning") == 1
    assert page.text.count("Spara bedömningen") == 1


def test_the_report_is_a_file_after_proof(session, client_as, curious, days):
    client = client_as(Role.AUDITOR)
    client.post("/audit/samples", data={"kind": "random", "size": "5", **days})
    head, row = client.get("/audit/samples/report.csv").text.strip().splitlines()
    assert head.startswith("\ufeffUrval;Från;")
    assert row.startswith(f"Slumpvis bland alla läsningar;{days['from_on']};{days['until_on']};")
    long_ago = db.utcnow() - timedelta(minutes=11)
    session.execute(
        update(LoginSession)
        .where(LoginSession.user_id == client.user.id)
        .values(confirmed_at=long_ago, created_at=long_ago)
    )
    session.commit()
    assert client.get("/audit/samples/report.csv").mimetype != "text/csv"


@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.ADMIN, Role.SUPERVISOR])
def test_others_do_not_enter(client_as, role):
    client = client_as(role)
    for path in ("", "/report", "/report.csv"):
        assert client.get(f"/audit/samples{path}").status_code == 403
    assert client.get("/api/v1/audit/samples").status_code == 403


def test_the_api_draws_lists_and_judges(client_as, curious, days):
    client = client_as(Role.AUDITOR)
    made = client.post("/api/v1/audit/samples", json={"kind": "outside", "size": 1, **days})
    assert made.status_code == 201
    path = f"/api/v1/audit/samples/{made.json['id']}"
    (line,) = client.get(path).json["lines"]
    assert line["participant"] == curious["samira"].alias
    assert line["outcome"] is None
    body = {"outcome": "in_order", "version": line["version"]}
    assert client.post(f"{path}/lines/1", json=body).status_code == 204
    assert client.post(f"{path}/lines/1", json=body).status_code == 409
    assert client.post(f"{path}/lines/9", json=body).status_code == 404
    (tally,) = client.get("/api/v1/audit/samples").json["samples"]
    assert (tally["drawn"], tally["judged"], tally["deviations"]) == (1, 1, 0)
    assert client.get(f"{path}/again").json == {"population": 2, "is_same": True}
