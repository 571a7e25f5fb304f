"""Masking of passages within a text of a file that somebody asks to read.

What is marked is kept with its provision and its reason, also when the mark is taken away again:
who marked what and why can be followed afterwards. A mark says where in the text it stands, never
what stood there. What is read when a line is opened is set once, as it is decided, and nothing
else of the line goes on to page or paper.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.participants.own import plain_text
from matchsvc.rights.models import RecordLine, RecordMask, RecordRequest
from matchsvc.rights.provisions import provisions
from matchsvc.rights.records import DECIDED, get_record_request

#: A sentence ends with its sign before a space, or with its line. An abbreviation makes two parts
#: of one sentence; they are marked one by one.
_SENTENCE = re.compile(r"\S[^\n]*?(?:[.!?…]+[\"”’»)\]]*(?=\s|$)|(?=\n)|$)")
_NOTHING = N_("Kryssa i en mening, eller skriv de ord som ska maskeras.")


@dataclass(frozen=True, slots=True)
class Marking:
    """What is to be masked in a line, by which provision and why.

    Attributes:
        sentences: places in :func:`sentences_of`.
        words: words or phrases; each is masked wherever it stands in the text.
    """

    sentences: Collection[int]
    words: Sequence[str]
    provision: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Marked:
    """A line with everything that was marked in it.

    Attributes:
        masks: those that stand, in order of the text.
        log: all of the line, also those taken away, the first first.
    """

    request: RecordRequest
    line: RecordLine
    masks: Sequence[RecordMask]
    log: Sequence[RecordMask]


def sentences_of(text: str) -> list[tuple[int, int]]:
    """Where each sentence of a text begins and ends. Together they hold all that is not space."""
    return [each.span() for each in _SENTENCE.finditer(text)]


def get_line(
    session: Session, actor: Actor, request_id: UUID, position: int, *, today: date
) -> Marked:
    """A line of what somebody asks to read, and what was marked in it; logged.

    Raises:
        NotFound: unknown, or about a file that does not exist for the actor.
        Refused: not the actor's own.
    """
    row, _person, lines = get_record_request(session, actor, request_id, today=today)
    line = next((each for each in lines if each.position == position), None)
    if line is None:
        raise NotFound("record_request")
    log = masks_of(session, [line.id])
    return Marked(row, line, standing(log), log)


def masks_of(session: Session, line_ids: Iterable[UUID]) -> Sequence[RecordMask]:
    """All marks of some lines, also those taken away, the first first. Asks no right."""
    return session.scalars(
        select(RecordMask)
        .where(RecordMask.line_id.in_(list(line_ids)))
        .order_by(RecordMask.created_at, RecordMask.starts, RecordMask.id)
    ).all()


def standing(masks: Iterable[RecordMask]) -> list[RecordMask]:
    """Those that were not taken away, in order of the text."""
    found = [each for each in masks if each.removed_at is None]
    return sorted(found, key=lambda each: (each.starts, each.ends))


def mark(
    session: Session,
    actor: Actor,
    request_id: UUID,
    position: int,
    marking: Marking,
    *,
    version: int | None,
    today: date,
) -> list[RecordMask]:
    """Mark passages of a line to be masked; a decision that opens the line keeps them shut.

    Raises:
        NotFound, Refused: as :func:`get_line`.
        RuleViolation: decided already.
        Invalid: nothing is marked, a word does not stand there, no provision or no reason.
        Conflict: somebody else changed the request meanwhile.
    """
    found = get_line(session, actor, request_id, position, today=today)
    _still_open(found.request, version)
    errors = {}
    spans = sentences_of(found.line.value)
    chosen = [spans[place] for place in sorted(set(marking.sentences)) if 0 <= place < len(spans)]
    for word in filter(None, (each.strip() for each in marking.words)):
        places = _places_of(word, found.line.value)
        if not places:
            errors["words"] = N_("Ett av orden finns inte i texten. Skriv det som det står där.")
        chosen += places
    if not chosen and not errors:
        errors["words"] = _NOTHING
    if marking.provision not in provisions():
        errors["provision"] = N_("Välj en bestämmelse i listan.")
    reason = plain_text("reason", marking.reason, today=today)
    if reason is None:
        errors["reason"] = N_("Skriv varför det inte kan lämnas ut.")
    if errors:
        raise Invalid(errors)
    known = {(each.starts, each.ends, each.provision) for each in found.masks}
    made = [
        RecordMask(
            line_id=found.line.id,
            starts=starts,
            ends=ends,
            provision=marking.provision,
            reason=reason,
            marked_by_id=actor.require_user(),
        )
        for starts, ends in dict.fromkeys(chosen)
        if (starts, ends, marking.provision) not in known
    ]
    session.add_all(made)
    _changed(session, actor, "mask", found.request, marking.provision)
    return made


def unmark(
    session: Session,
    actor: Actor,
    request_id: UUID,
    mask_id: UUID,
    *,
    version: int | None,
    today: date,
    now: datetime,
) -> RecordMask:
    """Take a mark away; that it was there is kept. A second time changes nothing.

    Raises:
        NotFound, Refused: as :func:`get_line`; also a mark of another request.
        RuleViolation: decided already.
        Conflict: somebody else changed the request meanwhile.
    """
    row, _person, lines = get_record_request(session, actor, request_id, today=today)
    found = session.get(RecordMask, mask_id)
    if found is None or found.line_id not in {line.id for line in lines}:
        raise NotFound("record_request")
    _still_open(row, version)
    if found.removed_at is None:
        found.removed_at, found.removed_by_id = now, actor.require_user()
        _changed(session, actor, "unmask", row, found.provision)
    return found


def _places_of(word: str, text: str) -> list[tuple[int, int]]:
    whole = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    return [each.span() for each in whole.finditer(text)]


def _still_open(row: RecordRequest, version: int | None) -> None:
    check_version(row, version)
    if row.decision is not None:
        raise RuleViolation("decided", DECIDED)


def _changed(
    session: Session, actor: Actor, action: str, row: RecordRequest, provision: str
) -> None:
    # The request counts as changed, so that nobody decides of marks that are no longer shown.
    flag_modified(row, "created_at")
    session.flush()
    audit.record(
        session, actor, action, "record_request", row.id,
        subjects=[row.participant_id], fields=[provision],
    )  # fmt: skip
