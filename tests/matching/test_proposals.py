"""Proposals: the participant answers first, then the employer; every change is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.employers.models import (
    Bar,
    Employer,
    OfferLicence,
    OfferStatus,
    Site,
    SiteCondition,
    Stance,
)
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.matching import proposal_steps, proposals
from matchsvc.matching.gate_words import Words
from matchsvc.matching.models import ProposalState
from matchsvc.matching.presentation import presentation_of
from matchsvc.outcomes.models import OutcomeEvent
from matchsvc.participants.models import Need, ParticipantArea
from tests.factories import TODAY

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WHEN = {"today": TODAY, "now": NOW}


@pytest.fixture
def scene(session, make):
    worker = make.user(role=Role.CASE_WORKER)
    samira = make.participant(
        worker, ready_on=date(2026, 10, 1), informal_asked_on=date(2026, 9, 1)
    )
    make.wish(samira)
    make.competence(samira, "laga-mat-storkok", is_shared=True)
    offer = make.offer(required=["laga-mat-storkok"], places=1)
    session.commit()
    return make.actor(user=worker), samira, offer


def propose(session, scene, **more):
    actor, samira, offer = scene
    defaults = {"reason": "Hon har lagat mat till många.", "words": Words(), **WHEN}
    return proposals.propose(
        session,
        actor,
        participant_key=samira.id,
        offer_key=offer.id,
        **defaults | more,
    )


def wanted(session, scene):
    return propose(session, scene, said_yes=True)


def presented(session, scene):
    proposal = wanted(session, scene)
    yes = {"approved": True, "asked_again": True, "contact_id": None}
    return proposals.present(session, scene[0], proposal.id, **yes, **WHEN)


def test_a_proposal_keeps_the_explanation_as_it_was_shown(session, scene, make):
    proposal = propose(session, scene)
    told = dict(proposal.explanation)
    make.competence(scene[1], "diska-storkok")
    session.flush()
    session.refresh(proposal)
    assert proposal.explanation == told
    assert told["required"] == {"met": 1, "partly": 0, "of": 1}
    assert proposal.weights_version == "v1"


def test_no_proposal_before_her_own_wish_is_recorded(session, make):
    worker = make.user(role=Role.CASE_WORKER)
    person = make.participant(worker, informal_asked_on=TODAY, ready_on=TODAY)
    with pytest.raises(RuleViolation) as refused:
        propose(session, (make.actor(user=worker), person, make.offer()))
    assert refused.value.code == "wish_missing"


def test_no_proposal_before_informal_competence_was_asked_about(session, make):
    worker = make.user(role=Role.CASE_WORKER)
    person = make.participant(worker, ready_on=TODAY)
    make.wish(person)
    with pytest.raises(RuleViolation) as refused:
        propose(session, (make.actor(user=worker), person, make.offer()))
    assert refused.value.code == "informal_not_asked"


def test_a_proposal_needs_a_reason_without_an_identity_number(session, scene):
    with pytest.raises(Invalid):
        propose(session, scene, reason="  ")
    with pytest.raises(Invalid):
        propose(session, scene, reason="Hon heter 850312-2387")


def test_only_her_own_case_worker_proposes(session, scene, make):
    _, samira, offer = scene
    other = make.actor(role=Role.CASE_WORKER)
    with pytest.raises(Refused):
        propose(session, (other, samira, offer))
    with pytest.raises(Refused):
        propose(session, (make.actor(role=Role.EMPLOYER_LIAISON), samira, offer))


def test_a_protected_person_does_not_exist_for_others(session, scene, make):
    _, samira, offer = scene
    samira.protected = True
    session.flush()
    with pytest.raises(NotFound):
        propose(session, (make.actor(role=Role.CASE_WORKER), samira, offer))


def test_she_is_not_proposed_twice_for_the_same_place(session, scene):
    propose(session, scene)
    with pytest.raises(RuleViolation) as refused:
        propose(session, scene)
    assert refused.value.code == "already_proposed"


def test_a_closed_condition_needs_a_reason_of_its_own(session, scene):
    _actor, samira, offer = scene
    session.add(Need(participant_id=samira.id, condition_id="lyfta-hogst-10"))
    session.add(
        SiteCondition(site_id=offer.site_id, condition_id="lyfta-hogst-10", stance=Stance.EXCLUDES)
    )
    session.flush()
    with pytest.raises(RuleViolation) as refused:
        propose(session, scene)
    assert refused.value.code == "gate_closed"
    proposal = propose(session, scene, override_reason="Vagn är beställd.")
    assert proposal.override_reason == "Vagn är beställd."


def exclude(session, scene, *conditions):
    _actor, samira, offer = scene
    for condition in conditions:
        session.add(Need(participant_id=samira.id, condition_id=condition))
        session.add(
            SiteCondition(site_id=offer.site_id, condition_id=condition, stance=Stance.EXCLUDES)
        )
    session.flush()


def close(session, make, offer, gate):
    """Close one gate that no reason opens."""
    if gate == "licence":
        session.add(OfferLicence(offer_id=offer.id, concept_id="korkort-b", purpose="Hämta."))
    elif gate == "hours":
        offer.hours_start = offer.hours_max = 30
    elif gate == "start":
        offer.start_by = date(2026, 11, 30)
    elif gate == "reach":
        session.get(Site, offer.site_id).area_id = make.area("Norr").id
    elif gate == "employer_bar":
        site = session.get(Site, offer.site_id)
        session.get(Employer, site.employer_id).bar = Bar.INSOLVENT
    elif gate == "offer_closed":
        offer.status = OfferStatus.PAUSED
    session.flush()


@pytest.fixture
def known(session, scene, make):
    """All that matching asks about is known of her, so that a gate can close."""
    samira = scene[1]
    samira.hours_per_week, samira.weekdays, samira.available_from = 15, 31, date(2026, 12, 10)
    session.add(ParticipantArea(participant_id=samira.id, area_id=make.area("Centrum").id))
    session.flush()


@pytest.mark.parametrize(
    "gate", ["licence", "hours", "start", "reach", "employer_bar", "offer_closed"]
)
@pytest.mark.parametrize("also_a_condition", [False, True])
def test_no_reason_opens_any_other_gate(session, scene, make, known, gate, also_a_condition):
    if also_a_condition:
        exclude(session, scene, "lyfta-hogst-10")
    close(session, make, scene[2], gate)
    with pytest.raises(RuleViolation) as refused:
        propose(session, scene, override_reason="Vagn är beställd.")
    assert refused.value.code == "gate_closed"


def test_one_reason_answers_for_every_closed_condition(session, scene):
    exclude(session, scene, "lyfta-hogst-10", "lugn-plats")
    proposal = propose(session, scene, override_reason=" Vagn, och plats i förrådet. ")
    assert proposal.override_reason == "Vagn, och plats i förrådet."
    assert not proposal.explanation["open"]
    session.commit()
    (row,) = session.scalars(select(AuditEvent).where(AuditEvent.object_type == "proposal"))
    assert row.fields == ["override_reason"]


def test_an_open_pair_keeps_no_override(session, scene):
    assert propose(session, scene, override_reason="Behövs inte.").override_reason is None


def test_an_override_names_nobody(session, scene):
    exclude(session, scene, "lyfta-hogst-10")
    with pytest.raises(Invalid) as refused:
        propose(session, scene, override_reason="Ring 850312-2387.")
    assert "override_reason" in refused.value.fields


def test_the_employer_hears_nothing_before_she_says_yes(session, scene):
    proposal = propose(session, scene)
    with pytest.raises(RuleViolation):
        proposals.present(
            session, scene[0], proposal.id, approved=True, asked_again=True, contact_id=None, **WHEN
        )
    with pytest.raises(RuleViolation):
        proposals.answer_for_employer(
            session, scene[0], proposal.id, accepted=True, note=None, **WHEN
        )


def test_nothing_is_shown_that_she_has_not_approved(session, scene):
    proposal = wanted(session, scene)
    with pytest.raises(RuleViolation) as refused:
        proposals.present(session, scene[0], proposal.id, approved=False, contact_id=None, **WHEN)
    assert refused.value.code == "presentation_not_approved"


def test_the_presentation_says_nothing_about_who_she_is(session, scene):
    proposal = presented(session, scene)
    told = str(proposal.presentation)
    assert scene[1].given_name not in told
    assert scene[1].alias not in told
    assert set(proposal.presentation) == {
        "alias",
        "competences",
        "hours",
        "start_from",
        "crowd",
        "approved_on",
    }


def test_a_description_that_fits_few_is_said_to_be_rare(session, scene, make):
    proposal = wanted(session, scene)
    shown = presentation_of(session, scene[0], proposal, today=TODAY)
    assert shown.crowd == 1
    assert shown.is_rare
    for _ in range(4):
        make.competence(make.participant(), "laga-mat-storkok")
    shown = presentation_of(session, scene[0], proposal, today=TODAY)
    assert shown.crowd == 5
    assert not shown.is_rare


def test_both_say_yes_and_every_step_is_kept(session, scene, make):
    proposal = presented(session, scene)
    liaison = make.actor(role=Role.EMPLOYER_LIAISON)
    proposals.answer_for_employer(
        session, liaison, proposal.id, accepted=True, note="Välkommen.", **WHEN
    )
    session.expire_all()
    kept = proposals.get_proposal(session, scene[0], proposal.id, today=TODAY)
    assert [event.to_state.value for event in kept.history] == [
        "drafted",
        "wanted",
        "presented",
        "accepted",
    ] or sorted(event.to_state.value for event in kept.history) == sorted(
        ["drafted", "wanted", "presented", "accepted"]
    )
    kinds = session.scalars(select(OutcomeEvent.kind)).all()
    assert sorted(kind.value for kind in kinds) == ["accepted", "employer_contacted", "proposed"]


def test_one_place_is_given_to_one_person(session, scene, make):
    first = presented(session, scene)
    actor, _, offer = scene
    worker = make.user(role=Role.CASE_WORKER)
    other = make.participant(worker, ready_on=TODAY, informal_asked_on=TODAY)
    make.wish(other)
    second_scene = (make.actor(user=worker), other, offer)
    second = presented(session, second_scene)
    proposals.answer_for_employer(session, actor, first.id, accepted=True, note=None, **WHEN)
    with pytest.raises(RuleViolation) as refused:
        proposals.answer_for_employer(
            session, second_scene[0], second.id, accepted=True, note=None, **WHEN
        )
    assert refused.value.code == "no_places_left"


def test_enhanced_work_training_is_never_put_before_the_employer_to_choose(session, scene):
    scene[2].forms = ["enhanced_work_training"]
    session.flush()
    proposal = wanted(session, scene)
    with pytest.raises(RuleViolation) as refused:
        proposals.present(
            session, scene[0], proposal.id, approved=True, asked_again=True, contact_id=None, **WHEN
        )
    assert refused.value.code == "employer_may_not_choose"
    done = proposals.answer_for_employer(
        session, scene[0], proposal.id, accepted=True, note=None, **WHEN
    )
    assert done.state is ProposalState.ACCEPTED


def test_a_stale_answer_is_a_conflict(session, scene):
    proposal = propose(session, scene)
    read = proposal.version
    answer = {"answer": ProposalState.WANTED, "note": None, **WHEN}
    proposals.answer_for_participant(session, scene[0], proposal.id, version=read, **answer)
    with pytest.raises(Conflict):
        proposals.answer_for_participant(session, scene[0], proposal.id, version=read, **answer)


def test_what_has_ended_stays_ended(session, scene):
    proposal = propose(session, scene)
    proposals.withdraw(session, scene[0], proposal.id, note="Hon flyttar.", **WHEN)
    for answer in (ProposalState.WANTED, ProposalState.UNWANTED):
        with pytest.raises(RuleViolation):
            proposals.answer_for_participant(
                session, scene[0], proposal.id, answer=answer, note=None, **WHEN
            )


def test_every_transition_names_who_may_and_none_leaves_an_ended_state():
    for (before, after), roles in proposal_steps.TRANSITIONS.items():
        assert before is not after
        assert roles
        assert before not in proposal_steps.ENDED
    reached = {after for _, after in proposal_steps.TRANSITIONS}
    assert reached | {ProposalState.DRAFTED} == set(ProposalState)


def test_what_is_shown_to_an_employer_is_logged_as_disclosed(session, scene):
    presented(session, scene)
    session.commit()
    actions = session.scalars(select(AuditEvent.action)).all()
    assert "disclose" in actions
