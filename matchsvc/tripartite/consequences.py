"""What a version would change, and what it may not say: before it is made, and when it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.employers.models import Contact
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.placements.access import Seen
from matchsvc.placements.calendar import latest_end
from matchsvc.placements.forms import get_form
from matchsvc.placements.models import (
    Accommodation,
    DecisionAuthority,
    Placement,
)
from matchsvc.placements.replanning import moved_follow_ups
from matchsvc.placements.transitions import Act, require
from matchsvc.schedules.models import PhaseState
from matchsvc.schedules.rules import phases_of
from matchsvc.schedules.weeks import read_days, swedish_week
from matchsvc.swedish import contains_identity_number
from matchsvc.tripartite.content import (
    Content,
    changed_sections,
    from_text,
)
from matchsvc.tripartite.desk import PARTIES, Desk

#: A schedule of many phases is summed up by hand.
TIMES_LONGEST = 300
_TEXTS = ("times", "purpose", "tasks", "support", "decision_ref")


@dataclass(frozen=True, slots=True)
class Effects:
    """What a change would do, before it is made.

    Attributes:
        sections: what would read otherwise than what was agreed before.
        lifted: capacities whose signatures would fall.
        ends_before, ends_after: the placement's last day.
        added: due dates of follow-ups that would be planned.
        cancelled: due dates of follow-ups that would not be needed.
    """

    sections: list[str]
    lifted: list[str]
    ends_before: date | None
    ends_after: date | None
    added: list[date]
    cancelled: list[date]


def effects_of(session: Session, desk: Desk, content: Content, *, today: date) -> Effects:
    """What saving and agreeing on a content would change. Changes nothing."""
    placement, row = desk.seen.placement, desk.open
    before = from_text(desk.agreed.content) if desk.agreed else planned_content(session, placement)
    is_same = row is not None and content == from_text(row.content)
    lifted = [] if row is None or is_same else list(desk.signed(row))
    added, cancelled = moved_follow_ups(session, placement, content.ends_on, today=today)
    return Effects(
        sections=changed_sections(before, content),
        lifted=[capacity for capacity in PARTIES if capacity in lifted],
        ends_before=placement.planned_end_date,
        ends_after=content.ends_on,
        added=added,
        cancelled=[each.due_on for each in cancelled],
    )


def planned_content(session: Session, placement: Placement) -> Content:
    """What the placement says itself, before anything is agreed."""
    shared = session.scalars(
        select(Accommodation.text)
        .where(Accommodation.placement_id == placement.id, Accommodation.is_shared)
        .order_by(Accommodation.created_at, Accommodation.id)
    )
    return Content(
        ends_on=placement.planned_end_date,
        decision_ref=placement.decision_ref,
        decision_to=placement.decision_to,
        hours_start=placement.hours_start,
        hours_goal=placement.hours_goal,
        times=_times_of(session, placement),
        purpose=placement.purpose or "",
        support="\n".join(shared),
        contact_id=placement.contact_id,
    )


def _times_of(session: Session, placement: Placement) -> str:
    """The first agreed phase of the schedule in words, a line for each later one."""
    agreed = [each for each in phases_of(session, placement.id) if each.state is PhaseState.AGREED]
    lines = []
    for place, each in enumerate(agreed):
        said = swedish_week(read_days(each.days))
        lines.append(said if not place else f"Från {each.starts_on.isoformat()}: {said}")
    return "\n".join(lines)[:TIMES_LONGEST]


def check_content(
    session: Session, actor: Actor, seen: Seen, content: Content, *, today: date
) -> None:
    """Refuse what the form, the decision or the employer does not allow.

    Raises:
        Invalid: an identity number in a text, hours that shrink, a contact of another employer.
        RuleViolation: the placement has ended or is beyond its decision, or the period is not
            possible, with a message for every field (domain.md 2.3).
    """
    require(session, actor, seen.placement, Act.AGREE_HOURS, today=today)
    texts = {name: getattr(content, name) or "" for name in _TEXTS}
    wrong = {
        name: N_("Skriv inga personnummer här.")
        for name, text in texts.items()
        if contains_identity_number(text, today=today)
    }
    if content.contact_id is not None:
        contact = session.get(Contact, content.contact_id)
        if contact is None or contact.employer_id != seen.employer.id:
            wrong["contact_id"] = N_("Välj ett av alternativen.")
    start, goal = content.hours_start, content.hours_goal
    if start is not None and goal is not None and goal < start:
        wrong["hours_goal"] = N_("Målet är färre timmar än vid start. Ändra ett av dem.")
    if wrong:
        raise Invalid(wrong)
    problems = _problems_with_period(session, seen.placement, content)
    if problems:
        raise RuleViolation(
            "agreement_not_possible",
            N_("Rätta det som är markerat och spara igen."),
            fields=problems,
        )


def _problems_with_period(
    session: Session, placement: Placement, content: Content
) -> dict[str, str]:
    form = get_form(session, placement.form)
    found: dict[str, str] = {}
    first = placement.counts_from or placement.start_date
    limit = latest_end(form, first, extended=placement.extended)
    if content.ends_on is None:
        if limit is not None:
            found["ends_on"] = N_("Skriv vilken dag perioden ska sluta.")
    elif content.ends_on < placement.start_date:
        found["ends_on"] = N_("Slutet ligger före starten. Ändra en av dagarna.")
    elif limit is not None and content.ends_on > limit:
        found["ends_on"] = N_(
            "Så länge får formen inte pågå. Välj en tidigare dag, eller en annan form."
        )
    if form.decision_authority is not DecisionAuthority.NONE:
        if not (content.decision_ref or "").strip():
            found["decision_ref"] = N_("Skriv beslutets nummer.")
        if content.ends_on and (content.decision_to or date.min) < content.ends_on:
            found["decision_to"] = N_("Beslutet gäller inte hela perioden.")
        elif (content.decision_ref, content.decision_to) != (
            placement.decision_ref,
            placement.decision_to,
        ):
            # An agreement follows decisions; it makes none.
            found["decision_to"] = N_(
                "Beslutet är ett annat än det som gäller. Skriv in det nya beslutet på "
                "placeringens sida först."
            )
    return found
