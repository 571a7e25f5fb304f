"""Placements and jobs of the town, and the facts that they leave behind for the reports."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from matchsvc.accounts.settings_list import REGISTRY
from matchsvc.demo.following import Following
from matchsvc.demo.lots import days, words
from matchsvc.demo.people import Person, add_step, record
from matchsvc.demo.rows import Rows
from matchsvc.demo.stories import Job, Stay
from matchsvc.demo.workplaces import Place, Town
from matchsvc.employers.models import EmployerType
from matchsvc.employments.lasting import MONTHS
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.participants.models import Capacity, Involvement, Step
from matchsvc.placements.employments import event_kind
from matchsvc.placements.models import (
    DecisionAuthority,
    Employment,
    EmploymentKind,
    Outcome,
    Placement,
)
from matchsvc.swedish import last_day_of_period

_AUTHORITY = {
    "work_training": DecisionAuthority.AF,
    "work_practice": DecisionAuthority.AF,
    "enhanced_work_training": DecisionAuthority.AF,
    "sol_practice": DecisionAuthority.SOCIAL_BOARD,
    "taster": DecisionAuthority.NONE,
}
_SUBSIDY = {
    EmploymentKind.SUBSIDISED: ("Introduktionsjobb", "Nystartsjobb", "Lönebidrag"),
    EmploymentKind.RESOURCE: ("Lönebidrag för utveckling", "Introduktionsjobb"),
}
_SUPERVISOR_KEEPS = timedelta(days=int(REGISTRY["supervisor_keeps_days"].default))
_TASTER = timedelta(days=27)


class Periods:
    """Makes what has happened to people at workplaces.

    Args:
        rows: where it is saved.
        town: what has been made before.
    """

    def __init__(self, rows: Rows, town: Town) -> None:
        self.rows, self.town = rows, town
        self.following = Following(rows, town)
        self.own = [place for place in town.places if place.type is EmployerType.OWN_UNIT]

    def build(self, person: Person) -> None:
        """All placements and jobs of one person."""
        made: list[tuple[UUID, Place]] = []
        until: dict[tuple[UUID, Capacity], date | None] = {}
        for number, stay in enumerate(person.story.stays):
            made.append(self._placement(person, number, stay, until))
        for number, job in enumerate(person.story.jobs):
            self._employment(person, number, job, made)
            if job.kind is EmploymentKind.RESOURCE and job.end is None and self.own:
                staff = self.town.staff
                until.setdefault((staff.supervisors[0], Capacity.SUPERVISOR), job.planned_end)
                until[staff.practical, Capacity.PRACTICAL_SUPERVISOR] = job.planned_end
        for (user_id, capacity), last in until.items():
            self.rows.add(
                Involvement,
                id=person.lots.id(),
                participant_id=person.id,
                user_id=user_id,
                capacity=capacity,
                until=last,
            )

    def _placement(
        self,
        person: Person,
        number: int,
        stay: Stay,
        until: dict[tuple[UUID, Capacity], date | None],
    ) -> tuple[UUID, Place]:
        lots, key = person.lots, person.lots.id()
        is_last = stay is person.story.stays[-1] and stay.end is None
        opening = person.opening if is_last else None
        place = opening.place if opening else self._place(person, is_last=is_last)
        form = self._form(person, stay, opening.forms if opening else None, is_last=is_last)
        supervisor_id = self._supervisor(person, place)
        hours = person.life.story.get("hours") or [lots.choice([10, 12, 15, 20]), 30]
        values: dict[str, Any] = self._decision(person, form, stay)
        self.rows.add(
            Placement,
            id=key,
            unit_id=self.town.unit_id,
            external_id=f"P-{person.life.number}-{number + 1}",
            participant_id=person.id,
            case_id=person.case_id,
            site_id=place.id,
            offer_id=opening.id if opening else None,
            proposal_id=person.proposal_id if opening else None,
            form=form,
            start_date=stay.start,
            begun_on=stay.start if stay.start <= self.town.today else None,
            planned_end_date=stay.planned_end,
            end_date=stay.end,
            outcome=stay.outcome,
            purpose=person.life.story.get("purpose") or lots.choice(words("sentences")["purposes"]),
            hours_start=hours[0],
            hours_goal=hours[1],
            supervisor_id=supervisor_id,
            case_worker_id=person.worker_id,
            liaison_id=place.owner_id,
            contact_id=place.contact_id,
            agreement_id=place.agreement_id,
            is_history=stay.is_history,
            **values,
        )
        add_step(
            self.rows,
            person,
            Step.WORK_TRAINING,
            stay.start,
            end=stay.end,
            planned_end=stay.planned_end,
            source_id=key,
            label=place.name,
        )
        self._involve(stay, place, supervisor_id, until)
        self._record(person, key, place, form, stay)
        if not stay.is_history:
            self.following.build(person, key, place, stay, form, supervisor_id)
        return key, place

    def _place(self, person: Person, *, is_last: bool) -> Place:
        told = person.life.story.get("site") if is_last else None
        if told in self.town.by_key:
            return self.town.by_key[told]
        places = self.town.by_sector[person.sector["id"]] or self.town.places
        ours = [place for place in places if place.is_ours]
        if ours and person.lots.chance(45):
            return person.lots.choice(ours)
        return person.lots.choice(places)

    def _form(
        self, person: Person, stay: Stay, accepted: list[str] | None, *, is_last: bool
    ) -> str:
        if is_last and "form" in person.life.story:
            return str(person.life.story["form"])
        if accepted is not None:
            fitting = [form for form in accepted if form not in {"taster", "work_practice"}]
            return fitting[0] if fitting else accepted[0]
        length = stay.planned_end - stay.start
        if length <= _TASTER and person.lots.chance(60):
            return "taster"
        return person.lots.choice(
            ["work_training"] * 6 + ["sol_practice"] * 3 + ["enhanced_work_training"]
        )

    def _decision(self, person: Person, form: str, stay: Stay) -> dict[str, Any]:
        authority = _AUTHORITY[form]
        if authority is DecisionAuthority.NONE:
            return {"decision_authority": authority}
        prefix = "AF" if authority is DecisionAuthority.AF else "SN"
        return {
            "decision_authority": authority,
            "decision_ref": f"{prefix}-{stay.start.year}-{person.lots.randint(1000, 9999)}",
            "decision_from": stay.start,
            "decision_to": max(stay.planned_end, stay.end or stay.planned_end),
        }

    def _supervisor(self, person: Person, place: Place) -> UUID | None:
        """The unit's own supervisor at the municipality's workplaces; elsewhere theirs."""
        if not place.is_ours and "supervisor" not in person.life.story:
            return None
        supervisors = self.town.staff.supervisors
        told = person.life.story.get("supervisor")
        return supervisors[told] if told is not None else person.lots.choice(supervisors)

    def _involve(
        self,
        stay: Stay,
        place: Place,
        supervisor_id: UUID | None,
        until: dict[tuple[UUID, Capacity], date | None],
    ) -> None:
        last = None if stay.end is None else stay.end + _SUPERVISOR_KEEPS
        if supervisor_id is not None:
            until[supervisor_id, Capacity.SUPERVISOR] = last
        if place.type is EmployerType.OWN_UNIT and stay.end is None:
            until[self.town.staff.practical, Capacity.PRACTICAL_SUPERVISOR] = stay.planned_end

    def _record(self, person: Person, key: UUID, place: Place, form: str, stay: Stay) -> None:
        if stay.start <= self.town.today:
            self._event(person, OutcomeKind.PLACEMENT_STARTED, key, stay.start, place, form)
        if stay.end is not None and stay.outcome is not None:
            kind, outcome = OutcomeKind.PLACEMENT_ENDED, stay.outcome.value
            self._event(person, kind, key, stay.end, place, outcome)

    def _event(
        self, person: Person, kind: OutcomeKind, key: UUID, on: date, place: Place, detail: str
    ) -> None:
        record(
            self.rows,
            person,
            kind,
            key,
            on,
            agreement=place.agreement,
            place=place,
            detail=detail,
        )

    def _employment(
        self, person: Person, number: int, job: Job, made: list[tuple[UUID, Place]]
    ) -> None:
        lots, key = person.lots, person.lots.id()
        placement_id, place = made[job.after] if job.after is not None else (None, None)
        if told := person.life.story.get("job"):
            place = self.town.by_key.get(told["site"])
        if job.kind is EmploymentKind.RESOURCE or place is None:
            place = lots.choice(self.own or self.town.places)
        subsidy = _SUBSIDY.get(job.kind)
        self.rows.add(
            Employment,
            id=key,
            unit_id=self.town.unit_id,
            external_id=f"J-{person.life.number}-{number + 1}",
            participant_id=person.id,
            case_id=person.case_id,
            site_id=place.id,
            placement_id=placement_id,
            kind=job.kind,
            start_date=job.start,
            planned_end_date=job.planned_end,
            end_date=job.end,
            outcome=Outcome.COMPLETED if job.end else None,
            hours=job.hours,
            subsidy=lots.choice(subsidy) if subsidy else None,
            subsidy_ref=f"AF-{job.start.year}-{lots.randint(1000, 9999)}" if subsidy else None,
            case_worker_id=person.worker_id,
            agreement_id=place.agreement_id,
            is_history=job.start < self.town.today - days(365),
        )
        end = job.end or person.story.ended
        add_step(
            self.rows,
            person,
            Step.WORK,
            job.start,
            end=end,
            planned_end=job.planned_end,
            source_id=key,
            label=place.name,
        )
        self._event(person, event_kind(job.kind), key, job.start, place, job.kind.value)
        for kind, months in MONTHS.items():
            day = last_day_of_period(job.start, months)
            lasted = job.kind is not EmploymentKind.RESOURCE and (job.end is None or job.end >= day)
            if lasted and day <= self.town.today:
                self._event(person, kind, key, day, place, job.kind.value)
