"""A changed competence or offer is in the next answer, whichever process is asked."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta
from random import Random

import numpy as np
import pytest
from sqlalchemy import update

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.employers.models import Offer, OfferLanguage
from matchsvc.matching import live, shared, whole_unit
from matchsvc.matching.everybody import lay_out
from matchsvc.matching.gate_words import Words
from matchsvc.matching.marking import mark_everything
from matchsvc.matching.models import MatchingRow, RowKind
from matchsvc.matching.rows import listed, read_legend, read_rows
from matchsvc.matching.rules import match_offer, match_participant
from matchsvc.matching.weights import Weights
from matchsvc.participants.access import get_visible
from matchsvc.participants.cases import latest_case
from matchsvc.participants.models import Participant
from tests.factories import TODAY, Make
from tests.matching.packed_world import Town
from tests.placements.factories import NOW

WEIGHTS = Weights()


@pytest.fixture(autouse=True)
def no_index(engine):
    """No index of what another test has rolled back."""
    live.forget_views()
    shared.forget(shared.folder_of(engine))
    yield
    live.forget_views()
    shared.forget(shared.folder_of(engine))


@pytest.fixture
def always_live(monkeypatch):
    monkeypatch.setattr(live, "LARGE", 1)


def shortlists(town, *, top=3):
    """What the page of every offer shows."""
    with db.read() as session:
        actor = accounts.actor_of(session, town.worker)
        lists = {}
        for offer_id in town.offers:
            offer = session.get(Offer, offer_id)
            found = match_offer(session, actor, offer, today=TODAY, words=Words(), top=top)
            lists[offer_id] = (
                found.as_json({}), found.open_total, found.closed_total
            )  # fmt: skip
        session.info.clear()
        return lists


def facts(side, alive=None):
    """Everybody of an index: wait, competences with everything above them, gates."""
    index = side.index
    alive = np.unpackbits(
        (index.alive if alive is None else alive).view(np.uint8).ravel(), bitorder="little"
    )
    found = {}
    for row, cut in enumerate(side.ids.tolist()):
        identity = cut.ljust(16, b"\0")  # numpy cuts off zeros at the end
        at = index.position[row]
        if alive[at]:
            block, lane = divmod(int(at), index.block_length)
            gates = (index.planes[block, :, lane // 64] >> np.uint64(lane % 64)) & np.uint64(1)
            held = index.held[index.held_pointer[at] : index.held_pointer[at + 1]]
            found[identity] = (int(index.wait_days[row]), held.tolist(), gates.tolist())
    return found


def waiting(view):
    return {identity: fact for side in view.sides() for identity, fact in facts(*side).items()}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("seed", range(3))
def test_the_live_index_shows_what_the_plain_engine_shows(
    session, make, always_live, monkeypatch, seed
):
    town = Town(session, make, Random(seed))
    for _ in range(8):
        for _ in range(4):
            town.step()
        shown = shortlists(town)
        with monkeypatch.context() as plain:
            plain.setattr(live, "candidates", lambda *_, **__: None)
            assert shortlists(town) == shown
    assert live._views


@pytest.mark.parametrize("seed", range(3))
def test_the_changed_index_is_what_one_made_now_would_be(
    session, make, always_live, seed, monkeypatch
):
    monkeypatch.setattr(live, "CHUNK", 2)
    town = Town(session, make, Random(seed))
    unit_id = make.unit().id
    versions = set()
    for _ in range(20):
        town.step()
        view = live.view_of(session, unit_id, today=TODAY, weights=WEIGHTS)
        versions.add(view.version)
        now = lay_out(
            read_rows(session, listed(RowKind.PARTICIPANT, unit_id), RowKind.PARTICIPANT),
            read_legend(session),
            view.base.code,
            WEIGHTS,
        )
        together = waiting(view)
        assert together == facts(now)
        assert len(view) == len(together)
    assert len(versions) == 1, "changes alone make no new version"


@pytest.mark.sqlite_only
@pytest.mark.parametrize("seed", range(2))
def test_many_offers_are_ranked_as_few_are(session, make, monkeypatch, seed):
    town = Town(session, make, Random(seed))
    for _ in range(40):
        town.step()
    for required in (["sy"], ["laga-mat"], ["baka", "sy"], []):
        make.offer(required=required, merits=["diska-storkok"])
    session.commit()
    actor = accounts.actor_of(session, town.worker)

    def shown():
        lists = []
        for key in town.people:
            person = get_visible(session, actor, key)
            found = match_participant(session, actor, person, today=TODAY, words=Words(), top=3)
            lists.append(found.as_json({}))
            lists.append([found.open_total, found.closed_total])
        return lists

    few = shown()
    monkeypatch.setattr(whole_unit, "MANY", 1)
    assert shown() == few


def test_a_small_unit_has_no_index(session, make):
    town = Town(session, make, Random(1))
    assert all(found for found in shortlists(town).values())
    assert live._views == {}
    assert not shared.folder_of(db.engine()).exists()


def test_another_day_table_or_vocabulary_makes_another_version(session, make, always_live):
    Town(session, make, Random(1))
    unit_id = make.unit().id

    def version(today=TODAY, weights=WEIGHTS):
        return live.view_of(session, unit_id, today=today, weights=weights).version

    first = version()
    assert version() == first
    assert version(today=TODAY + timedelta(1)) != first
    assert version(weights=Weights("v2", evidence=(5, 8, 9, 10))) != first
    second = version()
    make.area("Hamnen")
    session.commit()
    assert version() != second


def test_many_changes_make_a_new_version(session, make, always_live, monkeypatch):
    monkeypatch.setattr(live, "MOST_CHANGES", 2)
    town = Town(session, make, Random(1))
    unit_id = make.unit().id
    first = live.view_of(session, unit_id, today=TODAY, weights=WEIGHTS)
    for person in town.people[:3]:
        session.get(Participant, person).hours_per_week = 7
        session.commit()
    view = live.view_of(session, unit_id, today=TODAY, weights=WEIGHTS)
    assert view.version != first.version
    assert not view.chunk_of


def test_an_offer_may_ask_what_nobody_asked_before(session, make, always_live, monkeypatch):
    """Days, dates, seasons and a language that the index has no bits for."""
    town = Town(session, make, Random(1))
    for person, start in zip(town.people, range(5), strict=True):
        row = session.get(Participant, person)
        row.available_from, row.weekdays = TODAY + timedelta(30 * start), 1 << start
    session.commit()
    shortlists(town)
    asked = {"weekdays": 7, "start_by": TODAY + timedelta(65), "hours_start": 9}
    town.offers = [make.offer(**asked).id, make.offer(season_start="02-01", season_end="03-01").id]
    session.add(
        OfferLanguage(
            offer_id=town.offers[1], concept_id="en", part="speak", level=2, purpose="Gäster."
        )
    )
    session.commit()
    shown = shortlists(town)
    assert 0 < shown[town.offers[0]][1] < 5
    monkeypatch.setattr(live, "candidates", lambda *_, **__: None)
    assert shortlists(town) == shown


def test_while_anything_is_marked_the_plain_engine_answers(session, make, always_live):
    town = Town(session, make, Random(1))
    unit_id = make.unit().id
    assert live.view_of(session, unit_id, today=TODAY, weights=WEIGHTS)
    mark_everything(session.connection())
    assert live.view_of(session, unit_id, today=TODAY, weights=WEIGHTS) is None
    assert shortlists(town)


def test_an_index_of_another_content_is_not_believed(session, make, always_live):
    """A backup that was put back knows fewer changes than the index."""
    Town(session, make, Random(1))
    unit_id = make.unit().id
    first = live.view_of(session, unit_id, today=TODAY, weights=WEIGHTS)
    session.execute(update(MatchingRow).values(sequence=MatchingRow.sequence - 1))
    session.commit()
    assert live.view_of(session, unit_id, today=TODAY, weights=WEIGHTS).version != first.version


def test_the_protected_are_in_no_index(session, make, always_live):
    town = Town(session, make, Random(1))
    unit_id = make.unit().id
    person = session.get(Participant, town.people[0])
    assert person.id.bytes in facts(
        live.view_of(session, unit_id, today=TODAY, weights=WEIGHTS).base
    )
    person.protected = True
    session.commit()
    view = live.view_of(session, unit_id, today=TODAY, weights=WEIGHTS)
    assert person.id.bytes not in waiting(view)


def leave_for(session, make, person, what):
    """Something after which she waits for nothing."""
    if what == "restricted":
        person.restricted_since = NOW
    elif what == "archived":
        person.archived_at, person.archived_reason = NOW, "Inläst två gånger."
    elif what == "protected":
        person.protected = True
    elif what == "moved to another unit":
        person.unit_id = make.unit(name="Söder").id
    elif what == "not ready":
        person.ready_on = None
    else:
        latest_case(session, person).ended_on = TODAY


@pytest.mark.parametrize(
    "what",
    ["restricted", "archived", "protected", "moved to another unit", "not ready", "case ended"],
)
def test_who_is_no_longer_to_be_listed_is_out_of_index_and_lists_at_the_next_question(
    session, make, always_live, what
):
    town = Town(session, make, Random(1))
    unit_id = make.unit().id
    person = session.get(Participant, town.people[0])

    def listed_of(one):
        view = live.view_of(session, unit_id, today=TODAY, weights=WEIGHTS)
        shown = [str(each) for each in shortlists(town, top=99).values()]
        return one.id.bytes in waiting(view), any(str(one.id) in each for each in shown)

    assert listed_of(person) == (True, True)
    leave_for(session, make, person, what)
    session.commit()
    assert listed_of(person) == (False, False)
    assert listed_of(session.get(Participant, town.people[1])) == (True, True)


def test_what_people_can_do_is_for_the_owner_of_the_files_alone(session, make, always_live):
    Town(session, make, Random(1))
    view = live.view_of(session, make.unit().id, today=TODAY, weights=WEIGHTS)
    folder = shared.unit_folder(shared.folder_of(db.engine()), make.unit().id)
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / view.version).stat().st_mode & 0o077 == 0


def test_serving_does_not_load_the_compiler():
    """numba takes half a second and 50 MB: nobody who matches a small unit pays for it."""
    loads = "import sys, matchsvc.app, matchsvc.serve; print('numba' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", loads], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "False"


WORKER = """
import sys, time
from datetime import date
from uuid import UUID

from matchsvc import db, secrecy
from matchsvc.config import Config
from matchsvc.matching import live
from matchsvc.matching.weights import Weights

url, offer, unit, day = sys.argv[1:]
secrecy.use(Config().keys)
db.connect(url)
live.LARGE = 1
WEIGHTS = Weights()

def people():
    with db.read() as session:
        found = live.candidates(
            session, UUID(offer), UUID(unit), top=5, today=date.fromisoformat(day), weights=WEIGHTS
        )
        return found.people, next(iter(live._views.values())).version

before, version = people()
print("ready", version, flush=True)
end = time.monotonic() + 20
while people()[0] == before and time.monotonic() < end:
    time.sleep(0.01)
print(time.time(), len(people()[0]), people()[1], flush=True)
"""


def test_every_process_shares_one_copy_and_sees_a_change_within_a_second(
    tmp_path, fresh_url, engine
):
    """Two workers with a database of their own: one index for both, one change for both."""
    url = fresh_url
    own = db.connect(url)
    try:
        with db.begin() as session:
            make = Make(session)
            make.participant(ready_on=TODAY)
            offer, unit = make.offer().id, make.unit().id
        workers = [
            subprocess.Popen(
                [sys.executable, "-c", WORKER, url, str(offer), str(unit), TODAY.isoformat()],
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        ready = [worker.stdout.readline().split() for worker in workers]
        with db.begin() as session:
            Make(session).participant(ready_on=TODAY)
        changed_at = time.time()
        seen = [worker.communicate(timeout=60)[0].split() for worker in workers]
    finally:
        db.bind(engine)
        own.dispose()
    assert [state for state, _ in ready] == ["ready", "ready"]
    assert len({*(version for _, version in ready), *(version for _, _, version in seen)}) == 1
    assert [people for _, people, _ in seen] == ["2", "2"]
    assert max(float(at) for at, _, _ in seen) - changed_at < 1
