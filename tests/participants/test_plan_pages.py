"""The plan on its pages: written, read through, signed, printed; conflicts lose nothing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts.models import Role
from matchsvc.participants.plan_models import MeasureState, Plan, PlanMeasure, PlanState
from matchsvc.swedish import local_date


@pytest.fixture
def worker(make):
    return make.user(role=Role.CASE_WORKER, name="Karin Ek")


@pytest.fixture
def samira(session, make, worker):
    person = make.participant(worker)
    session.commit()
    return person


@pytest.fixture
def path(samira):
    return f"/participants/{samira.alias}/plan"


@pytest.fixture
def client(client_as, worker):
    return client_as(worker)


def day(ahead=30):
    return (local_date(db.utcnow()) + timedelta(days=ahead)).isoformat()


def measure(**said):
    return {"what": "Anmäla sig", "responsible": "person", "due_on": day()} | said


def text_of(answer):
    return answer.get_data(as_text=True)


def sign(client, path, page, at=0):
    """Press one of the page's buttons to sign."""
    form = re.findall(r'action="[^"]*/plan/sign".*?</form>', page, re.DOTALL)[at]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    hidden.pop("csrf_token", None)
    return client.post(f"{path}/sign", data=hidden | {"identified_how": "known"})


def test_from_the_first_words_to_a_signed_plan_and_a_new_version(client, path, session):
    assert "Börja planen" in text_of(client.get(path))
    assert client.post(path, data={"goals": "Ett jobb i ett kök"}).status_code == 303
    assert "Inget är planerat än." in text_of(client.get(path))
    assert client.post(f"{path}/measures/new", data=measure()).status_code == 303
    other = measure(responsible="other", other_name="Arbetsförmedlingen, Anna")
    assert client.post(f"{path}/measures/new", data=other | {"more": "1"}).status_code == 303
    assert client.post(f"{path}/track", data={"track": "work"}).status_code == 303
    version = session.scalars(select(Plan.version)).one()
    assert client.post(f"{path}/review", data={"version": version}).status_code == 303
    for left in (2, 1, 1):
        page = text_of(client.get(path))
        assert page.count('/plan/sign"') == left
        assert sign(client, path, page).status_code == 303
    page = text_of(client.get(path))
    assert "Undertecknad av alla" in page
    assert "measures/new" not in page
    row = session.scalars(select(PlanMeasure).order_by(PlanMeasure.position)).first()
    done = {"state": "done", "version": row.version}
    assert client.post(f"{path}/measures/{row.id}/state", data=done).status_code == 303
    session.expire_all()
    assert row.state is MeasureState.DONE
    assert client.post(path, data={}).status_code == 303
    assert "Tidigare versioner" in text_of(client.get(path))
    states = session.scalars(select(Plan.state).order_by(Plan.number)).all()
    assert states == [PlanState.SIGNED, PlanState.DRAFT]


@pytest.fixture
def begun(client, path, session):
    client.post(path, data={"goals": "Ett jobb i ett kök"})
    client.post(f"{path}/measures/new", data=measure())
    return session.scalars(select(Plan)).one()


def test_what_was_typed_stays_when_something_is_wrong(client, path, begun):
    wrong = measure(what="Ringa skolan", due_on="2020-01-01")
    answer = client.post(f"{path}/measures/new", data=wrong)
    assert answer.status_code == 422
    assert "Ringa skolan" in text_of(answer)
    assert "Den dagen har redan varit" in text_of(answer)
    answer = client.post(f"{path}/measures/new", data=measure(due_on="i morgon"))
    assert "Datumet finns inte" in text_of(answer)
    answer = client.post(f"{path}/sub-goals/new", data={"track": "work", "words": ""})
    assert "Skriv delmålet" in text_of(answer)


def test_two_who_save_the_goals_see_both(client, path, begun):
    form = {"goals": "Den ena", "version": begun.version}
    assert client.post(f"{path}/goals", data=form).status_code == 303
    answer = client.post(f"{path}/goals", data=form | {"goals": "Den andra"})
    assert answer.status_code == 409
    assert "Den ena" in text_of(answer)
    assert "Den andra" in text_of(answer)
    again = re.search(r'name="version" value="(\d+)"', text_of(answer))[1]
    saved = client.post(f"{path}/goals", data={"goals": "Båda", "version": again})
    assert saved.status_code == 303


def test_two_who_save_a_measure_see_both(client, path, begun, session):
    row = session.scalars(select(PlanMeasure)).one()
    form = measure(what="Den ena", version=row.version)
    assert client.post(f"{path}/measures/{row.id}", data=form).status_code == 303
    answer = client.post(f"{path}/measures/{row.id}", data=form | {"what": "Den andra"})
    assert answer.status_code == 409
    assert "Den ena" in text_of(answer)
    assert "Den andra" in text_of(answer)


def test_a_plan_that_was_changed_meanwhile_is_read_again(client, path, begun):
    answer = client.post(f"{path}/review", data={"version": 1})
    assert answer.status_code == 409
    assert "Någon annan har ändrat planen" in text_of(answer)


def test_one_page_says_who_does_what(client, path, begun):
    client.post(f"{path}/measures/new", data=measure(responsible="other", other_name="Skolan, Eva"))
    page = text_of(client.get(f"{path}/paper"))
    assert "Vem gör vad" in page
    assert "Skolan, Eva" in page
    assert "Utkast" in page


def test_before_it_is_begun_there_is_nothing_to_print_or_change(client, path):
    for place in ("paper", "goals", "measures/new", "sub-goals/new"):
        assert client.get(f"{path}/{place}").status_code == 404


def test_a_sub_goal_is_written_noted_and_taken_away(client, path, begun, session):
    words = {"track": "education", "words": "Svenska på kvällen"}
    client.post(f"{path}/sub-goals/new", data=words)
    goal = re.search(r"/plan/sub-goals/([0-9a-f-]{36})", text_of(client.get(path)))[1]
    page = text_of(client.get(f"{path}/sub-goals/{goal}"))
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    noted = {"state": "in_progress", "note": "Börjar i mars", "version": version}
    assert client.post(f"{path}/sub-goals/{goal}/state", data=noted).status_code == 303
    assert "Börjar i mars" in text_of(client.get(path))
    stale = client.post(f"{path}/sub-goals/{goal}/state", data=noted | {"note": "Annat"})
    assert stale.status_code == 409
    gone = {"row_id": goal, "version": int(version) + 1}
    assert client.post(f"{path}/remove", data=gone).status_code == 303
    assert "Svenska på kvällen" not in text_of(client.get(path))


@pytest.mark.parametrize(
    "role", [Role.EMPLOYER_LIAISON, Role.SUPERVISOR, Role.CASE_WORKER, Role.UNIT_MANAGER]
)
def test_nobody_else_sees_a_word_of_it(client_as, path, begun, samira, role):
    other = client_as(role)
    for place in (path, f"{path}/paper", f"{path}/goals", f"/participants/{samira.alias}"):
        assert "Ett jobb i ett kök" not in text_of(other.get(place))
        assert place == f"/participants/{samira.alias}" or other.get(place).status_code == 403


def test_search_does_not_find_it(client, path, begun, samira):
    found = client.post("/search", data={"q": "Ett jobb i ett kök"})
    assert found.status_code == 200
    assert samira.alias not in text_of(found)


def test_a_worker_of_another_unit_does_not_find_it(client_as, make, path, begun):
    other = make.user(role=Role.CASE_WORKER, unit_id=make.unit(name="Annan").id)
    assert client_as(other).get(path).status_code == 404


def test_the_case_page_and_my_week_say_when_it_is_late(client, path, samira):
    # Enrolled on 10 August 2026: more than 60 days ago on any day that this runs.
    case = text_of(client.get(f"/participants/{samira.alias}"))
    week = text_of(client.get("/my-week"))
    for page in (case, week):
        assert "Planen skulle ha varit undertecknad" in page
    assert samira.alias in week


class TestTheApi:
    @pytest.fixture
    def call(self, client, samira):
        at = f"/api/v1/participants/{samira.alias}/plans"

        def send(method, place="", **said):
            answer = getattr(client, method)(at + place, json=said or None)
            return answer.status_code, answer.get_json()

        return send

    def test_a_plan_is_made_and_signed_as_on_the_pages(self, call):
        assert call("get") == (200, [])
        _, plan = call("post", goals="Ett jobb")
        assert plan["state"] == "draft"
        status, row = call("post", "/measures", **measure())
        assert status == 200
        other = measure(what="Annat", version=row["version"])
        assert call("put", f"/measures/{row['id']}", **other)[1]["what"] == "Annat"
        assert call("put", f"/measures/{row['id']}", **other)[0] == 409
        assert len(call("post", "/tracks", track="work")[1]["sub_goals"]) == 5
        _, goal = call("post", "/sub-goals", track="work", words="Körkort")
        at = f"/sub-goals/{goal['id']}"
        reworded = {"track": "work", "words": "B-körkort", "version": goal["version"]}
        _, goal = call("put", at, **reworded)
        noted = call("post", f"{at}/state", state="clarified", version=goal["version"])[1]
        assert (noted["words"], noted["state"]) == ("B-körkort", "clarified")
        gone = {"row_id": goal["id"], "version": noted["version"]}
        assert len(call("post", "/remove", **gone)[1]["sub_goals"]) == 5
        (plan,) = call("get")[1]
        framed = {"goals": "Ett jobb", "childcare": "arranged", "version": plan["version"]}
        plan = call("put", "/goals", **framed)[1]
        assert plan["childcare"] == "arranged"
        plan = call("post", "/review", version=plan["version"])[1]
        for capacity in ("participant", "case_worker"):
            signing = {"version": plan["version"], "shown_hash": plan["content_hash"]}
            status, plan = call("post", "/sign", capacity=capacity, **signing)
            assert status == 200, plan
        assert plan["state"] == "signed"
        (measured,) = plan["measures"]
        done = {"state": "done", "version": measured["version"]}
        assert call("post", f"/measures/{measured['id']}/state", **done)[1]["state"] == "done"
        assert call("put", "/goals", **framed)[0] == 409  # it is fixed

    def test_nobody_else_reads_or_writes_it(self, client_as, samira, begun):
        at = f"/api/v1/participants/{samira.alias}/plans"
        for role in (Role.CASE_WORKER, Role.UNIT_MANAGER, Role.SUPERVISOR):
            other = client_as(role)
            assert other.get(at).status_code == 403
            assert other.post(f"{at}/measures", json=measure()).status_code == 403
