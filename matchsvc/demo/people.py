"""The town's participants: who they are, what they can, want and need, and how we know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from matchsvc.demo.agreements import add_plan
from matchsvc.demo.lots import Lots, at_work, days, words
from matchsvc.demo.numbers import IdentityNumbers, address_part
from matchsvc.demo.offers import Opening
from matchsvc.demo.plan import Life
from matchsvc.demo.rows import Rows
from matchsvc.demo.stories import Story, tell
from matchsvc.demo.workplaces import Place, Town
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import Subject, outcome_values
from matchsvc.participants.enrolment import Details, build_participant, subject_of
from matchsvc.participants.mapping_models import MapCell, MappingSummary, SummaryState
from matchsvc.participants.models import (
    BirthRegion,
    Capacity,
    Case,
    CaseStep,
    Involvement,
    LanguageSkill,
    Need,
    Participant,
    ParticipantArea,
    Sex,
    Step,
    Wish,
    WishedConcept,
)
from matchsvc.swedish import parse_identity_number
from matchsvc.workday.models import Task
from matchsvc.workday.note_models import Note, NoteCategory, Secrecy

_WORKING_WEEK = 0b001_1111
_NATIVE = 6
_LONG_WEEK = 40


@dataclass(slots=True)
class Person:
    """A participant on her way through the making of the town."""

    life: Life
    story: Story
    lots: Lots
    id: UUID
    case_id: UUID
    subject: Subject
    worker_id: UUID
    sector: dict[str, Any]
    concepts: set[str] = field(default_factory=set)
    shared: list[str] = field(default_factory=list)
    hours: int | None = None
    #: The place she has said yes to and the proposal that led there.
    opening: Opening | None = None
    proposal_id: UUID | None = None

    @property
    def alias(self) -> str:
        """What everybody but her own workers calls her."""
        return f"D-{self.life.number}"


class People:
    """Makes participants one by one.

    Args:
        rows: where they are saved.
        town: what has been made before.
        phones: telephone numbers to hand out.
    """

    def __init__(self, rows: Rows, town: Town, phones: Iterator[str]) -> None:
        self.rows, self.town, self.phones = rows, town, phones
        self.identities = IdentityNumbers()

    def build(self, life: Life) -> Person:
        """One participant with her case and everything she has told."""
        lots = Lots(self.town.seed, "person", life.place)
        story = tell(life, lots, self.town.today)
        origin = self._origin(life, lots)
        participant = self._participant(life, story, lots, origin)
        person = self._person(life, story, lots, participant)
        self._involve(person)
        self._steps(person)
        self._languages(person, origin)
        self._reach(person, participant)
        self._wish(person, participant)
        self._mapping(person)
        add_plan(self.rows, self.town, person)
        self._notes(person)
        person.hours = participant.hours_per_week
        self.rows.add_object(participant)
        return person

    def _origin(self, life: Life, lots: Lots) -> dict[str, Any]:
        origins = words("names")["origins"]
        if country := life.story.get("country"):
            return next(one for one in origins if one["country"] == country)
        same = [one for one in origins if one["region"] == life.region]
        found: dict[str, Any] = lots.weighted(same or origins)
        return found

    def _participant(
        self, life: Life, story: Story, lots: Lots, origin: dict[str, Any]
    ) -> Participant:
        told, today = life.story, self.town.today
        sex = life.sex if life.sex != "unknown" else lots.choice(["woman", "man"])
        given = told.get("given_name") or lots.choice(origin["women" if sex == "woman" else "men"])
        family = told.get("family_name") or lots.choice(origin["families"])
        born = date(lots.randint(1963, 2006), lots.randint(1, 12), lots.randint(1, 28))
        number = None
        if lots.chance(96):
            abroad = life.region in {"europe", "outside_europe"}
            number = self.identities.new(
                lots, life.sex, born, coordination=abroad and lots.chance(10)
            )
        is_reached = not life.is_protected
        details = Details(
            sex=Sex(life.sex),
            birth_region=BirthRegion(life.region),
            enrolled_on=story.enrolled,
            given_name=given,
            family_name=family,
            personal_id=number,
            birth_year=born.year,
            phone=next(self.phones) if is_reached and lots.chance(90) else None,
            email=_address(given, family) if is_reached and lots.chance(45) else None,
            contact_language=told.get("contact_language", "sv"),
            interpreter=told.get("interpreter", False),
            protected=life.is_protected,
            external_id=f"D{life.number}",
        )
        identity = parse_identity_number(number, today=today) if number else None
        participant = build_participant(
            details, unit_id=self.town.unit_id, number=life.number, identity=identity
        )
        participant.id, participant.outcome_key = lots.id(), lots.id()
        participant.created_at = at_work(story.enrolled, 8)
        participant.ready_on = story.waits_from
        if story.ready is not None:
            participant.informal_asked_on = min(story.enrolled + days(6), story.ready)
        self._availability(participant, life, lots)
        return participant

    def _availability(self, participant: Participant, life: Life, lots: Lots) -> None:
        told = life.story
        if life.status == "mapping" and lots.chance(60):
            return
        participant.hours_per_week = told.get("hours_per_week") or lots.choice(
            [10, 15, 20, 20, 25, 30, _LONG_WEEK]
        )
        participant.weekdays = _WORKING_WEEK
        if not told and lots.chance(20):
            participant.weekdays &= ~(1 << lots.randrange(5))
        if not told and lots.chance(15):
            participant.available_from = self.town.today + days(lots.randint(1, 40))
        participant.reaches_all_areas = told["areas"] == "all" if told else lots.chance(40)

    def _person(self, life: Life, story: Story, lots: Lots, participant: Participant) -> Person:
        worker_id = self.town.staff.case_workers[life.worker]
        programme_id, code = lots.choice(self.town.programmes)
        case = Case(
            id=lots.id(),
            participant_id=participant.id,
            unit_id=self.town.unit_id,
            case_worker_id=worker_id,
            programme_id=programme_id,
            enrolled_on=story.enrolled,
            ended_on=story.ended,
            exit_reason=story.reason,
            exit_destination=story.destination,
            outcome_key=lots.id(),
        )
        self.rows.add_object(case, created_at=at_work(story.enrolled, 8))
        sector_id = life.story.get("sector")
        sectors = words("sectors")
        sector = next((s for s in sectors if s["id"] == sector_id), None) or lots.weighted(sectors)
        subject = subject_of(participant, case, programme=code)
        person = Person(life, story, lots, participant.id, case.id, subject, worker_id, sector)
        self._case_events(person)
        return person

    def _case_events(self, person: Person) -> None:
        story = person.story
        record(self.rows, person, OutcomeKind.ENROLLED, person.case_id, story.enrolled)
        if story.ready is not None:
            for kind in (OutcomeKind.MAPPED, OutcomeKind.READY):
                record(self.rows, person, kind, person.case_id, story.ready)
        if story.ended is not None and story.destination is not None:
            record(
                self.rows,
                person,
                OutcomeKind.EXITED,
                person.case_id,
                story.ended,
                detail=story.destination.value,
            )

    def _mapping(self, person: Person) -> None:
        """Whoever is ready has signed what the mapping came to."""
        if person.story.ready is None:
            return
        # Lots of its own: what else is drawn for her stays as it was.
        lots, said = Lots(self.town.seed, "mapping", person.life.place), words("mapping")
        self.rows.add(
            MappingSummary,
            id=lots.id(),
            participant_id=person.id,
            case_id=person.case_id,
            unit_id=self.town.unit_id,
            number=1,
            state=SummaryState.SIGNED,
            body=lots.choice(said["bodies"]),
            proposals=lots.choice(said["proposals"]),
            written_by_id=person.worker_id,
            reviewed_on=person.story.ready,
            signed_on=person.story.ready,
        )
        if not person.life.story:
            return
        for place, told in said["cells"].items():
            area, side = place.split(".")
            self.rows.add(
                MapCell,
                id=lots.id(),
                participant_id=person.id,
                case_id=person.case_id,
                area=area,
                side=side,
                words=told,
                changed_by_id=person.worker_id,
                changed_at=at_work(person.story.ready, 10),
            )

    def _notes(self, person: Person) -> None:
        """What was written about those whose stories are told."""
        if not person.life.story or person.life.is_protected:
            return
        lots, today = Lots(self.town.seed, "notes", person.life.place), self.town.today
        for told in words("mapping")["notes"]:
            day = max(person.story.enrolled, today - days(told["days_ago"]))
            self.rows.add(
                Note,
                id=lots.id(),
                unit_id=self.town.unit_id,
                about_type="participant",
                about_id=person.id,
                author_id=person.worker_id,
                written_at=at_work(day, 14),
                happened_on=day,
                category=NoteCategory(told["category"]),
                secrecy=Secrecy.STANDARD,
                minutes=told["minutes"],
                happened=told["happened"],
                agreed=told["agreed"],
            )
        if person.story.ended is None:
            self.rows.add(
                Task,
                id=lots.id(),
                unit_id=self.town.unit_id,
                owner_id=person.worker_id,
                kind="own",
                words={},
                own_words=lots.choice(words("mapping")["tasks"]),
                about_type="participant",
                about_id=person.id,
                due_on=today + days(lots.randint(-2, 9)),
                origin=f"user:{person.worker_id}",
            )

    def _involve(self, person: Person) -> None:
        capacities = [Capacity.CASE_WORKER]
        if person.life.is_protected:
            capacities.append(Capacity.PROTECTED_HANDLER)
        for capacity in capacities:
            self.rows.add(
                Involvement,
                id=person.lots.id(),
                participant_id=person.id,
                user_id=person.worker_id,
                capacity=capacity,
            )

    def _steps(self, person: Person) -> None:
        story = person.story
        add_step(self.rows, person, Step.MAPPING, story.enrolled, end=story.ready)
        if story.matching_from is None:
            return
        hired = [job.start for job in story.jobs if job.end is None]
        ended = story.ended or (hired[0] if hired and not person.life.story else None)
        start = max(story.matching_from, story.enrolled)
        add_step(self.rows, person, Step.MATCHING, start, end=ended)

    def _languages(self, person: Person, origin: dict[str, Any]) -> None:
        lots = person.lots
        levels: dict[str, list[int | None]] = dict(person.life.story.get("languages", {}))
        if not levels:
            levels = {code: [_NATIVE] * 4 for code in origin["languages"]}
            if "sv" not in levels:
                spoken = lots.choice([1, 2, 2, 3, 3, 3, 4])
                read = max(1, spoken - lots.randint(0, 1))
                levels["sv"] = [spoken, min(_NATIVE, spoken + lots.randint(0, 1)), read, read]
                for code in origin["languages"][:1]:
                    levels[code][2:] = [lots.choice([3, 5, _NATIVE, _NATIVE])] * 2
            if lots.chance(30) and "en" not in levels:
                level = lots.randint(2, 5)
                levels["en"] = [level, level, level, None]
        for code, (speak, understand, read_level, write) in sorted(levels.items()):
            self.rows.add(
                LanguageSkill,
                id=lots.id(),
                participant_id=person.id,
                concept_id=code,
                speak=speak,
                understand=understand,
                read=read_level,
                write=write,
            )

    def _reach(self, person: Person, participant: Participant) -> None:
        """Areas within reach, and what she needs at the workplace."""
        lots, told = person.lots, person.life.story
        is_asked = participant.hours_per_week is not None
        if is_asked and not participant.reaches_all_areas:
            names = list(self.town.areas)
            chosen = told["areas"] if told else lots.some(names, 3, 6)
            for name in sorted(chosen):
                self.rows.add(
                    ParticipantArea, participant_id=person.id, area_id=self.town.areas[name]
                )
        needs: dict[str, str | None] = dict(told.get("needs", {}))
        if is_asked and not told:
            every = sorted({c for s in words("sectors") for c in (*s["gives"], *s["lacks"])})
            notes = words("sentences")["notes"]
            needs = {
                condition: lots.choice(notes) if lots.chance(50) else None
                for condition in lots.some(every, 0, 2)
            }
        for condition, note in needs.items():
            self.rows.add(
                Need, id=lots.id(), participant_id=person.id, condition_id=condition, note=note
            )

    def _wish(self, person: Person, participant: Participant) -> None:
        lots, told, story = person.lots, person.life.story, person.story
        if story.ready is None and lots.chance(40):
            return
        text = told.get("wish")
        if text is None:
            text = lots.choice(person.sector["wishes"])
            if lots.chance(35):
                text = f"{text} {lots.choice(words('sentences')['wish_tails'])}"
        recorded = min(story.enrolled + days(lots.randint(3, 14)), self.town.today)
        recorded = min(recorded, story.ready or recorded)
        key = lots.id()
        self.rows.add(
            Wish,
            id=key,
            participant_id=person.id,
            own_words=text,
            recorded_on=recorded,
            recorded_by_id=person.worker_id,
            with_interpreter=participant.interpreter,
            created_at=at_work(recorded, 9),
        )
        wished = told.get("wished") or lots.some(person.sector["wished"], 1, 2)
        for concept in wished:
            self.rows.add(WishedConcept, wish_id=key, concept_id=concept)


def _address(given: str, family: str) -> str:
    return f"{address_part(given)}.{address_part(family)}@post.example"


def add_step(
    rows: Rows,
    person: Person,
    step: Step,
    start: date,
    *,
    end: date | None = None,
    planned_end: date | None = None,
    source_id: UUID | None = None,
    label: str | None = None,
) -> None:
    """A period of one of the four steps; a bar never names a protected person's workplace."""
    rows.add(
        CaseStep,
        id=person.lots.id(),
        case_id=person.case_id,
        step=step,
        start_date=start,
        end_date=None if end is None else max(start, end),
        planned_end_date=planned_end,
        responsible_id=person.worker_id,
        source_id=source_id,
        label=None if person.life.is_protected else label,
    )


def record(
    rows: Rows,
    person: Person,
    kind: OutcomeKind,
    source_id: UUID,
    occurred_on: date,
    *,
    agreement: str | None = None,
    place: Place | None = None,
    detail: str | None = None,
) -> None:
    """Write what a report counts, through the one function that builds such facts.

    It stands as recorded on its day, so that the figures of any past day can be shown.
    """
    values = outcome_values(
        kind,
        source_id,
        person.subject,
        occurred_on=occurred_on,
        agreement=agreement,
        employer_id=place.employer_id if place else None,
        site_id=place.id if place else None,
        sector=place.type.value if place else None,
        detail=detail,
    )
    recorded_at = at_work(occurred_on, 6)
    rows.add(OutcomeEvent, id=person.lots.id(), created_at=recorded_at, **values)
