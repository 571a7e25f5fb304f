"""The versions of a placement's agreement: who sees and changes them, where they can go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.db import check_version
from matchsvc.errors import Conflict, NotFound, Refused
from matchsvc.placements.access import READERS, Seen, get_placement, require_decider
from matchsvc.placements.stages import find_stage
from matchsvc.placements.transitions import Act, possible_acts
from matchsvc.tripartite.models import AgreementState, TripartiteAgreement
from matchsvc.workday.signature_models import Signature
from matchsvc.workday.signing import signatures_on

ABOUT = "tripartite_agreement"
PARTICIPANT, EMPLOYER, CASE_WORKER = "participant", "employer", "case_worker"
PARTIES = (PARTICIPANT, EMPLOYER, CASE_WORKER)
S = AgreementState
OPEN = (S.DRAFT, S.SIGNING, S.APPROVAL)
#: (from, to): what a version can do. Who and when: the function of each step.
TRANSITIONS = frozenset(
    {
        (S.DRAFT, S.SIGNING),
        (S.SIGNING, S.DRAFT),
        (S.SIGNING, S.AGREED),
        (S.SIGNING, S.APPROVAL),
        (S.APPROVAL, S.AGREED),
        (S.APPROVAL, S.DRAFT),
        (S.AGREED, S.REPLACED),
        *((state, ending) for state in OPEN for ending in (S.DROPPED, S.EXPIRED)),
    }
)
APPROVERS = (Role.PLACEMENT_COORDINATOR, Role.CASE_WORKER)


@dataclass(frozen=True, slots=True)
class Desk:
    """A placement's agreement as its page shows it.

    Attributes:
        seen: the placement.
        versions: all, the newest first.
        signatures: by version.
        can_write: the reader may change and sign.
        can_approve: the reader is a second pair of eyes for the open version.
    """

    seen: Seen
    versions: list[TripartiteAgreement]
    signatures: Mapping[UUID, list[Signature]]
    can_write: bool
    can_approve: bool

    @property
    def open(self) -> TripartiteAgreement | None:
        """The version that is worked on."""
        return next((each for each in self.versions if each.state in OPEN), None)

    @property
    def agreed(self) -> TripartiteAgreement | None:
        """The version that holds."""
        return next((each for each in self.versions if each.state is S.AGREED), None)

    def signed(self, version: TripartiteAgreement) -> dict[str, Signature]:
        """Who has signed the words of a version as they are, by capacity."""
        return signed_by(version, self.signatures.get(version.id, []))


def signed_by(version: TripartiteAgreement, signatures: list[Signature]) -> dict[str, Signature]:
    """The signatures on the words of a version as they are, by capacity."""
    return {
        each.capacity: each
        for each in signatures
        if version.content_hash and each.content_hash == version.content_hash
    }


def open_desk(session: Session, actor: Actor, placement_id: UUID, *, today: date) -> Desk:
    """The agreement of a placement with all its versions. Logged.

    Raises:
        NotFound: the placement is unknown or hidden.
        Refused: the actor does not work with this participant.
    """
    seen = see(session, actor, placement_id, today=today)
    versions = versions_of(session, seen.placement.id)
    signatures = signatures_on(session, ABOUT, [each.id for each in versions])
    audit.record(
        session,
        actor,
        "read",
        ABOUT,
        seen.placement.id,
        subjects=[seen.participant.id],
    )
    stage = find_stage(session, seen.placement, today=today)
    can_write = _can_write(actor, seen) and Act.AGREE_HOURS in possible_acts(actor, stage)
    desk = Desk(seen, versions, signatures, can_write, can_approve=False)
    waiting = desk.open
    is_second = (
        waiting is not None
        and waiting.state is S.APPROVAL
        and actor.has_role(*APPROVERS)
        and desk.signed(waiting)[CASE_WORKER].signer_id != actor.user_id
    )
    return Desk(seen, versions, signatures, can_write, can_approve=is_second)


def get_version(
    session: Session, actor: Actor, placement_id: UUID, number_: int, *, today: date
) -> tuple[Desk, TripartiteAgreement]:
    """One version of a placement's agreement, whatever its state. Logged.

    Raises:
        NotFound, Refused: as :func:`open_desk`; NotFound too when there is no such version.
    """
    desk = open_desk(session, actor, placement_id, today=today)
    row = next((each for each in desk.versions if each.number == number_), None)
    if row is None:
        raise NotFound(ABOUT)
    return desk, row


def see(
    session: Session, actor: Actor, placement_id: UUID, *, today: date, for_update: bool = False
) -> Seen:
    """The placement, for those who work with the participant or decide for the unit.

    Raises:
        NotFound: unknown or hidden.
        Refused: the reader only knows an alias.
    """
    actor.require_role(*READERS)
    seen = get_placement(session, actor, placement_id, today=today, for_update=for_update)
    if not seen.is_own and not actor.has_role(Role.PLACEMENT_COORDINATOR):
        raise Refused("not_your_case")
    return seen


def writable(session: Session, actor: Actor, placement_id: UUID, *, today: date) -> Seen:
    """The placement, locked, for those who may decide on it; as :func:`see`."""
    seen = see(session, actor, placement_id, today=today, for_update=True)
    require_decider(actor, seen.sight)
    return seen


def _can_write(actor: Actor, seen: Seen) -> bool:
    try:
        require_decider(actor, seen.sight)
    except Refused:
        return False
    return seen.placement.end_date is None and seen.placement.called_off_on is None


def open_version(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    *,
    today: date,
    version: int | None = None,
) -> tuple[Seen, TripartiteAgreement]:
    """The version that is worked on, locked, for those who may change it.

    Raises:
        NotFound: nothing is worked on.
        Conflict: it was saved since.
    """
    seen = writable(session, actor, placement_id, today=today)
    row = open_row(session, seen.placement.id)
    check_version(row, version)
    return seen, row


def open_row(session: Session, placement_id: UUID) -> TripartiteAgreement:
    """The version of a placement that is worked on, locked. Asks no right; NotFound without one."""
    row = session.scalar(
        select(TripartiteAgreement)
        .where(
            TripartiteAgreement.placement_id == placement_id, TripartiteAgreement.state.in_(OPEN)
        )
        .with_for_update()
    )
    if row is None:
        raise NotFound(ABOUT)
    return row


def versions_of(session: Session, placement_id: UUID) -> list[TripartiteAgreement]:
    """All versions, the newest first. Asks no right."""
    return list(
        session.scalars(
            select(TripartiteAgreement)
            .where(TripartiteAgreement.placement_id == placement_id)
            .order_by(TripartiteAgreement.number.desc())
        )
    )


def move(row: TripartiteAgreement, to: AgreementState) -> None:
    """Take a version to another state; Conflict when it cannot go there from where it is."""
    if (row.state, to) not in TRANSITIONS:
        raise Conflict({"state": (to.value, row.state.value)})
    row.state = to


def record_act(
    session: Session, actor: Actor, action: str, row: TripartiteAgreement, seen: Seen
) -> None:
    """Log what was done to a version."""
    audit.record(session, actor, action, ABOUT, row.id, subjects=[seen.participant.id])
