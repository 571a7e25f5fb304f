"""How far each enrolment has led: one row an enrolment, in step with the events.

What reports ask most often (who was enrolled when, and when she reached what) would otherwise go
through every event that was ever written. The rows say nothing of their own: :func:`told_ways` is
the one definition, in SQL, and a table keeps what it gives now. A past state is read from the
events by the same definition.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Engine,
    Select,
    Subquery,
    and_,
    case,
    delete,
    event,
    func,
    insert,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Session, aliased

from matchsvc import db
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind, OutcomeStale, OutcomeWay
from matchsvc.outcomes.rules import standing_events

UNKNOWN = "unknown"
#: Exit destinations that are work on the regular labour market (REP-07): municipal
#: labour-market employment is none.
WORK_DESTINATIONS = ("unsubsidised_job", "subsidised_job")
STUDIES = "studies"
#: Endings of a placement that are no breaking off.
COMPLETED = ("completed", "became_job")
#: day of a way -> the kinds of event that say it was reached.
REACHED = {
    "mapped_on": (OutcomeKind.MAPPED,),
    "ready_on": (OutcomeKind.READY,),
    # Whoever began somewhere was spoken of there first.
    "contacted_on": (
        OutcomeKind.EMPLOYER_CONTACTED,
        OutcomeKind.PLACEMENT_STARTED,
        OutcomeKind.EMPLOYMENT_STARTED,
    ),
    "proposed_on": (OutcomeKind.PROPOSED,),
    "accepted_on": (OutcomeKind.ACCEPTED,),
    "placed_on": (OutcomeKind.PLACEMENT_STARTED,),
    "ended_on": (OutcomeKind.PLACEMENT_ENDED,),
    "hired_on": (OutcomeKind.EMPLOYMENT_STARTED,),
    "stayed_on": (OutcomeKind.EMPLOYMENT_STAYED,),
}
COLUMNS = tuple(OutcomeWay.__table__.columns.keys())
_LOCK = 7_202_612  # PostgreSQL: two who tell of one person keep her ways one after the other
_TOUCHED = "matchsvc_outcomes_touched"


def known_group(column: Any) -> ColumnElement[Any]:
    """Of a person's events: what is known of her sex or region, before "unknown"."""
    return func.coalesce(func.max(func.nullif(column, UNKNOWN)), UNKNOWN).label(column.key)


def is_at_work(row: Any) -> ColumnElement[bool]:
    """Whether an event says that somebody got work on the regular labour market."""
    return or_(
        row.kind == OutcomeKind.EMPLOYMENT_STARTED,
        and_(row.kind == OutcomeKind.EXITED, row.detail.in_(WORK_DESTINATIONS)),
    )


def is_in_studies(row: Any) -> ColumnElement[bool]:
    """Whether an event says that somebody's case ended with studies."""
    return and_(row.kind == OutcomeKind.EXITED, row.detail == STUDIES)


def told_ways(
    *,
    as_of: datetime | None = None,
    unit_id: UUID | None = None,
    by_unit: bool = True,
    among: Select[Any] | None = None,
) -> Select[Any]:
    """The ways as the events tell them, in the order of COLUMNS.

    Args:
        as_of: an instant: what was recorded later is as if it had not been. None is now.
        unit_id: only this unit.
        by_unit: what happened at another unit is no part of a way; otherwise it is.
        among: gives the keys of the people asked about; None is everybody.
    """
    told = standing_events(as_of=as_of)
    if unit_id is not None:
        told = told.where(OutcomeEvent.unit_id == unit_id)
    if among is not None:
        told = told.where(OutcomeEvent.person_key.in_(among))
    first = told.where(OutcomeEvent.kind == OutcomeKind.ENROLLED).subquery("enrolment")
    every = aliased(OutcomeEvent, told.subquery("told"))
    same = every.person_key == first.c.person_key
    if by_unit:
        same = and_(same, every.unit_id == first.c.unit_id)

    def day(condition: ColumnElement[bool], name: str) -> ColumnElement[Any]:
        reached = and_(condition, every.occurred_on >= first.c.occurred_on)
        return func.min(case((reached, every.occurred_on))).label(name)

    ended = every.kind == OutcomeKind.PLACEMENT_ENDED
    completed = and_(ended, or_(every.detail.is_(None), every.detail.in_(COMPLETED)))
    exited = and_(every.kind == OutcomeKind.EXITED, every.case_key == first.c.case_key)
    days: dict[str, Any] = {
        "sex": known_group(every.sex),
        "birth_region": known_group(every.birth_region),
        "exited_on": func.min(case((exited, every.occurred_on))).label("exited_on"),
        **{name: day(every.kind.in_(kinds), name) for name, kinds in REACHED.items()},
        "completed_on": day(completed, "completed_on"),
        "work_on": day(is_at_work(every), "work_on"),
        "studies_on": day(is_in_studies(every), "studies_on"),
    }
    enrolled = {
        name: first.c.occurred_on.label(name) if name == "enrolled_on" else first.c[name]
        for name in COLUMNS
        if name not in days
    }
    # Grouped by all that is the enrolment's, not joined to it once more: where PostgreSQL knows
    # nothing of the table's size yet, it would work the groups out anew for each enrolment.
    return (
        select(*({**enrolled, **days}[name] for name in COLUMNS))
        .select_from(first)
        .join(every, same)
        .group_by(*(getattr(column, "element", column) for column in enrolled.values()))
    )


def ways(session: Session, *, unit_id: UUID | None, as_of: datetime | None = None) -> Subquery:
    """The ways to count: from the table where it is in step, else from the events.

    Args:
        session: to read with; one query.
        unit_id: only this unit; None is all together, where a way goes on at another unit.
        as_of: a past state, always from the events.
    """
    if as_of is None and unit_id is not None and not is_stale(session):
        kept = select(*OutcomeWay.__table__.columns).where(OutcomeWay.unit_id == unit_id)
        return kept.subquery("way")
    return told_ways(as_of=as_of, unit_id=unit_id, by_unit=unit_id is not None).subquery("way")


def is_stale(session: Session) -> bool:
    """Whether anybody's ways may differ from what the events tell."""
    return session.scalar(select(OutcomeStale.seq).limit(1)) is not None


@event.listens_for(Engine, "before_cursor_execute")
def _note_write(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    """Remember on the connection that events were written: most transactions need not look."""
    if not statement.startswith("SELECT") and "outcome_event" in statement[:40]:
        connection.info[_TOUCHED] = True


@db.before_commit
def keep_touched(session: Session) -> None:
    """Work out the ways of whom this transaction has told something of."""
    if session.connection().info.pop(_TOUCHED, False):
        keep_stale(session)


def keep_stale(session: Session) -> None:
    """Work out the ways of everybody who is marked. As many queries whatever their number."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))
    newest = session.scalar(select(func.max(OutcomeStale.seq)))
    if newest is None:
        return
    among = select(OutcomeStale.person_key).where(OutcomeStale.seq <= newest)
    session.execute(
        delete(OutcomeWay).where(OutcomeWay.person_key.in_(among)),
        execution_options={"synchronize_session": False},
    )
    session.execute(insert(OutcomeWay).from_select(COLUMNS, told_ways(among=among)))
    session.execute(
        delete(OutcomeStale).where(OutcomeStale.seq <= newest),
        execution_options={"synchronize_session": False},
    )


def rebuild(session: Session) -> int:
    """Throw every way away and work all of them out again; how many there are."""
    session.execute(delete(OutcomeStale))
    session.execute(delete(OutcomeWay))
    session.execute(insert(OutcomeWay).from_select(COLUMNS, told_ways()))
    return session.scalar(select(func.count()).select_from(OutcomeWay)) or 0


def differing(session: Session) -> int:
    """How many ways the table has otherwise than the events tell them; 0 when in step."""
    kept = select(*OutcomeWay.__table__.columns)
    lacking = session.scalar(select(func.count()).select_from(told_ways().except_(kept).subquery()))
    extra = session.scalar(select(func.count()).select_from(kept.except_(told_ways()).subquery()))
    return (lacking or 0) + (extra or 0)
