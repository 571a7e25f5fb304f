"""Papers on the pages and through the API: the same rules, and bytes that no browser runs."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.employers.merging import merge_employers
from matchsvc.participants import protection
from matchsvc.participants.access import read_with_reason
from matchsvc.participants.cases import latest_case
from matchsvc.participants.consent_models import Consent, ConsentAnswer
from matchsvc.participants.merging import merge_people
from matchsvc.participants.models import Capacity
from matchsvc.placements.models import DecisionAuthority, Placement
from matchsvc.swedish import local_date
from matchsvc.workday.paper_checks import MAX_BYTES
from matchsvc.workday.paper_models import Paper
from tests.factories import COMMAND
from tests.workday import paper_files as files


def today():
    return local_date(db.utcnow())


@pytest.fixture
def worker(make):
    return make.user(role=Role.CASE_WORKER, name="Johan Ekdal")


@pytest.fixture
def samira(session, make, worker):
    person = make.participant(worker)
    session.commit()
    return person


@pytest.fixture
def path(samira):
    return f"/participants/{samira.alias}/papers"


@pytest.fixture
def hers(client_as, worker):
    return client_as(worker)


def form(content=None, name="beslut.pdf", **more):
    content = files.pdf() if content is None else content
    said = {"kind": "decision", "title": "Beslut om praktik"} | more
    return said | {"file": (BytesIO(content), name)}


def put_up(client, path, session, **more):
    answer = client.post(path, data=form(**more))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return session.scalars(select(Paper).order_by(Paper.put_up_at.desc())).first()


class TestPuttingUp:
    def test_it_stands_in_the_list_and_is_read_on_a_page(self, hers, path, session):
        page = hers.post(path, data=form(), follow_redirects=True).get_data(as_text=True)
        assert "Papperet är sparat." in page
        assert "Beslut om praktik" in page
        paper = session.scalars(select(Paper)).one()
        assert f"{path}/{paper.id}/pages/1" in hers.get(f"{path}/{paper.id}").get_data(as_text=True)

    def test_the_name_and_the_declared_type_decide_nothing(self, hers, path, session):
        sent = form(files.picture("PNG"))
        sent["file"] = (BytesIO(files.picture("PNG")), "../../x.pdf", "text/html")
        assert hers.post(path, data=sent).status_code == 303
        paper = session.scalars(select(Paper)).one()
        assert (paper.file_name, paper.media_type.value) == ("x.png", "image/png")

    def test_a_second_tap_saves_nothing_twice(self, hers, path, session):
        hers.post(path, data=form())
        page = hers.post(path, data=form(), follow_redirects=True).get_data(as_text=True)
        assert "Filen fanns redan här." in page
        assert len(session.scalars(select(Paper)).all()) == 1

    @pytest.mark.parametrize(
        ("content", "status", "words"),
        [
            (b"", 422, "Filen är tom."),
            (files.archive(), 422, "varken PDF, JPEG eller PNG"),
            (files.pdf(files.ACTIVE["script when opened"]), 422, "Skriv ut till PDF"),
            (files.locked_pdf(), 422, "lösenord"),
            (files.picture()[:300], 422, "skadad"),
            (b"%PDF-1.7" + b"0" * MAX_BYTES, 413, "större än 10 MB"),
            (b"%PDF-1.7" + b"0" * (3 * MAX_BYTES), 413, "större än 10 MB"),
        ],
        ids=files.short,
    )
    def test_what_is_refused_is_said_in_words_and_what_was_typed_stays(
        self, hers, path, session, content, status, words
    ):
        page = hers.post(path, data=form(content, note="Från Kvarnköket", dated="2026-10-01"))
        assert page.status_code == status
        told = page.get_data(as_text=True)
        for expected in (words, "Från Kvarnköket", "2026-10-01", "Beslut om praktik"):
            assert expected in told
        assert session.scalars(select(Paper)).all() == []

    def test_a_form_without_a_file_says_so_and_one_without_a_kind_too(self, hers, path):
        page = hers.post(path, data={"kind": "decision", "file": (BytesIO(b""), "")})
        assert "Välj en fil eller fotografera" in page.get_data(as_text=True)
        page = hers.post(path, data=form(kind=""))
        assert page.status_code == 422
        assert "Välj vad det är för papper." in page.get_data(as_text=True)
        assert "Välj filen igen" in page.get_data(as_text=True)


class TestLooking:
    @pytest.mark.parametrize(
        ("content", "kind"),
        [(files.pdf(), "PNG"), (files.picture("JPEG"), "JPEG")],
        ids=files.short,
    )
    def test_a_browser_is_given_a_picture_that_can_do_nothing(
        self, hers, path, session, content, kind
    ):
        paper = put_up(hers, path, session, content=content)
        answer = hers.get(f"{path}/{paper.id}/pages/1")
        with Image.open(BytesIO(answer.data)) as picture:
            assert picture.format == kind
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert hers.get(f"{path}/{paper.id}/pages/2").status_code == 404

    def test_the_file_is_given_back_whole_as_an_attachment_with_its_name(self, hers, path, session):
        paper = put_up(hers, path, session, name="Åsas beslut.pdf")
        answer = hers.get(f"{path}/{paper.id}/file")
        assert answer.data == files.pdf()
        how = answer.headers["Content-Disposition"]
        assert how.startswith("attachment;")
        assert "filename*=UTF-8''%C3%85sas%20beslut.pdf" in how
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Type"] == "application/pdf"
        assert "sandbox" in answer.headers["Content-Security-Policy"]

    def test_each_look_is_in_the_log(self, hers, path, session):
        paper = put_up(hers, path, session)
        hers.get(f"{path}/{paper.id}/pages/1")
        hers.get(f"{path}/{paper.id}/file")
        logged = select(AuditEvent.action).where(AuditEvent.object_id == str(paper.id))
        assert {"create", "open", "export"} <= set(session.scalars(logged))


class TestTakingAway:
    def test_it_says_what_will_happen_and_is_undone_with_one_button(self, hers, path, session):
        paper = put_up(hers, path, session)
        assert hers.post(f"{path}/{paper.id}/take-away", data={"reason": " "}).status_code == 422
        page = hers.post(
            f"{path}/{paper.id}/take-away", data={"reason": "Fel person"}, follow_redirects=True
        )
        assert "Ångra" in page.get_data(as_text=True)
        assert hers.get(f"{path}/{paper.id}/pages/1").status_code == 409
        assert "Fel person" in hers.get(f"{path}?taken_away=1").get_data(as_text=True)
        assert "Fel person" in hers.get(f"{path}/{paper.id}").get_data(as_text=True)
        page = hers.post(f"{path}/{paper.id}/undo", follow_redirects=True)
        assert "Papperet är tillbaka." in page.get_data(as_text=True)
        assert hers.get(f"{path}/{paper.id}/pages/1").status_code == 200


class TestWho:
    def addresses(self, path, paper):
        one = f"{path}/{paper.id}"
        return path, one, f"{one}/pages/1", f"{one}/file"

    def test_a_colleague_and_a_supervisor_are_refused_everywhere(
        self, client_as, hers, path, session
    ):
        paper = put_up(hers, path, session)
        for role in (Role.CASE_WORKER, Role.SUPERVISOR, Role.EMPLOYER_LIAISON):
            client = client_as(role)
            for address in self.addresses(path, paper):
                assert client.get(address).status_code == 403
            assert client.post(path, data=form()).status_code == 403

    def test_a_manager_with_a_reason_reads_and_puts_nothing_up(
        self, client_as, make, hers, path, samira, session
    ):
        paper = put_up(hers, path, session)
        manager = make.user(role=Role.UNIT_MANAGER)
        reader = make.actor(user=manager)
        read_with_reason(session, reader, samira, reason="Klagomål", today=today())
        client = client_as(manager)
        assert client.get(f"{path}/{paper.id}/pages/1").status_code == 200
        assert "Lägg till ett papper" not in client.get(path).get_data(as_text=True)
        assert client.post(path, data=form()).status_code == 403
        taken = client.post(f"{path}/{paper.id}/take-away", data={"reason": "x"})
        assert taken.status_code == 403

    def test_once_she_is_protected_only_her_handlers_find_them(
        self, client_as, make, hers, worker, path, samira, session
    ):
        paper = put_up(hers, path, session)
        manager = make.user(role=Role.UNIT_MANAGER)
        reader = make.actor(user=manager)
        read_with_reason(session, reader, samira, reason="Klagomål", today=today())
        protection.protect(session, make.actor(user=worker), samira.id, today=today())
        session.commit()
        client = client_as(manager)
        for address in self.addresses(path, paper):
            assert hers.get(address).status_code == 200
            assert client.get(address).status_code == 404

    def test_another_persons_page_does_not_open_it(self, make, hers, worker, path, session):
        paper = put_up(hers, path, session)
        other = make.participant(worker)
        session.commit()
        for address in self.addresses(f"/participants/{other.alias}/papers", paper)[1:]:
            assert hers.get(address).status_code == 404

    def test_an_employers_are_the_units_and_may_become_public(self, client_as, make, session):
        employer = make.employer()
        path, client = f"/employers/{employer.id}/papers", client_as(Role.EMPLOYER_LIAISON)
        assert "allmän handling" in client.get(path).get_data(as_text=True)
        paper = put_up(client, path, session, kind="agreement")
        elsewhere = make.user(role=Role.EMPLOYER_LIAISON, unit_id=make.unit(name="Annan").id)
        stranger = client_as(elsewhere)
        for address in self.addresses(path, paper):
            assert client.get(address).status_code == 200
            assert stranger.get(address).status_code == 404

    def test_hers_follow_into_the_row_that_stands(self, make, hers, worker, samira, session):
        gone = make.participant(worker, with_case=False)
        make.case(gone, case_worker=worker, ended_on=date(2026, 10, 1))
        ids, actor = [gone.id, samira.id], make.actor(user=worker)
        session.commit()
        paper_id = put_up(hers, f"/participants/{ids[0]}/papers", session).id
        given = {"reason": "Samma kort visat.", "today": today(), "now": db.utcnow()}
        merge_people(session, actor, ids[1], ids[0], **given)
        session.commit()
        for each in ids:  # the old name leads there, too
            address = f"/participants/{each}/papers/{paper_id}/file"
            assert hers.get(address).data == files.pdf()

    def test_an_employers_follow_into_the_row_that_stands(self, client_as, make, session):
        user = make.user(role=Role.EMPLOYER_LIAISON)
        ids, actor = [make.employer().id, make.employer().id], make.actor(user=user)
        client = client_as(user)
        paper_id = put_up(client, f"/employers/{ids[0]}/papers", session).id
        merge_employers(session, actor, ids[1], ids[0], reason="Samma företag.", today=today())
        session.commit()
        for each in ids:
            address = f"/employers/{each}/papers/{paper_id}/file"
            assert client.get(address).data == files.pdf()


class TestOfAConsentAndAPlacement:
    def test_a_consent_on_paper_hangs_on_its_answer(
        self, client_as, make, hers, worker, samira, session
    ):
        consent = make.save(
            Consent(
                participant_id=samira.id, unit_id=samira.unit_id, answer=ConsentAnswer.REFUSED,
                text_version="1", text_language="sv", content_hash="x", valid_from=today(),
                recorded_by_id=worker.id,
            )
        )  # fmt: skip
        session.commit()
        path = f"/participants/consents/{consent.id}/papers"
        assert path in hers.get(f"/participants/{samira.alias}/consents").get_data(as_text=True)
        page = hers.get(path).get_data(as_text=True)
        assert 'value="consent" checked' in page
        paper = put_up(hers, path, session, kind="consent", title="")
        assert paper.about_type == "consent"
        assert hers.get(f"{path}/{paper.id}/pages/1").status_code == 200
        assert client_as(Role.CASE_WORKER).get(f"{path}/{paper.id}/file").status_code == 403
        for nothing in ("x", uuid4()):
            assert hers.get(f"/participants/consents/{nothing}/papers").status_code == 404

    def test_a_placements_are_for_those_who_work_with_her_there(
        self, client_as, make, hers, samira, session
    ):
        supervisor = make.user(role=Role.SUPERVISOR)
        make.involve(samira, supervisor, Capacity.SUPERVISOR)
        placement = make.save(
            Placement(
                unit_id=samira.unit_id, external_id="L1", participant_id=samira.id,
                case_id=latest_case(session, samira).id, site_id=make.site().id,
                form="sol_practice", begun_on=today(), start_date=today(),
                supervisor_id=supervisor.id, decision_authority=DecisionAuthority.NONE,
            )
        )  # fmt: skip
        session.commit()
        path = f"/placements/{placement.id}/papers"
        for client in (hers, client_as(supervisor)):
            assert path in client.get(f"/placements/{placement.id}").get_data(as_text=True)
        paper = put_up(hers, path, session, kind="agreement")
        assert client_as(supervisor).get(f"{path}/{paper.id}/pages/1").status_code == 200
        for role in (Role.EMPLOYER_LIAISON, Role.CASE_WORKER, Role.UNIT_MANAGER):
            assert client_as(role).get(f"{path}/{paper.id}/file").status_code == 403
        for nothing in ("x", uuid4()):
            assert hers.get(f"/placements/{nothing}/papers").status_code == 404


class TestApi:
    @pytest.fixture
    def call(self, app, session, worker):
        user = accounts.get_user(session, worker.id)
        token = accounts.new_api_token(session, COMMAND, user, days=1, now=db.utcnow())
        session.commit()
        client = app.test_client()

        def call(method, path, **how):
            bearer = {"Authorization": f"Bearer {token}"}
            return client.open(f"/api/v1{path}", method=method, headers=bearer, **how)

        return call

    def test_a_paper_goes_in_and_comes_out_by_the_same_rules(self, call, path):
        made = call("POST", path, data=form(name="../../x.exe"))
        assert made.status_code == 201
        assert (made.json["file_name"], made.json["media_type"]) == ("x.pdf", "application/pdf")
        one = f"{path}/{made.json['id']}"
        assert call("POST", path, data=form()).json["id"] == made.json["id"]
        assert call("GET", path).json["papers"] == [made.json]
        assert call("GET", one).json == made.json
        got = call("GET", f"{one}/file")
        assert (got.data, got.mimetype) == (files.pdf(), "application/octet-stream")
        assert got.headers["Content-Disposition"] == "attachment; filename=x.pdf"
        assert call("POST", f"{one}/take-away", json={"reason": "Fel"}).status_code == 200
        assert call("GET", f"{one}/file").status_code == 409
        assert call("POST", f"{one}/undo").status_code == 200
        assert call("GET", f"{one}/file").status_code == 200

    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            (files.archive(), 422, "file_type"),
            (files.pdf(files.ACTIVE["file inside"]), 422, "file_active"),
            (b"%PDF-1.7" + b"0" * MAX_BYTES, 413, "file_too_large"),
        ],
        ids=files.short,
    )
    def test_what_is_refused_is_a_problem_that_names_the_field(
        self, call, path, content, status, code
    ):
        answer = call("POST", path, data=form(content))
        assert (answer.status_code, answer.json["code"]) == (status, code)
        assert answer.json["errors"][0]["pointer"] == "/file"

    def test_a_text_called_file_is_no_file(self, call, path):
        answer = call("POST", path, data={"kind": "decision", "file": "x"})
        assert answer.status_code == 422

    def test_a_stranger_is_told_nothing(self, app, path):
        assert app.test_client().get(f"/api/v1{path}").status_code == 401
