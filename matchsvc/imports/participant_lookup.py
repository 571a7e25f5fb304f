"""Who the rows of a file are about, as far as the one who imports may know."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session, selectinload

from matchsvc.imports.columns import Parsed
from matchsvc.imports.lookups import Book
from matchsvc.participants.access import Sight, hidden_among, sight_of, visible_participants
from matchsvc.participants.enrolment import identity_index
from matchsvc.participants.models import Case, Participant
from matchsvc.swedish import IdentityNumber, parse_identity_number

#: What is read with a person only when the file speaks of it.
_HANGS_ON = {
    "competences": Participant.competences, "languages": Participant.languages,
    "areas": Participant.areas, "needs": Participant.needs,
}  # fmt: skip


class Found:
    """Who the rows are about, as far as the actor may know."""

    def __init__(
        self, session: Session, book: Book, rows: Sequence[Parsed], units: dict[int, UUID | None]
    ) -> None:
        self.numbers: dict[int, IdentityNumber | None] = {}
        for row in rows:
            written = row.given("personal_id")
            number = parse_identity_number(written, today=book.today) if written else None
            self.numbers[row.number] = number
        self.indexes = {
            number: identity_index(identity)
            for number, identity in self.numbers.items()
            if identity is not None
        }
        self.people: dict[tuple[UUID, str], Participant] = {}
        self.holders: dict[str, Participant] = {}
        self.hidden_ids: dict[tuple[UUID, str], Participant] = {}
        self.hidden_numbers: dict[str, Participant] = {}
        self.full: set[UUID] = set()
        for unit_id in {unit for unit in units.values() if unit is not None}:
            keys = {
                row.values["external_id"]
                for row in rows
                if units[row.number] == unit_id and "external_id" in row.values
            }
            self._read(session, book, unit_id, keys, rows)

    def _read(self, session: Session, book: Book, unit_id: UUID, keys: set[str],
              rows: Sequence[Parsed]) -> None:  # fmt: skip
        today = book.today
        said = {key for row in rows for key in row.values}
        visible = visible_participants(session, book.actor, today=today)
        people = session.scalars(
            visible.where(
                Participant.unit_id == unit_id, Participant.external_id.in_(keys)
            ).options(
                selectinload(Participant.cases).selectinload(Case.steps),
                *(selectinload(of) for key, of in _HANGS_ON.items() if key in said),
            )
        ).all()
        self.people |= {(unit_id, person.external_id): person for person in people}
        indexes = list(self.indexes.values())
        for person in session.scalars(visible.where(Participant.personal_id_index.in_(indexes))):
            self.holders[str(person.personal_id_index)] = person
        sights = sight_of(session, book.actor, [person.id for person in people], today=today)
        self.full |= {key for key, sight in sights.items() if sight is Sight.FULL}
        for person in hidden_among(
            session, book.actor, unit_id=unit_id, external_ids=keys, personal_id_indexes=indexes,
            today=today,
        ):  # fmt: skip
            self.hidden_ids[person.unit_id, person.external_id] = person
            if person.personal_id_index is not None:
                self.hidden_numbers[person.personal_id_index] = person
