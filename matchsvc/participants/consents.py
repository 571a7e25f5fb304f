"""Consent to lift secrecy: read together, given or refused, taken back any time (CON-01, -02).

It lifts secrecy (OSL 10:1) and is not the ground on which data is kept (LAW-03): revoking deletes
nothing, refusing blocks nothing. It opens one party and one kind of information at a time, until a
day that must be named.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor, job_actor
from matchsvc.accounts.settings import numbers_by_unit
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.participants.access import Sight, get_visible, require_sight
from matchsvc.participants.consent_models import (
    NEVER_TO_EMPLOYERS,
    Category,
    Consent,
    ConsentAnswer,
    ConsentScope,
    Party,
    RevokedHow,
)
from matchsvc.participants.models import Case, Participant
from matchsvc.participants.own import get_own, plain_text
from matchsvc.swedish import add_months
from matchsvc.workday.rules import add_task
from matchsvc.workday.signature_models import IdentifiedHow
from matchsvc.workday.signing import hash_of, sign

TEXTS = Path(__file__).parent / "data" / "consent" / "texts.yaml"
FIRST = "sv"
#: Settings of the unit: days before the last day on which its case worker is told (CON-02).
WARNINGS = ("consent_first_warning", "consent_last_warning")
USUAL_MONTHS = 12
LONGEST_MONTHS = 36

Scope = tuple[Party, Category]


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The words that are read, in one language. ``is_draft``: no native reader approved them."""

    version: str
    language: str
    dir: str
    title: str
    paragraphs: tuple[str, ...]
    is_draft: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered when the text was read together.

    Attributes:
        answer: given or refused.
        scopes: what it opens; empty for a refusal.
        valid_until: the last day; demanded of a given one.
        language: of the text that was read.
        identified_how: how it was known who she is.
        reservation: a limit in her own words.
        interpreter_language: which language was interpreted, if any.
        text_version: of the text that stood on the page; None means the current one.
    """

    answer: ConsentAnswer
    scopes: frozenset[Scope] = frozenset()
    valid_until: date | None = None
    language: str = FIRST
    identified_how: IdentifiedHow = IdentifiedHow.KNOWN
    reservation: str | None = None
    interpreter_language: str | None = None
    text_version: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """Her answers, latest first, and what is open today, by party."""

    consents: Sequence[Consent]
    open: dict[Party, dict[Category, Consent]] = field(default_factory=dict)


@cache
def consent_texts() -> dict[str, dict[str, ConsentText]]:
    """Every version's text by language.

    Raises:
        ValueError: a text says neither utkast nor granskad.
    """
    told = _file()
    return {
        version: {lang: _text(version, lang, words) for lang, words in languages.items()}
        for version, languages in told["versions"].items()
    }


@cache
def _file() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(TEXTS.read_text("utf-8"))
    return told


def _text(version: str, language: str, words: dict[str, Any]) -> ConsentText:
    if words["state"] not in {"utkast", "granskad"}:
        raise ValueError(f"consent {version} {language} says neither utkast nor granskad")
    return ConsentText(
        version,
        language,
        words["dir"],
        words["title"],
        tuple(words["paragraphs"]),
        words["state"] == "utkast",
    )


def current_text(language: str = FIRST) -> ConsentText:
    """The text that is read now; Swedish where there is no translation."""
    languages = consent_texts()[_file()["current"]]
    return languages.get(language, languages[FIRST])


def usual_last_day(today: date) -> date:
    """The last day that a form proposes: a year, the first day included."""
    return add_months(today, USUAL_MONTHS) - timedelta(days=1)


def answer_consent(
    session: Session,
    actor: Actor,
    key: UUID | str,
    answer: Answer,
    *,
    today: date,
    now: datetime,
) -> Consent:
    """Record what she answered, signed by her and attested by the actor.

    Args:
        session: a writing transaction.
        actor: her own worker.
        key: the participant.
        answer: what she answered.
        today: the first day; a consent is never backdated.
        now: when it was signed.

    Raises:
        Refused: not the actor's own.
        Invalid: no last day, a day that has been or lies too far ahead, nothing chosen.
        RuleViolation: the text was changed since it was read.
    """
    participant = get_own(session, actor, key, today=today)
    text = current_text(answer.language)
    if answer.text_version not in {None, text.version}:
        raise RuleViolation(
            "consent_text_changed",
            N_("Texten har fått en ny version. Läs den tillsammans och svara på den."),
        )
    is_given = answer.answer is ConsentAnswer.GIVEN
    if is_given:
        _check_given(answer, today)
    reservation = plain_text("reservation", answer.reservation, today=today)
    consent = Consent(
        participant_id=participant.id,
        unit_id=participant.unit_id,
        answer=answer.answer,
        text_version=text.version,
        text_language=text.language,
        content_hash=_hash(text, answer, reservation),
        valid_from=today,
        valid_until=answer.valid_until if is_given else None,
        reservation=reservation,
        interpreter_language=answer.interpreter_language,
        recorded_by_id=actor.require_user(),
        identified_how=answer.identified_how if is_given else None,
        scopes=[
            ConsentScope(party=party, category=category)
            for party, category in sorted(answer.scopes if is_given else ())
        ],
    )
    session.add(consent)
    session.flush()
    audit.record(session, actor, "create", "consent", consent.id, subjects=[participant.id])
    if is_given:
        sign(
            session,
            actor,
            unit_id=participant.unit_id,
            about_type="consent",
            about_id=consent.id,
            content_hash=consent.content_hash,
            shown_hash=consent.content_hash,
            capacity="participant",
            identified_how=answer.identified_how,
            signer_id=participant.id,
            interpreter_language=answer.interpreter_language,
            now=now,
        )
    return consent


def _check_given(answer: Answer, today: date) -> None:
    errors = {}
    if not answer.scopes:
        errors["scopes"] = N_("Välj minst en part och vad ni får prata om, eller spara ett nej.")
    elif any(p is Party.EMPLOYER and c in NEVER_TO_EMPLOYERS for p, c in answer.scopes):
        errors["scopes"] = N_("En arbetsgivare får aldrig veta det. Ta bort krysset.")
    if answer.valid_until is None:
        errors["valid_until"] = N_("Skriv den sista dagen. Utan den går samtycket inte att spara.")
    elif answer.valid_until < today:
        errors["valid_until"] = N_("Den dagen har redan varit.")
    elif answer.valid_until > add_months(today, LONGEST_MONTHS):
        errors["valid_until"] = N_("Välj en dag inom tre år. Samtycket kan förnyas.")
    if errors:
        raise Invalid(errors)


def _hash(text: ConsentText, answer: Answer, reservation: str | None) -> str:
    chosen = sorted(f"{party}/{category}" for party, category in answer.scopes)
    return hash_of(
        [
            text.version,
            text.language,
            text.title,
            *text.paragraphs,
            *chosen,
            str(answer.valid_until),
            reservation or "",
        ]
    )


def revoke_consent(
    session: Session,
    actor: Actor,
    key: UUID | str,
    consent_id: UUID,
    *,
    how: RevokedHow,
    parties: Collection[Party] = (),
    today: date,
    now: datetime,
) -> Consent:
    """Take a consent back, all of it or for some parties; counts from this instant.

    What was disclosed before stays in the log. A second time changes nothing. No reason is asked.

    Raises:
        Refused: not the actor's own.
        NotFound: no such consent of hers.
    """
    participant = get_own(session, actor, key, today=today)
    consent = _get(session, participant, consent_id)
    chosen = set(parties) or {scope.party for scope in consent.scopes}
    fresh = [s for s in consent.scopes if s.party in chosen and s.revoked_at is None]
    if not fresh:
        return consent
    for scope in fresh:
        scope.revoked_at = now
    if all(scope.revoked_at is not None for scope in consent.scopes):
        consent.revoked_at = now
    consent.revoked_how = how
    consent.revoked_by_id = actor.require_user()
    session.flush()
    audit.record(
        session,
        actor,
        "revoke",
        "consent",
        consent.id,
        subjects=[participant.id],
        fields=sorted({scope.party.value for scope in fresh}),
    )
    for follow in _when_revoked:
        follow(session, actor, participant, frozenset(scope.party for scope in fresh), today)
    return consent


#: What follows when a consent is taken back, in packages above this one.
Follower = Callable[[Session, Actor, Participant, frozenset[Party], date], None]
_when_revoked: list[Follower] = []


def when_revoked(follow: Follower) -> None:
    """Let a rule of a package above follow each consent taken back, in the same transaction."""
    _when_revoked.append(follow)


def _get(session: Session, participant: Participant, consent_id: UUID) -> Consent:
    consent = session.scalar(
        select(Consent)
        .where(Consent.id == consent_id, Consent.participant_id == participant.id)
        .options(selectinload(Consent.scopes))
        .with_for_update(of=Consent)
    )
    if consent is None:
        raise NotFound("consent")
    return consent


def list_consents(session: Session, actor: Actor, key: UUID | str, *, today: date) -> Held:
    """Everything she answered and what is open today; logged.

    Raises:
        Refused: the actor does not see all of her.
    """
    participant = get_visible(session, actor, key, today=today)
    require_sight(session, actor, participant, Sight.FULL, today=today)
    consents = session.scalars(
        select(Consent)
        .where(Consent.participant_id == participant.id)
        .options(selectinload(Consent.scopes))
        .order_by(Consent.created_at.desc(), Consent.id)
    ).all()
    audit.record(session, actor, "read", "consent", subjects=[participant.id])
    return Held(consents, _open(consents, today))


def _open(consents: Sequence[Consent], today: date) -> dict[Party, dict[Category, Consent]]:
    found: dict[Party, dict[Category, Consent]] = {}
    for consent in consents:
        if not consent.valid_from <= today <= (consent.valid_until or date.min):
            continue
        for scope in consent.scopes:
            if scope.revoked_at is not None:
                continue
            known = found.setdefault(scope.party, {})
            held = known.get(scope.category)
            if held is None or (held.valid_until or today) < (consent.valid_until or today):
                known[scope.category] = consent
    return found


def standing_consent(
    session: Session, participant_id: UUID, party: Party, category: Category, *, today: date
) -> Consent | None:
    """The consent that opens a party and a kind of information today; the one that lasts longest.

    Asks no right. For every rule that tells or invites somebody outside.
    """
    return session.scalar(
        select(Consent)
        .join(ConsentScope)
        .where(
            Consent.participant_id == participant_id,
            Consent.valid_from <= today,
            Consent.valid_until >= today,
            ConsentScope.party == party,
            ConsentScope.category == category,
            ConsentScope.revoked_at.is_(None),
        )
        .order_by(Consent.valid_until.desc(), Consent.id)
        .limit(1)
    )


def require_consent(
    session: Session, participant_id: UUID, party: Party, category: Category, *, today: date
) -> Consent:
    """As :func:`standing_consent`.

    Raises:
        RuleViolation: nothing stands, with what to do.
    """
    consent = standing_consent(session, participant_id, party, category, today=today)
    if consent is None:
        raise RuleViolation(
            "no_consent",
            N_(
                "Det finns inget samtycke som gäller för det här. Fråga personen, och anteckna "
                "svaret under Samtycken. Ett nej hindrar inget annat."
            ),
        )
    return consent


def warn_of_last_days(session: Session, *, today: date) -> int:
    """Tell the case workers whose participants' consents end soon; a job of the day.

    How soon is the unit's to say, twice (30 and 7 days unless it says otherwise).

    Returns:
        How many tasks there are of it. The same day again adds none.
    """
    rows = session.execute(
        select(Consent, Case.case_worker_id, Consent.valid_until, Participant.number)
        .join(Participant, Participant.id == Consent.participant_id)
        .join(Case, Case.participant_id == Participant.id)
        .where(
            Case.ended_on.is_(None),
            Case.case_worker_id.is_not(None),
            Consent.revoked_at.is_(None),
            or_(*_last_days(session, today)),
        )
    ).all()
    for consent, worker, last_day, number in rows:
        add_task(
            session,
            job_actor("warn_of_consents"),
            owner_id=worker,  # type: ignore[arg-type]  # not None, by the question
            unit_id=consent.unit_id,
            kind="consent_ends",
            about_type="participant",
            about_id=consent.participant_id,
            due_on=last_day,  # type: ignore[arg-type]
            words={"alias": f"D-{number}"},
            origin="CON-02",
        )
    return len(rows)


def _last_days(session: Session, today: date) -> list[ColumnElement[bool]]:
    """For each way of warning that units have, which of their consents end on a day of it."""
    units: dict[tuple[int, ...], list[UUID]] = {}
    for unit_id, numbers in numbers_by_unit(session, *WARNINGS).items():
        units.setdefault(tuple(numbers.values()), []).append(unit_id)
    return [
        and_(
            Consent.unit_id.in_(those),
            Consent.valid_until.in_([today + timedelta(days=days) for days in ahead]),
        )
        for ahead, those in units.items()
    ]
