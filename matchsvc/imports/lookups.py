"""What rows of a file name: units, users, codes, areas, conditions, concepts; read all at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Area, Role, Unit, User
from matchsvc.employers.models import Agreement
from matchsvc.errors import N_
from matchsvc.imports.columns import Problem, repeatable
from matchsvc.imports.rehearsal import Change, take_number
from matchsvc.imports.values import CellError, nearest
from matchsvc.participants.enrolment import next_number
from matchsvc.participants.models import Participant, Programme
from matchsvc.swedish import fold, sort_key
from matchsvc.vocabulary.models import Concept, ConceptTerm, ConceptType, Condition, Scheme
from matchsvc.vocabulary.words import text_key

_ASKED_AT_ONCE = 400
_NEW_PEOPLE = f"INSERT INTO {Participant.__tablename__} "
_MOST_SUGGESTIONS = 50  # a file of nothing but unknown words shall not take for ever
_SCHEMES = (Scheme.STARTER, Scheme.LOCAL, Scheme.JOBTECH, Scheme.ESCO)


@dataclass(frozen=True, slots=True)
class Named:
    """A concept as a row needs it."""

    id: str
    type: ConceptType
    label: str


@dataclass(slots=True)
class Book:
    """What a file may name, looked up once.

    Attributes:
        actor: who imports.
        today: the day of import.
        home: the unit that rows belong to when they don't say.
        new_rows: programmes, agreements and areas that rows have named for the first time.
        warnings: what the reader should know although nothing is wrong.
    """

    actor: Actor
    today: date
    home: UUID | None
    units: dict[str, UUID] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    programmes: dict[tuple[UUID, str], Programme] = field(default_factory=dict)
    agreements: dict[tuple[UUID, str], Agreement] = field(default_factory=dict)
    areas: dict[UUID, dict[str, Area]] = field(default_factory=dict)
    conditions: dict[str, str] = field(default_factory=dict)
    new_rows: list[Programme | Agreement | Area] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    _next_number: int | None = None
    _makes_areas: set[UUID] = field(default_factory=set)
    _concepts: dict[str, list[Named]] = field(default_factory=dict)
    _labels: dict[tuple[ConceptType, ...], list[str]] = field(default_factory=dict)
    _near: dict[tuple[str, tuple[ConceptType, ...]], str | None] = field(default_factory=dict)

    def find_user(self, email: str, unit_id: UUID, *roles: Role) -> UUID:
        """The active user of the unit with that address, and one of the roles.

        Raises:
            CellError: there is none.
        """
        user = self.users.get(email)
        if user is None or not user.is_active or user.unit_id != unit_id:
            raise CellError(
                "unknown_user",
                N_("Ingen användare i enheten har den e-postadressen. Lägg till användaren först."),
            )
        if roles and not {held.role for held in user.roles} & set(roles):
            raise CellError(
                "wrong_role",
                N_("Användaren har inte den rollen. Välj en annan, eller ge användaren rollen."),
            )
        return user.id

    def programme(self, unit_id: UUID, code: str) -> Programme:
        """The programme of that code; made when it is new."""
        key = (unit_id, fold(code))
        if key not in self.programmes:
            made = Programme(
                id=uuid4(), unit_id=unit_id, code=code, name=code, needs_birth_country=False
            )
            self.programmes[key] = made
            self._made(
                made, "programme_new", N_("Programmet %(code)s är nytt och läggs upp."), code
            )
        return self.programmes[key]

    def agreement(self, unit_id: UUID, code: str) -> Agreement:
        """The agreement of that code; made when it is new."""
        key = (unit_id, fold(code))
        if key not in self.agreements:
            made = Agreement(id=uuid4(), unit_id=unit_id, code=code, partner=code)
            self.agreements[key] = made
            self._made(
                made, "agreement_new", N_("Överenskommelsen %(code)s är ny och läggs upp."), code
            )
        return self.agreements[key]

    def area(self, unit_id: UUID, name: str) -> Area:
        """The area of that name on the unit's list; made when the unit has no list yet.

        Raises:
            CellError: it is not on the list.
        """
        listed = self.areas.setdefault(unit_id, {})
        found = listed.get(sort_key(name))
        if found is not None:
            return found
        if listed and unit_id not in self._makes_areas:
            near = nearest(name, [area.name for area in listed.values()])
            if near:
                raise CellError(
                    "unknown_area",
                    N_("Området finns inte på enhetens lista. Menade du %(near)s?"),
                    near=near,
                )
            raise CellError(
                "unknown_area",
                N_("Området finns inte på enhetens lista. Lägg till det under Inställningar."),
            )
        self._makes_areas.add(unit_id)
        made = Area(id=uuid4(), unit_id=unit_id, name=name, sort_key=sort_key(name))
        listed[made.sort_key] = made
        self._made(made, "area_new", N_("Enheten har inga områden än. %(code)s läggs upp."), name)
        return made

    def _made(self, row: Programme | Agreement | Area, code: str, message: str, name: str) -> None:
        self.new_rows.append(row)
        self.warnings.append(Problem(None, None, code, message, {"code": name}))

    def take_numbers(self, session: Session, count: int) -> int:
        """The first of so many numbers of aliases in a row, that only this file uses."""
        if self._next_number is None:
            self._next_number = take_number(session, next_number, _further)
        first = self._next_number
        self._next_number += count
        return first

    def condition(self, written: str) -> str:
        """The id of a condition, by id or by its words from either side.

        Raises:
            CellError: there is none.
        """
        found = self.conditions.get(fold(written))
        if found is None:
            near = nearest(written, [*self.conditions.values()]) or nearest(
                written, list(self.conditions)
            )
            raise CellError(
                "unknown_condition",
                N_("Villkoret finns inte. Menade du %(near)s?")
                if near
                else N_("Villkoret finns inte. Mallens andra blad har listan."),
                **({"near": self.conditions.get(near, near)} if near else {}),
            )
        return found

    def read_concepts(self, session: Session, texts: Iterable[str]) -> None:
        """Look up everything that the next rows name, in a few queries."""
        unknown = [text for text in dict.fromkeys(texts) if text not in self._concepts]
        for start in range(0, len(unknown), _ASKED_AT_ONCE):
            asked = unknown[start : start + _ASKED_AT_ONCE]
            keys = {text: text_key(text)[:200] for text in asked}
            rows = _find_concepts(session, asked, set(keys.values()))
            for text in asked:
                self._concepts[text] = [
                    Named(row.id, row.type, row.label_sv)
                    for row, names in rows
                    if text in names or keys[text] in names
                ]

    def concept(
        self, session: Session, written: str, types: Sequence[ConceptType], unknown: str
    ) -> Named:
        """A concept of one of the types, by id or label; read by :meth:`read_concepts` before.

        Args:
            session: for suggestions.
            written: as it stands in the file.
            types: what it may be.
            unknown: the sentence when nothing is like it.

        Raises:
            CellError: it is unknown; with the nearest label.
        """
        for named in self._concepts.get(written, ()):
            if named.type in types:
                return named
        near = self._nearest_label(session, written, tuple(types))
        if near:
            raise CellError(
                "unknown_concept",
                N_("%(word)s finns inte i ordlistan. Menade du %(near)s?"),
                word=self._word(written),
                near=near,
            )
        raise CellError("unknown_concept", unknown, word=self._word(written))

    def _word(self, written: str) -> str:
        return repeatable(written[:80], today=self.today) or "…"

    def _nearest_label(
        self, session: Session, written: str, types: tuple[ConceptType, ...]
    ) -> str | None:
        asked = (written, types)
        if asked in self._near or len(self._near) >= _MOST_SUGGESTIONS:
            return self._near.get(asked)
        if types not in self._labels:
            self._labels[types] = list(
                session.scalars(
                    select(Concept.label_sv).where(
                        Concept.type.in_(types),
                        Concept.is_group.is_(False),
                        Concept.is_deprecated.is_(False),
                    )
                )
            )
        self._near[asked] = nearest(written, self._labels[types])
        return self._near[asked]


def _further(change: Change, numbers: int) -> Change:
    """New people with aliases so many numbers further on; others enrolled people meanwhile."""
    if not change.statement.startswith(_NEW_PEOPLE):
        return change

    def move(row: dict[str, Any]) -> dict[str, Any]:
        number = row["number"] + numbers
        is_nameless = not row["given_name"] and not row["family_name"]
        key = sort_key(f"D-{number}") if is_nameless else row["sort_key"]
        return row | {"number": number, "sort_key": key}

    return change.map_rows(move)


def each(pieces: Iterable[str], find: Callable[[str], object]) -> list[str]:
    """Look up each piece of a list."""
    return [str(find(piece)) for piece in pieces]


def open_book(session: Session, actor: Actor, *, today: date, unit_name: str | None = None) -> Book:
    """Read what every kind of file may name.

    Args:
        session: a transaction, reading is enough.
        actor: who imports.
        today: the day of import.
        unit_name: the unit that a command's rows belong to, when there are several.
    """
    units = {fold(unit.name): unit.id for unit in session.scalars(select(Unit))}
    home = actor.unit_id
    if home is None:
        only = next(iter(units.values())) if len(units) == 1 else None
        home = units.get(fold(unit_name)) if unit_name else only
    book = Book(actor, today, home, units)
    for user in session.scalars(select(User).options(selectinload(User.roles))):
        book.users[user.email] = user
    for programme in session.scalars(select(Programme)):
        book.programmes[programme.unit_id, fold(programme.code)] = programme
    for agreement in session.scalars(select(Agreement)):
        book.agreements[agreement.unit_id, fold(agreement.code)] = agreement
    for area in session.scalars(select(Area)):
        book.areas.setdefault(area.unit_id, {})[area.sort_key] = area
    for condition in session.scalars(select(Condition).where(Condition.is_deprecated.is_(False))):
        for words in (
            condition.exclude_sv,
            condition.offer_sv,
            condition.need_sv,
            condition.id,
        ):
            book.conditions[fold(words)] = condition.id
    return book


def _find_concepts(
    session: Session, texts: Collection[str], keys: Collection[str]
) -> list[tuple[Concept, set[str]]]:
    """Concepts by id, label, SSYK code or synonym, best first, each with the names that fit."""
    by_term: dict[str, set[str]] = {}
    terms = select(ConceptTerm.concept_id, ConceptTerm.key).where(ConceptTerm.key.in_(keys))
    for concept_id, key in session.execute(terms):
        by_term.setdefault(concept_id, set()).add(key)
    found = session.scalars(
        select(Concept).where(
            Concept.is_group.is_(False),
            Concept.id.in_(texts)
            | Concept.label_key.in_(keys)
            | Concept.ssyk_code.in_([text for text in texts if text.isdigit()])
            | Concept.id.in_(by_term),
        )
    )
    rows = [
        (row, {row.id, row.label_key, row.ssyk_code or row.id} | by_term.get(row.id, set()))
        for row in found
    ]
    rows.sort(key=lambda pair: _rank(pair[0], keys))
    return rows


def _rank(concept: Concept, keys: Collection[str]) -> tuple[bool, bool, int, str]:
    """A label before a synonym, what is current before what is not, our own list first."""
    return (
        concept.label_key not in keys,
        concept.is_deprecated,
        _SCHEMES.index(concept.scheme),
        concept.id,
    )
