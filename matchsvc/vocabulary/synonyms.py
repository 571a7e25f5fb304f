"""Synonyms of a unit: words that people there use for a concept, reviewed before they count.

When a person confirms a concept for somebody's own words, the words may be proposed; a manager
approves or refuses them, and can revoke them later. Approved ones become terms of the concept
(``terms``), so that linking goes by them. Nothing personal is ever kept (``personal``), and
nothing that leads back to whose words they were.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import Update, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matchsvc import secrecy
from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.db import check_version
from matchsvc.errors import N_, Invalid, NotFound, Refused, RuleViolation
from matchsvc.swedish import add_months
from matchsvc.vocabulary.lines import KEEPERS
from matchsvc.vocabulary.models import (
    Concept,
    ConceptTerm,
    SynonymState,
    UnitSynonym,
    VersionCause,
)
from matchsvc.vocabulary.personal import normalised, why_personal
from matchsvc.vocabulary.rules import get_concept
from matchsvc.vocabulary.terms import sync_unit_terms
from matchsvc.vocabulary.versions import add_version, lock_vocabulary
from matchsvc.vocabulary.words import text_key

PAGE_SIZE = 50
MONTHS_TO_REVIEW = 3  # proposed words that nobody has looked at are forgotten after these
REVIEWERS = (Role.UNIT_MANAGER,)
_SHORTEST_TEXT = 2


class Decision(enum.StrEnum):
    """What a manager decides about words."""

    APPROVE = "approve"
    REFUSE = "refuse"
    REVOKE = "revoke"


#: Decision -> (states it is possible from, the state it leads to).
TRANSITIONS: Mapping[Decision, tuple[frozenset[SynonymState], SynonymState]] = {
    Decision.APPROVE: (
        frozenset({SynonymState.PROPOSED, SynonymState.REVOKED}),
        SynonymState.APPROVED,
    ),
    Decision.REFUSE: (
        frozenset({SynonymState.PROPOSED, SynonymState.REVOKED}),
        SynonymState.REFUSED,
    ),
    Decision.REVOKE: (frozenset({SynonymState.APPROVED}), SynonymState.REVOKED),
}


@dataclass(frozen=True, slots=True)
class Line:
    """Words and the concept that they were used for."""

    synonym: UnitSynonym
    concept: Concept


def propose_words(
    session: Session,
    *,
    unit_id: UUID,
    concept_id: str,
    text: str,
    names: Collection[str],
    today: date,
) -> None:
    """Put words that a person confirmed a concept for on the list to be reviewed, if they may be.

    What may not is passed over without a word or a trace: the competence itself is what counts.
    Again only counts. Not logged: a log row beside the competence's would say whose words it were.

    Args:
        session: a writing transaction.
        unit_id: the unit.
        concept_id: the concept.
        text: the words as they were said.
        names: the names among them, from everybody whom the unit knows.
        today: the day; only its month is kept.
    """
    said = normalised(text)
    if why_personal(text, names=names, today=today) or _is_told(session, concept_id, said):
        return
    month = today.replace(day=1)
    index = _index_of(said)
    counted = (
        update(UnitSynonym)
        .where(
            UnitSynonym.unit_id == unit_id,
            UnitSynonym.concept_id == concept_id,
            UnitSynonym.key_index == index,
        )
        .values(count=UnitSynonym.count + 1, last_seen_in=month)
    )
    if _count_again(session, counted):
        return
    values = _new_row(unit_id, concept_id, said, SynonymState.PROPOSED, month) | {"count": 1}
    try:
        with session.begin_nested():
            session.execute(insert(UnitSynonym).values(**values))
    except IntegrityError:  # somebody else proposed the same at the same moment
        _count_again(session, counted)


def add_words(
    session: Session,
    actor: Actor,
    concept_id: str,
    text: str,
    *,
    names: Collection[str],
    today: date,
    now: datetime,
) -> UnitSynonym:
    """Give a concept a synonym of the unit at once, approved by whoever adds it.

    Raises:
        Refused: neither manager nor administrator, or somebody without a unit.
        NotFound: there is no such concept.
        Invalid: the text may be personal, or says nothing.
        RuleViolation: the concept is called so already, or it is a heading or deprecated.
    """
    actor.require_role(*KEEPERS)
    unit_id = _unit_of(actor)
    lock_vocabulary(session)
    concept = _get_open_concept(session, concept_id)
    said = normalised(text)
    wrong = why_personal(text, names=names, today=today)
    if wrong is not None or len(said) < _SHORTEST_TEXT:
        raise Invalid({"text": wrong or N_("Skriv ett ord med minst tre bokstäver.")})
    if _is_told(session, concept_id, said):
        raise RuleViolation("synonym_known", N_("Ordet finns redan för det här begreppet."))
    held = session.scalar(
        select(UnitSynonym).where(
            UnitSynonym.unit_id == unit_id,
            UnitSynonym.concept_id == concept_id,
            UnitSynonym.key_index == _index_of(said),
        )
    )
    if held is None:
        month = today.replace(day=1)
        values = _new_row(unit_id, concept_id, said, SynonymState.APPROVED, month)
        held = UnitSynonym(**values | {"count": 0})
        session.add(held)
    held.state, held.text, held.key = SynonymState.APPROVED, said, text_key(said)
    _publish(session, actor, concept, held, now=now)
    audit.record(session, actor, "create", "unit_synonym", held.id)
    return held


def decide_on_words(
    session: Session,
    actor: Actor,
    synonym_id: UUID,
    decision: Decision,
    *,
    names: Collection[str] = (),
    today: date,
    now: datetime,
    version: int | None = None,
) -> UnitSynonym:
    """Approve words, refuse them, or revoke what was approved.

    Refused words are forgotten but for a keyed hash, so that they do not come back to be reviewed.

    Args:
        session: a writing transaction.
        actor: the unit's manager; an administrator may revoke.
        synonym_id: the words.
        decision: what becomes of them.
        names: the names among the words today; people may have come since they were proposed.
        today: for recognising identity numbers.
        now: when.
        version: as shown in the form.

    Raises:
        Refused: another role.
        NotFound: not of the actor's unit.
        Conflict: somebody else decided since the page was shown.
        RuleViolation: not possible in this state, or the words may be personal.
    """
    actor.require_role(*(KEEPERS if decision is Decision.REVOKE else REVIEWERS))
    lock_vocabulary(session)
    held = get_words(session, actor, synonym_id)
    check_version(held, version)
    sources, target = TRANSITIONS[decision]
    if held.state not in sources:
        raise RuleViolation("wrong_state", N_("Det har någon redan bestämt. Ladda om sidan."))
    concept = get_concept(session, held.concept_id)
    if decision is Decision.APPROVE:
        _get_open_concept(session, held.concept_id)
        if why_personal(held.text or "", names=names, today=today):
            raise RuleViolation(
                "personal_words", N_("Orden kan peka ut någon och får inte godkännas. Neka dem.")
            )
    held.state = target
    if decision is Decision.REFUSE:
        held.text = held.key = None
    else:
        _publish(session, actor, concept, held, now=now)
    session.flush()
    audit.record(session, actor, decision.value, "unit_synonym", held.id)
    return held


def get_words(session: Session, actor: Actor, synonym_id: UUID) -> UnitSynonym:
    """One synonym of the actor's own unit.

    Raises:
        NotFound: there is none.
    """
    held = session.scalar(
        select(UnitSynonym).where(
            UnitSynonym.id == synonym_id, UnitSynonym.unit_id == _unit_of(actor)
        )
    )
    if held is None:
        raise NotFound("unit_synonym")
    return held


def list_words(
    session: Session,
    actor: Actor,
    state: SynonymState,
    *,
    concept_id: str | None = None,
    page: int = 1,
) -> tuple[list[Line], int]:
    """The unit's words in a state, a page of fifty by their letters, and how many there are.

    By their letters and not by time: the order would say what was talked about last.

    Raises:
        Refused: proposed words are for the unit's manager alone, the others for managers and
            administrators.
    """
    actor.require_role(*(REVIEWERS if state is SynonymState.PROPOSED else KEEPERS))
    chosen = [UnitSynonym.unit_id == _unit_of(actor), UnitSynonym.state == state]
    if concept_id is not None:
        chosen.append(UnitSynonym.concept_id == concept_id)
    total = session.scalar(select(func.count()).select_from(UnitSynonym).where(*chosen)) or 0
    rows = session.execute(
        select(UnitSynonym, Concept)
        .join(Concept, Concept.id == UnitSynonym.concept_id)
        .where(*chosen)
        .order_by(UnitSynonym.key, UnitSynonym.key_index, UnitSynonym.concept_id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    return [Line(*row) for row in rows], total


def count_proposed(session: Session, actor: Actor) -> int:
    """How many words wait for the unit's manager."""
    waiting = select(func.count()).where(
        UnitSynonym.unit_id == _unit_of(actor), UnitSynonym.state == SynonymState.PROPOSED
    )
    return session.scalar(waiting) or 0


def forget_unreviewed(session: Session, *, today: date) -> int:
    """Delete proposed words that nobody has reviewed or said again for three months."""
    oldest = add_months(today.replace(day=1), -MONTHS_TO_REVIEW)
    gone = session.execute(
        delete(UnitSynonym)
        .where(UnitSynonym.state == SynonymState.PROPOSED, UnitSynonym.last_seen_in < oldest)
        .returning(UnitSynonym.id)
    )
    return len(gone.all())


def forget_all(session: Session) -> None:
    """Take away every unit's words, and what linking has of them; for a demo town that ends."""
    session.execute(delete(UnitSynonym))
    session.execute(delete(ConceptTerm).where(ConceptTerm.is_from_unit.is_(True)))


def _publish(
    session: Session, actor: Actor, concept: Concept, held: UnitSynonym, *, now: datetime
) -> None:
    session.flush()
    sync_unit_terms(session, concept.id)
    what = f"{held.state.value}\0{held.unit_id}\0{held.key}"
    add_version(session, concept, VersionCause.WORD, what, by=actor.label, now=now)


def _get_open_concept(session: Session, concept_id: str) -> Concept:
    concept = get_concept(session, concept_id)
    if concept.is_group or concept.is_deprecated:
        raise RuleViolation(
            "concept_closed", N_("Det här är en rubrik, eller används inte längre. Välj ett annat.")
        )
    return concept


def _is_told(session: Session, concept_id: str, said: str) -> bool:
    """Whether the concept is called so already."""
    key = text_key(said)
    concept = session.get(Concept, concept_id)
    if concept is None or key in {concept.label_key, text_key(concept.label_en)}:
        return True
    held = select(ConceptTerm.id).where(
        ConceptTerm.concept_id == concept_id, ConceptTerm.key == key
    )
    return session.scalar(held.limit(1)) is not None


def _count_again(session: Session, counted: Update) -> bool:
    return session.execute(counted.returning(UnitSynonym.id)).first() is not None


def _index_of(said: str) -> str:
    return secrecy.blind_index(text_key(said), "unit_synonym")


def _new_row(
    unit_id: UUID, concept_id: str, said: str, state: SynonymState, month: date
) -> dict[str, object]:
    return {
        "id": uuid4(),
        "version": 1,
        "unit_id": unit_id,
        "concept_id": concept_id,
        "text": said,
        "key": text_key(said),
        "key_index": _index_of(said),
        "state": state,
        "first_seen_in": month,
        "last_seen_in": month,
    }


def _unit_of(actor: Actor) -> UUID:
    if actor.unit_id is None:
        raise Refused
    return actor.unit_id
