"""What a row makes of a person, and what that changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from matchsvc.imports import words
from matchsvc.imports.planning import difference
from matchsvc.imports.values import weekday_words
from matchsvc.participants.competences import height
from matchsvc.participants.models import Case, LearnedWhere, Participant, Programme, Rung
from matchsvc.swedish import IdentityNumber


@dataclass(slots=True)
class PersonPlan:
    """What a row makes of a person.

    Attributes:
        external_id: her key.
        unit_id: her unit.
        known: her row, or None when she is new.
        case: the case that the row is about, or None for a new one.
        hidden: somebody whom the actor may not know of; then nothing else counts.
        tells: whether her handlers must be told.
        person: attributes as they shall be.
        facts: of the case, as they shall be; with programme and case worker.
        identity: the identity number, when the row gives one.
        clears_identity: whether the stored number is taken away.
        programme: of the case.
        raises: competences to add or raise: concept, rung, where learned.
        forgets: whether all competences are put away.
        languages: levels by concept and part, to add to what is known; None clears.
        areas: ids, when the row says; ``everywhere`` beside.
        needs: condition ids, when the row says.
    """

    external_id: str
    unit_id: UUID
    known: Participant | None = None
    case: Case | None = None
    hidden: Participant | None = None
    tells: bool = False
    person: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    identity: IdentityNumber | None = None
    clears_identity: bool = False
    programme: Programme | None = None
    raises: list[tuple[str, Rung, LearnedWhere | None, bool]] = field(default_factory=list)
    forgets: bool = False
    languages: dict[str, dict[str, int]] | None = field(default_factory=dict)
    areas: list[UUID] | None = None
    everywhere: bool | None = None
    needs: list[str] | None = None


def person_words(person: dict[str, Any]) -> dict[str, Any]:
    """Values as the file would write them."""
    said = dict(person)
    said["sex"] = words.word_of(words.SEX, person["sex"])
    said["birth_region"] = words.word_of(words.BIRTH_REGION, person["birth_region"])
    said["weekdays"] = weekday_words(person["weekdays"])
    return said


def case_changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """What differs in the case, by column key."""
    columns = {"case_worker_id": "case_worker", "programme_id": "programme"}
    changes = difference({}, before, after)
    for name, key in columns.items():
        if name in changes:
            del changes[name]
            changes[key] = ("", "")
    for key, known in (
        ("exit_reason", words.EXIT_REASON),
        ("exit_destination", words.EXIT_DESTINATION),
    ):
        if key in changes:
            changes[key] = (words.word_of(known, before[key]), words.word_of(known, after[key]))
    return changes


def ability_changes(known: Participant, plan: PersonPlan) -> dict[str, tuple[str, str]]:
    """What differs in competences, languages, areas and needs, by column key."""
    said = ("", "")
    changes: dict[str, tuple[str, str]] = {}
    if (plan.forgets or plan.raises) and _competences_differ(known, plan):
        changes["competences"] = said
    if plan.languages != {} and _languages_differ(known, plan):
        changes["languages"] = said
    if plan.areas is not None:
        areas = {area.area_id for area in known.areas}
        if set(plan.areas) != areas or plan.everywhere != known.reaches_all_areas:
            changes["areas"] = said
    if plan.needs is not None and set(plan.needs) != {need.condition_id for need in known.needs}:
        changes["needs"] = said
    return changes


def _competences_differ(known: Participant, plan: PersonPlan) -> bool:
    held = {c.concept_id: c for c in known.competences if c.archived_at is None}
    return (plan.forgets and bool(held)) or any(
        concept not in held
        or height(rung) > height(held[concept].rung)
        or (where is not None and where is not held[concept].learned_where)
        for concept, rung, where, _ in plan.raises
    )


def _languages_differ(known: Participant, plan: PersonPlan) -> bool:
    held = {language.concept_id: language for language in known.languages}
    if plan.languages is None:
        return bool(held)
    return any(
        concept not in held or getattr(held[concept], part) != level
        for concept, parts in plan.languages.items()
        for part, level in parts.items()
    )
