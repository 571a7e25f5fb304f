"""Papers of a placement: its decision and agreement, for those who work with her there."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.errors import NotFound, Refused
from matchsvc.placements.access import PREPARERS, READERS, get_placement
from matchsvc.workday.notes import Desk
from matchsvc.workday.paper_models import PaperKind
from matchsvc.workday.views_notes import Place
from matchsvc.workday.views_papers import paper_pages


def find_placement_papers(session: Session, actor: Actor, key: str, today: date) -> Place:
    """The papers of a placement, which name her: as secret as what was said at follow-ups.

    Raises:
        NotFound: unknown, hidden, or of a protected participant.
        Refused: the actor knows her by alias only.
    """
    try:
        placement_id = UUID(key)
    except ValueError:
        raise NotFound("placement") from None
    seen = get_placement(session, actor, placement_id, today=today)
    if not seen.is_own:
        raise Refused("not_your_case")
    title = f"{seen.name} · {seen.site.name}"
    return Place(
        Desk(
            about_type="placement",
            about_id=placement_id,
            unit_id=seen.placement.unit_id,
            may_write=actor.is_system or actor.has_role(*PREPARERS),
            sees_close=True,
        ),
        key=key,
        title=title,
        crumbs=[
            {"label": _("Placeringar"), "href": url_for("placements.list_")},
            {"label": title, "href": url_for("placements.show", placement_id=placement_id)},
        ],
    )


placement_papers = paper_pages(find_placement_papers, READERS, usual=PaperKind.AGREEMENT)
