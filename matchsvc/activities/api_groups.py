"""JSON of groups, sessions, attendance and a person's activities: the rules of the pages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.activities import attendance, groups, members, of_person
from matchsvc.activities import schemas as shapes
from matchsvc.activities.attendance import Share, Sheet
from matchsvc.activities.catalogue import READERS
from matchsvc.activities.groups import PLANNERS, GroupLine
from matchsvc.activities.models import GroupSession
from matchsvc.participants.frame import CHANGERS
from matchsvc.swedish import local_date
from matchsvc.web.api import api_blueprint, errors

api = api_blueprint("activity_groups", "/activities", "Groups, sessions and attendance.")


@api.get("/groups")
@api.arguments(shapes.OverSchema, location="query")
@api.response(200, shapes.GroupOutSchema(many=True))
@errors(api, 401, 403)
@requires(*READERS)
def list_groups(query: dict[str, Any]) -> list[dict[str, Any]]:
    """The unit's groups that still meet, or those that are over."""
    with reading() as session:
        lines = groups.list_groups(session, current_actor(), now=db.utcnow(), over=query["over"])
        return [_group(line) for line in lines]


@api.post("/<uuid:activity_id>/groups")
@api.arguments(shapes.StartGroupSchema)
@api.response(201, shapes.GroupOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*PLANNERS)
def start_group(data: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Begin a group with its series of sessions."""
    now = db.utcnow()
    with writing() as session:
        group = groups.start_group(
            session,
            current_actor(),
            activity_id,
            shapes.group_of(data),
            shapes.series_of(data),
            today=local_date(now),
        )
        return _group(groups.line_of(session, group, now=now))


@api.get("/groups/<uuid:group_id>")
@api.response(200, shapes.GroupReadSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def show_group(group_id: UUID) -> dict[str, Any]:
    """One group with its sessions and those in it whom the caller may know of."""
    now, actor = db.utcnow(), current_actor()
    with reading() as session:
        group = groups.get_group(session, actor, group_id)
        shown = members.list_members(session, actor, group, today=local_date(now))
        return _group(groups.line_of(session, group, now=now)) | {
            "sessions": group.sessions,
            "members": [
                {
                    "id": each.member.id,
                    "alias": each.alias,
                    "name": each.name,
                    "has_place": each.has_place,
                }
                for each in shown
            ],
        }


@api.put("/groups/<uuid:group_id>")
@api.arguments(shapes.ChangeGroupSchema)
@api.response(200, shapes.GroupOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def change_group(data: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """Change who leads the group, its places and languages."""
    now = db.utcnow()
    with writing() as session:
        group = groups.change_group(
            session,
            current_actor(),
            group_id,
            shapes.group_of(data),
            version=data["version"],
            today=local_date(now),
        )
        return _group(groups.line_of(session, group, now=now))


@api.post("/groups/<uuid:group_id>/sessions")
@api.arguments(shapes.AddSessionsSchema)
@api.response(201, shapes.SessionOutSchema(many=True))
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def add_sessions(data: dict[str, Any], group_id: UUID) -> list[GroupSession]:
    """Let the group meet more times."""
    with writing() as session:
        return groups.add_sessions(
            session,
            current_actor(),
            group_id,
            shapes.series_of(data),
            today=local_date(db.utcnow()),
        )


@api.post("/groups/<uuid:group_id>/members")
@api.arguments(shapes.JoinSchema)
@api.response(201, shapes.JoinedSchema)
@errors(api, 401, 403, 404, 409)
@requires(*CHANGERS)
def join_group(data: dict[str, Any], group_id: UUID) -> Any:
    """Give a participant a place, or put her last on the waiting list (``joined_on`` null)."""
    now = db.utcnow()
    with writing() as session:
        return members.join(
            session, current_actor(), group_id, data["participant"], today=local_date(now), now=now
        )


@api.delete("/groups/<uuid:group_id>/members/<uuid:member_id>")
@api.response(204)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def leave_group(group_id: UUID, member_id: UUID) -> None:
    """Let somebody leave; who has waited longest gets the place."""
    with writing() as session:
        members.leave(session, current_actor(), group_id, member_id, today=local_date(db.utcnow()))


@api.post("/sessions/<uuid:session_id>/move")
@api.arguments(shapes.MoveSessionSchema)
@api.response(200, shapes.SessionOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def move_session(data: dict[str, Any], session_id: UUID) -> GroupSession:
    """Another time or room for one session."""
    with writing() as session:
        return groups.move_session(
            session,
            current_actor(),
            session_id,
            shapes.series_of(data),
            reason=data["reason"],
            version=data["version"],
            today=local_date(db.utcnow()),
        )


@api.post("/sessions/<uuid:session_id>/cancel")
@api.arguments(shapes.CancelSessionSchema)
@api.response(200, shapes.SessionOutSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def cancel_session(data: dict[str, Any], session_id: UUID) -> GroupSession:
    """Call one session off."""
    with writing() as session:
        return groups.cancel_session(session, current_actor(), session_id, **data, now=db.utcnow())


@api.get("/sessions/<uuid:session_id>")
@api.response(200, shapes.SheetSchema)
@errors(api, 401, 403, 404)
@requires(*READERS)
def show_attendance(session_id: UUID) -> Sheet:
    """The list of a session with who came."""
    with reading() as session:
        return attendance.read_sheet(
            session, current_actor(), session_id, today=local_date(db.utcnow())
        )


@api.post("/sessions/<uuid:session_id>/attendance")
@api.arguments(shapes.AttendanceSchema)
@api.response(200, shapes.SheetSchema)
@errors(api, 401, 403, 404, 409)
@requires(*READERS)
def write_attendance(data: dict[str, Any], session_id: UUID) -> Sheet:
    """Write who came, never why not; a stale version is a conflict."""
    now = db.utcnow()
    with writing() as session:
        return attendance.write_attendance(
            session,
            current_actor(),
            session_id,
            {each["member_id"]: each["mark"] for each in data["marks"]},
            rest=data["rest"],
            version=data["version"],
            today=local_date(now),
            now=now,
        )


@api.get("/of/<key>")
@api.arguments(shapes.PersonFilterSchema, location="query")
@api.response(200, shapes.PersonActivitiesSchema)
@errors(api, 401, 403, 404)
@requires(*CHANGERS)
def show_person(query: dict[str, Any], key: str) -> dict[str, Any]:
    """A participant's activities, how often she came and what she can choose; for her worker."""
    now = db.utcnow()
    with reading() as session:
        found = of_person.read_person(
            session, current_actor(), key, **query, today=local_date(now), now=now
        )
    return {
        "orientation": found.orientation,
        "places": [
            {
                "group_id": each.group.id,
                "activity": each.group.activity.name,
                "group": each.group.name,
                "joined_on": each.member.joined_on,
                "left_on": each.member.left_on,
                "share": _share(each.share),
            }
            for each in found.places
        ],
        "share": _share(found.share),
        "choosable": [each.activity for each in found.choosable],
        "group_minutes": found.group_minutes,
        "note_minutes": found.note_minutes,
    }


def _share(share: Share) -> dict[str, Any]:
    return asdict(share) | {"of": share.of, "percent": share.percent}


def _group(line: GroupLine) -> dict[str, Any]:
    names = (
        *("id", "activity_id", "name", "leader_id", "capacity"),
        *("languages", "interpreter", "version"),
    )
    return {name: getattr(line.group, name) for name in names} | {
        "activity": line.group.activity.name,
        "free": line.free,
        "next_at": line.next.starts_at if line.next else None,
    }
