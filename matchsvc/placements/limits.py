"""What a placement must fulfil before it may begin. Plain checks, each a sentence on its field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from matchsvc.employers.models import Employer, EmployerStatus, Offer
from matchsvc.errors import N_
from matchsvc.placements.calendar import latest_end, lies_within_season, periods_overlap
from matchsvc.placements.facts import Facts
from matchsvc.placements.models import DecisionAuthority, Placement, PlacementForm
from matchsvc.swedish import contains_identity_number, last_day_of_period

Problem = tuple[str, str]
#: Our own bound for forms without one: nobody plans follow-ups for longer.
MOST_MONTHS = 60


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A placement as somebody wants it.

    Attributes:
        extended: the person has 450 compensated days, which lets some forms last longer.
        risk_decision: the written decision that a protected participant needs.
        facts: what was noted before the start, beside the checklist.
        prepared: codes of the checklist that are done already, by both where both tick.
        combine: another placement at the same time is meant.
        moved_from_id: the placement that this one carries on at another workplace.
        counts_from: since when the form's maximum counts, if not since the start.
    """

    participant_id: UUID
    site_id: UUID
    form: str
    start_date: date
    planned_end_date: date | None = None
    decision_authority: DecisionAuthority = DecisionAuthority.NONE
    decision_ref: str | None = None
    decision_from: date | None = None
    decision_to: date | None = None
    purpose: str | None = None
    hours_start: int | None = None
    hours_goal: int | None = None
    supervisor_id: UUID | None = None
    case_worker_id: UUID | None = None
    liaison_id: UUID | None = None
    contact_id: UUID | None = None
    agreement_id: UUID | None = None
    programme_id: UUID | None = None
    offer_id: UUID | None = None
    proposal_id: UUID | None = None
    external_id: str | None = None
    comment: str | None = None
    risk_decision: str | None = None
    extended: bool = False
    facts: Facts | None = None
    prepared: frozenset[str] = frozenset()
    combine: bool = False
    moved_from_id: UUID | None = None
    counts_from: date | None = None


def plan_from(data: Mapping[str, Any]) -> Plan:
    """The plan that a form or a program sent, with the facts before the start put together."""
    names = {each.name for each in fields(Facts)}
    facts = Facts(**{name: value for name, value in data.items() if name in names})
    rest = {name: value for name, value in data.items() if name not in names}
    return Plan(**rest | {"facts": facts, "prepared": frozenset(data.get("prepared", ()))})


def problems_with(
    plan: Plan, form: PlacementForm, employer: Employer, offer: Offer | None, *, protected: bool
) -> dict[str, str]:
    """Everything that stops the plan, by field; empty when it may begin.

    Args:
        plan: what is wanted.
        form: its form with its limits.
        employer: whose site it is.
        offer: the offer it fills, if any.
        protected: the participant has a protected identity.
    """
    found: dict[str, str] = {}
    checks: Iterable[Iterator[Problem]] = (
        _period(plan, form),
        _decision(plan, form),
        _content(plan, form, protected=protected),
        _employer(employer),
        _offer(plan, form, offer),
    )
    for check in checks:
        for field, message in check:
            found.setdefault(field, message)
    return found


def _period(plan: Plan, form: PlacementForm) -> Iterator[Problem]:
    first = plan.counts_from or plan.start_date
    end, limit = plan.planned_end_date, latest_end(form, first, extended=plan.extended)
    if end is None:
        if limit is not None:
            yield "planned_end_date", N_("Skriv vilken dag perioden ska sluta.")
        return
    if end < plan.start_date:
        yield "planned_end_date", N_("Slutet ligger före starten. Ändra en av dagarna.")
    elif end > last_day_of_period(plan.start_date, MOST_MONTHS):
        yield (
            "planned_end_date",
            N_("Planera högst fem år i taget. Välj en tidigare dag, eller lämna slutet öppet."),
        )
    elif limit is not None and end > limit:
        yield (
            "planned_end_date",
            N_("Så länge får formen inte pågå. Välj en tidigare dag, eller en annan form."),
        )


def _decision(plan: Plan, form: PlacementForm) -> Iterator[Problem]:
    """PLA-01: the start is blocked without a decision by the right authority for the period."""
    if form.decision_authority is DecisionAuthority.NONE:
        return
    if plan.decision_authority is not form.decision_authority:
        who = {
            DecisionAuthority.AF: N_("Arbetsförmedlingen beslutar om den här formen."),
            DecisionAuthority.SOCIAL_BOARD: N_("Socialnämnden beslutar om den här formen."),
        }
        yield "decision_authority", who[form.decision_authority]
    if not (plan.decision_ref or "").strip():
        yield "decision_ref", N_("Skriv beslutets nummer. Utan beslut får perioden inte börja.")
    if plan.decision_from is None:
        yield "decision_from", N_("Skriv från vilken dag beslutet gäller.")
    elif plan.decision_from > plan.start_date:
        yield "decision_from", N_("Beslutet gäller inte den dag perioden börjar.")
    if plan.decision_to is None:
        if plan.planned_end_date is not None:
            yield "decision_to", N_("Skriv till och med vilken dag beslutet gäller.")
    elif plan.planned_end_date is None or plan.decision_to < plan.planned_end_date:
        yield "decision_to", N_("Beslutet gäller inte hela perioden.")


def _content(plan: Plan, form: PlacementForm, *, protected: bool) -> Iterator[Problem]:
    if not (plan.purpose or "").strip():
        yield "purpose", N_("Skriv vad perioden ska leda till, så att båda kan förbereda sig.")
    for field, text in (("purpose", plan.purpose), ("comment", plan.comment)):
        if text and contains_identity_number(text, today=plan.start_date):
            yield field, N_("Texten innehåller ett personnummer. Ta bort det.")
    if form.supervisor_required and not (plan.supervisor_id or plan.contact_id):
        yield (
            "supervisor_id",
            N_("Välj vem som är handledare: någon hos oss eller en person på arbetsplatsen."),
        )
    hours_start, hours_goal = plan.hours_start, plan.hours_goal
    if hours_start is not None and hours_goal is not None and hours_goal < hours_start:
        yield "hours_goal", N_("Målet är färre timmar än starten. Ändra ett av talen.")
    if protected and not (plan.risk_decision or "").strip():
        yield (
            "risk_decision",
            N_("Skyddade personuppgifter: skriv det beslut om risken som har fattats."),
        )


def _employer(employer: Employer) -> Iterator[Problem]:
    if employer.bar is not None:
        yield (
            "site_id",
            N_("Hos den här arbetsgivaren får ingen placeras just nu. Skälet står på dess sida."),
        )
    elif employer.status is EmployerStatus.DO_NOT_CONTACT:
        yield "site_id", N_("Arbetsgivaren vill inte bli kontaktad. Välj en annan arbetsplats.")


def _offer(plan: Plan, form: PlacementForm, offer: Offer | None) -> Iterator[Problem]:
    if offer is None:
        return
    if offer.forms and form.code not in offer.forms:
        yield "form", N_("Platsen tar inte emot den formen. Välj en annan form.")
    if (
        form.season_must_be_exceeded
        and offer.season_start
        and offer.season_end
        and plan.planned_end_date is not None
        and lies_within_season(
            plan.start_date, plan.planned_end_date, offer.season_start, offer.season_end
        )
    ):
        yield (
            "form",
            N_(
                "I säsongsarbete får arbetspraktik bara beviljas när den sträcker sig utanför "
                "säsongen. Ändra perioden, eller välj en annan form."
            ),
        )


def most_at_once(plan: Plan, others: Iterable[Placement]) -> int:
    """The largest number of other placements on any one day of the plan's period."""
    alongside = [
        (other.start_date, other.end_date or other.planned_end_date)
        for other in others
        if periods_overlap(
            plan.start_date,
            plan.planned_end_date,
            other.start_date,
            other.end_date or other.planned_end_date,
        )
    ]
    # The number only rises on a day when one begins, so those days are enough to look at.
    days = {plan.start_date, *(start for start, _ in alongside if start > plan.start_date)}
    return max(sum(start <= day <= (end or date.max) for start, end in alongside) for day in days)
