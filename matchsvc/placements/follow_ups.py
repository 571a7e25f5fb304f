"""The monthly follow-up with the participant and the workplace (PLA-05)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.settings import number
from matchsvc.employers.models import Employer, Site
from matchsvc.errors import N_, Conflict, NotFound, Refused, RuleViolation
from matchsvc.participants.models import Participant
from matchsvc.placements.access import Seen, get_placement, logger_of, only_visible, seen
from matchsvc.placements.careful import mentions_health
from matchsvc.placements.models import ActionState, AgreedAction, FollowUp, Mood, Placement
from matchsvc.placements.stages import Stage
from matchsvc.placements.transitions import Act, require
from matchsvc.placements.workplace import Said, words_for
from matchsvc.swedish import contains_identity_number

#: Who may be there (PLA-05): the participant, who logs, the workplace's supervisor, others.
PRESENT = ("participant", "logger", "workplace", "interpreter", "other")
#: How the adaptations work; None when it was not asked.
ADAPTATIONS = ("yes", "partly", "no", "none_needed")
MOST_ACTIONS = 5
PAGE_SIZE = 50


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What was said at a follow-up.

    Attributes:
        held_on: the day.
        present: who was there, of PRESENT.
        mood: how the participant says it goes; needed when she was there.
        own_words: hers, as said.
        hours_next: hours a week from now on.
        adaptations_work: one of ADAPTATIONS.
        support_wanted: what she wants changed in the support.
        is_well_functioning: the logger's word (PLA-03).
        next_goal: next step on the way to the open labour market.
        agreed: new promises, one line each, at most MOST_ACTIONS.
        kept: how it went with the promises of last time, by their id.
        keeps_health_words: the writer has seen the hint about health and means it.
    """

    held_on: date
    present: tuple[str, ...] = ()
    mood: Mood | None = None
    own_words: str | None = None
    hours_next: int | None = None
    adaptations_work: str | None = None
    support_wanted: str | None = None
    is_well_functioning: bool | None = None
    next_goal: str | None = None
    agreed: tuple[str, ...] = ()
    kept: Mapping[UUID, ActionState] = field(default_factory=dict)
    keeps_health_words: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A follow-up with what its page shows.

    Attributes:
        seen: the placement and whose it is.
        follow_up: the row, its actions loaded.
        previous: the last one held before it, its actions loaded.
        hours_now: hours a week as last agreed.
        is_logger: whether the reader is the one who logs it.
        full_week: hours of full time in the unit.
        said: what the workplace has said since the one before, the latest first.
    """

    seen: Seen
    follow_up: FollowUp
    previous: FollowUp | None
    hours_now: int | None
    is_logger: bool
    full_week: int
    said: list[Said]

    @property
    def promises(self) -> list[AgreedAction]:
        """What was agreed last time."""
        return list(self.previous.actions) if self.previous else []


def get_follow_up(
    session: Session,
    actor: Actor,
    follow_up_id: UUID,
    *,
    today: date,
    for_update: bool = False,
) -> Opened:
    """One follow-up, for those who work with the participant.

    Raises:
        NotFound: unknown or hidden.
        Refused: the participant is not the actor's own.
    """
    found = select(FollowUp).where(FollowUp.id == follow_up_id)
    if for_update:
        found = found.with_for_update(of=FollowUp)
    follow_up = session.scalar(found.options(selectinload(FollowUp.actions)))
    if follow_up is None:
        raise NotFound("follow_up")
    shown = get_placement(session, actor, follow_up.placement_id, today=today)
    if not (shown.is_own or actor.is_system):
        raise Refused("not_your_case")
    held = list_held(session, shown.placement.id)
    earlier = [one for one in held if one.number < follow_up.number]
    hours = [one.hours_next for one in earlier if one.hours_next is not None]
    audit.record(session, actor, "read", "follow_up", follow_up.id, subjects=[shown.participant.id])
    return Opened(
        seen=shown,
        follow_up=follow_up,
        previous=earlier[-1] if earlier else None,
        hours_now=hours[-1] if hours else shown.placement.hours_start,
        is_logger=actor.user_id is not None and actor.user_id == logger_of(shown.placement),
        full_week=number(session, shown.placement.unit_id, "full_week_hours"),
        said=words_for(session, follow_up),
    )


def list_held(session: Session, placement_id: UUID) -> list[FollowUp]:
    """The follow-ups of a placement that were held, in order, with their actions."""
    return list(
        session.scalars(
            select(FollowUp)
            .where(FollowUp.placement_id == placement_id, FollowUp.held_on.is_not(None))
            .order_by(FollowUp.number)
            .options(selectinload(FollowUp.actions))
        )
    )


def list_my_follow_ups(
    session: Session, actor: Actor, *, until: date, today: date, page: int | None = None
) -> list[tuple[FollowUp, Seen]]:
    """The follow-ups that the actor is to log by a day, the oldest due first.

    ``page`` counts from 1, PAGE_SIZE a page; None gives all.
    """
    found = _mine(actor, until=until, today=today).order_by(FollowUp.due_on, FollowUp.id)
    if page is not None:
        found = found.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    rows = session.execute(found).all()
    shown = seen(session, actor, [tuple(row)[1:] for row in rows], today=today)
    audit.record(
        session, actor, "list", "follow_up", subjects={one.participant.id for one in shown}
    )
    return [(row[0], one) for row, one in zip(rows, shown, strict=True)]


def count_my_follow_ups(session: Session, actor: Actor, *, until: date, today: date) -> int:
    """How many :func:`list_my_follow_ups` has on all pages."""
    mine = _mine(actor, until=until, today=today).with_only_columns(FollowUp.id)
    return session.scalar(select(func.count()).select_from(mine.subquery())) or 0


def log_follow_up(
    session: Session,
    actor: Actor,
    follow_up_id: UUID,
    answers: Answers,
    *,
    submission_id: UUID,
    today: date,
    now: datetime,
) -> FollowUp:
    """Keep what was said. The same form sent twice is saved once.

    What was promised last time and is not done follows along among the new promises.
    ``submission_id`` is made when the form is shown; a second post of it changes nothing.

    Raises:
        NotFound: hidden or unknown.
        Refused: somebody else logs this placement's follow-ups.
        Conflict: it has been logged from another form; ``theirs`` says what stands.
        RuleViolation: not begun, cancelled, or something is missing; with a message for each field.
    """
    opened = get_follow_up(session, actor, follow_up_id, today=today, for_update=True)
    follow_up = opened.follow_up
    if not opened.is_logger:
        raise Refused(
            "not_the_logger", N_("Någon annan loggar de här uppföljningarna. Be den personen.")
        )
    if follow_up.submission_id == submission_id:
        return follow_up
    if follow_up.held_on is not None:
        raise Conflict(_theirs(follow_up))
    stage = require(session, actor, opened.seen.placement, Act.FOLLOW_UP, today=today)
    if stage is Stage.BEYOND and answers.hours_next is not None:
        message = N_("Inga nya timmar bestäms utan beslut. Skriv in det nya beslutet först.")
        raise RuleViolation("beyond_decision", message, fields={"hours_next": message})
    _check(opened, answers, today=today)
    _keep(follow_up, answers)
    follow_up.submission_id = submission_id
    follow_up.logged_at, follow_up.logged_by_id = now, actor.require_user()
    carried = _carry(opened.promises, answers.kept)
    texts = [*carried, *(text.strip() for text in answers.agreed if text.strip())]
    follow_up.actions = [
        AgreedAction(position=position, text=text)
        for position, text in enumerate(dict.fromkeys(texts))
    ]
    session.flush()
    audit.record(
        session,
        actor,
        "change",
        "follow_up",
        follow_up.id,
        subjects=[opened.seen.participant.id],
        fields=["held_on"],
    )
    return follow_up


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


def _theirs(follow_up: FollowUp) -> dict[str, object]:
    return {
        "held_on": follow_up.held_on,
        "mood": follow_up.mood,
        "own_words": follow_up.own_words,
        "hours_next": follow_up.hours_next,
        "next_goal": follow_up.next_goal,
    }


def _check(opened: Opened, answers: Answers, *, today: date) -> None:
    start = opened.seen.placement.start_date
    if opened.follow_up.cancelled_on is not None:
        raise RuleViolation(
            "follow_up_cancelled", N_("Placeringen är avslutad, och uppföljningen behövs inte.")
        )
    if start > today:
        raise RuleViolation("not_begun", N_("Placeringen har inte börjat än."))
    problems = _problems(answers, start=start, today=today)
    if problems:
        raise RuleViolation(
            "follow_up_incomplete",
            N_("Rätta det som är markerat och spara igen."),
            fields=problems,
        )


def _problems(answers: Answers, *, start: date, today: date) -> dict[str, str]:
    found: dict[str, str] = {}
    if answers.held_on > today:
        found["held_on"] = N_("Dagen har inte kommit än.")
    elif answers.held_on < start:
        found["held_on"] = N_("Placeringen hade inte börjat den dagen.")
    if not answers.present:
        found["present"] = N_("Kryssa i vilka som är med.")
    if answers.mood is None and "participant" in answers.present:
        found["mood"] = N_("Fråga deltagaren hur det går, och välj ett ansikte.")
    if len(answers.agreed) > MOST_ACTIONS:
        found["agreed"] = N_("Kom överens om högst fem saker åt gången.")
    return found | _problems_in_words(answers, today=today)


def _problems_in_words(answers: Answers, *, today: date) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, text in (
        ("own_words", answers.own_words),
        ("support_wanted", answers.support_wanted),
        ("next_goal", answers.next_goal),
        ("agreed", " / ".join(answers.agreed)),
    ):
        if text and contains_identity_number(text, today=today):
            found[name] = N_("Texten innehåller ett personnummer. Ta bort det.")
        elif mentions_health(text) and not answers.keeps_health_words:
            found[name] = N_(
                "Det ser ut att handla om hälsa. Skriv om vad som behövs på arbetsplatsen "
                "i stället, eller kryssa i att texten ska stå kvar."
            )
    return found


def _keep(follow_up: FollowUp, answers: Answers) -> None:
    follow_up.held_on = answers.held_on
    follow_up.present = [who for who in PRESENT if who in answers.present]
    follow_up.mood = answers.mood
    follow_up.own_words = answers.own_words or None
    follow_up.hours_next = answers.hours_next
    follow_up.adaptations_work = answers.adaptations_work
    follow_up.support_wanted = answers.support_wanted or None
    follow_up.is_well_functioning = answers.is_well_functioning
    follow_up.next_goal = answers.next_goal or None


def _carry(promises: list[AgreedAction], kept: Mapping[UUID, ActionState]) -> list[str]:
    """Note how each promise went; give back the texts of those that are not done."""
    for promise in promises:
        promise.state = kept.get(promise.id, promise.state)
    return [promise.text for promise in promises if promise.state is not ActionState.DONE]


def _mine(
    actor: Actor, *, until: date, today: date
) -> Select[FollowUp, Placement, Participant, Site, Employer]:
    logger = func.coalesce(Placement.supervisor_id, Placement.case_worker_id)
    found = select(FollowUp, Placement, Participant, Site, Employer)
    return only_visible(
        found.join_from(Placement, FollowUp, FollowUp.placement_id == Placement.id),
        actor,
        today=today,
    ).where(
        logger == actor.user_id,
        FollowUp.held_on.is_(None),
        FollowUp.cancelled_on.is_(None),
        FollowUp.due_on <= until,
        Placement.is_history.is_(False),
    )
