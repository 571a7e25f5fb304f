"""The town holds together: nobody in it exists, and every rule that holds for others holds here."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from matchsvc import db
from matchsvc.accounts.models import Role, User
from matchsvc.accounts.rules import is_demo
from matchsvc.demo.proposing import PATHS
from matchsvc.employers.models import Contact, Employer, Offer, Site
from matchsvc.employers.offer_checks import check_content
from matchsvc.employers.offers import content_of_offer, get_offer
from matchsvc.errors import NotFound
from matchsvc.matching.gate_words import Words
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.matching.proposal_steps import TRANSITIONS
from matchsvc.matching.rules import match_offer
from matchsvc.messages.links import find_live_link
from matchsvc.messages.models import MessageState, OutboxMessage
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.participants import access
from matchsvc.participants.competences import HELD_TYPES
from matchsvc.participants.models import (
    Case,
    Competence,
    Evidence,
    Involvement,
    LearnedWhere,
    Participant,
    Rung,
    Wish,
)
from matchsvc.placements.beginning import start_due_placements
from matchsvc.placements.calendar import follow_up_due_dates
from matchsvc.placements.decision_models import PlacementDecision
from matchsvc.placements.employments import start_due_employments
from matchsvc.placements.limits import Plan, problems_with
from matchsvc.placements.models import (
    ChecklistItem,
    Employment,
    FollowUp,
    Placement,
    PlacementForm,
    Survey,
)
from matchsvc.placements.my_week import my_week
from matchsvc.placements.surveys import get_open_survey
from matchsvc.reports.counts import Period
from matchsvc.reports.outcomes import outcome_report
from matchsvc.rights import whole_copy
from matchsvc.rights.requests import get_person
from matchsvc.swedish import contains_identity_number, parse_identity_number
from matchsvc.vocabulary.models import Concept
from tests.demo.factories import BASE_URL, COMMAND, NOW, TODAY

EXAMPLE = re.compile(r"@(example\.(org|com)|[a-z0-9.-]+\.example)$")
#: 070-174 06 05..99, 08-465 004 00..99 and 031-390 06 00..99.
FICTION = re.compile(r"^\+46(70174060[5-9]|7017406[1-9]\d|8465004\d\d|3139006\d\d)$")
SOON = TODAY + timedelta(days=8)


def samira(town):
    return town.scalar(select(Participant).where(Participant.number == 2041))


def test_identity_numbers_are_of_the_test_series(town):
    numbers = [p.personal_id for p in town.scalars(select(Participant)) if p.personal_id]
    assert len(numbers) > 50
    for digits in numbers:
        assert parse_identity_number(digits, today=TODAY).is_test_number


def test_telephone_numbers_and_addresses_reach_nobody(town):
    phones, addresses = [], []
    for model in (Participant, Contact, User):
        for row in town.scalars(select(model)):
            phones.append(row.phone)
            addresses.append(row.email)
    phones = [phone for phone in phones if phone]
    addresses = [address for address in addresses if address]
    assert len(phones) > 100
    assert len(addresses) > 100
    assert not [phone for phone in phones if not FICTION.match(phone)]
    assert not [address for address in addresses if not EXAMPLE.search(address)]


def test_the_town_has_what_was_asked_for(town):
    def count(model):
        return town.scalar(select(func.count()).select_from(model))

    assert count(Participant) == 60
    assert count(Employer) == 40
    assert count(Offer) == 2 * 80  # as many again are over


def report(session, first, last):
    return outcome_report(session, COMMAND, Period(first, last), by=("sex", "birth_region"))


def headline(found):
    share = found.shares["foreign_born_women"]
    return share["placements"], share["hires"]


def whole_months(today):
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(year=last.year - 1) + timedelta(days=1), last


def whole_quarters(today):
    """The last four whole quarters, as the report page opens."""
    return whole_months(date(today.year, today.month - (today.month - 1) % 3, 1))


def test_the_headline_can_be_shown_and_tells_the_story(town):
    for first, last in (
        (TODAY - timedelta(days=364), TODAY),
        whole_months(TODAY),
        whole_quarters(TODAY),
    ):
        placements, hires = headline(report(town, first, last))
        for share in (placements, hires):
            assert share.n >= 5
            assert share.of - share.n >= 5
        assert hires.percent < placements.percent - 10


def test_most_of_sex_by_region_of_birth_can_be_shown(town):
    found = report(town, TODAY - timedelta(days=364), TODAY)
    for measure in ("placements", "hires"):
        hidden = [row for row in found.rows if row.counts[measure].is_hidden]
        assert len(found.rows) == 6
        assert len(hidden) <= 1


def test_what_the_reports_count_agrees_with_what_happened(town):
    people = select(Participant.outcome_key)

    def sources(kind):
        """Of those who are there: of earlier years only the statistics are left."""
        found = select(OutcomeEvent.source_id).where(
            OutcomeEvent.kind == kind, OutcomeEvent.person_key.in_(people)
        )
        return Counter(town.scalars(found))

    begun = town.scalars(select(Placement.id).where(Placement.begun_on.is_not(None)))
    assert sources(OutcomeKind.PLACEMENT_STARTED) == Counter(begun)
    ended = town.scalars(select(Placement.id).where(Placement.end_date.is_not(None)))
    assert sources(OutcomeKind.PLACEMENT_ENDED) == Counter(ended)
    jobs = sources(OutcomeKind.EMPLOYMENT_STARTED) + sources(
        OutcomeKind.MUNICIPAL_EMPLOYMENT_STARTED
    )
    assert jobs == Counter(town.scalars(select(Employment.id)))
    assert sources(OutcomeKind.ENROLLED) == Counter(town.scalars(select(Case.id)))
    left = town.scalars(select(Case.id).where(Case.ended_on.is_not(None)))
    assert sources(OutcomeKind.EXITED) == Counter(left)
    assert sources(OutcomeKind.PROPOSED) == Counter(town.scalars(select(Proposal.id)))


def test_the_daily_job_finds_nothing_left_to_start(town):
    assert start_due_placements(town, today=TODAY) == 0
    assert start_due_employments(town, today=TODAY) == 0


def test_every_placement_keeps_the_rules_of_its_form(town):
    forms = {form.code: form for form in town.scalars(select(PlacementForm))}
    rows = town.execute(
        select(Placement, Employer, Offer)
        .join(Site, Site.id == Placement.site_id)
        .join(Employer, Employer.id == Site.employer_id)
        .outerjoin(Offer, Offer.id == Placement.offer_id)
    ).all()
    assert len(rows) > 60
    fell = set(town.scalars(select(PlacementDecision.placement_id)))  # shown as beyond its decision
    assert len(fell) == 1
    for placement, employer, offer in (row for row in rows if row[0].id not in fell):
        names = {name for name in Plan.__dataclass_fields__ if hasattr(placement, name)}
        plan = Plan(**{name: getattr(placement, name) for name in names})
        found = problems_with(plan, forms[placement.form], employer, offer, protected=False)
        assert found == {}, placement.external_id


def test_nobody_is_in_two_places_at_once(town):
    stays = {}
    for placement in town.scalars(select(Placement).order_by(Placement.start_date)):
        stays.setdefault(placement.participant_id, []).append(placement)
    for placements in stays.values():
        for before, after in pairwise(placements):
            assert before.end_date is not None
            assert before.end_date < after.start_date


def test_follow_ups_are_due_when_the_rules_say(town):
    placements = town.scalars(
        select(Placement)
        .where(Placement.is_history.is_(False))
        .options(selectinload(Placement.follow_ups))
    ).all()
    for placement in placements:
        due = follow_up_due_dates(placement.start_date, placement.planned_end_date)
        assert [one.due_on for one in placement.follow_ups] == due
        for one in placement.follow_ups:
            if one.held_on:
                assert placement.start_date <= one.held_on <= TODAY
                assert one.logged_at <= NOW


def test_no_offer_takes_more_people_than_it_has_places(town):
    taken = Counter(
        town.scalars(
            select(Proposal.offer_id).where(
                Proposal.state.in_((ProposalState.ACCEPTED, ProposalState.PLACED))
            )
        )
    )
    for offer in town.scalars(select(Offer).where(Offer.id.in_(taken))):
        assert taken[offer.id] <= offer.places


def test_every_offer_could_be_saved_again(town):
    for key in town.scalars(select(Offer.id)).all():
        offer = get_offer(town, COMMAND, key)
        assert offer.requirements
        check_content(town, offer.unit_id, content_of_offer(offer), today=TODAY)


def test_competences_are_mostly_from_life_and_stand_on_every_rung(town):
    held = town.scalars(select(Competence).options(selectinload(Competence.evidence))).all()
    informal = sum(not one.is_formal for one in held)
    assert informal > 0.7 * len(held)
    assert {one.rung for one in held} == set(Rung)
    assert LearnedWhere.UNPAID_HOME in {one.learned_where for one in held}
    for one in held:
        rungs = [list(Rung).index(evidence.rung) for evidence in one.evidence]
        assert rungs == sorted(rungs)
        assert one.evidence[-1].rung is one.rung
        assert all(evidence.happened_on <= TODAY for evidence in one.evidence)


def test_only_concepts_that_can_be_held_are_held(town):
    concepts = {row.id: row for row in town.scalars(select(Concept))}
    used = set(
        town.scalars(select(Competence.concept_id).where(Competence.concept_id.is_not(None)))
    )
    for concept in used:
        assert concepts[concept].type in HELD_TYPES
        assert not concepts[concept].is_group
        assert not concepts[concept].is_deprecated


def test_wishes_are_varied_and_hold_no_numbers(town):
    wishes = list(town.scalars(select(Wish.own_words)))
    assert len(set(wishes)) > 25
    assert not [text for text in wishes if contains_identity_number(text, today=TODAY)]


def test_two_people_are_protected_and_each_exists_for_her_own_worker_only(town, staff):
    protected = town.scalars(select(Participant).where(Participant.protected)).all()
    assert len(protected) == 2
    johan, lena = staff("johan.ekdal"), staff("lena.forsberg")
    seen = []
    for participant in protected:
        assert participant.phone is participant.email is None
        assert participant.no_messages
        for actor in (johan, lena):
            try:
                access.get_visible(town, actor, participant.id, today=TODAY)
            except NotFound:
                continue
            seen.append(actor.name)
    assert sorted(seen) == ["Johan Ekdal", "Lena Forsberg"]
    with pytest.raises(NotFound):
        access.get_visible(town, staff("eva.strand"), protected[0].id, today=TODAY)


def test_proposals_stand_in_every_state_with_a_history_that_the_rules_allow(town):
    proposals = town.scalars(select(Proposal).options(selectinload(Proposal.history))).all()
    assert {one.state for one in proposals} == set(PATHS) == set(ProposalState)
    for one in proposals:
        states = [event.to_state for event in one.history]
        assert states[0] is ProposalState.DRAFTED
        assert states[-1] is one.state
        assert all(step in TRANSITIONS for step in pairwise(states))
        assert all(event.at <= NOW for event in one.history)
        parts = one.explanation["parts"]
        assert sum(sum(part["points"]) for part in parts) == one.explanation["points"]
        assert not any(gate["state"] == "closed" for gate in one.explanation["gates"])


def test_a_survey_waits_in_the_outbox_and_its_link_opens(town):
    message = town.scalar(select(OutboxMessage).where(OutboxMessage.kind == "employer_survey"))
    assert message.state is MessageState.QUEUED
    token = re.search(rf"{re.escape(BASE_URL)}/l/(\S+)", message.body).group(1)
    link = find_live_link(town, token, NOW)
    assert get_open_survey(town, link).survey.completed_at is None


def test_enough_surveys_are_answered_to_be_shown(town):
    answered = select(func.count()).where(Survey.completed_at.is_not(None))
    assert town.scalar(answered) >= 5


def test_samira_is_in_the_greenhouse_with_a_follow_up_due(town, staff):
    johan, karin = staff("johan.ekdal"), staff("karin.sjoholm")
    person = access.get_visible(town, johan, "D-2041", today=TODAY)
    assert person.full_name == "Samira Haddad"
    sights = access.sight_of(town, karin, [person.id], today=TODAY)
    assert access.shown_name(person, sights[person.id]) == "Samira Haddad"
    placement = town.scalar(
        select(Placement).where(Placement.participant_id == person.id, Placement.end_date.is_(None))
    )
    assert placement.supervisor_id == karin.user_id
    due = town.scalars(
        select(FollowUp.due_on).where(
            FollowUp.placement_id == placement.id, FollowUp.held_on.is_(None)
        )
    )
    assert TODAY <= min(due) <= SOON
    rungs = set(town.scalars(select(Competence.rung).where(Competence.participant_id == person.id)))
    assert rungs == set(Rung)


def test_samira_comes_first_for_the_kitchen_of_the_pictures(town, staff):
    johan = staff("johan.ekdal")
    offer = get_offer(town, johan, "E-1001")
    found = match_offer(town, johan, offer, today=TODAY, words=Words())
    first = found.results[0]
    assert first.participant == samira(town).id
    assert (first.met, first.partly, first.required) == (4, 1, 5)


def test_the_week_of_each_has_something_late_and_something_ahead(town, staff):
    maja = my_week(town, staff("maja.lindqvist"), today=TODAY, now=NOW)
    assert maja.overdue
    assert maja.today
    assert maja.later
    assert maja.starts
    assert maja.neglected.rows
    karin = my_week(town, staff("karin.sjoholm"), today=TODAY, now=NOW)
    assert karin.overdue
    assert karin.today  # a Monday: a follow-up can fall due
    assert karin.later


def test_a_start_is_partly_prepared(town):
    left = Counter()
    for item in town.scalars(
        select(ChecklistItem)
        .join(Placement, Placement.id == ChecklistItem.placement_id)
        .where(Placement.start_date > TODAY)
    ):
        left[item.placement_id] += item.done_on is None
    assert any(0 < number < 8 for number in left.values())


def test_everybody_who_works_with_somebody_is_of_her_unit(town):
    units = dict(town.execute(select(Participant.id, Participant.unit_id)).all())
    users = dict(town.execute(select(User.id, User.unit_id)).all())
    rows = town.scalars(select(Involvement)).all()
    assert {units[row.participant_id] for row in rows} == {users[row.user_id] for row in rows}
    workers = set(town.scalars(select(Case.case_worker_id)))
    assert len(workers) == 2


def test_each_role_has_somebody(town):
    found = {
        held.role
        for user in town.scalars(select(User).options(selectinload(User.roles)))
        for held in user.roles
    }
    assert found == set(Role)


def test_evidence_at_a_workplace_says_where(town):
    seen = town.scalars(select(Evidence).where(Evidence.rung == Rung.OBSERVED)).all()
    assert seen
    assert all(one.workplace for one in seen)


def test_nothing_was_recorded_later_than_now(town):
    for table in db.Base.metadata.sorted_tables:
        if "created_at" in table.columns:
            latest = town.scalar(select(func.max(table.c.created_at)))
            if latest is not None and table.name not in WRITTEN_BY_RULES:
                assert latest <= NOW, table.name


#: What rules wrote while the town was made has the clock's own time.
WRITTEN_BY_RULES = {
    *(
        "unit",
        "survey",
        "participant_survey",
        "signed_link",
        "outbox_message",
        "outcome_event",
        "referral",
    ),
    *("correction", "task", "case_pause", "ladder_stay", "study_visit", "later_contact"),
    *("activity", "activity_group", "activity_session", "activity_member", "activity_attendance"),
    *("tripartite_agreement", "signature", "subsidy_version", "placement_decision"),
    *("end_document", "document_delivery"),
    *("local_service", "structural_obstacle", "support_orientation"),
    *("info_block", "info_pack", "qa_entry", "shared_pack"),
    *("support_link", "support_request", "workplace_word", "register_change", "capacity_period"),
    *("employment_terms", "job_follow_up", "try_out", "found_task", "own_site", "day_task"),
    *("schedule_phase", "meeting"),
    *("published_report",),
    *("quarterly_report", "report_subscription"),
    *("training", "training_done", "risk", "risk_version", "risk_outcome"),
    *("joint_review", "unit_cost"),
    *("rights_request", "record_request", "restriction"),
    "audit_sample",
}


def test_the_town_is_marked_as_a_demo(town):
    assert is_demo(town)


def test_every_copy_of_what_is_kept_has_the_published_form(town, staff):
    """As a file: docs/copy.schema.json says what may stand where."""
    schema = json.loads(
        (Path(__file__).parents[2] / "docs" / "copy.schema.json").read_text("utf-8")
    )
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    johan = staff("johan.ekdal")
    his = select(Involvement.participant_id).where(Involvement.user_id == johan.user_id)
    keys = town.scalars(select(Participant.id).where(Participant.id.in_(his))).all()
    assert len(keys) > 10
    seen = set()
    for key in keys:
        person = get_person(town, johan, key, today=TODAY)
        kept = whole_copy.read_everything(town, johan, person, form="json")
        data = whole_copy.as_data(kept, made_on=TODAY) | {"made_on": TODAY.isoformat()}
        sent = json.loads(json.dumps(data))
        assert [f"{e.json_path}: {e.message}" for e in validator.iter_errors(sent)] == []
        seen |= set(sent["tables"])
    assert len(seen) > 40, sorted(seen)  # so that the schema is tried on most of what is kept
