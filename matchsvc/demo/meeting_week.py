"""A week of meetings in the town: what stands in everybody's diary."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from matchsvc.accounts.models import Role
from matchsvc.demo.lots import Lots, at_work, days
from matchsvc.demo.people import Person
from matchsvc.demo.rows import Rows
from matchsvc.demo.workplaces import Town
from matchsvc.participants.consent_models import (
    Category,
    Consent,
    ConsentAnswer,
    ConsentScope,
)
from matchsvc.participants.consent_models import Party as ConsentParty
from matchsvc.participants.consents import current_text
from matchsvc.swedish import sort_key, working_day_on_or_after
from matchsvc.workday.meeting_models import (
    Attendance,
    Authorised,
    InterpreterBooking,
    InterpreterState,
    Meeting,
    MeetingPerson,
    Room,
)
from matchsvc.workday.meeting_plans import instant
from matchsvc.workday.meeting_types import MEETING_TYPES, Party
from matchsvc.workday.signature_models import IdentifiedHow
from matchsvc.workday.signing import hash_of

#: Those whose case is open and not at an end.
_CURRENT = frozenset(
    {"mapping", "waiting", "waiting_new", "upcoming", "upcoming_new", "training", "resource"}
)
_ROOMS = ("Samtalsrum 1", "Samtalsrum 2", "Stora rummet")
#: Of each worker's people: how many have a meeting, on which day of work and when.
_TIMES = ((0, 9), (0, 13), (1, 10), (2, 9), (3, 14), (4, 10))
_KINDS = ("mapping_talk", "individual_talk", "three_party", "planning_meeting", "mapping_talk")


class MeetingWeek:
    """Makes the diaries of the days around today.

    Args:
        rows: where it is saved.
        town: what has been made before.
    """

    def __init__(self, rows: Rows, town: Town) -> None:
        self.rows, self.town = rows, town
        self.lots = Lots(town.seed, "meetings")
        self.met: dict[UUID, int] = {}
        self.rooms: list[UUID] = []
        self.block, self.slots = self.lots.id(), 0
        monday = town.today - timedelta(days=town.today.weekday())
        self.work_days = [working_day_on_or_after(monday + days(n)) for n in range(5)]

    def build_unit(self) -> None:
        """Rooms, and what the unit does together."""
        for name in _ROOMS:
            self.rooms.append(self.lots.id())
            self.rows.add(
                Room,
                id=self.rooms[-1],
                unit_id=self.town.unit_id,
                name=name,
                sort_key=sort_key(name),
            )
        staff = self.town.staff.ids
        workers = staff[Role.CASE_WORKER]
        coordinator = (staff[Role.PLACEMENT_COORDINATOR] or workers)[0]
        for day in self.work_days:
            if staff[Role.SUPERVISOR]:
                self._meeting("morning_meeting", day, time(7, 30), staff[Role.SUPERVISOR][0])
        self._meeting("language_cafe", self.work_days[1], time(13), workers[0], room=2)
        self._meeting("job_search", self.work_days[3], time(9), coordinator, room=2)
        block = self._meeting("af_block", self.work_days[2], time(12, 30), workers[0], room=2)
        self.block = block
        self._person(block, 0, Party.AF, name="Arbetsförmedlare på kontoret")
        self._meeting("own_time", self.work_days[4], time(8), workers[0])

    def build(self, person: Person) -> None:
        """One person's meeting of the week, if her worker has time for it."""
        number = self.met.get(person.worker_id, 0)
        if number >= len(_TIMES) or person.life.status not in _CURRENT:
            return
        self.met[person.worker_id] = number + 1
        place, hour = _TIMES[number]
        kind = _KINDS[number % len(_KINDS)]
        day = self.work_days[place]
        if person.life.is_protected:
            kind = "individual_talk"
        key = self._meeting(
            kind, day, time(hour), person.worker_id, room=self._room_of(person.worker_id)
        )
        is_held = day < self.town.today
        came = self.lots.choice([Attendance.CAME, Attendance.CAME, Attendance.DID_NOT_COME])
        self._person(
            key, 0, Party.PARTICIPANT, ref_id=person.id, attendance=came if is_held else None
        )
        if kind == "three_party":
            self._person(key, 1, Party.AF, name="Arbetsförmedlare på kontoret")
            self._consent(person)
        if kind == "three_party":
            self._slot(person)
        if kind == "mapping_talk" and number % 2 == 0:
            self.rows.add(
                InterpreterBooking,
                id=self.lots.id(),
                meeting_id=key,
                language="ar",
                authorised=Authorised.ASKED,
                wishes=[],
                state=InterpreterState.BOOKED if is_held else InterpreterState.ASKED,
            )

    def _room_of(self, worker_id: UUID) -> int | None:
        """Each of the first workers meets in a room of her own; others in their offices."""
        order = self.town.staff.case_workers.index(worker_id)
        return order if order < len(_ROOMS) - 1 else None

    def _consent(self, person: Person) -> None:
        """What has to stand before the authority may be invited."""
        key, text = self.lots.id(), current_text()
        self.rows.add(
            Consent,
            id=key,
            participant_id=person.id,
            unit_id=self.town.unit_id,
            answer=ConsentAnswer.GIVEN,
            text_version=text.version,
            text_language=text.language,
            content_hash=hash_of([text.title, *text.paragraphs]),
            valid_from=self.town.today - days(30),
            valid_until=self.town.today + days(150),
            recorded_by_id=person.worker_id,
            identified_how=IdentifiedHow.KNOWN,
            created_at=at_work(self.town.today - days(30)),
        )
        self.rows.add(
            ConsentScope,
            consent_id=key,
            party=ConsentParty.EMPLOYMENT_SERVICE,
            category=Category.PLANNING,
        )

    def _slot(self, person: Person) -> None:
        """A slot of the authority's visit, for one who has agreed that it may be told."""
        self.slots += 1
        position = self.slots
        self._person(self.block, position, Party.PARTICIPANT, ref_id=person.id, slot=position)

    def _meeting(
        self, kind: str, day: date, at: time, owner_id: UUID, *, room: int | None = None
    ) -> UUID:
        key, start = self.lots.id(), instant(day, at)
        made: dict[str, Any] = {}
        if start + days(1) < self.rows.now:
            made = {"closed_at": at_work(day, 15), "minutes_spent": MEETING_TYPES[kind].minutes}
        self.rows.add(
            Meeting,
            id=key,
            unit_id=self.town.unit_id,
            owner_id=owner_id,
            kind=kind,
            starts_at=start,
            ends_at=start + timedelta(minutes=MEETING_TYPES[kind].minutes),
            room_id=None if room is None else self.rooms[room],
            general_minutes=MEETING_TYPES[kind].general,
            created_at=at_work(day) - days(7),
            **made,
        )
        return key

    def _person(self, meeting_id: UUID, position: int, party: Party, **values: Any) -> None:
        self.rows.add(
            MeetingPerson,
            id=self.lots.id(),
            meeting_id=meeting_id,
            position=position,
            party=party,
            **values,
        )
