"""Fixing the words of a document and signing them, each in turn; a signed version never changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Unit
from matchsvc.accounts.rules import names_of
from matchsvc.accounts.settings import shown_name
from matchsvc.documents.by_link import stop_all
from matchsvc.documents.card import raise_evidence, skills_from
from matchsvc.documents.content import (
    ASSESSOR,
    CASE_WORKER,
    EMPLOYER,
    NEEDED,
    PARTICIPANT,
)
from matchsvc.documents.desk import (
    ABOUT,
    S,
    facts_as_kept,
    hash_with,
    move,
    open_version,
    record_act,
    signed_by,
    signers_of,
    versions_of,
)
from matchsvc.documents.models import DocumentKind, EndDocument
from matchsvc.documents.scale import core
from matchsvc.documents.tasks import TASKS
from matchsvc.employers.models import Contact
from matchsvc.errors import N_, Invalid, Refused, RuleViolation
from matchsvc.participants.overview import concepts_by_id
from matchsvc.participants.own import NOT_YOURS, is_own
from matchsvc.placements.access import Seen
from matchsvc.placements.forms import get_form
from matchsvc.swedish import contains_identity_number, format_phone
from matchsvc.tripartite.signing import Signing
from matchsvc.workday.rules import settle_tasks
from matchsvc.workday.signature_models import IdentifiedHow
from matchsvc.workday.signing import sign, signatures_on

_OUTDATED = N_("Texten har ändrats sedan ni läste den. Läs den nya texten och skriv under den.")
#: Written when the period is over, not before.
_AFTER_THE_END = frozenset({DocumentKind.FINAL, DocumentKind.CERTIFICATE})
#: What is never printed about somebody with a protected identity: who, where.
_HIDDEN_WHEN_PROTECTED = (
    *("participant", "given_name", "site", "employer", "org_number", "municipality", "phone"),
    *("workplace_supervisor",),
)


def facts_of(session: Session, seen: Seen, row: EndDocument) -> dict[str, str]:
    """Names, dates and what was shown at the workplace, as they are now and stand on the paper.

    Of somebody with a protected identity neither name nor workplace: the name is written by hand.
    """
    placement = seen.placement
    unit = session.get_one(Unit, placement.unit_id)
    contact = session.get(Contact, placement.contact_id) if placement.contact_id else None
    assessors = {each.assessor_id for each in row.seen}
    staff = names_of(session, {placement.case_worker_id, placement.supervisor_id, *assessors})
    observers = [staff[each.assessor_id] for each in row.seen if each.assessor_role == "supervisor"]
    concepts = concepts_by_id(session, {each.concept_id for each in row.seen})
    end = placement.end_date or placement.planned_end_date
    facts = {
        "participant": seen.participant.full_name,
        "given_name": seen.participant.given_name or "",
        "employer": seen.employer.name,
        "site": seen.site.name,
        "org_number": seen.employer.org_number or "",
        "unit": shown_name(session, unit),
        "municipality": unit.municipality or "",
        "phone": format_phone(unit.phone) if unit.phone else "",
        "form_sv": get_form(session, placement.form).name_sv,
        "starts_on": placement.start_date.isoformat(),
        "ends_on": end.isoformat() if end else "",
        "workplace_supervisor": contact.name if contact else "",
        "case_worker": staff.get(placement.case_worker_id, ""),
        "supervisor": staff.get(placement.supervisor_id, ""),
        "assessor": observers[0] if observers else "",
        "names": json.dumps({key: each.label_sv for key, each in sorted(concepts.items())}),
        "skills": json.dumps(skills_from(session, seen) if row.kind is DocumentKind.CARD else []),
    }
    return masked(facts) if seen.participant.protected else facts


def masked(facts: Mapping[str, str]) -> dict[str, str]:
    """The same facts without who and where."""
    return {**facts, **dict.fromkeys(_HIDDEN_WHEN_PROTECTED, "")}


def shown_facts(session: Session, seen: Seen, row: EndDocument) -> dict[str, str]:
    """Facts as a page or a paper may show them: as kept, or of a draft as they are now."""
    facts = facts_as_kept(row) or facts_of(session, seen, row)
    return masked(facts) if seen.participant.protected else facts


def hash_shown(session: Session, seen: Seen, row: EndDocument) -> str:
    """The hash of what a page shows of a version: what was fixed, or of a draft as it is now."""
    return row.content_hash or hash_with(row, facts_of(session, seen, row))


def offer_for_signing(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    kind: DocumentKind,
    *,
    shown_hash: str,
    today: date,
) -> EndDocument:
    """Fix the words of the open version, so that they can be read together and signed.

    Raises:
        NotFound, Refused: as everywhere.
        RuleViolation: something is missing, the period is not over, or the words were changed
            since they were shown.
    """
    seen, row = open_version(session, actor, placement_id, kind, today=today)
    facts = facts_of(session, seen, row)
    content_hash = hash_with(row, facts)
    if shown_hash != content_hash:
        raise RuleViolation("signed_outdated", _OUTDATED)
    if kind in _AFTER_THE_END and seen.placement.end_date is None:
        raise RuleViolation(
            "not_ended",
            N_("Perioden är inte slut. Skriv gärna nu, och skriv under när den är det."),
        )
    missing = _missing(row)
    if missing:
        raise RuleViolation(
            "document_incomplete",
            N_("Det fattas något innan ni kan skriva under. Fyll i det som är markerat."),
            fields=missing,
        )
    move(row, S.SIGNING)
    row.facts, row.content_hash = json.dumps(facts, sort_keys=True), content_hash
    session.flush()
    record_act(session, actor, "change", row, seen)
    return row


def _missing(row: EndDocument) -> dict[str, str]:
    texts = {each.code: each.text for each in row.sections}
    found = {code: N_("Skriv något här först.") for code in NEEDED[row.kind] if not texts[code]}
    if row.kind is DocumentKind.CARD:
        said = {each.concept_id for each in row.seen}
        found |= {
            f"level-{each}": N_("Välj det du har sett, eller Inte sett.")
            for each in core()
            if each not in said
        }
    return found


def sign_document(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    kind: DocumentKind,
    signing: Signing,
    *,
    today: date,
    now: datetime,
) -> EndDocument:
    """Note a signature; the last one makes the version stand and replaces the one before.

    Raises:
        NotFound, Refused: as everywhere.
        RuleViolation: it is not open for signing, the words were changed, or others sign first.
        Invalid: nobody is named, or no such party signs this document.
    """
    seen, row = open_version(session, actor, placement_id, kind, today=today)
    if row.state is not S.SIGNING:
        raise RuleViolation(
            "not_for_signing", N_("Versionen väntar inte på underskrifter. Ladda om sidan.")
        )
    parties = signers_of(row)
    if signing.capacity not in parties:
        raise Invalid({"capacity": N_("Välj ett av alternativen.")})
    signed = signed_by(row, signatures_on(session, ABOUT, [row.id])[row.id])
    if not set(parties[: parties.index(signing.capacity)]) <= signed.keys():
        raise RuleViolation(
            "signs_later", N_("Den som står före i listan skriver under först. Ladda om sidan.")
        )
    signer_id, signer_name, how = _signer(session, actor, seen, row, signing, today=today)
    sign(
        session,
        actor,
        unit_id=seen.placement.unit_id,
        about_type=ABOUT,
        about_id=row.id,
        content_hash=row.content_hash or "",
        shown_hash=signing.shown_hash,
        capacity=signing.capacity,
        identified_how=how,
        now=now,
        signer_id=signer_id,
        signer_name=signer_name,
        on_behalf_reason=signing.on_behalf_reason,
        interpreter_language=signing.interpreter_language,
    )
    is_last = signing.capacity == parties[-1]
    if kind is DocumentKind.CARD:
        raise_evidence(session, actor, seen, row, everybody=is_last, today=today)
    if is_last:
        _stand(session, actor, seen, row, now=now)
    session.flush()
    return row


def _signer(
    session: Session, actor: Actor, seen: Seen, row: EndDocument, signing: Signing, *, today: date
) -> tuple[UUID | None, str | None, IdentifiedHow]:
    """Who signs: id or name, and how that is known."""
    is_case_worker = is_own(session, actor, seen.participant.id, today=today)
    if signing.capacity == CASE_WORKER:
        if not is_case_worker:
            raise Refused("not_your_case", NOT_YOURS)
        return actor.require_user(), None, IdentifiedHow.KNOWN
    if signing.capacity == ASSESSOR:
        assessors = [each.assessor_id for each in row.seen if each.assessor_role == "supervisor"]
        if actor.user_id in assessors:
            return actor.user_id, None, IdentifiedHow.KNOWN
        if not is_case_worker or not (signing.on_behalf_reason or "").strip():
            raise RuleViolation(
                "assessor_signs",
                N_("Den som har sett det skriver under själv. Går det inte, skriv varför."),
                fields={"on_behalf_reason": N_("Skriv varför.")},
            )
        return assessors[0], None, signing.identified_how
    if signing.capacity == PARTICIPANT:
        return seen.participant.id, None, signing.identified_how
    assert signing.capacity == EMPLOYER  # noqa: S101 - for the reader: no party is left
    if contains_identity_number(signing.signer_name or "", today=today):
        raise Invalid({"signer_name": N_("Skriv inga personnummer här.")})
    return None, signing.signer_name, signing.identified_how


def _stand(session: Session, actor: Actor, seen: Seen, row: EndDocument, *, now: datetime) -> None:
    for before in versions_of(session, seen.placement.id, row.kind):
        if before.state is S.SIGNED:
            move(before, S.REPLACED)
            stop_all(session, before.id, now)
    move(row, S.SIGNED)
    row.signed_at = now
    if row.kind in TASKS:
        settle_tasks(session, actor, [TASKS[row.kind]], seen.placement.id, now=now)
    record_act(session, actor, "agree", row, seen)
