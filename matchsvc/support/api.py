"""JSON of the support package, as the pages: the package, links, questions and what is written."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.placements.access import PREPARERS, READERS
from matchsvc.support import links, packs, pre_meeting, qa, requests, schemas
from matchsvc.support.overview import get_package
from matchsvc.support.packs import WRITERS, BlockInput
from matchsvc.support.qa import EntryInput
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("support", "/support", "The employer's support package and what they read.")


@api.get("/packages/<uuid:placement_id>")
@api.response(200, schemas.SupportPackageSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def show_package(placement_id: UUID) -> Any:
    """A placement's package: six parts, contacts, links, questions, schedule."""
    now = db.utcnow()
    with reading() as session:
        return get_package(session, current_actor(), placement_id, today=local_date(now), now=now)


@api.post("/packages/<uuid:placement_id>/links")
@api.arguments(schemas.SupportLinkInputSchema)
@api.response(201, schemas.MadeLinkSchema)
@errors(api, 401, 403, 404, 409)
@requires(*PREPARERS)
def make_link(data: dict[str, Any], placement_id: UUID) -> dict[str, Any]:
    """Give a contact a new link; the one before stops. Its address is told only here."""
    now = db.utcnow()
    base: str = current_app.config["MATCHSVC"].base_url
    with writing() as session:
        token, row = links.make_link(
            session,
            current_actor(),
            placement_id,
            data["contact_id"],
            base_url=base,
            today=local_date(now),
            now=now,
        )
        address = f"{base}/l/{token}"
        return {"id": row.id, "address": address, "length": len(address)}


@api.delete("/packages/<uuid:placement_id>/links/<uuid:link_id>")
@api.response(204)
@errors(api, 401, 403, 404)
@requires(*PREPARERS)
def revoke_link(placement_id: UUID, link_id: UUID) -> None:
    """Stop a contact's link for good."""
    now = db.utcnow()
    with writing() as session:
        links.revoke(
            session, current_actor(), placement_id, link_id, today=local_date(now), now=now
        )


@api.post("/packages/<uuid:placement_id>/information")
@api.response(201, schemas.SupportMadeSchema)
@errors(api, 401, 403, 404, 409)
@requires(*PREPARERS)
def share_information(placement_id: UUID) -> Any:
    """Let the employer have the latest version of the information pack."""
    with writing() as session:
        return packs.share(session, current_actor(), placement_id, today=day_of_request())


@api.post("/packages/<uuid:placement_id>/pre-meeting")
@api.arguments(schemas.BookPreMeetingSchema)
@api.response(201, schemas.SupportMadeSchema)
@errors(api, 401, 403, 404, 409)
@requires(*PREPARERS)
def book_pre_meeting(data: dict[str, Any], placement_id: UUID) -> Any:
    """Book the meeting before the start; the contact is invited."""
    now = db.utcnow()
    with writing() as session:
        return pre_meeting.book_pre_meeting(
            session, current_actor(), placement_id, **data, today=local_date(now), now=now
        )


@api.post("/requests/<uuid:request_id>/answer")
@api.arguments(schemas.AnswerRequestSchema)
@api.response(200, schemas.SupportMadeSchema)
@errors(api, 401, 403, 404, 409)
@requires(*PREPARERS)
def answer_request(data: dict[str, Any], request_id: UUID) -> Any:
    """Answer a question, or note that help was given."""
    now = db.utcnow()
    with writing() as session:
        return requests.answer(
            session, current_actor(), request_id, **data, today=local_date(now), now=now
        )


@api.get("/information")
@api.response(200, schemas.BlockListSchema)
@errors(api, 401, 403, 404)
@requires(*WRITERS)
def list_blocks() -> dict[str, Any]:
    """The blocks of the information pack, and the number of the published version."""
    with reading() as session:
        actor = current_actor()
        blocks = packs.list_blocks(session, actor)
        latest = packs.latest_pack(session, packs.unit_of(actor))
        return {"blocks": blocks, "published": latest.number if latest else None}


@api.post("/information")
@api.arguments(schemas.InfoBlockSchema)
@api.response(201, schemas.SupportMadeSchema)
@errors(api, 401, 403, 404, 409)
@requires(*WRITERS)
def add_block(data: dict[str, Any]) -> Any:
    """One block more, at the end."""
    with writing() as session:
        return packs.save_block(
            session, current_actor(), BlockInput(**data), today=day_of_request()
        )


@api.put("/information/<uuid:block_id>")
@api.arguments(schemas.EditInfoBlockSchema)
@api.response(200, schemas.SupportMadeSchema)
@errors(api, 401, 403, 404, 409)
@requires(*WRITERS)
def edit_block(data: dict[str, Any], block_id: UUID) -> Any:
    """All of a block anew. 409 when somebody saved it since."""
    version = data.pop("version")
    with writing() as session:
        return packs.save_block(
            session,
            current_actor(),
            BlockInput(**data),
            block_id=block_id,
            version=version,
            today=day_of_request(),
        )


@api.post("/information/<uuid:block_id>/move")
@api.arguments(schemas.MoveBlockSchema)
@api.response(204)
@errors(api, 401, 403, 404)
@requires(*WRITERS)
def move_block(data: dict[str, Any], block_id: UUID) -> None:
    """Let a block change places with its neighbour."""
    with writing() as session:
        packs.move_block(session, current_actor(), block_id, up=data["up"])


@api.post("/information/starter")
@api.response(200, schemas.StarterAddedSchema)
@errors(api, 401, 403, 404)
@requires(*WRITERS)
def add_starter() -> dict[str, int]:
    """Begin with the blocks and questions that come with the service."""
    with writing() as session:
        added = packs.add_starter(session, current_actor())
        return {"added": added + qa.add_starter(session, current_actor())}


@api.post("/information/publish")
@api.response(201, schemas.InfoPackSchema)
@errors(api, 401, 403, 404)
@requires(*WRITERS)
def publish() -> Any:
    """Make a version of what the blocks say now; the same words again give the version there is."""
    with writing() as session:
        return packs.publish(session, current_actor(), today=day_of_request())


@api.get("/questions")
@api.response(200, schemas.EntryListSchema)
@errors(api, 401, 403, 404)
@requires(*WRITERS)
def list_entries() -> dict[str, Any]:
    """The questions and answers that employers read."""
    with reading() as session:
        return {"questions": qa.list_entries(session, current_actor())}


@api.post("/questions")
@api.arguments(schemas.NewQaEntrySchema)
@api.response(201, schemas.SupportMadeSchema)
@errors(api, 401, 403, 404, 409)
@requires(*WRITERS)
def add_entry(data: dict[str, Any]) -> Any:
    """One question more; ``request_id`` says which employer's question it came from."""
    source = data.pop("request_id")
    with writing() as session:
        return qa.save_entry(
            session, current_actor(), EntryInput(**data), request_id=source, today=day_of_request()
        )


@api.put("/questions/<uuid:entry_id>")
@api.arguments(schemas.EditQaEntrySchema)
@api.response(200, schemas.SupportMadeSchema)
@errors(api, 401, 403, 404, 409)
@requires(*WRITERS)
def edit_entry(data: dict[str, Any], entry_id: UUID) -> Any:
    """All of a question anew. 409 when somebody saved it since."""
    version = data.pop("version")
    with writing() as session:
        return qa.save_entry(
            session,
            current_actor(),
            EntryInput(**data),
            entry_id=entry_id,
            version=version,
            today=day_of_request(),
        )
