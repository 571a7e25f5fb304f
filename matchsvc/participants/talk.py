"""The competence talk: where two people are in it, what is talked about, and its hour (MAP-01).

What was said is kept by competences.py; here is only how far they have come, so that they can stop
at any question and go on another day. Suggestions that were turned down stay away for the rest of
the day; whether somebody else did it is not kept: it would be about somebody else.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.errors import N_, Conflict, Invalid
from matchsvc.participants.competences import HELD_TYPES, require_concept
from matchsvc.participants.guide import Area, Guide, load_guide
from matchsvc.participants.models import (
    CompetenceTalk,
    LearnedWhere,
    Participant,
    TalkView,
)
from matchsvc.participants.own import get_own
from matchsvc.vocabulary.models import ConceptType

#: A talk is never longer than an hour (S4 Kartläggning).
LONGEST_MINUTES = 60
#: Silence that counts as a pause, for those who leave the page open.
_LONGEST_SILENCE = timedelta(minutes=15)
_MOST_DISMISSED = 300
#: Areas of life, as against papers: when all are asked about, informal competence is (MAP-07).
LIFE = frozenset(
    {
        LearnedWhere.UNPAID_HOME,
        LearnedWhere.CARE,
        LearnedWhere.ASSOCIATION,
        LearnedWhere.OWN_BUSINESS,
        LearnedWhere.HOBBY,
    }
)
SUGGESTED_TYPES = (*HELD_TYPES, ConceptType.LANGUAGE)


class AreaStatus(enum.StrEnum):
    """What has become of an area."""

    OPEN = "open"  # not talked about yet
    BEGUN = "begun"
    DONE = "done"
    SKIPPED = "skipped"


class Move(enum.StrEnum):
    """Where to go in the talk."""

    NEXT = "next"
    PREVIOUS = "previous"
    SKIP = "skip"  # the area
    GO = "go"  # to an area
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Place:
    """Where they are.

    Attributes:
        area: the area.
        at: index of the question in it.
        version: of the talk; 0 before the first step.
        statuses: of every area, by id.
        minutes: of this day's sitting.
        is_paused: whether the clock stands still.
        dismissed: concepts that are not proposed again today.
        language, view: as chosen, or None.
    """

    area: Area
    at: int
    version: int
    statuses: dict[str, AreaStatus]
    minutes: int
    is_paused: bool
    dismissed: frozenset[str]
    language: str | None
    view: TalkView | None

    @property
    def done(self) -> int:
        """How many areas were talked about."""
        return sum(status is AreaStatus.DONE for status in self.statuses.values())

    @property
    def skipped(self) -> int:
        """How many areas were skipped."""
        return sum(status is AreaStatus.SKIPPED for status in self.statuses.values())

    @property
    def is_last_question(self) -> bool:
        """Whether the area ends here."""
        return self.at + 1 >= len(self.area.questions)

    @property
    def next_area(self) -> str | None:
        """The area that follows this one; None when all others are done or skipped."""
        return _area_after(self.area.id, self.statuses)


def find_talk(session: Session, participant_id: UUID) -> CompetenceTalk | None:
    """The talk of a participant whom the caller may see; None before it has begun."""
    return session.scalar(
        select(CompetenceTalk).where(CompetenceTalk.participant_id == participant_id)
    )


def place_of(talk: CompetenceTalk | None, *, today: date, now: datetime) -> Place:
    """Where they are; at the first question before anything was said."""
    guide = load_guide()
    kept = talk.areas if talk is not None else {}
    statuses = {
        area_id: AreaStatus(kept[area_id]["status"]) if area_id in kept else AreaStatus.OPEN
        for area_id in guide.areas
    }
    # An area that the files no longer have is as if it had not been talked about.
    known = talk is not None and talk.area in guide.areas
    area = (
        guide.areas[talk.area] if talk is not None and known else next(iter(guide.areas.values()))
    )
    is_today = talk is not None and talk.held_on == today
    return Place(
        area=area,
        at=min(int(kept.get(area.id, {}).get("at", 0)), len(area.questions) - 1),
        version=talk.version if talk is not None else 0,
        statuses=statuses,
        minutes=_minutes(talk, now) if talk is not None and is_today else 0,
        is_paused=talk is None or talk.active_at is None or not is_today,
        dismissed=frozenset(talk.dismissed) if talk is not None and is_today else frozenset(),
        language=talk.language if talk is not None else None,
        view=talk.view if talk is not None else None,
    )


def move(
    session: Session,
    actor: Actor,
    key: UUID | str,
    to: Move,
    *,
    now: datetime,
    today: date,
    area_id: str | None = None,
    version: int | None = None,
) -> CompetenceTalk:
    """Go to another question or area, or pause; where they are is saved with every step.

    After the last question of an area it is done, and the next one not yet talked about follows.

    Args:
        session: a writing transaction.
        actor: one of her own workers.
        key: the participant.
        to: where.
        now: the instant, for the hour.
        today: the day of the sitting.
        area_id: for GO.
        version: as shown on the page; 0 before the first step; None when not known.

    Raises:
        Refused: not her own worker.
        Invalid: an unknown area.
        Conflict: somebody else took a step since the page was shown.
    """
    participant = get_own(session, actor, key, today=today)
    talk = _opened(session, participant, today=today, now=now, version=version)
    place = place_of(talk, today=today, now=now)
    if to is Move.GO:
        if area_id not in place.statuses:
            raise Invalid({"area": N_("Välj ett område i listan.")})
        talk.area = area_id
    elif to is Move.NEXT:
        _go_on(talk, place)
    elif to is Move.PREVIOUS:
        _keep(talk, place.area.id, max(place.at - 1, 0), AreaStatus.BEGUN)
    elif to is Move.SKIP:
        _leave(talk, place, AreaStatus.SKIPPED)
    else:
        talk.active_at = None
    _note_what_was_asked(participant, talk, today)
    session.flush()
    audit.record(
        session, actor, "change", "competence_talk", talk.id, subjects=[participant.id], fields=[to]
    )
    return talk


def note_said(
    session: Session, actor: Actor, key: UUID | str, *, now: datetime, today: date
) -> CompetenceTalk:
    """Note that something was said here: the clock goes on and the area has begun.

    Raises:
        Refused: not her own worker.
    """
    participant = get_own(session, actor, key, today=today)
    talk = _opened(session, participant, today=today, now=now, version=None)
    place = place_of(talk, today=today, now=now)
    if place.statuses[place.area.id] in {AreaStatus.OPEN, AreaStatus.SKIPPED}:
        _keep(talk, place.area.id, place.at, AreaStatus.BEGUN)
    session.flush()
    return talk


def dismiss(
    session: Session, actor: Actor, key: UUID | str, concept_id: str, *, now: datetime, today: date
) -> CompetenceTalk:
    """Do not propose a concept again today: it is not hers, or others did it.

    Raises:
        Refused: not her own worker.
        Invalid: an unknown concept.
    """
    require_concept(session, concept_id, SUGGESTED_TYPES)
    talk = note_said(session, actor, key, now=now, today=today)
    if concept_id not in talk.dismissed:
        talk.dismissed = [*talk.dismissed, concept_id][-_MOST_DISMISSED:]
    session.flush()
    return talk


def propose_again(
    session: Session, actor: Actor, key: UUID | str, *, now: datetime, today: date
) -> CompetenceTalk:
    """Forget what was turned down today, for example after a slip of the finger.

    Raises:
        Refused: not her own worker.
    """
    talk = note_said(session, actor, key, now=now, today=today)
    talk.dismissed = []
    session.flush()
    return talk


def choose_view(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    now: datetime,
    today: date,
    view: TalkView | None = None,
    language: str | None = None,
) -> CompetenceTalk:
    """Choose which languages the questions are shown in; kept for the next time.

    Raises:
        Refused: not her own worker.
        Invalid: the guide does not have the language.
    """
    participant = get_own(session, actor, key, today=today)
    if language is not None and language not in load_guide().languages:
        raise Invalid({"language": N_("Välj ett språk i listan.")})
    talk = _opened(session, participant, today=today, now=now, version=None)
    if language is not None:
        talk.language, talk.view = language, TalkView.BOTH
    if view is not None:
        talk.view = view
    session.flush()
    return talk


def _opened(
    session: Session, participant: Participant, *, today: date, now: datetime, version: int | None
) -> CompetenceTalk:
    """The talk with its clock going; a new day is a new sitting. Her row is locked already."""
    talk = find_talk(session, participant.id)
    if version is not None and version != (talk.version if talk is not None else 0):
        raise Conflict
    if talk is None:
        talk = CompetenceTalk(
            participant_id=participant.id,
            area=next(iter(load_guide().areas)),
            areas={},
            dismissed=[],
            held_on=today,
            seconds=0,
        )
        session.add(talk)
    elif talk.held_on != today:
        talk.held_on, talk.seconds, talk.active_at, talk.dismissed = today, 0, None, []
    if talk.active_at is not None:
        talk.seconds += _since(talk.active_at, now)
    talk.active_at = now
    return talk


def _since(then: datetime, now: datetime) -> int:
    """Seconds, of a long silence only so many as may have been talk."""
    return int(max(min(now - then, _LONGEST_SILENCE), timedelta(0)).total_seconds())


def _minutes(talk: CompetenceTalk, now: datetime) -> int:
    running = _since(talk.active_at, now) if talk.active_at is not None else 0
    return (talk.seconds + running) // 60


def _go_on(talk: CompetenceTalk, place: Place) -> None:
    if place.is_last_question:
        _leave(talk, place, AreaStatus.DONE)
    else:
        _keep(talk, place.area.id, place.at + 1, AreaStatus.BEGUN)


def _leave(talk: CompetenceTalk, place: Place, status: AreaStatus) -> None:
    _keep(talk, place.area.id, 0 if status is AreaStatus.DONE else place.at, status)
    talk.area = place.next_area or talk.area


def _keep(talk: CompetenceTalk, area_id: str, at: int, status: AreaStatus) -> None:
    if status is AreaStatus.BEGUN and talk.areas.get(area_id, {}).get("status") == AreaStatus.DONE:
        status = AreaStatus.DONE  # going back into it does not undo it
    talk.areas = talk.areas | {area_id: {"at": at, "status": status.value}}


def _area_after(area_id: str, statuses: dict[str, AreaStatus]) -> str | None:
    order = list(statuses)
    start = order.index(area_id) + 1
    for candidate in (*order[start:], *order[: start - 1]):
        if statuses[candidate] in {AreaStatus.OPEN, AreaStatus.BEGUN}:
            return candidate
    return None


def _note_what_was_asked(participant: Participant, talk: CompetenceTalk, today: date) -> None:
    """When every area of life was offered and one at least talked through (MAP-07)."""
    guide: Guide = load_guide()
    statuses = [
        talk.areas.get(area.id, {}).get("status")
        for area in guide.areas.values()
        if area.learned_where in LIFE
    ]
    through = {AreaStatus.DONE.value, AreaStatus.SKIPPED.value}
    if AreaStatus.DONE.value in statuses and through.issuperset(statuses):
        participant.informal_asked_on = participant.informal_asked_on or today
