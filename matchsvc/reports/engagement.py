"""How the unit works with employers (REP-08): contacts, offers, and what proposals lead to.

Figures are of the whole unit and never of a named colleague: the mean per colleague is shown only
when at least two of them have had contacts. What is counted of employers and offers is about
nobody; what happened to people is hidden where few are behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from sqlalchemy import and_, case, distinct, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.employers.models import (
    Channel,
    Employer,
    EmployerStatus,
    Interaction,
    Offer,
    Site,
    StatusCode,
)
from matchsvc.employers.network_models import RegisterChange
from matchsvc.matching.models import TAKING, Proposal, ProposalEvent, ProposalState
from matchsvc.participants.models import Participant
from matchsvc.placements.models import Employment, Outcome, Placement, Survey
from matchsvc.reports.counts import Period
from matchsvc.reports.hiding import Times, shown_share, shown_steps, shown_times
from matchsvc.reports.limits import limits_of
from matchsvc.reports.outcomes import READERS, Share
from matchsvc.reports.packages import PackageShares, package_shares
from matchsvc.reports.period_reads import entered, number_of, of_unit, within
from matchsvc.reports.work_reads import follow_up_shares, follow_ups
from matchsvc.swedish import local_date

#: An employer is active when somebody has been in touch so lately.
ACTIVE_DAYS = 90
#: With fewer colleagues the mean of the unit would be somebody's own figure.
FEWEST_COLLEAGUES = 2
COMPLETED = (Outcome.COMPLETED, Outcome.BECAME_JOB)
STEPS = ("proposed", "accepted", "started", "completed")


@dataclass(frozen=True, slots=True)
class Contacts:
    """What colleagues have noted of their contacts with employers.

    Attributes:
        visits: at the workplace.
        others: all other contacts, also when the employer called.
        visits_a_week, others_a_week: per colleague who had any, one decimal; None with too few.
    """

    visits: int
    others: int
    visits_a_week: Decimal | None
    others_a_week: Decimal | None


@dataclass(frozen=True, slots=True)
class Engagement:
    """The unit's work with employers in a period.

    Attributes:
        contacts: visits and others.
        active: employers that somebody was in touch with during the last 90 days of the period.
        new: employers whose first contact lies in the period.
        offers_created, offers_filled, offers_expired: offers entered; from which something began;
            whose last day passed with nothing ever begun from them.
        steps: proposals made in the period, and how many of them came further; None where hidden.
        start_days: from the offer's entry to the start of a placement that began in the period.
        packages: of placements that ended.
        follow_ups: held on time, of those due.
        became_job: of placements that ended.
        hosted_again: employers that had hosted before, of those that hosted in the period.
        surveys: handed in, of those sent that arrived.
        lost: employers lost in the period, by reason; None is no reason given.
    """

    period: Period
    contacts: Contacts
    active: int
    new: int
    offers_created: int
    offers_filled: int
    offers_expired: int
    steps: dict[str, int | None]
    start_days: Times
    packages: PackageShares
    follow_ups: Share
    became_job: Share
    hosted_again: Share
    surveys: Share
    lost: tuple[tuple[StatusCode | None, int], ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was noted."""
        counts = (self.contacts.visits, self.contacts.others, self.active, self.offers_created)
        return not any(counts)


def engagement(session: Session, actor: Actor, period: Period, *, today: date) -> Engagement:
    """The figures of a period, in the actor's unit or all. A fixed number of queries.

    Args:
        session: to read with.
        actor: a user's figures are of her unit, a command's of all.
        period: what happened in it; of one that runs, until today.
        today: what is due later is not late.

    Raises:
        Refused: the actor's role reads no reports.
    """
    actor.require_role(*READERS)
    unit_id, until = actor.unit_id, min(period.end_date, today)
    limits = limits_of(session, unit_id)
    created, filled, expired = _offers(session, unit_id, period, until)
    ended, became_job = _ended(session, unit_id, period)
    due = follow_ups(session, unit_id, period, until)
    _held, on_time = follow_up_shares(*due, limits)
    audit.record(session, actor, "read", "report_employers")
    return Engagement(
        period=period,
        contacts=_contacts(session, unit_id, period, until),
        active=_active(session, unit_id, until),
        new=_new(session, unit_id, period),
        offers_created=created,
        offers_filled=filled,
        offers_expired=expired,
        steps=shown_steps(_steps(session, unit_id, period), limits),
        start_days=shown_times(_start_days(session, unit_id, period), limits),
        packages=package_shares(session, actor, period),
        follow_ups=on_time,
        became_job=shown_share(became_job, ended, limits),
        hosted_again=_hosted_again(session, unit_id, period),
        surveys=_surveys(session, unit_id, period),
        lost=_lost(session, unit_id, period),
    )


def _contacts(session: Session, unit_id: UUID | None, period: Period, until: date) -> Contacts:
    asked = (
        select(
            number_of(Interaction.channel == Channel.VISIT),
            number_of(Interaction.channel != Channel.VISIT),
            func.count(distinct(Interaction.by_id)),
        )
        .join(Employer, Employer.id == Interaction.employer_id)
        .where(within(Interaction.happened_on, period), Employer.archived_at.is_(None))
    )
    row = session.execute(of_unit(asked, Employer.unit_id, unit_id)).one()
    visits, others, colleagues = int(row[0]), int(row[1]), row[2]
    days = (until - period.start_date).days + 1
    if colleagues < FEWEST_COLLEAGUES or days < 7:  # noqa: PLR2004
        return Contacts(visits, others, None, None)
    return Contacts(visits, others, *(_a_week(n, colleagues, days) for n in (visits, others)))


def _a_week(n: int, colleagues: int, days: int) -> Decimal:
    mean = Decimal(n * 7) / (colleagues * days)
    return mean.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _active(session: Session, unit_id: UUID | None, until: date) -> int:
    asked = (
        select(func.count(distinct(Interaction.employer_id)))
        .join(Employer, Employer.id == Interaction.employer_id)
        .where(
            Interaction.happened_on.between(until - timedelta(days=ACTIVE_DAYS - 1), until),
            Employer.archived_at.is_(None),
        )
    )
    return session.scalar(of_unit(asked, Employer.unit_id, unit_id)) or 0


def _new(session: Session, unit_id: UUID | None, period: Period) -> int:
    first = func.min(Interaction.happened_on)
    asked = (
        select(Interaction.employer_id)
        .join(Employer, Employer.id == Interaction.employer_id)
        .where(Employer.archived_at.is_(None))
        .group_by(Interaction.employer_id)
        .having(within(first, period))
    )
    found = of_unit(asked, Employer.unit_id, unit_id).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def _offers(
    session: Session, unit_id: UUID | None, period: Period, until: date
) -> tuple[int, int, int]:
    """Offers entered, those from which something began in the period, those that ran out."""
    begun = [
        (Placement.offer_id == Offer.id) & Placement.begun_on.is_not(None),
        Employment.offer_id == Offer.id,
    ]
    in_period = [
        exists().where(begun[0], within(Placement.begun_on, period)),
        exists().where(begun[1], within(Employment.start_date, period)),
    ]
    never = ~or_(exists().where(begun[0]), exists().where(begun[1]))
    ran_out = and_(Offer.valid_until >= period.start_date, Offer.valid_until < until, never)
    asked = select(
        number_of(entered(Offer.created_at, period)), number_of(or_(*in_period)), number_of(ran_out)
    ).where(Offer.archived_at.is_(None))
    row = session.execute(of_unit(asked, Offer.unit_id, unit_id)).one()
    return int(row[0]), int(row[1]), int(row[2])


def _steps(session: Session, unit_id: UUID | None, period: Period) -> dict[str, tuple[int, int]]:
    """Proposals and people by step, of proposals made in the period."""
    said_yes = exists().where(
        ProposalEvent.proposal_id == Proposal.id, ProposalEvent.to_state == ProposalState.ACCEPTED
    )
    conditions = {
        "proposed": Proposal.id.is_not(None),
        "accepted": or_(Proposal.state.in_(TAKING), said_yes, Placement.begun_on.is_not(None)),
        "started": Placement.begun_on.is_not(None),
        "completed": and_(Placement.begun_on.is_not(None), Placement.outcome.in_(COMPLETED)),
    }
    asked = (
        select(
            *(
                number_of(condition, key)
                for condition in conditions.values()
                for key in (Proposal.id, Proposal.participant_id)
            )
        )
        .select_from(Proposal)
        .join(Participant, Participant.id == Proposal.participant_id)
        .outerjoin(Placement, Placement.proposal_id == Proposal.id)
        .where(within(Proposal.proposed_on, period), Participant.archived_at.is_(None))
    )
    row = session.execute(of_unit(asked, Proposal.unit_id, unit_id)).one()
    return {name: (row[2 * k], row[2 * k + 1]) for k, name in enumerate(conditions)}


def _start_days(session: Session, unit_id: UUID | None, period: Period) -> list[int]:
    """Days from the entry of an offer to each start; those that had begun before are left out."""
    asked = (
        select(Offer.created_at, Placement.begun_on)
        .join(Placement, Placement.offer_id == Offer.id)
        .join(Participant, Participant.id == Placement.participant_id)
        .where(within(Placement.begun_on, period), Participant.archived_at.is_(None))
    )
    rows = session.execute(of_unit(asked, Placement.unit_id, unit_id))
    days = [(begun - local_date(entered)).days for entered, begun in rows if begun is not None]
    return [each for each in days if each >= 0]


def _ended(session: Session, unit_id: UUID | None, period: Period) -> tuple[int, int]:
    """Placements that ended, and those that became a job; a move ends nothing."""
    asked = (
        select(func.count(), number_of(Placement.outcome == Outcome.BECAME_JOB))
        .join(Participant, Participant.id == Placement.participant_id)
        .where(
            within(Placement.end_date, period),
            Placement.begun_on.is_not(None),
            Placement.outcome != Outcome.MOVED,
            Participant.archived_at.is_(None),
        )
    )
    row = session.execute(of_unit(asked, Placement.unit_id, unit_id)).one()
    return row[0], int(row[1])


def _hosted_again(session: Session, unit_id: UUID | None, period: Period) -> Share:
    earlier, site = aliased(Placement), aliased(Site)
    before = exists().where(
        earlier.site_id == site.id,
        site.employer_id == Site.employer_id,
        earlier.begun_on < period.start_date,
    )
    asked = (
        select(
            func.count(distinct(Site.employer_id)),
            func.count(distinct(case((before, Site.employer_id)))),
        )
        .select_from(Site)
        .join(Placement, Placement.site_id == Site.id)
        .where(within(Placement.begun_on, period))
    )
    row = session.execute(of_unit(asked, Placement.unit_id, unit_id)).one()
    return Share(row[1], row[0])


def _surveys(session: Session, unit_id: UUID | None, period: Period) -> Share:
    arrived = or_(Survey.undeliverable_on.is_(None), Survey.completed_at.is_not(None))
    asked = select(number_of(Survey.completed_at.is_not(None)), number_of(arrived)).where(
        within(Survey.sent_on, period)
    )
    row = session.execute(of_unit(asked, Survey.unit_id, unit_id)).one()
    return Share(int(row[0]), int(row[1]))


def _lost(
    session: Session, unit_id: UUID | None, period: Period
) -> tuple[tuple[StatusCode | None, int], ...]:
    """Employers lost in the period that are so still, by the reason that stands, most first."""
    asked = (
        select(Employer.status_code, func.count(distinct(Employer.id)))
        .join(RegisterChange, RegisterChange.employer_id == Employer.id)
        .where(
            RegisterChange.subject == "employer",
            RegisterChange.field == "status",
            RegisterChange.after == EmployerStatus.LOST.value,
            entered(RegisterChange.created_at, period),
            Employer.status == EmployerStatus.LOST,
            Employer.archived_at.is_(None),
        )
        .group_by(Employer.status_code)
    )
    rows = session.execute(of_unit(asked, Employer.unit_id, unit_id)).all()
    return tuple(sorted(((row[0], row[1]) for row in rows), key=lambda row: (-row[1], str(row[0]))))
