"""The list of tasks: mine and the unit's, one or many at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.guard import STAFF, current_actor, day_of_request, reading, requires, writing
from matchsvc.accounts.rules import list_users, names_of
from matchsvc.errors import Conflict, Invalid, RuleViolation
from matchsvc.placements import task_schemas as schemas
from matchsvc.placements import wording
from matchsvc.placements.task_list import (
    LEADS,
    Span,
    changeable_tasks,
    give_tasks,
    list_tasks,
    my_tasks,
    unit_tasks,
)
from matchsvc.web.forms import load_form, load_query
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.workday import rules as tasks
from matchsvc.workday.models import Task
from matchsvc.workday.rules import Chosen
from matchsvc.workday.words import task_sentence

task_pages = Blueprint("tasks", __name__)
FORM_ERRORS = (Invalid, RuleViolation, Conflict)
#: One form has the fields of every act; each takes its own.
_BESIDE = {"to", "owner_id", "reason"}
#: Where the page of what a task is about lies.
_ABOUT = {
    "placement": "/placements/{}",
    "employer": "/employers/{}",
    "participant": "/participants/{}",
    "offer": "/offers/{}",
    "proposal": "/proposals/{}",
    "retention": "/retention",
    "log_checks": "/audit/samples",
    "user": "/users/{}",
    "meetings": "/meetings?of=unit&view=week",
    "placement_forms": "/placement-forms",
    "rights_request": "/rights/requests/{}",
    "record_request": "/rights/records/{}",
}


#: Tasks that are done on a page of their own below what they are about.
_DONE_AT = {
    "final_documentation": "/placements/{}/documents/final",
    "competence_card": "/placements/{}/documents/card",
    "certificate": "/placements/{}/documents/certificate",
    "support_question": "/placements/{}/support#fragor",
    "support_help": "/placements/{}/support#fragor",
    "review_employment": "/placements/{}/employment",
    "review_employment_again": "/placements/{}/employment",
    "job_follow_up": "/placements/of/{}",
    "closing_plan": "/placements/of/{}",
    "closing_meeting": "/placements/of/{}",
    "closing_documents": "/placements/of/{}",
}


def address_of(about: str, key: UUID, task: str = "") -> str | None:
    """Where the page of what a task is about lies, if it has one; ``task`` is the task's kind."""
    pattern = _DONE_AT.get(task) or _ABOUT.get(about)
    return pattern.format(key) if pattern else None


@task_pages.get("/tasks")
@requires(*STAFF)
def show_tasks() -> ResponseReturnValue:
    """Open tasks, the earliest due first: one's own, or the unit's."""
    return _page({}, {})


@task_pages.post("/tasks")
@requires(*STAFF)
def submit_task() -> ResponseReturnValue:
    """Make a task by hand."""
    actor = current_actor()
    try:
        data = load_form(schemas.WriteTaskSchema())
        with writing() as session:
            write(session, actor, data, today=day_of_request())
    except FORM_ERRORS as error:
        return _page(request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("placements.tasks.show_tasks", saved="written"), 303)


def write(session: Session, actor: Actor, data: dict[str, Any], *, today: date) -> Task:
    """Make a task from what a form or a program sent; about the unit itself unless told."""
    return tasks.write_task(
        session,
        actor,
        unit_id=actor.unit_id,  # type: ignore[arg-type]  # a user has one
        owner_id=data["owner_id"] or actor.require_user(),
        own_words=data["own_words"],
        about_type="unit",
        about_id=actor.unit_id,  # type: ignore[arg-type]
        due_on=data["due_on"],
        today=today,
    )


def chosen_of(session: Session, actor: Actor, data: dict[str, Any]) -> Chosen:
    """The tasks that were ticked, within what the actor may change."""
    reach = changeable_tasks(session, actor, today=day_of_request())
    return Chosen(dict(data.pop("chosen")), reach)


def _act(
    schema: schemas.ChosenTasksSchema, rule: Callable[..., Any], saved: str, **when: Any
) -> Any:
    actor = current_actor()
    try:
        data = load_form(schema, ignore=tuple(_BESIDE - schema.fields.keys()))
        with writing() as session:
            chosen = chosen_of(session, actor, data)
            found = rule(session, actor, chosen, **data, **when)
            one = found[0].id if len(found) == 1 else None
    except FORM_ERRORS as error:
        return _page(request.form, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("placements.tasks.show_tasks", saved=saved, undo=one), 303)


@task_pages.post("/tasks/done")
@requires(*STAFF)
def submit_done() -> ResponseReturnValue:
    """The ticked tasks are done; also from the button of My week, which names one."""
    if (named := request.args.get("chosen")) is not None:
        actor = current_actor()
        data = schemas.ChosenTasksSchema().load({"chosen": [named]})
        with writing() as session:
            chosen = chosen_of(session, actor, data)
            tasks.finish_tasks(session, actor, chosen, now=db.utcnow())
        return redirect(url_for("placements.week.show"), 303)
    answer: ResponseReturnValue = _act(
        schemas.ChosenTasksSchema(), tasks.finish_tasks, "done", now=db.utcnow()
    )
    return answer


@task_pages.post("/tasks/snooze")
@requires(*STAFF)
def submit_snooze() -> ResponseReturnValue:
    """The ticked tasks wait until a day."""
    answer: ResponseReturnValue = _act(
        schemas.SnoozeTasksSchema(), tasks.snooze_tasks, "snoozed", today=day_of_request()
    )
    return answer


@task_pages.post("/tasks/reassign")
@requires(*STAFF)
def submit_reassign() -> ResponseReturnValue:
    """The ticked tasks go to a colleague."""
    answer: ResponseReturnValue = _act(
        schemas.ReassignTasksSchema(), give_tasks, "reassigned", today=day_of_request()
    )
    return answer


@task_pages.post("/tasks/drop")
@requires(*STAFF)
def submit_drop() -> ResponseReturnValue:
    """The ticked tasks are not to be done, for a reason."""
    answer: ResponseReturnValue = _act(
        schemas.DropTasksSchema(), tasks.drop_tasks, "dropped", now=db.utcnow()
    )
    return answer


@task_pages.post("/tasks/<uuid:task_id>/undo")
@requires(*STAFF)
def submit_undo(task_id: UUID) -> ResponseReturnValue:
    """Take back what was just closed."""
    actor = current_actor()
    try:
        with writing() as session:
            reach = changeable_tasks(session, actor, today=day_of_request())
            tasks.reopen_task(session, actor, task_id, reach=reach, now=db.utcnow())
    except RuleViolation as error:
        return _page({}, field_errors(error)), STATUS[type(error)]
    return redirect(url_for("placements.tasks.show_tasks", saved="undone"), 303)


def _page(form: Any, errors: dict[str, str]) -> str:
    actor, today = current_actor(), day_of_request()
    query = load_query(schemas.TaskQuerySchema())
    leads = actor.has_role(*LEADS)
    of_unit = leads and query["whose"] == "unit"
    choose = unit_tasks if of_unit else my_tasks
    with reading() as session:
        found = list_tasks(
            session,
            actor,
            choose(session, actor, today=today),
            page=query["page"],
        )
        owners = {task.owner_id for task in found.tasks} | {
            UUID(task.origin[5:]) for task in found.tasks if task.origin.startswith("user:")
        }
        names = names_of(session, owners)
        groups = [
            (span, [_row(task, names, today, actor) for task in listed])
            for span, listed in found.grouped(today).items()
        ]
        chosen = set(form.getlist("chosen")) if hasattr(form, "getlist") else set()
        return render_template(
            "placements/tasks.html",
            found=found,
            groups=groups,
            spans=_span_words(),
            leads=leads,
            of_unit=of_unit,
            query=query,
            colleagues=_colleagues(session, actor),
            chosen={value.partition(":")[0] for value in chosen},
            form=form,
            errors=errors,
            saved=request.args.get("saved"),
            undo=request.args.get("undo"),
            today=today,
            soon=today + timedelta(days=7),
        )


def _colleagues(session: Session, actor: Actor) -> list[tuple[str, str]]:
    return [(str(user.id), user.name) for user in list_users(session, actor.unit_id)]


def sentence_of(task: Task) -> str:
    """What a task says, in the reader's language."""
    return task.own_words or _(task_sentence(task.kind), **task.words)


def _row(task: Task, names: dict[UUID | None, str], today: date, actor: Actor) -> dict[str, Any]:
    by_hand = task.origin.startswith("user:")
    origin = names.get(UUID(task.origin[5:])) if by_hand else _("av systemet")
    return {
        "value": f"{task.id}:{task.version}",
        "id": str(task.id),
        "what": sentence_of(task),
        "href": address_of(task.about_type, task.about_id, task.kind),
        "due_on": task.due_on,
        "first_due_on": task.first_due_on,
        "late": wording.late_words(task.due_on, today),
        "owner": names.get(task.owner_id) if task.owner_id != actor.user_id else None,
        "origin": origin if origin != actor.name else None,
    }


def _span_words() -> dict[Span, str]:
    return {
        Span.OVERDUE: _("Försenat"),
        Span.TODAY: _("I dag"),
        Span.WEEK: _("Inom en vecka"),
        Span.LATER: _("Senare"),
    }
