"""Competences: from life or from papers, in own words or by concept, and how we know (MAP-06).

A person confirms every concept; the system only proposes. The evidence ladder goes upward, each
rung with date, by whom and where; a competence that turned out wrong is archived with a reason.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, RuleViolation
from matchsvc.participants.access import get_visible
from matchsvc.participants.models import (
    Capacity,
    Competence,
    Evidence,
    LearnedWhere,
    Participant,
    Rung,
)
from matchsvc.participants.own import CHANGING, OBSERVING, get_own, is_own, plain_text, touch
from matchsvc.participants.shared_words import offer_words
from matchsvc.vocabulary.models import Concept, ConceptType

#: What can be held as a competence; a language is held by level, see profile.py.
HELD_TYPES = (
    ConceptType.SKILL,
    ConceptType.OCCUPATION,
    ConceptType.LICENCE,
    ConceptType.GENERIC,
)
LADDER = tuple(Rung)


def height(rung: Rung) -> int:
    """Which step of the staircase, 1 to 4."""
    return LADDER.index(rung) + 1


def add_competence(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    learned_where: LearnedWhere,
    today: date,
    concept_id: str | None = None,
    own_words: str | None = None,
    learned_detail: str | None = None,
    voucher: str | None = None,
    example: str | None = None,
    is_shared: bool = False,
) -> Competence:
    """Keep something she can do: a concept that a person confirmed, or her words as they are.

    It begins as *claimed*; a concrete example makes it *exemplified* at once. Something learned
    outside education shows that informal competence was asked about (MAP-07).

    Args:
        session: a writing transaction.
        actor: one of her own workers.
        key: the participant.
        learned_where: where she learned it.
        today: the day she said it.
        concept_id: the concept, confirmed.
        own_words: as she said it.
        learned_detail: for example ``Föreningen Salam, 6 år``.
        voucher: who can vouch, as a role.
        example: what she told, for the second rung.
        is_shared: whether it may stand in a presentation.

    Raises:
        Refused: not her own worker.
        Invalid: neither concept nor words, an identity number in a text, an unknown concept.
        RuleViolation: she has the concept already.
    """
    participant = get_own(session, actor, key, today=today)
    words = plain_text("own_words", own_words, today=today)
    if concept_id is None and words is None:
        raise Invalid({"own_words": N_("Skriv vad personen kan, med egna ord.")})
    if concept_id is not None:
        _require_new_concept(session, participant.id, concept_id)
    else:
        _require_new_words(session, participant.id, words)
    competence = Competence(
        participant_id=participant.id,
        concept_id=concept_id,
        own_words=words,
        learned_where=learned_where,
        learned_detail=plain_text("learned_detail", learned_detail, today=today),
        voucher=_role("voucher", voucher, today=today),
        is_shared=is_shared,
        rung=Rung.CLAIMED,
    )
    # How long and how many stay with the first rung even if the words are later put otherwise.
    competence.evidence = [_evidence(actor, Rung.CLAIMED, today, note=figures_in(words))]
    told = plain_text("example", example, today=today)
    if told is not None:
        competence.rung = Rung.EXEMPLIFIED
        competence.evidence.append(_evidence(actor, Rung.EXEMPLIFIED, today, note=told))
    session.add(competence)
    if learned_where is not LearnedWhere.EDUCATION and participant.informal_asked_on is None:
        participant.informal_asked_on = today
    session.flush()
    if concept_id is not None:
        offer_words(session, participant, concept_id, words, today=today)
    audit.record(session, actor, "create", "competence", competence.id, subjects=[participant.id])
    return competence


def link_competence(
    session: Session,
    actor: Actor,
    competence_id: UUID,
    concept_id: str,
    *,
    today: date,
    version: int | None = None,
) -> Competence:
    """Give words that waited for a concept the one that a person confirmed.

    Raises:
        NotFound, Refused: not hers to change.
        RuleViolation: it has a concept already, or she holds that concept already.
        Invalid: an unknown concept.
        Conflict: it was saved since the page was shown.
    """
    competence = get_own_competence(session, actor, competence_id, today=today)
    check_version(competence, version)
    if competence.concept_id is not None:
        raise RuleViolation("has_concept", N_("Kompetensen har redan ett ord i listan."))
    _require_new_concept(session, competence.participant_id, concept_id)
    competence.concept_id = concept_id
    session.flush()
    owner = get_visible(session, actor, competence.participant_id, today=today)
    offer_words(session, owner, concept_id, competence.own_words, today=today)
    audit.record(session, actor, "change", "competence", competence.id, fields=["concept_id"])
    return competence


def raise_rung(
    session: Session,
    actor: Actor,
    competence_id: UUID,
    rung: Rung,
    *,
    happened_on: date,
    today: date,
    workplace: str | None = None,
    note: str | None = None,
    by_certificate: bool = False,
    version: int | None = None,
) -> Competence:
    """Say how we know: one more piece of evidence, on the same rung or higher; never lower.

    Args:
        session: a writing transaction.
        actor: one of her own workers, or the supervisor who saw it.
        competence_id: the competence.
        rung: *exemplified* needs what she told, *observed* the workplace, *confirmed* the
            certificate or what was validated.
        happened_on: the day it was told, seen or confirmed.
        today: no later than this.
        workplace: where it was seen.
        note: what was told or seen.
        by_certificate: whether a certificate, licence or validation confirms it; then it counts
            as formal.
        version: of the competence, as shown in the form.

    Raises:
        NotFound, Refused: not hers to change.
        RuleViolation: the rung is lower than the one reached.
        Invalid: what the rung needs is missing, or the day is not possible.
        Conflict: it was saved since the form was shown.
    """
    competence = get_own_competence(
        session, actor, competence_id, today=today, capacities=OBSERVING
    )
    check_version(competence, version)
    workplace = plain_text("workplace", workplace, today=today)
    note = plain_text("note", note, today=today)
    _check_evidence(rung, happened_on, workplace, note, today, by_certificate=by_certificate)
    if height(rung) < height(competence.rung):
        raise RuleViolation(
            "rung_lower",
            N_("Steget är lägre än det ni redan vet. Stämmer det inte, arkivera kompetensen."),
        )
    competence.rung = rung
    if rung is Rung.CONFIRMED:
        competence.by_certificate = competence.by_certificate or by_certificate
    competence.evidence.append(_evidence(actor, rung, happened_on, workplace=workplace, note=note))
    touch(competence)
    session.flush()
    audit.record(
        session,
        actor,
        "change",
        "competence",
        competence.id,
        fields=["rung"],
        subjects=[competence.participant_id],
    )
    return competence


def describe_competence(
    session: Session,
    actor: Actor,
    competence_id: UUID,
    *,
    today: date,
    example: str | None = None,
    learned_detail: str | None = None,
    voucher: str | None = None,
    version: int | None = None,
) -> Competence:
    """Add what was told about a competence: an example, where and how long, who can vouch.

    An example makes what was claimed *exemplified*; told again it is one more example. What is
    left out stays as it is.

    Raises:
        NotFound, Refused: not hers to change.
        Invalid: nothing was told, an identity number, or a name or number where a role is asked.
        RuleViolation: it is known better already, so that an example adds nothing.
        Conflict: it was saved since the page was shown.
    """
    competence = get_own_competence(session, actor, competence_id, today=today)
    check_version(competence, version)
    detail = plain_text("learned_detail", learned_detail, today=today)
    role = _role("voucher", voucher, today=today)
    told = plain_text("example", example, today=today)
    if told is None and detail is None and role is None:
        raise Invalid({"example": N_("Skriv exemplet: när, hur många, vad gjorde personen själv?")})
    competence.learned_detail = detail or competence.learned_detail
    competence.voucher = role or competence.voucher
    if told is not None:
        raise_rung(
            session,
            actor,
            competence_id,
            Rung.EXEMPLIFIED,
            happened_on=today,
            today=today,
            note=told,
        )
    session.flush()
    audit.record(
        session,
        actor,
        "change",
        "competence",
        competence.id,
        fields=["learned_detail", "voucher"],
        subjects=[competence.participant_id],
    )
    return competence


#: More figures than a year has, or an at sign: how somebody is reached, not what somebody is.
_REACHED = re.compile(r"@|(?:\d[\s-]*){5}")


def _role(field: str, text: str | None, *, today: date) -> str | None:
    """Who can vouch, without what would make a register of other people."""
    words = plain_text(field, text, today=today)
    if words is not None and _REACHED.search(words):
        raise Invalid(
            {field: N_("Skriv en roll, till exempel ordföranden. Inte nummer eller e-post.")}
        )
    return words


def _check_evidence(
    rung: Rung,
    happened_on: date,
    workplace: str | None,
    note: str | None,
    today: date,
    *,
    by_certificate: bool,
) -> None:
    wrong: dict[str, str] = {}
    if happened_on > today:
        wrong["happened_on"] = N_("Dagen har inte varit än. Skriv dagen då det hände.")
    if rung is Rung.EXEMPLIFIED and note is None:
        wrong["note"] = N_("Skriv exemplet: när, hur många, vad gjorde personen själv?")
    if rung is Rung.OBSERVED and workplace is None:
        wrong["workplace"] = N_("Skriv på vilken arbetsplats det sågs.")
    if rung is Rung.CONFIRMED and note is None and not by_certificate:
        wrong["note"] = N_("Skriv hur det bekräftades, eller kryssa i att det finns ett intyg.")
    if wrong:
        raise Invalid(wrong)


def share_competence(
    session: Session,
    actor: Actor,
    competence_id: UUID,
    *,
    is_shared: bool,
    today: date,
    version: int | None = None,
) -> Competence:
    """Note whether the participant lets a presentation to an employer name it.

    Raises:
        NotFound, Refused: not hers to change.
        Conflict: it was saved since the page was shown.
    """
    competence = get_own_competence(session, actor, competence_id, today=today)
    check_version(competence, version)
    competence.is_shared = is_shared
    session.flush()
    audit.record(session, actor, "change", "competence", competence.id, fields=["is_shared"])
    return competence


def archive_competence(
    session: Session,
    actor: Actor,
    competence_id: UUID,
    *,
    reason: str,
    today: date,
    now: datetime,
    version: int | None = None,
) -> Competence:
    """Put a competence away with the reason; its history is kept, matching no longer sees it.

    Raises:
        NotFound, Refused: not hers to change.
        Invalid: no reason.
        Conflict: it was saved since the form was shown.
    """
    competence = get_own_competence(session, actor, competence_id, today=today)
    check_version(competence, version)
    words = plain_text("reason", reason, today=today)
    if words is None:
        raise Invalid({"reason": N_("Skriv varför kompetensen tas bort ur listan.")})
    competence.archived_at, competence.archived_reason = now, words
    session.flush()
    audit.record(session, actor, "change", "competence", competence.id, fields=["archived_at"])
    return competence


def get_own_competence(
    session: Session,
    actor: Actor,
    competence_id: UUID,
    *,
    today: date,
    capacities: tuple[Capacity, ...] = CHANGING,
    key: UUID | str | None = None,
) -> Competence:
    """One competence, not archived, of a participant whom the actor may change; with evidence.

    Raises:
        NotFound: there is none, or it belongs to somebody hidden.
        Refused: known by alias, but not the actor's own.
    """
    competence = session.scalar(
        select(Competence)
        .where(Competence.id == competence_id, Competence.archived_at.is_(None))
        .options(selectinload(Competence.evidence))
    )
    if competence is None:
        raise NotFound("competence")
    owner = get_own(session, actor, competence.participant_id, today=today, capacities=capacities)
    if key is not None and str(key) not in {str(owner.id), owner.external_id, owner.alias}:
        raise NotFound("competence")
    return competence


def may_raise(session: Session, actor: Actor, participant: Participant, *, today: date) -> bool:
    """Whether the actor may say how we know."""
    return is_own(session, actor, participant.id, today=today, capacities=OBSERVING)


def require_concept(
    session: Session, concept_id: str, types: tuple[ConceptType, ...], *, field: str = "concept_id"
) -> Concept:
    """A concept that may be held.

    Raises:
        Invalid: there is none, it is a heading, deprecated, or of another kind.
    """
    concept = session.get(Concept, concept_id)
    if concept is None or concept.is_group or concept.is_deprecated or concept.type not in types:
        raise Invalid({field: N_("Ordet finns inte i listan. Välj ett annat, eller spara orden.")})
    return concept


def _require_new_concept(session: Session, participant_id: UUID, concept_id: str) -> None:
    require_concept(session, concept_id, HELD_TYPES)
    held = select(Competence.id).where(
        Competence.participant_id == participant_id,
        Competence.concept_id == concept_id,
        Competence.archived_at.is_(None),
    )
    if session.scalar(held.limit(1)) is not None:
        raise RuleViolation(
            "competence_known", N_("Kompetensen finns redan i listan. Visa i stället hur ni vet.")
        )


def _require_new_words(session: Session, participant_id: UUID, words: str | None) -> None:
    """The same words twice, as when a page is sent again, are one thing."""
    waiting = select(Competence.id).where(
        Competence.participant_id == participant_id,
        Competence.concept_id.is_(None),
        Competence.own_words == words,
        Competence.archived_at.is_(None),
    )
    if session.scalar(waiting.limit(1)) is not None:
        raise RuleViolation("words_known", N_("Orden är redan sparade."))


#: A number and what it counts: "10 år", "40 personer", "٦ سنوات".
_FIGURE = re.compile(r"(?<!\d)\d+(?:[.,]\d+)?\s+[^\W\d_]{2,}")


def figures_in(words: str | None) -> str | None:
    """How long, how many: what was said in numbers, ``6 år, 40 personer``; None without any."""
    return ", ".join(dict.fromkeys(_FIGURE.findall(words or ""))) or None


def _evidence(
    actor: Actor,
    rung: Rung,
    happened_on: date,
    *,
    workplace: str | None = None,
    note: str | None = None,
) -> Evidence:
    return Evidence(
        rung=rung,
        happened_on=happened_on,
        by_id=actor.user_id,
        workplace=workplace,
        note=note,
    )
