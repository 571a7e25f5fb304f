"""What the pages of participants share: the day, who may come in, what was typed."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import current_actor
from matchsvc.accounts.models import Role
from matchsvc.errors import Conflict, Invalid, Refused, RuleViolation
from matchsvc.participants.models import Competence
from matchsvc.participants.overview import Overview, get_overview
from matchsvc.participants.own import NOT_YOURS
from matchsvc.swedish import local_date

#: Who may open the pages; how much each sees is decided by sight.
READERS = (
    Role.CASE_WORKER,
    Role.EMPLOYER_LIAISON,
    Role.PLACEMENT_COORDINATOR,
    Role.UNIT_MANAGER,
    Role.SUPERVISOR,
)
#: Who may be somebody's own worker; whether she is one is decided by involvement.
CHANGERS = (Role.CASE_WORKER, Role.UNIT_MANAGER)
OBSERVERS = (*CHANGERS, Role.SUPERVISOR)

#: What shows the form again with what was typed; refusals and the unknown have pages of their own.
FORM_ERRORS = (Invalid, RuleViolation, Conflict)


def today() -> date:
    """The day in Stockholm."""
    return local_date(db.utcnow())


def typed() -> dict[str, Any]:
    """What was typed, by field: a list where a name came more than once or means several."""
    several = {"weekdays", "areas", "needs", "concepts"}
    return {
        name: request.form.getlist(name) if name in several else request.form[name]
        for name in request.form
        if name != "csrf_token"
    }


def own_overview(session: Session, key: str) -> Overview:
    """A participant that the actor may change, with what the page shows.

    Raises:
        NotFound: unknown, hidden or protected.
        Refused: known by alias, but not the actor's own.
    """
    overview = get_overview(session, current_actor(), key, today=today())
    if not overview.is_own:
        raise Refused("not_your_case", NOT_YOURS)
    return overview


def find_competence(overview: Overview, competence_id: object) -> Competence | None:
    """One of her competences that is not archived."""
    held = [*overview.from_life, *overview.on_paper]
    return next((each for each in held if each.id == competence_id), None)
