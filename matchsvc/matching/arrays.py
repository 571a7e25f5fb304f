"""From the database to the engine's arrays: the only place that decides what matching may read.

Each query below names its columns one by one. None of them says who a person is (DESIGN 4.2);
tests/matching/test_arrays.py holds the list, and changes every other column of everybody to see
that no byte of the arrays moves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Area
from matchsvc.employers.models import (
    Employer,
    EmployerStatus,
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
from matchsvc.matching.engine import Matching
from matchsvc.matching.inputs import LANGUAGE_SKILLS, Hierarchy, Offers, People, Reach
from matchsvc.matching.models import TAKING, Proposal, ProposalState
from matchsvc.matching.weights import Rung as EngineRung
from matchsvc.matching.weights import Weights
from matchsvc.participants.access import visible_participants
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
from matchsvc.vocabulary.models import Concept, ConceptType, Condition
from matchsvc.workday.archivable import stands

_RUNGS = {
    Rung.CLAIMED: EngineRung.CLAIMED,
    Rung.EXEMPLIFIED: EngineRung.EXEMPLIFIED,
    Rung.OBSERVED: EngineRung.OBSERVED,
    Rung.CONFIRMED: EngineRung.CONFIRMED,
}

#: Every column of the participants' tables that matching reads. Nothing else may be added
#: without changing docs/how-matching-works.md.
READ_OF_PEOPLE = (
    Participant.id,
    Participant.hours_per_week,
    Participant.weekdays,
    Participant.available_from,
    Participant.reaches_all_areas,
    Participant.informal_asked_on,
    Participant.ready_on,
)


@dataclass(frozen=True, slots=True)
class Lists:
    """What the places in the arrays stand for."""

    concepts: tuple[str, ...]
    concept_place: Mapping[str, int]
    licences: tuple[str, ...]
    languages: tuple[str, ...]
    areas: tuple[UUID, ...]
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """One run's arrays with the ids of their rows.

    Attributes:
        matching: what the engine is asked with.
        people: participant ids by row.
        offers: offer ids by row.
        requirements: requirement ids by place.
        held: competence ids by place.
        lists: what the other places stand for.
    """

    matching: Matching
    people: tuple[UUID, ...]
    offers: tuple[UUID, ...]
    requirements: tuple[UUID, ...]
    held: tuple[UUID, ...]
    lists: Lists

    def person_row(self, participant_id: UUID) -> int:
        """The row of a participant."""
        return self.people.index(participant_id)

    def offer_row(self, offer_id: UUID) -> int:
        """The row of an offer."""
        return self.offers.index(offer_id)


def ready_people(session: Session, actor: Actor, *, today: date) -> Select[Participant]:
    """The visible participants who wait for a place: an open case that goes on, ready for matching.

    A protected person is never in a list of candidates; her handlers match her alone.
    """
    open_case = select(Case.participant_id).where(
        Case.ended_on.is_(None), Case.is_paused.is_(False)
    )
    return visible_participants(session, actor, today=today).where(
        Participant.protected.is_(False),
        Participant.ready_on.is_not(None),
        Participant.id.in_(open_case),
    )


def load(
    session: Session,
    *,
    people: Select[Participant],
    offers: ColumnElement[bool],
    weights: Weights,
    today: date,
) -> Loaded:
    """Read the arrays for some people and some offers. A fixed number of queries.

    Args:
        session: a reading transaction.
        people: made from :func:`~matchsvc.participants.access.visible_participants`.
        offers: a condition on Offer.
        weights: the table to score with.
        today: the day that windows and waits are counted from.
    """
    lists, hierarchy = read_lists(session)
    person_rows = session.execute(
        people.with_only_columns(*READ_OF_PEOPLE).order_by(Participant.id)
    ).all()
    chosen = people.with_only_columns(Participant.id)
    person_place = {row.id: place for place, row in enumerate(person_rows)}
    people_arrays, held = _people(session, person_rows, person_place, chosen, lists, today)
    offer_ids, offer_arrays, requirements = _offers(session, offers, lists)
    return Loaded(
        matching=Matching(hierarchy, people_arrays, offer_arrays, weights, today.toordinal()),
        people=tuple(person_place),
        offers=offer_ids,
        requirements=requirements,
        held=held,
        lists=lists,
    )


def open_offers(unit_id: UUID | None) -> ColumnElement[bool]:
    """The offers that can be matched on: open ones, of the unit."""
    is_open = and_(Offer.status == OfferStatus.OPEN, stands(Offer))
    return is_open if unit_id is None else is_open & (Offer.unit_id == unit_id)


def read_lists(session: Session) -> tuple[Lists, Hierarchy]:
    """Read what the places in the arrays stand for, and the line upward of every concept."""
    rows = session.execute(
        select(Concept.id, Concept.parent_id, Concept.type).order_by(Concept.id)
    ).all()
    place = {row.id: number for number, row in enumerate(rows)}
    parent = np.array([place.get(row.parent_id, -1) for row in rows], np.int64)
    lists = Lists(
        concepts=tuple(place),
        concept_place=place,
        licences=tuple(row.id for row in rows if row.type is ConceptType.LICENCE),
        languages=tuple(row.id for row in rows if row.type is ConceptType.LANGUAGE),
        areas=tuple(session.scalars(select(Area.id).order_by(Area.id))),
        conditions=tuple(session.scalars(select(Condition.id).order_by(Condition.position))),
    )
    return lists, Hierarchy(parent)


def _people(
    session: Session,
    rows: Sequence[Any],
    place: Mapping[UUID, int],
    chosen: Select[UUID],
    lists: Lists,
    today: date,
) -> tuple[People, tuple[UUID, ...]]:
    competences = session.execute(
        select(Competence.participant_id, Competence.id, Competence.concept_id, Competence.rung)
        .where(
            Competence.participant_id.in_(chosen),
            Competence.concept_id.is_not(None),
            Competence.archived_at.is_(None),
        )
        .order_by(Competence.participant_id, Competence.id)
    ).all()
    of_person = np.array([place[row.participant_id] for row in competences], np.int64)
    order = np.argsort(of_person, kind="stable")
    competences = [competences[i] for i in order]
    licences, licences_known = _held_licences(competences, place, lists, rows)
    wanted_pointer, wanted = _wanted(session, chosen, place, lists)
    needs = _flags(
        session.execute(
            select(Need.participant_id, Need.condition_id).where(Need.participant_id.in_(chosen))
        ),
        place,
        lists.conditions,
    )
    areas = _flags(
        session.execute(
            select(ParticipantArea.participant_id, ParticipantArea.area_id).where(
                ParticipantArea.participant_id.in_(chosen)
            )
        ),
        place,
        lists.areas,
    )
    is_everywhere = np.array([row.reaches_all_areas for row in rows], bool)
    listed = areas.any(axis=1)
    waits = _waits(session, rows, chosen, today)
    arrays = People(
        id_rank=np.arange(len(rows)),
        wait_days=np.array(waits, np.int64),
        held_pointer=_pointer(of_person, len(rows)),
        held_concept=_places(lists, (row.concept_id for row in competences)),
        held_rung=np.array([_RUNGS[row.rung] for row in competences], np.int64),
        held_level=np.zeros(len(competences), np.int64),
        wanted_pointer=wanted_pointer,
        wanted_concept=wanted,
        licences=licences,
        licences_known=licences_known,
        languages=_person_languages(session, chosen, place, lists),
        hours_per_week=np.array([row.hours_per_week or 0 for row in rows], np.int64),
        weekdays=np.array([row.weekdays for row in rows], np.int64),
        start_from=_ordinals(row.available_from for row in rows),
        reach=np.where(is_everywhere, Reach.EVERYWHERE, np.where(listed, Reach.LISTED, 0)),
        areas=areas,
        needs=needs,
        needs_known=needs.any(axis=1) | np.array([bool(row.ready_on) for row in rows], bool),
    )
    return arrays, tuple(row.id for row in competences)


def _held_licences(
    competences: Sequence[Any], place: Mapping[UUID, int], lists: Lists, rows: Sequence[Any]
) -> tuple[Any, Any]:
    """Licences held; what is not held is known not to be once competence was asked about."""
    number = {licence: i for i, licence in enumerate(lists.licences)}
    held = np.zeros((len(rows), len(lists.licences)), bool)
    for row in competences:
        if row.concept_id in number:
            held[place[row.participant_id], number[row.concept_id]] = True
    asked = np.array([row.informal_asked_on is not None for row in rows], bool)
    return held, held.any(axis=1) | asked


def _waits(session: Session, rows: Sequence[Any], chosen: Select[UUID], today: date) -> list[int]:
    """Days since the person became ready or, later, was last proposed (DESIGN 4.6)."""
    proposed = dict(
        session.execute(
            select(Proposal.participant_id, func.max(Proposal.proposed_on))
            .where(Proposal.participant_id.in_(chosen), Proposal.state != ProposalState.WITHDRAWN)
            .group_by(Proposal.participant_id)
        ).all()
    )
    waits = []
    for row in rows:
        since = max(filter(None, (row.ready_on, proposed.get(row.id))), default=None)
        waits.append(max((today - since).days, 0) if since and row.ready_on else 0)
    return waits


def _wanted(
    session: Session, chosen: Select[UUID], place: Mapping[UUID, int], lists: Lists
) -> tuple[Any, Any]:
    """Concepts of each person's latest wish."""
    latest = (
        select(Wish.participant_id, func.max(Wish.created_at))
        .where(Wish.participant_id.in_(chosen))
        .group_by(Wish.participant_id)
    )
    rows = session.execute(
        select(Wish.participant_id, WishedConcept.concept_id)
        .join(WishedConcept, WishedConcept.wish_id == Wish.id)
        .where(tuple_(Wish.participant_id, Wish.created_at).in_(latest))
        .order_by(WishedConcept.concept_id)
    ).all()
    pairs = sorted((place[row.participant_id], lists.concept_place[row.concept_id]) for row in rows)
    of_person = np.array([person for person, _ in pairs], np.int64)
    return _pointer(of_person, len(place)), np.array([c for _, c in pairs], np.int64)


def _person_languages(
    session: Session, chosen: Select[UUID], place: Mapping[UUID, int], lists: Lists
) -> Any:
    levels = np.full((len(place), len(lists.languages), len(LANGUAGE_SKILLS)), -1, np.int64)
    number = {language: i for i, language in enumerate(lists.languages)}
    rows = session.execute(
        select(
            LanguageSkill.participant_id,
            LanguageSkill.concept_id,
            LanguageSkill.speak,
            LanguageSkill.understand,
            LanguageSkill.read,
            LanguageSkill.write,
        ).where(LanguageSkill.participant_id.in_(chosen))
    )
    for person, language, *skills in rows:
        if language in number:
            known = [-1 if level is None else level for level in skills]
            levels[place[person], number[language]] = known
    return levels


def _offers(
    session: Session, wanted: ColumnElement[bool], lists: Lists
) -> tuple[tuple[UUID, ...], Offers, tuple[UUID, ...]]:
    rows = session.execute(
        select(
            Offer.id,
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
            Site.area_id,
            Employer.bar,
            Employer.status.label("employer_status"),
        )
        .join(Site, Site.id == Offer.site_id)
        .join(Employer, Employer.id == Site.employer_id)
        .where(wanted)
        .order_by(Offer.id)
    ).all()
    place = {row.id: number for number, row in enumerate(rows)}
    chosen = select(Offer.id).where(wanted)
    pointer, requirements = _requirements(session, chosen, place)
    area_place = {area: number for number, area in enumerate(lists.areas)}
    offered, excluded = _site_and_offer_conditions(session, rows, chosen, place, lists)
    taken = _taken(session, chosen)
    arrays = Offers(
        id_rank=np.arange(len(rows)),
        requirement_pointer=pointer,
        requirement_concept=_places(lists, (row.concept_id for row in requirements)),
        requirement_is_merit=np.array([r.importance == "merit" for r in requirements], bool),
        requirement_level=np.zeros(len(requirements), np.int64),
        occupation=_places(lists, (row.occupation_id for row in rows)),
        licences=_flags(
            session.execute(
                select(OfferLicence.offer_id, OfferLicence.concept_id).where(
                    OfferLicence.offer_id.in_(chosen)
                )
            ),
            place,
            lists.licences,
        ),
        languages=_offer_languages(session, chosen, place, lists),
        hours_start=np.array([row.hours_start for row in rows], np.int64),
        weekdays=np.array([row.weekdays for row in rows], np.int64),
        start_from=_ordinals(row.start_from for row in rows),
        start_by=_ordinals(row.start_by for row in rows),
        season_from=np.array([_month_day(row.season_start) for row in rows], np.int64),
        season_to=np.array([_month_day(row.season_end) for row in rows], np.int64),
        valid_until=_ordinals(row.valid_until for row in rows),
        area=np.array([area_place.get(row.area_id, -1) for row in rows], np.int64),
        offered=offered,
        excluded=excluded,
        employer_barred=np.array(
            [
                row.bar is not None or row.employer_status is EmployerStatus.DO_NOT_CONTACT
                for row in rows
            ],
            bool,
        ),
        is_open=np.array([row.status is OfferStatus.OPEN for row in rows], bool),
        places=np.array([row.places - taken.get(row.id, 0) for row in rows], np.int64),
    )
    return tuple(place), arrays, tuple(row.id for row in requirements)


def _requirements(
    session: Session, chosen: Select[UUID], place: Mapping[UUID, int]
) -> tuple[Any, list[Any]]:
    rows = session.execute(
        select(
            Requirement.id,
            Requirement.offer_id,
            Requirement.concept_id,
            Requirement.importance,
            Requirement.position,
        ).where(Requirement.offer_id.in_(chosen))
    ).all()
    ordered = sorted(
        rows, key=lambda r: (place[r.offer_id], r.importance == "merit", r.position, r.id)
    )
    of_offer = np.array([place[row.offer_id] for row in ordered], np.int64)
    return _pointer(of_offer, len(place)), ordered


def _offer_languages(
    session: Session, chosen: Select[UUID], place: Mapping[UUID, int], lists: Lists
) -> Any:
    levels = np.zeros((len(place), len(lists.languages), len(LANGUAGE_SKILLS)), np.int64)
    number = {language: i for i, language in enumerate(lists.languages)}
    rows = session.execute(
        select(
            OfferLanguage.offer_id,
            OfferLanguage.concept_id,
            OfferLanguage.part,
            OfferLanguage.level,
        ).where(OfferLanguage.offer_id.in_(chosen))
    )
    for offer, language, part, level in rows:
        levels[place[offer], number[language], LANGUAGE_SKILLS.index(part.value)] = level
    return levels


def _site_and_offer_conditions(
    session: Session,
    rows: Sequence[Any],
    chosen: Select[UUID],
    place: Mapping[UUID, int],
    lists: Lists,
) -> tuple[Any, Any]:
    """What the site says of each condition, and then what the offer says: the offer's word wins."""
    number = {condition: i for i, condition in enumerate(lists.conditions)}
    said = np.zeros((len(place), len(number)), np.int64)
    of_site: dict[UUID, list[int]] = {}
    for row in rows:
        of_site.setdefault(row.site_id, []).append(place[row.id])
    sites = select(Offer.site_id).where(Offer.id.in_(chosen))
    at_sites = session.execute(
        select(SiteCondition.site_id, SiteCondition.condition_id, SiteCondition.stance).where(
            SiteCondition.site_id.in_(sites)
        )
    )
    for site, condition, stance in at_sites:
        said[of_site[site], number[condition]] = 1 if stance is Stance.OFFERS else -1
    at_offers = session.execute(
        select(OfferCondition.offer_id, OfferCondition.condition_id, OfferCondition.stance).where(
            OfferCondition.offer_id.in_(chosen)
        )
    )
    for offer, condition, stance in at_offers:
        said[place[offer], number[condition]] = 1 if stance is Stance.OFFERS else -1
    return said == 1, said == -1


def _taken(session: Session, chosen: Select[UUID]) -> dict[UUID, int]:
    """Places promised to somebody: accepted by the employer, or already a placement."""
    return dict(
        session.execute(
            select(Proposal.offer_id, func.count())
            .where(
                Proposal.offer_id.in_(chosen),
                Proposal.state.in_(TAKING),
            )
            .group_by(Proposal.offer_id)
        ).all()
    )


def _pointer(of_row: Any, count: int) -> Any:
    return np.append(0, np.cumsum(np.bincount(of_row, minlength=count)[:count])).astype(np.int64)


def _places(lists: Lists, concepts: Iterable[str | None]) -> Any:
    place = lists.concept_place
    return np.array([-1 if concept is None else place[concept] for concept in concepts], np.int64)


def _flags(pairs: Iterable[Any], rows: Mapping[Any, int], columns: Collection[Any]) -> Any:
    number = {column: i for i, column in enumerate(columns)}
    flags = np.zeros((len(rows), len(number)), bool)
    for row, column in pairs:
        if column in number:
            flags[rows[row], number[column]] = True
    return flags


def _ordinals(days: Iterable[date | None]) -> Any:
    return np.array([day.toordinal() if day else 0 for day in days], np.int64)


def _month_day(text: str | None) -> int:
    """``04-01`` as 401; none as 0."""
    if not text:
        return 0
    month, day = text.split("-")
    return int(month) * 100 + int(day)
