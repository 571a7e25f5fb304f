"""Pages of mapping: competences and how we know, languages, wish, and the frame of a week."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.rules import list_areas
from matchsvc.errors import Conflict, DomainError, NotFound, Refused
from matchsvc.participants import competences, profile, wording
from matchsvc.participants.frame import (
    CHANGERS,
    FORM_ERRORS,
    OBSERVERS,
    find_competence,
    own_overview,
    today,
    typed,
)
from matchsvc.participants.models import Competence
from matchsvc.participants.overview import (
    Overview,
    get_overview,
    list_conditions,
    list_languages,
)
from matchsvc.participants.own import NOT_YOURS
from matchsvc.participants.schemas import (
    ArchiveSchema,
    LinkSchema,
    ProfileSchema,
    RaiseRungSchema,
    RecordWishSchema,
    RemoveLanguageSchema,
    SetLanguageSchema,
    ShareSchema,
)
from matchsvc.vocabulary import rules as vocabulary
from matchsvc.vocabulary.candidates import Suggestion
from matchsvc.vocabulary.conditions import in_groups
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import day_words

mapping_pages = Blueprint("mapping", __name__)

_MOST_SUGGESTIONS = 6
_NOTE = "note_"


def _suggestions(session: Session, words: str) -> list[Suggestion]:
    linked = vocabulary.suggest(session, words, top=2 * _MOST_SUGGESTIONS)
    fitting = [each for each in linked.suggestions if each.kind in competences.HELD_TYPES]
    return fitting[:_MOST_SUGGESTIONS]


@mapping_pages.get("/<key>/competences/<uuid:competence_id>")
@requires(*OBSERVERS)
def show_competence(key: str, competence_id: UUID) -> ResponseReturnValue:
    """One competence: how we know, and one more step."""
    form = {"happened_on": today().isoformat()}
    return _competence_page(key, competence_id, form, {}, 200)


@mapping_pages.post("/<key>/competences/<uuid:competence_id>/evidence")
@requires(*OBSERVERS)
def submit_evidence(key: str, competence_id: UUID) -> ResponseReturnValue:
    """One more piece of evidence."""
    return _change_competence(
        key,
        competence_id,
        lambda session: competences.raise_rung(
            session,
            current_actor(),
            competence_id,
            **load_form(RaiseRungSchema()),
            today=today(),
        ),
        saved="rung",
    )


@mapping_pages.post("/<key>/competences/<uuid:competence_id>/concept")
@requires(*CHANGERS)
def submit_concept(key: str, competence_id: UUID) -> ResponseReturnValue:
    """Give words that wait the concept that a person confirmed."""
    return _change_competence(
        key,
        competence_id,
        lambda session: competences.link_competence(
            session, current_actor(), competence_id, **load_form(LinkSchema()), today=today()
        ),
        saved="competence",
    )


@mapping_pages.post("/<key>/competences/<uuid:competence_id>/share")
@requires(*CHANGERS)
def submit_share(key: str, competence_id: UUID) -> ResponseReturnValue:
    """Note whether a presentation may name it."""
    return _change_competence(
        key,
        competence_id,
        lambda session: competences.share_competence(
            session, current_actor(), competence_id, **load_form(ShareSchema()), today=today()
        ),
        saved="competence",
    )


@mapping_pages.post("/<key>/competences/<uuid:competence_id>/archive")
@requires(*CHANGERS)
def submit_archive(key: str, competence_id: UUID) -> ResponseReturnValue:
    """Put a competence away with a reason."""
    return _change_competence(
        key,
        competence_id,
        lambda session: competences.archive_competence(
            session,
            current_actor(),
            competence_id,
            **load_form(ArchiveSchema()),
            today=today(),
            now=db.utcnow(),
        ),
        saved="archived",
    )


def _change_competence(
    key: str, competence_id: UUID, rule: Callable[[Session], object], *, saved: str
) -> ResponseReturnValue:
    try:
        with writing() as session:
            rule(session)
    except FORM_ERRORS as error:
        return _competence_page(
            key, competence_id, typed(), field_errors(error), STATUS[type(error)], error=error
        )
    return redirect(url_for("participants.show", key=key, saved=saved), 303)


def _competence_page(
    key: str,
    competence_id: UUID,
    form: dict[str, Any],
    errors: dict[str, str],
    status: int,
    *,
    error: DomainError | None = None,
) -> ResponseReturnValue:
    with reading() as session:
        actor = current_actor()
        overview = get_overview(session, actor, key, today=today())
        competence = find_competence(overview, competence_id)
        if competence is None:
            raise NotFound("competence")
        if not competences.may_raise(session, actor, overview.participant, today=today()):
            raise Refused("not_your_case", NOT_YOURS)
        waiting = competence.concept_id is None and competence.own_words
        page = render_template(
            "participants/competence.html",
            o=overview,
            person=overview.participant,
            competence=competence,
            form=form,
            errors={} if isinstance(error, Conflict) else errors,
            words=wording,
            suggestions=_suggestions(session, competence.own_words or "") if waiting else [],
            conflict=_competence_conflict(competence, form, error),
        )
    return page, status


def _competence_conflict(
    competence: Competence, form: dict[str, Any], error: DomainError | None
) -> list[dict[str, object]] | None:
    if not isinstance(error, Conflict):
        return None
    chosen = {rung.value: label for rung, label in wording.RUNG.items()}
    rows: list[dict[str, object]] = [
        {
            "label": _("Hur vi vet"),
            "theirs": wording.RUNG[competence.rung],
            "mine": chosen.get(form.get("rung", "")),
        }
    ]
    latest = competence.evidence[-1] if competence.evidence else None
    for name, label in (("workplace", _("Arbetsplats")), ("note", _("Vad som hände"))):
        theirs = getattr(latest, name) if latest else None
        rows.append({"label": label, "theirs": theirs, "mine": form.get(name)})
    return rows


@mapping_pages.get("/<key>/languages")
@requires(*CHANGERS)
def show_languages(key: str) -> ResponseReturnValue:
    """Her languages, skill by skill."""
    return _languages_page(key, {}, {}, 200)


@mapping_pages.post("/<key>/languages")
@requires(*CHANGERS)
def submit_language(key: str) -> ResponseReturnValue:
    """Keep one language; again replaces it."""
    try:
        data = load_form(SetLanguageSchema())
        concept_id = data.pop("concept_id")
        with writing() as session:
            profile.set_language(
                session, current_actor(), key, concept_id, profile.Levels(**data), today=today()
            )
    except FORM_ERRORS as error:
        return _languages_page(key, typed(), field_errors(error), STATUS[type(error)])
    return redirect(url_for("participants.mapping.show_languages", key=key, saved=1), 303)


@mapping_pages.post("/<key>/languages/remove")
@requires(*CHANGERS)
def submit_remove_language(key: str) -> ResponseReturnValue:
    """Take away a language that was noted by mistake."""
    data = load_form(RemoveLanguageSchema())
    with writing() as session:
        profile.remove_language(session, current_actor(), key, data["concept_id"], today=today())
    return redirect(url_for("participants.mapping.show_languages", key=key, saved=1), 303)


def _languages_page(
    key: str, form: dict[str, Any], errors: dict[str, str], status: int
) -> ResponseReturnValue:
    with reading() as session:
        overview = own_overview(session, key)
        page = render_template(
            "participants/languages.html",
            o=overview,
            person=overview.participant,
            form=form,
            errors=errors,
            words=wording,
            languages=[(each.id, wording.concept_label(each)) for each in list_languages(session)],
            saved=request.args.get("saved"),
        )
    return page, status


@mapping_pages.get("/<key>/wish")
@requires(*CHANGERS)
def show_wish(key: str) -> ResponseReturnValue:
    """Ask what she wants."""
    return _wish_page(key, {}, {}, 200, suggest=False)


@mapping_pages.post("/<key>/wish")
@requires(*CHANGERS)
def submit_wish(key: str) -> ResponseReturnValue:
    """Keep the wish; before that, propose what it is about when asked to."""
    wants_suggestions = "suggest" in request.form
    try:
        data = load_form(RecordWishSchema(), ignore=("suggest",))
        if wants_suggestions:
            return _wish_page(key, typed(), {}, 200, suggest=True)
        with writing() as session:
            profile.record_wish(session, current_actor(), key, **data, today=today())
    except FORM_ERRORS as error:
        return _wish_page(key, typed(), field_errors(error), STATUS[type(error)], suggest=True)
    return redirect(url_for("participants.show", key=key, saved="wish"), 303)


def _wish_page(
    key: str, form: dict[str, Any], errors: dict[str, str], status: int, *, suggest: bool
) -> ResponseReturnValue:
    with reading() as session:
        overview = own_overview(session, key)
        text = str(form.get("own_words", "")).strip()
        found = _suggestions(session, text) if suggest and text else None
        page = render_template(
            "participants/wish.html",
            o=overview,
            person=overview.participant,
            form=form,
            errors=errors,
            suggestions=found,
        )
    return page, status


@mapping_pages.get("/<key>/profile")
@requires(*CHANGERS)
def show_profile(key: str) -> ResponseReturnValue:
    """Hours, days, areas and needs."""
    with reading() as session:
        overview = own_overview(session, key)
        return _profile_page(session, overview, _profile_form(overview), {}), 200


@mapping_pages.post("/<key>/profile")
@requires(*CHANGERS)
def submit_profile(key: str) -> ResponseReturnValue:
    """Keep hours, days, areas and needs."""
    notes = tuple(name for name in request.form if name.startswith(_NOTE))
    try:
        data = load_form(ProfileSchema(), ignore=notes)
        version = data.pop("version")
        data["weekdays"] = sum(1 << bit for bit in set(data["weekdays"]))
        data["needs"] = {each: request.form.get(_NOTE + each) for each in data["needs"]}
        with writing() as session:
            profile.change_profile(
                session, current_actor(), key, data, today=today(), version=version
            )
    except FORM_ERRORS as error:
        with reading() as session:
            overview = own_overview(session, key)
            page = _profile_page(session, overview, typed(), field_errors(error), error)
        return page, STATUS[type(error)]
    return redirect(url_for("participants.show", key=key, saved="profile"), 303)


def _profile_page(
    session: Session,
    overview: Overview,
    form: dict[str, Any],
    errors: dict[str, str],
    error: DomainError | None = None,
) -> str:
    unit_id = overview.participant.unit_id
    areas = {str(area.id): area.name for area in list_areas(session, unit_id)}
    conditions = list_conditions(session)
    needs = {each.id: wording.need_label(each) for each in conditions}
    is_conflict = isinstance(error, Conflict)
    return render_template(
        "participants/profile.html",
        o=overview,
        person=overview.participant,
        form=form,
        errors={} if is_conflict else errors,
        words=wording,
        areas=areas,
        needs=in_groups(conditions, wording.need_label),
        noted_needs=[each.id for each in conditions if form.get(_NOTE + each.id)],
        conflict=_profile_conflict(overview, form, areas, needs) if is_conflict else None,
    )


def _profile_form(overview: Overview) -> dict[str, Any]:
    saved = profile.profile_fields(overview.participant)
    days = [str(bit) for bit in range(7) if saved["weekdays"] & (1 << bit)]
    notes = {_NOTE + name: note for name, note in saved["needs"].items()}
    return saved | notes | {"weekdays": days, "needs": list(saved["needs"])}


def _profile_conflict(
    overview: Overview, form: dict[str, Any], areas: dict[str, str], needs: dict[str, str]
) -> list[dict[str, object]]:
    theirs = _profile_form(overview)

    def said(name: str, values: dict[str, Any]) -> object:
        value = values.get(name)
        if name == "weekdays":
            mask = sum(1 << int(bit) for bit in value or () if str(bit).isdigit())
            return wording.weekday_words(mask)
        if name in {"areas", "needs"}:
            known = areas if name == "areas" else needs
            return ", ".join(known.get(str(each), "") for each in value or ())
        if name == "reaches_all_areas":
            return _("Ja") if value else _("Nej")
        return day_words(value) if hasattr(value, "year") else value

    labels = {
        "hours_per_week": _("Timmar i veckan"),
        "weekdays": _("Dagar"),
        "available_from": _("Kan börja"),
        "reaches_all_areas": _("Når alla områden"),
        "areas": _("Områden"),
        "needs": _("Behov"),
    }
    return [
        {"label": label, "theirs": said(name, theirs), "mine": said(name, form)}
        for name, label in labels.items()
    ]
