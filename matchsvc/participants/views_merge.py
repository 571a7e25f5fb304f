"""Pages that find and merge two rows of one person."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matchsvc import db
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.accounts.models import Role
from matchsvc.errors import Conflict, Invalid
from matchsvc.participants import merging, wording
from matchsvc.participants.frame import CHANGERS, today
from matchsvc.participants.models import Participant
from matchsvc.participants.overview import get_overview
from matchsvc.participants.same_people import Ground, same_people
from matchsvc.web.merging import compared, moving_rows, read_form, typed_choices
from matchsvc.web.problems import STATUS, field_errors, translated
from matchsvc.web.words import day_words

merge_pages = Blueprint("merge", __name__)

GROUNDS = {
    Ground.NAME: _l("Liknande namn och samma födelseår"),
    Ground.PHONE: _l("Samma telefonnummer"),
}
LABELS = {
    "name": _l("Namn"),
    "sex": _l("Kön"),
    "birth_year": _l("Födelseår"),
    "birth_region": _l("Födelseregion"),
    "birth_country": _l("Födelseland"),
    "phone": _l("Telefon"),
    "email": _l("E-post"),
    "contact_language": _l("Kontaktspråk"),
    "interpreter": _l("Behöver tolk"),
    "hours_per_week": _l("Timmar i veckan"),
    "weekdays": _l("Dagar"),
    "available_from": _l("Kan börja"),
    "reaches_all_areas": _l("Når alla områden"),
    "informal_asked_on": _l("Kompetens från livet efterfrågad"),
    "ready_on": _l("Klar för matchning"),
}


@merge_pages.get("/same")
@requires(*CHANGERS)
def show_list() -> ResponseReturnValue:
    """Everybody who may be there twice, as far as the reader may know."""
    actor = current_actor()
    with reading() as session:
        pairs = same_people(session, actor, today=today())
        return render_template(
            "participants/same.html",
            person=None,
            pairs=pairs,
            grounds=GROUNDS,
            heading=_("Samma person två gånger?"),
            is_manager=actor.has_role(Role.UNIT_MANAGER),
            crumbs=[{"label": _("Deltagare"), "href": url_for("participants.list_")}],
        )


@merge_pages.get("/<key>/same")
@requires(*CHANGERS)
def show_same(key: str) -> ResponseReturnValue:
    """Who may be the same person as this one."""
    actor = current_actor()
    with reading() as session:
        overview = get_overview(session, actor, key, today=today())
        person = overview.participant
        pairs = []
        if merging.may_compare(session, actor, person, today=today()):
            pairs = same_people(session, actor, today=today(), about=person.id)
        return render_template(
            "participants/same.html",
            person=person,
            pairs=pairs,
            grounds=GROUNDS,
            heading=_("Samma person två gånger?"),
            is_manager=actor.has_role(Role.UNIT_MANAGER),
            crumbs=[
                {"label": _("Deltagare"), "href": url_for("participants.list_")},
                {"label": overview.name, "href": url_for("participants.show", key=person.alias)},
            ],
        )


@merge_pages.get("/<key>/same/<other>")
@requires(*CHANGERS)
def show_pair(key: str, other: str) -> ResponseReturnValue:
    """The two beside each other."""
    return _pair_page(key, other, None, "", {}), 200


@merge_pages.post("/<key>/same/<other>")
@requires(*CHANGERS)
def submit_pair(key: str, other: str) -> ResponseReturnValue:
    """Show it a second time; sent from there, merge."""
    chosen, reason = typed_choices(), request.form.get("reason", "")
    try:
        data, chosen = read_form()
        if data["step"] == "look":
            return _pair_page(key, other, chosen, data["reason"], {}, is_second_look=True), 200
        with writing() as session:
            kept = merging.merge_people(
                session,
                current_actor(),
                key,
                other,
                reason=data["reason"],
                today=today(),
                now=db.utcnow(),
                from_other=chosen,
                versions=(data["kept_version"], data["gone_version"]),
            )
            alias = kept.alias
    except (Invalid, Conflict) as error:
        page = _pair_page(key, other, chosen, reason, field_errors(error))
        return page, STATUS[type(error)]
    return redirect(url_for("participants.show", key=alias, saved="merged"), 303)


def _pair_page(
    key: str,
    other: str,
    chosen: frozenset[str] | None,
    reason: str,
    errors: dict[str, str],
    *,
    is_second_look: bool = False,
) -> str:
    with reading() as session:
        pair = merging.read_pair(session, current_actor(), key, other, today=today())
        kept, gone = pair.kept, pair.gone
        chosen = pair.suggested if chosen is None else chosen & set(pair.differing)
        fields = compared(
            merging.FIELDS,
            LABELS,
            _said,
            kept,
            gone,
            differing=pair.differing,
            chosen=chosen,
        )
        return render_template(
            "merge.html",
            heading=_("Är det samma person?"),
            crumbs=[
                {"label": _("Deltagare"), "href": url_for("participants.list_")},
                {"label": kept.alias, "href": url_for("participants.show", key=kept.alias)},
                {
                    "label": _("Samma person två gånger?"),
                    "href": url_for("participants.merge.show_same", key=kept.alias),
                },
            ],
            names={"kept": kept.alias, "gone": gone.alias},
            versions={"kept": kept.version, "gone": gone.version},
            swap_href=url_for("participants.merge.show_pair", key=gone.alias, other=kept.alias),
            action=url_for("participants.merge.submit_pair", key=kept.alias, other=gone.alias),
            cancel_href=url_for("participants.merge.show_same", key=kept.alias),
            obstacles=[translated(each) for each in pair.obstacles],
            moving=moving_rows(pair.moving),
            reason=reason,
            chosen=sorted(chosen),
            errors=errors,
            is_second_look=is_second_look,
            **fields,
        )


def _said(person: Participant, field: str) -> str:
    if field == "name":
        name = " ".join(filter(None, (person.given_name, person.family_name)))
        return "" if person.protected else name
    value = getattr(person, field)
    if value in (None, ""):
        return ""
    words: dict[str, Any] = {
        "sex": wording.SEX.get,
        "birth_region": wording.BIRTH_REGION.get,
        "phone": wording.phone,
        "weekdays": wording.weekday_words,
        "contact_language": lambda code: wording.CONTACT_LANGUAGES.get(code, code),
        "interpreter": _yes_or_no,
        "reaches_all_areas": _yes_or_no,
        "available_from": _day,
        "informal_asked_on": _day,
        "ready_on": _day,
    }
    return str(words[field](value) if field in words else value)


def _yes_or_no(value: bool) -> str:  # noqa: FBT001 - a value, not a switch
    return str(_("Ja") if value else _("Nej"))


def _day(value: Any) -> str:
    return day_words(value, year=True)
