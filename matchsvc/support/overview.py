"""What the page of a package shows to staff, and what the link's page shows to the employer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.employers.models import Offer
from matchsvc.messages.models import MessageState, OutboxMessage
from matchsvc.participants.consent_models import Category, Party
from matchsvc.participants.consents import standing_consent
from matchsvc.placements.access import PREPARERS, READERS, Seen, get_placement
from matchsvc.placements.models import (
    Accommodation,
    PackagePart,
    Part,
    PartState,
    Placement,
    Survey,
)
from matchsvc.placements.surveys import find_survey_of
from matchsvc.placements.workplace import Said, words_between
from matchsvc.support import packs
from matchsvc.support.contacts import Reached, reachable
from matchsvc.support.links import Listed, Opened, list_links
from matchsvc.support.models import InfoPack, SharedPack
from matchsvc.support.pre_meeting import find_pre_meeting
from matchsvc.support.requests import Asked, list_requests
from matchsvc.support.schedule import Item, next_of, schedule_of
from matchsvc.workday.meeting_models import Meeting


@dataclass(frozen=True, slots=True)
class Package:
    """A placement's package with everything around it.

    Attributes:
        seen: the placement.
        parts: the six, in order; none for imported history.
        contacts: whom the employer may call today.
        links: every contact at the workplace with her link.
        requests: what was asked by the links.
        schedule: what happens, in order.
        shared: the version of the information pack that the employer has.
        latest: the newest version of the unit.
        meeting: the meeting before the start.
        survey: sent or answered.
        said: what the workplace has said; only for those who work with the participant.
        can_prepare: the reader looks after employers.
    """

    seen: Seen
    parts: Sequence[PackagePart]
    contacts: list[Reached]
    links: list[Listed]
    requests: list[Asked]
    schedule: list[Item]
    shared: tuple[SharedPack, InfoPack] | None
    latest: InfoPack | None
    meeting: Meeting | None
    survey: Survey | None
    can_prepare: bool
    said: list[Said] = field(default_factory=list)

    @property
    def done(self) -> int:
        """How many parts are done."""
        return count_done(self.parts)

    @property
    def is_full(self) -> bool:
        """Whether all six parts are done."""
        return self.done == len(Part)

    @property
    def pack_number(self) -> int | None:
        """The version of the information pack that the employer has."""
        return self.shared[1].number if self.shared else None

    @property
    def waiting(self) -> int:
        """How many questions and calls for help nobody has answered."""
        return sum(each.request.answered_at is None for each in self.requests)


def count_done(parts: Sequence[PackagePart]) -> int:
    """How many parts are done."""
    return sum(part.state is PartState.DONE for part in parts)


def parts_of(session: Session, placement_id: UUID) -> Sequence[PackagePart]:
    """The six parts of a placement's package, in order. Asks no right."""
    found = select(PackagePart).where(PackagePart.placement_id == placement_id)
    return session.scalars(found.order_by(PackagePart.position)).all()


def get_package(
    session: Session, actor: Actor, key: UUID | str, *, today: date, now: datetime
) -> Package:
    """A placement's package; the read is logged.

    Raises:
        NotFound: the placement is unknown or hidden.
        Refused: the role does not read placements.
    """
    actor.require_role(*READERS)
    seen = get_placement(session, actor, key, today=today)
    placement = seen.placement
    audit.record(
        session, actor, "read", "support_package", placement.id, subjects=[seen.participant.id]
    )
    return Package(
        seen=seen,
        parts=parts_of(session, placement.id),
        contacts=reachable(session, placement, today=today),
        links=list_links(session, actor, seen, today=today, now=now),
        requests=list_requests(session, placement.id),
        schedule=schedule_of(session, placement, today=today),
        shared=packs.shared_pack(session, placement.id),
        latest=packs.latest_pack(session, placement.unit_id),
        meeting=find_pre_meeting(session, placement.id),
        survey=find_survey_of(session, placement.id),
        can_prepare=actor.has_role(*PREPARERS),
        said=words_between(session, placement.id) if seen.is_own else [],
    )


@dataclass(frozen=True, slots=True)
class EmployerPage:
    """What the link's page shows. Nothing of it names the participant.

    Attributes:
        label: the kind of work of the offer, the employer's own words, or None.
        parts: the six, in order.
        contacts: whom to call today.
        schedule: what happens, in order.
        coming: what happens next.
        shared: the version of the information pack.
        asked: what this contact has asked, with answers.
        meeting: the meeting before the start.
        last_sent: the last message to this contact: its kind, and the instant.
    """

    label: str | None
    parts: Sequence[PackagePart]
    contacts: list[Reached]
    schedule: list[Item]
    coming: Item | None
    shared: tuple[SharedPack, InfoPack] | None
    asked: list[Asked]
    meeting: Meeting | None
    last_sent: tuple[str, datetime] | None

    @property
    def done(self) -> int:
        """How many parts are done."""
        return count_done(self.parts)


def employer_page(session: Session, opened: Opened, *, today: date) -> EmployerPage:
    """What the page of a link shows."""
    placement = opened.placement
    offer = session.get(Offer, placement.offer_id) if placement.offer_id else None
    schedule = schedule_of(session, placement, today=today)
    return EmployerPage(
        label=offer.title if offer else None,
        parts=parts_of(session, placement.id),
        contacts=reachable(session, placement, today=today),
        schedule=schedule,
        coming=next_of(schedule, today=today),
        shared=packs.shared_pack(session, placement.id),
        asked=list_requests(session, placement.id, contact_id=opened.contact.id),
        meeting=find_pre_meeting(session, placement.id),
        last_sent=_last_sent(session, opened),
    )


def _last_sent(session: Session, opened: Opened) -> tuple[str, datetime] | None:
    """The last thing that was sent to this contact about the placement, but for codes."""
    causes = [opened.row.id]
    survey = find_survey_of(session, opened.placement.id)
    if survey is not None and survey.contact_id == opened.contact.id:
        causes.append(survey.id)
    row = session.execute(
        select(OutboxMessage.kind, OutboxMessage.sent_at, OutboxMessage.created_at)
        .where(
            or_(OutboxMessage.cause_id.in_(causes), OutboxMessage.link_id == opened.signed.id),
            OutboxMessage.kind != "link_code",
            OutboxMessage.state != MessageState.CANCELLED,
        )
        .order_by(OutboxMessage.created_at.desc())
        .limit(1)
    ).first()
    return None if row is None else (row.kind, row.sent_at or row.created_at)


@dataclass(frozen=True, slots=True)
class Personal:
    """What is shown only behind a code.

    Attributes:
        name: of the participant, when a consent lets the employer know it today.
        hours: a week: at the start, and the goal.
        accommodations: those that the participant lets the employer see.
    """

    name: str | None
    hours: tuple[int | None, int | None]
    accommodations: list[str]


def read_personal(session: Session, opened: Opened, *, today: date) -> Personal:
    """The agreed schedule, and the name while a consent stands. Asked for behind a code; logged."""
    placement: Placement = opened.placement
    person = opened.seen.participant
    consent = standing_consent(session, person.id, Party.EMPLOYER, Category.CONTACT, today=today)
    shared = session.scalars(
        select(Accommodation.text)
        .where(Accommodation.placement_id == placement.id, Accommodation.is_shared)
        .order_by(Accommodation.created_at)
    ).all()
    audit.record(
        session,
        opened.actor,
        "read",
        "placement",
        placement.id,
        subjects=[person.id],
        fields=["hours", "accommodations", *(["name"] if consent else [])],
    )
    name = f"{person.given_name} {person.family_name}" if consent else None
    return Personal(name, (placement.hours_start, placement.hours_goal), list(shared))
