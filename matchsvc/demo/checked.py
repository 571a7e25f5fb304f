"""What the town's staff opened last month, and the auditor's check of it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.actors import ActorKind
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.demo.lots import Lots
from matchsvc.log_checks import rules
from matchsvc.log_checks.models import AuditSampleLine, Outcome, SampleKind
from matchsvc.participants.models import Capacity, Involvement
from matchsvc.swedish import STOCKHOLM, add_months, is_working_day

_ROOM = UUID("6f0a3c1e-6d0e-4a52-9c6b-0d8f6f1f2a10")  # of request ids
_A_DAY = 3
_JUDGED = (
    (Outcome.IN_ORDER, ""),
    (Outcome.ASKED, "Frågade varför. Svar väntas i veckan."),
    (Outcome.IN_ORDER, "Vikarierade den dagen."),
)


def build_log_checks(session: Session, seed: int, *, today: date, now: datetime) -> None:
    """Rows of the log from last month, one sample that is being judged, and one that is not."""
    auditor = session.scalar(
        select(User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(UserRole.role == Role.AUDITOR, User.is_active)
        .order_by(User.email)
        .limit(1)
    )
    first = add_months(today.replace(day=1), -1)
    last = today.replace(day=1) - timedelta(days=1)
    audit.write(session, _openings(session, Lots(seed, "log"), first, last))
    session.flush()
    if auditor is None:
        return
    actor = accounts.actor_of(session, auditor)
    for kind, judged in ((SampleKind.OUTSIDE, 0), (SampleKind.RANDOM, len(_JUDGED))):
        sample = rules.draw(
            session, actor, kind, 8, first, last, seed=f"{seed:032x}", today=today, now=now
        )
        lines = select(AuditSampleLine.number).where(AuditSampleLine.sample_id == sample.id)
        for number, (outcome, words) in zip(session.scalars(lines), _JUDGED[:judged], strict=False):
            rules.judge(session, actor, sample.id, number, outcome, words, now=now)


def _openings(session: Session, lots: Lots, first: date, last: date) -> list[dict[str, object]]:
    """Each case worker opens some of her own each working day, and now and then a colleague's."""
    pairs = session.execute(
        select(Involvement.user_id, Involvement.participant_id)
        .where(Involvement.capacity == Capacity.CASE_WORKER)
        .order_by(Involvement.user_id, Involvement.participant_id)
    ).all()
    people = sorted({person for _user, person in pairs})
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    rows: list[dict[str, object]] = []
    for user in sorted({user for user, _person in pairs}):
        own = [person for holder, person in pairs if holder == user]
        for day in filter(is_working_day, days):
            for number in range(_A_DAY):
                person = lots.choice(own if lots.random() > 0.1 else people)
                at = datetime.combine(day, time(9 + number, lots.randrange(60)), STOCKHOLM)
                rows.append(
                    {
                        "at": at,
                        "actor": f"{ActorKind.USER}:{user}",
                        "action": "read",
                        "object_type": lots.choice(["participant", "plan", "note"]),
                        "object_id": None,
                        "subjects": [str(person)],
                        "fields": [],
                        "reason": None,
                        "request_id": uuid5(_ROOM, f"{user} {at}").hex,
                    }
                )
    return rows
