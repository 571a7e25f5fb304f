"""One job with all that a page needs to name it, for those who decide on its participant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.employers.models import Employer, Site
from matchsvc.errors import N_, RuleViolation
from matchsvc.participants import access as people
from matchsvc.participants.access import Sight
from matchsvc.participants.models import Case, Participant
from matchsvc.placements.access import require_decider
from matchsvc.placements.employments import get_employment
from matchsvc.placements.models import Employment


@dataclass(frozen=True, slots=True)
class Opened:
    """A job.

    Attributes:
        employment: the job.
        participant: whose; named only through ``name``.
        case: of which it is a part.
        site, employer: where.
        sight: how much of the participant the reader sees.
    """

    employment: Employment
    participant: Participant
    case: Case
    site: Site
    employer: Employer
    sight: Sight

    @property
    def name(self) -> str:
        """What this reader calls the participant."""
        return people.shown_name(self.participant, self.sight)

    @property
    def is_own(self) -> bool:
        """Whether the reader may read what was said about it."""
        return self.sight >= Sight.FULL

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.employment.end_date is not None


def open_job(
    session: Session,
    actor: Actor,
    employment_id: UUID,
    *,
    today: date,
    for_update: bool = False,
) -> Opened:
    """One job, for whoever decides on its participant.

    Raises:
        NotFound: unknown, hidden, or of a protected participant who is not the actor's.
        Refused: the actor may not decide on the participant.
    """
    employment = get_employment(session, actor, employment_id, today=today, for_update=for_update)
    participant = people.get_visible(session, actor, employment.participant_id, today=today)
    sight = people.sight_of(session, actor, [participant.id], today=today)[participant.id]
    require_decider(actor, sight)
    site = session.get_one(Site, employment.site_id)
    return Opened(
        employment,
        participant,
        session.get_one(Case, employment.case_id),
        site,
        session.get_one(Employer, site.employer_id),
        sight,
    )


def open_to_change(session: Session, actor: Actor, employment_id: UUID, *, today: date) -> Opened:
    """One job that goes on or is to come, locked.

    Raises:
        NotFound, Refused: as :func:`open_job`.
        RuleViolation: it has ended.
    """
    opened = open_job(session, actor, employment_id, today=today, for_update=True)
    if opened.is_over:
        raise RuleViolation(
            "employment_ended", N_("Anställningen är slut. Då ändras inget mer i den.")
        )
    return opened


def note_change(session: Session, actor: Actor, opened: Opened, *fields: str) -> None:
    """Log that something of the job was written."""
    session.flush()
    audit.record(
        session,
        actor,
        "change",
        "employment",
        opened.employment.id,
        fields=list(fields),
        subjects=[opened.participant.id],
    )
