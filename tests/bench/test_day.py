"""The compressed day: what people at browsers send, and a minute of it against the real server."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts.models import Role
from matchsvc.bench.commands import bench
from matchsvc.bench.day_checks import WORD, Ledger, plant, settled
from matchsvc.bench.day_people import Ask, Page, Person
from matchsvc.participants.models import Participant
from matchsvc.workday.note_models import Note, NoteCategory
from tests.factories import TODAY

PAGE = """<form action="/logout"></form>
<form action="/somebody/notes" method="post"><input type="hidden" name="csrf_token" value="T">
<textarea name="happened"></textarea><input type="radio" name="minutes" value="5">
<input type="radio" name="minutes" value="15"><input type="radio" name="kind" value="x" checked>
<select name="room"><option value="">-</option><option value="r1">1</option></select></form>
<a href="/follow-ups/0">0</a><a href="/other">1</a>"""


def test_a_form_is_sent_as_it_stands_but_for_what_is_filled_in():
    form = Page(200, "", PAGE).form("/notes")
    ask = form.sent(happened="Hej", minutes="15")
    assert (ask.method, ask.path) == ("POST", "/somebody/notes")
    assert ask.form == {
        "csrf_token": "T", "happened": "Hej", "minutes": "15", "kind": "x", "room": "",
    }  # fmt: skip
    assert form.choices == {"minutes": ["5", "15"], "kind": ["x"], "room": ["r1"]}
    assert Page(200, "", PAGE).links("/follow-ups/.") == ["/follow-ups/0"]


def test_figures_are_kept_by_route_without_anybodys_id():
    asked = (
        "/participants/D-2041/notes?page=2",
        "/follow-ups/0f5ae45d-9d0b-4aa5-8fbc-1d3b4c9a6f01",
        "/l/Zx81_k-dkfjghskjdfhgkjsdhfgkjh/start",
        "/l/answers/E4",
    )
    assert [Ask("GET", path).route for path in asked] == [
        "GET /participants/…/notes", "GET /follow-ups/…", "GET /l/…/start", "GET /l/answers/…",
    ]  # fmt: skip


def test_a_journey_ends_with_an_answer_that_nobody_expected():
    def journey():
        page = yield Ask("GET", "/first")
        yield Ask("GET", page.location)

    person = Person({}, journey)
    assert person.next_ask().path == "/first"
    person.got(Page(200, "/second", ""))
    assert person.next_ask().path == "/second"
    person.got(None)
    assert person.next_ask().path == "/first"


@pytest.mark.soak
@pytest.mark.sqlite_only
def test_a_minute_of_the_day_goes_without_an_error(engine, record_property):
    try:
        answer = CliRunner().invoke(
            bench,
            ["day", "--requests", "600", "--minutes", "1", "--participants", "60", "--json"],
            catch_exceptions=False,
        )
    finally:
        db.bind(engine)
    told = json.loads(answer.stdout[answer.stdout.index("{") :])
    record_property("a minute of the compressed day", told["overall"])
    assert told["errors"] == {}
    assert told["faults_in_log"] == 0
    assert told["checks"] == {"audit verify": 0, "db check": 0}
    assert told["messages"]["doubled"] == told["messages"]["waiting"] == 0
    assert told["afterwards"]["acknowledged"] > 0
    assert told["afterwards"]["lost"] == told["afterwards"]["doubled"] == 0
    assert told["searched_for_the_protected"] > 300
    assert told["told_of_the_protected"] == {}
    assert told["overall"]["number"] == 600
    assert len(told["routes"]) > 15
    assert answer.exit_code == 0


@pytest.mark.soak
@pytest.mark.sqlite_only
def test_whoever_is_killed_during_the_day_loses_nothing_that_was_said_to_be_saved(
    engine, record_property
):
    asked = ["--requests", "1800", "--minutes", "3", "--participants", "60", "--kill-every", "8"]
    try:
        answer = CliRunner().invoke(bench, ["day", *asked, "--json"], catch_exceptions=False)
    finally:
        db.bind(engine)
    told = json.loads(answer.stdout[answer.stdout.index("{") :])
    record_property("killed", told["killed"])
    record_property("hung up", told["hung_up"])
    record_property("afterwards", told["afterwards"])
    assert set(told["killed"]) == {"serve", "scheduler"}
    assert told["hung_up"] > 0
    assert told["afterwards"]["acknowledged"] > 20
    assert answer.exit_code == 0, told


class TestTheLedger:
    def write(self, session, make, words):
        worker = make.user(role=Role.CASE_WORKER)
        note = Note(
            unit_id=worker.unit_id, about_type="participant", about_id=make.participant(worker).id,
            author_id=worker.id, written_at=db.utcnow(), happened_on=TODAY,
            category=NoteCategory.CONTACT, happened=words,
        )  # fmt: skip
        session.add(note)
        session.flush()

    def test_it_counts_what_was_lost_and_what_was_doubled(self, session, make):
        ledger = Ledger()
        once, twice, lost, tried = (ledger.write("Samtal") for _ in range(4))
        for words in (once, twice, twice):
            self.write(session, make, words)
        ledger.saved |= {once, twice, lost}
        ledger.logged.add(make.participant().id)  # no follow-up at all
        told = settled(session, ledger)
        assert (told["acknowledged"], told["lost"], told["doubled"]) == (4, 2, 1)
        assert tried not in ledger.saved

    def test_a_protected_person_is_known_by_any_of_her_marks(self, session, make, tmp_path):
        worker = make.user(role=Role.CASE_WORKER)
        make.participant(worker)
        planted = plant(session, TODAY)
        person = session.scalars(select(Participant).where(Participant.protected)).one()
        assert planted.handlers == {worker.id}
        for said in (WORD.upper(), f'/participants/D-{person.number}"', str(person.id)):
            assert planted.is_in(f"<a>{said}</a>")
        assert not planted.is_in(f"D-{person.number}7 Samira")
        (tmp_path / "logs").mkdir()
        (tmp_path / "logs" / "serve.log").write_text(f"x{WORD}", encoding="utf-8")
        (tmp_path / "other").write_text("x", encoding="utf-8")
        assert planted.files_with_her(tmp_path) == ["serve.log"]
