"""Everything that one participant's page shows, as far as its reader may see. Logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit, authority
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Area
from matchsvc.accounts.rules import names_of
from matchsvc.participants.access import SCOPES, Sight, get_visible, shown_name, sight_of
from matchsvc.participants.case_models import CasePause
from matchsvc.participants.listing import (
    NextStep,
    Status,
    next_step_of,
    status_of,
    wait_days,
)
from matchsvc.participants.models import (
    Case,
    Competence,
    LearnedWhere,
    Participant,
    Wish,
)
from matchsvc.participants.own import is_own
from matchsvc.participants.pauses import running_pause
from matchsvc.participants.plan_flags import Attention, attention_of
from matchsvc.participants.profile import latest_wish
from matchsvc.participants.summaries import has_signed_mapping
from matchsvc.vocabulary.models import Concept, ConceptType, Condition, Scheme
from matchsvc.workday.meeting_models import Meeting
from matchsvc.workday.meeting_reads import next_with

_LOADED = (
    selectinload(Participant.cases).selectinload(Case.steps),
    selectinload(Participant.competences).selectinload(Competence.evidence),
    selectinload(Participant.languages),
    selectinload(Participant.needs),
    selectinload(Participant.areas),
)
#: Learned in a job or by a certificate stands with the papers; the rest with life (picture 03).
_ON_PAPER = (LearnedWhere.EDUCATION, LearnedWhere.JOB)


@dataclass(frozen=True, slots=True)
class Overview:
    """One participant as somebody sees her.

    Attributes:
        participant: the row, with cases, competences, languages, needs and areas loaded.
        case: the latest case.
        sight: how much the reader sees.
        name: name or alias, by sight.
        is_own: whether the reader may change things.
        status, next_step, wait_days: as in the list.
        wish: the wish that counts, if any; its words are for FULL sight only.
        from_life, on_paper: her competences that are not archived, in the two groups.
        concepts, conditions, areas, staff: what the ids stand for.
        next_meeting: when she is met next; for those who see all of her.
        plan: what calls for attention about her plan; for her own workers while the case is open.
        pause: the pause the case is in, if any.
    """

    participant: Participant
    case: Case | None
    sight: Sight
    name: str
    is_own: bool
    status: Status
    next_step: NextStep
    wait_days: int | None
    wish: Wish | None
    has_mapping: bool
    from_life: list[Competence]
    on_paper: list[Competence]
    concepts: Mapping[str, Concept]
    conditions: Mapping[str, Condition]
    areas: Mapping[UUID, str]
    staff: Mapping[UUID | None, str]
    next_meeting: Meeting | None = None
    plan: Attention | None = None
    pause: CasePause | None = None

    @property
    def sees_all(self) -> bool:
        """Whether own words, contact data and profile are shown."""
        return self.sight >= Sight.FULL

    @property
    def tells_needs(self) -> bool:
        """Whether it is shown how a need shows itself, not only which it is."""
        return authority.may_see(
            "need_notes", SCOPES[self.sight], protected=self.participant.protected
        )


def get_overview(
    session: Session, actor: Actor, key: UUID | str, *, today: date, now: datetime | None = None
) -> Overview:
    """One participant with what her page shows, her next meeting too when ``now`` is told; logged.

    Raises:
        NotFound: unknown, hidden or protected: the same answer.
    """
    participant = get_visible(session, actor, key, today=today, options=_LOADED)
    sight = sight_of(session, actor, [participant.id], today=today).get(participant.id, Sight.ALIAS)
    held = participant.cases[0] if participant.cases else None
    wish = latest_wish(session, participant.id)
    current = [each for each in participant.competences if each.archived_at is None]
    on_paper = [each for each in current if is_on_paper(each)]
    status = status_of(participant, held, today=today)
    has_mapping = held is not None and has_signed_mapping(session, held.id)
    is_hers = is_own(session, actor, participant.id, today=today)
    overview = Overview(
        participant=participant,
        case=held,
        sight=sight,
        name=shown_name(participant, sight),
        is_own=is_hers,
        status=status,
        next_step=next_step_of(
            participant, held, status, has_wish=wish is not None, has_mapping=has_mapping
        ),
        wait_days=wait_days(participant, status, today=today),
        wish=wish,
        has_mapping=has_mapping,
        from_life=[each for each in current if not is_on_paper(each)],
        on_paper=on_paper,
        concepts=_concepts(session, participant, current, wish),
        conditions=_conditions(session, participant),
        areas=_areas(session, participant),
        staff=_staff(session, current, held, wish),
        next_meeting=next_with(session, participant.id, now=now)
        if now and sight >= Sight.WORKPLACE
        else None,
        plan=attention_of(session, participant, held, today=today) if is_hers else None,
        pause=running_pause(session, held),
    )
    audit.record(
        session,
        actor,
        "read",
        "participant",
        participant.id,
        subjects=[participant.id],
        fields=[sight.name.lower()],
    )
    return overview


def is_on_paper(competence: Competence) -> bool:
    """Whether it stands under certificates, education and jobs."""
    return competence.learned_where in _ON_PAPER or competence.is_formal


def concepts_by_id(session: Session, ids: set[str]) -> dict[str, Concept]:
    """Concepts by id. One query."""
    found = session.scalars(select(Concept).where(Concept.id.in_(ids)))
    return {concept.id: concept for concept in found}


def list_languages(session: Session) -> list[Concept]:
    """The languages of the vocabulary, in Swedish order; official lists repeat them."""
    found = select(Concept).where(
        Concept.type == ConceptType.LANGUAGE,
        Concept.scheme.in_((Scheme.STARTER, Scheme.LOCAL)),
        Concept.is_deprecated.is_(False),
        Concept.is_group.is_(False),
    )
    return list(session.scalars(found.order_by(Concept.sort_key)))


def list_conditions(session: Session) -> list[Condition]:
    """The conditions in the order of the list."""
    found = select(Condition).where(Condition.is_deprecated.is_(False))
    return list(session.scalars(found.order_by(Condition.position)))


def _concepts(
    session: Session, participant: Participant, current: list[Competence], wish: Wish | None
) -> dict[str, Concept]:
    ids = {each.concept_id for each in current if each.concept_id}
    ids |= {skill.concept_id for skill in participant.languages}
    if wish is not None:
        ids |= {wanted.concept_id for wanted in wish.concepts}
    return concepts_by_id(session, ids)


def _conditions(session: Session, participant: Participant) -> dict[str, Condition]:
    ids = [need.condition_id for need in participant.needs]
    found = session.scalars(select(Condition).where(Condition.id.in_(ids)))
    return {condition.id: condition for condition in found}


def _areas(session: Session, participant: Participant) -> dict[UUID, str]:
    ids = [held.area_id for held in participant.areas]
    found = session.scalars(select(Area).where(Area.id.in_(ids)).order_by(Area.sort_key))
    return {area.id: area.name for area in found}


def _staff(
    session: Session, current: list[Competence], held: Case | None, wish: Wish | None
) -> dict[UUID | None, str]:
    ids = {piece.by_id for each in current for piece in each.evidence}
    if held is not None:
        ids |= {held.case_worker_id, *(step.responsible_id for step in held.steps)}
    if wish is not None:
        ids.add(wish.recorded_by_id)
    return names_of(session, ids)
