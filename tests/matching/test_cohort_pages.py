"""The pages and the API of the board: what each role sees, decides and is told."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts.models import Role
from matchsvc.matching import drafting, views_cohort
from matchsvc.matching.models import CohortLine, CohortRun, DraftState, LineState, Proposal
from matchsvc.participants.models import Rung
from tests.factories import TODAY


@pytest.fixture
def town(session, make):
    worker = make.user(role=Role.CASE_WORKER, name="Johan Ekdal")
    lena = make.user(role=Role.CASE_WORKER, name="Lena Björk")
    samira = make.participant(
        worker, given_name="Samira", family_name="Haddad", ready_on=date(2026, 9, 1),
        informal_asked_on=date(2026, 9, 1),
    )  # fmt: skip
    nadia = make.participant(
        lena, given_name="Nadia", family_name="Karimi", ready_on=date(2026, 10, 1),
        informal_asked_on=date(2026, 9, 1),
    )  # fmt: skip
    for person in (samira, nadia):
        make.wish(person)
        make.competence(person, "laga-mat-storkok", rung=Rung.CONFIRMED)
    make.competence(samira, "stada", rung=Rung.OBSERVED)
    cooking = make.offer(required=["laga-mat-storkok"], places=1, title="Kock")
    cleaning = make.offer(required=["stada"], places=1, title="Lokalvård")
    session.commit()
    return worker, samira, nadia, cooking, cleaning


@pytest.fixture
def client(town, client_as):
    """Her worker, with a draft made."""
    client = client_as(town[0])
    assert client.post("/cohort").status_code == 303
    return client


def line_of(session, person, state=None):
    found = select(CohortLine).where(CohortLine.participant_id == person.id)
    if state is not None:
        found = found.where(CohortLine.state == state)
    return session.scalar(
        found.join(CohortRun, CohortRun.id == CohortLine.run_id).order_by(
            CohortRun.created_at.desc()
        )
    )


def text(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_before_the_first_draft_the_page_says_what_one_is(town, client_as):
    page = text(client_as(town[0]), "/cohort")
    assert "Inget utkast än" in page
    assert "Gör ett utkast" in page


def test_with_nobody_waiting_the_page_says_when_somebody_will_be(client_as):
    client = client_as(Role.UNIT_MANAGER)
    client.post("/cohort")
    assert "Ingen väntar på en plats just nu" in text(client, "/cohort")


def test_the_board_says_who_where_how_good_and_compared_with_what(town, client):
    _, samira, nadia, *_ = town
    page = text(client, "/cohort")
    assert "Samira Haddad → Lokalvård" in page
    assert f"{nadia.alias} → Kock" in page
    assert "Karimi" not in page  # a colleague's participant stands by alias
    assert samira.alias not in page
    assert "2 av 2 får en plats" in page
    assert "Bästa möjliga: ingen annan fördelning ger mer." in page
    assert "1 fler får plats än om den som väntat längst fick välja först." in page
    assert "skyddade personuppgifter är aldrig med" in page


@pytest.mark.parametrize(
    "role", [Role.UNIT_MANAGER, Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR]
)
def test_others_of_the_unit_see_aliases_alone(town, client, client_as, role):
    page = text(client_as(role), "/cohort")
    assert town[1].alias in page
    assert "Samira" not in page


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN])
def test_the_board_is_for_those_who_match_people(town, client, client_as, session, role):
    other = client_as(role)
    line = line_of(session, town[1])
    assert other.get("/cohort").status_code == 403
    assert other.post("/cohort").status_code == 403
    assert other.get(f"/cohort/lines/{line.id}").status_code == 403
    assert other.get("/api/v1/cohort").status_code == 403


def test_a_line_explains_the_place_and_why_not_the_first_choice(town, client, session):
    page = text(client, f"/cohort/lines/{line_of(session, town[1]).id}")
    assert "Kock · " in page
    assert "täcks bättre: 100\u00a0%" in page
    assert f"Då blir {town[2].alias}, som täcker 100\u00a0%, utan plats." in page
    assert "1 av 1 krav uppfyllda" in page
    assert "Räkna efter själv" in page


def test_only_her_own_worker_is_offered_to_propose(town, client, client_as, session):
    line = line_of(session, town[1])
    assert "Gör till förslag" in text(client, f"/cohort/lines/{line.id}")
    page = text(client_as(Role.UNIT_MANAGER), f"/cohort/lines/{line.id}")
    assert "Gör till förslag" not in page
    assert "Johan Ekdal är handläggare och kan göra raden till ett förslag." in page


def test_accepting_a_line_makes_a_proposal(town, client, session):
    line = line_of(session, town[1])
    answer = client.post(
        f"/cohort/lines/{line.id}/accept", data={"reason": "Vill städa.", "version": line.version}
    )
    assert answer.status_code == 303
    made = session.scalar(select(Proposal))
    assert made.reason == "Vill städa."
    assert "Raden blev ett förslag" in text(client, f"/cohort/lines/{line.id}")
    assert "Föreslagna (1)" in text(client, "/cohort")


def test_a_refused_proposal_is_told_on_the_line_and_keeps_the_words(town, client, session):
    line = line_of(session, town[1])
    town[1].informal_asked_on = None
    session.commit()
    answer = client.post(f"/cohort/lines/{line.id}/accept", data={"reason": "Vill städa."})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Ingen har frågat vad personen lärt sig" in page
    assert "Vill städa." in page


def test_locking_without_a_reason_asks_for_it_where_it_belongs(town, client, session):
    line = line_of(session, town[1])
    answer = client.post(f"/cohort/lines/{line.id}/lock", data={})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert page.count("Skriv varför. Det sparas med raden.") == 2  # the summary and the field


def test_a_changed_line_asks_for_a_new_draft_and_the_new_draft_moves_the_rest(
    town, client, session
):
    _, samira, nadia, cooking, _ = town
    line = line_of(session, samira)
    answer = client.post(
        f"/cohort/lines/{line.id}/change", data={"offer": cooking.id, "reason": "Vill laga mat."}
    )
    assert answer.status_code == 303
    assert "1 rad är ändrad sedan det räknades" in text(client, "/cohort")
    client.post("/cohort")
    page = text(client, "/cohort")
    assert "Samira Haddad → Kock" in page
    assert "Låst" in page
    assert "är ändrad sedan" not in page
    without = text(client, "/cohort?view=unplaced")
    assert nadia.alias in without
    assert "andra har dem i utkastet" in without
    left = line_of(session, nadia, LineState.UNPLACED)
    page = text(client, f"/cohort/lines/{left.id}")
    assert "Platsen är låst eller redan föreslagen för Samira Haddad." in page


def test_a_forbidden_pair_is_listed_with_its_reason_and_can_be_allowed(town, client, session):
    line = line_of(session, town[2])
    client.post(f"/cohort/lines/{line.id}/forbid", data={"reason": "Har slutat där förut."})
    client.post("/cohort")
    assert "Har slutat där förut." in text(client, "/cohort?view=forbidden")
    kept = line_of(session, town[2], LineState.FORBIDDEN)
    assert client.post(f"/cohort/lines/{kept.id}/unlock", data={}).status_code == 303
    assert "Inget är uteslutet" in text(client, "/cohort?view=forbidden")


def test_a_line_that_is_only_locked_asks_for_no_new_draft(town, client, session):
    line = line_of(session, town[1])
    client.post(f"/cohort/lines/{line.id}/lock", data={"reason": "Ja."})
    assert "Utkastet är ändrat" not in text(client, "/cohort")


def test_two_who_decide_at_once_see_the_conflict(town, client, session):
    line = line_of(session, town[1])
    seen = line.version
    client.post(f"/cohort/lines/{line.id}/lock", data={"reason": "Ja.", "version": seen})
    late = client.post(f"/cohort/lines/{line.id}/lock", data={"reason": "Nej.", "version": seen})
    assert late.status_code == 409
    assert "Någon annan har sparat samtidigt" in late.get_data(as_text=True)


def test_an_unknown_step_and_an_unknown_line_are_not_found(town, client, session):
    line = line_of(session, town[1])
    assert client.post(f"/cohort/lines/{line.id}/dance", data={}).status_code == 404
    assert client.get(f"/cohort/lines/{line.run_id}").status_code == 404


def test_only_a_manager_is_offered_the_floor(town, client, client_as):
    assert "Ändra minsta täckning" not in text(client, "/cohort")
    assert client.post("/cohort", data={"floor": "50"}).status_code == 403
    manager = client_as(Role.UNIT_MANAGER)
    assert "Ändra minsta täckning" in text(manager, "/cohort")
    assert manager.post("/cohort", data={"floor": "95"}).status_code == 303
    assert "95 %" in text(manager, "/cohort")
    refused = manager.post("/cohort", data={"floor": "101"})
    assert refused.status_code == 422
    assert "Skriv ett tal" in refused.get_data(as_text=True)


def test_a_draft_that_is_being_made_shows_how_far_it_is_and_looks_again(
    town, client_as, session, monkeypatch
):
    started = []
    monkeypatch.setattr(drafting, "AT_ONCE", 0)
    monkeypatch.setattr(drafting, "start", lambda run_id, **_: started.append(run_id))
    client = client_as(town[0])
    client.post("/cohort")
    run = session.get(CohortRun, started[0])
    run.created_at, run.stage = db.utcnow(), 2
    session.commit()
    answer = client.get("/cohort")
    assert "Steg 3 av 4" in answer.get_data(as_text=True)
    assert "Fördelar platserna" in answer.get_data(as_text=True)
    assert answer.headers["Refresh"] == "3"
    refused = client.post("/cohort")
    assert refused.status_code == 409
    run.state = DraftState.FAILED
    session.commit()
    assert "Utkastet blev inte klart" in text(client, "/cohort")


def test_a_draft_that_stops_in_its_thread_says_so(town, client_as, session, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(drafting, "AT_ONCE", 0)
    monkeypatch.setattr(drafting, "draft", broken)
    monkeypatch.setattr(drafting, "start", drafting._quietly)
    client = client_as(town[0])
    client.post("/cohort")
    assert "Utkastet blev inte klart" in text(client, "/cohort")


def test_a_long_board_is_cut_into_pages_with_the_same_number_of_queries(
    town, client, session, make, queries, monkeypatch
):
    with queries() as few:
        text(client, "/cohort")
    for _ in range(6):
        person = make.participant(town[0], ready_on=TODAY, informal_asked_on=TODAY)
        make.competence(person, "stada", rung=Rung.CONFIRMED)
    town[4].places = 10
    session.commit()
    client.post("/cohort")
    with queries() as many:
        text(client, "/cohort")
    assert many.total <= few.total + 1
    monkeypatch.setattr(views_cohort, "PAGE", 3)
    page = text(client, "/cohort")
    assert "Sida 1 av 3" in page
    assert page.count("/cohort/lines/") == 3
    assert text(client, "/cohort?page=3").count("/cohort/lines/") == 2
    assert client.get("/cohort?page=99&view=nothing").status_code == 200


def test_the_board_is_there_in_english(town, client):
    page = text(client, "/cohort?lang=en")
    assert "Allocation" in page
    assert "Utkast" not in page
    assert "Täckning" not in page


def test_the_api_gives_the_contract_s_shape(town, client):
    body = client.get("/api/v1/cohort").get_json()
    assert (body["people"], body["places"], body["placed"]) == (2, 2, 2)
    assert (body["upper_bound_people"], body["gap"]) == (2, 0)
    assert body["value"] == body["bound"] == 39_000
    assert body["first_come"] == {"placed": 1, "value": 20_000}
    first = body["assignments"][0]
    assert first["participant"] == str(town[1].id)
    assert first["locked"] is False
    assert first["why_not_first"]["costs"][0]["participant"] == str(town[2].id)
    assert body["unplaced"] == []


def test_a_program_makes_a_draft_and_decides_its_lines(town, client_as, session):
    client = client_as(town[0])
    assert client.get("/api/v1/cohort").status_code == 404
    made = client.post("/api/v1/cohort", json={})
    assert made.status_code == 201
    lines = {a["participant"]: a for a in made.get_json()["assignments"]}
    here = f"/api/v1/cohort/lines/{lines[str(town[1].id)]['id']}"
    locked = client.post(f"{here}/lock", json={"reason": "Vill städa.", "version": 1})
    assert (locked.status_code, locked.get_json()["state"]) == (200, "locked")
    stale = client.post(f"{here}/forbid", json={"reason": "Nej.", "version": 1})
    assert (stale.status_code, stale.get_json()["code"]) == (409, "conflict")
    assert client.post(f"{here}/unlock", json={}).get_json()["state"] == "draft"
    changed = client.post(f"{here}/change", json={"offer": str(town[3].id), "reason": "Ja."})
    assert changed.get_json()["offer"] == str(town[3].id)
    accepted = client.post(f"{here}/accept", json={"reason": "Ja."})
    assert (accepted.status_code, accepted.get_json()["state"]) == (201, "drafted")
    theirs = f"/api/v1/cohort/lines/{lines[str(town[2].id)]['id']}"
    refused = client.post(f"{theirs}/accept", json={"reason": "Ja."})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_your_case")
    forbidden = client.post(f"{theirs}/forbid", json={"reason": "Nej."})
    assert forbidden.get_json()["state"] == "forbidden"
    assert client.get(theirs).get_json()["reason"] == "Nej."
    body = client.post("/api/v1/cohort", json={}).get_json()
    assert [u["code"] for u in body["unplaced"]] == ["forbidden"]
    assert [f["participant"] for f in body["forbidden"]] == [str(town[2].id)]
