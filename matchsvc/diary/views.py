"""Pages of meetings: the day, the week, booking, and everything about one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from matchsvc import db
from matchsvc.accounts import audit
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.diary import booking, changing, people, rooms, wording
from matchsvc.diary.access import BOOKERS, READERS, Shown, show
from matchsvc.diary.checks import CLASH
from matchsvc.diary.choices import choices_for, ids_of_aliases
from matchsvc.diary.schemas import (
    OUTSIDERS,
    AddPersonSchema,
    BookFormSchema,
    CancelSchema,
    DiaryQuerySchema,
    FreeSlotSchema,
    HandOverSchema,
    InterpreterSchema,
    MoveSchema,
    RemovePersonSchema,
    RoomSchema,
    SlotSchema,
    WentSchema,
    plan_from_form,
)
from matchsvc.errors import Conflict, DomainError, Invalid, RuleViolation
from matchsvc.messages.rules import READERS as MESSAGE_READERS
from matchsvc.participants.access import get_visible
from matchsvc.swedish import STOCKHOLM, local_date, working_day_on_or_after
from matchsvc.web.forms import load_form, load_query
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.workday.invitations import Entry, calendar_text
from matchsvc.workday.meeting_models import Attendance, Meeting
from matchsvc.workday.meeting_plans import Interpreting, participants_on
from matchsvc.workday.meeting_reads import count_with, ownerless
from matchsvc.workday.meeting_types import MEETING_TYPES, Party
from matchsvc.workday.meetings import Went, slot_times

pages = Blueprint("diary", __name__, url_prefix="/meetings", template_folder="templates")
#: What shows the form again; refusals and the unknown have pages of their own.
FORM_ERRORS = (Invalid, RuleViolation, Conflict)
_WEEK = 7
_WEEKDAYS = 5


def days_of(view: str, day: date) -> list[date]:
    """The days that a view shows: one, or Monday to Sunday."""
    if view != "week":
        return [day]
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=number) for number in range(_WEEK)]


@pages.get("")
@requires(*READERS)
def list_() -> ResponseReturnValue:
    """A day or a week, one's own or the unit's."""
    return _list_page(load_query(DiaryQuerySchema()), {}), 200


def _list_page(query: dict[str, Any], errors: dict[str, str]) -> str:
    today, actor = day_of_request(), current_actor()
    view = "week" if query["view"] == "week" else "day"
    whole_unit = query["of"] == "unit"
    chosen = query["day"] or today
    days = days_of(view, chosen)
    with reading() as session:
        shown = booking.read_days(
            session, actor, days[0], days[-1], whole_unit=whole_unit, today=today, cancelled=True
        )
        lost: list[Shown] = []
        if whole_unit and actor.has_role(Role.UNIT_MANAGER) and actor.unit_id:
            lost = show(
                session, actor, ownerless(session, actor.unit_id, now=db.utcnow()), today=today
            )
        by_day = {day: [s for s in shown if local_date(s.meeting.starts_at) == day] for day in days}
        if not any(by_day[day] for day in days[_WEEKDAYS:]):
            days = days[:_WEEKDAYS]
        return render_template(
            "diary/list.html",
            days=[(day, by_day[day]) for day in days],
            view=view,
            of="unit" if whole_unit else "me",
            chosen=chosen,
            step=timedelta(days=_WEEK if view == "week" else 1),
            today=today,
            now=db.utcnow(),
            may_book=actor.has_role(*BOOKERS),
            is_manager=actor.has_role(Role.UNIT_MANAGER),
            lost=lost,
            errors=errors,
            form=request.form,
            staff=choices_for(session, actor, employer_id=None, today=today).staff if lost else [],
            wording=wording,
        )


@pages.get("/calendar.ics")
@requires(*READERS)
def download() -> ResponseReturnValue:
    """One's own day or week as a file for another calendar; protected people without words."""
    query, today, actor = load_query(DiaryQuerySchema()), day_of_request(), current_actor()
    days = days_of(query["view"], query["day"] or today)
    with reading() as session:
        shown = booking.read_days(session, actor, days[0], days[-1], today=today)
        quiet = booking.quiet_among(session, [each.meeting for each in shown])
        entries = [_entry(each, is_quiet=each.meeting.id in quiet) for each in shown]
        text = calendar_text(entries, now=db.utcnow())
        audit.record(session, actor, "export", "meeting")
    name = f"meetings-{days[0].isoformat()}.ics"
    return Response(
        text,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _entry(shown: Shown, *, is_quiet: bool) -> Entry:
    if is_quiet:
        return Entry(shown.meeting, str(_("Upptagen")), None)
    # The file leaves the house: aliases, never names.
    aliases = [person.alias for person in shown.people if person.alias]
    title = " ".join([wording.kind_words(shown.kind), *aliases])
    return Entry(shown.meeting, title, shown.place)


@pages.get("/new")
@requires(*BOOKERS)
def show_new() -> ResponseReturnValue:
    """The form, filled with what is known of the participant."""
    today = day_of_request()
    form: MultiDict[str, Any] = MultiDict({"invite": "1"})
    for name in ("kind", "employer"):
        if request.args.get(name):
            form[name] = request.args[name]
    day = request.args.get("day") or working_day_on_or_after(today).isoformat()
    form["day"] = day
    with reading() as session:
        key = request.args.get("participant")
        if key:
            person = get_visible(session, current_actor(), key, today=today)
            form["participants"] = person.alias
            if person.interpreter and person.contact_language in wording.LANGUAGES:
                form["language"] = person.contact_language
        return _new_page(session, form, {})


@pages.post("/new")
@requires(*BOOKERS)
def submit_new() -> ResponseReturnValue:
    """Book it."""
    now = db.utcnow()
    try:
        data = load_form(BookFormSchema(), ignore=("preview",))
        if "preview" in request.form:
            return _preview_page(data, now)
        with writing() as session:
            first = _book(session, data, now)[0].id
    except FORM_ERRORS as error:
        with reading() as session:
            page = _new_page(session, request.form, field_errors(error), error)
        return page, STATUS[type(error)]
    return redirect(url_for("diary.show_meeting", meeting_id=first, saved="booked"), 303)


def _book(session: Session, data: dict[str, Any], now: datetime) -> list[Meeting]:
    actor, today = current_actor(), local_date(now)
    whom = ids_of_aliases(session, actor, data["participants"], today=today)
    return booking.book(
        session,
        actor,
        plan_from_form(data, whom),
        owner_id=data["owner_id"],
        every_weeks=data["every_weeks"],
        times=data["times"],
        pass_clashes=data["pass_clashes"],
        invite=data["invite"],
        today=today,
        now=now,
    )


def _preview_page(data: dict[str, Any], now: datetime) -> ResponseReturnValue:
    """The letters that booking would send, word for word: it is booked, read and taken back."""
    with db.begin() as session, session.begin_nested() as trial:
        letters = booking.letters_about(session, _book(session, data, now)[0].id)
        trial.rollback()
    with reading() as session:
        return _new_page(session, request.form, {}, letters=letters), 200


def _new_page(
    session: Session,
    form: MultiDict[str, Any],
    errors: dict[str, str],
    error: DomainError | None = None,
    letters: Sequence[booking.Letter] | None = None,
) -> str:
    actor, employer = current_actor(), form.get("employer", type=UUID)
    return render_template(
        "diary/new.html",
        form=form,
        errors=errors,
        is_clash=error is not None and error.code == CLASH,
        choices=choices_for(session, actor, employer_id=employer, today=day_of_request()),
        outsiders=OUTSIDERS,
        me=actor.user_id,
        wording=wording,
        letters=letters,
    )


@pages.get("/rooms")
@requires(Role.UNIT_MANAGER, Role.PLACEMENT_COORDINATOR)
def show_rooms() -> ResponseReturnValue:
    """The rooms that the unit books."""
    return _rooms_page({}), 200


@pages.post("/rooms")
@requires(Role.UNIT_MANAGER, Role.PLACEMENT_COORDINATOR)
def submit_room() -> ResponseReturnValue:
    """A room more."""
    try:
        data = load_form(RoomSchema())
        with writing() as session:
            rooms.add_room(session, current_actor(), data["name"])
    except FORM_ERRORS as error:
        return _rooms_page(field_errors(error)), STATUS[type(error)]
    return redirect(url_for("diary.show_rooms"), 303)


@pages.post("/rooms/<uuid:room_id>/close")
@requires(Role.UNIT_MANAGER, Role.PLACEMENT_COORDINATOR)
def submit_close_room(room_id: UUID) -> ResponseReturnValue:
    """A room that is no longer booked."""
    with writing() as session:
        rooms.close_room(session, current_actor(), room_id)
    return redirect(url_for("diary.show_rooms"), 303)


def _rooms_page(errors: dict[str, str]) -> str:
    with reading() as session:
        return render_template(
            "diary/rooms.html",
            rooms=rooms.list_own_rooms(session, current_actor()),
            errors=errors,
            form=request.form,
        )


@pages.post("/hand-over")
@requires(*BOOKERS)
def submit_hand_over() -> ResponseReturnValue:
    """Let a colleague answer for meetings."""
    now = db.utcnow()
    try:
        data = load_form(HandOverSchema())
        with writing() as session:
            changing.move_meetings(
                session,
                current_actor(),
                data["meetings"],
                data["to_user"],
                today=local_date(now),
                now=now,
            )
    except FORM_ERRORS as error:
        query = {"day": None, "view": "week", "of": "unit"}
        return _list_page(query, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("diary.list_", of="unit", view="week"), 303)


@pages.get("/<uuid:meeting_id>")
@requires(*READERS)
def show_meeting(meeting_id: UUID) -> ResponseReturnValue:
    """One meeting."""
    return _page(meeting_id, {}), 200


def _page(
    meeting_id: UUID,
    errors: dict[str, str],
    *,
    about: str = "",
    error: DomainError | None = None,
) -> str:
    today, now = day_of_request(), db.utcnow()
    with reading() as session:
        actor = current_actor()
        shown = booking.open_meeting(session, actor, meeting_id, today=today)
        meeting, kind = shown.meeting, MEETING_TYPES[shown.meeting.kind]
        number = None
        whom = participants_on(meeting)
        if kind.usual and len(whom) == 1:
            number = 1 + count_with(session, whom[0], kind.code, before=meeting.starts_at)
        by_slot = {p.row.slot: p for p in shown.people if p.row.slot}
        taken = {p.slot for p in meeting.people if p.slot}
        return render_template(
            "diary/show.html",
            sees_letters=actor.has_role(*MESSAGE_READERS),
            s=shown,
            meeting=meeting,
            kind=kind,
            number=number,
            slots=[
                (n, start, by_slot.get(n), n in taken)
                for n, (start, _end) in enumerate(slot_times(meeting), start=1)
            ],
            outsiders=[p for p in shown.people if p.row.party is not Party.STAFF],
            colleagues=[p for p in shown.people if p.row.party is Party.STAFF],
            local_start=meeting.starts_at.astimezone(STOCKHOLM),
            choices=choices_for(session, actor, employer_id=None, today=today),
            may_book=actor.has_role(*BOOKERS),
            has_begun=meeting.starts_at <= now,
            saved=request.args.get("saved"),
            errors=errors,
            about=about,
            form=request.form,
            is_clash=error is not None and error.code == CLASH,
            is_conflict=isinstance(error, Conflict),
            attendance=list(Attendance),
            today=today,
            wording=wording,
        )


def _submit(
    meeting_id: UUID, rule: Callable[[Session], object], *, about: str, saved: str
) -> ResponseReturnValue:
    """Run one rule; show the page again when it is refused, with what was typed."""
    try:
        with writing() as session:
            rule(session)
    except FORM_ERRORS as error:
        errors = field_errors(error)
        if about == "tider":  # each slot has a field of its own
            errors = {about: " ".join(errors.values())}
        page = _page(meeting_id, errors, about=about, error=error)
        return page, STATUS[type(error)]
    return redirect(url_for("diary.show_meeting", meeting_id=meeting_id, saved=saved), 303)


@pages.post("/<uuid:meeting_id>/move")
@requires(*BOOKERS)
def submit_move(meeting_id: UUID) -> ResponseReturnValue:
    """Another time or place."""
    now = db.utcnow()

    def rule(session: Session) -> object:
        data = load_form(MoveSchema())
        return changing.move(
            session, current_actor(), meeting_id, **data, today=local_date(now), now=now
        )

    return _submit(meeting_id, rule, about="flytta", saved="moved")


@pages.post("/<uuid:meeting_id>/cancel")
@requires(*BOOKERS)
def submit_cancel(meeting_id: UUID) -> ResponseReturnValue:
    """It does not take place."""
    now = db.utcnow()

    def rule(session: Session) -> object:
        data = load_form(CancelSchema())
        return changing.cancel(
            session, current_actor(), meeting_id, **data, today=local_date(now), now=now
        )

    return _submit(meeting_id, rule, about="avboka", saved="cancelled")


@pages.post("/<uuid:meeting_id>/went")
@requires(*BOOKERS)
def submit_went(meeting_id: UUID) -> ResponseReturnValue:
    """Who came, how long it took, what was agreed."""
    now = db.utcnow()

    def rule(session: Session) -> object:
        came = {name: word for name, word in request.form.items() if name.startswith("came_")}
        data = load_form(WentSchema(), ignore=tuple(came))
        version = data.pop("version")
        return changing.write_how_it_went(
            session,
            current_actor(),
            meeting_id,
            Went(attendance=_attendance(came), **data),
            version=version,
            today=local_date(now),
            now=now,
        )

    return _submit(meeting_id, rule, about="efterat", saved="went")


def _attendance(came: dict[str, str]) -> dict[UUID, Attendance]:
    try:
        return {
            UUID(name.removeprefix("came_")): Attendance(word)
            for name, word in came.items()
            if word
        }
    except ValueError:
        raise Invalid({"": _("Välj ett av alternativen.")}) from None


@pages.post("/<uuid:meeting_id>/interpreter")
@requires(*BOOKERS)
def submit_interpreter(meeting_id: UUID) -> ResponseReturnValue:
    """Ask for an interpreter, or say how far it has come."""

    def rule(session: Session) -> object:
        data = load_form(InterpreterSchema())
        version = data.pop("version")
        wanted = Interpreting(**data | {"wishes": tuple(data["wishes"])})
        return changing.set_interpreter(
            session, current_actor(), meeting_id, wanted, version=version, today=day_of_request()
        )

    return _submit(meeting_id, rule, about="tolk", saved="interpreter")


@pages.post("/<uuid:meeting_id>/people")
@requires(*BOOKERS)
def submit_person(meeting_id: UUID) -> ResponseReturnValue:
    """One more on the meeting."""
    now = db.utcnow()

    def rule(session: Session) -> object:
        data = load_form(AddPersonSchema())
        return add(session, meeting_id, data, now=now)

    return _submit(meeting_id, rule, about="vilka", saved="people")


def add(session: Session, meeting_id: UUID, data: dict[str, Any], *, now: datetime) -> Meeting:
    """Add whom the form or the call names: a participant by alias, or a colleague."""
    actor, today = current_actor(), local_date(now)
    alias = data.pop("participant") or ""
    found = ids_of_aliases(session, actor, alias, today=today)
    return people.add_person(
        session, actor, meeting_id, participant_id=found[0] if found else None,
        staff_id=data.pop("staff"), **data, today=today, now=now,
    )  # fmt: skip


@pages.post("/<uuid:meeting_id>/people/<uuid:person_id>/remove")
@requires(*BOOKERS)
def submit_remove_person(meeting_id: UUID, person_id: UUID) -> ResponseReturnValue:
    """One fewer on the meeting."""
    now = db.utcnow()

    def rule(session: Session) -> object:
        data = load_form(RemovePersonSchema())
        return people.remove_person(
            session, current_actor(), meeting_id, person_id, **data, today=local_date(now), now=now
        )

    return _submit(meeting_id, rule, about="vilka", saved="people")


@pages.post("/<uuid:meeting_id>/slots")
@requires(*BOOKERS)
def submit_slot(meeting_id: UUID) -> ResponseReturnValue:
    """Give a participant a slot."""

    def rule(session: Session) -> object:
        data = load_form(SlotSchema())
        return changing.give_slot(
            session, current_actor(), meeting_id, **data, today=day_of_request()
        )

    return _submit(meeting_id, rule, about="tider", saved="slot")


@pages.post("/<uuid:meeting_id>/slots/free")
@requires(*BOOKERS)
def submit_free_slot(meeting_id: UUID) -> ResponseReturnValue:
    """Empty a slot."""

    def rule(session: Session) -> object:
        data = load_form(FreeSlotSchema())
        return changing.take_slot_back(
            session, current_actor(), meeting_id, **data, today=day_of_request()
        )

    return _submit(meeting_id, rule, about="tider", saved="slot")
