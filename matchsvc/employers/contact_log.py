"""Logged contacts with employers: what was said, and what was promised next (EMP-04, EMP-06)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.employers import checks
from matchsvc.employers.access import LOGGERS, READERS, in_own_unit
from matchsvc.employers.contact_cap import UNASKED, cap_on
from matchsvc.employers.models import (
    Channel,
    Contact,
    Employer,
    EmployerStatus,
    Interaction,
    Purpose,
)
from matchsvc.employers.register_reads import get_employer
from matchsvc.errors import N_, NotFound, RuleViolation
from matchsvc.workday.archivable import stands

NEXT_NEEDS_DAY = N_("När ska det göras? Skriv en dag.")
NEXT_NEEDS_WORDS = N_("Vad ska göras den dagen? Skriv det, eller ta bort dagen.")
NOT_YET = N_("Kontakten kan inte ha varit i framtiden. Skriv dagen då ni hördes.")
OVER_CAP = N_("Enheten har redan hört av sig så många gånger som den får. Skriv varför en till.")
NEXT_TOO_EARLY = N_("Nästa steg kan inte ligga före kontakten.")


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionContent:
    """One contact as it is logged.

    Attributes:
        happened_on: the day; not in the future.
        channel: how.
        purpose: why.
        result: what came out of it; may become a public record, never names a participant.
        site_id: where.
        contact_id: with whom.
        next_step: what was promised.
        next_on: by when; goes with next_step.
        finished: ids of earlier next steps that are done with this contact.
        is_theirs: the employer called.
        cap_reason: why once more, when the unit's cap was reached; else not kept.
    """

    happened_on: date
    channel: Channel
    purpose: Purpose
    result: str
    site_id: UUID | None = None
    contact_id: UUID | None = None
    next_step: str | None = None
    next_on: date | None = None
    finished: Collection[UUID] = ()
    is_theirs: bool = False
    cap_reason: str | None = None


def log_interaction(
    session: Session,
    actor: Actor,
    employer_key: UUID | str,
    content: InteractionContent,
    *,
    today: date,
) -> Interaction:
    """Log a contact. A prospect becomes contacted; finished next steps are ticked off.

    Raises:
        NotFound: the employer is unknown or another unit's.
        RuleViolation: ``do_not_contact``, with the reason the employer gave.
        Invalid: with a sentence for every wrong field, ``cap_reason`` when the cap is reached and
            no reason is given.
    """
    actor.require_role(*LOGGERS)
    employer = get_employer(session, actor, employer_key, for_update=True)
    if employer.status is EmployerStatus.DO_NOT_CONTACT:
        raise RuleViolation(
            "do_not_contact",
            N_(
                "Arbetsgivaren vill inte bli kontaktad: %(reason)s. Har de själva hört av sig, "
                "ändra först läget."
            ),
            values={"reason": employer.status_reason or "–"},
        )
    is_unasked = content.purpose in UNASKED and not content.is_theirs
    cap = cap_on(session, employer.id, employer.unit_id, content.happened_on)
    is_over = is_unasked and cap.is_reached
    faults = _faults(employer, content, today)
    if is_over:
        reason = content.cap_reason
        faults["cap_reason"] = checks.text_fault(reason, today=today) if reason else OVER_CAP
    checks.refuse(faults)
    interaction = Interaction(
        employer_id=employer.id,
        by_id=actor.require_user(),
        happened_on=content.happened_on,
        channel=content.channel,
        purpose=content.purpose,
        result=content.result.strip(),
        site_id=content.site_id,
        contact_id=content.contact_id,
        next_step=content.next_step,
        next_on=content.next_on,
        is_theirs=content.is_theirs,
        cap_reason=content.cap_reason if is_over else None,
    )
    session.add(interaction)
    if employer.status is EmployerStatus.PROSPECT:
        employer.status = EmployerStatus.CONTACTED
    for step in _open_steps(session, employer, content.finished):
        step.next_done_on = today
    session.flush()
    audit.record(session, actor, "create", "interaction", interaction.id)
    return interaction


def _faults(employer: Employer, content: InteractionContent, today: date) -> dict[str, str | None]:
    sites = {site.id for site in employer.sites}
    contacts = {contact.id for contact in employer.contacts}
    is_too_early = content.next_on is not None and content.next_on < content.happened_on
    return {
        "happened_on": NOT_YET if content.happened_on > today else None,
        "result": checks.text_fault(content.result, today=today)
        if content.result.strip()
        else checks.REQUIRED,
        "site_id": None if content.site_id in {None, *sites} else checks.GONE,
        "contact_id": None if content.contact_id in {None, *contacts} else checks.GONE,
        "next_step": NEXT_NEEDS_WORDS
        if content.next_on and not content.next_step
        else checks.text_fault(content.next_step, today=today),
        "next_on": NEXT_NEEDS_DAY
        if content.next_step and not content.next_on
        else (NEXT_TOO_EARLY if is_too_early else None),
    }


def _open_steps(session: Session, employer: Employer, ids: Collection[UUID]) -> list[Interaction]:
    if not ids:
        return []
    return list(
        session.scalars(
            select(Interaction).where(
                Interaction.id.in_(ids),
                Interaction.employer_id == employer.id,
                Interaction.next_step.is_not(None),
                Interaction.next_done_on.is_(None),
            )
        )
    )


@dataclass(frozen=True, slots=True)
class LoggedContact:
    """One logged contact as a page shows it.

    Attributes:
        interaction: the row.
        by: the colleague's name.
        with_whom: the contact person's name, if one was named.
    """

    interaction: Interaction
    by: str
    with_whom: str | None


def list_interactions(
    session: Session,
    actor: Actor,
    employer: Employer,
    *,
    since: date | None = None,
    limit: int = 50,
) -> list[LoggedContact]:
    """Contacts with an employer by any colleague, newest first. One query.

    Args:
        session: a transaction.
        actor: who reads.
        employer: as given by ``get_employer``.
        since: only from this day on.
        limit: at most so many.
    """
    actor.require_role(*READERS)
    found = (
        select(Interaction, User.name, Contact.name)
        .join(User, User.id == Interaction.by_id)
        .outerjoin(Contact, Contact.id == Interaction.contact_id)
        .where(Interaction.employer_id == employer.id)
        .order_by(Interaction.happened_on.desc(), Interaction.created_at.desc())
        .limit(limit)
    )
    if since is not None:
        found = found.where(Interaction.happened_on >= since)
    return [LoggedContact(*row) for row in session.execute(found)]


def list_open_steps(session: Session, employer: Employer) -> list[Interaction]:
    """Next steps promised to an employer and not yet done, earliest first."""
    return list(
        session.scalars(
            select(Interaction)
            .where(
                Interaction.employer_id == employer.id,
                Interaction.next_step.is_not(None),
                Interaction.next_done_on.is_(None),
            )
            .order_by(Interaction.next_on, Interaction.id)
        )
    )


def finish_next_step(
    session: Session, actor: Actor, interaction_id: UUID, *, today: date
) -> Interaction:
    """Tick off what was promised; a second time changes nothing.

    Raises:
        NotFound: unknown, another unit's, or nothing was promised.
    """
    actor.require_role(*LOGGERS)
    step = session.scalar(
        select(Interaction)
        .join(Employer, Employer.id == Interaction.employer_id)
        .where(
            Interaction.id == interaction_id,
            Interaction.next_step.is_not(None),
            in_own_unit(actor, Employer.unit_id.expression),
            stands(Employer),
        )
    )
    if step is None:
        raise NotFound("interaction")
    if step.next_done_on is None:
        step.next_done_on = today
        audit.record(session, actor, "change", "interaction", step.id, fields=["next_done_on"])
    return step


def next_steps_due(session: Session, actor: Actor, until: date) -> list[Interaction]:
    """What the user promised employers and has not done, due on or before a day; earliest first.

    ``interaction.employer`` and ``interaction.contact`` are loaded. One query.

    Raises:
        Refused: the actor is no user.
    """
    found = (
        select(Interaction)
        .join(Interaction.employer)
        .outerjoin(Interaction.contact)
        .where(
            Interaction.by_id == actor.require_user(),
            Interaction.next_step.is_not(None),
            Interaction.next_done_on.is_(None),
            Interaction.next_on <= until,
            in_own_unit(actor, Employer.unit_id.expression),
            stands(Employer),
        )
        .options(contains_eager(Interaction.employer), contains_eager(Interaction.contact))
        .order_by(Interaction.next_on, Interaction.id)
    )
    return list(session.scalars(found).unique())


@dataclass(frozen=True, slots=True)
class LastContact:
    """The latest contact with an employer.

    Attributes:
        on: the day.
        by: the colleague's name.
    """

    on: date
    by: str


def last_contacts(session: Session, employer_ids: Collection[UUID]) -> dict[UUID, LastContact]:
    """The latest contact of each employer that has one. One query, one row an employer."""
    if not employer_ids:
        return {}
    newest_first = (Interaction.happened_on.desc(), Interaction.created_at.desc(), Interaction.id)
    place = func.row_number().over(partition_by=Interaction.employer_id, order_by=newest_first)
    ranked = (
        select(
            Interaction.employer_id,
            Interaction.happened_on,
            User.name,
            place.label("place"),
        )
        .join(User, User.id == Interaction.by_id)
        .where(Interaction.employer_id.in_(employer_ids))
        .subquery()
    )
    latest = select(ranked.c.employer_id, ranked.c.happened_on, ranked.c.name)
    rows = session.execute(latest.where(ranked.c.place == 1))
    return {row[0]: LastContact(row[1], row[2]) for row in rows}
