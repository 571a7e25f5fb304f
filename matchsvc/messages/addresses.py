"""Addresses that messages came back from: known by a keyed hash, until somebody says they work."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matchsvc import secrecy
from matchsvc.messages.models import UndeliverableAddress


def index_of(address: str) -> str:
    """What an address is known by; case and spaces around it make no difference."""
    return secrecy.blind_index(address.strip().casefold(), "undeliverable_address")


def mark_undeliverable(session: Session, unit_id: UUID, address: str, code: str) -> None:
    """Remember that nothing arrives there; the latest code holds."""
    known = _of(session, unit_id, address)
    if known is None:
        session.add(
            UndeliverableAddress(unit_id=unit_id, address_index=index_of(address), code=code)
        )
    else:
        known.code = code
    session.flush()


def mark_works(session: Session, unit_id: UUID, address: str) -> None:
    """Forget that nothing arrived there."""
    session.execute(
        delete(UndeliverableAddress).where(
            UndeliverableAddress.unit_id == unit_id,
            UndeliverableAddress.address_index == index_of(address),
        )
    )


def is_undeliverable(session: Session, unit_id: UUID, address: str | None) -> bool:
    """Whether a message came back from there. One query."""
    return bool(address) and _of(session, unit_id, address or "") is not None


def undeliverable_among(
    session: Session, unit_id: UUID, addresses: Iterable[str | None]
) -> set[str]:
    """Those of some addresses that messages came back from. One query."""
    by_index = {index_of(each): each for each in addresses if each}
    if not by_index:
        return set()
    found = select(UndeliverableAddress.address_index).where(
        UndeliverableAddress.unit_id == unit_id,
        UndeliverableAddress.address_index.in_(by_index),
    )
    return {by_index[index] for index in session.scalars(found)}


def _of(session: Session, unit_id: UUID, address: str) -> UndeliverableAddress | None:
    return session.scalar(
        select(UndeliverableAddress).where(
            UndeliverableAddress.unit_id == unit_id,
            UndeliverableAddress.address_index == index_of(address),
        )
    )
