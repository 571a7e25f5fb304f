"""Opening very many people's files: who it is is asked, a manager told once; a program waits."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import event, select, text, update

from matchsvc import db
from matchsvc.accounts import authority, bulk_reading, rules
from matchsvc.accounts.models import AuditEvent, LoginSession, Role, UnitSetting
from matchsvc.workday.models import Task
from tests.accounts.test_second_factor import PASSWORD

MOST = 10  # the least that a unit may set


@pytest.fixture
def worker(session, make):
    """A case worker who logs in a unit that allows ten people in ten minutes."""
    user = make.user(name="Maja Lindqvist")
    rules.set_password(user, PASSWORD)
    session.add(
        UnitSetting(
            unit_id=user.unit_id,
            key="bulk_reading",
            number=1,
            value=str(MOST),
            reason="prov",
            made_by_id=user.id,
            made_at=db.utcnow(),
        )
    )
    return user


@pytest.fixture
def people(session, make, worker):
    found = [make.participant(worker) for _ in range(MOST + 2)]
    session.commit()
    return found


@pytest.fixture
def manager(make):
    return make.user(role=Role.UNIT_MANAGER)


@pytest.fixture
def program(app, session, worker):
    """A program with a token of the worker's; no cookie."""
    token = rules.new_api_token(
        session, rules.actor_of(session, worker.id), worker, days=1, now=db.utcnow()
    )
    session.commit()
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def page(person):
    return f"/participants/D-{person.number}"


def api(person):
    return f"/api/v1/participants/D-{person.number}"


def read(session, worker, people):
    """As if the worker had just opened these people's files."""
    session.add_all(
        AuditEvent(
            at=db.utcnow(),
            actor=f"user:{worker.id}",
            action="read",
            object_type="participant",
            object_id=str(person.id),
            subjects=[str(person.id)],
            fields=[],
        )
        for person in people
    )
    session.commit()


def tasks(session):
    session.expire_all()
    return session.scalars(select(Task).where(Task.kind == "bulk_reading")).all()


def test_the_eleventh_person_is_asked_for_and_opens_after_the_password(
    session, client_as, worker, people, manager
):
    client = client_as(worker)
    assert [client.get(page(each)).status_code for each in people[:MOST]] == [200] * MOST
    client.get(page(people[0]))
    answer = client.get(page(people[MOST]))
    assert answer.status_code == 303
    assert urlsplit(answer.location).path == "/confirm"
    asked = client.get(answer.location).get_data(as_text=True)
    assert "öppnat många personers uppgifter" in asked
    assert client.get(f"{page(people[MOST])}/notes").status_code == 303
    sent = {"next": page(people[MOST]), "again_password": "fel"}
    assert client.post("/confirm", data=sent).status_code == 401
    assert client.get(page(people[0])).status_code == 303, "also whom she has opened already"
    answer = client.post("/confirm", data=sent | {"again_password": PASSWORD})
    assert answer.location == page(people[MOST])
    assert client.get(answer.location).status_code == 200
    assert [each.owner_id for each in tasks(session)] == [manager.id]
    stopped = select(AuditEvent.action).where(AuditEvent.object_type == "bulk_reading")
    assert set(session.scalars(stopped)) == {"refused"}


def test_a_program_waits_and_the_browser_cannot_go_around_by_the_interface(
    session, client_as, worker, people, program, manager
):
    client = client_as(worker)
    for each in people[:MOST]:
        assert program.get(api(each)).status_code == 200
    answer = program.get(api(people[MOST]))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600")
    assert answer.content_type == "application/problem+json"
    read(session, worker, people[:MOST])  # after she logged in
    answer = client.get(api(people[MOST]))
    assert (answer.status_code, answer.json["code"]) == (403, "confirm_again")
    # She proves who she is: the browser goes on, a stolen token does not.
    client.post("/confirm", data={"next": "/my-week", "again_password": PASSWORD})
    assert client.get(api(people[MOST])).status_code == 200
    assert program.get(api(people[MOST])).status_code == 429
    assert len(tasks(session)) == 1


def test_what_was_opened_longer_ago_or_by_others_does_not_count(
    session, client_as, worker, people, make
):
    read(session, worker, people)
    read(session, make.user(), people)
    old = db.utcnow() - bulk_reading.WINDOW - timedelta(seconds=1)
    mine = update(AuditEvent).where(AuditEvent.actor == f"user:{worker.id}")
    session.execute(mine.values(at=old))
    session.commit()
    assert client_as(worker).get(page(people[0])).status_code == 200


def test_a_log_in_starts_anew_and_an_old_one_counts_all(session, client_as, worker, people):
    client = client_as(worker)
    read(session, worker, people)
    assert client.get(page(people[0])).status_code == 303
    assert client_as(worker).get(page(people[0])).status_code == 200
    long_ago = db.utcnow() - timedelta(hours=2)
    session.execute(update(LoginSession).values(confirmed_at=long_ago))
    session.commit()
    assert client.get(page(people[0])).status_code == 303


def test_lists_and_pages_of_nobody_go_on(session, client_as, worker, people):
    client = client_as(worker)
    read(session, worker, people)
    for path in ("/participants", "/my-week", "/placements", "/employers", "/reports/published"):
        assert client.get(path).status_code == 200, path


def test_somebody_hidden_is_asked_about_as_anybody(session, client_as, worker, people, make):
    hidden = make.participant(make.user(), protected=True)
    client = client_as(worker)
    read(session, worker, people)
    asked = [client.get(path) for path in (page(hidden), page(people[0]), "/participants/D-999999")]
    assert {each.status_code for each in asked} == {303}


def test_a_manager_is_told_once_a_day_with_the_way_to_the_account(
    session, client_as, worker, people, manager
):
    client = client_as(worker)
    read(session, worker, people)
    for _ in range(2):
        client.get(page(people[0]))
    shown = client_as(manager).get("/tasks").get_data(as_text=True)
    assert "Maja Lindqvist har öppnat många personers uppgifter" in shown
    assert f"/users/{worker.id}" in shown
    (task,) = tasks(session)
    task.done_at = db.utcnow()
    session.commit()
    client.get(page(people[0]))
    assert len(tasks(session)) == 1


@pytest.mark.parametrize("has_admin", [True, False])
def test_an_only_manager_is_told_of_by_no_task_of_her_own(
    session, client_as, manager, people, worker, make, has_admin
):
    admin = make.user(role=Role.ADMIN) if has_admin else None
    client = client_as(manager)
    read(session, manager, people)
    assert client.get(page(people[0])).status_code == 303
    assert [each.owner_id for each in tasks(session)] == ([admin.id] if admin else [])


def test_it_costs_one_query_on_a_page_of_one_person_and_none_on_others(
    session, client_as, worker, people, queries, monkeypatch
):
    client = client_as(worker)
    paths = (page(people[0]), "/participants", "/my-week")
    found = {}
    for is_on in (True, False):
        if not is_on:
            monkeypatch.setattr(authority, "opens_one_person", lambda *_: False)
        for path in paths:
            client.get(path)
            with queries() as count:
                client.get(path)
            found[path, is_on] = count.total
    more = [found[path, True] - found[path, False] for path in paths]
    assert more == [1, 0, 0]


@pytest.mark.sqlite_only
def test_it_looks_at_the_last_ten_minutes_alone(session, worker):
    seen = []

    def note(_connection, _cursor, statement, *_):
        seen.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    actor = rules.actor_of(session, worker.id)
    assert not bulk_reading.is_too_much(session, actor, "x", now=db.utcnow())
    event.remove(connection, "before_cursor_execute", note)
    plan = session.execute(text("EXPLAIN QUERY PLAN " + seen[-1].replace("?", "'2026'"))).all()
    said = " ".join(row[3] for row in plan if "audit_event" in row[3])
    assert "at>" in said
    assert "actor" not in said
