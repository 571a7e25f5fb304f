"""The page of the competence talk: one question in two languages, own words, what they resemble.

Everything on the page belongs to one form, so that no button loses what was typed. Suggestions come
while somebody types (htmx) or by a button; either way by POST: own words stand in no address.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.errors import N_, Conflict, DomainError, Invalid
from matchsvc.participants import competences, profile, talk, wording
from matchsvc.participants.frame import (
    CHANGERS,
    FORM_ERRORS,
    find_competence,
    own_overview,
    today,
    typed,
)
from matchsvc.participants.guide import LANGUAGE_AREA, Guide, load_guide
from matchsvc.participants.models import Competence, LearnedWhere, TalkView
from matchsvc.participants.overview import Overview
from matchsvc.participants.own import plain_text
from matchsvc.participants.schemas import (
    TalkAddSchema,
    TalkDismissSchema,
    TalkLanguageSchema,
    TalkSchema,
    TalkStepSchema,
    TalkViewSchema,
)
from matchsvc.participants.talk import Move, Place
from matchsvc.vocabulary import rules as vocabulary
from matchsvc.vocabulary.candidates import Suggestion
from matchsvc.vocabulary.models import ConceptType
from matchsvc.vocabulary.rules import Source
from matchsvc.web.forms import load_form
from matchsvc.web.problems import STATUS, field_errors
from matchsvc.web.words import language_of_reader

talk_pages = Blueprint("talk", __name__)

_MOST_SUGGESTIONS = 6
_MOST_OF_ALL = 12
#: What of the form is words that would be lost.
_TYPED = ("example", "learned_detail", "voucher")


@talk_pages.get("/<key>/talk")
@requires(*CHANGERS)
def show_talk(key: str) -> ResponseReturnValue:
    """The talk where it was left."""
    return _talk_page(key, {}, {}, 200)


@talk_pages.get("/<key>/competences/new")
@requires(*CHANGERS)
def show_words(key: str) -> ResponseReturnValue:
    """The same page by its earlier address."""
    return _talk_page(key, {}, {}, 200)


@talk_pages.post("/<key>/competences/suggest")
@requires(*CHANGERS)
def submit_words(key: str) -> ResponseReturnValue:
    """Propose concepts for the words; a person chooses. To a script only that part of the page."""
    try:
        data = load_form(TalkSchema())
        plain_text("own_words", data["own_words"], today=today())
    except FORM_ERRORS as error:
        return _talk_page(key, typed(), field_errors(error), STATUS[type(error)])
    return _talk_page(key, typed(), {}, 200)


@talk_pages.post("/<key>/competences")
@requires(*CHANGERS)
def submit_competence(key: str) -> ResponseReturnValue:
    """Keep a confirmed concept, or the words as they are; the words stay for the next concept."""
    actor = current_actor()
    try:
        data = load_form(TalkAddSchema())
        with writing() as session:
            added = competences.add_competence(
                session,
                actor,
                key,
                concept_id=data["concept_id"],
                own_words=data["own_words"],
                learned_where=_learned_where(data),
                today=today(),
            )
            talk.note_said(session, actor, key, now=db.utcnow(), today=today())
    except FORM_ERRORS as error:
        return _refused(key, error)
    form = typed() | {"saved_words": data["own_words"] or "", "open": "", "source": ""}
    return _talk_page(key, form, {}, 200, saved=added.id)


def _learned_where(data: dict[str, Any]) -> LearnedWhere:
    area = load_guide().areas.get(data["area"] or "")
    if data["learned_where"] is None and area is None:
        raise Invalid({"area": N_("Välj ett område i listan.")})
    found: LearnedWhere = data["learned_where"] or area.learned_where  # type: ignore[union-attr]
    return found


@talk_pages.post("/<key>/talk/dismiss")
@requires(*CHANGERS)
def submit_dismiss(key: str) -> ResponseReturnValue:
    """Not mine, or others did it: not proposed again today. Neither says anything of others."""
    actor, now = current_actor(), db.utcnow()
    try:
        data = load_form(TalkDismissSchema())
        concept_id = data["concept_id"] or data["others"]
        with writing() as session:
            if data["again"]:
                talk.propose_again(session, actor, key, now=now, today=today())
            else:
                talk.dismiss(session, actor, key, concept_id or "", now=now, today=today())
    except FORM_ERRORS as error:
        return _refused(key, error)
    asks = "others" if data["others"] else "dismissed"
    return _talk_page(key, typed(), {}, 200, noted="again" if data["again"] else asks)


@talk_pages.post("/<key>/talk/tell")
@requires(*CHANGERS)
def submit_told(key: str) -> ResponseReturnValue:
    """An example, where and how long, who can vouch: one step up the ladder, on the same page."""
    actor = current_actor()
    try:
        data = load_form(TalkSchema())
        if data["about"] is None:
            raise Invalid({"example": N_("Välj först vilken kompetens exemplet handlar om.")})
        with writing() as session:
            competences.describe_competence(
                session,
                actor,
                data["about"],
                example=data["example"],
                learned_detail=data["learned_detail"],
                voucher=data["voucher"],
                version=data["about_version"],
                today=today(),
            )
            talk.note_said(session, actor, key, now=db.utcnow(), today=today())
    except FORM_ERRORS as error:
        return _refused(key, error)
    form = typed() | dict.fromkeys((*_TYPED, "open"), "")
    return _talk_page(key, form, {}, 200, saved=data["about"])


@talk_pages.post("/<key>/talk/language")
@requires(*CHANGERS)
def submit_spoken(key: str) -> ResponseReturnValue:
    """A language that was named in the talk, by skill."""
    actor = current_actor()
    try:
        data = load_form(TalkLanguageSchema())
        levels = profile.Levels(**{name: data[name] for name, _label in wording.LANGUAGE_SKILLS})
        with writing() as session:
            profile.set_language(session, actor, key, data["concept_id"], levels, today=today())
            talk.note_said(session, actor, key, now=db.utcnow(), today=today())
    except FORM_ERRORS as error:
        return _refused(key, error)
    form = typed() | {"saved_words": data["own_words"] or "", "open": ""}
    return _talk_page(key, form, {}, 200, noted="language")


@talk_pages.post("/<key>/talk/view")
@requires(*CHANGERS)
def submit_view(key: str) -> ResponseReturnValue:
    """Which languages the questions are shown in."""
    try:
        data = load_form(TalkViewSchema())
        with writing() as session:
            talk.choose_view(
                session,
                current_actor(),
                key,
                view=data["view"],
                language=data["language"],
                now=db.utcnow(),
                today=today(),
            )
    except FORM_ERRORS as error:
        return _refused(key, error)
    return _talk_page(key, typed(), {}, 200)


@talk_pages.post("/<key>/talk/step")
@requires(*CHANGERS)
def submit_step(key: str) -> ResponseReturnValue:
    """Another question or area, or a pause. Words that are not saved are asked about first."""
    try:
        data = load_form(TalkStepSchema())
        wish = data["leave"] or data["do"] or ""
        if not data["leave"] and _has_unsaved(data):
            return _talk_page(key, typed(), {}, 200, unsaved=wish)
        to, area_id = _move_of(wish)
        with writing() as session:
            talk.move(
                session,
                current_actor(),
                key,
                to,
                area_id=area_id,
                version=data["version"],
                now=db.utcnow(),
                today=today(),
            )
    except FORM_ERRORS as error:
        return _refused(key, error)
    if to is Move.PAUSE:
        return redirect(url_for("participants.show", key=key, saved="talk"), 303)
    return redirect(url_for("participants.talk.show_talk", key=key), 303)


def _has_unsaved(data: dict[str, Any]) -> bool:
    words = data["own_words"] if data["own_words"] != data["saved_words"] else None
    return any((words, *(data[name] for name in _TYPED)))


def _move_of(wish: str) -> tuple[Move, str | None]:
    name, _colon, area_id = wish.partition(":")
    if name not in set(Move):
        raise Invalid({"do": N_("Välj en av knapparna.")})
    return Move(name), area_id or None


def _refused(key: str, error: DomainError) -> ResponseReturnValue:
    status = STATUS[type(error)]
    if isinstance(error, Conflict):
        return _talk_page(key, typed(), {}, status, conflict=True)
    return _talk_page(key, typed(), field_errors(error), status)


def _talk_page(
    key: str,
    form: dict[str, Any],
    errors: dict[str, str],
    status: int,
    *,
    saved: UUID | None = None,
    noted: str | None = None,
    unsaved: str | None = None,
    conflict: bool = False,
) -> ResponseReturnValue:
    with reading() as session:
        overview = own_overview(session, key)
        kept = talk.find_talk(session, overview.participant.id)
        place = talk.place_of(kept, today=today(), now=db.utcnow())
        page: dict[str, Any] = {
            "o": overview,
            "person": overview.participant,
            "key": overview.participant.alias,
            "form": form,
            "errors": errors,
            "words": wording,
            "place": place,
            "guide": load_guide(),
            "rows": _rows(session, overview, place, form, errors),
            "noted": noted,
        }
        page |= _languages(load_guide(), place, overview)
        if (
            request.headers.get("HX-Request")
            and request.endpoint == "participants.talk.submit_words"
        ):
            return render_template("participants/_suggestions.html", **page), status
        saved_today = _saved_today(overview)
        rendered = render_template(
            "participants/talk.html",
            **page,
            saved_today=saved_today,
            told=_told_about(saved_today, overview, form, saved),
            saved=find_competence(overview, saved),
            unsaved=unsaved,
            conflict=_conflict(place, form) if conflict else None,
        )
    return rendered, status


def _languages(guide: Guide, place: Place, overview: Overview) -> dict[str, Any]:
    """The reader's language, the other one if there is one, and which of them are shown."""
    first = language_of_reader()
    chosen = place.language or guide.language_for(overview.participant.contact_language)
    other = chosen if chosen != first else None
    view = place.view or TalkView.BOTH
    return {
        "first": first,
        "other": other,
        "view": view if other is not None else TalkView.FIRST,
        "shown": first if other is None or view is not TalkView.OTHER else other,
        "beside": other if view is TalkView.BOTH else None,
    }


def _rows(
    session: Session,
    overview: Overview,
    place: Place,
    form: dict[str, Any],
    errors: dict[str, str],
) -> list[dict[str, Any]] | None:
    """Suggestions as the page shows them, all alike; None when there are no words to read."""
    words = str(form.get("own_words") or "").strip()
    if not words or "own_words" in errors:
        return None
    held = {each.concept_id: each for each in (*overview.from_life, *overview.on_paper)}
    spoken = {skill.concept_id for skill in overview.participant.languages}
    everywhere = form.get("source") == Source.ALL
    most = _MOST_OF_ALL if everywhere else _MOST_SUGGESTIONS
    found = _of_all_words(session, words) if everywhere else _suggestions(session, words)
    fitting = [
        each
        for each in found
        if each["id"] not in place.dismissed
        and (each["kind"] is not ConceptType.LANGUAGE or _asks_for_language(place, form))
    ]
    for each in fitting:
        each["held"] = held.get(each["id"])
        each["is_spoken"] = each["id"] in spoken
    return fitting[:most]


def _asks_for_language(place: Place, form: dict[str, Any]) -> bool:
    return (form.get("area") or place.area.id) == LANGUAGE_AREA


def _suggestions(session: Session, words: str) -> list[dict[str, Any]]:
    linked = vocabulary.suggest(session, words, top=5 * _MOST_SUGGESTIONS)
    return [_row(each) for each in linked.suggestions if each.kind in talk.SUGGESTED_TYPES]


def _of_all_words(session: Session, words: str) -> list[dict[str, Any]]:
    """Of every list that is loaded: what resembles the words, then what is named so."""
    linked = vocabulary.suggest(session, words, top=5 * _MOST_OF_ALL, source=Source.ALL)
    rows = {each.id: _row(each) for each in linked.suggestions if each.kind in talk.SUGGESTED_TYPES}
    named = vocabulary.search_concepts(
        session, words[:100], types=talk.SUGGESTED_TYPES, limit=_MOST_OF_ALL
    )
    for concept in named:
        rows.setdefault(
            concept.id,
            {
                "id": concept.id,
                "label": wording.concept_label(concept),
                "detail": concept.description,
                "kind": concept.type,
                "like": (),
            },
        )
    return list(rows.values())


def _row(each: Suggestion) -> dict[str, Any]:
    return {
        "id": each.id,
        "label": each.label_en if language_of_reader() == "en" else each.label,
        "detail": each.description,
        "kind": each.kind,
        "like": each.matched_words or (each.matched_label,),
    }


def _saved_today(overview: Overview) -> list[Competence]:
    """What was said or told today, the newest first."""
    held = [*overview.from_life, *overview.on_paper]
    said = [each for each in held if any(piece.happened_on == today() for piece in each.evidence)]
    return sorted(said, key=lambda each: each.created_at, reverse=True)


def _told_about(
    saved_today: list[Competence], overview: Overview, form: dict[str, Any], saved: UUID | None
) -> Competence | None:
    """The competence whose next step is asked for: the one opened, just saved, or newest."""
    for wish in (form.get("open"), saved, form.get("about")):
        found = find_competence(overview, _uuid(wish))
        if found is not None and found in saved_today:
            return found
    return saved_today[0] if saved_today else None


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def _conflict(place: Place, form: dict[str, Any]) -> list[dict[str, object]]:
    guide, first = load_guide(), language_of_reader()
    mine = str(form.get("area") or "")
    return [
        {
            "label": _("Område"),
            "theirs": guide.eyebrow(place.area.id, place.at, first).text,
            "mine": guide.say(mine, first).text if mine in guide.areas else None,
        }
    ]
