"""The quarterly report (domain.md 4.4): drafted with notes, frozen with a checksum."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Unit
from matchsvc.db import check_version
from matchsvc.errors import N_, Conflict, Invalid, NotFound, RuleViolation
from matchsvc.reports.counts import Period
from matchsvc.reports.outcomes import READERS
from matchsvc.reports.quarterly_content import (
    canonical,
    changes_between,
    checksum_of,
    count_report,
    figures_checksum,
)
from matchsvc.reports.quarterly_models import QuarterlyNote, QuarterlyReport, ReportState
from matchsvc.reports.quarterly_quality import WRITERS
from matchsvc.reports.quarterly_words import SECTIONS
from matchsvc.reports.quarters import code_of, months_earlier
from matchsvc.swedish import contains_identity_number


@dataclass(frozen=True, slots=True)
class Opened:
    """A report as it is read.

    Attributes:
        row: which quarter and version.
        content: what it says, see quarterly_content.py.
        is_frozen: whether it can change.
    """

    row: QuarterlyReport
    content: dict[str, Any]

    @property
    def is_frozen(self) -> bool:
        """Whether nothing in it changes any more."""
        return self.row.state is ReportState.FROZEN


def quarter_of(row: QuarterlyReport) -> Period:
    """The quarter that a report is about."""
    return months_earlier(Period(row.starts_on, row.starts_on), 0)


def list_reports(session: Session, actor: Actor) -> list[QuarterlyReport]:
    """The unit's reports, the newest quarter and version first; drafts for their writers alone.

    Raises:
        Refused: the actor's role reads no reports.
    """
    actor.require_role(*READERS)
    found = select(QuarterlyReport).order_by(
        QuarterlyReport.starts_on.desc(), QuarterlyReport.number.desc()
    )
    if actor.unit_id is not None:
        found = found.where(QuarterlyReport.unit_id == actor.unit_id)
    if not (actor.is_system or actor.has_role(*WRITERS)):
        found = found.where(QuarterlyReport.state == ReportState.FROZEN)
    audit.record(session, actor, "list", "quarterly_report")
    return list(session.scalars(found))


def begin_report(
    session: Session, actor: Actor, quarter: Period, *, today: date
) -> QuarterlyReport:
    """Begin a draft on a quarter; the one that is there, when somebody has begun it already.

    Raises:
        Refused: another than the unit's manager.
        RuleViolation: the quarter has not ended.
    """
    actor.require_role(*WRITERS)
    if quarter.end_date >= today:
        raise RuleViolation(
            "quarter_runs", N_("Kvartalet har inte slutat än. Välj ett som har slutat.")
        )
    unit_id = _own_unit(actor)
    session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update())  # one at a time
    versions = _versions(session, unit_id, quarter)
    draft = next((each for each in versions if each.state is ReportState.DRAFT), None)
    if draft is not None:
        return draft
    row = QuarterlyReport(
        unit_id=unit_id,
        starts_on=quarter.start_date,
        number=1 + max((each.number for each in versions), default=0),
        begun_by_id=actor.user_id,
    )
    kept = _notes_of(versions[-1]) if versions else {}
    row.notes = [QuarterlyNote(section=section, text=kept.get(section, "")) for section in SECTIONS]
    session.add(row)
    session.flush()
    audit.record(session, actor, "create", "quarterly_report", row.id)
    return row


def _own_unit(actor: Actor) -> UUID:
    if actor.unit_id is None:
        raise RuleViolation("no_unit", N_("Rapporten gäller en enhet. Logga in i en enhet."))
    return actor.unit_id


def _versions(session: Session, unit_id: UUID, quarter: Period) -> Sequence[QuarterlyReport]:
    return session.scalars(
        select(QuarterlyReport)
        .where(QuarterlyReport.unit_id == unit_id, QuarterlyReport.starts_on == quarter.start_date)
        .order_by(QuarterlyReport.number)
    ).all()


def _notes_of(row: QuarterlyReport) -> dict[str, str]:
    """The notes of a frozen version: a later one begins with them."""
    return dict(json.loads(row.content)["notes"]) if row.content else {}


def find_report(
    session: Session, actor: Actor, report_id: UUID, *, for_update: bool = False
) -> QuarterlyReport:
    """A report of the actor's unit with its notes; a draft only for its writers.

    Raises:
        Refused: the actor's role reads no reports.
        NotFound: none such, of another unit, or a draft that is not the reader's.
    """
    actor.require_role(*READERS)
    asked = (
        select(QuarterlyReport)
        .where(QuarterlyReport.id == report_id)
        .options(selectinload(QuarterlyReport.notes))
    )
    if for_update:
        asked = asked.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(asked)
    is_ours = row is not None and actor.unit_id in {None, row.unit_id}
    if row is None or not is_ours:
        raise NotFound("quarterly_report")
    if row.state is ReportState.DRAFT and not actor.has_role(*WRITERS):
        raise NotFound("quarterly_report")
    return row


def open_report(session: Session, actor: Actor, report_id: UUID, *, today: date) -> Opened:
    """What a report says: a frozen one as it was frozen, a draft as it is counted now. Logged.

    Raises:
        Refused, NotFound: as :func:`find_report`.
        RuleViolation: what was frozen does not agree with its checksum.
    """
    row = find_report(session, actor, report_id)
    if row.content is not None:
        if checksum_of(row.content) != row.checksum:
            raise RuleViolation(
                "checksum",
                N_(
                    "Rapporten stämmer inte med sin kontrollsumma. Den visas inte. "
                    "Säg till den som sköter driften."
                ),
            )
        content = json.loads(row.content)
    else:
        notes = {note.section: note.text for note in row.notes}
        content = count_report(session, actor, quarter_of(row), notes, today=today)
    audit.record(session, actor, "read", "quarterly_report", row.id)
    return Opened(row, content)


def save_notes(
    session: Session,
    actor: Actor,
    report_id: UUID,
    notes: Mapping[str, tuple[str, int]],
    *,
    today: date,
) -> QuarterlyReport:
    """Save notes of a draft, each against the version that was read; all of them or none.

    Args:
        session: a writing transaction.
        actor: the unit's manager.
        report_id: the draft.
        notes: by section, the words and the version of the note.
        today: decides the century of an identity number.

    Raises:
        Refused, NotFound: as everywhere.
        RuleViolation: the report is frozen.
        Invalid: a section that there is not, or an identity number.
        Conflict: somebody else saved one since; ``theirs`` holds what stands there.
    """
    row = _draft(session, actor, report_id)
    kept = {note.section: note for note in row.notes}
    wrong = {
        f"note_{section}": N_("Texten innehåller ett personnummer. Ta bort det.")
        for section, (text, _version) in notes.items()
        if contains_identity_number(text, today=today)
    }
    wrong |= {
        f"note_{section}": N_("Den delen finns inte i rapporten.")
        for section in notes
        if section not in kept
    }
    if wrong:
        raise Invalid(wrong)
    changed = {
        section: text
        for section, (text, version) in notes.items()
        if text != kept[section].text or version != kept[section].version
    }
    theirs = {
        section: kept[section].text
        for section, text in changed.items()
        # The same words twice are no conflict: a form that was sent again.
        if notes[section][1] != kept[section].version and text != kept[section].text
    }
    if theirs:
        raise Conflict(theirs)
    for section, text in changed.items():
        kept[section].text = text
    if changed:
        audit.record(session, actor, "change", "quarterly_report", row.id, fields=sorted(changed))
    session.flush()
    return row


def _draft(session: Session, actor: Actor, report_id: UUID) -> QuarterlyReport:
    actor.require_role(*WRITERS)
    row = find_report(session, actor, report_id, for_update=True)
    if row.state is ReportState.FROZEN:
        raise RuleViolation(
            "report_frozen", N_("Rapporten är fryst och ändras inte. Börja en ny version.")
        )
    return row


def freeze_report(
    session: Session,
    actor: Actor,
    report_id: UUID,
    *,
    version: int | None = None,
    read: str | None = None,
    today: date,
    now: datetime,
) -> QuarterlyReport:
    """Count the report a last time and keep it as it is, with a checksum.

    A later version of the same quarter says what differs from the one before.

    Args:
        session: a writing transaction.
        actor: the unit's manager.
        report_id: the draft.
        version: of the draft, as it was read; None when the caller does not know one.
        read: :func:`figures_checksum` of what was read; None when the caller does not know it.
        today: the day of counting.
        now: when it is frozen.

    Raises:
        Refused, NotFound: as everywhere.
        RuleViolation: it is frozen already, or its figures have changed since they were read.
        Conflict: it was saved since.
    """
    row = _draft(session, actor, report_id)
    check_version(row, version)
    quarter = quarter_of(row)
    notes = {note.section: note.text for note in row.notes}
    content = count_report(session, actor, quarter, notes, today=today)
    if read is not None and read != figures_checksum(content):
        raise RuleViolation(
            "figures_changed",
            N_(
                "Talen har ändrats sedan du öppnade sidan. Läs dem en gång till och frys sedan "
                "rapporten. Det du skrev står kvar."
            ),
        )
    content |= {"quarter": code_of(quarter.start_date), "number": row.number}
    before = next(
        (
            each
            for each in reversed(_versions(session, row.unit_id, quarter))
            if each.content and each.number < row.number
        ),
        None,
    )
    if before is not None and before.content:
        content["changes"] = {
            "since": before.number,
            "what": changes_between(json.loads(before.content), content),
        }
    row.content = canonical(content)
    row.checksum = checksum_of(row.content)
    row.state, row.frozen_at, row.frozen_by_id = ReportState.FROZEN, now, actor.user_id
    session.flush()
    audit.record(session, actor, "freeze", "quarterly_report", row.id)
    return row
