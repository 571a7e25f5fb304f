"""What an employer sends by the link, a question or that help is needed, and who answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Unit, User
from matchsvc.accounts.settings import number
from matchsvc.db import check_version
from matchsvc.employers.models import Contact
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.placements.access import PREPARERS, Seen, get_placement
from matchsvc.placements.workplace_models import AttendanceSaid, Going, WorkplaceWord
from matchsvc.support import letters
from matchsvc.support.contacts import who_answers
from matchsvc.support.links import Opened
from matchsvc.support.models import HELP, RequestKind, SupportLink, SupportRequest
from matchsvc.support.plain_words import clean, refuse_identity_numbers, refuse_protected
from matchsvc.swedish import STOCKHOLM, is_working_day, local_date, working_day_on_or_after
from matchsvc.workday.rules import add_task, settle_tasks

#: So much one link may send in a day; more is somebody playing with it.
MOST_A_DAY = 20
TEXT_LONGEST = 600
#: Who asks for help after this hour is answered on the next working day.
LAST_HOUR = 14
#: Help that was asked for before that is answered by this hour.
SAME_DAY = time(16)
TASK_QUESTION, TASK_HELP = "support_question", "support_help"
TASKS = (TASK_QUESTION, TASK_HELP)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question or call for help, who asked and who answers."""

    request: SupportRequest
    contact: str
    owner: str | None


def due_at(kind: RequestKind, now: datetime, *, days: int, hour: int) -> datetime:
    """When somebody has answered at the latest.

    Args:
        kind: a question, or help.
        now: when it was sent.
        days: working days that the unit has set; 0 is the same day for who asks in time.
        hour: of the last day, in Stockholm.
    """
    local = now.astimezone(STOCKHOLM)
    is_help = kind is not RequestKind.QUESTION
    if is_help and days == 0 and is_working_day(local.date()) and local.hour < LAST_HOUR:
        return datetime.combine(local.date(), SAME_DAY, tzinfo=STOCKHOLM)
    day = local.date()
    for _each in range(max(days, 1)):
        day = working_day_on_or_after(day + timedelta(days=1))
    return datetime.combine(day, time(hour), tzinfo=STOCKHOLM)


def send(
    session: Session,
    opened: Opened,
    kind: RequestKind,
    *,
    submission_id: UUID,
    text: str | None = None,
    now: datetime,
) -> SupportRequest:
    """Keep what was sent, and give it to somebody named with a deadline. Sent twice, kept once.

    Raises:
        Invalid: a question without words, or with an identity number.
        RuleViolation: too much in one day.
    """
    known = session.scalar(
        select(SupportRequest).where(SupportRequest.submission_id == submission_id)
    )
    if known is not None and known.placement_id == opened.placement.id:
        return known
    today = local_date(now)
    _refuse_flood(session, opened, now)
    words = None
    if kind is RequestKind.QUESTION:
        words = clean(text, opened.seen.participant, today=today, field="text")
        if words is None:
            raise Invalid({"text": N_("Skriv er fråga.")})
    owner = who_answers(session, opened.placement, today=today)
    setting = "support_question_days" if kind is RequestKind.QUESTION else "support_help_days"
    unit_id = opened.row.unit_id
    row = SupportRequest(
        unit_id=unit_id,
        placement_id=opened.placement.id,
        contact_id=opened.contact.id,
        submission_id=submission_id,
        kind=kind,
        text=words,
        owner_id=owner.id if owner else None,
        due_at=due_at(
            kind,
            now,
            days=number(session, unit_id, setting),
            hour=number(session, unit_id, "support_answer_hour"),
        ),
    )
    session.add(row)
    session.flush()
    if owner is not None:
        add_task(
            session,
            opened.actor,
            owner_id=owner.id,
            unit_id=unit_id,
            kind=TASK_QUESTION if kind is RequestKind.QUESTION else TASK_HELP,
            about_type="placement",
            about_id=opened.placement.id,
            due_on=local_date(row.due_at),
            words={"site": opened.seen.site.name},
            origin="support_request",
        )
        letters.tell_colleague(session, owner)
    audit.record(session, opened.actor, "create", "support_request", row.id)
    return row


def _refuse_flood(session: Session, opened: Opened, now: datetime) -> None:
    day_ago = now - timedelta(days=1)
    sent = 0
    for table in (SupportRequest, WorkplaceWord):
        sent += (
            session.scalar(
                select(func.count())
                .select_from(table)
                .where(
                    table.placement_id == opened.placement.id,
                    table.contact_id == opened.contact.id,
                    table.created_at > day_ago,
                )
            )
            or 0
        )
    if sent >= MOST_A_DAY:
        raise RuleViolation(
            "too_many", N_("Ni har skickat mycket i dag. Ring er kontakt hos oss i stället.")
        )


def say_how_it_goes(
    session: Session,
    opened: Opened,
    *,
    attendance: AttendanceSaid,
    going: Going,
    text: str | None,
    submission_id: UUID,
    now: datetime,
) -> WorkplaceWord:
    """Keep what the workplace's own supervisor says, for the next follow-up. Sent twice, kept once.

    Raises:
        Invalid: an identity number.
        RuleViolation: too much in one day.
    """
    known = session.scalar(
        select(WorkplaceWord).where(WorkplaceWord.submission_id == submission_id)
    )
    if known is not None and known.placement_id == opened.placement.id:
        return known
    _refuse_flood(session, opened, now)
    today = local_date(now)
    row = WorkplaceWord(
        placement_id=opened.placement.id,
        contact_id=opened.contact.id,
        submission_id=submission_id,
        said_on=today,
        attendance=attendance,
        going=going,
        text=clean(text, opened.seen.participant, today=today, field="text"),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        opened.actor,
        "create",
        "workplace_word",
        row.id,
        subjects=[opened.seen.participant.id],
    )
    return row


def list_requests(
    session: Session, placement_id: UUID, *, contact_id: UUID | None = None
) -> list[Asked]:
    """What was asked about a placement, the unanswered first. Asks no right. One query."""
    found = (
        select(SupportRequest, Contact.name, User.name)
        .join(Contact, Contact.id == SupportRequest.contact_id)
        .outerjoin(User, User.id == SupportRequest.owner_id)
        .where(SupportRequest.placement_id == placement_id)
        .order_by(SupportRequest.answered_at.is_not(None), SupportRequest.created_at.desc())
        .limit(50)
    )
    if contact_id is not None:
        found = found.where(SupportRequest.contact_id == contact_id)
    return [Asked(row[0], row[1], row[2]) for row in session.execute(found)]


def get_request(
    session: Session, actor: Actor, request_id: UUID, *, today: date, for_update: bool = False
) -> tuple[Seen, SupportRequest]:
    """One request of a placement that the actor may see.

    Raises:
        NotFound: unknown, or the placement is hidden.
        Refused: the actor does not look after employers.
    """
    actor.require_role(*PREPARERS)
    found = select(SupportRequest).where(SupportRequest.id == request_id)
    row = session.scalar(found.with_for_update() if for_update else found)
    if row is None:
        raise NotFound("support_request")
    try:
        seen = get_placement(session, actor, row.placement_id, today=today)
    except NotFound:
        raise NotFound("support_request") from None
    return seen, row


def answer(
    session: Session,
    actor: Actor,
    request_id: UUID,
    *,
    text: str | None,
    version: int | None = None,
    today: date,
    now: datetime,
) -> SupportRequest:
    """Answer a question, or note that help was given. The contact hears that there is an answer.

    Raises:
        NotFound, Refused: as for :func:`get_request`.
        Invalid: no words for a question, or an identity number.
        RuleViolation: protected personal data.
        Conflict: somebody else answered meanwhile.
    """
    seen, row = get_request(session, actor, request_id, today=today, for_update=True)
    refuse_protected(seen)
    check_version(row, version)
    words = (text or "").strip() or None
    refuse_identity_numbers({"answer": words}, today=today)
    if words is None and row.kind is RequestKind.QUESTION:
        raise Invalid({"answer": N_("Skriv ett svar.")})
    if clean(words, seen.participant, today=today, field="answer") != words:
        message = N_("Svaret nämner deltagaren. Ring hellre, eller skriv utan namn.")
        raise Invalid({"answer": message})
    row.answer, row.answered_at, row.answered_by_id = words, now, actor.user_id
    session.flush()
    _settle(session, actor, row, now=now)
    audit.record(session, actor, "change", "support_request", row.id, fields=["answer"])
    link = session.scalar(
        select(SupportLink)
        .where(
            SupportLink.placement_id == row.placement_id, SupportLink.contact_id == row.contact_id
        )
        .order_by(SupportLink.created_at.desc())
        .limit(1)
    )
    contact = session.get_one(Contact, row.contact_id)
    if link is not None and link.revoked_at is None and contact.is_active and words:
        letters.tell_of_answer(session, link, contact, session.get_one(Unit, row.unit_id))
    return row


def _settle(session: Session, actor: Actor, row: SupportRequest, *, now: datetime) -> None:
    """Close the task when nothing more of its kind waits for an answer."""
    is_question = row.kind is RequestKind.QUESTION
    kinds: Sequence[RequestKind] = (RequestKind.QUESTION,) if is_question else HELP
    waiting = session.scalar(
        select(func.count())
        .select_from(SupportRequest)
        .where(
            SupportRequest.placement_id == row.placement_id,
            SupportRequest.kind.in_(kinds),
            SupportRequest.answered_at.is_(None),
        )
    )
    if not waiting:
        task = TASK_QUESTION if is_question else TASK_HELP
        settle_tasks(session, actor, [task], row.placement_id, now=now)
