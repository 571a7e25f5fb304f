"""The work with employers, counted for the unit (REP-08)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from matchsvc.accounts.models import Role
from matchsvc.employers.models import Channel, EmployerStatus, Interaction, Purpose, StatusCode
from matchsvc.employers.network_models import RegisterChange
from matchsvc.errors import Refused
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.placements.models import (
    FollowUp,
    Outcome,
    Survey,
)
from matchsvc.reports.counts import Period
from matchsvc.reports.engagement import engagement
from matchsvc.reports.shapes_indicators import engagement_data

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
QUARTER = Period(date(2026, 1, 1), date(2026, 3, 31))
AFTER = date(2027, 2, 1)


@pytest.fixture
def told(session, make):
    """``told(period, today)``: the figures as a program gets them, for the unit's manager."""

    def ask(period=YEAR, today=AFTER, unit=None):
        session.flush()
        actor = make.actor(Role.UNIT_MANAGER)
        return engagement_data(engagement(session, actor, period, today=today))

    return ask


@pytest.fixture
def touch(session, make):
    """``touch(employer, on)``: a contact of a colleague with an employer."""
    colleague = make.user(role=Role.EMPLOYER_LIAISON)

    def note(employer, on=date(2026, 2, 3), channel=Channel.PHONE, by=None):
        session.add(
            Interaction(
                employer_id=employer.id,
                by_id=(by or colleague).id,
                happened_on=on,
                channel=channel,
                purpose=Purpose.BUILD,
                result="Vill höra mer.",
            )
        )

    return note


def test_visits_stand_apart_and_the_mean_is_of_a_colleague_and_a_week(make, told, touch):
    employer, other = make.employer(), make.user(role=Role.EMPLOYER_LIAISON)
    for _ in range(9):
        touch(employer, channel=Channel.VISIT)
    for _ in range(26):
        touch(employer, by=other)
    contacts = told(QUARTER)["contacts"]
    assert (contacts["visits"], contacts["others"]) == (9, 26)
    # 90 days and two colleagues: 9 * 7 / 180 and 26 * 7 / 180.
    assert (contacts["visits_a_week"], contacts["others_a_week"]) == (0.4, 1.0)


def test_one_colleague_alone_has_no_mean_to_be_recognised_by(make, told, touch):
    touch(make.employer())
    contacts = told(QUARTER)["contacts"]
    assert (contacts["others"], contacts["others_a_week"]) == (1, None)


def test_a_period_that_runs_is_counted_until_today(make, told, touch):
    employer, other = make.employer(), make.user(role=Role.EMPLOYER_LIAISON)
    touch(employer, date(2026, 1, 5))
    touch(employer, date(2026, 1, 6), by=other)
    assert told(YEAR, today=date(2026, 1, 14))["contacts"]["others_a_week"] == 0.5


def test_active_is_touched_in_ninety_days_and_new_is_touched_first(make, told, touch):
    old, active, new = make.employer(), make.employer(), make.employer()
    touch(old, date(2025, 12, 31))
    touch(active, date(2025, 6, 1))
    touch(active, date(2026, 1, 1))  # the first of ninety days to the end of March
    touch(new, date(2026, 3, 31))
    found = told(QUARTER)
    assert (found["active"], found["new"]) == (2, 1)


def test_offers_are_entered_filled_and_run_out(session, make, told, place):
    entered = make.offer(created_at=datetime(2025, 12, 31, 23, 30, tzinfo=UTC))  # 2026 in Sweden
    place(entered.site_id, offer_id=entered.id)
    make.offer(created_at=datetime(2025, 3, 1, tzinfo=UTC), valid_until=date(2026, 5, 1))
    later = datetime(2027, 1, 5, tzinfo=UTC)
    make.offer(created_at=later, valid_until=date(2027, 1, 30))
    found = told()
    assert (found["offers_created"], found["offers_filled"], found["offers_expired"]) == (1, 1, 1)


def proposals(session, make, place, number, *, accepted, started, completed):
    worker, offer = make.user(), make.offer()
    site = offer.site_id
    for place_in_line in range(number):
        is_started = place_in_line < started
        placement = None
        if is_started:
            done = place_in_line < completed
            placement = place(
                site,
                end_date=date(2026, 6, 1) if done else None,
                outcome=Outcome.COMPLETED if done else None,
                offer_id=offer.id,
            )
        person = placement.participant_id if placement else make.participant().id
        proposal = Proposal(
            unit_id=offer.unit_id, participant_id=person, offer_id=offer.id,
            state=ProposalState.PLACED if is_started
            else ProposalState.ACCEPTED if place_in_line < accepted
            else ProposalState.DRAFTED,
            explanation={}, weights_version="v1", proposed_by_id=worker.id,
            proposed_on=date(2026, 1, 20), reason="Passar",
        )  # fmt: skip
        session.add(proposal)
        session.flush()
        if placement:
            placement.proposal_id = proposal.id
    return offer


def test_proposals_are_followed_to_completed_placements(session, make, told, place):
    proposals(session, make, place, 30, accepted=20, started=12, completed=6)
    found = told(QUARTER)["proposals"]
    assert found == {"proposed": 30, "accepted": 20, "started": 12, "completed": 6}


def test_a_step_of_few_and_one_that_would_tell_them_are_hidden(session, make, told, place):
    proposals(session, make, place, 30, accepted=28, started=12, completed=3)
    hidden = {"suppressed": True}
    found = told(QUARTER)["proposals"]
    assert found == {"proposed": 30, "accepted": hidden, "started": 12, "completed": hidden}


def test_the_time_from_offer_to_start_is_of_five_at_least(session, make, told, place):
    offer = make.offer(created_at=datetime(2026, 1, 1, 12, tzinfo=UTC))
    for days in (10, 20, 30, 40):
        place(offer.site_id, date(2026, 1, 1) + timedelta(days=days), offer_id=offer.id)
    assert told()["start_days"]["n"] == {"suppressed": True}
    place(offer.site_id, date(2026, 2, 20), offer_id=offer.id)
    place(offer.site_id, date(2025, 11, 1), offer_id=offer.id)  # before it was entered
    assert told()["start_days"] == {
        "n": 5, "lower_quartile": 20, "median": 30, "upper_quartile": 40,
    }  # fmt: skip


def test_follow_ups_are_on_time_within_the_units_days_and_placements_become_jobs(
    session, make, told, place
):
    site = make.site().id
    for number in range(12):
        became = number < 6
        placement = place(
            site,
            end_date=date(2026, 5, 29),
            outcome=Outcome.BECAME_JOB if became else Outcome.ENDED_BY_EMPLOYER,
        )
        due = date(2026, 3, 2)
        held = due + timedelta(days=7 if number < 7 else 8)
        session.add(FollowUp(placement_id=placement.id, number=1, due_on=due, held_on=held))
    moved = place(site, end_date=date(2026, 5, 29), outcome=Outcome.MOVED)
    session.add(
        FollowUp(
            placement_id=moved.id, number=1, due_on=date(2026, 3, 2),
            cancelled_on=date(2026, 3, 1),
        )
    )  # fmt: skip
    found = told()
    assert (found["follow_ups"]["n"], found["follow_ups"]["of"]) == (7, 12)
    assert (found["became_job"]["n"], found["became_job"]["of"]) == (6, 12)


def test_hosting_again_is_counted_by_employer(make, told, place):
    again, once = make.employer(), make.employer()
    place(
        make.site(again).id, date(2025, 4, 1), end_date=date(2025, 8, 1), outcome=Outcome.COMPLETED
    )
    place(make.site(again).id)  # another site of the same employer
    place(make.site(again).id)
    place(make.site(once).id)
    found = told()["hosted_again"]
    assert (found["n"], found["of"], found["percent"]) == (1, 2, 50)


def test_surveys_that_never_arrived_are_not_asked(session, make, told, place):
    for number in range(4):
        placement = place(make.site().id)
        session.add(
            Survey(
                placement_id=placement.id,
                unit_id=placement.unit_id,
                sent_on=date(2026, 5, 4),
                completed_at=datetime(2026, 5, 9, tzinfo=UTC) if number < 2 else None,
                undeliverable_on=date(2026, 5, 5) if number == 3 else None,
            )
        )
    found = told()["surveys"]
    assert (found["n"], found["of"]) == (2, 3)


def test_employers_lost_have_their_reason_and_those_won_back_are_not_lost(session, make, told):
    def lose(status=EmployerStatus.LOST, code=None, on=datetime(2026, 4, 1, tzinfo=UTC)):
        employer = make.employer(status=status, status_code=code)
        session.add(
            RegisterChange(
                employer_id=employer.id, subject="employer", name=employer.name, field="status",
                before="active", after="lost", created_at=on,
            )
        )  # fmt: skip

    lose(code=StatusCode.NO_CAPACITY)
    lose(code=StatusCode.NO_CAPACITY)
    lose()
    lose(status=EmployerStatus.ACTIVE)
    lose(on=datetime(2025, 4, 1, tzinfo=UTC))
    assert told()["lost"] == {"no_capacity": 2, "not_said": 1}


def test_another_unit_counts_for_itself(make, told, touch):
    touch(make.employer(unit=make.unit(name="Grannen")))
    assert told()["contacts"]["others"] == 0


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMIN])
def test_who_reads_no_reports_is_refused(session, make, client_as, role):
    with pytest.raises(Refused):
        engagement(session, make.actor(role), YEAR, today=AFTER)
    client = client_as(role)
    assert client.get("/reports/employers").status_code == 403
    assert client.get("/api/v1/reports/employers").status_code == 403


def test_the_page_says_what_is_there_and_names_no_colleague(client_as, make, touch, session):
    manager = client_as(Role.UNIT_MANAGER)
    empty = manager.get("/reports/employers?year=2026&quarter=1").text
    assert "Ingen kontakt med arbetsgivare är antecknad i perioden." in empty
    colleague = make.user(role=Role.EMPLOYER_LIAISON, name="Sixten Alm")
    touch(make.employer(), channel=Channel.VISIT, by=colleague)
    page = client_as(Role.UNIT_MANAGER).get("/reports/employers?year=2026&quarter=1").text
    assert "januari 2026 till mars 2026" in page
    assert "Sixten" not in page.split("<main", 1)[1].split("</main>", 1)[0]
    assert manager.get("/reports/employers?quarter=7").status_code == 422
