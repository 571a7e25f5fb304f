"""Carrying out an import of participants: new people in bulk, known ones one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import Base
from matchsvc.imports.bulk import insert_rows
from matchsvc.imports.lookups import Book
from matchsvc.imports.participant_plan import PersonPlan
from matchsvc.imports.planning import chunks
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import (
    new_outcome,
    record_many,
)
from matchsvc.participants.access import involve
from matchsvc.participants.competences import height
from matchsvc.participants.enrolment import (
    Details,
    build_participant,
    erase_contact,
    set_identity,
    subject_of,
    tell_workers,
)
from matchsvc.participants.models import (
    Capacity,
    Case,
    CaseStep,
    Competence,
    Evidence,
    Involvement,
    LanguageSkill,
    LearnedWhere,
    Need,
    Participant,
    ParticipantArea,
    Rung,
    Step,
)
from matchsvc.swedish import sort_key

_ARCHIVED = "Togs bort vid import"
#: Parents before what hangs on them.
_ORDER: tuple[type[Base], ...] = (
    Participant, Case, CaseStep, Involvement, Competence, Evidence, LanguageSkill,
    ParticipantArea, Need, OutcomeEvent,
)  # fmt: skip
_COUNTED = ("sex", "birth_region", "birth_year")


def write_people(session: Session, book: Book, plans: Sequence[PersonPlan]) -> None:
    """Write what rows make of people. Only for rows planned in this same transaction."""
    for plan in plans:
        if plan.hidden is not None and plan.tells:
            tell_workers(session, book.actor, plan.hidden, today=book.today)
    seen = [plan for plan in plans if plan.hidden is None]
    new = [plan for plan in seen if plan.known is None]
    _write_new(session, book, new)
    known = [plan for plan in seen if plan.known is not None]
    events: list[OutcomeEvent] = []
    regrouped: dict[UUID, tuple[str, str, int | None]] = {}
    for plan in known:
        _write_known(session, book, plan, events, regrouped)
    session.flush()
    record_many(session, events, regrouped)
    _log(session, book.actor, "create", [plan.person["id"] for plan in new])
    _log(session, book.actor, "change", [plan.known.id for plan in known if plan.known])


def _log(session: Session, actor: Actor, action: str, ids: Sequence[UUID]) -> None:
    for some in chunks(ids):
        audit.record(session, actor, action, "participant", reason="import", subjects=some)


# New people


def _write_new(session: Session, book: Book, plans: Sequence[PersonPlan]) -> None:
    if not plans:
        return
    first = book.take_numbers(session, len(plans))
    rows = [
        row
        for number, plan in enumerate(plans, start=first)
        for row in _rows_of(book, plan, number)
    ]
    insert_rows(session, sorted(rows, key=lambda row: _ORDER.index(type(row))))


def _rows_of(book: Book, plan: PersonPlan, number: int) -> Iterable[Base]:
    participant = _participant(plan, number)
    plan.person["id"] = participant.id
    yield participant
    case = _case(participant, plan)
    yield from _case_rows(book, participant, case, plan)
    yield from _ability_rows(book, participant, plan)
    for part_id in dict.fromkeys(plan.areas or ()):
        yield ParticipantArea(participant_id=participant.id, area_id=part_id)
    for condition_id in dict.fromkeys(plan.needs or ()):
        yield Need(id=uuid4(), participant_id=participant.id, condition_id=condition_id)


def _participant(plan: PersonPlan, number: int) -> Participant:
    person = plan.person
    details = Details(
        sex=person["sex"],
        birth_region=person["birth_region"],
        enrolled_on=plan.facts["enrolled_on"],
        given_name=person["given_name"],
        family_name=person["family_name"],
        birth_year=person["birth_year"],
        birth_country=person["birth_country"],
        contact_language=person["contact_language"],
        interpreter=person["interpreter"],
        protected=person["protected"],
        external_id=plan.external_id,
    )
    participant = build_participant(
        details, unit_id=plan.unit_id, number=number, identity=plan.identity
    )
    participant.phone, participant.email = person["phone"], person["email"]  # already as stored
    participant.outcome_key = uuid4()
    participant.hours_per_week = person["hours_per_week"]
    participant.weekdays = person["weekdays"]
    participant.reaches_all_areas = bool(plan.everywhere)
    return participant


def _case(participant: Participant, plan: PersonPlan) -> Case:
    facts = {name: value for name, value in plan.facts.items() if hasattr(Case, name)}
    return Case(
        id=uuid4(),
        participant_id=participant.id,
        unit_id=participant.unit_id,
        outcome_key=uuid4(),
        **facts,
    )


def _case_rows(
    book: Book, participant: Participant, case: Case, plan: PersonPlan
) -> Iterable[Base]:
    yield case
    yield CaseStep(
        id=uuid4(),
        case_id=case.id,
        step=Step.MAPPING,
        start_date=case.enrolled_on,
        end_date=case.ended_on,
        responsible_id=case.case_worker_id,
    )
    for user_id, capacity in _workers(book, participant, case):
        yield Involvement(
            id=uuid4(), participant_id=participant.id, user_id=user_id, capacity=capacity
        )
    yield from _events(participant, case, plan)


def _workers(book: Book, participant: Participant, case: Case) -> Iterable[tuple[UUID, Capacity]]:
    if case.case_worker_id is not None:
        yield case.case_worker_id, Capacity.CASE_WORKER
    if participant.protected:
        handlers = {case.case_worker_id, book.actor.user_id} - {None}
        for user_id in sorted(handler for handler in handlers if handler is not None):
            yield user_id, Capacity.PROTECTED_HANDLER


def _ability_rows(book: Book, participant: Participant, plan: PersonPlan) -> Iterable[Base]:
    held: dict[str, tuple[Rung, LearnedWhere | None, bool]] = {}
    for concept, rung, where, papers in plan.raises:
        before = held.get(concept)
        if before is None or height(rung) > height(before[0]):
            held[concept] = (rung, where, papers)
    for concept, (rung, where, papers) in held.items():
        competence = _competence(participant, concept, rung, where, papers=papers)
        if competence.learned_where not in {LearnedWhere.EDUCATION, LearnedWhere.OTHER}:
            participant.informal_asked_on = participant.informal_asked_on or book.today
        yield competence
        yield _evidence(book, competence)
    for concept, levels in (plan.languages or {}).items():
        yield LanguageSkill(id=uuid4(), participant_id=participant.id, concept_id=concept, **levels)


def _competence(
    participant: Participant,
    concept: str,
    rung: Rung,
    where: LearnedWhere | None,
    *,
    papers: bool,
) -> Competence:
    return Competence(
        id=uuid4(),
        participant_id=participant.id,
        concept_id=concept,
        learned_where=where or LearnedWhere.OTHER,
        rung=rung,
        by_certificate=papers,
    )


def _evidence(book: Book, competence: Competence) -> Evidence:
    return Evidence(
        id=uuid4(),
        competence_id=competence.id,
        rung=competence.rung,
        happened_on=book.today,
        by_id=book.actor.user_id,
    )


# Known people


def _write_known(
    session: Session,
    book: Book,
    plan: PersonPlan,
    events: list[OutcomeEvent],
    regrouped: dict[UUID, tuple[str, str, int | None]],
) -> None:
    participant = plan.known
    if participant is None:
        return
    counted = [getattr(participant, name) for name in _COUNTED]
    becomes_protected = plan.person["protected"] and not participant.protected
    for name, value in plan.person.items():
        setattr(participant, name, value)
    if becomes_protected:
        erase_contact(session, participant)
    digits = plan.identity.digits if plan.identity else None
    if plan.clears_identity or (digits is not None and participant.personal_id != digits):
        set_identity(participant, plan.identity)
    name = f"{participant.family_name or ''} {participant.given_name or ''}".strip()
    participant.sort_key = sort_key(name or participant.alias)
    _write_reach(participant, plan)
    _write_abilities(session, book, participant, plan)
    events += _write_case(session, book, participant, plan)
    if becomes_protected:
        _name_handlers(session, book, participant, plan)
    if counted != [getattr(participant, name) for name in _COUNTED]:
        regrouped[participant.outcome_key] = (
            participant.sex.value, participant.birth_region.value, participant.birth_year
        )  # fmt: skip


def _name_handlers(
    session: Session, book: Book, participant: Participant, plan: PersonPlan
) -> None:
    for step in plan.case.steps if plan.case else []:
        step.label = None  # a bar names a workplace
    handlers = {plan.facts["case_worker_id"], book.actor.user_id} - {None}
    for user_id in handlers:
        involve(session, book.actor, participant.id, user_id, Capacity.PROTECTED_HANDLER)


def _write_reach(participant: Participant, plan: PersonPlan) -> None:
    if plan.areas is not None:
        held_areas = {area.area_id: area for area in participant.areas}
        participant.areas = [
            held_areas.get(area_id) or ParticipantArea(area_id=area_id)
            for area_id in dict.fromkeys(plan.areas)
        ]
        participant.reaches_all_areas = bool(plan.everywhere)
    if plan.needs is not None:
        held_needs = {need.condition_id: need for need in participant.needs}
        participant.needs = [
            held_needs.get(condition_id) or Need(condition_id=condition_id)
            for condition_id in dict.fromkeys(plan.needs)
        ]


def _write_abilities(
    session: Session, book: Book, participant: Participant, plan: PersonPlan
) -> None:
    if plan.languages != {}:
        _write_languages(participant, plan)
    if not plan.forgets and not plan.raises:
        return
    held = {c.concept_id: c for c in participant.competences if c.archived_at is None}
    if plan.forgets:
        for competence in held.values():
            competence.archived_at = _at(book.today)
            competence.archived_reason = _ARCHIVED
    for concept, rung, where, papers in plan.raises:
        known = held.get(concept)
        if known is None:
            known = held[concept] = _competence(participant, concept, rung, where, papers=papers)
            session.add(known)
            session.add(_evidence(book, known))
            if known.learned_where not in {LearnedWhere.EDUCATION, LearnedWhere.OTHER}:
                participant.informal_asked_on = participant.informal_asked_on or book.today
            continue
        known.learned_where = where or known.learned_where
        if height(rung) > height(known.rung):
            known.rung = rung
            known.by_certificate = known.by_certificate or papers
            session.add(_evidence(book, known))


def _write_languages(participant: Participant, plan: PersonPlan) -> None:
    if plan.languages is None:
        participant.languages = []
        return
    held = {language.concept_id: language for language in participant.languages}
    for concept, levels in plan.languages.items():
        skill = held.get(concept)
        if skill is None:
            participant.languages.append(LanguageSkill(concept_id=concept, **levels))
            continue
        for part, level in levels.items():
            setattr(skill, part, level)


def _write_case(
    session: Session, book: Book, participant: Participant, plan: PersonPlan
) -> Iterable[OutcomeEvent]:
    """Write the case; give back what is to be said of it now."""
    if plan.case is None:
        case = _case(participant, plan)
        session.flush()
        insert_rows(session, _again(_case_rows(book, participant, case, plan)))
        _allocate(session, book, participant, case.case_worker_id)
        participant.ready_on = None  # a new wait begins
        return []
    case = plan.case
    before = {name: getattr(case, name) for name in plan.facts}
    if before == plan.facts:
        return []
    for name, value in plan.facts.items():
        setattr(case, name, value)
    if before["case_worker_id"] != case.case_worker_id:
        _allocate(session, book, participant, case.case_worker_id)
        for step in case.steps:
            if step.end_date is None and step.source_id is None:
                step.responsible_id = case.case_worker_id
    _end_steps(case)
    events = [*_events(participant, case, plan)]
    if before["ended_on"] is not None and case.ended_on is None:
        subject = subject_of(participant, case)
        undone = new_outcome(OutcomeKind.EXITED, case.id, subject, occurred_on=before["ended_on"])
        undone.is_void = True
        events.append(undone)
    return events


def _events(participant: Participant, case: Case, plan: PersonPlan) -> Iterable[OutcomeEvent]:
    programme = plan.programme.code if plan.programme else None
    subject = subject_of(participant, case, programme=programme)
    yield new_outcome(OutcomeKind.ENROLLED, case.id, subject, occurred_on=case.enrolled_on)
    if case.ended_on is not None:
        yield new_outcome(
            OutcomeKind.EXITED,
            case.id,
            subject,
            occurred_on=case.ended_on,
            detail=case.exit_destination.value if case.exit_destination else None,
        )


def _again(rows: Iterable[Base]) -> Iterable[Base]:
    """Everything but the involvements, which may be there from an earlier case."""
    return (row for row in rows if not isinstance(row, Involvement))


def _end_steps(case: Case) -> None:
    for step in case.steps:
        if step.step is Step.MAPPING and step.start_date < case.enrolled_on:
            step.start_date = case.enrolled_on
        is_running = step.end_date is None or (case.ended_on and step.end_date > case.ended_on)
        if case.ended_on is not None and is_running:
            step.end_date = max(step.start_date, case.ended_on)


def _allocate(session: Session, book: Book, participant: Participant, user_id: UUID | None) -> None:
    """The one before loses sight of the person at once, as when a manager allocates."""
    held = session.scalars(
        select(Involvement).where(
            Involvement.participant_id == participant.id,
            Involvement.capacity == Capacity.CASE_WORKER,
        )
    )
    for involvement in held:
        if involvement.user_id != user_id:
            session.delete(involvement)
    if user_id is not None:
        involve(session, book.actor, participant.id, user_id, Capacity.CASE_WORKER)


def _at(day: date) -> datetime:
    """The beginning of a day, as an instant."""
    return datetime.combine(day, time(), UTC)
