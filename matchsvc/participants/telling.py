"""Whether somebody outside may be told of a participant, asked before anybody is invited (PRO-13).

A consent (consents.py) opens one party and one kind of information until a day. This says in one
answer whether all of a meeting may come, and if not, who and what to do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.errors import N_, Phrase
from matchsvc.participants import consent_models as consent
from matchsvc.participants.consent_models import Category, Consent, ConsentScope
from matchsvc.participants.models import Participant
from matchsvc.workday.meeting_types import OUTSIDE, PARTY_WORDS, Party

_CODES = {party.value for party in consent.Party}


@dataclass(frozen=True, slots=True)
class Telling:
    """Whether somebody may be told, and if not why and what to do.

    Attributes:
        allowed: the answer.
        why: Swedish sentence with ``%(name)s`` places; empty when allowed.
        values: what to put there.
    """

    allowed: bool
    why: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Read as the answer."""
        return self.allowed


def may_be_told(
    session: Session,
    participant: Participant,
    party: Party,
    category: Category,
    *,
    today: date,
    on: date | None = None,
) -> Telling:
    """Whether a party may be told something of a participant.

    The unit and she herself may. Of somebody protected nobody outside is told by the service.

    Args:
        session: to read with.
        participant: one whom the caller may see.
        party: who would be told.
        category: what it would be about.
        today: the consent must stand today ...
        on: ... and still on this day, that of the meeting.
    """
    return may_all_be_told(session, [participant], [party], category, today=today, on=on)


def may_all_be_told(
    session: Session,
    participants: Sequence[Participant],
    parties: Collection[Party],
    category: Category,
    *,
    today: date,
    on: date | None = None,
    is_enrolment: bool = False,
) -> Telling:
    """The first refusal among several people and parties, or that all may be told. One query.

    Args:
        session: to read with.
        participants: whom it is about.
        parties: who would be told.
        category: what it would be about.
        today: the consents must stand today ...
        on: ... and still on this day.
        is_enrolment: the referrer, who knows whom they referred, comes before there is a consent:
            it is asked for at that very talk (PRO-08).
    """
    outside = [party for party in OUTSIDE if party in parties]
    if is_enrolment:
        outside = [party for party in outside if party is not Party.REFERRER]
    if not outside or not participants:
        return Telling(allowed=True)
    for participant in participants:
        if participant.protected:
            return _no(
                participant,
                N_(
                    "%(alias)s har skyddade uppgifter. Ingen utanför enheten bjuds in härifrån. "
                    "Boka mötet utan dem och ta kontakten själv."
                ),
            )
    last_days = _last_days(session, participants, category, today=today)
    for participant in participants:
        for party in outside:
            words = Phrase(PARTY_WORDS[party])
            if party.value not in _CODES:
                return _no(
                    participant,
                    N_(
                        "Välj vilken myndighet eller verksamhet det är i stället för: %(party)s. "
                        "Samtycket från %(alias)s gäller en i taget."
                    ),
                    party=words,
                )
            until = last_days.get((participant.id, party.value))
            if until is None:
                return _no(
                    participant,
                    N_(
                        "%(alias)s har inte samtyckt till att ni berättar för: %(party)s. "
                        "Fråga personen och anteckna svaret under Samtycken, "
                        "eller boka mötet utan den parten."
                    ),
                    party=words,
                )
            if until < max(today, on or today):
                return _no(
                    participant,
                    N_(
                        "Samtycket från %(alias)s gäller till %(until)s: %(party)s. Fråga om det "
                        "får förlängas, eller välj en tidigare dag."
                    ),
                    party=words,
                    until=until.isoformat(),
                )
    return Telling(allowed=True)


def _no(participant: Participant, why: str, **values: object) -> Telling:
    return Telling(allowed=False, why=why, values={"alias": participant.alias, **values})


def _last_days(
    session: Session, participants: Sequence[Participant], category: Category, *, today: date
) -> dict[tuple[object, str], date]:
    """By participant and party, the last day on which something stands."""
    rows = session.execute(
        select(Consent.participant_id, ConsentScope.party, Consent.valid_until)
        .join(ConsentScope, ConsentScope.consent_id == Consent.id)
        .where(
            Consent.participant_id.in_([each.id for each in participants]),
            Consent.valid_from <= today,
            Consent.valid_until >= today,
            ConsentScope.category == category,
            ConsentScope.revoked_at.is_(None),
        )
    )
    found: dict[tuple[object, str], date] = {}
    for participant_id, party, until in rows:
        if until is not None:
            key = participant_id, party.value
            found[key] = max(until, found.get(key, until))
    return found
