"""Proposals: a person decides, the participant answers first, then the employer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor, ActorKind, job_actor
from matchsvc.accounts.models import Role
from matchsvc.db import check_version
from matchsvc.employers.models import Contact, Employer, Offer
from matchsvc.employers.offers import get_offer
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.matching.gate_words import Words
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.matching.presentation import presentation_of
from matchsvc.matching.proposal_steps import (
    EMPLOYER_SIDE,
    ENDED,
    LINK_PURPOSE,
    S,
    move,
    note_step,
)
from matchsvc.matching.results import Result
from matchsvc.matching.rules import MATCHERS, explain_pair
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.outcomes.rules import record_outcome
from matchsvc.participants.access import (
    is_visible_to,
)
from matchsvc.participants.cases import open_case
from matchsvc.participants.enrolment import subject_of
from matchsvc.participants.models import Participant
from matchsvc.participants.own import get_own
from matchsvc.participants.presentation_answers import require_presentable
from matchsvc.participants.profile import latest_wish
from matchsvc.swedish import contains_identity_number

NO_CHOICE = "enhanced_work_training"


def propose(
    session: Session,
    actor: Actor,
    *,
    participant_key: UUID | str,
    offer_key: UUID | str,
    reason: str,
    today: date,
    now: datetime,
    words: Words,
    override_reason: str | None = None,
    said_yes: bool = False,
) -> Proposal:
    """Propose a participant for an offer, with the explanation as it was shown.

    Args:
        session: a writing transaction.
        actor: her own case worker.
        participant_key: whom.
        offer_key: for what.
        reason: why, in the proposer's words; kept with the explanation.
        today: the day of the proposal.
        now: the instant, for the history.
        words: the language of the explanation that was shown.
        override_reason: why in spite of a closed condition gate (DL 1:4 p. 3).
        said_yes: she has already said yes to being proposed here.

    Raises:
        NotFound: either is unknown, hidden or protected.
        Refused: not her own case worker.
        Invalid: no reason, or an identity number in it.
        RuleViolation: her own wish is not recorded, informal competence was not asked about
            (MAP-07), the case is paused, a gate is closed, or she is already proposed here.
    """
    actor.require_role(Role.CASE_WORKER)
    participant = get_own(session, actor, participant_key, today=today)
    offer = get_offer(session, actor, offer_key)
    _check_words({"reason": reason, "override_reason": override_reason or ""}, today)
    if not reason.strip():
        raise Invalid(
            {"reason": N_("Skriv varför du föreslår personen. Det sparas med förklaringen.")}
        )
    case = open_case(session, participant)
    if case.is_paused:
        raise RuleViolation(
            "case_paused", N_("Ärendet är pausat. Återuppta det innan du föreslår en plats.")
        )
    _check_mapped(session, participant)
    result = explain_pair(session, actor, participant.id, offer.id, today=today, words=words)
    _check_gates(result, override_reason)
    if session.scalar(_standing(participant.id, offer.id).limit(1)) is not None:
        raise RuleViolation(
            "already_proposed", N_("Personen är redan föreslagen till den här platsen.")
        )
    proposal = Proposal(
        unit_id=offer.unit_id,
        participant_id=participant.id,
        offer_id=offer.id,
        state=S.DRAFTED,
        explanation=result.as_json(),
        weights_version=result.weights,
        proposed_by_id=actor.require_user(),
        proposed_on=today,
        reason=reason.strip(),
        # Kept only where it was needed: an open pair is no override.
        override_reason=None if result.open else (override_reason or "").strip(),
    )
    session.add(proposal)
    session.flush()
    note_step(session, actor, proposal, None, S.DRAFTED, now, reason.strip())
    record_outcome(
        session,
        OutcomeKind.PROPOSED,
        proposal.id,
        subject_of(participant, case),
        occurred_on=today,
        is_new=True,
        **_workplace(session, offer),
    )
    overridden = [] if result.open else ["override_reason"]
    audit.record(
        session,
        actor,
        "create",
        "proposal",
        proposal.id,
        subjects=[participant.id],
        fields=overridden,
    )
    if said_yes:
        move(session, actor, proposal, S.WANTED, now=now, note=None)
    return proposal


def answer_for_participant(
    session: Session,
    actor: Actor,
    proposal_id: UUID,
    *,
    answer: ProposalState,
    note: str | None,
    today: date,
    now: datetime,
    version: int | None = None,
) -> Proposal:
    """Record what the participant says: yes, no, or that something must change first.

    Raises:
        NotFound, Refused: not visible, or not her own worker.
        RuleViolation: the proposal is past that.
        Conflict: somebody else changed it.
    """
    if answer not in {S.WANTED, S.UNWANTED, S.CHANGE}:
        raise Invalid({"answer": N_("Välj ett av alternativen.")})
    proposal = get_proposal(session, actor, proposal_id, today=today, for_update=True)
    check_version(proposal, version)
    get_own(session, actor, proposal.participant_id, today=today)
    _check_words({"note": note or ""}, today)
    return move(session, actor, proposal, answer, now=now, note=note)


def present(
    session: Session,
    actor: Actor,
    proposal_id: UUID,
    *,
    approved: bool,
    contact_id: UUID | None,
    today: date,
    now: datetime,
    asked_again: bool = False,
    version: int | None = None,
) -> Proposal:
    """Tell the employer of her, anonymously, as she approved it (LAW-13).

    Args:
        session: a writing transaction.
        actor: of the employer's side.
        proposal_id: which.
        approved: she has seen what is shown and said yes.
        contact_id: who gets it.
        today: the day of her approval.
        now: the instant, for the history.
        asked_again: she said yes once more, knowing how few it could describe (DESIGN 4.8).
        version: as it was shown.

    Raises:
        RuleViolation: she has not approved what is shown, was not asked again where somebody may
            guess who it is, has said no to being shown on her own page, or the employer may not
            choose.
        Conflict, NotFound, Refused: as everywhere.
    """
    proposal = get_proposal(session, actor, proposal_id, today=today, for_update=True)
    check_version(proposal, version)
    offer = get_offer(session, actor, proposal.offer_id)
    if offer.forms == [NO_CHOICE]:
        raise RuleViolation(
            "employer_may_not_choose",
            N_(
                "Platsen är för förstärkt arbetsträning. Då får arbetsgivaren inte välja person "
                "(2007:414 10 §). Gå direkt till att ordna placeringen."
            ),
        )
    if not approved:
        raise RuleViolation(
            "presentation_not_approved",
            N_("Visa personen vad arbetsgivaren får se, och kryssa i när personen har sagt ja."),
        )
    require_presentable(session, proposal.participant_id)
    shown = presentation_of(session, actor, proposal, today=today)
    if shown.is_rare and not asked_again:
        message = N_("Berätta att någon kan gissa vem det är, och kryssa i om personen vill ändå.")
        raise RuleViolation("not_asked_again", message, fields={"asked_again": message})
    if contact_id is not None:
        _check_contact(session, contact_id, offer)
    proposal.presentation = {
        "alias": shown.alias,
        "competences": list(shown.competences),
        "hours": shown.hours,
        "start_from": shown.start_from.isoformat() if shown.start_from else None,
        "crowd": shown.crowd,
        "approved_on": today.isoformat(),
    }
    proposal.contact_id = contact_id
    audit.record(session, actor, "disclose", "proposal", proposal.id, fields=["presentation"])
    moved = move(session, actor, proposal, S.PRESENTED, now=now, note=None)
    participant = session.get_one(Participant, proposal.participant_id)
    record_outcome(
        session,
        OutcomeKind.EMPLOYER_CONTACTED,
        proposal.id,
        subject_of(participant, open_case(session, participant)),
        occurred_on=today,
        **_workplace(session, offer),
    )
    return moved


def answer_for_employer(
    session: Session,
    actor: Actor,
    proposal_id: UUID,
    *,
    accepted: bool,
    note: str | None,
    today: date,
    now: datetime,
    version: int | None = None,
) -> Proposal:
    """Record what the employer answers.

    Raises:
        RuleViolation: the proposal is not with the employer, or every place is taken.
        Conflict, NotFound, Refused: as everywhere.
    """
    proposal = get_proposal(session, actor, proposal_id, today=today, for_update=True)
    check_version(proposal, version)
    actor.require_role(*EMPLOYER_SIDE)
    _check_words({"note": note or ""}, today)
    return record_employer_answer(
        session, actor, proposal, accepted=accepted, note=note, today=today, now=now
    )


def record_employer_answer(
    session: Session,
    actor: Actor,
    proposal: Proposal,
    *,
    accepted: bool,
    note: str | None,
    today: date,
    now: datetime,
) -> Proposal:
    """Move a locked proposal by the employer's answer, whoever brought it. Asks no right.

    Raises:
        RuleViolation: the proposal is not with the employer, or every place is taken.
    """
    offer = get_offer(session, job_actor(LINK_PURPOSE), proposal.offer_id, for_update=True)
    no_choice = offer.forms == [NO_CHOICE]
    if proposal.state is S.WANTED and not (no_choice and accepted):
        raise RuleViolation(
            "not_presented", N_("Arbetsgivaren har inte fått förslaget än. Skicka det först.")
        )
    if accepted and _taken(session, offer.id) >= offer.places:
        raise RuleViolation("no_places_left", N_("Alla platser i erbjudandet är redan tagna."))
    to = S.ACCEPTED if accepted else S.DECLINED
    moved = move(
        session, actor, proposal, to, now=now, note=note, is_by_link=actor.kind is ActorKind.LINK
    )
    if accepted:
        participant = session.get_one(Participant, proposal.participant_id)
        record_outcome(
            session,
            OutcomeKind.ACCEPTED,
            proposal.id,
            subject_of(participant, open_case(session, participant)),
            occurred_on=today,
            is_new=True,
            **_workplace(session, offer),
        )
    return moved


def _workplace(session: Session, offer: Offer) -> dict[str, Any]:
    """Where a place is, in the groups that reports count in."""
    employer = session.get_one(Employer, offer.site.employer_id)
    return {"employer_id": employer.id, "site_id": offer.site_id, "sector": employer.type.value}


def withdraw(
    session: Session,
    actor: Actor,
    proposal_id: UUID,
    *,
    note: str,
    today: date,
    now: datetime,
    version: int | None = None,
) -> Proposal:
    """Take a proposal back, with a reason."""
    proposal = get_proposal(session, actor, proposal_id, today=today, for_update=True)
    check_version(proposal, version)
    if not note.strip():
        raise Invalid({"note": N_("Skriv varför förslaget tas tillbaka.")})
    _check_words({"note": note}, today)
    return move(session, actor, proposal, S.WITHDRAWN, now=now, note=note)


def mark_placed(session: Session, actor: Actor, proposal: Proposal, *, now: datetime) -> Proposal:
    """The proposal became a placement; called by placements/."""
    return move(session, actor, proposal, S.PLACED, now=now, note=None)


def get_proposal(
    session: Session, actor: Actor, proposal_id: UUID, *, today: date, for_update: bool = False
) -> Proposal:
    """One proposal with its history.

    Raises:
        NotFound: unknown, another unit's, or about somebody who does not exist for the actor.
        Refused: the role does not work with proposals.
    """
    actor.require_role(*MATCHERS)
    found = (
        _visible(session, actor, today)
        .where(Proposal.id == proposal_id)
        .options(selectinload(Proposal.history))
    )
    if for_update:
        found = found.with_for_update(of=Proposal)
    proposal = session.scalars(found).unique().first()
    if proposal is None:
        raise NotFound("proposal")
    return proposal


def list_proposals(
    session: Session,
    actor: Actor,
    *,
    today: date,
    participant_id: UUID | None = None,
    offer_id: UUID | None = None,
    only_standing: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> list[Proposal]:
    """The proposals that exist for the actor, newest first."""
    actor.require_role(*MATCHERS)
    found = _visible(session, actor, today)
    if participant_id is not None:
        found = found.where(Proposal.participant_id == participant_id)
    if offer_id is not None:
        found = found.where(Proposal.offer_id == offer_id)
    if only_standing:
        found = found.where(Proposal.state.not_in(ENDED))
    found = found.order_by(Proposal.created_at.desc(), Proposal.id)
    return list(session.scalars(found.limit(limit).offset(offset)))


def _visible(session: Session, actor: Actor, today: date) -> Select[Proposal]:
    del session
    found = select(Proposal).join(
        Participant,
        and_(Participant.id == Proposal.participant_id, is_visible_to(actor, today=today)),
    )
    return found if actor.unit_id is None else found.where(Proposal.unit_id == actor.unit_id)


def _standing(participant_id: UUID, offer_id: UUID) -> Select[Proposal]:
    return select(Proposal).where(
        Proposal.participant_id == participant_id,
        Proposal.offer_id == offer_id,
        Proposal.state.not_in(ENDED),
    )


def _taken(session: Session, offer_id: UUID) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(Proposal)
            .where(Proposal.offer_id == offer_id, Proposal.state.in_((S.ACCEPTED, S.PLACED)))
        )
        or 0
    )


def _check_mapped(session: Session, participant: Participant) -> None:
    """Her own wish and her informal competence come before any proposal (MAP-07)."""
    if latest_wish(session, participant.id) is None:
        raise RuleViolation(
            "wish_missing",
            N_("Personens eget önskemål är inte antecknat än. Fråga personen och skriv det först."),
        )
    if participant.informal_asked_on is None:
        raise RuleViolation(
            "informal_not_asked",
            N_(
                "Ingen har frågat vad personen lärt sig utanför skola och jobb. Fråga först: "
                "hemma, i föreningen, i omsorg om andra. Finns inget går det att svara det."
            ),
        )


def _check_gates(result: Result, override_reason: str | None) -> None:
    if result.open:
        return
    if result.can_be_overridden and (override_reason or "").strip():
        return
    if result.can_be_overridden:
        raise RuleViolation(
            "gate_closed",
            N_(
                "Platsen säger nej till något personen behöver. Skriv hur det ska lösas om du vill "
                "föreslå personen ändå: arbetsgivaren är skyldig att anpassa det som är skäligt "
                "(diskrimineringslagen 1 kap. 4 § 3)."
            ),
            fields={"override_reason": N_("Skriv hur det ska lösas.")},
        )
    raise RuleViolation(
        "gate_closed",
        N_("Något som måste stämma gör inte det: %(reason)s. Det öppnas om %(opens_by)s."),
        values={"reason": result.closed[0].reason, "opens_by": result.closed[0].opens_by},
    )


def _check_words(texts: Mapping[str, str], today: date) -> None:
    wrong = {
        name: N_("Skriv inga personnummer här.")
        for name, text in texts.items()
        if contains_identity_number(text, today=today)
    }
    if wrong:
        raise Invalid(wrong)


def _check_contact(session: Session, contact_id: UUID, offer: Offer) -> None:
    contact = session.get(Contact, contact_id)
    if contact is None or contact.employer_id != offer.site.employer_id or not contact.is_active:
        raise Invalid({"contact_id": N_("Välj ett av alternativen.")})


def offer_of(session: Session, proposal: Proposal) -> Offer | None:
    """The offer's row alone, for placements/."""
    return session.get(Offer, proposal.offer_id)


def as_json(proposal: Proposal) -> dict[str, Any]:
    """A proposal as the API shows it."""
    return {
        "id": str(proposal.id),
        "participant": str(proposal.participant_id),
        "offer": str(proposal.offer_id),
        "state": proposal.state.value,
        "reason": proposal.reason,
        "override_reason": proposal.override_reason,
        "proposed_on": proposal.proposed_on.isoformat(),
        "named_on": proposal.named_on.isoformat() if proposal.named_on else None,
        "weights": proposal.weights_version,
        "version": proposal.version,
        "explanation": proposal.explanation,
    }
