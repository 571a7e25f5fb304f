"""Agreements with employers, national and local, and what has come of them (EMP-10, CON-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.accounts.settings import number
from matchsvc.employers import checks
from matchsvc.employers.access import EDITORS, READERS, in_own_unit, own_unit_of
from matchsvc.employers.models import Agreement, Employer, Site
from matchsvc.errors import N_, Conflict, Invalid, NotFound
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.outcomes.rules import standing_events
from matchsvc.workday.archivable import stands

#: Who writes agreements.
CHANGERS = (*EDITORS, Role.UNIT_MANAGER)
_HIRED = (OutcomeKind.EMPLOYMENT_STARTED, OutcomeKind.MUNICIPAL_EMPLOYMENT_STARTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementContent:
    """What is written about an agreement.

    Attributes:
        code: how files name it; unique in the unit.
        partner: with whom.
        start_date, end_date: both inclusive; None = not said, or until further notice.
        is_national: made by the national agency, not here.
        commitments: what both sides have promised.
        goal_placements, goal_hires: persons over the whole period.
        names_group: whether foreign-born women are named in it; None = nobody has looked.
        follow_up_on: the next yearly talk.
    """

    code: str
    partner: str
    start_date: date | None = None
    end_date: date | None = None
    is_national: bool = False
    commitments: str | None = None
    goal_placements: int | None = None
    goal_hires: int | None = None
    names_group: bool | None = None
    follow_up_on: date | None = None


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """An agreement and what has come of it.

    Attributes:
        agreement: the row.
        employers, sites: how many it covers.
        placed, hired: persons since it began; None where so few are hidden.
    """

    agreement: Agreement
    employers: int
    sites: int
    placed: int | None
    hired: int | None

    def is_over(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.agreement.end_date is not None and self.agreement.end_date < today

    def is_late(self, today: date) -> bool:
        """Whether the yearly talk should have been held."""
        due = self.agreement.follow_up_on
        return due is not None and due < today and not self.is_over(today)


def list_agreements(session: Session, actor: Actor) -> list[AgreementLine]:
    """The unit's agreements, by partner. Four queries, however many there are."""
    actor.require_role(*READERS)
    found = session.scalars(
        select(Agreement)
        .where(in_own_unit(actor, Agreement.unit_id.expression))
        .order_by(func.lower(Agreement.partner), Agreement.code)
    ).all()
    covered = {
        agreement_id: (employers, sites)
        for agreement_id, employers, sites in session.execute(
            select(Employer.agreement_id, func.count(Employer.id.distinct()), func.count(Site.id))
            .outerjoin(Site, Site.employer_id == Employer.id)
            .where(Employer.agreement_id.in_([each.id for each in found]), stands(Employer))
            .group_by(Employer.agreement_id)
        )
    }
    results = _results(session, found)
    least = number(session, actor.unit_id, "smallest_count")

    def shown(count: int) -> int | None:
        return count if count == 0 or count >= least else None

    return [
        AgreementLine(
            each,
            *covered.get(each.id, (0, 0)),
            *(shown(count) for count in results.get(each.id, (0, 0))),
        )
        for each in found
    ]


def _results(session: Session, found: Sequence[Agreement]) -> dict[UUID, tuple[int, int]]:
    """Persons placed and hired since each agreement began. One query."""
    events = standing_events().subquery()
    rows = session.execute(
        select(events.c.unit_id, events.c.agreement, events.c.kind, events.c.person_key)
        .add_columns(func.min(events.c.occurred_on))
        .where(
            events.c.agreement.in_([each.code for each in found]),
            events.c.kind.in_((OutcomeKind.PLACEMENT_STARTED, *_HIRED)),
        )
        .group_by(events.c.unit_id, events.c.agreement, events.c.kind, events.c.person_key)
    ).all()
    counted = {}
    for each in found:
        placed: set[UUID] = set()
        hired: set[UUID] = set()
        for unit_id, code, kind, person, first in rows:
            begun = each.start_date is None or first >= each.start_date
            if (unit_id, code) == (each.unit_id, each.code) and begun:
                (placed if kind is OutcomeKind.PLACEMENT_STARTED else hired).add(person)
        counted[each.id] = (len(placed), len(hired))
    return counted


def get_agreement(
    session: Session, actor: Actor, agreement_id: UUID, *, for_update: bool = False
) -> Agreement:
    """One of the unit's agreements.

    Raises:
        NotFound: unknown or another unit's.
    """
    actor.require_role(*READERS)
    found = select(Agreement).where(
        Agreement.id == agreement_id, in_own_unit(actor, Agreement.unit_id.expression)
    )
    agreement = session.scalar(found.with_for_update(of=Agreement) if for_update else found)
    if agreement is None:
        raise NotFound("agreement")
    return agreement


def content_of_agreement(agreement: Agreement) -> AgreementContent:
    """What is written about it."""
    return AgreementContent(
        **{each.name: getattr(agreement, each.name) for each in fields(AgreementContent)}
    )


def create_agreement(
    session: Session, actor: Actor, content: AgreementContent, *, today: date
) -> Agreement:
    """Write down an agreement.

    Raises:
        Invalid: with a sentence for every wrong field.
    """
    actor.require_role(*CHANGERS)
    unit_id = own_unit_of(actor, None)
    _check(session, unit_id, None, content, today)
    agreement = Agreement(unit_id=unit_id, **asdict(content))
    session.add(agreement)
    session.flush()
    audit.record(session, actor, "create", "agreement", agreement.id)
    return agreement


def edit_agreement(
    session: Session,
    actor: Actor,
    agreement_id: UUID,
    content: AgreementContent,
    *,
    version: int | None,
    today: date,
) -> Agreement:
    """Change an agreement. What was counted under its earlier code stays counted there.

    Raises:
        NotFound: unknown or another unit's.
        Invalid: with a sentence for every wrong field.
        Conflict: saved by somebody else since; ``theirs`` holds what is saved.
    """
    actor.require_role(*CHANGERS)
    agreement = get_agreement(session, actor, agreement_id, for_update=True)
    before = asdict(content_of_agreement(agreement))
    after = asdict(content)
    changed = {name: said for name, said in before.items() if said != after[name]}
    if version is not None and agreement.version != version:
        raise Conflict(changed)
    _check(session, agreement.unit_id, agreement.id, content, today)
    for name in changed:
        setattr(agreement, name, after[name])
    session.flush()
    audit.record(session, actor, "change", "agreement", agreement.id, fields=changed)
    return agreement


def _check(
    session: Session, unit_id: UUID, own_id: UUID | None, content: AgreementContent, today: date
) -> None:
    wrong: dict[str, str | None] = {}
    for name in ("code", "partner"):
        said = getattr(content, name)
        wrong[name] = checks.text_fault(said, today=today) if said.strip() else checks.REQUIRED
    wrong["commitments"] = checks.text_fault(content.commitments, today=today)
    if content.start_date and content.end_date and content.end_date < content.start_date:
        wrong["end_date"] = N_("Sista dagen ligger före den första. Byt plats på dagarna.")
    taken = select(Agreement.id).where(
        Agreement.unit_id == unit_id, Agreement.code == content.code, Agreement.id != own_id
    )
    if not wrong["code"] and session.scalar(taken) is not None:
        wrong["code"] = N_("Koden används redan av en annan överenskommelse.")
    found = {name: said for name, said in wrong.items() if said}
    if found:
        raise Invalid(found)
