"""Participants for programs: the rules of the pages, as far as the token's user may see."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.participants import competences, enrolment, merging, profile, schemas, talk
from matchsvc.participants.access import get_visible
from matchsvc.participants.frame import CHANGERS, READERS, own_overview, today
from matchsvc.participants.listing import Line, list_participants
from matchsvc.participants.models import Competence, CompetenceTalk, Participant, Wish
from matchsvc.participants.overview import Overview, get_overview
from matchsvc.participants.programme_schemas import answers_of
from matchsvc.web.api import api_blueprint
from matchsvc.web.merging import merge_schema

api: Blueprint = api_blueprint(
    "participants", "/participants", "Participants, their competences, wishes and frames."
)

_HIDDEN = "Unknown, hidden or protected: the same answer."


@api.get("")
@api.arguments(schemas.ParticipantQuerySchema, location="query")
@api.response(200, schemas.ParticipantPageSchema)
@requires(*READERS)
def list_(query: dict[str, Any]) -> dict[str, Any]:
    """The user's own participants first, then the unit's by alias; fifty a page."""
    with reading() as session:
        found = list_participants(
            session, current_actor(), today=today(), scope=query["scope"], page=query["page"]
        )
    return {
        "items": [_line(line) for line in found.lines],
        "page": found.page,
        "pages": found.pages,
        "total": found.total,
    }


def _line(line: Line | Overview) -> dict[str, Any]:
    return {
        "id": line.participant.id,
        "alias": line.participant.alias,
        "name": line.name,
        "status": line.status.value,
        "next_step": line.next_step.value,
        "ready_on": line.participant.ready_on,
        "wait_days": line.wait_days,
    }


@api.post("")
@api.arguments(schemas.EnrolSchema)
@api.response(201, schemas.EnrolmentReceiptSchema)
@api.alt_response(409, description="Already enrolled, or the external id is taken.")
@requires(Role.CASE_WORKER, Role.UNIT_MANAGER)
def create_participant(data: dict[str, Any]) -> enrolment.Receipt:
    """Enrol a person. The answer says where she is found by those who may see her."""
    with writing() as session:
        return enrolment.enrol(
            session, current_actor(), enrolment.Details(**answers_of(data)), today=today()
        )


@api.get("/<key>")
@api.etag
@api.response(200, schemas.ParticipantSchema)
@api.alt_response(404, description=_HIDDEN)
@requires(*READERS)
def show(key: str) -> dict[str, Any]:
    """One participant by id, external id or alias; what the user may not see is null."""
    with reading() as session:
        overview = get_overview(session, current_actor(), key, today=today())
    api.set_etag({"version": overview.participant.version})
    return _participant(overview)


def _participant(overview: Overview) -> dict[str, Any]:
    person, held = overview.participant, overview.case
    shown: dict[str, Any] = _line(overview) | profile.profile_fields(person)
    shown |= {
        "weekdays": _days(person.weekdays),
        "needs": [
            {"condition_id": need.condition_id, "note": need.note if overview.tells_needs else None}
            for need in person.needs
        ],
        "languages": person.languages,
        "competences": [
            _competence(each, overview) for each in (*overview.from_life, *overview.on_paper)
        ],
        "wish": _wish(overview.wish) if overview.wish and overview.sees_all else None,
        "external_id": person.external_id if overview.sees_all else None,
        "enrolled_on": held.enrolled_on if held else None,
        "ended_on": held.ended_on if held else None,
    }
    return shown


def _competence(each: Competence, overview: Overview) -> dict[str, Any]:
    return {
        "id": each.id,
        "concept_id": each.concept_id,
        "own_words": each.own_words if overview.sees_all else None,
        "learned_where": each.learned_where,
        "learned_detail": each.learned_detail if overview.sees_all else None,
        "voucher": each.voucher if overview.sees_all else None,
        "rung": each.rung,
        "is_formal": each.is_formal,
        "is_shared": each.is_shared,
    }


def _wish(wish: Wish) -> dict[str, Any]:
    return {
        "id": wish.id,
        "own_words": wish.own_words,
        "recorded_on": wish.recorded_on,
        "with_interpreter": wish.with_interpreter,
        "concepts": [wanted.concept_id for wanted in wish.concepts],
    }


def _days(mask: int) -> list[int]:
    return [bit for bit in range(7) if mask & (1 << bit)]


@api.post("/<key>/merge")
@api.arguments(merge_schema(merging.FIELDS, "People"))
@api.response(200, schemas.MergedSchema)
@api.alt_response(404, description=_HIDDEN)
@api.alt_response(409, description="Two identity numbers, open cases or overlapping placements.")
@requires(*CHANGERS)
def merge(data: dict[str, Any], key: str) -> Participant:
    """Merge another row of the same person into this one. There is no way back."""
    with writing() as session:
        return merging.merge_people(
            session,
            current_actor(),
            key,
            data["other"],
            reason=data["reason"],
            today=today(),
            now=db.utcnow(),
            from_other=data["from_other"],
        )


@api.post("/<key>/competences")
@api.arguments(schemas.AddCompetenceSchema)
@api.response(201, schemas.CompetenceSchema)
@api.alt_response(404, description=_HIDDEN)
@api.alt_response(409, description="She holds the concept already.")
@requires(*CHANGERS)
def create_competence(data: dict[str, Any], key: str) -> Competence:
    """Add a competence: a concept that a person confirmed, or her words as they are."""
    with writing() as session:
        return competences.add_competence(session, current_actor(), key, **data, today=today())


@api.post("/<key>/competences/<uuid:competence_id>/told")
@api.arguments(schemas.ToldSchema)
@api.response(200, schemas.CompetenceSchema)
@api.alt_response(404, description=_HIDDEN)
@api.alt_response(409, description="It is known better already, or somebody else saved first.")
@requires(*CHANGERS)
def tell(data: dict[str, Any], key: str, competence_id: UUID) -> Competence:
    """Add what was told about a competence: an example, where and how long, who can vouch."""
    with writing() as session:
        competences.get_own_competence(
            session, current_actor(), competence_id, today=today(), key=key
        )
        return competences.describe_competence(
            session, current_actor(), competence_id, **data, today=today()
        )


@api.get("/<key>/talk")
@api.response(200, schemas.TalkStateSchema)
@api.alt_response(404, description=_HIDDEN)
@requires(*CHANGERS)
def show_talk(key: str) -> dict[str, Any]:
    """How far the competence talk has come; before it has begun, its first question."""
    with reading() as session:
        person = own_overview(session, key).participant
        return _talk(talk.find_talk(session, person.id))


@api.post("/<key>/talk/steps")
@api.arguments(schemas.TalkMoveSchema)
@api.response(200, schemas.TalkStateSchema)
@api.alt_response(404, description=_HIDDEN)
@api.alt_response(409, description="Somebody else took a step first.")
@requires(*CHANGERS)
def move_talk(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Go to another question or area of the talk, or pause it."""
    with writing() as session:
        moved = talk.move(
            session,
            current_actor(),
            key,
            data["to"],
            area_id=data["area"],
            version=data["version"],
            now=db.utcnow(),
            today=today(),
        )
        return _talk(moved)


@api.post("/<key>/talk/dismissed")
@api.arguments(schemas.DismissSchema)
@api.response(200, schemas.TalkStateSchema)
@api.alt_response(404, description=_HIDDEN)
@requires(*CHANGERS)
def dismiss_suggestion(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Do not propose a concept again today."""
    with writing() as session:
        kept = talk.dismiss(
            session, current_actor(), key, data["concept_id"], now=db.utcnow(), today=today()
        )
        return _talk(kept)


def _talk(kept: CompetenceTalk | None) -> dict[str, Any]:
    place = talk.place_of(kept, today=today(), now=db.utcnow())
    return {
        "version": place.version,
        "area": place.area.id,
        "question": place.area.questions[place.at].id,
        "minutes": place.minutes,
        "areas": [{"id": area, "status": status} for area, status in place.statuses.items()],
        "dismissed": sorted(place.dismissed),
    }


@api.post("/<key>/wishes")
@api.arguments(schemas.RecordWishSchema)
@api.response(201, schemas.ParticipantWishSchema)
@api.alt_response(404, description=_HIDDEN)
@requires(*CHANGERS)
def create_wish(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Write down what she wants. Earlier wishes are kept."""
    with writing() as session:
        return _wish(profile.record_wish(session, current_actor(), key, **data, today=today()))


@api.route("/<key>/profile", methods=["PATCH"])
@api.etag
@api.arguments(schemas.ParticipantProfileSchema)
@api.response(200, schemas.ParticipantSchema)
@api.alt_response(404, description=_HIDDEN)
@api.alt_response(412, description="Somebody else saved since the version in If-Match.")
@api.alt_response(428, description="If-Match is missing.")
@requires(*CHANGERS)
def change_profile(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Change hours, days, first day, areas or needs; what is left out stays."""
    actor = current_actor()
    if "weekdays" in data:
        data["weekdays"] = sum(1 << bit for bit in set(data["weekdays"]))
    if "needs" in data:
        data["needs"] = {each["condition_id"]: each["note"] for each in data["needs"]}
    with writing() as session:
        participant = get_visible(session, actor, key, today=today())
        api.check_etag({"version": participant.version})
        profile.change_profile(
            session, actor, key, data, today=today(), version=participant.version
        )
        overview = get_overview(session, actor, key, today=today())
        api.set_etag({"version": overview.participant.version})
        return _participant(overview)
