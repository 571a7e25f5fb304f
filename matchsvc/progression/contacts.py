"""What is heard afterwards: after the end of a case (PRO-16) and after a leave (PRO-17).

Contacts come 1, 3, 6 and 12 months after a case has ended, unless the unit says otherwise, and 12
and 36 months after a parental leave began.

What is to come is reckoned from the day it counts from, so an end that is corrected moves it and an
end that is taken back leaves nothing planned. Only what was heard is a row.
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
from matchsvc.accounts.settings import several
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound
from matchsvc.participants.case_models import CasePause, PauseReason
from matchsvc.participants.cases import latest_case
from matchsvc.participants.models import Case, ExitDestination
from matchsvc.participants.own import get_own
from matchsvc.participants.pauses import pauses_of
from matchsvc.progression.models import ContactOutcome, LaterContact, Series
from matchsvc.swedish import add_months
from matchsvc.workday.rules import settle_tasks

#: Settings that hold the months after an end.
EXIT_SETTINGS = ("exit_contact_1", "exit_contact_2", "exit_contact_3", "exit_contact_4")
PARENTAL_MONTHS = (12, 36)
#: The task that a contact becomes on its day.
TASKS: Mapping[Series, str] = {Series.EXIT: "exit_contact", Series.PARENTAL: "parental_contact"}
OUTCOMES: Mapping[Series, tuple[ContactOutcome, ...]] = {
    Series.EXIT: (
        ContactOutcome.IN_WORK,
        ContactOutcome.IN_EDUCATION,
        ContactOutcome.SEEKS_WORK,
        ContactOutcome.OTHER,
        ContactOutcome.NOT_REACHED,
    ),
    Series.PARENTAL: (
        ContactOutcome.BACK_RIGHT,
        ContactOutcome.BACK_OTHER,
        ContactOutcome.IN_WORK,
        ContactOutcome.IN_EDUCATION,
        ContactOutcome.NOT_BACK,
        ContactOutcome.NOT_REACHED,
    ),
}
#: The last step of the ladder: at work or in education for so many months.
SUCCESS_MONTHS = 6
_GOOD = (ContactOutcome.IN_WORK, ContactOutcome.IN_EDUCATION)
_GOOD_ENDS = (
    ExitDestination.UNSUBSIDISED_JOB,
    ExitDestination.SUBSIDISED_JOB,
    ExitDestination.MUNICIPAL_LM_EMPLOYMENT,
    ExitDestination.STUDIES,
)


@dataclass(frozen=True, slots=True)
class Planned:
    """A contact that is to be held, or was.

    Attributes:
        series, source_id, months: which.
        since: the day it counts from.
        due_on: the day it becomes a task.
        contact: what was heard, when it was held.
    """

    series: Series
    source_id: UUID
    months: int
    since: date
    due_on: date
    contact: LaterContact | None

    def is_late(self, today: date) -> bool:
        """Whether its day has passed and nobody has written anything."""
        return self.contact is None and self.due_on < today

    def is_due(self, today: date) -> bool:
        """Whether its day has come and nobody has written anything."""
        return self.contact is None and self.due_on <= today


def exit_months(session: Session, unit_id: UUID | None) -> tuple[int, ...]:
    """After how many months a unit hears of those who have left. One query."""
    told = several(session, unit_id, *EXIT_SETTINGS)
    return tuple(int(told[key]) for key in EXIT_SETTINGS)


def planned_of(
    case: Case,
    pauses: Sequence[CasePause],
    contacts: Collection[LaterContact],
    months: Sequence[int],
) -> list[Planned]:
    """The contacts of a person's present case, the earliest day first. Pure.

    A contact after the end counts for the end that stands: one that was held before the case was
    opened again and ended later does not.
    """
    held = {
        (each.source_id, each.months): each
        for each in sorted(contacts, key=lambda each: (each.held_on, each.created_at))
        if each.series is Series.PARENTAL or (case.ended_on and each.held_on >= case.ended_on)
    }
    days: list[tuple[Series, UUID, int, date]] = []
    if case.ended_on is not None:
        # Months that the unit no longer asks about stay when something was heard.
        after = {*months, *(each.months for each in held.values() if each.series is Series.EXIT)}
        days += [(Series.EXIT, case.id, n, case.ended_on) for n in after]
    for pause in pauses:
        if pause.reason is PauseReason.PARENTAL_LEAVE:
            days += [(Series.PARENTAL, pause.id, n, pause.paused_on) for n in PARENTAL_MONTHS]
    found = [
        Planned(series, source, n, day, add_months(day, n), held.get((source, n)))
        for series, source, n, day in days
    ]
    return sorted(found, key=lambda each: (each.due_on, each.series, each.months))


def contacts_of(session: Session, case_ids: Collection[UUID]) -> list[LaterContact]:
    """What was heard about some cases. Asks no right."""
    return list(session.scalars(select(LaterContact).where(LaterContact.case_id.in_(case_ids))))


def plan_for(session: Session, case: Case) -> list[Planned]:
    """The contacts of a person's present case. Three queries. Asks no right."""
    return planned_of(
        case,
        pauses_of(session, [case.id]),
        contacts_of(session, [case.id]),
        exit_months(session, case.unit_id),
    )


def succeeded_on(case: Case, planned: Sequence[Planned]) -> date | None:
    """The day on which the last step was reached: six months at work or in education. Pure.

    The time runs from the end of the case when the person left for it, or from the first contact
    that says so; another answer begins it anew, and somebody not reached says nothing.
    """
    if case.ended_on is None:
        return None
    since = case.ended_on if case.exit_destination in _GOOD_ENDS else None
    contacts = [each.contact for each in planned if each.series is Series.EXIT and each.contact]
    for contact in sorted(contacts, key=lambda each: each.held_on):
        if contact.outcome is ContactOutcome.NOT_REACHED:
            continue
        if contact.outcome not in _GOOD:
            since = None
            continue
        since = since or contact.held_on
        if contact.held_on >= add_months(since, SUCCESS_MONTHS):
            return contact.held_on
    return None


def log_contact(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    series: Series,
    source_id: UUID,
    months: int,
    held_on: date,
    outcome: ContactOutcome,
    version: int | None,
    today: date,
    now: datetime,
) -> LaterContact:
    """Write what was heard; said again, it corrects what was written.

    Args:
        session: a writing transaction.
        actor: the participant's own worker.
        key: the participant.
        series: which contact; these three as :func:`plan_for` gives them.
        source_id: the case or the pause that it counts from.
        months: how long after.
        held_on: when.
        outcome: one of the series'.
        version: of what was written before, as shown in the form; None when nothing was.
        today: the day.
        now: the instant at which the task is done.

    Raises:
        Refused: not the participant's own worker.
        NotFound: no such contact is planned.
        Invalid: the day is not possible, or the outcome belongs to the other series.
        Conflict: it was saved since the page was shown.
    """
    participant = get_own(session, actor, key, today=today)
    case = latest_case(session, participant, lock=True)
    planned = plan_for(session, case)
    which = (series, source_id, months)
    found = next(
        (each for each in planned if (each.series, each.source_id, each.months) == which), None
    )
    if found is None:
        raise NotFound("later_contact")
    contact = found.contact
    if contact is not None:
        check_version(contact, version or 0)
    wrong: dict[str, str] = {}
    if not found.since <= held_on <= today:
        wrong["held_on"] = N_(
            "Skriv en dag efter avslutet eller ledighetens början, före i morgon."
        )
    if outcome not in OUTCOMES[series]:
        wrong["outcome"] = N_("Välj ett av svaren.")
    if wrong:
        raise Invalid(wrong)
    if contact is None:
        contact = LaterContact(
            case_id=case.id, series=series, source_id=source_id, months=months,
            held_on=held_on, outcome=outcome,
        )  # fmt: skip
        session.add(contact)
    contact.held_on, contact.outcome, contact.noted_by_id = held_on, outcome, actor.user_id
    session.flush()
    audit.record(
        session, actor, "change", "later_contact", contact.id, fields=["outcome"],
        subjects=[participant.id],
    )  # fmt: skip
    left = [each for each in planned if each.series is series and each.is_due(today)]
    if not [each for each in left if each is not found]:
        settle_tasks(session, actor, (TASKS[series],), participant.id, now=now)
    return contact
