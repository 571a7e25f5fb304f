"""The pages for staff, their refusals, and their twins for programs."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from matchsvc import db
from matchsvc.accounts.models import Role
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.participants import protection
from matchsvc.placements.models import Outcome, PackagePart, PartState
from matchsvc.placements.package_history import state_at
from matchsvc.reports.counts import Period
from matchsvc.reports.outcomes import Share
from matchsvc.reports.packages import package_data, package_shares, shares_of
from matchsvc.reports.suppression import Limits
from matchsvc.support import packs, qa, requests
from matchsvc.support.models import InfoBlock, InfoPack, PreMeeting, QaEntry, RequestKind
from tests.factories import TODAY
from tests.placements.factories import NOW, started, world
from tests.support.conftest import CLOCK


@pytest.fixture
def maja(client_as, there):
    return client_as(there.liaison)


@pytest.fixture
def path(there):
    return f"/placements/{there.placement.id}/support"


def text_of(response):
    return response.get_data(as_text=True)


def test_the_package_is_one_page_that_the_placement_leads_to(maja, there, path):
    assert path in text_of(maja.get(f"/placements/{there.placement.id}"))
    page = text_of(maja.get(path))
    for words in ("De sex delarna", "Möte före start", "Petra Holm", "Olle Berg", "Ge en länk"):
        assert words in page


def test_the_address_is_shown_once_with_its_length(maja, there, path):
    page = text_of(maja.post(f"{path}/links", data={"contact_id": str(there.contact.id)}))
    address = re.search(r"http://\S+/l/[\w-]{22}", page)[0]
    assert f"Den är {len(address)} tecken" in page
    assert address not in text_of(maja.get(path))


def test_staff_stop_a_link_and_see_that(session, maja, there, path, opened):
    session.commit()
    answer = maja.post(f"{path}/links/{opened.row.id}/revoke")
    assert answer.status_code == 303
    assert "Återkallad" in text_of(maja.get(path))


def test_the_page_of_somebody_protected_is_for_handlers_and_offers_no_link(
    session, maja, there, path, client_as
):
    protection.protect(session, there.actor, there.participant.id, today=TODAY)
    session.commit()
    assert maja.get(path).status_code == 404
    johan = client_as(there.worker)
    page = text_of(johan.get(path))
    assert "Inget skickas till arbetsgivaren härifrån" in page
    assert "Ge en länk" not in page
    refused = johan.post(f"{path}/links", data={"contact_id": str(there.contact.id)})
    assert refused.status_code == 409


def test_the_meeting_is_booked_from_the_package(session, maja, there, path):
    form = text_of(maja.get(f"{path}/pre-meeting"))
    assert "Vad ni förväntar er, och vad vi lovar" in form
    values = {
        "contact_id": str(there.contact.id), "day": "2026-11-25", "at": "10.00", "minutes": "45",
        "agenda": "Bara frågor.",
    }  # fmt: skip
    answer = maja.post(f"{path}/pre-meeting", data=values)
    assert answer.status_code == 303
    meeting = session.scalars(select(PreMeeting)).one().meeting_id
    assert str(meeting) in answer.location
    assert f"/meetings/{meeting}" in text_of(maja.get(path))
    again = maja.post(f"{path}/pre-meeting", data=values)
    assert again.status_code == 409
    assert "Bara frågor." in text_of(again)


def test_blocks_are_written_previewed_and_published(session, maja):
    empty = text_of(maja.get("/settings/information"))
    assert "Börja med förslaget" in empty
    maja.post("/settings/information/starter")
    assert maja.get("/settings/information").status_code == 200
    for language, words in (("sv", "Det här lovar vi er"), ("en", "What we promise you")):
        preview = maja.get("/settings/information/preview", query_string={"in": language})
        assert words in text_of(preview)
        paper = maja.get("/settings/information/preview.pdf", query_string={"in": language})
        assert paper.data.startswith(b"%PDF")
    assert session.scalars(select(InfoPack)).all() == []
    maja.post("/settings/information/publish")
    assert "Version 1" in text_of(maja.get("/settings/information"))


def test_a_block_keeps_what_was_typed_and_shows_a_conflict(session, maja):
    typed = {"title_sv": "Parkering", "body_sv": "Bakom huset.", "title_en": "Parking"}
    refused = maja.post("/settings/information/new", data=typed)
    assert refused.status_code == 422
    assert "Bakom huset." in text_of(refused)
    kept = maja.post("/settings/information/new", data=typed | {"body_en": "Behind.", "is_on": "1"})
    assert kept.status_code == 303
    row = session.scalars(select(InfoBlock)).one()
    page = f"/settings/information/{row.id}"
    assert maja.get(page).status_code == 200
    values = typed | {"body_en": "In front.", "is_on": "1", "version": "1"}
    assert maja.post(page, data=values).status_code == 303
    conflict = maja.post(page, data=values | {"body_en": "Beside."})
    assert conflict.status_code == 409
    assert "Beside." in text_of(conflict)
    assert "In front." in text_of(conflict)
    assert maja.post(f"{page}/move", data={"up": "1"}).status_code == 303


def test_questions_are_written_and_one_comes_from_an_employer(session, maja, there, opened):
    row = requests.send(
        session, opened, RequestKind.QUESTION, text="Får vi byta dagar?",
        submission_id=uuid4(), now=NOW,
    )  # fmt: skip
    requests.answer(session, there.maja, row.id, text="Ja.", **CLOCK)
    session.commit()
    assert maja.get("/settings/questions").status_code == 200
    assert "Gör den till en del" in text_of(maja.get(f"/support/requests/{row.id}"))
    form = text_of(maja.get("/settings/questions/new", query_string={"request": str(row.id)}))
    assert "Får vi byta dagar?" in form
    values = {"request_id": str(row.id), "question_sv": "Får vi?", "answer_sv": "Ja.", "is_on": "1"}
    named = maja.post("/settings/questions/new", data=values | {"question_sv": "Får Samira?"})
    assert named.status_code == 422
    assert "nämner en person" in text_of(named)
    assert maja.post("/settings/questions/new", data=values).status_code == 303
    entry = session.scalars(select(QaEntry)).one()
    page = f"/settings/questions/{entry.id}"
    assert maja.get(page).status_code == 200
    assert maja.post(page, data={"question_sv": "Får vi?", "answer_sv": "Nej."}).status_code == 303


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN, Role.CASE_WORKER])
def test_who_does_not_write_to_employers_is_refused(client_as, role):
    client = client_as(role)
    for page in ("/settings/information", "/settings/questions"):
        assert client.get(page).status_code == 403


def test_the_api_does_what_the_pages_do(session, maja, there):
    root = "/api/v1/support"
    assert maja.post(f"{root}/information/starter").get_json()["added"] > 15
    assert maja.post(f"{root}/information/publish").get_json()["number"] == 1
    blocks = maja.get(f"{root}/information").get_json()
    assert blocks["published"] == 1
    first = blocks["blocks"][0]
    assert (
        maja.post(f"{root}/information/{first['id']}/move", json={"up": False}).status_code == 204
    )
    texts = {key: first[key] for key in ("title_sv", "body_sv", "title_en", "body_en")}
    edit = {**texts, "is_on": True, "version": 99}
    assert maja.put(f"{root}/information/{first['id']}", json=edit).status_code == 409
    assert maja.post(f"{root}/information", json={**texts, "is_on": True}).status_code == 201
    package = f"{root}/packages/{there.placement.id}"
    made = maja.post(f"{package}/links", json={"contact_id": str(there.contact.id)})
    assert made.status_code == 201
    assert made.get_json()["length"] == len(made.get_json()["address"]) <= 60
    meeting = {"contact_id": str(there.contact.id), "day": "2026-11-25", "at": "10.00"}
    assert maja.post(f"{package}/pre-meeting", json=meeting).status_code == 201
    assert maja.post(f"{package}/information").status_code == 201
    shown = maja.get(package).get_json()
    assert (shown["done"], shown["is_full"], shown["pack_number"]) == (4, False, 1)
    assert len(shown["parts"]) == 6
    link_id = made.get_json()["id"]
    assert maja.delete(f"{package}/links/{link_id}").status_code == 204
    questions = maja.get(f"{root}/questions").get_json()["questions"]
    assert len(questions) >= 12
    new = {"question_sv": "Går det?", "answer_sv": "Ja.", "is_on": True}
    key = maja.post(f"{root}/questions", json=new).get_json()["id"]
    assert maja.put(f"{root}/questions/{key}", json=new).status_code == 200


def test_the_api_answers_a_request(session, maja, opened):
    row = requests.send(session, opened, RequestKind.CALL_ME, submission_id=uuid4(), now=NOW)
    session.commit()
    answer = maja.post(f"/api/v1/support/requests/{row.id}/answer", json={})
    assert answer.status_code == 200


def ended(session, make, *, done=6, declined=0):
    there = started(session, make, there=world(make))
    there.placement.end_date, there.placement.outcome = TODAY, Outcome.COMPLETED
    parts = session.scalars(
        select(PackagePart).where(PackagePart.placement_id == there.placement.id)
    ).all()
    states = [PartState.DONE] * done + [PartState.DECLINED] * declined
    for part, state in zip(parts, states, strict=False):
        part.state = state
    session.add(
        OutcomeEvent(
            kind=OutcomeKind.PLACEMENT_ENDED, occurred_on=TODAY, source_id=there.placement.id,
            person_key=uuid4(), case_key=uuid4(), sex="woman", birth_region="sweden",
            age_band="35-44", unit_id=there.placement.unit_id, detail="completed",
        )
    )  # fmt: skip
    session.flush()
    return there


def test_the_share_with_the_full_package_is_of_those_that_ended(session, make):
    for _ in range(6):
        ended(session, make)
    for _ in range(5):
        ended(session, make, done=5, declined=1)
    for _ in range(5):
        ended(session, make, done=2)
    started(session, make, there=world(make))  # has not ended
    manager = make.actor(Role.UNIT_MANAGER)
    period = Period(TODAY - timedelta(days=30), TODAY)
    shares = package_shares(session, manager, period)
    assert (shares.full, shares.settled) == (Share(6, 16), Share(11, 16))
    assert package_data(shares) == {"ended": 16, "full_package": 6, "done_or_declined": 11}


def test_what_a_past_day_said_stays_whatever_is_changed_later(session, make, client_as):
    """A part is taken back and a seventh placement ends, after the instant that is asked about."""
    placements = [ended(session, make) for _ in range(12)]
    then = db.utcnow()
    manager, period = make.actor(Role.UNIT_MANAGER), Period(TODAY, TODAY)
    before = package_shares(session, manager, period, as_of=then)
    assert before.full == Share(12, 12)
    for there in placements[:6]:
        part = session.scalars(
            select(PackagePart).where(PackagePart.placement_id == there.placement.id)
        ).first()
        part.state = PartState.PLANNED
    ended(session, make)
    session.commit()
    assert package_shares(session, manager, period, as_of=then) == before
    assert package_shares(session, manager, period).full == Share(7, 13)
    days = {"from": TODAY.isoformat(), "to": TODAY.isoformat(), "as_of": "2020-01-01"}
    told = client_as(Role.UNIT_MANAGER).get("/api/v1/reports/packages", query_string=days)
    assert told.get_json()["ended"] == 0


def test_parts_from_before_states_were_kept_count_from_the_day_they_happened():
    day = date(2026, 3, 2)
    known = partial(state_at, PartState.DONE, [], day)
    assert known(None) is known(datetime(2026, 3, 2, 12, tzinfo=UTC)) is PartState.DONE
    assert known(datetime(2026, 3, 1, 12, tzinfo=UTC)) is PartState.PLANNED


def test_a_part_from_before_keeps_its_old_state_when_it_is_changed(session, make):
    there = started(session, make, there=world(make))
    part = session.scalars(
        select(PackagePart).where(PackagePart.placement_id == there.placement.id)
    ).first()
    session.execute(
        update(PackagePart)
        .where(PackagePart.id == part.id)
        .values(state=PartState.DONE, happened_on=date(2026, 3, 2), said=[])
    )
    session.refresh(part)
    part.state, part.happened_on = PartState.DECLINED, date(2026, 3, 9)
    session.flush()
    session.refresh(part)
    assert [each.split()[0] for each in part.said] == ["done", "declined"]
    assert state_at(part.state, part.said, part.happened_on, datetime(2026, 3, 5, tzinfo=UTC)) == (
        PartState.DONE
    )


@pytest.mark.parametrize(
    ("rows", "full", "settled"),
    [
        ([], Share(0, 0), Share(0, 0)),
        ([(6, 0)] * 4, Share(None, None), Share(None, None)),
        ([(6, 0)] * 6, Share(None, 6), Share(None, 6)),  # too few for a share
        ([(6, 0)] * 8 + [(1, 0)] * 4, Share(None, 12), Share(None, 12)),
        ([(6, 0)] * 8 + [(5, 1)] * 2 + [(1, 0)] * 6, Share(8, 16), Share(None, 16)),
        ([(6, 0)] * 12, Share(12, 12), Share(12, 12)),
    ],
)
def test_small_groups_are_hidden(rows, full, settled):
    shares = shares_of(rows, Limits())
    assert (shares.full, shares.settled) == (full, settled)


def test_the_report_shows_it_and_the_api_gives_it(client_as):
    manager = client_as(Role.UNIT_MANAGER)
    assert "Arbetsgivarens stödpaket" in text_of(manager.get("/reports"))
    answer = manager.get(
        "/api/v1/reports/packages", query_string={"from": "2026-01-01", "to": "2026-12-31"}
    )
    told = {"definitions": "v1", "ended": 0, "full_package": 0, "done_or_declined": 0}
    assert answer.get_json() == told


def test_the_settings_page_leads_to_what_employers_read(client_as):
    page = text_of(client_as(Role.EMPLOYER_LIAISON).get("/settings"))
    assert "/settings/information" in page
    assert "/settings/information" not in text_of(client_as(Role.SUPERVISOR).get("/settings"))


def test_packs_and_questions_of_other_units_are_not_there(session, make, there, maja):
    other = make.actor(Role.UNIT_MANAGER, unit=make.unit(name="Grannkommunen"))
    packs.add_starter(session, other)
    qa.add_starter(session, other)
    block = packs.list_blocks(session, other)[0]
    entry = qa.list_entries(session, other)[0]
    session.commit()
    assert maja.get(f"/settings/information/{block.id}").status_code == 404
    assert maja.get(f"/settings/questions/{entry.id}").status_code == 404
