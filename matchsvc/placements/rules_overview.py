"""What the page of a placement shows of its limits, decisions and stops, and what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.employers.models import Contact, Site
from matchsvc.errors import NotFound
from matchsvc.placements.access import Seen, can_decide, get_placement, require_decider
from matchsvc.placements.decision_models import PlacementDecision, StartFacts, Supervision
from matchsvc.placements.decisions import decisions_of, first_decision, gaps_in
from matchsvc.placements.forms import needs_a_look
from matchsvc.placements.limits_ahead import warning_due
from matchsvc.placements.models import Placement, PlacementForm
from matchsvc.placements.relocating import continuation_of
from matchsvc.placements.stages import Stage, last_permitted_day, stage_of
from matchsvc.placements.start_stops import Stop, read_prepared, stops_on
from matchsvc.placements.supervision import supervisions_of
from matchsvc.placements.transitions import Act, possible_acts


@dataclass(frozen=True, slots=True)
class Rules:
    """Where a placement stands, and why.

    Attributes:
        form: its form with its limits.
        stage: where it stands.
        last_day: the last permitted day; None without a limit.
        warning: which warning holds; of ``limits_ahead.WEEKS``.
        stops: what is missing before it may begin, the hard ones first.
        facts: what was noted beside the checklist.
        decisions: all of them, in order.
        gaps: days on which none held.
        supervisions: who supervised, in order.
        contacts: names of the workplace's own supervisors, by id.
        acts: what the reader may do now.
        moved_to: the placement that it went on as.
        site_closes_on: the workplace's last day.
        with_children: a register extract is shown there.
        source_is_old: nobody has read the law of the form for a year.
    """

    form: PlacementForm
    stage: Stage
    last_day: date | None
    warning: str | None
    stops: list[Stop]
    facts: StartFacts | None
    decisions: list[PlacementDecision]
    gaps: list[tuple[date, date]]
    supervisions: list[Supervision]
    contacts: dict[UUID, str]
    acts: frozenset[Act]
    moved_to: UUID | None
    site_closes_on: date | None
    with_children: bool
    source_is_old: bool

    @property
    def hard_stops(self) -> list[Stop]:
        """What keeps it from beginning."""
        return [stop for stop in self.stops if stop.is_hard]


def read_rules(session: Session, actor: Actor, found: Seen, *, today: date) -> Rules:
    """Everything about one placement's rules. A fixed number of queries."""
    placement = found.placement
    ready = read_prepared(session, placement, day=max(today, placement.start_date))
    stage = stage_of(placement, ready.form, today=today)
    last = last_permitted_day(placement, ready.form)
    first = first_decision(placement)
    decisions = decisions_of(session, placement.id) or ([first] if first else [])
    supervisions = supervisions_of(session, placement.id)
    return Rules(
        form=ready.form,
        stage=stage,
        last_day=last,
        warning=None
        if last is None or stage is not Stage.RUNNING
        else warning_due(placement.start_date, last, today=today),
        stops=stops_on(ready, max(today, placement.start_date))
        if stage in {Stage.PLANNED, Stage.STOPPED}
        else [],
        facts=ready.facts,
        decisions=decisions,
        gaps=gaps_in(decisions),
        supervisions=supervisions,
        contacts=_names(session, [row.contact_id for row in supervisions]),
        acts=_acts(actor, found, stage),
        moved_to=continuation_of(session, placement.id),
        site_closes_on=ready.site.closed_on,
        with_children=ready.site.works_with_children and ready.form.extract_for_children,
        source_is_old=needs_a_look(ready.form, today=today),
    )


def get_for_decision(
    session: Session, actor: Actor, key: UUID | str, *, today: date
) -> tuple[Seen, Rules]:
    """A placement and its rules for a form that changes it.

    Raises:
        NotFound: unknown or hidden.
        Refused: the actor may not decide on this participant.
    """
    found = get_placement(session, actor, key, today=today)
    require_decider(actor, found.sight)
    return found, read_rules(session, actor, found, today=today)


def get_decision(rules: Rules, decision_id: UUID) -> PlacementDecision:
    """One decision of those shown.

    Raises:
        NotFound: it is not one of the placement's.
    """
    for row in rules.decisions:
        if row.id == decision_id:
            return row
    raise NotFound("placement_decision")


def open_sites(sites: Sequence[tuple[Site, object]], placement: Placement) -> list[Site]:
    """The workplaces that a placement may move to."""
    return [site for site, _employer in sites if site.id != placement.site_id]


def _acts(actor: Actor, found: Seen, stage: Stage) -> frozenset[Act]:
    acts = possible_acts(actor, stage)
    if can_decide(actor, found.sight):
        return acts
    return acts & {Act.PREPARE, Act.BEGIN, Act.FOLLOW_UP}


def _names(session: Session, contact_ids: list[UUID | None]) -> dict[UUID, str]:
    found = select(Contact.id, Contact.name).where(Contact.id.in_(set(contact_ids) - {None}))
    return {row[0]: row[1] for row in session.execute(found)}
