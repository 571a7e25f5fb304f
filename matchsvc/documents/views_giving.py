"""Giving a signed document to somebody: what each gets, and that it was given."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchsvc import db
from matchsvc.accounts.guard import current_actor, day_of_request, reading, requires, writing
from matchsvc.documents import by_link, delivering, schemas, wording
from matchsvc.documents.content import MAY_GET
from matchsvc.documents.delivering import Giving
from matchsvc.documents.desk import S, get_version
from matchsvc.documents.frame import FORM_ERRORS, kind_of
from matchsvc.documents.models import GivenTo
from matchsvc.documents.overview import signature_rows
from matchsvc.documents.paper import TEMPLATE, paper_data
from matchsvc.documents.signing import shown_facts
from matchsvc.errors import NotFound
from matchsvc.participants.consent_words import RULE
from matchsvc.participants.wording import CONTACT_LANGUAGES
from matchsvc.placements.access import DECIDERS
from matchsvc.web.forms import load_form
from matchsvc.web.papers import render_pdf
from matchsvc.web.problems import STATUS, field_errors

giving_pages = Blueprint("giving", __name__)


@giving_pages.get("/<kind>/<int:number>/give")
@requires(*DECIDERS)
def show_giving(placement_id: UUID, kind: str, number: int) -> ResponseReturnValue:
    """Who gets it, and what of it."""
    return _page(placement_id, kind, number, {}, {})


@giving_pages.post("/<kind>/<int:number>/give")
@requires(*DECIDERS)
def submit_giving(placement_id: UUID, kind: str, number: int) -> ResponseReturnValue:
    """Note that it is given; by a link, send it."""
    try:
        giving = Giving(**load_form(schemas.GiveSchema()))
        with writing() as session:
            by_link.give(
                session,
                current_actor(),
                placement_id,
                kind_of(kind),
                number,
                giving,
                base_url=current_app.config["MATCHSVC"].base_url,
                today=day_of_request(),
                now=db.utcnow(),
            )
    except FORM_ERRORS as error:
        page = _page(placement_id, kind, number, request.form, field_errors(error))
        return page, STATUS[type(error)]
    address = url_for("documents.show", placement_id=placement_id, kind=kind, saved="given")
    return redirect(address, 303)


@giving_pages.post("/<kind>/<int:number>/deliveries/<uuid:delivery_id>/stop")
@requires(*DECIDERS)
def submit_stop_link(
    placement_id: UUID, kind: str, number: int, delivery_id: UUID
) -> ResponseReturnValue:
    """Stop the link by which it was given."""
    with writing() as session:
        by_link.revoke(
            session,
            current_actor(),
            placement_id,
            kind_of(kind),
            number,
            delivery_id,
            today=day_of_request(),
            now=db.utcnow(),
        )
    address = url_for("documents.show", placement_id=placement_id, kind=kind, saved="stopped")
    return redirect(address, 303)


@giving_pages.get("/<kind>/<int:number>/<to>.pdf")
@requires(*DECIDERS)
def download_copy(placement_id: UUID, kind: str, number: int, to: str) -> ResponseReturnValue:
    """Somebody else's copy as a tagged PDF, once it was noted that it is given."""
    try:
        whose = GivenTo(to)
    except ValueError:
        raise NotFound("end_document") from None
    which, today = kind_of(kind), day_of_request()
    with reading() as session:
        desk, row, copy = delivering.copy_to_take(
            session, current_actor(), placement_id, which, number, whose, today=today
        )
        facts = shown_facts(session, desk.seen, row)
        signed = signature_rows(session, desk, row, facts)
        data = paper_data(row, facts, signed, copy=copy, to=whose)
        made = render_pdf(TEMPLATE[which], data, made_at=db.utcnow())
    name = f"{wording.FILE[which]}-{number}-exemplar.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made, mimetype="application/pdf", headers=headers)


def _page(placement_id: UUID, kind: str, number: int, form: Any, errors: dict[str, str]) -> str:
    which = kind_of(kind)
    with reading() as session:
        desk, row = get_version(
            session, current_actor(), placement_id, which, number, today=day_of_request()
        )
        if row.state is not S.SIGNED or not desk.is_case_worker:
            raise NotFound("end_document")
        others = [each for each in MAY_GET[which] if each is not GivenTo.PARTICIPANT]
        return render_template(
            "documents/give.html",
            desk=desk,
            row=row,
            kind=which,
            may_get=MAY_GET[which]
            if not desk.seen.participant.protected
            else (GivenTo.PARTICIPANT,),
            copies=[
                (
                    wording.GIVEN_TO[each],
                    [
                        (wording.section_title(which, code), sentences)
                        for code, sentences in delivering.copy_of(row, each)
                    ],
                )
                for each in others
                if not desk.seen.participant.protected
            ],
            words=wording,
            rules=[(rule.value, label) for rule, label in RULE.items()],
            languages=CONTACT_LANGUAGES,
            contacts=by_link.contacts_for(session, desk.seen)
            if GivenTo.EMPLOYER in MAY_GET[which]
            else [],
            form=form,
            errors=errors,
            request_id=form.get("request_id") or uuid4(),
        )
