"""What somebody's own page shows: steps, plan, meetings, what others may see (domain 4.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Unit, User
from matchsvc.accounts.rules import names_of
from matchsvc.documents.of_person import OwnPaper, papers_of
from matchsvc.errors import Conflict
from matchsvc.matching.presentation import Presentation, presentation_for
from matchsvc.own_page.corrections import corrections_of
from matchsvc.own_page.models import Correction, OwnPageVisit
from matchsvc.participants.consents import Held, list_consents
from matchsvc.participants.models import CaseStep, Participant
from matchsvc.participants.overview import Overview, concepts_by_id, get_overview
from matchsvc.participants.plan_models import Plan
from matchsvc.participants.plans import read_plans
from matchsvc.participants.presentation_answers import Said, answer_presentation, latest_answer
from matchsvc.participants.presentation_models import PresentationAnswer, PresentationSaid
from matchsvc.placements.access import Seen
from matchsvc.placements.models import PlacementForm
from matchsvc.placements.overview import State, get_person_overview
from matchsvc.vocabulary.models import Concept
from matchsvc.workday.invitations import place_of
from matchsvc.workday.meeting_models import Meeting
from matchsvc.workday.meeting_plans import staff_on
from matchsvc.workday.meeting_reads import coming_with
from matchsvc.workday.meetings import times_of
from matchsvc.workday.signing import hash_of

MOST_MEETINGS = 10
_HELD = frozenset({State.RUNNING, State.STARTING, State.ENDING, State.STOPPED, State.BEYOND})


@dataclass(frozen=True, slots=True)
class ShownMeeting:
    """A meeting as she may read it: never why. Her own time of it, and whom she meets."""

    meeting: Meeting
    times: tuple[datetime, datetime]
    place: str | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownPlacement:
    """Where she trains or will."""

    seen: Seen
    form: PlacementForm
    supervisor: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What an employer would see, and what she has said of it.

    Attributes:
        presentation: the contents.
        concepts: what is shown that she can, in Swedish order.
        content_hash: of exactly this.
        answer: the one that counts, or None.
    """

    presentation: Presentation
    concepts: tuple[Concept, ...]
    content_hash: str
    answer: PresentationAnswer | None

    @property
    def has_changed(self) -> bool:
        """Whether it is something else than what she answered about."""
        return self.answer is not None and self.answer.content_hash != self.content_hash


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Everything on the page; what she says of it is read in ``corrections``."""

    overview: Overview
    unit: Unit
    worker: User | None
    steps: Sequence[CaseStep]
    plan: Plan | None
    plan_staff: dict[UUID | None, str]
    meetings: Sequence[ShownMeeting]
    placements: Sequence[ShownPlacement]
    shown: Shown
    consents: Held
    corrections: Sequence[Correction]
    papers: Sequence[OwnPaper]

    @property
    def participant(self) -> Participant:
        """Whose page it is."""
        return self.overview.participant


def read_page(
    session: Session, actor: Actor, participant: Participant, *, today: date, now: datetime
) -> OwnPage:
    """Her page. Every part logs its own reading, as on the pages of staff.

    Args:
        session: to read with.
        actor: her own worker, who shows it.
        participant: from :func:`matchsvc.own_page.visits.get_visit`.
        today: the day.
        now: the instant; earlier meetings are left out.
    """
    key = participant.id
    overview = get_overview(session, actor, key, today=today)
    plans = read_plans(session, actor, key, today=today) if overview.case else None
    plan = (plans.standing or plans.latest) if plans else None
    staff = names_of(session, {row.colleague_id for row in plan.measures} if plan else set())
    return OwnPage(
        overview=overview,
        unit=unit_of(session, participant),
        worker=session.get(User, overview.case.case_worker_id)
        if overview.case and overview.case.case_worker_id
        else None,
        steps=sorted(overview.case.steps, key=lambda each: each.start_date)
        if overview.case
        else [],
        plan=plan,
        plan_staff=staff,
        meetings=read_meetings(session, participant, now=now),
        placements=_placements(session, actor, participant, today=today),
        shown=what_is_shown(session, actor, participant, today=today),
        consents=list_consents(session, actor, key, today=today),
        corrections=corrections_of(session, key),
        papers=papers_of(session, participant),
    )


def unit_of(session: Session, participant: Participant) -> Unit:
    """The unit whose participant it is."""
    return session.get_one(Unit, participant.unit_id)


def read_meetings(
    session: Session, participant: Participant, *, now: datetime
) -> list[ShownMeeting]:
    """Her coming meetings: when, where and with which of the staff."""
    meetings = coming_with(session, participant.id, now=now, limit=MOST_MEETINGS)
    staff = names_of(session, {key for each in meetings for key in staff_on(each)})
    return [
        ShownMeeting(
            each,
            times_of(each, participant.id),
            place_of(session, each),
            tuple(staff[key] for key in staff_on(each) if key in staff),
        )
        for each in meetings
    ]


def _placements(
    session: Session, actor: Actor, participant: Participant, *, today: date
) -> list[ShownPlacement]:
    found = get_person_overview(session, actor, participant.id, today=today).placements
    held = [seen for state, seen in found if state in _HELD]
    forms = {form.code: form for form in session.scalars(select(PlacementForm))}
    staff = names_of(session, {seen.placement.supervisor_id for seen in held})
    return [
        ShownPlacement(seen, forms[seen.placement.form], staff.get(seen.placement.supervisor_id))
        for seen in held
    ]


def what_is_shown(
    session: Session, actor: Actor, participant: Participant, *, today: date
) -> Shown:
    """What an employer would see of her, and what she has said of it."""
    made = presentation_for(session, actor, participant.id, today=today)
    concepts = concepts_by_id(session, set(made.competences))
    parts = [*made.competences, str(made.hours), str(made.start_from)]
    return Shown(
        made,
        tuple(sorted(concepts.values(), key=lambda each: each.sort_key)),
        hash_of(parts),
        latest_answer(session, participant.id),
    )


def answer_what_is_shown(
    session: Session,
    actor: Actor,
    participant: Participant,
    visit: OwnPageVisit | None,
    *,
    answer: PresentationSaid,
    words: str | None,
    shown_hash: str | None,
    today: date,
    now: datetime,
) -> PresentationAnswer:
    """Record her answer to what an employer would see, in the language of the visit.

    Raises:
        Conflict: something else is shown now than what she read.
        Invalid: a wish to change something, without words.
    """
    shown = what_is_shown(session, actor, participant, today=today)
    if shown_hash is not None and shown_hash != shown.content_hash:
        raise Conflict
    said = Said(
        answer,
        shown.content_hash,
        language=visit.language if visit else "sv",
        words=words if answer is PresentationSaid.CHANGE else None,
        interpreter=visit.interpreter if visit else None,
    )
    return answer_presentation(session, actor, participant.id, said, today=today, now=now)
