"""The summary of the mapping: drafted from the map, gone through with her, signed, then fixed.

MAP-03: she may comment or disagree, and her words are kept as they were said. A new version takes
the place of the signed one; both stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.outcomes.rules import record_outcome
from matchsvc.participants.cases import latest_case, open_case
from matchsvc.participants.enrolment import programme_code, subject_of
from matchsvc.participants.mapping import AREAS, FACT, OBSTACLE, RESOURCE, Map
from matchsvc.participants.mapping_models import MappingSummary, SummaryState
from matchsvc.participants.models import Case, Participant
from matchsvc.participants.own import get_own, plain_text
from matchsvc.workday.signature_models import IdentifiedHow, Signature
from matchsvc.workday.signing import hash_of, sign, signatures_on

#: From, to: who may is her own worker; what is checked stands in the rule.
TRANSITIONS = {
    (SummaryState.DRAFT, SummaryState.REVIEWED),
    (SummaryState.REVIEWED, SummaryState.REVIEWED),  # she said more about the same words
    (SummaryState.REVIEWED, SummaryState.DRAFT),  # its words were changed again
    (SummaryState.REVIEWED, SummaryState.SIGNED),
    (SummaryState.SIGNED, SummaryState.SUPERSEDED),
}
_FIXED = N_("Sammanfattningen är undertecknad och ändras inte. Skriv en ny version.")
OPEN = (SummaryState.DRAFT, SummaryState.REVIEWED)


@dataclass(frozen=True, slots=True)
class Summaries:
    """Every version, latest first, with the signatures on each."""

    participant: Participant
    case: Case
    versions: Sequence[MappingSummary]
    signatures: dict[UUID, list[Signature]]

    @property
    def latest(self) -> MappingSummary | None:
        """The newest version."""
        return self.versions[0] if self.versions else None


def draft_text(held: Map, say: Callable[[str], str]) -> str:
    """Running text from the map to begin with: resources first, then facts and obstacles.

    Args:
        held: the map.
        say: gives the words for a code of an area, a page or a side.
    """
    parts = []
    for page in ("person", "surroundings"):
        lines = []
        for area in AREAS[page]:
            told = [
                f"{say(side)}: {words}"
                for side in (RESOURCE, FACT, OBSTACLE)
                if (words := held.cell(area, side).words)
            ]
            if told:
                lines.append(f"{say(area)}. " + " ".join(_sentence(each) for each in told))
        if lines:
            parts.append("\n".join([say(page), *lines]))
    return "\n\n".join(parts)


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."


def read_summaries(session: Session, actor: Actor, key: UUID | str, *, today: date) -> Summaries:
    """Her summaries; logged.

    Raises:
        Refused: not the actor's own.
    """
    participant = get_own(session, actor, key, today=today)
    case = latest_case(session, participant)
    versions = _versions(session, case)
    audit.record(session, actor, "read", "mapping_summary", case.id, subjects=[participant.id])
    return Summaries(
        participant,
        case,
        versions,
        signatures_on(session, "mapping_summary", [each.id for each in versions]),
    )


def _versions(session: Session, case: Case) -> Sequence[MappingSummary]:
    return session.scalars(
        select(MappingSummary)
        .where(MappingSummary.case_id == case.id)
        .order_by(MappingSummary.number.desc())
    ).all()


def write_summary(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    body: str,
    proposals: str | None = None,
    version: int | None = None,
    today: date,
) -> MappingSummary:
    """Write the draft; a signed one gets a new version beside it.

    A reviewed text that is changed is a draft again: she has not heard the new words.

    Args:
        session: a writing transaction.
        actor: her own worker.
        key: the participant.
        body: the running text.
        proposals: what is proposed from here.
        version: of the draft as the form had it; None when there was none.
        today: the day of the involvement.

    Raises:
        Refused: not the actor's own.
        RuleViolation: the case has ended.
        Invalid: no text, or an identity number in it.
        Conflict: somebody saved the draft since.
    """
    participant = get_own(session, actor, key, today=today)
    case = open_case(session, participant)
    text = plain_text("body", body, today=today)
    if text is None:
        raise Invalid({"body": N_("Skriv sammanfattningen, eller hämta ett utkast från kartan.")})
    more = plain_text("proposals", proposals, today=today)
    versions = _versions(session, case)
    row = versions[0] if versions and versions[0].state in OPEN else None
    if row is None:
        row = MappingSummary(
            participant_id=participant.id,
            case_id=case.id,
            unit_id=participant.unit_id,
            number=len(versions) + 1,
            written_by_id=actor.require_user(),
            body=text,
            proposals=more,
        )
        session.add(row)
    else:
        check_version(row, version)
        if (row.body, row.proposals) == (text, more):
            return row
        row.body, row.proposals, row.written_by_id = text, more, actor.require_user()
        if row.state is SummaryState.REVIEWED:
            _move(row, SummaryState.DRAFT)
            row.reviewed_on = None
    session.flush()
    audit.record(session, actor, "change", "mapping_summary", row.id, subjects=[participant.id])
    return row


def _move(row: MappingSummary, to: SummaryState) -> None:
    if (row.state, to) not in TRANSITIONS:
        raise RuleViolation("summary_signed", _FIXED)
    row.state = to


def review_summary(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    version: int,
    comment: str | None = None,
    is_dissent: bool = False,
    interpreter_language: str | None = None,
    today: date,
) -> MappingSummary:
    """Note that it was gone through with her, and what she said about it, word for word.

    Raises:
        Refused: not the actor's own.
        NotFound: there is nothing to go through.
        RuleViolation: it is signed already.
        Invalid: she disagrees, and her words are missing.
        Conflict: it was saved since.
    """
    participant = get_own(session, actor, key, today=today)
    row = _current(session, participant, version)
    words = plain_text("comment", comment, today=today)
    if is_dissent and words is None:
        raise Invalid({"comment": N_("Skriv med personens egna ord vad som inte stämmer.")})
    row.comment, row.is_dissent = words, is_dissent
    row.interpreter_language = interpreter_language
    _move(row, SummaryState.REVIEWED)
    row.reviewed_on = today
    session.flush()
    audit.record(
        session,
        actor,
        "change",
        "mapping_summary",
        row.id,
        fields=["reviewed"],
        subjects=[participant.id],
    )
    return row


def _current(session: Session, participant: Participant, version: int) -> MappingSummary:
    versions = _versions(session, open_case(session, participant))
    if not versions:
        raise NotFound("mapping_summary")
    row = versions[0]
    if row.state not in OPEN:
        raise RuleViolation("summary_signed", _FIXED)
    check_version(row, version)
    return row


def content_hash_of(row: MappingSummary) -> str:
    """The hash of what she signs: the text, the proposals and her own comment."""
    return hash_of(
        [row.body, row.proposals or "", row.comment or "", "dissent" if row.is_dissent else ""]
    )


def sign_summary(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    version: int,
    shown_hash: str,
    identified_how: IdentifiedHow,
    today: date,
    now: datetime,
) -> MappingSummary:
    """She signs what was gone through with her, and her worker after her; from now on it is fixed.

    Raises:
        Refused: not the actor's own.
        RuleViolation: not gone through yet, signed already, or other words than those shown.
        Conflict: it was saved since.
    """
    participant = get_own(session, actor, key, today=today)
    row = _current(session, participant, version)
    if row.state is not SummaryState.REVIEWED:
        raise RuleViolation(
            "not_reviewed",
            N_("Gå igenom texten med personen först, och anteckna vad personen säger om den."),
        )
    row.content_hash = content_hash_of(row)
    for capacity, signer in (("participant", participant.id), ("case_worker", actor.user_id)):
        sign(
            session,
            actor,
            unit_id=participant.unit_id,
            about_type="mapping_summary",
            about_id=row.id,
            content_hash=row.content_hash,
            shown_hash=shown_hash,
            capacity=capacity,
            identified_how=identified_how if capacity == "participant" else IdentifiedHow.KNOWN,
            signer_id=signer,
            interpreter_language=row.interpreter_language,
            now=now,
        )
    case = open_case(session, participant)
    is_first = not has_signed_mapping(session, case.id)
    for older in _versions(session, case):
        if older.state is SummaryState.SIGNED:
            _move(older, SummaryState.SUPERSEDED)
    if is_first:  # a new summary is no new mapping
        record_outcome(
            session,
            OutcomeKind.MAPPED,
            case.id,
            subject_of(participant, case, programme=programme_code(session, case)),
            occurred_on=today,
        )
    _move(row, SummaryState.SIGNED)
    row.signed_on = today
    session.flush()
    return row


def has_signed_mapping(session: Session, case_id: UUID) -> bool:
    """Whether a case's mapping is signed: a gate before matching (MAP-07). Asks no right."""
    found = exists().where(
        MappingSummary.case_id == case_id, MappingSummary.state == SummaryState.SIGNED
    )
    return bool(session.scalar(select(found)))
