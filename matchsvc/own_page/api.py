"""JSON of the own page: its link, what she says of it, and the copy. The log is shown in person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_babel import force_locale

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.own_page import corrections, own_copy, page, schemas, standing_link
from matchsvc.own_page.models import Correction
from matchsvc.own_page.views import address_of
from matchsvc.participants.frame import CHANGERS, today
from matchsvc.participants.own import get_own
from matchsvc.participants.presentation_models import PresentationAnswer
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("own_page", "/participants", "A participant's own page: link, answers, copy.")


@api.get("/<key>/own-page/link")
@api.response(200, schemas.LinkSchema)
@errors(api, 401, 403, 404)
@requires(*CHANGERS)
def show_link(key: str) -> dict[str, Any]:
    """Whether there is a link that works. Its address is nowhere kept."""
    with reading() as session:
        participant = get_own(session, current_actor(), key, today=today())
        link = standing_link.live_link(session, participant.id, now=db.utcnow())
    expires_at = link.expires_at if link else None
    return {"live": link is not None, "expires_at": expires_at, "address": None}


@api.post("/<key>/own-page/link")
@api.response(201, schemas.LinkSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def create_link(key: str) -> dict[str, Any]:
    """Make a link, or a new one; the one before stops. Only this answer holds its address."""
    with writing() as session:
        token, link = standing_link.make_link(
            session, current_actor(), key, today=today(), now=db.utcnow()
        )
    return {"live": True, "expires_at": link.expires_at, "address": address_of(token)}


@api.post("/<key>/own-page/link/revoke")
@api.response(200, schemas.LinkSchema)
@errors(api, 401, 403, 404)
@requires(*CHANGERS)
def revoke_link(key: str) -> dict[str, Any]:
    """Stop the link, if there is one."""
    with writing() as session:
        standing_link.revoke(session, current_actor(), key, today=today(), now=db.utcnow())
    return {"live": False, "expires_at": None, "address": None}


@api.post("/<key>/own-page/presentation")
@api.arguments(schemas.PresentationAnswerSchema)
@api.response(201, schemas.PresentationSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def answer_presentation(data: dict[str, Any], key: str) -> PresentationAnswer:
    """What she says of what an employer would see. A no or a wish holds until a new answer."""
    with writing() as session:
        actor = current_actor()
        participant = get_own(session, actor, key, today=today())
        return page.answer_what_is_shown(
            session,
            actor,
            participant,
            None,
            answer=data["answer"],
            words=data["words"],
            shown_hash=data["shown"],
            today=today(),
            now=db.utcnow(),
        )


@api.get("/<key>/corrections")
@api.response(200, schemas.CorrectionSchema(many=True))
@errors(api, 401, 403, 404)
@requires(*CHANGERS)
def list_corrections(key: str) -> Sequence[Correction]:
    """What she said is wrong, those that wait first."""
    with reading() as session:
        return corrections.list_corrections(session, current_actor(), key, today=today())


@api.post("/<key>/corrections")
@api.arguments(schemas.SayCorrectionSchema)
@api.response(201, schemas.CorrectionSchema)
@errors(api, 401, 403, 404)
@requires(*CHANGERS)
def create_correction(data: dict[str, Any], key: str) -> Correction:
    """Keep what she says word for word."""
    with writing() as session:
        return corrections.say_correction(
            session, current_actor(), key, **data, today=today(), now=db.utcnow()
        )


@api.post("/<key>/corrections/<uuid:correction_id>/answer")
@api.arguments(schemas.AnswerCorrectionSchema)
@api.response(200, schemas.CorrectionSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def answer_correction(data: dict[str, Any], key: str, correction_id: UUID) -> Correction:
    """Say what was done about it."""
    with writing() as session:
        return corrections.answer_correction(
            session, current_actor(), key, correction_id, **data, today=today(), now=db.utcnow()
        )


@api.get("/<key>/own-page/copy")
@api.response(200, schemas.CopySchema)
@errors(api, 401, 403, 404)
@requires(*CHANGERS)
def show_copy(key: str) -> dict[str, Any]:
    """What is kept about her, in Swedish words."""
    with reading() as session, force_locale("sv"):
        actor = current_actor()
        participant = get_own(session, actor, key, today=today())
        found = page.read_page(session, actor, participant, today=today(), now=db.utcnow())
        made = own_copy.make_copy(session, actor, found, form="json", today=today())
    return own_copy.as_json(made, made_on=today())
