"""The pages of activities and their twins for programs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from matchsvc import db
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.activities import catalogue
from matchsvc.activities.models import (
    Activity,
    ActivityGroup,
    GroupAttendance,
    GroupMember,
    GroupSession,
    LocalService,
    StructuralObstacle,
)
from matchsvc.participants.models import Capacity
from matchsvc.swedish import local_date


def today():
    return local_date(db.utcnow())


@pytest.fixture
def mona(client_as):
    return client_as(Role.UNIT_MANAGER)


@pytest.fixture
def lena(client_as, make, session):
    """Lena's client, with Samira as her own participant and the starting list switched on."""
    user = make.user(name="Lena Forsberg", email="lena@example.org")
    person = make.participant(user, given_name="Samira", family_name="Haddad")
    catalogue.switch_on_starter(session, make.actor(Role.UNIT_MANAGER))
    client = client_as(user)
    client.person = person
    client.cafe = session.scalars(select(Activity).where(Activity.code == "language_cafe")).one()
    return client


def start(client, **values):
    form = {
        "name": "Torsdagar", "leader_id": str(client.user.id), "capacity": "2",
        "day": today().isoformat(), "at": "00.05", "times": "3", "room": "Stora rummet",
    }  # fmt: skip
    return client.post(f"/activities/{client.cafe.id}/groups/new", data=form | values)


def only(session, model=ActivityGroup):
    session.expire_all()
    return session.scalars(select(model)).one()


def first(session):
    session.expire_all()
    return session.scalars(select(GroupSession).order_by(GroupSession.starts_at)).first()


def join(client, group, person):
    return client.post(f"/activities/groups/{group.id}/members", data={"participant": person.alias})


@pytest.fixture
def group(lena, session):
    """A group of today's that Samira has a place in."""
    start(lena)
    row = only(session)
    join(lena, row, lena.person)
    return row


def test_an_empty_unit_is_offered_the_starting_list(mona, client_as, session):
    page = mona.get("/activities").text
    assert "Enheten har inga aktiviteter än." in page
    assert "Börja med den listan" in page
    other = client_as(Role.CASE_WORKER)
    assert "Be enhetschefen" in other.get("/activities").text
    assert other.post("/activities/starting-list").status_code == 403
    assert mona.post("/activities/starting-list").status_code == 303
    assert "Språkkafé" in mona.get("/activities").text
    assert session.scalar(select(func.count()).select_from(Activity)) > 25


def test_the_list_is_filtered_by_track_step_and_orientation(lena):
    found = lena.get("/activities?orientation=rehabilitation&track=health").text
    assert "Hälsosamtal" in found
    assert "Språkkafé" not in found
    assert lena.get("/activities?orientation=nothing").status_code == 422
    assert "Ingen aktivitet passar." in lena.get("/activities?ended=1").text


def test_an_activity_is_written_changed_and_archived_and_what_was_typed_stays(mona, session):
    form = {"name": "Workshop: Ekonomi", "kind": "workshop", "minutes": "60", "is_group": "1"}
    short = mona.post("/activities/new", data=form)
    assert short.status_code == 409
    assert "120 till 180 minuter" in short.text
    assert 'value="Workshop: Ekonomi"' in short.text
    assert 'name="limit_reason"' in short.text
    made = mona.post("/activities/new", data=form | {"minutes": "150", "orientations": "guidance"})
    assert made.status_code == 303
    page = mona.get(made.location).text
    assert "2,5 timmar" in page
    assert "Vägledning" in page
    row = only(session, Activity)
    edit = f"/activities/{row.id}/edit"
    assert 'value="Workshop: Ekonomi"' in mona.get(edit).text
    changed = form | {"minutes": "120", "version": row.version}
    assert mona.post(edit, data=changed).status_code == 303
    late = mona.post(edit, data=changed | {"name": "Mitt namn"})
    assert late.status_code == 409
    assert 'value="Mitt namn"' in late.text
    assert "Någon annan har sparat samtidigt" in late.text
    ended = {"ended": "1", "version": only(session, Activity).version}
    assert mona.post(f"/activities/{row.id}/ended", data=ended).status_code == 303
    assert "Arkiverad" in mona.get(f"/activities/{row.id}").text
    assert mona.post("/activities/new", data={}).status_code == 422


def test_a_group_is_begun_with_its_sessions_and_errors_stand_beside_their_fields(lena, session):
    assert "Ny grupp" in lena.get(f"/activities/{lena.cafe.id}/groups/new").text
    bad = start(lena, at="tolv", day="2026-02-30")
    assert bad.status_code == 422
    assert "Skriv klockslaget som 10.00." in bad.text
    assert 'value="Torsdagar"' in bad.text
    answer = start(lena, languages=["ar", "so"], interpreter="1")
    page = lena.get(answer.location).text
    for words in ("Leds av Lena Forsberg", "med tolk", "2 lediga platser", "3 tillfällen"):
        assert words in page
    assert "Språkkafé, Torsdagar" in lena.get("/activities").text


def test_a_place_is_given_and_the_next_one_waits(lena, group, make, session):
    others = [make.participant(lena.user) for _ in range(2)]
    session.commit()
    for person in others:
        assert join(lena, group, person).status_code == 303
    page = lena.get(f"/activities/groups/{group.id}").text
    assert "Fullt" in page
    assert "Väntar på plats" in page
    twice = join(lena, group, lena.person)
    assert twice.status_code == 409
    assert f'value="{lena.person.alias}"' in twice.text
    member = session.scalars(
        select(GroupMember).where(GroupMember.participant_id == lena.person.id)
    ).one()
    left = lena.post(f"/activities/groups/{group.id}/members/{member.id}/leave")
    assert "saved=moved_up" in left.location
    assert "Den som har väntat längst fick platsen" in lena.get(left.location).text


def test_attendance_is_tapped_saved_and_corrected(lena, group, session):
    row = first(session)
    page = lena.get(f"/activities/sessions/{row.id}").text
    assert "Samira Haddad" in page
    assert "Skriv aldrig varför" in page
    assert not re.search(r'type="radio"[^>]*checked', page), "nothing is chosen beforehand"
    name = re.search(r'name="(mark_[^"]+)"', page)[1]
    address = f"/activities/sessions/{row.id}/attendance"
    said = lena.post(address, data={name: "late", "version": row.version})
    assert "Närvaron är sparad" in lena.get(said.location).text
    assert only(session, GroupAttendance).mark == "late"
    row = first(session)
    assert lena.post(address, data={name: "present", "version": row.version}).status_code == 303
    assert only(session, GroupAttendance).mark == "present"
    assert lena.post(address, data={name: "ill"}).status_code == 422
    assert lena.post(address, data={"mark_x": "late"}).status_code == 422


def test_the_second_to_save_attendance_sees_both_answers_and_loses_nothing(lena, group, session):
    row = first(session)
    page = lena.get(f"/activities/sessions/{row.id}").text
    name = re.search(r'name="(mark_[^"]+)"', page)[1]
    address = f"/activities/sessions/{row.id}/attendance"
    lena.post(address, data={"rest": "present", "version": row.version})
    late = lena.post(address, data={name: "valid_absence", "version": row.version})
    assert late.status_code == 409
    assert "Någon annan har sparat samtidigt" in late.text
    table = re.search(r"<tbody>.*?</tbody>", late.text, re.DOTALL)[0]
    assert re.search(r"Samira Haddad.*Här.*Giltig", table, re.DOTALL)
    assert re.search(r'value="valid_absence"\s+checked', late.text)
    assert only(session, GroupAttendance).mark == "present"
    again = re.search(r'name="version" value="(\d+)"', late.text)[1]
    assert lena.post(address, data={name: "valid_absence", "version": again}).status_code == 303
    assert only(session, GroupAttendance).mark == "valid_absence"


def test_a_session_is_moved_and_called_off_on_its_page(lena, group, session):
    row = first(session)
    address = f"/activities/sessions/{row.id}"
    new = {"day": (today() + timedelta(days=2)).isoformat(), "at": "15", "reason": "room"}
    bad = lena.post(f"{address}/move", data=new | {"at": "sen"})
    assert bad.status_code == 422
    assert "Skriv klockslaget" in bad.text
    assert lena.post(f"{address}/move", data=new | {"version": row.version}).status_code == 303
    stale = lena.post(f"{address}/move", data=new | {"version": row.version})
    assert stale.status_code == 409
    assert "Någon annan har sparat" in stale.text
    assert "Närvaron skrivs när dagen har kommit." in lena.get(address).text
    assert lena.post(f"{address}/cancel", data={"reason": "staff"}).status_code == 303
    assert "Inställt: Personalen kan inte." in lena.get(address).text


def test_the_leader_finds_todays_session_on_my_week_and_nobody_else(lena, group, client_as):
    assert "Grupper som du leder i dag" in lena.get("/my-week").text
    assert "Grupper som du leder i dag" not in client_as(Role.CASE_WORKER).get("/my-week").text
    assert "Du leder" in lena.get("/activities").text


def test_a_persons_page_leads_to_activities_share_and_what_can_be_chosen(
    lena, group, client_as, session
):
    alias = lena.person.alias
    assert f"/activities/of/{alias}" in lena.get(f"/participants/{alias}").text
    row = first(session)
    lena.post(f"/activities/sessions/{row.id}/attendance", data={"rest": "present"})
    page = lena.get(f"/activities/of/{alias}").text
    assert "Kom 1 av 1 gånger" in page
    assert "1 tim 30 min" in page
    assert "Välj inriktning i kartläggningen" in page
    lena.post(f"/participants/{alias}/map/orientation", data={"orientation": "rehabilitation"})
    page = lena.get(f"/activities/of/{alias}").text
    assert "Arbetslivsinriktad rehabilitering" in page
    assert "Arbetsmarknadsutbildning" not in page
    assert "Arbetsmarknadsutbildning" in lena.get(f"/activities/of/{alias}?everything=1").text
    assert client_as(Role.CASE_WORKER).get(f"/activities/of/{alias}").status_code == 403
    read = session.scalars(
        select(AuditEvent).where(
            AuditEvent.action == "read", AuditEvent.object_type == "activity_member"
        )
    ).all()
    assert {str(lena.person.id)} == {key for each in read for key in each.subjects}


def test_a_protected_person_is_on_no_page_of_others(lena, client_as, make, session):
    hidden = make.participant(lena.user, given_name="Nora", protected=True)
    make.involve(hidden, lena.user, Capacity.PROTECTED_HANDLER)
    session.commit()
    start(lena)
    row = only(session)
    assert join(lena, row, hidden).status_code == 303
    other = client_as(Role.CASE_WORKER)
    pages = (
        *(f"/activities/groups/{row.id}", f"/activities/sessions/{first(session).id}"),
        *("/activities", f"/activities/{lena.cafe.id}"),
    )
    for path in pages:
        page = other.get(path).text
        assert "Nora" not in page
        assert hidden.alias not in page
    assert other.get(f"/activities/of/{hidden.alias}").status_code == 404
    assert join(other, row, hidden).status_code == 404
    assert hidden.alias in lena.get(f"/activities/groups/{row.id}").text


def test_the_service_map_shows_gaps_and_overlaps(mona, client_as, session):
    assert "Ingen insats är inskriven än." in mona.get("/activities/services").text
    form = {
        "step": "mapping", "organisation": "Mötesplatsen", "provider_type": "civil_society",
        "name": "Språkkafé", "ladder": "2", "valid_from": "2026-01-01", "contact": "Växeln",
    }  # fmt: skip
    bad = mona.post("/activities/services/new", data=form | {"valid_until": "2025-01-01"})
    assert bad.status_code == 422
    assert 'value="Mötesplatsen"' in bad.text
    assert mona.post("/activities/services/new", data=form).status_code == 303
    mona.post("/activities/services/new", data=form | {"organisation": "Biblioteket"})
    gap = mona.get("/activities/services?view=gap").text
    assert "Trappsteg 1" in gap
    assert "Arbetsträning" in gap
    overlap = mona.get("/activities/services?view=overlap").text
    assert "Biblioteket" in overlap
    assert "2 insatser" in overlap
    row = session.scalars(select(LocalService)).first()
    address = f"/activities/services/{row.id}"
    assert mona.get(address).status_code == 200
    ended = form | {"valid_until": "2026-02-01", "version": row.version}
    assert mona.post(address, data=ended).status_code == 303
    assert mona.post(address, data=ended).status_code == 409
    assert "Gäller inte den dagen (1)" in mona.get("/activities/services").text
    reader = client_as(Role.SUPERVISOR)
    assert "Biblioteket" in reader.get("/activities/services").text
    assert reader.get(address).status_code == 403


def test_an_obstacle_is_noted_counted_and_removed_and_names_are_refused(lena, client_as, session):
    form = {"description": "Samira får vänta", "level": "state", "owner": "Vuxenutbildningen"}
    named = lena.post("/activities/obstacles", data=form)
    assert named.status_code == 422
    assert "namn på en deltagare" in named.text
    assert "Samira får vänta" in named.text
    good = form | {"description": "Kön är fyra månader"}
    assert lena.post("/activities/obstacles", data=good).status_code == 303
    row = only(session, StructuralObstacle)
    assert lena.post(f"/activities/obstacles/{row.id}/seen").status_code == 303
    assert "sett 2 gånger" in lena.get("/activities/obstacles").text
    state = {"state": "removed", "version": row.version}
    assert lena.post(f"/activities/obstacles/{row.id}/state", data=state).status_code == 403
    mona = client_as(Role.UNIT_MANAGER)
    assert mona.post(f"/activities/obstacles/{row.id}/state", data=state).status_code == 303
    stale = mona.post(f"/activities/obstacles/{row.id}/state", data=state)
    assert stale.status_code == 409
    assert lena.post(f"/activities/obstacles/{row.id}/seen").status_code == 409
    assert "Kön är" in mona.get("/activities/obstacles?state=removed").text


def test_the_api_begins_a_group_fills_it_and_writes_who_came(lena, make, session):
    root = "/api/v1/activities"
    listed = lena.get(f"{root}?orientation=mapping&track=education").json
    assert "Språkkafé" in {each["name"] for each in listed}
    series = {"day": today().isoformat(), "at": "00:05", "times": 2}
    said = {"name": "Torsdagar", "leader_id": str(lena.user.id), "capacity": 1}
    made = lena.post(f"{root}/{lena.cafe.id}/groups", json=said | series)
    assert made.status_code == 201
    key, person = made.json["id"], lena.person
    placed = lena.post(f"{root}/groups/{key}/members", json={"participant": person.alias})
    assert placed.json["joined_on"] == today().isoformat()
    other = make.participant(lena.user)
    session.commit()
    waits = lena.post(f"{root}/groups/{key}/members", json={"participant": other.alias})
    assert waits.json["joined_on"] is None
    read = lena.get(f"{root}/groups/{key}").json
    assert [each["has_place"] for each in read["members"]] == [True, False]
    meeting = read["sessions"][0]
    address = f"{root}/sessions/{meeting['id']}"
    mark = {"member_id": read["members"][0]["id"], "mark": "present"}
    body = {"marks": [mark], "version": meeting["version"]}
    assert lena.post(f"{address}/attendance", json=body).json["rows"][0]["mark"] == "present"
    assert lena.post(f"{address}/attendance", json=body).status_code == 409
    reason = body | {"marks": [mark | {"reason": "ill"}], "version": None}
    assert lena.post(f"{address}/attendance", json=reason).status_code == 422
    hers = lena.get(f"{root}/of/{person.alias}").json
    assert hers["share"]["percent"] == 100
    assert hers["group_minutes"] == 90
    left = lena.delete(f"{root}/groups/{key}/members/{read['members'][0]['id']}")
    assert left.status_code == 204
    assert [each["alias"] for each in lena.get(f"{root}/groups/{key}").json["members"]] == [
        other.alias
    ]


def test_the_api_keeps_services_and_obstacles(mona, client_as):
    root = "/api/v1/activities"
    service = {
        "step": "work", "organisation": "Återbruket", "provider_type": "partnership",
        "name": "Arbete", "valid_from": "2026-01-01",
    }  # fmt: skip
    made = mona.post(f"{root}/services", json=service)
    assert made.status_code == 201
    found = mona.get(f"{root}/services").json
    assert "work" not in found["gaps"]
    assert found["overlaps"] == []
    changed = service | {"version": made.json["version"], "capacity": 3}
    assert mona.put(f"{root}/services/{made.json['id']}", json=changed).json["capacity"] == 3
    noted = mona.post(
        f"{root}/obstacles",
        json={"description": "Bussen går sällan", "level": "region", "owner": "Trafiken"},
    )
    key = noted.json["id"]
    assert mona.post(f"{root}/obstacles/{key}/seen").status_code == 204
    assert mona.get(f"{root}/obstacles").json[0]["count"] == 2
    worker = client_as(Role.CASE_WORKER)
    refused = worker.post(f"{root}/obstacles/{key}/state", json={"state": "removed"})
    assert refused.status_code == 403
    assert worker.post(f"{root}/services", json=service).status_code == 403
