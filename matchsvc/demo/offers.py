"""What the workplaces offer: tasks, requirements with their reasons, languages, conditions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from matchsvc.demo.lots import Lots, at_work, days, words
from matchsvc.demo.rows import Rows
from matchsvc.demo.workplaces import Place, Town
from matchsvc.employers.models import (
    Contribution,
    EmployerStatus,
    Importance,
    LanguagePart,
    Offer,
    OfferCondition,
    OfferLanguage,
    OfferLicence,
    OfferStatus,
    Requirement,
    Stance,
    YesNoUnknown,
)
from matchsvc.swedish import sort_key, working_day_on_or_after

_WORKING_WEEK = 0b001_1111
_FORMS = (
    *([["work_training", "work_practice", "sol_practice", "taster"]] * 4),
    *([["work_training", "sol_practice"]] * 3),
    *(["taster", "work_training"], ["enhanced_work_training"]),
)
_STATUSES = ["open"] * 17 + ["paused", "draft", "closed"]
_NOT_OFFERING = {EmployerStatus.LOST, EmployerStatus.DO_NOT_CONTACT, EmployerStatus.PROSPECT}

#: Offers of the last two years that are over are numbered from here: E-2001.
FIRST_PAST = 1_000

#: The offer of the pictures: five requirements and a merit.
KVARNKOKET = "E-1001"


@dataclass(slots=True)
class Opening:
    """An offer that people can be proposed for; ``taken`` counts those who said yes."""

    id: UUID
    place: Place
    title: str
    forms: list[str]
    places: int
    hours_start: int
    hours_max: int
    taken: int = 0

    @property
    def is_full(self) -> bool:
        """Whether every place is taken."""
        return self.taken >= self.places

    @property
    def is_without_choice(self) -> bool:
        """Whether the employer may not choose whom to take (2007:414 10 §)."""
        return self.forms == ["enhanced_work_training"]


def build_offers(rows: Rows, town: Town, number: int) -> dict[UUID, Opening]:
    """Make so many offers; give back the open ones by id."""
    offering = [place for place in town.places if place.status not in _NOT_OFFERING]
    wanted: list[tuple[Place, int]] = []
    if "kvarnkoket" in town.by_key:
        wanted.append((town.by_key["kvarnkoket"], 0))
    wanted += [(place, template) for place in offering for template in place.templates or ()]
    drawn = [place for place in offering if place.templates is None]
    lots = Lots(town.seed, "offers")
    while len(wanted) < number and drawn:
        place = lots.choice(drawn)
        wanted.append((place, lots.randrange(len(_sector(place)["offers"]))))
    openings = {}
    for position, (place, template) in enumerate(wanted[:number]):
        opening, status = _Offer(rows, town, position, place, template).build()
        if status is OfferStatus.OPEN:
            openings[opening.id] = opening
    for position in range(number if drawn else 0):
        place = lots.choice(drawn)
        template = lots.randrange(len(_sector(place)["offers"]))
        _PastOffer(rows, town, FIRST_PAST + position, place, template).build()
    return openings


def _sector(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in words("sectors") if one["id"] == place.sector)
    return found


class _Offer:
    """Makes one offer."""

    status: OfferStatus | None = None  # drawn

    def __init__(self, rows: Rows, town: Town, position: int, place: Place, template: int) -> None:
        self.rows, self.town, self.place = rows, town, place
        self.lots = Lots(town.seed, "offer", position)
        self.id = self.lots.id()
        self.external_id = f"E-{1001 + position}"
        self.is_told = position == 0 and place.key == "kvarnkoket"
        self.sector = _sector(place)
        self.template = self.sector["offers"][template]

    def build(self) -> tuple[Opening, OfferStatus]:
        """The offer with its lines."""
        lots, place = self.lots, self.place
        is_kept_open = self.is_told or place.templates is not None
        drawn = OfferStatus.OPEN if is_kept_open else OfferStatus(lots.choice(_STATUSES))
        status = self.status or drawn
        hours = 15 if self.is_told else lots.choice([10, 12, 15, 20, 20])
        season = self.template.get("season")
        forms = list(_FORMS[0] if is_kept_open else lots.choice(_FORMS))
        if season:
            forms = [form for form in forms if form != "work_practice"]
        most = 25 if self.is_told else lots.choice([20, 25, 30, 40])
        opening = Opening(
            self.id,
            place,
            self.template["title"],
            forms,
            places=2 if self.is_told else lots.randint(1, min(4, place.capacity + 1)),
            hours_start=hours,
            hours_max=most,
        )
        self._row(opening, status, season)
        self._requirements()
        self._gates()
        return opening, status

    def _row(self, opening: Opening, status: OfferStatus, season: list[str] | None) -> None:
        lots, today = self.lots, self._today
        earliest = 15 if self.is_told else lots.randint(-20, 25)
        latest = 50 if self.is_told else lots.randint(40, 120)
        start_from = working_day_on_or_after(today + days(earliest))
        self.rows.add(
            Offer,
            id=self.id,
            unit_id=self.town.unit_id,
            external_id=self.external_id,
            site_id=self.place.id,
            title=opening.title,
            sort_key=sort_key(opening.title),
            occupation_id=self.template.get("occupation", self.sector["occupation"]),
            tasks=self.template["tasks"],
            contribution=Contribution(lots.choice(words("employers")["contributions"])),
            forms=opening.forms,
            places=opening.places,
            hours_start=opening.hours_start,
            hours_max=opening.hours_max,
            weekdays=_WORKING_WEEK if lots.chance(75) else 0,
            start_from=start_from,
            start_by=working_day_on_or_after(today + days(latest)),
            valid_until=self._valid_until(status, start_from),
            season_start=season[0] if season else None,
            season_end=season[1] if season else None,
            supervisor_named=lots.choice([True, True, None]),
            job_prospect=lots.choice(
                [YesNoUnknown.YES, YesNoUnknown.UNKNOWN, YesNoUnknown.UNKNOWN, YesNoUnknown.NO]
            ),
            for_af=lots.chance(8),
            agreement_id=self.place.agreement_id,
            status=status,
            owner_id=self.place.owner_id,
            created_at=at_work(today - days(lots.randint(5, 120))),
        )

    @property
    def _today(self) -> date:
        """The day on which the offer is as it is told."""
        return self.town.today

    def _valid_until(self, status: OfferStatus, start_from: date) -> date:
        if status is OfferStatus.CLOSED:
            return max(start_from, self.town.today - days(3))
        return self.town.today + days(self.lots.randint(125, 240))

    def _requirements(self) -> None:
        """Required ones first, then merits, each with the reason why it is needed."""
        lots, sector = self.lots, self.sector
        pool = {line["concept"]: line for line in (*sector["required"], *sector["merits"])}
        asked = self.template.get("required") or [line["concept"] for line in sector["required"]]
        if not self.is_told and len(asked) > 3:
            asked = asked[: lots.randint(3, len(asked))]
        merits = [line["concept"] for line in sector["merits"] if line["concept"] not in asked]
        merits = merits[:1] if self.is_told else lots.some(merits, 0, 2)
        lines = [(concept, Importance.REQUIRED) for concept in asked]
        lines += [(concept, Importance.MERIT) for concept in merits]
        for position, (concept, importance) in enumerate(lines):
            self.rows.add(
                Requirement,
                id=lots.id(),
                offer_id=self.id,
                concept_id=concept,
                importance=importance,
                purpose=pool[concept]["purpose"],
                position=position,
            )

    def _gates(self) -> None:
        lots, sector = self.lots, self.sector
        for line in sector.get("languages", ()):
            if self.is_told or lots.chance(65):
                self.rows.add(
                    OfferLanguage,
                    id=lots.id(),
                    offer_id=self.id,
                    concept_id="sv",
                    part=LanguagePart(line["part"]),
                    level=line["level"],
                    purpose=line["purpose"],
                )
        if self.template.get("licences"):
            for line in sector["licences"]:
                self.rows.add(
                    OfferLicence,
                    id=lots.id(),
                    offer_id=self.id,
                    concept_id=line["concept"],
                    purpose=line["purpose"],
                )
        if not self.is_told and lots.chance(25) and sector["lacks"]:
            self.rows.add(
                OfferCondition,
                offer_id=self.id,
                condition_id=lots.choice(sector["lacks"]),
                stance=Stance.EXCLUDES,
            )


class _PastOffer(_Offer):
    """Makes one that is over: it shows what the unit's last two years were like."""

    status = OfferStatus.CLOSED

    def __init__(self, rows: Rows, town: Town, position: int, place: Place, template: int) -> None:
        super().__init__(rows, town, position, place, template)
        self.ago = days(Lots(town.seed, "past", position).randint(150, 700))

    @property
    def _today(self) -> date:
        return self.town.today - self.ago

    def _valid_until(self, status: OfferStatus, start_from: date) -> date:
        del status
        return start_from + days(self.lots.randint(30, 90))
