"""Follow-ups for programs: the same rules behind."""

from uuid import uuid4

from tests.placements.factories import started


def test_a_program_lists_and_logs_once_and_merges_what_came_second(session, make, client_as):
    there = started(session, make)
    client = client_as(there.supervisor)
    listed = client.get("/api/v1/follow-ups?until=2026-12-31").get_json()
    assert listed["total"] == 1
    (row,) = listed["follow_ups"]
    sent = {
        "submission_id": str(uuid4()),
        "held_on": "2026-11-23",
        "present": ["participant", "logger"],
        "mood": "good",
        "agreed": ["Kassan"],
        "development": [{"area": "Kassan", "goal": "Ta betalt själv"}],
    }
    path = f"/api/v1/follow-ups/{row['id']}"
    for _ in range(2):
        answer = client.post(f"{path}/log", json=sent)
        assert answer.status_code == 200
        assert answer.get_json()["agreed"] == ["Kassan"]
    other = sent | {"submission_id": str(uuid4()), "mood": "hard"}
    assert client.post(f"{path}/log", json=other).status_code == 409
    told = client.get(path).get_json()
    assert told["state"] == "logged"
    (beside,) = told["versions_beside"]
    shown = client.get(f"{path}/versions/{beside}").get_json()
    assert [each["name"] for each in shown["differences"]] == ["mood"]
    merged = client.post(f"{path}/versions/{beside}", json={"choices": {"mood": "beside"}})
    assert merged.get_json()["mood"] == "hard"
    assert merged.get_json()["versions_beside"] == []
    done = client_as(there.worker).post(f"{path}/complete", json={"words": "Bra."})
    assert done.get_json()["state"] == "completed"
    assert client_as(there.worker).get("/api/v1/follow-ups/late").get_json()["to_complete"] == []


def test_a_program_keeps_the_rows_of_the_development_plan(session, make, client_as):
    there = started(session, make)
    client = client_as(there.worker)
    path = f"/api/v1/placements/{there.placement.id}/development"
    sent = {"area": "Prata med kunder", "goal": "Svara i telefon", "she_proposed": True}
    row = client.post(path, json=sent).get_json()
    state = client.post(f"{path}/{row['id']}", json={"state": "reached", "version": row["version"]})
    assert state.get_json()["state"] == "reached"
