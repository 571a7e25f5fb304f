"""What the person wants, needs and can manage, agreed with her; and when she is ready (MAP-07)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Area
from matchsvc.errors import N_, Conflict, Invalid, NotFound, RuleViolation
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.outcomes.rules import record_outcome
from matchsvc.participants.cases import add_step, open_case
from matchsvc.participants.competences import HELD_TYPES, require_concept
from matchsvc.participants.enrolment import programme_code, subject_of
from matchsvc.participants.models import (
    LanguageSkill,
    Need,
    Participant,
    ParticipantArea,
    Step,
    Wish,
    WishedConcept,
)
from matchsvc.participants.own import get_own, plain_text, touch
from matchsvc.participants.summaries import has_signed_mapping
from matchsvc.vocabulary.models import ConceptType, Condition

CEFR = ("–", "A1", "A2", "B1", "B2", "C1", "C2")
EVERY_DAY = 0b111_1111
_MOST_HOURS = 40
_LOADED = (selectinload(Participant.areas), selectinload(Participant.needs))


@dataclass(frozen=True, slots=True)
class Levels:
    """CEFR per skill: 0 none, 1 = A1 ... 6 = C2, None not asked."""

    speak: int | None = None
    understand: int | None = None
    read: int | None = None
    write: int | None = None


def set_language(
    session: Session,
    actor: Actor,
    key: UUID | str,
    concept_id: str,
    levels: Levels,
    *,
    today: date,
) -> LanguageSkill:
    """Note what she manages in a language, skill by skill; again replaces it.

    Raises:
        Refused: not her own worker.
        Invalid: not a language, an impossible level, or no level at all.
    """
    participant = get_own(session, actor, key, today=today)
    require_concept(session, concept_id, (ConceptType.LANGUAGE,))
    given = (levels.speak, levels.understand, levels.read, levels.write)
    if all(level is None for level in given):
        raise Invalid({"speak": N_("Välj nivån för minst en färdighet.")})
    if any(level is not None and not 0 <= level < len(CEFR) for level in given):
        raise Invalid({"speak": N_("Välj en nivå i listan.")})
    skill = _find_language(session, participant.id, concept_id)
    if skill is None:
        skill = LanguageSkill(participant_id=participant.id, concept_id=concept_id)
        session.add(skill)
    skill.speak, skill.understand, skill.read, skill.write = given
    touch(participant)
    session.flush()
    audit.record(session, actor, "change", "participant", participant.id, fields=["languages"])
    return skill


def remove_language(
    session: Session, actor: Actor, key: UUID | str, concept_id: str, *, today: date
) -> None:
    """Take away a language that was noted by mistake.

    Raises:
        Refused: not her own worker.
        NotFound: she has no such language.
    """
    participant = get_own(session, actor, key, today=today)
    skill = _find_language(session, participant.id, concept_id)
    if skill is None:
        raise NotFound("language_skill")
    session.delete(skill)
    touch(participant)
    session.flush()
    audit.record(session, actor, "change", "participant", participant.id, fields=["languages"])


def _find_language(session: Session, participant_id: UUID, concept_id: str) -> LanguageSkill | None:
    return session.scalar(
        select(LanguageSkill).where(
            LanguageSkill.participant_id == participant_id,
            LanguageSkill.concept_id == concept_id,
        )
    )


def record_wish(
    session: Session,
    actor: Actor,
    key: UUID | str,
    *,
    own_words: str,
    today: date,
    concepts: Collection[str] = (),
    with_interpreter: bool = False,
) -> Wish:
    """Write down what she wants, as she says it. Earlier wishes are kept; the latest counts.

    Args:
        session: a writing transaction.
        actor: one of her own workers.
        key: the participant.
        own_words: her words.
        today: the day she said them.
        concepts: what the wish is about, confirmed by a person.
        with_interpreter: whether an interpreter was there.

    Raises:
        Refused: not her own worker.
        Invalid: no words, an identity number in them, or an unknown concept.
    """
    participant = get_own(session, actor, key, today=today)
    words = plain_text("own_words", own_words, today=today)
    if words is None:
        raise Invalid({"own_words": N_("Skriv önskemålet med personens egna ord.")})
    chosen = list(dict.fromkeys(concepts))
    for concept_id in chosen:
        require_concept(session, concept_id, HELD_TYPES, field="concepts")
    wish = Wish(
        participant_id=participant.id,
        own_words=words,
        recorded_on=today,
        recorded_by_id=actor.user_id,
        with_interpreter=with_interpreter,
    )
    wish.concepts = [WishedConcept(concept_id=concept_id) for concept_id in chosen]
    session.add(wish)
    session.flush()
    audit.record(session, actor, "create", "wish", wish.id, subjects=[participant.id])
    return wish


def latest_wish(session: Session, participant_id: UUID) -> Wish | None:
    """The wish that counts, with its concepts; None when none was recorded."""
    return session.scalar(
        select(Wish)
        .where(Wish.participant_id == participant_id)
        .order_by(Wish.recorded_on.desc(), Wish.created_at.desc())
        .limit(1)
        .options(selectinload(Wish.concepts))
    )


#: What :func:`change_profile` may change.
PROFILE_FIELDS = frozenset(
    {"hours_per_week", "weekdays", "available_from", "reaches_all_areas", "areas", "needs"}
)


def change_profile(
    session: Session,
    actor: Actor,
    key: UUID | str,
    changes: Mapping[str, Any],
    *,
    today: date,
    version: int | None = None,
) -> Participant:
    """Change hours, weekdays, first day, areas within reach and needs; what is left out stays.

    Args:
        session: a writing transaction.
        actor: one of her own workers.
        key: the participant.
        changes: any of PROFILE_FIELDS. ``weekdays`` is a mask (bit 0 Monday), ``areas`` ids of
            the unit's areas, ``needs`` a mapping of condition id to a note or None.
        today: the day of the change.
        version: her version as shown in the form.

    Raises:
        Refused: not her own worker.
        Invalid: a value is not possible; every field's message at once.
        Conflict: she was saved since the form was shown; ``theirs`` holds what is saved now.
    """
    participant = get_own(session, actor, key, today=today, options=_LOADED)
    if version is not None and participant.version != version:
        raise Conflict(profile_fields(participant))
    if unknown := set(changes) - PROFILE_FIELDS:
        raise ValueError(f"not part of the profile: {sorted(unknown)}")
    wrong = _profile_faults(session, participant, changes, today)
    if wrong:
        raise Invalid(wrong)
    for name in ("hours_per_week", "weekdays", "available_from", "reaches_all_areas"):
        if name in changes:
            setattr(participant, name, changes[name])
    if "areas" in changes:
        _set_areas(participant, changes["areas"])
    if "needs" in changes:
        _set_needs(participant, changes["needs"], today)
    touch(participant)
    session.flush()
    audit.record(session, actor, "change", "participant", participant.id, fields=sorted(changes))
    return participant


def profile_fields(participant: Participant) -> dict[str, Any]:
    """What stands in the profile, by field; areas and needs must be loaded."""
    return {
        "hours_per_week": participant.hours_per_week,
        "weekdays": participant.weekdays,
        "available_from": participant.available_from,
        "reaches_all_areas": participant.reaches_all_areas,
        "areas": [held.area_id for held in participant.areas],
        "needs": {need.condition_id: need.note for need in participant.needs},
    }


def _profile_faults(
    session: Session, participant: Participant, changes: Mapping[str, Any], today: date
) -> dict[str, str]:
    wrong: dict[str, str] = {}
    hours = changes.get("hours_per_week")
    if hours is not None and not 1 <= hours <= _MOST_HOURS:
        wrong["hours_per_week"] = N_("Skriv timmar i veckan, mellan 1 och 40.")
    if not 0 <= (changes.get("weekdays") or 0) <= EVERY_DAY:
        wrong["weekdays"] = N_("Välj dagar i listan.")
    areas = set(changes.get("areas") or ())
    if areas:
        known = session.scalars(
            select(Area.id).where(Area.unit_id == participant.unit_id, Area.id.in_(areas))
        )
        if areas - set(known):
            wrong["areas"] = N_("Välj områden ur enhetens lista.")
    needs: Mapping[str, str | None] = changes.get("needs") or {}
    if needs:
        known_ids = session.scalars(select(Condition.id).where(Condition.id.in_(needs)))
        if set(needs) - set(known_ids):
            wrong["needs"] = N_("Välj behov ur listan.")
    for note in needs.values():
        plain_text("needs", note, today=today)
    return wrong


def _set_areas(participant: Participant, wanted: Collection[UUID]) -> None:
    held = {area.area_id: area for area in participant.areas}
    participant.areas = [
        held.get(area_id) or ParticipantArea(area_id=area_id) for area_id in dict.fromkeys(wanted)
    ]


def _set_needs(participant: Participant, wanted: Mapping[str, str | None], today: date) -> None:
    held = {need.condition_id: need for need in participant.needs}
    kept = []
    for condition_id, note in wanted.items():
        need = held.get(condition_id) or Need(condition_id=condition_id)
        need.note = plain_text("needs", note, today=today)
        kept.append(need)
    participant.needs = kept


def note_informal_asked(
    session: Session, actor: Actor, key: UUID | str, *, today: date
) -> Participant:
    """Note that informal competence was asked about, also when there was none to note (MAP-07).

    Raises:
        Refused: not her own worker.
    """
    participant = get_own(session, actor, key, today=today)
    if participant.informal_asked_on is None:
        participant.informal_asked_on = today
        session.flush()
        audit.record(
            session, actor, "change", "participant", participant.id, fields=["informal_asked_on"]
        )
    return participant


def missing_before_ready(
    participant: Participant, *, has_wish: bool, has_mapping: bool
) -> list[str]:
    """Codes of what must be done before matching: ``wish``, ``informal``, ``mapping`` (MAP-07)."""
    said = {
        "wish": has_wish,
        "informal": participant.informal_asked_on is not None,
        "mapping": has_mapping,
    }
    return [code for code, is_there in said.items() if not is_there]


def set_ready(session: Session, actor: Actor, key: UUID | str, *, today: date) -> Participant:
    """Say that mapping is far enough for matching; the wait runs from this day.

    Mapping ends and matching begins. Said again, nothing changes.

    Raises:
        Refused: not her own worker.
        RuleViolation: her own wish is missing, informal competence was not asked about, the
            mapping is not signed, or the case has ended.
    """
    participant = get_own(session, actor, key, today=today)
    case = open_case(session, participant)
    if participant.ready_on is not None:
        return participant
    has_wish = latest_wish(session, participant.id) is not None
    missing = missing_before_ready(
        participant, has_wish=has_wish, has_mapping=has_signed_mapping(session, case.id)
    )
    if "wish" in missing:
        raise RuleViolation(
            "wish_missing", N_("Skriv först personens eget önskemål. Matchningen utgår från det.")
        )
    if "informal" in missing:
        raise RuleViolation(
            "informal_not_asked",
            N_("Fråga först om kompetens från livet. Finns ingen, markera att ni har frågat."),
        )
    if missing:
        raise RuleViolation(
            "mapping_not_signed",
            N_("Gå först igenom kartläggningens sammanfattning med personen och skriv under."),
        )
    participant.ready_on = today
    for step in case.steps:
        if step.step is Step.MAPPING and step.end_date is None:
            step.end_date = max(today, step.start_date)
    if not any(step.step is Step.MATCHING and step.end_date is None for step in case.steps):
        add_step(
            session,
            actor,
            case,
            Step.MATCHING,
            start_date=max(today, case.enrolled_on),
            responsible_id=case.case_worker_id,
        )
    record_outcome(
        session,
        OutcomeKind.READY,
        case.id,
        subject_of(participant, case, programme=programme_code(session, case)),
        occurred_on=today,
    )
    session.flush()
    audit.record(session, actor, "change", "participant", participant.id, fields=["ready_on"])
    return participant
