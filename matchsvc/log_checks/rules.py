"""Drawing samples of the log, judging their lines, and saying what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit, audit_months
from matchsvc.accounts.actors import Actor, ActorKind
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.accounts.rules import names_of
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.log_checks.frames import chosen, hash_of, people_of, population
from matchsvc.log_checks.models import AuditSample, AuditSampleLine, Outcome, SampleKind
from matchsvc.participants.access import aliases_to_check
from matchsvc.workday.rules import settle_tasks

REVIEWERS = (Role.UNIT_MANAGER, Role.AUDITOR)
MOST_LINES = 100
MOST_DAYS = 92
TASK = "log_check_due"


@dataclass(frozen=True, slots=True)
class Tally:
    """A sample and how far it has come.

    Attributes:
        sample: what was drawn.
        drawn_by: who drew it, by name.
        drawn: how many lines.
        judged: of them.
        asked, deviations: of those judged.
    """

    sample: AuditSample
    drawn_by: str
    drawn: int
    judged: int
    asked: int
    deviations: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line as whoever checks sees it.

    Attributes:
        row: the line.
        event: the row of the log; None when its month has been replaced.
        reader: who read, by name.
        alias: of the one person it shows, where the reviewer may know of her.
        people: how many it shows.
        judged_by: by name.
        is_own: whether the reviewer is who read.
    """

    row: AuditSampleLine
    event: AuditEvent | None
    reader: str
    alias: str | None
    people: int
    judged_by: str | None
    is_own: bool


@dataclass(frozen=True, slots=True)
class Again:
    """What drawing again gave: among how many, and whether it is the same draw."""

    population: int
    is_same: bool


def draw(
    session: Session,
    actor: Actor,
    kind: SampleKind,
    size: int,
    from_on: date,
    until_on: date,
    *,
    seed: str,
    today: date,
    now: datetime,
) -> AuditSample:
    """Draw lines of a period that is over, and note the check as done for its month.

    Args:
        session: a writing transaction.
        actor: whoever checks.
        kind: among which rows.
        size: how many, 1 to MOST_LINES.
        from_on: the first day of the period.
        until_on: its last day.
        seed: made by chance for this draw, so that nobody chooses what is drawn.
        today: the day.
        now: the instant.

    Raises:
        Refused: neither a manager nor an auditor.
        Invalid: a size or a period that cannot be.
    """
    actor.require_role(*REVIEWERS)
    _check_wish(session, size, from_on, until_on, today)
    unit_id = _unit_of(actor)
    numbers = population(session, unit_id, kind, from_on, until_on)
    sample = AuditSample(
        unit_id=unit_id,
        kind=kind,
        from_on=from_on,
        until_on=until_on,
        size=size,
        seed=seed,
        population=len(numbers),
        population_hash=hash_of(numbers),
        drawn_by_id=actor.require_user(),
        drawn_at=now,
    )
    session.add(sample)
    session.flush()
    session.add_all(
        AuditSampleLine(sample_id=sample.id, number=number, event_id=event_id)
        for number, event_id in enumerate(chosen(numbers, seed, size), start=1)
    )
    session.flush()
    audit.record(session, actor, "create", "audit_sample", sample.id, fields=[kind])
    settle_tasks(session, actor, [TASK], unit_id, now=now)
    return sample


def _check_wish(session: Session, size: int, from_on: date, until_on: date, today: date) -> None:
    errors = {}
    if not 1 <= size <= MOST_LINES:
        errors["size"] = N_("Skriv ett tal mellan 1 och 100.")
    if until_on >= today:
        errors["until_on"] = N_("Perioden ska vara slut. Välj senast i går.")
    elif until_on < from_on:
        errors["until_on"] = N_("Sista dagen är före den första.")
    elif until_on - from_on >= timedelta(days=MOST_DAYS):
        errors["until_on"] = N_("Välj högst 92 dagar.")
    if from_on < audit_months.kept_from(session, today=today):
        errors["from_on"] = N_("Så gamla månader finns inte kvar i loggen.")
    if errors:
        raise Invalid(errors)


def _unit_of(actor: Actor) -> UUID:
    if actor.unit_id is None:
        raise NotFound("unit")
    return actor.unit_id


def get_sample(session: Session, actor: Actor, sample_id: UUID) -> AuditSample:
    """A sample of the actor's unit.

    Raises:
        Refused: neither a manager nor an auditor.
        NotFound: there is none in the unit.
    """
    actor.require_role(*REVIEWERS)
    sample = session.get(AuditSample, sample_id)
    if sample is None or sample.unit_id != actor.unit_id:
        raise NotFound("audit_sample")
    return sample


def list_samples(
    session: Session, actor: Actor, *, from_on: date | None = None, until_on: date | None = None
) -> list[Tally]:
    """The unit's samples, the latest first; of those that look at a period within the days given.

    Raises:
        Refused: neither a manager nor an auditor.
    """
    actor.require_role(*REVIEWERS)
    found = select(AuditSample).where(AuditSample.unit_id == actor.unit_id)
    if from_on is not None:
        found = found.where(AuditSample.from_on >= from_on)
    if until_on is not None:
        found = found.where(AuditSample.until_on <= until_on)
    samples = session.scalars(found.order_by(AuditSample.drawn_at.desc())).all()
    outcomes: dict[UUID, list[Outcome | None]] = defaultdict(list)
    asked = select(AuditSampleLine.sample_id, AuditSampleLine.outcome).join(
        AuditSample, AuditSample.id == AuditSampleLine.sample_id
    )
    for sample_id, outcome in session.execute(asked.where(AuditSample.unit_id == actor.unit_id)):
        outcomes[sample_id].append(outcome)
    names = names_of(session, {sample.drawn_by_id for sample in samples})
    audit.record(session, actor, "list", "audit_sample")
    return [
        _tally(sample, names.get(sample.drawn_by_id, ""), outcomes[sample.id]) for sample in samples
    ]


def _tally(sample: AuditSample, drawn_by: str, outcomes: Sequence[Outcome | None]) -> Tally:
    return Tally(
        sample=sample,
        drawn_by=drawn_by,
        drawn=len(outcomes),
        judged=sum(outcome is not None for outcome in outcomes),
        asked=outcomes.count(Outcome.ASKED),
        deviations=outcomes.count(Outcome.INVESTIGATE),
    )


def read_lines(session: Session, actor: Actor, sample: AuditSample) -> list[Line]:
    """The lines of a sample, by time; whom they show is logged as read.

    A person is named by alias where the unit knows her by it; of anybody else, also of protected
    people, the line says only that somebody was shown.
    """
    rows = session.scalars(
        select(AuditSampleLine)
        .where(AuditSampleLine.sample_id == sample.id)
        .order_by(AuditSampleLine.number)
    ).all()
    wanted = select(AuditEvent).where(AuditEvent.id.in_([row.event_id for row in rows]))
    events = {event.id: event for event in session.scalars(wanted)}
    people = {number: people_of(event) for number, event in events.items()}
    alone = {next(iter(each)) for each in people.values() if len(each) == 1}
    aliases = aliases_to_check(session, actor, alone)
    readers = {number: UUID(event.actor.partition(":")[2]) for number, event in events.items()}
    names = names_of(session, {*readers.values(), *(row.judged_by_id for row in rows)})
    audit.record(session, actor, "read", "audit_sample", sample.id, subjects=aliases)
    lines = []
    for row in rows:
        shown = people.get(row.event_id, frozenset())
        reader = readers.get(row.event_id)
        lines.append(
            Line(
                row=row,
                event=events.get(row.event_id),
                reader=names.get(reader, ""),
                alias=aliases.get(next(iter(shown))) if len(shown) == 1 else None,
                people=len(shown),
                judged_by=names.get(row.judged_by_id),
                is_own=reader is not None and reader == actor.user_id,
            )
        )
    return lines


def judge(
    session: Session,
    actor: Actor,
    sample_id: UUID,
    number: int,
    outcome: Outcome,
    comment: str,
    *,
    now: datetime,
    version: int | None = None,
) -> AuditSampleLine:
    """Say what is thought of a line; later again, when somebody who was asked has answered.

    Args:
        session: a writing transaction.
        actor: whoever checks; never whoever read.
        sample_id: of which sample.
        number: which line.
        outcome: what is thought.
        comment: why; asked for unless it is in order.
        now: the instant.
        version: of the line, as it was shown.

    Raises:
        Refused: neither a manager nor an auditor.
        NotFound: no such line in the unit.
        RuleViolation: the actor's own reading, or its month has been replaced.
        Invalid: no comment where one is needed.
        Conflict: somebody else has judged it meanwhile.
    """
    sample = get_sample(session, actor, sample_id)
    if not 1 <= number <= MOST_LINES:
        raise NotFound("audit_sample_line")
    line = session.scalar(
        select(AuditSampleLine)
        .where(AuditSampleLine.sample_id == sample.id, AuditSampleLine.number == number)
        .with_for_update()
    )
    if line is None:
        raise NotFound("audit_sample_line")
    check_version(line, version)
    event = session.get(AuditEvent, line.event_id)
    if event is None:
        raise RuleViolation("month_replaced", N_("Raden finns inte kvar i loggen."))
    if event.actor == f"{ActorKind.USER}:{actor.require_user()}":
        raise RuleViolation(
            "own_reading", N_("Det här är din egen läsning. Någon annan ska bedöma den.")
        )
    words = comment.strip()
    if outcome is not Outcome.IN_ORDER and not words:
        raise Invalid({"comment": N_("Skriv vad du frågade om, eller vad som ska utredas.")})
    line.outcome, line.comment = outcome, words or None
    line.judged_by_id, line.judged_at = actor.require_user(), now
    session.flush()
    audit.record(session, actor, "judge", "audit_sample", sample.id, fields=[f"{number}", outcome])
    return line


def draw_again(session: Session, actor: Actor, sample: AuditSample) -> Again:
    """Draw a sample once more with its seed, and compare. Changes nothing.

    Who works with whom, and who is protected, may have changed since; then the kinds that ask for
    it are drawn among others, and the answer says so.
    """
    numbers = population(session, sample.unit_id, sample.kind, sample.from_on, sample.until_on)
    lines = session.scalars(
        select(AuditSampleLine.event_id)
        .where(AuditSampleLine.sample_id == sample.id)
        .order_by(AuditSampleLine.number)
    ).all()
    is_same = hash_of(numbers) == sample.population_hash
    is_same = is_same and list(lines) == chosen(numbers, sample.seed, sample.size)
    audit.record(session, actor, "check", "audit_sample", sample.id)
    return Again(len(numbers), is_same)
