"""Where on a ladder somebody stands, since when, and the way there (PRO-14, PRO-15).

People climb at a speed of their own: steps may be skipped, and going back is a move as any other.
Every move is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.errors import N_, Conflict, Invalid, RuleViolation
from matchsvc.participants.cases import open_case
from matchsvc.participants.models import Case
from matchsvc.participants.own import get_own
from matchsvc.progression.ladders import ladders_in_use, step_name, steps_of
from matchsvc.progression.models import LadderStay, LadderVersion


@dataclass(frozen=True, slots=True)
class StayLine:
    """A time on a step as it is shown.

    Attributes:
        stay: the row.
        ladder: what the ladder was called.
        name: what the step was called.
        days: from the first day to the day it was left, the end of the case, or today.
        skipped: how many steps were passed over to get there, upwards.
        is_back: whether it is lower than the one before on the same ladder.
    """

    stay: LadderStay
    ladder: str
    name: str
    days: int
    skipped: int
    is_back: bool


def stays_of(session: Session, case_id: UUID) -> list[LadderStay]:
    """The stays of a case from the first on. Asks no right."""
    found = select(LadderStay).where(LadderStay.case_id == case_id)
    return list(session.scalars(found.order_by(LadderStay.position)))


def lines_of(session: Session, case: Case, *, today: date) -> list[StayLine]:
    """The way of a case over ladders, the latest first. Two queries. Asks no right."""
    stays = stays_of(session, case.id)
    known = _versions(session, stays)
    last_day = min(case.ended_on or today, today)
    lines = []
    for before, stay in zip([None, *stays], stays, strict=False):
        version = known[stay.version_id]
        same = before is not None and known[before.version_id].ladder_id == version.ladder_id
        numbers = [each.number for each in steps_of(version)]
        passed = [n for n in numbers if same and before and before.step < n < stay.step]
        lines.append(
            StayLine(
                stay=stay,
                ladder=version.name,
                name=step_name(version, stay.step),
                days=max(0, ((stay.left_on or last_day) - stay.since).days),
                skipped=len(passed),
                is_back=bool(same and before and stay.step < before.step),
            )
        )
    return lines[::-1]


def _versions(session: Session, stays: Sequence[LadderStay]) -> Mapping[UUID, LadderVersion]:
    ids = {stay.version_id for stay in stays}
    found = session.scalars(select(LadderVersion).where(LadderVersion.id.in_(ids)))
    return {version.id: version for version in found}


def move_to_step(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    ladder_id: UUID,
    step: int,
    since: date,
    seen: int | None,
    today: date,
) -> LadderStay:
    """Put somebody on a step, from whichever step before, up or down.

    Args:
        session: a writing transaction.
        actor: the participant's own worker.
        key: the participant.
        ladder_id: a ladder of the unit that is in use.
        step: the number of one of its steps.
        since: the first day there; the step before is left the same day.
        seen: how many moves the page showed; None when the caller does not know.
        today: the day.

    Raises:
        Refused: not the participant's own worker.
        Invalid: no such step, or the day is not possible.
        RuleViolation: the case has ended, or that is where the person stands.
        Conflict: somebody else made a move since the page was shown.
    """
    participant = get_own(session, actor, key, today=today)
    case = open_case(session, participant)
    stays = stays_of(session, case.id)
    if seen is not None and seen != len(stays):
        raise Conflict({"seen": len(stays)})
    version = next(
        (each for each in ladders_in_use(session, case.unit_id) if each.ladder_id == ladder_id),
        None,
    )
    if version is None or not step_name(version, step):
        raise Invalid({"step": N_("Välj ett av trappans steg.")})
    current = stays[-1] if stays else None
    if current is not None and current.step == step:
        before = session.get(LadderVersion, current.version_id)
        if before is not None and before.ladder_id == ladder_id:
            raise RuleViolation(
                "same_step",
                N_("Personen står redan på det steget."),
                fields={"step": N_("Personen står redan på det steget.")},
            )
    if not (current.since if current else case.enrolled_on) <= since <= today:
        raise Invalid(
            {"since": N_("Skriv en dag mellan förra steget, eller inskrivningen, och i dag.")}
        )
    if current is not None:
        current.left_on = since
    stay = LadderStay(
        case_id=case.id,
        position=len(stays) + 1,
        version_id=version.id,
        step=step,
        since=since,
        moved_by_id=actor.user_id,
    )
    session.add(stay)
    session.flush()
    audit.record(
        session, actor, "create", "ladder_stay", stay.id, fields=[f"step:{step}"],
        subjects=[participant.id],
    )  # fmt: skip
    return stay
