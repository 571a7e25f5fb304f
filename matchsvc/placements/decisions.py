"""The decisions that carry a placement: a new one, and one that is withdrawn (PLA-01, 2.3).

Nothing is prolonged without a decision of its own number, and nothing ends by itself: a placement
whose decision is over is marked, and people get to know.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, NotFound, RuleViolation
from matchsvc.placements.access import Seen, get_placement, require_decider
from matchsvc.placements.beginning import begin_if_ready
from matchsvc.placements.calendar import latest_end
from matchsvc.placements.combining import Wish, find_overlap, most_hours
from matchsvc.placements.decision_models import PlacementDecision
from matchsvc.placements.forms import get_form
from matchsvc.placements.models import DecisionAuthority, Placement, PlacementForm
from matchsvc.placements.replanning import carry_planned_end
from matchsvc.placements.transitions import Act, require
from matchsvc.swedish import contains_identity_number
from matchsvc.workday.rules import add_task, managers_of, withdraw_tasks

#: Tasks that a new decision answers.
LIMIT_TASKS = ("limit_8_weeks", "limit_4_weeks", "limit_1_week", "beyond_decision")
WITHDRAWN_TASK = "decision_withdrawn"
RENEW_AGREEMENT_TASK = "renew_agreement"
ONE_DAY = timedelta(days=1)
#: How soon an agreement should say what the decision says.
RENEW_WITHIN = timedelta(days=7)
_CORRECT = N_("Rätta det som är markerat och spara igen.")


@dataclass(frozen=True, kw_only=True)
class NewDecision:
    """A decision as it came.

    Attributes:
        ref: its number at whoever decided.
        valid_from, valid_to: its days, inclusive; no last day only where the form has no limit.
        planned_end_date: the last day that is planned by it.
    """

    ref: str
    valid_from: date
    valid_to: date | None = None
    planned_end_date: date | None = None


def record_decision(
    session: Session,
    actor: Actor,
    key: UUID | str,
    new: NewDecision,
    *,
    version: int | None = None,
    today: date,
) -> PlacementDecision:
    """Write down a new decision, and let the placement, its follow-ups and tasks follow it.

    Raises:
        NotFound: unknown or hidden.
        Refused: the actor may not decide on this participant.
        RuleViolation: it has ended, the form needs no decision, or a field is not possible.
        Conflict: somebody else saved the placement since.
    """
    found = get_placement(session, actor, key, today=today, for_update=True)
    require_decider(actor, found.sight)
    placement = found.placement
    require(session, actor, placement, Act.DECIDE, today=today)
    check_version(placement, version)
    form = get_form(session, placement.form)
    problems = _problems(session, placement, form, new, today=today)
    if problems:
        raise RuleViolation("decision_not_possible", _CORRECT, fields=problems)
    row = add_decision(session, actor, placement, new, today=today)
    if new.planned_end_date != placement.planned_end_date:
        carry_planned_end(session, placement, new.planned_end_date, today=today)
        _ask_for_agreement(session, actor, found, today=today)
    withdraw_tasks(session, actor, LIMIT_TASKS, placement.id)
    audit.record(
        session,
        actor,
        "change",
        "placement",
        placement.id,
        subjects=[found.participant.id],
        fields=["decision", "planned_end_date"],
    )
    begin_if_ready(session, actor, placement, today=today)
    return row


def add_decision(
    session: Session, actor: Actor, placement: Placement, new: NewDecision, *, today: date
) -> PlacementDecision:
    """Add a decision to the history and let the placement say what holds. Asks no right."""
    keep_first(session, placement, today=today)
    row = PlacementDecision(
        placement_id=placement.id,
        authority=get_form(session, placement.form).decision_authority,
        ref=new.ref.strip(),
        valid_from=new.valid_from,
        valid_to=new.valid_to,
        planned_end_date=new.planned_end_date,
        recorded_on=today,
        recorded_by_id=actor.user_id,
    )
    session.add(row)
    session.flush()
    _follow(session, placement)
    return row


def withdraw_decision(
    session: Session,
    actor: Actor,
    key: UUID | str,
    decision_id: UUID,
    *,
    from_day: date,
    reason: str,
    version: int | None = None,
    today: date,
) -> PlacementDecision:
    """Write down that a decision no longer holds from a day, which may lie behind.

    The row stays. From that day the placement is beyond its decision, or may not begin; what was
    held and noted stays. The case worker and the managers get a task each; nothing ends by itself.

    Raises:
        NotFound: unknown, hidden, or no such decision of the placement.
        Refused: the actor may not decide on this participant.
        RuleViolation: called off, withdrawn already, no reason, or a day outside the decision.
        Conflict: somebody else saved the placement since.
    """
    found = get_placement(session, actor, key, today=today, for_update=True)
    require_decider(actor, found.sight)
    placement = found.placement
    require(session, actor, placement, Act.WITHDRAW, today=today)
    check_version(placement, version)
    keep_first(session, placement, today=today)
    row = session.scalar(
        select(PlacementDecision).where(
            PlacementDecision.id == decision_id, PlacementDecision.placement_id == placement.id
        )
    )
    if row is None:
        raise NotFound("placement_decision")
    problems = _problems_with_withdrawal(row, from_day, reason, today=today)
    if problems:
        raise RuleViolation("withdrawal_not_possible", _CORRECT, fields=problems)
    row.withdrawn_from, row.withdrawn_reason = from_day, reason.strip()
    row.withdrawn_on, row.withdrawn_by_id = today, actor.user_id
    session.flush()
    _follow(session, placement)
    for owner_id in owners_of(session, found):
        add_task(
            session,
            actor,
            owner_id=owner_id,
            unit_id=placement.unit_id,
            kind=WITHDRAWN_TASK,
            about_type="placement",
            about_id=placement.id,
            due_on=today,
            words=task_words(found) | {"day": from_day.isoformat()},
            origin="PLA-01",
        )
    audit.record(
        session,
        actor,
        "change",
        "placement",
        placement.id,
        subjects=[found.participant.id],
        fields=["decision"],
    )
    return row


def decisions_of(session: Session, placement_id: UUID) -> list[PlacementDecision]:
    """All decisions of a placement in the order they came. Asks no right."""
    return list(
        session.scalars(
            select(PlacementDecision)
            .where(PlacementDecision.placement_id == placement_id)
            .order_by(
                PlacementDecision.valid_from, PlacementDecision.created_at, PlacementDecision.id
            )
        )
    )


def gaps_in(decisions: Iterable[PlacementDecision]) -> list[tuple[date, date]]:
    """Days between decisions on which none held, as first and last day."""
    gaps: list[tuple[date, date]] = []
    covered: date | None = None
    for row in decisions:
        if covered is not None and row.valid_from > covered + ONE_DAY:
            gaps.append((covered + ONE_DAY, row.valid_from - ONE_DAY))
        end = _last_day(row) or date.max - ONE_DAY
        covered = end if covered is None else max(covered, end)
    return gaps


def keep_first(session: Session, placement: Placement, *, today: date) -> None:
    """Make a row of what the placement was started on, where its history has none yet."""
    if decisions_of(session, placement.id):
        return
    row = first_decision(placement)
    if row is not None:
        row.recorded_on = today
        session.add(row)
        session.flush()


def first_decision(placement: Placement) -> PlacementDecision | None:
    """What a placement was started on, as a row that is not kept yet; None without a decision.

    It has the placement's id, so that it is the same row when it is kept.
    """
    if placement.decision_ref is None or placement.decision_from is None:
        return None
    return PlacementDecision(
        id=placement.id,
        placement_id=placement.id,
        authority=placement.decision_authority,
        ref=placement.decision_ref,
        valid_from=placement.decision_from,
        valid_to=placement.decision_to,
        planned_end_date=placement.planned_end_date,
        recorded_on=placement.decision_from,
    )


def owners_of(session: Session, found: Seen) -> list[UUID]:
    """Who gets to know when a decision fails: the case worker, and the managers where they may."""
    placement = found.placement
    # A protected person does not exist for a manager, not even as a task.
    managers = [] if found.participant.protected else managers_of(session, placement.unit_id)
    worker = [] if placement.case_worker_id is None else [placement.case_worker_id]
    return list(dict.fromkeys([*worker, *managers]))


def task_words(found: Seen) -> dict[str, str]:
    """What a task about a placement may name."""
    return {"alias": found.participant.alias, "site": found.site.name}


def _last_day(row: PlacementDecision) -> date | None:
    """The last day on which a decision held or holds; None runs on."""
    if row.withdrawn_from is None:
        return row.valid_to
    end = row.withdrawn_from - ONE_DAY
    return end if row.valid_to is None else min(row.valid_to, end)


def _follow(session: Session, placement: Placement) -> None:
    """Let the placement say the decision that holds the longest."""
    rows = decisions_of(session, placement.id)
    holding = [row for row in rows if (_last_day(row) or date.max) >= row.valid_from]
    if not holding:
        placement.decision_to = min(row.valid_from for row in rows) - ONE_DAY
        session.flush()
        return
    last = max(holding, key=lambda row: (_last_day(row) or date.max, row.valid_from))
    placement.decision_authority, placement.decision_ref = last.authority, last.ref
    placement.decision_from = min(row.valid_from for row in holding)
    placement.decision_to = _last_day(last)
    session.flush()


def _problems(
    session: Session,
    placement: Placement,
    form: PlacementForm,
    new: NewDecision,
    *,
    today: date,
) -> dict[str, str]:
    if form.decision_authority is DecisionAuthority.NONE:
        message = N_("Formen behöver inget beslut. Har tiden gått ut krävs en annan form.")
        return {"ref": message}
    found = _problems_with_ref(session, placement, new, today=today)
    end, limit = (
        new.planned_end_date,
        latest_end(
            form, placement.counts_from or placement.start_date, extended=placement.extended
        ),
    )
    if new.valid_to is not None and new.valid_to < new.valid_from:
        found["valid_to"] = N_("Slutet ligger före starten. Ändra en av dagarna.")
    elif new.valid_to is None and end is not None:
        found["valid_to"] = N_("Skriv till och med vilken dag beslutet gäller.")
    elif new.valid_to is not None and (end is None or new.valid_to < end):
        found["planned_end_date"] = N_("Beslutet gäller inte hela perioden.")
    starts_by = placement.start_date if placement.begun_on is None else today
    if new.valid_from > starts_by and not _takes_over(placement, new):
        found["valid_from"] = N_(
            "Beslutet tar inte vid i tid. Från dagen efter det förra är personen där utan beslut."
        )
    if end is not None and end < placement.start_date:
        found["planned_end_date"] = N_("Slutet ligger före starten. Ändra en av dagarna.")
    elif limit is not None and (end is None or end > limit):
        found["planned_end_date"] = N_(
            "Så länge får formen inte pågå. Välj en tidigare dag, eller en annan form."
        )
    if not found:
        overlap = find_overlap(session, placement.unit_id, _as_wish(placement, end))
        if overlap is not None and not overlap.may_be_combined:
            found["planned_end_date"] = overlap.sentence
    return found


def _problems_with_ref(
    session: Session, placement: Placement, new: NewDecision, *, today: date
) -> dict[str, str]:
    ref = new.ref.strip()
    if not ref:
        return {"ref": N_("Skriv beslutets nummer. Utan nytt beslut kan inget förlängas.")}
    if contains_identity_number(ref, today=today):
        return {"ref": N_("Skriv inga personnummer här.")}
    known = {row.ref for row in decisions_of(session, placement.id)} | {placement.decision_ref}
    if ref in known:
        return {
            "ref": N_("Det numret har beslutet som redan finns. Skriv det nya beslutets nummer.")
        }
    return {}


def _takes_over(placement: Placement, new: NewDecision) -> bool:
    if placement.begun_on is None:
        return False
    last = placement.decision_to
    return last is None or new.valid_from <= last + ONE_DAY


def _as_wish(placement: Placement, end: date | None) -> Wish:
    return Wish(
        participant_id=placement.participant_id,
        site_id=placement.site_id,
        form=placement.form,
        start=placement.start_date,
        end=end,
        hours=most_hours(placement.hours_start, placement.hours_goal),
        except_id=placement.id,
    )


def _problems_with_withdrawal(
    row: PlacementDecision, from_day: date, reason: str, *, today: date
) -> dict[str, str]:
    found: dict[str, str] = {}
    if row.withdrawn_from is not None:
        found["from_day"] = N_("Beslutet är redan upphävt.")
    elif from_day < row.valid_from or (row.valid_to is not None and from_day > row.valid_to):
        found["from_day"] = N_("Skriv en dag då beslutet skulle ha gällt.")
    if not reason.strip():
        found["reason"] = N_("Skriv varför.")
    elif contains_identity_number(reason, today=today):
        found["reason"] = N_("Skriv inga personnummer här.")
    return found


def _ask_for_agreement(session: Session, actor: Actor, found: Seen, *, today: date) -> None:
    """The three agreed on another last day: the agreement needs a new version."""
    placement = found.placement
    if placement.case_worker_id is None:
        return
    add_task(
        session,
        actor,
        owner_id=placement.case_worker_id,
        unit_id=placement.unit_id,
        kind=RENEW_AGREEMENT_TASK,
        about_type="placement",
        about_id=placement.id,
        due_on=today + RENEW_WITHIN,
        words=task_words(found),
        origin="PLA-01",
    )
