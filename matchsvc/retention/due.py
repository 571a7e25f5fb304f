"""Whose records are due to be deleted: five years after the last note, SoL 16:1 and 16:4."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Unit
from matchsvc.accounts.settings import number, setting
from matchsvc.errors import N_
from matchsvc.own_page.models import Correction
from matchsvc.participants.access import participants_to_delete
from matchsvc.participants.consent_models import Disclosure
from matchsvc.participants.models import Case, Participant
from matchsvc.placements.models import Employment, FollowUp, Placement, Survey
from matchsvc.progression.models import LaterContact
from matchsvc.retention import rows
from matchsvc.retention.open_things import OpenThing, find_open
from matchsvc.swedish import add_months, local_date
from matchsvc.workday.note_models import Note, NoteAddition

#: Why somebody whose time has come stays, in the order that it is told.
KEPT_BECAUSE: Mapping[str, str] = {
    "hold": N_("Får inte raderas: någon har satt stopp"),
    "running": N_("En placering är inte avslutad"),
    "job": N_("Ett jobb är inte avslutat"),
    "meeting": N_("Ett möte är bokat"),
    "plan": N_("Planen är inte undertecknad"),
    "agreement": N_("Trepartsavtalet är inte klart"),
    "unsigned": N_("Ett papper väntar på underskrift"),
    "paper": N_("Ett papper är påbörjat"),
    "correction": N_("En rättelse är inte besvarad"),
    "request": N_("En begäran om rättigheter eller handlingar är inte besvarad"),
    "task": N_("En uppgift är inte klar"),
    "message": N_("Ett brev eller sms har inte gått iväg"),
    "restricted": N_("Behandlingen är begränsad"),
    "research": N_("Behålls för forskningen"),
    "not_due": N_("Något har antecknats sedan listan gjordes"),
    "unseen": N_("Syns inte längre för den som gjorde listan"),
}
MONTHS_A_YEAR = 12
_BORN_AT = slice(6, 8)  # the day in the twelve digits of an identity number
_COORDINATION = 60  # is added to the day of a coordination number


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody whose records are due.

    Attributes:
        participant: whose.
        last_note_on: the last day that anything of hers was noted on.
        due_on: from which day they are to go.
        finish_by: when it must have been done: the last day of the calendar year after.
        kept_because: codes of KEPT_BECAUSE; they stay while there is one.
        open: what stands open and where it is closed, in the same order.
    """

    participant: Participant
    last_note_on: date
    due_on: date
    finish_by: date
    kept_because: tuple[str, ...]
    open: tuple[OpenThing, ...] = ()

    @property
    def may_go(self) -> bool:
        """Whether nothing keeps them."""
        return not self.kept_because


def due_dates(last_note_on: date, years: int) -> tuple[date, date]:
    """When records are to be deleted, and by when it must have been done. Pure.

    Args:
        last_note_on: the day of the last note.
        years: how long they are kept after it.
    """
    due_on = add_months(last_note_on, MONTHS_A_YEAR * years)
    return due_on, date(due_on.year + 1, 12, 31)


def is_research_case(identity_number: str | None, days: Collection[int]) -> bool:
    """Whether somebody was born on a day of the month that is kept for research. Pure.

    Args:
        identity_number: twelve digits; None when none is known, and then nobody is picked out.
        days: of the month.
    """
    if not identity_number:
        return False
    day = int(identity_number[_BORN_AT])
    return (day - _COORDINATION if day > _COORDINATION else day) in days


def find_due(
    session: Session,
    actor: Actor,
    *,
    today: date,
    by: date | None = None,
    only: Collection[UUID] | None = None,
    unit: UUID | None = None,
) -> list[Due]:
    """Everybody whose time has come, those who must go first coming first.

    Args:
        session: to read with; the number of queries does not depend on how many they are.
        actor: who asks: a manager sees her unit, somebody with a protected identity is there for
            her handlers alone.
        today: what is open is open today.
        by: whose time comes by that day; today when it is not said.
        only: look at these alone.
        unit: of a job, which knows no unit of its own.
    """
    found = participants_to_delete(actor, today=today)
    if only is not None:
        found = found.where(Participant.id.in_(only))
    if unit is not None:
        found = found.where(Participant.unit_id == unit)
    return _due(session, found, unit or actor.unit_id, today=today, by=by or today)


def count_due(session: Session, actor: Actor, *, today: date) -> list[dict[str, Any]]:
    """How many are due in each unit, and how many of them stay; for whoever runs the machine."""
    counted = []
    for unit in session.scalars(select(Unit).order_by(Unit.sort_key)).all():
        due = find_due(session, actor, today=today, unit=unit.id)
        kept = sum(not each.may_go for each in due)
        counted.append({"unit": unit.name, "due": len(due), "kept": kept})
    return counted


def _due(
    session: Session,
    found: Select[Participant],
    unit_id: UUID | None,
    *,
    today: date,
    by: date,
) -> list[Due]:
    years = number(session, unit_id, "retention_case_years")
    ended_before = add_months(by, -MONTHS_A_YEAR * years)
    last_end = select(func.max(Case.ended_on)).where(Case.participant_id == Participant.id)
    is_open = select(Case.id).where(Case.participant_id == Participant.id, Case.ended_on.is_(None))
    people = session.scalars(
        # Nothing was noted before the end of the case: whoever ended later is not due.
        found.where(~is_open.exists(), last_end.scalar_subquery() <= ended_before)
    ).all()
    ids = [person.id for person in people]
    owned = rows.rows_of_all(session, ids)
    last = _last_notes(session, ids, owned)
    things = find_open(session, owned, today=today)
    kept = _kept(session, people)
    listed = []
    for person in people:
        due_on, finish_by = due_dates(last[person.id], years)
        if due_on <= by:
            open_ = tuple(things.get(person.id, ()))
            codes = kept[person.id] | {each.code for each in open_}
            why = tuple(code for code in KEPT_BECAUSE if code in codes)
            listed.append(Due(person, last[person.id], due_on, finish_by, why, open_))
    return sorted(listed, key=lambda due: (due.due_on, due.participant.number))


def _last_notes(session: Session, ids: Collection[UUID], owned: rows.Owned) -> dict[UUID, date]:
    """The last day that something of each was noted on. A fixed number of queries."""
    last: dict[UUID, date] = {}
    for owner, day, under in _NOTED:
        wanted = select(owner, func.max(day)).where(owner.in_(ids)).group_by(owner)
        if under is not None:
            wanted = wanted.select_from(owner.class_).join(day.class_, under)
        for key, found in session.execute(wanted):
            if found is not None:
                noted = local_date(found) if isinstance(found, datetime) else found
                last[key] = max(last.get(key, noted), noted)
    written = rows.last_written(session, owned)
    return {
        key: max(day, local_date(written[key])) if key in written else day
        for key, day in last.items()
    }


#: Everything that is a note in the file: whose it is, the day or instant that it says, and how its
#: table hangs on the one that says whose.
_NOTED: tuple[tuple[Any, Any, Any], ...] = (
    (Case.participant_id, Case.ended_on, None),
    (Case.participant_id, LaterContact.held_on, LaterContact.case_id == Case.id),
    (Note.about_id, Note.happened_on, None),
    (Note.about_id, Note.written_at, None),
    (Note.about_id, NoteAddition.added_at, NoteAddition.note_id == Note.id),
    (Placement.participant_id, Placement.end_date, None),
    (Placement.participant_id, Survey.completed_at, Survey.placement_id == Placement.id),
    (Placement.participant_id, FollowUp.logged_at, FollowUp.placement_id == Placement.id),
    (Placement.participant_id, FollowUp.held_on, FollowUp.placement_id == Placement.id),
    (Employment.participant_id, Employment.end_date, None),
    (Disclosure.participant_id, Disclosure.disclosed_at, None),
    (Correction.participant_id, Correction.answered_at, None),
)


def _kept(session: Session, people: Collection[Participant]) -> Mapping[UUID, set[str]]:
    """What keeps each of them that nobody closes: the selection of research, a restriction."""
    found: dict[UUID, set[str]] = defaultdict(set)
    days = {
        unit_id: research_days(setting(session, unit_id, "retention_research_days"))
        for unit_id in {person.unit_id for person in people}
    }
    for person in people:
        if is_research_case(person.personal_id, days[person.unit_id]):
            found[person.id].add("research")
        if person.restricted_since is not None:
            found[person.id].add("restricted")
    return found


def research_days(text: str) -> frozenset[int]:
    """Days of the month as the setting holds them: ``5, 15, 25``. Pure."""
    return frozenset(int(word) for word in text.replace(",", " ").split() if word.isdigit())
