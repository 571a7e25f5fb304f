"""The compressed day: what people at browsers send, and a minute of it against the real server."""

import json

import pytest
from click.testing import CliRunner

from matchsvc import db
from matchsvc.bench.commands import bench
from matchsvc.bench.day_people import Ask, Page, Person

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
    assert told["overall"]["number"] == 600
    assert len(told["routes"]) > 15
    assert answer.exit_code == 0
