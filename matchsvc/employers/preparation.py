"""The card before a call: what is known, what is promised, and figures to tell (EMP-03, EMP-04)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.settings import number
from matchsvc.employers.access import LOGGERS
from matchsvc.employers.bar_checks import Standing, standing_of_bars
from matchsvc.employers.contact_cap import Cap, cap_on
from matchsvc.employers.contact_log import LoggedContact, list_interactions, list_open_steps
from matchsvc.employers.lists import list_offers_at
from matchsvc.employers.models import Contact, Employer, Interaction, Offer, OfferStatus
from matchsvc.employers.register_reads import get_employer
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.outcomes.rules import standing_events

_LATEST = 5
_YEAR = timedelta(days=365)
_HIRED = (OutcomeKind.EMPLOYMENT_STARTED, OutcomeKind.MUNICIPAL_EMPLOYMENT_STARTED)


@dataclass(frozen=True, slots=True)
class Facts:
    """Figures to tell an employer.

    Attributes:
        placed, hired: persons who began there, and were employed there, ever.
        all_placed, all_hired: the whole unit's of the past year.

    Each is None where there are so few that somebody with protected data could be told by it.
    """

    placed: int | None
    hired: int | None
    all_placed: int | None
    all_hired: int | None


@dataclass(frozen=True, slots=True)
class Preparation:
    """What somebody looks at before calling."""

    employer: Employer
    people: Sequence[Contact]
    recent: Sequence[LoggedContact]
    steps: Sequence[Interaction]
    offers: Sequence[Offer]
    cap: Cap
    facts: Facts
    bars: Standing


def prepare_call(session: Session, actor: Actor, key: UUID | str, *, today: date) -> Preparation:
    """The card of an employer. The number of queries does not depend on the data.

    Raises:
        NotFound: the employer is unknown or another unit's.
        Refused: the actor logs no contacts.
    """
    actor.require_role(*LOGGERS)
    employer = get_employer(session, actor, key)
    audit.record(session, actor, "read", "employer", employer.id)
    return Preparation(
        employer=employer,
        people=[person for person in employer.contacts if person.is_active],
        recent=list_interactions(session, actor, employer, limit=_LATEST),
        steps=list_open_steps(session, employer),
        offers=[
            offer
            for offer in list_offers_at(session, actor, employer)
            if offer.status is OfferStatus.OPEN
        ],
        cap=cap_on(session, employer.id, employer.unit_id, today),
        facts=_facts(session, employer, today),
        bars=standing_of_bars(session, employer, today=today),
    )


def _facts(session: Session, employer: Employer, today: date) -> Facts:
    events = standing_events().subquery()
    people = func.count(events.c.person_key.distinct())
    by_kind = select(events.c.kind, people).group_by(events.c.kind)
    here = _counted(session, by_kind.where(events.c.employer_id == employer.id))
    year = _counted(
        session,
        by_kind.where(
            events.c.unit_id == employer.unit_id,
            events.c.occurred_on.between(today - _YEAR, today),
        ),
    )
    least = number(session, employer.unit_id, "smallest_count")

    def shown(count: int) -> int | None:
        return count if count >= least else None

    return Facts(
        placed=shown(here.get(OutcomeKind.PLACEMENT_STARTED, 0)),
        hired=shown(sum(here.get(kind, 0) for kind in _HIRED)),
        all_placed=shown(year.get(OutcomeKind.PLACEMENT_STARTED, 0)),
        all_hired=shown(sum(year.get(kind, 0) for kind in _HIRED)),
    )


def _counted(session: Session, found: Select[Any]) -> dict[OutcomeKind, int]:
    return {row[0]: row[1] for row in session.execute(found)}
