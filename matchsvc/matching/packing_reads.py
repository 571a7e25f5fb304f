"""What is packed of participants and offers: the columns `arrays.load` reads, in a few queries.

A test holds the two to the same result. When it is packed is packing.py's.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, tuple_
from sqlalchemy.orm import Session

from matchsvc.accounts.models import Area
from matchsvc.employers.models import (
    Employer,
    EmployerStatus,
    Importance,
    Offer,
    OfferCondition,
    OfferLanguage,
    OfferLicence,
    OfferStatus,
    Requirement,
    Site,
    SiteCondition,
    Stance,
)
from matchsvc.matching.inputs import LANGUAGE_SKILLS
from matchsvc.matching.models import (
    TAKING,
    MatchingNumber,
    Proposal,
    ProposalState,
)
from matchsvc.matching.packed import (
    ASKED_ABOUT_INFORMAL,
    EVERYWHERE,
    IS_BARRED,
    IS_OPEN,
    OfferFacts,
    PersonFacts,
    pack_offer,
    pack_person,
)
from matchsvc.participants.models import (
    Case,
    Competence,
    LanguageSkill,
    Need,
    Participant,
    ParticipantArea,
    Rung,
    Wish,
    WishedConcept,
)
from matchsvc.vocabulary.models import Concept, Condition
from matchsvc.workday.archivable import stands

_RUNGS = {rung: number for number, rung in enumerate(Rung, start=1)}

Packed = tuple[UUID, bool, bytes]  # unit, is listed, inputs
Numbers = dict[str, int]


def numbers_of(session: Session, keys: Iterable[str]) -> Numbers:
    """The numbers of concepts, areas and conditions; those that have none get one."""
    wanted = sorted(set(keys))
    numbers: Numbers = {}
    for start in range(0, len(wanted), 5_000):
        some = wanted[start : start + 5_000]
        found = session.execute(
            select(MatchingNumber.key, MatchingNumber.number).where(MatchingNumber.key.in_(some))
        )
        numbers.update(dict(found.all()))
    missing = [key for key in wanted if key not in numbers]
    if missing:
        first = 1 + (session.scalar(select(func.max(MatchingNumber.number))) or 0)
        given = dict(zip(missing, range(first, first + len(missing)), strict=True))
        rows = [{"key": key, "number": number} for key, number in given.items()]
        session.connection().execute(insert(MatchingNumber.__table__), rows)  # type: ignore[arg-type]
        numbers.update(given)
    return numbers


def concept_key(concept_id: str) -> str:
    """What a concept is called in MatchingNumber."""
    return f"concept:{concept_id}"


def area_key(area_id: UUID) -> str:
    """What an area is called there."""
    return f"area:{area_id.hex}"


def condition_key(condition_id: str) -> str:
    """What a condition is called there."""
    return f"condition:{condition_id}"


def _by_owner(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    """Rows whose first column says whose they are."""
    found = defaultdict(list)
    for owner, *values in rows:
        found[owner].append(values[0] if len(values) == 1 else tuple(values))
    return found


def read_people(session: Session, ids: list[UUID]) -> dict[UUID, Packed]:
    """Participants as they are packed, by id; none where there is none. A few queries."""
    people = session.execute(
        select(
            Participant.id,
            Participant.unit_id,
            Participant.protected,
            Participant.hours_per_week,
            Participant.weekdays,
            Participant.available_from,
            Participant.reaches_all_areas,
            Participant.informal_asked_on,
            Participant.ready_on,
        ).where(Participant.id.in_(ids), stands(Participant))
    ).all()
    with_open_case = set(
        session.scalars(
            select(Case.participant_id).where(
                Case.participant_id.in_(ids), Case.ended_on.is_(None), Case.is_paused.is_(False)
            )
        )
    )
    held = _by_owner(
        session.execute(
            select(Competence.participant_id, Competence.concept_id, Competence.rung)
            .where(
                Competence.participant_id.in_(ids),
                Competence.concept_id.is_not(None),
                Competence.archived_at.is_(None),
            )
            .order_by(Competence.id)
        )
    )
    wanted = _wanted(session, ids)
    languages = _by_owner(
        session.execute(
            select(
                LanguageSkill.participant_id,
                LanguageSkill.concept_id,
                *(getattr(LanguageSkill, skill) for skill in LANGUAGE_SKILLS),
            )
            .where(LanguageSkill.participant_id.in_(ids))
            .order_by(LanguageSkill.concept_id)
        )
    )
    areas = _by_owner(
        session.execute(
            select(ParticipantArea.participant_id, ParticipantArea.area_id)
            .where(ParticipantArea.participant_id.in_(ids))
            .order_by(ParticipantArea.area_id)
        )
    )
    needs = _by_owner(
        session.execute(
            select(Need.participant_id, Need.condition_id)
            .where(Need.participant_id.in_(ids))
            .order_by(Need.condition_id)
        )
    )
    proposed = dict(
        session.execute(
            select(Proposal.participant_id, func.max(Proposal.proposed_on))
            .where(Proposal.participant_id.in_(ids), Proposal.state != ProposalState.WITHDRAWN)
            .group_by(Proposal.participant_id)
        ).all()
    )
    numbers = numbers_of(
        session,
        [
            *(concept_key(concept) for some in held.values() for concept, _ in some),
            *(concept_key(concept) for some in wanted.values() for concept in some),
            *(concept_key(language) for some in languages.values() for language, *_ in some),
            *(area_key(area) for some in areas.values() for area in some),
            *(condition_key(condition) for some in needs.values() for condition in some),
        ],
    )
    packed = {}
    for row in people:
        flags = EVERYWHERE if row.reaches_all_areas else 0
        facts = PersonFacts(
            id=row.id,
            hours=row.hours_per_week or 0,
            weekdays=row.weekdays,
            flags=flags | (ASKED_ABOUT_INFORMAL if row.informal_asked_on else 0),
            available_from=_ordinal(row.available_from),
            ready_on=_ordinal(row.ready_on),
            proposed_on=_ordinal(proposed.get(row.id)),
            held=[(numbers[concept_key(c)], _RUNGS[rung]) for c, rung in held[row.id]],
            wanted=[numbers[concept_key(concept)] for concept in wanted[row.id]],
            languages=[(numbers[concept_key(c)], levels) for c, *levels in languages[row.id]],
            areas=[numbers[area_key(area)] for area in areas[row.id]],
            needs=[numbers[condition_key(condition)] for condition in needs[row.id]],
        )
        waits = row.ready_on is not None and row.id in with_open_case and not row.protected
        packed[row.id] = (row.unit_id, waits, pack_person(facts))
    return packed


def _wanted(session: Session, ids: list[UUID]) -> dict[UUID, list[str]]:
    """Concepts of each person's latest wish."""
    latest = (
        select(Wish.participant_id, func.max(Wish.created_at))
        .where(Wish.participant_id.in_(ids))
        .group_by(Wish.participant_id)
    )
    return _by_owner(
        session.execute(
            select(Wish.participant_id, WishedConcept.concept_id)
            .join(WishedConcept, WishedConcept.wish_id == Wish.id)
            .where(tuple_(Wish.participant_id, Wish.created_at).in_(latest))
            .order_by(WishedConcept.concept_id)
        )
    )


def read_offers(session: Session, ids: list[UUID]) -> dict[UUID, Packed]:
    """Offers as they are packed, by id. A fixed number of queries."""
    offers = session.execute(
        select(
            Offer.id,
            Offer.unit_id,
            Offer.site_id,
            Offer.occupation_id,
            Offer.hours_start,
            Offer.weekdays,
            Offer.start_from,
            Offer.start_by,
            Offer.season_start,
            Offer.season_end,
            Offer.valid_until,
            Offer.places,
            Offer.status,
            Offer.archived_at,
            Site.area_id,
            Employer.bar,
            Employer.status.label("employer_status"),
        )
        .join(Site, Site.id == Offer.site_id)
        .join(Employer, Employer.id == Site.employer_id)
        .where(Offer.id.in_(ids))
    ).all()
    asked = _by_owner(
        session.execute(
            select(Requirement.offer_id, Requirement.concept_id, Requirement.importance)
            .where(Requirement.offer_id.in_(ids))
            .order_by(Requirement.position, Requirement.id)
        )
    )
    languages = _by_owner(
        session.execute(
            select(
                OfferLanguage.offer_id,
                OfferLanguage.concept_id,
                OfferLanguage.part,
                OfferLanguage.level,
            )
            .where(OfferLanguage.offer_id.in_(ids))
            .order_by(OfferLanguage.concept_id, OfferLanguage.part)
        )
    )
    licences = _by_owner(
        session.execute(
            select(OfferLicence.offer_id, OfferLicence.concept_id)
            .where(OfferLicence.offer_id.in_(ids))
            .order_by(OfferLicence.concept_id)
        )
    )
    at_site = _by_owner(
        session.execute(
            select(SiteCondition.site_id, SiteCondition.condition_id, SiteCondition.stance).where(
                SiteCondition.site_id.in_({row.site_id for row in offers})
            )
        )
    )
    at_offer = _by_owner(
        session.execute(
            select(
                OfferCondition.offer_id, OfferCondition.condition_id, OfferCondition.stance
            ).where(OfferCondition.offer_id.in_(ids))
        )
    )
    taken = dict(
        session.execute(
            select(Proposal.offer_id, func.count())
            .where(Proposal.offer_id.in_(ids), Proposal.state.in_(TAKING))
            .group_by(Proposal.offer_id)
        ).all()
    )
    numbers = numbers_of(
        session,
        [
            *(concept_key(row.occupation_id) for row in offers if row.occupation_id),
            *(area_key(row.area_id) for row in offers if row.area_id),
            *(concept_key(concept) for some in asked.values() for concept, _ in some),
            *(concept_key(language) for some in languages.values() for language, *_ in some),
            *(concept_key(licence) for some in licences.values() for licence in some),
            *(
                condition_key(c)
                for said in (at_site, at_offer)
                for s in said.values()
                for c, _ in s
            ),
        ],
    )
    packed = {}
    for row in offers:
        said = dict(sorted(at_site[row.site_id])) | dict(sorted(at_offer[row.id]))
        barred = row.bar is not None or row.employer_status is EmployerStatus.DO_NOT_CONTACT
        is_open = row.status is OfferStatus.OPEN and row.archived_at is None
        facts = OfferFacts(
            id=row.id,
            hours=row.hours_start,
            weekdays=row.weekdays,
            flags=(IS_OPEN if is_open else 0) | (IS_BARRED if barred else 0),
            start_from=_ordinal(row.start_from),
            start_by=_ordinal(row.start_by),
            valid_until=_ordinal(row.valid_until),
            season=(_month_day(row.season_start), _month_day(row.season_end)),
            occupation=numbers[concept_key(row.occupation_id)] if row.occupation_id else 0,
            area=numbers[area_key(row.area_id)] if row.area_id else 0,
            places=row.places - taken.get(row.id, 0),
            requirements=sorted(
                ((numbers[concept_key(c)], i is Importance.MERIT) for c, i in asked[row.id]),
                key=lambda requirement: requirement[1],  # the required first, else as they stand
            ),
            languages=[
                (numbers[concept_key(c)], LANGUAGE_SKILLS.index(part.value), level)
                for c, part, level in languages[row.id]
            ],
            licences=[numbers[concept_key(licence)] for licence in licences[row.id]],
            offered=[numbers[condition_key(c)] for c, s in said.items() if s is Stance.OFFERS],
            excluded=[numbers[condition_key(c)] for c, s in said.items() if s is not Stance.OFFERS],
        )
        packed[row.id] = (row.unit_id, is_open, pack_offer(facts))
    return packed


def fingerprint_of_lists(session: Session) -> bytes:
    """A fingerprint of what places in arrays stand for: an index made with another is no use."""
    said = hashlib.blake2b(digest_size=16)
    for query in (
        select(Concept.id, Concept.parent_id, Concept.type).order_by(Concept.id),
        select(Area.id).order_by(Area.id),
        select(Condition.id).order_by(Condition.position),
    ):
        said.update(repr([tuple(row) for row in session.execute(query)]).encode())
    return said.digest()


def _ordinal(day: Any) -> int:
    return day.toordinal() if day else 0


def _month_day(day: str | None) -> int:
    """``04-01`` as 401; none as 0."""
    if not day:
        return 0
    month, of_month = day.split("-")
    return int(month) * 100 + int(of_month)
