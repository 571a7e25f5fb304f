"""The town's workplaces: employers with sites, conditions, people to talk to, what was said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from matchsvc.accounts.models import Area
from matchsvc.demo.lots import Lots, at_work, days, words
from matchsvc.demo.numbers import mobile_numbers, office_numbers, org_number, person_address
from matchsvc.demo.rows import Rows
from matchsvc.demo.staff import Staff
from matchsvc.employers.models import (
    Agreement,
    Channel,
    Contact,
    ContactRole,
    Employer,
    EmployerStatus,
    EmployerType,
    Interaction,
    Origin,
    Purpose,
    Site,
    SiteCondition,
    Stance,
    YesNoUnknown,
)
from matchsvc.participants.models import Programme
from matchsvc.participants.programme_models import ProgrammeVersion
from matchsvc.participants.programmes import examples
from matchsvc.swedish import sort_key, working_day_on_or_before
from matchsvc.workday.note_models import Note, NoteCategory, Secrecy

_CHANNELS = (Channel.PHONE, Channel.PHONE, Channel.VISIT, Channel.EMAIL)
_STATUSES = (
    *(["active"] * 12 + ["agreed"] * 3 + ["interested"] * 4 + ["contacted"] * 3),
    *(["prospect"] * 2 + ["paused", "lost", "do_not_contact"]),
)


@dataclass(slots=True)
class Place:
    """A site with what a placement or an offer there needs to know."""

    id: UUID
    employer_id: UUID
    name: str
    sector: str
    key: str | None
    area_id: UUID
    type: EmployerType
    status: EmployerStatus
    owner_id: UUID
    contact_id: UUID
    agreement_id: UUID | None
    agreement: str | None
    capacity: int
    templates: list[int] | None = None

    @property
    def is_ours(self) -> bool:
        """Whether the municipality itself runs it: there the unit's supervisors supervise."""
        return self.type in {EmployerType.OWN_UNIT, EmployerType.MUNICIPAL}


@dataclass(slots=True)
class Town:
    """What has been made so far, by what the next steps look it up with."""

    seed: int
    today: date
    unit_id: UUID
    staff: Staff
    areas: dict[str, UUID] = field(default_factory=dict)
    agreements: dict[str, UUID] = field(default_factory=dict)
    programmes: list[tuple[UUID, str]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    by_sector: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    by_key: dict[str, Place] = field(default_factory=dict)

    def add(self, place: Place) -> None:
        """Note a site; people are placed at those that take part."""
        self.places.append(place)
        if place.key:
            self.by_key[place.key] = place
        if place.status in {EmployerStatus.ACTIVE, EmployerStatus.AGREED}:
            self.by_sector[place.sector].append(place)


def build_workplaces(rows: Rows, town: Town, employers: int) -> None:
    """Make so many employers with everything around them.

    The first ones have a story of their own, so that "My week" has something to show.
    """
    _build_lists(rows, town)
    phones = mobile_numbers(), office_numbers()
    known = words("employers")["known"][:employers]
    for place, told in enumerate(known):
        _Builder(rows, town, place, told, phones).build()
    for place, told in enumerate(_drawn(town.seed, employers - len(known)), start=len(known)):
        _Builder(rows, town, place, told, phones).build()


def _build_lists(rows: Rows, town: Town) -> None:
    listed = words("employers")
    lots = Lots(town.seed, "lists")
    for name in listed["areas"]:
        town.areas[name] = lots.id()
        rows.add(
            Area, id=town.areas[name], unit_id=town.unit_id, name=name, sort_key=sort_key(name)
        )
    for agreement in listed["agreements"]:
        town.agreements[agreement["code"]] = lots.id()
        rows.add(
            Agreement,
            id=town.agreements[agreement["code"]],
            unit_id=town.unit_id,
            start_date=town.today - days(500),
            **agreement,
        )
    for programme in listed["programmes"]:
        key = lots.id()
        town.programmes.append((key, programme["code"]))
        rows.add(Programme, id=key, unit_id=town.unit_id, needs_birth_country=False, **programme)
    _build_example(rows, town, lots)


def _build_example(rows: Rows, town: Town, lots: Lots) -> None:
    """A programme with rules, to be seen and tried; nobody in the town is in it."""
    told = examples()["malmo"]
    key = lots.id()
    rows.add(
        Programme,
        id=key,
        unit_id=town.unit_id,
        code=told["code"],
        name=told["name"],
        needs_birth_country=True,
    )
    rows.add(
        ProgrammeVersion,
        id=lots.id(),
        programme_id=key,
        number=1,
        valid_from=town.today - days(500),
        made_at=rows.now - days(500),
        **{name: told[name] for name in ("owner", "legal_basis", "reason", "rules")},
    )


def _drawn(seed: int, number: int) -> Iterator[dict[str, Any]]:
    """Employers put together by lot, no two of the same name."""
    listed = words("employers")
    lots = Lots(seed, "employers")
    taken = {told["name"] for told in listed["known"]}
    for _ in range(number):
        kind = lots.weighted(listed["kinds"])
        place, thing = lots.choice(listed["places"]), lots.choice(listed["things"])
        name = base = kind["pattern"].format(place=place, thing=thing)
        times = 1
        while name in taken:
            times += 1
            name = f"{base} {times}"
        taken.add(name)
        status = lots.choice(_STATUSES)
        sites = [{"name": name, "sector": kind["sector"]}]
        if lots.chance(20):
            area = lots.choice(listed["areas"])
            sites.append({"name": f"{name}, {area}", "area": area, "sector": kind["sector"]})
        contact = [lots.choice(words("names")["contacts"]), lots.choice(_families())]
        told = {"name": name, "type": kind["type"], "status": status, "sni": kind["sni"]}
        yield told | {"sites": sites, "contact": contact}


def _families() -> Sequence[str]:
    return tuple(words("names")["origins"][0]["families"])


class _Builder:
    """Makes one employer."""

    def __init__(
        self,
        rows: Rows,
        town: Town,
        place: int,
        told: dict[str, Any],
        phones: tuple[Iterator[str], Iterator[str]],
    ) -> None:
        self.rows, self.town, self.place, self.told = rows, town, place, told
        self.mobiles, self.offices = phones
        self.lots = Lots(town.seed, "employer", place)
        self.id = self.lots.id()
        self.status = EmployerStatus(told["status"])
        owners = town.staff.liaisons
        # The first liaison looks after the employers with a story of their own.
        self.owner_id = owners[0] if told.get("key") else owners[place % len(owners)]

    def build(self) -> None:
        """The employer with all that belongs to it."""
        told, lots, code = self.told, self.lots, self.told.get("agreement")
        self.rows.add(
            Employer,
            id=self.id,
            unit_id=self.town.unit_id,
            external_id=f"A-{1001 + self.place}",
            org_number=None if told["type"] == "own_unit" else org_number(self.place),
            name=told["name"],
            sort_key=sort_key(told["name"]),
            type=EmployerType(told["type"]),
            sni=told.get("sni"),
            size_band=lots.choice(["1-9", "10-49", "10-49", "50-249"]),
            status=self.status,
            status_reason=self._reason(),
            origin=lots.choice(list(Origin)),
            collective_agreement=lots.choice(
                [YesNoUnknown.YES, YesNoUnknown.YES, YesNoUnknown.UNKNOWN]
            ),
            union_name=lots.choice(["Kommunal", "Handels", "HRF", None]),
            agreement_id=self.town.agreements[code] if code else None,
            owner_id=self.owner_id,
            created_at=self._registered(),
        )
        contact_id = self._contact()
        for number, site in enumerate(told["sites"]):
            self._site(number, site, contact_id, code)
        self._log(contact_id)

    def _reason(self) -> str | None:
        reasons = words("employers")["reasons"].get(self.status.value)
        return self.lots.choice(reasons) if reasons else None

    def _registered(self) -> datetime:
        """Those whom nobody has talked to yet came onto the list lately."""
        is_new = self.status is EmployerStatus.PROSPECT
        ago = self.lots.randint(5, 80) if is_new else self.lots.randint(560, 700)
        return at_work(self.town.today - days(ago))

    def _contact(self) -> UUID:
        """Two people to talk to; the first is whom one rings."""
        lots = self.lots
        given, family = self.told["contact"]
        others = words("names")["contacts"]
        people = [(given, family, ContactRole.DECISION_MAKER, self.mobiles)]
        people.append(
            (lots.choice(others), lots.choice(_families()), ContactRole.SUPERVISOR, self.offices)
        )
        ids = []
        for given_name, family_name, role, numbers in people:
            name = f"{given_name} {family_name}"
            ids.append(lots.id())
            self.rows.add(
                Contact,
                id=ids[-1],
                employer_id=self.id,
                name=name,
                sort_key=sort_key(f"{family_name} {given_name}"),
                role=role,
                email=person_address(name, self.told["name"]),
                phone=next(numbers),
                channel=lots.choice([Channel.PHONE, Channel.EMAIL, Channel.TEXT]),
            )
        return ids[0]

    def _site(self, number: int, site: dict[str, Any], contact_id: UUID, code: str | None) -> None:
        lots, listed = self.lots, words("employers")
        area = site.get("area") or lots.choice(listed["areas"])
        place = Place(
            id=lots.id(),
            employer_id=self.id,
            name=site["name"],
            sector=site["sector"],
            key=site.get("key"),
            area_id=self.town.areas[area],
            type=EmployerType(self.told["type"]),
            status=self.status,
            owner_id=self.owner_id,
            contact_id=contact_id,
            agreement_id=self.town.agreements[code] if code else None,
            agreement=code,
            capacity=site.get("capacity") or lots.randint(1, 4),
            templates=site.get("templates"),
        )
        self.rows.add(
            Site,
            id=place.id,
            employer_id=self.id,
            external_id=f"S-{1001 + self.place}-{number + 1}",
            name=place.name,
            sort_key=sort_key(place.name),
            address=f"{lots.choice(listed['streets'])} {lots.randint(1, 60)}",
            postcode=f"099 {lots.randint(10, 99)}",
            town="Lindvalla",
            area_id=place.area_id,
            capacity=place.capacity,
        )
        self._conditions(place)
        self.town.add(place)

    def _conditions(self, place: Place) -> None:
        sector = next(one for one in words("sectors") if one["id"] == place.sector)
        lots = self.lots
        stances = {condition: Stance.EXCLUDES for condition in sector["lacks"] if lots.chance(45)}
        stances |= {condition: Stance.OFFERS for condition in sector["gives"] if lots.chance(80)}
        for condition in sorted(stances):
            self.rows.add(
                SiteCondition,
                site_id=place.id,
                condition_id=condition,
                stance=stances[condition],
            )

    def _log(self, contact_id: UUID) -> None:
        for told in self.told.get("log", ()):
            self._told_interaction(contact_id, *told)
        if "log" not in self.told and self.status is not EmployerStatus.PROSPECT:
            self._drawn_interactions(contact_id)
        if self.told.get("log") and self.owner_id is not None:
            self._note(self.owner_id)

    def _note(self, owner_id: UUID) -> None:
        lots, day = Lots(self.town.seed, "employer note", self.id.int % 10**6), self.town.today
        self.rows.add(
            Note,
            id=lots.id(),
            unit_id=self.town.unit_id,
            about_type="employer",
            about_id=self.id,
            author_id=owner_id,
            written_at=at_work(day - days(12), 15),
            happened_on=day - days(12),
            category=NoteCategory.PLANNING,
            secrecy=Secrecy.STANDARD,
            minutes=15,
            happened="Lugnast förmiddagar i början av veckan. Parkera på baksidan.",
            agreed="Vi tar nästa besök en tisdag.",
        )

    def _told_interaction(
        self,
        contact_id: UUID,
        ago: int,
        channel: str,
        purpose: str,
        result: str,
        step: str | None,
        ahead: int | None,
        by: str | None = None,
    ) -> None:
        staff, today = self.town.staff, self.town.today
        self._interaction(
            contact_id,
            today - days(ago),
            Channel(channel),
            Purpose(purpose),
            result,
            by_id=staff.case_workers[0] if by else self.owner_id,
            step=step,
            next_on=None if ahead is None else today + days(ahead),
        )

    def _drawn_interactions(self, contact_id: UUID) -> None:
        """One a month or so; some employers have not been heard of for ninety days."""
        lots, listed = self.lots, words("employers")
        ago = lots.randint(95, 160) if lots.chance(20) else lots.randint(3, 80)
        for number in range(lots.randint(1, 6)):
            step = number == 0 and ago < 40 and lots.chance(45)
            self._interaction(
                contact_id,
                working_day_on_or_before(self.town.today - days(ago)),
                lots.choice(_CHANNELS),
                lots.choice(list(Purpose)),
                lots.choice(listed["results"]),
                by_id=self.owner_id,
                step=lots.choice(listed["steps"]) if step else None,
                next_on=self.town.today + days(lots.randint(-2, 20)) if step else None,
            )
            ago += lots.randint(20, 70)

    def _interaction(
        self,
        contact_id: UUID,
        on: date,
        channel: Channel,
        purpose: Purpose,
        result: str,
        *,
        by_id: UUID,
        step: str | None,
        next_on: date | None,
    ) -> None:
        self.rows.add(
            Interaction,
            id=self.lots.id(),
            employer_id=self.id,
            contact_id=contact_id,
            by_id=by_id,
            happened_on=on,
            channel=channel,
            purpose=purpose,
            result=result,
            next_step=step,
            next_on=None if next_on is None else max(next_on, on),
            created_at=at_work(on),
        )
