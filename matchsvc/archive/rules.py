"""Archiving what was entered by mistake: with a reason, instead of deleting; and taking it back.

Ten minutes for whoever archived it, later for the unit's manager with a reason. What is archived is
hidden by one condition, ``workday/archivable.py``. Its ids are let go, so that the same person or
employer can be entered rightly in the meantime.
"""

from __future__ import annotations

import enum
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User
from matchsvc.db import check_version
from matchsvc.employers.access import EDITORS, in_own_unit
from matchsvc.employers.models import Employer, Offer, Site
from matchsvc.employers.offers import get_offer
from matchsvc.employers.register_reads import get_employer
from matchsvc.errors import N_, Invalid, NotFound, Refused, RuleViolation
from matchsvc.matching.models import Proposal, ProposalState
from matchsvc.outcomes import rules as outcomes
from matchsvc.participants.access import ALIAS_ROLES, archived_participants, get_visible
from matchsvc.participants.enrolment import find_by_identity, is_known_to, set_identity
from matchsvc.participants.models import Case, Participant
from matchsvc.participants.own import NOT_YOURS, is_own, plain_text
from matchsvc.placements.models import Placement
from matchsvc.swedish import parse_identity_number
from matchsvc.workday.archivable import stands
from matchsvc.workday.undo import can_undo, require_undoable

#: Who may open the list; others see there only what they archived themselves.
LISTERS = ALIAS_ROLES
#: Proposals that somebody still has to answer or that became something.
WAITING = (
    ProposalState.DRAFTED,
    ProposalState.WANTED,
    ProposalState.CHANGE,
    ProposalState.PRESENTED,
    ProposalState.ACCEPTED,
)
MOST = 200
_MARK = "~"  # between an id that was let go and what makes it different


class Kind(enum.StrEnum):
    """What can be archived."""

    PARTICIPANT = "participant"
    EMPLOYER = "employer"
    OFFER = "offer"


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is about to be archived.

    Attributes:
        row: locked until the transaction ends, in a writing one.
        name: as lists call it; of a participant the alias.
        obstacles: what has to be ended first.
    """

    row: Any
    name: str
    obstacles: tuple[RuleViolation, ...]


@dataclass(frozen=True, slots=True)
class Archived:
    """One row of the list.

    Attributes:
        kind: what it is.
        id: whose.
        name: as lists call it; of a participant the alias.
        at: when it was archived.
        by: who did it.
        reason: why.
        can_undo: whether it is the actor's own and ten minutes have not passed.
        can_bring_back: whether the actor leads the unit.
    """

    kind: Kind
    id: UUID
    name: str
    at: datetime
    by: str
    reason: str
    can_undo: bool
    can_bring_back: bool


def find_to_archive(
    session: Session, actor: Actor, kind: Kind, key: UUID, *, today: date, lock: bool = False
) -> Found:
    """What is about to be archived, and what stands in the way.

    Args:
        session: a writing transaction when the row is locked.
        actor: who asks.
        kind: what it is.
        key: its id.
        today: an involvement that has ended gives no right.
        lock: keep the row until the transaction ends.

    Raises:
        NotFound: unknown, hidden, protected or archived already: the same answer.
        Refused: it is not the actor's to archive.
    """
    if kind is Kind.PARTICIPANT:
        person = get_visible(session, actor, key, today=today, for_update=lock)
        if not is_own(session, actor, person.id, today=today):
            raise Refused("not_your_case", NOT_YOURS)
        return Found(person, person.alias, tuple(_in_the_way_of_person(session, person)))
    if not actor.has_role(*EDITORS):
        raise Refused
    if kind is Kind.EMPLOYER:
        employer = get_employer(session, actor, key, for_update=lock)
        sites = select(Site.id).where(Site.employer_id == employer.id)
        hers = Proposal.offer_id.in_(select(Offer.id).where(Offer.site_id.in_(sites)))
        found = _in_the_way(session, Placement.site_id.in_(sites), hers)
        return Found(employer, employer.name, tuple(found))
    offer = get_offer(session, actor, key, for_update=lock)
    found = _in_the_way(session, Placement.offer_id == offer.id, Proposal.offer_id == offer.id)
    return Found(offer, offer.title, tuple(found))


def archive_row(
    session: Session,
    actor: Actor,
    kind: Kind,
    key: UUID,
    *,
    reason: str,
    version: int | None,
    today: date,
    now: datetime,
) -> None:
    """Archive what was entered by mistake. An employer's offers go and come back with it.

    Args:
        session: a writing transaction.
        actor: the participant's own worker; for the others a liaison or placement coordinator.
        kind: what it is.
        key: its id.
        reason: why it was a mistake; shown in the list and logged.
        version: as it was shown.
        today: the day.
        now: the instant, from which ten minutes run.

    Raises:
        NotFound: unknown, hidden, protected or archived already: the same answer.
        Refused: it is not the actor's to archive.
        Invalid: no reason, or an identity number in it.
        RuleViolation: an open case, placement or proposal has to be ended first.
        Conflict: it was saved since it was shown.
    """
    found = find_to_archive(session, actor, kind, key, today=today, lock=True)
    check_version(found.row, version)
    said = _said(reason, today)
    for obstacle in found.obstacles:
        raise obstacle
    rows = [found.row]
    if kind is Kind.EMPLOYER:
        rows += session.scalars(_offers_of(found.row.id).where(stands(Offer)))
    for row in rows:
        row.archived_at, row.archived_reason = now, said
        row.archived_by_id = actor.require_user()
        row.external_id = f"{row.external_id}{_MARK}{secrets.token_hex(4)}"
    if kind is Kind.PARTICIPANT:
        found.row.personal_id_index = None
        outcomes.take_back_person(session, found.row.outcome_key)
    session.flush()
    _log(session, actor, "archive", kind, key, said)


def undo_archiving(
    session: Session, actor: Actor, kind: Kind, key: UUID, *, today: date, now: datetime
) -> None:
    """Take one's own archiving back within ten minutes.

    Raises:
        NotFound: it is not archived, or hidden from the actor.
        RuleViolation: the ten minutes have passed, it was somebody else, or its identity number
            has been taken.
    """
    row = _archived(session, actor, kind, key, today=today)
    mine = row.archived_by_id == actor.require_user()
    require_undoable(row.archived_at if mine else None, now=now)
    _restore(session, actor, kind, row, today=today)
    _log(session, actor, "undo_archiving", kind, key, None)


def bring_back(
    session: Session, actor: Actor, kind: Kind, key: UUID, *, reason: str, today: date
) -> None:
    """Put something archived back, as the unit's manager, at any time.

    Raises:
        Refused: the actor does not lead the unit.
        NotFound: it is not archived, or hidden from the actor.
        Invalid: no reason, or an identity number in it.
        RuleViolation: its employer is archived too, or its identity number has been taken.
    """
    actor.require_role(Role.UNIT_MANAGER)
    row = _archived(session, actor, kind, key, today=today)
    said = _said(reason, today)
    _restore(session, actor, kind, row, today=today)
    _log(session, actor, "bring_back", kind, key, said)


def list_archived(session: Session, actor: Actor, *, today: date, now: datetime) -> list[Archived]:
    """What is archived, the latest first, at most MOST of each kind; logged. Four queries.

    A manager sees the unit's, others what they archived themselves. A protected person is listed
    for her handlers alone.

    Raises:
        Refused: the actor has nothing to do with participants or employers.
    """
    actor.require_role(*LISTERS)
    leads = actor.has_role(Role.UNIT_MANAGER)
    found: list[Archived] = []
    for kind, query in (
        (Kind.PARTICIPANT, archived_participants(actor, today=today)),
        (Kind.EMPLOYER, _archived_employers(actor)),
        (Kind.OFFER, _archived_offers(actor)),
    ):
        model = _MODELS[kind]
        mine = true() if leads else model.archived_by_id == actor.user_id
        rows = session.execute(
            query.where(mine)
            .join(User, User.id == model.archived_by_id)
            .add_columns(User.name)
            .order_by(model.archived_at.desc(), model.id)
            .limit(MOST)
        ).unique()
        found += [
            Archived(
                kind,
                row.id,
                _name(row),
                row.archived_at,
                by,
                row.archived_reason or "",
                row.archived_by_id == actor.user_id and can_undo(row.archived_at, now=now),
                leads,
            )
            for row, by in rows
        ]
    people = [each.id for each in found if each.kind is Kind.PARTICIPANT]
    audit.record(session, actor, "list", "archived", subjects=people)
    return sorted(found, key=lambda each: each.at, reverse=True)


_MODELS: dict[Kind, Any] = {
    Kind.PARTICIPANT: Participant,
    Kind.EMPLOYER: Employer,
    Kind.OFFER: Offer,
}


def _name(row: Any) -> str:
    if isinstance(row, Participant):
        return row.alias
    return row.name if isinstance(row, Employer) else row.title


def _archived_employers(actor: Actor) -> Select[Employer]:
    return select(Employer).where(
        in_own_unit(actor, Employer.unit_id.expression),
        Employer.archived_at.is_not(None),
        Employer.merged_into_id.is_(None),
    )


def _archived_offers(actor: Actor) -> Select[Offer]:
    """Those that were archived by themselves; the others come back with their employer."""
    with_employer = (
        select(Site.id)
        .join(Employer, Employer.id == Site.employer_id)
        .where(Site.id == Offer.site_id, Employer.archived_at == Offer.archived_at)
        .exists()
    )
    return select(Offer).where(
        in_own_unit(actor, Offer.unit_id.expression),
        Offer.archived_at.is_not(None),
        ~with_employer,
    )


def _archived(session: Session, actor: Actor, kind: Kind, key: UUID, *, today: date) -> Any:
    actor.require_role(*LISTERS)
    queries: dict[Kind, Any] = {
        Kind.PARTICIPANT: archived_participants(actor, today=today),
        Kind.EMPLOYER: _archived_employers(actor),
        Kind.OFFER: _archived_offers(actor),
    }
    model = _MODELS[kind]
    row = session.scalar(queries[kind].where(model.id == key).with_for_update(of=model))
    if row is None:
        raise NotFound(kind.value)
    return row


def _restore(session: Session, actor: Actor, kind: Kind, row: Any, *, today: date) -> None:
    since = row.archived_at
    rows = [row]
    if kind is Kind.EMPLOYER:
        rows += session.scalars(_offers_of(row.id).where(Offer.archived_at == since))
    if kind is Kind.OFFER:
        _require_employer(session, row)
    if kind is Kind.PARTICIPANT:
        _take_number_back(session, actor, row, today=today)
        outcomes.say_person_again(session, row.outcome_key, since=since)
    for each in rows:
        each.archived_at = each.archived_by_id = each.archived_reason = None
        _take_id_back(session, each)
    session.flush()


def _offers_of(employer_id: UUID) -> Select[Offer]:
    sites = select(Site.id).where(Site.employer_id == employer_id)
    return select(Offer).where(Offer.site_id.in_(sites)).order_by(Offer.id)


def _require_employer(session: Session, offer: Offer) -> None:
    there = session.scalar(
        select(Employer.id)
        .join(Site, Site.employer_id == Employer.id)
        .where(Site.id == offer.site_id, stands(Employer))
    )
    if there is None:
        raise RuleViolation(
            "employer_archived",
            N_("Arbetsgivaren är också arkiverad. Ta tillbaka arbetsgivaren först."),
        )


def _take_number_back(session: Session, actor: Actor, person: Participant, *, today: date) -> None:
    """The number may stand once only; meanwhile somebody else may have got it.

    One of whom the actor may not know keeps it and makes no difference to the answer (LAW-10).
    """
    if person.personal_id is None:
        return
    number = parse_identity_number(person.personal_id, today=today)
    if number is None:  # cannot be looked up by: nothing to take back
        return
    holder = find_by_identity(session, number)
    if holder is not None and is_known_to(session, actor, holder, today=today):
        raise RuleViolation(
            "number_taken",
            N_("Personnumret står nu hos en annan deltagare. Den här kan inte tas tillbaka."),
        )
    set_identity(person, number, is_found=holder is None)


def _take_id_back(session: Session, row: Any) -> None:
    """The id it had, if nobody has got it meanwhile; otherwise the one it has now."""
    old, mark, _ = row.external_id.rpartition(_MARK)
    model = type(row)
    taken = select(func.count()).where(model.unit_id == row.unit_id, model.external_id == old)
    if mark and not session.scalar(taken):
        row.external_id = old


def _in_the_way_of_person(session: Session, person: Participant) -> Iterator[RuleViolation]:
    since = session.scalar(
        select(Case.enrolled_on).where(Case.participant_id == person.id, Case.ended_on.is_(None))
    )
    if since is not None:
        yield RuleViolation(
            "case_open",
            N_("Ärendet är öppet sedan %(day)s. Avsluta ärendet först."),
            values={"day": str(since)},
        )
    yield from _in_the_way(
        session, Placement.participant_id == person.id, Proposal.participant_id == person.id
    )


def _in_the_way(
    session: Session, placed: ColumnElement[bool], proposed: ColumnElement[bool]
) -> Iterator[RuleViolation]:
    running = session.scalar(
        select(func.count())
        .select_from(Placement)
        .where(placed, Placement.end_date.is_(None), Placement.called_off_on.is_(None))
    )
    if running:
        yield RuleViolation(
            "placement_open",
            N_(
                "Placeringar som pågår eller ska börja: %(count)s. Avsluta dem eller ställ in dem "
                "först."
            ),
            values={"count": running},
        )
    waiting = session.scalar(
        select(func.count()).select_from(Proposal).where(proposed, Proposal.state.in_(WAITING))
    )
    if waiting:
        yield RuleViolation(
            "proposal_open",
            N_("Förslag som väntar på svar: %(count)s. Dra tillbaka dem först."),
            values={"count": waiting},
        )


def _said(reason: str, today: date) -> str:
    said = plain_text("reason", reason, today=today)
    if said is None:
        raise Invalid({"reason": N_("Skriv varför.")})
    return said


def _log(
    session: Session, actor: Actor, act: str, kind: Kind, key: UUID, reason: str | None
) -> None:
    people = [key] if kind is Kind.PARTICIPANT else []
    audit.record(session, actor, act, kind.value, key, subjects=people, reason=reason)
