"""What belongs to a placement: checklist, support package, follow-ups, adaptations, survey."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from matchsvc.accounts.settings_list import REGISTRY
from matchsvc.demo.followed import Followed
from matchsvc.demo.lots import at_work, days, words
from matchsvc.demo.people import Person
from matchsvc.demo.rows import Rows
from matchsvc.demo.stories import Stay
from matchsvc.demo.workplaces import Place, Town
from matchsvc.messages.models import LinkKind, SignedLink
from matchsvc.placements.calendar import follow_up_due_dates, package_due_dates
from matchsvc.placements.checklist import CHECKLIST, PREPARATION
from matchsvc.placements.models import (
    Accommodation,
    AccommodationKind,
    AccommodationOwner,
    ActionState,
    AgreedAction,
    ChecklistItem,
    FollowUp,
    Mood,
    Outcome,
    PackagePart,
    Part,
    ParticipantSurvey,
    ParticipantSurveyAnswer,
    PartState,
    Survey,
    SurveyAnswer,
)
from matchsvc.placements.participant_questions import PARTICIPANT_SURVEY
from matchsvc.placements.questionnaire import EMPLOYER_SURVEY
from matchsvc.placements.survey_sending import PURPOSE
from matchsvc.secrecy import hash_token
from matchsvc.swedish import working_day_on_or_before

_ENDED = {
    Outcome.COMPLETED: "as_planned",
    Outcome.BECAME_JOB: "became_job",
    Outcome.ENDED_BY_EMPLOYER: "early_by_us",
    Outcome.ENDED_BY_PARTICIPANT: "early_by_participant",
    Outcome.OTHER: "other",
}
_SCALES = ("E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9")
#: A follow-up that is late is late by days, not by months.
_LATE = timedelta(days=10)
_ANSWER_DAYS = int(REGISTRY["survey_answer_days"].default)


class Following:
    """Makes what is kept about a placement while it is prepared, runs and ends.

    Args:
        rows: where it is saved.
        town: what has been made before.
    """

    def __init__(self, rows: Rows, town: Town) -> None:
        self.rows, self.town = rows, town
        self.followed = Followed(rows, town)

    def build(
        self,
        person: Person,
        key: UUID,
        place: Place,
        stay: Stay,
        form: str,
        supervisor_id: UUID | None,
    ) -> None:
        """Everything about one placement."""
        del form
        self._checklist(person, key, stay)
        is_answered = self._survey(person, key, place, stay)
        self._package(person, key, place, stay, is_answered=is_answered)
        held = self._follow_ups(person, key, stay, supervisor_id or person.worker_id)
        self._accommodations(person, key, stay, held)
        self.followed.lead_on(person, key, held, is_over=stay.end is not None)

    def _checklist(self, person: Person, key: UUID, stay: Stay) -> None:
        lots, today = person.lots, self.town.today
        has_begun = stay.start <= today
        ready = len(CHECKLIST) if has_begun else lots.randint(2, len(CHECKLIST) - 1)
        ready = person.life.story.get("checklist", ready)
        done_on = working_day_on_or_before(min(stay.start, today) - days(1))
        for position, code in enumerate(CHECKLIST):
            is_done = position < ready
            self.rows.add(
                ChecklistItem,
                id=lots.id(),
                placement_id=key,
                code=code,
                position=position,
                done_on=done_on if is_done else None,
                done_by_id=person.worker_id if is_done else None,
                participant_done_on=done_on if is_done and code in PREPARATION else None,
            )

    def _package(
        self, person: Person, key: UUID, place: Place, stay: Stay, *, is_answered: bool
    ) -> None:
        lots, today, said = person.lots, self.town.today, words("sentences")["package"]
        planned_on = min(today, stay.start - days(14))
        due = package_due_dates(stay.start, stay.planned_end, today=planned_on)
        for position, part in enumerate(Part):
            day = due[part]
            state = PartState.PLANNED
            if part is Part.END_SURVEY:
                state = PartState.DONE if is_answered else state
            elif stay.start <= today:
                state = PartState.DECLINED if lots.chance(6) else PartState.DONE
            elif lots.chance(50):
                state = PartState.DONE
            happened = None
            if state is not PartState.PLANNED:
                happened = min(day or today, today)
            evidence = said["declined"] if state is PartState.DECLINED else said[part.value]
            self.rows.add(
                PackagePart,
                id=lots.id(),
                placement_id=key,
                part=part,
                position=position,
                state=state,
                due_on=day,
                happened_on=happened,
                evidence=None if happened is None else evidence,
                by_id=None if happened is None else place.owner_id,
                said=[],  # the day it happened is the day it was known
            )

    def _follow_ups(
        self, person: Person, key: UUID, stay: Stay, logger_id: UUID
    ) -> list[dict[str, Any]]:
        lots, today = person.lots, self.town.today
        dues = follow_up_due_dates(stay.start, stay.planned_end)
        hours = lots.choice([12, 15, 18])
        held = [due for due in dues if due <= (stay.end or today - days(1))]
        if stay.end is None and held and today - held[-1] <= _LATE:
            told = person.life.story
            if told.get("is_late") or (not told and lots.chance(60)):
                held.pop()
        said: list[dict[str, Any]] = []
        for number, due in enumerate(dues, start=1):
            row: dict[str, Any] = {
                "id": lots.id(),
                "placement_id": key,
                "number": number,
                "due_on": due,
                "present": [],
            }
            if number <= len(held):
                on = min(due + days(lots.choice([0, 0, 0, 1, -1])), stay.end or today, today)
                hours = min(hours + 2, 30)
                self._held(person, row, max(on, stay.start), hours, logger_id)
                coming = dues[number] if number < len(dues) else None
                self.followed.say(person, row, coming, is_latest=number == len(held))
                said.append(row)
            elif stay.end is not None:
                row["cancelled_on"] = stay.end
            self.rows.add(FollowUp, **row)
            if number <= len(held):
                self._actions(person, row["id"], is_latest=number == len(held))
        return said

    def _held(
        self, person: Person, row: dict[str, Any], on: date, hours: int, logger_id: UUID
    ) -> None:
        lots, said = person.lots, words("sentences")
        mood = lots.choice([Mood.GOOD, Mood.GOOD, Mood.GOOD, Mood.SO_SO, Mood.SO_SO, Mood.HARD])
        row |= {
            "held_on": on,
            "logged_at": min(at_work(on), self.rows.now),
            "logged_by_id": logger_id,
            "submission_id": lots.id(),
            "present": ["participant", "logger", "workplace"],
            "mood": mood,
            "own_words": lots.choice(said["own_words"][mood.value]),
            "hours_next": hours,
            "adaptations_work": lots.choice(["yes", "yes", "partly", "none_needed"]),
            "support_wanted": lots.choice(said["support"]) if lots.chance(25) else None,
            "is_well_functioning": mood is Mood.GOOD,
            "next_goal": lots.choice(said["goals"]),
        }

    def _actions(self, person: Person, follow_up_id: UUID, *, is_latest: bool) -> None:
        lots = person.lots
        states = [ActionState.DONE, ActionState.DONE, ActionState.PARTLY, ActionState.NOT_YET]
        for position, text in enumerate(lots.some(words("sentences")["actions"], 1, 2)):
            self.rows.add(
                AgreedAction,
                id=lots.id(),
                follow_up_id=follow_up_id,
                position=position,
                text=text,
                state=ActionState.OPEN if is_latest else lots.choice(states),
            )

    def _accommodations(
        self, person: Person, key: UUID, stay: Stay, held: Sequence[dict[str, Any]]
    ) -> None:
        lots = person.lots
        least = 2 if person.life.story else 0
        for line in lots.some(words("sentences")["accommodations"], least, 2):
            begun, accommodation_id = stay.start <= self.town.today, lots.id()
            works = lots.choice(["yes", "yes", "partly"]) if begun else None
            self.rows.add(
                Accommodation,
                id=accommodation_id,
                placement_id=key,
                condition_id=line["condition"],
                kind=AccommodationKind(line["kind"]),
                responsible=AccommodationOwner(line["responsible"]),
                text=line["text"],
                due_on=stay.start,
                works=works,
                is_shared=lots.chance(70),
                created_at=at_work(min(stay.start, self.town.today), 9),
            )
            self.followed.review(accommodation_id, works, held)

    def _survey(self, person: Person, key: UUID, place: Place, stay: Stay) -> bool:
        """What the employer answered, if the placement has ended; whether it did.

        Nothing about a protected participant travels by mail.
        """
        if stay.end is None or person.life.is_protected:
            return False
        lots = person.lots
        sent = min(stay.end + days(1), self.town.today)
        is_answered = sent + days(_ANSWER_DAYS) > self.town.today or lots.chance(60)
        answered_at = None
        if is_answered:
            answered_at = min(at_work(sent + days(lots.randint(0, 6))), self.rows.now)
        survey_id, link_id = lots.id(), lots.id()
        self.rows.add(
            SignedLink,
            id=link_id,
            token_hash=hash_token(str(lots.id())),
            kind=LinkKind.ANSWER,
            purpose=PURPOSE,
            subject_id=survey_id,
            unit_id=self.town.unit_id,
            expires_at=at_work(sent) + days(_ANSWER_DAYS),
            answered_at=answered_at,
            created_at=at_work(sent),
        )
        self.rows.add(
            Survey,
            id=survey_id,
            placement_id=key,
            unit_id=self.town.unit_id,
            contact_id=place.contact_id,
            link_id=link_id,
            questionnaire=EMPLOYER_SURVEY,
            sent_on=sent,
            started_at=answered_at - timedelta(minutes=lots.randint(2, 5)) if answered_at else None,
            completed_at=answered_at,
            created_at=at_work(sent),
        )
        if is_answered:
            self._answers(person, survey_id, stay.outcome or Outcome.OTHER)
        self._own_survey(person, key, sent)
        return is_answered

    def _own_survey(self, person: Person, key: UUID, offered: date) -> None:
        """What the participant answered to somebody independent, more often than not."""
        lots = person.lots
        survey_id, is_answered = lots.id(), offered < self.town.today and lots.chance(60)
        answered_at = min(at_work(offered + days(3)), self.rows.now) if is_answered else None
        self.rows.add(
            ParticipantSurvey,
            id=survey_id,
            placement_id=key,
            unit_id=self.town.unit_id,
            questionnaire=PARTICIPANT_SURVEY,
            offered_on=offered,
            started_at=answered_at,
            completed_at=answered_at,
            channel="assisted" if is_answered else None,
            language="sv" if is_answered else None,
            created_at=at_work(offered),
        )
        if answered_at is None:
            return
        chosen = {f"P{n}": lots.choice(["3", "4", "4", "5", "unknown"]) for n in range(1, 9)}
        chosen["P9"] = lots.choice(["much", "little", "little", "same"])
        for question, value in chosen.items():
            self.rows.add(
                ParticipantSurveyAnswer,
                survey_id=survey_id,
                question=question,
                values=[value],
                saved_at=answered_at,
            )

    def _answers(self, person: Person, survey_id: UUID, outcome: Outcome) -> None:
        lots = person.lots
        failed = outcome in {Outcome.ENDED_BY_EMPLOYER, Outcome.ENDED_BY_PARTICIPANT}
        scale = ["2", "3", "3", "4"] if failed else ["3", "4", "4", "5", "5", "unknown"]
        values: dict[str, list[str]] = {"E1": [_ENDED[outcome]]}
        values |= {question: [lots.choice(scale)] for question in _SCALES}
        values["E10"] = [lots.choice(["unsure", "probably"] if failed else ["yes", "probably"])]
        values["E11"] = lots.some(["information", "supervisor_support", "language_support"], 0, 2)
        for question, chosen in values.items():
            if chosen:
                self.rows.add(SurveyAnswer, survey_id=survey_id, question=question, values=chosen)
        if lots.chance(30):
            text = lots.choice(words("sentences")["survey"])
            self.rows.add(SurveyAnswer, survey_id=survey_id, question="E12", values=[], text=text)
