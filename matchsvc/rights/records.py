"""Somebody asks to read a part of a file: what may be read, line by line, and the decision.

Every line is taken to be secret until who decides has opened it (OSL 26:1: secret unless it is
clear that nobody is harmed). What stays masked is left out of what is set as a paper, so that it
is not in the file's bytes. A file of somebody protected or restricted is found by her
handlers alone; for everybody else the answer is that of a file that does not exist.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.participants.consent_models import Party
from matchsvc.participants.disclosures import give_by_right
from matchsvc.participants.models import Participant
from matchsvc.participants.own import plain_text
from matchsvc.rights.masked_text import left_of
from matchsvc.rights.models import Decision, How, RecordLine, RecordMask, RecordRequest
from matchsvc.rights.provisions import PRESUMED, provisions
from matchsvc.rights.requests import get_person
from matchsvc.rights.whole_copy import read_everything
from matchsvc.workday.rules import add_task, settle_tasks

TASK_KIND = "record_request"
#: More than this is no longer one part of a file.
MOST_LINES = 500
DECIDED = N_("Det är redan beslutat. En ny begäran prövas på nytt.")
_WHAT_IN_FULL = "En del av akten"
_WHAT_IN_PART = "En del av akten, med det som är sekretessbelagt maskerat"
_GIVEN = {
    How.IN_PERSON: "Vid ett möte",
    How.PHONE: "Per telefon",
    How.LETTER: "Med brev",
    How.EMAIL: "Med e-post",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. Who asks need not say who she is (TF 2:18): ``asker`` may be empty."""

    table_name: str
    wanted: str
    asked_on: date
    asked_how: How
    asker: str | None = None
    is_party: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided: which lines may be read, what masks others, by position, and why.

    A line that is in neither stays masked as it was: nothing is opened by being forgotten. What was
    marked in a line (``passages``) stays masked also when the line is opened.
    """

    opened: Collection[int]
    masked: Mapping[int, str]
    reason: str | None
    wants_decision: bool = False


def register(
    session: Session, actor: Actor, key: UUID | str, wanted: Wanted, *, today: date
) -> RecordRequest:
    """Write the request down with the part of the file as it stands now, all of it masked.

    It is to be handled at once (TF 2:15), so the task is due today.

    Raises:
        NotFound: no such file, or one that does not exist for the actor.
        Refused: not the actor's own.
        Invalid: nothing is asked for, the part is empty or too long, or a day to come.
    """
    person = get_person(session, actor, key, today=today)
    words = plain_text("wanted", wanted.wanted, today=today)
    asker = plain_text("asker", wanted.asker, today=today)
    errors = {}
    if words is None:
        errors["wanted"] = N_("Skriv vilken handling eller uppgift det gäller.")
    if wanted.asked_on > today:
        errors["asked_on"] = N_("Dagen har inte varit än. Skriv när begäran kom.")
    lines = _lines(session, actor, person, wanted.table_name)
    if not lines:
        errors["table_name"] = N_("Det finns inget sparat i den delen. Välj en annan.")
    elif len(lines) > MOST_LINES:
        errors["table_name"] = N_("Delen är för lång för ett papper. Välj en mindre del.")
    if errors:
        raise Invalid(errors)
    row = RecordRequest(
        participant_id=person.id,
        unit_id=person.unit_id,
        asked_on=wanted.asked_on,
        asked_how=wanted.asked_how,
        asker=asker,
        is_party=wanted.is_party,
        wanted=words,
        table_name=wanted.table_name,
        handled_by_id=actor.require_user(),
    )
    session.add(row)
    session.flush()
    session.add_all(
        RecordLine(request_id=row.id, position=place, what=what, value=value, provision=PRESUMED)
        for place, (what, value) in enumerate(lines)
    )
    add_task(
        session,
        actor,
        owner_id=row.handled_by_id,
        unit_id=row.unit_id,
        kind=TASK_KIND,
        about_type=TASK_KIND,
        about_id=row.id,
        due_on=today,
        origin=TASK_KIND,
    )
    _log(session, actor, "create", row)
    return row


def _lines(
    session: Session, actor: Actor, person: Participant, table_name: str
) -> list[tuple[str, str]]:
    kept = read_everything(session, actor, person, form="part")
    return [
        (column, str(value))
        for row in kept.tables.get(table_name, [])
        for column, value in row.items()
        if str(value).strip()
    ]


def get_record_request(
    session: Session, actor: Actor, request_id: UUID, *, today: date
) -> tuple[RecordRequest, Participant, Sequence[RecordLine]]:
    """A request, whose file it is about, and its lines in order; logged.

    Raises:
        NotFound: unknown, or about a file that does not exist for the actor.
        Refused: not the actor's own.
    """
    row = session.scalar(
        select(RecordRequest).where(RecordRequest.id == request_id).with_for_update()
    )
    if row is None:
        raise NotFound("record_request")
    person = get_person(session, actor, row.participant_id, today=today)
    _log(session, actor, "read", row)
    lines = session.scalars(
        select(RecordLine).where(RecordLine.request_id == row.id).order_by(RecordLine.position)
    ).all()
    return row, person, lines


def decide(
    session: Session,
    actor: Actor,
    request_id: UUID,
    ruling: Ruling,
    *,
    version: int | None,
    today: date,
    now: datetime,
) -> RecordRequest:
    """Say which lines stay masked, by which provision, and why. It is decided once.

    Raises:
        NotFound, Refused: as :func:`get_record_request`.
        RuleViolation: decided already.
        Invalid: something is masked without a reason, or by no provision.
        Conflict: somebody else changed it meanwhile.
    """
    row, _person, lines = get_record_request(session, actor, request_id, today=today)
    check_version(row, version)
    if row.decision is not None:
        raise RuleViolation("decided", DECIDED)
    known = provisions()
    if any(code not in known for code in ruling.masked.values()):
        raise Invalid({"masked": N_("Välj en bestämmelse i listan.")})
    reason = plain_text("reason", ruling.reason, today=today)
    marked = _marked(session, lines)
    for line in lines:
        opened = line.position in ruling.opened and line.position not in ruling.masked
        line.provision = None if opened else ruling.masked.get(line.position, PRESUMED)
        line.told = left_of(line.value, marked[line.id]) if opened else None
        if opened and line.told is None:  # nothing is left: the line as a whole
            line.provision = marked[line.id][0][2]
    hidden = [line for line in lines if line.provision is not None]
    in_part = [line for line in lines if line.provision is None and marked[line.id]]
    if (hidden or in_part) and reason is None:
        raise Invalid({"reason": N_("Skriv varför det som är maskerat inte kan lämnas ut.")})
    row.decision = Decision.PARTLY if in_part else Decision.GRANTED
    if hidden:
        row.decision = Decision.REFUSED if len(hidden) == len(lines) else Decision.PARTLY
    row.reason, row.wants_decision = reason, ruling.wants_decision
    row.decided_at, row.decided_by_id = now, actor.require_user()
    settle_tasks(session, actor, (TASK_KIND,), row.id, now=now)
    session.flush()
    audit.record(
        session, actor, "disclose", "record_request", row.id,
        subjects=[row.participant_id], fields=[row.decision],
    )  # fmt: skip
    return row


def _marked(
    session: Session, lines: Sequence[RecordLine]
) -> Mapping[UUID, list[tuple[int, int, str]]]:
    """Where each line has passages that stay masked although it is opened."""
    found: dict[UUID, list[tuple[int, int, str]]] = {line.id: [] for line in lines}
    masks = select(RecordMask).where(RecordMask.line_id.in_(found), RecordMask.removed_at.is_(None))
    for mask in session.scalars(masks):
        found[mask.line_id].append((mask.starts, mask.ends, mask.provision))
    return {key: sorted(spans) for key, spans in found.items()}


def hand_over(
    session: Session,
    actor: Actor,
    request_id: UUID,
    how: How,
    *,
    version: int | None,
    today: date,
    now: datetime,
) -> RecordRequest:
    """Note that what may be read was given to whoever asked, among what was told of her.

    Raises:
        NotFound, Refused: as :func:`get_record_request`.
        RuleViolation: not decided, nothing may be read, given already, or somebody protected
            would have more than paper from hand to hand.
        Conflict: somebody else changed it meanwhile.
    """
    row, person, _lines_of = get_record_request(session, actor, request_id, today=today)
    check_version(row, version)
    if row.decision not in {Decision.GRANTED, Decision.PARTLY}:
        raise RuleViolation("nothing_to_hand", N_("Det finns inget beslut om att lämna ut något."))
    if row.handed_on is not None:
        raise RuleViolation("handed", N_("Det är redan antecknat att pappret är lämnat."))
    if person.protected and how is not How.IN_PERSON:
        raise RuleViolation(
            "protected_in_person",
            N_("Personens uppgifter är skyddade. Lämna pappret från hand till hand."),
        )
    row.handed_on, row.handed_how = today, how
    give_by_right(
        session,
        actor,
        person,
        Party.PARTY_TO_CASE if row.is_party else Party.ANYBODY,
        recipient=_GIVEN[how],
        purpose=_WHAT_IN_FULL if row.decision is Decision.GRANTED else _WHAT_IN_PART,
        request_id=row.id,
        now=now,
    )
    session.flush()
    audit.record(
        session, actor, "hand_over", "record_request", row.id,
        subjects=[row.participant_id], fields=[how],
    )  # fmt: skip
    return row


def list_of(
    session: Session, actor: Actor, key: UUID | str, *, today: date
) -> Sequence[RecordRequest]:
    """Requests to read in somebody's file, the latest first; logged.

    Raises:
        NotFound, Refused: as :func:`matchsvc.rights.requests.get_person`.
    """
    person = get_person(session, actor, key, today=today)
    audit.record(session, actor, "list", "record_request", subjects=[person.id])
    return record_requests_of(session, person.id)


def record_requests_of(session: Session, participant_id: UUID) -> Sequence[RecordRequest]:
    """Requests to read in somebody's file, the latest first. Asks no right."""
    return session.scalars(
        select(RecordRequest)
        .where(RecordRequest.participant_id == participant_id)
        .order_by(RecordRequest.created_at.desc(), RecordRequest.id)
    ).all()


def _log(session: Session, actor: Actor, action: str, row: RecordRequest) -> None:
    audit.record(session, actor, action, "record_request", row.id, subjects=[row.participant_id])
