"""When something goes wrong at a placement: whose it is, by when, and how it ended (PRO-21).

Nothing is sent to the employment service from here: that it was told, when and how, is noted by
whoever told it (PLA-11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.accounts.rules import actor_of
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, Refused, RuleViolation
from matchsvc.placements.access import Seen, get_placement
from matchsvc.placements.careful import mentions_health
from matchsvc.placements.disturbance_models import (
    DISTURBANCE_TASK,
    TOLD_TO_AF,
    AfChannel,
    Disturbance,
    DisturbanceKind,
    DisturbanceOutcome,
)
from matchsvc.placements.models import DecisionAuthority, Placement
from matchsvc.swedish import contains_identity_number
from matchsvc.workday.rules import add_task, is_colleague, settle_tasks

TASK_TELL_AF = "tell_af"
_HEALTH = N_(
    "Det ser ut att handla om hälsa. Skriv om vad som behövs på arbetsplatsen "
    "i stället, eller kryssa i att texten ska stå kvar."
)


@dataclass(frozen=True, kw_only=True)
class Happened:
    """What went wrong, as somebody notes it.

    Attributes:
        kind: its code; there is none for illness.
        happened_on: the day.
        owner_id: who sees to it, of the unit.
        what_is_done: functional words.
        due_on: by when.
        keeps_health_words: the writer has seen the hint about health and means it.
    """

    kind: DisturbanceKind
    happened_on: date
    owner_id: UUID
    what_is_done: str
    due_on: date
    keeps_health_words: bool = False


@dataclass(frozen=True, slots=True)
class Noted:
    """A disturbance with the name of whoever answers for it."""

    row: Disturbance
    owner: str


@dataclass(frozen=True, slots=True)
class Told:
    """That the employment service was told."""

    on: date
    channel: AfChannel


def list_disturbances(session: Session, placement_id: UUID) -> list[Noted]:
    """Those of a placement, open ones first, then the latest. Asks no right."""
    found = session.execute(
        select(Disturbance, User.name)
        .join(User, User.id == Disturbance.owner_id)
        .where(Disturbance.placement_id == placement_id)
        .order_by(
            Disturbance.closed_on.is_not(None),
            Disturbance.happened_on.desc(),
            Disturbance.id,
        )
    )
    return [Noted(row[0], row[1]) for row in found]


def read_disturbances(
    session: Session, actor: Actor, placement_id: UUID, *, today: date
) -> tuple[Seen, list[Noted]]:
    """The disturbances of a placement, for those who work with the participant. Logged.

    Raises:
        NotFound: hidden or unknown.
        Refused: the participant is not the actor's own.
    """
    seen = _own(session, actor, placement_id, today=today)
    audit.record(
        session, actor, "read", "disturbance", placement_id, subjects=[seen.participant.id]
    )
    return seen, list_disturbances(session, seen.placement.id)


def possible_owners(session: Session, placement: Placement) -> Sequence[User]:
    """Who may answer for a disturbance: the members of staff on the placement."""
    ids = {placement.case_worker_id, placement.supervisor_id, placement.liaison_id} - {None}
    return session.scalars(
        select(User).where(User.id.in_(ids), User.is_active).order_by(User.sort_key, User.id)
    ).all()


def note_disturbance(
    session: Session, actor: Actor, placement_id: UUID, happened: Happened, *, today: date
) -> Disturbance:
    """Note that something went wrong, and give it to somebody with a day.

    An interruption or misconduct in a placement that the employment service has decided on also
    gives the case worker the task to tell it.

    Raises:
        NotFound, Refused: as :func:`read_disturbances`.
        Invalid: a day that is not possible, no words, words about health or an identity number,
            or an owner who may not see the participant.
    """
    seen = _own(session, actor, placement_id, today=today)
    placement = seen.placement
    wrong = _problems(session, placement, happened, today=today)
    if wrong:
        raise Invalid(wrong)
    tell_af = happened.kind in TOLD_TO_AF and placement.decision_authority is DecisionAuthority.AF
    row = Disturbance(
        placement_id=placement.id,
        kind=happened.kind,
        happened_on=happened.happened_on,
        owner_id=happened.owner_id,
        noted_by_id=actor.user_id,
        what_is_done=happened.what_is_done.strip(),
        due_on=happened.due_on,
        tell_af=tell_af,
    )
    session.add(row)
    session.flush()
    _give(session, actor, seen, DISTURBANCE_TASK, happened.owner_id, happened.due_on)
    if tell_af and placement.case_worker_id is not None:
        _give(session, actor, seen, TASK_TELL_AF, placement.case_worker_id, today)
    audit.record(session, actor, "create", "disturbance", row.id, subjects=[seen.participant.id])
    return row


def close_disturbance(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    disturbance_id: UUID,
    *,
    outcome: DisturbanceOutcome,
    outcome_words: str | None = None,
    keeps_health_words: bool = False,
    version: int | None = None,
    today: date,
    now: datetime,
) -> Disturbance:
    """Say how it ended; the owner's task is done when nothing else is open for her there.

    Raises:
        NotFound, Refused: as :func:`read_disturbances`.
        RuleViolation: it is closed already.
        Invalid: words about health or an identity number.
        Conflict: it was saved since.
    """
    seen, row = _one(session, actor, placement_id, disturbance_id, today=today)
    check_version(row, version)
    if row.closed_on is not None:
        raise RuleViolation("disturbance_closed", N_("Händelsen är redan avslutad."))
    words = (outcome_words or "").strip()
    problem = _problem_in(words, keeps=keeps_health_words, today=today)
    if problem:
        raise Invalid({"outcome_words": problem})
    row.closed_on, row.outcome, row.outcome_words = today, outcome, words or None
    session.flush()
    if not _open_of(session, row.placement_id, row.owner_id):
        settle_tasks(session, actor, [DISTURBANCE_TASK], row.placement_id, now=now)
    _record(session, actor, row, seen, "closed_on")
    return row


def note_told(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    disturbance_id: UUID,
    told: Told,
    *,
    version: int | None = None,
    today: date,
    now: datetime,
) -> Disturbance:
    """Note on which day and how the employment service was told (PLA-11).

    Raises:
        NotFound, Refused: as :func:`read_disturbances`.
        Invalid: a day to come, or before it happened.
        Conflict: it was saved since.
    """
    seen, row = _one(session, actor, placement_id, disturbance_id, today=today)
    check_version(row, version)
    if not row.happened_on <= told.on <= today:
        raise Invalid(
            {"af_told_on": N_("Välj dagen då ni sade till: efter händelsen, till i dag.")}
        )
    row.af_told_on, row.af_channel = told.on, told.channel
    session.flush()
    waiting = select(Disturbance.id).where(
        Disturbance.placement_id == row.placement_id,
        Disturbance.tell_af,
        Disturbance.af_told_on.is_(None),
    )
    if session.scalar(waiting.limit(1)) is None:
        settle_tasks(session, actor, [TASK_TELL_AF], row.placement_id, now=now)
    _record(session, actor, row, seen, "af_told_on")
    return row


def _problems(
    session: Session, placement: Placement, happened: Happened, *, today: date
) -> dict[str, str]:
    wrong = {}
    if not placement.start_date <= happened.happened_on <= today:
        wrong["happened_on"] = N_("Välj en dag från placeringens start till i dag.")
    if happened.due_on < today:
        wrong["due_on"] = N_("Den dagen har redan varit.")
    if not happened.what_is_done.strip():
        wrong["what_is_done"] = N_("Skriv vad som ska göras.")
    elif problem := _problem_in(
        happened.what_is_done, keeps=happened.keeps_health_words, today=today
    ):
        wrong["what_is_done"] = problem
    if not _may_own(session, placement, happened.owner_id, today=today):
        wrong["owner_id"] = N_("Välj någon som arbetar med deltagaren.")
    return wrong


def _may_own(session: Session, placement: Placement, owner_id: UUID, *, today: date) -> bool:
    """A task about somebody who does not exist for its owner would be seen by nobody."""
    if not is_colleague(session, owner_id, placement.unit_id):
        return False
    try:
        get_placement(session, actor_of(session, owner_id), placement.id, today=today)
    except (NotFound, Refused):
        return False
    return True


def _problem_in(words: str, *, keeps: bool, today: date) -> str | None:
    if contains_identity_number(words, today=today):
        return N_("Texten innehåller ett personnummer. Ta bort det.")
    return _HEALTH if mentions_health(words) and not keeps else None


def _give(
    session: Session, actor: Actor, seen: Seen, kind: str, owner_id: UUID, due_on: date
) -> None:
    task = add_task(
        session,
        actor,
        owner_id=owner_id,
        unit_id=seen.placement.unit_id,
        kind=kind,
        about_type="placement",
        about_id=seen.placement.id,
        due_on=due_on,
        words={"alias": seen.participant.alias, "site": seen.site.name},
        origin="PRO-21" if kind == DISTURBANCE_TASK else "PLA-11",
    )
    task.due_on = min(task.due_on, due_on)


def _open_of(session: Session, placement_id: UUID, owner_id: UUID) -> bool:
    found = select(Disturbance.id).where(
        Disturbance.placement_id == placement_id,
        Disturbance.owner_id == owner_id,
        Disturbance.closed_on.is_(None),
    )
    return session.scalar(found.limit(1)) is not None


def _own(session: Session, actor: Actor, placement_id: UUID, *, today: date) -> Seen:
    seen = get_placement(session, actor, placement_id, today=today)
    if not (seen.is_own or actor.is_system):
        raise Refused("not_your_case")
    return seen


def _one(
    session: Session, actor: Actor, placement_id: UUID, disturbance_id: UUID, *, today: date
) -> tuple[Seen, Disturbance]:
    seen = _own(session, actor, placement_id, today=today)
    row = session.scalar(
        select(Disturbance)
        .where(Disturbance.id == disturbance_id, Disturbance.placement_id == seen.placement.id)
        .with_for_update(of=Disturbance)
    )
    if row is None:
        raise NotFound("disturbance")
    return seen, row


def _record(session: Session, actor: Actor, row: Disturbance, seen: Seen, field: str) -> None:
    audit.record(
        session,
        actor,
        "change",
        "disturbance",
        row.id,
        fields=[field],
        subjects=[seen.participant.id],
    )
