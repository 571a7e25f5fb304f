"""Pages of the individual plan: written together, read through, signed by all, printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.rules import list_users, names_of
from matchsvc.errors import Conflict, DomainError, NotFound
from matchsvc.participants import consent_words, plan_signing, plan_words, plans, wording
from matchsvc.participants import plan_schemas as schemas
from matchsvc.participants.frame import CHANGERS, FORM_ERRORS, own_overview, today, typed
from matchsvc.participants.overview import Overview
from matchsvc.participants.plan_models import Plan, Responsible, Track
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors

plan_pages = Blueprint("plan", __name__)


@plan_pages.get("/<key>/plan")
@requires(*CHANGERS)
def show_plan(key: str) -> ResponseReturnValue:
    """The plan as it stands: what is next to do with it, and older versions below."""
    return _plan_page(key, {}, {})


@plan_pages.post("/<key>/plan")
@requires(*CHANGERS)
def submit_begin(key: str) -> ResponseReturnValue:
    """Begin the plan, or a new version of a signed one."""
    return _step(key, schemas.BeginPlanSchema(), plans.begin_plan, "begun")


@plan_pages.post("/<key>/plan/track")
@requires(*CHANGERS)
def submit_track(key: str) -> ResponseReturnValue:
    """Add the sub-goals of a track."""
    return _step(key, schemas.TrackSchema(), plans.add_track, "track")


@plan_pages.post("/<key>/plan/review")
@requires(*CHANGERS)
def submit_review(key: str) -> ResponseReturnValue:
    """Note that everybody has read it through."""
    return _step(key, schemas.ReviewPlanSchema(), plan_signing.review_plan, "reviewed")


@plan_pages.post("/<key>/plan/sign")
@requires(*CHANGERS)
def submit_signature(key: str) -> ResponseReturnValue:
    """One party signs; with the case worker's the plan is fixed."""
    return _step(
        key, schemas.SignPlanSchema(), plan_signing.sign_plan, "signature", now=db.utcnow()
    )


@plan_pages.post("/<key>/plan/drop")
@requires(*CHANGERS)
def submit_drop(key: str) -> ResponseReturnValue:
    """The case has ended: the plan is never signed."""
    return _step(key, schemas.DropPlanSchema(), plan_signing.drop_plan, "dropped")


@plan_pages.post("/<key>/plan/remove")
@requires(*CHANGERS)
def submit_remove(key: str) -> ResponseReturnValue:
    """Take a row out of the draft."""
    return _step(key, schemas.RemoveRowSchema(), plans.remove_row, "removed")


@plan_pages.post("/<key>/plan/measures/<uuid:row_id>/state")
@requires(*CHANGERS)
def submit_measure_state(key: str, row_id: UUID) -> ResponseReturnValue:
    """Note whether a measure was done."""
    return _step(
        key,
        schemas.NoteMeasureSchema(),
        plan_signing.note_measure,
        "noted",
        now=db.utcnow(),
        measure_id=row_id,
    )


def _step(key: str, schema: Any, rule: Any, saved: str, **more: Any) -> ResponseReturnValue:
    try:
        data = load_form(schema)
        with writing() as session:
            rule(session, current_actor(), key, **data, **more, today=today())
    except FORM_ERRORS as error:
        return _plan_page(key, typed(), field_errors(error), error), STATUS[type(error)]
    return redirect(url_for("participants.plan.show_plan", key=key, saved=saved), 303)


def _plan_page(
    key: str, form: Mapping[str, Any], errors: dict[str, str], error: DomainError | None = None
) -> str:
    with reading() as session:
        overview = own_overview(session, key)
        found = plans.read_plans(session, current_actor(), key, today=today())
        latest = found.latest
        if isinstance(error, Conflict):
            errors = {"form": _("Någon annan har ändrat planen. Läs den igen, och gör om det.")}
        wish = overview.wish.own_words if overview.wish else ""
        return render_template(
            "participants/plan.html",
            **_about(session, overview, found),
            latest=latest,
            actor_id=current_actor().user_id,
            is_open=latest is not None and latest.state in plans.OPEN,
            is_closed=found.case.ended_on is not None,
            parties=_parties(found, latest) if latest else [],
            shown_hash=plan_signing.content_hash_of(latest) if latest else "",
            form={"goals": wish, **form},
            errors=errors,
            identified=wording.choices(consent_words.IDENTIFIED_HOW),
            languages=wording.choices(wording.CONTACT_LANGUAGES),
            saved=request.args.get("saved"),
        )


def _about(session: Session, overview: Overview, found: plans.Plans) -> dict[str, Any]:
    """What every page that shows a plan needs."""
    ids = {found.case.case_worker_id}
    for plan in found.versions:
        ids |= {measure.colleague_id for measure in plan.measures}
        ids |= {each.signer_id for each in found.signatures[plan.id]}
    return {
        "o": overview,
        "person": overview.participant,
        "found": found,
        "words": plan_words,
        "tracks": list(Track),
        "staff": names_of(session, ids),
        "today": today(),
        "parties_of": _parties,
    }


def _parties(found: plans.Plans, plan: Plan) -> list[plan_signing.Party]:
    return plan_signing.parties_of(plan, found.signatures[plan.id])


@plan_pages.get("/<key>/plan/paper")
@requires(*CHANGERS)
def show_paper(key: str) -> ResponseReturnValue:
    """One page to print and read aloud: who does what, by when. The signed plan, else the draft."""
    with reading() as session:
        overview = own_overview(session, key)
        found = plans.read_plans(session, current_actor(), key, today=today())
        plan = found.standing or found.latest
        if plan is None:
            raise NotFound("plan")
        return render_template(
            "participants/plan_paper.html", **_about(session, overview, found), plan=plan
        )


@plan_pages.get("/<key>/plan/goals")
@requires(*CHANGERS)
def show_goals(key: str) -> ResponseReturnValue:
    """The goals and what stands around them."""
    return _goals_page(key, {}, {})


@plan_pages.post("/<key>/plan/goals")
@requires(*CHANGERS)
def submit_goals(key: str) -> ResponseReturnValue:
    """Save the goals; what somebody else saved meanwhile is shown beside."""
    try:
        data = load_form(schemas.FrameSchema())
        version = data.pop("version")
        with writing() as session:
            plans.write_frame(
                session, current_actor(), key, plans.Frame(**data), version=version, today=today()
            )
    except FORM_ERRORS as error:
        return _goals_page(key, typed(), field_errors(error), error), STATUS[type(error)]
    return redirect(url_for("participants.plan.show_plan", key=key, saved="goals"), 303)


def _goals_page(
    key: str, form: dict[str, Any], errors: dict[str, str], error: DomainError | None = None
) -> str:
    with reading() as session:
        overview = own_overview(session, key)
        plan = plans.draft_of(session, current_actor(), key, today=today())
        names = ("goals", "childcare", "childcare_words", "supporter", "supporter_words")
        held = {name: getattr(plan, name) for name in names}
        conflict = None
        if isinstance(error, Conflict):
            errors = {}
            form = {name: value for name, value in form.items() if name != "version"}
            conflict = [
                _side(_("Mina mål"), held["goals"], form.get("goals")),
                _side(_("Barnomsorg"), plan.childcare_words, form.get("childcare_words")),
                _side(
                    _("Förebild eller mentor"), plan.supporter_words, form.get("supporter_words")
                ),
            ]
        return render_template(
            "participants/plan_goals.html",
            o=overview,
            person=overview.participant,
            words=plan_words,
            choices=wording.choices,
            form={**held, "version": plan.version, **form},
            errors=errors,
            conflict=conflict,
        )


def _side(label: str, theirs: str | None, mine: str | None) -> dict[str, str | None]:
    return {"label": label, "theirs": theirs, "mine": mine}


@plan_pages.get("/<key>/plan/measures/new")
@requires(*CHANGERS)
def show_new_measure(key: str) -> ResponseReturnValue:
    """A new row of the table."""
    return _measure_page(key, None, {}, {})


@plan_pages.post("/<key>/plan/measures/new")
@requires(*CHANGERS)
def submit_new_measure(key: str) -> ResponseReturnValue:
    """Add a row; "save and add another" comes back to an empty form."""
    return _save_measure(key, None)


@plan_pages.get("/<key>/plan/measures/<uuid:row_id>")
@requires(*CHANGERS)
def show_measure(key: str, row_id: UUID) -> ResponseReturnValue:
    """A row of the draft."""
    return _measure_page(key, row_id, {}, {})


@plan_pages.post("/<key>/plan/measures/<uuid:row_id>")
@requires(*CHANGERS)
def submit_measure(key: str, row_id: UUID) -> ResponseReturnValue:
    """Save a row of the draft."""
    return _save_measure(key, row_id)


def _save_measure(key: str, row_id: UUID | None) -> ResponseReturnValue:
    try:
        data = load_form(schemas.WriteMeasureSchema(), ignore=("more",))
        version = data.pop("version")
        with writing() as session:
            plans.save_measure(
                session,
                current_actor(),
                key,
                plans.MeasureInput(**data),
                measure_id=row_id,
                version=version,
                today=today(),
            )
    except FORM_ERRORS as error:
        return _measure_page(key, row_id, typed(), field_errors(error), error), STATUS[type(error)]
    if request.form.get("more"):
        return redirect(url_for("participants.plan.show_new_measure", key=key, saved=1), 303)
    return redirect(url_for("participants.plan.show_plan", key=key, saved="measure"), 303)


def _measure_page(
    key: str,
    row_id: UUID | None,
    form: dict[str, Any],
    errors: dict[str, str],
    error: DomainError | None = None,
) -> str:
    with reading() as session:
        actor = current_actor()
        overview = own_overview(session, key)
        plan = plans.draft_of(session, actor, key, today=today())
        held: dict[str, Any] = {"responsible": Responsible.PERSON.value, "activity": "other"}
        conflict = None
        if row_id is not None:
            row = plans.row_of(plan.measures, row_id, "plan_measure")
            names = (
                *("what", "activity", "responsible", "colleague_id", "other_name"),
                *("starts_on", "due_on", "version"),
            )
            held = {name: getattr(row, name) for name in names}
            if isinstance(error, Conflict):
                errors = {}
                form.pop("version", None)
                conflict = [
                    _side(_("Vad ska göras?"), row.what, form.get("what")),
                    _side(_("Klart senast"), row.due_on.isoformat(), form.get("due_on")),
                    _side(_("Vem?"), row.other_name, form.get("other_name")),
                ]
        return render_template(
            "participants/plan_measure.html",
            o=overview,
            person=overview.participant,
            words=plan_words,
            choices=wording.choices,
            colleagues=[
                (str(user.id), user.name)
                for user in list_users(session, overview.participant.unit_id)
            ],
            row_id=row_id,
            form={**held, **form},
            errors=errors,
            conflict=conflict,
            saved=request.args.get("saved"),
        )


@plan_pages.get("/<key>/plan/sub-goals/new")
@requires(*CHANGERS)
def show_new_sub_goal(key: str) -> ResponseReturnValue:
    """A new sub-goal in own words."""
    return _sub_goal_page(key, None, {}, {})


@plan_pages.post("/<key>/plan/sub-goals/new")
@requires(*CHANGERS)
def submit_new_sub_goal(key: str) -> ResponseReturnValue:
    """Add a sub-goal."""
    return _save_sub_goal(key, None, schemas.WriteSubGoalSchema(), plans.save_sub_goal)


@plan_pages.get("/<key>/plan/sub-goals/<uuid:row_id>")
@requires(*CHANGERS)
def show_sub_goal(key: str, row_id: UUID) -> ResponseReturnValue:
    """A sub-goal: how far it has come, and in a draft its words."""
    return _sub_goal_page(key, row_id, {}, {})


@plan_pages.post("/<key>/plan/sub-goals/<uuid:row_id>")
@requires(*CHANGERS)
def submit_sub_goal(key: str, row_id: UUID) -> ResponseReturnValue:
    """Save the words of a sub-goal."""
    return _save_sub_goal(key, row_id, schemas.WriteSubGoalSchema(), plans.save_sub_goal)


@plan_pages.post("/<key>/plan/sub-goals/<uuid:row_id>/state")
@requires(*CHANGERS)
def submit_sub_goal_state(key: str, row_id: UUID) -> ResponseReturnValue:
    """Note how far a sub-goal has come."""
    return _save_sub_goal(key, row_id, schemas.NoteSubGoalSchema(), plans.note_sub_goal)


def _save_sub_goal(key: str, row_id: UUID | None, schema: Any, rule: Any) -> ResponseReturnValue:
    try:
        data = load_form(schema)
        with writing() as session:
            rule(session, current_actor(), key, goal_id=row_id, **data, today=today())
    except FORM_ERRORS as error:
        page = _sub_goal_page(key, row_id, typed(), field_errors(error), error)
        return page, STATUS[type(error)]
    return redirect(url_for("participants.plan.show_plan", key=key, saved="sub_goal"), 303)


def _sub_goal_page(
    key: str,
    row_id: UUID | None,
    form: dict[str, Any],
    errors: dict[str, str],
    error: DomainError | None = None,
) -> str:
    with reading() as session:
        overview = own_overview(session, key)
        found = plans.read_plans(session, current_actor(), key, today=today())
        latest = found.latest
        if latest is None:
            raise NotFound("plan")
        row = plans.row_of(latest.sub_goals, row_id, "plan_sub_goal") if row_id else None
        conflict = None
        if isinstance(error, Conflict) and row is not None:
            errors = {}
            form.pop("version", None)
            conflict = [
                _side(_("Delmål"), row.words, form.get("words")),
                _side(_("Anteckning"), row.note, form.get("note")),
            ]
        names = ("track", "words", "state", "note", "version")
        held = {name: getattr(row, name) for name in names} if row else {}
        return render_template(
            "participants/plan_sub_goal.html",
            o=overview,
            person=overview.participant,
            words=plan_words,
            choices=wording.choices,
            row=row,
            is_open=latest.state in plans.OPEN,
            form={**held, **form},
            errors=errors,
            conflict=conflict,
        )
