"""The risk register: what could go wrong, how it was judged, and whether it did (CON-04).

The source graded seventeen risks; none of the large ones came true, and a medium one did. So what
is learned from is not the grade but the grade beside the outcome, year by year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.activities.obstacles import impersonal
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.learning.models import Came, Grade, Risk, RiskOutcome, RiskVersion
from matchsvc.learning.staff import COUNTERS, KEEPERS, require_year, unit_of
from matchsvc.workday.rules import is_colleague


@dataclass(frozen=True, slots=True)
class RiskInput:
    """A risk as a form sends it."""

    description: str
    grade: Grade
    measure: str
    owner_id: UUID
    review_on: date


@dataclass(frozen=True, slots=True)
class RiskLine:
    """A risk with its owner's name, and its outcomes by year, the newest first."""

    risk: Risk
    owner: str
    is_due: bool
    outcomes: Sequence[RiskOutcome]


@dataclass(frozen=True, slots=True)
class RiskPast:
    """One earlier judgement of a risk, with names."""

    version: RiskVersion
    owner: str
    by: str


def list_risks(session: Session, actor: Actor, *, today: date) -> list[RiskLine]:
    """The unit's risks: those to look at again first, then by grade; closed ones last.

    Raises:
        Refused: neither a manager nor an auditor.
    """
    actor.require_role(*COUNTERS)
    unit_id = unit_of(actor)
    rows = session.execute(
        select(Risk, User.name).join(User, User.id == Risk.owner_id).where(Risk.unit_id == unit_id)
    ).all()
    outcomes: Mapping[UUID, list[RiskOutcome]] = defaultdict(list)
    for outcome in session.scalars(
        select(RiskOutcome)
        .join(Risk, Risk.id == RiskOutcome.risk_id)
        .where(Risk.unit_id == unit_id)
        .order_by(RiskOutcome.year.desc())
    ):
        outcomes[outcome.risk_id].append(outcome)
    audit.record(session, actor, "read", "risk")
    lines = [
        RiskLine(risk, owner, risk.closed_on is None and risk.review_on <= today, outcomes[risk.id])
        for risk, owner in rows
    ]
    grades = list(Grade)
    return sorted(
        lines,
        key=lambda line: (
            line.risk.closed_on is not None,
            not line.is_due,
            grades.index(line.risk.grade),
            line.risk.review_on,
            line.risk.description,
        ),
    )


def get_risk(session: Session, actor: Actor, risk_id: UUID, *, for_update: bool = False) -> Risk:
    """One risk of the unit.

    Raises:
        Refused: neither a manager nor an auditor.
        NotFound: unknown, or another unit's.
    """
    actor.require_role(*COUNTERS)
    found = select(Risk).where(Risk.id == risk_id, Risk.unit_id == unit_of(actor))
    row = session.scalar(found.with_for_update() if for_update else found)
    if row is None:
        raise NotFound("risk")
    return row


def history_of(session: Session, actor: Actor, risk_id: UUID) -> list[RiskPast]:
    """How a risk has been judged, the newest first.

    Raises:
        Refused, NotFound: as :func:`get_risk`.
    """
    risk = get_risk(session, actor, risk_id)
    rows = session.scalars(
        select(RiskVersion)
        .where(RiskVersion.risk_id == risk.id)
        .order_by(RiskVersion.number.desc())
    ).all()
    ids = {each.owner_id for each in rows} | {each.changed_by_id for each in rows}
    found = session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    names = {row.id: row.name for row in found}
    audit.record(session, actor, "read", "risk", risk.id)
    return [RiskPast(each, names[each.owner_id], names[each.changed_by_id]) for each in rows]


def outcomes_of(session: Session, actor: Actor, risk_id: UUID) -> list[RiskOutcome]:
    """How a risk went, the newest year first.

    Raises:
        Refused, NotFound: as :func:`get_risk`.
    """
    risk = get_risk(session, actor, risk_id)
    return list(
        session.scalars(
            select(RiskOutcome)
            .where(RiskOutcome.risk_id == risk.id)
            .order_by(RiskOutcome.year.desc())
        )
    )


def save_risk(
    session: Session,
    actor: Actor,
    said: RiskInput,
    *,
    today: date,
    risk_id: UUID | None = None,
    version: int | None = None,
) -> Risk:
    """Write a new risk, or judge one anew; what it was before stays.

    Args:
        session: a writing transaction.
        actor: the manager.
        said: what to write.
        today: the day of the change.
        risk_id: which; None makes a new one.
        version: of the risk that the form began from.

    Raises:
        Refused: not a manager.
        NotFound: unknown, or another unit's.
        Invalid: a participant's name or an identity number in a text, an owner who is not of the
            unit, a review day that has been.
        RuleViolation: it is closed.
        Conflict: it was saved since.
    """
    actor.require_role(*KEEPERS)
    if not is_colleague(session, said.owner_id, unit_of(actor)):
        raise Invalid({"owner_id": N_("Välj någon i enheten.")})
    if said.review_on < today:
        raise Invalid({"review_on": N_("Den dagen har redan varit.")})
    facts = {
        "description": impersonal(session, "description", said.description, today=today),
        "grade": said.grade,
        "measure": impersonal(session, "measure", said.measure, today=today),
        "owner_id": said.owner_id,
        "review_on": said.review_on,
    }
    if risk_id is None:
        row = Risk(unit_id=unit_of(actor), **facts)
        session.add(row)
    else:
        row = get_risk(session, actor, risk_id, for_update=True)
        check_version(row, version)
        if row.closed_on is not None:
            raise RuleViolation("closed", N_("Risken är avslutad. Skriv den som en ny."))
        for name, value in facts.items():
            setattr(row, name, value)
    session.flush()
    _keep(session, actor, row, today=today)
    audit.record(
        session, actor, "change" if risk_id else "create", "risk", row.id, fields=list(facts)
    )
    return row


def close_risk(
    session: Session, actor: Actor, risk_id: UUID, *, version: int | None, today: date
) -> Risk:
    """Say that a risk is no longer one; it stays in the register and its years.

    Raises:
        Refused, NotFound, Conflict: as :func:`save_risk`.
        RuleViolation: it is closed already.
    """
    actor.require_role(*KEEPERS)
    row = get_risk(session, actor, risk_id, for_update=True)
    check_version(row, version)
    if row.closed_on is not None:
        raise RuleViolation("closed", N_("Risken är redan avslutad."))
    row.closed_on = today
    session.flush()
    _keep(session, actor, row, today=today)
    audit.record(session, actor, "change", "risk", row.id, fields=["closed_on"])
    return row


def _keep(session: Session, actor: Actor, row: Risk, *, today: date) -> None:
    last = session.scalar(select(func.max(RiskVersion.number)).where(RiskVersion.risk_id == row.id))
    session.add(
        RiskVersion(
            risk_id=row.id,
            number=(last or 0) + 1,
            description=row.description,
            grade=row.grade,
            measure=row.measure,
            owner_id=row.owner_id,
            review_on=row.review_on,
            is_closed=row.closed_on is not None,
            changed_on=today,
            changed_by_id=actor.user_id,
        )
    )
    session.flush()


def note_outcome(
    session: Session,
    actor: Actor,
    risk_id: UUID,
    *,
    year: int,
    came: Came,
    note: str | None,
    today: date,
    version: int | None = None,
) -> RiskOutcome:
    """Note whether a risk came true in a year, beside the grade that it had.

    Noted again, the outcome changes and the grade stays what it was: who judged must not be able to
    have been right afterwards.

    Raises:
        Refused, NotFound: as :func:`get_risk`; only managers note.
        NotFound: the year is before 2000 or after 2199.
        Invalid: a year to come, or before the risk; a participant's name in the note.
        Conflict: it was saved since.
    """
    actor.require_role(*KEEPERS)
    require_year(year)
    risk = get_risk(session, actor, risk_id, for_update=True)
    judged = session.scalar(
        select(RiskVersion)
        .where(RiskVersion.risk_id == risk.id, RiskVersion.changed_on <= date(year, 12, 31))
        .order_by(RiskVersion.number.desc())
        .limit(1)
    )
    if year > today.year or judged is None:
        raise Invalid({"year": N_("Välj ett år då risken fanns i registret.")})
    words = impersonal(session, "note", note, today=today) if note else None
    row = session.scalar(
        select(RiskOutcome)
        .where(RiskOutcome.risk_id == risk.id, RiskOutcome.year == year)
        .with_for_update()
    )
    if row is None:
        row = RiskOutcome(risk_id=risk.id, year=year, grade=judged.grade)
        session.add(row)
    else:
        check_version(row, version)
    row.came, row.note, row.noted_on = came, words, today
    session.flush()
    audit.record(session, actor, "change", "risk_outcome", row.id, fields=["came", "note"])
    return row


@dataclass(frozen=True, slots=True)
class GradeRow:
    """How the risks of one grade went in a year."""

    grade: Grade
    came: int
    partly: int
    not_at_all: int
    unnoted: int


def grades_against_outcomes(session: Session, actor: Actor, year: int) -> list[GradeRow]:
    """Of each grade: how many came true in a year, partly, not, or are not noted yet.

    Raises:
        Refused: neither a manager nor an auditor.
        NotFound: the year is before 2000 or after 2199.
    """
    actor.require_role(*COUNTERS)
    require_year(year)
    unit_id = unit_of(actor)
    noted: Mapping[tuple[Grade, Came], int] = {
        (row[0], row[1]): row[2]
        for row in session.execute(
            select(RiskOutcome.grade, RiskOutcome.came, func.count())
            .join(Risk, Risk.id == RiskOutcome.risk_id)
            .where(Risk.unit_id == unit_id, RiskOutcome.year == year)
            .group_by(RiskOutcome.grade, RiskOutcome.came)
        )
    }
    known = select(RiskOutcome.risk_id).where(RiskOutcome.year == year)
    last = (
        select(RiskVersion.risk_id, func.max(RiskVersion.number).label("number"))
        .where(RiskVersion.changed_on <= date(year, 12, 31))
        .group_by(RiskVersion.risk_id)
        .subquery()
    )
    waiting = {
        row[0]: row[1]
        for row in session.execute(
            select(RiskVersion.grade, func.count())
            .join(
                last,
                (last.c.risk_id == RiskVersion.risk_id) & (last.c.number == RiskVersion.number),
            )
            .join(Risk, Risk.id == RiskVersion.risk_id)
            .where(
                Risk.unit_id == unit_id,
                Risk.id.not_in(known),
                (Risk.closed_on.is_(None)) | (Risk.closed_on >= date(year, 1, 1)),
            )
            .group_by(RiskVersion.grade)
        )
    }
    return [
        GradeRow(
            grade,
            noted.get((grade, Came.YES), 0),
            noted.get((grade, Came.PARTLY), 0),
            noted.get((grade, Came.NO), 0),
            waiting.get(grade, 0),
        )
        for grade in Grade
    ]
