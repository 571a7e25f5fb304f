"""All pairs: every open offer's list, on one machine or several."""

from __future__ import annotations

import json
import os
import signal
from random import Random

import numpy as np
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import AuditEvent
from matchsvc.cli import main
from matchsvc.employers.models import Offer
from matchsvc.matching.everything import match_all
from matchsvc.matching.fast.demands import build_demands
from matchsvc.matching.fast.index import build_index
from matchsvc.matching.fast.ranking import top_people
from matchsvc.matching.gate_words import Words
from matchsvc.matching.rules import match_offer
from tests.factories import TODAY
from tests.matching.packed_world import Town


def run(*arguments):
    return CliRunner().invoke(main, ["match-all", *arguments])


@pytest.fixture
def kept_connection(monkeypatch, engine):
    """The command connects by itself; here it goes on in the test's transaction."""
    monkeypatch.setattr(db, "connect", lambda *_, **__: engine)


def test_every_offer_gets_the_open_pairs_of_its_own_page(session, make):
    town = Town(session, make, Random(4))
    for _ in range(30):
        town.step()
    found = {best.offer: best for best in match_all(session, today=TODAY, top=3)}
    actor = accounts.actor_of(session, town.worker)
    seen = 0
    for offer_id in town.offers:
        offer = session.get(Offer, offer_id)
        if offer.status.value != "open":
            assert offer_id not in found
            continue
        page = match_offer(session, actor, offer, today=TODAY, words=Words(), top=3)
        expected = [(r.participant, r.points, r.cover) for r in page.open]
        listed = [(f.participant, f.points, f.cover) for f in found[offer_id].people]
        assert listed == expected
        seen += len(listed)
    assert seen


def test_units_do_not_mix(session, make):
    other = make.unit(name="Grannkommunen")
    make.participant(ready_on=TODAY)
    theirs = make.participant(ready_on=TODAY, unit=other)
    offer = make.offer(make.site(make.employer(unit=other)))
    session.commit()
    (best,) = match_all(session, today=TODAY, top=5)
    assert best.offer == offer.id
    assert [fit.participant for fit in best.people] == [theirs.id]


def test_the_command_prints_lists_and_logs_whom_it_showed(session, make, kept_connection):
    person = make.participant(ready_on=TODAY)
    offer = make.offer()
    session.commit()
    answer = run("--json")
    assert answer.exit_code == 0, answer.output
    body = json.loads(answer.stdout)
    listed = [{"participant": str(person.id), "points": 0, "cover": 10_000}]
    assert body["offers"] == [
        {"offer": str(offer.id), "weights": "v1", "max": 0, "participants": listed}
    ]
    logged = session.scalars(select(AuditEvent).where(AuditEvent.object_id == str(offer.id))).one()
    assert logged.subjects == [str(person.id)]


def test_a_scheduler_goes_with_dask_only(session, kept_connection):
    answer = run("--scheduler", "tcp://127.0.0.1:1")
    assert answer.exit_code == 2
    assert "--engine dask" in answer.output


def some_pairs(people=4_000, offers=600, concepts=300):
    random = np.random.default_rng(3)
    parent = np.where(np.arange(concepts) < 20, -1, random.integers(0, 20, concepts))
    index = build_index(
        people=people,
        parent=parent,
        held_row=np.repeat(np.arange(people), 12),
        held_concept=random.integers(0, concepts, 12 * people),
        held_tenths=random.integers(7, 11, 12 * people),
        has=random.integers(0, 2**20, people).astype(np.uint64),
        wait_days=random.integers(0, 50, people),
    )
    asked = np.repeat(np.arange(offers), 8)
    demands = build_demands(
        offers=offers,
        parent=parent,
        requirement_offer=asked,
        requirement_concept=random.integers(0, concepts, len(asked)),
        requirement_is_merit=random.random(len(asked)) < 0.5,
        need=np.uint64(1) << random.integers(0, 20, offers).astype(np.uint64),
    )
    return index, demands


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # a killed worker closes nothing
def test_a_cluster_gives_the_same_though_a_worker_is_killed_in_the_middle():
    from distributed import Client, LocalCluster

    from matchsvc.matching.cluster import rank_on

    index, demands = some_pairs()
    killed = []
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):

        def kill_one():
            if not killed:
                killed.append(next(iter(cluster.workers.values())).pid)
                os.kill(killed[0], signal.SIGKILL)

        found = rank_on(client, index, demands, 10, at_once=10, done=kill_one)
    expected = top_people(index, demands, 10)
    assert killed
    assert (found.people == expected.people).all()
    assert (found.points == expected.points).all()
