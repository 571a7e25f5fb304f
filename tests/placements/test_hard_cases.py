"""What goes wrong in the middle: a rule, a message and a row that stays, each."""

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.employers.models import Offer
from matchsvc.errors import Invalid, NotFound, RuleViolation
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.participants.access import Sight, get_visible
from matchsvc.participants.consent_models import Party
from matchsvc.placements.access import get_placement, logger_of
from matchsvc.placements.beginning import start_due_placements
from matchsvc.placements.consent_watch import tell_who_talks_with_the_workplace
from matchsvc.placements.decisions import NewDecision, record_decision
from matchsvc.placements.ending import end_placement
from matchsvc.placements.models import FollowUp, Outcome, Placement
from matchsvc.placements.overview import State, get_overview, list_placements
from matchsvc.placements.relocating import move_placement
from matchsvc.placements.rules_overview import read_rules
from matchsvc.placements.site_closing import close_site, reopen_site
from matchsvc.placements.starting import start_placement
from matchsvc.placements.supervision import Replacement, replace_supervisor, supervisions_of
from matchsvc.reports.counts import Period, count_measures
from matchsvc.workday.models import Task
from tests.factories import TODAY
from tests.placements.factories import NOW, URL, look_for_bars, plan, started, world
from tests.placements.test_pages import READY, form_of, text_of

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def owners(session, kind):
    return {task.owner_id for task in session.scalars(select(Task).where(Task.kind == kind))}


def moved(session, there, *, today=TODAY + WEEK, **values):
    """The placement carried on at another workplace from the day after ``today``."""
    wanted = {
        "site_id": there.other.id,
        "contact_id": None,
        "start_date": today + DAY,
    } | values
    return move_placement(
        session, there.actor, there.placement.id, plan(there, **wanted),
        last_day=today, base_url=URL, today=today, now=NOW,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def there(session, make):
    found = started(session, make)
    found.other = make.site(found.employer, name="Andra köket")
    return found


class TestMoving:
    def test_the_old_one_ends_as_moved_and_the_new_one_starts_afresh(self, session, there):
        fresh = moved(session, there)

        old = there.placement
        assert (old.outcome, old.end_date) == (Outcome.MOVED, TODAY + WEEK)
        assert fresh.moved_from_id == old.id
        assert [one.number for one in fresh.follow_ups] == [1, 2, 3]
        assert all(one.held_on is None for one in fresh.follow_ups)
        assert len(fresh.package) == 6
        rules = read_rules(
            session, there.actor, get_placement(session, there.actor, old.id, today=TODAY),
            today=TODAY,
        )  # fmt: skip
        assert rules.moved_to == fresh.id

    def test_one_training_at_two_workplaces_is_one_placement_of_one_person(self, session, there):
        fresh = moved(session, there, start_date=TODAY + WEEK + DAY)
        assert start_due_placements(session, today=fresh.start_date) == 1
        kinds = [event.kind for event in session.scalars(select(OutcomeEvent))]
        assert sorted(kinds) == sorted(
            [OutcomeKind.PLACEMENT_STARTED, OutcomeKind.PLACEMENT_ENDED,
             OutcomeKind.PLACEMENT_MOVED]
        )  # fmt: skip
        counted = count_measures(session, Period(TODAY, TODAY + 30 * DAY), [], unit_id=None)
        (tally,) = counted["placements"].values()
        assert (tally.persons, tally.events) == (1, 1)

    def test_a_move_gives_no_new_months_of_the_same_form(self, session, there):
        with pytest.raises(RuleViolation) as refusal:
            moved(session, there, planned_end_date=date(2027, 5, 30),
                  decision_to=date(2027, 5, 30))  # fmt: skip
        assert set(refusal.value.fields) == {"planned_end_date"}

    @pytest.mark.parametrize(
        ("values", "code"),
        [({"start_date": TODAY + WEEK}, "starts_too_early"), ({"site_id": None}, "same_site")],
    )
    def test_it_goes_somewhere_else_and_after_the_last_day(self, session, there, values, code):
        if "site_id" in values:
            values = {"site_id": there.site.id}
        with pytest.raises(RuleViolation) as refusal:
            moved(session, there, **values)
        assert refusal.value.code == code

    def test_nobody_ends_one_as_moved_by_hand(self, session, there):
        with pytest.raises(RuleViolation) as refusal:
            end_placement(
                session, there.actor, there.placement.id, end_date=TODAY, outcome=Outcome.MOVED,
                base_url=URL, today=TODAY, now=NOW,
            )  # fmt: skip
        assert refusal.value.code == "move_instead"


class TestClosing:
    def test_who_has_somebody_there_gets_a_task_and_nothing_ends(self, session, make, there):
        liaison = make.actor(user=there.liaison)
        offer = make.offer(there.site)
        last = TODAY + 3 * WEEK
        close_site(session, liaison, there.site.id, last_day=last, reason="Flyttar.", today=TODAY)

        assert owners(session, "site_closes") == {there.worker.id, there.liaison.id}
        assert there.placement.end_date is None
        assert session.get(Offer, offer.id).valid_until == last
        other = make.participant(there.worker)
        with pytest.raises(RuleViolation) as refusal:
            start_placement(
                session, there.actor, plan(there, participant_id=other.id), today=TODAY, now=NOW
            )
        assert set(refusal.value.fields) == {"site_id"}
        reopen_site(session, liaison, there.site.id)
        assert session.scalars(select(Task.dropped_reason)).all() != [None, None]

    def test_a_reason_is_asked_and_a_protected_person_is_no_task_of_the_liaisons(
        self, session, make, there
    ):
        liaison = make.actor(user=there.liaison)
        there.participant.protected = True
        session.flush()
        with pytest.raises(Invalid):
            close_site(session, liaison, there.site.id, last_day=TODAY, reason=" ", today=TODAY)
        close_site(session, liaison, there.site.id, last_day=TODAY, reason="Brand.", today=TODAY)
        assert owners(session, "site_closes") == {there.worker.id}


class TestSupervisor:
    def test_in_the_middle_of_a_month_the_next_follow_up_and_the_sight_go_over(
        self, session, make, there
    ):
        fresh = make.user(Role.SUPERVISOR, name="Ny Handledare")
        day = TODAY + 40 * DAY
        first = session.scalar(select(FollowUp).where(FollowUp.number == 1))
        first.held_on, first.logged_by_id = TODAY + 30 * DAY, there.supervisor.id
        replace_supervisor(
            session, there.actor, there.placement.id,
            Replacement(supervisor_id=fresh.id, contact_id=there.contact.id, reason="Ny tjänst."),
            today=day,
        )  # fmt: skip
        assert logger_of(there.placement) == fresh.id
        hers = get_placement(session, make.actor(user=fresh), there.placement.id, today=day)
        assert hers.sight is Sight.WORKPLACE
        before = make.actor(user=there.supervisor)
        get_visible(session, before, there.participant.id, today=day)
        with pytest.raises(NotFound):
            get_visible(session, before, there.participant.id, today=day + 90 * DAY)
        with pytest.raises(NotFound):
            get_placement(session, before, there.placement.id, today=day)
        assert first.logged_by_id == there.supervisor.id
        rows = supervisions_of(session, there.placement.id)
        assert [(row.supervisor_id, row.to_day) for row in rows] == [
            (there.supervisor.id, day),
            (fresh.id, None),
        ]

    def test_somebody_supervises_and_it_is_said_why(self, session, there):
        with pytest.raises(RuleViolation) as refusal:
            replace_supervisor(
                session, there.actor, there.placement.id,
                Replacement(supervisor_id=None, contact_id=None, reason=""), today=TODAY,
            )  # fmt: skip
        assert set(refusal.value.fields) == {"supervisor_id", "reason"}


def test_a_consent_taken_back_tells_who_talks_with_the_workplace(session, there):
    def told(party):
        tell_who_talks_with_the_workplace(
            session, there.actor, there.participant, frozenset({party}), TODAY
        )
        return owners(session, "consent_revoked")

    assert told(Party.EDUCATION) == set()
    assert told(Party.EMPLOYER) == {there.worker.id, there.liaison.id}


@pytest.mark.parametrize("day", [TODAY - DAY, TODAY + DAY])
def test_nothing_ends_before_its_start_or_in_the_future(session, there, day):
    with pytest.raises(RuleViolation) as refusal:
        end_placement(
            session, there.actor, there.placement.id, end_date=day, outcome=Outcome.COMPLETED,
            base_url=URL, today=TODAY, now=NOW,
        )  # fmt: skip
    assert refusal.value.code == "end_not_possible"


def test_lists_put_what_is_stopped_and_beyond_first_and_say_the_same_as_the_page(
    session, make, there
):
    day = date(2027, 5, 23)
    for values in ({"facts": None}, {"decision_to": date(2027, 2, 26)}, {"extended": True}):
        started(session, make, **values)
    record_decision(
        session, there.actor, there.placement.id,
        NewDecision(ref="AF 2", valid_from=TODAY, valid_to=date(2027, 5, 22),
                    planned_end_date=date(2027, 5, 22)),
        today=TODAY,
    )  # fmt: skip
    boss = make.actor(Role.PLACEMENT_COORDINATOR)
    listed = list_placements(session, boss, states=tuple(State), today=day)
    states = [state for state, _seen in listed.rows]
    assert states == [State.STOPPED, State.BEYOND, State.BEYOND, State.BEYOND]
    for state, seen in listed.rows:
        page = get_overview(session, boss, seen.placement.id, today=day, now=NOW)
        assert page.state is state


def test_from_a_stopped_start_to_a_new_decision_and_a_move_on_the_pages(session, make, client_as):
    there = world(make)
    other = make.site(there.employer, name="Andra köket")
    client = client_as(there.worker)
    today = {"start_date": "2026-11-23", "decision_from": "2026-11-23"}
    path = client.post("/placements/new", data=form_of(there, **today)).location
    shown = text_of(client.get(path))
    assert "Får inte börja än" in shown
    assert "2000:628 9 a §" in shown
    for code in READY["prepared"]:
        for hers in ("true", "false"):
            client.post(f"{path}/checklist/{code}", data={"done": "true", "by_participant": hers})
    noted = {key: day for key, day in READY.items() if key != "prepared"}
    assert client.post(f"{path}/facts", data=noted).status_code == 303
    assert "Får inte börja än" not in text_of(client.get(path))
    again = {"ref": "AF 2026/118", "valid_from": "2026-11-24", "valid_to": "2027-04-01",
             "planned_end_date": "2027-04-01"}  # fmt: skip
    refused = client.post(f"{path}/decision", data=again)
    assert refused.status_code == 409
    assert "Det numret har beslutet som redan finns" in text_of(refused)
    assert client.post(f"{path}/decision", data=again | {"ref": "AF 2"}).status_code == 303
    assert "AF 2" in text_of(client.get(path))
    form = text_of(client.get(f"{path}/relocate?site={other.id}"))
    assert "Flyttar från" in form
    wanted = form_of(there, site_id=other.id, start_date="2026-11-24", last_day="2026-11-23",
                     decision_from="2026-11-23", planned_end_date="2027-02-26")  # fmt: skip
    after = client.post(f"{path}/relocate", data=wanted)
    assert after.status_code == 303
    assert "Fortsätter från en annan arbetsplats" in text_of(client.get(after.location))
    assert session.scalar(select(Placement.outcome).where(Placement.outcome.is_not(None)))


def test_programs_do_the_same(make, client_as):
    there = world(make)
    look_for_bars(make, there.employer, there.liaison)
    client = client_as(there.worker)
    made = {"start_date": "2026-11-23", "decision_from": "2026-11-23", "purpose": "Pröva."}
    sent = {key: str(value) for key, value in form_of(there, **made).items()}
    key = client.post("/api/v1/placements", json=sent).get_json()["id"]
    rules = client.get(f"/api/v1/placements/{key}/rules").get_json()
    assert rules["stage"] == "stopped"
    assert {stop["code"] for stop in rules["stops"] if stop["is_hard"]} >= {"union", "insurance"}
    assert client.post(f"/api/v1/placements/{key}/begin").status_code == 409
    off = client.post(f"/api/v1/placements/{key}/call-off", json={"reason": "Köket byggs om."})
    assert off.get_json()["stage"] == "called_off"
    forms = client.get("/api/v1/placement-forms").get_json()["forms"]
    assert {form["max_months"] for form in forms} == {1, 6, 12, None}
