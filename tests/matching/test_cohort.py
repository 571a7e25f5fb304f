"""The draft for everybody waiting: who is in it, why, and what people decide line by line."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from matchsvc import cli
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.employers.models import OfferStatus
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.matching import board, cohort, decisions, drafting, indexed_pairs, proposals
from matchsvc.matching.assignment.pairs import PLACED
from matchsvc.matching.cohort_words import gap_words, obstacle_words
from matchsvc.matching.gate_words import Words
from matchsvc.matching.models import CohortLine, CohortRun, DraftState, LineState, ProposalState
from matchsvc.participants.models import Capacity, CaseStep, Rung, Step
from tests.factories import COMMAND, TODAY, identity_number

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WHEN = {"today": TODAY, "now": NOW}


@pytest.fixture
def town(session, make):
    """A worker with two who can cook, one of whom can clean, and a place of each kind."""
    worker = make.user(role=Role.CASE_WORKER, name="Johan Ekdal")
    people = []
    for name, ready in (("Samira", date(2026, 9, 1)), ("Nadia", date(2026, 10, 1))):
        person = make.participant(
            worker, given_name=name, ready_on=ready, informal_asked_on=date(2026, 9, 1)
        )
        make.wish(person)
        make.competence(person, "laga-mat-storkok", rung=Rung.CONFIRMED)
        people.append(person)
    make.competence(people[0], "stada", rung=Rung.OBSERVED)
    cooking = make.offer(required=["laga-mat-storkok"], places=1, title="Kock")
    cleaning = make.offer(required=["stada"], places=1, title="Lokalvård")
    session.commit()
    return worker, people, cooking, cleaning


def drafted(session, make, **more):
    return cohort.draft(session, COMMAND, unit_id=make.unit().id, today=TODAY, **more)


def saved(session, actor, **more):
    """A run made and saved as the page does it, inside this test's transaction."""
    run = board.start_run(session, actor, today=TODAY, now=NOW, **more)
    locked, forbidden = board.settled_pairs(session, run)
    made = cohort.draft(
        session,
        actor,
        unit_id=run.unit_id,
        today=TODAY,
        floor=run.floor,
        locked=locked,
        forbidden=forbidden,
    )
    board.save_draft(session, actor, run.id, made)
    return run


def lines_of(session, run):
    found = select(CohortLine).where(CohortLine.run_id == run.id).order_by(CohortLine.position)
    return list(session.scalars(found))


def line_of(session, run, person):
    return next(line for line in lines_of(session, run) if line.participant_id == person.id)


def placed(draft):
    return {line.participant: line.offer for line in draft.lines}


def test_placing_both_goes_before_giving_the_longest_wait_her_best(session, make, town):
    _, (samira, nadia), cooking, cleaning = town
    found = drafted(session, make)
    assert placed(found) == {samira.id: cleaning.id, nadia.id: cooking.id}
    assert (found.people, found.places, found.placed, found.upper_bound_people) == (2, 2, 2, 2)
    assert (found.first_placed, found.first_value) == (1, PLACED + 10_000)
    assert found.value == found.bound == 2 * PLACED + 10_000 + 9_000


def test_why_not_her_first_choice_says_what_it_would_cost_whom(session, make, town):
    _, (samira, nadia), cooking, _ = town
    line = next(x for x in drafted(session, make).lines if x.participant == samira.id)
    assert (line.not_first.offer, line.not_first.cover) == (cooking.id, 10_000)
    giving = line.not_first.costs[0]
    assert (giving.participant, giving.cover, giving.offer) == (nadia.id, 10_000, None)


def test_lines_stand_by_longest_wait(session, make, town):
    waits = [line.wait_days for line in drafted(session, make).lines]
    assert waits == sorted(waits, reverse=True)
    assert waits[0] == (TODAY - date(2026, 9, 1)).days


def test_a_protected_person_is_never_in_it_not_even_for_her_handler(session, make, town):
    worker, (samira, nadia), *_ = town
    samira.protected = True
    make.involve(samira, worker, Capacity.PROTECTED_HANDLER)
    session.commit()
    for actor in (COMMAND, make.actor(user=worker)):
        found = cohort.draft(session, actor, unit_id=make.unit().id, today=TODAY)
        assert [line.participant for line in found.lines] == [nadia.id]


def test_whoever_became_protected_after_the_draft_is_gone_from_the_board(session, make, town):
    worker, (samira, nadia), *_ = town
    actor = make.actor(user=worker)
    run = saved(session, actor)
    samira.protected = True
    session.flush()
    shown = board.list_lines(
        session, actor, run, states=tuple(LineState), today=TODAY, limit=50, offset=0
    )
    assert [line.participant_id for line in shown] == [nadia.id]
    with pytest.raises(NotFound):
        board.get_line(session, actor, line_of(session, run, samira).id, today=TODAY)


@pytest.mark.parametrize("step", [Step.WORK_TRAINING, Step.WORK])
def test_whoever_is_at_work_does_not_wait(session, make, town, step):
    _, (samira, nadia), *_ = town
    case = proposals.open_case(session, samira)
    lane = CaseStep(case_id=case.id, step=step, start_date=date(2026, 11, 1))
    session.add(lane)
    session.flush()
    assert list(placed(drafted(session, make))) == [nadia.id]
    lane.end_date = TODAY - timedelta(1)
    session.flush()
    assert samira.id in placed(drafted(session, make))


def test_an_offer_without_choice_for_the_employer_is_in_it(session, make, town):
    _, (samira, _), _cooking, cleaning = town
    cleaning.forms = [proposals.NO_CHOICE]
    session.flush()
    assert placed(drafted(session, make))[samira.id] == cleaning.id


def test_a_running_proposal_keeps_its_place(session, make, town):
    worker, (samira, nadia), cooking, _ = town
    actor = make.actor(user=worker)
    proposals.propose(
        session, actor, participant_key=samira.id, offer_key=cooking.id, reason="Passar.",
        words=Words(), **WHEN,
    )  # fmt: skip
    found = drafted(session, make)
    assert placed(found) == {samira.id: cooking.id, nadia.id: None}
    mine = next(line for line in found.lines if line.participant == samira.id)
    assert (mine.held, mine.locked) == (True, True)


def test_an_accepted_proposal_takes_its_place_and_its_person_out(session, make, town):
    worker, (samira, nadia), cooking, _ = town
    actor = make.actor(user=worker)
    made = proposals.propose(
        session, actor, participant_key=samira.id, offer_key=cooking.id, reason="Passar.",
        words=Words(), **WHEN,
    )  # fmt: skip
    made.state = ProposalState.ACCEPTED
    session.flush()
    found = drafted(session, make)
    assert placed(found) == {nadia.id: None}
    assert found.places == 1


def test_a_pair_that_was_said_no_to_is_not_tried_again(session, make, town):
    worker, (_samira, nadia), cooking, _ = town
    actor = make.actor(user=worker)
    made = proposals.propose(
        session, actor, participant_key=nadia.id, offer_key=cooking.id, reason="Passar.",
        words=Words(), **WHEN,
    )  # fmt: skip
    made.state = ProposalState.UNWANTED
    session.flush()
    line = line_of(session, saved(session, actor), nadia)
    assert line.state is LineState.UNPLACED
    assert line.obstacle == {"code": "forbidden"}


def test_the_reason_for_no_place_is_in_words(session, make, town):
    def said(told):
        return obstacle_words(told, Words(), floor=4_000, title=lambda _: "Kök")

    assert "inga öppna platser" in said({"code": "no_offers", "offers": 0})
    told = {"code": "gates", "offers": 9, "gate": "reach", "alone": 4, "closes": 8}
    assert said(told) == "Ingen plats är öppen. Resväg är det enda som stänger 4 av 9."
    assert "inte ensamt" in said(told | {"alone": 0})
    floor = {"code": "floor", "offers": 3, "best": 3_333, "best_offer": "x"}
    assert "Mest: 33\u00a0% (Kök)." in said(floor)
    assert "inget som krävs" not in said(floor)
    assert "täcker personen något som krävs" in said(floor | {"best": 0})
    assert "andra har dem" in said({"code": "contested"})


def test_the_certificate_is_rounded_against_the_draft():
    def plain(value, digits):
        return f"{value:.{digits}f}"

    assert gap_words(100, 100, Words(), plain).startswith("Bästa möjliga")
    assert gap_words(999_999, 1_000_000, Words(), plain) == "Högst 0.01 % från bästa möjliga."
    assert gap_words(999_800, 1_000_000, Words(), plain) == "Högst 0.02 % från bästa möjliga."
    assert gap_words(0, 0, Words(), plain).startswith("Bästa möjliga")


def test_nobody_waiting_is_an_empty_draft(session, make):
    make.offer()
    found = drafted(session, make)
    assert (found.people, found.placed, found.value, found.bound) == (0, 0, 0, 0)


@pytest.mark.sqlite_only
def test_a_large_unit_gets_the_same_draft_by_the_fast_engine(session, make, town, monkeypatch):
    plain = drafted(session, make)
    monkeypatch.setattr(indexed_pairs, "PLAIN", 0)
    assert drafted(session, make) == plain


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN])
def test_only_those_who_match_people_draft(session, make, town, role):
    with pytest.raises(Refused):
        cohort.draft(session, make.actor(role), unit_id=make.unit().id, today=TODAY)
    with pytest.raises(Refused):
        board.start_run(session, make.actor(role), **WHEN)


def test_a_saved_draft_says_who_made_it_when_and_by_which_rules(session, make, town):
    worker, *_ = town
    run = saved(session, make.actor(user=worker))
    assert (run.made_by_id, run.made_on, run.weights_version) == (worker.id, TODAY, "v1")
    assert (run.state, run.people, run.placed, run.floor) == (DraftState.DONE, 2, 2, 4_000)
    assert [line.state for line in lines_of(session, run)] == [LineState.DRAFT, LineState.DRAFT]


def test_saving_a_draft_twice_changes_nothing(session, make, town):
    actor = make.actor(user=town[0])
    run = saved(session, actor)
    board.save_draft(session, actor, run.id, drafted(session, make))
    assert len(lines_of(session, run)) == 2


def test_another_draft_waits_until_the_first_is_made(session, make, town):
    actor = make.actor(user=town[0])
    board.start_run(session, actor, today=TODAY, now=datetime.now(UTC))
    with pytest.raises(RuleViolation) as refused:
        board.start_run(session, actor, today=TODAY, now=datetime.now(UTC))
    assert refused.value.code == "already_working"


def test_a_draft_whose_worker_died_does_not_stand_in_the_way(session, make, town):
    actor = make.actor(user=town[0])
    dead = board.start_run(session, actor, **WHEN)
    later = dead.created_at + board.DEAD_AFTER
    assert board.start_run(session, actor, today=TODAY, now=later).id != dead.id


def test_only_a_manager_tries_another_floor_and_the_unit_s_own_stays(session, make, town):
    worker = make.actor(user=town[0])
    with pytest.raises(Refused):
        board.start_run(session, worker, floor=6_000, **WHEN)
    run = saved(session, make.actor(Role.UNIT_MANAGER), floor=10_000)
    assert run.floor == 10_000
    assert saved(session, worker).floor == 4_000
    with pytest.raises(Invalid):
        board.start_run(session, make.actor(Role.UNIT_MANAGER), floor=10_001, **WHEN)


def test_a_locked_line_is_kept_with_who_and_why_when_the_draft_is_made_again(session, make, town):
    worker, (samira, _nadia), cooking, cleaning = town
    actor = make.actor(user=worker)
    run = saved(session, actor)
    line = line_of(session, run, samira)
    decisions.lock_line(session, actor, line.id, reason="Hon vill städa.", **WHEN)
    # A second cook would let Samira have the kitchen: locked, she stays.
    cooking.places = 2
    session.flush()
    again = line_of(session, saved(session, actor), samira)
    assert (again.state, again.offer_id) == (LineState.LOCKED, cleaning.id)
    assert (again.reason, again.decided_by_id) == ("Hon vill städa.", worker.id)


def test_unlocked_the_next_draft_decides_again(session, make, town):
    worker, (samira, _), cooking, _ = town
    actor = make.actor(user=worker)
    line = line_of(session, saved(session, actor), samira)
    decisions.lock_line(session, actor, line.id, reason="Tills vidare.", **WHEN)
    decisions.unlock_line(session, actor, line.id, **WHEN)
    cooking.places = 2
    session.flush()
    again = line_of(session, saved(session, actor), samira)
    assert (again.state, again.offer_id) == (LineState.DRAFT, cooking.id)


def test_a_forbidden_pair_never_comes_back_until_it_is_allowed(session, make, town):
    worker, (_samira, nadia), cooking, _ = town
    actor = make.actor(user=worker)
    line = line_of(session, saved(session, actor), nadia)
    decisions.forbid_line(session, actor, line.id, reason="Har slutat där förut.", **WHEN)
    second = saved(session, actor)
    mine = [x for x in lines_of(session, second) if x.participant_id == nadia.id]
    assert sorted(x.state for x in mine) == [LineState.FORBIDDEN, LineState.UNPLACED]
    third = saved(session, actor)
    kept = next(x for x in lines_of(session, third) if x.state is LineState.FORBIDDEN)
    assert kept.reason == "Har slutat där förut."
    decisions.unlock_line(session, actor, kept.id, **WHEN)
    assert line_of(session, saved(session, actor), nadia).offer_id == cooking.id


def test_a_changed_line_moves_whoever_had_the_place(session, make, town):
    worker, (samira, nadia), cooking, cleaning = town
    actor = make.actor(user=worker)
    run = saved(session, actor)
    line = line_of(session, run, samira)
    decisions.change_line(
        session, actor, line.id, offer_key=cooking.id, reason="Hon vill laga mat.", **WHEN
    )
    assert (line.state, line.offer_id, line.cover) == (LineState.LOCKED, cooking.id, 10_000)
    assert line.changed_from_id == cleaning.id
    again = saved(session, actor)
    assert line_of(session, again, samira).offer_id == cooking.id
    left = line_of(session, again, nadia)
    assert (left.state, left.offer_id) == (LineState.UNPLACED, None)
    assert left.obstacle["code"] == "contested"
    assert left.costs[0]["locked"] is True


def test_a_change_can_be_taken_back(session, make, town):
    worker, (samira, _), cooking, cleaning = town
    actor = make.actor(user=worker)
    line = line_of(session, saved(session, actor), samira)
    decisions.change_line(session, actor, line.id, offer_key=cooking.id, reason="Ja.", **WHEN)
    decisions.unlock_line(session, actor, line.id, **WHEN)
    assert (line.state, line.offer_id, line.cover) == (LineState.DRAFT, cleaning.id, 9_000)


def test_somebody_without_a_place_can_be_given_one_and_lose_it_again(session, make, town):
    worker, (_, nadia), _, cleaning = town
    actor = make.actor(user=worker)
    run = saved(session, actor)
    decisions.forbid_line(
        session, actor, line_of(session, run, nadia).id, reason="Inte där.", **WHEN
    )
    line = next(
        x
        for x in lines_of(session, saved(session, actor))
        if x.participant_id == nadia.id and x.state is LineState.UNPLACED
    )
    decisions.change_line(session, actor, line.id, offer_key=cleaning.id, reason="Lär sig.", **WHEN)
    assert (line.state, line.offer_id) == (LineState.LOCKED, cleaning.id)
    decisions.unlock_line(session, actor, line.id, **WHEN)
    assert (line.state, line.offer_id) == (LineState.UNPLACED, None)


def test_no_more_are_settled_at_an_offer_than_it_has_places(session, make, town):
    worker, (samira, nadia), cooking, _ = town
    actor = make.actor(user=worker)
    run = saved(session, actor)
    decisions.lock_line(session, actor, line_of(session, run, nadia).id, reason="Bra.", **WHEN)
    with pytest.raises(RuleViolation) as refused:
        decisions.change_line(
            session, actor, line_of(session, run, samira).id, offer_key=cooking.id,
            reason="Också bra.", **WHEN,
        )  # fmt: skip
    assert refused.value.code == "no_places_left"


def test_nobody_is_moved_to_a_place_whose_gate_is_closed(session, make, town):
    worker, (samira, _), cooking, _ = town
    actor = make.actor(user=worker)
    line = line_of(session, saved(session, actor), samira)
    cooking.status = OfferStatus.PAUSED
    session.flush()
    with pytest.raises(RuleViolation) as refused:
        decisions.change_line(session, actor, line.id, offer_key=cooking.id, reason="Ja.", **WHEN)
    assert refused.value.code == "gate_closed"


def test_an_accepted_line_is_an_ordinary_proposal(session, make, town):
    worker, (_, nadia), cooking, _ = town
    actor = make.actor(user=worker)
    run = saved(session, actor)
    line = line_of(session, run, nadia)
    made = decisions.accept_line(
        session, actor, line.id, reason="Lagar mat till många.", words=Words(), **WHEN
    )
    assert (made.participant_id, made.offer_id) == (nadia.id, cooking.id)
    assert made.explanation["cover"] == line.cover
    assert (line.state, line.proposal_id) == (LineState.ACCEPTED, made.id)
    again = line_of(session, saved(session, actor), nadia)
    assert (again.state, again.offer_id) == (LineState.HELD, cooking.id)


def test_a_refused_proposal_says_why_and_leaves_the_line(session, make, town):
    worker, (_, nadia), *_ = town
    actor = make.actor(user=worker)
    line = line_of(session, saved(session, actor), nadia)
    nadia.informal_asked_on = None
    session.flush()
    with pytest.raises(RuleViolation) as refused:
        decisions.accept_line(session, actor, line.id, reason="Ja.", words=Words(), **WHEN)
    assert refused.value.code == "informal_not_asked"
    assert line.state is LineState.DRAFT


@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.EMPLOYER_LIAISON, Role.UNIT_MANAGER])
def test_only_her_own_worker_makes_a_line_a_proposal(session, make, town, role):
    line = line_of(session, saved(session, make.actor(user=town[0])), town[1][1])
    with pytest.raises(Refused):
        decisions.accept_line(
            session, make.actor(role), line.id, reason="Ja.", words=Words(), **WHEN
        )


def test_a_decision_needs_a_reason_without_identity_numbers(session, make, town):
    actor = make.actor(user=town[0])
    line = line_of(session, saved(session, actor), town[1][0])
    for reason in ("", "   ", f"Se {identity_number()}"):
        with pytest.raises(Invalid):
            decisions.lock_line(session, actor, line.id, reason=reason, **WHEN)
        with pytest.raises(Invalid):
            decisions.forbid_line(session, actor, line.id, reason=reason, **WHEN)


def test_of_two_who_decide_at_once_the_second_is_told(session, make, town):
    actor = make.actor(user=town[0])
    line = line_of(session, saved(session, actor), town[1][0])
    seen = line.version
    decisions.lock_line(session, actor, line.id, reason="Ja.", version=seen, **WHEN)
    with pytest.raises(Conflict):
        decisions.forbid_line(session, actor, line.id, reason="Nej.", version=seen, **WHEN)


def test_an_older_draft_is_only_for_reading(session, make, town):
    actor = make.actor(user=town[0])
    old = line_of(session, saved(session, actor), town[1][0])
    saved(session, actor)
    with pytest.raises(RuleViolation) as refused:
        decisions.lock_line(session, actor, old.id, reason="Ja.", **WHEN)
    assert refused.value.code == "old_draft"


def test_what_is_decided_cannot_be_decided_in_another_way_at_once(session, make, town):
    actor = make.actor(user=town[0])
    line = line_of(session, saved(session, actor), town[1][1])
    decisions.accept_line(session, actor, line.id, reason="Ja.", words=Words(), **WHEN)
    for rule in (decisions.lock_line, decisions.forbid_line):
        with pytest.raises(RuleViolation) as refused:
            rule(session, actor, line.id, reason="Nej.", **WHEN)
        assert refused.value.code == "wrong_state"


def test_another_unit_s_board_does_not_exist(session, make, town):
    run = saved(session, make.actor(user=town[0]))
    other = make.unit(name="Grannkommunen")
    stranger = make.actor(Role.UNIT_MANAGER, unit=other)
    with pytest.raises(NotFound):
        board.get_run(session, stranger, run.id)
    with pytest.raises(NotFound):
        decisions.lock_line(session, stranger, lines_of(session, run)[0].id, reason="Ja.", **WHEN)


def test_the_log_names_everybody_who_was_in_a_draft_or_shown(session, make, town):
    worker, people, *_ = town
    actor = make.actor(user=worker)
    run = saved(session, actor)
    board.list_lines(session, actor, run, states=tuple(LineState), today=TODAY, limit=5, offset=0)
    session.commit()
    for action in ("match", "list"):
        row = session.scalar(
            select(AuditEvent).where(
                AuditEvent.action == action, AuditEvent.object_type == "cohort"
            )
        )
        assert set(row.subjects) == {str(person.id) for person in people}


def test_a_large_draft_is_made_beside_the_request(session, make, town):
    actor = make.actor(user=town[0])
    run = board.start_run(session, actor, **WHEN)
    session.commit()
    stages = []
    drafting.make(run.id, today=TODAY, progress=stages.append)
    session.expire_all()
    assert stages == [0, 1, 2, 3]
    assert session.get(CohortRun, run.id).state is DraftState.DONE


def test_the_command_prints_the_draft_and_saves_nothing(session, make, town):
    _, (samira, nadia), cooking, cleaning = town
    session.commit()
    printed = CliRunner().invoke(_cohort_command(), ["--json"])
    assert printed.exit_code == 0, printed.output
    body = json.loads(printed.output)
    assert set(body) >= {
        *("people", "places", "placed", "upper_bound_people", "value", "bound", "gap"),
        *("assignments", "unplaced", "first_come"),
    }
    assert {a["participant"]: a["offer"] for a in body["assignments"]} == {
        str(samira.id): str(cleaning.id),
        str(nadia.id): str(cooking.id),
    }
    assert body["gap"] == 0
    first = body["assignments"][0]["why_not_first"]
    assert first["offer"] == str(cooking.id)
    assert first["costs"][0]["participant"] == str(nadia.id)
    assert session.scalar(select(CohortRun.id)) is None


def test_the_command_says_in_words_why_somebody_is_without(session, make, town):
    town[3].status = OfferStatus.PAUSED
    session.commit()
    printed = CliRunner().invoke(_cohort_command(), [])
    assert "1 av 2 får en plats" in printed.output
    assert "andra har dem" in printed.output


def test_units_are_drafted_each_by_itself(session, make, town):
    other = make.unit(name="Grannkommunen")
    lonely = make.participant(unit=other, ready_on=TODAY, informal_asked_on=TODAY)
    make.competence(lonely, "laga-mat-storkok")
    session.commit()
    body = json.loads(CliRunner().invoke(_cohort_command(), ["--json"]).output)
    assert (body["people"], body["placed"]) == (3, 2)
    only = CliRunner().invoke(_cohort_command(), ["--json", "--unit", "Grannkommunen"])
    body = json.loads(only.output)
    assert body["unplaced"] == [
        {
            "participant": str(lonely.id),
            "code": "no_offers",
            "reason": "Det finns inga öppna platser just nu.",
        }
    ]


def _cohort_command():
    return cli.main.commands["cohort"]
