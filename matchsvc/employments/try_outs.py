"""A time at a company during a resource employment (EMPL-03).

The municipality stays the employer and insures; who answers for the work environment is agreed in
writing between the unit's manager and the company, before the first day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.db import check_version
from matchsvc.employers.models import Employer, EmployerType, Site
from matchsvc.employments.access import Opened, note_change, open_to_change
from matchsvc.employments.models import TryOut
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.placements.calendar import periods_overlap
from matchsvc.placements.choices import get_site
from matchsvc.placements.models import EmploymentKind
from matchsvc.swedish import contains_identity_number

_PRIVATE = (EmployerType.PRIVATE, EmployerType.CIVIL_SOCIETY)


@dataclass(frozen=True, kw_only=True)
class TryOutContent:
    """A try-out as somebody wants it.

    Attributes:
        site_id: where.
        first_day, last_day: within the employment, both inclusive.
        purpose: what is to be tried or assessed.
        agreement_ref, agreed_on: the written agreement on the work environment and its day.
        agreed_by: who signed for the company.
        manager_id: the unit's manager who signed.
        insurance_ref: the municipality's accident insurance.
    """

    site_id: UUID
    first_day: date
    last_day: date
    purpose: str
    agreement_ref: str
    agreed_on: date
    agreed_by: str
    manager_id: UUID
    insurance_ref: str


def try_outs_of(session: Session, employment_id: UUID) -> list[tuple[TryOut, Site]]:
    """The try-outs of a job with their workplaces, the latest first. Asks no right."""
    rows = session.execute(
        select(TryOut, Site)
        .join(Site, Site.id == TryOut.site_id)
        .where(TryOut.employment_id == employment_id)
        .order_by(TryOut.first_day.desc(), TryOut.id)
    )
    return [(row[0], row[1]) for row in rows]


def managers(session: Session, unit_id: UUID) -> Sequence[User]:
    """Who can have signed for the unit."""
    return session.scalars(
        select(User)
        .join(UserRole, UserRole.user_id == User.id)
        .where(User.unit_id == unit_id, User.is_active, UserRole.role == Role.UNIT_MANAGER)
        .order_by(User.sort_key, User.id)
    ).all()


def plan_try_out(
    session: Session, actor: Actor, employment_id: UUID, content: TryOutContent, *, today: date
) -> TryOut:
    """Let somebody with a resource employment try a company for a limited time.

    Raises:
        NotFound: no such job or workplace for the actor.
        Refused: the actor may not decide on the participant.
        RuleViolation: no resource employment, a workplace that may not be used, or another
            try-out on the same days.
        Invalid: with a message for every wrong field.
    """
    opened = open_to_change(session, actor, employment_id, today=today)
    if opened.employment.kind is not EmploymentKind.RESOURCE:
        raise RuleViolation(
            "no_resource_employment",
            N_("Bara den som är resursanställd prövar ett företag på det här sättet."),
        )
    _site, employer = get_site(session, actor, str(content.site_id))
    wrong = _problems(opened, content, employer, today=today)
    if content.manager_id not in {each.id for each in managers(session, opened.case.unit_id)}:
        wrong["manager_id"] = N_("Välj enhetens chef, som har skrivit under.")
    if wrong:
        raise Invalid(wrong)
    for other, _where in try_outs_of(session, employment_id):
        if other.withdrawn_on is None and periods_overlap(
            content.first_day, content.last_day, other.first_day, other.last_day
        ):
            message = N_("En annan prövning ligger på samma dagar.")
            raise RuleViolation("try_outs_overlap", message, fields={"first_day": message})
    row = TryOut(employment_id=employment_id, **vars(content))
    session.add(row)
    note_change(session, actor, opened, "try_outs")
    return row


def _problems(
    opened: Opened, content: TryOutContent, employer: Employer, *, today: date
) -> dict[str, str]:
    row, found = opened.employment, {}
    if employer.type not in _PRIVATE:
        found["site_id"] = N_("Prövningen är hos ett företag utanför kommunen. Välj ett sådant.")
    elif employer.bar is not None:
        found["site_id"] = N_("Arbetsgivaren har ett hinder och får inte användas.")
    if content.last_day < content.first_day:
        found["last_day"] = N_("Sista dagen ligger före den första. Byt plats på dagarna.")
    last = row.planned_end_date
    if content.first_day < row.start_date or (last is not None and content.last_day > last):
        found["first_day"] = N_("Prövningen ska rymmas inom anställningen.")
    if content.agreed_on > min(content.first_day, today):
        found["agreed_on"] = N_(
            "Avtalet om arbetsmiljöansvaret ska vara skrivet före första dagen."
        )
    for name in ("purpose", "agreement_ref", "agreed_by", "insurance_ref"):
        if contains_identity_number(getattr(content, name), today=today):
            found[name] = N_("Ta bort personnumret ur texten. Det har ett eget fält.")
    return found


def withdraw_try_out(
    session: Session,
    actor: Actor,
    employment_id: UUID,
    try_out_id: UUID,
    *,
    version: int | None,
    today: date,
) -> TryOut:
    """Take a try-out back that never came to be. It stays in the history.

    Raises:
        NotFound, Refused, RuleViolation, Conflict: as everywhere.
    """
    opened = open_to_change(session, actor, employment_id, today=today)
    row = session.get(TryOut, try_out_id)
    if row is None or row.employment_id != employment_id:
        raise NotFound("try_out")
    check_version(row, version)
    row.withdrawn_on = row.withdrawn_on or today
    note_change(session, actor, opened, "try_outs")
    return row


def shorten_try_outs(session: Session, employment_id: UUID, end: date) -> None:
    """Let no try-out outlive its job: a later one falls, one that goes on ends with it."""
    for row, _site in try_outs_of(session, employment_id):
        if row.withdrawn_on is None and row.first_day > end:
            row.withdrawn_on = end
        elif row.last_day > end >= row.first_day:
            row.last_day = end
    session.flush()
