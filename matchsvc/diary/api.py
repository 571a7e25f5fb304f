"""Meetings for programs: the same rules as the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.diary import booking, changing, people
from matchsvc.diary.access import BOOKERS, READERS, Shown, show
from matchsvc.diary.schemas import (
    AddPersonSchema,
    BookJsonSchema,
    CancelSchema,
    DiaryQuerySchema,
    DiarySchema,
    MeetingOutSchema,
    MoveSchema,
    RemovePersonSchema,
    WentJsonSchema,
    plan_from_json,
)
from matchsvc.diary.views import add, days_of
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors
from matchsvc.workday.meetings import Went

api: Blueprint = api_blueprint("meetings", "", "Meetings of the working day.")


@api.route("/meetings")
@api.arguments(DiaryQuerySchema, location="query")
@api.response(200, DiarySchema)
@errors(api, 401, 403)
@requires(*READERS)
def list_all(query: dict[str, Any]) -> dict[str, Any]:
    """The meetings of a day or a week (``view``), the caller's own or the unit's (``of``)."""
    today = local_date(db.utcnow())
    days = days_of(query["view"], query["day"] or today)
    with reading() as session:
        shown = booking.read_days(
            session,
            current_actor(),
            days[0],
            days[-1],
            whole_unit=query["of"] == "unit",
            today=today,
        )
        return {"first": days[0], "last": days[-1], "meetings": [_meeting(s) for s in shown]}


@api.route("/meetings", methods=["POST"])
@api.arguments(BookJsonSchema)
@api.response(201, MeetingOutSchema(many=True))
@errors(api, 401, 403, 404, 409)
@requires(*BOOKERS)
def create(data: dict[str, Any]) -> Any:
    """Book a meeting or a series; gives back every meeting that was booked."""
    now = db.utcnow()
    today = local_date(now)
    with writing() as session:
        booked = booking.book(
            session,
            current_actor(),
            plan_from_json(data),
            owner_id=data["owner_id"],
            every_weeks=data["every_weeks"],
            times=data["times"],
            pass_clashes=data["pass_clashes"],
            invite=data["invite"],
            today=today,
            now=now,
        )
        return [_meeting(s) for s in show(session, current_actor(), booked, today=today)]


@api.route("/meetings/<uuid:meeting_id>")
@api.response(200, MeetingOutSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def show_one(meeting_id: UUID) -> dict[str, Any]:
    """One meeting."""
    with reading() as session:
        return _meeting(
            booking.open_meeting(
                session, current_actor(), meeting_id, today=local_date(db.utcnow())
            )
        )


@api.route("/meetings/<uuid:meeting_id>/move", methods=["POST"])
@api.arguments(MoveSchema)
@api.response(200, MeetingOutSchema(many=True))
@errors(api, 401, 403, 404, 409)
@requires(*BOOKERS)
def move(data: dict[str, Any], meeting_id: UUID) -> Any:
    """Move a meeting, or it and all that follow in its series."""
    now = db.utcnow()
    today = local_date(now)
    with writing() as session:
        moved = changing.move(session, current_actor(), meeting_id, **data, today=today, now=now)
        return [_meeting(s) for s in show(session, current_actor(), moved, today=today)]


@api.route("/meetings/<uuid:meeting_id>/cancel", methods=["POST"])
@api.arguments(CancelSchema)
@api.response(200, MeetingOutSchema(many=True))
@errors(api, 401, 403, 404, 409)
@requires(*BOOKERS)
def cancel(data: dict[str, Any], meeting_id: UUID) -> Any:
    """Call a meeting off, or it and all that follow in its series."""
    now = db.utcnow()
    today = local_date(now)
    with writing() as session:
        gone = changing.cancel(session, current_actor(), meeting_id, **data, today=today, now=now)
        return [_meeting(s) for s in show(session, current_actor(), gone, today=today)]


@api.route("/meetings/<uuid:meeting_id>/people", methods=["POST"])
@api.arguments(AddPersonSchema)
@api.response(200, MeetingOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*BOOKERS)
def add_person(data: dict[str, Any], meeting_id: UUID) -> dict[str, Any]:
    """Let one more participant or colleague take part, and invite her alone."""
    now = db.utcnow()
    with writing() as session:
        changed = add(session, meeting_id, data, now=now)
        (shown,) = show(session, current_actor(), [changed], today=local_date(now))
        return _meeting(shown)


@api.route("/meetings/<uuid:meeting_id>/people/<uuid:person_id>/remove", methods=["POST"])
@api.arguments(RemovePersonSchema)
@api.response(200, MeetingOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*BOOKERS)
def remove_person(data: dict[str, Any], meeting_id: UUID, person_id: UUID) -> dict[str, Any]:
    """Let somebody no longer take part, and tell her if she has heard of it."""
    now = db.utcnow()
    today = local_date(now)
    with writing() as session:
        changed = people.remove_person(
            session, current_actor(), meeting_id, person_id, **data, today=today, now=now
        )
        (shown,) = show(session, current_actor(), [changed], today=today)
        return _meeting(shown)


@api.route("/meetings/<uuid:meeting_id>/attendance", methods=["POST"])
@api.arguments(WentJsonSchema)
@api.response(200, MeetingOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*BOOKERS)
def attendance(data: dict[str, Any], meeting_id: UUID) -> dict[str, Any]:
    """Write who came, how long it took and what was agreed."""
    now = db.utcnow()
    version = data.pop("version")
    came = {each["person_id"]: each["attendance"] for each in data.pop("attendance")}
    with writing() as session:
        changing.write_how_it_went(
            session,
            current_actor(),
            meeting_id,
            Went(attendance=came, **data),
            version=version,
            today=local_date(now),
            now=now,
        )
        return _meeting(
            booking.open_meeting(session, current_actor(), meeting_id, today=local_date(now))
        )


def _meeting(shown: Shown) -> dict[str, Any]:
    meeting = shown.meeting
    known: dict[str, Any] = {
        "id": None if shown.is_busy else meeting.id,
        "is_busy": shown.is_busy,
        "kind": shown.kind.code if shown.kind else None,
        "starts_at": meeting.starts_at,
        "ends_at": meeting.ends_at,
        "owner": shown.owner,
        "staff": list(shown.staff),
        "place": shown.place,
        "people": [
            {
                "id": person.row.id,
                "party": person.row.party,
                "name": person.name,
                "slot": person.row.slot,
                "attendance": person.row.attendance,
            }
            for person in shown.people
        ],
        "series_id": None,
        "is_cancelled": meeting.cancelled_at is not None,
        "interpreters_wanted": [],
        "lacks_interpreter": shown.lacks_interpreter,
        "version": None,
    }
    if shown.is_busy:
        return known
    return known | {
        "series_id": meeting.series_id,
        "interpreters_wanted": [booked.language for booked in meeting.interpreters],
        "version": meeting.version,
    }
