"""Giving a signed document to somebody, and what each gets of it (PLA-09, PLA-11, LAW-02).

The participant gets all of it. The employer gets a copy without sections 1 and 2 and without
anything about health or social matters, by her consent alone. Arbetsförmedlingen gets a copy
without sections 1 and 2 when she or a rule allows it. Somebody hands it over, or it is read by a
link (by_link.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.documents.content import MAY_GET, for_others, from_text, lines_of
from matchsvc.documents.desk import (
    ABOUT,
    STANDING,
    Desk,
    S,
    get_version,
    record_act,
    see,
    versions_of,
)
from matchsvc.documents.models import (
    DocumentDelivery,
    DocumentKind,
    EndDocument,
    GivenHow,
    GivenTo,
)
from matchsvc.errors import N_, Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants.consent_models import Category, DisclosureRule, Party
from matchsvc.participants.consents import require_consent
from matchsvc.participants.disclosures import Told, disclose
from matchsvc.participants.own import NOT_YOURS, is_own
from matchsvc.placements.access import Seen

#: As what each outside party is told of the paper.
_TOLD_AS = {
    GivenTo.EMPLOYER: (Party.EMPLOYER, Category.COMPETENCE),
    GivenTo.EMPLOYMENT_SERVICE: (Party.EMPLOYMENT_SERVICE, Category.WORK_ABILITY),
}
_PURPOSE = {
    DocumentKind.FINAL: "Slutdokumentation efter placeringen",
    DocumentKind.ACCOUNT: "Redogörelse som Arbetsförmedlingen har bett om",
}
_AF = "Arbetsförmedlingen"


@dataclass(frozen=True, slots=True)
class Giving:
    """How a document is given.

    Attributes:
        given_to: who gets it.
        request_id: of the form; the same form sent twice is one delivery.
        how: on paper, on her own page, read aloud, or by a link.
        interpreter_language: which language was interpreted, if any.
        rule: by which rule Arbetsförmedlingen may be told; an employer only by consent.
        contact_id: of the employer, who gets the link; None is the placement's own contact.
    """

    given_to: GivenTo
    request_id: UUID
    how: GivenHow = GivenHow.PAPER
    interpreter_language: str | None = None
    rule: DisclosureRule = DisclosureRule.CONSENT
    contact_id: UUID | None = None


def deliver(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    kind: DocumentKind,
    number: int,
    giving: Giving,
    *,
    today: date,
    now: datetime,
) -> DocumentDelivery:
    """Note that a signed document is given to somebody; outside parties as a disclosure too.

    Raises:
        NotFound: hidden, or there is no such version.
        Refused: the actor is not her case worker.
        Invalid: that party does not get this document, or the rule is not for that party.
        RuleViolation: it is not signed, no consent stands, or her identity is protected.
        Conflict: the form was sent for another document.
    """
    seen = see(session, actor, placement_id, kind, today=today, for_update=True)
    if not is_own(session, actor, seen.participant.id, today=today):
        raise Refused("not_your_case", NOT_YOURS)
    row = _version(session, seen, kind, number)
    known = session.scalar(
        select(DocumentDelivery).where(DocumentDelivery.request_id == giving.request_id)
    )
    if known is not None:
        if (known.document_id, known.given_to) != (row.id, giving.given_to):
            raise Conflict
        return known
    if row.state is not S.SIGNED:
        raise RuleViolation(
            "not_signed", N_("Bara den version som gäller lämnas ut. Skriv under den först.")
        )
    if giving.given_to not in MAY_GET[kind]:
        raise Invalid({"given_to": N_("Välj ett av alternativen.")})
    disclosure_id = None
    if giving.given_to in _TOLD_AS:
        disclosure_id = _disclosed(session, actor, seen, kind, giving, today=today, now=now)
    delivery = DocumentDelivery(
        document_id=row.id,
        given_to=giving.given_to,
        how=_how(giving),
        interpreter_language=(giving.interpreter_language or "").strip() or None,
        disclosure_id=disclosure_id,
        given_on=today,
        given_by_id=actor.require_user(),
        request_id=giving.request_id,
    )
    session.add(delivery)
    session.flush()
    record_act(session, actor, "deliver", row, seen)
    return delivery


def _how(giving: Giving) -> GivenHow:
    """Her own page and reading aloud are hers alone: others get paper, or a link."""
    if giving.given_to is GivenTo.PARTICIPANT or giving.how is GivenHow.LINK:
        return giving.how
    return GivenHow.PAPER


def _version(session: Session, seen: Seen, kind: DocumentKind, number: int) -> EndDocument:
    versions = versions_of(session, seen.placement.id, kind)
    row = next((each for each in versions if each.number == number), None)
    if row is None:
        raise NotFound(ABOUT)
    return row


def _disclosed(
    session: Session,
    actor: Actor,
    seen: Seen,
    kind: DocumentKind,
    giving: Giving,
    *,
    today: date,
    now: datetime,
) -> UUID:
    if seen.participant.protected:
        raise RuleViolation(
            "protected_stays",
            N_("Personens uppgifter är skyddade. Härifrån lämnas inget till någon annan."),
        )
    party, category = _TOLD_AS[giving.given_to]
    told = Told(
        party=party,
        recipient=seen.employer.name if party is Party.EMPLOYER else _AF,
        category=category,
        purpose=_PURPOSE[kind],
        rule=giving.rule,
        request_id=giving.request_id,
    )
    return disclose(session, actor, seen.participant.id, told, today=today, now=now).id


def copy_of(row: EndDocument, to: GivenTo) -> list[tuple[str, list[str]]]:
    """What somebody gets of a document: its parts with their sentences, empty ones left out."""
    sections = [(each.code, each.text, from_text(each.drafted)) for each in row.sections]
    if to is GivenTo.PARTICIPANT:
        told = [(code, lines_of(text)) for code, text, _drafted in sections]
        return [(code, sentences) for code, sentences in told if sentences]
    return for_others(sections, to=to)


def copy_to_take(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    kind: DocumentKind,
    number: int,
    to: GivenTo,
    *,
    today: date,
) -> tuple[Desk, EndDocument, list[tuple[str, list[str]]]]:
    """An outside party's copy, for who hands it over; once it was noted that it is given.

    Raises:
        NotFound: hidden, no such version, or nobody has noted that it is given.
        RuleViolation: the employer's copy, and she has taken her consent back since.
    """
    desk, row = get_version(session, actor, placement_id, kind, number, today=today)
    given = {each.given_to for each in desk.deliveries[row.id]}
    if row.state not in STANDING or to not in given or desk.seen.participant.protected:
        raise NotFound(ABOUT)
    if to is GivenTo.EMPLOYER:
        require_consent(
            session, desk.seen.participant.id, Party.EMPLOYER, Category.COMPETENCE, today=today
        )
    record_act(session, actor, "export", row, desk.seen)
    return desk, row, copy_of(row, to)
