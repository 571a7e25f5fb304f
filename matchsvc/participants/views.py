"""Pages of participants: the list, enrolment, and one person's way to work."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.accounts.rules import list_users
from matchsvc.errors import NotFound
from matchsvc.participants import (
    enrolment,
    plan_words,
    profile,
    programme_words,
    programmes,
    wording,
)
from matchsvc.participants.access import get_restricted, get_visible, read_with_reason
from matchsvc.participants.frame import (
    CHANGERS,
    FORM_ERRORS,
    READERS,
    today,
    typed,
)
from matchsvc.participants.listing import Scope, list_participants
from matchsvc.participants.overview import get_overview
from matchsvc.participants.process import process_of
from matchsvc.participants.programme_schemas import answers_of
from matchsvc.participants.programmes import Judgement
from matchsvc.participants.schemas import EnrolSchema, ReasonSchema, VersionSchema
from matchsvc.participants.views_case import case_pages
from matchsvc.participants.views_consents import consent_pages
from matchsvc.participants.views_map import map_pages
from matchsvc.participants.views_mapping import mapping_pages
from matchsvc.participants.views_merge import merge_pages
from matchsvc.participants.views_messaging import messaging_pages
from matchsvc.participants.views_notes import case_notes
from matchsvc.participants.views_papers import case_papers, consent_papers
from matchsvc.participants.views_plan import plan_pages
from matchsvc.participants.views_portfolio import portfolio_pages
from matchsvc.participants.views_talk import talk_pages
from matchsvc.web.forms import load_form, page_number
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.workday.meeting_types import MEETING_TYPES

pages = Blueprint("participants", __name__, url_prefix="/participants", template_folder="templates")
pages.register_blueprint(mapping_pages)
pages.register_blueprint(talk_pages)
pages.register_blueprint(portfolio_pages)
pages.register_blueprint(case_pages)
pages.register_blueprint(messaging_pages)
pages.register_blueprint(consent_pages)
pages.register_blueprint(map_pages)
pages.register_blueprint(merge_pages)
pages.register_blueprint(plan_pages)
pages.register_blueprint(case_notes)
pages.register_blueprint(case_papers)
pages.register_blueprint(consent_papers, url_prefix="/consents")


@pages.get("")
@requires(*READERS)
def list_() -> ResponseReturnValue:
    """The actor's own first, then the unit's by alias."""
    return _list_page(search="", page=page_number())


@pages.post("/search")
@requires(*READERS)
def submit_search() -> ResponseReturnValue:
    """Search by name or alias. A POST: a name must not stand in an address."""
    return _list_page(search=request.form.get("q", "").replace("\x00", "")[:100], page=1)


def _list_page(*, search: str, page: int) -> ResponseReturnValue:
    actor = current_actor()
    scope = _scope(request.args.get("scope"))
    with reading() as session:
        found = list_participants(
            session, actor, today=today(), scope=scope, search=search, page=page
        )
        return render_template(
            "participants/list.html",
            found=found,
            scope=scope.value,
            search=search,
            words=wording,
            process=process_of(session, actor.unit_id),
            saved=request.args.get("saved"),
            may_enrol=actor.has_role(Role.CASE_WORKER, Role.UNIT_MANAGER),
        )


def _scope(wish: str | None) -> Scope:
    return Scope(wish) if wish in set(Scope) else Scope.OPEN


@pages.get("/new")
@requires(Role.CASE_WORKER, Role.UNIT_MANAGER)
def show_enrol() -> ResponseReturnValue:
    """The enrolment form."""
    return _enrol_page({"enrolled_on": today(), "contact_language": "sv"}, {}, 200)


@pages.post("/new")
@requires(Role.CASE_WORKER, Role.UNIT_MANAGER)
def submit_enrol() -> ResponseReturnValue:
    """Enrol. The answer is the same whatever became of the entry (LAW-10)."""
    judgement = None
    try:
        details = enrolment.Details(**answers_of(load_form(EnrolSchema(), ignore=("try",))))
        judgement = _judgement(details)
        if "try" in request.form:
            return _enrol_page(typed(), {}, 200, judgement)
        with writing() as session:
            enrolment.enrol(session, current_actor(), details, today=today())
    except FORM_ERRORS as error:
        return _enrol_page(typed(), field_errors(error), STATUS[type(error)], judgement)
    return redirect(url_for("participants.list_", saved="enrolled"), 303)


def _judgement(details: enrolment.Details) -> Judgement | None:
    actor = current_actor()
    if actor.unit_id is None:
        return None
    number = enrolment.check_details(details, today=today())
    with reading() as session:
        return enrolment.judge_details(session, actor.unit_id, details, number)


def _enrol_page(
    form: dict[str, Any],
    errors: dict[str, str],
    status: int,
    judgement: Judgement | None = None,
) -> ResponseReturnValue:
    actor = current_actor()
    with reading() as session:
        workers = list_users(session, actor.unit_id, Role.CASE_WORKER)
        default = actor.user_id if actor.has_role(Role.CASE_WORKER) else None
        page = render_template(
            "participants/enrol.html",
            form={"case_worker_id": default} | form,
            errors=errors,
            words=wording,
            workers=[(str(user.id), user.name) for user in workers],
            asked=programmes.what_to_ask(session, actor.unit_id, today=today()),
            rule_words=programme_words,
            judgement=judgement,
        )
    return page, status


@pages.get("/<key>")
@requires(*READERS)
def show(key: str) -> ResponseReturnValue:
    """One participant, as far as the reader may see; restricted, where it can be lifted."""
    try:
        return _show_page(key, {}, 200)
    except NotFound:
        with reading() as session:
            person = get_restricted(session, current_actor(), key, today=today())
        return redirect(url_for("rights.show_person", key=person.alias), 303)


@pages.post("/<key>/read")
@requires(Role.UNIT_MANAGER)
def submit_reason(key: str) -> ResponseReturnValue:
    """Let a manager read the case today, with a logged reason."""
    try:
        data = load_form(ReasonSchema())
        with writing() as session:
            participant = get_visible(session, current_actor(), key, today=today())
            read_with_reason(
                session, current_actor(), participant, reason=data["reason"], today=today()
            )
    except FORM_ERRORS as error:
        errors = field_errors(error)
        return _show_page(key, {"reason": next(iter(errors.values()))}, STATUS[type(error)])
    return redirect(url_for("participants.show", key=key), 303)


@pages.post("/<key>/informal-asked")
@requires(*CHANGERS)
def submit_informal_asked(key: str) -> ResponseReturnValue:
    """Note that informal competence was asked about, and that there was none to note."""
    with writing() as session:
        profile.note_informal_asked(session, current_actor(), key, today=today())
    return redirect(url_for("participants.show", key=key, saved="informal"), 303)


@pages.post("/<key>/ready")
@requires(*CHANGERS)
def submit_ready(key: str) -> ResponseReturnValue:
    """Say that she is ready for matching."""
    try:
        load_form(VersionSchema())
        with writing() as session:
            profile.set_ready(session, current_actor(), key, today=today())
    except FORM_ERRORS as error:
        return _show_page(key, field_errors(error), STATUS[type(error)])
    return redirect(url_for("participants.show", key=key, saved="ready"), 303)


def _show_page(key: str, errors: dict[str, str], status: int) -> ResponseReturnValue:
    actor, day = current_actor(), today()
    with reading() as session:
        overview = get_overview(session, actor, key, today=day, now=db.utcnow())
        process = process_of(session, overview.participant.unit_id)
        page = render_template(
            "participants/show.html",
            process=process,
            flag_words=plan_words.flag_words,
            may_meet=actor.has_role(*CHANGERS, Role.SUPERVISOR),
            meeting_types=MEETING_TYPES,
            o=overview,
            person=overview.participant,
            lanes=wording.lanes_of(overview, process, today=day),
            today=day,
            words=wording,
            errors=errors,
            form=typed(),
            saved=_saved_words(request.args.get("saved"), overview.name, day),
            is_manager=actor.has_role(Role.UNIT_MANAGER),
            may_match=actor.has_role(Role.CASE_WORKER, Role.PLACEMENT_COORDINATOR),
        )
    return page, status


def _saved_words(code: str | None, name: str, day: date) -> tuple[str, str] | None:
    """What happened, and what can be done about it."""
    del day
    said = {
        "informal": (_("Det är noterat att ni har frågat."), ""),
        "ready": (
            _("%(name)s är klar för matchning.", name=name),
            _("Väntetiden räknas från i dag. Nästa steg är att visa erbjudanden."),
        ),
        "competence": (_("Kompetensen är sparad."), _("Den går att ändra eller arkivera.")),
        "rung": (_("Ni har visat hur ni vet."), ""),
        "archived": (_("Kompetensen är arkiverad."), _("Historiken finns kvar.")),
        "talk": (_("Samtalet är pausat."), _("Ni fortsätter där ni slutade.")),
        "languages": (_("Språken är sparade."), ""),
        "wish": (_("Önskemålet är sparat."), _("Tidigare önskemål finns kvar.")),
        "profile": (_("Ramarna är sparade."), ""),
        "person": (_("Uppgifterna är sparade."), ""),
        "step": (_("Steget är sparat."), ""),
        "ended": (
            _("Ärendet är avslutat."),
            _("Blev det fel går det att ändra avslutet eller öppna ärendet igen."),
        ),
        "merged": (
            _("De är en person nu."),
            _("Den gamla beteckningen leder hit. Läs igenom att allt stämmer."),
        ),
        "reopened": (_("Ärendet är öppet igen."), _("Avslutet räknas inte längre.")),
        "worker": (_("Handläggaren är utsedd."), ""),
        "protected": (
            _("Personuppgifterna är skyddade från och med nu."),
            _("Telefon och e-post är raderade. Bara utsedda handläggare ser ärendet."),
        ),
        "lifted": (
            _("Skyddet är hävt."),
            _("Kontaktuppgifterna är raderade och behöver skrivas in på nytt."),
        ),
    }
    return said.get(code or "")
