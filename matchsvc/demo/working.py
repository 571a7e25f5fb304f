"""Jobs in the town, and the day at its own workplaces."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import cycle
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import rules as accounts
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.diary.af_visits import VISIT
from matchsvc.diary.booking import book
from matchsvc.employers.models import Employer, EmployerType, Site
from matchsvc.employments.checklist import checks_of, lay_out, tick
from matchsvc.employments.follow_ups import Heard, held_of, log_job_follow_up, planned_of
from matchsvc.employments.found_tasks import add_found_task
from matchsvc.employments.models import Lasts, SupportWish, UnionOpinion, UnionStep
from matchsvc.employments.terms import Terms, keep_terms
from matchsvc.employments.try_outs import TryOutContent, plan_try_out
from matchsvc.operations.board import add_day_task, allocate, morning_board
from matchsvc.operations.models import OperationArea, OwnSite
from matchsvc.participants.models import Case, Participant
from matchsvc.placements.models import Employment, EmploymentKind, Placement
from matchsvc.schedules.models import PhaseState, SchedulePhase
from matchsvc.schedules.weeks import Times, keep_days
from matchsvc.swedish import working_day_on_or_after
from matchsvc.workday.meeting_models import Meeting, MeetingPerson
from matchsvc.workday.meeting_plans import Guest, Plan
from matchsvc.workday.meeting_types import Party
from matchsvc.workday.meetings import book_slot, slot_times

#: A larger town has more of everything, but so many are enough to show each page.
_MOST = 12
_DAY = timedelta(days=1)
_CODES = {
    "Lönebidrag för utveckling": "wage_subsidy_development",
    "Introduktionsjobb": "introduction_job",
    "Lönebidrag": "wage_subsidy_employment",
    "Nystartsjobb": "new_start_job",
}
_HOSTS = (
    ("Växthuset", "Odlar grönsaker till kommunens kök, som annars köps in."),
    ("Städ och bilvård", "Tvättar bilarna varje vecka. Personalen hann en gång i månaden."),
    ("Kaféet i kommunhuset", "Bakar och dukar till möten som förut fick köpa färdigt."),
)
_FOUND = ("Packar och märker lådor", "Vattnar och gallrar", "Håller ordning i förrådet")
_SAID = ("Trivs och kommer i tid.", "Vill gärna ha fler timmar till våren.", "Lär sig kassan.")
#: By the end of a workplace's name.
_SITES = {
    "Södergården": (OperationArea.GREENHOUSE, 8, "Så, plantera om, vattna, skörda och sälja.",
                    "Mest stående. Lätta lyft, varmt på sommaren.",
                    "Lugnt. Få människor, en sak i taget.", None),
    "trädgårdsservice": (OperationArea.GARDEN_SERVICE, 6, "Klippa, rensa, kratta. Snö på vintern.",
                         "Utomhus i alla väder. Redskap och vissa lyft.",
                         "Små lag som åker ut till pensionärer.", "04-01/12-15"),
    "kommunhuset": (OperationArea.INTERNAL_SERVICE, 4, "Baka, duka, stå i kassan.",
                    "Stående, inga tunga lyft.", "Många gäster vid lunch, lugnt däremellan.", None),
    "transporter": (OperationArea.TRANSPORTS, 4, "Hämta papper och köra ut mat.",
                    "Lyft upp till 15 kilo. Körkort behövs inte för alla.",
                    "Två och två i bilen, samma runda varje dag.", None),
    "bilvård": (OperationArea.INTERNAL_SERVICE, 4, "Städa jourlägenheter, tvätta bilar.",
                "Rörligt arbete, vatten och rengöringsmedel.",
                "Eget ansvar för en yta. Lugnt tempo.", None),
}  # fmt: skip
#: By the area of a workplace.
_TODAY = {
    OperationArea.GREENHOUSE: ("Vattna och kontrollera temperaturen", "Packa dagens beställningar"),
    OperationArea.GARDEN_SERVICE: ("Kratta hos två pensionärer", "Se över redskapen"),
    OperationArea.INTERNAL_SERVICE: ("Duka till mötet klockan tio", "Gå igenom förrådet"),
    OperationArea.TRANSPORTS: ("Hämta papper på skolorna", "Köra ut lunchen"),
}


def build_working(session: Session, *, today: date, now: datetime) -> None:
    """Give jobs their terms and follow-ups, and the unit's own workplaces their day."""
    _describe_sites(session)
    _give_times(session, today)
    found = session.scalars(
        select(Employment)
        .join(Participant, Participant.id == Employment.participant_id)
        .join(Case, Case.id == Employment.case_id)
        .where(
            Participant.protected.is_(False),
            Case.ended_on.is_(None),
            Employment.end_date.is_(None),
            Employment.start_date <= today,
            Employment.case_worker_id.is_not(None),
        )
        .order_by(Employment.external_id)
    ).all()
    municipal = [job for job in found if job.kind is EmploymentKind.RESOURCE][:_MOST]
    others = [job for job in found if job.kind is not EmploymentKind.RESOURCE][:_MOST]
    for number, job in enumerate(municipal):
        _rest(session, job, number, today=today)
    for number, job in enumerate([*municipal, *others]):
        _hear(session, job, number, today=today, now=now)
    if municipal:
        _try_out(session, municipal[0], today)
        _next_visit(session, _actor(session, municipal[0]), today=today, now=now)
    _give_out_work(session, today)


def _actor(session: Session, job: Employment) -> Actor:
    if job.case_worker_id is None:
        raise AssertionError
    return accounts.actor_of(session, job.case_worker_id)


def _rest(session: Session, job: Employment, number: int, *, today: date) -> None:
    """What a resource employment rests on; that of the last one is not written yet."""
    actor = _actor(session, job)
    job.hours = job.hours or 30
    if number != len(_HOSTS):
        host, motivation = _HOSTS[number % len(_HOSTS)]
        asked = job.start_date - 14 * _DAY
        keep_terms(
            session,
            job.id,
            Terms(
                subsidy_code=_CODES.get(job.subsidy or ""),
                subsidy_from=job.start_date,
                subsidy_to=job.planned_end_date,
                host=host,
                motivation=motivation,
                displaces_nobody=True,
                displaces_nobody_by="Enhetschefen där personen arbetar",
                union_step=UnionStep.AF_ASKS,
                union_asked_on=asked,
                union_answered_on=asked + 5 * _DAY,
                union_opinion=UnionOpinion.WITH_REMARKS if number % 3 else UnionOpinion.FOR,
            ),
            today=today,
        )
    lay_out(session, job)
    for check in checks_of(session, job.id)[: 5 - number % 2]:
        tick(session, actor, job.id, check.code, done=True, version=None, today=today)
    add_found_task(
        session,
        actor,
        job.id,
        text=_FOUND[number % len(_FOUND)],
        agreed_by="Arbetsledaren och en kollega",
        agreed_on=job.start_date,
        today=today,
    )


def _next_visit(session: Session, actor: Actor, *, today: date, now: datetime) -> None:
    """The employment service comes in a month; those of the last visit come first."""
    met = session.scalars(
        select(MeetingPerson.ref_id)
        .join(Meeting, Meeting.id == MeetingPerson.meeting_id)
        .where(Meeting.kind == VISIT, MeetingPerson.slot.is_not(None))
        .order_by(MeetingPerson.slot)
    ).all()
    plan = Plan(
        VISIT,
        working_day_on_or_after(today + 28 * _DAY),
        time(12, 30),
        guests=(Guest(Party.AF, name="Arbetsförmedlaren"),),
    )
    (meeting,) = book(session, actor, plan, pass_clashes=True, invite=False, today=today, now=now)
    free = range(1, len(slot_times(meeting)) + 1)
    for number, participant_id in zip(free, filter(None, met), strict=False):
        book_slot(session, actor, meeting, number=number, participant_id=participant_id)


def _hear(session: Session, job: Employment, number: int, *, today: date, now: datetime) -> None:
    """What was heard on the days that have come, but the last one of every third job."""
    planned = planned_of(job, held_of(session, [job.id]), case_ended_on=None)
    due = [each for each in planned if each.is_due(today)]
    for place, each in enumerate(due[:-1] if number % 3 == 0 else due):
        log_job_follow_up(
            session,
            _actor(session, job),
            job.id,
            Heard(
                held_on=each.due_on,
                lasts=Lasts.UNSURE if (number + place) % 4 == 0 else Lasts.YES,
                hours=job.hours,
                support=SupportWish.MORE if place == 0 else SupportWish.AS_NOW,
                said=_SAID[(number + place) % len(_SAID)],
            ),
            months=each.months,
            version=None,
            today=today,
            now=now,
        )


def _try_out(session: Session, job: Employment, today: date) -> None:
    company = session.scalars(
        select(Site)
        .join(Employer, Employer.id == Site.employer_id)
        .where(
            Employer.unit_id == job.unit_id,
            Employer.type == EmployerType.PRIVATE,
            Employer.bar.is_(None),
        )
        .order_by(Site.sort_key, Site.id)
    ).first()
    chief = _one_of(session, job.unit_id, Role.UNIT_MANAGER)
    first = max(today + 7 * _DAY, job.start_date)
    last = min(first + 27 * _DAY, job.planned_end_date or date.max)
    if company is None or chief is None or last < first:
        return
    content = TryOutContent(
        site_id=company.id,
        first_day=first,
        last_day=last,
        purpose="Prövar lagerarbete, företaget vill se hur det går.",
        agreement_ref="AM 12",
        agreed_on=today,
        agreed_by="Platschefen",
        manager_id=chief,
        insurance_ref="KF 4471",
    )
    plan_try_out(session, _actor(session, job), job.id, content, today=today)


def _one_of(session: Session, unit_id: UUID, role: Role) -> UUID | None:
    return session.scalar(
        select(User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(User.unit_id == unit_id, UserRole.role == role)
        .order_by(User.sort_key, User.id)
        .limit(1)
    )


def _own_sites(session: Session) -> list[Site]:
    return list(
        session.scalars(
            select(Site)
            .join(Employer, Employer.id == Site.employer_id)
            .where(Employer.type == EmployerType.OWN_UNIT)
            .order_by(Site.sort_key, Site.id)
        )
    )


def _describe_sites(session: Session) -> None:
    for site in _own_sites(session):
        known = next((each for end, each in _SITES.items() if site.name.endswith(end)), None)
        if known is not None:
            area, places, tasks, physical, psychosocial, season = known
            session.add(
                OwnSite(
                    site_id=site.id,
                    area=area,
                    places=places,
                    tasks=tasks,
                    physical=physical,
                    psychosocial=psychosocial,
                    season=season,
                )
            )
    session.flush()


def _give_times(session: Session, today: date) -> None:
    """Agreed times for those at the unit's own workplaces, but the last one."""
    rows = session.scalars(
        select(Placement)
        .where(
            Placement.site_id.in_([site.id for site in _own_sites(session)]),
            Placement.end_date.is_(None),
            Placement.called_off_on.is_(None),
            Placement.start_date <= today,
        )
        .order_by(Placement.external_id)
        .limit(2 * _MOST)
    ).all()
    hours = cycle((time(11, 30), time(12), time(14)))
    for placement, end in zip(rows[: max(1, len(rows) - 1)], hours, strict=False):
        session.add(
            SchedulePhase(
                placement_id=placement.id,
                starts_on=placement.start_date,
                days=keep_days(Times(day, time(8, 30), end) for day in range(1, 6)),
                state=PhaseState.AGREED,
                agreed_on=placement.start_date,
                agreed_by_id=placement.case_worker_id,
            )
        )
    session.flush()


def _give_out_work(session: Session, today: date) -> None:
    """What is to be done today, some of it given out."""
    sites = _own_sites(session)
    if not sites:
        return
    unit_id = session.scalar(select(Employer.unit_id).where(Employer.id == sites[0].employer_id))
    leader = _one_of(session, unit_id, Role.PRACTICAL_SUPERVISOR) if unit_id else None
    if leader is None:
        return
    actor = accounts.actor_of(session, leader)
    for told in morning_board(session, actor, today=today):
        for place, text in enumerate(_TODAY[told.own.area] if told.here and told.own else ()):
            task = add_day_task(session, actor, site_id=told.site.id, text=text, today=today)
            who = [told.here[place].participant_id] if place < len(told.here) else []
            allocate(session, actor, task.id, who, today=today)
