"""Keeping what was said: the same form once, and two versions without losing either (PLA-05)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, NotFound, Refused, RuleViolation
from matchsvc.follow_ups.answers import (
    ADDED,
    Answers,
    Content,
    answers_of,
    content_of,
    problems_with,
)
from matchsvc.follow_ups.development import keep_row, mark
from matchsvc.follow_ups.models import FollowUpVersion, Standing
from matchsvc.follow_ups.observed import raise_seen
from matchsvc.follow_ups.opening import Opened, get_follow_up, versions_beside
from matchsvc.follow_ups.states import FollowUpState, may_become
from matchsvc.placements.access import logger_of
from matchsvc.placements.accommodations import Adaptation, add_accommodation, review
from matchsvc.placements.models import ActionState, AgreedAction, FollowUp
from matchsvc.placements.stages import Stage
from matchsvc.placements.transitions import Act, require
from matchsvc.swedish import working_day_on_or_after
from matchsvc.workday.rules import add_task, settle_tasks

#: The case worker goes through what somebody else logged.
TASK_COMPLETE = "complete_follow_up"
#: Two versions of one follow-up wait to be compared.
TASK_COMPARE = "compare_follow_ups"
_WORKING_DAYS_TO_COMPLETE = 3
#: Where the worst word counts: what works only in part does not simply work.
_WORST_FIRST = ("no", "partly", "yes")


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a form.

    Attributes:
        follow_up: the row.
        beside: the version, when another stood already and somebody must compare them.
    """

    follow_up: FollowUp
    beside: FollowUpVersion | None = None


def log_follow_up(
    session: Session,
    actor: Actor,
    follow_up_id: UUID,
    answers: Answers,
    *,
    submission_id: UUID,
    today: date,
    now: datetime,
) -> Kept:
    """Keep what was said. The same form sent twice is saved once.

    What was promised last time and is not done follows along among the new promises. A second
    form about the same follow-up, from anybody who works with the participant, is kept beside
    the first for somebody to compare; nothing is overwritten. ``submission_id`` is made when the
    form is shown; a second post of it changes nothing.

    Raises:
        NotFound: hidden or unknown.
        Refused: somebody else logs this placement's follow-ups.
        RuleViolation: not begun, cancelled, or something is missing; with a message for each field.
    """
    opened = get_follow_up(session, actor, follow_up_id, today=today, for_update=True)
    follow_up = opened.follow_up
    known = session.scalar(
        select(FollowUpVersion).where(FollowUpVersion.submission_id == submission_id)
    )
    if known is not None and known.follow_up_id == follow_up.id:
        return Kept(follow_up, known if known.standing is Standing.BESIDE else None)
    if follow_up.submission_id == submission_id:
        return Kept(follow_up)
    if follow_up.held_on is None and not opened.is_logger:
        raise Refused(
            "not_the_logger", N_("Någon annan loggar de här uppföljningarna. Be den personen.")
        )
    _check(session, actor, opened, answers, today=today)
    version = FollowUpVersion(
        follow_up_id=follow_up.id,
        submission_id=submission_id,
        saved_at=now,
        saved_by_id=actor.require_user(),
        content=_written(content_of(answers)),
        standing=Standing.STANDING if follow_up.held_on is None else Standing.BESIDE,
    )
    session.add(version)
    if version.standing is Standing.BESIDE:
        session.flush()
        _give(session, actor, opened, TASK_COMPARE, logger_of(opened.seen.placement), today)
        _record(session, actor, opened, "follow_up_version", version.id)
        return Kept(follow_up, version)
    follow_up.submission_id = submission_id
    follow_up.logged_at, follow_up.logged_by_id = now, actor.require_user()
    _apply(session, actor, opened, answers, today=today)
    _ask_to_complete(session, actor, opened, today=today, now=now)
    session.flush()
    _record(session, actor, opened, "follow_up", follow_up.id)
    return Kept(follow_up)


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that two versions say differently."""

    name: str
    standing: object
    beside: object

    @property
    def can_be_both(self) -> bool:
        """Whether two texts, or two lists, can stand together."""
        return all(isinstance(each, str | list) for each in (self.standing, self.beside)) and (
            self.name in BOTH
        )


#: Words and lists; of a choice there is one.
BOTH = ("own_words", "support_wanted", "next_goal", "agreed", "present")


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions of one follow-up, field by field.

    Attributes:
        opened: the follow-up.
        version: the one that waits beside.
        standing: what stands, as content.
        beside: what waits, as content.
        differences: what both say, and differently.
        added: what only the waiting one says, and rows that both give: nothing has to be chosen.
    """

    opened: Opened
    version: FollowUpVersion
    standing: Content
    beside: Content
    differences: list[Difference]
    added: list[str]


def compare_versions(
    session: Session,
    actor: Actor,
    follow_up_id: UUID,
    version_id: UUID,
    *,
    today: date,
    for_update: bool = False,
) -> Compared:
    """A version that waits, beside the one that stands. Logged.

    Raises:
        NotFound, Refused: as :func:`get_follow_up`.
    """
    opened = get_follow_up(session, actor, follow_up_id, today=today, for_update=for_update)
    version = session.get(FollowUpVersion, version_id)
    if version is None or version.follow_up_id != opened.follow_up.id:
        raise NotFound("follow_up_version")
    standing, beside = standing_content(session, opened.follow_up), json.loads(version.content)
    both = [name for name in standing if name in beside and name not in ADDED]
    return Compared(
        opened=opened,
        version=version,
        standing=standing,
        beside=beside,
        differences=[
            Difference(name, standing[name], beside[name])
            for name in both
            if standing[name] != beside[name]
        ],
        added=[name for name in beside if name in ADDED or name not in standing],
    )


def merge_versions(
    session: Session,
    actor: Actor,
    follow_up_id: UUID,
    version_id: UUID,
    choices: Mapping[str, str],
    *,
    stood: int | None = None,
    today: date,
    now: datetime,
) -> FollowUp:
    """Make one of two versions, field by field; both are kept as they were.

    Args:
        session: a writing transaction.
        actor: who logs it, or the participant's own case worker.
        follow_up_id: the follow-up.
        version_id: the version that waits.
        choices: for each difference ``standing``, ``beside`` or, of words and lists, ``both``.
        stood: the version of the follow-up that was shown.
        today: the day.
        now: when.

    Raises:
        NotFound: hidden, unknown, or compared already.
        Refused: neither the logger nor her case worker.
        RuleViolation: something is not chosen.
        Conflict: the follow-up was saved since the two were shown.
    """
    found = compare_versions(session, actor, follow_up_id, version_id, today=today, for_update=True)
    opened, version = found.opened, found.version
    if not (opened.is_logger or opened.may_complete):
        raise Refused("not_the_logger")
    if version.standing is not Standing.BESIDE:
        raise NotFound("follow_up_version")
    check_version(opened.follow_up, stood)
    merged = _merged(found, choices)
    for row in session.scalars(
        select(FollowUpVersion).where(
            FollowUpVersion.follow_up_id == opened.follow_up.id,
            FollowUpVersion.standing == Standing.STANDING,
        )
    ):
        row.standing = Standing.COMPARED
    version.standing = Standing.COMPARED
    session.add(
        FollowUpVersion(
            follow_up_id=opened.follow_up.id,
            submission_id=uuid5(version.id, "compared"),
            saved_at=now,
            saved_by_id=actor.require_user(),
            content=_written(merged),
            standing=Standing.STANDING,
        )
    )
    _apply(session, actor, opened, answers_of(merged), today=today)
    session.flush()
    if not versions_beside(session, opened.follow_up.id):
        settle_tasks(session, actor, [TASK_COMPARE], opened.seen.placement.id, now=now)
    _ask_to_complete(session, actor, opened, today=today, now=now)
    _record(session, actor, opened, "follow_up", opened.follow_up.id)
    return opened.follow_up


def standing_content(session: Session, follow_up: FollowUp) -> Content:
    """What stands, as content; of what was logged before versions were kept, what its row says."""
    version = session.scalar(
        select(FollowUpVersion).where(
            FollowUpVersion.follow_up_id == follow_up.id,
            FollowUpVersion.standing == Standing.STANDING,
        )
    )
    if version is not None:
        content: Content = json.loads(version.content)
        return content
    if follow_up.held_on is None:
        return {}
    return content_of(
        Answers(
            held_on=follow_up.held_on,
            present=tuple(follow_up.present),
            mood=follow_up.mood,
            own_words=follow_up.own_words,
            attendance=follow_up.attendance,
            hours_next=follow_up.hours_next,
            adaptations_work=follow_up.adaptations_work,
            support_wanted=follow_up.support_wanted,
            is_well_functioning=follow_up.is_well_functioning,
            next_goal=follow_up.next_goal,
            agreed=tuple(action.text for action in follow_up.actions),
            next_on=follow_up.next_on,
            participant_agrees=follow_up.participant_agrees,
        )
    )


def _merged(found: Compared, choices: Mapping[str, str]) -> Content:
    missing = {
        f"take.{each.name}": N_("Välj vad som ska stå.")
        for each in found.differences
        if choices.get(each.name) not in ("standing", "beside", *_both(each))
    }
    if missing:
        raise RuleViolation(
            "not_chosen", N_("Rätta det som är markerat och spara igen."), fields=missing
        )
    # Who says nothing of a thing does not speak against who does.
    merged = found.beside | found.standing
    for each in found.differences:
        chosen = choices[each.name]
        value = each.standing if chosen == "standing" else each.beside
        if chosen == "both":
            value = _together(each.standing, each.beside)
        merged[each.name] = value
    for name in ADDED:
        merged[name] = _together(found.standing.get(name, []), found.beside.get(name, []))
    return {name: value for name, value in merged.items() if value not in (None, "", [])}


def _both(difference: Difference) -> tuple[str, ...]:
    return ("both",) if difference.can_be_both else ()


def _together(first: object, second: object) -> object:
    if isinstance(first, list) and isinstance(second, list):
        return [*first, *(each for each in second if each not in first)]
    return f"{first}\n{second}"


def _written(content: Content) -> str:
    return json.dumps(content, ensure_ascii=False)


def _check(
    session: Session, actor: Actor, opened: Opened, answers: Answers, *, today: date
) -> None:
    if opened.follow_up.held_on is None and not may_become(opened.follow_up, FollowUpState.LOGGED):
        raise RuleViolation(
            "follow_up_cancelled", N_("Placeringen är avslutad, och uppföljningen behövs inte.")
        )
    placement = opened.seen.placement
    stage = require(session, actor, placement, Act.FOLLOW_UP, today=today)
    if stage is Stage.BEYOND and answers.hours_next is not None:
        message = N_("Inga nya timmar bestäms utan beslut. Skriv in det nya beslutet först.")
        raise RuleViolation("beyond_decision", message, fields={"hours_next": message})
    problems = problems_with(answers, start=placement.start_date, today=today)
    if problems:
        raise RuleViolation(
            "follow_up_incomplete",
            N_("Rätta det som är markerat och spara igen."),
            fields=problems,
        )


def _apply(
    session: Session, actor: Actor, opened: Opened, answers: Answers, *, today: date
) -> None:
    """Write what was said where it belongs; said again, nothing is there twice."""
    follow_up = opened.follow_up
    _fill(follow_up, answers)
    texts = [*_carry(opened.promises, answers.kept)]
    texts += [text.strip() for text in answers.agreed if text.strip()]
    before = {action.text: action for action in follow_up.actions}
    follow_up.actions = [
        before.get(text) or AgreedAction(text=text) for text in dict.fromkeys(texts)
    ]
    for position, action in enumerate(follow_up.actions):
        action.position = position
    for row in opened.adaptations:
        if works := answers.works.get(row.id):
            review(
                row,
                works,
                on=answers.held_on,
                by_id=actor.user_id,
                follow_up_id=follow_up.id,
            )
    _add_needs(session, actor, opened, answers, today=today)
    for each in opened.development:
        if state := answers.developed.get(each.id):
            mark(each, state, on=answers.held_on)
    there = {(each.area, each.goal) for each in opened.development}
    for wanted in answers.development:
        if (wanted.area, wanted.goal) not in there:
            keep_row(
                session,
                actor,
                opened.seen.placement.id,
                wanted,
                on=answers.held_on,
                follow_up_id=follow_up.id,
            )
    raise_seen(session, actor, opened.seen, answers.observed, on=answers.held_on, today=today)


def _add_needs(
    session: Session, actor: Actor, opened: Opened, answers: Answers, *, today: date
) -> None:
    there = [(row.condition_id, row.text) for row in opened.adaptations]
    # A need without words has taken those of its condition.
    there += [(row.condition_id, "") for row in opened.adaptations if row.condition_id]
    for need in answers.needs:
        if (need.condition_id, need.text) not in there:
            wanted = Adaptation(
                text=need.text,
                condition_id=need.condition_id,
                kind=need.kind,
                keeps_health_words=answers.keeps_health_words,
            )
            add_accommodation(session, actor, opened.seen.placement.id, wanted, today=today)


def _fill(follow_up: FollowUp, answers: Answers) -> None:
    content = content_of(answers)
    follow_up.held_on = answers.held_on
    follow_up.present = content.get("present", [])
    for name in ("own_words", "support_wanted", "next_goal"):
        setattr(follow_up, name, content.get(name))
    for name in (
        *("mood", "attendance", "hours_next", "is_well_functioning"),
        *("next_on", "participant_agrees"),
    ):
        setattr(follow_up, name, getattr(answers, name))
    said = set(answers.works.values())
    follow_up.adaptations_work = next(
        (word for word in _WORST_FIRST if word in said), answers.adaptations_work
    )


def _carry(promises: list[AgreedAction], kept: Mapping[UUID, ActionState]) -> list[str]:
    """Note how each promise went; give back the texts of those that are not done."""
    for promise in promises:
        promise.state = kept.get(promise.id, promise.state)
    return [promise.text for promise in promises if promise.state is not ActionState.DONE]


def _ask_to_complete(
    session: Session, actor: Actor, opened: Opened, *, today: date, now: datetime
) -> None:
    """What her own case worker logged is complete; else it is hers to go through."""
    placement, follow_up = opened.seen.placement, opened.follow_up
    if opened.may_complete:
        follow_up.completed_at, follow_up.completed_by_id = now, actor.require_user()
        return
    # Other words than those that were gone through.
    follow_up.completed_at = follow_up.completed_by_id = None
    due = today
    for _day in range(_WORKING_DAYS_TO_COMPLETE):
        due = working_day_on_or_after(due + timedelta(days=1))
    _give(session, actor, opened, TASK_COMPLETE, placement.case_worker_id, due)


def _give(
    session: Session, actor: Actor, opened: Opened, kind: str, owner_id: UUID | None, due_on: date
) -> None:
    if owner_id is None:
        return
    add_task(
        session,
        actor,
        owner_id=owner_id,
        unit_id=opened.seen.placement.unit_id,
        kind=kind,
        about_type="placement",
        about_id=opened.seen.placement.id,
        due_on=due_on,
        words={"alias": opened.seen.participant.alias, "site": opened.seen.site.name},
        origin="PLA-05",
    )


def _record(session: Session, actor: Actor, opened: Opened, kind: str, key: UUID) -> None:
    audit.record(
        session,
        actor,
        "change",
        kind,
        key,
        subjects=[opened.seen.participant.id],
        fields=["held_on"],
    )
