"""The first start, read from what is there: the unit, its people, its mail, its first rows."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.accounts.own_unit import is_named, own_unit
from matchsvc.accounts.rules import is_demo
from matchsvc.accounts.staff import KEEPERS
from matchsvc.employers.models import Offer
from matchsvc.participants.models import Case
from matchsvc.start.models import MarkKind, StartMark
from matchsvc.workday.archivable import stands

#: Each of these groups needs somebody who can log in, or a part of the work stands still.
NEEDED = (
    (Role.UNIT_MANAGER,),
    (Role.CASE_WORKER,),
    (Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR),
)


class StepKind(enum.StrEnum):
    """What has to be done, in this order."""

    UNIT = "unit"
    USERS = "users"
    MAIL = "mail"
    PARTICIPANTS = "participants"
    OFFERS = "offers"


#: Who does what; others are told whom to ask.
DOERS: dict[StepKind, tuple[Role, ...]] = {
    StepKind.UNIT: KEEPERS,
    StepKind.USERS: KEEPERS,
    StepKind.MAIL: KEEPERS,
    StepKind.PARTICIPANTS: (Role.CASE_WORKER, Role.UNIT_MANAGER),
    StepKind.OFFERS: (Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that has to be there.

    Attributes:
        kind: which.
        is_done: read from the database now.
        may_do: whether it is the actor's to do.
        missing: for users: the roles that nobody with a password holds yet.
        by: for the mail test: who did it.
        at: when.
    """

    kind: StepKind
    is_done: bool
    may_do: bool
    missing: tuple[Role, ...] = ()
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """How far a unit has come.

    Attributes:
        steps: in the order to do them.
        put_aside: who said that the guide shall not be shown on My week, and when.
    """

    steps: tuple[Step, ...]
    put_aside: tuple[str, datetime] | None

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing."""
        return all(step.is_done for step in self.steps)

    @property
    def next(self) -> Step | None:
        """The first step that is not done."""
        return next((step for step in self.steps if not step.is_done), None)

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.is_done for step in self.steps)


def read_start(session: Session, actor: Actor) -> Start:
    """How far the actor's unit has come. Six queries, and nobody's name but the staff's.

    Raises:
        Refused: the actor does not keep the unit.
    """
    unit = own_unit(session, actor)
    marks = {
        mark.kind: (name, mark.at)
        for mark, name in session.execute(
            select(StartMark, User.name)
            .join(User, User.id == StartMark.user_id)
            .where(StartMark.unit_id == unit.id)
        )
    }
    missing = _missing_roles(session, actor)
    sent = marks.get(MarkKind.MAIL_SENT)
    has_cases = session.scalar(select(exists().where(Case.unit_id == unit.id)))
    has_offers = session.scalar(select(exists().where(Offer.unit_id == unit.id, stands(Offer))))
    done = {
        StepKind.UNIT: is_named(unit),
        StepKind.USERS: not missing,
        StepKind.MAIL: sent is not None,
        StepKind.PARTICIPANTS: bool(has_cases),
        StepKind.OFFERS: bool(has_offers),
    }
    steps = [
        Step(
            kind,
            done[kind],
            actor.has_role(*DOERS[kind]),
            missing=missing if kind is StepKind.USERS else (),
            by=sent[0] if sent and kind is StepKind.MAIL else None,
            at=sent[1] if sent and kind is StepKind.MAIL else None,
        )
        for kind in StepKind
    ]
    return Start(tuple(steps), marks.get(MarkKind.PUT_ASIDE))


def shown_start(session: Session, actor: Actor) -> Start | None:
    """The start as My week shows it: None when done, put aside, in a demo, or not the actor's."""
    if not actor.has_role(*KEEPERS) or actor.unit_id is None or is_demo(session):
        return None
    start = read_start(session, actor)
    return None if start.is_done or start.put_aside else start


def put_aside(session: Session, actor: Actor, *, now: datetime) -> None:
    """Take the guide off My week for the whole unit; it stays at its address.

    Raises:
        Refused: the actor does not keep the unit.
    """
    set_mark(session, actor, MarkKind.PUT_ASIDE, now=now)
    audit.record(session, actor, "put_aside", "start", actor.unit_id)


def take_up(session: Session, actor: Actor) -> None:
    """Show the guide on My week again.

    Raises:
        Refused: the actor does not keep the unit.
    """
    mark = _mark(session, actor, MarkKind.PUT_ASIDE)
    if mark is not None:
        session.delete(mark)
        session.flush()
        audit.record(session, actor, "take_up", "start", actor.unit_id)


def set_mark(session: Session, actor: Actor, kind: MarkKind, *, now: datetime) -> None:
    """Remember that the actor did it now.

    Raises:
        Refused: the actor does not keep the unit.
    """
    mark = _mark(session, actor, kind)
    if mark is None:
        unit_id = own_unit(session, actor).id
        mark = StartMark(unit_id=unit_id, kind=kind, user_id=actor.require_user(), at=now)
        session.add(mark)
    mark.user_id, mark.at = actor.require_user(), now
    session.flush()


def _mark(session: Session, actor: Actor, kind: MarkKind) -> StartMark | None:
    unit = own_unit(session, actor, for_update=True)  # two who do it at once wait for each other
    return session.scalar(
        select(StartMark).where(StartMark.unit_id == unit.id, StartMark.kind == kind)
    )


def _missing_roles(session: Session, actor: Actor) -> tuple[Role, ...]:
    """The first role of each needed group that nobody holds who can log in."""
    held = set(
        session.scalars(
            select(UserRole.role)
            .join(User, User.id == UserRole.user_id)
            .where(
                User.unit_id == actor.unit_id,
                User.is_active,
                User.password_hash.is_not(None),
            )
            .distinct()
        )
    )
    return tuple(group[0] for group in NEEDED if held.isdisjoint(group))
