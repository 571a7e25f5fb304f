"""The yearly joint review of the target group and the resources (CON-05).

A template with sections that are filled in beforehand with figures of groups, never of anybody:
counts of participants go through the same limits as every report. Parties are written down as
organisations and roles. Closed, the figures stay as they were.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Area
from matchsvc.activities.models import Activity, LocalService
from matchsvc.activities.obstacles import impersonal
from matchsvc.db import check_version
from matchsvc.employers.models import Offer, OfferStatus, Requirement, Site
from matchsvc.errors import N_, Conflict, Invalid, RuleViolation
from matchsvc.learning.models import JointReview
from matchsvc.learning.staff import COUNTERS, KEEPERS, require_year, unit_of
from matchsvc.participants.models import Case, Need, Participant, ParticipantArea
from matchsvc.reports.limits import limits_of
from matchsvc.reports.suppression import Limits
from matchsvc.vocabulary.models import Concept, Condition
from matchsvc.workday.archivable import stands

#: How many of the most asked-for competences are shown.
MOST_ASKED = 10


class Section(enum.StrEnum):
    """What is gone through, in order."""

    TARGET_GROUP = "target_group"
    DEMAND = "demand"
    NEEDS = "needs"
    SUPPLY = "supply"
    ROUTINES = "routines"
    CONCLUSIONS = "conclusions"


#: Sections without figures: what the parties say is all there is.
IN_WORDS = (Section.ROUTINES, Section.CONCLUSIONS)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a section.

    Attributes:
        what: of WHAT.
        name: of the area, need, competence or organisation, where the line is about one.
        value: how many; None where so few are hidden.
    """

    what: str
    name: str | None
    value: int | None


#: What a line counts.
WHAT: Final[Mapping[str, str]] = {
    "enrolled": N_("Inskrivna"),
    "reach": N_("Når området %(name)s"),
    "need": N_("Behöver: %(name)s"),
    "offers": N_("Öppna erbjudanden"),
    "places": N_("Platser"),
    "sites": N_("Arbetsställen med öppna erbjudanden"),
    "asked": N_("Platser där det efterfrågas: %(name)s"),
    "activities": N_("Enhetens egna aktiviteter"),
    "services": N_("Insatser hos %(name)s"),
}
#: By section.
Figures = Mapping[str, Sequence[Figure]]


@dataclass(frozen=True, slots=True)
class Review:
    """A year's review, with the figures of today or, closed, of its closing.

    Attributes:
        year: which.
        row: what is kept; None before anything was written.
        figures: by section.
    """

    year: int
    row: JointReview | None
    figures: Figures


def read_review(session: Session, actor: Actor, year: int, *, today: date) -> Review:
    """A year's review. A fixed number of queries.

    Raises:
        Refused: neither a manager nor an auditor.
        NotFound: the year is before 2000 or after 2199.
    """
    actor.require_role(*COUNTERS)
    require_year(year)
    row = _row(session, actor, year)
    audit.record(session, actor, "read", "joint_review")
    if row is not None and row.figures is not None:
        return Review(year, row, _thawed(row.figures))
    return Review(year, row, figures_of(session, unit_of(actor), today=today))


def _row(
    session: Session, actor: Actor, year: int, *, for_update: bool = False
) -> JointReview | None:
    found = select(JointReview).where(
        JointReview.unit_id == unit_of(actor), JointReview.year == year
    )
    return session.scalar(found.with_for_update() if for_update else found)


def _thawed(kept: Mapping[str, Any]) -> Figures:
    return {section: [Figure(*line) for line in lines] for section, lines in kept.items()}


def save_review(
    session: Session,
    actor: Actor,
    year: int,
    *,
    notes: Mapping[Section, str | None],
    parties: Sequence[str],
    version: int | None,
    today: date,
) -> JointReview:
    """Write down what was said of a year, and who took part by organisation and role.

    Raises:
        Refused: not a manager.
        NotFound: the year is before 2000 or after 2199.
        Invalid: a participant's name or an identity number in a text, or a year to come.
        RuleViolation: it is closed.
        Conflict: it was saved since.
    """
    actor.require_role(*KEEPERS)
    require_year(year)
    if not 2000 <= year <= today.year:  # noqa: PLR2004
        raise Invalid({"year": N_("Välj i år eller ett år som har varit.")})
    said = {
        section.value: impersonal(session, section.value, words, today=today)
        for section, words in notes.items()
        if words
    }
    taken = [impersonal(session, "parties", each, today=today) for each in parties if each.strip()]
    row = _row(session, actor, year, for_update=True)
    if row is None:
        if version is not None:
            raise Conflict
        row = JointReview(unit_id=unit_of(actor), year=year)
        session.add(row)
    else:
        check_version(row, version)
        _check_open(row)
    row.notes, row.parties = said, taken
    session.flush()
    audit.record(session, actor, "change", "joint_review", row.id, fields=["notes", "parties"])
    return row


def _check_open(row: JointReview) -> None:
    if row.closed_on is not None:
        raise RuleViolation("closed", N_("Genomgången är avslutad och går inte att ändra."))


def close_review(
    session: Session, actor: Actor, year: int, *, version: int | None, today: date
) -> JointReview:
    """Close a year's review: its figures and words never change after.

    Raises:
        Refused: not a manager.
        NotFound: the year is before 2000 or after 2199.
        RuleViolation: closed already, nothing written, or nobody named as taking part.
        Conflict: it was saved since.
    """
    actor.require_role(*KEEPERS)
    require_year(year)
    row = _row(session, actor, year, for_update=True)
    if row is None or not row.parties:
        raise RuleViolation(
            "no_parties", N_("Skriv först vilka organisationer och roller som var med.")
        )
    check_version(row, version)
    _check_open(row)
    found = figures_of(session, unit_of(actor), today=today)
    row.figures = {
        section: [[each.what, each.name, each.value] for each in lines]
        for section, lines in found.items()
    }
    row.closed_on = today
    session.flush()
    audit.record(session, actor, "close", "joint_review", row.id)
    return row


def figures_of(session: Session, unit_id: UUID, *, today: date) -> Figures:
    """What the sections are filled in with, as it is today. A fixed number of queries."""
    limits = limits_of(session, unit_id)
    enrolled = _enrolled(unit_id)
    everybody = session.scalar(enrolled.with_only_columns(func.count())) or 0
    areas = session.execute(
        enrolled.join(ParticipantArea, ParticipantArea.participant_id == Participant.id)
        .join(Area, Area.id == ParticipantArea.area_id)
        .with_only_columns(Area.name, func.count())
        .group_by(Area.name, Area.sort_key)
        .order_by(Area.sort_key)
    )
    needs = session.execute(
        enrolled.join(Need, Need.participant_id == Participant.id)
        .join(Condition, Condition.id == Need.condition_id)
        .with_only_columns(Condition.need_sv, func.count())
        .group_by(Condition.need_sv, Condition.position)
        .order_by(Condition.position)
    )
    return {
        Section.TARGET_GROUP: [
            Figure("enrolled", None, None if limits.is_small(everybody) else everybody),
            *(Figure("reach", name, part_of(count, everybody, limits)) for name, count in areas),
        ],
        Section.DEMAND: _demand(session, unit_id),
        Section.NEEDS: [
            Figure("need", label, part_of(count, everybody, limits)) for label, count in needs
        ],
        Section.SUPPLY: _supply(session, unit_id, today),
    }


def part_of(count: int, everybody: int, limits: Limits) -> int | None:
    """How many of everybody; None when they, or the rest, are too few. Pure.

    People stand in many lines at once, so no line follows from the others by subtraction.
    """
    is_hidden = limits.is_small(count) or limits.is_small(everybody - count)
    return None if is_hidden else count


def _enrolled(unit_id: UUID) -> Select[*tuple[Any, ...]]:
    """Those with an open case; only ever counted."""
    return (
        select(Case.id)
        .join(Participant, Participant.id == Case.participant_id)
        .where(Case.unit_id == unit_id, Case.ended_on.is_(None), stands(Participant))
    )


def _demand(session: Session, unit_id: UUID) -> list[Figure]:
    is_open = (Offer.unit_id == unit_id, Offer.status == OfferStatus.OPEN, stands(Offer))
    offers, places = session.execute(
        select(func.count(), func.coalesce(func.sum(Offer.places), 0)).where(*is_open)
    ).one()
    sites = session.scalar(
        select(func.count(Site.id.distinct())).join(Offer, Offer.site_id == Site.id).where(*is_open)
    )
    asked = session.execute(
        select(Concept.label_sv, func.sum(Offer.places))
        .join(Requirement, Requirement.concept_id == Concept.id)
        .join(Offer, Offer.id == Requirement.offer_id)
        .where(*is_open)
        .group_by(Concept.label_sv, Concept.sort_key)
        .order_by(func.sum(Offer.places).desc(), Concept.sort_key)
        .limit(MOST_ASKED)
    )
    return [
        Figure("offers", None, offers),
        Figure("places", None, int(places)),
        Figure("sites", None, sites or 0),
        *(Figure("asked", label, int(count)) for label, count in asked),
    ]


def _supply(session: Session, unit_id: UUID, today: date) -> list[Figure]:
    activities = session.scalar(
        select(func.count()).where(Activity.unit_id == unit_id, Activity.ended_on.is_(None))
    )
    services = session.execute(
        select(LocalService.organisation, func.count())
        .where(
            LocalService.unit_id == unit_id,
            LocalService.valid_from <= today,
            (LocalService.valid_until.is_(None)) | (LocalService.valid_until >= today),
        )
        .group_by(LocalService.organisation)
        .order_by(LocalService.organisation)
    )
    return [
        Figure("activities", None, activities or 0),
        *(Figure("services", organisation, count) for organisation, count in services),
    ]


def review_data(found: Review) -> dict[str, Any]:
    """A review for a program; null where so few are hidden."""
    return {
        "year": found.year,
        "closed_on": found.row.closed_on if found.row else None,
        "version": found.row.version if found.row else None,
        "parties": list(found.row.parties) if found.row else [],
        "notes": dict(found.row.notes) if found.row else {},
        "figures": {
            section: [{"what": each.what, "name": each.name, "value": each.value} for each in lines]
            for section, lines in found.figures.items()
        },
    }
