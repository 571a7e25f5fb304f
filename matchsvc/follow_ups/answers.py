"""What is said at a follow-up, what is wrong with it, and how it is kept word for word (PLA-05)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from matchsvc.errors import N_
from matchsvc.follow_ups.models import DevelopmentState
from matchsvc.participants.models import Rung
from matchsvc.placements.careful import mentions_health
from matchsvc.placements.models import AccommodationKind, ActionState, Mood
from matchsvc.placements.workplace_models import AttendanceSaid
from matchsvc.swedish import contains_identity_number

#: Who may be there (PLA-05): the participant, who logs, the workplace's supervisor, others.
PRESENT = ("participant", "logger", "workplace", "interpreter", "other")
#: How the adaptations work as a whole; None when it was not asked.
ADAPTATIONS = ("yes", "partly", "no", "none_needed")
MOST_ACTIONS = 5
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, kw_only=True)
class Need:
    """An adaptation that turned out to be needed: of the shared conditions, in functional words."""

    condition_id: str | None = None
    text: str = ""
    kind: AccommodationKind | None = None


@dataclass(frozen=True, kw_only=True)
class Development:
    """A row of the development plan as the participant proposes it (PLA-06).

    Attributes:
        area: what she wants to develop.
        goal: what she wants to reach.
        own_part: what she does herself.
        unit_part, workplace_part: which support she wants from each.
        review_on: when they look at it again; None: at the next follow-up.
    """

    area: str
    goal: str
    own_part: str | None = None
    unit_part: str | None = None
    workplace_part: str | None = None
    review_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What was said at a follow-up.

    Attributes:
        held_on: the day.
        present: who was there, of PRESENT.
        mood: how the participant says it goes; needed when she was there.
        own_words: hers, as said.
        attendance: since the last one, as agreed, less or more; there is no room for why.
        hours_next: hours a week from now on.
        adaptations_work: one of ADAPTATIONS, where none is written down.
        works: whether each adaptation works, by its id: of ``accommodations.WORKS``.
        needs: new ones.
        support_wanted: what she wants changed in the support.
        is_well_functioning: the logger's word (PLA-03).
        next_goal: one thing on the way to the open labour market.
        development: new rows of the development plan, hers.
        developed: how far each earlier row has come, by its id.
        observed: which competences were seen at work, by their id: observed or confirmed.
        agreed: new promises, one line each, at most MOST_ACTIONS.
        kept: how it went with the promises of last time, by their id.
        next_on: when they meet next.
        participant_agrees: the summary was read together, and she says that it is right.
        keeps_health_words: the writer has seen the hint about health and means it.
    """

    held_on: date
    present: tuple[str, ...] = ()
    mood: Mood | None = None
    own_words: str | None = None
    attendance: AttendanceSaid | None = None
    hours_next: int | None = None
    adaptations_work: str | None = None
    works: Mapping[UUID, str] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    support_wanted: str | None = None
    is_well_functioning: bool | None = None
    next_goal: str | None = None
    development: tuple[Development, ...] = ()
    developed: Mapping[UUID, DevelopmentState] = field(default_factory=dict)
    observed: Mapping[UUID, Rung] = field(default_factory=dict)
    agreed: tuple[str, ...] = ()
    kept: Mapping[UUID, ActionState] = field(default_factory=dict)
    next_on: date | None = None
    participant_agrees: bool | None = None
    keeps_health_words: bool = False


Content = dict[str, Any]
#: Fields whose parts are about things with ids: ``kept.<id>`` is one part.
BY_ID = ("kept", "works", "developed", "observed")
#: What is only ever added: two versions give both.
ADDED = ("needs", "development")


def content_of(answers: Answers) -> Content:
    """The answers as JSON keeps them: one name for everything that can be chosen by itself."""
    told: Content = {
        "held_on": answers.held_on.isoformat(),
        "present": [who for who in PRESENT if who in answers.present],
        "mood": answers.mood,
        "own_words": answers.own_words,
        "attendance": answers.attendance,
        "hours_next": answers.hours_next,
        "adaptations_work": answers.adaptations_work,
        "support_wanted": answers.support_wanted,
        "is_well_functioning": answers.is_well_functioning,
        "next_goal": answers.next_goal,
        "agreed": list(answers.agreed),
        "next_on": answers.next_on.isoformat() if answers.next_on else None,
        "participant_agrees": answers.participant_agrees,
        "needs": [vars(need) for need in answers.needs],
        "development": [
            vars(row) | {"review_on": row.review_on.isoformat() if row.review_on else None}
            for row in answers.development
        ],
    }
    for name in BY_ID:
        told |= {f"{name}.{key}": value for key, value in getattr(answers, name).items()}
    kept = {name: value for name, value in told.items() if value not in (None, "", [])}
    content: Content = json.loads(json.dumps(kept, ensure_ascii=False))
    return content


def answers_of(content: Content) -> Answers:
    """The answers that :func:`content_of` was given; whoever wrote them meant their words."""
    return Answers(
        held_on=date.fromisoformat(content["held_on"]),
        present=tuple(content.get("present", ())),
        mood=_or_none(Mood, content.get("mood")),
        own_words=content.get("own_words"),
        attendance=_or_none(AttendanceSaid, content.get("attendance")),
        hours_next=content.get("hours_next"),
        adaptations_work=content.get("adaptations_work"),
        works=_by_id(content, "works", str),
        needs=tuple(
            Need(**need | {"kind": _or_none(AccommodationKind, need.get("kind"))})
            for need in content.get("needs", ())
        ),
        support_wanted=content.get("support_wanted"),
        is_well_functioning=content.get("is_well_functioning"),
        next_goal=content.get("next_goal"),
        development=tuple(
            Development(**row | {"review_on": _or_none(date.fromisoformat, row.get("review_on"))})
            for row in content.get("development", ())
        ),
        developed=_by_id(content, "developed", DevelopmentState),
        observed=_by_id(content, "observed", Rung),
        agreed=tuple(content.get("agreed", ())),
        kept=_by_id(content, "kept", ActionState),
        next_on=_or_none(date.fromisoformat, content.get("next_on")),
        participant_agrees=content.get("participant_agrees"),
        keeps_health_words=True,
    )


def _or_none(make: Callable[[Any], ValueT], value: Any) -> ValueT | None:
    return None if value is None else make(value)


def _by_id(content: Content, name: str, make: Callable[[Any], ValueT]) -> dict[UUID, ValueT]:
    return {
        UUID(key.removeprefix(f"{name}.")): make(value)
        for key, value in content.items()
        if key.startswith(f"{name}.")
    }


def problems_with(answers: Answers, *, start: date, today: date) -> dict[str, str]:
    """What is missing or not possible, by field.

    Args:
        answers: as they were given.
        start: the placement's first day.
        today: no follow-up is held later.
    """
    found: dict[str, str] = {}
    if answers.held_on > today:
        found["held_on"] = N_("Dagen har inte kommit än.")
    elif answers.held_on < start:
        found["held_on"] = N_("Placeringen hade inte börjat den dagen.")
    if not answers.present:
        found["present"] = N_("Kryssa i vilka som är med.")
    if "participant" not in answers.present:
        found |= _without_her(answers)
    elif answers.mood is None:
        found["mood"] = N_("Fråga deltagaren hur det går, och välj ett ansikte.")
    if len(answers.agreed) > MOST_ACTIONS:
        found["agreed"] = N_("Kom överens om högst fem saker åt gången.")
    if answers.next_on is not None and answers.next_on <= answers.held_on:
        found["next_on"] = N_("Nästa gång ligger före den här. Ändra dagen.")
    if "workplace" not in answers.present and Rung.CONFIRMED in answers.observed.values():
        found["observed"] = N_("Bara den som är med från arbetsplatsen kan bekräfta.")
    return found | _problems_in_words(answers, today=today)


def _without_her(answers: Answers) -> dict[str, str]:
    found = {}
    if answers.development:
        found["area"] = N_("Deltagaren föreslår raden. Skriv den när ni ses.")
    if answers.participant_agrees is not None:
        found["participant_agrees"] = N_("Deltagaren är inte med. Läs upp det när ni ses.")
    return found


def _problems_in_words(answers: Answers, *, today: date) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, text in _words(answers):
        if text and contains_identity_number(text, today=today):
            found[name] = N_("Texten innehåller ett personnummer. Ta bort det.")
        elif mentions_health(text) and not answers.keeps_health_words:
            found[name] = N_(
                "Det ser ut att handla om hälsa. Skriv om vad som behövs på arbetsplatsen "
                "i stället, eller kryssa i att texten ska stå kvar."
            )
    return found


def _words(answers: Answers) -> Iterator[tuple[str, str | None]]:
    yield "own_words", answers.own_words
    yield "support_wanted", answers.support_wanted
    yield "next_goal", answers.next_goal
    yield "agreed", " / ".join(answers.agreed)
    for need in answers.needs:
        yield "need_text", need.text
    for row in answers.development:
        for name in ("area", "goal", "own_part", "unit_part", "workplace_part"):
            yield name, getattr(row, name)


def hours_choices(hours_now: int | None, hours_goal: int | None, *, full_week: int) -> list[int]:
    """Hours a week to choose from with one tap: keep, a little more, more; never past the goal.

    Args:
        hours_now: a week; None when nobody has said.
        hours_goal: a week; None when nobody has said.
        full_week: what is full time in the unit.
    """
    if hours_now is None:
        return []
    most = min(full_week, hours_goal or full_week)
    steps = (hours_now, min(hours_now + 3, most), min(hours_now + 5, most))
    return sorted({step for step in steps if step >= hours_now})
