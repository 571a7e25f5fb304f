"""What follow-ups have led to: attendance, reviews, rows of development, something that happened.

It draws from lots of its own, so that the rest of the town stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from matchsvc.demo.lots import Lots, at_work, days, words
from matchsvc.demo.people import Person
from matchsvc.demo.rows import Rows
from matchsvc.demo.workplaces import Town
from matchsvc.follow_ups.answers import Answers, content_of
from matchsvc.follow_ups.models import (
    DevelopmentRow,
    DevelopmentState,
    FollowUpVersion,
    Standing,
)
from matchsvc.placements.disturbance_models import Disturbance, DisturbanceKind
from matchsvc.placements.models import AccommodationReview, Mood
from matchsvc.placements.workplace_models import AttendanceSaid

Held = dict[str, Any]


class Followed:
    """Adds to the follow-ups of a placement what they say and what came of them.

    Args:
        rows: where it is saved.
        town: what has been made before.
    """

    def __init__(self, rows: Rows, town: Town) -> None:
        self.rows, self.town = rows, town
        self.has_beside = False

    def say(self, person: Person, row: Held, next_due: date | None, *, is_latest: bool) -> None:
        """Fill in what stands on a follow-up beside what it has always said."""
        lots = Lots(self.town.seed, "followed", row["id"])
        is_hard = row["mood"] is Mood.HARD
        row["attendance"] = AttendanceSaid.LESS if is_hard else AttendanceSaid.AS_AGREED
        row["next_on"] = next_due
        row["participant_agrees"] = True
        if not is_latest or lots.chance(60):
            row["completed_at"] = row["logged_at"]
            row["completed_by_id"] = person.worker_id

    def lead_on(self, person: Person, key: UUID, held: Sequence[Held], *, is_over: bool) -> None:
        """Rows of the development plan, and for some something that happened."""
        if not held:
            return
        lots, latest = Lots(self.town.seed, "led on", key), held[-1]
        if lots.chance(50) or person.life.story:
            self._develop(lots, key, held, is_over=is_over)
        if latest["mood"] is Mood.HARD and not is_over:
            self._happen(person, lots, key, latest)
        if not self.has_beside and not is_over and not person.life.is_protected:
            self.has_beside = True
            self._write_beside(person, lots, latest)

    def review(self, key: UUID, works: str | None, held: Sequence[Held]) -> None:
        """What was said of an adaptation at each follow-up; the last word stands."""
        lots = Lots(self.town.seed, "reviewed", key)
        for number, row in enumerate(held, start=1):
            self.rows.add(
                AccommodationReview,
                id=lots.id(),
                accommodation_id=key,
                follow_up_id=row["id"],
                works=works if number == len(held) else lots.choice(["partly", "partly", "no"]),
                reviewed_on=row["held_on"],
                by_id=row["logged_by_id"],
                created_at=row["logged_at"],
            )

    def _develop(self, lots: Lots, key: UUID, held: Sequence[Held], *, is_over: bool) -> None:
        area, goal, own, unit, workplace = lots.choice(words("sentences")["development"])
        is_reached = is_over or lots.chance(30)
        self.rows.add(
            DevelopmentRow,
            id=lots.id(),
            placement_id=key,
            follow_up_id=held[0]["id"],
            proposed_on=held[0]["held_on"],
            area=area,
            goal=goal,
            own_part=own,
            unit_part=unit,
            workplace_part=workplace,
            review_on=held[-1]["next_on"],
            state=DevelopmentState.REACHED if is_reached else DevelopmentState.ONGOING,
            state_on=held[-1]["held_on"] if is_reached else None,
            written_by_id=held[0]["logged_by_id"],
            created_at=held[0]["logged_at"],
        )

    def _happen(self, person: Person, lots: Lots, key: UUID, latest: Held) -> None:
        kind, what_is_done = lots.choice(words("sentences")["happened"])
        self.rows.add(
            Disturbance,
            id=lots.id(),
            placement_id=key,
            kind=DisturbanceKind(kind),
            happened_on=latest["held_on"],
            owner_id=person.worker_id,
            noted_by_id=latest["logged_by_id"],
            what_is_done=what_is_done,
            due_on=self.town.today + days(3),
            created_at=latest["logged_at"],
        )

    def _write_beside(self, person: Person, lots: Lots, latest: Held) -> None:
        """Two wrote the same follow-up; nobody has compared them yet."""
        said = words("sentences")["beside"]
        answers = Answers(
            held_on=latest["held_on"],
            present=("participant", "logger"),
            mood=Mood.GOOD,
            own_words=said["own_words"],
            hours_next=latest["hours_next"],
            attendance=latest["attendance"],
            is_well_functioning=True,
            next_goal=said["next_goal"],
            next_on=latest["next_on"],
        )
        self.rows.add(
            FollowUpVersion,
            id=lots.id(),
            follow_up_id=latest["id"],
            submission_id=lots.id(),
            saved_at=min(at_work(latest["held_on"]) + timedelta(hours=3), self.rows.now),
            saved_by_id=person.worker_id,
            content=json.dumps(content_of(answers), ensure_ascii=False),
            standing=Standing.BESIDE,
        )
