"""Pages of a placement's schedule: the picture of the weeks, its phases, days without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.errors import Conflict, Invalid, NotFound, RuleViolation
from matchsvc.placements.access import READERS
from matchsvc.schedules import rules, schemas, wording
from matchsvc.schedules.calendar import schedule_calendar
from matchsvc.schedules.models import SchedulePhase
from matchsvc.schedules.weeks import clock, read_days
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

pages = Blueprint(
    "schedules",
    __name__,
    url_prefix="/placements/<uuid:placement_id>/schedule",
    template_folder="templates",
)
FORM_ERRORS = (Invalid, RuleViolation, Conflict)


@pages.get("")
@requires(*READERS)
def show(placement_id: UUID) -> ResponseReturnValue:
    """The weeks, the phases and the days without."""
    return _page(placement_id, {}, {})


@pages.get("/phases/new")
@requires(*READERS)
def show_new(placement_id: UUID) -> ResponseReturnValue:
    """Propose times from a day on; the latest phase's times are filled in."""
    return _phase_page(placement_id, None, None, {}), 200


@pages.post("/phases/new")
@requires(*READERS)
def submit_new(placement_id: UUID) -> ResponseReturnValue:
    """Save a proposal."""
    try:
        data = load_form(schemas.PhaseSchema())
        content = schemas.content_of(data)
        with writing() as session:
            rules.add_phase(session, current_actor(), placement_id, content, today=day_of_request())
    except FORM_ERRORS as error:
        page = _phase_page(placement_id, None, request.form, field_errors(error))
        return page, STATUS[type(error)]
    return _back(placement_id, "phase")


@pages.get("/phases/<uuid:phase_id>")
@requires(*READERS)
def show_phase(placement_id: UUID, phase_id: UUID) -> ResponseReturnValue:
    """Change a phase."""
    return _phase_page(placement_id, phase_id, None, {}), 200


@pages.post("/phases/<uuid:phase_id>")
@requires(*READERS)
def submit_phase(placement_id: UUID, phase_id: UUID) -> ResponseReturnValue:
    """Save a changed phase."""
    try:
        data = load_form(schemas.PhaseSchema())
        content = schemas.content_of(data)
        with writing() as session:
            rules.change_phase(
                session,
                current_actor(),
                placement_id,
                phase_id,
                content,
                version=data["version"],
                today=day_of_request(),
            )
    except FORM_ERRORS as error:
        page = _phase_page(placement_id, phase_id, request.form, field_errors(error))
        return page, STATUS[type(error)]
    return _back(placement_id, "phase")


@pages.post("/phases/<uuid:phase_id>/agree")
@requires(*READERS)
def submit_agreement(placement_id: UUID, phase_id: UUID) -> ResponseReturnValue:
    """Both agree on it."""
    return _act(
        placement_id,
        lambda session: rules.agree_phase(
            session,
            current_actor(),
            placement_id,
            phase_id,
            **load_form(schemas.AgreeSchema()),
            today=day_of_request(),
        ),
        "agreed",
    )


@pages.post("/phases/<uuid:phase_id>/remove")
@requires(*READERS)
def submit_removal(placement_id: UUID, phase_id: UUID) -> ResponseReturnValue:
    """Take a phase away."""
    return _act(
        placement_id,
        lambda session: rules.remove_phase(
            session, current_actor(), placement_id, phase_id, today=day_of_request()
        ),
        "removed",
    )


@pages.post("/breaks")
@requires(*READERS)
def submit_break(placement_id: UUID) -> ResponseReturnValue:
    """Note days when nobody is there."""
    return _act(
        placement_id,
        lambda session: rules.add_break(
            session,
            current_actor(),
            placement_id,
            **load_form(schemas.BreakSchema()),
            today=day_of_request(),
        ),
        "break",
    )


@pages.post("/breaks/<uuid:break_id>/remove")
@requires(*READERS)
def submit_break_removal(placement_id: UUID, break_id: UUID) -> ResponseReturnValue:
    """Take days back."""
    return _act(
        placement_id,
        lambda session: rules.remove_break(
            session, current_actor(), placement_id, break_id, today=day_of_request()
        ),
        "removed",
    )


@pages.get("/schedule.ics")
@requires(*READERS)
def download(placement_id: UUID) -> ResponseReturnValue:
    """The agreed times for a calendar; names the workplace, nobody else."""
    with reading() as session:
        schedule = rules.read_schedule(
            session, current_actor(), placement_id, today=day_of_request()
        )
        site = schedule.seen.site.name
        made = schedule_calendar(
            schedule, title=_("Tid på %(site)s", site=site), place=site, now=db.utcnow()
        )
    headers = {"Content-Disposition": 'attachment; filename="schema.ics"'}
    return Response(made, content_type="text/calendar; charset=utf-8", headers=headers)


def _act(placement_id: UUID, rule: Callable[[Session], object], saved: str) -> ResponseReturnValue:
    try:
        with writing() as session:
            rule(session)
    except FORM_ERRORS as error:
        return _page(placement_id, request.form, field_errors(error)), STATUS[type(error)]
    return _back(placement_id, saved)


def _back(placement_id: UUID, saved: str) -> ResponseReturnValue:
    return redirect(url_for("schedules.show", placement_id=placement_id, saved=saved), 303)


def _page(placement_id: UUID, form: Any, errors: dict[str, str]) -> str:
    with reading() as session:
        schedule = rules.read_schedule(
            session, current_actor(), placement_id, today=day_of_request()
        )
        return render_template(
            "schedules/show.html",
            schedule=schedule,
            hours={each.id: rules.hours_of(each) for each in schedule.phases},
            times={each.id: wording.words_of(read_days(each.days)) for each in schedule.phases},
            words=wording,
            today=day_of_request(),
            form=form,
            errors=errors,
            saved=request.args.get("saved"),
        )


def _phase_page(
    placement_id: UUID, phase_id: UUID | None, form: Any, errors: dict[str, str]
) -> str:
    with reading() as session:
        schedule = rules.read_schedule(
            session, current_actor(), placement_id, today=day_of_request()
        )
        phase = next((each for each in schedule.phases if each.id == phase_id), None)
        if phase_id is not None and phase is None:
            raise NotFound("schedule_phase")
        filled = phase or (schedule.phases[-1] if schedule.phases else None)
        first = _first_values(filled, with_day=phase is not None)
        if not schedule.phases and phase is None:
            first["starts_on"] = schedule.seen.placement.start_date.isoformat()
        return render_template(
            "schedules/phase.html",
            schedule=schedule,
            phase=phase,
            form=form if form is not None else first,
            words=wording,
            errors=errors,
        )


def _first_values(phase: SchedulePhase | None, *, with_day: bool) -> dict[str, str]:
    if phase is None:
        return {}
    values = {}
    for each in read_days(phase.days):
        values[f"start_{each.weekday}"] = each.start.strftime("%H.%M")
        values[f"end_{each.weekday}"] = each.end.strftime("%H.%M")
    if with_day:
        values["starts_on"] = phase.starts_on.isoformat()
        for name in ("step_up", "hold", "step_back"):
            values[name] = getattr(phase, name) or ""
    return values


@pages.app_template_filter("schedule_clock")
def clock_filter(times: Any) -> str:
    """Times of a day as the page writes them."""
    return clock(times)
