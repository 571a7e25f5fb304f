"""Exposure among the first ten and proposals by group: watched in aggregates, hidden when small."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.demo.town import make_town
from matchsvc.errors import Refused
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.matching.weights import Weights
from matchsvc.matching.weights_table import PUBLISHED
from matchsvc.matching.what_if import standing
from matchsvc.participants.access import visible_participants
from matchsvc.participants.models import BirthRegion, Participant, Rung, Sex
from matchsvc.reports.exposure import (
    BEFORE,
    PROPOSED,
    SEEN,
    exposure_report,
    lines_of,
    what_if_report,
)
from matchsvc.reports.figures import rate_ratio
from tests.factories import COMMAND, TODAY

FOREIGN, MEN = ("woman", "outside_europe"), ("man", "sweden")
#: One's own word at its least: what is only claimed falls behind what is on paper.
PAPER = {**PUBLISHED.numbers, "claimed": 5, "exemplified": 5, "observed": 5}


@pytest.fixture
def town(session, make):
    """Twelve women with their own word and twelve men with papers, for one place.

    By a table where the rungs count alike the longest wait decides, and the women have waited.
    """
    worker = make.user(role=Role.CASE_WORKER)
    people = []
    for number in range(24):
        is_woman = number < 12
        person = make.participant(
            worker,
            ready_on=date(2026, 9, 1) if is_woman else date(2026, 10, 1),
            sex=Sex.WOMAN if is_woman else Sex.MAN,
            birth_region=BirthRegion.OUTSIDE_EUROPE if is_woman else BirthRegion.SWEDEN,
        )
        make.competence(person, "baka", rung=Rung.CLAIMED if is_woman else Rung.CONFIRMED)
        people.append(person)
    offer = make.offer(required=["baka"])
    session.commit()
    return people, offer, worker


@pytest.fixture
def manager(make):
    return make.actor(role=Role.UNIT_MANAGER)


def test_a_table_that_asks_for_papers_is_seen_in_who_stands_first(session, town, manager):
    alike = {**PUBLISHED.numbers, "claimed": 10, "exemplified": 10, "observed": 10}
    _, told = what_if_report(session, manager, alike, today=TODAY)
    assert told.measures == (SEEN, BEFORE, PROPOSED)
    women = next(line for line in told.groups if line.kind == FOREIGN)
    men = next(line for line in told.groups if line.kind == MEN)
    # 10 of 12 women first by waiting; of the two others nobody may learn that they are two.
    assert women.shares[SEEN].is_hidden
    assert men.shares[SEEN].is_hidden
    found = standing(
        session, manager.unit_id, [Weights(), Weights("x", evidence=(10,) * 4)], today=TODAY
    )
    ours = {person.id for person in town[0][:12]}
    seen = [
        sum(bool(lists) for p, lists in zip(found.people, row, strict=True) if p in ours)
        for row in found.lists
    ]
    assert seen == [0, 10]


def test_rates_have_intervals_and_ratios_to_everybody_else():
    waiting = {FOREIGN: 60, ("woman", "sweden"): 40, MEN: 100}
    counts = {SEEN: {FOREIGN: 20, ("woman", "sweden"): 20, MEN: 70}, PROPOSED: {FOREIGN: 30}}
    groups, totals = lines_of(waiting, counts)
    women = next(line for line in groups if line.kind == FOREIGN)
    assert (women.waiting, women.shares[SEEN].n, women.shares[SEEN].percent) == (60, 20, 33)
    assert women.shares[SEEN].interval.low < 33.3 < women.shares[SEEN].interval.high
    expected = rate_ratio(20, 60, 90, 140)
    assert women.ratios[SEEN] == expected
    assert expected.interval.high < 1
    everybody = next(line for line in totals if line.total == "all")
    assert (everybody.shares[SEEN].n, everybody.shares[SEEN].of) == (110, 200)
    assert everybody.ratios[SEEN] is None  # there is nobody else


def test_small_groups_their_rest_and_what_would_give_them_away_are_hidden():
    waiting = {FOREIGN: 30, ("woman", "sweden"): 3, MEN: 50}
    counts = {SEEN: {FOREIGN: 28, ("woman", "sweden"): 1, MEN: 20}}
    groups, totals = lines_of(waiting, counts)
    by_kind = {line.kind: line for line in groups}
    assert by_kind["woman", "sweden"].waiting is None
    assert by_kind["woman", "sweden"].shares[SEEN].is_hidden
    assert by_kind[FOREIGN].shares[SEEN].is_hidden  # all but two of them
    told = [line.waiting for line in (*groups, *totals)]
    shown = {line.total or line.kind: line.waiting for line in (*groups, *totals)}
    assert 3 not in told
    # The three cannot be had by subtracting what is shown.
    assert shown["all"] is None or None in (shown[FOREIGN], shown[MEN])
    assert shown["women"] is None or shown[FOREIGN] is None


def test_what_one_table_hides_the_other_beside_it_does_not_tell():
    waiting = {FOREIGN: 40, MEN: 60}
    counts = {SEEN: {FOREIGN: 20, MEN: 30}, BEFORE: {FOREIGN: 38, MEN: 30}}
    groups, _ = lines_of(waiting, counts)
    women = next(line for line in groups if line.kind == FOREIGN)
    assert women.shares[BEFORE].is_hidden
    assert women.shares[SEEN].is_hidden


def test_a_rate_of_fewer_than_ten_is_not_shown():
    groups, _ = lines_of({FOREIGN: 9, MEN: 100}, {SEEN: {FOREIGN: 0, MEN: 50}})
    assert next(line for line in groups if line.kind == FOREIGN).shares[SEEN].is_hidden


def test_proposals_count_for_a_year_and_not_when_withdrawn(session, town, manager):
    people, offer, worker = town

    def propose(person, state=ProposalState.DRAFTED, on=TODAY):
        session.add(
            Proposal(
                unit_id=offer.unit_id,
                participant_id=person.id,
                offer_id=offer.id,
                state=state,
                explanation={},
                weights_version="v1",
                proposed_by_id=worker.id,
                proposed_on=on,
                reason="Passar.",
            )
        )

    for person in people[:6]:
        propose(person)
    propose(people[6], state=ProposalState.WITHDRAWN)
    propose(people[7], on=date(2025, 11, 1))
    session.flush()
    told = exposure_report(session, manager, today=TODAY)
    assert told.total("all").shares[PROPOSED].n == 6


@pytest.mark.parametrize("role", [r for r in Role if r not in {Role.UNIT_MANAGER, Role.AUDITOR}])
def test_others_do_not_read_it(session, make, client_as, role):
    with pytest.raises(Refused):
        exposure_report(session, make.actor(role=role), today=TODAY)
    assert client_as(role).get("/reports/exposure").status_code == 403


def test_manager_and_auditor_see_the_same_page_without_names(town, client_as):
    people, *_ = town
    pages = [
        client_as(role).get("/reports/exposure").text for role in (Role.UNIT_MANAGER, Role.AUDITOR)
    ]
    for page in pages:
        assert "Vilka syns i listorna" in page
        assert "Kvinnor, utanför Europa" in page
        assert "Dolt" in page
        assert not [p for p in people if p.alias in page or p.family_name in page]
    assert client_as(Role.UNIT_MANAGER).get("/reports").text.count("/reports/exposure") == 1
    assert "/reports/exposure" not in client_as(Role.CASE_WORKER).get("/reports").text


def test_a_program_gets_the_same_with_hidden_values_marked(town, client_as):
    body = client_as(Role.AUDITOR).get("/api/v1/reports/exposure").get_json()
    assert body["weights"] == "v1"
    assert body["weights_before"] is None
    everybody = next(line for line in body["totals"] if line["group"] == {"population": "all"})
    assert everybody["waiting"] == 24
    assert set(everybody["shares"]) == {SEEN, PROPOSED}
    assert {"suppressed": True} in [line["shares"][SEEN]["percent"] for line in body["groups"]]


def test_another_units_people_are_not_counted(session, town, make):
    other = make.unit(name="Grannkommunen")
    theirs = make.actor(user=make.user(role=Role.AUDITOR, unit=other))
    assert exposure_report(session, theirs, today=TODAY).groups == ()


def test_reading_it_is_logged(session, town, manager):
    exposure_report(session, manager, today=TODAY)
    session.commit()
    rows = session.scalars(select(AuditEvent).where(AuditEvent.object_type == "report_exposure"))
    assert [row.action for row in rows] == ["read"]


def test_before_the_first_person_is_ready_the_page_says_so(client_as):
    page = client_as(Role.UNIT_MANAGER).get("/reports/exposure").text
    assert "Ingen väntar på en plats just nu" in page


@pytest.mark.sqlite_only
def test_in_the_demo_town_no_group_is_certainly_seen_less_whatever_the_rungs_count(session, make):
    """The watch itself: by the published table, and by the two ends of what a unit may choose."""
    now = date(2026, 11, 23)
    make_town(
        session,
        COMMAND,
        participants=240,
        base_url="http://localhost",
        today=now,
        now=datetime(2026, 11, 23, 8, tzinfo=UTC),
    )
    session.flush()
    unit = make.unit()
    tables = [
        Weights(),
        Weights("paper", evidence=(5, 5, 5, 10)),
        Weights("word", evidence=(10,) * 4),
    ]
    found = standing(session, unit.id, tables, today=now)
    kinds = {
        row.id: (row.sex.value, row.birth_region.value)
        for row in session.execute(
            visible_participants(session, COMMAND).with_only_columns(
                Participant.id, Participant.sex, Participant.birth_region
            )
        )
    }
    waiting = Counter(kinds[p] for p in found.people)
    assert sum(waiting.values()) > 60
    for table, row in zip(tables, found.lists, strict=True):
        seen = Counter(kinds[p] for p, lists in zip(found.people, row, strict=True) if lists)
        ours = [kind for kind in waiting if kind[0] == "woman" and kind[1] != "sweden"]
        rest = waiting.keys() - ours
        ratio = rate_ratio(
            sum(seen[k] for k in ours),
            sum(waiting[k] for k in ours),
            sum(seen[k] for k in rest),
            sum(waiting[k] for k in rest),
        )
        assert ratio is not None
        assert ratio.interval.high >= 1, table.version
        assert ratio.value > 0.8, table.version
