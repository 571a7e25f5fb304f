"""Papers: scans and files about something, put up at once and whole, taken away with a reason.

A paper is about something by reference. Who may see it is decided above, by whoever knows what it
is about, and handed in as a :class:`~matchsvc.workday.notes.Desk`: a paper is as secret as that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from matchsvc import secrecy
from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Unit
from matchsvc.errors import N_, Invalid, NotFound, Refused, RuleViolation
from matchsvc.swedish import contains_identity_number
from matchsvc.workday.notes import Desk
from matchsvc.workday.paper_checks import CheckedFile, safe_name
from matchsvc.workday.paper_models import Paper, PaperContent, PaperKind
from matchsvc.workday.undo import UNDO, require_undoable

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class About:
    """What is said about a paper when it is put up."""

    kind: PaperKind
    title: str | None = None
    dated: date | None = None
    note: str | None = None
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class PaperPage:
    """Some papers without their bytes, latest first; pages count from 1."""

    papers: Sequence[Paper]
    page: int
    pages: int
    total: int
    taken_away: int


def require_writer(desk: Desk) -> None:
    """Refuse who does not put up papers about it; asked before a file is looked into.

    Raises:
        Refused: the actor does not write about it.
    """
    if not desk.may_write:
        raise Refused


def list_papers(
    session: Session, actor: Actor, desk: Desk, *, page: int = 1, taken_away: bool = False
) -> PaperPage:
    """A page of papers, never their bytes; logged. Two queries, however many there are."""
    mine = _about(desk)
    is_away = Paper.taken_away_at.is_not(None)
    counts = session.execute(
        mine.with_only_columns(is_away, func.count()).group_by(is_away).order_by(None)
    ).all()
    by_kind = {bool(kind): number for kind, number in counts}
    total = by_kind.get(taken_away, 0)
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, page), pages)
    papers = session.scalars(
        mine.where(is_away if taken_away else Paper.taken_away_at.is_(None))
        .order_by(Paper.put_up_at.desc(), Paper.id)
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    ).all()
    audit.record(session, actor, "list", "paper", desk.about_id, subjects=[p.id for p in papers])
    return PaperPage(papers, page, pages, total, by_kind.get(True, 0))


def _about(desk: Desk) -> Select[Paper]:
    return select(Paper).where(Paper.about_type == desk.about_type, Paper.about_id == desk.about_id)


def get_paper(session: Session, desk: Desk, paper_id: UUID, *, for_update: bool = False) -> Paper:
    """One paper about it.

    Raises:
        NotFound: there is none, or it is about something else.
    """
    found = _about(desk).where(Paper.id == paper_id)
    paper = session.scalar(found.with_for_update() if for_update else found)
    if paper is None:
        raise NotFound("paper")
    return paper


def read_paper(session: Session, actor: Actor, desk: Desk, paper_id: UUID) -> Paper:
    """What is said about one paper, to be shown; logged.

    Raises:
        NotFound: there is none, or it is about something else.
    """
    paper = get_paper(session, desk, paper_id)
    audit.record(session, actor, "read", "paper", paper.id, subjects=[desk.about_id])
    return paper


def open_paper(
    session: Session, actor: Actor, desk: Desk, paper_id: UUID, *, how: str = "open"
) -> tuple[Paper, bytes]:
    """One paper with its bytes; each look is logged.

    Args:
        session: a transaction.
        actor: who looks.
        desk: what it is about.
        paper_id: which.
        how: for the log: ``open`` on the page, ``export`` to have the file.

    Raises:
        NotFound: there is none, or it is about something else.
        RuleViolation: it was taken away.
    """
    paper = get_paper(session, desk, paper_id)
    if paper.taken_away_at is not None:
        raise RuleViolation("paper_taken_away", N_("Papperet är borttaget och går inte att öppna."))
    sealed = session.scalar(select(PaperContent.sealed).where(PaperContent.paper_id == paper.id))
    if sealed is None:
        raise NotFound("paper")
    audit.record(session, actor, how, "paper", paper.id, subjects=[desk.about_id])
    return paper, secrecy.decrypt_bytes(sealed, _purpose(paper.id))


def _purpose(paper_id: UUID) -> str:
    """Bound into the sealed bytes: those of one paper do not open as another's."""
    return f"paper_content.sealed:{paper_id}"


def put_up(
    session: Session,
    actor: Actor,
    desk: Desk,
    about: About,
    file: CheckedFile,
    *,
    today: date,
    now: datetime,
) -> Paper:
    """Keep a paper, whole or not at all; the same file a second time gives the one there is.

    Raises:
        Refused: the actor does not write about it.
        Invalid: it has no name to be found by, a day to come, or an identity number in the words.
    """
    require_writer(desk)
    about = _checked(about, today)
    # One at a time in a unit, so that the same file sent twice at once is one paper.
    session.execute(select(Unit.id).where(Unit.id == desk.unit_id).with_for_update(key_share=True))
    fingerprint = secrecy.blind_index(hashlib.sha256(file.content).hexdigest(), "paper.fingerprint")
    standing = session.scalar(
        _about(desk)
        .where(Paper.fingerprint == fingerprint, Paper.taken_away_at.is_(None))
        .order_by(Paper.put_up_at, Paper.id)
        .limit(1)
    )
    if standing is not None:
        return standing
    paper = Paper(
        unit_id=desk.unit_id,
        about_type=desk.about_type,
        about_id=desk.about_id,
        kind=about.kind,
        title=about.title,
        note=about.note,
        dated=about.dated,
        file_name=_kept_name(about.file_name, file, today),
        media_type=file.media_type,
        size=len(file.content),
        pages=file.pages,
        fingerprint=fingerprint,
        put_up_by_id=actor.require_user(),
        put_up_at=now,
    )
    session.add(paper)
    session.flush()
    sealed = secrecy.encrypt_bytes(file.content, _purpose(paper.id))
    session.add(PaperContent(paper_id=paper.id, sealed=sealed))
    session.flush()
    audit.record(session, actor, "create", "paper", paper.id, subjects=[desk.about_id])
    return paper


def take_away(
    session: Session, actor: Actor, desk: Desk, paper_id: UUID, *, reason: str, now: datetime
) -> Paper:
    """Take a paper away, saying why; a second time changes nothing. Its bytes go ten minutes later.

    Raises:
        Refused: the actor does not write about it.
        Invalid: there is no reason, or an identity number in it.
    """
    require_writer(desk)
    paper = get_paper(session, desk, paper_id, for_update=True)
    why = reason.strip()
    if not why:
        raise Invalid({"reason": N_("Skriv varför papperet tas bort.")})
    _refuse_numbers({"reason": why}, now.date())
    if paper.taken_away_at is None:
        paper.taken_away_at, paper.taken_away_by_id = now, actor.require_user()
        paper.taken_away_reason = why
        session.flush()
        audit.record(session, actor, "take_away", "paper", paper.id, subjects=[desk.about_id])
    return paper


def undo_taking_away(
    session: Session, actor: Actor, desk: Desk, paper_id: UUID, *, now: datetime
) -> Paper:
    """Bring back what one took away oneself within ten minutes; a second time changes nothing.

    Raises:
        Refused: the actor does not write about it.
        RuleViolation: it is too long ago, or somebody else did it.
    """
    require_writer(desk)
    paper = get_paper(session, desk, paper_id, for_update=True)
    if paper.taken_away_at is None:
        return paper
    is_mine = paper.taken_away_by_id == actor.user_id and paper.erased_at is None
    require_undoable(paper.taken_away_at if is_mine else None, now=now)
    paper.taken_away_at = paper.taken_away_by_id = paper.taken_away_reason = None
    session.flush()
    audit.record(session, actor, "restore", "paper", paper.id, subjects=[desk.about_id])
    return paper


def erase_taken_away(session: Session, actor: Actor, *, now: datetime) -> int:
    """Erase the bytes, names and notes of what was taken away more than ten minutes ago.

    That it was there, its title, and who took it away and why remain. Gives back how many.
    """
    due = session.scalars(
        select(Paper)
        .where(Paper.taken_away_at < now - UNDO, Paper.erased_at.is_(None))
        .with_for_update()
    ).all()
    session.execute(delete(PaperContent).where(PaperContent.paper_id.in_([p.id for p in due])))
    for paper in due:
        paper.erased_at = now
        paper.file_name, paper.note = "", None
        audit.record(session, actor, "erase", "paper", paper.id, subjects=[paper.about_id])
    session.flush()
    return len(due)


def _checked(about: About, today: date) -> About:
    title, note = (about.title or "").strip() or None, (about.note or "").strip() or None
    if about.kind is PaperKind.OTHER and title is None:
        raise Invalid({"title": N_("Skriv vad det är för papper.")})
    if about.dated is not None and about.dated > today:
        raise Invalid({"dated": N_("Dagen har inte varit än. Skriv den dag som står på papperet.")})
    _refuse_numbers({"title": title or "", "note": note or ""}, today)
    return About(about.kind, title, about.dated, note, about.file_name)


def _refuse_numbers(said: dict[str, str], today: date) -> None:
    found = {
        name: N_("Ta bort personnumret ur texten. Det har ett eget fält.")
        for name, words in said.items()
        if contains_identity_number(words, today=today)
    }
    if found:
        raise Invalid(found)


def _kept_name(name: str, file: CheckedFile, today: date) -> str:
    """The file's name, unless it tells who somebody is."""
    kept = safe_name(name, file.media_type)
    is_number = contains_identity_number(kept, today=today)
    return safe_name("", file.media_type) if is_number else kept
