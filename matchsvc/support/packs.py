"""The information pack: blocks that the unit edits, versions that never change (EMP-08)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.placements.access import PREPARERS, get_placement
from matchsvc.placements.models import Part, Placement
from matchsvc.placements.package import mark_done
from matchsvc.support.models import InfoBlock, InfoPack, SharedPack
from matchsvc.support.plain_words import refuse_identity_numbers, refuse_protected
from matchsvc.support.starter import BLOCKS

#: Who writes what employers read.
WRITERS = (Role.EMPLOYER_LIAISON, Role.PLACEMENT_COORDINATOR, Role.UNIT_MANAGER)
LANGUAGES = ("sv", "en")
MOST_BLOCKS = 30


@dataclass(frozen=True, slots=True)
class BlockInput:
    """A block as a form sends it."""

    title_sv: str
    body_sv: str
    title_en: str
    body_en: str
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a block's text: a paragraph, or the items of a list."""

    lines: tuple[str, ...]
    is_list: bool


def unit_of(actor: Actor) -> UUID:
    """The actor's unit.

    Raises:
        NotFound: the actor belongs to none.
    """
    if actor.unit_id is None:
        raise NotFound("unit")
    return actor.unit_id


def list_blocks(session: Session, actor: Actor) -> Sequence[InfoBlock]:
    """The unit's blocks in order.

    Raises:
        Refused: the role does not write them.
    """
    actor.require_role(*WRITERS)
    return _blocks(session, unit_of(actor))


def _blocks(session: Session, unit_id: UUID) -> Sequence[InfoBlock]:
    found = select(InfoBlock).where(InfoBlock.unit_id == unit_id)
    return session.scalars(found.order_by(InfoBlock.position, InfoBlock.id)).all()


def add_starter(session: Session, actor: Actor) -> int:
    """Begin with the blocks that come with the service; how many. Once there are any: none.

    Raises:
        Refused: the role does not write them.
    """
    if list_blocks(session, actor):
        return 0
    for position, block in enumerate(BLOCKS):
        session.add(InfoBlock(unit_id=unit_of(actor), position=position, **block))
    session.flush()
    audit.record(session, actor, "create", "info_block")
    return len(BLOCKS)


def get_block(
    session: Session, actor: Actor, block_id: UUID, *, for_update: bool = False
) -> InfoBlock:
    """One block of the unit.

    Raises:
        NotFound: unknown, or another unit's.
        Refused: the role does not write them.
    """
    actor.require_role(*WRITERS)
    found = select(InfoBlock).where(InfoBlock.id == block_id, InfoBlock.unit_id == unit_of(actor))
    row = session.scalar(found.with_for_update() if for_update else found)
    if row is None:
        raise NotFound("info_block")
    return row


def save_block(
    session: Session,
    actor: Actor,
    said: BlockInput,
    *,
    block_id: UUID | None = None,
    version: int | None = None,
    today: date,
) -> InfoBlock:
    """Write a block anew, or one more at the end. What was published stays as it was.

    Raises:
        Refused: the role does not write them.
        NotFound: unknown, or another unit's.
        Invalid: an identity number in a text.
        RuleViolation: there are as many as a pack can have.
        Conflict: it was saved since.
    """
    refuse_identity_numbers({"body_sv": said.body_sv, "body_en": said.body_en}, today=today)
    if block_id is None:
        known = list_blocks(session, actor)
        if len(known) >= MOST_BLOCKS:
            raise RuleViolation("too_many", N_("Det är många delar nog. Skriv om en som är av."))
        last = known[-1].position if known else -1
        row = InfoBlock(unit_id=unit_of(actor), position=last + 1)
        session.add(row)
    else:
        row = get_block(session, actor, block_id, for_update=True)
        check_version(row, version)
    row.title_sv, row.body_sv = said.title_sv, said.body_sv
    row.title_en, row.body_en, row.is_on = said.title_en, said.body_en, said.is_on
    session.flush()
    audit.record(session, actor, "change" if block_id else "create", "info_block", row.id)
    return row


def move_block(session: Session, actor: Actor, block_id: UUID, *, up: bool) -> None:
    """Let a block change places with the one before it, or after it.

    Raises:
        Refused, NotFound: as for :func:`get_block`.
    """
    row = get_block(session, actor, block_id, for_update=True)
    rows = list(_blocks(session, row.unit_id))
    index = rows.index(row)
    other = index - 1 if up else index + 1
    if not 0 <= other < len(rows):
        return
    rows[index], rows[other] = rows[other], rows[index]
    for position, each in enumerate(rows):
        if each.position != position:
            each.position = position
    session.flush()
    audit.record(session, actor, "change", "info_block", row.id, fields=["position"])


def draft_content(rows: Sequence[InfoBlock]) -> dict[str, list[dict[str, str]]]:
    """What would be published now, by language."""
    shown = [row for row in rows if row.is_on]
    return {
        "sv": [{"title": row.title_sv, "body": row.body_sv} for row in shown],
        "en": [{"title": row.title_en, "body": row.body_en} for row in shown],
    }


def publish(session: Session, actor: Actor, *, today: date) -> InfoPack:
    """Make a version of what the blocks say now; the same words again make none.

    Raises:
        Refused: the role does not write them.
        Invalid: no block is on.
    """
    content = draft_content(list_blocks(session, actor))
    if not content["sv"]:
        raise Invalid({"blocks": N_("Slå på minst en del innan du publicerar.")})
    unit_id = unit_of(actor)
    latest = latest_pack(session, unit_id)
    if latest is not None and latest.content == content:
        return latest
    number = session.scalar(select(func.max(InfoPack.number)).where(InfoPack.unit_id == unit_id))
    row = InfoPack(
        unit_id=unit_id,
        number=(number or 0) + 1,
        published_on=today,
        published_by_id=actor.user_id,
        content=content,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "create", "info_pack", row.id)
    return row


def latest_pack(session: Session, unit_id: UUID) -> InfoPack | None:
    """The version that a new placement gets. Asks no right: every employer may read it."""
    found = select(InfoPack).where(InfoPack.unit_id == unit_id)
    return session.scalar(found.order_by(InfoPack.number.desc()).limit(1))


def share(session: Session, actor: Actor, placement_id: UUID | str, *, today: date) -> SharedPack:
    """Let a placement's employer have the latest version: the part of the package is done.

    Raises:
        NotFound: the placement is hidden.
        Refused: the actor does not look after employers.
        RuleViolation: nothing is published yet, or protected personal data.
    """
    actor.require_role(*PREPARERS)
    seen = get_placement(session, actor, placement_id, today=today, for_update=True)
    refuse_protected(seen)
    row = share_latest(session, actor, seen.placement, today=today, anew=True)
    if row is None:
        raise RuleViolation(
            "not_published", N_("Informationspaketet är inte publicerat än. Gör det först.")
        )
    return row


def share_latest(
    session: Session, actor: Actor, placement: Placement, *, today: date, anew: bool = False
) -> SharedPack | None:
    """Share the latest version with a placement that has none, or ``anew``; None without one."""
    held = shared_pack(session, placement.id)
    pack = latest_pack(session, placement.unit_id)
    if held is not None and (not anew or pack is None or held[1].id == pack.id):
        return held[0]
    if pack is None:
        return None
    row = SharedPack(
        placement_id=placement.id, pack_id=pack.id, shared_on=today, shared_by_id=actor.user_id
    )
    session.add(row)
    session.flush()
    words = "Informationspaketet finns på arbetsgivarens egen sida."
    mark_done(session, actor, placement.id, Part.INFORMATION, today=today, evidence=words)
    audit.record(session, actor, "create", "shared_pack", row.id)
    return row


def shared_pack(session: Session, placement_id: UUID) -> tuple[SharedPack, InfoPack] | None:
    """The version that a placement's employer reads, and when it was shared. Asks no right."""
    row = session.execute(
        select(SharedPack, InfoPack)
        .join(InfoPack, InfoPack.id == SharedPack.pack_id)
        .where(SharedPack.placement_id == placement_id)
        .order_by(InfoPack.number.desc(), SharedPack.created_at.desc())
        .limit(1)
    ).first()
    return None if row is None else (row[0], row[1])


def pieces(body: str) -> list[Piece]:
    """A block's text as paragraphs and lists: a list is lines that begin with a dash."""
    found: list[Piece] = []
    for paragraph in body.replace("\r\n", "\n").split("\n\n"):
        lines = [line.strip() for line in paragraph.split("\n") if line.strip()]
        for line in lines:
            is_item = line.startswith("- ")
            text = line.removeprefix("- ").strip()
            if found and found[-1].is_list and is_item:
                found[-1] = Piece((*found[-1].lines, text), is_list=True)
            else:
                found.append(Piece((text,), is_list=is_item))
    return found
