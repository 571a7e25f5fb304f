"""Pages that find and merge two rows of one employer."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.guard import current_actor, reading, requires, writing
from matchsvc.employers import merging, rules
from matchsvc.employers import views_labels as labels
from matchsvc.employers.access import EDITORS, READERS
from matchsvc.employers.merging import Ground, same_employers
from matchsvc.employers.models import Employer
from matchsvc.errors import Conflict, Invalid
from matchsvc.swedish import local_date
from matchsvc.web.merging import compared, moving_rows, read_form, typed_choices
from matchsvc.web.problems import STATUS, field_errors

merge_pages = Blueprint("merge", __name__)

GROUNDS = {
    Ground.ORG_NUMBER: _l("Samma organisationsnummer"),
    Ground.NAME: _l("Liknande namn"),
}
LABELS = {
    "name": _l("Namn"),
    "type": _l("Typ"),
    "org_number": _l("Organisationsnummer"),
    "status": _l("Status"),
    "sni": _l("SNI-kod"),
    "size_band": _l("Antal anställda"),
    "origin": _l("Så började kontakten"),
    "collective_agreement": _l("Kollektivavtal"),
    "focus": _l("Inriktning"),
    "governance": _l("Vem bestämmer, och hur?"),
    "csr_practice": _l("Samhällsansvar i dag, och deras vinkel"),
    "inclusion": _l("Policy för inkludering"),
    "adaptability": _l("Anpassning och säsong"),
    "union_name": _l("Fackförening"),
    "bar": _l("Hinder för placering"),
    "agreement_id": _l("Överenskommelse"),
    "owner_id": _l("Ansvarig"),
}


@merge_pages.get("/employers/same")
@requires(*READERS)
def show_list() -> ResponseReturnValue:
    """Every employer of the unit that may be there twice."""
    return _same_page(None)


@merge_pages.get("/employers/<key>/same")
@requires(*READERS)
def show_same(key: str) -> ResponseReturnValue:
    """What may be the same employer as this one."""
    return _same_page(key)


def _same_page(key: str | None) -> str:
    actor = current_actor()
    with reading() as session:
        employer = rules.get_employer(session, actor, key) if key is not None else None
        pairs = same_employers(session, actor, about=employer.id if employer else None)
        return render_template(
            "employers/same.html",
            employer=employer,
            pairs=pairs,
            grounds=GROUNDS,
            can_edit=rules.can_edit(actor),
        )


@merge_pages.get("/employers/<key>/same/<other>")
@requires(*EDITORS)
def show_pair(key: str, other: str) -> ResponseReturnValue:
    """The two beside each other."""
    return _pair_page(key, other, None, "", {}), 200


@merge_pages.post("/employers/<key>/same/<other>")
@requires(*EDITORS)
def submit_pair(key: str, other: str) -> ResponseReturnValue:
    """Show it a second time; sent from there, merge."""
    chosen, reason = typed_choices(), request.form.get("reason", "")
    try:
        data, chosen = read_form()
        if data["step"] == "look":
            return _pair_page(key, other, chosen, data["reason"], {}, is_second_look=True), 200
        with writing() as session:
            kept = merging.merge_employers(
                session,
                current_actor(),
                key,
                other,
                reason=data["reason"],
                today=local_date(db.utcnow()),
                from_other=chosen,
                versions=(data["kept_version"], data["gone_version"]),
            )
            kept_id = kept.id
    except (Invalid, Conflict) as error:
        page = _pair_page(key, other, chosen, reason, field_errors(error))
        return page, STATUS[type(error)]
    return redirect(url_for("employers.show_page", key=kept_id), 303)


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
        pair = merging.read_pair(session, current_actor(), key, other)
        kept, gone = pair.kept, pair.gone
        chosen = pair.suggested if chosen is None else chosen & set(pair.differing)
        names = _names(session, kept.unit_id)

        def said(employer: Employer, field: str) -> str:
            value = getattr(employer, field)
            if field == "org_number":
                return labels.org_number_words(value)
            if field == "status" and employer.status_reason:
                return f"{labels.in_words(value)}: {employer.status_reason}"
            return names.get(value, "") if isinstance(value, UUID) else labels.in_words(value)

        fields = compared(
            merging.FIELDS,
            LABELS,
            said,
            kept,
            gone,
            differing=pair.differing,
            chosen=chosen,
        )
        return render_template(
            "merge.html",
            heading=_("Är det samma arbetsgivare?"),
            crumbs=[
                {"label": _("Arbetsgivare"), "href": "/employers"},
                {"label": kept.name, "href": url_for("employers.show_page", key=kept.id)},
                {
                    "label": _("Samma arbetsgivare två gånger?"),
                    "href": url_for("employers.merge.show_same", key=kept.id),
                },
            ],
            names={
                "kept": f"{kept.name} ({kept.external_id})",
                "gone": f"{gone.name} ({gone.external_id})",
            },
            versions={"kept": kept.version, "gone": gone.version},
            swap_href=url_for("employers.merge.show_pair", key=gone.id, other=kept.id),
            action=url_for("employers.merge.submit_pair", key=kept.id, other=gone.id),
            cancel_href=url_for("employers.merge.show_same", key=kept.id),
            obstacles=[],
            moving=moving_rows(pair.moving),
            reason=reason,
            chosen=sorted(chosen),
            errors=errors,
            is_second_look=is_second_look,
            **fields,
        )


def _names(session: Session, unit_id: UUID) -> Mapping[UUID, str]:
    """What owners and agreements are called."""
    users = {user.id: user.name for user in accounts.list_users(session, unit_id)}
    return users | {row.id: row.partner for row in rules.list_agreements(session, unit_id)}
