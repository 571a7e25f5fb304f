"""What was told to somebody outside, and by which rule it could be told (LAW-02)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.errors import N_, Conflict, Invalid
from matchsvc.participants.access import Sight, get_visible, require_sight
from matchsvc.participants.consent_models import (
    BY_RIGHT,
    Category,
    Disclosure,
    DisclosureRule,
    Party,
)
from matchsvc.participants.consents import require_consent
from matchsvc.participants.models import Participant
from matchsvc.participants.own import get_own, plain_text
from matchsvc.participants.presentation_answers import require_presentable

#: What opens something to each party of ``BY_RIGHT``.
RIGHT_OF = {
    Party.HERSELF: DisclosureRule.OWN_ACCESS,
    Party.PARTY_TO_CASE: DisclosureRule.PARTY_ACCESS,
    Party.ANYBODY: DisclosureRule.PUBLIC_RECORD,
}
_ELSEWHERE = N_("Det som lämnas ut ur akten antecknas under Rättigheter.")
#: A limited group is these only (OSL 26:9).
LIMITED = frozenset({Party.HEALTH_CARE, Party.SOCIAL_SERVICES})


@dataclass(frozen=True, slots=True)
class Told:
    """What is told: to whom, what kind of thing, for what, by which rule.

    Attributes:
        recipient: the office or workplace; no person's address.
        request_id: of the form; the same form sent twice is one disclosure.
    """

    party: Party
    recipient: str
    category: Category
    purpose: str
    rule: DisclosureRule
    request_id: UUID


def disclose(
    session: Session,
    actor: Actor,
    key: UUID | str,
    told: Told,
    *,
    today: date,
    now: datetime,
) -> Disclosure:
    """Note that something is told, if a rule opens it at this instant.

    Raises:
        Refused: not the actor's own.
        Invalid: nobody or nothing is named, or the rule is not for that party.
        RuleViolation: by consent, and none stands any longer; or an employer would be told what
            she can, and she has said no to being shown.
        Conflict: the form was sent for somebody else before.
    """
    participant = get_own(session, actor, key, today=today)
    known = session.scalar(select(Disclosure).where(Disclosure.request_id == told.request_id))
    if known is not None:
        if known.participant_id != participant.id:
            raise Conflict  # a form of another person's page
        return known
    recipient = plain_text("recipient", told.recipient, today=today)
    purpose = plain_text("purpose", told.purpose, today=today)
    errors = _missing(recipient, purpose) | _not_by_that_rule(told)
    if errors:
        raise Invalid(errors)
    if told.party is Party.EMPLOYER and told.category is Category.COMPETENCE:
        require_presentable(session, participant.id)
    consent = None
    if told.rule is DisclosureRule.CONSENT:
        consent = require_consent(session, participant.id, told.party, told.category, today=today)
    row = Disclosure(
        participant_id=participant.id,
        unit_id=participant.unit_id,
        party=told.party,
        recipient=recipient,
        category=told.category,
        purpose=purpose,
        rule=told.rule,
        consent_id=consent.id if consent else None,
        disclosed_at=now,
        disclosed_by_id=actor.require_user(),
        request_id=told.request_id,
    )
    session.add(row)
    session.flush()
    audit.record(
        session, actor, "disclose", "participant", participant.id, fields=[told.party, told.rule]
    )
    return row


def _missing(recipient: str | None, purpose: str | None) -> dict[str, str]:
    errors = {}
    if recipient is None:
        errors["recipient"] = N_("Skriv vilken myndighet, mottagning eller arbetsplats.")
    if purpose is None:
        errors["purpose"] = N_("Skriv vad det behövs till.")
    return errors


def _not_by_that_rule(told: Told) -> dict[str, str]:
    errors = {}
    if told.rule is DisclosureRule.LIMITED_GROUP and told.party not in LIMITED:
        errors["rule"] = N_("Den regeln gäller bara socialtjänst och hälso- och sjukvård.")
    if told.rule is not DisclosureRule.CONSENT and told.party is Party.EMPLOYER:
        errors["rule"] = N_("En arbetsgivare får veta något bara med samtycke.")
    if told.party in BY_RIGHT or told.category is Category.RECORD:
        errors["party"] = _ELSEWHERE
    if told.rule in RIGHT_OF.values():
        errors["rule"] = _ELSEWHERE
    return errors


def give_by_right(
    session: Session,
    actor: Actor,
    participant: Participant,
    party: Party,
    *,
    recipient: str,
    purpose: str,
    request_id: UUID,
    now: datetime,
) -> Disclosure:
    """Note that the file or a part of it was given to whom the law gives it. Asks no right.

    Args:
        session: a writing transaction.
        actor: who handed it over.
        participant: whom it is about, also restricted; found by the caller.
        party: one of ``BY_RIGHT``.
        recipient: as what somebody got it, never a name: who asks need not say it.
        purpose: what was given.
        request_id: of the form; the same form sent twice is one disclosure.
        now: the instant.

    Raises:
        Conflict: the form was sent for somebody else before.
    """
    known = session.scalar(select(Disclosure).where(Disclosure.request_id == request_id))
    if known is not None:
        if known.participant_id != participant.id:
            raise Conflict
        return known
    row = Disclosure(
        participant_id=participant.id,
        unit_id=participant.unit_id,
        party=party,
        recipient=recipient,
        category=Category.RECORD,
        purpose=purpose,
        rule=RIGHT_OF[party],
        disclosed_at=now,
        disclosed_by_id=actor.require_user(),
        request_id=request_id,
    )
    session.add(row)
    session.flush()
    return row


def list_disclosures(
    session: Session, actor: Actor, key: UUID | str, *, today: date, limit: int = 50
) -> Sequence[Disclosure]:
    """What was told about her, latest first; logged.

    Raises:
        Refused: the actor does not see all of her.
    """
    participant = get_visible(session, actor, key, today=today)
    require_sight(session, actor, participant, Sight.FULL, today=today)
    audit.record(session, actor, "read", "disclosure", subjects=[participant.id])
    return session.scalars(
        select(Disclosure)
        .where(Disclosure.participant_id == participant.id)
        .order_by(Disclosure.disclosed_at.desc(), Disclosure.id)
        .limit(limit)
    ).all()
