"""The lists of pages as sheets to take away: what the list itself shows, by alias, and no more.

Each goes through the rule of its list, page by page, so that nothing is in a file that its reader
could not see; the log says what left. No name of a participant stands in any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.employers import rules as employers
from matchsvc.employers import views_labels as labels
from matchsvc.errors import N_, RuleViolation
from matchsvc.matching.proposals import list_proposals
from matchsvc.matching.rules import offer_titles
from matchsvc.matching.views import people_of, state_words
from matchsvc.participants import wording as people_words
from matchsvc.participants.listing import list_participants
from matchsvc.placements import wording as placement_words
from matchsvc.placements.overview import Listed, State, list_placements
from matchsvc.placements.task_list import LEADS, TaskPage, list_tasks, my_tasks, unit_tasks
from matchsvc.placements.views_tasks import sentence_of
from matchsvc.reports.shapes import Sheet

#: Who may take a list away (domain.md 3.8: an export is a reading of everything at once).
TAKERS = (Role.UNIT_MANAGER, Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR)
#: A list about participants leaves with a manager alone.
PEOPLE_TAKERS = (Role.UNIT_MANAGER,)
MOST_PAGES = 400
PROPOSALS_AT_ONCE = 500
MOST_PROPOSALS = 20_000

Rows = Iterator[tuple[Any, list[str | float | None]]]


def make_list(session: Session, actor: Actor, kind: str, *, today: date) -> Sheet:
    """One list as a sheet; logged as an export with the ids in it.

    Args:
        session: a reading transaction.
        actor: who takes it away.
        kind: one of :data:`KINDS`.
        today: the day of the list.

    Raises:
        Refused: the actor's role does not take that list away.
        RuleViolation: it is too long for one file; nothing is cut.
        KeyError: there is no such list.
    """
    name, takers, headings, rows_of = KINDS[kind]
    actor.require_role(*takers)
    found = list(rows_of(session, actor, today))
    audit.record(
        session, actor, "export", kind, subjects=[key for key, _row in found], fields=["xlsx"]
    )
    return Sheet(_(name), [_(heading) for heading in headings], [row for _key, row in found])


def _too_long() -> RuleViolation:
    return RuleViolation(
        "list_too_long",
        N_("Listan är för lång för en fil. Sök fram en del av den på sidan i stället."),
    )


def _pages(read: Callable[[int], Any]) -> Iterator[Any]:
    page = read(1)
    if page.pages > MOST_PAGES:
        raise _too_long()
    yield page
    for number in range(2, page.pages + 1):
        yield read(number)


def _employers(session: Session, actor: Actor, _today: date) -> Rows:
    for page in _pages(lambda number: employers.list_employers(session, actor, page=number)):
        for row in page.rows:
            each = row.employer
            yield (
                each.id,
                [
                    each.external_id,
                    each.name,
                    str(labels.TYPES[each.type]),
                    str(labels.STATUSES[each.status]),
                    row.owner,
                    row.last.on.isoformat() if row.last else None,
                ],
            )


def _offers(session: Session, actor: Actor, _today: date) -> Rows:
    for page in _pages(lambda number: employers.list_offers(session, actor, page=number)):
        for row in page.rows:
            each = row.offer
            yield (
                each.id,
                [
                    each.external_id,
                    each.title,
                    each.site.name,
                    each.places,
                    each.hours_start,
                    each.hours_max,
                    str(labels.OFFER_STATUSES[each.status]),
                    row.owner,
                ],
            )


def _participants(session: Session, actor: Actor, today: date) -> Rows:
    for page in _pages(lambda number: list_participants(session, actor, today=today, page=number)):
        for line in page.lines:
            yield (
                line.participant.id,
                [
                    line.participant.alias,
                    str(people_words.STATUS[line.status]),
                    str(people_words.NEXT_STEP[line.next_step]),
                    line.wait_days,
                    line.case_worker,
                ],
            )


def _placements(session: Session, actor: Actor, today: date) -> Rows:
    def read(number: int) -> Listed:
        return list_placements(session, actor, states=tuple(State), today=today, page=number)

    for page in _pages(read):
        for state, seen in page.rows:
            each = seen.placement
            end = each.end_date or each.planned_end_date
            yield (
                each.id,
                [
                    seen.participant.alias,
                    seen.site.name,
                    seen.employer.name,
                    each.start_date.isoformat(),
                    end.isoformat() if end else None,
                    str(placement_words.ONE_STATE[state]),
                ],
            )


def _tasks(session: Session, actor: Actor, today: date) -> Rows:
    choose = unit_tasks if actor.has_role(*LEADS) else my_tasks

    def read(number: int) -> TaskPage:
        return list_tasks(session, actor, choose(session, actor, today=today), page=number)

    for page in _pages(read):
        for task in page.tasks:
            yield task.id, [sentence_of(task), task.due_on.isoformat()]


def _proposals(session: Session, actor: Actor, today: date) -> Rows:
    words = state_words()
    for start in range(0, MOST_PROPOSALS + 1, PROPOSALS_AT_ONCE):
        found = list_proposals(session, actor, today=today, limit=PROPOSALS_AT_ONCE, offset=start)
        if start == MOST_PROPOSALS and found:
            raise _too_long()
        titles = offer_titles(session, [each.offer_id for each in found])
        people = people_of(session, actor, [each.participant_id for each in found], today)
        for each in found:
            yield (
                each.id,
                [
                    people[each.participant_id]["alias"],
                    *titles[each.offer_id],
                    each.proposed_on.isoformat(),
                    words[each.state],
                ],
            )
        if len(found) < PROPOSALS_AT_ONCE:
            return


KINDS: dict[str, tuple[str, tuple[Role, ...], list[str], Callable[..., Rows]]] = {
    "employers": (
        N_("Arbetsgivare"),
        TAKERS,
        [N_("Id"), N_("Namn"), N_("Slag"), N_("Läge"), N_("Ansvarig"), N_("Senaste kontakt")],
        _employers,
    ),
    "offers": (
        N_("Erbjudanden"),
        TAKERS,
        [
            *(N_("Id"), N_("Titel"), N_("Arbetsställe"), N_("Platser")),
            *(N_("Timmar vid start"), N_("Timmar som mest"), N_("Läge"), N_("Ansvarig")),
        ],
        _offers,
    ),
    "participants": (
        N_("Deltagare"),
        PEOPLE_TAKERS,
        [N_("Beteckning"), N_("Läge"), N_("Nästa steg"), N_("Väntat, dagar"), N_("Handläggare")],
        _participants,
    ),
    "placements": (
        N_("Placeringar"),
        PEOPLE_TAKERS,
        [
            *(N_("Beteckning"), N_("Arbetsställe"), N_("Arbetsgivare")),
            *(N_("Start"), N_("Slut"), N_("Läge")),
        ],
        _placements,
    ),
    "proposals": (
        N_("Förslag"),
        PEOPLE_TAKERS,
        [N_("Beteckning"), N_("Titel"), N_("Arbetsställe"), N_("Föreslagen"), N_("Läge")],
        _proposals,
    ),
    "tasks": (N_("Uppgifter"), TAKERS, [N_("Uppgift"), N_("Senast")], _tasks),
}
