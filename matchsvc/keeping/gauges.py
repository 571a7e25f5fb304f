"""Figures about the service for those who keep it: no person, no unit, no address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts.models import AuditEvent, AuditSeal
from matchsvc.jobs_models import JobState
from matchsvc.matching.models import MatchingStale
from matchsvc.messages.models import MessageState, OutboxMessage
from matchsvc.web.metrics import Figure


def gauges(session: Session, now: datetime) -> list[Figure]:
    """What the database tells of how the service is going.

    Args:
        session: a snapshot.
        now: ages are counted in seconds to here.
    """
    return [
        *_messages(session, now),
        *_jobs(session, now),
        _unsealed(session),
        Figure(
            "matchsvc_matching_marked",
            "Rows waiting to be packed for matching",
            session.scalar(select(func.count()).select_from(MatchingStale)) or 0,
        ),
    ]


def _messages(session: Session, now: datetime) -> list[Figure]:
    counted = select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)
    by_state = {row[0]: row[1] for row in session.execute(counted)}
    oldest = session.scalar(
        select(func.min(func.coalesce(OutboxMessage.not_before, OutboxMessage.created_at)))
        .where(OutboxMessage.state == MessageState.QUEUED)
    )  # fmt: skip
    return [
        *(
            Figure(
                "matchsvc_messages",
                "Messages by where they are on their way",
                by_state.get(state, 0),
                {"state": state.value},
            )
            for state in MessageState
        ),
        Figure(
            "matchsvc_oldest_queued_message_seconds",
            "How long the message has waited that has waited longest since it was due",
            max(0.0, (now - oldest).total_seconds()) if oldest else 0,
        ),
    ]


def _jobs(session: Session, now: datetime) -> list[Figure]:
    figures = []
    for state in session.scalars(select(JobState).order_by(JobState.job)):
        job = {"job": state.job}
        age = (now - state.finished_at).total_seconds()
        figures += [
            Figure("matchsvc_job_age_seconds", "Seconds since the job last ended", age, job),
            Figure("matchsvc_job_failures", "Failures in a row", state.failures, job),
        ]
    return sorted(figures, key=lambda figure: figure.name)


def _unsealed(session: Session) -> Figure:
    last = select(func.coalesce(func.max(AuditSeal.last_id), 0)).scalar_subquery()
    waiting = select(func.count()).select_from(AuditEvent).where(AuditEvent.id > last)
    return Figure(
        "matchsvc_audit_unsealed_rows",
        "Rows of the log that no seal covers yet",
        session.scalar(waiting) or 0,
    )
