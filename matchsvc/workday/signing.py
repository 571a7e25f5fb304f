"""Signatures: a person's word for a text as it was shown, attested by a member of staff.

No drawing (DESIGN section 3). A signature belongs to a version by the hash of its words: words that
change carry none. Who may sign what, and in which order, is the rule of the thing that is signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.errors import N_, Invalid, RuleViolation
from matchsvc.workday.signature_models import IdentifiedHow, Signature

_PART = "\x1f"  # between the parts, so that ("ab", "c") and ("a", "bc") differ


def hash_of(parts: Iterable[str]) -> str:
    """Give the hash of a text in parts, as it was shown; hexadecimal SHA-256."""
    return hashlib.sha256(_PART.join(parts).encode()).hexdigest()


def sign(
    session: Session,
    actor: Actor,
    *,
    unit_id: UUID,
    about_type: str,
    about_id: UUID,
    content_hash: str,
    shown_hash: str | None,
    capacity: str,
    identified_how: IdentifiedHow,
    now: datetime,
    attested_by_id: UUID | None = None,
    signer_id: UUID | None = None,
    signer_name: str | None = None,
    on_behalf_reason: str | None = None,
    interpreter_language: str | None = None,
) -> Signature:
    """Note a signature; the same one again gives the one there is.

    Args:
        session: a writing transaction in which the thing is locked.
        actor: the member of staff who attests it.
        unit_id: the unit of the thing.
        about_type: what kind of thing.
        about_id: which.
        content_hash: of its words now.
        shown_hash: of the words on the page where it was signed.
        capacity: the capacity in which it is signed.
        identified_how: how the signer was known.
        now: the instant.
        attested_by_id: who of us stands for it when nobody of us is there, as with a link.
        signer_id: a user or participant, where there is a row.
        signer_name: else the name; kept encrypted.
        on_behalf_reason: why somebody signs for the person.
        interpreter_language: which language was interpreted, if any.

    Raises:
        RuleViolation: the words were changed since they were shown.
        Invalid: nobody is named.
    """
    if shown_hash != content_hash:
        raise RuleViolation(
            "signed_outdated",
            N_("Texten har ändrats sedan ni läste den. Läs den nya texten och skriv under den."),
        )
    if signer_id is None and not (signer_name or "").strip():
        raise Invalid({"signer_name": N_("Skriv vem som skriver under.")})
    standing = session.scalar(
        select(Signature).where(
            Signature.about_type == about_type,
            Signature.about_id == about_id,
            Signature.content_hash == content_hash,
            Signature.capacity == capacity,
        )
    )
    if standing is not None:
        return standing
    signature = Signature(
        unit_id=unit_id,
        about_type=about_type,
        about_id=about_id,
        content_hash=content_hash,
        capacity=capacity,
        signer_id=signer_id,
        signer_name=(signer_name or "").strip() or None,
        identified_how=identified_how,
        signed_at=now,
        attested_by_id=attested_by_id or actor.require_user(),
        on_behalf_reason=(on_behalf_reason or "").strip() or None,
        interpreter_language=interpreter_language,
    )
    session.add(signature)
    session.flush()
    audit.record(session, actor, "sign", about_type, about_id, fields=[capacity])
    return signature


def signatures_on(
    session: Session, about_type: str, about_ids: Iterable[UUID]
) -> dict[UUID, list[Signature]]:
    """Signatures by the thing they are on, earliest first. One query; asks no right."""
    found: dict[UUID, list[Signature]] = {about_id: [] for about_id in about_ids}
    rows = session.scalars(
        select(Signature)
        .where(Signature.about_type == about_type, Signature.about_id.in_(found))
        .order_by(Signature.signed_at, Signature.id)
    )
    for row in rows:
        found[row.about_id].append(row)
    return found
