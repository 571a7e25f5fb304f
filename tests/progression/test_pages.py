"""The page of somebody's way, the pages of ladders, and the JSON of both."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.participants.case_models import CasePause, WorkerChange
from matchsvc.participants.models import Capacity, ExitDestination
from matchsvc.progression import ladders
from matchsvc.progression.models import LadderStay, LaterContact, StudyVisit
from matchsvc.swedish import local_date


def today():
    return local_date(db.utcnow())


@pytest.fixture
def here(town):
    return f"/progress/{town.samira.alias}"


@pytest.fixture
def lena(client_as, town):
    return client_as(town.user.lena)


@pytest.fixture
def mona(client_as, town):
    return client_as(town.user.mona)


class TestThePage:
    def test_it_leads_from_the_person_and_says_what_to_do_first(self, lena, town, here):
        person = lena.get(f"/participants/{town.samira.alias}").text
        assert f'href="{here}"' in person

        page = lena.get(here)
        assert page.status_code == 200
        assert "Enheten har ingen trappa än." in page.text
        assert len(page.data) < 60_000

    def test_a_step_is_saved_and_stands_with_its_days(self, session, lena, here, ladder):
        form = {"step": f"{ladder.id}:9", "since": today().isoformat(), "seen": "0"}
        saved = lena.post(f"{here}/step", data=form, follow_redirects=True)

        assert "9. Framstegplanering" in saved.text
        assert "0 dagar" in saved.text
        assert session.scalars(select(LadderStay.step)).all() == [9]

    @pytest.mark.parametrize("step", ["", "x", "x:y", "00000000-0000-0000-0000-000000000000:6"])
    def test_a_step_that_does_not_exist_is_told_beside_the_field(self, lena, here, ladder, step):
        form = {"step": step, "since": "2026-13-45"}
        page = lena.post(f"{here}/step", data=form)
        assert page.status_code == 422
        assert "2026-13-45" in page.text

    def test_the_second_of_two_keeps_what_was_typed(self, lena, here, ladder):
        form = {"step": f"{ladder.id}:9", "since": today().isoformat(), "seen": "0"}
        lena.post(f"{here}/step", data=form)
        page = lena.post(f"{here}/step", data=form | {"step": f"{ladder.id}:12"})

        assert page.status_code == 409
        assert "Någon annan har sparat samtidigt" in page.text
        assert f'value="{ladder.id}:12" selected' in page.text

    def test_a_pause_is_seen_on_the_person_and_ended(self, session, lena, town, here):
        form = {
            "reason": "parental_leave",
            "paused_on": today().isoformat(),
            "returns_on": (today() + timedelta(days=200)).isoformat(),
        }
        saved = lena.post(f"{here}/pause", data=form, follow_redirects=True)
        assert "12 månader efter ledighetens början" in saved.text

        person = lena.get(f"/participants/{town.samira.alias}").text
        assert "Ärendet är pausat sedan" in person
        assert "Föräldraledighet" not in person

        pause = session.scalars(select(CasePause)).one()
        for address, field in (("return", "returns_on"), ("resume", "resumed_on")):
            day = today() if address == "resume" else today() + timedelta(days=9)
            data = {field: day.isoformat(), "version": str(pause.version)}
            assert lena.post(f"{here}/{address}", data=data).status_code == 303
            session.refresh(pause)
        assert pause.resumed_on == today()

        undone = lena.post(
            f"{here}/pauses/{pause.id}/withdraw", data={"version": str(pause.version)}
        )
        assert undone.status_code == 303
        assert "Föräldraledighet" not in lena.get(here).text.split("Pausa ärendet")[0]

    def test_an_impossible_pause_shows_the_form_again(self, lena, here):
        form = {"reason": "studies", "paused_on": "1999-01-01", "returns_on": "1998-01-01"}
        page = lena.post(f"{here}/pause", data=form)

        assert page.status_code == 422
        assert 'value="1999-01-01"' in page.text
        assert 'href="#paused_on"' in page.text
        assert page.text.count('id="paused_on"') == 1

    def test_a_colleague_who_knows_the_alias_sees_that_it_is_paused_and_no_more(
        self, client_as, session, lena, town, here
    ):
        back = today() + timedelta(days=200)
        lena.post(
            f"{here}/pause",
            data={"reason": "own_wish", "paused_on": today(), "returns_on": back},
        )
        johan = client_as(town.user.johan)
        person = johan.get(f"/participants/{town.samira.alias}").text

        assert "Pausat" in person
        assert "Planerad återkomst" not in person
        assert johan.get(here).status_code == 403

    def test_a_study_visit_begins_is_chosen_and_taken_back(self, session, lena, here):
        begun = lena.post(
            f"{here}/visit", data={"started_on": today().isoformat()}, follow_redirects=True
        )
        assert "Samtal senast" in begun.text
        visit = session.scalars(select(StudyVisit)).one()
        chosen = {"outcome": "registered", "ended_on": today().isoformat()}
        page = lena.post(f"{here}/visit/end", data=chosen | {"version": "7"})
        assert page.status_code == 409

        lena.post(f"{here}/visit/end", data=chosen | {"version": str(visit.version)})
        session.refresh(visit)
        assert "Skriver in sig som arbetssökande" in lena.get(here).text
        lena.post(f"{here}/visit/withdraw", data={"version": str(visit.version)})
        assert "Samtal senast" not in lena.get(here).text

    def test_a_late_contact_is_seen_and_answered(self, session, lena, town, here, end):
        ended = today() - timedelta(days=60)
        end(max(ended, town.case.enrolled_on), ExitDestination.STUDIES, today=today())
        page = lena.get(here).text
        assert "Försenad" in page
        assert "1 månad efter avslutet" in page

        form = {
            "series": "exit",
            "source_id": str(town.case.id),
            "months": "1",
            "held_on": (today() + timedelta(days=1)).isoformat(),
            "outcome": "in_education",
        }
        refused = lena.post(f"{here}/contact", data=form)
        assert refused.status_code == 422
        assert 'href="#held_on"' in refused.text
        assert refused.text.count('id="held_on"') == 1

        form["held_on"] = today().isoformat()
        saved = lena.post(f"{here}/contact", data=form, follow_redirects=True)
        assert "I utbildning" in saved.text
        assert session.scalars(select(LaterContact.months)).all() == [1]

    def test_who_has_answered_for_the_case_stands_with_the_reason(
        self, session, mona, client_as, town, here
    ):
        address = f"/participants/{town.samira.alias}/case-worker"
        without = mona.post(address, data={"case_worker_id": str(town.user.johan.id)})
        assert without.status_code == 422
        assert "Välj varför någon annan tar över." in without.text
        given = {"case_worker_id": str(town.user.johan.id), "reason": "participant_wish"}
        mona.post(address, data=given)

        page = client_as(town.user.johan).get(here).text
        assert "Johan Ekdal tog över efter Lena Forsberg" in page
        assert "Personen önskar det" in page

    def test_a_manager_who_reads_with_a_reason_changes_nothing(self, mona, town, here, ladder):
        assert mona.get(here).status_code == 403
        mona.post(f"/participants/{town.samira.alias}/read", data={"reason": "Klagomål"})
        page = mona.get(here)
        assert page.status_code == 200
        assert "<form" not in page.text.split("<main")[1].split("</main")[0]

    def test_a_protected_person_is_not_there(self, client_as, make, town):
        hidden = make.participant(town.user.lena, protected=True)
        make.involve(hidden, town.user.lena, Capacity.PROTECTED_HANDLER)
        assert client_as(town.user.lena).get(f"/progress/{hidden.alias}").status_code == 200
        assert client_as(town.user.mona).get(f"/progress/{hidden.alias}").status_code == 404

    @pytest.mark.parametrize("role", [Role.EMPLOYER_LIAISON, Role.SUPERVISOR, Role.AUDITOR])
    def test_others_have_no_business_there(self, client_as, here, role):
        assert client_as(role).get(here).status_code == 403

    def test_reading_is_logged(self, session, lena, town, here):
        lena.get(here)
        found = session.scalars(select(AuditEvent).where(AuditEvent.object_type == "progress"))
        assert [each.object_id for each in found] == [str(town.case.id)]

    def test_it_reads_in_english(self, lena, here, ladder):
        assert "Everybody goes at their own pace" in lena.get(f"{here}?lang=en").text


class TestLadderPages:
    def test_a_manager_begins_from_the_example_and_makes_a_version(self, session, mona, town):
        assert "/settings/ladders" in mona.get("/settings").text
        assert "Inga trappor än" in mona.get("/settings/ladders").text
        page = mona.get("/settings/ladders/new?example=newcastle").text
        assert "23. Fungera framgångsrikt" in page

        form = {
            "name": "Vår trappa",
            "target_group": "Alla",
            "steps": "1. Kommer: är här\n2. Stannar",
            "reason": "Prövar",
            "in_use": "1",
        }
        made = mona.post("/settings/ladders/new", data=form, follow_redirects=True)
        assert "2. Stannar" in made.text
        (line,) = ladders.list_ladders(session, town.mona)
        here = f"/settings/ladders/{line.ladder.id}"
        assert "1. Kommer: är här" in mona.get(f"{here}/new").text

        changed = form | {"steps": "1. Kommer", "base": "1"}
        again = mona.post(f"{here}/new", data=changed, follow_redirects=True)
        assert "Version 2" in again.text
        late = mona.post(f"{here}/new", data=changed | {"steps": "3. Mitt"})
        assert late.status_code == 409
        assert late.text.count("3. Mitt") == 2  # beside the other's, and in the field

    def test_what_is_wrong_stands_beside_the_field(self, mona):
        page = mona.post("/settings/ladders/new", data={"steps": "fel rad"})
        assert page.status_code == 422
        assert "fel rad" in page.text
        assert "först numret, sedan namnet" in page.text

    def test_an_auditor_reads_and_a_case_worker_does_not(self, client_as, lena, ladder):
        auditor = client_as(Role.AUDITOR)
        assert auditor.get(f"/settings/ladders/{ladder.id}").status_code == 200
        assert auditor.get("/settings/ladders/new").status_code == 403
        assert lena.get("/settings/ladders").status_code == 403


class TestApi:
    root = "/api/v1"

    def test_a_program_does_what_the_page_does(self, session, lena, mona, town, ladder):
        here = f"{self.root}/progress/{town.samira.alias}"
        day, later = today().isoformat(), (today() + timedelta(days=30)).isoformat()
        moved = lena.post(f"{here}/steps", json={"ladder_id": ladder.id, "step": 6, "since": day})
        assert moved.status_code == 201
        assert moved.json["stays"][0]["name"] == "Indikation"

        pause = {"reason": "studies", "paused_on": day, "returns_on": later}
        assert lena.post(f"{here}/pauses", json=pause).json["is_paused"] is True
        assert lena.post(f"{here}/pauses", json=pause).status_code == 409
        sooner = {"returns_on": (today() + timedelta(days=9)).isoformat()}
        assert lena.put(f"{here}/pauses/return", json=sooner).status_code == 200
        back = lena.post(f"{here}/pauses/resume", json={"resumed_on": day})
        assert back.json["is_paused"] is False
        mistake = back.json["pauses"][0]["id"]
        undone = lena.post(f"{here}/pauses/{mistake}/withdraw", json={})
        assert undone.json["pauses"] == []

        visit = lena.post(f"{here}/visit", json={"started_on": day})
        assert visit.json["visit"]["hard_end"] > visit.json["visit"]["started_on"]
        chosen = {"outcome": "ended", "ended_on": day}
        assert lena.put(f"{here}/visit/outcome", json=chosen).json["visit"]["outcome"] == "ended"
        assert lena.post(f"{here}/visit/withdraw", json={}).json["visit"] is None

        given = {"case_worker_id": str(town.user.johan.id), "reason": "skill"}
        assert mona.put(f"{here}/case-worker", json=given).status_code == 204
        assert session.scalars(select(WorkerChange.reason)).all() == ["skill"]
        assert lena.get(here).status_code == 403

    def test_contacts_are_read_and_written(self, lena, town, end):
        end(today() - timedelta(days=40), today=today())
        here = f"{self.root}/progress/{town.samira.alias}"
        first = lena.get(here).json["contacts"][0]
        assert (first["months"], first["is_late"]) == (1, True)
        heard = {
            "series": "exit",
            "source_id": first["source_id"],
            "months": 1,
            "held_on": today().isoformat(),
            "outcome": "not_reached",
        }
        answer = lena.put(f"{here}/contacts", json=heard).json["contacts"][0]
        assert (answer["outcome"], answer["is_late"]) == ("not_reached", False)
        assert lena.put(f"{here}/contacts", json=heard).status_code == 409

    def test_ladders_are_versions(self, mona, lena):
        content = {
            "name": "Kort",
            "target_group": "Alla",
            "steps": [{"number": 2, "name": "B"}, {"number": 1, "name": "A"}],
            "reason": "Prövar",
        }
        made = mona.post(f"{self.root}/ladders", json=content)
        assert made.status_code == 201
        assert [step["number"] for step in made.json["versions"][0]["steps"]] == [1, 2]
        here = f"{self.root}/ladders/{made.json['id']}"
        again = mona.post(f"{here}/versions", json=content | {"base": 1})
        assert [each["number"] for each in again.json["versions"]] == [2, 1]
        assert mona.post(f"{here}/versions", json=content | {"base": 1}).status_code == 409
        assert mona.get(here).status_code == mona.get(f"{self.root}/ladders").status_code == 200
        assert lena.get(here).status_code == 403
        assert mona.post(f"{self.root}/ladders", json={}).status_code == 422
