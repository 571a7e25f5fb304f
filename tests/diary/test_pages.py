"""Pages and API of meetings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts.models import Role
from matchsvc.participants.models import Capacity
from matchsvc.swedish import local_date, working_day_on_or_after
from matchsvc.workday.meeting_models import Meeting

SOON = working_day_on_or_after(local_date(db.utcnow()) + timedelta(days=3))
TALK = {"kind": "mapping_talk", "day": SOON.isoformat(), "at": "10.00", "invite": "1"}


@pytest.fixture
def lena(make, client_as):
    client = client_as(make.user(name="Lena Forsberg"))
    client.person = make.participant(client.user, interpreter=True, contact_language="ar")
    make.session.commit()
    return client


def book(client, **values):
    form = TALK | {"participants": client.person.alias} | values
    return client.post("/meetings/new", data=form)


def only(session):
    session.expire_all()
    return session.scalars(select(Meeting)).one()


def test_the_form_knows_the_interpreter_of_the_profile(lena):
    page = lena.get(f"/meetings/new?participant={lena.person.id}").text
    assert f'value="{lena.person.alias}"' in page
    assert '<option value="ar" selected>' in page


def test_a_booked_talk_stands_in_the_week_and_on_her_page(lena):
    answer = book(lena, language="ar", wishes=["woman"])
    assert answer.status_code == 303
    meeting = lena.get(answer.location).text
    assert "Kom ihåg att boka tolken." in meeting
    week = lena.get(f"/meetings?view=week&day={SOON}").text
    assert "Samira" in week
    assert "Tolk inte bokad" in week
    assert "Kartläggningssamtal" in lena.get(f"/participants/{lena.person.alias}").text
    assert "Tolken är inte bokad" in lena.get("/my-week").text


def test_what_is_refused_keeps_what_was_typed(lena):
    answer = book(lena, minutes="61", place="Biblioteket")
    assert answer.status_code == 409
    assert "högst 60 minuter" in answer.text
    assert 'value="Biblioteket"' in answer.text
    bad = book(lena, at="tio", day="2026-02-30")
    assert bad.status_code == 422
    assert "Skriv klockslaget som 10.00." in bad.text


def test_a_clash_is_shown_with_a_way_to_book_all_the_same(lena):
    book(lena)
    again = book(lena)
    assert again.status_code == 409
    assert "Tiden är upptagen" in again.text
    assert 'name="pass_clashes"' in again.text
    assert book(lena, pass_clashes="1").status_code == 303


def test_a_meeting_is_moved_called_off_and_its_conflict_seen(lena, session):
    book(lena)
    meeting = only(session)
    address, version = f"/meetings/{meeting.id}", meeting.version
    form = {"day": SOON.isoformat(), "at": "13", "reason": "participant", "version": version}
    assert lena.post(f"{address}/move", data=form).status_code == 303
    late = lena.post(f"{address}/move", data=form | {"at": "14"})
    assert late.status_code == 409
    assert "Någon annan har ändrat mötet" in late.text
    assert lena.post(f"{address}/cancel", data={"reason": "mistake"}).status_code == 303
    assert "Inställt" in lena.get(address).text


def test_the_calendar_file_holds_aliases_and_nothing_of_somebody_protected(lena, make, session):
    hidden = make.participant(lena.user, given_name="Nora", protected=True)
    make.involve(hidden, lena.user, Capacity.PROTECTED_HANDLER)
    session.commit()
    book(lena)
    secret = {"participants": hidden.alias, "at": "14.00", "place": "Biblioteket"}
    book(lena, kind="individual_talk", **secret)
    answer = lena.get(f"/meetings/calendar.ics?view=week&day={SOON}")
    titles = [str(e["summary"]) for e in Calendar.from_ical(answer.data).walk("VEVENT")]
    assert titles == [f"Kartläggningssamtal {lena.person.alias}", "Upptagen"]
    for word in ("Samira", "Nora", hidden.alias, "Biblioteket"):
        assert word not in answer.text


def test_how_it_went_is_written_on_the_page(lena, session):
    book(lena)
    meeting = only(session)
    meeting.starts_at -= timedelta(days=10)
    meeting.ends_at -= timedelta(days=10)
    session.commit()
    assert "Skriv hur mötet gick" in lena.get("/my-week").text
    page = lena.get(f"/meetings/{meeting.id}").text
    name = page.split('name="came_')[1].split('"')[0]
    form = {f"came_{name}": "did_not_come", "minutes_spent": "15", "version": meeting.version}
    assert lena.post(f"/meetings/{meeting.id}/went", data=form).status_code == 303
    assert only(session).minutes_spent == 15
    bad = lena.post(f"/meetings/{meeting.id}/went", data={"came_x": "ill"})
    assert bad.status_code == 422


def test_meetings_without_owner_stand_on_the_managers_page(lena, make, client_as, session):
    book(lena)
    meeting = only(session)
    manager = client_as(Role.UNIT_MANAGER)
    colleague = make.user(name="Johan Ekdal")
    lena.user.is_active = False
    session.commit()
    page = manager.get("/meetings?of=unit&view=week").text
    assert "Möten utan ansvarig" in page
    form = {"meetings": [str(meeting.id)], "to_user": str(colleague.id)}
    assert manager.post("/meetings/hand-over", data=form).status_code == 303
    assert only(session).owner_id == colleague.id


def test_rooms_are_kept_by_the_manager(client_as):
    manager = client_as(Role.UNIT_MANAGER)
    assert manager.post("/meetings/rooms", data={"name": "Blå rummet"}).status_code == 303
    assert "finns redan" in manager.post("/meetings/rooms", data={"name": "Blå rummet"}).text
    assert client_as(Role.CASE_WORKER).get("/meetings/rooms").status_code == 403


def test_the_api_books_lists_moves_and_calls_off(lena):
    data = {"kind": "mapping_talk", "day": SOON.isoformat(), "at": "10:00",
            "participants": [str(lena.person.id)],
            "interpreters": [{"language": "ar", "wishes": ["phone"]}]}  # fmt: skip
    booked = lena.post("/api/v1/meetings", json=data)
    assert booked.status_code == 201, booked.text
    (meeting,) = booked.json
    assert meeting["lacks_interpreter"]
    listed = lena.get(f"/api/v1/meetings?day={SOON}").json["meetings"]
    assert [each["id"] for each in listed] == [meeting["id"]]
    address = f"/api/v1/meetings/{meeting['id']}"
    clash = lena.post("/api/v1/meetings", json=data)
    assert (clash.status_code, clash.json["code"]) == (409, "clash")
    moved = lena.post(
        f"{address}/move",
        json={
            "day": SOON.isoformat(),
            "at": "14.30",
            "reason": "staff",
            "version": meeting["version"],
        },
    )
    assert moved.status_code == 200
    early = lena.post(f"{address}/attendance", json={})
    assert (early.status_code, early.json["code"]) == (409, "not_begun")
    assert lena.post(f"{address}/cancel", json={"reason": "mistake"}).json[0]["is_cancelled"]
    assert lena.get(f"/api/v1/meetings?day={SOON}").json["meetings"] == []


def test_a_busy_meeting_has_neither_id_nor_kind_in_the_api(lena, make, client_as, session):
    hidden = make.participant(lena.user, protected=True)
    make.involve(hidden, lena.user, Capacity.PROTECTED_HANDLER)
    session.commit()
    book(lena, kind="individual_talk", participants=hidden.alias)
    other = client_as(Role.CASE_WORKER)
    (busy,) = other.get(f"/api/v1/meetings?day={SOON}&of=unit").json["meetings"]
    assert busy["is_busy"]
    assert (busy["id"], busy["kind"], busy["people"], busy["place"]) == (None, None, [], None)


def test_who_has_no_diary_is_refused(client_as):
    for role in (Role.AUDITOR, Role.ADMIN):
        assert client_as(role).get("/meetings").status_code == 403
    practical = client_as(Role.PRACTICAL_SUPERVISOR)
    assert practical.get("/meetings").status_code == 200
    assert practical.get("/meetings/new").status_code == 403
