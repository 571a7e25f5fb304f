"""What the day does: ask for the check that is due, and let samples go with their time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit, audit_months
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.accounts.settings import numbers_by_unit
from matchsvc.log_checks.models import AuditSample, AuditSampleLine
from matchsvc.log_checks.rules import TASK
from matchsvc.swedish import STOCKHOLM, add_months
from matchsvc.workday.rules import add_task, holders_of

SETTING = "log_check_months"


def ask_for_checks(session: Session, actor: Actor, *, today: date) -> int:
    """Give each unit's auditors, else its managers, a task when no sample was drawn in its time.

    Returns:
        In how many units a check is due.
    """
    due = 0
    for unit_id, each in numbers_by_unit(session, SETTING).items():
        since = add_months(today.replace(day=1), 1 - each[SETTING])
        drawn = select(AuditSample.id).where(
            AuditSample.unit_id == unit_id, AuditSample.drawn_at >= _midnight(since)
        )
        if session.scalar(drawn.limit(1)) is not None:
            continue
        due += 1
        owners = holders_of(session, unit_id, Role.AUDITOR)
        for owner_id in owners or holders_of(session, unit_id, Role.UNIT_MANAGER):
            add_task(
                session,
                actor,
                owner_id=owner_id,
                unit_id=unit_id,
                kind=TASK,
                about_type="log_checks",
                about_id=unit_id,
                due_on=add_months(today.replace(day=1), 1) - timedelta(days=1),
                origin="rule:ask_for_log_checks",
            )
    return due


def forget_old(session: Session, actor: Actor, *, today: date) -> int:
    """Delete samples that were drawn before the oldest month that the log keeps."""
    before = _midnight(audit_months.kept_from(session, today=today))
    old = session.scalars(select(AuditSample.id).where(AuditSample.drawn_at < before)).all()
    if old:
        session.execute(delete(AuditSampleLine).where(AuditSampleLine.sample_id.in_(old)))
        session.execute(delete(AuditSample).where(AuditSample.id.in_(old)))
        audit.record(session, actor, "delete", "audit_sample", reason=f"retention: {len(old)}")
    return len(old)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), STOCKHOLM)
