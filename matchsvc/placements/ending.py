"""Ending a placement, and what follows: the survey, and a talk when it went wrong (PLA-16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.settings import number
from matchsvc.db import check_version
from matchsvc.errors import N_, RuleViolation
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.participants.cases import find_step_of
from matchsvc.participants.models import Case
from matchsvc.placements.access import Seen, get_placement, require_decider
from matchsvc.placements.beginning import STOPPED_TASK
from matchsvc.placements.decisions import LIMIT_TASKS
from matchsvc.placements.events import record_event
from matchsvc.placements.models import FollowUp, Outcome, Placement, Survey
from matchsvc.placements.participant_surveys import offer_survey
from matchsvc.placements.supervision import let_go
from matchsvc.placements.survey_sending import find_survey_contact, send_survey
from matchsvc.placements.transitions import Act, require
from matchsvc.swedish import contains_identity_number, working_day_on_or_before
from matchsvc.workday.rules import add_task, withdraw_tasks

FAILED = (Outcome.ENDED_BY_EMPLOYER, Outcome.ENDED_BY_PARTICIPANT)


@dataclass(frozen=True, slots=True)
class Ended:
    """What ending a placement led to.

    Attributes:
        placement: the placement.
        survey: the survey that was sent, or None when there is nobody to send it to by mail.
        asks_by_hand: a task was made to ask the employer in person instead.
    """

    placement: Placement
    survey: Survey | None
    asks_by_hand: bool


def end_placement(
    session: Session,
    actor: Actor,
    placement_id: UUID | str,
    *,
    end_date: date,
    outcome: Outcome,
    base_url: str,
    today: date,
    now: datetime,
    version: int | None = None,
) -> Ended:
    """End a placement that has begun.

    Follow-ups due after the end are cancelled. The employer gets the survey by e-mail, in the same
    transaction; without an address, or for a protected participant, somebody gets a task to ask
    instead. Imported history never asks anybody. ``base_url`` is the service's address, for the
    link in the e-mail; ``end_date`` is the last day, inclusive, at most today.

    Raises:
        NotFound: unknown or hidden.
        Refused: the actor may not decide on this participant.
        RuleViolation: not begun, already ended, or the day is not possible.
        Conflict: somebody else saved it since the page was shown.
    """
    found = get_placement(session, actor, placement_id, today=today, for_update=True)
    require_decider(actor, found.sight)
    placement = found.placement
    check_version(placement, version)
    require(session, actor, placement, Act.END, today=today)
    if outcome is Outcome.MOVED:
        message = N_("Den som flyttar till en annan arbetsplats avslutas genom flytten.")
        raise RuleViolation("move_instead", message, fields={"outcome": message})
    return finish_placement(
        session,
        actor,
        found,
        end_date=end_date,
        outcome=outcome,
        base_url=base_url,
        today=today,
        now=now,
    )


def finish_placement(
    session: Session,
    actor: Actor,
    found: Seen,
    *,
    end_date: date,
    outcome: Outcome,
    base_url: str,
    today: date,
    now: datetime,
) -> Ended:
    """End a locked placement, for rules that have asked who may and whether it runs.

    Raises:
        RuleViolation: the day is not possible.
    """
    placement = found.placement
    if not placement.start_date <= end_date <= today:
        message = N_("Skriv en dag från starten till och med i dag.")
        raise RuleViolation("end_not_possible", message, fields={"end_date": message})
    placement.end_date, placement.outcome = end_date, outcome
    _cancel_follow_ups(session, placement, after=end_date, today=today)
    _close_lane(session, placement, end_date)
    _let_supervisor_go(session, actor, found, end_date)
    _record_end(session, found)
    withdraw_tasks(session, actor, LIMIT_TASKS, placement.id)
    if outcome is not Outcome.MOVED:  # who moves is asked when it is over
        offer_survey(session, actor, found, today=today)
    if outcome in FAILED:
        _ask_for_a_call(session, actor, found, today=today)
    ended = _ask_employer(session, actor, found, base_url=base_url, today=today, now=now)
    session.flush()
    audit.record(
        session,
        actor,
        "change",
        "placement",
        placement.id,
        subjects=[found.participant.id],
        fields=["end_date", "outcome"],
    )
    return ended


def call_off_placement(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    *,
    reason: str,
    today: date,
    version: int | None = None,
) -> Placement:
    """Call off a placement that has not begun. It stays as a row and counts nowhere.

    Raises:
        NotFound: unknown or hidden.
        Refused: the actor may not decide on this participant.
        RuleViolation: it has begun, or no reason was given.
    """
    found = get_placement(session, actor, placement_id, today=today, for_update=True)
    require_decider(actor, found.sight)
    placement = found.placement
    check_version(placement, version)
    require(session, actor, placement, Act.CALL_OFF, today=today)
    words = reason.strip()
    if not words or contains_identity_number(words, today=today):
        message = N_("Skriv kort varför den ställs in, utan personnummer.")
        raise RuleViolation("reason_missing", message, fields={"reason": message})
    placement.called_off_on = today
    placement.comment = "\n".join(filter(None, (placement.comment, words)))
    for follow_up in _follow_ups_not_held(session, placement):
        follow_up.cancelled_on = today
    step = find_step_of(session, placement.id)
    if step is not None:
        session.delete(step)
    withdraw_tasks(session, actor, [STOPPED_TASK], placement.id)
    session.flush()
    audit.record(session, actor, "change", "placement", placement.id, fields=["called_off_on"])
    return placement


def _follow_ups_not_held(session: Session, placement: Placement) -> list[FollowUp]:
    return list(
        session.scalars(
            select(FollowUp).where(
                FollowUp.placement_id == placement.id,
                FollowUp.held_on.is_(None),
                FollowUp.cancelled_on.is_(None),
            )
        )
    )


def _cancel_follow_ups(session: Session, placement: Placement, *, after: date, today: date) -> None:
    for follow_up in _follow_ups_not_held(session, placement):
        if follow_up.due_on > after:
            follow_up.cancelled_on = today


def _close_lane(session: Session, placement: Placement, end_date: date) -> None:
    step = find_step_of(session, placement.id)
    if step is not None:
        step.end_date = end_date


def _let_supervisor_go(session: Session, actor: Actor, found: Seen, end_date: date) -> None:
    supervisor_id = found.placement.supervisor_id
    if supervisor_id is not None and not found.participant.protected:
        let_go(session, actor, found, supervisor_id, day=end_date)


def _record_end(session: Session, found: Seen) -> None:
    placement = found.placement
    case = session.get(Case, placement.case_id)
    if case is None or placement.end_date is None:
        raise RuntimeError("a placement always has a case and here an end")
    record_event(
        session,
        OutcomeKind.PLACEMENT_ENDED,
        placement,
        found.participant,
        case,
        occurred_on=placement.end_date,
    )


def _ask_for_a_call(session: Session, actor: Actor, found: Seen, *, today: date) -> None:
    add_task(
        session,
        actor,
        unit_id=found.placement.unit_id,
        owner_id=_who_asks(actor, found),
        kind="call_after_failure",
        about_type="placement",
        about_id=found.placement.id,
        due_on=_call_by(session, found, today),
        words=_task_words(found),
        origin="end_placement",
    )


def _call_by(session: Session, found: Seen, today: date) -> date:
    """The last working day on which the unit calls (PLA-16)."""
    days = number(session, found.placement.unit_id, "call_within_days")
    return max(working_day_on_or_before(today + timedelta(days=days)), today)


def _ask_employer(
    session: Session, actor: Actor, found: Seen, *, base_url: str, today: date, now: datetime
) -> Ended:
    placement = found.placement
    if placement.is_history:
        return Ended(placement, survey=None, asks_by_hand=False)
    # Nothing about a protected participant travels by mail: not even that there was a placement.
    contact = None if found.participant.protected else find_survey_contact(session, found)
    if contact is None:
        add_task(
            session,
            actor,
            unit_id=placement.unit_id,
            owner_id=_who_asks(actor, found),
            kind="ask_employer_by_hand",
            about_type="placement",
            about_id=placement.id,
            due_on=_call_by(session, found, today),
            words=_task_words(found),
            origin="end_placement",
        )
        return Ended(placement, survey=None, asks_by_hand=True)
    if contact.no_questions_since is not None:  # a no is a no, also through somebody else
        return Ended(placement, survey=None, asks_by_hand=False)
    survey = send_survey(session, actor, found, contact, base_url=base_url, today=today, now=now)
    return Ended(placement, survey=survey, asks_by_hand=False)


def _who_asks(actor: Actor, found: Seen) -> UUID:
    """The liaison; for a protected participant only her case worker, who knows that she exists."""
    placement = found.placement
    if found.participant.protected:
        return actor.user_id or placement.case_worker_id or actor.require_user()
    return placement.liaison_id or placement.case_worker_id or actor.user_id or actor.require_user()


def _task_words(found: Seen) -> dict[str, str]:
    return {"alias": found.participant.alias, "site": found.site.name}
