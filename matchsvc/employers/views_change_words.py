"""What changed in the register, in words: names of fields and of what stood in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import rules as accounts
from matchsvc.employers import rules
from matchsvc.employers import views_labels as labels
from matchsvc.employers.history import ChangePage
from matchsvc.employers.schemas import days_of_mask
from matchsvc.vocabulary import rules as vocabulary
from matchsvc.vocabulary.models import Concept

SUBJECTS = {
    "employer": _l("Arbetsgivaren"),
    "site": _l("Arbetsställe"),
    "contact": _l("Kontaktperson"),
    "offer": _l("Erbjudande"),
}
FIELDS: Mapping[str, Any] = {
    "name": _l("Namn"),
    "type": _l("Typ"),
    "org_number": _l("Organisationsnummer"),
    "sni": _l("SNI-kod"),
    "size_band": _l("Antal anställda"),
    "status": _l("Status"),
    "status_code": _l("Orsak"),
    "status_reason": _l("Orsak i ord"),
    "origin": _l("Så började kontakten"),
    "origin_event": _l("Tillfälle där kontakten började"),
    "focus": _l("Inriktning"),
    "governance": _l("Vem bestämmer, och hur?"),
    "csr_practice": _l("Samhällsansvar i dag, och deras vinkel"),
    "inclusion": _l("Policy för inkludering"),
    "adaptability": _l("Anpassning och säsong"),
    "collective_agreement": _l("Kollektivavtal"),
    "union_name": _l("Fackförening"),
    "bar": _l("Hinder för placering"),
    "agreement_id": _l("Överenskommelse"),
    "owner_id": _l("Ansvarig"),
    "address": _l("Adress"),
    "postcode": _l("Postnummer"),
    "town": _l("Ort"),
    "area_id": _l("Område"),
    "capacity": _l("Platser samtidigt"),
    "supervisors": _l("Handledare"),
    "works_with_children": _l("Arbete med barn"),
    "closed_on": _l("Sista dagen"),
    "languages": _l("Språk"),
    "access_note": _l("Vägen dit och in"),
    "offers": _l("Erbjuder"),
    "excludes": _l("Utesluter"),
    "role": _l("Roll"),
    "site_id": _l("Arbetsställe"),
    "email": _l("E-post"),
    "phone": _l("Telefon"),
    "channel": _l("Vill helst bli nådd genom"),
    "is_active": _l("Arbetar kvar där"),
    "periods": _l("Platser över tid"),
    "paused_until": _l("Pausad till"),
    "title": _l("Titel"),
    "tasks": _l("Arbetsuppgifter"),
    "contribution": _l("Vad platsen ger"),
    "places": _l("Platser"),
    "hours_start": _l("Timmar per vecka vid start"),
    "hours_max": _l("Timmar per vecka, högst"),
    "occupation_id": _l("Yrke"),
    "forms": _l("Former som går bra"),
    "weekdays": _l("Dagar"),
    "start_from": _l("Tidigast start"),
    "start_by": _l("Senast start"),
    "valid_until": _l("Erbjudandet gäller till"),
    "season_start": _l("Säsongen börjar"),
    "season_end": _l("Säsongen slutar"),
    "supervisor_named": _l("Handledare är utsedd"),
    "job_prospect": _l("Chans till jobb efteråt"),
    "for_af": _l("Ordnas åt Arbetsförmedlingen"),
    "requirements": _l("Krav och meriter"),
    "licences": _l("Körkort och intyg"),
}
_TRUTH = {"yes": _l("Ja"), "no": _l("Nej")}
_CODES: Mapping[str, Mapping[Any, Any]] = {
    "type": labels.TYPES,
    "status": labels.STATUSES | labels.OFFER_STATUSES,
    "status_code": labels.STATUS_CODES,
    "origin": labels.ORIGINS,
    "collective_agreement": labels.YES_NO,
    "job_prospect": labels.YES_NO,
    "bar": labels.BARS,
    "role": labels.ROLES,
    "channel": labels.CHANNELS,
    "contribution": labels.CONTRIBUTIONS,
    "forms": labels.FORM_NAMES,
    "is_active": _TRUTH,
    "supervisor_named": _TRUTH,
    "for_af": _TRUTH,
}
_CONCEPTS = frozenset({"languages", "occupation_id", "requirements", "licences"})
_LISTS = _CONCEPTS | {"offers", "excludes", "forms", "periods"}


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One line of the page.

    Attributes:
        at: when.
        by: whose name; None when a job did it.
        about: what changed, and its name.
        field: which part.
        before, after: in words; empty when nothing was said.
    """

    at: datetime
    by: str | None
    about: str
    field: str
    before: str
    after: str


def rows_in_words(session: Session, found: ChangePage) -> list[ChangeRow]:
    """The changes of a page as lines. The number of queries does not depend on the data."""
    word = _word_finder(session, found)
    return [
        ChangeRow(
            at=row.created_at,
            by=by,
            about=str(SUBJECTS.get(row.subject, row.subject))
            + ("" if row.subject == "employer" else f" {row.name}"),
            field=str(FIELDS.get(row.field, row.field)),
            before=word(row.field, row.before),
            after=word(row.field, row.after),
        )
        for row, by in found.rows
    ]


def _word_finder(session: Session, found: ChangePage) -> Callable[[str, str | None], str]:
    unit_id = found.employer.unit_id
    said = {
        field: {
            part
            for row, _by in found.rows
            if row.field == field
            for text in (row.before, row.after)
            for part in (text or "").split("|")
        }
        for field in _CONCEPTS
    }
    ids = set().union(*said.values())
    concepts = session.scalars(select(Concept).where(Concept.id.in_(ids - {""})))
    names: dict[str, str] = {each.id: labels.concept_label(each) for each in concepts}
    conditions = vocabulary.list_conditions(session)
    by_field: dict[str, Mapping[str, Any]] = {
        "offers": {each.id: labels.offered_label(each) for each in conditions},
        "excludes": {each.id: labels.excluded_label(each) for each in conditions},
        "owner_id": _named(accounts.list_users(session, unit_id), "name"),
        "area_id": _named(accounts.list_areas(session, unit_id), "name"),
        "agreement_id": _named(rules.list_agreements(session, unit_id), "partner"),
        "site_id": _named(found.employer.sites, "name"),
        **dict.fromkeys(_CONCEPTS, names),
        **{
            field: {str(key): each for key, each in codes.items()}
            for field, codes in _CODES.items()
        },
    }

    def word(field: str, text: str | None) -> str:
        if text is None:
            return ""
        if field == "weekdays":
            return ", ".join(str(labels.WEEKDAYS[day]) for day in days_of_mask(int(text)))
        parts = text.split("|") if field in _LISTS else [text]
        known = by_field.get(field, {})
        hidden = _("borttaget") if field.endswith("_id") else None
        return ", ".join(str(known.get(part, hidden or part)) for part in parts)

    return word


def _named(rows: Iterable[Any], name: str) -> dict[str, str]:
    return {str(row.id): getattr(row, name) for row in rows}
