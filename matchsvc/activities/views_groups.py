"""Pages of groups: one group, its sessions, who came, and one person's activities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import User
from matchsvc.accounts.rules import list_users
from matchsvc.activities import attendance, catalogue, groups, members, of_person, wording
from matchsvc.activities.catalogue import READERS
from matchsvc.activities.groups import PLANNERS
from matchsvc.activities.models import Mark
from matchsvc.activities.schemas import (
    AddSessionsSchema,
    AttendanceFormSchema,
    CancelSessionSchema,
    ChangeGroupSchema,
    JoinSchema,
    MoveSessionSchema,
    PersonFilterSchema,
    StartGroupSchema,
    group_of,
    series_of,
)
from matchsvc.errors import Conflict, DomainError, Invalid
from matchsvc.participants.frame import CHANGERS, FORM_ERRORS
from matchsvc.swedish import STOCKHOLM, local_date, working_day_on_or_after
from matchsvc.web.forms import load_form, load_query
from matchsvc.web.problems import STATUS, field_errors

group_pages = Blueprint("groups", __name__)
_MARK = "mark_"


@group_pages.get("/<uuid:activity_id>/groups/new")
@requires(*PLANNERS)
def show_new(activity_id: UUID) -> ResponseReturnValue:
    """A new group of an activity."""
    return _new_page(activity_id, None, {}), 200


@group_pages.post("/<uuid:activity_id>/groups/new")
@requires(*PLANNERS)
def submit_new(activity_id: UUID) -> ResponseReturnValue:
    """Begin it with its sessions."""
    try:
        data = load_form(StartGroupSchema())
        with writing() as session:
            made = groups.start_group(
                session,
                current_actor(),
                activity_id,
                group_of(data),
                series_of(data),
                today=day_of_request(),
            )
            key = made.id
    except FORM_ERRORS as error:
        return _new_page(activity_id, request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("activities.groups.show_group", group_id=key, saved="made"), 303)


def _new_page(activity_id: UUID, form: Mapping[str, Any] | None, errors: Mapping[str, str]) -> str:
    with reading() as session:
        actor = current_actor()
        activity = catalogue.get_activity(session, actor, activity_id)
        catalogue.refuse_ended(activity)
        if form is None:
            form = {
                "day": working_day_on_or_after(day_of_request()),
                "at": "09.00",
                "minutes": activity.minutes,
                "times": activity.sessions,
                "capacity": activity.size,
                "leader_id": actor.user_id,
                "limit_reason": activity.limit_reason,
            }
        return render_template(
            "activities/group_form.html",
            activity=activity,
            form=form,
            chosen=request.form.getlist("languages"),
            errors=errors,
            staff=_staff(session),
            wording=wording,
        )


def _staff(session: Session) -> list[tuple[UUID, str]]:
    return [(user.id, user.name) for user in list_users(session, current_actor().unit_id)]


@group_pages.get("/groups/<uuid:group_id>")
@requires(*READERS)
def show_group(group_id: UUID) -> ResponseReturnValue:
    """One group: when it meets, who has a place, who waits."""
    return _group_page(group_id, {}), 200


def _group_page(
    group_id: UUID,
    errors: Mapping[str, str],
    *,
    about: str = "",
    error: DomainError | None = None,
) -> str:
    actor, now = current_actor(), db.utcnow()
    with reading() as session:
        group = groups.get_group(session, actor, group_id)
        shown = members.list_members(session, actor, group, today=local_date(now))
        leader = session.get(User, group.leader_id)
        back = about == "change"
        return render_template(
            "activities/group.html",
            steps=wording.unit_steps(session, current_actor()),
            group=group,
            activity=group.activity,
            line=groups.line_of(session, group, now=now),
            placed=[each for each in shown if each.has_place],
            waiting=[each for each in shown if not each.has_place],
            leader=leader,
            may_change=groups.may_change(actor, group),
            may_join=actor.has_role(*CHANGERS),
            may_plan=actor.has_role(*PLANNERS) and group.activity.ended_on is None,
            is_over=groups.is_over(group, today=local_date(now)),
            staff=_staff(session),
            chosen=request.form.getlist("languages") if back else group.languages,
            form=request.form,
            errors=errors,
            about=about,
            is_conflict=isinstance(error, Conflict),
            saved=request.args.get("saved"),
            now=now,
            today=local_date(now),
            wording=wording,
        )


def _submit(
    group_id: UUID, rule: Callable[[Session], object], *, about: str, saved: str
) -> ResponseReturnValue:
    """Run one rule; show the group again when it is refused, with what was typed."""
    try:
        with writing() as session:
            done = rule(session)
    except FORM_ERRORS as error:
        page = _group_page(group_id, field_errors(error), about=about, error=error)
        return page, STATUS[type(error)]
    told = "moved_up" if saved == "left" and done else saved
    return redirect(url_for("activities.groups.show_group", group_id=group_id, saved=told), 303)


@group_pages.post("/groups/<uuid:group_id>")
@requires(*READERS)
def submit_group(group_id: UUID) -> ResponseReturnValue:
    """Another leader, more places, other languages."""

    def rule(session: Session) -> object:
        data = load_form(ChangeGroupSchema())
        return groups.change_group(
            session,
            current_actor(),
            group_id,
            group_of(data),
            version=data["version"],
            today=day_of_request(),
        )

    return _submit(group_id, rule, about="change", saved="changed")


@group_pages.post("/groups/<uuid:group_id>/sessions")
@requires(*READERS)
def submit_sessions(group_id: UUID) -> ResponseReturnValue:
    """More times."""

    def rule(session: Session) -> object:
        data = load_form(AddSessionsSchema())
        return groups.add_sessions(
            session, current_actor(), group_id, series_of(data), today=day_of_request()
        )

    return _submit(group_id, rule, about="sessions", saved="sessions")


@group_pages.post("/groups/<uuid:group_id>/members")
@requires(*CHANGERS)
def submit_member(group_id: UUID) -> ResponseReturnValue:
    """Somebody gets a place, or waits for one."""
    now = db.utcnow()

    def rule(session: Session) -> object:
        data = load_form(JoinSchema())
        return members.join(
            session, current_actor(), group_id, data["participant"], today=local_date(now), now=now
        )

    return _submit(group_id, rule, about="join", saved="joined")


@group_pages.post("/groups/<uuid:group_id>/members/<uuid:member_id>/leave")
@requires(*READERS)
def submit_leave(group_id: UUID, member_id: UUID) -> ResponseReturnValue:
    """Somebody leaves the group or its waiting list."""

    def rule(session: Session) -> object:
        return members.leave(session, current_actor(), group_id, member_id, today=day_of_request())

    return _submit(group_id, rule, about="join", saved="left")


@group_pages.get("/sessions/<uuid:session_id>")
@requires(*READERS)
def show_session(session_id: UUID) -> ResponseReturnValue:
    """Who came to a session: one tap for each."""
    return _session_page(session_id, {}), 200


def _session_page(
    session_id: UUID,
    errors: Mapping[str, str],
    *,
    about: str = "",
    error: DomainError | None = None,
) -> str:
    actor, today = current_actor(), day_of_request()
    with reading() as session:
        sheet = attendance.read_sheet(session, actor, session_id, today=today)
        row = sheet.session
        return render_template(
            "activities/session.html",
            steps=wording.unit_steps(session, current_actor()),
            sheet=sheet,
            row=row,
            group=row.group,
            activity=row.group.activity,
            marks=_marks(sheet, back=about == "marks"),
            is_conflict=isinstance(error, Conflict),
            conflict=_differences(sheet, error),
            conflict_words=errors.get(""),
            local_start=row.starts_at.astimezone(STOCKHOLM),
            may_change=sheet.may_write and not row.cancelled_at and not row.marked_at,
            reasons=wording.choices(wording.REASON),
            reason_words=wording.REASON,
            form=request.form,
            errors={} if isinstance(error, Conflict) else errors,
            about=about,
            saved=request.args.get("saved"),
            today=today,
            wording=wording,
        )


def _marks(sheet: attendance.Sheet, *, back: bool) -> dict[UUID, str | None]:
    """The mark that each row shows: what was tapped, else what is saved."""
    return {
        each.member_id: (request.form.get(f"{_MARK}{each.member_id}") if back else None)
        or (each.mark.value if each.mark else None)
        for each in sheet.rows
    }


def _differences(sheet: attendance.Sheet, error: DomainError | None) -> list[dict[str, Any]]:
    """What the other has saved beside what was tapped, where they differ."""
    if not isinstance(error, Conflict):
        return []
    found = []
    for each in sheet.rows:
        mine = request.form.get(f"{_MARK}{each.member_id}")
        theirs = each.mark.value if each.mark else None
        if mine and mine != theirs:
            found.append(
                {
                    "label": each.name,
                    "mine": wording.MARK[Mark(mine)],
                    "theirs": wording.MARK[each.mark] if each.mark else None,
                }
            )
    return found


@group_pages.post("/sessions/<uuid:session_id>/attendance")
@requires(*READERS)
def submit_attendance(session_id: UUID) -> ResponseReturnValue:
    """Write who came."""
    now = db.utcnow()
    try:
        tapped = {name: word for name, word in request.form.items() if name.startswith(_MARK)}
        data = load_form(AttendanceFormSchema(), ignore=tuple(tapped))
        with writing() as session:
            attendance.write_attendance(
                session,
                current_actor(),
                session_id,
                _read_marks(tapped),
                **data,
                today=local_date(now),
                now=now,
            )
    except FORM_ERRORS as error:
        page = _session_page(session_id, field_errors(error), about="marks", error=error)
        return page, STATUS[type(error)]
    return redirect(
        url_for("activities.groups.show_session", session_id=session_id, saved="marked"), 303
    )


def _read_marks(tapped: Mapping[str, str]) -> dict[UUID, Mark]:
    try:
        return {UUID(name.removeprefix(_MARK)): Mark(word) for name, word in tapped.items() if word}
    except ValueError:
        raise Invalid({"": _("Välj ett av alternativen.")}) from None


@group_pages.post("/sessions/<uuid:session_id>/move")
@requires(*READERS)
def submit_move(session_id: UUID) -> ResponseReturnValue:
    """Another time or room."""

    def rule(session: Session) -> object:
        data = load_form(MoveSessionSchema())
        return groups.move_session(
            session,
            current_actor(),
            session_id,
            series_of(data),
            reason=data["reason"],
            version=data["version"],
            today=day_of_request(),
        )

    return _change(session_id, rule, about="move", saved="moved")


@group_pages.post("/sessions/<uuid:session_id>/cancel")
@requires(*READERS)
def submit_cancel(session_id: UUID) -> ResponseReturnValue:
    """It does not take place."""
    now = db.utcnow()

    def rule(session: Session) -> object:
        data = load_form(CancelSessionSchema())
        return groups.cancel_session(session, current_actor(), session_id, **data, now=now)

    return _change(session_id, rule, about="cancel", saved="cancelled")


def _change(
    session_id: UUID, rule: Callable[[Session], object], *, about: str, saved: str
) -> ResponseReturnValue:
    try:
        with writing() as session:
            rule(session)
    except FORM_ERRORS as error:
        page = _session_page(session_id, field_errors(error), about=about, error=error)
        return page, STATUS[type(error)]
    return redirect(
        url_for("activities.groups.show_session", session_id=session_id, saved=saved), 303
    )


@group_pages.get("/of/<key>")
@requires(*CHANGERS)
def show_person(key: str) -> ResponseReturnValue:
    """One person's groups, how often she came, and what she can choose."""
    query, now = load_query(PersonFilterSchema()), db.utcnow()
    with reading() as session:
        found = of_person.read_person(
            session, current_actor(), key, **query, today=local_date(now), now=now
        )
        placed = {each.group.id for each in found.places if each.member.left_on is None}
        return render_template(
            "activities/person.html",
            steps=wording.unit_steps(session, current_actor()),
            found=found,
            person=found.participant,
            placed=placed,
            everything=query["everything"],
            wording=wording,
        )
