"""The link: the next meeting and whom to call, nothing else; and what makes it lead nowhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Unit
from matchsvc.errors import NotFound, Refused, RuleViolation
from matchsvc.messages.models import SignedLink
from matchsvc.own_page import standing_link
from matchsvc.own_page.views import address_of
from matchsvc.participants import enrolment, protection
from matchsvc.participants.cases import latest_case
from matchsvc.participants.models import Capacity


@pytest.fixture
def made(session, desk, clock):
    token, _link = standing_link.make_link(session, desk.actor, desk.samira.id, **clock)
    return token


def read(session, token, clock, **later):
    return standing_link.read_by_link(session, token, now=clock["now"] + timedelta(**later))


def test_it_shows_when_and_where_and_whom_to_call(session, desk, made, meet, clock):
    meeting = meet(days=3)
    meet(days=9)
    shown = read(session, made, clock)
    assert shown.times == (meeting.starts_at, meeting.ends_at)
    assert (shown.place, shown.worker) == ("Storgatan 4", "Johan Ekdal")
    assert shown.phone[1] == "+46701740605"


def test_when_the_case_worker_has_left_the_unit_answers(session, desk, made, clock):
    desk.johan.is_active = False
    session.get_one(Unit, desk.samira.unit_id).phone = "+468123456"
    session.flush()
    shown = read(session, made, clock)
    assert (shown.worker, shown.phone[1]) == (None, "+468123456")


def test_the_token_is_kept_nowhere_and_fits_a_text_message(session, made, app):
    with app.test_request_context():
        address = address_of(made)
    assert len(address.removeprefix("http://127.0.0.1:8000")) < 60
    row = session.scalar(select(SignedLink))
    assert made not in {str(getattr(row, column.key)) for column in row.__table__.columns}


def test_a_new_link_stops_the_old_one(session, desk, made, clock):
    token, _ = standing_link.make_link(session, desk.actor, desk.samira.id, **clock)
    assert read(session, made, clock) is None
    assert read(session, token, clock) is not None


def test_a_revoked_an_old_and_an_invented_one_lead_nowhere(session, desk, made, clock):
    assert read(session, made, clock, days=179) is not None
    assert read(session, made, clock, days=181) is None
    assert read(session, "x" * 32, clock) is None
    standing_link.revoke(session, desk.actor, desk.samira.id, **clock)
    assert read(session, made, clock) is None
    standing_link.revoke(session, desk.actor, desk.samira.id, **clock)  # again is nothing


def test_protection_ends_it_at_once_and_lifting_brings_nothing_back(
    session, desk, make, made, meet, clock
):
    meet()
    today = clock["today"]
    protection.protect(session, desk.actor, desk.samira.id, today=today)
    assert read(session, made, clock) is None
    with pytest.raises(RuleViolation) as refused:
        standing_link.make_link(session, desk.actor, desk.samira.id, **clock)
    assert refused.value.code == "protected"

    second = make.user(name="Lena Forsberg")
    make.involve(desk.samira, second, Capacity.PROTECTED_HANDLER)
    protection.ask_to_lift(session, desk.actor, desk.samira.id, today=today)
    protection.confirm_lift(session, make.actor(user=second), desk.samira.id, today=today)
    assert not desk.samira.protected
    assert read(session, made, clock) is None


def test_every_way_of_becoming_protected_ends_it(session, desk, made, clock):
    enrolment.erase_contact(session, desk.samira)
    desk.samira.protected = False
    session.flush()
    assert read(session, made, clock) is None


def test_an_ended_case_and_an_archived_person_have_none(session, desk, made, clock):
    held = latest_case(session, desk.samira)
    held.ended_on = clock["today"]
    session.flush()
    assert read(session, made, clock) is None
    with pytest.raises(RuleViolation):
        standing_link.make_link(session, desk.actor, desk.samira.id, **clock)
    held.ended_on = None
    session.flush()
    assert read(session, made, clock) is not None
    desk.samira.archived_at = clock["now"]
    session.flush()
    assert read(session, made, clock) is None


def test_only_her_own_worker_makes_or_stops_it(session, desk, make, clock):
    elsewhere = make.actor(unit=make.unit(name="Grannkommunen"))
    for rule in (standing_link.make_link, standing_link.revoke):
        with pytest.raises(Refused):
            rule(session, desk.other, desk.samira.id, **clock)
        with pytest.raises(NotFound):
            rule(session, elsewhere, desk.samira.id, **clock)


def test_the_place_of_a_meeting_with_somebody_protected_is_not_told(
    session, desk, make, made, meet, clock
):
    hidden = make.participant(desk.johan, protected=True)
    meet(hidden, kind="other_meeting")
    assert read(session, made, clock).place is None


def test_each_reading_is_logged_as_the_links_and_without_it_nothing_is(
    session, desk, made, meet, clock
):
    read(session, made, clock)
    session.commit()
    rows = session.scalars(
        select(AuditEvent).where(
            AuditEvent.object_type == "own_page_link", AuditEvent.action == "read"
        )
    ).all()
    assert [row.actor.partition(":")[0] for row in rows] == ["link"]
    assert rows[0].subjects == [str(desk.samira.id)]


def main(answer):
    return answer.get_data(as_text=True).partition("<main")[2].partition("</main>")[0]


class TestThePage:
    @pytest.fixture
    def look(self, app, session, desk, made, meet):
        meet()
        session.commit()
        client = app.test_client()
        return lambda tail="": client.get(f"/l/m/{made}{tail}")

    def test_it_names_nobody_and_not_why(self, look, desk):
        answer = look()
        page = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert "Storgatan 4" in page
        assert "tel:+46701740605" in page
        for secret in ("Samira", "Haddad", desk.samira.alias, "artläggning", "kompetens"):
            assert secret not in page
        assert answer.headers["Cache-Control"].startswith("no-store")

    def test_it_is_in_the_language_of_the_person_and_others_by_choice(self, look, session, desk):
        assert "Ditt nästa möte" in look().get_data(as_text=True)
        desk.samira.contact_language = "ar"
        session.commit()
        assert '<div class="own" lang="ar" dir="rtl">' in look().get_data(as_text=True)
        assert "Your next meeting" in look("?language=en").get_data(as_text=True)
        assert "Ditt nästa möte" in look("?language=%3Cb%3E").get_data(as_text=True)

    def test_its_file_for_the_calendar_says_only_that_there_is_a_meeting(self, look):
        answer = look("/meeting.ics")
        text = answer.get_data(as_text=True)
        assert answer.mimetype == "text/calendar"
        assert "SUMMARY:Möte med Arbetsmarknadsenheten" in text
        assert "Samira" not in text
        assert "artläggning" not in text

    def test_every_dead_link_gives_the_same_page(self, look, app, session, desk, clock):
        client = app.test_client()
        invented = client.get(f"/l/m/{'x' * 32}")
        standing_link.revoke(session, desk.actor, desk.samira.id, **clock)
        session.commit()
        revoked = look()
        file = look("/meeting.ics")
        assert invented.status_code == revoked.status_code == file.status_code == 404
        assert "Länken fungerar inte längre" in revoked.get_data(as_text=True)
        assert "الرابط لم يعد يعمل" in revoked.get_data(as_text=True)
        invented, revoked, file = (main(each) for each in (invented, revoked, file))
        assert invented == revoked == file

    def test_without_a_meeting_it_says_so(self, app, session, desk, clock):
        token, _ = standing_link.make_link(session, desk.actor, desk.samira.id, **clock)
        session.commit()
        page = app.test_client().get(f"/l/m/{token}").get_data(as_text=True)
        assert "Inget möte är bokat." in page


def test_the_worker_makes_it_on_the_page_and_sees_the_address_once(client_as, desk):
    johan = client_as(desk.johan)
    assert "Det finns ingen länk." in johan.get(desk.path).get_data(as_text=True)
    made = johan.post(f"{desk.path}/link").get_data(as_text=True)
    assert "/l/m/" in made
    again = johan.get(desk.path).get_data(as_text=True)
    assert "/l/m/" not in again
    assert "Det finns en länk som gäller" in again
    stopped = johan.post(f"{desk.path}/link/revoke", follow_redirects=True)
    assert "Länken är stoppad." in stopped.get_data(as_text=True)


def test_programs_make_and_stop_it_too(client_as, desk, app):
    johan = client_as(desk.johan)
    path = f"/api/v1/participants/{desk.samira.alias}/own-page/link"
    assert johan.get(path).json == {"live": False, "expires_at": None, "address": None}
    made = johan.post(path)
    assert made.status_code == 201
    token = made.json["address"].rpartition("/")[2]
    assert app.test_client().get(f"/l/m/{token}").status_code == 200
    assert johan.get(path).json["live"] is True
    assert johan.get(path).json["address"] is None
    assert johan.post(f"{path}/revoke").json["live"] is False
    assert app.test_client().get(f"/l/m/{token}").status_code == 404
    assert client_as().post(path).status_code == 403
