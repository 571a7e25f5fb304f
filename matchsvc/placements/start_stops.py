"""What must be there before somebody may begin: hard stops with the law or the danger; reminders.

Decision 12 says which is which and why. A hard stop never refuses to plan: it refuses to begin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.settings import number
from matchsvc.employers.bar_checks import Standing, standing_of_bars
from matchsvc.employers.models import Employer, Site
from matchsvc.errors import N_
from matchsvc.placements.checklist import PREPARATION
from matchsvc.placements.decision_models import StartFacts
from matchsvc.placements.forms import get_form
from matchsvc.placements.models import (
    ChecklistItem,
    DecisionAuthority,
    Placement,
    PlacementForm,
)


@dataclass(frozen=True, slots=True)
class Stop:
    """Something that is not there.

    Attributes:
        code: what; of :data:`REASONS`.
        is_hard: nobody begins before it is mended; a reminder otherwise.
    """

    code: str
    is_hard: bool

    @property
    def reason(self) -> str:
        """Why it stops, with the law or the danger, in a Swedish sentence."""
        return REASONS[self.code]


REASONS: Mapping[str, str] = {
    "decision": N_(
        "Inget beslut gäller den dag perioden ska börja. Beslutet är det som ger personen rätt "
        "att vara där (2000:628, 2007:414, SoL 12 kap. 4 §)."
    ),
    "period_over": N_("Perioden är slut innan den hann börja. Ställ in den, eller ändra slutet."),
    "barred": N_(
        "Hos arbetsgivaren får ingen anvisas: det finns ett hinder (2000:628 9 b § och 9 c §)."
    ),
    "bar_check": N_(
        "Ingen har på länge kontrollerat om arbetsgivaren har näringsförbud, konkurs eller "
        "skulder. Det ska göras före en anvisning (2000:628 9 b §)."
    ),
    "site_closed": N_("Arbetsplatsen är stängd från och med startdagen."),
    "union": N_(
        "Facket på arbetsplatsen ska få yttra sig före starten (2000:628 9 a §). Skriv när det "
        "frågades, och svaret eller dagen då svarstiden gick ut."
    ),
    "insurance": N_(
        "Personen och arbetsplatsen ska veta vilken försäkring som gäller om någon skadas."
    ),
    "supervisor": N_("En namngiven handledare ska finnas (2000:634 14 §, 2007:414 10 §)."),
    "purpose": N_("Syftet ska vara skrivet, så att båda vet varför personen är där."),
    "extract": N_(
        "På arbetsplatsen finns barn. Utdraget ur belastningsregistret och misstankeregistret ska "
        "visas före starten. Skriv bara dagen, spara aldrig utdraget (2013:852)."
    ),
    "work_environment": N_(
        "Gå igenom arbetsmiljö och skydd tillsammans. Den som praktiserar skyddas av samma regler "
        "som en anställd (2000:625 7 §)."
    ),
    "site_risks": N_(
        "Arbetsplatsen ska ha gått igenom sina risker och vem som stoppar arbetet vid fara. "
        "Den som tar emot har arbetsgivarens ansvar (2000:625 7 §)."
    ),
    "agreement": N_("Överenskommelsen ska vara undertecknad av alla tre."),
    "preparation": N_(
        "De sex sakerna ska vara genomgångna, och både deltagaren och handläggaren har kryssat."
    ),
    "supervisor_introduced": N_("Låt handledaren och deltagaren träffas före första dagen."),
    "first_day": N_("Bestäm vem som möter deltagaren första dagen, var och när."),
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a start stands on, read once.

    Attributes:
        placement: the placement.
        form: its form.
        site, employer: where.
        items: the checklist by code.
        facts: what was noted beside it; None when nothing was.
        bars: the latest check of the organiser.
        needs_agreement: the unit lets nobody begin without one.
        needs_preparation: the unit lets nobody begin before the six things are gone through.
    """

    placement: Placement
    form: PlacementForm
    site: Site
    employer: Employer
    items: Mapping[str, ChecklistItem]
    facts: StartFacts | None
    bars: Standing
    needs_agreement: bool
    needs_preparation: bool


def read_prepared(session: Session, placement: Placement, *, day: date) -> Prepared:
    """Everything :func:`stops_on` looks at. A fixed number of queries; asks no right.

    Args:
        session: to read with.
        placement: which.
        day: the check of the organiser must be fresh then.
    """
    site = session.get_one(Site, placement.site_id)
    employer = session.get_one(Employer, site.employer_id)
    rows = session.scalars(
        select(ChecklistItem).where(ChecklistItem.placement_id == placement.id)
    ).all()
    return Prepared(
        placement=placement,
        form=get_form(session, placement.form),
        site=site,
        employer=employer,
        items={row.code: row for row in rows},
        facts=session.get(StartFacts, placement.id),
        bars=standing_of_bars(session, employer, today=day),
        needs_agreement=bool(number(session, placement.unit_id, "agreement_before_start")),
        needs_preparation=bool(number(session, placement.unit_id, "preparation_before_start")),
    )


def stops_on(ready: Prepared, day: date) -> list[Stop]:
    """What is missing for a start on a day, the hard stops first. Nothing for imported history.

    ``ready`` was read for the same day.
    """
    if ready.placement.is_history:
        return []
    found = [*_hard(ready, day), *_reminders(ready, day)]
    return sorted(found, key=lambda stop: not stop.is_hard)


def hard_stops(session: Session, placement: Placement, *, day: date) -> list[Stop]:
    """The hard stops alone. A fixed number of queries."""
    stops = stops_on(read_prepared(session, placement, day=day), day)
    return [stop for stop in stops if stop.is_hard]


def _hard(ready: Prepared, day: date) -> Iterator[Stop]:
    missing = {
        "decision": not _is_decided(ready.placement, ready.form, day),
        "period_over": _is_over(ready.placement, day),
        "barred": ready.employer.bar is not None,
        "bar_check": ready.form.bar_check and ready.bars.is_old,
        "site_closed": ready.site.closed_on is not None and ready.site.closed_on < day,
        "union": ready.form.union_consultation and not _union_was_asked(ready.facts, day),
        "insurance": not _by(ready.facts.insurance_noted_on if ready.facts else None, day),
        "supervisor": ready.form.supervisor_required
        and not (ready.placement.supervisor_id or ready.placement.contact_id),
        "purpose": not (ready.placement.purpose or "").strip(),
        "extract": ready.form.extract_for_children
        and ready.site.works_with_children
        and not _by(ready.facts.extract_shown_on if ready.facts else None, day),
        "work_environment": not _is_gone_through(ready, "work_environment", day),
        "site_risks": not _is_ticked(ready, "site_risks", day),
    }
    yield from (Stop(code, is_hard=True) for code, is_missing in missing.items() if is_missing)
    if not _is_ticked(ready, "agreement", day):
        yield Stop("agreement", is_hard=ready.needs_agreement)
    if not all(_is_gone_through(ready, code, day) for code in PREPARATION):
        yield Stop("preparation", is_hard=ready.needs_preparation)


def _reminders(ready: Prepared, day: date) -> Iterator[Stop]:
    for code in ("supervisor_introduced", "first_day"):
        if not _is_ticked(ready, code, day):
            yield Stop(code, is_hard=False)


def _is_decided(placement: Placement, form: PlacementForm, day: date) -> bool:
    if form.decision_authority is DecisionAuthority.NONE:
        return True
    first, last = placement.decision_from, placement.decision_to
    if placement.decision_authority is not form.decision_authority or not placement.decision_ref:
        return False
    return first is not None and first <= day and (last is None or day <= last)


def _is_over(placement: Placement, day: date) -> bool:
    return placement.planned_end_date is not None and placement.planned_end_date < day


def _union_was_asked(facts: StartFacts | None, day: date) -> bool:
    if facts is None or not _by(facts.union_asked_on, day):
        return False
    is_late = facts.union_answer_by is not None and facts.union_answer_by < day
    return is_late or _by(facts.union_answered_on, day)


def _is_gone_through(ready: Prepared, code: str, day: date) -> bool:
    """Ticked by the case worker and by the participant (PLA-14)."""
    item = ready.items.get(code)
    return _is_ticked(ready, code, day) and _by(item.participant_done_on if item else None, day)


def _is_ticked(ready: Prepared, code: str, day: date) -> bool:
    item = ready.items.get(code)
    return _by(item.done_on if item else None, day)


def _by(done_on: date | None, day: date) -> bool:
    return done_on is not None and done_on <= day
