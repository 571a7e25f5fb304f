"""The case: who is responsible, its overlapping steps, its end, and corrections (PRO-01)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.db import check_version
from matchsvc.errors import N_, Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import Subject, record_outcome, standing_events, take_back_outcome
from matchsvc.participants.access import get_visible, involve
from matchsvc.participants.case_models import WorkerChange, WorkerReason
from matchsvc.participants.enrolment import (
    Details,
    check_details,
    find_by_identity,
    is_known_to,
    programme_code,
    require_case_worker,
    set_identity,
    subject_of,
    tell_workers,
)
from matchsvc.participants.models import (
    BirthRegion,
    Capacity,
    Case,
    CaseStep,
    ExitDestination,
    ExitReason,
    Involvement,
    Participant,
    Sex,
    Step,
)
from matchsvc.participants.own import get_own, is_own, plain_text
from matchsvc.participants.pauses import close_pause
from matchsvc.swedish import parse_phone, sort_key
from matchsvc.workday.rules import pass_tasks_on, withdraw_tasks
from matchsvc.workday.words import OF_AN_ENDED_CASE, OF_AN_OPEN_CASE, OF_THE_CASE


@dataclass(frozen=True, slots=True)
class Person:
    """Who she is, as the form about the person sends it. None clears what may be empty."""

    sex: Sex
    birth_region: BirthRegion
    given_name: str | None = None
    family_name: str | None = None
    personal_id: str | None = None  # None leaves the number as it is
    birth_year: int | None = None
    phone: str | None = None
    email: str | None = None
    contact_language: str = "sv"
    interpreter: bool = False


#: An open case is the present one, also beside a later that has ended (merged people).
PRESENT_FIRST = (
    Case.ended_on.is_not(None),
    Case.enrolled_on.desc(),
    Case.created_at.desc(),
)


def latest_case(session: Session, participant: Participant, *, lock: bool = False) -> Case:
    """Her open case, or the latest that has ended, with its steps.

    Raises:
        NotFound: she has none.
    """
    found = (
        select(Case)
        .where(Case.participant_id == participant.id)
        .order_by(*PRESENT_FIRST)
        .limit(1)
        .options(selectinload(Case.steps))
        .execution_options(populate_existing=lock)
    )
    case = session.scalar(found.with_for_update(of=Case) if lock else found)
    if case is None:
        raise NotFound("case")
    return case


def open_case(session: Session, participant: Participant) -> Case:
    """Her case, which must not have ended; locked.

    Raises:
        RuleViolation: it has ended.
    """
    case = latest_case(session, participant, lock=True)
    if case.ended_on is not None:
        raise RuleViolation("case_ended", N_("Ärendet är avslutat. Skriv in personen på nytt."))
    return case


def allocate_case_worker(
    session: Session,
    actor: Actor,
    key: UUID | str,
    user_id: UUID,
    *,
    reason: WorkerReason | None,
    today: date,
    version: int | None = None,
) -> Case:
    """Make a case worker responsible; the one before loses sight of the person at once (PRO-12).

    Also when the case has ended: somebody has to answer for the contacts that come afterwards.

    Args:
        session: a writing transaction.
        actor: a manager of the unit, or the present case worker.
        key: the participant.
        user_id: an active case worker of the same unit.
        reason: why; kept with who answered for it before. None only when nobody did.
        today: the day it happens.
        version: the case's version as shown in the form.

    Raises:
        Refused: neither a manager nor her own worker.
        Invalid: not a case worker of the unit, or no reason.
        Conflict: the case was saved since the form was shown.
    """
    participant = get_visible(session, actor, key, today=today, for_update=True)
    is_manager = actor.has_role(Role.UNIT_MANAGER)
    if not is_manager and not is_own(session, actor, participant.id, today=today):
        raise Refused
    case = latest_case(session, participant, lock=True)
    check_version(case, version)
    require_case_worker(session, user_id, participant.unit_id)
    if case.case_worker_id == user_id:
        return case
    if case.case_worker_id is None:
        reason = WorkerReason.FIRST
    elif reason in (None, WorkerReason.FIRST):
        raise Invalid({"reason": N_("Välj varför någon annan tar över.")})
    session.add(
        WorkerChange(
            case_id=case.id,
            from_id=case.case_worker_id,
            to_id=user_id,
            reason=reason,
            changed_on=today,
            decided_by_id=actor.user_id,
        )
    )
    session.execute(
        delete(Involvement).where(
            Involvement.participant_id == participant.id,
            Involvement.capacity == Capacity.CASE_WORKER,
        )
    )
    case.case_worker_id = user_id
    for step in case.steps:
        if step.end_date is None and step.source_id is None:
            step.responsible_id = user_id
    involve(session, actor, participant.id, user_id, Capacity.CASE_WORKER)
    pass_tasks_on(session, actor, OF_THE_CASE, participant.id, user_id)
    session.flush()
    audit.record(
        session, actor, "change", "case", case.id, fields=["case_worker_id"], reason=reason
    )
    return case


def start_step(
    session: Session,
    actor: Actor,
    key: UUID | str,
    step: Step,
    *,
    start_date: date,
    today: date,
    planned_end_date: date | None = None,
    label: str | None = None,
) -> CaseStep:
    """Begin a step by hand. Steps overlap freely; the same step is open once at a time.

    Raises:
        Refused: not her own worker.
        Invalid: the dates are not in order.
        RuleViolation: the case has ended, or the step is already open.
    """
    participant = get_own(session, actor, key, today=today)
    case = open_case(session, participant)
    label = plain_text("label", label, today=today)
    if any(held.step is step and held.end_date is None for held in case.steps):
        raise RuleViolation("step_open", N_("Steget pågår redan. Avsluta det först."))
    return add_step(
        session,
        actor,
        case,
        step,
        start_date=start_date,
        planned_end_date=planned_end_date,
        responsible_id=case.case_worker_id,
        label=label,
    )


def add_step(
    session: Session,
    actor: Actor,
    case: Case,
    step: Step,
    *,
    start_date: date,
    end_date: date | None = None,
    planned_end_date: date | None = None,
    responsible_id: UUID | None = None,
    source_id: UUID | None = None,
    label: str | None = None,
) -> CaseStep:
    """Put a period of a step on a case; for rules that have already decided who may.

    Args:
        session: a writing transaction.
        actor: who did it.
        case: the case.
        step: which of the four.
        start_date: first day.
        end_date: last day, inclusive, when it is over.
        planned_end_date: last day as planned; None runs on.
        responsible_id: the responsible user.
        source_id: the placement or employment that the period stands for.
        label: what to write on the bar, for example the site; not kept for a protected person.

    Raises:
        Invalid: the dates are not in order.
    """
    wrong: dict[str, str] = {}
    if start_date < case.enrolled_on:
        wrong["start_date"] = N_("Steget kan inte börja före inskrivningen.")
    for name, day in (("end_date", end_date), ("planned_end_date", planned_end_date)):
        if day is not None and day < start_date:
            wrong[name] = N_("Slutet ligger före början. Rätta ett av datumen.")
    if wrong:
        raise Invalid(wrong)
    participant = session.get(Participant, case.participant_id)
    if participant is not None and participant.protected:
        label = None  # a bar must not tell where she is
    period = CaseStep(
        case_id=case.id,
        step=step,
        start_date=start_date,
        end_date=end_date,
        planned_end_date=planned_end_date,
        responsible_id=responsible_id,
        source_id=source_id,
        label=label,
    )
    session.add(period)
    session.flush()
    audit.record(session, actor, "create", "case_step", period.id, fields=[step.value])
    return period


def find_step_of(session: Session, source_id: UUID) -> CaseStep | None:
    """The period that stands for a placement or employment."""
    return session.scalar(select(CaseStep).where(CaseStep.source_id == source_id))


def end_step(
    session: Session,
    actor: Actor,
    key: UUID | str,
    step_id: UUID,
    *,
    end_date: date,
    today: date,
    version: int | None = None,
) -> CaseStep:
    """End a step that was begun by hand.

    Raises:
        Refused: not her own worker.
        NotFound: the step is not hers.
        RuleViolation: it stands for a placement or employment, which is ended instead.
        Invalid: the day is not possible.
        Conflict: it was saved since the form was shown.
    """
    participant = get_own(session, actor, key, today=today)
    case = latest_case(session, participant, lock=True)
    period = next((held for held in case.steps if held.id == step_id), None)
    if period is None:
        raise NotFound("case_step")
    check_version(period, version)
    if period.source_id is not None:
        raise RuleViolation("step_has_source", N_("Avsluta placeringen eller anställningen."))
    if not period.start_date <= end_date <= today:
        raise Invalid({"end_date": N_("Skriv en dag mellan stegets början och i dag.")})
    period.end_date = end_date
    session.flush()
    audit.record(session, actor, "change", "case_step", period.id, fields=["end_date"])
    return period


def end_case(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    ended_on: date,
    reason: ExitReason | None,
    destination: ExitDestination | None,
    today: date,
    version: int | None = None,
) -> Case:
    """End the case with reason and destination, or correct how it ended (PRO-01).

    Steps that run are ended the same day. The exit is what reports count: said differently, it
    corrects what was said.

    Raises:
        Refused: not her own worker.
        Invalid: reason, destination or a possible day is missing.
        RuleViolation: a placement is still running.
        Conflict: the case was saved since the form was shown.
    """
    participant = get_own(session, actor, key, today=today)
    case = latest_case(session, participant, lock=True)
    check_version(case, version)
    _check_exit(case, ended_on, reason, destination, today)
    running = [step for step in case.steps if step.end_date is None or step.end_date > ended_on]
    if any(step.step is Step.WORK_TRAINING and step.source_id is not None for step in running):
        raise RuleViolation(
            "placement_running", N_("En placering pågår. Avsluta den först, sedan ärendet.")
        )
    for step in running:
        step.end_date = max(step.start_date, ended_on)
    close_pause(session, actor, case, day=ended_on)
    # Contacts are planned from the last day: what was planned from another one falls.
    kept = () if case.ended_on in (None, ended_on) else OF_AN_ENDED_CASE
    withdraw_tasks(session, actor, (*OF_AN_OPEN_CASE, *kept), participant.id)
    case.ended_on, case.exit_reason, case.exit_destination = ended_on, reason, destination
    session.flush()
    record_outcome(
        session,
        OutcomeKind.EXITED,
        case.id,
        subject_of(participant, case, programme=programme_code(session, case)),
        occurred_on=ended_on,
        detail=destination.value if destination else None,
    )
    fields = ["ended_on", "exit_reason", "exit_destination"]
    audit.record(session, actor, "change", "case", case.id, fields=fields)
    return case


def _check_exit(
    case: Case,
    ended_on: date,
    reason: ExitReason | None,
    destination: ExitDestination | None,
    today: date,
) -> None:
    wrong: dict[str, str] = {}
    if reason is None:
        wrong["reason"] = N_("Välj varför ärendet avslutas.")
    if destination is None:
        wrong["destination"] = N_("Välj vart personen går. Vet ni inte, välj Okänt.")
    if not case.enrolled_on <= ended_on <= today:
        wrong["ended_on"] = N_("Skriv en dag mellan inskrivningen och i dag.")
    if wrong:
        raise Invalid(wrong)


def reopen_case(
    session: Session, actor: Actor, key: UUID | str, *, today: date, version: int | None = None
) -> Case:
    """Take back an end that was a mistake; the exit is taken back too, nothing is deleted.

    Raises:
        Refused: not her own worker.
        RuleViolation: the case has not ended.
        Conflict: the case was saved since the page was shown.
    """
    participant = get_own(session, actor, key, today=today)
    case = latest_case(session, participant, lock=True)
    check_version(case, version)
    if case.ended_on is None:
        raise RuleViolation("case_open", N_("Ärendet är inte avslutat."))
    case.ended_on = case.exit_reason = case.exit_destination = None
    session.flush()
    take_back_outcome(session, OutcomeKind.EXITED, case.id)
    withdraw_tasks(session, actor, OF_AN_ENDED_CASE, participant.id)
    audit.record(session, actor, "change", "case", case.id, fields=["ended_on"])
    return case


def change_person(
    session: Session,
    actor: Actor,
    key: UUID | str,
    person: Person,
    *,
    today: date,
    version: int | None = None,
) -> Participant:
    """Change who she is and how she is reached. Sex, region and birth year correct the reports.

    Raises:
        Refused: not her own worker.
        Invalid: a value is not possible.
        RuleViolation: somebody else, whom the actor may know of, has the identity number. One of
            whom the actor may not know makes no difference to the answer (LAW-10): it is kept as
            it was written, nobody is found by it, and her workers are told.
        Conflict: she was saved since the form was shown.
    """
    participant = get_own(session, actor, key, today=today)
    if version is not None and participant.version != version:
        raise Conflict(person_fields(participant))
    identity = check_details(_as_details(participant, person, today), today=today)
    if identity is not None:
        holder = find_by_identity(session, identity)
        is_free = holder is None or holder.id == participant.id
        if holder is not None and not is_free:
            if is_known_to(session, actor, holder, today=today):
                message = N_(
                    "Numret går inte att använda. Jämför med kortet, eller be enhetschefen."
                )
                raise RuleViolation("identity_taken", message, fields={"personal_id": message})
            tell_workers(session, actor, holder, today=today)
        set_identity(participant, identity, is_found=is_free)
    before = (participant.sex, participant.birth_region, participant.birth_year)
    participant.given_name, participant.family_name = person.given_name, person.family_name
    shown = f"{person.family_name or ''} {person.given_name or ''}".strip()
    participant.sort_key = sort_key(shown or participant.alias)
    participant.sex, participant.birth_region = person.sex, person.birth_region
    if participant.personal_id is None:
        participant.birth_year = person.birth_year
    elif identity is not None:
        participant.birth_year = identity.birth_year
    participant.phone = parse_phone(person.phone) if person.phone else None
    participant.email = person.email
    participant.contact_language = person.contact_language
    participant.interpreter = person.interpreter
    session.flush()
    if before != (participant.sex, participant.birth_region, participant.birth_year):
        correct_outcomes(session, participant)
    audit.record(
        session, actor, "change", "participant", participant.id, fields=["person"],
        subjects=[participant.id],
    )  # fmt: skip
    return participant


def person_fields(participant: Participant) -> Mapping[str, Any]:
    """What stands in the form about the person, by field."""
    return {
        "given_name": participant.given_name,
        "family_name": participant.family_name,
        "sex": participant.sex,
        "birth_region": participant.birth_region,
        "birth_year": participant.birth_year,
        "phone": participant.phone,
        "email": participant.email,
        "contact_language": participant.contact_language,
        "interpreter": participant.interpreter,
    }


def _as_details(participant: Participant, person: Person, today: date) -> Details:
    return Details(
        sex=person.sex,
        birth_region=person.birth_region,
        enrolled_on=today,
        personal_id=person.personal_id,
        birth_year=person.birth_year if participant.personal_id is None else None,
        phone=person.phone,
        email=person.email,
        protected=participant.protected,
    )


def correct_outcomes(session: Session, participant: Participant) -> None:
    """Say every standing fact about her again in the groups that hold now.

    Each event that differs gets a correction; what stood before can still be reproduced.
    """
    standing = standing_events().where(OutcomeEvent.person_key == participant.outcome_key)
    for event in session.scalars(standing).all():
        subject = Subject(
            person_key=event.person_key,
            case_key=event.case_key,
            sex=participant.sex.value,
            birth_region=participant.birth_region.value,
            birth_year=participant.birth_year,
            unit_id=event.unit_id or participant.unit_id,
            programme=event.programme,
        )
        record_outcome(
            session,
            event.kind,
            event.source_id,
            subject,
            occurred_on=event.occurred_on,
            agreement=event.agreement,
            employer_id=event.employer_id,
            site_id=event.site_id,
            sector=event.sector,
            detail=event.detail,
        )
