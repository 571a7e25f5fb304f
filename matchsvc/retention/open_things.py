"""What is still open in somebody's file: it keeps the file until a person has closed it.

One table of kinds. Rows are those that go with her (``rows.py``), so that what hangs on a row that
was merged into hers counts too. Each kind says which page closes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from matchsvc.documents.models import DocumentState, EndDocument
from matchsvc.messages.models import MessageState, OutboxMessage
from matchsvc.own_page.models import Correction
from matchsvc.participants.plan_models import Plan
from matchsvc.participants.plans import OPEN as OPEN_PLANS
from matchsvc.placements.models import Employment, Placement
from matchsvc.retention import rows
from matchsvc.retention.models import LegalHold
from matchsvc.rights.models import RecordRequest, RightsRequest
from matchsvc.swedish import end_of_day
from matchsvc.tripartite.desk import OPEN as OPEN_AGREEMENTS
from matchsvc.tripartite.models import TripartiteAgreement
from matchsvc.workday.meeting_models import Meeting, MeetingPerson
from matchsvc.workday.models import Task

#: A message in these states may still leave, or a person has to say whether it did.
_NOT_SENT = (MessageState.QUEUED, MessageState.SENDING, MessageState.UNCERTAIN)
#: Pages that are hers, also when the row hangs on one that was merged into hers.
_PAGES_OF_HERS = ("plan", "correction")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing that keeps a file while it is open.

    Attributes:
        code: of ``due.KEPT_BECAUSE``.
        model: its table.
        is_open: which rows of it are open on a day.
        place: what the page that closes it is the page of; ``views.PLACES`` knows the address.
        at: the column with the id of that page.
    """

    code: str
    model: Any
    is_open: Callable[[date], ColumnElement[bool]]
    place: str
    at: Any


@dataclass(frozen=True, slots=True)
class OpenThing:
    """One open thing of somebody's: why it keeps the file, and which page closes it."""

    code: str
    place: str
    key: UUID


def _job_is_open(today: date) -> ColumnElement[bool]:
    """A job until further notice that has begun is over for the unit when the case is.

    Whoever has such a job would otherwise be kept for as long as it lasts, which nobody notes.
    """
    ends = or_(Employment.start_date > today, Employment.planned_end_date.is_not(None))
    return or_(Employment.end_date >= today, and_(Employment.end_date.is_(None), ends))


KINDS: tuple[Kind, ...] = (
    Kind("hold", LegalHold, lambda _: LegalHold.lifted_on.is_(None), "hold", LegalHold.id),
    Kind(
        "running",
        Placement,
        lambda today: and_(
            Placement.called_off_on.is_(None),
            or_(Placement.end_date.is_(None), Placement.end_date >= today),
        ),
        "placement",
        Placement.id,
    ),
    Kind("job", Employment, _job_is_open, "employment", Employment.id),
    Kind(
        "meeting",
        MeetingPerson,
        lambda today: exists().where(
            Meeting.id == MeetingPerson.meeting_id,
            Meeting.cancelled_at.is_(None),
            Meeting.ends_at > end_of_day(today - timedelta(days=1)),
        ),
        "meeting",
        MeetingPerson.meeting_id,
    ),
    Kind("plan", Plan, lambda _: Plan.state.in_(OPEN_PLANS), "plan", Plan.participant_id),
    Kind(
        "agreement",
        TripartiteAgreement,
        lambda _: TripartiteAgreement.state.in_(OPEN_AGREEMENTS),
        "agreement",
        TripartiteAgreement.placement_id,
    ),
    Kind(
        "unsigned",
        EndDocument,
        lambda _: EndDocument.state == DocumentState.SIGNING,
        "document",
        EndDocument.placement_id,
    ),
    Kind(
        "paper",
        EndDocument,
        lambda _: EndDocument.state == DocumentState.DRAFT,
        "document",
        EndDocument.placement_id,
    ),
    Kind(
        "correction",
        Correction,
        lambda _: Correction.answered_at.is_(None),
        "correction",
        Correction.participant_id,
    ),
    Kind(
        "request",
        RightsRequest,
        lambda _: RightsRequest.answered_on.is_(None),
        "request",
        RightsRequest.id,
    ),
    Kind(
        "request",
        RecordRequest,
        lambda _: RecordRequest.decided_at.is_(None),
        "record",
        RecordRequest.id,
    ),
    Kind(
        "task",
        Task,
        lambda _: and_(Task.done_at.is_(None), Task.dropped_at.is_(None)),
        "task",
        Task.id,
    ),
    Kind(
        "message",
        OutboxMessage,
        lambda _: OutboxMessage.state.in_(_NOT_SENT),
        "message",
        func.coalesce(OutboxMessage.cause_id, OutboxMessage.recipient_id, OutboxMessage.id),
    ),
)


def find_open(
    session: Session, owned: rows.Owned, *, today: date
) -> Mapping[UUID, list[OpenThing]]:
    """Everything that is open, by whose it is, in the order of KINDS, each page once.

    Args:
        session: to read with; a query of each kind, more only by hundreds of rows.
        owned: the rows of some people, as :func:`rows.rows_of_all` gives them.
        today: what is open is open that day.
    """
    found: dict[UUID, list[OpenThing]] = defaultdict(list)
    for kind in KINDS:
        held = owned.get(kind.model.__tablename__, {})
        seen = set()
        for some in rows.parts(held):
            there = select(kind.model.id, kind.at).where(
                kind.model.id.in_(some), kind.is_open(today)
            )
            for row_id, at in session.execute(there):
                owner = held[row_id]
                key = owner if kind.place in _PAGES_OF_HERS else at
                if (owner, key) not in seen:
                    seen.add((owner, key))
                    found[owner].append(OpenThing(kind.code, kind.place, key))
    return found
