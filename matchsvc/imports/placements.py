"""Importing placements and employments: what becomes of each row.

A row that starts before the day of import is history: it counts in reports and asks nobody for
anything. A row that starts today or later gets the rules of a new placement or employment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts.models import Role
from matchsvc.employers.models import Offer, Site
from matchsvc.errors import N_
from matchsvc.imports import words
from matchsvc.imports.columns import Parsed, Problem, given_in, missing_value
from matchsvc.imports.lookups import Book
from matchsvc.imports.placement_columns import COLUMNS
from matchsvc.imports.placement_writing import COLUMN_OF, job_of, plan_of, write_rows
from matchsvc.imports.planning import Action, Planned, RowPlan, difference, fault, wanted
from matchsvc.imports.sites import Sites
from matchsvc.imports.values import CellError
from matchsvc.imports.words import Form
from matchsvc.participants.access import Sight, keys_that_moved, sight_of, visible_participants
from matchsvc.participants.models import Case, Participant
from matchsvc.placements.access import can_decide
from matchsvc.placements.combining import has_overlap
from matchsvc.placements.employments import problems_of_job
from matchsvc.placements.forms import list_forms
from matchsvc.placements.limits import problems_with
from matchsvc.placements.models import Employment, Placement, PlacementForm
from matchsvc.placements.supervision import SUPERVISING
from matchsvc.swedish import contains_identity_number

_COLUMNS = {column.key: column for column in COLUMNS}
_BOTH = ("start_date", "planned_end_date", "end_date", "outcome", "decision_ref", "comment")
_OF_PLACEMENT = (
    *_BOTH, "decision_authority", "decision_from", "decision_to", "purpose", "hours_start",
    "hours_goal",
)  # fmt: skip
_OF_EMPLOYMENT = (*_BOTH, "subsidy", "subsidy_ref")
#: Columns that only one of the two tables can keep.
_ONLY_PLACEMENT = ("decision_authority", "decision_from", "decision_to", "purpose", "supervisor")
_ONLY_EMPLOYMENT = ("subsidy", "subsidy_ref")
_HIDDEN = N_("Deltagaren finns inte, eller så får du inte se ärendet. Importera deltagare först.")


@dataclass(slots=True)
class PeriodPlan:
    """What a row makes of a placement or an employment.

    Attributes:
        external_id: its key.
        form: its form or kind.
        known: its row, or None when it is new.
        participant: whose.
        case: the case that it belongs to.
        site: where.
        offer: the offer that it fills.
        is_history: it starts before the day of import.
        values: attributes as they shall be.
        agreement: code that it counts under.
        programme: code that it counts under.
    """

    number: int
    external_id: str
    form: Form
    known: Placement | Employment | None
    participant: Participant
    case: Case
    site: Site
    offer: Offer | None
    is_history: bool
    values: dict[str, Any] = field(default_factory=dict)
    agreement: str | None = None
    programme: str | None = None


class Placements:
    """The import of placements and employments."""

    name = "placements"
    columns = COLUMNS

    def __init__(self, book: Book) -> None:
        self.book = book
        self._seen: dict[str, int] = {}

    def plan(self, session: Session, rows: Sequence[Parsed]) -> Planned:
        """Say what becomes of the next rows."""
        planned = Planned()
        if self.book.home is None:
            message = N_("Det finns flera enheter. Säg vilken med --unit.")
            planned.problems = [Problem(None, None, "unit_missing", message)]
            return planned
        known = _Known(session, self.book, self.book.home, rows)
        for row in rows:
            problems = list(row.problems)
            plan = _Reading(session, self, row, known, problems).read()
            planned.problems += problems
            if plan is not None and not problems:
                planned.rows.append(plan)
        return planned

    def write(self, session: Session, rows: Sequence[RowPlan]) -> list[Problem]:
        """Write what was planned in this transaction."""
        return write_rows(session, self.book, [row.data for row in rows])

    def twice(self, row: Parsed) -> Problem | None:
        """The error of a key that an earlier row has."""
        earlier = self._seen.setdefault(row.values["external_id"], row.number)
        if earlier == row.number:
            return None
        return fault(
            row,
            "external_id",
            "row_twice",
            N_("Samma id står på rad %(row)s. Ta bort den ena raden."),
            row=earlier,
        )


class _Known:
    """What some rows name, read at once."""

    def __init__(self, session: Session, book: Book, unit_id: UUID, rows: Sequence[Parsed]) -> None:
        self.unit_id = unit_id
        moved = keys_that_moved(session, unit_id, given_in(rows, "participant"))
        for row in rows:
            row.follow("participant", moved)
        self.sites = Sites(session, unit_id, rows, "site")
        keys = {row.given("external_id") for row in rows} - {None}
        self.placements = self._by_key(session, Placement, keys)
        self.employments = self._by_key(session, Employment, keys)
        people = session.scalars(
            visible_participants(session, book.actor, today=book.today)
            .where(
                Participant.unit_id == unit_id,
                Participant.external_id.in_(given_in(rows, "participant")),
            )
            .options(selectinload(Participant.cases))
        ).all()
        self.people = {person.external_id: person for person in people}
        ids = [person.id for person in people]
        self.sights = sight_of(session, book.actor, ids, today=book.today)
        offers = {row.given("offer") for row in rows} - {None}
        self.offers = self._by_key(session, Offer, offers)
        self.forms: dict[str, PlacementForm] = {form.code: form for form in list_forms(session)}

    def _by_key(self, session: Session, table: Any, keys: Iterable[str]) -> dict[str, Any]:
        found = session.scalars(
            select(table).where(table.unit_id == self.unit_id, table.external_id.in_(keys))
        )
        return {row.external_id: row for row in found}


class _Reading:
    """One row against what is known; collects every error of the row."""

    def __init__(
        self,
        session: Session,
        kind: Placements,
        row: Parsed,
        known: _Known,
        problems: list[Problem],
    ) -> None:
        self.session, self.kind, self.book, self.row = session, kind, kind.book, row
        self.found, self.problems = known, problems

    def say(self, key: str | None, code: str, message: str, **said: object) -> None:
        self.problems.append(fault(self.row, key, code, message, **said))

    def read(self) -> RowPlan | None:
        self._check_key()
        known = self._known()
        form: Form | None = wanted(self.row, "form", _form_of(known))
        start: date | None = wanted(self.row, "start_date", known.start_date if known else None)
        participant, site, offer = self._participant(known), self._site(known), self._offer(known)
        for key, value in (("form", form), ("start_date", start)):
            if value is None:
                self._missing(key)
        if form is None or start is None or participant is None or site is None:
            return None
        plan = PeriodPlan(
            number=self.row.number,
            external_id=self.row.given("external_id") or "",
            form=form,
            known=known,
            participant=participant,
            case=_case_on(participant, start),
            site=site,
            offer=offer,
            is_history=known.is_history if known is not None else start < self.book.today,
        )
        self._read_values(plan)
        self._check(plan)
        return None if self.problems else self._decide(plan)

    def _missing(self, key: str) -> None:
        if not any(problem.column == key for problem in self.problems):
            self.problems.append(missing_value(self.row.number, _COLUMNS[key]))

    def _check_key(self) -> None:
        if self.row.given("external_id") is None:
            self._missing("external_id")
        elif (twice := self.kind.twice(self.row)) is not None:
            self.problems.append(twice)

    def _known(self) -> Placement | Employment | None:
        key = self.row.given("external_id")
        placement = self.found.placements.get(key)
        employment = self.found.employments.get(key)
        form = self.row.given("form")
        known: Placement | Employment | None = placement or employment
        is_employment = isinstance(known, Employment)
        if known is not None and form is not None and form.is_employment != is_employment:
            self.say(
                "form",
                "form_differs",
                N_("Id:t hör till en placering eller anställning av annat slag. Välj ett nytt id."),
            )
            return None
        return known

    def _participant(self, known: Placement | Employment | None) -> Participant | None:
        key = self.row.given("participant")
        if key is None:
            self._missing("participant")
            return None
        participant = self.found.people.get(key)
        if participant is None or not participant.cases:
            self.say("participant", "not_found", _HIDDEN)
            return None
        if known is not None and known.participant_id != participant.id:
            self.say(
                "participant",
                "participant_differs",
                N_("Id:t hör till en annan deltagare. Välj ett nytt id."),
            )
        return participant

    def _site(self, known: Placement | Employment | None) -> Site | None:
        written = self.row.given("site")
        try:
            if written is not None:
                return self.found.sites.find(written)
        except CellError as error:
            self.say("site", error.code, error.message, **error.words)
            return None
        if known is None:
            self._missing("site")
            return None
        return self.session.get(Site, known.site_id)

    def _offer(self, known: Placement | Employment | None) -> Offer | None:
        written = self.row.given("offer")
        if written is None:
            if known is None or known.offer_id is None or self.row.clears("offer"):
                return None
            return self.session.get(Offer, known.offer_id)
        offer: Offer | None = self.found.offers.get(written)
        if offer is None:
            self.say(
                "offer",
                "unknown_offer",
                N_("Erbjudandet finns inte. Importera erbjudanden först, eller töm cellen."),
            )
        return offer

    def _user(self, key: str, now: UUID | None, *roles: Role) -> UUID | None:
        written = self.row.given(key)
        if written is None:
            return None if self.row.clears(key) else now
        try:
            return self.book.find_user(written, self.found.unit_id, *roles)
        except CellError as error:
            self.say(key, error.code, error.message, **error.words)
            return None

    def _read_values(self, plan: PeriodPlan) -> None:
        row, known = self.row, plan.known
        names = _OF_EMPLOYMENT if plan.form.is_employment else _OF_PLACEMENT
        values = {name: wanted(row, name, getattr(known, name, None)) for name in names}
        if plan.form.is_employment:
            hours = getattr(known, "hours", None)
            values["hours"] = row.given("hours_goal") or row.given("hours_start") or hours
            self._warn_of_lost(_ONLY_PLACEMENT)
        else:
            self._warn_of_lost(_ONLY_EMPLOYMENT)
            if values["decision_authority"] is None:
                values["decision_authority"] = self.found.forms[plan.form].decision_authority
            values["supervisor_id"] = self._user(
                "supervisor", getattr(known, "supervisor_id", None),
                *(() if plan.is_history else SUPERVISING),
            )  # fmt: skip
        worker = known.case_worker_id if known is not None else plan.case.case_worker_id
        values["case_worker_id"] = self._user("case_worker", worker)
        values["offer_id"] = plan.offer.id if plan.offer else None
        values |= self._codes(plan)
        plan.values = values

    def _warn_of_lost(self, keys: Iterable[str]) -> None:
        for key in keys:
            if self.row.given(key) is not None:
                self.book.warnings.append(
                    Problem(None, key, "not_kept",
                            N_("%(heading)s sparas inte för den formen."),
                            {"heading": _COLUMNS[key].heading})
                )  # fmt: skip

    def _codes(self, plan: PeriodPlan) -> dict[str, Any]:
        unit_id, known = self.found.unit_id, plan.known
        agreement_id = known.agreement_id if known is not None else (
            (plan.offer.agreement_id if plan.offer else None) or plan.site.employer.agreement_id
        )  # fmt: skip
        programme_id = known.programme_id if known is not None else plan.case.programme_id
        if written := self.row.given("agreement"):
            agreement_id = self.book.agreement(unit_id, written).id
        if written := self.row.given("programme"):
            programme_id = self.book.programme(unit_id, written).id
        agreement_id = None if self.row.clears("agreement") else agreement_id
        programme_id = None if self.row.clears("programme") else programme_id
        plan.agreement = _code_of(self.book.agreements.values(), agreement_id)
        plan.programme = _code_of(
            self.book.programmes.values(), programme_id or plan.case.programme_id
        )
        return {"agreement_id": agreement_id, "programme_id": programme_id}

    # Checks

    def _check(self, plan: PeriodPlan) -> None:
        self._check_right(plan)
        self._check_days(plan)
        self._check_texts(plan)
        if plan.offer is not None and plan.offer.site_id != plan.site.id:
            self.say(
                "offer",
                "offer_elsewhere",
                N_("Erbjudandet gäller ett annat arbetsställe. Rätta ett av dem."),
            )
        if plan.form is Form.RESOURCE_EMPLOYMENT:
            for key in ("subsidy", "subsidy_ref"):
                if not plan.values[key]:
                    self._missing(key)
        if not plan.is_history and plan.known is None and not self.problems:
            self._check_start(plan)

    def _check_right(self, plan: PeriodPlan) -> None:
        actor = self.book.actor
        sight = self.found.sights.get(plan.participant.id, Sight.ALIAS)
        manages = plan.is_history and actor.has_role(Role.UNIT_MANAGER)
        if not manages and not can_decide(actor, sight):
            self.say(
                "participant",
                "not_yours",
                N_("Du har inte ansvar för det här ärendet. Be handläggaren eller chefen."),
            )

    def _check_days(self, plan: PeriodPlan) -> None:
        values, today = plan.values, self.book.today
        start, planned, end = (
            values[name] for name in ("start_date", "planned_end_date", "end_date")
        )
        if planned is not None and planned < start:
            self.say(
                "planned_end_date",
                "ends_before_start",
                N_("Slutet ligger före starten. Rätta en av dagarna."),
            )
        if end is not None and end < start:
            self.say(
                "end_date",
                "ends_before_start",
                N_("Slutet ligger före starten. Rätta en av dagarna."),
            )
        elif end is not None and end > today:
            self.say(
                "end_date",
                "not_yet",
                N_("Dagen har inte varit än. Skriv den som Planerat slut i stället."),
            )
        if end is not None and values["outcome"] is None:
            self._missing("outcome")
        if end is None and self.row.given("outcome") is not None:
            self.say("outcome", "not_ended", N_("Skriv också Slut, eller töm cellen."))
        first, last = values.get("decision_from"), values.get("decision_to")
        if first is not None and last is not None and last < first:
            self.say(
                "decision_to",
                "ends_before_start",
                N_("Slutet ligger före starten. Rätta en av dagarna."),
            )

    def _check_texts(self, plan: PeriodPlan) -> None:
        for key in ("comment", "purpose"):
            written = plan.values.get(key)
            if written and contains_identity_number(written, today=self.book.today):
                self.say(
                    key, "identity_number", N_("Texten innehåller ett personnummer. Ta bort det.")
                )

    def _check_start(self, plan: PeriodPlan) -> None:
        """The rules of what begins today or later."""
        if not (plan.case.enrolled_on <= plan.values["start_date"]) or plan.case.ended_on:
            self.say(
                "start_date",
                "no_open_case",
                N_("Deltagaren är inte inskriven den dagen. Skriv in igen först."),
            )
        if plan.values["end_date"] is not None:
            self.say(
                "end_date",
                "not_yet",
                N_("Dagen har inte varit än. Skriv den som Planerat slut i stället."),
            )
        if plan.form.is_employment:
            found = problems_of_job(job_of(plan))
        else:
            wish = plan_of(plan)
            found = problems_with(
                wish,
                self.found.forms[plan.form],
                plan.site.employer,
                plan.offer,
                protected=plan.participant.protected,
            )
            if has_overlap(
                self.session, wish.participant_id, start=wish.start_date, end=wish.planned_end_date
            ):
                self.say(
                    "start_date",
                    "overlap",
                    N_("Deltagaren har en annan placering under perioden. Ändra dagarna."),
                )
        for name, sentence in found.items():
            self.say(COLUMN_OF.get(name, name), "start_refused", sentence)

    # What becomes of it

    def _decide(self, plan: PeriodPlan) -> RowPlan | None:
        known, number = plan.known, plan.number
        if known is None:
            return RowPlan(number, Action.CREATE, data=plan)
        before = {name: getattr(known, name) for name in plan.values} | {"site_id": known.site_id}
        after = plan.values | {"site_id": plan.site.id}
        changes = difference({}, before, after)
        if _form_of(known) is not plan.form:
            changes["form"] = (
                words.word_of(words.FORM, _form_of(known)), words.word_of(words.FORM, plan.form)
            )  # fmt: skip
        said = {COLUMN_OF.get(name, name): _said(name, change) for name, change in changes.items()}
        if changes and isinstance(known, Placement) and not known.is_history:
            self.say(
                next(iter(said)),
                "runs_here",
                N_("Placeringen sköts i systemet. Ändra den på dess sida, inte genom en fil."),
            )
            return None
        return RowPlan(number, Action.UPDATE if changes else Action.UNCHANGED, said, plan)


def _said(name: str, change: tuple[str, str]) -> tuple[str, str]:
    """Ids say nothing to a reader; neither does a comment belong in a preview of others' work."""
    if name.endswith("_id") or name in {"comment", "purpose"}:
        return "", ""
    known = {"outcome": words.OUTCOME, "decision_authority": words.DECISION_AUTHORITY}.get(name)
    if known is None:
        return change
    names = {str(member.value): word for word, member in reversed(list(known.items()))}
    return names.get(change[0], change[0]), names.get(change[1], change[1])


def _form_of(known: Placement | Employment | None) -> Form | None:
    if known is None:
        return None
    return Form(known.form if isinstance(known, Placement) else known.kind.value)


def _case_on(participant: Participant, start: date) -> Case:
    """The case of that day; history may lie outside, and then belongs to the nearest before."""
    before = [case for case in participant.cases if case.enrolled_on <= start]
    return before[0] if before else participant.cases[-1]


def _code_of(rows: Iterable[Any], key: UUID | None) -> str | None:
    return next((str(row.code) for row in rows if row.id == key), None) if key else None
