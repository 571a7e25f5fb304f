"""The service map: what organisations of the local network offer for each step (PRO-20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.activities.catalogue import KEEPERS, READERS, unit_of
from matchsvc.activities.models import LocalService, ProviderType
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound
from matchsvc.participants.models import Step
from matchsvc.participants.own import plain_text

#: Numbers that a ladder's steps can have.
LADDER = (1, 12)


@dataclass(frozen=True, slots=True)
class ServiceInput:
    """A service as a form sends it."""

    step: Step
    organisation: str
    name: str
    valid_from: date
    provider_type: ProviderType = ProviderType.OTHER
    ladder: int | None = None
    contact: str | None = None
    capacity: int | None = None
    entry_requirement: str | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class ServiceMap:
    """The map of one day.

    Attributes:
        rows: every step with its services, by ladder number, then organisation.
        gaps: steps that nobody offers anything for.
        ladder_gaps: ladder numbers below the highest one in use that nobody offers anything for.
        overlaps: places of the map, (step, ladder number), with several services.
    """

    rows: tuple[tuple[Step, tuple[LocalService, ...]], ...]
    gaps: tuple[Step, ...]
    ladder_gaps: tuple[int, ...]
    overlaps: tuple[tuple[Step, int | None, tuple[LocalService, ...]], ...]


def list_services(session: Session, actor: Actor, *, on: date | None = None) -> list[LocalService]:
    """The unit's services that are valid on a day, or every one. One query.

    Raises:
        Refused: the role does not read them.
    """
    actor.require_role(*READERS)
    found = select(LocalService).where(LocalService.unit_id == unit_of(actor))
    if on is not None:
        found = found.where(
            LocalService.valid_from <= on,
            or_(LocalService.valid_until.is_(None), LocalService.valid_until >= on),
        )
    rows = session.scalars(found)
    return sorted(rows, key=lambda row: (row.ladder or 0, row.organisation, row.name, str(row.id)))


def map_of(services: Sequence[LocalService]) -> ServiceMap:
    """The map with its gaps and overlaps. Arithmetic only."""
    rows = tuple((step, tuple(each for each in services if each.step is step)) for step in Step)
    places: dict[tuple[Step, int | None], list[LocalService]] = {}
    for _step, held in rows:
        for each in held:
            places.setdefault((each.step, each.ladder), []).append(each)
    used = {each.ladder for each in services if each.ladder is not None}
    return ServiceMap(
        rows=rows,
        gaps=tuple(step for step, held in rows if not held),
        ladder_gaps=tuple(n for n in range(1, max(used, default=0)) if n not in used),
        overlaps=tuple(
            (step, ladder, tuple(held)) for (step, ladder), held in places.items() if held[1:]
        ),
    )


def get_service(
    session: Session, actor: Actor, service_id: UUID, *, for_update: bool = False
) -> LocalService:
    """One service of the unit.

    Raises:
        NotFound: unknown, or another unit's.
    """
    actor.require_role(*READERS)
    found = select(LocalService).where(
        LocalService.id == service_id, LocalService.unit_id == unit_of(actor)
    )
    row = session.scalar(found.with_for_update() if for_update else found)
    if row is None:
        raise NotFound("local_service")
    return row


def save_service(
    session: Session,
    actor: Actor,
    said: ServiceInput,
    *,
    service_id: UUID | None = None,
    version: int | None = None,
    today: date,
) -> LocalService:
    """Put a service on the map, or write one anew; one that has ended gets its last day.

    Raises:
        Refused: the role does not keep the map.
        NotFound: unknown, or another unit's.
        Invalid: the last day is before the first; an identity number in a text.
        Conflict: it was saved since.
    """
    actor.require_role(*KEEPERS)
    if service_id is None:
        row = LocalService(unit_id=unit_of(actor))
    else:
        row = get_service(session, actor, service_id, for_update=True)
        check_version(row, version)
    if said.valid_until is not None and said.valid_until < said.valid_from:
        raise Invalid({"valid_until": N_("Sista dagen är före den första. Rätta en av dem.")})
    values = asdict(said)
    for name in ("organisation", "name", "contact", "entry_requirement"):
        values[name] = plain_text(name, values[name], today=today)
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    action = "create" if service_id is None else "change"
    audit.record(session, actor, action, "local_service", row.id)
    return row
