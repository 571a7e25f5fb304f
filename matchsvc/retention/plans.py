"""Lists of people whose records are to be deleted: one proposes, another approves, then they go.

Each person goes in a transaction of her own, after everything has been asked again: a process that
is killed leaves nobody half deleted, and the next run goes on with those that are left.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User
from matchsvc.accounts.rules import actor_of
from matchsvc.accounts.settings import number
from matchsvc.db import check_version
from matchsvc.errors import N_, NotFound, Refused, RuleViolation
from matchsvc.messages.addresses import mark_works
from matchsvc.outcomes.rules import anonymise_person
from matchsvc.participants.access import participants_to_delete
from matchsvc.participants.models import Participant
from matchsvc.retention import rows
from matchsvc.retention.due import Due, find_due
from matchsvc.retention.models import PlanState, RetentionItem, RetentionPlan
from matchsvc.retention.proof import proof_hash
from matchsvc.retention.referrals import count_referrals, delete_referrals
from matchsvc.swedish import local_date

#: Who proposes and approves; a case worker does for the protected people she handles.
DECIDERS = (Role.UNIT_MANAGER, Role.CASE_WORKER)
#: Who reads what has been deleted: numbers, never people.
READERS = (Role.UNIT_MANAGER, Role.CASE_WORKER, Role.AUDITOR)
#: More at once is a list that nobody looks through.
MOST = 200


@dataclass(frozen=True, slots=True)
class PlanView:
    """A list as it is shown.

    Attributes:
        plan: the row.
        due: its people, for whoever may know of all of them; none once it is done.
        proposed_by, approved_by: names of colleagues.
        may_approve: whether the reader may, now.
        may_withdraw: whether the reader may take it back.
        left: how many are still to go.
    """

    plan: RetentionPlan
    due: Sequence[Due]
    proposed_by: str
    approved_by: str
    may_approve: bool
    may_withdraw: bool
    left: int


def dry_run(session: Session, actor: Actor, *, today: date, by: date | None = None) -> list[Due]:
    """Whose records would go, and why others stay. Changes nothing; the reading is logged.

    Raises:
        Refused: neither a manager nor a case worker.
    """
    actor.require_role(*DECIDERS)
    found = _within(find_due(session, actor, today=today, by=by), actor)
    audit.record(
        session, actor, "read", "retention_due", subjects=[due.participant.id for due in found]
    )
    return found


def _within(found: Iterable[Due], actor: Actor) -> list[Due]:
    """A case worker decides on protected people alone: the others are the manager's."""
    return [due for due in found if actor.has_role(Role.UNIT_MANAGER) or due.participant.protected]


def hash_of(items: Iterable[tuple[UUID, date]]) -> str:
    """SHA-256 of exactly these people with the days on which they were due. Pure."""
    lines = sorted(f"{key} {day.isoformat()}" for key, day in items)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def propose(session: Session, actor: Actor, *, today: date, now: datetime) -> RetentionPlan:
    """Put everybody who may go on a list, at most MOST, those who must go first coming first.

    Raises:
        Refused: neither a manager nor a case worker.
        RuleViolation: nobody is due, or a list of the same colleague is not finished.
    """
    going = [due for due in dry_run(session, actor, today=today) if due.may_go][:MOST]
    old = count_referrals(session, actor, today=today)
    if not going and not old:
        raise RuleViolation("nobody_due", N_("Ingen akt ska raderas nu."))
    waiting = select(RetentionPlan.id).where(
        RetentionPlan.proposed_by_id == actor.require_user(),
        RetentionPlan.state.in_((PlanState.PROPOSED, PlanState.APPROVED)),
    )
    if session.scalar(waiting.limit(1)) is not None:
        raise RuleViolation(
            "list_waits", N_("En lista av dig väntar redan. Ta tillbaka den, eller vänta in den.")
        )
    if actor.unit_id is None:
        raise Refused
    items = [
        RetentionItem(
            participant_id=due.participant.id, last_note_on=due.last_note_on, due_on=due.due_on
        )
        for due in going
    ]
    plan = RetentionPlan(
        unit_id=actor.unit_id,
        due_by=today,
        people=len(items),
        referrals=old,
        list_hash=hash_of((item.participant_id, item.due_on) for item in items),
        proposed_by_id=actor.require_user(),
        proposed_at=now,
    )
    session.add(plan)
    session.flush()
    for item in items:
        item.plan_id = plan.id
    session.add_all(items)
    session.flush()
    audit.record(
        session, actor, "create", "retention_plan", plan.id,
        subjects=[item.participant_id for item in items],
    )  # fmt: skip
    return plan


def read_plan(session: Session, actor: Actor, key: UUID, *, today: date) -> PlanView:
    """A list, with its people for whoever may know of every one of them.

    Raises:
        NotFound: it is another unit's, or there is somebody on it of whom the actor may not know.
    """
    actor.require_role(*READERS)
    plan = _get(session, actor, key)
    due = _people_on(session, actor, plan, today=today)
    colleagues = select(User.id, User.name).where(
        User.id.in_((plan.proposed_by_id, plan.approved_by_id))
    )
    names = {key: name for key, name in session.execute(colleagues)}  # noqa: C416 - no mapping
    decides = plan.state is PlanState.PROPOSED and actor.has_role(*DECIDERS)
    is_own = plan.proposed_by_id == actor.user_id
    audit.record(
        session, actor, "read", "retention_plan", plan.id,
        subjects=[each.participant.id for each in due],
    )  # fmt: skip
    return PlanView(
        plan=plan,
        due=due,
        proposed_by=names.get(plan.proposed_by_id, ""),
        approved_by=names.get(plan.approved_by_id, "") if plan.approved_by_id else "",
        may_approve=decides and not is_own,
        may_withdraw=decides,
        left=len(due) if plan.state is PlanState.APPROVED else 0,
    )


def read_done(session: Session, actor: Actor, key: UUID) -> RetentionPlan:
    """A finished list, to take its proof away; logged.

    Raises:
        NotFound: it is another unit's, or it is not finished.
    """
    actor.require_role(*READERS)
    plan = _get(session, actor, key)
    if plan.state is not PlanState.DONE:
        raise NotFound("retention_plan")
    audit.record(session, actor, "export", "retention_plan", plan.id)
    return plan


def list_plans(session: Session, actor: Actor) -> list[RetentionPlan]:
    """The unit's lists, the latest first: numbers alone. One query.

    Lists with people of whom the actor may not know are left out until they are done.
    """
    actor.require_role(*READERS)
    found = (
        select(RetentionPlan)
        .where(RetentionPlan.unit_id == actor.unit_id)
        .order_by(RetentionPlan.proposed_at.desc())
        .limit(MOST)
    )
    plans = session.scalars(found).all()
    return [plan for plan in plans if _knows_all(session, actor, plan)]


def _get(session: Session, actor: Actor, key: UUID, *, for_update: bool = False) -> RetentionPlan:
    found = select(RetentionPlan).where(
        RetentionPlan.id == key, RetentionPlan.unit_id == actor.unit_id
    )
    plan = session.scalar(found.with_for_update() if for_update else found)
    if plan is None or not _knows_all(session, actor, plan):
        raise NotFound("retention_plan")
    return plan


def _knows_all(session: Session, actor: Actor, plan: RetentionPlan) -> bool:
    """Whether everybody who is left on a list exists for the actor; an auditor knows nobody."""
    if plan.state in {PlanState.DONE, PlanState.WITHDRAWN}:
        return True
    listed = _keys_on(session, plan)
    return _existing(session, actor, listed) == set(listed)


def _existing(session: Session, actor: Actor, keys: Sequence[UUID]) -> set[UUID]:
    found = participants_to_delete(actor).where(Participant.id.in_(keys))
    return set(session.scalars(found.with_only_columns(Participant.id)))


def _keys_on(session: Session, plan: RetentionPlan) -> list[UUID]:
    return list(
        session.scalars(
            select(RetentionItem.participant_id).where(RetentionItem.plan_id == plan.id)
        )
    )


def _people_on(session: Session, actor: Actor, plan: RetentionPlan, *, today: date) -> list[Due]:
    if plan.state in {PlanState.DONE, PlanState.WITHDRAWN}:
        return []
    return find_due(session, actor, today=today, only=_keys_on(session, plan))


def withdraw(
    session: Session, actor: Actor, key: UUID, *, version: int | None, now: datetime
) -> RetentionPlan:
    """Take a list back before it is approved.

    Raises:
        NotFound: see :func:`read_plan`.
        RuleViolation: it is approved already, or ended.
        Conflict: it was changed since it was shown.
    """
    actor.require_role(*DECIDERS)
    plan = _get(session, actor, key, for_update=True)
    check_version(plan, version)
    _require_proposed(plan)
    plan.state, plan.ended_at = PlanState.WITHDRAWN, now
    for item in session.scalars(select(RetentionItem).where(RetentionItem.plan_id == plan.id)):
        session.delete(item)
    session.flush()
    audit.record(session, actor, "withdraw", "retention_plan", plan.id)
    return plan


def approve(
    session: Session,
    actor: Actor,
    key: UUID,
    *,
    list_hash: str,
    version: int | None,
    today: date,
    now: datetime,
) -> RetentionPlan:
    """Let exactly the people of a list go.

    Args:
        session: a writing transaction.
        actor: another colleague than who proposed it.
        key: of the list.
        list_hash: of the list as it was shown.
        version: as it was shown.
        today: the day of deciding.
        now: the instant.

    Raises:
        NotFound: see :func:`read_plan`.
        Refused: the actor proposed it.
        RuleViolation: it is approved already or ended, or somebody on it may no longer go.
        Conflict: it was changed since it was shown.
    """
    actor.require_role(*DECIDERS)
    plan = _get(session, actor, key, for_update=True)
    check_version(plan, version)
    _require_proposed(plan)
    if plan.proposed_by_id == actor.user_id:
        raise Refused("own_list", N_("Du har gjort listan. En kollega behöver godkänna den."))
    due = _people_on(session, actor, plan, today=today)
    same = hash_of((each.participant.id, each.due_on) for each in due)
    if same != plan.list_hash or list_hash != plan.list_hash:
        raise RuleViolation(
            "list_changed",
            N_("Något har hänt sedan listan gjordes. Ta tillbaka den och gör en ny."),
        )
    plan.state = PlanState.APPROVED
    plan.approved_by_id, plan.approved_at = actor.require_user(), now
    session.flush()
    audit.record(
        session, actor, "approve", "retention_plan", plan.id,
        subjects=[each.participant.id for each in due],
    )  # fmt: skip
    return plan


def _require_proposed(plan: RetentionPlan) -> None:
    if plan.state is not PlanState.PROPOSED:
        raise RuleViolation("list_decided", N_("Listan är redan avgjord."))


def next_item(session: Session) -> UUID | None:
    """Somebody on an approved list whose turn it is; None when nobody is left. One query."""
    return session.scalar(
        select(RetentionItem.id)
        .join(RetentionPlan, RetentionPlan.id == RetentionItem.plan_id)
        .where(RetentionPlan.state == PlanState.APPROVED, RetentionItem.kept_because.is_(None))
        .order_by(RetentionPlan.approved_at, RetentionItem.due_on, RetentionItem.id)
        .limit(1)
    )


def delete_next(session: Session, actor: Actor, item_id: UUID, *, today: date) -> bool:
    """Delete one person of an approved list with all that is hers, after asking everything again.

    What was told about her as outcomes stays, cut loose from her. Must be the only thing that its
    transaction does.

    Returns:
        Whether she went; otherwise the reason stands on her row of the list.
    """
    item = session.get(RetentionItem, item_id, with_for_update=True)
    if item is None or item.kept_because is not None:
        return False  # somebody else was quicker
    plan = session.get_one(RetentionPlan, item.plan_id, with_for_update=True)
    person = session.get_one(Participant, item.participant_id, with_for_update=True)
    why = _still_kept(session, plan, item, today=today)
    if why is not None:
        item.kept_because = why
        plan.kept = plan.kept | {why: plan.kept.get(why, 0) + 1}
        session.flush()
        return False
    participant_id = person.id
    for address in filter(None, (person.email, person.phone)):
        mark_works(session, person.unit_id, address)  # it is known by a hash that leads to her
    found = rows.rows_of(session, participant_id)
    for outcome_key in rows.outcome_keys(session, found):
        anonymise_person(session, outcome_key)
    counted = rows.delete_rows(session, found)
    plan.deleted += 1
    plan.rows = dict(sorted((Counter(plan.rows) + counted).items()))
    session.flush()
    # The log says that and when, by an id that leads nowhere any more.
    audit.record(
        session, actor, "delete", "participant", participant_id,
        subjects=[participant_id], reason=f"retention_plan {plan.id}",
    )  # fmt: skip
    return True


def _still_kept(
    session: Session, plan: RetentionPlan, item: RetentionItem, *, today: date
) -> str | None:
    """Why somebody must stay after all, as whoever approved the list sees it; None when not."""
    try:
        # What the approver may not know of any longer, she has not approved.
        decided_by = actor_of(session, plan.approved_by_id) if plan.approved_by_id else None
    except NotFound:
        decided_by = None
    if decided_by is None:
        return "unseen"
    found = find_due(session, decided_by, today=today, only=[item.participant_id])
    if not found:
        seen = _existing(session, decided_by, [item.participant_id])
        return "not_due" if seen else "unseen"
    if found[0].kept_because:
        return found[0].kept_because[0]
    return None if found[0].due_on == item.due_on else "not_due"


def finish_plans(session: Session, actor: Actor, *, now: datetime) -> list[RetentionPlan]:
    """End the approved lists of which nobody is left to go, and seal what they say.

    The checksum of each proof goes into the log, whose own chain then guards it.
    """
    left = select(RetentionItem.id).where(
        RetentionItem.plan_id == RetentionPlan.id, RetentionItem.kept_because.is_(None)
    )
    ended = session.scalars(
        select(RetentionPlan)
        .where(RetentionPlan.state == PlanState.APPROVED, ~left.exists())
        .with_for_update()
    ).all()
    for plan in ended:
        if plan.referrals:
            gone = delete_referrals(session, plan.unit_id, plan.due_by)
            plan.rows = dict(sorted((plan.rows | {"referral": gone}).items()))
        plan.state, plan.ended_at = PlanState.DONE, now
        days = number(session, plan.unit_id, "retention_backup_days")
        plan.backups_gone_on = local_date(now) + timedelta(days=days)
        for item in session.scalars(select(RetentionItem).where(RetentionItem.plan_id == plan.id)):
            session.delete(item)
        plan.proof_hash = proof_hash(plan)
        audit.record(
            session, actor, "finish", "retention_plan", plan.id,
            reason=f"sha256:{plan.proof_hash}",
        )  # fmt: skip
    session.flush()
    return list(ended)
