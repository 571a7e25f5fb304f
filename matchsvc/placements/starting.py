"""Planning and starting a placement: decision, period, checklist, support package, follow-ups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.employers.models import Contact, Employer, Offer, Site
from matchsvc.errors import N_, NotFound, RuleViolation
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.matching.proposals import get_proposal, mark_placed
from matchsvc.participants import access as people
from matchsvc.participants.cases import add_step
from matchsvc.participants.models import (
    Capacity,
    Case,
    Participant,
    Step,
)
from matchsvc.placements.access import require_decider
from matchsvc.placements.beginning import begin_if_ready
from matchsvc.placements.calendar import (
    due_date_of,
    follow_up_due_dates,
    package_due_dates,
)
from matchsvc.placements.checklist import CHECKLIST
from matchsvc.placements.combining import Wish, find_overlap, most_hours
from matchsvc.placements.decisions import keep_first
from matchsvc.placements.facts import Facts, problems_with_facts
from matchsvc.placements.forms import get_form
from matchsvc.placements.limits import Plan, most_at_once, problems_with
from matchsvc.placements.models import (
    ChecklistItem,
    FollowUp,
    PackagePart,
    Part,
    Placement,
    PlacementForm,
)
from matchsvc.placements.preparing import tick_prepared, write_facts
from matchsvc.placements.supervision import (
    is_staff,
    open_supervision,
    problem_with_supervisor,
)

_REFUSED = N_("Perioden kan inte börja så här. Rätta det som är markerat och spara igen.")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a plan stands on: everything it names, read and locked."""

    participant: Participant
    case: Case
    form: PlacementForm
    site: Site
    employer: Employer
    offer: Offer | None
    proposal: Proposal | None


def start_placement(
    session: Session, actor: Actor, plan: Plan, *, today: date, now: datetime
) -> Placement:
    """Plan a placement; it starts by itself on its day, unless something stops it.

    Creates the start checklist, the six-part support package and the follow-ups, and lets the
    named supervisor see the participant.

    Raises:
        NotFound: something named is unknown or hidden from the actor.
        Refused: the actor may not decide on this participant.
        RuleViolation: the form, the decision, the employer or another placement stands in the way;
            with a message for every field.
    """
    ground = _read_ground(session, actor, plan, today=today)
    problems = problems_with(
        plan,
        ground.form,
        ground.employer,
        ground.offer,
        protected=ground.participant.protected,
    )
    problems = _problems_beside(session, plan, ground, today=today) | problems
    if problems:
        raise RuleViolation("placement_not_possible", _REFUSED, fields=problems)
    placement = _placement(plan, ground)
    _add_start_work(placement, today=today)
    session.add(placement)
    session.flush()
    _add_lane(session, actor, placement, ground)
    _involve_supervisor(session, actor, placement, ground.participant)
    if ground.proposal is not None:
        mark_placed(session, actor, ground.proposal, now=now)
    session.flush()
    _write_what_is_known(session, actor, placement, plan, today=today)
    begin_if_ready(session, actor, placement, today=today)
    audit.record(
        session,
        actor,
        "create",
        "placement",
        placement.id,
        subjects=[ground.participant.id],
        fields=["extended"] if plan.extended else [],
    )
    session.flush()
    return placement


def plan_from_proposal(
    session: Session, actor: Actor, proposal_id: UUID, *, today: date
) -> dict[str, Any]:
    """What a proposal already says of the placement: the form's first values.

    Raises:
        NotFound: unknown or hidden.
    """
    proposal = get_proposal(session, actor, proposal_id, today=today)
    participant = people.get_visible(session, actor, proposal.participant_id, today=today)
    offer = _get(session, Offer, proposal.offer_id)
    return {
        "proposal_id": proposal.id,
        "participant_id": participant.id,
        "offer_id": offer.id,
        "site_id": offer.site_id,
        "form": offer.forms[0] if len(offer.forms) == 1 else None,
        "hours_start": offer.hours_start,
        "hours_goal": offer.hours_max,
        "contact_id": proposal.contact_id,
        "start_date": offer.start_from if offer.start_from and offer.start_from > today else None,
    }


def plan_open_follow_ups(session: Session, *, today: date) -> int:
    """The daily job: keep a follow-up planned ahead for every placement without an end date.

    Returns:
        How many follow-ups were planned.
    """
    open_ended = session.scalars(
        select(Placement).where(
            Placement.planned_end_date.is_(None),
            Placement.end_date.is_(None),
            Placement.called_off_on.is_(None),
            Placement.is_history.is_(False),
            Placement.begun_on.is_not(None),
        )
    )
    made = 0
    for placement in open_ended:
        last = session.scalar(
            select(FollowUp)
            .where(FollowUp.placement_id == placement.id)
            .order_by(FollowUp.number.desc())
            .limit(1)
        )
        number, due_on = (last.number, last.due_on) if last else (0, placement.start_date)
        while due_on <= today:
            number, due_on = number + 1, due_date_of(placement.start_date, number + 1)
            session.add(FollowUp(placement_id=placement.id, number=number, due_on=due_on))
            made += 1
    session.flush()
    return made


def _read_ground(session: Session, actor: Actor, plan: Plan, *, today: date) -> Ground:
    # Locked, so that two starts at once cannot both see her free.
    participant = people.get_visible(
        session, actor, plan.participant_id, today=today, for_update=True
    )
    sights = people.sight_of(session, actor, [participant.id], today=today)
    require_decider(actor, sights[participant.id])
    site = _get(session, Site, plan.site_id)
    employer = _get(session, Employer, site.employer_id)
    if employer.unit_id != participant.unit_id:
        raise NotFound("site")
    offer = None
    if plan.offer_id is not None:
        offer = session.get(Offer, plan.offer_id, with_for_update=True)
        if offer is None or offer.site_id != site.id:
            raise NotFound("offer")
    return Ground(
        participant=participant,
        case=_open_case(session, participant.id, plan.start_date),
        form=get_form(session, plan.form),
        site=site,
        employer=employer,
        offer=offer,
        proposal=_read_proposal(session, actor, plan, today=today),
    )


def _read_proposal(session: Session, actor: Actor, plan: Plan, *, today: date) -> Proposal | None:
    if plan.proposal_id is None:
        return None
    proposal = get_proposal(session, actor, plan.proposal_id, today=today, for_update=True)
    if proposal.participant_id != plan.participant_id:
        raise NotFound("proposal")
    if proposal.offer_id != plan.offer_id:
        raise NotFound("offer")
    return proposal


def _open_case(session: Session, participant_id: UUID, start: date) -> Case:
    case = session.scalar(
        select(Case)
        .where(
            Case.participant_id == participant_id,
            Case.enrolled_on <= start,
            or_(Case.ended_on.is_(None), Case.ended_on >= start),
        )
        .order_by(Case.enrolled_on.desc())
        .limit(1)
    )
    if case is None:
        raise RuleViolation(
            "no_open_case", N_("Deltagaren är inte inskriven den dagen. Skriv in igen först.")
        )
    return case


def _problems_beside(
    session: Session, plan: Plan, ground: Ground, *, today: date
) -> dict[str, str]:
    """What stands in the way beside the plan itself: other placements, the people named."""
    found: dict[str, str] = {}
    overlap = find_overlap(session, ground.participant.unit_id, _as_wish(plan))
    if overlap is not None and not (overlap.may_be_combined and plan.combine):
        found["start_date"] = overlap.sentence
    closed_on = ground.site.closed_on
    if closed_on is not None and closed_on < (plan.planned_end_date or date.max):
        found["site_id"] = N_(
            "Arbetsplatsen stänger innan perioden är slut. Välj en annan, eller ett tidigare slut."
        )
    found |= problems_with_facts(plan.facts or Facts(), today=today)
    if ground.offer is not None and _is_full(session, plan, ground.offer):
        found["offer_id"] = N_("Alla platser i erbjudandet är tagna under perioden.")
    if ground.proposal is not None and not _is_agreed(ground.proposal, ground.form):
        found["proposal_id"] = N_(
            "Förslaget är inte klart för start. Både deltagaren och arbetsgivaren ska ha sagt ja."
        )
    return found | _problems_with_people(session, plan, ground)


def _problems_with_people(session: Session, plan: Plan, ground: Ground) -> dict[str, str]:
    found: dict[str, str] = {}
    unit_id = ground.participant.unit_id
    if plan.supervisor_id:
        problem = problem_with_supervisor(
            session,
            plan.supervisor_id,
            unit_id,
            ground.participant.id,
            protected=ground.participant.protected,
        )
        if problem is not None:
            found["supervisor_id"] = problem
    if plan.case_worker_id and not is_staff(
        session, plan.case_worker_id, unit_id, (Role.CASE_WORKER,)
    ):
        found["case_worker_id"] = N_("Välj en handläggare i enheten.")
    if plan.contact_id is not None:
        contact = session.get(Contact, plan.contact_id)
        if contact is None or contact.employer_id != ground.employer.id:
            found["contact_id"] = N_("Kontaktpersonen hör inte till arbetsgivaren. Välj igen.")
    return found


def _is_agreed(proposal: Proposal, form: PlacementForm) -> bool:
    """Both said yes; an employer who may not choose was never shown anybody (2007:414 10 §)."""
    was_shown = any(event.to_state is ProposalState.PRESENTED for event in proposal.history)
    return proposal.state is ProposalState.ACCEPTED and (form.employer_may_choose or not was_shown)


def _as_wish(plan: Plan) -> Wish:
    return Wish(
        participant_id=plan.participant_id,
        site_id=plan.site_id,
        form=plan.form,
        start=plan.start_date,
        end=plan.planned_end_date,
        hours=most_hours(plan.hours_start, plan.hours_goal),
    )


def _is_full(session: Session, plan: Plan, offer: Offer) -> bool:
    others = session.scalars(
        select(Placement).where(Placement.offer_id == offer.id, Placement.called_off_on.is_(None))
    )
    return most_at_once(plan, others) >= offer.places


def _placement(plan: Plan, ground: Ground) -> Placement:
    offer, employer, case = ground.offer, ground.employer, ground.case
    agreement_id = plan.agreement_id or (offer and offer.agreement_id) or employer.agreement_id
    return Placement(
        unit_id=ground.participant.unit_id,
        external_id=plan.external_id or f"P-{uuid4().hex[:10]}",
        participant_id=ground.participant.id,
        case_id=case.id,
        site_id=ground.site.id,
        offer_id=plan.offer_id,
        proposal_id=plan.proposal_id,
        form=ground.form.code,
        start_date=plan.start_date,
        planned_end_date=plan.planned_end_date,
        decision_authority=plan.decision_authority,
        decision_ref=plan.decision_ref,
        decision_from=plan.decision_from,
        decision_to=plan.decision_to,
        purpose=plan.purpose,
        hours_start=plan.hours_start,
        hours_goal=plan.hours_goal,
        supervisor_id=plan.supervisor_id,
        case_worker_id=plan.case_worker_id or case.case_worker_id,
        liaison_id=plan.liaison_id or (offer and offer.owner_id) or employer.owner_id,
        contact_id=plan.contact_id,
        agreement_id=agreement_id,
        programme_id=plan.programme_id or case.programme_id,
        comment=plan.comment,
        extended=plan.extended,
        moved_from_id=plan.moved_from_id,
        counts_from=plan.counts_from,
        risk_decision=plan.risk_decision if ground.participant.protected else None,
    )


def _add_start_work(placement: Placement, *, today: date) -> None:
    placement.checklist = [
        ChecklistItem(code=code, position=position) for position, code in enumerate(CHECKLIST)
    ]
    due = package_due_dates(placement.start_date, placement.planned_end_date, today=today)
    placement.package = [
        PackagePart(part=part, position=position, due_on=due[part])
        for position, part in enumerate(Part)
    ]
    days = follow_up_due_dates(placement.start_date, placement.planned_end_date)
    placement.follow_ups = [
        FollowUp(number=number, due_on=day) for number, day in enumerate(days, start=1)
    ]
    placement.accommodations = []


def _write_what_is_known(
    session: Session, actor: Actor, placement: Placement, plan: Plan, *, today: date
) -> None:
    """What was told with the plan: the decision, who supervises, what is done before the start."""
    keep_first(session, placement, today=today)
    open_supervision(session, placement, day=placement.start_date)
    # Said to be done before the start; never later than it, and never in the future.
    tick_prepared(placement, plan.prepared, day=min(today, placement.start_date), actor=actor)
    if plan.facts is not None:
        write_facts(session, placement.id, plan.facts)
    session.flush()


def _add_lane(session: Session, actor: Actor, placement: Placement, ground: Ground) -> None:
    add_step(
        session,
        actor,
        ground.case,
        Step.WORK_TRAINING,
        start_date=placement.start_date,
        planned_end_date=placement.planned_end_date,
        responsible_id=placement.case_worker_id,
        source_id=placement.id,
        # The workplace of a protected person stands nowhere but on the placement itself.
        label=None if ground.participant.protected else ground.site.name,
    )


def _involve_supervisor(
    session: Session, actor: Actor, placement: Placement, participant: Participant
) -> None:
    if placement.supervisor_id is not None and not participant.protected:
        people.involve(session, actor, participant.id, placement.supervisor_id, Capacity.SUPERVISOR)


def _get(session: Session, table: type[Any], key: UUID) -> Any:
    row = session.get(table, key)
    if row is None:
        raise NotFound(table.__tablename__)
    return row
