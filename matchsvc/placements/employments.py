"""Jobs: ordinary, subsidised, and municipal resource employment (EMPL-01, REP-07)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.employers.models import Employer, Site
from matchsvc.errors import N_, NotFound, RuleViolation
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.participants import access as people
from matchsvc.participants.cases import add_step, find_step_of
from matchsvc.participants.models import Case, Participant, Step
from matchsvc.placements.access import get_placement, require_decider
from matchsvc.placements.events import record_event
from matchsvc.placements.models import Employment, EmploymentKind, Outcome
from matchsvc.swedish import contains_identity_number, last_day_of_period

RESOURCE_MONTHS = 12  # EMPL-01: max one year
_EVENTS = (OutcomeKind.EMPLOYMENT_STARTED, OutcomeKind.MUNICIPAL_EMPLOYMENT_STARTED)


@dataclass(frozen=True, kw_only=True)
class Job:
    """An employment as somebody wants to register it.

    Attributes:
        placement_id: the placement that it grew out of, if any.
        subsidy: the form of wage support; needed for resource employment.
        subsidy_ref: number of the decision on it; needed for resource employment.
    """

    participant_id: UUID
    site_id: UUID
    kind: EmploymentKind
    start_date: date
    planned_end_date: date | None = None
    placement_id: UUID | None = None
    offer_id: UUID | None = None
    hours: int | None = None
    subsidy: str | None = None
    subsidy_ref: str | None = None
    agreement_id: UUID | None = None
    programme_id: UUID | None = None
    external_id: str | None = None
    comment: str | None = None


def event_kind(kind: EmploymentKind) -> OutcomeKind:
    """What an employment counts as: a municipal labour-market job is never a hire (REP-07)."""
    if kind is EmploymentKind.RESOURCE:
        return OutcomeKind.MUNICIPAL_EMPLOYMENT_STARTED
    return OutcomeKind.EMPLOYMENT_STARTED


def register_employment(session: Session, actor: Actor, job: Job, *, today: date) -> Employment:
    """Register that a participant got a job; it counts from its first day.

    Raises:
        NotFound: something named is unknown or hidden from the actor.
        Refused: the actor may not decide on this participant.
        RuleViolation: the limits of the kind are not kept; with a message for every field.
    """
    participant = people.get_visible(
        session, actor, job.participant_id, today=today, for_update=True
    )
    sights = people.sight_of(session, actor, [participant.id], today=today)
    require_decider(actor, sights[participant.id])
    site = session.get(Site, job.site_id)
    employer = session.get(Employer, site.employer_id) if site else None
    if site is None or employer is None or employer.unit_id != participant.unit_id:
        raise NotFound("site")
    if job.placement_id is not None:
        placement = get_placement(session, actor, job.placement_id, today=today).placement
        if placement.participant_id != participant.id:
            raise NotFound("placement")
    problems = _problems(job)
    if problems:
        raise RuleViolation(
            "employment_not_possible",
            N_("Rätta det som är markerat och spara igen."),
            fields=problems,
        )
    case = _case_of(session, participant.id, job.start_date)
    employment = _employment(job, participant, case, employer)
    session.add(employment)
    session.flush()
    add_step(
        session,
        actor,
        case,
        Step.WORK,
        start_date=job.start_date,
        planned_end_date=job.planned_end_date,
        responsible_id=case.case_worker_id,
        source_id=employment.id,
        label=None if participant.protected else site.name,
    )
    if job.start_date <= today:
        _record_start(session, employment, participant, case)
    audit.record(
        session,
        actor,
        "create",
        "employment",
        employment.id,
        subjects=[participant.id],
    )
    session.flush()
    return employment


def end_employment(
    session: Session,
    actor: Actor,
    employment_id: UUID,
    *,
    end_date: date,
    outcome: Outcome,
    today: date,
    version: int | None = None,
) -> Employment:
    """Note that a job ended.

    Raises:
        NotFound: unknown or hidden.
        Refused: the actor may not decide on this participant.
        RuleViolation: already ended, or the day is not possible.
        Conflict: somebody else saved it since the page was shown.
    """
    employment = get_employment(session, actor, employment_id, today=today, for_update=True)
    sights = people.sight_of(session, actor, [employment.participant_id], today=today)
    require_decider(actor, sights[employment.participant_id])
    check_version(employment, version)
    if employment.end_date is not None:
        raise RuleViolation("already_ended", N_("Anställningen är redan avslutad."))
    if not employment.start_date <= end_date <= today:
        message = N_("Skriv en dag från starten till och med i dag.")
        raise RuleViolation("end_not_possible", message, fields={"end_date": message})
    employment.end_date, employment.outcome = end_date, outcome
    step = find_step_of(session, employment.id)
    if step is not None:
        step.end_date = end_date
    session.flush()
    audit.record(session, actor, "change", "employment", employment.id, fields=["end_date"])
    return employment


def get_employment(
    session: Session,
    actor: Actor,
    employment_id: UUID,
    *,
    today: date,
    for_update: bool = False,
) -> Employment:
    """One employment.

    Raises:
        NotFound: unknown, hidden, or of a protected participant.
    """
    found = (
        select(Employment)
        .join(Participant, Participant.id == Employment.participant_id)
        .where(Employment.id == employment_id, people.is_visible_to(actor, today=today))
    )
    if for_update:
        found = found.with_for_update(of=Employment)
    employment = session.scalar(found)
    if employment is None:
        raise NotFound("employment")
    return employment


def list_employments_of(
    session: Session, actor: Actor, placement_id: UUID, *, today: date
) -> list[tuple[Employment, Site]]:
    """The jobs that grew out of a placement, with their workplaces."""
    rows = session.execute(
        select(Employment, Site)
        .join(Participant, Participant.id == Employment.participant_id)
        .join(Site, Site.id == Employment.site_id)
        .where(Employment.placement_id == placement_id, people.is_visible_to(actor, today=today))
        .order_by(Employment.start_date)
    )
    return [(row[0], row[1]) for row in rows]


def list_jobs_of_person(
    session: Session, actor: Actor, participant_id: UUID, *, today: date
) -> list[tuple[Employment, Site]]:
    """A participant's jobs with their workplaces, the latest first; none of a hidden one's."""
    rows = session.execute(
        select(Employment, Site)
        .join(Participant, Participant.id == Employment.participant_id)
        .join(Site, Site.id == Employment.site_id)
        .where(
            Employment.participant_id == participant_id, people.is_visible_to(actor, today=today)
        )
        .order_by(Employment.start_date.desc(), Employment.id)
    )
    return [(row[0], row[1]) for row in rows]


def start_due_employments(session: Session, *, today: date) -> int:
    """The daily job: write the start of every employment whose day has come, once.

    Like its sibling for placements it reaches everybody, under pseudonymous keys.

    Returns:
        How many starts were written.
    """
    told = select(OutcomeEvent.source_id).where(OutcomeEvent.kind.in_(_EVENTS))
    due = session.execute(
        select(Employment, Participant, Case)
        .join(Participant, Participant.id == Employment.participant_id)
        .join(Case, Case.id == Employment.case_id)
        .where(Employment.start_date <= today, Employment.id.not_in(told))
        .order_by(Employment.start_date, Employment.id)
    ).all()
    for employment, participant, case in due:
        _record_start(session, employment, participant, case)
    session.flush()
    return len(due)


def _problems(job: Job) -> dict[str, str]:
    found: dict[str, str] = {}
    end = job.planned_end_date
    if end is not None and end < job.start_date:
        found["planned_end_date"] = N_("Slutet ligger före starten. Ändra en av dagarna.")
    if job.comment and contains_identity_number(job.comment, today=job.start_date):
        found["comment"] = N_("Texten innehåller ett personnummer. Ta bort det.")
    if job.kind is EmploymentKind.RESOURCE:
        found |= _resource_problems(job)
    return found


def _resource_problems(job: Job) -> dict[str, str]:
    """EMPL-01 and ACC-5: at most twelve months, and never without a decision on wage support."""
    found: dict[str, str] = {}
    if not (job.subsidy or "").strip():
        found["subsidy"] = N_("Resursanställning kräver lönestöd. Skriv vilket.")
    if not (job.subsidy_ref or "").strip():
        found["subsidy_ref"] = N_("Skriv numret på beslutet om lönestöd.")
    if job.planned_end_date is None:
        found["planned_end_date"] = N_("Skriv vilken dag anställningen slutar. Högst ett år.")
    elif job.planned_end_date > last_day_of_period(job.start_date, RESOURCE_MONTHS):
        found["planned_end_date"] = N_(
            "En resursanställning är högst ett år. Välj en tidigare dag."
        )
    return found


def _case_of(session: Session, participant_id: UUID, start: date) -> Case:
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
        message = N_("Deltagaren är inte inskriven den dagen. Skriv in igen först.")
        raise RuleViolation("no_open_case", message, fields={"start_date": message})
    return case


def _employment(job: Job, participant: Participant, case: Case, employer: Employer) -> Employment:
    return Employment(
        unit_id=participant.unit_id,
        external_id=job.external_id or f"J-{uuid4().hex[:10]}",
        participant_id=participant.id,
        case_id=case.id,
        site_id=job.site_id,
        offer_id=job.offer_id,
        placement_id=job.placement_id,
        kind=job.kind,
        start_date=job.start_date,
        planned_end_date=job.planned_end_date,
        hours=job.hours,
        subsidy=job.subsidy,
        subsidy_ref=job.subsidy_ref,
        case_worker_id=case.case_worker_id,
        agreement_id=job.agreement_id or employer.agreement_id,
        programme_id=job.programme_id or case.programme_id,
        comment=job.comment,
    )


def _record_start(
    session: Session, employment: Employment, participant: Participant, case: Case
) -> None:
    record_event(
        session,
        event_kind(employment.kind),
        employment,
        participant,
        case,
        occurred_on=employment.start_date,
        is_new=True,
    )


def problems_of_job(job: Job) -> dict[str, str]:
    """Everything that stops a job as it is wanted, by field; for imports of many."""
    return _problems(job)
