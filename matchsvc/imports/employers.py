"""Importing employers, their sites and contacts: rows repeat them, so each is gathered first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.employers import checks
from matchsvc.employers.access import keys_that_moved
from matchsvc.employers.alike import plain_name
from matchsvc.employers.history import note_changes
from matchsvc.employers.models import (
    Contact,
    Employer,
    EmployerStatus,
    Site,
    SiteCondition,
    Stance,
    YesNoUnknown,
)
from matchsvc.employers.register import NEEDS_REASON, NO_SUCH_STEP, REASON_NEEDED, TRANSITIONS
from matchsvc.errors import N_
from matchsvc.imports.bulk import insert_rows
from matchsvc.imports.columns import Parsed, Problem, given_in, missing_value
from matchsvc.imports.employer_columns import COLUMNS
from matchsvc.imports.lookups import Book, each
from matchsvc.imports.planning import Action, Planned, RowPlan, chunks, difference, fault
from matchsvc.imports.values import CellError, Mark
from matchsvc.swedish import sort_key
from matchsvc.workday.archivable import stands

_COLUMNS = {column.key: column for column in COLUMNS}
#: Columns of the employer, of the site and of the contact: key to attribute.
_EMPLOYER = {
    "name": "name", "type": "type", "org_number": "org_number", "sni": "sni",
    "size_band": "size_band", "status": "status", "status_reason": "status_reason",
    "origin": "origin", "collective_agreement": "collective_agreement", "union": "union_name",
    "agreement": "agreement_id", "owner": "owner_id",
}  # fmt: skip
_SITE = {
    "site_name": "name", "address": "address", "postcode": "postcode", "town": "town",
    "area": "area_id", "capacity": "capacity", "offers": "offers", "excludes": "excludes",
}  # fmt: skip
_CONTACT = {
    "contact_name": "name", "contact_role": "role", "contact_email": "email",
    "contact_phone": "phone", "contact_channel": "channel",
}  # fmt: skip
#: What an attribute is when it has never been said, where that is not None.
_EMPTY: dict[str, Any] = {
    "status": EmployerStatus.PROSPECT, "collective_agreement": YesNoUnknown.UNKNOWN,
    "offers": frozenset(), "excludes": frozenset(),
}  # fmt: skip
_FREE_TEXT = ("name", "union", "status_reason", "site_name", "address")


@dataclass(slots=True)
class Draft:
    """An employer, a site or a contact, gathered over the rows that repeat it.

    Attributes:
        id: of the row, also of one not saved yet.
        stored: what the database holds; None when it is new.
        values: as it shall be.
        said: which row said what, by column.
        is_written: whether this import has saved it.
    """

    id: UUID
    stored: dict[str, Any] | None
    values: dict[str, Any]
    said: dict[str, tuple[Any, int]] = field(default_factory=dict)
    is_written: bool = False

    @property
    def is_new(self) -> bool:
        """Whether it has to be inserted."""
        return self.stored is None and not self.is_written


@dataclass(slots=True)
class Company:
    """An employer with what belongs to it."""

    employer: Draft
    unit_id: UUID
    external_id: str
    sites: dict[str, Draft] = field(default_factory=dict)
    contacts: list[Draft] = field(default_factory=list)


class Employers:
    """The import of employers."""

    name = "employers"
    columns = COLUMNS

    def __init__(self, book: Book) -> None:
        self.book = book
        self._companies: dict[str, Company] = {}
        self._org_numbers: dict[str, str] = {}
        self._names: dict[str, tuple[str, str | None]] = {}

    def plan(self, session: Session, rows: Sequence[Parsed]) -> Planned:
        """Say what becomes of the next rows."""
        planned = Planned()
        unit_id = self.book.home
        if unit_id is None:
            message = N_("Det finns flera enheter. Säg vilken med --unit.")
            planned.problems = [Problem(None, None, "unit_missing", message)]
            return planned
        moved = keys_that_moved(session, unit_id, given_in(rows, "external_id"))
        for row in rows:
            row.follow("external_id", moved)
        self._read_known(session, unit_id, rows)
        for row in rows:
            problems = list(row.problems)
            plan = None
            if _has_keys(row, problems):
                plan = _Reading(self, row, unit_id, problems).read()
            planned.problems += problems
            if plan is not None and not problems:
                planned.rows.append(plan)
        return planned

    def write(self, session: Session, rows: Sequence[RowPlan]) -> list[Problem]:
        """Write what was planned in this transaction."""
        companies = list({id(row.data): row.data for row in rows}.values())
        self._note(session, companies)
        made = [company.employer.id for company in companies if company.employer.is_new]
        _save(session, Employer, [(c.employer, _employer_row(c)) for c in companies])
        _save(session, Site, [(s, _site_row(c, key, s)) for c in companies
                              for key, s in c.sites.items()])  # fmt: skip
        _save(session, Contact, [(k, _contact_row(c, k)) for c in companies for k in c.contacts])
        session.flush()
        actor = self.book.actor
        changed = [company.employer.id for company in companies if company.employer.id not in made]
        for action, ids in (("create", made), ("change", changed)):
            for some in chunks(ids):
                audit.record(session, actor, action, "employer", reason="import", subjects=some)
        return []

    def _note(self, session: Session, companies: Sequence[Company]) -> None:
        """Keep what changes of what was known, before it is written."""
        for company in companies:
            drafts = [("employer", company.employer)]
            drafts += [("site", site) for site in company.sites.values()]
            drafts += [("contact", contact) for contact in company.contacts]
            for subject, draft in drafts:
                if draft.stored is not None and draft.stored != draft.values:
                    note_changes(
                        session,
                        self.book.actor,
                        company.employer.id,
                        subject,
                        draft.values["name"],
                        draft.stored,
                        draft.values,
                    )

    def _read_known(self, session: Session, unit_id: UUID, rows: Iterable[Parsed]) -> None:
        keys = given_in(rows, "external_id") - set(self._companies)
        found = session.scalars(
            select(Employer)
            .where(Employer.unit_id == unit_id, Employer.external_id.in_(keys))
            .options(
                selectinload(Employer.sites).selectinload(Site.conditions),
                selectinload(Employer.contacts),
            )
        )
        for employer in found:
            self._companies[employer.external_id] = _company_of(employer)
        numbers = {row.given("org_number") for row in rows} - {None} - set(self._org_numbers)
        same = select(Employer.org_number, Employer.external_id).where(
            Employer.unit_id == unit_id, Employer.org_number.in_(numbers), stands(Employer)
        )
        for org_number, external_id in session.execute(same):
            self._org_numbers.setdefault(str(org_number), external_id)
        if not self._names:
            held = select(Employer.name, Employer.external_id, Employer.org_number).where(
                Employer.unit_id == unit_id, stands(Employer)
            )
            for name, external_id, number in session.execute(held):
                self._names.setdefault(plain_name(name), (external_id, number))

    def company(self, unit_id: UUID, key: str) -> Company:
        """The employer of that key as far as the file has been read."""
        if key not in self._companies:
            draft = Draft(uuid4(), None, {name: _EMPTY.get(name) for name in _EMPLOYER.values()})
            self._companies[key] = Company(draft, unit_id, key)
        return self._companies[key]

    def note_org_number(self, number: str, key: str) -> None:
        """Two employers with one organisation number are allowed, and worth a warning."""
        other = self._org_numbers.setdefault(number, key)
        if other != key:
            self.book.warnings.append(
                Problem(None, "org_number", "same_org_number",
                        N_("%(one)s och %(other)s har samma organisationsnummer."),
                        {"one": key, "other": other})
            )  # fmt: skip

    def note_name(self, name: str, number: str | None, key: str) -> None:
        """A new employer that is called as another may be the same, unless the numbers differ."""
        other, its_number = self._names.setdefault(plain_name(name), (key, number))
        if other != key and None in {number, its_number}:
            self.book.warnings.append(
                Problem(None, "name", "same_name",
                        N_("%(one)s och %(other)s kan vara samma arbetsgivare."),
                        {"one": key, "other": other})
            )  # fmt: skip


def _has_keys(row: Parsed, problems: list[Problem]) -> bool:
    told = {problem.column for problem in problems}
    missing = [key for key in ("external_id", "site_external_id") if row.given(key) is None]
    problems += [missing_value(row.number, _COLUMNS[key]) for key in missing if key not in told]
    return not missing


def _company_of(employer: Employer) -> Company:
    stored = {name: getattr(employer, name) for name in _EMPLOYER.values()}
    company = Company(
        Draft(employer.id, stored, dict(stored)), employer.unit_id, employer.external_id
    )
    for site in employer.sites:
        values = {n: getattr(site, n) for n in _SITE.values() if n not in {"offers", "excludes"}}
        for stance, name in ((Stance.OFFERS, "offers"), (Stance.EXCLUDES, "excludes")):
            values[name] = frozenset(c.condition_id for c in site.conditions if c.stance is stance)
        company.sites[site.external_id] = Draft(site.id, values, dict(values))
    for contact in employer.contacts:
        values = {name: getattr(contact, name) for name in _CONTACT.values()}
        values["site_id"] = contact.site_id
        company.contacts.append(Draft(contact.id, values, dict(values)))
    return company


class _Reading:
    """One row, put onto what earlier rows and the database say."""

    def __init__(
        self, kind: Employers, row: Parsed, unit_id: UUID, problems: list[Problem]
    ) -> None:
        self.kind, self.book, self.row = kind, kind.book, row
        self.unit_id, self.problems = unit_id, problems
        self.changes: dict[str, tuple[str, str]] = {}
        self.creates = False

    def say(self, key: str, code: str, message: str, **said: object) -> None:
        self.problems.append(fault(self.row, key, code, message, **said))

    def read(self) -> RowPlan:
        row = self.row
        for key in _FREE_TEXT:
            found = checks.text_fault(row.given(key), today=self.book.today)
            if found is not None:
                self.say(key, "identity_number", found)
        company = self.kind.company(self.unit_id, row.values["external_id"])
        before = company.employer.values["status"]
        self._put(company.employer, _EMPLOYER, required=("name", "type"))
        self._check_status(company.employer, before)
        if row.given("org_number"):
            self.kind.note_org_number(row.given("org_number"), company.external_id)
        if company.employer.is_new and row.given("name"):
            self.kind.note_name(row.given("name"), row.given("org_number"), company.external_id)
        site = self._site(company)
        self._contact(company, site)
        if self.creates:
            return RowPlan(row.number, Action.CREATE, data=company)
        action = Action.UPDATE if self.changes else Action.UNCHANGED
        return RowPlan(row.number, action, self.changes, company)

    def _put(self, draft: Draft, columns: dict[str, str], *, required: tuple[str, ...]) -> None:
        """Put the row's cells onto a draft; an earlier row may not have said otherwise."""
        before = dict(draft.values)
        is_new = draft.is_new and not draft.said
        for key, name in columns.items():
            value = self.row.values.get(key)
            if value is None:
                continue
            value = _EMPTY.get(name) if value is Mark.CLEAR else self._found(key, value)
            earlier = draft.said.setdefault(key, (value, self.row.number))
            if earlier[0] != value:
                self.say(key, "rows_differ",
                         N_("Rad %(row)s säger något annat. Skriv lika på båda raderna."),
                         row=earlier[1])  # fmt: skip
                continue
            draft.values[name] = value
        for key in required:
            is_told = any(problem.column == key for problem in self.row.problems)
            if draft.values[columns[key]] is None and not is_told:
                self.problems.append(missing_value(self.row.number, _COLUMNS[key]))
        draft.said.setdefault("", (None, self.row.number))
        self.creates = self.creates or is_new
        if not is_new:
            keys = {name: key for key, name in columns.items()}
            found = difference({}, _words(before), _words(draft.values))
            for name, change in found.items():
                key = keys.get(name, name)
                column = _COLUMNS.get(key)
                hides = key in {"owner", "agreement", "area"} or (column and column.personal)
                self.changes[key] = ("", "") if hides else change

    def _found(self, key: str, value: Any) -> Any:
        try:
            match key:
                case "owner":
                    return self.book.find_user(value, self.unit_id)
                case "agreement":
                    return self.book.agreement(self.unit_id, value).id
                case "area":
                    return self.book.area(self.unit_id, value).id
                case "offers" | "excludes":
                    return frozenset(each(value, self.book.condition))
        except CellError as error:
            self.say(key, error.code, error.message, **error.words)
            return None
        return value

    def _check_status(self, draft: Draft, before: EmployerStatus) -> None:
        status = draft.values["status"]
        if status in REASON_NEEDED and not draft.values["status_reason"]:
            self.say("status_reason", "reason_missing", NEEDS_REASON)
        if draft.stored is not None and status is not before:
            if status not in TRANSITIONS[before]:
                self.say("status", "no_such_step", NO_SUCH_STEP)
            elif before is EmployerStatus.DO_NOT_CONTACT and not self.row.given("status_reason"):
                self.say("status_reason", "reason_missing", NEEDS_REASON)

    def _site(self, company: Company) -> Draft:
        key = self.row.values["site_external_id"]
        site = company.sites.get(key)
        if site is None:
            site = Draft(uuid4(), None, {name: _EMPTY.get(name) for name in _SITE.values()})
            company.sites[key] = site
        self._put(site, _SITE, required=("site_name",))
        if (site.values["offers"] or frozenset()) & (site.values["excludes"] or frozenset()):
            self.say("excludes", "both_stances", checks.BOTH_STANCES)
        return site

    def _contact(self, company: Company, site: Draft) -> None:
        name = self.row.given("contact_name")
        if name is None:
            given = next((key for key in _CONTACT if self.row.given(key) is not None), None)
            if given is not None and not any(p.column == "contact_name" for p in self.problems):
                self.say(
                    "contact_name",
                    "contact_name_missing",
                    N_("Skriv kontaktpersonens namn, eller töm de andra cellerna."),
                )
            return
        contact = self._same_person(company, site, name)
        if contact is None:
            values = dict.fromkeys(_CONTACT.values()) | {"site_id": site.id}
            contact = Draft(uuid4(), None, values)
            company.contacts.append(contact)
        self._put(contact, _CONTACT, required=("contact_name",))

    def _same_person(self, company: Company, site: Draft, name: str) -> Draft | None:
        """Of the same name at the same site; else one whose address does not say otherwise."""
        same = [c for c in company.contacts if sort_key(c.values["name"]) == sort_key(name)]
        for contact in same:
            if contact.values["site_id"] == site.id:
                return contact
        email = self.row.given("contact_email")
        for contact in same:
            if email is None or contact.values["email"] in {None, email}:
                return contact
        return None


def _words(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: "|".join(sorted(value)) if isinstance(value, frozenset) else value
        for name, value in values.items()
    }


def _employer_row(company: Company) -> dict[str, Any]:
    values = company.employer.values
    return values | {
        "unit_id": company.unit_id,
        "external_id": company.external_id,
        "sort_key": sort_key(values["name"]),
    }


def _site_row(company: Company, key: str, site: Draft) -> dict[str, Any]:
    return site.values | {
        "employer_id": company.employer.id,
        "external_id": key,
        "sort_key": sort_key(site.values["name"]),
    }


def _contact_row(company: Company, contact: Draft) -> dict[str, Any]:
    return contact.values | {
        "employer_id": company.employer.id,
        "sort_key": sort_key(contact.values["name"]),
    }


def _save(
    session: Session,
    table: type[Employer | Site | Contact],
    drafts: list[tuple[Draft, dict[str, Any]]],
) -> None:
    """Insert what is new in bulk, change what differs, leave the rest."""
    conditions: list[SiteCondition] = []
    rows: list[Any] = []
    for draft, values in drafts:
        stances: dict[str, Iterable[str]] = {
            name: values.pop(name) for name in ("offers", "excludes") if name in values
        }
        if draft.is_new:
            rows.append(table(id=draft.id, **values))
            conditions += _conditions(draft.id, stances)
        elif draft.stored != draft.values:
            _change(session, table, draft, values, stances)
        draft.is_written, draft.stored = True, dict(draft.values)
    insert_rows(session, [*rows, *conditions])


def _conditions(site_id: UUID, stances: dict[str, Iterable[str]]) -> list[SiteCondition]:
    named = {"offers": Stance.OFFERS, "excludes": Stance.EXCLUDES}
    return [
        SiteCondition(site_id=site_id, condition_id=condition, stance=named[name])
        for name, listed in stances.items()
        for condition in sorted(listed)
    ]


def _change(
    session: Session,
    table: type[Employer | Site | Contact],
    draft: Draft,
    values: dict[str, Any],
    stances: dict[str, Iterable[str]],
) -> None:
    options = [selectinload(Site.conditions)] if table is Site else []
    row = session.get(table, draft.id, options=options, populate_existing=bool(options))
    if row is None:
        return
    for name, value in values.items():
        setattr(row, name, value)
    if isinstance(row, Site):
        wanted = {c.condition_id: c for c in _conditions(draft.id, stances)}
        for known in list(row.conditions):
            new = wanted.pop(known.condition_id, None)
            if new is None:
                row.conditions.remove(known)
            else:
                known.stance = new.stance
        row.conditions.extend(wanted.values())
