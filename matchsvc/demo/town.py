"""The invented town: made once, kept, made anew when asked. Never beside anybody's real data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Setting, Unit, User
from matchsvc.config import Config
from matchsvc.demo.agreed import build_agreements
from matchsvc.demo.checked import build_log_checks
from matchsvc.demo.coming import note_referrals
from matchsvc.demo.earlier_years import build_earlier_years
from matchsvc.demo.ending_papers import build_ending_papers
from matchsvc.demo.groups import build_groups
from matchsvc.demo.learned import Learning
from matchsvc.demo.learning import build_learning
from matchsvc.demo.limits import build_limits
from matchsvc.demo.lots import days
from matchsvc.demo.meeting_week import MeetingWeek
from matchsvc.demo.numbers import mobile_numbers
from matchsvc.demo.offers import build_offers
from matchsvc.demo.own_pages import show_own_pages
from matchsvc.demo.people import People
from matchsvc.demo.periods import Periods
from matchsvc.demo.plan import case_workers, plan_lives
from matchsvc.demo.proposing import Proposing
from matchsvc.demo.registering import build_register
from matchsvc.demo.reported import build_reports
from matchsvc.demo.rows import Rows
from matchsvc.demo.staff import build_staff
from matchsvc.demo.supporting import build_support
from matchsvc.demo.ways import build_ways
from matchsvc.demo.working import build_working
from matchsvc.demo.workplaces import Town, build_workplaces
from matchsvc.employers.models import Contact
from matchsvc.employers.network_models import SubsidyVersion
from matchsvc.errors import N_, RuleViolation
from matchsvc.messages.models import MessageState, OutboxMessage
from matchsvc.participants.models import Participant
from matchsvc.placements.ending import end_placement
from matchsvc.placements.models import Outcome, Placement
from matchsvc.reports.publishing import publish_due
from matchsvc.swedish import parse_phone
from matchsvc.vocabulary.lines import forget_corrections
from matchsvc.vocabulary.synonyms import forget_all

DEMO = "demo"
MUNICIPALITY = "Lindvalla kommun"
SWITCHBOARD = "08-465 004 00"
PARTICIPANTS, EMPLOYERS, OFFERS = 60, 40, 80
_BATCH = 400
#: Tables that hold nothing of anybody's: the program's own lists and its book-keeping.
_OURS = frozenset(
    {
        "concept",
        "concept_term",
        "concept_relation",
        "schema_step",  # kept by the migrations themselves
        "vocabulary_version",
        "condition",
        "placement_form",
        "questionnaire_version",
        "subsidy_version",
        # Follow the others' rows by themselves (matching/marking.py).
        "matching_number",
        "matching_row",
        "matching_stale",
    }
)
_BOOK_KEEPING = frozenset({"job_lease", "job_run", "attempt"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Details:
    """What a demo database remembers of how it was made."""

    participants: int
    seed: int
    made_on: str
    base_url: str


def find_details(session: Session) -> Details | None:
    """How the town in this database was made; None when there is none."""
    setting = session.get(Setting, DEMO)
    return Details(**setting.value) if setting else None


def refuse_production(config: Config) -> None:
    """Refuse to make or keep invented people where real ones are.

    Raises:
        RuleViolation: this is production.
    """
    if config.is_production:
        raise RuleViolation(
            "production",
            N_("Demostaden får inte finnas i drift. Ändra MATCHSVC_ENV eller DATABASE_URL."),
        )


def refuse_other_data(session: Session) -> None:
    """Refuse a database that holds anything but a town made here.

    Raises:
        RuleViolation: somebody's data is in it.
    """
    if accounts.is_demo(session) or not _holds_data(session):
        return
    raise RuleViolation(
        "not_demo",
        N_(
            "Databasen innehåller annat än demodata. Inget är ändrat. "
            "Välj en egen databas för demon med DATABASE_URL."
        ),
    )


def _holds_data(session: Session) -> bool:
    for table in db.Base.metadata.sorted_tables:
        if table.name in _OURS | _BOOK_KEEPING | {"unit"}:
            continue
        if session.scalar(select(exists(select(1).select_from(table)))):
            return True
    return (session.scalar(select(func.count()).select_from(Unit)) or 0) > 1


def make_town(
    session: Session,
    actor: Actor,
    *,
    participants: int = PARTICIPANTS,
    seed: int = 1,
    base_url: str,
    today: date,
    now: datetime,
) -> Details:
    """Make the whole town in one transaction. The same seed and day give the same people.

    Args:
        session: a writing transaction on a database that holds nothing.
        actor: whoever runs the command.
        participants: how many people; employers and offers grow with them.
        seed: decides everything that is drawn by lot.
        base_url: the service's address, for the survey link in the outbox.
        today: everything is dated back from this day.
        now: nothing is recorded later than this.
    """
    rows = Rows(session, now=now)
    unit = accounts.ensure_default_unit(session)
    unit.municipality, unit.phone = MUNICIPALITY, parse_phone(SWITCHBOARD)
    session.flush()
    staff = build_staff(
        rows, seed, unit.id, participants=participants, workers=case_workers(participants)
    )
    town = Town(seed, today, unit.id, staff)
    build_workplaces(rows, town, max(EMPLOYERS, participants // 10))
    openings = build_offers(rows, town, max(OFFERS, participants // 5))
    rows.flush()
    people = People(rows, town, mobile_numbers())
    learning, periods = Learning(rows, town), Periods(rows, town)
    proposing = Proposing(session, rows, town, openings)
    diary = MeetingWeek(rows, town)
    diary.build_unit()
    rows.flush()
    for lives in _batches(plan_lives(participants, seed), _BATCH):
        batch = [people.build(life) for life in lives]
        for person in batch:
            learning.build(person)
        rows.flush()
        proposing.build(batch)
        for person in batch:
            periods.build(person)
            diary.build(person)
        rows.flush()
    _live_by_rules(session, base_url=base_url, today=today, now=now)
    build_earlier_years(session, rows, seed, unit.id, today)
    db.gather_statistics(session)  # the reports ask about all of it before it is committed
    publish_due(session, today=today, now=now)
    build_reports(session, today=today, now=now)
    build_log_checks(session, seed, today=today, now=now)
    details = Details(participants, seed, today.isoformat(), base_url)
    accounts.mark_as_demo(session, _as_json(details))
    audit.record(session, actor, "create", DEMO)
    session.flush()
    return details


def _live_by_rules(session: Session, *, base_url: str, today: date, now: datetime) -> None:
    """What the staff does in the town, by the service's own rules."""
    _end_one_placement(session, base_url=base_url, today=today, now=now)
    build_limits(session, today=today)
    note_referrals(session, today=today)
    show_own_pages(session, today=today, now=now)
    build_agreements(session, today=today, now=now)
    build_ending_papers(session, today=today, now=now)
    build_ways(session, today=today, now=now)
    build_groups(session, today=today, now=now)
    build_learning(session, today=today)
    build_working(session, today=today, now=now)
    build_support(session, base_url=base_url, today=today, now=now)
    build_register(session, today=today)


def _as_json(details: Details) -> dict[str, object]:
    return {
        "participants": details.participants,
        "seed": details.seed,
        "made_on": details.made_on,
        "base_url": details.base_url,
    }


def _batches(items: Sequence[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _end_one_placement(session: Session, *, base_url: str, today: date, now: datetime) -> None:
    """End the placement that ends soonest as its case worker would: its survey waits to be sent."""
    found = session.execute(
        select(Placement.id, Placement.start_date, Placement.case_worker_id)
        .join(Participant, Participant.id == Placement.participant_id)
        .join(Contact, Contact.id == Placement.contact_id)
        .where(
            Placement.end_date.is_(None),
            Placement.start_date < today - days(14),
            Placement.offer_id.is_not(None),  # people with a story of their own have none
            Participant.protected.is_(False),
            Contact.email.is_not(None),
        )
        .order_by(Placement.planned_end_date, Placement.external_id)
        .limit(1)
    ).first()
    if found is None or found.case_worker_id is None:
        return
    end_placement(
        session,
        accounts.actor_of(session, found.case_worker_id),
        found.id,
        end_date=today - days(1),
        outcome=Outcome.COMPLETED,
        base_url=base_url,
        today=today,
        now=now,
    )


def empty_town(session: Session) -> None:
    """Take everything of the town away; the program's own lists stay.

    Raises:
        RuleViolation: the database holds anything but a town made here.
    """
    refuse_other_data(session)
    forget_corrections(session)
    forget_all(session)
    session.execute(delete(SubsidyVersion).where(SubsidyVersion.unit_id.is_not(None)))
    for table in reversed(db.Base.metadata.sorted_tables):
        if table.name not in _OURS:
            session.execute(delete(table))
    session.expunge_all()


def move_links(session: Session, details: Details, base_url: str) -> None:
    """Let the links in the outbox lead to where the service is served now."""
    if details.base_url == base_url:
        return
    waiting = select(OutboxMessage).where(
        OutboxMessage.state == MessageState.QUEUED, OutboxMessage.body.is_not(None)
    )
    for message in session.scalars(waiting):
        message.body = (message.body or "").replace(f"{details.base_url}/l/", f"{base_url}/l/")
    changed: dict[str, Any] = _as_json(details) | {"base_url": base_url}
    accounts.mark_as_demo(session, changed)


def count_rows(session: Session) -> dict[str, int]:
    """How many people and other things the town has, for whoever made it."""
    return {
        model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0
        for model in (Participant, Placement, User)
    }
