"""The employer's six-part support package (EMP-05): planned, done or declined, with evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.db import check_version
from matchsvc.errors import N_, NotFound, RuleViolation
from matchsvc.placements.access import PREPARERS, Seen, get_placement
from matchsvc.placements.models import PackagePart, Part, PartState, Placement
from matchsvc.swedish import contains_identity_number, format_phone


@dataclass(frozen=True, slots=True)
class KeyContact:
    """Somebody of ours whom the employer may call during the placement.

    Attributes:
        role: liaison, case_worker or supervisor.
        name: the member of staff.
        phone: E.164, if known.
        email: the member of staff's address.
    """

    role: str
    name: str
    phone: str | None
    email: str

    @property
    def shown_phone(self) -> str | None:
        """The number as people read it."""
        return format_phone(self.phone) if self.phone else None


def get_part(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    part: Part,
    *,
    today: date,
    for_update: bool = False,
) -> tuple[Seen, PackagePart]:
    """One part of a placement's package.

    Raises:
        NotFound: the placement is hidden, or imported history without a package.
    """
    found = get_placement(session, actor, placement_id, today=today, for_update=for_update)
    row = session.scalar(
        select(PackagePart).where(
            PackagePart.placement_id == found.placement.id, PackagePart.part == part
        )
    )
    if row is None:
        raise NotFound("package_part")
    return found, row


def record_part(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    part: Part,
    *,
    state: PartState,
    happened_on: date | None,
    evidence: str | None,
    today: date,
    version: int | None = None,
) -> PackagePart:
    """Say what became of a part: planned again, done on a day, or declined with the reason.

    ``evidence`` is what was said or sent, for a part done; why not, for one declined.

    Raises:
        NotFound: the placement is hidden, or has no such part.
        Refused: the actor does not look after employers.
        RuleViolation: done without a day or evidence, or declined without a reason.
        Conflict: somebody else saved it since the page was shown.
    """
    actor.require_role(*PREPARERS)
    found, row = get_part(session, actor, placement_id, part, today=today, for_update=True)
    check_version(row, version)
    words = (evidence or "").strip()
    problems = _problems(state, happened_on, words, today)
    if problems:
        raise RuleViolation(
            "part_not_possible", N_("Rätta det som är markerat och spara igen."), fields=problems
        )
    row.state = state
    row.happened_on = None if state is PartState.PLANNED else happened_on or today
    row.evidence = words or None
    row.by_id = actor.user_id
    session.flush()
    audit.record(session, actor, "change", "placement", found.placement.id, fields=[part])
    return row


def mark_done(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    part: Part,
    *,
    today: date,
    evidence: str,
    happened_on: date | None = None,
) -> None:
    """Note that a part was done, as a rule has seen it; what somebody wrote already stays.

    Args:
        session: the transaction in which it was done.
        actor: who did it.
        placement_id: whose package.
        part: which.
        today: the day.
        evidence: a Swedish sentence, shown in the reader's language.
        happened_on: the day it was done, if not today.
    """
    row = session.scalar(
        select(PackagePart)
        .where(PackagePart.placement_id == placement_id, PackagePart.part == part)
        .with_for_update()
    )
    if row is None or row.state is not PartState.PLANNED:
        return
    row.state, row.happened_on = PartState.DONE, happened_on or today
    row.evidence, row.by_id = evidence, actor.user_id
    session.flush()
    audit.record(session, actor, "change", "placement", placement_id, fields=[part])


def _problems(
    state: PartState, happened_on: date | None, words: str, today: date
) -> dict[str, str]:
    found: dict[str, str] = {}
    if state is PartState.DONE:
        if happened_on is None:
            found["happened_on"] = N_("Skriv vilken dag det blev gjort.")
        if not words:
            found["evidence"] = N_("Skriv kort vad som sades eller skickades.")
    if state is PartState.DECLINED and not words:
        found["evidence"] = N_("Skriv varför arbetsgivaren inte vill ha den här delen.")
    if happened_on is not None and happened_on > today:
        found["happened_on"] = N_("Dagen har inte kommit än. Spara den som planerad så länge.")
    if contains_identity_number(words, today=today):
        found["evidence"] = N_("Texten innehåller ett personnummer. Ta bort det.")
    return found


def key_contacts(session: Session, placement: Placement) -> list[KeyContact]:
    """Whom the employer may call: the liaison first, each person once."""
    wanted = (
        ("liaison", placement.liaison_id),
        ("case_worker", placement.case_worker_id),
        ("supervisor", placement.supervisor_id),
    )
    ids = {user_id for _, user_id in wanted if user_id is not None}
    users = {user.id: user for user in session.scalars(select(User).where(User.id.in_(ids)))}
    listed: list[KeyContact] = []
    told: set[UUID] = set()
    for role, user_id in wanted:
        if user_id is None or user_id in told or not users[user_id].is_active:
            continue
        told.add(user_id)
        user = users[user_id]
        listed.append(KeyContact(role, user.name, user.phone, user.email))
    return listed
