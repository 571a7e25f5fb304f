"""What came of a year, sent back to the employer (EMP-04): numbers of its own, nobody in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Unit, User
from matchsvc.accounts.settings import several
from matchsvc.employers import checks
from matchsvc.employers.access import EDITORS, READERS, employers_of
from matchsvc.employers.models import (
    Channel,
    Contact,
    Employer,
    EmployerStatus,
    Interaction,
    Purpose,
)
from matchsvc.employers.network_models import ResultsLetter
from matchsvc.employers.register_reads import get_employer
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.messages.outbox import queue_message
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.outcomes.rules import standing_events

_HIRED = (OutcomeKind.EMPLOYMENT_STARTED, OutcomeKind.MUNICIPAL_EMPLOYMENT_STARTED)
#: Somebody began there, also who came from another workplace in the middle of a training.
_RECEIVED = (OutcomeKind.PLACEMENT_STARTED, OutcomeKind.PLACEMENT_MOVED)
_COMPLETED = ("completed", "became_job")
KIND = "yearly_results"
EARLIEST = 2000


@dataclass(frozen=True, slots=True)
class Results:
    """What happened at an employer in a year, as numbers of events.

    Attributes:
        placed: placements that began.
        completed: placements that were carried through, or became a job.
        hired: employments that began.
    """

    placed: int = 0
    completed: int = 0
    hired: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.placed or self.completed or self.hired)


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """An employer's year before it is sent.

    Attributes:
        employer: whose.
        year: which.
        results: the numbers.
        people: whom it can be sent to.
        letter: the words as they would be sent.
        sent: when it was sent and by whom; None when it was not.
    """

    employer: Employer
    year: int
    results: Results
    people: Sequence[Contact]
    letter: str
    sent: tuple[date, str] | None


@dataclass(frozen=True, slots=True)
class ResultsList:
    """The unit's employers with something to tell of a year.

    Attributes:
        year: which.
        rows: employer, numbers, the day it was told; None when it was not.
        told: how many were told.
    """

    year: int
    rows: Sequence[tuple[Employer, Results, date | None]]
    told: int


def results_of(session: Session, employer_ids: Sequence[UUID], year: int) -> Mapping[UUID, Results]:
    """The numbers of each employer that has any. One query."""
    events = standing_events().subquery()
    rows = session.execute(
        select(events.c.employer_id, events.c.kind, events.c.detail, func.count())
        .where(
            events.c.employer_id.in_(employer_ids),
            events.c.occurred_on.between(date(year, 1, 1), date(year, 12, 31)),
            events.c.kind.in_((*_RECEIVED, OutcomeKind.PLACEMENT_ENDED, *_HIRED)),
        )
        .group_by(events.c.employer_id, events.c.kind, events.c.detail)
    )
    counted: dict[UUID, list[int]] = {}
    for employer_id, kind, detail, count in rows:
        sums = counted.setdefault(employer_id, [0, 0, 0])
        if kind in _RECEIVED:
            sums[0] += count
        elif kind in _HIRED:
            sums[2] += count
        elif detail in _COMPLETED:
            sums[1] += count
    return {key: Results(*sums) for key, sums in counted.items()}


def list_results(session: Session, actor: Actor, year: int) -> ResultsList:
    """Who has something to be told of a year, and who has been. Three queries."""
    actor.require_role(*READERS)
    employers = session.scalars(employers_of(actor).order_by(Employer.sort_key, Employer.id)).all()
    ids = [employer.id for employer in employers]
    found = results_of(session, ids, year)
    letters = session.execute(
        select(ResultsLetter.employer_id, ResultsLetter.sent_on).where(
            ResultsLetter.year == year, ResultsLetter.employer_id.in_(ids)
        )
    )
    sent = {row[0]: row[1] for row in letters}
    rows = [
        (employer, found[employer.id], sent.get(employer.id))
        for employer in employers
        if employer.id in found and not found[employer.id].is_empty
    ]
    return ResultsList(year, rows, sum(day is not None for _, _, day in rows))


def show_results(session: Session, actor: Actor, key: UUID | str, year: int) -> ResultsPage:
    """An employer's year, and the letter as it would be sent.

    Raises:
        NotFound: unknown or another unit's.
    """
    actor.require_role(*READERS)
    employer = get_employer(session, actor, key)
    audit.record(session, actor, "read", "employer", employer.id)
    results = results_of(session, [employer.id], year).get(employer.id, Results())
    sent = session.execute(
        select(ResultsLetter.sent_on, User.name)
        .join(User, User.id == ResultsLetter.by_id)
        .where(ResultsLetter.employer_id == employer.id, ResultsLetter.year == year)
    ).first()
    people = [each for each in employer.contacts if each.is_active and each.email]
    letter = _letter(session, employer, year, results)
    return ResultsPage(
        employer, year, results, people, letter, (sent[0], sent[1]) if sent else None
    )


def send_results(
    session: Session,
    actor: Actor,
    key: UUID | str,
    year: int,
    *,
    contact_id: UUID | None,
    today: date,
) -> ResultsLetter:
    """Send an employer its year, once, and log it as a contact.

    Args:
        session: a writing transaction.
        actor: liaison or placement coordinator.
        key: the employer.
        year: one that has ended, or the one that goes.
        contact_id: who gets it.
        today: the day of sending.

    Raises:
        NotFound: unknown or another unit's.
        Invalid: nobody with an e-mail address was chosen, or the year has not begun.
        RuleViolation: ``do_not_contact``, ``nothing_to_tell`` or ``told_already``.
    """
    actor.require_role(*EDITORS)
    employer = get_employer(session, actor, key, for_update=True)
    if employer.status is EmployerStatus.DO_NOT_CONTACT:
        raise RuleViolation("do_not_contact", N_("Arbetsgivaren vill inte bli kontaktad."))
    page = show_results(session, actor, employer.id, year)
    person = next((each for each in page.people if each.id == contact_id), None)
    checks.refuse(
        {
            "contact_id": None if person else N_("Välj vem som ska få brevet."),
            "year": N_("Året har inte börjat.") if year > today.year else None,
        }
    )
    if person is None or person.email is None:
        raise Invalid({"contact_id": checks.GONE})
    if page.sent is not None:
        raise RuleViolation("told_already", N_("Arbetsgivaren har redan fått årets resultat."))
    if page.results.is_empty:
        raise RuleViolation("nothing_to_tell", N_("Det finns inget att berätta om det året."))
    letter = ResultsLetter(
        employer_id=employer.id,
        contact_id=person.id,
        by_id=actor.require_user(),
        year=year,
        sent_on=today,
    )
    session.add(letter)
    session.add(
        Interaction(
            employer_id=employer.id,
            by_id=actor.require_user(),
            contact_id=person.id,
            happened_on=today,
            channel=Channel.EMAIL,
            purpose=Purpose.THANKS,
            result=f"Skickade resultatet av samarbetet {year}.",
        )
    )
    session.flush()
    queue_message(
        session,
        unit_id=employer.unit_id,
        kind=KIND,
        recipient=person.email,
        subject=f"Det här blev av vårt samarbete {year}",
        body=page.letter,
        cause_id=letter.id,
    )
    audit.record(session, actor, "create", "results_letter", letter.id)
    return letter


def _letter(session: Session, employer: Employer, year: int, results: Results) -> str:
    """Numbers and thanks. Who they were, and what they were like, is nobody's to tell."""
    said = several(session, employer.unit_id, "display_name", "letter_greeting", "letter_signature")
    name = said["display_name"] or session.get_one(Unit, employer.unit_id).name
    told = [
        sentence.replace("#", str(count))
        for count, sentence in (
            (results.placed, "- Placeringar som började hos er: #"),
            (results.completed, "- Placeringar som genomfördes eller blev ett jobb: #"),
            (results.hired, "- Anställningar som började hos er: #"),
        )
        if count
    ]
    return "\n".join(
        [
            said["letter_greeting"] or "Hej!",
            "",
            f"Tack för samarbetet med {employer.name} under {year}. Det här blev av det:",
            "",
            *(told or ["- Ingenting började hos er det året."]),
            "",
            "Siffrorna gäller bara er. Hur kan vi göra det bättre nästa år? Svara gärna på brevet.",
            "",
            said["letter_signature"] or f"Vänliga hälsningar\n{name}",
        ]
    )
